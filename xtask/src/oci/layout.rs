//! An OCI image layout on disk (image-spec, "Image Layout Specification").
//!
//! Blobs appear whole or not at all, and the index is changed last, so that a
//! reader never meets a reference to something that is not there.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::NamedTempFile;
use thiserror::Error;

use super::artifact::Artifact;
use super::manifest::{Descriptor, Index, Manifest, media_type};
use crate::digest::{alike, hex};
use crate::scratch;
use sha2::{Digest, Sha256};

pub(crate) const REF_NAME: &str = "org.opencontainers.image.ref.name";
const LAYOUT_FILE: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;

/// Why a layout can't be read or written.
#[derive(Debug, Error)]
pub enum LayoutError {
    /// The system refuses.
    #[error("failed to {action} `{}`", path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A layout of another version than the first, which this program knows nothing of.
    #[error("`{}` is of version {version}, and the only one known here is 1.0.0", path.display())]
    Version {
        /// The file that says so.
        path: PathBuf,
        /// The version.
        version: String,
    },
    /// A document in the layout is not what it should be.
    #[error("`{}` is not a valid {what}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What it should be.
        what: &'static str,
        /// The reason.
        source: serde_json::Error,
    },
    /// Nothing is published under that name.
    #[error("nothing is published as `{reference}`{}", hint(.nearest))]
    NotFound {
        /// The reference.
        reference: String,
        /// The nearest one that is there.
        nearest: Option<String>,
    },
    /// A blob that something names is not there.
    #[error("the blob `{digest}` is missing: there is no `{}`", path.display())]
    NoBlob {
        /// The digest.
        digest: String,
        /// Where it should be.
        path: PathBuf,
    },
    /// A blob has other bytes than its digest says.
    #[error("the blob `{digest}` is damaged: its content has the digest `{found}`")]
    Damaged {
        /// The digest in the name.
        digest: String,
        /// The digest of the content.
        found: String,
    },
    /// A blob is longer or shorter than those say who refer to it.
    #[error(
        "the blob `{digest}` is damaged and was not sent: it has {found} bytes, and should have {expected}"
    )]
    Size {
        /// The digest in the name.
        digest: String,
        /// The size that it should have.
        expected: u64,
        /// The size that it has.
        found: u64,
    },
    /// What lies under a name or digest is not to be had.
    #[error("the manifest of `{name}` can't be used")]
    Manifest {
        /// The name in the index, or the digest.
        name: String,
        /// Why.
        source: Box<LayoutError>,
    },
    /// The index says something of a manifest that is not so.
    #[error("`index.json` says of `{name}` that {what}")]
    Entry {
        /// The name in the index, or the digest.
        name: String,
        /// What it says, and what is so.
        what: String,
    },
    /// Several entries of the index have one name.
    #[error(
        "`index.json` has `{name}` more than once, for {}; name one by its digest",
        .digests.join(" and ")
    )]
    Twice {
        /// The name.
        name: String,
        /// The digests.
        digests: Vec<String>,
    },
    /// A digest in a document is not one.
    #[error("`{0}` is not a digest of the form `sha256:<64 hexadecimal digits>`")]
    BadDigest(String),
}

impl LayoutError {
    /// In one line, with what it comes from.
    pub fn with_reason(&self) -> String {
        match self {
            LayoutError::Manifest { source, .. } => format!("{self}: {source}"),
            _ => self.to_string(),
        }
    }

    /// Whether something is not there.
    pub fn is_missing(&self) -> bool {
        match self {
            LayoutError::Manifest { source, .. } => source.is_missing(),
            other => matches!(
                other,
                LayoutError::NotFound { .. } | LayoutError::NoBlob { .. }
            ),
        }
    }

    /// Whether it tells of a part, which nobody can use, and not of the layout.
    #[cfg(feature = "publish")]
    pub fn is_unusable(&self) -> bool {
        match self {
            LayoutError::Manifest { source, .. } => source.is_unusable(),
            LayoutError::Json { what, .. } => *what != "image index",
            other => matches!(other, LayoutError::BadDigest(_)),
        }
    }

    /// Whether something has other bytes than those say who refer to it.
    pub fn is_damaged(&self) -> bool {
        match self {
            LayoutError::Manifest { source, .. } => source.is_damaged(),
            other => matches!(
                other,
                LayoutError::Damaged { .. } | LayoutError::Size { .. } | LayoutError::Entry { .. }
            ),
        }
    }
}

