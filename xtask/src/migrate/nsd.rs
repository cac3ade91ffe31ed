//! The body of an NSD.

use super::fields::{Fields, Work};
use super::known::Known;
use super::members::{self, Members};
use super::tree::{List, Map};
use super::vld::Links;
use super::vnfd::version;
use super::{FLAVOUR, configuration, forwarding, interfaces, losses, ns_scaling, placement};
use crate::yaml::Node;

/// Turns the body of an old NSD into that of a new one.
pub(super) fn body(work: &Work, node: Node<'_>, known: &Known) -> Map {
    let own = Fields::new(work, node, "the NSD");
    let mut map = Map::default();
    map.entry(own.string("id", "id"));
    let _ = interfaces::same_as_id(&own, "short-name");
    map.entry(own.string("name", "name"));
    map.entry(own.string("vendor", "designer"));
    map.entry(own.string("description", "description"));
    map.entry(version(&own));

    let mut members = Members::take(&own);
    let mut links = Links::take(&own, &mut members, known);
    let points = points(&own, &members, known);
    let (groups, joined) = placement::services(&own, &members);
    let mut scaling = ns_scaling::take(&own, &members);
    let dependencies = members::dependencies(&own);
    let graphs = forwarding::graphs(&own, &members, known);
    let functions = members.functions();
    let mut profiles = members.profiles();
    placement::join(&own, &mut profiles, "id", &joined);
    scaling.bound(&mut profiles);

    map.list("vnfd-id", functions);
    map.list("sapd", points);
    map.list("virtual-link-desc", std::mem::take(&mut links.list));
    map.list("vnffgd", graphs);
    let mut df = Map::default();
    df.text("id", FLAVOUR);
    df.list("vnf-profile", profiles);
    df.list("virtual-link-profile", links.profiles());
    df.list("scaling-aspect", scaling.aspects);
    df.list("ns-instantiation-level", scaling.levels);
    if scaling.has_levels {
        df.text("default-instantiation-level", super::LEVEL);
    }
    df.list("affinity-or-anti-affinity-group", groups);
    df.list("dependencies", dependencies);
    map.push_into("df", df);
    configuration::service(&own, &mut map);
    own.finish(losses::NSD);
    map
}

/// The connection points of a service: `sapd`. Where one names a link, that is what
/// it connects; else the point of a function.
fn points(own: &Fields<'_, '_>, members: &Members, known: &Known) -> List {
    let (points, notes) = own.list("connection-point", "name", "the connection point");
    let mut list = List::with(notes);
    for point in points {
        let mut map = Map {
            notes: point.notes(),
            ..Map::default()
        };
        map.entry(point.string("name", "id"));
        let link = point.string("vld-id-ref", "virtual-link-desc");
        let inner = function(&point, members, known);
        match (link, inner) {
            (Some(link), _) => map.entry(Some(link)),
            (None, Some(inner)) => map.map("vnf", inner),
            (None, None) => {}
        }
        map.entry(point.copy("floating-ip-required", "floating-ip-required"));
        point.finish(losses::POINT);
        list.push(map);
    }
    list
}

/// The connection point of a function that one of a service stands for. Releases
/// TWO and THREE had a list of them.
fn function(point: &Fields<'_, '_>, members: &Members, known: &Known) -> Option<Map> {
    let list = point.peek("vnfd-connection-point-ref");
    let first = list.and_then(|field| field.node().item(0));
    if let Some(second) = list.and_then(|field| field.node().item(1)) {
        let message = format!("{} stands for a second connection point", point.what);
        let why = "the new model has one";
        point.work.lose(second.span(), message, why);
    }
    match first {
        Some(first) => {
            let _ = point.take("vnfd-connection-point-ref");
            let own = Fields::new(point.work, first, point.what.clone());
            let mut map = reference(&own, members, known)?;
            own.finish(losses::POINT);
            map.notes = list.map(|field| field.notes())?.and(map.notes);
            Some(map)
        }
        None => reference(point, members, known),
    }
}

/// The function and its connection point that keys of a mapping name together.
fn reference(own: &Fields<'_, '_>, members: &Members, known: &Known) -> Option<Map> {
    let either = |first: &str, second: &str| {
        let found = [own.take(first), own.take(second)];
        found.into_iter().flatten().next()
    };
    let index = either("member-vnf-index-ref", "member-vnfd-index-ref");
    let named = either("vnfd-id-ref", "vnf-id-ref");
    let name = own.take("vnfd-connection-point-ref");
    let function = match index {
        Some(index) => {
            let index = members.named(&own.what, index)?;
            members.owner(&own.what, index, named)
        }
        None => named.and_then(|field| Some(field.node().str()?.to_owned())),
    };
    let text = name.and_then(|name| name.scalar(&own.what)?.str());
    match (function, text) {
        (Some(function), Some(text)) => {
            let mut map = Map {
                notes: name.map(|name| name.notes()).unwrap_or_default(),
                ..Map::default()
            };
            let point = known.point(Some(&function), text);
            map.text("vnfd-id", function);
            map.text("ext-cpd-id", point);
            Some(map)
        }
        _ => {
            // Half of a reference leads nowhere.
            if let Some(half) = name.or(index).or(named) {
                let message = format!("{} does not say what it is of a function", own.what);
                let why = "a connection point of a function is known by both";
                own.work.lose(half.span(), message, why);
            }
            None
        }
    }
}
