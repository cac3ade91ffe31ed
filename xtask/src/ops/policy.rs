//! A policy with the keys that it names, and what it says of an artifact.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::Error;
use super::conditions::{About, Condition, Requirement, Wanted, judge};
use super::gate::PolicyOptions;
use super::other_name::{OtherName, other_name_at};
use super::trusted::{Signed, Trust, TrustOptions};
use crate::oci::{Fetched, Store};
use crate::source::Package;
use crate::trust::policy::{Policy, PolicyError};

/// Why there is no policy.
#[derive(Debug, Error)]
pub enum PolicyFileError {
    /// The file is no policy.
    #[error("`{}` is not a valid policy", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The parser's words, with line and column.
        source: Box<toml::de::Error>,
    },
    /// It can't be used as it is.
    #[error("`{}` is not a valid policy, in line {line}", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        source: PolicyError,
    },
    /// An attestation of no known kind.
    #[error(
        "`{0}` is no kind of attestation; give a name such as `provenance`, or the URI of a predicate"
    )]
    Kind(String),
    /// Artifacts or packages do not meet it.
    #[error("{}", refused(.refusals))]
    Refused {
        /// The policy.
        path: PathBuf,
        /// What does not meet it.
        refusals: Vec<Refusal>,
    },
}

/// Something that does not meet a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The artifact or the package.
    pub reference: String,
    /// What is wanted of it, and what was found.
    pub conditions: Vec<Condition>,
}

impl PolicyFileError {
    /// Whether an artifact was refused.
    pub fn is_refusal(&self) -> bool {
        matches!(self, PolicyFileError::Refused { .. })
    }
}

fn refused(refusals: &[Refusal]) -> String {
    let mut lines = Vec::new();
    for one in refusals {
        let reference = &one.reference;
        lines.push(format!("`{reference}` is not what the policy asks for"));
        for condition in one.conditions.iter().filter(|condition| !condition.is_met) {
            lines.push(format!("  wanted: {}", condition.wanted));
            for why in &condition.refused {
                lines.push(format!("    found: {why}"));
            }
        }
    }
    lines.join("\n")
}

/// A policy, read.
#[derive(Clone, Debug)]
pub(super) struct ReadPolicy {
    path: PathBuf,
    policy: Policy,
    /// Those who may sign, by name.
    signers: BTreeMap<String, Trust>,
    at: i64,
}

