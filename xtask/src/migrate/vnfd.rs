//! The body of a VNFD.

use std::collections::BTreeSet;

use super::fields::{Field, Fields, Work, truth};
use super::interfaces::{Points, Wired};
use super::known::external;
use super::monitoring::Monitoring;
use super::tree::{Entry, List, Map, Value};
use super::{FLAVOUR, LEVEL, configuration, images, kdu, links, losses, placement, scaling, vdu};
use crate::descriptor::local_name;
use crate::diagnostic::Span;
use crate::yaml::Node;

/// Everything that the VDUs of a function give to its other parts.
#[derive(Default)]
pub(super) struct Parts {
    pub images: images::Images,
    pub compute: List,
    pub storage: List,
    pub wired: Vec<Wired>,
    pub profiles: List,
    pub levels: List,
    pub day12: List,
}

/// Turns the body of an old VNFD into that of a new one.
pub(super) fn body(work: &Work, node: Node<'_>) -> Map {
    let own = Fields::new(work, node, "the VNFD");
    let id = own.peek("id").and_then(|id| id.node().str());
    let id = id.unwrap_or_default().to_owned();
    let mut map = Map::default();
    map.entry(own.string("id", "id"));
    let name = own.string("name", "product-name");
    let short = own.take("short-name");
    map.entry(name.clone());
    map.entry(short_name(short, name.as_ref(), &id));
    map.entry(own.string("vendor", "provider"));
    map.entry(own.string("description", "description"));
    map.entry(version(&own));

    let points = Points::take(&own);
    let mut monitoring = Monitoring::take(&own);
    let mut links = links::Links::take(&own);
    let mut parts = Parts::default();
    let scaling = scaling::take(&own);
    let (vdus, notes) = own.list("vdu", "id", "the VDU");
    let mut machines = List::with(notes);
    for fields in &vdus {
        let done = vdu::machine(fields, &mut parts, &mut monitoring, &links, &scaling);
        machines.push(done);
    }
    // That of the function comes before those of its parts.
    let mut whole = List::default();
    configuration::day12(&own, "vnf-configuration", &id, &mut whole);
    if !whole.is_empty() && parts.day12.find("id", &id).is_some() {
        let message =
            format!("the function and a VDU with a configuration have the same id `{id}`");
        let why = "a configuration is known by the id of what it configures";
        work.lose(id_span(&own), message, why);
    }
    parts.day12.items.splice(0..0, whole.items);
    let kdus = kdu::list(&own, &mut parts.day12);
    let cluster = kdu::cluster(&own);
    let mgmt = mgmt_cp(&own, &parts.wired, &vdus, &kdus);
    let (groups, members) = placement::functions(&own);
    placement::join(&own, &mut parts.profiles, "id", &members);
    let absent = called(work, &scaling.calls, &parts.day12, &id);
    let aspects = scaling.without(&absent);
    let ext = points.external(&own, std::mem::take(&mut parts.wired), &kdus, &cluster);

    map.entry(mgmt);
    map.list("vdu", machines);
    map.list("kdu", kdus.list);
    map.entry(cluster.entry);
    map.list("virtual-compute-desc", parts.compute);
    map.list("virtual-storage-desc", parts.storage);
    map.list("sw-image-desc", parts.images.list);
    map.list("int-virtual-link-desc", std::mem::take(&mut links.list));
    map.list("ext-cpd", ext);

    let mut df = Map::default();
    df.text("id", FLAVOUR);
    df.list("vdu-profile", parts.profiles);
    if !parts.levels.is_empty() {
        let mut level = Map::default();
        level.text("id", LEVEL);
        level.list("vdu-level", parts.levels);
        df.push_into("instantiation-level", level);
    }
    df.list("scaling-aspect", aspects);
    df.list("affinity-or-anti-affinity-group", groups);
    df.list("virtual-link-profile", links.profiles(&own));
    df.list("monitoring-parameter", monitoring.rest(&own));
    if !parts.day12.is_empty() {
        let mut operate = Map::default();
        operate.list("day1-2", parts.day12);
        let mut configuration = Map::default();
        configuration.map("operate-vnf-op-config", operate);
        df.map("lcm-operations-configuration", configuration);
    }
    map.push_into("df", df);
    for fields in vdus {
        fields.finish(losses::VDU);
    }
    own.finish(losses::VNFD);
    map
}

