//! What a whole tree looks like without a byte of its files being read.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::exclusion::Exclusion;
use super::marks::Marks;
use super::workspace::Workspace;
use crate::digest::hex;

/// A tree at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// SHA-256 over the names and marks of all files, in hexadecimal.
    pub digest: String,
    /// When the youngest of the files was changed, in nanoseconds since 1970. What is
    /// as young as a note about it may have changed again in the same tick.
    pub youngest: u128,
}

/// Looks at every file below the root of a tree but what no scan looks at, and at some
/// that it passes over as well: that one of them changes costs a scan and nothing else.
///
/// `None` where that would not tell the whole truth: where something can't be listed, or
/// is a link, whose target may lie anywhere.
pub fn snapshot(workspace: &Workspace) -> Option<Snapshot> {
    let exclusion = Exclusion::new(workspace).ok()?;
    let part = folder(&workspace.root, &exclusion, 0)?;
    Some(Snapshot {
        digest: hex(&part.hash),
        youngest: part.youngest,
    })
}

struct Part {
    hash: [u8; 32],
    youngest: u128,
}

enum Entry {
    File(Marks),
    Folder(Part),
}

fn folder(path: &Path, exclusion: &Exclusion, depth: usize) -> Option<Part> {
    // Deeper ones are a finding, which only a scan makes.
    const DEPTH: usize = 64;
    if depth > DEPTH {
        return None;
    }
    let entries = fs::read_dir(path).ok()?.map(|entry| {
        let entry = entry.ok()?;
        Some((entry.file_name(), entry))
    });
    let mut entries: Vec<(OsString, fs::DirEntry)> = entries.collect::<Option<_>>()?;
    entries.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    let look = |(name, entry): &(OsString, fs::DirEntry)| {
        let kind = entry.file_type().ok()?;
        if kind.is_dir() {
            // Version control writes whenever it is asked something.
            if [".git", ".hg", ".svn"].iter().any(|own| name == own) {
                return Some(None);
            }
            let path = entry.path();
            if exclusion.covers(&path, true) {
                return Some(None);
            }
            return Some(Some(Entry::Folder(folder(&path, exclusion, depth + 1)?)));
        }
        if !kind.is_file() {
            return None;
        }
        let marks = Marks::in_metadata(&entry.metadata().ok()?)?;
        Some(Some(Entry::File(marks)))
    };
    // Folders side by side; the files of one follow each other, which is what the system
    // is quick at.
    let has_folders = entries
        .iter()
        .any(|(_, entry)| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let found: Option<Vec<Option<Entry>>> = match has_folders {
        true => entries.par_iter().map(look).collect(),
        false => entries.iter().map(look).collect(),
    };
    let mut hash = Sha256::new();
    let mut youngest = 0;
    for ((name, _), found) in entries.iter().zip(found?) {
        let Some(found) = found else { continue };
        let name = name.as_encoded_bytes();
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
        match found {
            Entry::File(marks) => {
                hash.update([0]);
                hash.update(marks.len.to_le_bytes());
                hash.update(marks.modified.to_le_bytes());
                hash.update(marks.changed.to_le_bytes());
                hash.update(marks.inode.to_le_bytes());
                let changed = u128::try_from(marks.changed).unwrap_or(0);
                youngest = youngest.max(marks.modified).max(changed);
            }
            Entry::Folder(part) => {
                hash.update([1]);
                hash.update(part.hash);
                youngest = youngest.max(part.youngest);
            }
        }
    }
    Some(Part {
        hash: hash.finalize().into(),
        youngest,
    })
}
