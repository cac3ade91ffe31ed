//! Turns a node of the compiled schema tree into a JSON Schema.
//!
//! Objects are closed, scalars have the JSON type that an editor would
//! suggest, and what JSON Schema has no keyword for is noted in keywords that
//! begin with `x-nfv-`. The conditions of a module (`when` and `must`) are
//! XPath, which stays out of the schemas: they are stated in words of our own,
//! and a node with a `when` is optional to JSON Schema.
//!
//! The keywords of our own are these:
//!
//! - `x-nfv-module`, on the whole: the name of the module that its nodes belong
//!   to, with which a key may be qualified (RFC 7951, section 4); and on a node
//!   of another module than the node around it, the name of that.
//! - `x-nfv-key`, on an array: the properties that together identify an item.
//! - `x-nfv-choice`, on a member of `allOf`: the name of the choice that the
//!   member enforces, and the properties of each of its cases. Next to it,
//!   `false` under `dependentSchemas` keeps cases apart, `anyOf` there or
//!   beside it asks for one of them, and `dependentRequired` asks for the rest
//!   of a case that is used.
//! - `x-nfv-range`, on a whole number: its range is stated, be it as wide as that
//!   of its type. OSM's loader takes such a number otherwise.
//! - `x-nfv-fraction-digits`, on a number: how many digits may follow the point.
//! - `x-nfv-leafref`, on a scalar: the values that it may have, as
//!   `reference.rs` writes it.
//! - `x-nfv-must`, on anything: what must hold where the node is, as
//!   `condition.rs` states it; on an array, for each of its items.
//! - `x-nfv-when`, on anything: what must hold for the node to be there.
//! - `x-nfv-needed`, beside `x-nfv-when`: the node must be there while it may.
//! - `x-nfv-optional`, on an object: properties that the module demands by a
//!   published defect.
//! - `x-nfv-units`, on a scalar: its unit of measure.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

use crate::condition;
use crate::pattern;
use crate::reference;
use crate::share::Shared;
use crate::yang::{Base, Identity, Kind, Node, Pattern, Size, Type};

/// An enumeration with more values than this is worth a definition.
const SHORT_ENUMERATION: usize = 4;

/// Nodes that the modules demand of everybody though only some have use for
/// them: a mandatory leaf in a container without a meaning of its own, and a
/// list of exactly one (defects 9 and 10).
pub const DEMANDED_BY_MISTAKE: [&str; 6] = [
    "create-snapshot-vnf-op-config",
    "lcm-operations-configuration",
    "mcio-identification-data",
    "network-interface-requirements",
    "nfvi-maintenance-info",
    "revert-to-snapshot-vnf-op-config",
];

/// The words around a schema that the tree itself does not hold.
pub struct Header {
    /// The address of the schema.
    pub id: String,
    /// What the schema describes, in a few words.
    pub title: String,
}

/// Builds the schema of a document whose only member is the given node.
pub fn document(header: &Header, root: &Node) -> Result<Value> {
    let mut emitter = Emitter {
        module: root.module.clone(),
        ..Emitter::default()
    };
    // The root is required whether or not the module demands it.
    let members = emitter.object(std::slice::from_ref(root), std::slice::from_ref(&root.name))?;
    let (body, definitions) = emitter.shared.resolve(Value::Object(members));
    let mut schema = Map::new();
    schema.insert(
        "$schema".into(),
        "https://json-schema.org/draft/2020-12/schema".into(),
    );
    schema.insert("$id".into(), header.id.clone().into());
    schema.insert("title".into(), header.title.clone().into());
    schema.insert("x-nfv-module".into(), root.module.clone().into());
    if let Value::Object(body) = body {
        schema.extend(body);
    }
    if !definitions.is_empty() {
        schema.insert("$defs".into(), Value::Object(definitions));
    }
    Ok(Value::Object(schema))
}

