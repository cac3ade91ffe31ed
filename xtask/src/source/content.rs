//! What lies in a package's folder, links resolved, sorted, with sizes.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, DirEntry, FileType};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use md5::{Digest, Md5};
use rayon::prelude::*;
use sha2::Sha256;

use super::marks::Marks;
use super::package::{FileEntry, Finding, LinkFault, Place};
use super::workspace::Workspace;
use crate::csar::{Algorithm, Hasher};
use crate::diagnostic::Span;
use crate::scratch;

/// Why not every system can write a file of that name; `is_text` is whether it was UTF-8.
pub(super) fn unportable(name: &str, is_text: bool) -> Option<&'static str> {
    if !is_text {
        return Some("it is not UTF-8, so it would differ between systems");
    }
    // NAME_MAX of Linux; others count no further.
    if name.split('/').any(|part| part.len() > 255) {
        return Some("a part of it has more than 255 bytes, and no system can write that");
    }
    let is_odd = name.chars().any(|c| c.is_control() || c == '\\');
    is_odd
        .then_some("it holds a control character or a backslash, which not every system can unpack")
}

/// Names that version control and desktops leave behind. They never belong to
/// a package, wherever they stand.
const NEVER: [&str; 10] = [
    ".git",
    ".gitattributes",
    ".gitignore",
    ".gitkeep",
    ".gitmodules",
    ".hg",
    ".svn",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
];

/// Of these what is in no chart either: it is another in each clone, and may hold passwords.
const VERSION_CONTROL: [&str; 3] = [".git", ".hg", ".svn"];

/// Folders deeper than this are a loop or a mistake.
const MAX_DEPTH: usize = 64;

/// What decides how a folder is listed.
pub(super) struct Listing<'a> {
    /// Top of the source tree with links resolved: links may lead anywhere
    /// below it.
    pub tree: &'a Path,
    /// Folders (`true`) and files that are left out: other packages, outputs.
    pub skip: &'a (dyn Fn(&Path, bool) -> bool + Sync),
    /// Folders (`true`) and files that are left out by their path below the folder.
    pub leaves_out: &'a (dyn Fn(&str, bool) -> bool + Sync),
    /// Whether Helm would pack it, which takes all that version control and desktops leave behind
    /// but for their folders.
    pub is_chart: bool,
    /// A link that is taken even if what it leads to is left out.
    pub kept: Option<&'a Path>,
    /// A file that an editor has, which may not be on disk yet, and its size.
    pub unsaved: Option<(&'a Path, u64)>,
    /// How a path is shown to the user.
    pub shown: &'a (dyn Fn(&Path) -> String + Sync),
}

/// Lists `folder`. Everything that can't be taken is a finding.
pub(super) fn list(folder: &Path, listing: &Listing<'_>) -> (Vec<FileEntry>, Vec<Finding>) {
    let mut walk = Walk {
        listing,
        files: Vec::new(),
        findings: Vec::new(),
        open: Vec::new(),
    };
    walk.folder(folder, folder, "");
    walk.unsaved(folder);
    walk.files.sort_by(|a, b| a.path.cmp(&b.path));
    (walk.files, walk.findings)
}

/// What lies at a path of the tree that the configuration names for a package: the files below a
/// folder, or the one file as `name`, all of them taken; and whether it is a folder.
///
/// # Errors
///
/// It is not there, lies outside of the tree or is an output; or a part of it can't be taken, or
/// there is nothing in it.
pub(super) fn named(
    path: &Path,
    name: &str,
    workspace: &Workspace,
    tree: &Path,
) -> Result<(Vec<FileEntry>, bool), String> {
    let listing = Listing {
        tree,
        skip: &|_, _| false,
        leaves_out: &|_, _| false,
        is_chart: false,
        kept: None,
        unsaved: None,
        shown: &|path| workspace.shown(path),
    };
    let resolved = fs::canonicalize(path).map_err(|error| error.to_string())?;
    if !resolved.starts_with(tree) {
        return Err("it lies outside of the source tree".to_owned());
    }
    if fs::canonicalize(&workspace.out_dir).is_ok_and(|out| resolved.starts_with(out)) {
        return Err("it is an output, and not there before the first build".to_owned());
    }
    let is_dir = resolved.is_dir();
    let (files, findings) = match is_dir {
        true => list(&resolved, &listing),
        false => single(path, name, &listing),
    };
    if let Some(finding) = findings.first() {
        let path = finding.path().unwrap_or_default();
        return Err(format!("`{path}` in it can't be read or followed"));
    }
    if files.is_empty() {
        return Err("there is nothing in it".to_owned());
    }
    Ok((files, is_dir))
}

