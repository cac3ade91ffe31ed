//! Why an operation could not be carried out. Findings in packages are no
//! errors in this sense.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::clean::CleanError;
use super::new::NewError;
use crate::descriptor::with_article;
use crate::oci::LayoutError;
use crate::package::{AssembleError, CompareError, PlanError, UnpackError};
use crate::rules::LevelError;
use crate::schema::ModelError;
use crate::source::{ChangesError, WorkspaceError};

/// Why an operation stopped.
#[derive(Debug, Error)]
pub enum Error {
    /// The tree or its configuration.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// A level for a rule that does not exist.
    #[error("{place}")]
    Level {
        /// Where it was set.
        place: String,
        /// What is wrong.
        source: LevelError,
    },
    /// A model that does not exist.
    #[error("{place}")]
    Model {
        /// Where it was named.
        place: String,
        /// What is wrong.
        source: ModelError,
    },
    /// Something that may refer to an artifact can't be read.
    #[error(
        "it can't be told what refers to `{reference}`, so nothing was copied; without `-r` it is copied alone"
    )]
    Beside {
        /// What was to be copied.
        reference: String,
        /// What can't be read.
        source: Box<Error>,
    },
    /// A part of an artifact that is not there, or is another than its digest says.
    #[error("{what} can't be used")]
    Part {
        /// The part, and of what.
        what: String,
        /// Why.
        source: Box<Error>,
    },
    /// A path that was named can't be looked at.
    #[error("{0}")]
    Scan(io::Error),
    /// What has changed can't be told.
    #[error(transparent)]
    Changes(#[from] ChangesError),
    /// A version that is neither a tag nor a range.
    #[cfg(feature = "publish")]
    #[error(
        "`{version}` is no range of versions{}, and no version that a tag can have",
        in_brackets(reason)
    )]
    NoVersion {
        /// The version.
        version: String,
        /// Why it is no range; empty where it is a single version.
        reason: String,
        /// Why it is no tag.
        source: crate::oci::ReferenceError,
    },
    /// Something stands where a migrated package would.
    #[error(
        "`{0}` exists already, and nothing was written; remove it, or name another folder with `--output`"
    )]
    MigratedExists(String),
    /// Two packages that would be written to one place.
    #[error(
        "`{first}` and `{second}` would both become `{place}`, and nothing was written; rename one \
         of them"
    )]
    MigratedTwice {
        /// Where both would be.
        place: String,
        /// The one.
        first: String,
        /// The other.
        second: String,
    },
    /// A new folder that would become part of what it is made of.
    #[error("`{output}` is in `{package}`, and would become a part of it; name a folder beside it")]
    OutputInside {
        /// The folder.
        output: String,
        /// The package.
        package: String,
    },
    /// Several packages where one is asked for.
    #[error("`{0}` holds several packages; name one of them")]
    Several(String),
    /// Two packages that can't be compared.
    #[error(
        "`{first}` is {} and `{second}` {}, which have nothing in common",
        with_article(first_kind),
        with_article(second_kind)
    )]
    OtherKind {
        /// The first.
        first: String,
        /// What it describes.
        first_kind: &'static str,
        /// The second.
        second: String,
        /// What it describes.
        second_kind: &'static str,
    },
    /// A package can't be laid out.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A package can't be assembled.
    #[error("failed to build `{package}`")]
    Assemble {
        /// The package.
        package: String,
        /// The reason.
        source: AssembleError,
    },
    /// A package that readers would take for one that is to fill their disks.
    #[error(
        "`{package}` was not built: its {packed} bytes would become {unpacked} when it is unpacked, which readers refuse; pack images that are mostly zeros in a format that leaves them out, such as qcow2"
    )]
    Dense {
        /// The package.
        package: String,
        /// Size of the finished package.
        packed: u64,
        /// Size of its files.
        unpacked: u64,
    },
    /// The image layout.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The file system.
    #[error("failed to {action} `{}`", path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A file in a folder that does not exist.
    #[error(
        "can't write `{}`: there is no folder `{}`",
        path.display(),
        folder.display()
    )]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// The folder.
        folder: PathBuf,
    },
    /// A new package that can't be made.
    #[error(transparent)]
    New(#[from] NewError),
    /// Outputs that are not removed.
    #[error(transparent)]
    Clean(#[from] CleanError),
    /// A finished package that is not unpacked.
    #[error(transparent)]
    Unpack(#[from] UnpackError),
    /// Packages that can't be compared.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// A folder where a finished package is wanted.
    #[error(
        "`{0}` is a folder, and this command is for finished packages; `cargo nfv check` looks at sources"
    )]
    Folder(String),
    /// A descriptor of which no package was built.
    #[error(
        "nothing is built of `{descriptor}` yet: there is no `{package}`; `cargo nfv build {descriptor}` makes it"
    )]
    NotBuilt {
        /// The descriptor.
        descriptor: String,
        /// The package.
        package: String,
    },
    /// A package of which nothing can be said for certain.
    #[error("`{package}` can't be described: {reason}; `cargo nfv {command}` shows what is wrong")]
    Unsound {
        /// The package.
        package: String,
        /// What is wrong with it.
        reason: String,
        /// The command that says more.
        command: &'static str,
    },
    /// What would go to somebody who runs it was signed, and would not be any more.
    #[error(
        "`{0}` is signed, and what would be built in its place and sent is not: its sources, or the form of its manifest, are others by now; sign it with `--sign-key`, or name the file to send it as it is"
    )]
    LosesSignature(String),
    /// A name that names nothing.
    #[error(
        "`{name}` is neither a file nor published in `{layout}`{}",
        hint(nearest)
    )]
    NoSuchTarget {
        /// What was asked for.
        name: String,
        /// The layout.
        layout: String,
        /// The nearest reference that is there.
        nearest: Option<String>,
    },
    /// A place, where a finished package has to be named.
    #[error(
        "`{0}` is a place, and this command reads files and what is published in the tree; fetch the package with `cargo nfv pull {0}` and name the file"
    )]
    NotHere(String),
    /// An artifact that holds no package, or more than one.
    #[error("`{reference}` has {layers} layers, and a package has one")]
    Layers {
        /// The reference.
        reference: String,
        /// How many.
        layers: usize,
    },
    /// Packages of two ids would be published under one name.
    #[error(
        "the ids `{first}` and `{second}` both become the name `{name}` where they are published; give one of the packages another id, or leave one out with `--exclude`"
    )]
    SameName {
        /// One id.
        first: String,
        /// The other.
        second: String,
        /// The name.
        name: String,
    },
    /// Two packages would be published under one name, and one of them lost.
    #[error(
        "`{first}` and `{second}` would both be published as `{reference}`; give one of them another id or version, or leave one out with `--exclude`"
    )]
    SameReference {
        /// `<id>:<version>`.
        reference: String,
        /// One package.
        first: String,
        /// The other.
        second: String,
    },
    /// A tag beside the version is to point to two versions.
    #[cfg(feature = "publish")]
    #[error(
        "`--tag {tag}` can't point to both `{first}` and `{second}`; publish one of them in a run of its own, without it"
    )]
    SameTag {
        /// The tag.
        tag: String,
        /// `<id>:<version>`.
        first: String,
        /// The other version.
        second: String,
    },
    /// A registry.
    #[cfg(feature = "publish")]
    #[error(transparent)]
    Remote(#[from] crate::oci::RemoteError),
    /// A registry took all manifests, and not all tags.
    #[cfg(feature = "publish")]
    #[error("{}", half_tagged(public))]
    HalfTagged {
        /// The tags that point to what was published.
        public: Vec<String>,
        /// Why no others do.
        source: Box<crate::oci::RemoteError>,
    },
    /// Credentials can't be kept.
    #[cfg(feature = "publish")]
    #[error(transparent)]
    Credentials(#[from] crate::oci::CredentialError),
    /// A file that is not attached.
    #[cfg(feature = "publish")]
    #[error(transparent)]
    Attach(#[from] super::attach::AttachError),
    /// Something that is not attested.
    #[cfg(all(feature = "publish", feature = "sign"))]
    #[error(transparent)]
    Attest(#[from] super::attest::AttestError),
    /// A file of a package that changed while something was said about it.
    #[cfg(feature = "sign")]
    #[error("a file of `{0}` changed meanwhile; run the command again")]
    Changed(String),
    /// A policy that can't be used, or is not met.
    #[cfg(all(feature = "publish", feature = "sign"))]
    #[error(transparent)]
    Policy(#[from] super::policy::PolicyFileError),
    /// A policy, in a build that can't verify signatures.
    #[cfg(all(feature = "publish", not(feature = "sign")))]
    #[error("there is a policy, `{}`, and this build of cargo nfv was made without signatures, so that nothing can be held against it; use one with the feature `sign`", .0.display())]
    NoPolicies(std::path::PathBuf),
    /// A Store.
    #[cfg(feature = "publish")]
    #[error(transparent)]
    Store(#[from] crate::onboard::StoreError),
    /// Packages that are not onboarded.
    #[cfg(feature = "publish")]
    #[error(transparent)]
    Onboard(#[from] super::onboard::OnboardError),
    /// An NBI of OSM's.
    #[cfg(feature = "publish")]
    #[error(transparent)]
    Osm(#[from] crate::onboard::OsmError),
    /// Something that OSM is not asked to do.
    #[cfg(feature = "publish")]
    #[error(transparent)]
    OsmPlan(#[from] super::osm::OsmPlanError),
    /// A reference that is none.
    #[cfg(feature = "publish")]
    #[error(transparent)]
    Reference(#[from] crate::oci::ReferenceError),
    /// A version that no tag can be.
    #[cfg(feature = "publish")]
    #[error("`{package}` can't be published at a registry in its version")]
    NoTag {
        /// The id of the package.
        package: String,
        /// What is wrong with it.
        source: crate::oci::ReferenceError,
    },
    /// A layout or archive with several artifacts, none of which was named.
    #[error("`{place}` holds {}", which(names))]
    Which {
        /// The place.
        place: String,
        /// What it holds.
        names: Vec<String>,
    },
    /// Tags would be moved.
    #[error("{}", clashes(.0))]
    WouldMove(Vec<Clash>),
    /// A copy would have another digest than that which is named for it.
    #[error(
        "the copy is to be `{expected}`, and `{from}` is {found}; name the digest that it has, or none"
    )]
    OtherDigest {
        /// What would be copied.
        from: String,
        /// The digest in the destination.
        expected: String,
        /// The digest that it has.
        found: String,
    },
    /// Something that names no place.
    #[error(
        "`{text}` is no place to put something{hint}; a registry is `oci://HOST/PATH/NAME[:TAG]`, a layout `oci:FOLDER[:NAME]`, an archive `oci-archive:FILE[:NAME]`, and a name in the layout of this tree `NAME[:TAG]`"
    )]
    NoPlace {
        /// What was written.
        text: String,
        /// What may have been meant, behind a semicolon.
        hint: String,
    },
    /// A name that names nothing in the layout of the tree.
    #[error("nothing is published as `{name}` in `{layout}`{hint}")]
    NoSuchName {
        /// What was asked for.
        name: String,
        /// The layout.
        layout: String,
        /// What may have been meant, behind a semicolon.
        hint: String,
    },
    /// An index whose parts are not all there.
    #[error("`{what}` is an index, and its part {missing} is not there")]
    Incomplete {
        /// The index.
        what: String,
        /// The part.
        missing: String,
    },
    /// A manifest or index of which a part can't be read.
    #[cfg(feature = "publish")]
    #[error("the manifest {digest} can't be read: {reason}")]
    Unreadable {
        /// Its digest.
        digest: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What is there is no package.
    #[error("`{reference}` is no package: it is {what}")]
    NoPackage {
        /// What was asked for.
        reference: String,
        /// What it is instead.
        what: String,
    },
    /// A package without a descriptor that anybody could find.
    #[error("no descriptor was found in `{0}`")]
    NoDescriptor(String),
    /// A package that has no descriptor where it says that it has one.
    #[cfg(feature = "publish")]
    #[error(
        "the config document of `{reference}` says that its descriptor is `{named}`, and there is \
         no such file in the package"
    )]
    NoNamedDescriptor {
        /// The package.
        reference: String,
        /// Where the descriptor should be.
        named: String,
    },
    /// A reference without a letter.
    #[cfg(feature = "publish")]
    #[error("an empty reference names nothing; `cargo nfv list` shows what there is")]
    NoReference,
    /// A name in the layout of the tree that is not that of the artifact.
    #[cfg(feature = "publish")]
    #[error(
        "in the layout of this tree an artifact lies under its own name, which is `{own}`, and not as \
         `{asked}`{hint}; another layout is `oci:FOLDER:{asked}`, an archive `oci-archive:FILE`"
    )]
    NotItsName {
        /// The name that was asked for.
        asked: String,
        /// Its own.
        own: String,
        /// What may have been meant, behind a semicolon.
        hint: String,
    },
    /// There is neither a repository nor a folder of that name.
    #[error("there is no repository `{0}`, and none below it")]
    NoSuchPlace(String),
    /// A repository without tags, where a tag is looked for.
    #[error(
        "`{0}` has no tags that name an artifact; what is in it can be named by its digest, as in `{0}@sha256:…`"
    )]
    NoTags(String),
    /// A tag that a repository does not have.
    #[cfg(feature = "publish")]
    #[error("`{place}` has no `{version}`; it has {}", some_of(names))]
    NoSuchVersion {
        /// The repository.
        place: String,
        /// The tag.
        version: String,
        /// Its tags, the highest first.
        names: Vec<String>,
    },
    /// A range in which nothing is.
    #[cfg(feature = "publish")]
    #[error("`{place}` has no version in the range `{range}`; {}", outside(names))]
    NotInRange {
        /// The repository, layout or archive.
        place: String,
        /// The range.
        range: String,
        /// What there is, the highest first.
        names: Vec<String>,
    },
    /// A repository whose tags lead to nothing.
    #[cfg(feature = "publish")]
    #[error(
        "`{repository}` has {} in its list of tags, and no manifest behind any of them",
        some_of(tags)
    )]
    NoManifests {
        /// The repository.
        repository: String,
        /// Its tags.
        tags: Vec<String>,
    },
    /// There is neither an image layout nor an archive of one.
    #[error("there is no image layout in `{0}`")]
    NoLayout(String),
    /// Two versions are asked for.
    #[error(
        "`{reference}` says already which version is meant, and `{version}` is asked for beside it: leave one of the two away"
    )]
    TwoVersions {
        /// The reference, with a tag or digest.
        reference: String,
        /// The version beside it.
        version: String,
    },
    /// Something that is needed is nowhere.
    #[error("{}", absent(missing, place, refused.is_some()))]
    Missing {
        /// What needs something, and what that is.
        missing: Vec<(String, String)>,
        /// Where it was looked for.
        place: String,
        /// That the place did not let us look, which some say as well of what they don't have.
        #[source]
        refused: Option<Box<Error>>,
    },
    /// Of what is needed there are several, and which one is meant nobody says.
    #[cfg(feature = "publish")]
    #[error(
        "`{needed_by}` needs {need}, and which one is meant nobody says: `{place}` {}. Give one of \
         them a number for a version or the tag `latest`, or note its digest in `nfv.lock`",
        undecided(names)
    )]
    Undecided {
        /// What needs it.
        needed_by: String,
        /// What is needed.
        need: String,
        /// Where it was looked for.
        place: String,
        /// What is there.
        names: Vec<String>,
    },
    /// Something that is needed can't be had from where it is.
    #[cfg(feature = "publish")]
    #[error("failed to get {need}, which `{needed_by}` needs")]
    Needed {
        /// What needs it.
        needed_by: String,
        /// What is needed.
        need: String,
        /// The reason.
        source: Box<Error>,
    },
    /// Something that is needed is nowhere as it is pinned.
    #[error("`{needed_by}` needs {need} as {digest}, which `nfv.lock` pins and which is not in {}; publish or copy it there, or take its entry out of the file to have it looked for anew", places.join(" nor in "))]
    NoPinned {
        /// What needs it.
        needed_by: String,
        /// What is needed.
        need: String,
        /// The digest in the lock file.
        digest: String,
        /// Where it was looked for.
        places: Vec<String>,
    },
    /// Something that is needed stands in no lock file.
    #[error(
        "`{needed_by}` needs {need}, which is not in `{lock}`, and `--locked` was given; run without it once to write the lock file"
    )]
    NotLocked {
        /// What needs it.
        needed_by: String,
        /// What is needed.
        need: String,
        /// The lock file.
        lock: String,
    },
    /// A dependency is other bytes than the lock file says.
    #[error("{need} is {found} at `{reference}`, and the lock file says {expected}")]
    Drift {
        /// What is needed.
        need: String,
        /// Where it is.
        reference: String,
        /// What the lock file says.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The same of what is to be published.
    #[cfg(feature = "publish")]
    #[error(
        "{need} would be published as `{reference}` with the digest {found}, and the lock file says \
         {expected}; without `--locked` that is noted anew"
    )]
    WouldDrift {
        /// What is needed.
        need: String,
        /// Where it would be.
        reference: String,
        /// What the lock file says.
        expected: String,
        /// What would be there.
        found: String,
    },
    /// Under the name of what is needed there is something else.
    #[cfg(feature = "publish")]
    #[error(
        "`{needed_by}` needs {need}, and `{reference}` is {found}{}",
        if *is_pinned { "; take its entry out of `nfv.lock`, which pins that" } else { "" }
    )]
    Instead {
        /// What needs it.
        needed_by: String,
        /// What is needed.
        need: String,
        /// Where it was looked for.
        reference: String,
        /// What is there.
        found: String,
        /// Whether the lock file says that it is what is needed.
        is_pinned: bool,
    },
    /// Others write the same list all the time.
    #[cfg(feature = "publish")]
    #[error(
        "others at `{0}` take away again what is written there; try again when they have finished"
    )]
    Contended(String),
    /// Under a name of the tree's layout lies something that is called otherwise.
    #[cfg(feature = "publish")]
    #[error("`{reference}` is something else: {}", other.words())]
    OtherName {
        /// What was asked for.
        reference: String,
        /// Both names.
        other: super::OtherName,
    },
    /// A lock file that can't be read as one.
    #[error("`{}` is no valid lock file; delete it to have it written anew", path.display())]
    BadLock {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<toml::de::Error>,
    },
    /// A lock file of another program than this.
    #[error(
        "`{}` is of version {version}, which this program does not know; use the one that wrote it",
        path.display()
    )]
    NewerLock {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// A file would be overwritten.
    #[error("`{}` is there already with other content; remove it, or choose another folder", .0.display())]
    FileExists(PathBuf),
    /// A link would be overwritten.
    #[error("`{}` is a symbolic link that leads nowhere; remove it, or choose another folder", .0.display())]
    DanglingLink(PathBuf),
    /// Keys and certificates.
    #[cfg(feature = "sign")]
    #[error(transparent)]
    KeyFile(#[from] super::key::KeyFileError),
    /// Nothing was found to work on.
    #[error("no packages found in `{0}`")]
    NoPackages(String),
    /// `-p` names an id that no package has.
    #[error("no package has the id `{id}`{}", hint(nearest))]
    NoSuchPackage {
        /// The id.
        id: String,
        /// The nearest id.
        nearest: Option<String>,
    },
    /// `-p` names an id that `--exclude` names as well.
    #[error("`-p` and `--exclude` both name `{0}`, so that nothing is left of it")]
    Excluded(String),
    /// The configuration speaks of an id that no package has.
    #[error("`{file}`{place} has settings for the package `{id}`, which is not in the tree{}", nearest.as_ref().map_or_else(String::new, |name| format!("; did you mean `{name}`?")))]
    NoConfiguredPackage {
        /// The configuration.
        file: String,
        /// The place in it, in words.
        place: String,
        /// The id.
        id: String,
        /// The nearest id.
        nearest: Option<String>,
    },
}

/// A tag that points to something else than it would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clash {
    /// The tag.
    pub reference: String,
    /// What it points to: its digest, behind the name of what it is where that is another
    /// descriptor.
    pub there: String,
    /// The digest that it would point to.
    pub new: String,
    /// In what they differ, behind a semicolon, if that is known.
    pub differ: String,
}

