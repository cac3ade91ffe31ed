//! `shield/manifest-name`.

use super::manifest;
use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule, Span};
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/manifest-name",
    level: Level::Deny,
    fixed: false,
    summary: "the manifest is not `manifest.yaml` at the top of the package",
    docs: "\
## What it does

Checks name and place of a SHIELD manifest.

## Why is this bad?

The Store opens `manifest.yaml` at the top of the archive and nothing else. For
`manifest.yml`, which parts of the documentation show, or for a manifest inside
a folder it answers 406, `Package does not comply with the SHIELD format`
(PKG_NOT_SHIELD).

The validator's word is `evt_package_struct_invalid`.

## What to do

Rename the file to `manifest.yaml`. In a finished archive, pack the content of
the folder and not the folder.
",
    example: Some(Example {
        bad: &[(
            "tiny_shield/manifest.yml",
            "manifest:ns:\n  type: OSM-R4\n  package: tiny_ns.tar.gz\n",
        )],
        good: &[(
            "tiny_shield/manifest.yaml",
            "manifest:ns:\n  type: OSM-R4\n  package: tiny_ns.tar.gz\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(descriptor) = &package.descriptor else {
        return;
    };
    let path = package.descriptor_path.as_str();
    if !package.kind().is_some_and(Kind::is_shield)
        || package.form == Form::Loose
        || path == "manifest.yaml"
    {
        return;
    }
    let span = Span::whole(descriptor.doc.file());
    if let Some(found) = manifest::linked(
        (&RULE, span.clone()),
        package,
        "manifest.yaml",
        ("`manifest.yaml`", "the archive"),
    ) {
        out.push(found);
        return;
    }
    let (message, help) = match path.rsplit_once('/') {
        Some((folder, name)) => (
            format!("the manifest `{name}` lies in the folder `{folder}`, not at the top"),
            "move it to the top of the archive, as `manifest.yaml`",
        ),
        None => (
            format!("the manifest is called `{path}`, the Store looks for `manifest.yaml`"),
            "rename it to `manifest.yaml`",
        ),
    };
    out.push(Diagnostic::new(&RULE, span, message).help(help));
}
