//! What a descriptor needs beside images, as parts that are not in the package.

use super::bill::{Part, PartKind};
use super::charts;
use super::purl::{self, Reference};
use crate::descriptor::{Need, NeedKind};

/// The part that a need names; none for an image, which says more of itself
/// where it is described.
pub fn part(need: &Need) -> Option<Part> {
    let id = need.id.as_str();
    let mut part = match need.kind {
        NeedKind::Image => return None,
        NeedKind::Helm => charts::referred(id),
        NeedKind::Artifact => match Reference::read(id) {
            Some(reference) => {
                let mut part = Part::new(PartKind::Artifact, reference.name());
                part.version = reference.tag.map(str::to_owned);
                part.purl = Some(reference.oci());
                part
            }
            None => plain(PartKind::Artifact, id),
        },
        NeedKind::Juju => plain(PartKind::Bundle, id),
        NeedKind::Vnf | NeedKind::Ns | NeedKind::Pnf => {
            let mut part = plain(PartKind::Function, id);
            let kind = need.kind.as_str().to_owned();
            part.properties.push(("descriptorType", kind));
            part
        }
    };
    part.location = Some(id.to_owned());
    Some(part)
}

fn plain(kind: PartKind, name: &str) -> Part {
    let mut part = Part::new(kind, name);
    part.purl = purl::generic(name, None, None);
    part
}
