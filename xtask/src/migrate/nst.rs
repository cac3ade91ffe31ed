//! A slice template: its model is the same in all releases, but one file of it may
//! have an older form, and it may name connection points that are renamed.

use super::fields::{Work, raw};
use super::known::Known;
use super::tree::{List, Map, Value};
use crate::descriptor::{Descriptor, local};
use crate::yaml::{Node, Shape};

/// Why there is nothing to do for a template; `None` where there is.
pub(super) fn is_new(descriptor: &Descriptor, known: &Known) -> Option<&'static str> {
    let root = descriptor.doc.root()?;
    let list = local(root, "nst")?;
    if list.shape() == Shape::Mapping {
        return None;
    }
    let body = descriptor.body()?;
    let subnets = local(body, "netslice-subnet").into_iter();
    let mut subnets = subnets.flat_map(|list| list.items());
    match subnets.any(|subnet| names_old_points(subnet, known)) {
        true => None,
        false => Some("is a slice template, whose model has not changed"),
    }
}

/// Whether a part of a slice names connection points of a service that is migrated.
fn names_old_points(subnet: Node<'_>, known: &Known) -> bool {
    let service = local(subnet, "nsd-ref").and_then(|id| id.str());
    if !service.is_some_and(|id| known.is_old_service(id)) {
        return false;
    }
    let links = local(subnet, "instantiation-parameters").and_then(|own| local(own, "vld"));
    let mut links = links.into_iter().flat_map(|list| list.items());
    links.any(|link| local(link, "vnfd-connection-point-ref").is_some())
}

/// Turns the body of a template into that of a new one.
pub(super) fn body(work: &Work, node: Node<'_>, known: &Known) -> Map {
    let mut map = Map {
        notes: work.comments.take(node.at().start),
        ..Map::default()
    };
    for entry in node.entries() {
        let key = entry.name();
        let notes = work.comments.take(entry.key_at().start);
        let value = match (key, entry.value().shape()) {
            ("netslice-subnet", Shape::Sequence) => {
                let mut list = List::default();
                for item in entry.value().items() {
                    let notes = work.comments.take(item.at().start);
                    let rename = names_old_points(item, known);
                    list.items.push((whole(work, item, rename), notes));
                }
                Value::List(list)
            }
            _ => whole(work, entry.value(), false),
        };
        map.put(key, value, notes);
    }
    map
}

/// A node as it is, without prefixes; with other names of connection points, if
/// asked for.
fn whole(work: &Work, node: Node<'_>, rename: bool) -> Value {
    match node.shape() {
        Shape::Scalar => raw(node),
        Shape::Sequence => {
            let mut list = List::default();
            for item in node.items() {
                let notes = work.comments.take(item.at().start);
                list.items.push((whole(work, item, rename), notes));
            }
            Value::List(list)
        }
        Shape::Mapping => {
            let mut map = Map::default();
            for entry in node.entries() {
                let key = entry.name();
                let notes = work.comments.take(entry.key_at().start);
                let is_point = key == "vnfd-connection-point-ref";
                let value = match (is_point, rename, entry.value().str()) {
                    (true, true, Some(name)) => Value::Text(super::known::external(name)),
                    _ => whole(work, entry.value(), rename),
                };
                map.put(key, value, notes);
            }
            Value::Map(map)
        }
    }
}
