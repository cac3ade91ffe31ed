//! `publish`: what `build` made, as OCI artifacts in the image layout.

use super::build::{BuildOptions, BuildReport, build_into};
use super::output::Output;
use super::{Error, Reporter};
use crate::graph::Offers;
use crate::oci::{self, Artifact};
use crate::source::{self, Form, Selection, Workspace};

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
    let mut artifacts: Vec<Artifact> = build
        .built
        .iter()
        .filter_map(|built| {
            oci::artifact(
                &packages[built.package],
                &offers,
                &built.file_name,
                &built.sha256,
                built.size,
                created,
            )
        })
        .collect();
    for package in packages
        .iter()
        .filter(|p| p.form == Form::Archive && p.is_tar_gz)
    {
        let (sha256, size) = output.layout.put_file(&package.path)?;
        let name = package.path.file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        artifacts.extend(oci::artifact(
            package, &offers, &name, &sha256, size, created,
        ));
    }
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
