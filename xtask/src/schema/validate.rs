//! Evaluation of one schema on one document, with a place for every violation.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;

use super::catalog::{Compiled, Reading, Schema};
use super::coercion;
use super::conditions;
use super::constraints;
use super::data::Data;
use super::view::View;
use crate::descriptor::local_name;
use crate::source::Profile;
use crate::yaml::{Document, Node};

/// A place where a document departs from a schema.
#[derive(Clone, Debug)]
pub struct Violation {
    /// In what way.
    pub kind: ViolationKind,
    /// Bytes of the scalar, or of the key whose value is a collection.
    pub at: Range<usize>,
    /// Path of the node in the document: `vnfd/vdu/0/id`.
    pub path: String,
    /// Whether OSM's own loader lets it pass. Only the models that OSM reads
    /// through its Python classes have such departures.
    pub tolerated: bool,
    /// The number of the published defect that makes this demand, where the
    /// letter of the modules was asked for; see `docs/sol006-defects.md`.
    pub defect: Option<u8>,
}

/// The ways in which a document departs from a schema.
#[derive(Clone, Debug, PartialEq)]
pub enum ViolationKind {
    /// A key that the schema does not know here.
    UnknownKey {
        /// The key as written.
        key: String,
        /// The keys it knows here.
        known: Arc<[String]>,
        /// Those of them that the mapping does not have yet.
        free: Arc<[String]>,
        /// The keys that the mapping has, as written; of very many only the
        /// first.
        present: Arc<[String]>,
        /// The free key that was meant, once somebody has looked for it: the
        /// search is costly and asked for several times.
        meant: OnceLock<Option<String>>,
        /// How many unknown keys the mapping has. Only the first of very many
        /// have a violation of their own.
        total: usize,
    },
    /// A key that must be there.
    MissingKey {
        /// The key.
        key: String,
        /// Whether it is the key of a list, which OSM demands too.
        is_list_key: bool,
    },
    /// The value has another shape or type.
    WrongType {
        /// What it should be, in words.
        expected: String,
        /// What it is, in words.
        found: String,
        /// Whether the schema wants a list of what is there once.
        is_single_item: bool,
        /// The keys of an item, where a list of mappings is wanted.
        item_keys: Vec<String>,
    },
    /// The value is not one of those allowed.
    NotAllowed {
        /// The value.
        value: String,
        /// Those allowed.
        options: Vec<String>,
    },
    /// A number below or above its bounds.
    OutOfRange {
        /// The value.
        value: String,
        /// `at least 0` or the like.
        bound: String,
    },
    /// A text that does not look as it must.
    BadFormat {
        /// The value.
        value: String,
        /// What it must look like: the schema's own words or its pattern.
        format: String,
    },
    /// A list with too few or too many items, or an empty text.
    Count {
        /// `at least 1 item` or the like.
        bound: String,
    },
    /// A list that holds the same value twice.
    Repeated,
    /// Two keys of which only one may be there.
    Conflict {
        /// The key at `at`.
        key: String,
        /// The other.
        other: String,
    },
    /// None of several keys is there, and one must be.
    NoneOf {
        /// The keys, case by case.
        options: Vec<String>,
    },
    /// An item of a list with the keys of another.
    DuplicateKey {
        /// The keys of the list.
        keys: Vec<String>,
        /// Their values, separated by spaces.
        value: String,
        /// Bytes of the first key of the item that came first.
        first: Range<usize>,
    },
    /// A value that must stand elsewhere too and does not.
    DanglingReference {
        /// The value.
        value: String,
        /// The node that should have it; empty where that is the same node or
        /// one above it.
        target: String,
        /// The leaf of that node.
        leaf: String,
        /// The values that there are.
        known: Arc<[String]>,
    },
    /// Values that do not go together.
    Condition {
        /// The name of the condition.
        name: String,
        /// What is wrong.
        text: String,
        /// Bytes of the other value.
        other: Option<Range<usize>>,
    },
    /// Anything else, in the validator's words.
    Other(String),
}

/// Of this many unknown keys in one mapping, none was meant for it.
const MOST_UNKNOWN_KEYS: usize = 100;

