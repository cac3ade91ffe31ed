//! What an error of `jsonschema` says, as violations with their places and whether OSM
//! lets them pass.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;

use super::catalog::{Reading, Schema};
use super::coercion;
use super::constraints;
use super::keyword::Rule;
use super::locate::{Known, Single, locate};
use super::numbers::{Loaded, exact};
use super::view::is_decimal;
use super::violation::{Violation, ViolationKind};
use crate::descriptor::local_name;
use crate::source::Profile;
use crate::yaml::{Node, PyScalar, Shape, pyyaml};

/// Of this many unknown keys in one mapping, none was meant for it.
const MOST_UNKNOWN_KEYS: usize = 100;

/// What is wrong with a text as an item of a list.
pub(super) fn item_fault(
    error: &ValidationError<'_>,
    rule: &Rule<'_>,
    node: Node<'_>,
    value: String,
) -> Option<ViolationKind> {
    Some(match error.kind() {
        ValidationErrorKind::Enum { options } => not_allowed(value, options, true),
        ValidationErrorKind::Pattern { pattern } => ViolationKind::BadFormat {
            value,
            format: match rule.items()["x-nfv-format"].as_str() {
                Some(words) => words.to_owned(),
                None => format!("`{pattern}`"),
            },
        },
        ValidationErrorKind::AnyOf { context } => no_alternative(error, context, node, value),
        _ => return None,
    })
}

