//! `hdag/duplicate-service`.

use std::collections::HashMap;

use super::graph;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "hdag/duplicate-service",
    level: Level::Deny,
    fixed: false,
    summary: "two services of one graph have the same id",
    docs: "\
## What it does

Looks for an `id` that two services of the graph share.

## Why is this bad?

The id becomes the name of the Helm release, and two releases of one name can't
be installed. Every reference to the service has two meanings.

## What to do

Rename one of the two, and the references that mean it.
",
    example: Some(Example {
        bad: &[(
            "tiny_hdag/tiny.yaml",
            "hdaGraph:\n  imVersion: 0.4.0\n  id: tiny\n  version: '1.0.0'\n  services:\n    - id: front\n    - id: front\n",
        )],
        good: &[(
            "tiny_hdag/tiny.yaml",
            "hdaGraph:\n  imVersion: 0.4.0\n  id: tiny\n  version: '1.0.0'\n  services:\n    - id: front\n    - id: back\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(graph) = graph::of(package) else {
        return;
    };
    let mut seen: HashMap<&str, Node<'_>> = HashMap::new();
    for service in graph::services(graph) {
        let (Some(id), Some(node)) = (graph::id(service), service.get("id")) else {
            continue;
        };
        match seen.get(id) {
            Some(first) => out.push(
                Diagnostic::new(
                    &RULE,
                    node.span(),
                    format!("the service `{id}` stands twice in the graph"),
                )
                .label("again here")
                .also(first.span(), "first here")
                .help("rename one of the two, and the references that mean it"),
            ),
            None => {
                seen.insert(id, node);
            }
        }
    }
}
