//! `osm/one-descriptor`.

use crate::descriptor::{Kind, Model, local};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;
use crate::yaml::{Node, Shape};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/one-descriptor",
    level: Level::Deny,
    fixed: false,
    summary: "one file describes several functions, services or slices",
    docs: "\
## What it does

Looks for a second item in the list that wraps a network service, a slice or a
descriptor of the model before SOL006.

## Why is this bad?

OSM's north-bound interface takes one descriptor a package and answers 422,
`'nsd' must be a list of only one element`, to more. The releases before NINE
read the first and passed over the rest without a word. A package also has one
id and one version, and would be named after the first.

## What to do

Move each item into a package of its own, a folder with one descriptor.
",
    example: Some(Example {
        bad: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n    - id: other_ns\n      version: '1.0'\n",
        )],
        good: &[
            (
                "tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n",
            ),
            (
                "other_ns/other_nsd.yaml",
                "nsd:\n  nsd:\n    - id: other_ns\n      version: '1.0'\n",
            ),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = &package.descriptor else {
        return;
    };
    let Some(root) = descriptor.doc.root() else {
        return;
    };
    let path: &[&str] = match (descriptor.kind, descriptor.model) {
        (Kind::Ns, Model::Sol006) => &["nsd", "nsd"],
        (Kind::Nst, _) => &["nst"],
        (Kind::Vnf, Model::OsmIm) => &["vnfd-catalog", "vnfd"],
        (Kind::Ns, Model::OsmIm) => &["nsd-catalog", "nsd"],
        _ => return,
    };
    let Some(list) = crate::rules::names::within(root, path) else {
        return;
    };
    let key = path.last().copied().unwrap_or_default();
    let mut items = list.items();
    let Some(first) = items.next() else { return };
    if let Some(second) = items.next() {
        let count = list.items().len();
        let message = format!("the list `{key}` has {count} items, OSM takes one a package");
        out.push(
            Diagnostic::new(&RULE, caret(second), message)
                .label("second descriptor")
                .also(caret(first), "first descriptor")
                .help("move each of them into a package of its own"),
        );
    }
}

/// The id of an item, or its first key.
fn caret(item: Node<'_>) -> crate::diagnostic::Span {
    let id = local(item, "id").filter(|id| id.shape() == Shape::Scalar);
    match (id, item.entries().next()) {
        (Some(id), _) => id.span(),
        (None, Some(entry)) => entry.key_span(),
        (None, None) => item.span(),
    }
}
