//! `package/unreadable`.

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Lint};
use crate::source::Finding;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Finding(check),
};

static RULE: Rule = Rule {
    id: "package/unreadable",
    level: Level::Deny,
    fixed: true,
    summary: "a file or folder can't be read",
    docs: "\
## What it does

Reports files and folders that the system does not let this program read, and
folders nested more than 64 levels deep.

## Why is this bad?

The package would be built without them, and nobody would notice before the
function is deployed.

## What to do

The finding repeats the system's reason. A missing permission is the most
frequent one; a file that does not belong to the package can be left out with
`exclude` in the configuration.
",
    // The files of an example are texts, so they can't show a permission.
    example: None,
};

fn check(finding: &Finding) -> Option<Diagnostic> {
    let Finding::Unreadable { span, reason } = finding else {
        return None;
    };
    let message = format!("`{}` can't be read: {reason}", span.file.path());
    Some(Diagnostic::new(&RULE, span.clone(), message))
}
