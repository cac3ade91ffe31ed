//! Places of a descriptor at which its model takes a text and nothing else.

use std::ops::Range;

use foldhash::HashMap;

use crate::descriptor::Descriptor;
use crate::schema::{Choice, Schema, Schemas, Step, by_name};
use crate::yaml::{Entry, Node};

/// The places of one descriptor. What was said of one is kept: items of a list
/// are all alike.
pub(super) struct TextPlaces<'a> {
    descriptor: &'a Descriptor,
    root: Node<'a>,
    known: HashMap<Vec<Step<'a>>, Option<bool>>,
}

impl<'a> TextPlaces<'a> {
    /// The places below the root of a descriptor.
    pub fn new(descriptor: &'a Descriptor, root: Node<'a>) -> Self {
        TextPlaces {
            descriptor,
            root,
            known: HashMap::default(),
        }
    }

    /// Whether every model that may be asked wants a text where the scalar at
    /// these bytes stands; `None` where none knows the place.
    pub fn is_text(&mut self, at: &Range<usize>) -> Option<bool> {
        let path = path(self.root, at)?;
        let descriptor = self.descriptor;
        *self.known.entry(path).or_insert_with_key(|path| {
            let said: Vec<bool> = schemas(descriptor)
                .iter()
                .filter_map(|schema| schema.takes_text(path))
                .collect();
            (!said.is_empty()).then(|| said.iter().all(|is_text| *is_text))
        })
    }
}

/// Every schema that may be asked about the descriptor.
fn schemas(descriptor: &Descriptor) -> Vec<&'static Schema> {
    match Schemas::of(descriptor, &Choice::default()) {
        Schemas::Newest(schemas) => schemas,
        Schemas::Shield(_) => ["shield/store-head", "shield/docs", "shield/legacy"]
            .into_iter()
            .filter_map(by_name)
            .collect(),
    }
}

/// The way to the scalar at these bytes.
fn path<'a>(root: Node<'a>, at: &Range<usize>) -> Option<Vec<Step<'a>>> {
    // Of more nodes than this, not all are looked at for each scalar.
    const MANY: usize = 5_000;
    let doc = root.document();
    ordered_path(root, at).or_else(|| {
        let is_small = doc.has_aliases() && doc.len() <= MANY;
        is_small.then(|| searched_path(root, at))?
    })
}

/// The way to a scalar in a text with aliases, of which each looks as if it stood
/// where the node is that it names.
fn searched_path<'a>(root: Node<'a>, at: &Range<usize>) -> Option<Vec<Step<'a>>> {
    let holds = |node: Node<'a>| node.at().start <= at.start && at.end <= node.at().end;
    let mut path = Vec::new();
    let mut node = root;
    while node.style().is_none() {
        let is_own = |entry: &Entry<'a>| {
            !entry.is_merged() && entry.key_at().end <= entry.value().at().start
        };
        let mut entries = node.entries().filter(is_own);
        node = match node.items().find(|item| holds(*item)) {
            Some(item) => {
                path.push(Step::Item);
                item
            }
            None => {
                let entry = entries.find(|entry| holds(entry.value()))?;
                path.push(Step::Key(entry.key()));
                entry.value()
            }
        };
    }
    (node.at() == *at).then_some(path)
}

/// The way to a scalar in a text without aliases, where children stand in order.
fn ordered_path<'a>(root: Node<'a>, at: &Range<usize>) -> Option<Vec<Step<'a>>> {
    let mut path = Vec::new();
    let mut node = root;
    while node.style().is_none() {
        if node.items().len() > 0 {
            let start = |i| node.item(i).map(|item| item.at().start);
            let i = last(node.items().len(), at.start, start)?;
            path.push(Step::Item);
            node = node.item(i)?;
        } else {
            let start = |i| node.entry_at(i).map(|entry| entry.key_at().start);
            let i = last(node.entries().len(), at.start, start)?;
            let entry = node.entry_at(i)?;
            path.push(Step::Key(entry.key()));
            node = entry.value();
        }
    }
    (node.at() == *at).then_some(path)
}

/// The last of `len` children that begins at or before `at`.
fn last(len: usize, at: usize, start: impl Fn(usize) -> Option<usize>) -> Option<usize> {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = usize::midpoint(low, high);
        if start(middle)? <= at {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low.checked_sub(1)
}
