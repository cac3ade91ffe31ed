//! `sol006/dangling-reference`.

use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::schema::words;
use crate::rules::{Check, Lint, Place, nearest};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

pub(in crate::rules) static RULE: Rule = Rule {
    id: "sol006/dangling-reference",
    level: Level::Deny,
    fixed: false,
    summary: "a value names something that the descriptor does not have",
    docs: "\
## What it does

Follows every reference of the model (a leafref, RFC 7950, section 9.9): a VDU
names its compute description, a connection point its virtual link, a profile
the function that it is for. What is named must be there.

Some references of the published modules lead to the wrong place (defects 4 to
8). The profile `etsi` follows them where they were meant to lead, the profile
`etsi-literal` where they do; `cargo nfv explain defects` describes each.

A reference into another descriptor is followed where both stand in one
document, in the container `nfv`.

## Why is this bad?

A reader by the model refuses the descriptor. One that does not look finds out
when it instantiates the function, or gives it a default that nobody meant.

OSM's loader follows no reference, so that in its profile this is a warning;
what its north-bound interface refuses is told by the rules `osm/…`.

## What to do

Correct the name, or add what it names. The finding lists what there is.
",
    example: Some(Example {
        bad: &[
            ("nfv.toml", "profile = \"etsi\"\n"),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  vdu:\n    - id: main\n  df:\n    - id: default-df\n      vdu-profile:\n        - id: mian\n",
            ),
        ],
        good: &[
            ("nfv.toml", "profile = \"etsi\"\n"),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  vdu:\n    - id: main\n  df:\n    - id: default-df\n      vdu-profile:\n        - id: main\n",
            ),
        ],
    }),
};

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let ViolationKind::DanglingReference {
        value,
        target,
        known,
        chosen,
        ..
    } = &violation.kind
    else {
        return None;
    };
    // OSM takes the link itself, and the departures speak of that.
    if violation.tolerated && names_a_link(violation, place) {
        return None;
    }
    let message = words::message(violation);
    let diagnostic = words::finding(&RULE, violation, place, message);
    if is_unlisted(target, value, place) {
        let help = format!("add `{value}`, which is a VNFD of the tree, to the list `vnfd-id`");
        return Some(diagnostic.help(help));
    }
    if known.is_empty() {
        return Some(match (target.is_empty(), chosen.as_slice()) {
            (true, _) => diagnostic,
            (false, []) => {
                let write = first_one(violation, place).map(|least| format!("; write `{least}`"));
                let write = write.unwrap_or_default();
                diagnostic.help(format!("there is no `{target}` at all{write}"))
            }
            (false, _) => diagnostic.help(format!("there is no such `{target}`")),
        });
    }
    const SHOWN: usize = 8;
    let list = words::list(&known[..known.len().min(SHOWN)], "and");
    let more = match known.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let verb = if known.len() == 1 { "is" } else { "are" };
    let there = format!("there {verb} {list}{more}");
    // As many references may lead nowhere as there are names to compare.
    const MOST: usize = 1000;
    let near = match known.len() {
        ..=MOST => nearest(value, known.iter().map(String::as_str)),
        _ => None,
    };
    Some(match near {
        Some(near) => diagnostic
            .help(format!("did you mean `{near}`?"))
            .note(there),
        None => diagnostic.help(there),
    })
}

/// The least that can be written for what is named, with its name: in the
/// nearest node around the reference that has room for it.
fn first_one(violation: &Violation, place: &Place<'_>) -> Option<String> {
    let ViolationKind::DanglingReference {
        value,
        target,
        leaf,
        ..
    } = &violation.kind
    else {
        return None;
    };
    let ends = violation.path.rmatch_indices('/').map(|(end, _)| end);
    let mut around = ends.map(|end| &violation.path[..end]);
    let least = around.find_map(|around| place.schema.least(around, target))?;
    let name = format!("{leaf}: {value}");
    let is_plain = value
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    Some(match is_plain {
        true => least.replacen(&format!("{leaf}: TEXT"), &name, 1),
        false => least,
    })
}

/// Whether a service names a virtual link where the model wants the profile of
/// one: in OSM's reading it is the link.
pub(in crate::rules) fn names_a_link(violation: &Violation, place: &Place<'_>) -> bool {
    let ViolationKind::DanglingReference { value, .. } = &violation.kind else {
        return false;
    };
    violation.path.ends_with("/virtual-link-profile-id") && place.has_link(value)
}

/// Whether a service uses a function that there is, and that it does not list:
/// then the list is what is wrong, whatever it holds.
fn is_unlisted(target: &str, value: &str, place: &Place<'_>) -> bool {
    let is_list = target.rsplit('/').next() == Some("vnfd-id");
    is_list && (place.is_there)(Kind::Vnf, value)
}
