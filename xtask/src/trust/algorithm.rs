//! The algorithms that are used and accepted.

use std::fmt;

use sha2::{Digest, Sha256, Sha384, Sha512};

use super::asn1::{tag, wrap, write};
use super::names;

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// ECDSA over the curve P-256 (FIPS 186-5).
    EcdsaP256,
    /// ECDSA over the curve P-384.
    EcdsaP384,
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// RSA (RFC 8017), used with PKCS #1 v1.5.
    Rsa,
}

impl KeyAlgorithm {
    /// The name for programs, as `--algorithm` takes it.
    pub fn id(self) -> &'static str {
        match self {
            KeyAlgorithm::EcdsaP256 => "ecdsa-p256",
            KeyAlgorithm::EcdsaP384 => "ecdsa-p384",
            KeyAlgorithm::Ed25519 => "ed25519",
            KeyAlgorithm::Rsa => "rsa",
        }
    }

    /// How such a key signs here: SHA-256 with RSA and P-256, SHA-384 with P-384,
    /// which is as strong as the curve. Ed25519 has SHA-512 in itself.
    pub fn signature(self) -> SignatureAlgorithm {
        match self {
            KeyAlgorithm::EcdsaP256 => SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256),
            KeyAlgorithm::EcdsaP384 => SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha384),
            KeyAlgorithm::Ed25519 => SignatureAlgorithm::Ed25519,
            KeyAlgorithm::Rsa => SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256),
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyAlgorithm::EcdsaP256 => "ECDSA P-256",
            KeyAlgorithm::EcdsaP384 => "ECDSA P-384",
            KeyAlgorithm::Ed25519 => "Ed25519",
            KeyAlgorithm::Rsa => "RSA",
        })
    }
}

/// A hash function of FIPS 180-4. SHA-1 and MD5 are none any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl DigestAlgorithm {
    /// The digest of bytes.
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        let mut hasher = Hasher::new(self);
        hasher.update(bytes);
        hasher.finish()
    }

    /// The algorithm of an identifier.
    pub(super) fn of(oid: &[u8]) -> Option<Self> {
        match oid {
            names::SHA256 => Some(DigestAlgorithm::Sha256),
            names::SHA384 => Some(DigestAlgorithm::Sha384),
            names::SHA512 => Some(DigestAlgorithm::Sha512),
            _ => None,
        }
    }

    /// Its AlgorithmIdentifier, without parameters (RFC 5754 §2).
    pub(super) fn identifier(self) -> Vec<u8> {
        let oid = match self {
            DigestAlgorithm::Sha256 => names::SHA256,
            DigestAlgorithm::Sha384 => names::SHA384,
            DigestAlgorithm::Sha512 => names::SHA512,
        };
        wrap(tag::SEQUENCE, &[&write(tag::OID, oid)])
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DigestAlgorithm::Sha256 => "SHA-256",
            DigestAlgorithm::Sha384 => "SHA-384",
            DigestAlgorithm::Sha512 => "SHA-512",
        })
    }
}

/// A digest in the making.
pub(super) enum Hasher {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hasher {
    pub fn new(algorithm: DigestAlgorithm) -> Self {
        match algorithm {
            DigestAlgorithm::Sha256 => Hasher::Sha256(Sha256::new()),
            DigestAlgorithm::Sha384 => Hasher::Sha384(Sha384::new()),
            DigestAlgorithm::Sha512 => Hasher::Sha512(Sha512::new()),
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Hasher::Sha256(hash) => hash.update(bytes),
            Hasher::Sha384(hash) => hash.update(bytes),
            Hasher::Sha512(hash) => hash.update(bytes),
        }
    }

    pub fn finish(self) -> Vec<u8> {
        match self {
            Hasher::Sha256(hash) => hash.finalize().to_vec(),
            Hasher::Sha384(hash) => hash.finalize().to_vec(),
            Hasher::Sha512(hash) => hash.finalize().to_vec(),
        }
    }
}

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// ECDSA over a digest; the signature is an ECDSA-Sig-Value (RFC 3279 §2.2.3).
    Ecdsa(DigestAlgorithm),
    /// Ed25519 over the message itself.
    Ed25519,
    /// RSASSA-PKCS1-v1_5 over a digest.
    RsaPkcs1(DigestAlgorithm),
}

impl SignatureAlgorithm {
    /// The algorithm of an identifier in a certificate (RFC 5758, RFC 4055, RFC
    /// 8410).
    pub(super) fn of(oid: &[u8]) -> Option<Self> {
        use DigestAlgorithm::{Sha256, Sha384, Sha512};
        Some(match oid {
            names::ECDSA_WITH_SHA256 => SignatureAlgorithm::Ecdsa(Sha256),
            names::ECDSA_WITH_SHA384 => SignatureAlgorithm::Ecdsa(Sha384),
            names::ECDSA_WITH_SHA512 => SignatureAlgorithm::Ecdsa(Sha512),
            names::SHA256_WITH_RSA => SignatureAlgorithm::RsaPkcs1(Sha256),
            names::SHA384_WITH_RSA => SignatureAlgorithm::RsaPkcs1(Sha384),
            names::SHA512_WITH_RSA => SignatureAlgorithm::RsaPkcs1(Sha512),
            names::ED25519 => SignatureAlgorithm::Ed25519,
            _ => return None,
        })
    }

    /// Its AlgorithmIdentifier: with NULL for RSA, without parameters otherwise.
    pub(super) fn identifier(self) -> Vec<u8> {
        use DigestAlgorithm::{Sha256, Sha384, Sha512};
        let oid = match self {
            SignatureAlgorithm::Ecdsa(Sha256) => names::ECDSA_WITH_SHA256,
            SignatureAlgorithm::Ecdsa(Sha384) => names::ECDSA_WITH_SHA384,
            SignatureAlgorithm::Ecdsa(Sha512) => names::ECDSA_WITH_SHA512,
            SignatureAlgorithm::RsaPkcs1(Sha256) => names::SHA256_WITH_RSA,
            SignatureAlgorithm::RsaPkcs1(Sha384) => names::SHA384_WITH_RSA,
            SignatureAlgorithm::RsaPkcs1(Sha512) => names::SHA512_WITH_RSA,
            SignatureAlgorithm::Ed25519 => names::ED25519,
        };
        let oid = write(tag::OID, oid);
        match self {
            SignatureAlgorithm::RsaPkcs1(_) => wrap(tag::SEQUENCE, &[&oid, &write(tag::NULL, &[])]),
            _ => wrap(tag::SEQUENCE, &[&oid]),
        }
    }

    /// The digest that goes with it in a CMS message: its own, and for Ed25519
    /// SHA-512 (RFC 8419 §3.1).
    pub fn digest(self) -> DigestAlgorithm {
        match self {
            SignatureAlgorithm::Ecdsa(digest) | SignatureAlgorithm::RsaPkcs1(digest) => digest,
            SignatureAlgorithm::Ed25519 => DigestAlgorithm::Sha512,
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SignatureAlgorithm::Ecdsa(digest) => write!(f, "ECDSA with {digest}"),
            SignatureAlgorithm::Ed25519 => f.write_str("Ed25519"),
            SignatureAlgorithm::RsaPkcs1(digest) => write!(f, "RSA with {digest}"),
        }
    }
}
