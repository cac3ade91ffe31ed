//! A bill as SPDX 2.3 JSON.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use sha1::{Digest as _, Sha1};
use sha2::Sha256;

use super::bill::{Bill, Hash, Item, Part, PartKind, Role};
use super::{TOOL, TOOL_VERSION, licences, uuid};
use crate::digest::hex;
use crate::json;
use crate::time::rfc3339;

/// What SPDX says of that of which nothing is known.
const UNKNOWN: &str = "NOASSERTION";

/// The document (SPDX 2.3, JSON form): packages with relationships, files with
/// SHA-1 and SHA-256, and the verification code of every package whose files
/// are known (§7.9). `created` is in seconds since 1970; the format wants one.
pub fn spdx(bill: &Bill, created: u64) -> String {
    let root = bill.package();
    let name = match &root.version {
        Some(version) => format!("{}-{version}", root.name),
        None => root.name.clone(),
    };
    let parts = bill.parts.iter().enumerate();
    let packages: Vec<Value> = parts.map(|(i, part)| package(bill, i, part)).collect();
    let files = bill.items.iter().map(|item| file(bill, item));
    let mut document = json!({
        "spdxVersion": "SPDX-2.3",
        "SPDXID": "SPDXRef-DOCUMENT",
        "dataLicense": "CC0-1.0",
        "name": one_line(&name),
        "creationInfo": {
            "created": rfc3339(created),
            "creators": [format!("Tool: {TOOL}-{TOOL_VERSION}")],
        },
        "packages": packages,
        "files": files.collect::<Vec<Value>>(),
        "relationships": relationships(bill),
    });
    // Another document, another namespace (§6.5).
    let digest: [u8; 32] = Sha256::digest(json::text(document.clone()).as_bytes()).into();
    let words = crate::package::safe_name(&name);
    let namespace = format!("https://spdx.org/spdxdocs/{words}-{}", uuid(&digest));
    document["documentNamespace"] = json!(namespace);
    json::text(document)
}

fn package(bill: &Bill, i: usize, part: &Part) -> Value {
    let items: Vec<&Item> = part.items.iter().map(|i| &bill.items[*i]).collect();
    let is_analyzed = !items.is_empty();
    let mut package = Map::new();
    let mut set = |key: &str, value: Value| {
        package.insert(key.to_owned(), value);
    };
    set("SPDXID", json!(part_id(i, part)));
    set("name", json!(one_line(&part.name)));
    set("downloadLocation", json!(UNKNOWN));
    set("copyrightText", json!(UNKNOWN));
    set("licenseConcluded", json!(UNKNOWN));
    let declared = part.licence.as_deref().unwrap_or(UNKNOWN);
    set("licenseDeclared", json!(declared));
    set("filesAnalyzed", json!(is_analyzed));
    set("primaryPackagePurpose", json!(purpose(part.kind)));
    if let Some(version) = &part.version {
        set("versionInfo", json!(one_line(version)));
    }
    if let Some(supplier) = &part.supplier {
        set("supplier", json!(organization(supplier)));
    }
    if let Some(text) = &part.description {
        set("description", json!(text));
    }
    let location = part.location.as_deref().filter(|_| i > 0);
    if let Some(location) = location.filter(|_| is_analyzed) {
        set("packageFileName", json!(format!("./{location}")));
    }
    let notes = notes(part, location.filter(|_| !is_analyzed));
    if !notes.is_empty() {
        set("comment", json!(notes));
    }
    let hashes: Vec<Value> = part
        .hashes
        .iter()
        .map(|(kind, hash)| checksum(algorithm(*kind), hash))
        .collect();
    if !hashes.is_empty() {
        set("checksums", Value::from(hashes));
    }
    if let Some(purl) = &part.purl {
        let reference = json!({
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": purl,
        });
        set("externalRefs", json!([reference]));
    }
    if is_analyzed {
        let code = verification_code(&items);
        let code = json!({ "packageVerificationCodeValue": code });
        set("packageVerificationCode", code);
        set("licenseInfoFromFiles", json!(found(&items)));
    }
    Value::Object(package)
}

/// What has no field of its own.
fn notes(part: &Part, location: Option<&str>) -> String {
    let location = location.map(|location| ("reference", location));
    let properties = part.properties.iter();
    let properties = properties.map(|(name, value)| (*name, value.as_str()));
    let lines = std::iter::once(("kind", part.kind.as_str()));
    let lines = lines.chain(properties).chain(location);
    let lines = lines.map(|(name, value)| format!("{name}: {value}"));
    lines.collect::<Vec<String>>().join("\n")
}

