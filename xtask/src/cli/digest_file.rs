//! The file in which CI finds the digests of what was published.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::CliError;
use crate::ops::{self, Pushed};

/// The file, open. One that was not there before goes again unless it is written.
pub(super) struct DigestFile {
    path: PathBuf,
    file: File,
    is_new: bool,
}

impl Drop for DigestFile {
    fn drop(&mut self) {
        if self.is_new {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl DigestFile {
    /// Opens it before anything is published: afterwards would be late to hear
    /// that it can't be written. What it holds stays until then.
    pub fn open(path: &Path) -> Result<Self, CliError> {
        let (file, is_new) = match File::create_new(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let mut options = File::options();
                options.write(true).create(true).truncate(false);
                (options.open(path), false)
            }
            file => (file, true),
        };
        Ok(DigestFile {
            path: path.to_owned(),
            file: file.map_err(|source| failed(path, source))?,
            is_new,
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
        let is_file = self.file.metadata().is_ok_and(|m| m.is_file());
        let emptied = if is_file {
            self.file.set_len(0)
        } else {
            Ok(())
        };
        emptied
            .and_then(|()| self.file.write_all(text.as_bytes()))
            .map_err(|source| failed(&self.path, source))?;
        self.is_new = false;
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
