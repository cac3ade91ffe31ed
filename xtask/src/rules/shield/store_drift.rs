//! `shield/store-drift`.

use crate::descriptor::Descriptor;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint, Place};
use crate::schema::{Violation, ViolationKind};
use crate::shield::{self, Generation};
use crate::source::{Form, Package, inner_file};
use crate::yaml::Node;

pub(in crate::rules) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "shield/store-drift",
    level: Level::Warn,
    fixed: false,
    summary: "the manifest is in an earlier form, which the SHIELD Store refuses",
    docs: "\
## What it does

Reports each field that the SHIELD Store would refuse, or would miss, in a manifest that follows the
published documentation or the form of an early Store, and since when. The forms are known by
their fields, and not by `schema_version`, be it there or missing:

- July 2017: no `package`, `security` for each VDU;
- August 2017: `package`, `security_info` for each VDU;
- November 2017: `registry`, on the same day renamed `properties`;
- March 2018: `hash`;
- July 2018, which is the documented one: `schema_version`, `attestation_filename`;
- 3 October 2018: `hashing_algorithm`, `OSM-R2` and `OSM-R4`;
- from 4 October 2018: `target` of services.

## Why is this bad?

The documentation was last changed in September 2018. A month later the Store
asked for `hashing_algorithm`, for the `hash` of a network service and for its
`target`, and took `OSM-R2` and `OSM-R4` instead of `OSM` as a type. Its
validator refuses unknown and missing fields alike: it answers 422 with the fields in
`_issues`, when the orchestrator has the package already, and 500 before that where `package`,
`type` or `descriptor` is missing. The number in
`schema_version` stayed `'1.2'` all the time, so it does not tell one form from
the other, and what the documentation shows fails when it is onboarded.

## What to do

Where the package is built from here, nothing, as far as the finding says that the build writes
it: `cargo nfv build` fills in `package`, `hash`, `hashing_algorithm`, `descriptor` and
`schema_version`, calls `registry` by its new name, and writes for `OSM` the release that the descriptor is
for. `target` is `docker` where the name of the package says so and else `KVM`, as with SHIELD's own packager. What
is listed for each VDU becomes an attestation file, and stays in the manifest as a comment. What only the
author knows is an error to the build.

In a finished package, write the field as the Store takes it. If the package is for readers that
follow the documentation, set `profile = \"docs\"` in the table `shield` of the
configuration, or `\"legacy\"` for a Store of those days: the build keeps the form then.
`profile = \"store-head\"` makes these findings errors.
",
    example: Some(Example {
        bad: &[(
            "edge_vnsf/manifest.yaml",
            "\
manifest:vnsf:
  schema_version: '1.2'
  type: OSM
  package: edge_vnf.tar.gz
  hash: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
  descriptor: edge_vnf/edge_vnfd.yaml
  properties:
    vendor: Example
    capabilities: [Filter]
  security_info:
    attestation_filename: security/edge.json
    hash: 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752
",
        )],
        good: &[(
            "edge_vnsf/manifest.yaml",
            "\
manifest:vnsf:
  schema_version: '1.2'
  type: OSM-R4
  package: edge_vnf.tar.gz
  hash: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
  hashing_algorithm: SHA_256
  descriptor: edge_vnf/edge_vnfd.yaml
  properties:
    vendor: Example
    capabilities: [Filter]
  security_info:
    attestation_filename: security/edge.json
    hash: 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752
",
        )],
    }),
};

/// The rule never answers for a violation by itself: whether it is drift or an
/// error depends on the other profiles, which `schema::check` knows.
fn check(_: &Violation, _: &Place<'_>) -> Option<Diagnostic> {
    None
}

/// A manifest of which the Store refuses something.
pub(in crate::rules) struct Drift<'a> {
    pub descriptor: &'a Descriptor,
    pub is_service: bool,
    /// Whether nothing was said of it yet.
    pub is_first: bool,
    /// The package that it is the manifest of.
    pub package: &'a Package,
}

