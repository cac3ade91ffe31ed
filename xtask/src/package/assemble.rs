//! A plan to bytes, in one pass over the files.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use md5::Md5;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::checksums;
use super::gzip::GzipWriter;
use super::plan::{Format, Member, Plan, Source};
use super::tarball::TarWriter;
use super::zip::ZipWriter;
use crate::csar::{Algorithm, Digests, Hasher, Manifest};
use crate::digest::hex;

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assembled {
    /// SHA-256 of the finished package, in hexadecimal.
    pub sha256: String,
    /// Size of the finished package in bytes.
    pub size: u64,
    /// SHA-256 of the tar before compression: the same whatever compresses it
    /// (OCI image-spec, DiffID). A zip has none.
    pub tar_sha256: Option<String>,
}

/// Why a package could not be assembled.
#[derive(Debug, Error)]
pub enum AssembleError {
    /// A file of the package can't be read, or changed while it was.
    #[error("failed to read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The output can't be written.
    #[error("failed to write the package")]
    Write(#[source] io::Error),
}

/// Writes the archive that `plan` describes to `out`.
///
/// `on_bytes` is told how many bytes of input each step took. The bytes depend
/// on the plan and the content of its files only.
pub fn assemble<W: Write>(
    plan: &Plan,
    out: W,
    on_bytes: &(dyn Fn(u64) + Sync),
) -> Result<(Assembled, W), AssembleError> {
    let compressed = Hashing::new(out);
    let (compressed, tar_sha256) = match plan.format {
        Format::TarGz => {
            let gzip = GzipWriter::new(compressed).map_err(AssembleError::Write)?;
            let mut tar = TarWriter::new(Hashing::new(gzip), plan.epoch);
            members(plan, &mut tar, on_bytes)?;
            let hashed = tar.finish().map_err(AssembleError::Write)?;
            let (gzip, tar_sha256, _) = hashed.finish();
            (gzip.finish(), Some(tar_sha256))
        }
        Format::Zip => {
            let mut zip = ZipWriter::new(compressed, plan.epoch);
            members(plan, &mut zip, on_bytes)?;
            (zip.finish(), None)
        }
    };
    let (out, sha256, size) = compressed.map_err(AssembleError::Write)?.finish();
    let assembled = Assembled {
        sha256,
        size,
        tar_sha256,
    };
    Ok((assembled, out))
}

/// What members are written into.
trait Archive {
    fn directory(&mut self, name: &str) -> io::Result<()>;
    fn file(&mut self, name: &str, mode: u32, len: u64, content: &mut dyn Read) -> io::Result<()>;
}

impl<W: Write> Archive for TarWriter<W> {
    fn directory(&mut self, name: &str) -> io::Result<()> {
        TarWriter::directory(self, name)
    }

    fn file(&mut self, name: &str, mode: u32, len: u64, content: &mut dyn Read) -> io::Result<()> {
        TarWriter::file(self, name, mode, len, content)
    }
}

impl<W: Write> Archive for ZipWriter<W> {
    fn directory(&mut self, name: &str) -> io::Result<()> {
        ZipWriter::directory(self, name)
    }

