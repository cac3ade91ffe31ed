//! The file in which CI finds the digests of what was published.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::CliError;
use crate::ops::{self, Pushed};

/// The file, open. Unless it is written, there is none afterwards: the digests
/// of an earlier run would be taken for those of this one.
pub(super) struct DigestFile {
    path: PathBuf,
    file: File,
    is_written: bool,
}

impl Drop for DigestFile {
    fn drop(&mut self) {
        // A pipe or a terminal holds nothing that could be taken for something.
        if !self.is_written && is_file(&self.file) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn is_file(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file())
}

impl DigestFile {
    /// Opens it before anything is published: afterwards would be late to hear
    /// that it can't be written.
    pub fn open(path: &Path) -> Result<Self, CliError> {
        let mut options = File::options();
        let file = options.write(true).create(true).truncate(false).open(path);
        Ok(DigestFile {
            path: path.to_owned(),
            file: file.map_err(|source| failed(path, source))?,
            is_written: false,
        })
    }

    /// Writes a line `<host>/<repository>@<digest>` for each.
    pub fn write(mut self, pushed: &[Pushed]) -> Result<(), CliError> {
        let lines = pushed.iter().map(|pushed| {
            let reference = pushed.reference.rsplit_once(':');
            let name = reference.map_or("", |(name, _)| name);
            format!("{name}@{}\n", pushed.digest)
        });
        let text: String = lines.collect();
        // A pipe or a terminal has no length.
        let emptied = match is_file(&self.file) {
            true => self.file.set_len(0),
            false => Ok(()),
        };
        emptied
            .and_then(|()| self.file.write_all(text.as_bytes()))
            .map_err(|source| failed(&self.path, source))?;
        self.is_written = true;
        Ok(())
    }
}

fn failed(path: &Path, source: io::Error) -> CliError {
    CliError::Operation(ops::Error::Io {
        action: "write",
        path: path.to_owned(),
        source,
    })
}
