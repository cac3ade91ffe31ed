//! `osm/dots`.

use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Layout, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/dots",
    level: Level::Deny,
    fixed: false,
    summary: "a path in a CSAR holds two dots in a row",
    docs: "\
## What it does

Looks for paths in a CSAR, or in another zip, with `..` in the middle of a name: `docs/1..9.txt`.

## Why is this bad?

OSM's north-bound interface means to keep paths out that lead upwards. In a zip it looks for the two
dots anywhere in a path, where in a tar it looks for a part that is nothing else, and answers 400:
`Absolute path or '..' are not allowed for package descriptor zip`.

## What to do

Rename the file or folder. For other orchestrators allow the rule, or check with `--profile etsi`.
",
    example: Some(Example {
        bad: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            ("tiny/tiny.mf", "metadata:\nvnf_product_name: tiny\n"),
            ("tiny/Files/1..9.txt", "none\n"),
        ],
        good: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            ("tiny/tiny.mf", "metadata:\nvnf_product_name: tiny\n"),
            ("tiny/Files/1-9.txt", "none\n"),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if !package.kind().is_some_and(Kind::is_osm) || package.form == Form::Loose {
        return;
    }
    if package.layout != Layout::Csar && !package.is_zip {
        return;
    }
    for file in &package.files {
        // A part that is nothing else can't be had here: such a member is never read.
        if package
            .placed(&file.path)
            .is_some_and(|path| path.contains(".."))
        {
            let name = &file.path;
            let message = format!("OSM refuses a zip with `..` in a path, as in `{name}`");
            out.push(Diagnostic::new(&RULE, package.span_of(name), message).help("rename it"));
        }
    }
}
