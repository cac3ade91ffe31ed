//! `schema/not-allowed`.

use super::{purpose, words};
use crate::descriptor::local_name;
use crate::diagnostic::{Diagnostic, Example, Fix, Level, Rule};
use crate::rules::{Check, Lint, Place, fixes, nearest_alone};
use crate::schema::{Violation, ViolationKind};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "schema/not-allowed",
    level: Level::Deny,
    fixed: false,
    summary: "the value is not one of those that the model lists",
    docs: "\
## What it does

Compares values with the list that the model gives for them: enumerations and
identities in OSM's models, fixed words elsewhere.

## Why is this bad?

OSM refuses a descriptor with a value that is not in the list, and takes the
letters as they are: `IPV4` is not `ipv4`. The name of the module that defines
an identity may stand before it. OSM takes the prefixes `nfv`, `vnf` and
`descriptors` as well, and any prefix where no list of them is wanted; to ETSI
these are wrong, so that they count as departures.

The validator that SHIELD used has one event for all that a schema refuses,
`evt_nsd_stx_invalid` or `evt_vnfd_stx_invalid`.

## What to do

Write one of the values that the finding lists; `--fix` does where only case, dashes,
underscores or the name of the module are wrong.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  ext-cpd:\n  - id: mgmt-ext\n    layer-protocol: [IPv4]\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  ext-cpd:\n  - id: mgmt-ext\n    layer-protocol: [ipv4]\n",
        )],
    }),
};

/// More options than this are no help to read.
const MANY: usize = 12;

fn check(violation: &Violation, place: &Place<'_>) -> Option<Diagnostic> {
    let ViolationKind::NotAllowed { value, options } = &violation.kind else {
        return None;
    };
    let message = words::message(violation);
    let mut diagnostic = words::finding(&RULE, violation, place, message);
    // An identity may stand behind the prefix of a module that OSM lacks.
    let names = options.iter().map(String::as_str);
    let near = nearest_alone(local_name(value), names);
    let is_short = (1..=MANY).contains(&options.len());
    if let Some(near) = near {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        if is_short && options.len() > 1 {
            let all = words::list(options, "and");
            diagnostic = diagnostic.note(format!("allowed are {all}"));
        }
    } else if is_short {
        diagnostic = diagnostic.help(format!("write {}", words::list(options, "or")));
    }
    if value.is_empty() {
        diagnostic
            .help
            .extend(purpose::help_at(&violation.path, place));
    }
    Some(diagnostic.fix(fix(violation, place)))
}

/// Writes the option that differs from the value in its case, its dashes and
/// underscores, or in the module before it.
pub(super) fn fix(violation: &Violation, place: &Place<'_>) -> Option<Fix> {
    let ViolationKind::NotAllowed { value, options } = &violation.kind else {
        return None;
    };
    let doc = &place.descriptor.doc;
    let name = local_name(value);
    let plain = |text: &str| text.to_lowercase().replace('_', "-");
    let mut alike = options.iter().filter(|option| plain(option) == plain(name));
    let (meant, None) = (alike.next()?, alike.next()) else {
        return None;
    };
    let old = if name == meant { value } else { name };
    fixes::respell(doc, violation.at.clone(), old, meant)
}
