//! Signatures of manifests, made while packages are assembled.

use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

/// Makes signatures of manifests. The room of keys implements it, and this one
/// does not depend on that.
pub trait SignManifest: fmt::Debug + Send + Sync {
    /// A detached signature over these bytes: a `ContentInfo` with `SignedData`
    /// (RFC 5652 §5.1) in PEM, as it stands at the end of the manifest of a CSAR
    /// (SOL 004 §5.2; RFC 7468 §9). The same bytes get the same signature, or
    /// builds would differ.
    fn sign(&self, manifest: &[u8]) -> io::Result<String>;

    /// The same over content that need not fit into memory, read to its end.
    fn sign_content(&self, content: &mut dyn Read) -> io::Result<String>;

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
    pub fn sign(&self, manifest: &[u8]) -> io::Result<String> {
        self.0.sign(manifest)
    }

    /// See [`SignManifest::sign_content`].
    pub fn sign_content(&self, content: &mut dyn Read) -> io::Result<String> {
        self.0.sign_content(content)
    }

    /// See [`SignManifest::id`].
    pub fn id(&self) -> String {
        self.0.id()
    }
}
