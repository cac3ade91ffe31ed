//! Why something could not be done at an NBI.

use std::io;
use std::path::PathBuf;

use reqwest::StatusCode;
use thiserror::Error;

use super::refusal::OsmRefusal;
use crate::oci::RemoteError;

/// Why something could not be done at an NBI. No message holds a password or a
/// token.
#[derive(Debug, Error)]
pub enum OsmError {
    /// The connection: certificates, proxies, the network.
    #[error(transparent)]
    Connection(#[from] RemoteError),
    /// The user is not let in.
    #[error(
        "OSM at `{host}` does not let `{user}` into the project `{project}` ({status}{detail}); `--user`, `--project` and `OSM_PASSWORD` say who asks"
    )]
    Login {
        /// The host.
        host: String,
        /// The user.
        user: String,
        /// The project.
        project: String,
        /// 401, 403 or the like.
        status: StatusCode,
        /// What it says, behind a colon.
        detail: String,
    },
    /// The user is let in, and not with this password alone.
    #[error(
        "OSM at `{host}` lets `{user}` in only after {what}; do that with OSM's own client or page"
    )]
    Unfit {
        /// The host.
        host: String,
        /// The user.
        user: String,
        /// What is wanted.
        what: &'static str,
    },
    /// The user may not do that.
    #[error("OSM at `{host}` does not allow `{user}` to {action} ({status}{detail})")]
    Denied {
        /// The host.
        host: String,
        /// The user.
        user: String,
        /// What was wanted.
        action: String,
        /// 401 or 403.
        status: StatusCode,
        /// What it says, behind a colon.
        detail: String,
    },
    /// There is no NBI.
    #[error("there is no OSM at `{address}`: it has no `/{path}` ({status})")]
    NoOsm {
        /// Where it was looked for.
        address: String,
        /// What it lacks.
        path: String,
        /// 404, 405 or 410.
        status: StatusCode,
    },
    /// An answer that is none of an NBI.
    #[error("failed to {action}: `{host}` {reason}")]
    Protocol {
        /// The host.
        host: String,
        /// What was wanted.
        action: String,
        /// What is wrong with its answer.
        reason: String,
    },
    /// It leads elsewhere. To follow would turn an upload into a question, and take
    /// a token to whoever is there.
    #[error("`{host}` leads on to `{there}`; name the address of the NBI itself")]
    Moved {
        /// The host.
        host: String,
        /// Where it leads: as much of the address as is that of an NBI.
        there: String,
    },
    /// OSM does not do what it was asked to.
    #[error("{} {action}: {}", if refusal.is_own { "OSM refuses to" } else { "failed to" }, refusal.means)]
    Refused {
        /// What it was asked to do.
        action: String,
        /// What its answer means.
        #[source]
        refusal: Box<OsmRefusal>,
    },
    /// A package was sent, or a part of it, and no answer tells what became of it.
    #[error(
        "it is not known what became of `{package}`: it was sent, no answer of OSM's came, and OSM does not have it yet; run the same command again later, which sends nothing twice"
    )]
    Lost {
        /// The package.
        package: String,
        /// What came in place of an answer.
        source: Box<OsmError>,
    },
    /// OSM took a package, and does not finish with it.
    #[error(
        "OSM has taken `{package}`, and after {seconds} {} it is still {state}; `--wait-timeout` gives it more time",
        if *seconds == 1 { "second" } else { "seconds" }
    )]
    Unfinished {
        /// The package.
        package: String,
        /// How long it was given.
        seconds: u64,
        /// In which state it is.
        state: String,
    },
    /// OSM took a package, and nothing will come of it.
    #[error(
        "OSM has taken `{package}` and failed with it: it is {state}; the log of OSM has the reason"
    )]
    Failed {
        /// The package.
        package: String,
        /// In which state it is.
        state: String,
    },
    /// A file is not what was verified.
    #[error("`{}` has changed since it was verified, and was not sent", .0.display())]
    Changed(PathBuf),
    /// A file can't be read.
    #[error("failed to read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

impl OsmError {
    /// Whether there is no OSM.
    pub fn is_not_found(&self) -> bool {
        match self {
            OsmError::NoOsm { .. } => true,
            OsmError::Refused { refusal, .. } => refusal.is_missing,
            _ => false,
        }
    }

    /// Whether other credentials are wanted.
    pub fn is_unauthorized(&self) -> bool {
        matches!(
            self,
            OsmError::Login { .. } | OsmError::Unfit { .. } | OsmError::Denied { .. }
        )
    }

    /// Whether bytes are other ones than they should be.
    pub fn is_mismatch(&self) -> bool {
        matches!(self, OsmError::Changed(_))
    }

    /// Whether the same may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            OsmError::Connection(error) => error.is_transient(),
            OsmError::Refused { refusal, .. } => refusal.is_transient(),
            OsmError::Lost { .. } | OsmError::Unfinished { .. } => true,
            _ => false,
        }
    }

    /// Whether somebody else has answered in place of OSM, which may have done what it was
    /// asked to.
    pub(super) fn is_of_another(&self) -> bool {
        matches!(
            self,
            OsmError::NoOsm { .. } | OsmError::Protocol { .. } | OsmError::Moved { .. }
        )
    }

    /// Whether nobody can tell what became of what was sent.
    pub fn is_unknown(&self) -> bool {
        matches!(self, OsmError::Lost { .. })
    }

    /// Whether OSM may have what it was sent all the same: no answer came, or one that is not true.
    pub fn is_in_doubt(&self) -> bool {
        self.is_unknown() || self.is_of_another()
    }

    /// The message, with OSM's own words where it has answered: for a line that shows no causes.
    pub fn in_full(&self) -> String {
        match self.refusal() {
            Some(refusal) => format!("{self} ({})", refusal.words()),
            None => self.to_string(),
        }
    }

    /// What an answer of OSM's means, where this is one.
    pub fn refusal(&self) -> Option<&OsmRefusal> {
        match self {
            OsmError::Refused { refusal, .. } => Some(refusal),
            OsmError::Lost { source, .. } => source.refusal(),
            _ => None,
        }
    }
}
