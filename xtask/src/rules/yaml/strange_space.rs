//! `yaml/strange-space`.

use std::ops::Range;

use super::slips::is_strange_blank;
use crate::diagnostic::{Diagnostic, Example, Label, Level, Rule};
use crate::rules::{Check, Lint, names};
use crate::yaml::{Document, Style};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Document(check),
};

static RULE: Rule = Rule {
    id: "yaml/strange-space",
    level: Level::Warn,
    fixed: false,
    summary: "a letter that looks like a space stands where a space is meant",
    docs: "\
## What it does

Looks for letters that look like a space, or like nothing, at the beginning and at the
end of keys and values without quotes: U+00A0 above all, the no-break space of web pages
and word processors, and its relatives (U+1680, U+2000 to U+200B, U+202F, U+205F, U+3000).

## Why is this bad?

YAML indents with the space and separates with it and the tab (YAML 1.2.2, sections 6.1
and 6.2); PyYAML, with which OSM reads, sees it so too. To both the others are letters: a
key that is indented with one begins with it, stands at another level than it seems to, and
is unknown there. An id that ends in one is another id. None of it can be seen.

## What to do

Write spaces, or put the value in quotes if the letter is meant.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n\u{a0} product-name: tiny\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  product-name: tiny\u{a0}one\n",
        )],
    }),
};

/// A place, what is said of it and what to do.
type Found = (Range<usize>, String, &'static str);

fn check(doc: &Document, out: &mut Vec<Diagnostic>) {
    let text = doc.file().text();
    let Some(root) = doc.root().filter(|_| !text.is_ascii()) else {
        return;
    };
    let mut found: Vec<Found> = Vec::new();
    names::each(root, &mut |node, _| {
        for entry in node.entries().filter(|entry| !entry.is_merged()) {
            if entry.key_style() == Style::Plain {
                look(text, entry.key_at(), "key", &mut found);
            }
        }
        if node.style() == Some(Style::Plain) {
            look(text, node.at(), "value", &mut found);
        }
    });
    found.sort_by_key(|(at, ..)| at.start);
    report(doc, found, out);
}

/// Tells of each, or where many are of one, as when all of a file was copied.
fn report(doc: &Document, found: Vec<Found>, out: &mut Vec<Diagnostic>) {
    const SEPARATE: usize = 3;
    const MARKED: usize = 4;
    let more = found.len().saturating_sub(1);
    let is_many = found.len() > SEPARATE;
    let mut found = found.into_iter();
    let shown = if is_many { 1 } else { SEPARATE };
    for (at, message, help) in found.by_ref().take(shown) {
        out.push(Diagnostic::new(&RULE, doc.span(at), message).help(help));
    }
    if let Some(first) = out.last_mut().filter(|_| is_many) {
        first
            .notes
            .push(format!("the same holds in {more} more places"));
        let others = found.take(MARKED).map(|(at, ..)| Label {
            span: doc.span(at),
            text: "here too".to_owned(),
        });
        first.secondary.extend(others);
    }
}

/// Looks at the letters around a word.
fn look(text: &str, at: Range<usize>, what: &str, found: &mut Vec<Found>) {
    let Some(word) = text.get(at.clone()).filter(|word| !word.is_ascii()) else {
        return;
    };
    let is_blank = |letter: char| letter == ' ' || is_strange_blank(letter);
    let start = at.start + word.len() - word.trim_start_matches(is_blank).len();
    let end = at.start + word.trim_end_matches(is_blank).len();
    let before = text[..at.start].rsplit('\n').next().unwrap_or_default();
    let is_first = before.trim_matches([' ', '-']).is_empty();
    let instead = match what {
        "key" if is_first => "indent with spaces",
        _ => "write a space in its place",
    };
    let places = [
        (at.start..start, "begins", instead),
        (end.max(start)..at.end, "ends", "delete it"),
    ];
    for (at, does, help) in places {
        let letter = text[at.clone()].chars().find(|letter| *letter != ' ');
        if let Some(letter) = letter {
            let name = format!("U+{:04X}", u32::from(letter));
            let message =
                format!("this {what} {does} with {name}, which looks like a space and is a letter");
            found.push((at, message, help));
        }
    }
}
