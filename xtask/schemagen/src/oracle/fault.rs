//! Breaks a document in one place.

use serde_json::{Map, Value};

use super::dice::Dice;
use super::grow::pointers;
use super::repair::remove;
use super::tree::{self, Tree, schema_path};
use crate::yang::{Base, Node};

/// The classes of faults, by turns. Not every fault makes a document invalid.
pub const CLASSES: [&str; 8] = [
    "delete",
    "duplicate",
    "rename",
    "retype",
    "out of range",
    "dangling reference",
    "swap",
    "empty",
];

/// The classes of faults in the prefixes of modules.
pub const PREFIXES: [&str; 7] = [
    "prefix: its own module",
    "prefix: another module",
    "prefix: no module",
    "prefix: with and without",
    "identity: its own module",
    "identity: another module",
    "identity: no module",
];

/// How many classes there are.
pub const NUMBER: usize = CLASSES.len() + PREFIXES.len();

/// So often a place is drawn that the fault fits; a document may have none.
const DRAWS: usize = 200;

/// The document with one fault of a class, and what it is.
pub fn break_one(
    tree: &Tree<'_>,
    whole: &Value,
    class: &str,
    dice: &mut Dice,
) -> Option<(Value, String)> {
    // A document without its root is none.
    let mut places = pointers(whole);
    places.retain(|place| place.contains('/'));
    (0..DRAWS).find_map(|_| {
        let place = dice.pick(&places)?;
        let mut document = whole.clone();
        let what = apply(tree, &mut document, place, &places, class, dice)?;
        // A value that was swapped with its like is no fault.
        (document != *whole).then(|| (document, format!("{what} at {place}")))
    })
}

/// The document with a prefix at one key or identity, and which. `modules` are
/// those that the model is made of.
pub fn prefix_one(
    tree: &Tree<'_>,
    whole: &Value,
    class: &str,
    modules: &[&str],
    dice: &mut Dice,
) -> Option<(Value, String)> {
    let places = pointers(whole);
    (0..DRAWS).find_map(|_| {
        let place = dice.pick(&places)?;
        let node = tree.get(&schema_path(place))?;
        let mut document = whole.clone();
        let pointer = format!("/{place}");
        let (parent, key) = pointer.rsplit_once('/')?;
        let (what, which) = class.split_once(": ")?;
        if what == "identity" {
            let Base::Identity(identities) = &tree::kind_of_value(node)?.base else {
                return None;
            };
            let value = document.pointer_mut(&pointer)?;
            let name = value.as_str()?.rsplit(':').next()?.to_owned();
            let own = &identities.iter().find(|one| one.name == name)?.module;
            let prefix = prefix(own, which, modules, dice)?;
            *value = format!("{prefix}:{name}").into();
            return Some((document, format!("identity {prefix}:{name} at {place}")));
        }
        if key.parse::<usize>().is_ok() {
            return None;
        }
        let prefix = prefix(&node.module, which, modules, dice)?;
        let new = format!("{prefix}:{key}");
        let Value::Object(members) = document.pointer_mut(parent)? else {
            return None;
        };
        let is_both = which == "with and without";
        for (name, value) in std::mem::take(members) {
            let is_it = name == key;
            if is_it {
                members.insert(new.clone(), value.clone());
            }
            if !is_it || is_both {
                members.insert(name, value);
            }
        }
        Some((document, format!("prefix {new} at {place}")))
    })
}

/// A prefix of a class, for what belongs to the module `own`.
fn prefix(own: &str, which: &str, modules: &[&str], dice: &mut Dice) -> Option<String> {
    match which {
        "another module" => {
            let others = modules.iter().filter(|module| **module != own);
            let others: Vec<&&str> = others.collect();
            dice.pick(&others).map(ToString::to_string)
        }
        "no module" => Some("nowhere".to_owned()),
        _ => Some(own.to_owned()),
    }
}

