//! Private keys as `cosign generate-key-pair` writes them: JSON that says how a
//! PKCS #8 key was encrypted, with scrypt (RFC 7914) and NaCl's secretbox, which
//! is XSalsa20 with Poly1305.

use pkcs5::scrypt;
use poly1305::Poly1305;
use poly1305::universal_hash::KeyInit;
use salsa20::XSalsa20;
use salsa20::cipher::{KeyIvInit, StreamCipher};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::encryption::within_reason_of_scrypt;
use super::key_error::KeyError;
use crate::digest::base64;
use crate::secret::Secret;

/// What stands in the PEM, as go-securesystemslib writes it.
#[derive(Deserialize)]
struct Envelope {
    kdf: Derivation,
    cipher: Cipher,
    ciphertext: String,
}

#[derive(Deserialize)]
struct Derivation {
    name: String,
    params: Costs,
    salt: String,
}

#[derive(Deserialize)]
struct Costs {
    #[serde(rename = "N")]
    n: u64,
    r: u32,
    p: u32,
}

#[derive(Deserialize)]
struct Cipher {
    name: String,
    nonce: String,
}

const WHAT: &str = "the encrypted key";
const TAG: usize = 16;

/// Decrypts the PKCS #8 key.
pub(super) fn decrypt(
    json: &[u8],
    passphrase: &mut dyn FnMut() -> Result<Secret, KeyError>,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let bad = || KeyError::Malformed(WHAT);
    let envelope: Envelope = serde_json::from_slice(json).map_err(|_| bad())?;
    for (name, known) in [
        (&envelope.kdf.name, "scrypt"),
        (&envelope.cipher.name, "nacl/secretbox"),
    ] {
        if name != known {
            return Err(KeyError::Encryption(name.clone()));
        }
    }
    let Costs { n, r, p } = envelope.kdf.params;
    if !n.is_power_of_two() {
        return Err(bad());
    }
    within_reason_of_scrypt(n, r.into(), p.into())?;
    let costs = scrypt::Params::new(n.trailing_zeros() as u8, r, p).map_err(|_| bad())?;
    let salt = base64(&envelope.kdf.salt).ok_or_else(bad)?;
    let nonce = base64(&envelope.cipher.nonce).ok_or_else(bad)?;
    let sealed = base64(&envelope.ciphertext).ok_or_else(bad)?;
    let passphrase = passphrase()?;
    let mut key = Zeroizing::new([0; 32]);
    let derived = scrypt::scrypt(passphrase.reveal().as_bytes(), &salt, &costs, &mut *key);
    derived.map_err(|_| bad())?;
    open(&key, &nonce, &sealed)
}

/// Opens a secretbox: the tag stands first, and the first 32 bytes of the key
/// stream are the key of the tag.
fn open(key: &[u8; 32], nonce: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let bad = || KeyError::Malformed(WHAT);
    let (tag, message) = sealed.split_at_checked(TAG).ok_or_else(bad)?;
    let mut stream = XSalsa20::new_from_slices(key, nonce).map_err(|_| bad())?;
    let mut tag_key = Zeroizing::new([0; 32]);
    stream.apply_keystream(&mut *tag_key);
    let mac = Poly1305::new_from_slice(&*tag_key).map_err(|_| bad())?;
    let wanted = mac.compute_unpadded(message);
    // In as much time as it takes: whoever could measure it has the file.
    if wanted.as_slice() != tag {
        return Err(KeyError::WrongPassphrase);
    }
    let mut message = Zeroizing::new(message.to_vec());
    stream.apply_keystream(&mut message);
    Ok(message)
}
