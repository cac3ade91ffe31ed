//! The keys of a mapping, each of which somebody has to take: what nobody took is
//! lost, and that is said.

use std::cell::RefCell;

use super::comments::{Comments, Notes};
use super::losses::{self, Loss};
use super::tree::{Entry, List, Map, Value};
use crate::descriptor::{is_local, local_entry, with_article};
use crate::diagnostic::{Diagnostic, Rule, Span};
use crate::yaml::Entry as Source;
use crate::yaml::{Document, Legacy, Node, Shape, Style, Type, resolve_1_1};

/// What the migration of one descriptor works with.
pub(super) struct Work {
    pub comments: Comments,
    findings: RefCell<Vec<Diagnostic>>,
}

impl Work {
    pub fn on(doc: &Document) -> Self {
        Work {
            comments: Comments::of(doc),
            findings: RefCell::new(Vec::new()),
        }
    }

    pub fn say(&self, finding: Diagnostic) {
        self.findings.borrow_mut().push(finding);
    }

    /// Everything that was said.
    pub fn findings(&self) -> Vec<Diagnostic> {
        self.findings.take()
    }

    /// Says that something was taken for granted.
    pub fn assume(&self, span: Span, message: String) {
        self.say(Diagnostic::new(&super::rules::ASSUMED, span, message));
    }

    /// Says that something can't be carried, and why.
    pub fn lose(&self, span: Span, message: String, why: &str) {
        self.say(lost(&super::rules::LOST, span, message, why));
    }

    /// Says that a label can't be carried, and why.
    pub fn drop(&self, span: Span, message: String, why: &str) {
        self.say(lost(&super::rules::DROPPED, span, message, why));
    }
}

fn lost(rule: &'static Rule, span: Span, message: String, why: &str) -> Diagnostic {
    let finding = Diagnostic::new(rule, span, message).label("not carried over");
    match why.is_empty() {
        true => finding,
        false => finding.note(why),
    }
}

/// A mapping of the old model.
pub(super) struct Fields<'w, 'a> {
    pub work: &'w Work,
    pub node: Node<'a>,
    /// What it is, for messages: ``the VDU `main` ``.
    pub what: String,
    taken: RefCell<Vec<bool>>,
}

impl<'w, 'a> Fields<'w, 'a> {
    pub fn new(work: &'w Work, node: Node<'a>, what: impl Into<String>) -> Self {
        Fields {
            work,
            node,
            what: what.into(),
            taken: RefCell::new(vec![false; node.entries().len()]),
        }
    }

    /// The entry with this key and any module's prefix, whether it was taken or not.
    pub fn peek(&self, key: &str) -> Option<Field<'w, 'a>> {
        let entry = local_entry(self.node, key)?;
        let work = self.work;
        Some(Field { work, entry })
    }

    /// Takes every entry with this key; an empty value says nothing.
    pub fn take(&self, key: &str) -> Option<Field<'w, 'a>> {
        let mut found = None;
        for (i, entry) in self.node.entries().enumerate() {
            if !is_local(entry.key(), key) {
                continue;
            }
            if let Some(taken) = self.taken.borrow_mut().get_mut(i) {
                *taken = true;
            }
            let work = self.work;
            match found {
                None => found = Some(Field { work, entry }),
                Some(_) => {
                    let message =
                        format!("{} has `{key}` twice, with and without prefix", self.what);
                    work.lose(entry.key_span(), message, "");
                }
            }
        }
        found.filter(|field| !field.entry.value().is_null())
    }

