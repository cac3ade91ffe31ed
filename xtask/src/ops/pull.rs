//! `pull`: a package from a registry or layout to a file, and unpacked where
//! that is wanted.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::lock::{Lock, Locked};
use super::place::{Access, OpenPlace};
use super::versions::highest;
use super::{Error, Reporter};
use crate::descriptor;
use crate::graph::{self, Location, Offers};
use crate::oci::{Descriptor, Fetched, Manifest, Reference, Remote, Repository, Store, media_type};
use crate::package::{self, MAX_UNPACKED, UnpackError, safe_name};
use crate::scratch;
use crate::source::{Selection, Workspace, recognise, scan};

/// What to fetch.
#[derive(Clone, Debug)]
pub struct PullOptions {
    /// Where it is.
    pub reference: String,
    /// The tag, where the reference has none; as Helm's `--version`.
    pub version: Option<String>,
    /// The folder that files go to.
    pub destination: PathBuf,
    /// Whether packages are unpacked there instead.
    pub untar: bool,
    /// Whether what it needs is fetched as well.
    pub with_dependencies: bool,
    /// Whether every digest must be that of `nfv.lock`.
    pub locked: bool,
}

/// A package that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// Where it came from.
    pub reference: String,
    /// The digest of its manifest.
    pub digest: String,
    /// The files or folders that were written.
    pub paths: Vec<PathBuf>,
}

/// What was fetched, and what was not.
#[derive(Debug, Default)]
pub struct PullReport {
    /// The packages, what needs others after them.
    pub pulled: Vec<Pulled>,
    /// Needs that lie elsewhere: charts of a repository, images, bundles.
    pub left: Vec<(String, String)>,
    /// Packages of others in which there is no descriptor, so that nobody can
    /// tell what they need.
    pub obscure: Vec<String>,
}

/// Fetches a package, held against its digests.
///
/// Files appear whole or not at all; one that is there with other bytes is not
/// overwritten.
pub fn pull(
    workspace: &Workspace,
    remote: &Remote,
    options: &PullOptions,
    reporter: &dyn Reporter,
) -> Result<PullReport, Error> {
    let mut place = OpenPlace::open(workspace, remote, &options.reference, Access::Read)?;
    if let Some(version) = &options.version {
        place.choose(version)?;
    }
    let destination = workspace.current_dir.join(&options.destination);
    fs::create_dir_all(&destination).map_err(|source| Error::Io {
        action: "create",
        path: destination.clone(),
        source,
    })?;
    let lock_path = workspace.root.join(Lock::FILE);
    let mut lock = Lock::read(&lock_path)?;
    let before = lock.clone();
    let mut report = PullReport::default();
    let mut open = VecDeque::from([Wanted {
        name: place.target()?,
        store: place.store.clone(),
        shown: place.shown.clone(),
        need: None,
    }]);
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    // Nothing is written before all that is needed has been found, but for what
    // has to be opened to know what it needs.
    let mut found: Vec<Found<'_>> = Vec::new();
    while let Some(wanted) = open.pop_front() {
        let pin = wanted.need.as_ref().and_then(|need| lock.find(need));
        if let (Some(need), None, true) = (&wanted.need, pin, options.locked) {
            return Err(Error::NotLocked {
                need: need.to_string(),
                lock: workspace.shown(&lock_path),
            });
        }
        let fetched = match pin {
            Some(pin) => wanted.store.fetch(&pin.digest)?,
            None => wanted.store.fetch(&wanted.name)?,
        };
        let reference = wanted.reference();
        if let Some(need) = &wanted.need {
            lock.insert(Locked {
                kind: need.kind.clone(),
                id: need.id.clone(),
                reference: reference.clone(),
                digest: fetched.digest.clone(),
            });
        }
        if seen
            .insert(fetched.digest.clone(), reference.clone())
            .is_some()
        {
            continue;
        }
        let manifest = manifest_of(&reference, &fetched)?;
        let said = match options.with_dependencies {
            true => needs(&wanted.store, &manifest)?,
            false => Some(Vec::new()),
        };
        let (store, shown) = (wanted.store.clone(), wanted.shown.clone());
        let one = Found {
            wanted,
            manifest,
            reference: reference.clone(),
            digest: fetched.digest,
        };
        let needs = match said {
            Some(said) => {
                found.push(one);
                said
            }
            None => {
                let mut own = Vec::new();
                let mut on_file = |path: &Path, name: &str| {
                    match package_needs(workspace, path, name)? {
                        Some(needs) => own.extend(needs),
                        None => report.obscure.push(reference.clone()),
                    }
                    Ok(())
                };
                let pulled = one.write(workspace, &destination, options, &mut on_file, reporter)?;
                report.pulled.push(pulled);
                own
            }
        };
        for need in needs {
            // What travels in the package is there.
            if need.is_internal && !need.is_hard {
                continue;
            }
            match find(remote, &store, &need, lock.find(&need))? {
                Some(found) => open.push_back(found),
                None if need.is_hard || need.id.starts_with(OCI) => {
                    return Err(Error::Missing {
                        needed_by: shown.clone(),
                        need: need.to_string(),
                        place: folder_of(&store),
                    });
                }
                None => report.left.push((need.kind, need.id)),
            }
        }
    }
    for one in found {
        let pulled = one.write(
            workspace,
            &destination,
            options,
            &mut |_, _| Ok(()),
            reporter,
        )?;
        report.pulled.push(pulled);
    }
    report.pulled.reverse();
    report.left.sort();
    report.left.dedup();
    if lock != before {
        lock.write(&lock_path)?;
    }
    Ok(report)
}

