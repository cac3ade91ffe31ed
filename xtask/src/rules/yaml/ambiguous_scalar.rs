//! `yaml/ambiguous-scalar`.

use std::collections::HashMap;
use std::ops::Range;

use crate::descriptor::Descriptor;
use crate::diagnostic::{Diagnostic, Example, Fix, Level, Rule};
use crate::rules::{Check, Lint, fixes};
use crate::schema::{Choice, Schema, Schemas, Step, by_name};
use crate::yaml::{Document, Legacy, Node, Style, Type, resolve, resolve_1_1};

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

Put the value in quotes if the text is meant. If the number or the boolean is
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
    let mut texts = HashMap::new();
    let mut report = |text: &str, at: Range<usize>, is_key: bool| {
        if let Some(legacy) = resolve_1_1(text) {
            let fix = fix(descriptor, root, at.clone(), is_key, &mut texts);
            out.push(finding(doc, text, at, legacy).fix(fix));
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
            report(text, node.at(), false);
        }
        for entry in node.entries().filter(|entry| !entry.is_merged()) {
            if entry.key_style() == Style::Plain {
                report(entry.key(), entry.key_at(), true);
            }
            open.push(entry.value());
        }
        open.extend(node.items());
    }
}

fn finding(doc: &Document, text: &str, at: Range<usize>, legacy: Legacy) -> Diagnostic {
    let (old, plain) = old_value(text, legacy);
    let new = match resolve(text) {
        Type::Int | Type::Float => "a number",
        _ => "a text",
    };
    let message = format!("`{text}` is read as {old} by OSM and other YAML 1.1 readers");
    let mut diagnostic = Diagnostic::new(&RULE, doc.span(at), message)
        .note(format!("YAML 1.2 reads `{text}` as {new}"))
        .help(format!("put it in quotes if the text is meant: `'{text}'`"));
    if let Some(plain) = plain {
        diagnostic = diagnostic.help(format!("write `{plain}` if that is meant"));
    }
    diagnostic
}

/// Quotes where the text must be meant: keys, and values of which the model
/// says that they are texts. `0755` for a number and `yes` for a boolean are
/// something else without their quotes.
///
/// `texts` keeps what was said of a place: items of a list are all alike.
fn fix<'a>(
    descriptor: &Descriptor,
    root: Node<'a>,
    at: Range<usize>,
    is_key: bool,
    texts: &mut HashMap<Vec<Step<'a>>, bool>,
) -> Option<Fix> {
    let fix = fixes::quote(&descriptor.doc, at.clone())?;
    if is_key {
        return Some(fix);
    }
    let path = path(root, &at)?;
    let is_text = texts.entry(path).or_insert_with_key(|path| {
        let said: Vec<bool> = schemas(descriptor)
            .iter()
            .filter_map(|schema| schema.takes_text(path))
            .collect();
        !said.is_empty() && said.iter().all(|is_text| *is_text)
    });
    is_text.then_some(fix)
}

/// Every schema that may be asked about the descriptor.
fn schemas(descriptor: &Descriptor) -> Vec<&'static Schema> {
    match Schemas::of(descriptor, &Choice::default()) {
        Schemas::Newest(schemas) => schemas,
        Schemas::Shield(_) => ["shield/store-head", "shield/docs", "shield/legacy"]
            .into_iter()
            .filter_map(by_name)
            .collect(),
    }
}

/// The way to the scalar at these bytes, in a text without aliases, where
/// children stand in order.
fn path<'a>(root: Node<'a>, at: &Range<usize>) -> Option<Vec<Step<'a>>> {
    let mut path = Vec::new();
    let mut node = root;
    while node.style().is_none() {
        if node.items().len() > 0 {
            let start = |i| node.item(i).map(|item| item.at().start);
            let i = last(node.items().len(), at.start, start)?;
            path.push(Step::Item);
            node = node.item(i)?;
        } else {
            let start = |i| node.entry_at(i).map(|entry| entry.key_at().start);
            let i = last(node.entries().len(), at.start, start)?;
            let entry = node.entry_at(i)?;
            path.push(Step::Key(entry.key()));
            node = entry.value();
        }
    }
    (node.at() == *at).then_some(path)
}

/// The last of `len` children that begins at or before `at`.
fn last(len: usize, at: usize, start: impl Fn(usize) -> Option<usize>) -> Option<usize> {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = usize::midpoint(low, high);
        if start(middle)? <= at {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low.checked_sub(1)
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
        Legacy::Timestamp if text.len() == 10 => return ("a date".to_owned(), None),
        Legacy::Timestamp => return ("a date and time".to_owned(), None),
        Legacy::Exponent => return ("a text".to_owned(), None),
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
