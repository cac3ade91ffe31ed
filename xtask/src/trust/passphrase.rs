//! Where passphrases come from when nobody is asked.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// The variables that may hold a passphrase, in their order. The second is
/// cosign's own.
const VARIABLES: [&str; 2] = ["NFV_KEY_PASSPHRASE", "COSIGN_PASSWORD"];

/// The longest passphrase that is read.
const LONGEST: u64 = 1 << 16;

/// Why a passphrase can't be read. No message holds a piece of it.
#[derive(Debug, Error)]
pub enum PassphraseError {
    /// The system refuses.
    #[error("failed to read the passphrase from `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// More than any passphrase.
    #[error("`{}` is too long for a passphrase", .0.display())]
    TooLong(PathBuf),
    /// Bytes that nobody can type.
    #[error("the passphrase in {0} is not UTF-8")]
    Encoding(String),
    /// Asking has failed.
    #[error("failed to ask for the passphrase")]
    Ask(#[source] io::Error),
    /// Two answers that differ.
    #[error("the two passphrases are not the same")]
    Differ,
}

/// Where to look for a passphrase.
#[derive(Clone, Debug, Default)]
pub struct PassphraseOptions {
    /// A file; its first line counts.
    pub file: Option<PathBuf>,
    /// The number of an open file; the first line that comes from it counts.
    pub descriptor: Option<u32>,
}

impl PassphraseOptions {
    /// The passphrase from the open file, the file, or the environment; `None` if
    /// there is none in any. A file may hold an empty one; an empty variable is
    /// none, because CI sets those whose secret is not there.
    pub fn find(&self) -> Result<Option<Secret>, PassphraseError> {
        if let Some(number) = self.descriptor {
            // The safe way to an open file of which only the number is known.
            let path = PathBuf::from(format!("/dev/fd/{number}"));
            return first_line(&path).map(Some);
        }
        if let Some(path) = &self.file {
            return first_line(path).map(Some);
        }
        for name in VARIABLES {
            let value = std::env::var_os(name).filter(|value| !value.is_empty());
            if let Some(value) = value {
                let value = value.into_string();
                let value = value.map_err(|_| PassphraseError::Encoding(format!("`{name}`")))?;
                return Ok(Some(Secret::new(value)));
            }
        }
        Ok(None)
    }
}

fn first_line(path: &Path) -> Result<Secret, PassphraseError> {
    let failed = |source| PassphraseError::Io {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Zeroizing::new(Vec::new());
    let file = File::open(path).map_err(failed)?;
    let read = file.take(LONGEST + 1).read_to_end(&mut bytes);
    if read.map_err(failed)? as u64 > LONGEST {
        return Err(PassphraseError::TooLong(path.to_owned()));
    }
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| PassphraseError::Encoding(format!("`{}`", path.display())))?;
    Ok(Secret::new(text.lines().next().unwrap_or_default()))
}
