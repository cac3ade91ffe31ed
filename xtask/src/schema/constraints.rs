//! What the models demand beyond JSON Schema: keys of lists and values that
//! differ, references that lead somewhere, and digits that there is room for.
//! The keywords are explained in `xtask/schemagen/src/emit.rs`.

use std::borrow::Cow;
use std::ops::Range;

use foldhash::{HashMap, HashSet};
use serde_json::Value;

use super::data::{Data, Datum};
use super::keys;
use super::numbers::Loaded;
use super::path::{is_inside, join};
use super::references::References;
use super::violation::{Ledger, Violation, ViolationKind};
use crate::source::Profile;
use crate::yaml::{PyScalar, Type, pyyaml_plain, resolve};

/// The pattern for names of interfaces: a class of letters where one of several
/// words was meant (defect 15).
pub(super) const INTERFACES: &str = "^(?:vnf-[lcm|pm|fm])$";

/// The number of the defect that a statement is or mends.
pub(super) fn defect(statement: &Value) -> Option<u8> {
    u8::try_from(statement["defect"].as_u64()?).ok()
}

/// Of one value of the keys of a list, so many repetitions are told of.
pub const MOST_REPEATS: usize = 1000;

/// Where the keys of an item were seen first, and how often since.
struct Seen {
    first: usize,
    again: usize,
}

/// Adds every violation that a document has, as long as the ledger has room.
/// `is_loaded` says that today's OSM loads such documents, and is the judge.
/// Gives whether some that the ledger has not kept may be none that is let pass.
pub(super) fn check(
    data: &Data<'_>,
    profile: Profile,
    is_loaded: bool,
    kind: &str,
    ledger: &mut Ledger,
    violations: &mut Vec<Violation>,
) -> bool {
    let judge = Judge {
        data,
        profile,
        references: References::new(data, profile),
    };
    let is_merged = is_loaded && kind == "vnfd";
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
        if !ledger.count(violations) {
            break;
        }
        judge.duplicate(index, is_merged, &mut keys, violations);
        if is_loaded {
            judge.loadable(index, &mut refused, violations);
        }
        judge.repeated(index, &mut values, violations);
        judge.digits(index, violations);
        judge.characters(index, violations);
        if node.stated.is_truth && profile == Profile::EtsiLiteral {
            judge.truth(index, violations);
        }
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
    ledger.count(violations);
    ledger.is_cut() && !refused.is_empty()
}

/// A list, and the values of the keys of an item: the first, and the others.
type Keys<'a> = (usize, &'a str, Cow<'a, str>, Vec<Cow<'a, str>>);

struct Judge<'d, 'a> {
    data: &'d Data<'a>,
    profile: Profile,
    references: References<'d, 'a>,
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
                if let Some(found) = datum.read_as {
                    violations.push(self.no_text(leaf, found));
                } else if datum.text.is_none() {
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
        if let Some(found) = node.read_as.filter(|_| is_value) {
            violations.push(self.no_text(index, found));
        }
    }

    /// A value that must be a text and is something else to OSM's reader of YAML.
    fn no_text(&self, index: usize, found: &str) -> Violation {
        Violation {
            kind: ViolationKind::wrong_type("a string", found),
            at: self.data.get(index).at.clone(),
            path: self.data.path(index),
            tolerated: false,
            defect: None,
        }
    }

