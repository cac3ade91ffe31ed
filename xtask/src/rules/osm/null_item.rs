//! `osm/null-item`.

use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/null-item",
    level: Level::Deny,
    fixed: false,
    summary: "a list has an item without content",
    docs: "\
## What it does

Looks in a descriptor of SOL006 for an item of a list with nothing in it (a dash
with nothing behind it, `null`, `~`).

## Why is this bad?

A key without a value is the value null. OSM mostly takes that for nothing, but
its loader and its north-bound interface look into every item of a list without
asking: the answer is `'NoneType' object is not iterable` or `has no attribute
'get'`. Of a key of a list that may not be without a value `osm/not-a-list` speaks.

## What to do

Write the item, or take it out of the list.
",
    example: Some(Example {
        bad: &[(
            "tiny_knf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_knf\n  version: '1.0'\n  df:\n    - id: default-df\n    -\n",
        )],
        good: &[(
            "tiny_knf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_knf\n  version: '1.0'\n  df:\n    - id: default-df\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let kinds = [Kind::Vnf, Kind::Ns, Kind::Nst];
    let found = kinds
        .into_iter()
        .find_map(|kind| names::body(package, kind, Model::Sol006));
    let Some((descriptor, body)) = found else {
        return;
    };
    if descriptor.doc.has_null_item() {
        names::each(body, &mut |node, key| {
            for item in node.items().filter(Node::is_null) {
                let message = format!("an item of the list `{key}` has no content");
                let help = "write the item, or take it out of the list";
                out.push(Diagnostic::new(&RULE, item.span(), message).help(help));
            }
        });
    }
}