/// Carries what is common to all nodes of one document.
#[derive(Default)]
struct Emitter {
    /// The parts of the schema that may be used more than once.
    shared: Shared,
    /// The names of the nodes from the root to the present one.
    path: Vec<String>,
    /// The module of the node around the present one.
    module: String,
}

/// What the members of an object amount to, with choices dissolved.
#[derive(Default)]
struct Content {
    properties: BTreeMap<String, Value>,
    choices: Vec<Alternatives>,
}

/// What a sequence of sibling nodes asks of the object that holds them.
#[derive(Default)]
struct Scope {
    /// The properties that the nodes stand for.
    members: Vec<String>,
    /// Those of the properties that must be there.
    needed: Vec<String>,
    /// The positions in [`Content::choices`] of the choices that must be made.
    decisions: Vec<usize>,
}

/// A choice, seen from the object whose properties its cases are.
struct Alternatives {
    name: String,
    /// The cases with their properties.
    cases: Vec<(String, Vec<String>)>,
    /// Whether one of the cases must be used whatever else is there.
    mandatory: bool,
    /// The properties whose presence makes the choice mandatory, because they
    /// belong to the same case of an outer choice.
    demanded_by: Vec<String>,
    /// The properties that must be there if the other one is.
    companions: BTreeMap<String, Vec<String>>,
}

impl Emitter {
    /// Builds the schema of an object with the given members, of which those
    /// in `keys` are required in any case.
    fn object(&mut self, children: &[Node], keys: &[String]) -> Result<Map<String, Value>> {
        let mut content = Content::default();
        let scope = self.gather(children, &mut content)?;
        for position in scope.decisions {
            content.choices[position].mandatory = true;
        }
        let mut required = scope.needed;
        required.extend_from_slice(keys);
        required.sort();
        required.dedup();

        let mut schema = Map::new();
        schema.insert("type".into(), "object".into());
        schema.insert(
            "properties".into(),
            Value::Object(content.properties.into_iter().collect()),
        );
        if !required.is_empty() {
            schema.insert("required".into(), json!(required));
        }
        schema.insert("additionalProperties".into(), false.into());
        let optional: Vec<&String> = required
            .iter()
            .filter(|name| DEMANDED_BY_MISTAKE.contains(&name.as_str()))
            .collect();
        if !optional.is_empty() {
            schema.insert("x-nfv-optional".into(), json!(optional));
        }
        let clauses: Vec<Value> = content
            .choices
            .iter()
            .filter_map(Alternatives::clause)
            .collect();
        if !clauses.is_empty() {
            schema.insert("allOf".into(), clauses.into());
        }
        Ok(schema)
    }

    /// Adds sibling nodes to the content of an object, dissolving choices.
    fn gather(&mut self, nodes: &[Node], content: &mut Content) -> Result<Scope> {
        let mut scope = Scope::default();
        for node in nodes {
            let is_dissolved = matches!(node.kind, Kind::Choice { .. } | Kind::Case { .. });
            if is_dissolved && !node.whens.is_empty() {
                bail!("the condition of choice {} is not supported", node.name);
            }
            match &node.kind {
                Kind::Choice { mandatory, cases } => {
                    let position = self.choice(&node.name, cases, content)?;
                    let choice = &content.choices[position];
                    scope.members.extend(choice.members().cloned());
                    if *mandatory && node.whens.is_empty() {
                        scope.decisions.push(position);
                    }
                }
                // A case is reached through its choice only.
                Kind::Case { children } => {
                    let inner = self.gather(children, content)?;
                    scope.members.extend(inner.members);
                }
                _ => {
                    self.path.push(node.name.clone());
                    let around = std::mem::replace(&mut self.module, node.module.clone());
                    let schema = self
                        .node(node)
                        .with_context(|| format!("node {}", node.name))?;
                    self.module = around;
                    self.path.pop();
                    let schema = self.note_module(schema, node);
                    if content
                        .properties
                        .insert(node.name.clone(), schema)
                        .is_some()
                    {
                        bail!("two nodes of different modules are called {}", node.name);
                    }
                    scope.members.push(node.name.clone());
                    if needed(node) {
                        scope.needed.push(node.name.clone());
                    }
                }
            }
        }
        Ok(scope)
    }

