//! `osm/kdu-model`.

use crate::descriptor::{Kind, Model, local_entry};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/kdu-model",
    level: Level::Warn,
    fixed: false,
    summary: "a `kdu` has two deployment models, or none",
    docs: "\
## What it does

Checks that each `kdu` of a VNFD has exactly one of `helm-chart` and
`juju-bundle`.

## Why is this bad?

The two are cases of one choice in OSM's model, but its loader takes both and
none. With both, OSM deploys the chart and passes over the bundle; with none, the
instantiation fails.

## What to do

Keep one of the two. Two applications are two KDUs.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  kdu:\n    - name: web\n      helm-chart: stable/web\n      juju-bundle: web\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  kdu:\n    - name: web\n      helm-chart: stable/web\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Vnf, Model::Sol006) else {
        return;
    };
    for kdu in names::list(body, "kdu") {
        let name = names::text(kdu, "name");
        let entry = |key| local_entry(kdu, key).filter(|entry| entry.value().str().is_some());
        match (entry("helm-chart"), entry("juju-bundle")) {
            (Some(chart), Some(bundle)) => out.push(
                Diagnostic::new(
                    &RULE,
                    bundle.key_span(),
                    format!("the KDU `{name}` has a chart and a bundle, OSM takes one"),
                )
                .also(chart.key_span(), "the chart is here")
                .help("delete one of the two, or make two KDUs of it"),
            ),
            (None, None) => {
                let Some((node, name)) = names::value(kdu, "name") else {
                    continue;
                };
                let message = format!("the KDU `{name}` has neither a chart nor a bundle");
                let help = "add `helm-chart:` or `juju-bundle:`";
                let finding = Diagnostic::new(&RULE, node.span(), message);
                out.push(finding.help(help).lacks("helm-chart"));
            }
            _ => {}
        }
    }
}
