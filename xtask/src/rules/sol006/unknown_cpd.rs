//! `sol006/unknown-cpd`.

use crate::descriptor::{Kind, local};
use crate::diagnostic::{Diagnostic, Example, Level, Rule, Span};
use crate::rules::names::{self, Names};
use crate::rules::{Check, Context, Lint};
use crate::source::{Package, Profile};
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "sol006/unknown-cpd",
    level: Level::Deny,
    fixed: false,
    summary: "a service connects a point that the VNF does not have",
    docs: "\
## What it does

Checks every `constituent-cpd-id` of an NSD against the `ext-cpd` list of the
VNFD that the profile uses, if that VNFD is among the packages of the run, and so the points in
forwarding graphs (`vnffgd`): `ingress-constituent-cpd-id` and `egress-constituent-cpd-id` of a
position, `constituent-cpd-id` of its `match-attributes`, and the `cpd-id` in a `cpd-pool` or an
`nfp-position-element`. In
the profiles of ETSI it looks likewise at the points of PNFs, at the `sapd` of
nested services, and at what the `sapd` of the service itself stands for.

## Why is this bad?

OSM's north-bound interface answers 422: `constituent-cpd-id='X' references a
non existing ext-cpd:id inside vnfd 'Y'`. Only the external connection points
of a VNF can be connected; the `int-cpd` of a VDU can't. In the standard the
value is a reference to an `ext-cpd`. The validator that SHIELD used calls it
`evt_nsd_itg_undefined_cpoint`, and in a forwarding graph, at which OSM does not look and whose
packets have no way then, `evt_nsd_top_fwgraph_cpoint_undefined`.

Of what stands nowhere at all its word is `evt_nsd_itg_undeclared_cpoint`.

## What to do

Write the id of an `ext-cpd` of that VNFD.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnfd-id:\n        - tiny_vnf\n      virtual-link-desc:\n        - id: mgmt\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              vnfd-id: tiny_vnf\n              virtual-link-connectivity:\n                - virtual-link-profile-id: mgmt\n                  constituent-cpd-id:\n                    - constituent-base-element-id: '1'\n                      constituent-cpd-id: mgmt\n",
            ),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  ext-cpd:\n    - id: mgmt-ext\n",
            ),
        ],
        good: &[
            (
                "tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnfd-id:\n        - tiny_vnf\n      virtual-link-desc:\n        - id: mgmt\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              vnfd-id: tiny_vnf\n              virtual-link-connectivity:\n                - virtual-link-profile-id: mgmt\n                  constituent-cpd-id:\n                    - constituent-base-element-id: '1'\n                      constituent-cpd-id: mgmt-ext\n",
            ),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  ext-cpd:\n    - id: mgmt-ext\n",
            ),
        ],
    }),
};

/// Who is connected, and where its points are described: the list of profiles
/// in a flavour, the key that names the descriptor, its kind, and the list of
/// its points.
const CONNECTED: [(&str, &str, Kind, &str); 3] = [
    ("vnf-profile", "vnfd-id", Kind::Vnf, "ext-cpd"),
    ("pnf-profile", "pnfd-id", Kind::Pnf, "ext-cpd"),
    ("ns-profile", "nsd-id", Kind::Ns, "sapd"),
];

fn check(package: &Package, context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::etsi_body(package, Kind::Ns) else {
        return;
    };
    // OSM looks at the points of VNFs, and at nothing else.
    let looked_at = match context.choice.profile {
        Profile::Osm => &CONNECTED[..1],
        _ => &CONNECTED[..],
    };
    for df in names::list(body, "df") {
        for &(list, key, kind, points) in looked_at {
            for profile in names::list(df, list) {
                let Some(there) =
                    Points::of(context, kind, &context.name_under(profile, key), points)
                else {
                    continue;
                };
                for connection in names::list(profile, "virtual-link-connectivity") {
                    for end in names::list(connection, "constituent-cpd-id") {
                        there.look(end, "constituent-cpd-id", out);
                    }
                }
            }
        }
    }
    forwarding_points(body, looked_at, context, out);
    if context.choice.profile != Profile::Osm {
        service_points(body, context, out);
    }
}

/// The points in the forwarding graphs: those at which packets come into a constituent and leave
/// it, and that which a classifier looks at, of which OSM says the profile; and the points that
/// ETSI's model has in a pool or in the elements of positions, beside their descriptor.
fn forwarding_points(
    body: Node<'_>,
    looked_at: &[(&str, &str, Kind, &'static str)],
    context: &Context<'_>,
    out: &mut Vec<Diagnostic>,
) {
    // Any flavour may have the profile.
    let of_profile = |id: &str| {
        looked_at.iter().find_map(|&(list, key, kind, points)| {
            let mut profiles = names::list(body, "df").flat_map(|df| names::list(df, list));
            let profile = profiles.find(|profile| names::text(*profile, "id") == id)?;
            Points::of(context, kind, &context.name_under(profile, key), points)
        })
    };
    for graph in names::list(body, "vnffgd") {
        let paths = names::list(graph, "nfpd");
        let positions = paths.flat_map(|path| names::list(path, "position-desc-id"));
        for position in positions {
            let profiles = names::list(position, "cp-profile-id");
            let elements =
                profiles.flat_map(|profile| names::list(profile, "constituent-profile-elements"));
            for end in elements.chain(names::list(position, "match-attributes")) {
                let Some((_, id)) = names::value(end, "constituent-base-element-id") else {
                    continue;
                };
                let Some(there) = of_profile(id) else {
                    continue;
                };
                for key in [
                    "ingress-constituent-cpd-id",
                    "egress-constituent-cpd-id",
                    "constituent-cpd-id",
                ] {
                    there.look(end, key, out);
                }
            }
        }
        let pool = names::list(graph, "cpd-pool");
        let elements = names::list(graph, "nfp-position-element");
        let elements = elements.filter_map(|element| local(element, "desc"));
        for point in pool.chain(elements) {
            for (holder, id, key, kind, points) in [
                ("vnf", "vnfd-id", "cpd-id", Kind::Vnf, "ext-cpd"),
                ("pnf", "pnfd-id", "pnf-cpd-id", Kind::Pnf, "ext-cpd"),
                ("ns", "nsd-id", "sap-cpd-id", Kind::Ns, "sapd"),
            ] {
                let is_asked = looked_at.iter().any(|(_, _, asked, _)| *asked == kind);
                let Some(holder) = local(point, holder).filter(|_| is_asked) else {
                    continue;
                };
                if let Some(there) =
                    Points::of(context, kind, &context.name_under(holder, id), points)
                {
                    there.look(holder, key, out);
                }
            }
        }
    }
}

/// The service's own points stand for points of its constituents: `vnf` until
/// v2.8.1 of the model, `associated-cpd` since.
fn service_points(body: Node<'_>, context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for point in names::list(body, "sapd") {
        for (holder, id, key, kind, points) in [
            ("vnf", "vnfd-id", "ext-cpd-id", Kind::Vnf, "ext-cpd"),
            ("pnf", "pnfd-id", "ext-cpd-id", Kind::Pnf, "ext-cpd"),
            ("ns", "nsd-id", "ext-cpd-id", Kind::Ns, "sapd"),
            (
                "associated-cpd",
                "vnfd-id",
                "vnf-ext-cpd",
                Kind::Vnf,
                "ext-cpd",
            ),
            (
                "associated-cpd",
                "pnfd-id",
                "pnf-ext-cpd",
                Kind::Pnf,
                "ext-cpd",
            ),
            ("associated-cpd", "nsd-id", "sapd", Kind::Ns, "sapd"),
        ] {
            let Some(holder) = local(point, holder) else {
                continue;
            };
            if let Some(there) = Points::of(context, kind, &context.name_under(holder, id), points)
            {
                there.look(holder, key, out);
            }
        }
    }
}

/// The connection points of a descriptor of the tree.
struct Points<'a> {
    /// `VNF \`tiny\``, for messages.
    whose: String,
    /// Whether names are compared as OSM's loader reads them.
    is_read: bool,
    list: &'a str,
    ids: Names<'a>,
    place: Span,
}

