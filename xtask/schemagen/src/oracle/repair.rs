//! Makes a document valid: what is missing is put in, what is wrong is drawn
//! anew or taken out, what a reference wants is made.
//!
//! The findings of `etsi-literal` say what to do. That they are no accomplices
//! is seen when libyang judges the outcome.

use std::collections::BTreeMap;

use nfv::schema::{Schema, Violation, ViolationKind};
use nfv::yaml;
use serde_json::Value;

use super::dice::Dice;
use super::tree::{self, Tree, schema_path};
use super::{document, findings, sample};
use crate::yang::{Kind, Node};

/// After so many rounds a document is given up.
const ROUNDS: usize = 24;

/// Repairs a document and says whether it is valid now.
pub fn repair(
    tree: &Tree<'_>,
    schema: &'static Schema,
    whole: &mut Value,
    dice: &mut Dice,
) -> bool {
    for round in 0..ROUNDS {
        let doc = document(whole);
        let violations = findings(schema, &doc);
        if violations.is_empty() {
            return true;
        }
        let values = doc.root().map(values).unwrap_or_default();
        let mut repairer = Repairer {
            tree,
            whole,
            dice,
            is_late: round > ROUNDS / 2,
        };
        // From the end, so that what is taken out moves nothing else.
        for violation in violations.iter().rev() {
            repairer.mend(violation, &values);
        }
    }
    false
}

/// Puts an instance of the node at a path of the schema into a document, with
/// all that is around it; gives its pointer.
pub fn insert(tree: &Tree<'_>, path: &str, whole: &mut Value, dice: &mut Dice) -> Option<String> {
    insert_beside(tree, path, "", whole, dice)
}

/// The same, in the lists' items that a pointer goes through.
fn insert_beside(
    tree: &Tree<'_>,
    path: &str,
    beside: &str,
    whole: &mut Value,
    dice: &mut Dice,
) -> Option<String> {
    let mut way = beside.split('/');
    let mut is_along = true;
    let mut at = whole;
    let mut pointer = String::new();
    let mut schema = String::new();
    for name in path.split('/') {
        if !schema.is_empty() {
            schema.push('/');
            pointer.push('/');
        }
        schema.push_str(name);
        pointer.push_str(name);
        is_along = is_along && way.next() == Some(name);
        let node = tree.get(&schema)?;
        let members = at.as_object_mut()?;
        let fresh = !members.contains_key(name);
        if fresh {
            members.insert(name.to_owned(), sample::node(node, dice));
        }
        at = members.get_mut(name)?;
        if schema == path {
            // Another item, which the list may hold.
            if let (Value::Array(items), false) = (&mut *at, fresh) {
                let item = match &node.kind {
                    Kind::List { .. } => sample::item(node, dice),
                    _ => sample::value(tree::kind_of_value(node)?, dice).into(),
                };
                items.push(item);
            }
        }
        if let Value::Array(items) = at {
            let wanted = is_along
                .then(|| way.next()?.parse::<usize>().ok())
                .flatten();
            let number = match wanted {
                _ if schema == path => items.len() - 1,
                Some(number) => number,
                None => dice.below(items.len()),
            };
            pointer.push_str(&format!("/{number}"));
            at = items.get_mut(number)?;
        }
    }
    Some(pointer)
}

/// Takes the node at a pointer out of a document.
pub fn remove(whole: &mut Value, pointer: &str) -> Option<Value> {
    let (parent, key) = pointer.rsplit_once('/')?;
    match whole.pointer_mut(&format!("/{parent}"))? {
        Value::Object(members) => members.shift_remove(key),
        Value::Array(items) => {
            let number: usize = key.parse().ok()?;
            (number < items.len()).then(|| items.remove(number))
        }
        _ => None,
    }
}

struct Repairer<'r, 't> {
    tree: &'r Tree<'t>,
    whole: &'r mut Value,
    dice: &'r mut Dice,
    /// Whether gentle means have had their chance.
    is_late: bool,
}

