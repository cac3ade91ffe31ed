//! `publish`: what `build` made, as OCI artifacts in the image layout.

use std::collections::BTreeMap;

use super::build::{BuildOptions, BuildReport, build_into};
use super::output::Output;
use super::{Error, Reporter};
use crate::graph::Offers;
use crate::oci::{self, Artifact};
use crate::source::{self, Form, Layout, Selection, Workspace};

/// One published artifact.
#[derive(Clone, Debug)]
pub struct Published {
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
    /// The artifacts, in the order in which they depend on each other.
    pub published: Vec<Published>,
}

/// Builds what is stale and publishes it to the image layout in the target
/// directory, finished packages as they are.
///
/// `created` is an RFC 3339 time for the annotation, or nothing. With errors in
/// any package nothing is published: a service without one of its functions is
/// of no use to anyone.
pub fn publish(
    workspace: &Workspace,
    options: &BuildOptions,
    created: Option<&str>,
    reporter: &dyn Reporter,
) -> Result<PublishReport, Error> {
    let output = Output::lock(workspace, reporter)?;
    let build = build_into(&output, workspace, options, reporter)?;
    let has_errors = crate::rules::has_errors(&build.checked.diagnostics);
    if has_errors || build.refused > 0 {
        return Ok(PublishReport {
            build,
            published: Vec::new(),
        });
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
    let mut artifacts: Vec<(&str, Artifact)> = build
        .built
        .iter()
        .filter_map(|built| {
            let artifact = oci::artifact(
                &packages[built.package],
                &offers,
                &built.file_name,
                &built.sha256,
                built.size,
                created,
            )?;
            Some((packages[built.package].shown.as_str(), artifact))
        })
        .collect();
    for package in packages
        .iter()
        .filter(|p| p.form == Form::Archive && (p.is_tar_gz || p.layout == Layout::Csar))
    {
        let (sha256, size) = output.layout.put_file(&package.path)?;
        let name = package.path.file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        let artifact = oci::artifact(package, &offers, &name, &sha256, size, created);
        artifacts.extend(artifact.map(|artifact| (package.shown.as_str(), artifact)));
    }
    let artifacts = one_for_each_name(artifacts)?;
    let moved = output.layout.publish(&artifacts)?;
    let published = artifacts
        .into_iter()
        .zip(moved)
        .map(|(artifact, moved)| Published {
            reference: artifact.reference,
            digest: artifact.digest,
            kind: artifact.kind,
            is_fresh: !moved,
        })
        .collect();
    Ok(PublishReport { build, published })
}

/// The artifacts, unless two of them that differ have one name: a chart and a
/// function of one id, or versions that differ in what a tag can't say.
fn one_for_each_name(artifacts: Vec<(&str, Artifact)>) -> Result<Vec<Artifact>, Error> {
    let mut names: BTreeMap<String, (&str, String)> = BTreeMap::new();
    for (shown, artifact) in &artifacts {
        let new = (*shown, artifact.digest.clone());
        let before = names.insert(artifact.reference.clone(), new);
        if let Some((first, digest)) = before
            && digest != artifact.digest
        {
            return Err(Error::SameReference {
                reference: artifact.reference.clone(),
                first: first.to_owned(),
                second: (*shown).to_owned(),
            });
        }
    }
    Ok(artifacts
        .into_iter()
        .map(|(_, artifact)| artifact)
        .collect())
}