impl Error {
    /// Says of which part of an artifact bytes are missing or other ones. Every other error
    /// stays.
    pub(super) fn of_part(self, what: impl FnOnce() -> String) -> Self {
        match self.is_mismatch() || self.is_not_found() {
            true => Error::Part {
                what: what(),
                source: Box::new(self),
            },
            false => self,
        }
    }

    /// Whether what was asked for is simply not there.
    pub fn is_not_found(&self) -> bool {
        #[cfg(feature = "publish")]
        match self {
            Error::Remote(error) => return error.is_not_found(),
            Error::HalfTagged { source, .. } => return source.is_not_found(),
            Error::Needed { source, .. } => return source.is_not_found(),
            Error::Store(error) => return error.is_not_found(),
            Error::Osm(error) => return error.is_not_found(),
            Error::OsmPlan(error) => return error.is_not_found(),
            Error::Onboard(error) => return error.is_not_found(),
            Error::Which { names, .. } => return names.is_empty(),
            Error::NoManifests { .. } | Error::NoSuchVersion { .. } | Error::NotInRange { .. } => {
                return true;
            }
            _ => {}
        }
        match self {
            Error::Missing { refused, .. } => return refused.is_none(),
            Error::Layout(error) => return error.is_missing(),
            Error::Part { source, .. } | Error::Beside { source, .. } => {
                return source.is_not_found();
            }
            _ => {}
        }
        matches!(
            self,
            Error::NoSuchTarget { .. }
                | Error::NoSuchPlace(_)
                | Error::NoTags(_)
                | Error::NoLayout(_)
                | Error::NoPinned { .. }
                | Error::NoSuchName { .. }
        )
    }

