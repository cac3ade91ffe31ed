//! `onboard --osm`: packages to OSM, all of them or none.

use super::finding::finding;
use super::plan::{Plan, Planned, Step, Terms};
use super::repos::{self, OnboardedRepo};
use crate::descriptor::Descriptor;
use crate::diagnostic::Diagnostic;
use crate::oci::Remote;
use crate::onboard::{HelmRepo, Osm, OsmArrival, OsmError, OsmParcel, OsmShelf};
use crate::ops::build::BuildReport;
use crate::ops::onboard::{OnboardOptions, Origin, Receiver, prepare};
use crate::ops::verdicts::not_onboarded;
use crate::ops::verify::VerifyReport;
use crate::ops::{Error, Reporter, Work};
use crate::source::Workspace;

/// What to onboard, and how.
#[derive(Clone, Debug)]
pub struct OsmOnboardOptions {
    /// What to hand over, and what it has to meet.
    pub what: OnboardOptions,
    /// Whether what OSM has under the same ids is replaced where it is something
    /// else.
    pub update: bool,
    /// The Helm repositories that OSM has to know.
    pub helm_repos: Vec<HelmRepo>,
}

/// What became of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OsmState {
    /// OSM has taken it.
    Sent(OsmArrival),
    /// OSM has taken it in the place of another one.
    Updated(OsmArrival),
    /// OSM had it, under this key.
    There(String),
    /// It would be sent.
    Planned,
    /// It would take the place of what has this key.
    PlannedUpdate(String),
    /// It is the reason why it went no further.
    Failed,
    /// Something before it went wrong.
    Left,
    /// OSM had taken it; something after it went wrong, and it was removed again.
    Undone,
    /// The same, and it could not be removed; it has this key.
    Stuck(String),
}

/// A package, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsmOnboarded {
    /// What the user calls it.
    pub shown: String,
    /// The collection that it goes to.
    pub shelf: OsmShelf,
    /// The id of its descriptor.
    pub id: String,
    /// The version of its descriptor.
    pub version: Option<String>,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// Where it comes from that nobody has named, and something that is named needs.
    pub origin: Option<Origin>,
    /// What became of it.
    pub state: OsmState,
}

/// What was done, or why nothing was.
#[derive(Debug, Default)]
pub struct OsmOnboardReport {
    /// The build of the packages of the tree, where its findings were the end.
    pub refused: Option<BuildReport>,
    /// What was found in the finished packages.
    pub verified: Option<VerifyReport>,
    /// The packages in the order in which they go.
    pub onboarded: Vec<OsmOnboarded>,
    /// The Helm repositories that were asked for.
    pub repos: Vec<OnboardedRepo>,
    /// Packages of the tree that OSM takes none of, in words.
    pub left: Vec<String>,
    /// What deserves a word, and stops nobody.
    pub warnings: Vec<String>,
    /// What OSM refuses, at its place in the source.
    pub finding: Option<Diagnostic>,
    /// Why not all of them were taken.
    pub failure: Option<Error>,
}

impl OsmOnboardReport {
    /// Why not all of them were taken, as a finding of the package at which it ended, beside
    /// that of a rule at its place in the source.
    pub fn verdict(&self) -> Option<Diagnostic> {
        let error = self.failure.as_ref()?;
        let failed = self
            .onboarded
            .iter()
            .find(|one| one.state == OsmState::Failed);
        let one = failed.or(self.onboarded.first())?;
        Some(not_onboarded(&one.shown, error))
    }
}

