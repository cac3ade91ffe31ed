//! Which package needs which, and the order that follows.

mod affected;
mod forwarding;
mod needed;
mod pieces;
mod shard;
mod topology;

use std::collections::{BTreeSet, HashSet};

use crate::descriptor::{Kind, Need, NeedKind, needs};
use crate::source::{Form, Package};

pub use affected::affected;
pub use forwarding::{ForwardingPath, Hop, forwarding_graphs};
pub use needed::{Found, FoundNeed, Member, Needed, NeededBy, Origin, brought, needed};
pub use pieces::pieces;
pub use shard::{Shard, ShardError};
pub use topology::{Connection, Forwarding, Part, Role, Topology, flavours, topology};

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

    /// Whether there is something of that kind, in the word of
    /// [`Kind::as_str`], and that id.
    pub fn has(&self, kind: &str, id: &str) -> bool {
        self.0
            .iter()
            .any(|(own, name)| own.as_str() == kind && name == id)
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
    let contents = Contents::of(package);
    needs(descriptor)
        .into_iter()
        .map(|need| {
            let location = locate(&contents, &need, offers);
            (need, location)
        })
        .collect()
}

/// Where things of each kind lie in a package: in OSM's folders, and where these
/// are in a CSAR. The second for charts is that for execution environments.
const FOLDERS: [(NeedKind, &[&str]); 3] = [
    (
        NeedKind::Helm,
        &[
            "helm-chart-v3s/",
            "helm-charts/",
            "charts/",
            "Scripts/helm-chart-v3s/",
            "Scripts/helm-charts/",
        ],
    ),
    (NeedKind::Juju, &["juju-bundles/", "Scripts/juju-bundles/"]),
    (NeedKind::Image, &["images/", "Files/images/"]),
];

/// What stands in these folders of a package: a large one is asked for many
/// things.
struct Contents<'a>(BTreeSet<(NeedKind, &'a str)>);

impl<'a> Contents<'a> {
    fn of(package: &'a Package) -> Self {
        let root = package.root();
        let below = package.files.iter();
        let below = below.filter_map(|file| file.path.strip_prefix(root));
        let placed = below.flat_map(|path| {
            FOLDERS.iter().flat_map(move |(kind, folders)| {
                let rest = folders
                    .iter()
                    .filter_map(move |folder| path.strip_prefix(folder));
                rest.map(move |rest| (*kind, rest))
            })
        });
        Contents(placed.collect())
    }

    /// Whether there is a file or folder of that name, a file that has it with an
    /// ending, or a chart that `helm package` has packed (`NAME-VERSION.tgz`).
    fn has(&self, kind: NeedKind, id: &str) -> bool {
        let below = |text: &str, is_it: fn(&str) -> bool| {
            let from = self.0.range((kind, text)..);
            let rests =
                from.map_while(|(own, path)| path.strip_prefix(text).filter(|_| *own == kind));
            rests.into_iter().any(is_it)
        };
        let is_packed =
            |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.ends_with(".tgz");
        self.0.contains(&(kind, id))
            || below(&format!("{id}/"), |_| true)
            || below(&format!("{id}."), |_| true)
            || (kind == NeedKind::Helm && below(&format!("{id}-"), is_packed))
    }
}

fn locate(contents: &Contents<'_>, need: &Need, offers: &Offers) -> Location {
    let kind = need.kind.descriptor();
    let built_here = kind.is_some_and(|kind| offers.0.contains(&(kind, need.id.clone())));
    // Images are often named by their path in the package.
    let folders = FOLDERS.iter().filter(|(kind, _)| *kind == need.kind);
    let mut folders = folders.flat_map(|(_, folders)| *folders);
    let own = need.id.trim_start_matches("./");
    let own = folders
        .find_map(|folder| own.strip_prefix(folder))
        .unwrap_or(&need.id);
    match built_here || contents.has(need.kind, own) {
        true => Location::Internal,
        false => Location::External,
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
