//! `schema/conflict`.

use super::words;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint, Place};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

pub(in crate::rules) static RULE: Rule = Rule {
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
which. OSM's loader lets both pass, so in its profile this is a warning.

The validator that SHIELD used has one event for all that a schema refuses,
`evt_nsd_stx_invalid` or `evt_vnfd_stx_invalid`.

## What to do

Keep the key that is meant and delete the other.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  vdu:\n    - id: main\n      cloud-init: '#cloud-config'\n      cloud-init-file: init.cfg\n",
        )],
        good: &[
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  vdu:\n    - id: main\n      cloud-init-file: init.cfg\n",
            ),
            ("tiny_vnf/cloud_init/init.cfg", "#cloud-config\n"),
        ],
    }),
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let ViolationKind::Conflict { key, other } = &violation.kind else {
        return None;
    };
    let message = words::message(violation);
    let mut diagnostic = words::finding(&RULE, violation, place, message);
    if let Some(at) = words::sibling(place, &violation.at, other) {
        let span = place.descriptor.doc.span(at);
        diagnostic = diagnostic.also(span, "the other case");
    }
    Some(diagnostic.help(format!("keep either `{key}` or `{other}`")))
}
