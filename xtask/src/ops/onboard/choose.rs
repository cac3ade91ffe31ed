//! Which finished packages are meant: those that are named, what is built of
//! sources that are named, and what references lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{OnboardError, OnboardOptions};
use crate::descriptor::{self, Descriptor, Kind, NeedKind};
use crate::graph;
use crate::oci::{Layout, Place, Remote};
use crate::ops::build::{BuildOptions, BuildReport, WasSigned, build_into};
use crate::ops::check::{self, CheckOptions};
use crate::ops::graph::rest;
use crate::ops::output::Output;
use crate::ops::place::names_place;
use crate::ops::pull::{
    Absent, Near, PullOptions, PullReport, identity, pull_aside, pull_needs_aside,
};
use crate::ops::target::{self, Target};
use crate::ops::{Error, Reporter};
use crate::scratch;
use crate::source::{self, Form, Package, Scan, Selection, ShieldProfile, Workspace};

/// Who packages are handed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// A SHIELD Store.
    Store,
    /// OSM.
    Osm,
}

impl Receiver {
    /// Whether it takes packages of that kind.
    pub fn takes(self, kind: Kind) -> bool {
        match self {
            Receiver::Store => kind.is_shield(),
            Receiver::Osm => kind.is_osm(),
        }
    }
}

/// Where something comes from that nobody has named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was built of the tree.
    Tree,
    /// It was fetched.
    Artifact {
        /// Its reference.
        reference: String,
        /// Whether that is one to a registry; one to a layout otherwise.
        is_remote: bool,
        /// Whether `nfv.lock` said which it is.
        is_pinned: bool,
    },
}

/// Kinds and ids of what nobody has named and something that is named needs, and where it comes
/// from.
pub(in crate::ops) type Brought = BTreeMap<(String, String), Origin>;

/// Finished packages, and what they lie in for as long as they are needed.
pub(super) struct Chosen {
    /// The packages, or the build whose findings were the end.
    pub targets: Result<Vec<Target>, Box<BuildReport>>,
    /// What those are called that came from a place, where they met the policy.
    pub admitted: BTreeSet<String>,
    /// The descriptors in the tree of which packages were built, by what those
    /// are called.
    pub sources: BTreeMap<String, Descriptor>,
    /// Packages of the tree that the receiver takes none of, in words.
    pub left: Vec<String>,
    /// What nobody has named, and something that is named needs.
    pub brought: Brought,
    /// What is needed and was not found.
    pub absent: Vec<Absent>,
    _output: Option<Output>,
    _folders: Vec<scratch::Folder>,
}

impl Chosen {
    /// No package.
    pub fn nothing() -> Self {
        Chosen {
            targets: Ok(Vec::new()),
            admitted: BTreeSet::new(),
            sources: BTreeMap::new(),
            left: Vec::new(),
            brought: Brought::new(),
            absent: Vec::new(),
            _output: None,
            _folders: Vec::new(),
        }
    }

    /// What was fetched into a folder, as finished packages.
    fn take(
        &mut self,
        workspace: &Workspace,
        folder: scratch::Folder,
        report: PullReport,
    ) -> Result<Vec<Target>, Error> {
        let mut targets = Vec::new();
        for pulled in report.pulled {
            for path in &pulled.paths {
                let path = workspace.current_dir.join(path);
                targets.push(Target {
                    #[cfg(feature = "sign")]
                    signed: pulled.signed.clone(),
                    ..target::at(&path, pulled.reference.clone())?
                });
            }
            let is_remote = matches!(Place::parse(&pulled.reference), Ok(Place::Registry(_)));
            let origin = Origin::Artifact {
                reference: pulled.reference,
                is_remote,
                is_pinned: pulled.is_pinned,
            };
            self.brought.extend(pulled.need.map(|need| (need, origin)));
        }
        self.admitted
            .extend(targets.iter().map(|target| target.shown.clone()));
        self.absent.extend(report.absent);
        self._folders.push(folder);
        Ok(targets)
    }
}

/// Kinds and ids of what is named, which settles what comes of them. What does not say what it
/// is settles nothing.
fn named(
    workspace: &Workspace,
    remote: &Remote,
    options: &OnboardOptions,
    places: &[&str],
    sources: &[PathBuf],
    targets: &[Target],
) -> Result<BTreeSet<(String, String)>, Error> {
    let mut named = BTreeSet::new();
    for place in places {
        named.extend(identity(workspace, remote, place)?);
    }
    let mut add = |packages: &[Package]| {
        let key = |p: &Package| Some((p.kind()?.as_str().to_owned(), p.id()?.to_owned()));
        named.extend(packages.iter().filter_map(key));
    };
    // A scan for nothing is one of the whole tree.
    if !targets.is_empty() {
        add(&scan_of(workspace, targets)?.packages);
    }
    if !sources.is_empty() {
        let mut check = options.verify.check.clone();
        check.selection.paths = sources.to_vec();
        add(&check::scan(workspace, &check)?.packages);
    }
    Ok(named)
}

