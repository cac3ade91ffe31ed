//! Scalars that OSM takes though the model asks for another type.
//!
//! OSM loads a descriptor with PyYAML and hands each value to a class that
//! pyangbind made. What these do with a value of another type is Python's;
//! `numbers.rs` has the classes for numbers.

use crate::yaml::{Legacy, Node, PyScalar, Shape, Style, Type, pyyaml, resolve, resolve_1_1};

/// Whether the class for truth values takes the scalar: beside the words, whatever
/// equals 0 or 1, for Python compares numbers by their value.
pub(super) fn is_truth(node: Node<'_>) -> bool {
    match pyyaml(node) {
        Some(PyScalar::Int(number)) => matches!(number, 0 | 1),
        Some(PyScalar::Float(number)) => number == 0.0 || number == 1.0,
        _ => node.text().is_some_and(|text| matches!(text, "0" | "1")),
    }
}

/// What OSM's reader of YAML makes of plain text that is no string to it; its
/// lists of texts take nothing but strings.
pub(crate) fn read_as(text: &str) -> Option<&'static str> {
    match (resolve(text), resolve_1_1(text)) {
        (_, Some(Legacy::Bool)) => Some("a boolean"),
        (_, Some(Legacy::Timestamp)) => Some("a date"),
        // To YAML 1.1 an exponent without a point is a text.
        (_, Some(Legacy::Exponent)) => None,
        (_, Some(_)) => Some("a number"),
        (Type::Bool(_), None) => Some("a boolean"),
        (Type::Int | Type::Float, None) if !text.starts_with("0o") => Some("a number"),
        _ => None,
    }
}

/// What OSM's reader of YAML makes of a scalar that is no string to it.
pub(super) fn read(node: Node<'_>) -> Option<&'static str> {
    match (node.style()?, node.tag()) {
        (Style::Plain, _) => read_as(node.text()?),
        (Style::Quoted, None) => None,
        (Style::Quoted, Some(tag)) => match tag {
            "bool" => Some("a boolean"),
            "float" | "int" => Some("a number"),
            "timestamp" => Some("a date"),
            "binary" => Some("bytes"),
            "set" => Some("a set"),
            _ => Some("no text"),
        },
    }
}

/// Whether OSM's loader takes a text for an identity that the model writes as one of
/// `options`, as it was observed with pyangbind 0.8.6. Of a value that is no item of
/// a list it takes off the first prefix, whatever that is, and its classes know each
/// identity by the name of its module and by the prefixes that the modules give it.
pub(crate) fn is_known_identity<'o>(
    text: &str,
    is_item: bool,
    options: impl IntoIterator<Item = &'o str>,
) -> bool {
    /// The prefixes that OSM's modules import the one with ETSI's identities by.
    const ETSI: [&str; 3] = ["descriptors", "nfv", "vnf"];
    let text = match text.split_once(':') {
        Some((_, rest)) if !is_item => rest,
        _ => text,
    };
    let (prefix, name) = match text.split_once(':') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    let mut modules = options
        .into_iter()
        .filter_map(|option| option.split_once(':'))
        .filter(|(_, own)| *own == name);
    modules.any(|(module, _)| match prefix {
        None => true,
        Some(prefix) if prefix == module => true,
        Some(prefix) => module == "etsi-nfv-descriptors" && ETSI.contains(&prefix),
    })
}

/// Whether OSM's loader takes a collection or scalar of another shape than the
/// model has, as it was observed with pyangbind 0.8.6: it leaves out an empty
/// collection, whatever belongs there, and a scalar in the place of a list of
/// items, and writes a list down as a text where one belongs. A number is not
/// among these: what stands there fails when the function is made.
pub(super) fn is_lost(expected: &str, node: Node<'_>, is_item: bool, is_free: bool) -> bool {
    let is_empty = node.entries().len() == 0 && node.items().len() == 0;
    match (node.shape(), expected) {
        (Shape::Mapping | Shape::Sequence, _) if is_empty => !is_item,
        (Shape::Sequence, "a string") => is_free && !is_item,
        (Shape::Scalar, "a list") => true,
        _ => false,
    }
}
