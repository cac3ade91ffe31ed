//! `graph`: who needs whom, and what services are made of.

use super::check::{CheckOptions, packages};
use super::named::{Named, named};
use super::{Error, Reporter};
use crate::descriptor::Kind;
use crate::graph::{self, Needed, Topology};
use crate::source::{self, Package, Scan, Selection, Workspace};

/// What to draw, as it is called on the command line.
#[derive(Clone, Debug, Default)]
pub struct GraphOptions {
    /// Folders, descriptors, finished packages, names in the layout of the tree, references;
    /// nothing for the whole tree.
    pub names: Vec<String>,
    /// Which packages of what is named.
    pub check: CheckOptions,
    /// Where to look for what the tree has not; a reference is followed to its own registry.
    #[cfg(feature = "publish")]
    pub registry: Option<crate::oci::Repository>,
}

/// Draws up who needs whom among the packages that are asked for. What they need and
/// the tree has is drawn as well; what it has not is looked for at the registry, in the
/// repositories below that place that are called after the ids.
///
/// # Errors
///
/// Those of [`packages`], of names that lead nowhere, and of the registry.
pub fn needed(
    workspace: &Workspace,
    options: &GraphOptions,
    #[cfg(feature = "publish")] remote: &crate::oci::Remote,
    reporter: &dyn Reporter,
) -> Result<Needed, Error> {
    let (scan, _named) = find(
        workspace,
        options,
        #[cfg(feature = "publish")]
        remote,
        reporter,
    )?;
    let whole = rest(workspace, &scan)?;
    let mut drawn: Vec<&Package> = scan.packages.iter().collect();
    let others: Vec<&Package> = scan.left_out.iter().chain(&whole.packages).collect();
    drawn.extend(graph::brought(&drawn, &others, |_| true));
    #[cfg(feature = "publish")]
    let mut look = |_: crate::descriptor::NeedKind, id: &str| match &options.registry {
        Some(place) => at_registry(remote, place, id),
        None => Ok(None),
    };
    #[cfg(not(feature = "publish"))]
    let mut look = |_: crate::descriptor::NeedKind, _: &str| Ok::<_, Error>(None);
    graph::needed(&drawn, &mut look)
}

/// The whole tree, where only a part of it was looked at and that needs a package which is not
/// there; nothing otherwise.
pub(super) fn rest(workspace: &Workspace, scan: &Scan) -> Result<Scan, Error> {
    match scan.lacks_something() && !scan.is_whole {
        true => source::scan(workspace, &Selection::default()).map_err(Error::Scan),
        false => Ok(Scan::default()),
    }
}

/// The packages that are asked for, and what those lie in that were fetched.
fn find(
    workspace: &Workspace,
    options: &GraphOptions,
    #[cfg(feature = "publish")] remote: &crate::oci::Remote,
    reporter: &dyn Reporter,
) -> Result<(Scan, Named), Error> {
    let names: Vec<&str> = options.names.iter().map(String::as_str).collect();
    let named = named(
        workspace,
        #[cfg(feature = "publish")]
        remote,
        &names,
        reporter,
    )?;
    let mut check = options.check.clone();
    check.selection.paths.clone_from(&named.selection.paths);
    check
        .selection
        .archives
        .clone_from(&named.selection.archives);
    Ok((packages(workspace, &check)?, named))
}

/// The reference and the version of what is published under an id.
#[cfg(feature = "publish")]
fn at_registry(
    remote: &crate::oci::Remote,
    place: &crate::oci::Repository,
    id: &str,
) -> Result<Option<(String, String)>, Error> {
    let Ok(repository) = place.of_package(id) else {
        return Ok(None);
    };
    let tags = super::pull::tags(remote, &repository)?;
    let found = super::versions::highest(&tags);
    Ok(found.map(|tag| (format!("{repository}:{tag}"), tag)))
}

/// What the packages that are asked for are made of, in their order; those without
/// parts are left out.
///
/// # Errors
///
/// Those of [`packages`], and of names that lead nowhere.
pub fn topologies(
    workspace: &Workspace,
    options: &GraphOptions,
    #[cfg(feature = "publish")] remote: &crate::oci::Remote,
    reporter: &dyn Reporter,
) -> Result<Vec<Topology>, Error> {
    let (scan, _named) = find(
        workspace,
        options,
        #[cfg(feature = "publish")]
        remote,
        reporter,
    )?;
    Ok(of_kinds(&scan, |_| true))
}

/// How the services, slices and applications of a run hang together; its functions where
/// there is none of these.
pub fn services(scan: &Scan) -> Vec<Topology> {
    let services = of_kinds(scan, |kind| {
        matches!(kind, Kind::Ns | Kind::Nst | Kind::Hdag)
    });
    match services.is_empty() {
        true => of_kinds(scan, |kind| kind == Kind::Vnf),
        false => services,
    }
}

fn of_kinds(scan: &Scan, is_meant: impl Fn(Kind) -> bool) -> Vec<Topology> {
    let mut all: Vec<Topology> = Vec::new();
    for package in &scan.packages {
        let package = package.inner.as_deref().unwrap_or(package);
        let descriptor = package.descriptor.as_ref().filter(|own| is_meant(own.kind));
        let topology = descriptor.and_then(graph::topology);
        // A SHIELD package shows the service that it wraps, which may be there twice.
        all.extend(topology.filter(|one| !one.parts.is_empty() && !all.contains(one)));
    }
    all
}
