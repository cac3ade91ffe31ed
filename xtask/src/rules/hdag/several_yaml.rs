//! `hdag/several-yaml`.

use super::graph;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::{Finding, Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "hdag/several-yaml",
    level: Level::Deny,
    fixed: false,
    summary: "a second YAML file lies beside the HDA graph",
    docs: "\
## What it does

Looks for files that end in `.yml` or `.yaml` in the package of an HDA graph,
beside the graph itself.

## Why is this bad?

NEPHELE's orchestrator unpacks the package and takes the first file that ends in
`.yml`, and if there is none the first that ends in `.yaml`. Which one is first is
up to the file system, so that the graph that runs may not be the one that was
meant.

## What to do

Keep other YAML files outside of the graph's folder.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_hdag/tiny.yaml",
                "hdaGraph:\n  imVersion: 0.4.0\n  id: tiny\n  version: '1.0.0'\n",
            ),
            ("tiny_hdag/values.yml", "replicas: 2\n"),
        ],
        good: &[
            (
                "tiny_hdag/tiny.yaml",
                "hdaGraph:\n  imVersion: 0.4.0\n  id: tiny\n  version: '1.0.0'\n",
            ),
            ("values.yml", "replicas: 2\n"),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if graph::of(package).is_none() || package.form == Form::Loose {
        return;
    }
    for file in &package.files {
        let is_yaml = file.path.ends_with(".yml") || file.path.ends_with(".yaml");
        if !is_yaml || file.path == package.descriptor_path {
            continue;
        }
        let span = package.span_of(&file.path);
        // Two graphs are told as two descriptors.
        let is_rival = package.findings.iter().any(|finding| match finding {
            Finding::SeveralDescriptors { spans } => {
                spans.iter().any(|s| s.file.path() == span.file.path())
            }
            _ => false,
        });
        if is_rival {
            continue;
        }
        let message = format!("`{}` may be taken for the graph", file.path);
        let mut diagnostic = Diagnostic::new(&RULE, span, message)
            .help("move it out of the graph's folder")
            .note("the orchestrator takes the first `.yml` file, then the first `.yaml` file");
        if let Some(descriptor) = &package.descriptor {
            diagnostic = diagnostic.also(descriptor.span(), "the graph is here");
        }
        out.push(diagnostic);
    }
}
