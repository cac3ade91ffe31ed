//! `chart/descriptor-path`.

use super::annotations;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, nearest};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "chart/descriptor-path",
    level: Level::Deny,
    fixed: false,
    summary: "the descriptor of a virtual object is not in its chart",
    docs: "\
## What it does

Looks for the file that the annotation `descriptorPath` names in a chart with
`specType: VO` or `specType: cVO`.

## Why is this bad?

The chart of a NEPHELE virtual object carries the object's own descriptor, and
this annotation is how others find it. Helm knows nothing of it and installs the
chart without a word; the object then starts without its descriptor.

## What to do

Write the path below the chart's folder, usually `scripts/config.yaml`, and make
sure that `.helmignore` does not leave the file out.
",
    example: Some(Example {
        bad: &[
            (
                "tiny-vo/Chart.yaml",
                "apiVersion: v2\nname: tiny-vo\nversion: 1.0.0\nannotations:\n  specType: VO\n  descriptorPath: script/config.yaml\n",
            ),
            ("tiny-vo/scripts/config.yaml", "name: tiny\n"),
        ],
        good: &[
            (
                "tiny-vo/Chart.yaml",
                "apiVersion: v2\nname: tiny-vo\nversion: 1.0.0\nannotations:\n  specType: VO\n  descriptorPath: scripts/config.yaml\n",
            ),
            ("tiny-vo/scripts/config.yaml", "name: tiny\n"),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for (folder, chart) in annotations::charts(package) {
        let is_object = annotations::get(chart, "specType")
            .is_some_and(|(_, kind)| matches!(kind, "VO" | "cVO"));
        if !is_object {
            continue;
        }
        let Some((node, path)) = annotations::get(chart, "descriptorPath") else {
            continue;
        };
        let plain: Vec<&str> = path
            .split('/')
            .filter(|part| !matches!(*part, "" | "."))
            .collect();
        let plain = plain.join("/");
        if package.file(&format!("{folder}{plain}")).is_some() {
            continue;
        }
        let message = format!("the descriptor `{path}` is not in the chart");
        let diagnostic = Diagnostic::new(&RULE, node.span(), message).label("not found");
        let files = package
            .files
            .iter()
            .filter_map(|file| file.path.strip_prefix(folder))
            .filter(|file| !file.starts_with("templates/"));
        out.push(match nearest(&plain, files) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help("write the path below the chart's folder"),
        });
    }
}