/// Holds a document against a schema.
///
/// Violations come in the order of the document. A document that could not be
/// read has none: its own faults are told elsewhere.
///
/// What OSM lets pass is tolerated in its profile alone; what only a published
/// defect of the model forbids is left out in `etsi`.
pub fn validate(schema: &'static Schema, doc: &Document, profile: Profile) -> Vec<Violation> {
    let Some(root) = doc.root() else {
        return Vec::new();
    };
    let mut violations = Vec::new();
    match schema.compiled() {
        Some(Compiled::Lexical(validator)) => {
            for error in validator.iter_errors(View::new(root)) {
                translate(schema, root, profile, &error, &mut violations);
            }
        }
        Some(Compiled::Typed(validator)) => {
            for error in validator.iter_errors(View::new(root)) {
                translate(schema, root, profile, &error, &mut violations);
            }
        }
        None => {}
    }
    if schema.reading == Reading::Lexical {
        let data = Data::new(schema.stated(), doc);
        constraints::check(&data, profile, &mut violations);
        conditions::check(&data, profile, &mut violations);
        if profile != Profile::Osm {
            for violation in &mut violations {
                violation.tolerated = false;
            }
        }
    }
    violations
        .sort_by(|a, b| (a.at.start, a.at.end, &a.path).cmp(&(b.at.start, b.at.end, &b.path)));
    violations
}

/// A node with the key that leads to it.
struct Place<'a> {
    node: Node<'a>,
    key: Option<Range<usize>>,
    path: String,
}

