//! `migrate`: packages of OSM's information model to packages of SOL006.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use md5::{Digest, Md5};

use super::check::{CheckOptions, check};
use super::{Error, FixedFile};
use crate::descriptor::{Descriptor, Model};
use crate::diagnostic::{Diagnostic, Severity, Span};
use crate::digest::hex;
use crate::migrate::{self, CHECKSUMS, Known, Migration, Outcome};
use crate::package::{self, MAX_UNPACKED};
use crate::rules;
use crate::scratch;
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
    let tops = plans.iter().map(|plan| plan.place.as_path());
    let tops: Vec<&Path> = match (&options.output, plans.is_empty()) {
        (_, true) => Vec::new(),
        (Some(_), _) => Vec::new(),
        (None, _) => tops.collect(),
    };
    let output = options
        .output
        .as_ref()
        .map(|out| source::tidy(&workspace.current_dir.join(out)));
    if let Some(output) = &output {
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
    for place in tops.into_iter().chain(output.as_deref()) {
        if fs::symlink_metadata(place).is_ok() {
            return Err(Error::MigratedExists(workspace.shown(place)));
        }
    }
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

/// The files behind a link in an unpacked package: names below its folder, and where they are.
/// A link to a folder stands for all files in that; none leads out of the package, or in a circle.
fn behind(members: &Path, link: &str) -> Vec<(String, PathBuf)> {
    let link = link
        .strip_prefix("./")
        .unwrap_or(link)
        .trim_end_matches('/');
    let Ok(top) = fs::canonicalize(members) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut open = vec![(link.to_owned(), members.join(link), Vec::new())];
    while let Some((name, path, around)) = open.pop() {
        let Ok(real) = fs::canonicalize(&path) else {
            continue;
        };
        if !real.starts_with(&top) || around.contains(&real) {
            continue;
        }
        if real.is_file() {
            found.push((name, real));
            continue;
        }
        let around = [around, vec![real.clone()]].concat();
        for entry in fs::read_dir(&real).into_iter().flatten().flatten() {
            let Ok(own) = entry.file_name().into_string() else {
                continue;
            };
            open.push((format!("{name}/{own}"), entry.path(), around.clone()));
        }
    }
    found.sort();
    found
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

/// Makes everything in a folder that goes again. What is to stand in one folder stands in one
/// here, because it depends on what is beside a loose descriptor what belongs to it; where
/// `is_beside`, that is the old one as well.
fn drafts(scan: &Scan, plans: &[Plan], is_beside: bool) -> Result<scratch::Folder, Error> {
    let temporary =
        scratch::folder().map_err(failed("create a folder in", &std::env::temp_dir()))?;
    for (plan, number) in plans.iter().zip(numbers(plans)) {
        let place = draft_place(temporary.path(), number, plan);
        let folder = place.parent().unwrap_or(&place);
        fs::create_dir_all(folder).map_err(failed("create", folder))?;
        draft(scan, plan, &place)?;
        let old = &scan.packages[plan.index];
        if is_beside && old.form == Form::Loose {
            let copy = folder.join(path_name(&old.path));
            fs::copy(&old.path, &copy).map_err(failed("write", &copy))?;
        }
    }
    Ok(temporary)
}

/// The number of the folder that each is to stand in.
fn numbers(plans: &[Plan]) -> Vec<usize> {
    let mut folders: HashMap<Option<&Path>, usize> = HashMap::new();
    let mut numbers = Vec::with_capacity(plans.len());
    for plan in plans {
        let next = folders.len();
        numbers.push(*folders.entry(plan.place.parent()).or_insert(next));
    }
    numbers
}

fn draft_place(drafts: &Path, number: usize, plan: &Plan) -> PathBuf {
    drafts.join(number.to_string()).join(path_name(&plan.place))
}

/// The rules of a reference that leads nowhere, in one model or the other.
const NOWHERE: [&str; 5] = [
    "osm/dangling-reference",
    "osm/mgmt-cp",
    "osm/unknown-connection-point",
    "sol006/dangling-reference",
    "sol006/unknown-cpd",
];

/// What `check` says at error level to what was made, and which of it not to what it was made of.
fn check_made(
    workspace: &Workspace,
    scan: &Scan,
    plans: &[Plan],
    made: &[PathBuf],
) -> Result<Vec<Faulty>, Error> {
    let old = plans
        .iter()
        .map(|plan| scan.packages[plan.index].path.clone());
    let old: Vec<PathBuf> = old.collect();
    let after = errors(workspace, made, &old)?;
    if after.is_empty() {
        return Ok(Vec::new());
    }
    // Where the old ones can't be checked, nothing is known of them.
    let before = errors(workspace, &old, made).unwrap_or_default();
    let faulty = after.into_iter().filter_map(|(i, rules)| {
        let place = plans.get(i)?.place.clone();
        // A reference to nothing has another rule in each model.
        let count = |rules: &BTreeMap<&'static str, usize>, rule: &str| -> usize {
            match NOWHERE.contains(&rule) {
                true => NOWHERE.iter().filter_map(|rule| rules.get(rule)).sum(),
                false => rules.get(rule).copied().unwrap_or(0),
            }
        };
        let none = BTreeMap::new();
        let had = before.get(&i).unwrap_or(&none);
        let new = rules
            .iter()
            .filter(|(rule, _)| count(had, rule) < count(&rules, rule));
        let new = new.map(|(rule, _)| *rule).collect();
        Some(Faulty { place, rules, new })
    });
    Ok(faulty.collect())
}

/// The rules that packages break at error level, with how often, by the number of the package.
/// That each is also there in the other model, at `counterparts`, is no fault of it.
fn errors(
    workspace: &Workspace,
    paths: &[PathBuf],
    counterparts: &[PathBuf],
) -> Result<BTreeMap<usize, BTreeMap<&'static str, usize>>, Error> {
    let options = CheckOptions {
        selection: Selection {
            paths: paths.to_vec(),
            ..Selection::default()
        },
        ..CheckOptions::default()
    };
    let checked = check(workspace, &options)?;
    let tops = |paths: &[PathBuf]| -> HashMap<String, usize> {
        let shown = paths.iter().map(|path| workspace.shown(path));
        // What is the whole tree goes before no path in it.
        let plain = shown.map(|path| if path == "." { String::new() } else { path });
        plain.zip(0..).collect()
    };
    let (own, others) = (tops(paths), tops(counterparts));
    let mut rules: BTreeMap<usize, BTreeMap<&'static str, usize>> = BTreeMap::new();
    let errors = checked.diagnostics.iter();
    for error in errors.filter(|one| one.severity == Severity::Error) {
        let Some(i) = top_of(&own, error.primary.span.file.path()) else {
            continue;
        };
        let mut labels = error.secondary.iter();
        let is_other = |path: &str| top_of(&others, path) == Some(i);
        if labels.len() > 0 && labels.all(|label| is_other(label.span.file.path())) {
            continue;
        }
        let of_package = rules.entry(i).or_default();
        *of_package.entry(error.rule.id).or_default() += 1;
    }
    Ok(rules)
}

