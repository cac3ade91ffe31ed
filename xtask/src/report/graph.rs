//! Who needs whom, and what services are made of: for terminals, Markdown, documents and
//! programs.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::drawing::Drawing;
use super::{clean, dot, mermaid, svg};
use crate::graph::{Needed, Origin, Topology};
use crate::json as document;

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub enum Picture<'a> {
    /// Who needs whom.
    Needed(&'a Needed),
    /// What functions, services, slices and applications are made of.
    Topologies(&'a [Topology]),
}

/// The formats of `cargo nfv graph`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphFormat {
    /// A tree for terminals.
    Tree,
    /// A Mermaid flowchart, with a frame around each of several topologies.
    Mermaid,
    /// Graphviz.
    Dot,
    /// One SVG document.
    Svg,
    /// One JSON object.
    Json,
}

/// Renders a picture. The text ends with a line break unless it is empty.
pub fn graph(format: GraphFormat, picture: Picture<'_>) -> String {
    let drawings = || match picture {
        Picture::Needed(needed) => vec![Drawing::of_needed(needed)],
        Picture::Topologies(all) => all.iter().map(Drawing::of_topology).collect(),
    };
    match (format, picture) {
        (GraphFormat::Tree, Picture::Needed(needed)) => tree(needed),
        (GraphFormat::Tree, Picture::Topologies(all)) => all.iter().map(topology_tree).collect(),
        (GraphFormat::Mermaid, _) => mermaid::render(&drawings()),
        (GraphFormat::Dot, _) => dot::render(&drawings()),
        (GraphFormat::Svg, _) => svg::render(&drawings()),
        (GraphFormat::Json, Picture::Needed(needed)) => document::text(in_json(needed)),
        (GraphFormat::Json, Picture::Topologies(all)) => {
            let all: Vec<Value> = all.iter().map(topology_in_json).collect();
            document::text(json!({ "topologies": all }))
        }
    }
}

/// As `cargo tree` does: what was shown with all it needs is marked `(*)` from then on.
fn tree(needed: &Needed) -> String {
    let mut text = String::new();
    let mut shown = BTreeSet::new();
    for root in needed.roots() {
        branch(needed, root, "", "", &mut shown, &mut text);
    }
    text
}

fn branch(
    needed: &Needed,
    member: usize,
    before: &str,
    below: &str,
    shown: &mut BTreeSet<usize>,
    text: &mut String,
) {
    let Some(own) = needed.members.get(member) else {
        return;
    };
    let mut line = format!("{} {}", own.kind, own.id);
    match (&own.origin, &own.version) {
        (Origin::Registry(reference), _) => line.push_str(&format!(" ({reference})")),
        (Origin::Missing, _) => line.push_str(" (missing)"),
        (Origin::Inside, _) => line.push_str(" (in the package)"),
        (Origin::Elsewhere, _) => {}
        (Origin::Tree(_), Some(version)) => line.push_str(&format!(" {version}")),
        (Origin::Tree(_), None) => {}
    }
    let needs: Vec<usize> = needed.needs(member).map(|edge| edge.to).collect();
    let is_known = !shown.insert(member) && !needs.is_empty();
    let mark = if is_known { " (*)" } else { "" };
    text.push_str(&format!(
        "{before}{}{mark}\n",
        clean(&line).replace('\n', " ")
    ));
    if is_known {
        return;
    }
    for (i, need) in needs.iter().enumerate() {
        let (own, next) = match i + 1 == needs.len() {
            true => ("└── ", "    "),
            false => ("├── ", "│   "),
        };
        let (before, below) = (format!("{below}{own}"), format!("{below}{next}"));
        branch(needed, *need, &before, &below, shown, text);
    }
}

