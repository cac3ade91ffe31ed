//! Drawings as Mermaid flowcharts, which GitHub and GitLab draw in Markdown.

use super::drawing::{Drawing, DrawnBox, Shape};

/// Renders the flowchart, without a fence around it. Several drawings become one, each with a
/// frame of its own.
///
/// What is not there has a dashed border, what packets take is a dotted arrow, and what goes in
/// a circle is red. No other colours are set, so that the drawing follows the reader's light or
/// dark theme.
pub(super) fn render(drawings: &[Drawing]) -> String {
    let mut text = String::from("flowchart LR\n");
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
        for (i, one) in drawing.boxes.iter().enumerate() {
            let (open, close) = brackets(one);
            let label = label(one);
            text.push_str(&format!("{indent}{name}{i}{open}\"{label}\"{close}\n"));
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
            let at = match line.label.as_str() {
                "" => String::new(),
                at => format!("|\"{}\"|", escape(at)),
            };
            let (from, to) = (line.from, line.to);
            text.push_str(&format!("{indent}{name}{from} {arrow}{at} {name}{to}\n"));
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
    let name = match one.name.as_str() {
        "" => "?",
        name => name,
    };
    let name = match one.shows_kind {
        true => &format!("{} {name}", one.kind),
        false => name,
    };
    match one.detail.as_str() {
        "" => escape(name),
        detail => format!("{}<br>{}", escape(name), escape(detail)),
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
