//! `package/limits`.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::members::MAX_MEMBERS;
use crate::source::{Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "package/limits",
    level: Level::Deny,
    fixed: false,
    summary: "a package has more files than readers take",
    docs: "\
## What it does

Counts the files and folders that the finished package would have. More than
200,000 are too many.

## Why is this bad?

Whoever unpacks what others have made has a limit somewhere, so that an archive of a few megabytes
can't fill a disk with names. `verify`, `unpack` and `pull --untar` stop there.

## What to do

Leave out what does not belong there with `exclude`, or pack it into an archive of its
own, such as an image.
",
    // Two hundred thousand files are no example.
    example: None,
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if package.form == Form::Archive || package.files.len() < MAX_MEMBERS / 2 {
        return;
    }
    let paths = || package.files.iter().map(|file| file.path.as_str());
    let folders: BTreeSet<&str> = paths()
        .flat_map(|path| path.match_indices('/').map(|(i, _)| &path[..i]))
        .collect();
    // The top folder, and what the build writes.
    const WRITTEN: usize = 2;
    let count = package.files.len() + folders.len() + WRITTEN;
    if count > MAX_MEMBERS {
        let message = format!(
            "the package would have {count} files and folders, and readers take {MAX_MEMBERS}"
        );
        out.push(
            Diagnostic::new(&RULE, package.span(), message)
                .help("leave files out with `exclude`, or pack them into an archive"),
        );
    }
}
