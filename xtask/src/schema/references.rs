//! References of the models (leafrefs), followed to the values that they may
//! name. How a way is written `xtask/schemagen/src/emit.rs` explains.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use foldhash::{HashMap, HashSet};
use serde_json::Value;

use super::data::Data;
use crate::source::Profile;

/// References that lead through other references end after so many; no model
/// has half of them.
const LONGEST_CHAIN: usize = 8;

/// The references of one document, with what was found on their ways.
pub(super) struct References<'d, 'a> {
    data: &'d Data<'a>,
    profile: Profile,
    /// Where a way leads from a node: ten thousand references may lead to the
    /// same ten thousand items.
    found: RefCell<HashMap<(usize, usize), Found<'a>>>,
    /// The same for a way that leads through another reference: by the leafs
    /// that it may name and the value.
    dereferenced: RefCell<HashMap<Dereference<'a>, Found<'a>>>,
    /// The items of a list, by the leaf by which a way chooses among them.
    lists: RefCell<HashMap<ListLeaf, Rc<ByLeaf<'a>>>>,
}

/// The leafs at the end of a way, `None` where they are not known.
pub(super) type Found<'a> = Option<Rc<Targets<'a>>>;
/// A node, the list below it and a leaf of its items.
type ListLeaf = (usize, &'static str, &'static str);
type ByLeaf<'a> = HashMap<Option<&'a str>, Vec<usize>>;

type Dereference<'a> = (usize, usize, Option<&'a str>);

/// The leafs that a reference may name.
pub(super) struct Targets<'a> {
    leafs: Vec<(usize, Option<&'a str>)>,
    /// The same by their value, where they are many.
    by_value: OnceCell<ByLeaf<'a>>,
    known: OnceCell<Arc<[String]>>,
    /// Whether one of the nodes that should have such a leaf has none.
    pub is_one_unnamed: bool,
    /// A node in which those nodes would stand, where the way leads to one.
    pub around: Option<usize>,
}

impl<'a> Targets<'a> {
    /// The leafs of that name below nodes.
    fn new(data: &Data<'a>, around: Option<usize>, nodes: &[usize], leaf: &str) -> Self {
        let mut leafs = Vec::with_capacity(nodes.len());
        let mut is_one_unnamed = false;
        for node in nodes {
            let before = leafs.len();
            let own = data.below(*node, leaf);
            leafs.extend(own.map(|leaf| (leaf, data.value(leaf))));
            is_one_unnamed |= leafs.len() == before;
        }
        Targets {
            leafs,
            is_one_unnamed,
            around,
            by_value: OnceCell::new(),
            known: OnceCell::new(),
        }
    }

    /// The leafs of that value.
    fn of(&self, value: Option<&'a str>) -> Vec<usize> {
        const FEW: usize = 16;
        if self.leafs.len() <= FEW {
            let same = self.leafs.iter().filter(|(_, own)| *own == value);
            return same.map(|(leaf, _)| *leaf).collect();
        }
        let by_value = self.by_value.get_or_init(|| {
            let mut by_value: ByLeaf<'a> = HashMap::default();
            for (leaf, value) in &self.leafs {
                by_value.entry(*value).or_default().push(*leaf);
            }
            by_value
        });
        by_value.get(&value).cloned().unwrap_or_default()
    }

    /// Whether there is one of that value.
    pub fn has(&self, value: Option<&'a str>) -> bool {
        match self.by_value.get() {
            Some(by_value) => by_value.contains_key(&value),
            None => !self.of(value).is_empty(),
        }
    }

    /// The values that there are, each once.
    pub fn known(&self) -> Arc<[String]> {
        let list = self.known.get_or_init(|| {
            let mut seen = HashSet::default();
            let values = self.leafs.iter().map(|(_, value)| *value);
            let values = values.map(Option::unwrap_or_default);
            values
                .filter(|v| seen.insert(*v))
                .map(str::to_owned)
                .collect()
        });
        Arc::clone(list)
    }
}

impl<'d, 'a> References<'d, 'a> {
    /// Those of a document, followed as a profile has it.
    pub fn new(data: &'d Data<'a>, profile: Profile) -> Self {
        References {
            data,
            profile,
            found: RefCell::default(),
            dereferenced: RefCell::default(),
            lists: RefCell::default(),
        }
    }

