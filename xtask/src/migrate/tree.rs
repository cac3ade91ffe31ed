//! The descriptor that comes out, before it is text.

use super::comments::Notes;

/// A value on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A text. Quotes where it would be read as something else.
    Text(String),
    /// A text that stays in quotes, whatever it looks like: a version.
    Quoted(String),
    /// A number or a boolean, as it stands.
    Plain(String),
    /// Keys and values, in their order.
    Map(Map),
    /// A list.
    List(List),
}

impl Value {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Map(map) => map.entries.is_empty(),
            Value::List(list) => list.items.is_empty(),
            _ => false,
        }
    }

    /// Whether another says the same, whatever comments stand beside the two.
    pub fn says_what(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Map(own), Value::Map(other)) => {
                let pairs = own.entries.iter().zip(&other.entries);
                let is_same =
                    |(a, b): (&Entry, &Entry)| a.key == b.key && a.value.says_what(&b.value);
                own.entries.len() == other.entries.len() && { pairs }.all(is_same)
            }
            (Value::List(own), Value::List(other)) => {
                let mut pairs = own.items.iter().zip(&other.items);
                own.items.len() == other.items.len() && pairs.all(|((a, _), (b, _))| a.says_what(b))
            }
            (own, other) => own == other,
        }
    }
}

/// A key with its value and the comments that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub key: String,
    pub value: Value,
    pub notes: Notes,
}

/// Keys and values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Map {
    pub entries: Vec<Entry>,
    /// Comments on the whole, where it is an item of a list.
    pub notes: Notes,
}

impl Map {
    /// Adds a key; nothing where the value is an empty collection.
    pub fn put(&mut self, key: &str, value: Value, notes: Notes) {
        if !value.is_empty() {
            self.entries.push(Entry {
                key: key.to_owned(),
                value,
                notes,
            });
        }
    }

    /// Adds a text that the source did not have.
    pub fn text(&mut self, key: &str, text: impl Into<String>) {
        self.put(key, Value::Text(text.into()), Notes::default());
    }

    /// Adds a number or a boolean that the source did not have.
    pub fn plain(&mut self, key: &str, text: impl ToString) {
        self.put(key, Value::Plain(text.to_string()), Notes::default());
    }

    /// Adds a mapping without comments of its own.
    pub fn map(&mut self, key: &str, map: Map) {
        let notes = map.notes.clone();
        self.put(key, Value::Map(map), notes);
    }

    /// Adds a list with the comments on it.
    pub fn list(&mut self, key: &str, list: List) {
        let notes = list.notes.clone();
        self.put(key, Value::List(list), notes);
    }

    /// Adds an entry, if there is one.
    pub fn entry(&mut self, entry: Option<Entry>) {
        if let Some(entry) = entry {
            self.put(&entry.key, entry.value, entry.notes);
        }
    }

    /// The value under a key.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let mut entries = self.entries.iter_mut();
        let found = entries.find(|entry| entry.key == key);
        found.map(|entry| &mut entry.value)
    }

    /// The text of a scalar under a key.
    pub fn text_of(&self, key: &str) -> Option<&str> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        match &entry.value {
            Value::Text(text) | Value::Quoted(text) | Value::Plain(text) => Some(text),
            Value::Map(_) | Value::List(_) => None,
        }
    }

    /// Adds an item to the list under a key, which is put in where it is missing.
    pub fn push_into(&mut self, key: &str, item: Map) {
        if let Some(Value::List(list)) = self.get_mut(key) {
            list.push(item);
            return;
        }
        let mut list = List::default();
        list.push(item);
        self.list(key, list);
    }

    /// Whether nothing was put in.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// A list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct List {
    pub items: Vec<(Value, Notes)>,
    /// Comments on the key that it stands under.
    pub notes: Notes,
}

impl List {
    /// A list with the comments on its key.
    pub fn with(notes: Notes) -> Self {
        List {
            items: Vec::new(),
            notes,
        }
    }

    /// A list of one text.
    pub fn one(text: impl Into<String>) -> Self {
        let mut list = List::default();
        list.push_text(text);
        list
    }

    /// Adds a mapping, with the comments that it carries.
    pub fn push(&mut self, mut map: Map) {
        let notes = std::mem::take(&mut map.notes);
        self.items.push((Value::Map(map), notes));
    }

    /// Adds a text.
    pub fn push_text(&mut self, text: impl Into<String>) {
        self.items
            .push((Value::Text(text.into()), Notes::default()));
    }

    /// Whether that text is there.
    pub fn has_text(&self, text: &str) -> bool {
        let mut items = self.items.iter();
        items.any(|(item, _)| matches!(item, Value::Text(own) if own == text))
    }

    /// Adds a mapping of a list that has no two of one text under `key`: it takes the
    /// place of one before it. Gives the number of that one where it said something else.
    pub fn push_only(&mut self, key: &str, mut map: Map) -> Option<usize> {
        let is_own = |(item, _): &(Value, Notes)| match item {
            Value::Map(own) => own.text_of(key).is_some() && own.text_of(key) == map.text_of(key),
            _ => false,
        };
        let Some(number) = self.items.iter().position(is_own) else {
            self.push(map);
            return None;
        };
        let notes = std::mem::take(&mut map.notes);
        let (item, before) = &mut self.items[number];
        let new = Value::Map(map);
        if item.says_what(&new) {
            *before = std::mem::take(before).and(notes);
            return None;
        }
        (*item, *before) = (new, notes);
        Some(number)
    }

    /// The mapping whose key has this text.
    pub fn find(&mut self, key: &str, text: &str) -> Option<&mut Map> {
        self.items.iter_mut().find_map(|(item, _)| match item {
            Value::Map(map) if map.text_of(key) == Some(text) => Some(map),
            _ => None,
        })
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}
