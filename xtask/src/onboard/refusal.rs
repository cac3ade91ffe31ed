//! What the answers of the Store mean. Its codes mislead: a fault in the package
//! looks like one of the server or of a gateway, and the reverse.
//!
//! The issues are those of the Store's source; they stand in its log and never in
//! an answer, so they are known by the message. Where there is none, by the code.

use std::fmt;

use reqwest::StatusCode;
use serde_json::Value;

use super::record::Shelf;

/// An answer of the Store that is a refusal, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code.
    pub status: u16,
    /// The Store's own words; empty where it has none.
    pub message: String,
    /// Its name for the issue, where the message tells.
    pub issue: Option<&'static str>,
    /// What it means.
    pub means: &'static str,
    /// What to do about it.
    pub advice: &'static str,
    /// Whether the same package may be taken later.
    pub is_transient: bool,
    /// Whether it has a record of that id or name already.
    pub is_taken: bool,
    /// Whether this is the Store's own answer, not that of a server between.
    pub is_own: bool,
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it answered {}", self.status)?;
        let status = StatusCode::from_u16(self.status).ok();
        if let Some(reason) = status.and_then(|status| status.canonical_reason()) {
            write!(f, " {reason}")?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        if let Some(issue) = self.issue {
            write!(f, " ({issue})")?;
        }
        write!(f, "\n{}", self.advice)
    }
}

/// What is meant by an answer.
#[derive(Clone, Copy)]
struct Meaning {
    means: &'static str,
    advice: &'static str,
    is_transient: bool,
}

const fn fault(means: &'static str, advice: &'static str) -> Meaning {
    Meaning {
        means,
        advice,
        is_transient: false,
    }
}

const fn later(means: &'static str, advice: &'static str) -> Meaning {
    Meaning {
        means,
        advice,
        is_transient: true,
    }
}

/// For packages in which this program finds nothing wrong.
const LOG: &str = "`cargo nfv verify` finds nothing wrong with it: look into the Store's log, where \
                   the issue stands in full";
/// Behind what the Store looks at last.
const ORPHAN: &str = "the orchestrator has the package all the same, because the Store looks at this \
                      last: remove it there before you try again";

const NOT_TAR_GZ: Meaning = fault("to it, the package is no gzip-compressed tar", LOG);
const NOT_SHIELD: Meaning = fault("it found no `manifest.yaml` at the top of the package", LOG);
const WRONG_KEY: Meaning = fault("to it, the manifest is one of another kind of package", LOG);
const WRONG_INNER: Meaning = fault(
    "it can't read the package inside as a gzip-compressed tar",
    LOG,
);
const NO_DESCRIPTOR: Meaning = fault(
    "it did not find the descriptor where the manifest places it",
    LOG,
);
const BAD_DESCRIPTOR: Meaning = fault("it can't read the descriptor as YAML", LOG);
const INVALID: Meaning = fault(
    "its validator found errors in the descriptor",
    "the report is at `/validation` of the Store, if it keeps one",
);
const NO_FUNCTION: Meaning = fault(
    "a function of the service is not there any more",
    "somebody has removed it meanwhile; run the command again with its package",
);
const NOT_ONBOARDED: Meaning = fault(
    "the orchestrator refuses the package inside",
    "it is there already, needs something that is not, or is one that this release of OSM can't \
     read: the orchestrator's log says which",
);
const UNREACHABLE: Meaning = later(
    "it does not reach its orchestrator",
    "this is no fault of the package; run the command again when the orchestrator is there",
);
const NO_FIELD: Meaning = fault(
    "it did not find the package in what was sent",
    "something between has changed the request",
);

