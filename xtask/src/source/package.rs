//! A package as it was found: a folder, a loose descriptor or a finished archive.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::annotations::OwnAnnotations;
use super::csar::Csar;
use super::file_names::{safe_name, safe_version};
use super::marks::Marks;
use super::output_name::OutputName;
use crate::csar::{self, Algorithm};
use crate::descriptor::{Descriptor, Kind};
use crate::diagnostic::{SourceFile, Span};

/// How a package was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// A folder whose content is the package.
    Folder,
    /// A descriptor that stands among others; it is a package by itself.
    Loose,
    /// A finished package: `.tar.gz`, `.tgz`, `.zip`, `.csar`.
    Archive,
}

/// The layout that decides what goes where in the finished package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layout {
    /// OSM's: one top folder with the descriptor and `checksums.txt`.
    Osm,
    /// That of SOL004 and SOL007; see [`Package::csar`].
    Csar,
    /// SHIELD's: a manifest and an orchestrator's package inside.
    Shield,
    /// NEPHELE's: one folder with one HDA graph.
    Hdag,
    /// Helm's.
    Chart,
}

impl Layout {
    /// Whether a package has a manifest to sign, or is signed as a whole.
    pub fn is_signed(self) -> bool {
        matches!(self, Layout::Shield | Layout::Csar)
    }

    /// How the name of the finished package ends.
    pub fn ending(self) -> &'static str {
        match self {
            Layout::Osm | Layout::Hdag => "tar.gz",
            Layout::Csar => "csar",
            Layout::Shield => "shield.tar.gz",
            Layout::Chart => "tgz",
        }
    }

    /// The layout that a kind of descriptor has where nothing else speaks.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Vnf | Kind::Ns | Kind::Pnf | Kind::Nst => Layout::Osm,
            Kind::ShieldNs | Kind::ShieldVnsf => Layout::Shield,
            Kind::Hdag => Layout::Hdag,
            Kind::Chart | Kind::Vo => Layout::Chart,
        }
    }
}

/// Where the bytes of a file are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On disk; links are resolved.
    Disk(PathBuf),
    /// Inside the archive that the package was read from.
    Member,
}

/// A file of a package.
#[derive(Clone, Debug)]
pub struct FileEntry {
    /// Path below the package's root, with `/`.
    pub path: String,
    /// Size in bytes.
    pub len: u64,
    /// Whether the owner may run it.
    pub executable: bool,
    /// Where its bytes are.
    pub place: Place,
    /// The marks of a file on disk when it was found.
    pub marks: Option<Marks>,
    /// Lower-case MD5, where a `checksums.txt` makes it worth knowing.
    pub md5: Option<String>,
    /// Lower-case SHA-256, known for members of archives and for what a SHIELD
    /// manifest gives a digest of.
    pub sha256: Option<String>,
    /// The digest for the manifest of a CSAR, by the algorithm that it names
    /// or else SHA-256; known where there is a manifest.
    pub digest: Option<(Algorithm, String)>,
}

/// A link among the members of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberLink {
    /// Its name, without `./` in front.
    pub name: String,
    /// What it leads to, as it is written there.
    pub target: String,
    /// Whether it is a symbolic link, and no second name of a member.
    pub is_symbolic: bool,
}

/// A text that the rules read: `checksums.txt`, an attestation, a cloud-init
/// file.
pub type Text = Arc<SourceFile>;

