//! A file with the name of a SHIELD manifest that is known as none. Other programs call files of
//! theirs so as well, Kubernetes and Cloud Foundry among them; those hold something.

use std::fs;
use std::path::Path;

use super::package::Finding;
use super::shield::MANIFEST;
use crate::descriptor;
use crate::diagnostic::Span;
use crate::yaml::{Document, Node, Shape};

/// The kind in a [`Finding::UnknownRoot`].
pub(super) const KIND: &str = "manifest";

/// Whether a file has the name.
pub(super) fn is_named(shown: &str) -> bool {
    shown.rsplit('/').next() == Some(MANIFEST)
}

/// What is to be said of the file at a path; nothing where it may be that of another program.
pub(super) fn lost(path: &Path, doc: Document) -> Option<Finding> {
    let text = doc.file().text();
    if descriptor::is_template(text) || is_of_others(text) {
        return None;
    }
    if doc.is_broken() {
        return Some(Finding::NotYaml { doc: doc.into() });
    }
    let root = doc.root().filter(|root| !root.is_null());
    let Some(root) = root else {
        // What is there and switched off may be anything.
        let is_blank = text.trim_start_matches('\u{feff}').trim().is_empty();
        let is_meant = is_around_package(path);
        return (is_blank || is_meant).then(|| unknown(Span::whole(doc.file()), is_meant));
    };
    if root.shape() == Shape::Scalar {
        return Some(unknown(Span::whole(doc.file()), is_around_package(path)));
    }
    let is_list = root.shape() == Shape::Sequence;
    let outer = match is_list {
        true => root.item(0)?,
        false => root,
    };
    let first = outer.entries().next()?;
    let is_body = holds_body(outer);
    (is_body || holds_body(first.value())).then(|| Finding::UnknownRoot {
        span: first.key_span(),
        kind: KIND.to_owned(),
        first: Some(first.key().to_owned()),
        is_body,
        is_list,
        is_descriptor: true,
    })
}

fn unknown(span: Span, is_descriptor: bool) -> Finding {
    Finding::UnknownRoot {
        span,
        kind: KIND.to_owned(),
        first: None,
        is_body: false,
        is_list: false,
        is_descriptor,
    }
}

/// Whether lines begin as those of other programs do, or make a stream of documents.
fn is_of_others(text: &str) -> bool {
    const KEYS: [&str; 4] = ["apiVersion:", "kind:", "applications:", "analysis:"];
    let mut has_content = false;
    text.lines().any(|line| {
        let is_next = has_content && (line == "---" || line.starts_with("--- "));
        has_content |= !line.trim().is_empty() && line != "---" && !line.starts_with('#');
        is_next || KEYS.iter().any(|key| line.starts_with(key))
    })
}

/// Whether a mapping has what stands below the first key of a manifest.
fn holds_body(node: Node<'_>) -> bool {
    let has = |key: &&str| node.get(key).is_some();
    let own = ["hashing_algorithm", "security_info", "descriptor"];
    let shared = ["package", "hash", "schema_version"];
    let own = own.iter().filter(|key| has(key)).count();
    own > 0 && own + shared.iter().filter(|key| has(key)).count() > 1
}

/// Whether something stands beside the file that is part of a SHIELD package: a finished package,
/// or the folder of the attestation.
fn is_around_package(path: &Path) -> bool {
    const ENDINGS: [&str; 4] = [".tar.gz", ".tgz", ".zip", ".csar"];
    let entries = path.parent().and_then(|folder| fs::read_dir(folder).ok());
    entries.into_iter().flatten().flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name == "security" || ENDINGS.iter().any(|end| name.ends_with(end))
    })
}
