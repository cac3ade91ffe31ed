//! Which package needs which, and the order that follows.

use std::collections::HashSet;

use crate::descriptor::{Kind, Need, NeedKind, needs};
use crate::source::{Form, Package};

/// Where a thing that a package needs is to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the package itself, or built from the same tree.
    Internal,
    /// Somewhere else.
    External,
}

impl Location {
    /// The word in the config document.
    pub fn as_str(self) -> &'static str {
        match self {
            Location::Internal => "internal",
            Location::External => "external",
        }
    }
}

/// What the packages of a tree offer to each other: kind and id.
#[derive(Debug, Default)]
pub struct Offers(HashSet<(Kind, String)>);

impl Offers {
    /// What these packages offer. A finished package is not built here.
    pub fn of<'a>(packages: impl IntoIterator<Item = &'a Package>) -> Self {
        let packages = packages.into_iter();
        let built = packages.filter(|p| p.form != Form::Archive);
        Offers(
            built
                .filter_map(|p| Some((p.kind()?, p.id()?.to_owned())))
                .collect(),
        )
    }

    /// Adds what others offer.
    pub fn extend(&mut self, others: Offers) {
        self.0.extend(others.0);
    }
}

/// What `package` needs, with where each thing is to be found.
pub fn dependencies(package: &Package, offers: &Offers) -> Vec<(Need, Location)> {
    let Some(descriptor) = &package.descriptor else {
        return Vec::new();
    };
    needs(descriptor)
        .into_iter()
        .map(|need| {
            let location = locate(package, &need, offers);
            (need, location)
        })
        .collect()
}

fn locate(package: &Package, need: &Need, offers: &Offers) -> Location {
    let has = |folder: &str| {
        let prefix = format!("{folder}/{}", need.id);
        package.files.iter().any(|file| {
            file.path == prefix
                || file
                    .path
                    .strip_prefix(&prefix)
                    .is_some_and(|rest| rest.starts_with('/') || rest.starts_with('.'))
        })
    };
    let folders: &[&str] = match need.kind {
        // Where OSM's lifecycle manager looks for a chart of the package; the
        // second is the place of charts for execution environments.
        NeedKind::Helm => &[
            "helm-chart-v3s",
            "helm-charts",
            "Scripts/helm-charts",
            "charts",
        ],
        NeedKind::Juju => &["juju-bundles", "Scripts/juju-bundles"],
        NeedKind::Image => &["images", "Files/images"],
        _ => &[],
    };
    let built_here = need
        .kind
        .descriptor()
        .is_some_and(|kind| offers.0.contains(&(kind, need.id.clone())));
    if built_here || folders.iter().any(|folder| has(folder)) {
        Location::Internal
    } else {
        Location::External
    }
}

/// The place of a kind in the order in which packages are published and
/// onboarded: nothing comes before what it needs.
pub fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Chart | Kind::Vo => 0,
        Kind::Vnf | Kind::Pnf => 1,
        Kind::Ns => 2,
        Kind::Nst => 3,
        Kind::ShieldVnsf => 4,
        Kind::ShieldNs => 5,
        Kind::Hdag => 6,
    }
}
