//! `osm/dangling-reference`.

use super::duplicate_id;
use std::borrow::Cow;

use foldhash::HashMap;

use crate::descriptor::{Kind, Model, local, local_entry};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::names::{self, Names};
use crate::rules::{Check, Context, Lint, reading};
use crate::source::Package;
use crate::yaml::{Node, Shape};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/dangling-reference",
    level: Level::Deny,
    fixed: false,
    summary: "a descriptor names a part of itself that does not exist",
    docs: "\
## What it does

Follows the references inside one descriptor. In a VNFD:

- the VDU and the internal connection point behind an `ext-cpd`;
- the `int-virtual-link-desc` of an internal connection point and of a
  `virtual-link-profile`;
- the storage and the compute descriptions of a VDU without `pdu-type`;
- the VDUs of a scaling delta and of a healing policy, which have to stand in
  some `instantiation-level`;
- the monitoring parameters of scaling criteria and alarms;
- the primitive of a scaling action, which OSM wants in every `day1-2` entry of
  the flavour.

Names are compared as OSM's loader reads them: `1.10` without quotes is the number
1.1 and not the `'1.10'` that another place names.

So is told of a list where one name belongs: the loader takes it, and the interface
can't look it up.

In an NSD: the `vnfd-id` of each `vnf-profile`, which has to stand in the list
`vnfd-id` of the service.

## Why is this bad?

OSM's north-bound interface checks exactly these and answers 422 at the first
that leads nowhere: `ext-cpd[id='X']:int-cpd must match an existing vdu int-cpd`,
`vdu[virtual-compute-desc='X'] not defined in vnfd` and so on, without a line; at a
list it answers 500, `unhashable type: 'list'`.

The validator that SHIELD used calls a point that does not exist
`evt_vnfd_itg_undefined_cpoint`, `evt_vnfd_itg_undeclared_cpoint` or
`evt_invalid_cpoint_ref`, and adds `evt_vnfd_top_topgraph_failed` or
`evt_nsd_top_topgraph_failed` where it can't draw the rest.

## What to do

Correct the reference, or add what it names. Of a list with one name in it `--fix`
leaves the name.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  mgmt-cp: mgmt\n  ext-cpd:\n    - id: mgmt\n      int-cpd:\n        vdu-id: vm\n        cpd: eth1\n  vdu:\n    - id: vm\n      int-cpd:\n        - id: eth0\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  mgmt-cp: mgmt\n  ext-cpd:\n    - id: mgmt\n      int-cpd:\n        vdu-id: vm\n        cpd: eth0\n  vdu:\n    - id: vm\n      int-cpd:\n        - id: eth0\n",
        )],
    }),
};

fn check(package: &Package, context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if let Some((_, body)) = names::body(package, Kind::Vnf, Model::Sol006) {
        external_points(body, out);
        links(body, out);
        descriptions(body, out);
        scaling(body, out);
        alarms(body, out);
    }
    if let Some((_, body)) = names::body(package, Kind::Ns, Model::Sol006) {
        profiles(body, context, out);
    }
}

fn unknown(
    node: Node<'_>,
    message: String,
    what: &str,
    existing: &Names<'_>,
    out: &mut Vec<Diagnostic>,
) {
    out.push(names::unknown_item(&RULE, node, message, what, existing));
}

/// Tells of a list in the place of one name.
fn one_name(holder: Node<'_>, key: &str, out: &mut Vec<Diagnostic>) {
    let entry = local_entry(holder, key);
    let Some(entry) = entry.filter(|entry| entry.value().items().len() > 0) else {
        return;
    };
    let message = format!("`{key}` names one, and OSM fails at a list");
    let mut finding = Diagnostic::new(&RULE, entry.key_span(), message);
    let mut items = entry.value().items().map(|item| item.str());
    finding = finding.help(match (items.next().flatten(), items.next()) {
        (Some(only), None) => format!("write `{key}: {only}`"),
        _ => "write the one that is meant without brackets and dashes".to_owned(),
    });
    out.push(finding);
}

