//! Attestations: signed statements about an artifact, in the two forms in which
//! cosign keeps them.

use serde_json::Value;

use super::envelope::{self, Envelope, Fields, Opened};
use super::simple_signing::{certificate_annotations, certificates_in};
use super::statement::{Statement, Subject};
use super::{
    ArtifactSignature, ArtifactSigner, ClassicSignature, SIGN_PREDICATE, SIGNATURE_ANNOTATION,
    SignatureForm, SigstoreError, bundle,
};
use crate::trust::{Certificate, KeyError};

/// The annotation of a layer in the classic form that names the kind of
/// predicate.
pub const PREDICATE_ANNOTATION: &str = "predicateType";

const WHAT: &str = "the envelope";
const FIELDS: Fields = Fields {
    payload: "payload",
    signatures: "signatures",
};

/// A statement about artifacts, and a signature of it that is not verified yet.
#[derive(Clone, Debug)]
pub struct Attestation {
    statement: Statement,
    signature: ArtifactSignature,
}

impl Attestation {
    pub(super) fn new(form: SignatureForm, opened: Opened, certificates: Vec<Certificate>) -> Self {
        let subjects = opened.statement.subjects.iter();
        Attestation {
            signature: ArtifactSignature {
                form,
                digests: subjects
                    .map(|one| format!("sha256:{}", one.sha256))
                    .collect(),
                message: opened.message,
                signature: opened.signature,
                certificates,
                hint: None,
            },
            statement: opened.statement,
        }
    }

    /// With what it says of the key.
    pub(super) fn with_hint(mut self, hint: Option<String>) -> Self {
        self.signature.hint = hint;
        self
    }

    /// Reads a bundle; `annotation` gives the annotations of the layer that it is.
    ///
    /// # Errors
    ///
    /// It has not the form of one, or one that is not known, or holds something else than a
    /// statement.
    pub fn bundle<'a>(
        json: &[u8],
        annotation: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Self, SigstoreError> {
        bundle::read(json, annotation)
    }

    /// Reads an attestation in the classic form, an envelope; `annotation` gives
    /// the annotations of its layer.
    ///
    /// # Errors
    ///
    /// It has not the form of one, or holds something else than a statement.
    pub fn classic<'a>(
        json: &[u8],
        annotation: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Self, SigstoreError> {
        let envelope: Value =
            serde_json::from_slice(json).map_err(|error| SigstoreError::Json(WHAT, error))?;
        let opened = envelope::open(&envelope, WHAT, FIELDS)?;
        let certificates = certificates_in(annotation)?;
        Ok(Self::new(SignatureForm::Classic, opened, certificates))
    }

    /// What is said.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Who says so.
    pub fn signature(&self) -> &ArtifactSignature {
        &self.signature
    }

    /// The signature alone, where nothing is said but that an artifact is signed.
    pub fn into_signature(self) -> Option<ArtifactSignature> {
        (self.statement.predicate_type == SIGN_PREDICATE).then_some(self.signature)
    }
}

/// What says of the manifest with that digest that it is signed, and no more.
pub(super) fn signed(digest: &str) -> Statement {
    Statement {
        subjects: vec![Subject::of_digest("", digest)],
        predicate_type: SIGN_PREDICATE.to_owned(),
        predicate: Value::Object(serde_json::Map::new()),
    }
}

/// Signs a statement in the classic form.
pub(super) fn classic(
    signer: &ArtifactSigner<'_>,
    statement: &Statement,
) -> Result<ClassicSignature, KeyError> {
    let envelope = Envelope::sign(signer, statement.to_json().as_bytes())?;
    // cosign reads the signature from the envelope, and takes a layer for one
    // only where this is there as well.
    let mut annotations = vec![
        (SIGNATURE_ANNOTATION, String::new()),
        (PREDICATE_ANNOTATION, statement.predicate_type.clone()),
    ];
    annotations.extend(certificate_annotations(signer.certificates));
    Ok(ClassicSignature {
        // A struct of strings always serialises.
        payload: serde_json::to_vec(&envelope).unwrap_or_default(),
        annotations,
    })
}
