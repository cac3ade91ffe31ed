//! `osm/mgmt-cp`.

use crate::descriptor::{Kind, Model, local, local_entry};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::names;
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/mgmt-cp",
    level: Level::Deny,
    fixed: false,
    summary: "a VNF with VDUs does not say where it is managed",
    docs: "\
## What it does

Checks that a VNFD with at least one `vdu` has `mgmt-cp`, and that it names one
of its `ext-cpd`. A function that is made of containers only needs none.

## Why is this bad?

OSM reaches the function, for its charms and for day-1 and day-2 operations, at
the address of that connection point. Its north-bound interface answers 422:
`'mgmt-cp' is a mandatory field and it is not defined`, or `mgmt-cp='X' must
match an existing ext-cpd`. The standard does not know the field.

## What to do

Write `mgmt-cp: ID` beside `vdu`, with the id of the external connection point
that is on the management network.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  mgmt-cp: mgnt\n  ext-cpd:\n    - id: mgmt\n  vdu:\n    - id: vm\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  mgmt-cp: mgmt\n  ext-cpd:\n    - id: mgmt\n  vdu:\n    - id: vm\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Vnf, Model::Sol006) else {
        return;
    };
    if names::list(body, "vdu").next().is_none() {
        return;
    }
    let points = names::ids(body, "ext-cpd", "id");
    let Some((node, typed)) = names::value(body, "mgmt-cp") else {
        let span = match (local_entry(body, "mgmt-cp"), local_entry(body, "vdu")) {
            (Some(entry), _) | (None, Some(entry)) => entry.key_span(),
            _ => return,
        };
        let is_there = local(body, "mgmt-cp").is_some_and(|value| !value.is_null());
        let message = match is_there {
            true => "`mgmt-cp` must be the name of one `ext-cpd`",
            false => "`mgmt-cp` is missing; OSM wants it in every VNFD with a `vdu`",
        };
        let help = match &*points {
            [] => "add an `ext-cpd` and name it in `mgmt-cp`".to_owned(),
            [only] => format!("write `mgmt-cp: {only}`"),
            several => format!("write `mgmt-cp:` with one of {}", names::quoted(several)),
        };
        let mut finding = Diagnostic::new(&RULE, span, message).help(help);
        if !is_there {
            finding = finding.lacks("mgmt-cp");
        }
        out.push(finding);
        return;
    };
    if !points.has(node) {
        let message = format!("`mgmt-cp` names `{typed}`, which is no `ext-cpd` of this VNFD");
        let mut diagnostic = names::unknown_item(&RULE, node, message, "`ext-cpd`", &points);
        // The internal end is what is named by mistake most often.
        let external = names::list(body, "ext-cpd").find(|external| {
            local(*external, "int-cpd").is_some_and(|int| names::text(int, "cpd") == typed)
        });
        if let Some((id, name)) = external.and_then(|external| names::value(external, "id")) {
            diagnostic = diagnostic.also(
                id.span(),
                format!("`{typed}` is the internal end of `{name}`"),
            );
        }
        out.push(diagnostic);
    }
}
