//! A schema as editors use it: draft 7, which yaml-language-server knows best,
//! with a word on every key, and with all that OSM takes.
//!
//! An editor knows no warnings beside errors. What OSM does not demand is
//! therefore not demanded here either: a descriptor without an error must not
//! be red all over.

use serde_json::{Map, Value, json};

use super::catalog::{Reading, Schema};

/// What a key is for: the key around it and the key.
pub type Purpose = fn(&str, &str) -> Option<&'static str>;

impl Schema {
    /// The schema for editors.
    ///
    /// Of the models that are compared by text it takes texts for numbers and
    /// the other way round, keys with the prefix of a module, and one value for
    /// a list; it demands the keys of lists alone. `purpose` gives the words for
    /// keys that are known; the others get their shape.
    pub fn for_editors(&self, purpose: Purpose) -> String {
        let writer = Writer {
            is_lexical: self.reading == Reading::Lexical,
            purpose,
        };
        let mut root = writer.schema(self.value(), "", &[]);
        if let Value::Object(map) = &mut root {
            map.insert(
                "$schema".to_owned(),
                json!("http://json-schema.org/draft-07/schema#"),
            );
        }
        let mut text = serde_json::to_string_pretty(&root).unwrap_or_default();
        text.push('\n');
        text
    }
}

struct Writer {
    is_lexical: bool,
    purpose: Purpose,
}

impl Writer {
    /// One schema: that of `key`, whose items are told apart by
    /// `list_keys` where it is that of an item.
    fn schema(&self, schema: &Value, key: &str, list_keys: &[Value]) -> Value {
        let Value::Object(map) = schema else {
            return schema.clone();
        };
        let mut out = Map::new();
        for (word, value) in map {
            match word.as_str() {
                "$schema" => {}
                // Our own, which others pass over.
                _ if word.starts_with("x-nfv-") => {}
                "$defs" => {
                    out.insert("definitions".to_owned(), self.members(value, key));
                }
                "$ref" => {
                    let target = value.as_str().unwrap_or_default();
                    let target = target.replacen("#/$defs/", "#/definitions/", 1);
                    out.insert(word.clone(), json!(target));
                }
                "properties" => {
                    out.insert(word.clone(), self.members(value, key));
                }
                "items" => {
                    let keys = map.get("x-nfv-key").and_then(Value::as_array);
                    let keys = keys.map_or(&[][..], Vec::as_slice);
                    out.insert(word.clone(), self.schema(value, key, keys));
                }
                "additionalProperties" if self.is_lexical && *value == Value::Bool(false) => {
                    out.insert(word.clone(), value.clone());
                    out.insert(
                        "patternProperties".to_owned(),
                        json!({ "^[^:]+:[^:]+$": true }),
                    );
                }
                // What OSM lets pass, and keys that may have a prefix.
                "required" | "minItems" | "maxItems" | "uniqueItems" | "dependentSchemas"
                | "allOf"
                    if self.is_lexical => {}
                "dependentSchemas" => {
                    out.insert("dependencies".to_owned(), self.members(value, key));
                }
                "anyOf" | "oneOf" | "allOf" => {
                    let parts = value.as_array().into_iter().flatten();
                    let parts = parts.map(|part| self.schema(part, key, &[]));
                    out.insert(word.clone(), parts.collect());
                }
                "not" | "if" | "then" | "else" => {
                    out.insert(word.clone(), self.schema(value, key, &[]));
                }
                _ => {
                    out.insert(word.clone(), value.clone());
                }
            }
        }
        if self.is_lexical {
            self.coerce(&mut out);
            if !list_keys.is_empty() && map.contains_key("properties") {
                out.insert("required".to_owned(), json!(list_keys));
            }
        }
        Value::Object(out)
    }

