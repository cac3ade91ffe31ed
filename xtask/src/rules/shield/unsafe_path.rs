//! `shield/unsafe-path`.

use super::manifest;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/unsafe-path",
    level: Level::Deny,
    fixed: true,
    summary: "a manifest names a file outside of its package",
    docs: "\
## What it does

Looks for absolute paths, for `..` and for backslashes in the manifest's
`package`, `descriptor` and `security_info.attestation_filename`.

## Why is this bad?

The Store joins these paths to its working folder and opens what comes out,
without a look at it: an attestation of `/etc/passwd` is read and then served to
everyone. Such a package is an attack or an accident, and no other rule follows
the path.

## What to do

Write the path relative to the top of the package, with `/` between folders.
",
    example: Some(Example {
        bad: &[(
            "tiny_shield/manifest.yaml",
            "manifest:vnsf:\n  type: OSM-R4\n  package: ../tiny_vnf.tar.gz\n",
        )],
        good: &[(
            "tiny_shield/manifest.yaml",
            "manifest:vnsf:\n  type: OSM-R4\n  package: tiny_vnf.tar.gz\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = manifest::of(package) else {
        return;
    };
    let info = body.get("security_info");
    let fields = [
        (Some(body), "package"),
        (Some(body), "descriptor"),
        (info, "attestation_filename"),
    ];
    for (holder, key) in fields {
        let Some((node, path)) = holder.and_then(|holder| manifest::field(holder, key)) else {
            continue;
        };
        // A placeholder such as `/path/to/file` is another rule's.
        if manifest::is_placeholder(path) {
            continue;
        }
        if let Some(reason) = manifest::unsafe_reason(path) {
            let message = format!("the path in `{key}` must not be followed: {reason}");
            out.push(
                Diagnostic::new(&RULE, node.span(), message)
                    .help("write a path relative to the top of the package, with `/`"),
            );
        }
    }
}
