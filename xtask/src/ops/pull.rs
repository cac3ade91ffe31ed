//! `pull`: a package from a registry or layout, with what it needs.

mod find;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use find::{Beside, OCI, find, folder_of, pinned};
pub(super) use find::{needed, or_refused, tags};

use super::artifact_files::{Named, Taken, write};
use super::gate::{Gate, PolicyOptions};
use super::lock::Lock;
use super::needs::{Need, config, instead, is_own, needs_in, needs_together, package_needs};
use super::other_name::other_name_with;
use super::place::{Access, OpenPlace, VersionChoice, fetch};
use super::{Error, Reporter};
use crate::descriptor::NeedKind;
use crate::oci::{
    Fetched, Layout, Manifest, Parts, Reference, Remote, Repository, Store, media_type,
};
use crate::package::UnpackError;
use crate::scratch::{self, Way};
use crate::source::Workspace;

/// What to fetch.
#[derive(Clone, Debug, Default)]
pub struct PullOptions {
    /// Where it is.
    pub reference: String,
    /// Which version, where the reference has none.
    pub version: VersionChoice,
    /// The folder that files go to.
    pub destination: PathBuf,
    /// Whether packages are unpacked there instead.
    pub untar: bool,
    /// Whether what it needs is fetched as well.
    pub with_dependencies: bool,
    /// Whether that is only what an orchestrator refuses it without: functions
    /// and services, and no charts.
    pub only_hard: bool,
    /// Whether `nfv.lock` stays as it is.
    pub keeps_lock: bool,
    /// Whether every digest must be that of `nfv.lock`.
    pub locked: bool,
    /// What is needed and comes from elsewhere: kinds, as `VNF`, and ids.
    pub settled: BTreeSet<(String, String)>,
    /// Whether a function or service that is not there is left to others.
    pub leaves_absent: bool,
    /// What every artifact must meet.
    pub policy: Option<PolicyOptions>,
    /// Whose signatures of each artifact are looked for; nobody's where nobody is named.
    #[cfg(feature = "sign")]
    pub trust: super::TrustOptions,
}

/// A package that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// Where it came from.
    pub reference: String,
    /// The digest of its manifest.
    pub digest: String,
    /// Its files or folders.
    pub paths: Vec<PathBuf>,
    /// Whether `nfv.lock` said which one is needed.
    pub is_pinned: bool,
    /// Whether they were all there already with the same content.
    pub is_fresh: bool,
    /// The kind and id of what it is there for, where something else needs it.
    pub need: Option<(String, String)>,
    /// Who of those who are trusted has signed the artifact, where somebody is.
    #[cfg(feature = "sign")]
    pub signed: Option<super::Condition>,
}

/// What was fetched, and what was not.
#[derive(Debug, Default)]
pub struct PullReport {
    /// The packages, what needs others after them.
    pub pulled: Vec<Pulled>,
    /// Needs that lie elsewhere: charts of a repository, images, bundles.
    pub left: Vec<(String, String)>,
    /// Functions and services that were left to others.
    pub absent: Vec<Absent>,
    /// Packages of others in which there is no descriptor, so that nobody can
    /// tell what they need.
    pub obscure: Vec<String>,
}

/// A function or service that is needed and was not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absent {
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Where it is not.
    pub place: String,
    /// What the place has said, where it did not let us look.
    pub refused: Option<String>,
}

/// Fetches a package, held against its digests.
///
/// Files appear whole or not at all; one that is there with other bytes is not
/// overwritten, and neither is a folder with other content.
pub fn pull(
    workspace: &Workspace,
    remote: &Remote,
    options: &PullOptions,
    reporter: &dyn Reporter,
) -> Result<PullReport, Error> {
    let mut place = OpenPlace::open(workspace, remote, &options.reference, Access::Read)?;
    place.choose(&options.version)?;
    let first = Wanted {
        name: place.target()?,
        store: place.store.clone(),
        shown: place.shown.clone(),
        need: None,
        needed_by: String::new(),
        fetched: None,
        config: None,
        is_own: place.is_own,
    };
    let lock = Lock::read(&workspace.root.join(Lock::FILE))?;
    pull_all(workspace, remote, options, lock, vec![first], reporter)
}

