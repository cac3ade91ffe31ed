//! `package/case-collision`.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::landing::folded;
use crate::source::{Form, Layout, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "package/case-collision",
    level: Level::Deny,
    fixed: false,
    summary: "two paths in a package are one to many file systems",
    docs: "\
## What it does

Looks for files of a package whose paths are the same but for the case of their
letters, or for how a letter is written (`é` as one character, or as `e` with an accent
behind it), and for a file whose path so equals that of a folder. It goes by the paths in the finished
package: those of a CSAR, and that of the `checksums.txt` that the build writes.

## Why is this bad?

The file systems of Windows and macOS take two names that differ in case for one file, that of
macOS those that differ in composition, and so do some readers of archives on any system. Unpacked there,
or checked out there from version control, one of the two is lost, and a
package built from that tree is another package.

## What to do

Rename one of them.
",
    // On such a file system the example itself would lose a file.
    example: None,
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    // By folded path in the finished package: the path there, whether it is a file, and what
    // it comes from.
    let mut seen: HashMap<String, (String, bool, Origin<'_>)> = HashMap::new();
    for (placed, origin) in placed(package) {
        let folders = placed
            .match_indices('/')
            .map(|(i, _)| (&placed[..i], false));
        for (path, is_file) in folders.chain([(placed.as_str(), true)]) {
            let entry = seen
                .entry(folded(path))
                .or_insert_with(|| (path.to_owned(), is_file, origin));
            let (first, was_file, from) = &*entry;
            // Two folders become one, and nothing is lost; and a file is met once.
            let is_same = first == path && *was_file == is_file;
            if is_same || !(is_file || *was_file) {
                continue;
            }
            out.push(collision(package, (path, origin), (first, *from)));
        }
    }
}

/// In what two paths with one folded path differ.
fn difference(path: &str, other: &str) -> &'static str {
    match path.nfc().eq(other.nfc()) {
        true => "only in how their letters are composed",
        false => "only in case",
    }
}

/// Where a file of a finished package comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin<'a> {
    /// A file of the source.
    File(&'a str),
    /// The build.
    Build,
}

/// The files that the finished package has, by their paths there.
fn placed(package: &Package) -> Vec<(String, Origin<'_>)> {
    let files = package.files.iter().map(|file| file.path.as_str());
    let as_it_is = |path| (String::from(path), Origin::File(path));
    if package.form == Form::Archive {
        return files.map(as_it_is).collect();
    }
    match (package.layout, &package.csar) {
        (Layout::Osm, _) => {
            // What the build writes stands in the place of what is there.
            let files = files.filter(|path| *path != CHECKSUMS).map(as_it_is);
            let written = (CHECKSUMS.to_owned(), Origin::Build);
            std::iter::once(written).chain(files).collect()
        }
        (Layout::Csar, Some(csar)) if !csar.is_arranged => {
            let files = files.filter(|path| *path != package.descriptor_path);
            let placed = files.filter_map(|path| Some((package.placed(path)?, Origin::File(path))));
            placed.collect()
        }
        _ => files.map(as_it_is).collect(),
    }
}

/// What the build writes into a package in OSM's layout.
const CHECKSUMS: &str = "checksums.txt";

fn collision(
    package: &Package,
    (path, origin): (&str, Origin<'_>),
    (first, from): (&str, Origin<'_>),
) -> Diagnostic {
    let is_moved = package.form != Form::Archive && package.layout == Layout::Csar;
    let at = |path: &str, origin: Origin<'_>| match origin {
        Origin::File(source) if is_moved => package.span_of(source),
        _ => package.span_of(path),
    };
    let written = match (origin, from) {
        (Origin::Build, _) => Some((first, from)),
        (_, Origin::Build) => Some((path, origin)),
        _ => None,
    };
    if let Some((source, from)) = written {
        let message = match source == CHECKSUMS {
            true => format!("`{source}` is a folder, and the build writes a file of that name"),
            false => format!(
                "`{source}` and the `{CHECKSUMS}` that the build writes differ only in case"
            ),
        };
        return Diagnostic::new(&RULE, at(source, from), message).help("rename it");
    }
    let message = match path == first {
        true => format!("`{path}` is a file and a folder at once"),
        false => format!("`{path}` and `{first}` differ {}", difference(path, first)),
    };
    let diagnostic = Diagnostic::new(&RULE, at(path, origin), message)
        .also(at(first, from), "the other one")
        .help("rename one of the two");
    match is_moved {
        true => diagnostic.note("these are their places in the finished package"),
        false => diagnostic,
    }
}
