//! Sigstore bundles v0.3 with an in-toto statement in a DSSE envelope, and
//! without an entry of a transparency log.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::attestation::Attestation;
use super::envelope::{self, Envelope, Fields};
use super::{ArtifactSigner, CHAIN_ANNOTATION, SignatureForm, SigstoreError};
use crate::digest::{base64, to_base64};
use crate::trust::{Certificate, KeyError};

/// The media type of a bundle, of the layer and of the artifact that it is.
pub const BUNDLE_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// What the types of all versions begin with.
pub const BUNDLE_FAMILY: &str = "application/vnd.dev.sigstore.bundle";

const WHAT: &str = "the bundle";
const FIELDS: Fields = Fields {
    payload: "dsseEnvelope.payload",
    signatures: "dsseEnvelope.signatures",
};

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

pub(super) fn sign(signer: &ArtifactSigner<'_>, statement: &[u8]) -> Result<Vec<u8>, KeyError> {
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
        dsse_envelope: Envelope::sign(signer, statement)?,
    };
    // A struct of strings always serialises.
    Ok(serde_json::to_vec(&bundle).unwrap_or_default())
}

/// What is noted at the layer that a bundle is: the certificates of issuers, for which v0.3 has
/// no place beside that of the signer (`verificationMaterial.certificate`; clients refuse a
/// chain there). They are those of the classic form, and under the same name.
pub(super) fn chain_annotation(certificates: &[Certificate]) -> Option<(&'static str, String)> {
    let (_, issuers) = certificates.split_first()?;
    let chain: String = issuers.iter().map(Certificate::to_pem).collect();
    (!chain.is_empty()).then_some((CHAIN_ANNOTATION, chain))
}

pub(super) fn read<'a>(
    json: &[u8],
    annotation: impl Fn(&str) -> Option<&'a str>,
) -> Result<Option<Attestation>, SigstoreError> {
    let bundle: Value =
        serde_json::from_slice(json).map_err(|error| SigstoreError::Json(WHAT, error))?;
    let media_type = bundle["mediaType"].as_str().unwrap_or_default();
    if !media_type.starts_with(BUNDLE_FAMILY) {
        return Err(SigstoreError::Field(WHAT, "mediaType"));
    }
    let envelope = &bundle["dsseEnvelope"];
    if envelope.is_null() {
        let what = "a bundle without a DSSE envelope";
        return Err(SigstoreError::Unsupported(what.to_owned()));
    }
    let Some(opened) = envelope::open(envelope, WHAT, FIELDS)? else {
        return Ok(None);
    };
    let material = &bundle["verificationMaterial"];
    let chain = material["x509CertificateChain"]["certificates"].as_array();
    let own = Some(&material["certificate"]).filter(|one| !one.is_null());
    let mut certificates = Vec::new();
    for certificate in own.into_iter().chain(chain.into_iter().flatten()) {
        let der = certificate["rawBytes"].as_str().and_then(base64);
        let field = "verificationMaterial.certificate.rawBytes";
        let der = der.ok_or(SigstoreError::Field(WHAT, field))?;
        certificates.push(Certificate::from_der(&der)?);
    }
    // Issuers of nobody say nothing.
    if !certificates.is_empty()
        && let Some(chain) = annotation(CHAIN_ANNOTATION).filter(|chain| !chain.trim().is_empty())
    {
        certificates.extend(Certificate::read_all(chain.as_bytes())?);
    }
    let hint = material["publicKey"]["hint"].as_str().map(str::to_owned);
    Ok(Some(
        Attestation::new(SignatureForm::Bundle, opened, certificates).with_hint(hint),
    ))
}
