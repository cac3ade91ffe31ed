//! What comes before anything is asked or sent, whoever it goes to: packages are
//! found, verified, and held against trust and policy.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::OnboardOptions;
use super::choose::{self, Brought, Chosen, Receiver};
use crate::descriptor::Descriptor;
use crate::oci::{Layout, Remote, Store};
use crate::ops::build::BuildReport;
use crate::ops::gate::{Gate, Refused};
use crate::ops::pull::Absent;
use crate::ops::verify::{VerifyReport, verify_targets};
use crate::ops::{Error, Reporter};
use crate::source::Workspace;

/// Packages, and what was found out about them.
pub(in crate::ops) struct Prepared {
    /// The build of the packages of the tree, where its findings were the end.
    pub refused: Option<BuildReport>,
    /// What was found in the finished packages.
    pub verified: Option<VerifyReport>,
    /// Whether they are sound, and trusted where that was asked.
    pub is_ready: bool,
    /// Where each lies, by what it is called.
    pub paths: Vec<(String, PathBuf)>,
    /// The descriptors in the tree of which packages were built, by what those
    /// are called.
    pub sources: BTreeMap<String, Descriptor>,
    /// Packages of the tree that the receiver takes none of, in words.
    pub left: Vec<String>,
    /// What nobody has named, and something that is named needs.
    pub brought: Brought,
    /// Kinds and ids of what is needed and was not found, and where it is not.
    pub absent: Vec<Absent>,
    /// What they lie in goes with it.
    _chosen: Chosen,
}

/// Finds the packages, verifies them, and lets through what meets the policy.
///
/// # Errors
///
/// A package is not found, can't be read, or does not meet the policy.
pub(in crate::ops) fn prepare(
    workspace: &Workspace,
    remote: &Remote,
    options: &OnboardOptions,
    receiver: Receiver,
    reporter: &dyn Reporter,
) -> Result<Prepared, Error> {
    let gate = Gate::open(options.policy.as_ref())?;
    let mut chosen = choose::choose(workspace, remote, options, receiver, reporter)?;
    let sources = std::mem::take(&mut chosen.sources);
    let mut prepared = Prepared {
        refused: None,
        verified: None,
        is_ready: false,
        paths: Vec::new(),
        sources,
        left: std::mem::take(&mut chosen.left),
        brought: std::mem::take(&mut chosen.brought),
        absent: std::mem::take(&mut chosen.absent),
        _chosen: Chosen::nothing(),
    };
    let targets = match std::mem::replace(&mut chosen.targets, Ok(Vec::new())) {
        Ok(targets) => targets,
        Err(build) => {
            prepared.refused = Some(*build);
            return Ok(prepared);
        }
    };
    let paths = targets.iter();
    let paths = paths.map(|target| (target.shown.clone(), target.path.clone()));
    prepared.paths = paths.collect();
    let mut verified = verify_targets(workspace, targets, &options.verify, reporter)?;
    for one in &mut verified.verified {
        let is_allowed = |name: &str| gate.allows_renamed(name);
        if one
            .published
            .as_ref()
            .is_some_and(|(name, _)| is_allowed(name))
        {
            one.renamed = None;
        }
    }
    prepared.is_ready = verified.is_sound() && is_trusted(&verified, options);
    let mut refused = Refused::default();
    for one in &verified.verified {
        let package = verified.checked.scan.packages.get(one.package);
        if let Some(package) = package.filter(|_| !chosen.admitted.contains(&one.shown)) {
            let Some((name, digest)) = &one.published else {
                refused.keep(gate.admit_package(package))?;
                continue;
            };
            // What hangs on the artifact in the tree's layout counts as what is in the
            // package does.
            let layout = Store::Layout(Layout::new(workspace.out_dir.join("oci")));
            let fetched = layout.fetch(digest)?;
            let admitted = gate.admit(&layout, name, &fetched, &one.shown);
            if admitted.is_err() && gate.admit_package(package).is_err() {
                refused.keep(admitted)?;
            }
        }
    }
    match prepared.is_ready {
        true => refused.end()?,
        // What was changed is often no sound package either; the policy is told of beside that.
        false => refused.note(&mut verified),
    }
    prepared.verified = Some(verified);
    prepared._chosen = chosen;
    Ok(prepared)
}

#[cfg(feature = "sign")]
fn is_trusted(verified: &VerifyReport, options: &OnboardOptions) -> bool {
    !options.is_trust_asked || verified.is_trusted()
}

#[cfg(not(feature = "sign"))]
fn is_trusted(_: &VerifyReport, _: &OnboardOptions) -> bool {
    true
}