/// Something met on the way that a rule speaks about.
#[derive(Clone, Debug)]
pub enum Finding {
    /// Several descriptors in a folder that is laid out as one package.
    SeveralDescriptors {
        /// Where each of them says what it is.
        spans: Vec<Span>,
    },
    /// No descriptor where one is expected.
    NoDescriptor {
        /// The folder or archive.
        span: Span,
        /// Why one was expected there.
        because: String,
        /// The file at the top that is named like the manifest of a SHIELD package, and what
        /// it is in place of one.
        manifest: Option<(Span, &'static str)>,
    },
    /// A file that is named like a descriptor and is known as none.
    UnknownRoot {
        /// The first key, or the file.
        span: Span,
        /// The kind that it is named after: `vnfd`, `nsd`, `nst` or `pnfd`.
        kind: String,
        /// The first key.
        first: Option<String>,
        /// Whether it holds what belongs below the first key of a descriptor.
        is_body: bool,
        /// Whether it is a list.
        is_list: bool,
        /// Whether it is a descriptor but for its first key.
        is_descriptor: bool,
    },
    /// A file that was to be a descriptor and is not even YAML.
    NotYaml {
        /// What was read of it.
        doc: Arc<crate::yaml::Document>,
    },
    /// A symbolic link that can't be followed.
    Link {
        /// The link.
        span: Span,
        /// What it says.
        target: String,
        /// Why it is refused.
        fault: LinkFault,
    },
    /// A file or folder that can't be read.
    Unreadable {
        /// The file or folder.
        span: Span,
        /// The system's reason.
        reason: String,
    },
    /// A name that can't be written into a portable package.
    Name {
        /// The file or folder, with replacement characters.
        span: Span,
        /// What is wrong with the name.
        reason: String,
    },
    /// A socket, a pipe or a device.
    Special {
        /// Its path.
        span: Span,
        /// What it is.
        what: &'static str,
    },
    /// A file or folder that the configuration wants in the package and that can't be taken.
    Added {
        /// Where the configuration says so.
        span: Span,
        /// The package.
        package: Span,
        /// What can't be taken, and why.
        reason: String,
    },
    /// A `.helmignore` by which Helm packs nothing.
    HelmIgnore {
        /// The pattern, or the file.
        span: Span,
        /// Why.
        reason: &'static str,
    },
    /// A package inside the folder of another.
    Nested {
        /// The inner package.
        inner: Span,
    },
    /// An archive that can't be read as one.
    Archive {
        /// The archive.
        span: Span,
        /// What is wrong with it.
        reason: String,
    },
    /// An archive member that a careless reader would write elsewhere.
    UnsafeMember {
        /// The archive and the member's name.
        span: Span,
        /// What is wrong with it.
        reason: String,
    },
}

impl Finding {
    /// The file or folder that it is about; the first of several.
    pub fn path(&self) -> Option<&str> {
        let span = match self {
            Finding::SeveralDescriptors { spans } => spans.first()?,
            Finding::NoDescriptor { span, .. }
            | Finding::UnknownRoot { span, .. }
            | Finding::Link { span, .. }
            | Finding::Unreadable { span, .. }
            | Finding::Name { span, .. }
            | Finding::Special { span, .. }
            | Finding::Added { span, .. }
            | Finding::HelmIgnore { span, .. }
            | Finding::Nested { inner: span }
            | Finding::Archive { span, .. }
            | Finding::UnsafeMember { span, .. } => span,
            Finding::NotYaml { doc } => return Some(doc.file().path()),
        };
        Some(span.file.path())
    }
}

/// Why a link is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkFault {
    /// It leads out of the source tree.
    Outside,
    /// There is nothing where it points.
    Dangling,
    /// It leads back to a folder that contains it.
    Loop,
}

