//! Which package a SHIELD manifest wraps: a folder beside it, or a package
//! elsewhere in the tree.

use std::path::PathBuf;

use super::discover::file_name;
use super::package::{Form, Package};
use crate::descriptor::Kind;

/// The file that a SHIELD manifest calls its package.
pub(super) fn shield_package(package: &Package) -> Option<String> {
    let descriptor = package.descriptor.as_ref()?;
    if !descriptor.kind.is_shield() {
        return None;
    }
    descriptor.field("package")?.str().map(str::to_owned)
}

pub(super) fn attestation(package: &Package) -> Option<String> {
    let info = package.descriptor.as_ref()?.field("security_info")?;
    info.get("attestation_filename")?.str().map(str::to_owned)
}

/// Folders inside a SHIELD folder are its own packages' sources: the one that
/// the manifest names becomes the inner package and is no package by itself.
pub(super) fn take_shield_folders(packages: &mut Vec<Package>) {
    let wanted: Vec<(PathBuf, PathBuf)> = packages
        .iter()
        .filter_map(|package| {
            let name = shield_package(package)?;
            let stem = name.strip_suffix(".tar.gz")?.to_owned();
            Some((package.path.clone(), package.path.join(stem)))
        })
        .collect();
    for (shield, folder) in wanted {
        let Some(i) = packages.iter().position(|package| package.path == folder) else {
            continue;
        };
        let inner = packages.remove(i);
        if let Some(outer) = packages.iter_mut().find(|package| package.path == shield) {
            outer.inner = Some(Box::new(inner));
        }
    }
}

/// A SHIELD package may wrap a package that stands elsewhere in the tree: one
/// whose folder or id is the name that the manifest gives.
pub(super) fn adopt_inner_packages(packages: &mut [Package]) {
    for i in 0..packages.len() {
        if packages[i].form == Form::Archive || packages[i].inner.is_some() {
            continue;
        }
        let Some(name) = shield_package(&packages[i]) else {
            continue;
        };
        let Some(stem) = name.strip_suffix(".tar.gz") else {
            continue;
        };
        let kind = match packages[i].kind() {
            Some(Kind::ShieldNs) => Kind::Ns,
            _ => Kind::Vnf,
        };
        let inner = packages.iter().find(|other| {
            let is_named = other.id() == Some(stem) || file_name(&other.path) == stem;
            other.kind() == Some(kind) && other.form != Form::Archive && is_named
        });
        packages[i].inner = inner.cloned().map(Box::new);
    }
}
