//! Private keys in files, in every form that is met.

use super::key_error::KeyError;
use super::private_key::PrivateKey;
use super::{cosign, encryption, pem};
use crate::secret::Secret;

/// Reads the private key of a PEM file: PKCS #8, encrypted or not (RFC 7468 §10
/// and §11), SEC1 (RFC 5915), PKCS #1 (RFC 8017), or cosign's form. Certificates
/// beside it are passed over. The passphrase is asked for only if there is
/// something to decrypt.
///
/// # Errors
///
/// [`KeyError`]: the file is none of these, the key is of another kind, the
/// passphrase is not the right one, or `passphrase` fails.
pub fn read_private_key(
    file: &[u8],
    passphrase: &mut dyn FnMut() -> Result<Secret, KeyError>,
) -> Result<PrivateKey, KeyError> {
    let blocks = pem::blocks(file)?;
    let mut keys = blocks
        .iter()
        .filter(|block| block.label.ends_with("PRIVATE KEY"));
    let (key, second) = (keys.next(), keys.next());
    let Some(block) = key else {
        return Err(KeyError::Other {
            found: blocks
                .first()
                .map_or_else(String::new, |block| block.label.clone()),
            wanted: "private key",
        });
    };
    if second.is_some() {
        return Err(KeyError::Several);
    }
    if block.has_headers {
        return Err(KeyError::Encryption("`DEK-Info`, RFC 1421".to_owned()));
    }
    let bytes = &block.bytes;
    match block.label.as_str() {
        "PRIVATE KEY" => PrivateKey::from_pkcs8(bytes),
        "EC PRIVATE KEY" => PrivateKey::sec1(bytes, None),
        "RSA PRIVATE KEY" => PrivateKey::pkcs1(bytes),
        "ENCRYPTED PRIVATE KEY" => decrypted(&encryption::decrypt(bytes, passphrase)?),
        "ENCRYPTED SIGSTORE PRIVATE KEY" | "ENCRYPTED COSIGN PRIVATE KEY" => {
            decrypted(&cosign::decrypt(bytes, passphrase)?)
        }
        other => Err(KeyError::Unsupported(format!("`{other}`"))),
    }
}

/// A wrong passphrase may leave bytes that look well padded, and then are no key.
fn decrypted(pkcs8: &[u8]) -> Result<PrivateKey, KeyError> {
    PrivateKey::from_pkcs8(pkcs8).map_err(|error| match error {
        KeyError::Malformed(_) => KeyError::WrongPassphrase,
        other => other,
    })
}
