//! What an NBI has under a key.

use serde_json::Value;

use super::digests::digest_in;
use super::shelf::OsmShelf;

/// The key in `userDefinedData` under which the digest stands of what is to come into
/// an empty resource.
pub(super) const MARK: &str = "cargo-nfv";

/// What an NBI has under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsmRecord {
    /// The collection.
    pub shelf: OsmShelf,
    /// OSM's own key (`_id`).
    pub key: String,
    /// The id of the descriptor; none where nothing was uploaded yet.
    pub id: Option<String>,
    /// The version that the descriptor gives.
    pub version: Option<String>,
    /// `onboardingState`: `CREATED`, `ONBOARDED`.
    pub onboarding: Option<String>,
    /// `operationalState`: `ENABLED`, `DISABLED`.
    pub operational: Option<String>,
    /// `usageState`: `IN_USE`, `NOT_IN_USE`.
    pub usage: Option<String>,
    /// How often its content was uploaded.
    pub revision: Option<u64>,
    /// The file name under which that was.
    pub file: Option<String>,
    /// Where the descriptor stands in it.
    pub descriptor: Option<String>,
    /// What it refers to: functions and services of a service, services of a slice.
    pub needs: Vec<(OsmShelf, String)>,
    /// Whether it is another project's, which lets others read it. To the NBI such a one is neither
    /// in the way of another of that id nor there for what needs it.
    pub is_shared: bool,
    /// What it was made for.
    pub(super) mark: Option<String>,
}

impl OsmRecord {
    /// What it is called: by the id of its descriptor, or else by its key.
    pub fn name(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.key)
    }

    /// Whether OSM lets it be used.
    pub fn is_usable(&self) -> bool {
        let is = |state: &Option<String>, wanted| state.as_deref().is_none_or(|s| s == wanted);
        is(&self.onboarding, "ONBOARDED") && is(&self.operational, "ENABLED")
    }

    /// Whether content has arrived.
    pub fn is_onboarded(&self) -> bool {
        self.onboarding
            .as_deref()
            .is_none_or(|state| state == "ONBOARDED")
    }

    /// Whether an instance of it is running.
    pub fn is_in_use(&self) -> bool {
        self.usage.as_deref() == Some("IN_USE")
    }

    /// SHA-256 of the package, where its file name says it, as those of this program
    /// do.
    pub fn sha256(&self) -> Option<String> {
        digest_in(self.file.as_deref()?)
    }

    /// Whether OSM has ended with it, and in vain (SOL005, `ERROR`).
    pub fn has_failed(&self) -> bool {
        matches!(self.onboarding.as_deref(), Some("ERROR" | "FAILED"))
    }

    /// Its states in words.
    pub fn state(&self) -> String {
        let words = [&self.onboarding, &self.operational];
        let words: Vec<&str> = words.into_iter().flatten().map(String::as_str).collect();
        words.join(", ")
    }

    /// Reads a resource; `projects` are the names of that which asks.
    pub(super) fn of(shelf: OsmShelf, item: &Value, projects: &[String]) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let admin = &item["_admin"];
        let state = |name: &str| text(&item[shelf.field(name)]).or_else(|| text(&admin[name]));
        let items = |key: &str| item[key].as_array().into_iter().flatten();
        let ids = |shelf: OsmShelf, key: &str| -> Vec<(OsmShelf, String)> {
            let ids = items(key).filter_map(text);
            ids.map(|id| (shelf, id)).collect()
        };
        Some(OsmRecord {
            shelf,
            key: text(&item["_id"])?,
            id: text(&item["id"]),
            version: text(&item["version"]),
            onboarding: state("onboardingState"),
            operational: state("operationalState"),
            usage: state("usageState"),
            revision: admin["revision"].as_u64(),
            file: text(&admin["storage"]["zipfile"]),
            descriptor: text(&admin["storage"]["descriptor"]),
            needs: match shelf {
                OsmShelf::Vnf => Vec::new(),
                OsmShelf::Ns => [
                    ids(OsmShelf::Vnf, "vnfd-id"),
                    ids(OsmShelf::Ns, "nested-nsd-id"),
                ]
                .concat(),
                OsmShelf::Nst => items("netslice-subnet")
                    .filter_map(|subnet| Some((OsmShelf::Ns, text(&subnet["nsd-ref"])?)))
                    .collect(),
            },
            // As its filter for what is written has it: that of a project, or of all (`ANY`).
            is_shared: admin["projects_write"].as_array().is_some_and(|writers| {
                let is_own = |writer: &Value| {
                    let is = |name: &String| writer == name.as_str();
                    writer == "ANY" || projects.iter().any(is)
                };
                !projects.is_empty() && !writers.is_empty() && !writers.iter().any(is_own)
            }),
            mark: text(&admin["userDefinedData"][MARK]),
        })
    }
}
