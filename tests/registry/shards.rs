//! Many runners and one registry: each package is built once.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::common::{Run, Tree, copy, finish, vnfd};
use crate::double::Registry;

/// Functions and services that need four of them each, as one tree.
fn fill(tree: &Tree, functions: usize, services: usize) {
    for i in 0..functions {
        tree.file(&format!("v{i}/v{i}_vnfd.yaml"), vnfd(&format!("v{i}_vnf")));
        tree.file(
            &format!("v{i}/scripts/run.sh"),
            format!("#!/bin/sh\necho {i}\n"),
        );
    }
    for i in 0..services {
        let needs: String = (0..4)
            .map(|k| format!("        - v{}_vnf\n", (i * 4 + k) % functions))
            .collect();
        let nsd = format!(
            "nsd:\n  nsd:\n    - id: s{i}_ns\n      version: '1.0'\n      vnfd-id:\n{needs}"
        );
        tree.file(&format!("s{i}/s{i}_nsd.yaml"), nsd);
    }
}

fn publish(tree: &Tree, place: &str, args: &[&str]) -> Child {
    let mut command = tree.command();
    command
        .args(["publish", place, "--message-format", "json", "-A", "all"])
        .args(args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("started")
}

/// How many of the finished packages lie in the target directory of a tree.
fn built(tree: &Tree) -> usize {
    fs::read_dir(tree.path("target/nfv/packages")).map_or(0, |files| files.count())
}

fn published(run: &Run) -> BTreeMap<String, Value> {
    let lines = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    let lines = lines.filter(|line: &Value| line["reason"] == "artifact-published");
    lines
        .map(|line| {
            (
                line["reference"].as_str().expect("reference").to_owned(),
                line,
            )
        })
        .collect()
}

#[test]
fn four_runners_build_four_hundred_packages_once() {
    const RUNNERS: usize = 4;
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    // Each runner has a checkout of its own.
    let trees: Vec<Tree> = (0..RUNNERS).map(|_| Tree::in_memory()).collect();
    fill(&trees[0], 320, 80);
    for tree in &trees[1..] {
        copy(&trees[0].root, &tree.root, false);
    }
    let run = |trees: &[Tree]| {
        let start = |i: usize| {
            publish(
                &trees[i],
                &place,
                &["--shard", &format!("{}/{RUNNERS}", i + 1)],
            )
        };
        let children: Vec<Child> = (0..RUNNERS).map(start).collect();
        let runs = children
            .into_iter()
            .map(|child| Run::of(finish(child, Duration::from_secs(300))));
        runs.map(|run| run.code(0)).collect::<Vec<Run>>()
    };
    let runs = run(&trees);
    let all: Vec<usize> = trees.iter().map(built).collect();
    assert_eq!(all.iter().sum::<usize>(), 400, "{all:?}");
    assert!(all.iter().all(|n| *n > 50), "{all:?}");
    let mut first: BTreeMap<String, Value> = BTreeMap::new();
    for run in &runs {
        for (reference, line) in published(run) {
            assert_eq!(line["fresh"], false);
            assert!(first.insert(reference, line).is_none());
        }
    }
    assert_eq!(first.len(), 400);
    // Other runners, with nothing but the sources, and other numbers.
    for tree in &trees {
        fs::remove_dir_all(tree.path("target")).expect("removed");
    }
    registry.take_log();
    let runs = run(&trees);
    assert_eq!(trees.iter().map(built).sum::<usize>(), 0);
    let mut second: BTreeMap<String, Value> = BTreeMap::new();
    for run in &runs {
        second.extend(published(run));
    }
    assert_eq!(second.len(), 400);
    for (reference, line) in &second {
        assert_eq!(line["fresh"], true, "{reference}");
        assert_eq!(line["digest"], first[reference]["digest"], "{reference}");
    }
    let log = registry.take_log();
    let sent = log
        .iter()
        .filter(|request| !["GET", "HEAD"].contains(&request.method.as_str()));
    assert_eq!(sent.count(), 0);
}

#[test]
fn only_what_is_the_same_is_not_built() {
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    let tree = Tree::new();
    fill(&tree, 2, 1);
    let run = |args: &[&str]| {
        let args = [&["--reuse"], args].concat();
        let child = publish(&tree, &place, &args);
        Run::of(finish(child, Duration::from_secs(60)))
    };
    run(&[]).code(0);
    let first = registry.digest("edge/v0_vnf", "1.0").expect("published");
    let forget = || fs::remove_dir_all(tree.path("target")).expect("removed");
    forget();
    run(&[])
        .code(0)
        .says("3 packages published before and not built");
    assert_eq!(built(&tree), 0);
    // With --force everything is built here.
    forget();
    run(&["--force"]).code(0);
    assert_eq!(built(&tree), 3);
    assert_eq!(registry.digest("edge/v0_vnf", "1.0").as_ref(), Some(&first));
    // Another file is another package, which its version does not allow.
    forget();
    tree.file("v0/scripts/run.sh", "#!/bin/sh\necho other\n");
    run(&[]).code(5).says("already");
    assert_eq!(built(&tree), 1);
    // Another mode as well.
    tree.file("v0/scripts/run.sh", "#!/bin/sh\necho 0\n");
    crate::common::set_mode(&tree.path("v0/scripts/run.sh"), 0o755);
    forget();
    run(&[]).code(5).says("already");
}

/// A registry may say what it likes of what something was made of: the manifest must be
/// the one that would be published, to the last byte.
#[test]
fn a_claim_of_the_registry_is_not_enough() {
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    let tree = Tree::new();
    fill(&tree, 1, 0);
    let run = |args: &[&str]| {
        let args = [&["--reuse"], args].concat();
        let child = publish(&tree, &place, &args);
        Run::of(finish(child, Duration::from_secs(60)))
    };
    run(&[]).code(0);
    let (media_type, bytes) = registry.manifest("edge/v0_vnf", "1.0").expect("published");
    let note = registry.tags().into_iter().find_map(|tag| {
        let tag = tag.strip_prefix("edge/v0_vnf:")?.to_owned();
        tag.starts_with("sources-").then_some(tag)
    });
    let note = note.expect("a note");
    let mut manifest: Value = serde_json::from_slice(&bytes).expect("JSON");
    manifest["annotations"]["org.opencontainers.image.description"] = "something else".into();
    let bytes = serde_json::to_vec(&manifest).expect("JSON");
    // Another version than the one that is noted.
    registry.put_manifest("edge/v0_vnf", "1.0", &media_type, &bytes);
    fs::remove_dir_all(tree.path("target")).expect("removed");
    run(&[]).code(5).says("already");
    assert_eq!(built(&tree), 1);
    // A note that agrees with it.
    registry.put_manifest("edge/v0_vnf", &note, &media_type, &bytes);
    fs::remove_dir_all(tree.path("target")).expect("removed");
    run(&[]).code(5).says("already");
    assert_eq!(built(&tree), 1);
}

/// A service whose functions are published by other runners is not refused; one whose
/// functions are nowhere is.
#[test]
fn what_other_shards_publish_is_not_missing() {
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    let tree = Tree::new();
    fill(&tree, 3, 1);
    let list = |i: usize| {
        let shard = format!("{i}/4");
        let run = tree.nfv(&["list", "--shard", &shard]).code(0);
        (shard, run.stdout)
    };
    let service = (1..=4)
        .map(list)
        .find(|(_, list)| list.contains("s0_ns"))
        .expect("a shard");
    let run = |args: &[&str]| {
        let args = [&["--reuse"], args].concat();
        let child = publish(&tree, &place, &args);
        Run::of(finish(child, Duration::from_secs(60)))
    };
    run(&["--shard", &service.0]).code(0);
    assert!(registry.digest("edge/s0_ns", "1.0").is_some());
    let other = Registry::plain();
    let place = format!("oci://{}/edge", other.host());
    let alone = publish(&tree, &place, &["-p", "s0_ns"]);
    Run::of(finish(alone, Duration::from_secs(60)))
        .code(3)
        .says("v0_vnf");
    assert!(other.digest("edge/s0_ns", "1.0").is_none());
}
