//! `shield/not-tar-gz`.

use super::manifest;
use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Level, Rule, Span};
use crate::rules::{Check, Context, Lint};
use crate::source::{Finding, Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/not-tar-gz",
    level: Level::Deny,
    fixed: true,
    summary: "a SHIELD package or the package inside is no gzip-compressed tar",
    docs: "\
## What it does

Reads a finished SHIELD package and the package inside it, by their bytes and
not by their names.

## Why is this bad?

Both have to be tar archives compressed by gzip. For the outer one the Store
answers 412, `Package is not a valid .tar.gz file` (PKG_NOT_TARGZ). For the inner
one it answers 428 (VNSFPKG_NOT_VNSFO) or, for a network service, 502
(NSPKG_NOT_VNSFO), which looks as if the server were out of order.

The validator's word is `evt_package_format_invalid`. A request that holds no
package at all is answered 500 (PACKAGE_MISSING, or MISSING_PACKAGE in other
versions); that of `cargo nfv onboard` always holds one.

## What to do

Pack it again: `cargo nfv build` makes both layers, or `tar czf X.tar.gz X`. A zip
or an uncompressed tar does not become one by its name.
",
    // Archives are no text.
    example: None,
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if package.form == Form::Archive
        && !package.is_tar_gz
        && package.kind().is_some_and(Kind::is_shield)
    {
        let message =
            "the SHIELD package is no gzip-compressed tar, and the Store takes nothing else";
        out.push(
            Diagnostic::new(&RULE, Span::path(package.shown.clone()), message)
                .help("pack it as `.tar.gz`"),
        );
    }
    let Some((_, body)) = manifest::of(package) else {
        return;
    };
    let (Some((node, name)), Some(inner)) = (
        manifest::path(body, "package"),
        manifest::finished(package).filter(|inner| !inner.is_tar_gz),
    ) else {
        return;
    };
    let file = package.file(&manifest::beside(package, name));
    let reason = if file.is_some_and(|file| file.len == 0) {
        Some("it is empty")
    } else {
        inner.findings.iter().find_map(|finding| match finding {
            Finding::Archive { reason, .. } => Some(reason.as_str()),
            _ => None,
        })
    };
    let message = match reason {
        Some(reason) => format!("the package `{name}` is no sound gzip-compressed tar: {reason}"),
        None => format!("the package `{name}` is no gzip-compressed tar"),
    };
    out.push(
        Diagnostic::new(&RULE, node.span(), message)
            .help("put the package there again, as a `.tar.gz` of one folder"),
    );
}
