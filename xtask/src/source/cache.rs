//! Folders of caches, which say so themselves (bford.info/cachedir).

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The file that marks a folder as a cache.
pub(crate) const CACHE_TAG: &str = "CACHEDIR.TAG";

/// What that file begins with. One that does not is a file like others.
pub(crate) const SIGNATURE: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55";

/// Whether a folder is marked as a cache: cargo's target directory, our own, those of other tools.
pub(crate) fn is_cache(folder: &Path) -> bool {
    let path = folder.join(CACHE_TAG);
    // A pipe of that name would never answer.
    if !path.is_file() {
        return false;
    }
    let mut head = [0; SIGNATURE.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == SIGNATURE
}