/// Something to fetch.
struct Wanted<'a> {
    store: Store<'a>,
    /// Tag, name or digest.
    name: String,
    shown: String,
    /// What it is there for, where something else needs it.
    need: Option<Need>,
}

impl Wanted<'_> {
    /// A digest stands behind an `@` at a registry, where others read it so.
    fn reference(&self) -> String {
        let is_digest = self.name.starts_with("sha256:");
        match &self.store {
            Store::Registry(..) if is_digest => format!("{}@{}", self.shown, self.name),
            _ => format!("{}:{}", self.shown, self.name),
        }
    }
}

/// Something that was found, and is to be written.
struct Found<'a> {
    wanted: Wanted<'a>,
    manifest: Manifest,
    reference: String,
    digest: String,
}

impl Found<'_> {
    /// Writes its files; see [`write`].
    fn write(
        self,
        workspace: &Workspace,
        destination: &Path,
        options: &PullOptions,
        on_file: &mut dyn FnMut(&Path, &str) -> Result<(), Error>,
        reporter: &dyn Reporter,
    ) -> Result<Pulled, Error> {
        let shown = |path: PathBuf| PathBuf::from(workspace.shown(&path));
        let paths = write(
            &self.wanted,
            &self.manifest,
            destination,
            options.untar,
            on_file,
            reporter,
        );
        let paths = paths.map_err(|error| match error {
            Error::FileExists(path) => Error::FileExists(shown(path)),
            Error::Unpack(UnpackError::Exists(path)) => UnpackError::Exists(shown(path)).into(),
            error => error,
        })?;
        Ok(Pulled {
            reference: self.reference,
            digest: self.digest,
            paths,
        })
    }
}

/// What a config document says that a package needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub kind: String,
    pub id: String,
    pub is_hard: bool,
    pub is_internal: bool,
}

impl std::fmt::Display for Need {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the {} `{}`", self.kind, self.id)
    }
}

/// The manifest of a single artifact.
pub(super) fn manifest_of(reference: &str, fetched: &Fetched) -> Result<Manifest, Error> {
    serde_json::from_slice(&fetched.bytes).map_err(|_| Error::NoPackage {
        reference: reference.to_owned(),
        what: match fetched.media_type.as_str() {
            media_type::INDEX | media_type::DOCKER_LIST => {
                "an index of several manifests".to_owned()
            }
            other => format!("`{other}`"),
        },
    })
}

