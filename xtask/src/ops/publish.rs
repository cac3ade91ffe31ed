//! `publish`: what `build` made, as OCI artifacts in the image layout.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[cfg(feature = "publish")]
use rayon::prelude::*;

use super::build::{BuildOptions, BuildReport, build_into};
use super::check::{Checked, choice};
use super::elsewhere::{Elsewhere, Search, Wanted};
use super::output::Output;
#[cfg(feature = "publish")]
use super::state;
use super::{Error, Reporter};
use crate::descriptor::Kind;
use crate::graph::{self, Offers};
use crate::oci::{self, Artifact, Dialect, Finished, Surroundings};
use crate::source::{self, Form, Layout, Package, Scan, Selection, Workspace};

/// One published artifact.
#[derive(Clone, Debug)]
pub struct Published {
    /// The place of its package in the scan.
    pub package: usize,
    /// `<id>:<version>`.
    pub reference: String,
    /// The digest of its manifest.
    pub digest: String,
    /// The artifact type.
    pub kind: String,
    /// Whether it was there already with the same bytes.
    pub is_fresh: bool,
}

/// What was published.
#[derive(Debug)]
pub struct PublishReport {
    /// The build before it.
    pub build: BuildReport,
    /// The artifacts in the layout, in the order in which they depend on each
    /// other.
    pub published: Vec<Published>,
    /// The same at the registry, where one was given.
    #[cfg(feature = "publish")]
    pub pushed: Vec<super::Pushed>,
    /// The artifacts of which signatures, attestations or attached files of the layout went
    /// along, or would, by their names there, and how many of those.
    #[cfg(feature = "publish")]
    pub beside: Vec<(String, usize)>,
    /// What was said there of how they came about.
    #[cfg(all(feature = "publish", feature = "sign"))]
    pub told: Vec<super::Told>,
    /// Why not all of it is at the registry; what is there all the same stands in `pushed`.
    #[cfg(feature = "publish")]
    pub failure: Option<Error>,
}

#[cfg(feature = "publish")]
impl PublishReport {
    /// Whether nothing is published, because of an error in a package.
    #[cfg(feature = "publish")]
    fn has_errors(&self) -> bool {
        crate::rules::has_errors(&self.build.checked.diagnostics) || self.build.refused > 0
    }
}

/// How to publish.
#[derive(Clone, Debug, Default)]
pub struct PublishOptions {
    /// What to build before.
    pub build: BuildOptions,
    /// An RFC 3339 time for the annotation; only where `SOURCE_DATE_EPOCH` is
    /// set.
    pub created: Option<String>,
    /// How the artifacts are written.
    pub dialect: Dialect,
    /// Whether nothing is to be written.
    pub dry_run: bool,
}

/// Builds what is stale and publishes it to the image layout in the target
/// directory, finished packages as they are.
///
/// With errors in any package nothing is published: a service without one of
/// its functions is of no use to anyone.
pub fn publish(
    workspace: &Workspace,
    options: &PublishOptions,
    reporter: &dyn Reporter,
) -> Result<PublishReport, Error> {
    let output = output(workspace, options, reporter)?;
    let (report, _) = publish_into(&output, workspace, options, None, reporter)?;
    Ok(report)
}

