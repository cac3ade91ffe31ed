//! Where artifacts are: a repository at a registry, or a layout on disk, with
//! one way to read and write them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::layout::{Layout, LayoutError, REF_NAME, once};
use super::manifest::{Descriptor, Manifest, media_type, readable_annotations};
use super::reference::{Reference, Repository, tags_beside};
use super::remote::{Fetched, Payload, Remote, RemoteError, Uploaded};
use crate::digest::hex;
use crate::scratch;

/// A place that artifacts are in.
#[derive(Clone)]
pub enum Store<'a> {
    /// A repository at a registry.
    Registry(&'a Remote, Repository),
    /// A layout.
    Layout(Layout),
}

/// Why a store can't be read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A registry.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// A layout.
    #[error(transparent)]
    Layout(#[from] LayoutError),
}

impl StoreError {
    /// Whether what was asked for is not there.
    pub fn is_not_found(&self) -> bool {
        match self {
            StoreError::Remote(error) => error.is_not_found(),
            StoreError::Layout(error) => matches!(error, LayoutError::NotFound { .. }),
        }
    }
}

impl Store<'_> {
    /// What an artifact with that tag, name or digest is called: with its repository at a
    /// registry, and in a layout by its name there.
    pub fn name_of(&self, target: &str) -> String {
        match self {
            Store::Registry(_, repository) => {
                Reference::new(repository.clone(), target).to_string()
            }
            Store::Layout(_) => target.to_owned(),
        }
    }

    /// What is there under a tag, a name or a digest.
    pub fn fetch(&self, target: &str) -> Result<Fetched, StoreError> {
        match self {
            Store::Registry(remote, repository) => {
                let reference = Reference::new(repository.clone(), target);
                Ok(remote.manifest(&reference)?)
            }
            Store::Layout(layout) => {
                let descriptor = layout.descriptor(target)?;
                Ok(Fetched {
                    bytes: layout.manifest(&descriptor)?,
                    media_type: descriptor.media_type,
                    digest: descriptor.digest,
                })
            }
        }
    }

    /// Reads a small blob.
    pub fn blob(&self, digest: &str, limit: usize) -> Result<Vec<u8>, StoreError> {
        match self {
            Store::Registry(remote, repository) => Ok(remote.blob(repository, digest, limit)?),
            Store::Layout(layout) => Ok(layout.get(digest)?),
        }
    }

    /// Writes a blob of that size to an empty file, held against its digest.
    pub fn download(
        &self,
        digest: &str,
        size: u64,
        (file, path): (&mut File, &Path),
        on_bytes: &(dyn Fn(u64) + Sync),
    ) -> Result<(), StoreError> {
        match self {
            Store::Registry(remote, repository) => {
                Ok(remote.download(repository, digest, size, (file, path), on_bytes)?)
            }
            Store::Layout(layout) => Ok(layout.copy_to(digest, file, path, on_bytes)?),
        }
    }

    /// Sees to it that a blob of `from` is here as well.
    ///
    /// # Errors
    ///
    /// It is not there, its bytes are not those of its digest and size, or it can't be
    /// written.
    pub fn take_blob(
        &self,
        from: &Store<'_>,
        blob: &Descriptor,
        on_bytes: &(dyn Fn(u64) + Sync),
    ) -> Result<Uploaded, StoreError> {
        let (digest, size) = (blob.digest.as_str(), blob.size);
        match (from, self) {
            (Store::Layout(from), Store::Registry(remote, repository)) => {
                let path = match from.whole(digest, size) {
                    // What is missing here may be there.
                    Err(missing @ LayoutError::NoBlob { .. }) => {
                        let there = remote.is_there(repository, digest, None)?;
                        on_bytes(size);
                        return there.ok_or(missing.into());
                    }
                    path => path?,
                };
                let payload = Payload::File(path, size);
                Ok(remote.upload(repository, digest, &payload, None, on_bytes)?)
            }
            (_, Store::Layout(layout)) => {
                if layout.has(digest, size)? {
                    on_bytes(size);
                    return Ok(Uploaded::Existed);
                }
                let mut file = layout.temporary()?;
                let path = file.path().to_owned();
                from.download(digest, size, (file.as_file_mut(), &path), on_bytes)?;
                layout.keep(file, digest.trim_start_matches("sha256:"))?;
                Ok(Uploaded::Sent)
            }
            (Store::Registry(_, source), Store::Registry(remote, repository)) => {
                // A registry can take its own blobs; otherwise they go through
                // a file, because a blob may be larger than memory.
                let is_same = source.host == repository.host && source.path != repository.path;
                let mount = is_same.then_some(source.path.as_str());
                if let Some(there) = remote.is_there(repository, digest, mount)? {
                    on_bytes(size);
                    return Ok(there);
                }
                let temporary = |source| RemoteError::io("create", &std::env::temp_dir(), source);
                let mut file = scratch::file().map_err(temporary)?;
                let path = file.path().to_owned();
                from.download(digest, size, (file.as_file_mut(), &path), &|_| {})?;
                let payload = Payload::File(path, size);
                Ok(remote.upload(repository, digest, &payload, None, on_bytes)?)
            }
        }
    }

    /// Writes a small blob unless it is there; its digest.
    pub fn put_blob(&self, bytes: &[u8]) -> Result<String, StoreError> {
        let digest = format!("sha256:{}", hex(&Sha256::digest(bytes)));
        match self {
            Store::Registry(remote, repository) => {
                let payload = Payload::Bytes(bytes.to_owned());
                remote.upload(repository, &digest, &payload, None, &|_| {})?;
            }
            Store::Layout(layout) => {
                layout.put(bytes)?;
            }
        }
        Ok(digest)
    }

    /// Writes a manifest or index whose blobs are here already: under a tag or
    /// name, or by its digest alone. One that refers to another is entered
    /// where those that look for referrers find it.
    pub fn put(
        &self,
        media_type: &str,
        bytes: &[u8],
        name: Option<&str>,
    ) -> Result<String, StoreError> {
        let digest = format!("sha256:{}", hex(&Sha256::digest(bytes)));
        let document: Option<Manifest> = serde_json::from_slice(bytes).ok();
        let subject = document.as_ref().and_then(|m| m.subject.clone());
        let descriptor = Descriptor {
            media_type: media_type.to_owned(),
            digest: digest.clone(),
            size: bytes.len() as u64,
            // What a list of referrers says of them (distribution-spec,
            // "Pushing Manifests with Subject").
            artifact_type: document.as_ref().map(|m| m.kind().to_owned()),
            annotations: document.map(|m| m.annotations).unwrap_or_default(),
            more: Default::default(),
        };
        match self {
            Store::Registry(remote, repository) => {
                match &subject {
                    Some(subject) => {
                        remote.put_referrer(repository, &descriptor, &subject.digest, bytes)?;
                    }
                    None => {
                        let reference = Reference::new(repository.clone(), &digest);
                        if name.is_none() {
                            remote.put_manifest(&reference, media_type, bytes)?;
                        }
                    }
                }
                if let Some(name) = name {
                    let reference = Reference::new(repository.clone(), name);
                    remote.put_manifest(&reference, media_type, bytes)?;
                }
            }
            Store::Layout(layout) => {
                layout.put(bytes)?;
                // A part of an index is found through it.
                if name.is_some() || subject.is_some() {
                    let entry = Descriptor {
                        annotations: Default::default(),
                        ..descriptor
                    };
                    layout.enter(entry, name)?;
                }
            }
        }
        Ok(digest)
    }

    /// Has readers find what was put here without a name: a layout needs an
    /// entry for it, and at a registry its digest is enough.
    pub fn enter(&self, fetched: &Fetched) -> Result<(), StoreError> {
        if let Store::Layout(layout) = self {
            let document: Option<Manifest> = serde_json::from_slice(&fetched.bytes).ok();
            let entry = Descriptor {
                media_type: fetched.media_type.clone(),
                digest: fetched.digest.clone(),
                size: fetched.bytes.len() as u64,
                artifact_type: document.map(|manifest| manifest.kind().to_owned()),
                annotations: Default::default(),
                more: Default::default(),
            };
            layout.enter(entry, None)?;
        }
        Ok(())
    }

    /// What hangs on a digest by its name, as cosign has it (`sha256-<hex>.sig`,
    /// `.att`, `.sbom`): tags and manifests. Registries without referrers know no
    /// other way.
    pub fn tagged(&self, digest: &str) -> Vec<(String, Result<Fetched, StoreError>)> {
        let all = tags_beside(digest).into_iter();
        let all = all.map(|tag| (self.fetch(&tag), tag));
        all.filter(|(fetched, _)| !matches!(fetched, Err(error) if error.is_not_found()))
            .map(|(fetched, tag)| (tag, fetched))
            .collect()
    }

    /// What the place says of a tag or name without its manifest being read; of a registry
    /// that does not tell the digest, that is empty.
    pub fn claimed(&self, target: &str) -> Result<Descriptor, StoreError> {
        match self {
            Store::Layout(layout) => Ok(layout.descriptor(target)?),
            Store::Registry(..) => Ok(Descriptor {
                media_type: media_type::MANIFEST.to_owned(),
                digest: self.resolve(target)?.unwrap_or_default(),
                size: 0,
                artifact_type: None,
                annotations: Default::default(),
                more: Default::default(),
            }),
        }
    }

    /// What nobody can read, so that it can't be told what it refers to: manifests of a
    /// layout that are missing or damaged, with the reason. A registry does not say.
    pub fn unread(&self) -> Result<Vec<(Descriptor, LayoutError)>, StoreError> {
        match self {
            Store::Registry(..) => Ok(Vec::new()),
            Store::Layout(layout) => Ok(layout.unread()?),
        }
    }

    /// What is whole and no manifest, so that it can't be told what it refers to: entries of a
    /// layout, with the reason. A registry does not say.
    pub fn no_manifests(&self) -> Result<Vec<(Descriptor, LayoutError)>, StoreError> {
        match self {
            Store::Registry(..) => Ok(Vec::new()),
            Store::Layout(layout) => Ok(layout.no_manifests()?),
        }
    }

    /// What refers to a digest, sorted by type and digest.
    pub fn referrers(&self, digest: &str) -> Result<Vec<Descriptor>, StoreError> {
        match self {
            Store::Registry(remote, repository) => Ok(remote.referrers(repository, digest)?),
            Store::Layout(layout) => Ok(layout.referrers(digest)?),
        }
    }

    /// Whether nothing else has to be written for this to be there: the
    /// manifest has that digest under that name.
    pub fn resolve(&self, target: &str) -> Result<Option<String>, StoreError> {
        match self {
            Store::Registry(remote, repository) => {
                let reference = Reference::new(repository.clone(), target);
                Ok(remote.resolve(&reference)?)
            }
            Store::Layout(layout) => match layout.descriptor(target) {
                Ok(descriptor) => Ok(Some(descriptor.digest)),
                Err(LayoutError::NotFound { .. }) => Ok(None),
                Err(error) => Err(error.into()),
            },
        }
    }
}

