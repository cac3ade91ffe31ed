//! `osm/no-df`.

use crate::descriptor::{Kind, Model, local_entry};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;
use crate::yaml::Shape;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/no-df",
    level: Level::Deny,
    fixed: false,
    summary: "a descriptor has no deployment flavour",
    docs: "\
## What it does

Checks that a VNFD has a list `df`, and that the `df` of an NSD, where there is
one with a value, is a list with something in it.

## Why is this bad?

OSM's north-bound interface takes the flavours of a VNFD for granted and answers
400 with the bare word `'df'`, the name of the key that Python did not find. Of an
NSD it asks for the first item of `df` before the loader sees it, and answers 422,
`Error in pyangbind validation: list index out of range`, or `0`, or `'int' object is
not subscriptable`. The standard wants at least one flavour in both.

## What to do

Add a flavour: `df:`, below it `- id: default-df`.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  df:\n    - id: default-df\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if let Some((descriptor, body)) = names::body(package, Kind::Vnf, Model::Sol006) {
        let span = match local_entry(body, "df") {
            None => descriptor.span(),
            // A single value is nothing to go through either; the empty text is.
            Some(entry) if entry.value().is_null() || entry.value().str().is_some() => {
                entry.key_span()
            }
            // An empty list passes, whatever it is good for.
            Some(_) => return,
        };
        let message = "the VNFD has no deployment flavour, OSM answers `'df'` to it";
        out.push(Diagnostic::new(&RULE, span, message).help(HELP).lacks("df"));
    }
    if let Some((_, body)) = names::body(package, Kind::Ns, Model::Sol006)
        // The key as it stands: with a prefix it is not asked for. Without a value it is
        // taken out before.
        && let Some(entry) = body.entry("df")
        && !entry.value().is_null()
    {
        let list = entry.value();
        let message = match list.shape() {
            // What another item is, is told by the schema.
            Shape::Sequence if list.item(0).is_some_and(|first| !first.is_null()) => return,
            Shape::Sequence => "the list `df` of the service is empty, which OSM refuses",
            // So is one item without its list.
            Shape::Mapping if list.entries().len() > 0 => return,
            _ => "the `df` of the service is no list, and OSM fails at that",
        };
        out.push(Diagnostic::new(&RULE, entry.key_span(), message).help(HELP));
    }
}

const HELP: &str = "add a flavour: `df:`, below it `- id: default-df`";
