//! What came of downloads that broke off, for the next run: in one folder of the user, each
//! under the SHA-256 of the blob that it is the beginning of.
//!
//! It is moved there when a download fails or a signal ends the program, and whoever goes on
//! with it takes it away first. So no two runs have the same, and what is there is whole as
//! far as it goes. Nobody trusts it: a blob is held against its digest from its first byte.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::scratch;

/// What is shorter comes again as fast as it is looked for.
const LEAST: u64 = 1 << 20;
/// So many are kept, the newest.
const MOST: usize = 8;
/// What is so much older than the newest is nobody's any more.
const OLDEST: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// A folder of beginnings.
#[derive(Clone, Debug)]
pub struct Partials {
    folder: PathBuf,
}

impl Partials {
    /// Those in a folder, which need not be there.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Partials {
            folder: folder.into(),
        }
    }

    /// All that are there, sorted, each with its size. What can't be read is empty.
    pub fn list(&self) -> Vec<(PathBuf, u64)> {
        let found = self.found().into_iter();
        let mut found: Vec<_> = found.map(|one| (one.path, one.size)).collect();
        found.sort();
        found
    }

    /// The beginning of a blob of that size, which is then no longer there. `fresh` is a
    /// file that was just made: by its time it is told what is too old.
    pub(super) fn take(&self, digest: &str, size: u64, fresh: &File) -> Option<File> {
        if size <= LEAST {
            return None;
        }
        self.tidy(fresh.metadata().and_then(|file| file.modified()).ok());
        let path = self.of(digest)?;
        if !fs::symlink_metadata(&path).ok()?.is_file() {
            return None;
        }
        let file = File::open(&path).ok()?;
        // Of two runs only one can remove it.
        fs::remove_file(&path).ok()?;
        (file.metadata().ok()?.len() <= size).then_some(file)
    }

    /// Moves the beginning of a blob here, unless it is short or there is a longer one.
    /// Whether it is here then.
    pub(super) fn keep(&self, digest: &str, from: &Path) -> bool {
        self.keep_by(digest, from, |to| {
            fs::rename(from, to).or_else(|_| self.copy(from, to))
        })
    }

    /// The same for whoever has no time: nothing is copied from another file system.
    pub(super) fn keep_at_once(&self, digest: &str, from: &Path) -> bool {
        self.keep_by(digest, from, |to| fs::rename(from, to))
    }

    fn keep_by(
        &self,
        digest: &str,
        from: &Path,
        how: impl FnOnce(&Path) -> io::Result<()>,
    ) -> bool {
        let size = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
        let (Some(path), came) = (self.of(digest), size(from)) else {
            return false;
        };
        if came < LEAST || came < size(&path) || self.make().is_err() {
            return false;
        }
        let is_kept = how(&path).is_ok();
        self.tidy(None);
        is_kept
    }

    /// From another file system.
    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut file = scratch::file_in(&self.folder)?;
        io::copy(&mut File::open(from)?, file.as_file_mut())?;
        file.persist(to).map_err(|failed| failed.error)?;
        Ok(())
    }

    /// Nobody else may look into packages that only this user may have.
    fn make(&self) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)
    }

    fn of(&self, digest: &str) -> Option<PathBuf> {
        let name = digest.strip_prefix("sha256:").filter(|hex| is_sha256(hex));
        name.map(|name| self.folder.join(name))
    }

    fn found(&self) -> Vec<Found> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let read = |entry: fs::DirEntry| {
            let metadata = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            let is_ours = entry.file_name().to_str().is_some_and(is_sha256);
            is_ours.then_some(Found {
                changed: metadata.modified().ok()?,
                size: metadata.len(),
                path: entry.path(),
            })
        };
        entries.filter_map(read).collect()
    }

    /// Removes what is too old or too much. Without a time the newest has just come.
    fn tidy(&self, now: Option<SystemTime>) {
        let mut found = self.found();
        found.sort_by(|a, b| b.changed.cmp(&a.changed).then_with(|| a.path.cmp(&b.path)));
        let newest = now.or(found.first().map(|one| one.changed));
        let Some(newest) = newest else { return };
        let is_old = |one: &Found| {
            let age = newest.duration_since(one.changed);
            age.is_ok_and(|age| age > OLDEST)
        };
        for (i, one) in found.iter().enumerate() {
            if i >= MOST || is_old(one) {
                let _ = fs::remove_file(&one.path);
            }
        }
    }
}

struct Found {
    changed: SystemTime,
    size: u64,
    path: PathBuf,
}

fn is_sha256(name: &str) -> bool {
    let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    name.len() == 64 && name.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(n: usize) -> String {
        format!("sha256:{n:064x}")
    }

    fn day(n: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(n * 24 * 60 * 60)
    }

    /// A beginning of that size, of that day.
    fn keep(partials: &Partials, n: usize, size: u64, on: u64) -> bool {
        let file = tempfile::NamedTempFile::new().expect("a file");
        file.as_file().set_len(size).expect("a size");
        file.as_file().set_modified(day(on)).expect("a time");
        partials.keep(&digest(n), file.path())
    }

    /// A file of that day.
    fn fresh(on: u64) -> File {
        let file = tempfile::tempfile().expect("a file");
        file.set_modified(day(on)).expect("a time");
        file
    }

    #[test]
    fn the_longest_beginning_is_kept_and_given_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let partials = Partials::new(folder.path().join("deep/inside"));
        assert!(!keep(&partials, 1, LEAST - 1, 9));
        assert!(keep(&partials, 1, LEAST + 7, 9));
        assert!(!keep(&partials, 1, LEAST + 1, 9));
        assert!(keep(&partials, 2, LEAST, 9));
        let sizes = partials.list().into_iter().map(|(_, size)| size);
        assert_eq!(sizes.collect::<Vec<_>>(), [LEAST + 7, LEAST]);
        let take = |size| partials.take(&digest(1), size, &fresh(9));
        let file = take(LEAST + 7).expect("a beginning");
        assert_eq!(file.metadata().expect("a file").len(), LEAST + 7);
        assert!(take(LEAST + 7).is_none());
        // What is longer than the whole is no beginning of it.
        assert!(keep(&partials, 1, LEAST + 7, 9));
        assert!(take(LEAST + 6).is_none() && take(LEAST + 7).is_none());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let folder = fs::metadata(folder.path().join("deep/inside"));
            assert_eq!(
                folder.expect("a folder").permissions().mode() & 0o777,
                0o700
            );
        }
    }

    #[test]
    fn there_are_few_and_none_is_old() {
        let folder = tempfile::tempdir().expect("a folder");
        let partials = Partials::new(folder.path());
        let other = folder.path().join("notes.txt");
        fs::write(&other, "of somebody").expect("a file");
        for n in 0..MOST + 3 {
            keep(&partials, n, LEAST, 100 + n as u64 % 3);
        }
        assert_eq!(partials.list().len(), MOST);
        // The last that came is older than all others.
        keep(&partials, 99, LEAST, 10);
        assert_eq!(partials.list().len(), MOST);
        let take = |on| partials.take(&digest(99), 2 * LEAST, &fresh(on));
        assert!(take(102).is_none());
        assert_eq!(partials.list().len(), MOST);
        assert!(take(115).is_none());
        assert_eq!(partials.list().len(), MOST - 1);
        assert!(take(117).is_none());
        assert_eq!(partials.list(), []);
        assert!(other.exists());
    }
}
