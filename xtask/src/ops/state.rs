//! What a build remembers: enough to tell that a package need not be built
//! again.
//!
//! A record names every input with the marks of its file and the digest of its
//! content. As long as the marks are the same, nothing is read. A file whose
//! marks are others (after a checkout, a `touch`, a change of the clock), or as
//! new as the record itself, so that it may have been written in the same tick,
//! is read and compared.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Error;
use crate::digest::{self, hex};
use crate::package::{self, Assembled};
use crate::scratch;
use crate::source::{Marks, nanos};

/// The record of one package.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Id of the package, for `clean`.
    pub id: String,
    /// Version of this program: another one may make other bytes.
    pub tool: String,
    /// Digest of the plan.
    pub fingerprint: String,
    /// The same without the signature, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsigned: Option<String>,
    /// The files that went in.
    pub inputs: Vec<Input>,
    /// SHA-256 of the finished package.
    pub sha256: String,
    /// Its size.
    pub size: u64,
    /// The zip around it, where it is signed as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outer: Option<Outer>,
    /// The marks of what was written, in the order of [`Outputs::paths`].
    #[serde(default)]
    pub outputs: Vec<Marks>,
    /// What [`sources`] gives, once somebody has asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<String>,
}

/// The zip around a CSAR that is signed as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Outer {
    /// Its file name.
    pub file_name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size.
    pub size: u64,
}

/// A file as it was when the package was built.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Input {
    /// Only ever compared, so a name that is not UTF-8 may lose bytes.
    path: String,
    marks: Marks,
    /// Digest of the content that went in, with the name of its algorithm.
    content: String,
}

/// The version that goes into records.
pub(super) const TOOL: &str = concat!("cargo-nfv ", env!("CARGO_PKG_VERSION"));

/// The record at `path`; `None` if it can't be read as one.
pub(super) fn read(path: &Path) -> Option<Record> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// The record at `path`, if it still describes these inputs. One that names
/// outdated marks of files that are the same is written anew, but in a dry run.
///
/// `seen` are marks of this run, in the order of the inputs; a file without any is asked
/// for them.
pub(super) fn fresh(
    path: &Path,
    fingerprint: &str,
    inputs: (&[PathBuf], &[Option<Marks>]),
    is_dry: bool,
) -> Option<Record> {
    let record = read(path).filter(|record| record.fingerprint == fingerprint)?;
    still(record, path, inputs, is_dry)
}

/// The same for a package that has a signature, where `fingerprint` is of one without.
pub(super) fn fresh_but_signed(
    path: &Path,
    fingerprint: &str,
    inputs: (&[PathBuf], &[Option<Marks>]),
    is_dry: bool,
) -> Option<Record> {
    let is_it = |record: &Record| record.unsigned.as_deref() == Some(fingerprint);
    still(read(path).filter(is_it)?, path, inputs, is_dry)
}

/// The record, if its files are as they were.
fn still(
    mut record: Record,
    path: &Path,
    (inputs, seen): (&[PathBuf], &[Option<Marks>]),
    is_dry: bool,
) -> Option<Record> {
    if record.tool != TOOL || record.inputs.len() != inputs.len() {
        return None;
    }
    let written = nanos(fs::metadata(path).ok()?.modified().ok()?);
    let seen = seen.iter().copied().chain(std::iter::repeat(None));
    let all = record.inputs.iter().zip(inputs).zip(seen);
    let now: Vec<Marks> = all
        .map(|((input, path), marks)| {
            let marks = marks.or_else(|| Marks::of(path))?;
            let same = input.path == path.to_string_lossy() && input.marks.len == marks.len;
            same.then_some(marks)
        })
        .collect::<Option<_>>()?;
    let is_certain = |(input, marks): (&Input, &Marks)| {
        input.marks == *marks
            && marks.modified < written
            && u128::try_from(marks.changed).is_ok_and(|changed| changed < written)
    };
    let doubtful: Vec<(&Input, &PathBuf)> = record
        .inputs
        .iter()
        .zip(&now)
        .zip(inputs)
        .filter(|(pair, _)| !is_certain(*pair))
        .map(|((input, _), path)| (input, path))
        .collect();
    if doubtful.is_empty() {
        return Some(record);
    }
    let same = |(input, path): &(&Input, &PathBuf)| {
        package::content_digest(path, &input.content)
            .is_ok_and(|digest| digest.as_ref() == Some(&input.content))
    };
    if !doubtful.par_iter().all(same) {
        return None;
    }
    for (input, marks) in record.inputs.iter_mut().zip(now) {
        input.marks = marks;
    }
    if !is_dry {
        // Where this fails, the files are read again the next time.
        let _ = write(path, &record);
    }
    Some(record)
}

/// The files that a build of a package has written.
pub(super) struct Outputs<'a> {
    /// The finished package.
    pub package: &'a Path,
    /// The same as a blob of the layout.
    pub blob: &'a Path,
    /// The zip around it, where it is signed as a whole.
    pub outer: Option<&'a Path>,
}