/// Why a blob can't be read.
fn unread(digest: &str, path: &Path, source: io::Error) -> LayoutError {
    match source.kind() {
        io::ErrorKind::NotFound => LayoutError::NoBlob {
            digest: digest.to_owned(),
            path: path.to_owned(),
        },
        _ => error("read", path, source),
    }
}

fn hint(nearest: &Option<String>) -> String {
    match nearest {
        Some(name) => format!("; did you mean `{name}`?"),
        None => String::new(),
    }
}

/// A layout.
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
    /// Whether what is in it can be had again.
    is_passing: bool,
}

/// What is published under one name.
#[derive(Clone, Debug)]
pub struct Entry {
    /// `<id>:<version>`.
    pub reference: String,
    /// The manifest's descriptor in the index.
    pub descriptor: Descriptor,
    /// The manifest, unless it is an index, or can't be read.
    pub manifest: Option<Manifest>,
    /// The manifest's bytes.
    pub raw: Vec<u8>,
    /// The config document, if it is JSON.
    pub config: Option<Value>,
}

impl Entry {
    /// The type of the artifact, or the media type of an index.
    pub fn kind(&self) -> &str {
        let kind = self.manifest.as_ref().map(Manifest::kind);
        kind.unwrap_or(&self.descriptor.media_type)
    }
}