impl Place<'_> {
    /// The scalar itself, or the key where the value is a collection: a caret
    /// below forty lines helps nobody.
    fn caret(&self) -> Range<usize> {
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

fn locate<'a>(root: Node<'a>, pointer: &str, lexical: bool) -> Place<'a> {
    let mut place = Place {
        node: root,
        key: None,
        path: String::new(),
    };
    for segment in pointer.split('/').skip(1) {
        let segment = segment.replace("~1", "/").replace("~0", "~");
        let entry = place.node.entries().find(|entry| {
            let key = if lexical {
                local_name(entry.key())
            } else {
                entry.key()
            };
            key == segment
        });
        if let Some(entry) = entry {
            place.node = entry.value();
            place.key = Some(entry.key_at());
        } else if let Some(item) = segment.parse().ok().and_then(|i| place.node.item(i)) {
            place.node = item;
            place.key = None;
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

fn translate(
    schema: &Schema,
    root: Node<'_>,
    profile: Profile,
    error: &ValidationError<'_>,
    violations: &mut Vec<Violation>,
) {
    let lexical = schema.reading == Reading::Lexical;
    let pointer = error.instance_path().as_str();
    let place = locate(root, pointer, lexical);
    // A key without a value is absent to OSM; what else it says is fine. The
    // envelope is no such key.
    if lexical && place.node.is_null() && pointer.matches('/').count() > 1 {
        return;
    }
    let rule = Rule::at(schema.value(), error);
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
            let known = rule.known_keys();
            let free = known.iter().filter(|key| !present.contains(key.as_str()));
            let (free, known): (Arc<[String]>, Arc<[String]>) =
                (free.cloned().collect(), known.clone().into());
            let entries = place.node.entries();
            let keys = entries.take(MOST_UNKNOWN_KEYS + 1);
            let keys: Arc<[String]> = keys.map(|entry| entry.key().to_owned()).collect();
            let entries = place.node.entries();
            let unknown = entries.filter(|entry| unexpected.contains(plain(entry.key())));
            for entry in unknown.take(MOST_UNKNOWN_KEYS) {
                let kind = ViolationKind::UnknownKey {
                    key: entry.key().to_owned(),
                    known: Arc::clone(&known),
                    free: Arc::clone(&free),
                    present: Arc::clone(&keys),
                    meant: OnceLock::new(),
                    total: unexpected.len(),
                };
                add(kind, entry.key_at(), false);
            }
        }
        ValidationErrorKind::Required { property } => {
            let key = property.as_str().unwrap_or_default().to_owned();
            if profile != Profile::EtsiLiteral && rule.is_optional(&key) {
                return;
            }
            // OSM's loader is content with a key without a value.
            let mut entries = place.node.entries();
            if profile == Profile::Osm && entries.any(|entry| local_name(entry.key()) == key) {
                return;
            }
            let is_list_key = rule.is_list_key(&key);
            let at = match place.key {
                Some(key) => key,
                None => place
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
            let wants_list = matches!(kind, TypeKind::Single(jsonschema::JsonType::Array));
            let is_single_item = wants_list && place.node.text().is_some() && rule.takes_scalars();
            let item_keys = match wants_list {
                true => rule.item_keys(),
                false => Vec::new(),
            };
            let is_taken = is_single_item || coercion::is_taken(&expected, place.node);
            let found = match (expected.as_str(), describe(place.node)) {
                // `1.5` is a number and no whole one.
                ("a whole number", found) if found == "a number" => format!("`{value}`"),
                (_, found) => found,
            };
            let kind = ViolationKind::WrongType {
                expected,
                found,
                is_single_item,
                item_keys,
            };
            add(kind, caret, lexical && is_taken);
        }
        ValidationErrorKind::Enum { options } => {
            let options = options.as_array().map_or(&[][..], Vec::as_slice);
            let options = options
                .iter()
                .map(plain)
                .filter(|o| !lexical || !o.contains(':'));
            let kind = ViolationKind::NotAllowed {
                value,
                options: options.collect(),
            };
            add(kind, caret, false);
        }
        ValidationErrorKind::Constant { expected_value } => {
            let options = vec![plain(expected_value)];
            add(ViolationKind::NotAllowed { value, options }, caret, false);
        }
        ValidationErrorKind::Minimum { limit }
        | ValidationErrorKind::ExclusiveMinimum { limit } => {
            let bound = format!("at least {}", plain(limit));
            add(ViolationKind::OutOfRange { value, bound }, caret, false);
        }
        ValidationErrorKind::Maximum { limit }
        | ValidationErrorKind::ExclusiveMaximum { limit } => {
            let bound = format!("at most {}", plain(limit));
            add(ViolationKind::OutOfRange { value, bound }, caret, false);
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
            add(ViolationKind::Count { bound }, caret, false);
        }
        ValidationErrorKind::MaxLength { limit } => {
            let bound = format!("at most {limit} character{}", plural(*limit));
            add(ViolationKind::Count { bound }, caret, false);
        }
        ValidationErrorKind::MinProperties { limit } => {
            let bound = format!("at least {limit} key{}", plural(*limit));
            add(ViolationKind::Count { bound }, caret, false);
        }
        ValidationErrorKind::MaxProperties { limit } => {
            let bound = format!("at most {limit} key{}", plural(*limit));
            add(ViolationKind::Count { bound }, caret, false);
        }
        ValidationErrorKind::UniqueItems => add(ViolationKind::Repeated, caret, lexical),
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
            let branches: Vec<&ValidationError<'_>> =
                context.iter().filter_map(|branch| branch.first()).collect();
            let kind = alternatives(&branches, place.node, value).unwrap_or_else(|| {
                let reasons: Vec<String> = branches
                    .iter()
                    .map(|error| error.masked().to_string())
                    .collect();
                ViolationKind::Other(if reasons.is_empty() {
                    error.masked().to_string()
                } else {
                    format!("no alternative fits: {}", reasons.join("; "))
                })
            });
            add(kind, caret, false);
        }
        _ => add(
            ViolationKind::Other(error.masked().to_string()),
            caret,
            false,
        ),
    }
}

/// Puts the last violation down to a published defect.
fn blame(violations: &mut [Violation], defect: Option<u8>) {
    if let Some(last) = violations.last_mut() {
        last.defect = defect;
    }
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
        return alike.then(|| ViolationKind::WrongType {
            expected,
            found: describe(node),
            is_single_item: false,
            item_keys: Vec::new(),
        });
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

/// The keyword that was violated, seen in the schema.
struct Rule<'a> {
    schema: &'a Value,
    /// The object that holds the keyword.
    parent: &'a Value,
    /// The way the evaluation took, `$ref`s included.
    evaluation: Vec<String>,
}

