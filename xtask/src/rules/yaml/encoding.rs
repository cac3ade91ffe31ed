//! `yaml/encoding`.

use crate::diagnostic::{Diagnostic, Level, Rule, Span};
use crate::rules::{Check, Lint};
use crate::yaml::{Document, ProblemKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Document(check),
};

static RULE: Rule = Rule {
    id: "yaml/encoding",
    level: Level::Deny,
    fixed: true,
    summary: "the file is not UTF-8",
    docs: "\
## What it does

Reports the first byte of a descriptor that is not UTF-8, or says so where the
whole file is in UTF-16.

## Why is this bad?

What a byte above 127 means can only be guessed outside of UTF-8, so the same
file would show one vendor's name here and another one there. OSM hands
descriptors on as JSON, which is UTF-8 by definition (RFC 8259, section 8.1).
YAML allows UTF-16 as well (YAML 1.2.2, section 5.2), but many readers, this
one among them, take a descriptor as UTF-8.

## What to do

Save the file as UTF-8 in your editor. A file in Latin-1 is converted by
`iconv -f latin1 -t utf-8 old.yaml > new.yaml`, one in UTF-16 by
`iconv -f utf-16 -t utf-8`.
",
    // The files of an example are texts, so they can't show it.
    example: None,
};

/// What stands in the text for bytes that are not UTF-8.
const REPLACED: char = '\u{fffd}';

fn check(doc: &Document, out: &mut Vec<Diagnostic>) {
    for problem in doc.problems() {
        let ProblemKind::Encoding { looks_like } = &problem.kind else {
            continue;
        };
        out.push(match looks_like {
            // No line of such a file can be shown in a way that helps.
            Some(encoding) => Diagnostic::new(
                &RULE,
                Span::whole(doc.file()),
                format!("this file is not UTF-8, it looks like {encoding}"),
            )
            .help("save the file as UTF-8"),
            None => {
                let at = problem.at.start;
                let text = doc.file().text();
                let is_replaced = text.get(at..).is_some_and(|t| t.starts_with(REPLACED));
                let len = if is_replaced { REPLACED.len_utf8() } else { 0 };
                Diagnostic::new(
                    &RULE,
                    doc.span(at..at + len),
                    "this file is not UTF-8: a byte here is no part of any character",
                )
                .label("not UTF-8")
                .help("save the file as UTF-8")
            }
        });
    }
}
