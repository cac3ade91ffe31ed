//! `publish` at a registry: what lies in the layout, sent where it is missing.
//!
//! Everything is looked at before anything is sent, blobs go before manifests,
//! and all manifests before any tag, so that nothing is to be seen of a
//! publication that fails. Tags of what others need move before those of what
//! needs it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::chosen::{Choice, choose};
use super::copy::each_at_once;
use super::differences::{Side, differences};
use super::error::Clash;
use super::lock::{Lock, Locked};
use super::needs::{Need, another, instead, needs_in};
use super::publish::one_id_for_each_name;
use super::pull::{needed, or_refused, tags};
use super::versions::{highest_needed, sources_tag};
use super::{Error, Reporter, Work};
use crate::graph::Offers;
use crate::oci::{
    Artifact, Layout, Manifest, Payload, Reference, Remote, RemoteError, Repository, Store,
    Uploaded, VERSION, is_digest, media_type, published_name, published_tag,
};

/// How to publish at a registry.
#[derive(Clone, Debug)]
pub struct PushOptions {
    /// The registry, and the path below which each package gets a repository.
    pub destination: Repository,
    /// Tags beside the version.
    pub tags: Vec<String>,
    /// Whether a version that is there with other bytes is replaced.
    pub force: bool,
    /// Whether only to say what would be done.
    pub dry_run: bool,
    /// Whether a service may be published without the functions it needs.
    pub allow_missing: bool,
    /// Whether it is noted at the registry what packages were made of, and what is
    /// there made of the same is not built.
    pub reuse: bool,
    /// Whether that is built all the same.
    pub rebuild: bool,
    /// Whether dependencies must be those of `nfv.lock`.
    pub locked: bool,
    /// How many blobs are on their way at once.
    pub concurrency: usize,
}

/// What became of an artifact, or would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushState {
    /// It was not there.
    New,
    /// It was there with the same bytes.
    Unchanged,
    /// Its version was there with other bytes.
    Moved,
}

/// An artifact at a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// `ghcr.io/edge/router_vnf:1.0`.
    pub reference: String,
    /// The other tags that did not point to it yet.
    pub tags: Vec<String>,
    /// The digest of the manifest.
    pub digest: String,
    /// The artifact type.
    pub kind: String,
    /// The id of the package, where its repository is called by another name.
    pub renamed: Option<String>,
    /// What became of it.
    pub state: PushState,
    /// Its tags that pointed to something else, as references, and to what.
    pub moves: Vec<(String, String)>,
}

/// An artifact on its way.
struct Job<'a> {
    artifact: &'a Artifact,
    /// Where it comes: nothing needs what has a later place. The second number is for services of
    /// services.
    place: (u8, usize),
    manifest: Manifest,
    repository: Repository,
    /// Whether that has another name than the id, apart from capitals and the suffix of
    /// SHIELD packages.
    is_renamed: bool,
    tag: String,
    state: PushState,
    /// Tags beside the version that do not point to it yet.
    tags: Vec<String>,
    /// Tags that point to something else, and to what.
    moves: Vec<(String, String)>,
    /// The tag that says what it was made of, where it does not yet.
    note: Option<String>,
}

impl Job<'_> {
    fn reference(&self) -> Reference {
        Reference::new(self.repository.clone(), &self.tag)
    }
}

/// What is to be published.
pub(super) struct Load<'a> {
    /// Where the blobs are.
    pub layout: &'a Layout,
    /// The artifacts, each with its place in the order of [`crate::graph::rank`], in
    /// which they come.
    pub artifacts: &'a [(u8, Artifact)],
    /// For each of them the digest of what it was made of, if that is to be noted.
    pub notes: &'a [Option<String>],
    /// What other runners publish at the same time.
    pub siblings: &'a Offers,
}

