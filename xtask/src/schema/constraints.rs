//! What the models demand beyond JSON Schema: keys of lists and values that
//! differ, references that lead somewhere, and digits that there is room for.
//! The keywords are explained in `xtask/schemagen/src/emit.rs`.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use foldhash::{HashMap, HashSet};
use serde_json::Value;

use super::coercion;
use super::data::Data;
use super::keys;
use super::path::{is_inside, join};
use super::violation::{Violation, ViolationKind};
use crate::source::Profile;

/// References that lead through other references end after so many; no model
/// has half of them.
const LONGEST_CHAIN: usize = 8;

/// The pattern for names of interfaces: a class of letters where one of several
/// words was meant (defect 15).
pub(super) const INTERFACES: &str = "^(?:vnf-[lcm|pm|fm])$";

/// The number of the defect that a statement is or mends.
pub(super) fn defect(statement: &Value) -> Option<u8> {
    u8::try_from(statement["defect"].as_u64()?).ok()
}

/// Adds every violation that a document has, until there are more than `most`.
/// `is_loaded` says that today's OSM loads such documents, and is the judge.
pub(super) fn check(
    data: &Data<'_>,
    profile: Profile,
    is_loaded: bool,
    most: usize,
    violations: &mut Vec<Violation>,
) {
    let judge = Judge {
        data,
        profile,
        found: RefCell::default(),
        dereferenced: RefCell::default(),
        lists: RefCell::default(),
    };
    keys::check(data, profile, is_loaded, violations);
    // OSM's loader is content with a choice that nothing but an empty container
    // makes.
    if profile != Profile::Osm {
        judge.hollow(violations);
    }
    let mut keys = HashMap::default();
    let mut values = HashMap::default();
    let mut refused = HashSet::default();
    for (index, node) in data.all() {
        if violations.len() > most {
            break;
        }
        judge.duplicate(index, &mut keys, violations);
        if is_loaded {
            judge.loadable(index, &mut refused, violations);
        }
        judge.repeated(index, &mut values, violations);
        judge.digits(index, violations);
        judge.characters(index, violations);
        let is_interface = node.stated.pattern == Some(INTERFACES);
        if is_interface && profile != Profile::EtsiLiteral {
            judge.interface(index, violations);
        }
        if let Some(reference) = node.stated.leafref.filter(|_| node.text.is_some()) {
            judge.reference(index, reference, violations);
        }
    }
    if !refused.is_empty() {
        let own = violations.iter_mut();
        let own = own.filter(|violation| refused.contains(&violation.path));
        own.for_each(|violation| violation.tolerated = false);
    }
}

/// A list, and the values of the keys of an item: the first, and the others.
type Keys<'a> = (usize, &'a str, Cow<'a, str>, Vec<Cow<'a, str>>);

struct Judge<'d, 'a> {
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
type Found<'a> = Option<Rc<Targets<'a>>>;
/// A node, the list below it and a leaf of its items.
type ListLeaf = (usize, &'static str, &'static str);
type ByLeaf<'a> = HashMap<Option<&'a str>, Vec<usize>>;

type Dereference<'a> = (usize, usize, Option<&'a str>);

/// The leafs that a reference may name.
struct Targets<'a> {
    leafs: Vec<(usize, Option<&'a str>)>,
    /// The same by their value, where they are many.
    by_value: OnceCell<ByLeaf<'a>>,
    known: OnceCell<Arc<[String]>>,
}

