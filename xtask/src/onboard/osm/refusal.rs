//! What the answers of the NBI mean. It stops at the first fault, names no line, and
//! in places answers with the name of a Python exception.

use std::fmt;

use reqwest::StatusCode;
use serde_json::Value;

use crate::oci::Secrets;

/// An answer of the NBI that is a refusal, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsmRefusal {
    /// The code.
    pub status: u16,
    /// OSM's own words (`detail`); empty where it has none.
    pub detail: String,
    /// What it means.
    pub means: &'static str,
    /// What to do about it; may be empty.
    pub advice: &'static str,
    /// The rule of `cargo nfv check` that speaks of the same.
    pub rule: Option<&'static str>,
    /// Whether what was asked for is not there.
    pub is_missing: bool,
    /// Whether there is a descriptor of that id already.
    pub is_duplicate: bool,
    /// Whether this is OSM's own answer, not that of a server between.
    pub is_own: bool,
}

impl std::error::Error for OsmRefusal {}

impl fmt::Display for OsmRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.words())?;
        if !self.advice.is_empty() {
            write!(f, "\n{}", self.advice)?;
        }
        Ok(())
    }
}

/// What is meant by an answer: words that stand in it, what they mean, the rule, and
/// what to do.
type Meaning = (&'static str, &'static str, &'static str, &'static str);

const IN_USE: &str = "it is in use, and more has changed than OSM lets change then";
const IN_USE_ADVICE: &str = "change `software-version` too, or only primitives of `day1-2`, scaling, healing, and \
     alarms and monitoring of VDUs; `cargo nfv diff` shows what OSM compares; or remove its \
     instances first";