/// The one file of a loose descriptor.
pub(super) fn single(
    path: &Path,
    name: &str,
    listing: &Listing<'_>,
) -> (Vec<FileEntry>, Vec<Finding>) {
    let mut walk = Walk {
        listing,
        files: Vec::new(),
        findings: Vec::new(),
        open: Vec::new(),
    };
    if path.is_symlink() {
        walk.link(path, name);
    } else {
        walk.file(path, path, name.to_owned());
    }
    (walk.files, walk.findings)
}

/// Fills in the MD5 of every file, for comparison with a `checksums.txt`.
pub(super) fn add_md5(files: &mut [FileEntry]) {
    files.par_iter_mut().for_each(|file| {
        if let Place::Disk(path) = &file.place {
            // An unreadable file has a finding of its own already.
            file.md5 = md5_of(path).ok();
        }
    });
}

fn md5_of(path: &Path) -> io::Result<String> {
    digest_of::<Md5>(path)
}

/// Fills in the digest that the manifest of a CSAR gives for each file, or
/// should give.
pub(super) fn add_digests(files: &mut [FileEntry], algorithms: &BTreeMap<&str, Algorithm>) {
    files.par_iter_mut().for_each(|file| {
        if let Place::Disk(path) = &file.place {
            let listed = algorithms.get(file.path.as_str()).copied();
            let algorithm = listed.unwrap_or(Algorithm::Sha256);
            // An unreadable file has a finding of its own already.
            file.digest = hash_of(path, algorithm).ok().map(|hash| (algorithm, hash));
        }
    });
}

fn hash_of(path: &Path, algorithm: Algorithm) -> io::Result<String> {
    let mut hasher = Hasher::new(algorithm);
    each_piece(path, |bytes| hasher.update(bytes))?;
    Ok(hasher.finish())
}

/// SHA-256 of a file.
pub(super) fn sha256_of(path: &Path) -> io::Result<String> {
    digest_of::<Sha256>(path)
}

fn digest_of<D: Digest>(path: &Path) -> io::Result<String> {
    let mut hash = D::new();
    each_piece(path, |bytes| hash.update(bytes))?;
    Ok(crate::digest::hex(&hash.finalize()))
}

fn each_piece(path: &Path, mut f: impl FnMut(&[u8])) -> io::Result<()> {
    let mut file = fs::File::open(path)?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            n => f(&buffer[..n]),
        }
    }
}

struct Walk<'a, 'b> {
    listing: &'a Listing<'b>,
    files: Vec<FileEntry>,
    findings: Vec<Finding>,
    /// Folders that are being listed, to notice loops. They are resolved where
    /// a link asks, because few folders have one.
    open: Vec<PathBuf>,
}

