//! `osm/duplicate-id`.

use std::borrow::Cow;

use foldhash::HashMap;

use crate::descriptor::{Kind, Model, local};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::names;
use crate::rules::{Check, Context, Lint, reading};
use crate::source::Package;
use crate::yaml::{Node, Shape};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/duplicate-id",
    level: Level::Deny,
    fixed: false,
    summary: "two items of one list have the same identifier",
    docs: "\
## What it does

Looks for an identifier that stands twice in one list: the `id` of the items, or
their `name` where the first item of the list has no `id`. The monitoring
parameters of a VNFD count as one list, whether they stand at a link, at a VDU
or at a deployment flavour.

Without quotes `1` and `1.0` are one number, and no text: beside `'1'` OSM takes
them, but at connection points, links and monitoring parameters, which it compares
again as texts.

## Why is this bad?

Other parts of the descriptor refer to an item by its identifier, and with two
of the same name nobody can tell which is meant. OSM's north-bound interface
answers 422, `identifier id 'X' is not unique and repeats at ...`, or
`Duplicated monitoring-parameter id`.

The validator that SHIELD used calls it `evt_duplicate_cpoint` or
`evt_duplicate_vlink`.

## What to do

Rename one of the two, and then every reference that means it.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  ext-cpd:\n    - id: mgmt\n    - id: mgmt\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  ext-cpd:\n    - id: mgmt\n    - id: data\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = &package.descriptor else {
        return;
    };
    let Some(body) = descriptor.body().filter(|_| descriptor.kind.is_osm()) else {
        return;
    };
    let is_read = (descriptor.kind, descriptor.model) == (Kind::Vnf, Model::Sol006);
    // As OSM does it: from list to list, and not into mappings in between.
    let mut open = vec![body];
    while let Some(node) = open.pop() {
        for entry in node.entries().filter(|entry| !entry.is_merged()) {
            let list = entry.value();
            unique(
                list,
                entry.key(),
                is_read && READ.contains(&entry.name()),
                out,
            );
            open.extend(list.items().filter(|item| item.shape() == Shape::Mapping));
        }
    }
    if is_read {
        monitoring(body, out);
    }
}

/// The lists of a VNFD that OSM looks through again when its loader has made texts of
/// all ids.
const READ: [&str; 5] = [
    "ext-cpd",
    "int-cpd",
    "int-virtual-link-desc",
    "monitoring-parameter",
    "monitoring-parameters",
];

fn unique(list: Node<'_>, name: &str, is_read: bool, out: &mut Vec<Diagnostic>) {
    let Some(first) = list.items().next().filter(|_| list.items().len() > 1) else {
        return;
    };
    let says = |key| names::value(first, key).is_some();
    let key = match (says("id"), says("name")) {
        (true, _) => "id",
        (false, true) => "name",
        _ => return,
    };
    let mut seen: HashMap<Cow<'_, str>, Node<'_>> = HashMap::default();
    for item in list.items() {
        let Some((node, id)) = names::value(item, key) else {
            continue;
        };
        let raw = reading::raw(node);
        let read = Some(reading::read(node)).filter(|_| is_read);
        let first = seen.get(&raw).or_else(|| seen.get(read.as_ref()?));
        if let Some(first) = first {
            // An alias to the same item stands at one place only.
            if first.index() == node.index() {
                continue;
            }
            let message = format!("the {key} `{id}` stands twice in the list `{name}`");
            let mut diagnostic = Diagnostic::new(&RULE, node.span(), message)
                .label("again here")
                .also(first.span(), "first here")
                .help("rename one of the two, and every reference that means it");
            if first.text() != Some(id) || reading::raw(*first) != raw {
                diagnostic = diagnostic.note(same(*first, node));
            }
            out.push(diagnostic);
        } else {
            seen.extend(read.map(|read| (read, node)));
            seen.insert(raw, node);
        }
    }
}

/// Why two values are one that are not written alike.
fn same(first: Node<'_>, again: Node<'_>) -> String {
    let [one, two] = [first, again].map(|node| node.text().unwrap_or_default());
    let read = reading::read(again);
    match reading::raw(first) == reading::raw(again) {
        true => format!("to OSM `{one}` and `{two}` without quotes are one number"),
        false => format!("OSM makes a text of what has no quotes, and both are `{read}`"),
    }
}

/// Monitoring parameters share one namespace over all three places.
fn monitoring(body: Node<'_>, out: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<Cow<'_, str>, (usize, Node<'_>)> = HashMap::default();
    let lists = parameter_lists(body);
    for (i, list) in lists.iter().enumerate() {
        for item in list.items() {
            let Some((node, id)) = names::value(item, "id") else {
                continue;
            };
            let read = reading::read(node);
            match seen.get(&read) {
                // Within one list the check above has spoken.
                Some((other, first)) if *other != i => out.push(
                    Diagnostic::new(
                        &RULE,
                        node.span(),
                        format!("the monitoring parameter `{id}` stands twice in this VNFD"),
                    )
                    .label("again here")
                    .also(first.span(), "first here")
                    .help("rename one of the two, and every reference that means it")
                    .note("links, VDUs and deployment flavours share one list of names"),
                ),
                Some(_) => {}
                None => {
                    seen.insert(read, (i, node));
                }
            }
        }
    }
}

/// The lists of monitoring parameters of a VNFD.
pub(in crate::rules) fn parameter_lists(body: Node<'_>) -> Vec<Node<'_>> {
    let mut lists = Vec::new();
    for (holder, key) in [
        ("int-virtual-link-desc", "monitoring-parameters"),
        ("vdu", "monitoring-parameter"),
        ("df", "monitoring-parameter"),
    ] {
        lists.extend(names::list(body, holder).filter_map(|item| local(item, key)));
    }
    lists
}
