//! Faults of libyang by name: where its verdict differs from what the modules
//! and RFC 7950 say. Each has a recogniser that takes in as little as it can.

use serde_json::Value;

use crate::yang::Complaint;

/// A fault of libyang.
pub struct Known {
    /// What it is called in the outcome.
    pub name: &'static str,
    /// What libyang does, and what it should do.
    pub why: &'static str,
    /// Whether a difference of the verdicts is of this kind: the document, our
    /// findings and libyang's.
    recognise: fn(&Value, &[String], &[Complaint]) -> bool,
}

/// The faults that are known.
pub const KNOWN: [Known; 2] = [
    Known {
        name: "space around a number",
        why: "it skips white space before and behind numbers, which RFC 7950 (§9.2.1, §9.3.1) \
              has no room for",
        recognise: spaced,
    },
    Known {
        name: "a node that is not there",
        why: "it evaluates the `when` of a container that the document does not have, on memory \
              that it has given back; the same document is sound, or crashes it, when it is asked \
              again",
        recognise: absent,
    },
];

/// libyang refuses the `when` of a node, and nothing in the document has its
/// name.
fn absent(document: &Value, ours: &[String], theirs: &[Complaint]) -> bool {
    let is_absent = |complaint: &Complaint| {
        let name = complaint.path.rsplit(['/', ':']).next().unwrap_or_default();
        complaint.message.starts_with("When condition") && !holds(document, name)
    };
    ours.is_empty() && !theirs.is_empty() && theirs.iter().all(is_absent)
}

/// Whether any mapping in a document has that key.
fn holds(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(members) => {
            let local = |key: &str| key.rsplit(':').next() == Some(name);
            let mut members = members.iter();
            members.any(|(key, value)| local(key) || holds(value, name))
        }
        Value::Array(items) => items.iter().any(|item| holds(item, name)),
        _ => false,
    }
}

/// All that we refuse are numbers with white space around them, which libyang
/// accepts.
fn spaced(document: &Value, ours: &[String], theirs: &[Complaint]) -> bool {
    let is_spaced = |path: &String| {
        let value = document.pointer(&format!("/{path}"));
        value.and_then(Value::as_str).is_some_and(|text| {
            let number = text.trim();
            number != text && number.parse::<f64>().is_ok()
        })
    };
    theirs.is_empty() && !ours.is_empty() && ours.iter().all(is_spaced)
}

/// The fault that a difference comes from.
pub fn recognise(
    document: &Value,
    ours: &[String],
    theirs: &[Complaint],
) -> Option<&'static Known> {
    KNOWN
        .iter()
        .find(|known| (known.recognise)(document, ours, theirs))
}
