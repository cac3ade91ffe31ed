//! The JSON documents of an artifact: descriptor, manifest, index.
//!
//! Own types, although crates have them: theirs keep annotations in a hash
//! map, whose order would differ from one run to the next.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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

/// Annotations, always in the same order.
pub type Annotations = BTreeMap<String, String>;

/// A reference to a blob or manifest (image-spec, "Content Descriptors").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What the blob is.
    pub media_type: String,
    /// `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// Bytes.
    pub size: u64,
    /// The manifest's artifact type, in an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    /// Annotations.
    #[serde(default, skip_serializing_if = "Annotations::is_empty")]
    pub annotations: Annotations,
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
    pub layers: Vec<Descriptor>,
    /// The manifest that this one speaks about, as a signature does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Descriptor>,
    /// Annotations.
    #[serde(default, skip_serializing_if = "Annotations::is_empty")]
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
        const PACKAGES: [&str; 5] = [
            types::NFV_PACKAGE,
            types::NFV_CSAR,
            types::SHIELD_PACKAGE,
            types::HDAG_PACKAGE,
            types::HELM_CHART,
        ];
        const CONFIGS: [&str; 3] = [types::NFV_CONFIG, types::SHIELD_CONFIG, types::HDAG_CONFIG];
        let says_so = |layer: &&Descriptor| {
            let kind = layer.media_type.as_str();
            let is_as_config = kind == self.config.media_type && CONFIGS.contains(&kind);
            PACKAGES.contains(&kind) || is_as_config
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
    pub manifests: Vec<Descriptor>,
    /// Annotations.
    #[serde(default, skip_serializing_if = "Annotations::is_empty")]
    pub annotations: Annotations,
}

impl Default for Index {
    fn default() -> Self {
        Index {
            schema_version: 2,
            media_type: Some(media_type::INDEX.to_owned()),
            manifests: Vec::new(),
            annotations: Annotations::new(),
        }
    }
}
