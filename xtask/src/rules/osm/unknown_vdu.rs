//! `osm/unknown-vdu`.

use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::names;
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/unknown-vdu",
    level: Level::Warn,
    fixed: false,
    summary: "a deployment flavour names a VDU that does not exist",
    docs: "\
## What it does

Checks that every `vdu-profile` and every `vdu-level` of a deployment flavour
names a `vdu` of the VNFD.

## Why is this bad?

The profile says how many instances there may be, the level how many there are
at the start. Where the name leads nowhere, the numbers apply to nothing, and
the VDU that was meant runs with the defaults. The standard forbids it; OSM
checks it in newer releases only, which is why this is a warning.

## What to do

Write the `id` of the VDU, not its `name`.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  vdu:\n    - id: worker-vm\n  df:\n    - id: default-df\n      vdu-profile:\n        - id: worker_vm\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  vdu:\n    - id: worker-vm\n  df:\n    - id: default-df\n      vdu-profile:\n        - id: worker-vm\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Vnf, Model::Sol006) else {
        return;
    };
    let mut units = names::ids(body, "vdu", "id");
    // Some authors list container units here as well.
    units.extend(names::ids(body, "kdu", "name"));
    for df in names::list(body, "df") {
        let profiles = names::list(df, "vdu-profile").map(|item| (item, "id", "vdu-profile"));
        let levels = names::list(df, "instantiation-level")
            .flat_map(|level| names::list(level, "vdu-level"))
            .map(|item| (item, "vdu-id", "vdu-level"));
        for (item, key, list) in profiles.chain(levels) {
            if let Some((node, typed)) = names::value(item, key)
                && !units.contains(&typed)
            {
                let message = format!("the `{list}` names the VDU `{typed}`, which does not exist");
                out.push(names::unknown_item(&RULE, node, message, "VDU", &units));
            }
        }
    }
}
