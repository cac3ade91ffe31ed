//! What runs that were killed have left.
//!
//! A run holds a lock on each temporary file and folder that it makes. The system takes
//! the lock from a process that ends, however that ends, so what can be locked belongs to
//! nobody any more. Where there are no locks, nothing is ever taken for left.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::OFlags;

use super::{NAME, RANDOM};

/// The folders that were looked through in this run.
static SEEN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Locks what was just made under that name. `false` where another run took it for left
/// in the moment before.
pub(super) fn claim(file: &File, path: &Path) -> bool {
    match file.try_lock() {
        Ok(()) => path.symlink_metadata().is_ok(),
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(_)) => true,
    }
}

/// Removes from a folder, once in a run, what killed runs have left there. What can't be
/// removed is in nobody's way.
pub(super) fn sweep(folder: &Path) {
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let is_new = seen.insert(folder.to_owned());
    drop(seen);
    if !is_new {
        return;
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(is_ours) {
            let _ = remove(&entry.path());
        }
    }
}

/// Whether a name is one that this program gives, and nobody else would.
fn is_ours(name: &str) -> bool {
    let rest = name.strip_prefix(NAME);
    rest.is_some_and(|rest| {
        rest.len() == RANDOM && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn remove(path: &Path) -> std::io::Result<()> {
    let found = fs::symlink_metadata(path)?;
    if !found.is_dir() && !found.is_file() {
        return Ok(());
    }
    let mut options = OpenOptions::new();
    // A file can be locked on NFS only by who may write it.
    options.read(true).write(found.is_file());
    // Whoever may write into the folder could put a link or a pipe there meanwhile.
    let careful = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    options.custom_flags(careful.bits().cast_signed());
    let file = options.open(path)?;
    if !is_same(&found, &file.metadata()?) || file.try_lock().is_err() {
        return Ok(());
    }
    match found.is_dir() {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    }
}

fn is_same(one: &Metadata, other: &Metadata) -> bool {
    one.dev() == other.dev() && one.ino() == other.ino()
}

#[cfg(test)]
mod tests {
    use super::super::{file_in, folder_in};
    use super::*;

    /// As a run that was killed leaves it: there, and locked by nobody.
    fn leave(folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(name);
        fs::create_dir_all(path.join("content")).expect("a folder");
        fs::write(path.join("content/file"), "half").expect("a file");
        path
    }

    #[test]
    fn only_what_nobody_holds_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let (file, own) = (file_in(folder), folder_in(folder));
        let (file, own) = (file.expect("a file"), own.expect("a folder"));
        let left = leave(folder, ".nfv-tmp-0aZ0aZ0aZ0");
        let left_file = folder.join(".nfv-tmp-0aZ0aZ0aZ1");
        fs::write(&left_file, "half").expect("a file");
        let others = [".nfv-tmp-notes.txt", ".nfv-backup", ".nfv-tmp-", "content"];
        for name in others {
            leave(folder, name);
        }
        let link = folder.join(".nfv-tmp-0aZ0aZ0aZ2");
        std::os::unix::fs::symlink(folder.join("content"), &link).expect("a link");
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            if entry.file_name().to_str().is_some_and(is_ours) {
                remove(&entry.path()).expect("it can be removed");
            }
        }
        assert!(file.path().exists() && own.path().exists());
        assert!(!left.exists() && !left_file.exists());
        assert!(link.symlink_metadata().is_ok());
        for name in others {
            assert!(folder.join(name).join("content/file").exists(), "{name}");
        }
    }

    /// What is made in the moment in which another run looks through the folder is held all
    /// the same, or made again.
    #[test]
    fn what_is_made_while_others_sweep_stays() {
        use std::sync::atomic::{AtomicBool, Ordering};

        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        for entry in fs::read_dir(folder).expect("a folder").flatten() {
                            let _ = remove(&entry.path());
                        }
                    }
                });
            }
            let lost = (0..300).find(|_| {
                let own = folder_in(folder).expect("a folder");
                fs::write(own.path().join("file"), "half").is_err()
            });
            is_over.store(true, Ordering::Relaxed);
            assert_eq!(lost, None);
        });
    }
}
