//! `osm/unknown-vnfd`.

use super::names;
use crate::descriptor::needs;
use crate::diagnostic::{Diagnostic, Example, Level, Rule, Span};
use crate::rules::{Check, Context, Lint, nearest};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/unknown-vnfd",
    level: Level::Warn,
    fixed: false,
    summary: "a service or slice needs a descriptor that is not in the tree",
    docs: "\
## What it does

Looks for the VNFDs that a network service names, and for the NSDs that a slice
or a service names, among the packages of the tree. Where only a part of the
tree is looked at, it speaks only if a similar id is there, since the descriptor
may lie in the other part.

## Why is this bad?

OSM's north-bound interface answers 409, `Descriptor error at 'vnfd-id'='X'
references a non existing vnfd`, until a descriptor of that id is onboarded. If
it comes from elsewhere that is fine; if its name is misspelt, the service can
never be onboarded.

## What to do

Correct the id. If the descriptor is kept in another tree, allow the rule for
that line with `# nfv: allow(osm/unknown-vnfd)`.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnfd-id:\n        - tiny-vnf\n",
            ),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
            ),
        ],
        good: &[
            (
                "tiny_ns/tiny_nsd.yaml",
                "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      vnfd-id:\n        - tiny_vnf\n",
            ),
            (
                "tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
            ),
        ],
    }),
};

fn check(package: &Package, context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    // What a SHIELD package wraps is looked for with the Store in mind.
    if context.is_whole && is_wrapped(package, context) {
        return;
    }
    for missing in missing(package, context) {
        if !context.is_whole && missing.near.is_none() {
            continue;
        }
        let (what, id) = (missing.what, &missing.id);
        let place = if context.is_whole {
            "the tree"
        } else {
            "this run"
        };
        let message = format!("no {what} in {place} has the id `{id}`");
        let diagnostic = Diagnostic::new(&RULE, missing.span, message).label("not found");
        out.push(match missing.near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!(
                "OSM refuses this package until a {what} `{id}` is onboarded"
            )),
        });
    }
}

/// A descriptor that is needed and not in the run.
pub(in crate::rules) struct Missing {
    pub span: Span,
    pub what: &'static str,
    pub id: String,
    pub near: Option<String>,
}

/// The descriptors that the package needs and the run does not have.
pub(in crate::rules) fn missing(package: &Package, context: &Context<'_>) -> Vec<Missing> {
    let Some(descriptor) = package.descriptor.as_ref().filter(|d| d.kind.is_osm()) else {
        return Vec::new();
    };
    let mut list = Vec::new();
    for need in needs(descriptor) {
        let Some(kind) = need.kind.descriptor() else {
            continue;
        };
        let ids = || {
            names::all(context.packages)
                .filter(move |other| other.kind() == Some(kind))
                .filter_map(Package::id)
        };
        if ids().any(|id| id == need.id) {
            continue;
        }
        // A service is no part of itself.
        let near = nearest(&need.id, ids().filter(|id| package.id() != Some(id)));
        list.push(Missing {
            span: descriptor.doc.span(need.at.clone()),
            what: kind.descriptor_name(),
            near: near.map(str::to_owned),
            id: need.id,
        });
    }
    list
}

fn is_wrapped(package: &Package, context: &Context<'_>) -> bool {
    let shown = |package: &Package| (package.shown.clone(), package.descriptor_path.clone());
    context
        .packages
        .iter()
        .filter_map(|outer| outer.inner.as_deref())
        .any(|inner| shown(inner) == shown(package))
}
