//! Scalars that OSM takes though the model asks for another type.
//!
//! OSM loads a descriptor with PyYAML and hands each value to a class that
//! pyangbind made. What these do with a value of another type is Python's:
//! `int(1.5)` is 1, while `int('1.5')` fails.

use crate::yaml::{Legacy, Node, Style, Type, resolve, resolve_1_1};

/// Whether the class for this type (`a whole number`, `a number`,
/// `true or false`) takes the scalar, as it was observed with pyangbind 0.8.7:
/// numbers that YAML reads from plain text in any notation, booleans as 0 and 1
/// and these as booleans.
pub(super) fn is_taken(expected: &str, node: Node<'_>) -> bool {
    let Some(text) = node.text() else {
        return false;
    };
    let is_plain = node.style() == Some(Style::Plain);
    let yaml = is_plain.then(|| (resolve(text), resolve_1_1(text)));
    match expected {
        "a whole number" | "a number" => match yaml {
            Some((_, Some(legacy))) => !matches!(legacy, Legacy::Timestamp | Legacy::Exponent),
            Some((Type::Bool(_), None)) => true,
            // `0o17` is a text to YAML 1.1, and an infinity no number to Python's
            // `int`.
            Some((Type::Int | Type::Float, None)) => {
                !text.starts_with("0o") && text.contains(|c: char| c.is_ascii_digit())
            }
            _ => false,
        },
        "true or false" => matches!(text, "0" | "1"),
        _ => false,
    }
}
