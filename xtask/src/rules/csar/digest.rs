//! `csar/digest`.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Found;
use crate::csar::Algorithm;
use crate::diagnostic::{Diagnostic, Level, Rule, Span};
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Package, certificate};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "csar/digest",
    level: Level::Deny,
    fixed: false,
    summary: "the manifest of a finished CSAR does not fit its files",
    docs: "\
## What it does

Computes the digest of every file of a finished CSAR and compares it with the
manifest; and looks for files that no `Source` names, in the list or in
`non_mano_artifact_sets`. The manifest itself need not be named.

## Why is this bad?

The package is damaged or was changed after it was made. osmclient answers
`Error validating F hash`, vnfsdk `Mismatched hash for file`, ONAP's CVC
`Source has wrong hash` (0x4004). A file that is not named is not protected, and
SDC refuses it. OSM itself looks at none of this.

## What to do

Build the package again. `zip -u` on a finished package does not write the
manifest anew.
",
    // A finished package is no text.
    example: None,
};

/// Findings for single lines; the next one sums up the rest.
const SINGLE: usize = 5;

/// What does not fit.
pub(super) struct Fault {
    pub at: Option<Range<usize>>,
    pub message: String,
    pub label: Option<String>,
}

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(found) = super::manifest(package).filter(|_| package.form == Form::Archive) else {
        return;
    };
    for fault in faults(package, &found) {
        let span = match fault.at {
            Some(at) => found.span(at),
            None => Span::whole(found.file),
        };
        let mut diagnostic = Diagnostic::new(&RULE, span, fault.message);
        if let Some(label) = fault.label {
            diagnostic = diagnostic.label(label);
        }
        out.push(diagnostic.help("build the package again"));
    }
}

/// Digests that differ, and files that are not named.
pub(super) fn faults(package: &Package, found: &Found<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    // A certificate beside the manifest is a part of its signature.
    let own = [Some(found.path), certificate(package, found.path)];
    let mut listed: BTreeSet<&str> = own.into_iter().flatten().collect();
    let name = found.path;
    let with_digest = found
        .manifest
        .all_entries()
        .filter(|entry| entry.hash.is_some());
    let digested: BTreeSet<&str> = with_digest
        .filter_map(|entry| Some(entry.source.as_ref()?.value))
        .collect();
    for entry in found.manifest.all_entries() {
        let Some(source) = &entry.source else {
            continue;
        };
        listed.insert(source.value);
        let digest = package
            .file(source.value)
            .and_then(|file| file.digest.as_ref());
        let Some((algorithm, hash)) = digest.filter(|_| source.value != name) else {
            continue;
        };
        let (Some(stated), Some(kind)) = (&entry.hash, &entry.algorithm) else {
            // A set may name what the list gives the digest of; and a signature that holds would
            // go with the digest that is added.
            let is_in_set = !found.manifest.entries.contains(entry);
            let is_signed = !found.manifest.signatures.is_empty();
            let is_given = is_in_set && (is_signed || digested.contains(source.value));
            if !is_given && package.form != Form::Archive {
                faults.push(Fault {
                    at: Some(source.at()),
                    message: format!("`{name}` gives no digest of `{}`", source.value),
                    label: None,
                });
            }
            continue;
        };
        // An algorithm that is not known is another rule's affair.
        if Algorithm::find(kind.value) == Some(*algorithm)
            && !stated.value.eq_ignore_ascii_case(hash)
        {
            let at = match stated.value {
                "" => stated.at(),
                _ => stated.value_at.clone(),
            };
            faults.push(Fault {
                at: Some(at),
                message: format!("`{name}` has another digest for `{}`", source.value),
                label: Some(format!("the file has {hash}")),
            });
        }
    }
    let more = faults.len().saturating_sub(SINGLE);
    if more > 1 {
        faults.truncate(SINGLE + 1);
        if let Some(last) = faults.last_mut() {
            last.message = format!("{more} more digests in `{name}` do not fit the files");
            last.label = None;
        }
    }
    let paths = package.files.iter().map(|file| file.path.as_str());
    let missing: Vec<&str> = paths.filter(|path| !listed.contains(path)).collect();
    if let Some((first, rest)) = missing.split_first() {
        let message = match rest.len() {
            0 => format!("`{first}` is not in `{name}`"),
            1 => format!("`{first}` and one more file are not in `{name}`"),
            more => format!("`{first}` and {more} more files are not in `{name}`"),
        };
        faults.push(Fault {
            at: None,
            message,
            label: None,
        });
    }
    faults
}
