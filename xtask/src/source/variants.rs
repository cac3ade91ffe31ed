//! Descriptors of one function for several releases of OSM, side by side in a folder, of which
//! a SHIELD manifest wraps one.
//!
//! The functions of SHIELD are kept so: `filter_vnfd.r2.yaml` beside `filter_vnfd.r4.yaml`, and
//! the packager takes the one of the release that it is asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::discover::{Found, file_name};
use crate::shield::plain;

/// The descriptors that were chosen of several for one function: their names, by the folder.
#[derive(Default)]
pub(super) struct Chosen(BTreeMap<PathBuf, String>);

impl Chosen {
    /// Takes the descriptor that a manifest names out of the variants in a folder. Where no
    /// manifest names one they stay, since nothing says which is meant.
    pub fn of(folders: &mut BTreeMap<PathBuf, Vec<Found>>) -> Self {
        let mut chosen = BTreeMap::new();
        let is_variant = |found: &Found| stem(&file_name(&found.path)).is_some();
        if !folders.values().flatten().any(is_variant) {
            return Chosen(chosen);
        }
        let manifests = folders
            .values()
            .flatten()
            .filter(|found| found.descriptor.kind.is_shield());
        let named: BTreeSet<String> = manifests
            .filter_map(|manifest| plain(manifest.descriptor.field("descriptor")?.str()?))
            .collect();
        for (folder, found) in folders.iter_mut() {
            let parent = file_name(folder);
            let is_named =
                |one: &&Found| named.contains(&format!("{parent}/{}", file_name(&one.path)));
            let meant = found.iter().filter(|one| is_variant(one)).find(is_named);
            let Some(meant) = meant.map(|one| file_name(&one.path)) else {
                continue;
            };
            found.retain(|one| !is_other(&meant, &file_name(&one.path)));
            chosen.insert(folder.clone(), meant);
        }
        Chosen(chosen)
    }

    /// Whether a file is a variant that was not chosen, or a link to one, and so a part of no
    /// package.
    pub fn leaves_out(&self, path: &Path) -> bool {
        let meant = path.parent().and_then(|folder| self.0.get(folder));
        meant.is_some_and(|meant| is_other(meant, &file_name(path)))
    }
}

/// Whether a name differs from that one in the release alone.
fn is_other(meant: &str, name: &str) -> bool {
    name != meant && stem(name).is_some() && stem(name) == stem(meant)
}

/// `filter_vnfd` of `filter_vnfd.r4.yaml`.
fn stem(name: &str) -> Option<&str> {
    let (before, _) = name.rsplit_once('.')?;
    let (stem, release) = before.rsplit_once('.')?;
    let digits = release.strip_prefix('r')?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(stem)
}