/// A package.
#[derive(Clone, Debug)]
pub struct Package {
    /// The folder, the descriptor or the archive.
    pub path: PathBuf,
    /// The same for the user's eyes, with `/`.
    pub shown: String,
    /// How it was found.
    pub form: Form,
    /// Its layout.
    pub layout: Layout,
    /// Its descriptor; `None` where that could not be told.
    pub descriptor: Option<Descriptor>,
    /// Path of the descriptor below the root, with `/`.
    pub descriptor_path: String,
    /// Descriptors that travel inside the package, by path: the `Chart.yaml` of
    /// charts, the descriptor of a virtual object.
    pub charts: Vec<(String, Descriptor)>,
    /// Its content, sorted by path.
    pub files: Vec<FileEntry>,
    /// Texts that rules look into, by path.
    pub texts: Vec<(String, Text)>,
    /// The bytes of those among them that are DER and no text, by path: signatures and
    /// certificates.
    pub der: Vec<(String, Vec<u8>)>,
    /// The links in a finished package, which are no files and are not followed.
    pub links: Vec<MemberLink>,
    /// What was met while reading it.
    pub findings: Vec<Finding>,
    /// The package inside a SHIELD package, where it is at hand.
    pub inner: Option<Box<Package>>,
    /// Whether an archive is a gzip-compressed tar; `true` for folders.
    pub is_tar_gz: bool,
    /// Whether an archive is a zip.
    pub is_zip: bool,
    /// A member of an archive whose name begins with `./` and has a folder behind it.
    pub dotted: Option<String>,
    /// The files at the top of an archive whose names begin with `./`.
    pub dotted_top: Vec<String>,
    /// Files that the configuration takes in from elsewhere, by their path in the package,
    /// with what they are for the user's eyes.
    pub added: BTreeMap<String, String>,
    /// The files and folders that the configuration names for it, whether they are there or not.
    pub named: Vec<PathBuf>,
    /// What the finished package is called, where the configuration says it.
    pub output_name: Option<OutputName>,
    /// What the configuration adds to the annotations of the artifact.
    pub annotations: OwnAnnotations,
    /// What makes it a CSAR, where the layout is one.
    pub csar: Option<Csar>,
}

impl Package {
    /// It, and the package inside it.
    pub fn with_inner(&self) -> impl Iterator<Item = &Package> {
        std::iter::once(self).chain(self.inner.as_deref())
    }

    /// Where a file of it stands in the finished package: of a folder in OSM's layout that becomes a
    /// CSAR the build moves them. `None` for what stays out.
    pub fn placed(&self, path: &str) -> Option<String> {
        match &self.csar {
            Some(csar) if self.form != Form::Archive && !csar.is_arranged => csar::place(path),
            _ => Some(path.to_owned()),
        }
    }

    /// A package with nothing in it yet.
    pub(super) fn new(path: PathBuf, shown: String, form: Form, layout: Layout) -> Self {
        Package {
            path,
            shown,
            form,
            layout,
            descriptor: None,
            descriptor_path: String::new(),
            charts: Vec::new(),
            files: Vec::new(),
            texts: Vec::new(),
            der: Vec::new(),
            links: Vec::new(),
            findings: Vec::new(),
            inner: None,
            is_tar_gz: true,
            is_zip: false,
            dotted: None,
            dotted_top: Vec::new(),
            added: BTreeMap::new(),
            named: Vec::new(),
            output_name: None,
            annotations: OwnAnnotations::new(),
            csar: None,
        }
    }

    /// What the package describes.
    pub fn kind(&self) -> Option<Kind> {
        self.descriptor.as_ref().map(|d| d.kind)
    }

