//! Comments in a descriptor that allow a rule: `# nfv: allow(osm/mgmt-cp)`.
//!
//! Behind a value the comment speaks of its line. On a line of its own it
//! speaks of the node that begins on the next line, with all that is in it; at
//! the top of a file that is the whole descriptor.

use std::ops::Range;

use crate::descriptor::Descriptor;
use crate::diagnostic::{Diagnostic, Fix, Rule};
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
    let allowed: Vec<(Vec<&str>, Range<usize>)> = doc
        .comments()
        .iter()
        .filter_map(|comment| Some((names(comment)?, scope(doc, comment))))
        .collect();
    diagnostics.retain_mut(|diagnostic| {
        let span = &diagnostic.primary.span;
        if diagnostic.rule.fixed || span.file.path() != doc.file().path() {
            return true;
        }
        let at = span.range.as_ref().map_or(0, |range| range.start);
        let rule = diagnostic.rule;
        let is_allowed = |at: usize| {
            allowed.iter().any(|(names, scope)| {
                scope.contains(&at) && names.iter().any(|name| is_named(rule, name))
            })
        };
        // One finding may speak of several places, and a comment of some.
        let start = |fix: &Fix| fix.edits.first().map_or(at, |edit| edit.range.start);
        diagnostic.fixes.retain(|fix| !is_allowed(start(fix)));
        !is_allowed(at)
    });
}

fn is_named(rule: &Rule, name: &str) -> bool {
    name == rule.id || name == rule.family() || name == "all"
}

/// The names in `nfv: allow(a, b)`.
pub(super) fn names(comment: &Comment) -> Option<Vec<&str>> {
    let text = comment.text.strip_prefix("nfv:")?.trim_start();
    let list = text.strip_prefix("allow(")?.split_once(')')?.0;
    Some(list.split(',').map(str::trim).collect())
}

fn scope(doc: &Document, comment: &Comment) -> Range<usize> {
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
    let mut best: Option<Range<usize>> = None;
    visit(root, &mut |at| {
        if at.start >= comment.at.end {
            let better = match &best {
                None => true,
                Some(best) => {
                    at.start < best.start || (at.start == best.start && at.end > best.end)
                }
            };
            if better {
                best = Some(at);
            }
        }
    });
    let node = best.unwrap_or(comment.at.end..text.len());
    // The first entry of the root speaks for the file.
    let first = root.entries().map(|entry| entry.key_at().start).min();
    if first == Some(node.start) {
        return 0..text.len();
    }
    comment.at.start..node.end
}

/// Calls `f` for every entry (key to end of value) and every list item, once
/// for each place in the text.
fn visit(root: Node<'_>, f: &mut impl FnMut(Range<usize>)) {
    let mut seen = std::collections::HashSet::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if !seen.insert(node.index()) {
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