/// Adds what an error of `jsonschema` says. Gives the number of the node that is a
/// mapping in the place of a list, if that is it.
pub(super) fn translate<'a>(
    schema: &'static Schema,
    root: Node<'a>,
    profile: Profile,
    error: &ValidationError<'_>,
    known: &mut Known<'a>,
    violations: &mut Vec<Violation>,
) -> Option<usize> {
    let lexical = schema.reading == Reading::Lexical;
    let pointer = error.instance_path().as_str();
    let place = locate(root, pointer, lexical, known);
    // A key without a value is absent; what else it says is fine. The envelope is
    // no such key. An item without a value is none to OSM (`osm/null-item`), and of
    // no type to YANG.
    if lexical && place.node.is_null() && pointer.matches('/').count() > 1 {
        let is_told = |violation: &Violation| violation.path == place.path;
        if place.key.is_none() && profile != Profile::Osm && !violations.iter().any(is_told) {
            let expected = match error.kind() {
                ValidationErrorKind::Type { kind } => expected_types(kind),
                _ => "a value".to_owned(),
            };
            violations.push(Violation {
                kind: ViolationKind::wrong_type(expected, describe(place.node, schema.reading)),
                at: place.node.at(),
                path: place.path,
                tolerated: false,
                defect: None,
            });
        }
        return None;
    }
    let rule = Rule::at(schema.value(), error.evaluation_path().as_str());
    let value = place.node.text().unwrap_or_default().to_owned();
    let mut add = |kind, at, tolerated| {
        violations.push(Violation {
            kind,
            at,
            path: place.path.clone(),
            tolerated,
            defect: None,
        });
    };
    let caret = place.caret();
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let plain = |key| if lexical { local_name(key) } else { key };
            let unexpected: HashSet<&str> = unexpected.iter().map(String::as_str).collect();
            let present: HashSet<&str> = place.node.entries().map(|e| plain(e.key())).collect();
            let [known, free] = known.of(&rule, &present);
            let entries = place.node.entries();
            let keys = entries.take(MOST_UNKNOWN_KEYS + 1);
            let keys: Arc<[String]> = keys.map(|entry| entry.key().to_owned()).collect();
            let entries = place.node.entries();
            let unknown = entries.filter(|entry| unexpected.contains(plain(entry.key())));
            // OSM takes the descriptor out of its envelope, and looks at nothing
            // beside it.
            let envelope = match pointer {
                "" => schema.name.rsplit('/').next(),
                "/nsd" => Some("nsd"),
                _ => None,
            };
            let is_beside = schema.name.starts_with("osm/")
                && envelope.is_some_and(|key| present.contains(key));
            for entry in unknown.take(MOST_UNKNOWN_KEYS) {
                // Its loader passes over metadata (RFC 7952), and has nothing to
                // do for a list without items.
                let value = entry.value();
                let is_empty = value.shape() == Shape::Sequence && value.items().len() == 0;
                let is_passed_over = match entry.key() {
                    // The metadata of a whole mapping must be a mapping.
                    "@" => value.shape() == Shape::Mapping,
                    key => is_empty || key.contains('@'),
                };
                let tolerated = lexical && (is_beside || is_passed_over);
                let kind = ViolationKind::UnknownKey {
                    key: entry.key().to_owned(),
                    known: Arc::clone(&known),
                    free: Arc::clone(&free),
                    present: Arc::clone(&keys),
                    meant: OnceLock::new(),
                    total: unexpected.len(),
                };
                add(kind, entry.key_at(), tolerated);
            }
        }
        ValidationErrorKind::Required { property } => {
            let key = property.as_str().unwrap_or_default().to_owned();
            if profile != Profile::EtsiLiteral && rule.is_optional(&key) {
                return None;
            }
            // OSM's loader is content with a key without a value, unless it is
            // by this alone that it knows the items of a list.
            let is_list_key = rule.is_list_key(&key);
            let mut entries = place.node.entries();
            if profile == Profile::Osm
                && !(is_list_key && rule.has_one_list_key())
                && entries.any(|entry| entry.name() == key)
            {
                return None;
            }
            // Where the key stands there without a value, it is this that is wrong.
            let mut entries = place.node.entries();
            let own = entries.find(|entry| lexical && entry.name() == key);
            let at = match (own, place.key) {
                (Some(own), _) => own.key_at(),
                (None, Some(key)) => key,
                (None, None) => place
                    .node
                    .entries()
                    .next()
                    .map_or_else(|| place.node.at(), |entry| entry.key_at()),
            };
            // The envelope (`vnfd`, `nsd`) is no matter of taste.
            let is_envelope = pointer.is_empty() || rule.is_envelope();
            let tolerated = lexical && !is_list_key && !is_envelope;
            let defect = rule.is_optional(&key).then_some(match key.as_str() {
                "network-interface-requirements" => 10,
                _ => 9,
            });
            let kind = ViolationKind::MissingKey { key, is_list_key };
            add(kind, at, tolerated);
            blame(violations, defect);
        }
        ValidationErrorKind::Type { kind } => {
            let expected = expected_types(kind);
            let loaded = rule.load(place.node).filter(|_| profile == Profile::Osm);
            if let Some(bound) = loaded.and_then(|loaded| rule.bound(loaded)) {
                // Of a number in decimal digits the bounds are asked for as well.
                if !is_decimal(&value) {
                    let value = as_read(place.node);
                    let kind = ViolationKind::OutOfRange { value, bound };
                    add(kind, caret, false);
                }
                return None;
            }
            let wants_list = matches!(kind, TypeKind::Single(jsonschema::JsonType::Array));
            let is_single_item = wants_list && place.node.text().is_some() && rule.takes_scalars();
            let is_envelope = is_envelope(pointer);
            let item_keys = match wants_list {
                true => rule.item_keys(),
                false => Vec::new(),
            };
            let mut wrong = None;
            let is_taken = match is_single_item {
                // What is wrong with the value is told by itself.
                true => match known.single(&rule, place.node, profile) {
                    Single::Taken => true,
                    Single::Wrong(kind) => {
                        wrong = Some(kind);
                        true
                    }
                    Single::NoItem => false,
                },
                false => {
                    let is_item = place.key.is_none();
                    let is_number = loaded.is_some_and(Loaded::is_taken);
                    let is_truth = expected == "true or false" && coercion::is_truth(place.node);
                    is_number
                        || is_truth
                        || (!is_envelope
                            && coercion::is_lost(&expected, place.node, is_item, rule.is_free()))
                }
            };
            let found = match (expected.as_str(), describe(place.node, schema.reading)) {
                // `1.5` is a number and no whole one.
                ("a whole number", found) if found == "a number" => format!("`{value}`"),
                // In quotes a number is one, but not with space around it.
                ("a whole number" | "a number", found) if lexical && is_spaced(&value) => {
                    format!("{found} with space around the number")
                }
                // `-0x1` is a number to YAML 1.1, and a text to YANG.
                ("a whole number" | "a number", _) if is_number_of_1_1(place.node) => {
                    format!("`{value}`")
                }
                // Nor is `.inf` the number that was meant, or `1e1` one to YANG.
                (expected, found) if found == expected => format!("`{value}`"),
                (_, found) => found,
            };
            let kind = ViolationKind::WrongType {
                expected,
                found,
                is_single_item,
                item_keys,
                becomes: rule.becomes(place.node),
            };
            add(kind, caret.clone(), lexical && is_taken);
            if let Some(kind) = wrong.filter(|_| lexical) {
                add(kind, caret, false);
            }
        }
        // That a collection is no word is said of its type.
        ValidationErrorKind::Enum { .. }
            if place.node.text().is_none() && rule.parent.get("type").is_some() => {}
        ValidationErrorKind::Enum { options } => {
            let names = options.as_array().into_iter().flatten();
            let names = names.filter_map(Value::as_str);
            // Then it is the value of the same key with another prefix.
            if lexical && names.clone().any(|name| name == value) {
                return None;
            }
            // An item is known by its key as written.
            let is_item = place.key.is_none() || rule.is_of_list_key();
            let tolerated = lexical && coercion::is_known_identity(&value, is_item, names);
            add(not_allowed(value, options, lexical), caret, tolerated);
        }
        ValidationErrorKind::Constant { expected_value } => {
            let options = vec![plain(expected_value)];
            add(ViolationKind::NotAllowed { value, options }, caret, false);
        }
        ValidationErrorKind::Minimum { limit }
        | ValidationErrorKind::ExclusiveMinimum { limit }
        | ValidationErrorKind::Maximum { limit }
        | ValidationErrorKind::ExclusiveMaximum { limit } => {
            let words = match error.kind() {
                ValidationErrorKind::Minimum { .. }
                | ValidationErrorKind::ExclusiveMinimum { .. } => "at least",
                _ => "at most",
            };
            let bound = format!("{words} {}", exact(limit, rule.parent));
            let loaded = rule.load(place.node).filter(|_| profile == Profile::Osm);
            let (value, tolerated) = match loaded {
                // That it is no number to OSM is told of its type.
                Some(Loaded::Nothing) => return None,
                Some(loaded) => (as_read(place.node), loaded.is_taken()),
                None => (value, false),
            };
            add(ViolationKind::OutOfRange { value, bound }, caret, tolerated);
        }
        // What was meant is looked at with the other repairs.
        ValidationErrorKind::Pattern { pattern }
            if pattern == constraints::INTERFACES && profile != Profile::EtsiLiteral => {}
        ValidationErrorKind::Pattern { pattern } => {
            let format = match rule.parent["x-nfv-format"].as_str() {
                Some(words) => words.to_owned(),
                None => format!("`{pattern}`"),
            };
            let defect = (pattern == constraints::INTERFACES).then_some(15);
            add(ViolationKind::BadFormat { value, format }, caret, false);
            blame(violations, defect);
        }
        ValidationErrorKind::MinItems { limit } => {
            let bound = format!("at least {limit} item{}", plural(*limit));
            add(ViolationKind::Count { bound }, caret, lexical);
        }
        ValidationErrorKind::MaxItems { limit } => {
            let bound = format!("at most {limit} item{}", plural(*limit));
            add(ViolationKind::Count { bound }, caret, lexical);
        }
        ValidationErrorKind::MinLength { limit } => {
            let bound = format!("at least {limit} character{}", plural(*limit));
            let tolerated = lexical && rule.is_reference();
            add(ViolationKind::Count { bound }, caret, tolerated);
        }
        ValidationErrorKind::MaxLength { limit } => {
            let bound = format!("at most {limit} character{}", plural(*limit));
            let tolerated = lexical && rule.is_reference();
            add(ViolationKind::Count { bound }, caret, tolerated);
        }
        ValidationErrorKind::MinProperties { limit } => {
            let bound = format!("at least {limit} key{}", plural(*limit));
            add(ViolationKind::Count { bound }, caret, false);
        }
        ValidationErrorKind::MaxProperties { limit } => {
            let bound = format!("at most {limit} key{}", plural(*limit));
            add(ViolationKind::Count { bound }, caret, false);
        }
        ValidationErrorKind::UniqueItems => {
            let mut seen = HashMap::new();
            let items = place.node.items();
            let texts = items.filter_map(|item| Some((item.text()?, item.at())));
            let mut again = texts.filter_map(|(text, at)| {
                let first = seen.insert(text, at.clone())?;
                Some((text, first, at))
            });
            let is_merged = profile == Profile::Osm
                && schema.name.starts_with("osm/")
                && schema.kind() == "vnfd";
            let (kind, at) = match again.next() {
                Some((text, first, at)) if is_merged => {
                    let (keys, value) = (Vec::new(), text.to_owned());
                    (ViolationKind::Merged { keys, value, first }, at)
                }
                Some((text, first, at)) => {
                    let value = text.to_owned();
                    (ViolationKind::Repeated { value, first }, at)
                }
                None => {
                    let text = "it holds the same value twice".to_owned();
                    (ViolationKind::Other(text), caret)
                }
            };
            add(kind, at, lexical && !is_merged);
        }
        ValidationErrorKind::FalseSchema => {
            let key = place.path.rsplit('/').next().unwrap_or_default().to_owned();
            let kind = match rule.conflicting_key() {
                Some(other) => ViolationKind::Conflict { key, other },
                None => ViolationKind::Other("nothing is allowed here".to_owned()),
            };
            add(kind, place.key.unwrap_or(caret), lexical);
        }
        ValidationErrorKind::AnyOf { .. } if rule.parent.get("x-nfv-choice").is_some() => {
            let options = rule.choice_cases();
            add(ViolationKind::NoneOf { options }, caret, lexical);
        }
        ValidationErrorKind::AnyOf { context }
        | ValidationErrorKind::OneOfNotValid { context }
        | ValidationErrorKind::OneOfMultipleValid { context } => {
            let kind = no_alternative(error, context, place.node, value);
            let is_item = place.key.is_none();
            let tolerated = lexical
                && !is_envelope(pointer)
                && coercion::is_lost("one of several", place.node, is_item, false);
            add(kind, caret, tolerated);
        }
        _ => add(
            ViolationKind::Other(error.masked().to_string()),
            caret,
            false,
        ),
    }
    let is_of_list = matches!(
        error.kind(),
        ValidationErrorKind::Type {
            kind: TypeKind::Single(jsonschema::JsonType::Array)
        }
    );
    let node = Some(place.node).filter(|node| is_of_list && node.shape() == Shape::Mapping);
    node.map(|node| node.index())
}

