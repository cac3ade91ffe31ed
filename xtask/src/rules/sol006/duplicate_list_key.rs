//! `sol006/duplicate-list-key`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::schema::words;
use crate::rules::{Check, Lint, Place};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

pub(in crate::rules) static RULE: Rule = Rule {
    id: "sol006/duplicate-list-key",
    level: Level::Deny,
    fixed: false,
    summary: "two items of a list have the same key",
    docs: "\
## What it does

Compares the keys of the items of every list (RFC 7950, section 7.8.2). Most
lists have the key `id`; a few have several keys, which must not all be equal.

## Why is this bad?

A reference to the key can mean either item. Readers that keep lists by their
keys lose one of them without a word, as OSM's loader does, so that in its
profile this is a warning. Of a VNFD it fails, of which `osm/merged-items` speaks.

## What to do

Give one of them another key, and correct what refers to it.
",
    example: Some(Example {
        bad: &[
            ("nfv.toml", "profile = \"etsi\"\n"),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  vdu:\n    - id: main\n    - id: main\n",
            ),
        ],
        good: &[
            ("nfv.toml", "profile = \"etsi\"\n"),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  vdu:\n    - id: main\n    - id: spare\n",
            ),
        ],
    }),
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let ViolationKind::DuplicateKey { first, .. } = &violation.kind else {
        return None;
    };
    let message = words::message(violation);
    let first = place.descriptor.doc.span(first.clone());
    Some(words::finding(&RULE, violation, place, message).also(first, "the first"))
}
