//! `diff`: two packages, and what has changed from the one to the other.

use std::collections::BTreeMap;

use super::named::named;
use super::{Error, Reporter};
use crate::change::{self, FileState, Update};
use crate::csar;
use crate::digest;
use crate::package::csar_descriptor_path;
use crate::report::Changes;
use crate::rules;
use crate::source::{
    self, Finding, Form, Layout, Package, Place, Selection, Workspace, inner_file,
};
use crate::yaml::{self, Limits};

/// What has changed from the package that `before` names to that which `after` names. Each is
/// a folder, a descriptor, a finished package, a name in the layout of the tree or, with a
/// `remote`, a reference.
///
/// # Errors
///
/// One of them is not there, is no package or can't be read, or is of another kind than the
/// other.
pub fn diff(
    workspace: &Workspace,
    #[cfg(feature = "publish")] remote: &crate::oci::Remote,
    (before, after): (&str, &str),
    reporter: &dyn Reporter,
) -> Result<Changes, Error> {
    let read = |name: &str| {
        let named = named(
            workspace,
            #[cfg(feature = "publish")]
            remote,
            &[name],
            reporter,
        )?;
        Ok::<_, Error>((one(workspace, name, &named.selection)?, named))
    };
    // What was fetched stays until it has been compared.
    let (old, _old_named) = read(before)?;
    let (new, _new_named) = read(after)?;
    for (name, package) in [(before, &old), (after, &new)] {
        let mut findings = package.findings.iter();
        let broken = findings.find_map(|finding| match finding {
            Finding::Archive { reason, .. } => Some(reason),
            _ => None,
        });
        if let (None, Some(reason)) = (&package.descriptor, broken) {
            return Err(Error::Unsound {
                package: name.to_owned(),
                reason: format!("the archive can't be read: {reason}"),
                command: "verify",
            });
        }
    }
    let (Some(old_descriptor), Some(new_descriptor)) = (&old.descriptor, &new.descriptor) else {
        let name = if old.descriptor.is_none() {
            before
        } else {
            after
        };
        return Err(Error::NoDescriptor(name.to_owned()));
    };
    if old_descriptor.kind != new_descriptor.kind {
        return Err(Error::OtherKind {
            first: before.to_owned(),
            first_kind: old_descriptor.label(),
            second: after.to_owned(),
            second_kind: new_descriptor.label(),
        });
    }
    for (name, package, descriptor) in [
        (before, &old, old_descriptor),
        (after, &new, new_descriptor),
    ] {
        rules::hide_secrets(descriptor);
        if descriptor.doc.is_broken() {
            return Err(Error::Unsound {
                package: name.to_owned(),
                reason: "its descriptor is no valid YAML".to_owned(),
                command: match package.form {
                    Form::Archive => "verify",
                    _ => "check",
                },
            });
        }
    }
    let mut descriptor = change::changes(old_descriptor, new_descriptor);
    if old_descriptor.kind.is_shield() {
        descriptor.retain(|change| !is_digest(&change.place()));
    }
    let inside = inside(&old, &new);
    if let (Inside::Files, Some(name)) = (&inside, inner_file(&new)) {
        descriptor.extend(inner_changes(&old, &new, &name));
    }
    let is_csar = old.layout == Layout::Csar || new.layout == Layout::Csar;
    let old_files = placed(&old, states(&old, &inside)?, is_csar);
    let new_files = placed(&new, states(&new, &inside)?, is_csar);
    let files = change::files(&old_files, &new_files);
    let update = change::update(old_descriptor, new_descriptor);
    let update = update.map(|update| moved(update, in_package(&old), in_package(&new)));
    let advice = change::advice(
        new_descriptor.kind,
        &descriptor,
        &files,
        old.version(),
        new.version(),
    );
    // What has no id of its own is known by the name that it was given here.
    let title = |package: &Package, name: &str| match package.id() {
        Some(_) => format!("{} {} ({name})", package.label(), package.name()),
        None => format!("{} ({name})", package.label()),
    };
    Ok(Changes {
        before: title(&old, before),
        after: title(&new, after),
        descriptor,
        files,
        update,
        advice,
        not_compared: match inside {
            Inside::Unknown => inner_file(&new),
            Inside::File | Inside::Files => None,
        },
    })
}

/// What OSM says of an update where the descriptors stand in these places of their packages.
pub(super) fn moved(update: Update, before: Option<String>, after: Option<String>) -> Update {
    match (update, before, after) {
        (none @ (Update::NoneInUse | Update::OldModel | Update::OtherId), ..) => none,
        (_, Some(before), Some(after)) if before != after => Update::Moved { before, after },
        (update, ..) => update,
    }
}

/// Where the descriptor of a package of OSM's stands in it, or would when it is built.
pub(super) fn in_package(package: &Package) -> Option<String> {
    let path = &package.descriptor_path;
    let path = path.strip_prefix("./").unwrap_or(path);
    match package.form {
        Form::Archive => Some(path.to_owned()),
        Form::Folder | Form::Loose if package.layout == Layout::Csar => {
            Some(csar_descriptor_path(package))
        }
        Form::Folder | Form::Loose => {
            let name = path.rsplit('/').next().unwrap_or(path);
            Some(format!("{}/{name}", package.id()?))
        }
    }
}

