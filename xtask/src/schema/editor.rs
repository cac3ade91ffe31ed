//! A schema as editors use it: draft 7, which yaml-language-server knows best,
//! with a word on every key, and with all that OSM takes.
//!
//! An editor knows no warnings beside errors. What OSM does not demand is
//! therefore not demanded here either: a descriptor without an error must not
//! be red all over.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::catalog::Reading;
use super::path::join;

/// What a key is for: the path of the node around it, and the key.
pub type Purpose = fn(&str, &str) -> Option<&'static str>;

/// No path in a model is as long as this.
const MOST_PATH: usize = 400;

/// The form of a schema for editors.
///
/// Of the models that are compared by text it takes texts for numbers and the
/// other way round, keys with the name of their module before them, and one
/// value for a list; it demands the keys of lists alone, and where `family` is
/// one of OSM's models the envelope of the descriptor.
pub(super) fn form(schema: &Value, reading: Reading, family: &str, purpose: Purpose) -> Value {
    let is_lexical = reading == Reading::Lexical;
    let writer = Writer {
        is_lexical,
        is_osm: is_lexical && family.starts_with("osm"),
        is_loaded: family == "osm",
        purpose,
        // The others have words of their own.
        uses: match is_lexical {
            true => uses(schema),
            false => BTreeMap::new(),
        },
    };
    let top = Place {
        pointer: "#".to_owned(),
        uses: Uses::top(schema),
    };
    let mut form = writer.schema(schema, &top);
    if let Value::Object(map) = &mut form {
        map.insert(
            "$schema".to_owned(),
            json!("http://json-schema.org/draft-07/schema#"),
        );
        if is_lexical {
            map.insert("type".to_owned(), json!("object"));
            map.insert("minProperties".to_owned(), json!(1));
        }
    }
    form
}

/// Where a part of a schema is used.
#[derive(Clone, Debug, Default, PartialEq)]
struct Uses {
    /// The paths of the nodes that it describes.
    paths: BTreeSet<String>,
    /// The modules of these nodes.
    modules: BTreeSet<String>,
}

impl Uses {
    fn top(schema: &Value) -> Self {
        let module = schema["x-nfv-module"].as_str();
        Uses {
            paths: BTreeSet::from([String::new()]),
            modules: module.map(str::to_owned).into_iter().collect(),
        }
    }

    /// The uses of the schema of a key.
    fn below(&self, key: &str, schema: &Value) -> Self {
        let paths = self.paths.iter().map(|path| join(path, key));
        Uses {
            paths: paths.collect(),
            modules: match schema["x-nfv-module"].as_str() {
                Some(module) => BTreeSet::from([module.to_owned()]),
                None => self.modules.clone(),
            },
        }
    }
}

/// Where the definitions of a schema are used, by their names.
fn uses(root: &Value) -> BTreeMap<String, Uses> {
    let mut found: BTreeMap<String, Uses> = BTreeMap::new();
    let mut open = vec![(root, Uses::top(root))];
    while let Some((schema, uses)) = open.pop() {
        let target = schema["$ref"]
            .as_str()
            .and_then(|r| r.strip_prefix("#/$defs/"));
        if let Some(name) = target {
            let of_name = found.entry(name.to_owned()).or_default();
            let before = of_name.clone();
            of_name.paths.extend(uses.paths.iter().cloned());
            of_name.modules.extend(uses.modules.iter().cloned());
            if *of_name != before {
                open.push((&root["$defs"][name], uses.clone()));
            }
        }
        for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
            let below = uses.below(key, schema);
            if below.paths.iter().all(|path| path.len() <= MOST_PATH) {
                open.push((schema, below));
            }
        }
        for part in schema["anyOf"].as_array().into_iter().flatten() {
            open.push((part, uses.clone()));
        }
        if schema["items"].is_object() {
            open.push((&schema["items"], uses));
        }
    }
    found
}

/// A part of a schema.
struct Place {
    /// Where it stands in the form.
    pointer: String,
    uses: Uses,
}

impl Place {
    fn below(&self, steps: &str) -> String {
        format!("{}/{steps}", self.pointer)
    }
}

struct Writer {
    is_lexical: bool,
    /// Whether OSM reads such documents.
    is_osm: bool,
    /// Whether today's OSM loads them, which finds the key of an item only where
    /// it has no prefix.
    is_loaded: bool,
    purpose: Purpose,
    uses: BTreeMap<String, Uses>,
}

