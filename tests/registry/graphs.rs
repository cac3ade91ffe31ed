//! `graph --registry` and `diff`: what the tree lacks, or had before, and a registry has.

use serde_json::Value;

use crate::common::{Tree, vnfd};
use crate::double::Registry;
use crate::{nfv, publish};

#[test]
fn what_is_at_the_registry_is_not_missing() {
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    let functions = Tree::of(&[("a/a_vnfd.yaml", &vnfd("a_vnf"))]);
    publish(&functions, &place, &[]).code(0);
    let nsd = "nsd:\n  nsd:\n    - id: s_ns\n      version: '1.0'\n      vnfd-id: [a_vnf, b_vnf]\n";
    let tree = Tree::of(&[("s/s_nsd.yaml", nsd)]);
    let run = nfv(&tree, &["graph", "--registry", &place, "--format", "json"]).code(0);
    let graph: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let find = |id: &str| {
        let mut all = graph["packages"].as_array().expect("packages").iter();
        all.find(|one| one["id"] == id).expect("a member").clone()
    };
    let a = find("a_vnf");
    assert_eq!(a["origin"], "registry");
    assert_eq!(
        a["reference"],
        format!("{}/edge/a_vnf:1.0", registry.host())
    );
    assert_eq!(find("b_vnf")["origin"], "missing");
    // What one place has not, the next may have.
    let other = format!("oci://{}/core", registry.host());
    let functions = Tree::of(&[("b/b_vnfd.yaml", &vnfd("b_vnf"))]);
    publish(&functions, &other, &[]).code(0);
    let both = ["graph", "--registry", &place, "--registry", &other];
    let run = nfv(&tree, &[&both[..], &["--exit-code"]].concat()).code(0);
    assert!(run.stdout.contains("/core/b_vnf:1.0"), "{}", run.stdout);
    nfv(&tree, &["graph", "--registry", "nowhere at all"]).code(2);
    nfv(&tree, &["graph", "-t", "--registry", &place])
        .code(2)
        .says("leave one away");
    // A reference is followed to the registry that it is at.
    tree.replace("s/s_nsd.yaml", ", b_vnf]", "]");
    publish(&tree, &place, &[]).code(0);
    let service = format!("{place}/s_ns:1.0");
    let run = nfv(&Tree::new(), &["graph", &service]).code(0);
    let expected = format!(
        "NS s_ns 1.0\n└── VNF a_vnf ({}/edge/a_vnf:1.0)\n    └── HELM example/tiny\n",
        registry.host()
    );
    assert_eq!(run.stdout, expected);
    let function = format!("{place}/a_vnf:1.0");
    let run = nfv(&Tree::new(), &["graph", "--topology", &function]).code(0);
    assert!(run.stdout.starts_with("VNF a_vnf\n"), "{}", run.stdout);
}

