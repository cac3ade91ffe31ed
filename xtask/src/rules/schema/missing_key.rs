//! `schema/missing-key`.

use super::{defects, purpose, words};
use crate::descriptor::local_entry;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint, Place};
use crate::schema::{Violation, ViolationKind};
use crate::yaml::Entry;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "schema/missing-key",
    level: Level::Deny,
    fixed: false,
    summary: "a key that must be there is missing",
    docs: "\
## What it does

Looks for mappings that lack a key without which the descriptor is refused.

## Why is this bad?

OSM takes the items of a list by the keys that its model gives for that list,
in most cases `id` or `name`, and refuses a descriptor in which an item has
none. The SHIELD Store, HDA graphs and Helm name keys of their own that must be
there. Other keys that the published model calls mandatory are left out of
nearly every descriptor in use, and OSM does not mind: those are told by
`schema/departure`.

The validator that SHIELD used has one event for all that a schema refuses,
`evt_nsd_stx_invalid` or `evt_vnfd_stx_invalid`. A connection point without its id
is `evt_invalid_cpoint`.

## What to do

Write the key. If it seems to be there, look at its indentation: it may belong
to the item before or to the mapping around.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  vdu:\n  - name: server\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  vdu:\n  - id: server\n",
        )],
    }),
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    match &violation.kind {
        ViolationKind::MissingKey { .. } => many(&[violation], place),
        ViolationKind::NoneOf { options } => {
            let message = words::message(violation);
            let mut diagnostic = words::finding(&RULE, violation, place, message);
            diagnostic.help = helps(options.iter().map(String::as_str), violation, place);
            Some(diagnostic)
        }
        _ => None,
    }
}

/// One finding for all keys that one mapping lacks.
pub(super) fn many(violations: &[&Violation], place: &Place<'_>) -> Option<Diagnostic> {
    let first = violations.first()?;
    let mut keys = Vec::new();
    let mut list_keys = Vec::new();
    for violation in violations {
        if let ViolationKind::MissingKey { key, is_list_key } = &violation.kind {
            keys.push(key.as_str());
            if *is_list_key {
                list_keys.push(key.as_str());
            }
        }
    }
    // Whoever sees the key in the file is not told that it is missing.
    let empty: Vec<Entry<'_>> = match words::node(place, &first.path) {
        Some(node) => keys
            .iter()
            .filter_map(|key| local_entry(node, key))
            .filter(|entry| entry.value().is_null())
            .collect(),
        None => Vec::new(),
    };
    let is_empty = |key: &&&str| empty.iter().any(|entry| entry.name() == **key);
    let (without, absent): (Vec<&str>, Vec<&str>) = keys.iter().partition(is_empty);
    let message = match (absent.is_empty(), without.is_empty()) {
        (_, true) => words::missing(&absent, &first.path),
        (true, false) => words::without_value(&without, &first.path),
        (false, false) => format!(
            "{}, and {} without a value",
            words::missing(&absent, &first.path),
            words::list(&without, "and")
        ),
    };
    let mut diagnostic = words::finding(&RULE, first, place, message);
    let first_empty = empty.iter().min_by_key(|entry| entry.key_at().start);
    if let (true, Some(entry)) = (absent.is_empty(), first_empty) {
        diagnostic.primary.span = entry.key_span();
    }
    let mut numbers: Vec<u8> = violations.iter().filter_map(|one| one.defect).collect();
    numbers.dedup();
    // That of the first is told already.
    numbers.retain(|number| first.defect != Some(*number));
    let notes = numbers.into_iter().filter_map(defects::note);
    diagnostic.notes.extend(notes);
    if !list_keys.is_empty() {
        let key = words::last_key(&first.path);
        let names = words::list(&list_keys, "and");
        let note = match list_keys.len() {
            1 => format!("the items of the list `{key}` are told apart by their {names}"),
            _ => format!("the items of the list `{key}` are told apart by {names} together"),
        };
        diagnostic = diagnostic.note(note);
    }
    diagnostic.help = helps(keys.into_iter(), first, place);
    Some(diagnostic)
}

/// What the keys are for and what to write, for the first of them.
fn helps<'a>(
    keys: impl Iterator<Item = &'a str>,
    violation: &Violation,
    place: &Place<'_>,
) -> Vec<String> {
    // More than these would be a page.
    const EXPLAINED: usize = 12;
    let helps = keys.filter_map(|key| purpose::help(&violation.path, key, place));
    helps.take(EXPLAINED).collect()
}
