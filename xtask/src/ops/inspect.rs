//! `list` and `inspect`: what lies in the image layout.

use super::{Error, Reporter};
use crate::oci::{Entry, Layout};
use crate::source::Workspace;

/// Everything that is published, sorted by reference; signatures and what else
/// only hangs beside something are found with that.
/// What can't be read is told of.
pub fn list(workspace: &Workspace, reporter: &dyn Reporter) -> Result<Vec<Entry>, Error> {
    let layout = layout(workspace);
    let entries = layout.entries()?;
    for (_, error) in layout.unread()? {
        reporter.warning(&error.with_reason());
    }
    // Only what speaks with registries writes such names.
    #[cfg(feature = "publish")]
    let entries = entries
        .into_iter()
        .filter(|entry| !super::versions::is_pointer(&entry.reference))
        .collect();
    Ok(entries)
}

/// What is published under a reference (`id:version`), an id with one version,
/// or a digest; or under that of the package around a descriptor.
pub fn inspect(workspace: &Workspace, reference: &str) -> Result<Entry, Error> {
    let reference = super::source_of::reference(workspace, reference)?;
    Ok(layout(workspace).find(&reference)?)
}

fn layout(workspace: &Workspace) -> Layout {
    Layout::new(workspace.out_dir.join("oci"))
}
