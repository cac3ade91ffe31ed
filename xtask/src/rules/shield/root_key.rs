//! `shield/root-key`.

use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, nearest};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/root-key",
    level: Level::Deny,
    fixed: false,
    summary: "the manifest's root key is neither `manifest:ns` nor `manifest:vnsf`",
    docs: "\
## What it does

Checks the word behind the colon in the root key of a SHIELD manifest.

## Why is this bad?

The key is what tells the Store a network service from a security function. It
answers 406, `Manifest is not for a vNSF` (MANIFEST_NOT_VNSF) or `Manifest is
not for a Network Service` (MANIFEST_NOT_NS), to any other.

## What to do

Write `manifest:ns:` or `manifest:vnsf:`. The first colon is part of the key.
",
    example: Some(Example {
        bad: &[(
            "tiny_shield/manifest.yaml",
            "manifest:nss:\n  type: OSM-R4\n  package: tiny_ns.tar.gz\n",
        )],
        good: &[(
            "tiny_shield/manifest.yaml",
            "manifest:ns:\n  type: OSM-R4\n  package: tiny_ns.tar.gz\n",
        )],
    }),
};

/// The keys that the Store knows.
pub(super) const KEYS: [&str; 2] = ["manifest:ns", "manifest:vnsf"];

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = &package.descriptor else {
        return;
    };
    if !package.kind().is_some_and(Kind::is_shield) || is_known(package) {
        return;
    }
    let root = descriptor.doc.root();
    let Some(entry) =
        root.and_then(|root| root.entries().find(|e| e.key().starts_with("manifest:")))
    else {
        return;
    };
    let key = entry.key();
    let help = match nearest(key, KEYS) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write `manifest:ns` or `manifest:vnsf`".to_owned(),
    };
    let message = format!("the Store does not know the root key `{key}`");
    out.push(Diagnostic::new(&RULE, entry.key_span(), message).help(help));
}

/// Whether the manifest has one of the two keys, so that its kind is sure.
pub(super) fn is_known(package: &Package) -> bool {
    let root = package.descriptor.as_ref().and_then(|d| d.doc.root());
    root.is_some_and(|root| KEYS.iter().any(|key| root.entry(key).is_some()))
}
