//! `package/case-collision`.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "package/case-collision",
    level: Level::Deny,
    fixed: false,
    summary: "two paths in a package differ only in case",
    docs: "\
## What it does

Looks for files of a package whose paths are the same but for the case of their
letters, and for a file whose path so equals that of a folder.

## Why is this bad?

The file systems of Windows and macOS take both for one file. Unpacked there,
or checked out there from version control, one of the two is lost, and a
package built from that tree is another package.

## What to do

Rename one of them.
",
    // On such a file system the example itself would lose a file.
    example: None,
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    // By lower-case path: the path as written, and whether it is a file.
    let mut seen: HashMap<String, (&str, bool)> = HashMap::new();
    for file in &package.files {
        let path = file.path.as_str();
        let folders = path.match_indices('/').map(|(i, _)| (&path[..i], false));
        for (path, is_file) in folders.chain([(path, true)]) {
            let (first, was_file) = *seen.entry(path.to_lowercase()).or_insert((path, is_file));
            // Two folders become one, and nothing is lost.
            if first == path || !(is_file || was_file) {
                continue;
            }
            let message = format!("`{path}` and `{first}` differ only in case");
            out.push(
                Diagnostic::new(&RULE, package.span_of(path), message)
                    .also(package.span_of(first), "the other one")
                    .help("rename one of the two"),
            );
        }
    }
}
