//! Two descriptors side by side: items of lists are found again by their ids, and values
//! compared by their text, as YANG does.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::words::{self, KEYS, word};
use crate::descriptor::{Descriptor, Kind, local};
use crate::yaml::{Met, Node, PyScalar, Shape, pyyaml};

/// What became of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another.
    Changed,
}

/// What a change means to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// The version itself, which follows from the others.
    Version,
    /// Texts for people, and what only watches.
    Text,
    /// What is deployed, behind the same interface.
    Inside,
    /// What others refer to is gone or is called differently.
    Interface,
}

/// A step from the body of a descriptor to a place in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A key, without its module prefix.
    Key(String),
    /// The item of a list with this id.
    Item(String, String),
    /// The item of a list at this place, from 0, where items have no ids.
    Place(String, usize),
}

/// One thing that has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What became of it.
    pub sort: Sort,
    /// Where it stands.
    pub path: Vec<Step>,
    /// Its value before, of a scalar; stars for one that is hidden.
    pub before: Option<String>,
    /// Its value after, likewise.
    pub after: Option<String>,
    /// What that means.
    pub weight: Weight,
}

impl Change {
    /// In words: ``VDU `router`, `virtual-compute-desc` ``.
    pub fn what(&self) -> String {
        what(&self.path)
    }

    /// As a path: `vdu/router/virtual-compute-desc`.
    pub fn place(&self) -> String {
        place(&self.path)
    }
}

fn what(path: &[Step]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut keys: Vec<&str> = Vec::new();
    for step in path {
        match step {
            Step::Key(key) => keys.push(key),
            Step::Item(list, id) => {
                keys.clear();
                parts.push(format!("{} `{id}`", word(list)));
            }
            Step::Place(list, place) => {
                keys.clear();
                parts.push(format!("{} {}", word(list), place + 1));
            }
        }
    }
    if !keys.is_empty() {
        parts.push(format!("`{}`", keys.join("/")));
    }
    parts.join(", ")
}

pub(super) fn place(path: &[Step]) -> String {
    let steps = path.iter().map(|step| match step {
        Step::Key(key) => key.clone(),
        Step::Item(list, id) => format!("{list}/{id}"),
        Step::Place(list, place) => format!("{list}/{place}"),
    });
    steps.collect::<Vec<String>>().join("/")
}

pub(super) fn keys(path: &[Step]) -> Vec<&str> {
    path.iter()
        .map(|step| match step {
            Step::Key(key) | Step::Item(key, _) | Step::Place(key, _) => key.as_str(),
        })
        .collect()
}

/// Everything that differs between two descriptors of one kind, in the order of the second, what
/// is gone behind the rest of its list or mapping.
pub fn changes(before: &Descriptor, after: &Descriptor) -> Vec<Change> {
    let mut found = Finder {
        kind: after.kind,
        path: Vec::new(),
        changes: Vec::new(),
    };
    match (before.body(), after.body()) {
        (Some(before), Some(after)) => found.mapping(before, after),
        (before, after) if before.is_some() != after.is_some() => {
            found.add(
                if after.is_some() {
                    Sort::Added
                } else {
                    Sort::Removed
                },
                None,
                None,
            );
        }
        _ => {}
    }
    found.changes
}

struct Finder {
    kind: Kind,
    path: Vec<Step>,
    changes: Vec<Change>,
}

