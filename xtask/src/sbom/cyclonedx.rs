//! A bill as CycloneDX 1.6 JSON.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::bill::{Bill, Hash, Item, Part, PartKind};
use super::{TOOL, TOOL_VERSION, uuid};
use crate::digest::hex;
use crate::json;
use crate::time::rfc3339;

/// The document (CycloneDX 1.6, JSON form). What lies in the package stands
/// among `components`, nested as it lies there; what is needed stands there
/// too, and `dependencies` say by what. `created` is in seconds since 1970; the
/// format does without.
pub fn cyclonedx(bill: &Bill, created: Option<u64>) -> String {
    let root = bill.package();
    let mut metadata = json!({
        "component": component(0, root),
        "tools": {
            "components": [
                { "type": "application", "name": TOOL, "version": TOOL_VERSION },
            ],
        },
    });
    if let Some(created) = created {
        metadata["timestamp"] = json!(rfc3339(created));
    }
    let mut components = contained(bill, root);
    // What is needed is in nothing, and stands at the top.
    let mut is_placed = vec![false; bill.parts.len()];
    is_placed[0] = true;
    for part in &bill.parts {
        for inner in &part.contains {
            is_placed[*inner] = true;
        }
    }
    let parts = bill.parts.iter().enumerate();
    let others = parts.filter(|(i, _)| !is_placed[*i]);
    components.extend(others.map(|(i, part)| component(i, part)));
    let parts = bill.parts.iter().enumerate();
    let dependencies: Vec<Value> = parts
        .map(|(i, part)| {
            let needs = part.needs.iter();
            let needs: Vec<String> = needs.map(|to| part_ref(*to, &bill.parts[*to])).collect();
            match needs.is_empty() {
                true => json!({ "ref": part_ref(i, part) }),
                false => json!({ "ref": part_ref(i, part), "dependsOn": needs }),
            }
        })
        .collect();
    let mut document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": metadata,
        "components": components,
        "dependencies": dependencies,
    });
    let digest: [u8; 32] = Sha256::digest(json::text(document.clone()).as_bytes()).into();
    document["serialNumber"] = json!(format!("urn:uuid:{}", uuid(&digest)));
    json::text(document)
}

/// What is directly in a part: files, and parts with what is in them.
fn contained(bill: &Bill, part: &Part) -> Vec<Value> {
    let items = bill.own_items(part);
    let items = items.iter().map(|item| file(&bill.items[*item]));
    let parts = part.contains.iter();
    let parts = parts.map(|i| {
        let part = &bill.parts[*i];
        let mut value = component(*i, part);
        let inside = contained(bill, part);
        if !inside.is_empty() {
            value["components"] = Value::from(inside);
        }
        value
    });
    items.chain(parts).collect()
}

fn component(i: usize, part: &Part) -> Value {
    let mut component = Map::new();
    let mut set = |key: &str, value: Value| {
        component.insert(key.to_owned(), value);
    };
    set("type", json!(kind(part.kind)));
    set("bom-ref", json!(part_ref(i, part)));
    set("name", json!(part.name));
    if let Some(version) = &part.version {
        set("version", json!(version));
    }
    if let Some(supplier) = &part.supplier {
        set("supplier", json!({ "name": supplier }));
    }
    if let Some(text) = &part.description {
        set("description", json!(text));
    }
    if let Some(licence) = &part.licence {
        set("licenses", licenses(licence));
    }
    if let Some(purl) = &part.purl {
        set("purl", json!(purl));
    }
    let hashes: Vec<Value> = part
        .hashes
        .iter()
        .map(|(kind, sum)| hash(*kind, sum))
        .collect();
    if !hashes.is_empty() {
        set("hashes", Value::from(hashes));
    }
    let location = part.location.as_deref().filter(|_| i > 0);
    let is_inside = !part.items.is_empty() || part.kind == PartKind::Package;
    let name = if is_inside { "path" } else { "reference" };
    let property =
        |(name, value): (&str, &str)| json!({ "name": format!("{TOOL}:{name}"), "value": value });
    let own = part
        .properties
        .iter()
        .map(|(name, value)| (*name, value.as_str()));
    let all = std::iter::once(("kind", part.kind.as_str()));
    let all = all.chain(own).chain(location.map(|place| (name, place)));
    set("properties", all.map(property).collect());
    Value::Object(component)
}

fn file(item: &Item) -> Value {
    let mut value = json!({
        "type": "file",
        "bom-ref": file_ref(item),
        "name": item.path,
        "hashes": [hash(Hash::Sha256, &item.sha256)],
    });
    if let Some(licence) = &item.licence {
        value["licenses"] = licenses(licence);
    }
    value
}

fn licenses(expression: &str) -> Value {
    json!([{ "expression": expression }])
}

fn hash(kind: Hash, content: &str) -> Value {
    let name = match kind {
        Hash::Md5 => "MD5",
        Hash::Sha256 => "SHA-256",
        Hash::Sha384 => "SHA-384",
        Hash::Sha512 => "SHA-512",
    };
    json!({ "alg": name, "content": content })
}

fn kind(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Container => "container",
        PartKind::Image => "file",
        _ => "application",
    }
}

fn part_ref(i: usize, part: &Part) -> String {
    format!("{}:{i}:{}", part.kind.as_str(), part.name)
}

fn file_ref(item: &Item) -> String {
    let archive = item.archive.as_deref().unwrap_or_default();
    let place = format!("{archive}\0{}", item.path);
    format!("file:{}", &hex(&Sha256::digest(place.as_bytes()))[..32])
}
