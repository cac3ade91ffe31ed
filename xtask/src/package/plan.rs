//! The members of an archive, in order, before a byte is read.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::signer::Signer;
use crate::csar::Algorithm;
use crate::diagnostic::SourceFile;
use crate::digest::hex;
use crate::source::Marks;

/// The manifest of a SHIELD package.
pub const SHIELD_MANIFEST: &str = "manifest.yaml";

/// The signature of that: a detached CMS in PEM, as in the manifest of a CSAR.
pub const SHIELD_SIGNATURE: &str = "manifest.yaml.cms";

/// The kind of archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A gzip-compressed tar.
    TarGz,
    /// A zip.
    Zip,
}

/// Permissions of a member. Nothing else of a file's mode survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// 0644.
    Plain,
    /// 0755.
    Executable,
}

impl Mode {
    /// The permission bits.
    pub fn bits(self) -> u32 {
        match self {
            Mode::Plain => 0o644,
            Mode::Executable => 0o755,
        }
    }
}

/// Where the bytes of a member come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A directory: no bytes.
    Directory,
    /// A file of that size.
    Disk {
        /// The file; links are resolved.
        path: PathBuf,
        /// Its size when the plan was made.
        len: u64,
        /// Its marks then, where they were looked at.
        marks: Option<Marks>,
    },
    /// A file with its placeholders filled in.
    Filled {
        /// The file; links are resolved.
        path: PathBuf,
        /// Its text when it was read.
        from: Arc<SourceFile>,
        /// What is written in its place.
        text: Arc<str>,
    },
    /// Bytes at hand.
    Bytes(Vec<u8>),
    /// `checksums.txt` over all members before it, in OSM's dialect.
    Checksums,
    /// The manifest of a CSAR over all members before it.
    Manifest {
        /// The manifest as it is in the source, or its metadata.
        text: String,
        /// The algorithm for files that are not to have SHA-256.
        algorithms: BTreeMap<String, Algorithm>,
        /// Who signs it, at its end.
        signer: Option<Signer>,
    },
}

/// A member of the archive.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name in the archive: relative, with `/`, without a trailing one.
    pub name: String,
    /// Its permissions; directories always get 0755.
    pub mode: Mode,
    /// Its bytes.
    pub source: Source,
}

/// The content of one archive.
#[derive(Clone, Debug)]
pub struct Plan {
    /// File name of the finished package: `<id>-<version>.tar.gz` or the like.
    pub file_name: String,
    /// The members, in the order in which they are written.
    pub members: Vec<Member>,
    /// Seconds since 1970 that every member carries.
    pub epoch: u64,
    /// The kind of archive.
    pub format: Format,
}

/// The way in which packages are assembled. It moves whenever the same plan and
/// files give other bytes, as the golden digests of the tests would show: what
/// others have published is then not taken for what would be built here.
pub const ASSEMBLY: u32 = 1;

impl Plan {
    /// A digest of everything that decides the bytes except the content of the
    /// files on disk: names, modes, sizes, order, time.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        // Lengths go in before texts, so that no two plans can run together.
        let mut text = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        };
        text(&self.file_name);
        text(&self.epoch.to_string());
        text(match self.format {
            Format::TarGz => "tar.gz",
            Format::Zip => "zip",
        });
        for member in &self.members {
            text(&member.name);
            text(&member.mode.bits().to_string());
            match &member.source {
                Source::Directory => text("directory"),
                Source::Checksums => text("checksums"),
                // The algorithms follow from the text and the names.
                Source::Manifest {
                    text: manifest,
                    signer,
                    ..
                } => {
                    text("manifest");
                    text(manifest);
                    if let Some(signer) = signer {
                        text(&signer.id());
                    }
                }
                Source::Disk { len, .. } => text(&format!("disk {len}")),
                Source::Filled { text: filled, .. } => {
                    text("filled");
                    text(filled);
                }
                Source::Bytes(bytes) => text(&hex(&Sha256::digest(bytes))),
            }
        }
        hex(&hash.finalize())
    }

    /// Has the manifest of the package signed: that of a CSAR at its end (option 1
    /// of SOL 004 §5.1), that of SHIELD in a file beside it, which readers that
    /// know nothing of it pass over. Packages without a manifest stay as they are.
    pub fn sign(&mut self, by: &Signer) -> io::Result<()> {
        let mut beside = None;
        for (i, member) in self.members.iter_mut().enumerate() {
            match &mut member.source {
                Source::Manifest { signer, .. } => *signer = Some(by.clone()),
                Source::Bytes(manifest) if member.name == SHIELD_MANIFEST => {
                    beside = Some((i + 1, by.sign(manifest)?));
                }
                _ => {}
            }
        }
        if let Some((place, signature)) = beside {
            let member = Member {
                name: SHIELD_SIGNATURE.to_owned(),
                mode: Mode::Plain,
                source: Source::Bytes(signature.into_bytes()),
            };
            self.members.insert(place, member);
        }
        Ok(())
    }

    /// The files that are read from disk, with the marks that they had.
    pub fn inputs(&self) -> impl Iterator<Item = (&PathBuf, Option<Marks>)> {
        self.members
            .iter()
            .filter_map(|member| match &member.source {
                Source::Disk { path, marks, .. } => Some((path, *marks)),
                // Those of the listing are younger than the text.
                Source::Filled { path, .. } => Some((path, None)),
                _ => None,
            })
    }
}
