//! What the rules of this family say, and the pieces they share.

use std::ops::Range;

use super::super::Place;
use super::defects;
use crate::descriptor::local_entry;
use crate::diagnostic::{Diagnostic, Rule};
use crate::schema::{Violation, ViolationKind};
use crate::yaml::Node;

/// A finding at the violation, with the model that was asked.
pub(in super::super) fn finding(
    rule: &'static Rule,
    violation: &Violation,
    place: &Place<'_>,
    message: String,
) -> Diagnostic {
    let doc = &place.descriptor.doc;
    let mut diagnostic = Diagnostic::new(rule, doc.span(violation.at.clone()), message)
        .note(format!("checked against {}", place.schema.title()));
    diagnostic
        .notes
        .extend(violation.defect.and_then(defects::note));
    diagnostic
}

/// What is wrong, without a word on who says so.
pub(in super::super) fn message(violation: &Violation) -> String {
    let path = &violation.path;
    match &violation.kind {
        ViolationKind::UnknownKey { key, .. } => format!("unknown key `{key}`{}", inside(path)),
        ViolationKind::MissingKey { key, .. } => missing(&[key.as_str()], path),
        ViolationKind::WrongType {
            expected, found, ..
        } => format!("{} must be {expected}, not {found}", subject(path)),
        ViolationKind::NotAllowed { value, .. } if value.is_empty() => {
            format!("an empty value is not allowed for {}", subject(path))
        }
        ViolationKind::NotAllowed { value, .. } => {
            format!("`{}` is not allowed for {}", short(value), subject(path))
        }
        ViolationKind::OutOfRange { value, bound } => {
            format!("{} must be {bound}, not {value}", subject(path))
        }
        ViolationKind::BadFormat { value, .. } => {
            format!("`{}` is not a valid {}", short(value), subject(path))
        }
        ViolationKind::Count { bound } => format!("{} must have {bound}", subject(path)),
        ViolationKind::Repeated { value, .. } => {
            format!("{} holds `{}` twice", subject(path), short(value))
        }
        ViolationKind::Conflict { key, other } => {
            format!(
                "`{key}` and `{other}` exclude each other{}",
                inside(parent(path))
            )
        }
        ViolationKind::NoneOf { options } => {
            format!("{} must have one of {}", subject(path), list(options, "or"))
        }
        ViolationKind::DuplicateKey { keys, value, .. } => format!(
            "the {} `{}` stands twice in the list `{}`",
            keys.join(" and "),
            short(value),
            last_key(path)
        ),
        ViolationKind::Merged { keys, value, .. } if keys.is_empty() => {
            format!("{} holds `{}` twice", subject(path), short(value))
        }
        ViolationKind::Merged { keys, value, .. } => format!(
            "the {} `{}` stands twice in the list `{}`",
            keys.join(" and "),
            short(value),
            last_key(path)
        ),
        ViolationKind::ListKey {
            key,
            written: Some(written),
        } => format!(
            "OSM does not find `{key}`, the key of this item, in `{written}`{}",
            inside(path)
        ),
        ViolationKind::ListKey { key, .. } => {
            format!("`{key}`, the key of this item, is empty{}", inside(path))
        }
        ViolationKind::Prefix { key, prefix, .. } => {
            format!(
                "`{key}` does not belong to the module `{prefix}`{}",
                inside(path)
            )
        }
        ViolationKind::SameKey { key, other, .. } => {
            format!("`{other}` and `{key}` are the same key{}", inside(path))
        }
        ViolationKind::DanglingReference {
            value,
            target,
            leaf,
            chosen,
            ..
        } => {
            let value = short(value);
            let subject = subject(path);
            if target.is_empty() {
                format!("{subject} must be the {leaf} of what is around it, not `{value}`")
            } else {
                let which = match chosen.as_slice() {
                    [] => String::new(),
                    keys => format!(" with the {} beside it", list(keys, "and")),
                };
                format!("{subject} names `{value}`, which is the {leaf} of no `{target}`{which}")
            }
        }
        ViolationKind::Condition { text, .. } => format!("{text}{}", inside(path)),
        ViolationKind::More { most } => {
            format!(
                "{} departs from the model in more than {most} places",
                subject(path)
            )
        }
        ViolationKind::Unread { most } => {
            format!(
                "{} departs from the model in more than {most} places, and not all of it was looked at",
                subject(path)
            )
        }
        ViolationKind::Other(text) => format!("{} is not valid: {text}", subject(path)),
    }
}

