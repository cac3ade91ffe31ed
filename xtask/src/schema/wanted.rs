//! What a schema wants at one place, whatever stands there.

use serde_json::Value;

use super::catalog::{Reading, Schema};
use crate::descriptor::local_name;

/// A step from a node to one of its children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
