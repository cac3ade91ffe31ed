//! `unpack`: finished packages to folders.

use std::path::Path;

use super::{Error, target};
use crate::package::{self, UnpackError, Unpacked};
use crate::source::Workspace;

/// Unpacks what each of `names` names (a file, or a reference of the image
/// layout) into a new folder in `into`; see [`package::unpack`]. Of one package
/// nothing or all is written. Stops at the first that fails.
pub fn unpack(
    workspace: &Workspace,
    names: &[String],
    into: &Path,
    limit: u64,
) -> Result<Vec<Unpacked>, Error> {
    let into = workspace.current_dir.join(into);
    let one = |name: &String| {
        let target = target::find(workspace, name)?;
        let (shown, stem) = (&target.shown, &target.stem);
        let result = package::unpack(&target.path, shown, stem, &into, limit);
        Ok(result.map_err(|error| match error {
            UnpackError::Exists(folder) => UnpackError::Exists(workspace.shown(&folder).into()),
            error => error,
        })?)
    };
    names.iter().map(one).collect()
}
