//! Descriptors in the tree that stand for what became of them: of variants of one function for
//! several releases, the path says which is meant, and an id does not.

use std::path::PathBuf;

use super::Error;
use super::target::{self, Target};
use crate::oci;
use crate::source::{self, Form, Package, Selection, Workspace, may_be_descriptor};

/// The package around the descriptor at a path; `None` where `name` is something else, or is the
/// path of more than one.
fn package_at(workspace: &Workspace, name: &str) -> Result<Option<Package>, Error> {
    let path = workspace.current_dir.join(name);
    if !may_be_descriptor(&path) || !path.is_file() {
        return Ok(None);
    }
    let selection = Selection {
        paths: vec![PathBuf::from(name)],
        ..Selection::default()
    };
    let scan = source::scan(workspace, &selection).map_err(Error::Scan)?;
    let mut packages = scan.packages.into_iter();
    let first = packages.find(|package| package.form != Form::Archive);
    Ok(first.filter(|_| packages.next().is_none()))
}

/// The finished package of that name, as [`target::find`] has it; for a descriptor, what was
/// built of it.
///
/// # Errors
///
/// Those of [`target::find`], and that nothing was built of a descriptor.
pub(super) fn finished(workspace: &Workspace, name: &str) -> Result<Target, Error> {
    let package = package_at(workspace, name)?;
    let Some(file_name) = package.and_then(|package| package.file_name()) else {
        return target::find(workspace, name);
    };
    let built = workspace.out_dir.join("packages").join(file_name);
    if !built.is_file() {
        return Err(Error::NotBuilt {
            descriptor: name.to_owned(),
            package: workspace.shown(&built),
        });
    }
    target::find(workspace, &built.to_string_lossy())
}

/// The name under which what is built of a descriptor is published; every other name as it is.
///
/// # Errors
///
/// The descriptor can't be read.
pub(super) fn reference(workspace: &Workspace, name: &str) -> Result<String, Error> {
    let package = package_at(workspace, name)?;
    let reference = package.and_then(|package| oci::reference_of(&package));
    Ok(reference.unwrap_or_else(|| name.to_owned()))
}