/// The packages in archives.
fn scan_of(workspace: &Workspace, targets: &[Target]) -> Result<Scan, Error> {
    let archives = targets.iter();
    let selection = Selection {
        archives: archives
            .map(|target| (target.path.clone(), target.shown.clone()))
            .collect(),
        ..Selection::default()
    };
    source::scan(workspace, &selection).map_err(Error::Scan)
}

/// Finds, builds and fetches what is to be sent to a receiver.
pub(super) fn choose(
    workspace: &Workspace,
    remote: &Remote,
    options: &OnboardOptions,
    receiver: Receiver,
    reporter: &dyn Reporter,
) -> Result<Chosen, Error> {
    let (mut places, mut sources, mut targets) = (Vec::new(), Vec::new(), Vec::new());
    for name in &options.names {
        if names_place(workspace, name) {
            places.push(name.as_str());
        } else if names_sources(workspace, name) {
            sources.push(PathBuf::from(name));
        } else {
            targets.push(target::find(workspace, name)?);
        }
    }
    let mut chosen = Chosen::nothing();
    let brings = options.with_dependencies && receiver == Receiver::Osm;
    let named = match brings && options.names.len() > 1 {
        true => named(workspace, remote, options, &places, &sources, &targets)?,
        false => BTreeSet::new(),
    };
    for name in places {
        let mut pull = pull_options(options, name.to_owned());
        pull.settled.clone_from(&named);
        let (folder, report) = pull_aside(workspace, remote, pull, reporter)?;
        targets.extend(chosen.take(workspace, folder, report)?);
    }
    if !sources.is_empty() || options.names.is_empty() {
        let output = match options.dry_run {
            true => Output::dry(workspace, reporter)?,
            false => Output::lock(workspace, reporter)?,
        };
        let mut asked = BuildOptions {
            check: options.verify.check.clone(),
            epoch: options.epoch,
            force: false,
            signer: options.signer.clone(),
            was_signed: WasSigned::Wanted,
        };
        asked.check.selection.paths = sources;
        if asked.check.shield == Some(ShieldProfile::StoreHead) {
            // The build turns the other forms into that of the Store, which is asked for of
            // what it makes.
            asked.check.shield = Some(ShieldProfile::Any);
        }
        if brings {
            let brought = bring(workspace, &mut asked.check, &named, reporter)?;
            let brought = brought.into_iter().map(|key| (key, Origin::Tree));
            chosen.brought.extend(brought);
        }
        let report = build_into(&output, workspace, &asked, None, reporter)?;
        chosen._output = Some(output);
        if report.refused > 0 || crate::rules::has_errors(&report.checked.diagnostics) {
            chosen.targets = Err(Box::new(report));
            return Ok(chosen);
        }
        targets.extend(wanted(workspace, &report, receiver, &mut chosen.sources)?);
        let packages = report.checked.scan.packages.iter();
        let left = packages.filter(|one| !one.kind().is_some_and(|kind| receiver.takes(kind)));
        let left = left.map(|package| format!("{} `{}`", package.label(), package.name()));
        chosen.left = left.collect();
        if targets.is_empty() {
            let names = options.names.join("`, `");
            let place = match names.is_empty() {
                true => workspace.shown(&workspace.root),
                false => names,
            };
            return Err(OnboardError::Nothing { place, receiver }.into());
        }
    }
    // What is named in the layout brings what lies there, as a reference does.
    if brings && targets.iter().any(|target| target.entry.is_some()) {
        let needs = lacking(workspace, &targets, |target| target.entry.is_some())?;
        let layout = Layout::new(workspace.out_dir.join("oci"));
        let near = Near::Layout(&layout, workspace.shown(layout.root()));
        let pull = PullOptions {
            // It comes of this tree, like what is built of it.
            keeps_lock: true,
            ..pull_options(options, String::new())
        };
        let (folder, report) = pull_needs_aside(workspace, remote, &near, &needs, pull, reporter)?;
        targets.extend(chosen.take(workspace, folder, report)?);
    }
    if let Some(place) = &options.registry {
        let needs = lacking(workspace, &targets, |_| true)?;
        if !needs.is_empty() {
            let near = Near::Registry(place);
            let pull = PullOptions {
                leaves_absent: false,
                ..pull_options(options, String::new())
            };
            let (folder, report) =
                pull_needs_aside(workspace, remote, &near, &needs, pull, reporter)?;
            targets.extend(chosen.take(workspace, folder, report)?);
        }
    }
    chosen.targets = Ok(targets);
    Ok(chosen)
}

