//! A document as YANG sees it: a tree of containers, list items and values in
//! which every node knows its parent and its place in the schema.
//!
//! The conditions of the models climb from a value to the nodes around it, for
//! which neither the spanned tree nor a JSON Schema has a way.

use std::ops::Range;

use serde_json::Value;

use crate::descriptor::local_name;
use crate::yaml::{Document, Node, Shape};

/// The tree, the root first.
pub(super) struct Data<'a> {
    schema: &'a Value,
    nodes: Vec<Datum<'a>>,
    /// The keys without a value, each with the node that has it.
    empty: Vec<(usize, &'a str)>,
}

/// A node of the tree.
pub(super) struct Datum<'a> {
    /// The name, without a module prefix.
    pub name: &'a str,
    /// The node above; the root is above itself.
    pub parent: usize,
    /// The nodes below, in the order of the document.
    pub children: Vec<usize>,
    /// The schema of the node: of the item, where it stands in a list.
    pub schema: &'a Value,
    /// The schema of the list, where it stands in one.
    pub list: Option<&'a Value>,
    /// The value, where it is a scalar.
    pub text: Option<&'a str>,
    /// Bytes of the scalar, or of the key whose value is a collection.
    pub at: Range<usize>,
    /// Its number in a list.
    number: Option<usize>,
}

impl<'a> Data<'a> {
    /// Sets a document beside its schema. What the schema does not know is
    /// left out.
    pub fn new(schema: &'a Value, doc: &'a Document) -> Self {
        let mut data = Data {
            schema,
            nodes: Vec::new(),
            empty: Vec::new(),
        };
        if let Some(root) = doc.root() {
            data.nodes.push(Datum {
                name: "",
                parent: 0,
                children: Vec::new(),
                schema,
                list: None,
                text: None,
                at: root.at(),
                number: None,
            });
            data.grow(0, root);
        }
        data
    }

    /// Every node with its number.
    pub fn all(&self) -> impl Iterator<Item = (usize, &Datum<'a>)> {
        self.nodes.iter().enumerate()
    }

    /// The keys without a value that the schema knows, each with the number of
    /// the node that has it.
    pub fn empty(&self) -> impl Iterator<Item = (usize, &'a str)> + '_ {
        self.empty.iter().copied()
    }

    /// The node of that number.
    pub fn get(&self, index: usize) -> &Datum<'a> {
        &self.nodes[index]
    }

    /// The node that is so many levels above; the root above that.
    pub fn above(&self, index: usize, levels: usize) -> usize {
        (0..levels).fold(index, |index, _| self.nodes[index].parent)
    }

    /// The nodes of that name below a node.
    pub fn below<'d>(&'d self, index: usize, name: &'d str) -> impl Iterator<Item = usize> + 'd {
        let children = self.nodes[index].children.iter().copied();
        children.filter(move |child| self.nodes[*child].name == name)
    }

    /// Whether a node is a container with nothing in it. Without a presence of
    /// its own, and no choice holds one with it, it is no data (RFC 7950
    /// §7.5.1, §7.9.4).
    pub fn is_hollow(&self, index: usize) -> bool {
        let node = &self.nodes[index];
        node.text.is_none()
            && node.list.is_none()
            && node.children.iter().all(|child| self.is_hollow(*child))
    }

    /// The path of a node: `vnfd/vdu/0/id`.
    pub fn path(&self, index: usize) -> String {
        let mut parts = Vec::new();
        let mut index = index;
        while index != 0 {
            let node = &self.nodes[index];
            parts.extend(node.number.map(|number| number.to_string()));
            parts.push(node.name.to_owned());
            index = node.parent;
        }
        parts.reverse();
        parts.join("/")
    }

    /// A keyword of a schema, beside its `$ref` or behind it.
    pub fn keyword(&self, schema: &'a Value, keyword: &str) -> &'a Value {
        let mut schema = schema;
        loop {
            if let Some(value) = schema.get(keyword) {
                return value;
            }
            let pointer = schema["$ref"].as_str().and_then(|r| r.strip_prefix('#'));
            match pointer.and_then(|pointer| self.schema.pointer(pointer)) {
                Some(behind) => schema = behind,
                None => return &Value::Null,
            }
        }
    }

    /// The value of a node as it is compared: identities go without the prefix
    /// of their module.
    pub fn value(&self, index: usize) -> Option<&'a str> {
        let node = &self.nodes[index];
        let text = node.text?;
        let names = self.keyword(node.schema, "enum").as_array();
        let is_qualified = |name: &Value| name.as_str().is_some_and(|name| name.contains(':'));
        match names {
            Some(names) if names.iter().any(is_qualified) => Some(local_name(text)),
            _ => Some(text),
        }
    }

    /// Adds what stands below a mapping.
    fn grow(&mut self, parent: usize, node: Node<'a>) {
        let properties = self.keyword(self.nodes[parent].schema, "properties");
        for entry in node.entries() {
            let name = local_name(entry.key());
            let Some(schema) = properties.get(name) else {
                continue;
            };
            let value = entry.value();
            // A key without a value is absent.
            if value.is_null() {
                self.empty.push((parent, name));
                continue;
            }
            let is_list = self.keyword(schema, "type") == "array";
            let items = self.keyword(schema, "items");
            match value.shape() {
                Shape::Sequence if is_list => {
                    for (number, item) in value.items().enumerate() {
                        if item.is_null() {
                            continue;
                        }
                        let place = (items, Some(schema), Some(number));
                        self.add(parent, name, place, item, entry.key_at());
                    }
                }
                // One item without its list is another rule's affair.
                _ if is_list => {
                    let place = (items, Some(schema), None);
                    self.add(parent, name, place, value, entry.key_at());
                }
                _ => self.add(parent, name, (schema, None, None), value, entry.key_at()),
            }
        }
    }

    fn add(
        &mut self,
        parent: usize,
        name: &'a str,
        (schema, list, number): (&'a Value, Option<&'a Value>, Option<usize>),
        node: Node<'a>,
        key: Range<usize>,
    ) {
        let text = node.text();
        let at = match (text, number, node.entries().next()) {
            (Some(text), ..) if !text.is_empty() => node.at(),
            (None, Some(_), Some(first)) => first.key_at(),
            _ => key,
        };
        let index = self.nodes.len();
        self.nodes.push(Datum {
            name,
            parent,
            children: Vec::new(),
            schema,
            list,
            text,
            at,
            number,
        });
        self.nodes[parent].children.push(index);
        self.grow(index, node);
    }
}
