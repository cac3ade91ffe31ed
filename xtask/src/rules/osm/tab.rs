//! `osm/tab`.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;
use crate::yaml::Style;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/tab",
    level: Level::Deny,
    fixed: false,
    summary: "a tab stands in a descriptor where OSM's reader takes none",
    docs: "\
## What it does

Looks for a tab outside of quotes, comments and block texts: behind a colon, at
the end of a line, inside a word without quotes, or before a key of a JSON
descriptor. A tab as indentation of a block is a syntax error for everyone
(`yaml/syntax`).

## Why is this bad?

YAML takes tabs for space there (section 6.2), but PyYAML, with which OSM reads,
does not: the north-bound interface answers 400, `found character '\\t' that
cannot start any token`. JSON that is indented with tabs is the usual case.

## What to do

Write spaces; `expand` does it for a whole file.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id:\ttiny_vnf\n  version: '1.0'\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf # a\ttab\n  version: \"1.0\t\"\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = package.descriptor.as_ref().filter(|d| d.kind.is_osm()) else {
        return;
    };
    let text = descriptor.doc.file().text();
    let Some(root) = descriptor.doc.root().filter(|_| text.contains('\t')) else {
        return;
    };
    // Where a tab is content: everywhere but in plain words.
    let mut words: Vec<Range<usize>> = Vec::new();
    names::each(root, &mut |node, _| {
        let keys = node
            .entries()
            .filter(|entry| entry.key_style() != Style::Plain);
        words.extend(keys.map(|entry| entry.key_at()));
        if node.style().is_some_and(|style| style != Style::Plain) {
            words.push(node.at());
        }
    });
    words.sort_by_key(|word| word.start);
    let mut from = 0;
    let ends = words.iter().map(|word| word.start).chain([text.len()]);
    for (i, to) in ends.enumerate() {
        if let Some(tab) = text.get(from..to).and_then(tab) {
            let at = from + tab;
            let span = descriptor.doc.span(at..at + 1);
            let message = "a tab stands here, and OSM's reader takes none";
            let help = "write spaces instead of tabs, or put the text in quotes";
            out.push(Diagnostic::new(&RULE, span, message).help(help));
            return;
        }
        from = words.get(i).map_or(to, |word| word.end.max(from));
    }
}

/// The first tab in a text without quotes that is not in a comment; `a#b` is
/// none.
fn tab(gap: &str) -> Option<usize> {
    let mut is_comment = false;
    let mut before = ' ';
    for (i, c) in gap.char_indices() {
        match c {
            '\n' => is_comment = false,
            '#' if before.is_whitespace() => is_comment = true,
            '\t' if !is_comment => return Some(i),
            _ => {}
        }
        before = c;
    }
    None
}
