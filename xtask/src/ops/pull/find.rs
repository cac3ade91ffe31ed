//! Where something that is needed lies: by its pin in `nfv.lock`, or beside what needs it.

use super::Wanted;
use crate::oci::{Layout, Place, Reference, Remote, Repository, Store, StoreError, published_name};
use crate::ops::Error;
use crate::ops::chosen::{Choice, choose};
use crate::ops::lock::Locked;
use crate::ops::needs::Need;
use crate::source::Workspace;

/// How the references of Helm begin to charts that lie in a registry.
pub(super) const OCI: &str = "oci://";

/// What needs something, and where it lies.
pub(super) struct Beside<'a> {
    pub store: Store<'a>,
    /// The store, as it is shown.
    pub shown: String,
    /// The reference of what needs something, or its path.
    pub needed_by: String,
}

impl Beside<'_> {
    pub fn failed(&self, need: &Need, error: Error) -> Error {
        needed(&self.needed_by, need, error)
    }
}

/// An error of a registry or layout knows the place and not what somebody wanted there.
pub(in crate::ops) fn needed(needed_by: &str, need: &Need, error: Error) -> Error {
    match error {
        Error::Remote(_) | Error::Layout(_) | Error::Part { .. } => Error::Needed {
            needed_by: needed_by.to_owned(),
            need: need.to_string(),
            source: Box::new(error),
        },
        other => other,
    }
}

fn is_descriptor(need: &Need) -> bool {
    matches!(need.kind.as_str(), "VNF" | "NS" | "PNF" | "NST")
}

/// The registry that a chart or artifact names itself.
fn named(need: &Need) -> Option<Reference> {
    let is_named = need.id.starts_with(OCI) && !is_descriptor(need);
    is_named.then(|| Reference::parse(&need.id).ok()).flatten()
}

/// The repository of something that is needed, beside what needs it.
fn sibling(repository: &Repository, need: &Need) -> Option<Repository> {
    let folder = repository.sibling(repository.folder());
    folder.of_package(&need.id).ok()
}

