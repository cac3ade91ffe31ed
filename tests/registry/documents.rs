//! The documents of artifacts, held against what is written of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::{Tree, chart, names, vnfd};
use crate::double::Registry;
use crate::{json, nfv, publish};

/// Manifest and config document of everything in the layout, by name.
fn documents(tree: &Tree) -> BTreeMap<String, (Value, Value)> {
    let blob = |digest: &Value| {
        let digest = digest.as_str().expect("a digest").replace(':', "/");
        json(&fs::read(tree.path(&format!("target/nfv/oci/blobs/{digest}"))).expect("a blob"))
    };
    let index = json(&fs::read(tree.path("target/nfv/oci/index.json")).expect("an index"));
    let entries = index["manifests"].as_array().expect("entries").iter();
    entries
        .map(|entry| {
            let name = &entry["annotations"]["org.opencontainers.image.ref.name"];
            let manifest = blob(&entry["digest"]);
            let config = blob(&manifest["config"]["digest"]);
            let name = name.as_str().expect("a name").to_owned();
            (name, (manifest, config))
        })
        .collect()
}

/// The schema of config documents holds for all kinds of packages, in both
/// dialects.
#[test]
fn config_documents_fit_their_schema() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/nfv-config/v1.json");
    let schema = json(&fs::read(file).expect("the schema"));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for dialect in [&[][..], &["--compat", "nephele"]] {
        let tree = Tree::showcase();
        nfv(&tree, &[&["publish", "-q"], dialect].concat()).code(0);
        let mut kinds = BTreeSet::new();
        for (manifest, document) in documents(&tree).into_values() {
            let kind = manifest["config"]["mediaType"].as_str();
            let kind = kind.expect("a type").to_owned();
            if kind.contains("helm") {
                continue;
            }
            if let Err(error) = validator.validate(&document) {
                panic!("{kind}: {error}");
            }
            kinds.insert(kind);
        }
        assert_eq!(kinds.len(), 3, "{kinds:?}");
    }
}

/// The example of the proposal fits, and what contradicts itself does not.
#[test]
fn the_schema_says_what_is_wrong() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/nfv-config/v1.json");
    let schema = json(&fs::read(file).expect("the schema"));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let example = serde_json::json!({
        "schemaVersion": "1",
        "mediaType": "application/vnd.etsi.nfv.config.v1+json",
        "packageSpec": "SOL004",
        "dataModelSpec": "SOL006",
        "descriptorFile": "openldap_knf/openldap_vnfd.yaml",
        "descriptorType": "VNF",
        "descriptorId": "openldap_knf",
        "descriptorVersion": "1.0",
        "dependencies": [{
            "descriptorType": "HELM",
            "descriptorId": "stable/openldap",
            "location": "external",
            "mode": "soft"
        }]
    });
    assert!(validator.is_valid(&example));
    for (path, value) in [
        ("/mediaType", "application/vnd.shield.config.v1+json"),
        ("/mediaType", "application/vnd.nephele.hdag.config.v1+json"),
        ("/packageSpec", "SHIELD"),
        ("/packageSpec", "SOL005"),
        ("/dataModelSpec", "SOL006@"),
        ("/dataModelSpec", "HDAG@0.4.0"),
        ("/descriptorType", "HDAG"),
        ("/descriptorType", "HELM"),
        ("/dependencies/0/descriptorType", "HDAG"),
        ("/dependencies/0/location", ""),
    ] {
        let mut other = example.clone();
        *other.pointer_mut(path).expect("a value") = value.into();
        assert!(!validator.is_valid(&other), "{path} {value}");
    }
    for key in ["location", "mode"] {
        let mut other = example.clone();
        let need = other["dependencies"][0].as_object_mut();
        need.expect("a dependency").remove(key);
        assert!(!validator.is_valid(&other), "{key}");
    }
}

/// The proposal has one type for config and layer, and models without versions;
/// it knows nothing but descriptors.
#[test]
fn the_dialect_of_the_proposal() {
    let tree = Tree::showcase();
    nfv(&tree, &["publish", "-q"]).code(0);
    let ours = documents(&tree);
    nfv(&tree, &["publish", "-q", "--compat", "nephele"]).code(0);
    let theirs = documents(&tree);
    assert_eq!(ours.len(), theirs.len());
    let kind = "application/vnd.etsi.nfv.config.v1+json";
    let mut others = 0;
    for (name, (manifest, config)) in &theirs {
        let (own_manifest, own_config) = &ours[name];
        if manifest["config"]["mediaType"] != kind {
            assert_eq!(manifest, own_manifest, "{name}");
            others += 1;
            continue;
        }
        assert_eq!(manifest["layers"][0]["mediaType"], kind, "{name}");
        assert_ne!(own_manifest["layers"][0]["mediaType"], kind, "{name}");
        let digest = |manifest: &Value| manifest["layers"][0]["digest"].clone();
        assert_eq!(digest(manifest), digest(own_manifest), "{name}");
        let model = own_config["dataModelSpec"].as_str().expect("a model");
        let (model, _) = model.split_once('@').expect("a version");
        assert_eq!(config["dataModelSpec"], model, "{name}");
    }
    assert!(others >= 2 && others < theirs.len(), "{others}");
}