/// The same, and from the layout to a registry, which gets what it lacks. With
/// `provenance` it is said beside each artifact how it came about.
///
/// What goes wrong once all is in the layout is [`PublishReport::failure`].
#[cfg(feature = "publish")]
pub fn publish_to(
    workspace: &Workspace,
    options: &PublishOptions,
    remote: &crate::oci::Remote,
    push: &super::PushOptions,
    #[cfg(feature = "sign")] provenance: Option<&super::ProvenanceOptions>,
    reporter: &dyn Reporter,
) -> Result<PublishReport, Error> {
    let output = output(workspace, options, reporter)?;
    // A statement on how something came about is for what came about here.
    #[cfg(feature = "sign")]
    let rebuild = push.rebuild || provenance.is_some();
    #[cfg(not(feature = "sign"))]
    let rebuild = push.rebuild;
    let search = |around: &Surroundings<'_>, checked: &Checked, wanted: &[Wanted]| {
        let packages = &checked.scan.packages;
        let artifact = |one: &Elsewhere| artifact_of(&packages[one.package], one, around);
        super::published::published(remote, push, wanted, &artifact)
    };
    let search: Option<&SearchAround<'_>> = match push.reuse && !rebuild {
        true => Some(&search),
        false => None,
    };
    let (mut report, artifacts) = publish_into(&output, workspace, options, search, reporter)?;
    if report.has_errors() {
        return Ok(report);
    }
    // What was found and built is to be told whatever the registry says.
    let place = (workspace, &output);
    let is_part = options.build.check.shard.is_some();
    let sent = send(
        place,
        &mut report,
        &artifacts,
        (remote, push),
        is_part,
        reporter,
    );
    #[cfg(feature = "sign")]
    let sent = sent.and_then(|()| match provenance {
        Some(provenance) if !push.dry_run => {
            report.told = super::published_provenance::tell(
                place,
                (&report.build, &report.pushed),
                options.build.epoch,
                (remote, push.concurrency),
                provenance,
                reporter,
            )?;
            Ok(())
        }
        _ => Ok(()),
    });
    report.failure = sent.err();
    Ok(report)
}

/// Sends to the registry what was published to the layout, and notes what came there.
#[cfg(feature = "publish")]
fn send(
    (workspace, output): (&Workspace, &Output),
    report: &mut PublishReport,
    artifacts: &[(u8, Artifact)],
    (remote, push): (&crate::oci::Remote, &super::PushOptions),
    is_part: bool,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    let lock = workspace.root.join(super::Lock::FILE);
    // In a part of a tree, what others need of it is published by other runners.
    let siblings = match is_part {
        true => Offers::of(&report.build.checked.scan.left_out),
        false => Offers::default(),
    };
    let notes = match push.reuse {
        true => notes(output, report)?,
        false => vec![None; artifacts.len()],
    };
    let load = super::push::Load {
        layout: &output.layout,
        artifacts,
        notes: &notes,
        siblings: &siblings,
    };
    let (pushed, ended) = super::push::push(remote, &load, push, &lock, reporter);
    report.pushed = pushed;
    ended?;
    // A dry run writes elsewhere, where nothing hangs on anything.
    let layout = &output.own().layout;
    if layout.exists() {
        report.beside = super::push_beside::send_beside(remote, layout, artifacts, push, reporter)?;
    }
    Ok(())
}

fn output(
    workspace: &Workspace,
    options: &PublishOptions,
    reporter: &dyn Reporter,
) -> Result<Output, Error> {
    match options.dry_run {
        true => Output::dry(workspace, reporter),
        false => Output::lock(workspace, reporter),
    }
}

/// For each artifact, the digest of what it was made of, if that was here.
#[cfg(feature = "publish")]
fn notes(output: &Output, report: &PublishReport) -> Result<Vec<Option<String>>, Error> {
    let note = |published: &Published| {
        let mut built = report.build.built.iter();
        let Some(built) = built.find(|built| built.package == published.package) else {
            return Ok(None);
        };
        // A dry run writes elsewhere, and finds what is up to date where it is.
        let place = if built.is_fresh { output.own() } else { output };
        let record = place.state.join(format!("{}.json", built.file_name));
        let known = (built.fingerprint.as_str(), built.sha256.as_str());
        state::sources_of(&record, known, &built.inputs, output.is_dry())
    };
    report.published.par_iter().map(note).collect()
}

/// The artifact of a package that is finished elsewhere.
#[cfg(feature = "publish")]
fn artifact_of(package: &Package, one: &Elsewhere, around: &Surroundings<'_>) -> Option<Artifact> {
    let finished = Finished {
        file_name: &one.file_name,
        sha256: &one.sha256,
        size: one.size,
        provenance: None,
    };
    oci::artifact(package, &finished, around)
}

