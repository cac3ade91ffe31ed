//! What a list of referrers says of one of them, held against its manifest. Where a registry has
//! no interface for referrers, clients write the list, and whoever may write can make it say
//! anything; other programs choose by it what they fetch.

use serde_json::Value;

use crate::oci::{Annotations, Descriptor, media_type};

/// Puts what the manifest says in the place of what the list says, and tells in words what was
/// said otherwise.
///
/// Some registries list the type of the config document as that of the artifact, lists of
/// clients may lack types and annotations, and both are no contradiction.
pub(super) fn correct(listed: &mut Descriptor, document: &Value, size: u64) -> Vec<String> {
    let mut otherwise = Vec::new();
    let mut told = |what: &str, said: &str, is: &str| {
        otherwise.push(format!("{what} `{said}`, and it is `{is}`"));
    };
    if listed.size != size {
        told("size", &listed.size.to_string(), &size.to_string());
        listed.size = size;
    }
    if let Some(own) = document["mediaType"].as_str() {
        if !listed.media_type.is_empty() && listed.media_type != own {
            told("media type", &listed.media_type, own);
        }
        listed.media_type = own.to_owned();
    }
    let kind = type_of(document);
    let said = listed.artifact_type.as_deref().unwrap_or_default();
    let is_config = document["config"]["mediaType"] == said;
    let is_silent = said.is_empty() || said == media_type::EMPTY || is_config;
    if !is_silent && kind.as_deref() != Some(said) {
        told("artifact type", said, kind.as_deref().unwrap_or("unknown"));
    }
    if kind.is_some() {
        listed.artifact_type = kind;
    }
    let own = serde_json::from_value::<Annotations>(document["annotations"].clone());
    let own = own.unwrap_or_default();
    for (name, said) in &listed.annotations {
        if let Some(own) = own.get(name).filter(|own| *own != said) {
            told(&format!("annotation `{name}`"), said, own);
        }
    }
    listed.annotations = own;
    otherwise
}

/// The type of an artifact by its manifest or index (distribution-spec, "Listing Referrers"):
/// its own, or of a manifest that has none that of the config. `None` where nobody says it.
fn type_of(document: &Value) -> Option<String> {
    let of = |value: &Value| {
        let kind = value.as_str().filter(|kind| !kind.is_empty());
        kind.map(str::to_owned)
    };
    of(&document["artifactType"]).or_else(|| of(&document["config"]["mediaType"]))
}
