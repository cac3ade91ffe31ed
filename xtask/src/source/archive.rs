//! Finished packages: reading a `.tar.gz` or `.zip` without unpacking it.
//!
//! Members are hashed as they stream by; only small texts stay in memory. A
//! `.tar.gz` inside a SHIELD package is read in the same pass.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use md5::Md5;
use sha2::{Digest, Sha256};

use super::candidate;
use super::content;
use super::csar::Csar;
use super::landing::{self, Landing};
use super::members::{self, Container, Fault, Member, MemberKind};
use super::outer;
use super::package::{FileEntry, Finding, Form, Layout, MemberLink, Package, Place};
use super::shield::{MANIFEST, inner_file, named_descriptor};
use super::zip_layout;
use crate::csar::{self, Algorithm, Family, Hasher, Manifest, Meta};
use crate::descriptor::{Descriptor, Kind};
use crate::diagnostic::{SourceFile, Span};
use crate::digest::hex;

/// Texts up to this size are kept for the rules.
const KEEP: u64 = 1 << 20;
/// Descriptors may be larger; this is the limit of the YAML reader.
const KEEP_YAML: u64 = 16 << 20;
/// All that is kept of one archive.
const KEEP_TOTAL: u64 = 64 << 20;
/// Whether a file given on the command line is to be read as an archive: by
/// its first bytes, or by its name where the bytes say nothing.
pub(super) fn looks_like_archive(path: &Path) -> io::Result<bool> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let named = [".tar.gz", ".tgz", ".tar", ".zip", ".csar"]
        .iter()
        .any(|end| name.ends_with(end));
    Ok(named || Container::of(&mut File::open(path)?)? != Container::Other)
}

/// Reads a finished package. Only failing to open it is an error; everything
/// else that is wrong with it is a finding.
pub(crate) fn read(path: &Path, shown: &str) -> io::Result<Package> {
    read_inner(path, shown, None)
}

/// The same for the package that a SHIELD manifest wraps, in which `named` is the descriptor.
pub(super) fn read_inner(path: &Path, shown: &str, named: Option<&str>) -> io::Result<Package> {
    if Container::of(&mut File::open(path)?)? == Container::Zip
        && let Some((outer, inner)) = outer::read(path)?
    {
        // What is in there is a CSAR and not another zip around one: an archive may hold
        // itself.
        let mut package = read_plain(inner.path(), &format!("{shown}!/{}", outer.csar), None)?;
        // What holds it is what others know.
        path.clone_into(&mut package.path);
        shown.clone_into(&mut package.shown);
        // One whose CSAR was damaged is still signed, and so is no other package.
        if outer.signature.is_some() && package.csar.is_none() {
            package.csar = Some(Csar::default());
        }
        if let Some(csar) = &mut package.csar {
            csar.outer = Some(Box::new(outer));
            if let Some(reason) = zip_layout::disagreement(&mut File::open(path)?)? {
                let span = Span::path(shown);
                package.findings.push(Finding::Archive { span, reason });
            }
            return Ok(package);
        }
    }
    read_plain(path, shown, named)
}

/// The same for what is no zip around a CSAR.
fn read_plain(path: &Path, shown: &str, named: Option<&str>) -> io::Result<Package> {
    let package = pass(path, shown, named, None)?;
    // What a SHIELD manifest wraps may lie in a folder, or be called by a name that tells of no
    // archive, and the manifest may stand behind it: then it is read once more.
    let is_shield = package.kind().is_some_and(Kind::is_shield);
    let wrapped = inner_file(&package).filter(|_| is_shield && package.inner.is_none());
    match wrapped.filter(|name| package.file(name).is_some()) {
        Some(wrapped) => pass(path, shown, named, Some(wrapped)),
        None => Ok(package),
    }
}

/// Reads all members once, and opens the archive called `wrapped` beside those that look like one.
fn pass(
    path: &Path,
    shown: &str,
    named: Option<&str>,
    wrapped: Option<String>,
) -> io::Result<Package> {
    let mut file = File::open(path)?;
    let container = Container::of(&mut file)?;
    let mut content = Content {
        is_zip: container == Container::Zip,
        wrapped,
        ..Content::default()
    };
    if content.is_zip {
        content.algorithms = algorithms(File::open(path)?);
    }
    let result = members::each(file, container, |member, reader| {
        content.take(member, reader, shown)
    });
    match result {
        // Of several members with one name the reader shows one, and another
        // reader may show another.
        Ok(true) => content.fault(shown, "several of its members have the same name"),
        Ok(false) if content.is_zip => {
            if let Some(reason) = zip_layout::disagreement(&mut File::open(path)?)? {
                content.fault(shown, reason);
            }
        }
        Ok(false) => {}
        Err(Fault(reason)) => content.fault(shown, reason),
    }
    let mut package = content.into_package(path, shown, named);
    package.is_tar_gz = container == Container::TarGz;
    package.is_zip = container == Container::Zip;
    Ok(package)
}

