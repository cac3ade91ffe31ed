//! `hdag/cycle`.

use std::collections::{HashMap, HashSet};

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
    id: "hdag/cycle",
    level: Level::Deny,
    fixed: false,
    summary: "services wait for each other to start",
    docs: "\
## What it does

Follows the `dependencies` of automatic triggers from service to service, and
reports a way that leads back to where it began.

## Why is this bad?

A service with dependencies is started after them. In a circle each waits for
the next, and none of them is ever started.

## What to do

Take one dependency out. If two services talk to each other, that belongs into
`connectionPoints`, which may run in circles; `dependencies` only says who starts
first.
",
    example: Some(Example {
        bad: &[(
            "tiny_hdag/tiny.yaml",
            "hdaGraph:\n  imVersion: 0.4.0\n  id: tiny\n  version: '1.0.0'\n  services:\n    - id: front\n      deployment:\n        trigger:\n          auto:\n            dependencies: [back]\n    - id: back\n      deployment:\n        trigger:\n          auto:\n            dependencies: [front]\n",
        )],
        good: &[(
            "tiny_hdag/tiny.yaml",
            "hdaGraph:\n  imVersion: 0.4.0\n  id: tiny\n  version: '1.0.0'\n  services:\n    - id: front\n      deployment:\n        trigger:\n          auto:\n            dependencies: [back]\n    - id: back\n      deployment:\n        trigger:\n          auto:\n            dependencies: []\n",
        )],
    }),
};

type Edges<'a> = HashMap<&'a str, Vec<(&'a str, Node<'a>)>>;

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(graph) = graph::of(package) else {
        return;
    };
    let services = graph::services(graph);
    let mut edges: Edges<'_> = HashMap::new();
    for service in &services {
        let Some(id) = graph::id(*service) else {
            continue;
        };
        let named = graph::dependencies(*service).into_iter();
        let named = named.filter_map(|node| Some((node.str()?, node)));
        edges.entry(id).or_default().extend(named);
    }
    let mut done = HashSet::new();
    for service in &services {
        if let Some(id) = graph::id(*service)
            && let Some(cycle) = search(id, &edges, &mut done)
        {
            report(&cycle, out);
        }
    }
}

/// The first circle that can be reached from `start` over services that were
/// not looked at before. Without recursion: a graph may be as long as a file.
fn search<'a>(
    start: &'a str,
    edges: &Edges<'a>,
    done: &mut HashSet<&'a str>,
) -> Option<Vec<(&'a str, Node<'a>)>> {
    if !done.insert(start) {
        return None;
    }
    // The way from `start`: each service, and which of its edges is next.
    let mut way: Vec<(&str, usize)> = vec![(start, 0)];
    let mut found = None;
    while let Some((id, next)) = way.last_mut() {
        let Some((to, _)) = edges.get(id).and_then(|list| list.get(*next)) else {
            way.pop();
            continue;
        };
        *next += 1;
        if let Some(i) = way.iter().position(|(id, _)| id == to) {
            if found.is_none() {
                let edge =
                    |(id, next): &(&'a str, usize)| Some((*id, edges.get(id)?.get(next - 1)?.1));
                found = Some(way[i..].iter().filter_map(edge).collect());
            }
        } else if done.insert(to) {
            way.push((to, 0));
        }
    }
    found
}

fn report(cycle: &[(&str, Node<'_>)], out: &mut Vec<Diagnostic>) {
    let Some((first, node)) = cycle.first() else {
        return;
    };
    if cycle.len() == 1 {
        let message = format!("the service `{first}` waits for itself");
        out.push(Diagnostic::new(&RULE, node.span(), message).help("take the dependency out"));
        return;
    }
    let mut way: Vec<String> = cycle.iter().map(|(id, _)| format!("`{id}`")).collect();
    way.push(format!("`{first}`"));
    let message = format!("services wait for each other: {}", way.join(", "));
    let mut diagnostic =
        Diagnostic::new(&RULE, node.span(), message).help("take one of these dependencies out");
    for (id, node) in &cycle[1..] {
        diagnostic = diagnostic.also(node.span(), format!("`{id}` waits for this one"));
    }
    out.push(diagnostic);
}
