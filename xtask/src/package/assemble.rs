//! A plan to bytes, in one pass over the files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use md5::Md5;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::checksums;
use super::gzip::GzipWriter;
use super::plan::{Format, Member, Plan, Source};
use super::signer::Signer;
use super::tarball::{TarWriter, changed};
use super::zip::ZipWriter;
use crate::aside::{Aside, Sink};
use crate::csar::{Algorithm, Digests, Hasher, Manifest};
use crate::diagnostic::SourceFile;
use crate::digest::hex;
use crate::source::Marks;

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assembled {
    /// SHA-256 of the finished package, in hexadecimal.
    pub sha256: String,
    /// Size of the finished package in bytes.
    pub size: u64,
    /// The files that went in, each with the digest of its content as it was
    /// then: `md5:…`, or the name of another algorithm; see [`content_digest`].
    pub inputs: BTreeMap<PathBuf, String>,
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
    /// Its manifest can't be signed.
    #[error("failed to sign the manifest of the package")]
    Sign(#[source] io::Error),
}

/// Writes the archive that `plan` describes to `out`.
///
/// `on_bytes` is told how many bytes of input each step took. The bytes depend
/// on the plan and the content of its files only.
///
/// Reading, compressing, and writing go on side by side where a package is
/// large.
pub fn assemble<W: Write + Send + 'static>(
    plan: &Plan,
    out: W,
    on_bytes: &(dyn Fn(u64) + Sync),
) -> Result<(Assembled, W), AssembleError> {
    let written = Aside::new(Hashing::new(out));
    let (written, inputs) = match plan.format {
        Format::TarGz => {
            let gzip = GzipWriter::new(written).map_err(AssembleError::Write)?;
            let mut tar = TarWriter::new(gzip, plan.epoch);
            let inputs = members(plan, &mut tar, on_bytes)?;
            let gzip = tar.finish().map_err(AssembleError::Write)?;
            (gzip.finish(), inputs)
        }
        Format::Zip => {
            let mut zip = ZipWriter::new(written, plan.epoch);
            let inputs = members(plan, &mut zip, on_bytes)?;
            (zip.finish(), inputs)
        }
    };
    let written = written.and_then(Aside::finish);
    let (out, sha256, size) = written.map_err(AssembleError::Write)?.finish();
    let assembled = Assembled {
        sha256,
        size,
        inputs,
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
) -> Result<BTreeMap<PathBuf, String>, AssembleError> {
    let mut inputs = BTreeMap::new();
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
            Sums::Checksums(_) => Hash::Md5(Md5::new()),
            Sums::Nothing | Sums::Manifest(_) => Hash::Of(algorithm, Hasher::new(algorithm)),
        };
        let mut text = |text: String| {
            let len = text.len() as u64;
            archive.file(name, mode, len, &mut text.as_bytes())
        };
        let digest = match &member.source {
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
            Source::Manifest {
                text: own, signer, ..
            } => {
                let Sums::Manifest(sums) = &sums else {
                    continue;
                };
                let digests: Digests<'_> = sums
                    .iter()
                    .map(|(name, algorithm, hash)| (*name, (*algorithm, hash.as_str())))
                    .collect();
                // What is signed anew owes nothing to an older signature.
                let own = match signer {
                    Some(_) => unsigned(own),
                    None => own,
                };
                let mended = Manifest::mend(own, &digests);
                let finished = match signer {
                    Some(signer) => signed(&mended, signer).map_err(AssembleError::Sign)?,
                    None => mended,
                };
                text(finished).map_err(AssembleError::Write)?;
                continue;
            }
            Source::Bytes(bytes) => {
                let mut reader = Tapped::new(&bytes[..], hash, on_bytes);
                archive
                    .file(name, mode, bytes.len() as u64, &mut reader)
                    .map_err(AssembleError::Write)?;
                reader.digest().map_err(AssembleError::Write)?
            }
            Source::Filled { path, from, text } => {
                let (digest, of_file) = filled(archive, member, (path, from, text), hash)?;
                on_bytes(text.len() as u64);
                inputs.insert(path.clone(), of_file);
                digest
            }
            Source::Disk { path, len, marks } => {
                let digest = from_disk(archive, member, (path, *len, *marks), hash, on_bytes)?;
                inputs.insert(path.clone(), digest.clone());
                digest
            }
        };
        let hash = digest.rsplit(':').next().unwrap_or_default().to_owned();
        match &mut sums {
            Sums::Nothing => {}
            Sums::Checksums(sums) => sums.push((name, hash)),
            Sums::Manifest(sums) => sums.push((name, algorithm, hash)),
        }
    }
    Ok(inputs)
}

/// A manifest up to its signature.
fn unsigned(manifest: &str) -> &str {
    let signatures = Manifest::parse(manifest).signatures;
    let end = signatures
        .first()
        .map_or(manifest.len(), |cms| cms.at.start);
    &manifest[..end]
}

