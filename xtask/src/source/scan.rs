//! What is looked at, and what is found of it: a whole tree, or a part of one and what is worth
//! knowing of the rest.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::archive;
use super::discover::{Finder, Found};
use super::exclusion::Exclusion;
use super::links::{behind_links, tidy};
use super::package::{Finding, Form, Layout, Package};
use super::shield::{MANIFEST, adopt_inner_packages, drop_twins};
use super::variants;
use super::workspace::Workspace;
use crate::descriptor::{Kind, needs};

/// What to look at.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Folders, descriptors and finished packages; empty for the whole tree.
    pub paths: Vec<PathBuf>,
    /// Finished packages, with what the user calls each.
    pub archives: Vec<(PathBuf, String)>,
    /// Ids of the packages to keep; empty for all.
    pub ids: Vec<String>,
    /// Ids of packages to leave out.
    pub exclude: Vec<String>,
    /// Names of descriptors that are meant where they stand beside variants for other releases,
    /// as if their paths had been named.
    pub variants: Vec<String>,
    /// A file as an editor has it, in place of what is on disk or not there yet.
    pub unsaved: Option<Unsaved>,
    /// Whether what the configuration excludes is left out even where a path
    /// names it.
    pub force_exclude: bool,
    /// Whether the rest of the tree must be known where paths name a part of it, even
    /// if nothing in that part needs anything else.
    pub wants_rest: bool,
}

