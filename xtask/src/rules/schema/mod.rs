//! Rules on the schema of a descriptor.

mod bad_format;
pub(super) mod conflict;
mod count;
mod defects;
pub(super) mod departure;
mod envelope;
mod list_key;
mod lost_value;
mod missing_key;
mod not_allowed;
mod other;
mod out_of_range;
mod prefix;
pub(super) mod purpose;
mod repeated_value;
mod shield;
mod unknown_key;
mod unread;
pub(super) mod words;
mod wrong_type;

use std::collections::{BTreeMap, HashSet};

use self::envelope::Envelope;
use super::osm::{merged_items, unsupported};
use super::yaml::duplicate_key;
use super::{Check, Context, Lint, Place};
use crate::descriptor::Descriptor;
use crate::diagnostic::{Diagnostic, Label};
use crate::schema::{
    Choice, MOST_REPEATS, Schema, Schemas, Violation, ViolationKind, known_nodes, validate,
};
use crate::source::{Package, Profile};
use crate::yaml::ProblemKind;

/// In the order in which they are asked: what OSM tolerates is no error,
/// whatever it is, though a value may be lost, and `other` takes what nobody else has words for.
pub(super) const LINTS: &[&Lint] = &[
    &lost_value::LINT,
    &departure::LINT,
    &list_key::LINT,
    &prefix::LINT,
    &unknown_key::LINT,
    &missing_key::LINT,
    &wrong_type::LINT,
    &not_allowed::LINT,
    &out_of_range::LINT,
    &bad_format::LINT,
    &count::LINT,
    &repeated_value::LINT,
    &conflict::LINT,
    &unread::LINT,
    &other::LINT,
];

/// Holds a descriptor against its schema and tells what departs from it. `package` is the one
/// that it describes.
pub(super) fn check(
    descriptor: &Descriptor,
    package: &Package,
    context: &Context<'_>,
    out: &mut Vec<Diagnostic>,
) {
    match Schemas::of(descriptor, &context.choice) {
        Schemas::Newest(schemas) => check_newest(descriptor, &schemas, context, out),
        Schemas::Shield(profile) => shield::check(descriptor, package, profile, context, out),
    }
}

/// The schema that a descriptor is held against.
pub(super) fn model(descriptor: &Descriptor, choice: &Choice) -> Option<&'static Schema> {
    match Schemas::of(descriptor, choice) {
        Schemas::Newest(schemas) => match schemas.as_slice() {
            [one] => Some(*one),
            several => Some(newest(descriptor, several, choice.profile, &mut None)?.0),
        },
        Schemas::Shield(profile) => {
            let (best, tried) = shield::tried(descriptor, None, profile)?;
            Some(tried.get(best)?.0)
        }
    }
}

