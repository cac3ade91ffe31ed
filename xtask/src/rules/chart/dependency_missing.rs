//! `chart/dependency-missing`.

use super::annotations;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "chart/dependency-missing",
    level: Level::Deny,
    fixed: false,
    summary: "a chart that another one depends on is not in its folder `charts`",
    docs: "\
## What it does

Looks for the charts in `dependencies` of each `Chart.yaml`, as folders or archives
(`NAME-VERSION.tgz`) in `charts/` beside it.

## Why is this bad?

Helm installs what is in the chart and fetches nothing by itself: `helm package`, `helm template`
and `helm install` refuse a chart that lacks a dependency, and so an operator learns of it when the
function is instantiated.

## What to do

Run `helm dependency build`, which puts them there, and keep them with the sources.
",
    example: Some(Example {
        bad: &[(
            "tiny/Chart.yaml",
            "apiVersion: v2\nname: tiny\nversion: 1.0.0\ndependencies:\n  - name: redis\n    version: 1.2.3\n    repository: https://charts.example.org\n",
        )],
        good: &[
            (
                "tiny/Chart.yaml",
                "apiVersion: v2\nname: tiny\nversion: 1.0.0\ndependencies:\n  - name: redis\n    version: 1.2.3\n    repository: https://charts.example.org\n",
            ),
            (
                "tiny/charts/redis/Chart.yaml",
                "apiVersion: v2\nname: redis\nversion: 1.2.3\n",
            ),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for (folder, chart) in annotations::charts(package) {
        let charts = format!("{folder}charts/");
        let root = chart.doc.root();
        let needs = root.and_then(|root| root.get("dependencies"));
        let names: Vec<Node<'_>> = needs
            .iter()
            .flat_map(Node::items)
            .filter_map(|need| need.get("name").filter(|name| name.str().is_some()))
            .collect();
        let texts: Vec<&str> = names.iter().filter_map(Node::str).collect();
        for (name, text) in names.iter().zip(&texts) {
            if !is_there(package, &charts, text) && !has_others(package, &charts, &texts) {
                let message = format!("the chart needs `{text}`, which is not in `{charts}`");
                out.push(
                    Diagnostic::new(&RULE, name.span(), message)
                        .help("run `helm dependency build` in the folder of the chart"),
                );
            }
        }
    }
}

/// Whether a chart of that name lies in a folder, as a folder or packed.
fn is_there(package: &Package, charts: &str, name: &str) -> bool {
    below(package, charts).any(|path| {
        let rest = path.strip_prefix(name).unwrap_or_default();
        // What follows the dash is a version, and no longer name.
        let is_packed = rest
            .strip_prefix('-')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == 'v'))
            && rest.ends_with(".tgz");
        rest == "/Chart.yaml" || is_packed
    })
}

/// Whether there is a chart of which its place does not tell the name: Helm goes by the one in the
/// chart, and what lies in a chart is not read here.
fn has_others(package: &Package, charts: &str, names: &[&str]) -> bool {
    below(package, charts).any(|path| {
        let folder = path.strip_suffix("/Chart.yaml");
        let folder = folder.filter(|folder| !folder.contains('/'));
        let is_packed = path.ends_with(".tgz") && !path.contains('/');
        let is_known = |name: &&str| path.starts_with(*name);
        (folder.is_some() || is_packed) && !names.iter().any(is_known)
    })
}

/// The paths below a folder of charts.
fn below<'a>(package: &'a Package, charts: &'a str) -> impl Iterator<Item = &'a str> {
    let files = package.files.iter().map(|file| file.path.as_str());
    files.filter_map(move |path| path.strip_prefix(charts))
}
