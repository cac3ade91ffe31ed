//! What lies at the registry.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

pub struct Store {
    folder: TempDir,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    repositories: BTreeMap<String, Repository>,
    uploads: BTreeMap<String, Arc<Mutex<Upload>>>,
    begun: usize,
}

#[derive(Default)]
struct Repository {
    blobs: BTreeSet<String>,
    /// Media type and bytes, by digest.
    manifests: BTreeMap<String, (String, Vec<u8>)>,
    tags: BTreeMap<String, String>,
}

/// A blob that is arriving.
pub struct Upload {
    file: File,
    path: PathBuf,
    pub size: u64,
    hash: Sha256,
}

impl Upload {
    /// Adds what comes. What came before an error stays.
    pub fn append(&mut self, source: &mut impl Read) -> io::Result<()> {
        let mut block = vec![0; 64 << 10];
        loop {
            let count = source.read(&mut block)?;
            if count == 0 {
                return Ok(());
            }
            self.file.write_all(&block[..count])?;
            self.hash.update(&block[..count]);
            self.size += count as u64;
        }
    }
}

impl Store {
    pub fn new() -> Self {
        Store {
            folder: tempfile::tempdir().expect("temporary folder"),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("lock")
    }

    fn file(&self, digest: &str) -> PathBuf {
        self.folder.path().join(digest.replace(':', "-"))
    }

    fn add_blob(&self, name: &str, digest: &str) {
        let mut state = self.state();
        let repository = state.repositories.entry(name.to_owned()).or_default();
        repository.blobs.insert(digest.to_owned());
    }

    pub fn put_blob(&self, name: &str, bytes: &[u8]) -> String {
        let digest = digest_of(bytes);
        fs::write(self.file(&digest), bytes).expect("blob");
        self.add_blob(name, &digest);
        digest
    }

    pub fn blob(&self, name: &str, digest: &str) -> Option<PathBuf> {
        let state = self.state();
        let has = state.repositories.get(name)?.blobs.contains(digest);
        has.then(|| self.file(digest))
    }

    /// Takes a blob over from another repository.
    pub fn mount(&self, name: &str, digest: &str, from: &str) -> bool {
        let is_there = self.blob(from, digest).is_some();
        if is_there {
            self.add_blob(name, digest);
        }
        is_there
    }

    pub fn begin(&self) -> String {
        let mut state = self.state();
        state.begun += 1;
        let id = format!("upload-{}", state.begun);
        let path = self.folder.path().join(&id);
        let upload = Upload {
            file: File::create(&path).expect("upload"),
            path,
            size: 0,
            hash: Sha256::new(),
        };
        state
            .uploads
            .insert(id.clone(), Arc::new(Mutex::new(upload)));
        id
    }

    pub fn upload(&self, id: &str) -> Option<Arc<Mutex<Upload>>> {
        self.state().uploads.get(id).cloned()
    }

    pub fn cancel(&self, id: &str) {
        self.state().uploads.remove(id);
    }

    /// Makes a blob of an upload, if its digest is the one that is claimed.
    pub fn finish(&self, name: &str, upload: &Upload, claimed: &str) -> bool {
        let found = format!("sha256:{}", hex(&upload.hash.clone().finalize()));
        if found != claimed {
            return false;
        }
        fs::rename(&upload.path, self.file(claimed)).expect("blob");
        self.add_blob(name, claimed);
        true
    }

    pub fn put_manifest(
        &self,
        name: &str,
        tag: Option<&str>,
        media_type: &str,
        bytes: Vec<u8>,
    ) -> String {
        let digest = digest_of(&bytes);
        let mut state = self.state();
        let repository = state.repositories.entry(name.to_owned()).or_default();
        let manifest = (media_type.to_owned(), bytes);
        repository.manifests.insert(digest.clone(), manifest);
        if let Some(tag) = tag {
            repository.tags.insert(tag.to_owned(), digest.clone());
        }
        digest
    }

    /// Digest, media type and bytes of what is under a tag or digest.
    pub fn manifest(&self, name: &str, reference: &str) -> Option<(String, String, Vec<u8>)> {
        let state = self.state();
        let repository = state.repositories.get(name)?;
        let digest = repository
            .tags
            .get(reference)
            .map_or(reference, String::as_str);
        let (media_type, bytes) = repository.manifests.get(digest)?.clone();
        Some((digest.to_owned(), media_type, bytes))
    }

    /// Deletes a tag, or a manifest with its tags.
    pub fn delete_manifest(&self, name: &str, reference: &str) -> bool {
        let mut state = self.state();
        let Some(repository) = state.repositories.get_mut(name) else {
            return false;
        };
        let had = repository.manifests.remove(reference).is_some();
        repository.tags.retain(|_, digest| digest != reference);
        repository.tags.remove(reference).is_some() || had
    }

    /// The descriptors of what refers to a digest.
    pub fn referrers(&self, name: &str, subject: &str) -> Vec<Value> {
        let state = self.state();
        let manifests = state.repositories.get(name).map(|r| &r.manifests);
        let mut found = Vec::new();
        for (digest, (media_type, bytes)) in manifests.into_iter().flatten() {
            let document: Value = serde_json::from_slice(bytes).unwrap_or_default();
            if document["subject"]["digest"] == subject {
                let own = document["artifactType"].as_str();
                let kind = own.or(document["config"]["mediaType"].as_str());
                found.push(json!({
                    "mediaType": media_type,
                    "digest": digest,
                    "size": bytes.len(),
                    "artifactType": kind,
                    "annotations": document.get("annotations").unwrap_or(&json!({})),
                }));
            }
        }
        found
    }

    /// The tags of a repository; nothing where there is none.
    pub fn tags(&self, name: &str) -> Option<Vec<String>> {
        let state = self.state();
        let repository = state.repositories.get(name)?;
        let is_empty = repository.manifests.is_empty();
        (!is_empty).then(|| repository.tags.keys().cloned().collect())
    }

    pub fn repositories(&self) -> Vec<String> {
        self.state().repositories.keys().cloned().collect()
    }

    pub fn all_tags(&self) -> Vec<String> {
        let state = self.state();
        let all = state.repositories.iter();
        let all = all.flat_map(|(name, r)| r.tags.keys().map(move |tag| format!("{name}:{tag}")));
        all.collect()
    }
}

pub fn digest_of(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
