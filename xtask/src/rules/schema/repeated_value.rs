//! `schema/repeated-value`.

use super::words;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint, Place};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "schema/repeated-value",
    level: Level::Deny,
    fixed: false,
    summary: "a value stands twice in a list of values",
    docs: "\
## What it does

Looks for lists of values in which one stands more than once, where the model
wants each but once. Names with the prefix of a module and without are the same,
and so are numbers with a zero before them and without.

## Why is this bad?

A leaf-list of YANG is a set (RFC 7950, section 7.7), and a validator of the
standard refuses the descriptor. OSM's loader does not mind: in the profile `osm`
it is part of `schema/departure`.

The validator that SHIELD used has one event for all that a schema refuses,
`evt_nsd_stx_invalid` or `evt_vnfd_stx_invalid`.

## What to do

Delete one of the two, or write what was meant.
",
    example: Some(Example {
        bad: &[(
            "meter/meter.yaml",
            "name: meter\nbindingNB:\n  bindingModeNB: [H, M, H]\n  hostname: meter\n",
        )],
        good: &[(
            "meter/meter.yaml",
            "name: meter\nbindingNB:\n  bindingModeNB: [H, M]\n  hostname: meter\n",
        )],
    }),
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let ViolationKind::Repeated { first, .. } = &violation.kind else {
        return None;
    };
    let message = words::message(violation);
    let first = place.descriptor.doc.span(first.clone());
    Some(
        words::finding(&RULE, violation, place, message)
            .also(first, "it stands here first")
            .help("delete one of the two, or write what was meant"),
    )
}
