//! The files of two packages side by side, by their digests.

use std::collections::BTreeMap;

use super::Sort;

/// A file that has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// What became of it.
    pub sort: Sort,
    /// Its path below the root of the package.
    pub path: String,
    /// SHA-256 before, in hexadecimal.
    pub before: Option<String>,
    /// SHA-256 after.
    pub after: Option<String>,
}

/// What differs between two sets of files, each with its SHA-256; sorted by path.
pub fn files(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Vec<FileChange> {
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    paths.sort();
    paths.dedup();
    let change = |path: &String| {
        let (old, new) = (before.get(path), after.get(path));
        let sort = match (old, new) {
            (None, Some(_)) => Sort::Added,
            (Some(_), None) => Sort::Removed,
            (Some(old), Some(new)) if old != new => Sort::Changed,
            _ => return None,
        };
        Some(FileChange {
            sort,
            path: path.clone(),
            before: old.cloned(),
            after: new.cloned(),
        })
    };
    paths.into_iter().filter_map(change).collect()
}
