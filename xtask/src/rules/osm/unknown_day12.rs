//! `osm/unknown-day12`.

use super::charms;
use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/unknown-day12",
    level: Level::Warn,
    fixed: false,
    summary: "a `day1-2` configuration is for nobody",
    docs: "\
## What it does

Checks that the `id` of each `day1-2` entry of a VNFD is the id of the function,
of one of its VDUs, or the name of one of its KDUs.

## Why is this bad?

The id says whom the configuration is for. OSM takes any, does not even look for
the charms of one that matches nothing, and never runs its primitives.

## What to do

Write the id of the VNFD, of a `vdu`, or the name of a `kdu`.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  df:\n    - id: default-df\n      lcm-operations-configuration:\n        operate-vnf-op-config:\n          day1-2:\n            - id: tiny-vnf\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  df:\n    - id: default-df\n      lcm-operations-configuration:\n        operate-vnf-op-config:\n          day1-2:\n            - id: tiny_vnf\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Vnf, Model::Sol006) else {
        return;
    };
    let mut known = vec![names::text(body, "id")];
    known.extend(names::ids(body, "vdu", "id"));
    known.extend(names::ids(body, "kdu", "name"));
    for config in names::list(body, "df").flat_map(charms::day12) {
        if let Some((node, typed)) = names::value(config, "id")
            && !known.contains(&typed)
        {
            let message = format!("the `day1-2` entry `{typed}` is for no VNF, VDU or KDU");
            out.push(names::unknown(
                &RULE,
                node,
                message,
                "VNF, VDU or KDU",
                &known,
            ));
        }
    }
}
