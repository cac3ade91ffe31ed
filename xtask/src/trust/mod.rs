//! Keys, certificates and signatures.
//!
//! Sources of the rules: RFC 5280 (certificates), RFC 5652 (CMS) with RFC 5754,
//! RFC 5753 and RFC 8419 for its algorithms, RFC 5958 and RFC 8018 (private
//! keys), RFC 5915 (SEC1 keys), RFC 8017 (RSA), RFC 6979 (ECDSA without chance).
//! The arithmetic is that of `ring` and of RustCrypto.

mod algorithm;
mod asn1;
mod certificate;
mod chain;
pub mod cms;
mod cosign;
mod encryption;
mod key_error;
mod key_file;
mod manifest;
mod names;
mod passphrase;
mod pem;
pub mod policy;
mod private_key;
mod public_key;
mod self_signed;
pub mod sigstore;

pub use algorithm::{DigestAlgorithm, KeyAlgorithm, SignatureAlgorithm};
pub use certificate::{Certificate, CertificateError};
pub use chain::{ChainError, is_valid_at, verify_chain};
pub use key_error::KeyError;
pub use key_file::read_private_key;
pub use manifest::{SignedContent, SignedManifest};
pub use passphrase::{Line, OpenFiles, PassphraseError, PassphraseOptions};
pub use pem::{PemError, is_private_key};
pub use private_key::PrivateKey;
pub use public_key::{BadSignature, PublicKey};
pub use self_signed::{SelfSigned, SelfSignedError};
