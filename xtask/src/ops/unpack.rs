//! `unpack`: a finished package to a folder.

use std::path::Path;

use super::{Error, target};
use crate::package::{self, UnpackError, Unpacked};
use crate::source::Workspace;

/// Unpacks what `name` names (a file, or a reference of the image layout) into
/// a folder in `into`; see [`package::unpack`]. Nothing or all is written.
pub fn unpack(
    workspace: &Workspace,
    name: &str,
    into: &Path,
    limit: u64,
) -> Result<Unpacked, Error> {
    let into = workspace.current_dir.join(into);
    let target = target::find(workspace, name)?;
    let (shown, stem) = (&target.shown, &target.stem);
    let result = package::unpack(&target.path, shown, stem, &into, limit);
    Ok(result.map_err(|error| match error {
        UnpackError::Exists { folder, how } => UnpackError::Exists {
            folder: workspace.shown(&folder).into(),
            how,
        },
        error => error,
    })?)
}
