//! `schema/lost-value`.

use std::borrow::Cow;

use super::{unknown_key, words, wrong_type};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint, Place};
use crate::schema::{Violation, ViolationKind};
use crate::yaml::{PyScalar, pyyaml_plain};

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
- a fraction or a boolean in the place of a number: of `2.7` and `true` the whole
  numbers 2 and 1 are left, of what is no number to Python though it looks like one
  (`.inf`, `1e3`) it is 0 where the model states a range, and a fraction with more
  digits than the model has room for is rounded where it states none;
- an unknown key with an empty list, a key with an `@` in it, which it takes for
  metadata, and what stands beside the descriptor at the top of the file: they are
  passed over.

## Why is this bad?

The descriptor is onboarded, and is another one than its author wrote. By the
model each of these is an error, and is one in the profiles `etsi` and
`etsi-literal`, under the rule that speaks of such values there:
`schema/wrong-type` or `schema/unknown-key`.

## What to do

Write the value as the model has it, or delete it; `--fix` makes a list of a single item
and takes one out of a list where there is one right answer.
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
    let token = place.descriptor.doc.file().text().get(violation.at.clone());
    let token = token.unwrap_or_default();
    let outcome: Cow<'_, str> = match &violation.kind {
        ViolationKind::UnknownKey { .. } => "OSM passes over it".into(),
        ViolationKind::WrongType {
            becomes: Some(number),
            ..
        } => format!("OSM makes {number} of it").into(),
        ViolationKind::WrongType {
            expected, found, ..
        } if expected == "a string" && found == "a list" => {
            "OSM writes the list down as a text, with its brackets".into()
        }
        ViolationKind::WrongType {
            expected,
            found,
            is_single_item,
            ..
        } if !is_single_item
            && (expected == "a list" || matches!(found.as_str(), "a list" | "a mapping")) =>
        {
            "OSM leaves it out".into()
        }
        _ => return None,
    };
    let message = words::message(violation);
    let mut diagnostic = words::finding(&RULE, violation, place, message).note(outcome);
    if let Some(near) = unknown_key::suggestion(&violation.kind) {
        diagnostic = diagnostic.meant(near);
    }
    if let ViolationKind::WrongType {
        becomes: Some(number),
        ..
    } = &violation.kind
    {
        diagnostic.help.extend(help(number, token));
    }
    Some(diagnostic.fix(wrong_type::fix(violation, place)))
}

/// One finding for several keys of one mapping that OSM passes over.
pub(super) fn many(violations: &[&Violation], place: &Place<'_>) -> Option<Diagnostic> {
    let diagnostic = unknown_key::several(&RULE, violations, place)?;
    Some(diagnostic.note("OSM passes over them"))
}

/// What to write for a number that OSM reads as `number`.
fn help(number: &str, token: &str) -> Option<String> {
    let bare = token.trim_matches(['\'', '"']);
    let value = match bare == token {
        true => pyyaml_plain(token),
        false => PyScalar::Text(bare),
    };
    match value {
        PyScalar::Bool(_) => Some(format!("write {number} if that is meant")),
        PyScalar::Text(_) => {
            let meant = match bare.strip_prefix("0x") {
                Some(digits) => u64::from_str_radix(digits, 16).ok(),
                None => bare.parse::<f64>().ok().and_then(whole),
            };
            let meant = meant.map_or_else(String::new, |number| format!(": `{number}`"));
            Some(format!("write it in decimal digits{meant}"))
        }
        _ => None,
    }
}

fn whole(number: f64) -> Option<u64> {
    // No class of a number with a range of its own takes more.
    let is_whole = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    is_whole.then(|| format!("{number}").parse().ok()).flatten()
}
