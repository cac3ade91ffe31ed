//! `package/same-name`.

use std::collections::HashMap;

use super::duplicate_id::is_built;
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
    summary: "two packages would be written to one file",
    docs: "\
## What it does

Looks for packages in one run whose finished packages have the same file name: those of
different kinds with the same id and version, because packages of VNFs, NSs, NSTs and HDA
graphs are all called `<id>-<version>.tar.gz`; and those whose ids or versions differ only
in letters that stand in no file name, for each of which there is a `_` (`edge 1`, `edge_1`);
and those that `output-name` in the configuration gives one name.

## Why is this bad?

OSM keeps functions, services and slices apart, and takes any id. In the output folder
and in a registry one of them would overwrite the other, so that `build` and
`publish` refuse both, and it is an error there.

## What to do

Give one of them another id, as in `edge_vnf` and `edge_ns`, or another `output-name`. A tree that is checked
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
    let mut seen: HashMap<(&str, String), (Kind, &Package)> = HashMap::new();
    for package in context.packages.iter().copied().filter(|p| is_built(p)) {
        let (Some(kind), Some(stem)) = (package.kind(), package.file_stem()) else {
            continue;
        };
        let name = (package.layout.ending(), stem.clone());
        let (other_kind, other) = *seen.entry(name).or_insert((kind, package));
        let is_same = (package.id(), package.version()) == (other.id(), other.version());
        // Two of one kind are `package/duplicate-id`'s affair.
        if std::ptr::eq(package, other) || (other_kind == kind && is_same) {
            continue;
        }
        let is_named = |package: &Package| package.output_name.is_some();
        let help = match is_named(package) || is_named(other) {
            true => "give one of them another `output-name`; until then neither is built",
            false => "give one of them another id or version; until then neither is built",
        };
        let message = format!(
            "the {} `{}` and the {} in `{}` would be written to one file",
            kind.as_str(),
            package.name(),
            other_kind.as_str(),
            other.shown
        );
        let diagnostic = Diagnostic::new(&RULE, package.span(), message)
            .label("second package")
            .also(other.span(), "first package")
            .help(help);
        out.push(match is_same {
            true => diagnostic,
            false => diagnostic.note(format!(
                "the file of `{}` is called `{stem}` as well",
                other.name()
            )),
        });
    }
}
