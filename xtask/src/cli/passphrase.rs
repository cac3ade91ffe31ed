//! Flags that say where passphrases come from, and asking for them.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use crate::ops::Passphrases;
use crate::secret::Secret;
use crate::trust::{KeyError, PassphraseError, PassphraseOptions};

/// Where the passphrase of a private key comes from.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Passphrase")]
pub(super) struct PassphraseArgs {
    /// Take the passphrase from the first line of this file [default: `NFV_KEY_PASSPHRASE` or
    /// `COSIGN_PASSWORD` of the environment, or ask for it]
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Take it from the first line that comes from this open file descriptor
    #[cfg(unix)]
    #[arg(long, value_name = "N", conflicts_with = "passphrase_file")]
    passphrase_fd: Option<u32>,
}

impl PassphraseArgs {
    /// Where to look before asking.
    fn options(&self) -> PassphraseOptions {
        PassphraseOptions {
            file: self.passphrase_file.clone(),
            #[cfg(unix)]
            descriptor: self.passphrase_fd,
            #[cfg(not(unix))]
            descriptor: None,
        }
    }

    /// Passphrases as these flags say. A new key is encrypted unless `plain`;
    /// the key that is read may have a file of its own.
    pub fn source(&self, plain: bool, of_input: Option<&Path>) -> Source {
        let of_new = self.options();
        let of_old = match of_input {
            Some(path) => PassphraseOptions {
                file: Some(path.to_owned()),
                descriptor: None,
            },
            None => of_new.clone(),
        };
        Source {
            of_old,
            of_new,
            plain,
        }
    }
}

/// Flags, environment and terminal.
pub(super) struct Source {
    of_old: PassphraseOptions,
    of_new: PassphraseOptions,
    plain: bool,
}

impl Passphrases for Source {
    fn of(&self, file: &Path) -> Result<Secret, KeyError> {
        match self.of_old.find()? {
            Some(passphrase) => Ok(passphrase),
            None => ask(&format!("Passphrase of {}: ", shown(file))),
        }
    }

    fn for_new(&self, file: &Path) -> Result<Option<Secret>, KeyError> {
        if self.plain {
            return Ok(None);
        }
        if let Some(passphrase) = self.of_new.find()? {
            return Ok(Some(passphrase));
        }
        let first = ask(&format!("New passphrase for {}: ", shown(file)))?;
        if first.reveal().is_empty() {
            return Err(KeyError::EmptyPassphrase);
        }
        if ask("The same again: ")? != first {
            return Err(PassphraseError::Differ.into());
        }
        Ok(Some(first))
    }
}

fn shown(file: &Path) -> String {
    crate::report::clean(&file.display().to_string())
}

/// Asks whoever sits at the terminal.
fn ask(prompt: &str) -> Result<Secret, KeyError> {
    if !io::stdin().is_terminal() {
        return Err(KeyError::NoPassphrase);
    }
    let typed = rpassword::prompt_password(prompt).map_err(PassphraseError::Ask)?;
    Ok(Secret::new(typed))
}
