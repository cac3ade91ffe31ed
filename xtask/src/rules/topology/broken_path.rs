//! `topology/broken-path`.

use std::collections::{BTreeMap, BTreeSet};

use super::disconnected::networks;
use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::graph::{Hop, Role, Topology, forwarding_graphs, topology};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "topology/broken-path",
    level: Level::Warn,
    fixed: false,
    summary: "a forwarding path leads from one function to another that it shares no link with",
    docs: "\
## What it does

Goes along each forwarding path of an NSD and looks whether one function and the next are on a
common link: with the points at which the path leaves the one and comes into the other, where
it names them (`vnfd-egress-connection-point-ref`, `egress-constituent-cpd-id`, a point of the
`cpd-pool`, …), else with any of their points. Links that are one network of the infrastructure count as
one, as in `topology/disconnected`.

What is on no link at all, or is named and does not exist, is told by other rules.

## Why is this bad?

A packet can't take the path. OSM takes the package, and finds out at the instantiation. The
validator that SHIELD used calls it `evt_nsd_top_fwpath_invalid` (`evt_nsd_top_fwpath_disrupted` in
other versions): the path has breaks in the topology. Two more of its events are about paths that are
lists of points, where those of OSM and ETSI are lists of functions, and have nothing to speak of here: an
odd number of points (`evt_nsd_top_fwgraph_cpoints_odd`), and a path that leads through the inside of a
function (`evt_nsd_top_fwpath_inside_vnf`).

## What to do

Correct the order of the positions or their points, or put both points on one link.
",
    example: Some(Example {
        bad: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd-catalog:\n  nsd:\n    - id: tiny_ns\n      name: tiny_ns\n      vld:\n        - id: left\n          vnfd-connection-point-ref:\n            - {member-vnf-index-ref: 1, vnfd-id-ref: a, vnfd-connection-point-ref: out}\n            - {member-vnf-index-ref: 2, vnfd-id-ref: b, vnfd-connection-point-ref: in}\n        - id: right\n          vnfd-connection-point-ref:\n            - {member-vnf-index-ref: 2, vnfd-id-ref: b, vnfd-connection-point-ref: out}\n            - {member-vnf-index-ref: 3, vnfd-id-ref: c, vnfd-connection-point-ref: in}\n      vnffgd:\n        - id: fg\n          rsp:\n            - id: path\n              vnfd-connection-point-ref:\n                - member-vnf-index-ref: 1\n                  order: 0\n                - member-vnf-index-ref: 3\n                  order: 1\n",
        )],
        good: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd-catalog:\n  nsd:\n    - id: tiny_ns\n      name: tiny_ns\n      vld:\n        - id: left\n          vnfd-connection-point-ref:\n            - {member-vnf-index-ref: 1, vnfd-id-ref: a, vnfd-connection-point-ref: out}\n            - {member-vnf-index-ref: 2, vnfd-id-ref: b, vnfd-connection-point-ref: in}\n        - id: right\n          vnfd-connection-point-ref:\n            - {member-vnf-index-ref: 2, vnfd-id-ref: b, vnfd-connection-point-ref: out}\n            - {member-vnf-index-ref: 3, vnfd-id-ref: c, vnfd-connection-point-ref: in}\n      vnffgd:\n        - id: fg\n          rsp:\n            - id: path\n              vnfd-connection-point-ref:\n                - member-vnf-index-ref: 1\n                  order: 0\n                - member-vnf-index-ref: 2\n                  order: 1\n                - member-vnf-index-ref: 3\n                  order: 2\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let descriptor = package.descriptor.as_ref();
    let Some(descriptor) = descriptor.filter(|descriptor| descriptor.kind == Kind::Ns) else {
        return;
    };
    let graphs = forwarding_graphs(descriptor);
    if graphs.iter().all(Vec::is_empty) {
        return;
    }
    let (Some(topology), Some(body)) = (topology(descriptor), descriptor.body()) else {
        return;
    };
    let links = Links::of(&topology, body);
    for path in graphs.iter().flatten() {
        for (from, to) in path.hops.iter().zip(path.hops.iter().skip(1)) {
            links.look(from, to, out);
        }
    }
}

/// The links that members are on, by member and point.
struct Links<'a> {
    of: BTreeMap<&'a str, Vec<(&'a str, usize)>>,
    topology: &'a Topology,
    /// The first link of a network that is several.
    first: BTreeMap<usize, usize>,
}

impl<'a> Links<'a> {
    fn of(topology: &'a Topology, body: Node<'_>) -> Self {
        let mut of: BTreeMap<&str, Vec<(&str, usize)>> = BTreeMap::new();
        for connection in &topology.connections {
            let (member, link) = (&topology.parts[connection.from], connection.to);
            if topology.parts[link].role == Role::Link {
                let own = of.entry(member.name.as_str()).or_default();
                own.push((connection.at.as_str(), link));
            }
        }
        let joined = networks(topology, body).into_iter();
        Links {
            of,
            topology,
            first: joined.map(|(first, other)| (other, first)).collect(),
        }
    }

    /// The links that a member is on, with one of its points or with any.
    fn at(&self, member: &str, point: Option<&str>) -> BTreeSet<usize> {
        let own = self.of.get(member).into_iter().flatten();
        let own = own.filter(|(at, _)| point.is_none_or(|point| *at == point || at.is_empty()));
        own.map(|(_, link)| self.first.get(link).copied().unwrap_or(*link))
            .collect()
    }

    fn look(&self, from: &Hop<'_>, to: &Hop<'_>, out: &mut Vec<Diagnostic>) {
        if from.member == to.member {
            return;
        }
        let left = self.at(from.member, from.leaves);
        let right = self.at(to.member, to.enters);
        if left.is_empty() || right.is_empty() || !left.is_disjoint(&right) {
            return;
        }
        let (a, b) = (from.member, to.member);
        let whose = |hop: &Hop<'_>, point: Option<&str>| match point {
            Some(point) => format!("`{point}` of `{}`", hop.member),
            None => format!("`{}`", hop.member),
        };
        let on = |links: &BTreeSet<usize>| {
            let parts = links.iter().map(|link| &*self.topology.parts[*link].name);
            names::quoted(&parts.collect::<Vec<_>>())
        };
        let message = format!("the path goes from `{a}` to `{b}`, which no link connects");
        let note = format!(
            "{} is on {}, {} on {}",
            whose(from, from.leaves),
            on(&left),
            whose(to, to.enters),
            on(&right)
        );
        out.push(
            Diagnostic::new(&RULE, to.node.span(), message)
                .also(from.node.span(), "from here")
                .note(note)
                .help(
                    "correct the order or the points of the path, or put both points on one link",
                ),
        );
    }
}
