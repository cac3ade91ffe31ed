//! `osm/text-number`.

use crate::descriptor::Descriptor;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::text_places::TextPlaces;
use crate::rules::{Check, Lint, fixes, names};
use crate::yaml::{Node, PyScalar, Style, Type, pyyaml_plain, resolve, resolve_1_1};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Descriptor(check),
};

static RULE: Rule = Rule {
    id: "osm/text-number",
    level: Level::Warn,
    fixed: false,
    summary: "a text is a number or a boolean to OSM, and so becomes another text",
    docs: "\
## What it does

Looks for values where the model takes a text, which YAML reads as numbers or
booleans and which OSM writes in another way: `1.10`, `2.00`, `0x1F`, `true`, and
what a tag makes one: `!!float 1`. `1.0` and `16` are the same both ways and are
left alone. A value with an anchor counts wherever an alias or a merge key reads it.

## Why is this bad?

YAML makes a number of it, and a number has no last zero: OSM stores version
`1.1` where the author wrote `1.10`, and finds no VDU `1.10` if another place
names it in quotes. Of `true` it makes `True`. This program keeps the text, so
that the package is called `1.10`, and the two differ.

## What to do

Put the value in quotes; `--fix` does. Delete a tag.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: 1.10\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.10'\n",
        )],
    }),
};

/// Keys that hold booleans wherever a model has them: most booleans are values of
/// these, and need no look at the model.
const BOOLEANS: [&str; 34] = [
    "address-assignment",
    "arbitrary-target-levels-supported",
    "boot-data-drive",
    "day1",
    "dedicated-ip-address",
    "dhcp-enabled",
    "enabled",
    "floating-ip-activated",
    "floating-ip-required",
    "hidden",
    "ip-address-assignment",
    "is-auto-heal-enabled",
    "is-auto-scalable-enabled",
    "is-impact-mitigation-requested",
    "is-shared-nss",
    "mac-address-assignment",
    "mandatory",
    "mgmt-network",
    "mgmt-service",
    "numa-enabled",
    "per-vnfc-instance",
    "port-configurable",
    "port-security-enabled",
    "proxy",
    "rdma-enabled",
    "read-only",
    "repeat",
    "required",
    "scaling-by-more-than-one-step-supported",
    "strict-nsd-constituent-onboarding",
    "support-mandatory",
    "target-scale-levels-supported",
    "trunk-mode",
    "vlan-transparent",
];

fn check(descriptor: &Descriptor, out: &mut Vec<Diagnostic>) {
    let doc = &descriptor.doc;
    let is_number = |text: &str, style| style == Style::Plain && other(text).is_some();
    let is_other = || {
        let is_boolean =
            |name: &str, text: &str| boolean(text).is_some() && !BOOLEANS.contains(&name);
        doc.has_scalar(is_number) || doc.has_tags() || doc.has_value(is_boolean)
    };
    let root = doc.root().filter(|_| descriptor.kind.is_osm());
    let Some(root) = root.filter(|_| is_other()) else {
        return;
    };
    let mut places = TextPlaces::new(descriptor, root);
    names::each(root, &mut |node: Node<'_>, _| {
        let Some((text, becomes)) = node.text().and_then(|text| Some((text, read(node)?))) else {
            return;
        };
        let Some(key) = places.text_key(&node.at()) else {
            return;
        };
        let message = format!("the `{key}` `{text}` is {becomes} for OSM");
        let diagnostic = Diagnostic::new(&RULE, node.span(), message);
        out.push(match node.tag() {
            Some(tag) => diagnostic.help(format!(
                "delete the tag `!!{tag}`, and put the text in quotes"
            )),
            None => diagnostic
                .help(format!("put it in quotes: `'{text}'`"))
                .fix(places.unless_named(node, fixes::quote(doc, node.at()))),
        });
    });
}

/// What OSM reads where it is not the text, in words.
fn read(node: Node<'_>) -> Option<String> {
    let text = node.text()?;
    let Some(tag) = node.tag() else {
        let plain = Some(text).filter(|_| node.style() == Some(Style::Plain))?;
        let number = || Some(format!("the number {}", other(plain)?));
        let boolean = || Some(format!("a boolean, written `{}`,", boolean(plain)?));
        return number().or_else(boolean);
    };
    let as_float = || Some(python(text.replace('_', "").parse().ok()?));
    let number = match tag {
        "float" => as_float(),
        "int" => as_number(text),
        "bool" => return Some("a boolean".to_owned()),
        "timestamp" => return Some("a date".to_owned()),
        _ => return Some("no text".to_owned()),
    };
    match number {
        Some(number) if number == text => None,
        Some(number) => Some(format!("the number {number}")),
        None => Some("another number".to_owned()),
    }
}

