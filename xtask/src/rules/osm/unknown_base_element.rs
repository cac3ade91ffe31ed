//! `osm/unknown-base-element`.

use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/unknown-base-element",
    level: Level::Warn,
    fixed: false,
    summary: "a connection speaks of another profile than the one it stands in",
    docs: "\
## What it does

Checks that each `constituent-base-element-id` of an NSD is the `id` of the
`vnf-profile` that it stands in.

## Why is this bad?

The standard says that it is, and the profiles of ETSI make an error of anything
else (`sol006/dangling-reference`). OSM's north-bound interface does not look, so
that a profile copied from another one works by accident, if the other function
has points of the same names, and connects the wrong function in the eyes of
whoever reads the descriptor.

## What to do

Write the `id` of the `vnf-profile`.
",
    example: Some(Example {
        bad: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnfd-id:\n        - tiny_vnf\n      virtual-link-desc:\n        - id: mgmt\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              vnfd-id: tiny_vnf\n              virtual-link-connectivity:\n                - virtual-link-profile-id: mgmt\n                  constituent-cpd-id:\n                    - constituent-base-element-id: '2'\n                      constituent-cpd-id: mgmt-ext\n",
        )],
        good: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnfd-id:\n        - tiny_vnf\n      virtual-link-desc:\n        - id: mgmt\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              vnfd-id: tiny_vnf\n              virtual-link-connectivity:\n                - virtual-link-profile-id: mgmt\n                  constituent-cpd-id:\n                    - constituent-base-element-id: '1'\n                      constituent-cpd-id: mgmt-ext\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Ns, Model::Sol006) else {
        return;
    };
    let profiles = names::list(body, "df").flat_map(|df| names::list(df, "vnf-profile"));
    for profile in profiles {
        let Some((own, id)) = names::value(profile, "id") else {
            continue;
        };
        let strange: Vec<(Node<'_>, &str)> = names::list(profile, "virtual-link-connectivity")
            .flat_map(|connection| names::list(connection, "constituent-cpd-id"))
            .filter_map(|end| names::value(end, "constituent-base-element-id"))
            .filter(|(_, typed)| *typed != id)
            .collect();
        let Some((node, typed)) = strange.first() else {
            continue;
        };
        let message =
            format!("a connection of the `vnf-profile` `{id}` speaks of the profile `{typed}`");
        let mut diagnostic = Diagnostic::new(&RULE, node.span(), message)
            .also(own.span(), "the profile is this one")
            .help(format!(
                "write `{id}`, or move the connection to its profile"
            ));
        // A service that lists everybody in every profile does it throughout.
        if strange.len() > 1 {
            let more = strange.len() - 1;
            diagnostic = diagnostic.note(format!("{more} more below this profile like it"));
            let others = strange.iter().skip(1).map(|(node, _)| node.span());
            diagnostic.counted.extend(others);
        }
        out.push(diagnostic);
    }
}
