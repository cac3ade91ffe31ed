//! `package/duplicate-id`.

use std::collections::HashMap;

use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Layout, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Tree(check),
};

static RULE: Rule = Rule {
    id: "package/duplicate-id",
    level: Level::Deny,
    fixed: true,
    summary: "two packages have the same id and version",
    docs: "\
## What it does

Looks for packages of one run that have the same id and version: of the same
kind, or of kinds whose finished packages have the same file name. Packages of
VNFs, NSs, NSTs and HDA graphs are all called `<id>-<version>.tar.gz`.

## Why is this bad?

The second package would overwrite the first, in the output folder and in the
registry. OSM refuses a second descriptor with the id of the first.

## What to do

Give one of them another id or version. If one is a copy that is not to be
built, leave it out with `exclude` in the configuration.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
            ),
            (
                "copy/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
            ),
        ],
        good: &[
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
            ),
            (
                "copy/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.1'\n",
            ),
        ],
    }),
};

/// What makes two packages one: their kind, or the ending of the file.
#[derive(PartialEq, Eq, Hash)]
enum Of {
    Kind(Kind),
    Ending(&'static str),
}

fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<(Of, &str, &str), &Package> = HashMap::new();
    for package in context.packages.iter().copied() {
        // A finished package is read and not built.
        let (Some(kind), Some(id)) = (package.kind(), package.id()) else {
            continue;
        };
        if package.form == Form::Archive {
            continue;
        }
        let version = package.version().unwrap_or_default();
        let ending = match package.layout {
            Layout::Osm | Layout::Hdag => "tar.gz",
            Layout::Csar => "csar",
            Layout::Chart => "tgz",
            Layout::Shield => "shield",
        };
        let by_kind = *seen.entry((Of::Kind(kind), id, version)).or_insert(package);
        let by_file = *seen
            .entry((Of::Ending(ending), id, version))
            .or_insert(package);
        let other = [by_kind, by_file]
            .into_iter()
            .find(|other| !std::ptr::eq(*other, package));
        if let Some(other) = other {
            out.push(finding(package, other, kind));
        }
    }
}

fn finding(package: &Package, other: &Package, kind: Kind) -> Diagnostic {
    let name = package.name();
    let other_path = &other.shown;
    let other_kind = other.kind().unwrap_or(kind);
    let message = if other_kind == kind {
        format!(
            "the {} `{name}` stands twice, here and in `{other_path}`",
            kind.as_str()
        )
    } else {
        format!(
            "the {} `{name}` and the {} in `{other_path}` would be written to one file",
            kind.as_str(),
            other_kind.as_str()
        )
    };
    Diagnostic::new(&RULE, package.span(), message)
        .label("second package")
        .also(other.span(), "first package")
        .help("give one of them another id or version, or leave one out with `exclude`")
}
