//! A document as YANG sees it: a tree of containers, list items and values in
//! which every node knows its parent and its place in the schema.
//!
//! The conditions of the models climb from a value to the nodes around it, for
//! which neither the spanned tree nor a JSON Schema has a way.

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::ops::Range;

use foldhash::{HashMap, HashSet};

use super::coercion;
use super::path::join;
use super::stated::Stated;
use super::twins::Twins;
use crate::descriptor::local_name;
use crate::yaml::{Document, Entry, Node, Shape, is_bare};

/// The tree, the root first.
pub(super) struct Data<'a> {
    nodes: Vec<Datum<'a>>,
    /// The keys without a value, each with the node that has it.
    empty: Vec<(usize, &'static str, Range<usize>)>,
    /// The mappings in the place of lists, each with its number in the document.
    single: Vec<(usize, usize)>,
    /// The keys with the prefix of a module.
    prefixed: Vec<Prefixed<'a>>,
    /// Whether every node is plainly valid, so that the JSON Schema has no more
    /// to say.
    is_plain: bool,
}

/// A key of the model that is written with the prefix of a module.
pub(super) struct Prefixed<'a> {
    /// The number of the node that has it.
    pub parent: usize,
    /// The name, without the prefix.
    pub name: &'static str,
    /// The key as written.
    pub key: &'a str,
    /// The name of the module that the key belongs to, where the model says it.
    pub module: Option<&'static str>,
    /// Bytes of the key.
    pub at: Range<usize>,
    /// The same key before it in the same mapping, and its bytes.
    pub twin: Option<(&'a str, Range<usize>)>,
    /// Whether it is one of two of which one is a list without items.
    pub is_beside_nothing: bool,
    /// Whether it is that one.
    pub is_nothing: bool,
    /// Bytes of the key and its value where OSM's loader does not look at them: the item
    /// has the key of its list without the prefix as well.
    pub unread: Option<Range<usize>>,
}

/// A node of the tree.
pub(super) struct Datum<'a> {
    /// The name, without a module prefix.
    pub name: &'static str,
    /// The node above; the root is above itself.
    pub parent: usize,
    /// What is stated of it: of the item, where it stands in a list.
    pub stated: &'static Stated,
    /// What is stated of the list, where it stands in one.
    pub list: Option<&'static Stated>,
    /// The value, where it is a scalar.
    pub text: Option<&'a str>,
    /// What OSM's reader of YAML makes of an item of a list of texts, where that is no
    /// text, and of a set anywhere.
    pub read_as: Option<&'static str>,
    /// Bytes of the scalar, or of the key whose value is a collection.
    pub at: Range<usize>,
    /// Its number in a list.
    number: Option<usize>,
    /// The first node of each name below this one, as a chain. A name has few
    /// neighbours, whatever the number of items that bear it.
    first_below: Link,
    last_below: Link,
    next_name: Link,
    /// The next node of the same name, and for the first of them the last.
    next_alike: Link,
    last_alike: Link,
}

/// The number of another node, which is never the root.
type Link = Option<NonZeroU32>;

fn link(index: usize) -> Link {
    // A document has a limit of nodes far below this.
    u32::try_from(index).ok().and_then(NonZeroU32::new)
}

fn index(link: NonZeroU32) -> usize {
    link.get() as usize
}

impl<'a> Data<'a> {
    /// Sets a document beside what is stated of it. What the model does not
    /// know is left out.
    pub fn new(stated: &'static Stated, doc: &'a Document) -> Self {
        let mut data = Data {
            nodes: Vec::with_capacity(doc.len()),
            empty: Vec::new(),
            single: Vec::new(),
            prefixed: Vec::new(),
            is_plain: false,
        };
        if let Some(root) = doc.root() {
            data.is_plain = stated.plain.fits(root);
            data.nodes.push(Datum {
                name: "",
                parent: 0,
                stated,
                list: None,
                text: None,
                read_as: None,
                at: root.at(),
                number: None,
                first_below: None,
                last_below: None,
                next_name: None,
                next_alike: None,
                last_alike: None,
            });
            data.grow(0, root);
        }
        data
    }

    /// Whether the document is plainly valid by its JSON Schema: yes, or not
    /// known.
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Every node with its number.
    pub fn all(&self) -> impl Iterator<Item = (usize, &Datum<'a>)> {
        self.nodes.iter().enumerate()
    }

    /// The keys without a value that the schema knows, each with the number of
    /// the node that has it and its bytes.
    pub fn empty(&self) -> impl Iterator<Item = (usize, &'static str, Range<usize>)> + '_ {
        self.empty.iter().cloned()
    }

    /// The mappings in the place of lists that can be items of these, by their
    /// numbers in the document.
    pub fn single_items(&self) -> HashSet<usize> {
        let single = self.single.iter();
        let single = single.filter(|(index, _)| !self.is_misshapen(*index));
        single.map(|(_, node)| *node).collect()
    }

    /// The keys with the prefix of a module, in the order of the document.
    pub fn prefixed(&self) -> &[Prefixed<'a>] {
        &self.prefixed
    }

    /// What stands there under several spellings of a key.
    pub fn twins(&self) -> Twins {
        let unread = self.prefixed.iter().filter_map(|own| own.unread.clone());
        Twins {
            paths: self.twin_paths(),
            unread: unread.collect(),
        }
    }

    fn twin_paths(&self) -> HashSet<String> {
        let twins = self.prefixed.iter();
        let twins = twins.filter(|own| own.twin.is_some() || own.is_beside_nothing);
        twins
            .map(|own| join(&self.path(own.parent), own.name))
            .collect()
    }

    /// The node of that number.
    pub fn get(&self, index: usize) -> &Datum<'a> {
        &self.nodes[index]
    }

