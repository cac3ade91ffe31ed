//! A small artifact that speaks about another one: a signature, an SBOM, a
//! report.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::manifest::{Annotations, Descriptor, Manifest, media_type};
use super::remote::Fetched;
use super::store::{Store, StoreError};
use crate::digest::hex;

/// The config document of artifacts that have none (image-spec, "Guidance for
/// an Empty Descriptor").
const EMPTY: &[u8] = b"{}";

/// What is to be said about an artifact.
#[derive(Clone, Debug)]
pub struct Referrer {
    /// The type of the artifact and of its one layer.
    pub media_type: String,
    /// The content of that layer.
    pub content: Vec<u8>,
    /// The annotations of the layer.
    pub layer_annotations: Annotations,
    /// The annotations of the manifest.
    pub annotations: Annotations,
}

impl Referrer {
    /// The manifest, with the artifact that it speaks about as its subject
    /// (image-spec 1.1, "Image Manifest Property Descriptions").
    pub fn manifest(&self, subject: &Fetched) -> Manifest {
        let mut layer = descriptor(&self.media_type, &self.content);
        layer.annotations.clone_from(&self.layer_annotations);
        let mut about = descriptor(&subject.media_type, &subject.bytes);
        about.digest.clone_from(&subject.digest);
        Manifest {
            schema_version: 2,
            media_type: Some(media_type::MANIFEST.to_owned()),
            artifact_type: Some(self.media_type.clone()),
            config: descriptor(media_type::EMPTY, EMPTY),
            layers: vec![layer],
            subject: Some(about),
            annotations: self.annotations.clone(),
        }
    }

    /// Hangs it on an artifact of a place: the blobs first, the manifest, and
    /// where the registry has no interface for referrers, the list of them last.
    /// Gives the digest, and whether it was there already.
    ///
    /// # Errors
    ///
    /// The place can't be read or written.
    pub fn put(&self, store: &Store<'_>, subject: &Fetched) -> Result<(String, bool), StoreError> {
        // A struct of strings and numbers always serialises.
        let bytes = serde_json::to_vec(&self.manifest(subject)).unwrap_or_default();
        let digest = format!("sha256:{}", hex(&Sha256::digest(&bytes)));
        let there = store.referrers(&subject.digest)?;
        let own = Descriptor {
            artifact_type: Some(self.media_type.clone()),
            annotations: self.annotations.clone(),
            ..descriptor(media_type::MANIFEST, &bytes)
        };
        if there.iter().any(|referrer| referrer.lists(&own)) {
            return Ok((digest, true));
        }
        store.put_blob(EMPTY)?;
        store.put_blob(&self.content)?;
        store.put(media_type::MANIFEST, &bytes, None)?;
        Ok((digest, false))
    }
}

/// The descriptor of bytes.
pub(super) fn descriptor(media_type: &str, bytes: &[u8]) -> Descriptor {
    Descriptor {
        media_type: media_type.to_owned(),
        digest: format!("sha256:{}", hex(&Sha256::digest(bytes))),
        size: bytes.len() as u64,
        artifact_type: None,
        annotations: BTreeMap::new(),
        more: BTreeMap::new(),
    }
}
