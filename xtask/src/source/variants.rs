//! Descriptors of one function for several releases of OSM, side by side in a folder, of which
//! a SHIELD manifest wraps one.
//!
//! The functions of SHIELD are kept so: `filter_vnfd.r2.yaml` beside `filter_vnfd.r4.yaml`, and
//! the packager takes the one of the release that it is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::discover::{Found, file_name};
use crate::shield::plain;

/// Takes the descriptor that a manifest names out of the variants in a folder; gives the paths
/// of the others, which are no part of any package. Where no manifest names one they stay,
/// since nothing says which is meant.
pub(super) fn choose(folders: &mut BTreeMap<PathBuf, Vec<Found>>) -> BTreeSet<PathBuf> {
    let mut left_out = BTreeSet::new();
    if !folders.values().any(|found| are_variants(found)) {
        return left_out;
    }
    let manifests = folders
        .values()
        .flatten()
        .filter(|found| found.descriptor.kind.is_shield());
    let named: BTreeSet<String> = manifests
        .filter_map(|manifest| plain(manifest.descriptor.field("descriptor")?.str()?))
        .collect();
    for (folder, found) in folders.iter_mut().filter(|(_, found)| are_variants(found)) {
        let folder = file_name(folder);
        let is_named = |one: &Found| named.contains(&format!("{folder}/{}", file_name(&one.path)));
        let Some(meant) = found.iter().position(is_named) else {
            continue;
        };
        let meant = found.swap_remove(meant);
        left_out.extend(found.drain(..).map(|other| other.path));
        found.push(meant);
    }
    left_out
}

/// Whether the descriptors differ in the release that their names end with alone.
fn are_variants(found: &[Found]) -> bool {
    let mut stems = found.iter().map(|one| {
        let name = file_name(&one.path);
        stem(&name).map(str::to_owned)
    });
    match stems.next() {
        Some(Some(first)) if found.len() > 1 => {
            stems.all(|stem| stem.as_deref() == Some(first.as_str()))
        }
        _ => false,
    }
}

/// `filter_vnfd` of `filter_vnfd.r4.yaml`.
fn stem(name: &str) -> Option<&str> {
    let (before, _) = name.rsplit_once('.')?;
    let (stem, release) = before.rsplit_once('.')?;
    let digits = release.strip_prefix('r')?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(stem)
}
