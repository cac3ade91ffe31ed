//! A finished package to files, whatever its author had in mind.
//!
//! Everything is written into a folder that nobody knows of and appears under
//! its own name when it is whole, so that a package that is refused leaves
//! nothing behind. Links are made last: no member is ever written through one.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::scratch::{self, Way};
use crate::source::landing::{self, Landing};
use crate::source::members::{self, Container, Fault, Member, MemberKind};

/// What the content of one package may become, in bytes: 64 GiB.
pub const MAX_UNPACKED: u64 = 64 << 30;

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// The folder that was made.
    pub folder: PathBuf,
    /// How many files are in it; links count.
    pub files: usize,
    /// How many bytes they hold.
    pub bytes: u64,
    /// Whether it was there already with the same content.
    pub is_fresh: bool,
}

/// Why a package is not unpacked. Nothing was written then.
#[derive(Debug, Error)]
pub enum UnpackError {
    /// It can't be read.
    #[error("`{package}` can't be unpacked: {reason}")]
    Archive {
        /// The package.
        package: String,
        /// What is wrong with it; a sentence about "it".
        reason: String,
    },
    /// A member that must not be written.
    #[error("`{member}` in `{package}` is not unpacked: {reason}")]
    Member {
        /// The package.
        package: String,
        /// The member.
        member: String,
        /// What is wrong with it; a sentence about "it".
        reason: String,
    },
    /// Its content is too large.
    #[error("`{package}` holds more than {} GiB; `--max-size` allows more", .limit >> 30)]
    TooLarge {
        /// The package.
        package: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// What would be written is there already, and is something else.
    #[error(
        "`{}` is there already, and {how}; remove it, or choose another folder",
        folder.display()
    )]
    Exists {
        /// What is there.
        folder: PathBuf,
        /// In what it differs; a part of a sentence about it.
        how: String,
    },
    /// The file system.
    #[error("failed to {action} `{}`", path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

/// Unpacks the package in `path`, which the user knows as `shown`, into a new
/// folder in `into`.
///
/// A package whose members share one top folder becomes that folder; any other
/// becomes a folder with the name `stem`. Files get the modes 0644 and 0755,
/// nothing else of what the archive records. Refused are absolute names and
/// `..`, links that lead out of the package or through another link's target,
/// devices and pipes, several members with one name, names that fall together
/// where case does not count, names that are no UTF-8, and content beyond
/// `limit` bytes. A folder that is there already stays: with the same content to the
/// last file it is what was asked for, and otherwise it is refused.
pub fn unpack(
    path: &Path,
    shown: &str,
    stem: &str,
    into: &Path,
    limit: u64,
) -> Result<Unpacked, UnpackError> {
    let io = |action, path: &Path| {
        let path = path.to_owned();
        move |source| UnpackError::Io {
            action,
            path,
            source,
        }
    };
    let mut file = File::open(path).map_err(io("read", path))?;
    let container = Container::of(&mut file).map_err(io("read", path))?;
    let _way = Way::to(into).map_err(io("create", into))?;
    let temporary = scratch::folder_in(into).map_err(io("create a folder in", into))?;
    let mut writer = Writer {
        root: temporary.path().join("content"),
        shown,
        limit,
        landing: Landing::default(),
        names: BTreeMap::new(),
        files: BTreeSet::new(),
        links: Vec::new(),
        bytes: 0,
    };
    fs::create_dir(&writer.root).map_err(io("create", &writer.root))?;
    let hides = members::each(file, container, |member, reader| {
        writer.take(member, reader).map_err(Stop::Refused)
    })
    .map_err(|stop| match stop {
        Stop::Refused(error) => error,
        Stop::Unreadable(Fault(reason)) => UnpackError::Archive {
            package: shown.to_owned(),
            reason,
        },
    })?;
    if hides {
        return Err(UnpackError::Archive {
            package: shown.to_owned(),
            reason: "several of its members have the same name".to_owned(),
        });
    }
    writer.make_links()?;
    let top = writer.top();
    let folder = into.join(top.as_deref().unwrap_or(stem));
    let whole = match &top {
        Some(top) => writer.root.join(top),
        None => writer.root.clone(),
    };
    let is_fresh = fs::symlink_metadata(&folder).is_ok();
    if is_fresh {
        let differs = difference(&whole, &folder, "").map_err(io("read", &folder))?;
        if let Some(how) = differs {
            return Err(UnpackError::Exists { folder, how });
        }
    } else {
        scratch::settle(&whole, &folder).map_err(io("create", &folder))?;
    }
    Ok(Unpacked {
        folder,
        is_fresh,
        files: writer.files.len() + writer.links.len(),
        bytes: writer.bytes,
    })
}