/// Publishes artifacts. Gives those that are at the registry, or would be, and how it ended:
/// where not all tags could be moved, some are there all the same.
pub(super) fn push(
    remote: &Remote,
    load: &Load<'_>,
    options: &PushOptions,
    lock_path: &Path,
    reporter: &dyn Reporter,
) -> (Vec<Pushed>, Result<(), Error>) {
    let mut jobs = match jobs(load.artifacts, options, reporter) {
        Ok(jobs) => jobs,
        Err(error) => return (Vec::new(), Err(error)),
    };
    for (job, note) in jobs.iter_mut().zip(load.notes) {
        job.note = note.as_deref().and_then(sources_tag);
    }
    let ended = push_jobs(remote, load, &mut jobs, options, lock_path, reporter);
    // What is public, as references; everything where all went well.
    let public: Option<BTreeSet<&str>> = match &ended {
        Ok(()) => None,
        Err(Error::HalfTagged { public, .. }) => Some(public.iter().map(String::as_str).collect()),
        Err(_) => Some(BTreeSet::new()),
    };
    let is_half = public.as_ref().is_some_and(|public| !public.is_empty());
    let is_public = |job: &Job<'_>, tag: &str| {
        let reference = Reference::new(job.repository.clone(), tag).to_string();
        let is_public = |public: &BTreeSet<&str>| public.contains(reference.as_str());
        public.as_ref().is_none_or(is_public)
    };
    let is_there =
        |job: &&Job<'_>| is_public(job, &job.tag) || is_half && job.state == PushState::Unchanged;
    let pushed = jobs.iter().filter(is_there).map(|job| Pushed {
        reference: job.reference().to_string(),
        tags: (job.tags.iter())
            .filter(|tag| is_public(job, tag))
            .cloned()
            .collect(),
        digest: job.artifact.digest.clone(),
        kind: job.artifact.kind.clone(),
        renamed: job.is_renamed.then(|| job.artifact.id.clone()),
        state: job.state,
        moves: (job.moves.iter())
            .filter(|(tag, _)| is_public(job, tag))
            .map(|(tag, there)| {
                let reference = Reference::new(job.repository.clone(), tag);
                (reference.to_string(), there.clone())
            })
            .collect(),
    });
    let pushed = pushed.collect();
    (pushed, ended)
}

fn push_jobs(
    remote: &Remote,
    load: &Load<'_>,
    jobs: &mut [Job<'_>],
    options: &PushOptions,
    lock_path: &Path,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    let lock = check_needs(remote, jobs, options, load.siblings, lock_path, reporter)?;
    look(remote, jobs, options)?;
    if options.dry_run {
        return Ok(());
    }
    let (new, there): (Vec<&Job<'_>>, Vec<&Job<'_>>) =
        (jobs.iter()).partition(|job| job.state != PushState::Unchanged);
    for job in there {
        note_blobs(remote, job, &job.repository);
    }
    // The same tree may have been published to another path of this registry.
    for pin in Lock::read(lock_path)?.pins() {
        let of_pin = new.iter().find(|job| job.artifact.digest == pin.digest);
        let noted = pin.reference.as_deref().map(Reference::parse);
        if let (Some(job), Some(Ok(noted))) = (of_pin, noted)
            && noted.repository.host == job.repository.host
        {
            note_blobs(remote, job, &noted.repository);
        }
    }
    send_blobs(remote, load.layout, &new, options, reporter)?;
    send_manifests(remote, jobs, options, reporter)?;
    match lock {
        Some(lock) => lock.write(lock_path),
        None => Ok(()),
    }
}

fn jobs<'a>(
    artifacts: &'a [(u8, Artifact)],
    options: &PushOptions,
    reporter: &dyn Reporter,
) -> Result<Vec<Job<'a>>, Error> {
    let lower = |artifact: &Artifact| artifact.name_and_version().0.to_ascii_lowercase();
    let named = artifacts.iter().map(|(_, a)| (lower(a), a.id.as_str()));
    one_id_for_each_name(named)?;
    let mut jobs: Vec<Job<'a>> = Vec::new();
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    for (rank, artifact) in artifacts {
        let (name, tag) = artifact.name_and_version();
        let lower = lower(artifact);
        if lower != name {
            let text = format!("`{name}` as `{lower}`, because repositories have lower-case names");
            reporter.status("Naming", &text);
        }
        let repository = options.destination.join(&lower)?;
        // A version becomes a tag, and a registry would say of one that is too
        // long that it does not exist.
        crate::oci::parse_tag(tag).map_err(|source| Error::NoTag {
            package: name.to_owned(),
            source,
        })?;
        let place = format!("{repository}:{tag}");
        if let Some(first) = places.insert(place.clone(), name.to_owned()) {
            return Err(Error::SameReference {
                reference: place,
                first,
                second: name.to_owned(),
            });
        }
        let manifest =
            serde_json::from_slice(&artifact.manifest).map_err(|_| Error::NoPackage {
                reference: artifact.reference.clone(),
                what: "an artifact without a manifest".to_owned(),
            })?;
        jobs.push(Job {
            artifact,
            place: (*rank, 0),
            manifest,
            is_renamed: !name.starts_with(&artifact.id),
            repository,
            tag: tag.to_owned(),
            state: PushState::New,
            tags: Vec::new(),
            moves: Vec::new(),
            note: None,
        });
    }
    one_for_each_tag(&jobs, &options.tags)?;
    put_nested_first(&mut jobs);
    Ok(jobs)
}

