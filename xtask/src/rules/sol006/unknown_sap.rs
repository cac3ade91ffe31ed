//! `sol006/unknown-sap`.

use std::collections::BTreeMap;

use crate::descriptor::{Kind, Model};
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
    id: "sol006/unknown-sap",
    level: Level::Warn,
    fixed: false,
    summary: "a slice connects a point that the service does not have",
    docs: "\
## What it does

Checks every `nsd-connection-point-ref` of a slice template against the points
of the service that it is for, if the NSD is among the packages of the run: its
`sapd` by their `id`, and in the model before SOL006 its `connection-point` by
their `name`. The service is that of the subnet that `nss-ref` names, or the one
that is named beside the point.

## Why is this bad?

OSM's model of slices has a reference here, which leads to the points of
services before SOL006. Its north-bound interface does not look, and when the
slice is made, a point that the service does not have is passed over: the service
starts without the network that the slice was to connect it to.

## What to do

Write the id of an `sapd` of the service, or add one to its NSD.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_slice/tiny_nst.yaml",
                "nst:\n  - id: tiny_slice\n    name: tiny_slice\n    netslice-subnet:\n      - id: edge\n        nsd-ref: tiny_ns\n    netslice-vld:\n      - id: mgmt\n        nss-connection-point-ref:\n          - nss-ref: edge\n            nsd-connection-point-ref: mgmt\n",
            ),
            (
                "tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      sapd:\n        - id: mgmt-sap\n",
            ),
        ],
        good: &[
            (
                "tiny_slice/tiny_nst.yaml",
                "nst:\n  - id: tiny_slice\n    name: tiny_slice\n    netslice-subnet:\n      - id: edge\n        nsd-ref: tiny_ns\n    netslice-vld:\n      - id: mgmt\n        nss-connection-point-ref:\n          - nss-ref: edge\n            nsd-connection-point-ref: mgmt-sap\n",
            ),
            (
                "tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      sapd:\n        - id: mgmt-sap\n",
            ),
        ],
    }),
};

/// The leaf that names a point.
const POINT: &str = "nsd-connection-point-ref";

fn check(package: &Package, context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Nst, Model::Sol006) else {
        return;
    };
    let mut look = Look {
        context,
        services: BTreeMap::new(),
        out,
    };
    let subnets = names::by_id(body, "netslice-subnet", "id");
    for link in names::list(body, "netslice-vld") {
        for end in names::list(link, "nss-connection-point-ref") {
            // Of two subnets of one id any may be the one that is meant.
            if let Some([subnet]) = subnets.get(names::text(end, "nss-ref")).map(Vec::as_slice) {
                look.at(end, names::text(*subnet, "nsd-ref"));
            }
        }
    }
    for point in names::list(body, "netslice-connection-point") {
        look.at(point, names::text(point, "nsd-id-ref"));
    }
    for graph in names::list(body, "netslicefgd") {
        for path in names::list(graph, "rsp") {
            for end in names::list(path, POINT) {
                look.at(end, names::text(end, "nsd-ref"));
            }
        }
        for classifier in names::list(graph, "classifier") {
            look.at(classifier, names::text(classifier, "nsd-ref"));
        }
    }
}

struct Look<'l, 'a, 'n> {
    context: &'l Context<'a>,
    /// The points of the services that were asked for.
    services: BTreeMap<&'n str, Option<(Names<'a>, Span)>>,
    out: &'l mut Vec<Diagnostic>,
}

impl<'n> Look<'_, '_, 'n> {
    /// Looks at the point that a node names, which must be one of a service.
    fn at(&mut self, holder: Node<'n>, service: &'n str) {
        let Some((node, typed)) = names::value(holder, POINT) else {
            return;
        };
        let context = self.context;
        let found = self.services.entry(service);
        let Some((points, place)) = found.or_insert_with(|| points(context, service)) else {
            return;
        };
        if !points.contains(&typed) {
            let message =
                format!("the network service `{service}` has no connection point `{typed}`");
            self.out.push(
                names::unknown_item(&RULE, node, message, "`sapd`", points)
                    .also(place.clone(), "its descriptor is here"),
            );
        }
    }
}

/// The points of a service, and where it is described; `None` where that is not
/// in the run. Of several of one id any may be the one that is onboarded.
fn points<'a>(context: &Context<'a>, service: &str) -> Option<(Names<'a>, Span)> {
    let mut points = Vec::new();
    let mut place = None;
    for other in context.find(Kind::Ns, service) {
        let lists = [("sapd", "id"), ("connection-point", "name")];
        let own = match names::etsi_body(other, Kind::Ns) {
            Some(own) => Some((own, lists[0])),
            None => names::body(other, Kind::Ns, Model::OsmIm).map(|own| (own, lists[1])),
        };
        if let Some(((descriptor, body), (list, id))) = own {
            // A service that is in a package of another kind too has them twice.
            points.push(names::ids(body, list, id));
            place.get_or_insert_with(|| descriptor.span());
        }
    }
    Some((Names::all(points).sorted(), place?))
}
