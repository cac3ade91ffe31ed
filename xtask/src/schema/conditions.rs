//! The conditions of the models, each by its name.
//!
//! They are stated in `xtask/schemagen/src/condition.rs`. Numbers are compared
//! as numbers, everything else by its text; a comparison with nothing does not
//! hold, as in XPath. Defaults take part.

use std::borrow::Cow;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::ops::Range;
use std::rc::Rc;

use foldhash::{HashMap, HashSet};
use serde_json::Value;

use super::constraints::defect;
use super::data::Data;
use super::stated::list;
use super::violation::{Ledger, Violation, ViolationKind};
use crate::source::Profile;

/// Adds every condition that a document breaks, as long as the ledger has room.
pub(super) fn check(
    data: &Data<'_>,
    profile: Profile,
    ledger: &mut Ledger,
    violations: &mut Vec<Violation>,
) {
    let judge = Judge {
        data,
        profile,
        items: RefCell::default(),
        texts: RefCell::default(),
    };
    let start = violations.len();
    for (index, node) in data.all() {
        if !ledger.count(violations) {
            break;
        }
        let stated = node.list.unwrap_or(node.stated);
        let (holder, value) = match node.text {
            Some(_) => (node.parent, data.value(index)),
            None => (index, None),
        };
        if data.is_misshapen(index) {
            continue;
        }
        for when in stated.whens {
            // An empty container chooses nothing, and is not there.
            let around = data.get(node.parent).stated;
            let is_nothing = data.is_hollow(index)
                && around
                    .choices
                    .iter()
                    .any(|choice| choice.options.contains(&node.name));
            if !is_nothing && !judge.is_due(when, node.parent) {
                let text = judge.not_due(when, node.name, node.parent);
                let other = when["leaf"]
                    .as_str()
                    .and_then(|leaf| judge.place(node.parent, leaf));
                violations.push(judge.violation(when, text, other, index));
            }
        }
        for must in stated.musts {
            if let Some((text, other)) = judge.fault(must, node.name, holder, value) {
                let mut violation = judge.violation(must, text, other, index);
                violation.at = judge.compared(must, holder).unwrap_or(violation.at);
                if let ViolationKind::Condition { third, .. } = &mut violation.kind {
                    *third = judge.third(must, holder, value);
                }
                violations.push(violation);
            }
        }
        if node.text.is_none() {
            judge.absent(index, violations);
        }
    }
    ledger.count(violations);
    // Two leafs that are each compared with the other are wrong once.
    let mut pairs: HashSet<(Range<usize>, Range<usize>)> = HashSet::default();
    let mut place = 0;
    violations.retain(|violation| {
        place += 1;
        let ViolationKind::Condition {
            other: Some(other), ..
        } = &violation.kind
        else {
            return true;
        };
        if place <= start {
            return true;
        }
        let is_told = pairs.contains(&(other.clone(), violation.at.clone()));
        pairs.insert((violation.at.clone(), other.clone()));
        !is_told
    });
}

/// What is wrong, and the other place that it is about.
type Fault = Option<(String, Option<Range<usize>>)>;

struct Judge<'d, 'a> {
    data: &'d Data<'a>,
    profile: Profile,
    /// The items of a list by their id, for lists that were asked for: each of
    /// ten thousand items may ask.
    items: RefCell<HashMap<(usize, String), Rc<ById<'a>>>>,
    /// The values of a leaf-list, and of a leaf in all profiles, likewise.
    texts: RefCell<HashMap<(usize, String), Rc<Texts<'a>>>>,
}

type Texts<'a> = HashSet<Cow<'a, str>>;
type ById<'a> = HashMap<Cow<'a, str>, Vec<usize>>;

