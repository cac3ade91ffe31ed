//! `osm/unknown-connection-point`.

use std::cell::RefCell;

use foldhash::HashMap;

use crate::descriptor::{Kind, Model, local};
use crate::diagnostic::{Diagnostic, Example, Level, Rule, Span};
use crate::rules::names::{self, Names};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/unknown-connection-point",
    level: Level::Deny,
    fixed: false,
    summary: "a descriptor of the old model names a connection point or member that does not exist",
    docs: "\
## What it does

Follows the references between the parts of a descriptor of OSM's information
model before SOL006. In a VNFD: from interfaces, from internal links, from
`mgmt-interface` and from the services of a `kdu` to connection points. In an
NSD: from links to the members of the service (`member-vnf-index-ref`), and from
links and forwarding graphs to the connection points of their VNFDs where these
are among the packages of the run. In a graph (`vnffgd`) the points are those at
which packets come into a function and leave it
(`vnfd-ingress-connection-point-ref`, `vnfd-egress-connection-point-ref`, or one
`vnfd-connection-point-ref`) in each `rsp`, and that of a `classifier`.

## Why is this bad?

The interface is connected to nothing. OSM before release NINE answers 422,
`must match an existing connection-point`; the validator that SHIELD used
reports `evt_vnfd_itg_undefined_cpoint` or `evt_nsd_itg_undefined_cpoint`, and
`evt_nsd_top_fwgraph_cpoint_undefined` in a forwarding graph, whose packets have no
way then.

It has `evt_vnfd_itg_undeclared_cpoint`, `evt_nsd_itg_undeclared_cpoint`,
`evt_invalid_cpoint` and `evt_invalid_cpoint_ref` for the same in other places, and
adds `evt_vnfd_top_topgraph_failed` or `evt_nsd_top_topgraph_failed` where it can't
draw the rest.

## What to do

Correct the reference, or add what it names.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd-catalog:\n  vnfd:\n    - id: tiny_vnf\n      name: tiny_vnf\n      version: '1.0'\n      connection-point:\n        - name: eth0\n      vdu:\n        - id: vm\n          interface:\n            - name: eth0\n              type: EXTERNAL\n              external-connection-point-ref: eth1\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd-catalog:\n  vnfd:\n    - id: tiny_vnf\n      name: tiny_vnf\n      version: '1.0'\n      connection-point:\n        - name: eth0\n      vdu:\n        - id: vm\n          interface:\n            - name: eth0\n              type: EXTERNAL\n              external-connection-point-ref: eth0\n",
        )],
    }),
};

fn check(package: &Package, context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if let Some((_, body)) = names::body(package, Kind::Vnf, Model::OsmIm) {
        vnfd(body, out);
    }
    if let Some((_, body)) = names::body(package, Kind::Ns, Model::OsmIm) {
        nsd(body, context, out);
    }
}

/// Reports the value under `key` if it is none of `existing`.
fn point(holder: Node<'_>, key: &str, what: &str, existing: &Names<'_>, out: &mut Vec<Diagnostic>) {
    let Some((node, typed)) = names::value(holder, key) else {
        return;
    };
    if !existing.contains(&typed) {
        let message = format!("`{key}` names the {what} `{typed}`, which does not exist");
        let shown = existing.clone().sorted();
        out.push(names::unknown_item(&RULE, node, message, what, &shown));
    }
}

/// Names and ids: the key of the list is one, the other is used all the same.
fn both<'a>(node: Node<'a>, list: &str) -> Names<'a> {
    // An item that has an id is without a name only to the list.
    let items = names::list(node, list).filter(|item| names::value(*item, "id").is_none());
    let mut names = names::named(items, "name");
    names.extend(names::ids(node, list, "name"));
    names.extend(names::ids(node, list, "id"));
    names
}

