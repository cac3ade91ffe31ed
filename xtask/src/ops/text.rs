//! Documents that a command line sends to a file.

use std::path::Path;

use super::Error;
use super::output::{beside, publish_file};

/// Writes a text (a schema, a bill of materials) to a file, whole or not at all.
/// The folder must be there.
pub fn write_text(text: &str, path: &Path) -> Result<(), Error> {
    publish_file(beside(path, text.as_bytes())?, path)
}
