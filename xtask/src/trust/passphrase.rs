//! Where passphrases come from when nobody is asked.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
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
    /// One line where there should be two.
    #[error(
        "the file descriptor {0} gives one line, and there should be two: the passphrase of the \
         key that is read, and the new one"
    )]
    NoSecondLine(u32),
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
    /// The number of an open file, and which of the lines that come from it counts.
    pub descriptor: Option<(u32, Line)>,
}

/// A line of an open file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// The first.
    First,
    /// The second, where one file has the passphrases of two keys.
    Second,
}

/// Open files that passphrases were read from, with these. What came from a pipe does not
/// come again, so that each line is read once, whoever asks for it.
#[derive(Debug, Default)]
pub struct OpenFiles(RefCell<BTreeMap<u32, (File, Vec<Secret>)>>);

impl OpenFiles {
    /// A line of an open file. Nothing behind it is read, because the other end of a pipe
    /// may stay open. A first line may be empty, also where there is none.
    fn line(&self, number: u32, line: Line) -> Result<Secret, PassphraseError> {
        // The safe way to an open file of which only the number is known.
        let path = PathBuf::from(format!("/dev/fd/{number}"));
        let mut all = self.0.borrow_mut();
        let (file, lines) = match all.entry(number) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let file = File::open(&path).map_err(|source| PassphraseError::Io {
                    path: path.clone(),
                    source,
                })?;
                entry.insert((file, Vec::new()))
            }
        };
        while lines.len() <= line as usize {
            match next_line(file, &path)? {
                Some(text) => lines.push(text),
                None if lines.is_empty() => lines.push(Secret::new("")),
                None => return Err(PassphraseError::NoSecondLine(number)),
            }
        }
        Ok(lines[line as usize].clone())
    }
}

/// The next line of a file, byte by byte; `None` at its end.
fn next_line(file: &mut File, path: &Path) -> Result<Option<Secret>, PassphraseError> {
    let mut bytes = Zeroizing::new(Vec::new());
    let mut byte = Zeroizing::new([0]);
    loop {
        let read = loop {
            match file.read(&mut *byte) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let read = read.map_err(|source| PassphraseError::Io {
            path: path.to_owned(),
            source,
        })?;
        if read == 0 && bytes.is_empty() {
            return Ok(None);
        }
        bytes.extend_from_slice(&byte[..read]);
        if read == 0 || byte[0] == b'\n' {
            return first_of(&bytes, path).map(Some);
        }
        if bytes.len() as u64 > LONGEST {
            return Err(PassphraseError::TooLong(path.to_owned()));
        }
    }
}

impl PassphraseOptions {
    /// The passphrase from the open file, the file, or the environment; `None` if
    /// there is none in any. A file may hold an empty one; an empty variable is
    /// none, because CI sets those whose secret is not there.
    pub fn find(&self, open: &OpenFiles) -> Result<Option<Secret>, PassphraseError> {
        if let Some((number, line)) = self.descriptor {
            return open.line(number, line).map(Some);
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
    first_of(&bytes, path)
}

/// The first line of a text.
fn first_of(bytes: &[u8], path: &Path) -> Result<Secret, PassphraseError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| PassphraseError::Encoding(format!("`{}`", path.display())))?;
    Ok(Secret::new(text.lines().next().unwrap_or_default()))
}
