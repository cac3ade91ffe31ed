//! Why something is no signature of an artifact.

use thiserror::Error;

use crate::trust::CertificateError;

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
}
