//! `topology/isolated-vnf`.

use std::collections::BTreeSet;

use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "topology/isolated-vnf",
    level: Level::Warn,
    fixed: false,
    summary: "a service connects one of its functions to nothing",
    docs: "\
## What it does

Looks for a `vnf-profile` of an NSD without `virtual-link-connectivity`; in the
model before SOL006, for a member that no `vld` names. A service without any
virtual link is left alone.

## Why is this bad?

The function is started with its external connection points in the air. OSM
takes the package, and refuses or hangs at the instantiation, according to the
kind of function. The validator that SHIELD used calls the topology
disconnected: `evt_nsd_top_topgraph_disconnected`, or `evt_nsd_itg_unused_cpoint`
for the points.

## What to do

Connect the function's `ext-cpd` to a virtual link of the service.
",
    example: Some(Example {
        bad: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      virtual-link-desc:\n        - id: mgmt\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              vnfd-id: tiny_vnf\n",
        )],
        good: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      virtual-link-desc:\n        - id: mgmt\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              vnfd-id: tiny_vnf\n              virtual-link-connectivity:\n                - virtual-link-profile-id: mgmt\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if let Some((_, body)) = names::etsi_body(package, Kind::Ns) {
        if names::list(body, "virtual-link-desc").next().is_none() {
            return;
        }
        for df in names::list(body, "df") {
            for profile in names::list(df, "vnf-profile") {
                if names::list(profile, "virtual-link-connectivity")
                    .next()
                    .is_some()
                {
                    continue;
                }
                if let Some((node, id)) = names::value(profile, "id") {
                    let message = format!("the `vnf-profile` `{id}` is connected to no link");
                    let help = "add a `virtual-link-connectivity` for each of its points";
                    let finding = Diagnostic::new(&RULE, node.span(), message);
                    out.push(finding.help(help).lacks("virtual-link-connectivity"));
                }
            }
        }
    }
    if let Some((_, body)) = names::body(package, Kind::Ns, Model::OsmIm) {
        let connected: BTreeSet<&str> = names::list(body, "vld")
            .flat_map(|link| names::ids(link, "vnfd-connection-point-ref", "member-vnf-index-ref"))
            .collect();
        if names::list(body, "vld").next().is_none() {
            return;
        }
        for member in names::list(body, "constituent-vnfd") {
            if let Some((node, index)) = names::value(member, "member-vnf-index")
                && !connected.contains(index)
            {
                let message = format!("the member `{index}` is connected to no `vld`");
                let help = "name it in the `vnfd-connection-point-ref` of a `vld`";
                out.push(Diagnostic::new(&RULE, node.span(), message).help(help));
            }
        }
    }
}
