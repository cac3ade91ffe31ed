//! The spanned tree as `jsonschema` sees it, in the three readings.
//!
//! Validating the tree itself saves a second copy of every document, and lets
//! one scalar be a string and a number at once where YANG compares text.

use std::borrow::Cow;
use std::marker::PhantomData;

use foldhash::HashSet;
use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber, Node as JsonNode, NodeIdentity, Object};
use serde_json::{Number, Value};

use crate::descriptor::{is_local, local_name};
use crate::yaml::{
    Entry, Legacy, Node, PyScalar, Shape, Style, Type, pyyaml, resolve, resolve_1_1,
};

/// Scalars by their text, keys without module prefixes.
pub(super) struct Lexical;

/// Scalars by their YAML 1.2 type, keys as written.
pub(super) struct Typed;

/// Scalars by what PyYAML makes of them, keys as written.
pub(super) struct Python;

/// What differs between the readings.
pub(super) trait Mode: Json<PreparedKey = String> + Sized {
    const LEXICAL: bool;
    /// Whether PyYAML reads the scalars.
    const PYTHON: bool = false;

    fn key(key: &str) -> &str {
        if Self::LEXICAL { local_name(key) } else { key }
    }

    /// Whether a key as written is the one with that name.
    fn is_key(key: &str, name: &str) -> bool {
        if Self::LEXICAL {
            is_local(key, name)
        } else {
            key == name
        }
    }
}

impl Mode for Lexical {
    const LEXICAL: bool = true;
}

impl Mode for Typed {
    const LEXICAL: bool = false;
}

impl Mode for Python {
    const LEXICAL: bool = false;
    const PYTHON: bool = true;
}

/// The mappings that are seen as lists in which they are the only item, by their
/// numbers in the document.
pub(super) type Wrapped = HashSet<usize>;

/// A node of the tree, or a key that `propertyNames` looks at.
pub(super) enum View<'a, M> {
    Node(Node<'a>, &'a Wrapped, PhantomData<M>),
    /// The list around a mapping that is the only item of it.
    Single(Node<'a>, &'a Wrapped, PhantomData<M>),
    Key(&'a str),
}

impl<M> Clone for View<'_, M> {
    fn clone(&self) -> Self {
        match self {
            View::Node(node, wrapped, mode) => View::Node(*node, wrapped, *mode),
            View::Single(node, wrapped, mode) => View::Single(*node, wrapped, *mode),
            View::Key(key) => View::Key(key),
        }
    }
}

impl<'a, M> View<'a, M> {
    pub(super) fn new(node: Node<'a>, wrapped: &'a Wrapped) -> Self {
        match !wrapped.is_empty() && wrapped.contains(&node.index()) {
            true => View::Single(node, wrapped, PhantomData),
            false => View::Node(node, wrapped, PhantomData),
        }
    }

    /// The node, unless it is a list that is not written.
    fn node(&self) -> Option<Node<'a>> {
        match self {
            View::Node(node, ..) => Some(*node),
            View::Single(..) | View::Key(_) => None,
        }
    }
}

macro_rules! json {
    ($mode:ty) => {
        impl Json for $mode {
            type Node<'a> = View<'a, $mode>;
            type PreparedKey = String;
            type StringBuffer = ();

            fn prepare_key(key: &str) -> String {
                key.to_owned()
            }

            fn with_string_node<T>(
                (): &mut (),
                string: &str,
                f: impl FnOnce(View<'_, $mode>) -> T,
            ) -> T {
                f(View::Key(string))
            }
        }
    };
}

json!(Lexical);
json!(Typed);
json!(Python);

/// The text of a number. It is a decimal number by construction.
pub(super) struct Digits<'a>(&'a str);

impl Digits<'_> {
    fn text(&self) -> &str {
        self.0.strip_prefix('+').unwrap_or(self.0)
    }
}

impl JsonNumber for Digits<'_> {
    fn as_u64(&self) -> Option<u64> {
        self.text().parse().ok()
    }

    fn as_i64(&self) -> Option<i64> {
        self.text().parse().ok()
    }

    fn as_f64(&self) -> Option<f64> {
        self.text().parse().ok()
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.text())
    }

    fn to_number(&self) -> Cow<'_, Number> {
        let number = self
            .as_i64()
            .map(Number::from)
            .or_else(|| self.as_u64().map(Number::from))
            .or_else(|| self.as_f64().and_then(Number::from_f64));
        Cow::Owned(number.unwrap_or_else(|| Number::from(0)))
    }

    fn is_integer(&self) -> bool {
        let text = self.text();
        match text.split_once('.') {
            None => !text.contains(['e', 'E']),
            Some((_, fraction)) => fraction.bytes().all(|b| b == b'0'),
        }
    }
}