/// In what something that is there differs from what was unpacked; nothing is read
/// through a link. `below` is what both are called below the folders that are compared.
fn difference(new: &Path, there: &Path, below: &str) -> io::Result<Option<String>> {
    let (ours, theirs) = (fs::symlink_metadata(new)?, fs::symlink_metadata(there)?);
    let (own, other) = (ours.file_type(), theirs.file_type());
    let differs = || match below {
        "" => "is no folder".to_owned(),
        below => format!("differs in `{below}`"),
    };
    let is_same = if own.is_dir() && other.is_dir() {
        let (names, others) = (listed(new)?, listed(there)?);
        if let Some(name) = others.difference(&names).next() {
            return Ok(Some(format!("has `{}` as well", within(below, name))));
        }
        for name in names {
            let below = within(below, &name);
            if !others.contains(&name) {
                return Ok(Some(format!("lacks `{below}`")));
            }
            let found = difference(&new.join(&name), &there.join(&name), &below)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        true
    } else if own.is_symlink() && other.is_symlink() {
        fs::read_link(new)? == fs::read_link(there)?
    } else if own.is_file() && other.is_file() {
        let hash = |path: &Path| crate::digest::sha256(&mut File::open(path)?);
        let is_alike = ours.len() == theirs.len() && is_executable(&ours) == is_executable(&theirs);
        is_alike && hash(new)? == hash(there)?
    } else {
        false
    };
    Ok((!is_same).then(differs))
}

/// What stands in a folder.
fn listed(folder: &Path) -> io::Result<BTreeSet<OsString>> {
    let entries = fs::read_dir(folder)?;
    entries.map(|entry| Ok(entry?.file_name())).collect()
}

fn within(below: &str, name: &OsStr) -> String {
    let name = name.to_string_lossy().replace(char::is_control, "\u{fffd}");
    match below {
        "" => name,
        below => format!("{below}/{name}"),
    }
}

enum Stop {
    Refused(UnpackError),
    Unreadable(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Unreadable(fault)
    }
}

struct Writer<'a> {
    root: PathBuf,
    shown: &'a str,
    limit: u64,
    landing: Landing,
    /// Every name and every folder above one, in lower case, with what it is
    /// called in full.
    names: BTreeMap<String, (String, bool)>,
    files: BTreeSet<String>,
    links: Vec<(String, String)>,
    bytes: u64,
}

