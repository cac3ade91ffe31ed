//! The tree: arenas of nodes, items and entries, and a cheap handle to walk it.
//!
//! Arenas, because a tree of boxes is dropped recursively and a hostile
//! document would choose how deep; because an alias is then an index; and
//! because a list of its own for each collection is most of the time that a
//! descriptor takes to be read.

use std::ops::Range;
use std::sync::Arc;

use super::fill::Fill;
use super::problem::Problem;
use super::pyyaml::{PyScalar, pyyaml};
use super::scalar::{Style, Type, resolve};
use crate::diagnostic::{SourceFile, Span};

pub(super) type NodeId = u32;

/// The text of a scalar on its way into the tree: most stand in the source as
/// they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Source(Range<u32>),
    Owned(Box<str>),
}

/// The text of a scalar in the tree: bytes of the source, or the number of one
/// of the texts that do not stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    Source { start: u32, end: u32 },
    Owned(u32),
}

impl Words {
    pub fn of<'a>(self, source: &'a str, owned: &'a [Box<str>]) -> &'a str {
        let text = match self {
            Words::Source { start, end } => source.get(start as usize..end as usize),
            Words::Owned(i) => owned.get(i as usize).map(AsRef::as_ref),
        };
        text.unwrap_or_default()
    }
}

/// A part of an arena, from and to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part(pub u32, pub u32);

impl Part {
    fn range(self) -> Range<usize> {
        self.0 as usize..self.1 as usize
    }
}

/// What most keys are told apart by without a look at their text: the last letters
/// of the name, at most four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark(u32);

impl Mark {
    /// Equal for equal keys, and for those that differ in a prefix alone.
    #[inline]
    pub fn of(key: &str) -> Mark {
        let tail = key.bytes().rev().take(4).take_while(|b| *b != b':');
        Mark(tail.fold(0, |mark, b| mark << 8 | u32::from(b)))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RawEntry {
    pub key: Words,
    pub mark: Mark,
    /// How long the prefix of a YANG module is, with its colon.
    pub prefix: u32,
    pub key_at: Range<u32>,
    pub key_style: Style,
    pub value: NodeId,
    pub merged: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    Scalar { text: Words, style: Style },
    Sequence(Part),
    Mapping(Part),
    Alias(NodeId),
}

/// All nodes of a document, with what collections hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Arena {
    pub nodes: Vec<RawNode>,
    pub items: Vec<NodeId>,
    pub entries: Vec<RawEntry>,
    pub texts: Vec<Box<str>>,
}

impl Arena {
    pub fn items(&self, part: Part) -> &[NodeId] {
        self.items.get(part.range()).unwrap_or_default()
    }

    pub fn entries(&self, part: Part) -> &[RawEntry] {
        self.entries.get(part.range()).unwrap_or_default()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RawNode {
    pub raw: Raw,
    pub at: Range<u32>,
}

/// A comment that may speak to this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Bytes of the comment with its `#`.
    pub at: Range<usize>,
    /// The text behind the `#`.
    pub text: String,
    /// Whether nothing but space stands before it on its line.
    pub own_line: bool,
}

/// A parsed document.
#[derive(Debug)]
pub struct Document {
    pub(super) file: Arc<SourceFile>,
    pub(super) arena: Arena,
    pub(super) root: Option<NodeId>,
    pub(super) comments: Vec<Comment>,
    pub(super) problems: Vec<Problem>,
    /// The tags of YAML's own on scalars, without `tag:yaml.org,2002:`, by where
    /// the scalar begins.
    pub(super) tags: Vec<(usize, &'static str)>,
    pub(super) has_aliases: bool,
    pub(super) shared: Vec<Range<usize>>,
    pub(super) fill: Option<Box<Fill>>,
}

impl Document {
    /// The file that was parsed.
    pub fn file(&self) -> &Arc<SourceFile> {
        &self.file
    }

    /// The root node; `None` for an empty text or one that can't be walked.
    pub fn root(&self) -> Option<Node<'_>> {
        if self.is_broken() {
            return None;
        }
        self.root.map(|id| Node { doc: self, id })
    }

    /// What is wrong with the text.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether the text could not be read to its end or must not be walked.
    pub fn is_broken(&self) -> bool {
        self.problems.iter().any(|p| p.kind.is_fatal())
    }

    /// Whether an alias (`*name`) or a merge key stands anywhere, so that one
    /// piece of text may be read at several places.
    pub fn has_aliases(&self) -> bool {
        self.has_aliases
    }

    /// Whether something at these bytes, or right beside them, is read at another
    /// place as well, or is an alias by which that is so: a change there is one at
    /// several places.
    pub fn is_shared(&self, at: &Range<usize>) -> bool {
        let after = self.shared.partition_point(|range| range.start <= at.end);
        let before = after.checked_sub(1).and_then(|i| self.shared.get(i));
        before.is_some_and(|range| at.start <= range.end)
    }