    /// The values that the reference at a node may name; `None` where they are
    /// not known.
    pub fn of(&self, node: usize, reference: &'static Value) -> Found<'a> {
        self.follow(self.way(reference), node, 0)
    }

    /// The way that holds: the module's, or the one that was meant.
    pub fn way(&self, reference: &'static Value) -> &'static Value {
        match (self.profile, reference.get("repaired")) {
            (Profile::EtsiLiteral, _) | (_, None) => reference,
            (_, Some(repaired)) => repaired,
        }
    }

    /// The kind of the other descriptor that the reference at a node leads into:
    /// by itself, or by one that it goes through.
    pub fn elsewhere(&self, node: usize, reference: &'static Value) -> Option<String> {
        let mut open = vec![(node, reference)];
        for _ in 0..LONGEST_CHAIN {
            let (node, reference) = open.pop()?;
            let way = self.way(reference);
            if let Some(kind) = way["external"].as_str() {
                return Some(kind.to_owned());
            }
            let through = way.get("deref").and_then(|way| self.follow(way, node, 0));
            for (source, _) in through.iter().flat_map(|targets| &targets.leafs) {
                open.extend(
                    self.data
                        .get(*source)
                        .stated
                        .leafref
                        .map(|way| (*source, way)),
                );
            }
        }
        None
    }

    /// The leafs that a way leads to, or `None` where that is not known: in
    /// another descriptor that is not in the document, or behind a reference
    /// that leads nowhere, of which enough is said there.
    fn follow(&self, way: &'static Value, from: usize, depth: usize) -> Option<Rc<Targets<'a>>> {
        if depth > LONGEST_CHAIN {
            return None;
        }
        let Some(deref) = way.get("deref") else {
            let start = if way["root"] == true { 0 } else { from };
            let start = self.data.above(start, up(way));
            if chooses(way) {
                return self.descend(way, vec![start], from, depth);
            }
            let key = (address(way), start);
            if let Some(found) = self.found.borrow().get(&key) {
                return found.clone();
            }
            let found = self.descend(way, vec![start], from, depth);
            self.found.borrow_mut().insert(key, found.clone());
            return found;
        };
        let sources = self.follow(deref, from, depth + 1)?;
        let mut through = Vec::new();
        for (source, value) in &sources.leafs {
            let reference = self.data.get(*source).stated.leafref?;
            let found = self.follow(self.way(reference), *source, depth + 1)?;
            through.push((found, *value));
        }
        let key = match through.as_slice() {
            [(found, value)] if !chooses(way) => Some((address(way), address(&**found), *value)),
            _ => None,
        };
        let known = |key| self.dereferenced.borrow().get(&key).cloned();
        if let Some(found) = key.and_then(known) {
            return found;
        }
        let mut targets: Vec<usize> = Vec::new();
        for (found, value) in &through {
            targets.extend(found.of(*value));
        }
        let found = match targets.is_empty() && self.profile != Profile::EtsiLiteral {
            true => None,
            false => {
                for node in &mut targets {
                    *node = self.data.above(*node, up(way));
                }
                self.descend(way, targets, from, depth)
            }
        };
        if let Some(key) = key {
            self.dereferenced.borrow_mut().insert(key, found.clone());
        }
        found
    }

    /// The rest of a way, from the nodes where its path begins.
    fn descend(
        &self,
        way: &'static Value,
        mut nodes: Vec<usize>,
        from: usize,
        depth: usize,
    ) -> Option<Rc<Targets<'a>>> {
        let leaf = way["leaf"].as_str()?;
        let is_literal = self.profile == Profile::EtsiLiteral;
        nodes.sort_unstable();
        nodes.dedup();
        let path = way["path"].as_array().map_or(&[][..], Vec::as_slice);
        let mut around = None;
        for (i, step) in path.iter().enumerate() {
            let mut next = Vec::new();
            around = nodes.first().copied();
            for node in nodes {
                next.append(&mut self.step(node, step, from, depth)?);
            }
            nodes = next;
            // Another descriptor: nothing is known of it unless it stands in
            // the same container. The first step from the top is the container.
            let is_first = i == usize::from(way["root"] == true);
            if is_first && nodes.is_empty() && way.get("external").is_some() && !is_literal {
                return None;
            }
        }
        Some(Rc::new(Targets::new(self.data, around, &nodes, leaf)))
    }

    /// The nodes of a step below a node: those with the values by which the
    /// step chooses.
    fn step(
        &self,
        node: usize,
        step: &'static Value,
        from: usize,
        depth: usize,
    ) -> Option<Vec<usize>> {
        let name = step.as_str().or(step["node"].as_str())?;
        let Some(filter) = step["where"].as_object() else {
            return Some(self.data.below(node, name).collect());
        };
        let mut chosen: Option<Vec<usize>> = None;
        for (key, way) in filter {
            let all = self.by_leaf(node, name, key);
            if all.is_empty() || chosen.as_ref().is_some_and(Vec::is_empty) {
                return Some(Vec::new());
            }
            let wanted = self.follow(way, from, depth + 1)?;
            // Each value once, or equal ones would multiply.
            let mut values: Vec<Option<&str>> = wanted.leafs.iter().map(|leaf| leaf.1).collect();
            values.sort_unstable();
            values.dedup();
            let mut fitting: Vec<usize> = values
                .iter()
                .filter_map(|value| all.get(value))
                .flatten()
                .copied()
                .collect();
            fitting.sort_unstable();
            chosen = Some(match chosen {
                None => fitting,
                Some(before) => {
                    let fits = |node: &usize| fitting.binary_search(node).is_ok();
                    before.into_iter().filter(fits).collect()
                }
            });
        }
        chosen
    }

    /// The nodes of a name below a node, by the value of a leaf of theirs.
    fn by_leaf(&self, node: usize, name: &'static str, key: &'static str) -> Rc<ByLeaf<'a>> {
        let mut lists = self.lists.borrow_mut();
        let list = lists.entry((node, name, key)).or_insert_with(|| {
            let mut by_value: ByLeaf<'a> = HashMap::default();
            for child in self.data.below(node, name) {
                let leaf = self.data.below(child, key).next();
                let value = leaf.and_then(|leaf| self.data.value(leaf));
                by_value.entry(value).or_default().push(child);
            }
            Rc::new(by_value)
        });
        Rc::clone(list)
    }
}

fn up(way: &Value) -> usize {
    let up = way["up"].as_u64().and_then(|up| usize::try_from(up).ok());
    up.unwrap_or(0)
}

/// Whether where a way leads depends on more than the node where it starts.
fn chooses(way: &Value) -> bool {
    let steps = way["path"].as_array().into_iter().flatten();
    steps.into_iter().any(|step| step.get("where").is_some())
}

/// What tells a part of a schema, or what was found, from others.
fn address<T>(value: &T) -> usize {
    std::ptr::from_ref(value) as usize
}