/// Hands packages to OSM, each once, and takes back what it has handed over where one
/// of them is refused.
///
/// # Errors
///
/// Before anything is sent: a package is none for OSM, something that it needs is
/// nowhere, OSM has something else under its id. What goes wrong on the way is in the
/// report.
pub fn onboard(
    workspace: &Workspace,
    remote: &Remote,
    osm: &Osm,
    options: &OsmOnboardOptions,
    reporter: &dyn Reporter,
) -> Result<OsmOnboardReport, Error> {
    let prepared = prepare(workspace, remote, &options.what, Receiver::Osm, reporter)?;
    let mut report = OsmOnboardReport {
        refused: prepared.refused,
        verified: prepared.verified,
        left: prepared.left,
        ..OsmOnboardReport::default()
    };
    let Some(verified) = report.verified.as_ref().filter(|_| prepared.is_ready) else {
        return Ok(report);
    };
    let plan = Plan::of(verified, &prepared.paths)?;
    let terms = Terms {
        update: options.update,
        waits: !options.what.dry_run && osm.is_waiting(),
        brought: &prepared.brought,
        absent: &prepared.absent,
    };
    let planned = plan.compare(osm, &terms, &mut report.warnings, reporter)?;
    report.onboarded = planned
        .iter()
        .map(|one| one.onboarded(&prepared.brought))
        .collect();
    let source = |planned: &Planned| -> Descriptor {
        let source = prepared.sources.get(&planned.item.shown);
        source.unwrap_or(&planned.item.descriptor).clone()
    };
    let warnings = &mut report.warnings;
    report.repos = repos::compare(osm, &options.helm_repos, &planned, &source, warnings)?;
    if options.what.dry_run {
        return Ok(report);
    }
    let adding = Work::begin(reporter, "Adding", 0);
    repos::add(osm, &mut report.repos, &mut report.failure, reporter);
    if report.failure.is_some() {
        for one in &mut report.onboarded {
            if matches!(one.state, OsmState::Planned | OsmState::PlannedUpdate(_)) {
                one.state = OsmState::Left;
            }
        }
        repos::take_back(osm, &mut report.repos, &mut report.warnings, reporter);
        return Ok(report);
    }
    drop(adding);
    hand_over(osm, &planned, &source, &mut report, reporter);
    Ok(report)
}

/// Hands over what is not there, one after the other, and takes all of it back when
/// something goes wrong.
fn hand_over(
    osm: &Osm,
    planned: &[Planned],
    source: &dyn Fn(&Planned) -> Descriptor,
    report: &mut OsmOnboardReport,
    reporter: &dyn Reporter,
) {
    let open = || planned.iter().filter(|one| one.is_open());
    let total = open().map(|one| one.item.parcel.size).sum();
    let _work = Work::begin(reporter, "Sending", total);
    let mut failed = None;
    for (at, one) in planned.iter().enumerate() {
        let parcel = &one.item.parcel;
        let on_bytes = |bytes| reporter.advance(bytes);
        let text = format!(
            "{} `{}` to `{}`",
            parcel.shelf.noun(),
            parcel.id,
            osm.address()
        );
        let waiting = || {
            if osm.is_waiting() {
                let text = format!("for {} `{}`", parcel.shelf.noun(), parcel.id);
                reporter.status("Waiting", &text);
            }
        };
        let result = match &one.step {
            Step::Leave(record) if record.is_onboarded() => continue,
            Step::Leave(record) => {
                waiting();
                match osm.settle(parcel.shelf, &record.key, &parcel.id) {
                    Ok(()) => continue,
                    Err(error) => {
                        failed = Some((at, error));
                        break;
                    }
                }
            }
            Step::Send => {
                reporter.status("Sending", &text);
                let sent = osm.send(parcel, &on_bytes);
                sent.map(|arrival| match arrival.is_foreign {
                    true => OsmState::There(arrival.key),
                    false => OsmState::Sent(arrival),
                })
            }
            Step::Replace(before) => {
                reporter.status("Updating", &text);
                osm.replace(parcel, before, &on_bytes)
                    .map(OsmState::Updated)
            }
        };
        let state = &mut report.onboarded[at].state;
        let error = match result {
            Ok(taken) => {
                let key = match &taken {
                    OsmState::Sent(arrival) | OsmState::Updated(arrival) => arrival.key.clone(),
                    OsmState::There(key) => key.clone(),
                    _ => String::new(),
                };
                *state = taken;
                waiting();
                match osm.settle(parcel.shelf, &key, &parcel.id) {
                    Ok(()) => continue,
                    Err(error) => error,
                }
            }
            Err(error) => {
                *state = OsmState::Failed;
                error
            }
        };
        failed = Some((at, error));
        break;
    }
    if let Some((at, error)) = failed {
        let one = &planned[at];
        let refusal = error.refusal();
        report.finding =
            refusal.and_then(|refusal| finding(refusal, one.item.parcel.shelf, &source(one)));
        if error.is_in_doubt() && matches!(one.step, Step::Send) {
            look_again(
                osm,
                one,
                &mut report.onboarded[at].state,
                &mut report.warnings,
            );
        }
        take_back(osm, planned, at, report, reporter);
        repos::take_back(osm, &mut report.repos, &mut report.warnings, reporter);
        report.failure = Some(error.into());
    }
}