/// Gives those that need others of their rank a place behind them. In a circle some come before
/// what they need, as some have to.
fn put_nested_first(jobs: &mut [Job<'_>]) {
    let mut named: BTreeMap<(u8, String), Vec<usize>> = BTreeMap::new();
    for (i, job) in jobs.iter().enumerate() {
        let name = job.artifact.name_and_version().0.to_owned();
        named.entry((job.place.0, name)).or_default().push(i);
    }
    let needed = |job: &Job<'_>| -> Vec<usize> {
        let needs = needs_in(&job.manifest, &job.artifact.config).unwrap_or_default();
        let names = needs.into_iter().map(|need| published_name(&need.id));
        let of_rank = names.filter_map(|name| named.get(&(job.place.0, name)));
        of_rank.flatten().copied().collect()
    };
    let needs: Vec<Vec<usize>> = jobs.iter().map(needed).collect();
    // Each round moves what stands beside or before something that it needs. Without a circle
    // there are as many as services lie in each other.
    for _ in 0..jobs.len() {
        let mut is_settled = true;
        for (i, needs) in needs.iter().enumerate() {
            let others = needs.iter().filter(|need| **need != i);
            let least = others.map(|need| jobs[*need].place.1 + 1).max();
            if let Some(least) = least.filter(|least| *least > jobs[i].place.1) {
                jobs[i].place.1 = least;
                is_settled = false;
            }
        }
        if is_settled {
            break;
        }
    }
}

