//! What a model states of a node, read from its schema once and kept: looking
//! keywords up by name, and through `$ref`, for each node of each document was
//! most of the work of a check.

use std::sync::OnceLock;

use serde_json::Value;

use super::numbers::NumberType;
use super::plain::Plain;

/// What is stated of one node: of a container, of the items of a list, of a
/// value, or of a list as a whole.
pub(super) struct Stated {
    root: &'static Value,
    /// The nodes that may stand below, sorted by the length of their names and
    /// then by these: few names are as long as the one that is looked for.
    properties: Vec<(&'static str, &'static Value, OnceLock<Box<Stated>>)>,
    items: Option<(&'static Value, OnceLock<Box<Stated>>)>,
    /// The module of the node, where it is not that of the node around it; of
    /// the root, that of the nodes below.
    pub module: Option<&'static str>,
    /// Whether it is a list, of items or of values.
    pub is_list: bool,
    /// Whether a value is a text, of whatever form.
    pub is_text: bool,
    /// Whether a value is a whole number.
    pub is_whole: bool,
    /// The type of a number.
    pub number: Option<NumberType>,
    /// Whether a value is `true` or `false`.
    pub is_truth: bool,
    /// How many digits there may be behind the point.
    pub fraction_digits: Option<u64>,
    /// The pattern that a value fits.
    pub pattern: Option<&'static str>,
    /// Whether values are identities, whose module prefix says nothing.
    pub is_qualified: bool,
    /// The keys of a list.
    pub keys: Vec<&'static str>,
    /// The nodes below that must be there.
    pub required: Vec<&'static str>,
    /// The choices among the nodes below.
    pub choices: Vec<Choice>,
    /// Where a value leads.
    pub leafref: Option<&'static Value>,
    /// On what it depends whether the node may be there.
    pub whens: &'static [Value],
    /// The conditions that hold for the node.
    pub musts: &'static [Value],
    /// The value where the node is not there.
    pub default: Option<String>,
    /// The nodes below that something is said of while they are not there.
    pub absent: Vec<Absent>,
    /// The form in which it is plainly valid.
    pub plain: Plain,
}

/// A choice: of its nodes, only those of one case may be there.
pub(super) struct Choice {
    /// The nodes of all cases, those of one case together.
    pub options: Vec<&'static str>,
    /// Where in `options` the cases end.
    ends: Vec<usize>,
    /// Whether one of them must be there.
    pub is_needed: bool,
}

impl Choice {
    /// Reads a clause of `allOf`, if it states a choice.
    fn new(clause: &'static Value) -> Option<Self> {
        let cases = clause["x-nfv-choice"]["cases"].as_object()?;
        let mut options = Vec::new();
        let mut ends = Vec::new();
        for case in cases.values() {
            options.extend(list(case).iter().filter_map(Value::as_str));
            ends.push(options.len());
        }
        Some(Choice {
            options,
            ends,
            is_needed: clause.get("anyOf").is_some(),
        })
    }
}

impl Choice {
    /// Whether it is made as it must be, going by the nodes that are there.
    pub fn is_made(&self, is_there: impl Fn(&str) -> bool) -> bool {
        let mut start = 0;
        let mut made = 0;
        for end in &self.ends {
            let case = &self.options[start..*end];
            made += usize::from(case.iter().any(|name| is_there(name)));
            start = *end;
        }
        made == 1 || (made == 0 && !self.is_needed)
    }
}

/// A node that is missed, or whose default must fit.
pub(super) struct Absent {
    /// Its name.
    pub name: &'static str,
    /// Its default.
    pub default: Option<String>,
    /// The conditions that the default must meet.
    pub musts: &'static [Value],
    /// On what it depends whether the node may be there.
    pub whens: &'static [Value],
    /// Whether it must be there.
    pub is_needed: bool,
}

impl Stated {
    /// Reads what `schema`, a part of `root`, states.
    pub fn new(root: &'static Value, schema: &'static Value) -> Self {
        let keyword = |name: &str| keyword(root, schema, name);
        let texts = |value: &'static Value| list(value).iter().filter_map(Value::as_str);
        let named = keyword("properties").as_object().into_iter().flatten();
        let mut properties: Vec<_> = named
            .map(|(name, value)| (name.as_str(), value, OnceLock::new()))
            .collect();
        let clauses = list(keyword("allOf")).iter();
        let choices: Vec<Choice> = clauses.filter_map(Choice::new).collect();
        let absent = properties
            .iter()
            // A node of a case is neither demanded nor given a default by itself.
            .filter(|(name, ..)| !choices.iter().any(|choice| choice.options.contains(name)))
            .filter_map(|(name, value, _)| Absent::new(name, value))
            .collect();
        properties.sort_by_key(|(name, ..)| (name.len(), *name));
        let items = keyword("items");
        let leafref = keyword("x-nfv-leafref");
        Stated {
            root,
            properties,
            items: Some((items, OnceLock::new())).filter(|_| items.is_object()),
            module: schema["x-nfv-module"].as_str(),
            is_list: keyword("type") == "array",
            is_text: keyword("type") == "string",
            is_whole: keyword("type") == "integer",
            number: NumberType::new(keyword),
            is_truth: keyword("type") == "boolean",
            fraction_digits: keyword("x-nfv-fraction-digits").as_u64(),
            pattern: keyword("pattern").as_str(),
            is_qualified: texts(keyword("enum")).any(|name| name.contains(':')),
            keys: texts(&schema["x-nfv-key"]).collect(),
            required: texts(keyword("required")).collect(),
            choices,
            leafref: Some(leafref).filter(|leafref| leafref.is_object()),
            whens: list(keyword("x-nfv-when")),
            musts: list(keyword("x-nfv-must")),
            default: default(schema),
            absent,
            plain: Plain::new(root, schema),
        }
    }

