//! Documents that a command line sends to a file.

use std::io::Write;
use std::path::Path;

use super::Error;
use super::output::publish_file;
use crate::scratch;

/// Writes a text (a schema, a bill of materials) to a file, whole or not at all.
/// The folder must be there: one that is misspelled is not wanted.
pub fn write_text(text: &str, path: &Path) -> Result<(), Error> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(Error::NoFolder {
            path: path.to_owned(),
            folder: folder.to_owned(),
        });
    }
    let failed = |source| Error::Io {
        action: "write",
        path: path.to_owned(),
        source,
    };
    let mut file = scratch::file_in(folder).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    publish_file(file, path)
}