/// The answers of version 19 of the NBI (`descriptor_topics.py`, `auth.py`), the more
/// special before the more general. Where there is no rule, the package is not at
/// fault.
const MEANINGS: [Meaning; 58] = [
    // The archive.
    (
        "All files must be inside a dir",
        "a file lies outside of the package's folder",
        "osm/archive-layout",
        "",
    ),
    (
        "Absolute path or '..' are not allowed for package descriptor zip",
        "a file has an absolute path, or `..` somewhere in it",
        "osm/dots",
        "",
    ),
    (
        "Absolute path or '..'",
        "a file has an absolute path, or one with `..`",
        "package/unsafe-member",
        "",
    ),
    (
        "Not found any descriptor file at package",
        "it finds no descriptor where it looks for one: right below the folder of a tar, at the top of a zip",
        "osm/archive-layout",
        "",
    ),
    (
        "Found more than one descriptor file at package descriptor zip",
        "beside the descriptor, at the top or below `Definitions`, stands another file in YAML or JSON",
        "osm/definitions",
        "",
    ),
    (
        "Found more than one descriptor file",
        "beside the descriptor stands another file in YAML or JSON, and it takes both for descriptors",
        "osm/root-yaml",
        "move the other file into a folder of the package",
    ),
    (
        "'str' object has no attribute 'read'",
        "it reads no descriptors in JSON from a package",
        "osm/json-descriptor",
        "write the descriptor in YAML",
    ),
    (
        "Invalid yaml format",
        "it can't read the descriptor as YAML",
        "yaml/syntax",
        "",
    ),
    (
        "invalid file content",
        "it can't unpack the package",
        "package/archive",
        "",
    ),
    // Every descriptor.
    (
        "Unsupported descriptor format",
        "the descriptor is written in the model before SOL006, which this release does not read",
        "osm/envelope",
        "",
    ),
    (
        "contained a key that did not exist",
        "its model has no such key",
        "schema/unknown-key",
        "",
    ),
    (
        "list index out of range",
        "there is no deployment flavour (`df`)",
        "osm/no-df",
        "",
    ),
    (
        "Error in pyangbind validation",
        "its model does not take the descriptor; where, it does not say",
        "schema/other",
        "another release has another model: `cargo nfv check --model osm@15` holds it against that of one",
    ),
    (
        "must be a dict",
        "the descriptor's first key holds something else than a descriptor",
        "osm/envelope",
        "",
    ),
    (
        "'vnfd' must be dict",
        "the descriptor's first key holds something else than a descriptor",
        "osm/envelope",
        "",
    ),
    (
        "must be a list of only one element",
        "it takes one service in a descriptor",
        "osm/one-descriptor",
        "",
    ),
    (
        "must be a list only one element",
        "it takes one slice in a descriptor",
        "osm/one-descriptor",
        "",
    ),
    (
        "is not unique and repeats at",
        "two items of a list have the same id",
        "osm/duplicate-id",
        "",
    ),
    // It compares what is in use, and falls where nothing has another value: where something
    // came, went, or is of another type.
    (
        "could not be processed with error: 'NoneType' object has no attribute 'keys'",
        IN_USE,
        "",
        IN_USE_ADVICE,
    ),
    (
        "could not be processed with error",
        "it is in use, and OSM can't compare it with what is there",
        "",
        "the log of the NBI has the reason; or remove its instances first",
    ),
    (
        "surrogates not allowed",
        "a text has an emoji, or another letter beyond U+FFFF, which it can't store",
        "osm/emoji",
        "",
    ),
    (
        "'int' object is not iterable",
        "a list that it goes through is a number",
        "osm/not-a-list",
        "",
    ),
    (
        "'str' object has no attribute 'get'",
        "a list that it goes through is a text",
        "osm/not-a-list",
        "",
    ),
    (
        "string indices must be integers",
        "a list that it goes through is a text",
        "osm/not-a-list",
        "",
    ),
    (
        "'NoneType' object",
        "something is null or missing that it reads without looking",
        "osm/null-item",
        "",
    ),
    (
        "quota",
        "the project may not have more of them",
        "",
        "remove some with `cargo nfv offboard`, or ask for a larger quota",
    ),
    // VNFDs.
    (
        "'mgmt-cp' is a mandatory field",
        "a VNFD with VDUs needs `mgmt-cp`",
        "osm/mgmt-cp",
        "",
    ),
    (
        "must match an existing ext-cpd",
        "`mgmt-cp` names no `ext-cpd`",
        "osm/mgmt-cp",
        "",
    ),
    (
        "is already used by other",
        "two connection points have the same id",
        "osm/duplicate-id",
        "",
    ),
    (
        "Cloud-init defined in",
        "the cloud-init file is not in the package",
        "osm/cloud-init-missing",
        "",
    ),
    (
        "Charm defined in",
        "there is no charm in the package",
        "osm/charm-missing",
        "",
    ),
    (
        "must match an existing",
        "a reference leads to nothing",
        "osm/dangling-reference",
        "",
    ),
    (
        "Duplicated",
        "two things have the same id",
        "osm/duplicate-id",
        "",
    ),
    (
        "not defined in vdu",
        "it names a VDU that is in no `instantiation-level`",
        "osm/dangling-reference",
        "",
    ),
    (
        "not defined in any monitoring-param",
        "it names no monitoring parameter",
        "osm/dangling-reference",
        "",
    ),
    (
        "'day1-2 configuration' not defined",
        "a scaling action needs the `day1-2` of the VNF",
        "osm/dangling-reference",
        "",
    ),
    (
        "does not match any day1-2",
        "a scaling action names no primitive of `day1-2`",
        "osm/dangling-reference",
        "",
    ),
    (
        "not defined in vnfd",
        "a VDU names a description that is not there",
        "osm/dangling-reference",
        "",
    ),
    (
        "helm-chart '",
        "it takes no chart of such a name",
        "osm/chart-name",
        "",
    ),
    // NSDs and NSTs.
    (
        "You cannot set a virtual-link-protocol-data",
        "the management network takes no `virtual-link-protocol-data`",
        "osm/mgmt-link-data",
        "",
    ),
    (
        "references a non existing ext-cpd",
        "the VNFD that is onboarded has no such connection point",
        "sol006/unknown-cpd",
        "",
    ),
    (
        "references a non existing vnfd",
        "a VNFD that the service needs is not onboarded",
        "sol006/unknown-descriptor",
        "onboard it first, or name it as well",
    ),
    (
        "references a non existing nsd",
        "an NSD that the slice needs is not onboarded",
        "sol006/unknown-descriptor",
        "onboard it first, or name it as well",
    ),
    (
        "Error at vnffgd",
        "a name in the forwarding graph leads to nothing",
        "osm/forwarding-graph",
        "",
    ),
    (
        "does not match any vnfd-id",
        "a `vnf-profile` names a VNFD that is not in the list of the service",
        "osm/dangling-reference",
        "",
    ),
    // What is there.
    (
        "already exists for this project",
        "a descriptor of that id is onboarded",
        "",
        "`--update` replaces it; `cargo nfv status` shows it",
    ),
    (
        "Error in validating new descriptor",
        IN_USE,
        "",
        IN_USE_ADVICE,
    ),
    (
        "There is at least one NS package referencing",
        "a service that is onboarded needs it",
        "",
        "remove the service first, or name it as well",
    ),
    (
        "There is at least one NetSlice Template referencing",
        "a slice that is onboarded needs it",
        "",
        "remove the slice first, or name it as well",
    ),
    (
        "There is at least one",
        "an instance of it is running",
        "",
        "terminate the instance first",
    ),
    (
        "there is at least one",
        "an instance of it is running",
        "",
        "terminate the instance first",
    ),
    // The way there.
    (
        "MD5 mismatch",
        "what arrived is not what was sent",
        "",
        "the file was changed meanwhile, or something between changes what is sent",
    ),
    (
        "SHA384 mismatch",
        "what arrived is not what was sent",
        "",
        "the file was changed meanwhile, or something between changes what is sent",
    ),
    (
        "Unsupported digest algorithm",
        "it does not know the digest that was sent along",
        "",
        "",
    ),
    (
        "invalid Content-Range",
        "it has another part of the package than the next one",
        "",
        "somebody else sends to the same place",
    ),
    (
        "Content-Range header",
        "a part of the package arrived incomplete",
        "",
        "",
    ),
    (
        "invalid Transaction-Id",
        "it has lost the part of the package that it had",
        "",
        "leave `--chunk-size` away",
    ),
    ("Not found any", "there is no such thing", "", ""),
];

