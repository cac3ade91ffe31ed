//! `pull`: a package from a registry or layout, with what it needs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::artifact_files::{Named, Taken, write};
use super::gate::{Gate, PolicyOptions};
use super::lock::{Lock, Locked};
use super::needs::{Need, config, instead, is_own, needs_in, needs_together, package_needs};
use super::other_name::other_name_with;
use super::place::{Access, OpenPlace, VersionChoice, fetch};
use super::versions::highest_needed;
use super::{Error, Reporter};
use crate::descriptor::NeedKind;
use crate::oci::{
    Fetched, Layout, Manifest, Parts, Place, Reference, Remote, Repository, Store, StoreError,
    media_type, published_name,
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
        let config = config(&wanted.store, &manifest);
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
            match found.map_err(|error| beside.failed(&need, error))? {
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

/// Functions and services that packages of the tree need and the tree has not, from the
/// repositories below a place that are called after their ids. Each comes with its kind, its id,
/// and what needs it. They are pinned as the needs of a package at a registry are.
///
/// # Errors
///
/// One of them is not there, or those of [`pull`].
pub(super) fn pull_needs_aside(
    workspace: &Workspace,
    remote: &Remote,
    place: &Repository,
    needs: &[(NeedKind, String, String)],
    options: PullOptions,
    reporter: &dyn Reporter,
) -> Result<(scratch::Folder, PullReport), Error> {
    let (folder, options) = aside(options)?;
    let lock = Lock::read(&workspace.root.join(Lock::FILE))?;
    let (mut wanted, mut missing, mut unseen) = (Vec::new(), Vec::new(), None);
    for (kind, id, needed_by) in needs {
        let need = Need {
            kind: kind.as_str().to_owned(),
            id: id.clone(),
            is_hard: true,
            is_internal: false,
        };
        // As if what needs it were published at that place as well.
        let beside = place.sibling(&format!("{}/-", place.path));
        let beside = Beside {
            shown: beside.to_string(),
            store: Store::Registry(remote, beside),
            needed_by: needed_by.clone(),
        };
        let (found, refused) = match lock.find(&need) {
            Some(pin) => (
                pinned(workspace, remote, &beside, &need, pin).map(Some),
                None,
            ),
            None => or_refused(find(remote, &beside, &need)),
        };
        unseen = unseen.or(refused);
        match found.map_err(|error| beside.failed(&need, error))? {
            Some(found) => wanted.push(found),
            None => missing.push((needed_by.clone(), need.to_string())),
        }
    }
    if !missing.is_empty() {
        return Err(Error::Missing {
            missing,
            place: place.to_string(),
            refused: unseen,
        });
    }
    let report = pull_all(workspace, remote, &options, lock, wanted, reporter)?;
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

/// How the references of Helm begin to charts that lie in a registry.
const OCI: &str = "oci://";

/// How an archive is shown.
const ARCHIVE: &str = "oci-archive:";

/// What needs something, and where it lies.
struct Beside<'a> {
    store: Store<'a>,
    /// The store, as it is shown.
    shown: String,
    /// The reference of what needs something, or its path.
    needed_by: String,
}

impl Beside<'_> {
    fn failed(&self, need: &Need, error: Error) -> Error {
        needed(&self.needed_by, need, error)
    }
}

/// An error of a registry or layout knows the place and not what somebody wanted there.
pub(super) fn needed(needed_by: &str, need: &Need, error: Error) -> Error {
    match error {
        Error::Remote(_) | Error::Layout(_) | Error::Part { .. } => Error::Needed {
            needed_by: needed_by.to_owned(),
            need: need.to_string(),
            source: Box::new(error),
        },
        other => other,
    }
}

fn is_descriptor(need: &Need) -> bool {
    matches!(need.kind.as_str(), "VNF" | "NS" | "PNF" | "NST")
}

/// The registry that a chart or artifact names itself.
fn named(need: &Need) -> Option<Reference> {
    let is_named = need.id.starts_with(OCI) && !is_descriptor(need);
    is_named.then(|| Reference::parse(&need.id).ok()).flatten()
}

/// The repository of something that is needed, beside what needs it.
fn sibling(repository: &Repository, need: &Need) -> Option<Repository> {
    let folder = repository.sibling(repository.folder());
    folder.of_package(&need.id).ok()
}

/// Something that is pinned by its digest: beside what needs it, where it says
/// itself, and then where it was when it was noted.
fn pinned<'a>(
    workspace: &Workspace,
    remote: &'a Remote,
    beside: &Beside<'a>,
    need: &Need,
    pin: &Locked,
) -> Result<Wanted<'a>, Error> {
    let noted = pin.reference.as_deref().map(Place::parse);
    let noted = noted.and_then(Result::ok);
    let noted_tag = |repository: &Repository| match &noted {
        Some(Place::Registry(noted))
            if noted.repository.host == repository.host
                && noted.repository.path == repository.path =>
        {
            Some(noted.target().to_owned())
        }
        _ => None,
    };
    let at = |repository: Repository| Wanted {
        name: noted_tag(&repository).unwrap_or_else(|| pin.digest.clone()),
        shown: repository.to_string(),
        store: Store::Registry(remote, repository),
        need: Some(need.clone()),
        needed_by: beside.needed_by.clone(),
        fetched: None,
        is_own: false,
    };
    let within = |layout: &Layout, shown: &str| Wanted {
        name: name_of(layout, &pin.digest).unwrap_or_else(|| pin.digest.clone()),
        shown: shown.to_owned(),
        store: Store::Layout(layout.clone()),
        need: Some(need.clone()),
        needed_by: beside.needed_by.clone(),
        fetched: None,
        is_own: false,
    };
    let mut places: Vec<Wanted<'a>> = Vec::new();
    match &beside.store {
        Store::Layout(layout) => places.push(within(layout, &beside.shown)),
        Store::Registry(_, repository) if is_descriptor(need) => {
            places.extend(sibling(repository, need).map(at));
        }
        // A site has its own copy: under the path that it has at home, or in one
        // folder with what needs it.
        Store::Registry(_, repository) => {
            let elsewhere = named(need).map(|reference| reference.repository);
            let elsewhere = elsewhere.filter(|own| own.host != repository.host);
            if let Some(own) = elsewhere {
                places.push(at(repository.sibling(&own.path)));
                let folder = repository.sibling(repository.folder());
                places.extend(folder.join(own.name()).ok().map(at));
            }
        }
    }
    places.extend(named(need).map(|reference| at(reference.repository)));
    match &noted {
        Some(Place::Registry(reference)) => places.push(at(reference.repository.clone())),
        Some(Place::Layout(folder, _)) => {
            let layout = Layout::new(workspace.root.join(folder));
            if layout.exists() {
                places.push(within(&layout, &format!("oci:{}", folder.display())));
            }
        }
        _ => {}
    }
    let mut shown: Vec<String> = Vec::new();
    let mut refused = None;
    for mut place in places {
        // The place that was noted is often the one beside.
        if shown.contains(&format!("`{}`", place.shown)) {
            continue;
        }
        shown.push(format!("`{}`", place.shown));
        match place.store.fetch(&pin.digest) {
            Ok(fetched) => {
                place.fetched = Some(fetched);
                return Ok(place);
            }
            Err(error) if error.is_not_found() => {}
            // Some registries say so of what they have never heard of.
            Err(StoreError::Remote(error)) if error.is_unauthorized() => {
                refused.get_or_insert(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    match refused {
        Some(error) => Err(error.into()),
        None => Err(Error::NoPinned {
            needed_by: beside.needed_by.clone(),
            need: need.to_string(),
            digest: pin.digest.clone(),
            places: shown,
        }),
    }
}

/// The name of a digest in a layout.
fn name_of(layout: &Layout, digest: &str) -> Option<String> {
    let mut names = layout.names().ok()?.into_iter();
    let found = names.find(|(_, descriptor)| descriptor.digest == digest);
    found.map(|(name, _)| name)
}

/// Where something that is needed lies: beside what needs it, by its id, or
/// where a reference of its own says. `None` where that is not for a registry
/// to tell.
fn find<'a>(
    remote: &'a Remote,
    beside: &Beside<'a>,
    need: &Need,
) -> Result<Option<Wanted<'a>>, Error> {
    let (store, names) = match &beside.store {
        _ if !is_descriptor(need) => {
            let Some(reference) = named(need) else {
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
            let Some(repository) = sibling(repository, need) else {
                return Ok(None);
            };
            let names = tags(remote, &repository)?;
            (Store::Registry(remote, repository), names)
        }
        Store::Layout(layout) => {
            let own = published_name(&need.id);
            let names = layout.names()?.into_iter().filter_map(|(name, _)| {
                let (id, _) = name.rsplit_once(':')?;
                (id == own).then_some(name)
            });
            (Store::Layout(layout.clone()), names.collect())
        }
    };
    let shown = match &store {
        Store::Registry(_, repository) => repository.to_string(),
        Store::Layout(_) => beside.shown.clone(),
    };
    let name = highest_needed(&names).map_err(|names| Error::Undecided {
        needed_by: beside.needed_by.clone(),
        need: need.to_string(),
        place: shown.clone(),
        names,
    })?;
    let Some(name) = name else {
        return Ok(None);
    };
    Ok(Some(Wanted {
        store,
        name,
        shown,
        need: Some(need.clone()),
        needed_by: beside.needed_by.clone(),
        fetched: None,
        is_own: false,
    }))
}

/// A search, and in its place that a registry does not let us look. Some say so to whoever is not
/// logged in of what they have never heard of, and then it may lie elsewhere.
pub(super) fn or_refused<T: Default>(
    found: Result<T, Error>,
) -> (Result<T, Error>, Option<Box<Error>>) {
    match found {
        Err(error) if error.is_unauthorized() => (Ok(T::default()), Some(Box::new(error))),
        found => (found, None),
    }
}

/// The tags of a repository that need not be there.
pub(super) fn tags(remote: &Remote, repository: &Repository) -> Result<Vec<String>, Error> {
    match remote.tags(repository) {
        Ok(tags) => Ok(tags),
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Where something was looked for: where it says itself, or beside what needs it.
fn folder_of(beside: &Beside<'_>, need: &Need) -> String {
    let folder = |repository: &Repository| repository.sibling(repository.folder()).to_string();
    if let Some(named) = named(need) {
        return folder(&named.repository);
    }
    match &beside.store {
        Store::Registry(_, repository) => folder(repository),
        Store::Layout(_) => beside.shown.clone(),
    }
}
