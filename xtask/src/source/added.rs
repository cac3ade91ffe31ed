//! Files that the configuration takes into a package from elsewhere in the tree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::config_text::place;
use super::content::{self, unportable};
use super::links::tidy;
use super::package::{FileEntry, Finding, Package};
use super::workspace::Workspace;

/// Where files go and come from: their place in the package, and the file or folder.
pub type AddedFiles = BTreeMap<InPackage, InTree>;

/// A path in a package, as it lies in a folder of OSM's layout.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(try_from = "String")]
pub struct InPackage(String);

/// A path relative to the configuration.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String")]
pub struct InTree(String);

impl TryFrom<String> for InPackage {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let text = text.strip_suffix('/').unwrap_or(&text);
        if let Some(part) = text
            .split('/')
            .find(|part| matches!(*part, "" | "." | ".."))
        {
            return Err(format!(
                "`{text}` is no place in a package: it has a part `{part}`, and must be relative \
                 and plain, like `cloud_init/base.cfg`"
            ));
        }
        match unportable(text, true) {
            Some(reason) => Err(format!("{text:?} is no place in a package: {reason}")),
            None => Ok(InPackage(text.to_owned())),
        }
    }
}

impl TryFrom<String> for InTree {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let leads_out = Path::new(&text).has_root() || text.split(['/', '\\']).any(|p| p == "..");
        match leads_out || text.is_empty() {
            true => Err(format!(
                "`{text}` is no path in the tree: paths are relative to the configuration, and \
                 can't lead out of its folder"
            )),
            false => Ok(InTree(text)),
        }
    }
}

impl InTree {
    pub(super) fn as_path(&self) -> PathBuf {
        PathBuf::from(&self.0)
    }
}

/// Adds what the configuration wants in the package. What can't be taken is a finding.
///
/// `tree` is the top of the tree with links resolved.
pub(super) fn add(package: &mut Package, workspace: &Workspace, tree: &Path) {
    let Some(id) = package.id().map(str::to_owned) else {
        return;
    };
    let Some(config) = workspace.config.packages.get(&id) else {
        return;
    };
    for (InPackage(to), from) in &config.files {
        let path = workspace.root.join(from.as_path());
        package.named.push(tidy(&path));
        let taken = take(&path, to, workspace, tree).and_then(|files| {
            let new = files.iter().map(|(file, _)| file.path.as_str());
            match taken_place(package, new) {
                None => Ok(files),
                Some(there) => Err(format!("`{there}` is in the package already")),
            }
        });
        match taken {
            Ok(files) => {
                for (file, shown) in files {
                    package.added.insert(file.path.clone(), shown);
                    package.files.push(file);
                }
                package.files.sort_by(|a, b| a.path.cmp(&b.path));
            }
            Err(reason) => package.findings.push(Finding::Added {
                span: place(workspace, &["packages", &id, "files", to]),
                package: package.span(),
                reason: format!(
                    "`{}` can't go into the package as `{to}`: {reason}",
                    workspace.shown(&path)
                ),
            }),
        }
    }
}

/// The files at `path` under their place in the package, each with how it is shown.
fn take(
    path: &Path,
    to: &str,
    workspace: &Workspace,
    tree: &Path,
) -> Result<Vec<(FileEntry, String)>, String> {
    let (files, is_dir) = content::named(path, to, workspace, tree)?;
    let named = files.into_iter().map(|mut file| {
        let source = match is_dir {
            true => path.join(&file.path),
            false => path.to_owned(),
        };
        if is_dir {
            file.path = format!("{to}/{}", file.path);
        }
        (file, workspace.shown(&source))
    });
    Ok(named.collect())
}

/// What stands in the package where one of `new` is to stand, or a folder around it.
fn taken_place<'a>(package: &Package, new: impl Iterator<Item = &'a str>) -> Option<String> {
    let files: BTreeSet<&str> = package
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    let below = |path: &str| {
        let folder = format!("{path}/");
        let mut behind = files.range(folder.as_str()..);
        behind.next().is_some_and(|next| next.starts_with(&folder))
    };
    for path in new {
        let around = path.match_indices('/').map(|(end, _)| &path[..end]);
        let mut places = around.chain([path]);
        if let Some(there) = places.find(|place| files.contains(place)) {
            return Some(there.to_owned());
        }
        if below(path) {
            return Some(format!("{path}/"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_paths_stay_where_they_belong() {
        for (text, is_fine) in [
            ("cloud_init/base.cfg", true),
            ("scripts/", true),
            ("", false),
            ("/etc/passwd", false),
            ("../x", false),
            ("a/./b", false),
            ("a\\b", false),
            ("a//b", false),
        ] {
            assert_eq!(
                InPackage::try_from(text.to_owned()).is_ok(),
                is_fine,
                "{text}"
            );
        }
        for (text, is_fine) in [
            ("shared/base.cfg", true),
            (".", true),
            ("", false),
            ("/etc/passwd", false),
            ("shared/../../x", false),
        ] {
            assert_eq!(InTree::try_from(text.to_owned()).is_ok(), is_fine, "{text}");
        }
    }
}
