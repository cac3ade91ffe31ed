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
        "NS s_ns 1.0\n└── VNF a_vnf ({}/edge/a_vnf:1.0)\n",
        registry.host()
    );
    assert_eq!(run.stdout, expected);
    let function = format!("{place}/a_vnf:1.0");
    let run = nfv(&Tree::new(), &["graph", "--topology", &function]).code(0);
    assert!(run.stdout.starts_with("VNF a_vnf\n"), "{}", run.stdout);
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
