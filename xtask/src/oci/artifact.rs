//! A package and its finished bytes to a config document and a manifest.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::chart::{go_json, helm_annotations, helm_config};
use super::manifest::{Annotations, Descriptor as Blob, Manifest, TITLE, media_type};
use super::names::{published_name, published_tag};
use crate::descriptor::{Descriptor, Kind, Model, local};
use crate::digest::hex;
use crate::graph::{self, Offers};
use crate::package::{csar_descriptor_path, safe_name};
use crate::schema::{Choice, data_model};
use crate::source::{Form, Layout, Package};

/// The finished package as a blob.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The id of the package.
    pub id: String,
    /// `<id>:<version>`; the version is `latest` where there is none.
    pub reference: String,
    /// The config document.
    pub config: Vec<u8>,
    /// The manifest.
    pub manifest: Vec<u8>,
    /// The digest of the manifest: `sha256:` and 64 digits.
    pub digest: String,
    /// The artifact type.
    pub kind: String,
}

impl Artifact {
    /// The two parts of its reference.
    pub fn name_and_version(&self) -> (&str, &str) {
        let parts = self.reference.rsplit_once(':');
        parts.unwrap_or((&self.reference, "latest"))
    }
}

/// The finished package that an artifact is made of.
#[derive(Clone, Copy, Debug)]
pub struct Finished<'a> {
    /// `<id>-<version>.tar.gz` or the like.
    pub file_name: &'a str,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: &'a str,
    /// Its size in bytes.
    pub size: u64,
    /// The provenance of a chart that goes with it (`helm package --sign`): SHA-256 and
    /// size.
    pub provenance: Option<(&'a str, u64)>,
}

/// How an artifact of a VNF, NS or NST is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// As `docs/oci-artifacts.md` has it.
    #[default]
    Nfv,
    /// As the OSM/NEPHELE proposal printed it: the layer has the type of the
    /// config document, and `dataModelSpec` no version.
    Nephele,
}

/// The config document of the OSM/NEPHELE proposal.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NfvConfig<'a> {
    schema_version: &'static str,
    media_type: &'static str,
    package_spec: &'static str,
    data_model_spec: &'a str,
    descriptor_file: String,
    descriptor_type: &'static str,
    descriptor_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    descriptor_version: Option<&'a str>,
    dependencies: Vec<Dependency>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency {
    descriptor_type: &'static str,
    descriptor_id: String,
    location: &'static str,
    mode: &'static str,
}

/// What an artifact says beside what the package itself does.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// What the packages of the same tree offer.
    pub offers: &'a Offers,
    /// Which models descriptors are held against.
    pub choice: &'a Choice,
    /// An RFC 3339 time, only where `SOURCE_DATE_EPOCH` is set: any other clock
    /// would make two builds differ.
    pub created: Option<&'a str>,
    /// How artifacts are written.
    pub dialect: Dialect,
}

