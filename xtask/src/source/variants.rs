//! Which of several descriptors in a folder is meant: a SHIELD manifest wraps one of them, or
//! the user names one.
//!
//! The functions of SHIELD are kept so: `filter_vnfd.r2.yaml` beside `filter_vnfd.r4.yaml`, of
//! one function for several releases of OSM, and the packager takes the one of the release that
//! it is asked for. `filter_vnfd.r5.yaml` is a link to one of them, which is then the name to
//! take.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::discover::{Found, file_name};
use crate::shield::plain;

/// The descriptors that were chosen, by the folder.
#[derive(Default)]
pub(super) struct Chosen(BTreeMap<PathBuf, Vec<Choice>>);

/// A descriptor that was chosen of several.
#[derive(Clone, Debug)]
struct Choice {
    name: String,
    /// Whose variants in the folder, and links to them, are not meant.
    stems: BTreeSet<String>,
    /// Other names of the same file.
    twins: BTreeSet<String>,
}

/// A descriptor that a folder is a package of, and those that stay beside it.
pub(super) struct Variant {
    /// The name of the one that is meant, where something says so.
    pub meant: Option<String>,
    /// All that are left.
    pub found: Vec<Found>,
}

impl Variant {
    /// What stands alone.
    pub fn of(found: Vec<Found>) -> Self {
        Variant { meant: None, found }
    }
}

/// The descriptors that the manifests of SHIELD among those found name.
pub(super) fn named<'a>(found: impl IntoIterator<Item = &'a Found>) -> BTreeSet<String> {
    let found = found.into_iter();
    let manifests = found.filter(|found| found.descriptor.kind.is_shield());
    manifests
        .filter_map(|manifest| plain(manifest.descriptor.field("descriptor")?.str()?))
        .collect()
}

impl Chosen {
    /// Takes the descriptors that manifests name out of those in a folder (`named`, by
    /// [`named`]), and the one that the user names; where nobody does, the one for the release that `wanted` gives by the id. Of
    /// other variants that nobody names all stay, since nothing says which is meant; of
    /// a file and links to it, the file.
    pub fn of(
        folders: &mut BTreeMap<PathBuf, Vec<Found>>,
        by_user: &HashSet<PathBuf>,
        named: &BTreeSet<String>,
        wanted: &dyn Fn(&str) -> Option<Release>,
    ) -> Self {
        let mut chosen = BTreeMap::new();
        for (folder, found) in folders.iter_mut().filter(|(_, found)| found.len() > 1) {
            let top = file_name(folder);
            let is_named = |one: &&Found| {
                // A package is wrapped by the name of its folder, or else by its id.
                let mut tops = [Some(&*top), one.descriptor.id()].into_iter().flatten();
                let path = |top: &str| format!("{top}/{}", file_name(&one.path));
                by_user.contains(&one.path) || tops.any(|top| named.contains(&path(top)))
            };
            let mut meant: Vec<&Found> = found.iter().filter(is_named).collect();
            if meant.is_empty() {
                meant = configured(found, wanted);
            }
            let choices = meant.into_iter().map(|meant| Choice::of(meant, found));
            let mut choices: Vec<Choice> = choices.collect();
            // Of several the one for the newest release comes first.
            choices.sort_by_key(|choice| std::cmp::Reverse(release(&choice.name)));
            found.retain(|one| {
                let name = file_name(&one.path);
                let mut all = choices.iter();
                all.any(|choice| choice.name == name)
                    || !choices.iter().any(|choice| choice.leaves_out(&name))
            });
            match choices.is_empty() {
                true => drop_second_names(found),
                false => drop(chosen.insert(folder.clone(), choices)),
            }
        }
        Chosen(chosen)
    }

    /// The packages that a folder is: one around each descriptor that was chosen, if they are
    /// variants of each other.
    pub fn split(&self, folder: &Path, found: Vec<Found>) -> Vec<Variant> {
        let choices = self.0.get(folder).map_or(&[][..], Vec::as_slice);
        let is_variant = |choice: &Choice| {
            found
                .iter()
                .any(|one| choice.leaves_out(&file_name(&one.path)))
        };
        if !choices.iter().any(is_variant) {
            let meant = choices.first().map(|choice| choice.name.clone());
            return vec![Variant { meant, found }];
        }
        let of = |choice: &Choice| {
            let is_left = |one: &&Found| !choice.leaves_out(&file_name(&one.path));
            Variant {
                meant: Some(choice.name.clone()),
                found: found.iter().filter(is_left).cloned().collect(),
            }
        };
        choices.iter().map(of).collect()
    }

