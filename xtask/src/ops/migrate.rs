//! `migrate`: packages of OSM's information model to packages of SOL006.

mod judge;
mod write;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::judge::check_made;
use self::write::{behind, draft_place, drafts, numbers, unpacked, write};
use super::{Error, FixedFile};
use crate::descriptor::{Descriptor, Model};
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::migrate::{self, Known, Migration, Outcome};
use crate::rules;
use crate::source::{
    self, Finding, Form, Layout, LinkFault, Package, Place, Scan, Selection, Workspace,
};
use crate::yaml::{self, Limits};

/// What to migrate, and where to.
#[derive(Clone, Debug, Default)]
pub struct MigrateOptions {
    /// Folders, descriptors and finished packages; empty for the whole tree.
    pub paths: Vec<PathBuf>,
    /// The new folder for everything; beside each package if `None`.
    pub output: Option<PathBuf>,
    /// Whether a package is written of which something is lost.
    pub allow_loss: bool,
    /// Whether nothing is written at all.
    pub dry_run: bool,
}

/// What became of a package.
#[derive(Clone, Debug)]
pub enum MigrateState {
    /// It was written here, or would be.
    Written {
        /// The folder, or the file of a loose descriptor.
        place: PathBuf,
        /// Its descriptor before and after, as reports show it.
        files: Vec<FixedFile>,
    },
    /// Something of it would be lost.
    Refused,
    /// There was nothing to do, for this reason.
    Left(&'static str),
}

/// A package and what became of it.
#[derive(Clone, Debug)]
pub struct Migrated {
    /// `id version`, or the path.
    pub name: String,
    /// Where it is, as it is shown.
    pub shown: String,
    /// What became of it.
    pub state: MigrateState,
}

/// What a run has made.
#[derive(Debug)]
pub struct MigrateReport {
    /// The packages, sorted by path.
    pub packages: Vec<Migrated>,
    /// What could not be carried, and what was taken for granted, sorted.
    pub diagnostics: Vec<Diagnostic>,
    /// What was looked at.
    pub scan: Scan,
    /// What `check` says to what was made.
    pub faulty: Vec<Faulty>,
}

/// What was made and is not sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faulty {
    /// The new folder or file.
    pub place: PathBuf,
    /// The rules that are broken at error level, with how often.
    pub rules: BTreeMap<&'static str, usize>,
    /// Those of them that the old package does not break, or not as often.
    pub new: Vec<&'static str>,
}

/// A package on its way to disk.
struct Plan {
    /// Its number in the scan.
    index: usize,
    /// The new folder, or the new file of a loose descriptor.
    place: PathBuf,
    /// The file name of the descriptor.
    name: String,
    text: String,
}

/// Migrates packages. The originals stay as they are; each new folder appears whole
/// or not at all, and with `output` all of them do.
///
/// # Errors
///
/// A path is not there, something stands where the new folder would be, or a file
/// can't be read or written. That something would be lost is none: it is in the
/// report, and the package is not written unless that is allowed.
pub fn migrate(workspace: &Workspace, options: &MigrateOptions) -> Result<MigrateReport, Error> {
    let selection = Selection {
        paths: options.paths.clone(),
        ..Selection::default()
    };
    let scan = source::scan(workspace, &selection).map_err(Error::Scan)?;
    hide_secrets(&scan);
    // A service may name functions that were not asked for.
    let tree = match options.paths.is_empty() {
        true => Scan::default(),
        false => source::scan(workspace, &Selection::default()).unwrap_or_default(),
    };
    let all = tree.packages.iter().chain(&scan.packages);
    let known = Known::of(all.filter_map(|package| package.descriptor.as_ref()));

    let mut report = Vec::new();
    let mut diagnostics = Vec::new();
    let mut plans = Vec::new();
    for (index, package) in scan.packages.iter().enumerate() {
        let state = match outcome(package, &known) {
            Outcome::Left(reason) => MigrateState::Left(reason),
            Outcome::Migrated(Migration { text, mut findings }) => {
                findings.extend(files(package));
                if options.output.is_some() {
                    findings.extend(left_beside(package));
                }
                if options.allow_loss && !text.is_empty() {
                    for finding in &mut findings {
                        finding.severity = Severity::Warning;
                    }
                }
                let is_refused = rules::has_errors(&findings);
                diagnostics.append(&mut findings);
                match is_refused {
                    true => MigrateState::Refused,
                    false => {
                        let plan = plan(workspace, options, index, package, text);
                        let place = plan.place.clone();
                        plans.push(plan);
                        let files = Vec::new();
                        MigrateState::Written { place, files }
                    }
                }
            }
        };
        report.push(Migrated {
            name: package.name(),
            shown: package.shown.clone(),
            state,
        });
    }
    // What was to be a descriptor, and can't be told to be one of the old model.
    let broken = scan.findings.iter().filter_map(|finding| match finding {
        Finding::NotYaml { doc } => migrate::unreadable(doc),
        _ => None,
    });
    diagnostics.extend(broken);
    diagnostics.sort_by(Diagnostic::compare);
    show(&scan, &plans, &mut report);
    let output = options
        .output
        .as_ref()
        .map(|out| source::tidy(&workspace.current_dir.join(out)));
    nothing_in_the_way(workspace, &scan, &plans, output.as_deref())?;
    let mut faulty = Vec::new();
    if !plans.is_empty() {
        // What a dry run makes is looked at where it goes again.
        let temporary = match options.dry_run {
            true => Some(drafts(&scan, &plans, output.is_none())?),
            false => {
                write(&scan, &plans, output.as_deref())?;
                None
            }
        };
        let numbers = numbers(&plans);
        let made = plans
            .iter()
            .zip(&numbers)
            .map(|(plan, number)| match &temporary {
                Some(folder) => draft_place(folder.path(), *number, plan),
                None => plan.place.clone(),
            });
        faulty = check_made(workspace, &scan, &plans, &made.collect::<Vec<PathBuf>>())?;
    }
    Ok(MigrateReport {
        packages: report,
        diagnostics,
        scan,
        faulty,
    })
}

