//! `osm/not-a-list`.

use super::charms;
use crate::descriptor::{Kind, Model, local, local_entry};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;
use crate::yaml::{Node, PyScalar, pyyaml};

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/not-a-list",
    level: Level::Deny,
    fixed: false,
    summary: "a list that OSM goes through is a single value",
    docs: "\
## What it does

Looks at the lists of a VNFD that OSM's north-bound interface goes through (`vdu`,
`kdu`, `int-cpd`, `scaling-aspect` and so on), and at those in the profiles of the
first `df` of an NSD, for one that is a text, a number or a boolean. Of `vdu-profile`,
and of the `execution-environment-list` of a configuration that OSM looks into, also
for one without a value.

## Why is this bad?

OSM's loader makes nothing of such a value, and does not say so. Its north-bound
interface has the value as it was written, and fails at it: `'str' object has no
attribute 'get'`, `'int' object is not iterable`, or for a key without a value
`'NoneType' object is not iterable`. Most other lists may be null, and any may be the
empty text.

## What to do

Write a list, or delete the key.
",
    example: Some(Example {
        bad: &[(
            "tiny_knf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_knf\n  version: '1.0'\n  kdu: web\n  df:\n    - id: default-df\n",
        )],
        good: &[(
            "tiny_knf/tiny_vnfd.yaml",
            "vnfd:\n  id: tiny_knf\n  version: '1.0'\n  kdu:\n    - name: web\n      helm-chart: stable/web\n  df:\n    - id: default-df\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    if let Some((_, body)) = names::body(package, Kind::Vnf, Model::Sol006) {
        let mut walk = Walk { out };
        walk.function(body);
    }
    if let Some((_, body)) = names::body(package, Kind::Ns, Model::Sol006) {
        // The profiles that are taken back as they are written, keys and all.
        let flavour = body.get("df").and_then(|list| list.item(0));
        let profiles = flavour.and_then(|flavour| flavour.get("vnf-profile"));
        let mut walk = Walk { out };
        for profile in profiles.into_iter().flat_map(|list| list.items()) {
            walk.list(profile, "virtual-link-connectivity");
            let connections = profile.get("virtual-link-connectivity");
            for connection in connections.into_iter().flat_map(|list| list.items()) {
                walk.list(connection, "constituent-cpd-id");
            }
        }
    }
}

struct Walk<'d> {
    out: &'d mut Vec<Diagnostic>,
}

impl Walk<'_> {
    fn function(&mut self, body: Node<'_>) {
        const LISTS: [&str; 6] = [
            "vdu",
            "ext-cpd",
            "int-virtual-link-desc",
            "virtual-storage-desc",
            "virtual-compute-desc",
            "kdu",
        ];
        self.lists(body, &LISTS);
        for vdu in names::list(body, "vdu") {
            self.lists(vdu, &["int-cpd", "monitoring-parameter", "alarm"]);
        }
        for link in names::list(body, "int-virtual-link-desc") {
            self.list(link, "monitoring-parameters");
        }
        // Charms of the VNF are looked for up to the first flavour without a
        // configuration.
        let mut is_open = true;
        for df in names::list(body, "df") {
            self.flavour(df);
            let path = ["lcm-operations-configuration", "operate-vnf-op-config"];
            match names::within(df, &path) {
                Some(config) => self.configuration(body, df, config, is_open),
                None => is_open = false,
            }
        }
    }

    fn flavour(&mut self, df: Node<'_>) {
        const LISTS: [&str; 5] = [
            "virtual-link-profile",
            "monitoring-parameter",
            "instantiation-level",
            "scaling-aspect",
            "healing-aspect",
        ];
        self.lists(df, &LISTS);
        for level in names::list(df, "instantiation-level") {
            self.list(level, "vdu-level");
        }
        for aspect in names::list(df, "scaling-aspect") {
            self.lists(aspect, &["scaling-policy", "scaling-config-action"]);
            for policy in names::list(aspect, "scaling-policy") {
                self.list(policy, "scaling-criteria");
            }
            if let Some(details) = local(aspect, "aspect-delta-details") {
                self.list(details, "deltas");
                for delta in names::list(details, "deltas") {
                    self.list(delta, "vdu-delta");
                }
            }
        }
        for aspect in names::list(df, "healing-aspect") {
            self.list(aspect, "healing-policy");
        }
    }

    fn configuration(&mut self, body: Node<'_>, df: Node<'_>, config: Node<'_>, is_open: bool) {
        self.list(config, "day1-2");
        self.no_value(df, "vdu-profile");
        self.list(df, "vdu-profile");
        let mut actions = names::list(df, "scaling-aspect")
            .flat_map(|aspect| names::list(aspect, "scaling-config-action"));
        let is_scaled = actions.next().is_some();
        let vdus = names::ids(df, "vdu-profile", "id");
        let own = local(body, "id").map(names::read);
        for config in charms::day12(df) {
            if is_scaled {
                self.list(config, "config-primitive");
            }
            let id = local(config, "id");
            let is_own = is_open && id.map(names::read) == own;
            if is_own || id.is_some_and(|id| vdus.has(id)) {
                let key = "execution-environment-list";
                self.no_value(config, key);
                // It looks for a word in every letter of a text.
                let list = local(config, key).and_then(pyyaml);
                if !matches!(list, Some(PyScalar::Text(_))) {
                    self.list(config, key);
                }
            }
        }
    }

    fn lists(&mut self, holder: Node<'_>, keys: &[&str]) {
        for key in keys {
            self.list(holder, key);
        }
    }

    fn list(&mut self, holder: Node<'_>, key: &str) {
        let entry = local_entry(holder, key);
        let single = entry.and_then(|entry| Some((entry, entry.value().str()?)));
        if let Some((entry, _)) = single {
            let message = format!("`{key}` is no list, and OSM goes through it as it stands");
            let finding = Diagnostic::new(&RULE, entry.value().span(), message);
            self.out
                .push(finding.help("write a list, or delete the key"));
        }
    }

    fn no_value(&mut self, holder: Node<'_>, key: &str) {
        let entry = local_entry(holder, key).filter(|entry| entry.value().is_null());
        if let Some(entry) = entry {
            let message = format!("`{key}` has no value, and OSM trips over that");
            let help = format!("add an item, or delete `{key}`");
            let finding = Diagnostic::new(&RULE, entry.key_span(), message);
            self.out.push(finding.help(help));
        }
    }
}
