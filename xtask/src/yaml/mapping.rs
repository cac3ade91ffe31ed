//! A mapping that is complete: keys that stand twice, and what merge keys
//! bring in.

use std::collections::HashMap;
use std::sync::Arc;

use super::build::{Builder, wide};
use super::problem::ProblemKind;
use super::tree::{NodeId, Raw, RawEntry, Words};

impl Builder {
    /// Whether the entries from `from` on are what is read: no key stands twice
    /// and none is a merge key. A long mapping is left to [`Seen`].
    pub(super) fn is_plain_mapping(&self, from: usize) -> bool {
        let entries = &self.open_entries[from..];
        let source = self.file.text();
        let key = |entry: &RawEntry| entry.key.of(source, &self.arena.texts);
        entries.len() <= Seen::SHORT
            && entries.iter().enumerate().all(|(i, entry)| {
                let is_own =
                    |before: &RawEntry| before.mark == entry.mark && key(before) == key(entry);
                !entry.merged && !entries[..i].iter().any(is_own)
            })
    }

    /// Reports keys that stand twice and puts in what `<<` names, in the entries
    /// from `from` on. The last of two equal keys stays, as it does for OSM and
    /// SHIELD (PyYAML's `construct_mapping`): the rules see what their readers
    /// see.
    pub(super) fn finish_mapping(&mut self, from: usize) {
        let file = Arc::clone(&self.file);
        let source = file.text();
        let entries: Vec<RawEntry> = self.open_entries.drain(from..).collect();
        let mut kept: Vec<RawEntry> = Vec::with_capacity(entries.len());
        let mut merges: Vec<RawEntry> = Vec::new();
        let mut seen = Seen::default();
        for entry in entries {
            // `merged` still marks the merge key itself here.
            if entry.merged {
                merges.push(entry);
                continue;
            }
            match seen.insert(entry.key, &kept, source, &self.arena.texts) {
                None => kept.push(entry),
                Some(first) => {
                    let key = entry.key.of(source, &self.arena.texts);
                    let is_same = self.is_same(kept[first].value, entry.value, source);
                    let end = self.arena.nodes[entry.value as usize].at.end;
                    let lost = &self.arena.nodes[kept[first].value as usize].at;
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
        self.open_entries.append(&mut kept);
    }

    /// Whether two nodes are written alike: the same texts in the same style
    /// and order. Aliases are like nothing.
    fn is_same(&self, a: NodeId, b: NodeId, source: &str) -> bool {
        let words = |text: Words| text.of(source, &self.arena.texts);
        let mut open = vec![(a, b)];
        while let Some((a, b)) = open.pop() {
            let raw = |id: NodeId| self.arena.nodes[id as usize].raw;
            match (raw(a), raw(b)) {
                (Raw::Scalar { text, style }, Raw::Scalar { text: t, style: s }) => {
                    if style != s || words(text) != words(t) {
                        return false;
                    }
                }
                (Raw::Sequence(a), Raw::Sequence(b)) => {
                    let (a, b) = (self.arena.items(a), self.arena.items(b));
                    if a.len() != b.len() {
                        return false;
                    }
                    open.extend(a.iter().copied().zip(b.iter().copied()));
                }
                (Raw::Mapping(a), Raw::Mapping(b)) => {
                    let (a, b) = (self.arena.entries(a), self.arena.entries(b));
                    let alike = |(a, b): (&RawEntry, &RawEntry)| {
                        a.key_style == b.key_style && words(a.key) == words(b.key)
                    };
                    if a.len() != b.len() || !a.iter().zip(b).all(alike) {
                        return false;
                    }
                    open.extend(a.iter().zip(b).map(|(a, b)| (a.value, b.value)));
                }
                _ => return false,
            }
        }
        true
    }

    fn merge(&mut self, merge: &RawEntry, kept: &mut Vec<RawEntry>, seen: &mut Seen, source: &str) {
        let value = self.follow(merge.value);
        let sources = match self.arena.nodes[value as usize].raw {
            Raw::Mapping(_) => vec![value],
            Raw::Sequence(items) => {
                let items = self.arena.items(items).iter();
                items.map(|&id| self.follow(id)).collect()
            }
            _ => Vec::new(),
        };
        let mut sound = !sources.is_empty();
        for id in sources {
            let Raw::Mapping(entries) = self.arena.nodes[id as usize].raw else {
                sound = false;
                continue;
            };
            for i in 0..self.arena.entries(entries).len() {
                let mut entry = self.arena.entries(entries)[i].clone();
                let texts = &self.arena.texts;
                if seen.insert(entry.key, kept, source, texts).is_none() {
                    entry.merged = true;
                    kept.push(entry);
                    self.merged += 1;
                }
                // Chained merges copy the same entries over and over.
                if self.merged > self.limits.merged {
                    let what = "entries brought in by merge keys";
                    let limit = self.limits.merged;
                    let at = wide(&merge.key_at);
                    self.problem(ProblemKind::Limit { what, limit }, at);
                    return;
                }
            }
        }
        if !sound {
            self.problem(ProblemKind::BadMerge, wide(&merge.key_at));
        }
    }

    pub(super) fn follow(&self, mut id: NodeId) -> NodeId {
        while let Raw::Alias(target) = self.arena.nodes[id as usize].raw {
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

    /// The position of an equal key among those that are kept, or `None` once
    /// `key` is noted as the next of them.
    fn insert(
        &mut self,
        key: Words,
        kept: &[RawEntry],
        source: &str,
        texts: &[Box<str>],
    ) -> Option<usize> {
        let words = |key: Words| key.of(source, texts);
        let key = words(key);
        if kept.len() < Self::SHORT {
            return kept.iter().position(|entry| words(entry.key) == key);
        }
        if self.index.is_empty() {
            for (i, entry) in kept.iter().enumerate() {
                self.index.insert(words(entry.key).to_owned(), i);
            }
        }
        if let Some(&first) = self.index.get(key) {
            return Some(first);
        }
        self.index.insert(key.to_owned(), kept.len());
        None
    }
}
