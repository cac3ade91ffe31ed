//! `osm/unsupported`.

use crate::descriptor::{Descriptor, Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::schema::{Schema, Violation, ViolationKind};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/unsupported",
    level: Level::Warn,
    fixed: false,
    summary: "today's OSM takes no descriptor of this kind",
    docs: "\
## What it does

Looks for descriptors that no release of OSM from NINE on takes, or not the newest:

- those of OSM's information model before SOL006 (`vnfd-catalog`, `nsd-catalog`),
  unless a model of that family is asked for (`--model osm-im@8`, or `model` in the
  configuration), and not in a tree with SHIELD packages, which are made of such;
- what only an earlier release takes, as `vnf-configuration`, which NINE alone has;
- descriptors of physical functions (`pnfd`).

## Why is this bad?

The north-bound interface refuses the first with 422, `Unsupported descriptor
format. Please, use an ETSI SOL006 descriptor.` It has no address for the second:
OSM describes physical units as PDUs, which are no packages. Of a key of an earlier
release it says 422, `Error in pyangbind validation: JSON object contained a key that
did not exist`.

It is a warning because such a package may be meant for an older release, or for
another orchestrator.

## What to do

`cargo nfv migrate` writes a descriptor of the old model anew by SOL006. Check
what is meant for an older release with `--model osm-im@8`, and what is meant for
another orchestrator with `--profile etsi`.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:vnfd-catalog:\n  vnfd:\n    - id: tiny_vnf\n      version: '1.0'\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
        )],
    }),
};

/// Tells that a descriptor fits an earlier release, and what the newest has against it
/// first.
pub(in crate::rules) fn older(
    descriptor: &Descriptor,
    schema: &Schema,
    violation: &Violation,
) -> Diagnostic {
    let place = descriptor.doc.span(violation.at.clone());
    let what = match &violation.kind {
        ViolationKind::UnknownKey { key, .. } => format!("`{key}`"),
        _ => format!("this value of `{}`", violation.path),
    };
    let message = format!("the newest release of OSM does not take {what}");
    Diagnostic::new(&RULE, place, message)
        .note(format!("checked against {}, the newest that it fits", schema.title()))
        .help("`--model osm@15` shows all that it does not take; `--model` with an earlier one silences this")
}

fn check(package: &Package, context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = &package.descriptor else {
        return;
    };
    let is_old = descriptor.model == Model::OsmIm && descriptor.kind != Kind::Nst;
    let model = context.choice.model.map(|model| model.family);
    let (message, help) = match descriptor.kind {
        Kind::Pnf if descriptor.model == Model::Sol006 => (
            "OSM takes no descriptors of physical functions".to_owned(),
            "check it with `--profile etsi` if it is meant for another orchestrator",
        ),
        // A model of another family is told as a wrong envelope.
        _ if is_old && model.is_none() && !context.has_shield() => (
            format!(
                "OSM takes no {} of its model before SOL006 since release NINE",
                descriptor.kind.descriptor_name()
            ),
            "write it anew with `cargo nfv migrate`, or check it with `--model osm-im@8`",
        ),
        _ => return,
    };
    if let Some(envelope) = descriptor.envelope() {
        out.push(Diagnostic::new(&RULE, envelope.key_span(), message).help(help));
    }
}
