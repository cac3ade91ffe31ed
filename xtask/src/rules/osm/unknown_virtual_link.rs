//! `osm/unknown-virtual-link`.

use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::names::{self, Names};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/unknown-virtual-link",
    level: Level::Warn,
    fixed: false,
    summary: "a VNF is connected to a virtual link that does not exist",
    docs: "\
## What it does

Checks that every `virtual-link-profile-id` and every `sapd` of an NSD names a
link of the service: a `virtual-link-desc`, or for the former a
`virtual-link-profile` of the same deployment flavour.

## Why is this bad?

The connection is made to nothing: the VNF comes up without that interface, or
not at all. OSM does not look at the reference when the package arrives, so the
mistake shows when the service is instantiated. The standard wants the id of a
profile, OSM's own descriptors give the id of the link; both are accepted here.

The validator that SHIELD used calls it `evt_invalid_vlink`.

## What to do

Name an existing link, or add it to `virtual-link-desc`.
",
    example: Some(Example {
        bad: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      virtual-link-desc:\n        - id: mgmtnet\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              virtual-link-connectivity:\n                - virtual-link-profile-id: mgmt-net\n",
        )],
        good: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      virtual-link-desc:\n        - id: mgmtnet\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              virtual-link-connectivity:\n                - virtual-link-profile-id: mgmtnet\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Ns, Model::Sol006) else {
        return;
    };
    let links = names::ids(body, "virtual-link-desc", "id");
    for point in names::list(body, "sapd") {
        if let Some((node, typed)) = names::value(point, "virtual-link-desc")
            && !links.contains(&typed)
        {
            let id = names::text(point, "id");
            let message = format!("`sapd` `{id}` is on the link `{typed}`, which does not exist");
            out.push(names::unknown_item(
                &RULE,
                node,
                message,
                "`virtual-link-desc`",
                &links,
            ));
        }
    }
    for df in names::list(body, "df") {
        let own = names::ids(df, "virtual-link-profile", "id");
        let known = || Names::all([links.clone(), own.clone()]).sorted();
        // Of very many nobody reads which there are, and each flavour would
        // have a list of its own.
        let known = match links.len() {
            ..=1000 => known(),
            _ => own.clone(),
        };
        for profile in names::list(df, "vnf-profile") {
            for connection in names::list(profile, "virtual-link-connectivity") {
                if let Some((node, typed)) = names::value(connection, "virtual-link-profile-id")
                    && !links.contains(&typed)
                    && !own.contains(&typed)
                {
                    let id = names::text(profile, "id");
                    let message = format!(
                        "the `vnf-profile` `{id}` connects to the link `{typed}`, which does not exist"
                    );
                    out.push(names::unknown_item(
                        &RULE,
                        node,
                        message,
                        "`virtual-link-desc`",
                        &known,
                    ));
                }
            }
        }
    }
}
