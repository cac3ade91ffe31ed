//! What has been said once is not said again in milder words.

use std::collections::HashSet;
use std::ops::Range;

use super::levels::MILD_IN_OSM;
use crate::diagnostic::Diagnostic;
use crate::source::Profile;

/// Drops what the model says of a value of which a rule of OSM speaks. Levels
/// have been given by then: where that rule is allowed, the model has the word.
pub(super) fn drop(diagnostics: &mut Vec<Diagnostic>, profile: Profile) {
    let is_mild = |diagnostic: &Diagnostic| {
        let mut rules = MILD_IN_OSM.iter();
        rules.any(|rule| rule.id == diagnostic.rule.id)
    };
    if profile != Profile::Osm || !diagnostics.iter().any(is_mild) {
        return;
    }
    let place = |diagnostic: &Diagnostic| -> Option<(String, Range<usize>)> {
        let span = &diagnostic.primary.span;
        Some((span.file.path().to_owned(), span.range.clone()?))
    };
    let told: HashSet<_> = diagnostics
        .iter()
        .filter(|diagnostic| !is_mild(diagnostic))
        .filter_map(place)
        .collect();
    diagnostics.retain(|diagnostic| {
        !is_mild(diagnostic) || !place(diagnostic).is_some_and(|p| told.contains(&p))
    });
}