impl Writer<'_> {
    fn take(&mut self, member: &Member, reader: &mut dyn Read) -> Result<(), UnpackError> {
        let name = self.name(member)?;
        if name.is_empty() {
            // `./`, the root itself.
            return Ok(());
        }
        match &member.kind {
            MemberKind::Directory => self.create_folder(&name),
            MemberKind::Special => Err(self.refuse(&name, "it is a device or a pipe")),
            MemberKind::Symlink(target) => {
                self.parent(&name)?;
                self.links.push((name, target.clone()));
                Ok(())
            }
            MemberKind::HardLink(target) => {
                self.parent(&name)?;
                let (from, to) = (
                    self.root.join(landing::plain(target)),
                    self.root.join(&name),
                );
                let copied = fs::copy(&from, &to).map_err(|source| self.io(&name, source))?;
                self.count(copied)?;
                self.files.insert(name);
                Ok(())
            }
            MemberKind::File => self.write(name, member, reader),
        }
    }

    /// The name below the root, if it may be written, and is no second member's.
    fn name(&mut self, member: &Member) -> Result<String, UnpackError> {
        let landed = self.landing.take(member);
        let name = landed.map_err(|reason| self.refuse(&member.name, &reason))?;
        let refuse = |reason: &str| self.refuse(&member.name, reason);
        if !member.is_text {
            return Err(refuse("its name is not UTF-8"));
        }
        if member.name.contains(['\0', '\\']) {
            return Err(refuse("its name is not one on every system"));
        }
        let is_folder = member.kind == MemberKind::Directory;
        let ends = name.match_indices('/').map(|(i, _)| i);
        for end in ends.chain([name.len()]).filter(|end| *end > 0) {
            let part = &name[..end];
            let is_folder = is_folder || end < name.len();
            let known = self
                .names
                .insert(landing::folded(part), (part.to_owned(), is_folder));
            // Two folders become one, and nothing is lost.
            if let Some((other, was_folder)) = known
                && other != part
                && !(is_folder && was_folder)
            {
                let reason = format!("where case does not count, it is the same as `{other}`");
                return Err(self.refuse(&name, &reason));
            }
        }
        Ok(name)
    }

    fn write(
        &mut self,
        name: String,
        member: &Member,
        reader: &mut dyn Read,
    ) -> Result<(), UnpackError> {
        self.parent(&name)?;
        let path = self.root.join(&name);
        let mut file = File::create_new(&path).map_err(|source| self.io(&name, source))?;
        let left = self.limit.saturating_sub(self.bytes).saturating_add(1);
        let mut reader = Tapped {
            inner: reader.take(left),
            failed: None,
        };
        let copied = io::copy(&mut reader, &mut file);
        if let Some(error) = reader.failed {
            return Err(self.refuse(&name, &format!("it can't be read: {error}")));
        }
        let copied = copied.map_err(|source| self.io(&name, source))?;
        self.count(copied)?;
        set_mode(&file, member.is_executable()).map_err(|source| self.io(&name, source))?;
        self.files.insert(name);
        Ok(())
    }

    fn count(&mut self, bytes: u64) -> Result<(), UnpackError> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes <= self.limit {
            return Ok(());
        }
        Err(UnpackError::TooLarge {
            package: self.shown.to_owned(),
            limit: self.limit,
        })
    }

    fn parent(&self, name: &str) -> Result<(), UnpackError> {
        match name.rsplit_once('/') {
            Some((folder, _)) => self.create_folder(folder),
            None => Ok(()),
        }
    }

    fn create_folder(&self, name: &str) -> Result<(), UnpackError> {
        fs::create_dir_all(self.root.join(name)).map_err(|source| self.io(name, source))
    }

    fn make_links(&self) -> Result<(), UnpackError> {
        for (name, target) in &self.links {
            make_link(target, &self.root.join(name)).map_err(|source| self.io(name, source))?;
        }
        Ok(())
    }

    /// The folder that everything stands in, if there is one.
    fn top(&self) -> Option<String> {
        let all = self.files.iter().chain(self.links.iter().map(|(l, _)| l));
        let mut tops = all.map(|name| Some(name.split_once('/')?.0));
        let first = tops.next()??;
        tops.all(|top| top == Some(first)).then(|| first.to_owned())
    }

    fn refuse(&self, member: &str, reason: &str) -> UnpackError {
        UnpackError::Member {
            package: self.shown.to_owned(),
            member: member.to_owned(),
            reason: reason.to_owned(),
        }
    }

    fn io(&self, name: &str, source: io::Error) -> UnpackError {
        UnpackError::Io {
            action: "write",
            path: PathBuf::from(name),
            source,
        }
    }
}

/// Keeps an error of the archive apart from one of the disk.
struct Tapped<R> {
    inner: R,
    failed: Option<io::Error>,
}

impl<R: Read> Read for Tapped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).map_err(|error| {
            let kind = error.kind();
            self.failed = Some(error);
            kind.into()
        })
    }
}

#[cfg(unix)]
fn set_mode(file: &File, is_executable: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if is_executable { 0o755 } else { 0o644 };
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &File, _: bool) -> io::Result<()> {
    Ok(())
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
fn make_link(target: &str, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn make_link(_: &str, _: &Path) -> io::Result<()> {
    let text = "this system has no symbolic links for everybody";
    Err(io::Error::new(io::ErrorKind::Unsupported, text))
}