impl<'a> Points<'a> {
    /// `None` where the descriptor is not in the run. Of several of one id any
    /// may be the one that is onboarded.
    fn of(context: &Context<'a>, kind: Kind, id: &str, list: &'a str) -> Option<Self> {
        let mut ids = Vec::new();
        let mut place = None;
        for other in context.find(kind, id) {
            if let Some((descriptor, body)) = names::etsi_body(other, kind) {
                ids.push(names::ids(body, list, "id"));
                place.get_or_insert_with(|| descriptor.span());
            }
        }
        Some(Points {
            whose: format!("{} `{id}`", kind.as_str()),
            is_read: context.choice.profile == Profile::Osm,
            list,
            ids: Names::all(ids),
            place: place?,
        })
    }

    fn look(&self, holder: Node<'_>, key: &str, out: &mut Vec<Diagnostic>) {
        let Some((node, typed)) = names::value(holder, key) else {
            return;
        };
        let is_there = match self.is_read {
            true => self.ids.has(node),
            false => self.ids.contains(&typed),
        };
        if !is_there {
            let (whose, list) = (&self.whose, self.list);
            let message = format!("the {whose} has no `{list}` `{typed}`");
            out.push(
                names::unknown_item(&RULE, node, message, &format!("`{list}`"), &self.ids)
                    .also(self.place.clone(), "its descriptor is here"),
            );
        }
    }
}
