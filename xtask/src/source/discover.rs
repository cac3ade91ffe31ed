//! A tree, folders or single files to packages.
//!
//! A folder with one descriptor is a package; a folder with several is a
//! collection of loose descriptors, unless it is laid out as a package, in
//! which case one descriptor is too many. Charts inside a package and the
//! folders inside a chart belong to what surrounds them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::WalkBuilder;
use rayon::prelude::*;

use super::candidate::Candidate;
use super::exclusion::Exclusion;
use super::helmignore::{HelmIgnore, is_dropped};
use super::links::tidy;
use super::package::{Finding, Form, Layout, Package};
use super::pattern::Patterns;
use super::scan::{Scan, Selection};
use super::shield::{MANIFEST, take_shield_folders};
use super::variants::{self, Chosen, Variant};
use super::workspace::Workspace;
use super::{added, archive, candidate, content, csar};
use crate::descriptor::{Descriptor, Kind};
use crate::diagnostic::{SourceFile, Span};

/// What says what Helm leaves out of a chart.
const HELMIGNORE: &str = ".helmignore";

/// Names of folders and files that make a folder with several descriptors a
/// package all the same.
const FURNITURE: [&str; 15] = [
    "checksums.txt",
    "charms",
    "cloud_init",
    "icons",
    "images",
    "scripts",
    "helm-charts",
    "helm-chart-v3s",
    "juju-bundles",
    "Scripts",
    "Files",
    "Licenses",
    "ChangeLog.txt",
    "TOSCA-Metadata",
    "Definitions",
];

pub(super) struct Finder<'a> {
    workspace: &'a Workspace,
    exclusion: &'a Exclusion,
    /// With its path made absolute.
    unsaved: Option<(PathBuf, &'a [u8])>,
    /// Where that lies, should it be a link.
    unsaved_behind: Option<PathBuf>,
    /// The names of descriptors that are meant among variants.
    variants: &'a [String],
    /// Top of the tree, links resolved.
    tree: PathBuf,
}

/// A descriptor and the folder it stands in.
#[derive(Clone)]
pub(super) struct Found {
    pub path: PathBuf,
    pub descriptor: Descriptor,
    pub is_link: bool,
}

impl<'a> Finder<'a> {
    pub(super) fn new(
        workspace: &'a Workspace,
        start: &Path,
        exclusion: &'a Exclusion,
        selection: &'a Selection,
    ) -> io::Result<Self> {
        let unsaved = selection.unsaved.as_ref().map(|unsaved| {
            let path = tidy(&workspace.current_dir.join(&unsaved.path));
            (path, unsaved.bytes.as_slice())
        });
        // A path outside of the tree is a tree of its own.
        let tree = if start.starts_with(&workspace.root) {
            &workspace.root
        } else {
            start
        };
        let unsaved_behind = unsaved
            .as_ref()
            .and_then(|(path, _)| path.canonicalize().ok());
        Ok(Finder {
            workspace,
            exclusion,
            unsaved,
            unsaved_behind,
            variants: &selection.variants,
            tree: fs::canonicalize(tree)?,
        })
    }

    pub(super) fn shown(&self, path: &Path) -> String {
        self.workspace.shown(path)
    }

