//! `osm/no-version`.

use crate::descriptor::{Kind, local_entry};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;
use crate::yaml::Shape;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/no-version",
    level: Level::Warn,
    fixed: false,
    summary: "a VNFD or NSD has no version",
    docs: "\
## What it does

Looks for a VNFD or an NSD without `version`. A slice template has no such
field.

## Why is this bad?

The version is in the name of the package file, in the tag it is published
under and in the entry of a repository's index. Without it the package is called
after its id alone and its tag is `latest`, so that a new one replaces the old
one everywhere and nobody can ask for either. OSM takes such a descriptor; the
standard does not.

## What to do

Write `version: '1.0'`, in quotes: without them YAML reads `1.10` as 1.1.
",
    example: Some(Example {
        bad: &[("tiny_vnf/tiny_vnfd.yaml", "vnfd:\n  id: tiny_vnf\n")],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = &package.descriptor else {
        return;
    };
    let Some(body) = descriptor.body() else {
        return;
    };
    if !matches!(descriptor.kind, Kind::Vnf | Kind::Ns) || descriptor.version().is_some() {
        return;
    }
    let entry = local_entry(body, "version");
    let span = match &entry {
        Some(entry) => entry.key_span(),
        None => descriptor.span(),
    };
    let what = descriptor.kind.descriptor_name();
    let message = match (entry, descriptor.id()) {
        (Some(entry), _) => {
            let is = match entry.value().shape() {
                Shape::Mapping => "a mapping and no text",
                Shape::Sequence => "a list and no text",
                Shape::Scalar => "empty",
            };
            format!("the `version` of this {what} is {is}")
        }
        (None, Some(id)) => format!("the {what} `{id}` has no `version`"),
        (None, None) => format!("the {what} has no `version`"),
    };
    out.push(Diagnostic::new(&RULE, span, message).help("write `version: '1.0'`, in quotes"));
}
