//! `osm/line-end`.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;
use crate::yaml::{Loose, ProblemKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/line-end",
    level: Level::Deny,
    fixed: false,
    summary: "OSM's reader ends a line at an invisible letter",
    docs: "\
## What it does

Looks outside of quotes for the letters U+0085, U+2028 and U+2029 with more behind
them on their line, where OSM's reader stops at what that makes of the document. What
it can read, and reads otherwise, is told by `yaml/loose`. They come from word
processors and web pages, and no editor shows them.

## Why is this bad?

They end a line in YAML 1.1, and so for PyYAML, with which OSM reads; in YAML 1.2
(section 5.4) they are letters like others. What follows is a line of its own at
the first column there: the north-bound interface answers 400, `could not find
expected ':'`.

## What to do

Delete the letter. In double quotes it can be written `\\N`, `\\L` or `\\P`.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  provider: Example\u{85}Operator\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  provider: \"Example\\NOperator\"\n",
        )],
    }),
};

const LETTERS: [(char, &str, &str); 3] = [
    ('\u{85}', "next line", "\\N"),
    ('\u{2028}', "line separator", "\\L"),
    ('\u{2029}', "paragraph separator", "\\P"),
];

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = package.descriptor.as_ref().filter(|d| d.kind.is_osm()) else {
        return;
    };
    let doc = &descriptor.doc;
    let text = doc.file().text();
    let is_letter = |c: char| LETTERS.iter().any(|(letter, ..)| *letter == c);
    if text.is_ascii() || !text.contains(is_letter) {
        return;
    }
    let is_taken = |kind: &ProblemKind| *kind == ProblemKind::Loose(Loose::LineEnd);
    let is_told = doc.problems().iter().any(|problem| is_taken(&problem.kind));
    let Some(root) = doc.root().filter(|_| !is_told) else {
        return;
    };
    // In quotes it is folded like any end of a line.
    let mut quoted: Vec<Range<usize>> = Vec::new();
    let mut add = |at: Range<usize>| {
        let token = text.get(at.clone()).unwrap_or_default();
        if token.starts_with(['"', '\'']) {
            quoted.push(at);
        }
    };
    names::each(root, &mut |node, _| {
        node.entries().for_each(|entry| add(entry.key_at()));
        if node.text().is_some() {
            add(node.at());
        }
    });
    quoted.sort_by_key(|at| at.start);
    for (at, letter) in text.char_indices() {
        let Some((_, name, escape)) = LETTERS.iter().find(|(known, ..)| *known == letter) else {
            continue;
        };
        let next = at + letter.len_utf8();
        let rest = text[next..].lines().next().unwrap_or_default();
        let before = quoted.partition_point(|range| range.start <= at);
        let is_quoted = before > 0 && at < quoted[before - 1].end;
        if is_quoted || rest.trim().is_empty() {
            continue;
        }
        let code = u32::from(letter);
        let message =
            format!("the invisible letter U+{code:04X} ({name}) ends the line for OSM's reader");
        let help = format!("delete it, or write it as `{escape}` in double quotes");
        out.push(Diagnostic::new(&RULE, doc.span(at..next), message).help(help));
        return;
    }
}
