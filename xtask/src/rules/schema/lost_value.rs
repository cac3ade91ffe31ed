//! `schema/lost-value`.

use super::{words, wrong_type};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint, Place};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "schema/lost-value",
    level: Level::Warn,
    fixed: false,
    summary: "OSM takes the descriptor and leaves a value out, or reads another",
    docs: "\
## What it does

Looks for what OSM's loader neither refuses nor keeps:

- one value in the place of a list of items, and an empty list or mapping where
  something else belongs: it is left out;
- a list in the place of a text: it becomes a text with brackets and quotes in it;
- an unknown key with an empty list, a key with an `@` in it, which it takes for
  metadata, and what stands beside the descriptor at the top of the file: they are
  passed over.

## Why is this bad?

The descriptor is onboarded, and is another one than its author wrote. By the
model each of these is an error, and is one in the profiles `etsi` and
`etsi-literal`, under the rule that speaks of such values there:
`schema/wrong-type` or `schema/unknown-key`.

## What to do

Write the value as the model has it, or delete it.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  product-name: [tiny]\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  product-name: tiny\n",
        )],
    }),
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    if !violation.tolerated {
        return None;
    }
    let outcome = match &violation.kind {
        ViolationKind::UnknownKey { .. } => "OSM passes over it",
        ViolationKind::WrongType {
            expected, found, ..
        } if expected == "a string" && found == "a list" => {
            "OSM writes the list down as a text, with its brackets"
        }
        ViolationKind::WrongType {
            expected,
            found,
            is_single_item,
            ..
        } if !is_single_item
            && (expected == "a list" || matches!(found.as_str(), "a list" | "a mapping")) =>
        {
            "OSM leaves it out"
        }
        _ => return None,
    };
    let message = words::message(violation);
    let diagnostic = words::finding(&RULE, violation, place, message).note(outcome);
    Some(diagnostic.fix(wrong_type::fix(violation, place)))
}
