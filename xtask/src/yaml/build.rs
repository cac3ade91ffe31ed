//! Parser events to the tree, within limits.
//!
//! The builder keeps its own stack, never recurses, and counts what an alias
//! stands for, so that no text makes it hang, overflow or take memory out of
//! proportion.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Tag};

use super::problem::{Problem, ProblemKind};
use super::scalar::{Style, Type, resolve};
use super::tree::{Comment, Document, NodeId, Raw, RawEntry, RawNode, Text};
use crate::diagnostic::SourceFile;

/// How much of everything a document may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of text. Real descriptors have 2 to 50 KB; generated ones 1 MB.
    pub bytes: usize,
    /// Collections inside collections. Real descriptors reach 14.
    pub depth: usize,
    /// Nodes as written.
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
            nodes: 2_000_000,
            expanded: 2_000_000,
            merged: 100_000,
            comments: 20_000,
        }
    }
}

/// Parses the bytes of one file.
///
/// `path` is what diagnostics show. The result always comes back: faults are
/// in [`Document::problems`], and a text that can't be read has no root.
pub fn parse(path: &str, bytes: &[u8], limits: Limits) -> Document {
    if bytes.len() > limits.bytes {
        return Document::oversized(path, limits);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Builder::run(Arc::new(SourceFile::new(path, text)), limits),
        Err(error) => {
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
                error.valid_up_to(),
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
        nodes: Vec::new(),
        root: None,
        comments: Vec::new(),
        problems: vec![Problem { kind, at: at..at }],
        has_aliases: false,
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
}

enum Content {
    Sequence(Vec<NodeId>),
    Mapping {
        entries: Vec<RawEntry>,
        key: Option<Key>,
    },
}

struct Key {
    text: Text,
    at: Range<u32>,
    style: Style,
    /// `<<` without quotes.
    merge: bool,
}

struct Builder {
    file: Arc<SourceFile>,
    limits: Limits,
    nodes: Vec<RawNode>,
    /// How many nodes each node stands for, with its aliases replaced.
    weights: Vec<u64>,
    stack: Vec<Frame>,
    anchors: HashMap<usize, NodeId>,
    comments: Vec<Comment>,
    problems: Vec<Problem>,
    root: Option<NodeId>,
    documents: usize,
    merged: usize,
    has_aliases: bool,
}

impl Builder {
    fn run(file: Arc<SourceFile>, limits: Limits) -> Document {
        let mut builder = Builder {
            file: Arc::clone(&file),
            limits,
            nodes: Vec::new(),
            weights: Vec::new(),
            stack: Vec::new(),
            anchors: HashMap::new(),
            comments: Vec::new(),
            problems: Vec::new(),
            root: None,
            documents: 0,
            merged: 0,
            has_aliases: false,
        };
        builder.read(file.text());
        if let Some(root) = builder.root {
            let expanded = builder.weights[root as usize];
            if expanded > limits.expanded as u64 {
                let what = "nodes once its aliases are expanded";
                let limit = limits.expanded;
                builder.problem(ProblemKind::Limit { what, limit }, 0..0);
            }
        }
        Document {
            file,
            nodes: builder.nodes,
            root: builder.root,
            comments: builder.comments,
            problems: builder.problems,
            has_aliases: builder.has_aliases,
        }
    }

    fn read(&mut self, text: &str) {
        // The parser's own limit of 96 comments would refuse a descriptor
        // that has a long block of them behind a key.
        let options = granit_parser::options! {
            emit_unresolved_aliases: true,
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
                    if self.documents > 1 {
                        self.problem(ProblemKind::SecondDocument, at);
                        return;
                    }
                }
                Event::Comment(comment, _) => self.comment(&comment, at, text),
                Event::Scalar(value, style, anchor, tag) => {
                    self.tag(tag.as_deref(), &span);
                    let style = match style {
                        // `!!str 5` is a string however it is written.
                        ScalarStyle::Plain if tag.is_none() => Style::Plain,
                        _ => Style::Quoted,
                    };
                    self.scalar(value, style, anchor, at, text);
                }
                Event::SequenceStart(_, anchor, tag) => {
                    self.tag(tag.as_deref(), &span);
                    self.open(Content::Sequence(Vec::new()), anchor, &at);
                }
                Event::MappingStart(_, anchor, tag) => {
                    self.tag(tag.as_deref(), &span);
                    let content = Content::Mapping {
                        entries: Vec::new(),
                        key: None,
                    };
                    self.open(content, anchor, &at);
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(&at),
                Event::Alias(anchor) => {
                    self.has_aliases = true;
                    self.alias(anchor, at);
                }
                Event::UnresolvedAlias(name) => {
                    self.has_aliases = true;
                    let name = name.into_owned();
                    self.problem(ProblemKind::UnknownAlias { name }, at.clone());
                    self.null(at);
                }
                _ => {}
            }
            if self.merged > self.limits.merged {
                return;
            }
            if self.nodes.len() > self.limits.nodes {
                let what = "nodes";
                let limit = self.limits.nodes;
                self.problem(ProblemKind::Limit { what, limit }, 0..0);
                return;
            }
            if self.stack.len() > self.limits.depth {
                self.depth(span.byte_range().unwrap_or(0..0));
                return;
            }
        }
    }

    fn depth(&mut self, at: Range<usize>) {
        let what = "levels of nesting";
        let limit = self.limits.depth;
        self.problem(ProblemKind::Limit { what, limit }, at);
    }

    fn syntax(&mut self, error: &ScanError, text: &str) {
        let offset = error.marker().byte_offset().unwrap_or(0);
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
        self.problem(ProblemKind::Syntax { reason, tab }, start..end);
    }

    fn problem(&mut self, kind: ProblemKind, at: Range<usize>) {
        // Nobody reads more than that of one file, and a file that has more
        // was made by a program gone wrong.
        const MOST: usize = 1000;
        match self.problems.len() {
            MOST if !kind.is_fatal() => {
                let what = "faults in its YAML";
                let kind = ProblemKind::Limit { what, limit: MOST };
                self.problems.push(Problem { kind, at: 0..0 });
            }
            n if n > MOST && !kind.is_fatal() => {}
            _ => self.problems.push(Problem { kind, at }),
        }
    }

    /// Tags outside of YAML's own are for programs that agree on them; readers
    /// of descriptors refuse them.
    fn tag(&mut self, tag: Option<&Tag>, span: &granit_parser::Span) {
        const KNOWN: [&str; 13] = [
            "binary",
            "bool",
            "float",
            "int",
            "map",
            "merge",
            "null",
            "omap",
            "pairs",
            "seq",
            "set",
            "str",
            "timestamp",
        ];
        let Some(tag) = tag else {
            return;
        };
        // `!` alone says that a value is what it looks like.
        let is_plain = tag.original() == "!";
        let own = tag.suffix_in_namespace("tag:yaml.org,2002:");
        if is_plain || own.is_some_and(|suffix| KNOWN.contains(&suffix.as_ref())) {
            return;
        }
        let at = span.tag_span().and_then(|span| span.byte_range());
        let at = at.or_else(|| span.byte_range()).unwrap_or(0..0);
        let tag = tag.original();
        self.problem(ProblemKind::UnknownTag { tag }, at);
    }

    fn comment(&mut self, comment: &str, at: Range<usize>, text: &str) {
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
            Cow::Borrowed(value) => borrow(value, source),
            Cow::Owned(value) => Text::Owned(value.into()),
        };
        if self.wants_key() {
            self.key(text, style, anchor, at, source);
            return;
        }
        let id = self.push(Raw::Scalar { text, style }, &at, 1);
        self.name(anchor, id);
        self.attach(id, to_u32(at.end));
    }

    fn key(&mut self, text: Text, style: Style, anchor: usize, at: Range<usize>, source: &str) {
        let merge = style == Style::Plain && slice(&text, source) == "<<";
        if style == Style::Plain && !merge {
            let found = match resolve(slice(&text, source)) {
                Type::Str => None,
                Type::Null => Some("null"),
                Type::Bool(_) => Some("a boolean"),
                Type::Int | Type::Float => Some("a number"),
            };
            if let Some(found) = found {
                self.problem(ProblemKind::NonStringKey { found }, at.clone());
            }
        }
        if anchor != 0 {
            let raw = Raw::Scalar {
                text: text.clone(),
                style,
            };
            let id = self.push(raw, &at, 1);
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
            content: Content::Mapping { key, .. },
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
                content: Content::Mapping { key: None, .. },
                ..
            })
        )
    }

    fn null(&mut self, at: Range<usize>) {
        self.scalar(Cow::Owned(String::new()), Style::Plain, 0, at, "");
    }

    fn alias(&mut self, anchor: usize, at: Range<usize>) {
        let Some(&target) = self.anchors.get(&anchor) else {
            // The parser knows the anchor, so its node is still open.
            self.problem(ProblemKind::RecursiveAlias, at.clone());
            self.null(at);
            return;
        };
        if self.wants_key() {
            match self.nodes[target as usize].raw.clone() {
                Raw::Scalar { text, style } => {
                    let source = Arc::clone(&self.file);
                    self.key(text, style, 0, at, source.text());
                }
                _ => self.collection_key(at),
            }
            return;
        }
        let weight = self.weights[target as usize];
        let id = self.push(Raw::Alias(target), &at, weight);
        self.attach(id, to_u32(at.end));
    }

    fn open(&mut self, content: Content, anchor: usize, at: &Range<usize>) {
        let id = self.push(Raw::Sequence(Vec::new()), at, 1);
        self.stack.push(Frame {
            id,
            start: to_u32(at.start),
            end: to_u32(at.end),
            anchor,
            content,
        });
    }

    fn close(&mut self, at: &Range<usize>) {
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
            Content::Sequence(items) => {
                let weight = self.sum(items.iter().copied());
                (Raw::Sequence(items), weight)
            }
            Content::Mapping { entries, .. } => {
                let entries = self.finish_mapping(entries);
                let weight = self.sum(entries.iter().map(|entry| entry.value));
                (Raw::Mapping(entries), weight)
            }
        };
        let id = frame.id;
        self.nodes[id as usize] = RawNode {
            raw,
            at: frame.start..end,
        };
        self.weights[id as usize] = weight;
        self.name(frame.anchor, id);
        if self.wants_key() {
            self.collection_key(frame.start as usize..end as usize);
            return;
        }
        self.attach(id, end);
    }

    /// A sequence or mapping used as a key can't be said in JSON; its value is
    /// read, so that what is inside is still checked, under its source text.
    fn collection_key(&mut self, at: Range<usize>) {
        let found = "a list or a mapping";
        self.problem(ProblemKind::NonStringKey { found }, at.clone());
        self.set_key(Key {
            text: Text::Source(narrow(&at)),
            at: narrow(&at),
            style: Style::Quoted,
            merge: false,
        });
    }

    fn sum(&self, children: impl Iterator<Item = NodeId>) -> u64 {
        children.fold(1, |sum, id| sum.saturating_add(self.weights[id as usize]))
    }

    fn push(&mut self, raw: Raw, at: &Range<usize>, weight: u64) -> NodeId {
        let id = to_u32(self.nodes.len());
        self.nodes.push(RawNode {
            raw,
            at: narrow(at),
        });
        self.weights.push(weight);
        id
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
            Content::Sequence(items) => items.push(id),
            Content::Mapping { entries, key } => {
                if let Some(key) = key.take() {
                    entries.push(RawEntry {
                        key: key.text,
                        key_at: key.at,
                        key_style: key.style,
                        value: id,
                        merged: key.merge,
                    });
                }
            }
        }
    }

    /// Reports keys that stand twice and puts in what `<<` names. The last of
    /// two equal keys stays, as it does for OSM and SHIELD (PyYAML's
    /// `construct_mapping`): the rules see what their readers see.
    fn finish_mapping(&mut self, entries: Vec<RawEntry>) -> Vec<RawEntry> {
        let file = Arc::clone(&self.file);
        let source = file.text();
        let mut kept: Vec<RawEntry> = Vec::with_capacity(entries.len());
        let mut merges: Vec<RawEntry> = Vec::new();
        let mut seen = Seen::default();
        for entry in entries {
            // `merged` still marks the merge key itself here.
            if entry.merged {
                merges.push(entry);
                continue;
            }
            let key = slice(&entry.key, source);
            match seen.insert(key, kept.len(), &kept, source) {
                None => kept.push(entry),
                Some(first) => {
                    let is_same = self.is_same(kept[first].value, entry.value, source);
                    let end = self.nodes[entry.value as usize].at.end;
                    let lost = &self.nodes[kept[first].value as usize].at;
                    let kind = ProblemKind::DuplicateKey {
                        key: key.to_owned(),
                        first: wide(&kept[first].key_at),
                        lost: wide(lost),
                        entry: wide(&(entry.key_at.start..end.max(entry.key_at.end))),
                        is_same,
                    };
                    self.problem(kind, wide(&entry.key_at));
                    kept[first] = entry;
                }
            }
        }
        for merge in merges {
            self.merge(&merge, &mut kept, &mut seen, source);
        }
        kept
    }

    /// Whether two nodes are written alike: the same texts in the same style
    /// and order. Aliases are like nothing.
    fn is_same(&self, a: NodeId, b: NodeId, source: &str) -> bool {
        let mut open = vec![(a, b)];
        while let Some((a, b)) = open.pop() {
            match (&self.nodes[a as usize].raw, &self.nodes[b as usize].raw) {
                (Raw::Scalar { text, style }, Raw::Scalar { text: t, style: s }) => {
                    if style != s || slice(text, source) != slice(t, source) {
                        return false;
                    }
                }
                (Raw::Sequence(a), Raw::Sequence(b)) if a.len() == b.len() => {
                    open.extend(a.iter().copied().zip(b.iter().copied()));
                }
                (Raw::Mapping(a), Raw::Mapping(b)) if a.len() == b.len() => {
                    for (a, b) in a.iter().zip(b) {
                        if a.key_style != b.key_style
                            || slice(&a.key, source) != slice(&b.key, source)
                        {
                            return false;
                        }
                        open.push((a.value, b.value));
                    }
                }
                _ => return false,
            }
        }
        true
    }

    fn merge(&mut self, merge: &RawEntry, kept: &mut Vec<RawEntry>, seen: &mut Seen, source: &str) {
        let value = self.follow(merge.value);
        let sources = match &self.nodes[value as usize].raw {
            Raw::Mapping(_) => vec![value],
            Raw::Sequence(items) => items.iter().map(|&id| self.follow(id)).collect(),
            _ => Vec::new(),
        };
        let mut sound = !sources.is_empty();
        for id in sources {
            let Raw::Mapping(entries) = &self.nodes[id as usize].raw else {
                sound = false;
                continue;
            };
            for entry in entries {
                let key = slice(&entry.key, source);
                if seen.insert(key, kept.len(), kept, source).is_none() {
                    let mut entry = entry.clone();
                    entry.merged = true;
                    kept.push(entry);
                    self.merged += 1;
                }
                // Chained merges copy the same entries over and over.
                if self.merged > self.limits.merged {
                    let what = "entries brought in by merge keys";
                    let limit = self.limits.merged;
                    self.problem(ProblemKind::Limit { what, limit }, 0..0);
                    return;
                }
            }
        }
        if !sound {
            self.problem(ProblemKind::BadMerge, wide(&merge.key_at));
        }
    }

    fn follow(&self, mut id: NodeId) -> NodeId {
        while let Raw::Alias(target) = self.nodes[id as usize].raw {
            id = target;
        }
        id
    }
}