/// Looks once more for a package of which nobody could tell what became of it, so that it goes
/// with the others.
fn look_again(osm: &Osm, one: &Planned, state: &mut OsmState, warnings: &mut Vec<String>) {
    let parcel = &one.item.parcel;
    match osm.look(parcel) {
        Ok(None) => {}
        Ok(Some(key)) => {
            *state = OsmState::Sent(OsmArrival {
                key,
                was_asked: true,
                is_foreign: false,
            });
        }
        Err(error) => warnings.push(format!(
            "the {} `{}` may be at OSM, and nobody can look: {}",
            parcel.shelf.noun(),
            parcel.id,
            error.in_full()
        )),
    }
}

/// Removes what this run has made, the last first. What was there before stays as it
/// is, and so does what was updated: OSM has no way back.
fn take_back(
    osm: &Osm,
    planned: &[Planned],
    failed: usize,
    report: &mut OsmOnboardReport,
    reporter: &dyn Reporter,
) {
    let parcels = planned.iter().map(|one| &one.item.parcel);
    for (one, parcel) in report.onboarded.iter_mut().zip(parcels).rev() {
        match &one.state {
            OsmState::Sent(arrival) => {
                let mut key = arrival.key.clone();
                let text = format!("{} `{}` again", one.shelf.noun(), one.id);
                reporter.status("Removing", &text);
                one.state = match remove(osm, parcel, &mut key) {
                    Ok(()) => OsmState::Undone,
                    Err(error) => {
                        report.warnings.push(left_behind(one, &key, &error));
                        OsmState::Stuck(key)
                    }
                };
            }
            OsmState::Updated(_) => report.warnings.push(format!(
                "the {} `{}` stays updated: OSM has no way back to the one before",
                one.shelf.noun(),
                one.id
            )),
            OsmState::Planned | OsmState::PlannedUpdate(_) => one.state = OsmState::Left,
            _ => {}
        }
    }
    // It was taken and then not finished with.
    if let Some(one) = report.onboarded.get_mut(failed)
        && one.state == OsmState::Undone
    {
        one.state = OsmState::Failed;
    }
}

/// Removes a package that this run has handed over; where OSM has nothing under the key that it
/// gave, the one of that content, whose key takes the place of that one.
fn remove(osm: &Osm, parcel: &OsmParcel, key: &mut String) -> Result<(), OsmError> {
    if osm.delete(parcel.shelf, key, &parcel.id)? {
        return Ok(());
    }
    if let Some(other) = osm.look(parcel)? {
        *key = other;
        osm.delete(parcel.shelf, key, &parcel.id)?;
    }
    Ok(())
}

fn left_behind(one: &OsmOnboarded, key: &str, error: &OsmError) -> String {
    format!(
        "the {} `{}` was handed over by this run and could not be removed again: {}; as far as is \
         known it stays there, and `cargo nfv offboard {key}` removes it when that is possible",
        one.shelf.noun(),
        one.id,
        error.in_full()
    )
}
