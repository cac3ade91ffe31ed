//! `yaml/multiple-documents`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint};
use crate::yaml::{Document, ProblemKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Document(check),
};

static RULE: Rule = Rule {
    id: "yaml/multiple-documents",
    level: Level::Deny,
    fixed: false,
    summary: "the file holds a second YAML document",
    docs: "\
## What it does

Looks for a `---` behind the first document of a file.

## Why is this bad?

One descriptor is one document. OSM reads a descriptor with PyYAML's
`safe_load`, which expects a single document and refuses the file when another
one follows, be it empty. This program reads the first document only, so
nothing behind the line is checked.

## What to do

Delete a `---` that ends the file, and move a second descriptor into a file of
its own: in a package of its own, if it is to be built.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n---\nvnfd:\n  id: other_vnf\n",
        )],
        good: &[("tiny_vnf/tiny_vnfd.yaml", "---\nvnfd:\n  id: tiny_vnf\n")],
    }),
};

fn check(doc: &Document, out: &mut Vec<Diagnostic>) {
    for problem in doc.problems() {
        if problem.kind != ProblemKind::SecondDocument {
            continue;
        }
        let behind = doc.file().text().get(problem.at.end..).unwrap_or_default();
        let is_empty = behind
            .lines()
            .all(|line| matches!(line.trim(), "" | "---" | "...") || line.trim().starts_with('#'));
        let help = if is_empty {
            "delete this line"
        } else {
            "move what follows into a file of its own"
        };
        out.push(
            Diagnostic::new(
                &RULE,
                doc.span(problem.at.clone()),
                "a second document begins here, a descriptor is one document",
            )
            .note("OSM refuses such a file; what stands behind this line was not checked")
            .help(help),
        );
    }
}
