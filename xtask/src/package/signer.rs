//! Signatures of manifests, made while packages are assembled.

use std::fmt;
use std::io;
use std::sync::Arc;

/// Makes signatures of manifests. The room of keys implements it, and this one
/// does not depend on that.
pub trait SignManifest: fmt::Debug + Send + Sync {
    /// A detached signature over these bytes: a `ContentInfo` with `SignedData`
    /// (RFC 5652 §5.1) in DER. The same bytes get the same signature, or builds
    /// would differ.
    fn sign(&self, manifest: &[u8]) -> io::Result<Vec<u8>>;

    /// What tells this signer from any other: a package that another one signed
    /// is built again.
    fn id(&self) -> String;
}

/// Somebody who signs, to be handed around.
#[derive(Clone, Debug)]
pub struct Signer(Arc<dyn SignManifest>);

impl Signer {
    /// Signs with this.
    pub fn new(signer: impl SignManifest + 'static) -> Self {
        Signer(Arc::new(signer))
    }

    /// See [`SignManifest::sign`].
    pub fn sign(&self, manifest: &[u8]) -> io::Result<Vec<u8>> {
        self.0.sign(manifest)
    }

    /// The same in the armour that stands at the end of the manifest of a CSAR
    /// (SOL 004 §5.2; RFC 7468 §9).
    pub fn sign_to_pem(&self, manifest: &[u8]) -> io::Result<String> {
        let text = crate::digest::to_base64(&self.sign(manifest)?);
        let mut pem = String::from("-----BEGIN CMS-----\n");
        // All of it is ASCII.
        for line in text.as_bytes().chunks(64) {
            pem.push_str(&String::from_utf8_lossy(line));
            pem.push('\n');
        }
        pem.push_str("-----END CMS-----\n");
        Ok(pem)
    }

    /// See [`SignManifest::id`].
    pub fn id(&self) -> String {
        self.0.id()
    }
}
