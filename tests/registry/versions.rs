//! Which version is meant: ranges, and what there is instead.

use std::process::Command;

use crate::common::{Tree, chart, run, tool, vnfd};
use crate::docker::{Docker, Guard};
use crate::double::Registry;
use crate::{clean, home, json, nfv, publish};

/// A function in several versions at a registry and in the layout of its tree.
fn versions(versions: &[&str]) -> (Tree, Registry, String) {
    let tree = Tree::new();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    for version in versions {
        let text = vnfd("tiny_vnf").replace("version: '1.0'", &format!("version: '{version}'"));
        assert!(text.contains(version), "{text}");
        tree.file("tiny_vnf/tiny_vnfd.yaml", text);
        nfv(&tree, &["publish", "-A", "all"]).code(0);
        publish(&tree, &place, &[]).code(0);
    }
    (tree, registry, format!("{place}/tiny_vnf"))
}

#[test]
fn the_highest_version_of_a_range() {
    let (tree, registry, place) = versions(&["1.0", "1.10", "1.2", "2.0-rc1", "2.0-rc2"]);
    let layout = "oci:target/nfv/oci".to_owned();
    for (flags, version) in [
        (&["--version", "^1"][..], "1.10"),
        (&["--version", "1.x"], "1.10"),
        (&["--version", "<1.10"], "1.2"),
        (&["--version", ">=1 <1.5 || 7"], "1.2"),
        (&["--version", "^2-0"], "2.0-rc2"),
        (&["--version", "1.0"], "1.0"),
        (&["--devel"], "2.0-rc2"),
    ] {
        for place in [&place, &layout, &format!("{layout}:tiny_vnf"), "tiny_vnf"] {
            let at = [&[place][..], flags].concat();
            let ends = format!(":{version}");
            // Only a range says which of the packages in a layout is meant.
            if place == layout && flags == ["--version", "1.0"] {
                continue;
            }
            let pull = ["pull", "-d", "in", "--message-format", "json"];
            let pulled = nfv(&tree, &[&pull[..], &at].concat()).code(0);
            let reference = json(&pulled.bytes)["reference"].to_string();
            assert!(
                reference.ends_with(&format!("{ends}\"")),
                "{reference} {flags:?}"
            );
            let file = tree.path(&format!("in/tiny_vnf-{version}.tar.gz"));
            assert!(file.is_file(), "{file:?}");
            let inspected = nfv(&tree, &[&["inspect", "--descriptor"], &at[..]].concat()).code(0);
            let says = format!("version: '{version}'");
            assert!(inspected.stdout.contains(&says), "{}", inspected.stdout);
        }
        let there = format!("oci-archive:{version}.tar");
        let copied = nfv(&tree, &[&["copy", &place, &there], flags].concat()).code(0);
        let name = format!("{there}:tiny_vnf:{version}");
        assert!(copied.stdout.starts_with(&name), "{}", copied.stdout);
    }
    // A tag that is called like a range is that tag.
    let tagged = format!("{place}:1.x");
    nfv(&tree, &["copy", &format!("{place}:1.0"), &tagged]).code(0);
    registry.take_log();
    let inspected = nfv(&tree, &["inspect", &place, "--version", "1.x"]).code(0);
    assert!(
        inspected.stdout.contains("tiny_vnf:1.x"),
        "{}",
        inspected.stdout
    );
}

