//! `yaml/merge-key`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint};
use crate::yaml::{Document, ProblemKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Document(check),
};

static RULE: Rule = Rule {
    id: "yaml/merge-key",
    level: Level::Deny,
    fixed: false,
    summary: "a merge key brings in something that is no mapping",
    docs: "\
## What it does

Looks for merge keys (`<<`) whose value is neither a mapping nor a list of
mappings.

## Why is this bad?

A merge key copies the entries of other mappings into its own (YAML's merge
type, https://yaml.org/type/merge.html). A string or a number has no entries,
and PyYAML, with which OSM reads, stops with an error.

## What to do

Write `<<: *name`, where `&name` stands before a mapping, or
`<<: [*one, *two]` for several; the first of them wins.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  <<: tiny_vnf\n  version: '1.0'\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  <<: {id: tiny_vnf}\n  version: '1.0'\n",
        )],
    }),
};

fn check(doc: &Document, out: &mut Vec<Diagnostic>) {
    for problem in doc.problems() {
        if problem.kind != ProblemKind::BadMerge {
            continue;
        }
        out.push(
            Diagnostic::new(
                &RULE,
                doc.span(problem.at.clone()),
                "the merge key `<<` takes a mapping or a list of mappings",
            )
            .help("write `<<: *name`, where `&name` stands before a mapping"),
        );
    }
}
