//! `cargo nfv new`: every template passes the checks, and nothing is ever
//! overwritten or half written.

mod common;

use std::fs;
use std::path::Path;

use common::{Run, Tree, copy, digests, names, tool, walk};

/// Every kind with a good name for it, in an order in which each finds what it
/// is made of.
const KINDS: [(&str, &str); 8] = [
    ("vnf", "router_vnf"),
    ("knf", "cache_knf"),
    ("ns", "edge_ns"),
    ("nst", "edge_slice"),
    ("shield-ns", "edge_shield"),
    ("shield-vnsf", "router_shield"),
    ("hdag", "edge-graph"),
    ("vo", "camera-vo"),
];

/// Checks and builds the tree; not even a warning may come of it.
#[track_caller]
fn is_clean(tree: &Tree) {
    tree.nfv(&["check", "-D", "warnings"])
        .code(0)
        .says("no findings");
    tree.nfv(&["build"]).code(0);
    tree.nfv(&["publish"]).code(0);
}

#[track_caller]
fn make(tree: &Tree, args: &[&str]) -> Run {
    let mut all = vec!["new"];
    all.extend(args);
    tree.nfv(&all)
}

#[test]
fn every_kind_passes_check_and_build_in_a_tree_of_all() {
    let tree = Tree::new();
    for (kind, name) in KINDS {
        let package = ["--package", "router_vnf"];
        let more: &[&str] = if kind == "shield-vnsf" { &package } else { &[] };
        let run = make(&tree, &[&[kind, name], more].concat()).code(0);
        assert_eq!(run.stdout, format!("{name}\n"));
        assert!(run.stderr.contains("cargo nfv check"), "{}", run.stderr);
        is_clean(&tree);
    }
    assert_eq!(names(&tree.path("target/nfv/packages")).len(), KINDS.len());
    let slice = fs::read_to_string(tree.path("edge_slice/edge_nst.yaml")).expect("slice");
    assert!(slice.contains("nsd-connection-point-ref: mgmt-sap"));
}

#[test]
fn every_kind_that_needs_no_other_passes_alone() {
    for (kind, name) in KINDS {
        if kind.starts_with("shield") {
            continue;
        }
        let tree = Tree::new();
        make(&tree, &[kind, name]).code(0);
        is_clean(&tree);
        // Nothing of the notation is left.
        walk(&tree.path(name), &mut |path| {
            assert!(!path.to_string_lossy().contains('@'), "{path:?}");
            if path.is_file() {
                let text = fs::read_to_string(path).expect("text");
                assert!(!text.contains('@'), "{path:?}\n{text}");
            }
        });
    }
}

#[test]
fn odd_names_vendors_and_versions_pass_as_well() {
    // What YAML reads as a number, a date, a boolean; what OSM's pattern for
    // charts trips over; what has to be quoted.
    let odd = [
        "007",
        "1.5",
        "2024-01-01",
        "yes",
        "null",
        "a_b",
        "5G.Core__x",
        "vnf",
        "0x1F",
    ];
    for kind in ["vnf", "knf", "ns", "nst"] {
        let tree = Tree::new();
        for name in odd {
            let name = format!("{name}{}", if name == "vnf" { "-1" } else { "" });
            let place = format!("{kind}/{name}");
            make(&tree, &[kind, &name, "--path", kind]).code(0);
            assert!(tree.path(&place).is_dir());
        }
        is_clean(&tree);
    }
    let tree = Tree::new();
    for (kind, name) in KINDS.iter().filter(|(kind, _)| !matches!(*kind, "nst")) {
        let of_shield = kind.starts_with("shield");
        let version = if matches!(*kind, "hdag" | "vo") {
            "2.10.0-rc.1+7"
        } else {
            "2.10"
        };
        let mut args = vec![*kind, *name, "--vendor", "It's #1: \"A & B\" - GmbH"];
        if !of_shield {
            args.extend(["--version", version]);
        }
        if *kind == "shield-vnsf" {
            args.extend(["--package", "router_vnf"]);
        }
        make(&tree, &args).code(0);
    }
    is_clean(&tree);
    let packages = names(&tree.path("target/nfv/packages"));
    assert!(
        packages.contains(&"router_vnf-2.10.tar.gz".to_owned()),
        "{packages:?}"
    );
}

