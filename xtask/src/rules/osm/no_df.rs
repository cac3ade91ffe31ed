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
one, is a list with something in it.

## Why is this bad?

OSM's north-bound interface takes the flavours of a VNFD for granted and answers
400 with the bare word `'df'`, the name of the key that Python did not find. To
an NSD with an empty `df` it answers 422, `Error in pyangbind validation: list
index out of range`. The standard wants at least one flavour in both.

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
            // A single value is nothing to go through either.
            Some(entry) if entry.value().shape() == Shape::Scalar => entry.key_span(),
            // An empty list passes, whatever it is good for.
            Some(_) => return,
        };
        let message = "the VNFD has no deployment flavour, OSM answers `'df'` to it";
        out.push(Diagnostic::new(&RULE, span, message).help(HELP).lacks("df"));
    }
    if let Some((_, body)) = names::body(package, Kind::Ns, Model::Sol006)
        && let Some(entry) = local_entry(body, "df")
    {
        let list = entry.value();
        let is_empty = list.is_null()
            || (list.shape() == Shape::Sequence
                && list.items().next().is_none_or(|first| first.is_null()));
        if is_empty {
            let message = "the list `df` of the service is empty, which OSM refuses";
            out.push(Diagnostic::new(&RULE, entry.key_span(), message).help(HELP));
        }
    }
}

const HELP: &str = "add a flavour: `df:`, below it `- id: default-df`";
