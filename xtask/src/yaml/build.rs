//! Parser events to the tree, within limits.
//!
//! The builder keeps its own stack, never recurses, and counts what an alias
//! stands for, so that no text makes it hang, overflow or take memory out of
//! proportion.

mod again;
mod strict;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, StructureStyle};

use super::problem::{Problem, ProblemKind};
use super::scalar::{Style, Type, resolve};
use super::tree::{
    Arena, Comment, Document, Mark, NodeId, Part, Raw, RawEntry, RawNode, Text, Words,
};
use super::{loose, pyyaml};
use crate::diagnostic::SourceFile;

/// How much of everything a document may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of text. Real descriptors have 2 to 50 KB; generated ones 1 MB.
    pub bytes: usize,
    /// Collections inside collections. Real descriptors reach 14.
    pub depth: usize,
    /// Nodes as written. A generated descriptor of 1 MB has 70,000.
    pub nodes: usize,
    /// Nodes when every alias is replaced by what it names.
    pub expanded: usize,
    /// Entries that merge keys bring in, over the whole document.
    pub merged: usize,
    /// Comment lines in a row. The parser holds them back, at sixty times
    /// their size, until it sees what they belong to.
    pub comments: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            bytes: 16 << 20,
            depth: 128,
            nodes: 200_000,
            expanded: 200_000,
            merged: 100_000,
            comments: 20_000,
        }
    }
}

/// Parses the bytes of one file.
///
/// `path` is what diagnostics show. The result always comes back: faults are
/// in [`Document::problems`], and a text that can't be read has no root.
pub fn parse(path: &str, bytes: impl Into<Vec<u8>>, limits: Limits) -> Document {
    let bytes = bytes.into();
    if bytes.len() > limits.bytes {
        return Document::oversized(path, limits);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Builder::run(Arc::new(SourceFile::new(path, text)), limits),
        Err(error) => {
            let bytes = error.as_bytes();
            let looks_like = match bytes {
                [0xff, 0xfe, ..] => Some("UTF-16, little-endian"),
                [0xfe, 0xff, ..] => Some("UTF-16, big-endian"),
                _ => None,
            };
            // The text up to the fault is the same bytes in the lossy copy, so
            // the offset holds there too.
            let text = String::from_utf8_lossy(bytes);
            let file = Arc::new(SourceFile::new(path, text));
            broken(
                file,
                ProblemKind::Encoding { looks_like },
                error.utf8_error().valid_up_to(),
            )
        }
    }
}

impl Document {
    /// The document of a file that has more bytes than the limit allows.
    pub fn oversized(path: &str, limits: Limits) -> Self {
        let what = "bytes";
        let limit = limits.bytes;
        let file = Arc::new(SourceFile::without_text(path));
        broken(file, ProblemKind::Limit { what, limit }, 0)
    }
}

fn broken(file: Arc<SourceFile>, kind: ProblemKind, at: usize) -> Document {
    Document {
        file,
        arena: Arena::default(),
        root: None,
        comments: Vec::new(),
        problems: vec![Problem { kind, at: at..at }],
        tags: Vec::new(),
        has_aliases: false,
        shared: Vec::new(),
        fill: None,
    }
}

/// A collection that is still open.
struct Frame {
    id: NodeId,
    start: u32,
    end: u32,
    /// Anchor of the collection, 0 for none.
    anchor: usize,
    content: Content,
    /// Where what it holds so far begins, among what all open ones hold.
    from: usize,
    /// The tag that makes of it what JSON has not.
    tag: Option<&'static str>,
    /// Whether it is written in brackets.
    is_flow: bool,
}

pub(super) enum Content {
    Sequence,
    /// With the key that waits for its value.
    Mapping(Option<Key>),
}

pub(super) struct Key {
    text: Words,
    at: Range<u32>,
    style: Style,
    /// `<<` without quotes.
    merge: bool,
}