impl Outputs<'_> {
    /// Each file with the digest that it has to have.
    fn paths<'a>(&'a self, record: &'a Record) -> Vec<(&'a Path, &'a str, u64)> {
        let own = (record.sha256.as_str(), record.size);
        let outer = self.outer.zip(record.outer.as_ref());
        let outer = outer.map(|(path, outer)| (path, outer.sha256.as_str(), outer.size));
        let written = [self.package, self.blob].map(|path| (path, own.0, own.1));
        written.into_iter().chain(outer).collect()
    }

    fn marks(&self, record: &Record) -> Option<Vec<Marks>> {
        let paths = self.paths(record).into_iter();
        paths.map(|(path, ..)| Marks::of(path)).collect()
    }

    /// Whether the files are there and are what was written. Where their marks are others, as in
    /// a folder that was copied, they are read, and the record at `path` gets the new ones.
    pub fn are_whole(&self, record: &mut Record, path: &Path, is_dry: bool) -> bool {
        let Some(now) = self.marks(record) else {
            return false;
        };
        if now == record.outputs {
            return true;
        }
        let is_it = |(path, sha256, size): &(&Path, &str, u64)| {
            let found = fs::metadata(path).is_ok_and(|found| found.len() == *size);
            let read = || digest::sha256(&mut fs::File::open(path)?);
            found && read().is_ok_and(|(found, _)| found == *sha256)
        };
        if !self.paths(record).par_iter().all(is_it) {
            return false;
        }
        record.outputs = now;
        if !is_dry {
            // Where this fails, the files are read again the next time.
            let _ = write_again(path, record);
        }
        true
    }
}

/// Writes a record. `marks` were taken before the files were read, so that a
/// change in between is noticed the next time.
pub(super) fn remember(
    path: &Path,
    id: &str,
    (fingerprint, unsigned): (String, Option<String>),
    marks: Vec<(PathBuf, Marks)>,
    (assembled, outer): (&[Assembled], Option<Outer>),
    outputs: &Outputs<'_>,
) -> Result<(), Error> {
    let content = |path: &Path| assembled.iter().find_map(|one| one.inputs.get(path));
    let inputs = marks.into_iter().map(|(path, marks)| Input {
        path: path.to_string_lossy().into_owned(),
        marks,
        content: content(&path).cloned().unwrap_or_default(),
    });
    let Some(finished) = assembled.last() else {
        return Ok(());
    };
    let mut record = Record {
        id: id.to_owned(),
        tool: TOOL.to_owned(),
        fingerprint,
        unsigned,
        inputs: inputs.collect(),
        sha256: finished.sha256.clone(),
        size: finished.size,
        outer,
        outputs: Vec::new(),
        sources: None,
    };
    record.outputs = outputs.marks(&record).unwrap_or_default();
    write(path, &record).map_err(|source| Error::Io {
        action: "write",
        path: path.to_owned(),
        source,
    })
}

/// The digest of everything that decides the bytes of a package: `sha256:` and 64
/// digits. Unlike the marks of files it is the same on every machine.
///
/// # Errors
///
/// A file can't be read.
pub(super) fn sources(fingerprint: &str, inputs: &[PathBuf]) -> Result<String, Error> {
    let digest = |path: &PathBuf| {
        let digest = package::content_digest(path, "sha256:");
        let digest = digest.map_err(|source| Error::Io {
            action: "read",
            path: path.clone(),
            source,
        })?;
        Ok(digest.unwrap_or_default())
    };
    let digests: Vec<Result<String, Error>> = inputs.par_iter().map(digest).collect();
    let mut hash = Sha256::new();
    hash.update(format!("{}\n{fingerprint}\n", package::ASSEMBLY));
    for digest in digests {
        hash.update(format!("{}\n", digest?));
    }
    Ok(format!("sha256:{}", hex(&hash.finalize())))
}

/// The same of a package that is finished, by the record at `path`, which notes it.
/// `None` where a file is not any more what went in.
#[cfg(feature = "publish")]
pub(super) fn sources_of(
    path: &Path,
    (fingerprint, sha256): (&str, &str),
    inputs: &[PathBuf],
    is_dry: bool,
) -> Result<Option<String>, Error> {
    let of_this = |record: &Record| record.fingerprint == fingerprint && record.sha256 == sha256;
    let known = read(path).filter(of_this);
    if let Some(sources) = known.as_ref().and_then(|record| record.sources.clone()) {
        return Ok(Some(sources));
    }
    let sources = sources(fingerprint, inputs)?;
    let Some(mut record) = fresh(path, fingerprint, (inputs, &[]), is_dry).filter(of_this) else {
        return Ok(None);
    };
    if !is_dry {
        record.sources = Some(sources.clone());
        // Where writing fails, the files are read again the next time.
        let _ = write_again(path, &record);
    }
    Ok(Some(sources))
}

/// Writes a record in place of the one that it was made from. Whether an input is as new as
/// the record is asked of its time, so that stays.
fn write_again(path: &Path, record: &Record) -> io::Result<()> {
    let time = fs::metadata(path)?.modified()?;
    write(path, record)?;
    let file = fs::File::options().write(true).open(path)?;
    file.set_modified(time)
}

fn write(path: &Path, record: &Record) -> io::Result<()> {
    let bytes = serde_json::to_vec(record)?;
    let folder = path.parent().unwrap_or(path);
    let mut file = match scratch::file_in(folder) {
        Err(absent) if absent.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder)?;
            scratch::file_in(folder)?
        }
        file => file?,
    };
    file.write_all(&bytes)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
