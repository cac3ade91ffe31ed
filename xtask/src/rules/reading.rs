//! What OSM's loader makes of a scalar in the place of a text, for comparing names as
//! its north-bound interface does.

use std::borrow::Cow;

use super::osm::written;
use crate::yaml::{Node, PyScalar, pyyaml, pyyaml_plain};

/// The text that OSM's loader keeps: what Python writes for the value that PyYAML reads.
/// `1.10` without quotes is the number 1.1, and so `1.1`; `true` is `True`.
pub(super) fn read(node: Node<'_>) -> Cow<'_, str> {
    let text = node.text().unwrap_or_default();
    if is_plainly_a_text(text) && node.tag().is_none() {
        return Cow::Borrowed(text);
    }
    match pyyaml(node) {
        Some(value) => written_as(value, text),
        None => Cow::Borrowed(text),
    }
}

/// The same of a text that may stand there without quotes and tag.
pub(super) fn read_plain(text: &str) -> Cow<'_, str> {
    if is_plainly_a_text(text) {
        return Cow::Borrowed(text);
    }
    written_as(pyyaml_plain(text), text)
}

fn written_as<'a>(value: PyScalar<'_>, text: &'a str) -> Cow<'a, str> {
    match value {
        PyScalar::Bool(true) => Cow::Borrowed("True"),
        PyScalar::Bool(false) => Cow::Borrowed("False"),
        PyScalar::Int(number) => Cow::Owned(number.to_string()),
        PyScalar::Float(number) => Cow::Owned(written(number)),
        _ => Cow::Borrowed(text),
    }
}

/// What tells values apart that Python compares before the loader has made texts of
/// them: numbers by their value, whatever their type, and never like a text.
pub(super) fn raw(node: Node<'_>) -> Cow<'_, str> {
    let text = node.text().unwrap_or_default();
    if is_plainly_a_text(text) && node.tag().is_none() {
        return Cow::Borrowed(text);
    }
    // No text of YAML holds the character in front.
    match pyyaml(node) {
        Some(PyScalar::Bool(value)) => Cow::Owned(format!("\0{}", u8::from(value))),
        Some(PyScalar::Int(number)) => Cow::Owned(format!("\0{number}")),
        // A whole one is written without a fraction.
        Some(PyScalar::Float(number)) => Cow::Owned(format!("\0{number}")),
        Some(PyScalar::Date(date)) => Cow::Owned(format!("\0{date}")),
        _ => Cow::Borrowed(text),
    }
}

/// Why a name is compared as another than the one that is written, if it is.
pub(super) fn note(node: Node<'_>) -> Option<String> {
    let (text, read) = (node.text()?, read(node));
    (read != text).then(|| format!("OSM reads `{text}` without quotes as `{read}`"))
}

/// Nearly every name begins with a letter, and few words with these are no text.
fn is_plainly_a_text(text: &str) -> bool {
    let first = text.as_bytes().first();
    first.is_some_and(|first| first.is_ascii_alphabetic() && !b"tTfFyYnNoO".contains(first))
}
