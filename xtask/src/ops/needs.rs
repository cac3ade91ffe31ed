//! What a package at a registry or in a layout needs: by its config document, or
//! by its own descriptor where that does not say so.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::Error;
use crate::descriptor::{self, Descriptor};
use crate::graph::{self, Location, Offers};
use crate::oci::{Fetched, Manifest, Store, media_type};
use crate::source::{Selection, Workspace, recognise, scan};

/// What a config document says that a package needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub kind: String,
    pub id: String,
    pub is_hard: bool,
    pub is_internal: bool,
}

impl Need {
    /// Its kind and id.
    pub fn key(&self) -> (String, String) {
        (self.kind.clone(), self.id.clone())
    }
}

impl std::fmt::Display for Need {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the {} `{}`", self.kind, self.id)
    }
}

/// The config documents that say what a package needs.
const OWN_CONFIGS: [&str; 3] = [
    media_type::NFV_CONFIG,
    media_type::SHIELD_CONFIG,
    media_type::HDAG_CONFIG,
];

/// A descriptor that was found in a file, and what it needs.
pub(super) struct Opened {
    /// `VNF` and id of what it describes.
    is: Option<(&'static str, String)>,
    needs: Vec<Need>,
}

impl Opened {
    fn new(descriptor: &Descriptor, needs: Vec<(descriptor::Need, Location)>) -> Self {
        let needs = needs.into_iter().map(|(need, location)| Need {
            kind: need.kind.as_str().to_owned(),
            id: need.id,
            is_hard: need.kind.is_hard(),
            is_internal: location == Location::Internal,
        });
        Opened {
            is: descriptor
                .id()
                .map(|id| (descriptor.kind.as_str(), id.to_owned())),
            needs: needs.collect(),
        }
    }
}

/// What the files of one artifact need together: of several, one may be what
/// another needs.
pub(super) fn needs_together(opened: Vec<Opened>) -> Vec<Need> {
    let there: Vec<_> = opened.iter().filter_map(|one| one.is.clone()).collect();
    let is_there =
        |need: &Need| (there.iter()).any(|(kind, id)| need.kind == *kind && need.id == *id);
    let needs = opened.into_iter().flat_map(|one| one.needs);
    let mut together: Vec<Need> = Vec::new();
    for need in needs.filter(|need| !is_there(need)) {
        if !together.contains(&need) {
            together.push(need);
        }
    }
    together
}

/// What a package needs by its own descriptor, which others may push without
/// a config document. `None` where there is no descriptor.
pub(super) fn package_needs(
    workspace: &Workspace,
    path: &Path,
    name: &str,
) -> Result<Option<Opened>, Error> {
    let failed = |source| Error::Io {
        action: "read",
        path: path.to_owned(),
        source,
    };
    // A descriptor without a package around it.
    if is_descriptor(name) {
        let bytes = fs::read(path).map_err(failed)?;
        let Some(descriptor) = recognise(name, bytes) else {
            return Ok(None);
        };
        let needs = descriptor::needs(&descriptor);
        let needs = needs.into_iter().map(|need| (need, Location::External));
        return Ok(Some(Opened::new(&descriptor, needs.collect())));
    }
    let selection = Selection {
        archives: vec![(path.to_owned(), name.to_owned())],
        ..Selection::default()
    };
    let found = scan(workspace, &selection).map_err(failed)?;
    let package = found.packages.first();
    let package = package.map(|package| package.inner.as_deref().unwrap_or(package));
    let Some((package, descriptor)) = package.and_then(|p| Some((p, p.descriptor.as_ref()?)))
    else {
        return Ok(None);
    };
    let needs = graph::dependencies(package, &Offers::default());
    Ok(Some(Opened::new(descriptor, needs)))
}

/// The largest config document that is read.
const LARGEST: usize = 16 << 20;

/// The config document of an artifact, held against its digest. One that says
/// nothing (image-spec, "Guidance for an Empty Descriptor") is not asked for.
///
/// # Errors
///
/// It is not there, is another one, or is larger than 16 MiB.
pub(super) fn config(store: &Store<'_>, manifest: &Manifest) -> Result<Vec<u8>, Error> {
    match manifest.config.media_type.as_str() {
        media_type::EMPTY => Ok(Vec::new()),
        _ => Ok(store.blob(&manifest.config.digest, LARGEST)?),
    }
}

/// Whether an artifact has a config document of ours.
pub(super) fn is_own(manifest: &Manifest) -> bool {
    OWN_CONFIGS.contains(&manifest.config.media_type.as_str())
}

/// What a package needs, by its config document; `None` where that does not say
/// so, and the package has to be opened. What a chart needs travels in it.
pub(super) fn needs_in(manifest: &Manifest, config: &[u8]) -> Option<Vec<Need>> {
    let kind = manifest.config.media_type.as_str();
    if kind == media_type::HELM_CONFIG {
        return Some(Vec::new());
    }
    if !OWN_CONFIGS.contains(&kind) {
        return None;
    }
    let config: Value = serde_json::from_slice(config).unwrap_or_default();
    let list = config["dependencies"].as_array()?;
    let needs = list.iter().filter_map(|need| {
        Some(Need {
            kind: need["descriptorType"].as_str()?.to_owned(),
            id: need["descriptorId"].as_str()?.to_owned(),
            is_hard: need["mode"] == "hard",
            is_internal: need["location"] == "internal",
        })
    });
    Some(needs.collect())
}

/// What an artifact is instead of what is needed, by its config document; `None`
/// where it is that, or does not say. What others push without a config document
/// of ours is opened when it is fetched.
///
/// A chart is one by the type of its config document (helm `pkg/registry/client.go`).
pub(super) fn instead(need: &Need, manifest: &Manifest, config: &[u8]) -> Option<String> {
    match need.kind.as_str() {
        "VNF" | "NS" | "PNF" | "NST" => other(&need.kind, &need.id, manifest, config),
        "HELM" if manifest.config.media_type == media_type::IMAGE_CONFIG => {
            Some("an image".to_owned())
        }
        "HELM" if is_own(manifest) => Some(match named(config) {
            Some((kind, id)) => format!("the {kind} `{id}`"),
            None => "another package".to_owned(),
        }),
        _ => None,
    }
}

/// Kind and id in a config document of ours.
fn named(config: &[u8]) -> Option<(String, String)> {
    let config: Value = serde_json::from_slice(config).unwrap_or_default();
    let text = |key: &str| Some(config[key].as_str()?.to_owned());
    text("descriptorType").zip(text("descriptorId"))
}

/// What an artifact is that is not the descriptor of that kind and id, likewise.
fn other(wanted: &str, wanted_id: &str, manifest: &Manifest, config: &[u8]) -> Option<String> {
    match manifest.config.media_type.as_str() {
        media_type::HELM_CONFIG => return Some("a chart".to_owned()),
        media_type::IMAGE_CONFIG => return Some("an image".to_owned()),
        kind if !OWN_CONFIGS.contains(&kind) => return None,
        _ => {}
    }
    let (kind, id) = named(config)?;
    (kind != wanted || id != wanted_id).then(|| format!("the {kind} `{id}`"))
}

/// What a tag points to that is another descriptor than that of a config document: two
/// ids may become one name.
pub(super) fn another(
    own_config: &[u8],
    store: &Store<'_>,
    fetched: &Fetched,
) -> Result<Option<String>, Error> {
    let own: Value = serde_json::from_slice(own_config).unwrap_or_default();
    let (kind, id) = (&own["descriptorType"], &own["descriptorId"]);
    let (Some(kind), Some(id)) = (kind.as_str(), id.as_str()) else {
        return Ok(None);
    };
    // What is no package of ours says nothing of itself.
    let Ok(manifest) = serde_json::from_slice::<Manifest>(&fetched.bytes) else {
        return Ok(None);
    };
    Ok(other(kind, id, &manifest, &config(store, &manifest)?))
}

/// Whether a file may be a descriptor by its name.
pub(super) fn is_descriptor(name: &str) -> bool {
    [".yaml", ".yml", ".json"]
        .iter()
        .any(|end| name.ends_with(end))
}