/// Refuses a tag for several versions of one package: it would end on whichever is last.
fn one_for_each_tag(jobs: &[Job<'_>], tags: &[String]) -> Result<(), Error> {
    let Some(tag) = tags.first() else {
        return Ok(());
    };
    let mut places: BTreeMap<String, &Job<'_>> = BTreeMap::new();
    for job in jobs {
        if let Some(first) = places.insert(job.repository.to_string(), job) {
            return Err(Error::SameTag {
                tag: tag.clone(),
                first: first.artifact.reference.clone(),
                second: job.artifact.reference.clone(),
            });
        }
    }
    Ok(())
}

/// Sees to it that what a service needs is at the destination, or on its way
/// there. The lock file as it is to be, where it changes.
fn check_needs(
    remote: &Remote,
    jobs: &[Job<'_>],
    options: &PushOptions,
    siblings: &Offers,
    lock_path: &Path,
    reporter: &dyn Reporter,
) -> Result<Option<Lock>, Error> {
    let before = Lock::read(lock_path)?;
    let mut lock = before.clone();
    let not_locked = |job: &Job<'_>, need: &Need| Error::NotLocked {
        needed_by: job.artifact.reference.clone(),
        need: need.to_string(),
        lock: Lock::FILE.to_owned(),
    };
    let instead_of =
        |need: &Need, job: &Job<'_>| instead(need, &job.manifest, &job.artifact.config);
    let is_called =
        |need: &Need, job: &Job<'_>| job.artifact.name_and_version().0 == published_name(&need.id);
    // What is published as well, the highest version of it. A chart may be called alike.
    let coming = |need: &Need| {
        let is_meant = |job: &&Job<'_>| is_called(need, job) && instead_of(need, job).is_none();
        let jobs: Vec<&Job<'_>> = jobs.iter().filter(is_meant).collect();
        let tags: Vec<String> = jobs.iter().map(|job| job.tag.clone()).collect();
        let tag = highest_needed(&tags).ok().flatten();
        let found = jobs.iter().find(|job| Some(&job.tag) == tag.as_ref());
        found.or(jobs.first()).copied()
    };
    let mut pin_down =
        |job: &Job<'_>, need: &Need, reference: &Reference, digest: &str, is_coming: bool| {
            match before.find(need) {
                Some(pin) if options.locked && pin.digest != digest => {
                    let (need, reference) = (need.to_string(), reference.to_string());
                    let (expected, found) = (pin.digest.clone(), digest.to_owned());
                    Err(match is_coming {
                        true => Error::WouldDrift {
                            need,
                            reference,
                            expected,
                            found,
                        },
                        false => Error::Drift {
                            need,
                            reference,
                            expected,
                            found,
                        },
                    })
                }
                None if options.locked => Err(not_locked(job, need)),
                _ => {
                    lock.note(need, Some(remote.lasting(reference)), digest);
                    Ok(())
                }
            }
        };
    if options.locked {
        jobs.iter().try_for_each(|job| holds(&before, job))?;
    }
    let mut found: BTreeSet<String> = BTreeSet::new();
    let (mut missing, mut unseen): (Vec<(String, String)>, _) = (Vec::new(), None);
    for job in jobs {
        for need in needs_in(&job.manifest, &job.artifact.config).unwrap_or_default() {
            if !need.is_hard || !found.insert(need.to_string()) {
                continue;
            }
            // Also where it may be missing.
            if options.locked && before.find(&need).is_none() {
                return Err(not_locked(job, &need));
            }
            if let Some(coming) = coming(&need) {
                let (reference, digest) = (coming.reference(), &coming.artifact.digest);
                pin_down(job, &need, &reference, digest, true)?;
                continue;
            }
            let absent = (job.artifact.reference.clone(), need.to_string());
            let repository = options.destination.of_package(&need.id);
            let Ok(repository) = repository else {
                missing.push(absent);
                continue;
            };
            // What is there under the tag that was noted, whatever its place.
            let failed = |error: Error| needed(&job.artifact.reference, &need, error);
            let (tags, refused) = or_refused(tags(remote, &repository));
            let tags = tags.map_err(failed)?;
            unseen = unseen.or(refused);
            let noted = before.find(&need).and_then(|pin| pin.reference.as_deref());
            let noted = noted.and_then(|noted| Reference::parse(noted).ok()?.tag);
            let there = Store::Registry(remote, repository.clone());
            let chosen = choose(&there, &need, &tags, noted.as_deref()).map_err(failed)?;
            let chosen = match chosen {
                Choice::Found(chosen) => chosen,
                _ if options.allow_missing || siblings.has(&need.kind, &need.id) => continue,
                Choice::Undecided(names) => {
                    return Err(Error::Undecided {
                        needed_by: job.artifact.reference.clone(),
                        need: need.to_string(),
                        place: repository.to_string(),
                        names,
                    });
                }
                Choice::Instead { name, found } => {
                    return Err(Error::Instead {
                        needed_by: job.artifact.reference.clone(),
                        need: need.to_string(),
                        reference: Reference::new(repository, &name).to_string(),
                        found,
                        is_pinned: false,
                    });
                }
                Choice::Nothing => {
                    let mut others = jobs.iter().filter(|job| is_called(&need, job));
                    let other = others.find_map(|other| Some((other, instead_of(&need, other)?)));
                    let Some((other, found)) = other else {
                        missing.push(absent);
                        continue;
                    };
                    return Err(Error::Instead {
                        needed_by: job.artifact.reference.clone(),
                        need: need.to_string(),
                        reference: other.reference().to_string(),
                        found,
                        is_pinned: false,
                    });
                }
            };
            let reference = Reference::new(repository, &chosen.name);
            let digest = chosen.fetched.digest;
            pin_down(job, &need, &reference, &digest, false)?;
            // Whoever moved the tag was somebody else.
            if let Some(pin) = before.find(&need).filter(|pin| pin.digest != digest) {
                let text = format!(
                    "{need} is {digest} at `{reference}`, and `{}` said {}: it says the new \
                     one now, which `--locked` refuses",
                    Lock::FILE,
                    pin.digest
                );
                reporter.warning(&text);
            }
        }
    }
    if !missing.is_empty() {
        return Err(Error::Missing {
            missing,
            place: options.destination.to_string(),
            refused: unseen,
        });
    }
    Ok((lock != before && !options.locked).then_some(lock))
}

