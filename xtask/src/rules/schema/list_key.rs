//! `schema/list-key`.

use super::words;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint, Place, fixes};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "schema/list-key",
    level: Level::Deny,
    fixed: false,
    summary: "OSM can't find or take the key of a list item",
    docs: "\
## What it does

Looks at the key of each item of a list, mostly its `id` or `name`: whether it is
written with the prefix of a module (`vnfd:id`), and whether its value is empty.

## Why is this bad?

OSM's loader takes every other key with any prefix or none, but looks for the key
of an item as the model writes it. It answers with the bare name (`'id'`), or with
`Cannot set a null key for a list entry!`, and neither with a place. The standard
has nothing against either, so the rule speaks in the profile `osm` alone.

The validator that SHIELD used has one event for all that a schema refuses,
`evt_nsd_stx_invalid` or `evt_vnfd_stx_invalid`.

## What to do

Write the key without a prefix; `--fix` does. Give the item a name.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  df:\n  - etsi-nfv-vnfd:id: small\n  - id: ''\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  df:\n  - id: small\n  - id: large\n",
        )],
    }),
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let ViolationKind::ListKey { key, written } = &violation.kind else {
        return None;
    };
    let message = words::message(violation);
    let diagnostic = words::finding(&RULE, violation, place, message);
    Some(match written {
        Some(written) => {
            let doc = &place.descriptor.doc;
            let prefix = written.strip_suffix(key).and_then(|p| p.strip_suffix(':'));
            let bare = |prefix| fixes::bare(doc, violation.at.clone(), prefix, key);
            let fix = prefix.and_then(bare);
            diagnostic.help(format!("write it as `{key}`")).fix(fix)
        }
        None => diagnostic.help("give it a value that no other item has"),
    })
}
