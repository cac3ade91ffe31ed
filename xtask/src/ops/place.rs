//! Places that artifacts are in, opened: what `copy`, `pull`, `list` and
//! `inspect` have in common.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::Error;
use super::version_range::{Range, is_one_version};
use super::versions::{compare, highest, is_pointer};
use crate::oci::{Fetched, Layout, LayoutError, Place, Remote, Store, parse_tag};
use crate::scratch::{self, Way};
use crate::source::Workspace;

/// Whether a name says where an artifact is published, and is no file. A host
/// without a scheme looks like a folder, so a file that is there comes first.
pub fn names_place(workspace: &Workspace, text: &str) -> bool {
    let is_file = workspace.current_dir.join(text).exists();
    match Place::parse(text) {
        Ok(Place::Own(_)) => false,
        Ok(_) => !is_file,
        // What is wrong with it is told when it is opened. Without a scheme it
        // may still be a path.
        Err(_) => {
            let host = text.split('/').next().unwrap_or_default();
            let is_folder = workspace.current_dir.join(host).exists();
            text.contains("://") || (is_host(host) && !is_folder && !is_file)
        }
    }
}

/// What is to be done with a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// What is there is looked at.
    Read,
    /// Something is added to what is there.
    Change,
    /// Something is put there, where nothing need be yet.
    Create,
}

/// Which version is meant, where a reference does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionChoice {
    /// A tag, or a range as Helm has them; the highest version where there is none.
    pub version: Option<String>,
    /// Whether the highest may be a preliminary one; as Helm's `--devel`.
    pub devel: bool,
}

/// A place that can be read and written.
pub(super) struct OpenPlace<'a> {
    /// Where the artifacts are.
    pub store: Store<'a>,
    /// The tag, name or digest that was named.
    pub target: Option<String>,
    /// The tag beside a digest.
    pub tag: Option<String>,
    /// Whether it is the layout that builds of the tree publish to.
    pub is_own: bool,
    /// The place as it is shown: `ghcr.io/edge/router`, `oci:folder`.
    pub shown: String,
    /// What a name may have been meant to be, behind a semicolon; nothing where
    /// it looks like nothing else.
    meant: String,
    /// An archive whose layout lies in a temporary folder.
    archive: Option<Unpacked>,
    /// A layout that is written.
    _site: Option<Site>,
}

/// A layout at which something is done, and which is to have no traces of it that nobody
/// has any use for.
struct Site {
    layout: Layout,
    /// Held against others that add to what artifacts have.
    _adding: Option<File>,
    /// Where there was nothing before.
    new: Option<NewLayout>,
}

struct NewLayout {
    /// The folder, locked in common with others that are at work on the same new layout.
    lock: Option<File>,
    _way: Way,
}

impl Site {
    /// Fails where the folder of a new layout can't be made.
    fn open(layout: &Layout, access: Access) -> Result<Self, Error> {
        let root = layout.root();
        let is_empty = match fs::read_dir(root) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        let new = match is_empty {
            true => {
                let way = Way::to(root).map_err(|source| Error::Io {
                    action: "create",
                    path: root.to_owned(),
                    source,
                })?;
                let folder = File::open(root).ok();
                let lock = folder.filter(|folder| folder.lock_shared().is_ok());
                Some(NewLayout { lock, _way: way })
            }
            false => None,
        };
        Ok(Site {
            layout: layout.clone(),
            _adding: match access {
                Access::Change => layout.adding(),
                Access::Read | Access::Create => None,
            },
            new,
        })
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.layout.tidy();
        // Of a layout without an index nothing is to be seen. Another run may count on blobs
        // that are there already, so nothing is taken from under it.
        let lock = self.new.as_ref().and_then(|new| new.lock.as_ref());
        let is_alone = lock.is_some_and(|lock| lock.unlock().is_ok() && lock.try_lock().is_ok());
        if is_alone && !self.layout.exists() {
            self.layout.discard();
        }
    }
}

