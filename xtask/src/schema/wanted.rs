//! What a schema wants at one place, whatever stands there, and the least that
//! can be written for it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::catalog::{Reading, Schema};
use super::stated::{keyword, list};
use crate::descriptor::local_name;

/// No path in a model is as long as this.
const MOST_PATH: usize = 400;

/// A step from a node to one of its children.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step<'a> {
    /// To the value of a key.
    Key(&'a str),
    /// To an item of a list.
    Item,
}

impl Schema {
    /// Whether the schema takes a text at this place and nothing else: no
    /// number, no boolean, no list. `None` if it does not know the place.
    pub fn takes_text(&self, path: &[Step<'_>]) -> Option<bool> {
        let here = self.at(path);
        let types = here.iter().filter_map(|schema| schema.get("type"));
        let names: Vec<&str> = types
            .flat_map(|kind| match kind {
                Value::Array(kinds) => kinds.iter().collect(),
                kind => vec![kind],
            })
            .filter_map(Value::as_str)
            .collect();
        (!names.is_empty()).then(|| names.iter().all(|name| *name == "string"))
    }

    /// Whether the schema has that key in the mapping at a path such as `vnfd/vdu/0`.
    pub fn has_key(&self, path: &str, key: &str) -> bool {
        let mut steps = steps(path);
        steps.push(Step::Key(key));
        !self.at(&steps).is_empty()
    }

    /// The least that can be written for the key at the end of a path such as
    /// `vnfd/vdu/0/id`, on one line: `vnfm-info: [TEXT]`. Capitals stand for what
    /// the author has to know. `None` where the schema does not know the place
    /// or one line would not do.
    pub fn least(&self, path: &str, key: &str) -> Option<String> {
        const LONGEST: usize = 200;
        let line = format!("{key}: {}", self.least_value(path, key)?);
        (line.len() <= LONGEST).then_some(line)
    }

    /// The same without the key and however long it is.
    ///
    /// What only a published defect of the models demands is left out, except
    /// below a key that is such itself.
    pub fn least_value(&self, path: &str, key: &str) -> Option<String> {
        let steps = steps(path);
        let around = self.at(&steps);
        let is_defect = around.iter().any(|schema| {
            let names = list(&schema["x-nfv-optional"]);
            names.iter().any(|name| *name == key)
        });
        let below = self.at(&[&steps[..], &[Step::Key(key)]].concat());
        let least = Least {
            root: self.value(),
            is_defect,
        };
        below.iter().find_map(|schema| least.value(schema, &[], 0))
    }

    /// Every node that can be missing, once for each place: the path of the node
    /// around it, with a number where an item of a list stands, and its name.
    pub fn demanded(&self) -> BTreeSet<(String, String)> {
        let mut found = BTreeSet::new();
        let mut open = vec![(self.value(), String::new())];
        while let Some((schema, path)) = open.pop() {
            // A schema that contains itself would have no end.
            if path.len() > MOST_PATH {
                continue;
            }
            let keyword = |name: &str| keyword(self.value(), schema, name);
            let mut add = |names: &Value| {
                let names = list(names).iter().filter_map(Value::as_str);
                found.extend(names.map(|name| (path.clone(), name.to_owned())));
            };
            add(keyword("required"));
            for clause in list(keyword("allOf")) {
                let dependent = clause["dependentSchemas"].as_object();
                let dependent = dependent.into_iter().flat_map(serde_json::Map::values);
                for choice in dependent.chain([clause]) {
                    list(&choice["anyOf"])
                        .iter()
                        .for_each(|option| add(&option["required"]));
                }
                let beside = clause["dependentRequired"].as_object();
                let beside = beside.into_iter().flat_map(serde_json::Map::values);
                beside.for_each(&mut add);
            }
            for (name, property) in keyword("properties").as_object().into_iter().flatten() {
                if property["x-nfv-needed"] == true {
                    add(&json!([name]));
                }
                let slash = if path.is_empty() { "" } else { "/" };
                open.push((property, format!("{path}{slash}{name}")));
            }
            if keyword("items").is_object() {
                open.push((keyword("items"), format!("{path}/0")));
            }
        }
        found
    }

    /// Every node: the path of the node around it, as above, and its name.
    #[cfg(test)]
    pub(crate) fn nodes(&self) -> BTreeSet<(String, String)> {
        let mut found = BTreeSet::new();
        let mut open = vec![(self.value(), String::new())];
        while let Some((schema, path)) = open.pop() {
            if path.len() > MOST_PATH {
                continue;
            }
            let keyword = |name: &str| keyword(self.value(), schema, name);
            for (name, property) in keyword("properties").as_object().into_iter().flatten() {
                found.insert((path.clone(), name.clone()));
                open.push((property, format!("{path}/{name}")));
            }
            if keyword("items").is_object() {
                open.push((keyword("items"), format!("{path}/0")));
            }
        }
        found
    }

    /// The unit of measure of the key at the end of a path.
    pub fn units(&self, path: &str, key: &str) -> Option<&str> {
        let steps = [&steps(path)[..], &[Step::Key(key)]].concat();
        let here = self.at(&steps);
        here.iter()
            .find_map(|schema| schema.get("x-nfv-units"))?
            .as_str()
    }

    /// Everything that the schema says of the value at a path.
    fn at(&self, path: &[Step<'_>]) -> Vec<&Value> {
        let root = self.value();
        let mut here = Vec::new();
        widen(root, root, &mut here);
        for step in path {
            let mut next = Vec::new();
            for schema in here {
                // A mapping in the place of a list is one of its items.
                let mut items = Vec::new();
                let is_key = matches!(step, Step::Key(_));
                match &schema["items"] {
                    item if is_key && item.is_object() => widen(root, item, &mut items),
                    _ => items.push(schema),
                }
                for schema in items {
                    let child = match step {
                        Step::Item => &schema["items"],
                        Step::Key(key) => {
                            let key = match self.reading {
                                Reading::Lexical => local_name(key),
                                Reading::Typed | Reading::Python => key,
                            };
                            match schema["properties"].get(key) {
                                Some(property) => property,
                                None => &schema["additionalProperties"],
                            }
                        }
                    };
                    if child.is_object() {
                        widen(root, child, &mut next);
                    }
                }
            }
            here = next;
        }
        here
    }
}

/// The steps of a path such as `vnfd/vdu/0/id`.
fn steps(path: &str) -> Vec<Step<'_>> {
    let step = |segment| match str::parse::<usize>(segment) {
        Ok(_) => Step::Item,
        Err(_) => Step::Key(segment),
    };
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    segments.map(step).collect()
}

/// Writes the least values that fit parts of a schema.
struct Least<'a> {
    root: &'a Value,
    /// Whether to write what only a published defect demands.
    is_defect: bool,
}

