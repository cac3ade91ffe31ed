//! `package/csar`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Layout, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "package/csar",
    level: Level::Deny,
    fixed: true,
    summary: "a source folder is laid out as a CSAR, which is not built",
    docs: "\
## What it does

Reports source folders with `TOSCA-Metadata/` and `Definitions/`, the layout of
a CSAR (ETSI GS NFV-SOL 004 for a VNF package, SOL 007 for an NS package).

## Why is this bad?

This program builds OSM's layout from a folder, in which the descriptor stands
directly below the top folder. With the descriptor in `Definitions/`, OSM's
north-bound interface does not find it in a `.tar.gz`, and a CSAR is a zip with
a manifest of its own, which this version checks but does not write.

## What to do

Move the descriptor out of `Definitions/` to the top of the folder and delete
`TOSCA-Metadata/`, and the folder is built as an OSM package.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_vnf/Definitions/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n",
            ),
            (
                "tiny_vnf/TOSCA-Metadata/TOSCA.meta",
                "TOSCA-Meta-File-Version: 1.0\n",
            ),
        ],
        good: &[("tiny_vnf/tiny_vnfd.yaml", "vnfd:\n  id: tiny_vnf\n")],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if package.layout == Layout::Csar && package.form == Form::Folder {
        let message = format!(
            "`{}` is laid out as a CSAR, which is not built",
            package.shown
        );
        out.push(Diagnostic::new(&RULE, package.span(), message).help(
            "move the descriptor from `Definitions/` to the top of the folder and delete \
                 `TOSCA-Metadata/`",
        ));
    }
}
