//! `schema/other`.

use super::words;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Lint, Place};
use crate::schema::Violation;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "schema/other",
    level: Level::Deny,
    fixed: false,
    summary: "the model is broken in a way that no other rule names",
    docs: "\
## What it does

Reports what the other rules of this family have no words for, such as a value
that fits none of several forms.

## Why is this bad?

Whoever reads the descriptor by the same model refuses it.

The validator that SHIELD used has one event for all that a schema refuses,
`evt_nsd_stx_invalid` or `evt_vnfd_stx_invalid`.

## What to do

The finding repeats what the validator says. `cargo nfv schema` prints the
model that was asked.
",
    // No schema that is shipped has a keyword without a rule of its own.
    example: None,
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let message = words::message(violation);
    Some(words::finding(&RULE, violation, place, message))
}