/// What Python writes for a boolean, where it is another text.
fn boolean(text: &str) -> Option<&'static str> {
    if !text.starts_with(['t', 'T', 'f', 'F']) {
        return None;
    }
    match resolve(text) {
        Type::Bool(true) if text != "True" => Some("True"),
        Type::Bool(false) if text != "False" => Some("False"),
        _ => None,
    }
}

/// What OSM writes for a plain number, where it is another text. What YAML 1.1
/// reads otherwise is `yaml/ambiguous-scalar`'s affair.
fn other(text: &str) -> Option<String> {
    let first = *text.as_bytes().first()?;
    // Nearly every value begins with a letter.
    if !first.is_ascii_digit() && !matches!(first, b'-' | b'+' | b'.') {
        return None;
    }
    // Most others are whole numbers, and written as everybody writes them.
    if text.bytes().all(|b| b.is_ascii_digit()) && (first != b'0' || text.len() == 1) {
        return None;
    }
    let number = as_number(text).filter(|_| resolve_1_1(text).is_none())?;
    (number != text).then_some(number)
}

/// How Python writes the number that it reads.
fn as_number(text: &str) -> Option<String> {
    match pyyaml_plain(text) {
        PyScalar::Float(number) => Some(python(number)),
        PyScalar::Int(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A floating-point number as Python prints it: the shortest digits that are
/// read as the same number, with an exponent of two digits at least from 10¹⁶
/// and below 10⁻⁴.
pub(in crate::rules) fn python(number: f64) -> String {
    let text = format!("{number:e}").to_ascii_lowercase();
    let exponent = text.split_once('e').and_then(|(digits, exponent)| {
        let exponent: i32 = exponent.parse().ok()?;
        Some((digits, exponent))
    });
    match exponent {
        Some((digits, exponent)) if !(-4..16).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        Some(_) if number.fract() == 0.0 => format!("{number:.1}"),
        Some(_) => number.to_string(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{BOOLEANS, as_number};
    use crate::schema::{Step, all};

    #[test]
    fn booleans_are_no_texts_in_any_model() {
        let mut met = std::collections::BTreeSet::new();
        let models = ["osm/", "osm-im/", "sol006/"];
        for schema in all() {
            if !models.iter().any(|model| schema.name.starts_with(model)) {
                continue;
            }
            for (path, name) in schema.nodes() {
                let Some(known) = BOOLEANS.iter().find(|known| **known == name) else {
                    continue;
                };
                let segments = path.split('/').filter(|segment| !segment.is_empty());
                let step = |segment| match str::parse::<usize>(segment) {
                    Ok(_) => Step::Item,
                    Err(_) => Step::Key(segment),
                };
                let mut steps: Vec<Step<'_>> = segments.map(step).collect();
                steps.push(Step::Key(known));
                assert_ne!(
                    schema.takes_text(&steps),
                    Some(true),
                    "{} {path}",
                    schema.name
                );
                met.insert(*known);
            }
        }
        assert_eq!(met.len(), BOOLEANS.len(), "{met:?}");
    }

    #[test]
    fn last_zeros_go() {
        for (text, number) in [
            ("1.0", Some("1.0")),
            ("1.10", Some("1.1")),
            ("2.00", Some("2.0")),
            ("3", Some("3")),
            ("+3", Some("3")),
            ("1.2.3", None),
            ("1e3", None),
            ("08", None),
            ("+.5", None),
            (".04e8", None),
            ("1_000.5", Some("1000.5")),
            ("4._", Some("4.0")),
            ("0x_1", Some("1")),
            ("+0x1", Some("1")),
            ("0x10", Some("16")),
            (".nan", Some("nan")),
            ("-.inf", Some("-inf")),
            ("1.0e+3", Some("1000.0")),
            ("1.5e+16", Some("1.5e+16")),
            ("1.e+20", Some("1e+20")),
            ("0.0001", Some("0.0001")),
            ("0.00001", Some("1e-05")),
            ("-0.0", Some("-0.0")),
            ("123456789012345678.0", Some("1.2345678901234568e+17")),
        ] {
            assert_eq!(as_number(text).as_deref(), number, "{text}");
        }
    }
}
