//! The file in which CI finds the digests of what was published.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::CliError;
use crate::ops::{self, Pushed};

/// The file, open.
pub(super) struct DigestFile {
    path: PathBuf,
    file: File,
}

impl DigestFile {
    /// Opens it before anything is published: afterwards would be late to hear
    /// that it can't be written. What it holds stays until then.
    pub fn open(path: &Path) -> Result<Self, CliError> {
        let mut options = File::options();
        let file = options.write(true).create(true).truncate(false).open(path);
        let file = file.map_err(|source| failed(path, source))?;
        Ok(DigestFile {
            path: path.to_owned(),
            file,
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
            .map_err(|source| failed(&self.path, source))
    }
}

fn failed(path: &Path, source: io::Error) -> CliError {
    CliError::Operation(ops::Error::Io {
        action: "write",
        path: path.to_owned(),
        source,
    })
}
