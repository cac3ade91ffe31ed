//! Drawings in the language of Graphviz.

use super::drawing::{Drawing, Shape};

/// One graph a drawing.
pub(super) fn render(drawing: &Drawing) -> String {
    let directed = drawing.lines.iter().all(|line| line.is_directed);
    let mut text = format!("digraph {} {{\n", quoted(&drawing.title));
    text.push_str("  rankdir=LR;\n  node [fontname=\"Helvetica\"];\n  edge [fontname=\"Helvetica\", fontsize=10];\n");
    for (i, one) in drawing.boxes.iter().enumerate() {
        let shape = match one.shape {
            Shape::Box => "shape=box",
            Shape::Frame => "shape=box, peripheries=2",
            Shape::Pill => "shape=box, style=rounded",
            Shape::Round => "shape=ellipse",
            Shape::Leaf => "shape=note",
        };
        let label = match (one.name.as_str(), one.detail.as_str()) {
            ("", _) => format!("{} ?", one.kind),
            (name, "") => format!("{name}\n{}", one.kind),
            (name, detail) => format!("{name}\n{} {detail}", one.kind),
        };
        let missing = if one.is_missing {
            ", color=red, fontcolor=red"
        } else {
            ""
        };
        text.push_str(&format!(
            "  n{i} [label={}, {shape}{missing}];\n",
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
        let attributes = match attributes.is_empty() {
            true => String::new(),
            false => format!(" [{}]", attributes.join(", ")),
        };
        text.push_str(&format!("  n{} -> n{}{attributes};\n", line.from, line.to));
    }
    text.push_str("}\n");
    text
}

/// A quoted string of DOT: only the quote and the backslash have to be escaped; a line
/// break is an escape of its own.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", text.replace('\n', "\\n").replace('\r', ""))
}
