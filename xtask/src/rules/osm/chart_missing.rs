//! `osm/chart-missing`.

use super::charms;
use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::names;
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Package};
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/chart-missing",
    level: Level::Warn,
    fixed: false,
    summary: "the chart that a descriptor names is not in the package",
    docs: "\
## What it does

Compares each `helm-chart` of a `kdu` that is a bare name, without a repository and
without an address, with the charts in `helm-chart-v3s/` and `helm-charts/` of the
package (or of `Scripts/` in it); and that of an execution environment with those in
`helm-charts/`.

## Why is this bad?

A bare name means a chart of the package. OSM takes the package without it, and
fails when the service is instantiated.

## What to do

Correct the name, add the chart, or write `repository/chart` for one that comes
from a repository.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_knf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_knf\n  version: '1.0'\n  kdu:\n    - name: web\n      helm-chart: absent\n",
            ),
            (
                "tiny_knf/helm-chart-v3s/web/Chart.yaml",
                "apiVersion: v2\nname: web\nversion: 1.0.0\n",
            ),
        ],
        good: &[
            (
                "tiny_knf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_knf\n  version: '1.0'\n  kdu:\n    - name: web\n      helm-chart: web\n",
            ),
            (
                "tiny_knf/helm-chart-v3s/web/Chart.yaml",
                "apiVersion: v2\nname: web\nversion: 1.0.0\n",
            ),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Vnf, Model::Sol006) else {
        return;
    };
    if package.form == Form::Loose {
        return;
    }
    let of_units = shipped(package, &["helm-chart-v3s/", "helm-charts/"]);
    for kdu in names::list(body, "kdu") {
        look(kdu, &of_units, "helm-chart-v3s", out);
    }
    let mut of_environments = None;
    let configs = names::list(body, "df").flat_map(charms::day12);
    for environment in configs.flat_map(|c| names::list(c, "execution-environment-list")) {
        let shipped = || shipped(package, &["helm-charts/"]);
        let shipped = of_environments.get_or_insert_with(shipped);
        look(environment, shipped, "helm-charts", out);
    }
}

/// The charts in these folders: folders, and archives.
fn shipped<'a>(package: &'a Package, folders: &[&str]) -> Vec<&'a str> {
    let mut shipped: Vec<&str> = names::files(package)
        .filter_map(|path| {
            let path = path.strip_prefix("Scripts/").unwrap_or(path);
            let rest = folders
                .iter()
                .find_map(|folder| path.strip_prefix(folder))?;
            match rest.split_once('/') {
                Some((chart, _)) => Some(chart),
                None => rest.ends_with(".tgz").then_some(rest),
            }
        })
        .collect();
    shipped.sort_unstable();
    shipped.dedup();
    shipped
}

fn look(holder: Node<'_>, shipped: &[&str], folder: &str, out: &mut Vec<Diagnostic>) {
    let Some((node, chart)) = names::value(holder, "helm-chart") else {
        return;
    };
    if chart.contains('/') || shipped.contains(&chart) {
        return;
    }
    let message = format!("the chart `{chart}` is not in the package");
    out.push(match shipped {
        [] => Diagnostic::new(&RULE, node.span(), message)
            .label("not found")
            .help(format!(
                "put it into `{folder}/{chart}/`, or write `REPOSITORY/{chart}` for one from a repository"
            )),
        _ => names::unknown(&RULE, node, message, "chart", shipped),
    });
}
