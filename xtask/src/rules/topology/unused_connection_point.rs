//! `topology/unused-connection-point`.

use std::collections::BTreeSet;

use crate::descriptor::{Kind, Model, local};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;
use crate::yaml::{Node, Shape};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "topology/unused-connection-point",
    level: Level::Warn,
    fixed: false,
    summary: "nothing is connected to a connection point",
    docs: "\
## What it does

Looks in a VNFD for

- an `int-cpd` of a VDU that is on no internal link and behind no `ext-cpd`;
- an `ext-cpd` with nothing behind it: neither a point of a VDU, nor an internal
  link, nor a network of the Kubernetes cluster, nor the service of a `kdu`;
- in the model before SOL006, a `connection-point` of a function with VDUs that
  no interface and no `kdu` refers to, and an `internal-connection-point` that is on no link.

Whether a service connects an `ext-cpd` is not looked at: a function may offer
more than one service needs.

## Why is this bad?

The interface is created and leads nowhere, or is not created at all. In most
cases a reference was forgotten or misspelt. The validator that SHIELD used
calls it `evt_vnfd_itg_unused_cpoint`. OSM takes the package; a point that is
named and does not exist is another matter (`osm/dangling-reference`,
`osm/unknown-connection-point`, `sol006/unknown-cpd`).

## What to do

Connect the point, or delete it.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  mgmt-cp: mgmt\n  ext-cpd:\n    - id: mgmt\n      int-cpd:\n        vdu-id: vm\n        cpd: eth0\n  vdu:\n    - id: vm\n      int-cpd:\n        - id: eth0\n        - id: eth1\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  mgmt-cp: mgmt\n  ext-cpd:\n    - id: mgmt\n      int-cpd:\n        vdu-id: vm\n        cpd: eth0\n    - id: data\n      int-cpd:\n        vdu-id: vm\n        cpd: eth1\n  vdu:\n    - id: vm\n      int-cpd:\n        - id: eth0\n        - id: eth1\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if let Some((_, body)) = names::etsi_body(package, Kind::Vnf) {
        internal(body, out);
        external(body, out);
    }
    if let Some((_, body)) = names::body(package, Kind::Vnf, Model::OsmIm) {
        before_sol006(body, out);
    }
}

fn unused(node: Node<'_>, message: String, help: &str, out: &mut Vec<Diagnostic>) {
    out.push(Diagnostic::new(&RULE, node.span(), message).help(help));
}

/// Whether the key is there and says something.
fn has(node: Node<'_>, key: &str) -> bool {
    local(node, key).is_some_and(|value| match value.shape() {
        Shape::Scalar => value.str().is_some(),
        Shape::Sequence => value.items().len() > 0,
        Shape::Mapping => value.entries().len() > 0,
    })
}

fn internal(body: Node<'_>, out: &mut Vec<Diagnostic>) {
    let mut behind: BTreeSet<(&str, &str)> = BTreeSet::new();
    for point in names::list(body, "ext-cpd") {
        if let Some(end) = local(point, "int-cpd") {
            behind.insert((names::text(end, "vdu-id"), names::text(end, "cpd")));
        }
    }
    // Points that share an address, and trunks, are connected through another.
    let shared: Vec<&str> = names::list(body, "vip-cpd")
        .flat_map(|point| names::leaf_list(point, "int-cpd"))
        .filter_map(|node| node.str())
        .collect();
    for vdu in names::list(body, "vdu") {
        let unit = names::text(vdu, "id");
        let of_unit = of_unit(unit);
        let trunk: Vec<&str> = names::list(vdu, "trunk-port")
            .flat_map(|trunk| names::list(trunk, "sub-port-list"))
            .filter_map(|port| Some(names::value(port, "sub-port-cpd")?.1))
            .collect();
        for point in names::list(vdu, "int-cpd") {
            let Some((node, id)) = names::value(point, "id") else {
                continue;
            };
            let is_used = has(point, "int-virtual-link-desc")
                || behind.contains(&(unit, id))
                || shared.contains(&id)
                || trunk.contains(&id);
            if !is_used {
                let message = format!("nothing is connected to `{id}` of {of_unit}");
                let help =
                    "name it in an `ext-cpd`, give it an `int-virtual-link-desc`, or delete it";
                unused(node, message, help, out);
            }
        }
    }
}

fn of_unit(id: &str) -> String {
    match id {
        "" => "a VDU without an id".to_owned(),
        id => format!("the VDU `{id}`"),
    }
}

fn external(body: Node<'_>, out: &mut Vec<Diagnostic>) {
    let ways = [
        "int-cpd",
        "int-virtual-link-desc",
        "k8s-cluster-net",
        "vip-cpd",
        "virtual-cpd",
    ];
    // Few descriptors need the walk over all of the text.
    let mut others: Option<BTreeSet<&str>> = None;
    for point in names::list(body, "ext-cpd") {
        let Some((node, id)) = names::value(point, "id") else {
            continue;
        };
        if ways.iter().any(|way| has(point, way)) {
            continue;
        }
        if !others.get_or_insert_with(|| referred(body)).contains(id) {
            let message = format!("there is nothing behind the `ext-cpd` `{id}`");
            let help = "name the point of a VDU in its `int-cpd`, or delete it";
            unused(node, message, help, out);
        }
    }
}

/// Points that services of a `kdu` and others name.
fn referred(body: Node<'_>) -> BTreeSet<&str> {
    let mut referred = BTreeSet::new();
    names::each(body, &mut |node, _| {
        referred.extend(names::value(node, "external-connection-point-ref").map(|(_, id)| id));
    });
    referred
}

fn before_sol006(body: Node<'_>, out: &mut Vec<Diagnostic>) {
    // In the first releases interfaces were kept in a list of each kind.
    let mut external = referred(body);
    for vdu in names::list(body, "vdu") {
        for interface in names::list(vdu, "external-interface") {
            external.insert(names::text(interface, "vnfd-connection-point-ref"));
        }
    }
    // A function of containers only is reached through its services, which do
    // not name the points.
    let machines = names::list(body, "vdu").next();
    let points = machines.map(|_| names::list(body, "connection-point"));
    for point in points.into_iter().flatten() {
        let (id, name) = (names::value(point, "id"), names::value(point, "name"));
        let is_used = [id, name]
            .iter()
            .flatten()
            .any(|(_, name)| external.contains(name));
        if let (Some((node, shown)), false) = (name.or(id), is_used) {
            let message = format!("no interface is connected to the point `{shown}`");
            let help = "name it as `external-connection-point-ref` of an interface, or delete it";
            unused(node, message, help, out);
        }
    }
    let linked: BTreeSet<&str> = names::list(body, "internal-vld")
        .flat_map(|link| names::ids(link, "internal-connection-point", "id-ref"))
        .chain(
            names::list(body, "internal-vld")
                .flat_map(|link| names::leaf_list(link, "internal-connection-point-ref"))
                .filter_map(|node| node.str()),
        )
        .collect();
    for vdu in names::list(body, "vdu") {
        let unit = of_unit(names::text(vdu, "id"));
        for point in names::list(vdu, "internal-connection-point") {
            let (id, name) = (names::value(point, "id"), names::value(point, "name"));
            let is_used = [id, name]
                .iter()
                .flatten()
                .any(|(_, name)| linked.contains(name));
            if let (Some((node, shown)), false) = (id.or(name), is_used) {
                let message = format!("the point `{shown}` of {unit} is on no link");
                let help = "name it in an `internal-vld`, or delete it";
                unused(node, message, help, out);
            }
        }
    }
}
