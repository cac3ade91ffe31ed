//! JSON documents whose bytes depend on their content alone.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The text of a document: keys sorted, two spaces, a line break at the end.
pub(crate) fn text(value: Value) -> String {
    // A `Value` always serialises; the plain form is the same document.
    let value = sorted(value);
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_else(|_| value.to_string());
    text.push('\n');
    text
}

/// The text of a document without a space or a line break, keys sorted.
pub(crate) fn compact(value: Value) -> String {
    sorted(value).to_string()
}

/// A line of a stream of documents: the compact text and its line break.
pub(crate) fn line(value: Value) -> String {
    format!("{}\n", compact(value))
}

/// The same value with its keys in order. Whether the map of serde_json sorts
/// depends on a feature that any crate of a build can switch.
pub(crate) fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(map) => {
            let entries: BTreeMap<String, Value> = map.into_iter().collect();
            let entries = entries.into_iter().map(|(key, value)| (key, sorted(value)));
            Value::Object(entries.collect::<Map<String, Value>>())
        }
        other => other,
    }
}