impl<'a> Rule<'a> {
    fn at(schema: &'a Value, error: &ValidationError<'_>) -> Self {
        let evaluation: Vec<String> = error
            .evaluation_path()
            .as_str()
            .split('/')
            .skip(1)
            .map(|segment| segment.replace("~1", "/").replace("~0", "~"))
            .collect();
        let parents = evaluation.len().saturating_sub(1);
        Rule {
            schema,
            parent: walk(schema, &evaluation[..parents]),
            evaluation,
        }
    }

    fn known_keys(&self) -> Vec<String> {
        self.parent["properties"]
            .as_object()
            .map(|properties| properties.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// Whether the key is demanded by a published defect of the model.
    fn is_optional(&self, key: &str) -> bool {
        let optional = self.parent["x-nfv-optional"].as_array();
        optional.is_some_and(|keys| keys.iter().any(|k| k == key))
    }

    /// Whether the missing key is one of the keys of the list around it.
    fn is_list_key(&self, key: &str) -> bool {
        let Some(items) = self
            .evaluation
            .iter()
            .rposition(|segment| segment == "items")
        else {
            return false;
        };
        // Anything but `$ref` between would be a container inside the item.
        let between = &self.evaluation[items + 1..self.evaluation.len().saturating_sub(1)];
        let list = walk(self.schema, &self.evaluation[..items]);
        between.iter().all(|segment| segment == "$ref")
            && list["x-nfv-key"]
                .as_array()
                .is_some_and(|keys| keys.iter().any(|k| k == key))
    }

    /// Whether the keyword stands in one of the envelopes: `nsd` around `nsd`.
    fn is_envelope(&self) -> bool {
        matches!(
            self.evaluation.as_slice(),
            [properties, name, _] if properties == "properties"
                && matches!(name.as_str(), "nsd" | "vnfd-catalog" | "nsd-catalog")
        )
    }

    /// Whether a list that was asked for holds scalars.
    fn takes_scalars(&self) -> bool {
        self.items().get("properties").is_none()
    }

    /// The keys of the items of a list that was asked for.
    fn item_keys(&self) -> Vec<String> {
        let properties = self.items()["properties"].as_object();
        properties.map_or_else(Vec::new, |all| all.keys().cloned().collect())
    }

    fn items(&self) -> &'a Value {
        let items = &self.parent["items"];
        match items["$ref"].as_str() {
            Some(reference) => deref(self.schema, reference),
            None => items,
        }
    }

    /// The key that rules this one out: the schema stands below
    /// `dependentSchemas/<other>`.
    fn conflicting_key(&self) -> Option<String> {
        let i = self
            .evaluation
            .iter()
            .rposition(|segment| segment == "dependentSchemas")?;
        self.evaluation.get(i + 1).cloned()
    }

    fn choice_cases(&self) -> Vec<String> {
        let cases = self.parent["x-nfv-choice"]["cases"].as_object();
        let mut options = Vec::new();
        for leaves in cases.into_iter().flat_map(|cases| cases.values()) {
            let leaves = leaves.as_array().map_or(&[][..], Vec::as_slice);
            options.extend(leaves.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        options
    }
}

fn walk<'a>(schema: &'a Value, segments: &[String]) -> &'a Value {
    segments.iter().fold(schema, |value, segment| {
        if segment == "$ref" {
            return match value["$ref"].as_str() {
                Some(reference) => deref(schema, reference),
                None => &Value::Null,
            };
        }
        match value {
            Value::Array(items) => segment
                .parse::<usize>()
                .ok()
                .and_then(|i| items.get(i))
                .unwrap_or(&Value::Null),
            value => &value[segment.as_str()],
        }
    })
}

fn deref<'a>(schema: &'a Value, reference: &str) -> &'a Value {
    reference
        .strip_prefix('#')
        .and_then(|pointer| schema.pointer(pointer))
        .unwrap_or(&Value::Null)
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

fn describe(node: Node<'_>) -> String {
    use crate::yaml::{Shape, Type};
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
