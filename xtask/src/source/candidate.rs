//! Reading one YAML file and telling whether it is a descriptor.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use memchr::memmem;

use super::package::Finding;
use crate::descriptor::{self, Descriptor, Kind, local};
use crate::diagnostic::Span;
use crate::yaml::{self, Document, Limits, Placeholders};

/// Whether a file is worth opening in search of a descriptor.
pub(super) fn may_be_descriptor(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .map(str::to_ascii_lowercase)
        .is_some_and(|extension| matches!(extension.as_str(), "yaml" | "yml" | "json"))
}

/// What a YAML file is.
pub(super) enum Candidate {
    /// A descriptor.
    Descriptor(Descriptor),
    /// None, though it is named like one.
    Misnamed(Finding),
    /// Some other data.
    Other,
}

/// Reads `path`.
///
/// Most YAML in a tree is not: a search for the root keys' words costs a
/// hundredth of a parse and leaves out nearly all of it. The caller has seen
/// that it is a file and no pipe, which would make it wait.
pub(super) fn read(
    path: &Path,
    shown: &str,
    placeholders: &Arc<Placeholders>,
) -> io::Result<Candidate> {
    let limits = Limits::default();
    let file = fs::File::open(path)?;
    let len = file.metadata()?.len();
    if len > limits.bytes as u64 {
        let found = read_oversized(file, shown)?;
        return Ok(found.map_or(Candidate::Other, Candidate::Descriptor));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or(0) + 1);
    file.take(limits.bytes as u64 + 1).read_to_end(&mut bytes)?;
    if let Some(descriptor) = recognise(shown, bytes) {
        return Ok(Candidate::Descriptor(fill(descriptor, placeholders)));
    }
    let Some(kind) = named_kind(shown) else {
        return Ok(Candidate::Other);
    };
    let misnamed = misnamed(shown, kind, fs::read(path)?);
    Ok(misnamed.map_or(Candidate::Other, Candidate::Misnamed))
}

/// The same of a text that is not saved yet.
pub(super) fn unsaved(shown: &str, bytes: &[u8], placeholders: &Arc<Placeholders>) -> Candidate {
    let limits = Limits::default();
    if bytes.len() > limits.bytes {
        let found = oversized(&bytes[..bytes.len().min(HEAD)], shown);
        return found.map_or(Candidate::Other, Candidate::Descriptor);
    }
    if let Some(descriptor) = recognise(shown, bytes.to_vec()) {
        return Candidate::Descriptor(fill(descriptor, placeholders));
    }
    let misnamed = named_kind(shown).and_then(|kind| misnamed(shown, kind, bytes.to_vec()));
    misnamed.map_or(Candidate::Other, Candidate::Misnamed)
}

/// Charts have values for that, and a SHIELD manifest is filled in with what is built.
fn fill(descriptor: Descriptor, placeholders: &Arc<Placeholders>) -> Descriptor {
    let is_filled = match descriptor.kind {
        Kind::Vnf | Kind::Ns | Kind::Pnf | Kind::Nst | Kind::Hdag => true,
        Kind::ShieldNs | Kind::ShieldVnsf | Kind::Chart | Kind::Vo => false,
    };
    if !is_filled || placeholders.0.is_empty() {
        return descriptor;
    }
    match Arc::try_unwrap(descriptor.doc) {
        Ok(doc) => Descriptor {
            doc: Arc::new(doc.fill(placeholders)),
            ..descriptor
        },
        Err(doc) => Descriptor { doc, ..descriptor },
    }
}

/// The kind of descriptor that a file is named after: `edge_nsd.yaml`.
fn named_kind(shown: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 5] = [
        ("vnfd", "vnfd"),
        ("knfd", "vnfd"),
        ("pnfd", "pnfd"),
        ("nsd", "nsd"),
        ("nst", "nst"),
    ];
    let name = shown.rsplit('/').next().unwrap_or(shown);
    // JSON of that name is mostly what somebody says of a descriptor.
    let (stem, ending) = name.rsplit_once('.')?;
    if ending.eq_ignore_ascii_case("json") {
        return None;
    }
    let stem = stem.to_ascii_lowercase();
    NAMES.into_iter().find_map(|(end, kind)| {
        let before = stem.strip_suffix(end)?;
        let is_word = before.is_empty() || before.ends_with(['_', '-', '.']);
        is_word.then_some(kind)
    })
}