impl Least<'_> {
    /// The least value that fits a schema; `musts` are conditions that hold for
    /// it beside its own.
    fn value(&self, schema: &Value, musts: &[Value], depth: usize) -> Option<String> {
        // No model is as deep; a schema may contain itself.
        const DEEPEST: usize = 16;
        if depth > DEEPEST {
            return None;
        }
        let keyword = |name: &str| keyword(self.root, schema, name);
        let word = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if let Some(first) = list(keyword("enum")).first() {
            return Some(word(first));
        }
        if !keyword("const").is_null() {
            return Some(word(keyword("const")));
        }
        let kind = match keyword("type") {
            Value::Array(kinds) => kinds.first()?,
            kind => kind,
        };
        let Some(kind) = kind.as_str() else {
            let mut options = ["anyOf", "oneOf", "allOf"].into_iter();
            return options.find_map(|name| {
                let options = list(keyword(name)).iter();
                options
                    .clone()
                    .find_map(|option| self.value(option, musts, depth + 1))
            });
        };
        match kind {
            "string" => Some("TEXT".to_owned()),
            "boolean" => Some("true".to_owned()),
            "integer" | "number" => Some(self.number(schema)),
            "array" => {
                let musts = list(keyword("x-nfv-must"));
                let item = self.value(keyword("items"), musts, depth + 1)?;
                Some(format!("[{item}]"))
            }
            "object" => self.mapping(schema, musts, depth),
            _ => None,
        }
    }

    /// One, or what is nearest to it.
    fn number(&self, schema: &Value) -> String {
        let first = list(keyword(self.root, schema, "anyOf")).first();
        let bound = |name: &str| {
            let own = keyword(self.root, schema, name).as_i64();
            own.or_else(|| first?.get(name)?.as_i64())
        };
        let least = bound("minimum").unwrap_or(1);
        let most = bound("maximum").unwrap_or(1);
        least.max(1).min(most.max(least)).to_string()
    }

    /// What a mapping must have, the first case of each choice that must be
    /// made, and what the values of these ask for.
    fn mapping(&self, schema: &Value, musts: &[Value], depth: usize) -> Option<String> {
        let keyword = |name: &str| keyword(self.root, schema, name);
        let properties = keyword("properties");
        let names = |value| list(value).iter().filter_map(Value::as_str);
        let optional = keyword("x-nfv-optional");
        let is_left_out = |name: &&str| {
            !self.is_defect && list(optional).iter().any(|optional| optional == *name)
        };
        let mut keys: Vec<&str> = names(keyword("required")).collect();
        keys.retain(|key| !is_left_out(key));
        // Of these lists some must be there.
        let lists = musts.iter().filter(|must| must["name"] == "some-mapping");
        keys.extend(lists.filter_map(|must| must["lists"][0].as_str()));
        let clauses = list(keyword("allOf"));
        let mut parts: Vec<(&str, String)> = Vec::new();
        let mut done = 0;
        loop {
            for clause in clauses {
                let mut choices = vec![&clause["anyOf"]];
                choices.extend(
                    keys.iter()
                        .map(|key| &clause["dependentSchemas"][key]["anyOf"]),
                );
                for choice in choices {
                    let mut options = list(choice).iter().map(|option| &option["required"]);
                    let is_made = |option| names(option).all(|name| keys.contains(&name));
                    if !options.clone().any(is_made)
                        && let Some(first) = options.next()
                    {
                        keys.extend(names(first));
                    }
                }
                let beside = keys.iter().map(|key| &clause["dependentRequired"][key]);
                let beside: Vec<&str> = beside.flat_map(names).collect();
                keys.extend(beside);
            }
            for key in &keys[done..] {
                if parts.iter().all(|(name, _)| name != key) {
                    let value = self.value(properties.get(key)?, &[], depth + 1)?;
                    parts.push((*key, value));
                }
            }
            done = keys.len();
            for (name, property) in properties.as_object().into_iter().flatten() {
                let is_due = |when: &Value| {
                    let leaf = parts.iter().find(|(name, _)| when["leaf"] == **name);
                    let value = leaf.map(|(_, value)| value.as_str());
                    when["literally"] != "never"
                        && value.is_some_and(|value| {
                            list(&when["values"]).iter().any(|one| *one == value)
                        })
                };
                if property["x-nfv-needed"] == true
                    && list(&property["x-nfv-when"]).iter().all(is_due)
                    && !keys.contains(&name.as_str())
                {
                    keys.push(name);
                }
            }
            if keys.len() == done {
                break;
            }
        }
        // A mapping with nothing in it is no data.
        if parts.is_empty()
            && let Some((name, property)) = properties.as_object().and_then(|p| p.iter().next())
        {
            parts.push((name, self.value(property, &[], depth + 1)?));
        }
        // What tells it apart comes first.
        parts.sort_by_key(|(key, _)| (*key != "id", *key != "name", *key));
        let parts: Vec<String> = parts.iter().map(|(k, v)| format!("{k}: {v}")).collect();
        Some(format!("{{{}}}", parts.join(", ")))
    }
}

