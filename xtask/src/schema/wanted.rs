//! What a schema wants at one place, whatever stands there, and the least that
//! can be written for it.

use serde_json::Value;

use super::catalog::{Reading, Schema};
use crate::descriptor::local_name;

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

    /// The least that can be written for the key at the end of a path such as
    /// `vnfd/vdu/0/id`, on one line: `vnfm-info: [TEXT]`. Capitals stand for what
    /// the author has to know. `None` where the schema does not know the place
    /// or one line would not do.
    pub fn least(&self, path: &str, key: &str) -> Option<String> {
        const LONGEST: usize = 100;
        let step = |segment| match str::parse::<usize>(segment) {
            Ok(_) => Step::Item,
            Err(_) => Step::Key(segment),
        };
        let segments = path.split('/').filter(|segment| !segment.is_empty());
        let mut steps: Vec<Step<'_>> = segments.map(step).collect();
        steps.push(Step::Key(key));
        let line = format!("{key}: {}", self.sample(&self.at(&steps), 0)?);
        (line.len() <= LONGEST).then_some(line)
    }

    /// The least value that fits one of these schemas of the same place.
    fn sample(&self, here: &[&Value], depth: usize) -> Option<String> {
        const DEEPEST: usize = 4;
        if depth > DEEPEST {
            return None;
        }
        let keyword = |name: &str| here.iter().find_map(|schema| schema.get(name));
        if let Some(first) = keyword("enum").and_then(|options| options.get(0)) {
            return first.as_str().map(str::to_owned);
        }
        let inside = |schema: &Value| {
            let mut inside = Vec::new();
            widen(self.value(), schema, &mut inside);
            self.sample(&inside, depth + 1)
        };
        match keyword("type")?.as_str()? {
            "string" => Some("TEXT".to_owned()),
            "boolean" => Some("true".to_owned()),
            "integer" | "number" => {
                let least = keyword("minimum").and_then(Value::as_i64).unwrap_or(0);
                Some(least.max(1).to_string())
            }
            "array" => Some(format!("[{}]", inside(keyword("items")?)?)),
            "object" => {
                let required = keyword("required").and_then(Value::as_array);
                let mut parts = Vec::new();
                for key in required.into_iter().flatten().filter_map(Value::as_str) {
                    let property = keyword("properties")?.get(key)?;
                    parts.push(format!("{key}: {}", inside(property)?));
                }
                Some(format!("{{{}}}", parts.join(", ")))
            }
            _ => None,
        }
    }

    /// Everything that the schema says of the value at a path.
    fn at(&self, path: &[Step<'_>]) -> Vec<&Value> {
        let root = self.value();
        let mut here = Vec::new();
        widen(root, root, &mut here);
        for step in path {
            let mut next = Vec::new();
            for schema in here {
                let child = match step {
                    Step::Item => &schema["items"],
                    Step::Key(key) => {
                        let key = match self.reading {
                            Reading::Lexical => local_name(key),
                            Reading::Typed => key,
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
            here = next;
        }
        here
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
