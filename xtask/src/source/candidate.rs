//! Reading one YAML file and telling whether it is a descriptor.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use memchr::memmem;

use crate::descriptor::{self, Descriptor};
use crate::yaml::{self, Document, Limits};

/// Whether a file is worth opening in search of a descriptor.
pub(super) fn may_be_descriptor(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .map(str::to_ascii_lowercase)
        .is_some_and(|extension| matches!(extension.as_str(), "yaml" | "yml" | "json"))
}

/// Reads `path`; `None` if it is no descriptor.
///
/// Most YAML in a tree is not: a search for the root keys' words costs a
/// hundredth of a parse and leaves out nearly all of it. The caller has seen
/// that it is a file and no pipe, which would make it wait.
pub(super) fn read(path: &Path, shown: &str) -> io::Result<Option<Descriptor>> {
    let limits = Limits::default();
    let file = fs::File::open(path)?;
    let len = file.metadata()?.len();
    if len > limits.bytes as u64 {
        return read_oversized(file, shown);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or(0) + 1);
    file.take(limits.bytes as u64 + 1).read_to_end(&mut bytes)?;
    Ok(recognise(shown, bytes))
}

/// A file that is too large to be read: if it begins like a descriptor, it is
/// one that breaks a limit; otherwise it is some other data.
fn read_oversized(file: fs::File, shown: &str) -> io::Result<Option<Descriptor>> {
    let mut head = Vec::new();
    file.take(64 << 10).read_to_end(&mut head)?;
    let file_name = shown.rsplit('/').next().unwrap_or(shown);
    let head = String::from_utf8_lossy(&head);
    let Some((kind, model)) = descriptor::sniff(&head, file_name) else {
        return Ok(None);
    };
    let doc = Arc::new(Document::oversized(shown, Limits::default()));
    Ok(Some(Descriptor { doc, kind, model }))
}

/// Tells whether `bytes` are a descriptor, by their content.
pub(super) fn recognise(shown: &str, bytes: Vec<u8>) -> Option<Descriptor> {
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

/// Reads a file that the user named as a descriptor: what can't be told is
/// then a finding, not a reason to pass it over.
pub(super) fn parse(path: &Path, shown: &str) -> io::Result<Arc<Document>> {
    let bytes = fs::read(path)?;
    Ok(Arc::new(yaml::parse(shown, bytes, Limits::default())))
}

fn mentions_a_root_key(bytes: &[u8]) -> bool {
    // UTF-16 and other encodings that YAML allows show zero bytes; they are
    // parsed so that the author learns of it.
    [
        "vnfd",
        "nsd",
        "pnfd",
        "nst",
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
