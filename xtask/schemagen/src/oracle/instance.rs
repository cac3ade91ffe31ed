//! Writes a document as libyang reads it: XML, in which every value is its
//! text.
//!
//! JSON as RFC 7951 has it would tell a number from a text, which YAML as
//! authors write it does not. What XML has no word for, a single value where a
//! list belongs or the other way round, is told apart: RFC 7951 refuses it
//! whatever the module says.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use nfv::yaml;
use serde_json::{Map, Value};

use super::tree;
use crate::yang::{Base, Kind, Library, Node, Type};

/// A document for libyang.
#[derive(Debug, PartialEq, Eq)]
pub enum Instance {
    /// As XML.
    Xml(String),
    /// It has a shape, at this place, that no instance of the model can have.
    Shape(String),
}

/// The namespaces of a model by the names of the modules.
pub struct Writer<'a> {
    root: &'a Node,
    namespaces: BTreeMap<String, String>,
}

impl<'a> Writer<'a> {
    /// Looks up the namespaces of all modules that a document may need.
    pub fn new(library: &Library, root: &'a Node) -> Result<Self> {
        let mut namespaces = BTreeMap::new();
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            let mut modules = vec![node.module.clone()];
            if let Some(ty) = tree::kind_of_value(node) {
                modules.extend(identities(ty).into_iter().map(|(_, module)| module));
            }
            for module in modules {
                let namespace = library.namespace(&module)?;
                namespaces.insert(module, namespace);
            }
            open.extend(tree::children(node));
        }
        Ok(Writer { root, namespaces })
    }

    /// Writes a document.
    pub fn write(&self, document: &Value) -> Result<Instance> {
        let members = document.as_object().context("a document is a mapping")?;
        let mut text = String::new();
        for (key, value) in members {
            let name = local_name(key);
            let root = (name == self.root.name).then_some(self.root);
            let (node, module) = of_module(key, root, &self.root.module);
            if let Err(place) = self.node(&mut text, name, value, node, module, name) {
                return Ok(Instance::Shape(place));
            }
        }
        Ok(Instance::Xml(text))
    }

    /// Writes a node; the error is the place of a shape that can't be written.
    fn node(
        &self,
        text: &mut String,
        name: &str,
        value: &Value,
        node: Option<&Node>,
        module: &str,
        path: &str,
    ) -> Result<(), String> {
        let is_list =
            node.map(|node| matches!(node.kind, Kind::List { .. } | Kind::LeafList { .. }));
        match value {
            // A key without a value is absent, if there is such a key.
            Value::Null if node.is_some() => Ok(()),
            Value::Array(_) if is_list == Some(false) => Err(path.to_owned()),
            // An unknown list without items would leave nothing in the XML.
            Value::Array(items) if is_list.is_none() && items.iter().all(Value::is_null) => {
                Err(path.to_owned())
            }
            Value::Array(items) => {
                for item in items {
                    match item {
                        // XML has no such item, and in JSON libyang refuses it.
                        Value::Null | Value::Array(_) => return Err(path.to_owned()),
                        _ => self.element(text, name, item, node, module, path)?,
                    }
                }
                Ok(())
            }
            _ if is_list == Some(true) => Err(path.to_owned()),
            _ => self.element(text, name, value, node, module, path),
        }
    }

    fn element(
        &self,
        text: &mut String,
        name: &str,
        value: &Value,
        node: Option<&Node>,
        module: &str,
        path: &str,
    ) -> Result<(), String> {
        let is_leaf = node.map(|node| tree::kind_of_value(node).is_some());
        match (value, is_leaf) {
            (Value::Object(_), Some(true)) => return Err(path.to_owned()),
            (Value::String(_), Some(false)) => return Err(path.to_owned()),
            _ => {}
        }
        text.push('<');
        text.push_str(name);
        let own = node.map_or(module, |node| &node.module);
        if own != module || !path.contains('/') {
            self.declare(text, "", own);
        }
        match value {
            Value::Object(members) => {
                text.push('>');
                for (key, value) in members {
                    let name = local_name(key);
                    let child = node.and_then(|node| tree::child(node, name));
                    let (child, module) = of_module(key, child, own);
                    let path = format!("{path}/{name}");
                    match module == own || child.is_some() {
                        true => self.node(text, name, value, child, own, &path)?,
                        false => self.foreign(text, name, module),
                    }
                }
            }
            Value::String(value) => {
                let ty = node.and_then(tree::kind_of_value);
                let identity = ty.and_then(|ty| identity(ty, value));
                if let Some((_, module)) = &identity {
                    self.declare(text, ":i", module);
                }
                text.push('>');
                match identity {
                    Some((name, _)) => {
                        text.push_str("i:");
                        text.push_str(&name);
                    }
                    None => escape(text, value),
                }
            }
            _ => text.push('>'),
        }
        text.push_str("</");
        text.push_str(name);
        text.push('>');
        Ok(())
    }

    /// Writes a node that the model does not have, in the namespace of a module
    /// that may not exist either. What is in it does not matter.
    fn foreign(&self, text: &mut String, name: &str, module: &str) {
        text.push('<');
        text.push_str(name);
        self.declare(text, "", module);
        text.push_str("/>");
    }

    /// The names of the modules whose nodes or identities a document may have.
    pub fn modules(&self) -> impl Iterator<Item = &str> {
        self.namespaces.keys().map(String::as_str)
    }

    fn declare(&self, text: &mut String, prefix: &str, module: &str) {
        text.push_str(" xmlns");
        text.push_str(prefix);
        text.push_str("=\"");
        match self.namespaces.get(module) {
            Some(namespace) => escape(text, namespace),
            None => escape(text, &format!("urn:example:{module}")),
        }
        text.push('"');
    }
}

