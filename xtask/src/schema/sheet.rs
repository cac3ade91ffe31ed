//! A schema as it is printed: that of one kind of document, or that of a version
//! of a model, which takes each kind that the version describes.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::json;

use super::catalog::{Reading, Schema, all};
use super::choice::{ModelVersion, versions};
use super::editor::{self, Purpose};

/// A schema to print.
pub struct Sheet {
    /// What it is asked for by: `osm@15`, `osm/r15/vnfd`.
    pub name: String,
    /// What it describes, in words.
    pub title: String,
    /// The schemas of its kinds of document.
    kinds: Vec<&'static Schema>,
    /// Whether it is that of a model.
    is_model: bool,
}

impl Sheet {
    /// Every one: the models, the newest version of each first, and then the
    /// kinds of document.
    pub fn all() -> Vec<Self> {
        let models = versions().iter().map(Sheet::of_model);
        let kinds = all().iter().map(|schema| Sheet {
            name: schema.name.to_owned(),
            title: schema.title().to_owned(),
            kinds: vec![schema],
            is_model: false,
        });
        models.chain(kinds).collect()
    }

    /// The one of that name. A kind of document may be asked for by its version
    /// too: `osm@15/vnfd`.
    pub fn find(name: &str) -> Option<Self> {
        let mut sheets = Sheet::all().into_iter();
        let path = name.split_once('/').and_then(|(model, kind)| {
            let version = ModelVersion::find(model)?;
            Some(version.schema(kind)?.name)
        });
        sheets.find(|sheet| sheet.name == path.unwrap_or(name))
    }

    /// The other names of the kinds of document of models: `osm@15/vnfd`.
    pub fn paths() -> impl Iterator<Item = String> {
        versions().iter().flat_map(|version| {
            let schemas = version.schemas();
            schemas.map(move |schema| format!("{version}/{}", schema.kind()))
        })
    }

    fn of_model(version: &'static ModelVersion) -> Self {
        let kinds: Vec<&'static Schema> = version.schemas().collect();
        let names: Vec<&str> = kinds.iter().map(|schema| schema.kind()).collect();
        // The name of the model stands behind that of the kind.
        let title = kinds.first().map_or("", |schema| schema.title());
        let title = title.split_once(", ").map_or(title, |(_, model)| model);
        Sheet {
            name: version.to_string(),
            title: format!("{title}: {}", names.join(", ")),
            kinds,
            is_model: true,
        }
    }

    /// The text of the schema, with patterns that readers of ECMA-262 and of Python's
    /// regular expressions take.
    pub fn text(&self) -> String {
        let text = match self.kinds.as_slice() {
            [one] if !self.is_model => one.text(),
            _ => json::text(self.value().into_owned()),
        };
        // As it is escaped in JSON.
        let classes = r"\\p{N}\\p{L}";
        let plain = editor::without_classes(r"\p{N}\p{L}").replace('\\', r"\\");
        text.replace(classes, &plain)
    }

    /// The form for editors. `purpose` says what keys are for; those of which
    /// it knows nothing get their name.
    pub fn for_editors(&self, purpose: Purpose) -> String {
        let first = self.kinds.first();
        let reading = first.map_or(Reading::Typed, |schema| schema.reading);
        let family = first.and_then(|schema| schema.name.split('/').next());
        let family = family.unwrap_or_default();
        json::text(editor::form(&self.value(), reading, family, purpose))
    }

    fn value(&self) -> Cow<'static, Value> {
        match self.kinds.as_slice() {
            [one] if !self.is_model => Cow::Borrowed(one.value()),
            kinds => Cow::Owned(self.join(kinds)),
        }
    }

    /// One schema of several, of which each has a key of its own at the top.
    fn join(&self, kinds: &[&'static Schema]) -> Value {
        let mut properties = Map::new();
        let mut definitions = Map::new();
        for schema in kinds {
            let kind = schema.kind();
            let mut value = schema.value().clone();
            qualify(&mut value, kind);
            let module = value["x-nfv-module"].take();
            if let Some(Value::Object(own)) = value.get_mut("properties").map(Value::take) {
                for (key, mut property) in own {
                    if let Value::Object(property) = &mut property {
                        property.entry("x-nfv-module").or_insert(module.clone());
                    }
                    properties.insert(key, property);
                }
            }
            if let Some(Value::Object(own)) = value.get_mut("$defs").map(Value::take) {
                definitions.extend(
                    own.into_iter()
                        .map(|(name, part)| (format!("{kind}.{name}"), part)),
                );
            }
        }
        let path = self.kinds.first().map_or("", |schema| schema.name);
        let path = path.rsplit_once('/').map_or(path, |(path, _)| path);
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": format!("urn:cargo-nfv:schema:{path}"),
            "title": self.title,
            "type": "object",
            "properties": properties,
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false,
            "$defs": definitions,
        })
    }
}

/// Puts the kind of document before the names of the definitions that a schema
/// refers to: two kinds may have different ones of the same name.
fn qualify(value: &mut Value, kind: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| qualify(item, kind)),
        Value::Object(members) => {
            for (key, member) in members {
                let name = member.as_str().and_then(|t| t.strip_prefix("#/$defs/"));
                match name.filter(|_| key == "$ref") {
                    Some(name) => *member = format!("#/$defs/{kind}.{name}").into(),
                    None => qualify(member, kind),
                }
            }
        }
        _ => {}
    }
}