impl Repairer<'_, '_> {
    fn mend(&mut self, violation: &Violation, values: &BTreeMap<usize, String>) {
        let path = &violation.path;
        match &violation.kind {
            ViolationKind::UnknownKey { key, .. } => {
                remove(self.whole, &format!("{path}/{key}"));
            }
            ViolationKind::MissingKey { key, .. } => self.add(path, key),
            ViolationKind::NoneOf { options } => {
                if let Some(key) = self.dice.pick(options) {
                    self.add(path, key);
                }
            }
            ViolationKind::Conflict { key, other } => {
                let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
                let key = if self.dice.one_in(2) { key } else { other };
                remove(self.whole, &format!("{parent}/{key}"));
            }
            ViolationKind::Count { bound } if bound.starts_with("at least") => self.push(path),
            ViolationKind::Count { .. } | ViolationKind::Repeated { .. } => {
                if let Some(Value::Array(items)) = self.at(path) {
                    items.pop();
                }
            }
            ViolationKind::DuplicateKey { .. } => {
                remove(self.whole, path);
            }
            ViolationKind::DanglingReference { known, .. } => {
                let known: Vec<&String> = known.iter().filter(|known| !known.is_empty()).collect();
                let value = self.dice.pick(&known).map(ToString::to_string);
                match value {
                    _ if self.is_late => self.prune(path),
                    Some(value) => self.set(path, value),
                    None => self.make_target(path),
                }
            }
            ViolationKind::Condition { name, other, .. } => {
                let own = values.get(&violation.at.start).unwrap_or(path).clone();
                let other = other.as_ref().and_then(|at| values.get(&at.start)).cloned();
                self.reconcile(name, path, &own, other);
            }
            _ => self.redraw(path),
        }
    }

    /// Makes values go together: a new one, or none.
    fn reconcile(&mut self, name: &str, holder: &str, own: &str, other: Option<String>) {
        match (name, self.dice.below(4)) {
            ("default-level", 0 | 1) => {
                let names = ["default-instantiation-level"];
                names.iter().for_each(|name| self.add(holder, name));
            }
            ("default-level", _) => {
                for list in ["instantiation-level", "ns-instantiation-level"] {
                    match self.at(&format!("{holder}/{list}")) {
                        Some(Value::Array(items)) => items.truncate(1),
                        _ => self.add(holder, list),
                    }
                }
            }
            ("some-mapping", _) => {
                let names = ["vnf-to-level-mapping", "virtual-link-to-level-mapping"];
                let name = names[self.dice.below(2)];
                self.add(holder, name);
            }
            ("image-memory", 0 | 1) if other.is_none() => self.add(holder, "sw-image-desc"),
            ("listed", 0..3) => self.list(holder, own),
            (_, 0) => self.prune(own),
            (_, 1 | 2) => match other {
                Some(other) => self.redraw(&other),
                None => self.redraw(own),
            },
            _ => self.redraw(own),
        }
    }

    /// Adds the descriptor that a leaf names to the list of those in use.
    fn list(&mut self, holder: &str, own: &str) {
        let names = ["vnfd-id", "pnfd-id", "nsd-id"];
        let own_name = own.rsplit('/').next().unwrap_or_default();
        let parts: Vec<&str> = holder.split('/').collect();
        let descriptor = parts[..parts.len().min(3)].join("/");
        for name in names {
            let leaf = if own_name == name {
                own.to_owned()
            } else {
                format!("{holder}/{name}")
            };
            let Some(Value::String(value)) = self.at(&leaf) else {
                continue;
            };
            let value = Value::from(value.clone());
            let list = if name == "nsd-id" {
                "nested-nsd-id"
            } else {
                name
            };
            let list = format!("{descriptor}/{list}");
            match self.at(&list) {
                Some(Value::Array(items)) => items.push(value),
                _ => {
                    if let Some(Value::Object(members)) = self.at(&descriptor) {
                        let name = list.rsplit('/').next().unwrap_or_default();
                        members.insert(name.to_owned(), vec![value].into());
                    }
                }
            }
        }
    }

    /// Makes the node that a reference wants.
    fn make_target(&mut self, pointer: &str) {
        let target = self.tree.target(&schema_path(pointer));
        let value = match self.at(pointer) {
            Some(Value::String(value)) => value.clone(),
            _ => return,
        };
        let made =
            target.and_then(|path| insert_beside(self.tree, &path, pointer, self.whole, self.dice));
        match made {
            Some(made) => self.set(&made, value),
            None => self.prune(pointer),
        }
    }

