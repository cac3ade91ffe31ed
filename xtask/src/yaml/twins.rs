//! Documents without some of the keys that have the prefix of a YANG module.

use std::sync::Arc;

use foldhash::{HashMap, HashSet};

use super::tree::{Arena, Document, Entry, Node, Part, Raw, RawEntry, Shape};

impl Document {
    /// This document with one entry of each name in every mapping: of those that differ
    /// in a prefix alone the one that stands so many before the last, or the last where
    /// there are not so many. The last is the one that OSM's loader keeps: it takes one
    /// after the other, and passes over lists without items. What has no value counts as
    /// the first. `None` where no name has so many.
    ///
    /// All nodes stay where they are, with their bytes.
    pub(crate) fn without_twins(&self, before: usize) -> Option<Document> {
        let mut arena = self.arena.clone();
        let mut is_any = false;
        for id in 0..self.arena.nodes.len() {
            let Raw::Mapping(part) = self.arena.nodes[id].raw else {
                continue;
            };
            let entries = self.arena.entries(part);
            if entries.iter().all(|entry| entry.prefix == 0) {
                continue;
            }
            let (kept, most) = self.chosen(entries, before);
            is_any |= most > before;
            if kept.len() < entries.len() {
                let start = to_u32(arena.entries.len());
                arena
                    .entries
                    .extend(kept.iter().map(|&i| entries[i].clone()));
                let part = Part(start, to_u32(arena.entries.len()));
                arena.nodes[id].raw = Raw::Mapping(part);
            }
        }
        is_any.then(|| self.with_arena(arena))
    }

    /// This document without the keys below its outermost mapping that have a prefix and
    /// of which there is none without. `None` where there is no such key.
    ///
    /// All other nodes stay where they are, with their bytes.
    pub(crate) fn without_prefixed(&self) -> Option<Document> {
        if !self.has_prefixed() {
            return None;
        }
        let envelope = self.root()?.index();
        let mut arena = self.arena.clone();
        let mut is_any = false;
        for id in (0..self.arena.nodes.len()).filter(|id| *id != envelope) {
            let Raw::Mapping(part) = self.arena.nodes[id].raw else {
                continue;
            };
            let entries = self.arena.entries(part);
            let name = |raw: &RawEntry| {
                let key = self.text(raw.key);
                key.get(raw.prefix as usize..).unwrap_or(key)
            };
            let bare = entries.iter().filter(|raw| raw.prefix == 0);
            let bare: HashSet<&str> = bare.map(name).collect();
            let is_kept = |raw: &&RawEntry| raw.prefix == 0 || bare.contains(name(raw));
            if entries.iter().all(|raw| is_kept(&raw)) {
                continue;
            }
            is_any = true;
            let start = to_u32(arena.entries.len());
            arena
                .entries
                .extend(entries.iter().filter(is_kept).cloned());
            arena.nodes[id].raw = Raw::Mapping(Part(start, to_u32(arena.entries.len())));
        }
        is_any.then(|| self.with_arena(arena))
    }

    /// This document with other nodes.
    fn with_arena(&self, arena: Arena) -> Document {
        Document {
            file: Arc::clone(&self.file),
            arena,
            root: self.root,
            comments: Vec::new(),
            problems: self.problems.clone(),
            tags: self.tags.clone(),
            has_aliases: self.has_aliases,
            shared: self.shared.clone(),
            fill: None,
        }
    }

    /// The entries that stay, in their order, and how many that say something the name
    /// has that stands there most often, if any stands there twice.
    fn chosen(&self, entries: &[RawEntry], before: usize) -> (Vec<usize>, usize) {
        let entry = |i: &usize| Entry {
            doc: self,
            raw: &entries[*i],
        };
        let mut named: HashMap<&str, Vec<usize>> = HashMap::default();
        for i in 0..entries.len() {
            named.entry(entry(&i).name()).or_default().push(i);
        }
        let mut most = 0;
        let mut kept: Vec<usize> = Vec::with_capacity(named.len());
        for mut group in named.into_values() {
            if group.len() > 1 {
                if !group.iter().all(|i| is_bare(entry(i).value())) {
                    group.retain(|i| !is_bare(entry(i).value()));
                }
                // The sort is stable, so that the others stay in their order.
                group.sort_by_key(|i| !entry(i).value().is_null());
                most = most.max(group.len());
            }
            let last = group.len().saturating_sub(1);
            kept.extend(group.get(last.checked_sub(before).unwrap_or(last)));
        }
        kept.sort_unstable();
        (kept, most)
    }
}

/// Whether a node is a list without items.
pub(crate) fn is_bare(node: Node<'_>) -> bool {
    node.shape() == Shape::Sequence && node.items().len() == 0
}

fn to_u32(n: usize) -> u32 {
    // The limits of a document keep every index far below this.
    u32::try_from(n).unwrap_or(u32::MAX)
}