/// Tells of one of two keys of an item that has no value: the loader makes the text
/// `None` of it.
fn no_name(holder: Node<'_>, key: &str, what: &str, out: &mut Vec<Diagnostic>) {
    let entry = local_entry(holder, key);
    if let Some(entry) = entry.filter(|entry| entry.value().is_null()) {
        let message = format!("`{key}` has no value, and OSM looks for {what} called `None`");
        let finding = Diagnostic::new(&RULE, entry.key_span(), message);
        out.push(finding.help(format!("write the id of {what}")));
    }
}

fn external_points(body: Node<'_>, out: &mut Vec<Diagnostic>) {
    let vdus = names::ids(body, "vdu", "id");
    let units = names::by_read_id(body, "vdu", "id");
    let mut points: HashMap<Cow<'_, str>, Names<'_>> = HashMap::default();
    for external in names::list(body, "ext-cpd") {
        let id = names::text(external, "id");
        let Some(entry) = local_entry(external, "int-cpd") else {
            continue;
        };
        let internal = entry.value();
        if internal.shape() != Shape::Mapping || internal.entries().len() == 0 {
            continue;
        }
        let (vdu, cpd) = match (
            names::value(internal, "vdu-id"),
            names::value(internal, "cpd"),
        ) {
            (Some(vdu), Some(cpd)) => (vdu, cpd),
            (vdu, _) => {
                let missing = if vdu.is_none() { "vdu-id" } else { "cpd" };
                let message = format!("the `int-cpd` of `{id}` has no `{missing}`");
                let diagnostic = Diagnostic::new(&RULE, entry.key_span(), message)
                    .help("name both the VDU (`vdu-id`) and its connection point (`cpd`)");
                out.push(diagnostic);
                continue;
            }
        };
        let read = reading::read(vdu.0);
        let holders = units.get(&read).map_or(&[][..], Vec::as_slice);
        if holders.is_empty() {
            let message = format!(
                "`ext-cpd` `{id}` names the VDU `{}`, which does not exist",
                vdu.1
            );
            unknown(vdu.0, message, "VDU", &vdus, out);
            continue;
        }
        let points = points.entry(read).or_insert_with(|| {
            let holders = holders.iter();
            Names::all(holders.map(|holder| names::ids(*holder, "int-cpd", "id")))
        });
        if !points.has(cpd.0) {
            let message = format!("the VDU `{}` has no connection point `{}`", vdu.1, cpd.1);
            let mut diagnostic = names::unknown_item(&RULE, cpd.0, message, "`int-cpd`", points);
            if let Some(id) = holders.first().and_then(|holder| local(*holder, "id")) {
                diagnostic = diagnostic.also(id.span(), "this VDU is meant");
            }
            out.push(diagnostic);
        }
    }
}

fn links(body: Node<'_>, out: &mut Vec<Diagnostic>) {
    let links = names::ids(body, "int-virtual-link-desc", "id");
    for vdu in names::list(body, "vdu") {
        for point in names::list(vdu, "int-cpd") {
            one_name(point, "int-virtual-link-desc", out);
            if let Some((node, link)) = names::value(point, "int-virtual-link-desc")
                && !links.has(node)
            {
                let id = names::text(point, "id");
                let message =
                    format!("`int-cpd` `{id}` is on the link `{link}`, which does not exist");
                unknown(node, message, "`int-virtual-link-desc`", &links, out);
            }
        }
    }
    for df in names::list(body, "df") {
        for profile in names::list(df, "virtual-link-profile") {
            one_name(profile, "id", out);
            no_name(profile, "id", "an `int-virtual-link-desc`", out);
            if let Some((node, link)) = names::value(profile, "id")
                && !links.has(node)
            {
                let message = format!(
                    "the `virtual-link-profile` `{link}` has no `int-virtual-link-desc` of that id"
                );
                unknown(node, message, "`int-virtual-link-desc`", &links, out);
            }
        }
    }
}

