//! `status`: what OSM has, and how it stands to the packages of the tree.

use super::error::OsmPlanError;
use super::offboard::absent_as;
use super::plan::Plan;
use crate::oci::Remote;
use crate::onboard::{Osm, OsmRecord, OsmShelf};
use crate::ops::build::BuildReport;
use crate::ops::onboard::{OnboardOptions, Receiver, prepare};
use crate::ops::verify::VerifyReport;
use crate::ops::{Error, Reporter, Work};
use crate::source::Workspace;

/// What to show.
#[derive(Clone, Debug)]
pub struct OsmStatusOptions {
    /// Ids of descriptors, or keys of OSM's; nothing for all.
    pub ids: Vec<String>,
    /// Where to look for them; everywhere by default.
    pub shelf: Option<OsmShelf>,
    /// The packages to compare with, which are built where nothing is left of them.
    pub tree: Option<OnboardOptions>,
}

/// How something at OSM stands to the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The tree builds the same.
    UpToDate,
    /// The tree builds something else.
    Differs,
    /// OSM neither says its digest nor gives it back.
    Unknown,
    /// The tree has it, and OSM does not.
    Absent,
    /// OSM has it, and the tree does not.
    Foreign,
}

/// One package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsmStatus {
    /// The collection.
    pub shelf: OsmShelf,
    /// The id of its descriptor; none where OSM has an empty resource.
    pub id: Option<String>,
    /// What OSM has.
    pub record: Option<OsmRecord>,
    /// SHA-256 of that, where OSM says it.
    pub sha256: Option<String>,
    /// The version in the tree, and SHA-256 of what it builds.
    pub tree: Option<(Option<String>, String)>,
    /// How the two stand to each other, where that was asked.
    pub standing: Option<Standing>,
}

/// What there is.
#[derive(Debug, Default)]
pub struct OsmStatusReport {
    /// The build of the tree, where its findings were the end.
    pub refused: Option<BuildReport>,
    /// What was found in the packages of the tree.
    pub verified: Option<VerifyReport>,
    /// The packages, by kind and id.
    pub packages: Vec<OsmStatus>,
}

/// Asks OSM what it has.
///
/// # Errors
///
/// OSM is not reached, lets nobody in, or has nothing of an id that was named.
pub fn status(
    workspace: &Workspace,
    remote: &Remote,
    osm: &Osm,
    options: &OsmStatusOptions,
    reporter: &dyn Reporter,
) -> Result<OsmStatusReport, Error> {
    let mut report = OsmStatusReport::default();
    let mut tree = None;
    if let Some(what) = &options.tree {
        let prepared = prepare(workspace, remote, what, Receiver::Osm, reporter)?;
        report.refused = prepared.refused;
        let verified = prepared.verified.filter(|_| report.refused.is_none());
        let Some(verified) = verified else {
            return Ok(report);
        };
        let is_sound = verified.is_sound();
        let plan = is_sound.then(|| Plan::of(&verified, &prepared.paths));
        report.verified = Some(verified);
        let Some(plan) = plan.transpose()? else {
            return Ok(report);
        };
        tree = Some(plan);
    }
    let address = osm.address().to_string();
    let _work = Work::begin(reporter, "Asking", 0);
    reporter.status("Asking", &format!("`{address}` for what it has"));
    let is_wanted = |shelf: &OsmShelf| options.shelf.is_none_or(|wanted| wanted == *shelf);
    for shelf in OsmShelf::ALL.into_iter().filter(is_wanted) {
        for record in osm.list(shelf)? {
            report.packages.push(OsmStatus {
                shelf,
                id: record.id.clone(),
                sha256: record.sha256(),
                tree: None,
                standing: tree.as_ref().map(|_| Standing::Foreign),
                record: Some(record),
            });
        }
    }
    let items = tree.as_ref().map_or(&[][..], Plan::items);
    for item in items.iter().filter(|item| is_wanted(&item.parcel.shelf)) {
        let parcel = &item.parcel;
        let here = (item.version.clone(), parcel.sha256.clone());
        let is_same = |one: &&mut OsmStatus| {
            let is_own = one.record.as_ref().is_none_or(|record| !record.is_shared);
            is_own && one.shelf == parcel.shelf && one.id.as_ref() == Some(&parcel.id)
        };
        let mut is_there = false;
        for one in report.packages.iter_mut().filter(is_same) {
            is_there = true;
            one.tree = Some(here.clone());
            if let (None, Some(record)) = (&one.sha256, &one.record) {
                one.sha256 = osm.sha256(record)?;
            }
            let is_equal = one.sha256.as_ref().map(|there| *there == parcel.sha256);
            one.standing = Some(match is_equal {
                Some(true) => Standing::UpToDate,
                Some(false) => Standing::Differs,
                None => Standing::Unknown,
            });
        }
        if !is_there {
            report.packages.push(OsmStatus {
                shelf: parcel.shelf,
                id: Some(parcel.id.clone()),
                record: None,
                sha256: None,
                tree: Some(here),
                standing: Some(Standing::Absent),
            });
        }
    }
    named(&mut report.packages, options, &address)?;
    report
        .packages
        .sort_by(|a, b| (a.shelf, &a.id).cmp(&(b.shelf, &b.id)));
    Ok(report)
}

/// Leaves what is named.
fn named(
    packages: &mut Vec<OsmStatus>,
    options: &OsmStatusOptions,
    address: &str,
) -> Result<(), OsmPlanError> {
    if options.ids.is_empty() {
        return Ok(());
    }
    let is = |one: &OsmStatus, id: &String| {
        let key = one.record.as_ref().map(|record| &record.key);
        one.id.as_ref() == Some(id) || key == Some(id)
    };
    let absent = options.ids.iter();
    let absent = absent.filter(|id| !packages.iter().any(|one| is(one, id)));
    let absent: Vec<String> = absent.map(|id| absent_as(id, options.shelf)).collect();
    if !absent.is_empty() {
        return Err(OsmPlanError::NotThere {
            address: address.to_owned(),
            ids: absent,
        });
    }
    packages.retain(|one| options.ids.iter().any(|id| is(one, id)));
    Ok(())
}
