//! `package/special-file`.

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Lint};
use crate::source::Finding;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Finding(check),
};

static RULE: Rule = Rule {
    id: "package/special-file",
    level: Level::Deny,
    fixed: true,
    summary: "a package holds a socket, a pipe or a device",
    docs: "\
## What it does

Looks for sockets, pipes and devices among the files of a package.

## Why is this bad?

They have no content that could be packed, reading one may wait for ever, and
an orchestrator has no use for them. Most often a program that still runs, or
was stopped, left them behind.

## What to do

Delete the file, or leave it out with `exclude` in the configuration.
",
    // The files of an example are texts.
    example: None,
};

fn check(finding: &Finding) -> Option<Diagnostic> {
    let Finding::Special { span, what } = finding else {
        return None;
    };
    let message = format!("`{}` is {what}, not a file", span.file.path());
    Some(
        Diagnostic::new(&RULE, span.clone(), message)
            .help("delete it or leave it out with `exclude`"),
    )
}
