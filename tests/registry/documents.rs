//! The documents of artifacts, held against what is written of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::Tree;
use crate::{json, nfv};

/// The schema of config documents holds for all kinds of packages.
#[test]
fn config_documents_fit_their_schema() {
    let tree = Tree::showcase();
    nfv(&tree, &["publish", "-q"]).code(0);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/nfv-config/v1.json");
    let schema = json(&fs::read(file).expect("the schema"));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let blob = |digest: &Value| {
        let digest = digest.as_str().expect("a digest").replace(':', "/");
        json(&fs::read(tree.path(&format!("target/nfv/oci/blobs/{digest}"))).expect("a blob"))
    };
    let index = json(&fs::read(tree.path("target/nfv/oci/index.json")).expect("an index"));
    let mut kinds = BTreeSet::new();
    for entry in index["manifests"].as_array().expect("entries") {
        let config = blob(&entry["digest"])["config"].clone();
        let kind = config["mediaType"].as_str().expect("a type").to_owned();
        if kind.contains("helm") {
            continue;
        }
        let document = blob(&config["digest"]);
        if let Err(error) = validator.validate(&document) {
            panic!("{kind}: {error}");
        }
        kinds.insert(kind);
    }
    assert_eq!(kinds.len(), 3, "{kinds:?}");
}