impl<'a> Targets<'a> {
    fn new(data: &Data<'a>, leafs: Vec<usize>) -> Self {
        let valued = leafs.into_iter().map(|leaf| (leaf, data.value(leaf)));
        Targets {
            leafs: valued.collect(),
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
    fn has(&self, value: Option<&'a str>) -> bool {
        match self.by_value.get() {
            Some(by_value) => by_value.contains_key(&value),
            None => !self.of(value).is_empty(),
        }
    }

    /// The values that there are, each once.
    fn known(&self) -> Arc<[String]> {
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

impl<'a> Judge<'_, 'a> {
    /// Tells of what OSM's loader refuses though the model has nothing against
    /// its text: an empty key of a list, and in a list of texts a value that YAML
    /// reads as something else. A key that is no scalar is not let pass either,
    /// and its path is added to `refused`.
    fn loadable(
        &self,
        index: usize,
        refused: &mut HashSet<String>,
        violations: &mut Vec<Violation>,
    ) {
        let node = self.data.get(index);
        let Some(list) = node.list else { return };
        for key in list.keys.iter().filter(|_| list.keys.len() == 1) {
            for leaf in self.data.below(index, key) {
                let datum = self.data.get(leaf);
                if datum.text.is_none() {
                    refused.insert(self.data.path(leaf));
                } else if datum.text.is_some_and(str::is_empty) {
                    violations.push(Violation {
                        kind: ViolationKind::ListKey {
                            key: (*key).to_owned(),
                            written: None,
                        },
                        at: datum.at.clone(),
                        path: self.data.path(index),
                        tolerated: false,
                        defect: None,
                    });
                }
            }
        }
        let is_value = list.keys.is_empty() && self.data.is_item(index);
        let text = node.text.filter(|_| is_value);
        let Some(text) = text.filter(|text| node.stated.is_text && node.at.len() == text.len())
        else {
            return;
        };
        if let Some(found) = coercion::read_as(text) {
            violations.push(Violation {
                kind: ViolationKind::WrongType {
                    expected: "a string".to_owned(),
                    found: found.to_owned(),
                    is_single_item: false,
                    item_keys: Vec::new(),
                },
                at: node.at.clone(),
                path: self.data.path(index),
                tolerated: false,
                defect: None,
            });
        }
    }

    /// Tells of an item that has the keys of one before it.
    fn duplicate(
        &self,
        index: usize,
        seen: &mut HashMap<Keys<'a>, usize>,
        violations: &mut Vec<Violation>,
    ) {
        let node = self.data.get(index);
        let Some(keys) = node.list.map(|list| &list.keys).filter(|k| !k.is_empty()) else {
            return;
        };
        let leaf = |key: &str| {
            let leaf = self.data.below(index, key).next()?;
            Some((leaf, self.data.canonical(leaf)?))
        };
        let Some((first, others)) = keys.split_first() else {
            return;
        };
        let Some((own, value)) = leaf(first) else {
            return;
        };
        let others = others.iter().map(|key| Some(leaf(key)?.1));
        let Some(others) = others.collect::<Option<Vec<Cow<'_, str>>>>() else {
            return;
        };
        match seen.entry((node.parent, node.name, value, others)) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(own);
            }
            std::collections::hash_map::Entry::Occupied(entry) => violations.push(Violation {
                kind: ViolationKind::DuplicateKey {
                    keys: keys.iter().copied().map(str::to_owned).collect(),
                    value: {
                        let (_, _, value, others) = entry.key();
                        let values = std::iter::once(value).chain(others);
                        values.map(AsRef::as_ref).collect::<Vec<&str>>().join(" ")
                    },
                    first: self.data.get(*entry.get()).at.clone(),
                },
                at: self.data.get(own).at.clone(),
                path: self.data.path(index),
                tolerated: true,
                defect: None,
            }),
        }
    }

    /// Tells of a value that stands twice in a list, written in two ways: an
    /// identity with the prefix of its module and without, a number with a zero
    /// in front. To JSON Schema they differ.
    fn repeated(
        &self,
        index: usize,
        seen: &mut HashMap<(usize, &'a str, Option<Cow<'a, str>>), usize>,
        violations: &mut Vec<Violation>,
    ) {
        let node = self.data.get(index);
        if node.list.is_none() || !(node.stated.is_whole || node.stated.is_qualified) {
            return;
        }
        let Some(value) = self.data.canonical(index) else {
            return;
        };
        let first = match seen.entry((node.parent, node.name, Some(value))) {
            std::collections::hash_map::Entry::Occupied(entry) => *entry.get(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(index);
                return;
            }
        };
        // Nothing stands for the list as a whole, which is told of once.
        if seen.insert((node.parent, node.name, None), index).is_some() {
            return;
        }
        let path = join(&self.data.path(node.parent), node.name);
        let is_told = |violation: &Violation| {
            matches!(violation.kind, ViolationKind::Repeated { .. }) && violation.path == path
        };
        if violations.iter().any(is_told) {
            return;
        }
        violations.push(Violation {
            kind: ViolationKind::Repeated {
                value: node.text.unwrap_or_default().to_owned(),
                first: self.data.get(first).at.clone(),
            },
            at: node.at.clone(),
            path,
            tolerated: true,
            defect: None,
        });
    }

