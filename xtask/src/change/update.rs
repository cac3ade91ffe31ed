//! Whether OSM takes a descriptor in the place of one that is in use.
//!
//! OSM's north-bound interface (v19, `VnfdTopic`) compares the two where a VNFD is used by an
//! instance: with another software version everything may change; with the same one only the
//! primitives of day 1 and 2, scaling, healing, alarms and monitoring.

use super::Change;
use crate::descriptor::{Descriptor, Kind, Model};

/// What OSM says of an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// It takes it, because the software version is another one.
    OtherSoftware,
    /// It takes it, because only what may change has changed.
    Allowed,
    /// It refuses it, because of these places.
    Refused(Vec<String>),
}

/// What OSM would say; `None` for what is no VNFD of SOL006, or another one, which is no update.
pub fn update(before: &Descriptor, after: &Descriptor, changes: &[Change]) -> Option<Update> {
    let is_judged =
        |d: &Descriptor| d.kind == Kind::Vnf && matches!(d.model, Model::Sol006 | Model::Nfv);
    if !is_judged(before) || !is_judged(after) || before.id() != after.id() {
        return None;
    }
    // OSM takes `1.0` where there is none.
    let software = |d: &Descriptor| {
        let version = d.field("software-version").and_then(|node| node.str());
        version.unwrap_or("1.0").to_owned()
    };
    if software(before) != software(after) {
        return Some(Update::OtherSoftware);
    }
    let mut places: Vec<String> = changes
        .iter()
        .filter(|change| !may_change(&change.keys()))
        .map(Change::place)
        .collect();
    // The version of the descriptor is no exception.
    if before.version() != after.version() {
        places.insert(0, "version".to_owned());
    }
    Some(match places.is_empty() {
        true => Update::Allowed,
        false => Update::Refused(places),
    })
}

fn may_change(keys: &[&str]) -> bool {
    const ANYWHERE: [&str; 5] = [
        "scaling-aspect",
        "healing-aspect",
        "alarm",
        "monitoring-parameter",
        "monitoring-param",
    ];
    let is_primitive =
        keys.contains(&"day1-2") && keys.iter().any(|key| key.ends_with("config-primitive"));
    is_primitive || keys.iter().any(|key| ANYWHERE.contains(key))
}