    /// What an editor has of a file.
    fn unsaved(&self, path: &Path) -> Option<&'a [u8]> {
        let (unsaved, bytes) = self.unsaved.as_ref()?;
        let is_it = unsaved == path || self.unsaved_behind.as_deref() == Some(path);
        is_it.then_some(*bytes)
    }

    /// The path of the file that an editor has.
    fn unsaved_path(&self) -> Option<&Path> {
        self.unsaved.as_ref().map(|(path, _)| path.as_path())
    }

    fn unsaved_entry(&self) -> Option<(&Path, u64)> {
        let (path, bytes) = self.unsaved.as_ref()?;
        Some((path, u64::try_from(bytes.len()).unwrap_or(u64::MAX)))
    }

    pub(super) fn bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.unsaved(path) {
            Some(bytes) => Ok(bytes.to_vec()),
            None => fs::read(path),
        }
    }

    /// The packages of what was found in a folder.
    pub(super) fn folder(&self, found: Vec<Found>, manifests: &BTreeSet<String>, scan: &mut Scan) {
        let is_meant = |found: &&Found| self.variants.contains(&file_name(&found.path));
        let meant = found
            .iter()
            .filter(is_meant)
            .map(|found| found.path.clone());
        let meant = meant.collect();
        let folders = by_folder(found, self.unsaved_path());
        self.packages(folders, &meant, manifests, scan);
    }

    /// The finding of a folder that the user named and that holds no descriptor.
    pub(super) fn no_descriptor(&self, folder: &Path) -> Finding {
        let path = folder.join(MANIFEST);
        let bytes = path.is_file().then(|| self.bytes(&path).ok()).flatten();
        let doc = bytes.map(|bytes| candidate::parse(&self.shown(&path), bytes));
        match doc.as_ref().map(candidate::no_manifest).transpose() {
            Err(not_yaml) => not_yaml,
            Ok(manifest) => Finding::NoDescriptor {
                span: Span::path(self.shown(folder)),
                because: "the folder was named on the command line".to_owned(),
                manifest,
            },
        }
    }

    /// One file that the user named; one of a descriptor goes to `named`.
    pub(super) fn single(
        &self,
        path: &Path,
        named: &mut Vec<Found>,
        scan: &mut Scan,
    ) -> io::Result<()> {
        let shown = self.shown(path);
        if archive::looks_like_archive(path)? {
            scan.packages.push(archive::read(path, &shown)?);
            return Ok(());
        }
        let candidate = candidate::read(path, &shown, &self.workspace.placeholders)?;
        if let Candidate::Misnamed(finding) = &candidate
            && let Finding::UnknownRoot { is_descriptor, .. } = finding
            && *is_descriptor
        {
            scan.findings.push(finding.clone());
            return Ok(());
        }
        let Candidate::Descriptor(descriptor) = candidate else {
            let doc = candidate::parse(&shown, self.bytes(path)?);
            if doc.is_broken() && candidate::may_be_descriptor(path) {
                scan.findings.push(Finding::NotYaml { doc });
                return Ok(());
            }
            let because = "the file was named on the command line".to_owned();
            let span = match doc.root().and_then(|root| root.entries().next()) {
                Some(entry) => entry.key_span(),
                None => Span::whole(doc.file()),
            };
            let is_manifest = path.file_name().is_some_and(|name| name == MANIFEST);
            let manifest = is_manifest
                .then(|| candidate::no_manifest(&doc))
                .transpose();
            scan.findings.push(manifest.map_or_else(
                |not_yaml| not_yaml,
                |manifest| Finding::NoDescriptor {
                    span,
                    because,
                    manifest,
                },
            ));
            return Ok(());
        };
        named.push(Found {
            path: path.to_owned(),
            descriptor,
            is_link: path.is_symlink(),
        });
        Ok(())
    }

    /// The packages of files in one folder that the user named.
    ///
    /// What stands beside and below a file decides what its package is: neighbours, charts,
    /// packages inside. They are read for that, once for all files, and then left alone.
    pub(super) fn beside(&self, folder: &Path, named: Vec<Found>, scan: &mut Scan) {
        let root = csar_root(folder, self.unsaved_path()).unwrap_or_else(|| folder.to_owned());
        let walked = self.descriptors(&root, &mut Scan::default());
        let met: HashSet<&Path> = walked.iter().map(|found| found.path.as_path()).collect();
        let (met, hidden): (Vec<Found>, Vec<Found>) = named
            .into_iter()
            .partition(|found| met.contains(found.path.as_path()));
        // What a walk does not meet is no neighbour of others.
        let groups = hidden.into_iter().map(|one| vec![one]);
        for group in groups.chain((!met.is_empty()).then_some(met)) {
            let paths: HashSet<PathBuf> = group.iter().map(|found| found.path.clone()).collect();
            let others = walked.iter().filter(|found| !paths.contains(&found.path));
            let mut all: Vec<Found> = others.cloned().chain(group).collect();
            all.sort_by(|a, b| a.path.cmp(&b.path));
            let mut neighbours = Scan::default();
            let manifests = variants::named(&all);
            let folders = by_folder(all, self.unsaved_path());
            self.packages(folders, &paths, &manifests, &mut neighbours);
            let own: HashSet<String> = paths.iter().map(|path| below(&root, path)).collect();
            neighbours.packages.retain(|package| {
                let is_ambiguous = || {
                    let mut findings = package.findings.iter();
                    findings.any(|f| matches!(f, Finding::SeveralDescriptors { .. }))
                };
                let is_root = package.path == root;
                paths.contains(&package.path)
                    || (is_root && (own.contains(&package.descriptor_path) || is_ambiguous()))
            });
            for package in &mut neighbours.packages {
                let findings = &mut package.findings;
                findings.retain(|finding| !matches!(finding, Finding::Nested { .. }));
            }
            scan.packages.append(&mut neighbours.packages);
        }
    }

    /// All descriptors below a folder, sorted by path.
    pub(super) fn descriptors(&self, start: &Path, scan: &mut Scan) -> Vec<Found> {
        // The user's own ignore files must not decide what a package is, so
        // only those inside the tree count; and a copy without `.git` must
        // give the same result.
        let walk = WalkBuilder::new(start)
            .hidden(true)
            .ignore(false)
            .git_global(false)
            .git_exclude(false)
            .parents(false)
            .require_git(false)
            .follow_links(false)
            .filter_entry({
                let exclusion = self.exclusion.clone();
                move |entry| {
                    let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
                    !exclusion.covers(entry.path(), is_dir)
                }
            })
            .build();
        // Files are read while the walk goes on, so many in one go that handing
        // them over costs nothing.
        const BATCH: usize = 64;
        let results = Mutex::new((Vec::new(), Vec::new()));
        let read = |batch: Vec<(PathBuf, bool)>| {
            for (path, is_link) in batch {
                let result = self.candidate(path, is_link);
                let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                match result {
                    Ok(one) => results.0.extend(one),
                    Err(finding) => results.1.push(finding),
                }
            }
        };
        rayon::scope(|scope| {
            let mut batch = Vec::new();
            let read = &read;
            for entry in walk {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => {
                        let (path, reason) = walk_error(&error, start);
                        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                        results.1.push(Finding::Unreadable {
                            span: Span::path(self.shown(&path)),
                            reason,
                        });
                        continue;
                    }
                };
                // A pipe or a socket is none: to read it would be to wait.
                let kind = entry.file_type();
                let is_link = kind.is_some_and(|kind| kind.is_symlink());
                let may_be = is_link || kind.is_some_and(|kind| kind.is_file());
                if may_be && candidate::may_be_descriptor(entry.path()) {
                    batch.push((entry.into_path(), is_link));
                }
                if batch.len() == BATCH {
                    let batch = std::mem::take(&mut batch);
                    scope.spawn(move |_| read(batch));
                }
            }
            // One that is not on disk yet is met by no walk.
            if let Some((path, _)) = &self.unsaved
                && path.starts_with(start)
                && !path.exists()
                && !self.exclusion.covers(path, false)
                && candidate::may_be_descriptor(path)
            {
                batch.push((path.clone(), false));
            }
            read(batch);
        });
        let results = results.into_inner();
        let (mut found, mut findings) = results.unwrap_or_else(PoisonError::into_inner);
        found.sort_by(|a: &Found, b: &Found| a.path.cmp(&b.path));
        findings.sort_by_cached_key(|finding| finding.path().unwrap_or_default().to_owned());
        scan.findings.append(&mut findings);
        found
    }

    /// The descriptor at a path, if it is one; or what is to be said of it.
    fn candidate(&self, path: PathBuf, is_link: bool) -> Result<Option<Found>, Finding> {
        if is_link {
            // A link to a descriptor in the tree is a second name of it and is
            // taken; the package's own listing refuses others.
            match fs::canonicalize(&path) {
                Ok(target) if target.starts_with(&self.tree) && target.is_file() => {}
                _ => return Ok(None),
            }
        }
        let shown = self.shown(&path);
        let placeholders = &self.workspace.placeholders;
        let candidate = match self.unsaved(&path) {
            Some(bytes) => candidate::unsaved(&path, &shown, bytes, placeholders),
            None => candidate::read(&path, &shown, placeholders),
        };
        match candidate {
            Ok(Candidate::Descriptor(descriptor)) => Ok(Some(Found {
                path,
                descriptor,
                is_link,
            })),
            Ok(Candidate::Misnamed(finding)) => Err(finding),
            Ok(Candidate::Other) => Ok(None),
            Err(error) => Err(Finding::Unreadable {
                span: Span::path(shown),
                reason: error.to_string(),
            }),
        }
    }

    /// Makes packages of descriptors, of which the user may have named some (`by_user`), and the
    /// manifests of SHIELD others (`manifests`).
    fn packages(
        &self,
        mut folders: BTreeMap<PathBuf, Vec<Found>>,
        by_user: &HashSet<PathBuf>,
        manifests: &BTreeSet<String>,
        scan: &mut Scan,
    ) {
        let charts: BTreeSet<PathBuf> = folders
            .iter()
            .filter(|(_, found)| found.iter().any(|f| f.descriptor.kind == Kind::Chart))
            .map(|(folder, _)| folder.clone())
            .collect();
        // What lies in a chart is the chart's: templates, tests, subcharts.
        folders.retain(|folder, _| surrounding(folder, &charts).is_none());
        let wanted = |id: &str| self.workspace.config.variant_of(id);
        let chosen = Chosen::of(&mut folders, by_user, manifests, &wanted);
        // The folders that are packages, outermost first.
        let mut roots: BTreeSet<PathBuf> = BTreeSet::new();
        let mut nested_charts: BTreeMap<PathBuf, Vec<Found>> = BTreeMap::new();
        let mut drafts: Vec<(PathBuf, Variant)> = Vec::new();
        // Descriptors that stand beside what their folder is the package of.
        let mut strays: Vec<Found> = Vec::new();
        for (folder, mut found) in folders {
            // Sorted, so every folder comes after those around it.
            let outer = surrounding(&folder, &roots).map(Path::to_owned);
            if let Some(i) = found.iter().position(|f| f.descriptor.kind == Kind::Chart) {
                let chart = found.swap_remove(i);
                if let Some(outer) = outer {
                    nested_charts.entry(outer).or_default().push(chart);
                    continue;
                }
                strays.append(&mut found);
                roots.insert(folder.clone());
                drafts.push((folder, Variant::of(vec![chart])));
                continue;
            }
            if let Some(i) = manifest(&found) {
                let manifest = found.swap_remove(i);
                strays.append(&mut found);
                roots.insert(folder.clone());
                drafts.push((folder, Variant::of(vec![manifest])));
                continue;
            }
            for variant in chosen.split(&folder, found) {
                if variant.found.len() == 1 || is_furnished(&folder, self.unsaved_path()) {
                    roots.insert(folder.clone());
                }
                drafts.push((folder.clone(), variant));
            }
        }
        let built: Vec<Vec<Package>> = drafts
            .into_par_iter()
            .map(|(folder, variant)| {
                if roots.contains(&folder) {
                    let charts = nested_charts.get(&folder).map_or(&[][..], Vec::as_slice);
                    vec![self.package(&folder, variant, charts, (&roots, &chosen))]
                } else {
                    let found = variant.found.into_iter();
                    found.map(|f| self.loose(f)).collect()
                }
            })
            .collect();
        let mut built: Vec<Package> = built.into_iter().flatten().collect();
        built.extend(strays.into_iter().map(|stray| self.loose(stray)));
        // What stands beside several variants of a descriptor was met with each.
        let mut met = HashSet::new();
        built.retain(|one| met.insert((one.path.clone(), one.descriptor_path.clone())));
        take_shield_folders(&mut built);
        scan.packages.append(&mut built);
    }

    fn loose(&self, found: Found) -> Package {
        let shown = self.shown(&found.path);
        let layout = Layout::of(found.descriptor.kind);
        let name = file_name(&found.path);
        let (files, mut findings) = content::single(
            &found.path,
            &name,
            &content::Listing {
                tree: &self.tree,
                skip: &|_, _| false,
                leaves_out: &|_, _| false,
                is_chart: false,
                kept: None,
                unsaved: None,
                shown: &|path| self.shown(path),
            },
        );
        // What an editor has not saved yet can't be read from the disk.
        if self.unsaved(&found.path).is_some() {
            findings.retain(|finding| !matches!(finding, Finding::Unreadable { .. }));
        }
        let mut package = Package::new(found.path.clone(), shown, Form::Loose, layout);
        package.descriptor_path = name;
        package.descriptor = Some(found.descriptor);
        package.files = files;
        package.findings = findings;
        added::add(&mut package, self.workspace, &self.tree);
        csar::attach(&mut package, self.workspace, &self.tree);
        package
    }

    /// What the configuration says of the files of a package, if it says something.
    fn patterns(&self, package: &Package) -> Option<Patterns> {
        let config = self.workspace.config.packages.get(package.id()?)?;
        let include = config.include.as_deref();
        let is_said = include.is_some() || !config.exclude.is_empty();
        is_said.then(|| Patterns::new(include, &config.exclude))
    }

    /// What Helm leaves out of a chart; `None` where Helm can't read that itself.
    fn helmignore(&self, folder: &Path, findings: &mut Vec<Finding>) -> Option<HelmIgnore> {
        let path = folder.join(HELMIGNORE);
        let bytes = match path.is_file() || self.unsaved(&path).is_some() {
            // The listing reports one that can't be read.
            true => self.bytes(&path).unwrap_or_default(),
            false => Vec::new(),
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        match HelmIgnore::read(&text) {
            Ok(ignore) => Some(ignore),
            Err((at, reason)) => {
                let file = Arc::new(SourceFile::new(self.shown(&path), text));
                findings.push(Finding::HelmIgnore {
                    span: Span::new(&file, at),
                    reason,
                });
                None
            }
        }
    }

    /// Whether the chart in a folder is of the first version of charts.
    fn is_v1(&self, chart: &Path) -> bool {
        let Ok(bytes) = self.bytes(&chart.join("Chart.yaml")) else {
            return false;
        };
        let doc = candidate::parse("", bytes);
        let version = doc
            .root()
            .and_then(|root| root.get("apiVersion")?.text().map(str::to_owned));
        version.is_none_or(|version| version.is_empty() || version == "v1")
    }

    /// The package whose root is `folder`.
    fn package(
        &self,
        folder: &Path,
        Variant { meant, mut found }: Variant,
        charts: &[Found],
        (roots, chosen): (&BTreeSet<PathBuf>, &Chosen),
    ) -> Package {
        let mut findings = Vec::new();
        if found.len() > 1 {
            findings.push(Finding::SeveralDescriptors {
                spans: found.iter().map(|f| f.descriptor.span()).collect(),
            });
            let is_meant = |found: &Found| Some(file_name(&found.path)) == meant;
            let main = found.iter().position(is_meant).unwrap_or_default();
            found.swap(0, main);
            found.truncate(1);
        }
        let mut package = Package::new(
            folder.to_owned(),
            self.shown(folder),
            Form::Folder,
            Layout::Osm,
        );
        if let Some(main) = found.pop() {
            package.layout = Layout::of(main.descriptor.kind);
            package.descriptor_path = below(folder, &main.path);
            package.descriptor = Some(main.descriptor);
        }
        // Settings of the tree are not content, should it be one package.
        let settings = self.workspace.root == folder;
        let skip = |path: &Path, is_dir: bool| {
            (is_dir && path != folder && roots.contains(path) && !path.join("Chart.yaml").is_file())
                || chosen.leaves_out(meant.as_deref(), path)
                || self.exclusion.covers(path, is_dir)
                || (settings
                    && path.parent() == Some(folder)
                    && [
                        "nfv.lock",
                        "nfv.toml",
                        "Cargo.toml",
                        "Cargo.lock",
                        "target",
                        ".cargo",
                        ".github",
                    ]
                    .contains(&file_name(path).as_str()))
        };
        // It is a part of the package by the name that it was chosen by.
        let kept = meant.as_ref().map(|meant| folder.join(meant));
        let patterns = self.patterns(&package);
        let main = package.descriptor_path.clone();
        // A package is of its descriptor, whatever patterns say.
        let is_chart = package.layout == Layout::Chart;
        let helmignore = match is_chart {
            true => self.helmignore(folder, &mut findings),
            false => None,
        };
        let is_v1 = |chart: &str| self.is_v1(&folder.join(chart));
        let leaves_out = |path: &str, is_dir: bool| {
            if let Some(ignore) = &helmignore
                && (ignore.leaves_out(path, is_dir) || (!is_dir && is_dropped(path, &is_v1)))
            {
                return true;
            }
            let rest = main.strip_prefix(path);
            let is_kept = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            !is_kept
                && patterns
                    .as_ref()
                    .is_some_and(|own| own.leave_out(path, is_dir))
        };
        let (files, mut met) = content::list(
            folder,
            &content::Listing {
                tree: &self.tree,
                skip: &skip,
                leaves_out: &leaves_out,
                is_chart,
                kept: kept.as_deref(),
                unsaved: self.unsaved_entry(),
                shown: &|path| self.shown(path),
            },
        );
        package.files = files;
        let is_there = package.file(&package.descriptor_path).is_some();
        if is_chart && !is_there && helmignore.is_some() {
            met.push(Finding::HelmIgnore {
                span: Span::path(self.shown(&folder.join(HELMIGNORE))),
                reason: "it leaves out `Chart.yaml`",
            });
        }
        findings.append(&mut met);
        if package.layout != Layout::Shield {
            let nested = roots
                .range::<Path, _>((Bound::Excluded(folder), Bound::Unbounded))
                .take_while(|root| root.starts_with(folder));
            for inner in nested {
                findings.push(Finding::Nested {
                    inner: Span::path(self.shown(inner)),
                });
            }
        }
        let charts = charts.iter();
        package.charts = charts
            .map(|chart| (below(folder, &chart.path), chart.descriptor.clone()))
            .filter(|(path, _)| patterns.is_none() || package.file(path).is_some())
            .collect();
        package.findings = findings;
        added::add(&mut package, self.workspace, &self.tree);
        csar::attach(&mut package, self.workspace, &self.tree);
        self.read_texts(&mut package);
        package
    }
}

