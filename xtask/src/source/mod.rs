//! From files to packages: configuration, the walk through a tree, and what
//! belongs to which package.
//!
//! This room reads; it judges nothing. What it stumbles over (a link out of
//! the tree, two descriptors in one folder) is noted as a [`Finding`] on the
//! package, and the rules of the `package` family say what it means.

mod added;
mod annotations;
mod archive;
pub(crate) mod cache;
mod candidate;
mod changes;
mod config;
mod config_text;
mod content;
mod csar;
mod discover;
mod exclusion;
mod file_names;
mod former_config;
pub(crate) mod git;
mod gunzip;
mod helmignore;
pub(crate) mod landing;
mod links;
mod lost_manifest;
mod marks;
pub(crate) mod members;
mod outer;
mod output_name;
mod package;
mod pattern;
mod pax;
mod scan;
mod shield;
mod snapshot;
mod texts;
mod touched;
mod variants;
mod watch;
mod workspace;
mod zip_layout;

pub use added::{AddedFiles, InPackage, InTree};
pub use annotations::{AnnotationKey, OwnAnnotations};
#[cfg(feature = "sign")]
pub(crate) use archive::read as scan_archive;
pub(crate) use candidate::may_be_descriptor;
#[cfg(feature = "publish")]
pub(crate) use candidate::recognise;
pub use changes::{Changed, Changes, ChangesError};
pub use config::{
    Config, ConfigError, LintLevels, PackageConfig, PackageLayout, Profile, ShieldProfile,
};
pub(crate) use config_text::place_in_words;
pub use csar::{Absent, Csar, certificate};
pub use file_names::{safe_name, safe_version};
pub(crate) use links::{behind_links, tidy};
pub use marks::Marks;
pub(crate) use marks::nanos;
pub use outer::Outer;
pub(crate) use outer::csar_inside;
pub use output_name::OutputName;
pub use package::{FileEntry, Finding, Form, Layout, LinkFault, MemberLink, Package, Place, Text};
pub use pattern::Pattern;
pub use scan::{Scan, Selection, Unsaved, scan};
pub(crate) use shield::inner_file;
pub use snapshot::{Snapshot, snapshot};
pub use touched::touched;
pub use variants::Release;
pub(crate) use variants::are_variants;
pub use watch::{Watch, WatchError};
pub use workspace::{Workspace, WorkspaceError, WorkspaceOptions};