    /// Whether a registry wants other credentials.
    pub fn is_unauthorized(&self) -> bool {
        #[cfg(feature = "publish")]
        match self {
            Error::Remote(error) => return error.is_unauthorized(),
            Error::HalfTagged { source, .. } => return source.is_unauthorized(),
            Error::Needed { source, .. } => return source.is_unauthorized(),
            Error::Store(error) => return error.is_unauthorized(),
            Error::Osm(error) => return error.is_unauthorized(),
            _ => {}
        }
        matches!(
            self,
            Error::Missing {
                refused: Some(_),
                ..
            }
        )
    }

    /// Whether something is not signed or attested by whom it has to be.
    #[cfg(all(feature = "publish", feature = "sign"))]
    pub fn is_untrusted(&self) -> bool {
        let refused = super::policy::PolicyFileError::is_refusal;
        matches!(self, Error::OtherName { .. })
            || matches!(self, Error::Policy(error) if refused(error))
    }

    /// Whether bytes are other ones than they should be.
    pub fn is_mismatch(&self) -> bool {
        #[cfg(feature = "publish")]
        match self {
            Error::Remote(error) => return error.is_mismatch(),
            Error::HalfTagged { source, .. } => return source.is_mismatch(),
            Error::Needed { source, .. } => return source.is_mismatch(),
            Error::Store(error) => return error.is_mismatch(),
            Error::Osm(error) => return error.is_mismatch(),
            Error::OsmPlan(error) => return error.is_mismatch(),
            Error::Onboard(error) => return error.is_mismatch(),
            _ => {}
        }
        match self {
            Error::Layout(error) => return error.is_damaged(),
            Error::Part { source, .. } | Error::Beside { source, .. } => {
                return source.is_mismatch();
            }
            _ => {}
        }
        #[cfg(feature = "publish")]
        if matches!(self, Error::WouldDrift { .. }) {
            return true;
        }
        matches!(
            self,
            Error::Drift { .. } | Error::OtherDigest { .. } | Error::WouldMove(_)
        )
    }

