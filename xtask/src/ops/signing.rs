//! Who signs the manifests of packages: a key and its certificates, from files.

use std::io;
use std::path::Path;

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
    let own = KeyAndCertificates {
        certificates: read_certificates(certificates)?,
        key: read_key(key, passphrases)?,
    };
    // What is wrong with the two together is told before anything is built.
    own.signing()
        .sign_digest(&[])
        .map_err(|source| KeyFileError::Pair {
            key: key.to_owned(),
            certificate: certificates.to_owned(),
            source,
        })?;
    Ok(Signer::new(own))
}

#[derive(Debug)]
struct KeyAndCertificates {
    key: PrivateKey,
    certificates: Vec<Certificate>,
}

impl KeyAndCertificates {
    fn signing(&self) -> Signing<'_> {
        Signing {
            key: &self.key,
            certificates: &self.certificates,
            signing_time: None,
        }
    }
}

impl SignManifest for KeyAndCertificates {
    fn sign(&self, manifest: &[u8]) -> io::Result<Vec<u8>> {
        let mut manifest = manifest;
        self.signing().sign(&mut manifest).map_err(io::Error::other)
    }

    fn id(&self) -> String {
        let fingerprints = self.certificates.iter().map(Certificate::fingerprint);
        fingerprints.collect::<Vec<String>>().join(" ")
    }
}
