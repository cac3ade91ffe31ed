//! `shield/store-drift`.

use crate::descriptor::Descriptor;
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::rules::{Check, Lint, Place};
use crate::schema::{Violation, ViolationKind};

pub(in crate::rules) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Violation(check),
};

static RULE: Rule = Rule {
    id: "shield/store-drift",
    level: Level::Warn,
    fixed: false,
    summary: "the manifest is as documented, but the SHIELD Store refuses it",
    docs: "\
## What it does

Reports what the SHIELD Store would refuse in a manifest that follows the
published documentation, or that follows the form of an early Store.

## Why is this bad?

The documentation was last changed in September 2018. A month later the Store
asked for `hashing_algorithm`, for the `hash` of a network service and for its
`target`, and took `OSM-R2` and `OSM-R4` instead of `OSM` as a type. Its
validator refuses unknown and missing fields alike. The number in
`schema_version` stayed `'1.2'` all the time, so it does not tell one form from
the other, and what the documentation shows fails when it is onboarded.

## What to do

Write the field as the Store takes it. If the package is for readers that
follow the documentation, set `profile = \"docs\"` in the table `shield` of the
configuration; `profile = \"store-head\"` makes these findings errors.
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

/// One field that the documentation allows and the Store refuses.
pub(in crate::rules) fn field(
    violation: &Violation,
    place: &Place<'_>,
    reason: &str,
) -> Diagnostic {
    let doc = &place.descriptor.doc;
    let span = doc.span(violation.at.clone());
    let message = format!("the SHIELD Store refuses this manifest: {reason}");
    let diagnostic = Diagnostic::new(&RULE, span, message)
        .note("the manifest follows the published documentation, which is older than the Store");
    match &violation.kind {
        ViolationKind::NotAllowed { options, .. } => {
            let options: Vec<String> = options.iter().map(|o| format!("`{o}`")).collect();
            diagnostic.help(format!("write {}", options.join(" or ")))
        }
        ViolationKind::UnknownKey { key, .. } => diagnostic.help(format!("delete `{key}`")),
        ViolationKind::MissingKey { key, .. } if key == "hashing_algorithm" => {
            diagnostic.help("write `hashing_algorithm: SHA_256`")
        }
        _ => diagnostic,
    }
}

/// A manifest in the form of an early Store.
pub(in crate::rules) fn generation(descriptor: &Descriptor) -> Diagnostic {
    let root = descriptor.doc.root();
    let key = root.and_then(|root| root.entries().next());
    let span = key.map_or_else(|| descriptor.span(), |entry| entry.key_span());
    Diagnostic::new(
        &RULE,
        span,
        "the SHIELD Store refuses this manifest: it is in a form from before July 2018",
    )
    .note("that form has no `schema_version`, and tells of attestation for each VDU or not at all")
    .help(
        "write it anew: `cargo nfv explain shield/store-drift` shows the form that the Store takes",
    )
}
