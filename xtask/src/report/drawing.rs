//! Boxes and lines: what is drawn of packages and of what they put together,
//! whatever the format.

use std::collections::BTreeSet;

use crate::graph::{Needed, Origin, Role, Topology};

/// How a box is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    /// What does the work: a function, a unit, an application.
    Box,
    /// What is put together of others.
    Frame,
    /// What others are connected to: a link, a network.
    Pill,
    /// A point at the border.
    Round,
    /// What is only needed: a chart, an image.
    Leaf,
}

/// A box.
#[derive(Clone, Debug)]
pub(super) struct DrawnBox {
    /// What it is: `VNF`.
    pub kind: &'static str,
    /// What it is called.
    pub name: String,
    /// What it is made of, or its version; may be empty.
    pub detail: String,
    pub shape: Shape,
    /// Whether its shape alone does not tell what it is: several kinds share one.
    pub shows_kind: bool,
    /// Whether it is not there.
    pub is_missing: bool,
    /// The column that it stands in, from 0, where the kind decides that; else it
    /// follows from the lines.
    pub column: Option<usize>,
}

/// A line.
#[derive(Clone, Debug)]
pub(super) struct DrawnLine {
    pub from: usize,
    pub to: usize,
    /// May be empty.
    pub label: String,
    pub is_directed: bool,
    /// Whether it is a way that packets take, and no cable.
    pub is_way: bool,
    /// Whether nothing is refused for want of it.
    pub is_soft: bool,
    /// Whether it is part of a circle.
    pub is_circular: bool,
}

/// A drawing.
#[derive(Clone, Debug)]
pub(super) struct Drawing {
    pub title: String,
    pub boxes: Vec<DrawnBox>,
    pub lines: Vec<DrawnLine>,
}

impl Drawing {
    /// What a function, a service, a slice or an application is made of.
    pub fn of_topology(topology: &Topology) -> Self {
        let boxes = topology.parts.iter().map(|part| {
            let (shape, column) = match part.role {
                Role::Function | Role::Physical | Role::Vdu | Role::Kdu => (Shape::Box, Some(0)),
                Role::Service => (Shape::Frame, Some(0)),
                Role::Application => (Shape::Box, None),
                Role::Link | Role::Network => (Shape::Pill, Some(1)),
                Role::Point => (Shape::Round, Some(2)),
            };
            DrawnBox {
                kind: part.role.as_str(),
                name: part.name.clone(),
                detail: part.remarks().join("; "),
                shape,
                shows_kind: !matches!(part.role, Role::Link | Role::Point),
                is_missing: part.is_undefined,
                column,
            }
        });
        let connections = topology.connections.iter().map(|connection| DrawnLine {
            from: connection.from,
            to: connection.to,
            label: connection.at.clone(),
            is_directed: connection.is_directed,
            is_way: false,
            is_soft: false,
            is_circular: false,
        });
        let ways = topology.forwarding.iter().flat_map(|path| {
            let steps = path.through.iter().zip(path.through.iter().skip(1));
            steps.map(|(from, to)| DrawnLine {
                from: *from,
                to: *to,
                label: path.id.clone(),
                is_directed: true,
                is_way: true,
                is_soft: false,
                is_circular: false,
            })
        });
        Drawing {
            title: format!("{} {}", topology.label, topology.id)
                .trim()
                .to_owned(),
            boxes: boxes.collect(),
            lines: connections.chain(ways).collect(),
        }
    }

    /// Who needs whom.
    pub fn of_needed(needed: &Needed) -> Self {
        let boxes = needed.members.iter().map(|member| {
            let shape = match member.kind {
                "NS" | "NST" | "HDAG" | "SHIELD NS" => Shape::Frame,
                "VNF" | "PNF" | "SHIELD VNF" | "Chart" | "VO" | "cVO" | "App" => Shape::Box,
                _ => Shape::Leaf,
            };
            let version = member.version.clone().unwrap_or_default();
            let detail = match &member.origin {
                Origin::Registry(reference) => reference.clone(),
                Origin::Missing => "missing".to_owned(),
                Origin::Tree(_) | Origin::Inside | Origin::Elsewhere => version,
            };
            DrawnBox {
                kind: member.kind,
                name: member.id.clone(),
                detail,
                shape,
                shows_kind: true,
                is_missing: member.origin == Origin::Missing,
                column: None,
            }
        });
        let circles = needed.cycles.iter().flat_map(|cycle| {
            let next = cycle.iter().cycle().skip(1);
            cycle.iter().copied().zip(next.copied())
        });
        let circles: BTreeSet<(usize, usize)> = circles.collect();
        let is_circular = |from, to| circles.contains(&(from, to));
        let lines = needed.edges.iter().map(|edge| DrawnLine {
            from: edge.from,
            to: edge.to,
            label: String::new(),
            is_directed: true,
            is_way: false,
            is_soft: !edge.is_hard,
            is_circular: is_circular(edge.from, edge.to),
        });
        Drawing {
            title: "Packages".to_owned(),
            boxes: boxes.collect(),
            lines: lines.collect(),
        }
    }
}