fn file(bill: &Bill, item: &Item) -> Value {
    let ids = item.licence.as_deref().map(licences::ids);
    let ids = ids.filter(|ids| !ids.is_empty());
    let ids = ids.unwrap_or_else(|| vec![UNKNOWN.to_owned()]);
    let mut value = json!({
        "SPDXID": file_id(item),
        "fileName": format!("./{}", item.path),
        "checksums": [checksum("SHA1", &item.sha1), checksum("SHA256", &item.sha256)],
        "licenseConcluded": UNKNOWN,
        "licenseInfoInFiles": ids,
        "copyrightText": UNKNOWN,
    });
    if item.role == Role::Archive {
        value["fileTypes"] = json!(["ARCHIVE"]);
    }
    if let Some(archive) = &item.archive {
        let package = &bill.package().name;
        value["comment"] = json!(format!("in `{archive}` of `{package}`"));
    }
    value
}

fn relationships(bill: &Bill) -> Vec<Value> {
    let one = |from: &str, kind: &str, to: &str| {
        json!({
            "spdxElementId": from,
            "relationshipType": kind,
            "relatedSpdxElement": to,
        })
    };
    let id = |i: usize| part_id(i, &bill.parts[i]);
    let mut all = vec![one("SPDXRef-DOCUMENT", "DESCRIBES", &id(0))];
    for (i, part) in bill.parts.iter().enumerate() {
        let from = id(i);
        let items = part.items.iter().map(|item| file_id(&bill.items[*item]));
        all.extend(items.map(|to| one(&from, "CONTAINS", &to)));
        all.extend(
            part.contains
                .iter()
                .map(|to| one(&from, "CONTAINS", &id(*to))),
        );
        all.extend(
            part.needs
                .iter()
                .map(|to| one(&from, "DEPENDS_ON", &id(*to))),
        );
        if part.kind == PartKind::Package || i == 0 {
            let items = part.items.iter().map(|item| &bill.items[*item]);
            let descriptors = items.filter(|item| item.role == Role::Descriptor);
            all.extend(descriptors.map(|item| one(&file_id(item), "METAFILE_OF", &from)));
        }
    }
    all
}

/// SHA-1 over the sorted SHA-1 sums of all files (SPDX 2.3 §7.9.4).
fn verification_code(items: &[&Item]) -> String {
    let mut sums: Vec<&str> = items.iter().map(|item| item.sha1.as_str()).collect();
    sums.sort_unstable();
    hex(&Sha1::digest(sums.concat().as_bytes()))
}

/// The licences that files name; that some name none is said as well.
fn found(items: &[&Item]) -> Vec<String> {
    let ids = items.iter().flat_map(|item| match &item.licence {
        Some(licence) => licences::ids(licence),
        None => vec![UNKNOWN.to_owned()],
    });
    ids.collect::<BTreeSet<String>>().into_iter().collect()
}

fn checksum(algorithm: &str, value: &str) -> Value {
    json!({ "algorithm": algorithm, "checksumValue": value })
}

fn algorithm(kind: Hash) -> &'static str {
    match kind {
        Hash::Md5 => "MD5",
        Hash::Sha256 => "SHA256",
        Hash::Sha384 => "SHA384",
        Hash::Sha512 => "SHA512",
    }
}

fn purpose(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Container => "CONTAINER",
        PartKind::Image => "FILE",
        _ => "APPLICATION",
    }
}

/// §7.5: what stands in parentheses at the end is an address, so a name that
/// ends in some is followed by an empty one.
fn organization(name: &str) -> String {
    let name = one_line(name);
    match name.contains('(') {
        true => format!("Organization: {name} ()"),
        false => format!("Organization: {name}"),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Letters, digits, dots and dashes (§7.2).
fn part_id(i: usize, part: &Part) -> String {
    let name = part.name.chars().map(|c| match c.is_ascii_alphanumeric() {
        true => c,
        false => '-',
    });
    let name: String = name.take(64).collect();
    format!("SPDXRef-{}-{i}-{name}", part.kind.as_str())
}

fn file_id(item: &Item) -> String {
    let archive = item.archive.as_deref().unwrap_or_default();
    let place = format!("{archive}\0{}", item.path);
    let digest = hex(&Sha256::digest(place.as_bytes()));
    format!("SPDXRef-File-{}", &digest[..32])
}