/// Descriptors by the folder that may be their package.
fn by_folder(found: Vec<Found>, unsaved: Option<&Path>) -> BTreeMap<PathBuf, Vec<Found>> {
    let mut folders: BTreeMap<PathBuf, Vec<Found>> = BTreeMap::new();
    for found in found {
        let folder = found.path.parent().unwrap_or(&found.path).to_owned();
        let folder = csar_root(&folder, unsaved).unwrap_or(folder);
        folders.entry(folder).or_default().push(found);
    }
    folders
}

/// `DIR` for a descriptor in `DIR/Definitions/` of a CSAR.
fn csar_root(folder: &Path, unsaved: Option<&Path>) -> Option<PathBuf> {
    let parent = folder.parent()?;
    let is_definitions = folder.file_name()? == "Definitions";
    (is_definitions && csar::is_root(parent, unsaved)).then(|| parent.to_owned())
}

/// The nearest of `roots` that contains `folder`.
fn surrounding<'a>(folder: &Path, roots: &'a BTreeSet<PathBuf>) -> Option<&'a Path> {
    let mut around = folder.ancestors().skip(1);
    around.find_map(|folder| roots.get(folder).map(PathBuf::as_path))
}

/// The SHIELD manifest that makes its folder a package: the one of the name
/// that the Store asks for, or else the only one there.
fn manifest(found: &[Found]) -> Option<usize> {
    let is_manifest = |f: &&Found| f.descriptor.kind.is_shield();
    let named = |f: &Found| f.descriptor.kind.is_shield() && file_name(&f.path) == MANIFEST;
    found.iter().position(named).or_else(|| {
        let only = found.iter().filter(is_manifest).count() == 1;
        let first = found.iter().position(|f| f.descriptor.kind.is_shield());
        first.filter(|_| only)
    })
}

