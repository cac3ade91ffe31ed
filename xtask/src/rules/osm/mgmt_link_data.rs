//! `osm/mgmt-link-data`.

use crate::descriptor::{Kind, Model, local_entry};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;
use crate::yaml::Entry;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/mgmt-link-data",
    level: Level::Deny,
    fixed: false,
    summary: "the management network is given protocol data",
    docs: "\
## What it does

Looks for `virtual-link-protocol-data` in the `virtual-link-profile` of a link
that has `mgmt-network: true`.

## Why is this bad?

The management network exists before the service, so its addresses can't be
chosen here. OSM's north-bound interface answers 422, `You cannot set a
virtual-link-protocol-data when mgmt-network is True`.

## What to do

Delete the data, or take `mgmt-network` from the link.
",
    example: Some(Example {
        bad: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      virtual-link-desc:\n        - id: mgmt\n          mgmt-network: true\n      df:\n        - id: default-df\n          virtual-link-profile:\n            - id: mgmt-profile\n              virtual-link-desc-id: mgmt\n              virtual-link-protocol-data:\n                l3-protocol-data:\n                  cidr: 192.0.2.0/24\n",
        )],
        good: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      virtual-link-desc:\n        - id: mgmt\n          mgmt-network: true\n      df:\n        - id: default-df\n          virtual-link-profile:\n            - id: mgmt-profile\n              virtual-link-desc-id: mgmt\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Ns, Model::Sol006) else {
        return;
    };
    for link in names::list(body, "virtual-link-desc") {
        let Some(flag) = local_entry(link, "mgmt-network").filter(|entry| is_true(*entry)) else {
            continue;
        };
        let id = names::text(link, "id");
        for df in names::list(body, "df") {
            for profile in names::list(df, "virtual-link-profile") {
                let is_of_link =
                    !id.is_empty() && names::text(profile, "virtual-link-desc-id") == id;
                let data = local_entry(profile, "virtual-link-protocol-data")
                    // The loader drops an empty container.
                    .filter(|data| data.value().entries().len() > 0);
                if let (true, Some(data)) = (is_of_link, data) {
                    let message = format!(
                        "the link `{id}` is the management network, OSM takes no data for it"
                    );
                    out.push(
                        Diagnostic::new(&RULE, data.key_span(), message)
                            .also(flag.key_span(), "here it says so")
                            .help(
                                "delete `virtual-link-protocol-data`, or take `mgmt-network` away",
                            ),
                    );
                }
            }
        }
    }
}

/// As OSM's loader reads it, quoted or not.
fn is_true(entry: Entry<'_>) -> bool {
    matches!(entry.value().text(), Some("true" | "True" | "TRUE" | "1"))
}
