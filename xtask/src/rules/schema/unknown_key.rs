//! `schema/unknown-key`.

use super::envelope::Envelope;
use super::words;
use crate::descriptor::local_name;
use crate::diagnostic::{Diagnostic, Example, Fix, Level, Rule};
use crate::rules::suggest::{is_slip, slip};
use crate::rules::{Check, Lint, Place, fixes, nearest};
use crate::schema::{Reading, Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "schema/unknown-key",
    level: Level::Deny,
    fixed: false,
    summary: "the model has no such key here",
    docs: "\
## What it does

Looks for keys that the descriptor's model does not have at this place.

## Why is this bad?

OSM loads a VNFD, an NSD or an NST into classes made of its information model
and refuses the whole descriptor for one key that they lack. The SHIELD Store
does the same with a manifest. Where a reader lets the key pass, it has no
effect, which is worse: the author believes that it has.

The validator that SHIELD used has one event for all that a schema refuses,
`evt_nsd_stx_invalid` or `evt_vnfd_stx_invalid`.

## What to do

Most often the key is misspelled, or indented one level too far or not far
enough; the finding names the nearest key that the model has here, or the one
place where it knows this key, and `--fix` mends a slip of the fingers. Keys of SOL006 changed between its editions:
`cargo nfv schema` prints the model that is asked.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  product-nam: tiny\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  product-name: tiny\n",
        )],
    }),
};

/// Keys of OSM releases ONE to THREE, and those that took their place.
const RENAMED: [(&str, &str); 3] = [
    ("external-interface", "interface"),
    ("internal-interface", "interface"),
    ("service-primitive", "config-primitive"),
];

const OF_OSM: &str = "OSM has added it to ETSI's model";
const ALL_OF_OSM: &str = "OSM has added them to ETSI's model";
const FOR_OSM: &str = "for OSM, check with `--profile osm`";

/// More known keys than this are no help to read.
const MANY: usize = 12;

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let ViolationKind::UnknownKey {
        key,
        known,
        present,
        ..
    } = &violation.kind
    else {
        return None;
    };
    let own = words::last_key(&violation.path);
    let message = match local_name(key) == own && Envelope::is_around(&violation.path) {
        true => format!("`{own}` holds another `{own}`: it stands twice around the descriptor"),
        false => words::message(violation),
    };
    let diagnostic = words::finding(&RULE, violation, place, message);
    if is_of_newer_osm(key, violation, place) {
        return Some(
            diagnostic
                .note("OSM takes it since release SIXTEEN, and this program has the models up to FIFTEEN")
                .help(
                    "for a newer OSM, `# nfv: allow(schema/unknown-key)` in the line before lets it pass",
                ),
        );
    }
    if is_of_osm(violation, place) {
        return Some(diagnostic.note(OF_OSM).help(FOR_OSM));
    }
    if is_item(key, violation, place) {
        return Some(diagnostic.help(fixes::TIGHT_DASH));
    }
    let name = local_name(key);
    // What the model has under this very name is meant rather than another name that is only near.
    let is_elsewhere = place.schema.has_somewhere(name);
    let is_slip_of = |near: &str| slip(name, std::iter::once(near)).is_some();
    let near = suggestion(&violation.kind);
    if let Some(near) = near.filter(|near| !is_elsewhere || is_slip_of(near)) {
        let fix = fix(violation, place);
        let mut diagnostic = diagnostic.meant(near);
        // What is left alone without a word looks forgotten.
        if fix.is_none() && !is_slip_of(near) {
            let note = "`--fix` leaves it alone, because it may be another word";
            diagnostic = diagnostic.note(note);
        }
        return Some(diagnostic.fix(fix));
    }
    if let Some(envelope) = Envelope::of(violation) {
        let mut diagnostic = diagnostic;
        diagnostic.notes.extend(envelope.note(&violation.path));
        diagnostic.help.extend(envelope.help(&violation.path));
        return Some(diagnostic);
    }
    let renamed = RENAMED.iter().find(|(old, _)| *old == name);
    if let Some((_, new)) = renamed.filter(|(_, new)| known.iter().any(|key| key == new)) {
        return Some(
            diagnostic
                .note(format!("`{name}` is of the first OSM releases"))
                .help(format!("write it as `{new}`")),
        );
    }
    if let Some(elsewhere) = place.schema.only_place(name) {
        let note = format!("the model has `{name}`{}", words::inside(elsewhere));
        return Some(diagnostic.note(note));
    }
    if is_elsewhere {
        return Some(diagnostic.note(format!("the model has `{name}` in several other places")));
    }
    let is_there = |name: &&str| present.iter().any(|other| local_name(other) == *name);
    let there = known.iter().map(String::as_str).filter(is_there);
    if let Some(near) = nearest(name, there) {
        return Some(diagnostic.note(format!("it looks like `{near}`, which is there already")));
    }
    Some(match known.len() {
        0 => diagnostic.note("no key is known here"),
        1..=MANY => diagnostic.note(format!("known here: {}", words::list(known, "and"))),
        _ => diagnostic,
    })
}

