//! `shield/inner-folder`.

use super::manifest;
use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/inner-folder",
    level: Level::Deny,
    fixed: false,
    summary: "the wrapped package has another folder at its top than its name says",
    docs: "\
## What it does

Looks into a finished package inside a SHIELD package: everything has to lie in
one folder, called like the file without `.tar.gz`.

## Why is this bad?

The Store unpacks `edge_ns.tar.gz` and looks for the folder `edge_ns`. Without it
it answers 406, `vNSF Descriptor not found where manifest.yaml places it`
(PKG_MISSING_VNFD_FOLDER), and 500 for a network service. OSM refuses files that
lie in no folder at all.

The Store's name for it is PKG_MISSING_NS_FOLDER then, and the 500 comes from an
exception that nobody catches.

## What to do

Pack the folder, not its content: `tar czf edge_ns.tar.gz edge_ns`. Or wrap the
sources and let the build make the file.
",
    // Archives are no text.
    example: None,
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = manifest::of(package) else {
        return;
    };
    let (Some((node, name)), Some(stem)) =
        (manifest::path(body, "package"), manifest::stem(package))
    else {
        return;
    };
    let Some(inner) = manifest::finished(package).filter(|inner| inner.is_tar_gz) else {
        return;
    };
    let folder = format!("{stem}/");
    let outside = inner
        .files
        .iter()
        .find(|file| !file.path.starts_with(&folder));
    let message = match outside {
        Some(file) if is_empty(inner, &stem) => format!(
            "the package `{name}` has no folder `{stem}`; `{}` lies elsewhere in it",
            file.path
        ),
        Some(file) => format!(
            "in the package `{name}` the file `{}` lies outside of the folder `{stem}`",
            file.path
        ),
        None if inner.files.is_empty() && !inner.links.is_empty() => {
            format!("the package `{name}` holds links and no files")
        }
        None if inner.files.is_empty() => format!("the package `{name}` holds no files"),
        None => return,
    };
    let diagnostic = Diagnostic::new(&RULE, node.span(), message);
    // The author may have renamed the file and not the folder.
    let tops: std::collections::BTreeSet<&str> = inner
        .files
        .iter()
        .filter_map(|file| Some(file.path.split_once('/')?.0))
        .collect();
    let only = tops.first().filter(|_| tops.len() == 1);
    out.push(match only {
        Some(top) if *top != stem => diagnostic.help(format!(
            "write `package: {top}.tar.gz` and rename the file, or rename the folder"
        )),
        _ => diagnostic.help(format!("pack it with `tar czf {name} {stem}`")),
    });
}

/// Whether nothing lies in the folder that the name asks for.
pub(super) fn is_empty(inner: &Package, stem: &str) -> bool {
    let folder = format!("{stem}/");
    !inner
        .files
        .iter()
        .any(|file| file.path.starts_with(&folder))
}