    /// Tells of choices that must be made, and of which there is nothing but
    /// empty containers; nothing is asked of those.
    fn hollow(&self, violations: &mut Vec<Violation>) {
        let mut hollow: HashSet<String> = HashSet::default();
        let mut unmade = Vec::new();
        for (index, node) in self.data.all().filter(|(_, node)| node.text.is_none()) {
            for choice in &node.stated.choices {
                let there = |name: &&str| self.data.below(index, name).collect::<Vec<usize>>();
                let there: Vec<usize> = choice.options.iter().flat_map(there).collect();
                let mut empty = there.clone();
                empty.retain(|node| self.data.is_hollow(*node));
                hollow.extend(empty.iter().map(|node| self.data.path(*node)));
                // That nothing is there has been told.
                if choice.is_needed && !there.is_empty() && empty.len() == there.len() {
                    unmade.push(Violation {
                        kind: ViolationKind::NoneOf {
                            options: choice.options.iter().map(ToString::to_string).collect(),
                        },
                        at: node.at.clone(),
                        path: self.data.path(index),
                        tolerated: true,
                        defect: None,
                    });
                }
            }
        }
        // What is not there misses nothing.
        violations.retain(|violation| {
            let is_missing = matches!(violation.kind, ViolationKind::MissingKey { .. });
            !(is_missing && is_inside(&violation.path, &hollow))
        });
        violations.append(&mut unmade);
    }

