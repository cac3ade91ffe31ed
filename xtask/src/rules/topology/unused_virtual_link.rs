//! `topology/unused-virtual-link`.

use std::collections::BTreeSet;

use crate::descriptor::{Kind, Model, local};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "topology/unused-virtual-link",
    level: Level::Warn,
    fixed: false,
    summary: "nothing is connected to a virtual link",
    docs: "\
## What it does

Looks for an `int-virtual-link-desc` of a VNFD that no connection point is on,
and for a `virtual-link-desc` of an NSD that no profile of a constituent and no
`sapd` connects to, by its own id or by that of a `virtual-link-profile`. In the
model before SOL006 these are an `internal-vld` and a `vld` without points.

## Why is this bad?

A network is created for nobody, or, more often, a reference to it was forgotten
or names another link. OSM takes the package. The validator that SHIELD used
finds such a link as a disconnected part of the graph
(`evt_nsd_top_topgraph_disconnected`), or calls it invalid (`evt_invalid_vlink`).

## What to do

Connect something to the link, or delete it.
",
    example: Some(Example {
        bad: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      virtual-link-desc:\n        - id: mgmt\n        - id: data\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              virtual-link-connectivity:\n                - virtual-link-profile-id: mgmt\n",
        )],
        good: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      virtual-link-desc:\n        - id: mgmt\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              virtual-link-connectivity:\n                - virtual-link-profile-id: mgmt\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if let Some((_, body)) = names::etsi_body(package, Kind::Vnf) {
        let points = names::list(body, "vdu").flat_map(|vdu| names::list(vdu, "int-cpd"));
        let points = points.chain(names::list(body, "ext-cpd"));
        let points = points.chain(names::list(body, "vip-cpd"));
        let used = points
            .filter_map(|point| Some(names::value(point, "int-virtual-link-desc")?.1))
            .collect();
        unused(body, "int-virtual-link-desc", &used, out);
    }
    if let Some((_, body)) = names::etsi_body(package, Kind::Ns) {
        let used = used_by_service(body);
        unused(body, "virtual-link-desc", &used, out);
    }
    for (kind, list, points) in [
        (Kind::Vnf, "internal-vld", "internal-connection-point"),
        (Kind::Ns, "vld", "vnfd-connection-point-ref"),
    ] {
        if let Some((_, body)) = names::body(package, kind, Model::OsmIm) {
            before_sol006(body, list, points, out);
        }
    }
}

fn unused(body: Node<'_>, list: &str, used: &BTreeSet<&str>, out: &mut Vec<Diagnostic>) {
    for link in names::list(body, list) {
        if let Some((node, id)) = names::value(link, "id")
            && !used.contains(id)
        {
            add(node, list, id, out);
        }
    }
}

fn add(node: Node<'_>, list: &str, id: &str, out: &mut Vec<Diagnostic>) {
    let message = format!("nothing is connected to the `{list}` `{id}`");
    let help = format!("connect something to `{id}`, or delete it");
    out.push(Diagnostic::new(&RULE, node.span(), message).help(help));
}

/// Links that a constituent or a point of the service is on.
fn used_by_service(body: Node<'_>) -> BTreeSet<&str> {
    let mut used = BTreeSet::new();
    for point in names::list(body, "sapd") {
        used.insert(names::text(point, "virtual-link-desc"));
    }
    for df in names::list(body, "df") {
        let mut named = BTreeSet::new();
        for list in ["vnf-profile", "pnf-profile", "ns-profile"] {
            for profile in names::list(df, list) {
                named.extend(names::ids(
                    profile,
                    "virtual-link-connectivity",
                    "virtual-link-profile-id",
                ));
            }
        }
        for profile in names::list(df, "virtual-link-profile") {
            if named.contains(names::text(profile, "id")) {
                used.insert(names::text(profile, "virtual-link-desc-id"));
            }
        }
        // OSM's descriptors name the link itself.
        used.append(&mut named);
    }
    used
}

fn before_sol006(body: Node<'_>, list: &str, points: &str, out: &mut Vec<Diagnostic>) {
    for link in names::list(body, list) {
        // Older releases name the points in a list of plain references.
        let plain = format!("{points}-ref");
        let is_used = names::list(link, points).next().is_some() || local(link, &plain).is_some();
        if let (Some((node, id)), false) = (names::value(link, "id"), is_used) {
            add(node, list, id, out);
        }
    }
}
