//! What is handed to OSM and in which order, and what is there already.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::error::OsmPlanError;
use super::onboard::{OsmOnboarded, OsmState};
use super::order::order;
use crate::change;
use crate::descriptor::{Descriptor, Model, NeedKind, needs};
use crate::onboard::{Osm, OsmParcel, OsmRecord, OsmShelf};
use crate::ops::diff::{in_package, moved};
use crate::ops::onboard::Brought;
use crate::ops::pull::Absent;
use crate::ops::verify::VerifyReport;
use crate::ops::{Error, Reporter, Work};
use crate::source::{csar_inside, recognise};
use crate::{digest, report, rules};

/// Packages that can be handed over.
pub(super) struct Plan {
    /// In the order in which they go.
    items: Vec<Item>,
    /// The ids of services that are inside each other.
    circles: Vec<Vec<String>>,
}

/// What is asked for beside the packages.
pub(super) struct Terms<'a> {
    /// Whether what OSM has under the same ids is replaced.
    pub update: bool,
    /// Whether what OSM has not finished with is waited for.
    pub waits: bool,
    /// Kinds and ids of packages that nobody has named, and where they come from.
    pub brought: &'a Brought,
    /// What is needed and was not found.
    pub absent: &'a [Absent],
}

/// A package as OSM will know it.
pub(super) struct Item {
    pub shown: String,
    pub version: Option<String>,
    pub parcel: OsmParcel,
    pub descriptor: Descriptor,
    /// Where that stands in the package, as far as OSM looks for it there.
    place: Option<String>,
    /// The ids of what it is made of.
    needs: Vec<(OsmShelf, String)>,
    /// What is sent of a zip around a CSAR, for as long as it is needed.
    _csar: Option<NamedTempFile>,
}

/// A package, and what is to be done.
pub(super) struct Planned {
    pub item: Item,
    pub step: Step,
}

/// What is to be done with a package.
pub(super) enum Step {
    /// OSM does not have it.
    Send,
    /// OSM has another one.
    Replace(OsmRecord),
    /// OSM has it.
    Leave(OsmRecord),
}

impl Planned {
    /// What can be said of it before anything is sent.
    pub fn onboarded(&self, brought: &Brought) -> OsmOnboarded {
        let Item {
            shown,
            version,
            parcel,
            ..
        } = &self.item;
        OsmOnboarded {
            shown: shown.clone(),
            shelf: parcel.shelf,
            id: parcel.id.clone(),
            version: version.clone(),
            sha256: parcel.sha256.clone(),
            size: parcel.size,
            origin: brought.get(&self.item.identity()).cloned(),
            state: match &self.step {
                Step::Send => OsmState::Planned,
                Step::Replace(record) => OsmState::PlannedUpdate(record.key.clone()),
                Step::Leave(record) => OsmState::There(record.key.clone()),
            },
        }
    }

    /// Whether there is something to do.
    pub fn is_open(&self) -> bool {
        !matches!(self.step, Step::Leave(_))
    }
}