    /// Whether it says something of what was asked for alone, which is not there, another or of
    /// no use, and nothing of the place: what others have put there must not hold up the rest.
    #[cfg(feature = "publish")]
    pub(super) fn is_of_one(&self) -> bool {
        let is_unusable = match self {
            Error::Remote(error) => error.is_unusable(),
            Error::Layout(error) => error.is_unusable(),
            _ => false,
        };
        is_unusable || self.is_mismatch() || self.is_not_found()
    }

    /// Whether trying again later might help.
    pub fn is_transient(&self) -> bool {
        #[cfg(feature = "publish")]
        match self {
            Error::Remote(error) => return error.is_transient(),
            Error::Contended(_) => return true,
            Error::HalfTagged { source, .. } => return source.is_transient(),
            Error::Needed { source, .. } => return source.is_transient(),
            Error::Store(error) => return error.is_transient(),
            Error::Osm(error) => return error.is_transient(),
            _ => {}
        }
        false
    }
}

#[cfg(feature = "publish")]
impl From<crate::oci::StoreError> for Error {
    fn from(error: crate::oci::StoreError) -> Self {
        match error {
            crate::oci::StoreError::Remote(error) => Error::Remote(error),
            crate::oci::StoreError::Layout(error) => Error::Layout(error),
        }
    }
}