#[derive(Default)]
struct Content {
    files: Vec<FileEntry>,
    links: Vec<MemberLink>,
    texts: Vec<(String, Vec<u8>)>,
    kept: u64,
    findings: Vec<Finding>,
    /// Archives inside, by member name. Only SHIELD packages have them.
    inner: Vec<(String, Content, bool)>,
    depth: usize,
    /// The file that is an archive by what the manifest says.
    wrapped: Option<String>,
    landing: Landing,
    /// What the manifests in a zip ask for, by file; none without a manifest.
    algorithms: Option<BTreeMap<String, Algorithm>>,
    dotted: Option<String>,
    /// The files at the top whose names begin so.
    dotted_top: Vec<String>,
    is_zip: bool,
}

impl Content {
    fn fault(&mut self, shown: &str, reason: impl Into<String>) {
        self.findings.push(Finding::Archive {
            span: Span::path(shown),
            reason: reason.into(),
        });
    }

    /// Notes a member, whatever it is.
    fn take(&mut self, member: &Member, reader: &mut dyn Read, shown: &str) -> Result<(), Fault> {
        let name = &member.name;
        let landed = self.landing.take(member);
        if let Err(reason) = &landed {
            self.unsafe_member(name, reason.as_str(), shown);
        } else if let Some(reason) = content::unportable(name, member.is_text) {
            self.name(name, reason, shown);
        } else if member.kind != MemberKind::Directory && landing::is_roundabout(name) {
            let reason = "it has an empty part or `.` in it, and not every reader knows the file";
            self.name(name, reason, shown);
        }
        match (&member.kind, landed) {
            (MemberKind::Symlink(target) | MemberKind::HardLink(target), _) => {
                self.links.push(MemberLink {
                    name: landing::plain(name),
                    target: target.clone(),
                    is_symbolic: matches!(member.kind, MemberKind::Symlink(_)),
                });
                Ok(())
            }
            (MemberKind::File, Ok(path)) => self.file(member, path, reader, shown),
            // Its content says nothing of a package that nobody may unpack.
            _ => Ok(()),
        }
    }

