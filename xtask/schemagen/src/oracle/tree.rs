//! The schema tree of a document by the names in it: choices and cases, which
//! no document shows, are passed over.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::reference;
use crate::yang::{Kind, Node, Type};

/// The nodes of a document's schema by their paths, such as `nfv/vnfd/id`.
pub struct Tree<'a> {
    root: &'a Node,
    places: BTreeMap<String, &'a Node>,
}

impl<'a> Tree<'a> {
    /// Lists the nodes below and with the root of a document.
    pub fn new(root: &'a Node) -> Self {
        let mut places = BTreeMap::new();
        gather(root, root.name.clone(), &mut places);
        Tree { root, places }
    }

    /// The only member of a document.
    pub fn root(&self) -> &'a Node {
        self.root
    }

    /// The paths of all nodes, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// The node of that path.
    pub fn get(&self, path: &str) -> Option<&'a Node> {
        self.places.get(path).copied()
    }

    /// The path of the leaf that the leafref at a path points to.
    pub fn target(&self, path: &str) -> Option<String> {
        let leafref = kind_of_value(self.get(path)?)?.leafref.as_ref()?;
        let own: Vec<String> = path.split('/').map(str::to_owned).collect();
        let way = reference::leafref(leafref, &own).ok()?;
        self.lead(&way, &own)
    }

    /// Where a way from a leaf ends.
    fn lead(&self, way: &Value, own: &[String]) -> Option<String> {
        let mut at = match way.get("deref") {
            Some(deref) => {
                let target = self.target(&self.lead(deref, own)?)?;
                target.split('/').map(str::to_owned).collect()
            }
            None if way["root"] == true => Vec::new(),
            None => own.to_vec(),
        };
        let up = usize::try_from(way["up"].as_u64().unwrap_or(0)).ok()?;
        at.truncate(at.len().checked_sub(up)?);
        for step in way["path"].as_array().into_iter().flatten() {
            at.push(step.as_str().or(step["node"].as_str())?.to_owned());
        }
        at.push(way["leaf"].as_str()?.to_owned());
        let path = at.join("/");
        self.places.contains_key(&path).then_some(path)
    }
}

/// The nodes that may stand below a node in a document.
pub fn children(node: &Node) -> Vec<&Node> {
    let own = match &node.kind {
        Kind::Container { children, .. } | Kind::List { children, .. } => children,
        _ => return Vec::new(),
    };
    let mut found = Vec::new();
    let mut open: Vec<&Node> = own.iter().rev().collect();
    while let Some(node) = open.pop() {
        match &node.kind {
            Kind::Choice {
                cases: children, ..
            }
            | Kind::Case { children } => {
                open.extend(children.iter().rev());
            }
            _ => found.push(node),
        }
    }
    found
}

/// The node of that name that may stand below a node.
pub fn child<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    children(node).into_iter().find(|child| child.name == name)
}

/// The type of a leaf, or of the items of a leaf-list.
pub fn kind_of_value(node: &Node) -> Option<&Type> {
    match &node.kind {
        Kind::Leaf { ty, .. } | Kind::LeafList { ty, .. } => Some(ty),
        _ => None,
    }
}

/// The path in the schema of a place in a document: without the numbers.
pub fn schema_path(pointer: &str) -> String {
    let is_name = |part: &&str| part.parse::<usize>().is_err();
    let names: Vec<&str> = pointer.split('/').filter(is_name).collect();
    names.join("/")
}

fn gather<'a>(node: &'a Node, path: String, places: &mut BTreeMap<String, &'a Node>) {
    for child in children(node) {
        gather(child, format!("{path}/{}", child.name), places);
    }
    places.insert(path, node);
}
