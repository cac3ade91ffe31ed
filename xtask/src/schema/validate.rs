//! Evaluation of one schema on one document, with a place for every violation.

use std::collections::HashSet;

use jsonschema::ValidationError;

use super::catalog::{Compiled, Reading, Schema};
use super::conditions;
use super::constraints;
use super::data::Data;
use super::locate::Known;
use super::translate::translate;
use super::twins::{self, Twins};
use super::view::{View, Wrapped};
use super::violation::{Ledger, Violation, ViolationKind};
use crate::source::Profile;
use crate::yaml::{Document, Node};

/// After this many violations nobody reads the next; each costs a message and
/// the memory for it. As many are kept of what OSM lets pass.
const MOST_VIOLATIONS: usize = 20_000;

/// Holds a document against a schema.
///
/// Violations come in the order of the document. A document that could not be
/// read has none: its own faults are told elsewhere.
///
/// What OSM lets pass is tolerated in its profile alone; what only a published
/// defect of the model forbids is left out in `etsi`.
pub fn validate(schema: &'static Schema, doc: &Document, profile: Profile) -> Vec<Violation> {
    let (mut violations, twins) = judge(schema, doc, profile);
    if !twins.paths.is_empty() {
        let is_loaded = is_loaded(schema, profile);
        let of = |doc: &Document| judge(schema, doc, profile).0;
        twins::judge(doc, &twins, is_loaded.then_some(&of), &mut violations);
    }
    violations
        .sort_by(|a, b| (a.at.start, a.at.end, &a.path).cmp(&(b.at.start, b.at.end, &b.path)));
    violations
}

/// Whether today's OSM loads documents with that schema, and is the judge.
fn is_loaded(schema: &'static Schema, profile: Profile) -> bool {
    profile == Profile::Osm && schema.name.starts_with("osm/")
}

/// All violations of a document, and what stands there under several spellings of a key.
fn judge(schema: &'static Schema, doc: &Document, profile: Profile) -> (Vec<Violation>, Twins) {
    let mut violations = Vec::new();
    let mut twins = Twins::default();
    let Some(root) = doc.root() else {
        return (violations, twins);
    };
    let mut ledger = Ledger::new(MOST_VIOLATIONS, profile == Profile::Osm);
    let data = (schema.reading == Reading::Lexical).then(|| Data::new(schema.stated(), doc));
    if !data.as_ref().is_some_and(Data::is_plain) {
        let single = data.as_ref().map(Data::single_items).unwrap_or_default();
        ask_all(schema, root, profile, single, &mut ledger, &mut violations);
    }
    let mut is_unread = false;
    let is_full = ledger.is_full();
    if is_full {
        // What is not let pass goes first. Lists, references and conditions are looked at
        // all the same: what they say may be the reason for all of it.
        violations.sort_by_key(|violation| violation.tolerated);
        violations.truncate(MOST_VIOLATIONS);
        ledger.reopen(&violations);
    }
    if let Some(data) = data {
        twins = data.twins();
        is_unread = constraints::check(
            &data,
            profile,
            is_loaded(schema, profile),
            schema.kind(),
            &mut ledger,
            &mut violations,
        );
        let values = violations.len();
        conditions::check(&data, profile, &mut ledger, &mut violations);
        compare_sound_values(&mut violations, values);
        if profile != Profile::Osm {
            for violation in &mut violations {
                violation.tolerated = false;
            }
        }
    }
    if is_full || ledger.is_full() || is_unread {
        let most = MOST_VIOLATIONS * (1 + usize::from(is_full));
        violations.sort_by_key(|violation| violation.tolerated);
        violations.truncate(most);
        violations.push(unread(root));
    } else if ledger.is_cut() {
        violations.push(more(root));
    }
    (violations, twins)
}

/// How many nodes of a document the schema knows. Of what stands below a key that
/// it does not know it has nothing to say. Schemas that are not compiled from YANG
/// are not asked, and know none.
pub fn known_nodes(schema: &'static Schema, doc: &Document) -> usize {
    match schema.reading {
        Reading::Lexical => Data::new(schema.stated(), doc).all().count(),
        Reading::Typed | Reading::Python => 0,
    }
}

