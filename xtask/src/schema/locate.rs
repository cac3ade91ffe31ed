//! The place that an error of `jsonschema` speaks of, in the spanned tree, and what is
//! asked of the schema for it again and again.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use jsonschema::Validator;
use serde_json::Value;

use super::coercion;
use super::keyword::{Rule, segments};
use super::translate::item_fault;
use super::violation::ViolationKind;
use crate::descriptor::local_name;
use crate::source::Profile;
use crate::yaml::{Entry, Node, Shape};

/// A node with the key that leads to it.
pub(super) struct Place<'a> {
    pub node: Node<'a>,
    pub key: Option<Range<usize>>,
    pub path: String,
}

impl Place<'_> {
    /// The scalar itself, or the key where the value is a collection: a caret
    /// below forty lines helps nobody.
    pub fn caret(&self) -> Range<usize> {
        match (&self.key, self.node.text()) {
            (_, Some(text)) if !text.is_empty() && !self.node.at().is_empty() => self.node.at(),
            (Some(key), _) => key.clone(),
            (None, _) => {
                let first = self.node.entries().next().map(|entry| entry.key_at());
                first.unwrap_or_else(|| self.node.at())
            }
        }
    }
}

/// The node that a pointer leads to.
pub(super) fn locate<'a>(
    root: Node<'a>,
    pointer: &str,
    lexical: bool,
    known: &mut Known<'a>,
) -> Place<'a> {
    let mut place = Place {
        node: root,
        key: None,
        path: String::new(),
    };
    for segment in segments(pointer) {
        let entry = known.entry(place.node, &segment, lexical);
        if let Some(entry) = entry {
            place.node = entry.value();
            place.key = Some(entry.key_at());
        } else if let Some(item) = segment.parse().ok().and_then(|i| place.node.item(i)) {
            place.node = item;
            place.key = None;
        } else if segment == "0" && place.node.shape() == Shape::Mapping {
            // It is the only item of a list that is not written.
            place.key = None;
            continue;
        } else {
            break;
        }
        if !place.path.is_empty() {
            place.path.push('/');
        }
        place.path.push_str(&segment);
    }
    place
}

/// What is asked of the schema again and again: the same for most of ten
/// thousand items.
#[derive(Default)]
pub(super) struct Known<'a> {
    /// The first entry of each key of a mapping that has many.
    entries: HashMap<usize, HashMap<&'a str, Entry<'a>>>,
    /// The keys that a mapping may have, and those of them that it does not have
    /// yet.
    known: HashMap<usize, Arc<[String]>>,
    free: HashMap<(usize, Vec<usize>), Arc<[String]>>,
    /// What judges an item of a list of values.
    items: HashMap<usize, Option<Validator>>,
}

impl<'a> Known<'a> {
    /// The entry of a key, without its prefix where that says nothing.
    fn entry(&mut self, node: Node<'a>, key: &str, lexical: bool) -> Option<Entry<'a>> {
        const FEW: usize = 64;
        let name = |entry: &Entry<'a>| match lexical {
            true => entry.name(),
            false => entry.key(),
        };
        if node.entries().len() <= FEW {
            return node.entries().find(|entry| name(entry) == key);
        }
        let entries = self.entries.entry(node.index()).or_insert_with(|| {
            let mut first = HashMap::new();
            for entry in node.entries() {
                first.entry(name(&entry)).or_insert(entry);
            }
            first
        });
        entries.get(key).copied()
    }

    /// What stands against a scalar as the only item of the list of texts that was
    /// asked for: what the model has against its text or, for OSM's loader, that
    /// YAML reads it as something else. Whoever takes one item without its list
    /// takes it if nothing does.
    pub fn single(&mut self, rule: &Rule<'_>, node: Node<'_>, profile: Profile) -> Single {
        let Some(written) = node.text() else {
            return Single::NoItem;
        };
        // OSM takes off the prefix of an identity, whatever that is, but only one.
        let text = match rule.takes_identities() {
            true if coercion::is_known_identity(written, false, rule.item_options()) => {
                local_name(written)
            }
            _ => written,
        };
        let address = std::ptr::from_ref(rule.parent) as usize;
        let validator = self.items.entry(address);
        let validator = validator.or_insert_with(|| rule.item_validator().ok());
        // A schema of ours that is none would be found by the tests.
        let Some(validator) = validator.as_ref() else {
            return Single::NoItem;
        };
        let text = Value::String(text.to_owned());
        if let Err(error) = validator.validate(&text) {
            return match item_fault(&error, rule, node, written.to_owned()) {
                Some(kind) => Single::Wrong(kind),
                None => Single::NoItem,
            };
        }
        match coercion::read(node).filter(|_| profile == Profile::Osm) {
            Some(found) => Single::Wrong(ViolationKind::wrong_type("a string", found)),
            None => Single::Taken,
        }
    }

    /// The keys that a mapping may have, and those of them that it has not.
    pub fn of(&mut self, rule: &Rule<'_>, present: &HashSet<&str>) -> [Arc<[String]>; 2] {
        let address = std::ptr::from_ref(rule.parent) as usize;
        let known = self.known.entry(address);
        let known = Arc::clone(known.or_insert_with(|| rule.known_keys().into()));
        let is_free = |i: &usize| !present.contains(known[*i].as_str());
        let free: Vec<usize> = (0..known.len()).filter(is_free).collect();
        let free = self.free.entry((address, free));
        let free =
            free.or_insert_with_key(|(_, free)| free.iter().map(|i| known[*i].clone()).collect());
        [Arc::clone(&known), Arc::clone(free)]
    }
}

/// A scalar in the place of a list of values.
pub(super) enum Single {
    /// It would be right as the only item.
    Taken,
    /// It would not, and this is what is wrong with it.
    Wrong(ViolationKind),
    /// Not to be told.
    NoItem,
}
