//! `yaml/duplicate-key`.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Example, Fix, Level, Rule};
use crate::rules::{Check, Lint, fixes};
use crate::yaml::{Document, ProblemKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Document(check),
};

static RULE: Rule = Rule {
    id: "yaml/duplicate-key",
    level: Level::Deny,
    fixed: false,
    summary: "a key stands twice in one mapping",
    docs: "\
## What it does

Looks for keys that stand more than once in the same mapping.

## Why is this bad?

YAML forbids it, and the readers in use do not agree on what then holds: OSM's
keeps the last value, others keep the first, some stop. The author who wrote
both lines can't see which one counts, and the other is lost without a word.

## What to do

Delete one of the two, or put both values into one list if the key takes a
list. Keys that come in through a merge key (`<<`) do not count: there the own
key wins, as YAML's merge type says.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  version: '1.1'\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.1'\n",
        )],
    }),
};

fn check(doc: &Document, out: &mut Vec<Diagnostic>) {
    for problem in doc.problems() {
        let ProblemKind::DuplicateKey {
            key, first, entry, ..
        } = &problem.kind
        else {
            continue;
        };
        let span = doc.span(problem.at.clone());
        out.push(
            Diagnostic::new(&RULE, span, format!("the key `{key}` stands twice"))
                .label("second value")
                .also(doc.span(first.clone()), "first value")
                .help("delete one of the two")
                .fix(fix(doc, first, entry)),
        );
    }
}

/// Deletes the second entry where the key stands twice with the same value.
fn fix(doc: &Document, first: &Range<usize>, second: &Range<usize>) -> Option<Fix> {
    // More equal keys than this are no slip, and this looks at all of them for
    // each.
    const MANY: usize = 50;
    if doc.problems().len() > MANY {
        return None;
    }
    // Readers that keep the last value would find another one if a third
    // stands between, or if the two hold equal keys themselves.
    let is_clear = doc.problems().iter().all(|problem| match &problem.kind {
        ProblemKind::DuplicateKey {
            first: other,
            is_same,
            ..
        } if other == first => *is_same,
        ProblemKind::DuplicateKey { .. } => {
            let at = problem.at.start;
            !second.contains(&at) && !(first.start..second.start).contains(&at)
        }
        _ => true,
    });
    is_clear.then(|| fixes::delete_lines(doc, second)).flatten()
}
