//! `yaml/unknown-allow`.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint, all, find, nearest, suppress};
use crate::yaml::{Comment, Document};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Document(check),
};

static RULE: Rule = Rule {
    id: "yaml/unknown-allow",
    level: Level::Warn,
    fixed: false,
    summary: "a comment allows a rule that does not exist",
    docs: "\
## What it does

Reads comments that begin with `nfv:` and reports those that say nothing this
program understands, that name a rule that does not exist, or that name one
which can't be allowed.

## Why is this bad?

The comment has no effect, and the finding it was written for comes back as if
it were not there. It may also be a leftover of a rule that has gone.

## What to do

Write `# nfv: allow(family/rule)`, with several names between commas. A family
alone (`osm`) allows all its rules. `cargo nfv explain` lists the rules.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: 2024-01-01 # nfv: allow(yaml/ambigous-scalar)\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: 2024-01-01 # nfv: allow(yaml/ambiguous-scalar)\n",
        )],
    }),
};

fn check(doc: &Document, out: &mut Vec<Diagnostic>) {
    for comment in doc.comments() {
        let Some(names) = suppress::names(comment) else {
            out.push(
                Diagnostic::new(
                    &RULE,
                    doc.span(comment.at.clone()),
                    "this comment begins with `nfv:` but is not understood",
                )
                .help("write `# nfv: allow(family/rule)`"),
            );
            continue;
        };
        let mut behind = 0;
        for name in names {
            let at = place(doc, comment, name, &mut behind);
            out.extend(check_name(doc, name, at, out.len() < SUGGESTED));
        }
    }
}

/// Of very many findings only the first are shown, and a near name is costly
/// to find.
const SUGGESTED: usize = 1000;

fn check_name(doc: &Document, name: &str, at: Range<usize>, suggests: bool) -> Option<Diagnostic> {
    let finding = |message: String| Diagnostic::new(&RULE, doc.span(at), message);
    if name.is_empty() {
        return Some(
            finding("this comment allows nothing: a rule's name is missing".to_owned())
                .help("write `# nfv: allow(family/rule)`"),
        );
    }
    if let Some(rule) = find(name) {
        return rule.fixed.then(|| {
            finding(format!("the rule `{name}` can't be allowed"))
                .note("no package can be made of a file that breaks it")
                .help("delete the comment")
        });
    }
    let families = || all().iter().map(|lint| lint.rule.family());
    if name == "all" || families().any(|family| family == name) {
        return None;
    }
    let ids = all().iter().map(|lint| lint.rule.id);
    let finding = finding(format!("no rule or family is called `{name}`"));
    let known = ids.chain(families());
    Some(match nearest(name, known.filter(|_| suggests)) {
        Some(near) => finding.help(format!("did you mean `{near}`?")),
        None => match with_family(name) {
            Some(id) => finding.help(format!("did you mean `{id}`?")),
            None => finding.help("delete the comment if the rule is gone"),
        },
    })
}

/// The rule whose name is right where only the family is missing or wrong.
fn with_family(name: &str) -> Option<&'static str> {
    let name = name.rsplit('/').next()?;
    let mut ids = all()
        .iter()
        .map(|lint| lint.rule.id)
        .filter(|id| id.rsplit('/').next() == Some(name));
    let id = ids.next()?;
    ids.next().is_none().then_some(id)
}

/// Where `name` stands in the comment: the names come in their order, so each
/// is looked for behind the one before.
fn place(doc: &Document, comment: &Comment, name: &str, behind: &mut usize) -> Range<usize> {
    let text = doc.file().text();
    let text = text.get(comment.at.clone()).unwrap_or_default();
    let list = text.find("allow(").map_or(0, |i| i + "allow(".len());
    let from = list.max(*behind);
    match text.get(from..).and_then(|rest| rest.find(name)) {
        Some(i) if !name.is_empty() => {
            *behind = from + i + name.len();
            let start = comment.at.start + from + i;
            start..start + name.len()
        }
        _ => comment.at.clone(),
    }
}
