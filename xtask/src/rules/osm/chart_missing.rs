//! `osm/chart-missing`.

use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::names;
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/chart-missing",
    level: Level::Warn,
    fixed: false,
    summary: "the package holds charts, but not the one that a `kdu` names",
    docs: "\
## What it does

Compares each `helm-chart` that is a bare name, without a repository and without
an address, with the charts in `helm-chart-v3s/` and `helm-charts/` of the
package (or of `Scripts/` in it). A package without such a folder is not looked
at.

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
    let mut shipped: Vec<&str> = names::files(package)
        .filter_map(|path| {
            let path = path.strip_prefix("Scripts/").unwrap_or(path);
            let folders = ["helm-chart-v3s/", "helm-charts/"];
            let rest = folders
                .iter()
                .find_map(|folder| path.strip_prefix(folder))?;
            rest.split('/').next()
        })
        .collect();
    shipped.sort_unstable();
    shipped.dedup();
    if shipped.is_empty() {
        return;
    }
    for kdu in names::list(body, "kdu") {
        let Some((node, chart)) = names::value(kdu, "helm-chart") else {
            continue;
        };
        if !chart.contains('/') && !shipped.contains(&chart) {
            let message = format!("the chart `{chart}` is not in the package");
            out.push(names::unknown(&RULE, node, message, "chart", &shipped));
        }
    }
}
