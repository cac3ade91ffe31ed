//! Drawings as Mermaid flowcharts, which GitHub and GitLab draw in Markdown.

use super::drawing::{Drawing, DrawnBox, Shape};

/// Renders the flowchart, without a fence around it.
///
/// What is not there has a dashed border, and what packets take is a dotted arrow. No
/// colours are set, so that the drawing follows the reader's light or dark theme.
pub(super) fn render(drawing: &Drawing) -> String {
    let mut text = String::from("flowchart LR\n");
    for (i, one) in drawing.boxes.iter().enumerate() {
        let (open, close) = brackets(one);
        text.push_str(&format!("  n{i}{open}\"{}\"{close}\n", label(one)));
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
        text.push_str(&format!("  n{} {arrow}{at} n{}\n", line.from, line.to));
    }
    let missing = drawing.boxes.iter().enumerate();
    let missing: Vec<String> = missing
        .filter(|(_, one)| one.is_missing)
        .map(|(i, _)| format!("n{i}"))
        .collect();
    if !missing.is_empty() {
        text.push_str("  classDef missing stroke-dasharray: 4 4\n");
        text.push_str(&format!("  class {} missing\n", missing.join(",")));
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