/// Drops the conditions, from number `first` on, that compare a value of which
/// something is said already: it has not the form in which values compare, be it
/// wrong or only taken by OSM.
fn compare_sound_values(violations: &mut Vec<Violation>, first: usize) {
    let is_value = |violation: &&Violation| {
        matches!(
            violation.kind,
            ViolationKind::WrongType { .. }
                | ViolationKind::OutOfRange { .. }
                | ViolationKind::BadFormat { .. }
        )
    };
    let told: HashSet<(usize, usize)> = violations[..first]
        .iter()
        .filter(is_value)
        .map(|violation| (violation.at.start, violation.at.end))
        .collect();
    if told.is_empty() {
        return;
    }
    violations.retain(|violation| {
        let ViolationKind::Condition { other, third, .. } = &violation.kind else {
            return true;
        };
        let third = third.as_ref().map(|(place, _)| place);
        let places = std::iter::once(&violation.at).chain(other).chain(third);
        let mut places = places.map(|place| (place.start, place.end));
        !places.any(|place| told.contains(&place))
    });
}

/// Adds what `jsonschema` finds. Of a mapping in the place of a list it says that
/// it is none, and looks no further; what is in it is looked at as the only item
/// of a list, as often as one of them lies in another.
fn ask_all(
    schema: &'static Schema,
    root: Node<'_>,
    profile: Profile,
    mut single: Wrapped,
    ledger: &mut Ledger,
    violations: &mut Vec<Violation>,
) {
    let mut wrapped = Wrapped::default();
    let mut told = Vec::new();
    loop {
        let mut found: Vec<Violation> = told.clone();
        let mut count = Ledger::new(MOST_VIOLATIONS, profile == Profile::Osm);
        let refused = ask(schema, root, profile, &wrapped, &mut count, &mut found);
        let refused = refused.into_iter().filter(|(node, _)| single.remove(node));
        let before = told.len();
        for (node, violation) in refused {
            wrapped.insert(node);
            told.extend(found.get(violation).cloned());
        }
        if told.len() == before {
            *ledger = count;
            *violations = found;
            return;
        }
    }
}

/// Adds what `jsonschema` finds where it is shown some mappings as lists, and gives
/// the mappings in the place of lists that it was not: the number of the node, and
/// that of the violation.
fn ask(
    schema: &'static Schema,
    root: Node<'_>,
    profile: Profile,
    wrapped: &Wrapped,
    ledger: &mut Ledger,
    violations: &mut Vec<Violation>,
) -> Vec<(usize, usize)> {
    let mut known = Known::default();
    let mut refused = Vec::new();
    let mut tell = |error: &ValidationError<'_>| {
        let at = violations.len();
        let node = translate(schema, root, profile, error, &mut known, violations);
        refused.extend(
            node.filter(|_| violations.len() > at)
                .map(|node| (node, at)),
        );
        ledger.count(violations)
    };
    match schema.compiled() {
        Some(Compiled::Lexical(validator)) => {
            let mut errors = validator.iter_errors(View::new(root, wrapped));
            while errors.next().is_some_and(|error| tell(&error)) {}
        }
        Some(Compiled::Typed(validator)) => {
            let mut errors = validator.iter_errors(View::new(root, wrapped));
            while errors.next().is_some_and(|error| tell(&error)) {}
        }
        Some(Compiled::Python(validator)) => {
            let mut errors = validator.iter_errors(View::new(root, wrapped));
            while errors.next().is_some_and(|error| tell(&error)) {}
        }
        None => {}
    }
    refused
}

/// What is said of a document that has too many violations to tell. It is no
/// matter of taste: among those that were not looked at may be any.
fn unread(root: Node<'_>) -> Violation {
    let most = MOST_VIOLATIONS;
    of_document(root, ViolationKind::Unread { most }, false)
}

/// What is said of a document of which too much is let pass to tell, and in which
/// the rest was looked for to the end.
fn more(root: Node<'_>) -> Violation {
    let most = MOST_VIOLATIONS;
    of_document(root, ViolationKind::More { most }, true)
}

fn of_document(root: Node<'_>, kind: ViolationKind, tolerated: bool) -> Violation {
    let first = root.entries().next().map(|entry| entry.key_at());
    Violation {
        kind,
        at: first.unwrap_or_else(|| root.at()),
        path: String::new(),
        tolerated,
        defect: None,
    }
}