pub(super) struct Builder {
    pub(super) file: Arc<SourceFile>,
    pub(super) limits: Limits,
    pub(super) arena: Arena,
    /// How many nodes each node stands for, with its aliases replaced.
    weights: Vec<u64>,
    stack: Vec<Frame>,
    /// What the open sequences and mappings hold so far, the innermost last.
    open_items: Vec<NodeId>,
    pub(super) open_entries: Vec<RawEntry>,
    anchors: HashMap<usize, NodeId>,
    anchor_names: HashMap<String, (usize, Range<usize>)>,
    comments: Vec<Comment>,
    problems: Vec<Problem>,
    root: Option<NodeId>,
    documents: usize,
    pub(super) merged: usize,
    tags: Vec<(usize, &'static str)>,
    /// The tag of the key that is read.
    key_tag: Option<&'static str>,
    has_aliases: bool,
    /// The nodes that an alias names.
    targets: HashSet<NodeId>,
    /// Where aliases stand.
    aliases: Vec<Range<u32>>,
    /// The first of the aliases that stand for most nodes, and for how many.
    heaviest: (u64, Range<usize>),
    /// Where the parser stopped at what PyYAML reads.
    stopped: Option<loose::Stop>,
    /// Whether the text that is read differs from that of the file.
    is_mended: bool,
}

impl Builder {
    fn run(file: Arc<SourceFile>, limits: Limits) -> Document {
        let mut builder = Builder::new(&file, limits);
        if !builder.read_fast(file.text()) {
            builder = Builder::new(&file, limits);
            builder.read(file.text());
            builder = builder.read_loosely(file.text());
            builder = builder.read_with_line_ends();
        }
        builder.finish()
    }

    pub(super) fn new(file: &Arc<SourceFile>, limits: Limits) -> Self {
        // Descriptors have a node in 17 bytes; what is too much is given back.
        let nodes = (file.text().len() / 16 + 1).min(limits.nodes);
        let arena = Arena {
            nodes: Vec::with_capacity(nodes),
            items: Vec::with_capacity(nodes / 4),
            entries: Vec::with_capacity(nodes),
            texts: Vec::new(),
        };
        Builder {
            file: Arc::clone(file),
            limits,
            arena,
            weights: Vec::with_capacity(nodes),
            stack: Vec::new(),
            open_items: Vec::new(),
            open_entries: Vec::new(),
            anchors: HashMap::new(),
            anchor_names: HashMap::new(),
            comments: Vec::new(),
            problems: Vec::new(),
            root: None,
            documents: 0,
            merged: 0,
            tags: Vec::new(),
            key_tag: None,
            has_aliases: false,
            targets: HashSet::new(),
            aliases: Vec::new(),
            heaviest: (0, 0..0),
            stopped: None,
            is_mended: false,
        }
    }

    pub(super) fn finish(mut self) -> Document {
        if let Some(root) = self.root {
            let expanded = self.weights[root as usize];
            if expanded > self.limits.expanded as u64 {
                let what = "nodes once its aliases are expanded";
                let limit = self.limits.expanded;
                let (_, at) = self.heaviest.clone();
                self.problem(ProblemKind::Limit { what, limit }, at);
            }
        }
        let shared = self.shared();
        // Those of collections come when they end.
        self.tags.sort_by_key(|(at, _)| *at);
        self.arena.nodes.shrink_to_fit();
        self.arena.items.shrink_to_fit();
        self.arena.entries.shrink_to_fit();
        Document {
            file: self.file,
            arena: self.arena,
            root: self.root,
            comments: self.comments,
            problems: self.problems,
            tags: self.tags,
            has_aliases: self.has_aliases,
            shared,
            fill: None,
        }
    }

    /// What is read at several places, and the aliases by which it is, sorted and
    /// apart.
    fn shared(&mut self) -> Vec<Range<usize>> {
        if !self.has_aliases {
            return Vec::new();
        }
        let mut shared = std::mem::take(&mut self.aliases);
        let node = |id: &NodeId| self.arena.nodes.get(*id as usize);
        shared.extend(
            self.targets
                .iter()
                .filter_map(node)
                .map(|node| node.at.clone()),
        );
        shared.sort_unstable_by_key(|range| range.start);
        shared.dedup_by(|next, before| {
            let meets = next.start <= before.end;
            if meets {
                before.end = before.end.max(next.end);
            }
            meets
        });
        shared.iter().map(wide).collect()
    }