    /// The word for what the package describes; empty where that is unknown.
    pub fn label(&self) -> &'static str {
        self.descriptor.as_ref().map_or("", Descriptor::label)
    }

    /// Id of what is packaged: the descriptor's, or that of the package inside
    /// a SHIELD package.
    pub fn id(&self) -> Option<&str> {
        let own = self.descriptor.as_ref().and_then(Descriptor::id);
        own.or_else(|| self.inner.as_ref().and_then(|inner| inner.id()))
    }

    /// Version of what is packaged, found like [`Package::id`].
    pub fn version(&self) -> Option<&str> {
        let own = self.descriptor.as_ref().and_then(Descriptor::version);
        own.or_else(|| self.inner.as_ref().and_then(|inner| inner.version()))
    }

    /// The name of the finished package without its ending; `None` where there is no id.
    pub fn file_stem(&self) -> Option<String> {
        let id = safe_name(self.id()?);
        let version = self.version().map(safe_version);
        Some(match (&self.output_name, version) {
            (Some(name), version) => name.of(&id, version.as_deref()),
            (None, Some(version)) => format!("{id}-{version}"),
            (None, None) => id,
        })
    }

    /// The name of the finished package; `None` where there is no id.
    pub fn file_name(&self) -> Option<String> {
        Some(format!("{}.{}", self.file_stem()?, self.layout.ending()))
    }

    /// `id` and `version` for messages; the path where there is no id.
    pub fn name(&self) -> String {
        match (self.id(), self.version()) {
            (Some(id), Some(version)) => format!("{id} {version}"),
            (Some(id), None) => id.to_owned(),
            (None, _) => self.shown.clone(),
        }
    }

    /// The root of what the orchestrator sees, as a prefix of member names: in an
    /// archive everything lies below the folder of the descriptor, but in a CSAR.
    pub fn root(&self) -> &str {
        if self.form != Form::Archive || self.layout == Layout::Csar {
            return "";
        }
        match self.descriptor_path.rfind('/') {
            Some(slash) => &self.descriptor_path[..=slash],
            None => "",
        }
    }

    /// The file at `path` below the root.
    pub fn file(&self, path: &str) -> Option<&FileEntry> {
        self.files
            .binary_search_by(|file| file.path.as_str().cmp(path))
            .ok()
            .map(|i| &self.files[i])
    }

    /// The link in a finished package that stands at `path`, or at a folder on the way there.
    pub fn link_at(&self, path: &str) -> Option<&MemberLink> {
        let is_on_the_way = |link: &&MemberLink| {
            let rest = path.strip_prefix(link.name.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.links.iter().find(is_on_the_way)
    }

    /// Notes the digest of a file.
    pub(super) fn set_sha256(&mut self, path: &str, sha256: String) {
        if let Ok(i) = self
            .files
            .binary_search_by(|file| file.path.as_str().cmp(path))
        {
            self.files[i].sha256 = Some(sha256);
        }
    }

    /// A text that was kept for the rules.
    pub fn text(&self, path: &str) -> Option<&Text> {
        self.texts
            .iter()
            .find(|(p, _)| p == path)
            .map(|(_, text)| text)
    }

    /// The same as its bytes, which are those of the file where that is text or DER.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        match self.der.iter().find(|(p, _)| p == path) {
            Some((_, bytes)) => Some(bytes),
            None => self.text(path).map(|text| text.text().as_bytes()),
        }
    }

    /// Whether a file of this path may hold a secret: a cloud-init file or, by
    /// its name, a private key.
    pub fn may_hold_secrets(path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_key = [".pem", ".key"].iter().any(|end| name.ends_with(end))
            || (name.starts_with("id_") && !name.ends_with(".pub"));
        is_key || path.starts_with("cloud_init/") || path.contains("/cloud_init/")
    }

    /// Span of a file of the package that has no text at hand.
    pub fn span_of(&self, path: &str) -> Span {
        if let Some(shown) = self.added.get(path) {
            return Span::path(shown.clone());
        }
        let outer = self.csar.as_ref().and_then(|csar| csar.outer.as_ref());
        if let Some(outer) = outer.filter(|_| self.file(path).is_some()) {
            return Span::path(format!("{}!/{}!/{path}", self.shown, outer.csar));
        }
        let joint = if self.form == Form::Archive {
            "!/"
        } else {
            "/"
        };
        match self.shown.as_str() {
            "." => Span::path(path),
            shown => Span::path(format!("{shown}{joint}{path}")),
        }
    }

    /// The package itself as a place.
    pub fn span(&self) -> Span {
        match &self.descriptor {
            Some(descriptor) => descriptor.span(),
            None => Span::path(self.shown.clone()),
        }
    }
}