    /// Takes a text.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        let field = self.take(key)?;
        field.scalar(&self.what).and_then(|node| node.str())
    }

    /// Takes a scalar for a key of the new model that holds a text.
    pub fn string(&self, key: &str, as_key: &str) -> Option<Entry> {
        self.take(key)?.string(as_key, &self.what)
    }

    /// Takes a scalar for a key that holds a number, a boolean or a word.
    pub fn copy(&self, key: &str, as_key: &str) -> Option<Entry> {
        self.take(key)?.copy(as_key, &self.what)
    }

    /// Takes a mapping.
    pub fn sub(&self, key: &str) -> Option<Fields<'w, 'a>> {
        let field = self.take(key)?;
        field.sub(format!("`{key}` of {}", self.what), &self.what)
    }

    /// Takes the items of a list, and the comments on its key.
    pub fn items(&self, key: &str) -> (Vec<Node<'a>>, Notes) {
        match self.take(key) {
            Some(field) => (field.items(&self.what), field.notes()),
            None => (Vec::new(), Notes::default()),
        }
    }

    /// Takes the items of a list of mappings; `name` of each goes into messages.
    pub fn list(&self, key: &str, name: &str, what: &str) -> (Vec<Fields<'w, 'a>>, Notes) {
        let (items, notes) = self.items(key);
        let fields = |node: Node<'a>| {
            if node.shape() != Shape::Mapping {
                if !node.is_null() {
                    let message = format!("an item of `{key}` of {} is no mapping", self.what);
                    self.work.lose(node.span(), message, "");
                }
                return None;
            }
            let own = local_entry(node, name);
            let own = own.and_then(|entry| entry.value().str());
            let what = match own {
                Some(own) => format!("{what} `{own}`"),
                None => with_article(what.trim_start_matches("the ")),
            };
            Some(Fields::new(self.work, node, what))
        };
        (items.into_iter().filter_map(fields).collect(), notes)
    }

    /// The comments on the item of a list that this mapping is.
    pub fn notes(&self) -> Notes {
        self.work.comments.take(self.node.at().start)
    }

    /// Says of every entry that nobody took that it is lost.
    pub fn finish(&self, table: &[Loss]) {
        for (i, entry) in self.node.entries().enumerate() {
            let is_taken = self.taken.borrow().get(i).copied().unwrap_or_default();
            if !is_taken && !entry.value().is_null() {
                losses::say(self.work, entry, &self.what, table);
            }
        }
    }
}

/// A key with its value.
#[derive(Clone, Copy)]
pub(super) struct Field<'w, 'a> {
    pub work: &'w Work,
    entry: Source<'a>,
}

impl<'w, 'a> Field<'w, 'a> {
    pub fn node(&self) -> Node<'a> {
        self.entry.value()
    }

    pub fn span(&self) -> Span {
        self.entry.key_span()
    }

    pub fn notes(&self) -> Notes {
        self.work.comments.take(self.entry.key_at().start)
    }

    /// The value where it is a scalar; anything else is lost.
    pub fn scalar(&self, what: &str) -> Option<Node<'a>> {
        let node = self.node();
        if node.shape() == Shape::Scalar {
            return Some(node);
        }
        self.misshapen(Shape::Scalar, what);
        None
    }

    pub fn string(&self, as_key: &str, what: &str) -> Option<Entry> {
        let text = self.scalar(what)?.text()?;
        Some(Entry {
            key: as_key.to_owned(),
            value: Value::Text(text.to_owned()),
            notes: self.notes(),
        })
    }

    pub fn copy(&self, as_key: &str, what: &str) -> Option<Entry> {
        let value = leaf(self.scalar(what)?);
        Some(Entry {
            key: as_key.to_owned(),
            value,
            notes: self.notes(),
        })
    }

    pub fn sub(&self, what: String, around: &str) -> Option<Fields<'w, 'a>> {
        if self.node().shape() == Shape::Mapping {
            return Some(Fields::new(self.work, self.node(), what));
        }
        self.misshapen(Shape::Mapping, around);
        None
    }

    pub fn items(&self, what: &str) -> Vec<Node<'a>> {
        if self.node().shape() == Shape::Sequence {
            return self.node().items().collect();
        }
        self.misshapen(Shape::Sequence, what);
        Vec::new()
    }

    fn misshapen(&self, want: Shape, what: &str) {
        let node = self.node();
        // An empty text in place of a list or a mapping says nothing.
        if node.shape() == Shape::Scalar && node.str().is_none() {
            return;
        }
        let message = format!(
            "`{}` of {what} is {} where {} belongs",
            self.entry.key(),
            node.shape().as_str(),
            want.as_str()
        );
        self.work.lose(self.entry.key_span(), message, "");
    }
}

