//! What a whole tree looks like without a byte of its files being read.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use ignore::gitignore::Gitignore;
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

/// Looks at every file that a scan of the tree can meet, given the folders of the packages
/// that the last one found: those are taken whole, and around them hidden folders and those
/// that git ignores are not gone into, be they ever so large.
///
/// `None` where that would not tell the whole truth: where something can't be listed, or
/// is a link, whose target may lie anywhere.
pub fn snapshot(workspace: &Workspace, packages: &BTreeSet<PathBuf>) -> Option<Snapshot> {
    let look = Look {
        exclusion: Some(Exclusion::new(workspace).ok()?),
        packages,
    };
    let tree = look.folder(&workspace.root, false, None, 0)?;
    let mut all = vec![(OsString::new(), Entry::Folder(tree))];
    // What is named is taken wherever it lies, also where nobody looks otherwise.
    let look = Look {
        exclusion: None,
        packages,
    };
    for path in workspace.config.named_paths() {
        let place = workspace.root.join(&path);
        let entry = match fs::symlink_metadata(&place) {
            Ok(found) if found.is_dir() => Entry::Folder(look.folder(&place, true, None, 0)?),
            Ok(found) if found.is_file() => Entry::File(Marks::in_metadata(&found)?),
            Ok(_) => return None,
            Err(_) => Entry::Passed,
        };
        all.push((path.into_os_string(), entry));
    }
    let (names, entries): (Vec<OsString>, Vec<Entry>) = all.into_iter().unzip();
    let part = part(names.iter().zip(entries));
    Some(Snapshot {
        digest: hex(&part.hash),
        youngest: part.youngest,
    })
}

struct Look<'a> {
    /// `None` where nothing is left out.
    exclusion: Option<Exclusion>,
    packages: &'a BTreeSet<PathBuf>,
}

struct Part {
    hash: [u8; 32],
    youngest: u128,
}

enum Entry {
    File(Marks),
    Folder(Part),
    /// A folder that is not gone into. What is put right below it changes its marks.
    Closed(Marks),
    /// Nobody's business but its name.
    Passed,
}

/// The `.gitignore` files that hold for a folder, innermost first.
struct Ignores<'a> {
    own: Gitignore,
    around: Option<&'a Ignores<'a>>,
}

impl Ignores<'_> {
    fn cover(&self, path: &Path) -> bool {
        let word = self.own.matched(path, true);
        match self.around {
            Some(around) if word.is_none() => around.cover(path),
            _ => word.is_ignore(),
        }
    }
}

impl Look<'_> {
    fn is_excluded(&self, folder: &Path) -> bool {
        let exclusion = self.exclusion.as_ref();
        exclusion.is_some_and(|exclusion| exclusion.covers(folder, true))
    }

    fn folder(
        &self,
        path: &Path,
        is_package: bool,
        ignores: Option<&Ignores<'_>>,
        depth: usize,
    ) -> Option<Part> {
        // Deeper ones are a finding, which only a scan makes.
        const DEPTH: usize = 64;
        if depth > DEPTH {
            return None;
        }
        let is_package = is_package || self.packages.contains(path);
        let entries = fs::read_dir(path).ok()?.map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name(), entry))
        });
        let mut entries: Vec<(OsString, fs::DirEntry)> = entries.collect::<Option<_>>()?;
        entries.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let has_own = !is_package && entries.iter().any(|(name, _)| name == ".gitignore");
        let own = has_own.then(|| Ignores {
            own: Gitignore::new(path.join(".gitignore")).0,
            around: ignores,
        });
        let ignores = own.as_ref().or(ignores);
        let look = |(name, entry): &(OsString, fs::DirEntry)| {
            let kind = entry.file_type().ok()?;
            if !kind.is_dir() {
                // A link is followed by nobody here.
                let marks = kind.is_file().then(|| entry.metadata().ok());
                return Some(Entry::File(Marks::in_metadata(&marks??)?));
            }
            let path = entry.path();
            // Version control writes whenever it is asked something.
            let is_own = [".git", ".hg", ".svn"].iter().any(|own| name == own);
            if is_own || self.is_excluded(&path) {
                return Some(Entry::Passed);
            }
            let is_hidden = || name.as_encoded_bytes().starts_with(b".");
            let is_ignored = || ignores.is_some_and(|ignores| ignores.cover(&path));
            if !is_package && (is_hidden() || is_ignored()) {
                let marks = Marks::in_metadata(&entry.metadata().ok()?)?;
                return Some(Entry::Closed(marks));
            }
            let part = self.folder(&path, is_package, ignores, depth + 1)?;
            Some(Entry::Folder(part))
        };
        // Folders side by side; the files of one follow each other, which is what the
        // system is quick at.
        let has_folders = entries
            .iter()
            .any(|(_, entry)| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let found: Option<Vec<Entry>> = match has_folders {
            true => entries.par_iter().map(look).collect(),
            false => entries.iter().map(look).collect(),
        };
        let names = entries.iter().map(|(name, _)| name);
        Some(part(names.zip(found?)))
    }
}

/// A folder of what is in it.
fn part<'a>(entries: impl Iterator<Item = (&'a OsString, Entry)>) -> Part {
    let mut hash = Sha256::new();
    let mut youngest = 0;
    // Many small pieces take a hash longer than one.
    let mut line = Vec::new();
    for (name, entry) in entries {
        let name = name.as_encoded_bytes();
        line.clear();
        line.extend_from_slice(&(name.len() as u64).to_le_bytes());
        line.extend_from_slice(name);
        match entry {
            Entry::File(marks) | Entry::Closed(marks) => {
                line.push(0);
                line.extend_from_slice(&marks.len.to_le_bytes());
                line.extend_from_slice(&marks.modified.to_le_bytes());
                line.extend_from_slice(&marks.changed.to_le_bytes());
                line.extend_from_slice(&marks.inode.to_le_bytes());
                let changed = u128::try_from(marks.changed).unwrap_or(0);
                youngest = youngest.max(marks.modified).max(changed);
            }
            Entry::Folder(part) => {
                line.push(1);
                line.extend_from_slice(&part.hash);
                youngest = youngest.max(part.youngest);
            }
            Entry::Passed => line.push(2),
        }
        hash.update(&line);
    }
    Part {
        hash: hash.finalize().into(),
        youngest,
    }
}
