//! `osm/root-yaml`.

use std::collections::BTreeSet;

use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::{Finding, Form, Layout, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/root-yaml",
    level: Level::Deny,
    fixed: false,
    summary: "something else named like a YAML or JSON file lies beside the descriptor",
    docs: "\
## What it does

Looks for files and folders that end in `.yaml`, `.yml` or `.json` directly in the folder
of an OSM package, beside the descriptor.

## Why is this bad?

OSM's north-bound interface tells the descriptor by its place and its ending,
not by what is in it. With two candidates it refuses the package: `Found more
than one descriptor file at package descriptor tar.gz` (400). A `values.yaml`
or a `metadata.json` at the top is enough for that, and so is a folder of such a name, which is
a member of its own in a tar.

## What to do

Move the file into one of the package's folders (`Files/`, `Scripts/`, `charms/`,
`helm-charts/`); OSM does not look for descriptors there.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
            ),
            ("tiny_vnf/values.yaml", "replicas: 2\n"),
        ],
        good: &[
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
            ),
            ("tiny_vnf/Files/values.yaml", "replicas: 2\n"),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = &package.descriptor else {
        return;
    };
    if !package.kind().is_some_and(Kind::is_osm)
        || package.layout != Layout::Osm
        || package.form == Form::Loose
    {
        return;
    }
    // In a finished package the root is the folder at the top; OSM takes any
    // such folder for one.
    let is_below_top = !package.root().is_empty();
    let mut folders = BTreeSet::new();
    for file in &package.files {
        let name = match file.path.split_once('/') {
            Some((_, name)) if is_below_top => name,
            None if is_below_top => continue,
            _ => file.path.as_str(),
        };
        if let Some((folder, _)) = name.split_once('/')
            && is_candidate(folder)
            && !package.is_zip
        {
            let end = file.path.len() - name.len() + folder.len();
            folders.insert(&file.path[..end]);
        }
        if name.contains('/') || !is_candidate(name) || file.path == package.descriptor_path {
            continue;
        }
        let span = package.span_of(&file.path);
        if is_rival(package, span.file.path()) {
            continue;
        }
        let message = format!("OSM takes `{name}` for a second descriptor and refuses the package");
        out.push(
            Diagnostic::new(&RULE, span, message)
                .also(descriptor.span(), "the descriptor is here")
                .help(format!(
                    "move `{name}` into a folder of the package, `Files/` for instance"
                )),
        );
    }
    for path in folders {
        let name = path.rsplit('/').next().unwrap_or(path);
        let message = format!(
            "OSM takes the folder `{name}` for a second descriptor and refuses the package"
        );
        out.push(
            Diagnostic::new(&RULE, package.span_of(path), message)
                .also(descriptor.span(), "the descriptor is here")
                .help("rename the folder"),
        );
    }
}

/// Whether OSM takes what is called so for a descriptor.
fn is_candidate(name: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|e| name.ends_with(e))
}

/// Whether the file is a descriptor itself: then there are several, and that
/// is said once for all of them.
fn is_rival(package: &Package, path: &str) -> bool {
    package.findings.iter().any(|finding| match finding {
        Finding::SeveralDescriptors { spans } => spans.iter().any(|span| span.file.path() == path),
        _ => false,
    })
}
