//! Why nothing was made.

use thiserror::Error as ThisError;

use crate::descriptor::with_article;

/// Why nothing was made.
#[derive(Debug, ThisError)]
pub enum NewError {
    /// The name.
    #[error("`{name}` can't be the name of {}: {rule}", with_article(kind))]
    Name {
        /// The name.
        name: String,
        /// What it would be the name of.
        kind: &'static str,
        /// What is allowed.
        rule: String,
    },
    /// The version.
    #[error("`{version}` can't be the version of {}: {rule}", with_article(kind))]
    Version {
        /// The version.
        version: String,
        /// What it would be the version of.
        kind: &'static str,
        /// What is allowed.
        rule: &'static str,
    },
    /// The vendor.
    #[error("the vendor must not be empty nor hold a control character")]
    Vendor,
    /// A flag that the kind has no place for.
    #[error("`{flag}` can't be used for {}: {reason}", with_article(kind))]
    Flag {
        /// The flag.
        flag: &'static str,
        /// The kind.
        kind: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// There is something already.
    #[error("`{0}` exists already; nothing was written")]
    Exists(String),
    /// Another package has the id.
    #[error("the tree has the {kind} `{id}` already, in `{place}`")]
    Taken {
        /// The id.
        id: String,
        /// What has it.
        kind: &'static str,
        /// Where that is.
        place: String,
    },
    /// The folder would lie in a package.
    #[error(
        "`{folder}` would become a part of the package in `{package}`; choose another `--path`"
    )]
    Inside {
        /// The folder.
        folder: String,
        /// The package around it.
        package: String,
    },
    /// A part that is not in the tree.
    #[error("no {kind} in the tree has the id `{id}`{}", hint(nearest))]
    NoPart {
        /// `VNF` or `NS`.
        kind: &'static str,
        /// The id.
        id: String,
        /// The nearest id.
        nearest: Option<String>,
    },
    /// A part that is no package of OSM's form, which alone a SHIELD package wraps.
    #[error(
        "`{id}` in `{place}` is built as {what}, and a SHIELD package wraps one of OSM's form: build it without `layout`"
    )]
    OtherLayout {
        /// The id.
        id: String,
        /// Where it is.
        place: String,
        /// `a CSAR`.
        what: &'static str,
    },
    /// Nothing that a SHIELD package could wrap.
    #[error(
        "the tree has no {kind} that is not wrapped yet; make one first, for instance with `cargo nfv new {word} NAME`"
    )]
    NothingToWrap {
        /// `VNF` or `NS`.
        kind: &'static str,
        /// The same on the command line.
        word: &'static str,
    },
    /// More than one thing that a SHIELD package could wrap.
    #[error(
        "the tree has several {kind}s; name one of them with `--package`: {}",
        quoted(ids)
    )]
    SeveralToWrap {
        /// `VNF` or `NS`.
        kind: &'static str,
        /// Their ids.
        ids: Vec<String>,
    },
    /// A SHIELD package around it exists.
    #[error("`{id}` is wrapped already, by the SHIELD package in `{place}`")]
    Wrapped {
        /// The id.
        id: String,
        /// The SHIELD package.
        place: String,
    },
    /// An id that no file can be called after.
    #[error("`{0}` can't be wrapped: its id is no file name")]
    NoFileName(String),
}

fn hint(nearest: &Option<String>) -> String {
    match nearest {
        Some(name) => format!("; did you mean `{name}`?"),
        None => String::new(),
    }
}

fn quoted(ids: &[String]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    ids.join(", ")
}
