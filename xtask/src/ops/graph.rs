//! `graph`: who needs whom, and what services are made of.

use super::Error;
use super::check::{CheckOptions, packages};
use crate::descriptor::Kind;
use crate::graph::{self, Needed, Topology};
use crate::source::{Package, Scan, Workspace};

/// Draws up who needs whom among the packages that are asked for. What they need and
/// the tree has is drawn as well; what it has not is looked for at `registry`, in the
/// repositories below that place that are called after the ids.
///
/// # Errors
///
/// Those of [`packages`], and of the registry.
pub fn needed(
    workspace: &Workspace,
    options: &CheckOptions,
    #[cfg(feature = "publish")] registry: Option<(&crate::oci::Remote, &crate::oci::Repository)>,
) -> Result<Needed, Error> {
    let scan = packages(workspace, options)?;
    let mut drawn: Vec<&Package> = scan.packages.iter().collect();
    // What they need of the rest of the tree, and what that needs.
    let mut rest: Vec<&Package> = scan.left_out.iter().collect();
    let mut next = 0;
    while let Some(package) = drawn.get(next) {
        next += 1;
        let needy = package.inner.as_deref().unwrap_or(package);
        let needs = needy.descriptor.as_ref().map(crate::descriptor::needs);
        for need in needs.unwrap_or_default() {
            let is_it = |other: &&Package| {
                need.kind.descriptor() == other.kind() && other.id() == Some(need.id.as_str())
            };
            if let Some(place) = rest.iter().position(is_it)
                && !drawn.iter().any(is_it)
            {
                drawn.push(rest.remove(place));
            }
        }
    }
    #[cfg(feature = "publish")]
    let mut look = |_: crate::descriptor::NeedKind, id: &str| match registry {
        Some((remote, place)) => at_registry(remote, place, id),
        None => Ok(None),
    };
    #[cfg(not(feature = "publish"))]
    let mut look = |_: crate::descriptor::NeedKind, _: &str| Ok::<_, Error>(None);
    graph::needed(&drawn, &mut look)
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
/// Those of [`packages`].
pub fn topologies(workspace: &Workspace, options: &CheckOptions) -> Result<Vec<Topology>, Error> {
    Ok(of_kinds(&packages(workspace, options)?, |_| true))
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
