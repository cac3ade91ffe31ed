//! `shield/release`.

use super::manifest;
use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::shield;
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/release",
    level: Level::Warn,
    fixed: false,
    summary: "the manifest names another release of OSM than the descriptor is for",
    docs: "\
## What it does

Compares `type` with the descriptor inside: `OSM-R2` is for descriptors whose keys
have the prefix of their module (`vnfd:vnfd-catalog`), `OSM-R4` for those whose keys
have none (`vnfd-catalog`). Where the name of the file has the release, as in
`filter_vnfd.r2.yaml`, that is compared as well; releases 3, 4 and 5 are one to the
Store.

## Why is this bad?

The Store sends the package to the orchestrator that `type` names, and reads nothing
of it first. That of the other release answers that it can't read the descriptor, which
the Store passes on as 428 or, of a network service, as 502 (ONBOARDING_ISSUE).

## What to do

Write the release that the descriptor is for, or wrap the descriptor of that release.
Where several stand in one folder (`filter_vnfd.r2.yaml`, `filter_vnfd.r4.yaml`), the
build wraps the one that `descriptor` names, which may be a link to another
(`filter_vnfd.r5.yaml`), and leaves out the others. Two manifests may name two of them;
their versions have to differ then, or one package would overwrite the other.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:vnsf:\n  type: OSM-R4\n  package: tiny_vnf.tar.gz\n  descriptor: tiny_vnf/tiny_vnfd.yaml\n",
            ),
            (
                "tiny_shield/tiny_vnf/tiny_vnfd.yaml",
                "vnfd:vnfd-catalog:\n  vnfd:\n    - id: tiny_vnf\n      name: tiny_vnf\n",
            ),
        ],
        good: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:vnsf:\n  type: OSM-R2\n  package: tiny_vnf.tar.gz\n  descriptor: tiny_vnf/tiny_vnfd.yaml\n",
            ),
            (
                "tiny_shield/tiny_vnf/tiny_vnfd.yaml",
                "vnfd:vnfd-catalog:\n  vnfd:\n    - id: tiny_vnf\n      name: tiny_vnf\n",
            ),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((node, name)) =
        manifest::of(package).and_then(|(_, body)| manifest::field(body, "type"))
    else {
        return;
    };
    // Of other types `shield/store-drift` tells, and the build writes the right one.
    let Some(typed) = ["OSM-R2", "OSM-R4"].into_iter().find(|one| *one == name) else {
        return;
    };
    let Some(inner) = package.inner.as_deref() else {
        return;
    };
    let descriptor = inner.descriptor.as_ref();
    // SOL006 came after SHIELD, and `shield/store-descriptor` tells of it.
    let Some(descriptor) = descriptor.filter(|descriptor| {
        matches!(descriptor.kind, Kind::Vnf | Kind::Ns) && descriptor.model == Model::OsmIm
    }) else {
        return;
    };
    let finding = |message: String, right: &str| {
        Diagnostic::new(&RULE, node.span(), message)
            .also(descriptor.span(), "this is the descriptor")
            .help(format!(
                "write `type: {right}`, or wrap the descriptor that is for `{typed}`"
            ))
    };
    // Of what can't be read, and of another envelope, other rules tell.
    let mut keys = descriptor
        .doc
        .root()
        .into_iter()
        .flat_map(|root| root.entries());
    let is_known = keys
        .next()
        .is_some_and(|entry| entry.key().ends_with("-catalog"));
    if descriptor.doc.is_broken() || !is_known {
        return;
    }
    let written = shield::release(descriptor);
    if written != typed {
        let message = match written {
            "OSM-R2" => format!(
                "the descriptor is for release 2 of OSM, and the manifest says `{typed}`: its keys have prefixes"
            ),
            _ => format!(
                "the descriptor is for release 4 of OSM, and the manifest says `{typed}`: its keys have no prefixes"
            ),
        };
        out.push(finding(message, written));
        return;
    }
    if let Some(named) = of_name(&inner.descriptor_path).filter(|named| *named != typed) {
        let path = &inner.descriptor_path;
        let message = format!("`{path}` is named after another release of OSM than `{typed}`");
        out.push(finding(message, named));
    }
}

/// The release that the name of a descriptor speaks of, as SHIELD's own packages name them.
fn of_name(path: &str) -> Option<&'static str> {
    let (stem, _) = path.rsplit_once('.')?;
    let (_, release) = stem.rsplit_once('.')?;
    match release {
        "r2" => Some("OSM-R2"),
        "r3" | "r4" | "r5" => Some("OSM-R4"),
        _ => None,
    }
}
