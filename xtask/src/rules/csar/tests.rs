//! `csar/tests`.

use crate::csar::{self, Part};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "csar/tests",
    level: Level::Allow,
    fixed: false,
    summary: "a CSAR has no tests",
    docs: "\
## What it does

Looks for the tests of a CSAR: the folder that `ETSI-Entry-Tests` of
`TOSCA.meta` names, or `Tests/`. Off by default.

## Why is this bad?

ONAP demands them of a VNF package (R-21322); SOL004 leaves it to the author.

## What to do

Add the folder, or `tests = \"tests/onboarding\"` to `[csar]` of the
configuration.
",
    example: Some(Example {
        bad: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            ("tiny/tiny.mf", "metadata:\nvnf_product_name: tiny\n"),
        ],
        good: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            ("tiny/tiny.mf", "metadata:\nvnf_product_name: tiny\n"),
            ("tiny/Tests/readme.txt", "none yet\n"),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    out.extend(super::missing_part(
        &RULE,
        package,
        Part::Tests,
        csar::TESTS,
        "tests",
        "tests",
    ));
}
