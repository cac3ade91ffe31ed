//! `placement-groups`: groups of affinity or its opposite.

use super::fields::Fields;
use super::losses;
use super::members::Members;
use super::tree::{List, Map};
use crate::diagnostic::Span;

/// The name of a member, the group that it is in, and where that is said.
pub(super) type Member = (String, String, Span);

/// The groups of a function, and which VDU is in which.
pub(super) fn functions(own: &Fields<'_, '_>) -> (List, Vec<Member>) {
    groups(own, "member-vdus", "member-vdu-ref", None)
}

/// The groups of a service, and which member is in which.
pub(super) fn services(own: &Fields<'_, '_>, members: &Members) -> (List, Vec<Member>) {
    groups(own, "member-vnfd", "member-vnf-index-ref", Some(members))
}

fn groups(
    own: &Fields<'_, '_>,
    list_key: &str,
    key: &str,
    members: Option<&Members>,
) -> (List, Vec<Member>) {
    let (groups, notes) = own.list("placement-groups", "name", "the placement group");
    let mut list = List::with(notes);
    let mut found = Vec::new();
    for group in groups {
        let name = group.peek("name").and_then(|name| name.node().str());
        let name = name.unwrap_or_default().to_owned();
        let mut map = Map {
            notes: group.notes(),
            ..Map::default()
        };
        map.entry(group.string("name", "id"));
        let strategy = group.take("strategy");
        let word = strategy.and_then(|field| field.scalar(&group.what)?.str());
        // Co-location is what the old model means where nothing is said.
        map.text(
            "type",
            match word {
                Some("ISOLATION") => "anti-affinity",
                _ => "affinity",
            },
        );
        map.text("scope", "nfvi-node");
        let span = strategy.map_or_else(|| group.node.span(), |field| field.span());
        let message = format!(
            "the scope of {} is taken to be the compute node",
            group.what
        );
        group.work.assume(span, message);
        let (items, _) = group.list(list_key, key, "the member");
        for item in items {
            let member = item.text(key).unwrap_or_default();
            found.push((member.to_owned(), name.clone(), item.node.span()));
            // The function is known by the member.
            let function = item.take("vnfd-id-ref");
            if let Some(members) = members.filter(|members| members.has(member)) {
                let _ = members.owner(&group.what, member, function);
            }
            item.finish(losses::NOTHING);
        }
        group.finish(losses::PLACEMENT);
        list.push(map);
    }
    (list, found)
}

/// Puts the groups into the profiles of their members.
pub(super) fn join(own: &Fields<'_, '_>, profiles: &mut List, key: &str, members: &[Member]) {
    for (member, group, at) in members {
        match profiles.find(key, member) {
            Some(profile) => {
                let mut map = Map::default();
                map.text("id", group.clone());
                profile.push_into("affinity-or-anti-affinity-group", map);
            }
            None => {
                let message =
                    format!("the placement group `{group}` names `{member}`, which does not exist");
                own.work.lose(at.clone(), message, "");
            }
        }
    }
}
