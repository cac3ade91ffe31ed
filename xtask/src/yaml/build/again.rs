//! Second readings of a text that the parser refuses and PyYAML takes: with what it
//! stopped at out of its way, as `loose` knows it.

use std::ops::Range;
use std::sync::Arc;

use super::super::loose;
use super::super::problem::{Loose, Problem, ProblemKind};
use super::super::scalar::Style;
use super::super::tree::Text;
use super::{Builder, wide};

impl Builder {
    /// Reads again what the parser refused and PyYAML does not: with the offending
    /// bytes replaced by as many spaces, and a problem for each that is no syntax error.
    /// Gives back the first reading where that is not all that is wrong.
    pub(super) fn read_loosely(mut self, read: &str) -> Self {
        // Each costs a pass over the text, and nobody writes many.
        const MOST: usize = 20;
        const LARGEST: usize = 512 << 10;
        let file = Arc::clone(&self.file);
        if read.len() > LARGEST {
            return self;
        }
        let mut text = String::new();
        let mut met = Vec::new();
        let mut stopped = self.stopped.take();
        while let Some(stop) = stopped {
            if text.is_empty() {
                read.clone_into(&mut text);
            }
            let Some(problem) = loose::mend(&mut text, stop).filter(|_| met.len() < MOST) else {
                return self;
            };
            // Tabs are told of already where spaces in their place are too few.
            let is_told = met.last().is_some_and(|last: &Problem| {
                let between = file.text().get(last.at.end..problem.at.start);
                let is_tab = last.kind == ProblemKind::Loose(Loose::QuotedTab);
                is_tab && between.is_some_and(|text| text.trim().is_empty())
            });
            if !is_told {
                met.push(problem);
            }
            let mut builder = Builder::new(&file, self.limits);
            builder.is_mended = true;
            builder.read(&text);
            stopped = builder.stopped.take();
            let is_broken = builder.problems.iter().any(|one| one.kind.is_fatal());
            if stopped.is_none() {
                if is_broken {
                    return self;
                }
                builder.problems.append(&mut met);
                return builder;
            }
        }
        self
    }

    /// Reads a text again in which letters end lines to PyYAML that do not in YAML 1.2, as
    /// it does. Gives back the first reading where it can't be read so.
    pub(super) fn read_with_line_ends(self) -> Self {
        let file = Arc::clone(&self.file);
        let Some(text) = loose::with_line_ends(file.text()) else {
            return self;
        };
        let mut builder = Builder::new(&file, self.limits);
        builder.is_mended = true;
        builder.read(&text);
        let mut builder = builder.read_loosely(&text);
        let is_broken = |own: &Builder| own.problems.iter().any(|one| one.kind.is_fatal());
        if is_broken(&builder) {
            return self;
        }
        let quoted = builder.quoted();
        if let Some(at) = loose::line_end(file.text(), &quoted, is_broken(&self)) {
            builder.problem(ProblemKind::Loose(Loose::LineEnd), at);
        }
        builder
    }

    /// Where texts in quotes stand, sorted.
    pub(super) fn quoted(&self) -> Vec<Range<usize>> {
        let scalars = self.arena.nodes.iter().map(|node| &node.at);
        let keys = self.arena.entries.iter().map(|entry| &entry.key_at);
        let is_quoted = |at: &Range<usize>| {
            let token = self.file.text().get(at.clone());
            token.is_some_and(|token| token.starts_with(['"', '\'']))
        };
        // A mapping begins where its first key does, and ends elsewhere.
        let scalars = scalars.chain(keys).map(wide).filter(is_quoted);
        let mut quoted: Vec<Range<usize>> = scalars.collect();
        quoted.sort_by_key(|at| (at.start, at.end));
        quoted.dedup_by_key(|at| at.start);
        quoted
    }

    /// The name of an alias that is a key, where a letter stands for its sign.
    pub(super) fn alias_key(&self, style: Style, at: &Range<usize>) -> Option<String> {
        let is_read = self.is_mended && style == Style::Plain;
        let written = self.file.text().get(at.clone()).filter(|_| is_read)?;
        Some(written.strip_prefix('*')?.to_owned())
    }

    /// An alias by its name.
    pub(super) fn named(&mut self, name: &str, at: Range<usize>) {
        self.has_aliases = true;
        let id = self.anchor_names.get(name).map(|(id, _)| *id);
        let kind = match id {
            Some(id) if self.anchors.contains_key(&id) => return self.alias(id, at),
            Some(_) => ProblemKind::RecursiveAlias,
            None => ProblemKind::UnknownAlias {
                name: name.to_owned(),
            },
        };
        self.problem(kind, at.clone());
        let nothing = Text::Owned(String::new().into());
        self.key(nothing, Style::Plain, 0, at, "");
    }
}