/// What to say of a file that is named like a descriptor and is none; nothing
/// of templates and of TOSCA, which name their files so as well.
fn misnamed(shown: &str, kind: &str, bytes: Vec<u8>) -> Option<Finding> {
    const BODY: [&str; 6] = ["id", "df", "vdu", "kdu", "vnfd-id", "netslice-subnet"];
    let doc = yaml::parse(shown, bytes, Limits::default());
    let text = doc.file().text();
    let is_template = ["{{", "{%", "<%"].iter().any(|mark| text.contains(mark));
    let root = doc.root();
    let has = |key: &str| root.is_some_and(|root| local(root, key).is_some());
    if is_template || has("tosca_definitions_version") || has("apiVersion") {
        return None;
    }
    let first = root.and_then(|root| root.entries().next());
    Some(Finding::UnknownRoot {
        span: match first {
            Some(entry) => entry.key_span(),
            None => Span::whole(doc.file()),
        },
        kind: kind.to_owned(),
        first: first.map(|entry| entry.key().to_owned()),
        is_body: BODY.iter().filter(|key| has(key)).count() > 1,
    })
}

/// A file that is too large to be read: if it begins like a descriptor, it is
/// one that breaks a limit; otherwise it is some other data.
fn read_oversized(file: fs::File, shown: &str) -> io::Result<Option<Descriptor>> {
    let mut head = Vec::new();
    file.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(oversized(&head, shown))
}

/// As much of a file that is too large as is looked at.
const HEAD: usize = 64 << 10;

fn oversized(head: &[u8], shown: &str) -> Option<Descriptor> {
    let file_name = shown.rsplit('/').next().unwrap_or(shown);
    let head = String::from_utf8_lossy(head);
    let (kind, model) = descriptor::sniff(&head, file_name)?;
    let doc = Arc::new(Document::oversized(shown, Limits::default()));
    Some(Descriptor { doc, kind, model })
}

/// Tells whether `bytes` are a descriptor, by their content.
pub(crate) fn recognise(shown: &str, bytes: Vec<u8>) -> Option<Descriptor> {
    let file_name = shown.rsplit('/').next().unwrap_or(shown);
    if file_name != "Chart.yaml" && !mentions_a_root_key(&bytes) {
        return None;
    }
    let doc = yaml::parse(shown, bytes, Limits::default());
    let found = match doc.root() {
        Some(root) => descriptor::identify(root, file_name),
        None if doc.is_broken() => descriptor::sniff(doc.file().text(), file_name),
        None => None,
    };
    let (kind, model) = found?;
    Some(Descriptor {
        doc: Arc::new(doc),
        kind,
        model,
    })
}

/// Parses a file that the user named as a descriptor: what can't be told is
/// then a finding, not a reason to pass it over.
pub(super) fn parse(shown: &str, bytes: Vec<u8>) -> Arc<Document> {
    Arc::new(yaml::parse(shown, bytes, Limits::default()))
}

fn mentions_a_root_key(bytes: &[u8]) -> bool {
    // UTF-16 and other encodings that YAML allows show zero bytes; they are
    // parsed so that the author learns of it.
    [
        "vnfd",
        "nsd",
        "pnfd",
        "nst",
        "nfv",
        "manifest:",
        "hdaGraph",
        "bindingNB",
        "v\0n\0f\0d",
        "n\0s\0d",
        "p\0n\0f\0d",
        "n\0s\0t",
        "m\0a\0n\0i\0f\0e\0s\0t\0:",
        "h\0d\0a\0G\0r\0a\0p\0h",
    ]
    .iter()
    .any(|word| memmem::find(bytes, word.as_bytes()).is_some())
}
