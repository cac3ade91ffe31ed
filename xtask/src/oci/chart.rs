//! What Helm says of a chart when it pushes it: the config document, which is `Chart.yaml`, and
//! the annotations.

use serde_json::{Map, Value};

use super::go_yaml::{key_text, sanitised, scalar_text, truth};
use super::manifest::Annotations;
use crate::descriptor::Descriptor;
use crate::source::Package;
use crate::yaml::{Node, Shape, Type};

/// `Chart.yaml` as JSON, the fields that Helm knows in the order in which Helm
/// writes them (helm `pkg/chart/metadata.go`).
pub(super) fn helm_config(descriptor: &Descriptor) -> Option<Vec<u8>> {
    const FIELDS: [&str; 17] = [
        "name",
        "home",
        "sources",
        "version",
        "description",
        "keywords",
        "maintainers",
        "icon",
        "apiVersion",
        "condition",
        "tags",
        "appVersion",
        "deprecated",
        "annotations",
        "kubeVersion",
        "dependencies",
        "type",
    ];
    Some(go_json(helm_object(descriptor.body()?, &FIELDS, &[])))
}

/// An object with the fields of a Go struct in their order; what is empty is
/// left out, but for `always`. An object of `serde_json` would sort its keys.
fn helm_object(body: Node<'_>, fields: &[&str], always: &[&str]) -> String {
    const MAINTAINER: [&str; 3] = ["name", "email", "url"];
    const DEPENDENCY: [&str; 8] = [
        "name",
        "version",
        "repository",
        "condition",
        "tags",
        "enabled",
        "import-values",
        "alias",
    ];
    let list = |node: Node<'_>, fields: &[&str], always: &[&str]| {
        let items = node.items().map(|item| helm_object(item, fields, always));
        format!("[{}]", items.collect::<Vec<_>>().join(","))
    };
    let mut text = String::from("{");
    for field in fields {
        let node = body.get(field).filter(|node| !node.is_null());
        let value = node.map(|node| match *field {
            "maintainers" => list(node, &MAINTAINER, &[]),
            "dependencies" => list(node, &DEPENDENCY, &["name", "repository"]),
            "annotations" => strings(node).to_string(),
            // What the package is called is for the file name as well.
            "version" | "name" => {
                Value::from(sanitised(node.text().unwrap_or_default())).to_string()
            }
            "deprecated" | "enabled" => truth(node).to_string(),
            "import-values" => value(node).to_string(),
            _ => texts(node).to_string(),
        });
        let is_empty = |value: &String| matches!(value.as_str(), "\"\"" | "[]" | "{}" | "false");
        let value = match value.filter(|value| !is_empty(value)) {
            Some(value) => value,
            None if always.contains(field) => "\"\"".to_owned(),
            None => continue,
        };
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&format!("{}:{value}", Value::from(*field)));
    }
    text.push('}');
    text
}

/// JSON as Go writes it: fit for a page of HTML. The characters stand in texts
/// only, where an escape means the same.
pub(super) fn go_json(text: String) -> Vec<u8> {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.into_bytes()
}

/// A text or a list of texts, without what Helm takes out of them (helm `pkg/chart/metadata.go`,
/// `Validate`, and `pkg/chart/dependency.go`).
fn texts(node: Node<'_>) -> Value {
    match node.shape() {
        Shape::Sequence => node.items().map(texts).collect(),
        _ => Value::from(sanitised(&scalar_text(node))),
    }
}

/// Helm's annotations, which stay as they are. Authors write `deploymentType: 1`.
fn strings(node: Node<'_>) -> Value {
    let entries = node.entries();
    let sorted: std::collections::BTreeMap<String, String> = entries
        .map(|entry| (key_text(&entry), scalar_text(entry.value())))
        .collect();
    let mut map = Map::new();
    for (key, value) in sorted {
        map.insert(key, Value::from(value));
    }
    Value::Object(map)
}

/// An object with sorted keys. Whether serde_json's own map sorts depends on a
/// feature that any other crate of a build can switch.
fn object(node: Node<'_>, value: fn(Node<'_>) -> Value) -> Value {
    let entries: std::collections::BTreeMap<&str, Node<'_>> = node
        .entries()
        .map(|entry| (entry.key(), entry.value()))
        .collect();
    let mut map = Map::new();
    for (key, node) in entries {
        map.insert(key.to_owned(), value(node));
    }
    Value::Object(map)
}

fn value(node: Node<'_>) -> Value {
    match node.shape() {
        Shape::Sequence => node.items().map(value).collect(),
        Shape::Mapping => object(node, value),
        Shape::Scalar => {
            let text = node.text().unwrap_or_default();
            match node.scalar_type() {
                Some(Type::Null) => Value::Null,
                Some(Type::Bool(value)) => Value::Bool(value),
                Some(Type::Int) => text
                    .parse::<i64>()
                    .map_or_else(|_| Value::from(text), Value::from),
                Some(Type::Float) => text
                    .parse::<f64>()
                    .map_or_else(|_| Value::from(text), Value::from),
                _ => Value::from(text),
            }
        }
    }
}

/// What Helm writes (helm `pkg/registry/chart.go`): its own, and over them those
/// of the chart, but for title and version. Its time of pushing is ours only
/// where one is given.
pub(super) fn helm_annotations(
    package: &Package,
    descriptor: &Descriptor,
    created: Option<&str>,
) -> Annotations {
    const IMAGE: &str = "org.opencontainers.image";
    let field = |name: &str| Some(sanitised(&scalar_text(descriptor.field(name)?)));
    let source = descriptor
        .field("sources")
        .and_then(|sources| Some(sanitised(&scalar_text(sources.items().next()?))));
    let own = [
        ("title", package.id().map(str::to_owned)),
        ("version", package.version().map(str::to_owned)),
        ("created", created.map(str::to_owned)),
        ("description", field("description")),
        ("url", field("home")),
        ("source", source),
        ("authors", maintainers(descriptor)),
    ];
    let own = own.into_iter().filter_map(|(name, value)| {
        let value = value.filter(|value| !value.trim().is_empty())?;
        Some((format!("{IMAGE}.{name}"), value))
    });
    let mut annotations: Annotations = own.collect();
    let fixed = ["title", "version"].map(|name| format!("{IMAGE}.{name}"));
    let others = descriptor.field("annotations");
    for entry in others.iter().flat_map(|others| others.entries()) {
        let key = key_text(&entry);
        if !fixed.contains(&key) {
            annotations.insert(key, scalar_text(entry.value()));
        }
    }
    annotations
}

/// `Name (mail), Name`, as Helm writes it.
fn maintainers(descriptor: &Descriptor) -> Option<String> {
    let list: Vec<String> = descriptor
        .field("maintainers")?
        .items()
        .filter_map(|maintainer| {
            let text = |field: &str| Some(sanitised(&scalar_text(maintainer.get(field)?)));
            let name = text("name")?;
            Some(match text("email").filter(|email| !email.is_empty()) {
                Some(email) => format!("{name} ({email})"),
                None => name,
            })
        })
        .collect();
    (!list.is_empty()).then(|| list.join(", "))
}