    /// Adds the properties of a choice to the content of an object, and gives
    /// the position of the choice among those of the object.
    fn choice(&mut self, name: &str, cases: &[Node], content: &mut Content) -> Result<usize> {
        let position = content.choices.len();
        content.choices.push(Alternatives {
            name: name.to_owned(),
            cases: Vec::new(),
            mandatory: false,
            demanded_by: Vec::new(),
            companions: BTreeMap::new(),
        });
        for case in cases {
            let nodes = match &case.kind {
                Kind::Case { .. } if !case.whens.is_empty() => {
                    bail!("the condition of case {} is not supported", case.name)
                }
                Kind::Case { children } => children.as_slice(),
                _ => std::slice::from_ref(case),
            };
            // Beside others of its case it would have to be there, and not
            // where the case is not chosen.
            if nodes.len() > 1
                && let Some(node) = nodes.iter().find(|node| hides_demand(node))
            {
                bail!(
                    "node {} must be there on a condition, in a case of choice {name}",
                    node.name
                );
            }
            let scope = self.gather(nodes, content)?;
            for member in &scope.members {
                let companions: Vec<String> = scope
                    .needed
                    .iter()
                    .filter(|needed| *needed != member)
                    .cloned()
                    .collect();
                if !companions.is_empty() {
                    content.choices[position]
                        .companions
                        .insert(member.clone(), companions);
                }
            }
            for inner in scope.decisions {
                let inner = &mut content.choices[inner];
                let demanding: Vec<String> = scope
                    .members
                    .iter()
                    .filter(|member| !inner.members().any(|own| own == *member))
                    .cloned()
                    .collect();
                inner.demanded_by.extend(demanding);
            }
            content.choices[position]
                .cases
                .push((case.name.clone(), scope.members));
        }
        Ok(position)
    }

    /// Builds the schema of a node that is a property of an object.
    fn node(&mut self, node: &Node) -> Result<Value> {
        let schema = match &node.kind {
            Kind::Container { presence, children } => {
                // The demand would be noticed only where the container is. The
                // root always is.
                let is_root = self.path.len() == 1;
                if !is_root && !presence && !demanded(node) && children.iter().any(hides_demand) {
                    bail!(
                        "in the container {} a node must be there on a condition",
                        node.name
                    );
                }
                // To the module such a container is always there.
                if !presence && !demanded(node) && !node.musts.is_empty() {
                    bail!(
                        "a condition of the container {} is not supported",
                        node.name
                    );
                }
                let body = self.object(children, &[])?;
                self.offer(body)
            }
            Kind::List {
                keys,
                size,
                children,
            } => {
                let body = self.object(children, keys)?;
                let items = self.offer(body);
                let mut schema = array(Value::Object(items), *size);
                if !keys.is_empty() {
                    schema.insert("x-nfv-key".into(), json!(keys));
                }
                schema
            }
            Kind::Leaf {
                ty, default, units, ..
            } => {
                let mut schema = self.ty(ty)?;
                if let Some(default) = default {
                    schema.insert("default".into(), value(ty, default));
                }
                note_units(&mut schema, units.as_deref());
                self.note_leafref(&mut schema, ty)?;
                schema
            }
            Kind::LeafList {
                ty,
                size,
                unique,
                defaults,
                units,
            } => {
                if !defaults.is_empty() && !node.musts.is_empty() {
                    bail!(
                        "a condition of the leaf-list {}, which has defaults, is not supported",
                        node.name
                    );
                }
                let mut items = self.ty(ty)?;
                note_units(&mut items, units.as_deref());
                self.note_leafref(&mut items, ty)?;
                let mut schema = array(Value::Object(items), *size);
                if *unique {
                    schema.insert("uniqueItems".into(), true.into());
                }
                if !defaults.is_empty() {
                    let values: Vec<Value> = defaults.iter().map(|text| value(ty, text)).collect();
                    schema.insert("default".into(), values.into());
                }
                schema
            }
            Kind::Any { .. } if node.whens.is_empty() && node.musts.is_empty() => {
                return Ok(true.into());
            }
            Kind::Any { .. } => bail!("a condition of anydata is not supported"),
            Kind::Choice { .. } | Kind::Case { .. } => Map::new(),
        };
        let mut schema = schema;
        self.note_conditions(&mut schema, node)?;
        Ok(Value::Object(schema))
    }

