//! Finds equal parts of a schema and moves them to `$defs` under names that
//! say where they come from.
//!
//! Parts are offered from the bottom up. Equal parts get the same number, and
//! a part refers to the parts within it by number, so that comparing parts is
//! comparing texts. Only at the end, when it is known how often each part is
//! used, do the parts that are used once return to their place.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

/// The beginning of references to parts that have no name yet; no YANG name
/// can contain the last character.
const NUMBERED: &str = "#/$defs/@";

/// No more properties than this are strung together to name a part.
const FEW_PROPERTIES: usize = 3;

/// The parts that have been offered so far.
#[derive(Default)]
pub struct Shared {
    /// The distinct parts; the position is the number of the part.
    parts: Vec<Part>,
    /// The number of each part by its text.
    numbers: HashMap<String, usize>,
}

/// A part of a schema that may turn out to be used in several places.
struct Part {
    /// The schema, with references by number to the parts within it.
    body: Map<String, Value>,
    /// The names that the part is used under, without repetitions; each begins
    /// with the shortest form and goes on with qualifiers to put before it if
    /// that form alone does not tell the part from others.
    names: Vec<Vec<String>>,
}

impl Shared {
    /// Offers a part and gives the schema to use in its place.
    ///
    /// The name begins with the shortest form and goes on with qualifiers,
    /// nearest first.
    pub fn offer(&mut self, body: Map<String, Value>, name: Vec<String>) -> Map<String, Value> {
        let text = Value::Object(body.clone()).to_string();
        let number = *self.numbers.entry(text).or_insert_with(|| {
            let names = Vec::new();
            self.parts.push(Part { body, names });
            self.parts.len() - 1
        });
        let names = &mut self.parts[number].names;
        if !names.contains(&name) {
            names.push(name);
        }
        let mut reference = Map::new();
        reference.insert("$ref".into(), format!("{NUMBERED}{number}").into());
        reference
    }

    /// Replaces the references by number in a whole schema, and gives the
    /// definitions that it then needs, sorted by name.
    pub fn resolve(&self, root: Value) -> (Value, Map<String, Value>) {
        let mut uses = BTreeMap::new();
        count(&root, &mut uses);
        let mut open: Vec<usize> = uses.keys().copied().collect();
        let mut seen: BTreeSet<usize> = open.iter().copied().collect();
        while let Some(number) = open.pop() {
            let mut inner = BTreeMap::new();
            for value in self.parts[number].body.values() {
                count(value, &mut inner);
            }
            for (number, times) in inner {
                *uses.entry(number).or_insert(0) += times;
                if seen.insert(number) {
                    open.push(number);
                }
            }
        }
        let kept: Vec<usize> = uses
            .into_iter()
            .filter_map(|(number, times)| (times > 1).then_some(number))
            .collect();
        let names = self.names(&kept);
        let definitions: BTreeMap<&str, Value> = kept
            .iter()
            .map(|number| {
                let body = Value::Object(self.parts[*number].body.clone());
                (names[number].as_str(), self.replace(body, &names))
            })
            .collect();
        let definitions = definitions
            .into_iter()
            .map(|(name, body)| (name.to_owned(), body))
            .collect();
        (self.replace(root, &names), definitions)
    }

    /// Replaces each reference by number with a reference by name, or with the
    /// part itself if that part has no name.
    fn replace(&self, value: Value, names: &BTreeMap<usize, String>) -> Value {
        match value {
            Value::Array(items) => items
                .into_iter()
                .map(|item| self.replace(item, names))
                .collect(),
            Value::Object(map) => {
                let mut out = Map::new();
                for (key, value) in map {
                    match reference(&key, &value) {
                        Some(number) => match names.get(&number) {
                            Some(name) => {
                                out.insert(key, format!("#/$defs/{name}").into());
                            }
                            None => {
                                let body = Value::Object(self.parts[number].body.clone());
                                if let Value::Object(body) = self.replace(body, names) {
                                    out.extend(body);
                                }
                            }
                        },
                        None => {
                            out.insert(key, self.replace(value, names));
                        }
                    }
                }
                Value::Object(out)
            }
            other => other,
        }
    }

    /// Names the parts, adding qualifiers to those that want the same name
    /// until they differ, and a number where qualifiers do not suffice.
    fn names(&self, kept: &[usize]) -> BTreeMap<usize, String> {
        let mut names: BTreeMap<usize, Vec<String>> = kept
            .iter()
            .map(|&number| (number, self.parts[number].name()))
            .collect();
        // A name made up for several uses gives way to one that is in use.
        let taken: BTreeSet<String> = kept
            .iter()
            .flat_map(|&number| &self.parts[number].names)
            .filter_map(|name| name.first().cloned())
            .collect();
        for (number, name) in &mut names {
            let first = self.parts[*number].names.first();
            if let Some(first) = first
                && first != name
                && name.first().is_some_and(|name| taken.contains(name))
            {
                name.clone_from(first);
            }
        }
        let mut lengths: BTreeMap<usize, usize> = kept.iter().map(|&number| (number, 1)).collect();
        loop {
            let mut wanted: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (&number, &length) in &lengths {
                let words: Vec<&str> = names[&number][..length]
                    .iter()
                    .rev()
                    .map(String::as_str)
                    .collect();
                wanted.entry(words.join(".")).or_default().push(number);
            }
            let mut changed = false;
            for numbers in wanted.values().filter(|numbers| numbers.len() > 1) {
                for number in numbers {
                    if let Some(length) = lengths.get_mut(number)
                        && *length < names[number].len()
                    {
                        *length += 1;
                        changed = true;
                    }
                }
            }
            if changed {
                continue;
            }
            return wanted
                .into_iter()
                .flat_map(|(name, numbers)| {
                    numbers
                        .into_iter()
                        .enumerate()
                        .map(move |(index, number)| match index {
                            0 => (number, name.clone()),
                            _ => (number, format!("{name}-{}", index + 1)),
                        })
                })
                .collect();
        }
    }
}