/// Answers that are nothing but the name of a key that the NBI reads without looking
/// (`KeyError`).
const KEYS: [(&str, &str, &str); 6] = [
    (
        "'df'",
        "the descriptor is empty, or has no deployment flavour (`df`)",
        "osm/no-df",
    ),
    ("'id'", "the descriptor has no `id`", "osm/no-id"),
    (
        "'day1-2'",
        "`operate-vnf-op-config` has no `day1-2`",
        "osm/no-day12",
    ),
    (
        "'vnf-config-primitive-name-ref'",
        "a scaling action names no primitive",
        "osm/missing-reference",
    ),
    (
        "'vnfd-id'",
        "a `vnf-profile` names no VNFD",
        "osm/missing-reference",
    ),
    (
        "'nsd-ref'",
        "a `netslice-subnet` names no NSD",
        "osm/missing-reference",
    ),
];

impl OsmRefusal {
    /// What OSM itself has said.
    pub fn words(&self) -> String {
        let status = StatusCode::from_u16(self.status).ok();
        let reason = status.and_then(|status| status.canonical_reason());
        let mut words = format!("it answered {}", self.status);
        for (before, more) in [(" ", reason.unwrap_or_default()), (": ", &self.detail)] {
            if !more.is_empty() {
                words.push_str(before);
                words.push_str(more);
            }
        }
        words
    }

    /// Reads an answer that is none of success. No secret is left in it.
    pub(super) fn of(status: StatusCode, body: &[u8], secrets: &Secrets) -> Self {
        let (detail, is_own) = detail(body);
        let detail = shortened(&secrets.blank(&detail));
        let by_key = KEYS.iter().find(|(key, ..)| *key == detail);
        let by_key = by_key.map(|(_, means, rule)| (*means, *rule, ""));
        let by_words = || {
            let known = MEANINGS.iter().find(|(words, ..)| detail.contains(words));
            known.map(|(_, means, rule, advice)| (*means, *rule, *advice))
        };
        let known = by_key.or_else(by_words).filter(|_| is_own);
        let (means, rule, advice) = known.unwrap_or_else(|| by_status(status.as_u16(), is_own));
        OsmRefusal {
            status: status.as_u16(),
            is_missing: is_own && status == StatusCode::NOT_FOUND,
            is_duplicate: is_own
                && status == StatusCode::CONFLICT
                && detail.contains("already exists for this project"),
            detail,
            means,
            advice,
            rule: Some(rule).filter(|rule| !rule.is_empty()),
            is_own,
        }
    }

    /// Whether the same may succeed later: nothing is wrong with the package, and
    /// OSM, or something between, was too busy or is not there.
    pub fn is_transient(&self) -> bool {
        let is_damaged = self.detail.contains("MD5 mismatch") || self.detail.contains("SHA384");
        let is_later = matches!(self.status, 408 | 425 | 429 | 502 | 503 | 504);
        is_damaged || is_later || (self.status == 500 && !self.is_own)
    }

    /// Whether OSM may have done what it was asked to in spite of this answer: it is
    /// that of somebody between, or of an NBI that fell.
    pub(super) fn is_unclear(&self) -> bool {
        !self.is_own && matches!(self.status, 408 | 500 | 502 | 503 | 504)
    }
}

