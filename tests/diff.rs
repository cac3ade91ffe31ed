//! `cargo nfv diff`: what has changed, in the words of the model.

mod common;

use std::fs;

use common::{Tree, copy, sh};
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
    // What may change stands at these places alone.
    let flavour = |metric: &str| {
        format!(
            "    - id: default-df\n      monitoring-parameter:\n        - id: load\n          performance-metric: {metric}\n"
        )
    };
    let tree = twice();
    let old = "router_vnf/router_vnfd.yaml";
    tree.replace(old, "    - id: default-df\n", &flavour("cpu"));
    tree.replace(NEW, "    - id: default-df\n", &flavour("memory"));
    let told = diff(&tree, "router_vnf", "new");
    assert_eq!(
        told.last["update"]["places"],
        serde_json::json!(["df/default-df/monitoring-parameter/load/performance-metric"])
    );
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
    let check = "no valid YAML; `cargo nfv check` shows what is wrong";
    tree.nfv(&["diff", "router_vnf", "new"]).code(2).says(check);
    tree.file("worse/x_vnfd.yaml", "a: [\n");
    tree.nfv(&["diff", "router_vnf", "worse"])
        .code(2)
        .says(check);
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

/// OSM compares types and the order of lists, of which the model knows nothing.
#[test]
fn what_osm_refuses_although_nothing_has_changed() {
    let swapped = |tree: &Tree| {
        let text = fs::read_to_string(tree.path(NEW)).expect("read");
        let start = text.find("    - id: lan-ext\n").expect("the first point");
        let middle = text.find("    - id: wan-ext\n").expect("the second point");
        let end = text.find("\n  df:\n").expect("what follows");
        let (first, second) = (&text[start..middle], &text[middle..end]);
        let text = format!("{}{second}{first}{}", &text[..start], &text[end..]);
        fs::write(tree.path(NEW), text).expect("written");
    };
    let typed = |tree: &Tree| tree.replace(NEW, "num-virtual-cpu: 2", "num-virtual-cpu: 2.0");
    let fraction = |tree: &Tree| tree.replace(NEW, "  version: '1.0'", "  version: 1.0");
    type Case<'a> = (&'a dyn Fn(&Tree), &'a str);
    let prefix = |tree: &Tree| {
        tree.replace(
            NEW,
            "type-of-storage: root",
            "type-of-storage: etsi-nfv-descriptors:root",
        );
    };
    let cases: [Case<'_>; 4] = [
        (&prefix, "type-of-storage`"),
        (&swapped, "`ext-cpd` (its items stand in another order)"),
        (
            &typed,
            "num-virtual-cpu` (a whole number before, a number with a fraction now)",
        ),
        (
            &fraction,
            "`version` (a text before, a number with a fraction now)",
        ),
    ];
    for (change, because) in cases {
        let tree = twice();
        change(&tree);
        let told = diff(&tree, "router_vnf", "new");
        assert_eq!(told.changes, [""; 0], "{because}");
        assert_eq!(told.last["update"]["accepted"], false, "{because}");
        tree.nfv(&["diff", "router_vnf", "new"])
            .code(0)
            .says("nothing has changed")
            .says("OSM refuses it for one that is in use")
            .says(because);
    }
    // Another type of the software version is another software version to it.
    let tree = twice();
    tree.replace(NEW, "software-version: '2.4.1'", "software-version: 2.4");
    tree.replace(
        "router_vnf/router_vnfd.yaml",
        "software-version: '2.4.1'",
        "software-version: '2.4'",
    );
    let told = diff(&tree, "router_vnf", "new");
    assert_eq!(told.last["update"]["because"], "software-version");
    // Below another key it finds no software version, and nothing that may change.
    let tree = twice();
    for file in ["router_vnf/router_vnfd.yaml", NEW] {
        tree.replace(file, "vnfd:\n", "etsi-nfv-vnfd:vnfd:\n");
    }
    tree.replace(
        NEW,
        "software-version: '2.4.1'",
        "software-version: '2.5.0'",
    );
    tree.nfv(&["diff", "router_vnf", "new"])
        .code(0)
        .says("looks for below `vnfd` alone");
}

