//! `osm/unknown-cluster-net`.

use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/unknown-cluster-net",
    level: Level::Warn,
    fixed: false,
    summary: "a connection point is on a network that the cluster does not have",
    docs: "\
## What it does

Checks that the `k8s-cluster-net` of every `ext-cpd` is one of the `nets` of the
VNFD's `k8s-cluster`.

## Why is this bad?

OSM's model says that it is one, and its north-bound interface does not look: the
code has a note to do so one day. The point is on no network, and the KDU is
deployed without it or not at all.

## What to do

Write the `id` of one of `k8s-cluster/nets`, or add the network there.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  ext-cpd:\n    - id: mgmt\n      k8s-cluster-net: mgmtnet\n  k8s-cluster:\n    nets:\n      - id: mgmt-net\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  ext-cpd:\n    - id: mgmt\n      k8s-cluster-net: mgmtnet\n  k8s-cluster:\n    nets:\n      - id: mgmtnet\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Vnf, Model::Sol006) else {
        return;
    };
    let known = names::within(body, &["k8s-cluster"])
        .map_or_else(names::Names::default, |cluster| {
            names::ids(cluster, "nets", "id")
        });
    for point in names::list(body, "ext-cpd") {
        if let Some((node, typed)) = names::value(point, "k8s-cluster-net")
            && !known.contains(&typed)
        {
            let id = names::text(point, "id");
            let message =
                format!("`ext-cpd` `{id}` is on the network `{typed}`, which the cluster lacks");
            out.push(names::unknown_item(
                &RULE,
                node,
                message,
                "`k8s-cluster` net",
                &known,
            ));
        }
    }
}
