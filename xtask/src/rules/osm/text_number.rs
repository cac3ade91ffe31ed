//! `osm/version-number`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, fixes, names};
use crate::source::Package;
use crate::yaml::{Legacy, Style, Type, resolve, resolve_1_1};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/version-number",
    level: Level::Warn,
    fixed: false,
    summary: "a version without quotes is another one for OSM",
    docs: "\
## What it does

Looks at `version` and `software-version` of a descriptor where they stand
without quotes and are read as a number: `1.10`, `2.00`. `1.0` says the same both
ways and is left alone.

## Why is this bad?

YAML makes a number of it, and a number has no last zero: OSM stores version
`1.1` where the author wrote `1.10`. This program keeps the text, so that the
package is called `1.10`, and the two differ.

## What to do

Put the version in quotes; `--fix` does.
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

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = package.descriptor.as_ref().filter(|d| d.kind.is_osm()) else {
        return;
    };
    let Some(body) = descriptor.body() else {
        return;
    };
    for key in ["version", "software-version"] {
        let Some((node, typed)) = names::value(body, key) else {
            continue;
        };
        if node.style() != Some(Style::Plain) {
            continue;
        }
        if let Some(number) = as_number(typed).filter(|number| number != typed) {
            let message = format!("the `{key}` `{typed}` is the number {number} for OSM");
            let fix = fixes::quote(&descriptor.doc, node.at());
            out.push(
                Diagnostic::new(&RULE, node.span(), message)
                    .help(format!("put it in quotes: `'{typed}'`"))
                    .fix(fix),
            );
        }
    }
}

/// How Python writes the number that it reads. To its YAML, an exponent without
/// a point is a text.
fn as_number(text: &str) -> Option<String> {
    if resolve_1_1(text) == Some(Legacy::Exponent) {
        return None;
    }
    match resolve(text) {
        Type::Float => {
            // Rust reads `nan` and `inf` without their point.
            let digits = text.to_ascii_lowercase();
            let digits = digits.replace(".nan", "nan").replace(".inf", "inf");
            let number: f64 = digits.parse().ok()?;
            Some(format!("{number:?}").to_ascii_lowercase())
        }
        Type::Int => match text.strip_prefix("0x") {
            Some(digits) => Some(u64::from_str_radix(digits, 16).ok()?.to_string()),
            None => Some(text.parse::<i64>().ok()?.to_string()),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::as_number;

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
            ("0x10", Some("16")),
            (".nan", Some("nan")),
            ("-.inf", Some("-inf")),
        ] {
            assert_eq!(as_number(text).as_deref(), number, "{text}");
        }
    }
}