impl Layout {
    /// The descriptor of a name or digest.
    fn descriptor(&self, target: &str) -> Result<Descriptor, LayoutError> {
        let index = self.index()?;
        let is_meant = |d: &&Descriptor| {
            d.digest == target
                || d.annotations
                    .get(REF_NAME)
                    .is_some_and(|name| name == target)
        };
        if let Some(descriptor) = index.manifests.iter().find(is_meant) {
            let named = index.manifests.iter();
            let named = named.filter_map(|d| Some((d.annotations.get(REF_NAME)?.as_str(), d)));
            once(target, named)?;
            return Ok(descriptor.clone());
        }
        // A manifest that only an index names has no entry of its own.
        let path = self.blob_of(target).ok().filter(|path| path.is_file());
        let not_found = || LayoutError::NotFound {
            reference: target.to_owned(),
            nearest: None,
        };
        path.ok_or_else(not_found)?;
        let bytes = self.get(target)?;
        let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let media_type = document["mediaType"].as_str();
        Ok(Descriptor {
            media_type: media_type.unwrap_or(media_type::MANIFEST).to_owned(),
            digest: target.to_owned(),
            size: bytes.len() as u64,
            artifact_type: None,
            annotations: Default::default(),
            more: Default::default(),
        })
    }

    /// The entries of the index by the digest that their manifests refer to; what is damaged or
    /// no JSON speaks about nothing. Each manifest is read once.
    pub(super) fn by_subject(&self) -> Result<BTreeMap<String, Vec<Descriptor>>, LayoutError> {
        let mut found: BTreeMap<String, Vec<Descriptor>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for descriptor in self.index()?.manifests {
            if !seen.insert(descriptor.digest.clone()) {
                continue;
            }
            let bytes = self.manifest(&descriptor).unwrap_or_default();
            let document: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            if let Some(subject) = document["subject"]["digest"].as_str() {
                found
                    .entry(subject.to_owned())
                    .or_default()
                    .push(descriptor);
            }
        }
        Ok(found)
    }

