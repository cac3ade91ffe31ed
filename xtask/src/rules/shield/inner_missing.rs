//! `shield/inner-missing`.

use super::manifest;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, nearest};
use crate::source::{Form, Package, inner_file};
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/inner-missing",
    level: Level::Deny,
    fixed: true,
    summary: "the package that the manifest wraps is not there",
    docs: "\
## What it does

Looks for what `package` names. In a finished archive that is the file beside
the manifest. In a folder it is that file, a folder of that name without
`.tar.gz`, or a package elsewhere in the tree whose folder or id is that name.

## Why is this bad?

There is nothing to hand to the orchestrator. The Store answers 428
(VNSFPKG_NOT_VNSFO) or 502 (NSPKG_NOT_VNSFO) to a finished package without it;
the validator's word is `evt_package_struct_invalid`.

It answers with the same numbers where the package is there and the orchestrator
refuses it (ONBOARDING_ISSUE), which the rules `osm/…` are for, or where the
orchestrator is away (VNSFO_UNREACHABLE), which no rule can know.

## What to do

Correct the name, or put the package there. For `package: edge_ns.tar.gz` a
package with the id `edge_ns` in the same tree is enough. A link in a finished
package is no file; see `package/link`.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:ns:\n  type: OSM-R4\n  package: tiny-ns.tar.gz\n  descriptor: tiny-ns/tiny_nsd.yaml\n",
            ),
            (
                "other_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tinyns\n      version: '1.0'\n",
            ),
        ],
        good: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:ns:\n  type: OSM-R4\n  package: tiny_ns.tar.gz\n  descriptor: tiny_ns/tiny_nsd.yaml\n",
            ),
            (
                "tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n",
            ),
        ],
    }),
};

/// A source whose manifest names no package, as in the first form, and that has none either: there
/// is nothing for the build to wrap.
fn unnamed(package: &Package, body: Node<'_>, context: &Context<'_>) -> Option<Diagnostic> {
    let is_named = manifest::field(body, "package").is_some();
    if is_named || package.form != Form::Folder || package.inner.is_some() {
        return None;
    }
    let name = inner_file(package);
    let is_there = |name: &String| package.file(name).is_some();
    if name.as_ref().is_some_and(is_there) || !manifest::variants(package, context).is_empty() {
        return None;
    }
    let place = match context.is_whole {
        true => "the tree",
        false => "what was looked at",
    };
    let (span, message) = match (&name, body.get("descriptor")) {
        (Some(name), Some(node)) => (
            node.span(),
            format!("the package `{name}`, which becomes that of this manifest, is not in {place}"),
        ),
        _ => (
            package.descriptor.as_ref()?.span(),
            "there is no package for this manifest to wrap".to_owned(),
        ),
    };
    let help = "put the package's folder beside the manifest, or name a package of the tree";
    Some(Diagnostic::new(&RULE, span, message).help(help))
}

fn check(package: &Package, context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((_, body)) = manifest::of(package) else {
        return;
    };
    let Some((node, name)) = manifest::path(body, "package") else {
        out.extend(unnamed(package, body, context));
        return;
    };
    let path = manifest::beside(package, name);
    if package.inner.is_some() || package.file(&path).is_some() {
        return;
    }
    // Then the folder is there, and `shield/descriptor-missing` tells what is wrong.
    let names_one = manifest::path(body, "descriptor").is_some();
    if names_one && !manifest::variants(package, context).is_empty() {
        return;
    }
    let called = format!("the package `{name}`");
    let place = (&*called, "the archive");
    if let Some(found) = manifest::linked((&RULE, node.span()), package, &path, place) {
        out.push(found);
        return;
    }
    let is_archive = package.form == Form::Archive;
    // A part of the tree does not show what is in the rest.
    let place = match (is_archive, context.is_whole) {
        (true, _) => "the archive",
        (false, true) => "the tree",
        (false, false) => "what was looked at",
    };
    let message = format!("the package `{name}` is not in {place}");
    let mut diagnostic = Diagnostic::new(&RULE, node.span(), message).label("not found");
    let prefix = manifest::beside(package, "");
    let files: Vec<&str> = package
        .files
        .iter()
        .filter_map(|file| file.path.strip_prefix(prefix.as_str()))
        .filter(|name| !name.contains('/') && *name != "manifest.yaml")
        .collect();
    let kind = match package.kind() {
        Some(crate::descriptor::Kind::ShieldNs) => crate::descriptor::Kind::Ns,
        _ => crate::descriptor::Kind::Vnf,
    };
    let mut names: Vec<String> = files
        .iter()
        .filter(|name| name.ends_with(".tar.gz"))
        .map(|&name| name.to_owned())
        .collect();
    if !is_archive {
        let ids = context.packages.iter().filter(|p| p.kind() == Some(kind));
        names.extend(ids.filter_map(|p| Some(format!("{}.tar.gz", p.id()?))));
    }
    let stem = name.strip_suffix(".tar.gz").unwrap_or(name);
    let same = files.iter().find(|file| {
        file.strip_prefix(stem)
            .is_some_and(|rest| matches!(rest, ".tar" | ".zip" | ".tgz" | ".csar"))
    });
    let near = nearest(name, names.iter().map(String::as_str));
    diagnostic = match (same, near) {
        (Some(other), _) => diagnostic.help(format!(
            "pack `{other}` as `{stem}.tar.gz` and put that there"
        )),
        (None, Some(near)) => diagnostic.help(format!("did you mean `{near}`?")),
        (None, None) if is_archive => diagnostic.help("put the package beside the manifest"),
        (None, None) if !context.is_whole => diagnostic.help(format!(
            "name the folder of `{stem}` too, or look at the whole tree"
        )),
        (None, None) => diagnostic.help(format!(
            "put the package's folder `{stem}` beside the manifest, or name a package of the tree"
        )),
    };
    out.push(diagnostic);
}