fn descriptions(body: Node<'_>, out: &mut Vec<Diagnostic>) {
    for key in ["virtual-storage-desc", "virtual-compute-desc"] {
        let existing = names::ids(body, key, "id");
        for vdu in names::list(body, "vdu") {
            // A physical unit has neither.
            if local(vdu, "pdu-type").is_some() {
                continue;
            }
            let id = names::text(vdu, "id");
            let nodes = match key {
                "virtual-compute-desc" => {
                    one_name(vdu, key, out);
                    names::value(vdu, key)
                        .into_iter()
                        .map(|(node, _)| node)
                        .collect()
                }
                _ => names::leaf_list(vdu, key),
            };
            for node in nodes {
                let Some(typed) = node.str() else { continue };
                if !existing.has(node) {
                    let message =
                        format!("the VDU `{id}` names the `{key}` `{typed}`, which does not exist");
                    unknown(node, message, &format!("`{key}`"), &existing, out);
                }
            }
        }
    }
}

fn scaling(body: Node<'_>, out: &mut Vec<Diagnostic>) {
    // OSM looks the VDUs up in the instantiation levels, not in the list `vdu`.
    let levels = names::list(body, "df").flat_map(|df| names::list(df, "instantiation-level"));
    let levels = Names::all(levels.map(|level| names::ids(level, "vdu-level", "vdu-id")));
    let parameters = parameters(body);
    let level = "`vdu-level` of an `instantiation-level`";
    for df in names::list(body, "df") {
        for aspect in names::list(df, "scaling-aspect") {
            let details = local(aspect, "aspect-delta-details");
            let deltas = details.into_iter().flat_map(|d| names::list(d, "deltas"));
            for delta in deltas.flat_map(|delta| names::list(delta, "vdu-delta")) {
                if let Some((node, vdu)) = names::value(delta, "id")
                    && !levels.has(node)
                {
                    let message =
                        format!("the scaled VDU `{vdu}` stands in no `instantiation-level`");
                    unknown(node, message, level, &levels, out);
                }
            }
            let criteria = names::list(aspect, "scaling-policy")
                .flat_map(|policy| names::list(policy, "scaling-criteria"));
            for criterion in criteria {
                parameter(criterion, &parameters, out);
            }
            for action in names::list(aspect, "scaling-config-action") {
                primitive(body, df, action, out);
            }
        }
        for aspect in names::list(df, "healing-aspect") {
            for policy in names::list(aspect, "healing-policy") {
                one_name(policy, "vdu-id", out);
                if let Some((node, vdu)) = names::value(policy, "vdu-id")
                    && !levels.has(node)
                {
                    let message =
                        format!("the healed VDU `{vdu}` stands in no `instantiation-level`");
                    unknown(node, message, level, &levels, out);
                }
            }
        }
    }
}

