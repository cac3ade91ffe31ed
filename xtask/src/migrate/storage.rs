//! The disks of a VDU: the one that it boots from, and its `volumes`.

use super::fields::{Fields, truth};
use super::images::Images;
use super::losses;
use super::tree::{Entry, List, Map};

/// Takes the volumes of a VDU. The disk that it boots from comes first, as OSM
/// takes it.
pub(super) fn disks(own: &Fields<'_, '_>, id: &str, root: Map, images: &mut Images) -> List {
    let (volumes, notes) = own.list("volumes", "name", "the volume");
    let mut list = List::default();
    let first = format!("{id}-storage");
    if !root.is_empty() {
        let mut disk = Map::default();
        disk.text("id", first.clone());
        disk.entries.extend(root.entries);
        list.push(disk);
    }
    let mut notes = Some(notes);
    for volume in volumes {
        let name = volume.text("name").unwrap_or_default();
        let mut disk = Map {
            notes: notes.take().unwrap_or_default().and(volume.notes()),
            ..Map::default()
        };
        let new = format!("{id}-{name}");
        let new = match new == first {
            true => format!("{new}-volume"),
            false => new,
        };
        disk.text("id", new);
        disk.entry(volume.string("description", "description"));
        // It is a mark without a value; where there is one, it counts.
        let mark = volume.peek("ephemeral");
        let _ = volume.take("ephemeral");
        let is_ephemeral = mark.is_some_and(|mark| truth(mark.node()) != Some(false));
        // OSM compares this text with the prefix of its module.
        disk.text(
            "type-of-storage",
            match is_ephemeral {
                true => "etsi-nfv-descriptors:ephemeral-storage",
                false => "persistent-storage:persistent-storage",
            },
        );
        disk.entry(volume.copy("size", "size-of-storage"));
        disk.entry(volume.copy("device-bus", "device-bus"));
        if let Some(Entry { value, notes, .. }) = images.one(&volume, None) {
            disk.put("sw-image-desc", value, notes);
        }
        volume.finish(losses::VOLUME);
        list.push(disk);
    }
    if list.is_empty() && own.peek("image").is_some() {
        let message = format!("{} says nothing of the disk that it boots from", own.what);
        own.work.assume(own.node.span(), message);
    }
    list
}