/// Describes `package`, whose finished bytes are these. `None` for a package
/// without id or descriptor.
pub fn artifact(
    package: &Package,
    finished: &Finished<'_>,
    around: &Surroundings<'_>,
) -> Option<Artifact> {
    let (created, dialect) = (around.created, around.dialect);
    let descriptor = package.descriptor.as_ref()?;
    let id = package.id()?;
    let (config, config_type, layer_type) = match descriptor.kind {
        Kind::Vo => return None,
        Kind::Chart => (
            helm_config(descriptor)?,
            media_type::HELM_CONFIG,
            media_type::HELM_CHART,
        ),
        Kind::Hdag => (
            nfv_config(package, around, media_type::HDAG_CONFIG)?,
            media_type::HDAG_CONFIG,
            media_type::HDAG_PACKAGE,
        ),
        Kind::ShieldNs | Kind::ShieldVnsf => (
            nfv_config(package, around, media_type::SHIELD_CONFIG)?,
            media_type::SHIELD_CONFIG,
            media_type::SHIELD_PACKAGE,
        ),
        Kind::Vnf | Kind::Ns | Kind::Pnf | Kind::Nst => (
            nfv_config(package, around, media_type::NFV_CONFIG)?,
            media_type::NFV_CONFIG,
            match (dialect, package.layout) {
                (Dialect::Nephele, _) => media_type::NFV_CONFIG,
                (Dialect::Nfv, Layout::Csar) => media_type::NFV_CSAR,
                (Dialect::Nfv, _) => media_type::NFV_PACKAGE,
            },
        ),
    };
    let is_chart = descriptor.kind == Kind::Chart;
    let title = (TITLE.to_owned(), finished.file_name.to_owned());
    let layer = Blob {
        media_type: layer_type.to_owned(),
        digest: format!("sha256:{}", finished.sha256),
        size: finished.size,
        artifact_type: None,
        // Helm writes no title on the layer; every other client names the
        // pulled file by it.
        annotations: (!is_chart).then_some(title).into_iter().collect(),
        more: Default::default(),
    };
    let provenance = finished.provenance.map(|(sha256, size)| Blob {
        media_type: media_type::HELM_PROVENANCE.to_owned(),
        digest: format!("sha256:{sha256}"),
        size,
        artifact_type: None,
        annotations: Annotations::new(),
        more: Default::default(),
    });
    let mut layers: Vec<Blob> = std::iter::once(layer).chain(provenance).collect();
    // As Helm does since 3.18 (helm `pkg/registry/client.go`, `Push`).
    layers.sort_by(|a, b| a.digest.cmp(&b.digest));
    let manifest = Manifest {
        schema_version: 2,
        // Helm writes neither type, and a chart of ours must have the digest
        // that Helm's own push would give it as far as that is in our hands.
        media_type: (!is_chart).then(|| media_type::MANIFEST.to_owned()),
        artifact_type: (!is_chart).then(|| config_type.to_owned()),
        config: Blob {
            media_type: config_type.to_owned(),
            digest: digest(&config),
            size: config.len() as u64,
            artifact_type: None,
            annotations: Annotations::new(),
            more: Default::default(),
        },
        layers,
        subject: None,
        annotations: {
            let mut all = match is_chart {
                true => helm_annotations(package, descriptor, created),
                false => annotations(package, descriptor, created),
            };
            let own = package.annotations.iter();
            all.extend(own.map(|(key, value)| (key.as_str().to_owned(), value.clone())));
            all
        },
    };
    let mut bytes = to_json(&manifest)?;
    if is_chart {
        bytes = go_json(String::from_utf8(bytes).ok()?);
    }
    Some(Artifact {
        id: id.to_owned(),
        reference: reference(package, id),
        digest: digest(&bytes),
        config,
        manifest: bytes,
        kind: config_type.to_owned(),
    })
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

fn to_json(value: &impl Serialize) -> Option<Vec<u8>> {
    // Structs of strings and numbers always serialise.
    serde_json::to_vec(value).ok()
}

/// The name under which a package is published, `<id>:<version>`; `None` for one without an id.
pub fn reference_of(package: &Package) -> Option<String> {
    Some(reference(package, package.id()?))
}

/// `<id>:<version>`, as far as names can have them.
fn reference(package: &Package, id: &str) -> String {
    let is_shield = package.kind().is_some_and(Kind::is_shield);
    let name = name_of(id, is_shield);
    let version = package.version().unwrap_or("latest");
    format!("{name}:{}", published_tag(version))
}

fn name_of(id: &str, is_shield: bool) -> String {
    let suffix = if is_shield { "-shield" } else { "" };
    format!("{}{suffix}", published_name(id))
}

/// Whether config documents of that type say what the artifact is called.
pub fn has_own_name(kind: &str) -> bool {
    use media_type as types;
    let known = [
        types::NFV_CONFIG,
        types::SHIELD_CONFIG,
        types::HDAG_CONFIG,
        types::HELM_CONFIG,
    ];
    known.contains(&kind)
}

/// The name under which an artifact is published, and its version, by its config document of
/// that type. `None` where that does not say so.
pub fn own_name(kind: &str, config: &Value) -> Option<(String, Option<String>)> {
    let text = |field: &str| config[field].as_str().filter(|text| !text.is_empty());
    let (id, version) = match kind {
        media_type::HELM_CONFIG => (text("name"), text("version")),
        kind if has_own_name(kind) => (text("descriptorId"), text("descriptorVersion")),
        _ => return None,
    };
    let name = name_of(id?, kind == media_type::SHIELD_CONFIG);
    Some((name, version.map(str::to_owned)))
}

fn nfv_config(
    package: &Package,
    around: &Surroundings<'_>,
    own_type: &'static str,
) -> Option<Vec<u8>> {
    let descriptor = package.descriptor.as_ref()?;
    let id = package.id()?;
    let (package_spec, descriptor_type) = match (descriptor.kind, descriptor.model) {
        (Kind::Vnf, Model::Sol006 | Model::Nfv) => ("SOL004", "VNF"),
        (Kind::Ns, Model::Sol006 | Model::Nfv) => ("SOL007", "NS"),
        (Kind::Vnf, _) => ("OSM", "VNF"),
        (Kind::Ns, _) => ("OSM", "NS"),
        (Kind::Pnf, _) => ("SOL004", "PNF"),
        (Kind::Nst, _) => ("OSM", "NST"),
        (Kind::ShieldVnsf, _) => ("SHIELD", "VNF"),
        (Kind::ShieldNs, _) => ("SHIELD", "NS"),
        (Kind::Hdag, _) => ("NEPHELE", "HDAG"),
        (Kind::Chart | Kind::Vo, _) => return None,
    };
    let model = data_model(descriptor, around.choice);
    // The proposal has no version there, and nothing of SHIELD and HDA graphs.
    let data_model_spec = match around.dialect {
        Dialect::Nephele if own_type == media_type::NFV_CONFIG => {
            model.split('@').next().unwrap_or_default()
        }
        _ => &model,
    };
    // In a finished package the path has its top folder already.
    let is_whole = package.form == Form::Archive || descriptor.kind.is_shield();
    let descriptor_file = if package.layout == Layout::Csar {
        csar_descriptor_path(package)
    } else if is_whole {
        package.descriptor_path.clone()
    } else {
        format!("{}/{}", safe_name(id), package.descriptor_path)
    };
    // A SHIELD package needs what the package inside it needs.
    let needy = package.inner.as_deref().unwrap_or(package);
    let dependencies = graph::dependencies(needy, around.offers)
        .into_iter()
        .map(|(need, location)| Dependency {
            descriptor_type: need.kind.as_str(),
            mode: if need.kind.is_hard() { "hard" } else { "soft" },
            descriptor_id: need.id,
            location: location.as_str(),
        })
        .collect();
    to_json(&NfvConfig {
        schema_version: "1",
        media_type: own_type,
        package_spec,
        data_model_spec,
        descriptor_file,
        descriptor_type,
        descriptor_id: id,
        descriptor_version: package.version(),
        dependencies,
    })
}

fn annotations(package: &Package, descriptor: &Descriptor, created: Option<&str>) -> Annotations {
    let mut annotations = Annotations::new();
    let mut add = |name: &str, value: Option<&str>| {
        if let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) {
            let name = format!("org.opencontainers.image.{name}");
            annotations.insert(name, value.to_owned());
        }
    };
    // What the author says of the package inside holds for the SHIELD package.
    let speaker = package
        .inner
        .as_deref()
        .and_then(|inner| inner.descriptor.as_ref())
        .unwrap_or(descriptor);
    let field = |names: &[&str]| {
        let found = names.iter().find_map(|name| speaker.field(name)?.str());
        found.map(str::to_owned)
    };
    add("title", package.id());
    add("version", package.version());
    add("created", created);
    add("description", field(&["description"]).as_deref());
    add(
        "authors",
        field(&["provider", "designer", "vendor"]).as_deref(),
    );
    if descriptor.kind.is_shield() {
        let vendor = descriptor
            .field("properties")
            .and_then(|p| local(p, "vendor"));
        add("vendor", vendor.and_then(|node| node.str()));
    }
    annotations
}
