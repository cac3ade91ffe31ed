//! `package/no-descriptor`.

use crate::diagnostic::{Diagnostic, Level, Rule};
use crate::rules::{Check, Lint};
use crate::source::Finding;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Finding(check),
};

static RULE: Rule = Rule {
    id: "package/no-descriptor",
    level: Level::Deny,
    fixed: false,
    summary: "there is no descriptor where one is expected",
    docs: "\
## What it does

Reports a folder, a file or an archive that was given as a package and holds no
descriptor.

## Why is this bad?

A package is known by its descriptor: a YAML file whose first key is `vnfd`,
`nsd`, `pnfd`, `nst`, `nfv`, `vnfd-catalog`, `nsd-catalog`, `manifest:ns`,
`manifest:vnsf` or `hdaGraph`, or a `Chart.yaml`. Without one there is nothing to check or to
build, and OSM answers `Not found any descriptor file`. A `manifest.yaml`
that is empty, a list or no YAML makes the Store answer 500 without a reason, and one with
another first key 406 (MANIFEST_NOT_VNSF, MANIFEST_NOT_NS).

## What to do

Look at the path, and at the first key of the descriptor. In an archive for OSM
the descriptor stands directly in the one top folder.
",
    // Only a path on the command line is expected to be a package.
    example: None,
};

fn check(finding: &Finding) -> Option<Diagnostic> {
    let Finding::NoDescriptor {
        span,
        because,
        manifest,
    } = finding
    else {
        return None;
    };
    let path = span.file.path();
    let message = if span.range.is_some() {
        format!(
            "`{path}` is no descriptor: its first key begins no model, or has a single value where a model stands"
        )
    } else {
        format!("there is no descriptor in `{path}`")
    };
    let diagnostic = Diagnostic::new(&RULE, span.clone(), message);
    let diagnostic = match manifest {
        None => diagnostic,
        Some((manifest, what)) => diagnostic.note(format!(
            "`{}` has the name of a SHIELD manifest, and {what}",
            manifest.file.path()
        )),
    };
    Some(
        diagnostic
            .note(format!("one is expected because {because}"))
            .help("a descriptor begins with `vnfd`, `nsd`, `pnfd`, `nst`, `nfv`, `manifest:ns`, `manifest:vnsf` or `hdaGraph`, or is a `Chart.yaml`"),
    )
}
