//! Why something could not be done at a Store.

use std::path::PathBuf;

use reqwest::StatusCode;
use thiserror::Error;

use super::refusal::Refusal;
use crate::oci::RemoteError;

/// Why something could not be done at a Store.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The connection: certificates, proxies, the network.
    #[error(transparent)]
    Connection(#[from] RemoteError),
    /// Something in front of the Store wants to know who asks.
    #[error(
        "`{host}` asks for credentials ({status}), and a Store has none; something in front of it wants them, so ask for a way around that"
    )]
    Credentials {
        /// The host.
        host: String,
        /// 401, 403 or 407.
        status: StatusCode,
    },
    /// There is no such collection.
    #[error("there is no Store at `{address}`: it has no `/{path}` ({status})")]
    NoStore {
        /// Where it was looked for.
        address: String,
        /// The collection.
        path: &'static str,
        /// 404, 405 or 410.
        status: StatusCode,
    },
    /// An answer that is none of the Store's.
    #[error("failed to {action}: `{host}` {reason}")]
    Protocol {
        /// The host.
        host: String,
        /// What was wanted.
        action: String,
        /// What is wrong with its answer.
        reason: String,
    },
    /// It leads elsewhere. To follow would turn an upload into a question.
    #[error("`{host}` leads on to `{there}`; name the address of the Store itself")]
    Moved {
        /// The host.
        host: String,
        /// Where it leads: as much of the address as is that of a Store.
        there: String,
    },
    /// The Store did not take a package.
    #[error("the Store did not take `{package}`: {}", refusal.means)]
    Refused {
        /// The file.
        package: String,
        /// What its answer means.
        #[source]
        refusal: Box<Refusal>,
    },
    /// A package was sent, or a part of it, and no answer tells what became of
    /// it.
    #[error(
        "it is not known what became of `{package}`: it was sent, no answer says whether it was taken, and the Store does not have it yet; run the same command again later, which sends nothing twice"
    )]
    Lost {
        /// The file.
        package: String,
        /// What came in place of an answer.
        source: Box<StoreError>,
    },
    /// A file is not what was verified.
    #[error("`{}` has changed since it was verified, and was not sent", .0.display())]
    Changed(PathBuf),
}

impl StoreError {
    /// Whether there is no Store.
    pub fn is_not_found(&self) -> bool {
        matches!(self, StoreError::NoStore { .. })
    }

    /// Whether credentials are wanted.
    pub fn is_unauthorized(&self) -> bool {
        matches!(self, StoreError::Credentials { .. })
    }

    /// Whether bytes are other ones than they should be.
    pub fn is_mismatch(&self) -> bool {
        matches!(self, StoreError::Changed(_))
    }

    /// Whether the same may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            StoreError::Connection(error) => error.is_transient(),
            StoreError::Refused { refusal, .. } => refusal.is_transient,
            StoreError::Lost { .. } => true,
            _ => false,
        }
    }
}