/// Whether a key is the dash of an item without the space that belongs behind it: what
/// stands above in the same column is another item, or a key without a value.
fn is_item(key: &str, violation: &Violation, place: &Place<'_>) -> bool {
    let text = place.descriptor.doc.file().text();
    let before = text.get(..violation.at.start).unwrap_or_default();
    let mut lines = before.split('\n').rev();
    let column = lines.next().map_or(0, str::len);
    let lines = lines.take(1000).map(str::trim_end);
    let mut above = lines.filter(|line| {
        let content = line.trim_start_matches(' ');
        let is_content = !content.is_empty() && !content.starts_with('#');
        is_content && line.len() - content.len() <= column
    });
    fixes::is_tight_dash(key)
        && above.next().is_some_and(|line| {
            let content = line.trim_start_matches(' ');
            line.len() - content.len() == column
                && (content.starts_with('-') || content.ends_with(':'))
        })
}

/// Whether a key of a forwarding graph is one that OSM has added since: its north-bound interface or its LCM
/// reads it (`osm/forwarding-graph`), and no model that is at hand knows it.
fn is_of_newer_osm(key: &str, violation: &Violation, place: &Place<'_>) -> bool {
    const NEWER: [&str; 7] = [
        "nfp-position-element",
        "nfp-position-element-id",
        "match-attributes",
        "constituent-base-element-id",
        "order",
        "ingress-constituent-cpd-id",
        "egress-constituent-cpd-id",
    ];
    let is_in_graph = violation
        .path
        .split('/')
        .any(|part| local_name(part) == "vnffgd");
    place.schema.name.starts_with("osm/") && is_in_graph && NEWER.contains(&local_name(key))
}

/// Whether a key that ETSI's model lacks is one that OSM has added to it there.
fn is_of_osm(violation: &Violation, place: &Place<'_>) -> bool {
    let ViolationKind::UnknownKey { key, .. } = &violation.kind else {
        return false;
    };
    place.schema.is_addition(&violation.path, key)
}

/// Renames the key where only one can be meant.
fn fix(violation: &Violation, place: &Place<'_>) -> Option<Fix> {
    // The other keys are looked at for each; a mapping of so many is not one
    // that somebody typed.
    const MANY: usize = 100;
    let ViolationKind::UnknownKey {
        key, free, present, ..
    } = &violation.kind
    else {
        return None;
    };
    let name = local_name(key);
    let has_prefix = name.len() < key.len();
    if present.len() > MANY || (has_prefix && place.schema.reading != Reading::Lexical) {
        return None;
    }
    let meant = slip(name, free.iter().map(String::as_str))?;
    // Two keys that both may be this one would become equal.
    let mut others = present.iter().filter(|other| *other != key);
    let is_only = others.all(|other| !is_slip(local_name(other), meant));
    let doc = &place.descriptor.doc;
    let mut fix = is_only.then(|| fixes::respell(doc, violation.at.clone(), name, meant))??;
    fix.title = format!("rename the key to `{meant}`");
    Some(fix)
}

/// One finding for several keys of one mapping that are all unknown: the
/// mapping as a whole is meant for another place.
pub(super) fn many(violations: &[&Violation], place: &Place<'_>) -> Option<Diagnostic> {
    let first = violations.first()?;
    let mut diagnostic = several(&RULE, violations, place)?;
    if violations
        .iter()
        .all(|violation| is_of_osm(violation, place))
    {
        return Some(diagnostic.note(ALL_OF_OSM).help(FOR_OSM));
    }
    if let ViolationKind::UnknownKey { known, .. } = &first.kind
        && (1..=MANY).contains(&known.len())
    {
        diagnostic = diagnostic.note(format!("known here: {}", words::list(known, "and")));
    }
    let help = Envelope::of(first).and_then(|envelope| envelope.help(&first.path));
    diagnostic.help.extend(help);
    Some(diagnostic)
}

/// A finding that names several unknown keys of one mapping, and shows the first of
/// them.
pub(super) fn several(
    rule: &'static Rule,
    violations: &[&Violation],
    place: &Place<'_>,
) -> Option<Diagnostic> {
    const SHOWN: usize = 5;
    let (first, rest) = violations.split_first()?;
    let keys: Vec<&str> = violations
        .iter()
        .filter_map(|violation| match &violation.kind {
            ViolationKind::UnknownKey { key, .. } => Some(key.as_str()),
            _ => None,
        })
        .collect();
    let named = &keys[..keys.len().min(SHOWN)];
    let total = match first.kind {
        ViolationKind::UnknownKey { total, .. } if total > keys.len() => total,
        _ => keys.len(),
    };
    let more = total - named.len();
    let keys = match more {
        0 => words::list(named, "and"),
        more => format!("`{}` and {more} more", named.join("`, `")),
    };
    let message = format!("unknown keys {keys}{}", words::inside(&first.path));
    let mut diagnostic = words::finding(rule, first, place, message);
    for other in rest.iter().take(SHOWN - 1) {
        let span = place.descriptor.doc.span(other.at.clone());
        diagnostic = diagnostic.also(span, "unknown as well");
    }
    Some(diagnostic)
}

/// The key that was meant: the nearest of those that are not there yet.
pub(super) fn suggestion(kind: &ViolationKind) -> Option<&str> {
    let ViolationKind::UnknownKey {
        key, free, meant, ..
    } = kind
    else {
        return None;
    };
    let search = || nearest(local_name(key), free.iter().map(String::as_str)).map(str::to_owned);
    meant.get_or_init(search).as_deref()
}
