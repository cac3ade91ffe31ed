//! `sol006/dangling-reference`.

use crate::descriptor::{Kind, with_article};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::osm::duplicate_id;
use crate::rules::schema::words;
use crate::rules::{Check, Lint, Place, names, nearest};
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

The validator that SHIELD used answers `evt_vnfd_itg_undefined_cpoint` or
`evt_vnfd_itg_undeclared_cpoint`, errors both, where an interface or a virtual link of a VNF
names a connection point that is not there.

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
        leaf,
        is_one_unnamed,
        around,
        elsewhere,
    } = &violation.kind
    else {
        return None;
    };
    // OSM takes the link itself, and the departures speak of that.
    if violation.tolerated
        && (names_a_link(violation, place) || names_a_parameter(violation, place))
    {
        return None;
    }
    let message = words::message(violation);
    let diagnostic = words::finding(&RULE, violation, place, message);
    if is_unlisted(target, value, place) {
        let help = format!("add `{value}`, which is a VNFD of the tree, to the list `vnfd-id`");
        return Some(diagnostic.help(help));
    }
    if known.is_empty() {
        let without = format!("there is a `{target}`, but without `{leaf}`");
        return Some(match (target.is_empty(), chosen.as_slice(), elsewhere) {
            (true, ..) => diagnostic,
            _ if *is_one_unnamed => diagnostic.help(without),
            // A list of that name that stands here too would be another one.
            (_, _, Some(kind)) => diagnostic.help(elsewhere_help(kind, target, place)),
            // The modules ask for what can't stand there, and the note says so.
            (_, [], None) if violation.defect.is_some() => diagnostic,
            (_, [], None) => {
                let write = first_one(violation, place).map(|least| format!("; write `{least}`"));
                let write = write.unwrap_or_default();
                // A list of that name may stand in some other node.
                let is_inside = |around: &&String| {
                    let below = violation.path.strip_prefix(around.as_str());
                    below.is_some_and(|below| below.starts_with('/'))
                };
                let place = match around.as_ref().filter(|around| !is_inside(around)) {
                    Some(around) => format!("in `{around}`"),
                    None => "at all".to_owned(),
                };
                let help = format!("there is no `{target}` {place}{write}");
                diagnostic.help(help).lacks(target)
            }
            _ => diagnostic
                .help(format!("there is no such `{target}`"))
                .lacks(target),
        });
    }
    const SHOWN: usize = 8;
    let list = words::list(&known[..known.len().min(SHOWN)], "and");
    let more = match known.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let verb = if known.len() == 1 { "is" } else { "are" };
    let unnamed = match is_one_unnamed {
        true => format!(", and a `{target}` without `{leaf}`"),
        false => String::new(),
    };
    let there = format!("there {verb} {list}{more}{unnamed}");
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

/// The least that can be written for what is named, with its name: where it is
/// looked for, or in the nearest node around the reference that has room for it.
fn first_one(violation: &Violation, place: &Place<'_>) -> Option<String> {
    let ViolationKind::DanglingReference {
        value,
        target,
        leaf,
        around,
        ..
    } = &violation.kind
    else {
        return None;
    };
    let own = around.as_deref();
    let ends = violation.path.rmatch_indices('/').map(|(end, _)| end);
    let mut around = own
        .into_iter()
        .chain(ends.map(|end| &violation.path[..end]));
    // The reference itself may be called like the list: it is no list of mappings.
    let least = around.find_map(|around| {
        let least = place.schema.least(around, target)?;
        least.contains(": [{").then_some(least)
    })?;
    let name = format!("{leaf}: {value}");
    let is_plain = value
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    Some(match is_plain {
        true => least.replacen(&format!("{leaf}: TEXT"), &name, 1),
        false => least,
    })
}

/// What is said of a reference into another descriptor, a `vnfd` for instance,
/// where nothing stands that it could name.
fn elsewhere_help(kind: &str, target: &str, place: &Place<'_>) -> String {
    let name = with_article(&kind.to_uppercase());
    let what = match target == kind {
        true => name,
        false => format!("the `{target}` of {name}"),
    };
    let meant = format!("what is meant is {what} in the same document, and there is none");
    // Only the container of all descriptors has room for another one.
    match place.schema.name.ends_with("/nfv") {
        true => meant,
        false => format!("{meant}; the profile `etsi` looks in the other files of the tree"),
    }
}

/// Whether a service names a virtual link where the model wants the profile of
/// one: in OSM's reading it is the link.
pub(in crate::rules) fn names_a_link(violation: &Violation, place: &Place<'_>) -> bool {
    let ViolationKind::DanglingReference { value, .. } = &violation.kind else {
        return false;
    };
    violation.path.ends_with("/virtual-link-profile-id") && place.has_link(&violation.path, value)
}

/// Whether an alarm or a scaling rule names a monitoring parameter of a VDU or of a
/// link where the model wants one of the flavour: OSM takes all of them.
pub(in crate::rules) fn names_a_parameter(violation: &Violation, place: &Place<'_>) -> bool {
    let ViolationKind::DanglingReference { value, .. } = &violation.kind else {
        return false;
    };
    let Some(body) = place.descriptor.body() else {
        return false;
    };
    violation.path.ends_with("/vnf-monitoring-param-ref")
        && duplicate_id::parameter_lists(body)
            .into_iter()
            .flat_map(|list| list.items())
            .any(|parameter| names::text(parameter, "id") == value)
}

/// Whether a service uses a function that there is, and that it does not list:
/// then the list is what is wrong, whatever it holds.
fn is_unlisted(target: &str, value: &str, place: &Place<'_>) -> bool {
    let is_list = target.rsplit('/').next() == Some("vnfd-id");
    is_list && (place.is_there)(Kind::Vnf, value)
}
