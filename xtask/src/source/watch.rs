//! Waits for changes of the files of a tree.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use thiserror::Error;

use super::workspace::Workspace;

/// An editor writes a file in several steps, and git a hundred files in a row: as
/// long as something happens within this time, it is one change.
const QUIET: Duration = Duration::from_millis(100);

/// Why a tree can't be watched, or not any more.
#[derive(Debug, Error)]
pub enum WatchError {
    /// The system refuses.
    #[error("failed to watch `{}`", path.display())]
    Start {
        /// The top of the tree.
        path: PathBuf,
        /// The reason.
        source: notify::Error,
    },
    /// It has stopped telling.
    #[error("the system tells of no more changes")]
    Stopped,
}

/// A tree that is watched.
pub struct Watch {
    events: Receiver<notify::Result<Event>>,
    out_dir: PathBuf,
    root: PathBuf,
    /// Ends the watch when it goes.
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Begins to watch everything below the top of the tree.
    pub fn start(workspace: &Workspace) -> Result<Self, WatchError> {
        let root = &workspace.root;
        let failed = |source| WatchError::Start {
            path: root.clone(),
            source,
        };
        let (send, events) = channel();
        let mut watcher = notify::recommended_watcher(send).map_err(failed)?;
        watcher
            .watch(root, RecursiveMode::Recursive)
            .map_err(failed)?;
        Ok(Watch {
            events,
            out_dir: workspace.out_dir.clone(),
            root: root.clone(),
            _watcher: watcher,
        })
    }

    /// Waits until a file has changed that is no output, and for a moment in which
    /// no other does.
    pub fn wait(&self) -> Result<(), WatchError> {
        loop {
            let event = self.events.recv().map_err(|_| WatchError::Stopped)?;
            if self.counts(&event) {
                break;
            }
        }
        loop {
            match self.events.recv_timeout(QUIET) {
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => return Err(WatchError::Stopped),
            }
        }
    }

    fn counts(&self, event: &notify::Result<Event>) -> bool {
        // What was lost may have been anything.
        let Ok(event) = event else { return true };
        // To read a file is no change of it.
        let is_written = EventKind::Access(AccessKind::Close(AccessMode::Write));
        if event.kind.is_access() && event.kind != is_written {
            return false;
        }
        event.need_rescan() || event.paths.iter().any(|path| !self.is_output(path))
    }

    /// Whether a path is of an output, a cache or the store of git.
    fn is_output(&self, path: &Path) -> bool {
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        path.starts_with(&self.out_dir)
            || below.components().any(|part| part.as_os_str() == ".git")
            || path
                .ancestors()
                .skip(1)
                .take_while(|folder| *folder != self.root)
                .any(|folder| folder.join("CACHEDIR.TAG").is_file())
    }
}
