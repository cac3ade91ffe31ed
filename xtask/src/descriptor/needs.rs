//! What a descriptor needs that is not inside it: other descriptors, charts,
//! bundles and images.

use std::ops::Range;

use super::{Descriptor, Kind, Model, local};
use crate::yaml::Node;

/// What is needed, in the words of the NFV config document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NeedKind {
    /// A VNF by its descriptor id.
    Vnf,
    /// A network service by its descriptor id.
    Ns,
    /// A physical network function by its descriptor id.
    Pnf,
    /// A Helm chart by its reference.
    Helm,
    /// A Juju bundle by its reference.
    Juju,
    /// A virtual machine image by its name.
    Image,
    /// An OCI artifact that an HDA graph deploys.
    Artifact,
}

impl NeedKind {
    /// The word in the config document and in listings.
    pub fn as_str(self) -> &'static str {
        match self {
            NeedKind::Vnf => "VNF",
            NeedKind::Ns => "NS",
            NeedKind::Pnf => "PNF",
            NeedKind::Helm => "HELM",
            NeedKind::Juju => "JUJU",
            NeedKind::Image => "IMAGE",
            NeedKind::Artifact => "OCI",
        }
    }

    /// The kind that is called so in the config document.
    pub fn of_word(word: &str) -> Option<Self> {
        const ALL: [NeedKind; 7] = [
            NeedKind::Vnf,
            NeedKind::Ns,
            NeedKind::Pnf,
            NeedKind::Helm,
            NeedKind::Juju,
            NeedKind::Image,
            NeedKind::Artifact,
        ];
        ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether OSM refuses the package while this is missing. Charts, bundles
    /// and images are looked for when the service is instantiated.
    pub fn is_hard(self) -> bool {
        matches!(self, NeedKind::Vnf | NeedKind::Ns | NeedKind::Pnf)
    }

    /// The kind of descriptor that fulfils this need, if one does.
    pub fn descriptor(self) -> Option<Kind> {
        match self {
            NeedKind::Vnf => Some(Kind::Vnf),
            NeedKind::Ns => Some(Kind::Ns),
            NeedKind::Pnf => Some(Kind::Pnf),
            _ => None,
        }
    }
}

/// One thing needed, and where the descriptor says so first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// What.
    pub kind: NeedKind,
    /// Its id or reference, as written.
    pub id: String,
    /// Bytes of the reference.
    pub at: Range<usize>,
}

/// Everything that `descriptor` needs, each once, in the order of the file.
pub fn needs(descriptor: &Descriptor) -> Vec<Need> {
    let mut list = List::default();
    if let Some(body) = descriptor.body() {
        match (descriptor.kind, descriptor.model) {
            (Kind::Vnf, Model::Sol006 | Model::Nfv) => vnfd(body, &mut list),
            (Kind::Ns, Model::Sol006 | Model::Nfv) => nsd(body, &mut list),
            (Kind::Vnf, _) => old_vnfd(body, &mut list),
            (Kind::Ns, _) => old_nsd(body, &mut list),
            (Kind::Nst, _) => each(body, "netslice-subnet", |subnet| {
                list.add(NeedKind::Ns, local(subnet, "nsd-ref"));
            }),
            (Kind::Hdag, _) => each(body, "services", |service| {
                let image = local(service, "artifact").and_then(|a| local(a, "ociImage"));
                list.add(NeedKind::Artifact, image);
            }),
            (Kind::Chart, _) => each(body, "dependencies", |dependency| {
                list.add(NeedKind::Helm, local(dependency, "name"));
            }),
            (Kind::Pnf | Kind::ShieldNs | Kind::ShieldVnsf | Kind::Vo, _) => {}
        }
    }
    list.0.sort_by_key(|need| need.at.start);
    list.0
}

#[derive(Default)]
struct List(Vec<Need>);

impl List {
    fn add(&mut self, kind: NeedKind, node: Option<Node<'_>>) {
        let Some((node, id)) = node.and_then(|node| Some((node, node.str()?))) else {
            return;
        };
        if !self.0.iter().any(|need| need.kind == kind && need.id == id) {
            self.0.push(Need {
                kind,
                id: id.to_owned(),
                at: node.at(),
            });
        }
    }
}

fn each<'a>(node: Node<'a>, key: &str, mut f: impl FnMut(Node<'a>)) {
    if let Some(list) = local(node, key) {
        list.items().for_each(&mut f);
    }
}

fn vnfd(body: Node<'_>, list: &mut List) {
    each(body, "kdu", |kdu| {
        list.add(NeedKind::Helm, local(kdu, "helm-chart"));
        list.add(NeedKind::Juju, local(kdu, "juju-bundle"));
    });
    each(body, "sw-image-desc", |image| {
        // `image` is where the file lies; OSM looks images up by `name` where
        // it is not given.
        let image_or_name = local(image, "image").filter(|n| n.str().is_some());
        list.add(NeedKind::Image, image_or_name.or(local(image, "name")));
    });
}

fn nsd(body: Node<'_>, list: &mut List) {
    each(body, "vnfd-id", |id| list.add(NeedKind::Vnf, Some(id)));
    each(body, "pnfd-id", |id| list.add(NeedKind::Pnf, Some(id)));
    each(body, "nested-nsd-id", |id| list.add(NeedKind::Ns, Some(id)));
}

fn old_vnfd(body: Node<'_>, list: &mut List) {
    each(body, "kdu", |kdu| {
        list.add(NeedKind::Helm, local(kdu, "helm-chart"));
        list.add(NeedKind::Juju, local(kdu, "juju-bundle"));
    });
    each(body, "vdu", |vdu| {
        list.add(NeedKind::Image, local(vdu, "image"));
        each(vdu, "volumes", |volume| {
            list.add(NeedKind::Image, local(volume, "image"));
        });
        each(vdu, "alternative-images", |other| {
            list.add(NeedKind::Image, local(other, "image"));
        });
    });
}

fn old_nsd(body: Node<'_>, list: &mut List) {
    each(body, "constituent-vnfd", |vnf| {
        list.add(NeedKind::Vnf, local(vnf, "vnfd-id-ref"));
    });
}
