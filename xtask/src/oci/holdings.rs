//! Which blobs of a layout each entry of its index holds on to.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::PathBuf;

use serde_json::Value;

use super::layout::{Layout, LayoutError, REF_NAME, plain_digest};
use super::manifest::{Descriptor, media_type};

/// An entry of the index, whether or not it has a name.
#[derive(Clone, Debug)]
pub struct Holding {
    /// The digest of its manifest.
    pub digest: String,
    /// The id of the package, as `publish` notes it.
    pub id: Option<String>,
    /// The digest of the manifest that it speaks about, as a signature does.
    pub subject: Option<String>,
    /// SHA-256 of every blob that it needs, in hexadecimal.
    pub blobs: BTreeSet<String>,
    /// Whether it, or a manifest in it, is damaged, so that there may be more.
    pub is_damaged: bool,
}

impl Layout {
    /// Every entry of the index with what it needs.
    pub fn holdings(&self) -> Result<Vec<Holding>, LayoutError> {
        let mut holdings = Vec::new();
        for descriptor in self.index()?.manifests {
            let mut blobs = BTreeSet::new();
            let mut is_damaged = false;
            let document = self.mark(&descriptor.digest, &mut blobs, &mut is_damaged)?;
            let text = |path: &str| Some(document.as_ref()?.pointer(path)?.as_str()?.to_owned());
            holdings.push(Holding {
                id: text("/annotations/org.opencontainers.image.title"),
                subject: text("/subject/digest"),
                digest: descriptor.digest,
                blobs,
                is_damaged,
            });
        }
        Ok(holdings)
    }

    /// How many entries of the index have no name, as what refers to another has none.
    #[cfg(feature = "publish")]
    pub(crate) fn unnamed_count(&self) -> Result<usize, LayoutError> {
        let manifests = self.index()?.manifests.into_iter();
        let unnamed = manifests.filter(|d| !d.annotations.contains_key(REF_NAME));
        Ok(unnamed.count())
    }

    /// The digests of entries without a name that speak about nothing else.
    pub fn unnamed(&self) -> Result<Vec<String>, LayoutError> {
        let is_named = |d: &&Descriptor| d.annotations.contains_key(REF_NAME);
        let manifests = self.index()?.manifests;
        let named: BTreeSet<&str> = manifests
            .iter()
            .filter(is_named)
            .map(|d| d.digest.as_str())
            .collect();
        let mut alone = Vec::new();
        for descriptor in &manifests {
            if named.contains(descriptor.digest.as_str()) {
                continue;
            }
            // What is no JSON speaks about nothing, and what is not there nobody can mean.
            let Ok(bytes) = self.manifest(descriptor) else {
                continue;
            };
            let document: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            if document["subject"]["digest"].is_null() {
                alone.push(descriptor.digest.clone());
            }
        }
        Ok(alone)
    }

    /// Notes a manifest or index and everything that it refers to.
    ///
    /// A blob that is not there refers to nothing: a subject need not lie in
    /// the same layout. What one refers to that is damaged nobody knows.
    fn mark(
        &self,
        digest: &str,
        blobs: &mut BTreeSet<String>,
        is_damaged: &mut bool,
    ) -> Result<Option<Value>, LayoutError> {
        let sha256 = plain_digest(digest)?;
        if !blobs.insert(sha256.to_owned()) || !self.blob(sha256).is_file() {
            return Ok(None);
        }
        let bytes = match self.get(digest) {
            Err(error) if error.is_damaged() => {
                *is_damaged = true;
                return Ok(None);
            }
            bytes => bytes?,
        };
        let Ok(document) = serde_json::from_slice::<Value>(&bytes) else {
            *is_damaged = true;
            return Ok(None);
        };
        let mut open = vec![&document];
        while let Some(value) = open.pop() {
            if let Some(digest) = value.get("digest").and_then(Value::as_str) {
                let is_document = value
                    .get("mediaType")
                    .and_then(Value::as_str)
                    .is_some_and(|kind| DOCUMENTS.contains(&kind));
                if is_document {
                    self.mark(digest, blobs, is_damaged)?;
                } else if let Ok(sha256) = plain_digest(digest) {
                    blobs.insert(sha256.to_owned());
                }
            }
            match value {
                Value::Object(fields) => open.extend(fields.values()),
                Value::Array(items) => open.extend(items),
                _ => {}
            }
        }
        Ok(Some(document))
    }

    /// Takes entries out of the index. Their blobs stay.
    pub fn forget(&self, digests: &BTreeSet<String>) -> Result<(), LayoutError> {
        let _lock = self.changing();
        let mut index = self.index()?;
        let before = index.manifests.len();
        index.manifests.retain(|d| !digests.contains(&d.digest));
        if index.manifests.len() == before {
            return Ok(());
        }
        self.write_index(&index)
    }

    /// Every blob that is there, sorted: SHA-256 in hexadecimal and path.
    pub fn blobs(&self) -> Result<Vec<(String, PathBuf)>, LayoutError> {
        let folder = self.blob("");
        let failed = |source| LayoutError::Io {
            action: "read",
            path: folder.clone(),
            source,
        };
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries.collect::<io::Result<Vec<_>>>().map_err(failed)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(failed(error)),
        };
        let mut blobs: Vec<(String, PathBuf)> = entries
            .into_iter()
            .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
            .filter(|(name, _)| plain_digest(&format!("sha256:{name}")).is_ok())
            .collect();
        blobs.sort();
        Ok(blobs)
    }
}

/// What refers to other blobs, in the words of OCI and of Docker.
const DOCUMENTS: [&str; 4] = [
    media_type::MANIFEST,
    media_type::INDEX,
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];
