//! `osm/unknown-cpd`.

use super::names;
use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/unknown-cpd",
    level: Level::Deny,
    fixed: false,
    summary: "a service connects a point that the VNF does not have",
    docs: "\
## What it does

Checks every `constituent-cpd-id` of an NSD against the `ext-cpd` list of the
VNFD that the profile uses, if that VNFD is among the packages of the run.

## Why is this bad?

OSM's north-bound interface answers 422: `constituent-cpd-id='X' references a
non existing ext-cpd:id inside vnfd 'Y'`. Only the external connection points
of a VNF can be connected; the `int-cpd` of a VDU can't.

## What to do

Write the id of an `ext-cpd` of that VNFD.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnfd-id:\n        - tiny_vnf\n      virtual-link-desc:\n        - id: mgmt\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              vnfd-id: tiny_vnf\n              virtual-link-connectivity:\n                - virtual-link-profile-id: mgmt\n                  constituent-cpd-id:\n                    - constituent-base-element-id: '1'\n                      constituent-cpd-id: mgmt\n",
            ),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  ext-cpd:\n    - id: mgmt-ext\n",
            ),
        ],
        good: &[
            (
                "tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnfd-id:\n        - tiny_vnf\n      virtual-link-desc:\n        - id: mgmt\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              vnfd-id: tiny_vnf\n              virtual-link-connectivity:\n                - virtual-link-profile-id: mgmt\n                  constituent-cpd-id:\n                    - constituent-base-element-id: '1'\n                      constituent-cpd-id: mgmt-ext\n",
            ),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  ext-cpd:\n    - id: mgmt-ext\n",
            ),
        ],
    }),
};

fn check(package: &Package, context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Ns, Model::Sol006) else {
        return;
    };
    let profiles = names::list(body, "df").flat_map(|df| names::list(df, "vnf-profile"));
    for profile in profiles {
        let vnfd = names::text(profile, "vnfd-id");
        // Of several VNFDs of one id any may be the one that is onboarded.
        let mut points = Vec::new();
        let mut place = None;
        for other in context.find(Kind::Vnf, vnfd) {
            if let Some((descriptor, body)) = names::body(other, Kind::Vnf, Model::Sol006) {
                points.extend(names::ids(body, "ext-cpd", "id"));
                place.get_or_insert_with(|| descriptor.span());
            }
        }
        let Some(place) = place else { continue };
        for connection in names::list(profile, "virtual-link-connectivity") {
            for end in names::list(connection, "constituent-cpd-id") {
                let Some((node, typed)) = names::value(end, "constituent-cpd-id") else {
                    continue;
                };
                if !points.contains(&typed) {
                    let message = format!("the VNF `{vnfd}` has no `ext-cpd` `{typed}`");
                    out.push(
                        names::unknown(&RULE, node, message, "`ext-cpd`", &points)
                            .also(place.clone(), "the VNFD is here"),
                    );
                }
            }
        }
    }
}
