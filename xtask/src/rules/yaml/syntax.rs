//! `yaml/syntax`.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint};
use crate::yaml::{Document, ProblemKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Document(check),
};

static RULE: Rule = Rule {
    id: "yaml/syntax",
    level: Level::Deny,
    fixed: true,
    summary: "the text is not valid YAML",
    docs: "\
## What it does

Reports the place where a descriptor stops being YAML.

## Why is this bad?

Nothing behind that place can be read, by this program or by an orchestrator,
so no other rule can look at the file until it is mended.

## What to do

The most frequent causes are a tab in the indentation (YAML takes spaces only),
a value that holds `: ` or starts with one of `@ % & * { [` and is not quoted,
and an item or a key that is indented one column too far or not far enough.
",
    example: Some(Example {
        bad: &[("tiny_vnf/tiny_vnfd.yaml", "vnfd:\n\tid: tiny_vnf\n")],
        good: &[("tiny_vnf/tiny_vnfd.yaml", "vnfd:\n  id: tiny_vnf\n")],
    }),
};

fn check(doc: &Document, out: &mut Vec<Diagnostic>) {
    for problem in doc.problems() {
        let ProblemKind::Syntax { reason, tab } = &problem.kind else {
            continue;
        };
        let message = format!("this is not valid YAML: {reason}");
        let diagnostic = match tabs(doc, problem.at.start).filter(|_| *tab) {
            Some(tabs) => Diagnostic::new(&RULE, doc.span(tabs), message)
                .label("a tab")
                .help("indent with spaces; YAML does not take tabs"),
            None => Diagnostic::new(&RULE, doc.span(problem.at.clone()), message)
                .label("reading stopped here"),
        };
        out.push(diagnostic);
    }
}

/// The first tabs in the indentation of the line where reading stopped.
fn tabs(doc: &Document, at: usize) -> Option<Range<usize>> {
    let text = doc.file().text();
    let start = text.get(..at)?.rfind('\n').map_or(0, |i| i + 1);
    let line = text.get(start..)?;
    let first = line
        .find(|c| c != ' ')
        .filter(|i| line[*i..].starts_with('\t'))?;
    let length = line[first..].bytes().take_while(|b| *b == b'\t').count();
    Some(start + first..start + first + length)
}
