//! Reading one YAML file and telling whether it is a descriptor.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use memchr::memmem;

use super::lost_manifest;
use super::package::Finding;
use crate::descriptor::{self, Descriptor, Kind, Model, local};
use crate::diagnostic::Span;
use crate::yaml::{self, Document, Limits, Node, Placeholders, Shape};

/// Whether a file is worth opening in search of a descriptor.
pub(crate) fn may_be_descriptor(path: &Path) -> bool {
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
    let doc = match look(shown, bytes) {
        Ok(descriptor) => return Ok(Candidate::Descriptor(fill(descriptor, placeholders))),
        Err(doc) => doc,
    };
    let parse = || Ok(yaml::parse(shown, fs::read(path)?, limits));
    unknown(path, shown, doc, &parse)
}

/// What a file is that is known as no descriptor. It may be read already.
fn unknown(
    path: &Path,
    shown: &str,
    doc: Option<Box<Document>>,
    parse: &dyn Fn() -> io::Result<Document>,
) -> io::Result<Candidate> {
    let whole = |doc: Option<Box<Document>>| doc.map_or_else(parse, |doc| Ok(*doc));
    if lost_manifest::is_named(shown) {
        let finding = lost_manifest::lost(path, whole(doc)?);
        return Ok(finding.map_or(Candidate::Other, Candidate::Misnamed));
    }
    Ok(match named_kind(shown) {
        Some(kind) => misnamed(whole(doc)?, kind),
        None => unnamed(doc),
    })
}

fn unnamed(doc: Option<Box<Document>>) -> Candidate {
    let finding = doc.as_deref().and_then(wrong_root);
    finding.map_or(Candidate::Other, Candidate::Misnamed)
}

/// The same of a text that is not saved yet.
pub(super) fn unsaved(
    path: &Path,
    shown: &str,
    bytes: &[u8],
    placeholders: &Arc<Placeholders>,
) -> io::Result<Candidate> {
    let limits = Limits::default();
    if bytes.len() > limits.bytes {
        let found = oversized(&bytes[..bytes.len().min(HEAD)], shown);
        return Ok(found.map_or(Candidate::Other, Candidate::Descriptor));
    }
    let doc = match look(shown, bytes.to_vec()) {
        Ok(descriptor) => return Ok(Candidate::Descriptor(fill(descriptor, placeholders))),
        Err(doc) => doc,
    };
    let parse = || Ok(yaml::parse(shown, bytes.to_vec(), limits));
    unknown(path, shown, doc, &parse)
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

/// What a file is that is named like a descriptor and not known as one; nothing is
/// said of templates and of TOSCA, which name their files so as well. One that can't
/// be parsed is a descriptor where its lines look like one.
fn misnamed(doc: Document, kind: &'static str) -> Candidate {
    let text = doc.file().text();
    let root = doc.root();
    let has = |key: &str| root.is_some_and(|root| local(root, key).is_some());
    if descriptor::is_template(text) || has("tosca_definitions_version") || has("apiVersion") {
        return Candidate::Other;
    }
    if doc.is_broken() && descriptor::looks_like_body(text.lines()) {
        let kind = match kind {
            "nsd" => Kind::Ns,
            "nst" => Kind::Nst,
            "pnfd" => Kind::Pnf,
            _ => Kind::Vnf,
        };
        return Candidate::Descriptor(Descriptor {
            doc: Arc::new(doc),
            kind,
            model: Model::Sol006,
        });
    }
    // What nobody can read holds nothing that could be told of it.
    if doc.is_broken() {
        return Candidate::Misnamed(Finding::NotYaml { doc: doc.into() });
    }
    let first = root.and_then(|root| root.entries().next());
    let list = root.filter(|root| root.shape() == Shape::Sequence);
    Candidate::Misnamed(Finding::UnknownRoot {
        span: match (first, list) {
            (Some(entry), _) => entry.key_span(),
            (None, Some(list)) => match list.item(0).and_then(|item| item.entries().next()) {
                Some(entry) => entry.key_span(),
                None => Span::whole(doc.file()),
            },
            (None, None) => Span::whole(doc.file()),
        },
        kind: kind.to_owned(),
        first: first.map(|entry| entry.key().to_owned()),
        is_body: root.is_some_and(is_body),
        is_list: list.is_some(),
        is_descriptor: root.is_some_and(holds_body),
    })
}

/// Whether a mapping has what stands at the top of a descriptor.
fn is_body(node: Node<'_>) -> bool {
    let has = |key: &str| local(node, key).is_some();
    descriptor::BODY.iter().filter(|key| has(key)).count() > 1
}

/// Whether there is such a mapping: the root, what stands below the first key, or
/// either of them in a list.
fn holds_body(root: Node<'_>) -> bool {
    let inside = |node: Node<'_>| {
        let value = node.entries().next().map(|entry| entry.value());
        let item = value.and_then(|value| value.item(0));
        [Some(node), value, item].into_iter().flatten().any(is_body)
    };
    inside(root) || root.item(0).is_some_and(inside)
}

