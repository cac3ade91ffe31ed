//! A mapping that is complete: keys that stand twice, and what merge keys
//! bring in.

use std::collections::HashMap;
use std::sync::Arc;

use super::build::{Builder, slice, wide};
use super::problem::ProblemKind;
use super::tree::{NodeId, Raw, RawEntry};

impl Builder {
    /// Reports keys that stand twice and puts in what `<<` names. The last of
    /// two equal keys stays, as it does for OSM and SHIELD (PyYAML's
    /// `construct_mapping`): the rules see what their readers see.
    pub(super) fn finish_mapping(&mut self, entries: Vec<RawEntry>) -> Vec<RawEntry> {
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
