//! Documents that a command line sends to a file.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use super::Error;
use super::output::{beside, not_written, publish_file};

/// Writes a text (a schema, a bill of materials) to a file, whole or not at all.
/// The folder must be there. A link stays, and what it leads to is written; a pipe or a
/// device takes the text as it comes.
pub fn write_text(text: &str, path: &Path) -> Result<(), Error> {
    if is_stream(path) {
        let file = OpenOptions::new().append(true).open(path);
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        return written.map_err(|source| not_written(path, source));
    }
    // A link to nothing is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    publish_file(beside(&target, text.as_bytes())?, &target)
}

/// Whether a path is a pipe, a device, or what this process has open: one text after the
/// other goes there.
pub fn is_stream(path: &Path) -> bool {
    let is_device =
        fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir());
    is_device || is_descriptor(path)
}

/// Whether a path is one by which Unix calls what a process has open: `/dev/stdout` may
/// lead to a file, which has more in it than this text.
fn is_descriptor(path: &Path) -> bool {
    let is_of_process = |path: &Path| {
        let folder = path.parent().and_then(Path::file_name);
        path.starts_with("/proc") && folder.is_some_and(|folder| folder == "fd")
    };
    let is_link = path == Path::new("/dev/stdout") || path == Path::new("/dev/stderr");
    is_link || path.starts_with("/dev/fd") || is_of_process(path)
}