    /// Reads all of YAML, with the events of `granit-parser`.
    pub(super) fn read(&mut self, text: &str) {
        // The parser's own limit of 96 comments would refuse a descriptor
        // that has a long block of them behind a key.
        let options = granit_parser::options! {
            emit_unresolved_aliases: true,
            emit_anchor_events: true,
            max_buffered_comment_events: self.limits.comments,
            flow_nesting_limit: self.limits.depth,
            block_nesting_limit: self.limits.depth,
        };
        let mut parser = Parser::new_from_str_with_options(text, options);
        while let Some(event) = parser.next_event() {
            let (event, span) = match event {
                Ok(next) => next,
                Err(error) => {
                    self.syntax(&error, text);
                    return;
                }
            };
            let at = span.byte_range().unwrap_or(0..0);
            match event {
                Event::DocumentStart(..) => {
                    self.documents += 1;
                    match self.documents {
                        1 => self.early_end(text.get(..at.start).unwrap_or_default()),
                        // Behind one without content stands what was meant.
                        2 if self.is_hollow() => {
                            self.problem(ProblemKind::SecondDocument, at);
                            self.root = None;
                        }
                        _ => {
                            self.problem(ProblemKind::SecondDocument, at);
                            return;
                        }
                    }
                }
                Event::Comment(comment, _) => self.comment(&comment, at, text),
                Event::Scalar(value, style, anchor, tag) => {
                    let own = self.tag(tag.as_deref(), &span).filter(|own| *own != "str");
                    if let Some(own) = own {
                        // A placeholder is filled in later.
                        let is_meant = own == "merge" && self.wants_key();
                        if !is_meant && !pyyaml::fits(own, &value) && !value.contains("${") {
                            self.mismatch(own, format!("`{value}`"), &span);
                        }
                        match self.wants_key() {
                            true => self.key_tag = Some(own),
                            false => self.tags.push((at.start, own)),
                        }
                    }
                    if style == ScalarStyle::Plain {
                        self.flow_sign(&value, &at);
                    }
                    self.flow_key(&at);
                    let style = match style {
                        // `!!str 5` is a string however it is written, and `! 5` a number as
                        // without the sign (`parser.py`, `parse_node`).
                        ScalarStyle::Plain if tag.as_deref().is_none_or(strict::is_lone) => {
                            Style::Plain
                        }
                        _ => Style::Quoted,
                    };
                    self.scalar(value, style, anchor, at, text);
                }
                Event::SequenceStart(structure, anchor, tag) => {
                    let own = self.tag(tag.as_deref(), &span);
                    if let Some(own) = own.filter(|own| !["seq", "omap", "pairs"].contains(own)) {
                        self.mismatch(own, "a list".to_owned(), &span);
                    }
                    self.open(Content::Sequence, anchor, &at);
                    self.describe(structure, own.filter(|own| ["omap", "pairs"].contains(own)));
                }
                Event::MappingStart(structure, anchor, tag) => {
                    let own = self.tag(tag.as_deref(), &span);
                    if let Some(own) = own.filter(|own| !["map", "set"].contains(own)) {
                        self.mismatch(own, "a mapping".to_owned(), &span);
                    }
                    self.open(Content::Mapping(None), anchor, &at);
                    self.describe(structure, own.filter(|own| *own == "set"));
                }
                Event::Anchor(id, name) => self.anchor(&name, id, at),
                Event::SequenceEnd | Event::MappingEnd => self.close(&at),
                Event::Alias(anchor) => {
                    self.has_aliases = true;
                    self.alias(anchor, at);
                }
                Event::UnresolvedAlias(name) => {
                    self.has_aliases = true;
                    let name = name.into_owned();
                    if name.ends_with(':') && self.stopped.is_none() {
                        self.stopped = Some(loose::alias_key(at.start));
                    }
                    self.problem(ProblemKind::UnknownAlias { name }, at.clone());
                    self.null(at);
                }
                _ => {}
            }
            if self.merged > self.limits.merged {
                return;
            }
            if self.arena.nodes.len() > self.limits.nodes {
                let what = "nodes";
                let limit = self.limits.nodes;
                let at = span.byte_range().unwrap_or(0..0);
                self.problem(ProblemKind::Limit { what, limit }, at);
                return;
            }
            if self.stack.len() > self.limits.depth {
                self.depth(span.byte_range().unwrap_or(0..0));
                return;
            }
        }
    }

    /// Whether nothing but a null was read so far.
    fn is_hollow(&self) -> bool {
        self.arena.nodes.iter().all(|node| match node.raw {
            Raw::Scalar { text, style } => {
                let text = text.of(self.file.text(), &self.arena.texts);
                style == Style::Plain && resolve(text) == Type::Null
            }
            _ => false,
        })
    }

    /// How many collections are open.
    pub(super) fn depth_now(&self) -> usize {
        self.stack.len()
    }

    fn depth(&mut self, at: Range<usize>) {
        let what = "levels of nesting";
        let limit = self.limits.depth;
        self.problem(ProblemKind::Limit { what, limit }, at);
    }