fn clashes(all: &[Clash]) -> String {
    let line = |clash: &Clash| {
        let Clash {
            reference,
            there,
            new,
            differ,
        } = clash;
        format!("`{reference}` is {there} already, and this is {new}{differ}")
    };
    match all {
        [one] => format!(
            "{}; give it another version, or move the tag with `--force`",
            line(one)
        ),
        all => {
            let lines: String = all
                .iter()
                .map(|clash| format!("\n  {}", line(clash)))
                .collect();
            format!(
                "{} tags point to something else already; give these packages other versions, \
                 or move the tags with `--force`:{lines}",
                all.len(),
            )
        }
    }
}

#[cfg(feature = "publish")]
fn half_tagged(public: &[String]) -> String {
    let lines: String = public.iter().map(|tag| format!("\n  `{tag}`")).collect();
    format!(
        "everything was sent, but not all tags could be moved; the same command moves the rest. \
         These point to what was published:{lines}"
    )
}

fn absent(missing: &[(String, String)], place: &str, is_refused: bool) -> String {
    let advice = |what: &str| match is_refused {
        true => {
            let host = place.split('/').next().unwrap_or(place);
            format!(
                ", or not for everybody to see; log in with `cargo nfv login {host}`, or publish {what} there first"
            )
        }
        false => format!("; publish {what} there first"),
    };
    match missing {
        [(needed_by, need)] => {
            let advice = advice("it");
            format!("`{needed_by}` needs {need}, which is not in `{place}`{advice}")
        }
        all => {
            let line = |(by, need): &(String, String)| format!("\n  `{by}` needs {need}");
            let lines: String = all.iter().map(line).collect();
            let advice = advice("them");
            format!(
                "{} dependencies are not in `{place}`{advice}:{lines}",
                all.len()
            )
        }
    }
}