    /// What the manifests of entries say of themselves, sorted by type and digest. What is not as
    /// it should be in one of them is for those who read that one.
    pub(super) fn as_referrers(
        &self,
        entries: Vec<Descriptor>,
    ) -> Result<Vec<Descriptor>, LayoutError> {
        let mut found = Vec::new();
        for descriptor in entries {
            let document: Value =
                serde_json::from_slice(&self.manifest(&descriptor)?).unwrap_or_default();
            let text = |value: &Value| Some(value.as_str()?.to_owned()).filter(|s| !s.is_empty());
            let own = text(&document["artifactType"]);
            let kind = match document["manifests"].is_array() {
                true => own,
                false => own.or_else(|| text(&document["config"]["mediaType"])),
            };
            let annotations = readable_annotations(&document["annotations"]);
            found.push(Descriptor {
                artifact_type: kind,
                annotations,
                ..descriptor
            });
        }
        found.sort_by(|a, b| {
            let key = |d: &Descriptor| (d.artifact_type.clone(), d.digest.clone());
            key(a).cmp(&key(b))
        });
        Ok(found)
    }

    /// The manifests whose subject is that digest.
    fn referrers(&self, digest: &str) -> Result<Vec<Descriptor>, LayoutError> {
        let entries = self.by_subject()?.remove(digest);
        self.as_referrers(entries.unwrap_or_default())
    }
}
