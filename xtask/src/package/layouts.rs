//! What goes where in the finished package, layout by layout.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use super::csar;
use super::plan::{Format, Member, Mode, Plan, SHIELD_MANIFEST, Source};
use crate::descriptor::{Descriptor, Kind, Model};
use crate::schema::{by_name, validate};
use crate::shield;
use crate::source::{
    FileEntry, Form, Layout, Package, Place, Profile, ShieldProfile, inner_file, safe_name,
};
use crate::yaml::{Document, Limits, parse};

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
    /// A SHIELD manifest that can't be written in the form that is asked for.
    #[error(
        "the manifest of `{package}` can't be written; see `cargo nfv explain shield/unwritable`"
    )]
    Manifest {
        /// The package.
        package: String,
        /// Paths of what is to be written and read at other places as well; see
        /// [`shield::Written`].
        shared: Vec<String>,
        /// Whether what would be written is no document, as where an alias outlives its
        /// anchor.
        is_broken: bool,
    },
    /// A SHIELD manifest whose package is not there.
    #[error("the package inside `{0}` is not there")]
    NoInner(String),
}

/// The content of the archive for `package`.
///
/// `inner` is the finished package inside, with its SHA-256, for SHIELD
/// packages, and `form` that of their manifest; see [`shield_manifest`].
pub fn plan(
    package: &Package,
    epoch: u64,
    inner: Option<(PathBuf, u64, String)>,
    form: ShieldProfile,
) -> Result<Plan, PlanError> {
    let shown = || package.shown.clone();
    if package.form == Form::Archive {
        return Err(PlanError::Finished(shown()));
    }
    let id = package.id().ok_or_else(|| PlanError::NoId(shown()))?;
    let top = safe_name(id);
    let file_name = package
        .file_name()
        .ok_or_else(|| PlanError::NoId(shown()))?;
    let members = match package.layout {
        Layout::Csar if package.csar.is_none() => return Err(PlanError::Csar(shown())),
        Layout::Csar => csar::members(package, &top),
        Layout::Osm => osm(package, &top),
        Layout::Hdag => folder(package, &top, |_| true),
        Layout::Chart => chart(package, &top),
        Layout::Shield => {
            let inner = inner.ok_or_else(|| PlanError::NoInner(shown()))?;
            shield(package, inner, form)?
        }
    };
    let format = match package.layout {
        Layout::Csar => Format::Zip,
        _ => Format::TarGz,
    };
    Ok(Plan {
        file_name,
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
fn shield(
    package: &Package,
    (path, len, sha256): (PathBuf, u64, String),
    form: ShieldProfile,
) -> Result<Vec<Member>, PlanError> {
    let missing = || PlanError::NoInner(package.shown.clone());
    let name = inner_file(package).ok_or_else(missing)?;
    let written = shield_manifest(package, &sha256, form)?;
    let mut members = vec![Member {
        name: SHIELD_MANIFEST.to_owned(),
        mode: Mode::Plain,
        source: Source::Bytes(written.text.into_bytes()),
    }];
    if let Some(file) = attestation(package) {
        members.extend(member(file.path.clone(), file, package));
    }
    if let Some((name, text)) = written.attestation {
        members.push(Member {
            name,
            mode: Mode::Plain,
            source: Source::Bytes(text.into_bytes()),
        });
    }
    members.push(Member {
        name,
        mode: Mode::Plain,
        source: Source::Disk {
            path,
            len,
            marks: None,
        },
    });
    Ok(members)
}

/// The attestation file that a manifest names.
fn attestation(package: &Package) -> Option<&FileEntry> {
    let info = package.descriptor.as_ref()?.field("security_info")?;
    let name = info.get("attestation_filename")?.str()?;
    package.file(&shield::plain(name)?)
}

/// The manifest of a SHIELD package around a package with this SHA-256, by
/// [`shield::write`], and the file that it names where an early form has none. A manifest that
/// is to be for the Store, or for whatever else `form` accepts, is what `form` accepts; in
/// [`ShieldProfile::Any`] that is what the Store takes.
///
/// # Errors
///
/// [`PlanError::Manifest`], where it lacks what nobody but the author knows, or shares values
/// that are to be written.
pub fn shield_manifest(
    package: &Package,
    sha256: &str,
    form: ShieldProfile,
) -> Result<shield::Written, PlanError> {
    let missing = || PlanError::NoInner(package.shown.clone());
    let manifest = package.descriptor.as_ref().ok_or_else(missing)?;
    let inner = package.inner.as_deref().ok_or_else(missing)?;
    let name = inner_file(package).ok_or_else(missing)?;
    let stem = shield::stem(&name).unwrap_or_default();
    let descriptor = match (inner.form, inner.descriptor_path.as_str()) {
        (_, "") => String::new(),
        (Form::Archive, path) => path.to_owned(),
        (_, path) => format!("{stem}/{path}"),
    };
    let attestation = attestation(package).and_then(|file| file.sha256.as_deref());
    let wrapped = shield::Wrapped {
        package: &name,
        sha256,
        descriptor: &descriptor,
        release: inner.descriptor.as_ref().map_or("OSM-R4", shield::release),
        attestation,
        is_service: manifest.kind == Kind::ShieldNs,
        for_store: matches!(form, ShieldProfile::Any | ShieldProfile::StoreHead),
    };
    let written = shield::write(manifest, &wrapped);
    let is_new = |path: &str| package.file(path).is_none();
    let names_new = written.attestation.as_ref();
    let names_new = names_new.is_none_or(|(path, _)| is_new(path));
    let read = parse(SHIELD_MANIFEST, written.text.as_bytes(), Limits::default());
    let is_broken = read.problems().len() > manifest.doc.problems().len();
    let is_whole = !is_broken && written.shared.is_empty();
    if is_whole && names_new && is_sound(&Arc::new(read), &wrapped, form) {
        return Ok(written);
    }
    Err(PlanError::Manifest {
        package: package.shown.clone(),
        shared: written.shared,
        is_broken,
    })
}

/// Whether a manifest that was written says what it should, in the form that is asked for.
fn is_sound(doc: &Arc<Document>, wrapped: &shield::Wrapped<'_>, form: ShieldProfile) -> bool {
    let kind = match wrapped.is_service {
        true => Kind::ShieldNs,
        false => Kind::ShieldVnsf,
    };
    let descriptor = Descriptor {
        doc: Arc::clone(doc),
        kind,
        model: Model::Shield,
    };
    let is = |key: &str, value: &str| {
        let field = descriptor.field(key).and_then(|node| node.str());
        field == Some(value)
    };
    let schema = match form {
        ShieldProfile::Any | ShieldProfile::StoreHead => "shield/store-head",
        ShieldProfile::Docs => "shield/docs",
        ShieldProfile::Legacy => "shield/legacy",
    };
    // The package inside is not there yet when the plan is made.
    let is_valid = |schema| validate(schema, doc, Profile::Osm).is_empty();
    let needs_no_hash = || !wrapped.for_store && descriptor.field("hash").is_none();
    let has_hash = wrapped.sha256.is_empty() || is("hash", wrapped.sha256) || needs_no_hash();
    let is_shaped = wrapped.sha256.is_empty() || by_name(schema).is_none_or(is_valid);
    doc.root().is_some() && is("package", wrapped.package) && has_hash && is_shaped
}