/// Decimal numbers as YANG writes them (RFC 7950 §9.2.1, §9.3.1).
pub(super) fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

impl<'a, M> JsonNode<'a, M> for View<'a, M>
where
    M: Mode + Json<Node<'a> = View<'a, M>>,
{
    type Object = Members<'a, M>;
    type Array = Items<'a, M>;
    type Number = Digits<'a>;

    fn as_object(&self) -> Option<Members<'a, M>> {
        match self {
            View::Node(node, wrapped, mode) if node.shape() == Shape::Mapping => {
                Some(Members(*node, wrapped, *mode))
            }
            _ => None,
        }
    }

    fn as_array(&self) -> Option<Items<'a, M>> {
        match self {
            View::Node(node, wrapped, mode) if node.shape() == Shape::Sequence => {
                Some(Items(*node, wrapped, *mode))
            }
            View::Single(node, wrapped, mode) => Some(Items(*node, wrapped, *mode)),
            _ => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        let node = match self {
            View::Key(key) => return Some(Cow::Borrowed(key)),
            view => view.node()?,
        };
        if M::PYTHON {
            let is_text = matches!(pyyaml(node)?, PyScalar::Text(_));
            return node.text().filter(|_| is_text).map(Cow::Borrowed);
        }
        let is_string = match node.scalar_type()? {
            Type::Str => true,
            Type::Null => false,
            _ => M::LEXICAL,
        };
        node.text().filter(|_| is_string).map(Cow::Borrowed)
    }

    fn as_number(&self) -> Option<Digits<'a>> {
        let node = self.node()?;
        let text = node.text()?;
        let is_number = if M::LEXICAL {
            is_decimal(text)
        } else if M::PYTHON {
            // No schema of this reading asks for numbers.
            false
        } else {
            // Hexadecimal, octal and infinities have no decimal text; no
            // schema of ours asks for them.
            matches!(node.scalar_type(), Some(Type::Int | Type::Float))
                && text
                    .trim_start_matches(['-', '+'])
                    .starts_with(|c: char| c.is_ascii_digit())
                && text.parse::<f64>().is_ok()
        };
        is_number.then_some(Digits(text))
    }

    fn as_boolean(&self) -> Option<bool> {
        let node = self.node()?;
        let text = node.text()?;
        if M::PYTHON {
            return match pyyaml(node)? {
                PyScalar::Bool(value) => Some(value),
                _ => None,
            };
        }
        if !M::LEXICAL {
            return match node.scalar_type() {
                Some(Type::Bool(value)) => Some(value),
                _ => None,
            };
        }
        if node.tag() == Some("bool") {
            return match node.scalar_type() {
                Some(Type::Bool(value)) => Some(value),
                _ => None,
            };
        }
        // OSM's reader is YAML 1.1, and hands a plain `yes` on as true.
        let is_word = node.style() == Some(Style::Plain) && resolve_1_1(text) == Some(Legacy::Bool);
        match resolve(text) {
            // As a text, OSM knows the words of YANG and of Python only.
            Type::Bool(value) if node.style() == Some(Style::Plain) => Some(value),
            Type::Bool(value) if !matches!(text, "TRUE" | "FALSE") => Some(value),
            _ if is_word => Some(matches!(text.to_ascii_lowercase().as_str(), "yes" | "on")),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        self.node().is_some_and(|node| match M::PYTHON {
            true => pyyaml(node) == Some(PyScalar::Nothing),
            false => node.is_null(),
        })
    }

    fn is_string(&self) -> bool {
        self.as_string().is_some()
    }

    fn json_type(&self) -> JsonType {
        let node = match self {
            View::Key(_) => return JsonType::String,
            View::Single(..) => return JsonType::Array,
            View::Node(node, ..) => node,
        };
        match node.shape() {
            Shape::Mapping => return JsonType::Object,
            Shape::Sequence => return JsonType::Array,
            Shape::Scalar => {}
        }
        if M::PYTHON {
            return match pyyaml(*node) {
                Some(PyScalar::Text(_)) => JsonType::String,
                Some(PyScalar::Nothing) => JsonType::Null,
                Some(PyScalar::Bool(_)) => JsonType::Boolean,
                // JSON has no dates and no bytes; that they are no strings is what counts.
                _ => JsonType::Number,
            };
        }
        match node.scalar_type() {
            Some(Type::Null) => JsonType::Null,
            Some(Type::Bool(_)) => JsonType::Boolean,
            Some(Type::Int | Type::Float) if self.as_number().is_some() => JsonType::Number,
            _ => JsonType::String,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match expected {
            Value::Null => self.is_null(),
            Value::Bool(value) => self.as_boolean() == Some(*value),
            Value::Number(number) => self
                .as_number()
                .is_some_and(|digits| digits.as_f64() == number.as_f64()),
            Value::String(text) => self.as_string().is_some_and(|own| own == text.as_str()),
            // No schema compares whole collections.
            Value::Array(_) | Value::Object(_) => false,
        }
    }

    /// Scalars only. Collections are given as null: the value goes into error
    /// values whose instance nobody reads, and copying a subtree for each of a
    /// thousand errors would be quadratic.
    fn to_value(&self) -> Cow<'a, Value> {
        if let Some(value) = self.as_boolean() {
            return Cow::Owned(Value::Bool(value));
        }
        if let Some(text) = self.as_string() {
            return Cow::Owned(Value::String(text.into_owned()));
        }
        if let Some(number) = self.as_number() {
            return Cow::Owned(Value::Number(number.to_number().into_owned()));
        }
        Cow::Owned(Value::Null)
    }

    fn identity(&self) -> Option<NodeIdentity> {
        let (node, address) = match self {
            View::Node(node, ..) => (node, std::ptr::from_ref(node.document()) as usize),
            // Its item is another node.
            View::Single(node, wrapped, _) => (node, std::ptr::from_ref(*wrapped) as usize),
            View::Key(_) => return None,
        };
        let tag = u32::try_from(node.index()).ok()?;
        Some(NodeIdentity::tagged(address, tag))
    }
}