    fn file(
        &mut self,
        member: &Member,
        path: String,
        reader: &mut dyn Read,
        shown: &str,
    ) -> Result<(), Fault> {
        let (name, len) = (&member.name, member.len);
        if name.starts_with("./") {
            match path.contains('/') {
                true if self.dotted.is_none() => self.dotted = Some(name.clone()),
                true => {}
                false => self.dotted_top.push(path.clone()),
            }
        }
        let unreadable = |error: io::Error| Fault(format!("`{path}` in it can't be read: {error}"));
        let listed = self.algorithms.as_ref().map(|algorithms| {
            let listed = algorithms.get(&path).copied();
            listed.unwrap_or(Algorithm::Sha256)
        });
        let mut reader = Hashing {
            inner: reader,
            md5: Md5::new(),
            sha256: Sha256::new(),
            other: listed
                .filter(|algorithm| *algorithm != Algorithm::Sha256)
                .map(Hasher::new),
            len: 0,
        };
        // A manifest has four lines for each file.
        let is_yaml = [".yaml", ".yml", ".json", ".mf"]
            .iter()
            .any(|e| path.ends_with(e));
        let limit = if is_yaml { KEEP_YAML } else { KEEP };
        let is_archive = path.ends_with(".tar.gz") || path.ends_with(".tgz");
        let is_wrapped = self.wrapped.as_ref() == Some(&path);
        if self.depth == 0 && (is_wrapped || is_archive && !path.contains('/')) {
            let mut inner = Content {
                depth: 1,
                ..Content::default()
            };
            let inner_shown = format!("{shown}!/{path}");
            let result = members::tar_gz(&mut reader, len, |member, reader| {
                inner.take(member, reader, &inner_shown)
            });
            io::copy(&mut reader, &mut io::sink()).map_err(unreadable)?;
            let sound = result.is_ok() && reader.len > 0;
            match result {
                Ok(()) if reader.len == 0 => inner.fault(&inner_shown, "it is empty"),
                Ok(()) => {}
                Err(Fault(reason)) => inner.fault(&inner_shown, reason),
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
        let sha256 = hex(&reader.sha256.finalize());
        let digest = listed.map(|algorithm| {
            let other = reader.other.map(Hasher::finish);
            (algorithm, other.unwrap_or_else(|| sha256.clone()))
        });
        self.files.push(FileEntry {
            marks: None,
            path,
            len: reader.len,
            executable: member.is_executable(),
            place: Place::Member,
            md5: Some(hex(&reader.md5.finalize())),
            sha256: Some(sha256),
            digest,
        });
        Ok(())
    }

    fn name(&mut self, name: &str, reason: &str, shown: &str) {
        self.findings.push(Finding::Name {
            span: Span::path(format!("{shown}!/{name}")),
            reason: reason.to_owned(),
        });
    }

    fn unsafe_member(&mut self, name: &str, reason: impl Into<String>, shown: &str) {
        self.findings.push(Finding::UnsafeMember {
            span: Span::path(format!("{shown}!/{name}")),
            reason: reason.into(),
        });
    }

    /// Tells kind, layout and descriptor from the content, of which a SHIELD manifest may have
    /// `named` the descriptor.
    fn into_package(mut self, path: &Path, shown: &str, named: Option<&str>) -> Package {
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut found: Vec<(String, Descriptor)> = Vec::new();
        let entry = self.entry_definitions();
        for (name, bytes) in &self.texts {
            let is_yaml = candidate::may_be_descriptor(Path::new(name));
            // The descriptor of every layout stands at the top, in the top
            // folder, or in `Definitions/`; charts lie deeper.
            let depth = name.split('/').count();
            let is_entry = entry.as_ref() == Some(name);
            if is_yaml && (depth <= 2 || is_entry || name.ends_with("/Chart.yaml")) {
                let shown = format!("{shown}!/{name}");
                if let Some(descriptor) = candidate::recognise(&shown, bytes.clone()) {
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
        let unknown = named.filter(|named| !found.iter().any(|(name, _)| name == named));
        // What is named, and else a SHIELD manifest at the top decides; then whatever stands
        // highest.
        found.sort_by_key(|(name, d)| {
            let depth = name.split('/').count();
            (
                named != Some(name) || !d.kind.is_osm(),
                entry.as_ref() != Some(name),
                !(d.kind.is_shield() && depth == 1),
                d.kind == Kind::Chart,
                depth,
            )
        });
        let mut found = found.into_iter();
        if let Some((name, descriptor)) = found.next() {
            package.layout = Layout::of(descriptor.kind);
            let is_csar = self.is_zip && self.is_csar(&name);
            if is_csar && Family::of(descriptor.kind).is_some() {
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
        } else if unknown.is_some_and(|named| self.holds(named)) {
            // The rules about the manifest tell of it.
        } else if self.findings.is_empty() {
            let because = match entry.filter(|entry| self.is_tosca(entry)) {
                Some(entry) => format!(
                    "it was given as a package; its descriptor `{entry}` is a TOSCA template of SOL001, and SOL006 is what is read here"
                ),
                None if named.is_some() => "a SHIELD manifest wraps it".to_owned(),
                None => match self.csars() {
                    Some((first, second)) => format!(
                        "it was given as a package; it holds `{first}` and `{second}`, and option 2 of SOL004 signs one CSAR"
                    ),
                    None => "it was given as a package".to_owned(),
                },
            };
            let manifest = self
                .bytes(MANIFEST)
                .map(|bytes| candidate::parse(&format!("{shown}!/{MANIFEST}"), bytes.to_vec()));
            let manifest = manifest.as_ref().map(candidate::no_manifest).transpose();
            let is_link = self.links.iter().any(|link| link.name == MANIFEST);
            let linked = || {
                let span = Span::path(format!("{shown}!/{MANIFEST}"));
                is_link.then_some((span, "is a link, which is not followed in an archive"))
            };
            let manifest = manifest.map(|manifest| manifest.or_else(linked));
            self.findings.push(match manifest {
                Err(not_yaml) => not_yaml,
                Ok(manifest) => Finding::NoDescriptor {
                    span: Span::path(shown),
                    because,
                    manifest,
                },
            });
        }
        if let Some((named, bytes)) = unknown.and_then(|named| Some((named, self.bytes(named)?))) {
            let doc = candidate::parse(&format!("{shown}!/{named}"), bytes.to_vec());
            if candidate::may_be_descriptor(Path::new(named)) && doc.is_broken() {
                self.findings.push(Finding::NotYaml { doc });
            }
        }
        if package.kind().is_some_and(Kind::is_shield) {
            let wanted = inner_file(&package);
            let descriptor = named_descriptor(&package);
            for (name, content, sound) in std::mem::take(&mut self.inner) {
                if wanted.as_deref() == Some(name.as_str()) {
                    let inner_shown = format!("{shown}!/{name}");
                    let mut inner = content.into_package(path, &inner_shown, descriptor.as_deref());
                    inner.is_tar_gz = sound;
                    package.inner = Some(Box::new(inner));
                }
            }
        }
        /// What every signature and certificate in DER begins with.
        const SEQUENCE: u8 = 0x30;
        let is_der = |(_, bytes): &&(String, Vec<u8>)| {
            bytes.first() == Some(&SEQUENCE) && std::str::from_utf8(bytes).is_err()
        };
        package.der = self.texts.iter().filter(is_der).cloned().collect();
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
        package.links = self.links;
        package.dotted = self.dotted;
        package.dotted_top = self.dotted_top;
        package.findings = self.findings;
        if package.layout == Layout::Csar {
            package.csar = Some(Csar::found(&package));
        }
        package
    }

    /// Whether there is a file or a link of that name.
    fn holds(&self, path: &str) -> bool {
        self.files.iter().any(|file| file.path == path)
            || self.links.iter().any(|link| link.name == path)
    }

    fn bytes(&self, path: &str) -> Option<&[u8]> {
        let (_, bytes) = self.texts.iter().find(|(name, _)| name == path)?;
        Some(bytes)
    }

    /// The descriptor that the `TOSCA.meta` of a zip names.
    fn entry_definitions(&self) -> Option<String> {
        let bytes = self.bytes(csar::META).filter(|_| self.is_zip)?;
        let text = String::from_utf8_lossy(bytes);
        Some(Meta::parse(&text).definitions()?.value.to_owned())
    }

    /// Two CSARs at the top of a zip, where there are several: [`outer::read`] knows one.
    fn csars(&self) -> Option<(&str, &str)> {
        let names = self.files.iter().map(|file| file.path.as_str());
        let mut csars = names.filter(|path| !path.contains('/') && path.ends_with(".csar"));
        csars.next().zip(csars.next()).filter(|_| self.is_zip)
    }

    fn is_tosca(&self, path: &str) -> bool {
        let word = b"tosca_definitions_version";
        self.bytes(path)
            .is_some_and(|bytes| memchr::memmem::find(bytes, word).is_some())
    }

    /// Whether the members are laid out as a CSAR with this descriptor.
    fn is_csar(&self, descriptor: &str) -> bool {
        let paths = || self.files.iter().map(|file| file.path.as_str());
        descriptor.starts_with("Definitions/")
            || paths().any(|path| path == csar::META)
            || (!descriptor.contains('/')
                && paths().any(|path| !path.contains('/') && path.ends_with(".mf")))
    }
}

/// The algorithms that the manifests in a zip ask for. They may stand behind
/// what they speak of, so they are read first.
fn algorithms(file: File) -> Option<BTreeMap<String, Algorithm>> {
    let mut all: Option<BTreeMap<String, Algorithm>> = None;
    // What can't be read is reported when its turn comes.
    let _: Result<bool, Fault> = members::each(file, Container::Zip, |member, reader| {
        if member.kind == MemberKind::File && member.name.ends_with(".mf") {
            let all = all.get_or_insert_default();
            let mut text = String::new();
            if reader.take(KEEP_YAML).read_to_string(&mut text).is_ok() {
                let found = Manifest::parse(&text).algorithms();
                all.extend(found.into_iter().map(|(path, a)| (path.to_owned(), a)));
            }
        }
        Ok(())
    });
    all
}

struct Hashing<'a> {
    inner: &'a mut dyn Read,
    md5: Md5,
    sha256: Sha256,
    /// Another digest that a manifest gives.
    other: Option<Hasher>,
    len: u64,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.md5.update(&buffer[..n]);
        self.sha256.update(&buffer[..n]);
        if let Some(other) = &mut self.other {
            other.update(&buffer[..n]);
        }
        self.len += n as u64;
        Ok(n)
    }
}
