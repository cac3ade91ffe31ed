//! `schema/out-of-range`.

use super::words;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint, Place};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "schema/out-of-range",
    level: Level::Deny,
    fixed: false,
    summary: "a number is below or above what the model allows",
    docs: "\
## What it does

Compares numbers with the bounds that the model gives for them: those of its
integer types and those written at the node.

## Why is this bad?

OSM checks the same bounds when it loads a descriptor, and refuses the whole
descriptor for one number outside of them.

The validator that SHIELD used has one event for all that a schema refuses,
`evt_nsd_stx_invalid` or `evt_vnfd_stx_invalid`.

## What to do

Write a number within the bounds. A number that is far too large was often
meant in another unit: SOL006 counts memory and storage in gigabytes.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "\
vnfd:
  id: tiny_vnf
  virtual-compute-desc:
  - id: small
    virtual-cpu:
      num-virtual-cpu: -1
",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "\
vnfd:
  id: tiny_vnf
  virtual-compute-desc:
  - id: small
    virtual-cpu:
      num-virtual-cpu: 1
",
        )],
    }),
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let ViolationKind::OutOfRange { .. } = &violation.kind else {
        return None;
    };
    let message = words::message(violation);
    Some(words::finding(&RULE, violation, place, message))
}
