//! `hdag/unknown-service`.

use super::graph;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, nearest};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "hdag/unknown-service",
    level: Level::Deny,
    fixed: false,
    summary: "a service names another that is not in the graph",
    docs: "\
## What it does

Checks that every name of a service leads to one of the graph: in
`connectionPoints`, `coLocation`, `latencies`, in the `dependencies` of an
automatic trigger and in the `serviceId` of an event's source.

## Why is this bad?

These names are the edges of the graph. NEPHELE's orchestrator draws them without
a look whether the other end exists: the service is placed without its
neighbour, waits for ever for one that never starts, or is started by a metric
that nobody delivers.

## What to do

Write the `id` of a service of this graph. An empty text is no name; delete the
item.
",
    example: Some(Example {
        bad: &[(
            "tiny_hdag/tiny.yaml",
            "hdaGraph:\n  imVersion: 0.4.0\n  id: tiny\n  version: '1.0.0'\n  services:\n    - id: front\n      deployment:\n        intent:\n          connectionPoints: [bakc]\n    - id: back\n",
        )],
        good: &[(
            "tiny_hdag/tiny.yaml",
            "hdaGraph:\n  imVersion: 0.4.0\n  id: tiny\n  version: '1.0.0'\n  services:\n    - id: front\n      deployment:\n        intent:\n          connectionPoints: [back]\n    - id: back\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(graph) = graph::of(package) else {
        return;
    };
    let services = graph::services(graph);
    let ids: Vec<&str> = services.iter().filter_map(|s| graph::id(*s)).collect();
    for service in &services {
        let own = graph::id(*service).unwrap_or("?");
        for (key, node) in graph::mentions(*service) {
            let Some(name) = node.str() else {
                let message = format!("`{key}` of the service `{own}` names no service");
                out.push(
                    Diagnostic::new(&RULE, node.span(), message)
                        .help("write the `id` of a service, or delete the item"),
                );
                continue;
            };
            if ids.contains(&name) {
                continue;
            }
            let message = format!("`{key}` names the service `{name}`, which is not in the graph");
            let diagnostic = Diagnostic::new(&RULE, node.span(), message).label("not found");
            let others = ids.iter().copied().filter(|id| *id != own);
            let diagnostic = match nearest(name, others) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic.help("write the `id` of a service of this graph"),
            };
            let shown: Vec<String> = ids.iter().take(8).map(|id| format!("`{id}`")).collect();
            let more = match ids.len().saturating_sub(8) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let verb = if ids.len() == 1 { "is" } else { "are" };
            out.push(diagnostic.note(format!("there {verb} {}{more}", shown.join(", "))));
        }
    }
}
