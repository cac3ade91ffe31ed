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

Looks for

- a comment right behind a quote or a bracket (`\"1.0\"# so`);
- texts in quotes that go on in a line that is not indented, or with a tab;
- a `-` without quotes that is a text in brackets (`[{id: -}]`);
- an alias as a key without a space before its colon (`*name: x`);
- the invisible letter U+FEFF inside of the document;
- the invisible letters U+0085, U+2028 and U+2029 where the document can be read with
  the ends of lines that they are to YAML 1.1. It is checked as it is read so. Where it
  can't, `osm/line-end` tells of them.

## Why is this bad?

YAML 1.2 wants a space before a comment (section 6.6) and texts in quotes indented
as what they belong to (section 7.3), no `-` alone in brackets (7.3.3), and U+FEFF
nowhere but in front (5.2); the other letters are like any (5.4). PyYAML, with which OSM
reads, sees it otherwise; other readers stop there, or read another text. Because OSM accepts such a descriptor this is a warning;
in the profiles `etsi` and `etsi-literal` it is an error.

## What to do

Put a space before the `#`, indent the line, put the `-` in quotes, and delete invisible
letters.
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
            Loose::QuotedTab => (
                "a text in quotes goes on in a line that is indented with a tab: OSM's reader takes it, others stop here",
                "indent the line with spaces, or write the text in one",
            ),
            Loose::Dash => (
                "a `-` alone is a text in brackets to OSM's reader, and others stop here",
                "put it in quotes: `'-'`",
            ),
            Loose::AliasKey => (
                "OSM's reader ends the name of this alias at the colon, and others do not",
                "put a space before the colon, or write the key",
            ),
            Loose::ByteOrderMark => (
                "the invisible letter U+FEFF is a part of the text to OSM's reader, and others stop here",
                "delete it",
            ),
            Loose::LineEnd => (
                "an invisible letter ends the line for OSM's reader, and not for others",
                "delete it, or end the line as usual",
            ),
        };
        out.push(Diagnostic::new(&RULE, doc.span(problem.at.clone()), message).help(help));
    }
}