    fn file(&mut self, name: &str, mode: u32, len: u64, content: &mut dyn Read) -> io::Result<()> {
        ZipWriter::file(self, name, mode, len, content)
    }
}

/// The digests of what has been written, for the list at the end.
enum Sums<'a> {
    Nothing,
    Checksums(Vec<(&'a str, String)>),
    Manifest(Vec<(&'a str, Algorithm, String)>),
}

fn members(
    plan: &Plan,
    archive: &mut dyn Archive,
    on_bytes: &(dyn Fn(u64) + Sync),
) -> Result<(), AssembleError> {
    let list = plan.members.iter().find_map(|member| match &member.source {
        Source::Checksums => Some((Sums::Checksums(Vec::new()), None)),
        Source::Manifest { algorithms, .. } => Some((Sums::Manifest(Vec::new()), Some(algorithms))),
        _ => None,
    });
    let (mut sums, algorithms) = list.unwrap_or((Sums::Nothing, None));
    for member in &plan.members {
        let name = member.name.as_str();
        let mode = member.mode.bits();
        let algorithm = algorithms
            .and_then(|algorithms| algorithms.get(name))
            .copied()
            .unwrap_or(Algorithm::Sha256);
        let hash = match sums {
            Sums::Nothing => Hash::None,
            Sums::Checksums(_) => Hash::Md5(Md5::new()),
            Sums::Manifest(_) => Hash::Of(Hasher::new(algorithm)),
        };
        let mut text = |text: String| {
            let len = text.len() as u64;
            archive.file(name, mode, len, &mut text.as_bytes())
        };
        let hash = match &member.source {
            Source::Directory => {
                archive.directory(name).map_err(AssembleError::Write)?;
                continue;
            }
            Source::Checksums => {
                let Sums::Checksums(sums) = &sums else {
                    continue;
                };
                let list = sums.iter().map(|(name, md5)| (*name, md5.as_str()));
                text(checksums::write(list)).map_err(AssembleError::Write)?;
                continue;
            }
            Source::Manifest { text: own, .. } => {
                let Sums::Manifest(sums) = &sums else {
                    continue;
                };
                let digests: Digests<'_> = sums
                    .iter()
                    .map(|(name, algorithm, hash)| (*name, (*algorithm, hash.as_str())))
                    .collect();
                text(Manifest::mend(own, &digests)).map_err(AssembleError::Write)?;
                continue;
            }
            Source::Bytes(bytes) => {
                let mut reader = Tapped::new(&bytes[..], hash, on_bytes);
                archive
                    .file(name, mode, bytes.len() as u64, &mut reader)
                    .map_err(AssembleError::Write)?;
                reader.hash
            }
            Source::Disk { path, len } => from_disk(archive, member, path, *len, hash, on_bytes)?,
        };
        match (&mut sums, hash) {
            (Sums::Checksums(sums), Hash::Md5(md5)) => sums.push((name, hex(&md5.finalize()))),
            (Sums::Manifest(sums), Hash::Of(hash)) => sums.push((name, algorithm, hash.finish())),
            _ => {}
        }
    }
    Ok(())
}

fn from_disk(
    archive: &mut dyn Archive,
    member: &Member,
    path: &Path,
    len: u64,
    hash: Hash,
    on_bytes: &(dyn Fn(u64) + Sync),
) -> Result<Hash, AssembleError> {
    let failed = |source| AssembleError::Read {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    let mut reader = Tapped::new(file, hash, on_bytes);
    let result = archive.file(&member.name, member.mode.bits(), len, &mut reader);
    if let Some(source) = reader.failed.take() {
        return Err(failed(source));
    }
    result.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => failed(error),
        _ => AssembleError::Write(error),
    })?;
    Ok(reader.hash)
}

/// A writer that hashes and counts.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
    len: u64,
}

impl<W: Write> Hashing<W> {
    fn new(inner: W) -> Self {
        Hashing {
            inner,
            hash: Sha256::new(),
            len: 0,
        }
    }

    fn finish(self) -> (W, String, u64) {
        (self.inner, hex(&self.hash.finalize()), self.len)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.hash.update(&bytes[..n]);
        self.len += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// What the list at the end says of a member.
enum Hash {
    None,
    Md5(Md5),
    Of(Hasher),
}

impl Hash {
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Hash::None => {}
            Hash::Md5(md5) => md5.update(bytes),
            Hash::Of(hasher) => hasher.update(bytes),
        }
    }
}

/// A reader that computes the digest for the list at the end on the way and
/// keeps apart an error of reading from one of writing.
struct Tapped<'a, R> {
    inner: R,
    hash: Hash,
    on_bytes: &'a (dyn Fn(u64) + Sync),
    failed: Option<io::Error>,
}

impl<'a, R: Read> Tapped<'a, R> {
    fn new(inner: R, hash: Hash, on_bytes: &'a (dyn Fn(u64) + Sync)) -> Self {
        Tapped {
            inner,
            hash,
            on_bytes,
            failed: None,
        }
    }
}

impl<R: Read> Read for Tapped<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = match self.inner.read(buffer) {
            Ok(n) => n,
            Err(error) => {
                let kind = error.kind();
                // Whoever reads tries again after an interruption.
                if kind != io::ErrorKind::Interrupted {
                    self.failed = Some(error);
                }
                return Err(kind.into());
            }
        };
        self.hash.update(&buffer[..n]);
        (self.on_bytes)(n as u64);
        Ok(n)
    }
}
