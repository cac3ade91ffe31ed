//! `publish`: what `build` made, as OCI artifacts in the image layout.

use std::collections::BTreeMap;

use super::build::{BuildOptions, BuildReport, build_into};
use super::check::choice;
use super::output::Output;
use super::{Error, Reporter};
use crate::graph::{self, Offers};
use crate::oci::{self, Artifact, Dialect, Finished, Surroundings};
use crate::source::{self, Form, Layout, Package, Selection, Workspace};

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
    /// What was said there of how they came about.
    #[cfg(all(feature = "publish", feature = "sign"))]
    pub told: Vec<super::Told>,
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
    let (report, _) = publish_into(&output, workspace, options, reporter)?;
    Ok(report)
}

/// The same, and from the layout to a registry, which gets what it lacks. With
/// `provenance` it is said beside each artifact how it came about.
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
    let (mut report, artifacts) = publish_into(&output, workspace, options, reporter)?;
    let lock = workspace.root.join(super::Lock::FILE);
    let layout = &output.layout;
    report.pushed = super::push::push(remote, layout, &artifacts, push, &lock, reporter)?;
    #[cfg(feature = "sign")]
    if let Some(provenance) = provenance
        && !push.dry_run
    {
        report.told = super::published_provenance::tell(
            (workspace, &output),
            (&report.build, &report.pushed),
            options.build.epoch,
            (remote, push.concurrency),
            provenance,
            reporter,
        )?;
    }
    Ok(report)
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

/// Publishes to the layout of a folder that is locked already. Each artifact
/// comes back with its place in the order in which they need each other.
fn publish_into(
    output: &Output,
    workspace: &Workspace,
    options: &PublishOptions,
    reporter: &dyn Reporter,
) -> Result<(PublishReport, Vec<(u8, Artifact)>), Error> {
    let created = options.created.as_deref();
    let dialect = options.dialect;
    let options = &options.build;
    let choice = choice(workspace, &options.check)?;
    let build = build_into(output, workspace, options, reporter)?;
    let has_errors = crate::rules::has_errors(&build.checked.diagnostics);
    if has_errors || build.refused > 0 {
        let report = PublishReport {
            build,
            published: Vec::new(),
            #[cfg(feature = "publish")]
            pushed: Vec::new(),
            #[cfg(all(feature = "publish", feature = "sign"))]
            told: Vec::new(),
        };
        return Ok((report, Vec::new()));
    }
    let packages = &build.checked.scan.packages;
    // What an artifact says about its dependencies must not depend on what
    // else was asked for, so the rest of the tree is looked at as well.
    let scan = &build.checked.scan;
    let mut offers = Offers::of(packages.iter().chain(&scan.left_out));
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
            };
            let artifact = oci::artifact(package, &blob, &around)?;
            Some((built.package, artifact))
        })
        .collect();
    for (i, package) in packages
        .iter()
        .enumerate()
        .filter(|(_, p)| p.form == Form::Archive && (p.is_tar_gz || p.layout == Layout::Csar))
    {
        let (sha256, size) = output.layout.put_file(&package.path)?;
        let name = package.path.file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        let blob = Finished {
            file_name: &name,
            sha256: &sha256,
            size,
        };
        let artifact = oci::artifact(package, &blob, &around);
        artifacts.extend(artifact.map(|artifact| (i, artifact)));
    }
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
    output.layout.publish(artifacts.iter().map(|(_, a)| a))?;
    let published = artifacts.iter().zip(before).zip(places);
    let published = published.map(|(((_, artifact), before), package)| Published {
        package,
        reference: artifact.reference.clone(),
        digest: artifact.digest.clone(),
        kind: artifact.kind.clone(),
        is_fresh: before.as_ref() == Some(&artifact.digest),
    });
    let report = PublishReport {
        published: published.collect(),
        build,
        #[cfg(feature = "publish")]
        pushed: Vec::new(),
        #[cfg(all(feature = "publish", feature = "sign"))]
        told: Vec::new(),
    };
    Ok((report, artifacts))
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