impl<'a> Judge<'_, 'a> {
    fn violation(
        &self,
        statement: &Value,
        text: String,
        other: Option<Range<usize>>,
        index: usize,
    ) -> Violation {
        let node = self.data.get(index);
        let holder = if node.text.is_some() {
            node.parent
        } else {
            index
        };
        Violation {
            kind: ViolationKind::Condition {
                name: word(statement, "name").to_owned(),
                text,
                other,
                third: None,
            },
            at: node.at.clone(),
            path: self.data.path(holder),
            tolerated: true,
            defect: self.defect(statement, holder),
        }
    }

    /// The leaf whose value a condition of a node around it, or of one beside it,
    /// compares.
    fn compared(&self, must: &Value, holder: usize) -> Option<Range<usize>> {
        match word(must, "name") {
            "listed" => self.place(holder, word(must, "leaf")),
            "ordered" => {
                let lesser = self.place(holder, word(must, "lesser"));
                lesser.or_else(|| self.place(holder, word(must, "greater")))
            }
            "image-disk" => self.place(holder, "size-of-storage"),
            _ => None,
        }
    }

    /// The value that is compared, where it stands in a node that is named.
    fn third(
        &self,
        must: &Value,
        holder: usize,
        value: Option<&str>,
    ) -> Option<(Range<usize>, &'static str)> {
        if word(must, "name") != "image-memory" {
            return None;
        }
        let descriptor = self.data.above(holder, 1);
        let compute = self.named(descriptor, "virtual-compute-desc", value?)?;
        let memory = self.data.below(compute, "virtual-memory").next()?;
        Some((self.place(memory, "size")?, "too small"))
    }

    /// The published defect behind a statement that is taken to the letter.
    fn defect(&self, statement: &Value, holder: usize) -> Option<u8> {
        let has_image = self.data.below(holder, "sw-image-desc").next().is_some();
        match word(statement, "name") {
            "image-memory" if self.profile == Profile::EtsiLiteral && !has_image => Some(14),
            _ => self.literally(statement).and(defect(statement)),
        }
    }

    /// What the letter of a statement says, where that is not what was meant.
    fn literally<'s>(&self, statement: &'s Value) -> Option<&'s str> {
        let is_literal = self.profile == Profile::EtsiLiteral;
        statement["literally"].as_str().filter(|_| is_literal)
    }

    /// Looks at the nodes that are not there: those that have a default which
    /// must fit, and those that a condition demands.
    fn absent(&self, index: usize, violations: &mut Vec<Violation>) {
        for absent in &self.data.get(index).stated.absent {
            let name = absent.name;
            if self.data.below(index, name).next().is_some() {
                continue;
            }
            if let Some(default) = &absent.default {
                for must in absent.musts {
                    if let Some((text, other)) = self.fault(must, name, index, Some(default)) {
                        let mut violation = self.violation(must, text, None, index);
                        // Of the two it is the other that somebody has written.
                        violation.at = other.unwrap_or(violation.at);
                        violations.push(violation);
                    }
                }
            }
            if absent.is_needed && absent.whens.iter().all(|when| self.is_due(when, index)) {
                violations.push(Violation {
                    kind: ViolationKind::MissingKey {
                        key: name.to_owned(),
                        is_list_key: false,
                    },
                    at: self.data.get(index).at.clone(),
                    path: self.data.path(index),
                    tolerated: true,
                    defect: None,
                });
            }
        }
    }

    /// Whether a node may be there.
    fn is_due(&self, when: &Value, holder: usize) -> bool {
        if let Some(word) = self.literally(when) {
            return word != "never";
        }
        let value = self.leaf(holder, word(when, "leaf"));
        match word(when, "name") {
            "is" => value.is_some_and(|value| list(&when["values"]).iter().any(|v| *v == *value)),
            _ => value.is_some() || self.place(holder, word(when, "leaf")).is_some(),
        }
    }

    fn not_due(&self, when: &Value, name: &str, holder: usize) -> String {
        let leaf = word(when, "leaf");
        if self.literally(when).is_some() {
            return format!("`{name}` may never be there");
        }
        let values: Vec<String> = list(&when["values"])
            .iter()
            .filter_map(Value::as_str)
            .map(|value| format!("`{value}`"))
            .collect();
        let values = values.join(" or ");
        match self.leaf(holder, leaf) {
            _ if values.is_empty() => format!("`{name}` may be there only beside `{leaf}`"),
            Some(value) => {
                format!("`{name}` may be there only where `{leaf}` is {values}, not `{value}`")
            }
            None => format!("`{name}` may be there only where `{leaf}` is {values}"),
        }
    }

    /// What is wrong with a node, or with a leaf that `holder` holds or has by
    /// default.
    fn fault(&self, must: &Value, name: &str, holder: usize, value: Option<&str>) -> Fault {
        let say = |text: String| Some((text, None));
        let value = value.unwrap_or_default();
        match self.literally(must) {
            Some("always") => return None,
            Some("never") => return say(format!("`{name}` can have no value here")),
            Some(_) => {
                let one = word(must, "one");
                let at = self.place(holder, one)?;
                return Some((format!("`{one}` may never be there"), Some(at)));
            }
            None => {}
        }
        let up = must["up"].as_u64().and_then(|up| usize::try_from(up).ok());
        let above = self.data.above(holder, up.unwrap_or(0));
        match word(must, "name") {
            "at-most" | "at-least" | "differs" => {
                let beside = word(must, "other");
                let other = self.leaf(holder, beside);
                // An id that is not there is told of as such; an empty one is one.
                if other.is_none() && word(must, "name") == "differs" {
                    return None;
                }
                let other = other.unwrap_or_default();
                if word(must, "name") != "differs" && (is_no_number(value) || is_no_number(&other))
                {
                    return None;
                }
                let order = compare(value, &other);
                let (holds, words) = match word(must, "name") {
                    "at-most" => (order.is_some_and(Ordering::is_le), "must be at most"),
                    "at-least" => (order.is_some_and(Ordering::is_ge), "must be at least"),
                    _ => (value != other, "must not be"),
                };
                (!holds).then(|| {
                    let place = self.place(holder, beside);
                    let text = match word(must, "name") {
                        "differs" => {
                            format!("`{name}` and `{beside}` are both `{value}`, and must differ")
                        }
                        _ => {
                            let value = self.said(holder, name, value);
                            let other = self.said(holder, beside, &other);
                            format!("`{name}` is {value} and {words} `{beside}`, which is {other}")
                        }
                    };
                    (text, place)
                })
            }
            "ordered" => {
                let (lesser, greater) = (word(must, "lesser"), word(must, "greater"));
                let low = self.leaf(holder, lesser).unwrap_or_default();
                let high = self.leaf(holder, greater).unwrap_or_default();
                if is_no_number(&low) || is_no_number(&high) {
                    return None;
                }
                let holds = compare(&low, &high).is_some_and(Ordering::is_le);
                let at = self.place(holder, greater);
                let low = self.said(holder, lesser, &low);
                let high = self.said(holder, greater, &high);
                (!holds).then(|| {
                    (
                        format!(
                            "`{lesser}` is {low} and must be at most `{greater}`, which is {high}"
                        ),
                        at,
                    )
                })
            }
            "default-level" => {
                let (leaf, levels) = (word(must, "leaf"), word(must, "list"));
                let count = self.data.below(holder, levels).count();
                // A list that must not be empty, and is: that is said already.
                let is_told = count == 0 && self.data.get(holder).stated.required.contains(&levels);
                let holds = count == 1 || self.place(holder, leaf).is_some();
                let at = self.place(holder, levels);
                (!holds && !is_told).then(|| match count {
                    0 => (
                        format!("`{name}` must have one `{levels}`, or name the `{leaf}`"),
                        at,
                    ),
                    _ => (
                        format!("`{name}` has {count} of `{levels}` and must name the `{leaf}`"),
                        at,
                    ),
                })
            }
            "some-mapping" => {
                let lists = list(&must["lists"]);
                let mut names = lists.iter().filter_map(Value::as_str);
                let has = |name: &str| self.data.below(holder, name).next().is_some();
                if names.clone().any(has) {
                    return None;
                }
                let names: Vec<String> = names.by_ref().map(|name| format!("`{name}`")).collect();
                say(format!("`{name}` must have one of {}", names.join(", ")))
            }
            "said-above" => self.place(above, word(must, "leaf")).map(|at| {
                (
                    format!("`{name}` may be there only where the flavour around it has none"),
                    Some(at),
                )
            }),
            "either" => {
                let one = word(must, "one");
                let at = self.place(holder, one)?;
                let other = list(&must["others"]).iter().filter_map(Value::as_str);
                let other = other
                    .into_iter()
                    .find(|other| self.place(holder, other).is_some())?;
                Some((
                    format!("`{one}` and `{other}` exclude each other"),
                    Some(at),
                ))
            }
            "listed" => {
                let wanted = match must["leaf"].as_str() {
                    Some(leaf) => self.leaf(holder, leaf).unwrap_or_default(),
                    None => Cow::Borrowed(value),
                };
                let own = must["leaf"].as_str().unwrap_or(name);
                let names = word(must, "list");
                let at = self.place(above, names);
                if self.is_no_list(above, names) {
                    return None;
                }
                (!self.texts(above, names).contains(&*wanted)).then(|| {
                    (format!("`{own}` is `{wanted}`, which the list `{names}` of the service does not have"), at)
                })
            }
            "graph-profile" | "graph-descriptor" => self.graph(must, name, holder, value),
            "image-memory" => {
                let descriptor = self.data.above(holder, 1);
                let image = self.leaf(holder, "sw-image-desc");
                let compute = self.named(descriptor, "virtual-compute-desc", value);
                let size = compute.and_then(|node| self.leaf_in(node, "virtual-memory", "size"));
                let named = image
                    .as_deref()
                    .and_then(|id| self.named(descriptor, "sw-image-desc", id));
                // What is named and not there is told as such, and a unit
                // without an image needs no memory for one.
                if self.profile != Profile::EtsiLiteral && (compute.is_none() || named.is_none()) {
                    return None;
                }
                let least = named.and_then(|node| self.leaf(node, "min-ram"));
                let text = match (&image, &size, &least) {
                    (None, ..) => {
                        "a unit with a compute description must have a `sw-image-desc`".to_owned()
                    }
                    (Some(_), Some(size), Some(least)) => {
                        // What is no number is told of where it stands.
                        if compare(size, least).is_none_or(Ordering::is_ge) {
                            return None;
                        }
                        let memory =
                            compute.and_then(|node| self.data.below(node, "virtual-memory").next());
                        let is_written =
                            memory.is_some_and(|memory| self.place(memory, "size").is_some());
                        let default = if is_written { "" } else { " by default" };
                        format!(
                            "`{value}` has {size} of memory{default}, and the image `{}` needs {least}",
                            image.as_deref().unwrap_or_default()
                        )
                    }
                    (_, None, _) => {
                        format!("the `virtual-memory` of `{value}` has no `size` to hold the image")
                    }
                    (Some(image), Some(_), None) => {
                        format!("the image `{image}` has no `min-ram` to compare with")
                    }
                };
                let at = named
                    .and_then(|node| self.place(node, "min-ram"))
                    .or_else(|| self.place(holder, "sw-image-desc"));
                Some((text, at))
            }
            "image-disk" => {
                let image = self.named(above, "sw-image-desc", value);
                if image.is_none() && self.profile != Profile::EtsiLiteral {
                    return None;
                }
                let size = self.leaf(holder, "size-of-storage");
                let least = image.and_then(|node| self.leaf(node, "min-disk"));
                let (Some(size), Some(least)) = (size, least) else {
                    // That a key is missing is told where it is. To YANG nothing is equal to it.
                    let text = format!(
                        "`size-of-storage` and `min-disk` of the image `{value}` can't be compared: one is missing"
                    );
                    return (self.profile == Profile::EtsiLiteral).then_some((text, None));
                };
                if is_no_number(&size) || is_no_number(&least) {
                    return None;
                }
                let holds = compare(&size, &least).is_some_and(Ordering::is_ge);
                let at = image.and_then(|node| self.place(node, "min-disk"));
                (!holds).then(|| {
                    (
                        format!(
                            "`size-of-storage` is {size}, and the image `{value}` needs {least}"
                        ),
                        at,
                    )
                })
            }
            "profile-most" | "profile-least" => {
                // That the unit is not named is told; an empty name is one.
                let unit = self.leaf(holder, "vdu-id")?;
                let bound = word(must, "bound");
                let is_most = word(must, "name") == "profile-most";
                let descriptor = self.data.above(holder, 3);
                let mut bounds = Vec::new();
                if is_no_number(value) {
                    return None;
                }
                for flavour in self.data.below(descriptor, "df") {
                    // Which profiles there are, nobody can tell then.
                    let mut profiles = self.data.below(flavour, "vdu-profile");
                    if self.data.is_misshapen(flavour)
                        || profiles.any(|profile| self.data.is_misshapen(profile))
                    {
                        return None;
                    }
                    for profile in self.items(flavour, "vdu-profile", &unit) {
                        let limit = self.leaf(profile, bound).unwrap_or_default();
                        if is_no_number(&limit) {
                            return None;
                        }
                        bounds.push((limit, self.place(profile, bound)));
                    }
                }
                let holds = bounds.iter().any(|(limit, _)| {
                    compare(value, limit).is_some_and(|order| {
                        if is_most {
                            order.is_le()
                        } else {
                            order.is_ge()
                        }
                    })
                });
                if holds {
                    return None;
                }
                Some(match bounds.into_iter().next() {
                    None => (
                        format!("`{unit}` has no `vdu-profile` to say how many there may be"),
                        None,
                    ),
                    Some((limit, at)) => {
                        let words = if is_most { "at most" } else { "at least" };
                        let default = if at.is_none() { " by default" } else { "" };
                        let text = format!(
                            "`{name}` is {value} and must be {words} the `{bound}` of `{unit}`, which is {limit}{default}"
                        );
                        (text, at)
                    }
                })
            }
            // A statement that this program does not know holds.
            _ => None,
        }
    }

    /// Whether a forwarding graph lists the profile, or a profile of the
    /// descriptor, that a position in it names.
    fn graph(&self, must: &Value, name: &str, holder: usize, value: &str) -> Fault {
        let mut graph = holder;
        while graph != 0 && self.data.get(graph).name != "vnffgd" {
            graph = self.data.get(graph).parent;
        }
        let names = word(must, "list");
        if self.is_no_list(graph, names) {
            return None;
        }
        let listed = self.texts(graph, names);
        if word(must, "name") == "graph-profile" {
            return (!listed.contains(value)).then(|| {
                (
                    format!(
                        "`{name}` is `{value}`, which the list `{names}` of the graph does not have"
                    ),
                    None,
                )
            });
        }
        let (profile, leaf) = (word(must, "profile"), word(must, "leaf"));
        let service = self.data.above(graph, 1);
        let mut described = self.texts.borrow_mut();
        let key = (graph, format!("{profile} {leaf} {names}"));
        let described = described.entry(key).or_insert_with(|| {
            let flavours = self.data.below(service, "df");
            let profiles = flavours.flat_map(|flavour| self.data.below(flavour, profile));
            let is_listed =
                |profile: &usize| listed.contains(&*self.leaf(*profile, "id").unwrap_or_default());
            let profiles = profiles.filter(is_listed);
            Rc::new(
                profiles
                    .filter_map(|profile| self.leaf(profile, leaf))
                    .collect(),
            )
        });
        let holds = described.contains(value);
        (!holds).then(|| {
            (format!("`{name}` is `{value}`, which is the `{leaf}` of no profile in the list `{names}` of the graph"), None)
        })
    }

    /// The value of a leaf in words, which say whether it is written.
    fn said(&self, holder: usize, name: &str, value: &str) -> String {
        let is_written = self.data.below(holder, name).next().is_some();
        match (value, is_written) {
            ("", _) => "not there".to_owned(),
            (value, true) => value.to_owned(),
            (value, false) => format!("{value} by default"),
        }
    }

    /// The value of a leaf, or its default.
    fn leaf(&self, holder: usize, name: &str) -> Option<Cow<'a, str>> {
        if let Some(leaf) = self.data.below(holder, name).next() {
            return self.data.value(leaf).map(Cow::Borrowed);
        }
        let (_, stated) = self.data.get(holder).stated.child(name)?;
        stated.default.as_deref().map(Cow::Borrowed)
    }

    /// The value of a leaf in a container, or its default: a container that is
    /// not there still has those of its leafs (RFC 7950 §7.5.1, §7.6.1).
    fn leaf_in(&self, holder: usize, container: &str, name: &str) -> Option<Cow<'a, str>> {
        if let Some(container) = self.data.below(holder, container).next() {
            return self.leaf(container, name);
        }
        let (_, container) = self.data.get(holder).stated.child(container)?;
        let (_, stated) = container.child(name)?;
        stated.default.as_deref().map(Cow::Borrowed)
    }

    /// Whether something else stands where a leaf-list belongs, which is told.
    fn is_no_list(&self, holder: usize, name: &str) -> bool {
        let mut nodes = self.data.below(holder, name);
        nodes.any(|node| self.data.is_misshapen(node))
    }

    /// The values of a leaf-list.
    fn texts(&self, holder: usize, name: &str) -> Rc<Texts<'a>> {
        let mut lists = self.texts.borrow_mut();
        let list = lists.entry((holder, name.to_owned())).or_insert_with(|| {
            let nodes = self.data.below(holder, name);
            let values = nodes.filter_map(|node| self.data.value(node));
            Rc::new(values.map(Cow::Borrowed).collect())
        });
        Rc::clone(list)
    }

    /// The items of a list with that id.
    fn items(&self, holder: usize, list: &str, id: &str) -> Vec<usize> {
        let mut lists = self.items.borrow_mut();
        let items = lists.entry((holder, list.to_owned())).or_insert_with(|| {
            let mut by_id: ById<'a> = HashMap::default();
            for item in self.data.below(holder, list) {
                if let Some(id) = self.leaf(item, "id") {
                    by_id.entry(id).or_default().push(item);
                }
            }
            Rc::new(by_id)
        });
        items.get(id).cloned().unwrap_or_default()
    }

    /// The first item of a list with that id.
    fn named(&self, holder: usize, list: &str, id: &str) -> Option<usize> {
        self.items(holder, list, id).first().copied()
    }

    /// Where a node stands.
    fn place(&self, holder: usize, name: &str) -> Option<Range<usize>> {
        let node = self.data.below(holder, name).next()?;
        Some(self.data.get(node).at.clone())
    }
}