#[test]
fn a_service_lists_the_functions_that_are_asked_for() {
    let tree = Tree::showcase();
    make(&tree, &["ns", "small_ns", "--vnf", "router_vnf"])
        .code(0)
        .says("of `router_vnf`");
    let text = fs::read_to_string(tree.path("small_ns/small_nsd.yaml")).expect("nsd");
    assert!(
        text.contains("router_vnf") && !text.contains("cache"),
        "{text}"
    );
    // Without the flag, all there are.
    make(&tree, &["ns", "whole_ns"])
        .code(0)
        .says("of `cache_knf`, `router_vnf`");
    make(
        &tree,
        &["nst", "small_slice", "--ns", "small_ns", "whole_ns"],
    )
    .code(0);
    is_clean(&tree);
    make(&tree, &["ns", "other_ns", "--vnf", "ruoter_vnf"])
        .code(2)
        .says("did you mean `router_vnf`?");
    assert!(!tree.path("other_ns").exists());
}

#[test]
fn a_service_connects_functions_of_the_older_model() {
    let tree = Tree::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/situations");
    copy(&fixtures.join("old-im-vnfd"), &tree.root, false);
    make(&tree, &["ns", "new_ns"]).code(0);
    // The function is what it is; the service around it has no fault.
    let run = tree.nfv(&["check", "-A", "osm/unsupported", "-D", "warnings"]);
    run.code(0).says("no findings");
}

#[test]
fn a_shield_package_wraps_one_package() {
    let tree = Tree::new();
    make(&tree, &["shield-ns", "s"])
        .code(2)
        .says("the tree has no NS that is not wrapped yet")
        .says("cargo nfv new ns NAME");
    for name in ["a_ns", "b_ns"] {
        make(&tree, &["ns", name, "--vendor", "Example Labs"]).code(0);
    }
    make(&tree, &["shield-ns", "s"])
        .code(2)
        .says("name one of them with `--package`: `a_ns`, `b_ns`");
    make(&tree, &["shield-ns", "s", "--package", "a-ns"])
        .code(2)
        .says("did you mean `a_ns`?");
    tree.file("nfv.toml", "[packages.a_ns]\nlayout = \"csar\"\n");
    make(&tree, &["shield-ns", "s", "--package", "a_ns"])
        .code(2)
        .says("is built as a CSAR");
    fs::remove_file(tree.path("nfv.toml")).expect("removed");
    make(&tree, &["shield-ns", "s", "--package", "a_ns"]).code(0);
    let text = fs::read_to_string(tree.path("s/manifest.yaml")).expect("manifest");
    assert!(text.contains("vendor: Example Labs"), "{text}");
    make(&tree, &["shield-ns", "t", "--package", "a_ns"])
        .code(2)
        .says("`a_ns` is wrapped already, by the SHIELD package in `s`");
    // The other one is the only one left.
    make(&tree, &["shield-ns", "t"])
        .code(0)
        .says("around `b_ns`");
    is_clean(&tree);
}

#[test]
fn bad_names_and_flags_are_refused_with_what_is_allowed() {
    let tree = Tree::new();
    let long = "a".repeat(101);
    for name in [
        "", ".", "..", "a/b", "../x", "/x", "a b", "-x", ".x", "x.", "ü", "a\nb", &long,
    ] {
        make(&tree, &["vnf", "--", name])
            .code(2)
            .says("letters, digits, `.`, `-` and `_`");
    }
    for name in ["Camera", "a_b", "a.b", "-a", "a-", "", &long] {
        for kind in ["vo", "hdag"] {
            make(&tree, &[kind, "--", name])
                .code(2)
                .says("lower-case letters, digits and `-`");
        }
    }
    for (args, text) in [
        (&["vnff", "x"][..], "'vnf'"),
        (&["vnf"][..], "<NAME>"),
        (
            &["vnf", "x", "--version", "1 0"][..],
            "can't be the version",
        ),
        (&["vo", "x", "--version", "1.0"][..], "three numbers"),
        (&["nst", "x", "--version", "1.0"][..], "no field for one"),
        (&["nst", "x", "--vendor", "V"][..], "no field for one"),
        (
            &["shield-ns", "x", "--version", "1.0"][..],
            "of what it wraps",
        ),
        (&["vnf", "x", "--vnf", "y"][..], "only a network service"),
        (&["ns", "x", "--ns", "y"][..], "only a slice template"),
        (&["ns", "x", "--package", "y"][..], "only a SHIELD package"),
        (&["vnf", "x", "--vendor", " "][..], "must not be empty"),
    ] {
        make(&tree, args).code(2).says(text);
    }
    assert_eq!(names(&tree.root), [] as [&str; 0]);
}

