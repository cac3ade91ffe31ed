//! `vnf-configuration` and its like: `day1-2`, and `ns-configuration` of a service.

use super::comments::Notes;
use super::fields::{Fields, Kind, Same};
use super::known::external;
use super::losses;
use super::tree::{List, Map, Value};
use super::vdu::same;
use crate::descriptor::local;
use crate::diagnostic::Span;

const SSH: Same = Same {
    keys: &[("required", Kind::Truth), ("default-user", Kind::Text)],
};

const ACCESS: Same = Same {
    keys: &[("ssh-access", Kind::Map(&SSH))],
};

const JUJU: Same = Same {
    keys: &[
        ("charm", Kind::Text),
        ("proxy", Kind::Truth),
        ("cloud", Kind::Leaf),
    ],
};

const SCRIPT: Same = Same {
    keys: &[("script-type", Kind::Leaf)],
};

const ENTITY: Same = Same {
    keys: &[("id", Kind::Text), ("endpoint", Kind::Text)],
};

const RELATION: Same = Same {
    keys: &[("name", Kind::Text), ("entities", Kind::List(&ENTITY))],
};

const VALUE: Same = Same {
    keys: &[
        ("name", Kind::Text),
        ("data-type", Kind::DataType),
        ("value", Kind::Text),
    ],
};

const PARAMETER: Same = Same {
    keys: &[
        ("name", Kind::Text),
        ("data-type", Kind::DataType),
        ("mandatory", Kind::Truth),
        ("default-value", Kind::Text),
        ("parameter-pool", Kind::Text),
        ("read-only", Kind::Truth),
        ("hidden", Kind::Truth),
    ],
};

/// The name of the environment that a charm becomes, by what it configures.
fn environment(id: &str) -> String {
    format!("{id}-ee")
}

/// Takes the configuration of a function, a VDU or a KDU: an entry of `day1-2`,
/// which is known by the id of what it configures.
pub(super) fn day12(own: &Fields<'_, '_>, key: &str, id: &str, list: &mut List) {
    let notes = own.peek(key).map(|field| field.notes()).unwrap_or_default();
    let Some(found) = own.sub(key) else {
        return;
    };
    if list.find("id", id).is_some() {
        let message = format!("{} and another part have the same id `{id}`", own.what);
        own.work.lose(
            found.node.span(),
            message,
            "a configuration is known by the id of what it configures",
        );
    }
    let mut map = Map {
        notes: notes.and(found.notes()),
        ..Map::default()
    };
    map.text("id", id);
    let charm = found.peek("juju").map(|_| environment(id));
    same(&found, "config-access", &ACCESS, &mut map);
    let mut environments = environments(&found);
    if let Some(juju) = found.take("juju") {
        let mut map = Map {
            notes: juju.notes(),
            ..Map::default()
        };
        map.text("id", environment(id));
        if let Some(juju) = juju.sub(format!("`juju` of {}", found.what), &found.what) {
            map.map("juju", JUJU.carry(&juju, losses::NOTHING));
        }
        environments
            .items
            .insert(0, (Value::Map(map), Notes::default()));
    }
    map.list("execution-environment-list", environments);
    rest(&found, charm.as_deref(), &mut map);
    if let Some(field) = found.take("blacklist-config-primitive") {
        let mut list = List::with(field.notes());
        for item in field.items(&found.what) {
            // The values of an enumeration, in all releases.
            match item
                .str()
                .filter(|word| ["upgrade", "rollback"].contains(word))
            {
                Some(word) if !list.has_text(word) => list.push_text(word),
                Some(_) => {}
                None if item.is_null() => {}
                None => {
                    let message = format!(
                        "`blacklist-config-primitive` of {} names something else than `upgrade` and \
                         `rollback`",
                        found.what
                    );
                    let why = "OSM knows no other there, and refuses the function";
                    found.work.lose(item.span(), message, why);
                }
            }
        }
        map.list("blacklist-config-primitive", list);
    }
    found.finish(losses::CONFIGURATION);
    list.push(map);
}

/// Takes the configuration of a service, which keeps its charm where it is; that is
/// where OSM's client looks for it.
pub(super) fn service(own: &Fields<'_, '_>, map: &mut Map) {
    let mut out = Map {
        notes: own
            .peek("ns-configuration")
            .map(|f| f.notes())
            .unwrap_or_default(),
        ..Map::default()
    };
    if let Some(found) = own.sub("ns-configuration") {
        same(&found, "juju", &JUJU, &mut out);
        out.list("execution-environment-list", environments(&found));
        rest(&found, None, &mut out);
        found.finish(losses::CONFIGURATION);
    }
    // The early releases had the primitives in the service itself.
    for (keys, key) in [
        (
            &["initial-service-primitive", "initial-config-primitive"][..],
            "initial-config-primitive",
        ),
        (&["service-primitive"][..], "config-primitive"),
        (
            &["terminate-service-primitive"][..],
            "terminate-config-primitive",
        ),
    ] {
        let is_plain = key == "config-primitive";
        for old in keys {
            let list = primitives(own, &[old], is_plain, None);
            for (item, notes) in list.items {
                if let Value::Map(mut item) = item {
                    item.notes = notes;
                    out.push_into(key, item);
                }
            }
        }
    }
    map.map("ns-configuration", out);
}