impl Part {
    /// Chooses a name that suits all uses of the part.
    ///
    /// Where the uses of an object have different names, the name is what their
    /// ends have in common (`cpu-quota` and `mem-quota` give `quota`), or the
    /// properties if these are few, or both names if there are two of them.
    /// Failing all that, as always for scalars, the first use names the part.
    fn name(&self) -> Vec<String> {
        let mut distinct: Vec<&str> = Vec::new();
        for name in self.names.iter().filter_map(|name| name.first()) {
            if !distinct.contains(&name.as_str()) {
                distinct.push(name);
            }
        }
        let mut name = self.names.first().cloned().unwrap_or_default();
        let properties = self.body.get("properties").and_then(Value::as_object);
        let (Some(properties), [one, others @ ..]) = (properties, distinct.as_slice()) else {
            return name;
        };
        if others.is_empty() {
            return name;
        }
        let ending = common_ending(&distinct);
        let common = if !ending.is_empty() {
            ending
        } else if properties.len() <= FEW_PROPERTIES {
            let names: Vec<&str> = properties.keys().map(String::as_str).collect();
            names.join("-")
        } else if let [other] = others
            && !other.starts_with(one)
        {
            format!("{one}-or-{other}")
        } else {
            return name;
        };
        name[0] = common;
        name
    }
}

/// Gives the words, separated by hyphens, that all names end in.
fn common_ending(names: &[&str]) -> String {
    let mut words: Vec<Vec<&str>> = names.iter().map(|name| name.split('-').collect()).collect();
    let mut ending = Vec::new();
    loop {
        let last: Vec<Option<&str>> = words.iter_mut().map(Vec::pop).collect();
        match last.first() {
            Some(Some(word)) if last.iter().all(|other| *other == Some(*word)) => {
                ending.push(*word);
            }
            _ => break,
        }
    }
    ending.reverse();
    ending.join("-")
}

/// Reads the number of a part out of a member of a schema.
fn reference(key: &str, value: &Value) -> Option<usize> {
    (key == "$ref")
        .then(|| value.as_str()?.strip_prefix(NUMBERED)?.parse().ok())
        .flatten()
}

/// Counts the references by number within a value.
fn count(value: &Value, uses: &mut BTreeMap<usize, usize>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| count(item, uses)),
        Value::Object(map) => {
            for (key, value) in map {
                match reference(key, value) {
                    Some(number) => *uses.entry(number).or_insert(0) += 1,
                    None => count(value, uses),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn offer(shared: &mut Shared, body: Value, name: &[&str]) -> Value {
        let Value::Object(body) = body else {
            panic!("a schema is an object");
        };
        Value::Object(shared.offer(body, name.iter().map(ToString::to_string).collect()))
    }

    #[test]
    fn a_part_used_once_stays_in_place_next_to_its_neighbours() {
        let mut shared = Shared::default();
        let mut part = offer(&mut shared, json!({"enum": ["a"]}), &["kind"]);
        part["default"] = "a".into();
        let (root, definitions) = shared.resolve(json!({"items": part}));
        assert_eq!(root, json!({"items": {"enum": ["a"], "default": "a"}}));
        assert!(definitions.is_empty());
    }

    #[test]
    fn what_a_repeated_part_holds_is_not_repeated_itself() {
        let mut shared = Shared::default();
        let mut outer = Vec::new();
        for _ in 0..2 {
            let inner = offer(&mut shared, json!({"enum": ["a"]}), &["kind"]);
            outer.push(offer(&mut shared, json!({"items": inner}), &["kinds"]));
        }
        let (root, definitions) = shared.resolve(json!({"allOf": outer}));
        let expected = json!({"$ref": "#/$defs/kinds"});
        assert_eq!(root, json!({"allOf": [expected, expected]}));
        assert_eq!(
            Value::Object(definitions),
            json!({"kinds": {"items": {"enum": ["a"]}}})
        );
    }

    #[test]
    fn equal_names_are_qualified() {
        let mut shared = Shared::default();
        let mut parts = Vec::new();
        for _ in 0..2 {
            parts.push(offer(&mut shared, json!({"const": 1}), &["id", "vdu"]));
            parts.push(offer(&mut shared, json!({"const": 2}), &["id", "df"]));
        }
        let (_, definitions) = shared.resolve(json!({"allOf": parts}));
        let names: Vec<&String> = definitions.keys().collect();
        assert_eq!(names, ["df.id", "vdu.id"]);
    }

    #[test]
    fn a_name_suits_all_uses() {
        let mut shared = Shared::default();
        let quota = json!({"properties": {"limit": true}});
        let relation = json!({"properties": {"a": true, "b": true, "c": true, "d": true}});
        let pair = json!({"properties": {"key": true, "value": true}});
        let mut parts = Vec::new();
        for (body, names) in [
            (
                quota,
                ["cpu-quota", "mem-quota", "disk-io-quota"].as_slice(),
            ),
            (relation, &["provider", "requirer"]),
            (pair, &["property", "item", "entry"]),
        ] {
            for name in names {
                parts.push(offer(&mut shared, body.clone(), &[name]));
            }
        }
        let (_, definitions) = shared.resolve(json!({"allOf": parts}));
        let names: Vec<&String> = definitions.keys().collect();
        assert_eq!(names, ["key-value", "provider-or-requirer", "quota"]);
    }
}