#[test]
fn what_there_is_instead() {
    let (tree, registry, place) = versions(&["1.0", "1.2", "2.0-rc1"]);
    let pull = |flags: &[&str]| nfv(&tree, &[&["pull", "-d", "in"], flags].concat());
    for place in [place.as_str(), "tiny_vnf"] {
        let run = pull(&[place, "--version", "^3"]).code(3);
        for says in [
            "no version in the range `^3`",
            "1.0`",
            "1.2`",
            "2.0-rc1`",
            ">=1.0-0",
        ] {
            assert!(run.stderr.contains(says), "{}", run.stderr);
        }
        pull(&[place, "--version", "^1 >"])
            .code(2)
            .says("behind `>` there is no version");
        pull(&[place, "--version", ""]).code(2).says("is no range");
    }
    let has = "has no `1.5`; it has `2.0-rc1`, `1.2`, `1.0`";
    pull(&[&place, "--version", "1.5"]).code(3).says(has);
    for command in ["pull", "inspect"] {
        nfv(&tree, &[command, &format!("{place}:1.5")])
            .code(3)
            .says(has);
    }
    // What says its version already has no other.
    for more in [&["--version", "^1"][..], &["--devel"]] {
        for at in [&format!("{place}:1.0"), "tiny_vnf:1.0"] {
            pull(&[&[at], more].concat())
                .code(2)
                .says("is asked for beside it");
        }
    }
    pull(&[&place, "--devel", "--version", "1.0"])
        .code(2)
        .says("cannot be used with");
    // A range may be one of several packages in a layout.
    tree.file("other_vnf/other_vnfd.yaml", vnfd("other_vnf"));
    nfv(&tree, &["publish", "-A", "all"]).code(0);
    let layout = "oci:target/nfv/oci";
    pull(&[layout, "--version", "^1"])
        .code(2)
        .says("`other_vnf:1.0`");
    // One version needs no list of them.
    registry.take_log();
    pull(&[&place, "--version", "1.2"]).code(0);
    let log = registry.take_log();
    assert!(
        log.iter().all(|asked| !asked.path.contains("tags")),
        "{log:?}"
    );
    assert!(!log.is_empty());
}

/// Where Helm and we are asked for the same range, both take the same.
#[test]
fn helm_understands_ranges_so() {
    let Some(helm) = tool("helm") else { return };
    let Some(registry) = Docker::start(Guard::Nothing) else {
        return;
    };
    let tree = Tree::new();
    let place = format!("oci://{}/edge", registry.host);
    for version in [
        "0.0.3",
        "0.2.3",
        "0.2.9",
        "1.0.0",
        "1.2.0",
        "1.2.3",
        "1.10.4",
        "2.0.0-rc.1",
        "2.0.0",
        "2.1.0-rc.2",
        "3.0.0-beta.1",
    ] {
        tree.file(
            "tiny_chart/Chart.yaml",
            chart("tiny-chart").replace("1.2.3", version),
        );
        publish(&tree, &place, &[]).code(0);
    }
    let place = format!("{place}/tiny-chart");
    for range in [
        "^1",
        "^1.2",
        "^1.2.1",
        "^0.2.3",
        "^0.2",
        "^0.0",
        "^0.0.1",
        "^0",
        "~1",
        "~1.2",
        "~>1.2.1",
        "1.x",
        "1.2.X",
        "*",
        "=1.2",
        "=1.2.3",
        "= 1",
        "!=2.0.0 <3",
        "!=2.x",
        "!=2",
        ">1.2",
        ">1",
        ">1.2.3 <2",
        ">= 0.2, < 1.2",
        "<=1.2",
        "<=1",
        "=<1.2.0",
        "=>2",
        "0.2 - 1.1",
        "1.0.0 - 1.2",
        "~0.2 || ^1",
        "^7 || ^0",
        "^2-0",
        ">=2.1.0-0",
        "~2.1.0-rc.1",
        ">=1.0.0-0 <2.0.0",
        "<2.0.0-rc.2 >1.11.0-0",
        "^3",
        "^3.0.0-alpha",
        "v1.2.x",
        "^v1",
        ">5",
        "1.0.0 1.2.0",
        "latest",
        "> ",
        "1 -",
    ] {
        let mut command = Command::new(&helm);
        clean(&mut command, &home(&tree));
        let args = ["show", "chart", &place, "--plain-http", "--version", range];
        let theirs = run(command.args(args).current_dir(&tree.root));
        let theirs = match theirs.status {
            Some(0) => {
                let mut lines = theirs.stdout.lines();
                let version = lines.find_map(|line| line.strip_prefix("version: "));
                version.map(|version| version.trim_matches('\'').to_owned())
            }
            _ => None,
        };
        let json_of = [
            "inspect",
            &place,
            "--version",
            range,
            "--message-format",
            "json",
        ];
        let ours = nfv(&tree, &json_of);
        let ours = match ours.status {
            Some(0) => {
                let reference = json(&ours.bytes)["reference"].as_str().map(str::to_owned);
                reference.and_then(|reference| Some(reference.rsplit_once(':')?.1.to_owned()))
            }
            _ => None,
        };
        assert_eq!(ours, theirs, "{range}");
    }
}
