//! Who has signed an artifact, in words and in JSON.

use serde_json::{Value, json};

use crate::json;
use crate::ops::{ArtifactSignedBy, VerifiedArtifact};
use crate::report::clean;

/// The artifact, and below it who has signed it; where nobody has who is
/// trusted, why nothing that was found counts.
pub(super) fn for_people(verified: &VerifiedArtifact) -> String {
    let mut lines: Vec<String> = verified.signed.iter().map(signed_by).collect();
    if !verified.is_trusted() {
        let refused = verified.refused.iter();
        lines.extend(refused.map(|why| format!("not trusted: {why}")));
    }
    let mut text = format!("{}\n", clean(&verified.reference));
    for line in lines {
        text.push_str(&format!("  {}\n", clean(&line)));
    }
    text
}

fn signed_by(by: &ArtifactSignedBy) -> String {
    let (form, key) = (by.form.id(), &by.key);
    match &by.certificate {
        Some(certificate) => format!("{form}: signed by `{}`, key {key}", certificate.subject),
        None => format!("{form}: signed with key {key}"),
    }
}

/// One object in a line.
pub(super) fn in_json(verified: &VerifiedArtifact) -> String {
    let one = |by: &ArtifactSignedBy| {
        let certificate = by.certificate.as_ref();
        json!({
            "form": by.form.id(),
            "key": format!("sha256:{}", by.key),
            "subject": certificate.map(|one| &one.subject),
            "issuer": certificate.map(|one| &one.issuer),
            "certificate": certificate.map(|one| format!("sha256:{}", one.certificate)),
        })
    };
    let signers: Vec<Value> = verified.signed.iter().map(one).collect();
    let line = json!({
        "reason": "artifact-verified",
        "reference": verified.reference,
        "digest": verified.digest,
        "trusted": verified.is_trusted(),
        "signers": signers,
        "refused": verified.refused,
    });
    json::line(line)
}
