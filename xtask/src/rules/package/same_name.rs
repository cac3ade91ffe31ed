//! `package/same-name`.

use std::collections::HashMap;

use super::duplicate_id::{ending, is_built};
use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Tree(check),
};

static RULE: Rule = Rule {
    id: "package/same-name",
    level: Level::Warn,
    fixed: false,
    summary: "packages of two kinds have the same id and version, and so one name",
    docs: "\
## What it does

Looks for packages of different kinds in one run that have the same id and version,
and whose finished packages so have the same file name. Packages of VNFs, NSs,
NSTs and HDA graphs are all called `<id>-<version>.tar.gz`.

## Why is this bad?

OSM keeps functions, services and slices apart, and takes both. In the output folder
and in a registry one of them would overwrite the other, so that `build` and
`publish` refuse both, and it is an error there.

## What to do

Give one of them another id, as in `edge_vnf` and `edge_ns`. A tree that is checked
and never built here can allow the rule.
",
    example: Some(Example {
        bad: &[
            (
                "edge_vnf/edge_vnfd.yaml",
                "vnfd:\n  id: edge\n  version: '1.0'\n",
            ),
            (
                "edge_ns/edge_nsd.yaml",
                "nsd:\n  nsd:\n    - id: edge\n      version: '1.0'\n",
            ),
        ],
        good: &[
            (
                "edge_vnf/edge_vnfd.yaml",
                "vnfd:\n  id: edge_vnf\n  version: '1.0'\n",
            ),
            (
                "edge_ns/edge_nsd.yaml",
                "nsd:\n  nsd:\n    - id: edge_ns\n      version: '1.0'\n",
            ),
        ],
    }),
};

fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<(&str, &str, &str), (Kind, &Package)> = HashMap::new();
    for package in context.packages.iter().copied().filter(|p| is_built(p)) {
        let (Some(kind), Some(id)) = (package.kind(), package.id()) else {
            continue;
        };
        let version = package.version().unwrap_or_default();
        let name = (ending(package), id, version);
        let (other_kind, other) = *seen.entry(name).or_insert((kind, package));
        // Two of one kind are `package/duplicate-id`'s affair.
        if other_kind == kind {
            continue;
        }
        let message = format!(
            "the {} `{}` and the {} in `{}` would be written to one file",
            kind.as_str(),
            package.name(),
            other_kind.as_str(),
            other.shown
        );
        out.push(
            Diagnostic::new(&RULE, package.span(), message)
                .label("second package")
                .also(other.span(), "first package")
                .help("give one of them another id or version; until then neither is built"),
        );
    }
}
