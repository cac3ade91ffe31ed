//! The schemas in the binary, each compiled once and only when it is needed.

use std::sync::{LazyLock, OnceLock};

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use super::view::{Lexical, Typed};
use crate::descriptor::{Descriptor, Kind, Model};
use crate::source::ShieldProfile;

/// How scalars are compared with a schema's types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// By their text, as YANG does: `version: 1.0` is a string there and
    /// `seq: '3'` a number. Module prefixes on keys are passed over.
    Lexical,
    /// By their YAML 1.2 type, as JSON Schema does.
    Typed,
}

pub(super) enum Compiled {
    Lexical(Validator<Lexical>),
    Typed(Validator<Typed>),
}

/// One schema.
pub struct Schema {
    /// Its path below `schemas/`, without the ending: `osm/r15/vnfd`.
    pub name: &'static str,
    /// How scalars are compared with it.
    pub reading: Reading,
    /// Its text.
    pub text: &'static str,
    value: OnceLock<Value>,
    compiled: OnceLock<Compiled>,
}

macro_rules! schemas {
    ($($name:literal $reading:ident),* $(,)?) => {
        [$(Schema {
            name: $name,
            reading: Reading::$reading,
            text: include_str!(concat!("../../../schemas/", $name, ".json")),
            value: OnceLock::new(),
            compiled: OnceLock::new(),
        }),*]
    };
}

static SCHEMAS: LazyLock<Vec<Schema>> = LazyLock::new(|| {
    schemas! {
        "chart/chart" Typed,
        "hdag/0.3.0" Typed,
        "hdag/0.4.0" Typed,
        "nfv-config/v1" Typed,
        "osm/r15/vnfd" Lexical,
        "osm/r15/nsd" Lexical,
        "osm/r15/nst" Lexical,
        "osm-im/r8/vnfd" Lexical,
        "osm-im/r8/nsd" Lexical,
        "shield/docs" Typed,
        "shield/legacy" Typed,
        "shield/store-head" Typed,
        "vo/descriptor" Typed,
    }
    .into()
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
    /// Exactly this one.
    One(&'static Schema),
    /// A SHIELD manifest: the first that fits, with the one to complain by.
    Shield(ShieldProfile),
    /// Nothing is known about this kind.
    None,
}

impl Schemas {
    /// Chooses by kind and model, and for HDA graphs by the version inside.
    pub fn of(descriptor: &Descriptor, shield: ShieldProfile) -> Self {
        let name = match (descriptor.kind, descriptor.model) {
            (Kind::Vnf, Model::Sol006) => "osm/r15/vnfd",
            (Kind::Ns, Model::Sol006) => "osm/r15/nsd",
            (Kind::Nst, _) => "osm/r15/nst",
            (Kind::Vnf, _) => "osm-im/r8/vnfd",
            (Kind::Ns, _) => "osm-im/r8/nsd",
            (Kind::ShieldNs | Kind::ShieldVnsf, _) => return Schemas::Shield(shield),
            (Kind::Hdag, _) => match descriptor.field("imVersion").and_then(|n| n.str()) {
                Some("0.3.0") => "hdag/0.3.0",
                _ => "hdag/0.4.0",
            },
            (Kind::Chart, _) => "chart/chart",
            (Kind::Vo, _) => "vo/descriptor",
        };
        by_name(name).map_or(Schemas::None, Schemas::One)
    }
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schema").field("name", &self.name).finish()
    }
}

impl Schema {
    /// The schema as JSON.
    pub fn value(&self) -> &Value {
        self.value.get_or_init(|| {
            // A test parses every schema that is shipped, so this is reached
            // with sound JSON only.
            serde_json::from_str(self.text).unwrap_or(Value::Bool(true))
        })
    }

    /// The title of the schema, for messages.
    pub fn title(&self) -> &str {
        self.value()["title"].as_str().unwrap_or(self.name)
    }

    pub(super) fn compiled(&self) -> Option<&Compiled> {
        if let Some(compiled) = self.compiled.get() {
            return Some(compiled);
        }
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
        };
        // As above: a test compiles every schema that is shipped.
        let compiled = compiled.ok()?;
        Some(self.compiled.get_or_init(|| compiled))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_parses_and_compiles() {
        for schema in all() {
            let parsed = serde_json::from_str::<Value>(schema.text);
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
