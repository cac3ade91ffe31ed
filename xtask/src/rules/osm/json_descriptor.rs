//! `osm/json-descriptor`.

use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule, Span};
use crate::rules::{Check, Context, Lint};
use crate::source::{Layout, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/json-descriptor",
    level: Level::Deny,
    fixed: false,
    summary: "the descriptor of an OSM package is a JSON file",
    docs: "\
## What it does

Reports an OSM package whose descriptor ends in `.json`.

## Why is this bad?

OSM's north-bound interface accepts the ending and then fails to read the file:
it answers 400 with `'str' object has no attribute 'read'`. No `.tar.gz` with a
JSON descriptor can be onboarded, however sound the descriptor is.

## What to do

Give the file the ending `.yaml`. Its text may stay as it is, since JSON is YAML.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.json",
            "{\"vnfd\": {\"id\": \"tiny_vnf\", \"version\": \"1.0\"}}\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "{\"vnfd\": {\"id\": \"tiny_vnf\", \"version\": \"1.0\"}}\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = &package.descriptor else {
        return;
    };
    let Some(stem) = package.descriptor_path.strip_suffix(".json") else {
        return;
    };
    // In a zip the same reader is not used.
    if !package.kind().is_some_and(Kind::is_osm)
        || package.layout != Layout::Osm
        || !package.is_tar_gz
    {
        return;
    }
    let name = stem.rsplit('/').next().unwrap_or(stem);
    let span = Span::whole(descriptor.doc.file());
    let message = format!("OSM can't read the descriptor `{name}.json` from a `.tar.gz`");
    out.push(
        Diagnostic::new(&RULE, span, message)
            .help(format!("rename it to `{name}.yaml`; JSON is YAML")),
    );
}
