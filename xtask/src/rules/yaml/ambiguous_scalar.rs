//! `yaml/ambiguous-scalar`.

use std::ops::Range;

use crate::descriptor::Descriptor;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::text_places::TextPlaces;
use crate::rules::{Check, Lint, fixes};
use crate::yaml::{Document, Legacy, Node, Style, Type, no_value, resolve, resolve_1_1};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Descriptor(check),
};

static RULE: Rule = Rule {
    id: "yaml/ambiguous-scalar",
    level: Level::Warn,
    fixed: false,
    summary: "readers do not agree on a value without quotes",
    docs: "\
## What it does

Looks for keys and values without quotes that YAML 1.1 and YAML 1.2 read
differently: `0755`, `yes`, `12:30:45`, `1_000`, `2024-01-01`, `0b11`, `1e3`.

## Why is this bad?

OSM reads with PyYAML, which is YAML 1.1: `0755` is the number 493 there, and
`12:30:45` is 45045 because it counts in base sixty. This program and newer
readers follow YAML 1.2 (section 10.3), where the first is 755 and the second a
text. A file mode, a time or a MAC address made of digits so becomes another
value on its way, and nobody says a word.

## What to do

Put the value in quotes if the text is meant; `--fix` does with keys, and with values
where the model takes nothing but a text. If the number or the boolean is
meant, write it in a way that all agree on: `493`, `true`, `1000`.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: 2024-01-01\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '2024-01-01'\n",
        )],
    }),
};

fn check(descriptor: &Descriptor, out: &mut Vec<Diagnostic>) {
    let doc = &descriptor.doc;
    let is_plain = |text: &str, style| style == Style::Plain && resolve_1_1(text).is_some();
    let Some(root) = doc.root().filter(|_| doc.has_text(is_plain)) else {
        return;
    };
    let mut places = TextPlaces::new(descriptor, root);
    // Quotes where the text must be meant: keys, and values of which the model
    // says that they are texts. `0755` for a number and `yes` for a boolean are
    // something else with them.
    let mut report = |text: &str, at: Range<usize>, value: Option<Node<'_>>| {
        if let Some(legacy) = resolve_1_1(text) {
            let is_text = match value {
                Some(_) => places.is_text(&at),
                None => Some(true),
            };
            let fix = fixes::quote(doc, at.clone()).filter(|_| is_text == Some(true));
            let fix = match value {
                Some(node) => places.unless_named(node, fix),
                None => fix,
            };
            out.push(finding(doc, text, at, legacy, is_text).fix(fix));
        }
    };
    // An alias leads to a node that was seen where it is written.
    let mut seen = doc.met();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if !seen.insert(node) {
            continue;
        }
        if let (Some(text), Some(Style::Plain)) = (node.text(), node.style()) {
            report(text, node.at(), Some(node));
        }
        for entry in node.entries().filter(|entry| !entry.is_merged()) {
            if entry.key_style() == Style::Plain {
                report(entry.key(), entry.key_at(), None);
            }
            open.push(entry.value());
        }
        open.extend(node.items());
    }
}

/// `is_text` says what the model takes there, if it is known.
fn finding(
    doc: &Document,
    text: &str,
    at: Range<usize>,
    legacy: Legacy,
    is_text: Option<bool>,
) -> Diagnostic {
    let (old, plain) = old_value(text, legacy);
    let new = match resolve(text) {
        Type::Int | Type::Float => "a number",
        _ => "a text",
    };
    let message = format!("`{text}` is read as {old} by OSM and other YAML 1.1 readers");
    let mut diagnostic = Diagnostic::new(&RULE, doc.span(at), message)
        .note(format!("YAML 1.2 reads `{text}` as {new}"));
    if is_text != Some(false) {
        let help = format!("put it in quotes if the text is meant: `'{text}'`");
        diagnostic = diagnostic.help(help);
    }
    if let Some(plain) = plain.filter(|_| is_text != Some(true)) {
        diagnostic = diagnostic.help(format!("write `{plain}` if that is meant"));
    }
    diagnostic
}

/// What PyYAML makes of the text, in words, and how to write that so that all
/// readers agree.
fn old_value(text: &str, legacy: Legacy) -> (String, Option<String>) {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = digits.replace('_', "");
    let number = match legacy {
        Legacy::Bool => {
            let value = matches!(text.to_ascii_lowercase().as_str(), "yes" | "on");
            return (format!("`{value}`"), Some(value.to_string()));
        }
        Legacy::Timestamp if no_value(text).is_some() => {
            return ("a date that there is not".to_owned(), None);
        }
        Legacy::Timestamp if text.len() == 10 => return ("a date".to_owned(), None),
        Legacy::Timestamp => return ("a date and time".to_owned(), None),
        Legacy::Exponent => {
            let plain = exact(&digits).map(|number| format!("{sign}{number}"));
            return ("a text".to_owned(), plain);
        }
        Legacy::Underscores if digits.contains('.') => {
            let number = format!("{sign}{digits}");
            return (number.clone(), Some(number));
        }
        Legacy::Octal => u128::from_str_radix(&digits, 8).ok(),
        Legacy::Binary => u128::from_str_radix(digits.trim_start_matches("0b"), 2).ok(),
        Legacy::Underscores => digits.parse().ok(),
        Legacy::Sexagesimal => digits.split(':').try_fold(0u128, |sum, part| {
            sum.checked_mul(60)?.checked_add(part.parse().ok()?)
        }),
    };
    match number {
        Some(number) => {
            let number = format!("{sign}{number}");
            (number.clone(), Some(number))
        }
        None => ("another number".to_owned(), None),
    }
}

/// What a number with an exponent, or one in octal digits, is without them.
fn exact(digits: &str) -> Option<String> {
    if let Some(octal) = digits.strip_prefix("0o") {
        return Some(u128::from_str_radix(octal, 8).ok()?.to_string());
    }
    let number: f64 = digits.parse().ok()?;
    // Beyond that, doubles are not exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.abs() < EXACT).then(|| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_as_pyyaml_reads_them() {
        for (text, want) in [
            ("0755", "493"),
            ("-0755", "-493"),
            ("0b11", "3"),
            ("1_000", "1000"),
            ("-1_000.5", "-1000.5"),
            ("12:30:45", "45045"),
            ("+12:30", "750"),
            ("off", "`false`"),
            ("Yes", "`true`"),
            ("2024-01-01", "a date"),
            ("1e3", "a text"),
        ] {
            let legacy = resolve_1_1(text).expect("differs");
            assert_eq!(old_value(text, legacy).0, want, "{text}");
        }
    }
}
