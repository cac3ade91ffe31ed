//! `copy`: an artifact from one place to another, every byte as it is.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use super::differences::{Side, differences};
use super::error::Clash;
use super::gate::{Gate, PolicyOptions};
use super::other_name::{other_name_at, other_name_in};
use super::place::{Access, OpenPlace, VersionChoice, archive_hint};
use super::{Error, Reporter, Work};
use crate::oci::{Around, Descriptor, Fetched, Parts, REF_NAME, Remote, Store, TITLE, Uploaded};
use crate::source::Workspace;

/// What to copy.
#[derive(Clone, Debug)]
pub struct CopyOptions {
    /// Where it is.
    pub from: String,
    /// Which version, where `from` has none.
    pub version: VersionChoice,
    /// Where it is to be.
    pub to: String,
    /// Whether what refers to it goes with it: signatures, SBOMs, attestations.
    pub recursive: bool,
    /// Whether a tag that points to something else is moved.
    pub force: bool,
    /// What the artifact must meet.
    pub policy: Option<PolicyOptions>,
    /// How many blobs are on their way at once.
    pub concurrency: usize,
}

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Where it is now: `ghcr.io/edge/router:1.0`.
    pub reference: String,
    /// Its digest, the same as before.
    pub digest: String,
    /// How many manifests and indexes there are.
    pub manifests: usize,
    /// How many blobs were sent.
    pub sent: usize,
    /// How many were there already.
    pub existed: usize,
}

/// Copies an artifact, or an index with all that is in it.
///
/// Blobs go first and the tag last, so that nothing is to be seen of a copy
/// that fails.
pub fn copy(
    workspace: &Workspace,
    remote: &Remote,
    options: &CopyOptions,
    reporter: &dyn Reporter,
) -> Result<Copied, Error> {
    let gate = Gate::open(options.policy.as_ref())?;
    let mut from = OpenPlace::open(workspace, remote, &options.from, Access::Read)?;
    from.choose(&options.version)?;
    let to = OpenPlace::open(workspace, remote, &options.to, Access::Create)?;
    let name = from.target()?;
    let fetched = from.fetch(&name)?;
    let reference = from.by_digest(&fetched.digest);
    gate.admit(&from.store, &name, &fetched, &reference)?;
    if from.is_own
        && !gate.is_set()
        && let Some(other) = other_name_at(&from.store, &name, &fetched)?
    {
        let reference = join(&from.shown, &name);
        return Err(Error::OtherName { reference, other });
    }
    // Into a layout it goes by its own name unless another one is given.
    let is_digest = |name: &String| name.starts_with("sha256:");
    let own = Some(name).filter(|name| !is_digest(name)).or(from.tag);
    let own = own.map(|name| match (&from.store, &to.store) {
        (Store::Registry(_, repository), Store::Layout(_)) => {
            format!("{}:{name}", repository.name())
        }
        (Store::Layout(_), Store::Registry(..)) => {
            name.rsplit(':').next().unwrap_or(&name).to_owned()
        }
        _ => name,
    });
    if let Some(expected) = to.target.as_ref().filter(|target| is_digest(target))
        && *expected != fetched.digest
    {
        return Err(Error::OtherDigest {
            from: options.from.clone(),
            expected: to.by_digest(expected),
            found: fetched.digest,
        });
    }
    let new_name = match &to.target {
        Some(target) if is_digest(target) => to.tag.clone(),
        Some(target) => Some(target.clone()),
        None => own,
    };
    if to.is_own
        && let Some(name) = &new_name
        && let Some(other) = other_name_in(&from.store, &to.store, name, &fetched)?
    {
        // It would lie there, and whatever is done with it there refuses it.
        return Err(Error::NotItsName {
            hint: archive_hint(name),
            asked: name.clone(),
            own: other.own,
        });
    }
    if let Some(name) = &new_name
        && !options.force
        && let Some(there) = to.store.resolve(name)?
        && there != fetched.digest
    {
        let sides = Side::read(&to.store, &there).zip(Side::read(&from.store, &fetched.digest));
        return Err(Error::WouldMove(vec![Clash {
            differ: sides.map_or_else(String::new, |(there, here)| differences(&there, &here)),
            reference: join(&to.shown, name),
            there,
            new: fetched.digest,
        }]));
    }
    let mut plan = Plan::default();
    plan.add(&from.store, fetched.clone())?;
    if options.recursive {
        // What has a name is somebody else, or is asked for by it. What has none may refer to
        // this, and a copy that is looked at where nobody has the rest must not lack it.
        let mut unread = from.store.unread()?.into_iter();
        if let Some((_, error)) = unread.find(|(one, _)| !one.annotations.contains_key(REF_NAME)) {
            return Err(Error::Beside {
                reference,
                source: Box::new(error.into()),
            });
        }
    }
    let tagged = match options.recursive {
        true => plan.add_all_beside(&from.store)?,
        false => Vec::new(),
    };
    let (sent, existed) = plan.send_blobs(&from.store, &to.store, options.concurrency, reporter)?;
    for manifest in &plan.manifests {
        to.store.put(&manifest.media_type, &manifest.bytes, None)?;
    }
    // Whoever finds the version finds its signatures as well.
    for (tag, tagged) in &tagged {
        put_tagged(&from.store, &to.store, tag, tagged, reporter)?;
    }
    match &new_name {
        Some(name) => {
            to.store
                .put(&fetched.media_type, &fetched.bytes, Some(name))?;
        }
        None => to.store.enter(&fetched)?,
    }
    let reference = match (&new_name, &to.store) {
        (Some(name), _) => join(&to.shown, name),
        (None, Store::Layout(_)) => join(&to.shown, &fetched.digest),
        (None, Store::Registry(..)) => format!("{}@{}", to.shown, fetched.digest),
    };
    to.finish()?;
    Ok(Copied {
        reference,
        digest: fetched.digest,
        manifests: plan.manifests.len(),
        sent,
        existed,
    })
}