/// What a code means by itself.
fn by_status(status: u16, is_own: bool) -> (&'static str, &'static str, &'static str) {
    match status {
        413 => (
            "something between takes no request that large",
            "",
            "`--chunk-size` (in MiB) sends the package in pieces, or in smaller ones",
        ),
        404 => ("there is no such thing", "", ""),
        409 => ("what is there is in its way", "", ""),
        400 | 422 if is_own => (
            "it does not take the descriptor",
            "",
            "`cargo nfv check` finds nothing wrong with it; the log of the NBI has the reason in full",
        ),
        429 => ("it takes no more requests for some time", "", ""),
        502..=504 => (
            "something between does not reach it",
            "",
            "this is no fault of the package; run the command again later",
        ),
        500 => (
            "it fell over the request",
            "",
            "the log of the NBI has the reason",
        ),
        _ => ("it does not say why", "", "the log of the NBI may"),
    }
}

/// What an answer says, and whether it is in the form of the NBI:
/// `{"code", "status", "detail"}`.
fn detail(body: &[u8]) -> (String, bool) {
    let document: Value = serde_json::from_slice(body).unwrap_or_default();
    match document["detail"].as_str() {
        Some(detail) => (detail.trim().to_owned(), document["code"].is_string()),
        None => (String::new(), false),
    }
}

/// Of a long text, what comes first: a class of pyangbind's shows all that is in it.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 500;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What an answer says, for errors that have no room for more, behind a colon.
pub(super) fn said(body: &[u8], secrets: &Secrets) -> String {
    let (detail, _) = detail(body);
    let detail = shortened(&secrets.blank(&detail));
    match detail.is_empty() {
        true => detail,
        false => format!(": {detail}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    fn of(status: u16, detail: &str) -> OsmRefusal {
        let body = serde_json::json!({ "code": "X", "status": status, "detail": detail });
        let status = StatusCode::from_u16(status).expect("a status");
        OsmRefusal::of(status, body.to_string().as_bytes(), &Secrets::default())
    }

    #[test]
    fn every_rule_is_one() {
        let named = MEANINGS.iter().map(|(_, _, rule, _)| *rule);
        let named = named.chain(KEYS.iter().map(|(.., rule)| *rule));
        for rule in named.filter(|rule| !rule.is_empty()) {
            assert!(rules::find(rule).is_some(), "{rule}");
        }
    }

    #[test]
    fn no_meaning_is_hidden_by_one_before_it() {
        for (i, (words, ..)) in MEANINGS.iter().enumerate() {
            let before = MEANINGS[..i]
                .iter()
                .find(|(other, ..)| words.contains(other));
            assert_eq!(before, None, "{words}");
        }
    }

    #[test]
    fn opaque_answers_are_told() {
        for (status, detail, rule) in [
            (400, "'df'", "osm/no-df"),
            (
                400,
                "'str' object has no attribute 'read'",
                "osm/json-descriptor",
            ),
            (
                422,
                "Error in pyangbind validation: JSON object contained a key that did not exist (foo)",
                "schema/unknown-key",
            ),
            (
                422,
                "Error in pyangbind validation: List specified that did not exist",
                "schema/other",
            ),
            (
                409,
                "Descriptor error at 'vnfd-id'='a' references a non existing vnfd",
                "sol006/unknown-descriptor",
            ),
            (
                422,
                "Error at df[id='d']:vnf_profile[id='1']:vnfd-id='x' does not match any vnfd-id",
                "osm/dangling-reference",
            ),
        ] {
            assert_eq!(of(status, detail).rule, Some(rule), "{detail}");
        }
        let in_use = of(
            400,
            "VNF Descriptor could not be processed with error: 'NoneType' object has no attribute 'keys'.",
        );
        assert_eq!((in_use.rule, in_use.means), (None, IN_USE));
        assert!(of(409, "vnfd with id 'a' already exists for this project").is_duplicate);
        assert!(of(404, "Not found any vnfd with id='a'").is_missing);
        assert!(of(409, "Error, MD5 mismatch").is_transient());
        assert!(!of(500, "'NoneType' object is not iterable").is_unclear());
    }

    #[test]
    fn what_is_not_osms_is_told_apart_and_no_secret_is_left() {
        let secrets = Secrets::default();
        secrets.note("swordfish");
        let page = OsmRefusal::of(StatusCode::BAD_GATEWAY, b"<html>'df'</html>", &secrets);
        assert!(page.is_unclear() && page.rule.is_none() && page.detail.is_empty());
        let body = br#"{"code":"X","status":400,"detail":"you sent swordfish"}"#;
        let echo = OsmRefusal::of(StatusCode::BAD_REQUEST, body, &secrets);
        assert!(!echo.to_string().contains("swordfish"), "{echo}");
        let long = of(422, &"ä".repeat(5000));
        assert!(long.detail.chars().count() < 600);
    }
}
