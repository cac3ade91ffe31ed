//! Reading keys of a descriptor, whatever module prefixes they have.

use super::local;
use crate::yaml::{Node, Shape};

/// The items of the list under `key`; nothing where there is no list. One that stands
/// there without its list is meant as well: that it does is told elsewhere.
pub(crate) fn list<'a>(node: Node<'a>, key: &str) -> impl Iterator<Item = Node<'a>> + use<'a> {
    local(node, key).into_iter().flat_map(|list| {
        let single = Some(list).filter(|list| is_single(*list));
        single.into_iter().chain(list.items().collect::<Vec<_>>())
    })
}

/// Whether a mapping can be an item that stands there without its list: it says
/// something of itself. One of names to items has mappings alone.
fn is_single(node: Node<'_>) -> bool {
    let says = |value: Node<'_>| value.shape() == Shape::Scalar && !value.is_null();
    node.shape() == Shape::Mapping && node.entries().any(|entry| says(entry.value()))
}

/// The values under `key`, which OSM takes as a list or as a single value.
pub(crate) fn leaf_list<'a>(node: Node<'a>, key: &str) -> Vec<Node<'a>> {
    match local(node, key) {
        Some(value) if value.text().is_some() => vec![value],
        Some(value) => value.items().collect(),
        None => Vec::new(),
    }
}

/// A value that says something, with its text.
pub(crate) fn value<'a>(node: Node<'a>, key: &str) -> Option<(Node<'a>, &'a str)> {
    let node = local(node, key)?;
    Some((node, node.str()?))
}

/// The text under `key`, empty where there is none.
pub(crate) fn text<'a>(node: Node<'a>, key: &str) -> &'a str {
    value(node, key).map_or("", |(_, text)| text)
}
