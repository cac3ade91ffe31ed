//! What hangs on many artifacts of one place, of which a layout is read once.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{Layout, REF_NAME};
use super::manifest::Descriptor;
use super::reference::tags_beside;
use super::remote::Fetched;
use super::store::{Store, StoreError};

/// A place, for those who go from an artifact to what refers to it and on. A registry is asked
/// each time; a layout has no such interface, and reading all of its manifests for each artifact
/// would take the square of them.
pub struct Around<'a> {
    store: &'a Store<'a>,
    layout: Option<Read<'a>>,
}

/// What the index of a layout and its manifests say.
struct Read<'a> {
    layout: &'a Layout,
    by_subject: BTreeMap<String, Vec<Descriptor>>,
    by_digest: BTreeMap<String, Descriptor>,
    names: BTreeSet<String>,
}

impl<'a> Around<'a> {
    /// Looks at a place as it is now.
    ///
    /// # Errors
    ///
    /// The index of a layout can't be read.
    pub fn of(store: &'a Store<'a>) -> Result<Self, StoreError> {
        let layout = match store {
            Store::Registry(..) => None,
            Store::Layout(layout) => {
                let mut by_digest = BTreeMap::new();
                let mut names = BTreeSet::new();
                for entry in layout.index()?.manifests {
                    names.extend(entry.annotations.get(REF_NAME).cloned());
                    by_digest.entry(entry.digest.clone()).or_insert(entry);
                }
                Some(Read {
                    by_subject: layout.by_subject()?,
                    by_digest,
                    names,
                    layout,
                })
            }
        };
        Ok(Around { store, layout })
    }

    /// As [`Store::referrers`].
    ///
    /// # Errors
    ///
    /// The place can't be read, or one of them is no manifest.
    pub fn referrers(&self, digest: &str) -> Result<Vec<Descriptor>, StoreError> {
        match &self.layout {
            None => self.store.referrers(digest),
            Some(read) => {
                let entries = read.by_subject.get(digest).cloned();
                Ok(read.layout.as_referrers(entries.unwrap_or_default())?)
            }
        }
    }

    /// As [`Store::fetch`], of a digest.
    ///
    /// # Errors
    ///
    /// It is not there, or damaged.
    pub fn fetch(&self, digest: &str) -> Result<Fetched, StoreError> {
        let known = self.layout.as_ref().and_then(|read| {
            let entry = read.by_digest.get(digest)?;
            Some((read.layout, entry))
        });
        match known {
            Some((layout, entry)) => Ok(Fetched {
                bytes: layout.manifest(entry)?,
                media_type: entry.media_type.clone(),
                digest: entry.digest.clone(),
            }),
            None => self.store.fetch(digest),
        }
    }

    /// As [`Store::tagged`].
    pub fn tagged(&self, digest: &str) -> Vec<(String, Result<Fetched, StoreError>)> {
        let is_there = |read: &Read<'_>| {
            let mut tags = tags_beside(digest).into_iter();
            tags.any(|tag| read.names.contains(&tag))
        };
        match &self.layout {
            Some(read) if !is_there(read) => Vec::new(),
            _ => self.store.tagged(digest),
        }
    }
}