/// Fetches what is wanted, with what that needs, by the rules of [`pull`].
fn pull_all<'a>(
    workspace: &Workspace,
    remote: &'a Remote,
    options: &PullOptions,
    mut lock: Lock,
    wanted: Vec<Wanted<'a>>,
    reporter: &dyn Reporter,
) -> Result<PullReport, Error> {
    let gate = Gate::open(options.policy.as_ref())?;
    #[cfg(feature = "sign")]
    let trust = super::trusted::Trust::read(&options.trust)?;
    let destination = workspace.current_dir.join(&options.destination);
    let _way = Way::to(&destination).map_err(|source| Error::Io {
        action: "create",
        path: destination.clone(),
        source,
    })?;
    let lock_path = workspace.root.join(Lock::FILE);
    let before = lock.clone();
    let mut report = PullReport::default();
    let mut open = VecDeque::from(wanted);
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    // Nothing is written before all that is needed has been found, but for what
    // has to be opened to know what it needs.
    let mut found: Vec<Found<'_>> = Vec::new();
    let mut taken = Taken::new();
    while let Some(mut wanted) = open.pop_front() {
        let is_pinned = wanted.need.as_ref().map(|need| lock.find(need).is_some());
        if let (Some(need), Some(false), true) = (&wanted.need, is_pinned, options.locked) {
            return Err(Error::NotLocked {
                needed_by: wanted.needed_by.clone(),
                need: need.to_string(),
                lock: workspace.shown(&lock_path),
            });
        }
        let fetched = match wanted.fetched.take() {
            Some(fetched) => fetched,
            None => {
                let fetched = fetch(&wanted.store, &wanted.shown, &wanted.name);
                fetched.map_err(|error| wanted.failed(error))?
            }
        };
        let reference = wanted.reference();
        if let Some(need) = &wanted.need {
            lock.note(need, wanted.lasting(workspace), &fetched.digest);
        }
        gate.admit(&wanted.store, &wanted.name, &fetched, &reference)?;
        let manifest = manifest_of(&reference, &fetched)?;
        // Nothing of it is written, and all the same nobody may have changed it.
        let config = match wanted.config.take() {
            Some(config) => Ok(config),
            None => config(&wanted.store, &manifest),
        };
        let config = config
            .map_err(|error| error.of_part(|| format!("the config document of `{reference}`")))
            .map_err(|error| wanted.failed(error))?;
        if !gate.is_set()
            && let Some(other) = other_name_with(&wanted.store, &wanted.name, &manifest, &config)
        {
            match wanted.is_own {
                true => return Err(Error::OtherName { reference, other }),
                false => reporter.warning(&format!("`{reference}`: {}", other.words())),
            }
        }
        if let Some(need) = &wanted.need
            && let Some(found) = instead(need, &manifest, &config)
        {
            return Err(Error::Instead {
                needed_by: wanted.needed_by.clone(),
                need: need.to_string(),
                reference,
                found,
                is_pinned: is_pinned == Some(true),
            });
        }
        if seen
            .insert(fetched.digest.clone(), reference.clone())
            .is_some()
        {
            continue;
        }
        let said = match options.with_dependencies {
            true => needs_in(&manifest, &config),
            false => Some(Vec::new()),
        };
        let beside = Beside {
            store: wanted.store.clone(),
            shown: wanted.shown.clone(),
            needed_by: reference.clone(),
        };
        let one = Found {
            #[cfg(feature = "sign")]
            signed: signed(&wanted.store, &fetched.digest, &trust)?,
            is_pinned: wanted
                .need
                .as_ref()
                .is_some_and(|need| before.find(need).is_some()),
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
                let mut opened = Vec::new();
                let mut on_file = |path: &Path, name: &str| {
                    opened.extend(package_needs(workspace, path, name)?);
                    Ok(())
                };
                let pulled = one.write(
                    workspace,
                    &destination,
                    options,
                    &mut taken,
                    &mut on_file,
                    reporter,
                )?;
                report.pulled.push(pulled);
                if opened.is_empty() {
                    report.obscure.push(reference.clone());
                }
                needs_together(opened)
            }
        };
        for need in needs {
            // What travels in the package is there.
            if !need.is_hard && (need.is_internal || options.only_hard) {
                continue;
            }
            if options.settled.contains(&need.key()) {
                continue;
            }
            let (found, refused) = match lock.find(&need) {
                Some(pin) => (
                    pinned(workspace, remote, &beside, &need, pin).map(Some),
                    None,
                ),
                None => or_refused(find(remote, &beside, &need)),
            };
            let found = match found {
                // It is no more there than where nothing lies.
                Err(Error::Instead { .. }) if options.leaves_absent => Ok(None),
                found => found.map_err(|error| beside.failed(&need, error)),
            };
            match found? {
                Some(found) => open.push_back(found),
                None if need.is_hard && options.leaves_absent => report.absent.push(Absent {
                    place: folder_of(&beside, &need),
                    refused: refused.map(|error| error.to_string()),
                    kind: need.kind,
                    id: need.id,
                }),
                None if need.is_hard || need.id.starts_with(OCI) => {
                    return Err(Error::Missing {
                        missing: vec![(beside.needed_by.clone(), need.to_string())],
                        place: folder_of(&beside, &need),
                        refused,
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
            &mut taken,
            &mut |_, _| Ok(()),
            reporter,
        )?;
        report.pulled.push(pulled);
    }
    report.pulled.reverse();
    report.left.sort();
    report.left.dedup();
    if lock != before && !options.locked && !options.keeps_lock {
        lock.write(&lock_path)?;
    }
    Ok(report)
}

/// The same into a folder that goes again. `destination` is not looked at.
pub(super) fn pull_aside(
    workspace: &Workspace,
    remote: &Remote,
    options: PullOptions,
    reporter: &dyn Reporter,
) -> Result<(scratch::Folder, PullReport), Error> {
    let (folder, options) = aside(options)?;
    let report = pull(workspace, remote, &options, reporter)?;
    Ok((folder, report))
}

fn aside(options: PullOptions) -> Result<(scratch::Folder, PullOptions), Error> {
    let folder = scratch::folder().map_err(|source| Error::Io {
        action: "create a folder in",
        path: std::env::temp_dir(),
        source,
    })?;
    let options = PullOptions {
        destination: folder.path().to_owned(),
        ..options
    };
    Ok((folder, options))
}

/// Where the needs of packages are looked for that lie elsewhere.
pub(super) enum Near<'a> {
    /// In the repositories below this one.
    Registry(&'a Repository),
    /// In a layout, which is shown so.
    Layout(&'a Layout, String),
}

impl Near<'_> {
    /// As if what needs something were published there as well.
    fn beside<'r>(&self, remote: &'r Remote, needed_by: &str) -> Beside<'r> {
        let needed_by = needed_by.to_owned();
        match self {
            Near::Registry(place) => {
                let beside = place.sibling(&format!("{}/-", place.path));
                Beside {
                    shown: beside.to_string(),
                    store: Store::Registry(remote, beside),
                    needed_by,
                }
            }
            Near::Layout(layout, shown) => Beside {
                store: Store::Layout((*layout).clone()),
                shown: shown.clone(),
                needed_by,
            },
        }
    }

    fn shown(&self) -> String {
        match self {
            Near::Registry(place) => place.to_string(),
            Near::Layout(_, shown) => shown.clone(),
        }
    }
}

/// Functions and services that packages need and that are not among them, from a place where they
/// are called after their ids. Each comes with its kind, its id, and what needs it. They are pinned
/// as the needs of a package at a registry are.
///
/// # Errors
///
/// One of them is not there and not left to others, or those of [`pull`].
pub(super) fn pull_needs_aside(
    workspace: &Workspace,
    remote: &Remote,
    near: &Near<'_>,
    needs: &[(NeedKind, String, String)],
    options: PullOptions,
    reporter: &dyn Reporter,
) -> Result<(scratch::Folder, PullReport), Error> {
    let (folder, options) = aside(options)?;
    let lock = Lock::read(&workspace.root.join(Lock::FILE))?;
    let (mut wanted, mut missing, mut unseen) = (Vec::new(), Vec::new(), None);
    let mut absent = Vec::new();
    for (kind, id, needed_by) in needs {
        let need = Need {
            kind: kind.as_str().to_owned(),
            id: id.clone(),
            is_hard: true,
            is_internal: false,
        };
        let beside = near.beside(remote, needed_by);
        let (found, refused) = match lock.find(&need) {
            Some(pin) => (
                pinned(workspace, remote, &beside, &need, pin).map(Some),
                None,
            ),
            None => or_refused(find(remote, &beside, &need)),
        };
        let said = refused.as_ref().map(ToString::to_string);
        unseen = unseen.or(refused);
        match found.map_err(|error| beside.failed(&need, error))? {
            Some(found) => wanted.push(found),
            None if options.leaves_absent => absent.push(Absent {
                place: near.shown(),
                refused: said,
                kind: need.kind,
                id: need.id,
            }),
            None => missing.push((needed_by.clone(), need.to_string())),
        }
    }
    if !missing.is_empty() {
        return Err(Error::Missing {
            missing,
            place: near.shown(),
            refused: unseen,
        });
    }
    let mut report = pull_all(workspace, remote, &options, lock, wanted, reporter)?;
    report.absent.extend(absent);
    Ok((folder, report))
}

/// Kind and id of a package at a place, by its config document; `None` where that does not say.
///
/// # Errors
///
/// It is not there, or the place can't be read.
pub(super) fn identity(
    workspace: &Workspace,
    remote: &Remote,
    reference: &str,
) -> Result<Option<(String, String)>, Error> {
    let place = OpenPlace::open(workspace, remote, reference, Access::Read)?;
    let fetched = place.store.fetch(&place.target()?)?;
    let manifest = manifest_of(reference, &fetched)?;
    let config: Value = match is_own(&manifest) {
        true => serde_json::from_slice(&config(&place.store, &manifest)?).unwrap_or_default(),
        false => Value::Null,
    };
    let text = |key: &str| config[key].as_str().map(str::to_owned);
    Ok(text("descriptorType").zip(text("descriptorId")))
}

/// How an archive is shown.
const ARCHIVE: &str = "oci-archive:";

/// Something to fetch.
struct Wanted<'a> {
    store: Store<'a>,
    /// Tag, name or digest.
    name: String,
    shown: String,
    /// What it is there for, where something else needs it.
    need: Option<Need>,
    /// What needs it; empty where nothing does.
    needed_by: String,
    /// Its manifest, where that is here already.
    fetched: Option<Fetched>,
    /// And its config document.
    config: Option<Vec<u8>>,
    /// Whether it lies in the layout that builds of the tree publish to.
    is_own: bool,
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

    /// Why it can't be had, with what needs it.
    fn failed(&self, error: Error) -> Error {
        match &self.need {
            Some(need) => needed(&self.needed_by, need, error),
            None => error,
        }
    }

    /// Where it is, for a file that others read as well: a reference to a
    /// registry, or a folder below the root of the tree. A folder elsewhere is
    /// there on this machine only, and that of an archive is so for a moment.
    fn lasting(&self, workspace: &Workspace) -> Option<String> {
        let layout = match &self.store {
            Store::Registry(remote, repository) => {
                return Some(remote.lasting(&Reference::new(repository.clone(), &self.name)));
            }
            Store::Layout(_) if self.shown.starts_with(ARCHIVE) => return None,
            Store::Layout(layout) => layout,
        };
        let root = fs::canonicalize(&workspace.root).ok()?;
        let folder = fs::canonicalize(layout.root()).ok()?;
        let parts = folder.strip_prefix(root).ok()?.iter();
        let parts: Option<Vec<&str>> = parts.map(|part| part.to_str()).collect();
        let folder = parts.filter(|parts| !parts.is_empty())?.join("/");
        // Behind a colon would be the name.
        (!folder.contains(':')).then(|| format!("oci:{folder}:{}", self.name))
    }
}

