//! Private keys, and what they sign.

use std::fmt;

use p256::ecdsa::signature::hazmat::PrehashSigner;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use zeroize::Zeroizing;

use super::algorithm::KeyAlgorithm;
use super::asn1::{algorithm, bit_string, only, tag, wrap, write};
use super::key_error::KeyError;
use super::public_key::{PublicKey, key_identifier};
use super::{encryption, names, pem};
use crate::secret::Secret;

/// A private key. `Debug` shows of which kind and nothing else.
pub struct PrivateKey {
    signer: Signer,
    /// PrivateKeyInfo (RFC 5958 §2) in DER.
    pkcs8: Zeroizing<Vec<u8>>,
    public: PublicKey,
}

enum Signer {
    P256(p256::ecdsa::SigningKey),
    P384(Box<p384::ecdsa::SigningKey>),
    Ed25519(Box<Ed25519KeyPair>),
    Rsa(Box<RsaKeyPair>),
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

const WHAT: &str = "the private key";

impl PrivateKey {
    /// A new key from the random numbers of the system. RSA keys are not made
    /// here.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        match algorithm {
            KeyAlgorithm::Rsa => Err(KeyError::NotGenerated(algorithm)),
            KeyAlgorithm::Ed25519 => PrivateKey::ed25519(&random(32)?),
            KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384 => {
                let len = if algorithm == KeyAlgorithm::EcdsaP256 {
                    32
                } else {
                    48
                };
                // A number that is zero or not below the order of the curve is
                // drawn again (FIPS 186-5 §A.2.2). It never is, twice.
                const DRAWS: usize = 8;
                for _ in 0..DRAWS {
                    if let Ok(key) = PrivateKey::ecdsa(algorithm, &random(len)?, None) {
                        return Ok(key);
                    }
                }
                Err(KeyError::Random)
            }
        }
    }

    /// Reads a PrivateKeyInfo (RFC 5208) or OneAsymmetricKey (RFC 5958) in DER.
    /// A public key in it must be the one that belongs to it.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let mut reader = only(der, tag::SEQUENCE, WHAT)?.reader();
        let version = reader.take(tag::INTEGER, WHAT)?.small(WHAT)?;
        let (oid, parameters) = algorithm(&mut reader, WHAT)?;
        let key = reader.take(tag::OCTET_STRING, WHAT)?.content;
        reader.maybe(tag::context(0), WHAT)?;
        let public = reader.maybe(tag::context_primitive(1), WHAT)?;
        reader.end(WHAT)?;
        if version > 1 {
            return Err(KeyError::Malformed("a known version"));
        }
        let parameters = parameters.map(|element| (element.tag, element.content));
        let read = match (oid, parameters) {
            (names::EC_PUBLIC_KEY, Some((tag::OID, curve))) => PrivateKey::sec1(key, Some(curve))?,
            (names::EC_PUBLIC_KEY, Some((tag::SEQUENCE, _))) => {
                return Err(KeyError::Unsupported(
                    "EC with a curve of its own".to_owned(),
                ));
            }
            (names::ED25519, None) => {
                PrivateKey::ed25519(only(key, tag::OCTET_STRING, WHAT)?.content)?
            }
            (names::RSA_ENCRYPTION, Some((tag::NULL, []))) => PrivateKey::pkcs1(key)?,
            (names::EC_PUBLIC_KEY | names::ED25519 | names::RSA_ENCRYPTION, _) => {
                return Err(KeyError::Malformed(WHAT));
            }
            (other, _) => return Err(KeyError::Unsupported(names::name(other))),
        };
        match public.map(|element| element.content.split_first()) {
            None => Ok(read),
            Some(Some((0, bits))) if bits == read.public.bits() => Ok(read),
            Some(_) => Err(KeyError::Pair),
        }
    }

    /// Reads an ECPrivateKey (RFC 5915 §3) in DER. The curve stands in it or
    /// around it.
    pub(super) fn sec1(der: &[u8], around: Option<&[u8]>) -> Result<Self, KeyError> {
        let mut reader = only(der, tag::SEQUENCE, WHAT)?.reader();
        let version = reader.take(tag::INTEGER, WHAT)?.small(WHAT)?;
        let number = reader.take(tag::OCTET_STRING, WHAT)?.content;
        let inside = match reader.maybe(tag::context(0), WHAT)? {
            Some(element) => Some(only(element.content, tag::OID, "a named curve")?.content),
            None => None,
        };
        let public = match reader.maybe(tag::context(1), WHAT)? {
            Some(element) => Some(only(element.content, tag::BIT_STRING, WHAT)?.bits(WHAT)?),
            None => None,
        };
        reader.end(WHAT)?;
        let curve = match (around, inside) {
            (Some(one), Some(other)) if one != other => {
                return Err(KeyError::Malformed("the curve"));
            }
            (one, other) => one.or(other).ok_or(KeyError::Malformed("the curve"))?,
        };
        let algorithm = match curve {
            names::P256 => KeyAlgorithm::EcdsaP256,
            names::P384 => KeyAlgorithm::EcdsaP384,
            other => return Err(KeyError::Unsupported(names::name(other))),
        };
        if version != 1 {
            return Err(KeyError::Malformed("a known version"));
        }
        PrivateKey::ecdsa(algorithm, number, public)
    }

    /// Reads an RSAPrivateKey (RFC 8017 §A.1.2) in DER.
    pub(super) fn pkcs1(der: &[u8]) -> Result<Self, KeyError> {
        // The most that `ring` signs with.
        const MOST: u16 = 4096;
        only(der, tag::SEQUENCE, WHAT)?;
        let pair = RsaKeyPair::from_der(der).map_err(|_| KeyError::Rsa { most: MOST })?;
        let public = PublicKey::of(KeyAlgorithm::Rsa, pair.public_key().as_ref())?;
        Ok(PrivateKey {
            signer: Signer::Rsa(Box::new(pair)),
            pkcs8: private_key_info(KeyAlgorithm::Rsa, der),
            public,
        })
    }

    fn ed25519(seed: &[u8]) -> Result<Self, KeyError> {
        let pair =
            Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Malformed(WHAT))?;
        let public = PublicKey::of(KeyAlgorithm::Ed25519, pair.public_key().as_ref())?;
        // RFC 8410 §7: an OCTET STRING inside the OCTET STRING.
        let key = Zeroizing::new(write(tag::OCTET_STRING, seed));
        Ok(PrivateKey {
            signer: Signer::Ed25519(Box::new(pair)),
            pkcs8: private_key_info(KeyAlgorithm::Ed25519, &key),
            public,
        })
    }

    fn ecdsa(
        algorithm: KeyAlgorithm,
        number: &[u8],
        public: Option<&[u8]>,
    ) -> Result<Self, KeyError> {
        let bad = |_| KeyError::Malformed(WHAT);
        let (signer, uncompressed, compressed) = match algorithm {
            KeyAlgorithm::EcdsaP384 => {
                let key = p384::ecdsa::SigningKey::from_slice(number).map_err(bad)?;
                let point = |compress| {
                    key.verifying_key()
                        .to_sec1_point(compress)
                        .as_bytes()
                        .to_vec()
                };
                let points = (point(false), point(true));
                (Signer::P384(Box::new(key)), points.0, points.1)
            }
            _ => {
                let key = p256::ecdsa::SigningKey::from_slice(number).map_err(bad)?;
                let point = |compress| {
                    key.verifying_key()
                        .to_sec1_point(compress)
                        .as_bytes()
                        .to_vec()
                };
                let points = (point(false), point(true));
                (Signer::P256(key), points.0, points.1)
            }
        };
        if public.is_some_and(|given| given != uncompressed && given != compressed) {
            return Err(KeyError::Pair);
        }
        let key = Zeroizing::new(wrap(
            tag::SEQUENCE,
            &[
                &write(tag::INTEGER, &[1]),
                &Zeroizing::new(write(tag::OCTET_STRING, number)),
                &write(tag::context(1), &bit_string(&uncompressed)),
            ],
        ));
        Ok(PrivateKey {
            signer,
            pkcs8: private_key_info(algorithm, &key),
            public: PublicKey::of(algorithm, &uncompressed)?,
        })
    }

    /// What kind of key it is.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.public.algorithm()
    }

    /// The key that verifies what this one signs.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs a message in the way of [`KeyAlgorithm::signature`]. The same
    /// message always gets the same signature: ECDSA takes its number from key
    /// and message (RFC 6979), and the others have no number.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let digest = || self.algorithm().signature().digest().digest(message);
        match &self.signer {
            Signer::P256(key) => {
                let signature: Result<p256::ecdsa::Signature, _> = key.sign_prehash(&digest());
                let signature = signature.map_err(|_| KeyError::Sign)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
            Signer::P384(key) => {
                let signature: Result<p384::ecdsa::Signature, _> = key.sign_prehash(&digest());
                let signature = signature.map_err(|_| KeyError::Sign)?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
            Signer::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Signer::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                // The random numbers blind the arithmetic; none is in the result.
                pair.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    message,
                    &mut signature,
                )
                .map_err(|_| KeyError::Sign)?;
                Ok(signature)
            }
        }
    }

    /// Unencrypted PKCS #8 as PEM (RFC 7468 §10).
    pub fn to_pem(&self) -> Zeroizing<String> {
        pem::write("PRIVATE KEY", &self.pkcs8)
    }

    /// Encrypted PKCS #8 as PEM (RFC 7468 §11): PBES2 with PBKDF2 and AES-256-CBC
    /// (RFC 8018). An empty passphrase is an error.
    pub fn to_encrypted_pem(&self, passphrase: &Secret) -> Result<Zeroizing<String>, KeyError> {
        let encrypted = encryption::encrypt(&self.pkcs8, passphrase)?;
        Ok(pem::write("ENCRYPTED PRIVATE KEY", &encrypted))
    }
}

/// A PrivateKeyInfo of these parts, without attributes.
fn private_key_info(algorithm: KeyAlgorithm, key: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(wrap(
        tag::SEQUENCE,
        &[
            &write(tag::INTEGER, &[0]),
            &key_identifier(algorithm),
            &Zeroizing::new(write(tag::OCTET_STRING, key)),
        ],
    ))
}

/// Random bytes of the system.
pub(super) fn random(len: usize) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut bytes = Zeroizing::new(vec![0; len]);
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| KeyError::Random)?;
    Ok(bytes)
}
