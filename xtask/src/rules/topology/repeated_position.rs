//! `topology/repeated-position`.

use std::collections::BTreeMap;

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
    id: "topology/repeated-position",
    level: Level::Warn,
    fixed: false,
    summary: "two hops of a forwarding path have the same position",
    docs: "\
## What it does

Looks in each `rsp` of a forwarding graph of the model before SOL006 for two hops with the same
`order`. In SOL006 positions have no number: their order is that of the list.

## Why is this bad?

Which of the two comes first is left to chance. Both are kept, since the member is part of the list's key.
The validator that SHIELD used calls it `evt_nsd_top_fwgraph_position_duplicate`.

## What to do

Number the hops in the order in which packets meet them.
",
    example: Some(Example {
        bad: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd-catalog:\n  nsd:\n    - id: tiny_ns\n      name: tiny_ns\n      vnffgd:\n        - id: fg\n          rsp:\n            - id: path\n              vnfd-connection-point-ref:\n                - member-vnf-index-ref: 1\n                  order: 0\n                - member-vnf-index-ref: 2\n                  order: 0\n",
        )],
        good: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd-catalog:\n  nsd:\n    - id: tiny_ns\n      name: tiny_ns\n      vnffgd:\n        - id: fg\n          rsp:\n            - id: path\n              vnfd-connection-point-ref:\n                - member-vnf-index-ref: 1\n                  order: 0\n                - member-vnf-index-ref: 2\n                  order: 1\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Ns, Model::OsmIm) else {
        return;
    };
    let paths = names::list(body, "vnffgd").flat_map(|graph| names::list(graph, "rsp"));
    for path in paths {
        let mut first: BTreeMap<u64, Node<'_>> = BTreeMap::new();
        for hop in names::list(path, "vnfd-connection-point-ref") {
            let Some((node, order)) = names::value(hop, "order") else {
                continue;
            };
            // What is no number is the schema's to tell.
            let Ok(order) = order.parse() else { continue };
            match first.get(&order) {
                Some(other) => {
                    let message = format!("another hop of the path has the position {order}, too");
                    out.push(
                        Diagnostic::new(&RULE, node.span(), message)
                            .also(other.span(), "this one")
                            .help("number the hops in the order in which packets meet them"),
                    );
                }
                None => {
                    first.insert(order, node);
                }
            }
        }
    }
}