impl ReadPolicy {
    /// Reads a policy, and looks whether the keys that it names can be read.
    pub fn read(options: &PolicyOptions) -> Result<Self, Error> {
        let path = &options.path;
        let text = std::fs::read_to_string(path).map_err(|source| Error::Io {
            action: "read",
            path: path.clone(),
            source,
        })?;
        let policy: Policy = toml::from_str(&text).map_err(|source| PolicyFileError::Parse {
            path: path.clone(),
            source: Box::new(source),
        })?;
        let is_kind = |kind: &str| super::attest::predicate_types(kind).is_some();
        policy.check(is_kind).map_err(|fault| {
            let before = text.as_bytes().iter().take(fault.at);
            PolicyFileError::Policy {
                path: path.clone(),
                line: before.filter(|byte| **byte == b'\n').count() + 1,
                source: fault.error,
            }
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut signers = BTreeMap::new();
        for (name, files) in &policy.signers {
            let files = files.get_ref();
            let beside = |paths: &[PathBuf]| paths.iter().map(|path| folder.join(path)).collect();
            let trust = Trust::read(&TrustOptions {
                certificates: beside(&files.certificates),
                keys: beside(&files.keys),
                at: options.at,
            })?;
            signers.insert(name.clone(), trust);
        }
        Ok(ReadPolicy {
            path: path.clone(),
            policy,
            signers,
            at: options.at,
        })
    }

    /// Holds an artifact of a place against it: by its name there, which has to be its own,
    /// and its digest.
    pub fn judge(
        &self,
        store: &Store<'_>,
        name: &str,
        fetched: &Fetched,
    ) -> Result<Vec<Condition>, Error> {
        let artifact = artifact_of(store, name);
        let is_registry = matches!(store, Store::Registry(..));
        if is_registry && !self.policy.allows(&artifact) {
            let found = format!("`{artifact}`");
            let unmet = Condition::unmet(About::Admission, &self.origin(), found);
            return Ok(vec![unmet]);
        }
        let mut requirements = Vec::new();
        for rule in self.policy.rules_for(&artifact) {
            if !rule.signed_by.is_empty() {
                requirements.push(self.requirement(Wanted::Signature, &rule.signed_by));
            }
            for one in rule.attestations.iter().map(toml::Spanned::get_ref) {
                let wanted = Wanted::attestation(&one.kind, one.max_age.clone())?;
                requirements.push(self.requirement(wanted, rule.by(one)));
            }
        }
        if requirements.is_empty() {
            return Ok(vec![without_rule(&artifact)]);
        }
        let mut conditions = Vec::new();
        if !self.policy.allows_renamed(&artifact)
            && let Some(other) = other_name_at(store, name, fetched)?
        {
            conditions.push(other.condition());
        }
        conditions.extend(judge(store, &fetched.digest, &requirements)?);
        if !is_registry {
            conditions.extend(self.origin_untold("a layout"));
        }
        Ok(conditions)
    }

    /// Whether what lies in a layout under that name may be something that is called
    /// otherwise.
    pub fn allows_renamed(&self, name: &str) -> bool {
        let artifact = name.rsplit_once(':').map_or(name, |(name, _)| name);
        self.policy.allows_renamed(artifact)
    }

    /// Refuses an artifact that does not meet it.
    pub fn admit(
        &self,
        store: &Store<'_>,
        name: &str,
        fetched: &Fetched,
        reference: &str,
    ) -> Result<(), Error> {
        self.refuse(reference, self.judge(store, name, fetched)?)
    }

    /// Refuses a finished package that does not meet it.
    pub fn admit_package(&self, package: &Package) -> Result<(), Error> {
        self.refuse(&package.shown, self.judge_package(package)?)
    }

    /// Holds a finished package against it by the signatures in it. Its name is its id:
    /// like a layout, a file does not tell where it came from.
    pub fn judge_package(&self, package: &Package) -> Result<Vec<Condition>, Error> {
        let id = package.id().unwrap_or_default();
        let mut conditions = Vec::new();
        for rule in self.policy.rules_for(id) {
            if !rule.signed_by.is_empty() {
                let wanted = Requirement::words_of(&Wanted::Signature, &rule.signed_by);
                let signed = self.trust(&rule.signed_by).judge(package);
                let unmet = |wanted: &str, why| Condition::unmet(About::Signature, wanted, why);
                conditions.push(match signed {
                    Signed::By(_) => Condition::met(About::Signature, &wanted),
                    Signed::Not => Condition {
                        is_nothing_there: true,
                        ..unmet(&wanted, "nobody has signed it".to_owned())
                    },
                    Signed::Untrusted(why) => unmet(&wanted, why),
                });
            }
            for one in rule.attestations.iter().map(toml::Spanned::get_ref) {
                let wanted = Wanted::attestation(&one.kind, one.max_age.clone())?;
                let wanted = Requirement::words_of(&wanted, rule.by(one));
                let why = "a file has none; name the published artifact instead";
                conditions.push(Condition::unmet(
                    About::Attestation,
                    &wanted,
                    why.to_owned(),
                ));
            }
        }
        match conditions.is_empty() {
            true => conditions.push(without_rule(id)),
            false => conditions.extend(self.origin_untold("a file")),
        }
        Ok(conditions)
    }

    /// Where artifacts have to come from, in words.
    fn origin(&self) -> String {
        let allowed = self.policy.registries.iter().flatten();
        let allowed: Vec<String> = allowed.map(|one| format!("`{one}`")).collect();
        match allowed.is_empty() {
            true => "that it comes from no registry".to_owned(),
            false => format!("that it comes from {}", allowed.join(" or ")),
        }
    }

    /// That it is not asked of what lies on a disk from which registry it came, where the policy
    /// lists some.
    fn origin_untold(&self, what: &str) -> Option<Condition> {
        let listed = self.policy.registries.as_ref();
        listed.filter(|listed| !listed.is_empty()).map(|_| {
            let why = format!("{what} does not tell where it came from");
            Condition::unasked(About::Admission, &self.origin(), &why)
        })
    }

    /// An error where a condition is not met.
    fn refuse(&self, reference: &str, conditions: Vec<Condition>) -> Result<(), Error> {
        match conditions.iter().all(|condition| condition.is_met) {
            true => Ok(()),
            false => Err(PolicyFileError::Refused {
                path: self.path.clone(),
                refusals: vec![Refusal {
                    reference: reference.to_owned(),
                    conditions,
                }],
            }
            .into()),
        }
    }

    fn requirement(&self, wanted: Wanted, names: &[String]) -> Requirement {
        Requirement {
            wanted,
            names: names.to_vec(),
            trust: self.trust(names),
        }
    }

    /// Those with these names, as one: each of them is enough.
    fn trust(&self, names: &[String]) -> Trust {
        let mut all = Trust {
            anchors: Vec::new(),
            keys: Vec::new(),
            at: self.at,
        };
        for one in names.iter().filter_map(|name| self.signers.get(name)) {
            all.anchors.extend_from_slice(&one.anchors);
            all.keys.extend_from_slice(&one.keys);
        }
        all
    }
}

/// What rules and lists call an artifact: its repository at a registry, and in a layout its
/// name without the version.
fn artifact_of(store: &Store<'_>, name: &str) -> String {
    match store {
        Store::Registry(_, repository) => repository.to_string(),
        Store::Layout(_) => {
            let version = name
                .rsplit_once(':')
                .filter(|_| !name.starts_with("sha256:"));
            version.map_or(name, |(name, _)| name).to_owned()
        }
    }
}

impl OtherName {
    fn condition(&self) -> Condition {
        let wanted = format!("the artifact `{}`", self.asked);
        let why = format!("by itself it is `{}`", self.own);
        Condition::unmet(About::Name, &wanted, why)
    }
}

fn without_rule(artifact: &str) -> Condition {
    let why = format!("none of its rules is about `{artifact}`");
    Condition::unmet(About::Admission, "a rule of the policy", why)
}

impl Wanted {
    /// An attestation of the kind that somebody has named.
    pub(super) fn attestation(
        kind: &str,
        max_age: Option<crate::trust::policy::Age>,
    ) -> Result<Self, PolicyFileError> {
        let types = super::attest::predicate_types(kind);
        Ok(Wanted::Attestation {
            kind: kind.to_owned(),
            types: types.ok_or_else(|| PolicyFileError::Kind(kind.to_owned()))?,
            max_age,
        })
    }
}
