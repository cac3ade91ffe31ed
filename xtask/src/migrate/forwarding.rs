//! `vnffgd`: forwarding graphs.

use super::fields::Fields;
use super::known::Known;
use super::losses;
use super::members::Members;
use super::tree::{List, Map};
use crate::descriptor::local;

/// Takes the graphs. A rendered path becomes a forwarding path whose positions are
/// the connection points that it goes through; a classifier stays where the model
/// has something for it.
pub(super) fn graphs(own: &Fields<'_, '_>, members: &Members, known: &Known) -> List {
    let (graphs, notes) = own.list("vnffgd", "id", "the forwarding graph");
    let mut list = List::with(notes);
    for graph in graphs {
        let mut map = Map {
            notes: graph.notes(),
            ..Map::default()
        };
        map.entry(graph.string("id", "id"));
        let (paths, notes) = graph.list("rsp", "id", "the path");
        let mut profiles: Vec<String> = Vec::new();
        let mut forwarding = List::with(notes);
        for path in paths {
            forwarding.push(self::path(&path, members, known, &mut profiles));
        }
        let mut ids = List::default();
        for profile in profiles {
            ids.push_text(profile);
        }
        map.list("vnf-profile-id", ids);
        if !forwarding.is_empty() {
            let message = format!(
                "the positions of {} name no `nfp-position-element`, without which OSM since release \
                 SIXTEEN fails at the service",
                graph.what
            );
            let id = local(graph.node, "id").unwrap_or(graph.node);
            graph.work.assume(id.span(), message);
        }
        map.list("nfpd", forwarding);
        let (classifiers, _) = graph.list("classifier", "id", "the classifier");
        for classifier in classifiers {
            for key in [
                "id",
                "name",
                "rsp-id-ref",
                "member-vnf-index-ref",
                "vnfd-id-ref",
                "vnfd-connection-point-ref",
                "match-attributes",
            ] {
                let _ = classifier.take(key);
            }
            let message = format!(
                "{} has no place in SOL006: where packets come onto a path, and what it matches",
                classifier.what
            );
            let id = local(classifier.node, "id").unwrap_or(classifier.node);
            classifier.work.lose(
                id.span(),
                message,
                "the model of OSM that is known here, release FIFTEEN, has no classifiers; \
                 newer ones have `match-attributes` in the positions of a path",
            );
            classifier.finish(losses::NOTHING);
        }
        graph.finish(losses::NOTHING);
        list.push(map);
    }
    list
}

fn path(
    path: &Fields<'_, '_>,
    members: &Members,
    known: &Known,
    profiles: &mut Vec<String>,
) -> Map {
    let id = path.peek("id").and_then(|id| id.node().str());
    let id = id.unwrap_or_default().to_owned();
    let mut map = Map {
        notes: path.notes(),
        ..Map::default()
    };
    map.entry(path.string("id", "id"));
    let (mut points, notes) = path.list(
        "vnfd-connection-point-ref",
        "member-vnf-index-ref",
        "the member",
    );
    let order = |point: &Fields<'_, '_>| {
        let text = point.peek("order").and_then(|order| order.node().str());
        text.and_then(|text| text.parse::<u64>().ok())
    };
    points.sort_by_key(|point| order(point).unwrap_or(u64::MAX));
    let mut positions = List::with(notes);
    for (i, point) in points.iter().enumerate() {
        let _ = point.take("order");
        let function = point.take("vnfd-id-ref");
        let who = format!("the path `{id}`");
        let index = point.take("member-vnf-index-ref");
        let Some(index) = index.and_then(|index| members.named(&who, index)) else {
            if index.is_none() {
                let message = format!("{who} names no member here");
                point.work.lose(point.node.span(), message, "");
            }
            continue;
        };
        let function = members.owner(&who, index, function);
        let mut elements = List::default();
        for key in [
            "vnfd-ingress-connection-point-ref",
            "vnfd-egress-connection-point-ref",
            "vnfd-connection-point-ref",
        ] {
            let Some(field) = point.take(key) else {
                continue;
            };
            let Some(name) = field.scalar(&point.what).and_then(|node| node.str()) else {
                continue;
            };
            let name = known.point(function.as_deref(), name);
            if elements.find("cpd-id", &name).is_some() {
                continue;
            }
            let mut element = Map {
                notes: field.notes(),
                ..Map::default()
            };
            element.text("id", index);
            element.text("cpd-id", name);
            elements.push(element);
        }
        if !profiles.iter().any(|profile| profile == index) {
            profiles.push(index.to_owned());
        }
        // One profile for each point that is gone through, in their order.
        let mut position = Map {
            notes: point.notes(),
            ..Map::default()
        };
        position.text("id", format!("{id}-{}", i + 1));
        for (n, (element, notes)) in elements.items.into_iter().enumerate() {
            let mut profile = Map::default();
            profile.text("id", format!("{id}-{}-{}", i + 1, n + 1));
            let mut one = List::default();
            one.items.push((element, notes));
            profile.list("constituent-profile-elements", one);
            position.push_into("cp-profile-id", profile);
        }
        point.finish(losses::NOTHING);
        positions.push(position);
    }
    map.list("position-desc-id", positions);
    path.finish(losses::NOTHING);
    map
}