/// That each new package has a place of its own, where nothing is.
fn nothing_in_the_way(
    workspace: &Workspace,
    scan: &Scan,
    plans: &[Plan],
    output: Option<&Path>,
) -> Result<(), Error> {
    if let Some(output) = output {
        let sources = scan.packages.iter().filter(|p| p.form == Form::Folder);
        let mut sources = sources.filter(|package| output.starts_with(&package.path));
        // A package may be the top of its tree, and then there is no other place in it.
        if let Some(package) = sources.find(|package| package.path != workspace.root) {
            return Err(Error::OutputInside {
                output: workspace.shown(output),
                package: package.shown.clone(),
            });
        }
    }
    let mut taken: HashMap<&Path, usize> = HashMap::new();
    for plan in plans {
        if let Some(first) = taken.insert(&plan.place, plan.index) {
            return Err(Error::MigratedTwice {
                place: workspace.shown(&plan.place),
                first: scan.packages[first].shown.clone(),
                second: scan.packages[plan.index].shown.clone(),
            });
        }
    }
    let all = plans.iter().map(|plan| plan.place.as_path());
    let own = all.filter(|_| output.is_none());
    for place in own.chain(output) {
        if fs::symlink_metadata(place).is_ok() {
            return Err(Error::MigratedExists(workspace.shown(place)));
        }
    }
    Ok(())
}

/// Files of a package that do not come along, and those that do in another form.
fn files(package: &Package) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for finding in &package.findings {
        let (Finding::Link { span, .. }
        | Finding::Unreadable { span, .. }
        | Finding::Name { span, .. }
        | Finding::Special { span, .. }
        | Finding::UnsafeMember { span, .. }) = finding
        else {
            continue;
        };
        let what = match finding {
            Finding::Link { target, fault, .. } => match fault {
                LinkFault::Outside => format!("the link leads out of the tree, to `{target}`"),
                LinkFault::Dangling => format!("the link leads to `{target}`, where nothing is"),
                LinkFault::Loop => format!("the link leads back to itself through `{target}`"),
            },
            _ => "the file can't be carried over".to_owned(),
        };
        let note = "`cargo nfv check` says what to do; without this file the rest can come along";
        found.push(migrate::lost_file(span.clone(), what, note));
    }
    if package.form == Form::Archive && !package.links.is_empty() {
        found.extend(lost_links(package));
    }
    if package.form != Form::Folder {
        return found;
    }
    let Ok(folder) = fs::canonicalize(&package.path) else {
        return found;
    };
    for file in &package.files {
        let Place::Disk(path) = &file.place else {
            continue;
        };
        if fs::canonicalize(path).is_ok_and(|real| !real.starts_with(&folder)) {
            let shown = file.path.strip_prefix(package.root()).unwrap_or(&file.path);
            let message = format!(
                "`{shown}` is reached by a link that leads out of the package; its content becomes \
                 a file of the new one"
            );
            let span = Span::path(format!("{}/{shown}", package.shown));
            found.push(migrate::assumed_file(span, message));
        }
    }
    found
}

/// Links in a finished package behind which nothing is. One that can't be unpacked is told of when
/// it is written.
fn lost_links(package: &Package) -> Vec<Diagnostic> {
    let Ok(members) = unpacked(package) else {
        return Vec::new();
    };
    let mut lost = Vec::new();
    for link in &package.links {
        if behind(members.path(), &link.name).is_empty() {
            let span = Span::path(format!("{}!/{}", package.shown, link.name));
            let what = "nothing is behind the link in the package".to_owned();
            let note = "without this link the rest can come along";
            lost.push(migrate::lost_file(span, what, note));
        }
    }
    lost
}

/// What a loose descriptor names and what does not come along, for it is in no package: a file that
/// goes elsewhere has it no more beside it.
fn left_beside(package: &Package) -> impl Iterator<Item = Diagnostic> {
    rules::beside(package).into_iter().map(|one| {
        let message = format!(
            "{one} stays where it is: of a descriptor without a package folder the text alone comes along"
        );
        migrate::assumed_file(one.node.span(), message).help(format!(
            "give the descriptor a folder of its own, with the {}, and migrate that",
            one.place
        ))
    })
}