/// Which keys a mapping has: a look along the list while it is short.
#[derive(Default)]
struct Seen {
    index: HashMap<String, usize>,
}

impl Seen {
    const SHORT: usize = 12;

    /// The position of an equal key, or `None` once `key` is noted as `next`.
    fn insert(&mut self, key: &str, next: usize, kept: &[RawEntry], source: &str) -> Option<usize> {
        if kept.len() < Self::SHORT {
            return kept
                .iter()
                .position(|entry| slice(&entry.key, source) == key);
        }
        if self.index.is_empty() {
            for (i, entry) in kept.iter().enumerate() {
                self.index.insert(slice(&entry.key, source).to_owned(), i);
            }
        }
        if let Some(&first) = self.index.get(key) {
            return Some(first);
        }
        self.index.insert(key.to_owned(), next);
        None
    }
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

fn slice<'a>(text: &'a Text, source: &'a str) -> &'a str {
    match text {
        Text::Source(range) => source.get(wide(range)).unwrap_or(""),
        Text::Owned(text) => text,
    }
}

fn to_u32(n: usize) -> u32 {
    // The size limit keeps every offset and index far below this.
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn narrow(range: &Range<usize>) -> Range<u32> {
    to_u32(range.start)..to_u32(range.end)
}

fn wide(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

#[cfg(test)]
mod tests {
    use super::super::tree::{Node, Shape};
    use super::*;

    fn doc(text: &str) -> Document {
        parse("t.yaml", text.as_bytes(), Limits::default())
    }

    fn kinds(text: &str) -> Vec<ProblemKind> {
        doc(text).problems.into_iter().map(|p| p.kind).collect()
    }

    fn at<'a>(node: Node<'a>, path: &[&str]) -> Node<'a> {
        path.iter()
            .fold(node, |node, key| match key.parse::<usize>() {
                Ok(i) => node.items().nth(i).expect("item"),
                Err(_) => node.get(key).expect("key"),
            })
    }

    #[test]
    fn every_node_knows_its_bytes() {
        let text = "a:\n  - b: 'x y'\n    c: [1, 2]\n  - plain text\nd: |\n  block\n";
        let doc = doc(text);
        let root = doc.root().expect("root");
        let slice = |node: Node<'_>| &text[node.at()];
        assert_eq!(slice(at(root, &["a", "0", "b"])), "'x y'");
        assert_eq!(slice(at(root, &["a", "0", "c"])), "[1, 2]");
        assert_eq!(slice(at(root, &["a", "1"])), "plain text");
        assert_eq!(slice(at(root, &["a", "0"])), "b: 'x y'\n    c: [1, 2]");
        assert_eq!(at(root, &["d"]).text(), Some("block\n"));
        let entry = root.entry("d").expect("d");
        assert_eq!(&text[entry.key_at()], "d");
    }

    #[test]
    fn two_equal_keys_are_reported_and_the_last_stays() {
        let text = "a: 1\nb: 2\na: 3\n";
        let doc = doc(text);
        assert_eq!(
            doc.problems,
            [Problem {
                kind: ProblemKind::DuplicateKey {
                    key: "a".into(),
                    first: 0..1,
                    lost: 3..4,
                    entry: 10..14,
                    is_same: false,
                },
                at: 10..11
            }]
        );
        assert_eq!(doc.root().and_then(|r| r.get("a")?.text()), Some("3"));
    }

    #[test]
    fn equal_values_of_equal_keys_are_known_as_such() {
        let same = |text: &str| match &doc(text).problems[..] {
            [
                Problem {
                    kind: ProblemKind::DuplicateKey { is_same, entry, .. },
                    ..
                },
            ] => (*is_same, text[entry.clone()].to_owned()),
            other => panic!("{other:?}"),
        };
        assert_eq!(same("a: 1\na:   1 # c\n"), (true, "a:   1".into()));
        assert_eq!(same("a: 1\na: '1'\n"), (false, "a: '1'".into()));
        let (is_same, entry) = same("a:\n- b: c\na:\n  - {b: c}\nd: e\n");
        assert!(is_same);
        assert_eq!(entry, "a:\n  - {b: c}");
        assert!(!same("x: &x 1\na: *x\na: *x\n").0);
        assert!(doc("x: &x 1\na: *x\n").has_aliases());
        assert!(!doc("x: &x 1\n").has_aliases());
    }

    #[test]
    fn duplicate_keys_are_found_in_long_mappings() {
        let mut text: String = (0..5000).map(|i| format!("k{i}: {i}\n")).collect();
        text.push_str("k4321: again\n");
        assert_eq!(kinds(&text).len(), 1);
        let kinds = kinds(&"a: 1\n".repeat(5000));
        assert!(matches!(kinds.last(), Some(ProblemKind::Limit { .. })));
        assert_eq!(kinds.len(), 1001);
    }

    #[test]
    fn merge_keys() {
        let text = "base: &b {x: 1, y: 2}\nmore: &m {z: 3}\none:\n  <<: *b\n  y: own\ntwo:\n  <<: [*b, *m]\n";
        let doc = doc(text);
        assert!(doc.problems.is_empty(), "{:?}", doc.problems);
        let root = doc.root().expect("root");
        assert_eq!(at(root, &["one", "x"]).text(), Some("1"));
        assert_eq!(at(root, &["one", "y"]).text(), Some("own"));
        assert_eq!(at(root, &["two", "z"]).text(), Some("3"));
        assert_eq!(kinds("a:\n  <<: 5\n"), [ProblemKind::BadMerge]);
        assert_eq!(kinds("a:\n  '<<': 5\n"), []);
    }

    #[test]
    fn keys_that_are_not_strings() {
        let found = |text: &str| match kinds(text).as_slice() {
            [ProblemKind::NonStringKey { found }] => *found,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(found("1: a\n"), "a number");
        assert_eq!(found("true: a\n"), "a boolean");
        assert_eq!(found("? [a, b]\n: c\n"), "a list or a mapping");
        assert_eq!(kinds("'1': a\n"), []);
    }

    #[test]
    fn an_alias_bomb_is_counted_not_expanded() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for i in 1..40 {
            let alias = format!("*a{}", i - 1);
            let list = vec![alias; 10].join(", ");
            text.push_str(&format!("a{i}: &a{i} [{list}]\n"));
        }
        let doc = doc(&text);
        assert!(doc.root().is_none());
        assert!(matches!(doc.problems[0].kind, ProblemKind::Limit { .. }));
    }

    #[test]
    fn a_merge_bomb_is_bounded() {
        let mut text = String::from("m0: &m0 {k0: 1}\n");
        for i in 1..3000 {
            text.push_str(&format!("m{i}: &m{i} {{<<: *m{}, k{i}: 1}}\n", i - 1));
        }
        let doc = doc(&text);
        assert!(doc.is_broken());
    }

    #[test]
    fn recursive_and_unknown_aliases() {
        assert!(kinds("a: &a [*a]\n").contains(&ProblemKind::RecursiveAlias));
        assert_eq!(
            kinds("a: *nothing\n"),
            [ProblemKind::UnknownAlias {
                name: "nothing".into()
            }]
        );
    }

    #[test]
    fn depth_is_limited() {
        for text in [
            "[".repeat(100_000),
            "- ".repeat(20_000),
            "{a: ".repeat(100_000),
        ] {
            let kinds = kinds(&text);
            assert!(
                matches!(kinds.as_slice(), [ProblemKind::Limit { .. }]),
                "{kinds:?}"
            );
        }
    }

    #[test]
    fn byte_order_mark_crlf_and_multi_documents() {
        let doc = doc("\u{feff}vnfd:\r\n  id: x\r\n");
        let root = doc.root().expect("root");
        assert_eq!(at(root, &["vnfd", "id"]).text(), Some("x"));
        assert_eq!(kinds("a: 1\n---\nb: 2\n"), [ProblemKind::SecondDocument]);
        assert_eq!(kinds("---\na: 1\n...\n"), []);
    }

    #[test]
    fn bytes_that_are_not_utf_8() {
        let doc = parse("t", b"name: caf\xe9\n", Limits::default());
        assert_eq!(doc.problems[0].at, 9..9);
        let doc = parse("t", b"\xff\xfea\0", Limits::default());
        assert_eq!(
            doc.problems[0].kind,
            ProblemKind::Encoding {
                looks_like: Some("UTF-16, little-endian")
            }
        );
    }

    #[test]
    fn tags_that_yaml_does_not_define() {
        assert_eq!(kinds("a: !!str 5\nb: !!map {}\nc: ! x\n"), []);
        for text in [
            "a: !foo 5\n",
            "a: !!python/object:os.system {}\n",
            "!x [a]\n",
        ] {
            let kinds = kinds(text);
            assert!(
                matches!(kinds.as_slice(), [ProblemKind::UnknownTag { .. }]),
                "{text}"
            );
        }
    }

    #[test]
    fn tabs_are_named() {
        let kinds = kinds("a:\n\tb: 1\n");
        assert!(
            matches!(kinds.as_slice(), [ProblemKind::Syntax { tab: true, .. }]),
            "{kinds:?}"
        );
        assert_eq!(
            super::super::parse("t", b"a:\t1\n", Limits::default()).problems,
            []
        );
    }

    #[test]
    fn long_comment_blocks_are_read() {
        let text = |n| format!("a:\n{}  b: 1\n", "  # note\n".repeat(n));
        assert_eq!(kinds(&text(5000)), []);
        let kinds = kinds(&text(50_000));
        assert!(
            matches!(kinds.as_slice(), [ProblemKind::Limit { .. }]),
            "{kinds:?}"
        );
    }

    #[test]
    fn an_empty_text_has_no_root_and_no_problem() {
        for text in ["", "\n\n", "# only a comment\n", "---\n"] {
            let doc = doc(text);
            assert!(doc.problems.is_empty(), "{text:?}");
            assert!(doc.root().is_none_or(|root| root.shape() == Shape::Scalar));
        }
    }
}
