//! `package/nested`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint};
use crate::source::Finding;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Finding(check),
};

static RULE: Rule = Rule {
    id: "package/nested",
    level: Level::Warn,
    fixed: false,
    summary: "a package lies inside the folder of another",
    docs: "\
## What it does

Looks for packages in the folders of other packages. Charts inside a package
and the package inside a SHIELD package belong there and are not meant.

## Why is this bad?

The inner package is built by itself and left out of the outer one. If the
outer one was meant to hold it, something is missing there; OSM does not look
for a package inside another.

## What to do

Move the inner folder out, beside the other package. A copy that is kept for
later can be left out with `exclude` in the configuration.
",
    example: Some(Example {
        bad: &[
            ("edge_ns/edge_nsd.yaml", "nsd:\n  nsd:\n  - id: edge_ns\n"),
            ("edge_ns/tiny_vnf/tiny_vnfd.yaml", "vnfd:\n  id: tiny_vnf\n"),
        ],
        good: &[
            ("edge_ns/edge_nsd.yaml", "nsd:\n  nsd:\n  - id: edge_ns\n"),
            ("tiny_vnf/tiny_vnfd.yaml", "vnfd:\n  id: tiny_vnf\n"),
        ],
    }),
};

fn check(finding: &Finding) -> Option<Diagnostic> {
    let Finding::Nested { inner } = finding else {
        return None;
    };
    let path = inner.file.path();
    let message = format!("the package `{path}` lies inside another one and is left out of it");
    Some(
        Diagnostic::new(&RULE, inner.clone(), message)
            .note("it is built by itself")
            .help("move it out, beside the other package"),
    )
}
