//! What is plainly valid, told on the way on which a document is set beside its
//! model: where every node is of the simplest form that its schema takes, the
//! JSON Schema need not be compiled, which takes longer than the rest of a
//! check, nor asked.
//!
//! It says yes, or that it doesn't know, and `jsonschema` judges. So it may
//! leave out whatever is rare: patterns, unions, prefixes of modules, numbers
//! that are written in an unusual way. The tests below hold the two beside each
//! other.

use std::collections::BTreeMap;

use serde_json::Value;

use super::stated::list;
use crate::yaml::{Node, Shape};

/// The form of a node that is plainly valid.
#[derive(Debug)]
pub(super) enum Plain {
    /// None that is looked at here.
    Unknown,
    /// A mapping of known keys; what must be there, and what excludes what, is
    /// stated beside this.
    Mapping,
    /// A sequence of so many items.
    Sequence {
        least: usize,
        most: usize,
        /// Whether no two values are equal.
        distinct: bool,
    },
    /// Any text.
    Text,
    /// One of these.
    Word(Vec<&'static str>),
    /// A whole number from and to.
    Whole(i128, i128),
    /// A number that is not negative, below a bound that is far away.
    Amount,
    /// `true` or `false`.
    Truth,
}

/// No amount that anybody means is larger, and below this a binary fraction
/// holds every whole number.
const LARGE: f64 = 1e15;

impl Plain {
    /// Reads the form from a schema and what its `$ref` leads to.
    pub fn new(root: &'static Value, schema: &'static Value) -> Self {
        Self::read(root, schema).unwrap_or(Plain::Unknown)
    }

    fn read(root: &'static Value, schema: &'static Value) -> Option<Self> {
        let keywords = keywords(root, schema)?;
        let only = |known: &[&str]| keywords.keys().all(|key| known.contains(key));
        let count = |name: &str, otherwise: usize| match keywords.get(name) {
            Some(value) => usize::try_from(value.as_u64()?).ok(),
            None => Some(otherwise),
        };
        match keywords.get("type")?.as_str()? {
            "object" => {
                let is_closed = keywords.get("additionalProperties")?.as_bool() == Some(false);
                let known = [
                    "type",
                    "properties",
                    "additionalProperties",
                    "required",
                    "allOf",
                ];
                let clauses = keywords
                    .get("allOf")
                    .map_or(&[][..], |clauses| list(clauses));
                (is_closed && only(&known) && clauses.iter().all(is_choice))
                    .then_some(Plain::Mapping)
            }
            "array" => {
                let known = ["type", "items", "minItems", "maxItems", "uniqueItems"];
                only(&known).then_some(Plain::Sequence {
                    least: count("minItems", 0)?,
                    most: count("maxItems", usize::MAX)?,
                    distinct: keywords.get("uniqueItems").is_some_and(|is| **is == true),
                })
            }
            "string" => match keywords.get("enum") {
                Some(words) if only(&["type", "enum"]) => {
                    let words = list(words).iter();
                    Some(Plain::Word(
                        words.map(Value::as_str).collect::<Option<_>>()?,
                    ))
                }
                None if only(&["type"]) => Some(Plain::Text),
                _ => None,
            },
            "integer" if only(&["type", "minimum", "maximum"]) => {
                let bound = |name| keywords.get(name)?.to_string().parse().ok();
                Some(Plain::Whole(bound("minimum")?, bound("maximum")?))
            }
            "number" if only(&["type", "minimum", "maximum"]) => {
                let bound = |name, otherwise| match keywords.get(name) {
                    Some(value) => value.as_f64(),
                    None => Some(otherwise),
                };
                let is_wide = bound("minimum", 0.0)? <= 0.0 && bound("maximum", f64::MAX)? > LARGE;
                is_wide.then_some(Plain::Amount)
            }
            "boolean" if only(&["type"]) => Some(Plain::Truth),
            _ => None,
        }
    }

