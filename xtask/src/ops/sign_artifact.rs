//! `sign`: the digest of an artifact, signed where the artifact is.

use std::path::PathBuf;

use super::key::{Passphrases, failed};
use super::place::{Access, OpenPlace};
use super::settle::settle;
use super::signatures::{put_bundle, put_classic};
use super::signing::KeyAndCertificates;
use super::{Error, Reporter};
use crate::oci::{Beside, Remote, Store};
use crate::source::Workspace;
use crate::trust::sigstore::{ArtifactSigner, SIGN_PREDICATE, SignatureForm};

/// What to sign, and how.
#[derive(Clone, Debug)]
pub struct SignOptions {
    /// The artifact: at a registry, in a layout or in an archive.
    pub reference: String,
    /// The file of the private key.
    pub key: PathBuf,
    /// The file of its certificate and those of its issuers.
    pub certificates: Option<PathBuf>,
    /// The forms of the signature.
    pub forms: Vec<SignatureForm>,
}

/// What was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedArtifact {
    /// The artifact, by its digest.
    pub reference: String,
    /// Its tag or name there, or its digest where it was named by that.
    pub name: String,
    /// The digest that was signed.
    pub digest: String,
    /// SHA-256 of the public key (SPKI), in hexadecimal.
    pub key: String,
    /// The signatures, in the order in which they were asked for.
    pub signatures: Vec<PutSignature>,
}

/// One signature that hangs on the artifact now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutSignature {
    /// Its form.
    pub form: SignatureForm,
    /// The digest of the manifest that it is in.
    pub digest: String,
    /// Whether it was there already.
    pub existed: bool,
}

/// Signs an artifact with a private key. The same key, artifact and place give
/// the same bytes, so that signing twice changes nothing.
///
/// # Errors
///
/// The artifact is not there, a file of keys can't be read, the passphrase is
/// wrong, the certificate is for another key or not for signing, the place can't
/// be written.
pub fn sign_artifact(
    workspace: &Workspace,
    remote: &Remote,
    options: &SignOptions,
    passphrases: &dyn Passphrases,
    reporter: &dyn Reporter,
) -> Result<SignedArtifact, Error> {
    let place = OpenPlace::open(workspace, remote, &options.reference, Access::Change)?;
    let name = place.target()?;
    // Nobody is asked for a passphrase for something that is not there.
    let subject = place.store.fetch(&name)?;
    let own = KeyAndCertificates::read(&options.key, options.certificates.as_deref(), passphrases)?;
    let signer = ArtifactSigner {
        key: &own.key,
        certificates: &own.certificates,
    };
    let reference = place.by_digest(&subject.digest);
    let put = || {
        let mut signatures = Vec::new();
        for form in &options.forms {
            let (digest, existed) = match form {
                SignatureForm::Classic => {
                    let repository = repository_of(&place.store, &name);
                    let signature = signer.classic(&repository, &subject.digest);
                    let signature = signature.map_err(|source| failed(&options.key, source))?;
                    put_classic(&place.store, &subject.digest, Beside::Signatures, signature)?
                }
                SignatureForm::Bundle => {
                    let content = signer.bundle(&subject.digest);
                    let content = content.map_err(|source| failed(&options.key, source))?;
                    put_bundle(&place.store, &subject, &signer, content, SIGN_PREDICATE)?
                }
            };
            signatures.push(PutSignature {
                form: *form,
                digest,
                existed,
            });
        }
        let was_there = signatures.iter().all(|one| one.existed);
        Ok((signatures, was_there))
    };
    let key = own.key.public_key().id();
    let signatures = settle(&place.store, &key, put)?;
    for one in signatures.iter().filter(|one| !one.existed) {
        // Which of several versions it was, where nobody said.
        let named = match name.starts_with("sha256:") {
            true => String::new(),
            false => format!("{name}, "),
        };
        let text = format!("{reference} ({named}{})", one.form.id());
        reporter.status("Signed", &text);
    }
    place.finish()?;
    Ok(SignedArtifact {
        reference,
        name,
        digest: subject.digest,
        key,
        signatures,
    })
}

/// What a signature calls the place of the artifact: the repository, and in a
/// layout, which has none, the name without the version.
pub(super) fn repository_of(store: &Store<'_>, name: &str) -> String {
    match store {
        Store::Registry(_, repository) => repository.to_string(),
        Store::Layout(_) if name.starts_with("sha256:") => String::new(),
        Store::Layout(_) => {
            let (repository, _) = name.rsplit_once(':').unwrap_or((name, ""));
            repository.to_owned()
        }
    }
}