/// A version stays in quotes: without them it would be a number.
pub(super) fn version(own: &Fields<'_, '_>) -> Option<Entry> {
    let mut entry = own.string("version", "version")?;
    if let Value::Text(text) = entry.value {
        entry.value = Value::Quoted(text);
    }
    Some(entry)
}

/// The name for people, unless it says what the name or the id says.
fn short_name(short: Option<Field<'_, '_>>, name: Option<&Entry>, id: &str) -> Option<Entry> {
    let short = short?;
    let text = short.node().str()?;
    let is_name = name.is_some_and(|name| name.value == Value::Text(text.to_owned()));
    match is_name || text == id {
        true => None,
        false => short.string("product-info-name", "the VNFD"),
    }
}

/// The external connection point that the function is managed at. The old model
/// could name a VDU in its place, or mark a service of a KDU.
fn mgmt_cp(
    own: &Fields<'_, '_>,
    wired: &[Wired],
    vdus: &[Fields<'_, '_>],
    kdus: &kdu::Kdus,
) -> Option<Entry> {
    let entry = |name: &str, field: Option<Field<'_, '_>>| Entry {
        key: "mgmt-cp".to_owned(),
        value: Value::Text(external(name)),
        notes: field.map(|field| field.notes()).unwrap_or_default(),
    };
    let notes = own.peek("mgmt-interface").map(|field| field.notes());
    let mgmt = own.sub("mgmt-interface");
    let mut found = None;
    if let Some(mgmt) = &mgmt {
        let point = mgmt.take("cp");
        let machine = mgmt.take("vdu-id");
        let named = point.and_then(|point| point.scalar(&mgmt.what)?.str().map(|n| (point, n)));
        if let Some((point, name)) = named {
            if let Some(machine) = machine
                && let Some(id) = machine.node().str()
                && !wired
                    .iter()
                    .any(|wired| wired.vdu == id && wired.point == name)
            {
                let message = format!(
                    "the function is managed at `{}`, which is not at the VDU `{id}` that stands beside it",
                    external(name)
                );
                own.work.assume(machine.span(), message);
            }
            found = Some(entry(name, Some(point)));
        } else if let Some(machine) = machine {
            let id = machine.node().str().unwrap_or_default();
            match at_vdu(wired, id) {
                Some(name) => {
                    let message = format!(
                        "the function is managed at `{}`, the connection point of its VDU `{id}`",
                        external(name)
                    );
                    own.work.assume(machine.span(), message);
                    found = Some(entry(name, Some(machine)));
                }
                None => own.work.lose(
                    machine.span(),
                    format!("the VDU `{id}`, at which the function is managed, has no external connection point"),
                    "the new model names an external connection point, `mgmt-cp`",
                ),
            }
        }
        mgmt.finish(losses::MGMT);
    }
    if let (Some(found), Some(notes)) = (&mut found, notes) {
        found.notes = notes.and(std::mem::take(&mut found.notes));
    }
    let found = found
        .or_else(|| kdus.mgmt.as_deref().map(|name| entry(name, None)))
        .or_else(|| nowhere(own, wired, vdus).map(|name| entry(name, None)));
    for fields in vdus {
        marks(fields, wired, found.as_ref());
    }
    found
}

