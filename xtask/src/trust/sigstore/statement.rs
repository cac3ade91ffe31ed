//! in-toto statements: what somebody says of artifacts.

use serde_json::{Value, json};

use super::SigstoreError;
use crate::json;
use crate::time::parse_rfc3339;

/// The media type of a statement, and its type in an envelope.
pub const STATEMENT_TYPE: &str = "application/vnd.in-toto+json";

const V1: &str = "https://in-toto.io/Statement/v1";
/// Before version 1; the fields that are read here are the same.
const V0_1: &str = "https://in-toto.io/Statement/v0.1";
const WHAT: &str = "the statement";

/// A statement (in-toto Attestation Framework, Statement v1): a predicate, and
/// the artifacts that it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What it is about.
    pub subjects: Vec<Subject>,
    /// What kind of thing is said, as a URI.
    pub predicate_type: String,
    /// What is said.
    pub predicate: Value,
}

/// What a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its name; empty where it has none.
    pub name: String,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

impl Subject {
    /// The manifest with that digest (`sha256:…`), under a name that may be empty.
    pub fn of_digest(name: &str, digest: &str) -> Self {
        Subject {
            name: name.to_owned(),
            sha256: digest.trim_start_matches("sha256:").to_owned(),
        }
    }
}

impl Statement {
    /// The JSON text: the same statement gives the same bytes.
    pub fn to_json(&self) -> String {
        let subject = |one: &Subject| {
            let mut subject = json!({ "digest": { "sha256": one.sha256 } });
            if !one.name.is_empty() {
                subject["name"] = json!(one.name);
            }
            subject
        };
        json::compact(json!({
            "_type": V1,
            "subject": self.subjects.iter().map(subject).collect::<Vec<Value>>(),
            "predicateType": self.predicate_type,
            "predicate": self.predicate,
        }))
    }

    /// Reads one. A subject without a SHA-256 is passed over.
    ///
    /// # Errors
    ///
    /// It is not JSON, or no statement of a version that is known.
    pub fn parse(json: &[u8]) -> Result<Self, SigstoreError> {
        let mut statement: Value =
            serde_json::from_slice(json).map_err(|error| SigstoreError::Json(WHAT, error))?;
        let version = statement["_type"].as_str().unwrap_or_default();
        if ![V1, V0_1].contains(&version) {
            return Err(SigstoreError::Field(WHAT, "_type"));
        }
        let subjects = statement["subject"].as_array();
        let subjects = subjects.ok_or(SigstoreError::Field(WHAT, "subject"))?;
        let subjects = subjects.iter().filter_map(|subject| {
            Some(Subject {
                name: subject["name"].as_str().unwrap_or_default().to_owned(),
                sha256: subject["digest"]["sha256"].as_str()?.to_owned(),
            })
        });
        let subjects = subjects.collect();
        let kind = statement["predicateType"].as_str();
        let predicate_type = kind.ok_or(SigstoreError::Field(WHAT, "predicateType"))?;
        Ok(Statement {
            subjects,
            predicate_type: predicate_type.to_owned(),
            predicate: statement["predicate"].take(),
        })
    }

    /// From when it says that it is, in seconds since 1970: the end of a build or
    /// a scan where there is one, and its beginning otherwise. The fields are
    /// those of SLSA provenance v1, cosign's vulnerability and custom predicates,
    /// SPDX 2.3, CycloneDX and OpenVEX.
    pub fn time(&self) -> Option<i64> {
        const FIELDS: [&str; 9] = [
            "/runDetails/metadata/finishedOn",
            "/runDetails/metadata/startedOn",
            "/metadata/scanFinishedOn",
            "/metadata/scanStartedOn",
            "/creationInfo/created",
            "/metadata/timestamp",
            "/last_updated",
            "/timestamp",
            "/Timestamp",
        ];
        FIELDS.iter().find_map(|field| {
            let text = self.predicate.pointer(field)?.as_str()?;
            parse_rfc3339(text)
        })
    }

    /// Whether it is about the manifest with that digest (`sha256:…`).
    pub fn is_about(&self, digest: &str) -> bool {
        let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
        self.subjects.iter().any(|subject| subject.sha256 == hex)
    }
}
