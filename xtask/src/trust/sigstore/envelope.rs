//! DSSE envelopes with an in-toto statement in them.

use serde::Serialize;
use serde_json::Value;

use super::statement::{STATEMENT_TYPE, Statement};
use super::{ArtifactSigner, SigstoreError};
use crate::digest::{base64, to_base64};
use crate::trust::KeyError;

/// The media type of an envelope.
pub const ENVELOPE_TYPE: &str = "application/vnd.dsse.envelope.v1+json";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope {
    payload: String,
    payload_type: &'static str,
    signatures: [Signature; 1],
}

#[derive(Serialize)]
struct Signature {
    sig: String,
}

/// An envelope that was read: the statement in it, and what its signature is
/// made over.
pub(super) struct Opened {
    pub statement: Statement,
    pub message: Vec<u8>,
    pub signature: Vec<u8>,
}

impl Envelope {
    /// Signs a statement.
    pub fn sign(signer: &ArtifactSigner<'_>, statement: &[u8]) -> Result<Self, KeyError> {
        let sig = signer.key.sign(&encoding(STATEMENT_TYPE, statement))?;
        Ok(Envelope {
            payload: to_base64(statement),
            payload_type: STATEMENT_TYPE,
            signatures: [Signature {
                sig: to_base64(&sig),
            }],
        })
    }
}

/// Opens an envelope, which stands in `what` under the name `field`.
pub(super) fn open(
    envelope: &Value,
    what: &'static str,
    fields: Fields,
) -> Result<Opened, SigstoreError> {
    let bytes = |value: &Value, field: &'static str| {
        let bytes = value.as_str().and_then(base64);
        bytes.ok_or(SigstoreError::Field(what, field))
    };
    let payload = bytes(&envelope["payload"], fields.payload)?;
    let payload_type = envelope["payloadType"].as_str().unwrap_or_default();
    if payload_type != STATEMENT_TYPE {
        let what = format!("content of the type `{payload_type}` in {what}");
        return Err(SigstoreError::Unsupported(what));
    }
    // A bundle has one signature (bundle v0.3, `dsse_envelope`), and so has an
    // attestation of cosign.
    let signature = match envelope["signatures"].as_array().map(Vec::as_slice) {
        Some([only]) => bytes(&only["sig"], fields.signatures)?,
        _ => return Err(SigstoreError::Field(what, fields.signatures)),
    };
    Ok(Opened {
        statement: Statement::parse(&payload)?,
        message: encoding(payload_type, &payload),
        signature,
    })
}

/// What the fields of an envelope are called in messages.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    pub payload: &'static str,
    pub signatures: &'static str,
}

/// The bytes that a signature in an envelope is made over: the
/// Pre-Authentication Encoding of a payload and its type (DSSE 1.0.2, "Signature
/// Definition").
pub(super) fn encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let (type_len, len) = (payload_type.len(), payload.len());
    let mut bytes = format!("DSSEv1 {type_len} {payload_type} {len} ").into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}
