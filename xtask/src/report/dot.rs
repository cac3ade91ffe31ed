//! Drawings in the language of Graphviz.

use super::drawing::{Drawing, Shape};

/// One graph, with a frame around each of several drawings.
pub(super) fn render(drawings: &[Drawing]) -> String {
    let titles: Vec<&str> = drawings.iter().map(|one| one.title.as_str()).collect();
    let mut text = format!("digraph {} {{\n", quoted(&titles.join(", ")));
    text.push_str("  rankdir=LR;\n  node [fontname=\"Helvetica\"];\n  edge [fontname=\"Helvetica\", fontsize=10];\n");
    for (k, drawing) in drawings.iter().enumerate() {
        match drawings.len() {
            1 => one(drawing, "n", "  ", &mut text),
            _ => {
                let title = quoted(&drawing.title);
                text.push_str(&format!(
                    "  subgraph cluster_{k} {{\n    label={title};\n    fontname=\"Helvetica\";\n"
                ));
                one(drawing, &format!("g{k}n"), "    ", &mut text);
                text.push_str("  }\n");
            }
        }
    }
    text.push_str("}\n");
    text
}

fn one(drawing: &Drawing, name: &str, indent: &str, text: &mut String) {
    let directed = drawing.lines.iter().all(|line| line.is_directed);
    for (i, one) in drawing.boxes.iter().enumerate() {
        let shape = match one.shape {
            Shape::Box | Shape::Pill => "shape=box",
            Shape::Frame => "shape=box, peripheries=2",
            Shape::Round => "shape=ellipse",
            Shape::Leaf => "shape=note",
        };
        // A node has one attribute for all of its style.
        let style = match (one.shape == Shape::Pill, one.is_missing) {
            (true, true) => ", style=\"rounded,dashed\"",
            (true, false) => ", style=rounded",
            (false, true) => ", style=dashed",
            (false, false) => "",
        };
        let label = match (one.name.as_str(), one.detail.as_str()) {
            ("", _) => format!("{} ?", one.kind),
            (called, "") => format!("{called}\n{}", one.kind),
            (called, detail) => format!("{called}\n{} {detail}", one.kind),
        };
        let missing = if one.is_missing {
            ", color=red, fontcolor=red"
        } else {
            ""
        };
        text.push_str(&format!(
            "{indent}{name}{i} [label={}, {shape}{style}{missing}];\n",
            quoted(&label)
        ));
    }
    for line in &drawing.lines {
        let mut attributes = Vec::new();
        if !line.label.is_empty() {
            attributes.push(format!("label={}", quoted(&line.label)));
        }
        if !directed && !line.is_directed {
            attributes.push("dir=none".to_owned());
        }
        if line.is_way {
            attributes.push("style=dotted, constraint=false".to_owned());
        } else if line.is_soft {
            attributes.push("style=dashed".to_owned());
        }
        if line.is_circular {
            attributes.push("color=red, penwidth=2".to_owned());
        }
        let attributes = match attributes.is_empty() {
            true => String::new(),
            false => format!(" [{}]", attributes.join(", ")),
        };
        let (from, to) = (line.from, line.to);
        text.push_str(&format!(
            "{indent}{name}{from} -> {name}{to}{attributes};\n"
        ));
    }
}

/// A quoted string of DOT: only the quote and the backslash have to be escaped; a line
/// break is an escape of its own.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('\n', "\\n").replace('\r', ""))
}