#[test]
fn nothing_that_exists_is_touched() {
    let tree = Tree::of(&[("full/keep.txt", "mine"), ("file", "mine")]);
    fs::create_dir(tree.path("empty")).expect("folder");
    let before = digests(&tree.root);
    for name in ["full", "file", "empty"] {
        make(&tree, &["vnf", name])
            .code(2)
            .says("exists already; nothing was written");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("nowhere", tree.path("link")).expect("link");
        make(&tree, &["vnf", "link"]).code(2).says("exists already");
        fs::remove_file(tree.path("link")).expect("link");
    }
    // A file where a folder should be.
    make(&tree, &["vnf", "x", "--path", "file"]).code(2);
    assert_eq!(digests(&tree.root), before);
    assert_eq!(names(&tree.root), ["empty", "file", "full"]);
}

#[test]
fn an_id_is_used_once_and_a_package_stands_in_no_other() {
    let tree = Tree::showcase();
    make(&tree, &["ns", "router_vnf", "--path", "more"])
        .code(2)
        .says("the tree has the VNF `router_vnf` already, in `router_vnf`");
    make(&tree, &["vnf", "x", "--path", "router_vnf/images"])
        .code(2)
        .says("would become a part of the package in `router_vnf`");
    assert!(!tree.path("more").exists());
    assert!(!tree.path("router_vnf/images").exists());
}

#[test]
fn folders_on_the_way_are_made_and_the_configuration_is_heeded() {
    let tree = Tree::of(&[("nfv.toml", "paths = [\"packages\"]\n")]);
    // Its only path is not there yet.
    make(&tree, &["vnf", "a_vnf", "--path", "packages/site"])
        .code(0)
        .says("cargo nfv build -p a_vnf");
    is_clean(&tree);
    make(&tree, &["vnf", "b_vnf", "--path", "./packages/../other"])
        .code(0)
        .says("outside of what `cargo nfv` looks at")
        .says("cargo nfv check other/b_vnf");
    tree.nfv(&["check", "-D", "warnings", "other/b_vnf"])
        .code(0);
    let quiet = make(&tree, &["vnf", "c_vnf", "--quiet"]).code(0);
    assert_eq!(
        (quiet.stdout.as_str(), quiet.stderr.as_str()),
        ("c_vnf\n", "")
    );
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_is_an_error_and_stays_empty() {
    use common::{as_ordinary_user, set_mode};
    if !as_ordinary_user("a_folder_that_may_not_be_written_is_an_error_and_stays_empty") {
        return;
    }
    let tree = Tree::new();
    fs::create_dir(tree.path("closed")).expect("folder");
    set_mode(&tree.path("closed"), 0o555);
    for path in ["closed", "closed/a/b"] {
        make(&tree, &["vnf", "x", "--path", path])
            .code(2)
            .says("failed to create a folder in");
    }
    assert_eq!(names(&tree.path("closed")), [] as [&str; 0]);
    set_mode(&tree.path("closed"), 0o755);
}

#[cfg(unix)]
#[test]
fn the_folder_has_ordinary_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Tree::new();
    fs::create_dir(tree.path("plain")).expect("folder");
    make(&tree, &["vnf", "x", "--path", "way"]).code(0);
    let mode = |path: &str| {
        fs::metadata(tree.path(path))
            .expect("folder")
            .permissions()
            .mode()
    };
    assert_eq!(mode("way"), mode("plain"));
    assert_eq!(mode("way/x"), mode("plain"));
    assert_eq!(mode("way/x/cloud_init"), mode("plain"));
}

#[test]
fn charts_are_what_helm_takes() {
    let Some(helm) = tool_or_none("helm") else {
        return;
    };
    let tree = Tree::new();
    make(&tree, &["knf", "cache_knf"]).code(0);
    make(&tree, &["vo", "camera-vo"]).code(0);
    for chart in ["cache_knf/helm-chart-v3s/cache", "camera-vo"] {
        for verb in ["lint", "template"] {
            let mut command = std::process::Command::new(&helm);
            common::sh(command.arg(verb).arg(tree.path(chart)));
        }
    }
}

/// Helm is no package of Debian, so its absence is no failure in CI either.
fn tool_or_none(name: &str) -> Option<std::path::PathBuf> {
    if std::env::var_os("NFV_REQUIRE_TOOLS").is_some() {
        let path = std::env::var_os("PATH")?;
        let found = std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
        if !found {
            return None;
        }
    }
    tool(name)
}
