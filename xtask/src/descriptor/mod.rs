//! Typed views on a parsed document: what kind of descriptor it is, its id and
//! version, and what it refers to.
//!
//! A descriptor is known by its content. Neither the file's name nor a version
//! field inside says what it is: `schema_version: '1.2'` stands in three
//! generations of SHIELD manifests, and no SOL006 descriptor names its model.

mod kind;
mod needs;
mod read;

use std::sync::Arc;

pub(crate) use kind::{BODY, is_template, looks_like_body, of_misspelt_key, with_article};
pub use kind::{Kind, Model, identify, sniff};
pub use needs::{Need, NeedKind, needs};
pub(crate) use read::{leaf_list, list, text, value};

use crate::diagnostic::Span;
use crate::yaml::{Document, Entry, Node, Shape, is_bare};

/// A document that was recognised.
#[derive(Clone, Debug)]
pub struct Descriptor {
    /// The document.
    pub doc: Arc<Document>,
    /// What it describes.
    pub kind: Kind,
    /// The information model it is written in.
    pub model: Model,
}

impl Descriptor {
    /// The node that holds the descriptor's own fields, below the envelope:
    /// the VNFD's mapping, the first NSD of the list, the SHIELD manifest.
    ///
    /// `None` where the text is broken or the envelope has another shape.
    pub fn body(&self) -> Option<Node<'_>> {
        let root = self.doc.root()?;
        let body = match (self.kind, self.model) {
            (kind, Model::Nfv) => {
                let (key, _) = kind::CONTAINED.iter().find(|(_, own)| *own == kind)?;
                first(local(local(root, "nfv")?, key)?)?
            }
            (Kind::Pnf, _) => local(root, "pnfd")?,
            (Kind::Vnf, Model::Sol006) => local(root, "vnfd")?,
            (Kind::Ns, Model::Sol006) => first(local(local(root, "nsd")?, "nsd")?)?,
            (Kind::Vnf, _) => first(local(local(root, "vnfd-catalog")?, "vnfd")?)?,
            (Kind::Ns, _) => first(local(local(root, "nsd-catalog")?, "nsd")?)?,
            (Kind::Nst, _) => first(local(root, "nst")?)?,
            (Kind::ShieldNs | Kind::ShieldVnsf, _) => kind::shield_root(root)?.value(),
            (Kind::Hdag, _) => root.get("hdaGraph")?,
            (Kind::Chart | Kind::Vo, _) => root,
        };
        Some(body)
    }

    /// A field of the body, whatever module prefix its key carries.
    pub fn field(&self, key: &str) -> Option<Node<'_>> {
        local(self.body()?, key)
    }

    /// The descriptor's id; the name of a chart. A SHIELD manifest has none.
    pub fn id(&self) -> Option<&str> {
        let key = match self.kind {
            Kind::ShieldNs | Kind::ShieldVnsf => return None,
            Kind::Chart | Kind::Vo => "name",
            _ => "id",
        };
        self.field(key)?.str()
    }

    /// The version that the author gives, as written. An NST has none.
    pub fn version(&self) -> Option<&str> {
        match self.kind {
            Kind::ShieldNs | Kind::ShieldVnsf | Kind::Nst | Kind::Vo => None,
            _ => self.field("version")?.str(),
        }
    }

    /// The word for what is described: that of the kind, but for a chart that
    /// says what it is (NEPHELE's annotation `specType`), its own.
    pub fn label(&self) -> &'static str {
        let spec_type = || self.field("annotations")?.get("specType")?.str();
        match (self.kind, self.kind == Kind::Chart) {
            (kind, false) => kind.as_str(),
            (kind, true) => match spec_type() {
                Some("VO") => "VO",
                Some("cVO") => "cVO",
                Some("App") => "App",
                _ => kind.as_str(),
            },
        }
    }

    /// The entry of the document that the descriptor stands under; of what stands
    /// under none, the first.
    pub fn envelope(&self) -> Option<Entry<'_>> {
        const KEYS: [&str; 8] = [
            "vnfd",
            "nsd",
            "pnfd",
            "nst",
            "nfv",
            "vnfd-catalog",
            "nsd-catalog",
            "hdaGraph",
        ];
        let root = self.doc.root()?;
        let mut entries = root.entries();
        let known = entries.find(|entry| KEYS.contains(&entry.name()));
        known.or_else(|| root.entries().next())
    }

    /// Where to point when the descriptor as a whole is meant: its id, or the
    /// key that it stands under.
    pub fn span(&self) -> Span {
        let id = match self.kind {
            Kind::Chart | Kind::Vo => self.field("name"),
            Kind::ShieldNs | Kind::ShieldVnsf => self.field("package"),
            _ => self.field("id"),
        };
        match (id, self.doc.root()) {
            (Some(id), _) => id.span(),
            (None, Some(root)) => match self.envelope() {
                Some(entry) => entry.key_span(),
                None => root.span(),
            },
            (None, None) => Span::whole(self.doc.file()),
        }
    }
}

/// A key without its YANG module prefix.
pub fn local_name(key: &str) -> &str {
    match memchr::memrchr(b':', key.as_bytes()) {
        Some(colon) => &key[colon + 1..],
        None => key,
    }
}

/// Whether a key as written is the one with that name, with or without a module
/// prefix. Its end is compared first: most keys are other ones.
pub fn is_local(key: &str, name: &str) -> bool {
    // The last letter before the rest: most keys are told apart by it.
    if key.len() < name.len() || key.as_bytes().last() != name.as_bytes().last() {
        return false;
    }
    match key.strip_suffix(name) {
        Some(prefix) => (prefix.is_empty() || prefix.ends_with(':')) && !name.contains(':'),
        None => false,
    }
}

/// The value under `key`, with or without a module prefix.
pub fn local<'a>(node: Node<'a>, key: &str) -> Option<Node<'a>> {
    local_entry(node, key).map(|entry| entry.value())
}

/// The entry under `key`, with or without a module prefix. Of several the one whose value
/// OSM's loader keeps: it takes one after the other and passes over what is empty. To the
/// items of a list it adds those of the next, and its north-bound interface looks at as
/// many as the first has.
pub fn local_entry<'a>(node: Node<'a>, key: &str) -> Option<Entry<'a>> {
    let mut entries = node
        .entries_like(key)
        .filter(|entry| is_local(entry.key(), key));
    let first = entries.next()?;
    Some(entries.fold(first, |kept, next| {
        let (own, new) = (kept.value(), next.value());
        let is_empty = new.is_null() || is_bare(new);
        let are_lists = own.shape() == Shape::Sequence && new.shape() == Shape::Sequence;
        let stays = is_empty || (are_lists && !is_bare(own));
        if stays { kept } else { next }
    }))
}

fn first(node: Node<'_>) -> Option<Node<'_>> {
    node.items().next()
}