    /// Whether a node that is not null has the form; of a mapping, whether it
    /// is one.
    pub fn fits(&self, node: Node<'_>) -> bool {
        let text = match node.text() {
            Some(text) => text,
            None => {
                return matches!(self, Plain::Mapping) && node.shape() == Shape::Mapping;
            }
        };
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match self {
            Plain::Text => true,
            Plain::Word(words) => words.contains(&text),
            Plain::Whole(least, most) => {
                let digits = text.strip_prefix('-').unwrap_or(text);
                let number = Some(text).filter(|_| is_digits(digits));
                let number = number.and_then(|text| text.parse::<i128>().ok());
                number.is_some_and(|number| (*least..=*most).contains(&number))
            }
            Plain::Amount => {
                let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
                let is_number = is_digits(whole) && is_digits(fraction);
                is_number && text.parse().is_ok_and(|number: f64| number < LARGE)
            }
            Plain::Truth => matches!(text, "true" | "false"),
            Plain::Unknown | Plain::Mapping | Plain::Sequence { .. } => false,
        }
    }

    /// Whether a sequence without null items has the form, apart from what its
    /// items are.
    pub fn fits_items(&self, node: Node<'_>) -> bool {
        let Plain::Sequence {
            least,
            most,
            distinct,
        } = self
        else {
            return false;
        };
        (*least..=*most).contains(&node.items().len()) && (!distinct || are_distinct(node))
    }
}

fn are_distinct(node: Node<'_>) -> bool {
    const FEW: usize = 16;
    let len = node.items().len();
    let text = |i: usize| node.item(i).and_then(|item| item.text());
    // Of many it is left to who sorts them.
    len <= FEW && (1..len).all(|i| (0..i).all(|before| text(before) != text(i)))
}

/// The keywords that say something of a value, of the schema and of what its
/// `$ref` leads to; `None` where both say the same one.
fn keywords(
    root: &'static Value,
    schema: &'static Value,
) -> Option<BTreeMap<&'static str, &'static Value>> {
    const SILENT: [&str; 6] = ["$schema", "$id", "$defs", "title", "default", "$ref"];
    let mut keywords = BTreeMap::new();
    let mut schema = schema;
    loop {
        for (name, value) in schema.as_object()? {
            let is_silent = SILENT.contains(&name.as_str()) || name.starts_with("x-nfv-");
            if !is_silent && keywords.insert(name.as_str(), value).is_some() {
                return None;
            }
        }
        let Some(reference) = schema.get("$ref") else {
            return Some(keywords);
        };
        schema = root.pointer(reference.as_str()?.strip_prefix('#')?)?;
    }
}

/// Whether a clause of `allOf` states a choice and nothing else: it is asked
/// where the choice is read.
fn is_choice(clause: &Value) -> bool {
    let known = ["x-nfv-choice", "dependentSchemas", "anyOf"];
    clause.as_object().is_some_and(|clause| {
        clause.contains_key("x-nfv-choice")
            && clause.keys().all(|key| known.contains(&key.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::super::catalog::{self, Compiled, Reading, Schema};
    use super::super::data::Data;
    use super::super::view::{View, Wrapped};
    use crate::yaml::{Document, Limits, parse};

    /// Descriptors of every kind, as the templates and fixtures have them.
    fn descriptors() -> Vec<(&'static str, String)> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/showcase");
        let mut texts = Vec::new();
        let mut open = vec![root];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    open.push(path);
                } else if let Ok(text) = std::fs::read_to_string(path) {
                    let kinds = ["vnfd", "nsd", "nst"];
                    let kind = kinds
                        .into_iter()
                        .find(|kind| text.lines().any(|line| line == format!("{kind}:")));
                    texts.extend(kind.map(|kind| (kind, text)));
                }
            }
        }
        texts.sort();
        // What the showcase has none of: words, numbers, lists of both, choices.
        let more = [
            (
                "vnfd",
                "vnfd:\n  id: a\n  product-name: a\n  version: 1.0\n  provider: p\n  software-version: s\n  vnfm-info: [osm, x]\n  mgmt-cp: e\n  virtual-compute-desc:\n  - id: c\n    virtual-memory:\n      size: 2.5\n    virtual-cpu:\n      num-virtual-cpu: 2\n      pinning:\n        policy: static\n  virtual-storage-desc:\n  - id: s\n    type-of-storage: root-storage\n    size-of-storage: 10\n  vdu:\n  - id: v\n    name: v\n    cloud-init: x\n    virtual-compute-desc: c\n    virtual-storage-desc: [s]\n    int-cpd:\n    - id: i\n      layer-protocol: [ipv4, ipv6]\n  ext-cpd:\n  - id: e\n    layer-protocol: [ipv4]\n    int-cpd:\n      vdu-id: v\n      cpd: i\n  df:\n  - id: d\n    vdu-profile:\n    - id: v\n      min-number-of-instances: 1\n    instantiation-level:\n    - id: l\n      vdu-level:\n      - vdu-id: v\n        number-of-instances: 1\n",
            ),
            (
                "nsd",
                "nsd:\n  nsd:\n  - id: n\n    name: n\n    designer: d\n    version: '1'\n    vnfd-id: [a, b]\n    virtual-link-desc:\n    - id: l\n      mgmt-network: true\n    df:\n    - id: f\n      vnf-profile:\n      - id: '1'\n        vnfd-id: a\n        virtual-link-connectivity:\n        - virtual-link-profile-id: l\n          constituent-cpd-id:\n          - constituent-base-element-id: '1'\n            constituent-cpd-id: e\n",
            ),
        ];
        texts.extend(more.map(|(kind, text)| (kind, text.to_owned())));
        texts
    }

    fn is_valid(schema: &'static Schema, doc: &Document) -> bool {
        match (schema.compiled(), doc.root()) {
            (Some(Compiled::Lexical(validator)), Some(root)) => {
                validator.is_valid(View::new(root, &Wrapped::default()))
            }
            _ => false,
        }
    }

    /// Numbers that look random and are the same in every run.
    fn dice(state: &mut u64, below: usize) -> usize {
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(*state >> 33).unwrap_or(0) % below.max(1)
    }

    fn mutate(text: &str, state: &mut u64) -> String {
        const VALUES: [&str; 26] = [
            "1",
            "-1",
            "0",
            "70000",
            "1.5",
            "1.0",
            "007",
            "+1",
            "1e3",
            "''",
            "'1'",
            "~",
            "true",
            "'true'",
            "yes",
            "TRUE",
            "x",
            "[]",
            "[a, a]",
            "[1, ~]",
            "{}",
            "{id: x}",
            "ipv4",
            "|\n            x",
            "a:b",
            "99999999999999999999",
        ];
        const KEYS: [&str; 8] = [
            "id",
            "name",
            "juju",
            "cloud-init-file",
            "vnfd:id",
            "helm-chart",
            "ext-cpd",
            "1",
        ];
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let at = dice(state, lines.len());
        let line = lines[at].clone();
        let indent = line.len() - line.trim_start_matches([' ', '-']).len();
        match (dice(state, 6), line.find(':')) {
            (0, _) => drop(lines.remove(at)),
            (1, _) => lines.insert(at, line),
            (2, Some(colon)) => {
                lines[at] = format!("{}: {}", &line[..colon], VALUES[dice(state, VALUES.len())]);
            }
            (3, Some(colon)) => {
                let key = KEYS[dice(state, KEYS.len())];
                lines[at] = format!("{}{key}{}", &line[..indent], &line[colon..]);
            }
            (4, Some(_)) => {
                let key = KEYS[dice(state, KEYS.len())];
                let value = VALUES[dice(state, VALUES.len())];
                lines.insert(at + 1, format!("{}{key}: {value}", " ".repeat(indent)));
            }
            (_, _) => {
                let other = dice(state, lines.len());
                lines.swap(at, other);
            }
        }
        lines.join("\n") + "\n"
    }

    #[test]
    fn what_is_plainly_valid_is_valid() {
        let texts = descriptors();
        let schemas = catalog::all()
            .iter()
            .filter(|schema| schema.reading == Reading::Lexical);
        let (mut plain, mut valid, mut all) = (0, 0, 0);
        let mut state = 1;
        for schema in schemas {
            let kind = schema.name.rsplit('/').next();
            for (_, text) in texts.iter().filter(|(own, _)| Some(*own) == kind) {
                let read = |text: &str| parse("t.yaml", text.as_bytes(), Limits::default());
                if !is_valid(schema, &read(text)) {
                    continue;
                }
                for round in 0..400 {
                    let mut text = text.clone();
                    for _ in 0..round % 3 {
                        text = mutate(&text, &mut state);
                    }
                    let doc = read(&text);
                    let is_plain = Data::new(schema.stated(), &doc).is_plain();
                    let is_valid = is_valid(schema, &doc);
                    assert!(!is_plain || is_valid, "{}:\n{text}", schema.name);
                    all += 1;
                    plain += usize::from(is_plain);
                    valid += usize::from(is_valid);
                }
            }
        }
        println!("{plain} of {valid} valid ones of {all} are plainly so");
        assert!(plain * 2 > valid, "{plain} of {valid} of {all}");
        assert!(valid * 10 > all, "{valid} of {all}");
    }
}