fn one(workspace: &Workspace, name: &str, selection: &Selection) -> Result<Package, Error> {
    let scan = source::scan(workspace, selection).map_err(Error::Scan)?;
    let mut packages = scan.packages.into_iter();
    let package = packages
        .next()
        .ok_or_else(|| match broken(workspace, name) {
            true => Error::Unsound {
                package: name.to_owned(),
                reason: "its descriptor is no valid YAML".to_owned(),
                command: "check",
            },
            false => Error::NoDescriptor(name.to_owned()),
        })?;
    if packages.next().is_some() {
        return Err(Error::Several(name.to_owned()));
    }
    Ok(package)
}

/// Whether a file, or one right in a folder, is YAML that nobody can read: what it describes can't
/// be told then.
fn broken(workspace: &Workspace, name: &str) -> bool {
    let path = workspace.current_dir.join(name);
    let within = std::fs::read_dir(&path).into_iter().flatten().flatten();
    let files = within.map(|entry| entry.path()).chain([path.clone()]);
    let mut yaml = files.filter(|path| {
        let end = path.extension().unwrap_or_default();
        path.is_file() && (end == "yaml" || end == "yml")
    });
    yaml.any(|path| {
        let bytes = std::fs::read(&path).unwrap_or_default();
        yaml::parse(name, bytes, Limits::default()).is_broken()
    })
}

/// The files of a package where they stand in a CSAR, if the other one is one: the build moves
/// those of a folder in OSM's layout.
fn placed(
    package: &Package,
    states: BTreeMap<String, FileState>,
    is_csar: bool,
) -> BTreeMap<String, FileState> {
    if !is_csar {
        return states;
    }
    let place = |path: &str| match package.csar {
        Some(_) => package.placed(path),
        None => csar::place(path),
    };
    let states = states.into_iter();
    let placed = states.filter_map(|(path, state)| Some((place(&path)?, state)));
    placed.collect()
}

/// Whether a field of a SHIELD manifest is a digest of another file, which the build writes.
fn is_digest(place: &str) -> bool {
    matches!(place, "hash" | "security_info/hash")
}

/// How the package inside two SHIELD packages is compared.
enum Inside {
    /// There is none, or it is a file among others.
    File,
    /// It is not at hand in one of them, or not packed yet.
    Unknown,
    /// By its files.
    Files,
}

fn inside(old: &Package, new: &Package) -> Inside {
    // What can't be read is a file that is another one.
    let is_there = |package: &Package| {
        let inner = package.inner.as_deref();
        let descriptor = inner.and_then(|inner| inner.descriptor.as_ref());
        descriptor.is_some_and(|descriptor| !descriptor.doc.is_broken())
    };
    let is_shield = old.layout == Layout::Shield;
    match is_shield && is_there(old) && is_there(new) {
        true => Inside::Files,
        false if is_shield && (is_source(old) || is_source(new)) => Inside::Unknown,
        false => Inside::File,
    }
}

/// What has changed in the descriptor inside, each below the name of the file that it is in.
fn inner_changes(old: &Package, new: &Package, name: &str) -> Vec<change::Change> {
    let descriptor = |package: &Package| package.inner.as_ref()?.descriptor.clone();
    let (Some(old), Some(new)) = (descriptor(old), descriptor(new)) else {
        return Vec::new();
    };
    rules::hide_secrets(&old);
    rules::hide_secrets(&new);
    let mut changes = change::changes(&old, &new);
    for change in &mut changes {
        change.path.insert(0, change::Step::Key(name.to_owned()));
    }
    changes
}

fn is_source(package: &Package) -> bool {
    package.form != Form::Archive
}

/// The files of a package but for its descriptor and what is made of the others.
fn states(package: &Package, inside: &Inside) -> Result<BTreeMap<String, FileState>, Error> {
    let mut states = own_states(package)?;
    let packed = match inside {
        Inside::File => None,
        Inside::Unknown | Inside::Files => inner_file(package),
    };
    if let Some(name) = packed {
        states.remove(&name);
        if let (Inside::Files, Some(inner)) = (inside, &package.inner) {
            let own = own_states(inner)?.into_iter();
            states.extend(own.map(|(path, state)| (format!("{name}!/{path}"), state)));
        }
    }
    Ok(states)
}

fn own_states(package: &Package) -> Result<BTreeMap<String, FileState>, Error> {
    let root = package.root();
    let mut states = BTreeMap::new();
    for file in &package.files {
        let Some(path) = file.path.strip_prefix(root) else {
            continue;
        };
        let is_made = ["checksums.txt", "TOSCA-Metadata/TOSCA.meta"].contains(&path)
            || (!path.contains('/') && path.ends_with(".mf"))
            || (package.layout == Layout::Shield && path == "manifest.yaml.cms");
        if is_made || file.path == package.descriptor_path {
            continue;
        }
        let sha256 = match (&file.sha256, &file.place) {
            (Some(sha256), _) => sha256.clone(),
            (None, Place::Disk(place)) => {
                let read = || digest::sha256(&mut std::fs::File::open(place)?);
                let (sha256, _) = read().map_err(|source| Error::Io {
                    action: "read",
                    path: place.clone(),
                    source,
                })?;
                sha256
            }
            (None, _) => continue,
        };
        let is_executable = file.executable;
        let state = FileState {
            sha256,
            is_executable,
        };
        states.insert(path.to_owned(), state);
    }
    Ok(states)
}
