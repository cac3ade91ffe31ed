//! The Helm repositories from which OSM fetches the charts of KDUs. They are configuration of
//! OSM's and no content of a package, so they are made known beside it.

use std::collections::BTreeSet;

use super::error::OsmPlanError;
use super::plan::Planned;
use crate::descriptor::{Descriptor, Kind, local};
use crate::onboard::{HelmRepo, Osm, OsmError, OsmRepo};
use crate::ops::{Error, Reporter};
use crate::yaml::Node;

/// What became of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepoState {
    /// OSM knew it, under this key.
    There(String),
    /// It would be added.
    Planned,
    /// It was added, and has this key.
    Added(String),
    /// OSM did not take it.
    Failed,
    /// Nobody can tell whether OSM took it.
    Unknown,
    /// Something before it went wrong.
    Left,
    /// It was added; something after it went wrong, and it was removed again.
    Undone,
    /// The same, and it could not be removed; it has this key.
    Stuck(String),
}

/// A repository that was asked for, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnboardedRepo {
    /// What was asked for.
    pub repo: HelmRepo,
    /// What became of it.
    pub state: RepoState,
}

/// Holds the repositories that are asked for against those that OSM knows. What KDUs name and
/// nobody gives goes to `warnings`, with its place in `source`.
///
/// # Errors
///
/// OSM has another repository under a name. That OSM does not say which it knows is an error
/// only where repositories are asked for.
pub(super) fn compare(
    osm: &Osm,
    asked: &[HelmRepo],
    planned: &[Planned],
    source: &dyn Fn(&Planned) -> Descriptor,
    warnings: &mut Vec<String>,
) -> Result<Vec<OnboardedRepo>, Error> {
    let descriptors: Vec<Descriptor> = planned.iter().map(source).collect();
    let named: Vec<Named<'_>> = descriptors.iter().flat_map(named).collect();
    if asked.is_empty() && named.is_empty() {
        return Ok(Vec::new());
    }
    let there = match osm.repos() {
        Ok(there) => there,
        Err(error) if !asked.is_empty() => return Err(error.into()),
        // Not every user may look, and nobody has asked for this.
        Err(_) => return Ok(Vec::new()),
    };
    let mut repos = Vec::new();
    for repo in asked {
        let state = match there.iter().find(|other| other.name == repo.name()) {
            None => RepoState::Planned,
            Some(other) if other.is(repo) && !other.is_leaving => {
                RepoState::There(other.key.clone())
            }
            Some(other) => return Err(taken(osm, repo, other).into()),
        };
        repos.push(OnboardedRepo {
            repo: repo.clone(),
            state,
        });
    }
    let known = there
        .iter()
        .filter(|repo| repo.is_helm)
        .map(|repo| repo.name.as_str());
    let known: BTreeSet<&str> = known.chain(asked.iter().map(HelmRepo::name)).collect();
    for one in named.iter().filter(|one| !known.contains(one.repo)) {
        let Named {
            kdu,
            chart,
            repo,
            at,
        } = one;
        let file = at.document().file();
        let place = file.position(at.at().start);
        warnings.push(format!(
            "{}:{}:{}: the KDU `{kdu}` takes its chart `{chart}` from the Helm repository `{repo}`, which OSM does not know; `--osm-helm-repo {repo}=URL` adds it",
            file.path(), place.line, place.column
        ));
    }
    Ok(repos)
}

fn taken(osm: &Osm, repo: &HelmRepo, other: &OsmRepo) -> OsmPlanError {
    OsmPlanError::OtherRepo {
        address: osm.address().to_string(),
        name: repo.name().to_owned(),
        url: repo.url().to_owned(),
        there: match (other.is_leaving, other.is_helm) {
            (true, _) => {
                "is removing the repository of that name; run the command again later".to_owned()
            }
            (_, false) => format!(
                "has a repository of another type under that name, `{}`",
                other.url
            ),
            _ => format!("has `{}` under that name", other.url),
        },
    }
}

