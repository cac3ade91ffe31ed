//! Files of which nothing is known but their text: what a service needs may be in one of them.

use std::borrow::Cow;

use crate::descriptor::{Kind, Model};
use crate::diagnostic::SourceFile;
use crate::source::{Finding, Package};

/// Such a file.
pub(super) struct Unread<'a> {
    /// The kind of descriptor that it is, where that can be told.
    kind: Option<Kind>,
    /// The text; empty where even that was too much to read.
    text: Cow<'a, str>,
}

impl<'a> Unread<'a> {
    fn new(kind: Option<Kind>, file: &'a SourceFile) -> Self {
        let text = file.text();
        // UTF-16 that was read as UTF-8.
        let text = match text.contains('\0') {
            true => Cow::Owned(text.replace('\0', "")),
            false => Cow::Borrowed(text),
        };
        Unread { kind, text }
    }

    /// Whether it may be the descriptor of that kind and id: the id stands in it as a word.
    pub fn may_be(&self, kind: Kind, id: &str) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let is_word = |(at, found): (usize, &str)| {
            let (before, after) = (&self.text[..at], &self.text[at + found.len()..]);
            !before.ends_with(is_part) && !after.starts_with(is_part)
        };
        self.kind.is_none_or(|own| own == kind)
            && !id.is_empty()
            && (self.text.is_empty() || self.text.match_indices(id).any(is_word))
    }
}

/// All of them: descriptors with errors of syntax, and files that are no descriptors but for that,
/// or for their first key.
pub(super) fn all<'a>(packages: &[&'a Package], findings: &[&'a Finding]) -> Vec<Unread<'a>> {
    let packages = packages.iter().copied();
    let inner = packages.clone().filter_map(|p| p.inner.as_deref());
    let descriptors = packages.chain(inner).filter_map(|p| p.descriptor.as_ref());
    let broken = descriptors.filter(|own| own.doc.is_broken()).map(|own| {
        // The container of ETSI holds descriptors of several kinds.
        let kind = (own.model != Model::Nfv).then_some(own.kind);
        Unread::new(kind, own.doc.file())
    });
    let others = findings.iter().filter_map(|finding| match finding {
        Finding::NotYaml { doc } => Some(Unread::new(None, doc.file())),
        Finding::UnknownRoot {
            span,
            is_descriptor: true,
            ..
        } => Some(Unread::new(None, &span.file)),
        _ => None,
    });
    broken.chain(others).collect()
}
