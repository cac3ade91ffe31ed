//! `yaml/non-string-key`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint};
use crate::yaml::{Document, ProblemKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Document(check),
};

static RULE: Rule = Rule {
    id: "yaml/non-string-key",
    level: Level::Deny,
    fixed: false,
    summary: "a key is not a string",
    docs: "\
## What it does

Looks for keys that are numbers, `true`, `false`, null, lists or mappings, by what they
are or by a tag (`!!binary`).

## Why is this bad?

YAML allows any value as a key, JSON only strings (RFC 8259, section 4), and
every orchestrator turns a descriptor into JSON on its way. What becomes of the
key `1` or `null` there depends on the reader: one writes it as a string, the
next refuses the file.

## What to do

Put the key in quotes if the name is meant. An empty key before a colon, or a
list or mapping as a key, is most often a slip: a `?` or a `:` too many, or
`{{ value }}` of a template that was never filled in.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  1: first\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  description: first\n",
        )],
    }),
};

fn check(doc: &Document, out: &mut Vec<Diagnostic>) {
    for problem in doc.problems() {
        let ProblemKind::NonStringKey { found, is_tagged } = problem.kind else {
            continue;
        };
        // `{{ name }}` is a mapping as the key of a mapping as a key.
        let is_inside = doc.problems().iter().any(|outer| {
            matches!(outer.kind, ProblemKind::NonStringKey { .. })
                && outer.at != problem.at
                && outer.at.start <= problem.at.start
                && problem.at.end <= outer.at.end
        });
        if is_inside {
            continue;
        }
        let whole = doc.file().text();
        let text = whole.get(problem.at.clone()).unwrap_or_default();
        let before = whole.get(..problem.at.start).unwrap_or_default();
        let is_template = text.starts_with("{{")
            || text.starts_with("{ {")
            || (text.starts_with('{') && before.ends_with('{'));
        // Where reading stops in the same line it is told there.
        let is_told = doc.problems().iter().any(|other| {
            let between = whole.get(problem.at.end..other.at.start);
            matches!(other.kind, ProblemKind::Syntax { .. })
                && between.is_some_and(|text| !text.contains('\n'))
        });
        if is_template && is_told {
            continue;
        }
        let is_scalar = matches!(
            found,
            "null" | "a boolean" | "a number" | "a date" | "no text"
        );
        let message = if is_scalar && !text.is_empty() {
            format!("the key `{text}` is {found}, keys must be strings")
        } else {
            format!("this key is {found}, keys must be strings")
        };
        let mut diagnostic = Diagnostic::new(&RULE, doc.span(problem.at.clone()), message);
        if is_template {
            diagnostic = diagnostic.help("fill in the template before the descriptor is checked");
        } else if is_tagged {
            diagnostic = diagnostic.help("delete the tag");
        } else if is_scalar && !text.is_empty() {
            diagnostic = diagnostic.help(format!("put it in quotes: `'{text}'`"));
        } else if is_scalar {
            diagnostic = diagnostic.help("write a name before the colon");
        }
        out.push(diagnostic);
    }
}