/// Refuses other bytes for a version that the lock file notes, whoever needs it and
/// wherever it was.
fn holds(lock: &Lock, job: &Job<'_>) -> Result<(), Error> {
    let own = job.reference();
    let name = job.artifact.name_and_version().0;
    let is_noted = |pin: &&Locked| {
        let noted = pin.reference.as_deref().map(Reference::parse);
        let noted = noted.and_then(Result::ok).and_then(|noted| noted.tag);
        published_name(&pin.id) == name && noted.as_ref() == Some(&job.tag)
    };
    match lock.pins().iter().find(is_noted) {
        Some(pin) if pin.digest != job.artifact.digest => Err(Error::WouldDrift {
            need: format!("the {} `{}`", pin.kind, pin.id),
            reference: own.to_string(),
            expected: pin.digest.clone(),
            found: job.artifact.digest.clone(),
        }),
        _ => Ok(()),
    }
}

/// Looks at what is there. A version that is there with other bytes is no
/// version any more, unless that is wanted; of the other tags those may move
/// that are no version of what they point to. All that may not are told together.
fn look(remote: &Remote, jobs: &mut [Job<'_>], options: &PushOptions) -> Result<(), Error> {
    type Seen = (PushState, Vec<String>, Vec<(String, String)>, bool);
    let states: Mutex<BTreeMap<usize, Seen>> = Mutex::default();
    let clashes: Mutex<BTreeMap<usize, Vec<Clash>>> = Mutex::default();
    let numbers: Vec<usize> = (0..jobs.len()).collect();
    let view = &*jobs;
    each_at_once(&numbers, options.concurrency, |i| {
        let job = &view[*i];
        let reference = job.reference();
        let clash = |reference: &Reference, there: String| {
            let store = Store::Registry(remote, reference.repository.clone());
            let own = Side::of(&job.artifact.manifest, &job.artifact.config);
            let other = is_digest(&there).then(|| Side::read(&store, &there));
            let differ = other.flatten().map(|other| differences(&other, &own));
            let mut clashes = clashes.lock().unwrap_or_else(PoisonError::into_inner);
            clashes.entry(*i).or_default().push(Clash {
                reference: reference.to_string(),
                there,
                new: job.artifact.digest.clone(),
                differ: differ.unwrap_or_default(),
            });
        };
        let mut moves = Vec::new();
        let state = match remote.resolve(&reference)? {
            None => PushState::New,
            Some(there) if there == job.artifact.digest => PushState::Unchanged,
            Some(there) if !options.force && job.tag != "latest" => {
                clash(&reference, there);
                PushState::Moved
            }
            Some(there) => {
                // The tag of what has no version moves by itself, from the same only.
                let store = Store::Registry(remote, reference.repository.clone());
                let is = match options.force {
                    true => None,
                    false => another(&job.artifact.config, &store, &store.fetch(&there)?)?,
                };
                match is {
                    Some(is) => clash(&reference, format!("{is} ({there})")),
                    None => moves.push((job.tag.clone(), there)),
                }
                PushState::Moved
            }
        };
        let mut tags: Vec<String> = Vec::new();
        for tag in options.tags.iter().filter(|tag| **tag != job.tag) {
            let reference = Reference::new(job.repository.clone(), tag);
            let there = remote.resolve(&reference)?;
            if there.as_ref() == Some(&job.artifact.digest) || tags.contains(tag) {
                continue;
            }
            tags.push(tag.clone());
            let Some(there) = there else {
                continue;
            };
            if !options.force && is_version(remote, &reference)? {
                clash(&reference, there);
                continue;
            }
            moves.push((tag.clone(), there));
        }
        let is_noted = match &job.note {
            Some(note) => {
                let there = remote.resolve(&Reference::new(job.repository.clone(), note))?;
                there.as_ref() == Some(&job.artifact.digest)
            }
            None => true,
        };
        let mut states = states.lock().unwrap_or_else(PoisonError::into_inner);
        states.insert(*i, (state, tags, moves, is_noted));
        Ok::<(), Error>(())
    })?;
    let clashes = clashes.into_inner();
    let clashes = clashes.unwrap_or_else(PoisonError::into_inner);
    if !clashes.is_empty() {
        return Err(Error::WouldMove(clashes.into_values().flatten().collect()));
    }
    let states = states.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (i, (state, tags, moves, is_noted)) in states {
        jobs[i].state = state;
        jobs[i].tags = tags;
        jobs[i].moves = moves;
        if is_noted {
            jobs[i].note = None;
        }
    }
    Ok(())
}

/// Whether a tag is the version of what it points to, by its annotation or,
/// where others pushed it without one, by its config document.
fn is_version(remote: &Remote, reference: &Reference) -> Result<bool, Error> {
    const LARGEST: usize = 16 << 20;
    let fetched = remote.manifest(reference)?;
    let is_tag = |version: &str| reference.tag.as_deref() == Some(&published_tag(version));
    // An index has no version, and anything else is none of ours.
    let Ok(manifest) = serde_json::from_slice::<Manifest>(&fetched.bytes) else {
        return Ok(false);
    };
    if let Some(version) = manifest.annotations.get(VERSION) {
        return Ok(is_tag(version));
    }
    let config = &manifest.config;
    if !config.media_type.ends_with("+json") || config.size > LARGEST as u64 {
        return Ok(false);
    }
    let bytes = remote.blob(&reference.repository, &config.digest, LARGEST)?;
    let config: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let version = config["descriptorVersion"].as_str();
    Ok(version.or(config["version"].as_str()).is_some_and(is_tag))
}

/// Where a manifest is its blobs are, and whoever needs one of them can take it from there.
fn note_blobs(remote: &Remote, job: &Job<'_>, repository: &Repository) {
    for blob in std::iter::once(&job.manifest.config).chain(&job.manifest.layers) {
        remote.note_blob(repository, &blob.digest);
    }
}

/// A blob, and the repositories that need it.
struct Blob<'a> {
    digest: &'a str,
    payload: Payload,
    repositories: Vec<&'a Repository>,
}

