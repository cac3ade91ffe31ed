//! `list` and `inspect`: what lies in the image layout.

use super::Error;
use crate::oci::{Entry, Layout};
use crate::source::Workspace;

/// Everything that is published, sorted by reference.
pub fn list(workspace: &Workspace) -> Result<Vec<Entry>, Error> {
    Ok(layout(workspace).entries()?)
}

/// What is published under a reference (`id:version`), an id with one version,
/// or a digest.
pub fn inspect(workspace: &Workspace, reference: &str) -> Result<Entry, Error> {
    Ok(layout(workspace).find(reference)?)
}

fn layout(workspace: &Workspace) -> Layout {
    Layout::new(workspace.out_dir.join("oci"))
}
