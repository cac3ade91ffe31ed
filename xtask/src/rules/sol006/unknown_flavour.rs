//! `sol006/unknown-flavour`.

use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::names::{self, Names};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

pub(in crate::rules) static RULE: Rule = Rule {
    id: "sol006/unknown-flavour",
    level: Level::Deny,
    fixed: false,
    summary: "a service asks for a flavour or level that the function does not have",
    docs: "\
## What it does

Looks up what an NSD asks of its constituents, where their descriptors are among
the packages of the run: the `flavour-id` of a `vnf-profile` among the `df` of
the VNFD, its `instantiation-level` among the levels of that `df`; the `ns-df-id`
and `instantiation-level-id` of an `ns-profile` in the nested NSD likewise.

In the profile `osm` the level of this rule is `warn`.

## Why is this bad?

The flavour says what the function is made of, the level how many instances it
starts with. In the standard both are references, and an orchestrator that
follows it can't instantiate the service. OSM does not look at them when the
package arrives; a flavour that it does not find fails the instantiation, and
the level is passed over, so that the function starts with other numbers than
its author asked for.

## What to do

Write the `id` of a `df` of the VNFD, and of an `instantiation-level` in it.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnfd-id:\n        - tiny_vnf\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              vnfd-id: tiny_vnf\n              flavour-id: large\n",
            ),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  df:\n    - id: default-df\n",
            ),
        ],
        good: &[
            (
                "tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnfd-id:\n        - tiny_vnf\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              vnfd-id: tiny_vnf\n              flavour-id: default-df\n",
            ),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  df:\n    - id: default-df\n",
            ),
        ],
    }),
};

/// How a profile of a service names what it wants.
struct Wish {
    profiles: &'static str,
    kind: Kind,
    id: &'static str,
    flavour: &'static str,
    level: &'static str,
    /// The list of levels in the flavour of the constituent.
    levels: &'static str,
}

const WISHES: [Wish; 2] = [
    Wish {
        profiles: "vnf-profile",
        kind: Kind::Vnf,
        id: "vnfd-id",
        flavour: "flavour-id",
        level: "instantiation-level",
        levels: "instantiation-level",
    },
    Wish {
        profiles: "ns-profile",
        kind: Kind::Ns,
        id: "nsd-id",
        flavour: "ns-df-id",
        level: "instantiation-level-id",
        levels: "ns-instantiation-level",
    },
];

fn check(package: &Package, context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = names::etsi_body(package, Kind::Ns) else {
        return;
    };
    for df in names::list(body, "df") {
        for wish in &WISHES {
            for profile in names::list(df, wish.profiles) {
                constituent(profile, wish, context, out);
            }
        }
    }
}

fn constituent(profile: Node<'_>, wish: &Wish, context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let id = context.name_under(profile, wish.id);
    let mut flavours: Vec<Node<'_>> = Vec::new();
    let mut place = None;
    for other in context.find(wish.kind, &id) {
        if let Some((descriptor, body)) = names::etsi_body(other, wish.kind) {
            flavours.extend(names::list(body, "df"));
            place.get_or_insert_with(|| descriptor.span());
        }
    }
    let Some(place) = place else { return };
    let whose = format!("{} `{id}`", wish.kind.as_str());
    // Without a flavour the level may be that of any.
    if let Some((node, typed)) = names::value(profile, wish.flavour) {
        let known = names::named(flavours.iter().copied(), "id");
        if !known.contains(&typed) {
            let message = format!("the {whose} has no deployment flavour `{typed}`");
            let finding = names::unknown_item(&RULE, node, message, "`df`", &known);
            out.push(finding.also(place, "its descriptor is here"));
            return;
        }
        flavours.retain(|df| names::text(*df, "id") == typed);
    }
    if let Some((node, typed)) = names::value(profile, wish.level) {
        let levels = flavours.iter().map(|df| names::ids(*df, wish.levels, "id"));
        let known = Names::all(levels);
        if !known.contains(&typed) {
            let message = match names::value(profile, wish.flavour) {
                Some((_, flavour)) => format!(
                    "the flavour `{flavour}` of the {whose} has no instantiation level `{typed}`"
                ),
                None => format!("the {whose} has no instantiation level `{typed}`"),
            };
            let what = format!("`{}`", wish.levels);
            let finding = names::unknown_item(&RULE, node, message, &what, &known);
            out.push(finding.also(place, "its descriptor is here"));
        }
    }
}