/// A YAML document as the writer and the faults take it: every scalar is its
/// text, and a boolean the word that YANG has for it.
pub fn from_yaml(node: yaml::Node<'_>) -> Value {
    match node.shape() {
        yaml::Shape::Mapping => {
            let member = |entry: yaml::Entry<'_>| {
                let name = local_name(entry.key()).to_owned();
                (name, from_yaml(entry.value()))
            };
            Value::Object(node.entries().map(member).collect::<Map<_, _>>())
        }
        yaml::Shape::Sequence => node.items().map(from_yaml).collect(),
        yaml::Shape::Scalar if node.is_null() => Value::Null,
        yaml::Shape::Scalar => match node.scalar_type() {
            Some(yaml::Type::Bool(value)) => value.to_string().into(),
            _ => node.text().unwrap_or_default().into(),
        },
    }
}

/// The identities that a type takes: name and module.
fn identities(ty: &Type) -> Vec<(String, String)> {
    match &ty.base {
        Base::Identity(identities) => identities
            .iter()
            .map(|identity| (identity.name.clone(), identity.module.clone()))
            .collect(),
        Base::Union(members) => members.iter().flat_map(identities).collect(),
        _ => Vec::new(),
    }
}

/// The identity that a text names, with the prefix of its module or without.
fn identity(ty: &Type, text: &str) -> Option<(String, String)> {
    identities(ty)
        .into_iter()
        .find(|(name, module)| match text.split_once(':') {
            Some((prefix, rest)) => prefix == module && rest == name,
            None => text == name,
        })
}

/// The node that a key names, and the module whose namespace it is in: its own,
/// or where the key has a prefix, that (RFC 7951 §4).
fn of_module<'a>(
    key: &'a str,
    node: Option<&'a Node>,
    around: &'a str,
) -> (Option<&'a Node>, &'a str) {
    match key.rsplit_once(':') {
        Some((prefix, _)) => (node.filter(|node| node.module == prefix), prefix),
        None => (node, around),
    }
}

/// A name without the prefix of its module.
fn local_name(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn escape(text: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\r' => text.push_str("&#13;"),
            _ => text.push(c),
        }
    }
}