    /// The node that is so many levels above; the root above that.
    pub fn above(&self, index: usize, levels: usize) -> usize {
        (0..levels).fold(index, |index, _| self.nodes[index].parent)
    }

    /// The nodes of that name below a node, in the order of the document.
    pub fn below(&self, node: usize, name: &str) -> impl Iterator<Item = usize> + use<'_, 'a> {
        let first = self.first(node, name);
        std::iter::successors(first, |node| self.nodes[*node].next_alike.map(index))
    }

    fn first(&self, node: usize, name: &str) -> Option<usize> {
        self.heads(node).find(|head| self.nodes[*head].name == name)
    }

    fn heads(&self, node: usize) -> impl Iterator<Item = usize> {
        let first = self.nodes[node].first_below.map(index);
        std::iter::successors(first, |head| self.nodes[*head].next_name.map(index))
    }

    /// Whether a node stands in a sequence.
    pub fn is_item(&self, index: usize) -> bool {
        self.nodes[index].number.is_some()
    }

    /// Whether a node is a container with nothing in it. Without a presence of
    /// its own, and no choice holds one with it, it is no data (RFC 7950
    /// §7.5.1, §7.9.4).
    pub fn is_hollow(&self, index: usize) -> bool {
        let node = &self.nodes[index];
        node.text.is_none()
            && node.list.is_none()
            && self.children(index).all(|child| self.is_hollow(child))
    }

    /// Whether a mapping stands in the place of a list and is no item of it either:
    /// it lacks a key of the list, as `{first: …, second: …}` does, or the list is
    /// one of values.
    pub fn is_misshapen(&self, index: usize) -> bool {
        let node = &self.nodes[index];
        let Some(list) = node
            .list
            .filter(|_| node.number.is_none() && node.text.is_none())
        else {
            return false;
        };
        let is_there = |key: &&str| self.first(index, key).is_some();
        list.keys.is_empty() || !list.keys.iter().all(is_there)
    }

    /// The nodes below a node, those of one name together.
    fn children(&self, node: usize) -> impl Iterator<Item = usize> {
        self.heads(node).flat_map(|head| {
            std::iter::successors(Some(head), |node| self.nodes[*node].next_alike.map(index))
        })
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

    /// The value of a node as it is compared: identities go without the prefix
    /// of their module.
    pub fn value(&self, index: usize) -> Option<&'a str> {
        let node = &self.nodes[index];
        let text = node.text?;
        Some(match node.stated.is_qualified {
            true => local_name(text),
            false => text,
        })
    }

