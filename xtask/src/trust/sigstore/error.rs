//! Why something is no signature of an artifact.

use thiserror::Error;

use crate::trust::{CertificateError, ChainError};

/// Why something is no signature of an artifact.
#[derive(Debug, Error)]
pub enum SigstoreError {
    /// What should be JSON is not.
    #[error("{0} is not valid JSON")]
    Json(&'static str, #[source] serde_json::Error),
    /// A field that is needed is missing, or is not what it has to be.
    #[error("{0} has no valid `{1}`")]
    Field(&'static str, &'static str),
    /// Something that is allowed and not known here.
    #[error("{0} is not supported")]
    Unsupported(String),
    /// A certificate that came along.
    #[error("the certificate beside it can't be read")]
    Certificate(#[from] CertificateError),
    /// A certificate that came along was changed after it was issued.
    #[error("a certificate beside it was changed after it was issued")]
    Forged(#[source] ChainError),
    /// It came along with a certificate for another key than it was made with.
    #[error("the certificate of `{0}` beside it is for another key than it was made with")]
    OtherKey(String),
    /// It came along with a certificate that says nothing of it.
    #[error("the certificate of `{0}` beside it is of nobody who has to do with the signer")]
    Stranger(String),
}
