//! Why an operation could not be carried out. Findings in packages are no
//! errors in this sense.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::clean::CleanError;
use super::new::NewError;
use crate::oci::LayoutError;
use crate::package::{AssembleError, CompareError, PlanError, UnpackError};
use crate::rules::LevelError;
use crate::schema::ModelError;
use crate::source::WorkspaceError;

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
    /// A path that was named can't be looked at.
    #[error("{0}")]
    Scan(io::Error),
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
    /// An artifact that holds no package, or more than one.
    #[error("`{reference}` has {layers} layers, and a package has one")]
    Layers {
        /// The reference.
        reference: String,
        /// How many.
        layers: usize,
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
    /// The configuration speaks of an id that no package has.
    #[error("`{file}` has settings for the package `{id}`, which is not in the tree{}", nearest.as_ref().map_or_else(String::new, |name| format!("; did you mean `{name}`?")))]
    NoConfiguredPackage {
        /// The configuration.
        file: String,
        /// The id.
        id: String,
        /// The nearest id.
        nearest: Option<String>,
    },
}

impl Error {
    /// Whether what was asked for is simply not there.
    pub fn is_not_found(&self) -> bool {
        matches!(
            self,
            Error::Layout(LayoutError::NotFound { .. }) | Error::NoSuchTarget { .. }
        )
    }
}

fn hint(nearest: &Option<String>) -> String {
    match nearest {
        Some(name) => format!("; did you mean `{name}`?"),
        None => String::new(),
    }
}
