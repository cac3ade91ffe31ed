//! `shield/attestation-mismatch`.

use super::manifest;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::shield::digest::{self, Written};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/attestation-mismatch",
    level: Level::Deny,
    fixed: false,
    summary: "the attestation file of a vNSF has another digest than the manifest gives",
    docs: "\
## What it does

Compares the SHA-256 of the file that `security_info.attestation_filename` names with
`security_info.hash`.

## Why is this bad?

The Store never looks at this digest, and answers 201. The function is then attested by a file that is
not the one its author wrote the manifest for.

## What to do

Write the digest that is shown, if the file is the right one. In a source, leave `hash` empty: the
build writes it.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:vnsf:\n  type: OSM-R4\n  package: tiny_vnf.tar.gz\n  security_info:\n    attestation_filename: security/tiny_vnf.json\n    hash: 44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\n",
            ),
            ("tiny_shield/security/tiny_vnf.json", "{}\n"),
        ],
        good: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:vnsf:\n  type: OSM-R4\n  package: tiny_vnf.tar.gz\n  security_info:\n    attestation_filename: security/tiny_vnf.json\n    hash: ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356\n",
            ),
            ("tiny_shield/security/tiny_vnf.json", "{}\n"),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let (Some((_, body)), Some((info, node, name))) =
        (manifest::of(package), manifest::attestation(package))
    else {
        return;
    };
    let Some(file) = package.file(&manifest::beside(package, name)) else {
        return;
    };
    let Some((hash, text)) = manifest::field(info, "hash") else {
        return;
    };
    let Some(real) = file.sha256.as_deref().filter(|_| digest::is_sha256(body)) else {
        return;
    };
    if let Written::Sha256(written) = digest::read(text)
        && written != real
    {
        let message = format!("the digest is not that of the attestation file `{name}`");
        out.push(
            Diagnostic::new(&RULE, hash.span(), message)
                .also(node.span(), "this file is meant")
                .help(format!("the SHA-256 of `{name}` is `{real}`")),
        );
    }
}