    fn syntax(&mut self, error: &ScanError, text: &str) {
        let offset = error.marker().byte_offset().unwrap_or(0);
        self.stopped = self.stopped.or(loose::stop(error.kind(), offset));
        let offset = match error.kind() {
            ErrorKind::TabInPlainScalar | ErrorKind::TabAtBlockScalarStart => {
                tab_below(text, offset).unwrap_or(offset)
            }
            _ => offset,
        };
        let mut start = offset.min(text.len());
        // At the end of a text there is nothing to point at but the line before.
        while start > 0 && text[start..].trim_start().is_empty() && !text[start..].contains('\n') {
            let before = &text[..start];
            let trimmed = before.trim_end().len();
            if trimmed == start {
                break;
            }
            start = trimmed;
        }
        let end = text[start..]
            .chars()
            .next()
            .filter(|c| !c.is_control())
            .map_or(start, |c| start + c.len_utf8());
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            self.depth(start..end);
            return;
        }
        if matches!(error.kind(), ErrorKind::TooManyComments) {
            let what = "comment lines in a row";
            let limit = self.limits.comments;
            self.problem(ProblemKind::Limit { what, limit }, start..end);
            return;
        }
        let line_start = text[..start].rfind('\n').map_or(0, |i| i + 1);
        let tab = text[line_start..]
            .bytes()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .any(|b| b == b'\t');
        let reason = error.info();
        let open = self.open_bracket(text);
        self.problem(ProblemKind::Syntax { reason, tab, open }, start..end);
    }

    /// Where the innermost bracket stands that is open.
    fn open_bracket(&self, text: &str) -> Option<usize> {
        let mut starts = self.stack.iter().rev().map(|frame| frame.start as usize);
        starts.find(|start| {
            text.get(*start..)
                .is_some_and(|from| from.starts_with(['[', '{']))
        })
    }

    pub(super) fn problem(&mut self, kind: ProblemKind, at: Range<usize>) {
        // Nobody reads more than that of one file, and a file that has more
        // was made by a program gone wrong.
        const MOST: usize = 1000;
        match self.problems.len() {
            MOST if !kind.is_fatal() => {
                let what = "faults in its YAML";
                let kind = ProblemKind::Limit { what, limit: MOST };
                self.problems.push(Problem { kind, at });
            }
            n if n > MOST && !kind.is_fatal() => {}
            _ => self.problems.push(Problem { kind, at }),
        }
    }

    pub(super) fn comment(&mut self, comment: &str, at: Range<usize>, text: &str) {
        let comment = comment.trim();
        if !comment.starts_with("nfv:") {
            return;
        }
        let line_start = text[..at.start].rfind('\n').map_or(0, |i| i + 1);
        self.comments.push(Comment {
            own_line: text[line_start..at.start].trim().is_empty(),
            text: comment.to_owned(),
            at,
        });
    }

    fn scalar(
        &mut self,
        value: Cow<'_, str>,
        style: Style,
        anchor: usize,
        at: Range<usize>,
        source: &str,
    ) {
        let text = match value {
            Cow::Borrowed(value) => match borrow(value, source) {
                Text::Source(at) if self.is_mended && !self.is_written(&at, value) => {
                    // A letter stands for one that the file has; a space for more.
                    let written = self.file.text().get(wide(&at));
                    match written.is_some_and(|text| !text.contains(['\n', '\r'])) {
                        true => Text::Source(at),
                        false => Text::Owned(value.into()),
                    }
                }
                text => text,
            },
            Cow::Owned(value) => Text::Owned(value.into()),
        };
        if self.wants_key() {
            match self.alias_key(style, &at) {
                Some(name) => self.named(&name, at),
                None => self.key(text, style, anchor, at, source),
            }
            return;
        }
        self.leaf(text, style, anchor, &at);
    }

    /// Whether a text stands in the file as it was read.
    fn is_written(&self, at: &Range<u32>, value: &str) -> bool {
        self.file.text().get(wide(at)) == Some(value)
    }

    /// A scalar that is no key.
    pub(super) fn leaf(&mut self, text: Text, style: Style, anchor: usize, at: &Range<usize>) {
        let text = self.keep(text);
        if style == Style::Plain {
            self.value(at);
        }
        let id = self.push(Raw::Scalar { text, style }, at, 1);
        self.name(anchor, id);
        self.attach(id, to_u32(at.end));
    }

    pub(super) fn key(
        &mut self,
        text: Text,
        style: Style,
        anchor: usize,
        at: Range<usize>,
        source: &str,
    ) {
        let text = self.keep(text);
        self.kept_key(text, style, anchor, at, source);
    }

