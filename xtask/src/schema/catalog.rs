//! The schemas in the binary, each compiled once and only when it is needed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::Read;
use std::sync::{LazyLock, OnceLock};

use flate2::read::DeflateDecoder;
use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use super::choice::{Choice, ModelVersion, versions};
use super::stated::Stated;
use super::view::{Lexical, Python, Typed};
use crate::descriptor::{Descriptor, Kind, Model};
use crate::source::{Profile, ShieldProfile};

/// How scalars are compared with a schema's types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// By their text, as YANG does: `version: 1.0` is a string there and
    /// `seq: '3'` a number. Module prefixes on keys are passed over.
    Lexical,
    /// By their YAML 1.2 type, as JSON Schema does.
    Typed,
    /// By what PyYAML makes of them, which reads YAML 1.1: `yes` and a date are no strings.
    Python,
}

pub(super) enum Compiled {
    Lexical(Validator<Lexical>),
    Typed(Validator<Typed>),
    Python(Validator<Python>),
}

/// One schema.
pub struct Schema {
    /// Its path below `schemas/`, without the ending: `osm/r15/vnfd`.
    pub name: &'static str,
    /// How scalars are compared with it.
    pub reading: Reading,
    packed: &'static [u8],
    value: OnceLock<Value>,
    compiled: OnceLock<Option<Compiled>>,
    stated: OnceLock<Stated>,
    places: OnceLock<HashMap<String, Option<String>>>,
}

/// Name and compressed text of every file below `schemas/`; see `xtask/build.rs`.
const PACKED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/schemas.rs"));

static SCHEMAS: LazyLock<Vec<Schema>> = LazyLock::new(|| {
    let schema = |&(name, packed): &(&'static str, &'static [u8])| Schema {
        name,
        // The models that are compiled from YANG.
        reading: match name.split('/').next() {
            Some("osm" | "osm-im" | "sol006") => Reading::Lexical,
            // The Store is written in Python.
            Some("shield") => Reading::Python,
            _ => Reading::Typed,
        },
        packed,
        value: OnceLock::new(),
        compiled: OnceLock::new(),
        stated: OnceLock::new(),
        places: OnceLock::new(),
    };
    PACKED.iter().map(schema).collect()
});

/// Every schema that is shipped.
pub fn all() -> &'static [Schema] {
    &SCHEMAS
}

/// The schema of that name.
pub fn by_name(name: &str) -> Option<&'static Schema> {
    SCHEMAS.iter().find(|schema| schema.name == name)
}

/// The schemas that a descriptor may be held against.
#[derive(Clone, Debug)]
pub enum Schemas {
    /// The newest of these that the descriptor fits: no descriptor says which
    /// release it was written for.
    Newest(Vec<&'static Schema>),
    /// A SHIELD manifest: the first that fits, with the one to complain by.
    Shield(ShieldProfile),
}

impl Schemas {
    /// Chooses by kind and model, and for HDA graphs by the version inside.
    ///
    /// A version of a model that was asked for holds for the descriptors that
    /// it describes; the others are held against their own.
    pub fn of(descriptor: &Descriptor, choice: &Choice) -> Self {
        let (families, document): (&[&str], _) = match (descriptor.kind, descriptor.model) {
            (_, Model::Nfv) => (&["sol006"], "nfv"),
            // Who asks by name for the model of the other age is told that it is
            // another; in the profile of OSM by `osm/envelope`.
            (Kind::Vnf, Model::Sol006) if choice.profile != Profile::Osm => {
                (&["osm", "sol006", "osm-im"], "vnfd")
            }
            (Kind::Ns, Model::Sol006) if choice.profile != Profile::Osm => {
                (&["osm", "sol006", "osm-im"], "nsd")
            }
            (Kind::Vnf, Model::Sol006) => (&["osm", "sol006"], "vnfd"),
            (Kind::Ns, Model::Sol006) => (&["osm", "sol006"], "nsd"),
            // OSM has no descriptors of physical functions.
            (Kind::Pnf, _) => (&["sol006"], "pnfd"),
            (Kind::Nst, _) => (&["osm", "osm-im"], "nst"),
            (Kind::Vnf, _) if choice.profile != Profile::Osm => {
                (&["osm-im", "osm", "sol006"], "vnfd")
            }
            (Kind::Ns, _) if choice.profile != Profile::Osm => {
                (&["osm-im", "osm", "sol006"], "nsd")
            }
            (Kind::Vnf, _) => (&["osm-im"], "vnfd"),
            (Kind::Ns, _) => (&["osm-im"], "nsd"),
            (Kind::ShieldNs | Kind::ShieldVnsf, _) => return Schemas::Shield(choice.shield),
            (Kind::Hdag, _) => {
                let name = match descriptor.field("imVersion").and_then(|n| n.str()) {
                    Some("0.3.0") => "hdag/0.3.0",
                    _ => "hdag/0.4.0",
                };
                return Schemas::Newest(by_name(name).into_iter().collect());
            }
            (Kind::Chart, _) => {
                return Schemas::Newest(by_name("chart/chart").into_iter().collect());
            }
            (Kind::Vo, _) => {
                return Schemas::Newest(by_name("vo/descriptor").into_iter().collect());
            }
        };
        let wanted = choice
            .model
            .filter(|model| families.contains(&model.family))
            .and_then(|model| model.schema(document));
        if let Some(schema) = wanted {
            return Schemas::Newest(vec![schema]);
        }
        let family = match choice.profile {
            Profile::Osm => families.first(),
            // Nothing of ETSI's is like it.
            _ if descriptor.model == Model::OsmIm => families.first(),
            Profile::Etsi | Profile::EtsiLiteral => {
                let etsi = families.iter().find(|family| **family == "sol006");
                etsi.or(families.first())
            }
        };
        let of_family = |version: &&ModelVersion| Some(&version.family) == family;
        let versions = versions().iter().filter(of_family);
        Schemas::Newest(
            versions
                .filter_map(|version| version.schema(document))
                .collect(),
        )
    }
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schema").field("name", &self.name).finish()
    }
}

