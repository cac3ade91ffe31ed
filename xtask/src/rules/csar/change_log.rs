//! `csar/change-log`.

use crate::csar::{self, Part};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "csar/change-log",
    level: Level::Deny,
    fixed: false,
    summary: "a CSAR has no change log",
    docs: "\
## What it does

Looks for the change log of a CSAR: the file that `ETSI-Entry-Change-Log` of
`TOSCA.meta` names, or `ChangeLog.txt` at the top. A package that is to be made
into a CSAR may bring `ChangeLog.txt`, or the configuration names a file.

## Why is this bad?

SOL004 and SOL007 demand one (ONAP R-221914). ONAP's SDC takes a package
without the entry `ETSI-Entry-Change-Log` for no package of ETSI at all.

## What to do

Write down what has changed, in `ChangeLog.txt` or in a file of your own:
`change-log = \"CHANGES.md\"` in `[csar]` of the configuration.
",
    example: Some(Example {
        bad: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            ("tiny/tiny.mf", "metadata:\nvnf_product_name: tiny\n"),
        ],
        good: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            ("tiny/tiny.mf", "metadata:\nvnf_product_name: tiny\n"),
            ("tiny/ChangeLog.txt", "1.0: first release\n"),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    out.extend(super::missing_part(
        &RULE,
        package,
        Part::ChangeLog,
        csar::CHANGE_LOG,
        "change-log",
        "change log",
    ));
}