impl Plan {
    /// Functions before services before slices, services after those inside them, and
    /// otherwise each by its id.
    pub fn of(verified: &VerifyReport, paths: &[(String, PathBuf)]) -> Result<Self, Error> {
        let packages = &verified.checked.scan.packages;
        let mut items: Vec<Item> = Vec::new();
        for one in &verified.verified {
            let package = &packages[one.package];
            let shelf = package.kind().and_then(OsmShelf::of);
            let shelf = shelf.ok_or_else(|| OsmPlanError::Kind {
                package: one.shown.clone(),
                what: match package.kind() {
                    Some(kind) => kind.a_descriptor(),
                    None => "no descriptor".to_owned(),
                },
            })?;
            let no_id = || OsmPlanError::NoId(one.shown.clone());
            let descriptor = package.descriptor.clone().ok_or_else(no_id)?;
            let id = package.id().ok_or_else(no_id)?.to_owned();
            let path = paths.iter().find(|(shown, _)| *shown == one.shown);
            let path = path.map_or_else(|| package.path.clone(), |(_, path)| path.clone());
            let wrapped = package
                .csar
                .as_ref()
                .is_some_and(|csar| csar.outer.is_some());
            let csar = match wrapped {
                true => csar_of(&path)?,
                false => None,
            };
            items.push(Item {
                shown: one.shown.clone(),
                version: package.version().map(str::to_owned),
                parcel: match &csar {
                    Some(csar) => parcel(shelf, id, csar.path())?,
                    None => OsmParcel {
                        shelf,
                        id,
                        is_zip: is_zip(&path)?,
                        path,
                        size: one.size,
                        sha256: one.sha256.clone(),
                    },
                },
                needs: needed(shelf, &descriptor),
                descriptor,
                place: in_package(package),
                _csar: csar,
            });
        }
        items.sort_by(|a, b| a.key().cmp(&b.key()));
        // The same package under two names is one.
        items.dedup_by(|b, a| a.key() == b.key() && a.parcel.sha256 == b.parcel.sha256);
        let mut ids = BTreeMap::new();
        for item in &items {
            if let Some(first) = ids.insert(item.key(), &item.shown) {
                return Err(OsmPlanError::Twice {
                    what: item.parcel.shelf.noun(),
                    id: item.parcel.id.clone(),
                    first: first.clone(),
                    second: item.shown.clone(),
                }
                .into());
            }
        }
        let (order, circles) = order(items.len(), |from, to| items[from].needs(&items[to]));
        let circles = circles.into_iter().map(|circle| {
            let ids = circle
                .into_iter()
                .map(|at| format!("`{}`", items[at].parcel.id));
            ids.collect()
        });
        let circles = circles.collect();
        let mut items: Vec<Option<Item>> = items.into_iter().map(Some).collect();
        let items = order.into_iter().filter_map(|at| items[at].take());
        Ok(Plan {
            items: items.collect(),
            circles,
        })
    }

    /// The packages.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Asks OSM what it has, and decides. What deserves a word goes to `warnings`.
    pub fn compare(
        self,
        osm: &Osm,
        terms: &Terms<'_>,
        warnings: &mut Vec<String>,
        reporter: &dyn Reporter,
    ) -> Result<Vec<Planned>, Error> {
        for item in self
            .items
            .iter()
            .filter(|item| item.descriptor.model == Model::OsmIm)
        {
            reporter.warning(&format!(
                "the {} `{}` is written in the model before SOL006, which OSM refuses since release NINE; `cargo nfv migrate` turns it into one that it takes",
                item.parcel.shelf.noun(),
                item.parcel.id
            ));
        }
        let update = terms.update;
        let address = osm.address().to_string();
        let _work = Work::begin(reporter, "Asking", 0);
        reporter.status("Asking", &format!("`{address}` for what it has"));
        let mut steps = Vec::new();
        let (mut changed, mut brought) = (Vec::new(), Vec::new());
        for item in &self.items {
            let step = match there(osm, item)? {
                None => Step::Send,
                Some(record) => match osm.sha256(&record)? {
                    Some(sha256) if sha256 == item.parcel.sha256 && !record.has_failed() => {
                        if !record.is_usable() && (record.is_onboarded() || !terms.waits) {
                            warnings.push(format!(
                                "the {} `{}` is at OSM and {}",
                                item.parcel.shelf.noun(),
                                item.parcel.id,
                                record.state()
                            ));
                        }
                        Step::Leave(record)
                    }
                    // Nobody can tell: OSM does not give back what it has.
                    None if !update && record.version == item.version && record.is_onboarded() => {
                        warnings.push(format!(
                            "OSM has the {} `{}`, and neither says the digest of what it has nor gives it back; if it is not the same, `--update` puts this one in its place",
                            item.parcel.shelf.noun(),
                            item.parcel.id
                        ));
                        Step::Leave(record)
                    }
                    found => {
                        changed.push(difference(item, &record, found.as_deref()));
                        if terms.brought.contains_key(&item.identity()) {
                            brought.push(format!("`{}`", item.parcel.id));
                        }
                        if update && let Some(text) = foreseen(osm, item, &record)? {
                            reporter.warning(&text);
                        }
                        Step::Replace(record)
                    }
                },
            };
            steps.push(step);
        }
        if !changed.is_empty() && !update {
            return Err(OsmPlanError::Changed {
                address,
                what: changed,
                brought,
            }
            .into());
        }
        warnings.extend(self.circles.iter().map(|ids| match ids.split_last() {
            Some((last, first)) => format!(
                "the NSDs {} and {last} are inside each other, and none of them can be instantiated",
                first.join(", ")
            ),
            None => String::new(),
        }));
        let missing = self.missing(osm, &steps, terms.absent, warnings)?;
        if !missing.is_empty() {
            return Err(OsmPlanError::Missing(missing).into());
        }
        let planned = self.items.into_iter().zip(steps);
        Ok(planned.map(|(item, step)| Planned { item, step }).collect())
    }