    /// The same in its canonical form (RFC 7950 §9.1), in which values of keys are
    /// compared: a whole number has neither plus nor zeros in front.
    pub fn canonical(&self, index: usize) -> Option<Cow<'a, str>> {
        let value = self.value(index)?;
        let is_whole = self.nodes[index].stated.is_whole;
        let number = is_whole.then(|| value.parse::<i128>());
        Some(match number {
            Some(Ok(number)) => Cow::Owned(number.to_string()),
            _ => Cow::Borrowed(value),
        })
    }

    /// The module that the nodes below a node belong to if nothing else is said
    /// of them.
    fn module(&self, index: usize) -> Option<&'static str> {
        let mut index = index;
        loop {
            let node = &self.nodes[index];
            let stated = node.list.unwrap_or(node.stated);
            if stated.module.is_some() || index == 0 {
                return stated.module;
            }
            index = node.parent;
        }
    }

    /// Adds what stands below a mapping.
    fn grow(&mut self, parent: usize, node: Node<'a>) {
        let stated = self.nodes[parent].stated;
        let noted = self.prefixed.len();
        for entry in node.entries() {
            let key = entry.name();
            let Some((name, stated)) = stated.child(key) else {
                self.is_plain = false;
                continue;
            };
            if key.len() < entry.key().len() {
                self.is_plain = false;
                let module = stated.module.or_else(|| self.module(parent));
                self.prefixed.push(Prefixed {
                    parent,
                    name,
                    key: entry.key(),
                    module,
                    at: entry.key_at(),
                    twin: None,
                    is_beside_nothing: false,
                    is_nothing: false,
                    unread: None,
                });
            }
            let value = entry.value();
            // A key without a value is absent.
            if value.is_null() {
                self.is_plain = false;
                self.empty.push((parent, name, entry.key_at()));
                continue;
            }
            let key = entry.key_at();
            match (stated.items().filter(|_| stated.is_list), value.shape()) {
                (Some(items), Shape::Sequence) => {
                    self.is_plain = self.is_plain && stated.plain.fits_items(value);
                    for (number, item) in value.items().enumerate() {
                        if item.is_null() {
                            self.is_plain = false;
                            continue;
                        }
                        let place = (items, Some(stated), Some(number));
                        self.add(parent, name, place, item, key.clone());
                    }
                }
                // One item without its list is another rule's affair.
                (Some(items), shape) => {
                    self.is_plain = false;
                    if shape == Shape::Mapping {
                        self.single.push((self.nodes.len(), value.index()));
                    }
                    self.add(parent, name, (items, Some(stated), None), value, key);
                }
                (None, _) => self.add(parent, name, (stated, None, None), value, key),
            }
        }
        if self.prefixed.len() > noted {
            self.pair(noted, parent, node);
        }
        let is_there = |name: &str| self.first(parent, name).is_some();
        self.is_plain = self.is_plain
            && stated.required.iter().all(|name| is_there(name))
            && stated.choices.iter().all(|choice| choice.is_made(is_there));
    }

    /// Finds the twins of the prefixed keys of a mapping, which are those from
    /// number `first` on that have it as their parent: of two with different
    /// prefixes the later has the earlier, and of one with and one without the
    /// one with it has the other. Of lists without items nothing is there, which
    /// nothing can be twice (RFC 7951 §5.4).
    fn pair(&mut self, first: usize, parent: usize, node: Node<'a>) {
        let mut foremost: HashMap<&str, Entry<'a>> = HashMap::default();
        let mut bare: HashMap<&str, Entry<'a>> = HashMap::default();
        let is_bare = |entry: &Entry<'a>| is_bare(entry.value());
        let empty = node.entries().filter(is_bare);
        let empty: HashSet<&str> = empty.map(|entry| entry.key()).collect();
        let hollow: HashSet<&str> = empty.iter().map(|key| local_name(key)).collect();
        for entry in node.entries().filter(|entry| !is_bare(entry)) {
            let name = entry.name();
            foremost.entry(name).or_insert(entry);
            if name.len() == entry.key().len() {
                bare.entry(name).or_insert(entry);
            }
        }
        let keys = self.nodes[parent].list.map(|list| &list.keys);
        // Of a mapping it asks what stands in it.
        let mut unread: HashMap<&str, Range<usize>> = HashMap::default();
        if let Some(keys) = keys.filter(|keys| !keys.is_empty()) {
            for entry in node.entries() {
                let is_key = keys.contains(&entry.name()) && bare.contains_key(entry.name());
                if is_key && entry.value().entries().len() == 0 {
                    let end = entry.value().at().end.max(entry.key_at().end);
                    unread.insert(entry.key(), entry.key_at().start..end);
                }
            }
        }
        for own in &mut self.prefixed[first..] {
            if own.parent != parent {
                continue;
            }
            own.unread = unread.remove(own.key);
            own.is_beside_nothing = hollow.contains(own.name) && foremost.contains_key(own.name);
            own.is_nothing = own.is_beside_nothing && empty.contains(own.key);
            if !empty.contains(own.key) {
                let others = [foremost.get(own.name), bare.get(own.name)];
                let mut others = others.into_iter().flatten();
                let twin = others.find(|other| other.key() != own.key);
                own.twin = twin.map(|other| (other.key(), other.key_at()));
            }
        }
    }

    fn add(
        &mut self,
        parent: usize,
        name: &'static str,
        (stated, list, number): (&'static Stated, Option<&'static Stated>, Option<usize>),
        node: Node<'a>,
        key: Range<usize>,
    ) {
        let text = node.text();
        let at = match (text, number) {
            (Some(text), _) if !text.is_empty() => node.at(),
            (None, Some(_)) => node.entries().next().map_or(key, |first| first.key_at()),
            _ => key,
        };
        let is_text = number.is_some() && stated.is_text;
        let is_set = node.tag() == Some("set");
        let index = self.nodes.len();
        self.nodes.push(Datum {
            name,
            parent,
            stated,
            list,
            text,
            read_as: (is_text || is_set).then(|| coercion::read(node)).flatten(),
            at,
            number,
            first_below: None,
            last_below: None,
            next_name: None,
            next_alike: None,
            last_alike: link(index),
        });
        self.hang(parent, index, name);
        self.is_plain = self.is_plain && stated.plain.fits(node);
        if text.is_none() {
            self.grow(index, node);
        }
    }

    /// Hangs a new node into the chains below its parent.
    fn hang(&mut self, parent: usize, node: usize, name: &str) {
        let last = self.nodes[parent].last_below.map(index);
        let head = match last.filter(|last| self.nodes[*last].name == name) {
            Some(head) => Some(head),
            None => self.first(parent, name),
        };
        if let Some(head) = head {
            let before = std::mem::replace(&mut self.nodes[head].last_alike, link(node));
            self.nodes[before.map_or(head, index)].next_alike = link(node);
            return;
        }
        match last {
            Some(last) => self.nodes[last].next_name = link(node),
            None => self.nodes[parent].first_below = link(node),
        }
        self.nodes[parent].last_below = link(node);
    }
}
