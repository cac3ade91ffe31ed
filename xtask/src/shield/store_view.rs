//! What the Store reads in the descriptor of a package, in its own way.

use std::ops::Range;

use thiserror::Error;

use crate::descriptor::{Descriptor, Model};
use crate::yaml::{Node, PyScalar, pyyaml};

/// What the Store reads in a descriptor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreView {
    /// The id, which is that of the Store's record.
    pub id: String,
    /// The name.
    pub name: String,
    /// Ids of the functions that a service consists of, each once.
    pub needs: Vec<String>,
}

/// Why the Store can't read a descriptor.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Unreadable {
    /// There is nothing in it.
    #[error("the descriptor inside was not found")]
    NoDescriptor,
    /// The envelope is another.
    #[error(
        "the Store reads OSM's descriptors up to release 5 (`{list}-catalog` with a list `{list}`), \
         and this one is written in another model; what a Store takes is a descriptor in that \
         form, which `migrate` does not write"
    )]
    Model {
        /// `vnfd` or `nsd`.
        list: &'static str,
        /// Where the descriptor begins.
        at: Range<usize>,
    },
    /// The list is there and holds no descriptor, or is none.
    #[error("the Store reads the first item of the list `{list}`, and there is none")]
    Empty {
        /// `vnfd` or `nsd`.
        list: &'static str,
        /// Where the envelope begins.
        at: Range<usize>,
    },
    /// A field that is there under another key than the one that it reads.
    #[error(
        "the Store reads `{field}` in the descriptor, under exactly that key, and there is `{found}`"
    )]
    Key {
        /// The key that it reads.
        field: &'static str,
        /// The key that is there.
        found: String,
        /// Where that stands.
        at: Range<usize>,
    },
    /// A field whose value is no text to PyYAML, so that the Store keeps something else than
    /// what is written.
    #[error(
        "the Store reads `{field}` in the descriptor as {noun}, and `{value}` is not in quotes"
    )]
    NoText {
        /// The key.
        field: &'static str,
        /// What stands there.
        value: String,
        /// What that is to PyYAML.
        noun: &'static str,
        /// Where it stands.
        at: Range<usize>,
    },
    /// A field that it reads without looking whether it is there.
    #[error(
        "the Store reads `{field}` in the descriptor, under exactly that key, and there is none"
    )]
    Field {
        /// The key.
        field: &'static str,
        /// The node that lacks it.
        at: Range<usize>,
    },
}

impl StoreView {
    /// Reads a descriptor as the Store does: the first root key whatever it is, the first item
    /// of its list, and keys without prefixes.
    ///
    /// # Errors
    ///
    /// The Store would fail to read it.
    pub fn of(descriptor: &Descriptor, is_service: bool) -> Result<Self, Unreadable> {
        let list = if is_service { "nsd" } else { "vnfd" };
        let root = descriptor.doc.root().ok_or(Unreadable::NoDescriptor)?;
        let first = root.entries().next();
        let at = first.map_or(0..0, |entry| entry.key_at());
        let model = || Unreadable::Model {
            list,
            at: at.clone(),
        };
        let is_early = descriptor.model == Model::OsmIm;
        let around = first.map(|first| first.value()).filter(|_| is_early);
        if let Some(prefixed) = around.and_then(|around| prefixed(around, list)) {
            return Err(prefixed);
        }
        let body = first.and_then(|first| first.value().get(list)?.item(0));
        let body = body.ok_or_else(|| match is_early {
            true => Unreadable::Empty {
                list,
                at: at.clone(),
            },
            false => model(),
        })?;
        // Where there is no id, the descriptor is known by its list.
        let own = body.get("id").map_or(at.clone(), |id| id.at());
        let text = |field: &'static str| {
            if let Some(no_text) = no_text(body, field) {
                return Err(no_text);
            }
            let value = text(body, field);
            value.map(str::to_owned).ok_or_else(|| {
                prefixed(body, field).unwrap_or(Unreadable::Field {
                    field,
                    at: own.clone(),
                })
            })
        };
        let mut needs = Vec::new();
        if is_service {
            let field = "constituent-vnfd";
            let list = body.get(field).ok_or_else(|| match is_early {
                true => prefixed(body, field).unwrap_or(Unreadable::Field {
                    field,
                    at: own.clone(),
                }),
                false => model(),
            })?;
            let field = "vnfd-id-ref";
            for constituent in list.items() {
                let first = constituent.entries().next();
                let at = || first.map_or(own.clone(), |entry| entry.key_at());
                if let Some(no_text) = no_text(constituent, field) {
                    return Err(no_text);
                }
                let id = text_of(constituent, field).ok_or_else(|| {
                    let none = || Unreadable::Field { field, at: at() };
                    prefixed(constituent, field).unwrap_or_else(none)
                })?;
                if !needs.iter().any(|known| known == id) {
                    needs.push(id.to_owned());
                }
            }
        }
        Ok(StoreView {
            id: text("id")?,
            name: text("name")?,
            needs,
        })
    }
}

/// That a key has the prefix of a module, if it has and none is there without.
fn prefixed(node: Node<'_>, field: &'static str) -> Option<Unreadable> {
    let is_it = |key: &str| key.split_once(':').is_some_and(|(_, name)| name == field);
    let entry = node.entries().find(|entry| is_it(entry.key()))?;
    node.get(field).is_none().then(|| Unreadable::Key {
        field,
        found: entry.key().to_owned(),
        at: entry.key_at(),
    })
}

/// That a value is something else to PyYAML than a text.
fn no_text(node: Node<'_>, field: &'static str) -> Option<Unreadable> {
    let value = node.get(field)?;
    let scalar = pyyaml(value)?;
    if matches!(scalar, PyScalar::Text(_) | PyScalar::Nothing) {
        return None;
    }
    Some(Unreadable::NoText {
        field,
        value: value.text()?.to_owned(),
        noun: scalar.noun(),
        at: value.at(),
    })
}

fn text<'a>(node: Node<'a>, field: &str) -> Option<&'a str> {
    text_of(node, field).filter(|text| !text.is_empty())
}

fn text_of<'a>(node: Node<'a>, field: &str) -> Option<&'a str> {
    node.get(field)?.str()
}
