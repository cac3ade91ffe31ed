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
pub const KNOWN: [Known; 0] = [];

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
