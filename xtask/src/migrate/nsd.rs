//! The body of an NSD.

use super::fields::{Fields, Work};
use super::known::Known;
use super::members::{self, Members};
use super::tree::{List, Map};
use super::vld::Links;
use super::vnfd::version;
use super::{FLAVOUR, configuration, forwarding, interfaces, losses, ns_scaling, placement};
use crate::descriptor::local;
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
    let (groups, joined) = placement::services(&own);
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
    let field = point.take("vnfd-connection-point-ref");
    let id = point
        .take("vnfd-id-ref")
        .and_then(|field| field.node().str());
    let index = point
        .take("member-vnf-index-ref")
        .and_then(|field| field.node().str());
    let mut found = (id, index, None);
    let field = field?;
    match field.node().item(0) {
        Some(first) => {
            let text = |key: &str| local(first, key).and_then(|node| node.str());
            found = (
                text("vnfd-id-ref").or_else(|| text("vnf-id-ref")),
                text("member-vnf-index-ref").or_else(|| text("member-vnfd-index-ref")),
                text("vnfd-connection-point-ref"),
            );
            if let Some(second) = field.node().item(1) {
                let message = format!("{} stands for a second connection point", point.what);
                point
                    .work
                    .lose(second.span(), message, "the new model has one");
            }
        }
        None => found.2 = field.node().str(),
    }
    let (id, index, name) = found;
    let id = id.or_else(|| members.function_of(index?))?;
    let mut map = Map {
        notes: field.notes(),
        ..Map::default()
    };
    map.text("vnfd-id", id);
    map.text("ext-cpd-id", known.point(Some(id), name?));
    Some(map)
}
