//! One VDU: what it boots from, what it has, and how many of it there are.

use super::comments::Notes;
use super::configuration;
use super::fields::{Fields, Kind, Same};
use super::interfaces;
use super::links::Links;
use super::losses;
use super::monitoring::Monitoring;
use super::scaling::Scaling;
use super::tree::{List, Map, Value};
use super::vnfd::Parts;
use super::{compute, storage};

const BOOT: Same = Same {
    keys: &[("boot-data-drive", Kind::Leaf)],
};

const URL: Same = Same {
    keys: &[("url", Kind::Text)],
};

const ACTIONS: Same = Same {
    keys: &[
        ("ok", Kind::List(&URL)),
        ("insufficient-data", Kind::List(&URL)),
        ("alarm", Kind::List(&URL)),
    ],
};

const ALARM: Same = Same {
    keys: &[
        ("alarm-id", Kind::Text),
        ("name", Kind::Text),
        ("description", Kind::Text),
        ("vdur-id", Kind::Text),
        ("actions", Kind::Map(&ACTIONS)),
        ("repeat", Kind::Leaf),
        ("enabled", Kind::Leaf),
        ("severity", Kind::Leaf),
        ("vnf-monitoring-param-ref", Kind::Text),
        ("statistic", Kind::Leaf),
        ("operation", Kind::Leaf),
        ("value", Kind::Leaf),
        ("period", Kind::Leaf),
        ("evaluations", Kind::Leaf),
    ],
};

/// Turns a VDU into one of the new model; images, flavours, disks and what the
/// deployment flavour says of it go to `parts`. The caller finishes the fields.
pub(super) fn machine(
    own: &Fields<'_, '_>,
    parts: &mut Parts,
    monitoring: &mut Monitoring,
    links: &Links<'_, '_>,
    scaling: &Scaling,
) -> Map {
    let id = own.peek("id").and_then(|id| id.node().str());
    let id = id.unwrap_or_default().to_owned();
    let mut map = Map {
        notes: own.notes(),
        ..Map::default()
    };
    map.entry(own.string("id", "id"));
    map.entry(own.string("name", "name"));
    map.entry(own.string("description", "description"));
    map.entry(own.string("pdu-type", "pdu-type"));
    map.entry(own.string("cloud-init-file", "cloud-init-file"));
    map.entry(own.string("cloud-init", "cloud-init"));
    same(own, "supplemental-boot-data", &BOOT, &mut map);

    let (image, others) = parts.images.take(own);
    map.entry(image);
    map.list("alternative-sw-image-desc", others);

    let hardware = compute::hardware(own, &id);
    if let Some(compute) = hardware.compute {
        map.text("virtual-compute-desc", format!("{id}-compute"));
        parts.compute.push(compute);
    }
    let disks = storage::disks(own, &id, hardware.disk, &mut parts.images);
    let mut names = List::default();
    for disk in disks.items {
        if let Value::Map(map) = &disk.0
            && let Some(name) = map.text_of("id")
        {
            names.push_text(name);
        }
        parts.storage.items.push(disk);
    }
    match (names.is_empty(), map.text_of("pdu-type")) {
        // OSM fails on a VDU that does not say what disks it has, be it none.
        (true, None) => map.entries.push(super::tree::Entry {
            key: "virtual-storage-desc".to_owned(),
            value: Value::List(List::default()),
            notes: Notes::default(),
        }),
        _ => map.list("virtual-storage-desc", names),
    }

    let (points, mut wired) = interfaces::ports(own, &id, links, hardware.vif_quota);
    map.list("int-cpd", points);
    parts.wired.append(&mut wired);
    map.list("monitoring-parameter", monitoring.of_vdu(own, &id));
    let (alarms, notes) = own.list("alarm", "alarm-id", "the alarm");
    let mut list = List::with(notes);
    for alarm in alarms {
        list.push(ALARM.carry(&alarm, losses::NOTHING));
    }
    map.list("alarm", list);

    let (count, notes) = count(own);
    let (fewest, most) = scaling.bounds(&id, count);
    let mut profile = Map::default();
    profile.text("id", id.clone());
    profile.plain("min-number-of-instances", fewest);
    profile.plain("max-number-of-instances", most);
    parts.profiles.push(profile);
    let mut level = Map::default();
    level.text("vdu-id", id.clone());
    let number = Value::Plain(fewest.to_string());
    level.put("number-of-instances", number, notes);
    parts.levels.push(level);
    configuration::day12(own, "vdu-configuration", &id, &mut parts.day12);
    map
}

/// How many of a VDU are there without scaling: one where it is not said.
fn count(own: &Fields<'_, '_>) -> (u64, Notes) {
    let Some(field) = own.take("count") else {
        return (1, Notes::default());
    };
    let number = field
        .scalar(&own.what)
        .and_then(|node| node.str()?.parse().ok());
    let number = number.unwrap_or_else(|| {
        let message = format!("`count` of {} is no number", own.what);
        own.work.lose(field.span(), message, "");
        1
    });
    (number, field.notes())
}

/// Carries over a mapping that both models have.
pub(super) fn same(own: &Fields<'_, '_>, key: &str, same: &Same, map: &mut Map) {
    let notes = own.peek(key).map(|field| field.notes()).unwrap_or_default();
    if let Some(sub) = own.sub(key) {
        let mut inner = same.carry(&sub, losses::NOTHING);
        inner.notes = notes.and(inner.notes);
        map.map(key, inner);
    }
}