/// Something that is pinned by its digest: beside what needs it, where it says
/// itself, and then where it was when it was noted.
pub(super) fn pinned<'a>(
    workspace: &Workspace,
    remote: &'a Remote,
    beside: &Beside<'a>,
    need: &Need,
    pin: &Locked,
) -> Result<Wanted<'a>, Error> {
    let noted = pin.reference.as_deref().map(Place::parse);
    let noted = noted.and_then(Result::ok);
    let noted_tag = |repository: &Repository| match &noted {
        Some(Place::Registry(noted))
            if noted.repository.host == repository.host
                && noted.repository.path == repository.path =>
        {
            Some(noted.target().to_owned())
        }
        _ => None,
    };
    let at = |repository: Repository| Wanted {
        name: noted_tag(&repository).unwrap_or_else(|| pin.digest.clone()),
        shown: repository.to_string(),
        store: Store::Registry(remote, repository),
        need: Some(need.clone()),
        needed_by: beside.needed_by.clone(),
        fetched: None,
        config: None,
        is_own: false,
    };
    let within = |layout: &Layout, shown: &str| Wanted {
        name: name_of(layout, &pin.digest).unwrap_or_else(|| pin.digest.clone()),
        shown: shown.to_owned(),
        store: Store::Layout(layout.clone()),
        need: Some(need.clone()),
        needed_by: beside.needed_by.clone(),
        fetched: None,
        config: None,
        is_own: false,
    };
    let mut places: Vec<Wanted<'a>> = Vec::new();
    match &beside.store {
        Store::Layout(layout) => places.push(within(layout, &beside.shown)),
        Store::Registry(_, repository) if is_descriptor(need) => {
            places.extend(sibling(repository, need).map(at));
        }
        // A site has its own copy: under the path that it has at home, or in one
        // folder with what needs it.
        Store::Registry(_, repository) => {
            let elsewhere = named(need).map(|reference| reference.repository);
            let elsewhere = elsewhere.filter(|own| own.host != repository.host);
            if let Some(own) = elsewhere {
                places.push(at(repository.sibling(&own.path)));
                let folder = repository.sibling(repository.folder());
                places.extend(folder.join(own.name()).ok().map(at));
            }
        }
    }
    places.extend(named(need).map(|reference| at(reference.repository)));
    match &noted {
        Some(Place::Registry(reference)) => places.push(at(reference.repository.clone())),
        Some(Place::Layout(folder, _)) => {
            let layout = Layout::new(workspace.root.join(folder));
            if layout.exists() {
                places.push(within(&layout, &format!("oci:{}", folder.display())));
            }
        }
        _ => {}
    }
    let mut shown: Vec<String> = Vec::new();
    let mut refused = None;
    for mut place in places {
        // The place that was noted is often the one beside.
        if shown.contains(&format!("`{}`", place.shown)) {
            continue;
        }
        shown.push(format!("`{}`", place.shown));
        match place.store.fetch(&pin.digest) {
            Ok(fetched) => {
                place.fetched = Some(fetched);
                return Ok(place);
            }
            Err(error) if error.is_not_found() => {}
            // Some registries say so of what they have never heard of.
            Err(StoreError::Remote(error)) if error.is_unauthorized() => {
                refused.get_or_insert(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    match refused {
        Some(error) => Err(error.into()),
        None => Err(Error::NoPinned {
            needed_by: beside.needed_by.clone(),
            need: need.to_string(),
            digest: pin.digest.clone(),
            places: shown,
        }),
    }
}

/// The name of a digest in a layout.
fn name_of(layout: &Layout, digest: &str) -> Option<String> {
    let mut names = layout.names().ok()?.into_iter();
    let found = names.find(|(_, descriptor)| descriptor.digest == digest);
    found.map(|(name, _)| name)
}

/// Where something that is needed lies: beside what needs it, by its id, or
/// where a reference of its own says; the highest version of those that are it.
/// `None` where that is not for a registry to tell.
///
/// # Errors
///
/// The place can't be read, all that lies there is something else, or nobody says which
/// of several is meant.
pub(super) fn find<'a>(
    remote: &'a Remote,
    beside: &Beside<'a>,
    need: &Need,
) -> Result<Option<Wanted<'a>>, Error> {
    let wanted = |store: Store<'a>, name: String, shown: String| Wanted {
        store,
        name,
        shown,
        need: Some(need.clone()),
        needed_by: beside.needed_by.clone(),
        fetched: None,
        config: None,
        is_own: false,
    };
    let (store, names) = match &beside.store {
        _ if !is_descriptor(need) => {
            let Some(reference) = named(need) else {
                return Ok(None);
            };
            let repository = reference.repository;
            if let Some(name) = reference.tag.or(reference.digest) {
                let shown = repository.to_string();
                let store = Store::Registry(remote, repository);
                return Ok(Some(wanted(store, name, shown)));
            }
            let names = tags(remote, &repository)?;
            (Store::Registry(remote, repository), names)
        }
        Store::Registry(_, repository) => {
            let Some(repository) = sibling(repository, need) else {
                return Ok(None);
            };
            let names = tags(remote, &repository)?;
            (Store::Registry(remote, repository), names)
        }
        Store::Layout(layout) => {
            let own = published_name(&need.id);
            let names = layout.names()?.into_iter().filter_map(|(name, _)| {
                let (id, _) = name.rsplit_once(':')?;
                (id == own).then_some(name)
            });
            (Store::Layout(layout.clone()), names.collect())
        }
    };
    let shown = match &store {
        Store::Registry(_, repository) => repository.to_string(),
        Store::Layout(_) => beside.shown.clone(),
    };
    match choose(&store, need, &names, None)? {
        Choice::Found(chosen) => Ok(Some(Wanted {
            fetched: Some(chosen.fetched),
            config: Some(chosen.config),
            ..wanted(store, chosen.name, shown)
        })),
        Choice::Nothing => Ok(None),
        Choice::Instead { name, found } => Err(Error::Instead {
            needed_by: beside.needed_by.clone(),
            need: need.to_string(),
            reference: format!("{shown}:{name}"),
            found,
            is_pinned: false,
        }),
        Choice::Undecided(names) => Err(Error::Undecided {
            needed_by: beside.needed_by.clone(),
            need: need.to_string(),
            place: shown,
            names,
        }),
    }
}

/// A search, and in its place that a registry does not let us look. Some say so to whoever is not
/// logged in of what they have never heard of, and then it may lie elsewhere.
pub(in crate::ops) fn or_refused<T: Default>(
    found: Result<T, Error>,
) -> (Result<T, Error>, Option<Box<Error>>) {
    match found {
        Err(error) if error.is_unauthorized() => (Ok(T::default()), Some(Box::new(error))),
        found => (found, None),
    }
}

/// The tags of a repository that need not be there.
pub(in crate::ops) fn tags(remote: &Remote, repository: &Repository) -> Result<Vec<String>, Error> {
    match remote.tags(repository) {
        Ok(tags) => Ok(tags),
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Where something was looked for: where it says itself, or beside what needs it.
pub(super) fn folder_of(beside: &Beside<'_>, need: &Need) -> String {
    let folder = |repository: &Repository| repository.sibling(repository.folder()).to_string();
    if let Some(named) = named(need) {
        return folder(&named.repository);
    }
    match &beside.store {
        Store::Registry(_, repository) => folder(repository),
        Store::Layout(_) => beside.shown.clone(),
    }
}