/// A schema with all that is said of the same value: what `$ref` names, and the
/// alternatives.
fn widen<'a>(root: &'a Value, schema: &'a Value, out: &mut Vec<&'a Value>) {
    // A schema that refers to itself would have no end.
    const MAX: usize = 64;
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        if out.len() >= MAX {
            return;
        }
        out.push(schema);
        let reference = schema["$ref"].as_str().and_then(|r| r.strip_prefix('#'));
        open.extend(reference.and_then(|pointer| root.pointer(pointer)));
        for word in ["anyOf", "oneOf", "allOf"] {
            open.extend(schema[word].as_array().into_iter().flatten());
        }
        for word in ["then", "else"] {
            open.extend(schema.get(word));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::by_name;
    use super::*;

    #[test]
    fn the_least_that_can_be_written() {
        let vnfd = by_name("osm/r15/vnfd").expect("schema");
        let least = |path, key| vnfd.least(path, key);
        let line = |text: &str| Some(text.to_owned());
        assert_eq!(least("vnfd", "vnfm-info"), line("vnfm-info: [TEXT]"));
        assert_eq!(least("vnfd/vdu/3", "name"), line("name: TEXT"));
        let image = "vnfd/sw-image-desc/0";
        assert_eq!(
            least(image, "checksum"),
            line("checksum: {algorithm: sha-224, hash: TEXT}")
        );
        assert_eq!(least(image, "size"), line("size: 1"));
        assert_eq!(
            least("vnfd/df/0", "instantiation-level"),
            line("instantiation-level: [{id: TEXT, vdu-level: [{vdu-id: TEXT}]}]")
        );
        assert_eq!(least(image, "no-such-key"), None);
    }

    #[test]
    fn texts_numbers_and_unknown_places() {
        let vnfd = by_name("osm/r15/vnfd").expect("schema");
        let vdu = [Step::Key("vnfd"), Step::Key("vdu"), Step::Item];
        let at = |rest: &[Step<'_>]| vnfd.takes_text(&[&vdu[..], rest].concat());
        assert_eq!(at(&[Step::Key("id")]), Some(true));
        assert_eq!(at(&[Step::Key("etsi-nfv-vnfd:id")]), Some(true));
        assert_eq!(at(&[Step::Key("int-cpd")]), Some(false));
        assert_eq!(at(&[Step::Key("no-such-key")]), None);
        let boot = Step::Key("boot-order");
        let index = [boot, Step::Item, Step::Key("key")];
        assert_eq!(at(&index), Some(false), "an integer");
        let chart = by_name("chart/chart").expect("schema");
        assert_eq!(chart.takes_text(&[Step::Key("appVersion")]), Some(true));
    }
}
