//! Finished packages: reading a `.tar.gz` or `.zip` without unpacking it.
//!
//! Members are hashed as they stream by; only small texts stay in memory. A
//! `.tar.gz` inside a SHIELD package is read in the same pass.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use md5::Md5;
use sha2::{Digest, Sha256};

use super::candidate;
use super::package::{FileEntry, Finding, Form, Layout, Package, Place};
use crate::descriptor::{Descriptor, Kind};
use crate::diagnostic::{SourceFile, Span};
use crate::digest::hex;

/// Texts up to this size are kept for the rules.
const KEEP: u64 = 1 << 20;
/// Descriptors may be larger; this is the limit of the YAML reader.
const KEEP_YAML: u64 = 16 << 20;
/// All that is kept of one archive.
const KEEP_TOTAL: u64 = 64 << 20;
/// Members of one archive.
const MAX_MEMBERS: usize = 200_000;
/// Bytes that a compressed byte may become, beyond a first 256 MiB. Deflate
/// itself ends at 1032.
const MAX_RATIO: u64 = 300;
const FREE_BYTES: u64 = 256 << 20;

/// What the first bytes of a file say it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    TarGz,
    Zip,
    Tar,
    Other,
}

/// Whether a file given on the command line is to be read as an archive: by
/// its first bytes, or by its name where the bytes say nothing.
pub(super) fn looks_like_archive(path: &Path) -> io::Result<bool> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let named = [".tar.gz", ".tgz", ".tar", ".zip", ".csar"]
        .iter()
        .any(|end| name.ends_with(end));
    Ok(named || container(&mut File::open(path)?)? != Container::Other)
}