    /// Whether a file is no part of the package around `meant`: another variant of the
    /// descriptor, or another name of it.
    pub fn leaves_out(&self, meant: Option<&str>, path: &Path) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let choices = path.parent().and_then(|folder| self.0.get(folder));
        let mut choices = choices.into_iter().flatten();
        let choice = choices.find(|choice| Some(&*choice.name) == meant);
        choice.is_some_and(|choice| choice.leaves_out(&file_name(path)))
    }
}

impl Choice {
    fn of(meant: &Found, found: &[Found]) -> Self {
        let name = file_name(&meant.path);
        let mut twins = BTreeSet::new();
        if found.iter().any(|one| one.is_link) {
            let real = fs::canonicalize(&meant.path).ok();
            let is_twin = |one: &&Found| real.is_some() && fs::canonicalize(&one.path).ok() == real;
            twins.extend(found.iter().filter(is_twin).map(|one| file_name(&one.path)));
            twins.remove(&name);
        }
        let names = twins.iter().chain([&name]);
        let stems = names.filter_map(|name| stem(name).map(str::to_owned));
        Choice {
            stems: stems.collect(),
            twins,
            name,
        }
    }

    fn leaves_out(&self, name: &str) -> bool {
        let is_variant = || stem(name).is_some_and(|stem| self.stems.contains(stem));
        name != self.name && (self.twins.contains(name) || is_variant())
    }
}

/// Which variant is meant where nothing names one: `r4`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub struct Release(u32);

impl TryFrom<String> for Release {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = text
            .strip_prefix('r')
            .and_then(|digits| digits.parse().ok());
        let no_release =
            || format!("`{text}` is no variant: write `r4` for the descriptors called `….r4.yaml`");
        number.map(Release).ok_or_else(no_release)
    }
}

/// The descriptors of the wanted releases, as far as there are others of the same stem.
fn configured<'a>(found: &'a [Found], wanted: &dyn Fn(&str) -> Option<Release>) -> Vec<&'a Found> {
    let stem_of = |one: &Found| stem(&file_name(&one.path)).map(str::to_owned);
    let is_wanted = |one: &&Found| {
        let own = stem_of(one);
        let alike = found.iter().filter(|other| stem_of(other) == own);
        let release = release(&file_name(&one.path)).map(Release);
        let wanted = one.descriptor.id().and_then(wanted);
        own.is_some() && alike.count() > 1 && wanted.is_some() && wanted == release
    };
    found.iter().filter(is_wanted).collect()
}

/// Whether these files are variants of one descriptor for several releases.
pub(crate) fn are_variants<'a>(mut names: impl Iterator<Item = &'a str>) -> bool {
    let first = names.next().and_then(stem);
    first.is_some() && names.all(|name| stem(name) == first)
}

/// `filter_vnfd` of `filter_vnfd.r4.yaml`.
fn stem(name: &str) -> Option<&str> {
    Some(parts(name)?.0)
}

/// The 4 of `filter_vnfd.r4.yaml`.
fn release(name: &str) -> Option<u32> {
    parts(name)?.1.parse().ok()
}

fn parts(name: &str) -> Option<(&str, &str)> {
    let (before, _) = name.rsplit_once('.')?;
    let (stem, release) = before.rsplit_once('.')?;
    let digits = release.strip_prefix('r')?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some((stem, digits))
}

/// Of a descriptor and links to it in one folder, the file itself stays.
fn drop_second_names(found: &mut Vec<Found>) {
    if !found.iter().any(|found| found.is_link) {
        return;
    }
    let real: BTreeSet<PathBuf> = found
        .iter()
        .filter(|found| !found.is_link)
        .filter_map(|found| fs::canonicalize(&found.path).ok())
        .collect();
    found.retain(|found| {
        !found.is_link
            || fs::canonicalize(&found.path).is_ok_and(|target| {
                // A link into another folder is that folder's own descriptor.
                let same_folder = target.parent() == real_parent(&found.path).as_deref();
                !(same_folder && real.contains(&target))
            })
    });
}

fn real_parent(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path.parent()?).ok()
}
