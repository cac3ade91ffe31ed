//! What the rules of this family share: the services and what names them.

use crate::descriptor::Kind;
use crate::source::Package;
use crate::yaml::{Node, Shape};

/// The graph, if the package is one.
pub(super) fn of(package: &Package) -> Option<Node<'_>> {
    let descriptor = package.descriptor.as_ref()?;
    if descriptor.kind != Kind::Hdag {
        return None;
    }
    descriptor.body()
}

/// The services, in the order of the file.
pub(super) fn services(graph: Node<'_>) -> Vec<Node<'_>> {
    items(graph, "services")
}

/// The items of a list; nothing where there is none.
pub(super) fn items<'a>(node: Node<'a>, key: &str) -> Vec<Node<'a>> {
    node.get(key)
        .map_or_else(Vec::new, |list| list.items().collect())
}

/// The id of a service, where it has one.
pub(super) fn id(service: Node<'_>) -> Option<&str> {
    service.get("id")?.str()
}

/// Goes down a path of keys.
pub(super) fn within<'a>(node: Node<'a>, path: &[&str]) -> Option<Node<'a>> {
    path.iter().try_fold(node, |node, key| node.get(key))
}

/// The names of services that have to run before this one.
pub(super) fn dependencies(service: Node<'_>) -> Vec<Node<'_>> {
    within(service, &["deployment", "trigger", "auto"])
        .map_or_else(Vec::new, |auto| items(auto, "dependencies"))
}

/// Every place where a service names another, with the key it stands under.
pub(super) fn mentions(service: Node<'_>) -> Vec<(&'static str, Node<'_>)> {
    let mut found: Vec<(&'static str, Node<'_>)> = dependencies(service)
        .into_iter()
        .map(|node| ("dependencies", node))
        .collect();
    if let Some(event) = within(service, &["deployment", "trigger", "event"]) {
        for event in items(event, "events") {
            for source in items(event, "source") {
                found.extend(source.get("serviceId").map(|node| ("serviceId", node)));
            }
        }
    }
    if let Some(intent) = within(service, &["deployment", "intent"]) {
        for key in ["connectionPoints", "coLocation"] {
            found.extend(items(intent, key).into_iter().map(|node| (key, node)));
        }
        if let Some(network) = intent.get("network") {
            for latency in items(network, "latencies") {
                let point = latency.get("connectionPoint");
                found.extend(point.map(|node| ("connectionPoint", node)));
            }
        }
    }
    found.retain(|(_, node)| node.shape() == Shape::Scalar);
    found
}
