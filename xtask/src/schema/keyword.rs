//! The keyword of a schema that a document violated, and what stands around it.

use std::borrow::Cow;

use jsonschema::{ValidationError, Validator};
use serde_json::{Value, json};

use super::numbers::{self, Loaded, NumberType};
use crate::yaml::{Node, pyyaml};

/// The keyword that was violated, seen in the schema.
pub(super) struct Rule<'e> {
    schema: &'static Value,
    /// The object that holds the keyword.
    pub parent: &'static Value,
    /// The way the evaluation took, `$ref`s included.
    evaluation: Vec<Cow<'e, str>>,
}

impl<'e> Rule<'e> {
    /// Finds the keyword by the way to it.
    pub fn at(schema: &'static Value, evaluation: &'e str) -> Self {
        let evaluation: Vec<_> = segments(evaluation).collect();
        let parents = evaluation.len().saturating_sub(1);
        Rule {
            schema,
            parent: walk(schema, &evaluation[..parents]),
            evaluation,
        }
    }

    /// The keys that it knows.
    pub fn known_keys(&self) -> Vec<String> {
        self.parent["properties"]
            .as_object()
            .map(|properties| properties.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// Whether the key is demanded by a published defect of the model.
    pub fn is_optional(&self, key: &str) -> bool {
        let optional = self.parent["x-nfv-optional"].as_array();
        optional.is_some_and(|keys| keys.iter().any(|k| k == key))
    }

    /// Whether the list around has one key and no more.
    pub fn has_one_list_key(&self) -> bool {
        self.list_keys().is_some_and(|keys| keys.len() == 1)
    }

    /// Whether the missing key is one of the keys of the list around it.
    pub fn is_list_key(&self, key: &str) -> bool {
        self.list_keys()
            .is_some_and(|keys| keys.iter().any(|k| k == key))
    }

    /// Whether the keyword is about the value of a key of the list around it.
    pub fn is_of_list_key(&self) -> bool {
        let is_step = |segment: &&Cow<'e, str>| segment.as_ref() != "$ref";
        let mut steps = self.evaluation.iter().rev().skip(1).filter(is_step);
        let (Some(name), Some(properties), Some(items)) =
            (steps.next(), steps.next(), steps.next())
        else {
            return false;
        };
        let around = self.evaluation.iter().rposition(|step| step == "items");
        properties == "properties"
            && items == "items"
            && around.is_some_and(|around| {
                let list = walk(self.schema, &self.evaluation[..around]);
                let keys = list["x-nfv-key"].as_array().into_iter().flatten();
                let mut keys = keys.filter_map(Value::as_str);
                keys.any(|key| key == name.as_ref())
            })
    }

    fn list_keys(&self) -> Option<&'static Vec<Value>> {
        let items = self
            .evaluation
            .iter()
            .rposition(|segment| segment == "items")?;
        // Anything but `$ref` between would be a container inside the item.
        let between = &self.evaluation[items + 1..self.evaluation.len().saturating_sub(1)];
        let list = walk(self.schema, &self.evaluation[..items]);
        let is_direct = between.iter().all(|segment| segment == "$ref");
        list["x-nfv-key"].as_array().filter(|_| is_direct)
    }

    /// Whether the keyword stands in one of the envelopes: `nsd` around `nsd`.
    pub fn is_envelope(&self) -> bool {
        matches!(
            self.evaluation.as_slice(),
            [properties, name, _] if properties == "properties"
                && matches!(&**name, "nsd" | "vnfd-catalog" | "nsd-catalog")
        )
    }

    /// Whether a list that was asked for holds scalars.
    pub fn takes_scalars(&self) -> bool {
        self.items().get("properties").is_none()
    }

    /// The keys of the items of a list that was asked for.
    pub fn item_keys(&self) -> Vec<String> {
        let properties = self.items()["properties"].as_object();
        properties.map_or_else(Vec::new, |all| all.keys().cloned().collect())
    }

    /// Whether the schema is that of a reference, which pyangbind makes a text without the
    /// bounds of what it refers to.
    pub fn is_reference(&self) -> bool {
        self.parent.get("x-nfv-leafref").is_some()
    }

    /// Whether the schema asks OSM's loader for nothing but a type.
    pub fn is_free(&self) -> bool {
        let restricts = [
            "enum",
            "pattern",
            "anyOf",
            "allOf",
            "minLength",
            "maxLength",
        ];
        self.is_reference() || restricts.iter().all(|name| self.parent.get(name).is_none())
    }

    /// What OSM's loader makes of a scalar in the place of the number that was asked
    /// for; `None` where none was.
    pub fn load(&self, node: Node<'_>) -> Option<Loaded> {
        let number = NumberType::new(|name| &self.parent[name])?;
        Some(number.load(&pyyaml(node)?))
    }

    /// What OSM has of a scalar that it takes for the number that was asked for, where
    /// that is another one.
    pub fn becomes(&self, node: Node<'_>) -> Option<String> {
        NumberType::new(|name| &self.parent[name])?.becomes(&pyyaml(node)?)
    }

    /// The bound of the number that was asked for which one lies beyond that OSM's
    /// loader refuses for it, in words.
    pub fn bound(&self, loaded: Loaded) -> Option<String> {
        let (words, name) = match loaded {
            Loaded::TooSmall => ("at least", "minimum"),
            Loaded::TooLarge => ("at most", "maximum"),
            Loaded::Taken | Loaded::Zero | Loaded::Nothing => return None,
        };
        let limit = match &self.parent[name] {
            // What has no range has the one of its type.
            Value::Null => numbers::end(loaded == Loaded::TooSmall, self.parent),
            limit => numbers::exact(limit, self.parent),
        };
        Some(format!("{words} {limit}"))
    }

    /// Whether the items of a list that was asked for are identities, which the
    /// schema knows with the name of their module too.
    pub fn takes_identities(&self) -> bool {
        self.item_options().any(|option| option.contains(':'))
    }

    /// The words of which the items of a list that was asked for are one.
    pub fn item_options(&self) -> impl Iterator<Item = &'static str> {
        let options = self.items()["enum"].as_array().into_iter().flatten();
        options.filter_map(Value::as_str)
    }

