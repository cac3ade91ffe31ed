//! The JSON documents of an artifact: descriptor, manifest, index.
//!
//! Own types, although crates have them: theirs keep annotations in a hash
//! map, whose order would differ from one run to the next. What is `null` is not
//! there, as programs in Go have it that write so.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Media types, with where each is defined.
pub mod media_type {
    /// OCI image-spec.
    pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    /// OCI image-spec.
    pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
    /// OCI image-spec: the config of an artifact that has none.
    pub const EMPTY: &str = "application/vnd.oci.empty.v1+json";
    /// OCI image-spec: the config of an image.
    pub const IMAGE_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
    /// The OSM/NEPHELE proposal: the document that describes a VNF or NS.
    pub const NFV_CONFIG: &str = "application/vnd.etsi.nfv.config.v1+json";
    /// Ours: the package of a VNF, NS or NST. The proposal prints the type of
    /// the config here, which no reader can tell from a config.
    pub const NFV_PACKAGE: &str = "application/vnd.etsi.nfv.package.v1.tar+gzip";
    /// Ours: the same as a CSAR.
    pub const NFV_CSAR: &str = "application/vnd.etsi.nfv.package.v1+zip";
    /// Ours: the document that describes a SHIELD package.
    pub const SHIELD_CONFIG: &str = "application/vnd.shield.config.v1+json";
    /// Ours: a SHIELD package.
    pub const SHIELD_PACKAGE: &str = "application/vnd.shield.package.v1.tar+gzip";
    /// Ours: the document that describes an HDA graph.
    pub const HDAG_CONFIG: &str = "application/vnd.nephele.hdag.config.v1+json";
    /// Ours: an HDA graph.
    pub const HDAG_PACKAGE: &str = "application/vnd.nephele.hdag.v1.tar+gzip";
    /// Helm: `Chart.yaml` as JSON.
    pub const HELM_CONFIG: &str = "application/vnd.cncf.helm.config.v1+json";
    /// Docker: what an index is to OCI.
    pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
    /// in-toto: a statement that is in no envelope, so that nobody has signed it.
    pub const IN_TOTO: &str = "application/vnd.in-toto+json";
    /// Helm: the signed provenance of a chart.
    pub const HELM_PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";
    /// Helm: a chart.
    pub const HELM_CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
}

/// The annotation with the name of a file, and of what an artifact is
/// (image-spec, "Pre-Defined Annotation Keys").
pub const TITLE: &str = "org.opencontainers.image.title";

/// The annotation with the version of what an artifact is.
#[cfg(feature = "publish")]
pub const VERSION: &str = "org.opencontainers.image.version";

/// The annotation with the time at which an artifact was made.
pub const CREATED: &str = "org.opencontainers.image.created";

/// Annotations, always in the same order.
pub type Annotations = BTreeMap<String, String>;

/// A reference to a blob or manifest (image-spec, "Content Descriptors").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What the blob is; empty where nobody says it.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub media_type: String,
    /// `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// Bytes.
    #[serde(deserialize_with = "bytes")]
    pub size: u64,
    /// The manifest's artifact type, in an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// Annotations.
    #[serde(
        default,
        deserialize_with = "annotations",
        skip_serializing_if = "Annotations::is_empty"
    )]
    pub annotations: Annotations,
    /// What else is said of it, such as `platform`.
    #[serde(flatten)]
    pub more: BTreeMap<String, Value>,
}

impl Descriptor {
    /// Whether the media type of a layer says that it is a package.
    pub fn is_package(&self) -> bool {
        use media_type as types;
        const PACKAGES: [&str; 5] = [
            types::NFV_PACKAGE,
            types::NFV_CSAR,
            types::SHIELD_PACKAGE,
            types::HDAG_PACKAGE,
            types::HELM_CHART,
        ];
        PACKAGES.contains(&self.media_type.as_str())
    }