/// The config documents that say what a package needs.
const OWN_CONFIGS: [&str; 3] = [
    media_type::NFV_CONFIG,
    media_type::SHIELD_CONFIG,
    media_type::HDAG_CONFIG,
];

/// What a package needs by its own descriptor, which others may push without
/// a config document. `None` where there is no descriptor.
fn package_needs(
    workspace: &Workspace,
    path: &Path,
    name: &str,
) -> Result<Option<Vec<Need>>, Error> {
    let failed = |source| Error::Io {
        action: "read",
        path: path.to_owned(),
        source,
    };
    // A descriptor without a package around it.
    if is_descriptor(name) {
        let bytes = fs::read(path).map_err(failed)?;
        let Some(descriptor) = recognise(name, bytes) else {
            return Ok(None);
        };
        let needs = descriptor::needs(&descriptor).into_iter().map(|need| Need {
            kind: need.kind.as_str().to_owned(),
            is_hard: need.kind.is_hard(),
            id: need.id,
            is_internal: false,
        });
        return Ok(Some(needs.collect()));
    }
    let selection = Selection {
        archives: vec![(path.to_owned(), name.to_owned())],
        ..Selection::default()
    };
    let found = scan(workspace, &selection).map_err(failed)?;
    let package = found.packages.first();
    let package = package.map(|package| package.inner.as_deref().unwrap_or(package));
    let Some(package) = package.filter(|package| package.descriptor.is_some()) else {
        return Ok(None);
    };
    let needs = graph::dependencies(package, &Offers::default());
    let needs = needs.into_iter().map(|(need, location)| Need {
        kind: need.kind.as_str().to_owned(),
        id: need.id,
        is_hard: need.kind.is_hard(),
        is_internal: location == Location::Internal,
    });
    Ok(Some(needs.collect()))
}

/// What a package needs, by its config document; `None` where that does not say
/// so, and the package has to be opened. What a chart needs travels in it.
pub(super) fn needs(store: &Store<'_>, manifest: &Manifest) -> Result<Option<Vec<Need>>, Error> {
    const LARGEST: usize = 16 << 20;
    let config = manifest.config.media_type.as_str();
    if config == media_type::HELM_CONFIG {
        return Ok(Some(Vec::new()));
    }
    if !OWN_CONFIGS.contains(&config) {
        return Ok(None);
    }
    let bytes = store.blob(&manifest.config.digest, LARGEST)?;
    let config: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let Some(list) = config["dependencies"].as_array() else {
        return Ok(None);
    };
    let needs = list.iter().filter_map(|need| {
        Some(Need {
            kind: need["descriptorType"].as_str()?.to_owned(),
            id: need["descriptorId"].as_str()?.to_owned(),
            is_hard: need["mode"] == "hard",
            is_internal: need["location"] == "internal",
        })
    });
    Ok(Some(needs.collect()))
}

/// How the references of Helm begin to charts that lie in a registry.
const OCI: &str = "oci://";

/// Where something that is needed lies: beside what needs it, by its id, or
/// where a reference of its own says. `None` where that is not for a registry
/// to tell.
fn find<'a>(
    remote: &'a Remote,
    beside: &Store<'a>,
    need: &Need,
    pin: Option<&Locked>,
) -> Result<Option<Wanted<'a>>, Error> {
    if let Some(pin) = pin
        && let Ok(reference) = Reference::parse(&pin.reference)
    {
        return Ok(Some(Wanted {
            shown: reference.repository.to_string(),
            name: reference.target().to_owned(),
            store: Store::Registry(remote, reference.repository),
            need: Some(need.clone()),
        }));
    }
    let is_descriptor = matches!(need.kind.as_str(), "VNF" | "NS" | "PNF" | "NST");
    let (store, names) = match beside {
        _ if !is_descriptor => {
            // A chart or artifact that names its registry.
            let named = need.id.starts_with(OCI);
            let Some(Ok(reference)) = named.then(|| Reference::parse(&need.id)) else {
                return Ok(None);
            };
            let name = reference.tag.clone().or(reference.digest.clone());
            let names = match name {
                Some(name) => vec![name],
                None => tags(remote, &reference.repository)?,
            };
            (Store::Registry(remote, reference.repository), names)
        }
        Store::Registry(_, repository) => {
            let folder = repository.sibling(repository.folder());
            let Ok(repository) = folder.join(&need.id.to_ascii_lowercase()) else {
                return Ok(None);
            };
            let names = tags(remote, &repository)?;
            (Store::Registry(remote, repository), names)
        }
        Store::Layout(layout) => {
            let entries = layout.entries()?;
            let names = entries.into_iter().filter_map(|entry| {
                let (id, _) = entry.reference.rsplit_once(':')?;
                (id == need.id).then_some(entry.reference)
            });
            (Store::Layout(layout.clone()), names.collect())
        }
    };
    let Some(name) = highest(&names) else {
        return Ok(None);
    };
    let shown = match &store {
        Store::Registry(_, repository) => repository.to_string(),
        Store::Layout(layout) => layout.root().display().to_string(),
    };
    Ok(Some(Wanted {
        store,
        name,
        shown,
        need: Some(need.clone()),
    }))
}