fn apply(
    tree: &Tree<'_>,
    document: &mut Value,
    place: &str,
    places: &[String],
    class: &str,
    dice: &mut Dice,
) -> Option<String> {
    let pointer = format!("/{place}");
    let node = tree.get(&schema_path(place));
    let (parent, key) = pointer.rsplit_once('/')?;
    let value = document.pointer(&pointer)?.clone();
    let text = value.as_str();
    let mut put = |new: Value| document.pointer_mut(&pointer).map(|place| *place = new);
    match class {
        "delete" => {
            remove(document, place)?;
            // A list without items is no list.
            if let Some(Value::Array(items)) = document.pointer(parent)
                && items.is_empty()
            {
                remove(document, parent.trim_start_matches('/'))?;
            }
            Some("deleted".into())
        }
        "duplicate" => {
            let Value::Array(items) = document.pointer_mut(parent)? else {
                return None;
            };
            items.insert(dice.below(items.len() + 1), value);
            Some("duplicated".into())
        }
        "rename" => {
            let names: Vec<&str> = places.iter().filter_map(|p| p.rsplit('/').next()).collect();
            let new = match dice.below(3) {
                0 => format!("{key}x"),
                1 => key.strip_suffix(|_: char| true)?.to_owned(),
                _ => (*dice.pick(&names)?).to_owned(),
            };
            let Value::Object(members) = document.pointer_mut(parent)? else {
                return None;
            };
            if new.is_empty() || new.parse::<usize>().is_ok() || members.contains_key(&new) {
                return None;
            }
            *members = std::mem::take(members)
                .into_iter()
                .map(|(name, value)| match name == key {
                    true => (new.clone(), value),
                    false => (name, value),
                })
                .collect::<Map<_, _>>();
            Some(format!("renamed to {new}"))
        }
        "retype" => {
            let words = [
                "zz", "true", "false", "1", "-7", "2.50", "ethernet", "0x1f", "1e3", "NaN", "yes",
            ];
            let new = match (&value, dice.below(6)) {
                (Value::String(_), 0) => Value::Object(Map::new()),
                (Value::String(_), 1) => vec![value.clone()].into(),
                (Value::String(_), _) => words[dice.below(words.len())].into(),
                (Value::Array(items), 0 | 1) => items.first()?.clone(),
                (Value::Object(_), 0 | 1) => vec![value.clone()].into(),
                (_, 2) => words[dice.below(words.len())].into(),
                _ => return None,
            };
            let what = format!("changed into {new}");
            put(new)?;
            Some(what)
        }
        "out of range" => {
            text?;
            let new = number(node?, dice)?;
            let what = format!("set to {new}");
            put(new.into())?;
            Some(what)
        }
        "dangling reference" => {
            let text = text?;
            let target = tree.target(&schema_path(place));
            // A key may be what somebody refers to.
            if target.is_none() && !place.ends_with("id") {
                return None;
            }
            let new = match dice.below(3) {
                0 => format!("{text}-x"),
                1 => format!("{text} "),
                _ => "nowhere".to_owned(),
            };
            let what = format!("set to {new:?}");
            put(new.into())?;
            Some(what)
        }
        "swap" => {
            let other = dice.pick(places)?;
            let there = document.pointer(&format!("/{other}"))?.clone();
            let is_inside = other.starts_with(place) || place.starts_with(other.as_str());
            if is_inside || value.is_string() != there.is_string() {
                return None;
            }
            // Collections change places with their likes alone: anything else
            // is an unknown key, of which there are enough.
            if !value.is_string() && (value.is_array() != there.is_array() || !dice.one_in(4)) {
                return None;
            }
            *document.pointer_mut(&pointer)? = there;
            *document.pointer_mut(&format!("/{other}"))? = value;
            Some(format!("swapped with {other}"))
        }
        "empty" => {
            let new = match (&value, dice.below(3)) {
                (Value::Object(_), 0) => Value::Null,
                (Value::Object(_), _) => Value::Object(Map::new()),
                (Value::Array(_), 0) => Value::Null,
                (Value::Array(_), _) => Value::Array(Vec::new()),
                (_, 0) => Value::Null,
                _ => "".into(),
            };
            let what = format!("emptied to {new}");
            put(new)?;
            Some(what)
        }
        _ => None,
    }
}

/// A number at or beyond the bounds of a numeric leaf, or one that is written
/// in a way that only some readers take.
fn number(node: &Node, dice: &mut Dice) -> Option<String> {
    const WRITTEN: [&str; 12] = [
        "+5", "05", "1.0", "1.55", "5.", ".5", "-0", "1e1", "0x10", "1_000", "1.000000", "--1",
    ];
    const LARGE: &str = "99999999999999999999999999999999999999999";
    let bounds: Vec<i128> = match &tree::kind_of_value(node)?.base {
        Base::Integer { ranges, .. } => ranges
            .iter()
            .flat_map(|(low, high)| [*low, *high])
            .collect(),
        Base::Decimal { ranges, digits } => {
            let scale = 10_i128.pow(u32::from(*digits));
            let ranges = ranges.iter();
            let mut bounds: Vec<i128> = ranges
                .flat_map(|(low, high)| [i128::from(*low) / scale, i128::from(*high) / scale])
                .collect();
            bounds.push(i128::from(i64::MAX) / scale);
            bounds
        }
        Base::Union(_) => vec![0, 65535],
        _ => return None,
    };
    Some(match dice.below(6) {
        0 => WRITTEN[dice.below(WRITTEN.len())].to_owned(),
        1 => ["0", "1", "2", "3", "7", "100", "65536", "-1"][dice.below(8)].to_owned(),
        2 => LARGE.to_owned(),
        _ => {
            let bound = dice.pick(&bounds)?;
            let step = [-1, 0, 1][dice.below(3)];
            (bound + step).to_string()
        }
    })
}