/// It opens the new descriptor's path in the folder of the old package.
#[test]
fn another_name_of_the_descriptor_s_file_fails_at_osm() {
    let tree = twice();
    tree.replace(
        NEW,
        "software-version: '2.4.1'",
        "software-version: '2.5.0'",
    );
    fs::rename(tree.path(NEW), tree.path("new/other_vnfd.yaml")).expect("renamed");
    let told = diff(&tree, "router_vnf", "new");
    let update = &told.last["update"];
    assert_eq!(update["accepted"], false);
    assert_eq!(update["file_before"], "router_vnf/router_vnfd.yaml");
    assert_eq!(update["file_after"], "router_vnf/other_vnfd.yaml");
    tree.nfv(&["diff", "router_vnf", "new"])
        .code(0)
        .says("it looks for `router_vnf/other_vnfd.yaml` in the old package");
    // So does another folder in a finished package; what is built has the id's.
    let tree = twice();
    let mut tar = std::process::Command::new("tar");
    sh(tar
        .current_dir(tree.path(""))
        .args(["czf", "n.tar.gz", "new"]));
    let told = diff(&tree, "router_vnf", "n.tar.gz");
    assert_eq!(told.last["update"]["file_after"], "new/router_vnfd.yaml");
    let told = diff(&tree, "router_vnf", "new");
    assert_eq!(told.last["update"]["because"], "allowed-changes");
}

/// Where there is no update, or none that OSM could read, that is said.
#[test]
fn what_is_no_update_of_one_in_use_is_told() {
    let tree = twice();
    let old = "vnfd-catalog:\n  vnfd:\n  - id: router_vnf\n    name: router_vnf\n    version: '1.0'\n    \
               mgmt-interface: {cp: eth0}\n    connection-point: [{name: eth0, type: VPORT}]\n";
    tree.file("old/router_vnfd.yaml", old);
    let run = tree.nfv(&["diff", "old", "router_vnf"]).code(0);
    run.says(
        "Update there is none to OSM: since release NINE it reads no package in the model before",
    );
    assert_eq!(diff(&tree, "old", "router_vnf").last["update"], Value::Null);
    let run = tree.nfv(&["diff", "router_vnf", "old"]).code(0);
    run.says(
        "Update OSM refuses it: since release NINE it reads nothing in the model before SOL006",
    );
    let told = diff(&tree, "router_vnf", "old");
    assert_eq!(told.last["update"]["accepted"], false);
    assert_eq!(told.last["update"]["because"], serde_json::json!(["model"]));
    tree.replace(NEW, "id: router_vnf", "id: other_vnf");
    let run = tree.nfv(&["diff", "router_vnf", "new"]).code(0);
    run.says("Update there is none to OSM: what has another id is another VNFD");
    assert_eq!(diff(&tree, "router_vnf", "new").last["update"], Value::Null);
}

#[test]
fn a_cut_archive_is_told_as_one() {
    let tree = twice();
    let mut tar = std::process::Command::new("tar");
    sh(tar
        .current_dir(tree.path(""))
        .args(["czf", "n.tar.gz", "new"]));
    let whole = fs::read(tree.path("n.tar.gz")).expect("an archive");
    tree.file("cut.tar.gz", &whole[..whole.len() / 2]);
    for pair in [["cut.tar.gz", "new"], ["new", "cut.tar.gz"]] {
        tree.nfv(&["diff", pair[0], pair[1]])
            .code(2)
            .says("`cut.tar.gz` can't be described: the archive can't be read");
    }
}

