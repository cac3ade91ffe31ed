//! `shield/no-vdu`.

use super::manifest;
use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/no-vdu",
    level: Level::Warn,
    fixed: false,
    summary: "the function in a SHIELD package has no VDU",
    docs: "\
## What it does

Looks for a `vdu` in the VNFD, in OSM's model before SOL006, that a SHIELD package wraps.

## Why is this bad?

A function without a virtual deployment unit is no machine: there is nothing to start, and nothing that the
Trust Monitor could attest. The Store does not look at it. The validator that SHIELD used did, and calls
it `evt_vnfd_itg_badsection_vdus`, a warning.

## What to do

Write the VDUs of the function, or wrap the descriptor that has them.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:vnsf:\n  type: OSM-R4\n  package: tiny_vnf.tar.gz\n  descriptor: tiny_vnf/tiny_vnfd.yaml\n",
            ),
            (
                "tiny_shield/tiny_vnf/tiny_vnfd.yaml",
                "vnfd-catalog:\n  vnfd:\n    - id: tiny_vnf\n      name: tiny_vnf\n",
            ),
        ],
        good: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:vnsf:\n  type: OSM-R4\n  package: tiny_vnf.tar.gz\n  descriptor: tiny_vnf/tiny_vnfd.yaml\n",
            ),
            (
                "tiny_shield/tiny_vnf/tiny_vnfd.yaml",
                "vnfd-catalog:\n  vnfd:\n    - id: tiny_vnf\n      name: tiny_vnf\n      vdu:\n        - id: vm\n",
            ),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if manifest::of(package).is_none() || package.kind() != Some(Kind::ShieldVnsf) {
        return;
    }
    let inner = package.inner.as_deref();
    let descriptor = inner.and_then(|inner| inner.descriptor.as_ref());
    let Some(descriptor) = descriptor.filter(|descriptor| {
        descriptor.kind == Kind::Vnf
            && descriptor.model == Model::OsmIm
            && !descriptor.doc.is_broken()
    }) else {
        return;
    };
    let Some(body) = descriptor.body() else {
        return;
    };
    if names::list(body, "vdu").next().is_some() {
        return;
    }
    out.push(
        Diagnostic::new(&RULE, descriptor.span(), "the function has no VDU")
            .help("write its VDUs, or wrap the descriptor that has them"),
    );
}
