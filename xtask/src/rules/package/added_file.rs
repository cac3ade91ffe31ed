//! `package/added-file`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint};
use crate::source::Finding;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Finding(check),
};

static RULE: Rule = Rule {
    id: "package/added-file",
    level: Level::Deny,
    fixed: true,
    summary: "a file that the configuration wants in a package can't be taken",
    docs: "\
## What it does

Looks for what `[packages.ID.files]` in the configuration takes into a package from
elsewhere in the tree, and that is not there, can't be read, is empty, lies outside of the
tree or in the output folder, or would take the place of something that the package
has already.

## Why is this bad?

The package would be built without it, or with one of two files of the same name.

## What to do

Correct the path, which is relative to the configuration, or give it another place in the
package. To put it in place of a file in the package's folder, leave that one out with
`exclude`.
",
    example: Some(Example {
        bad: &[
            (
                "nfv.toml",
                "[packages.tiny.files]\n\"scripts/start.sh\" = \"shared/start\"\n",
            ),
            ("shared/start.sh", "#!/bin/sh\n"),
            ("tiny/tiny_vnfd.yaml", "vnfd:\n  id: tiny\n"),
        ],
        good: &[
            (
                "nfv.toml",
                "[packages.tiny.files]\n\"scripts/start.sh\" = \"shared/start.sh\"\n",
            ),
            ("shared/start.sh", "#!/bin/sh\n"),
            ("tiny/tiny_vnfd.yaml", "vnfd:\n  id: tiny\n"),
        ],
    }),
};

fn check(finding: &Finding) -> Option<Diagnostic> {
    let Finding::Added {
        span,
        package,
        reason,
    } = finding
    else {
        return None;
    };
    let diagnostic = Diagnostic::new(&RULE, span.clone(), reason)
        .also(package.clone(), "this is the package")
        .help("correct `files` in the configuration");
    Some(diagnostic)
}
