//! What the Store does with the bytes of a package, step by step.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;
use nfv::yaml::{Document, Limits, Node, parse};
use serde_json::{Map, Value, json};

/// Where the Store stops.
#[derive(Debug)]
pub enum Refused {
    NotTarGz,
    NotShield,
    WrongKey,
    WrongInner,
    NoFolder,
    NoDescriptor,
    BadDescriptor,
    NoReference,
    NoFunction,
    /// An exception that nobody catches.
    Crash,
}

type Files = BTreeMap<String, Vec<u8>>;

/// The members of a gzip-compressed tar.
fn unpack(bytes: &[u8]) -> Option<Files> {
    let mut tar = tar::Archive::new(GzDecoder::new(bytes));
    let mut files = Files::new();
    for entry in tar.entries().ok()? {
        let mut entry = entry.ok()?;
        let path = entry.path().ok()?.to_string_lossy().into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).ok()?;
        files.insert(path.trim_end_matches('/').to_owned(), content);
    }
    // Python's `tarfile` opens no archive without members.
    (!files.is_empty()).then_some(files)
}

fn yaml(bytes: &[u8]) -> Option<Document> {
    let document = parse("x.yaml", bytes, Limits::default());
    (!document.is_broken()).then_some(document)
}

fn text(node: Option<Node<'_>>) -> Result<String, Refused> {
    let text = node.and_then(|node| node.str());
    text.map(str::to_owned).ok_or(Refused::Crash)
}

fn manifest(files: &Files) -> Result<Document, Refused> {
    let bytes = files.get("manifest.yaml").ok_or(Refused::NotShield)?;
    yaml(bytes).ok_or(Refused::Crash)
}

fn key(shelf: &str) -> &'static str {
    match shelf {
        "nss" => "manifest:ns",
        _ => "manifest:vnsf",
    }
}

/// Everything up to the orchestrator; the record that comes of it.
pub fn read(shelf: &str, bytes: &[u8], knows: &dyn Fn(&str) -> bool) -> Result<Value, Refused> {
    let files = unpack(bytes).ok_or(Refused::NotTarGz)?;
    let manifest = manifest(&files)?;
    let root = manifest.root().ok_or(Refused::Crash)?;
    let body = root.get(key(shelf)).ok_or(Refused::WrongKey)?;
    let package = text(body.get("package"))?;
    text(body.get("type"))?;
    let path = text(body.get("descriptor"))?;
    let inner = files.get(&package).and_then(|bytes| unpack(bytes));
    let inner = inner.ok_or(Refused::WrongInner)?;
    let folder = format!("{}/", package.trim_end_matches(".tar.gz"));
    if !inner.keys().any(|path| path.starts_with(&folder)) {
        return Err(Refused::NoFolder);
    }
    let descriptor = inner.get(&path).ok_or(Refused::NoDescriptor)?;
    let descriptor = yaml(descriptor).ok_or(Refused::BadDescriptor)?;
    let first = descriptor.root().and_then(|root| root.entries().next());
    let first = first.ok_or(Refused::Crash)?.value();
    let list = if shelf == "nss" { "nsd" } else { "vnfd" };
    let item = first.get(list).and_then(|list| list.item(0));
    let item = item.ok_or(Refused::Crash)?;
    let (id, name) = (text(item.get("id"))?, text(item.get("name"))?);
    let hash = text(body.get("hash"))?;
    let manifest = json!({ key(shelf): { "hash": hash } });
    if shelf != "nss" {
        return Ok(json!({ "vnsf_id": id, "manifest": manifest }));
    }
    let constituents = item.get("constituent-vnfd").ok_or(Refused::Crash)?;
    for constituent in constituents.items() {
        let reference = constituent.get("vnfd-id-ref").and_then(|id| id.str());
        if !knows(reference.ok_or(Refused::NoReference)?) {
            return Err(Refused::NoFunction);
        }
    }
    Ok(json!({ "ns_id": id, "ns_name": name, "manifest": manifest }))
}

/// What comes after the orchestrator: the attestation, and the model.
pub fn model(shelf: &str, bytes: &[u8]) -> Result<Map<String, Value>, Refused> {
    let files = unpack(bytes).ok_or(Refused::NotTarGz)?;
    let manifest = manifest(&files)?;
    let root = manifest.root().ok_or(Refused::Crash)?;
    let body = root.get(key(shelf)).ok_or(Refused::WrongKey)?;
    let mut fields = vec![
        "schema_version",
        "type",
        "package",
        "hash",
        "hashing_algorithm",
        "descriptor",
        "properties",
    ];
    if shelf == "nss" {
        fields.push("target");
    } else {
        fields.push("security_info");
        let info = body.get("security_info").ok_or(Refused::Crash)?;
        let file = text(info.get("attestation_filename"))?;
        files.get(&file).ok_or(Refused::Crash)?;
    }
    let mut issues = Map::new();
    for field in &fields {
        if body.get(field).is_none() {
            issues.insert((*field).to_owned(), json!(["required field"]));
        }
    }
    for entry in body.entries() {
        if !fields.contains(&entry.key()) {
            issues.insert(entry.key().to_owned(), json!(["unknown field"]));
        }
    }
    let kind = text(body.get("type"))?;
    if !["OSM-R2", "OSM-R4"].contains(&kind.as_str()) {
        issues.insert(
            "type".to_owned(),
            json!([format!("unallowed value {kind}")]),
        );
    }
    let mut all = Map::new();
    if !issues.is_empty() {
        all.insert("manifest".to_owned(), json!({ key(shelf): [issues] }));
    }
    Ok(all)
}