/// The parts with what each is connected to.
fn topology_tree(topology: &Topology) -> String {
    let title = format!("{} {}", topology.label, topology.id);
    let mut text = format!("{}\n", clean(title.trim()));
    let name = |i: usize| {
        let part = topology.parts.get(i);
        part.map_or(String::new(), |part| {
            let of = match part.remarks() {
                none if none.is_empty() => String::new(),
                remarks => format!(" ({})", remarks.join("; ")),
            };
            let missing = if part.is_undefined { " (missing)" } else { "" };
            format!("{} {}{of}{missing}", part.role.as_str(), part.name)
        })
    };
    // Each connection stands at the part that it starts from; a part that none starts from
    // stands alone if none ends at it either.
    let is_end = |i: usize| topology.connections.iter().any(|one| one.to == i);
    let starts = (0..topology.parts.len()).filter(|i| {
        let is_start = topology.connections.iter().any(|one| one.from == *i);
        is_start || !is_end(*i)
    });
    let starts: Vec<usize> = starts.collect();
    let count = starts.len() + topology.forwarding.len();
    let marks = |i: usize| match i + 1 == count {
        true => ("└── ", "    "),
        false => ("├── ", "│   "),
    };
    for (i, start) in starts.iter().enumerate() {
        let (own, next) = marks(i);
        text.push_str(&format!("{own}{}\n", line(&name(*start))));
        let ends: Vec<_> = topology
            .connections
            .iter()
            .filter(|one| one.from == *start)
            .collect();
        for (i, end) in ends.iter().enumerate() {
            let own = if i + 1 == ends.len() {
                "└── "
            } else {
                "├── "
            };
            let at = match end.at.as_str() {
                "" => String::new(),
                at => format!("{at} → "),
            };
            text.push_str(&format!(
                "{next}{own}{}\n",
                line(&format!("{at}{}", name(end.to)))
            ));
        }
    }
    for (i, path) in topology.forwarding.iter().enumerate() {
        let (own, _) = marks(starts.len() + i);
        let names = path.through.iter().filter_map(|i| topology.parts.get(*i));
        let names: Vec<&str> = names.map(|part| part.name.as_str()).collect();
        let way = format!("forwarding path {}: {}", path.id, names.join(" → "));
        text.push_str(&format!("{own}{}\n", line(&way)));
    }
    text
}

fn line(text: &str) -> String {
    clean(text).replace('\n', " ")
}

fn in_json(needed: &Needed) -> Value {
    let members = needed.members.iter().map(|member| {
        let mut value = json!({
            "kind": member.kind,
            "id": member.id,
            "version": member.version,
        });
        let (word, place) = match &member.origin {
            Origin::Tree(path) => ("tree", Some(("path", path))),
            Origin::Registry(reference) => ("registry", Some(("reference", reference))),
            Origin::Inside => ("inside", None),
            Origin::Elsewhere => ("elsewhere", None),
            Origin::Missing => ("missing", None),
        };
        value["origin"] = word.into();
        if let Some((key, text)) = place {
            value[key] = text.as_str().into();
        }
        value
    });
    let edges = needed.edges.iter().map(|edge| {
        let mode = if edge.is_hard { "hard" } else { "soft" };
        json!({ "from": edge.from, "to": edge.to, "mode": mode })
    });
    json!({
        "packages": members.collect::<Vec<Value>>(),
        "needs": edges.collect::<Vec<Value>>(),
        "cycles": needed.cycles,
        // In a circle nothing comes after all that it needs.
        "order": needed.cycles.is_empty().then_some(&needed.order),
    })
}

fn topology_in_json(topology: &Topology) -> Value {
    let parts = topology.parts.iter().map(|part| {
        json!({
            "role": part.role.as_str(),
            "name": part.name,
            "of": part.of,
            "defined": !part.is_undefined,
            "management": part.is_management,
            "flavours": part.flavours,
        })
    });
    let connections = topology.connections.iter().map(|one| {
        json!({
            "from": one.from,
            "to": one.to,
            "at": one.at,
            "directed": one.is_directed,
        })
    });
    let forwarding = topology.forwarding.iter();
    let forwarding = forwarding.map(|path| json!({ "id": path.id, "through": path.through }));
    json!({
        "kind": topology.label,
        "id": topology.id,
        "parts": parts.collect::<Vec<Value>>(),
        "connections": connections.collect::<Vec<Value>>(),
        "forwarding": forwarding.collect::<Vec<Value>>(),
    })
}