    /// Nothing is met yet.
    pub fn met(&self) -> Met {
        let len = if self.has_aliases {
            self.arena.nodes.len()
        } else {
            0
        };
        Met {
            met: vec![false; len],
        }
    }

    /// How many nodes there are, each counted where it is written.
    pub fn len(&self) -> usize {
        self.arena.nodes.len()
    }

    /// Whether there is not one node.
    pub fn is_empty(&self) -> bool {
        self.arena.nodes.is_empty()
    }

    /// Whether any key or scalar is one that `f` is after, by its text and how it
    /// is written. Quicker than a walk, and of use before one: it looks at parts
    /// that nothing leads to as well.
    pub fn has_text(&self, f: impl Fn(&str, Style) -> bool) -> bool {
        let mut keys = self.arena.entries.iter();
        keys.any(|entry| f(self.text(entry.key), entry.key_style)) || self.has_scalar(f)
    }

    /// Whether any scalar is one that `f` is after, likewise.
    pub fn has_scalar(&self, f: impl Fn(&str, Style) -> bool) -> bool {
        self.arena.nodes.iter().any(|node| match node.raw {
            Raw::Scalar { text, style } => f(self.text(text), style),
            _ => false,
        })
    }

    /// Whether `f` is after any plain scalar that stands under a key, by the key
    /// without a prefix and its text: as quick as [`Document::has_text`].
    pub fn has_value(&self, f: impl Fn(&str, &str) -> bool) -> bool {
        self.arena.entries.iter().any(|raw| {
            let entry = Entry { doc: self, raw };
            let value = entry.value();
            let plain = value.text().filter(|_| value.style() == Some(Style::Plain));
            plain.is_some_and(|text| f(entry.name(), text))
        })
    }

    /// Whether any key has the prefix of a YANG module.
    pub fn has_prefixed(&self) -> bool {
        self.arena.entries.iter().any(|entry| entry.prefix != 0)
    }

    /// Whether a scalar carries a tag of YAML's own other than `!!str`.
    pub fn has_tags(&self) -> bool {
        !self.tags.is_empty()
    }

    /// Whether an item of any list is null.
    pub fn has_null_item(&self) -> bool {
        let node = |&id| Node { doc: self, id };
        self.arena.items.iter().any(|id| node(id).is_null())
    }

    /// Comments that begin with `nfv:`.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// A span of this document's file.
    pub fn span(&self, at: Range<usize>) -> Span {
        Span::new(&self.file, at)
    }

    pub(super) fn text(&self, text: Words) -> &str {
        text.of(self.file.text(), &self.arena.texts)
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A single value.
    Scalar,
    /// A list.
    Sequence,
    /// Keys and values.
    Mapping,
}

impl Shape {
    /// The word for it in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Shape::Scalar => "a single value",
            Shape::Sequence => "a list",
            Shape::Mapping => "a mapping",
        }
    }
}

/// Which nodes were met on a walk: an alias leads to one that was. In a
/// document without aliases there is nothing to note.
#[derive(Debug)]
pub struct Met {
    met: Vec<bool>,
}

impl Met {
    /// Notes a node, and tells whether it is met for the first time.
    pub fn insert(&mut self, node: Node<'_>) -> bool {
        match self.met.get_mut(node.index()) {
            Some(met) => !std::mem::replace(met, true),
            None => true,
        }
    }
}

/// A handle to a node; copying it is free. Aliases are followed.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    doc: &'a Document,
    id: NodeId,
}

/// A key and its value.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    pub(super) doc: &'a Document,
    pub(super) raw: &'a RawEntry,
}

impl<'a> Entry<'a> {
    /// The key's text.
    pub fn key(&self) -> &'a str {
        self.doc.text(self.raw.key)
    }

    /// The key without the prefix of a YANG module.
    pub fn name(&self) -> &'a str {
        let key = self.key();
        key.get(self.raw.prefix as usize..).unwrap_or(key)
    }

    /// Bytes of the key.
    pub fn key_at(&self) -> Range<usize> {
        wide(&self.raw.key_at)
    }

    /// Span of the key.
    pub fn key_span(&self) -> Span {
        self.doc.span(self.key_at())
    }

    /// How the key is written.
    pub fn key_style(&self) -> Style {
        self.raw.key_style
    }

    /// The value.
    pub fn value(&self) -> Node<'a> {
        Node {
            doc: self.doc,
            id: self.raw.value,
        }
    }

    /// Whether the entry came in through a merge key (`<<`).
    pub fn is_merged(&self) -> bool {
        self.raw.merged
    }
}

