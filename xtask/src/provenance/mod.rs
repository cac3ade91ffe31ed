//! Provenance: how a package came about, as the predicate of SLSA.
//!
//! Source of the rules: SLSA Provenance v1. What our `buildType` means stands in
//! `docs/provenance.md`.

mod revision;
mod run;

pub use revision::{Checkout, Revision};
pub use run::Run;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The kind of predicate: SLSA provenance of version 1.
pub const PREDICATE_TYPE: &str = "https://slsa.dev/provenance/v1";

/// What is done to a package; the meaning of the parameters hangs on it.
pub const BUILD_TYPE: &str = "urn:cargo-nfv:build:v1";

/// Who builds where no CI says that it does.
const SOMEBODY: &str = "urn:cargo-nfv:builder:local";

/// A file that went into a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material {
    /// Its path below the root of the tree, with `/`.
    pub path: String,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
}

/// A build: what was asked for, what went in, and who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build<'a> {
    /// The package, by its path below the root of the tree.
    pub package: &'a str,
    /// What was filled in: placeholders by name, with their values.
    pub placeholders: &'a BTreeMap<&'a str, &'a str>,
    /// The time that its members have, in seconds since 1970.
    pub epoch: u64,
    /// The revision of the sources, where they are under version control.
    pub revision: Option<&'a Revision>,
    /// The files that went in.
    pub materials: &'a [Material],
    /// The run of a CI system.
    pub run: Option<&'a Run>,
    /// Who built, as a URI, if that is to be said otherwise.
    pub builder: Option<&'a str>,
    /// When the build began (RFC 3339), where the run does not say when it did.
    pub started_on: Option<&'a str>,
}

/// The predicate. A build outside CI has neither time nor invocation, so that
/// the same sources give the same text.
pub fn predicate(build: &Build<'_>) -> Value {
    let revision = build.revision.map(Revision::descriptor);
    let files = build
        .materials
        .iter()
        .map(|material| json!({ "name": material.path, "digest": { "sha256": material.sha256 } }));
    let mut definition = json!({
        "buildType": BUILD_TYPE,
        "externalParameters": {
            "package": build.package,
            "sourceDateEpoch": build.epoch,
        },
        "resolvedDependencies": revision.into_iter().chain(files).collect::<Vec<Value>>(),
    });
    if !build.placeholders.is_empty() {
        definition["externalParameters"]["placeholders"] = json!(build.placeholders);
    }
    let builder = build.builder.or(build.run.map(|run| run.builder.as_str()));
    let mut details = json!({
        "builder": {
            "id": builder.unwrap_or(SOMEBODY),
            "version": { "cargo-nfv": env!("CARGO_PKG_VERSION") },
        },
    });
    let mut metadata = Map::new();
    if let Some(run) = build.run {
        definition["internalParameters"] = run.parameters.clone();
        metadata.insert("invocationId".to_owned(), json!(run.invocation));
    }
    let started = build.run.and_then(|run| run.started_on.as_deref());
    if let Some(started) = started.or(build.started_on) {
        metadata.insert("startedOn".to_owned(), json!(started));
    }
    if !metadata.is_empty() {
        details["metadata"] = Value::Object(metadata);
    }
    json!({ "buildDefinition": definition, "runDetails": details })
}
