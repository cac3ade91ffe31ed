//! `package/archive`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint};
use crate::source::Finding;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Finding(check),
};

static RULE: Rule = Rule {
    id: "package/archive",
    level: Level::Deny,
    fixed: true,
    summary: "a finished package can't be read",
    docs: "\
## What it does

Reports archives that are empty, cut off, damaged or no archive at all, and
such as grow beyond all measure when they are unpacked. Of a zip it compares the
list of members at its end with what stands before each member, and tells of bytes
that belong to no member. Finished packages are read where they are named on the
command line and where a SHIELD package wraps one.

## Why is this bad?

Whoever is handed the package can't unpack it either; the SHIELD Store answers 412
(PKG_NOT_TARGZ). Where a zip says two things, some readers go by its list of members
and others from the front: they unpack other files, of which one part has no digest in
the manifest and was signed by nobody.

The validator that SHIELD used calls it `evt_package_format_invalid`.

## What to do

Build it anew, or fetch it again if it was downloaded: a page with an error
message is easily saved under the name of the file.
",
    example: Some(Example {
        bad: &[
            (
                "edge_shield/manifest.yaml",
                "manifest:ns:\n  package: edge_ns.tar.gz\n",
            ),
            ("edge_shield/edge_ns.tar.gz", "404: Not Found\n"),
        ],
        good: &[
            (
                "edge_shield/manifest.yaml",
                "manifest:ns:\n  package: edge_ns.tar.gz\n",
            ),
            ("edge_ns/edge_nsd.yaml", "nsd:\n  nsd:\n  - id: edge_ns\n"),
        ],
    }),
};

fn check(finding: &Finding) -> Option<Diagnostic> {
    let Finding::Archive { span, reason } = finding else {
        return None;
    };
    let message = format!("`{}` is no usable package: {reason}", span.file.path());
    Some(Diagnostic::new(&RULE, span.clone(), message).help("build or fetch it again"))
}
