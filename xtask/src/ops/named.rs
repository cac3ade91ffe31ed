//! What packages are called on the command line of commands that only look at them: folders,
//! descriptors, finished packages, names in the layout of the tree and, with a registry at hand,
//! references.

use std::path::PathBuf;

use super::{Error, Reporter, target};
use crate::source::{Selection, Workspace};

/// What is meant, and what it lies in for as long as it is looked at.
pub(super) struct Named {
    /// What is meant.
    pub selection: Selection,
    #[cfg(feature = "publish")]
    _folders: Vec<crate::scratch::Folder>,
}

/// Finds what is meant by each name, and fetches what lies at a place. A file or folder comes
/// before anything else that is called so.
///
/// # Errors
///
/// There is nothing of such a name, or it is not to be had.
pub(super) fn named(
    workspace: &Workspace,
    #[cfg(feature = "publish")] remote: &crate::oci::Remote,
    names: &[&str],
    reporter: &dyn Reporter,
) -> Result<Named, Error> {
    let mut selection = Selection::default();
    #[cfg(feature = "publish")]
    let mut folders = Vec::new();
    #[cfg(not(feature = "publish"))]
    let _ = reporter;
    for name in names {
        #[cfg(feature = "publish")]
        if super::names_place(workspace, name) {
            folders.push(fetch(workspace, remote, name, &mut selection, reporter)?);
            continue;
        }
        match workspace.current_dir.join(name).exists() {
            true => selection.paths.push(PathBuf::from(name)),
            false => {
                let target = target::find(workspace, name)?;
                selection.archives.push((target.path, target.shown));
            }
        }
    }
    Ok(Named {
        selection,
        #[cfg(feature = "publish")]
        _folders: folders,
    })
}

/// Fetches what lies at a place, alone, into a folder that goes again.
#[cfg(feature = "publish")]
fn fetch(
    workspace: &Workspace,
    remote: &crate::oci::Remote,
    name: &str,
    selection: &mut Selection,
    reporter: &dyn Reporter,
) -> Result<crate::scratch::Folder, Error> {
    let options = super::PullOptions {
        reference: name.to_owned(),
        keeps_lock: true,
        ..super::PullOptions::default()
    };
    let (folder, report) = super::pull::pull_aside(workspace, remote, options, reporter)?;
    let paths = report.pulled.into_iter().flat_map(|pulled| pulled.paths);
    let archives = paths.filter(|path| path.extension().is_none_or(|end| end != "prov"));
    selection
        .archives
        .extend(archives.map(|path| (path, name.to_owned())));
    Ok(folder)
}
