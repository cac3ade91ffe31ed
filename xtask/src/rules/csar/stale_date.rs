//! `csar/stale-date`.

use crate::diagnostic::{Diagnostic, Edit, Fix, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Package};
use crate::time::parse_rfc3339;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "csar/stale-date",
    level: Level::Warn,
    fixed: false,
    summary: "the release date in a manifest is that of an earlier release",
    docs: "\
## What it does

Where `SOURCE_DATE_EPOCH` is set, to the time of the last commit for instance,
compares it with the release date in the manifest of a source folder, which
should not be earlier. Without that variable nothing is compared: no clock is
looked at.

## Why is this bad?

The date in the manifest is kept in version control and forgotten, and then two
different packages are of the same moment.

## What to do

Correct the date, or let `check --fix` write that of `SOURCE_DATE_EPOCH`. A
folder without a manifest gets that date by itself.
",
    // What it finds depends on the environment.
    example: None,
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(found) = super::manifest(package).filter(|_| package.form != Form::Archive) else {
        return;
    };
    let released = package
        .csar
        .as_ref()
        .and_then(|csar| csar.released.as_deref());
    let (Some(released), Some(field)) = (released, found.manifest.release_date(found.family))
    else {
        return;
    };
    let stated = parse_rfc3339(field.value);
    if stated.is_none_or(|stated| parse_rfc3339(released).is_none_or(|now| stated >= now)) {
        return;
    }
    let message = format!(
        "the release date `{}` is earlier than `SOURCE_DATE_EPOCH`, {released}",
        field.value
    );
    let fix = found.manifest.signatures.is_empty().then(|| {
        let edit = Edit::new(field.value_at.clone(), released);
        Fix::one(format!("write `{released}`"), edit)
    });
    out.push(
        Diagnostic::new(&RULE, found.span(field.value_at.clone()), message)
            .help("write the date of this release")
            .fix(fix),
    );
}