    fn kept_key(
        &mut self,
        text: Words,
        style: Style,
        anchor: usize,
        at: Range<usize>,
        source: &str,
    ) {
        if style == Style::Plain {
            self.value(&at);
        }
        let words = text.of(source, &self.arena.texts);
        let tag = self.key_tag.take();
        let merge = tag == Some("merge") || (style == Style::Plain && words == "<<");
        if (style == Style::Plain || tag.is_some()) && !merge {
            let found = match (tag, resolve(words)) {
                (None, Type::Str) => None,
                (None, Type::Null) | (Some("null"), _) => Some("null"),
                (None, Type::Bool(_)) | (Some("bool"), _) => Some("a boolean"),
                (None, Type::Int | Type::Float) | (Some("int" | "float"), _) => Some("a number"),
                (Some("timestamp"), _) => Some("a date"),
                (Some(_), _) => Some("no text"),
            };
            if let Some(found) = found {
                let is_tagged = tag.is_some();
                self.problem(ProblemKind::NonStringKey { found, is_tagged }, at.clone());
            }
        }
        if anchor != 0 {
            let id = self.push(Raw::Scalar { text, style }, &at, 1);
            self.name(anchor, id);
        }
        self.set_key(Key {
            text,
            at: narrow(&at),
            style,
            merge,
        });
    }

    fn set_key(&mut self, new: Key) {
        if let Some(Frame {
            content: Content::Mapping(key),
            ..
        }) = self.stack.last_mut()
        {
            *key = Some(new);
        }
    }

    fn wants_key(&self) -> bool {
        matches!(
            self.stack.last(),
            Some(Frame {
                content: Content::Mapping(None),
                ..
            })
        )
    }

    /// What an alias that leads nowhere is; as a key nothing more is said of it.
    fn null(&mut self, at: Range<usize>) {
        let style = match self.wants_key() {
            true => Style::Quoted,
            false => Style::Plain,
        };
        self.scalar(Cow::Owned(String::new()), style, 0, at, "");
    }

    fn alias(&mut self, anchor: usize, at: Range<usize>) {
        self.aliases.push(narrow(&at));
        let Some(&target) = self.anchors.get(&anchor) else {
            // The parser knows the anchor, so its node is still open.
            self.problem(ProblemKind::RecursiveAlias, at.clone());
            self.null(at);
            return;
        };
        self.targets.insert(target);
        if self.wants_key() {
            match self.arena.nodes[target as usize].raw {
                Raw::Scalar { text, style } => {
                    let source = Arc::clone(&self.file);
                    self.kept_key(text, style, 0, at, source.text());
                }
                _ => self.collection_key(at),
            }
            return;
        }
        let weight = self.weights[target as usize];
        if weight > self.heaviest.0 {
            self.heaviest = (weight, at.clone());
        }
        let id = self.push(Raw::Alias(target), &at, weight);
        self.attach(id, to_u32(at.end));
    }

    pub(super) fn open(&mut self, content: Content, anchor: usize, at: &Range<usize>) {
        let id = self.push(Raw::Sequence(Part(0, 0)), at, 1);
        let from = match content {
            Content::Sequence => self.open_items.len(),
            Content::Mapping(_) => self.open_entries.len(),
        };
        self.stack.push(Frame {
            id,
            start: to_u32(at.start),
            end: to_u32(at.end),
            anchor,
            content,
            from,
            tag: None,
            is_flow: false,
        });
    }

    pub(super) fn close(&mut self, at: &Range<usize>) {
        let Some(frame) = self.stack.pop() else {
            return;
        };
        // A flow collection ends with its bracket, which the event covers; the
        // end event of a block collection stands wherever the next token is.
        let end = if at.len() == 1 {
            to_u32(at.end).max(frame.end)
        } else {
            frame.end
        };
        let (raw, weight) = match frame.content {
            Content::Sequence => {
                let items = &self.open_items[frame.from..];
                let weight = self.sum(items.iter().copied());
                let start = to_u32(self.arena.items.len());
                self.arena.items.extend(self.open_items.drain(frame.from..));
                let part = Part(start, to_u32(self.arena.items.len()));
                (Raw::Sequence(part), weight)
            }
            Content::Mapping(_) => {
                if !self.is_plain_mapping(frame.from) {
                    self.finish_mapping(frame.from);
                }
                let entries = &self.open_entries[frame.from..];
                let weight = self.sum(entries.iter().map(|entry| entry.value));
                let start = to_u32(self.arena.entries.len());
                let entries = self.open_entries.drain(frame.from..);
                self.arena.entries.extend(entries);
                let part = Part(start, to_u32(self.arena.entries.len()));
                (Raw::Mapping(part), weight)
            }
        };
        let id = frame.id;
        self.arena.nodes[id as usize] = RawNode {
            raw,
            at: frame.start..end,
        };
        if let Some(tag) = frame.tag {
            self.odd_collection(id, tag);
        }
        self.weights[id as usize] = weight;
        self.name(frame.anchor, id);
        if self.wants_key() {
            self.collection_key(frame.start as usize..end as usize);
            return;
        }
        self.attach(id, end);
    }

