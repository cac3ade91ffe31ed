//! `schema/departure`.

use super::{conflict, words, wrong_type};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint, Place};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "schema/departure",
    level: Level::Allow,
    fixed: false,
    summary: "OSM accepts this, the published model does not",
    docs: "\
## What it does

Shows where an OSM descriptor departs from the published model without any
harm: nodes that are mandatory and missing, lists with too few or too many
items, one value where a list is asked for, keys of two cases of one choice.

## Why is this bad?

OSM loads descriptors through classes made with pyangbind, which do not check
these things, so such a descriptor is onboarded and works. Another orchestrator
that takes ETSI GS NFV-SOL 006 to the letter would refuse it. The rule is off
by default because nearly every descriptor in use departs: `vnfm-info` and
`software-version` are left out of almost all VNFDs.

## What to do

Nothing, if the descriptor is for OSM. To carry it to another orchestrator,
switch the rule on with `-W schema/departure` and fill in what is missing.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
        )],
        good: &[(
            "edge/Chart.yaml",
            "apiVersion: v2\nname: edge\nversion: 1.0.0\n",
        )],
    }),
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    if !violation.tolerated {
        return None;
    }
    if matches!(violation.kind, ViolationKind::MissingKey { .. }) {
        return many(&[violation], place);
    }
    let diagnostic = if matches!(violation.kind, ViolationKind::Conflict { .. }) {
        conflict::finding(&RULE, violation, place)
    } else {
        words::finding(&RULE, violation, place, words::message(violation))
    };
    let fix = wrong_type::fix(violation, place);
    Some(diagnostic.note(ACCEPTED).fix(fix))
}

const ACCEPTED: &str = "OSM accepts this";

/// One finding for all keys that one mapping lacks.
pub(super) fn many(violations: &[&Violation], place: &Place<'_>) -> Option<Diagnostic> {
    let first = violations.first()?;
    let keys: Vec<&str> = violations
        .iter()
        .filter_map(|violation| match &violation.kind {
            ViolationKind::MissingKey { key, .. } => Some(key.as_str()),
            _ => None,
        })
        .collect();
    let message = words::missing(&keys, &first.path);
    Some(words::finding(&RULE, first, place, message).note(ACCEPTED))
}