/// A tag has no `+`; a file has it as the version does, whoever names the file.
#[test]
fn files_keep_the_plus_of_a_version() {
    let tree = Tree::of(&[(
        "plus_vnf/plus_vnfd.yaml",
        &vnfd("plus_vnf").replace("'1.0'", "'1.0+build.5'"),
    )]);
    tree.file(
        "plus/Chart.yaml",
        chart("plus").replace("1.2.3", "1.2.3+build.5"),
    );
    nfv(&tree, &["build", "-A", "all"]).code(0);
    assert_eq!(
        names(&tree.path("target/nfv/packages")),
        ["plus-1.2.3+build.5.tgz", "plus_vnf-1.0+build.5.tar.gz"]
    );
    let tar = ["package", "tar", ".", "-A", "all", "-d", "out"];
    nfv(&tree, &tar).code(0);
    let files = ["plus-1.2.3+build.5.tar.gz", "plus_vnf-1.0+build.5.tar.gz"];
    assert_eq!(names(&tree.path("out")), files);
    // A finished one goes there as it is; where it is already, it stays.
    let finished = format!("out/{}", files[1]);
    for folder in ["again", "out"] {
        let tar = ["package", "tar", &finished, "-A", "all", "-d", folder];
        let run = nfv(&tree, &tar).code(0);
        let there = format!("{folder}/{}", files[1]);
        assert_eq!(run.stdout, format!("{there}\n"));
        let bytes = |path: &str| fs::read(tree.path(path)).expect("a package");
        assert!(bytes(&there) == bytes(&finished));
    }
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &[]).code(0);
    assert_eq!(
        registry.tags(),
        ["edge/plus:1.2.3_build.5", "edge/plus_vnf:1.0_build.5"]
    );
    for name in ["plus:1.2.3_build.5", "plus_vnf:1.0_build.5"] {
        let at = format!("{place}/{name}");
        nfv(&tree, &["pull", &at, "-d", "in"]).code(0);
    }
    assert_eq!(
        names(&tree.path("in")),
        ["plus-1.2.3+build.5.tgz", "plus_vnf-1.0+build.5.tar.gz"]
    );
}

/// A graph may name the very place at which a chart of its own tree is published. The
/// document is the same wherever it goes, so that place is another one's by what it says,
/// and what lies there is fetched all the same.
#[test]
fn what_a_graph_names_by_its_place_is_external() {
    let (first, second) = (Registry::plain(), Registry::plain());
    let place = |registry: &Registry| format!("oci://{}/edge", registry.host());
    let graph = include_str!("../../fixtures/showcase/edge_hdag/edge_hdag.yaml");
    let graph = graph.replace("oci://registry.example.org/edge", &place(&first));
    let tree = Tree::of(&[("edge_hdag/edge_hdag.yaml", &graph)]);
    for name in ["camera-vo", "cache"] {
        tree.file(&format!("{name}/Chart.yaml"), chart(name));
    }
    for registry in [&first, &second] {
        publish(&tree, &place(registry), &[]).code(0);
    }
    let (_, config) = &documents(&tree)["edge-graph:1.0.0"];
    let dependencies = config["dependencies"].as_array().expect("dependencies");
    assert_eq!(dependencies.len(), 2, "{config}");
    for dependency in dependencies {
        assert_eq!(dependency["location"], "external", "{config}");
        assert_eq!(dependency["mode"], "soft", "{config}");
    }
    let digest = |registry: &Registry| registry.digest("edge/edge-graph", "1.0.0");
    assert!(digest(&first).is_some());
    assert_eq!(digest(&first), digest(&second));
    let at = format!("{}/edge-graph:1.0.0", place(&first));
    nfv(&tree, &["pull", &at, "--with-dependencies", "-d", "in"]).code(0);
    assert_eq!(
        names(&tree.path("in")),
        [
            "cache-1.2.3.tgz",
            "camera-vo-1.2.3.tgz",
            "edge-graph-1.0.0.tar.gz"
        ]
    );
}

/// An image that travels in the package does so whether it is named by its name or its path.
#[test]
fn images_by_name_and_by_path() {
    let tree = Tree::new();
    let images = [
        "my.qcow2",
        "images/my2.qcow2",
        "./images/my3.qcow2",
        "far.qcow2",
    ];
    let mut text = vnfd("tiny_vnf") + "  sw-image-desc:\n";
    for (i, image) in images.iter().enumerate() {
        text += &format!("    - {{id: image-{i}, name: image-{i}, image: {image}}}\n");
    }
    tree.file("tiny_vnf/tiny_vnfd.yaml", &text);
    for name in ["my", "my2", "my3"] {
        tree.file(&format!("tiny_vnf/images/{name}.qcow2"), name);
    }
    nfv(&tree, &["publish", "-A", "all"]).code(0);
    let (_, config) = &documents(&tree)["tiny_vnf:1.0"];
    let dependencies = config["dependencies"].as_array().expect("dependencies");
    let of_kind = dependencies
        .iter()
        .filter(|d| d["descriptorType"] == "IMAGE");
    let places = of_kind.map(|d| d["location"].as_str().expect("a place"));
    let external = places.filter(|place| *place == "external").count();
    assert_eq!(external, 1, "{config}");
}
