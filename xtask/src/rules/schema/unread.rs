//! `schema/unread`.

use super::words;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Lint, Place};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "schema/unread",
    level: Level::Deny,
    fixed: false,
    summary: "a descriptor departs from its model in more places than are looked at",
    docs: "\
## What it does

Tells of a descriptor that departs from its model in more than 20,000 places. The
first are told of; behind them the types, keys and values of the rest are not looked
at. Whether the items of lists differ, where references lead and what has to go
together is looked at all the same, up to as many places again.

What OSM lets pass does not count in its profile: there `schema/departure` tells that
there are more.

## Why is this bad?

Among what was not looked at may be anything, whatever the levels of the findings that
are told. Such a descriptor was written by a program that makes the same fault in every
item.

The validator that SHIELD used has one event for all that a schema refuses,
`evt_nsd_stx_invalid` or `evt_vnfd_stx_invalid`.

## What to do

Mend what the other findings name, and check again.
",
    // It takes a descriptor of some thousand lines.
    example: None,
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let ViolationKind::Unread { .. } = violation.kind else {
        return None;
    };
    let message = words::message(violation);
    Some(words::finding(&RULE, violation, place, message))
}