    /// The members of a mapping of schemas, each with a description.
    fn members(&self, members: &Value, around: &str) -> Value {
        let members = members.as_object().into_iter().flatten();
        let member = |(key, schema): (&String, &Value)| {
            let mut out = self.schema(schema, key, &[]);
            if let Value::Object(map) = &mut out
                && !map.contains_key("description")
            {
                // Editors show a description as plain text.
                let words = (self.purpose)(around, key).map(|words| format!("{key} {words}"));
                let text = words.unwrap_or_else(|| key.clone()).replace('`', "");
                let units = schema["x-nfv-units"].as_str();
                let text = match units {
                    Some(units) => format!("{text} ({units})"),
                    None => text,
                };
                // Draft 7 passes over what stands beside a `$ref`.
                if let Some(reference) = map.remove("$ref") {
                    map.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
                }
                map.insert("description".to_owned(), json!(text));
            }
            (key.clone(), out)
        };
        Value::Object(members.map(member).collect())
    }

    /// Lets the type be any that OSM takes in its place.
    fn coerce(&self, out: &mut Map<String, Value>) {
        let types: &[&str] = match out.get("type").and_then(Value::as_str) {
            Some("string") if !out.contains_key("enum") => &["string", "number", "boolean", "null"],
            Some("string") => &["string", "null"],
            Some("integer" | "number") => &["number", "string", "null"],
            Some("boolean") => &["boolean", "string", "number", "null"],
            Some("object") => &["object", "null"],
            // One value for a list of values.
            Some("array") => &["array", "string", "number", "null"],
            _ => return,
        };
        match out.get("type").and_then(Value::as_str) {
            Some("integer" | "number") if !out.contains_key("pattern") => {
                out.insert("pattern".to_owned(), json!("^[-+]?[0-9]+([.][0-9]+)?$"));
            }
            Some("boolean") => {
                out.insert("pattern".to_owned(), json!("^([Tt]rue|[Ff]alse|[01])$"));
            }
            _ => {}
        }
        out.insert("type".to_owned(), json!(types));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{all, by_name};
    use super::*;

    const NOTHING: Purpose = |_, _| None;

    #[test]
    fn every_schema_has_a_form_for_editors_that_is_draft_7() {
        for schema in all() {
            let value: Value = serde_json::from_str(&schema.for_editors(NOTHING)).expect("JSON");
            let valid = jsonschema::draft7::meta::validate(&value);
            assert!(valid.is_ok(), "{}: {valid:?}", schema.name);
            let text = value.to_string();
            for word in ["$defs", "x-nfv-", "dependentSchemas"] {
                assert!(!text.contains(word), "{}: {word}", schema.name);
            }
            assert!(jsonschema::draft7::new(&value).is_ok(), "{}", schema.name);
        }
    }

    #[test]
    fn it_takes_what_osm_takes_and_refuses_what_osm_refuses() {
        let schema = by_name("osm/r15/vnfd").expect("schema");
        let value: Value = serde_json::from_str(&schema.for_editors(NOTHING)).expect("JSON");
        let judge = jsonschema::draft7::new(&value).expect("schema");
        let takes = |vnfd: Value| judge.is_valid(&json!({ "vnfd": vnfd }));
        let cpu = |n: Value| json!({"virtual-compute-desc": [{"id": "c", "virtual-cpu": {"num-virtual-cpu": n}}]});
        for good in [
            json!({"id": "a", "version": 1.0}),
            json!({"id": "a", "mgmt-interface:mgmt-cp": "e", "df": null}),
            json!({"vdu": [{"id": "s", "virtual-storage-desc": "d"}]}),
            json!({"ext-cpd": [{"id": "e", "layer-protocol": ["etsi-nfv-descriptors:ipv4"]}]}),
            cpu(json!("2")),
            cpu(json!(2)),
        ] {
            assert!(takes(good.clone()), "{good}");
        }
        for bad in [
            json!({"nmae": "a"}),
            json!({"vdu": [{"name": "s"}]}),
            json!({"ext-cpd": [{"id": "e", "layer-protocol": ["ipv5"]}]}),
            cpu(json!("two")),
            cpu(json!(65536)),
        ] {
            assert!(!takes(bad.clone()), "{bad}");
        }
    }
}