/// The number of the innermost package around a file. Of a member of an archive the archive
/// counts.
fn top_of(tops: &HashMap<String, usize>, path: &str) -> Option<usize> {
    let path = Path::new(path.split_once("!/").map_or(path, |(archive, _)| archive));
    let mut around = path.ancestors().filter_map(Path::to_str);
    around.find_map(|path| tops.get(path).copied())
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
            let ends = [".yaml", ".yml", ".json"];
            let stem = ends.iter().find_map(|end| name.strip_suffix(end));
            stem.map_or(name.clone(), str::to_owned)
        }
    };
    // OSM's client goes by the end of the name.
    let kind = match package.form {
        Form::Loose => ["_vnfd", "_nsd", "_nst"]
            .into_iter()
            .find(|end| stem.ends_with(end)),
        Form::Folder | Form::Archive => None,
    };
    let kind = kind.unwrap_or_default();
    let before = stem.strip_suffix(kind).unwrap_or(&stem);
    let place = match &options.output {
        None => {
            let end = match package.form {
                Form::Loose => ".yaml",
                Form::Folder | Form::Archive => "",
            };
            let name = format!("{before}-sol006{kind}{end}");
            package.path.with_file_name(name)
        }
        Some(output) => {
            let mut below = below(workspace, options, &package.path);
            match package.form {
                Form::Folder => {}
                Form::Archive => below.set_file_name(&stem),
                Form::Loose => below.set_file_name(format!("{stem}.yaml")),
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

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io {
        action,
        path,
        source,
    }
}

/// Makes everything in temporary folders first, so that an error leaves nothing.
fn write(scan: &Scan, plans: &[Plan], output: Option<&Path>) -> Result<(), Error> {
    // Those around it are made first: they are not this run's alone.
    let way = output.map(|output| {
        let refused = failed("create a folder in", scratch::around(output));
        scratch::Way::to(output.parent().unwrap_or(output)).map_err(refused)
    });
    let _way = way.transpose()?;
    let mut drafts: Vec<(scratch::Folder, PathBuf, PathBuf)> = Vec::new();
    match output {
        Some(output) => {
            let base = output.parent().unwrap_or(output);
            let temporary = scratch::folder_in(base).map_err(failed("create a folder in", base))?;
            let from = temporary.path().join(path_name(output));
            for plan in plans {
                let below = plan.place.strip_prefix(output).unwrap_or(Path::new(""));
                // A package that is all of it has no name below it.
                let to = match below.as_os_str().is_empty() {
                    true => from.clone(),
                    false => from.join(below),
                };
                draft(scan, plan, &to)?;
            }
            drafts.push((temporary, from, output.to_owned()));
        }
        None => {
            for plan in plans {
                let folder = plan.place.parent().unwrap_or(Path::new("."));
                let temporary =
                    scratch::folder_in(folder).map_err(failed("create a folder in", folder))?;
                let from = temporary.path().join(path_name(&plan.place));
                draft(scan, plan, &from)?;
                drafts.push((temporary, from, plan.place.clone()));
            }
        }
    }
    for (_temporary, from, to) in &drafts {
        scratch::settle(from, to).map_err(failed("create", to))?;
    }
    Ok(())
}

/// Writes a package to `to`: the new descriptor, all other files as they are, and
/// the list of digests anew where there was one.
fn draft(scan: &Scan, plan: &Plan, to: &Path) -> Result<(), Error> {
    let package = &scan.packages[plan.index];
    if package.form == Form::Loose {
        return put(to, plan.text.as_bytes());
    }
    let members = match package.form {
        Form::Archive => Some(unpacked(package)?),
        Form::Folder | Form::Loose => None,
    };
    fs::create_dir_all(to).map_err(failed("create", to))?;
    let root = package.root();
    let mut sums: Vec<(String, String)> = Vec::new();
    let mut is_listed = false;
    let mut all: Vec<(String, PathBuf)> = Vec::new();
    for file in &package.files {
        let from = match (&file.place, &members) {
            (Place::Disk(from), _) => from.clone(),
            (Place::Member, Some(members)) => members.path().join(&file.path),
            (Place::Member, None) => continue,
        };
        all.push((file.path.clone(), from));
    }
    // What is behind links becomes files, as it does where the package is a folder.
    if let Some(members) = &members {
        let links = package.links.iter();
        all.extend(links.flat_map(|link| behind(members.path(), &link.name)));
        all.sort();
        all.dedup_by(|a, b| a.0 == b.0);
    }
    for (name, from) in &all {
        let path = name.strip_prefix(root).unwrap_or(name);
        if *name == package.descriptor_path {
            put(&to.join(&plan.name), plan.text.as_bytes())?;
            sums.push((plan.name.clone(), hex(&Md5::digest(plan.text.as_bytes()))));
            continue;
        }
        if path == CHECKSUMS {
            is_listed = true;
            continue;
        }
        let target = to.join(path);
        let folder = target.parent().unwrap_or(to);
        fs::create_dir_all(folder).map_err(failed("create", folder))?;
        let bytes = fs::read(from).map_err(failed("read", from))?;
        put(&target, &bytes)?;
        let metadata = fs::metadata(from).map_err(failed("read", from))?;
        fs::set_permissions(&target, metadata.permissions()).map_err(failed("write", &target))?;
        sums.push((path.to_owned(), hex(&Md5::digest(&bytes))));
    }
    if is_listed {
        sums.sort();
        let top = path_name(&plan.place);
        let lines = sums.iter().map(|(path, md5)| (path.as_str(), md5.as_str()));
        put(
            &to.join(CHECKSUMS),
            migrate::checksums(&top, lines).as_bytes(),
        )?;
    }
    Ok(())
}

/// A finished package, unpacked. Its members have their names below the folder.
fn unpacked(package: &Package) -> Result<scratch::Folder, Error> {
    let folder = scratch::folder().map_err(failed("create a folder in", &std::env::temp_dir()))?;
    let stem = "package";
    let done = package::unpack(
        &package.path,
        &package.shown,
        stem,
        folder.path(),
        MAX_UNPACKED,
    )?;
    if done.folder == folder.path().join(stem) && !package.root().starts_with("package/") {
        // It has no top folder of its own, or more than one.
        for entry in fs::read_dir(&done.folder).map_err(failed("read", &done.folder))? {
            let entry = entry.map_err(failed("read", &done.folder))?;
            let to = folder.path().join(entry.file_name());
            fs::rename(entry.path(), &to).map_err(failed("create", &to))?;
        }
    }
    Ok(folder)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || {
        fs::create_dir_all(folder)?;
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(failed("write", path))
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn path_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