    /// Notes how the collection is written that was opened last, and its tag.
    fn describe(&mut self, structure: StructureStyle, tag: Option<&'static str>) {
        if let Some(frame) = self.stack.last_mut() {
            frame.is_flow = structure == StructureStyle::Flow;
            frame.tag = tag;
        }
    }

    /// A sequence or mapping used as a key can't be said in JSON; its value is
    /// read, so that what is inside is still checked, under its source text.
    fn collection_key(&mut self, at: Range<usize>) {
        let (found, is_tagged) = ("a list or a mapping", false);
        self.problem(ProblemKind::NonStringKey { found, is_tagged }, at.clone());
        self.set_key(Key {
            text: Words::Source {
                start: to_u32(at.start),
                end: to_u32(at.end),
            },
            at: narrow(&at),
            style: Style::Quoted,
            merge: false,
        });
    }

    fn sum(&self, children: impl Iterator<Item = NodeId>) -> u64 {
        children.fold(1, |sum, id| sum.saturating_add(self.weights[id as usize]))
    }

    fn push(&mut self, raw: Raw, at: &Range<usize>, weight: u64) -> NodeId {
        let id = to_u32(self.arena.nodes.len());
        self.arena.nodes.push(RawNode {
            raw,
            at: narrow(at),
        });
        self.weights.push(weight);
        id
    }

    /// Puts a text that does not stand in the source among the others.
    fn keep(&mut self, text: Text) -> Words {
        match text {
            Text::Source(Range { start, end }) => Words::Source { start, end },
            Text::Owned(text) => {
                self.arena.texts.push(text);
                Words::Owned(to_u32(self.arena.texts.len() - 1))
            }
        }
    }

    fn name(&mut self, anchor: usize, id: NodeId) {
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
    }

    fn attach(&mut self, id: NodeId, end: u32) {
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(id);
            return;
        };
        frame.end = frame.end.max(end);
        match &mut frame.content {
            Content::Sequence => self.open_items.push(id),
            Content::Mapping(key) => {
                if let Some(key) = key.take() {
                    let text = key.text.of(self.file.text(), &self.arena.texts);
                    self.open_entries.push(RawEntry {
                        key: key.text,
                        mark: Mark::of(text),
                        prefix: memchr::memrchr(b':', text.as_bytes())
                            .map_or(0, |colon| to_u32(colon + 1)),
                        key_at: key.at,
                        key_style: key.style,
                        value: id,
                        merged: key.merge,
                    });
                }
            }
        }
    }
}

/// The first tab that indents a line below the one at `from`, where the parser points at the
/// scalar that the line would go on.
fn tab_below(text: &str, from: usize) -> Option<usize> {
    let mut start = from;
    for line in text.get(from..)?.split_inclusive('\n') {
        let indent = line.trim_start_matches(' ');
        let is_content = !line.trim().is_empty();
        if start > from && is_content && indent.starts_with('\t') {
            return Some(start + line.len() - indent.len());
        }
        start += line.len();
    }
    None
}

/// Where `value` lies in `source`, if it is a part of it.
fn borrow(value: &str, source: &str) -> Text {
    let offset = (value.as_ptr() as usize).wrapping_sub(source.as_ptr() as usize);
    match source.get(offset..offset.wrapping_add(value.len())) {
        Some(found) if std::ptr::eq(found, value) => {
            Text::Source(to_u32(offset)..to_u32(offset + value.len()))
        }
        _ => Text::Owned(value.into()),
    }
}

fn to_u32(n: usize) -> u32 {
    // The size limit keeps every offset and index far below this.
    u32::try_from(n).unwrap_or(u32::MAX)
}

pub(super) fn narrow(range: &Range<usize>) -> Range<u32> {
    to_u32(range.start)..to_u32(range.end)
}

pub(super) fn wide(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}
