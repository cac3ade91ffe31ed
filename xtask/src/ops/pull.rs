//! `pull`: a package from a registry or layout, with what it needs.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use super::artifact_files::{Named, write};
use super::gate::{Gate, PolicyOptions};
use super::lock::{Lock, Locked};
use super::needs::{Need, config, needs_in, package_needs};
use super::place::{Access, OpenPlace};
use super::versions::highest;
use super::{Error, Reporter};
use crate::oci::{Fetched, Manifest, Reference, Remote, Repository, Store, media_type};
use crate::package::UnpackError;
use crate::source::Workspace;

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
    /// What every artifact must meet.
    pub policy: Option<PolicyOptions>,
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
    let gate = Gate::open(options.policy.as_ref())?;
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
        gate.admit(&wanted.store, &wanted.name, &fetched.digest, &reference)?;
        let manifest = manifest_of(&reference, &fetched)?;
        // Nothing of it is written, and all the same nobody may have changed it.
        let config = config(&wanted.store, &manifest)?;
        let said = match options.with_dependencies {
            true => needs_in(&manifest, &config),
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
        let artifact = Named {
            store: &self.wanted.store,
            manifest: &self.manifest,
            name: &self.wanted.name,
            reference: &self.reference,
        };
        let paths = write(&artifact, destination, options.untar, on_file, reporter);
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
