//! Which comment belongs to which key or item of a text.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::yaml::{Document, Met, Node, Shape};

/// The comments of one key or item, each with its `#`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notes {
    /// On the lines before it.
    pub above: Vec<String>,
    /// Behind it, on its line.
    pub behind: Option<String>,
    /// On lines of their own after all that is in it.
    pub below: Vec<String>,
}

impl Notes {
    /// The same with the comments of something else that became part of it.
    pub fn and(mut self, other: Notes) -> Notes {
        self.above.extend(other.above);
        match (&self.behind, other.behind) {
            (None, behind) => self.behind = behind,
            (Some(_), Some(second)) => self.above.push(second),
            (Some(_), None) => {}
        }
        self.below.extend(other.below);
        self
    }
}

/// The comments of a document, by the offset of what they belong to. Whoever takes
/// them has them; those of what is not carried over stay.
#[derive(Debug, Default)]
pub(super) struct Comments {
    notes: RefCell<BTreeMap<usize, Notes>>,
    /// Where those that belong to something stand, by the offset of that.
    places: RefCell<BTreeMap<usize, Vec<Range<usize>>>>,
    /// Where those stand that belong to nothing.
    lone: Vec<Range<usize>>,
    /// Comments before everything else.
    pub head: Vec<String>,
    /// Comments after everything else, at the margin.
    pub foot: Vec<String>,
}

/// A key or an item: where it begins, and where its line does its first letter.
struct Start {
    offset: usize,
    line: usize,
    /// Columns of white space before its line's first letter.
    indent: usize,
    is_first: bool,
}

impl Comments {
    /// Finds all comments. One on a line of its own belongs to what follows, unless
    /// it is indented deeper than that: then it ends the part before. Between a key and
    /// what it holds there is none before, however deep it is indented. One behind
    /// something belongs to that.
    pub fn of(doc: &Document) -> Self {
        let mut comments = Comments::default();
        let Some(root) = doc.root() else {
            return comments;
        };
        let text = doc.file().text();
        let mut found = Places::default();
        found.walk(root, &mut doc.met());
        found.taken.sort_unstable();
        found.starts.sort_unstable();
        found.starts.dedup();
        let starts = starts(text, &found.starts);
        let mut notes: BTreeMap<usize, Notes> = BTreeMap::new();
        let mut places: BTreeMap<usize, Vec<Range<usize>>> = BTreeMap::new();
        let mut offset = 0;
        for (line, content) in text.split_inclusive('\n').enumerate() {
            let begin = offset;
            offset += content.len();
            let Some(at) = hash(content, begin, &found.taken) else {
                continue;
            };
            let comment = content[at - begin..].trim_end().to_owned();
            let place = at..at + comment.len();
            let indent = content.len() - content.trim_start().len();
            let next = starts.partition_point(|start| start.offset < at);
            if at - begin != indent {
                let own = starts[..next].last().filter(|start| start.line == line);
                match own {
                    Some(own) => {
                        places.entry(own.offset).or_default().push(place);
                        notes.entry(own.offset).or_default().behind = Some(comment);
                    }
                    None => comments.lone.push(place),
                }
                continue;
            }
            match (starts.get(next), next) {
                (_, 0) => comments.head.push(comment),
                (Some(start), _) if indent <= start.indent || found.begins(start.offset) => {
                    places.entry(start.offset).or_default().push(place);
                    notes.entry(start.offset).or_default().above.push(comment);
                }
                (None, _) if indent == 0 => comments.foot.push(comment),
                _ => {
                    let before = || starts[..next].iter().rev().filter(|start| start.is_first);
                    let equal = before()
                        .take_while(|start| start.indent >= indent)
                        .find(|start| start.indent == indent);
                    match equal.or_else(|| before().next()) {
                        Some(start) => {
                            places.entry(start.offset).or_default().push(place);
                            notes.entry(start.offset).or_default().below.push(comment);
                        }
                        None => comments.lone.push(place),
                    }
                }
            }
        }
        comments.notes = RefCell::new(notes);
        comments.places = RefCell::new(places);
        comments
    }

    /// The comments of what begins at this offset; nobody gets them twice.
    pub fn take(&self, offset: usize) -> Notes {
        self.places.borrow_mut().remove(&offset);
        self.notes.borrow_mut().remove(&offset).unwrap_or_default()
    }

    /// Where those stand that nobody has taken, in their order.
    pub fn left(&self) -> Vec<Range<usize>> {
        let places = self.places.borrow();
        let mut left: Vec<Range<usize>> = places.values().flatten().cloned().collect();
        left.extend(self.lone.iter().cloned());
        left.sort_by_key(|place| place.start);
        left
    }
}

#[derive(Default)]
struct Places {
    /// Where keys and items begin.
    starts: Vec<usize>,
    /// Those of the first in a list or a mapping.
    firsts: BTreeSet<usize>,
    /// Bytes of keys and scalars, in which no comment begins.
    taken: Vec<(usize, usize)>,
}

impl Places {
    /// Whether the first item or key of something begins here.
    fn begins(&self, offset: usize) -> bool {
        self.firsts.contains(&offset)
    }

    fn walk(&mut self, root: Node<'_>, met: &mut Met) {
        // No recursion: how deep a text is, its author decides.
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            if !met.insert(node) {
                continue;
            }
            match node.shape() {
                Shape::Scalar => self.taken.push((node.at().start, node.at().end)),
                Shape::Sequence => {
                    self.firsts.extend(node.item(0).map(|item| item.at().start));
                    for item in node.items() {
                        self.starts.push(item.at().start);
                        open.push(item);
                    }
                }
                Shape::Mapping => {
                    let first = node.entries().next();
                    self.firsts.extend(first.map(|entry| entry.key_at().start));
                    for entry in node.entries() {
                        let at = entry.key_at();
                        self.starts.push(at.start);
                        self.taken.push((at.start, at.end));
                        open.push(entry.value());
                    }
                }
            }
        }
    }
}

/// The places with their lines.
fn starts(text: &str, offsets: &[usize]) -> Vec<Start> {
    let mut found = Vec::with_capacity(offsets.len());
    let mut offsets = offsets.iter().copied().peekable();
    let mut begin = 0;
    for (line, content) in text.split_inclusive('\n').enumerate() {
        let end = begin + content.len();
        let indent = content.len() - content.trim_start().len();
        let mut is_first = true;
        while let Some(offset) = offsets.next_if(|offset| *offset < end) {
            found.push(Start {
                offset,
                line,
                indent,
                is_first,
            });
            is_first = false;
        }
        begin = end;
    }
    found
}

/// Where the comment of a line begins.
fn hash(content: &str, begin: usize, taken: &[(usize, usize)]) -> Option<usize> {
    content.match_indices('#').find_map(|(i, _)| {
        let before = content[..i].chars().next_back();
        let at = begin + i;
        let last = taken.partition_point(|(start, _)| *start <= at);
        let inside = taken[..last].last().is_some_and(|(_, end)| at < *end);
        let is_apart = before.is_none_or(|c| c == ' ' || c == '\t' || c == '\u{feff}');
        (is_apart && !inside).then_some(at)
    })
}