/// An archive that is open, with the folder in which its layout lies.
struct Unpacked {
    path: PathBuf,
    _folder: scratch::Folder,
    /// The folder of the archive, locked against others that write one there:
    /// the last would undo what the first have done.
    _lock: Option<File>,
}

impl<'a> OpenPlace<'a> {
    /// Opens what a command line names. An archive is unpacked to be read.
    pub fn open(
        workspace: &Workspace,
        remote: &'a Remote,
        text: &str,
        access: Access,
    ) -> Result<Self, Error> {
        let here = |path: PathBuf| workspace.current_dir.join(path);
        let site = |layout: &Layout| match access {
            Access::Read => Ok(None),
            Access::Change | Access::Create => Site::open(layout, access).map(Some),
        };
        match Place::parse(text)? {
            Place::Registry(reference) => {
                let target = reference.digest.clone().or(reference.tag.clone());
                Ok(OpenPlace {
                    shown: reference.repository.to_string(),
                    store: Store::Registry(remote, reference.repository),
                    target,
                    tag: reference.tag.filter(|_| reference.digest.is_some()),
                    meant: String::new(),
                    is_own: false,
                    _site: None,
                    archive: None,
                })
            }
            Place::Layout(path, target) => {
                let shown = format!("oci:{}", path.display());
                let layout = Layout::new(here(path));
                if access != Access::Create && !layout.exists() {
                    return Err(Error::NoLayout(shown));
                }
                Ok(OpenPlace {
                    _site: site(&layout)?,
                    shown,
                    store: Store::Layout(layout),
                    target,
                    tag: None,
                    meant: String::new(),
                    is_own: false,
                    archive: None,
                })
            }
            Place::Archive(path, target) => {
                let shown = format!("oci-archive:{}", path.display());
                let path = here(path);
                if access != Access::Create && !path.exists() {
                    return Err(Error::NoLayout(shown));
                }
                let folder = scratch::folder().map_err(|source| Error::Io {
                    action: "create a folder in",
                    path: std::env::temp_dir(),
                    source,
                })?;
                let layout = Layout::passing(folder.path());
                let lock = match access {
                    Access::Read => None,
                    Access::Change | Access::Create => locked(&path),
                };
                if path.exists() {
                    layout.unpack(&path)?;
                }
                Ok(OpenPlace {
                    store: Store::Layout(layout),
                    target,
                    tag: None,
                    meant: String::new(),
                    is_own: false,
                    shown,
                    _site: None,
                    archive: Some(Unpacked {
                        path,
                        _folder: folder,
                        _lock: lock,
                    }),
                })
            }
            Place::Own(name) => {
                if name.is_empty() && access != Access::Create {
                    return Err(Error::NoReference);
                }
                let hint = archive_hint(&name);
                if access == Access::Create && !(may_be_name(&name) && hint.is_empty()) {
                    let meant = meant(workspace, &name);
                    return Err(Error::NoPlace {
                        hint: if meant.is_empty() { hint } else { meant },
                        text: name,
                    });
                }
                let layout = Layout::new(workspace.out_dir.join("oci"));
                Ok(OpenPlace {
                    _site: site(&layout)?,
                    shown: workspace.shown(layout.root()),
                    store: Store::Layout(layout),
                    meant: meant(workspace, &name),
                    is_own: true,
                    target: Some(name),
                    tag: None,
                    archive: None,
                })
            }
        }
    }

