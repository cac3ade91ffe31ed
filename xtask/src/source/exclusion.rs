//! What is not looked at: outputs, caches, and what the configuration excludes.

use std::io;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::cache::is_cache;
use super::workspace::Workspace;

/// What is not looked at: outputs, caches, and what the configuration
/// excludes.
#[derive(Clone)]
pub(super) struct Exclusion {
    root: PathBuf,
    out_dir: PathBuf,
    patterns: Gitignore,
}

impl Exclusion {
    pub fn new(workspace: &Workspace) -> io::Result<Self> {
        let mut builder = GitignoreBuilder::new(&workspace.root);
        for pattern in &workspace.config.exclude {
            builder
                .add_line(workspace.config_path.clone(), pattern)
                .map_err(|error| {
                    io::Error::other(format!("`exclude` in the configuration: {error}"))
                })?;
        }
        Ok(Exclusion {
            root: workspace.root.clone(),
            out_dir: workspace.out_dir.clone(),
            patterns: builder.build().map_err(io::Error::other)?,
        })
    }

    /// Whether a folder, or a file, is not looked at.
    pub fn covers(&self, path: &Path, is_dir: bool) -> bool {
        if path.starts_with(&self.out_dir) || (is_dir && is_cache(path)) {
            return true;
        }
        !self.patterns.is_empty()
            && path.starts_with(&self.root)
            && self
                .patterns
                .matched_path_or_any_parents(path, is_dir)
                .is_ignore()
    }
}
