//! `osm/charm-name`.

use std::collections::HashSet;

use super::charms;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::names;
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/charm-name",
    level: Level::Warn,
    fixed: false,
    summary: "the package holds charms, but not the one that is named",
    docs: "\
## What it does

Compares the charms that a descriptor names with what lies in `charms/` and
`Scripts/charms/` of the package. What lies below `layers/` and `ops/` there is the
source of a charm and none yet.

## Why is this bad?

OSM only looks whether there is any charm when the package arrives. That the
right one is missing shows when the function or the service is instantiated,
and the deployment is left half done.

## What to do

Correct the name, or add the charm. Its name is that of its folder or file
below `charms/`.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      ns-configuration:\n        juju:\n          charm: simple-ns\n",
            ),
            ("tiny_ns/charms/simple_ns/metadata.yaml", "name: simple\n"),
        ],
        good: &[
            (
                "tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      ns-configuration:\n        juju:\n          charm: simple_ns\n",
            ),
            ("tiny_ns/charms/simple_ns/metadata.yaml", "name: simple\n"),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if package.form == Form::Loose {
        return;
    }
    let (shipped, sources) = (charms::shipped(package), charms::sources(package));
    let mut seen = HashSet::new();
    for charm in charms::of(package) {
        let name = charm.name;
        if shipped.contains(&name) || charms::is_of_store(name) || !seen.insert(name) {
            continue;
        }
        if sources.contains(&name) {
            let message =
                format!("the package has the source of the charm `{name}` and not the charm");
            let help = format!("build it and put what comes out into `charms/{name}/`");
            out.push(Diagnostic::new(&RULE, charm.node.span(), message).help(help));
            continue;
        }
        if shipped.is_empty() && sources.is_empty() && charm.is_checked {
            continue;
        }
        let message = format!("the charm `{name}` is not in the package");
        out.push(names::unknown(
            &RULE, charm.node, message, "charm", &shipped,
        ));
    }
}
