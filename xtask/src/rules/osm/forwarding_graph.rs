//! `osm/forwarding-graph`.

use std::collections::BTreeMap;

use crate::descriptor::{Kind, Model, local};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::names::{self, Names};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/forwarding-graph",
    level: Level::Deny,
    fixed: false,
    summary: "a forwarding graph names something that is not there",
    docs: "\
## What it does

Follows the names in each `vnffgd` of an NSD as OSM does:

- the first `nfp-position-element-id` of a position stands in the graph's list
  `nfp-position-element`;
- the `constituent-base-element-id` of each of the position's
  `constituent-profile-elements` stands in the graph's list `vnf-profile-id`;
- the `source-ip-address` and the `destination-ip-address` of its
  `match-attributes` differ, and both are an `ip-address` of some connection of
  the service;
- the `constituent-base-element-id` of the `match-attributes` is the profile that
  has the source address.

The model of the releases up to FIFTEEN knows neither `nfp-position-element` nor
`match-attributes`, so `schema/unknown-key` speaks of those too.

## Why is this bad?

OSM's north-bound interface answers 422: `nfp-position-element-id='X' does not
match any nfp-position-element`, `vnfd-id='X' does not match any
constituent-base-element-id`, `source-ip-address and destination-ip-address
should not match`, `source-ip-address='X' does not match any ip-address`,
`vnfd-id='X' does not match source constituent-base-element-id`. The validator
that SHIELD used calls it `evt_nsd_top_fwgraph_cpoint_undefined`. A service
without a forwarding graph is no fault: `evt_nsd_top_fwgraph_unavailable` is
switched off in the validator, too.

## What to do

Correct the name, or add what it names.
",
    example: Some(Example {
        bad: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnffgd:\n        - id: fg\n          vnf-profile-id:\n            - '1'\n          nfp-position-element:\n            - id: first\n          nfpd:\n            - id: path\n              position-desc-id:\n                - id: position\n                  nfp-position-element-id:\n                    - frist\n",
        )],
        good: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnffgd:\n        - id: fg\n          vnf-profile-id:\n            - '1'\n          nfp-position-element:\n            - id: first\n          nfpd:\n            - id: path\n              position-desc-id:\n                - id: position\n                  nfp-position-element-id:\n                    - first\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Ns, Model::Sol006) else {
        return;
    };
    let addresses = addresses(body);
    let all_have_one = connections(body).all(|(_, end)| local(end, "ip-address").is_some());
    for graph in names::list(body, "vnffgd") {
        let elements = names::ids(graph, "nfp-position-element", "id");
        let profiles: Vec<&str> = names::leaf_list(graph, "vnf-profile-id")
            .iter()
            .filter_map(Node::str)
            .collect();
        let positions =
            names::list(graph, "nfpd").flat_map(|path| names::list(path, "position-desc-id"));
        for position in positions {
            element(position, &elements, out);
            constituents(position, &profiles, out);
            for attributes in names::list(position, "match-attributes") {
                look(attributes, &addresses, all_have_one, out);
            }
        }
    }
}

/// The connections of the service, each with the id of its profile.
fn connections(body: Node<'_>) -> impl Iterator<Item = (&str, Node<'_>)> {
    let profiles = names::list(body, "df").flat_map(|df| names::list(df, "vnf-profile"));
    profiles.flat_map(|profile| {
        names::list(profile, "virtual-link-connectivity")
            .flat_map(|connection| names::list(connection, "constituent-cpd-id"))
            .map(move |end| (names::text(profile, "id"), end))
    })
}

/// The addresses of the connections, each with its profile.
fn addresses(body: Node<'_>) -> BTreeMap<&str, &str> {
    let mut addresses = BTreeMap::new();
    for (id, end) in connections(body) {
        let own = names::leaf_list(end, "ip-address");
        addresses.extend(own.iter().filter_map(|node| Some((node.str()?, id))));
    }
    addresses
}

/// OSM looks at the first name of a position only.
fn element(position: Node<'_>, known: &Names<'_>, out: &mut Vec<Diagnostic>) {
    let named = names::leaf_list(position, "nfp-position-element-id");
    if let Some(node) = named.first()
        && let Some(typed) = node.str()
        && !known.contains(&typed)
    {
        let message = format!("the graph has no `nfp-position-element` `{typed}`");
        let what = "`nfp-position-element`";
        out.push(names::unknown_item(&RULE, *node, message, what, known));
    }
}

fn constituents(position: Node<'_>, known: &[&str], out: &mut Vec<Diagnostic>) {
    let elements = names::list(position, "cp-profile-id")
        .flat_map(|profile| names::list(profile, "constituent-profile-elements"));
    for element in elements {
        if let Some((node, typed)) = names::value(element, "constituent-base-element-id")
            && !known.contains(&typed)
        {
            let message = format!("`{typed}` is not in the graph's list `vnf-profile-id`");
            out.push(names::unknown(
                &RULE,
                node,
                message,
                "`vnf-profile-id`",
                known,
            ));
        }
    }
}

fn look(
    attributes: Node<'_>,
    addresses: &BTreeMap<&str, &str>,
    all_have_one: bool,
    out: &mut Vec<Diagnostic>,
) {
    let known: Vec<&str> = addresses.keys().copied().collect();
    let source = names::value(attributes, "source-ip-address");
    let destination = names::value(attributes, "destination-ip-address");
    if let (Some((first, from)), Some((second, to))) = (source, destination)
        && from == to
    {
        let message = format!("source and destination are the same address `{from}`");
        out.push(
            Diagnostic::new(&RULE, second.span(), message)
                .also(first.span(), "the source is here")
                .help("match packets between two functions"),
        );
    }
    for (key, end) in [
        ("source-ip-address", source),
        ("destination-ip-address", destination),
    ] {
        let Some((node, typed)) = end else {
            // OSM looks for the address `None` then, and finds it where some
            // connection has none.
            if key == "destination-ip-address" && source.is_some() && !all_have_one {
                continue;
            }
            let first = attributes.entries().next();
            let span = first.map_or(attributes.span(), |entry| entry.key_span());
            let message = format!("these `match-attributes` have no `{key}`, which OSM wants");
            let finding = Diagnostic::new(&RULE, span, message);
            out.push(finding.help(format!("add `{key}:`")).lacks(key));
            continue;
        };
        if !known.contains(&typed) {
            let message = format!("no connection of the service has the address `{typed}`");
            out.push(names::unknown(&RULE, node, message, "`ip-address`", &known));
        }
    }
    if let Some((node, typed)) = names::value(attributes, "constituent-base-element-id")
        && let Some((source, from)) = source
        && let Some(owner) = addresses.get(from)
        // OSM asks whether the one is in the text of the other.
        && !owner.contains(typed)
    {
        let message = format!("the source address `{from}` is that of `{owner}`, not of `{typed}`");
        out.push(
            Diagnostic::new(&RULE, node.span(), message)
                .also(source.span(), "the source is here")
                .help(format!("write `{owner}`")),
        );
    }
}
