//! The Juju charms in a package.

use std::collections::BTreeMap;

use super::bill::{Part, PartKind};
use super::places::Places;
use super::purl;
use crate::yaml::{self, Limits};

/// The charms of a package by their place in it, which is a folder or a file.
///
/// What a charm is called stands in its `metadata.yaml` or `charmcraft.yaml`
/// (Juju), its version in its file `version`.
pub fn charms(places: &Places<'_>) -> BTreeMap<String, Part> {
    let mut found = BTreeMap::new();
    for (below, path) in &places.files {
        let Some(rest) = below.strip_prefix("charms/") else {
            continue;
        };
        let folders = ["layers/", "ops/"];
        let bare = folders.iter().find_map(|folder| rest.strip_prefix(folder));
        let rest = bare.unwrap_or(rest);
        let name = rest.split('/').next().unwrap_or(rest);
        let place = &path[..path.len() - (rest.len() - name.len())];
        if rest == name && !name.ends_with(".charm") {
            continue;
        }
        found
            .entry(place.to_owned())
            .or_insert_with(|| charm(places, place, name));
    }
    found
}

fn charm(places: &Places<'_>, place: &str, name: &str) -> Part {
    let text = |file: &str| {
        let text = places.texts.get(format!("{place}/{file}").as_str());
        text.map(|text| (*text).to_owned())
    };
    let metadata = ["metadata.yaml", "charmcraft.yaml"]
        .iter()
        .find_map(|file| Some(yaml::parse(file, text(file)?, Limits::default())));
    let field = |key: &str| {
        let root = metadata.as_ref()?.root()?;
        Some(root.get(key)?.str()?.to_owned())
    };
    let own = field("name");
    let name = own.as_deref().unwrap_or(name.trim_end_matches(".charm"));
    let version = text("version").map(|text| text.trim().to_owned());
    let version = version.filter(|text| !text.is_empty() && !text.contains(['\n', '\r']));
    let mut part = Part::new(PartKind::Charm, name);
    part.purl = purl::generic(name, version.as_deref(), None);
    part.version = version;
    part.description = field("summary");
    part.location = Some(place.to_owned());
    part
}
