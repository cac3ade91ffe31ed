//! Which of the versions under one name is what is needed. A name is no proof of what lies there:
//! a function, its chart and a service may all be called alike.

use super::Error;
use super::needs::{Need, config, instead, is_own};
use super::pull::manifest_of;
use super::versions::highest_needed;
use crate::oci::{Fetched, Manifest, Store, media_type};

/// What became of the search.
pub(super) enum Choice {
    /// The highest version that is what is needed, or does not say that it is something else.
    Found(Box<Chosen>),
    /// There are versions, and none of them is it.
    Instead {
        /// The highest of them.
        name: String,
        /// What that is.
        found: String,
    },
    /// There are several, and nobody says which one comes last.
    Undecided(Vec<String>),
    /// There is nothing.
    Nothing,
}

/// An artifact, with what was read to know it.
pub(super) struct Chosen {
    /// Its tag, or its name in a layout.
    pub name: String,
    pub fetched: Fetched,
    pub manifest: Manifest,
    pub config: Vec<u8>,
}

/// The most versions that are looked at. Each costs a request, and beside a function there may be
/// any number of higher versions of its chart.
const MOST: usize = 64;

/// Chooses among the names of a place, `first` before all others if that is one of them. What
/// the place lists and has not is no version of anything.
///
/// # Errors
///
/// The place can't be read, or something there is not that of its digest.
pub(super) fn choose(
    store: &Store<'_>,
    need: &Need,
    names: &[String],
    first: Option<&str>,
) -> Result<Choice, Error> {
    let mut left = names.to_vec();
    let mut first = first.map(str::to_owned).filter(|name| left.contains(name));
    let mut other = None;
    let mut looks = 0..MOST;
    loop {
        let next = match first.take() {
            Some(first) => Ok(Some(first)),
            None => highest_needed(&left),
        };
        match next {
            Ok(Some(name)) if looks.next().is_some() => {
                match look(store, need, &name)? {
                    Seen::It(chosen) => return Ok(Choice::Found(chosen)),
                    Seen::Other(found) => {
                        other.get_or_insert((name.clone(), found));
                    }
                    Seen::Gone => {}
                }
                left.retain(|one| *one != name);
            }
            Ok(_) => break,
            Err(names) => return only(store, need, names, other),
        }
    }
    Ok(none(other))
}

/// Where names say nothing of an order, the kinds of what has them may leave one.
fn only(
    store: &Store<'_>,
    need: &Need,
    names: Vec<String>,
    mut other: Option<(String, String)>,
) -> Result<Choice, Error> {
    if names.len() > MOST {
        return Ok(Choice::Undecided(names));
    }
    let mut fit = Vec::new();
    for name in names {
        match look(store, need, &name)? {
            Seen::It(chosen) => fit.push(chosen),
            Seen::Other(found) => {
                other.get_or_insert((name, found));
            }
            Seen::Gone => {}
        }
    }
    Ok(match fit.len() {
        0 | 1 => fit.pop().map_or_else(|| none(other), Choice::Found),
        _ => Choice::Undecided(fit.into_iter().map(|one| one.name).collect()),
    })
}

fn none(other: Option<(String, String)>) -> Choice {
    match other {
        Some((name, found)) => Choice::Instead { name, found },
        None => Choice::Nothing,
    }
}

/// What is there under a name.
enum Seen {
    It(Box<Chosen>),
    Other(String),
    Gone,
}

fn look(store: &Store<'_>, need: &Need, name: &str) -> Result<Seen, Error> {
    let fetched = match store.fetch(name) {
        Ok(fetched) => fetched,
        Err(error) if error.is_not_found() => return Ok(Seen::Gone),
        Err(error) => return Err(error.into()),
    };
    let reference = store.name_of(name);
    let manifest = match manifest_of(&reference, &fetched) {
        Ok(manifest) => manifest,
        // Images for several platforms lie in one.
        Err(_)
            if matches!(
                &*fetched.media_type,
                media_type::INDEX | media_type::DOCKER_LIST
            ) =>
        {
            return Ok(Seen::Other("an index of several manifests".to_owned()));
        }
        Err(error) => return Err(error),
    };
    // Charts and images are known by a type, and there may be many of them.
    if !is_own(&manifest)
        && let Some(found) = instead(need, &manifest, &[])
    {
        return Ok(Seen::Other(found));
    }
    let what = || format!("the config document of `{reference}`");
    let config = config(store, &manifest).map_err(|error| error.of_part(what))?;
    Ok(match instead(need, &manifest, &config) {
        Some(found) => Seen::Other(found),
        None => Seen::It(Box::new(Chosen {
            name: name.to_owned(),
            fetched,
            manifest,
            config,
        })),
    })
}