    /// What packages that are to go need and nobody has, in words. What OSM does not look for
    /// goes to `warnings`.
    fn missing(
        &self,
        osm: &Osm,
        steps: &[Step],
        absent: &[Absent],
        warnings: &mut Vec<String>,
    ) -> Result<Vec<String>, Error> {
        let address = osm.address().to_string();
        let mut known: BTreeSet<(OsmShelf, String)> = BTreeSet::new();
        known.extend(self.items.iter().map(|item| {
            let (shelf, id) = item.key();
            (shelf, id.to_owned())
        }));
        let mut missing = Vec::new();
        for (item, step) in self.items.iter().zip(steps) {
            let is_there = matches!(step, Step::Leave(_));
            for need in &item.needs {
                if known.contains(need) {
                    continue;
                }
                let (shelf, id) = need;
                let there = osm.find(*shelf, id)?;
                let own: Vec<&OsmRecord> = there.iter().filter(|one| !one.is_shared).collect();
                if !own.is_empty() {
                    known.insert(need.clone());
                    warnings.extend(unusable(item, &own));
                    continue;
                }
                // OSM has looked for it when it took what needs it.
                if is_there {
                    continue;
                }
                let of_others = match there.is_empty() {
                    true => "",
                    false => {
                        " (but for that of another project, which OSM does not count: onboard one into this project)"
                    }
                };
                let elsewhere = absent.iter();
                let elsewhere =
                    elsewhere.filter(|one| (one.kind.as_str(), &one.id) == (shelf.as_str(), id));
                let mut places: Vec<String> = elsewhere.map(nor_in).collect();
                places.dedup();
                let text = format!(
                    "`{}` needs the {} `{id}`, which is neither among the packages nor at `{address}`{of_others}{}",
                    item.shown,
                    shelf.noun(),
                    places.concat()
                );
                match item.parcel.shelf == *shelf {
                    true => warnings.push(format!(
                        "{text}; OSM takes it without the services inside it"
                    )),
                    false => missing.push(text),
                }
            }
        }
        Ok(missing)
    }
}

/// What something needs, where OSM has it and lets nobody use it.
fn unusable(item: &Item, there: &[&OsmRecord]) -> Option<String> {
    let record = there.first()?;
    if there.iter().any(|record| record.is_usable()) {
        return None;
    }
    let advice = match record.has_failed() {
        true => "; hand it over again, with `--update`",
        false => "",
    };
    Some(format!(
        "`{}` needs the {} `{}`, which is at OSM and {}, so that nothing of it can be instantiated{advice}",
        item.shown,
        record.shelf.noun(),
        record.name(),
        record.state()
    ))
}

/// Where something is not, as far as anybody may see.
fn nor_in(absent: &Absent) -> String {
    let Absent { place, refused, .. } = absent;
    let host = place.split('/').next().unwrap_or(place);
    match refused {
        None => format!(" nor in `{place}`"),
        Some(refused) => format!(
            " nor in `{place}`, or not for everybody to see there ({refused}; `cargo nfv login {host}`)"
        ),
    }
}

impl Item {
    /// Whether another one is part of it.
    fn needs(&self, other: &Item) -> bool {
        let is_it = |(shelf, id): &(OsmShelf, String)| (*shelf, id.as_str()) == other.key();
        self.needs.iter().any(is_it)
    }

    fn key(&self) -> (OsmShelf, &str) {
        (self.parcel.shelf, &self.parcel.id)
    }

    /// Its kind and id, as what needs it says them.
    fn identity(&self) -> (String, String) {
        let (shelf, id) = self.key();
        (shelf.as_str().to_owned(), id.to_owned())
    }
}