    /// Takes what was named in the version that is chosen, which a name may have already.
    ///
    /// As with Helm, one version is a tag that is asked for; a range is held against the versions
    /// that are there, unless one of them is called like it.
    ///
    /// # Errors
    ///
    /// The version is neither a tag nor a range, no version is in the range, the reference says
    /// another one, or the place can't be read.
    pub fn choose(&mut self, choice: &VersionChoice) -> Result<(), Error> {
        if choice.devel {
            self.without_version("--devel")?;
            if let Some(name) = self.highest_of(&Range::with_preliminary())? {
                self.target = Some(name);
            }
        }
        let Some(version) = &choice.version else {
            return Ok(());
        };
        let tag = parse_tag(version);
        let range = match is_one_version(version) {
            true => Err(String::new()),
            false => Range::parse(version),
        };
        self.target = Some(match (range, tag) {
            (Ok(range), tag) => {
                self.without_version(version)?;
                let names = self.versions()?;
                let is_it = |name: &&String| tag.as_deref().is_ok_and(|tag| tag_of(name) == tag);
                match names.iter().find(is_it).cloned() {
                    Some(name) => name,
                    None => self.highest_of(&range)?.ok_or_else(|| Error::NotInRange {
                        place: self.shown.clone(),
                        range: version.clone(),
                        names: downwards(names),
                    })?,
                }
            }
            (Err(_), Ok(tag)) => self.in_version(version, tag)?,
            (Err(reason), Err(source)) => {
                return Err(Error::NoVersion {
                    version: version.clone(),
                    reason,
                    source,
                });
            }
        });
        Ok(())
    }

    /// The name of what was named in one version.
    fn in_version(&self, version: &str, tag: String) -> Result<String, Error> {
        match (&self.target, &self.store) {
            (None, _) => Ok(tag),
            (Some(name), Store::Layout(_)) if !name.contains(':') => Ok(format!("{name}:{tag}")),
            (Some(name), _) => {
                let named = self.tag.as_deref().or(name.rsplit(':').next());
                match named == Some(tag.as_str()) {
                    true => Ok(name.clone()),
                    false => Err(self.two_versions(version)),
                }
            }
        }
    }

    /// Fails where what was named has a version already.
    fn without_version(&self, version: &str) -> Result<(), Error> {
        match (&self.target, &self.store) {
            (None, _) => Ok(()),
            (Some(name), Store::Layout(_)) if !name.contains(':') => Ok(()),
            _ => Err(self.two_versions(version)),
        }
    }

    fn two_versions(&self, version: &str) -> Error {
        let name = self.target.as_deref().unwrap_or_default();
        let sign = if name.contains(':') { '@' } else { ':' };
        Error::TwoVersions {
            reference: format!("{}{sign}{name}", self.shown),
            version: version.to_owned(),
        }
    }

    /// The manifest of that name or digest, by the rules of [`fetch`].
    pub fn fetch(&self, name: &str) -> Result<Fetched, Error> {
        fetch(&self.store, &self.shown, name)
    }

    /// The names of what was named in all versions that are there.
    fn versions(&self) -> Result<Vec<String>, Error> {
        let mut names = match &self.store {
            Store::Registry(remote, repository) => remote.tags(repository)?,
            Store::Layout(layout) => layout.names()?.into_iter().map(|(name, _)| name).collect(),
        };
        names.retain(|name| {
            let id = name.rsplit_once(':').map_or("", |(id, _)| id);
            !is_pointer(tag_of(name)) && self.target.as_deref().is_none_or(|target| target == id)
        });
        Ok(names)
    }

    /// The highest version of a range, unless there are several packages of which it could be one.
    fn highest_of(&self, range: &Range) -> Result<Option<String>, Error> {
        let mut names = self.versions()?;
        names.retain(|name| range.holds(tag_of(name)));
        let id = |name: &String| name.rsplit_once(':').map(|(id, _)| id.to_owned());
        if names.iter().any(|name| id(name) != id(&names[0])) {
            return Err(Error::Which {
                place: self.shown.clone(),
                names,
            });
        }
        Ok(downwards(names).into_iter().next())
    }

