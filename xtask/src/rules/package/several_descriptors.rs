//! `package/several-descriptors`.

use crate::diagnostic::{Diagnostic, Example, Level, Rule, Span};
use crate::rules::{Check, Lint};
use crate::source::{Finding, are_variants};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Finding(check),
};

static RULE: Rule = Rule {
    id: "package/several-descriptors",
    level: Level::Deny,
    fixed: true,
    summary: "a package holds more than one descriptor",
    docs: "\
## What it does

Looks for packages with more than one descriptor where the one that counts is
expected. A folder is taken as one package if it has what belongs to a package
and to nothing else, such as `checksums.txt`, `icons/` or `cloud_init/`.

## Why is this bad?

OSM takes the only YAML file of the top folder as the descriptor and refuses a
package with two of them: `Found more than one descriptor file`. This program
can't tell either which of them the package is for.

## What to do

Move every descriptor into a folder of its own. Descriptors that need no other
files may stand side by side in a folder that has nothing else of a package;
each is then built by itself. Of descriptors for several releases of OSM (`filter_vnfd.r2.yaml`,
`filter_vnfd.r4.yaml`) the one that a SHIELD manifest names is wrapped alone; otherwise name
one by its path, or write `variant = \"r4\"` into the configuration, for all or in
`[packages.ID]`.
",
    example: Some(Example {
        bad: &[
            ("tiny_vnf/tiny_vnfd.yaml", "vnfd:\n  id: tiny_vnf\n"),
            ("tiny_vnf/other_vnfd.yaml", "vnfd:\n  id: other_vnf\n"),
            ("tiny_vnf/cloud_init/init.cfg", "#cloud-config\n"),
        ],
        good: &[
            ("tiny_vnf/tiny_vnfd.yaml", "vnfd:\n  id: tiny_vnf\n"),
            ("tiny_vnf/cloud_init/init.cfg", "#cloud-config\n"),
            ("other_vnf/other_vnfd.yaml", "vnfd:\n  id: other_vnf\n"),
        ],
    }),
};

fn check(finding: &Finding) -> Option<Diagnostic> {
    let Finding::SeveralDescriptors { spans } = finding else {
        return None;
    };
    let (first, rest) = spans.split_first()?;
    let message = format!("this package holds {} descriptors", spans.len());
    let mut diagnostic = Diagnostic::new(&RULE, first.clone(), message)
        .label(file(first.file.path()))
        .help(help(spans));
    for span in rest {
        diagnostic = diagnostic.also(span.clone(), file(span.file.path()));
    }
    Some(diagnostic)
}

/// What to do about it.
fn help(spans: &[Span]) -> String {
    let mut names = spans.iter().map(|span| name(span.file.path()));
    let first = spans.first().map_or("", |span| span.file.path());
    if first.contains("!/") {
        return "build the package again with the one that is meant".to_owned();
    }
    if !are_variants(names.by_ref()) {
        return "move each descriptor into a folder of its own".to_owned();
    }
    let last = spans.last().map_or("", |span| span.file.path());
    let release = name(last).rsplit('.').nth(1).unwrap_or_default();
    format!(
        "name the one that is meant by its path, `{last}`, or the release in the configuration: \
         `variant = \"{release}\"`"
    )
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn file(path: &str) -> String {
    format!("`{}` is one", name(path))
}
