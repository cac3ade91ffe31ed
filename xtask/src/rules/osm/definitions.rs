//! `osm/definitions`.

use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::{Finding, Form, Layout, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/definitions",
    level: Level::Deny,
    fixed: false,
    summary: "OSM finds a second descriptor in a CSAR",
    docs: "\
## What it does

Looks for files that end in `.yaml`, `.yml` or `.json` at the top of a CSAR, or
with `Definitions` anywhere in their path, beside the descriptor.

## Why is this bad?

In a zip, OSM's north-bound interface takes each of these for the descriptor,
whatever is in it and whatever `Entry-Definitions` says, and answers `Found more
than one descriptor file at package descriptor zip` (400). Types that a
descriptor imports, which SOL004 has in `Definitions/`, can't be there.

## What to do

Move the file, into `Files/` for instance. For other orchestrators allow the
rule, or check with `--profile etsi`.
",
    example: Some(Example {
        bad: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            ("tiny/tiny.mf", "metadata:\nvnf_product_name: tiny\n"),
            ("tiny/values.yaml", "replicas: 2\n"),
        ],
        good: &[
            ("tiny/tiny.yaml", "vnfd:\n  id: tiny\n"),
            ("tiny/tiny.mf", "metadata:\nvnf_product_name: tiny\n"),
            ("tiny/Files/values.yaml", "replicas: 2\n"),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = &package.descriptor else {
        return;
    };
    let is_osm = package.kind().is_some_and(Kind::is_osm);
    if !is_osm || package.layout != Layout::Csar || package.form == Form::Loose {
        return;
    }
    for file in &package.files {
        let is_taken = package.placed(&file.path).is_some_and(|path| {
            [".yaml", ".yml", ".json"]
                .iter()
                .any(|end| path.ends_with(end))
                && (!path.contains('/') || path.contains("Definitions"))
        });
        if !is_taken || file.path == package.descriptor_path {
            continue;
        }
        let span = package.span_of(&file.path);
        if is_rival(package, span.file.path()) {
            continue;
        }
        let name = &file.path;
        let message = format!("OSM takes `{name}` for a second descriptor and refuses the package");
        out.push(
            Diagnostic::new(&RULE, span, message)
                .also(descriptor.span(), "the descriptor is here")
                .help(format!("move `{name}`, into `Files/` for instance")),
        );
    }
}

/// Whether the file is a descriptor itself: then there are several, and that
/// is said once for all of them.
fn is_rival(package: &Package, path: &str) -> bool {
    package.findings.iter().any(|finding| match finding {
        Finding::SeveralDescriptors { spans } => spans.iter().any(|span| span.file.path() == path),
        _ => false,
    })
}
