//! `osm/loose-files`.

use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::names;
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/loose-files",
    level: Level::Warn,
    fixed: false,
    summary: "a descriptor without a package folder names a file of its package",
    docs: "\
## What it does

Looks for `cloud-init-file` in VNF descriptors that have no package folder of
their own: several descriptors stand in one folder, or one beside a `Chart.yaml`
or a SHIELD manifest.

## Why is this bad?

Such a descriptor is a package by itself, and nothing else goes into it. OSM's
north-bound interface answers 400 to a package without the file that is named:
`Cloud-init defined in vnf[id=X]:vdu[id=V] but not present in package`.

## What to do

Give the descriptor a folder of its own with the file in `cloud_init/`. Where
the files lie elsewhere on purpose, and the descriptor is only checked and never
built from here, allow the rule.
",
    example: Some(Example {
        bad: &[
            (
                "all/a_vnfd.yaml",
                "vnfd:\n  id: a\n  version: '1.0'\n  vdu:\n    - id: main\n      cloud-init-file: start.cfg\n",
            ),
            ("all/b_vnfd.yaml", "vnfd:\n  id: b\n  version: '1.0'\n"),
        ],
        good: &[
            (
                "a_vnf/a_vnfd.yaml",
                "vnfd:\n  id: a\n  version: '1.0'\n  vdu:\n    - id: main\n      cloud-init-file: start.cfg\n",
            ),
            ("a_vnf/cloud_init/start.cfg", "#cloud-config\n"),
            ("b_vnf/b_vnfd.yaml", "vnfd:\n  id: b\n  version: '1.0'\n"),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if package.kind() != Some(Kind::Vnf) || package.form != Form::Loose {
        return;
    }
    let body = package.descriptor.as_ref().and_then(|d| d.body());
    for vdu in body.into_iter().flat_map(|body| names::list(body, "vdu")) {
        if let Some((node, file)) = names::value(vdu, "cloud-init-file") {
            let message = format!("`{file}` is not built into the package of a loose descriptor");
            let help = "give the descriptor a folder of its own, with the file in `cloud_init/`";
            out.push(Diagnostic::new(&RULE, node.span(), message).help(help));
        }
    }
}
