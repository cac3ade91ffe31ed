//! `package/file-name`.

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Lint};
use crate::source::Finding;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Finding(check),
};

static RULE: Rule = Rule {
    id: "package/file-name",
    level: Level::Deny,
    fixed: true,
    summary: "a file name can't be written into a portable package",
    docs: "\
## What it does

Looks for names that are not UTF-8 or hold a control character or a backslash, and in finished
packages for those with `//` or `/./` in them, or with more than 255 bytes in a part.

## Why is this bad?

An archive carries names as bytes. Those that are not UTF-8 come out as another
name on the next system, a backslash is a folder there, and a line break ends
the line in `checksums.txt` in the middle of the name. `a//b` is `a/b` to whoever unpacks it, and
another file to whoever compares names.

## What to do

Rename the file.
",
    // Not every file system can hold such a name.
    example: None,
};

fn check(finding: &Finding) -> Option<Diagnostic> {
    let Finding::Name { span, reason } = finding else {
        return None;
    };
    let path = span.file.path().escape_debug();
    let message = format!("the name of `{path}` can't be used: {reason}");
    Some(Diagnostic::new(&RULE, span.clone(), message).help("rename it"))
}
