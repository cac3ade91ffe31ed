//! Who signs the manifests of packages: a key and its certificates, from files.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::Error;
use super::key::{KeyFileError, Passphrases, read_certificates, read_key};
use crate::package::{SignManifest, Signer};
use crate::trust::cms::Signing;
use crate::trust::{Certificate, PrivateKey};

/// Signs manifests with the key in one file and the certificates in another, of
/// which the first is that of the key. `SOURCE_DATE_EPOCH` and the clock play no
/// part: the same manifest gets the same signature.
///
/// # Errors
///
/// A file can't be read, the passphrase is wrong, the certificate is for another
/// key or not for signing.
pub fn manifest_signer(
    key: &Path,
    certificates: &Path,
    passphrases: &dyn Passphrases,
) -> Result<Signer, Error> {
    let own = KeyAndCertificates::read(key, Some(certificates), passphrases)?;
    Ok(Signer::new(Arc::new(own)))
}

/// A private key, and its certificate with those of its issuers behind it.
#[derive(Debug)]
pub(super) struct KeyAndCertificates {
    pub key: PrivateKey,
    pub certificates: Vec<Certificate>,
}

impl KeyAndCertificates {
    /// Reads the files. What is wrong with the two together is told before
    /// anything is built or signed.
    pub fn read(
        key: &Path,
        certificates: Option<&Path>,
        passphrases: &dyn Passphrases,
    ) -> Result<Self, Error> {
        let own = KeyAndCertificates {
            certificates: match certificates {
                Some(path) => read_certificates(path)?,
                None => Vec::new(),
            },
            key: read_key(key, passphrases)?,
        };
        if let Some(path) = certificates {
            own.signing()
                .sign_digest(&[])
                .map_err(|source| KeyFileError::Pair {
                    key: key.to_owned(),
                    certificate: path.to_owned(),
                    source,
                })?;
        }
        Ok(own)
    }

    fn signing(&self) -> Signing<'_> {
        Signing {
            key: &self.key,
            certificates: &self.certificates,
            signing_time: None,
        }
    }
}

impl SignManifest for Arc<KeyAndCertificates> {
    fn sign(&self, manifest: &[u8]) -> io::Result<String> {
        let mut manifest = manifest;
        self.sign_content(&mut manifest)
    }

    fn sign_content(&self, content: &mut dyn io::Read) -> io::Result<String> {
        let signed = self.signing().sign_to_pem(content);
        signed.map_err(io::Error::other)
    }

    fn id(&self) -> String {
        let fingerprints = self.certificates.iter().map(Certificate::fingerprint);
        fingerprints.collect::<Vec<String>>().join(" ")
    }
}
