//! What hangs on an artifact, as `inspect --referrers` shows it.

use serde_json::{Value, json};

use crate::oci::media_type;
use crate::ops::{ClaimedSigner, Content, Referrer};
use crate::report::clean_line;

/// How much of a digest tells it from others on one screen.
const SHORT: usize = 12;

/// A list for programs.
pub(super) fn in_json(referrers: &[Referrer]) -> Value {
    referrers.iter().map(one_in_json).collect()
}

fn one_in_json(referrer: &Referrer) -> Value {
    let descriptor = &referrer.descriptor;
    let mut line = json!({
        "digest": descriptor.digest,
        "artifact_type": descriptor.artifact_type,
        "size": descriptor.size,
        "annotations": descriptor.annotations,
        "contents": referrer.contents.iter().map(content_in_json).collect::<Vec<Value>>(),
        "referrers": in_json(&referrer.referrers),
    });
    if let Some(tag) = &referrer.tag {
        line["tag"] = json!(tag);
    }
    if !referrer.otherwise.is_empty() {
        line["listed_otherwise"] = json!(referrer.otherwise);
    }
    if let Some(fault) = &referrer.fault {
        line["fault"] = json!(fault.reason);
        line["damaged"] = json!(fault.is_damage);
    }
    line
}

fn content_in_json(content: &Content) -> Value {
    let signer = content.signer.as_ref();
    let signer = signer.map(|one| json!({ "subject": one.subject, "key": key(one) }));
    json!({
        "digest": content.digest,
        "media_type": content.media_type,
        "title": content.title,
        "signature": content.is_signature,
        "predicate_type": content.predicate_type,
        "kinds": content.kinds,
        "claimed_signer": signer,
        "fault": content.fault,
    })
}

fn key(signer: &ClaimedSigner) -> Option<String> {
    signer.key.as_ref().map(|key| format!("sha256:{key}"))
}

/// Branches as `tree` and `oras discover` draw them. What there is to say of the one thing in
/// a manifest stands in its line, and of several below it.
pub(super) fn for_people(referrers: &[Referrer]) -> String {
    let mut text = String::new();
    tree(referrers, "", &mut text);
    text
}

fn tree(referrers: &[Referrer], indent: &str, text: &mut String) {
    for (i, referrer) in referrers.iter().enumerate() {
        let is_last = i + 1 == referrers.len();
        let (branch, below) = match is_last {
            true => ("└── ", "    "),
            false => ("├── ", "│   "),
        };
        let descriptor = &referrer.descriptor;
        let kind = match (&descriptor.artifact_type, &referrer.tag) {
            (Some(kind), Some(tag)) => format!("{kind} (tag {tag})"),
            (None, Some(tag)) => format!("tag {tag}"),
            (Some(kind), None) => kind.clone(),
            (None, None) => "unknown".to_owned(),
        };
        let (kind, digest) = (clean_line(&kind), clean_line(&descriptor.digest));
        text.push_str(&format!("{indent}{branch}{kind}  {digest}"));
        if let Some(fault) = &referrer.fault {
            let what = match fault.is_damage {
                true => "damaged",
                false => "unreadable",
            };
            text.push_str(&format!("  {what}: {}", clean_line(&fault.reason)));
            if fault.may_be_another {
                text.push_str("; it can't be told what it refers to");
            }
        }
        let of_several = match referrer.contents.as_slice() {
            [only] => {
                if let Some(words) = words(only) {
                    text.push_str(&format!("  {words}"));
                }
                &[]
            }
            several => several,
        };
        text.push('\n');
        let indent = format!("{indent}{below}");
        for what in &referrer.otherwise {
            text.push_str(&format!(
                "{indent}  listed otherwise: {}\n",
                clean_line(what)
            ));
        }
        // A line that leads on to what hangs on this in turn.
        let trunk = match referrer.referrers.is_empty() {
            true => "  ",
            false => "│ ",
        };
        for content in of_several {
            let words = words(content).unwrap_or_else(|| clean_line(&content.media_type));
            let digest = short(&content.digest);
            text.push_str(&format!("{indent}{trunk}{digest}  {words}\n"));
        }
        tree(&referrer.referrers, &indent, text);
    }
}

/// What a thing is, in a few words; `None` where it says nothing.
fn words(content: &Content) -> Option<String> {
    let mut words = String::new();
    if let Some(title) = &content.title {
        words.push_str(&clean_line(title));
    }
    let mut kinds = content.kinds.join(" and ");
    match (&content.predicate_type, content.is_signature) {
        (_, true) => kinds = "signature".to_owned(),
        (Some(kind), false) => {
            let what = match content.media_type == media_type::IN_TOTO {
                true => "attestation that nobody has signed,",
                false => "attestation",
            };
            kinds = match kinds.is_empty() {
                true => format!("{what} {}", clean_line(kind)),
                false => format!("{what} {kinds} ({})", clean_line(kind)),
            }
        }
        (None, false) => {}
    }
    if let Some(signer) = &content.signer {
        // A name that is empty says nothing, as those of Fulcio's certificates do.
        let subject = signer.subject.as_deref().filter(|name| !name.is_empty());
        let whom = match (subject, &signer.key) {
            (Some(subject), _) => format!("`{}`", clean_line(subject)),
            (None, Some(key)) => format!("key {}", short(key)),
            (None, None) => "somebody without a name".to_owned(),
        };
        // Nothing is verified here.
        kinds = format!("{kinds} naming {whom}");
    }
    if let Some(fault) = &content.fault {
        let fault = format!("unreadable: {}", clean_line(fault));
        kinds = [kinds, fault]
            .join(", ")
            .trim_start_matches(", ")
            .to_owned();
    }
    match (words.is_empty(), kinds.is_empty()) {
        (true, true) => None,
        (true, false) => Some(kinds),
        (false, true) => Some(words),
        (false, false) => Some(format!("{words} ({kinds})")),
    }
}

/// The beginning of a digest.
fn short(digest: &str) -> String {
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
    clean_line(&hex.chars().take(SHORT).collect::<String>())
}
