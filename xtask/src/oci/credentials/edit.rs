//! Changing Docker's `config.json`, which others write to as well.
//!
//! The file is read again under a lock, changed in one place, and appears whole
//! or not at all. Nobody may read it who could not read it before.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Map, Value};

use super::CredentialError;
use super::config::{Auths, Config, Entry, FIELDS, is_missing};
use super::place::{Place, Wanted};
use crate::scratch;

/// How many links lead to a file at most; as many as Linux follows.
const MAX_LINKS: usize = 40;

/// Makes `entry` all that the file says about a registry. Other spellings of it
/// go, or some program would go on with what they say; fields of the entry that
/// are unknown here stay.
pub(super) fn set(path: &Path, wanted: &Wanted<'_>, entry: &Entry) -> Result<(), CredentialError> {
    edit(path, &|auths| {
        let mut whole = match auths.get(wanted.server()) {
            Some(Value::Object(old)) => old.clone(),
            _ => Entry::new(),
        };
        whole.retain(|field, _| !FIELDS.contains(&field.as_str()));
        whole.extend(entry.clone());
        drop_all(auths, wanted);
        auths.insert(wanted.server().to_owned(), Value::Object(whole));
        true
    })?;
    Ok(())
}

/// Removes what the file says about a registry. Whether that was anything.
pub(super) fn remove(path: &Path, wanted: &Wanted<'_>) -> Result<bool, CredentialError> {
    edit(path, &|auths| drop_all(auths, wanted))
}

/// Drops a registry in all its spellings. Whether one of them said anything.
fn drop_all(auths: &mut Auths, wanted: &Wanted<'_>) -> bool {
    let is_own = |key: &str| Place::parse(key).is_all_of(wanted);
    let said = |value: &Value| value.as_object().is_some_and(|entry| !entry.is_empty());
    let any = auths.iter().any(|(key, value)| is_own(key) && said(value));
    auths.retain(|key, _| !is_own(key));
    any
}

/// Changes the entries of a file. Gives what `change` gives: whether it had
/// anything to do. It may be asked twice, before the lock is there and after.
fn edit(path: &Path, change: &dyn Fn(&mut Auths) -> bool) -> Result<bool, CredentialError> {
    let path = target(path)?;
    // Where nothing is to be done, the folder may as well be read-only.
    let (draft, answer) = Draft::of(&path, change)?;
    if !draft.is_needed(answer) {
        return Ok(answer);
    }
    create_folder(folder(&path))?;
    let _lock = lock(&path)?;
    let (draft, answer) = Draft::of(&path, change)?;
    if draft.is_needed(answer) {
        draft
            .write(&path)
            .map_err(|source| failed("write", &path, source))?;
    }
    Ok(answer)
}

/// What a file is to become.
struct Draft {
    old: Option<Metadata>,
    document: Map<String, Value>,
    is_changed: bool,
}

impl Draft {
    fn of(
        path: &Path,
        change: &dyn Fn(&mut Auths) -> bool,
    ) -> Result<(Self, bool), CredentialError> {
        let old = metadata(path)?;
        let mut config = Config::read(path)?.unwrap_or_else(|| Config::empty(path));
        let before = config.document().clone();
        let answer = config.change_auths(change)?;
        let document = config.into_document();
        let draft = Draft {
            old,
            is_changed: document != before,
            document,
        };
        Ok((draft, answer))
    }

    /// Where there was something to do, that anybody can read a secret is reason
    /// enough to write.
    fn is_needed(&self, had_work: bool) -> bool {
        let is_open = self.old.as_ref().is_some_and(is_open);
        self.is_changed || had_work && is_open && self.has_secrets()
    }

    fn has_secrets(&self) -> bool {
        let is_secret = |entry: &Value| FIELDS.iter().any(|field| entry.get(field).is_some());
        let auths = self.document.get("auths").and_then(Value::as_object);
        auths.is_some_and(|auths| auths.values().any(is_secret))
    }

    /// Takes the place of the file, in the form in which Docker writes.
    fn write(&self, path: &Path) -> io::Result<()> {
        let mut bytes = Vec::new();
        let form = PrettyFormatter::with_indent(b"\t");
        self.document
            .serialize(&mut Serializer::with_formatter(&mut bytes, form))?;
        // Such files begin with a mode of 0600.
        let mut file = scratch::file_in(folder(path))?;
        file.write_all(&bytes)?;
        if let Some(old) = &self.old {
            keep_access(file.as_file(), old, self.has_secrets())?;
        }
        file.as_file().sync_all()?;
        file.persist(path).map_err(|failed| failed.error)?;
        Ok(())
    }
}

/// The file behind all links, or the one that the last of them would lead to:
/// a link to a shared file stays one.
fn target(path: &Path) -> Result<PathBuf, CredentialError> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(link) => path = folder(&path).join(link),
            // Whatever else is wrong with it will show when it is read.
            Err(_) => return Ok(path),
        }
    }
    let source = io::Error::other("too many links");
    Err(failed("follow", &path, source))
}

/// Of the file that is there, if there is one.
fn metadata(path: &Path) -> Result<Option<Metadata>, CredentialError> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(Some(found)),
        // A rename would take the place of the device or pipe.
        Ok(_) => Err(CredentialError::NotAFile(path.to_owned())),
        Err(error) if is_missing(&error) => Ok(None),
        Err(source) => Err(failed("read", path, source)),
    }
}

/// The folder of a file, which has a name.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn create_folder(folder: &Path) -> Result<(), CredentialError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder
        .create(folder)
        .map_err(|source| failed("create", folder, source))
}

/// Waits until nobody else changes the file. The lock is held as long as the
/// file that is returned is open; that file is never deleted, because whoever
/// waits for it would then hold the lock of a file that nobody else sees.
fn lock(path: &Path) -> Result<File, CredentialError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let lock = options
        .open(&name)
        .map_err(|source| failed("lock", &name, source))?;
    match lock.lock() {
        Ok(()) => Ok(lock),
        // Some network file systems have no locks.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(lock),
        Err(source) => Err(failed("lock", &name, source)),
    }
}

/// Whether others than the owner may read or write it.
#[cfg(unix)]
fn is_open(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open(_: &Metadata) -> bool {
    false
}

/// Owner and mode of the file that is replaced. All but the owner lose their
/// access to secrets, as where Docker writes them.
#[cfg(unix)]
fn keep_access(file: &File, old: &Metadata, has_secrets: bool) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    // Only root may give a file away; then it belongs to who writes it.
    let _ = fchown(file, Some(old.uid()), Some(old.gid()));
    let mask = if has_secrets { 0o700 } else { 0o777 };
    file.set_permissions(fs::Permissions::from_mode(old.mode() & mask))
}

#[cfg(not(unix))]
fn keep_access(_: &File, _: &Metadata, _: bool) -> io::Result<()> {
    Ok(())
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> CredentialError {
    CredentialError::Io {
        action,
        path: path.to_owned(),
        source,
    }
}
