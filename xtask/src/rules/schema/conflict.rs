//! `schema/conflict`.

use super::words;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Lint, Place};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "schema/conflict",
    level: Level::Deny,
    fixed: false,
    summary: "two keys stand together that exclude each other",
    docs: "\
## What it does

Looks for mappings with keys of more than one case of a choice. In YANG (RFC
7950, section 7.9) only one case of a choice may be there, such as either
`cloud-init` or `cloud-init-file`.

## Why is this bad?

A reader can follow one of the two only, and nothing in the descriptor says
which. OSM's loader lets both pass: in its descriptors this is told by
`schema/departure`.

## What to do

Keep the key that is meant and delete the other.
",
    // All choices in the models stand in those of OSM, whose loader lets both
    // cases pass.
    example: None,
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let ViolationKind::Conflict { .. } = &violation.kind else {
        return None;
    };
    Some(finding(&RULE, violation, place))
}

/// The finding with both keys marked, for `rule`.
pub(super) fn finding(rule: &'static Rule, violation: &Violation, place: &Place<'_>) -> Diagnostic {
    let message = words::message(violation);
    let mut diagnostic = words::finding(rule, violation, place, message);
    if let ViolationKind::Conflict { key, other } = &violation.kind {
        if let Some(at) = words::sibling(place, &violation.at, other) {
            let span = place.descriptor.doc.span(at);
            diagnostic = diagnostic.also(span, "the other case");
        }
        diagnostic = diagnostic.help(format!("keep either `{key}` or `{other}`"));
    }
    diagnostic
}
