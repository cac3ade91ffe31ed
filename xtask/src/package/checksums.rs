//! `checksums.txt` as OSM's client writes it, but complete.
//!
//! One line a file: MD5 in lower case, a tab, and the path with the package's
//! top folder. OSM's own builder leaves out every name without a dot (charm
//! hooks, `README`); here every file has its line.

use std::fmt::Write;

/// The text for these files (name in the archive, MD5), in their order.
pub(super) fn write<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, md5) in files {
        // Writing to a string can't fail.
        let _ = writeln!(text, "{md5}\t{name}");
    }
    text
}
