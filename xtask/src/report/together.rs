//! Findings that many descriptors share, told once: for people only, who would
//! not see the others for them.

use std::collections::{BTreeMap, BTreeSet};

use super::plural;
use crate::diagnostic::{Diagnostic, Severity, Tally};

/// What a number of findings say together.
pub(super) struct Together<'a> {
    /// One of them, for its rule and its suggestions.
    pub first: &'a Diagnostic,
    /// What they say.
    pub message: String,
    /// The models that they were held against, as a note says it.
    pub against: String,
    /// Facts behind it.
    pub notes: Vec<String>,
}

/// Takes out the warnings with a tally by the same model, where there are more
/// than a few. An error stays by itself: it has to be mended at its place.
pub(super) fn split(diagnostics: &[Diagnostic]) -> (Vec<&Diagnostic>, Vec<Together<'_>>) {
    const FEW: usize = 3;
    let key = |diagnostic: &Diagnostic| {
        let is_warning = diagnostic.severity == Severity::Warning;
        let tally = diagnostic.tally.as_ref().filter(|_| is_warning)?;
        Some((diagnostic.rule.id, tally.model.clone()))
    };
    let mut alike: BTreeMap<_, Vec<(&Diagnostic, &Tally)>> = BTreeMap::new();
    for diagnostic in diagnostics {
        if let (Some(key), Some(tally)) = (key(diagnostic), &diagnostic.tally) {
            alike.entry(key).or_default().push((diagnostic, tally));
        }
    }
    alike.retain(|_, findings| findings.len() > FEW);
    let alone = diagnostics.iter();
    let alone =
        alone.filter(|diagnostic| key(diagnostic).is_none_or(|key| !alike.contains_key(&key)));
    let alone = alone.collect();
    (
        alone,
        alike
            .values()
            .filter_map(|findings| one(findings))
            .collect(),
    )
}

fn one<'a>(findings: &[(&'a Diagnostic, &Tally)]) -> Option<Together<'a>> {
    const FILES: usize = 3;
    let (first, tally) = findings.first()?;
    let missing = count(findings.iter().flat_map(|(_, tally)| &tally.missing));
    let different = count(findings.iter().flat_map(|(_, tally)| &tally.different));
    let parts = [("leave out", missing), ("differ in", different)];
    let parts = parts.iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> = parts
        .map(|(verb, names)| format!("they {verb} {names}"))
        .collect();
    let message = format!(
        "{} descriptors depart from {} where OSM does not mind: {}",
        findings.len(),
        tally.model,
        parts.join("; ")
    );
    let files = findings
        .iter()
        .map(|(finding, _)| finding.primary.span.file.path());
    let files: Vec<String> = files.take(FILES).map(|path| format!("`{path}`")).collect();
    let more = findings.len() - files.len();
    let mut notes = vec![format!("in {} and {more} more", files.join(", "))];
    let models = findings.iter().filter_map(|(finding, _)| finding.against());
    let models: BTreeSet<&str> = models.collect();
    let prefix = "checked against ";
    let models = models
        .into_iter()
        .filter_map(|note| note.strip_prefix(prefix));
    let models: Vec<&str> = models.collect();
    let against = match models.split_last() {
        Some((last, [])) => format!("{prefix}{last}"),
        Some((last, others)) => format!("{prefix}{} and {last}", others.join("; ")),
        None => String::new(),
    };
    notes.extend(Some(against.clone()).filter(|against| !against.is_empty()));
    let fixes: usize = findings
        .iter()
        .map(|(finding, _)| finding.fixes.len())
        .sum();
    if fixes > 0 {
        notes.push(format!("`--fix` will mend {}", plural(fixes, "place")));
    }
    let held = findings.iter().flat_map(|(finding, _)| &finding.held);
    let reasons: BTreeSet<&str> = held.clone().filter_map(|fix| fix.held).collect();
    let held = held.count();
    if held > 0 {
        let places = plural(held, "place");
        let reasons: Vec<&str> = reasons.into_iter().collect();
        let reasons = reasons.join(", or ");
        notes.push(format!("`--fix` leaves {places} alone, {reasons}"));
    }
    Some(Together {
        first,
        message,
        against,
        notes,
    })
}

/// Names with the number of findings that have them, the most frequent first.
fn count<'a>(names: impl Iterator<Item = &'a String>) -> String {
    const SHOWN: usize = 8;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(name, n)| (std::cmp::Reverse(*n), *name));
    let more = counts.len().saturating_sub(SHOWN);
    let shown = counts.iter().take(SHOWN);
    let shown: Vec<String> = shown.map(|(name, n)| format!("`{name}` ({n})")).collect();
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