impl Writer {
    /// One schema.
    fn schema(&self, schema: &Value, place: &Place) -> Value {
        let Value::Object(map) = schema else {
            return schema.clone();
        };
        let mut out = Map::new();
        let same = |steps: &str| Place {
            pointer: place.below(steps),
            uses: place.uses.clone(),
        };
        for (word, value) in map {
            match word.as_str() {
                "$schema" => {}
                // Our own, which others pass over.
                _ if word.starts_with("x-nfv-") => {}
                "$defs" => {
                    out.insert("definitions".to_owned(), self.definitions(value));
                }
                "$ref" => {
                    let target = value.as_str().unwrap_or_default();
                    let target = target.replacen("#/$defs/", "#/definitions/", 1);
                    out.insert(word.clone(), json!(target));
                }
                "properties" => {
                    out.insert(word.clone(), self.members(value, place));
                    if self.is_lexical {
                        let qualified = qualified(value, place);
                        if !qualified.is_empty() {
                            out.insert("patternProperties".to_owned(), qualified.into());
                        }
                    }
                }
                "items" => {
                    let mut items = self.schema(value, &same("items"));
                    let keys = map.get("x-nfv-key").and_then(Value::as_array);
                    if let (Value::Object(items), Some(keys)) = (&mut items, keys) {
                        self.demand(items, keys, &place.uses.modules);
                    }
                    out.insert(word.clone(), items);
                }
                // What OSM lets pass, and keys that may have a prefix.
                "required" | "minItems" | "maxItems" | "uniqueItems" | "dependentSchemas"
                | "allOf"
                    if self.is_lexical => {}
                "dependentSchemas" => {
                    let parts = value.as_object().into_iter().flatten();
                    let parts = parts.map(|(key, part)| {
                        let place = same(&format!("dependencies/{key}"));
                        (key.clone(), self.schema(part, &place))
                    });
                    out.insert("dependencies".to_owned(), Value::Object(parts.collect()));
                }
                "anyOf" | "oneOf" | "allOf" => {
                    let parts = value.as_array().into_iter().flatten().enumerate();
                    let parts = parts.map(|(number, part)| {
                        self.schema(part, &same(&format!("{word}/{number}")))
                    });
                    out.insert(word.clone(), parts.collect());
                }
                "not" | "if" | "then" | "else" => {
                    out.insert(word.clone(), self.schema(value, &same(word)));
                }
                "pattern" => {
                    let pattern = value.as_str().unwrap_or_default();
                    out.insert(word.clone(), json!(without_classes(pattern)));
                }
                _ => {
                    out.insert(word.clone(), value.clone());
                }
            }
        }
        if self.is_lexical {
            coerce(&mut out);
        }
        Value::Object(out)
    }

    /// The definitions, each with what is common to the places that use it.
    fn definitions(&self, definitions: &Value) -> Value {
        let definitions = definitions.as_object().into_iter().flatten();
        let written = definitions.map(|(name, schema)| {
            let place = Place {
                pointer: format!("#/definitions/{name}"),
                uses: self.uses.get(name).cloned().unwrap_or_default(),
            };
            (name.clone(), self.schema(schema, &place))
        });
        Value::Object(written.collect())
    }

    /// The keys of a mapping, each with a description.
    fn members(&self, members: &Value, place: &Place) -> Value {
        let members = members.as_object().into_iter().flatten();
        let member = |(key, schema): (&String, &Value)| {
            let below = Place {
                pointer: place.below(&format!("properties/{key}")),
                uses: place.uses.below(key, schema),
            };
            let mut out = self.schema(schema, &below);
            if let Value::Object(map) = &mut out
                && self.is_osm
            {
                enclose(map, &below.uses);
            }
            if let Value::Object(map) = &mut out
                && !map.contains_key("description")
            {
                // Editors show a description as plain text.
                let words = self.words(&place.uses, key);
                let words = words.map(|words| format!("{key} {words}").replace('`', ""));
                let units = schema["x-nfv-units"].as_str();
                // The name alone says nothing that the author has not written.
                let text = match (words, units) {
                    (Some(words), Some(units)) => Some(format!("{words} ({units})")),
                    (None, Some(units)) => Some(format!("{key} ({units})")),
                    (words, None) => words,
                };
                if let Some(text) = text {
                    // Draft 7 passes over what stands beside a `$ref`.
                    if let Some(reference) = map.remove("$ref") {
                        map.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
                    }
                    map.insert("description".to_owned(), json!(text));
                }
            }
            (key.clone(), out)
        };
        Value::Object(members.map(member).collect())
    }