/// Where a function is managed that does not say so. OSM wants to know it where
/// there are VDUs.
fn nowhere<'w>(
    own: &Fields<'_, '_>,
    wired: &'w [Wired],
    vdus: &[Fields<'_, '_>],
) -> Option<&'w str> {
    // A VDU without a way out was told already.
    let is_said = own.peek("mgmt-interface").is_some_and(|field| {
        let mut keys = field.node().entries();
        keys.any(|key| ["cp", "vdu-id"].contains(&local_name(key.key())) && !key.value().is_null())
    });
    if vdus.is_empty() || is_said {
        return None;
    }
    let marked = wired.iter().find(|wired| wired.is_mgmt);
    match marked.or_else(|| wired.first()) {
        Some(wired) => {
            let message = format!(
                "the function does not say where it is managed; it is taken to be `{}`, {}",
                external(&wired.point),
                match wired.is_mgmt {
                    true => "the interface that is marked",
                    false => "its first connection point",
                }
            );
            own.work.assume(id_span(own), message);
            Some(&wired.point)
        }
        None => {
            let message = "the function has no external connection point to be managed at";
            let why = "the new model names one, `mgmt-cp`";
            own.work.lose(id_span(own), message.to_owned(), why);
            None
        }
    }
}

/// OSM looks for a primitive that scaling runs in every configuration of the
/// function, where those of its parts are now, and refuses the function without. Gives the names
/// that it would not find.
fn called<'c>(
    work: &Work,
    calls: &'c [(String, Span)],
    day12: &List,
    id: &str,
) -> BTreeSet<&'c str> {
    let has = |map: &Map, name: &str| {
        let entries = map
            .entries
            .iter()
            .filter(|entry| entry.key == "config-primitive");
        let lists = entries.filter_map(|entry| match &entry.value {
            Value::List(list) => Some(list),
            _ => None,
        });
        let mut items = lists.flat_map(|list| &list.items);
        items.any(|(item, _)| matches!(item, Value::Map(map) if map.text_of("name") == Some(name)))
    };
    let is_own = |item: &Value| matches!(item, Value::Map(map) if map.text_of("id") == Some(id));
    let is_configured = day12.items.iter().any(|(item, _)| is_own(item));
    let mut absent = BTreeSet::new();
    for (name, at) in calls {
        let mut entries = day12.items.iter();
        let is_there = |item: &Value| matches!(item, Value::Map(map) if has(map, name));
        if !is_configured || !entries.all(|(item, _)| is_there(item)) {
            absent.insert(name.as_str());
            work.lose(
                at.clone(),
                format!("scaling runs `{name}`, which not every configuration of the function has"),
                "OSM looks for the primitive in each entry of `day1-2`, also in those of VDUs and KDUs, \
                 and refuses the function where one lacks it",
            );
        }
    }
    absent
}

/// The place of the id, for what is about the whole.
fn id_span(own: &Fields<'_, '_>) -> Span {
    let id = own.peek("id");
    id.map_or_else(|| own.node.span(), |id| id.node().span())
}

/// Where a VDU is managed: at the interface that is marked, or at its first one.
fn at_vdu<'w>(wired: &'w [Wired], id: &str) -> Option<&'w str> {
    let own = || wired.iter().filter(|wired| wired.vdu == id);
    let marked = own().find(|wired| wired.is_mgmt);
    let wired = marked.or_else(|| own().next())?;
    Some(&wired.point)
}

/// An interface that is marked as that for management says nothing where the
/// function is managed there; elsewhere the mark is lost.
fn marks(vdu: &Fields<'_, '_>, wired: &[Wired], mgmt: Option<&Entry>) {
    let Some(list) = vdu.peek("interface") else {
        return;
    };
    for interface in list.node().items() {
        let Some(mark) = interface.entries().find(|e| e.key() == "mgmt-interface") else {
            continue;
        };
        if truth(mark.value()) != Some(true) {
            continue;
        }
        let name = crate::descriptor::local(interface, "name").and_then(|name| name.str());
        let id = vdu.peek("id").and_then(|id| id.node().str());
        let is_it = |wired: &&Wired| {
            Some(wired.vdu.as_str()) == id && Some(wired.interface.as_str()) == name
        };
        let point = wired.iter().find(is_it).map(|wired| external(&wired.point));
        let is_mgmt = matches!((point, mgmt), (Some(point), Some(Entry { value: Value::Text(own), .. })) if point == *own);
        if !is_mgmt {
            vdu.work.lose(
                mark.key_span(),
                format!("`mgmt-interface` of {} has no place in SOL006", vdu.what),
                "the new model names one connection point at which the function is managed, and none for each VDU",
            );
        }
    }
}