/// The tags of a repository that need not be there.
pub(super) fn tags(remote: &Remote, repository: &Repository) -> Result<Vec<String>, Error> {
    match remote.tags(repository) {
        Ok(tags) => Ok(tags),
        // Some registries say so of what they have never heard of.
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

fn folder_of(store: &Store<'_>) -> String {
    match store {
        Store::Registry(_, repository) => repository.sibling(repository.folder()).to_string(),
        Store::Layout(layout) => layout.root().display().to_string(),
    }
}

/// Writes the files of an artifact. `on_file` is shown the first of them, which
/// is the package, before it is unpacked: where it lies, and its name.
fn write(
    wanted: &Wanted<'_>,
    manifest: &Manifest,
    destination: &Path,
    untar: bool,
    on_file: &mut dyn FnMut(&Path, &str) -> Result<(), Error>,
    reporter: &dyn Reporter,
) -> Result<Vec<PathBuf>, Error> {
    let layers = files(wanted, manifest)?;
    reporter.begin(layers.iter().map(|(layer, _)| layer.size).sum());
    let mut paths = Vec::new();
    for (i, (layer, name)) in layers.into_iter().enumerate() {
        let is_unpacked = untar && is_archive(&name);
        let target = destination.join(&name);
        if !is_unpacked && target.exists() {
            if !same(&target, &layer.digest) {
                return Err(Error::FileExists(target));
            }
            reporter.advance(layer.size);
            if i == 0 {
                on_file(&target, &name)?;
            }
            paths.push(target);
            continue;
        }
        let folder = match is_unpacked {
            true => destination,
            false => target.parent().unwrap_or(destination),
        };
        let in_folder = |source| Error::Io {
            action: "create a file in",
            path: folder.to_owned(),
            source,
        };
        fs::create_dir_all(folder).map_err(in_folder)?;
        let mut file = scratch::file_in(folder).map_err(in_folder)?;
        let path = file.path().to_owned();
        wanted.store.download(
            &layer.digest,
            layer.size,
            (file.as_file_mut(), &path),
            &|bytes| reporter.advance(bytes),
        )?;
        if i == 0 {
            on_file(&path, &name)?;
        }
        if is_unpacked {
            let stem = name.rsplit('/').next().unwrap_or(&name);
            let stem = stem.split(".tar").next().unwrap_or(stem);
            let stem = stem.trim_end_matches(".tgz").trim_end_matches(".zip");
            let unpacked = package::unpack(&path, &name, stem, destination, MAX_UNPACKED)?;
            paths.push(unpacked.folder);
            continue;
        }
        super::output::name_file(file, &target)?;
        paths.push(target);
    }
    reporter.finish();
    Ok(paths)
}

/// Whether a file may be a descriptor by its name.
pub(super) fn is_descriptor(name: &str) -> bool {
    [".yaml", ".yml", ".json"]
        .iter()
        .any(|end| name.ends_with(end))
}

fn is_archive(name: &str) -> bool {
    [".tar.gz", ".tgz", ".tar", ".zip", ".csar"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// Whether a file has the content of a digest already.
fn same(path: &Path, digest: &str) -> bool {
    let hash = || crate::digest::sha256(&mut fs::File::open(path)?);
    hash().is_ok_and(|(sha256, _)| digest == format!("sha256:{sha256}"))
}

/// The layers that are files, each with its name. A name comes from whoever
/// pushed, and must not be a path.
fn files(wanted: &Wanted<'_>, manifest: &Manifest) -> Result<Vec<(Descriptor, String)>, Error> {
    let reference = wanted.reference();
    let is_image = manifest.layers.iter().any(|layer| {
        layer
            .media_type
            .starts_with("application/vnd.docker.image.")
            || (layer
                .media_type
                .starts_with("application/vnd.oci.image.layer.")
                && !layer.annotations.contains_key(TITLE))
    });
    if is_image || manifest.layers.is_empty() {
        return Err(Error::NoPackage {
            reference,
            what: match is_image {
                true => "a container image".to_owned(),
                false => "an artifact without files".to_owned(),
            },
        });
    }
    let id = match &wanted.store {
        Store::Registry(_, repository) => repository.name().to_owned(),
        Store::Layout(_) => wanted
            .name
            .split(':')
            .next()
            .unwrap_or("package")
            .to_owned(),
    };
    let tag = wanted.name.rsplit(':').next().unwrap_or_default();
    let version = match wanted.name.starts_with("sha256:") {
        true => manifest.annotations.get(VERSION).map_or("", String::as_str),
        false => tag,
    };
    let named = manifest.layers.iter().enumerate().map(|(i, layer)| {
        let title = layer.annotations.get(TITLE).map(|title| relative(title));
        let title = title.filter(|title| !title.is_empty());
        let ending = match layer.media_type.as_str() {
            media_type::HELM_CHART => ".tgz",
            media_type::HELM_PROVENANCE => ".tgz.prov",
            media_type::NFV_CSAR => ".csar",
            other if other.ends_with("zip") && !other.ends_with("gzip") => ".zip",
            _ => ".tar.gz",
        };
        let stem = match version {
            "" => safe_name(&id),
            version => format!("{}-{}", safe_name(&id), safe_name(version)),
        };
        let number = match i {
            0 => String::new(),
            i if layer.media_type == media_type::HELM_PROVENANCE && i == 1 => String::new(),
            i => format!("-{i}"),
        };
        // ORAS packs a folder and gives the layer the folder's name.
        let is_folder = layer.annotations.get(UNPACK).is_some_and(|v| v == "true");
        let title = title.map(|title| match is_folder && !is_archive(&title) {
            true => title + ".tar.gz",
            false => title,
        });
        let name = title.unwrap_or_else(|| format!("{stem}{number}{ending}"));
        (layer.clone(), name)
    });
    let mut named: Vec<(Descriptor, String)> = named.collect();
    // Of several files with one name each has to be somewhere.
    let mut names = BTreeSet::new();
    for (i, (_, name)) in named.iter_mut().enumerate() {
        if !names.insert(name.clone()) {
            *name = format!("{i}-{}", name.replace('/', "-"));
            names.insert(name.clone());
        }
    }
    Ok(named)
}

/// A title as a path below a folder, as ORAS takes it: folders stay; what would
/// lead out of there, or be hidden, does not.
fn relative(title: &str) -> String {
    let parts = title.split(['/', '\\']);
    let leads_out = title.starts_with(['/', '\\']) || parts.clone().any(|part| part == "..");
    let parts: Vec<&str> = parts
        .map(|part| part.trim_start_matches('.'))
        .filter(|part| !part.is_empty())
        .collect();
    match (leads_out, parts.last()) {
        (true, Some(last)) => (*last).to_owned(),
        _ => parts.join("/"),
    }
}

/// How ORAS marks the layer of a folder.
const UNPACK: &str = "io.deis.oras.content.unpack";
const TITLE: &str = "org.opencontainers.image.title";
pub(super) const VERSION: &str = "org.opencontainers.image.version";
