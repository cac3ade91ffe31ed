//! The ways that packets take through a service: its forwarding graphs.

use crate::descriptor::{Descriptor, Kind, Model, leaf_list, list, local, text, value};
use crate::yaml::Node;

/// One path of a forwarding graph.
pub struct ForwardingPath<'a> {
    /// Id of the path.
    pub id: &'a str,
    /// The constituents in the order in which packets meet them.
    pub hops: Vec<Hop<'a>>,
}

/// A constituent on a path.
#[derive(Clone, Copy)]
pub struct Hop<'a> {
    /// What names it.
    pub node: Node<'a>,
    /// Its profile, or member index.
    pub member: &'a str,
    /// The connection point at which packets come in, where the path says so.
    pub enters: Option<&'a str>,
    /// That at which they leave.
    pub leaves: Option<&'a str>,
}

/// The paths of each forwarding graph of a service; nothing for other descriptors.
pub fn forwarding_graphs(descriptor: &Descriptor) -> Vec<Vec<ForwardingPath<'_>>> {
    let Some(body) = descriptor.body().filter(|_| descriptor.kind == Kind::Ns) else {
        return Vec::new();
    };
    let graphs = list(body, "vnffgd");
    match descriptor.model {
        Model::OsmIm => {
            let paths = |graph| list(graph, "rsp").map(before_sol006).collect();
            graphs.map(paths).collect()
        }
        _ => {
            let paths = |graph| {
                list(graph, "nfpd")
                    .map(|path| positions(graph, path))
                    .collect()
            };
            graphs.map(paths).collect()
        }
    }
}

/// The first element of each position names where the packet goes next.
fn positions<'a>(graph: Node<'a>, path: Node<'a>) -> ForwardingPath<'a> {
    let mut hops = Vec::new();
    for key in ["position-desc-id", "position-desc"] {
        for position in list(path, key) {
            let named = list(position, "cp-profile-id")
                .flat_map(|profile| list(profile, "constituent-profile-elements"));
            for element in named {
                let direct = || {
                    let (node, member) = value(element, "constituent-base-element-id")?;
                    let point = |key| value(element, key).map(|(_, point)| point);
                    Some(Hop {
                        node,
                        member,
                        enters: point("ingress-constituent-cpd-id"),
                        leaves: point("egress-constituent-cpd-id"),
                    })
                };
                let pooled = || {
                    let (node, id) = value(element, "cpd-id")?;
                    in_pool(node, find(graph, "cpd-pool", id)?)
                };
                hops.extend(direct().or_else(pooled).or_else(|| by_profile(element)));
            }
            for node in leaf_list(position, "nfp-position-element-id") {
                let element = node
                    .str()
                    .and_then(|id| find(graph, "nfp-position-element", id));
                let Some(element) = element else {
                    continue;
                };
                let desc = local(element, "desc").into_iter();
                let desc = desc.flat_map(|desc| desc.items().chain([desc]));
                let points = desc.chain([element]);
                hops.extend(points.filter_map(|point| in_pool(node, point)));
            }
        }
    }
    ForwardingPath {
        id: text(path, "id"),
        hops,
    }
}

fn before_sol006(path: Node<'_>) -> ForwardingPath<'_> {
    let mut hops: Vec<(u64, Hop<'_>)> = list(path, "vnfd-connection-point-ref")
        .filter_map(|hop| {
            let (node, member) = value(hop, "member-vnf-index-ref")?;
            let (_, order) = value(hop, "order")?;
            let point = |key| value(hop, key).map(|(_, point)| point);
            // The first releases name one point, whatever leaves where.
            let first = point("vnfd-connection-point-ref");
            let hop = Hop {
                node,
                member,
                enters: point("vnfd-ingress-connection-point-ref").or(first),
                leaves: point("vnfd-egress-connection-point-ref"),
            };
            Some((order.parse().ok()?, hop))
        })
        .collect();
    hops.sort_by_key(|(order, ..)| *order);
    ForwardingPath {
        id: text(path, "id"),
        hops: hops.into_iter().map(|(_, hop)| hop).collect(),
    }
}

/// The point of a pool, or of the element of a position, as a hop. It says where packets come
/// in: they may leave at another.
fn in_pool<'a>(node: Node<'a>, point: Node<'a>) -> Option<Hop<'a>> {
    const POINTS: [(&str, &str); 3] = [
        ("vnf", "cpd-id"),
        ("pnf", "pnf-cpd-id"),
        ("ns", "sap-cpd-id"),
    ];
    let named = POINTS.iter().find_map(|(holder, key)| {
        let (_, id) = value(local(point, holder)?, key)?;
        Some(id)
    });
    Some(Hop {
        node,
        member: base_element(point)?,
        enters: named,
        leaves: None,
    })
}

/// The profile that a point of a pool belongs to.
fn base_element(point: Node<'_>) -> Option<&str> {
    ["vnf-profile", "pnf-profile", "ns-profile"]
        .iter()
        .find_map(|key| {
            let holder = local(point, key)?;
            Some(value(holder, &format!("{key}-id"))?.1)
        })
}

/// An element of SOL006 2.6.1, and of OSM until release FIFTEEN: its id is that of the profile
/// (ETSI GS NFV-IFA 014, ConstituentProfileElements), beside one of its points.
fn by_profile(element: Node<'_>) -> Option<Hop<'_>> {
    let (node, member) = value(element, "id")?;
    let (_, point) = value(element, "cpd-id")?;
    Some(Hop {
        node,
        member,
        enters: Some(point),
        leaves: None,
    })
}

fn find<'a>(graph: Node<'a>, key: &str, id: &str) -> Option<Node<'a>> {
    list(graph, key).find(|item| text(*item, "id") == id)
}
