//! The Helm charts in a package, and the charts that these need.

use super::bill::{Part, PartKind};
use super::{licences, purl};
use crate::descriptor::{Descriptor, local};
use crate::yaml::Node;

/// A chart in a package.
pub struct Chart {
    /// Its folder, as a path in the archive.
    pub folder: String,
    /// What it is.
    pub part: Part,
    /// The charts that its `Chart.yaml` names.
    pub needs: Vec<Part>,
}

impl Chart {
    /// Reads the `Chart.yaml` at `path` (Helm's chart format, API v1 and v2).
    pub fn read(path: &str, descriptor: &Descriptor) -> Self {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let field = |key| Some(descriptor.field(key)?.text()?.to_owned());
        let mut part = named(
            descriptor.id().unwrap_or_default(),
            descriptor.version().map(str::to_owned),
        );
        part.description = field("description");
        part.location = Some(folder.to_owned());
        // The annotation by which Artifact Hub knows a chart's licence.
        let annotations = descriptor.field("annotations");
        let licence = annotations.and_then(|all| all.get("artifacthub.io/license"));
        part.licence = licence.and_then(|node| licences::expression(node.text()?));
        if let Some(version) = field("appVersion") {
            part.properties.push(("appVersion", version));
        }
        let dependencies = descriptor.field("dependencies");
        let dependencies = dependencies.iter().flat_map(|list| list.items());
        Chart {
            folder: folder.to_owned(),
            part,
            needs: dependencies.filter_map(dependency).collect(),
        }
    }
}

/// A chart by its name.
fn named(name: &str, version: Option<String>) -> Part {
    let mut part = Part::new(PartKind::Chart, name);
    part.purl = purl::generic(name, version.as_deref(), None);
    part.version = version;
    part
}

fn dependency(node: Node<'_>) -> Option<Part> {
    let name = local(node, "name")?.text()?;
    let wanted = local(node, "version").and_then(|node| node.text());
    // Most are ranges, and which version will be taken is not known then.
    let is_exact = |text: &&str| {
        let core = text.split(['-', '+']).next().unwrap_or_default();
        let parts: Vec<&str> = core.split('.').collect();
        let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        parts.len() == 3 && parts.iter().all(is_number) && !text.contains(' ')
    };
    let mut part = named(name, wanted.filter(is_exact).map(str::to_owned));
    if let Some(wanted) = wanted.filter(|text| !is_exact(text)) {
        part.properties.push(("versionRange", wanted.to_owned()));
    }
    let repository = local(node, "repository").and_then(|node| node.str());
    part.location = repository.map(str::to_owned);
    Some(part)
}

/// A chart as a descriptor of OSM names it: `repository/chart[:version]`, or a
/// reference into a registry.
pub fn referred(text: &str) -> Part {
    if text.starts_with("oci://")
        && let Some(reference) = purl::Reference::read(text)
    {
        let mut part = Part::new(PartKind::Chart, reference.name());
        part.version = reference.tag.map(str::to_owned);
        part.purl = Some(reference.oci());
        part.location = Some(text.to_owned());
        return part;
    }
    let last = text.rfind('/').map_or(0, |slash| slash + 1);
    let (name, version) = match text[last..].split_once(':') {
        Some((name, version)) => (name, Some(version.to_owned())),
        None => (&text[last..], None),
    };
    let mut part = named(name, version);
    part.location = Some(text.to_owned());
    part
}
