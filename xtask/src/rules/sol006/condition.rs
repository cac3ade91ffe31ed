//! `sol006/condition`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::schema::words;
use crate::rules::{Check, Lint, Place};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

pub(in crate::rules) static RULE: Rule = Rule {
    id: "sol006/condition",
    level: Level::Deny,
    fixed: false,
    summary: "values do not go together as the model demands",
    docs: "\
## What it does

Holds a descriptor to the conditions of the model that concern several values
(`must` and `when`, RFC 7950, sections 7.5.3 and 7.21.5). Values that are left
out count with their defaults. The note of a finding has the name of the
condition:

- `at-most`, `at-least`, `ordered`: a least number is no more than the greatest,
  as of ports and of instances;
- `profile-most`, `profile-least`: a level asks for as many instances as the
  profile of the unit allows;
- `image-memory`, `image-disk`: memory and disk are large enough for the image;
- `default-level`: several levels, and none of them is the default;
- `some-mapping`: a level of a service says nothing;
- `listed`: a profile or access point names a descriptor that the service does
  not list;
- `differs`: a service contains itself;
- `graph-profile`, `graph-descriptor`: a position of a forwarding graph names
  what the graph does not list;
- `said-above`: something is said of a profile and of the flavour around it;
- `either`: two forms of a relation stand side by side;
- `is`, `there`: something may be there only if another value says so.

Some conditions of the published modules can never be met: those on the protocol
of a link (defect 1), of forwarding graphs (2), of access points (3) and on the
memory for an image (14), and OSM's of relations (13). The profile `etsi` takes
them as they were meant, the profile `etsi-literal` as they are and says so;
`cargo nfv explain defects` describes each.

## Why is this bad?

A reader by the model refuses the descriptor. OSM's loader looks at no
condition, so in its profile this is a warning; that no level is the default is
part of `schema/departure` there.

## What to do

The finding shows the values that are compared. Correct the one that is wrong.
",
    example: Some(Example {
        bad: &[
            ("nfv.toml", "profile = \"etsi\"\n"),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  security-group-rule:\n    - id: web\n      port-range-min: 443\n      port-range-max: 80\n",
            ),
        ],
        good: &[
            ("nfv.toml", "profile = \"etsi\"\n"),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  security-group-rule:\n    - id: web\n      port-range-min: 80\n      port-range-max: 443\n",
            ),
        ],
    }),
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let ViolationKind::Condition {
        name, other, third, ..
    } = &violation.kind
    else {
        return None;
    };
    // What is left out is told with whatever else is left out.
    if violation.tolerated && name == "default-level" {
        return None;
    }
    let message = words::message(violation);
    let mut diagnostic = words::finding(&RULE, violation, place, message);
    if let Some(other) = other.as_ref().filter(|other| **other != violation.at) {
        let span = place.descriptor.doc.span(other.clone());
        // Of a list it is the first value that has a place.
        let text = match name.as_str() {
            "listed" => "the list begins here",
            "default-level" => "the first of them",
            "is" | "there" => "it depends on this",
            "either" | "said-above" => "beside this",
            "image-memory" | "image-disk" => "the image needs this",
            _ => "compared with this",
        };
        diagnostic = diagnostic.also(span, text);
    }
    if let Some((third, text)) = third {
        diagnostic = diagnostic.also(place.descriptor.doc.span(third.clone()), *text);
    }
    Some(diagnostic.note(format!("the condition is `{name}`")))
}
