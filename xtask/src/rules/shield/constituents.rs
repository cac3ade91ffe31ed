//! `shield/constituents`.

use super::manifest;
use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::sol006::unknown_descriptor;
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/constituents",
    level: Level::Warn,
    fixed: false,
    summary: "a wrapped service needs a VNF or NS that is not in the tree",
    docs: "\
## What it does

Looks for the VNFs and nested services of the network service that a SHIELD package
wraps among the packages of the tree. It speaks only when the whole tree is looked at.

## Why is this bad?

The Store answers 422, `NS Dependency not available` (MISSING_VNSF_DEPENDENCY),
until every VNF of the service has been onboarded as a vNSF, and says which one
only in its log; the validator's word is `evt_nsd_itg_function_unavailable`.

## What to do

Onboard that vNSF first, or correct the id. `cargo nfv onboard` keeps the order.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:ns:\n  type: OSM-R4\n  package: tiny_ns.tar.gz\n  descriptor: tiny_ns/tiny_nsd.yaml\n",
            ),
            (
                "tiny_shield/tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnfd-id:\n        - tiny_vnf\n",
            ),
        ],
        good: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:ns:\n  type: OSM-R4\n  package: tiny_ns.tar.gz\n  descriptor: tiny_ns/tiny_nsd.yaml\n",
            ),
            (
                "tiny_shield/tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnfd-id:\n        - tiny_vnf\n",
            ),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
            ),
        ],
    }),
};

fn check(package: &Package, context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if !context.is_whole || package.kind() != Some(Kind::ShieldNs) {
        return;
    }
    let Some((descriptor, _)) = manifest::of(package) else {
        return;
    };
    let Some(inner) = &package.inner else { return };
    for missing in unknown_descriptor::missing(inner, context) {
        let id = &missing.id;
        let kind = missing.kind.as_str();
        let message =
            format!("no {kind} in the tree has the id `{id}`, which the wrapped service needs");
        let diagnostic = Diagnostic::new(&RULE, missing.span, message)
            .label("not found")
            .also(descriptor.span(), "the service is wrapped here");
        out.push(match missing.near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None if missing.kind == Kind::Vnf => diagnostic.help(format!(
                "the Store refuses the service until the vNSF `{id}` is there"
            )),
            None => diagnostic.help(format!(
                "onboard the {kind} `{id}` first, or correct the id"
            )),
        });
    }
}
