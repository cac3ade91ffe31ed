//! What a build remembers: enough to tell that a package need not be built
//! again.
//!
//! A record names every input with the marks of its file. A file whose marks
//! are as new as the record itself may have been written in the same tick of
//! the clock, and is not trusted.

use std::fs::{self, Metadata};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::Error;
use super::output::TEMPORARY;
use crate::package::Assembled;

/// The record of one package.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Id of the package, for `clean`.
    pub id: String,
    /// Version of this program: another one may make other bytes.
    pub tool: String,
    /// Digest of the plan.
    pub fingerprint: String,
    /// The files that went in.
    pub inputs: Vec<Input>,
    /// SHA-256 of the finished package.
    pub sha256: String,
    /// Its size.
    pub size: u64,
    /// SHA-256 of the tar inside, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tar_sha256: Option<String>,
}

/// A file as it was when the package was built.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Input {
    /// Only ever compared, so a name that is not UTF-8 may lose bytes.
    path: String,
    len: u64,
    /// Nanoseconds since 1970.
    modified: u128,
    /// Changes even where the modification time was put back (Unix).
    changed: i128,
    /// Tells a file that was replaced (Unix).
    inode: u64,
}

impl Input {
    /// The marks of the file as it is now.
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        let (changed, inode) = unix_marks(&metadata);
        Some(Input {
            path: path.to_string_lossy().into_owned(),
            len: metadata.len(),
            modified: nanos(metadata.modified().ok()?),
            changed,
            inode,
        })
    }
}

#[cfg(unix)]
fn unix_marks(metadata: &Metadata) -> (i128, u64) {
    use std::os::unix::fs::MetadataExt;
    let changed = i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec());
    (changed, metadata.ino())
}

#[cfg(not(unix))]
fn unix_marks(_: &Metadata) -> (i128, u64) {
    (0, 0)
}

fn nanos(time: SystemTime) -> u128 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |duration| duration.as_nanos())
}

/// The version that goes into records.
pub(super) const TOOL: &str = concat!("cargo-nfv ", env!("CARGO_PKG_VERSION"));

/// The record at `path`; `None` if it can't be read as one.
pub(super) fn read(path: &Path) -> Option<Record> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// The record at `path`, if it still describes these inputs.
pub(super) fn fresh(path: &Path, fingerprint: &str, inputs: &[PathBuf]) -> Option<Record> {
    let record = read(path)?;
    let written = nanos(fs::metadata(path).ok()?.modified().ok()?);
    let now: Vec<Input> = inputs
        .iter()
        .map(|path| Input::of(path))
        .collect::<Option<_>>()?;
    let is_fresh = record.tool == TOOL
        && record.fingerprint == fingerprint
        && record.inputs == now
        && now.iter().all(|input| {
            input.modified < written && u128::try_from(input.changed).is_ok_and(|c| c < written)
        });
    is_fresh.then_some(record)
}

/// Writes a record. `inputs` were taken before the files were read, so that a
/// change in between is noticed the next time.
pub(super) fn remember(
    path: &Path,
    id: &str,
    fingerprint: String,
    inputs: Vec<Input>,
    assembled: &Assembled,
) -> Result<(), Error> {
    let record = Record {
        id: id.to_owned(),
        tool: TOOL.to_owned(),
        fingerprint,
        inputs,
        sha256: assembled.sha256.clone(),
        size: assembled.size,
        tar_sha256: assembled.tar_sha256.clone(),
    };
    let failed = |source| Error::Io {
        action: "write",
        path: path.to_owned(),
        source,
    };
    let bytes = serde_json::to_vec_pretty(&record).map_err(|e| failed(e.into()))?;
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(failed)?;
    let file = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .tempfile_in(folder);
    let mut file = file.map_err(failed)?;
    file.write_all(&bytes).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
