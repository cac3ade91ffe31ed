//! Runs of which nothing has changed since: what they said is said again, and nothing is
//! read but the marks of files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::build::{BuildOptions, BuildReport};
use super::state::TOOL;
use crate::digest::hex;
use crate::scratch;
use crate::source::{Form, Marks, Selection, Workspace, nanos, snapshot};

/// Where a text went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// What a run said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Its texts, in order.
    pub texts: Vec<(Stream, String)>,
    /// Whether it found anything at error level.
    pub has_errors: bool,
}

/// A run that may be the same as one before.
#[derive(Debug)]
pub struct Unchanged {
    path: PathBuf,
    before: Option<Before>,
}

/// What the run before noted.
#[derive(Debug)]
struct Before {
    record: Record,
    /// Digest of the tree before anything in it was read.
    tree: String,
}

/// The first run that had nothing to do notes its packages, the next one the tree around
/// them as well, and those after it read from that. A run of which there is no note, such
/// as each on a fresh checkout, does nothing for runs that may never come.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Record {
    /// The folders that are packages.
    packages: BTreeSet<PathBuf>,
    /// Digest of the tree; empty where it was not looked at.
    tree: String,
    outputs: Vec<(PathBuf, Marks)>,
    said: Option<Said>,
}

impl Unchanged {
    /// Looks at the tree if there is a note to hold it against. `circumstances` is everything else that the texts of the run
    /// depend on: its arguments, the environment, the terminal.
    ///
    /// `None` for a run that is about more than the tree: about files that it was given,
    /// a key, or what has changed; and for one that does everything again.
    pub fn look(
        workspace: &Workspace,
        options: &BuildOptions,
        circumstances: &[u8],
    ) -> Option<Self> {
        let check = &options.check;
        let Selection {
            paths,
            archives,
            unsaved,
            ..
        } = &check.selection;
        let is_about_more = !paths.is_empty()
            || !archives.is_empty()
            || unsaved.is_some()
            || check.changes.is_some()
            || options.signer.is_some()
            || options.force
            || !workspace.config.paths.is_empty();
        if is_about_more {
            return None;
        }
        let mut key = Sha256::new();
        let mut part = |bytes: &[u8]| {
            key.update((bytes.len() as u64).to_le_bytes());
            key.update(bytes);
        };
        // Whoever works on this program builds it anew and keeps its version.
        let program = Marks::of(&std::env::current_exe().ok()?)?;
        part(TOOL.as_bytes());
        part(format!("{program:?}").as_bytes());
        part(format!("{workspace:?}").as_bytes());
        part(circumstances);
        let runs = workspace.out_dir.join("state").join("runs");
        let path = runs.join(format!("{}.json", hex(&key.finalize()[..16])));
        let before = match fs::read(&path) {
            Ok(bytes) => {
                let record: Record = serde_json::from_slice(&bytes).unwrap_or_default();
                let tree = snapshot(workspace, &record.packages)?.digest;
                Some(Before { record, tree })
            }
            Err(_) => None,
        };
        Some(Unchanged { path, before })
    }

    /// What the run before said, if nothing has changed since: no file of the tree and
    /// none of what was built.
    pub fn said(&self) -> Option<&Said> {
        let Before { record, tree } = self.before.as_ref()?;
        let is_same = |(path, marks): &(PathBuf, Marks)| Marks::of(path).as_ref() == Some(marks);
        let is_unchanged = record.tree == *tree && record.outputs.par_iter().all(is_same);
        record.said.as_ref().filter(|_| is_unchanged)
    }

    /// Notes what a run said that had nothing to do. Where that fails, the next run
    /// looks at everything again.
    pub fn note(&self, workspace: &Workspace, report: &BuildReport, said: Said) {
        let has_built = report.built.iter().any(|built| !built.is_fresh);
        if has_built || !report.elsewhere.is_empty() {
            return;
        }
        let packages = packages(report);
        let before = self.before.as_ref();
        let Some(before) = before.filter(|before| before.record.packages == packages) else {
            let record = Record {
                packages,
                ..Record::default()
            };
            let _ = write(&self.path, &record, 0);
            return;
        };
        let Some(outputs) = outputs(workspace, report) else {
            return;
        };
        let Some(now) = snapshot(workspace, &packages).filter(|now| now.digest == before.tree)
        else {
            return;
        };
        let record = Record {
            packages,
            tree: now.digest,
            outputs,
            said: Some(said),
        };
        let _ = write(&self.path, &record, now.youngest);
    }
}

/// The folders that are packages, whether they were asked for or not.
fn packages(report: &BuildReport) -> BTreeSet<PathBuf> {
    let scan = &report.checked.scan;
    let all = scan.packages.iter().chain(&scan.left_out);
    all.filter(|package| package.form == Form::Folder)
        .map(|package| package.path.clone())
        .collect()
}

/// Nanoseconds after which a file system gives a change another time: two seconds, which
/// the coarsest of them have.
const SETTLED: u128 = 2_000_000_000;

/// The files of the output folder that the next run would look at.
fn outputs(workspace: &Workspace, report: &BuildReport) -> Option<Vec<(PathBuf, Marks)>> {
    let out = &workspace.out_dir;
    let blob = |sha256: &str| out.join("oci").join("blobs").join("sha256").join(sha256);
    let state = out.join("state");
    let mut paths = Vec::new();
    for built in &report.built {
        paths.push(built.path.clone());
        paths.push(blob(&built.sha256));
        paths.push(state.join(format!("{}.json", built.file_name)));
        paths.extend(built.outer.iter().map(|outer| outer.path.clone()));
    }
    let marked = paths.into_iter().map(|path| {
        let marks = Marks::of(&path)?;
        Some((path, marks))
    });
    marked.collect()
}

/// Writes a note, unless a file of the tree is so young that it may have changed again
/// in the tick of the look. What time it is, the file system says that has the note.
fn write(path: &Path, record: &Record, youngest: u128) -> std::io::Result<()> {
    /// Runs with other arguments that are kept beside this one.
    const OTHERS: usize = 8;
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let others: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|other| other != path)
        .collect();
    if others.len() > OTHERS {
        for other in others {
            let _ = fs::remove_file(other);
        }
    }
    let file = scratch::file_in(folder)?;
    serde_json::to_writer(&file, record)?;
    let now = nanos(file.as_file().metadata()?.modified()?);
    if youngest.saturating_add(SETTLED) < now {
        file.persist(path).map_err(|error| error.error)?;
    }
    Ok(())
}
