//! `osm/no-deltas`.

use crate::descriptor::{Kind, Model, local_entry};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;
use crate::yaml::{Node, Shape};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/no-deltas",
    level: Level::Deny,
    fixed: false,
    summary: "a scaling aspect does not say how much it scales",
    docs: "\
## What it does

Checks that every `scaling-aspect` of a VNFD has `aspect-delta-details`.

## Why is this bad?

OSM's north-bound interface asks for the deltas of each aspect and fails with an
internal error, `'NoneType' object has no attribute 'get'`, where
`aspect-delta-details` is not there. In the standard it may be left out.

## What to do

Add `aspect-delta-details:` with a list `deltas`. If the aspect scales nothing,
delete it.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  df:\n    - id: default-df\n      scaling-aspect:\n        - id: grow\n          name: grow\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  df:\n    - id: default-df\n      scaling-aspect:\n        - id: grow\n          aspect-delta-details:\n            deltas:\n              - id: one\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Vnf, Model::Sol006) else {
        return;
    };
    let aspects = names::list(body, "df").flat_map(|df| names::list(df, "scaling-aspect"));
    for aspect in aspects {
        let entry = local_entry(aspect, "aspect-delta-details");
        // Of another single value the model speaks.
        let is_there = |node: Node<'_>| !node.is_null() && node.shape() != Shape::Sequence;
        if entry.is_some_and(|entry| is_there(entry.value())) {
            continue;
        }
        let (span, id) = match (entry, names::value(aspect, "id")) {
            (Some(entry), id) => (entry.key_span(), id.map_or("", |(_, id)| id)),
            (None, Some((node, id))) => (node.span(), id),
            (None, None) => continue,
        };
        let message = format!(
            "the `scaling-aspect` `{id}` has no `aspect-delta-details`, and OSM fails without"
        );
        let help = "add `aspect-delta-details:` with a list `deltas`, or delete the aspect";
        let finding = Diagnostic::new(&RULE, span, message).help(help);
        out.push(finding.lacks("aspect-delta-details"));
    }
}
