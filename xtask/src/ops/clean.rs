//! `clean`: what builds have left in the target directory.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error as ThisError;

use super::output::{self, LOCK};
use super::{Error, Reporter, state};
#[cfg(feature = "publish")]
use crate::oci::Partials;
use crate::oci::{Holding, Layout};
use crate::rules;
use crate::source::cache::is_cache;
use crate::source::{self, Selection, Workspace};

/// What builds write into their folder. Nothing else is ever removed.
const FOLDERS: [&str; 3] = ["state", "packages", "oci"];

/// What to remove.
#[derive(Clone, Debug, Default)]
pub struct CleanOptions {
    /// Only what belongs to packages with these ids; everything if empty.
    pub ids: Vec<String>,
    /// Only blobs that neither the index nor the record of a build refers to.
    pub unreferenced: bool,
    /// Remove nothing, and tell what would be removed.
    pub dry_run: bool,
}

/// What was removed, or would be.
#[derive(Clone, Debug, Default)]
pub struct Removed {
    /// The files, sorted.
    pub files: Vec<PathBuf>,
    /// Their bytes. A file with two names counts once.
    pub bytes: u64,
}

/// Why nothing was removed.
#[derive(Debug, ThisError)]
pub enum CleanError {
    /// The folder, or one in it, is a link.
    #[error("`{0}` is a symbolic link, which may lead anywhere; nothing was removed")]
    Link(String),
    /// Something stands where a folder should be.
    #[error("`{0}` is no folder; nothing was removed")]
    NoFolder(String),
    /// No build has written there.
    #[error("`{0}` was not made by a build, because it has no `CACHEDIR.TAG`; nothing was removed")]
    NotOutput(String),
    /// The sources lie in the folder.
    #[error("the source tree lies in `{0}`; nothing was removed")]
    Source(String),
}

/// Removes what builds have left.
///
/// The lock file and the tag of the folder stay, so that a build which waits
/// meanwhile and one that comes later still exclude each other. References go
/// first: a run that is killed leaves nothing that refers to what is gone.
pub fn clean(
    workspace: &Workspace,
    options: &CleanOptions,
    reporter: &dyn Reporter,
) -> Result<Removed, Error> {
    let root = &workspace.out_dir;
    if !is_output(workspace)? {
        known(workspace, &options.ids, &[], &[])?;
        return Ok(Removed::default());
    }
    // A run that only looks writes nothing, not even a lock file.
    let _lock = if !options.dry_run || root.join(LOCK).is_file() {
        Some(output::lock(workspace, reporter)?)
    } else {
        None
    };
    let plan = if !options.ids.is_empty() {
        of_ids(workspace, &options.ids, reporter)?
    } else if options.unreferenced {
        unreferenced(root, reporter)?
    } else {
        Plan::everything(root)?
    };
    let mut removed = Removed::default();
    let mut seen = BTreeSet::new();
    for path in &plan.files {
        let Ok(metadata) = fs::symlink_metadata(path) else {
            continue;
        };
        if first_name(&metadata, &mut seen) {
            removed.bytes += metadata.len();
        }
        removed.files.push(path.clone());
    }
    if !options.dry_run {
        plan.carry_out(root, &removed.files, workspace, reporter)?;
    }
    removed.files.sort();
    Ok(removed)
}

/// Removes what came of downloads that broke off, of this user and for whatever tree.
#[cfg(feature = "publish")]
pub fn clean_downloads(
    partials: Option<&Partials>,
    dry_run: bool,
    reporter: &dyn Reporter,
) -> Result<Removed, Error> {
    let mut removed = Removed::default();
    for (path, size) in partials.map(Partials::list).unwrap_or_default() {
        if !dry_run {
            reporter.status("Removing", &path.display().to_string());
            match fs::remove_file(&path) {
                // Another run goes on with it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                result => result.map_err(|error| io_error("remove", &path, error))?,
            }
        }
        removed.bytes += size;
        removed.files.push(path);
    }
    Ok(removed)
}

