//! The descriptors of a corpus as documents of each model.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use nfv::yaml::{self, Document, Limits};
use serde_json::{Value, json};

use super::instance;

/// A descriptor of the corpus.
pub struct Descriptor {
    /// Its path below the corpus.
    pub name: String,
    /// The file as it was read.
    pub doc: Document,
    /// `vnfd`, `nsd` or `nst`.
    pub kind: &'static str,
    /// The same as a tree of texts.
    pub value: Value,
}

/// All descriptors below a folder whose root is one of NFV-SOL006 or a slice
/// template, sorted by path; the number is that of files which look like one
/// and can't be read.
pub fn read(folder: &Path) -> Result<(Vec<Descriptor>, usize)> {
    let mut files = Vec::new();
    walk(folder, &mut files)?;
    files.sort();
    let mut descriptors = Vec::new();
    let mut unreadable = 0;
    for path in files {
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.strip_prefix(folder).unwrap_or(&path);
        let name = name.display().to_string();
        let doc = yaml::parse(&name, bytes.clone(), Limits::default());
        if doc.is_broken() {
            let text = String::from_utf8_lossy(&bytes);
            unreadable += usize::from(text.lines().any(|line| kind_of(line.trim_end()).is_some()));
            continue;
        }
        let Some(root) = doc.root() else { continue };
        let key = root.entries().next().map(|entry| entry.key().to_owned());
        let Some(kind) = key.and_then(|key| kind_of(&format!("{key}:"))) else {
            continue;
        };
        let value = instance::from_yaml(root);
        descriptors.push(Descriptor {
            name,
            doc,
            kind,
            value,
        });
    }
    Ok((descriptors, unreadable))
}

/// The kind of descriptor that a line begins.
fn kind_of(line: &str) -> Option<&'static str> {
    let key = line.strip_suffix(':')?;
    ["vnfd", "nsd", "nst"]
        .into_iter()
        .find(|kind| key == *kind || key == format!("etsi-nfv-{kind}:{kind}"))
}

impl Descriptor {
    /// The descriptor as a document of a model, if the model has such: by
    /// itself, or in the container of all descriptors.
    pub fn document(&self, kind: &str) -> Option<Value> {
        if kind == self.kind {
            return Some(self.value.clone());
        }
        let inner = match (kind, self.kind) {
            ("nfv", "vnfd") => vec![self.value.get("vnfd")?.clone()].into(),
            ("nfv", "nsd") => {
                let outer = self.value.get("nsd")?;
                outer.get("nsd").unwrap_or(outer).clone()
            }
            _ => return None,
        };
        Some(json!({"nfv": {self.kind: inner}}))
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = folder.read_dir();
    for entry in entries.with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            files.push(path);
        }
    }
    Ok(())
}