    /// Notes the module of a node where it is not that of the node around it.
    fn note_module(&self, schema: Value, node: &Node) -> Value {
        if node.module == self.module {
            return schema;
        }
        let mut schema = into_map(schema);
        schema.insert("x-nfv-module".into(), node.module.clone().into());
        Value::Object(schema)
    }

    /// Notes when a node may be there, and what must hold where it is.
    fn note_conditions(&self, schema: &mut Map<String, Value>, node: &Node) -> Result<()> {
        let whens: Result<Vec<Value>> = node
            .whens
            .iter()
            .map(|text| condition::when(text))
            .collect();
        let whens = whens?;
        if !whens.is_empty() {
            schema.insert("x-nfv-when".into(), whens.into());
            if demanded(node) {
                schema.insert("x-nfv-needed".into(), true.into());
            }
        }
        let must = |text: &String| condition::must(text, &self.path);
        let musts = node
            .musts
            .iter()
            .map(must)
            .collect::<Result<Vec<Value>>>()?;
        if !musts.is_empty() {
            schema.insert("x-nfv-must".into(), musts.into());
        }
        Ok(())
    }

    /// Notes what a value refers to.
    fn note_leafref(&self, schema: &mut Map<String, Value>, ty: &Type) -> Result<()> {
        if let Base::Union(members) = &ty.base
            && members.iter().any(|member| member.leafref.is_some())
        {
            bail!("a leafref within a union is not supported");
        }
        if let Some(path) = &ty.leafref {
            let reference =
                reference::leafref(path, &self.path).with_context(|| format!("leafref {path}"))?;
            schema.insert("x-nfv-leafref".into(), reference);
        }
        Ok(())
    }

    /// Offers the schema of a structure for sharing, unless it is so small
    /// that a reference would be no easier to read.
    fn offer(&mut self, body: Map<String, Value>) -> Map<String, Value> {
        let properties = body.get("properties").and_then(Value::as_object);
        if properties.is_none_or(|properties| properties.len() < 2) {
            return body;
        }
        self.shared
            .offer(body, self.path.iter().rev().cloned().collect())
    }

    /// Builds the schema of a type, offering it for sharing if it is long.
    fn ty(&mut self, ty: &Type) -> Result<Map<String, Value>> {
        let (schema, own_name) = match &ty.base {
            Base::Integer {
                ranges,
                is_stated: false,
            } => (integer(ranges), integer_name(ranges)),
            Base::Integer { ranges, .. } => {
                let mut schema = integer(ranges);
                schema.insert("x-nfv-range".into(), true.into());
                (schema, None)
            }
            Base::Decimal { digits, ranges } => (decimal(*digits, ranges), None),
            Base::Boolean => (typed("boolean"), None),
            Base::Enumeration(names) => (enumeration(names.clone()), None),
            Base::Identity(identities) => {
                let bare = identities.iter().map(|identity| identity.name.clone());
                let mut names: Vec<String> = bare.collect();
                names.dedup();
                names.extend(identities.iter().map(qualified));
                (enumeration(names), None)
            }
            Base::Text { lengths, patterns } => (text(lengths, patterns)?, None),
            Base::Empty => {
                let schema = json!({
                    "type": ["null", "array"],
                    "items": {"type": "null"},
                    "minItems": 1,
                    "maxItems": 1
                });
                (into_map(schema), Some("empty"))
            }
            Base::Union(members) => (self.union(members)?, None),
        };
        let name = match (own_name, &ty.typedef) {
            (Some(name), _) => vec![name.to_owned()],
            (None, Some(typedef)) => vec![typedef.clone(), "type".to_owned()],
            (None, None) => self.path.iter().rev().cloned().collect(),
        };
        if own_name.is_some() || is_long(&schema) {
            Ok(self.shared.offer(schema, name))
        } else {
            Ok(schema)
        }
    }

