//! `osm/missing-reference`.

use crate::descriptor::{Kind, Model, local_entry};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;
use crate::yaml::{Node, Shape};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/missing-reference",
    level: Level::Deny,
    fixed: false,
    summary: "an item does not say whom it is for",
    docs: "\
## What it does

Looks for

- a `vnf-profile` of an NSD without `vnfd-id`;
- a `netslice-subnet` of a slice without `nsd-ref`;
- a `scaling-config-action` of a VNFD without `vnf-config-primitive-name-ref`;
- a list or a mapping in the place of one of these names.

## Why is this bad?

OSM's loader does not ask for these keys, and its north-bound interface reads
them without looking first. The answer is 400 with the bare name of the key:
`'vnfd-id'`, `'nsd-ref'`, `'vnf-config-primitive-name-ref'`.

## What to do

Add the key, with the id of the descriptor or the name of the primitive. Of a list with
one name in it `--fix` leaves the name.
",
    example: Some(Example {
        bad: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n",
        )],
        good: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnfd-id:\n        - tiny_vnf\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              vnfd-id: tiny_vnf\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if let Some((_, body)) = names::body(package, Kind::Ns, Model::Sol006) {
        for df in names::list(body, "df") {
            for profile in names::list(df, "vnf-profile") {
                look(profile, "vnf-profile", "vnfd-id", out);
            }
        }
    }
    if let Some((_, body)) = names::body(package, Kind::Nst, Model::Sol006) {
        for subnet in names::list(body, "netslice-subnet") {
            look(subnet, "netslice-subnet", "nsd-ref", out);
        }
    }
    if let Some((_, body)) = names::body(package, Kind::Vnf, Model::Sol006) {
        let aspects = names::list(body, "df").flat_map(|df| names::list(df, "scaling-aspect"));
        for aspect in aspects {
            for action in names::list(aspect, "scaling-config-action") {
                let key = "vnf-config-primitive-name-ref";
                look(action, "scaling-config-action", key, out);
            }
        }
    }
}

fn look(item: Node<'_>, list: &str, key: &str, out: &mut Vec<Diagnostic>) {
    if names::value(item, key).is_some() {
        return;
    }
    let span = match (local_entry(item, key), item.entries().next()) {
        (Some(entry), _) | (None, Some(entry)) => entry.key_span(),
        (None, None) => item.span(),
    };
    let value = local_entry(item, key).map(|entry| entry.value().shape());
    if let Some(shape) = value.filter(|shape| *shape != Shape::Scalar) {
        let message = format!(
            "the `{key}` of an item of `{list}` is {}, and no name",
            shape.as_str()
        );
        let help = format!("write one name: `{key}: NAME`");
        out.push(Diagnostic::new(&RULE, span, message).help(help));
        return;
    }
    let message = format!("an item of `{list}` has no `{key}`, OSM answers `'{key}'` to it");
    let finding = Diagnostic::new(&RULE, span, message);
    out.push(finding.help(format!("add `{key}:`")).lacks(key));
}
