//! Which package a SHIELD manifest wraps: a folder beside it, or a package
//! elsewhere in the tree.

use std::cmp::Reverse;
use std::path::PathBuf;

use super::discover::file_name;
use super::package::{Form, Package};
use crate::descriptor::Kind;
use crate::shield::{plain, stem};

/// The name of the manifest at the top of a SHIELD package.
pub(super) const MANIFEST: &str = "manifest.yaml";

/// The file that the package inside a SHIELD package is, or will be once it is built: what the
/// manifest calls its package. Where it does not say, the folder in which it looks for the
/// descriptor, or the only package beside it, becomes that file; and what is built is a
/// `.tar.gz`, whatever ending an early manifest gives it. `None` for a path that must not be
/// followed, and where nothing tells.
pub fn inner_file(package: &Package) -> Option<String> {
    let descriptor = package.descriptor.as_ref()?;
    if !descriptor.kind.is_shield() {
        return None;
    }
    let field = |key| descriptor.field(key).and_then(|node| node.str());
    if let Some(name) = field("package") {
        let name = plain(name)?;
        let is_built = package.form != Form::Archive && package.file(&name).is_none();
        let ending = [".zip", ".tgz", ".tar", ".csar"];
        let other = ending.iter().find_map(|ending| name.strip_suffix(ending));
        return Some(match other.filter(|_| is_built) {
            Some(stem) => format!("{stem}.tar.gz"),
            None => name,
        });
    }
    if package.form == Form::Archive {
        return None;
    }
    let descriptor = field("descriptor").and_then(plain);
    if let Some((folder, _)) = descriptor.as_deref().and_then(|path| path.split_once('/')) {
        return Some(format!("{folder}.tar.gz"));
    }
    match &package.inner {
        Some(inner) if inner.form != Form::Archive => {
            Some(format!("{}.tar.gz", file_name(&inner.path)))
        }
        _ => {
            let is_package = |path: &&str| path.ends_with(".tar.gz") && !path.contains('/');
            let mut packages = package.files.iter().map(|file| &*file.path);
            let first = packages.by_ref().find(is_package)?;
            packages
                .all(|path| !is_package(&path))
                .then(|| first.to_owned())
        }
    }
}

pub(super) fn attestation(package: &Package) -> Option<String> {
    let info = package.descriptor.as_ref()?.field("security_info")?;
    plain(info.get("attestation_filename")?.str()?)
}

/// The folder that becomes the package inside.
fn inner_folder(package: &Package) -> Option<String> {
    Some(stem(&inner_file(package)?)?.to_owned())
}

/// Folders inside a SHIELD folder are its own packages' sources: the one that
/// the manifest names becomes the inner package and is no package by itself.
pub(super) fn take_shield_folders(packages: &mut Vec<Package>) {
    let wanted: Vec<(PathBuf, Option<PathBuf>, Option<String>)> = packages
        .iter()
        .filter_map(|package| {
            let manifest = package.descriptor.as_ref();
            let manifest = manifest.filter(|manifest| manifest.kind.is_shield())?;
            let folder = inner_folder(package).map(|stem| package.path.join(stem));
            let is_named = manifest
                .field("package")
                .and_then(|name| name.str())
                .is_some();
            let variant = variant(package);
            (folder.is_some() || !is_named).then(|| (package.path.clone(), folder, variant))
        })
        .collect();
    for (shield, folder, variant) in wanted {
        let is_meant = |package: &&Package| match &folder {
            Some(folder) => package.path == *folder,
            // A manifest that does not say.
            None => package.path.parent() == Some(&shield),
        };
        let meant: Vec<&Package> = packages.iter().filter(is_meant).collect();
        let Some(first) = meant.first() else { continue };
        if meant.iter().any(|other| other.path != first.path) {
            continue;
        }
        let is_variant = |one: &&&Package| Some(&one.descriptor_path) == variant.as_ref();
        let meant = meant.iter().find(is_variant).unwrap_or(first);
        let meant = (meant.path.clone(), meant.descriptor_path.clone());
        let is_it =
            |package: &Package| (&package.path, &package.descriptor_path) == (&meant.0, &meant.1);
        let Some(i) = packages.iter().position(is_it) else {
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
        let Some(stem) = inner_folder(&packages[i]) else {
            continue;
        };
        let kind = match packages[i].kind() {
            Some(Kind::ShieldNs) => Kind::Ns,
            _ => Kind::Vnf,
        };
        let is_named = |other: &&Package| {
            let is_named = other.id() == Some(&*stem) || file_name(&other.path) == stem;
            other.kind() == Some(kind) && other.form != Form::Archive && is_named
        };
        // Of several of one name the nearest is meant.
        let shared = |other: &&Package| {
            let both = packages[i].path.components().zip(other.path.components());
            Reverse(both.take_while(|(own, other)| own == other).count())
        };
        let named = || packages.iter().filter(is_named);
        let first = named().min_by_key(shared);
        let variant = variant(&packages[i]);
        let is_variant = |other: &&Package| {
            first.is_some_and(|first| first.path == other.path)
                && Some(&other.descriptor_path) == variant.as_ref()
        };
        let inner = named().find(is_variant).or(first);
        packages[i].inner = inner.cloned().map(Box::new);
    }
}

/// The file in the package inside that a manifest says to be its descriptor.
pub(super) fn named_descriptor(package: &Package) -> Option<String> {
    plain(package.descriptor.as_ref()?.field("descriptor")?.str()?)
}

/// The same below the folder at the top.
fn variant(package: &Package) -> Option<String> {
    let path = named_descriptor(package)?;
    let (_, below) = path.split_once('/')?;
    Some(below.to_owned())
}

/// Of variants of one function in one folder that have the same id and version, one is a
/// package by itself, that which `is_wanted` or the first; the others are inside of those that
/// wrap them.
pub(super) fn drop_twins(packages: &mut Vec<Package>, is_wanted: impl Fn(&Package) -> bool) {
    let is_twin = |one: &Package, other: &Package| {
        let is_folder = one.form == Form::Folder && other.form == Form::Folder;
        is_folder
            && one.path == other.path
            && one.kind() == other.kind()
            && one.id() == other.id()
            && one.version() == other.version()
    };
    let mut i = 0;
    while i + 1 < packages.len() {
        // They stand behind each other, since packages are sorted by path.
        match is_twin(&packages[i], &packages[i + 1]) {
            true if is_wanted(&packages[i + 1]) => drop(packages.remove(i)),
            true => drop(packages.remove(i + 1)),
            false => i += 1,
        }
    }
}
