//! A topology as a Mermaid flowchart, which GitHub and GitLab draw in Markdown.

use crate::graph::{Part, Role, Topology};

/// Renders the flowchart, without a fence around it.
///
/// Functions are boxes, links are rounded, points are circles; what is referred
/// to and not defined has a dashed border. No colours are set, so that the
/// drawing follows the reader's light or dark theme.
pub fn mermaid(topology: &Topology) -> String {
    let mut text = String::from("flowchart LR\n");
    for (i, part) in topology.parts.iter().enumerate() {
        let (open, close) = brackets(part.role);
        text.push_str(&format!("  n{i}{open}\"{}\"{close}\n", label(part)));
    }
    for connection in &topology.connections {
        let line = if connection.is_directed { "-->" } else { "---" };
        let at = match connection.at.as_str() {
            "" => String::new(),
            at => format!("|\"{}\"|", escape(at)),
        };
        text.push_str(&format!(
            "  n{} {line}{at} n{}\n",
            connection.from, connection.to
        ));
    }
    let undefined = topology.parts.iter().enumerate();
    let undefined: Vec<String> = undefined
        .filter(|(_, part)| part.is_undefined)
        .map(|(i, _)| format!("n{i}"))
        .collect();
    if !undefined.is_empty() {
        text.push_str("  classDef undefined stroke-dasharray: 4 4\n");
        text.push_str(&format!("  class {} undefined\n", undefined.join(",")));
    }
    text
}

fn brackets(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Function | Role::Vdu | Role::Kdu | Role::Application => ("[", "]"),
        Role::Physical => ("[/", "/]"),
        Role::Service => ("[[", "]]"),
        Role::Link | Role::Network => ("([", "])"),
        Role::Point => ("((", "))"),
    }
}

fn label(part: &Part) -> String {
    let name = match part.name.as_str() {
        "" => "?",
        name => name,
    };
    match part.of.as_str() {
        of if of.is_empty() || of == name => escape(name),
        of => format!("{}<br>{}", escape(name), escape(of)),
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
