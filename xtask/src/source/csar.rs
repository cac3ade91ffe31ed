//! Which packages are CSARs: by their folder, or because the configuration
//! wants one of them.

use std::fs;
use std::io;
use std::path::Path;

use super::config::PackageLayout;
use super::config_text::first_place;
use super::content;
use super::links::tidy;
use super::outer::Outer;
use super::package::{FileEntry, Form, Layout, Package, Place};
use super::workspace::Workspace;
use crate::csar::{self, Family, Manifest, Meta, Part, Settings};
use crate::descriptor::Model;
use crate::diagnostic::Span;
use crate::time::parse_rfc3339;

/// What makes a package a CSAR.
#[derive(Clone, Debug, Default)]
pub struct Csar {
    /// Whether the files lie as in a CSAR already. Where they lie as OSM has
    /// them, they are put in their places when the package is built.
    pub is_arranged: bool,
    /// Whether the configuration wants OSM's layout, which can't be had.
    pub wants_osm: bool,
    /// Path of the manifest, where one was found.
    pub manifest: Option<String>,
    /// What the configuration says.
    pub settings: Settings,
    /// The time of `SOURCE_DATE_EPOCH` (RFC 3339), where it is set.
    pub released: Option<String>,
    /// Files that the configuration adds, by their path in the package.
    pub added: Vec<FileEntry>,
    /// Files that the configuration names and that can't be taken.
    pub absent: Vec<Absent>,
    /// Where the configuration says what is no release date.
    pub no_date: Option<Span>,
    /// Where the configuration wants OSM's layout, which can't be had.
    pub layout_at: Option<Span>,
    /// What stands around a finished one that is signed as a whole.
    pub outer: Option<Box<Outer>>,
}

/// A file or folder that the configuration names and that can't be taken.
#[derive(Clone, Debug)]
pub struct Absent {
    /// The key that names it.
    pub key: &'static str,
    /// Where the configuration does so.
    pub span: Span,
    /// The file or folder.
    pub path: String,
    /// Why it can't be taken.
    pub reason: String,
}

impl Csar {
    /// What is found in a finished package.
    pub(super) fn found(package: &Package) -> Self {
        Csar {
            is_arranged: true,
            manifest: locate(package),
            ..Csar::default()
        }
    }
}

/// The certificate beside the manifest: the file that `TOSCA.meta` names, or the one that is called
/// like the manifest (SOL 004 §5.1).
pub fn certificate<'a>(package: &'a Package, manifest: &str) -> Option<&'a str> {
    let named = package.text(csar::META).and_then(|text| {
        let part = Meta::parse(text.text()).part(Part::Certificate)?.value;
        Some(part.to_owned())
    });
    let stem = manifest.strip_suffix(".mf").unwrap_or(manifest);
    let wanted = [named, Some(format!("{stem}.cert"))];
    let mut files = wanted
        .iter()
        .flatten()
        .filter_map(|path| package.file(path));
    files.next().map(|file| file.path.as_str())
}

/// Whether a folder with this below it is the root of a CSAR, with what an editor has and has not
/// saved yet.
pub(super) fn is_root(folder: &Path, unsaved: Option<&Path>) -> bool {
    let metadata = folder.join("TOSCA-Metadata");
    let is_part = |path: &Path| {
        path.starts_with(&metadata)
            || (path.parent() == Some(folder) && path.extension().is_some_and(|end| end == "mf"))
    };
    metadata.is_dir() || has_manifest(folder) || unsaved.is_some_and(is_part)
}

/// Whether a manifest stands directly in the folder.
fn has_manifest(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names = entries.map(|entry| entry.file_name());
    names.any(|name| name.to_string_lossy().ends_with(".mf"))
}

