//! `sol006/unknown-descriptor`.

use std::borrow::Cow;

use crate::descriptor::{Descriptor, Kind, Model, needs};
use crate::diagnostic::{Diagnostic, Example, Level, Rule, Span};
use crate::rules::names::{self, Names};
use crate::rules::{Check, Context, Lint, nearest, reading};
use crate::source::{Package, Profile};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "sol006/unknown-descriptor",
    level: Level::Warn,
    fixed: false,
    summary: "a service or slice needs a descriptor that is not in the tree",
    docs: "\
## What it does

Looks for the VNFDs that a network service names, and for the NSDs that a slice
(`nsd-ref`) or a service (`nested-nsd-id`) names, among the packages of the
tree; in the profiles of ETSI for the PNFDs as well, which OSM does not know.
Where only a part of the tree is looked at, it speaks only if a similar id is
there, since the descriptor may lie in the other part. It says nothing of an id
that stands in a file of the tree which can't be read as YAML, or has a wrong
first key: that is told there, and is what is to be mended.

## Why is this bad?

OSM's north-bound interface answers 409, `Descriptor error at 'vnfd-id'='X'
references a non existing vnfd` (of a slice, `'netslice-subnet':'nsd-ref'='X'
references a non existing nsd`), until a descriptor of that id is onboarded. In
the standard `vnfd-id` is a reference to a VNFD. For nested services it does not
look, and none comes with this one. If the descriptor comes from
elsewhere that is fine; if its name is misspelt, the service can never be
onboarded. The validator that SHIELD used calls it
`evt_nsd_itg_function_unavailable`. What is wrong with a function that is there
(`evt_nsd_itg_function_invalid`) is told at the function itself.

## What to do

Correct the id. If the descriptor is kept in another tree, allow the rule for
that line with `# nfv: allow(sol006/unknown-descriptor)`.
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
        let article = if what == "NSD" { "an" } else { "a" };
        let diagnostic = Diagnostic::new(&RULE, missing.span, message).label("not found");
        out.push(match missing.near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            // OSM reads nothing of the key but that it is a list of texts.
            None if missing.is_nested && context.choice.profile == Profile::Osm => diagnostic
                .help(format!(
                    "correct the id, or onboard {article} {what} `{id}` too; OSM does not look for it"
                )),
            None if context.choice.profile == Profile::Osm => diagnostic.help(format!(
                "OSM refuses this package until {article} {what} `{id}` is onboarded"
            )),
            None => diagnostic.help(format!(
                "correct the id, or see that {article} {what} `{id}` is onboarded first"
            )),
        });
    }
}

/// A descriptor that is needed and not in the run.
pub(in crate::rules) struct Missing {
    pub span: Span,
    pub what: &'static str,
    pub kind: Kind,
    /// Whether a service needs another service.
    pub is_nested: bool,
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
        let is_known_to_judge = kind != Kind::Pnf || context.choice.profile != Profile::Osm;
        // In quotes the place is longer.
        let is_plain = need.at.len() == need.id.len() && context.choice.profile == Profile::Osm;
        let read = match is_plain {
            true => reading::read_plain(&need.id),
            false => Cow::Borrowed(need.id.as_str()),
        };
        if !is_known_to_judge
            || !context.find(kind, &read).is_empty()
            || beside(descriptor, kind).contains(&need.id.as_str())
            || context.is_misplaced(kind, &read)
            || context.may_be_unread(kind, &read)
        {
            continue;
        }
        // A service is no part of itself.
        let may_be = |id: &&str| package.id() != Some(*id) && is_comparable(&need.id, id);
        let others = || context.ids(kind).filter(may_be);
        let wanted = core(&need.id);
        let same = others().find(|id| core(id) == wanted);
        // Descriptors of one family differ by a word or a digit, so that what
        // is merely similar is another one more often than a slip.
        let near = same.or_else(|| {
            let is_meant = |near: &&str| {
                is_slip(&wanted, &core(near)) || is_slip(&plain(&need.id), &plain(near))
            };
            nearest(&need.id, others()).filter(is_meant)
        });
        list.push(Missing {
            span: descriptor.doc.span(need.at.clone()),
            what: kind.descriptor_name(),
            kind,
            is_nested: kind == Kind::Ns && descriptor.kind == Kind::Ns,
            near: near.map(str::to_owned),
            id: need.id,
        });
    }
    list
}

/// Ids of the descriptors of that kind in the same container `nfv`.
fn beside(descriptor: &Descriptor, kind: Kind) -> Names<'_> {
    let key = match kind {
        Kind::Vnf => "vnfd",
        Kind::Pnf => "pnfd",
        _ => "nsd",
    };
    let container = descriptor
        .doc
        .root()
        .filter(|_| descriptor.model == Model::Nfv);
    let container = container.and_then(|root| names::within(root, &["nfv"]));
    container.map_or_else(Names::default, |container| names::ids(container, key, "id"))
}

/// An id without differences of case and separators.
fn plain(id: &str) -> String {
    id.to_lowercase().replace(['_', '.', ' '], "-")
}

/// The same without what names only its kind.
fn core(id: &str) -> String {
    let plain = plain(id);
    let kinds = ["vnfd", "vnf", "knfd", "knf", "cnfd", "cnf", "nsd", "ns"];
    let end = kinds.iter().find_map(|kind| {
        let rest = plain.strip_suffix(kind)?;
        rest.strip_suffix('-').filter(|rest| !rest.is_empty())
    });
    end.unwrap_or(&plain).to_owned()
}

/// Whether one is the other with a slip of the finger: a letter, in a word
/// that is long enough, and no digit.
fn is_slip(a: &str, b: &str) -> bool {
    a.chars().count() >= 6 && is_comparable(a, b) && strsim::osa_distance(a, b) <= 1
}

/// Whether a closer look is worth while, in a tree with thousands of ids.
fn is_comparable(a: &str, b: &str) -> bool {
    fn digits(text: &str) -> impl Iterator<Item = u8> {
        text.bytes().filter(u8::is_ascii_digit)
    }
    a.len().abs_diff(b.len()) <= 6 && digits(a).eq(digits(b))
}

fn is_wrapped(package: &Package, context: &Context<'_>) -> bool {
    context
        .packages
        .iter()
        .filter_map(|outer| outer.inner.as_deref())
        .any(|inner| {
            inner.shown == package.shown && inner.descriptor_path == package.descriptor_path
        })
}

#[cfg(test)]
mod tests {
    use super::{core, is_slip};

    #[test]
    fn slips_and_siblings() {
        assert_eq!(core("hackfest-basic_vnfd"), core("hackfest_basic-vnf"));
        assert_eq!(core("vnf"), "vnf");
        for (a, b) in [("router_vnf", "ruoter_vnf"), ("firewall", "fierwall")] {
            assert!(is_slip(&core(a), &core(b)), "{a} {b}");
        }
        for (a, b) in [
            ("ids_vnfd", "ims_vnfd"),
            ("ping", "pong"),
            ("forwarder1_vnfd", "forwarder2_vnfd"),
            ("cirros_vnfd_v2", "cirros_vnfd"),
        ] {
            assert!(!is_slip(&core(a), &core(b)), "{a} {b}");
        }
    }
}