/// Everything but charms and environments, in the order of the new model.
fn rest(found: &Fields<'_, '_>, charm: Option<&str>, map: &mut Map) {
    // The second is what the early releases call it.
    let keys = ["config-primitive", "service-primitive"];
    map.list("config-primitive", primitives(found, &keys, true, charm));
    for key in ["initial-config-primitive", "terminate-config-primitive"] {
        map.list(key, primitives(found, &[key], false, charm));
    }
    let environments = local(found.node, "execution-environment-list").into_iter();
    let mut environments = environments.flat_map(|list| list.items());
    let only = match (environments.next(), environments.next(), charm) {
        (Some(one), None, None) => local(one, "id").and_then(|id| id.str()),
        _ => None,
    };
    let (metrics, notes) = found.list("metrics", "name", "the metric");
    let mut list = List::with(notes);
    for metric in metrics {
        let mut map = Map {
            notes: metric.notes(),
            ..Map::default()
        };
        map.entry(metric.string("name", "name"));
        // Of one environment nobody has to say that it is meant.
        let named = metric.peek("execution-environment-ref");
        let named = named.and_then(|named| named.node().str());
        if named.is_some_and(|named| only == Some(named)) {
            let _ = metric.take("execution-environment-ref");
        }
        metric.finish(losses::CONFIGURATION);
        list.push(map);
    }
    map.list("metrics", list);
    let (relations, notes) = found.list("relation", "name", "the relation");
    let mut list = List::with(notes);
    for relation in relations {
        list.push(RELATION.carry(&relation, losses::NOTHING));
    }
    map.list("relation", list);
    same(found, "script", &SCRIPT, map);
}

fn environments(found: &Fields<'_, '_>) -> List {
    let (items, notes) = found.list(
        "execution-environment-list",
        "id",
        "the execution environment",
    );
    let mut list = List::with(notes);
    for item in items {
        let mut map = Map {
            notes: item.notes(),
            ..Map::default()
        };
        map.entry(item.string("id", "id"));
        same(&item, "juju", &JUJU, &mut map);
        map.entry(item.string("helm-chart", "helm-chart"));
        map.entry(item.string("metric-service", "metric-service"));
        if let Some(mut point) =
            item.string("connection-point-ref", "external-connection-point-ref")
        {
            if let Value::Text(name) = &point.value {
                point.value = Value::Text(external(name));
            }
            map.entry(Some(point));
        }
        item.finish(losses::NOTHING);
        list.push(map);
    }
    list
}

/// The primitives under keys that are one in the new model. Where a charm became an
/// environment, those that name none run in it. OSM's loader makes one of those with one
/// name or `seq`, in which the later one counts; its north-bound interface fails then.
fn primitives(found: &Fields<'_, '_>, keys: &[&str], is_plain: bool, charm: Option<&str>) -> List {
    let own = if is_plain { "name" } else { "seq" };
    let mut list = List::default();
    let mut places: Vec<Span> = Vec::new();
    for key in keys {
        let (items, notes) = found.list(key, "name", "the primitive");
        list.notes = std::mem::take(&mut list.notes).and(notes);
        for item in items {
            let map = primitive(&item, is_plain, charm);
            if map.text_of(own).is_none() {
                unknown(&item, &format!("`{key}` of {}", found.what), own);
                continue;
            }
            let place = local(item.node, own).unwrap_or(item.node).span();
            let Some(number) = list.push_only(own, map) else {
                places.resize_with(list.items.len(), || place.clone());
                continue;
            };
            if let Some(before) = places.get_mut(number) {
                let message = format!("{} stands twice in `{key}` of {}", item.what, found.what);
                let why = format!("OSM takes one primitive of a `{own}`, and of two the last");
                found
                    .work
                    .lose(std::mem::replace(before, place), message, &why);
            }
        }
    }
    list
}

/// Says that an item of a list has not by what the new model knows it.
fn unknown(item: &Fields<'_, '_>, list: &str, key: &str) {
    let message = format!("an item of {list} has no `{key}`");
    let why = "the new model knows it by that alone, and OSM refuses it without";
    item.work.lose(item.node.span(), message, why);
}

fn primitive(item: &Fields<'_, '_>, is_plain: bool, charm: Option<&str>) -> Map {
    let mut map = Map {
        notes: item.notes(),
        ..Map::default()
    };
    map.entry(item.copy("seq", "seq"));
    map.entry(item.string("name", "name"));
    match item.string("execution-environment-ref", "execution-environment-ref") {
        Some(own) => map.entry(Some(own)),
        None => {
            if let Some(charm) = charm {
                map.text("execution-environment-ref", charm);
            }
        }
    }
    if is_plain {
        map.entry(item.string(
            "execution-environment-primitive",
            "execution-environment-primitive",
        ));
    }
    let same = match is_plain {
        true => &PARAMETER,
        false => &VALUE,
    };
    let (parameters, notes) = item.list("parameter", "name", "the parameter");
    let mut values = List::with(notes);
    for parameter in parameters {
        let carried = same.carry(&parameter, losses::NOTHING);
        if carried.text_of("name").is_none() {
            unknown(&parameter, &format!("`parameter` of {}", item.what), "name");
            continue;
        }
        if values.push_only("name", carried).is_some() {
            let place = local(parameter.node, "name")
                .unwrap_or(parameter.node)
                .span();
            let message = format!("{} stands twice in {}", parameter.what, item.what);
            let why = "OSM takes one parameter of a `name`, and of two the last";
            item.work.lose(place, message, why);
        }
    }
    map.list("parameter", values);
    map.entry(item.string("user-defined-script", "user-defined-script"));
    item.finish(losses::NS_PRIMITIVE);
    map
}
