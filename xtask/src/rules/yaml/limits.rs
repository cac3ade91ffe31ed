//! `yaml/limits`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule, Span};
use crate::rules::{Check, Lint};
use crate::yaml::{Document, ProblemKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Document(check),
};

static RULE: Rule = Rule {
    id: "yaml/limits",
    level: Level::Deny,
    fixed: true,
    summary: "the document is larger or deeper than any descriptor",
    docs: "\
## What it does

Stops at a document that holds more than a descriptor can have use for: 16 MiB
of text, 128 levels of nesting, 200 000 nodes, as many once every alias is
replaced by what it stands for, or 100 000 entries brought in by merge keys.

## Why is this bad?

A few lines of aliases that name lists of aliases stand for billions of nodes.
Whoever writes them out, as OSM does when it turns a descriptor into JSON, runs
out of memory, and the service with it. Descriptors in use have a few hundred lines and reach 14 levels; the
limits are this program's own and leave room for generated ones.

## What to do

Write out what is meant where aliases multiply. If a generated descriptor is
really this large, what it holds is most likely data that belongs in a file of
its own inside the package.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "\
vnfd:
  a: &a [x, x, x, x, x, x, x, x, x, x]
  b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
  c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
  d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
  e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
  f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
  g: &g [*f, *f, *f, *f, *f, *f, *f, *f, *f, *f]
",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
        )],
    }),
};

fn check(doc: &Document, out: &mut Vec<Diagnostic>) {
    for problem in doc.problems() {
        let ProblemKind::Limit { what, limit } = problem.kind else {
            continue;
        };
        // What is too much has the place where it became so; a number of bytes has none.
        let span = if problem.at == (0..0) {
            Span::whole(doc.file())
        } else {
            doc.span(problem.at.clone())
        };
        let message = format!("this document has more than {limit} {what}");
        out.push(Diagnostic::new(&RULE, span, message).note("nothing in it was checked"));
    }
}
