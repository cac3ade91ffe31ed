//! Public keys, and what they verify.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use ring::signature::{self as ring_signature, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::algorithm::{DigestAlgorithm, KeyAlgorithm, SignatureAlgorithm};
use super::asn1::{Reader, algorithm, bit_string, only, tag, wrap, write};
use super::key_error::KeyError;
use super::{names, pem};
use crate::digest::hex;

/// A signature is not one of this key over these bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the signature is not one of this key over these bytes")]
pub struct BadSignature;

/// A public key, as a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    algorithm: KeyAlgorithm,
    spki: Vec<u8>,
    /// The content of its BIT STRING.
    bits: Vec<u8>,
    size: usize,
}

/// The label of its PEM.
const LABEL: &str = "PUBLIC KEY";

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo in DER (RFC 5480, RFC 8410, RFC 3279 §2.3.1).
    pub fn from_der(spki: &[u8]) -> Result<Self, KeyError> {
        const WHAT: &str = "the public key";
        let mut reader = only(spki, tag::SEQUENCE, WHAT)?.reader();
        let (oid, parameters) = algorithm(&mut reader, WHAT)?;
        let bits = reader.take(tag::BIT_STRING, WHAT)?.bits(WHAT)?;
        reader.end(WHAT)?;
        let parameters = parameters.map(|element| (element.tag, element.content));
        let bad = || KeyError::Malformed(WHAT);
        let (algorithm, size) = match (oid, parameters) {
            (names::EC_PUBLIC_KEY, Some((tag::OID, names::P256))) => {
                p256::PublicKey::from_sec1_bytes(bits).map_err(|_| bad())?;
                (KeyAlgorithm::EcdsaP256, 256)
            }
            (names::EC_PUBLIC_KEY, Some((tag::OID, names::P384))) => {
                p384::PublicKey::from_sec1_bytes(bits).map_err(|_| bad())?;
                (KeyAlgorithm::EcdsaP384, 384)
            }
            (names::EC_PUBLIC_KEY, Some((tag::OID, curve))) => {
                return Err(KeyError::Unsupported(names::name(curve)));
            }
            (names::EC_PUBLIC_KEY, Some((tag::SEQUENCE, _))) => {
                return Err(KeyError::Unsupported(
                    "EC with a curve of its own".to_owned(),
                ));
            }
            (names::ED25519, None) if bits.len() == 32 => (KeyAlgorithm::Ed25519, 256),
            (names::RSA_ENCRYPTION, Some((tag::NULL, []))) => {
                (KeyAlgorithm::Rsa, modulus_size(bits)?)
            }
            (names::EC_PUBLIC_KEY | names::ED25519 | names::RSA_ENCRYPTION, _) => {
                return Err(bad());
            }
            (other, _) => return Err(KeyError::Unsupported(names::name(other))),
        };
        Ok(PublicKey {
            algorithm,
            spki: spki.to_owned(),
            bits: bits.to_owned(),
            size,
        })
    }

    /// Reads every `PUBLIC KEY` of a PEM file (RFC 7468 §13), at least one.
    ///
    /// # Errors
    ///
    /// The file is no PEM, has no public key, or one that is not used here: who gives
    /// two means both, so that none is passed over.
    pub fn read_all(file: &[u8]) -> Result<Vec<Self>, KeyError> {
        let blocks = pem::blocks(file)?;
        let keys = blocks.iter().filter(|block| block.label == LABEL);
        let keys = keys.map(|block| PublicKey::from_der(&block.bytes));
        let keys: Vec<PublicKey> = keys.collect::<Result<_, _>>()?;
        match keys.is_empty() {
            false => Ok(keys),
            // The two flags that say whose signatures count take one each.
            true if blocks.iter().any(|block| block.label == "CERTIFICATE") => {
                Err(KeyError::Certificate)
            }
            true => Err(KeyError::Other {
                found: blocks
                    .into_iter()
                    .map(|block| block.label)
                    .next()
                    .unwrap_or_default(),
                wanted: LABEL,
            }),
        }
    }

    /// A key of these parts.
    pub(super) fn of(algorithm: KeyAlgorithm, bits: &[u8]) -> Result<Self, KeyError> {
        PublicKey::from_der(&wrap(
            tag::SEQUENCE,
            &[&key_identifier(algorithm), &bit_string(bits)],
        ))
    }

    /// Its SubjectPublicKeyInfo in DER.
    pub fn to_der(&self) -> &[u8] {
        &self.spki
    }

    /// The same as PEM.
    pub fn to_pem(&self) -> String {
        pem::write(LABEL, &self.spki).to_string()
    }

    /// What kind of key it is.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// Its length in bits.
    pub fn size(&self) -> usize {
        self.size
    }

    /// SHA-256 of its SubjectPublicKeyInfo, in hexadecimal.
    pub fn id(&self) -> String {
        hex(&Sha256::digest(&self.spki))
    }

    /// The content of the BIT STRING.
    pub(super) fn bits(&self) -> &[u8] {
        &self.bits
    }

    /// Whether the signature is one of this key over the message, made as
    /// [`PrivateKey::sign`](super::PrivateKey::sign) does.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.verify_as(self.algorithm.signature(), message, signature)
    }

    /// The same for a signature that was made in a certain way. One that keys of
    /// this kind don't have is a bad signature.
    pub fn verify_as(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        use SignatureAlgorithm::{Ecdsa, Ed25519, RsaPkcs1};
        let good = match (self.algorithm, algorithm) {
            (KeyAlgorithm::EcdsaP256, Ecdsa(digest)) => {
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&self.bits);
                let signature = p256::ecdsa::Signature::from_der(signature);
                let pair = key.ok().zip(signature.ok());
                pair.is_some_and(|(key, signature)| {
                    let digest = digest.digest(message);
                    key.verify_prehash(&digest, &signature).is_ok()
                })
            }
            (KeyAlgorithm::EcdsaP384, Ecdsa(digest)) => {
                let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(&self.bits);
                let signature = p384::ecdsa::Signature::from_der(signature);
                let pair = key.ok().zip(signature.ok());
                pair.is_some_and(|(key, signature)| {
                    let digest = digest.digest(message);
                    key.verify_prehash(&digest, &signature).is_ok()
                })
            }
            (KeyAlgorithm::Ed25519, Ed25519) => {
                UnparsedPublicKey::new(&ring_signature::ED25519, &self.bits)
                    .verify(message, signature)
                    .is_ok()
            }
            (KeyAlgorithm::Rsa, RsaPkcs1(digest)) => {
                let scheme = match digest {
                    DigestAlgorithm::Sha256 => &ring_signature::RSA_PKCS1_2048_8192_SHA256,
                    DigestAlgorithm::Sha384 => &ring_signature::RSA_PKCS1_2048_8192_SHA384,
                    DigestAlgorithm::Sha512 => &ring_signature::RSA_PKCS1_2048_8192_SHA512,
                };
                UnparsedPublicKey::new(scheme, &self.bits)
                    .verify(message, signature)
                    .is_ok()
            }
            _ => false,
        };
        if good { Ok(()) } else { Err(BadSignature) }
    }
}

