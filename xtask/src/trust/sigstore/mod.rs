//! Signatures of artifacts and attestations about them, as cosign and the
//! sigstore clients write and read them. What is signed is the digest of a
//! manifest, alone or in a statement.
//!
//! Sources of the rules: the sigstore bundle format v0.3, DSSE 1.0.2, in-toto
//! Statement v1, and cosign's signature specification for the classic form.

mod attestation;
mod bundle;
mod envelope;
mod error;
mod simple_signing;
mod statement;

pub use attestation::{Attestation, PREDICATE_ANNOTATION};
pub use bundle::{BUNDLE_FAMILY, BUNDLE_TYPE};
pub use envelope::ENVELOPE_TYPE;
pub use error::SigstoreError;
pub use simple_signing::{
    CERTIFICATE_ANNOTATION, CHAIN_ANNOTATION, SIGNATURE_ANNOTATION, SIMPLE_SIGNING_TYPE,
};
pub use statement::{STATEMENT_TYPE, Statement, Subject};

use super::chain::{forged, stranger};
use super::{
    BadSignature, Certificate, DigestAlgorithm, KeyAlgorithm, KeyError, PrivateKey, PublicKey,
    SignatureAlgorithm,
};
use crate::digest::{base64, hex};

/// The predicate of a statement that says nothing but that an artifact is
/// signed (cosign 2.4 and later).
pub const SIGN_PREDICATE: &str = "https://sigstore.dev/cosign/sign/v1";

/// In which of two ways a signature hangs on an artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignatureForm {
    /// A layer of the image under the tag `sha256-<hex>.sig`.
    Classic,
    /// A sigstore bundle that refers to the artifact.
    Bundle,
}

impl SignatureForm {
    /// The name for programs.
    pub fn id(self) -> &'static str {
        match self {
            SignatureForm::Classic => "classic",
            SignatureForm::Bundle => "bundle",
        }
    }
}

/// Who signs an artifact.
#[derive(Clone, Copy, Debug)]
pub struct ArtifactSigner<'a> {
    /// The private key.
    pub key: &'a PrivateKey,
    /// Its certificate and those of its issuers; none for a bare key.
    pub certificates: &'a [Certificate],
}

/// A signature in the classic form: the content of a layer, and what is noted
/// at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassicSignature {
    /// The signed document.
    pub payload: Vec<u8>,
    /// The annotations of the layer.
    pub annotations: Vec<(&'static str, String)>,
}

impl ArtifactSigner<'_> {
    /// Signs the manifest with that digest (`sha256:…`), which lies in a
    /// repository of that name, in the classic form.
    ///
    /// # Errors
    ///
    /// The key fails.
    pub fn classic(&self, repository: &str, digest: &str) -> Result<ClassicSignature, KeyError> {
        simple_signing::sign(self, repository, digest)
    }

    /// Signs the manifest with that digest; gives a bundle in JSON. It holds the
    /// certificate where there is one, and a hint at the key otherwise; of issuers it holds
    /// none, see [`ArtifactSigner::bundle_annotation`].
    ///
    /// # Errors
    ///
    /// The key fails.
    pub fn bundle(&self, digest: &str) -> Result<Vec<u8>, KeyError> {
        self.attestation_bundle(&attestation::signed(digest))
    }

    /// The annotation of the layer that a bundle is: the certificates of issuers, which have
    /// no place in a bundle.
    pub fn bundle_annotation(&self) -> Option<(&'static str, String)> {
        bundle::chain_annotation(self.certificates)
    }

    /// Signs a statement in the classic form: an envelope, and the annotations
    /// of its layer.
    ///
    /// # Errors
    ///
    /// The key fails.
    pub fn attestation(&self, statement: &Statement) -> Result<ClassicSignature, KeyError> {
        attestation::classic(self, statement)
    }

    /// Signs a statement; gives a bundle in JSON, as [`ArtifactSigner::bundle`]
    /// does.
    ///
    /// # Errors
    ///
    /// The key fails.
    pub fn attestation_bundle(&self, statement: &Statement) -> Result<Vec<u8>, KeyError> {
        bundle::sign(self, statement.to_json().as_bytes())
    }
}