/// Whether there is an output folder, made by a build, in which nothing leads
/// elsewhere.
fn is_output(workspace: &Workspace) -> Result<bool, Error> {
    let root = &workspace.out_dir;
    let shown = |path: &Path| workspace.shown(path);
    if !is_folder(workspace, root)? {
        return Ok(false);
    }
    let real =
        |path: &Path| fs::canonicalize(path).map_err(|source| io_error("read", path, source));
    if real(&workspace.root)?.starts_with(real(root)?) {
        return Err(CleanError::Source(shown(root)).into());
    }
    let mut is_there = false;
    for name in FOLDERS {
        is_there |= is_folder(workspace, &root.join(name))?;
    }
    // Blobs are removed one by one, so nothing on the way to them may lead
    // elsewhere either.
    let blobs = root.join("oci").join("blobs");
    if is_folder(workspace, &blobs)? {
        is_folder(workspace, &blobs.join("sha256"))?;
    }
    if is_there && !is_cache(root) {
        return Err(CleanError::NotOutput(shown(root)).into());
    }
    Ok(is_there)
}

/// Whether a folder is there. A link or a file in its place is an error.
fn is_folder(workspace: &Workspace, path: &Path) -> Result<bool, Error> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(true),
        Ok(metadata) if metadata.is_symlink() => {
            Err(CleanError::Link(workspace.shown(path)).into())
        }
        Ok(_) => Err(CleanError::NoFolder(workspace.shown(path)).into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(io_error("read", path, error)),
    }
}

/// What is to be removed, in this order.
#[derive(Default)]
struct Plan {
    /// Digests of the manifests that leave the index.
    entries: BTreeSet<String>,
    /// Files.
    files: Vec<PathBuf>,
    /// Folders that go with everything in them.
    folders: Vec<PathBuf>,
}

impl Plan {
    fn everything(root: &Path) -> Result<Self, Error> {
        let index = root.join("oci").join("index.json");
        let mut plan = Plan::default();
        if index.is_file() {
            plan.files.push(index.clone());
        }
        for name in FOLDERS {
            let folder = root.join(name);
            let mut files = Vec::new();
            walk(&folder, &mut files)?;
            files.retain(|file| *file != index);
            plan.files.append(&mut files);
            plan.folders.push(folder);
        }
        Ok(plan)
    }

    fn carry_out(
        &self,
        root: &Path,
        files: &[PathBuf],
        workspace: &Workspace,
        reporter: &dyn Reporter,
    ) -> Result<(), Error> {
        if !self.entries.is_empty() {
            Layout::new(root.join("oci")).forget(&self.entries)?;
        }
        let gone = |error: io::Error, path: &Path| match error.kind() {
            io::ErrorKind::NotFound => Ok(()),
            _ => Err(io_error("remove", path, error)),
        };
        for file in files {
            reporter.status("Removing", &workspace.shown(file));
            fs::remove_file(file).or_else(|error| gone(error, file))?;
        }
        for folder in &self.folders {
            fs::remove_dir_all(folder).or_else(|error| gone(error, folder))?;
        }
        Ok(())
    }
}

