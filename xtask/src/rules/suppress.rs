//! Comments in a descriptor that allow a rule: `# nfv: allow(osm/mgmt-cp)`.
//!
//! Behind a value the comment speaks of its line. On a line of its own it
//! speaks of the node that begins on the next line, with all that is in it; at
//! the top of a file that is the whole descriptor.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::descriptor::Descriptor;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::Package;
use crate::yaml::{Comment, Document, Node};

/// Drops the findings that comments in the package's descriptors allow.
pub(super) fn apply(package: &Package, diagnostics: &mut Vec<Diagnostic>) {
    let own = package.descriptor.iter();
    for descriptor in own.chain(package.charts.iter().map(|(_, chart)| chart)) {
        apply_document(descriptor, diagnostics);
    }
    if let Some(inner) = &package.inner {
        apply(inner, diagnostics);
    }
}

fn apply_document(descriptor: &Descriptor, diagnostics: &mut Vec<Diagnostic>) {
    let doc = &descriptor.doc;
    if doc.comments().is_empty() {
        return;
    }
    let begins = begins(doc);
    let mut allowed: BTreeMap<&str, Vec<Range<usize>>> = BTreeMap::new();
    for comment in doc.comments() {
        let scope = scope(doc, comment, &begins);
        for name in names(comment).into_iter().flatten() {
            allowed.entry(name).or_default().push(scope.clone());
        }
    }
    for scopes in allowed.values_mut() {
        unite(scopes);
    }
    diagnostics.retain_mut(|diagnostic| {
        let span = &diagnostic.primary.span;
        if diagnostic.rule.fixed || span.file.path() != doc.file().path() {
            return true;
        }
        let at = span.range.as_ref().map_or(0, |range| range.start);
        let rule = diagnostic.rule;
        let is_allowed = |at: usize| {
            let mut names = [rule.id, rule.family(), "all"].into_iter();
            names.any(|name| allowed.get(name).is_some_and(|scopes| covers(scopes, at)))
        };
        // One finding may speak of several places, and a comment of some.
        let start = |fix: &Fix| fix.edits.first().map_or(at, |edit| edit.range.start);
        diagnostic.fixes.retain(|fix| !is_allowed(start(fix)));
        diagnostic.held.retain(|fix| !is_allowed(start(fix)));
        !is_allowed(at)
    });
}

/// Sorts ranges and makes one of those that meet.
fn unite(ranges: &mut Vec<Range<usize>>) {
    ranges.sort_by_key(|range| range.start);
    ranges.dedup_by(|next, before| {
        let meets = next.start <= before.end;
        if meets {
            before.end = before.end.max(next.end);
        }
        meets
    });
}

/// Whether one of several ranges, sorted and apart, has that place.
fn covers(ranges: &[Range<usize>], at: usize) -> bool {
    let after = ranges.partition_point(|range| range.start <= at);
    let before = after.checked_sub(1).and_then(|i| ranges.get(i));
    before.is_some_and(|range| range.contains(&at))
}

/// The names in `nfv: allow(a, b)`.
pub(super) fn names(comment: &Comment) -> Option<Vec<&str>> {
    let text = comment.text.strip_prefix("nfv:")?.trim_start();
    let list = text.strip_prefix("allow(")?.split_once(')')?.0;
    Some(list.split(',').map(str::trim).collect())
}

fn scope(doc: &Document, comment: &Comment, begins: &[Range<usize>]) -> Range<usize> {
    let text = doc.file().text();
    let line_start = text[..comment.at.start].rfind('\n').map_or(0, |i| i + 1);
    if !comment.own_line {
        return line_start..comment.at.end;
    }
    let Some(root) = doc.root() else {
        return 0..text.len();
    };
    // The first thing written behind the comment, and the largest node that
    // begins with it.
    let next = begins.partition_point(|at| at.start < comment.at.end);
    let best = begins.get(next).cloned();
    let node = best.unwrap_or(comment.at.end..text.len());
    // The first entry of the root speaks for the file.
    if begins
        .first()
        .is_some_and(|first| first.start == node.start)
        && root.entries().len() > 0
    {
        return 0..text.len();
    }
    comment.at.start..node.end
}

/// Every entry and every list item by its start, the largest first.
fn begins(doc: &Document) -> Vec<Range<usize>> {
    let mut begins = Vec::new();
    if let Some(root) = doc.root() {
        visit(root, &mut |at| begins.push(at));
    }
    begins.sort_by_key(|at| (at.start, std::cmp::Reverse(at.end)));
    begins
}

/// Calls `f` for every entry (key to end of value) and every list item, once
/// for each place in the text.
fn visit(root: Node<'_>, f: &mut impl FnMut(Range<usize>)) {
    let mut seen = root.document().met();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if !seen.insert(node) {
            continue;
        }
        for entry in node.entries().filter(|entry| !entry.is_merged()) {
            let key = entry.key_at();
            f(key.start..entry.value().at().end.max(key.end));
            open.push(entry.value());
        }
        for item in node.items() {
            f(item.at());
            open.push(item);
        }
    }
}