/// Something that was found, and is to be written.
struct Found<'a> {
    wanted: Wanted<'a>,
    manifest: Manifest,
    reference: String,
    digest: String,
    is_pinned: bool,
    #[cfg(feature = "sign")]
    signed: Option<super::Condition>,
}

/// Who of those who are trusted has signed an artifact; `None` where nobody is trusted.
#[cfg(feature = "sign")]
fn signed(
    store: &Store<'_>,
    digest: &str,
    trust: &super::trusted::Trust,
) -> Result<Option<super::Condition>, Error> {
    use super::conditions::signed_by;

    let is_asked = !trust.anchors.is_empty() || !trust.keys.is_empty();
    is_asked
        .then(|| signed_by(store, digest, trust))
        .transpose()
}

impl Found<'_> {
    /// Writes its files; see [`write`].
    fn write(
        self,
        workspace: &Workspace,
        destination: &Path,
        options: &PullOptions,
        taken: &mut Taken,
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
        let paths = write(
            &artifact,
            destination,
            options.untar,
            taken,
            on_file,
            reporter,
        );
        let (paths, is_fresh) = paths.map_err(|error| match error {
            Error::FileExists(path) => Error::FileExists(shown(path)),
            Error::DanglingLink(path) => Error::DanglingLink(shown(path)),
            Error::Unpack(UnpackError::Exists { folder, how }) => UnpackError::Exists {
                folder: shown(folder),
                how,
            }
            .into(),
            error => self.wanted.failed(error),
        })?;
        Ok(Pulled {
            reference: self.reference,
            digest: self.digest,
            is_pinned: self.is_pinned,
            paths,
            is_fresh,
            need: self.wanted.need.as_ref().map(Need::key),
            #[cfg(feature = "sign")]
            signed: self.signed,
        })
    }
}

/// The manifest of a single artifact.
pub(super) fn manifest_of(reference: &str, fetched: &Fetched) -> Result<Manifest, Error> {
    serde_json::from_slice(&fetched.bytes).map_err(|_| Error::NoPackage {
        reference: reference.to_owned(),
        what: match fetched.media_type.as_str() {
            media_type::INDEX | media_type::DOCKER_LIST => {
                "an index of several manifests, which `cargo nfv inspect` lists; name one of them \
                 by its digest"
                    .to_owned()
            }
            media_type::MANIFEST => format!("a manifest that can't be read: {}", fault(fetched)),
            other => format!("`{}`", other.replace(char::is_control, " ")),
        },
    })
}

/// Why a document is no manifest.
fn fault(fetched: &Fetched) -> String {
    let document: Value = serde_json::from_slice(&fetched.bytes).unwrap_or_default();
    if document.is_object() && document["config"].is_null() {
        return "it has no `config`".to_owned();
    }
    let whole = || Manifest::deserialize(&document).err();
    let fault = Parts::of(&document).err();
    let fault = fault.or_else(|| Some(whole()?.to_string()));
    fault.unwrap_or_else(|| "it is no JSON".to_owned())
}
