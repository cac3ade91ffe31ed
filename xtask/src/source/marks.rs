//! The marks by which a file is known to be the same without being read.

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// What tells, without reading it, that a file is still the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// Size in bytes.
    pub len: u64,
    /// Nanoseconds since 1970.
    pub modified: u128,
    /// Changes even where the modification time was put back (Unix).
    pub changed: i128,
    /// Tells a file that was replaced (Unix).
    pub inode: u64,
}

impl Marks {
    /// The marks of the file as it is now.
    pub fn of(path: &Path) -> Option<Self> {
        Self::in_metadata(&fs::metadata(path).ok()?)
    }

    /// The marks in what the system says of a file.
    pub fn in_metadata(metadata: &Metadata) -> Option<Self> {
        let (changed, inode) = unix_marks(metadata);
        Some(Marks {
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

/// Nanoseconds since 1970; 0 for a time before it.
pub(crate) fn nanos(time: SystemTime) -> u128 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |duration| duration.as_nanos())
}