/// The messages of the Store, with its names for the issue: of functions, of
/// services. The spelling is its own.
const MESSAGES: [(&str, [&str; 2], Meaning); 15] = [
    (
        "Missing or wrong field in POST. 'package' should be used as the field name",
        ["PACKAGE_MISSING"; 2],
        NO_FIELD,
    ),
    ("No package provided", ["MISSING_PACKAGE"; 2], NO_FIELD),
    (
        "Package is not a valid .tar.gz file",
        ["PKG_NOT_TARGZ"; 2],
        NOT_TAR_GZ,
    ),
    (
        "Package does not comply with the SHIELD format",
        ["PKG_NOT_SHIELD"; 2],
        NOT_SHIELD,
    ),
    (
        "Manifest is not for a vNSF",
        ["MANIFEST_NOT_VNSF"; 2],
        WRONG_KEY,
    ),
    (
        "Manifest is not for a Network Service",
        ["MANIFEST_NOT_NS"; 2],
        WRONG_KEY,
    ),
    (
        "Package does not comply with the vNSFO format",
        ["VNSFPKG_NOT_VNSFO", "NSPKG_NOT_VNSFO"],
        WRONG_INNER,
    ),
    (
        "vNSF Descriptor not found where manifest.yaml places it",
        ["PKG_MISSING_VNFD", "PKG_MISSING_NS_FOLDER"],
        NO_DESCRIPTOR,
    ),
    (
        "Network Service Descriptor not found where manifest.yaml places it",
        ["PKG_MISSING_NSD"; 2],
        NO_DESCRIPTOR,
    ),
    (
        "Can not read vNSF descriptor",
        ["VNFD_FORMAT_INVALID"; 2],
        BAD_DESCRIPTOR,
    ),
    (
        "Can not read NS descriptor",
        ["NSD_FORMAT_INVALID"; 2],
        BAD_DESCRIPTOR,
    ),
    ("Error validating", ["VALIDATION_ERROR"; 2], INVALID),
    (
        "NS Dependency not available",
        ["MISSING_VNSF_DEPENDENCY"; 2],
        NO_FUNCTION,
    ),
    (
        "Can not onboard the package into the vNFSO",
        ["ONBOARDING_ISSUE"; 2],
        NOT_ONBOARDED,
    ),
    (
        "Can not reach the Orchestrator",
        ["VNSFO_UNREACHABLE"; 2],
        UNREACHABLE,
    ),
];

/// What a code means by itself.
fn by_status(shelf: Shelf, status: u16) -> Meaning {
    match (status, shelf) {
        (406, _) => fault(
            "to it, the package lacks the manifest, or the manifest leads to no descriptor",
            LOG,
        ),
        (412, _) => NOT_TAR_GZ,
        // What is between the orchestrator and the Store answers so for whatever
        // the orchestrator says.
        (418, _) => NOT_ONBOARDED,
        (422, _) => fault("it can't read the descriptor, or misses a function", LOG),
        (428, _) | (502, Shelf::Nss) => fault(
            "the package inside is not what it wants, or the orchestrator refuses it or is away",
            "the code says no more; the Store's log does",
        ),
        (413, _) => fault(
            "the package is too large for something in front of it",
            "that limit has to be raised there",
        ),
        (500, _) => fault(
            "it stumbled over something that it did not expect",
            "often it is a field or a file that the manifest names; what, stands in the Store's \
             log. The orchestrator may have the package all the same",
        ),
        (408 | 425 | 429 | 502 | 503 | 504, _) => later(
            "something in front of it did not let the package through",
            "run the command again later",
        ),
        _ => fault("its answer is one that no Store is known to give", LOG),
    }
}

