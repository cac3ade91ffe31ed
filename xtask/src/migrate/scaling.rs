//! `scaling-group-descriptor` of a function: `scaling-aspect`.

use std::collections::{BTreeMap, BTreeSet};

use super::fields::{Fields, Kind, Same};
use super::losses;
use super::tree::{List, Map, Value};
use crate::diagnostic::Span;

/// What scaling runs, and the key of its name.
const ACTIONS: &str = "scaling-config-action";
const CALLED: &str = "vnf-config-primitive-name-ref";

const CRITERIA: Same = Same {
    keys: &[
        ("name", Kind::Text),
        ("scale-in-threshold", Kind::Leaf),
        ("scale-in-relational-operation", Kind::Leaf),
        ("scale-out-threshold", Kind::Leaf),
        ("scale-out-relational-operation", Kind::Leaf),
        ("vnf-monitoring-param-ref", Kind::Text),
    ],
};

const POLICY: Same = Same {
    keys: &[
        ("name", Kind::Text),
        ("scaling-type", Kind::Leaf),
        ("enabled", Kind::Leaf),
        ("scale-in-operation-type", Kind::Leaf),
        ("scale-out-operation-type", Kind::Leaf),
        ("threshold-time", Kind::Leaf),
        ("cooldown-time", Kind::Leaf),
        ("scaling-criteria", Kind::List(&CRITERIA)),
    ],
};

const ACTION: Same = Same {
    keys: &[("trigger", Kind::Leaf), (CALLED, Kind::Text)],
};

/// The aspects of a function, and what they add to each VDU.
pub(super) struct Scaling {
    pub aspects: List,
    /// The primitives that are run, and where that is said.
    pub calls: Vec<(String, Span)>,
    added: BTreeMap<String, (u64, u64)>,
}

impl Scaling {
    /// The fewest and the most instances of a VDU of which there are `count` without
    /// any group. Groups that there are at least are there from the start, so that the
    /// fewest are those of the first level as well.
    pub fn bounds(&self, vdu: &str, count: u64) -> (u64, u64) {
        let (fewest, most) = self.added.get(vdu).copied().unwrap_or_default();
        let fewest = count.saturating_add(fewest);
        (fewest, count.saturating_add(most).max(fewest))
    }

    /// The aspects without the actions that run one of these primitives.
    pub fn without(&self, absent: &BTreeSet<&str>) -> List {
        let mut aspects = self.aspects.clone();
        for (aspect, _) in &mut aspects.items {
            let Value::Map(aspect) = aspect else { continue };
            if let Some(Value::List(actions)) = aspect.get_mut(ACTIONS) {
                actions.items.retain(|(action, _)| match action {
                    Value::Map(action) => {
                        action.text_of(CALLED).is_none_or(|n| !absent.contains(n))
                    }
                    _ => true,
                });
            }
            aspect.entries.retain(|entry| !entry.value.is_empty());
        }
        aspects
    }
}

/// The most groups where it is not said: the default of the old model.
const MOST: u64 = 10;

/// Takes the groups: each is an aspect with one step, which adds to every VDU of
/// the group as many instances as the group has of it.
pub(super) fn take(own: &Fields<'_, '_>) -> Scaling {
    let (groups, notes) = own.list("scaling-group-descriptor", "name", "the scaling group");
    let mut found = Scaling {
        aspects: List::with(notes),
        calls: Vec::new(),
        added: BTreeMap::new(),
    };
    for group in groups {
        let name = group.peek("name").and_then(|name| name.node().str());
        let name = name.unwrap_or_default().to_owned();
        let mut map = Map {
            notes: group.notes(),
            ..Map::default()
        };
        map.entry(group.string("name", "id"));
        map.text("name", name.clone());
        let most = group.copy("max-instance-count", "max-scale-level");
        let number = |value: &Value| match value {
            Value::Plain(text) | Value::Text(text) => text.parse().ok(),
            _ => None,
        };
        let limit = most
            .as_ref()
            .and_then(|entry| number(&entry.value))
            .unwrap_or(MOST);
        match most {
            Some(most) => map.entry(Some(most)),
            None => map.plain("max-scale-level", MOST),
        }
        let fewest = group.take("min-instance-count").and_then(|field| {
            let text = field.scalar(&group.what)?.str()?;
            Some((field, text.parse::<u64>().ok()?))
        });
        let fewest = match fewest {
            Some((field, fewest)) if fewest > 0 => {
                let message = format!(
                    "the {fewest} of {} that there are at least are taken to be there from the \
                     start, in the first level",
                    group.what
                );
                own.work.assume(field.span(), message);
                fewest
            }
            _ => 0,
        };

        let mut delta = Map::default();
        delta.text("id", format!("{name}-delta"));
        let (members, notes) = group.list("vdu", "vdu-id-ref", "the VDU");
        let mut deltas = List::with(notes);
        for member in members {
            let id = member.peek("vdu-id-ref").and_then(|id| id.node().str());
            let id = id.unwrap_or_default().to_owned();
            let mut map = Map {
                notes: member.notes(),
                ..Map::default()
            };
            map.entry(member.string("vdu-id-ref", "id"));
            let count = member.copy("count", "number-of-instances");
            let step = count
                .as_ref()
                .and_then(|entry| number(&entry.value))
                .unwrap_or(1);
            match count {
                Some(count) => map.entry(Some(count)),
                None => map.plain("number-of-instances", 1),
            }
            let added = found.added.entry(id).or_default();
            added.0 = added.0.saturating_add(step.saturating_mul(fewest));
            added.1 = added.1.saturating_add(step.saturating_mul(limit));
            member.finish(losses::NOTHING);
            deltas.push(map);
        }
        delta.list("vdu-delta", deltas);
        let mut details = Map::default();
        details.push_into("deltas", delta);
        details.text("step-deltas", format!("{name}-delta"));
        map.map("aspect-delta-details", details);
        for (key, same) in [("scaling-policy", &POLICY), (ACTIONS, &ACTION)] {
            let (items, notes) = group.list(key, "name", "the scaling policy");
            let mut list = List::with(notes);
            let mut places = Vec::new();
            for item in items {
                let call = item.peek(CALLED);
                if let Some(name) = call.and_then(|call| call.node().str())
                    && let Some(call) = call
                {
                    found.calls.push((name.to_owned(), call.node().span()));
                }
                let carried = same.carry(&item, losses::NOTHING);
                if key != ACTIONS {
                    list.push(carried);
                } else if carried.text_of(CALLED).is_none() {
                    let message = format!("an action of {} says not what it runs", group.what);
                    let why = "OSM fails at an action without the name of a primitive";
                    own.work.lose(item.node.span(), message, why);
                } else {
                    action(&item, carried, &mut list, &mut places);
                }
            }
            map.list(key, list);
        }
        group.finish(losses::NOTHING);
        found.aspects.push(map);
    }
    found
}

/// Adds what is run at one trigger. OSM's loader makes one of those with the same trigger, in which
/// the later one counts.
fn action(item: &Fields<'_, '_>, map: Map, list: &mut List, places: &mut Vec<Span>) {
    let Some(number) = list.push_only("trigger", map) else {
        places.resize_with(list.items.len(), || item.node.span());
        return;
    };
    if let Some(before) = places.get_mut(number) {
        let place = std::mem::replace(before, item.node.span());
        let message = "something else runs at the same trigger of the group".to_owned();
        let why = "OSM takes one action of a `trigger`, and of two the last";
        item.work.lose(place, message, why);
    }
}
