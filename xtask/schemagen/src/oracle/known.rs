//! Faults of libyang by name: where its verdict differs from what the modules
//! and RFC 7950 say. Each has a recogniser that takes in as little as it can.

use serde_json::Value;

use super::tally;
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
        why: "it evaluates the `when` of a container that the document does not have, or not \
              there, on memory that it has given back; it says so of a node of that name with \
              nothing around it, and the same document is sound, or crashes it, when it is asked \
              again",
        recognise: absent,
    },
];

/// libyang refuses the `when` of a node that the document does not have: nothing
/// in it has its name, or its path does not begin where the document does.
///
/// libyang makes empty containers wherever the model has one without a meaning
/// of its own, takes out those whose `when` does not hold, with what is below
/// them, and then looks at what was below. A node that has been taken out has
/// nothing around it, which shows in its path: `/m:l3-address-data`, though the
/// model has no such node at the top. A node that the document has, and whose
/// `when` does not hold, is always named with all that is around it:
/// `/m:nfv/nsd[id='a']/sapd[id='b']/…/l3-address-data`.
fn absent(document: &Value, ours: &[String], theirs: &[Complaint]) -> bool {
    let is_absent = |complaint: &Complaint| {
        let path = tally::plain(&complaint.path);
        let (first, last) = match (path.split('/').next(), path.rsplit('/').next()) {
            (Some(first), Some(last)) => (first, last),
            _ => return false,
        };
        let begins = document
            .as_object()
            .is_some_and(|members| members.keys().any(|key| local(key) == first));
        complaint.message.starts_with("When condition") && (!begins || !holds(document, last))
    };
    ours.is_empty() && !theirs.is_empty() && theirs.iter().all(is_absent)
}

/// A key without the name of its module.
fn local(key: &str) -> &str {
    key.rsplit(':').next().unwrap_or(key)
}

/// Whether any mapping in a document has that key.
fn holds(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(members) => {
            let mut members = members.iter();
            members.any(|(key, value)| local(key) == name || holds(value, name))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A `when` that is refused at a path; we have nothing to say.
    fn is_known(document: &Value, path: &str) -> bool {
        let complaint = Complaint {
            path: path.to_owned(),
            message: "When condition \"../type='ip-address'\" not satisfied.".to_owned(),
        };
        recognise(document, &[], &[complaint]).is_some()
    }

    #[test]
    fn a_node_with_nothing_around_it_is_not_there() {
        let address = json!({"type": "ip-address", "l3-address-data": {"number": "1"}});
        let document = json!({"nfv": {"nsd": [{"id": "a", "address-data": address}]}});
        assert!(is_known(&document, "/etsi-nfv-descriptors:l3-address-data"));
        assert!(is_known(&document, "/m:nfv/nsd[id='a']/file-storage-data"));
        // What the document has is no fault of libyang's, whatever we say.
        let path = "/etsi-nfv-descriptors:nfv/nsd[id='a']/address-data/l3-address-data";
        assert!(!is_known(&document, path));
        let with_prefix = json!({"m:nfv": document["nfv"]});
        assert!(!is_known(&with_prefix, path));
    }

    #[test]
    fn only_what_we_accept_is_a_fault_of_libyang() {
        let document = json!({"nfv": {}});
        let complaint = |message: &str| Complaint {
            path: "/m:x".to_owned(),
            message: message.to_owned(),
        };
        let when = || complaint("When condition \"a\" not satisfied.");
        assert!(recognise(&document, &["nfv".to_owned()], &[when()]).is_none());
        let others = [
            when(),
            complaint("Mandatory node \"x\" instance does not exist."),
        ];
        assert!(recognise(&document, &[], &others).is_none());
    }
}
