//! `osm/merged-items`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::schema::words;
use crate::rules::{Check, Lint, Place};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "osm/merged-items",
    level: Level::Deny,
    fixed: false,
    summary: "OSM makes one of two items of a list in a VNFD, and misses the other",
    docs: "\
## What it does

Looks in the lists of a VNFD for two items with the same key, and for a value that
stands twice in a list of values. Of items with the same `id` or `name` speaks
`osm/duplicate-id`.

## Why is this bad?

OSM's loader makes one of the two. Its north-bound interface then puts what was
loaded beside what was written, item by item, runs out of items and answers 422,
`Error in pyangbind validation: list index out of range`. Of services it only loses
one of the two, which is a departure from the standard.

## What to do

Delete one of the two, or give it another key.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  vnfm-info: [osm, osm]\n  df:\n    - id: default-df\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  vnfm-info: [osm]\n  df:\n    - id: default-df\n",
        )],
    }),
};

pub(in crate::rules) fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let ViolationKind::Merged { first, .. } = &violation.kind else {
        return None;
    };
    let message = words::message(violation);
    let first = place.descriptor.doc.span(first.clone());
    Some(
        words::finding(&RULE, violation, place, message)
            .also(first, "it stands here first")
            .note("OSM makes one of the two, and then answers `list index out of range`")
            .help("delete one of the two, or write what was meant"),
    )
}
