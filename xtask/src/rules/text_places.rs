//! Places of a descriptor at which its model takes a text and nothing else.

use std::ops::Range;

use foldhash::HashMap;

use super::{names, reading};
use crate::descriptor::Descriptor;
use crate::diagnostic::Fix;
use crate::schema::{Choice, Schema, Schemas, Step, by_name};
use crate::yaml::Node;

/// The places of one descriptor. What was said of one is kept: items of a list
/// are all alike.
pub(super) struct TextPlaces<'a> {
    descriptor: &'a Descriptor,
    root: Node<'a>,
    known: HashMap<Vec<Step<'a>>, Option<bool>>,
    /// The ways to each scalar of a text with aliases, by where it begins. Filled
    /// when it is first asked for.
    ways: Option<HashMap<usize, Vec<Vec<Step<'a>>>>>,
    /// The scalars by what OSM reads of them. Filled when it is first asked for.
    readings: Option<HashMap<String, Vec<Node<'a>>>>,
}

/// More ways to write a value than anybody uses in one descriptor.
const WAYS: usize = 16;

impl<'a> TextPlaces<'a> {
    /// The places below the root of a descriptor.
    pub fn new(descriptor: &'a Descriptor, root: Node<'a>) -> Self {
        TextPlaces {
            descriptor,
            root,
            known: HashMap::default(),
            ways: None,
            readings: None,
        }
    }

    /// Whether every model that may be asked wants a text wherever the scalar at
    /// these bytes is read; `None` where none knows such a place.
    pub fn is_text(&mut self, at: &Range<usize>) -> Option<bool> {
        let said: Vec<bool> = self
            .ways(at)
            .into_iter()
            .filter_map(|way| self.said(way))
            .collect();
        (!said.is_empty()).then(|| said.iter().all(|is_text| *is_text))
    }

    /// The key under which a text is wanted of the scalar at these bytes: an alias
    /// or a merge key may read it at a place that is none of its own.
    pub fn text_key(&mut self, at: &Range<usize>) -> Option<&'a str> {
        let ways = self.ways(at).into_iter();
        let mut ways = ways.filter(|way| {
            let key = way.clone();
            self.said(key) == Some(true)
        });
        ways.next()?.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(*key),
            Step::Item => None,
        })
    }

    /// The same fix, but not made where it would part a text from another one that is the same to
    /// OSM: `id: yes` and `'True'` are one name, and `id: 'yes'` is another.
    pub fn unless_named(&mut self, node: Node<'_>, fix: Option<Fix>) -> Option<Fix> {
        let read = reading::read(node);
        let root = self.root;
        let readings = self.readings.get_or_insert_with(|| {
            let mut readings: HashMap<String, Vec<Node<'a>>> = HashMap::default();
            names::each(root, &mut |node, _| {
                if node.text().is_none() {
                    return;
                }
                // One for each way to write it, of which there are few, however often it stands
                // there.
                let alike = readings
                    .entry(reading::read(node).into_owned())
                    .or_default();
                if alike.len() < WAYS && alike.iter().all(|one| one.text() != node.text()) {
                    alike.push(node);
                }
            });
            readings
        });
        let same = readings.get(&*read).cloned().unwrap_or_default();
        let mut others = same.iter().filter(|one| one.text() != node.text());
        match others.any(|one| self.is_text(&one.at()) == Some(true)) {
            true => fix.map(|fix| Fix {
                held: Some("because another text is the same to OSM, and would not be any more"),
                ..fix
            }),
            false => fix,
        }
    }

    fn said(&mut self, way: Vec<Step<'a>>) -> Option<bool> {
        // No descriptor that somebody wrote has scalars at more different places.
        const MANY: usize = 5_000;
        if self.known.len() >= MANY && !self.known.contains_key(&way) {
            return None;
        }
        let descriptor = self.descriptor;
        *self.known.entry(way).or_insert_with_key(|way| {
            // The first that takes something else decides, so that the others need
            // not be unpacked.
            let schemas = schemas(descriptor);
            let mut said = schemas.iter().filter_map(|schema| schema.takes_text(way));
            Some(said.next()? && said.all(|is_text| is_text))
        })
    }

    /// The ways to the scalar at these bytes.
    fn ways(&mut self, at: &Range<usize>) -> Vec<Vec<Step<'a>>> {
        let root = self.root;
        if !root.document().has_aliases() {
            return ordered_path(root, at).into_iter().collect();
        }
        let ways = self.ways.get_or_insert_with(|| all_ways(root));
        ways.get(&at.start).cloned().unwrap_or_default()
    }
}

/// The ways to the scalars of a text with aliases, of which each looks as if what
/// it names stood in its place.
fn all_ways<'a>(root: Node<'a>) -> HashMap<usize, Vec<Vec<Step<'a>>>> {
    // Aliases of aliases would make more of a short text than anybody reads.
    const MOST: usize = 20_000;
    let mut ways: HashMap<usize, Vec<Vec<Step<'a>>>> = HashMap::default();
    let mut open = vec![(root, Vec::new())];
    let mut met = 0;
    while let Some((node, way)) = open.pop() {
        met += 1;
        if met > MOST {
            break;
        }
        let to = |step: Step<'a>| [&way[..], &[step]].concat();
        open.extend(node.items().map(|item| (item, to(Step::Item))));
        let entries = node.entries();
        open.extend(entries.map(|entry| (entry.value(), to(Step::Key(entry.key())))));
        if node.text().is_some() {
            ways.entry(node.at().start).or_default().push(way);
        }
    }
    ways
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
