//! Who has said what about an artifact, in words and in JSON.

use serde_json::{Value, json};

use super::trust;
use crate::json;
use crate::ops::{ArtifactSignedBy, Condition, VerifiedArtifact};
use crate::report::{PackageLine, clean};

/// The artifact, and below it who has signed and attested; what is not met is a
/// finding.
pub(super) fn for_people(verified: &VerifiedArtifact) -> String {
    let mut text = format!("{}\n", clean(&verified.reference));
    for condition in &verified.conditions {
        for line in lines(condition) {
            text.push_str(&format!("  {}\n", clean(&line)));
        }
    }
    text
}

/// Who has signed or attested, a line each; then what is there beside it and does not
/// count, because the one form of a signature may have been changed while the other holds.
pub(super) fn lines(condition: &Condition) -> Vec<String> {
    if !condition.is_asked {
        let why = condition.refused.join("; ");
        return vec![format!("not asked: {}; {why}", condition.wanted)];
    }
    let by = condition.by.iter().map(|by| signed_by(condition, by));
    let refused = condition.refused.iter().filter(|_| condition.is_met);
    let refused = refused.map(|why| format!("does not count: {why}"));
    by.chain(refused).collect()
}

fn signed_by(condition: &Condition, by: &ArtifactSignedBy) -> String {
    let (form, key) = (by.form.id(), &by.key);
    let what = match &condition.attestation {
        Some(kind) => format!("`{kind}` attested"),
        None => "signed".to_owned(),
    };
    match &by.certificate {
        Some(certificate) => format!("{form}: {what} {}", trust::by(certificate)),
        None => format!("{form}: {what} with key {key}"),
    }
}

/// The artifact as reports name it.
pub(super) fn line(verified: &VerifiedArtifact) -> PackageLine {
    PackageLine {
        name: verified.reference.clone(),
        path: verified.reference.clone(),
        ..PackageLine::default()
    }
}

/// One object in a line.
pub(super) fn in_json(verified: &VerifiedArtifact) -> String {
    let conditions = verified.conditions.iter().map(condition);
    json::line(json!({
        "reason": "artifact-verified",
        "reference": verified.reference,
        "digest": verified.digest,
        "trusted": verified.is_trusted(),
        "own_name": verified.renamed.as_ref().map(|other| &other.own),
        "conditions": conditions.collect::<Vec<Value>>(),
    }))
}

/// What is wanted, and what was found.
pub(super) fn condition(condition: &Condition) -> Value {
    json!({
        "wanted": condition.wanted,
        "attestation": condition.attestation,
        "asked": condition.is_asked,
        "met": condition.is_met,
        "signers": condition.by.iter().map(signer).collect::<Vec<Value>>(),
        "refused": condition.refused,
    })
}

fn signer(by: &ArtifactSignedBy) -> Value {
    let certificate = by.certificate.as_ref();
    json!({
        "form": by.form.id(),
        "key": format!("sha256:{}", by.key),
        "subject": certificate.map(|one| &one.subject),
        "issuer": certificate.map(|one| &one.issuer),
        "certificate": certificate.map(|one| format!("sha256:{}", one.certificate)),
        "certified": certificate.map(|one| one.is_certified),
        "valid": certificate.map(|one| one.is_valid),
    })
}
