//! Waits for changes of the files of a tree.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use thiserror::Error;

use super::cache::is_cache;
use super::links::tidy;
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
    /// The top of the tree, and the folders outside of it.
    folders: Vec<PathBuf>,
    /// Ends the watch when it goes.
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Begins to watch everything below the top of the tree, and what of `paths` lies outside of it:
    /// the folder of a file, as what stands beside one is a part of its package.
    ///
    /// # Errors
    ///
    /// A folder is not there or can't be watched.
    pub fn start(workspace: &Workspace, paths: &[PathBuf]) -> Result<Self, WatchError> {
        let (send, events) = channel();
        let failed = |path: &Path, source| WatchError::Start {
            path: path.to_owned(),
            source,
        };
        let folders = folders(workspace, paths);
        let mut watcher =
            notify::recommended_watcher(send).map_err(|error| failed(&workspace.root, error))?;
        for folder in &folders {
            watcher
                .watch(folder, RecursiveMode::Recursive)
                .map_err(|error| failed(folder, error))?;
        }
        Ok(Watch {
            events,
            out_dir: workspace.out_dir.clone(),
            folders,
            _watcher: watcher,
        })
    }

    /// The folders that are watched: the top of the tree, and those outside of it.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
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
        let mut around = self.folders.iter();
        let root = around.find(|folder| path.starts_with(folder));
        let below = root.and_then(|root| path.strip_prefix(root).ok());
        let below = below.unwrap_or(path);
        path.starts_with(&self.out_dir)
            || below.components().any(|part| part.as_os_str() == ".git")
            || path
                .ancestors()
                .skip(1)
                .take_while(|folder| Some(*folder) != root.map(PathBuf::as_path))
                .any(is_cache)
    }
}

/// The top of the tree, and the folders of what is named outside of it, without those that lie in
/// another one. A link in the tree may lead out of it.
fn folders(workspace: &Workspace, paths: &[PathBuf]) -> Vec<PathBuf> {
    let places = paths.iter().map(|path| {
        let path = tidy(&workspace.current_dir.join(path));
        path.canonicalize().unwrap_or(path)
    });
    let root = workspace.root.canonicalize();
    let is_in_tree = |path: &PathBuf| {
        path.starts_with(&workspace.root) || root.as_ref().is_ok_and(|root| path.starts_with(root))
    };
    // What is not there is told by who looks at it.
    let outside = places.filter(|path| !is_in_tree(path) && path.exists());
    let outside: BTreeSet<PathBuf> = outside
        .map(|path| match path.parent() {
            Some(folder) if path.is_file() => folder.to_owned(),
            _ => path,
        })
        .collect();
    let mut folders = vec![workspace.root.clone()];
    for folder in outside {
        if !folders.iter().any(|around| folder.starts_with(around)) {
            folders.push(folder);
        }
    }
    folders
}
