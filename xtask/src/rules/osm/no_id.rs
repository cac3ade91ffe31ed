//! `osm/no-id`.

use crate::descriptor::{Descriptor, Kind, Model, local_entry};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;
use crate::yaml::{Node, Shape};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/no-id",
    level: Level::Deny,
    fixed: true,
    summary: "the descriptor has no id",
    docs: "\
## What it does

Looks for a VNFD without `id`, or with a list or a mapping there, and for an NSD or a slice template whose `id` is
empty. Where an item of a list has no `id` at all, the schema says so.

## Why is this bad?

Everything is named after the id: the package file, the repository it is
published to, the references of services and slices. OSM's north-bound interface
answers 400 to a VNFD without one, with no more explanation than `'df'`.

## What to do

Write `id: NAME` as the first key of the descriptor. Letters, digits, dashes and
underscores are safe everywhere. Of a list with one name in it `--fix` leaves the name.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  product-name: tiny\n  version: '1.0'\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  product-name: tiny\n  version: '1.0'\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = package.descriptor.as_ref().filter(|d| d.kind.is_osm()) else {
        return;
    };
    let Some(body) = descriptor.body() else {
        return;
    };
    if descriptor.id().is_some() || body.shape() != Shape::Mapping {
        return;
    }
    let what = descriptor.kind.descriptor_name();
    let is_item = descriptor.kind != Kind::Vnf && descriptor.model == Model::Sol006;
    let (span, message) = match local_entry(body, "id") {
        // The item of a list is the model's affair.
        Some(entry) if entry.value().shape() != Shape::Scalar && is_item => return,
        Some(entry) if entry.value().shape() != Shape::Scalar => (
            entry.key_span(),
            format!(
                "the `id` of this {what} is {}, and no name",
                entry.value().shape().as_str()
            ),
        ),
        // The key of an item: `schema/list-key` speaks of the empty text, and of
        // no value the model.
        Some(entry) if is_item && !entry.value().is_null() => return,
        Some(entry) => (
            entry.key_span(),
            format!("the `id` of this {what} is empty"),
        ),
        // A list item without its key breaks the schema already.
        None if (descriptor.kind, descriptor.model) != (Kind::Vnf, Model::Sol006) => return,
        None => (key(descriptor, body), format!("this {what} has no `id`")),
    };
    let diagnostic = Diagnostic::new(&RULE, span, message);
    out.push(diagnostic.help("write `id: NAME`; the package is named after it"));
}

/// The envelope's key, which is where the author starts to read.
fn key(descriptor: &Descriptor, body: Node<'_>) -> crate::diagnostic::Span {
    match descriptor.envelope() {
        Some(entry) => entry.key_span(),
        None => body.span(),
    }
}