    /// Tells of an item that has the keys of one before it.
    fn duplicate(
        &self,
        index: usize,
        is_merged: bool,
        seen: &mut HashMap<Keys<'a>, Seen>,
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
                entry.insert(Seen {
                    first: own,
                    again: 0,
                });
            }
            std::collections::hash_map::Entry::Occupied(mut entry) => {
                // What a program has written over and over leaves room for the rest.
                entry.get_mut().again += 1;
                if entry.get().again > MOST_REPEATS {
                    return;
                }
                let (_, _, value, others) = entry.key();
                let values = std::iter::once(value).chain(others);
                let value = values.map(AsRef::as_ref).collect::<Vec<&str>>().join(" ");
                let other = self.data.get(entry.get().first);
                let first = other.at.clone();
                let own = self.data.get(own);
                let names = keys.iter().copied().map(str::to_owned).collect();
                // Of several keys it makes a text; one alone it compares as Python does.
                let is_merged =
                    is_merged && (keys.len() > 1 || python_value(own) == python_value(other));
                let kind = match is_merged {
                    true => ViolationKind::Merged {
                        keys: names,
                        value,
                        first,
                    },
                    false => ViolationKind::DuplicateKey {
                        keys: names,
                        value,
                        first,
                    },
                };
                violations.push(Violation {
                    kind,
                    at: own.at.clone(),
                    path: self.data.path(index),
                    tolerated: !is_merged,
                    defect: None,
                });
            }
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
        let value = python_value(node).filter(|_| self.profile == Profile::Osm);
        let number = node.stated.number.as_ref().zip(value);
        let loaded = number.as_ref().map(|(number, value)| number.load(value));
        let is_beyond = matches!(loaded, Some(Loaded::TooSmall | Loaded::TooLarge));
        if is_of_wrong_type(violations, &node.at) || (is_beyond && is_told(violations, &node.at)) {
            return;
        }
        let mut kind = ViolationKind::wrong_type(expected, format!("`{text}`"));
        if let ViolationKind::WrongType { becomes, .. } = &mut kind {
            *becomes = number.and_then(|(number, value)| number.becomes(&value));
        }
        violations.push(Violation {
            kind,
            at: node.at.clone(),
            path: self.data.path(index),
            tolerated: loaded.is_some_and(Loaded::is_taken),
            defect: None,
        });
    }

    /// Tells of a word that is a boolean to YAML 1.1 or to OSM, and a text to the
    /// YAML of today: YANG knows two words (RFC 7950 §9.5.1).
    fn truth(&self, index: usize, violations: &mut Vec<Violation>) {
        let node = self.data.get(index);
        let Some(text) = node.text.filter(|text| !matches!(*text, "true" | "false")) else {
            return;
        };
        let is_plain = node.at.len() == text.len();
        let is_boolean = is_plain && matches!(resolve(text), Type::Bool(_));
        if is_boolean || is_of_wrong_type(violations, &node.at) {
            return;
        }
        violations.push(Violation {
            kind: ViolationKind::wrong_type("true or false", "a string"),
            at: node.at.clone(),
            path: self.data.path(index),
            tolerated: false,
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
        let Some(targets) = self.references.of(index, reference) else {
            return;
        };
        let value = self.data.value(index);
        if targets.has(value) {
            return;
        }
        let way = self.references.way(reference);
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
                around: targets.around.map(|node| self.data.path(node)),
                is_one_unnamed: targets.is_one_unnamed,
                elsewhere: self.references.elsewhere(index, reference),
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
}

/// What PyYAML reads in a value.
fn python_value<'a>(value: &Datum<'a>) -> Option<PyScalar<'a>> {
    let text = value.text?;
    Some(match value.at.len() == text.len() {
        true => pyyaml_plain(text),
        false => PyScalar::Text(text),
    })
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

/// Whether a value has been told to be of another type.
fn is_of_wrong_type(violations: &[Violation], at: &Range<usize>) -> bool {
    let is_type = |kind: &ViolationKind| matches!(kind, ViolationKind::WrongType { .. });
    violations
        .iter()
        .any(|violation| violation.at == *at && is_type(&violation.kind))
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

/// The leafs by which a step chooses.
fn chosen(step: Option<&Value>) -> Vec<String> {
    let filter = step.and_then(|step| step["where"].as_object());
    filter
        .into_iter()
        .flat_map(|filter| filter.keys().cloned())
        .collect()
}
