//! `package/duplicate-id`.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, reading};
use crate::source::{Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Tree(check),
};

static RULE: Rule = Rule {
    id: "package/duplicate-id",
    level: Level::Deny,
    fixed: true,
    summary: "two packages have the same id and version",
    docs: "\
## What it does

Looks for packages of one run that are of the same kind and have the same id and
version, as they are written, or in the profile `osm` as OSM reads them: `1.10`
without quotes is the number 1.1 and so the same as `'1.1'`.

## Why is this bad?

The second package would overwrite the first, in the output folder and in the
registry. OSM refuses a second descriptor with the id of the first.

A SHIELD Store answers 422 with `_issues` to an id, or to the name of a service,
that it has; by then its orchestrator has the package.

## What to do

Give one of them another id or version. If one is a copy that is not to be
built, leave it out with `exclude` in the configuration.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
            ),
            (
                "copy/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
            ),
        ],
        good: &[
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
            ),
            (
                "copy/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.1'\n",
            ),
        ],
    }),
};

fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    // Files are called after what is written, and OSM compares what it has read.
    let mut written: HashMap<(Kind, &str, &str), &Package> = HashMap::new();
    let mut read: HashMap<(Kind, Cow<'_, str>, Cow<'_, str>), &Package> = HashMap::new();
    for package in context.packages.iter().copied().filter(|p| is_built(p)) {
        let (Some(kind), Some(id)) = (package.kind(), package.id()) else {
            continue;
        };
        let version = package.version().unwrap_or_default();
        let other = *written.entry((kind, id, version)).or_insert(package);
        let field = |key| {
            let own = package.descriptor.as_ref().filter(|own| own.kind.is_osm());
            own.and_then(|own| own.field(key))
        };
        let name = |key, text| field(key).map_or(Cow::Borrowed(text), |node| context.name(node));
        let same = *read
            .entry((kind, name("id", id), name("version", version)))
            .or_insert(package);
        if !std::ptr::eq(other, package) {
            out.push(finding(package, other, kind));
        } else if !std::ptr::eq(same, package) {
            let fields = [package, same].into_iter().flat_map(|package| {
                let own = package.descriptor.as_ref();
                ["id", "version"].map(|key| own.and_then(|own| own.field(key)))
            });
            let notes = fields.flatten().filter_map(reading::note);
            let finding = finding(package, same, kind)
                .help("put both ids and versions in quotes, as they are meant");
            out.push(notes.fold(finding, Diagnostic::note));
        }
    }
}

fn finding(package: &Package, other: &Package, kind: Kind) -> Diagnostic {
    let name = package.name();
    let other_path = &other.shown;
    let message = format!(
        "the {} `{name}` stands twice, here and in `{other_path}`",
        kind.as_str()
    );
    let model = |package: &Package| package.descriptor.as_ref().map(|own| own.model);
    let is_migrated = match (model(package), model(other)) {
        (Some(Model::OsmIm), Some(Model::Sol006)) => Some(&package.shown),
        (Some(Model::Sol006), Some(Model::OsmIm)) => Some(other_path),
        _ => None,
    };
    let help = match is_migrated {
        Some(old) => format!(
            "`{old}` is in the model before SOL006, from which the other was migrated: remove it, or \
             leave it out with `exclude` in the configuration"
        ),
        None => {
            "give one of them another id or version, or leave one out with `exclude`".to_owned()
        }
    };
    Diagnostic::new(&RULE, package.span(), message)
        .label("second package")
        .also(other.span(), "first package")
        .help(help)
}

/// A finished package is read and not built.
pub(super) fn is_built(package: &Package) -> bool {
    package.form != Form::Archive
}
