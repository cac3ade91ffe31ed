//! `osm/loose-files`.

use std::collections::HashSet;
use std::fmt;

use super::charms;
use crate::descriptor::Kind;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::names;
use crate::rules::{Check, Context, Lint};
use crate::source::{Form, Package};
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "osm/loose-files",
    level: Level::Warn,
    fixed: false,
    summary: "a descriptor without a package folder names what has to lie in one",
    docs: "\
## What it does

Looks for what has to lie in the package, in descriptors that have no package
folder of their own: several descriptors stand in one folder, or one beside a
`Chart.yaml` or a SHIELD manifest. That is the `cloud-init-file` of a VDU, the
Juju charm of a function, of a VDU or of a service, unless it comes from a store
(`cs:ubuntu`), the `helm-chart` of a `kdu` that is a bare name, without a
repository and without an address, and its `juju-bundle` that is a file. Images are not looked for: without a folder
of images they are those of the VIM.

## Why is this bad?

Such a descriptor is a package by itself, and nothing else goes into it. OSM's
north-bound interface answers 400 to a function without the file or without any
charm: `Cloud-init defined in vnf[id=X]:vdu[id=V] but not present in package`,
`Charm defined in vnf[id=X] but not present in package`. It takes a service
without its charm, and a function without its chart or bundle, and fails when they
are instantiated.

## What to do

Give the descriptor a folder of its own with the file in `cloud_init/`, the
charm in `charms/`, the chart in `helm-chart-v3s/` and the bundle in `juju-bundles/`. Where the files lie
elsewhere on purpose, and the descriptor is only checked and never built from
here, allow the rule.
",
    example: Some(Example {
        bad: &[
            (
                "all/a_vnfd.yaml",
                "vnfd:\n  id: a\n  version: '1.0'\n  vdu:\n    - id: main\n      cloud-init-file: start.cfg\n",
            ),
            ("all/b_vnfd.yaml", "vnfd:\n  id: b\n  version: '1.0'\n"),
        ],
        good: &[
            (
                "a_vnf/a_vnfd.yaml",
                "vnfd:\n  id: a\n  version: '1.0'\n  vdu:\n    - id: main\n      cloud-init-file: start.cfg\n",
            ),
            ("a_vnf/cloud_init/start.cfg", "#cloud-config\n"),
            ("b_vnf/b_vnfd.yaml", "vnfd:\n  id: b\n  version: '1.0'\n"),
        ],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for one in beside(package) {
        let message = format!("{one} is not built into the package of a loose descriptor");
        let help = format!(
            "give the descriptor a folder of its own, with the {}",
            one.place
        );
        out.push(Diagnostic::new(&RULE, one.node.span(), message).help(help));
    }
}

/// What a descriptor without a package folder names, and what has to lie in one.
pub(crate) struct Beside<'a> {
    /// The name.
    pub node: Node<'a>,
    /// What of that name, and where it has to lie.
    pub place: String,
    word: &'static str,
    name: &'a str,
}

impl fmt::Display for Beside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}`{}`", self.word, self.name)
    }
}

/// What `osm/loose-files` looks for; nothing where the descriptor has a package folder.
pub(crate) fn beside(package: &Package) -> Vec<Beside<'_>> {
    let mut found = Vec::new();
    if package.form != Form::Loose {
        return found;
    }
    let mut add = |word, (node, name), place: &str| {
        let place = place.to_owned();
        found.push(Beside {
            node,
            place,
            word,
            name,
        });
    };
    let descriptor = package.descriptor.as_ref();
    let function = descriptor.filter(|descriptor| descriptor.kind == Kind::Vnf);
    let function = function.and_then(|descriptor| descriptor.body());
    let all = |key: &'static str| {
        function
            .into_iter()
            .flat_map(move |body| names::list(body, key))
    };
    for vdu in all("vdu") {
        if let Some(file) = names::value(vdu, "cloud-init-file") {
            add("", file, "file in `cloud_init/`");
        }
    }
    let mut seen = HashSet::new();
    for charm in charms::of(package) {
        // OSM looks for the charm of a function whatever it is called.
        let is_own = charm.is_checked || !charms::is_of_store(charm.name);
        if is_own && seen.insert(charm.name) {
            add("the charm ", (charm.node, charm.name), "charm in `charms/`");
        }
    }
    for kdu in all("kdu") {
        if let Some(chart) = names::value(kdu, "helm-chart")
            && !chart.1.contains('/')
        {
            add("the chart ", chart, "chart in `helm-chart-v3s/`");
        }
        // Another name may be one of the store.
        let is_file = |name: &str| name.ends_with(".yaml") || name.ends_with(".yml");
        if let Some(bundle) = names::value(kdu, "juju-bundle")
            && is_file(bundle.1)
        {
            add("the bundle ", bundle, "bundle in `juju-bundles/`");
        }
    }
    found
}