    /// Builds the schema of a union, taking the members of inner unions for
    /// its own and leaving out repetitions.
    fn union(&mut self, members: &[Type]) -> Result<Map<String, Value>> {
        let mut schemas: Vec<Value> = Vec::new();
        let mut open: Vec<&Type> = members.iter().rev().collect();
        while let Some(member) = open.pop() {
            if let Base::Union(inner) = &member.base {
                open.extend(inner.iter().rev());
                continue;
            }
            let schema = Value::Object(self.ty(member)?);
            if !schemas.contains(&schema) {
                schemas.push(schema);
            }
        }
        Ok(match schemas.len() {
            1 => into_map(schemas.remove(0)),
            _ => into_map(json!({"anyOf": schemas})),
        })
    }
}

impl Alternatives {
    /// All properties of all cases.
    fn members(&self) -> impl Iterator<Item = &String> {
        self.cases.iter().flat_map(|(_, members)| members)
    }

    /// Builds the member of `allOf` that holds all that the choice demands,
    /// if it demands anything.
    ///
    /// Exclusivity is said in one direction only, a property forbidding those
    /// of later cases, so that a violation is reported once and at the
    /// property that came second.
    fn clause(&self) -> Option<Value> {
        let mut dependent = Map::new();
        for (index, (_, members)) in self.cases.iter().enumerate() {
            let forbidden: BTreeMap<&String, bool> = self.cases[index + 1..]
                .iter()
                .flat_map(|(_, others)| others)
                .map(|other| (other, false))
                .collect();
            if forbidden.is_empty() {
                continue;
            }
            for member in members {
                dependent.insert(member.clone(), json!({"properties": forbidden}));
            }
        }
        let one_of_all: Vec<Value> = self
            .members()
            .map(|member| json!({"required": [member]}))
            .collect();
        for member in &self.demanded_by {
            dependent.insert(member.clone(), json!({"anyOf": one_of_all}));
        }
        dependent.sort_keys();

        let mut clause = Map::new();
        if !dependent.is_empty() {
            clause.insert("dependentSchemas".into(), Value::Object(dependent));
        }
        if !self.companions.is_empty() {
            clause.insert("dependentRequired".into(), json!(self.companions));
        }
        if self.mandatory {
            clause.insert("anyOf".into(), one_of_all.into());
        }
        if clause.is_empty() {
            return None;
        }
        let cases: BTreeMap<&String, &Vec<String>> = self
            .cases
            .iter()
            .map(|(name, members)| (name, members))
            .collect();
        let mut whole = Map::new();
        whole.insert(
            "x-nfv-choice".into(),
            json!({"name": self.name, "cases": cases}),
        );
        whole.extend(clause);
        Some(Value::Object(whole))
    }
}

/// Whether the object that holds the node must have the property.
///
/// A container without a meaning of its own must be there if anything in it
/// must (RFC 7950, section 3). Whatever depends on a `when` is left out, since
/// it must be there only while the condition holds.
fn needed(node: &Node) -> bool {
    node.whens.is_empty() && demanded(node)
}