    fn at(&mut self, pointer: &str) -> Option<&mut Value> {
        self.whole.pointer_mut(&format!("/{pointer}"))
    }

    fn node(&self, pointer: &str) -> Option<&Node> {
        self.tree.get(&schema_path(pointer))
    }

    fn set(&mut self, pointer: &str, value: String) {
        if let Some(place) = self.at(pointer) {
            *place = value.into();
        }
    }

    /// Puts the least instance of a node below a mapping.
    fn add(&mut self, holder: &str, key: &str) {
        let path = match holder {
            "" => key.to_owned(),
            _ => format!("{holder}/{key}"),
        };
        let Some(node) = self.tree.get(&schema_path(&path)) else {
            return;
        };
        let value = sample::node(node, self.dice);
        let place = match holder {
            "" => Some(&mut *self.whole),
            _ => self.whole.pointer_mut(&format!("/{holder}")),
        };
        if let Some(Value::Object(members)) = place {
            members.insert(key.to_owned(), value);
        }
    }

    /// Puts another item into a list.
    fn push(&mut self, pointer: &str) {
        let Some(node) = self.tree.get(&schema_path(pointer)) else {
            return;
        };
        let Value::Array(mut new) = sample::node(node, self.dice) else {
            return self.redraw(pointer);
        };
        if let Some(Value::Array(items)) = self.at(pointer) {
            items.append(&mut new);
        }
    }

    /// Draws another value, or the least instance of another node.
    fn redraw(&mut self, pointer: &str) {
        if self.is_late && self.dice.one_in(2) {
            return self.prune(pointer);
        }
        let Some(node) = self.tree.get(&schema_path(pointer)) else {
            return;
        };
        let is_item = pointer
            .rsplit('/')
            .next()
            .is_some_and(|part| part.parse::<usize>().is_ok());
        let value = match (tree::kind_of_value(node), is_item) {
            (Some(ty), true) => sample::value(ty, self.dice).into(),
            (None, true) => sample::item(node, self.dice),
            _ => sample::node(node, self.dice),
        };
        if let Some(place) = self.at(pointer) {
            *place = value;
        }
    }

    /// Takes a node out, or what is around it where that needs it.
    fn prune(&mut self, pointer: &str) {
        let mut pointer = pointer;
        loop {
            let key = pointer.rsplit('/').next().unwrap_or_default();
            let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            let is_needed = self.node(pointer).is_some_and(|node| match &node.kind {
                Kind::Leaf { mandatory, .. } => {
                    let is_key = self.node(parent).is_some_and(|parent| {
                        matches!(&parent.kind, Kind::List { keys, .. } if keys.iter().any(|k| k == key))
                    });
                    *mandatory || is_key
                }
                _ => false,
            });
            let may_climb = parent.contains('/');
            if may_climb && (is_needed || (self.is_late && self.dice.one_in(3))) {
                pointer = parent;
                continue;
            }
            remove(self.whole, pointer);
            // A list without items is no list.
            if let Some(Value::Array(items)) = self.at(parent)
                && items.is_empty()
            {
                remove(self.whole, parent);
            }
            return;
        }
    }
}

/// The pointers of the scalars by the place where their text begins.
fn values(root: yaml::Node<'_>) -> BTreeMap<usize, String> {
    fn walk(node: yaml::Node<'_>, pointer: &str, found: &mut BTreeMap<usize, String>) {
        let below = |part: &str| match pointer {
            "" => part.to_owned(),
            _ => format!("{pointer}/{part}"),
        };
        match node.shape() {
            yaml::Shape::Mapping => {
                for entry in node.entries() {
                    walk(entry.value(), &below(entry.key()), found);
                }
            }
            yaml::Shape::Sequence => {
                for (number, item) in node.items().enumerate() {
                    walk(item, &below(&number.to_string()), found);
                }
            }
            yaml::Shape::Scalar => {
                found.insert(node.at().start, pointer.to_owned());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(root, "", &mut found);
    found
}