impl Layout {
    /// The layout in `root`, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Layout {
            root: root.into(),
            is_passing: false,
        }
    }

    /// The same where everything can be had again, as what builds make and what was
    /// fetched for a moment: that a blob is on the disk is not waited for. One that a
    /// failure of power cut short has not the size that is asked for, and a wrong one
    /// not the digest.
    pub fn passing(root: impl Into<PathBuf>) -> Self {
        Layout {
            root: root.into(),
            is_passing: true,
        }
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether there is one, be it empty.
    pub fn exists(&self) -> bool {
        self.root.join("index.json").is_file()
    }

    /// Where the blob of a SHA-256 in hexadecimal lies.
    pub fn blob(&self, sha256: &str) -> PathBuf {
        self.root.join("blobs").join("sha256").join(sha256)
    }

    /// Where the blob of a digest lies, which may come from a document of others.
    pub fn blob_of(&self, digest: &str) -> Result<PathBuf, LayoutError> {
        Ok(self.blob(plain_digest(digest)?))
    }

    /// Where the blob of a digest lies that has that size.
    ///
    /// # Errors
    ///
    /// It is not there, or has another size. Who reads as much as was said would not
    /// notice what comes behind that.
    #[cfg(feature = "publish")]
    pub fn whole(&self, digest: &str, size: u64) -> Result<PathBuf, LayoutError> {
        let path = self.blob_of(digest)?;
        let found = fs::metadata(&path).map_err(|source| unread(digest, &path, source))?;
        match found.len() {
            found if found == size => Ok(path),
            found => Err(LayoutError::Size {
                digest: digest.to_owned(),
                expected: size,
                found,
            }),
        }
    }

    /// Where temporary files are: not among the blobs, because readers take
    /// every name there for a digest.
    pub fn ingest(&self) -> PathBuf {
        self.root.join("ingest")
    }

    /// A temporary file on the same file system as the blobs.
    pub fn temporary(&self) -> Result<NamedTempFile, LayoutError> {
        /// Another run may tidy up in the moment before there is a file in it.
        const TRIES: usize = 3;
        let folder = self.ingest();
        let mut tries = 0;
        loop {
            tries += 1;
            match scratch::file_in(&folder) {
                Err(gone) if gone.kind() == io::ErrorKind::NotFound && tries < TRIES => {
                    for folder in [&folder, &self.root.join("blobs").join("sha256")] {
                        let created = fs::create_dir_all(folder);
                        created.map_err(|source| error("create", folder, source))?;
                    }
                }
                file => return file.map_err(|source| error("create a file in", &folder, source)),
            }
        }
    }

    /// Removes the folder of temporary files where no run has one in it.
    #[cfg(feature = "publish")]
    pub(crate) fn tidy(&self) {
        let _ = fs::remove_dir(self.ingest());
    }

    /// Removes all that makes a layout of a folder. What can't be removed is in nobody's
    /// way.
    #[cfg(feature = "publish")]
    pub(crate) fn discard(&self) {
        for name in ["oci-layout", "index.json"] {
            let _ = fs::remove_file(self.root.join(name));
        }
        for folder in [self.ingest(), self.root.join("blobs")] {
            let _ = fs::remove_dir_all(folder);
        }
    }

    /// Makes a temporary file the blob of its digest.
    pub fn keep(&self, file: NamedTempFile, sha256: &str) -> Result<PathBuf, LayoutError> {
        let path = self.blob(sha256);
        let failed = |source| error("write", &path, source);
        scratch::readable(file.as_file()).map_err(failed)?;
        if !self.is_passing {
            file.as_file().sync_all().map_err(failed)?;
        }
        let kept = match file.persist(&path) {
            Err(absent) if absent.error.kind() == io::ErrorKind::NotFound => {
                let folder = path.parent().unwrap_or(&self.root);
                fs::create_dir_all(folder).map_err(failed)?;
                absent.file.persist(&path)
            }
            kept => kept,
        };
        kept.map_err(|kept| failed(kept.error))?;
        Ok(path)
    }

    /// Writes a small blob unless it is there.
    pub fn put(&self, bytes: &[u8]) -> Result<String, LayoutError> {
        let sha256 = hex(&Sha256::digest(bytes));
        let path = self.blob(&sha256);
        // One that was damaged is written anew.
        let is_there = fs::metadata(&path).is_ok_and(|m| m.len() == bytes.len() as u64)
            && fs::read(&path).is_ok_and(|there| there == bytes);
        if !is_there {
            let mut file = self.temporary()?;
            file.write_all(bytes)
                .map_err(|source| error("write", &path, source))?;
            self.keep(file, &sha256)?;
        }
        Ok(sha256)
    }

    /// Copies a finished package in as a blob. Gives its SHA-256 and its size.
    pub fn put_file(&self, from: &Path) -> Result<(String, u64), LayoutError> {
        let failed = |source| error("read", from, source);
        let mut source = File::open(from).map_err(failed)?;
        let mut file = self.temporary()?;
        let mut hash = Sha256::new();
        let mut size = 0;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let n = source.read(&mut buffer).map_err(failed)?;
            if n == 0 {
                break;
            }
            hash.update(&buffer[..n]);
            size += n as u64;
            file.write_all(&buffer[..n])
                .map_err(|source| error("write", file.path(), source))?;
        }
        let sha256 = hex(&hash.finalize());
        self.keep(file, &sha256)?;
        Ok((sha256, size))
    }

    /// Whether a blob of that size is there.
    pub fn has(&self, digest: &str, size: u64) -> Result<bool, LayoutError> {
        let path = self.blob_of(digest)?;
        Ok(fs::metadata(path).is_ok_and(|metadata| metadata.len() == size))
    }

    /// Copies a blob to an empty file, which ends up at its start, and holds it
    /// against its digest.
    pub fn copy_to(
        &self,
        digest: &str,
        to: &mut File,
        path: &Path,
        on_bytes: &(dyn Fn(u64) + Sync),
    ) -> Result<(), LayoutError> {
        let from = self.blob_of(digest)?;
        let mut source = File::open(&from).map_err(|source| unread(digest, &from, source))?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = source.read(&mut buffer);
            let n = read.map_err(|source| error("read", &from, source))?;
            if n == 0 {
                break;
            }
            hash.update(&buffer[..n]);
            to.write_all(&buffer[..n])
                .map_err(|source| error("write", path, source))?;
            on_bytes(n as u64);
        }
        let found = format!("sha256:{}", hex(&hash.finalize()));
        if found != digest {
            return Err(LayoutError::Damaged {
                digest: digest.to_owned(),
                found,
            });
        }
        to.rewind().map_err(|source| error("read", path, source))
    }

    /// Reads a small blob and holds it against its digest.
    pub fn get(&self, digest: &str) -> Result<Vec<u8>, LayoutError> {
        let bad = || LayoutError::BadDigest(digest.to_owned());
        alike(digest, b"").ok_or_else(bad)?;
        let path = self.root.join("blobs").join(digest.replacen(':', "/", 1));
        let bytes = fs::read(&path).map_err(|source| unread(digest, &path, source))?;
        let found = alike(digest, &bytes).ok_or_else(bad)?;
        if found != digest {
            return Err(LayoutError::Damaged {
                digest: digest.to_owned(),
                found,
            });
        }
        Ok(bytes)
    }

    /// Publishes artifacts whose package blobs are there already. Returns, for
    /// each, whether the name pointed to other bytes or to nothing before.
    pub fn publish<'a>(
        &self,
        artifacts: impl Iterator<Item = &'a Artifact> + Clone,
    ) -> Result<Vec<bool>, LayoutError> {
        for artifact in artifacts.clone() {
            self.put(&artifact.config)?;
            self.put(&artifact.manifest)?;
        }
        let _lock = self.changing();
        let mut index = self.index()?;
        let mut entries: BTreeMap<String, Descriptor> = BTreeMap::new();
        let mut moved = Vec::new();
        for artifact in artifacts {
            let name = artifact.reference.clone();
            let is_there = |d: &Descriptor| {
                d.annotations.get(REF_NAME) == Some(&name) && d.digest == artifact.digest
            };
            moved.push(!index.manifests.iter().any(is_there));
            let descriptor = Descriptor {
                media_type: media_type::MANIFEST.to_owned(),
                digest: artifact.digest.clone(),
                size: artifact.manifest.len() as u64,
                artifact_type: Some(artifact.kind.clone()),
                annotations: [(REF_NAME.to_owned(), name.clone())].into(),
                more: BTreeMap::new(),
            };
            entries.insert(name, descriptor);
        }
        let is_new = |d: &Descriptor| {
            let name = d.annotations.get(REF_NAME);
            name.is_some_and(|name| entries.contains_key(name))
        };
        index.manifests.retain(|descriptor| !is_new(descriptor));
        index.manifests.extend(entries.into_values());
        sort(&mut index);
        self.write_index(&index)?;
        Ok(moved)
    }

    /// What is published under each of these names: its digest.
    pub fn digests<'a>(
        &self,
        names: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<Option<String>>, LayoutError> {
        let index = self.index()?;
        let entries = index.manifests.into_iter();
        let known: BTreeMap<String, String> = entries
            .filter_map(|d| Some((d.annotations.get(REF_NAME)?.clone(), d.digest)))
            .collect();
        Ok(names.map(|name| known.get(name).cloned()).collect())
    }

    /// Enters a manifest whose bytes and blobs are there into the index, under a
    /// name or without one.
    pub fn enter(&self, mut descriptor: Descriptor, name: Option<&str>) -> Result<(), LayoutError> {
        let _lock = self.changing();
        let mut index = self.index()?;
        let own_name = |d: &Descriptor| d.annotations.get(REF_NAME).cloned();
        match name {
            Some(name) => {
                let is_other = |d: &Descriptor| own_name(d).as_deref() != Some(name);
                index.manifests.retain(is_other);
                let pair = (REF_NAME.to_owned(), name.to_owned());
                descriptor.annotations.extend([pair]);
            }
            None => {
                let is_there = |d: &Descriptor| d.digest == descriptor.digest;
                if index.manifests.iter().any(is_there) {
                    return Ok(());
                }
            }
        }
        index.manifests.push(descriptor);
        sort(&mut index);
        self.write_index(&index)
    }

    /// Waits until no other run is about to write the index, and keeps others waiting as
    /// long as the file is open: of two that read it at the same time, one would lose the
    /// entry of the other. Where there are no locks, whoever is alone needs none.
    ///
    /// It is the folder of the blobs that is locked: the index is replaced, and a file
    /// for the lock alone would be in every layout.
    pub(super) fn changing(&self) -> Option<File> {
        let folder = File::open(self.root.join("blobs")).ok()?;
        folder.lock().ok()?;
        Some(folder)
    }

    /// Waits until no other run adds to what an artifact has, such as its signatures, and
    /// keeps others waiting likewise.
    #[cfg(feature = "publish")]
    pub(crate) fn adding(&self) -> Option<File> {
        let folder = File::open(self.blob("")).ok()?;
        folder.lock().ok()?;
        Some(folder)
    }

    pub(super) fn write_index(&self, index: &Index) -> Result<(), LayoutError> {
        let bytes = serde_json::to_vec(index).map_err(|source| LayoutError::Json {
            path: self.root.join("index.json"),
            what: "image index",
            source,
        })?;
        if !self.has_version()? {
            self.replace("oci-layout", LAYOUT_FILE)?;
        }
        self.replace("index.json", &bytes)
    }

    /// Refuses to write to a layout of a later version (image-spec, "Image Layout
    /// Specification"). `false` where the file says nothing, and has to be written anew.
    fn has_version(&self) -> Result<bool, LayoutError> {
        let path = self.root.join("oci-layout");
        let bytes = fs::read(&path).unwrap_or_default();
        let document: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        match document["imageLayoutVersion"].as_str() {
            Some(version) if version != "1.0.0" => Err(LayoutError::Version {
                path,
                version: version.to_owned(),
            }),
            version => Ok(version.is_some()),
        }
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), LayoutError> {
        let path = self.root.join(name);
        if fs::read(&path).is_ok_and(|old| old == bytes) {
            return Ok(());
        }
        let mut file = self.temporary()?;
        let result = file
            .write_all(bytes)
            .and_then(|()| scratch::readable(file.as_file()))
            .and_then(|()| file.as_file().sync_all());
        result.map_err(|source| error("write", &path, source))?;
        file.persist(&path)
            .map_err(|failed| error("write", &path, failed.error))?;
        Ok(())
    }

    pub(super) fn index(&self) -> Result<Index, LayoutError> {
        let path = self.root.join("index.json");
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|source| LayoutError::Json {
                path,
                what: "image index",
                source,
            }),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(Index::default()),
            Err(source) => Err(error("read", &path, source)),
        }
    }

    /// A manifest that is none.
    #[cfg(feature = "publish")]
    pub(super) fn unread_manifest(
        &self,
        descriptor: &Descriptor,
        source: serde_json::Error,
    ) -> LayoutError {
        LayoutError::Json {
            path: self.blob(descriptor.digest.trim_start_matches("sha256:")),
            what: "image manifest",
            source,
        }
    }

    /// The names under which something is published, sorted, each with what has it. Nothing
    /// of that is read.
    pub fn names(&self) -> Result<Vec<(String, Descriptor)>, LayoutError> {
        let manifests = self.index()?.manifests.into_iter();
        let mut names: Vec<(String, Descriptor)> = manifests
            .filter_map(|d| Some((d.annotations.get(REF_NAME)?.clone(), d)))
            .collect();
        names.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(names)
    }

    /// What the index lists, with a name or without. Nothing of that is read.
    pub fn listed(&self) -> Result<Vec<Descriptor>, LayoutError> {
        Ok(self.index()?.manifests)
    }

    /// The bytes of a manifest of the index, which have to be what that says.
    ///
    /// # Errors
    ///
    /// It is not there or damaged, or something else than the index says. The error names it.
    pub(super) fn manifest(&self, descriptor: &Descriptor) -> Result<Vec<u8>, LayoutError> {
        let name = || {
            let name = descriptor.annotations.get(REF_NAME);
            name.unwrap_or(&descriptor.digest).clone()
        };
        let bytes = self.get(&descriptor.digest);
        let bytes = bytes.map_err(|source| LayoutError::Manifest {
            name: name(),
            source: Box::new(source),
        })?;
        match other_than_said(descriptor, &bytes) {
            Some(what) => Err(LayoutError::Entry { name: name(), what }),
            None => Ok(bytes),
        }
    }

    /// The entries of the index whose manifests can't be used, with the reason.
    pub fn unread(&self) -> Result<Vec<(Descriptor, LayoutError)>, LayoutError> {
        let manifests = self.index()?.manifests;
        // An index that does not even name digests is no index.
        for one in &manifests {
            if alike(&one.digest, b"").is_none() {
                plain_digest(&one.digest)?;
            }
        }
        let fault = |one: Descriptor| {
            let error = self.manifest(&one).err()?;
            Some((one, error))
        };
        Ok(manifests.into_iter().filter_map(fault).collect())
    }

    /// The entries of the index that are whole and no manifests, so that it can't be told what
    /// they refer to, with the reason.
    #[cfg(feature = "publish")]
    pub fn no_manifests(&self) -> Result<Vec<(Descriptor, LayoutError)>, LayoutError> {
        let fault = |one: Descriptor| {
            let bytes = self.manifest(&one).ok()?;
            let document = serde_json::from_slice::<Value>(&bytes);
            let told = document.as_ref().is_ok_and(|document| {
                document["manifests"].is_array() || document["subject"]["digest"].is_string()
            });
            let source = serde_json::from_slice::<Manifest>(&bytes).err();
            let source = source.filter(|_| !told)?;
            let error = self.unread_manifest(&one, source);
            Some((one, error))
        };
        Ok(self
            .index()?
            .manifests
            .into_iter()
            .filter_map(fault)
            .collect())
    }

    /// Everything that is published and can be read, sorted by name; see [`Layout::unread`] for
    /// the rest, which is nobody else's fault.
    pub fn entries(&self) -> Result<Vec<Entry>, LayoutError> {
        let named = self.names()?.into_iter();
        let entries = named.filter_map(|(name, one)| self.entry(name, one).ok());
        Ok(entries.collect())
    }

    fn entry(&self, reference: String, descriptor: Descriptor) -> Result<Entry, LayoutError> {
        let raw = self.manifest(&descriptor)?;
        // What is no manifest is one entry of many, and may still be looked at.
        let manifest: Option<Manifest> = serde_json::from_slice(&raw).ok();
        let config = manifest
            .as_ref()
            .and_then(|manifest| self.get(&manifest.config.digest).ok())
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(Entry {
            reference,
            descriptor,
            manifest,
            raw,
            config,
        })
    }

    /// The name of an entry that is meant by its name, by an id alone if that has one version
    /// only, or by a digest.
    pub fn find_name(&self, reference: &str) -> Result<(String, Descriptor), LayoutError> {
        let names = self.names()?;
        let is_meant =
            |(name, d): &&(String, Descriptor)| name == reference || d.digest == reference;
        if let Some(found) = names.iter().find(is_meant) {
            once(reference, names.iter().map(|(name, d)| (name.as_str(), d)))?;
            return Ok(found.clone());
        }
        let is_version =
            |(name, _): &&(String, _)| name.rsplit_once(':').is_some_and(|(id, _)| id == reference);
        let versions: Vec<&(String, Descriptor)> = names.iter().filter(is_version).collect();
        if let [only] = versions.as_slice() {
            return Ok((*only).clone());
        }
        let all = names.iter().map(|(name, _)| name.as_str());
        let ids = all
            .clone()
            .filter_map(|name| Some(name.rsplit_once(':')?.0));
        let nearest = match versions.first() {
            Some((first, _)) => Some(first.clone()),
            None => crate::rules::nearest(reference, all.chain(ids)).map(str::to_owned),
        };
        Err(LayoutError::NotFound {
            reference: reference.to_owned(),
            nearest,
        })
    }

    /// The same with what is there. What else is in the layout may be damaged.
    pub fn find(&self, reference: &str) -> Result<Entry, LayoutError> {
        let (name, descriptor) = self.find_name(reference)?;
        self.entry(name, descriptor)
    }
}

