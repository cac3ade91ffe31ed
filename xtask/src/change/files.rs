//! The files of two packages side by side, by their digests and whether they can be run.

use std::collections::BTreeMap;

use super::Sort;

/// What a package says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileState {
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    /// Whether it can be run, which is all that a package keeps of its mode.
    pub is_executable: bool,
}

/// A file that has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// What became of it.
    pub sort: Sort,
    /// Its path below the root of the package.
    pub path: String,
    /// What it was.
    pub before: Option<FileState>,
    /// What it is.
    pub after: Option<FileState>,
}

impl FileChange {
    /// Whether it can be run now, where that is another thing than before.
    pub fn turns(&self) -> Option<bool> {
        match (&self.before, &self.after) {
            (Some(old), Some(new)) if old.is_executable != new.is_executable => {
                Some(new.is_executable)
            }
            _ => None,
        }
    }
}

/// What differs between two sets of files; sorted by path.
pub fn files(
    before: &BTreeMap<String, FileState>,
    after: &BTreeMap<String, FileState>,
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
