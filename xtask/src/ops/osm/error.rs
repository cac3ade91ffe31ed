//! Why OSM is not asked to do something.

use thiserror::Error;

/// Why OSM is not asked to do something. Where this comes, nothing was sent and
/// nothing was removed.
#[derive(Debug, Error)]
pub enum OsmPlanError {
    /// A package that OSM takes nothing of.
    #[error("`{package}` is {what}, and OSM takes packages of VNFs, NSs and NSTs")]
    Kind {
        /// What the user calls it.
        package: String,
        /// What it is.
        what: String,
    },
    /// A package without an id.
    #[error("`{0}` has no descriptor with an id, by which OSM keeps packages")]
    NoId(String),
    /// Two packages of one id.
    #[error(
        "`{first}` and `{second}` are both the {what} `{id}`, and OSM keeps one; name one of them"
    )]
    Twice {
        /// `VNFD`, `NSD`, `NST`.
        what: &'static str,
        /// The id.
        id: String,
        /// A package.
        first: String,
        /// The other.
        second: String,
    },
    /// OSM has several of one id.
    #[error(
        "OSM at `{address}` has {count} {what}s of the id `{id}`, and nobody can tell which is meant: {}; remove all but one with `cargo nfv offboard KEY`, and before them what needs the id",
        keys.join(", ")
    )]
    Several {
        /// Where.
        address: String,
        /// `VNFD`, `NSD`, `NST`.
        what: &'static str,
        /// The id.
        id: String,
        /// How many.
        count: usize,
        /// Their keys.
        keys: Vec<String>,
    },
    /// Something that is needed is nowhere.
    #[error("{}; onboard what is missing first, name it as well, or say with `--registry`, and without `--no-dependencies`, where it lies", .0.join("; "))]
    Missing(Vec<String>),
    /// OSM has other packages of the same ids.
    #[error(
        "OSM at `{address}` has {}; `--update` puts what is here in its place, or give it another id{}",
        what.join("; "),
        unnamed(brought)
    )]
    Changed {
        /// Where.
        address: String,
        /// What is there, and what is here.
        what: Vec<String>,
        /// The ids of those that nobody has named.
        brought: Vec<String>,
    },
    /// OSM has another Helm repository of that name.
    #[error(
        "`--osm-helm-repo` gives `{url}` for the name `{name}`, and OSM at `{address}` {there}; give the address that is there, or call the repository by another name"
    )]
    OtherRepo {
        /// Where.
        address: String,
        /// The name.
        name: String,
        /// What was asked for.
        url: String,
        /// What is there, in words.
        there: String,
    },
    /// What is to be removed or shown is not there.
    #[error("OSM at `{address}` has nothing of the id {}", ids.join(", "))]
    NotThere {
        /// Where.
        address: String,
        /// What was asked for.
        ids: Vec<String>,
    },
    /// An id that several kinds have.
    #[error("`{id}` is {} at OSM; `--kind` says which is meant", kinds.join(" and "))]
    Ambiguous {
        /// The id.
        id: String,
        /// `a VNFD`, `an NSD`.
        kinds: Vec<&'static str>,
    },
    /// What is to be removed is needed.
    #[error("nothing was removed: {}", .0.join("; "))]
    InUse(Vec<String>),
}

impl OsmPlanError {
    /// Whether something is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(
            self,
            OsmPlanError::Missing(_) | OsmPlanError::NotThere { .. }
        )
    }

    /// Whether something else is there.
    pub fn is_mismatch(&self) -> bool {
        matches!(
            self,
            OsmPlanError::Changed { .. } | OsmPlanError::OtherRepo { .. }
        )
    }
}

/// What can be done about packages that nobody has named.
fn unnamed(ids: &[String]) -> String {
    let words = match ids.len() {
        0 => return String::new(),
        1 => "comes as a dependency alone",
        _ => "come as dependencies alone",
    };
    let ids = ids.join(", ");
    format!("; {ids} {words}; with `--no-dependencies` what OSM has stays")
}
