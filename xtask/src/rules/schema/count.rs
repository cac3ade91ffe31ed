//! `schema/count`.

use super::{purpose, words};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint, Place};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "schema/count",
    level: Level::Deny,
    fixed: false,
    summary: "a list, a mapping or a text is too short or too long",
    docs: "\
## What it does

Counts the items of lists, the keys of mappings and the letters of texts where
the model bounds them. An empty text is the most frequent case.

## Why is this bad?

The SHIELD Store refuses a manifest with an empty field, HDA graphs need at
least one service, and OSM refuses names that are shorter than its models ask.
OSM does not count the items of lists; what it lets pass is told by
`schema/departure`.

The validator that SHIELD used has one event for all that a schema refuses,
`evt_nsd_stx_invalid` or `evt_vnfd_stx_invalid`.

## What to do

Write what is missing, or leave the key out if it need not be there.
",
    example: Some(Example {
        bad: &[(
            "edge/hdag.yaml",
            "hdaGraph:\n  imVersion: 0.4.0\n  id: edge\n  version: 1.0.0\n  services: []\n",
        )],
        good: &[(
            "edge/hdag.yaml",
            "hdaGraph:\n  imVersion: 0.4.0\n  id: edge\n  version: 1.0.0\n  services:\n  - id: proxy\n",
        )],
    }),
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let ViolationKind::Count { bound } = &violation.kind else {
        return None;
    };
    let message = words::message(violation);
    let mut diagnostic = words::finding(&RULE, violation, place, message);
    if bound.starts_with("at least") && bound.contains(" item") {
        diagnostic
            .help
            .extend(purpose::help_at(&violation.path, place));
    }
    Some(diagnostic)
}
