//! `package/wrong-root`.

use super::unknown_root::{envelope, near, noun};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint};
use crate::source::Finding;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Finding(check),
};

static RULE: Rule = Rule {
    id: "package/wrong-root",
    level: Level::Deny,
    fixed: false,
    summary: "a file is a descriptor in all but its first key",
    docs: "\
## What it does

Looks for YAML files that hold what a descriptor holds (`id` with `df`, `version`,
`vdu` and the like) and that begin otherwise: with a slip in the first key, with that
key in a list (`- vnfd:`), or without it. Looked at are files whose name ends like
that of a descriptor (`edge_nsd.yaml`), and those whose first key differs from one
of a descriptor in signs and capitals alone (`\"@vnfd\":`), and each `manifest.yaml`: by what it
holds, or, where that is nothing, by a finished package or a folder `security` beside it. Templates and what is
written in TOSCA are left alone.

## Why is this bad?

OSM looks for the first key and refuses a descriptor without it. Here it could be
neither checked nor built.

## What to do

Mend the first line.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "- vnfd:\n    id: tiny_vnf\n    version: '1.0'\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
        )],
    }),
};

fn check(finding: &Finding) -> Option<Diagnostic> {
    let Finding::UnknownRoot {
        span,
        kind,
        first,
        is_body,
        is_list,
        is_descriptor: true,
    } = finding
    else {
        return None;
    };
    let what = noun(kind);
    let form = envelope(kind);
    let first = first.as_deref();
    let (message, help) = match first.and_then(|key| near(kind, key)) {
        _ if *is_list => (
            format!("this is {what} in a list, where it stands alone"),
            format!("begin it without the dash: {form}"),
        ),
        _ if *is_body => (
            format!("this is what {what} holds, and the key around it is missing"),
            format!("put it below its envelope: {form}"),
        ),
        _ if first.is_none() => (
            format!("this is {what} that holds nothing, with a package beside it"),
            format!("begin it with {form}"),
        ),
        near => {
            let first = first.unwrap_or_default();
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("begin it with {form}"),
            };
            let message = format!("this is {what} that begins with `{first}`, as none does");
            (message, help)
        }
    };
    let diagnostic = Diagnostic::new(&RULE, span.clone(), message);
    Some(diagnostic.note("so it is not looked into").help(help))
}
