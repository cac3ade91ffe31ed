//! `graph`: who needs whom, and what services are made of.

use super::check::{CheckOptions, packages};
#[cfg(feature = "publish")]
use super::chosen::{Choice, Chosen, choose};
use super::named::{Named, named};
#[cfg(feature = "publish")]
use super::needs::{self, Need};
use super::{Error, Reporter};
use crate::descriptor::{Kind, NeedKind};
use crate::graph::{self, Needed, Topology};
#[cfg(feature = "publish")]
use crate::oci::Store;
use crate::source::{self, Finding, Form, Layout, Package, Scan, Selection, Workspace};

/// What to draw, as it is called on the command line.
#[derive(Clone, Debug, Default)]
pub struct GraphOptions {
    /// Folders, descriptors, finished packages, names in the layout of the tree, references;
    /// nothing for the whole tree.
    pub names: Vec<String>,
    /// Which packages of what is named.
    pub check: CheckOptions,
    /// Where to look for what the tree has not, in this order; a reference is followed to its own
    /// registry.
    #[cfg(feature = "publish")]
    pub places: Vec<crate::oci::Repository>,
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
    with_wrapped(&mut drawn, &others);
    drawn.extend(graph::brought(&drawn, &others, |_| true));
    #[cfg(feature = "publish")]
    let mut left = MOST;
    #[cfg(feature = "publish")]
    let mut look = |kind: NeedKind, id: &str| {
        for place in &options.places {
            let found = at_registry(workspace, remote, place, (kind, id), &mut left, reporter)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    };
    #[cfg(not(feature = "publish"))]
    let mut look = |_: NeedKind, _: &str| Ok::<_, Error>(None);
    graph::needed(&drawn, &mut look)
}

/// Adds what SHIELD packages wrap. Of a part of the tree, it may lie in the rest of it.
fn with_wrapped<'a>(drawn: &mut Vec<&'a Package>, others: &[&'a Package]) {
    for i in 0..drawn.len() {
        if drawn[i].layout == Layout::Shield && drawn[i].inner.is_none() {
            let mut same = others.iter().filter(|other| other.path == drawn[i].path);
            if let Some(whole) = same.find(|other| other.inner.is_some()) {
                drawn[i] = whole;
            }
        }
        let inner = drawn[i].inner.as_deref();
        let Some(inner) = inner.filter(|inner| inner.form != Form::Archive) else {
            continue;
        };
        // Variants of one function may have one package by itself.
        let is_variant = |other: &&&Package| other.path == inner.path;
        let is_it =
            |other: &&&Package| is_variant(other) && other.descriptor_path == inner.descriptor_path;
        if !drawn.iter().any(|other| is_it(&other)) {
            let is_drawn = drawn.iter().any(|other| is_variant(&other));
            let near = || others.iter().find(is_variant).filter(|_| !is_drawn);
            let own = others.iter().find(is_it).or_else(near);
            drawn.extend(own);
        }
    }
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
    let mut scan = packages(workspace, &check)?;
    if let Some(first) = scan.packages.first()
        && !names.is_empty()
        && scan.packages.iter().all(|one| one.descriptor.is_none())
    {
        return Err(Error::Unsound {
            package: first.shown.clone(),
            reason: why_not(first).to_owned(),
            command: "verify",
        });
    }
    scan.packages.retain(|package| is_drawn(package, reporter));
    Ok((scan, named))
}

/// Why there is nothing to draw of a package without a descriptor.
fn why_not(package: &Package) -> &str {
    let mut findings = package.findings.iter();
    let why = findings.find_map(|finding| match finding {
        Finding::Archive { reason, .. } => Some(reason.as_str()),
        _ => None,
    });
    why.unwrap_or("it holds no descriptor")
}

/// Whether there is something to draw of a package; says so where it can't be read, or not to
/// its end.
fn is_drawn(package: &Package, reporter: &dyn Reporter) -> bool {
    let shown = &package.shown;
    let Some(descriptor) = &package.descriptor else {
        let why = why_not(package);
        reporter.warning(&format!("`{shown}` is not drawn: {why}"));
        return false;
    };
    if descriptor.doc.is_broken() {
        reporter.warning(&format!(
            "the descriptor of `{shown}` can't be read to its end, so that parts of it may be missing here; `cargo nfv check` says where"
        ));
    }
    true
}

/// The most packages of a registry that are looked into: each may name another.
#[cfg(feature = "publish")]
const MOST: usize = 1000;

/// What is published under an id, with what it needs by its config document, or else by its own
/// descriptor.
#[cfg(feature = "publish")]
fn at_registry(
    workspace: &Workspace,
    remote: &crate::oci::Remote,
    place: &crate::oci::Repository,
    (kind, id): (NeedKind, &str),
    left: &mut usize,
    reporter: &dyn Reporter,
) -> Result<Option<graph::Found>, Error> {
    let Ok(repository) = place.of_package(id) else {
        return Ok(None);
    };
    let (tags, refused) = super::pull::or_refused(super::pull::tags(remote, &repository));
    if let Some(refused) = refused {
        reporter.warning(&format!(
            "the {} `{id}` is not in `{place}`, or not for everybody to see: {refused}",
            kind.as_str()
        ));
    }
    let tags = tags?;
    let Some(less) = left.checked_sub(1) else {
        let version = super::versions::highest_needed(&tags).ok().flatten();
        return Ok(version.map(|version| graph::Found {
            reference: format!("{repository}:{version}"),
            version,
            needs: Vec::new(),
        }));
    };
    *left = less;
    if less == 0 {
        let text = format!(
            "what packages of the registry need in turn is not drawn behind the first {MOST}"
        );
        reporter.warning(&text);
    }
    let needed = Need {
        kind: kind.as_str().to_owned(),
        id: id.to_owned(),
        is_hard: true,
        is_internal: false,
    };
    let store = Store::Registry(remote, repository);
    let Choice::Found(chosen) = choose(&store, &needed, &tags, None)? else {
        return Ok(None);
    };
    let reference = store.name_of(&chosen.name);
    let needs = published_needs(workspace, remote, &reference, &chosen, reporter)?;
    let Some(needs) = needs else {
        reporter.warning(&format!(
            "the {} `{id}` is not at `{reference}`: what is there is no package",
            kind.as_str()
        ));
        return Ok(None);
    };
    let needs = needs.into_iter().filter_map(|need| {
        Some(graph::FoundNeed {
            kind: NeedKind::of_word(&need.kind)?,
            id: need.id,
            // A descriptor that was built from the same tree is a package of its own.
            is_inside: need.is_internal && !need.is_hard,
        })
    });
    Ok(Some(graph::Found {
        reference,
        version: chosen.name,
        needs: needs.collect(),
    }))
}

/// What an artifact needs; `None` for what neither says what it is nor holds a descriptor.
#[cfg(feature = "publish")]
fn published_needs(
    workspace: &Workspace,
    remote: &crate::oci::Remote,
    reference: &str,
    chosen: &Chosen,
    reporter: &dyn Reporter,
) -> Result<Option<Vec<Need>>, Error> {
    if let Some(needs) = needs::needs_in(&chosen.manifest, &chosen.config) {
        return Ok(Some(needs));
    }
    let options = super::PullOptions {
        reference: format!("oci://{reference}"),
        keeps_lock: true,
        ..super::PullOptions::default()
    };
    let (_folder, report) = super::pull::pull_aside(workspace, remote, options, reporter)?;
    let mut opened = Vec::new();
    for path in report.pulled.iter().flat_map(|pulled| &pulled.paths) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        opened.extend(needs::package_needs(workspace, path, &name)?);
    }
    let is_package = !opened.is_empty();
    Ok(is_package.then(|| needs::needs_together(opened)))
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
