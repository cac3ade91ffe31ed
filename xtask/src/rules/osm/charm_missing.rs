//! `osm/charm-missing`.

use super::charms;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/charm-missing",
    level: Level::Deny,
    fixed: false,
    summary: "the VNF uses a charm and the package holds none",
    docs: "\
## What it does

Looks for a folder `charms/` or `Scripts/charms/` with something in it where the
configuration of the VNF or of one of its VDUs names a Juju charm: in `day1-2`, in
`vnf-configuration` and `vdu-configuration` of release NINE, or in those of the
releases before.

## Why is this bad?

OSM's north-bound interface answers 400, `Charm defined in vnf[id=X] but not
present in package`. A frequent cause is a charm that is a git submodule: in a
fresh clone its folder is empty.

## What to do

Put the built charm into `charms/`, or fetch the submodule with
`git submodule update --init`.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  df:\n    - id: default-df\n      lcm-operations-configuration:\n        operate-vnf-op-config:\n          day1-2:\n            - id: tiny_vnf\n              execution-environment-list:\n                - id: ee\n                  juju:\n                    charm: simple\n",
        )],
        good: &[
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  df:\n    - id: default-df\n      lcm-operations-configuration:\n        operate-vnf-op-config:\n          day1-2:\n            - id: tiny_vnf\n              execution-environment-list:\n                - id: ee\n                  juju:\n                    charm: simple\n",
            ),
            ("tiny_vnf/charms/simple/metadata.yaml", "name: simple\n"),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    // A loose descriptor has no folder that could hold a charm.
    let has_any = || {
        // Sources fill the folder as well, and OSM looks no further.
        !charms::shipped(package).is_empty() || !charms::sources(package).is_empty()
    };
    if package.form == Form::Loose || has_any() {
        return;
    }
    let Some(charm) = charms::of(package).into_iter().find(|c| c.is_checked) else {
        return;
    };
    let name = charm.name;
    let message = format!("the charm `{name}` is not in the package, nor is any other");
    out.push(
        Diagnostic::new(&RULE, charm.node.span(), message)
            .label("not found")
            .help(format!("put the built charm into `charms/{name}/`"))
            .note("an empty folder here is often a git submodule that was not fetched"),
    );
}
