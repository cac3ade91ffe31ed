//! `offboard`: packages away from OSM, slices before services before functions, and
//! nothing before it is known that nobody needs them.

use super::error::OsmPlanError;
use super::order::order;
use crate::onboard::{Osm, OsmRecord, OsmShelf};
use crate::ops::{Error, Reporter, Work};

/// What to remove.
#[derive(Clone, Debug)]
pub struct OffboardOptions {
    /// Ids of descriptors, or keys of OSM's.
    pub ids: Vec<String>,
    /// Where to look for them; everywhere by default.
    pub shelf: Option<OsmShelf>,
    /// Whether nothing is to be removed.
    pub dry_run: bool,
}

/// What became of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffboardState {
    /// It is gone.
    Removed,
    /// Somebody else has removed it meanwhile.
    Gone,
    /// It would be removed.
    Planned,
    /// OSM does not remove it.
    Failed,
    /// Something before it went wrong.
    Left,
}

/// A package, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offboarded {
    /// What OSM had.
    pub record: OsmRecord,
    /// What became of it.
    pub state: OffboardState,
}

/// What was removed.
#[derive(Debug, Default)]
pub struct OffboardReport {
    /// The packages in the order in which they go.
    pub offboarded: Vec<Offboarded>,
    /// Why not all of them went.
    pub failure: Option<Error>,
}

/// Removes packages from OSM.
///
/// # Errors
///
/// Before anything is removed: OSM has no such thing, or something else needs it. What
/// goes wrong on the way is in the report.
pub fn offboard(
    osm: &Osm,
    options: &OffboardOptions,
    reporter: &dyn Reporter,
) -> Result<OffboardReport, Error> {
    let address = osm.address().to_string();
    let _work = Work::begin(reporter, "Asking", 0);
    reporter.status("Asking", &format!("`{address}` for what it has"));
    let mut there = Vec::new();
    for shelf in OsmShelf::ALL {
        there.extend(osm.list(shelf)?);
    }
    let mut chosen = choose(&there, options, &address)?;
    let reasons = in_use(&there, &chosen);
    if !reasons.is_empty() {
        return Err(OsmPlanError::InUse(reasons).into());
    }
    chosen.sort_by(|a, b| b.shelf.cmp(&a.shelf).then_with(|| a.id.cmp(&b.id)));
    // What others are part of goes after them.
    let (order, _) = order(chosen.len(), |from, to| {
        is_needed_by(chosen[from], chosen[to])
    });
    let chosen: Vec<&OsmRecord> = order.into_iter().map(|at| chosen[at]).collect();
    let mut report = OffboardReport {
        offboarded: chosen
            .into_iter()
            .map(|record| Offboarded {
                record: record.clone(),
                state: OffboardState::Planned,
            })
            .collect(),
        failure: None,
    };
    if options.dry_run {
        return Ok(report);
    }
    for one in &mut report.offboarded {
        if report.failure.is_some() {
            one.state = OffboardState::Left;
            continue;
        }
        let name = one.record.name();
        reporter.status("Removing", &format!("{} `{name}`", one.record.shelf.noun()));
        one.state = match osm.delete(one.record.shelf, &one.record.key, name) {
            Ok(true) => OffboardState::Removed,
            Ok(false) => OffboardState::Gone,
            Err(error) => {
                report.failure = Some(error.into());
                OffboardState::Failed
            }
        };
    }
    Ok(report)
}

/// What the ids mean.
fn choose<'a>(
    there: &'a [OsmRecord],
    options: &OffboardOptions,
    address: &str,
) -> Result<Vec<&'a OsmRecord>, OsmPlanError> {
    let mut chosen: Vec<&OsmRecord> = Vec::new();
    let mut absent = Vec::new();
    for id in &options.ids {
        let is_meant = |record: &&OsmRecord| {
            let is_named = record.id.as_ref() == Some(id) || record.key == *id;
            is_named && options.shelf.is_none_or(|shelf| record.shelf == shelf)
        };
        let mut found: Vec<&OsmRecord> = there.iter().filter(is_meant).collect();
        // Of what others share, an id means none where the project has its own.
        if found.iter().any(|record| !record.is_shared) {
            found.retain(|record| !record.is_shared || record.key == *id);
        }
        let mut kinds: Vec<&'static str> = found.iter().map(|record| a(record.shelf)).collect();
        kinds.dedup();
        match kinds.len() {
            0 => absent.push(absent_as(id, options.shelf)),
            1 => chosen.extend(found),
            _ => {
                return Err(OsmPlanError::Ambiguous {
                    id: id.clone(),
                    kinds,
                });
            }
        }
    }
    if !absent.is_empty() {
        return Err(OsmPlanError::NotThere {
            address: address.to_owned(),
            ids: absent,
        });
    }
    chosen.sort_by(|a, b| a.key.cmp(&b.key));
    chosen.dedup_by(|a, b| a.key == b.key);
    Ok(chosen)
}

/// What is not there, and of which kind alone it was looked for.
pub(super) fn absent_as(id: &str, shelf: Option<OsmShelf>) -> String {
    match shelf {
        Some(shelf) => format!("`{id}` as {}, which `--kind` asks for", a(shelf)),
        None => format!("`{id}`"),
    }
}

/// Whether a package is part of another one.
fn is_needed_by(record: &OsmRecord, other: &OsmRecord) -> bool {
    let needs = other.needs.iter();
    let mut ids = needs.filter_map(|(shelf, id)| (*shelf == record.shelf).then_some(id));
    record.key != other.key && ids.any(|id| record.id.as_ref() == Some(id))
}

fn a(shelf: OsmShelf) -> &'static str {
    match shelf {
        OsmShelf::Vnf => "a VNFD",
        OsmShelf::Ns => "an NSD",
        OsmShelf::Nst => "an NST",
    }
}

/// Why some of these have to stay, in words.
fn in_use(there: &[OsmRecord], chosen: &[&OsmRecord]) -> Vec<String> {
    let mut reasons = Vec::new();
    for record in chosen {
        let name = record.name();
        let noun = record.shelf.noun();
        if record.is_in_use() {
            reasons.push(format!(
                "an instance of the {noun} `{name}` is running; terminate it first"
            ));
        }
        let stays = |other: &&OsmRecord| chosen.iter().all(|one| one.key != other.key);
        // Another one of the same id serves as well.
        let is_last = !there
            .iter()
            .any(|other| other.shelf == record.shelf && other.id == record.id && stays(&other));
        let needing = there.iter().filter(stays);
        let needing = needing.filter(|other| is_needed_by(record, other));
        for other in needing.filter(|_| is_last) {
            let shelf = other.shelf.noun();
            let other = other.name();
            reasons.push(format!(
                "the {shelf} `{other}` needs the {noun} `{name}`; name it as well, or remove it first"
            ));
        }
    }
    reasons
}