/// The members of a mapping.
pub(super) struct Members<'a, M>(Node<'a>, &'a Wrapped, PhantomData<M>);

impl<'a, M> Object<'a, M> for Members<'a, M>
where
    M: Mode + Json<Node<'a> = View<'a, M>>,
{
    type Node = View<'a, M>;
    type MemberName = &'a str;
    type MembersIter = MembersIter<'a, M>;

    fn len(&self) -> usize {
        self.0.entries().len()
    }

    /// A key without a value is absent to YANG: it is no mandatory leaf, and no
    /// case of a choice.
    fn get(&self, key: &String) -> Option<View<'a, M>> {
        self.0
            .entries_like(key)
            .find(|entry| M::is_key(entry.key(), key))
            .map(|entry| entry.value())
            .filter(|node| !(M::LEXICAL && node.is_null()))
            .map(|node| View::new(node, self.1))
    }

    fn members(&self) -> MembersIter<'a, M> {
        let wrapped = self.1;
        let split = move |entry: Entry<'a>| {
            let value = View::new(entry.value(), wrapped);
            (M::key(entry.key()), value)
        };
        MembersIter(Box::new(self.0.entries().map(split)))
    }
}

/// Keys and values in the order of the file.
pub(super) struct MembersIter<'a, M>(Box<dyn Iterator<Item = (&'a str, View<'a, M>)> + 'a>);

impl<'a, M> Iterator for MembersIter<'a, M> {
    type Item = (&'a str, View<'a, M>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

/// The items of a sequence, or the one that stands there without it.
pub(super) struct Items<'a, M>(Node<'a>, &'a Wrapped, PhantomData<M>);

impl<'a, M> Array<'a, M> for Items<'a, M>
where
    M: Mode + Json<Node<'a> = View<'a, M>>,
{
    type Node = View<'a, M>;
    type ElementsIter = ItemsIter<'a, M>;

    /// An item without a value is absent to YANG too.
    fn len(&self) -> usize {
        if self.0.shape() == Shape::Mapping {
            return 1;
        }
        match M::LEXICAL {
            true => self.0.items().filter(|item| !item.is_null()).count(),
            false => self.0.items().len(),
        }
    }

    fn elements(&self) -> ItemsIter<'a, M> {
        let Items(node, wrapped, mode) = *self;
        if node.shape() == Shape::Mapping {
            return ItemsIter(Box::new(std::iter::once(View::Node(node, wrapped, mode))));
        }
        let items = node.items().map(|item| View::new(item, wrapped));
        ItemsIter(Box::new(items))
    }

    fn is_unique(&self) -> bool {
        let mut texts: Vec<&str> = self.0.items().filter_map(|item| item.text()).collect();
        let all = texts.len();
        texts.sort_unstable();
        texts.dedup();
        texts.len() == all
    }
}

/// Items in the order of the file.
pub(super) struct ItemsIter<'a, M>(Box<dyn Iterator<Item = View<'a, M>> + 'a>);

impl<'a, M> Iterator for ItemsIter<'a, M> {
    type Item = View<'a, M>;

    fn next(&mut self) -> Option<View<'a, M>> {
        self.0.next()
    }
}