/// A search that knows what the artifacts say beside what the packages do.
#[cfg_attr(not(feature = "publish"), allow(dead_code))]
type SearchAround<'a> =
    dyn Fn(&Surroundings<'_>, &Checked, &[Wanted]) -> Result<Vec<Option<Elsewhere>>, Error> + 'a;

/// What the packages of the tree offer to each other. What an artifact says about
/// its dependencies must not depend on what else was asked for, so the rest of the
/// tree is looked at as well.
fn offers(workspace: &Workspace, options: &BuildOptions, scan: &Scan) -> Result<Offers, Error> {
    let mut offers = Offers::of(scan.packages.iter().chain(&scan.left_out));
    let paths = &options.check.selection.paths;
    let in_tree = |path| {
        workspace
            .current_dir
            .join(path)
            .starts_with(&workspace.root)
    };
    if paths.iter().any(in_tree) {
        let tree = source::scan(workspace, &Selection::default()).map_err(Error::Scan)?;
        offers.extend(Offers::of(&tree.packages));
    }
    Ok(offers)
}

/// Publishes to the layout of a folder that is locked already. Each artifact
/// comes back with its place in the order in which they need each other.
fn publish_into(
    output: &Output,
    workspace: &Workspace,
    options: &PublishOptions,
    search: Option<&SearchAround<'_>>,
    reporter: &dyn Reporter,
) -> Result<(PublishReport, Vec<(u8, Artifact)>), Error> {
    let created = options.created.as_deref();
    let dialect = options.dialect;
    let options = &options.build;
    let choice = choice(workspace, &options.check)?;
    let known: OnceCell<Offers> = OnceCell::new();
    let look = |checked: &Checked, wanted: &[Wanted]| {
        let Some(search) = search else {
            return Ok(vec![None; wanted.len()]);
        };
        let offers = offers(workspace, options, &checked.scan)?;
        let around = Surroundings {
            offers: known.get_or_init(|| offers),
            choice: &choice,
            created,
            dialect,
        };
        search(&around, checked, wanted)
    };
    let look: Option<&Search<'_>> = search.is_some().then_some(&look);
    let build = build_into(output, workspace, options, look, reporter)?;
    let has_errors = crate::rules::has_errors(&build.checked.diagnostics);
    if has_errors || build.refused > 0 {
        let report = PublishReport {
            build,
            published: Vec::new(),
            #[cfg(feature = "publish")]
            pushed: Vec::new(),
            #[cfg(feature = "publish")]
            beside: Vec::new(),
            #[cfg(all(feature = "publish", feature = "sign"))]
            told: Vec::new(),
            #[cfg(feature = "publish")]
            failure: None,
        };
        return Ok((report, Vec::new()));
    }
    let packages = &build.checked.scan.packages;
    let offers = match known.into_inner() {
        Some(offers) => offers,
        None => offers(workspace, options, &build.checked.scan)?,
    };
    let around = Surroundings {
        offers: &offers,
        choice: &choice,
        created,
        dialect,
    };
    let mut artifacts: Vec<(usize, Artifact)> = build
        .built
        .iter()
        .filter_map(|built| {
            let package = &packages[built.package];
            let (sha256, size) = (&built.sha256, built.size);
            let blob = Finished {
                file_name: &built.file_name,
                sha256,
                size,
                provenance: None,
            };
            let artifact = oci::artifact(package, &blob, &around)?;
            Some((built.package, artifact))
        })
        .collect();
    #[cfg(feature = "publish")]
    artifacts.extend(build.elsewhere.iter().filter_map(|one| {
        let artifact = artifact_of(&packages[one.package], one, &around)?;
        Some((one.package, artifact))
    }));
    for (i, package) in packages
        .iter()
        .enumerate()
        .filter(|(_, p)| p.form == Form::Archive && (p.is_tar_gz || p.layout == Layout::Csar))
    {
        let (sha256, size) = output.layout.put_file(&package.path)?;
        let name = package.path.file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        let provenance = match provenance_of(package) {
            Some(path) => {
                reporter.status("Adding", &format!("`{}`", workspace.shown(&path)));
                Some(output.layout.put_file(&path)?)
            }
            None => None,
        };
        let blob = Finished {
            file_name: &name,
            sha256: &sha256,
            size,
            provenance: provenance.as_ref().map(|(sha256, size)| (&**sha256, *size)),
        };
        let artifact = oci::artifact(package, &blob, &around);
        artifacts.extend(artifact.map(|artifact| (i, artifact)));
    }
    one_id_for_each_name(artifacts.iter().map(|(_, artifact)| {
        let (name, _) = artifact.name_and_version();
        (name.to_owned(), artifact.id.as_str())
    }))?;
    one_for_each_name(packages, &artifacts)?;
    let rank = |package: usize| packages[package].kind().map_or(u8::MAX, graph::rank);
    artifacts.sort_by_key(|(package, _)| rank(*package));
    let places: Vec<usize> = artifacts.iter().map(|(package, _)| *package).collect();
    let artifacts: Vec<(u8, Artifact)> = artifacts
        .into_iter()
        .map(|(package, artifact)| (rank(package), artifact))
        .collect();
    // A dry run writes elsewhere, and only the layout itself knows what is new.
    let names = artifacts.iter().map(|(_, a)| a.reference.as_str());
    let before = output.own().layout.digests(names)?;
    // The layout does not have what is only elsewhere.
    let is_here = |package: &usize| build.elsewhere.iter().all(|one| one.package != *package);
    let pairs = artifacts.iter().zip(&places);
    let here = pairs.filter(|(_, package)| is_here(package));
    output
        .layout
        .publish(here.map(|((_, artifact), _)| artifact))?;
    let published = artifacts.iter().zip(before).zip(&places);
    let published = published.map(|(((_, artifact), before), package)| Published {
        package: *package,
        reference: artifact.reference.clone(),
        digest: artifact.digest.clone(),
        kind: artifact.kind.clone(),
        is_fresh: before.as_ref() == Some(&artifact.digest) || !is_here(package),
    });
    let report = PublishReport {
        published: published.collect(),
        build,
        #[cfg(feature = "publish")]
        pushed: Vec::new(),
        #[cfg(feature = "publish")]
        beside: Vec::new(),
        #[cfg(all(feature = "publish", feature = "sign"))]
        told: Vec::new(),
        #[cfg(feature = "publish")]
        failure: None,
    };
    Ok((report, artifacts))
}

/// The provenance that `helm package --sign` wrote beside a chart, which `helm push`
/// sends along (helm `pkg/pusher/ocipusher.go`).
fn provenance_of(package: &Package) -> Option<PathBuf> {
    let is_chart = package.kind() == Some(Kind::Chart);
    let mut path = package.path.clone().into_os_string();
    path.push(".prov");
    let path = PathBuf::from(path);
    (is_chart && path.is_file()).then_some(path)
}

/// Refuses packages of different ids that become one name: whoever needs one of them would
/// find the other, in whichever version.
pub(super) fn one_id_for_each_name<'a>(
    named: impl Iterator<Item = (String, &'a str)>,
) -> Result<(), Error> {
    let mut ids: BTreeMap<String, &str> = BTreeMap::new();
    for (name, id) in named {
        match ids.get(&name) {
            Some(first) if *first != id => {
                return Err(Error::SameName {
                    first: (*first).to_owned(),
                    second: id.to_owned(),
                    name,
                });
            }
            _ => ids.insert(name, id),
        };
    }
    Ok(())
}

/// Refuses two artifacts that differ and have one name: a chart and a function
/// of one id, or versions that differ in what a tag can't say.
fn one_for_each_name(packages: &[Package], artifacts: &[(usize, Artifact)]) -> Result<(), Error> {
    let mut names: BTreeMap<String, (&str, String)> = BTreeMap::new();
    for (package, artifact) in artifacts {
        let shown = packages[*package].shown.as_str();
        let new = (shown, artifact.digest.clone());
        let before = names.insert(artifact.reference.clone(), new);
        if let Some((first, digest)) = before
            && digest != artifact.digest
        {
            return Err(Error::SameReference {
                reference: artifact.reference.clone(),
                first: first.to_owned(),
                second: shown.to_owned(),
            });
        }
    }
    Ok(())
}