fn container(file: &mut File) -> io::Result<Container> {
    let mut head = [0; 512];
    let mut n = 0;
    while n < head.len() {
        match file.read(&mut head[n..])? {
            0 => break,
            more => n += more,
        }
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(match &head[..n] {
        [0x1f, 0x8b, ..] => Container::TarGz,
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Container::Zip,
        head if head.get(257..262) == Some(b"ustar") => Container::Tar,
        _ => Container::Other,
    })
}

/// Reads a finished package. Only failing to open it is an error; everything
/// else that is wrong with it is a finding.
pub(super) fn read(path: &Path, shown: &str) -> io::Result<Package> {
    let mut file = File::open(path)?;
    let len = file.metadata()?.len();
    let container = container(&mut file)?;
    let mut content = Content::default();
    let result = match container {
        Container::TarGz => content.tar_gz(BufReader::new(file), len, shown),
        Container::Tar => content.tar(BufReader::new(file), shown),
        Container::Zip => content.zip(file, shown),
        Container::Other if len == 0 => Err("it is empty".to_owned()),
        Container::Other => Err("it is neither a gzip-compressed tar nor a zip".to_owned()),
    };
    if let Err(reason) = result {
        content.fault(shown, reason);
    }
    let mut package = content.into_package(path, shown);
    package.is_tar_gz = container == Container::TarGz;
    package.is_zip = container == Container::Zip;
    Ok(package)
}

#[derive(Default)]
struct Content {
    files: Vec<FileEntry>,
    texts: Vec<(String, Vec<u8>)>,
    kept: u64,
    findings: Vec<Finding>,
    /// Archives inside, by member name. Only SHIELD packages have them.
    inner: Vec<(String, Content, bool)>,
    depth: usize,
    names: HashSet<String>,
    dotted: Option<String>,
}

impl Content {
    fn fault(&mut self, shown: &str, reason: impl Into<String>) {
        self.findings.push(Finding::Archive {
            span: Span::path(shown),
            reason: reason.into(),
        });
    }

    fn tar_gz(&mut self, reader: impl Read, len: u64, shown: &str) -> Result<(), String> {
        let limit = FREE_BYTES.saturating_add(len.saturating_mul(MAX_RATIO));
        let mut decoder = Bounded {
            inner: MultiGzDecoder::new(reader),
            left: limit,
        };
        self.tar(&mut decoder, shown)?;
        // The end of the tar is not the end of the file: the checksum of the
        // compressed bytes comes behind it.
        io::copy(&mut decoder, &mut io::sink())
            .map(|_| ())
            .map_err(|error| format!("it can't be unpacked to its end: {error}"))
    }

    fn tar(&mut self, reader: impl Read, shown: &str) -> Result<(), String> {
        let mut archive = tar::Archive::new(reader);
        let entries = archive.entries().map_err(|error| error.to_string())?;
        for entry in entries {
            let mut entry = entry.map_err(|error| format!("it can't be read as a tar: {error}"))?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let header = entry.header();
            let kind = header.entry_type();
            let executable = header.mode().is_ok_and(|mode| mode & 0o100 != 0);
            if kind.is_dir() {
                self.check_name(&name, shown);
                continue;
            }
            if kind.is_symlink() || kind.is_hard_link() {
                let target = entry.link_name_bytes().unwrap_or_default();
                let target = String::from_utf8_lossy(&target).into_owned();
                // The target of a hard link is a member's name; that of a
                // symbolic link counts from the folder that it stands in.
                let folder = match name.rsplit_once('/') {
                    Some((folder, _)) if kind.is_symlink() => folder,
                    _ => "",
                };
                self.link(&name, folder, &target, shown);
                continue;
            }
            if !kind.is_file() && !kind.is_contiguous() && !kind.is_gnu_sparse() {
                self.unsafe_member(&name, "it is a device or a pipe", shown);
                continue;
            }
            let len = entry.size();
            self.member(name, len, executable, &mut entry, shown)?;
        }
        Ok(())
    }

    fn zip(&mut self, mut file: File, shown: &str) -> Result<(), String> {
        let packed = file.metadata().map(|m| m.len()).unwrap_or(0);
        let recorded = zip_members(&mut file, packed);
        let mut archive = zip::ZipArchive::new(BufReader::new(file))
            .map_err(|error| format!("it can't be read as a zip: {error}"))?;
        // Of several members with one name the reader shows one, and another
        // reader may show another.
        if recorded.is_some_and(|recorded| recorded > archive.len()) {
            self.fault(shown, "several of its members have the same name");
        }
        let mut left = FREE_BYTES.saturating_add(packed.saturating_mul(MAX_RATIO));
        for i in 0..archive.len() {
            let member = archive
                .by_index(i)
                .map_err(|error| format!("it can't be read as a zip: {error}"))?;
            let name = match member.name() {
                Ok(name) => name.into_owned(),
                Err(_) => String::from_utf8_lossy(member.name_raw()).into_owned(),
            };
            if member.is_dir() {
                self.check_name(&name, shown);
                continue;
            }
            let executable = member.unix_mode().is_some_and(|mode| mode & 0o100 != 0);
            let is_link = member.is_symlink();
            let len = member.size();
            let mut bounded = Bounded {
                inner: member,
                left,
            };
            if is_link {
                let mut target = String::new();
                let _ = (&mut bounded).take(4096).read_to_string(&mut target);
                let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
                self.link(&name, folder, &target, shown);
                continue;
            }
            self.member(name, len, executable, &mut bounded, shown)?;
            left = bounded.left;
        }
        Ok(())
    }

    fn member(
        &mut self,
        name: String,
        len: u64,
        executable: bool,
        reader: &mut dyn Read,
        shown: &str,
    ) -> Result<(), String> {
        if self.files.len() >= MAX_MEMBERS {
            return Err(format!("it has more than {MAX_MEMBERS} members"));
        }
        self.check_name(&name, shown);
        // `./a` and `a` are one file to whoever unpacks it.
        let path = name.strip_prefix("./").unwrap_or(&name).to_owned();
        if path != name && self.dotted.is_none() {
            self.dotted = Some(name.clone());
        }
        let unreadable = |error: io::Error| format!("`{path}` in it can't be read: {error}");
        let mut reader = Hashing {
            inner: reader,
            md5: Md5::new(),
            sha256: Sha256::new(),
            len: 0,
        };
        let is_yaml = [".yaml", ".yml", ".json"].iter().any(|e| path.ends_with(e));
        let limit = if is_yaml { KEEP_YAML } else { KEEP };
        let is_archive = path.ends_with(".tar.gz") || path.ends_with(".tgz");
        if is_archive && self.depth == 0 && !path.contains('/') {
            let mut inner = Content {
                depth: 1,
                ..Content::default()
            };
            let inner_shown = format!("{shown}!/{path}");
            let result = inner.tar_gz(&mut reader, len, &inner_shown);
            io::copy(&mut reader, &mut io::sink()).map_err(unreadable)?;
            let sound = result.is_ok() && reader.len > 0;
            match result {
                Ok(()) if reader.len == 0 => inner.fault(&inner_shown, "it is empty"),
                Ok(()) => {}
                Err(reason) => inner.fault(&inner_shown, reason),
            }
            self.inner.push((path.clone(), inner, sound));
        } else if len <= limit && self.kept + len <= KEEP_TOTAL {
            let mut bytes = Vec::new();
            (&mut reader)
                .take(limit + 1)
                .read_to_end(&mut bytes)
                .map_err(unreadable)?;
            self.kept += bytes.len() as u64;
            self.texts.push((path.clone(), bytes));
            io::copy(&mut reader, &mut io::sink()).map_err(unreadable)?;
        } else {
            io::copy(&mut reader, &mut io::sink()).map_err(unreadable)?;
        }
        if !self.names.insert(path.clone()) {
            self.unsafe_member(&name, "it stands twice in the archive", shown);
        }
        self.files.push(FileEntry {
            path,
            len: reader.len,
            executable,
            place: Place::Member,
            md5: Some(hex(&reader.md5.finalize())),
            sha256: Some(hex(&reader.sha256.finalize())),
        });
        Ok(())
    }

    fn check_name(&mut self, name: &str, shown: &str) {
        let trimmed = name.trim_end_matches('/');
        let reason = if trimmed.starts_with('/') || trimmed.starts_with('\\') {
            "its name is an absolute path"
        } else if trimmed.split(['/', '\\']).any(|part| part == "..") {
            "its name leads out of the package with `..`"
        } else if trimmed.as_bytes().get(1) == Some(&b':') {
            "its name starts with a drive letter"
        } else {
            return;
        };
        self.unsafe_member(name, reason, shown);
    }

    fn link(&mut self, name: &str, folder: &str, target: &str, shown: &str) {
        self.check_name(name, shown);
        let mut depth = folder
            .split('/')
            .filter(|p| !matches!(*p, "" | "."))
            .count() as i64;
        let mut outside = target.starts_with('/');
        for part in target.split('/') {
            match part {
                "" | "." => {}
                ".." => depth -= 1,
                _ => depth += 1,
            }
            outside |= depth < 0;
        }
        if outside {
            let reason = format!("it is a link to `{target}`, outside the package");
            self.unsafe_member(name, reason, shown);
        }
    }

    fn unsafe_member(&mut self, name: &str, reason: impl Into<String>, shown: &str) {
        self.findings.push(Finding::UnsafeMember {
            span: Span::path(format!("{shown}!/{name}")),
            reason: reason.into(),
        });
    }

    /// Tells kind, layout and descriptor from the content.
    fn into_package(mut self, path: &Path, shown: &str) -> Package {
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        self.files.dedup_by(|a, b| a.path == b.path);
        let mut found: Vec<(String, Descriptor)> = Vec::new();
        for (name, bytes) in &self.texts {
            let is_yaml = candidate::may_be_descriptor(Path::new(name));
            // The descriptor of every layout stands at the top, in the top
            // folder, or in `Definitions/`; charts lie deeper.
            let depth = name.split('/').count();
            if is_yaml && (depth <= 2 || name.ends_with("/Chart.yaml")) {
                let shown = format!("{shown}!/{name}");
                if let Some(descriptor) = candidate::recognise(&shown, bytes) {
                    found.push((name.clone(), descriptor));
                }
            }
        }
        let mut package = Package::new(
            path.to_owned(),
            shown.to_owned(),
            Form::Archive,
            Layout::Osm,
        );
        // A SHIELD manifest at the top decides; then whatever stands highest.
        found.sort_by_key(|(name, d)| {
            let depth = name.split('/').count();
            (
                !(d.kind.is_shield() && depth == 1),
                d.kind == Kind::Chart,
                depth,
            )
        });
        let mut found = found.into_iter();
        if let Some((name, descriptor)) = found.next() {
            package.layout = Layout::of(descriptor.kind);
            if name.starts_with("Definitions/") {
                package.layout = Layout::Csar;
            }
            let depth = name.split('/').count();
            package.descriptor_path = name;
            let mut rivals = Vec::new();
            for (name, other) in found {
                if other.kind == Kind::Chart {
                    package.charts.push((name, other));
                } else if !descriptor.kind.is_shield() && name.split('/').count() == depth {
                    rivals.push(other.span());
                }
            }
            if !rivals.is_empty() {
                rivals.insert(0, descriptor.span());
                self.findings
                    .push(Finding::SeveralDescriptors { spans: rivals });
            }
            package.descriptor = Some(descriptor);
        } else if self.findings.is_empty() {
            self.findings.push(Finding::NoDescriptor {
                span: Span::path(shown),
                because: "it was given as a package".to_owned(),
            });
        }
        if package.kind().is_some_and(Kind::is_shield) {
            let wanted = package
                .descriptor
                .as_ref()
                .and_then(|d| d.field("package")?.str())
                .map(str::to_owned);
            for (name, content, sound) in std::mem::take(&mut self.inner) {
                if wanted.as_deref() == Some(name.as_str()) {
                    let inner_shown = format!("{shown}!/{name}");
                    let mut inner = content.into_package(path, &inner_shown);
                    inner.is_tar_gz = sound;
                    package.inner = Some(Box::new(inner));
                }
            }
        }
        package.texts = self
            .texts
            .into_iter()
            .map(|(name, bytes)| {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let file = SourceFile::new(format!("{shown}!/{name}"), text);
                (name, std::sync::Arc::new(file))
            })
            .collect();
        package.files = self.files;
        package.dotted = self.dotted;
        package.findings = self.findings;
        package
    }
}

/// The number of members that the end of a zip gives (APPNOTE 4.3.16); `None`
/// where it stands in the record for large files. The file is left at its
/// start.
fn zip_members(file: &mut File, len: u64) -> Option<usize> {
    const RECORD: usize = 22;
    // A comment of up to 64 KiB may follow.
    let tail = len.min(RECORD as u64 + 0xffff);
    let mut bytes = Vec::new();
    let read = file
        .seek(SeekFrom::Start(len - tail))
        .and_then(|_| file.by_ref().take(tail).read_to_end(&mut bytes));
    file.seek(SeekFrom::Start(0)).ok()?;
    read.ok()?;
    let at = memchr::memmem::rfind(&bytes, b"PK\x05\x06")?;
    let record = bytes.get(at..at + RECORD)?;
    let count = u16::from_le_bytes([record[10], record[11]]);
    (count != u16::MAX).then_some(usize::from(count))
}

/// Stops a decompression that grows beyond all measure.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.left = self
            .left
            .checked_sub(n as u64)
            .ok_or_else(|| io::Error::other("it grows beyond all measure when unpacked"))?;
        Ok(n)
    }
}

struct Hashing<'a> {
    inner: &'a mut dyn Read,
    md5: Md5,
    sha256: Sha256,
    len: u64,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.md5.update(&buffer[..n]);
        self.sha256.update(&buffer[..n]);
        self.len += n as u64;
        Ok(n)
    }
}
