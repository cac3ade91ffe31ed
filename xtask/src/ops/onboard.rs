//! `onboard`: SHIELD packages to a Store, functions before the services that need
//! them, and nothing before all of them are checked.

mod choose;
mod error;
mod plan;
mod prepare;

use super::build::BuildReport;
use super::gate::PolicyOptions;
use super::verdicts::not_onboarded;
use super::verify::{VerifyOptions, VerifyReport};
use super::{Error, Reporter, Work};
use crate::diagnostic::Diagnostic;
use crate::oci::{Remote, Repository};
use crate::onboard::{Arrival, Parcel, Shelf, Store, StoreError, Stored};
use crate::package::Signer;
use crate::source::Workspace;

pub(super) use self::choose::Brought;
pub use self::choose::{Origin, Receiver, names_sources};
pub use self::error::OnboardError;
use self::plan::{Plan, Planned};
pub(super) use self::prepare::prepare;

/// What to onboard.
#[derive(Clone, Debug)]
pub struct OnboardOptions {
    /// Finished packages, their sources, and references; nothing for those
    /// packages of the tree that the receiver takes.
    pub names: Vec<String>,
    /// How to verify; its selection says which packages of the tree are meant.
    pub verify: VerifyOptions,
    /// The time in the packages that are built first.
    pub epoch: u64,
    /// Who signs those.
    pub signer: Option<Signer>,
    /// Whether every package must be signed by somebody who is trusted.
    pub is_trust_asked: bool,
    /// What every package must meet.
    pub policy: Option<PolicyOptions>,
    /// Whether references bring the functions and services that they need, and packages of the
    /// tree those that the tree has.
    pub with_dependencies: bool,
    /// Where those come from that the tree has not.
    pub registry: Option<Repository>,
    /// Whether the digest of each of those must be that of `nfv.lock`.
    pub locked: bool,
    /// Whether nothing is to be sent.
    pub dry_run: bool,
}

/// What became of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnboardState {
    /// The Store has taken it.
    Sent(Arrival),
    /// The Store had it, under this key of its own.
    There(Option<String>),
    /// It would be sent.
    Planned,
    /// It was sent, and is the reason why it went no further.
    Failed,
    /// Something before it went wrong.
    Left,
}

/// A package, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Onboarded {
    /// What the user calls it.
    pub shown: String,
    /// The collection that it goes to.
    pub shelf: Shelf,
    /// The id of its descriptor.
    pub id: String,
    /// The version of its descriptor. The Store has no use for it.
    pub version: Option<String>,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// What became of it.
    pub state: OnboardState,
}

/// What was done, or why nothing was.
#[derive(Debug, Default)]
pub struct OnboardReport {
    /// The build of the packages of the tree, where its findings were the end.
    pub refused: Option<BuildReport>,
    /// What was found in the finished packages.
    pub verified: Option<VerifyReport>,
    /// The packages in the order in which they go.
    pub onboarded: Vec<Onboarded>,
    /// What deserves a word, and stops nobody.
    pub warnings: Vec<String>,
    /// Why not all of them were sent.
    pub failure: Option<Error>,
}

impl OnboardReport {
    /// Why not all of them were sent, as a finding of the package at which it ended.
    pub fn verdict(&self) -> Option<Diagnostic> {
        let error = self.failure.as_ref()?;
        let failed = self
            .onboarded
            .iter()
            .find(|one| one.state == OnboardState::Failed);
        let one = failed.or(self.onboarded.first())?;
        Some(not_onboarded(&one.shown, error))
    }
}

/// Sends packages to a Store, each once.
///
/// # Errors
///
/// Before anything is sent: a package can't be read as the Store reads it, a
/// function of a service is nowhere, an id is taken. What goes wrong on the way
/// is in the report, because packages may have been sent by then.
pub fn onboard(
    workspace: &Workspace,
    remote: &Remote,
    store: &Store,
    options: &OnboardOptions,
    reporter: &dyn Reporter,
) -> Result<OnboardReport, Error> {
    let prepared = prepare(workspace, remote, options, Receiver::Store, reporter)?;
    let mut report = OnboardReport {
        refused: prepared.refused,
        verified: prepared.verified,
        ..OnboardReport::default()
    };
    let Some(verified) = report.verified.as_ref().filter(|_| prepared.is_ready) else {
        return Ok(report);
    };
    let plan = Plan::of(verified, &prepared.paths)?;
    report.warnings = plan.warnings();
    let planned = plan.compare(store, reporter)?;
    report.onboarded = planned.iter().map(Planned::onboarded).collect();
    if options.dry_run {
        return Ok(report);
    }
    report.failure = send(store, &planned, &mut report.onboarded, reporter);
    Ok(report)
}

/// What the Store has got of a package from somebody else while it was sent, if that is why it
/// refuses it: the Store looks at this last.
fn come_meanwhile(store: &Store, one: &Planned, error: &StoreError) -> Option<Stored> {
    let is_taken = matches!(error, StoreError::Refused { refusal, .. } if refusal.is_taken);
    let shelf = one.parcel.shelf;
    let stored = is_taken.then(|| store.find(shelf, shelf.id_field(), &one.parcel.id));
    // Where the Store can't be asked, its refusal is what is told.
    let stored = stored?.ok()??;
    let is_same = one.record.has_hash(stored.hash.as_deref()) == Some(true);
    is_same.then_some(stored)
}

/// Sends what is not there, one after the other, until something goes wrong.
fn send(
    store: &Store,
    planned: &[Planned],
    onboarded: &mut [Onboarded],
    reporter: &dyn Reporter,
) -> Option<Error> {
    let open = || planned.iter().filter(|one| one.there.is_none());
    let total = open().map(|one| one.parcel.size).sum();
    let _work = Work::begin(reporter, "Sending", total);
    let mut failure: Option<Error> = None;
    for (one, result) in planned.iter().zip(onboarded) {
        if one.there.is_some() {
            continue;
        }
        if failure.is_some() {
            result.state = OnboardState::Left;
            continue;
        }
        let Parcel { shelf, id, .. } = &one.parcel;
        let text = format!("{} `{id}` to `{}`", shelf.noun(), store.address());
        reporter.status("Sending", &text);
        match store.send(&one.parcel, &|bytes| reporter.advance(bytes)) {
            Ok(arrival) => result.state = OnboardState::Sent(arrival),
            Err(error) => match come_meanwhile(store, one, &error) {
                Some(stored) => result.state = OnboardState::There(stored.key),
                None => {
                    result.state = OnboardState::Failed;
                    failure = Some(error.into());
                }
            },
        }
    }
    failure
}