/// Whether a node is one of those around a descriptor, or the descriptor.
fn is_envelope(pointer: &str) -> bool {
    pointer.matches('/').count() < 2 || pointer == "/nsd/nsd"
}

/// Puts the last violation down to a published defect.
fn blame(violations: &mut [Violation], defect: Option<u8>) {
    if let Some(last) = violations.last_mut() {
        last.defect = defect;
    }
}

/// A value that is none of those allowed, which the schema of an identity knows
/// with the name of its module too.
fn not_allowed(value: String, options: &Value, lexical: bool) -> ViolationKind {
    let options = options.as_array().map_or(&[][..], Vec::as_slice);
    let options = options.iter().map(plain);
    let options = options.filter(|option| !lexical || !option.contains(':'));
    ViolationKind::NotAllowed {
        value,
        options: options.collect(),
    }
}

/// A value that fits none of several schemas.
fn no_alternative(
    error: &ValidationError<'_>,
    context: &[Vec<ValidationError<'_>>],
    node: Node<'_>,
    value: String,
) -> ViolationKind {
    let branches: Vec<&ValidationError<'_>> =
        context.iter().filter_map(|branch| branch.first()).collect();
    alternatives(&branches, node, value).unwrap_or_else(|| {
        let reasons: Vec<String> = branches
            .iter()
            .map(|error| error.masked().to_string())
            .collect();
        ViolationKind::Other(if reasons.is_empty() {
            error.masked().to_string()
        } else {
            format!("no alternative fits: {}", reasons.join("; "))
        })
    })
}

/// One violation for several alternatives that fail alike: the pattern of an
/// IPv4 address and that of an IPv6 address, or all of them for the type.
fn alternatives(
    branches: &[&ValidationError<'_>],
    node: Node<'_>,
    value: String,
) -> Option<ViolationKind> {
    let first = branches.first()?;
    if let ValidationErrorKind::Type { kind } = first.kind() {
        let expected = expected_types(kind);
        let alike = branches.iter().all(|error| {
            matches!(error.kind(), ValidationErrorKind::Type { kind } if expected_types(kind) == expected)
        });
        return alike
            .then(|| ViolationKind::wrong_type(expected, describe(node, Reading::Lexical)));
    }
    let patterns: Option<Vec<String>> = branches
        .iter()
        .map(|error| match error.kind() {
            ValidationErrorKind::Pattern { pattern } => Some(format!("`{pattern}`")),
            _ => None,
        })
        .collect();
    let format = patterns?.join(" or ");
    Some(ViolationKind::BadFormat { value, format })
}

/// A number as it is written, and as OSM reads it where that is another.
fn as_read(node: Node<'_>) -> String {
    let text = node.text().unwrap_or_default();
    let number = match pyyaml(node) {
        Some(PyScalar::Int(number)) => number.to_string(),
        Some(PyScalar::Float(number)) if number.abs() < 1e15 => number.to_string(),
        Some(PyScalar::Float(number)) => format!("{number:e}"),
        _ => return text.to_owned(),
    };
    match text
        .parse::<f64>()
        .is_ok_and(|own| number.parse() == Ok(own))
    {
        true => text.to_owned(),
        false => format!("{text}, which OSM reads as {number}"),
    }
}

/// Whether readers of YAML 1.1 take a scalar for a number.
fn is_number_of_1_1(node: Node<'_>) -> bool {
    matches!(pyyaml(node), Some(PyScalar::Int(_) | PyScalar::Float(_)))
}

/// Whether a text is a number but for the space around it.
fn is_spaced(text: &str) -> bool {
    let number = text.trim();
    number != text && number.parse::<f64>().is_ok()
}

fn expected_types(kind: &TypeKind) -> String {
    let name = |kind: jsonschema::JsonType| match kind {
        jsonschema::JsonType::Array => "a list",
        jsonschema::JsonType::Boolean => "true or false",
        jsonschema::JsonType::Integer => "a whole number",
        jsonschema::JsonType::Null => "nothing",
        jsonschema::JsonType::Number => "a number",
        jsonschema::JsonType::Object => "a mapping",
        jsonschema::JsonType::String => "a string",
    };
    match kind {
        TypeKind::Single(kind) => name(*kind).to_owned(),
        TypeKind::Multiple(kinds) => {
            let names: Vec<&str> = kinds.iter().map(name).collect();
            names.join(" or ")
        }
    }
}

fn describe(node: Node<'_>, reading: Reading) -> String {
    use crate::yaml::Type;
    if let (Reading::Python, Some(scalar)) = (reading, pyyaml(node)) {
        let word = match scalar {
            PyScalar::Nothing => "nothing",
            PyScalar::Bool(_) => "a boolean",
            PyScalar::Int(_) | PyScalar::Float(_) => "a number",
            PyScalar::Date(_) => "a date",
            PyScalar::Other(_) => "no text",
            PyScalar::Text(_) => "a string",
        };
        return word.to_owned();
    }
    let word = match (node.shape(), node.scalar_type()) {
        (Shape::Mapping, _) => "a mapping",
        (Shape::Sequence, _) => "a list",
        (_, Some(Type::Null)) => "nothing",
        (_, Some(Type::Bool(_))) => "a boolean",
        (_, Some(Type::Int | Type::Float)) => "a number",
        _ => "a string",
    };
    word.to_owned()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn plural(n: u64) -> &'static str {
    if n == 1 { "" } else { "s" }
}
