//! `yaml/unknown-tag`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint, names};
use crate::yaml::{Document, ProblemKind, Style};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Document(check),
};

static RULE: Rule = Rule {
    id: "yaml/unknown-tag",
    level: Level::Deny,
    fixed: false,
    summary: "a value carries a tag that YAML does not define, or that does not fit it",
    docs: "\
## What it does

Looks for tags other than YAML's own (`!!str`, `!!int`, `!!map` and so on, YAML
1.2.2 §10 and the type repository of YAML 1.1), and for the values `=` and `<<`
without quotes, which YAML 1.1 gives one (`!!value`, `!!merge`). So for tags of
YAML's own on values that they can't be the type of: `!!int x`, `!!map []`.

## Why is this bad?

A tag asks the reader to make something special of the value. OSM reads with
PyYAML's safe loader, which refuses every tag that it does not know, and values
that do not fit theirs; an unsafe loader would run `!!python/object/apply`.

## What to do

Delete the tag; put the two values in quotes.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: !release '1.0'\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
        )],
    }),
};

fn check(doc: &Document, out: &mut Vec<Diagnostic>) {
    for problem in doc.problems() {
        let message = match &problem.kind {
            ProblemKind::UnknownTag { tag } => {
                format!("YAML does not define the tag `{tag}`, and OSM's reader refuses it")
            }
            ProblemKind::TagMismatch { tag, found } => {
                format!("the tag `!!{tag}` does not fit {found}, and OSM's reader refuses it")
            }
            _ => continue,
        };
        let span = doc.span(problem.at.clone());
        out.push(Diagnostic::new(&RULE, span, message).help("delete the tag"));
    }
    implied(doc, out);
}

/// Tells of plain values that have a tag in YAML 1.1 by what they are.
fn implied(doc: &Document, out: &mut Vec<Diagnostic>) {
    let tag = |text: &str| match text {
        "=" => Some("!!value"),
        "<<" => Some("!!merge"),
        _ => None,
    };
    let is_meant = |text: &str, style| style == Style::Plain && tag(text).is_some();
    let Some(root) = doc.root().filter(|_| doc.has_text(is_meant)) else {
        return;
    };
    names::each(root, &mut |node, _| {
        let plain = node.text().filter(|_| node.style() == Some(Style::Plain));
        if let Some((text, tag)) = plain.and_then(|text| Some((text, tag(text)?))) {
            let message = format!(
                "the value `{text}` has the tag `{tag}` in YAML 1.1, and OSM's reader refuses it"
            );
            let help = format!("put it in quotes: `'{text}'`");
            out.push(Diagnostic::new(&RULE, node.span(), message).help(help));
        }
    });
}
