//! What goes where in the finished package, layout by layout.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use super::csar;
use super::plan::{Format, Member, Mode, Plan, SHIELD_MANIFEST, Source, safe_name, safe_version};
use crate::descriptor::Descriptor;
use crate::source::{FileEntry, Form, Layout, Package, Place};

/// Why no plan can be made. The checks report all of these with a place
/// before a build gets here.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PlanError {
    /// There is no descriptor, or it has no id.
    #[error("`{0}` has no id")]
    NoId(String),
    /// A finished package was given.
    #[error("`{0}` is a finished package already")]
    Finished(String),
    /// A CSAR around what has none.
    #[error("`{0}` is laid out as a CSAR, but there are none for what it describes")]
    Csar(String),
    /// A SHIELD manifest whose package is not there.
    #[error("the package inside `{0}` is not there")]
    NoInner(String),
}

/// The content of the archive for `package`.
///
/// `inner` is the finished package inside, with its SHA-256, for SHIELD
/// packages; see [`shield_manifest`].
pub fn plan(
    package: &Package,
    epoch: u64,
    inner: Option<(PathBuf, u64, String)>,
) -> Result<Plan, PlanError> {
    let shown = || package.shown.clone();
    if package.form == Form::Archive {
        return Err(PlanError::Finished(shown()));
    }
    let id = package.id().ok_or_else(|| PlanError::NoId(shown()))?;
    let top = safe_name(id);
    let stem = match package.version() {
        Some(version) => format!("{top}-{}", safe_version(version)),
        None => top.clone(),
    };
    let (members, ending) = match package.layout {
        Layout::Csar if package.csar.is_none() => return Err(PlanError::Csar(shown())),
        Layout::Csar => (csar::members(package, &top), "csar"),
        Layout::Osm => (osm(package, &top), "tar.gz"),
        Layout::Hdag => (folder(package, &top, |_| true), "tar.gz"),
        Layout::Chart => (chart(package, &top), "tgz"),
        Layout::Shield => {
            let inner = inner.ok_or_else(|| PlanError::NoInner(shown()))?;
            (shield(package, inner), "shield.tar.gz")
        }
    };
    let format = match package.layout {
        Layout::Csar => Format::Zip,
        _ => Format::TarGz,
    };
    Ok(Plan {
        file_name: format!("{stem}.{ending}"),
        members,
        epoch,
        format,
    })
}

/// An OSM package under the top folder `top`, which is the id: the name of the
/// source folder may differ from one checkout to the next.
fn osm(package: &Package, top: &str) -> Vec<Member> {
    let mut members = folder(package, top, |path| path != "checksums.txt");
    members.push(Member {
        name: format!("{top}/checksums.txt"),
        mode: Mode::Plain,
        source: Source::Checksums,
    });
    members
}

/// The OSM package inside a SHIELD package: as [`plan`] makes it, but with the
/// top folder that the manifest asks for.
pub(crate) fn wrapped(package: &Package, top: &str, epoch: u64) -> Plan {
    Plan {
        file_name: format!("{top}.tar.gz"),
        members: osm(package, top),
        epoch,
        format: Format::TarGz,
    }
}

/// Helm writes files only, no directories.
fn chart(package: &Package, top: &str) -> Vec<Member> {
    let mut members = folder(package, top, |_| true);
    members.retain(|member| !matches!(member.source, Source::Directory));
    members
}

/// All files below `top`, with the folders they stand in, sorted. Empty
/// folders are left out: version control does not keep them, so they would
/// make two checkouts differ.
fn folder(package: &Package, top: &str, keep: impl Fn(&str) -> bool) -> Vec<Member> {
    let mut folders: BTreeSet<String> = BTreeSet::from([top.to_owned()]);
    let mut members = Vec::new();
    for file in &package.files {
        if !keep(&file.path) {
            continue;
        }
        let name = format!("{top}/{}", file.path);
        for (i, _) in name.match_indices('/') {
            folders.insert(name[..i].to_owned());
        }
        members.extend(member(name, file, package));
    }
    members.extend(folders.into_iter().map(|name| Member {
        name,
        mode: Mode::Executable,
        source: Source::Directory,
    }));
    members.sort_by(|a, b| a.name.cmp(&b.name));
    members
}

