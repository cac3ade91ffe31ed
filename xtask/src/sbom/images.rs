//! The images that a VNF descriptor names.

use super::bill::{Hash, Part, PartKind};
use super::purl::{self, Reference};
use crate::descriptor::{Descriptor, Kind, Model, local};
use crate::yaml::Node;

/// The images of `descriptor`: of `sw-image-desc` (SOL 006), or of each VDU
/// (OSM's older model). What a chart starts is not among them: its values only
/// become images when Helm renders it.
pub fn images(descriptor: &Descriptor) -> Vec<Part> {
    let Some(body) = descriptor.body() else {
        return Vec::new();
    };
    let list = |node: Node<'_>, key: &str, read: fn(Node<'_>) -> Option<Part>| {
        let items = local(node, key);
        let items = items.iter().flat_map(|list| list.items());
        items.filter_map(read).collect::<Vec<Part>>()
    };
    match (descriptor.kind, descriptor.model) {
        (Kind::Vnf, Model::Sol006 | Model::Nfv) => list(body, "sw-image-desc", described),
        (Kind::Vnf, _) => {
            let vdus = local(body, "vdu");
            let vdus = vdus.iter().flat_map(|list| list.items());
            let of = |vdu: Node<'_>| {
                let mut images: Vec<Part> = of_vdu(vdu).into_iter().collect();
                images.extend(list(vdu, "alternative-images", of_vdu));
                images
            };
            vdus.flat_map(of).collect()
        }
        _ => Vec::new(),
    }
}

fn described(image: Node<'_>) -> Option<Part> {
    let text = |key: &str| Some(local(image, key)?.text()?.to_owned());
    let file = text("image");
    let name = text("name").or(text("id"))?;
    let is_container = text("container-format").is_some_and(|format| format == "docker");
    let hash = local(image, "checksum").and_then(|sum| {
        let (algorithm, hash) = (local(sum, "algorithm")?.str()?, local(sum, "hash")?.str()?);
        Hash::read(algorithm, hash)
    });
    let location = file.unwrap_or(name.clone());
    // A digest behind a name with a host is that of a manifest, whatever else is said.
    let in_registry = Reference::read(&location);
    let in_registry = in_registry.is_some_and(|one| one.digest.is_some() && one.host.is_some());
    let is_container = is_container || in_registry;
    Some(part(is_container, name, text("version"), location, hash))
}

fn of_vdu(vdu: Node<'_>) -> Option<Part> {
    let image = local(vdu, "image")?.text()?.to_owned();
    let sum = local(vdu, "image-checksum").and_then(|sum| sum.text());
    // MD5 by the model's own words.
    let hash = sum.and_then(|sum| Hash::read("md5", sum));
    Some(part(false, image.clone(), None, image, hash))
}

fn part(
    is_container: bool,
    name: String,
    version: Option<String>,
    location: String,
    hash: Option<(Hash, String)>,
) -> Part {
    let sha256 = hash.as_ref().filter(|(kind, _)| *kind == Hash::Sha256);
    let sha256 = sha256.map(|(_, hash)| hash.as_str());
    let generic = || purl::generic(&name, version.as_deref(), sha256);
    let (kind, purl) = match is_container {
        true => {
            let reference = Reference::read(&location);
            let purl = reference.map(|one| match one.digest {
                Some(_) => one.oci(),
                None => one.docker(),
            });
            (PartKind::Container, purl.or_else(generic))
        }
        false => (PartKind::Image, generic()),
    };
    let mut part = Part::new(kind, name);
    part.purl = purl;
    part.version = version;
    part.location = Some(location);
    part.hashes.extend(hash);
    part
}
