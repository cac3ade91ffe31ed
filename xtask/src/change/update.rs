//! Whether OSM takes a descriptor in the place of one that is in use.
//!
//! OSM's north-bound interface (v19, `VnfdTopic`) compares the two where a VNFD is used by an
//! instance. With another software version everything may change. With the same one it takes
//! away what may change and compares the rest as Python values: lists item by item in their
//! order, and scalars with their types.

use std::collections::{HashMap, HashSet};

use super::Step;
use super::descriptor::{keys, number, place};
use crate::descriptor::{Descriptor, Kind, Model};
use crate::yaml::{Node, PyScalar, Shape, pyyaml};

/// What OSM says of an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// It takes it, because the software version is another one.
    OtherSoftware,
    /// It takes it, because only what may change has changed.
    Allowed,
    /// It refuses it, because of these places.
    Refused {
        /// What differs, in the order of the new descriptor.
        because: Vec<Obstacle>,
        /// Whether another `software-version` is a way out. OSM looks for it, as for what may
        /// change, below the key `vnfd` alone.
        is_versioned: bool,
    },
    /// It can't compare the two, because it looks for the new descriptor's file in the old
    /// package: their places in the packages.
    Moved {
        /// The old one's.
        before: String,
        /// The new one's.
        after: String,
    },
    /// There is none: the old one is in the model before SOL006, which OSM reads no more since
    /// release NINE, so that none of it is in use.
    NoneInUse,
    /// It refuses it, because it is in that model.
    OldModel,
    /// There is none: what has another id is another VNFD.
    OtherId,
}

/// A difference that OSM does not let pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// Where, as a path: `vdu/router/virtual-compute-desc`.
    pub place: String,
    /// What the difference is.
    pub why: Why,
}

/// What differs to OSM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// The value is another one.
    Value,
    /// The value is of another type to PyYAML, with which OSM reads; what it was and what it is.
    Type(&'static str, &'static str),
    /// The items of the list stand in another order.
    Order,
}

/// What OSM would say; `None` for what is no VNFD of OSM's.
pub fn update(before: &Descriptor, after: &Descriptor) -> Option<Update> {
    let is_judged = |d: &Descriptor| {
        d.kind == Kind::Vnf && matches!(d.model, Model::Sol006 | Model::Nfv | Model::OsmIm)
    };
    if !is_judged(before) || !is_judged(after) {
        return None;
    }
    match (before.model, after.model) {
        (_, Model::OsmIm) => return Some(Update::OldModel),
        (Model::OsmIm, _) => return Some(Update::NoneInUse),
        _ if before.id() != after.id() => return Some(Update::OtherId),
        _ => {}
    }
    let (old, old_is_known) = compared(before)?;
    let (new, new_is_known) = compared(after)?;
    if is_other_software(old, new) {
        return Some(Update::OtherSoftware);
    }
    let mut finder = Finder::default();
    finder.mapping(old, new);
    Some(match finder.found.is_empty() {
        true => Update::Allowed,
        false => Update::Refused {
            because: finder.found,
            is_versioned: old_is_known && new_is_known,
        },
    })
}

/// What OSM compares: what is below `vnfd`, or else the whole document, in which it knows no key.
fn compared(descriptor: &Descriptor) -> Option<(Node<'_>, bool)> {
    let root = descriptor.doc.root()?;
    Some(match root.get("vnfd") {
        Some(body) if body.entries().len() > 0 => (body, true),
        _ => (root, root.get("df").is_some()),
    })
}