/// The finding of a file that is a descriptor but for its first key, whatever the
/// name of the file; `None` where it need not be meant as one.
fn wrong_root(doc: &Document) -> Option<Finding> {
    let root = doc.root()?;
    let is_list = root.shape() == Shape::Sequence;
    let around = match is_list {
        true => root.item(0).filter(|_| root.items().len() == 1)?,
        false => root,
    };
    let first = around.entries().next()?;
    let (kind, _) = descriptor::of_misspelt_key(first.key())?;
    // A list may name descriptors, and a mapping have a value of that name.
    let value = first.value();
    let is_named = value.shape() == Shape::Scalar && !value.is_null();
    if is_named || !holds_body(root) || descriptor::is_template(doc.file().text()) {
        return None;
    }
    let kind = match kind {
        Kind::Vnf => "vnfd",
        Kind::Ns => "nsd",
        Kind::Pnf => "pnfd",
        Kind::Nst => "nst",
        _ => return None,
    };
    Some(Finding::UnknownRoot {
        span: first.key_span(),
        kind: kind.to_owned(),
        first: Some(first.key().to_owned()),
        is_body: false,
        is_list,
        is_descriptor: true,
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
    look(shown, bytes).ok()
}

/// The descriptor; or what was read of something else, if it was.
fn look(shown: &str, bytes: Vec<u8>) -> Result<Descriptor, Option<Box<Document>>> {
    let file_name = shown.rsplit('/').next().unwrap_or(shown);
    if file_name != "Chart.yaml" && !mentions_a_root_key(&bytes) {
        return Err(None);
    }
    let doc = yaml::parse(shown, bytes, Limits::default());
    let found = match doc.root() {
        Some(root) => descriptor::identify(root, file_name),
        None if doc.is_broken() => descriptor::sniff(doc.file().text(), file_name),
        None => None,
    };
    match found {
        Some((kind, model)) => Ok(Descriptor {
            doc: Arc::new(doc),
            kind,
            model,
        }),
        None => Err(Some(Box::new(doc))),
    }
}

/// Parses a file that the user named as a descriptor: what can't be told is
/// then a finding, not a reason to pass it over.
pub(super) fn parse(shown: &str, bytes: Vec<u8>) -> Arc<Document> {
    Arc::new(yaml::parse(shown, bytes, Limits::default()))
}

/// What a file of YAML is that is named like the manifest of a SHIELD package and holds none, in
/// words that follow its name; the finding where it is no YAML at all.
pub(super) fn no_manifest(doc: &Arc<Document>) -> Result<(Span, &'static str), Finding> {
    if doc.is_broken() {
        return Err(Finding::NotYaml { doc: doc.clone() });
    }
    let what = match doc.root().filter(|root| !root.is_null()) {
        None => "is empty",
        Some(root) => match root.shape() {
            Shape::Sequence => "is a list, where a manifest is a mapping",
            Shape::Scalar => "is a single text, where a manifest is a mapping",
            _ => "begins with neither `manifest:ns:` nor `manifest:vnsf:`",
        },
    };
    Ok((Span::whole(doc.file()), what))
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