/// Sends each blob once; other repositories take it from the first one.
fn send_blobs(
    remote: &Remote,
    layout: &Layout,
    jobs: &[&Job<'_>],
    options: &PushOptions,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    let mut blobs: Vec<Blob<'_>> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for job in jobs {
        for blob in std::iter::once(&job.manifest.config).chain(&job.manifest.layers) {
            let place = match places.get(blob.digest.as_str()) {
                Some(place) => *place,
                None => {
                    let payload = Payload::File(layout.whole(&blob.digest, blob.size)?, blob.size);
                    places.insert(&blob.digest, blobs.len());
                    blobs.push(Blob {
                        digest: &blob.digest,
                        payload,
                        repositories: Vec::new(),
                    });
                    blobs.len() - 1
                }
            };
            if !blobs[place].repositories.contains(&&job.repository) {
                blobs[place].repositories.push(&job.repository);
            }
        }
    }
    let total = |blob: &Blob<'_>| blob.payload.len() * blob.repositories.len() as u64;
    let _work = Work::begin(reporter, "Uploading", blobs.iter().map(total).sum());
    each_at_once(&blobs, options.concurrency, |blob| {
        for repository in &blob.repositories {
            let how = remote.upload(repository, blob.digest, &blob.payload, None, &|bytes| {
                reporter.advance(bytes);
            })?;
            if how == Uploaded::Sent && blob.payload.len() > LARGE {
                reporter.status("Uploaded", &format!("{} to {repository}", blob.digest));
            }
        }
        Ok::<(), Error>(())
    })
}

