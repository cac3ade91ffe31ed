//! `osm/no-day12`.

use crate::descriptor::{Kind, Model, local, local_entry};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/no-day12",
    level: Level::Deny,
    fixed: false,
    summary: "the configuration of a function has no `day1-2`",
    docs: "\
## What it does

Looks for `lcm-operations-configuration` without content, and for
`operate-vnf-op-config` without `day1-2`, in a deployment flavour of a VNFD.

## Why is this bad?

OSM's north-bound interface looks for charms in `day1-2` wherever there is an
`operate-vnf-op-config`, and answers 400 with the bare word `'day1-2'` where it
is not. The standard does not know `day1-2`, so a VNFD that was written for
another orchestrator meets this.

## What to do

Write `day1-2: []`, or delete the configuration.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  df:\n    - id: default-df\n      lcm-operations-configuration:\n        operate-vnf-op-config:\n          terminate:\n            min-graceful-termination: 1\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  df:\n    - id: default-df\n      lcm-operations-configuration:\n        operate-vnf-op-config:\n          day1-2: []\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Vnf, Model::Sol006) else {
        return;
    };
    for df in names::list(body, "df") {
        // OSM stops looking at the first flavour without a configuration.
        let Some(outer) = local_entry(df, "lcm-operations-configuration") else {
            return;
        };
        let inner = local_entry(outer.value(), "operate-vnf-op-config");
        let entry = match inner {
            None if outer.value().is_null() => outer,
            None => return,
            Some(inner) => {
                let day12 = local(inner.value(), "day1-2");
                if day12.is_some_and(|list| !list.is_null()) {
                    continue;
                }
                inner
            }
        };
        let message = format!("`{}` has no `day1-2`, and OSM trips over that", entry.key());
        let help = "write `day1-2: []` below `operate-vnf-op-config`, or delete the configuration";
        out.push(Diagnostic::new(&RULE, entry.key_span(), message).help(help));
    }
}