/// Whether a node must be there while its condition, if it has one, holds.
fn demanded(node: &Node) -> bool {
    match &node.kind {
        Kind::Container { presence, children } => !presence && children.iter().any(needed),
        Kind::List { size, .. } | Kind::LeafList { size, .. } => size.min > 0,
        Kind::Leaf { mandatory, .. } | Kind::Any { mandatory } | Kind::Choice { mandatory, .. } => {
            *mandatory
        }
        Kind::Case { .. } => false,
    }
}

/// Whether a node must be there on a condition.
fn hides_demand(node: &Node) -> bool {
    !node.whens.is_empty() && demanded(node)
}

/// Builds the schema of an array.
fn array(items: Value, size: Size) -> Map<String, Value> {
    let mut schema = typed("array");
    schema.insert("items".into(), items);
    if size.min > 0 {
        schema.insert("minItems".into(), size.min.into());
    }
    if let Some(max) = size.max {
        schema.insert("maxItems".into(), max.into());
    }
    schema
}

/// Notes the unit of measure of a value.
fn note_units(schema: &mut Map<String, Value>, units: Option<&str>) {
    if let Some(units) = units {
        schema.insert("x-nfv-units".into(), units.into());
    }
}

/// Builds a schema of which only the JSON type is known.
fn typed(name: &str) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("type".into(), name.into());
    schema
}

/// Builds the schema of a value that is one of several names.
fn enumeration(names: Vec<String>) -> Map<String, Value> {
    let mut schema = typed("string");
    schema.insert("enum".into(), names.into());
    schema
}

/// Writes an identity with the name of its module.
fn qualified(identity: &Identity) -> String {
    format!("{}:{}", identity.module, identity.name)
}

/// Builds the schema of an integer.
fn integer(ranges: &[(i128, i128)]) -> Map<String, Value> {
    let bounds = ranges
        .iter()
        .map(|(low, high)| (number(&low.to_string()), number(&high.to_string())));
    bounded("integer", "minimum", "maximum", bounds)
}

/// Names the integer types that are as wide as their bits allow.
fn integer_name(ranges: &[(i128, i128)]) -> Option<&'static str> {
    const WIDTHS: [(&str, i128, i128); 8] = [
        ("int8", i8::MIN as i128, i8::MAX as i128),
        ("int16", i16::MIN as i128, i16::MAX as i128),
        ("int32", i32::MIN as i128, i32::MAX as i128),
        ("int64", i64::MIN as i128, i64::MAX as i128),
        ("uint8", 0, u8::MAX as i128),
        ("uint16", 0, u16::MAX as i128),
        ("uint32", 0, u32::MAX as i128),
        ("uint64", 0, u64::MAX as i128),
    ];
    let [range] = ranges else { return None };
    WIDTHS
        .iter()
        .find(|(_, low, high)| range == &(*low, *high))
        .map(|(name, ..)| *name)
}

/// Builds the schema of a decimal fraction.
fn decimal(digits: u8, ranges: &[(i64, i64)]) -> Map<String, Value> {
    let bounds = ranges.iter().map(|(low, high)| {
        (
            number(&fraction(*low, digits)),
            number(&fraction(*high, digits)),
        )
    });
    let mut schema = bounded("number", "minimum", "maximum", bounds);
    schema.insert("x-nfv-fraction-digits".into(), digits.into());
    schema
}

/// Writes a count of units of the last digit as a decimal fraction, without
/// the zeros that say nothing.
fn fraction(units: i64, digits: u8) -> String {
    let scale = 10_u64.pow(u32::from(digits));
    let sign = if units < 0 { "-" } else { "" };
    let whole = units.unsigned_abs() / scale;
    let rest = units.unsigned_abs() % scale;
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let rest = format!("{rest:0width$}", width = usize::from(digits));
    format!("{sign}{whole}.{}", rest.trim_end_matches('0'))
}