/// Adds to a part of the tree what OSM refuses it without and the rest of the tree has, but for
/// what is named; kinds and ids of what was added.
fn bring(
    workspace: &Workspace,
    check: &mut CheckOptions,
    named: &BTreeSet<(String, String)>,
    reporter: &dyn Reporter,
) -> Result<Vec<(String, String)>, Error> {
    if check.selection.paths.is_empty() && check.selection.ids.is_empty() {
        return Ok(Vec::new());
    }
    let scan = check::scan(workspace, check)?;
    let whole = rest(workspace, &scan)?;
    let selection = &mut check.selection;
    let is_left_out = |package: &Package| {
        let id = package.id().unwrap_or_default();
        let kind = package.kind().map(Kind::as_str).unwrap_or_default();
        let is_named = named.contains(&(kind.to_owned(), id.to_owned()));
        is_named || selection.exclude.iter().any(|unwanted| unwanted == id)
    };
    let others = scan.left_out.iter().chain(&whole.packages);
    let others: Vec<&Package> = others.filter(|package| !is_left_out(package)).collect();
    let chosen: Vec<&Package> = scan.packages.iter().collect();
    let brought = graph::brought(&chosen, &others, NeedKind::is_hard);
    let mut keys = Vec::new();
    for package in brought {
        let name = format!("`{}`, which is needed", package.name());
        reporter.status("Adding", &format!("the {} {name}", package.label()));
        if !selection.ids.is_empty() {
            selection.ids.extend(package.id().map(str::to_owned));
        }
        if !selection.paths.is_empty() {
            selection.paths.push(package.path.clone());
        }
        let key = package.kind().map(Kind::as_str).zip(package.id());
        keys.extend(key.map(|(kind, id)| (kind.to_owned(), id.to_owned())));
    }
    Ok(keys)
}

/// What OSM refuses some of these without and none of them is, each with what needs it.
fn lacking(
    workspace: &Workspace,
    targets: &[Target],
    is_meant: impl Fn(&Target) -> bool,
) -> Result<Vec<(NeedKind, String, String)>, Error> {
    let meant = targets.iter().filter(|target| is_meant(target));
    let meant: BTreeSet<&str> = meant.map(|target| target.shown.as_str()).collect();
    let scan = scan_of(workspace, targets)?;
    let mut met: BTreeSet<(Kind, String)> = BTreeSet::new();
    let names = scan.packages.iter();
    met.extend(names.filter_map(|p| Some((p.kind()?, p.id()?.to_owned()))));
    let mut lacking = Vec::new();
    let meant = |package: &&Package| meant.contains(package.shown.as_str());
    for package in scan.packages.iter().filter(meant) {
        let needs = package.descriptor.as_ref().map(descriptor::needs);
        for need in needs.unwrap_or_default() {
            if let Some(kind) = need.kind.descriptor()
                && need.kind.is_hard()
                && met.insert((kind, need.id.clone()))
            {
                lacking.push((need.kind, need.id, package.shown.clone()));
            }
        }
    }
    Ok(lacking)
}

/// Whether a name is one of sources. A finished package is a file, and so may be a
/// descriptor.
pub fn names_sources(workspace: &Workspace, name: &str) -> bool {
    let path = workspace.current_dir.join(name);
    let ending = Path::new(name).extension().unwrap_or_default();
    path.is_dir() || (path.is_file() && ["yaml", "yml", "json"].iter().any(|own| ending == *own))
}

/// The packages of a build that the receiver takes.
fn wanted(
    workspace: &Workspace,
    report: &BuildReport,
    receiver: Receiver,
    sources: &mut BTreeMap<String, Descriptor>,
) -> Result<Vec<Target>, Error> {
    let packages = &report.checked.scan.packages;
    let mut targets = Vec::new();
    for built in report.built.iter().filter(|one| receiver.takes(one.kind)) {
        // A dry run has built it elsewhere.
        // A CSAR that is signed as a whole is without a signature by itself.
        let path = built
            .outer
            .as_ref()
            .map_or(&built.path, |outer| &outer.path);
        let file_name = path.file_name().unwrap_or_default();
        let place = workspace.out_dir.join("packages").join(file_name);
        let shown = workspace.shown(&place);
        let source = packages.get(built.package);
        if let Some(descriptor) = source.and_then(|source| source.descriptor.clone()) {
            sources.insert(shown.clone(), descriptor);
        }
        targets.push(target::at(path, shown)?);
    }
    for package in packages {
        if package.form == Form::Archive && package.kind().is_some_and(|kind| receiver.takes(kind))
        {
            targets.push(target::at(&package.path, package.shown.clone())?);
        }
    }
    Ok(targets)
}

fn pull_options(options: &OnboardOptions, reference: String) -> PullOptions {
    PullOptions {
        reference,
        // Those of a SHIELD package are at the Store, or are named as well.
        with_dependencies: options.with_dependencies,
        only_hard: true,
        keeps_lock: options.dry_run,
        locked: options.locked,
        // OSM may have it.
        leaves_absent: true,
        policy: options.policy.clone(),
        #[cfg(feature = "sign")]
        trust: options.verify.trust.clone(),
        ..PullOptions::default()
    }
}