/// A scalar as it stands: in quotes what stood in quotes. `yes` and its like are
/// booleans to the reader of the original.
pub(super) fn raw(node: Node<'_>) -> Value {
    let text = node.text().unwrap_or_default().to_owned();
    if node.style() != Some(Style::Plain) {
        return Value::Text(text);
    }
    match (node.scalar_type(), resolve_1_1(&text)) {
        (_, Some(Legacy::Bool)) => {
            let is_true = matches!(text.to_ascii_lowercase().as_str(), "yes" | "on");
            Value::Plain(is_true.to_string())
        }
        (_, Some(_)) | (Some(Type::Null), _) => Value::Plain(text),
        (Some(Type::Bool(is_true)), _) => Value::Plain(is_true.to_string()),
        (Some(Type::Int | Type::Float), _) => Value::Plain(text),
        _ => Value::Text(text),
    }
}

/// The same for a key whose value is no text: quotes around a number or a boolean
/// are not needed.
fn leaf(node: Node<'_>) -> Value {
    match raw(node) {
        Value::Text(text) if is_number(&text) => Value::Plain(text),
        // The words of YANG and of Python, which OSM reads as one.
        Value::Text(text) if matches!(text.as_str(), "true" | "True" | "false" | "False") => {
            Value::Plain(text.to_ascii_lowercase())
        }
        value => value,
    }
}

/// Whether a text is a decimal number that every reader takes for the same one.
fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    digits(whole) && digits(part) && (whole == "0" || !whole.starts_with('0'))
}

/// Whether a scalar says yes, in quotes or not.
pub(super) fn truth(node: Node<'_>) -> Option<bool> {
    match node.text()?.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn as_truth(value: Value) -> Value {
    match &value {
        Value::Text(text) | Value::Plain(text) => match text.to_ascii_lowercase().as_str() {
            word @ ("true" | "false") => Value::Plain(word.to_owned()),
            _ => value,
        },
        _ => value,
    }
}

fn as_data_type(value: Value) -> Value {
    match &value {
        Value::Text(text) => match text.to_ascii_uppercase() {
            word if ["STRING", "INTEGER", "BOOLEAN"].contains(&word.as_str()) => Value::Text(word),
            _ => value,
        },
        _ => value,
    }
}

/// The keys that both models have in a part, and what is below each.
pub(super) struct Same {
    pub keys: &'static [(&'static str, Kind)],
}

/// What stands under a key that both models have.
pub(super) enum Kind {
    /// A number, a boolean or a word.
    Leaf,
    /// `true` or `false`, which the old model took in quotes and in capitals.
    Truth,
    /// A type of data, which the old model took in small letters.
    DataType,
    /// A text.
    Text,
    Map(&'static Same),
    List(&'static Same),
}

impl Same {
    /// The whole of a mapping in which both models are alike.
    pub fn carry(&self, fields: &Fields<'_, '_>, table: &[Loss]) -> Map {
        let mut map = Map {
            notes: fields.notes(),
            ..Map::default()
        };
        // The author's order: nothing is moved here.
        for entry in fields.node.entries() {
            let of = |(key, _): &&(&str, Kind)| is_local(entry.key(), key);
            let Some((key, kind)) = self.keys.iter().find(of) else {
                continue;
            };
            match kind {
                Kind::Leaf => map.entry(fields.copy(key, key)),
                Kind::Truth | Kind::DataType => {
                    map.entry(fields.copy(key, key).map(|entry| Entry {
                        value: match kind {
                            Kind::Truth => as_truth(entry.value),
                            _ => as_data_type(entry.value),
                        },
                        ..entry
                    }))
                }
                Kind::Text => map.entry(fields.string(key, key)),
                Kind::Map(same) => {
                    let notes = fields.peek(key).map(|field| field.notes());
                    if let Some(sub) = fields.sub(key) {
                        let mut inner = same.carry(&sub, table);
                        inner.notes = notes.unwrap_or_default().and(inner.notes);
                        map.map(key, inner);
                    }
                }
                Kind::List(same) => {
                    let what = format!("`{key}` of {}", fields.what);
                    let (items, notes) = fields.list(key, "", &what);
                    let mut list = List::with(notes);
                    for mut item in items {
                        item.what.clone_from(&what);
                        list.push(same.carry(&item, table));
                    }
                    map.list(key, list);
                }
            }
        }
        fields.finish(table);
        map
    }
}
