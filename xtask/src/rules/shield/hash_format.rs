//! `shield/hash-format`.

use super::manifest;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::shield::digest::{self, Written};
use crate::source::{Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/hash-format",
    level: Level::Deny,
    fixed: false,
    summary: "a digest in the manifest can't be read as a SHA-256",
    docs: "\
## What it does

Checks that `hashing_algorithm` names SHA-256 (`SHA_256`, `SHA-256` and `sha256`
are understood), and that `hash` and `security_info.hash` are SHA-256 digests: 64
hexadecimal digits, or 44 characters of base64. The digest of a package that is
made from sources is not looked at, since the build writes it.

## Why is this bad?

The Store takes any text here, and nobody can check such a package afterwards.
All published SHIELD packages with a digest use SHA-256.

## What to do

Write `hashing_algorithm: SHA_256` and the digest that `sha256sum` prints.
",
    example: Some(Example {
        bad: &[(
            "tiny_shield/manifest.yaml",
            "manifest:vnsf:\n  type: OSM-R4\n  package: tiny_vnf.tar.gz\n  hash: '00'\n  hashing_algorithm: MD5\n",
        )],
        good: &[(
            "tiny_shield/manifest.yaml",
            "manifest:vnsf:\n  type: OSM-R4\n  package: tiny_vnf.tar.gz\n  hash: '00'\n  hashing_algorithm: SHA_256\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = manifest::of(package) else {
        return;
    };
    if let Some((node, name)) = manifest::field(body, "hashing_algorithm")
        && !digest::names_sha256(name)
        && !manifest::is_placeholder(name)
    {
        let message = format!("the digest algorithm `{name}` is not SHA-256");
        out.push(Diagnostic::new(&RULE, node.span(), message).help("write `SHA_256`"));
        return;
    }
    let is_stored = package.form == Form::Archive || manifest::finished(package).is_some();
    let hash = manifest::field(body, "hash").filter(|_| is_stored);
    let info = body.get("security_info");
    let attestation = info.and_then(|info| manifest::field(info, "hash"));
    for (node, text) in [hash, attestation].into_iter().flatten() {
        if matches!(digest::read(text), Written::Other) {
            let message = format!("`{text}` is no SHA-256 digest");
            out.push(
                Diagnostic::new(&RULE, node.span(), message)
                    .help("write 64 hexadecimal digits, as `sha256sum` prints them"),
            );
        }
    }
}
