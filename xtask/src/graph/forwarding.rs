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

/// Each position names where the packet goes next.
fn positions<'a>(graph: Node<'a>, path: Node<'a>) -> ForwardingPath<'a> {
    let mut hops = Vec::new();
    for key in ["position-desc-id", "position-desc"] {
        for position in list(path, key) {
            for profile in list(position, "cp-profile-id") {
                let pooled = |element| {
                    let (node, id) = value(element, "cpd-id")?;
                    in_pool(node, find(graph, "cpd-pool", id)?)
                };
                let hop = |element| {
                    directly(element)
                        .or_else(|| pooled(element))
                        .or_else(|| by_profile(element))
                };
                hops.extend(in_order(profile).into_iter().filter_map(hop));
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

/// The elements in the order that packets meet them in: where OSM's `order` numbers them all,
/// that (its LCM sorts by it), else that of the file.
fn in_order(profile: Node<'_>) -> Vec<Node<'_>> {
    let mut elements: Vec<Node<'_>> = list(profile, "constituent-profile-elements").collect();
    let order = |element: &Node<'_>| text(*element, "order").parse::<u64>().ok();
    if elements.iter().all(|element| order(element).is_some()) {
        elements.sort_by_key(order);
    }
    elements
}

/// An element of OSM since release SIXTEEN, which names the profile and two of its points.
fn directly(element: Node<'_>) -> Option<Hop<'_>> {
    let (node, member) = value(element, "constituent-base-element-id")?;
    let [enters, leaves] = ends(element);
    Some(Hop {
        node,
        member,
        enters,
        leaves,
    })
}

/// The points at which packets come in, and leave.
fn ends(element: Node<'_>) -> [Option<&str>; 2] {
    ["ingress-constituent-cpd-id", "egress-constituent-cpd-id"]
        .map(|key| value(element, key).map(|(_, point)| point))
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
    if let Some(hop) = directly(point) {
        return Some(Hop { node, ..hop });
    }
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
/// (ETSI GS NFV-IFA 014, ConstituentProfileElements), beside one of its points, or the two of
/// the newer form.
fn by_profile(element: Node<'_>) -> Option<Hop<'_>> {
    let (node, member) = value(element, "id")?;
    let [enters, leaves] = ends(element);
    let enters = value(element, "cpd-id").map(|(_, point)| point).or(enters);
    (enters.is_some() || leaves.is_some()).then_some(Hop {
        node,
        member,
        enters,
        leaves,
    })
}

fn find<'a>(graph: Node<'a>, key: &str, id: &str) -> Option<Node<'a>> {
    list(graph, key).find(|item| text(*item, "id") == id)
}
