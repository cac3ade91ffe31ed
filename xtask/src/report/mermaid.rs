//! Drawings as Mermaid flowcharts, which GitHub and GitLab draw in Markdown.

use std::collections::BTreeMap;

use super::drawing::{Drawing, DrawnBox, DrawnLine, Shape};
use super::layout::cut_to;

/// How much room there is where boxes are frames of their points: between the columns, and for
/// titles, of which a second line would be covered by the first point.
const ROOM: &str = "%%{init: {\"flowchart\": {\"rankSpacing\": 90, \"wrappingWidth\": 500}}}%%\n";

/// The points of boxes, by the place of the box.
type Points<'a> = BTreeMap<usize, Vec<&'a str>>;

/// Renders the flowchart, without a fence around it. Several drawings become one, each with a
/// frame of its own.
///
/// What is not there has a dashed border, what packets take is a dotted arrow, and what goes in
/// a circle is red. A box is the frame of the points at which its lines begin: beside the lines
/// their labels would cover each other, because Mermaid leaves no room for them. No other colours are set, so that the drawing follows the reader's light or
/// dark theme.
pub(super) fn render(drawings: &[Drawing]) -> String {
    let has_points = drawings.iter().any(|drawing| !points(drawing).is_empty());
    let room = if has_points { ROOM } else { "" };
    let mut text = format!("{room}flowchart LR\n");
    let mut missing: Vec<String> = Vec::new();
    let mut circular: Vec<String> = Vec::new();
    let mut lines = 0;
    for (k, drawing) in drawings.iter().enumerate() {
        let (name, indent) = match drawings.len() {
            1 => ("n".to_owned(), "  "),
            _ => (format!("g{k}n"), "    "),
        };
        if drawings.len() > 1 {
            let title = escape(&drawing.title);
            // A frame has a direction of its own in Mermaid 11.
            text.push_str(&format!("  subgraph g{k}[\"{title}\"]\n    direction LR\n"));
        }
        let points = points(drawing);
        for (i, one) in drawing.boxes.iter().enumerate() {
            match points.get(&i) {
                None => {
                    let (open, close) = brackets(one);
                    let label = label(one);
                    text.push_str(&format!("{indent}{name}{i}{open}\"{label}\"{close}\n"));
                }
                Some(points) => {
                    let title = title(one, points);
                    text.push_str(&format!("{indent}subgraph {name}{i}[\"{title}\"]\n"));
                    for (at, point) in points.iter().enumerate() {
                        let point = escape(point);
                        text.push_str(&format!("{indent}  {name}{i}p{at}([\"{point}\"])\n"));
                    }
                    text.push_str(&format!("{indent}end\n"));
                }
            }
            if one.is_missing {
                missing.push(format!("{name}{i}"));
            }
        }
        for line in &drawing.lines {
            let arrow = match (line.is_directed, line.is_way || line.is_soft) {
                (true, true) => "-.->",
                (true, false) => "-->",
                (false, _) => "---",
            };
            let point = points.get(&line.from).filter(|_| is_at_point(line));
            let point = point.and_then(|all| all.iter().position(|own| *own == line.label));
            let (point, at) = match (point, line.label.as_str()) {
                (Some(point), _) => (format!("p{point}"), String::new()),
                (None, "") => (String::new(), String::new()),
                (None, at) => (String::new(), format!("|\"{}\"|", escape(at))),
            };
            let (from, to) = (line.from, line.to);
            text.push_str(&format!(
                "{indent}{name}{from}{point} {arrow}{at} {name}{to}\n"
            ));
            if line.is_circular {
                circular.push(lines.to_string());
            }
            lines += 1;
        }
        if drawings.len() > 1 {
            text.push_str("  end\n");
        }
    }
    if !missing.is_empty() {
        text.push_str("  classDef missing stroke-dasharray: 4 4\n");
        text.push_str(&format!("  class {} missing\n", missing.join(",")));
    }
    if !circular.is_empty() {
        let places = circular.join(",");
        text.push_str(&format!(
            "  linkStyle {places} stroke:#cf222e,stroke-width:2px\n"
        ));
    }
    text
}

/// Whether the label of a line is the point of the box at which it begins.
fn is_at_point(line: &DrawnLine) -> bool {
    !line.is_directed && !line.label.is_empty() && line.from != line.to
}

/// The points of the boxes that have any, each once.
fn points(drawing: &Drawing) -> Points<'_> {
    let mut all = Points::new();
    for line in drawing.lines.iter().filter(|line| is_at_point(line)) {
        let points = all.entry(line.from).or_default();
        if !points.contains(&line.label.as_str()) {
            points.push(&line.label);
        }
    }
    all
}

fn brackets(one: &DrawnBox) -> (&'static str, &'static str) {
    match one.shape {
        Shape::Box => ("[", "]"),
        Shape::Frame => ("[[", "]]"),
        Shape::Pill => ("([", "])"),
        Shape::Round => ("((", "))"),
        Shape::Leaf => (">", "]"),
    }
}

fn label(one: &DrawnBox) -> String {
    let name = name(one);
    match one.detail.as_str() {
        "" => escape(&name),
        detail => format!("{}<br>{}", escape(&name), escape(detail)),
    }
}

/// The title of the frame around points. Where it is much longer than they are it would stand
/// over what is beside the frame.
fn title(one: &DrawnBox, points: &[&str]) -> String {
    const SHORTEST: usize = 28;
    const LONGER: usize = 14;
    let longest = points.iter().map(|point| point.chars().count()).max();
    let longest = (longest.unwrap_or(0) + LONGER).max(SHORTEST);
    let whole = format!("{} {}", name(one), one.detail);
    escape(&cut_to(whole.trim_end(), longest))
}

fn name(one: &DrawnBox) -> String {
    let name = match one.name.as_str() {
        "" => "?",
        name => name,
    };
    match one.shows_kind {
        true => format!("{} {name}", one.kind),
        false => name.to_owned(),
    }
}

/// Mermaid's own notation for characters: `#` and the number. All but the plainest are
/// written so, because a label is Markdown and HTML to some versions.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let is_plain = c.is_alphanumeric() || matches!(c, ' ' | '-' | '.' | '/' | ':' | ',');
        match c {
            c if is_plain => out.push(c),
            c => out.push_str(&format!("#{};", u32::from(c))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn what_could_end_a_label_is_written_as_a_number() {
        assert_eq!(escape("a_b\"]--x"), "a#95;b#34;#93;--x");
        assert_eq!(escape("<b>#1"), "#60;b#62;#35;1");
        assert_eq!(escape("größe\n"), "größe#10;");
    }
}
