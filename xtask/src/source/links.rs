//! The same file by several paths.

use std::path::{Path, PathBuf};

/// A path with the links resolved of the folders that are there of it: where the file lies, or a new
/// one would. A link to the file itself stays one.
pub(crate) fn behind_links(path: &Path) -> PathBuf {
    // Without a link a path stays as it was written: Windows has another spelling for resolved ones.
    if !path.ancestors().skip(1).any(Path::is_symlink) {
        return path.to_owned();
    }
    let mut above = path.ancestors().skip(1);
    let real = above.find_map(|folder| {
        let real = std::fs::canonicalize(folder).ok()?;
        Some(real.join(path.strip_prefix(folder).ok()?))
    });
    real.unwrap_or_else(|| path.to_owned())
}
