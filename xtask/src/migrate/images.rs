//! Software images, each described once however many VDUs boot from it.

use super::fields::{Field, Fields};
use super::losses;
use super::tree::{Entry, List, Map, Value};

/// The images that were met so far.
#[derive(Default)]
pub(super) struct Images {
    pub list: List,
    met: Vec<(Image, String)>,
}

/// What makes an image another one.
#[derive(Clone, PartialEq, Eq)]
struct Image {
    name: String,
    checksum: Option<String>,
    vim_type: Option<String>,
}

impl Images {
    /// Takes the image of a VDU and those that take its place elsewhere; gives the
    /// reference to the one and those to the others.
    pub fn take(&mut self, vdu: &Fields<'_, '_>) -> (Option<Entry>, List) {
        let own = self.one(vdu, None);
        let (others, notes) = vdu.list("alternative-images", "image", "the alternative image");
        let mut list = List::with(notes);
        for other in others {
            let vim_type = other.text("vim-type").map(str::to_owned);
            let notes = other.notes();
            match self.one(&other, vim_type) {
                Some(Entry { value, .. }) => list.items.push((value, notes)),
                None => other.work.lose(
                    other.node.span(),
                    format!("{} names no image", other.what),
                    "",
                ),
            }
            other.finish(losses::NOTHING);
        }
        (own, list)
    }

    /// Takes `image` and `image-checksum`, and gives the reference to the image.
    pub fn one(&mut self, own: &Fields<'_, '_>, vim_type: Option<String>) -> Option<Entry> {
        let checksum = own.take("image-checksum");
        let field = own.take("image");
        let name = field.and_then(|field| field.scalar(&own.what)?.str());
        let (Some(field), Some(name)) = (field, name) else {
            if let Some(checksum) = checksum {
                let message = format!("`image-checksum` of {} belongs to no image", own.what);
                own.work.lose(checksum.span(), message, "");
            }
            return None;
        };
        let hash = checksum.and_then(|checksum| hash(own, checksum));
        let image = Image {
            name: name.to_owned(),
            checksum: hash.map(|(_, hash)| hash.to_owned()),
            vim_type,
        };
        let id = match self.met.iter().find(|(met, _)| *met == image) {
            Some((_, id)) => id.clone(),
            None => self.describe(&image, hash.map(|(algorithm, _)| algorithm)),
        };
        self.met.push((image, id.clone()));
        Some(Entry {
            key: "sw-image-desc".to_owned(),
            value: Value::Text(id),
            notes: field.notes(),
        })
    }

    fn describe(&mut self, image: &Image, algorithm: Option<&str>) -> String {
        let taken = |id: &str| self.met.iter().any(|(_, met)| met == id);
        let more = (2..).map(|n| format!("{}-{n}", image.name));
        let mut ids = std::iter::once(image.name.clone()).chain(more);
        let id = ids.find(|id| !taken(id)).unwrap_or_default();
        let mut map = Map::default();
        map.text("id", id.clone());
        map.text("name", image.name.clone());
        map.text("image", image.name.clone());
        if let (Some(hash), Some(algorithm)) = (&image.checksum, algorithm) {
            let mut checksum = Map::default();
            checksum.text("algorithm", algorithm);
            checksum.text("hash", hash.clone());
            map.map("checksum", checksum);
        }
        if let Some(vim_type) = &image.vim_type {
            map.text("vim-type", vim_type.clone());
        }
        self.list.push(map);
        id
    }
}

/// The digest of an image with its algorithm, which its length tells. The new
/// model has those of the family SHA-2.
fn hash<'a>(own: &Fields<'_, 'a>, field: Field<'_, 'a>) -> Option<(&'static str, &'a str)> {
    let text = field.scalar(&own.what)?.str()?;
    let is_hex = text.bytes().all(|b| b.is_ascii_hexdigit());
    let algorithm = match text.len() {
        56 => "sha-224",
        64 => "sha-256",
        96 => "sha-384",
        128 => "sha-512",
        _ => "",
    };
    if is_hex && !algorithm.is_empty() {
        return Some((algorithm, text));
    }
    own.work.lose(
        field.span(),
        format!(
            "`image-checksum` of {} is no digest that SOL006 knows",
            own.what
        ),
        "the new model takes SHA-224, SHA-256, SHA-384 and SHA-512, and no MD5",
    );
    None
}
