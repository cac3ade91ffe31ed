//! What has been said once is not said again in milder words.

use std::collections::HashSet;
use std::ops::Range;

use super::levels::MILD_IN_OSM;
use crate::diagnostic::{Diagnostic, Span};
use crate::source::Profile;

/// Rules that say the same of one token: where the first speaks, the others are
/// silent.
const SAME: &[(&str, &[&str])] = &[
    ("osm/chart-name", &["osm/chart-missing"]),
    ("osm/missing-reference", &["schema/lost-value"]),
    ("osm/no-id", &["schema/lost-value", "schema/wrong-type"]),
    (
        "osm/raw-profile",
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
        if !told.is_empty() {
            diagnostics.retain(|diagnostic| {
                let is_told = || place(&diagnostic.primary.span).is_some_and(|p| told.contains(&p));
                !quiet.contains(&diagnostic.rule.id) || !is_told()
            });
        }
    }
    mild(diagnostics, profile);
    misspelt(diagnostics);
}

/// Drops what asks to add a key that stands there misspelt.
fn misspelt(diagnostics: &mut Vec<Diagnostic>) {
    let meant = |diagnostic: &Diagnostic| -> Option<(String, String)> {
        let mut help = diagnostic.help.iter();
        let meant =
            help.find_map(|help| help.strip_prefix("did you mean `")?.strip_suffix("`?"))?;
        let is_slip = diagnostic.rule.id == "schema/unknown-key";
        let path = diagnostic.primary.span.file.path();
        is_slip.then(|| (path.to_owned(), meant.to_lowercase()))
    };
    let meant: HashSet<(String, String)> = diagnostics.iter().filter_map(meant).collect();
    if meant.is_empty() {
        return;
    }
    diagnostics.retain(|diagnostic| {
        let is_on_content = ["osm", "sol006", "topology"].contains(&diagnostic.rule.family());
        let path = diagnostic.primary.span.file.path();
        let mut wanted = diagnostic.help.iter().filter_map(|help| wanted(help));
        !is_on_content || !wanted.any(|key| meant.contains(&(path.to_owned(), key.to_lowercase())))
    });
}

/// The key that a help text asks to add, or says to be missing: `add the \`int-cpd\` …`.
fn wanted(help: &str) -> Option<&str> {
    let mut verbs = ["add ", "there is no "].iter();
    let rest = verbs.find_map(|verb| help.strip_prefix(verb))?;
    let mut articles = ["the ", "an ", "a "].iter();
    let rest = articles
        .find_map(|article| rest.strip_prefix(article))
        .unwrap_or(rest);
    let rest = rest.trim_start_matches('`');
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    Some(&rest[..end.unwrap_or(rest.len())])
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