impl Walk<'_, '_> {
    /// The content of `folder`; `real` is the same where a link led to it.
    fn folder(&mut self, folder: &Path, real: &Path, prefix: &str) {
        if self.open.len() > MAX_DEPTH {
            let error = io::Error::other("folders are nested too deeply");
            return self.unreadable(folder, &error);
        }
        let entries = fs::read_dir(folder).and_then(|dir| dir.collect::<io::Result<Vec<_>>>());
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(folder, &error),
        };
        entries.sort_by_key(DirEntry::file_name);
        self.open.push(folder.to_owned());
        for entry in entries {
            self.entry(&entry, real, prefix);
        }
        self.open.pop();
    }

    fn entry(&mut self, entry: &DirEntry, real: &Path, prefix: &str) {
        let path = entry.path();
        let name = entry.file_name();
        let kind = match entry.file_type() {
            // What a link leads to is asked for where it is followed.
            Ok(kind) if kind.is_symlink() && path.is_dir() => Ok((kind, true)),
            Ok(kind) => Ok((kind, kind.is_dir())),
            Err(error) => Err(error),
        };
        let is_dir = kind.as_ref().is_ok_and(|(_, is_dir)| *is_dir);
        if self.is_never(&name) || (self.listing.skip)(&path, is_dir) {
            return;
        }
        // What `check --fix` writes, and a run that was killed left there.
        if name.to_string_lossy().starts_with(scratch::PREFIX) {
            return;
        }
        let text = name.to_string_lossy();
        let inner = if prefix.is_empty() {
            text.to_string()
        } else {
            format!("{prefix}/{text}")
        };
        if (self.listing.leaves_out)(&inner, is_dir) {
            return;
        }
        let Some(name) = name.to_str() else {
            let reason = unportable(&text, false);
            return self.name(&path, reason.unwrap_or_default());
        };
        if let Some(reason) = unportable(name, true) {
            return self.name(&path, reason);
        }
        let real = real.join(entry.file_name());
        match kind {
            Ok((kind, _)) if kind.is_symlink() => self.link(&path, &inner),
            Ok((kind, _)) if kind.is_dir() => self.folder(&path, &real, &inner),
            Ok((kind, _)) if kind.is_file() => self.file(&path, &real, inner),
            Ok((kind, _)) => self.findings.push(Finding::Special {
                span: self.span(&path),
                what: special(kind),
            }),
            Err(error) => self.unreadable(&path, &error),
        }
    }

    /// Whether nothing of that name belongs to a package.
    fn is_never(&self, name: &OsStr) -> bool {
        let never = match self.listing.is_chart {
            true => &VERSION_CONTROL[..],
            false => &NEVER,
        };
        never.iter().any(|never| name == *never)
    }

    /// What an editor has of a file that no walk meets, if the walk would take it.
    fn unsaved(&mut self, top: &Path) {
        let Some((path, len)) = self.listing.unsaved.filter(|(path, _)| !path.exists()) else {
            return;
        };
        let Ok(below) = path.strip_prefix(top) else {
            return;
        };
        let (mut place, mut inner) = (top.to_owned(), String::new());
        for part in below {
            let Some(name) = part
                .to_str()
                .filter(|name| unportable(name, true).is_none())
            else {
                return;
            };
            place.push(part);
            inner.push_str(if inner.is_empty() { "" } else { "/" });
            inner.push_str(name);
            let is_dir = place != path;
            if self.is_never(part)
                || (self.listing.skip)(&place, is_dir)
                || (self.listing.leaves_out)(&inner, is_dir)
            {
                return;
            }
        }
        self.files.push(FileEntry {
            path: inner,
            len,
            executable: false,
            place: Place::Disk(path.to_owned()),
            marks: None,
            md5: None,
            sha256: None,
            digest: None,
        });
    }

    fn link(&mut self, path: &Path, inner: &str) {
        let resolved = match fs::canonicalize(path) {
            Ok(resolved) => resolved,
            // Too many levels of links is how a system reports a loop of links.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return self.bad_link(path, LinkFault::Dangling);
            }
            Err(_) => return self.bad_link(path, LinkFault::Loop),
        };
        if !resolved.starts_with(self.listing.tree) {
            return self.bad_link(path, LinkFault::Outside);
        }
        let is_dir = resolved.is_dir();
        if self.listing.kept != Some(path) && (self.listing.skip)(&resolved, is_dir) {
            return;
        }
        if is_dir {
            let leads_back = |open: &PathBuf| {
                fs::canonicalize(open).map_or(true, |open| open.starts_with(&resolved))
            };
            if self.open.iter().any(leads_back) {
                return self.bad_link(path, LinkFault::Loop);
            }
            self.folder(path, &resolved, inner);
        } else {
            self.file(path, &resolved, inner.to_owned());
        }
    }

    fn file(&mut self, path: &Path, resolved: &Path, inner: String) {
        let metadata = match fs::metadata(resolved) {
            Ok(metadata) => metadata,
            Err(error) => return self.unreadable(path, &error),
        };
        if !metadata.is_file() {
            self.findings.push(Finding::Special {
                span: self.span(path),
                what: special(metadata.file_type()),
            });
            return;
        }
        // A missing permission is told before anything is built.
        if let Err(error) = readable(resolved, &metadata) {
            return self.unreadable(path, &error);
        }
        self.files.push(FileEntry {
            path: inner,
            len: metadata.len(),
            executable: is_executable(&metadata),
            place: Place::Disk(resolved.to_owned()),
            marks: Marks::in_metadata(&metadata),
            md5: None,
            sha256: None,
            digest: None,
        });
    }

    fn span(&self, path: &Path) -> Span {
        Span::path((self.listing.shown)(path))
    }

    fn name(&mut self, path: &Path, reason: &str) {
        self.findings.push(Finding::Name {
            span: self.span(path),
            reason: reason.to_owned(),
        });
    }

    fn bad_link(&mut self, path: &Path, fault: LinkFault) {
        let target = fs::read_link(path).unwrap_or_default();
        self.findings.push(Finding::Link {
            span: self.span(path),
            target: target.to_string_lossy().into_owned(),
            fault,
        });
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        self.findings.push(Finding::Unreadable {
            span: self.span(path),
            reason: error.to_string(),
        });
    }
}

/// Whether this user may read the file. Asking is a third of the calls that
/// opening it takes, and what everybody may read needs no question.
#[cfg(unix)]
fn readable(path: &Path, metadata: &fs::Metadata) -> io::Result<()> {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    use std::os::unix::fs::PermissionsExt;
    if metadata.permissions().mode() & 0o444 == 0o444 {
        return Ok(());
    }
    Ok(accessat(CWD, path, Access::READ_OK, AtFlags::EACCESS)?)
}

#[cfg(not(unix))]
fn readable(path: &Path, _: &fs::Metadata) -> io::Result<()> {
    fs::File::open(path).map(|_| ())
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_socket() {
        "a socket"
    } else if kind.is_fifo() {
        "a pipe"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "neither a file nor a folder"
}
