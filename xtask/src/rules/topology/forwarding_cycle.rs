//! `topology/forwarding-cycle`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::graph::{ForwardingPath, forwarding_graphs};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "topology/forwarding-cycle",
    level: Level::Warn,
    fixed: false,
    summary: "a forwarding graph sends packets in a circle",
    docs: "\
## What it does

Draws the way from function to function of each forwarding graph (`vnffgd`) of an
NSD, all its paths together, and looks for a circle of three functions or more.
Two functions that send to each other are the two directions of a connection and
no circle.

A path is the order of the positions of an `nfpd`, whose elements name the
constituents by `constituent-base-element-id`, by a point in the `cpd-pool`, or
by an `nfp-position-element`; in the model before SOL006, the order of the
`vnfd-connection-point-ref` of an `rsp`.

## Why is this bad?

A packet that is classified anew at every hop never leaves the circle. No
orchestrator looks at it when the package arrives. The validator that SHIELD used
calls it `evt_nsd_top_fwgraph_cycles`, a warning as well, since a classifier that
matches at the entrance only makes a circle harmless.

Parts of its documentation say `evt_nsd_top_fwpath_cycles`.

## What to do

Split the graph, or correct the order of the positions.
",
    example: Some(Example {
        bad: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd-catalog:\n  nsd:\n    - id: tiny_ns\n      name: tiny_ns\n      vnffgd:\n        - id: fg\n          rsp:\n            - id: path\n              vnfd-connection-point-ref:\n                - member-vnf-index-ref: 1\n                  order: 0\n                - member-vnf-index-ref: 2\n                  order: 1\n                - member-vnf-index-ref: 3\n                  order: 2\n                - member-vnf-index-ref: 1\n                  order: 3\n",
        )],
        good: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd-catalog:\n  nsd:\n    - id: tiny_ns\n      name: tiny_ns\n      vnffgd:\n        - id: fg\n          rsp:\n            - id: path\n              vnfd-connection-point-ref:\n                - member-vnf-index-ref: 1\n                  order: 0\n                - member-vnf-index-ref: 2\n                  order: 1\n                - member-vnf-index-ref: 3\n                  order: 2\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let descriptor = package.descriptor.iter();
    for paths in descriptor.flat_map(forwarding_graphs) {
        look(&paths, out);
    }
}

fn look(paths: &[ForwardingPath<'_>], out: &mut Vec<Diagnostic>) {
    let mut ways: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for path in paths {
        let path = &path.hops;
        for (from, to) in path.iter().zip(path.iter().skip(1)) {
            if from.member != to.member {
                ways.entry(from.member).or_default().insert(to.member);
            }
        }
    }
    // The step that closes a circle, in the order of the file; one is enough.
    let mut seen = BTreeSet::new();
    for path in paths {
        let path = &path.hops;
        for (first, next) in path.iter().zip(path.iter().skip(1)) {
            let (from, to) = (&first.member, &next.member);
            if from == to || !seen.insert((from, to)) {
                continue;
            }
            if let Some(back) = back(&ways, to, from) {
                let circle: Vec<String> = [*from]
                    .into_iter()
                    .chain(back)
                    .map(|name| format!("`{name}`"))
                    .collect();
                let message = format!("packets go in a circle: {}", circle.join(" → "));
                out.push(
                    Diagnostic::new(&RULE, next.node.span(), message)
                        .help("split the forwarding graph, or correct the order of its positions"),
                );
                return;
            }
        }
    }
}

/// The shortest way from `start` to `end` over at least one other function.
fn back<'a>(
    ways: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    start: &'a str,
    end: &'a str,
) -> Option<Vec<&'a str>> {
    let mut came: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(at) = open.pop_front() {
        for &next in ways.get(at).into_iter().flatten() {
            let is_direct = at == start && next == end;
            if is_direct || next == start || came.contains_key(next) {
                continue;
            }
            came.insert(next, at);
            if next == end {
                let mut way = vec![end];
                let mut at = end;
                while let Some(&before) = came.get(at) {
                    way.push(before);
                    at = before;
                }
                way.reverse();
                return Some(way);
            }
            open.push_back(next);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_directions_are_no_circle() {
        let ways = |edges: &[(&'static str, &'static str)]| {
            let mut ways: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
            for &(a, b) in edges {
                ways.entry(a).or_default().insert(b);
            }
            ways
        };
        let chain = ways(&[("a", "b"), ("b", "c"), ("c", "b"), ("b", "a")]);
        assert_eq!(back(&chain, "b", "a"), None);
        assert_eq!(back(&chain, "c", "b"), None);
        let ring = ways(&[("a", "b"), ("b", "c"), ("c", "a")]);
        assert_eq!(back(&ring, "b", "a"), Some(vec!["b", "c", "a"]));
    }
}