/// Tells whether a folder or a loose descriptor is a CSAR or shall become one.
pub(super) fn attach(package: &mut Package, workspace: &Workspace, tree: &Path) {
    let Some(descriptor) = &package.descriptor else {
        return;
    };
    let in_definitions = package.descriptor_path.starts_with("Definitions/");
    let mut paths = package.files.iter().map(|file| file.path.as_str());
    let is_arranged = package.form == Form::Folder
        && (in_definitions
            || paths.any(|path| {
                path.starts_with("TOSCA-Metadata/")
                    || (!path.contains('/') && path.ends_with(".mf"))
            }));
    if Family::of(descriptor.kind).is_none() {
        // A slice in `Definitions/` can be built in no layout.
        if package.layout == Layout::Osm && in_definitions {
            package.layout = Layout::Csar;
        }
        return;
    }
    let id = package.id().unwrap_or_default();
    let wanted = workspace.config.layout_of(id);
    let is_csar = match wanted {
        // A rule says that it can't be had.
        Some(PackageLayout::Osm) => in_definitions,
        Some(PackageLayout::Csar) => is_arranged || descriptor.model != Model::OsmIm,
        None => is_arranged,
    };
    if !is_csar {
        return;
    }
    let mut csar = Csar {
        is_arranged,
        wants_osm: wanted == Some(PackageLayout::Osm),
        settings: workspace.config.csar_of(id),
        ..Csar::default()
    };
    let setting = |key: &str| {
        let own: &[&str] = &["packages", id, "csar", key];
        first_place(workspace, &[own, &["csar", key]])
    };
    let date = csar.settings.release_date.as_deref();
    if date.is_some_and(|date| parse_rfc3339(date).is_none()) {
        csar.no_date = Some(setting("release-date"));
    }
    if csar.wants_osm {
        let own: &[&str] = &["packages", id, "layout"];
        csar.layout_at = Some(first_place(workspace, &[own, &["layout"]]));
    }
    let parts = [
        (
            "change-log",
            csar.settings.change_log.clone(),
            csar::CHANGE_LOG,
        ),
        ("licenses", csar.settings.licenses.clone(), csar::LICENSES),
        ("tests", csar.settings.tests.clone(), csar::TESTS),
    ];
    let mut named = Vec::new();
    for (key, path, place) in parts {
        // What the package brings itself is not replaced.
        let is_there = |file: &FileEntry| {
            let path = match is_arranged {
                true => Some(file.path.clone()),
                false => csar::place(&file.path),
            };
            path.is_some_and(|path| csar::is_at(&path, place))
        };
        let Some(path) = path.filter(|_| !package.files.iter().any(is_there)) else {
            continue;
        };
        let path = workspace.root.join(path);
        named.push(tidy(&path));
        match take(&path, place, key == "change-log", workspace, tree) {
            Ok(mut files) => csar.added.append(&mut files),
            Err(reason) => csar.absent.push(Absent {
                key,
                span: setting(key),
                path: workspace.shown(&path),
                reason,
            }),
        }
    }
    package.named.append(&mut named);
    package.layout = Layout::Csar;
    package.csar = Some(csar);
}

/// The file or folder at `path` under its place in the package.
fn take(
    path: &Path,
    place: &str,
    is_file: bool,
    workspace: &Workspace,
    tree: &Path,
) -> Result<Vec<FileEntry>, String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if is_file && path.is_dir() {
        return Err("it is a folder, not a file".to_owned());
    }
    let (mut files, _) = content::named(path, &name, workspace, tree)?;
    for file in &mut files {
        file.path = match is_file {
            true => place.to_owned(),
            false => format!("{place}/{}", file.path),
        };
    }
    Ok(files)
}

/// Finds the manifest of a folder that is a CSAR, with the digests that it
/// speaks of; the paths of the texts that the rules look into. `bytes` reads a file.
pub(super) fn read(
    package: &mut Package,
    bytes: impl Fn(&Path) -> io::Result<Vec<u8>>,
) -> Vec<String> {
    let is_arranged = package.csar.as_ref().is_some_and(|csar| csar.is_arranged);
    if !is_arranged || package.form != Form::Folder {
        return Vec::new();
    }
    let text_of = |package: &Package, path: &str| {
        let Place::Disk(place) = &package.file(path)?.place else {
            return None;
        };
        Some(String::from_utf8_lossy(&bytes(place).ok()?).into_owned())
    };
    let mut wanted = Vec::new();
    // `TOSCA.meta` says which file the manifest is.
    if let Some(text) = text_of(package, csar::META) {
        wanted.push(csar::META.to_owned());
        let part = Meta::parse(&text)
            .part(Part::Manifest)
            .map(|f| f.value.to_owned());
        let named = part.filter(|path| package.file(path).is_some());
        set_manifest(package, named);
    }
    if package
        .csar
        .as_ref()
        .is_some_and(|csar| csar.manifest.is_none())
    {
        let path = by_name(package);
        set_manifest(package, path);
    }
    let manifest = package.csar.as_ref().and_then(|csar| csar.manifest.clone());
    if let Some(path) = manifest
        && let Some(text) = text_of(package, &path)
    {
        let algorithms = Manifest::parse(&text).algorithms();
        content::add_digests(&mut package.files, &algorithms);
        wanted.push(path);
    }
    wanted
}

fn set_manifest(package: &mut Package, path: Option<String>) {
    if let Some(csar) = &mut package.csar {
        csar.manifest = path;
    }
}

/// The manifest of an archive, all of whose texts are at hand.
fn locate(package: &Package) -> Option<String> {
    let named = package.text(csar::META).and_then(|text| {
        let meta = Meta::parse(text.text());
        Some(meta.part(Part::Manifest)?.value.to_owned())
    });
    let named = named.filter(|path| package.file(path).is_some());
    named.or_else(|| by_name(package))
}

/// The manifest that has the descriptor's name, or is the only one at the top
/// (SOL004 §4.1.3).
fn by_name(package: &Package) -> Option<String> {
    let stem = csar::stem(&package.descriptor_path);
    let paths = package.files.iter().map(|file| file.path.as_str());
    let manifests: Vec<&str> = paths
        .filter(|path| path.ends_with(".mf") && !path.contains('/'))
        .collect();
    let named = manifests.iter().find(|path| csar::stem(path) == stem);
    match (named, manifests.as_slice()) {
        (Some(named), _) => Some((*named).to_owned()),
        (None, [only]) => Some((*only).to_owned()),
        _ => None,
    }
}