/// What the NBI looks for when it takes a descriptor (`_check_descriptor_dependencies`): the
/// functions of a service and the services of a slice; and the services inside a service, for
/// which it does not look.
fn needed(shelf: OsmShelf, descriptor: &Descriptor) -> Vec<(OsmShelf, String)> {
    let shelf_of = |kind: NeedKind| match (shelf, kind) {
        (OsmShelf::Ns, NeedKind::Vnf) => Some(OsmShelf::Vnf),
        (OsmShelf::Ns | OsmShelf::Nst, NeedKind::Ns) => Some(OsmShelf::Ns),
        _ => None,
    };
    let needs = needs(descriptor).into_iter();
    let needs = needs.filter_map(|need| Some((shelf_of(need.kind)?, need.id)));
    needs.collect()
}

/// The one that OSM has of that id.
fn there(osm: &Osm, item: &Item) -> Result<Option<OsmRecord>, Error> {
    let (shelf, id) = item.key();
    let mut found = osm.find(shelf, id)?;
    found.retain(|record| !record.is_shared);
    if found.len() > 1 {
        return Err(OsmPlanError::Several {
            address: osm.address().to_string(),
            what: shelf.noun(),
            id: id.to_owned(),
            count: found.len(),
            keys: found.into_iter().map(|record| record.key).collect(),
        }
        .into());
    }
    Ok(found.pop())
}

/// What OSM will say to an update of what is in use, where that is foreseen: it has to give back
/// the descriptor that it has.
fn foreseen(osm: &Osm, item: &Item, record: &OsmRecord) -> Result<Option<String>, Error> {
    let (shelf, id) = item.key();
    if shelf != OsmShelf::Vnf || !record.is_in_use() {
        return Ok(None);
    }
    let Some(text) = osm.descriptor(record)? else {
        return Ok(None);
    };
    let before = recognise("descriptor.yaml", text);
    let before = before.filter(|before| !before.doc.is_broken());
    let update = before.and_then(|before| {
        rules::hide_secrets(&before);
        change::update(&before, &item.descriptor)
    });
    let places = (record.descriptor.clone(), item.place.clone());
    let update = update.map(|update| moved(update, places.0, places.1));
    let is_refused = |update: &change::Update| {
        matches!(
            update,
            change::Update::Refused { .. } | change::Update::Moved { .. }
        )
    };
    let refused = update.filter(is_refused);
    Ok(refused.map(|update| format!("the VNFD `{id}`: {}", report::osm_update(&update))))
}

/// What OSM has and what is here, in words.
fn difference(item: &Item, record: &OsmRecord, found: Option<&str>) -> String {
    let version = |version: &Option<String>| match version {
        Some(version) => format!("version {version}, "),
        None => String::new(),
    };
    if found == Some(item.parcel.sha256.as_str()) {
        return format!(
            "the same package of the {} `{}`, with which it has failed ({})",
            item.parcel.shelf.noun(),
            item.parcel.id,
            record.state()
        );
    }
    let there = match found {
        Some(sha256) => format!("sha256:{sha256}"),
        None if !record.is_onboarded() => record.state(),
        None => "of an unknown digest".to_owned(),
    };
    format!(
        "another package of the {} `{}` ({}{there}) than `{}` ({}sha256:{})",
        item.parcel.shelf.noun(),
        item.parcel.id,
        version(&record.version),
        item.shown,
        version(&item.version),
        item.parcel.sha256
    )
}

/// The CSAR in a zip that is signed as a whole (option 2 of SOL004 §5.1), in a file of its own:
/// OSM looks for the descriptor in the zip that it gets, and the signature has been asked before.
fn csar_of(path: &Path) -> Result<Option<NamedTempFile>, Error> {
    csar_inside(path).map_err(|source| Error::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })
}

/// The parcel that the zip in a file makes.
fn parcel(shelf: OsmShelf, id: String, path: &Path) -> Result<OsmParcel, Error> {
    let read = || digest::sha256(&mut File::open(path)?);
    let (sha256, size) = read().map_err(|source| Error::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    Ok(OsmParcel {
        shelf,
        id,
        is_zip: true,
        path: path.to_owned(),
        size,
        sha256,
    })
}

/// Whether a file is a zip (APPNOTE.TXT, 4.3.7).
fn is_zip(path: &Path) -> Result<bool, Error> {
    let read = || {
        let mut start = Vec::new();
        File::open(path)?.take(4).read_to_end(&mut start)?;
        Ok(start == b"PK\x03\x04")
    };
    read().map_err(|source| Error::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })
}