/// A text of a statement.
fn word<'s>(statement: &'s Value, key: &str) -> &'s str {
    statement[key].as_str().unwrap_or_default()
}

/// Whether a value is there and is no number in the form in which YANG compares
/// (RFC 7950 §9.2.1 and §9.3.1): `0x1`, or a word. The model asks for a number where
/// numbers are compared, so that is told by itself, and more would be a guess.
fn is_no_number(text: &str) -> bool {
    !text.is_empty() && scaled(text).is_none()
}

/// Compares two numbers as they are written, or nothing if one is none.
fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(scaled(a)?.cmp(&scaled(b)?))
}

/// A decimal number in units of its eighteenth digit behind the point, which
/// is the last that YANG knows.
fn scaled(text: &str) -> Option<i128> {
    const DIGITS: usize = 18;
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) || fraction.len() > DIGITS {
        return None;
    }
    let digits = whole.bytes().chain(fraction.bytes());
    let zeros = std::iter::repeat_n(b'0', DIGITS - fraction.len());
    let number = digits.chain(zeros).try_fold(0i128, |number, digit| {
        number
            .checked_mul(10)?
            .checked_add(i128::from(digit - b'0'))
    })?;
    Some(sign * number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_exactly() {
        assert_eq!(compare("2", "10"), Some(Ordering::Less));
        assert_eq!(compare("1.50", "1.5"), Some(Ordering::Equal));
        assert_eq!(compare("-1", "0.1"), Some(Ordering::Less));
        let large = "18446744073709551615";
        assert_eq!(
            compare(large, "18446744073709551614"),
            Some(Ordering::Greater)
        );
        assert_eq!(compare("", "1"), None);
        assert_eq!(compare("a", "1"), None);
        assert!(is_no_number("0x1") && is_no_number("a"));
        assert!(!is_no_number("") && !is_no_number("-1.5"));
    }
}