/// Blobs of that size are told of one by one.
const LARGE: u64 = 64 << 20;

/// Writes the manifests, by their digests, under which nobody looks for them
/// yet, and moves the tags once the registry has taken all of them: versions
/// first, what others need before what needs it, and the other tags last.
///
/// So it is with one manifest alone as well: a registry may take it and say that it
/// has got something else.
fn send_manifests(
    remote: &Remote,
    jobs: &[Job<'_>],
    options: &PushOptions,
    reporter: &dyn Reporter,
) -> Result<(), Error> {
    let put = |job: &Job<'_>, reference: &Reference| {
        remote.put_manifest(reference, media_type::MANIFEST, &job.artifact.manifest)
    };
    let new = jobs.iter().filter(|job| job.state != PushState::Unchanged);
    let mut new: Vec<&Job<'_>> = new.collect();
    new.sort_by_key(|job| job.place);
    each_at_once(&new, options.concurrency, |job| {
        let digest = &job.artifact.digest;
        put(job, &Reference::new(job.repository.clone(), digest)).map(drop)
    })?;
    let public: Mutex<BTreeSet<String>> = Mutex::default();
    let tag = |job: &Job<'_>, tag: &str| {
        let reference = Reference::new(job.repository.clone(), tag);
        put(job, &reference)?;
        let mut public = public.lock().unwrap_or_else(PoisonError::into_inner);
        public.insert(reference.to_string());
        Ok::<(), RemoteError>(())
    };
    let versions = || {
        // Those of one place side by side, because they don't need each other.
        for group in new.chunk_by(|a, b| a.place == b.place) {
            each_at_once(group, options.concurrency, |job| {
                tag(job, &job.tag)?;
                reporter.status("Pushed", &job.reference().to_string());
                Ok::<(), RemoteError>(())
            })?;
        }
        Ok(())
    };
    let others = || {
        let mut jobs: Vec<&Job<'_>> = jobs.iter().collect();
        jobs.sort_by_key(|job| job.place);
        for group in jobs.chunk_by(|a, b| a.place == b.place) {
            each_at_once(group, options.concurrency, |job| {
                let mut tags = job.tags.iter().chain(&job.note);
                tags.try_for_each(|own| tag(job, own))
            })?;
        }
        Ok(())
    };
    let moved = versions().and_then(|()| others());
    let public = public.into_inner().unwrap_or_else(PoisonError::into_inner);
    moved.map_err(|source| match public.is_empty() {
        true => Error::Remote(source),
        false => Error::HalfTagged {
            public: public.into_iter().collect(),
            source: Box::new(source),
        },
    })
}