/// What is found there needs things as well, also in circles, and also where others have pushed it
/// without a config document of ours.
#[test]
fn what_the_registry_needs_in_turn() {
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    let host = registry.host();
    let nsd = |id: &str, needs: &str| {
        format!("nsd:\n  nsd:\n    - id: {id}\n      version: '1.0'\n{needs}")
    };
    let nst = "nst:\n  - id: t_slice\n    netslice-subnet:\n      - {id: one, nsd-ref: s_ns}\n";
    let all = Tree::of(&[
        ("a/a_vnfd.yaml", &vnfd("a_vnf")),
        ("b/b_vnfd.yaml", &vnfd("b_vnf")),
        (
            "s/s_nsd.yaml",
            &nsd(
                "s_ns",
                "      vnfd-id: [a_vnf]\n      nested-nsd-id: [r_ns]\n",
            ),
        ),
        (
            "r/r_nsd.yaml",
            &nsd(
                "r_ns",
                "      vnfd-id: [b_vnf]\n      nested-nsd-id: [s_ns]\n",
            ),
        ),
        ("t/t_nst.yaml", nst),
    ]);
    for name in ["s_ns", "r_ns", "t_slice"] {
        publish(&all, &place, &["--allow-missing", "-p", name]).code(0);
    }
    let slice = format!("{place}/t_slice:latest");
    let run = nfv(&Tree::new(), &["graph", &slice, "--exit-code"]).code(1);
    let expected = format!(
        "NST t_slice\n\
         └── NS s_ns ({host}/edge/s_ns:1.0)\n    \
             ├── VNF a_vnf (missing)\n    \
             └── NS r_ns ({host}/edge/r_ns:1.0)\n        \
                 ├── VNF b_vnf (missing)\n        \
                 └── NS s_ns ({host}/edge/s_ns:1.0) (*)\n"
    );
    assert_eq!(run.stdout, expected);
    run.says("`s_ns` needs `r_ns` needs `s_ns`");
    // From the tree the answer is the same.
    let tree = Tree::of(&[("t/t_nst.yaml", nst)]);
    let run = nfv(&tree, &["graph", "--registry", &place]).code(0);
    assert_eq!(run.stdout, expected);
    // With the functions there nothing is missing; the one says what it needs in its descriptor.
    publish(&all, &place, &["-p", "a_vnf"]).code(0);
    let descriptor = vnfd("b_vnf");
    let layer = registry.put_blob("edge/b_vnf", descriptor.as_bytes());
    let empty = registry.put_blob("edge/b_vnf", b"{}");
    let manifest = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": "application/vnd.example.nfv",
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": empty, "size": 2},
        "layers": [{
            "mediaType": "application/yaml", "digest": layer, "size": descriptor.len(),
            "annotations": {"org.opencontainers.image.title": "b_vnfd.yaml"},
        }],
    });
    registry.put_manifest(
        "edge/b_vnf",
        "1.0",
        "application/vnd.oci.image.manifest.v1+json",
        manifest.to_string().as_bytes(),
    );
    let run = nfv(&Tree::new(), &["graph", &slice]).code(0);
    assert!(!run.stdout.contains("missing"), "{}", run.stdout);
    let function =
        format!("VNF b_vnf ({host}/edge/b_vnf:1.0)\n        │   └── HELM example/tiny\n");
    assert!(run.stdout.contains(&function), "{}", run.stdout);
    // A file of the right name is none.
    let notes = b"hi\n";
    let layer = registry.put_blob("edge/b_vnf", notes);
    let mut manifest = manifest;
    manifest["layers"][0] = serde_json::json!({
        "mediaType": "text/plain", "digest": layer, "size": notes.len(),
        "annotations": {"org.opencontainers.image.title": "hi.txt"},
    });
    registry.put_manifest(
        "edge/b_vnf",
        "1.0",
        "application/vnd.oci.image.manifest.v1+json",
        manifest.to_string().as_bytes(),
    );
    let run = nfv(&Tree::new(), &["graph", &slice, "--exit-code"]).code(1);
    assert!(run.stdout.contains("VNF b_vnf (missing)"), "{}", run.stdout);
    run.says("what is there is no package");
}

#[test]
fn what_has_changed_since_it_was_published() {
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    let tree = Tree::of(&[("a/a_vnfd.yaml", &vnfd("a_vnf"))]);
    publish(&tree, &place, &[]).code(0);
    let published = format!("{place}/a_vnf:1.0");
    let same = nfv(&tree, &["diff", &published, "a", "--exit-code"]).code(0);
    assert!(
        same.stderr.contains("nothing has changed"),
        "{}",
        same.stderr
    );
    tree.replace("a/a_vnfd.yaml", "example/tiny", "example/small");
    let run = nfv(&tree, &["diff", &published, "a", "--exit-code"]).code(1);
    let line = "  ~ KDU `tiny`, `helm-chart`: `example/tiny` → `example/small`\n";
    assert!(run.stdout.contains(line), "{}", run.stdout);
    nfv(&tree, &["diff", &format!("{place}/b_vnf:1.0"), "a"]).code(3);
}
