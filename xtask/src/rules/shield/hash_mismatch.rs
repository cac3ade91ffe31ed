//! `shield/hash-mismatch`.

use super::manifest;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::shield::digest::{self, Written};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/hash-mismatch",
    level: Level::Deny,
    fixed: false,
    summary: "the manifest's digest is not that of the wrapped package",
    docs: "\
## What it does

Computes the SHA-256 of the package inside a SHIELD package, over its bytes as
they are stored, and compares it with `hash` in the manifest. Hexadecimal and
base64 are read. Where the package is made from sources there is nothing to
compare: the build writes the digest.

## Why is this bad?

The digest is the only thing in the format that shows whether somebody has
changed the package. The Store keeps it and never looks at it, so that wrong
ones go unnoticed: of its own twenty test packages one carries the right one. To
anyone who does check, the package has been tampered with.

It has names for a package that was tampered with (PKG_TAMPERED_NAME_MISMATCH is
one), and calls none of the checks that would use them.

## What to do

If the package is the one that is meant, write the digest that is shown. If not,
find out who changed it.
",
    // Archives are no text.
    example: None,
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = manifest::of(package) else {
        return;
    };
    // Sources have no digest yet.
    let Some(inner) = manifest::finished(package).filter(|_| digest::is_sha256(body)) else {
        return;
    };
    let (Some((node, text)), Some((named, name))) = (
        manifest::field(body, "hash"),
        manifest::path(body, "package"),
    ) else {
        return;
    };
    let file = package.file(&manifest::beside(package, name));
    let Some(real) = file.and_then(|file| file.sha256.as_deref()) else {
        return;
    };
    if let Written::Sha256(written) = digest::read(text)
        && written != real
    {
        let message = format!("the digest is not that of `{name}`");
        let finding =
            Diagnostic::new(&RULE, node.span(), message).also(named.span(), "this file is meant");
        out.push(match inner.is_tar_gz {
            true => finding.help(format!("the SHA-256 of `{name}` is `{real}`")),
            // Nobody wants the digest of what can't be read.
            false => finding
                .note("and the file can't be read: it was damaged or changed")
                .help("put the package there again, and write its digest"),
        });
    }
}
