//! What has been said once is not said again in milder words.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::levels::MILD_IN_OSM;
use crate::diagnostic::{Diagnostic, Fix, Span};
use crate::source::Profile;

/// Rules that say the same of one token: where the first speaks, the others are
/// silent.
const SAME: &[(&str, &[&str])] = &[
    (
        "osm/chart-name",
        &["osm/chart-missing", "schema/lost-value"],
    ),
    ("osm/dangling-reference", &["schema/lost-value"]),
    ("osm/duplicate-id", &["osm/merged-items"]),
    ("osm/missing-reference", &["schema/lost-value"]),
    ("osm/no-id", &["schema/lost-value", "schema/wrong-type"]),
    (
        "osm/raw-profile",
        &["osm/text-number", "yaml/ambiguous-scalar"],
    ),
    ("schema/lost-value", &["yaml/ambiguous-scalar"]),
    ("schema/list-key", &["osm/unseen-key"]),
    (
        "osm/unloadable",
        &["osm/text-number", "yaml/ambiguous-scalar"],
    ),
];

/// Drops what is said twice. Levels have been given by then: where the rule that
/// says it better is allowed, the other has the word.
pub(super) fn drop(diagnostics: &mut Vec<Diagnostic>, profile: Profile) {
    for (loud, quiet) in SAME {
        let is_loud = |diagnostic: &&Diagnostic| diagnostic.rule.id == *loud;
        let told: HashSet<_> = diagnostics
            .iter()
            .filter(is_loud)
            .filter_map(|diagnostic| place(&diagnostic.primary.span))
            .collect();
        if told.is_empty() {
            continue;
        }
        let mut fixes: HashMap<(String, Range<usize>), Vec<Fix>> = HashMap::new();
        diagnostics.retain_mut(|diagnostic| {
            let own = place(&diagnostic.primary.span).filter(|place| told.contains(place));
            let Some(own) = own.filter(|_| quiet.contains(&diagnostic.rule.id)) else {
                return true;
            };
            // What is wrong with the shape can be mended whoever tells of it.
            if diagnostic.rule.family() == "schema" {
                fixes.entry(own).or_default().append(&mut diagnostic.fixes);
            }
            false
        });
        let bare = |one: &&mut Diagnostic| one.rule.id == *loud && one.fixes.is_empty();
        for diagnostic in diagnostics.iter_mut().filter(bare) {
            let own = place(&diagnostic.primary.span).and_then(|place| fixes.remove(&place));
            diagnostic.fixes.extend(own.unwrap_or_default());
        }
    }
    mild(diagnostics, profile);
    misspelt(diagnostics);
}

/// Drops what lacks a node that stands there misspelt.
fn misspelt(diagnostics: &mut Vec<Diagnostic>) {
    let named = |diagnostic: &Diagnostic, node: &Option<String>| {
        let path = diagnostic.primary.span.file.path().to_owned();
        node.as_ref().map(|node| (path, node.to_lowercase()))
    };
    let meant = diagnostics.iter();
    let meant: HashSet<_> = meant.filter_map(|one| named(one, &one.meant)).collect();
    if !meant.is_empty() {
        let is_there =
            |one: &Diagnostic| named(one, &one.lacks).is_some_and(|n| meant.contains(&n));
        diagnostics.retain(|diagnostic| !is_there(diagnostic));
    }
}

fn place(span: &Span) -> Option<(String, Range<usize>)> {
    Some((span.file.path().to_owned(), span.range.clone()?))
}

/// Drops what the model says of a value of which a rule of OSM speaks.
fn mild(diagnostics: &mut Vec<Diagnostic>, profile: Profile) {
    let is_mild = |diagnostic: &Diagnostic| {
        let mut rules = MILD_IN_OSM.iter();
        rules.any(|rule| rule.id == diagnostic.rule.id)
    };
    if profile != Profile::Osm || !diagnostics.iter().any(is_mild) {
        return;
    }
    let told: HashSet<_> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.rule.id.starts_with("osm/") && !is_mild(diagnostic))
        .flat_map(|diagnostic| std::iter::once(&diagnostic.primary.span).chain(&diagnostic.counted))
        .filter_map(place)
        .collect();
    // A condition may have the value that is told of as the other of two.
    let is_told = |diagnostic: &Diagnostic| {
        let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
        let mut places = labels.filter_map(|label| place(&label.span));
        places.any(|place| told.contains(&place))
    };
    diagnostics.retain(|diagnostic| !is_mild(diagnostic) || !is_told(diagnostic));
}