fn parameters(body: Node<'_>) -> Names<'_> {
    let lists = duplicate_id::parameter_lists(body).into_iter();
    names::named(lists.flat_map(|list| list.items()), "id")
}

fn parameter(holder: Node<'_>, existing: &Names<'_>, out: &mut Vec<Diagnostic>) {
    one_name(holder, "vnf-monitoring-param-ref", out);
    if let Some((node, typed)) = names::value(holder, "vnf-monitoring-param-ref")
        && !existing.has(node)
    {
        let message = format!("no monitoring parameter has the id `{typed}`");
        unknown(node, message, "monitoring parameter", existing, out);
    }
}

fn primitive(body: Node<'_>, df: Node<'_>, action: Node<'_>, out: &mut Vec<Diagnostic>) {
    let Some((node, typed)) = names::value(action, "vnf-config-primitive-name-ref") else {
        return;
    };
    let configs: Vec<Node<'_>> = super::charms::day12(df).collect();
    let vnf = names::text(body, "id");
    let read = |node| local(node, "id").map(reading::read);
    if !configs.iter().any(|config| read(*config) == read(body)) {
        let message = format!(
            "a scaling action calls `{typed}`, but the VNF has no `day1-2` configuration of its own"
        );
        out.push(
            Diagnostic::new(&RULE, node.span(), message)
                .help(format!("add a `day1-2` entry with `id: {vnf}`"))
                .lacks("day1-2"),
        );
        return;
    }
    let own = configs.iter();
    let own = own.map(|config| names::ids(*config, "config-primitive", "name"));
    let existing = Names::all(own);
    if !existing.has(node) {
        let message =
            format!("a scaling action calls `{typed}`, which no `config-primitive` is called");
        unknown(node, message, "`config-primitive`", &existing, out);
        return;
    }
    // No author can mean this, but OSM looks for it in every entry.
    let lacks = |config: &&Node<'_>| !names::ids(**config, "config-primitive", "name").has(node);
    if let Some((id, other)) = configs
        .iter()
        .find(lacks)
        .and_then(|config| names::value(*config, "id"))
    {
        let message = format!(
            "a scaling action calls `{typed}`, which the `day1-2` entry `{other}` does not have"
        );
        out.push(
            Diagnostic::new(&RULE, node.span(), message)
                .also(id.span(), "OSM looks for it here too")
                .help(format!(
                    "add a `config-primitive` `{typed}` to every `day1-2` entry"
                ))
                .lacks("config-primitive"),
        );
    }
}

fn alarms(body: Node<'_>, out: &mut Vec<Diagnostic>) {
    let existing = parameters(body);
    for vdu in names::list(body, "vdu") {
        for alarm in names::list(vdu, "alarm") {
            parameter(alarm, &existing, out);
        }
    }
}

fn profiles(body: Node<'_>, context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let nodes = names::leaf_list(body, "vnfd-id");
    let existing: Names<'_> = nodes.iter().filter_map(|node| node.str()).collect();
    for (number, df) in names::list(body, "df").enumerate() {
        for profile in names::list(df, "vnf-profile") {
            let connections = names::list(profile, "virtual-link-connectivity");
            for end in connections.flat_map(|one| names::list(one, "constituent-cpd-id")) {
                one_name(end, "constituent-cpd-id", out);
                // Those of the first flavour are taken as they are written.
                if number > 0 {
                    no_name(end, "constituent-cpd-id", "an `ext-cpd`", out);
                }
            }
            let read = names::value(profile, "vnfd-id").map(|(node, _)| reading::read(node));
            // Of those of the first flavour, which stay as they are, another rule speaks.
            let is_other = read.as_ref().is_some_and(|read| {
                let is_text = names::text(profile, "vnfd-id") == *read;
                (number > 0 || is_text) && !existing.contains(&&**read)
            });
            if let Some((node, typed)) = names::value(profile, "vnfd-id").filter(|_| is_other) {
                let id = names::text(profile, "id");
                let message = format!(
                    "the `vnf-profile` `{id}` uses `{typed}`, which is not in the service's list `vnfd-id`"
                );
                // Where there is such a function, the list is what is wrong.
                let mut diagnostic = match context.find(Kind::Vnf, &context.name(node)) {
                    [] => names::unknown(&RULE, node, message, "`vnfd-id`", &existing),
                    _ if existing.is_empty() => Diagnostic::new(&RULE, node.span(), message)
                        .label("not in the list")
                        .help(format!("add the list to the service: `vnfd-id: [{typed}]`")),
                    _ => Diagnostic::new(&RULE, node.span(), message)
                        .label("not in the list")
                        .help(format!("add `{typed}` to the list `vnfd-id`"))
                        .note(names::existing(&existing)),
                };
                if let Some(list) = local_entry(body, "vnfd-id") {
                    diagnostic = diagnostic.also(list.key_span(), "the list is here");
                }
                out.push(diagnostic);
            }
        }
    }
}
