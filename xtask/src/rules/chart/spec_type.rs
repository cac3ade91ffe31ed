//! `chart/spec-type`.

use super::annotations;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, nearest};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "chart/spec-type",
    level: Level::Warn,
    fixed: false,
    summary: "the annotation `specType` of a chart has an unknown value",
    docs: "\
## What it does

Checks the annotation `specType` of a chart: `VO`, `cVO` or `App`. Charts without
it are ordinary charts and are not looked at.

## Why is this bad?

The annotation tells a NEPHELE registry and orchestrator a virtual object from an
application. With any other word, `vo` in lower case for instance, the chart
counts as neither, and its descriptor is not looked for.

## What to do

Write `VO` for a virtual object, `cVO` for a composite one, `App` for an
application, or delete the annotation.
",
    example: Some(Example {
        bad: &[(
            "tiny-vo/Chart.yaml",
            "apiVersion: v2\nname: tiny-vo\nversion: 1.0.0\nannotations:\n  specType: vo\n",
        )],
        good: &[(
            "tiny-vo/Chart.yaml",
            "apiVersion: v2\nname: tiny-vo\nversion: 1.0.0\nannotations:\n  specType: VO\n",
        )],
    }),
};

/// The kinds of artifacts that are charts.
const KINDS: [&str; 3] = ["VO", "cVO", "App"];

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for (_, chart) in annotations::charts(package) {
        let Some((node, kind)) = annotations::get(chart, "specType") else {
            continue;
        };
        if KINDS.contains(&kind) {
            continue;
        }
        let message = format!("`{kind}` is no kind of NEPHELE artifact");
        let diagnostic = Diagnostic::new(&RULE, node.span(), message);
        out.push(match nearest(kind, KINDS) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help("write `VO`, `cVO` or `App`, or delete the annotation"),
        });
    }
}
