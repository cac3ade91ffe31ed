//! `check`: find packages, run the rules.

use std::collections::HashSet;

use super::Error;
use crate::diagnostic::{Diagnostic, Level, Severity, Span};
use crate::graph::{self, Shard};
use crate::rules::{self, Levels};
use crate::schema::{Choice, ModelError, ModelVersion, versions};
use crate::source::{
    self, Changed, Changes, Finding, Package, Profile, Scan, Selection, ShieldProfile, Workspace,
    place_in_words,
};
use crate::time::rfc3339;

/// What to check, and how strictly.
#[derive(Clone, Debug, Default)]
pub struct CheckOptions {
    /// Which packages.
    pub selection: Selection,
    /// Only those of them that a change touches.
    pub changes: Option<Changes>,
    /// Only those of them that are in this part of the tree.
    pub shard: Option<Shard>,
    /// Levels from the command line, in order; they win over the
    /// configuration.
    pub levels: Vec<(String, Level)>,
    /// Who judges the descriptors of SOL006, if not as configured.
    pub profile: Option<Profile>,
    /// The version of a model to hold descriptors against, if not as
    /// configured.
    pub model: Option<String>,
    /// Which SHIELD manifests are accepted, if not as configured.
    pub shield: Option<ShieldProfile>,
    /// `SOURCE_DATE_EPOCH`, if it is set: when a CSAR is released whose release
    /// date nothing else says.
    pub epoch: Option<u64>,
}

/// Packages and what is wrong with them.
#[derive(Debug)]
pub struct Checked {
    /// What was found.
    pub scan: Scan,
    /// Every finding that is not allowed, sorted by path and place.
    pub diagnostics: Vec<Diagnostic>,
    /// What the descriptors were held against.
    pub choice: Choice,
}

impl Checked {
    /// Number of findings of that severity.
    pub fn count(&self, severity: Severity) -> usize {
        let same = |d: &&Diagnostic| d.severity == severity;
        self.diagnostics.iter().filter(same).count()
    }

    /// Whether there was nothing to look at, and nothing was left out.
    pub fn is_nothing(&self) -> bool {
        let scan = &self.scan;
        scan.packages.is_empty() && scan.left_out.is_empty() && self.diagnostics.is_empty()
    }

    /// Whether there is no package, and no error that says why: a run that looked at nothing must
    /// not end as one that found all of it good.
    pub fn is_without_package(&self) -> bool {
        let scan = &self.scan;
        let is_none = scan.packages.is_empty() && scan.left_out.is_empty();
        is_none && !crate::rules::has_errors(&self.diagnostics)
    }

    /// For each package, whether an error was found in it or in the one it
    /// wraps.
    pub fn refused(&self) -> Vec<bool> {
        let packages = || self.scan.packages.iter();
        let inner = packages().filter_map(|p| p.inner.as_deref());
        let known: HashSet<&str> = packages().chain(inner).map(|p| p.shown.as_str()).collect();
        // An error belongs to the innermost package around it; one in the configuration, which
        // is in none, to that which it speaks of besides.
        let errors: HashSet<&str> = self
            .diagnostics
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .filter_map(|d| {
                let mut others = d.secondary.iter().map(|label| &label.span);
                match is_configuration(&d.primary.span) {
                    true => others.find_map(|span| innermost(&known, span)),
                    false => innermost(&known, &d.primary.span),
                }
            })
            .collect();
        let is_refused = |package: &Package| {
            let inner = package.inner.as_deref();
            let mut all = std::iter::once(package).chain(inner);
            all.any(|p| errors.contains(p.shown.as_str()))
        };
        self.scan.packages.iter().map(is_refused).collect()
    }
}

/// The innermost of these packages around a place.
fn innermost<'a>(known: &HashSet<&str>, span: &'a Span) -> Option<&'a str> {
    let around = surroundings(span.file.path()).filter(|path| known.contains(path));
    around.max_by_key(|path| path.len())
}

/// Whether a place is in the configuration.
fn is_configuration(span: &Span) -> bool {
    let name = span.file.path().rsplit('/').next();
    name.is_some_and(|name| name == "nfv.toml" || name == "Cargo.toml")
}

/// A shown path and everything around it: `a/b.tar.gz!/c` gives itself, the
/// archive, `a` and `.`.
fn surroundings(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.match_indices('/').map(|(i, _)| i);
    let folders = ends.map(|i| path[..i].trim_end_matches('!'));
    // The tree itself is the shortest, whatever its name.
    [".", path].into_iter().chain(folders)
}

/// Checks packages.
///
/// Errors are about the command (a path that is not there, an unknown rule),
/// never about a package. That a change touches nothing is none.
pub fn check(workspace: &Workspace, options: &CheckOptions) -> Result<Checked, Error> {
    let levels = levels(workspace, options)?;
    let choice = choice(workspace, options)?;
    let scan = scan(workspace, options)?;
    let diagnostics = rules::run(&scan, choice, &levels);
    Ok(Checked {
        scan,
        diagnostics,
        choice,
    })
}

