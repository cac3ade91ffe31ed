//! What `check` says to the packages that were made, and which of it not to those before.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::{Faulty, Plan};
use crate::diagnostic::Severity;
use crate::ops::Error;
use crate::ops::check::{CheckOptions, check};
use crate::source::{Scan, Selection, Workspace};

/// The rules of a reference that leads nowhere, in one model or the other.
const NOWHERE: [&str; 5] = [
    "osm/dangling-reference",
    "osm/mgmt-cp",
    "osm/unknown-connection-point",
    "sol006/dangling-reference",
    "sol006/unknown-cpd",
];

/// What `check` says at error level to what was made, and which of it not to what it was made of.
pub(super) fn check_made(
    workspace: &Workspace,
    scan: &Scan,
    plans: &[Plan],
    made: &[PathBuf],
) -> Result<Vec<Faulty>, Error> {
    let old = plans
        .iter()
        .map(|plan| scan.packages[plan.index].path.clone());
    let old: Vec<PathBuf> = old.collect();
    let after = errors(workspace, made, &old)?;
    if after.is_empty() {
        return Ok(Vec::new());
    }
    // Where the old ones can't be checked, nothing is known of them.
    let before = errors(workspace, &old, made).unwrap_or_default();
    let faulty = after.into_iter().filter_map(|(i, rules)| {
        let place = plans.get(i)?.place.clone();
        // A reference to nothing has another rule in each model.
        let count = |rules: &BTreeMap<&'static str, usize>, rule: &str| -> usize {
            match NOWHERE.contains(&rule) {
                true => NOWHERE.iter().filter_map(|rule| rules.get(rule)).sum(),
                false => rules.get(rule).copied().unwrap_or(0),
            }
        };
        let none = BTreeMap::new();
        let had = before.get(&i).unwrap_or(&none);
        let new = rules
            .iter()
            .filter(|(rule, _)| count(had, rule) < count(&rules, rule));
        let new = new.map(|(rule, _)| *rule).collect();
        Some(Faulty { place, rules, new })
    });
    Ok(faulty.collect())
}

/// The rules that packages break at error level, with how often, by the number of the package.
/// That each is also there in the other model, at `counterparts`, is no fault of it.
fn errors(
    workspace: &Workspace,
    paths: &[PathBuf],
    counterparts: &[PathBuf],
) -> Result<BTreeMap<usize, BTreeMap<&'static str, usize>>, Error> {
    let options = CheckOptions {
        selection: Selection {
            paths: paths.to_vec(),
            ..Selection::default()
        },
        ..CheckOptions::default()
    };
    let checked = check(workspace, &options)?;
    let tops = |paths: &[PathBuf]| -> HashMap<String, usize> {
        let shown = paths.iter().map(|path| workspace.shown(path));
        // What is the whole tree goes before no path in it.
        let plain = shown.map(|path| if path == "." { String::new() } else { path });
        plain.zip(0..).collect()
    };
    let (own, others) = (tops(paths), tops(counterparts));
    let mut rules: BTreeMap<usize, BTreeMap<&'static str, usize>> = BTreeMap::new();
    let errors = checked.diagnostics.iter();
    for error in errors.filter(|one| one.severity == Severity::Error) {
        let Some(i) = top_of(&own, error.primary.span.file.path()) else {
            continue;
        };
        let mut labels = error.secondary.iter();
        let is_other = |path: &str| top_of(&others, path) == Some(i);
        if labels.len() > 0 && labels.all(|label| is_other(label.span.file.path())) {
            continue;
        }
        let of_package = rules.entry(i).or_default();
        *of_package.entry(error.rule.id).or_default() += 1;
    }
    Ok(rules)
}

/// The number of the innermost package around a file. Of a member of an archive the archive
/// counts.
fn top_of(tops: &HashMap<String, usize>, path: &str) -> Option<usize> {
    let path = Path::new(path.split_once("!/").map_or(path, |(archive, _)| archive));
    let mut around = path.ancestors().filter_map(Path::to_str);
    around.find_map(|path| tops.get(path).copied())
}
