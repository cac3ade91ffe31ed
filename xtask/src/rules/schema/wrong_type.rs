//! `schema/wrong-type`.

use super::envelope::Envelope;
use super::{purpose, words};
use crate::diagnostic::{Diagnostic, Example, Fix, Level, Rule};
use crate::rules::{Check, Lint, Place, fixes};
use crate::schema::{Reading, Violation, ViolationKind};
use crate::yaml::{PyScalar, Type, pyyaml_plain, resolve};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "schema/wrong-type",
    level: Level::Deny,
    fixed: false,
    summary: "a value has another shape than the model gives it",
    docs: "\
## What it does

Looks for values of another kind than the model asks for: a mapping where a
list belongs, a text where a number does.

## Why is this bad?

OSM refuses a descriptor in which a list is given as a mapping, and most in which a
number can't be read as one: where its model states a range beside the type
(`num-virtual-cpu`), and of a list there, its loader takes the descriptor, and what
fails is the function that is made of it. Its models compare by text, as YANG does (RFC 7950,
section 9), so `version: 1.0` is a text and `'3'` a number there. What it takes and makes
something else of is told by `schema/lost-value`. SHIELD
manifests, HDA graphs and charts are compared by their YAML type instead: a
version that is not in quotes is a number to their readers and is refused. The Store of
SHIELD reads YAML 1.1, so that `yes` and `2018-10-03` are no texts to it.

The validator that SHIELD used has one event for all that a schema refuses,
`evt_nsd_stx_invalid` or `evt_vnfd_stx_invalid`. A section that is no list is one of
`evt_nsd_itg_badsection_cpoints`, `evt_nsd_itg_badsection_vlinks`,
`evt_nsd_top_badsection_fwgraph`, `evt_vnfd_itg_badsection_cpoints`,
`evt_vnfd_itg_badsection_vdus` (which `shield/no-vdu` has as well), and `evt_vnfd_itg_badsection_vlinks`.

## What to do

Where a list is asked for, begin its items with `- `, even if there is only
one. Where a text is asked for and a number found, put the value in quotes. Where one
value is asked for, write it without a list around it. `--fix` does each of these where
there is one right answer.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  vdu:\n    id: server\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  vdu:\n  - id: server\n",
        )],
    }),
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let ViolationKind::WrongType {
        expected, found, ..
    } = &violation.kind
    else {
        return None;
    };
    let message = words::message(violation);
    let mut diagnostic = words::finding(&RULE, violation, place, message);
    let text = place.descriptor.doc.file().text();
    let token = text.get(violation.at.clone()).unwrap_or_default();
    let is_line = !token.contains('\n') && !token.is_empty();
    let envelope = Envelope::of(violation).and_then(|envelope| envelope.help(&violation.path));
    let doc = &place.descriptor.doc;
    let list_form = || fixes::list_form(doc, &violation.path, &violation.at);
    let is_tight = fixes::has_tight_dash(doc, &violation.path, &violation.at);
    let help = match (expected.as_str(), found.as_str()) {
        _ if envelope.is_some() => envelope,
        ("a list", "a mapping") if is_tight => Some(fixes::TIGHT_DASH.to_owned()),
        ("a list", "a mapping") => Some(format!(
            "begin each item below `{}` with `- `, even if there is only one",
            words::last_key(&violation.path)
        )),
        ("a list", "a string" | "a number" | "a boolean") if is_line => {
            Some(format!("make it a list: `[{token}]`"))
        }
        ("a mapping", "a list") => Some(mapping(list_form())),
        ("a string", "a number" | "a boolean" | "a date") if is_line && !token.starts_with('!') => {
            Some(format!("put it in quotes: `'{token}'`"))
        }
        ("a string" | "a number" | "a whole number" | "true or false", "a list") => {
            let help = match list_form() {
                Some((_, 0)) => "write a value, or leave the key out",
                _ => "write one value instead of the list",
            };
            Some(help.to_owned())
        }
        ("true or false", "a string") => Some(boolean(token)),
        ("a number" | "a whole number", "a string") => number(token, place),
        ("a number" | "a whole number", found) if found.starts_with('`') => in_digits(token),
        ("a number" | "a whole number", found) if found.ends_with("around the number") => {
            let number = token.trim_matches(['\'', '"']).trim();
            Some(format!("take away the space: `{number}`"))
        }
        (_, "nothing") if is_item(&violation.path) => {
            Some("write the item, or take it out of the list".to_owned())
        }
        (_, "nothing") => purpose::help_at(&violation.path, place)
            .or_else(|| Some("write a value, or leave the key out".to_owned())),
        _ => None,
    };
    if let Some(help) = help {
        diagnostic = diagnostic.help(help);
    }
    if expected.ends_with("number") && found.starts_with('`') && resolve(token) == Type::Str {
        diagnostic = diagnostic.note("readers of YAML 1.1 alone take it for a number");
    }
    Some(match is_tight {
        true => diagnostic,
        false => diagnostic.fix(fix(violation, place)),
    })
}