/// Every file below a folder; links are files and not followed.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    let failed = |error| io_error("read", folder, error);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries.collect::<io::Result<Vec<_>>>().map_err(failed)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    for entry in entries {
        if entry.file_type().map_err(failed)?.is_dir() {
            walk(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// The record of a build, and where it lies.
struct Record {
    path: PathBuf,
    id: String,
    sha256: String,
    /// The file name of the zip around it.
    outer: Option<String>,
}

/// The records that can be read. Another one is of no use to a build either.
fn records(root: &Path) -> Result<Vec<Record>, Error> {
    let mut files = Vec::new();
    walk(&root.join("state"), &mut files)?;
    files.sort();
    let read = |path: PathBuf| {
        let record = state::read(&path)?;
        Some(Record {
            path,
            id: record.id,
            sha256: record.sha256,
            outer: record.outer.map(|outer| outer.file_name),
        })
    };
    Ok(files.into_iter().filter_map(read).collect())
}

/// What the entries of a layout hold on to. A damaged manifest is of use to nobody and holds up
/// nothing; it is told of, because what it refers to is not known.
fn holdings(layout: &Layout, reporter: &dyn Reporter) -> Result<Vec<Holding>, Error> {
    let holdings = layout.holdings()?;
    for holding in holdings.iter().filter(|holding| holding.is_damaged) {
        reporter.warning(&format!(
            "{} is damaged, or something in it is: what it refers to is not known, and counts as if \
             it did not",
            holding.digest
        ));
    }
    Ok(holdings)
}

/// Packages, records, index entries and blobs of these ids.
fn of_ids(workspace: &Workspace, ids: &[String], reporter: &dyn Reporter) -> Result<Plan, Error> {
    let root = &workspace.out_dir;
    let layout = Layout::new(root.join("oci"));
    let (records, holdings) = (records(root)?, holdings(&layout, reporter)?);
    known(workspace, ids, &records, &holdings)?;
    let mut plan = Plan::default();
    for holding in &holdings {
        if holding.id.as_ref().is_some_and(|id| ids.contains(id)) {
            plan.entries.insert(holding.digest.clone());
        }
    }
    // What speaks about an artifact goes with it, and what speaks about that.
    loop {
        let before = plan.entries.len();
        for holding in &holdings {
            if holding
                .subject
                .as_ref()
                .is_some_and(|s| plan.entries.contains(s))
            {
                plan.entries.insert(holding.digest.clone());
            }
        }
        if plan.entries.len() == before {
            break;
        }
    }
    let (mut unwanted, mut wanted) = (BTreeSet::new(), BTreeSet::new());
    for holding in holdings {
        let goes = plan.entries.contains(&holding.digest);
        let set = if goes { &mut unwanted } else { &mut wanted };
        set.extend(holding.blobs);
    }
    let packages = root.join("packages");
    for record in records {
        if ids.contains(&record.id) {
            // `packages/<name>` and `state/<name>.json` belong together.
            let package = record.path.file_stem().map(|name| packages.join(name));
            plan.files.push(record.path);
            plan.files.extend(package);
            let outer = record.outer.map(|name| packages.join(name));
            plan.files.extend(outer.filter(|path| path.is_file()));
            unwanted.insert(record.sha256);
        } else {
            wanted.insert(record.sha256);
        }
    }
    let blobs = unwanted
        .difference(&wanted)
        .map(|sha256| layout.blob(sha256));
    plan.files.extend(blobs);
    Ok(plan)
}

/// An id must be that of something: a typo must not look like success.
fn known(
    workspace: &Workspace,
    ids: &[String],
    records: &[Record],
    holdings: &[Holding],
) -> Result<(), Error> {
    let of_records = records.iter().map(|record| &record.id);
    let of_holdings = holdings.iter().filter_map(|holding| holding.id.as_ref());
    let mut all: BTreeSet<String> = of_records.chain(of_holdings).cloned().collect();
    if ids.iter().all(|id| all.contains(id)) {
        return Ok(());
    }
    let scan = source::scan(workspace, &Selection::default()).map_err(Error::Scan)?;
    all.extend(scan.all_ids);
    match ids.iter().find(|id| !all.contains(*id)) {
        None => Ok(()),
        Some(id) => Err(Error::NoSuchPackage {
            id: id.clone(),
            nearest: rules::nearest(id, all.iter().map(String::as_str)).map(str::to_owned),
        }),
    }
}

/// Blobs that nothing refers to.
fn unreferenced(root: &Path, reporter: &dyn Reporter) -> Result<Plan, Error> {
    let layout = Layout::new(root.join("oci"));
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for holding in holdings(&layout, reporter)? {
        wanted.extend(holding.blobs);
    }
    wanted.extend(records(root)?.into_iter().map(|record| record.sha256));
    let blobs = layout.blobs()?.into_iter();
    let unwanted = blobs.filter(|(sha256, _)| !wanted.contains(sha256));
    Ok(Plan {
        files: unwanted.map(|(_, path)| path).collect(),
        ..Plan::default()
    })
}

/// Whether this is the first name of the file that is met: a package is a
/// second name of its blob.
#[cfg(unix)]
fn first_name(metadata: &Metadata, seen: &mut BTreeSet<(u64, u64)>) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.nlink() < 2 || seen.insert((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn first_name(_: &Metadata, _: &mut BTreeSet<(u64, u64)>) -> bool {
    true
}

fn io_error(action: &'static str, path: &Path, source: io::Error) -> Error {
    Error::Io {
        action,
        path: path.to_owned(),
        source,
    }
}
