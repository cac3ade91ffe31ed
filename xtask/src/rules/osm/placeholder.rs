//! `osm/placeholder`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/placeholder",
    level: Level::Warn,
    fixed: false,
    summary: "a value is still the placeholder of a template",
    docs: "\
## What it does

Looks for values that consist of nothing but a placeholder for the author:
words in angle brackets (`<update>`, `<PROVIDER>`), `TBD`, `TODO`, `FIXME`, `changeme`. The parameters of
primitives are left alone: there `<rw_mgmt_ip>` and other words in angle
brackets are filled in by OSM itself.

## Why is this bad?

OSM takes the text as it stands. A network or an image of the name `<update>`
is looked for when the service is instantiated, and not found.

## What to do

Write the real value, or delete the key if the field is optional.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  provider: <update>\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  provider: Tiny Networks\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = package.descriptor.as_ref().filter(|d| d.kind.is_osm()) else {
        return;
    };
    let Some(body) = descriptor.body() else {
        return;
    };
    if !descriptor.doc.has_text(|text, _| is_placeholder(text)) {
        return;
    }
    let mut seen = descriptor.doc.met();
    let mut open: Vec<(Node<'_>, &str)> = vec![(body, "")];
    while let Some((node, key)) = open.pop() {
        if !seen.insert(node) {
            continue;
        }
        if let Some(text) = node.text().filter(|text| is_placeholder(text)) {
            let message = format!("`{key}` still holds the placeholder `{text}`");
            out.push(
                Diagnostic::new(&RULE, node.span(), message)
                    .help(format!("write the real value, or delete `{key}`")),
            );
        }
        open.extend(node.items().map(|item| (item, key)));
        for entry in node.entries() {
            let key = entry.name();
            if key != "parameter" {
                open.push((entry.value(), key));
            }
        }
    }
}

/// Whether the whole text asks the author to write something else.
fn is_placeholder(text: &str) -> bool {
    // Nearly every text begins with another letter.
    let first = text.as_bytes().first().map(u8::to_ascii_lowercase);
    if !first.is_some_and(|first| b"<tfc".contains(&first) || !first.is_ascii_graphic()) {
        return false;
    }
    let text = text.trim();
    let inner = text
        .strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'));
    let word = inner.unwrap_or(text);
    const WORDS: [&str; 6] = ["tbd", "todo", "fixme", "changeme", "change-me", "change_me"];
    if WORDS.iter().any(|own| own.eq_ignore_ascii_case(word)) {
        return true;
    }
    // What OSM fills in by itself, wherever it stands.
    const FILLED: [&str; 3] = ["rw_mgmt_ip", "vdu_scale_info", "ns_config_info"];
    inner.is_some_and(|inner| {
        let is_word = |c: char| c.is_ascii_alphanumeric() || " ,.:_-".contains(c);
        let starts = inner.starts_with(|c: char| c.is_ascii_alphabetic());
        let is_filled = FILLED.iter().any(|own| own.eq_ignore_ascii_case(inner));
        starts && inner.chars().all(is_word) && !is_filled
    })
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn words_for_the_author_and_words_for_osm() {
        for yes in [
            "<update>",
            "<update, optional>",
            "TBD",
            "changeme",
            "<your-id>",
            "<PROVIDER>",
            "<name of the link>",
        ] {
            assert!(is_placeholder(yes), "{yes}");
        }
        for no in [
            "<rw_mgmt_ip>",
            "<VDU_SCALE_INFO>",
            "update",
            "to be done",
            "<>",
        ] {
            assert!(!is_placeholder(no), "{no}");
        }
    }
}