fn outcome(package: &Package, known: &Known) -> Outcome {
    match (&package.descriptor, package.layout) {
        (None, _) => {
            let broken = package.findings.iter().find_map(|finding| match finding {
                Finding::Archive { span, reason } => Some((span, reason)),
                _ => None,
            });
            match broken {
                Some((span, reason)) => Outcome::Migrated(Migration {
                    text: String::new(),
                    findings: vec![migrate::broken_archive(span.clone(), reason)],
                }),
                None => Outcome::Left("has no descriptor that is known"),
            }
        }
        (Some(descriptor), Layout::Csar) if descriptor.model == Model::OsmIm => {
            Outcome::Left("is a CSAR, which the old model never was in")
        }
        (Some(descriptor), _) => migrate::migrate(descriptor, known),
    }
}

/// Where a package goes, and what its descriptor is called there.
fn plan(
    workspace: &Workspace,
    options: &MigrateOptions,
    index: usize,
    package: &Package,
    text: String,
) -> Plan {
    let old = file_name(&package.descriptor_path);
    let id = package.id().unwrap_or_default();
    let name = match package.kind() {
        Some(kind) => migrate::descriptor_name(old, kind, id),
        None => old.to_owned(),
    };
    let stem = match package.form {
        Form::Folder => path_name(&package.path),
        Form::Archive => {
            let name = path_name(&package.path);
            let ends = [".tar.gz", ".tgz", ".zip", ".csar"];
            let stem = ends.iter().find_map(|end| name.strip_suffix(end));
            stem.map_or(name.clone(), str::to_owned)
        }
        Form::Loose => {
            let name = path_name(&package.path);
            let is_beside = options.output.is_none();
            let kind = package.kind();
            kind.map_or(name.clone(), |kind| {
                migrate::loose_name(&name, kind, is_beside)
            })
        }
    };
    let place = match &options.output {
        None => package.path.with_file_name(match package.form {
            Form::Loose => stem,
            Form::Folder | Form::Archive => format!("{stem}-sol006"),
        }),
        Some(output) => {
            let mut below = below(workspace, options, &package.path);
            match package.form {
                Form::Folder => {}
                Form::Archive | Form::Loose => below.set_file_name(&stem),
            }
            source::tidy(&workspace.current_dir.join(output).join(below))
        }
    };
    Plan {
        index,
        place,
        name,
        text,
    }
}

/// Where a package is below the path that it was asked for by. With several paths
/// the name of each goes before.
fn below(workspace: &Workspace, options: &MigrateOptions, path: &Path) -> PathBuf {
    let paths: Vec<PathBuf> = match options.paths.is_empty() {
        true => vec![workspace.root.clone()],
        false => {
            let given = options.paths.iter();
            given
                .map(|path| source::tidy(&workspace.current_dir.join(path)))
                .collect()
        }
    };
    let inside = |top: &&PathBuf| path.starts_with(top);
    let Some(top) = paths
        .iter()
        .filter(inside)
        .max_by_key(|top| top.as_os_str().len())
    else {
        return PathBuf::from(path_name(path));
    };
    let rest = path.strip_prefix(top).unwrap_or(path);
    // A file or an archive that was named itself keeps its name.
    let is_itself = rest.as_os_str().is_empty();
    let is_file = is_itself && path.is_file();
    match (paths.len() > 1 || is_file, is_itself) {
        (true, _) => PathBuf::from(path_name(top)).join(rest),
        (false, _) => rest.to_owned(),
    }
}

/// Keeps secrets out of what is shown of the descriptors.
fn hide_secrets(scan: &Scan) {
    let descriptors = scan.packages.iter().filter_map(|p| p.descriptor.as_ref());
    descriptors.for_each(rules::hide_secrets);
}

/// Puts the texts before and after into the report, without secrets.
fn show(scan: &Scan, plans: &[Plan], report: &mut [Migrated]) {
    let mut after = Scan::default();
    for plan in plans {
        let mut package = scan.packages[plan.index].clone();
        if let Some(old) = &package.descriptor {
            let path = old.doc.file().path();
            let path = match path.rsplit_once('/') {
                Some((folder, _)) => format!("{folder}/{}", plan.name),
                None => plan.name.clone(),
            };
            let doc = yaml::parse(&path, plan.text.as_bytes(), Limits::default());
            package.descriptor = Some(Descriptor {
                doc: Arc::new(doc),
                kind: old.kind,
                model: Model::Sol006,
            });
        }
        after.packages.push(package);
    }
    hide_secrets(&after);
    for (plan, package) in plans.iter().zip(&after.packages) {
        let old = &scan.packages[plan.index];
        let Some(own) = report.get_mut(plan.index) else {
            continue;
        };
        if let (Some(before), Some(new), MigrateState::Written { files, .. }) =
            (&old.descriptor, &package.descriptor, &mut own.state)
        {
            files.push(FixedFile {
                path: before.doc.file().path().to_owned(),
                before: before.doc.file().shown().to_owned(),
                after: new.doc.file().shown().to_owned(),
            });
        }
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn path_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