/// A file of `package` under a name; `None` for a member of an archive.
pub(super) fn member(name: String, file: &FileEntry, package: &Package) -> Option<Member> {
    let Place::Disk(path) = &file.place else {
        return None;
    };
    let descriptor = package.descriptor.as_ref();
    let own = descriptor.filter(|_| file.path == package.descriptor_path);
    let filled = own.and_then(|own| Some((own.doc.file(), own.doc.filled()?)));
    Some(Member {
        name,
        mode: if file.executable {
            Mode::Executable
        } else {
            Mode::Plain
        },
        source: match filled {
            Some((from, text)) => Source::Filled {
                path: path.clone(),
                from: Arc::clone(from),
                text: Arc::clone(text),
            },
            None => Source::Disk {
                path: path.clone(),
                len: file.len,
                marks: file.marks,
            },
        },
    })
}

/// The manifest, the attestation if there is one, and the package inside:
/// exactly what the Store looks at.
fn shield(package: &Package, (path, len, sha256): (PathBuf, u64, String)) -> Vec<Member> {
    let mut members = Vec::new();
    let Some(descriptor) = &package.descriptor else {
        return members;
    };
    members.push(Member {
        name: SHIELD_MANIFEST.to_owned(),
        mode: Mode::Plain,
        source: Source::Bytes(shield_manifest(descriptor, &sha256).into_bytes()),
    });
    let attestation = descriptor
        .field("security_info")
        .and_then(|info| info.get("attestation_filename")?.str());
    if let Some(file) = attestation.and_then(|name| package.file(name)) {
        members.extend(member(file.path.clone(), file, package));
    }
    if let Some(name) = descriptor.field("package").and_then(|node| node.str()) {
        members.push(Member {
            name: name.to_owned(),
            mode: Mode::Plain,
            source: Source::Disk {
                path,
                len,
                marks: None,
            },
        });
    }
    members
}

/// The manifest's text with the SHA-256 of the package inside filled in, and
/// nothing else touched: comments and layout stay as the author wrote them.
///
/// A manifest of the published documentation has no `hash` for a network
/// service; the lines that the Store wants are then added behind `package`.
pub fn shield_manifest(descriptor: &Descriptor, sha256: &str) -> String {
    let text = descriptor.doc.file().text();
    let mut text = text.to_owned();
    let Some(body) = descriptor.body() else {
        return text;
    };
    // From the back, so that earlier offsets stay right.
    let mut edits: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    let mut missing = Vec::new();
    match body.get("hash") {
        Some(hash) if hash.text().is_some() => edits.push((hash.at(), format!("'{sha256}'"))),
        _ => missing.push(format!("hash: '{sha256}'")),
    }
    if body.get("hashing_algorithm").is_none() {
        missing.push("hashing_algorithm: SHA_256".to_owned());
    }
    if let (Some(package), false) = (body.entry("package"), missing.is_empty()) {
        let key = package.key_at().start;
        let line = text[..key].rfind('\n').map_or(0, |i| i + 1);
        let indent = &text[line..key];
        if indent.trim().is_empty() {
            let end = package.value().at().end;
            let end = text[end..].find('\n').map_or(text.len(), |i| end + i);
            let added: String = missing
                .iter()
                .map(|entry| format!("\n{indent}{entry}"))
                .collect();
            edits.push((end..end, added));
        } else {
            // A flow mapping: `{package: x, …}`.
            let added = missing.join(", ");
            edits.push((key..key, format!("{added}, ")));
        }
    }
    edits.sort_by_key(|(at, _)| std::cmp::Reverse(at.start));
    for (at, new) in edits {
        text.replace_range(at, &new);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{Kind, Model};
    use crate::yaml::{Limits, parse};

    fn manifest(text: &str) -> String {
        let doc = parse("manifest.yaml", text.as_bytes(), Limits::default());
        let descriptor = Descriptor {
            doc: Arc::new(doc),
            kind: Kind::ShieldNs,
            model: Model::Shield,
        };
        shield_manifest(&descriptor, "abc")
    }

    #[test]
    fn the_hash_is_filled_in_and_comments_stay() {
        let text = "manifest:ns:\n  # by the build\n  hash: '0000' # later\n  hashing_algorithm: SHA_256\n  package: a.tar.gz\n";
        assert_eq!(manifest(text), text.replace("'0000'", "'abc'"));
    }

    #[test]
    fn what_the_store_wants_is_added() {
        let text = "manifest:ns:\n  package: a.tar.gz # inner\n  type: OSM\n";
        assert_eq!(
            manifest(text),
            "manifest:ns:\n  package: a.tar.gz # inner\n  hash: 'abc'\n  hashing_algorithm: SHA_256\n  type: OSM\n"
        );
        assert_eq!(
            manifest("manifest:ns: {package: a.tar.gz}\n"),
            "manifest:ns: {hash: 'abc', hashing_algorithm: SHA_256, package: a.tar.gz}\n"
        );
    }
}