fn check_newest(
    descriptor: &Descriptor,
    schemas: &[&'static Schema],
    context: &Context<'_>,
    out: &mut Vec<Diagnostic>,
) {
    let mut of_newest = None;
    let profile = context.choice.profile;
    if let Some((schema, mut found)) = newest(descriptor, schemas, profile, &mut of_newest) {
        if profile == Profile::Osm && schema.name.starts_with("osm/") {
            out.extend(of_newest.map(|first| unsupported::older(descriptor, schema, &first)));
        }
        found.retain(|violation| !departure::is_moot(violation, descriptor, context));
        envelope::lead(&mut found);
        let is_there = |kind, id: &str| !context.find(kind, id).is_empty();
        let place = Place::new(descriptor, schema, &is_there);
        report(&found, &place, out);
    }
}

/// A descriptor that may be written for any of several releases: the newest
/// that it fits counts, or where it fits none, the newest of those that find
/// the fewest faults. A node that a release does not know is as good as a fault: who
/// does not know `interface` finds one fault, however many are in it. Where it
/// fits an older one, `of_newest` gets the first that the newest has against it.
fn newest(
    descriptor: &Descriptor,
    schemas: &[&'static Schema],
    profile: Profile,
    of_newest: &mut Option<Violation>,
) -> Option<Tried> {
    // A descriptor with more faults than this is wrong for every release.
    const HOPELESS: usize = 200;
    let mut best: Option<(usize, usize, Tried)> = None;
    let mut first = None;
    for &schema in schemas {
        let found = violations(schema, descriptor, profile);
        let faults = match found
            .iter()
            .filter(|violation| !violation.tolerated)
            .count()
        {
            many if many > HOPELESS => many,
            _ => groups(&found)
                .iter()
                .filter(|group| group.iter().any(|violation| !violation.tolerated))
                .count(),
        };
        if faults == 0 || schemas.len() == 1 {
            *of_newest = first;
            return Some((schema, found));
        }
        // The first is told of, and no other.
        if best.is_none() {
            first = found.iter().find(|violation| !violation.tolerated).cloned();
        }
        let known = known_nodes(schema, &descriptor.doc);
        let is_better = |(least, most, _): &_| faults + most < least + known;
        if best.as_ref().is_none_or(is_better) {
            best = Some((faults, known, (schema, found)));
        }
        if faults > HOPELESS {
            break;
        }
    }
    best.map(|(.., tried)| tried)
}

/// A schema and what it finds.
type Tried = (&'static Schema, Vec<Violation>);

/// The violations of a schema, without those that are no news: what a rule of
/// the `yaml` family says of the same token, and a key that is missing only
/// because it is misspelled.
fn violations(
    schema: &'static Schema,
    descriptor: &Descriptor,
    profile: Profile,
) -> Vec<Violation> {
    let doc = &descriptor.doc;
    let mut violations = validate(schema, doc, profile);
    if !doc.problems().is_empty() {
        // What is only written loosely may be wrong all the same.
        let is_loose = |kind: &ProblemKind| matches!(kind, ProblemKind::Loose(_));
        let is_told = |kind: &ProblemKind| {
            (profile == Profile::Osm || !kind.is_of_pyyaml()) && !is_loose(kind)
        };
        let told = doc.problems().iter().filter(|one| is_told(&one.kind));
        let told: HashSet<_> = told.map(|problem| &problem.at).collect();
        violations.retain(|violation| !told.contains(&violation.at));
    }
    let misspelled: HashSet<(String, String)> = violations
        .iter()
        .filter(|violation| !violation.tolerated)
        .filter_map(|violation| {
            let meant = unknown_key::suggestion(&violation.kind)?;
            Some((violation.path.clone(), meant.to_owned()))
        })
        .collect();
    violations.retain(|violation| match &violation.kind {
        ViolationKind::MissingKey { key, .. } => {
            misspelled.is_empty() || !misspelled.contains(&(violation.path.clone(), key.clone()))
        }
        _ => true,
    });
    violations
}

fn report(violations: &[Violation], place: &Place<'_>, out: &mut Vec<Diagnostic>) {
    let mut found = Vec::new();
    for group in groups(violations) {
        let diagnostic = match group.as_slice() {
            [one] => answer(one, place),
            [first, ..] if matches!(first.kind, ViolationKind::MissingKey { .. }) => {
                if first.tolerated {
                    departure::many(&group, place)
                } else {
                    missing_key::many(&group, place)
                }
            }
            // What OSM passes over is warned of, one or many.
            [first, ..] if first.tolerated => lost_value::many(&group, place),
            _ => unknown_key::many(&group, place),
        };
        if let (Some(diagnostic), Some(first)) = (diagnostic, group.first()) {
            found.push((alike(&group), *first, diagnostic));
        }
    }
    out.append(&mut fold(found, place));
}

fn answer(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    if let ViolationKind::SameKey { key, other, first } = &violation.kind {
        let doc = &place.descriptor.doc;
        let places = [first.clone(), violation.at.clone()];
        return Some(duplicate_key::spelled_twice(doc, key, other, places));
    }
    // Before the rule that has words for every violation.
    if let Some(diagnostic) = merged_items::check(violation, place) {
        return Some(diagnostic);
    }
    super::all().iter().find_map(|lint| match lint.check {
        Check::Violation(check) => check(violation, place),
        _ => None,
    })
}

/// Violations that are one problem: the keys that one mapping lacks, and keys
/// of one mapping that are unknown in such a number that no slip explains them.
fn groups(violations: &[Violation]) -> Vec<Vec<&Violation>> {
    const SLIPS: usize = 3;
    let mut unknown: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    let is_lost = |violation: &Violation| {
        matches!(violation.kind, ViolationKind::UnknownKey { .. })
            && unknown_key::suggestion(&violation.kind).is_none()
    };
    fn mapping(violation: &Violation) -> (&str, bool) {
        (violation.path.as_str(), violation.tolerated)
    }
    for violation in violations.iter().filter(|violation| is_lost(violation)) {
        *unknown.entry(mapping(violation)).or_default() += 1;
    }
    let mut groups: Vec<Vec<&Violation>> = Vec::new();
    let mut open: BTreeMap<(&str, bool, bool), usize> = BTreeMap::new();
    for violation in violations {
        let is_missing = matches!(violation.kind, ViolationKind::MissingKey { .. });
        // Where a whole service is, nothing is a slip.
        let slips = match Envelope::of(violation) {
            Some(Envelope::NoList) => 0,
            _ => SLIPS,
        };
        let is_many =
            is_lost(violation) && unknown.get(&mapping(violation)).is_some_and(|n| *n > slips);
        if !is_missing && !is_many {
            groups.push(vec![violation]);
            continue;
        }
        let name = (violation.path.as_str(), is_missing, violation.tolerated);
        match open.get(&name) {
            Some(&i) => groups[i].push(violation),
            None => {
                open.insert(name, groups.len());
                groups.push(vec![violation]);
            }
        }
    }
    groups
}

/// What makes two groups the same mistake in two items of a list.
fn alike(group: &[&Violation]) -> String {
    let Some(first) = group.first() else {
        return String::new();
    };
    let path: Vec<&str> = first
        .path
        .split('/')
        .map(|segment| match segment.parse::<usize>() {
            Ok(_) => "*",
            Err(_) => segment,
        })
        .collect();
    let path = path.join("/");
    match &first.kind {
        ViolationKind::MissingKey { .. } | ViolationKind::UnknownKey { .. } => {
            format!("{path} {:?} {}", keys(group), first.tolerated)
        }
        // Where the named node would stand tells nothing apart, nor do names that
        // there are so many of.
        ViolationKind::DanglingReference {
            value,
            target,
            known,
            is_one_unnamed,
            elsewhere,
            ..
        } => {
            let known = Some(known).filter(|known| known.len() <= 100);
            let there = format!("{known:?} {is_one_unnamed} {elsewhere:?}");
            format!("{path} {value} {target} {there} {}", first.tolerated)
        }
        kind => format!("{path} {kind:?} {}", first.tolerated),
    }
}

fn keys<'a>(group: &[&'a Violation]) -> Vec<&'a str> {
    let key = |violation: &&'a Violation| match &violation.kind {
        ViolationKind::MissingKey { key, .. } | ViolationKind::UnknownKey { key, .. } => {
            Some(key.as_str())
        }
        _ => None,
    };
    group.iter().filter_map(key).collect()
}