/// The message for keys that are missing from one mapping.
pub(super) fn missing(keys: &[&str], path: &str) -> String {
    let plural = if keys.len() == 1 { "" } else { "s" };
    format!("missing key{plural} {}{}", list(keys, "and"), inside(path))
}

/// The message for keys that are there and have no value.
pub(super) fn without_value(keys: &[&str], path: &str) -> String {
    let verb = if keys.len() == 1 { "has" } else { "have" };
    format!("{} {verb} no value{}", list(keys, "and"), inside(path))
}

/// The node at a path such as `vnfd/vdu/0`.
pub(super) fn node<'a>(place: &Place<'a>, path: &str) -> Option<Node<'a>> {
    let mut node = place.descriptor.doc.root()?;
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        node = match local_entry(node, segment) {
            Some(entry) => entry.value(),
            None => node.item(segment.parse().ok()?)?,
        };
    }
    Some(node)
}

/// ` in PATH`, or where that is at the top of the document.
pub(super) fn inside(path: &str) -> String {
    if path.is_empty() {
        " at the top of the document".to_owned()
    } else {
        format!(" in `{path}`")
    }
}

fn subject(path: &str) -> String {
    if path.is_empty() {
        "the document".to_owned()
    } else {
        format!("`{path}`")
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The last key of a path, for a suggestion: `- ` is written below it.
pub(super) fn last_key(path: &str) -> &str {
    path.rsplit('/')
        .find(|segment| segment.parse::<usize>().is_err())
        .unwrap_or("")
}

/// `` `a`, `b` or `c` ``.
pub(in super::super) fn list<T: AsRef<str>>(items: &[T], joint: &str) -> String {
    let quoted: Vec<String> = items
        .iter()
        .map(|item| format!("`{}`", item.as_ref()))
        .collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {joint} {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// A value on one line of a message.
pub(in super::super) fn short(value: &str) -> String {
    const MAX: usize = 60;
    let line = value.lines().next().unwrap_or_default();
    if line.chars().count() > MAX || line.len() < value.trim_end().len() {
        let cut: String = line.chars().take(MAX).collect();
        format!("{cut}…")
    } else {
        line.to_owned()
    }
}

/// Bytes of the key `key` of the mapping that the violation at `at` is in: the
/// mapping that holds both.
pub(super) fn sibling(place: &Place<'_>, at: &Range<usize>, key: &str) -> Option<Range<usize>> {
    let root = place.descriptor.doc.root()?;
    let mut open: Vec<Node<'_>> = vec![root];
    let mut seen = std::collections::HashSet::new();
    while let Some(node) = open.pop() {
        if !seen.insert(node.index()) {
            continue;
        }
        if node.entries().any(|entry| entry.key_at() == *at) {
            return node
                .entries()
                .find(|entry| entry.name() == key)
                .map(|entry| entry.key_at());
        }
        open.extend(node.entries().map(|entry| entry.value()));
        open.extend(node.items());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_long_values() {
        assert_eq!(list(&["a"], "or"), "`a`");
        assert_eq!(list(&["a", "b", "c"], "or"), "`a`, `b` or `c`");
        assert_eq!(short("one\n"), "one");
        assert_eq!(short("one\ntwo\n"), "one…");
        assert_eq!(short(&"x".repeat(61)).chars().count(), 61);
    }

    #[test]
    fn the_key_above_an_item() {
        assert_eq!(last_key("vnfd/vdu/0"), "vdu");
        assert_eq!(last_key(""), "");
    }
}