fn is_furnished(folder: &Path, unsaved: Option<&Path>) -> bool {
    FURNITURE.iter().any(|name| {
        let path = folder.join(name);
        path.exists() || unsaved.is_some_and(|unsaved| unsaved.starts_with(&path))
    })
}

pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn below(folder: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> = relative
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    parts.join("/")
}

fn system_words(code: i32) -> String {
    io::Error::from_raw_os_error(code).to_string()
}

/// The system's number of an error, which may be the cause of the one that a walk gives.
fn system_code(error: &io::Error) -> Option<i32> {
    let mut error: &(dyn std::error::Error + 'static) = error;
    loop {
        let code = error.downcast_ref::<io::Error>();
        if let Some(code) = code.and_then(io::Error::raw_os_error) {
            return Some(code);
        }
        error = error.source()?;
    }
}

fn walk_error(error: &ignore::Error, start: &Path) -> (PathBuf, String) {
    match error {
        ignore::Error::WithPath { path, err } => (path.clone(), walk_error(err, start).1),
        ignore::Error::WithDepth { err, .. } => walk_error(err, start),
        ignore::Error::Loop { child, .. } => (child.clone(), "it leads back to itself".to_owned()),
        // The system's own words: the crate puts the path in front, and the
        // package's listing reports the same folder once more without it.
        ignore::Error::Io(error) => {
            let code = system_code(error);
            let plain = code.map_or_else(|| error.to_string(), system_words);
            (start.to_owned(), plain)
        }
        other => (start.to_owned(), other.to_string()),
    }
}