fn join(place: &str, name: &str) -> String {
    format!("{place}:{name}")
}

/// What belongs to a copy: manifests in the order in which they may be
/// written, and blobs, each once.
#[derive(Default)]
pub(super) struct Plan {
    pub manifests: Vec<Fetched>,
    pub blobs: Vec<Descriptor>,
    seen: BTreeSet<String>,
}

/// Indexes in indexes; no registry has that many.
const DEPTH: usize = 16;

impl Plan {
    /// Adds a manifest, or an index and what it names.
    pub fn add(&mut self, store: &Store<'_>, fetched: Fetched) -> Result<(), Error> {
        self.add_at(store, fetched, 0)
    }

    fn add_at(&mut self, store: &Store<'_>, fetched: Fetched, depth: usize) -> Result<(), Error> {
        if depth > DEPTH || !self.seen.insert(fetched.digest.clone()) {
            return Ok(());
        }
        let document: Value = serde_json::from_slice(&fetched.bytes).unwrap_or_default();
        // A copy without a blob that nobody could read of would be none.
        let parts = Parts::of(&document).map_err(|reason| Error::Unreadable {
            digest: fetched.digest.clone(),
            reason,
        })?;
        for child in parts.manifests {
            match store.fetch(&child.digest) {
                Ok(child) => self.add_at(store, child, depth + 1)?,
                // Images for other platforms are often left out.
                Err(error) if error.is_not_found() => {
                    return Err(Error::Incomplete {
                        what: fetched.digest,
                        missing: child.digest,
                    });
                }
                Err(error) => return Err(error.into()),
            }
        }
        for blob in parts.blobs {
            // Layers that may not be distributed lie where their `urls` say.
            let is_foreign = blob.media_type.contains(".foreign.")
                || blob.media_type.contains(".nondistributable.");
            if !is_foreign && self.seen.insert(blob.digest.clone()) {
                self.blobs.push(blob);
            }
        }
        self.manifests.push(fetched);
        Ok(())
    }

    /// What hangs on a manifest, without that itself; see [`Plan::add_all_beside`].
    pub fn beside(
        store: &Store<'_>,
        subject: Fetched,
    ) -> Result<(Self, Vec<(String, Fetched)>), Error> {
        let mut plan = Plan::default();
        plan.seen.insert(subject.digest.clone());
        plan.manifests.push(subject);
        let tagged = plan.add_all_beside(store)?;
        plan.manifests.remove(0);
        Ok((plan, tagged))
    }

