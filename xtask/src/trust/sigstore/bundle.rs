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

/// The versions that are read. Another one may mean something else by the same fields.
const KNOWN: [&str; 4] = [
    BUNDLE_TYPE,
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
    "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "application/vnd.dev.sigstore.bundle+json;version=0.1",
];

/// What there is in a bundle to verify its signature with: one of these
/// (sigstore_bundle.proto, `VerificationMaterial.content`).
const MATERIAL: [&str; 3] = ["publicKey", "x509CertificateChain", "certificate"];

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
) -> Result<Attestation, SigstoreError> {
    let bundle: Value =
        serde_json::from_slice(json).map_err(|error| SigstoreError::Json(WHAT, error))?;
    let media_type = bundle["mediaType"].as_str().unwrap_or_default();
    if !media_type.starts_with(BUNDLE_FAMILY) {
        return Err(SigstoreError::Field(WHAT, "mediaType"));
    }
    if !KNOWN.contains(&media_type) {
        let what = format!("a bundle of the type `{media_type}`");
        return Err(SigstoreError::Unsupported(what));
    }
    let envelope = &bundle["dsseEnvelope"];
    if envelope.is_null() {
        let what = "a bundle without a DSSE envelope";
        return Err(SigstoreError::Unsupported(what.to_owned()));
    }
    let opened = envelope::open(envelope, WHAT, FIELDS)?;
    let material = &bundle["verificationMaterial"];
    // Who verifies by a key of his own needs none of it, but the format does not know a bundle
    // without, and cosign refuses it.
    let is_given = |field: &str| material[field].is_object();
    if MATERIAL.into_iter().filter(|field| is_given(field)).count() != 1 {
        return Err(SigstoreError::Field(WHAT, "verificationMaterial"));
    }
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
    Ok(Attestation::new(SignatureForm::Bundle, opened, certificates).with_hint(hint))
}