#[test]
fn another_version_is_a_change() {
    let tree = twice();
    tree.replace(NEW, "  version: '1.0'", "  version: '1.1'");
    let told = diff(&tree, "router_vnf", "new");
    assert_eq!(told.changes, ["changed version"]);
    assert_eq!(told.last["version"], Value::Null);
    let run = tree
        .nfv(&["diff", "router_vnf", "new", "--exit-code"])
        .code(1);
    let run = run.says("OSM refuses it for one that is in use, because of `version`");
    assert!(
        run.stdout.contains("~ `version`: `1.0` → `1.1`"),
        "{}",
        run.stdout
    );
}

#[test]
fn what_others_call_by_name_is_an_interface() {
    let part = |tree: &Tree, before: &str, after: &str| {
        diff(tree, before, after).last["version"]["part"].clone()
    };
    let tree = twice();
    // Whoever runs the service names its members, KDUs and primitives.
    copy(&tree.path("edge_ns"), &tree.path("new_ns"), false);
    tree.replace(
        "new_ns/edge_nsd.yaml",
        "        - id: router\n",
        "        - id: gateway\n",
    );
    assert_eq!(part(&tree, "edge_ns", "new_ns"), "major");
    copy(&tree.path("cache_knf"), &tree.path("new_knf"), false);
    tree.replace(
        "new_knf/cache_knfd.yaml",
        "    - name: cache\n",
        "    - name: store\n",
    );
    assert_eq!(part(&tree, "cache_knf", "new_knf"), "major");
    // What is deployed is more than a text, also where it stands beside the descriptor.
    tree.file("new/README.md", "# Router\n");
    assert_eq!(part(&tree, "router_vnf", "new"), "patch");
    tree.file("new/cloud_init/router-init.txt", "#cloud-config\n");
    assert_eq!(part(&tree, "router_vnf", "new"), "minor");
}

/// A primitive goes with what holds it, and whoever calls it is told.
#[test]
fn primitives_that_go_with_what_holds_them() {
    let operate = |id: &str| {
        format!(
            "      lcm-operations-configuration:\n        operate-vnf-op-config:\n          day1-2:\n            \
             - id: {id}\n              initial-config-primitive:\n                - seq: 1\n                  \
             name: start\n              config-primitive:\n                - name: restart\n                \
             - name: touch\n"
        )
    };
    let flavour = "    - id: default-df\n";
    let tree = twice();
    let text = fs::read_to_string(tree.path(NEW)).expect("read");
    let with = |more: &str| text.replace(flavour, &format!("{flavour}{more}"));
    tree.file("router_vnf/router_vnfd.yaml", with(&operate("router_vnf")));
    let place = "df/default-df/lcm-operations-configuration";
    let entry = format!("{place}/operate-vnf-op-config/day1-2/router_vnf");
    let gone = [
        format!("removed {entry}/config-primitive/restart"),
        format!("removed {entry}/config-primitive/touch"),
    ];
    let empty = "      lcm-operations-configuration: {}\n";
    let outer = "      lcm-operations-configuration:\n        operate-vnf-op-config: {}\n";
    for (new, first) in [
        (with(&operate("router")), entry.as_str()),
        (with(empty), &format!("{place}/operate-vnf-op-config")),
        (with(outer), &entry),
        (text.clone(), place),
    ] {
        tree.file(NEW, &new);
        let told = diff(&tree, "router_vnf", "new");
        assert_eq!(told.last["version"]["part"], "major", "{new}");
        let at = |line: &str| told.changes.iter().position(|one| one == line);
        let held = at(&format!("removed {first}")).expect(first);
        assert_eq!(told.changes[held + 1..held + 3], gone, "{new}");
        tree.nfv(&["diff", "router_vnf", "new"])
            .code(0)
            .says("`restart`) asks for 2.0");
    }
    // Of a flavour that is gone, that is all there is to say.
    tree.file(NEW, text.replace(flavour, "    - id: other-df\n"));
    let told = diff(&tree, "router_vnf", "new");
    assert!(!told.changes.contains(&gone[0]), "{:?}", told.changes);
    assert_eq!(told.last["version"]["part"], "major");
}

