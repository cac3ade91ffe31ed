//! `csar/mismatch`.

use crate::csar;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "csar/mismatch",
    level: Level::Warn,
    fixed: false,
    summary: "the manifest of a CSAR disagrees with the descriptor",
    docs: "\
## What it does

Compares the metadata of the manifest with the descriptor: id, provider, product
name, software version, version, VNF managers; designer, name and invariant id
of a network service; name, provider and version of a physical function. What
the descriptor does not say is not compared.

## Why is this bad?

A catalogue shows what the manifest says, and the orchestrator uses what the
descriptor says. osm2sol007 writes `default-id` and `default-name` into every
manifest.

## What to do

Correct the manifest, or delete it: `build` takes the values from the
descriptor. The version of the package may be another one than that of the
descriptor on purpose; allow the rule then.
",
    example: Some(Example {
        bad: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n  provider: Example\n"),
            ("tiny/tiny.mf", "metadata:\nvnf_provider_id: Somebody\n"),
        ],
        good: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n  provider: Example\n"),
            ("tiny/tiny.mf", "metadata:\nvnf_provider_id: Example\n"),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(found) = super::manifest(package) else {
        return;
    };
    let Some(descriptor) = &package.descriptor else {
        return;
    };
    for wanted in csar::names(found.family) {
        let (Some(field), Some(key)) = (found.manifest.get(wanted.name), wanted.field) else {
            continue;
        };
        let Some(value) = csar::of_descriptor(descriptor, key) else {
            continue;
        };
        let value = csar::tidy_value(&value);
        let same = |list: &str| {
            let items = list.split(',').map(|item| item.trim().to_owned());
            items.collect::<Vec<String>>()
        };
        if field.value.is_empty() || same(field.value) == same(&value) {
            continue;
        }
        let what = descriptor.kind.descriptor_name();
        let message = format!(
            "`{}` is `{}`, and `{key}` of the {what} is `{value}`",
            wanted.name, field.value
        );
        let mut diagnostic = Diagnostic::new(&RULE, found.span(field.value_at.clone()), message);
        if let Some(node) = descriptor.field(key) {
            diagnostic = diagnostic.also(node.span(), "the descriptor says");
        }
        out.push(diagnostic.help(format!("write `{value}`, or correct the {what}")));
    }
}