fn vnfd(body: Node<'_>, out: &mut Vec<Diagnostic>) {
    let external = both(body, "connection-point");
    let units = names::list(body, "vdu");
    let internal = Names::all(units.map(|vdu| both(vdu, "internal-connection-point")));
    // OSM looks at it in functions with VDUs only.
    let management = local(body, "mgmt-interface");
    if let Some(management) = management.filter(|_| names::list(body, "vdu").next().is_some()) {
        point(management, "cp", "connection point", &external, out);
        let vdus = both(body, "vdu");
        point(management, "vdu-id", "VDU", &vdus, out);
    }
    for vdu in names::list(body, "vdu") {
        for interface in names::list(vdu, "interface") {
            let key = "external-connection-point-ref";
            point(interface, key, "connection point", &external, out);
            let key = "internal-connection-point-ref";
            point(interface, key, "internal connection point", &internal, out);
        }
    }
    for link in names::list(body, "internal-vld") {
        for end in names::list(link, "internal-connection-point") {
            point(end, "id-ref", "internal connection point", &internal, out);
        }
    }
    for kdu in names::list(body, "kdu") {
        for service in names::list(kdu, "service") {
            let key = "external-connection-point-ref";
            point(service, key, "connection point", &external, out);
        }
    }
}

fn nsd<'a>(body: Node<'a>, context: &'a Context<'_>, out: &mut Vec<Diagnostic>) {
    let indices = names::ids(body, "constituent-vnfd", "member-vnf-index");
    let service = Service {
        members: names::by_id(body, "constituent-vnfd", "member-vnf-index"),
        points: RefCell::default(),
        context,
    };
    for link in names::list(body, "vld") {
        for end in names::list(link, "vnfd-connection-point-ref") {
            point(end, "member-vnf-index-ref", "member", &indices, out);
            service.look(end, "vnfd-connection-point-ref", out);
        }
    }
    for graph in names::list(body, "vnffgd") {
        let paths = names::list(graph, "rsp");
        for hop in paths.flat_map(|path| names::list(path, "vnfd-connection-point-ref")) {
            for key in HOP {
                service.look(hop, key, out);
            }
        }
        for classifier in names::list(graph, "classifier") {
            service.look(classifier, "vnfd-connection-point-ref", out);
        }
    }
}

/// Where packets come into a function and leave it; release TWO has one key for both.
const HOP: [&str; 3] = [
    "vnfd-connection-point-ref",
    "vnfd-ingress-connection-point-ref",
    "vnfd-egress-connection-point-ref",
];

/// What the points of a service's members are held against.
struct Service<'a, 'p> {
    /// The members by their index.
    members: HashMap<&'a str, Vec<Node<'a>>>,
    /// The points of the VNFDs that were asked for.
    points: RefCell<HashMap<&'a str, Option<Points<'p>>>>,
    context: &'a Context<'p>,
}

/// The connection points of a VNFD, and the place where it stands.
type Points<'a> = (Names<'a>, Span);

impl<'a, 'p> Service<'a, 'p> {
    /// Reports the point under `key` if the VNFD of the member beside it is among the
    /// packages and has no such point. A reference that names a VNFD and no member
    /// means that one.
    fn look(&self, end: Node<'a>, key: &str, out: &mut Vec<Diagnostic>) {
        let Some((node, typed)) = names::value(end, key) else {
            return;
        };
        let member = match names::value(end, "member-vnf-index-ref") {
            Some((_, index)) => self
                .members
                .get(index)
                .and_then(|same| same.first())
                .copied(),
            None => Some(end),
        };
        let Some(member) = member else { return };
        let vnfd = names::text(member, "vnfd-id-ref");
        let mut points = self.points.borrow_mut();
        let points = points.entry(vnfd);
        let Some((points, place)) = points.or_insert_with(|| self.points_of(vnfd)) else {
            return;
        };
        if !points.contains(&typed) {
            let message = format!("the VNF `{vnfd}` has no connection point `{typed}`");
            out.push(
                names::unknown(&RULE, node, message, "connection point", points)
                    .also(place.clone(), "the VNFD is here"),
            );
        }
    }

    fn points_of(&self, vnfd: &str) -> Option<Points<'p>> {
        let mut points = Names::default();
        let mut place = None;
        for other in self.context.find(Kind::Vnf, vnfd) {
            if let Some((descriptor, body)) = names::body(other, Kind::Vnf, Model::OsmIm) {
                points.extend(names::ids(body, "connection-point", "name"));
                points.extend(names::ids(body, "connection-point", "id"));
                place.get_or_insert_with(|| descriptor.span());
            }
        }
        Some((points.sorted(), place?))
    }
}
