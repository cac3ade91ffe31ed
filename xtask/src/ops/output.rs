//! The folder that packages are built into, locked against a second run.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{Error, Reporter};
use crate::oci::Layout;
use crate::scratch;
use crate::source::Workspace;
use crate::source::cache::{CACHE_TAG, SIGNATURE};

/// The output folder. The lock is held as long as this lives.
pub(super) struct Output {
    /// Finished packages.
    pub packages: PathBuf,
    /// What builds remember.
    pub state: PathBuf,
    /// The image layout, where the bytes of every package lie.
    pub layout: Layout,
    /// The system lets go of the lock when the file is closed.
    _lock: Option<File>,
    /// Where a dry run writes in place of the folder, which it only reads.
    dry: Option<Box<Dry>>,
}

struct Dry {
    /// The output folder itself.
    own: Output,
    _folder: scratch::Folder,
}

impl Output {
    /// Creates the folder where it is missing and waits until no other run is
    /// at work in it.
    pub fn lock(workspace: &Workspace, reporter: &dyn Reporter) -> Result<Self, Error> {
        let root = &workspace.out_dir;
        let packages = root.join("packages");
        let create = |path: &Path| {
            fs::create_dir_all(path).map_err(|source| Error::Io {
                action: "create",
                path: path.to_owned(),
                source,
            })
        };
        create(root)?;
        let lock = lock(workspace, reporter)?;
        // Not before: the run that held the lock may have cleaned.
        create(&packages)?;
        tag_as_cache(root).map_err(|source| Error::Io {
            action: "write",
            path: root.join(CACHE_TAG),
            source,
        })?;
        let layout = Layout::passing(root.join("oci"));
        // Whatever is there now was left by a run that was killed.
        let state = root.join("state");
        sweep(&layout.ingest(), "");
        sweep(&packages, scratch::PREFIX);
        sweep(&state, scratch::PREFIX);
        Ok(Output {
            packages,
            state,
            layout,
            _lock: Some(lock),
            dry: None,
        })
    }

    /// For a run that is not to leave anything: what is finished is taken from
    /// the output folder, and what is not goes to a temporary one.
    pub fn dry(workspace: &Workspace, reporter: &dyn Reporter) -> Result<Self, Error> {
        let root = &workspace.out_dir;
        // Without that file there is nobody to wait for.
        let lock = match root.join(LOCK).is_file() {
            true => Some(lock(workspace, reporter)?),
            false => None,
        };
        let folder = scratch::folder().map_err(|source| Error::Io {
            action: "create a folder in",
            path: std::env::temp_dir(),
            source,
        })?;
        let at = |root: &Path, lock, dry| Output {
            packages: root.join("packages"),
            state: root.join("state"),
            layout: Layout::passing(root.join("oci")),
            _lock: lock,
            dry,
        };
        let path = folder.path().to_owned();
        let dry = Dry {
            own: at(root, lock, None),
            _folder: folder,
        };
        let output = at(&path, None, Some(Box::new(dry)));
        fs::create_dir_all(&output.packages).map_err(|source| Error::Io {
            action: "create",
            path: output.packages.clone(),
            source,
        })?;
        Ok(output)
    }

    /// Whether nothing may be written to the output folder.
    pub fn is_dry(&self) -> bool {
        self.dry.is_some()
    }

    /// The output folder itself, also of a dry run.
    pub fn own(&self) -> &Output {
        self.dry.as_ref().map_or(self, |dry| &dry.own)
    }
}

/// The file whose lock a run holds. It is never deleted: a run that waits for
/// it would then hold the lock of a file that nobody else sees.
pub(super) const LOCK: &str = ".lock";

/// Gives a temporary file its name, readable for all and whole on the disk.
pub(super) fn publish_file(file: NamedTempFile, path: &Path) -> Result<(), Error> {
    let synced = file.as_file().sync_all();
    synced.map_err(|source| not_written(path, source))?;
    name_file(file, path)
}

/// Gives a temporary file its name, readable for all. That it is on the disk is
/// not waited for: only what can be had again comes here.
pub(super) fn name_file(file: NamedTempFile, path: &Path) -> Result<(), Error> {
    let readable = scratch::readable(file.as_file());
    readable.map_err(|source| not_written(path, source))?;
    file.persist(path)
        .map_err(|error| not_written(path, error.error))?;
    Ok(())
}

pub(super) fn not_written(path: &Path, source: io::Error) -> Error {
    Error::Io {
        action: "write",
        path: path.to_owned(),
        source,
    }
}

/// A file beside the one that it becomes, whose folder must be there: one that is
/// misspelled is not wanted. Like every temporary file it is readable for its
/// owner alone.
pub(super) fn beside(path: &Path, bytes: &[u8]) -> Result<NamedTempFile, Error> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(Error::NoFolder {
            path: path.to_owned(),
            folder: folder.to_owned(),
        });
    }
    let write = || {
        let mut file = scratch::file_in(folder)?;
        file.write_all(bytes)?;
        Ok(file)
    };
    write().map_err(|source| not_written(path, source))
}

/// Waits until no other run is at work in the output folder, which has to be
/// there. The lock is held as long as the file is open.
pub(super) fn lock(workspace: &Workspace, reporter: &dyn Reporter) -> Result<File, Error> {
    let root = &workspace.out_dir;
    let path = root.join(LOCK);
    let failed = |source| Error::Io {
        action: "lock",
        path: path.clone(),
        source,
    };
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => {
            let folder = workspace.shown(root);
            reporter.status("Blocking", &format!("waiting for file lock on `{folder}`"));
            lock.lock().map_err(failed)?;
        }
        // Some network file systems have no locks; a run that is alone in
        // its folder needs none.
        Err(fs::TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(fs::TryLockError::Error(error)) => return Err(failed(error)),
    }
    Ok(lock)
}

/// Tells backup programs, and our own walk, to leave this folder alone
/// (bford.info/cachedir).
fn tag_as_cache(root: &Path) -> io::Result<()> {
    let path = root.join(CACHE_TAG);
    if path.is_file() {
        return Ok(());
    }
    let mut file = scratch::file_in(root)?;
    file.write_all(SIGNATURE)?;
    file.write_all(b"\n")?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Removes leftovers, which begin with `prefix`. One that can't be removed is
/// in nobody's way.
fn sweep(folder: &Path, prefix: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            let _ = match entry.file_type() {
                Ok(kind) if kind.is_dir() => fs::remove_dir_all(entry.path()),
                _ => fs::remove_file(entry.path()),
            };
        }
    }
}