/// Builds the schema of a string.
fn text(lengths: &[(u64, u64)], patterns: &[Pattern]) -> Result<Map<String, Value>> {
    let bounds = lengths
        .iter()
        .map(|(low, high)| (Value::from(*low), Value::from(*high)));
    let mut schema = bounded("string", "minLength", "maxLength", bounds);
    // A length that is open at the top or the bottom needs no bound there.
    schema.retain(|key, value| {
        !(key == "minLength" && value.as_u64() == Some(0)
            || key == "maxLength" && value.as_u64() == Some(u64::MAX))
    });
    let mut further = Vec::new();
    for pattern in patterns {
        let expression = pattern::translate(&pattern.expression)
            .with_context(|| format!("pattern {}", pattern.expression))?;
        if pattern.inverted {
            further.push(json!({"not": {"pattern": expression}}));
        } else if schema.contains_key("pattern") {
            further.push(json!({"pattern": expression}));
        } else {
            schema.insert("pattern".into(), expression.into());
        }
    }
    if !further.is_empty() {
        schema.insert("allOf".into(), further.into());
    }
    Ok(schema)
}

/// Builds the schema of a value within one of several bounds; a single pair of
/// bounds needs no alternatives.
fn bounded(
    ty: &str,
    least: &str,
    greatest: &str,
    bounds: impl Iterator<Item = (Value, Value)>,
) -> Map<String, Value> {
    let mut schema = typed(ty);
    let mut parts: Vec<Map<String, Value>> = bounds
        .map(|(low, high)| {
            [(least.to_owned(), low), (greatest.to_owned(), high)]
                .into_iter()
                .collect()
        })
        .collect();
    match parts.len() {
        0 => {}
        1 => schema.extend(parts.remove(0)),
        _ => {
            schema.insert("anyOf".into(), json!(parts));
        }
    }
    schema
}

/// Whether a type is long enough to be worth a definition.
fn is_long(schema: &Map<String, Value>) -> bool {
    let names = schema.get("enum").and_then(Value::as_array);
    names.is_some_and(|names| names.len() > SHORT_ENUMERATION)
        || ["pattern", "allOf", "anyOf"]
            .iter()
            .any(|key| schema.contains_key(*key))
}

/// Gives a default the JSON type that its schema asks for.
fn value(ty: &Type, text: &str) -> Value {
    accepted(ty, text).unwrap_or_else(|| text.into())
}

/// Gives a text the JSON type that the YANG type asks for, or nothing if the
/// text is no value of the type. Patterns and lengths are not looked at.
fn accepted(ty: &Type, text: &str) -> Option<Value> {
    match &ty.base {
        Base::Integer { ranges, .. } => {
            let value = parse_integer(text)?;
            ranges
                .iter()
                .any(|(low, high)| (low..=high).contains(&&value))
                .then(|| number(&value.to_string()))
        }
        Base::Decimal { .. } => serde_json::from_str::<serde_json::Number>(text)
            .ok()
            .map(Value::Number),
        Base::Boolean => text.parse::<bool>().ok().map(Value::Bool),
        Base::Enumeration(names) => names.iter().any(|name| name == text).then(|| text.into()),
        Base::Identity(identities) => {
            // The prefix in a module is its own affair, so it is taken off.
            let bare = text.rsplit(':').next().unwrap_or(text);
            identities
                .iter()
                .any(|identity| identity.name == bare)
                .then(|| bare.into())
        }
        Base::Union(members) => members.iter().find_map(|member| accepted(member, text)),
        Base::Text { .. } => Some(text.into()),
        Base::Empty => None,
    }
}

/// Reads an integer as a YANG module writes it: decimal, hexadecimal or octal.
fn parse_integer(text: &str) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let magnitude = if let Some(digits) = digits.strip_prefix("0x") {
        i128::from_str_radix(digits, 16)
    } else if digits.len() > 1 && digits.starts_with('0') {
        i128::from_str_radix(digits, 8)
    } else {
        digits.parse()
    };
    magnitude.ok().map(|magnitude| sign * magnitude)
}

