//! What is sent and in which order, and what is there already.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::{OnboardError, OnboardState, Onboarded};
use crate::onboard::{Parcel, Record, Shelf, Store, Stored};
use crate::ops::verify::VerifyReport;
use crate::ops::{Error, Reporter, Work};

/// Packages that can be sent.
pub(super) struct Plan(Vec<Item>);

struct Item {
    shown: String,
    version: Option<String>,
    record: Record,
    parcel: Parcel,
}

/// A package, and what the Store has of it.
pub(super) struct Planned {
    pub parcel: Parcel,
    pub there: Option<Stored>,
    pub record: Record,
    shown: String,
    version: Option<String>,
}

impl Planned {
    /// What can be said of it before it is sent.
    pub fn onboarded(&self) -> Onboarded {
        Onboarded {
            shown: self.shown.clone(),
            shelf: self.parcel.shelf,
            id: self.parcel.id.clone(),
            version: self.version.clone(),
            sha256: self.parcel.sha256.clone(),
            size: self.parcel.size,
            state: match &self.there {
                Some(stored) => OnboardState::There(stored.key.clone()),
                None => OnboardState::Planned,
            },
        }
    }
}

impl Plan {
    /// Functions before services, and each by its id. A service needs functions
    /// and nothing else that the Store knows of, so there are no cycles.
    pub fn of(verified: &VerifyReport, paths: &[(String, PathBuf)]) -> Result<Self, OnboardError> {
        let packages = &verified.checked.scan.packages;
        let mut items: Vec<Item> = Vec::new();
        let mut refused = Vec::new();
        for one in &verified.verified {
            let package = &packages[one.package];
            let record = match Record::of(package) {
                Ok(record) => record,
                Err(source) => {
                    refused.push((one.shown.clone(), source));
                    continue;
                }
            };
            let path = paths.iter().find(|(shown, _)| *shown == one.shown);
            let path = path.map_or_else(|| package.path.clone(), |(_, path)| path.clone());
            items.push(Item {
                shown: one.shown.clone(),
                version: package.version().map(str::to_owned),
                parcel: Parcel {
                    shelf: record.shelf,
                    id: record.id.clone(),
                    path,
                    size: one.size,
                    sha256: one.sha256.clone(),
                },
                record,
            });
        }
        let mut refused = refused.into_iter();
        if let Some((package, source)) = refused.next() {
            return Err(OnboardError::Record {
                package,
                others: refused.map(|(other, _)| other).collect(),
                source,
            });
        }
        items.sort_by(|a, b| a.key().cmp(&b.key()));
        // The same package under two names is one.
        items.dedup_by(|b, a| a.key() == b.key() && a.parcel.sha256 == b.parcel.sha256);
        each_once(&items)?;
        Ok(Plan(items))
    }

    /// What deserves a word.
    pub fn warnings(&self) -> Vec<String> {
        let functions = self.0.iter().filter(|i| i.record.shelf == Shelf::Vnsfs);
        let hidden = functions.filter(|item| !item.record.is_addressable());
        let text = |item: &Item| {
            format!(
                "the Store finds `{}` by no address, because its id has other characters than letters, digits and `_`; the Trust Monitor can't ask for its attestation",
                item.record.id
            )
        };
        hidden.map(text).collect()
    }

    /// Asks the Store what it has.
    pub fn compare(self, store: &Store, reporter: &dyn Reporter) -> Result<Vec<Planned>, Error> {
        let address = store.address().to_string();
        let _work = Work::begin(reporter, "Asking", 0);
        reporter.status("Asking", &format!("`{address}` for what it has"));
        let mut there = Vec::new();
        for item in &self.0 {
            let found = find(store, item, &address)?;
            there.push(found);
        }
        let missing = self.missing(store, &there, &address)?;
        if !missing.is_empty() {
            return Err(OnboardError::Missing(missing).into());
        }
        let planned = self.0.into_iter().zip(there);
        let planned = planned.map(|(item, there)| Planned {
            parcel: item.parcel,
            record: item.record,
            there,
            shown: item.shown,
            version: item.version,
        });
        Ok(planned.collect())
    }

    /// What services that are to be sent need and nobody has, in words.
    fn missing(
        &self,
        store: &Store,
        there: &[Option<Stored>],
        address: &str,
    ) -> Result<Vec<String>, Error> {
        let functions = self.0.iter().filter(|i| i.record.shelf == Shelf::Vnsfs);
        let mut known: BTreeSet<&str> = functions.map(|i| i.record.id.as_str()).collect();
        let mut missing = Vec::new();
        let open = self
            .0
            .iter()
            .zip(there)
            .filter(|(_, there)| there.is_none());
        for (item, _) in open {
            for id in &item.record.needs {
                if known.contains(id.as_str()) {
                    continue;
                }
                let field = Shelf::Vnsfs.id_field();
                if store.find(Shelf::Vnsfs, field, id)?.is_some() {
                    known.insert(id);
                    continue;
                }
                missing.push(format!(
                    "`{}` needs the vNSF `{id}`, which is neither among the packages nor at `{address}`",
                    item.shown
                ));
            }
        }
        Ok(missing)
    }
}

impl Item {
    fn key(&self) -> (Shelf, &str) {
        (self.record.shelf, &self.record.id)
    }
}

/// What the Store has of a package, which must not be something else.
fn find(store: &Store, item: &Item, address: &str) -> Result<Option<Stored>, Error> {
    let Record {
        shelf, id, name, ..
    } = &item.record;
    if let Some(stored) = store.find(*shelf, shelf.id_field(), id)? {
        if item.record.has_hash(stored.hash.as_deref()) == Some(false) {
            return Err(OnboardError::Other {
                address: address.to_owned(),
                noun: shelf.noun(),
                id: id.clone(),
                there: stored.hash.unwrap_or_default(),
                here: item.record.hash.clone().unwrap_or_default(),
            }
            .into());
        }
        return Ok(Some(stored));
    }
    if *shelf == Shelf::Nss
        && let Some(other) = store.find(*shelf, "ns_name", name)?
    {
        return Err(OnboardError::NameTaken {
            address: address.to_owned(),
            name: name.clone(),
            id: other.id,
            package: item.shown.clone(),
        }
        .into());
    }
    Ok(None)
}

/// Refuses two packages of one id, and two services of one name.
fn each_once(items: &[Item]) -> Result<(), OnboardError> {
    let mut ids = BTreeMap::new();
    let mut names = BTreeMap::new();
    for item in items {
        let twice = |what: &'static str, text: &str, first: &String| OnboardError::Twice {
            what,
            text: text.to_owned(),
            first: first.clone(),
            second: item.shown.clone(),
        };
        let Record {
            shelf, id, name, ..
        } = &item.record;
        if let Some(first) = ids.insert(item.key(), &item.shown) {
            return Err(twice(shelf.noun(), id, first));
        }
        if *shelf == Shelf::Nss
            && let Some(first) = names.insert(name, &item.shown)
        {
            return Err(twice("network service of the name", name, first));
        }
    }
    Ok(())
}
