//! `topology/isolated-vdu`.

use crate::descriptor::{Kind, Model, local};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "topology/isolated-vdu",
    level: Level::Warn,
    fixed: false,
    summary: "a VDU has no connection point",
    docs: "\
## What it does

Looks for a VDU without any `int-cpd`; in the model before SOL006, without any
interface. Units made of containers and physical units are left alone.

## Why is this bad?

The virtual machine comes up without a network: nobody reaches it, and it
reaches nobody. OSM takes the package. In the graph that the validator of SHIELD
drew, such a unit is a part of its own (`evt_vnfd_itg_vdu_badsection_cpoints`
where the list is empty, `evt_nsd_top_topgraph_disconnected` for the service).

## What to do

Give it an `int-cpd`, and an `ext-cpd` or an internal link to that.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  vdu:\n    - id: vm\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  vdu:\n    - id: vm\n      int-cpd:\n        - id: eth0\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let before = names::body(package, Kind::Vnf, Model::OsmIm);
    let (points, help): (&[&str], _) = match before {
        None => (&["int-cpd"], "add an `int-cpd`"),
        Some(_) => (
            &["interface", "external-interface", "internal-interface"],
            "add an `interface`",
        ),
    };
    let Some((_, body)) = before.or_else(|| names::etsi_body(package, Kind::Vnf)) else {
        return;
    };
    let other = ["pdu-type", "os-container-desc"];
    for vdu in names::list(body, "vdu") {
        let is_connected = points
            .iter()
            .any(|key| names::list(vdu, key).next().is_some());
        if is_connected || other.iter().any(|key| local(vdu, key).is_some()) {
            continue;
        }
        if let Some((node, id)) = names::value(vdu, "id") {
            let message = format!("the VDU `{id}` has no connection point, so nobody reaches it");
            let finding = Diagnostic::new(&RULE, node.span(), message);
            out.push(finding.help(help).lacks(points[0]));
        }
    }
}
