//! Why a key can't be read, made or used. No message holds a piece of a private
//! key or of a passphrase.

use thiserror::Error;

use super::asn1::Malformed;
use super::passphrase::PassphraseError;
use super::pem::PemError;

/// Why a key can't be read, made or used.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file is no PEM.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// The file holds something else.
    #[error("it holds `{found}`, and no {wanted}")]
    Other {
        /// The label that was found.
        found: String,
        /// What was looked for.
        wanted: &'static str,
    },
    /// A certificate in the place of a public key.
    #[error(
        "it holds a certificate, and no PUBLIC KEY; give it with `--certificate-chain`, or in a policy as `certificates`"
    )]
    Certificate,
    /// Two private keys in one file.
    #[error("it holds more than one private key; keep each in a file of its own")]
    Several,
    /// The encoding is broken.
    #[error("{0} is missing or damaged in it")]
    Malformed(&'static str),
    /// A key of a kind that is not used here.
    #[error(
        "keys of the kind {0} are not supported; ECDSA on P-256 and P-384, Ed25519 and RSA are"
    )]
    Unsupported(String),
    /// An RSA key that nobody should trust, or that nobody can use.
    #[error(
        "an RSA key must have 2048 to {most} bits, and one to sign with two primes and a public exponent of at least 65537"
    )]
    Rsa {
        /// The most bits.
        most: u16,
    },
    /// The public key inside a private key is another one.
    #[error("the public key in it does not belong to the private one")]
    Pair,
    /// An old way to encrypt.
    #[error(
        "it is encrypted in a way that is not supported ({0}); convert it with `openssl pkcs8 -topk8 -in FILE -out NEW`"
    )]
    Encryption(String),
    /// Costs of a key derivation that are an attack or a slip.
    #[error(
        "its key derivation asks for more work or memory than is reasonable ({0}); convert it with `openssl pkcs8 -topk8 -in FILE -out NEW`"
    )]
    Costs(String),
    /// The key is encrypted, and nobody knows the passphrase.
    #[error(
        "it is encrypted, and no passphrase was given; set `NFV_KEY_PASSPHRASE`, or give a file with `--passphrase-file`"
    )]
    NoPassphrase,
    /// Nobody has said what a new key is to be encrypted with.
    #[error(
        "no passphrase was given to encrypt it with; set `NFV_KEY_PASSPHRASE`, give a file with \
         `--passphrase-file`, or leave it unencrypted with `--no-passphrase`"
    )]
    NoNewPassphrase,
    /// Wrong passphrase; a damaged file looks the same.
    #[error("the passphrase is not the one that it is encrypted with, or the file is damaged")]
    WrongPassphrase,
    /// An empty passphrase protects nothing.
    #[error("an empty passphrase protects nothing; give another one, or `--no-passphrase`")]
    EmptyPassphrase,
    /// The passphrase can't be read.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// Keys of this kind are only read.
    #[error(
        "{0} keys are not generated here; `openssl genpkey` makes one, and `cargo nfv key import` takes it"
    )]
    NotGenerated(super::KeyAlgorithm),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    Random,
    /// Something that does not happen with sound parameters.
    #[error("the key can't be encrypted")]
    Encrypt,
    /// Something that does not happen with a sound key.
    #[error("the key can't be used to sign")]
    Sign,
}

impl From<Malformed> for KeyError {
    fn from(malformed: Malformed) -> Self {
        KeyError::Malformed(malformed.0)
    }
}
