//! Values and nodes to put into a document: the least that a node can be.

use serde_json::{Map, Value};

use super::dice::Dice;
use super::tree;
use crate::yang::{Base, Kind, Node, Type};

/// Texts for types with a pattern; which of them fits is found by trying.
const FORMATS: [&str; 16] = [
    "a",
    "http://example.org/x",
    "10.0.0.1",
    "10.0.0.0/8",
    "2001:db8::1",
    "2001:db8::/32",
    "00:11:22:33:44:55",
    "2024-02-29T00:00:00Z",
    "1.2.3",
    "12",
    "example.org",
    "0a1b",
    "123e4567-e89b-12d3-a456-426614174000",
    "fe80::1%eth0",
    "::ffff:10.0.0.1",
    "1.0",
];

/// Texts for types without one: few, so that references meet by chance, with
/// some that a careless writer or reader would trip over.
const TEXTS: [&str; 10] = [
    "a",
    "b",
    "c",
    "d",
    "1",
    "1.0",
    "true",
    "é <&>\"'",
    "x y",
    "n:m",
];

/// The least instance of a node; whatever else it must have is for repairs.
pub fn node(node: &Node, dice: &mut Dice) -> Value {
    match &node.kind {
        Kind::Leaf { ty, .. } => value(ty, dice).into(),
        Kind::LeafList { ty, .. } => vec![Value::from(value(ty, dice))].into(),
        Kind::List { .. } => vec![item(node, dice)].into(),
        _ => Value::Object(Map::new()),
    }
}

/// The least item of a list: its keys.
pub fn item(node: &Node, dice: &mut Dice) -> Value {
    let mut members = Map::new();
    if let Kind::List { keys, .. } = &node.kind {
        for key in keys {
            if let Some(leaf) = tree::child(node, key).and_then(tree::kind_of_value) {
                members.insert(key.clone(), value(leaf, dice).into());
            }
        }
    }
    Value::Object(members)
}

/// A value of a type, or one that may be it where the type has patterns.
pub fn value(ty: &Type, dice: &mut Dice) -> String {
    match &ty.base {
        Base::Integer { ranges, .. } => {
            let Some(&(low, high)) = dice.pick(ranges) else {
                return "0".into();
            };
            match dice.below(10) {
                0 => low.to_string(),
                1 => high.to_string(),
                other => (low.max(0) + other as i128 / 2).min(high).to_string(),
            }
        }
        Base::Decimal { ranges, .. } => {
            // The bounds of the models lie around small numbers.
            let values = ["1", "2.0", "0.5", "4", "0.1", "-1.5", "0.0", "100.0"];
            let usual = if ranges.is_empty() { values.len() } else { 5 };
            values[dice.below(usual)].into()
        }
        Base::Boolean => ["true", "false"][dice.below(2)].into(),
        Base::Enumeration(names) => dice.pick(names).cloned().unwrap_or_default(),
        Base::Identity(identities) => {
            let all: Vec<_> = identities.iter().collect();
            let Some(identity) = dice.pick(&all) else {
                return String::new();
            };
            match dice.one_in(5) {
                true => format!("{}:{}", identity.module, identity.name),
                false => identity.name.clone(),
            }
        }
        Base::Text { lengths, patterns } if lengths.is_empty() && patterns.is_empty() => {
            let usual = if dice.one_in(6) { TEXTS.len() } else { 4 };
            TEXTS[dice.below(usual)].into()
        }
        Base::Text { .. } => FORMATS[dice.below(FORMATS.len())].into(),
        Base::Union(members) => match dice.pick(members) {
            Some(member) => value(member, dice),
            None => String::new(),
        },
        Base::Empty => String::new(),
    }
}