#[cfg(unix)]
#[test]
fn whether_a_file_can_be_run_is_a_change() {
    let tree = twice();
    let script = "cloud_init/router-init.txt";
    common::set_mode(&tree.path(&format!("new/{script}")), 0o755);
    let told = diff(&tree, "router_vnf", "new");
    assert_eq!(told.changes, [format!("changed {script}")]);
    assert_eq!(told.last["version"]["part"], "minor");
    let run = tree
        .nfv(&["diff", "router_vnf", "new", "--exit-code"])
        .code(1);
    let line = format!("  ~ file {script}, which can be run now\n");
    assert!(run.stdout.contains(&line), "{}", run.stdout);
    // The packages differ in the same.
    tree.nfv(&["build", "new"]).code(0);
    fs::copy(
        tree.path("target/nfv/packages/router_vnf-1.0.tar.gz"),
        tree.path("new.tar.gz"),
    )
    .expect("copied");
    tree.nfv(&["build", "router_vnf"]).code(0);
    let run = tree
        .nfv(&[
            "diff",
            "new.tar.gz",
            "target/nfv/packages/router_vnf-1.0.tar.gz",
        ])
        .code(0);
    let line = format!("  ~ file {script}, which can't be run any more\n");
    assert!(run.stdout.contains(&line), "{}", run.stdout);
    // The rest of the mode does not reach a package.
    common::set_mode(&tree.path(&format!("new/{script}")), 0o600);
    assert_eq!(diff(&tree, "router_vnf", "new").changes, [""; 0]);
}

/// A package is the same as the source that it was built from; of what is inside the files tell.
#[test]
fn a_shield_package_and_its_source() {
    let tree = Tree::showcase();
    tree.file("nfv.toml", "");
    tree.nfv(&["build"]).code(0);
    let built = "target/nfv/packages/edge_ns-1.0.shield.tar.gz";
    for (old, new) in [(built, "edge_shield"), ("edge_shield", built)] {
        tree.nfv(&["diff", old, new, "--exit-code"]).code(0);
    }
    // Nor is the signature a change, which follows from the rest.
    tree.file("edge_shield/manifest.yaml.cms", "of somebody\n");
    tree.nfv(&["diff", built, "edge_shield", "--exit-code"])
        .code(0);
    std::fs::remove_file(tree.path("edge_shield/manifest.yaml.cms")).expect("removed");
    tree.file("edge_ns/README", "read me\n");
    tree.replace(
        "edge_ns/edge_nsd.yaml",
        "id: provider-sap",
        "id: upstream-sap",
    );
    let run = tree
        .nfv(&["diff", built, "edge_shield", "--exit-code"])
        .code(1);
    // The descriptor inside is told in the words of its model, and with its weight.
    for line in [
        "  + file edge_ns.tar.gz!/README\n",
        "  - service access point `provider-sap`\n",
    ] {
        assert!(run.stdout.contains(line), "{}", run.stdout);
    }
    assert!(!run.stdout.contains("`hash`"), "{}", run.stdout);
    run.says("a major change (service access point `provider-sap`) asks for 2.0");
}

