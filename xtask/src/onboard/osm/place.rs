//! The place in a descriptor that an answer of the NBI speaks of. It names keys and
//! ids (`vdu[id='a']:int-cpd[id='b']`), and never a line.

use crate::descriptor::Descriptor;
use crate::diagnostic::Span;
use crate::yaml::{Entry, Node, Shape};

/// One key that an answer names, with what it says of it.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    key: String,
    /// The field by which an item of a list is known.
    field: Option<String>,
    value: String,
}

/// Where in the descriptor that is which an answer speaks of: as near as it says,
/// and the descriptor's id where it says nothing.
pub fn place(descriptor: &Descriptor, detail: &str) -> Span {
    let Some(body) = descriptor.body() else {
        return descriptor.span();
    };
    if let Some(key) = between(detail, "a key that did not exist (", ")")
        && let Some(entry) = entry_of(body, key)
    {
        return entry.key_span();
    }
    if let Some(path) = between(detail, "repeats at '", "'")
        && let Some(node) = at_path(body, path)
    {
        return id_of(node).span();
    }
    let mut place = None;
    for step in steps(detail) {
        let around = place.unwrap_or(body);
        place = find(around, &step).or_else(|| find(body, &step)).or(place);
    }
    place.map_or_else(|| descriptor.span(), |node| id_of(node).span())
}

/// The keys that an answer names, in its order.
fn steps(detail: &str) -> Vec<Step> {
    if let Some(value) = between(detail, "helm-chart '", "'") {
        return vec![Step {
            key: "helm-chart".to_owned(),
            field: None,
            value: value.to_owned(),
        }];
    }
    let mut steps = Vec::new();
    for (at, _) in detail.match_indices('=') {
        let (before, after) = (&detail[..at], &detail[at + 1..]);
        let value = match after.strip_prefix('\'') {
            Some(quoted) => quoted.split('\'').next(),
            None => after.split([']', ' ', ':']).next(),
        };
        let name = word_before(before.trim_end_matches('\''));
        let Some(value) = value.filter(|value| !value.is_empty() && !name.is_empty()) else {
            continue;
        };
        let outer = before.trim_end_matches('\'').strip_suffix(name);
        let outer = outer.and_then(|outer| outer.strip_suffix('['));
        let outer = outer.map(word_before).filter(|outer| !outer.is_empty());
        steps.push(Step {
            key: outer.unwrap_or(name).to_owned(),
            field: outer.map(|_| name.to_owned()),
            value: value.to_owned(),
        });
    }
    steps
}

/// The word at the end of a text, as keys are written.
fn word_before(text: &str) -> &str {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let start = text.rfind(|c| !is_part(c));
    text.get(start.map_or(0, |start| start + 1)..).unwrap_or("")
}

fn between<'a>(text: &'a str, before: &str, behind: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(behind)?.0)
}

/// Whether an entry is the one that an answer names; the NBI writes some keys with a
/// `_`.
fn is_named(entry: &Entry<'_>, key: &str) -> bool {
    entry.name().replace('_', "-") == key.replace('_', "-")
}

/// The first node at or below this one that a step names.
fn find<'a>(node: Node<'a>, step: &Step) -> Option<Node<'a>> {
    for entry in node.entries() {
        if is_named(&entry, &step.key)
            && let Some(found) = fits(entry.value(), step)
        {
            return Some(found);
        }
    }
    let below = node.entries().map(|entry| entry.value());
    let below = below.chain(node.items());
    below
        .filter(|node| node.shape() != Shape::Scalar)
        .find_map(|node| find(node, step))
}

/// What is meant below a key: a value, an item of a list, or the item in which a
/// field has that value.
fn fits<'a>(node: Node<'a>, step: &Step) -> Option<Node<'a>> {
    let says = |node: Node<'a>| node.str() == Some(step.value.as_str());
    let Some(field) = &step.field else {
        let own = Some(node).filter(|node| says(*node));
        return own.or_else(|| node.items().find(|item| says(id_of(*item))));
    };
    let one = (node.shape() == Shape::Mapping).then_some(node);
    one.into_iter().chain(node.items()).find_map(|item| {
        let entry = item.entries().find(|entry| is_named(entry, field))?;
        let value = entry.value();
        let exact = Some(value).filter(|value| says(*value));
        let exact = exact.or_else(|| value.items().find(|value| says(*value)))?;
        // By its id an item is known; by anything else it is meant itself.
        Some(match matches!(field.as_str(), "id" | "name") {
            true => item,
            false => exact,
        })
    })
}

/// What stands for an item: its id or name.
fn id_of(node: Node<'_>) -> Node<'_> {
    let known = ["id", "name"].into_iter().find_map(|key| node.get(key));
    known.unwrap_or(node)
}

fn entry_of<'a>(node: Node<'a>, key: &str) -> Option<Entry<'a>> {
    let own = node
        .entries()
        .find(|entry| entry.key() == key || is_named(entry, key));
    own.or_else(|| {
        let below = node.entries().map(|entry| entry.value());
        below
            .chain(node.items())
            .filter(|node| node.shape() != Shape::Scalar)
            .find_map(|node| entry_of(node, key))
    })
}

/// The node at `.vdu[1].int-cpd[0]`.
fn at_path<'a>(body: Node<'a>, path: &str) -> Option<Node<'a>> {
    let mut node = body;
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let (key, index) = part.trim_end_matches(']').split_once('[')?;
        let entry = node.entries().find(|entry| is_named(entry, key))?;
        node = entry.value().item(index.parse().ok()?)?;
    }
    Some(node)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::recognise;

    const VNFD: &str = "\
vnfd:
  id: a_vnf
  mgmt-cp: nowhere
  vdu:
    - id: one
      virtual-storage-desc: [disk]
      int-cpd:
        - id: eth0
          int-virtual-link-desc: lan
    - id: two
      int-cpd:
        - id: eth0
          int-virtual-link-desc: wan
  df:
    - id: default-df
      scaling-aspect:
        - id: s
          aspect-delta-details:
            deltas:
              - id: d
  kdu:
    - name: k
      helm-chart: Not/Valid/Here
";

    fn line(detail: &str) -> usize {
        let descriptor = recognise("a_vnfd.yaml", VNFD.as_bytes().to_vec()).expect("a VNFD");
        place(&descriptor, detail).start().expect("a place").line
    }

    #[test]
    fn answers_lead_to_the_place() {
        for (detail, expected) in [
            ("'df'", 2),
            ("mgmt-cp='nowhere' must match an existing ext-cpd", 3),
            (
                "vdu[id='two']:int-cpd[id='eth0']:int-virtual-link-desc='wan' must match an existing int-virtual-link-desc",
                13,
            ),
            (
                "vdu[id='one']:int-cpd[id='eth0'] is already used by other int-cpd",
                8,
            ),
            ("vdu[virtual-storage-desc='disk']not defined in vnfd", 6),
            (
                "Cloud-init defined in vnf[id=a_vnf]:vdu[id=two] but not present in package",
                10,
            ),
            (
                "Error: identifier id 'two' is not unique and repeats at '.vdu[1]'",
                10,
            ),
            (
                "Error in pyangbind validation: JSON object contained a key that did not exist (deltas)",
                19,
            ),
            ("helm-chart 'Not/Valid/Here' is not valid", 23),
            (
                "df[id='default-df']:scaling-aspect[id='s']:aspect-delta-details[delta='d']: vdu-id='v' not defined in vdu",
                17,
            ),
        ] {
            assert_eq!(line(detail), expected, "{detail}");
        }
    }
}
