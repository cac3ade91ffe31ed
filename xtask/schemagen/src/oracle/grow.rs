//! Generates documents in which every node of a model occurs that can.

use std::collections::{BTreeMap, BTreeSet};

use nfv::schema::Schema;
use serde_json::{Map, Value};

use super::dice::Dice;
use super::repair::{insert, repair};
use super::tree::{Tree, schema_path};

/// How many bytes of JSON a document may grow to.
const FULL: usize = 6_000;

/// How many nodes are put in at once while most of them are new.
const BATCH: usize = 24;

/// How many at the end, when few of them can be.
const LEAST: usize = 3;

/// The documents, and which nodes of the schema occur in them.
pub struct Crop {
    /// Valid documents.
    pub documents: Vec<Value>,
    /// The paths of the nodes that none of them has.
    pub missing: Vec<String>,
    /// How many nodes the schema has.
    pub nodes: usize,
}

/// Generates documents until every node has occurred or was tried in vain so
/// many times, after which it passes for one that no valid document can have.
pub fn grow(tree: &Tree<'_>, schema: &'static Schema, most: usize, dice: &mut Dice) -> Crop {
    let mut tries: BTreeMap<&str, usize> = tree.paths().map(|path| (path, 0)).collect();
    let nodes = tries.len();
    let mut documents = Vec::new();
    loop {
        let mut whole = empty(tree);
        let mut size = 0;
        let mut is_valid = false;
        let mut batch = BATCH;
        while size < FULL {
            let least = tries.values().min().copied().unwrap_or(most);
            let open = tries.iter().filter(|(_, tries)| **tries == least);
            let open: Vec<&str> = open.map(|(path, _)| *path).collect();
            if least >= most || open.is_empty() {
                break;
            }
            let mut trial = whole.clone();
            for _ in 0..batch {
                if let Some(path) = dice.pick(&open) {
                    insert(tree, path, &mut trial, dice);
                    if let Some(tries) = tries.get_mut(path) {
                        *tries += 1;
                    }
                }
            }
            if !repair(tree, schema, &mut trial, dice) {
                batch = (batch / 2).max(LEAST);
                continue;
            }
            let found = occurring(&trial);
            let before = tries.len();
            tries.retain(|path, _| !found.contains(*path));
            if tries.len() == before {
                batch = (batch / 2).max(LEAST);
            }
            size = trial.to_string().len();
            whole = trial;
            is_valid = true;
        }
        if is_valid {
            documents.push(whole);
        }
        if tries.values().all(|tries| *tries >= most) {
            break;
        }
    }
    Crop {
        documents,
        missing: tries.into_keys().map(str::to_owned).collect(),
        nodes,
    }
}

/// A document with nothing but its root.
pub fn empty(tree: &Tree<'_>) -> Value {
    let mut members = Map::new();
    members.insert(tree.root().name.clone(), Value::Object(Map::new()));
    Value::Object(members)
}

/// The paths in the schema of all nodes of a document.
fn occurring(document: &Value) -> BTreeSet<String> {
    pointers(document)
        .iter()
        .map(|pointer| schema_path(pointer))
        .collect()
}

/// The pointers of all nodes, without the slash at the front. No name in a
/// generated document has a `/` or `~`.
pub fn pointers(document: &Value) -> Vec<String> {
    fn walk(value: &Value, pointer: &str, found: &mut Vec<String>) {
        let mut add = |part: &str, value: &Value| {
            let pointer = match pointer {
                "" => part.to_owned(),
                _ => format!("{pointer}/{part}"),
            };
            found.push(pointer.clone());
            walk(value, &pointer, found);
        };
        match value {
            Value::Object(members) => members.iter().for_each(|(key, value)| add(key, value)),
            Value::Array(items) => {
                for (number, value) in items.iter().enumerate() {
                    add(&number.to_string(), value);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(document, "", &mut found);
    found
}