    /// What a key is for: what holds in all places, or what is said of the key
    /// wherever it stands.
    fn words(&self, around: &Uses, key: &str) -> Option<&'static str> {
        let words: BTreeSet<_> = around
            .paths
            .iter()
            .map(|path| (self.purpose)(path, key))
            .collect();
        match words.len() {
            1 => words.into_iter().next().flatten(),
            _ => (self.purpose)("", key),
        }
    }

    /// Demands the keys of an item, with a prefix where a reader takes that.
    fn demand(&self, out: &mut Map<String, Value>, keys: &[Value], modules: &BTreeSet<String>) {
        // Draft 7 passes over what stands beside a `$ref`.
        let reference = out.remove("$ref").map(|target| json!({ "$ref": target }));
        let mut clauses: Vec<Value> = reference.into_iter().collect();
        // Of several keys only one must have a value.
        if let [Value::String(key)] = keys {
            match out.get_mut("properties") {
                Some(own) => without_null(&mut own[key]),
                None => {
                    let some = json!({ "not": { "type": "null" } });
                    out.insert("properties".to_owned(), json!({ key: some }));
                }
            }
        }
        if self.is_loaded {
            out.insert("required".to_owned(), json!(keys));
            if !clauses.is_empty() {
                out.insert("allOf".to_owned(), clauses.into());
            }
            return;
        }
        let key = |key: &str| {
            let with = modules.iter().map(|module| format!("{module}:{key}"));
            let written = std::iter::once(key.to_owned()).chain(with);
            let options: Vec<Value> = written.map(|key| json!({"required": [key]})).collect();
            json!({ "anyOf": options })
        };
        clauses.extend(keys.iter().filter_map(Value::as_str).map(key));
        out.insert("allOf".to_owned(), clauses.into());
    }
}

/// Takes an empty value out of what is taken.
fn without_null(schema: &mut Value) {
    if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|name| name != "null");
    }
}

/// What OSM demands of the envelope of a descriptor: a list of one in the
/// mapping, where there is a list.
fn enclose(out: &mut Map<String, Value>, uses: &Uses) {
    let mut paths = uses.paths.iter();
    let (Some(path), None) = (paths.next(), paths.next()) else {
        return;
    };
    let is_list = out.contains_key("items");
    let list = match path.as_str() {
        "vnfd" => None,
        "nsd" | "nsd-catalog" => Some("nsd"),
        "vnfd-catalog" => Some("vnfd"),
        "nst" | "nsd/nsd" | "nsd-catalog/nsd" | "vnfd-catalog/vnfd" if is_list => {
            out.insert("type".to_owned(), json!("array"));
            out.insert("minItems".to_owned(), json!(1));
            out.insert("maxItems".to_owned(), json!(1));
            return;
        }
        _ => return,
    };
    if out.get("type").is_some() {
        out.insert("type".to_owned(), json!("object"));
    }
    if let Some(list) = list {
        let with = uses.modules.iter().map(|module| format!("{module}:{list}"));
        let written = std::iter::once(list.to_owned()).chain(with);
        let options: Vec<Value> = written.map(|key| json!({ "required": [key] })).collect();
        out.insert("anyOf".to_owned(), options.into());
    }
}

/// The same keys with the name of their module before them.
fn qualified(members: &Value, place: &Place) -> Map<String, Value> {
    let members = members.as_object().into_iter().flatten();
    let member = |(key, schema): (&String, &Value)| {
        let modules = place.uses.below(key, schema).modules;
        let modules: Vec<&str> = modules.iter().map(String::as_str).collect();
        let modules = match modules.as_slice() {
            [] => return None,
            [one] => (*one).to_owned(),
            several => format!("({})", several.join("|")),
        };
        let pattern = format!("^{modules}:{key}$").replace('.', "[.]");
        let target = place.below(&format!("properties/{key}"));
        Some((pattern, json!({ "$ref": target })))
    };
    members.filter_map(member).collect()
}

/// Lets the type be any that OSM takes in its place.
fn coerce(out: &mut Map<String, Value>) {
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
        // A key without a value is absent to OSM, but not where it looks into the
        // name of an identity.
        Some("string") => {
            if let Some(words) = out.get_mut("enum").and_then(Value::as_array_mut)
                && !words
                    .iter()
                    .filter_map(Value::as_str)
                    .any(|word| word.contains(':'))
            {
                words.push(Value::Null);
            }
        }
        Some("boolean") => {
            out.insert("minimum".to_owned(), json!(0));
            out.insert("maximum".to_owned(), json!(1));
            out.insert("pattern".to_owned(), json!("^([Tt]rue|[Ff]alse|[01])$"));
        }
        _ => {}
    }
    out.insert("type".to_owned(), json!(types));
}

/// A pattern without the classes of letters and digits that ECMA-262 knows by name, and
/// neither Python nor every editor: one that does not know them gives up. What they
/// leave out of the letters beyond ASCII passes.
pub(super) fn without_classes(pattern: &str) -> String {
    let pattern = pattern.replace(r"\p{L}", r"A-Za-z\u00aa-\uffff");
    pattern.replace(r"\p{N}", "0-9")
}