/// The AlgorithmIdentifier of keys of a kind.
pub(super) fn key_identifier(algorithm: KeyAlgorithm) -> Vec<u8> {
    let (oid, parameters) = match algorithm {
        KeyAlgorithm::EcdsaP256 => (names::EC_PUBLIC_KEY, write(tag::OID, names::P256)),
        KeyAlgorithm::EcdsaP384 => (names::EC_PUBLIC_KEY, write(tag::OID, names::P384)),
        KeyAlgorithm::Ed25519 => (names::ED25519, Vec::new()),
        KeyAlgorithm::Rsa => (names::RSA_ENCRYPTION, write(tag::NULL, &[])),
    };
    wrap(tag::SEQUENCE, &[&write(tag::OID, oid), &parameters])
}

/// The bits of the modulus in an RSAPublicKey (RFC 8017 §A.1.1). `ring` looks at
/// the rest.
fn modulus_size(key: &[u8]) -> Result<usize, KeyError> {
    const WHAT: &str = "the public key";
    const LEAST: usize = 2048;
    const MOST: u16 = 8192;
    let mut reader: Reader<'_> = only(key, tag::SEQUENCE, WHAT)?.reader();
    let modulus = reader.take(tag::INTEGER, WHAT)?.content;
    reader.take(tag::INTEGER, WHAT)?;
    reader.end(WHAT)?;
    let modulus = modulus.strip_prefix(&[0]).unwrap_or(modulus);
    let zeros = modulus.first().map_or(0, |byte| byte.leading_zeros());
    let size = modulus.len() * 8 - zeros as usize;
    match size {
        LEAST.. if size <= usize::from(MOST) => Ok(size),
        _ => Err(KeyError::Rsa { most: MOST }),
    }
}
