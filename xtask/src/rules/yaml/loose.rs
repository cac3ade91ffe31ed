//! `yaml/loose`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint};
use crate::yaml::{Document, Loose, ProblemKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Document(check),
};

static RULE: Rule = Rule {
    id: "yaml/loose",
    level: Level::Warn,
    fixed: false,
    summary: "OSM's reader takes what YAML 1.2 does not allow",
    docs: "\
## What it does

Looks for a comment right behind a quote or a bracket (`\"1.0\"# so`), and for texts
in quotes that go on in a line that is not indented.

## Why is this bad?

YAML 1.2 wants a space before a comment (section 6.6) and texts in quotes indented
as what they belong to (section 7.3). PyYAML, with which OSM reads, does not look;
other readers stop there. Because OSM accepts such a descriptor this is a warning;
in the profiles `etsi` and `etsi-literal` it is an error.

## What to do

Put a space before the `#`, and indent the line.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'# the first\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0' # the first\n",
        )],
    }),
};

fn check(doc: &Document, out: &mut Vec<Diagnostic>) {
    for problem in doc.problems() {
        let ProblemKind::Loose(what) = &problem.kind else {
            continue;
        };
        let (message, help) = match what {
            Loose::Comment => (
                "a comment stands right behind a value: OSM's reader takes it, others stop here",
                "put a space before the `#`",
            ),
            Loose::Quoted => (
                "a text in quotes goes on in a line that is not indented: OSM's reader takes it, others stop here",
                "indent the line, or write the text in one",
            ),
        };
        out.push(Diagnostic::new(&RULE, doc.span(problem.at.clone()), message).help(help));
    }
}
