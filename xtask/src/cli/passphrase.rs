//! Flags that say where passphrases come from, and asking for them.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use crate::ops::Passphrases;
use crate::secret::Secret;
use crate::trust::{KeyError, Line, OpenFiles, PassphraseError, PassphraseOptions};

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
            descriptor: self.passphrase_fd.map(|number| (number, Line::First)),
            #[cfg(not(unix))]
            descriptor: None,
        }
    }

    /// Whether one was named.
    pub fn is_given(&self) -> bool {
        let options = self.options();
        options.file.is_some() || options.descriptor.is_some()
    }

    /// Passphrases as these flags say. A new key is encrypted unless `plain`.
    pub fn source(&self, plain: bool) -> Source {
        Source {
            of_old: self.options(),
            of_new: self.options(),
            plain,
            open: OpenFiles::default(),
        }
    }

    /// The same; the key that is read may have a passphrase of its own. Where both come from
    /// one open file, that of the key that is read is its first line, and the new one its
    /// second, as in `openssl pkey -passin fd:3 -passout fd:3`.
    pub fn source_of_two(&self, plain: bool, of_input: &InputPassphraseArgs) -> Source {
        let mut source = self.source(plain);
        if let Some(of_old) = of_input.options() {
            if let (Some((old, _)), Some((new, line))) =
                (of_old.descriptor, &mut source.of_new.descriptor)
                && old == *new
            {
                *line = Line::Second;
            }
            source.of_old = of_old;
        }
        source
    }
}

/// Where the passphrase of a key that is read comes from, if it has another one than that
/// which is written.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Passphrase")]
pub(super) struct InputPassphraseArgs {
    /// File with the passphrase of the key that is read, where it has another one
    #[arg(long, value_name = "FILE")]
    input_passphrase_file: Option<PathBuf>,
    /// Open file descriptor with it; where that is N as well, its first line is for the key
    /// that is read, and its second for the new one
    #[cfg(unix)]
    #[arg(long, value_name = "M", conflicts_with = "input_passphrase_file")]
    input_passphrase_fd: Option<u32>,
}

impl InputPassphraseArgs {
    /// Where to look, if anywhere.
    fn options(&self) -> Option<PassphraseOptions> {
        #[cfg(unix)]
        let descriptor = self.input_passphrase_fd;
        #[cfg(not(unix))]
        let descriptor: Option<u32> = None;
        let options = PassphraseOptions {
            file: self.input_passphrase_file.clone(),
            descriptor: descriptor.map(|number| (number, Line::First)),
        };
        (options.file.is_some() || options.descriptor.is_some()).then_some(options)
    }
}

/// Flags, environment and terminal.
pub(super) struct Source {
    of_old: PassphraseOptions,
    of_new: PassphraseOptions,
    plain: bool,
    open: OpenFiles,
}

impl Passphrases for Source {
    fn of(&self, file: &Path) -> Result<Secret, KeyError> {
        match self.of_old.find(&self.open)? {
            Some(passphrase) => Ok(passphrase),
            None if !io::stdin().is_terminal() => Err(KeyError::NoPassphrase),
            None => ask(&format!("Passphrase of {}: ", shown(file))),
        }
    }

    fn for_new(&self, file: &Path) -> Result<Option<Secret>, KeyError> {
        if self.plain {
            return Ok(None);
        }
        if let Some(passphrase) = self.of_new.find(&self.open)? {
            return Ok(Some(passphrase));
        }
        if !io::stdin().is_terminal() {
            return Err(KeyError::NoNewPassphrase);
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
    let typed = rpassword::prompt_password(prompt).map_err(PassphraseError::Ask)?;
    Ok(Secret::new(typed))
}