/// Finds the packages that are asked for, and judges nothing.
///
/// The same errors as for [`check`].
pub fn packages(workspace: &Workspace, options: &CheckOptions) -> Result<Scan, Error> {
    scan(workspace, options)
}

/// Finds the packages that are asked for.
pub(super) fn scan(workspace: &Workspace, options: &CheckOptions) -> Result<Scan, Error> {
    let selection = Selection {
        wants_rest: options.changes.is_some(),
        ..options.selection.clone()
    };
    let mut scan = source::scan(workspace, &selection).map_err(Error::Scan)?;
    known_ids(&scan, &options.selection)?;
    if options.selection.paths.is_empty() && options.selection.archives.is_empty() {
        configured_ids(workspace, &scan)?;
    }
    if let Some(changes) = &options.changes {
        let changed = Changed::find(workspace, changes, &options.selection.paths)?;
        // What was not asked for may be between what has changed and what was.
        let asked = scan.packages.len();
        let mut all = std::mem::take(&mut scan.packages);
        all.append(&mut scan.left_out);
        let touched = source::touched(&all, &changed);
        let mut keep = graph::affected(&all, touched, &changed.before);
        scan.left_out = all.split_off(asked);
        scan.packages = all;
        keep.truncate(asked);
        scan.keep(&keep);
        let is_told = |finding: &Finding| {
            let path = finding.path().map(|path| workspace.current_dir.join(path));
            path.is_none_or(|path| changed.holds(&path))
        };
        let findings = std::mem::take(&mut scan.findings);
        let (told, rest) = findings.into_iter().partition(is_told);
        scan.findings = told;
        scan.not_told.extend::<Vec<Finding>>(rest);
    }
    if let Some(shard) = options.shard {
        let keep = scan.packages.iter().map(|package| shard.holds(package));
        let keep: Vec<bool> = keep.collect();
        scan.keep(&keep);
        // What belongs to no package is for the first runner to tell.
        if shard.index != 1 {
            scan.not_told.append(&mut scan.findings);
        }
    }
    let released = options.epoch.map(rfc3339);
    for package in &mut scan.packages {
        let inner = package.inner.as_deref_mut().and_then(|p| p.csar.as_mut());
        for csar in package.csar.iter_mut().chain(inner) {
            csar.released.clone_from(&released);
        }
    }
    Ok(scan)
}

/// The ids of the configuration must exist as well.
fn configured_ids(workspace: &Workspace, scan: &Scan) -> Result<(), Error> {
    for id in workspace.config.packages.keys() {
        if !scan.all_ids.contains(id) {
            let ids = scan.all_ids.iter().map(String::as_str);
            return Err(Error::NoConfiguredPackage {
                file: configuration(workspace),
                place: place_in_words(workspace, &["packages", id]),
                id: id.clone(),
                nearest: rules::nearest(id, ids).map(str::to_owned),
            });
        }
    }
    Ok(())
}

/// What the command line asks for, and what the configuration says of the rest.
pub(super) fn choice(workspace: &Workspace, options: &CheckOptions) -> Result<Choice, Error> {
    let config = &workspace.config;
    let (name, place) = match (&options.model, &config.model) {
        (Some(name), _) => (Some(name), "invalid value for `--model`".to_owned()),
        (None, Some(name)) => {
            let file = configuration(workspace);
            let at = place_in_words(workspace, &["model"]);
            (Some(name), format!("invalid `model` in `{file}`{at}"))
        }
        (None, None) => (None, String::new()),
    };
    let model = match name {
        None => None,
        Some(name) => Some(ModelVersion::find(name).ok_or_else(|| {
            let known: Vec<String> = versions().iter().map(ToString::to_string).collect();
            let near = || {
                let names = known.iter().map(String::as_str);
                rules::nearest(name, names).map(str::to_owned)
            };
            let of_family = || ModelVersion::near(name).map(ToString::to_string);
            let namesake = ModelVersion::namesake(name).map(ToString::to_string);
            let source = ModelError {
                name: name.clone(),
                suggestion: namesake.or_else(of_family).or_else(near),
                known,
            };
            Error::Model { place, source }
        })?),
    };
    Ok(Choice {
        profile: options.profile.unwrap_or(config.profile),
        model,
        shield: options.shield.unwrap_or(config.shield.profile),
    })
}

/// The file that holds the configuration, for messages.
fn configuration(workspace: &Workspace) -> String {
    workspace.config_path.as_deref().map_or_else(
        || "the configuration".to_owned(),
        |path| workspace.shown(path),
    )
}

/// The levels of the configuration and the command line.
pub(super) fn levels(workspace: &Workspace, options: &CheckOptions) -> Result<Levels, Error> {
    let profile = options.profile.unwrap_or(workspace.config.profile);
    let mut levels = Levels::of_profile(profile);
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
        let file = configuration(workspace);
        levels
            .set(name, (*level).into())
            .map_err(|source| Error::Level {
                place: format!(
                    "invalid entry in `lints` of `{file}`{}",
                    place_in_words(workspace, &["lints", name])
                ),
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
        if selection.exclude.contains(id) {
            return Err(Error::Excluded(id.clone()));
        }
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
