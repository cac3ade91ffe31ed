//! cosign's classic form: a JSON document with the digest of the artifact, and
//! its signature in an annotation of the layer that the document is.

use serde::Serialize;
use serde_json::Value;

use super::{ArtifactSignature, ArtifactSigner, ClassicSignature, SignatureForm, SigstoreError};
use crate::digest::{base64, to_base64};
use crate::trust::{Certificate, KeyError};

/// The media type of the document.
pub const SIMPLE_SIGNING_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// The annotation with the signature in base64.
pub const SIGNATURE_ANNOTATION: &str = "dev.cosignproject.cosign/signature";
/// The annotation with the certificate in PEM.
pub const CERTIFICATE_ANNOTATION: &str = "dev.sigstore.cosign/certificate";
/// The annotation with the certificates of issuers in PEM.
pub const CHAIN_ANNOTATION: &str = "dev.sigstore.cosign/chain";

const WHAT: &str = "the signed document";
/// What the document says that it is.
const KIND: &str = "cosign container image signature";

#[derive(Serialize)]
struct Document<'a> {
    critical: Critical<'a>,
    optional: Option<()>,
}

#[derive(Serialize)]
struct Critical<'a> {
    identity: Identity<'a>,
    image: Image<'a>,
    r#type: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Identity<'a> {
    docker_reference: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Image<'a> {
    docker_manifest_digest: &'a str,
}

pub(super) fn sign(
    signer: &ArtifactSigner<'_>,
    repository: &str,
    digest: &str,
) -> Result<ClassicSignature, KeyError> {
    let document = Document {
        critical: Critical {
            identity: Identity {
                docker_reference: repository,
            },
            image: Image {
                docker_manifest_digest: digest,
            },
            r#type: KIND,
        },
        optional: None,
    };
    // A struct of strings always serialises.
    let payload = serde_json::to_vec(&document).unwrap_or_default();
    let signature = to_base64(&signer.key.sign(&payload)?);
    let mut annotations = vec![(SIGNATURE_ANNOTATION, signature)];
    annotations.extend(certificate_annotations(signer.certificates));
    Ok(ClassicSignature {
        payload,
        annotations,
    })
}

pub(super) fn read<'a>(
    payload: Vec<u8>,
    annotation: impl Fn(&str) -> Option<&'a str>,
) -> Result<ArtifactSignature, SigstoreError> {
    let signature = annotation(SIGNATURE_ANNOTATION).and_then(base64);
    let signature = signature.ok_or(SigstoreError::Field("the layer", SIGNATURE_ANNOTATION))?;
    let document: Value =
        serde_json::from_slice(&payload).map_err(|error| SigstoreError::Json(WHAT, error))?;
    let critical = &document["critical"];
    // Other documents of this shape are no signatures of an artifact.
    if critical["type"] != KIND {
        return Err(SigstoreError::Field(WHAT, "critical.type"));
    }
    let digest = critical["image"]["docker-manifest-digest"].as_str();
    let digest = digest.ok_or(SigstoreError::Field(
        WHAT,
        "critical.image.docker-manifest-digest",
    ))?;
    let certificates = certificates_in(annotation)?;
    Ok(ArtifactSignature {
        form: SignatureForm::Classic,
        digests: vec![digest.to_owned()],
        message: payload,
        signature,
        certificates,
        hint: None,
    })
}

/// The annotations of a layer with certificates: the first of them, and those of
/// its issuers.
pub(super) fn certificate_annotations(certificates: &[Certificate]) -> Vec<(&'static str, String)> {
    let Some((own, issuers)) = certificates.split_first() else {
        return Vec::new();
    };
    let chain: String = issuers.iter().map(Certificate::to_pem).collect();
    vec![
        (CERTIFICATE_ANNOTATION, own.to_pem()),
        (CHAIN_ANNOTATION, chain),
    ]
}

/// The certificates in the annotations of a layer.
pub(super) fn certificates_in<'a>(
    annotation: impl Fn(&str) -> Option<&'a str>,
) -> Result<Vec<Certificate>, SigstoreError> {
    let mut certificates = Vec::new();
    for name in [CERTIFICATE_ANNOTATION, CHAIN_ANNOTATION] {
        match annotation(name).map(str::trim) {
            None | Some("") => {}
            Some(text) => certificates.extend(Certificate::read_all(text.as_bytes())?),
        }
    }
    Ok(certificates)
}
