//! `chart/helmignore`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint};
use crate::source::Finding;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Finding(check),
};

static RULE: Rule = Rule {
    id: "chart/helmignore",
    level: Level::Deny,
    fixed: true,
    summary: "Helm packs nothing by this `.helmignore`",
    docs: "\
## What it does

Looks for patterns in the `.helmignore` of a chart that Helm can't read, and for a
`Chart.yaml` that they leave out.

The file looks like a `.gitignore` and is read otherwise: `**` is refused, `*` stays
within a folder, a pattern with a `/` in it is about the whole path, and `!keep`
leaves out everything that is not called `keep`, `Chart.yaml` among it, and brings
back nothing that a pattern before it has left out.

## Why is this bad?

`helm package` and `helm install` stop with `double-star (**) syntax is not supported`,
`syntax error in pattern` or `Chart.yaml file is missing`. What is built here has the
members that Helm packs.

## What to do

Name what is to be left out, one pattern a line, without `**` and `!`.
",
    example: Some(Example {
        bad: &[
            (
                "cache/Chart.yaml",
                "apiVersion: v2\nname: cache\nversion: 1.0.0\n",
            ),
            ("cache/.helmignore", "*.orig\ndocs/**/*.png\n"),
        ],
        good: &[
            (
                "cache/Chart.yaml",
                "apiVersion: v2\nname: cache\nversion: 1.0.0\n",
            ),
            ("cache/.helmignore", "*.orig\ndocs/*/*.png\n"),
        ],
    }),
};

fn check(finding: &Finding) -> Option<Diagnostic> {
    let Finding::HelmIgnore { span, reason } = finding else {
        return None;
    };
    let message = format!("Helm packs nothing by this `.helmignore`: {reason}");
    Some(Diagnostic::new(&RULE, span.clone(), message))
}
