//! A plan to bytes, in one pass over the files.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use md5::Md5;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::checksums;
use super::gzip::GzipWriter;
use super::plan::{Plan, Source};
use super::tarball::TarWriter;
use crate::digest::hex;

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assembled {
    /// SHA-256 of the finished package, in hexadecimal.
    pub sha256: String,
    /// Size of the finished package in bytes.
    pub size: u64,
    /// SHA-256 of the tar before compression: the same whatever compresses it
    /// (OCI image-spec, DiffID).
    pub tar_sha256: String,
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
    let gzip = GzipWriter::new(compressed).map_err(AssembleError::Write)?;
    let mut tar = TarWriter::new(Hashing::new(gzip), plan.epoch);
    let wants_md5 = plan
        .members
        .iter()
        .any(|member| matches!(member.source, Source::Checksums));
    let mut sums: Vec<(&str, String)> = Vec::new();
    for member in &plan.members {
        let name = member.name.as_str();
        match &member.source {
            Source::Directory => tar.directory(name).map_err(AssembleError::Write)?,
            Source::Checksums => {
                let list = sums.iter().map(|(name, md5)| (*name, md5.as_str()));
                let text = checksums::write(list);
                tar.file(
                    name,
                    member.mode.bits(),
                    text.len() as u64,
                    &mut text.as_bytes(),
                )
                .map_err(AssembleError::Write)?;
            }
            Source::Bytes(bytes) => {
                let mut reader = Tapped::new(&bytes[..], wants_md5, on_bytes);
                tar.file(name, member.mode.bits(), bytes.len() as u64, &mut reader)
                    .map_err(AssembleError::Write)?;
                sums.extend(reader.md5().map(|md5| (name, md5)));
            }
            Source::Disk { path, len } => {
                let file = File::open(path).map_err(|source| read_error(path, source))?;
                let mut reader = Tapped::new(file, wants_md5, on_bytes);
                let result = tar.file(name, member.mode.bits(), *len, &mut reader);
                if let Some(source) = reader.failed.take() {
                    return Err(read_error(path, source));
                }
                result.map_err(|error| match error.kind() {
                    io::ErrorKind::InvalidData => read_error(path, error),
                    _ => AssembleError::Write(error),
                })?;
                sums.extend(reader.md5().map(|md5| (name, md5)));
            }
        }
    }
    let hashed = tar.finish().map_err(AssembleError::Write)?;
    let (gzip, tar_sha256, _) = hashed.finish();
    let compressed = gzip.finish().map_err(AssembleError::Write)?;
    let (out, sha256, size) = compressed.finish();
    let assembled = Assembled {
        sha256,
        size,
        tar_sha256,
    };
    Ok((assembled, out))
}

fn read_error(path: &Path, source: io::Error) -> AssembleError {
    AssembleError::Read {
        path: path.to_owned(),
        source,
    }
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

/// A reader that computes the MD5 for `checksums.txt` on the way and keeps
/// apart an error of reading from one of writing.
struct Tapped<'a, R> {
    inner: R,
    md5: Option<Md5>,
    on_bytes: &'a (dyn Fn(u64) + Sync),
    failed: Option<io::Error>,
}

impl<'a, R: Read> Tapped<'a, R> {
    fn new(inner: R, wants_md5: bool, on_bytes: &'a (dyn Fn(u64) + Sync)) -> Self {
        Tapped {
            inner,
            md5: wants_md5.then(Md5::new),
            on_bytes,
            failed: None,
        }
    }

    fn md5(self) -> Option<String> {
        self.md5.map(|md5| hex(&md5.finalize()))
    }
}

impl<R: Read> Read for Tapped<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = match self.inner.read(buffer) {
            Ok(n) => n,
            Err(error) => {
                let kind = error.kind();
                self.failed = Some(error);
                return Err(kind.into());
            }
        };
        if let Some(md5) = &mut self.md5 {
            md5.update(&buffer[..n]);
        }
        (self.on_bytes)(n as u64);
        Ok(n)
    }
}