fn is_other_software(before: Node<'_>, after: Node<'_>) -> bool {
    fn version(node: Node<'_>) -> Option<Node<'_>> {
        let version = node.get("software-version");
        version.filter(|node| is_truthy(*node))
    }
    // OSM takes the text `1.0` where there is none.
    let none = Some(PyScalar::Text("1.0"));
    match (version(before), version(after)) {
        (Some(old), Some(new)) => !is_equal(old, new),
        (Some(one), None) | (None, Some(one)) => pyyaml(one) != none,
        (None, None) => false,
    }
}

/// Whether Python takes a value for true.
fn is_truthy(node: Node<'_>) -> bool {
    match pyyaml(node) {
        Some(PyScalar::Nothing | PyScalar::Bool(false) | PyScalar::Int(0)) => false,
        Some(PyScalar::Text(text)) => !text.is_empty(),
        Some(PyScalar::Float(number)) => number != 0.0,
        Some(_) => true,
        None => node.items().len() > 0 || node.entries().len() > 0,
    }
}

fn is_equal(before: Node<'_>, after: Node<'_>) -> bool {
    let mut finder = Finder::default();
    finder.both(before, after);
    finder.found.is_empty()
}

/// Whether OSM takes this away before it compares. It takes policies away only where there are
/// some.
fn may_change(path: &[&str], key: &str, value: Node<'_>) -> bool {
    const PRIMITIVES: [&str; 3] = [
        "initial-config-primitive",
        "config-primitive",
        "terminate-config-primitive",
    ];
    match path {
        ["df"] => matches!(key, "scaling-aspect" | "healing-aspect") && is_truthy(value),
        ["vdu"] => matches!(key, "alarm" | "monitoring-parameter") && is_truthy(value),
        [
            "df",
            "lcm-operations-configuration",
            "operate-vnf-op-config",
            "day1-2",
        ] => PRIMITIVES.contains(&key),
        _ => false,
    }
}

#[derive(Default)]
struct Finder {
    path: Vec<Step>,
    found: Vec<Obstacle>,
}

impl Finder {
    fn add(&mut self, why: Why) {
        let place = place(&self.path);
        self.found.push(Obstacle { place, why });
    }

    fn at(&mut self, step: Step, f: impl FnOnce(&mut Self)) {
        self.path.push(step);
        f(self);
        self.path.pop();
    }

    fn both(&mut self, before: Node<'_>, after: Node<'_>) {
        match (before.shape(), after.shape()) {
            (Shape::Mapping, Shape::Mapping) => self.mapping(before, after),
            (Shape::Sequence, Shape::Sequence) => self.list(before, after),
            (Shape::Scalar, Shape::Scalar) => match (pyyaml(before), pyyaml(after)) {
                (old, new) if old == new => {}
                (Some(old), Some(new)) if old.noun() != new.noun() => {
                    self.add(Why::Type(old.noun(), new.noun()));
                }
                _ => self.add(Why::Value),
            },
            _ => self.add(Why::Type(noun(before), noun(after))),
        }
    }

    fn mapping(&mut self, before: Node<'_>, after: Node<'_>) {
        let (old, new) = (self.kept(before), self.kept(after));
        let by_key: HashMap<&str, Node<'_>> = old.iter().copied().collect();
        let kept: HashSet<&str> = new.iter().map(|(key, _)| *key).collect();
        for (key, value) in &new {
            let step = Step::Key((*key).to_owned());
            match by_key.get(key) {
                Some(old) => self.at(step, |this| this.both(*old, *value)),
                None => self.at(step, |this| this.add(Why::Added)),
            }
        }
        for (key, _) in old.iter().filter(|(key, _)| !kept.contains(key)) {
            self.at(Step::Key((*key).to_owned()), |this| this.add(Why::Removed));
        }
    }

    fn kept<'a>(&self, node: Node<'a>) -> Vec<(&'a str, Node<'a>)> {
        let path = keys(&self.path);
        let entries = node.entries().map(|entry| (entry.key(), entry.value()));
        entries
            .filter(|(key, value)| !may_change(&path, key, *value))
            .collect()
    }

    /// OSM compares items by their places; what has moved, come or gone is told by its id.
    fn list(&mut self, before: Node<'_>, after: Node<'_>) {
        let own = self.path.pop();
        let list = match &own {
            Some(Step::Key(list) | Step::Item(list, _) | Step::Place(list, _)) => list.clone(),
            None => String::new(),
        };
        // The step of an item names its list as well; in a list of lists both stay.
        let outer = own.clone().filter(|step| !matches!(step, Step::Key(_)));
        self.path.extend(outer.clone());
        let old = number(&list, before.items().collect());
        let new = number(&list, after.items().collect());
        let places: HashMap<&Step, usize> = (0..).zip(&old).map(|(i, (s, _))| (s, i)).collect();
        let kept: HashSet<&Step> = new.iter().map(|(step, _)| step).collect();
        let mut last = None;
        let mut has_moved = false;
        for (step, node) in &new {
            match places.get(step) {
                Some(&place) => {
                    has_moved |= last.is_some_and(|last| place < last);
                    last = Some(place);
                    self.at(step.clone(), |this| this.both(old[place].1, *node));
                }
                None => self.at(step.clone(), |this| this.add(Why::Added)),
            }
        }
        for (step, _) in old.iter().filter(|(step, _)| !kept.contains(step)) {
            self.at(step.clone(), |this| this.add(Why::Removed));
        }
        if outer.is_none() {
            self.path.extend(own);
        }
        if has_moved {
            self.add(Why::Order);
        }
    }
}

fn noun(node: Node<'_>) -> &'static str {
    match pyyaml(node) {
        Some(scalar) => scalar.noun(),
        None => node.shape().as_str(),
    }
}