/// A signature of an artifact as it was found.
#[derive(Clone, Debug)]
pub struct ArtifactSignature {
    form: SignatureForm,
    message: Vec<u8>,
    signature: Vec<u8>,
    digests: Vec<String>,
    certificates: Vec<Certificate>,
    hint: Option<String>,
}

impl ArtifactSignature {
    /// Reads a signature in the classic form; `annotation` gives the annotations
    /// of its layer.
    ///
    /// # Errors
    ///
    /// It has not the form of one.
    pub fn classic<'a>(
        payload: Vec<u8>,
        annotation: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Self, SigstoreError> {
        simple_signing::read(payload, annotation)
    }

    /// Reads a bundle; `annotation` gives the annotations of the layer that it is. `None`
    /// where it says something else of the artifact than that it is signed, as attestations
    /// do.
    ///
    /// # Errors
    ///
    /// It has not the form of one, or one that is not known.
    pub fn bundle<'a>(
        json: &[u8],
        annotation: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Option<Self>, SigstoreError> {
        Ok(Attestation::bundle(json, annotation)?.into_signature())
    }

    /// The form in which it was found.
    pub fn form(&self) -> SignatureForm {
        self.form
    }

    /// Whether it speaks of the manifest with that digest. It says nothing as
    /// long as it is not verified.
    pub fn is_of(&self, digest: &str) -> bool {
        self.digests.iter().any(|signed| signed == digest)
    }

    /// The digest that it speaks of, the first of several.
    pub fn digest(&self) -> &str {
        self.digests.first().map_or("nothing", String::as_str)
    }

    /// The certificate of the one who signed, where it came along, with those of
    /// its issuers behind it.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Holds the certificates that came along against the key that it was made with, and against
    /// each other and those in `given`. Who trusts the key has no need of them, and cosign looks
    /// at none of them then; but nobody signs with certificates like these, so that what came
    /// along is not what was signed with.
    ///
    /// # Errors
    ///
    /// That of the signer is for another key, one was changed after it was issued, or one is of
    /// nobody above the signer.
    pub fn check_certificates(
        &self,
        key: &PublicKey,
        given: &[Certificate],
    ) -> Result<(), SigstoreError> {
        let Some((own, issuers)) = self.certificates.split_first() else {
            return Ok(());
        };
        let known = [&self.certificates, given].concat();
        if let Some(forged) = forged(&self.certificates, &known) {
            return Err(SigstoreError::Forged(forged));
        }
        if !own.public_key().is_ok_and(|own| own == *key) {
            return Err(SigstoreError::OtherKey(own.subject()));
        }
        match stranger(issuers, vec![own]) {
            Some(stranger) => Err(SigstoreError::Stranger(stranger.subject())),
            None => Ok(()),
        }
    }

    /// The SHA-256 of the public key (SPKI) that it says it was made with, in hexadecimal, if
    /// that is what the hint in a bundle is: cosign and this program write it so, and others
    /// may write what they like.
    pub fn key_hint(&self) -> Option<String> {
        let bytes = base64(self.hint.as_deref()?)?;
        (bytes.len() == 32).then(|| hex(&bytes))
    }

    /// Whether it was made with that key.
    ///
    /// # Errors
    ///
    /// [`BadSignature`] if not.
    pub fn verify(&self, key: &PublicKey) -> Result<(), BadSignature> {
        let usual = key.verify(&self.message, &self.signature);
        // cosign takes SHA-256 with every curve where nothing else was said.
        match (usual, key.algorithm()) {
            (Err(_), KeyAlgorithm::EcdsaP384) => key.verify_as(
                SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256),
                &self.message,
                &self.signature,
            ),
            (usual, _) => usual,
        }
    }
}

#[cfg(test)]
mod tests;