impl<'a> Node<'a> {
    fn raw(&self) -> &'a RawNode {
        let mut id = self.id;
        loop {
            let node = &self.doc.arena.nodes[id as usize];
            // An alias names a node that was complete before it, so this ends.
            match node.raw {
                Raw::Alias(target) => id = target,
                _ => return node,
            }
        }
    }

    /// The document this node belongs to.
    pub fn document(&self) -> &'a Document {
        self.doc
    }

    /// Number of the node in its document, the same for every alias of it.
    pub fn index(&self) -> usize {
        let mut id = self.id;
        while let Raw::Alias(target) = self.doc.arena.nodes[id as usize].raw {
            id = target;
        }
        id as usize
    }

    /// Bytes of the node. A block collection ends with its last child.
    pub fn at(&self) -> Range<usize> {
        wide(&self.raw().at)
    }

    /// Span of the node.
    pub fn span(&self) -> Span {
        self.doc.span(self.at())
    }

    /// What the node is.
    pub fn shape(&self) -> Shape {
        match self.raw().raw {
            Raw::Sequence(_) => Shape::Sequence,
            Raw::Mapping(_) => Shape::Mapping,
            Raw::Scalar { .. } | Raw::Alias(_) => Shape::Scalar,
        }
    }

    /// The text of a scalar, whatever its type; `None` for collections.
    pub fn text(&self) -> Option<&'a str> {
        match &self.raw().raw {
            Raw::Scalar { text, .. } => Some(self.doc.text(*text)),
            _ => None,
        }
    }

    /// The text of a scalar that says something: not null, not empty.
    pub fn str(&self) -> Option<&'a str> {
        self.text()
            .filter(|text| !text.is_empty() && !self.is_null())
    }

    /// How a scalar is written; `None` for collections.
    pub fn style(&self) -> Option<Style> {
        match &self.raw().raw {
            Raw::Scalar { style, .. } => Some(*style),
            _ => None,
        }
    }

    /// The tag of YAML's own on a scalar, without its `!!`: `float`. `None` for
    /// `!!str`, which is what a text is anyway.
    pub fn tag(&self) -> Option<&'static str> {
        let tags = &self.doc.tags;
        if tags.is_empty() {
            return None;
        }
        let found = tags.binary_search_by_key(&self.at().start, |(at, _)| *at);
        Some(tags.get(found.ok()?)?.1)
    }

    /// The YAML 1.2 type of a scalar, that of its tag where it has one; `None` for
    /// collections.
    pub fn scalar_type(&self) -> Option<Type> {
        let text = self.text()?;
        Some(match self.style()? {
            Style::Plain => resolve(text),
            Style::Quoted => match self.tag() {
                Some("null") => Type::Null,
                Some("int") => Type::Int,
                Some("float") => Type::Float,
                Some("bool") => match pyyaml(*self) {
                    Some(PyScalar::Bool(value)) => Type::Bool(value),
                    _ => Type::Str,
                },
                _ => Type::Str,
            },
        })
    }

    /// Whether the node is null.
    pub fn is_null(&self) -> bool {
        self.scalar_type() == Some(Type::Null)
    }

    /// The items of a sequence; nothing for other nodes.
    pub fn items(&self) -> impl ExactSizeIterator<Item = Node<'a>> + use<'a> {
        let doc = self.doc;
        self.item_ids().iter().map(move |&id| Node { doc, id })
    }

    /// The item at `index` of a sequence.
    pub fn item(&self, index: usize) -> Option<Node<'a>> {
        let id = *self.item_ids().get(index)?;
        Some(Node { doc: self.doc, id })
    }

    fn item_ids(&self) -> &'a [NodeId] {
        match self.raw().raw {
            Raw::Sequence(part) => self.doc.arena.items(part),
            _ => &[],
        }
    }

    /// The entries of a mapping, merged ones last; nothing for other nodes.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = Entry<'a>> + use<'a> {
        let doc = self.doc;
        self.raw_entries().iter().map(move |raw| Entry { doc, raw })
    }

    fn raw_entries(&self) -> &'a [RawEntry] {
        match self.raw().raw {
            Raw::Mapping(part) => self.doc.arena.entries(part),
            _ => &[],
        }
    }

    /// The entry at this place, likewise.
    pub fn entry_at(&self, i: usize) -> Option<Entry<'a>> {
        let raw = self.raw_entries().get(i)?;
        Some(Entry { doc: self.doc, raw })
    }

    /// The entry with exactly this key.
    pub fn entry(&self, key: &str) -> Option<Entry<'a>> {
        self.marked(Mark::of(key)).find(|entry| entry.key() == key)
    }

    /// The entries that may have that name, with or without a prefix: the few of
    /// a long mapping that are worth a look at their text.
    #[inline]
    pub fn entries_like(&self, name: &str) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        self.marked(Mark::of(name))
    }

    fn marked(&self, mark: Mark) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        let doc = self.doc;
        let entries = self.raw_entries().iter();
        let like = entries.filter(move |raw| raw.mark == mark);
        like.map(move |raw| Entry { doc, raw })
    }

    /// The value under exactly this key.
    pub fn get(&self, key: &str) -> Option<Node<'a>> {
        self.entry(key).map(|entry| entry.value())
    }
}

fn wide(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}
