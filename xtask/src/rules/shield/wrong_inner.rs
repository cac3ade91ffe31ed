//! `shield/wrong-inner`.

use super::{manifest, root_key};
use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/wrong-inner",
    level: Level::Deny,
    fixed: false,
    summary: "the manifest wraps the other kind of package",
    docs: "\
## What it does

Compares the manifest's root key with the package inside: `manifest:ns` wraps a
network service, `manifest:vnsf` a function.

## Why is this bad?

The Store reads the descriptor as what the manifest says it is, finds none of
the fields, and answers 422 (VNFD_FORMAT_INVALID, NSD_FORMAT_INVALID) or 500.

## What to do

Change the root key, or wrap the right package. A vNSF also needs
`security_info`, and a network service `target`.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:ns:\n  type: OSM-R4\n  package: tiny_vnf.tar.gz\n  descriptor: tiny_vnf/tiny_vnfd.yaml\n",
            ),
            (
                "tiny_shield/tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
            ),
        ],
        good: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:vnsf:\n  type: OSM-R4\n  package: tiny_vnf.tar.gz\n  descriptor: tiny_vnf/tiny_vnfd.yaml\n",
            ),
            (
                "tiny_shield/tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
            ),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if manifest::of(package).is_none() || !root_key::is_known(package) {
        return;
    }
    let Some((inner, kind)) = package.inner.as_deref().and_then(|p| Some((p, p.kind()?))) else {
        return;
    };
    let (key, wanted) = match package.kind() {
        Some(Kind::ShieldNs) => ("manifest:ns", Kind::Ns),
        _ => ("manifest:vnsf", Kind::Vnf),
    };
    if kind == wanted {
        return;
    }
    let root = package.descriptor.as_ref().and_then(|d| d.doc.root());
    let Some(entry) = root.and_then(|root| root.entry(key)) else {
        return;
    };
    let right = match kind {
        Kind::Ns => "write `manifest:ns`, or wrap a VNF",
        Kind::Vnf => "write `manifest:vnsf`, or wrap a network service",
        _ => "wrap a VNF or a network service",
    };
    let (is, wants) = (kind.as_str(), wanted.as_str());
    let message =
        format!("`{key}` wraps a package of the kind {wants}, this one is of the kind {is}");
    out.push(
        Diagnostic::new(&RULE, entry.key_span(), message)
            .also(inner.span(), format!("this is of the kind {is}"))
            .help(right),
    );
}
