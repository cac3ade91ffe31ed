//! Sigstore bundles v0.3 with an in-toto statement in a DSSE envelope, and
//! without an entry of a transparency log.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    ArtifactSignature, ArtifactSigner, SIGN_PREDICATE, SignatureForm, SigstoreError, dsse,
};
use crate::digest::{base64, to_base64};
use crate::trust::{Certificate, KeyError};

/// The media type of a bundle, of the layer and of the artifact that it is.
pub const BUNDLE_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// What all versions of the type begin with.
const ANY_VERSION: &str = "application/vnd.dev.sigstore.bundle";
/// The type of an in-toto statement in an envelope.
const STATEMENT: &str = "application/vnd.in-toto+json";
const STATEMENT_V1: &str = "https://in-toto.io/Statement/v1";
const WHAT: &str = "the bundle";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    media_type: &'static str,
    verification_material: Material,
    dsse_envelope: Envelope,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Material {
    PublicKey {
        hint: String,
    },
    #[serde(rename_all = "camelCase")]
    Certificate {
        raw_bytes: String,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: &'static str,
    signatures: [Signature; 1],
}

#[derive(Serialize)]
struct Signature {
    sig: String,
}

pub(super) fn sign(signer: &ArtifactSigner<'_>, digest: &str) -> Result<Vec<u8>, KeyError> {
    let hex = digest.trim_start_matches("sha256:");
    let statement = format!(
        r#"{{"_type":"{STATEMENT_V1}","subject":[{{"digest":{{"sha256":{}}}}}],"predicateType":"{SIGN_PREDICATE}","predicate":{{}}}}"#,
        Value::from(hex)
    );
    let sig = signer
        .key
        .sign(&dsse::encoding(STATEMENT, statement.as_bytes()))?;
    let verification_material = match signer.certificates.first() {
        Some(certificate) => Material::Certificate {
            raw_bytes: to_base64(certificate.to_der()),
        },
        // As sigstore-go computes it.
        None => Material::PublicKey {
            hint: to_base64(&Sha256::digest(signer.key.public_key().to_der())),
        },
    };
    let bundle = Bundle {
        media_type: BUNDLE_TYPE,
        verification_material,
        dsse_envelope: Envelope {
            payload: to_base64(statement.as_bytes()),
            payload_type: STATEMENT,
            signatures: [Signature {
                sig: to_base64(&sig),
            }],
        },
    };
    // A struct of strings always serialises.
    Ok(serde_json::to_vec(&bundle).unwrap_or_default())
}

pub(super) fn read(json: &[u8]) -> Result<Option<ArtifactSignature>, SigstoreError> {
    let bundle: Value =
        serde_json::from_slice(json).map_err(|error| SigstoreError::Json(WHAT, error))?;
    let media_type = bundle["mediaType"].as_str().unwrap_or_default();
    if !media_type.starts_with(ANY_VERSION) {
        return Err(SigstoreError::Field(WHAT, "mediaType"));
    }
    let envelope = &bundle["dsseEnvelope"];
    if envelope.is_null() {
        let what = "a bundle without a DSSE envelope";
        return Err(SigstoreError::Unsupported(what.to_owned()));
    }
    let bytes = |value: &Value, name: &'static str| {
        let bytes = value.as_str().and_then(base64);
        bytes.ok_or(SigstoreError::Field(WHAT, name))
    };
    let payload = bytes(&envelope["payload"], "dsseEnvelope.payload")?;
    let payload_type = envelope["payloadType"].as_str().unwrap_or_default();
    if payload_type != STATEMENT {
        return Ok(None);
    }
    let statement: Value = serde_json::from_slice(&payload)
        .map_err(|error| SigstoreError::Json("the statement in the bundle", error))?;
    if statement["predicateType"] != SIGN_PREDICATE {
        return Ok(None);
    }
    // A bundle has one signature (bundle v0.3, `dsse_envelope`).
    let signature = match envelope["signatures"].as_array().map(Vec::as_slice) {
        Some([only]) => bytes(&only["sig"], "dsseEnvelope.signatures")?,
        _ => return Err(SigstoreError::Field(WHAT, "dsseEnvelope.signatures")),
    };
    let material = &bundle["verificationMaterial"];
    let chain = material["x509CertificateChain"]["certificates"].as_array();
    let own = Some(&material["certificate"]).filter(|one| !one.is_null());
    let mut certificates = Vec::new();
    for certificate in own.into_iter().chain(chain.into_iter().flatten()) {
        let der = bytes(
            &certificate["rawBytes"],
            "verificationMaterial.certificate.rawBytes",
        )?;
        certificates.push(Certificate::from_der(&der)?);
    }
    let subjects = statement["subject"].as_array();
    let digests = subjects.into_iter().flatten().filter_map(|subject| {
        let hex = subject["digest"]["sha256"].as_str()?;
        Some(format!("sha256:{hex}"))
    });
    Ok(Some(ArtifactSignature {
        form: SignatureForm::Bundle,
        digests: digests.collect(),
        message: dsse::encoding(payload_type, &payload),
        signature,
        certificates,
    }))
}
