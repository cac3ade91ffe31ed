//! What an alias leaves empty that leads nowhere: that there is nothing is the fault of
//! the alias, which is told of, and nobody else's.

use std::collections::HashSet;
use std::ops::Range;

use super::names;
use crate::diagnostic::Diagnostic;
use crate::source::Package;
use crate::yaml::{Document, ProblemKind};

/// Drops what is said of the places that such aliases leave empty, and of lists for
/// having too few items.
pub(super) fn drop(package: &Package, diagnostics: &mut Vec<Diagnostic>) {
    let packages = std::iter::once(package).chain(package.inner.as_deref());
    for descriptor in packages.filter_map(|package| package.descriptor.as_ref()) {
        let doc = &descriptor.doc;
        if let Some(gaps) = Gaps::of(doc) {
            diagnostics.retain(|found| !gaps.explain(found, doc.file().path()));
        }
    }
}

struct Gaps {
    /// The aliases, and the keys of which they are the value.
    empty: HashSet<Range<usize>>,
    /// The keys of lists that they are items of.
    lists: HashSet<Range<usize>>,
}

impl Gaps {
    fn of(doc: &Document) -> Option<Self> {
        let leads_nowhere = |kind: &ProblemKind| {
            let is_unknown = matches!(kind, ProblemKind::UnknownAlias { .. });
            is_unknown || *kind == ProblemKind::RecursiveAlias
        };
        let aliases = doc.problems().iter();
        let aliases = aliases.filter(|problem| leads_nowhere(&problem.kind));
        let mut empty: HashSet<_> = aliases.map(|problem| problem.at.clone()).collect();
        let root = doc.root().filter(|_| !empty.is_empty())?;
        let (mut keys, mut lists) = (Vec::new(), HashSet::new());
        names::each(root, &mut |node, _| {
            for entry in node.entries() {
                let value = entry.value();
                if empty.contains(&value.at()) {
                    keys.push(entry.key_at());
                }
                if value.items().any(|item| empty.contains(&item.at())) {
                    lists.insert(entry.key_at());
                }
            }
        });
        empty.extend(keys);
        Some(Gaps { empty, lists })
    }

    fn explain(&self, found: &Diagnostic, path: &str) -> bool {
        let span = &found.primary.span;
        let Some(at) = span.range.as_ref().filter(|_| span.file.path() == path) else {
            return false;
        };
        let is_of_text = found.rule.family() == "yaml";
        let is_too_few = found.rule.id == "schema/count";
        !is_of_text && (self.empty.contains(at) || (is_too_few && self.lists.contains(at)))
    }
}