/// A manifest with a signature at its end, in the place of any other.
fn signed(manifest: &str, signer: &Signer) -> io::Result<String> {
    let mut text = unsigned(manifest).to_owned();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let signature = signer.sign(text.as_bytes())?;
    text.push_str(&signature);
    Ok(text)
}

/// Writes a text in the place of the file that it comes from. Gives its digest, and that
/// of the file, which must still be what it was.
fn filled(
    archive: &mut dyn Archive,
    member: &Member,
    (path, from, text): (&Path, &SourceFile, &str),
    mut hash: Hash,
) -> Result<(String, String), AssembleError> {
    let failed = |source| AssembleError::Read {
        path: path.to_owned(),
        source,
    };
    let now = std::fs::read(path).map_err(failed)?;
    if now != from.text().as_bytes() {
        return Err(failed(changed()));
    }
    let mut of_file = hash.clone();
    let taken = of_file.take(&now).and_then(|()| hash.take(text.as_bytes()));
    let mode = member.mode.bits();
    let written = archive.file(&member.name, mode, text.len() as u64, &mut text.as_bytes());
    taken.and(written).map_err(AssembleError::Write)?;
    Ok((hash.finish(), of_file.finish()))
}

fn from_disk(
    archive: &mut dyn Archive,
    member: &Member,
    (path, len, marks): (&Path, u64, Option<Marks>),
    hash: Hash,
    on_bytes: &(dyn Fn(u64) + Sync),
) -> Result<String, AssembleError> {
    let failed = |source| AssembleError::Read {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    let marks_of = |file: &File| file.metadata().ok().as_ref().and_then(Marks::in_metadata);
    let mut reader = Tapped::new(file, hash, on_bytes);
    let result = archive.file(&member.name, member.mode.bits(), len, &mut reader);
    if let Some(source) = reader.failed.take() {
        return Err(failed(source));
    }
    result.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => failed(error),
        _ => AssembleError::Write(error),
    })?;
    // One that keeps its length, as an image of a disk does, may have changed all the same, and
    // its start would be older than its end. Our own outputs have no marks.
    if marks.is_some() && marks_of(&reader.inner) != marks {
        return Err(failed(changed()));
    }
    reader.digest().map_err(AssembleError::Write)
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

impl<W: Write + Send + 'static> Sink for Hashing<W> {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.inner.write_all(bytes)?;
        self.hash.update(bytes);
        self.len += bytes.len() as u64;
        Ok(())
    }
}

/// The digest of a file's content in the words of `like`, another one: what
/// stands before the colon names the algorithm. `None` for an unknown one.
pub fn content_digest(path: &Path, like: &str) -> io::Result<Option<String>> {
    let mut hash = match like.split(':').next().unwrap_or_default() {
        MD5 => Hash::Md5(Md5::new()),
        name => match Algorithm::find(name) {
            Some(algorithm) => Hash::Of(algorithm, Hasher::new(algorithm)),
            None => return Ok(None),
        },
    };
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(Some(hash.finish())),
            Ok(n) => hash.take(&buffer[..n])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

const MD5: &str = "md5";

/// The digest of a member: that which the list at the end wants, or SHA-256.
#[derive(Clone)]
enum Hash {
    Md5(Md5),
    Of(Algorithm, Hasher),
}

impl Hash {
    /// The algorithm, a colon, and the digest in lower-case hexadecimal.
    fn finish(self) -> String {
        match self {
            Hash::Md5(md5) => format!("{MD5}:{}", hex(&md5.finalize())),
            Hash::Of(algorithm, hasher) => {
                format!("{}:{}", algorithm.as_str().to_lowercase(), hasher.finish())
            }
        }
    }
}

impl Sink for Hash {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Hash::Md5(md5) => md5.update(bytes),
            Hash::Of(_, hasher) => hasher.update(bytes),
        }
        Ok(())
    }
}

/// A reader that computes the digest for the list at the end on the way and
/// keeps apart an error of reading from one of writing.
struct Tapped<'a, R> {
    inner: R,
    hash: Aside<Hash>,
    on_bytes: &'a (dyn Fn(u64) + Sync),
    failed: Option<io::Error>,
}

impl<'a, R: Read> Tapped<'a, R> {
    fn new(inner: R, hash: Hash, on_bytes: &'a (dyn Fn(u64) + Sync)) -> Self {
        Tapped {
            inner,
            hash: Aside::new(hash),
            on_bytes,
            failed: None,
        }
    }

    fn digest(self) -> io::Result<String> {
        Ok(self.hash.finish()?.finish())
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
        self.hash.write_all(&buffer[..n])?;
        (self.on_bytes)(n as u64);
        Ok(n)
    }
}
