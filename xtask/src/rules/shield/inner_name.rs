//! `shield/inner-name`.

use super::manifest;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/inner-name",
    level: Level::Deny,
    fixed: false,
    summary: "the name of the wrapped package does not end in `.tar.gz`",
    docs: "\
## What it does

Checks the ending of `package` in a SHIELD manifest. Where the package is made from
sources the build writes the right one: the first manifests, of 2017, name a `.zip`.

## Why is this bad?

The Store takes `.tar.gz` off the name and looks for a folder of the rest inside
the package. With another ending that folder can't exist, and it answers 406
(PKG_MISSING_VNFD_FOLDER), or 500 for a network service.

The second is PKG_MISSING_NS_FOLDER in its log.

## What to do

Write `package: NAME.tar.gz`, even where only the folder `NAME` is there yet: the
build makes the file.
",
    example: Some(Example {
        bad: &[(
            "tiny_shield/manifest.yaml",
            "manifest:ns:\n  type: OSM-R4\n  package: tiny_ns.tgz\n",
        )],
        good: &[(
            "tiny_shield/manifest.yaml",
            "manifest:ns:\n  type: OSM-R4\n  package: tiny_ns.tar.gz\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = manifest::of(package) else {
        return;
    };
    let Some((node, name)) = manifest::path(body, "package") else {
        return;
    };
    if name.ends_with(".tar.gz") && name.len() > ".tar.gz".len() {
        return;
    }
    // What is made from sources is a `.tar.gz`, and the build writes that.
    let is_built = |inner: &Package| inner.form != Form::Archive;
    if package.form != Form::Archive && package.inner.as_deref().is_some_and(is_built) {
        return;
    }
    let stem = [".tgz", ".tar", ".zip", ".csar"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(name)
        .trim_end_matches(".tar.gz");
    let message = format!("the package name `{name}` does not end in `.tar.gz`");
    let stem = if stem.is_empty() { "NAME" } else { stem };
    out.push(Diagnostic::new(&RULE, node.span(), message).help(format!("write `{stem}.tar.gz`")));
}
