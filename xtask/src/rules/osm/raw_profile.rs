//! `osm/raw-profile`.

use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, fixes, names};
use crate::schema::read_as;
use crate::source::Package;
use crate::yaml::{Entry, Node, PyScalar, Style, pyyaml};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/raw-profile",
    level: Level::Deny,
    fixed: false,
    summary: "OSM reads the profiles of a service's first flavour as they are written",
    docs: "\
## What it does

Looks, in the list `vnf-profile` of the first `df` of an NSD, for

- a `vnfd-id` with the prefix of a module;
- a `vnfd-id` or a `constituent-cpd-id` that YAML reads as a number, a boolean or
  a date;

and whether it is a list.

## Why is this bad?

Elsewhere OSM's loader takes prefixes away and makes texts of numbers. The
profiles of the first flavour it takes back from the file as YAML reads them. Its
north-bound interface then looks for `vnfd-id` without prefix and answers 400,
`'vnfd-id'`; and it compares the number with ids, which are texts, and answers
422: `constituent-cpd-id='5' references a non existing ext-cpd:id inside vnfd`, or
`vnfd-id='7' does not match any vnfd-id`, though the id is there.

## What to do

Put the value in quotes, and leave the prefix out; `--fix` does.
",
    example: Some(Example {
        bad: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnfd-id: ['7']\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              vnfd-id: 7\n",
        )],
        good: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnfd-id: ['7']\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              vnfd-id: '7'\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::body(package, Kind::Ns, Model::Sol006) else {
        return;
    };
    // What stands under a key with a prefix is not taken back.
    let flavour = body.get("df").and_then(|list| list.item(0));
    let Some(profiles) = flavour.and_then(|flavour| flavour.get("vnf-profile")) else {
        return;
    };
    let is_empty = |node: Node<'_>| match pyyaml(node) {
        Some(PyScalar::Bool(value)) => !value,
        Some(PyScalar::Int(number)) => number == 0,
        Some(PyScalar::Float(number)) => number == 0.0,
        Some(PyScalar::Nothing) => true,
        _ => node.text().is_some_and(str::is_empty),
    };
    if profiles.text().is_some() && !is_empty(profiles) {
        let message = "`vnf-profile` is no list, and OSM goes through it as it stands";
        let finding = Diagnostic::new(&RULE, profiles.span(), message);
        out.push(finding.help("write a list of profiles, or delete the key"));
    }
    for profile in profiles.items() {
        for entry in profile.entries() {
            if entry.name() == "vnfd-id" {
                look_at_key(entry, out);
                text(entry, out);
            }
        }
        let connections = profile.get("virtual-link-connectivity");
        let ends = connections
            .into_iter()
            .flat_map(|list| list.items())
            .filter_map(|connection| connection.get("constituent-cpd-id"))
            .flat_map(|list| list.items());
        for entry in ends.filter_map(|end| end.entry("constituent-cpd-id")) {
            text(entry, out);
        }
    }
}

fn look_at_key(entry: Entry<'_>, out: &mut Vec<Diagnostic>) {
    let (written, key) = (entry.key(), entry.name());
    let Some(prefix) = written.strip_suffix(key).and_then(|p| p.strip_suffix(':')) else {
        return;
    };
    let message = format!("OSM does not find `{written}` here and answers `'{key}'`");
    let doc = entry.value().document();
    out.push(
        Diagnostic::new(&RULE, entry.key_span(), message)
            .help(format!("write it as `{key}`"))
            .fix(fixes::bare(doc, entry.key_at(), prefix, key)),
    );
}

fn text(entry: Entry<'_>, out: &mut Vec<Diagnostic>) {
    let (key, node): (_, Node<'_>) = (entry.name(), entry.value());
    let plain = node.text().filter(|_| node.style() == Some(Style::Plain));
    let Some((text, kind)) = plain.and_then(|text| Some((text, read_as(text)?))) else {
        return;
    };
    let message = format!("OSM compares `{text}` as {kind} with ids, which are texts");
    out.push(
        Diagnostic::new(&RULE, node.span(), message)
            .label("is like none of them")
            .note(format!(
                "it takes the `{key}` of the first flavour as YAML reads it"
            ))
            .help(format!("put it in quotes: `'{text}'`"))
            .fix(fixes::quote(node.document(), node.at())),
    );
}
