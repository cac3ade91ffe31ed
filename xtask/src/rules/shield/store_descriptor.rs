//! `shield/store-descriptor`.

use super::manifest;
use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint};
use crate::shield::{StoreView, Unreadable};
use crate::source::Package;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "shield/store-descriptor",
    level: Level::Warn,
    fixed: false,
    summary: "the SHIELD Store can't read the descriptor in a package",
    docs: "\
## What it does

Reads the descriptor inside a SHIELD package as the Store does: under the first key
of the file the list `vnfd` or `nsd`, of that the first item, and of that `id`, `name` and,
of a service, `constituent-vnfd` with a `vnfd-id-ref` in each item, all under exactly
these keys. That is OSM's model before SOL006, in the envelope `vnfd-catalog` or
`nsd-catalog`, with or without a prefix before that.

## Why is this bad?

The Store was made before SOL006, and takes no field of it for another. It answers 500 to
a descriptor without these fields, 422 (VALIDATION_ERROR) where a `vnfd-id-ref` is
missing, and it says of neither what it looked for. `cargo nfv onboard --store` sends no such
package. It is a warning here, because a package can be meant for other readers.

## What to do

For the Store, write the descriptor in OSM's model before SOL006. Else allow the rule.
",
    example: Some(Example {
        bad: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:vnsf:\n  type: OSM-R4\n  package: tiny_vnf.tar.gz\n  descriptor: tiny_vnf/tiny_vnfd.yaml\n",
            ),
            (
                "tiny_shield/tiny_vnf/tiny_vnfd.yaml",
                "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n",
            ),
        ],
        good: &[
            (
                "tiny_shield/manifest.yaml",
                "manifest:vnsf:\n  type: OSM-R4\n  package: tiny_vnf.tar.gz\n  descriptor: tiny_vnf/tiny_vnfd.yaml\n",
            ),
            (
                "tiny_shield/tiny_vnf/tiny_vnfd.yaml",
                "vnfd-catalog:\n  vnfd:\n    - id: tiny_vnf\n      name: tiny_vnf\n",
            ),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some((own, body)) = manifest::of(package) else {
        return;
    };
    let wanted = match package.kind() {
        Some(Kind::ShieldNs) => Kind::Ns,
        _ => Kind::Vnf,
    };
    let inner = package.inner.as_deref();
    let descriptor = inner.and_then(|inner| inner.descriptor.as_ref());
    // Of one of another kind, or that can't be parsed, other rules tell.
    let Some(descriptor) =
        descriptor.filter(|descriptor| descriptor.kind == wanted && !descriptor.doc.is_broken())
    else {
        return;
    };
    let Err(reason) = StoreView::of(descriptor, wanted == Kind::Ns) else {
        return;
    };
    let (at, help) = match &reason {
        Unreadable::NoDescriptor => return,
        Unreadable::Model { list, at } => (
            at,
            format!(
                "write it below `{list}-catalog`, in OSM's model before SOL006, if it is for the Store"
            ),
        ),
        Unreadable::Empty { list, at } => {
            (at, format!("write the descriptor into a list `{list}`"))
        }
        Unreadable::Key { field, found, at } => (
            at,
            format!("write `{field}` for `{found}`, without the prefix"),
        ),
        Unreadable::NoText { value, at, .. } => (at, format!("put it in quotes: `'{value}'`")),
        Unreadable::Field { field, at } => (at, format!("write `{field}`")),
    };
    // The manifest is what is meant for the Store.
    let named = manifest::field(body, "descriptor");
    let span = named.map_or_else(|| own.span(), |(node, _)| node.span());
    out.push(
        Diagnostic::new(&RULE, span, reason.to_string())
            .also(descriptor.doc.span(at.clone()), "this is what it reads")
            .help(help),
    );
}