    /// Adds what refers to the manifests that are in it, what cosign hangs beside them by a
    /// tag, and what is there of both for that. Gives what has such a tag, with it.
    pub fn add_all_beside(&mut self, store: &Store<'_>) -> Result<Vec<(String, Fetched)>, Error> {
        let mut tagged: Vec<(String, Fetched)> = Vec::new();
        let around = Around::of(store)?;
        let mut at = 0;
        while let Some(manifest) = self.manifests.get(at) {
            let digest = manifest.digest.clone();
            at += 1;
            for referrer in around.referrers(&digest)? {
                if !self.seen.contains(&referrer.digest) {
                    let fetched = around.fetch(&referrer.digest)?;
                    self.add(store, fetched)?;
                }
            }
            // Nothing has such a tag that is there by one itself.
            if tagged.iter().any(|(_, known)| known.digest == digest) {
                continue;
            }
            for (tag, fetched) in around.tagged(&digest) {
                let fetched = fetched?;
                self.add(store, fetched.clone())?;
                tagged.push((tag, fetched));
            }
        }
        Ok(tagged)
    }

    /// What a blob is, and of which manifest.
    fn what_is(&self, blob: &Descriptor) -> String {
        let is_in = |part: &Value| part["digest"] == blob.digest.as_str();
        for fetched in &self.manifests {
            let document: Value = serde_json::from_slice(&fetched.bytes).unwrap_or_default();
            let digest = &fetched.digest;
            if is_in(&document["config"]) {
                return format!("the config document of {digest}");
            }
            let mut layers = document["layers"].as_array().into_iter().flatten();
            if layers.any(is_in) {
                return match blob.annotations.get(TITLE) {
                    Some(title) => format!("the layer `{title}` of {digest}"),
                    None => format!("a layer of {digest} (`{}`)", blob.media_type),
                };
            }
        }
        "a blob".to_owned()
    }

    /// Sends the blobs, so many at once; how many were sent and how many were
    /// there.
    pub fn send_blobs(
        &self,
        from: &Store<'_>,
        to: &Store<'_>,
        concurrency: usize,
        reporter: &dyn Reporter,
    ) -> Result<(usize, usize), Error> {
        let total = self.blobs.iter().map(|blob| blob.size).sum();
        let work = Work::begin(reporter, "Copying", total);
        let sent = AtomicUsize::new(0);
        let result = each_at_once(&self.blobs, concurrency, |blob| {
            let how = to.take_blob(from, blob, &|bytes| reporter.advance(bytes));
            let how = how.map_err(|error| Error::from(error).of_part(|| self.what_is(blob)))?;
            if how == Uploaded::Sent {
                sent.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<(), Error>(())
        });
        drop(work);
        result?;
        let sent = sent.into_inner();
        Ok((sent, self.blobs.len() - sent))
    }
}

/// Does something with each item, so many at once. After the first that fails
/// none is begun; its error comes back.
pub(super) fn each_at_once<T: Sync, E: Send>(
    items: &[T],
    count: usize,
    work: impl Fn(&T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    let failed: Mutex<Option<(usize, E)>> = Mutex::new(None);
    let lock = || failed.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        for _ in 0..count.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                while lock().is_none() {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(i) else { break };
                    if let Err(error) = work(item) {
                        let mut failed = lock();
                        // The first of several, whichever was quicker.
                        if failed.as_ref().is_none_or(|(first, _)| i < *first) {
                            *failed = Some((i, error));
                        }
                    }
                }
            });
        }
    });
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}

/// Whether something had to be written: what has a tag of cosign's holds the signatures of
/// several, and those that are there stay.
pub(super) fn put_tagged(
    from: &Store<'_>,
    to: &Store<'_>,
    tag: &str,
    image: &Fetched,
    reporter: &dyn Reporter,
) -> Result<bool, Error> {
    match to.resolve(tag)? {
        Some(there) if there == image.digest => return Ok(false),
        None => {
            to.put(&image.media_type, &image.bytes, Some(tag))?;
            return Ok(true);
        }
        Some(_) => {}
    }
    #[cfg(feature = "sign")]
    if let Some(written) = super::signatures::merge(from, to, tag)? {
        return Ok(written);
    }
    let _ = from;
    reporter.warning(&format!("`{tag}` is another at the destination, and stays"));
    Ok(false)
}
