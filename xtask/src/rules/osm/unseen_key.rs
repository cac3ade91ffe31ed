//! `osm/unseen-key`, and what OSM makes of a descriptor that has such keys.

use std::sync::Arc;

use foldhash::{HashMap, HashSet};

use crate::descriptor::{Kind, Model};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, fixes, names};
use crate::source::Package;
use crate::yaml::{Entry, Node};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/unseen-key",
    level: Level::Warn,
    fixed: false,
    summary: "OSM does not find a key that has the prefix of a module",
    docs: "\
## What it does

Looks for keys with a prefix, such as `etsi-nfv-vnfd:vdu`, of which there is none
without, below the outermost key of a VNFD and in the profiles (`vnf-profile`) of
the first `df` of an NSD.

## Why is this bad?

OSM's loader takes such keys, whatever their prefix. Of a VNFD OSM then keeps the
keys as they were written, and of an NSD those of the first flavour's profiles; its
north-bound interface and everything behind it look for keys without a prefix. A
`vdu` that is not found is not checked, and not deployed. Where OSM refuses the
descriptor for that, another rule has the error: `x:mgmt-cp` is no `mgmt-cp`.

Elsewhere in an NSD, and in a slice template, OSM keeps what its loader has read, in
which no key has a prefix.

## What to do

Write the key without a prefix; `--fix` does. A validator that goes by the models
takes it, too: within the same module no prefix is needed.
",
    example: Some(Example {
        bad: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  etsi-nfv-vnfd:vdu:\n    - id: vm\n",
        )],
        good: &[(
            "tiny_vnf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_vnf\n  version: '1.0'\n  vdu:\n    - id: vm\n  mgmt-cp: mgmt\n  ext-cpd:\n    - id: mgmt\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for Unseen { entry, is_only } in unseen(package) {
        let (written, key) = (entry.key(), entry.name());
        let message = format!("OSM looks for `{key}` and does not find `{written}`");
        let finding = Diagnostic::new(&RULE, entry.key_span(), message)
            .label("loaded, and then passed over")
            .help(format!("write it as `{key}`"));
        // Without their prefixes several would be one.
        let prefix = written.strip_suffix(key).filter(|_| is_only);
        let prefix = prefix.and_then(|prefix| prefix.strip_suffix(':'));
        let doc = entry.value().document();
        let fix = prefix.and_then(|prefix| fixes::bare(doc, entry.key_at(), prefix, key));
        out.push(finding.fix(fix));
    }
}

/// A key with a prefix that is looked for without.
struct Unseen<'a> {
    entry: Entry<'a>,
    /// Whether the mapping has that name once.
    is_only: bool,
}

fn unseen(package: &Package) -> Vec<Unseen<'_>> {
    let mut unseen = Vec::new();
    if let Some((descriptor, body)) = names::body(package, Kind::Vnf, Model::Sol006) {
        if descriptor.doc.has_prefixed() {
            below(body, &mut unseen);
        }
    } else if let Some((descriptor, body)) = names::body(package, Kind::Ns, Model::Sol006)
        && descriptor.doc.has_prefixed()
    {
        // Under another spelling of these keys they are what the loader has read.
        let flavour = body.get("df").and_then(|list| list.item(0));
        for profile in flavour.into_iter().flat_map(|df| {
            let profiles = df.get("vnf-profile");
            profiles.into_iter().flat_map(|list| list.items())
        }) {
            below(profile, &mut unseen);
            // For want of this one OSM refuses the service.
            let own = profile.entries().find(|entry| entry.name() == "vnfd-id");
            if let Some(own) = own {
                unseen.retain(|one| one.entry.key_at() != own.key_at());
            }
        }
    }
    unseen
}

fn below<'a>(root: Node<'a>, out: &mut Vec<Unseen<'a>>) {
    names::each(root, &mut |node, _| {
        let is_prefixed = |entry: &Entry<'_>| entry.key() != entry.name();
        if !node.entries().any(|entry| is_prefixed(&entry)) {
            return;
        }
        // How often a name stands there, and whether it does without a prefix.
        let mut names: HashMap<&str, (usize, bool)> = HashMap::default();
        for entry in node.entries() {
            let (count, is_bare) = names.entry(entry.name()).or_default();
            *count += 1;
            *is_bare |= !is_prefixed(&entry);
        }
        for entry in node.entries().filter(is_prefixed) {
            if let Some((count, false)) = names.get(entry.name()) {
                let is_only = *count == 1;
                out.push(Unseen { entry, is_only });
            }
        }
    });
}

/// What rules on refusals of OSM's north-bound interface look at: the package with the
/// descriptor that it sees. Of a VNFD it sees no key that has a prefix.
pub(in crate::rules) struct Seen {
    package: Package,
    /// The keys that are not seen, for a note.
    keys: String,
}

impl Seen {
    /// `None` where it sees what is there.
    pub fn new(package: &Package) -> Option<Seen> {
        let (descriptor, _) = names::body(package, Kind::Vnf, Model::Sol006)?;
        let doc = Arc::new(descriptor.doc.without_prefixed()?);
        let keys = unseen(package);
        let keys: Vec<&str> = keys.iter().map(|one| one.entry.key()).collect();
        let keys = names::quoted(&keys);
        let mut package = package.clone();
        package.descriptor.as_mut()?.doc = doc;
        Some(Seen { package, keys })
    }

    /// What a rule says of it. Where it says so for want of the keys, a note tells.
    pub fn ask(
        &self,
        lint: &Lint,
        whole: &Package,
        context: &Context<'_>,
        out: &mut Vec<Diagnostic>,
    ) {
        let Check::Package(check) = lint.check else {
            return;
        };
        let (mut seen, mut all) = (Vec::new(), Vec::new());
        check(&self.package, context, &mut seen);
        check(whole, context, &mut all);
        let mark = |own: &Diagnostic| (own.primary.span.range.clone(), own.message.clone());
        let all: HashSet<_> = all.iter().map(mark).collect();
        let note = format!("OSM does not see {}, because of the prefix", self.keys);
        out.extend(seen.into_iter().map(|finding| {
            let is_anyway = all.contains(&mark(&finding));
            match is_anyway {
                true => finding,
                false => finding.note(note.clone()),
            }
        }));
    }
}

/// Whether a rule is on what the north-bound interface looks for, and not on what the
/// loader reads.
pub(in crate::rules) fn is_on_what_is_seen(rule: &Rule) -> bool {
    rule.family() == "osm" && rule.level == Level::Deny && rule.id != "osm/null-item"
}
