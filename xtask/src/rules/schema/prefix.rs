//! `schema/prefix`.

use super::words;
use crate::diagnostic::{Diagnostic, Example, Fix, Level, Rule};
use crate::rules::{Check, Lint, Place, fixes};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "schema/prefix",
    level: Level::Deny,
    fixed: false,
    summary: "a key has the prefix of a module that it does not belong to",
    docs: "\
## What it does

Looks at keys with a prefix, such as `etsi-nfv-vnfd:vdu`: whether it is the name of
the module that the key belongs to. RFC 7951 (section 4) lets a key be written
with the name of its module, not with the short prefix by which modules refer to
each other, and not with the name of another module.

## Why is this bad?

A reader that goes by the models takes such a key for one that it does not know,
and refuses the descriptor; libyang does. OSM's loader takes any prefix, so that in
its profile this is one of the departures that `schema/departure` tells of.

## What to do

Write the key without a prefix; `--fix` does, unless the mapping has the same key
a second time. Or write the name of the module, which the finding has.
",
    example: Some(Example {
        bad: &[
            ("nfv.toml", "profile = \"etsi\"\n"),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  vnfd:provider: Tiny\n",
            ),
        ],
        good: &[
            ("nfv.toml", "profile = \"etsi\"\n"),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  etsi-nfv-vnfd:provider: Tiny\n",
            ),
        ],
    }),
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let ViolationKind::Prefix { key, module, .. } = &violation.kind else {
        return None;
    };
    let message = words::message(violation);
    let diagnostic = words::finding(&RULE, violation, place, message);
    let help = format!("write it as `{key}` or, with its module, as `{module}:{key}`");
    Some(diagnostic.help(help).fix(fix(violation, place)))
}

/// Takes the prefix from the key.
pub(super) fn fix(violation: &Violation, place: &Place<'_>) -> Option<Fix> {
    let ViolationKind::Prefix {
        key,
        prefix,
        is_only,
        ..
    } = &violation.kind
    else {
        return None;
    };
    let doc = &place.descriptor.doc;
    // Without its prefix it would be equal to the other.
    let bare = || fixes::bare(doc, violation.at.clone(), prefix, key);
    is_only.then(bare).flatten()
}