/// Named entries first, in the order of their names.
fn sort(index: &mut Index) {
    index.manifests.sort_by_key(|d| {
        let name = d.annotations.get(REF_NAME).cloned();
        (name.is_none(), name, d.digest.clone())
    });
}

/// Refuses a name that entries of the index have for different digests.
pub(super) fn once<'a>(
    name: &str,
    entries: impl Iterator<Item = (&'a str, &'a Descriptor)>,
) -> Result<(), LayoutError> {
    let of_name = entries.filter(|(own, _)| *own == name);
    let mut digests: Vec<String> = of_name.map(|(_, one)| one.digest.clone()).collect();
    digests.sort();
    digests.dedup();
    match digests.len() > 1 {
        true => Err(LayoutError::Twice {
            name: name.to_owned(),
            digests,
        }),
        false => Ok(()),
    }
}

/// What a descriptor says of a manifest and is not so (image-spec, "Content Descriptors"), in
/// words. A manifest need not say of what types it is.
fn other_than_said(descriptor: &Descriptor, bytes: &[u8]) -> Option<String> {
    if descriptor.size != bytes.len() as u64 {
        let (said, is) = (descriptor.size, bytes.len());
        return Some(format!("it has {said} bytes, and it has {is}"));
    }
    let document: Value = serde_json::from_slice(bytes).ok()?;
    let own = document["mediaType"].as_str();
    let said = descriptor.media_type.as_str();
    if let Some(own) = own.filter(|own| *own != said && !said.is_empty()) {
        return Some(format!(
            "it is of the media type `{said}`, and it is of `{own}`"
        ));
    }
    let types = [&document["artifactType"], &document["config"]["mediaType"]];
    let mut own = types.into_iter().filter_map(Value::as_str);
    let said = descriptor.artifact_type.as_deref();
    let said = said.filter(|said| !said.is_empty())?;
    let first = own.clone().find(|own| !own.is_empty())?;
    (!own.any(|own| own == said))
        .then(|| format!("it is an artifact of the type `{said}`, and it is one of `{first}`"))
}

pub(super) fn plain_digest(digest: &str) -> Result<&str, LayoutError> {
    // A digest becomes part of a path, so nothing else may pass.
    digest
        .strip_prefix("sha256:")
        .filter(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
        .ok_or_else(|| LayoutError::BadDigest(digest.to_owned()))
}

fn error(action: &'static str, path: &Path, source: io::Error) -> LayoutError {
    LayoutError::Io {
        action,
        path: path.to_owned(),
        source,
    }
}