/// Makes one finding of the same mistake in many items, with a mark at some.
fn fold(found: Vec<(String, &Violation, Diagnostic)>, place: &Place<'_>) -> Vec<Diagnostic> {
    const SEPARATE: usize = 3;
    const MARKED: usize = 4;
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, ..) in &found {
        *count.entry(name.as_str()).or_default() += 1;
    }
    let count: BTreeMap<String, usize> = count
        .into_iter()
        .map(|(name, n)| (name.to_owned(), n))
        .collect();
    let mut out: Vec<Diagnostic> = Vec::new();
    let mut first: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (name, violation, diagnostic) in found {
        let n = count.get(&name).copied().unwrap_or(1);
        // Departures become one finding anyway, once comments have been heard.
        if n <= SEPARATE || diagnostic.tally.is_some() {
            out.push(diagnostic);
            continue;
        }
        match first.get_mut(&name) {
            None => {
                first.insert(name, (out.len(), 0));
                let is_repeated = matches!(
                    violation.kind,
                    ViolationKind::DuplicateKey { .. } | ViolationKind::Merged { .. }
                );
                let note = match is_repeated && n >= MOST_REPEATS {
                    true => format!("the same holds in more than {} more places", n - 1),
                    false => format!("the same holds in {} more places", n - 1),
                };
                out.push(diagnostic.note(note));
            }
            Some((i, marked)) => {
                let one = &mut out[*i];
                one.fixes.extend(diagnostic.fixes);
                one.hold(diagnostic.held);
                if *marked < MARKED {
                    *marked += 1;
                    one.secondary.push(Label {
                        span: place.descriptor.doc.span(violation.at.clone()),
                        text: "here too".to_owned(),
                    });
                }
            }
        }
    }
    out
}