    /// What is stated of a node below, and its name.
    pub fn child(&self, name: &str) -> Option<(&'static str, &Stated)> {
        let i = self
            .properties
            .binary_search_by(|(own, ..)| own.len().cmp(&name.len()).then_with(|| (*own).cmp(name)))
            .ok()?;
        let (name, value, stated) = self.properties.get(i)?;
        let stated = stated.get_or_init(|| Box::new(Stated::new(self.root, value)));
        Some((name, stated))
    }

    /// What is stated of the items of a list.
    pub fn items(&self) -> Option<&Stated> {
        let (value, stated) = self.items.as_ref()?;
        Some(stated.get_or_init(|| Box::new(Stated::new(self.root, value))))
    }
}

impl Absent {
    fn new(name: &'static str, schema: &'static Value) -> Option<Self> {
        let absent = Absent {
            name,
            default: default(schema),
            musts: list(&schema["x-nfv-must"]),
            whens: list(&schema["x-nfv-when"]),
            is_needed: schema["x-nfv-needed"] == true,
        };
        let is_bound = absent.default.is_some() && !absent.musts.is_empty();
        (is_bound || absent.is_needed).then_some(absent)
    }
}

fn default(schema: &Value) -> Option<String> {
    match schema.get("default")? {
        Value::String(text) => Some(text.clone()),
        Value::Array(_) => None,
        other => Some(other.to_string()),
    }
}

/// A keyword of a schema, beside its `$ref` or behind it.
pub(super) fn keyword<'a>(root: &'a Value, schema: &'a Value, name: &str) -> &'a Value {
    let mut schema = schema;
    loop {
        if let Some(value) = schema.get(name) {
            return value;
        }
        let pointer = schema["$ref"].as_str().and_then(|r| r.strip_prefix('#'));
        match pointer.and_then(|pointer| root.pointer(pointer)) {
            Some(behind) => schema = behind,
            None => return &Value::Null,
        }
    }
}

/// The items of an array; a value that is none has no items.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[][..], Vec::as_slice)
}