    /// The name or digest of what is meant: the one that was named; without one
    /// the highest version in a repository, or the only thing in a layout.
    pub fn target(&self) -> Result<String, Error> {
        match (&self.target, &self.store) {
            (Some(target), Store::Layout(layout)) => match layout.find_name(target) {
                Ok((name, _)) => {
                    let names = layout.names()?;
                    let of_name = names.iter().filter(|(own, _)| *own == name);
                    // A name that others have as well is no way to it.
                    match of_name.count() {
                        1 => Ok(name),
                        _ => Ok(target.clone()),
                    }
                }
                // What refers to something else has no name.
                Err(LayoutError::NotFound { .. }) if target.starts_with("sha256:") => {
                    Ok(target.clone())
                }
                Err(error) => Err(self.no_such(target, error)),
            },
            (Some(target), _) => Ok(target.clone()),
            // As Helm has it: the highest version.
            (None, Store::Registry(remote, repository)) => {
                let tags = remote.tags(repository)?;
                if highest(&tags).is_none() && tags.iter().any(|tag| !is_pointer(tag)) {
                    return Err(Error::Which {
                        place: self.shown.clone(),
                        names: tags.into_iter().filter(|tag| !is_pointer(tag)).collect(),
                    });
                }
                highest(&tags).ok_or_else(|| Error::NoTags(repository.to_string()))
            }
            (None, Store::Layout(layout)) => {
                let names: Vec<String> = layout
                    .names()?
                    .into_iter()
                    .map(|(name, _)| name)
                    // What only speaks about a digest is not what is meant.
                    .filter(|name| !is_pointer(name))
                    .collect();
                // Where nothing has a name, what speaks about nothing else.
                let unnamed = match names.is_empty() {
                    true => layout.unnamed()?,
                    false => Vec::new(),
                };
                match (names.as_slice(), unnamed.as_slice()) {
                    ([only], _) | ([], [only]) => Ok(only.clone()),
                    ([], [_, ..]) => Err(Error::Which {
                        place: self.shown.clone(),
                        names: unnamed,
                    }),
                    _ => Err(Error::Which {
                        place: self.shown.clone(),
                        names,
                    }),
                }
            }
        }
    }

    /// Whether the entry of that name and digest is meant: all of them where
    /// none was named, those of an id, or one. What only speaks about a digest
    /// has to be named.
    pub fn means(&self, name: &str, digest: &str) -> bool {
        match self.target.as_deref() {
            None => !is_pointer(name),
            Some(target) => {
                let is_id = name.rsplit_once(':').is_some_and(|(id, _)| id == target);
                name == target || digest == target || is_id
            }
        }
    }

    /// Why there is nothing of that name, with what was meant perhaps.
    fn no_such(&self, name: &str, error: LayoutError) -> Error {
        match error {
            // What may be a name is one first, and there may be one like it.
            LayoutError::NotFound { nearest, .. }
                if !self.meant.is_empty() && (nearest.is_none() || !may_be_name(name)) =>
            {
                Error::NoSuchName {
                    name: name.to_owned(),
                    layout: self.shown.clone(),
                    hint: self.meant.clone(),
                }
            }
            LayoutError::NotFound { reference, nearest }
                if self.shown.starts_with("oci:") || self.shown.starts_with("oci-archive:") =>
            {
                let at = |name: String| format!("{}:{name}", self.shown);
                let (reference, nearest) = (at(reference), nearest.map(at));
                LayoutError::NotFound { reference, nearest }.into()
            }
            error => error.into(),
        }
    }

    /// What has a digest here, as a command line names it.
    pub fn by_digest(&self, digest: &str) -> String {
        match &self.store {
            Store::Registry(..) => format!("{}@{digest}", self.shown),
            Store::Layout(_) => format!("{}:{digest}", self.shown),
        }
    }

    /// Writes what was changed, where that is not where it belongs yet.
    pub fn finish(self) -> Result<(), Error> {
        if let (Some(archive), Store::Layout(layout)) = (&self.archive, &self.store) {
            layout.pack(&archive.path)?;
        }
        Ok(())
    }
}