/// Adds what is not there, until OSM does not take one, whose error goes to `failure`.
pub(super) fn add(
    osm: &Osm,
    repos: &mut [OnboardedRepo],
    failure: &mut Option<Error>,
    reporter: &dyn Reporter,
) {
    for one in repos
        .iter_mut()
        .filter(|one| one.state == RepoState::Planned)
    {
        if failure.is_some() {
            one.state = RepoState::Left;
            continue;
        }
        let name = one.repo.name();
        reporter.status(
            "Adding",
            &format!("the Helm repository `{name}` ({})", one.repo.url()),
        );
        one.state = match osm.add_repo(&one.repo) {
            Ok(key) => RepoState::Added(key),
            Err(error) => {
                let state = match error.is_in_doubt() {
                    true => RepoState::Unknown,
                    false => RepoState::Failed,
                };
                *failure = Some(error.into());
                state
            }
        };
    }
}

/// Removes what [`add`] has added.
pub(super) fn take_back(
    osm: &Osm,
    repos: &mut [OnboardedRepo],
    warnings: &mut Vec<String>,
    reporter: &dyn Reporter,
) {
    for one in repos.iter_mut().rev() {
        let name = one.repo.name();
        let mut key = match &one.state {
            RepoState::Added(key) => key.clone(),
            RepoState::Unknown => match arrived(osm, &one.repo) {
                Ok(Some(key)) => key,
                Ok(None) => {
                    one.state = RepoState::Failed;
                    continue;
                }
                Err(error) => {
                    warnings.push(format!(
                        "the Helm repository `{name}` may have been added by this run, and nobody can look: {}",
                        error.in_full()
                    ));
                    continue;
                }
            },
            _ => continue,
        };
        reporter.status("Removing", &format!("the Helm repository `{name}` again"));
        one.state = match remove(osm, &one.repo, &mut key) {
            Ok(()) => RepoState::Undone,
            Err(error) => {
                warnings.push(format!(
                    "the Helm repository `{name}` was added by this run and could not be removed again: {}; as far as is known it stays there, as {key}",
                    error.in_full()
                ));
                RepoState::Stuck(key)
            }
        };
    }
}

/// Removes a repository that this run has added; where OSM knows none under the key that it gave,
/// the one of that name and address, whose key takes the place of that one.
fn remove(osm: &Osm, repo: &HelmRepo, key: &mut String) -> Result<(), OsmError> {
    if osm.remove_repo(repo.name(), key)? {
        return Ok(());
    }
    if let Some(other) = arrived(osm, repo)? {
        *key = other;
        osm.remove_repo(repo.name(), key)?;
    }
    Ok(())
}

/// The key of a repository of which no answer told, where it is there after all.
fn arrived(osm: &Osm, repo: &HelmRepo) -> Result<Option<String>, OsmError> {
    let mut known = osm.repos()?.into_iter();
    let own = known.find(|one| one.is(repo) && !one.is_leaving);
    Ok(own.map(|one| one.key))
}

/// A KDU whose chart comes from a repository.
struct Named<'a> {
    kdu: &'a str,
    chart: &'a str,
    repo: &'a str,
    at: Node<'a>,
}

/// The KDUs of a function whose charts are `NAME/chart`. An address is one for itself, and a
/// name alone is a chart in the package.
fn named(descriptor: &Descriptor) -> Vec<Named<'_>> {
    let kdus = descriptor.field("kdu");
    let kdus = kdus.filter(|_| descriptor.kind == Kind::Vnf);
    let kdus: Vec<Node<'_>> = kdus.map(|list| list.items().collect()).unwrap_or_default();
    kdus.into_iter().filter_map(from_repo).collect()
}

fn from_repo(kdu: Node<'_>) -> Option<Named<'_>> {
    let at = local(kdu, "helm-chart")?;
    let chart = at.str().filter(|chart| !chart.contains("://"))?;
    let (repo, _) = chart.split_once('/')?;
    let kdu = local(kdu, "name").and_then(|name| name.str());
    Some(Named {
        kdu: kdu.unwrap_or("?"),
        chart,
        repo,
        at,
    })
}
