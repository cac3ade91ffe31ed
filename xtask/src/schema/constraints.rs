//! What the models demand beyond JSON Schema: keys of lists that differ,
//! references that lead somewhere, and digits that there is room for. The keywords are explained in
//! `xtask/schemagen/src/emit.rs`.

use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value;

use super::data::Data;
use super::validate::{Violation, ViolationKind};
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

/// Adds every violation that a document has.
pub(super) fn check(data: &Data<'_>, profile: Profile, violations: &mut Vec<Violation>) {
    let judge = Judge { data, profile };
    for (index, key) in data.empty() {
        judge.empty(index, key, violations);
    }
    let mut keys = HashMap::new();
    for (index, node) in data.all() {
        judge.duplicate(index, &mut keys, violations);
        judge.digits(index, violations);
        if profile != Profile::EtsiLiteral && data.keyword(node.schema, "pattern") == INTERFACES {
            judge.interface(index, violations);
        }
        judge.hollow(index, violations);
        let reference = data.keyword(node.schema, "x-nfv-leafref");
        if node.text.is_some() && reference.is_object() {
            judge.reference(index, reference, violations);
        }
    }
}

/// A list, and the values of the keys of an item.
type Keys<'a> = (usize, &'a str, Vec<&'a str>);

struct Judge<'d, 'a> {
    data: &'d Data<'a>,
    profile: Profile,
}