impl Drift<'_> {
    fn body(&self) -> Option<Node<'_>> {
        self.descriptor.body()
    }

    fn has(&self, key: &str) -> bool {
        self.body().is_some_and(|body| body.get(key).is_some())
    }

    /// Whether the package is one to build, in the form of the Store.
    fn is_built(&self) -> bool {
        self.package.form != Form::Archive
    }

    /// What stands in a package that is built from here, and why; `None` where only the author
    /// can write it.
    fn written(&self, path: &str, key: &str) -> Option<String> {
        let below = path.split_once('/').map(|(_, below)| below);
        let inner = inner_file(self.package);
        Some(match (below, key) {
            (None, "hash" | "hashing_algorithm" | "schema_version") => format!("`{key}`"),
            (None, "package" | "descriptor") if self.package.inner.is_some() => {
                format!("`{key}`")
            }
            (None, "target") => format!("`target: {}`", shield::target(&inner?)),
            (None, "properties" | "registry") if self.has("registry") => {
                "`registry` as `properties`".to_owned()
            }
            (Some("type"), _) => {
                let inner = self.package.inner.as_ref()?.descriptor.as_ref();
                format!("`type: {}`", inner.map_or("OSM-R4", shield::release))
            }
            _ => return None,
        })
    }
}

/// Fields that earlier forms have or lack and the Store refuses, in one mapping.
pub(in crate::rules) fn field(
    violation: &Violation,
    keys: &[&str],
    of: &Drift<'_>,
    reason: &str,
) -> Diagnostic {
    let doc = &of.descriptor.doc;
    let span = doc.span(violation.at.clone());
    let message = format!("the SHIELD Store refuses this manifest: {reason}");
    let mut diagnostic = Diagnostic::new(&RULE, span, message);
    if let Some(body) = of.body().filter(|_| of.is_first) {
        let form = Generation::of(body).describe();
        diagnostic = diagnostic.note(format!("the manifest has {form}"));
    }
    let (is_missing, named): (bool, Vec<&str>) = match &violation.kind {
        ViolationKind::MissingKey { .. } => (true, keys.to_vec()),
        ViolationKind::UnknownKey { .. } => (false, keys.to_vec()),
        _ => (false, violation.path.rsplit('/').take(1).collect()),
    };
    let around = violation.path.rsplit('/').next().unwrap_or_default();
    for key in &named {
        let since = match is_missing {
            true => Generation::wanted_since(key, around, of.is_service)
                .map(|since| format!("the Store asks for `{key}` {since}")),
            false => Generation::known_until(key).map(|until| format!("`{key}`: {until}")),
        };
        if let Some(since) = since {
            diagnostic = diagnostic.note(since);
        }
    }
    match &violation.kind {
        ViolationKind::NotAllowed { options, .. } => {
            let options: Vec<String> = options.iter().map(|o| format!("`{o}`")).collect();
            diagnostic = diagnostic.help(format!("write {}", options.join(" or ")));
        }
        ViolationKind::UnknownKey { key, .. } if key == "registry" && !of.has("properties") => {
            diagnostic = diagnostic.help("write `properties`");
        }
        ViolationKind::UnknownKey { key, .. } if ["vdu", "security"].contains(&key.as_str()) => {
            let text = match of.is_built() && shield::attests(of.descriptor) {
                true => "`cargo nfv build` makes an attestation file of what is listed there",
                false => "put it into an attestation file, and name that in `security_info`",
            };
            return diagnostic.help(text);
        }
        ViolationKind::UnknownKey { key, .. } => {
            diagnostic = diagnostic.help(format!("delete `{key}`"));
        }
        ViolationKind::MissingKey { .. } if named == ["hashing_algorithm"] => {
            diagnostic = diagnostic.help("write `hashing_algorithm: SHA_256`");
        }
        _ => {}
    }
    if !of.is_built() {
        return diagnostic;
    }
    let written: Vec<Option<String>> = named
        .iter()
        .map(|key| of.written(&violation.path, key))
        .collect();
    let known: Vec<&str> = written.iter().flatten().map(String::as_str).collect();
    if !known.is_empty() {
        let text = format!(
            "`cargo nfv build` writes {} into the package",
            words(&known)
        );
        diagnostic = diagnostic.help(text);
    }
    // What comes with the attestation file that the build makes of what is listed for each VDU.
    let attests = shield::attests(of.descriptor);
    let is_attested = |key: &str| {
        attests && (violation.path.ends_with("/security_info") || key == "security_info")
    };
    let open = named
        .iter()
        .zip(&written)
        .filter(|(key, written)| written.is_none() && !is_attested(key));
    let open: Vec<String> = open.map(|(key, _)| format!("`{key}`")).collect();
    let open: Vec<&str> = open.iter().map(String::as_str).collect();
    if is_missing && !open.is_empty() {
        let it = if open.len() == 1 { "it" } else { "them" };
        let text = format!("write {}: the build can't know {it}", words(&open));
        diagnostic = diagnostic.help(text);
    }
    diagnostic
}

fn words(texts: &[&str]) -> String {
    match texts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}
