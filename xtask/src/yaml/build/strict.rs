//! What PyYAML stops at though the parser takes it, told while the tree is built: tags,
//! anchors, signs between brackets and texts that Python has no value for.

use std::ops::Range;

use granit_parser::Tag;

use super::super::problem::ProblemKind;
use super::super::scalar::Style;
use super::super::tree::{NodeId, Raw, RawNode, Words};
use super::super::{loose, pyyaml};
use super::{Builder, narrow, to_u32, wide};

impl Builder {
    /// Tags outside of YAML's own are for programs that agree on them; readers
    /// of descriptors refuse them. Gives back one of YAML's own.
    pub(super) fn tag(
        &mut self,
        tag: Option<&Tag>,
        span: &granit_parser::Span,
    ) -> Option<&'static str> {
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
        let tag = tag?;
        let place = tag_place(span);
        let next = self
            .file
            .text()
            .get(place.end..)
            .and_then(|rest| rest.chars().next());
        // It takes them for letters of the tag, or misses a space (`scan_tag`).
        if self.is_in_flow() && matches!(next, Some(',' | ']' | '}')) {
            self.problem(ProblemKind::FlowTag, place);
        }
        // `!` alone says that a value is what it looks like.
        let is_plain = is_lone(tag);
        let own = tag.suffix_in_namespace("tag:yaml.org,2002:");
        let known = own.and_then(|own| KNOWN.into_iter().find(|known| *known == own));
        if is_plain || known.is_some() {
            return known;
        }
        let tag = tag.original();
        self.problem(ProblemKind::UnknownTag { tag }, tag_place(span));
        None
    }

    /// A tag of YAML's own that does not fit its value.
    pub(super) fn mismatch(
        &mut self,
        tag: &'static str,
        found: String,
        span: &granit_parser::Span,
    ) {
        self.problem(ProblemKind::TagMismatch { tag, found }, tag_place(span));
    }

    /// What PyYAML has against an anchor: letters beyond those of YAML 1.1, and a
    /// name that is there already (`scanner.py`, `composer.py`).
    pub(super) fn anchor(&mut self, name: &str, id: usize, at: Range<usize>) {
        let name = name.to_owned();
        if !name.chars().all(loose::is_of_name) {
            self.problem(ProblemKind::AnchorName { name }, at);
            return;
        }
        match self.anchor_names.get(&name) {
            Some((_, first)) => {
                let first = first.clone();
                self.problem(ProblemKind::AnchorTwice { name, first }, at);
            }
            None => {
                self.anchor_names.insert(name, (id, at));
            }
        }
    }

    /// What PyYAML has no value for.
    pub(super) fn value(&mut self, at: &Range<usize>) {
        let text = self.file.text().get(at.clone());
        let text = text.filter(|text| pyyaml::may_have_no_value(text.as_bytes()));
        if let Some(fault) = text.and_then(pyyaml::no_value) {
            self.problem(ProblemKind::NoValue(fault), at.clone());
        }
    }

    /// What PyYAML reads as a sign in a plain scalar of a flow collection (`scanner.py`,
    /// `scan_plain`, `check_key` and `check_value`).
    pub(super) fn flow_sign(&mut self, value: &str, at: &Range<usize>) {
        let sign = match value.find('?') {
            _ if !self.is_in_flow() => None,
            Some(_) => Some('?'),
            None => value.starts_with(':').then_some(':'),
        };
        if let Some(sign) = sign {
            self.problem(ProblemKind::FlowSign(sign), at.clone());
        }
    }

    fn is_in_flow(&self) -> bool {
        self.stack.last().is_some_and(|frame| frame.is_flow)
    }

    /// A key in a flow mapping that is not on one line with its colon, which PyYAML wants of
    /// every key without a `?` (`scanner.py`, `stale_possible_simple_keys`).
    pub(super) fn flow_key(&mut self, at: &Range<usize>) {
        if !self.is_in_flow() || !self.wants_key() {
            return;
        }
        let text = self.file.text();
        let before = text.get(..at.start).unwrap_or_default().trim_end();
        let mut rest = text.get(at.end..).unwrap_or_default().trim_start();
        while rest.starts_with('#') {
            rest = rest
                .split_once('\n')
                .map_or("", |(_, rest)| rest.trim_start());
        }
        let colon = text.len() - rest.len();
        let has_break = text
            .get(at.start..colon)
            .is_some_and(|key| key.contains(['\n', '\r']));
        if rest.starts_with(':') && has_break && !before.ends_with('?') {
            self.problem(ProblemKind::FlowKey, at.clone());
        }
    }

    /// A line of `...` before the document, which to PyYAML ends one that has not begun
    /// (`parser.py`, `parse_implicit_document_start`).
    pub(super) fn early_end(&mut self, before: &str) {
        let mut at = 0;
        for line in before.split_inclusive('\n') {
            // In front of the first letter it is passed over; elsewhere it is one.
            let mark = line.rfind(loose::BYTE_ORDER_MARK);
            let first = line.strip_prefix(loose::BYTE_ORDER_MARK);
            let is_comment = first.filter(|_| at == 0).unwrap_or(line).starts_with('#');
            let mark = mark.filter(|mark| at + mark > 0 && !is_comment);
            if let Some(mark) = mark {
                let reason = "a BOM must not appear inside a document".to_owned();
                let mark = at + mark..at + mark + loose::BYTE_ORDER_MARK.len_utf8();
                let (tab, open) = (false, None);
                self.problem(ProblemKind::Syntax { reason, tab, open }, mark);
                return;
            }
            let rest = line.strip_prefix("...");
            if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace)) {
                self.problem(ProblemKind::EarlyEnd, at..at + 3);
                return;
            }
            at += line.len();
        }
    }

    /// What Python has another type for than for lists and mappings (`constructor.py`,
    /// `construct_yaml_set` and its neighbours): a set, and the entries of an ordered
    /// mapping. Whoever asks for a collection finds none there, as OSM's loader does.
    pub(super) fn odd_collection(&mut self, id: NodeId, tag: &'static str) {
        let odd = match self.arena.nodes[id as usize].raw {
            Raw::Mapping(_) => vec![id],
            Raw::Sequence(items) => self.arena.items(items).to_vec(),
            _ => Vec::new(),
        };
        let is_set = tag == pyyaml::SET;
        for id in odd {
            let node = self.follow(id);
            let at = wide(&self.arena.nodes[node as usize].at);
            let is_pair = match self.arena.nodes[node as usize].raw {
                Raw::Mapping(entries) => self.arena.entries(entries).len() == 1,
                _ => false,
            };
            if !is_set && !is_pair {
                let found = "an item that is no single key with its value".to_owned();
                self.problem(ProblemKind::TagMismatch { tag, found }, at.clone());
            }
            let line = self.file.text().get(at.clone()).unwrap_or_default();
            let line = line.lines().next().unwrap_or_default();
            let (start, end) = (to_u32(at.start), to_u32(at.start + line.len()));
            self.tags
                .push((at.start, if is_set { pyyaml::SET } else { pyyaml::PAIR }));
            self.arena.nodes[id as usize] = RawNode {
                raw: Raw::Scalar {
                    text: Words::Source { start, end },
                    style: Style::Quoted,
                },
                at: narrow(&at),
            };
        }
    }
}

/// Whether a tag is `!` alone.
pub(super) fn is_lone(tag: &Tag) -> bool {
    tag.original() == "!"
}

/// The bytes of a tag, or of the node where it has none.
fn tag_place(span: &granit_parser::Span) -> Range<usize> {
    let at = span.tag_span().and_then(|span| span.byte_range());
    at.or_else(|| span.byte_range()).unwrap_or(0..0)
}
