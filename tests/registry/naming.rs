//! Names and tags: what a registry takes stays as it is, as with Helm.

use std::process::Command;

use crate::common::{Tree, chart, run, tool, vnfd};
use crate::docker::{Docker, Guard};
use crate::double::Registry;
use crate::{clean, home, nfv, publish};

/// Helm finds the chart under the name and version that it has, and there is nothing else.
#[test]
fn charts_lie_where_helm_looks() {
    let Some(helm) = tool("helm") else { return };
    let Some(registry) = Docker::start(Guard::Nothing) else {
        return;
    };
    let tree = Tree::new();
    let place = format!("oci://{}/edge", registry.host);
    let ask = |args: &[&str]| {
        let mut command = Command::new(&helm);
        clean(&mut command, &home(&tree));
        run(command
            .args(args)
            .arg("--plain-http")
            .current_dir(&tree.root))
        .code(0)
    };
    for (name, version) in [
        ("c", "1.0.0-feat--x"),
        ("c", "1.0.0-rc-"),
        ("c", "1.0.0-a.-b"),
        ("c", "1.0.0-a+b.-c"),
        ("x--y", "1.0.0"),
        ("x---y", "1.0.0"),
        ("x__y", "1.0.0"),
    ] {
        let text = chart(name).replace("1.2.3", version);
        tree.file("c/Chart.yaml", text);
        tree.file("c/templates/none.yaml", "# nothing\n");
        publish(&tree, &place, &["-q"]).code(0);
        let own = format!("{place}/{name}");
        let folder = format!("in-{name}-{version}");
        std::fs::create_dir_all(tree.path(&folder)).expect("a folder");
        ask(&["pull", &own, "--version", version, "-d", &folder]);
        let file = format!("{folder}/{name}-{version}.tgz");
        assert!(tree.path(&file).is_file(), "{file}");
        // Where Helm itself puts it.
        ask(&["push", &file, &format!("{place}/helm")]);
        let tag = version.replace('+', "_");
        for at in [&own, &format!("{place}/helm/{name}")] {
            let at = format!("{at}:{tag}");
            let other = format!("{folder}/{}", at.len());
            nfv(&tree, &["pull", &at, "-d", &other]).code(0);
        }
        nfv(&tree, &["verify", &format!("{name}:{tag}")]).code(0);
    }
}

/// What a tag can have is left to it, and what it can't have is no reason to fail.
#[test]
fn versions_are_tags() {
    let tree = Tree::new();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    for (version, tag) in [
        ("1.0..1", "1.0..1"),
        ("_1", "_1"),
        ("1.0_", "1.0_"),
        ("1.0 beta", "1.0_beta"),
        ("-1", "_1"),
    ] {
        let text = vnfd("tiny_vnf").replace("version: '1.0'", &format!("version: '{version}'"));
        tree.file("tiny_vnf/tiny_vnfd.yaml", text);
        // A version that becomes the tag of another one moves nothing.
        let code = if version == "-1" { 5 } else { 0 };
        publish(&tree, &place, &[]).code(code);
        assert!(registry.digest("edge/tiny_vnf", tag).is_some(), "{tag}");
    }
    // In one run such versions are refused, and ids likewise; what differs at a registry does not.
    let tree = Tree::of(&[
        ("a/a_vnfd.yaml", &vnfd("tiny--vnf")),
        ("b/b_vnfd.yaml", &vnfd("tiny-vnf")),
        ("c/c_vnfd.yaml", &vnfd("tiny__vnf")),
    ]);
    publish(&tree, &place, &[]).code(0);
    tree.file("d/d_vnfd.yaml", vnfd("tiny-_vnf"));
    publish(&tree, &place, &[])
        .code(2)
        .says("both become the name `tiny-vnf`");
    let tree = Tree::new();
    for (folder, version) in [("a", "1+0"), ("b", "1_0")] {
        let text = vnfd("tiny_vnf").replace("version: '1.0'", &format!("version: '{version}'"));
        tree.file(&format!("{folder}/x_vnfd.yaml"), text);
    }
    publish(&tree, &place, &[])
        .code(2)
        .says("would both be published as `tiny_vnf:1_0`");
}