/// A file that is not saved yet.
#[derive(Clone, Debug)]
pub struct Unsaved {
    /// Its path.
    pub path: PathBuf,
    /// What it is to hold.
    pub bytes: Vec<u8>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Scan {
    /// The packages, sorted by path.
    pub packages: Vec<Package>,
    /// What was met outside of any package.
    pub findings: Vec<Finding>,
    /// The ids of all packages, selected or not, sorted.
    pub all_ids: Vec<String>,
    /// Whether the whole tree was looked at, so that what is neither here nor
    /// left out is nowhere in it.
    pub is_whole: bool,
    /// Packages that are there but were not asked for, sorted by path.
    pub left_out: Vec<Package>,
    /// What was met outside of any package where it was not asked for.
    pub not_told: Vec<Finding>,
}

impl Scan {
    /// Leaves out the packages for which `keep` says so; it has a word for each,
    /// in their order.
    pub(crate) fn keep(&mut self, keep: &[bool]) {
        let packages = std::mem::take(&mut self.packages);
        for (package, keep) in packages.into_iter().zip(keep) {
            match keep {
                true => self.packages.push(package),
                false => self.left_out.push(package),
            }
        }
        self.left_out.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// Whether a package, or the one that it wraps, needs one that was not met, or what one
    /// wraps was not.
    pub(crate) fn lacks_something(&self) -> bool {
        let met = || self.packages.iter().chain(&self.left_out);
        let there: HashSet<(Kind, &str)> = met()
            .filter_map(|package| Some((package.kind()?, package.id()?)))
            .collect();
        met().any(|package| {
            if package.layout == Layout::Shield
                && package.form != Form::Archive
                && package.inner.is_none()
            {
                return true;
            }
            let needy = package.inner.as_deref().unwrap_or(package);
            let needs = needy.descriptor.as_ref().map(needs).unwrap_or_default();
            needs.iter().any(|need| {
                let kind = need.kind.descriptor();
                kind.is_some_and(|kind| !there.contains(&(kind, need.id.as_str())))
            })
        })
    }
}

/// Finds packages.
///
/// Fails only if a path that the user named can't be looked at. The result
/// does not depend on the order in which the system lists folders, nor on the
/// number of threads.
pub fn scan(workspace: &Workspace, selection: &Selection) -> io::Result<Scan> {
    let mut scan = Scan::default();
    let exclusion = Exclusion::new(workspace)?;
    let mut paths: Vec<PathBuf> = selection
        .paths
        .iter()
        .map(|path| in_tree(workspace, tidy(&workspace.current_dir.join(path))))
        .collect();
    for (path, shown) in &selection.archives {
        scan.packages.push(archive::read(path, shown)?);
    }
    if paths.is_empty() && selection.archives.is_empty() {
        scan.is_whole = true;
        paths = workspace
            .config
            .paths
            .iter()
            .map(|path| tidy(&workspace.root.join(path)))
            .collect();
        if paths.is_empty() {
            paths.push(workspace.root.clone());
        }
    }
    paths.sort();
    paths.dedup();
    let is_named = !scan.is_whole;
    if selection.force_exclude && is_named {
        paths.retain(|path| !exclusion.covers(path, path.is_dir()));
    }
    // `check .` at the top of the tree asks for all of it.
    scan.is_whole |= paths.contains(&tidy(&workspace.root));
    let mut files: BTreeMap<&Path, Vec<Found>> = BTreeMap::new();
    // A manifest in one folder may name a descriptor in another, so that all are walked first.
    let mut walked = Vec::new();
    for path in &paths {
        let metadata = fs::metadata(path).map_err(|error| {
            let shown = workspace.shown(path);
            io::Error::new(
                error.kind(),
                format!("failed to look at `{shown}`: {error}"),
            )
        })?;
        let met = scan.findings.len();
        if metadata.is_dir() {
            let finder = Finder::new(workspace, path, &exclusion, selection)?;
            let found = finder.descriptors(path, &mut scan);
            let is_told = |finding: &Finding| match finding {
                Finding::UnknownRoot { is_descriptor, .. } => *is_descriptor,
                Finding::NotYaml { .. } => true,
                _ => false,
            };
            let is_told = scan.findings[met..].iter().any(is_told);
            walked.push((path, finder, found, is_told));
        } else if !metadata.is_file() {
            let shown = workspace.shown(path);
            let text = format!("`{shown}` is neither a file nor a folder");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        } else {
            let parent = path.parent().unwrap_or(path);
            let finder = Finder::new(workspace, parent, &exclusion, selection)?;
            let named = files.entry(parent).or_default();
            finder.single(path, named, &mut scan)?;
        }
    }
    let found = walked.iter().flat_map(|(_, _, found, _)| found);
    let manifests = variants::named(found.chain(files.values().flatten()));
    for (path, finder, found, is_told) in walked {
        let before = scan.packages.len();
        finder.folder(found, &manifests, &mut scan);
        if scan.packages.len() == before && is_named && !is_told {
            // It says what the manifest is as well.
            let manifest = finder.shown(&path.join(MANIFEST));
            scan.findings
                .retain(|finding| finding.path() != Some(&manifest));
            scan.findings.push(finder.no_descriptor(path));
        }
    }
    for (folder, named) in files {
        if !named.is_empty() {
            let finder = Finder::new(workspace, folder, &exclusion, selection)?;
            finder.beside(folder, named, &mut scan);
        }
    }
    let ids = scan.packages.iter().filter_map(Package::id);
    scan.all_ids = ids.map(str::to_owned).collect();
    scan.all_ids.sort();
    let key = |package: &Package| (package.shown.clone(), package.descriptor_path.clone());
    let mut named: Option<HashSet<(String, String)>> = None;
    if is_part(workspace, selection, &paths, &exclusion, &scan) {
        named = Some(scan.packages.iter().map(key).collect());
        let mut rest = rest(workspace, &exclusion, selection)?;
        scan.packages.append(&mut rest.packages);
        scan.not_told.append(&mut rest.findings);
        scan.is_whole = true;
    }
    scan.packages.sort_by(|a, b| a.path.cmp(&b.path));
    scan.packages
        .dedup_by(|a, b| a.shown == b.shown && a.descriptor_path == b.descriptor_path);
    adopt_inner_packages(&mut scan.packages);
    drop_twins(&mut scan.packages, |package| {
        named
            .as_ref()
            .is_some_and(|named| named.contains(&key(package)))
    });
    for package in &mut scan.packages {
        if let Some(id) = package.id().map(str::to_owned) {
            package.output_name = workspace.config.output_name_of(&id).cloned();
            package.annotations = workspace.config.annotations_of(&id);
        }
    }
    let keep = |package: &Package| {
        let id = package.id().unwrap_or_default();
        (selection.ids.is_empty() || selection.ids.iter().any(|wanted| wanted == id))
            && !selection.exclude.iter().any(|unwanted| unwanted == id)
            && named
                .as_ref()
                .is_none_or(|named| named.contains(&key(package)))
    };
    let kept: Vec<bool> = scan.packages.iter().map(keep).collect();
    scan.keep(&kept);
    Ok(scan)
}

/// Whether the paths name a part of a tree of which the rest is worth knowing: that is
/// where a configuration says how far the tree goes, and where something in the part
/// needs what is not in it. Functions alone need nothing, and are quick to look at.
fn is_part(
    workspace: &Workspace,
    selection: &Selection,
    paths: &[PathBuf],
    exclusion: &Exclusion,
    scan: &Scan,
) -> bool {
    let is_inside = |path: &PathBuf| {
        path.starts_with(&workspace.root) && !exclusion.covers(path, path.is_dir())
    };
    if scan.is_whole
        || workspace.config_path.is_none()
        || !selection.archives.is_empty()
        || !paths.iter().all(is_inside)
    {
        return false;
    }
    // What one of SHIELD is around may stand anywhere.
    let mut packages = scan.packages.iter();
    let has_shield = packages.any(|package| package.layout == Layout::Shield);
    selection.wants_rest || has_shield || scan.lacks_something()
}

/// What is in the whole tree.
fn rest(workspace: &Workspace, exclusion: &Exclusion, selection: &Selection) -> io::Result<Scan> {
    let mut scan = Scan::default();
    let paths = match workspace.config.paths.as_slice() {
        [] => vec![workspace.root.clone()],
        paths => paths
            .iter()
            .map(|path| tidy(&workspace.root.join(path)))
            .collect(),
    };
    let mut walked = Vec::new();
    for path in paths.iter().filter(|path| path.is_dir()) {
        let finder = Finder::new(workspace, path, exclusion, selection)?;
        let found = finder.descriptors(path, &mut scan);
        walked.push((finder, found));
    }
    let manifests = variants::named(walked.iter().flat_map(|(_, found)| found));
    for (finder, found) in walked {
        finder.folder(found, &manifests, &mut scan);
    }
    Ok(scan)
}

/// A path that the user named, by the place in the tree that links lead to from it: the same package
/// must not be met by two names. A link to a file is a second name of that, and stays one, as does
/// what is behind links and not in the tree.
fn in_tree(workspace: &Workspace, path: PathBuf) -> PathBuf {
    let real = match path.is_dir() && path.is_symlink() {
        true => path.canonicalize().unwrap_or_else(|_| path.clone()),
        false => behind_links(&path),
    };
    match real.starts_with(&workspace.root) {
        true => real,
        false => path,
    }
}
