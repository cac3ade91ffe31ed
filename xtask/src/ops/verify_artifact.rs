//! `verify` for what is published: who has signed an artifact.

use super::Error;
use super::place::{Access, OpenPlace};
use super::signatures::signatures;
use super::trusted::{SignedBy, Trust, TrustOptions};
use crate::oci::Remote;
use crate::source::Workspace;
use crate::trust::sigstore::{ArtifactSignature, SignatureForm};
use crate::trust::{Certificate, PublicKey, verify_chain, with_reasons};

/// An artifact and who has signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedArtifact {
    /// The artifact, by its digest.
    pub reference: String,
    /// The digest of its manifest, which is what was signed.
    pub digest: String,
    /// The signatures by somebody who is trusted.
    pub signed: Vec<ArtifactSignedBy>,
    /// Why the other signatures do not count.
    pub refused: Vec<String>,
}

/// A signature by somebody who is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactSignedBy {
    /// Its form.
    pub form: SignatureForm,
    /// SHA-256 of the public key (SPKI), in hexadecimal.
    pub key: String,
    /// The certificate, where the signature was made with one.
    pub certificate: Option<SignedBy>,
}

impl VerifiedArtifact {
    /// Whether somebody who is trusted has signed.
    pub fn is_trusted(&self) -> bool {
        !self.signed.is_empty()
    }
}

/// Looks for signatures of an artifact at a registry, in a layout or in an
/// archive. One by somebody who is trusted is enough: whoever may write there can
/// add others.
///
/// # Errors
///
/// The artifact is not there, the place or a file of keys can't be read. That
/// nobody who is trusted has signed is no error, but what was found.
pub fn verify_artifact(
    workspace: &Workspace,
    remote: &Remote,
    reference: &str,
    options: &TrustOptions,
) -> Result<VerifiedArtifact, Error> {
    let trust = Trust::read(options)?;
    let place = OpenPlace::open(workspace, remote, reference, Access::Read)?;
    let subject = place.store.fetch(&place.target()?)?;
    let digest = subject.digest;
    let mut signed = Vec::new();
    let mut refused = Vec::new();
    for claimed in signatures(&place.store, &digest)? {
        let judged = claimed.signature.and_then(|found| {
            let by = trust.judge_artifact(&found, &digest)?;
            Ok((found.form(), by))
        });
        match judged {
            Ok((form, (key, certificate))) => signed.push(ArtifactSignedBy {
                form,
                key,
                certificate,
            }),
            Err(why) => refused.push(format!("{}: {why}", claimed.form.id())),
        }
    }
    if signed.is_empty() && refused.is_empty() {
        refused.push("there is no signature".to_owned());
    }
    Ok(VerifiedArtifact {
        reference: place.by_digest(&digest),
        digest,
        signed,
        refused,
    })
}

impl Trust {
    /// Whose signature it is, of those who are trusted: the key, and the
    /// certificate if it came along.
    fn judge_artifact(
        &self,
        found: &ArtifactSignature,
        digest: &str,
    ) -> Result<(String, Option<SignedBy>), String> {
        if !found.is_of(digest) {
            return Err(format!("it is for {}, another artifact", found.digest()));
        }
        let certificates = found.certificates();
        let holds = |key: &&PublicKey| found.verify(key).is_ok();
        let certificate = certificates.first();
        if let Some(key) = self.keys.iter().find(holds) {
            let own = |one: &&Certificate| one.public_key().is_ok_and(|own| own == *key);
            return Ok((key.id(), certificate.filter(own).and_then(SignedBy::of)));
        }
        match certificate {
            Some(certificate) => self.judge_certified(found, certificate, &certificates[1..]),
            None => self.judge_bare(found),
        }
    }

    fn judge_certified(
        &self,
        found: &ArtifactSignature,
        certificate: &Certificate,
        issuers: &[Certificate],
    ) -> Result<(String, Option<SignedBy>), String> {
        let subject = certificate.subject();
        let key = certificate
            .public_key()
            .map_err(|error| with_reasons(&error))?;
        found
            .verify(&key)
            .map_err(|error| format!("it names `{subject}`: {error}"))?;
        if self.anchors.is_empty() {
            return Err(format!("it is by `{subject}`, with another key"));
        }
        verify_chain(certificate, issuers, &self.anchors, self.at)
            .map_err(|error| format!("it is by `{subject}`: {}", with_reasons(&error)))?;
        Ok((key.id(), SignedBy::of(certificate)))
    }

    /// A signature that says nothing of who made it may be that of a certificate
    /// that is trusted itself.
    fn judge_bare(&self, found: &ArtifactSignature) -> Result<(String, Option<SignedBy>), String> {
        for anchor in &self.anchors {
            let key = anchor.public_key().ok();
            let Some(key) = key.filter(|key| found.verify(key).is_ok()) else {
                continue;
            };
            verify_chain(anchor, &[], &self.anchors, self.at)
                .map_err(|error| format!("`{}`: {}", anchor.subject(), with_reasons(&error)))?;
            return Ok((key.id(), SignedBy::of(anchor)));
        }
        Err("it was made with no key that is trusted, or was changed".to_owned())
    }
}