    /// What can be read of an entry of a list, which may repeat what somebody wrote into a
    /// manifest; `None` without a digest.
    #[cfg(feature = "publish")]
    pub fn readable(entry: &Value) -> Option<Self> {
        let text = |name: &str| entry[name].as_str().map(str::to_owned);
        let all = Descriptor::deserialize(entry).ok();
        all.or_else(|| {
            Some(Descriptor {
                media_type: text("mediaType").unwrap_or_default(),
                digest: text("digest")?,
                size: entry["size"].as_u64().unwrap_or_default(),
                artifact_type: text("artifactType"),
                annotations: readable_annotations(&entry["annotations"]),
                more: BTreeMap::new(),
            })
        })
    }

    /// Whether it says in a list of referrers what is so of the one that `own` is the descriptor
    /// of. It may lack the type and annotations, or have the type of the config document of
    /// artifacts that have none, as some registries do.
    pub fn lists(&self, own: &Descriptor) -> bool {
        let kind = self.artifact_type.as_deref().unwrap_or_default();
        let is_silent = kind.is_empty() || kind == media_type::EMPTY;
        let is_kind = is_silent || self.artifact_type == own.artifact_type;
        let mut annotations = self.annotations.iter();
        let is_own = (&self.digest, self.size) == (&own.digest, own.size);
        is_own && is_kind && annotations.all(|(name, text)| own.annotations.get(name) == Some(text))
    }
}

/// An image manifest (image-spec, "Image Manifest Specification").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Always 2.
    pub schema_version: u32,
    /// [`media_type::MANIFEST`]. Helm writes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The type of the artifact. Helm writes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// The config document.
    pub config: Descriptor,
    /// The package.
    #[serde(default, deserialize_with = "or_default")]
    pub layers: Vec<Descriptor>,
    /// The manifest that this one speaks about, as a signature does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Descriptor>,
    /// Annotations.
    #[serde(
        default,
        deserialize_with = "annotations",
        skip_serializing_if = "Annotations::is_empty"
    )]
    pub annotations: Annotations,
}

impl Manifest {
    /// What the artifact is: its type, or that of its config (image-spec,
    /// "Guidelines for Artifact Usage").
    pub fn kind(&self) -> &str {
        let own = self.artifact_type.as_deref();
        own.filter(|kind| !kind.is_empty())
            .unwrap_or(&self.config.media_type)
    }

    /// The layers that may hold the package, in their order: those whose media
    /// type says so (`docs/oci-artifacts.md`; the proposal of 2023 gives the layer
    /// the type of its config document), and otherwise all but the provenance of a
    /// chart, because others push packages as anything.
    pub fn package_layers(&self) -> Vec<&Descriptor> {
        use media_type as types;
        const CONFIGS: [&str; 3] = [types::NFV_CONFIG, types::SHIELD_CONFIG, types::HDAG_CONFIG];
        let says_so = |layer: &&Descriptor| {
            let kind = layer.media_type.as_str();
            let is_as_config = kind == self.config.media_type && CONFIGS.contains(&kind);
            layer.is_package() || is_as_config
        };
        let named: Vec<&Descriptor> = self.layers.iter().filter(says_so).collect();
        if !named.is_empty() {
            return named;
        }
        let is_other = |layer: &&Descriptor| layer.media_type != types::HELM_PROVENANCE;
        self.layers.iter().filter(is_other).collect()
    }
}

/// An image index (image-spec, "Image Index Specification").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    /// Always 2.
    pub schema_version: u32,
    /// [`media_type::INDEX`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The manifests.
    #[serde(default, deserialize_with = "or_default")]
    pub manifests: Vec<Descriptor>,
    /// Annotations.
    #[serde(
        default,
        deserialize_with = "annotations",
        skip_serializing_if = "Annotations::is_empty"
    )]
    pub annotations: Annotations,
    /// What else it says: others may have written it, and nothing of it is lost where
    /// something is added to it.
    #[serde(flatten)]
    pub more: BTreeMap<String, Value>,
}

impl Default for Index {
    fn default() -> Self {
        Index {
            schema_version: 2,
            media_type: Some(media_type::INDEX.to_owned()),
            manifests: Vec::new(),
            annotations: Annotations::new(),
            more: BTreeMap::new(),
        }
    }
}

