//! `scaling-group-descriptor` of a service: an aspect and a level.

use std::collections::BTreeMap;

use super::LEVEL;
use super::fields::Fields;
use super::losses;
use super::members::Members;
use super::tree::{List, Map};

/// The aspects of a service, its levels, and the bounds of its members.
#[derive(Default)]
pub(super) struct NsScaling {
    pub aspects: List,
    pub levels: List,
    pub has_levels: bool,
    bounds: BTreeMap<String, u64>,
}

impl NsScaling {
    /// Puts into the profile of each member how many of it there can be.
    pub fn bound(&mut self, profiles: &mut List) {
        for (member, most) in &self.bounds {
            if let Some(profile) = profiles.find("id", member) {
                profile.plain("min-number-of-instances", 1);
                profile.plain("max-number-of-instances", *most);
            }
        }
    }
}

/// Takes the groups. A step adds as many instances of each member as the group has;
/// the levels are the service as it starts and with one step.
pub(super) fn take(own: &Fields<'_, '_>, members: &Members) -> NsScaling {
    let (groups, notes) = own.list("scaling-group-descriptor", "name", "the scaling group");
    let mut found = NsScaling {
        aspects: List::with(notes),
        ..NsScaling::default()
    };
    let mut base: Vec<String> = Vec::new();
    for group in groups {
        let name = group.peek("name").and_then(|name| name.node().str());
        let name = name.unwrap_or_default().to_owned();
        let level_id = format!("{name}-level");
        let mut aspect = Map {
            notes: group.notes(),
            ..Map::default()
        };
        aspect.entry(group.string("name", "id"));
        aspect.text("name", name.clone());
        aspect.text("scaling-level", level_id.clone());
        let most = group
            .text("max-instance-count")
            .and_then(|text| text.parse().ok());
        let most: u64 = most.unwrap_or(10);
        if let Some(fewest) = group.take("min-instance-count")
            && fewest.node().str().is_some_and(|text| text != "0")
        {
            let message = format!("{} has groups from the start", group.what);
            let why = "a service of the new model starts at its default level";
            group.work.lose(fewest.span(), message, why);
        }
        let (list, _) = group.list("vnfd-member", "member-vnf-index-ref", "the member");
        let mut level = Map::default();
        level.text("id", level_id);
        for member in list {
            let index = member.peek("member-vnf-index-ref");
            let index = index
                .and_then(|index| index.node().str())
                .unwrap_or_default();
            let reference = member.string("member-vnf-index-ref", "vnf-profile-id");
            let count = member.text("count").and_then(|text| text.parse().ok());
            let count: u64 = count.unwrap_or(1);
            if !members.has(index) {
                let message = format!(
                    "{} names the member `{index}`, which does not exist",
                    group.what
                );
                group.work.lose(member.node.span(), message, "");
            }
            let mut map = Map {
                notes: member.notes(),
                ..Map::default()
            };
            map.entry(reference);
            map.plain("number-of-instances", count.saturating_add(1));
            level.push_into("vnf-to-level-mapping", map);
            if !base.iter().any(|known| known == index) {
                base.push(index.to_owned());
            }
            let bound = found.bounds.entry(index.to_owned()).or_insert(1);
            *bound = bound.saturating_add(count.saturating_mul(most));
            member.finish(losses::NOTHING);
        }
        policies(&group);
        group.finish(losses::NS_SCALING);
        found.aspects.push(aspect);
        found.levels.push(level);
    }
    if !base.is_empty() {
        let mut level = Map::default();
        level.text("id", LEVEL);
        for index in base {
            let mut map = Map::default();
            map.text("vnf-profile-id", index);
            map.plain("number-of-instances", 1);
            level.push_into("vnf-to-level-mapping", map);
        }
        found.levels.push(level);
        found.levels.items.rotate_right(1);
        found.has_levels = true;
    }
    found
}

/// A policy says when to scale. One that leaves it to people says nothing that the
/// new model does not; the times of another are lost.
fn policies(group: &Fields<'_, '_>) {
    let (policies, _) = group.list("scaling-policy", "name", "the scaling policy");
    for policy in policies {
        let kind = policy
            .peek("scaling-type")
            .and_then(|kind| kind.node().str());
        let is_manual = kind == Some("manual") && policy.peek("scaling-criteria").is_none();
        let message = format!("{} of {} has no place in SOL006", policy.what, group.what);
        let why = "the new model does not say when a service scales";
        match is_manual {
            true => group.work.drop(policy.node.span(), message, why),
            false => group.work.lose(policy.node.span(), message, why),
        }
    }
}
