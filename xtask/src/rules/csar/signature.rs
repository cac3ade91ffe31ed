//! `csar/signature`.

use crate::csar;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::{Outer, Package, certificate};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "csar/signature",
    level: Level::Deny,
    fixed: false,
    summary: "the signature in a manifest is not where or what it has to be",
    docs: "\
## What it does

Looks at the lines from `-----BEGIN CMS-----` to `-----END CMS-----` in the
manifest: there is at most one such block, it is closed, and it is the last
thing in the manifest. A block that is called `PKCS7` is read, and is to be called `CMS`. If the certificate is in the block, it is not in the
package a second time, as `ETSI-Entry-Certificate` or as `NAME.cert` beside the
manifest. In a finished package, the signature must be one over the manifest that
stands before it. Of a zip around a CSAR that is signed as a whole (`NAME.csar`,
`NAME.cms`, and `NAME.cert` unless the certificate is in the signature), the
signature must be there and be one over the CSAR, and nothing else may stand in it.

## Why is this bad?

ONAP's SDC refuses a second block, and any line behind the first. A certificate
in both places is against R-130206; CVC answers 0x4011, 0x4012 or 0x4013.

A signature that does not hold is `evt_package_signature_invalid` to the validator
that SHIELD used.

## What to do

Keep one block at the end, and one of the certificates. A package whose signature
does not hold was changed after it was signed: get it again from whoever signed it.
",
    example: Some(Example {
        bad: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            (
                "tiny/tiny.mf",
                "metadata:\nvnf_product_name: tiny\n\n-----BEGIN CMS-----\nMIIB\n-----END CMS-----\n\nSource: tiny.yaml\n",
            ),
        ],
        good: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            (
                "tiny/tiny.mf",
                "metadata:\nvnf_product_name: tiny\n\nSource: tiny.yaml\n\n-----BEGIN CMS-----\nMIIB\n-----END CMS-----\n",
            ),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if let Some(outer) = package.csar.as_ref().and_then(|csar| csar.outer.as_deref()) {
        around(package, outer, out);
    }
    let is_signed_inside = in_manifest(package, out);
    let is_signed_as_a_whole = package
        .csar
        .as_ref()
        .and_then(|csar| csar.outer.as_ref())
        .is_some_and(|outer| outer.signature.is_some());
    if is_signed_inside || is_signed_as_a_whole {
        crate::rules::signatures::check(&RULE, package, out);
    }
}

/// What stands around a CSAR that is signed as a whole.
fn around(package: &Package, outer: &Outer, out: &mut Vec<Diagnostic>) {
    let stem = outer.csar.strip_suffix(".csar").unwrap_or(&outer.csar);
    if outer.signature.is_none() {
        let message = format!(
            "the zip around `{}` has no signature `{stem}.cms`",
            outer.csar
        );
        out.push(
            Diagnostic::new(&RULE, package.span_of(&outer.csar), message)
                .note("a zip around a CSAR is there to hold its signature (SOL 004, option 2)")
                .help("sign the package again, or take the CSAR out of the zip"),
        );
    }
    if let (Some((_, signature)), Some((beside, _))) = (&outer.signature, &outer.certificate)
        && csar::file_holds_certificate(signature) == Some(true)
    {
        let message = format!("the certificate is in the signature and in `{beside}`");
        out.push(
            Diagnostic::new(&RULE, package.span_of(beside), message)
                .note("SOL 004 (option 2) puts it in one place or the other")
                .help(format!(
                    "delete `{beside}`, or sign with `openssl cms -nocerts`"
                )),
        );
    }
    for other in &outer.others {
        let message = format!("`{other}` stands beside the signed CSAR, and nobody has signed it");
        out.push(
            Diagnostic::new(&RULE, package.span_of(other), message).help("take it out of the zip"),
        );
    }
}

/// The signature in the manifest; whether there is one that can be verified.
fn in_manifest(package: &Package, out: &mut Vec<Diagnostic>) -> bool {
    let Some(found) = super::manifest(package) else {
        return false;
    };
    let signatures = &found.manifest.signatures;
    // A block is long; its first line says enough.
    let first_line = |at: &std::ops::Range<usize>| {
        let text = &found.file.text()[at.clone()];
        let len = text.lines().next().unwrap_or_default().len();
        found.span(at.start..at.start + len)
    };
    for second in signatures.iter().skip(1) {
        let message = "a manifest has one signature, and this is another";
        out.push(
            Diagnostic::new(&RULE, first_line(&second.at), message)
                .note("SDC refuses the package")
                .help("delete the block that is out of date"),
        );
    }
    for other in signatures.iter().filter(|other| other.label != "CMS") {
        let message = format!("the signature is called `{}` and not `CMS`", other.label);
        out.push(
            Diagnostic::new(&RULE, first_line(&other.at), message)
                .note("SDC looks for a block that is called `CMS`")
                .help(
                    "write `CMS` in its first and last line; the bytes between them are the same",
                ),
        );
    }
    for signature in signatures.iter().filter(|signature| !signature.is_closed) {
        let label = signature.label;
        let message = format!("the signature does not end with `-----END {label}-----`");
        out.push(
            Diagnostic::new(&RULE, first_line(&signature.at), message)
                .help("sign the manifest again"),
        );
    }
    if let Some(at) = &found.manifest.behind_signature {
        let message = "something stands behind the signature, which has to be the last";
        out.push(
            Diagnostic::new(&RULE, found.span(at.clone()), message)
                .note("SDC refuses the package, and the signature does not cover it")
                .help("move it before the signature, and sign again"),
        );
    }
    let Some(signature) = signatures.first() else {
        return false;
    };
    let is_sound = signature.is_closed && signatures.len() == 1;
    if csar::holds_certificate(signature.base64) != Some(true) {
        return is_sound;
    }
    if let Some(path) = certificate(package, found.path) {
        let message = format!("the certificate is in the signature and in `{path}`");
        out.push(
            Diagnostic::new(&RULE, first_line(&signature.at), message)
                .note("ONAP's R-130206 wants it in one place, and CVC refuses it in two")
                .help(format!(
                    "delete `{path}`, or sign with `openssl cms -nocerts`"
                )),
        );
    }
    is_sound
}