/// Quotes for a number where a text is meant, a list around a single item, and one item
/// without its list.
pub(super) fn fix(violation: &Violation, place: &Place<'_>) -> Option<Fix> {
    let ViolationKind::WrongType {
        expected,
        found,
        is_single_item,
        item_keys,
        ..
    } = &violation.kind
    else {
        return None;
    };
    let doc = &place.descriptor.doc;
    match (expected.as_str(), found.as_str()) {
        ("a string", "a number" | "a boolean" | "a date")
            if place.schema.reading != Reading::Lexical =>
        {
            fixes::quote(doc, violation.at.clone())
        }
        ("a list", "a string" | "a number" | "a boolean") if *is_single_item => {
            fixes::wrap(doc, &violation.path, &violation.at)
        }
        // What is around a descriptor takes more than that.
        ("a mapping", "a list") if Envelope::of(violation).is_none() => {
            fixes::unwrap(doc, &violation.path, &violation.at, true)
        }
        ("a string" | "a number" | "a whole number" | "true or false", "a list") => {
            fixes::unwrap(doc, &violation.path, &violation.at, false)
        }
        ("a list", "a mapping") => fixes::wrap_if(doc, &violation.path, &violation.at, item_keys),
        _ => None,
    }
}

/// What to write for a list where a mapping belongs, by how it is written.
fn mapping(form: Option<(bool, usize)>) -> String {
    match form {
        Some((_, 0)) => "write its keys, or leave it out",
        Some((true, 1)) => "take away the brackets `[` and `]` around the mapping",
        Some((false, 1)) => "take away the `- ` before its keys",
        _ => "write one mapping instead of the list",
    }
    .to_owned()
}

fn boolean(token: &str) -> String {
    let plain = token.trim_matches(['\'', '"']).to_ascii_lowercase();
    match plain.as_str() {
        "true" | "yes" | "on" | "y" | "1" => "write `true`".to_owned(),
        "false" | "no" | "off" | "n" | "0" => "write `false`".to_owned(),
        _ => "write `true` or `false`".to_owned(),
    }
}

/// The decimal digits of a number in another notation, such as those of YAML 1.1.
fn in_digits(token: &str) -> Option<String> {
    let number = match pyyaml_plain(token) {
        PyScalar::Int(number) => Some(number),
        PyScalar::Float(number) => whole(number),
        // What YAML 1.2 has of its own.
        _ => match token.strip_prefix("0o") {
            Some(digits) => i128::from_str_radix(digits, 8).ok(),
            None => token.parse().ok().and_then(whole),
        },
    }?;
    Some(format!("write it in decimal digits: `{number}`"))
}

fn whole(number: f64) -> Option<i128> {
    /// Up to here every whole number is one of these.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let is_whole = number.fract() == 0.0 && number.abs() <= EXACT;
    is_whole.then(|| format!("{number}").parse().ok()).flatten()
}

/// A number in quotes, or one with a unit behind it.
fn number(token: &str, place: &Place<'_>) -> Option<String> {
    let plain = token.trim_matches(['\'', '"']).trim();
    if let Some(digits) = plain.strip_prefix("0x") {
        let number = u64::from_str_radix(digits, 16).ok()?;
        return Some(format!("write it in decimal digits: `{number}`"));
    }
    let end = plain
        .find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-')
        .unwrap_or(plain.len());
    let digits = plain.get(..end).unwrap_or_default();
    if digits.parse::<f64>().is_err() {
        return None;
    }
    if end == plain.len() && place.schema.reading != Reading::Lexical {
        return Some(format!("write it without quotes: `{digits}`"));
    }
    (end < plain.len())
        .then(|| format!("write the number alone, without `{}`", plain[end..].trim()))
}

fn is_item(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    last.parse::<usize>().is_ok()
}
