//! `check`: find packages, run the rules.

use super::Error;
use crate::diagnostic::{Diagnostic, Level, Severity};
use crate::rules::{self, Levels};
use crate::source::{self, Package, Scan, Selection, ShieldProfile, Workspace};

/// What to check, and how strictly.
#[derive(Clone, Debug, Default)]
pub struct CheckOptions {
    /// Which packages.
    pub selection: Selection,
    /// Levels from the command line, in order; they win over the
    /// configuration.
    pub levels: Vec<(String, Level)>,
    /// Which SHIELD manifests are accepted, if not as configured.
    pub shield: Option<ShieldProfile>,
}

/// Packages and what is wrong with them.
#[derive(Debug)]
pub struct Checked {
    /// What was found.
    pub scan: Scan,
    /// Every finding that is not allowed, sorted by path and place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Number of findings of that severity.
    pub fn count(&self, severity: Severity) -> usize {
        let same = |d: &&Diagnostic| d.severity == severity;
        self.diagnostics.iter().filter(same).count()
    }

    /// Whether an error was found in this package or in the one it wraps.
    pub fn has_error_in(&self, package: &Package) -> bool {
        let shown = owner_prefixes(package);
        self.diagnostics
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .any(|d| {
                shown
                    .iter()
                    .any(|prefix| is_below(d.primary.span.file.path(), prefix))
            })
    }
}

fn owner_prefixes(package: &Package) -> Vec<&str> {
    let mut shown = vec![package.shown.as_str()];
    if let Some(inner) = &package.inner {
        shown.extend(owner_prefixes(inner));
    }
    shown
}

fn is_below(path: &str, prefix: &str) -> bool {
    prefix == "."
        || path
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest.starts_with("!/"))
}

/// Checks packages.
///
/// Errors are about the command (a path that is not there, an unknown rule),
/// never about a package.
pub fn check(workspace: &Workspace, options: &CheckOptions) -> Result<Checked, Error> {
    let levels = levels(workspace, options)?;
    let scan = source::scan(workspace, &options.selection).map_err(Error::Scan)?;
    known_ids(&scan, &options.selection)?;
    let shield = options.shield.unwrap_or(workspace.config.shield.profile);
    let diagnostics = rules::run(&scan, shield, &levels);
    Ok(Checked { scan, diagnostics })
}

fn levels(workspace: &Workspace, options: &CheckOptions) -> Result<Levels, Error> {
    let mut levels = Levels::default();
    // Wider names first, so that a single rule can be an exception to its
    // family however the table is sorted.
    let mut configured: Vec<_> = workspace.config.lints.iter().collect();
    let width = |name: &str| match name {
        "all" => 0,
        name if !name.contains('/') => 1,
        _ => 2,
    };
    configured.sort_by_key(|(name, _)| (width(name), *name));
    for (name, level) in configured {
        let file = workspace.config_path.as_deref().map_or_else(
            || "the configuration".to_owned(),
            |path| workspace.shown(path),
        );
        levels
            .set(name, (*level).into())
            .map_err(|source| Error::Level {
                place: format!("invalid entry in `lints` of `{file}`"),
                source,
            })?;
    }
    for (name, level) in &options.levels {
        levels.set(name, *level).map_err(|source| Error::Level {
            place: format!("invalid value for `--{}`", level.as_str()),
            source,
        })?;
    }
    Ok(levels)
}

/// An id that was asked for must exist: a typo must not be a green run.
fn known_ids(scan: &Scan, selection: &Selection) -> Result<(), Error> {
    for id in &selection.ids {
        if !scan.packages.iter().any(|package| package.id() == Some(id)) {
            let ids = scan.all_ids.iter().map(String::as_str);
            return Err(Error::NoSuchPackage {
                id: id.clone(),
                nearest: rules::nearest(id, ids).map(str::to_owned),
            });
        }
    }
    Ok(())
}