/// What is not at hand is not called the same.
#[test]
fn what_a_shield_package_wraps_may_not_be_at_hand() {
    let tree = Tree::new();
    copy(&Tree::showcase().path(""), &tree.path("old"), false);
    copy(&tree.path("old"), &tree.path("new"), false);
    tree.replace(
        "new/edge_ns/edge_nsd.yaml",
        "id: provider-sap",
        "id: upstream-sap",
    );
    let args = ["diff", "old/edge_shield", "new/edge_shield", "--exit-code"];
    let run = tree.nfv(&args).code(1);
    assert!(
        !run.stderr.contains("nothing has changed"),
        "{}",
        run.stderr
    );
    run.says("what is in `edge_ns.tar.gz` was not compared");
    let run = tree.nfv(&[&args[..], &["--message-format", "json"]].concat());
    assert!(
        run.stdout.contains("\"not_compared\":\"edge_ns.tar.gz\""),
        "{}",
        run.stdout
    );
    // Each wraps the one beside it.
    tree.file("nfv.toml", "");
    let run = tree.nfv(&args).code(1);
    let line = "  - service access point `provider-sap`\n";
    assert!(run.stdout.contains(line), "{}", run.stdout);
    let same = ["diff", "old/edge_shield", "old/edge_shield", "--exit-code"];
    tree.nfv(&same).code(0).says("nothing has changed");
}

/// The layout is packing: a CSAR, the folder that it was built from and OSM's package of that are
/// the same, but to an update of what is in use.
#[test]
fn a_csar_and_its_source() {
    let tree = Tree::showcase();
    tree.nfv(&["build", "-p", "router_vnf"]).code(0);
    tree.file(
        "nfv.toml",
        "layout = \"csar\"\n[csar]\nrelease-date = \"2026-01-31T00:00:00Z\"\n",
    );
    tree.nfv(&["build", "-p", "router_vnf"]).code(0);
    let csar = "target/nfv/packages/router_vnf-1.0.csar";
    let osm = "target/nfv/packages/router_vnf-1.0.tar.gz";
    for (old, new) in [
        (csar, "router_vnf"),
        ("router_vnf", csar),
        (csar, osm),
        (osm, csar),
    ] {
        let run = tree.nfv(&["diff", old, new, "--exit-code"]).code(0);
        let fails = run.stderr.contains("it looks for");
        assert_eq!(
            fails,
            old != "router_vnf" && new != "router_vnf",
            "{}",
            run.stderr
        );
    }
}

/// A wrapper without what it wraps has no id, and is called as it was named.
#[test]
fn what_has_no_id_is_called_as_it_was_named() {
    let tree = Tree::showcase();
    for name in ["one", "two"] {
        copy(&tree.path("edge_shield"), &tree.beside(name), false);
    }
    let run = tree.nfv(&["diff", "../one", "../two"]).code(0);
    assert_eq!(run.stdout, "SHIELD NS (../one) → SHIELD NS (../two)\n");
}

/// Items of lists are found again by the keys that the model gives the list.
#[test]
fn items_are_known_by_the_keys_of_their_list() {
    let tree = |name: &str, alarms: &str, steps: &str, network: &str| {
        let text = format!(
            "vnfd:\n  id: a\n  version: '1.0'\n  vdu:\n    - id: v\n      alarm: [{alarms}]\n      flag: {network}\n  df:\n    - id: d\n      \
             lcm-operations-configuration:\n        operate-vnf-op-config:\n          day1-2:\n            - id: a\n              \
             initial-config-primitive: [{steps}]\n"
        );
        (format!("{name}/a_vnfd.yaml"), text)
    };
    let (low, high) = ("{alarm-id: low, value: 1}", "{alarm-id: high, value: 2}");
    let (one, two) = ("{seq: 1, name: config}", "{seq: 2, name: config}");
    let list = |items: &[&str]| items.join(", ");
    let all = [
        tree("old", &list(&[low, high]), &list(&[one, two]), "true"),
        tree("turned", &list(&[high, low]), &list(&[two, one]), "True"),
        tree("less", &list(&[high]), &list(&[two]), "yes"),
    ];
    let files: Vec<(&str, &str)> = all
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let tree = Tree::of(&files);
    assert_eq!(diff(&tree, "old", "turned").changes, [""; 0]);
    assert_eq!(
        diff(&tree, "old", "less").changes,
        [
            "removed vdu/v/alarm/low",
            "removed df/d/lcm-operations-configuration/operate-vnf-op-config/day1-2/a/initial-config-primitive/1",
        ]
    );
}