impl Schema {
    /// The text of the schema.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // A test unpacks and parses every schema that is shipped, so neither
        // this nor the next can fail for a user.
        let _ = DeflateDecoder::new(self.packed).read_to_string(&mut text);
        text
    }

    /// The schema as JSON.
    pub fn value(&self) -> &Value {
        self.value
            .get_or_init(|| serde_json::from_str(&self.text()).unwrap_or(Value::Bool(true)))
    }

    /// The path at which the schema knows `key`, if there is exactly one.
    pub fn only_place(&self, key: &str) -> Option<&str> {
        let places = self.places.get_or_init(|| places(self.value()));
        places.get(key)?.as_deref()
    }

    /// Whether some mapping of the schema has a key.
    pub fn has_somewhere(&self, key: &str) -> bool {
        let places = self.places.get_or_init(|| places(self.value()));
        places.contains_key(key)
    }

    /// Whether OSM has added this key to ETSI's model, in the mapping at a path such
    /// as `vnfd/vdu/0`: its newest edition has it, and none of ETSI's does.
    pub fn is_addition(&self, path: &str, key: &str) -> bool {
        if !self.name.starts_with("sol006/") {
            return false;
        }
        let of = |family: &'static str| {
            let versions = versions().iter().filter(move |own| own.family == family);
            versions.filter_map(|version| version.schema(self.kind()))
        };
        let has_key = |schema: &'static Schema| schema.has_key(path, key);
        of("osm").next().is_some_and(has_key) && !of("sol006").any(has_key)
    }

    /// The kind of document that it describes: the end of its name.
    pub(super) fn kind(&self) -> &'static str {
        self.name.rsplit('/').next().unwrap_or(self.name)
    }

    /// The title of the schema, for messages.
    pub fn title(&self) -> &str {
        self.value()["title"].as_str().unwrap_or(self.name)
    }

    /// What the schema states of the nodes of a document, beyond what JSON
    /// Schema says.
    pub(super) fn stated(&'static self) -> &'static Stated {
        self.stated
            .get_or_init(|| Stated::new(self.value(), self.value()))
    }

    pub(super) fn compiled(&self) -> Option<&Compiled> {
        // Threads that ask meanwhile wait: to compile it again takes as long.
        self.compiled.get_or_init(|| self.compile()).as_ref()
    }

    fn compile(&self) -> Option<Compiled> {
        // The linear-time engine: our patterns need no lookaround, and a
        // descriptor must not be able to make matching slow.
        let patterns = PatternOptions::regex();
        let compiled = match self.reading {
            Reading::Lexical => jsonschema::options_for::<Lexical>()
                .with_pattern_options(patterns)
                .offline()
                .build(self.value())
                .map(Compiled::Lexical),
            Reading::Typed => jsonschema::options_for::<Typed>()
                .with_pattern_options(patterns)
                .offline()
                .build(self.value())
                .map(Compiled::Typed),
            Reading::Python => jsonschema::options_for::<Python>()
                .with_pattern_options(patterns)
                .offline()
                .build(self.value())
                .map(Compiled::Python),
        };
        // As above: a test compiles every schema that is shipped.
        compiled.ok()
    }
}

/// Every key of a schema with the path of the mapping that has it, or `None`
/// where several have.
fn places(schema: &Value) -> HashMap<String, Option<String>> {
    // A schema that refers to itself would have no end.
    const MAX_DEPTH: usize = 24;
    const MAX_STEPS: usize = 50_000;
    let mut found: HashMap<String, Option<String>> = HashMap::new();
    let mut open = vec![(schema, String::new(), 0usize)];
    let mut steps = 0;
    while let Some((value, path, depth)) = open.pop() {
        steps += 1;
        if depth > MAX_DEPTH || steps > MAX_STEPS {
            return HashMap::new();
        }
        let reference = value["$ref"].as_str().and_then(|r| r.strip_prefix('#'));
        if let Some(target) = reference.and_then(|pointer| schema.pointer(pointer)) {
            open.push((target, path.clone(), depth + 1));
        }
        for (name, property) in value["properties"].as_object().into_iter().flatten() {
            match found.entry(name.clone()) {
                Entry::Vacant(entry) => {
                    entry.insert(Some(path.clone()));
                }
                Entry::Occupied(mut entry) if entry.get().as_ref() != Some(&path) => {
                    entry.insert(None);
                }
                Entry::Occupied(_) => {}
            }
            let inner = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}/{name}")
            };
            open.push((property, inner, depth + 1));
        }
        if value["items"].is_object() {
            open.push((&value["items"], path, depth + 1));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_parses_and_compiles() {
        for schema in all() {
            let parsed = serde_json::from_str::<Value>(&schema.text());
            assert!(parsed.is_ok(), "{}: {parsed:?}", schema.name);
            assert!(schema.compiled().is_some(), "{}", schema.name);
            assert!(schema.value()["title"].is_string(), "{}", schema.name);
        }
    }

    #[test]
    fn every_schema_is_valid_by_the_meta_schema() {
        for schema in all() {
            let result = jsonschema::meta::validate(schema.value());
            assert!(result.is_ok(), "{}: {result:?}", schema.name);
        }
    }
}
