//! The ways that packets take through a service: its forwarding graphs.

use crate::descriptor::{Descriptor, Kind, Model, leaf_list, list, local, text, value};
use crate::yaml::Node;

/// One path of a forwarding graph.
pub struct ForwardingPath<'a> {
    /// Id of the path.
    pub id: &'a str,
    /// The profiles, or member indices, in the order in which packets meet them,
    /// each with the node that names it.
    pub elements: Vec<(Node<'a>, &'a str)>,
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
    let mut elements = Vec::new();
    for key in ["position-desc-id", "position-desc"] {
        for position in list(path, key) {
            let named = list(position, "cp-profile-id")
                .flat_map(|profile| list(profile, "constituent-profile-elements"));
            for element in named {
                let direct = value(element, "constituent-base-element-id");
                let pooled = || {
                    let (node, id) = value(element, "cpd-id")?;
                    let point = find(graph, "cpd-pool", id)?;
                    Some((node, base_element(point)?))
                };
                elements.extend(direct.or_else(pooled));
            }
            for node in leaf_list(position, "nfp-position-element-id") {
                let element = node
                    .str()
                    .and_then(|id| find(graph, "nfp-position-element", id));
                let Some(element) = element else {
                    continue;
                };
                let desc = list(element, "desc").chain([element]);
                let named = desc.filter_map(base_element);
                elements.extend(named.map(|id| (node, id)));
            }
        }
    }
    ForwardingPath {
        id: text(path, "id"),
        elements,
    }
}

fn before_sol006(path: Node<'_>) -> ForwardingPath<'_> {
    let mut points: Vec<(u64, Node<'_>, &str)> = list(path, "vnfd-connection-point-ref")
        .filter_map(|point| {
            let (node, index) = value(point, "member-vnf-index-ref")?;
            let (_, order) = value(point, "order")?;
            Some((order.parse().ok()?, node, index))
        })
        .collect();
    points.sort_by_key(|(order, ..)| *order);
    ForwardingPath {
        id: text(path, "id"),
        elements: points.into_iter().map(|(_, node, id)| (node, id)).collect(),
    }
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

fn find<'a>(graph: Node<'a>, key: &str, id: &str) -> Option<Node<'a>> {
    list(graph, key).find(|item| text(*item, "id") == id)
}