#[cfg(test)]
mod tests {
    use super::super::Sheet;
    use super::*;

    const NOTHING: Purpose = |_, _| None;

    fn form_of(name: &str) -> Value {
        let sheet = Sheet::find(name).expect("schema");
        serde_json::from_str(&sheet.for_editors(NOTHING)).expect("JSON")
    }

    #[test]
    fn every_schema_has_a_form_for_editors_that_is_draft_7() {
        for sheet in Sheet::all() {
            let value = form_of(&sheet.name);
            let valid = jsonschema::draft7::meta::validate(&value);
            assert!(valid.is_ok(), "{}: {valid:?}", sheet.name);
            let text = value.to_string();
            for word in ["$defs", "x-nfv-", "dependentSchemas", "\\\\p{"] {
                assert!(!text.contains(word), "{}: {word}", sheet.name);
            }
            assert!(jsonschema::draft7::new(&value).is_ok(), "{}", sheet.name);
        }
    }

    #[test]
    fn it_takes_what_osm_takes_and_refuses_what_osm_refuses() {
        let cpu = |n: Value| json!({"virtual-compute-desc": [{"id": "c", "virtual-cpu": {"num-virtual-cpu": n}}]});
        for name in ["osm/r15/vnfd", "osm@15"] {
            let judge = jsonschema::draft7::new(&form_of(name)).expect("schema");
            let takes = |vnfd: Value| judge.is_valid(&json!({ "vnfd": vnfd }));
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

    #[test]
    fn a_key_may_have_the_name_of_its_module_and_no_other() {
        let osm = jsonschema::draft7::new(&form_of("osm/r15/vnfd")).expect("schema");
        let etsi = jsonschema::draft7::new(&form_of("sol006@3.6.1")).expect("schema");
        let vnfd = |body: Value| json!({ "etsi-nfv-vnfd:vnfd": body });
        for good in [
            json!({"etsi-nfv-vnfd:vdu": [{"id": "s"}]}),
            json!({"vdu": [{"id": "s", "etsi-nfv-vnfd:name": "s"}]}),
        ] {
            assert!(osm.is_valid(&vnfd(good.clone())), "{good}");
            assert!(etsi.is_valid(&vnfd(good.clone())), "{good}");
        }
        for bad in [
            json!({"vnfd:vdu": [{"id": "s"}]}),
            json!({"etsi-nfv-vnfd:mgmt-cp": "m"}),
            // What is behind such a key is looked at as well.
            json!({"etsi-nfv-vnfd:vdu": [{"id": "s", "nmae": "s"}]}),
        ] {
            assert!(!osm.is_valid(&vnfd(bad.clone())), "{bad}");
            assert!(!etsi.is_valid(&vnfd(bad.clone())), "{bad}");
        }
        // OSM's loader does not find the key of an item behind a prefix.
        let item = vnfd(json!({"vdu": [{"etsi-nfv-vnfd:id": "s"}]}));
        assert!(!osm.is_valid(&item));
        assert!(etsi.is_valid(&item));
    }

    /// A part that is used in several places is told of with what holds in all.
    #[test]
    fn words_go_by_the_whole_path() {
        const PATH: Purpose = |around, _| match around {
            "vnfd/vdu" => Some("stands in a VDU"),
            "vnfd" => Some("stands at the top"),
            _ => Some("stands somewhere"),
        };
        let sheet = Sheet::find("osm@15/vnfd").expect("schema");
        let form: Value = serde_json::from_str(&sheet.for_editors(PATH)).expect("JSON");
        let vnfd = &form["properties"]["vnfd"]["properties"];
        assert_eq!(vnfd["id"]["description"], "id stands at the top");
        let vdu = &vnfd["vdu"]["items"]["properties"];
        assert_eq!(vdu["id"]["description"], "id stands in a VDU");
    }

    #[test]
    fn a_model_takes_each_of_its_kinds_and_no_two_at_once() {
        let model = form_of("osm@15");
        let judge = jsonschema::draft7::new(&model).expect("schema");
        let kinds = [
            json!({"vnfd": {"id": "a"}}),
            json!({"nsd": {"nsd": [{"id": "a"}]}}),
            json!({"nst": [{"id": "a"}]}),
        ];
        for kind in &kinds {
            assert!(judge.is_valid(kind), "{kind}");
        }
        assert!(!judge.is_valid(&json!({})));
        assert!(!judge.is_valid(&json!({"vnfd": {"id": "a"}, "nst": [{"id": "a"}]})));
        assert!(!judge.is_valid(&json!({"nst": [{"id": "a", "nmae": "b"}]})));
    }
}
