//! Flags that say whose signatures count, and words for those that do.

use std::path::PathBuf;

use super::{CliError, clock};
use crate::ops::{SignedBy, TrustOptions};

/// Whose signatures count.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Trust")]
pub(super) struct TrustArgs {
    /// Certificates (PEM) of which one must have signed, or issued that of the one who did; may be
    /// given several times
    #[arg(long, value_name = "FILE", alias = "certificate")]
    certificate_chain: Vec<PathBuf>,
    /// Public keys (PEM) of which one must have signed; may be given several times
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
}

impl TrustArgs {
    /// Whether a signature is wanted.
    pub fn is_asked(&self) -> bool {
        !self.certificate_chain.is_empty() || !self.key.is_empty()
    }

    /// The options these flags stand for.
    pub fn options(&self) -> Result<TrustOptions, CliError> {
        Ok(TrustOptions {
            certificates: self.certificate_chain.clone(),
            keys: self.key.clone(),
            at: i64::try_from(clock::now()?).unwrap_or(i64::MAX),
        })
    }
}

/// Whose signature it is, behind a word for what was done.
pub(super) fn by(signer: &SignedBy) -> String {
    let (subject, key) = (&signer.subject, &signer.key);
    let by = match signer.is_certified {
        true => format!("by `{subject}`, key {key}"),
        false => format!("with the key {key}, by `{subject}` if its certificate is to be believed"),
    };
    match signer.is_valid {
        true => by,
        false => format!("{by}; the certificate is not valid now"),
    }
}
