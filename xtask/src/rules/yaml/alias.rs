//! `yaml/alias`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint, nearest};
use crate::yaml::{Document, ProblemKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Document(check),
};

static RULE: Rule = Rule {
    id: "yaml/alias",
    level: Level::Deny,
    fixed: false,
    summary: "an alias stands for nothing",
    docs: "\
## What it does

Looks for aliases (`*name`) that name no anchor (`&name`) before them, and for
aliases inside the very value that they name.

## Why is this bad?

An alias is replaced by the value behind its anchor (YAML 1.2.2, section
7.1). Where there is none, no value can be put in, and readers refuse the
file. An alias inside its own value would go on for ever: YAML allows it, but
JSON can't say it, and OSM turns every descriptor into JSON.

## What to do

Correct the name, or put the anchor on a value that stands earlier in the file.
A value that really begins with `*`, such as a wildcard, needs quotes.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: &name tiny_vnf\n  product-name: *nmae\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: &name tiny_vnf\n  product-name: *name\n",
        )],
    }),
};

fn check(doc: &Document, out: &mut Vec<Diagnostic>) {
    for problem in doc.problems() {
        let span = doc.span(problem.at.clone());
        match &problem.kind {
            ProblemKind::UnknownAlias { name } => {
                let text = doc.file().text();
                let before = text.get(..problem.at.start).unwrap_or_default();
                let message = format!("no anchor `&{name}` stands before this alias");
                let mut diagnostic = Diagnostic::new(&RULE, span, message);
                // PyYAML ends the name there, YAML 1.2 does not.
                let start = name.split_once(':').map(|(start, _)| start);
                let start = start.filter(|start| anchors(before).any(|own| own == *start));
                if let Some(start) = start {
                    let rest = name.get(start.len()..).unwrap_or_default();
                    diagnostic = diagnostic.help(format!(
                        "put spaces around the colon: `*{start} : {}`",
                        rest.trim_start_matches(':')
                    ));
                } else if let Some(near) = nearest(name, anchors(before)) {
                    diagnostic = diagnostic.help(format!("did you mean `*{near}`?"));
                } else if anchors(text).any(|anchor| anchor == name) {
                    diagnostic = diagnostic.help("put the anchor before its first alias");
                } else {
                    diagnostic = diagnostic.help(format!(
                        "put the value in quotes if it is a text: `'*{name}'`"
                    ));
                }
                out.push(diagnostic);
            }
            ProblemKind::RecursiveAlias => out.push(
                Diagnostic::new(
                    &RULE,
                    span,
                    "this alias stands inside the value that it names",
                )
                .help("write out what is meant here"),
            ),
            _ => {}
        }
    }
}

/// The names behind `&` in a text. Good enough for a suggestion: one inside a
/// string may be among them.
fn anchors(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}'))
        .filter_map(|word| word.strip_prefix('&'))
        .filter(|name| !name.is_empty())
}