impl Finder {
    fn add(&mut self, sort: Sort, before: Option<Node<'_>>, after: Option<Node<'_>>) {
        let text = |node: Option<Node<'_>>| {
            let node = node?;
            let text = node.text()?;
            Some(if is_hidden(node) { HIDDEN } else { text }.to_owned())
        };
        let keys = keys(&self.path);
        let is_item = matches!(self.path.last(), Some(Step::Item(..) | Step::Place(..)));
        let weight = match (sort, is_item) {
            (Sort::Removed, true) => words::of_removal(self.kind, &keys),
            _ => words::of_value(self.kind, &keys),
        };
        self.changes.push(Change {
            sort,
            path: self.path.clone(),
            before: text(before),
            after: text(after),
            weight,
        });
        // Who loses a whole loses what is called by name in it, and is told so; a flavour or a
        // unit that is gone says enough by itself.
        if let Some(gone) = before
            && weight < Weight::Interface
        {
            self.lost(gone, &mut gone.document().met());
        }
    }

    /// What others call by its name below something that is gone.
    fn lost(&mut self, node: Node<'_>, met: &mut Met) {
        if !met.insert(node) {
            return;
        }
        for entry in node.entries() {
            let (key, value) = (entry.name(), entry.value());
            if value.shape() == Shape::Mapping {
                self.at(Step::Key(key.to_owned()), |this| this.lost(value, met));
            }
            if value.shape() != Shape::Sequence {
                continue;
            }
            for (step, item) in items(key, Some(value)) {
                self.at(step, |this| match words::is_called(key) {
                    true => this.add(Sort::Removed, Some(item), None),
                    false => this.lost(item, met),
                });
            }
        }
    }

    fn at(&mut self, step: Step, f: impl FnOnce(&mut Self)) {
        self.path.push(step);
        f(self);
        self.path.pop();
    }

    fn mapping(&mut self, before: Node<'_>, after: Node<'_>) {
        for entry in after.entries() {
            let key = entry.name();
            let old = local(before, key).filter(|node| !node.is_null());
            self.value(key, old, Some(entry.value()).filter(|node| !node.is_null()));
        }
        for entry in before.entries() {
            let key = entry.name();
            if local(after, key).is_none() {
                self.value(
                    key,
                    Some(entry.value()).filter(|node| !node.is_null()),
                    None,
                );
            }
        }
    }

    fn value(&mut self, key: &str, before: Option<Node<'_>>, after: Option<Node<'_>>) {
        let is_list = |node: Option<Node<'_>>| node.is_some_and(|n| n.shape() == Shape::Sequence);
        if is_list(before) || is_list(after) {
            return self.list(key, before, after);
        }
        let step = Step::Key(key.to_owned());
        match (before, after) {
            (None, None) => {}
            (None, Some(node)) => self.at(step, |this| this.add(Sort::Added, None, Some(node))),
            (Some(node), None) => self.at(step, |this| this.add(Sort::Removed, Some(node), None)),
            (Some(old), Some(new)) => self.at(step, |this| this.both(old, new)),
        }
    }

    fn both(&mut self, before: Node<'_>, after: Node<'_>) {
        match (before.text(), after.text()) {
            (Some(old), Some(new)) if old == new || is_one_value(before, after) => {}
            (Some(old), Some(new)) if is_one_identity(&self.path, old, new) => {}
            (None, None) => self.mapping(before, after),
            _ => self.add(Sort::Changed, Some(before), Some(after)),
        }
    }

    fn list(&mut self, key: &str, before: Option<Node<'_>>, after: Option<Node<'_>>) {
        let (old, new) = (items(key, before), items(key, after));
        let by_step: HashMap<&Step, Node<'_>> =
            old.iter().map(|(step, node)| (step, *node)).collect();
        let kept: HashSet<&Step> = new.iter().map(|(step, _)| step).collect();
        for (step, node) in &new {
            match by_step.get(step) {
                Some(before) => self.at(step.clone(), |this| this.both(*before, *node)),
                None => self.at(step.clone(), |this| {
                    this.add(Sort::Added, None, Some(*node))
                }),
            }
        }
        for (step, node) in &old {
            if !kept.contains(step) {
                self.at(step.clone(), |this| {
                    this.add(Sort::Removed, Some(*node), None)
                });
            }
        }
    }
}

/// Whether two scalars are one number or truth value, written in two ways: `2.0` and `2`, `true`
/// and `True`.
fn is_one_value(before: Node<'_>, after: Node<'_>) -> bool {
    match (pyyaml(before), pyyaml(after)) {
        (Some(PyScalar::Bool(old)), Some(PyScalar::Bool(new))) => old == new,
        (Some(PyScalar::Int(old)), Some(PyScalar::Int(new))) => old == new,
        (Some(PyScalar::Float(old)), Some(PyScalar::Float(new))) => old == new,
        (Some(PyScalar::Int(whole)), Some(PyScalar::Float(number)))
        | (Some(PyScalar::Float(number)), Some(PyScalar::Int(whole))) => whole as f64 == number,
        _ => false,
    }
}

/// What is shown of a secret.
const HIDDEN: &str = "***";

/// Whether a part of the value may not be shown.
fn is_hidden(node: Node<'_>) -> bool {
    let at = node.at();
    let mut hidden = node.document().file().hidden().iter();
    hidden.any(|range| range.start < at.end && at.start < range.end)
}

/// Whether two texts are one identity, with the prefix of its module and without (RFC 7951 §6.8).
fn is_one_identity(path: &[Step], one: &str, other: &str) -> bool {
    const KEYS: [&str; 7] = [
        "algorithm",
        "associated-layer-protocol",
        "forwarding-behaviour",
        "role",
        "type-of-storage",
        "vip-function",
        "vnic-type",
    ];
    let is_identity = keys(path).last().is_some_and(|key| KEYS.contains(key));
    let has_prefix = |with: &str, without: &str| {
        let name = with.split_once(':').map(|(_, name)| name);
        name == Some(without)
    };
    is_identity && (has_prefix(one, other) || has_prefix(other, one))
}

/// The items of a list; OSM reads one value as a list of it.
fn items<'a>(key: &str, node: Option<Node<'a>>) -> Vec<(Step, Node<'a>)> {
    match node {
        None => Vec::new(),
        Some(node) if node.shape() == Shape::Sequence => number(key, node.items().collect()),
        Some(node) => number(key, vec![node]),
    }
}

/// Items with what they are known by: an id, their own text, or else their place. Where several
/// have one id, their number is part of it.
pub(super) fn number<'a>(list: &str, items: Vec<Node<'a>>) -> Vec<(Step, Node<'a>)> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut numbered = Vec::with_capacity(items.len());
    for (place, item) in items.into_iter().enumerate() {
        let id = match item.text() {
            // Neither is a place to show a secret.
            Some(text) => Some(text.to_owned()).filter(|_| !is_hidden(item)),
            None => words::of_list(list, item).or_else(|| {
                let mut keys = KEYS.iter();
                keys.find_map(|key| Some(local(item, key)?.str()?.to_owned()))
            }),
        };
        let step = match id {
            Some(id) => {
                let count = seen.entry(id.clone()).or_default();
                *count += 1;
                match *count {
                    1 => Step::Item(list.to_owned(), id),
                    n => Step::Item(list.to_owned(), format!("{id} ({n})")),
                }
            }
            None => Step::Place(list.to_owned(), place),
        };
        numbered.push((step, item));
    }
    numbered
}
