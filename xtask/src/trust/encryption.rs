//! Encryption of private keys with a passphrase: EncryptedPrivateKeyInfo (RFC
//! 5958 §3) with PBES2 (RFC 8018 §6.2).

use pkcs5::EncryptionScheme;
use pkcs5::der::{Decode, Encode};
use pkcs5::pbes2::{self, Kdf, Pbkdf2Params};
use zeroize::Zeroizing;

use super::asn1::{only, tag, wrap, write};
use super::key_error::KeyError;
use super::names;
use super::private_key::random;
use crate::secret::Secret;

/// What OWASP recommends for PBKDF2 with HMAC-SHA-256. PBKDF2 and not scrypt,
/// because Java has no other.
const ITERATIONS: u32 = 600_000;

/// The most iterations that a file may ask for: some seconds.
const MOST_ITERATIONS: u32 = 10_000_000;

/// The most memory that a file may ask scrypt for.
const MOST_MEMORY: u64 = 256 << 20;

/// The most work that a file may ask scrypt for, in blocks of 128 bytes: some
/// seconds.
const MOST_WORK: u64 = 32 << 20;

/// Encrypts a PrivateKeyInfo; salt and initialization vector are random.
pub(super) fn encrypt(pkcs8: &[u8], passphrase: &Secret) -> Result<Vec<u8>, KeyError> {
    if passphrase.reveal().is_empty() {
        return Err(KeyError::EmptyPassphrase);
    }
    let mut iv = [0; 16];
    iv.copy_from_slice(&random(16)?);
    let kdf = Pbkdf2Params::hmac_sha256(ITERATIONS, &random(16)?).map_err(|_| KeyError::Encrypt)?;
    let scheme = EncryptionScheme::Pbes2(pbes2::Parameters {
        kdf: Kdf::Pbkdf2(kdf),
        encryption: pbes2::EncryptionScheme::Aes256Cbc { iv },
    });
    let encrypted = scheme.encrypt(passphrase.reveal(), pkcs8);
    let encrypted = encrypted.map_err(|_| KeyError::Encrypt)?;
    let scheme = scheme.to_der().map_err(|_| KeyError::Encrypt)?;
    Ok(wrap(
        tag::SEQUENCE,
        &[&scheme, &write(tag::OCTET_STRING, &encrypted)],
    ))
}

/// Decrypts an EncryptedPrivateKeyInfo; the passphrase is asked for once its
/// parameters are known to be sound.
pub(super) fn decrypt(
    der: &[u8],
    passphrase: &mut dyn FnMut() -> Result<Secret, KeyError>,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    const WHAT: &str = "the encrypted key";
    let mut reader = only(der, tag::SEQUENCE, WHAT)?.reader();
    let scheme = reader.take(tag::SEQUENCE, WHAT)?;
    let encrypted = reader.take(tag::OCTET_STRING, WHAT)?.content;
    reader.end(WHAT)?;
    let oid = scheme.reader().take(tag::OID, WHAT)?.content;
    let unsupported = || KeyError::Encryption(names::name(cipher(scheme.whole).unwrap_or(oid)));
    let EncryptionScheme::Pbes2(parameters) =
        EncryptionScheme::from_der(scheme.whole).map_err(|_| unsupported())?
    else {
        return Err(unsupported());
    };
    within_reason(&parameters.kdf)?;
    let passphrase = passphrase()?;
    match parameters.decrypt(passphrase.reveal(), encrypted) {
        Ok(key) => Ok(Zeroizing::new(key)),
        Err(pkcs5::Error::UnsupportedAlgorithm { oid }) => {
            Err(KeyError::Encryption(names::name(oid.as_bytes())))
        }
        Err(_) => Err(KeyError::WrongPassphrase),
    }
}

/// The cipher of a scheme that is PBES2: beside the derivation of the key it is what can be
/// one that nobody should use (RFC 8018 §A.4).
fn cipher(scheme: &[u8]) -> Option<&[u8]> {
    const WHAT: &str = "the encryption scheme";
    let mut scheme = only(scheme, tag::SEQUENCE, WHAT).ok()?.reader();
    scheme.take(tag::OID, WHAT).ok()?;
    let mut parameters = scheme.take(tag::SEQUENCE, WHAT).ok()?.reader();
    parameters.take(tag::SEQUENCE, WHAT).ok()?;
    let mut cipher = parameters.take(tag::SEQUENCE, WHAT).ok()?.reader();
    Some(cipher.take(tag::OID, WHAT).ok()?.content)
}

fn within_reason(kdf: &Kdf) -> Result<(), KeyError> {
    match kdf {
        Kdf::Pbkdf2(params) if params.iteration_count > MOST_ITERATIONS => Err(KeyError::Costs(
            format!("PBKDF2 with {} iterations", params.iteration_count),
        )),
        Kdf::Scrypt(params) => within_reason_of_scrypt(
            params.cost_parameter,
            params.block_size.into(),
            params.parallelization.into(),
        ),
        _ => Ok(()),
    }
}

/// Whether scrypt (RFC 7914) may be run with these costs.
pub(super) fn within_reason_of_scrypt(n: u64, r: u64, p: u64) -> Result<(), KeyError> {
    let blocks = n.saturating_mul(r);
    let memory = blocks
        .saturating_add(r.saturating_mul(p))
        .saturating_mul(128);
    if memory > MOST_MEMORY || blocks.saturating_mul(p) > MOST_WORK {
        return Err(KeyError::Costs(format!("scrypt with N={n}, r={r}, p={p}")));
    }
    Ok(())
}
