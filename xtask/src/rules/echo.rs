//! What has been said once is not said again in milder words.

use std::collections::HashSet;
use std::ops::Range;

use super::levels::MILD_IN_OSM;
use crate::diagnostic::{Diagnostic, Label};
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
    let place = |label: &Label| -> Option<(String, Range<usize>)> {
        let span = &label.span;
        Some((span.file.path().to_owned(), span.range.clone()?))
    };
    let told: HashSet<_> = diagnostics
        .iter()
        .filter(|diagnostic| !is_mild(diagnostic))
        .filter_map(|diagnostic| place(&diagnostic.primary))
        .collect();
    // A condition may have the value that is told of as the other of two.
    let is_told = |diagnostic: &Diagnostic| {
        let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
        labels.filter_map(place).any(|place| told.contains(&place))
    };
    diagnostics.retain(|diagnostic| !is_mild(diagnostic) || !is_told(diagnostic));
}
