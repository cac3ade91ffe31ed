//! `package/unsafe-member`.

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Lint};
use crate::source::Finding;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Finding(check),
};

static RULE: Rule = Rule {
    id: "package/unsafe-member",
    level: Level::Deny,
    fixed: true,
    summary: "an archive holds a member that could be written anywhere",
    docs: "\
## What it does

Looks through finished packages for members with an absolute path or with `..`
in it, links that lead out of the package or whose target can't be told from their text,
members that would be written through a link, devices, and names that stand twice, in whatever
way they are written: `a//b` and `a/./b` are `a/b`. `cargo nfv unpack` refuses the same members.

## Why is this bad?

A careless reader writes such a member over a file of the machine on which it
unpacks. OSM refuses packages with absolute paths and `..`, but extracts links
as they are. Of two members with one name some readers see the first and some
the last, so a package could be checked by one and deployed by the other.

## What to do

Do not unpack the package. Ask where it comes from, and build it anew from its
sources: packages that this program builds hold plain files with relative names
only.
",
    // The files of an example are texts.
    example: None,
};

fn check(finding: &Finding) -> Option<Diagnostic> {
    let Finding::UnsafeMember { span, reason } = finding else {
        return None;
    };
    let path = span.file.path();
    let message = format!("the member `{path}` is not safe to unpack: {reason}");
    Some(Diagnostic::new(&RULE, span.clone(), message))
}
