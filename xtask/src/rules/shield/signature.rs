//! `shield/signature`.

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/signature",
    level: Level::Deny,
    fixed: false,
    summary: "the signature of a SHIELD manifest does not hold",
    docs: "\
## What it does

Looks for `manifest.yaml.cms` beside the manifest of a finished package, a
detached CMS signature in PEM or DER, and verifies that the manifest is the one that was
signed. The manifest has the hash of the package inside, and that is compared by
`shield/hash-mismatch`, so that the signature speaks for everything; a file that
the manifest does not name is nobody's, and so is what stands beside the signature in its
file, but for spaces, tabs and ends of lines. A certificate that travels with the
signature must be as its issuer, who travels with it too, has signed it. A
signature that is larger than any real one is none.

Whether whoever signed is trusted is asked by `cargo nfv verify
--certificate-chain` or `--key`. A package without a signature is left alone: SHIELD never signed any.

## Why is this bad?

The manifest, or the signature, was changed after it was signed.

The validator that SHIELD used had an event for that,
`evt_package_signature_invalid`, and no signatures to look at.

## What to do

Do not use the package; get it again from whoever signed it. Whoever built it
builds it again: `cargo nfv build --sign-key KEY --sign-certificate CERTIFICATE`.
",
    example: None,
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if package.kind().is_some_and(|kind| kind.is_shield()) {
        crate::rules::signatures::check(&RULE, package, out);
    }
}