/// Writes digits as a JSON number without a detour over binary fractions.
fn number(digits: &str) -> Value {
    serde_json::from_str(digits).unwrap_or_else(|_| digits.into())
}

/// Takes the members out of a value that is known to be an object.
fn into_map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(name: &str, mandatory: bool) -> Node {
        let ty = Type {
            typedef: None,
            leafref: None,
            base: Base::Boolean,
        };
        node(
            name,
            Kind::Leaf {
                ty,
                mandatory,
                default: None,
                units: None,
            },
        )
    }

    fn node(name: &str, kind: Kind) -> Node {
        Node {
            name: name.into(),
            module: "m".into(),
            whens: Vec::new(),
            musts: Vec::new(),
            kind,
        }
    }

    fn case(name: &str, children: Vec<Node>) -> Node {
        node(name, Kind::Case { children })
    }

    fn container(name: &str, children: Vec<Node>) -> Node {
        node(
            name,
            Kind::Container {
                presence: false,
                children,
            },
        )
    }

    fn emitted(children: Vec<Node>) -> Value {
        let header = Header {
            id: "https://example.org/a.json".into(),
            title: "A".into(),
        };
        let schema = document(&header, &container("root", children)).expect("a schema");
        schema["properties"]["root"].clone()
    }

    #[test]
    fn a_mandatory_leaf_makes_its_containers_mandatory() {
        let inner = container("inner", vec![leaf("a", true)]);
        assert_eq!(
            emitted(vec![inner, leaf("b", false)])["required"],
            json!(["inner"])
        );
    }

    #[test]
    fn a_module_is_named_where_it_changes() {
        let of = |module: &str, mut node: Node| {
            node.module = module.into();
            node
        };
        let inner = container("inner", vec![of("n", leaf("a", false)), leaf("b", false)]);
        let any = of("n", node("any", Kind::Any { mandatory: false }));
        let schema = emitted(vec![of("n", inner), any, leaf("c", false)]);
        assert_eq!(schema["properties"]["any"], json!({"x-nfv-module": "n"}));
        assert_eq!(schema["properties"]["c"], json!({"type": "boolean"}));
        let inner = &schema["properties"]["inner"];
        assert_eq!(inner["x-nfv-module"], "n");
        assert_eq!(inner["properties"]["a"], json!({"type": "boolean"}));
        assert_eq!(inner["properties"]["b"]["x-nfv-module"], "m");
    }

    #[test]
    fn a_condition_takes_the_obligation_away() {
        let mut conditional = leaf("a", true);
        conditional.whens.push("../b = 'c'".into());
        let schema = emitted(vec![conditional]);
        assert_eq!(schema.get("required"), None);
    }

    #[test]
    fn cases_exclude_each_other_and_keep_together() {
        let choice = node(
            "kind",
            Kind::Choice {
                mandatory: true,
                cases: vec![
                    case("one", vec![leaf("a", true), leaf("b", false)]),
                    case("two", vec![leaf("c", false)]),
                ],
            },
        );
        let schema = emitted(vec![choice]);
        assert_eq!(
            schema["allOf"],
            json!([{
                "x-nfv-choice": {"name": "kind", "cases": {"one": ["a", "b"], "two": ["c"]}},
                "dependentSchemas": {
                    "a": {"properties": {"c": false}},
                    "b": {"properties": {"c": false}}
                },
                "dependentRequired": {"b": ["a"]},
                "anyOf": [{"required": ["a"]}, {"required": ["b"]}, {"required": ["c"]}]
            }])
        );
    }

    #[test]
    fn decimal_bounds_are_exact() {
        assert_eq!(fraction(-1, 1), "-0.1");
        assert_eq!(fraction(250, 2), "2.5");
        assert_eq!(fraction(i64::MIN, 18), "-9.223372036854775808");
        let schema = integer(&[(0, i128::from(u64::MAX))]);
        assert_eq!(schema["maximum"].to_string(), "18446744073709551615");
    }
}
