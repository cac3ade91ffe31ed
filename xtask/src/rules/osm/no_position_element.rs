//! `osm/no-position-element`.

use crate::descriptor::{Kind, Model, local_entry};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/no-position-element",
    level: Level::Warn,
    fixed: false,
    summary: "a position of a forwarding path names no element",
    docs: "\
## What it does

Looks for a `position-desc-id` of an NSD's `vnffgd` without
`nfp-position-element-id`.

## Why is this bad?

OSM of the releases since SIXTEEN takes the first element of each position
without looking whether there is one, and fails with an internal error,
`'NoneType' object is not subscriptable`. The model of the releases before does
not have the key, so a graph that was written for them can't be carried over;
that is why this is a warning.

## What to do

For a release before SIXTEEN, nothing. For the newer ones add `nfp-position-element` to
the graph, and name it in `nfp-position-element-id`. The models that this program has are
those up to FIFTEEN, so `schema/unknown-key` speaks of both keys then; a comment `# nfv:
allow(schema/unknown-key)` in the line before lets each pass.
",
    example: Some(Example {
        bad: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnffgd:\n        - id: fg\n          nfpd:\n            - id: path\n              position-desc-id:\n                - id: position\n",
        )],
        good: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnffgd:\n        - id: fg\n          nfp-position-element:\n            - id: first\n          nfpd:\n            - id: path\n              position-desc-id:\n                - id: position\n                  nfp-position-element-id:\n                    - first\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Ns, Model::Sol006) else {
        return;
    };
    let positions = names::list(body, "vnffgd")
        .flat_map(|graph| names::list(graph, "nfpd"))
        .flat_map(|path| names::list(path, "position-desc-id"));
    for position in positions {
        if !names::leaf_list(position, "nfp-position-element-id").is_empty() {
            continue;
        }
        let key = local_entry(position, "nfp-position-element-id");
        if let Some(entry) = key.or_else(|| position.entries().next()) {
            let message = "the position has no `nfp-position-element-id`, and newer OSM fails";
            let help = "for OSM since release SIXTEEN, add `nfp-position-element` to the graph and name it \
                        here; `cargo nfv explain osm/no-position-element` says how that passes the model \
                        of FIFTEEN";
            out.push(Diagnostic::new(&RULE, entry.key_span(), message).help(help));
        }
    }
}
