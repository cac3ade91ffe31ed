//! `yaml/duplicate-key`.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Edit, Example, Fix, Level, Rule};
use crate::rules::{Check, Lint, fixes};
use crate::yaml::{Document, ProblemKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Document(check),
};

static RULE: Rule = Rule {
    id: "yaml/duplicate-key",
    level: Level::Warn,
    fixed: false,
    summary: "a key stands twice in one mapping",
    docs: "\
## What it does

Looks for keys that stand more than once in the same mapping. In a descriptor of
SOL006 a key is the same with the prefix of a module and without
(`etsi-nfv-vnfd:id`, `id`).

## Why is this bad?

YAML demands that keys are unique (YAML 1.2, section 3.2.1.3), and the readers
in use do not agree on what holds where they are not: those of OSM and SHIELD
keep the last value without a word, others keep the first, some stop. The
author who wrote both lines can't see which one counts, and the value of the
other is lost.

The other rules see the last value, as OSM does; where a prefix is all that tells two
keys apart, OSM also refuses what is wrong with the first. Because OSM accepts such a
descriptor this is a warning; in the profiles `etsi` and `etsi-literal` it is
an error.

## What to do

Delete one of the two, or put both values into one list if the key takes a
list. `--fix` deletes an entry that repeats the one before it exactly. Keys that
come in through a merge key (`<<`) do not count: there the own key wins, as
YAML's merge type says.
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
            key,
            first,
            lost,
            entry,
            is_same,
        } = &problem.kind
        else {
            continue;
        };
        let text = doc.file().text();
        let lost = text.get(lost.clone()).and_then(value);
        let behind_key = text.get(problem.at.end..entry.end);
        let held = behind_key.and_then(|text| value(text.trim_start_matches([':', ' '])));
        // No line: a report follows a finding by its message, and the text
        // above it may grow.
        let message = match (is_same, lost, held) {
            (true, ..) => format!("the key `{key}` stands twice with the same value"),
            (false, Some(lost), Some(held)) => {
                format!("the key `{key}` stands twice: {lost} is lost, {held} holds")
            }
            _ => format!("the key `{key}` stands twice: the first value is lost, the last holds"),
        };
        let (second, label) = match is_same {
            true => ("the same again", "it stands here"),
            false => ("this one holds", "this one is lost"),
        };
        let mut diagnostic = Diagnostic::new(&RULE, doc.span(problem.at.clone()), message)
            .label(second)
            .also(doc.span(first.clone()), label);
        if !is_same {
            diagnostic = diagnostic.note("the readers of OSM and SHIELD keep the last value");
        }
        let help = match is_same {
            true => "delete one of the two",
            false => "delete the one that is not meant",
        };
        out.push(diagnostic.help(help).fix(fix(doc, *is_same, entry)));
    }
}

/// A key that stands with and without the prefix of a module; the places are
/// those of `other` and of `key`.
pub(in crate::rules) fn spelled_twice(
    doc: &Document,
    key: &str,
    other: &str,
    [first, second]: [Range<usize>; 2],
) -> Diagnostic {
    let message =
        format!("`{other}` and `{key}` are the same key, and one of their values is lost");
    Diagnostic::new(&RULE, doc.span(second), message)
        .label("the same key")
        .also(doc.span(first), "it stands here")
        .help("delete the one that is not meant")
}

/// A value as it is written, if it has room in a message.
fn value(token: &str) -> Option<String> {
    const LONGEST: usize = 40;
    match token {
        "" => Some("an empty value".to_owned()),
        _ if token.contains(['\n', '\r']) || token.chars().count() > LONGEST => None,
        _ => Some(format!("`{token}`")),
    }
}

/// Deletes an entry that repeats the one before it, or says why not. The value that a
/// reader keeps is the same then, be it the first or the last.
fn fix(doc: &Document, is_same: bool, second: &Range<usize>) -> Option<Fix> {
    // More equal keys than this are no slip, and this looks at all of them for
    // each.
    const MANY: usize = 50;
    let held = |reason| {
        let mut fix = Fix::one(
            "delete the second".to_owned(),
            Edit::new(second.clone(), ""),
        );
        fix.held = Some(reason);
        Some(fix)
    };
    if !is_same {
        return held("because the two are not the same");
    }
    if doc.problems().len() > MANY {
        return held("because there are too many of them");
    }
    // Where the entry holds equal keys itself, readers do not agree on what it
    // says.
    let is_inside = |at: usize| second.start < at && at < second.end;
    let mut inside = doc.problems().iter().map(|problem| problem.at.start);
    if inside.any(is_inside) {
        return held("because a key stands twice in it as well");
    }
    fixes::delete_lines(doc, second)
        .or_else(|| held("because it does not have its lines for itself"))
}