impl<'a> Judge<'_, 'a> {
    /// Tells of a key that must have a value. `jsonschema` is content with the
    /// key where it is the only one that an object must have. So is OSM's
    /// loader.
    fn empty(&self, index: usize, key: &str, violations: &mut Vec<Violation>) {
        let node = self.data.get(index);
        let required = self.data.keyword(node.schema, "required").as_array();
        let mut required = required.into_iter().flatten();
        if self.profile == Profile::Osm || !required.any(|name| name == key) {
            return;
        }
        let path = self.data.path(index);
        let is_told = violations.iter().any(|violation| match &violation.kind {
            ViolationKind::MissingKey { key: told, .. } => told == key && violation.path == path,
            // That nothing is no mapping says the same.
            ViolationKind::WrongType { .. } => {
                let parent = violation.path.strip_suffix(key);
                parent.is_some_and(|p| p.strip_suffix('/').unwrap_or(p) == path)
            }
            _ => false,
        });
        if is_told {
            return;
        }
        let keys = node.list.and_then(|list| list["x-nfv-key"].as_array());
        violations.push(Violation {
            kind: ViolationKind::MissingKey {
                key: key.to_owned(),
                is_list_key: keys.is_some_and(|keys| keys.iter().any(|name| name == key)),
            },
            at: node.at.clone(),
            path,
            tolerated: true,
            defect: None,
        });
    }

    /// Tells of an item that has the keys of one before it.
    fn duplicate(
        &self,
        index: usize,
        seen: &mut HashMap<Keys<'a>, usize>,
        violations: &mut Vec<Violation>,
    ) {
        let node = self.data.get(index);
        let Some(keys) = node.list.and_then(|list| list["x-nfv-key"].as_array()) else {
            return;
        };
        let leaf = |key: &Value| self.data.below(index, key.as_str()?).next();
        let Some(leafs) = keys.iter().map(leaf).collect::<Option<Vec<usize>>>() else {
            return;
        };
        let values = leafs.iter().map(|leaf| self.data.value(*leaf));
        let Some(values) = values.collect::<Option<Vec<&str>>>() else {
            return;
        };
        let Some(own) = leafs.first() else { return };
        let value = values.join(" ");
        match seen.entry((node.parent, node.name, values)) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(*own);
            }
            std::collections::hash_map::Entry::Occupied(entry) => violations.push(Violation {
                kind: ViolationKind::DuplicateKey {
                    keys: keys
                        .iter()
                        .filter_map(Value::as_str)
                        .map(str::to_owned)
                        .collect(),
                    value,
                    first: self.data.get(*entry.get()).at.clone(),
                },
                at: self.data.get(*own).at.clone(),
                path: self.data.path(index),
                tolerated: true,
                defect: None,
            }),
        }
    }

    /// Tells of a choice that must be made, and of which there is nothing but
    /// empty containers; nothing is asked of those. OSM's loader is content with them.
    fn hollow(&self, index: usize, violations: &mut Vec<Violation>) {
        let node = self.data.get(index);
        if self.profile == Profile::Osm || node.text.is_some() {
            return;
        }
        let clauses = self.data.keyword(node.schema, "allOf").as_array();
        for clause in clauses.into_iter().flatten() {
            let Some(cases) = clause["x-nfv-choice"]["cases"].as_object() else {
                continue;
            };
            let members = cases.values().filter_map(Value::as_array).flatten();
            let options: Vec<&str> = members.filter_map(Value::as_str).collect();
            let there = |name: &&str| self.data.below(index, name).collect::<Vec<usize>>();
            let there: Vec<usize> = options.iter().flat_map(there).collect();
            // What is not there misses nothing.
            for member in there.iter().filter(|node| self.data.is_hollow(**node)) {
                let path = self.data.path(*member);
                violations.retain(|violation| {
                    let rest = violation.path.strip_prefix(&path);
                    let is_inside = rest.is_some_and(|r| r.is_empty() || r.starts_with('/'));
                    !(is_inside && matches!(violation.kind, ViolationKind::MissingKey { .. }))
                });
            }
            if clause.get("anyOf").is_none() {
                continue;
            }
            // That nothing is there has been told.
            if !there.is_empty() && there.iter().all(|node| self.data.is_hollow(*node)) {
                violations.push(Violation {
                    kind: ViolationKind::NoneOf {
                        options: options.iter().map(ToString::to_string).collect(),
                    },
                    at: node.at.clone(),
                    path: self.data.path(index),
                    tolerated: true,
                    defect: None,
                });
            }
        }
    }

    /// Tells of digits behind the point where there is no room for them: a
    /// whole number is written without a point, whatever its value.
    fn digits(&self, index: usize, violations: &mut Vec<Violation>) {
        let node = self.data.get(index);
        let Some(text) = node.text else { return };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let amount = whole.trim_start_matches(['-', '+']);
        if amount.is_empty() || !is_digits(amount) || !is_digits(fraction) {
            return;
        }
        let room = self
            .data
            .keyword(node.schema, "x-nfv-fraction-digits")
            .as_u64();
        let is_whole = self.data.keyword(node.schema, "type") == "integer";
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

    /// Tells of a reference that leads nowhere.
    fn reference(&self, index: usize, reference: &'a Value, violations: &mut Vec<Violation>) {
        let Some(targets) = self.follow(self.way(reference), index, 0) else {
            return;
        };
        let value = self.data.value(index);
        let mut known = Vec::new();
        for target in targets {
            let text = self.data.value(target);
            if text == value {
                return;
            }
            let text = text.unwrap_or_default();
            if !known.iter().any(|other| other == text) {
                known.push(text.to_owned());
            }
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
                known,
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
    fn way(&self, reference: &'a Value) -> &'a Value {
        match (self.profile, reference.get("repaired")) {
            (Profile::EtsiLiteral, _) | (_, None) => reference,
            (_, Some(repaired)) => repaired,
        }
    }

    /// The leafs that a way leads to, or `None` where that is not known: in
    /// another descriptor that is not in the document, or behind a reference
    /// that leads nowhere, of which enough is said there.
    fn follow(&self, way: &'a Value, from: usize, depth: usize) -> Option<Vec<usize>> {
        let leaf = way["leaf"].as_str()?;
        let is_literal = self.profile == Profile::EtsiLiteral;
        let mut nodes = match way.get("deref") {
            _ if depth > LONGEST_CHAIN => return None,
            None if way["root"] == true => vec![0],
            None => vec![from],
            Some(deref) => {
                let mut targets = Vec::new();
                for source in self.follow(deref, from, depth + 1)? {
                    let schema = self.data.get(source).schema;
                    let reference = self.data.keyword(schema, "x-nfv-leafref");
                    let value = self.data.value(source);
                    let found = self.follow(self.way(reference), source, depth + 1)?;
                    let same = |target: &usize| self.data.value(*target) == value;
                    targets.extend(found.into_iter().filter(same));
                }
                if targets.is_empty() && !is_literal {
                    return None;
                }
                targets
            }
        };
        let up = way["up"].as_u64().and_then(|up| usize::try_from(up).ok());
        for node in &mut nodes {
            *node = self.data.above(*node, up.unwrap_or(0));
        }
        nodes.sort_unstable();
        nodes.dedup();
        let path = way["path"].as_array().map_or(&[][..], Vec::as_slice);
        for (i, step) in path.iter().enumerate() {
            let name = step.as_str().or(step["node"].as_str())?;
            let mut next = Vec::new();
            for node in nodes {
                for child in self.data.below(node, name) {
                    if self.is_chosen(child, from, step, depth)? {
                        next.push(child);
                    }
                }
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
        Some(leafs.collect())
    }

    /// Whether a node has the values by which a step chooses.
    fn is_chosen(&self, node: usize, from: usize, step: &'a Value, depth: usize) -> Option<bool> {
        let Some(filter) = step["where"].as_object() else {
            return Some(true);
        };
        for (key, way) in filter {
            let wanted = self.follow(way, from, depth + 1)?;
            let own = self.data.below(node, key).next();
            let own = own.and_then(|own| self.data.value(own));
            if !wanted.iter().any(|want| self.data.value(*want) == own) {
                return Some(false);
            }
        }
        Some(true)
    }
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
