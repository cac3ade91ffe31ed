//! `csar/manifest`.

use std::collections::BTreeSet;

use super::Found;
use crate::csar::{self, Algorithm, Entry};
use crate::diagnostic::{Diagnostic, Edit, Example, Fix, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "csar/manifest",
    level: Level::Deny,
    fixed: false,
    summary: "the manifest of a CSAR can't be read by everybody",
    docs: "\
## What it does

Reads the `.mf` manifest (SOL004 §4.3.2, SOL007 §4.3) as its readers do:

- a finished package has one;
- where no `TOSCA.meta` names it, it is called like the descriptor beside it (SOL004 §4.1.3), and is
  the only one;
- it is UTF-8, and every line is a `name: value` that belongs where it stands;
- an entry is `Source`, `Algorithm`, `Hash`, in this order, complete, and about
  a file that no other entry is about;
- the algorithm is SHA-256 or SHA-512; SHA-224 and SHA-384 are taken because
  Tacker takes them;
- a set of `non_mano_artifact_sets` has files;
- the manifest gives no digest of itself.

## Why is this bad?

ONAP's SDC stops at the first line that it does not expect, and at a `Hash`
before its `Algorithm`; vnfsdk at an entry without one of the three, and at any
line that it does not know. A digest of a text cannot stand in the text.

## What to do

Delete or correct the line; `--fix` puts an `Algorithm` before its `Hash`. A source folder needs no manifest: `build` writes
one, with every file in it.
",
    example: Some(Example {
        bad: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            (
                "tiny/tiny.mf",
                "metadata:\nvnf_product_name: tiny\n\nSource: tiny.yaml\nHash: 00\nAlgorithm: SHA-256\n",
            ),
        ],
        good: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            (
                "tiny/tiny.mf",
                "metadata:\nvnf_product_name: tiny\n\nSource: tiny.yaml\nAlgorithm: SHA-256\nHash: 00\n",
            ),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((csar, _)) = super::csar(package) else {
        return;
    };
    let Some(found) = super::manifest(package) else {
        if package.form == Form::Archive && csar.manifest.is_none() {
            let message = "the package has no manifest";
            out.push(
                Diagnostic::new(&RULE, package.span(), message)
                    .note("SDC, osmclient and vnfsdk look for a file that ends in `.mf`")
                    .help("build the package again"),
            );
        } else if csar.manifest.is_none() {
            unnamed(package, out);
        }
        return;
    };
    let file = found.path;
    called(package, file, out);
    if let Some(at) = found.file.text().find(char::REPLACEMENT_CHARACTER) {
        let message = format!("`{file}` is not UTF-8");
        let span = found.span(at..at + char::REPLACEMENT_CHARACTER.len_utf8());
        out.push(Diagnostic::new(&RULE, span, message).help("save it as UTF-8"));
    }
    for at in found.manifest.strange.iter().cloned() {
        let message = format!("a line of `{file}` belongs to nothing that a manifest has");
        out.push(
            Diagnostic::new(&RULE, found.span(at), message)
                .note("SDC and vnfsdk stop at a line that they do not know")
                .help("delete it"),
        );
    }
    let mut seen = BTreeSet::new();
    for entry in &found.manifest.entries {
        complete(&found, package, entry, out);
        let Some(source) = &entry.source else {
            continue;
        };
        if !seen.insert(source.value) {
            let message = format!("`{}` stands twice in `{file}`", source.value);
            out.push(
                Diagnostic::new(&RULE, found.span(source.at()), message)
                    .help("delete one of the two entries"),
            );
        }
    }
    for set in &found.manifest.sets {
        if set.entries.is_empty() {
            let message = format!("the set `{}` of `{file}` has no files", set.name.name);
            out.push(
                Diagnostic::new(&RULE, found.span(set.name.at()), message)
                    .note("SDC refuses a set without a `Source`")
                    .help("add `Source: …` lines below it, or delete it"),
            );
        }
    }
}

/// Several manifests, none of which can be told to be that of the package.
fn unnamed(package: &Package, out: &mut Vec<Diagnostic>) {
    let files = package.files.iter().map(|file| file.path.as_str());
    let mut all = files.filter(|path| !path.contains('/') && path.ends_with(".mf"));
    let Some(first) = all.next() else {
        return;
    };
    let stem = csar::stem(&package.descriptor_path);
    let mut diagnostic = Diagnostic::new(
        &RULE,
        package.span_of(first),
        "none of several manifests is called like the descriptor",
    );
    for other in all {
        diagnostic = diagnostic.also(package.span_of(other), "another one");
    }
    out.push(diagnostic.help(format!(
        "call the one that is this package's `{stem}.mf`, and delete the others"
    )));
}

/// Without a `TOSCA.meta` readers find the manifest by its name.
fn called(package: &Package, manifest: &str, out: &mut Vec<Diagnostic>) {
    let is_csar = package.form != Form::Loose && !package.descriptor_path.contains('/');
    if !is_csar || package.file(csar::META).is_some() {
        return;
    }
    let stem = csar::stem(&package.descriptor_path);
    if csar::stem(manifest) != stem {
        let message = format!("the manifest `{manifest}` is not called like the descriptor");
        out.push(
            Diagnostic::new(&RULE, package.span_of(manifest), message)
                .note("without `TOSCA-Metadata` OSM and SDC look for the one that is")
                .help(format!("call it `{stem}.mf`")),
        );
    }
    let files = package.files.iter().map(|file| file.path.as_str());
    let others =
        files.filter(|path| !path.contains('/') && path.ends_with(".mf") && *path != manifest);
    for other in others {
        let message = format!("`{other}` is a second manifest beside `{manifest}`");
        out.push(
            Diagnostic::new(&RULE, package.span_of(other), message)
                .help("delete the one that is none of this package"),
        );
    }
}

fn complete(found: &Found<'_>, package: &Package, entry: &Entry<'_>, out: &mut Vec<Diagnostic>) {
    let Some(source) = entry
        .source
        .as_ref()
        .filter(|field| !field.value.is_empty())
    else {
        let message = "an entry of the manifest says of no file what it is about";
        out.push(
            Diagnostic::new(&RULE, found.span(entry.at.clone()), message)
                .help("add the line `Source: …` before it, or delete it"),
        );
        return;
    };
    let name = source.value;
    if name == found.path {
        // SDC wants the manifest among its own sources.
        if let Some(hash) = &entry.hash {
            let message = "the manifest gives a digest of itself, which can't be right";
            out.push(
                Diagnostic::new(&RULE, found.span(hash.at()), message).help("delete the line"),
            );
        }
        return;
    }
    if let Some(field) = &entry.algorithm
        && Algorithm::find(field.value).is_none()
    {
        let message = format!("`{}` is no algorithm of a manifest", field.value);
        out.push(
            Diagnostic::new(&RULE, found.span(field.value_at.clone()), message)
                .help("write `SHA-256` or `SHA-512`, and the digest of that kind"),
        );
    }
    match (&entry.algorithm, &entry.hash) {
        (Some(algorithm), Some(hash)) if hash.name_at.start < algorithm.name_at.start => {
            let text = found.file.text();
            let swap = Fix {
                title: "put `Algorithm` before `Hash`".to_owned(),
                edits: vec![
                    Edit::new(hash.at(), &text[algorithm.at()]),
                    Edit::new(algorithm.at(), &text[hash.at()]),
                ],
                held: None,
            };
            let message = format!("the hash of `{name}` stands before its algorithm");
            out.push(
                Diagnostic::new(&RULE, found.span(hash.at()), message)
                    .note("SDC refuses the manifest; other readers take any order")
                    .help("write `Source`, `Algorithm`, `Hash`")
                    .fix(Some(swap)),
            );
        }
        (Some(_), Some(_)) => {}
        // The build completes it.
        _ if package.form != Form::Archive && package.file(name).is_some() => {}
        (algorithm, _) => {
            let what = match algorithm {
                Some(_) => "`Hash`",
                None => "`Algorithm`",
            };
            let message = format!("the entry for `{name}` has no {what}");
            out.push(
                Diagnostic::new(&RULE, found.span(source.at()), message)
                    .note("vnfsdk refuses an entry without one of `Source`, `Algorithm`, `Hash`")
                    .help(format!("add the line {what}")),
            );
        }
    }
}
