//! `csar/licenses`.

use crate::csar::{self, Part};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "csar/licenses",
    level: Level::Warn,
    fixed: false,
    summary: "a CSAR has no licences",
    docs: "\
## What it does

Looks for the licences of a CSAR: the folder that `ETSI-Entry-Licenses` of
`TOSCA.meta` names, or `Licenses/`. In a package that is to be made into a CSAR,
`LICENSE`, `COPYING` and the like at the top count, or the configuration names a
file or folder. The archive of a physical function needs none.

## Why is this bad?

ONAP demands them (R-40820), and an operator asks.

## What to do

Add the folder, or `licenses = \"LICENSE\"` to `[csar]` of the configuration.
",
    example: Some(Example {
        bad: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            ("tiny/tiny.mf", "metadata:\nvnf_product_name: tiny\n"),
        ],
        good: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            ("tiny/tiny.mf", "metadata:\nvnf_product_name: tiny\n"),
            ("tiny/Licenses/LICENSE.txt", "Apache-2.0\n"),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    out.extend(super::missing_part(
        &RULE,
        package,
        Part::Licenses,
        csar::LICENSES,
        "licenses",
        "licences",
    ));
}