/// The manifest of a name or digest in a store, which is shown so.
///
/// # Errors
///
/// It can't be had; where a repository has no such tag, that says which it has.
pub(super) fn fetch(store: &Store<'_>, shown: &str, name: &str) -> Result<Fetched, Error> {
    let error = match store.fetch(name) {
        Ok(fetched) => return Ok(fetched),
        Err(error) => error,
    };
    let Store::Registry(remote, repository) = store else {
        return Err(error.into());
    };
    if !error.is_not_found() || name.contains(':') {
        return Err(error.into());
    }
    let names = remote.tags(repository).unwrap_or_default();
    let names = names.into_iter().filter(|tag| !is_pointer(tag)).collect();
    let names = downwards(names);
    // A list may go on naming what is gone.
    match names.is_empty() || names.iter().any(|tag| tag == name) {
        true => Err(error.into()),
        false => Err(Error::NoSuchVersion {
            place: shown.to_owned(),
            version: name.to_owned(),
            names,
        }),
    }
}

/// The version that a name ends with.
fn tag_of(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or_default()
}

/// Names by their versions, the highest first.
fn downwards(mut names: Vec<String>) -> Vec<String> {
    names.sort_by(|a, b| compare(tag_of(b), tag_of(a)));
    names
}

/// The transports of skopeo, which are no packages.
const TRANSPORTS: [&str; 10] = [
    "containers-storage",
    "dir",
    "docker",
    "docker-archive",
    "docker-daemon",
    "oci",
    "oci-archive",
    "ostree",
    "sif",
    "tarball",
];

/// Whether something may be published in the layout of a tree by that name:
/// `NAME[:TAG]`, with the characters that ids have. What is a host or one of
/// skopeo's transports is meant otherwise.
fn may_be_name(text: &str) -> bool {
    if text.starts_with("sha256:") {
        return false;
    }
    let (name, tag) = match text.split_once(':') {
        Some((name, tag)) => (name, Some(tag)),
        None => (text, None),
    };
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let is_name =
        name.chars().all(is_word) && name.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    is_name
        && tag.is_none_or(|tag| parse_tag(tag).is_ok())
        && !TRANSPORTS.contains(&name)
        && !is_host(text)
}

/// Whether a text looks like a registry that is named without a scheme:
/// `localhost`, `localhost:5000`, `ghcr.io`, `10.0.0.1:5000`.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let is_port = port.is_some_and(|port| port.parse::<u16>().is_ok());
    let is_v4 = host.parse::<std::net::Ipv4Addr>().is_ok();
    let is_v6 = host.starts_with('[') && host.ends_with(']');
    match port {
        Some(_) if !is_port => false,
        _ if host.eq_ignore_ascii_case("localhost") || is_v4 || is_v6 => true,
        // An id may have dots in it, and a version may be one number.
        port => host.contains('.') && port.is_some(),
    }
}

/// What somebody may have meant who has written something that is no name of a
/// package, behind a semicolon.
fn meant(workspace: &Workspace, text: &str) -> String {
    let path = workspace.current_dir.join(text);
    let place = match text {
        "" => return String::new(),
        _ if is_host(text) => format!("if it is a registry, write `oci://{text}`"),
        _ if path.is_dir() => format!("if it is a layout, write `oci:{text}`"),
        _ if path.is_file() => {
            format!("if it is an archive of a layout, write `oci-archive:{text}`")
        }
        _ => return String::new(),
    };
    format!("; {place}")
}

/// That somebody may have meant an archive, by the ending of the name; behind a semicolon.
pub(super) fn archive_hint(name: &str) -> String {
    match name.ends_with(".tar") {
        true => format!("; if it is to be an archive, write `oci-archive:{name}`"),
        false => String::new(),
    }
}

/// Waits until nobody else writes an archive in the folder of this one. Where
/// there are no locks, whoever is alone needs none.
fn locked(archive: &Path) -> Option<File> {
    let folder = archive.parent().filter(|folder| *folder != Path::new(""));
    let folder = File::open(folder.unwrap_or(Path::new("."))).ok()?;
    folder.lock().ok()?;
    Some(folder)
}
