//! Why packages are not sent.

use thiserror::Error;

use super::choose::Receiver;
use crate::onboard::RecordError;

/// Why packages are not sent. Where this comes, none was.
#[derive(Debug, Error)]
pub enum OnboardError {
    /// There is no package that the receiver takes.
    #[error("there is no {} in `{place}`, and {} takes nothing else", what(*receiver), who(*receiver))]
    Nothing {
        /// Where it was looked for.
        place: String,
        /// Who was to get it.
        receiver: Receiver,
    },
    /// The Store could not read a package.
    #[error("`{package}` can't be onboarded{}", nor(others))]
    Record {
        /// What the user calls it.
        package: String,
        /// Those that the Store could not read either.
        others: Vec<String>,
        /// The reason, of the first.
        source: RecordError,
    },
    /// Two packages of one id, or two services of one name.
    #[error(
        "`{first}` and `{second}` are both the {what} `{text}`, and the Store keeps one; name one of them"
    )]
    Twice {
        /// `vNSF`, `network service`, `network service of the name`.
        what: &'static str,
        /// The id or name.
        text: String,
        /// A package.
        first: String,
        /// The other.
        second: String,
    },
    /// Functions that are nowhere.
    #[error("{}; onboard what is missing first, or name it as well", .0.join("; "))]
    Missing(Vec<String>),
    /// The Store has something else under that id.
    #[error(
        "the Store at `{address}` has another package of the {noun} `{id}`: the digest in its manifest is `{there}`, and here it is `{here}`; the Store replaces nothing, so delete that one there first, or give this one another id"
    )]
    Other {
        /// The Store.
        address: String,
        /// The kind.
        noun: &'static str,
        /// The id.
        id: String,
        /// The digest at the Store.
        there: String,
        /// The digest here.
        here: String,
    },
    /// Another service at the Store has that name.
    #[error(
        "the Store at `{address}` has another network service of the name `{name}`{}, and refuses a second one only after the orchestrator has it; give `{package}` another name",
        id.as_ref().map_or_else(String::new, |id| format!(", `{id}`"))
    )]
    NameTaken {
        /// The Store.
        address: String,
        /// The name.
        name: String,
        /// The id of the other service.
        id: Option<String>,
        /// The package.
        package: String,
    },
}

impl OnboardError {
    /// Whether something is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, OnboardError::Missing(_))
    }

    /// Whether something else is there.
    pub fn is_mismatch(&self) -> bool {
        matches!(
            self,
            OnboardError::Other { .. } | OnboardError::NameTaken { .. }
        )
    }
}

fn nor(others: &[String]) -> String {
    let named: Vec<String> = others.iter().map(|other| format!("`{other}`")).collect();
    match named.is_empty() {
        true => String::new(),
        false => format!(", nor can {}", named.join(", ")),
    }
}

fn what(receiver: Receiver) -> &'static str {
    match receiver {
        Receiver::Store => "SHIELD package",
        Receiver::Osm => "package of a VNF, an NS or an NST",
    }
}

fn who(receiver: Receiver) -> &'static str {
    match receiver {
        Receiver::Store => "the Store",
        Receiver::Osm => "OSM",
    }
}