/// What a manifest or index refers to.
#[cfg(feature = "publish")]
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// The manifests of an index.
    pub manifests: Vec<Descriptor>,
    /// Config document and layers.
    pub blobs: Vec<Descriptor>,
}

#[cfg(feature = "publish")]
impl Parts {
    /// Reads them from a document.
    ///
    /// # Errors
    ///
    /// One of them can't be read, in words that fit behind a colon.
    pub fn of(document: &Value) -> Result<Self, String> {
        let one = |name: &str| match &document[name] {
            Value::Null => Ok(None),
            part => read(part, name).map(Some),
        };
        let list = |name: &str| match &document[name] {
            Value::Null => Ok(Vec::new()),
            Value::Array(parts) => parts
                .iter()
                .enumerate()
                .map(|(i, part)| read(part, &format!("{name}[{i}]")))
                .collect(),
            _ => Err(format!("`{name}` is no list")),
        };
        if !document.is_object() {
            return Err("it is no JSON object".to_owned());
        }
        // Nothing of it is needed here, and others have to understand it.
        one("subject")?;
        let config = one("config")?;
        let blobs = config.into_iter().chain(list("layers")?);
        Ok(Parts {
            manifests: list("manifests")?,
            blobs: blobs.chain(list("blobs")?).collect(),
        })
    }
}

#[cfg(feature = "publish")]
fn read(part: &Value, name: &str) -> Result<Descriptor, String> {
    Descriptor::deserialize(part).map_err(|error| format!("`{name}`: {error}"))
}

/// Those annotations that are texts, as all should be.
#[cfg(feature = "publish")]
pub(super) fn readable_annotations(annotations: &Value) -> Annotations {
    let all = annotations.as_object().into_iter().flatten();
    let texts = all.filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned())));
    texts.collect()
}

fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let size = Value::deserialize(deserializer)?;
    let count = size.as_u64();
    count.ok_or_else(|| D::Error::custom(format!("the size {size} is no number of bytes")))
}

fn annotations<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Annotations, D::Error> {
    let found: BTreeMap<String, Option<String>> = or_default(deserializer)?;
    let found = found.into_iter();
    Ok(found
        .filter_map(|(key, value)| Some((key, value?)))
        .collect())
}

#[cfg(all(test, feature = "publish"))]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_is_not_there_and_what_cannot_be_read_is_named() {
        let blob =
            json!({ "digest": "sha256:a", "size": 1, "mediaType": null, "annotations": null });
        let document = json!({
            "schemaVersion": 2,
            "mediaType": null,
            "artifactType": null,
            "config": blob,
            "layers": null,
            "subject": null,
            "annotations": { "a": null, "b": "c" },
        });
        let manifest = Manifest::deserialize(&document).expect("a manifest");
        assert_eq!((manifest.layers.len(), manifest.annotations.len()), (0, 1));
        assert_eq!(Parts::of(&document).map(|parts| parts.blobs.len()), Ok(1));
        let index = json!({ "schemaVersion": 2, "manifests": null, "annotations": null });
        assert!(Index::deserialize(&index).is_ok());
        for (name, part, says) in [
            (
                "layers",
                json!([blob, { "digest": "sha256:b", "size": "123" }]),
                "`layers[1]`: the size \"123\" is no number of bytes",
            ),
            (
                "config",
                json!({ "digest": "sha256:b", "size": -1 }),
                "`config`: the size -1 is no number of bytes",
            ),
            (
                "layers",
                json!([{ "digest": "sha256:b", "size": 1, "annotations": { "a": 1 } }]),
                "`layers[0]`: invalid type: integer `1`, expected a string",
            ),
            (
                "manifests",
                json!([{ "size": 1 }]),
                "`manifests[0]`: missing field `digest`",
            ),
            ("layers", json!({}), "`layers` is no list"),
            ("subject", json!("sha256:b"), "`subject`: "),
        ] {
            let mut document = document.clone();
            document[name] = part;
            let said = Parts::of(&document).expect_err(name);
            assert!(said.starts_with(says), "{said}");
        }
    }
}
