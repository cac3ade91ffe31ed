//! The images that hold cosign's classic signatures of an artifact and its
//! attestations, one a layer.

use serde_json::{Value, json};

use super::manifest::{Annotations, Descriptor, Manifest, media_type};
use super::reference::tag_beside;
use super::referrer::descriptor;
use super::store::{Store, StoreError};
use crate::json;

/// Which of the two images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Signatures, under the tag `sha256-<hex>.sig`.
    Signatures,
    /// Attestations, under the tag `sha256-<hex>.att`.
    Attestations,
}

impl Beside {
    /// The digest of the artifact that a tag hangs on, and which of the images it is.
    pub fn of(tag: &str) -> Option<(String, Self)> {
        let (hex, end) = tag.strip_prefix("sha256-")?.rsplit_once('.')?;
        let beside = match end {
            "sig" => Beside::Signatures,
            "att" => Beside::Attestations,
            _ => return None,
        };
        Some((format!("sha256:{hex}"), beside))
    }

    fn tag(self, digest: &str) -> String {
        let end = match self {
            Beside::Signatures => "sig",
            Beside::Attestations => "att",
        };
        tag_beside(digest, end)
    }
}

/// The signatures of an artifact or its attestations, as they are at a place.
#[derive(Clone, Debug)]
pub struct SignatureImage {
    beside: Beside,
    manifest: Value,
    layers: Vec<Descriptor>,
}

impl SignatureImage {
    /// Fetches those of the artifact with that digest. `None` where there is nothing
    /// under its tag; of what is no image, why.
    ///
    /// # Errors
    ///
    /// The place can't be read.
    pub fn fetch(
        store: &Store<'_>,
        digest: &str,
        beside: Beside,
    ) -> Result<Option<Result<Self, String>>, StoreError> {
        let fetched = match store.fetch(&beside.tag(digest)) {
            Ok(fetched) => fetched,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let read = |bytes: &[u8]| -> serde_json::Result<Self> {
            Ok(SignatureImage {
                beside,
                manifest: serde_json::from_slice(bytes)?,
                layers: serde_json::from_slice::<Manifest>(bytes)?.layers,
            })
        };
        let tag = beside.tag(digest);
        let image = read(&fetched.bytes).map_err(|error| format!("`{tag}` is no image: {error}"));
        Ok(Some(image))
    }

    /// An image without layers.
    pub fn empty(beside: Beside) -> Self {
        SignatureImage {
            beside,
            manifest: json!({
                "schemaVersion": 2,
                "mediaType": media_type::MANIFEST,
                "layers": [],
            }),
            layers: Vec::new(),
        }
    }

    /// The layers, each a signature, an attestation or something that is left alone.
    pub fn layers(&self) -> &[Descriptor] {
        &self.layers
    }

    /// Adds a layer and writes the image under its tag, the tag last. What
    /// was in it stays, to the field. Gives the digest, and whether exactly this
    /// layer was in it already, in which case nothing is written.
    ///
    /// # Errors
    ///
    /// The place can't be read or written.
    pub fn add(
        mut self,
        store: &Store<'_>,
        digest: &str,
        payload: &[u8],
        (kind, annotations): (&str, Annotations),
    ) -> Result<(String, bool), StoreError> {
        let mut layer = descriptor(kind, payload);
        layer.annotations = annotations;
        let is_same = |known: &Descriptor| {
            known.digest == layer.digest && known.annotations == layer.annotations
        };
        let tag = self.beside.tag(digest);
        if self.layers.iter().any(is_same)
            && let Some(there) = store.resolve(&tag)?
        {
            return Ok((there, true));
        }
        let mut diffs: Vec<&str> = self.layers.iter().map(|l| l.digest.as_str()).collect();
        diffs.push(&layer.digest);
        let config = config(&diffs);
        store.put_blob(payload)?;
        store.put_blob(&config)?;
        self.manifest["config"] = json!(descriptor(media_type::IMAGE_CONFIG, &config));
        if let Some(layers) = self.manifest["layers"].as_array_mut() {
            layers.push(json!(layer));
        }
        let kind = self.manifest["mediaType"].as_str();
        let kind = kind.unwrap_or(media_type::MANIFEST).to_owned();
        let bytes = json::compact(self.manifest).into_bytes();
        Ok((store.put(&kind, &bytes, Some(&tag))?, false))
    }
}

/// The config document of an image of nothing but these layers, made at no time.
/// Readers of images expect one, and of signatures none looks at it.
fn config(layers: &[&str]) -> Vec<u8> {
    const NEVER: &str = "0001-01-01T00:00:00Z";
    let history: Vec<Value> = layers.iter().map(|_| json!({ "created": NEVER })).collect();
    let document = json!({
        "architecture": "",
        "created": NEVER,
        "history": history,
        "os": "",
        "rootfs": { "type": "layers", "diff_ids": layers },
        "config": {},
    });
    json::compact(document).into_bytes()
}
