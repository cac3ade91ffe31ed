//! `cargo nfv diff`: what has changed, in the words of the model.

mod common;

use std::fs;

use common::{Tree, copy};
use serde_json::Value;

/// The router of the showcase, twice.
fn twice() -> Tree {
    let tree = Tree::showcase();
    copy(&tree.path("router_vnf"), &tree.path("new"), false);
    tree
}

const NEW: &str = "new/router_vnfd.yaml";

struct Told {
    changes: Vec<String>,
    last: Value,
}

fn diff(tree: &Tree, before: &str, after: &str) -> Told {
    let run = tree
        .nfv(&["diff", before, after, "--message-format", "json"])
        .code(0);
    let lines: Vec<Value> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let (last, rest) = lines.split_last().expect("a last line");
    assert_eq!(last["reason"], "diff-finished");
    let text = |line: &Value, key: &str| line[key].as_str().expect("a text").to_owned();
    Told {
        changes: rest
            .iter()
            .map(|line| format!("{} {}", text(line, "change"), text(line, "path")))
            .collect(),
        last: last.clone(),
    }
}

#[test]
fn what_is_the_same_has_not_changed() {
    let tree = twice();
    // Order, quotes, comments and layout are no changes.
    tree.replace(NEW, "  provider: Example Operator\n", "");
    tree.replace(
        NEW,
        "vnfd:\n",
        "vnfd:\n  provider: \"Example Operator\"   # who makes it\n",
    );
    let told = diff(&tree, "router_vnf", "new");
    assert_eq!(told.changes, [""; 0]);
    assert_eq!(told.last["version"], Value::Null);
    let run = tree
        .nfv(&["diff", "router_vnf", "new", "--exit-code"])
        .code(0);
    assert!(run.stderr.contains("nothing has changed"), "{}", run.stderr);
    // Neither is packing.
    fs::remove_dir_all(tree.path("new")).expect("removed");
    tree.nfv(&["build", "-p", "router_vnf"]).code(0);
    let told = diff(
        &tree,
        "router_vnf",
        "target/nfv/packages/router_vnf-1.0.tar.gz",
    );
    assert_eq!(told.changes, [""; 0]);
    tree.nfv(&["publish", "-p", "router_vnf"]).code(0);
    let told = diff(&tree, "router_vnf:1.0", "router_vnf");
    assert_eq!(told.changes, [""; 0]);
}

#[test]
fn changes_in_the_words_of_the_model() {
    let tree = twice();
    tree.replace(NEW, "num-virtual-cpu: 2", "num-virtual-cpu: 4");
    tree.replace(NEW, "    - id: lan-ext\n", "    - id: site-ext\n");
    tree.file("new/cloud_init/router-init.txt", "#cloud-config\n");
    let told = diff(&tree, "router_vnf", "new");
    assert_eq!(
        told.changes,
        [
            "changed virtual-compute-desc/router-compute/virtual-cpu/num-virtual-cpu",
            "added ext-cpd/site-ext",
            "removed ext-cpd/lan-ext",
            "changed cloud_init/router-init.txt",
        ]
    );
    let run = tree
        .nfv(&["diff", "router_vnf", "new", "--exit-code"])
        .code(1);
    for line in [
        "  ~ virtual compute `router-compute`, `virtual-cpu/num-virtual-cpu`: `2` → `4`\n",
        "  + external connection point `site-ext`\n",
        "  - external connection point `lan-ext`\n",
        "  ~ file cloud_init/router-init.txt\n",
    ] {
        assert!(run.stdout.contains(line), "{}", run.stdout);
    }
}

/// As OSM's north-bound interface compares a VNFD that is in use with a new one.
#[test]
fn what_osm_takes_for_one_in_use() {
    let update = |from: &str, to: &str| {
        let tree = twice();
        tree.replace(NEW, from, to);
        diff(&tree, "router_vnf", "new").last["update"].clone()
    };
    let metric = (
        "performance-metric: cpu_utilization",
        "performance-metric: average_memory_utilization",
    );
    assert_eq!(update(metric.0, metric.1)["because"], "allowed-changes");
    let refused = update("num-virtual-cpu: 2", "num-virtual-cpu: 4");
    assert_eq!(refused["accepted"], false);
    assert_eq!(
        refused["places"][0],
        "virtual-compute-desc/router-compute/virtual-cpu/num-virtual-cpu"
    );
    assert_eq!(
        update("version: '1.0'\n  software", "version: '1.1'\n  software")["places"][0],
        "version"
    );
    let both = update("software-version: '2.4.1'", "software-version: '2.5.0'");
    assert_eq!(both["because"], "software-version");
    // Another function is no update, and neither is a service.
    assert_eq!(
        update("id: router_vnf\n  product", "id: other_vnf\n  product"),
        Value::Null
    );
    let tree = Tree::showcase();
    assert_eq!(
        diff(&tree, "edge_ns", "edge_ns").last["update"],
        Value::Null
    );
}

#[test]
fn which_part_of_the_version_moves() {
    let advise = |from: &str, to: &str, version: &str| {
        let tree = twice();
        tree.replace(NEW, from, to);
        tree.replace(NEW, "  version: '1.0'", &format!("  version: '{version}'"));
        diff(&tree, "router_vnf", "new").last["version"].clone()
    };
    let advice = advise("id: lan-ext", "id: site-ext", "1.1");
    assert_eq!(
        (&advice["part"], &advice["least"], &advice["enough"]),
        (&"major".into(), &"2.0".into(), &false.into())
    );
    let advice = advise("num-virtual-cpu: 2", "num-virtual-cpu: 4", "1.1");
    assert_eq!(
        (&advice["part"], &advice["enough"]),
        (&"minor".into(), &true.into())
    );
    let advice = advise("for a small site", "for a site", "1.0.1");
    assert_eq!(
        (&advice["part"], &advice["enough"]),
        (&"patch".into(), &true.into())
    );
}

#[test]
fn what_can_not_be_compared() {
    let tree = twice();
    tree.nfv(&["diff", "router_vnf", "edge_ns"])
        .code(2)
        .says("nothing in common");
    tree.nfv(&["diff", "router_vnf", "nowhere"]).code(3);
    tree.nfv(&["diff", ".", "new"])
        .code(2)
        .says("several packages");
    tree.file(NEW, "vnfd: [\n");
    tree.nfv(&["diff", "router_vnf", "new"])
        .code(2)
        .says("no valid YAML");
    tree.file("empty/README", "x");
    tree.nfv(&["diff", "empty", "router_vnf"]).sound();
}

/// That a secret is another one is said; what it is and was, is not.
#[test]
fn secrets_are_not_shown() {
    let tree = twice();
    let with = |secret: &str| format!("    - id: router\n      password: {secret}\n");
    tree.replace(
        "router_vnf/router_vnfd.yaml",
        "    - id: router\n",
        &with("sesame-1"),
    );
    tree.replace(NEW, "    - id: router\n", &with("sesame-2"));
    for format in ["human", "json"] {
        let run = tree
            .nfv(&["diff", "router_vnf", "new", "--message-format", format])
            .code(0);
        assert!(
            run.stdout.contains("password") && run.stdout.contains("***"),
            "{}",
            run.stdout
        );
        assert!(
            !run.stdout.contains("sesame") && !run.stderr.contains("sesame"),
            "{}",
            run.stdout
        );
    }
}
