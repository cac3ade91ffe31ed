//! `shield/placeholder`.

use super::manifest;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::shield::digest::{self, Written};
use crate::source::{Form, Package};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/placeholder",
    level: Level::Deny,
    fixed: false,
    summary: "the manifest still holds the placeholder of a template",
    docs: "\
## What it does

Looks for values that consist of nothing but a placeholder: anything in angle
brackets, `TBD`, `/path/to/file`, `digest_of_file`. In a finished package a digest
of zeros counts too. In a folder of sources `hash` may be open, and that of an attestation
file that is there, since the build writes them.

## Why is this bad?

The Store takes the text as it stands and shows it in its catalogue; a digest
that was never written protects nothing. Published SHIELD packages carry
`capabilities: [TBD]` and `<image_hash_here>` to this day.

## What to do

Write the real value.
",
    example: Some(Example {
        bad: &[(
            "tiny_shield/manifest.yaml",
            "manifest:ns:\n  type: OSM-R4\n  package: tiny_ns.tar.gz\n  hash: <image_hash_here>\n  properties:\n    capabilities: [TBD]\n",
        )],
        good: &[(
            "tiny_shield/manifest.yaml",
            "manifest:ns:\n  type: OSM-R4\n  package: tiny_ns.tar.gz\n  hash: <image_hash_here>\n  properties:\n    capabilities: [Routing]\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = manifest::of(package) else {
        return;
    };
    // The build writes these.
    let info = body.get("security_info");
    let attestation = info.filter(|info| {
        let name = manifest::path(*info, "attestation_filename");
        name.is_some_and(|(_, name)| package.file(&manifest::beside(package, name)).is_some())
    });
    let digests = [Some(body), attestation].into_iter().flatten();
    let digests: Vec<usize> = digests
        .filter_map(|node| Some(node.get("hash")?.index()))
        .collect();
    let is_archive = package.form == Form::Archive;
    manifest::scalars(body, &mut |key, node| {
        let Some(text) = node.str() else { return };
        let is_digest = key == "hash" && matches!(digest::read(text), Written::Open);
        if !manifest::is_placeholder(text) && !is_digest {
            return;
        }
        if !is_archive && digests.contains(&node.index()) {
            return;
        }
        let message = format!("`{key}` still holds the placeholder `{text}`");
        out.push(Diagnostic::new(&RULE, node.span(), message).help("write the real value"));
    });
}
