//! `verify` for what is published: who has said what about an artifact.

use super::Error;
use super::conditions::{Condition, Requirement, Wanted, judge};
use super::gate::PolicyOptions;
use super::other_name::{OtherName, other_name_at};
use super::place::{Access, OpenPlace};
use super::policy::ReadPolicy;
use super::trusted::{Trust, TrustOptions};
use crate::oci::Remote;
use crate::source::Workspace;

/// What must hold of an artifact.
#[derive(Clone, Debug)]
pub struct VerifyArtifactOptions {
    /// Whose signatures count; nobody's where only a policy is asked.
    pub trust: TrustOptions,
    /// What these must have attested, by the names of kinds or the URIs of
    /// predicates.
    pub attestations: Vec<String>,
    /// A policy.
    pub policy: Option<PolicyOptions>,
}

/// An artifact, and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedArtifact {
    /// The artifact, by its digest.
    pub reference: String,
    /// The digest of its manifest, which is what was signed.
    pub digest: String,
    /// What must hold of it.
    pub conditions: Vec<Condition>,
    /// Where it lies under another name than its own. With a policy that is a condition, or
    /// allowed by it.
    pub renamed: Option<OtherName>,
    /// Whether it lies in the tree's own layout, in which nothing has another name.
    pub is_own: bool,
}

impl VerifiedArtifact {
    /// Whether all of it holds.
    pub fn is_trusted(&self) -> bool {
        let is_named = self.renamed.is_none() || !self.is_own;
        is_named && self.conditions.iter().all(|condition| condition.is_met)
    }
}

/// Looks for signatures and attestations of an artifact at a registry, in a
/// layout or in an archive.
///
/// # Errors
///
/// The artifact is not there, the place, a file of keys or the policy can't be
/// read. That nobody who is trusted has signed is no error, but what was found.
pub fn verify_artifact(
    workspace: &Workspace,
    remote: &Remote,
    reference: &str,
    options: &VerifyArtifactOptions,
) -> Result<VerifiedArtifact, Error> {
    let mut requirements = Vec::new();
    if !options.trust.is_empty() {
        let trust = Trust::read(&options.trust)?;
        let wanted = |wanted| Requirement {
            wanted,
            names: Vec::new(),
            trust: trust.clone(),
        };
        for kind in &options.attestations {
            requirements.push(wanted(Wanted::attestation(kind, None)?));
        }
        // Who asks for an attestation asks for nothing else.
        if requirements.is_empty() {
            requirements.push(wanted(Wanted::Signature));
        }
    }
    let policy = options.policy.as_ref().map(ReadPolicy::read).transpose()?;
    let place = OpenPlace::open(workspace, remote, reference, Access::Read)?;
    let name = place.target()?;
    let subject = place.store.fetch(&name)?;
    let mut conditions = judge(&place.store, &subject.digest, &requirements)?;
    let renamed = match policy {
        Some(policy) => {
            conditions.extend(policy.judge(&place.store, &name, &subject)?);
            None
        }
        None => other_name_at(&place.store, &name, &subject)?,
    };
    Ok(VerifiedArtifact {
        renamed,
        is_own: place.is_own,
        reference: place.by_digest(&subject.digest),
        digest: subject.digest,
        conditions,
    })
}