fn which(names: &[String]) -> String {
    match names {
        [] => "nothing".to_owned(),
        names => format!("{}; name one of them", some_of(names)),
    }
}

#[cfg(feature = "publish")]
fn undecided(names: &[String]) -> String {
    format!("has {}, and none of them is a version", some_of(names))
}

/// The first of several names, and how many more there are.
fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", shown.join(", "))
}

/// What there is and is not in a range.
#[cfg(feature = "publish")]
fn outside(names: &[String]) -> String {
    let is_preliminary =
        |name: &String| name.rsplit(':').next().is_some_and(|tag| tag.contains('-'));
    match names {
        [] => "there is none at all".to_owned(),
        names => {
            let hint = match names.iter().any(is_preliminary) {
                true => "; a range has preliminary versions in it where it names one, as `>=1.0-0`",
                false => "",
            };
            format!("there are {}{hint}", some_of(names))
        }
    }
}

/// A reason behind what it is about, where there is one.
#[cfg(feature = "publish")]
fn in_brackets(reason: &str) -> String {
    match reason {
        "" => String::new(),
        reason => format!(" ({reason})"),
    }
}

fn hint(nearest: &Option<String>) -> String {
    match nearest {
        Some(name) => format!("; did you mean `{name}`?"),
        None => String::new(),
    }
}
