//! `csar/release-date`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Package};
use crate::time::parse_rfc3339;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "csar/release-date",
    level: Level::Deny,
    fixed: false,
    summary: "the release date of a CSAR is no date of RFC 3339",
    docs: "\
## What it does

Reads the release date in the manifest, or in `release-date` of the
configuration, as RFC 3339 has it: day, time and offset from UTC, as in
`2026-01-31T12:00:00Z` or `2026-01-31T12:00:00+01:00`.

## Why is this bad?

SOL004 and SOL007 ask for RFC 3339. vnfsdk refuses anything else with
`Non IETF RFC 3339 vnf_release_data_time`. A date without an offset is another
moment in every time zone.

## What to do

Write the date in full.
",
    example: Some(Example {
        bad: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            (
                "tiny/tiny.mf",
                "metadata:\nvnf_release_date_time: 2026-01-31\n",
            ),
        ],
        good: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            (
                "tiny/tiny.mf",
                "metadata:\nvnf_release_date_time: 2026-01-31T00:00:00Z\n",
            ),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let help = "write it like `2026-01-31T00:00:00Z`";
    let Some(found) = super::manifest(package) else {
        let Some((csar, _)) = super::csar(package) else {
            return;
        };
        if let Some(date) = &csar.settings.release_date
            && parse_rfc3339(date).is_none()
            && package.form != Form::Archive
        {
            let message = format!(
                "the `release-date` of the configuration, `{date}`, is no date of RFC 3339"
            );
            out.push(super::configured(&RULE, package, csar.no_date.as_ref(), message).help(help));
        }
        return;
    };
    let Some(field) = found.manifest.release_date(found.family) else {
        return;
    };
    if !field.value.is_empty() && parse_rfc3339(field.value).is_none() {
        let message = format!("`{}` is no date of RFC 3339", field.value);
        out.push(
            Diagnostic::new(&RULE, found.span(field.value_at.clone()), message)
                .note("vnfsdk refuses the manifest")
                .help(help),
        );
    }
}
