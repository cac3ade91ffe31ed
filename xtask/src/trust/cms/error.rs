//! Why a signature can't be made, can't be read, or does not hold.

use std::io;

use thiserror::Error;

use crate::trust::asn1::Malformed;
use crate::trust::certificate::CertificateError;
use crate::trust::chain::ChainError;
use crate::trust::key_error::KeyError;
use crate::trust::pem::PemError;

/// Why a signature can't be made, can't be read, or does not hold.
#[derive(Debug, Error)]
pub enum CmsError {
    /// The file is no PEM.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// A message for mail, which `openssl cms -sign` writes where it is told nothing else.
    #[error("it is an S/MIME message; `openssl cms -sign -outform PEM` writes the signature alone")]
    Mime,
    /// The file holds something else.
    #[error("it holds `{0}`, and no CMS signature")]
    Other(String),
    /// The message is of another type.
    #[error("it is a CMS message of the type {0}, and no SignedData")]
    Type(String),
    /// The encoding is broken.
    #[error("{0} is missing or damaged in the CMS signature")]
    Malformed(&'static str),
    /// A certificate in it is broken.
    #[error("a certificate in the CMS signature can't be read")]
    Certificate(#[from] CertificateError),
    /// Certificates alone.
    #[error("nobody has signed: it holds certificates at most")]
    NoSigner,
    /// What is signed can't be read.
    #[error("failed to read what is signed")]
    Read(#[source] io::Error),
    /// It holds what it signs, and that is something else.
    #[error("it holds what was signed, and that is other content than this")]
    OtherContent,
    /// It signs the text in the form that mails have.
    #[error(
        "it was made over the text with the ends of lines of a mail; `openssl cms -sign -binary` signs the file as it is"
    )]
    Text,
    /// Without signed attributes the whole content has to be held in memory.
    #[error(
        "it was made without signed attributes, and so is verified only for content of at most {0} MiB"
    )]
    TooLarge(u64),
    /// One of those who signed.
    #[error("the signature of {who} does not hold")]
    Signer {
        /// Its place and whose it is.
        who: String,
        /// Why.
        source: SignerError,
    },
    /// A certificate with it was changed after it was issued.
    #[error("a certificate beside the signature was changed after it was issued")]
    Forged(#[source] ChainError),
    /// What stands beside it as a certificate is none.
    #[error("the certificate beside the signature can't be read")]
    Beside(#[source] CertificateError),
    /// A certificate beside it that says nothing of it.
    #[error("the certificate of `{0}` beside the signature is of nobody who has signed")]
    Stranger(String),
    /// A certificate is needed to sign.
    #[error(
        "a certificate is needed to make a CMS signature; `cargo nfv key generate --certificate` makes one"
    )]
    NoCertificate,
    /// The certificate is for another key.
    #[error("the certificate of `{0}` is for another key")]
    OtherKey(String),
    /// The certificate may not sign.
    #[error(transparent)]
    MayNotSign(#[from] ChainError),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl CmsError {
    /// Whether the signature is of a kind that is not verified here, so that nothing can be said
    /// of it.
    pub fn is_unsupported(&self) -> bool {
        let CmsError::Signer { source, .. } = self else {
            return false;
        };
        matches!(
            source,
            SignerError::Digest(_)
                | SignerError::Algorithm(_)
                | SignerError::Key(KeyError::Unsupported(_))
        )
    }
}

impl From<Malformed> for CmsError {
    fn from(malformed: Malformed) -> Self {
        CmsError::Malformed(malformed.0)
    }
}

/// Why one signer's signature does not hold.
#[derive(Debug, Error)]
pub enum SignerError {
    /// Nobody knows the certificate.
    #[error("the certificate of the signer is neither in the signature nor given")]
    NoCertificate,
    /// The digest can't be relied on, or is not known.
    #[error("its digest is {0}, which is not supported or too weak")]
    Digest(String),
    /// The signature algorithm can't be relied on, or is not known.
    #[error("it is signed with {0}, which is not supported or too weak")]
    Algorithm(String),
    /// Algorithms that do not go together.
    #[error(
        "its signature algorithm, its digest and the key of its certificate do not go together"
    )]
    Mixed,
    /// The content is other content.
    #[error("the content is not the one that was signed: its digest is another one")]
    Digests,
    /// No digest of this kind was given.
    #[error("the {0} of the content is needed, and was not given")]
    NoDigest(crate::trust::DigestAlgorithm),
    /// Neither attributes nor content.
    #[error("it has no signed attributes, and so the content itself is needed, not its digest")]
    NoContent,
    /// A signature over attributes, presented as one over their bytes.
    #[error(
        "the content has the form of signed attributes, so that the signature may have been made for another one"
    )]
    Confusable,
    /// RFC 5652 §5.3 wants them there, once, and right.
    #[error("its signed attribute {0} is missing, repeated or wrong")]
    Attribute(&'static str),
    /// The key of its certificate.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The signature itself.
    #[error("it is not one of this certificate's key over what was signed")]
    BadSignature,
}