    /// What the schema has to say of a text in the place of a list that was asked
    /// for: `jsonschema` has not looked at it. Stands for a `$ref` into the schema
    /// as well.
    pub fn item_validator(&self) -> Result<Validator, Box<ValidationError<'static>>> {
        let alone = json!({ "allOf": [self.items()], "$defs": self.schema["$defs"] });
        jsonschema::validator_for(&alone).map_err(Box::new)
    }

    /// The schema of the items of a list that was asked for.
    pub fn items(&self) -> &'static Value {
        let items = &self.parent["items"];
        match items["$ref"].as_str() {
            Some(reference) => deref(self.schema, reference),
            None => items,
        }
    }

    /// The key that rules this one out: the schema stands below
    /// `dependentSchemas/<other>`.
    pub fn conflicting_key(&self) -> Option<String> {
        let i = self
            .evaluation
            .iter()
            .rposition(|segment| segment == "dependentSchemas")?;
        self.evaluation.get(i + 1).map(|key| key.to_string())
    }

    /// The keys of which one must be there.
    pub fn choice_cases(&self) -> Vec<String> {
        let cases = self.parent["x-nfv-choice"]["cases"].as_object();
        let mut options = Vec::new();
        for leaves in cases.into_iter().flat_map(|cases| cases.values()) {
            let leaves = leaves.as_array().map_or(&[][..], Vec::as_slice);
            options.extend(leaves.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        options
    }
}

fn walk(schema: &'static Value, segments: &[Cow<'_, str>]) -> &'static Value {
    segments.iter().fold(schema, |value, segment| {
        if segment == "$ref" {
            return match value["$ref"].as_str() {
                Some(reference) => deref(schema, reference),
                None => &Value::Null,
            };
        }
        match value {
            Value::Array(items) => segment
                .parse::<usize>()
                .ok()
                .and_then(|i| items.get(i))
                .unwrap_or(&Value::Null),
            value => &value[&**segment],
        }
    })
}

fn deref(schema: &'static Value, reference: &str) -> &'static Value {
    reference
        .strip_prefix('#')
        .and_then(|pointer| schema.pointer(pointer))
        .unwrap_or(&Value::Null)
}

/// The segments of a JSON pointer.
pub(super) fn segments(pointer: &str) -> impl Iterator<Item = Cow<'_, str>> {
    pointer.split('/').skip(1).map(|segment| {
        if segment.contains('~') {
            Cow::Owned(segment.replace("~1", "/").replace("~0", "~"))
        } else {
            Cow::Borrowed(segment)
        }
    })
}