    /// Tells of digits behind the point where there is no room for them: a
    /// whole number is written without a point, whatever its value.
    fn digits(&self, index: usize, violations: &mut Vec<Violation>) {
        let node = self.data.get(index);
        let Some(text) = node.text else { return };
        // Nearly every value begins with a letter.
        let first = text.as_bytes().first();
        if !first.is_some_and(|first| first.is_ascii_digit() || matches!(first, b'-' | b'+')) {
            return;
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let amount = whole.trim_start_matches(['-', '+']);
        if amount.is_empty() || !is_digits(amount) || !is_digits(fraction) {
            return;
        }
        let room = node.stated.fraction_digits;
        let is_whole = node.stated.is_whole;
        // Zeros at the end say nothing.
        let digits = fraction.trim_end_matches('0').len() as u64;
        let expected = match room {
            Some(room) if digits > room => {
                let plural = if room == 1 { "" } else { "s" };
                format!("a number with at most {room} digit{plural} behind the point")
            }
            Some(room) if !fits(whole, fraction, room) && !is_told(violations, &node.at) => {
                "a number of 64 bits, those behind the point included".to_owned()
            }
            None if is_whole && digits == 0 && text.contains('.') => {
                "a whole number, written without a point".to_owned()
            }
            _ => return,
        };
        // Python's `int` takes the number 1.0 and not the text.
        let is_quoted = node.at.len() != text.len();
        violations.push(Violation {
            kind: ViolationKind::WrongType {
                expected,
                found: format!("`{text}`"),
                is_single_item: false,
                item_keys: Vec::new(),
            },
            at: node.at.clone(),
            path: self.data.path(index),
            tolerated: room.is_some() || !is_quoted,
            defect: None,
        });
    }

    /// Tells of characters that no text of YANG holds (RFC 7950 §9.4): control
    /// characters but for tab and line ends, and code points that are none.
    fn characters(&self, index: usize, violations: &mut Vec<Violation>) {
        let node = self.data.get(index);
        let Some(text) = node.text.filter(|text| text.bytes().any(is_doubtful)) else {
            return;
        };
        let Some(strange) = text.chars().find(|c| is_strange(*c)) else {
            return;
        };
        violations.push(Violation {
            kind: ViolationKind::BadFormat {
                value: text.to_owned(),
                format: format!("a text without the character U+{:04X}", u32::from(strange)),
            },
            at: node.at.clone(),
            path: self.data.path(index),
            tolerated: true,
            defect: None,
        });
    }

    /// Tells of a reference that leads nowhere.
    fn reference(&self, index: usize, reference: &'static Value, violations: &mut Vec<Violation>) {
        let Some(targets) = self.follow(self.way(reference), index, 0) else {
            return;
        };
        let value = self.data.value(index);
        if targets.has(value) {
            return;
        }
        let way = self.way(reference);
        let last = way["path"].as_array().and_then(|path| path.last());
        let is_literal = self.profile == Profile::EtsiLiteral;
        let list = last.and_then(|step| step.as_str().or(step["node"].as_str()));
        violations.push(Violation {
            kind: ViolationKind::DanglingReference {
                value: value.unwrap_or_default().to_owned(),
                target: list.unwrap_or_default().to_owned(),
                leaf: way["leaf"].as_str().unwrap_or_default().to_owned(),
                chosen: chosen(last),
                known: targets.known(),
            },
            at: self.data.get(index).at.clone(),
            path: self.data.path(index),
            tolerated: true,
            defect: defect(&reference["repaired"]).filter(|_| is_literal),
        });
    }

    /// Tells of the name of an interface of another kind than was meant.
    fn interface(&self, index: usize, violations: &mut Vec<Violation>) {
        const MEANT: [&str; 3] = ["vnf-lcm", "vnf-pm", "vnf-fm"];
        let node = self.data.get(index);
        let Some(text) = node.text.filter(|text| !MEANT.contains(text)) else {
            return;
        };
        violations.push(Violation {
            kind: ViolationKind::BadFormat {
                value: text.to_owned(),
                format: "`vnf-lcm`, `vnf-pm` or `vnf-fm`".to_owned(),
            },
            at: node.at.clone(),
            path: self.data.path(index),
            tolerated: false,
            defect: None,
        });
    }

    /// The way that holds: the module's, or the one that was meant.
    fn way(&self, reference: &'static Value) -> &'static Value {
        match (self.profile, reference.get("repaired")) {
            (Profile::EtsiLiteral, _) | (_, None) => reference,
            (_, Some(repaired)) => repaired,
        }
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
        for (i, step) in path.iter().enumerate() {
            let mut next = Vec::new();
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
        let leafs = nodes.iter().flat_map(|node| self.data.below(*node, leaf));
        Some(Rc::new(Targets::new(self.data, leafs.collect())))
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

/// Whether a byte may belong to a character that no text holds.
fn is_doubtful(byte: u8) -> bool {
    (byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte >= 0xEF
}

fn is_strange(c: char) -> bool {
    let code = u32::from(c);
    let is_control = code < 0x20 && !matches!(c, '\t' | '\n' | '\r');
    is_control || (0xFDD0..=0xFDEF).contains(&code) || code & 0xFFFE == 0xFFFE
}

/// Whether the bounds of a number have been told of.
fn is_told(violations: &[Violation], at: &Range<usize>) -> bool {
    let is_bound = |kind: &ViolationKind| matches!(kind, ViolationKind::OutOfRange { .. });
    violations
        .iter()
        .any(|violation| violation.at == *at && is_bound(&violation.kind))
}

/// Whether a decimal fraction, counted in units of its last digit, is a number
/// of 64 bits (RFC 7950 §9.3). The bounds that the schemas state are binary
/// fractions to their reader, and so not exact at this size.
fn fits(whole: &str, fraction: &str, room: u64) -> bool {
    let room = usize::try_from(room).unwrap_or(usize::MAX).min(18);
    let fraction: String = fraction.chars().take(room).collect();
    let units: Result<i64, _> = format!("{whole}{fraction:0<room$}").parse();
    units.is_ok()
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

/// The leafs by which a step chooses.
fn chosen(step: Option<&Value>) -> Vec<String> {
    let filter = step.and_then(|step| step["where"].as_object());
    filter
        .into_iter()
        .flat_map(|filter| filter.keys().cloned())
        .collect()
}

/// What tells a part of a schema, or what was found, from others.
fn address<T>(value: &T) -> usize {
    std::ptr::from_ref(value) as usize
}