impl Refusal {
    /// Reads an answer.
    pub(super) fn of(shelf: Shelf, status: StatusCode, body: &[u8]) -> Self {
        let document: Value = serde_json::from_slice(body).unwrap_or_default();
        let message = document["_error"]["message"].as_str().unwrap_or_default();
        let status = status.as_u16();
        let is_own = document["_error"].is_object() || document["_issues"].is_object();
        let mut is_taken = false;
        let known = MESSAGES.iter().find(|(own, ..)| message.starts_with(own));
        let (issue, meaning, message) = match (known, document["_issues"].as_object()) {
            (Some((_, issues, meaning)), _) => {
                let issue = issues[usize::from(shelf == Shelf::Nss)];
                (Some(issue), *meaning, message.to_owned())
            }
            (None, Some(issues)) => {
                let issues = crate::json::compact(Value::Object(issues.clone()));
                is_taken = issues.contains("is not unique");
                let meaning = match is_taken {
                    true => fault("it has another record of that id or name", ORPHAN),
                    false => fault("its model refuses fields of the manifest", ORPHAN),
                };
                (None, meaning, issues)
            }
            (None, None) => (None, by_status(shelf, status), message.to_owned()),
        };
        let message = match document["validation"].as_str() {
            Some(report) => format!("{message}; `/validation/{report}` has the report"),
            None => message,
        };
        Refusal {
            status,
            message: short(message),
            issue,
            means: meaning.means,
            advice: meaning.advice,
            is_transient: meaning.is_transient,
            is_taken,
            is_own,
        }
    }
}

fn short(mut text: String) -> String {
    const LONGEST: usize = 300;
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(shelf: Shelf, status: u16, body: &Value) -> Refusal {
        let status = StatusCode::from_u16(status).expect("a code");
        Refusal::of(shelf, status, body.to_string().as_bytes())
    }

    #[test]
    fn one_message_is_one_issue_under_any_code() {
        let body = json!({
            "_status": "ERR",
            "_error": {"code": 502, "message": "Package does not comply with the vNSFO format"},
        });
        let service = refusal(Shelf::Nss, 502, &body);
        assert_eq!(service.issue, Some("NSPKG_NOT_VNSFO"));
        let function = refusal(Shelf::Vnsfs, 428, &body);
        assert_eq!(function.issue, Some("VNSFPKG_NOT_VNSFO"));
        assert_eq!(service.means, function.means);
        assert!(service.is_own && !service.is_transient);
    }

    #[test]
    fn an_orchestrator_that_is_away_is_no_fault_of_the_package() {
        let message = "Can not reach the Orchestrator";
        let body = json!({"_error": {"code": 428, "message": message}});
        let away = refusal(Shelf::Vnsfs, 428, &body);
        assert!(away.is_transient);
        let shown = "it answered 428 Precondition Required: Can not reach the Orchestrator \
                     (VNSFO_UNREACHABLE)\n";
        assert!(away.to_string().starts_with(shown), "{away}");
    }

    #[test]
    fn what_the_model_refuses_leaves_something_in_the_orchestrator() {
        let body = json!({
            "_status": "ERR",
            "_issues": {"manifest": {"manifest:ns": [{"type": ["unallowed value OSM"]}]}},
            "_error": {"code": 422, "message": "Insertion failure: 1 document(s) contain(s) error(s)"},
        });
        let refused = refusal(Shelf::Nss, 422, &body);
        assert!(refused.means.contains("model refuses"));
        assert!(refused.advice.contains("remove it there"));
        assert!(refused.message.contains("unallowed value OSM"));
        let body = json!({"_issues": {"ns_id": "value 'a' is not unique"}});
        let there = refusal(Shelf::Nss, 422, &body);
        assert!(there.means.contains("another record"));
    }

    #[test]
    fn answers_without_a_document_are_told_by_their_code() {
        for (status, words, is_transient) in [
            (406, "manifest", false),
            (412, "gzip", false),
            (413, "too large", false),
            (418, "orchestrator refuses", false),
            (422, "descriptor", false),
            (428, "orchestrator", false),
            (500, "stumbled", false),
            (502, "package inside", false),
            (503, "in front", true),
            (504, "in front", true),
            (402, "no Store is known", false),
        ] {
            let status = StatusCode::from_u16(status).expect("a code");
            let refusal = Refusal::of(Shelf::Nss, status, b"<html>");
            assert!(refusal.means.contains(words), "{refusal:?}");
            assert_eq!(refusal.is_transient, is_transient, "{refusal:?}");
            assert!(!refusal.is_own && refusal.message.is_empty());
        }
    }
}
