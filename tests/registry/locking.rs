//! `nfv.lock` pins what is needed by its digest, wherever it lies.

use std::fs;

use crate::common::{Tree, chart, names, vnfd};
use crate::double::{Fault, Options, Registry};
use crate::{nfv, publish, tree};

/// A registry, and where packages go in it.
fn registry() -> (Registry, String) {
    let registry = Registry::start(Options::default());
    let place = format!("oci://{}/edge", registry.host());
    (registry, place)
}

fn lock(tree: &Tree) -> String {
    fs::read_to_string(tree.path("nfv.lock")).expect("a lock file")
}

/// Another content of the function in the same version.
fn change(tree: &Tree) {
    tree.file("tiny_vnf/README.md", "Another one.\n");
}

#[test]
fn what_is_published_together_is_pinned() {
    let tree = tree();
    let (registry, place) = registry();
    publish(&tree, &place, &["--locked"])
        .code(2)
        .says("is not in `nfv.lock`");
    publish(
        &tree,
        &place,
        &["--locked", "--allow-missing", "-p", "tiny_ns"],
    )
    .code(2)
    .says("is not in `nfv.lock`");
    assert_eq!(registry.tags(), [""; 0]);
    publish(&tree, &place, &[]).code(0);
    let digest = registry.digest("edge/tiny_vnf", "1.0").expect("a tag");
    let before = lock(&tree);
    assert!(before.contains(&digest), "{before}");
    let reference = format!("\"{}/edge/tiny_vnf:1.0\"", registry.host());
    assert!(before.contains(&reference), "{before}");
    for more in [&["--locked"][..], &["--locked", "-p", "tiny_ns"]] {
        publish(&tree, &place, more).code(0);
    }
    // A function with other bytes is not the one that is locked, neither beside
    // the service nor at the registry.
    change(&tree);
    registry.take_log();
    publish(&tree, &place, &["--locked", "--force"])
        .code(5)
        .says("and the lock file says");
    // Nor is it without the service.
    publish(&tree, &place, &["--locked", "--force", "-p", "tiny_vnf"])
        .code(5)
        .says("the VNF `tiny_vnf` would be published as `")
        .says(&format!(
            "and the lock file says {digest}; without `--locked`"
        ));
    assert_eq!(registry.count("PUT", ""), 0);
    assert_eq!(lock(&tree), before);
    publish(&tree, &place, &["--force"]).code(0);
    assert!(!lock(&tree).contains(&digest));
    let changed = lock(&tree);
    // Where it lies is not what is pinned.
    let (_other, elsewhere) = self::registry();
    publish(&tree, &elsewhere, &["--locked"]).code(0);
    assert_eq!(lock(&tree), changed);
    // What somebody else has moved is told.
    let own = registry.digest("edge/tiny_vnf", "1.0").expect("a tag");
    let (kind, old) = registry
        .manifest("edge/tiny_vnf", &digest)
        .expect("the first");
    registry.put_manifest("edge/tiny_vnf", "1.0", &kind, &old);
    publish(&tree, &place, &["-p", "tiny_ns"])
        .code(0)
        .says(&format!("and `nfv.lock` said {own}"));
    assert!(lock(&tree).contains(&digest));
}

#[test]
fn the_digest_is_pinned_and_not_the_place() {
    let tree = tree();
    let (first, place) = registry();
    publish(&tree, &place, &[]).code(0);
    let (second, elsewhere) = registry();
    publish(&tree, &elsewhere, &[]).code(0);
    for name in ["tiny_vnf", "tiny_ns"] {
        let from = format!("{place}/{name}:1.0");
        nfv(&tree, &["copy", &from, "oci:L"]).code(0);
        nfv(&tree, &["copy", &from, "oci-archive:all.tar"]).code(0);
    }
    let before = lock(&tree);
    assert!(before.contains(&first.host()), "{before}");
    first.take_log();
    let places = [
        format!("{elsewhere}/tiny_ns:1.0"),
        "oci:L:tiny_ns:1.0".to_owned(),
        "oci-archive:all.tar:tiny_ns:1.0".to_owned(),
        "tiny_ns:1.0".to_owned(),
    ];
    for place in &places {
        for flags in [&["--locked"][..], &[]] {
            let pull = ["pull", place, "--with-dependencies", "-d", "in"];
            nfv(&tree, &[&pull[..], flags].concat()).code(0);
            assert_eq!(names(&tree.path("in")).len(), 2, "{place}");
            fs::remove_dir_all(tree.path("in")).expect("what was pulled");
            assert_eq!(first.take_log().len(), 0, "{place}");
            assert_eq!(lock(&tree), before, "{place}");
        }
    }
    // It is nowhere near any more; then it comes from where it was.
    nfv(
        &tree,
        &["copy", &format!("{place}/tiny_ns:1.0"), "oci:alone"],
    )
    .code(0);
    let pull = |place: &str| {
        let pull = ["pull", place, "--with-dependencies", "--locked", "-d", "in"];
        nfv(&tree, &pull)
    };
    first.take_log();
    pull("oci:alone").code(0);
    assert!(first.count("GET", "/edge/tiny_vnf/") > 0);
    // And without that nowhere, under whatever tag.
    fs::remove_dir_all(tree.path("in")).expect("what was pulled");
    change(&tree);
    publish(&tree, &elsewhere, &["--force", "-p", "tiny_vnf"]).code(0);
    let pinned = second.digest("edge/tiny_vnf", "1.0").expect("a tag");
    fs::write(tree.path("nfv.lock"), {
        let old = first.digest("edge/tiny_vnf", "1.0").expect("a tag");
        before.replace(&old, &format!("sha256:{}", "0".repeat(64)))
    })
    .expect("a lock file");
    let run = pull(&places[0]).code(3);
    let zeros = "0".repeat(64);
    for says in [&zeros, &second.host(), &first.host()] {
        assert!(run.stderr.contains(says.as_str()), "{}", run.stderr);
    }
    assert!(!run.stderr.contains(&pinned), "{}", run.stderr);
    assert!(names(&tree.path("in")).is_empty());
}

/// The file is for others as well, who have other folders.
#[test]
fn no_folder_of_this_machine_is_noted() {
    let tree = tree();
    let (_registry, place) = registry();
    publish(&tree, &place, &[]).code(0);
    let outside = tree.beside("layouts").join("L").display().to_string();
    for name in ["tiny_vnf", "tiny_ns"] {
        let from = format!("{place}/{name}:1.0");
        for to in [
            "oci:sub/L",
            "oci-archive:all.tar",
            &format!("oci:{outside}"),
        ] {
            nfv(&tree, &["copy", &from, to]).code(0);
        }
    }
    for (place, noted) in [
        ("oci:sub/L:tiny_ns:1.0", Some("\"oci:sub/L:tiny_vnf:1.0\"")),
        ("oci-archive:all.tar:tiny_ns:1.0", None),
        (&*format!("oci:{outside}:tiny_ns:1.0"), None),
        ("tiny_ns:1.0", Some("\"oci:target/nfv/oci:tiny_vnf:1.0\"")),
    ] {
        fs::remove_file(tree.path("nfv.lock")).expect("a lock file");
        let pull = ["pull", place, "--with-dependencies", "-d", "in"];
        nfv(&tree, &pull).code(0);
        let text = lock(&tree);
        match noted {
            Some(noted) => assert!(text.contains(noted), "{text}"),
            None => assert!(!text.contains("reference"), "{text}"),
        }
        let root = tree.root.display().to_string();
        assert!(!text.contains(&root) && !text.contains("/tmp"), "{text}");
        nfv(&tree, &[&pull[..], &["--locked"]].concat()).code(0);
    }
}

/// What names its registry is looked for there.
#[test]
fn what_is_missing_is_missing_where_it_was_looked_for() {
    let tree = tree();
    let (_registry, place) = registry();
    let (other, _) = self::registry();
    let graph = include_str!("../../fixtures/showcase/edge_hdag/edge_hdag.yaml");
    let demo = format!("oci://{}/demo/", other.host());
    let graph = graph.replace("oci://registry.example.org/edge/", &demo);
    tree.file("edge_hdag/edge_hdag.yaml", graph);
    publish(&tree, &place, &[]).code(0);
    let reference = format!("{place}/edge-graph:1.0.0");
    let run = nfv(
        &tree,
        &["pull", &reference, "--with-dependencies", "-d", "in"],
    )
    .code(3);
    let there = format!("not in `{}/demo`", other.host());
    assert!(run.stderr.contains(&there), "{}", run.stderr);
}

/// A name is no proof: something else may lie where a function is looked for.
#[test]
fn something_else_under_the_name_of_a_function_is_refused() {
    let tree = tree();
    let (registry, place) = registry();
    publish(&tree, &place, &["-q"]).code(0);
    fs::remove_file(tree.path("nfv.lock")).expect("a lock file");
    let at = |name: &str| format!("{place}/{name}:1.0");
    let service = registry.digest("edge/tiny_ns", "1.0").expect("a tag");
    let (kind, bytes) = registry
        .manifest("edge/tiny_ns", &service)
        .expect("a manifest");
    nfv(&tree, &["copy", "--force", &at("tiny_ns"), &at("tiny_vnf")]).code(0);
    for more in [&["-p", "tiny_ns", "--force"][..], &["-p", "tiny_ns"]] {
        publish(&tree, &place, more)
            .code(2)
            .says("needs the VNF `tiny_vnf`, and `")
            .says("is the NS `tiny_ns`");
    }
    nfv(
        &tree,
        &["pull", &at("tiny_ns"), "--with-dependencies", "-d", "in"],
    )
    .code(2)
    .says("is the NS `tiny_ns`");
    assert_eq!(names(&tree.path("in")), [""; 0]);
    assert!(!tree.path("nfv.lock").exists());
    // An image of a container.
    let image = String::from_utf8(bytes).expect("text").replace(
        "application/vnd.etsi.nfv.config.v1+json",
        "application/vnd.oci.image.config.v1+json",
    );
    registry.put_manifest("edge/tiny_vnf", "1.0", &kind, image.as_bytes());
    publish(&tree, &place, &["-p", "tiny_ns"])
        .code(2)
        .says("is an image");
}

/// What somebody wrote into the file goes to no server.
#[test]
fn a_digest_that_is_none_is_refused_before_anything_is_asked() {
    let tree = tree();
    let (registry, place) = registry();
    publish(&tree, &place, &["-q"]).code(0);
    let before = lock(&tree);
    let digest = registry.digest("edge/tiny_vnf", "1.0").expect("a tag");
    registry.take_log();
    for other in ["../../_catalog", "sha256:12", ""] {
        tree.file("nfv.lock", before.replace(&digest, other));
        let line = before.lines().position(|line| line.contains(&digest));
        let line = format!("line {}", line.expect("a line") + 1);
        let at = format!("{place}/tiny_ns:1.0");
        let pull = ["pull", &at, "--with-dependencies", "-d", "in"];
        for run in [nfv(&tree, &pull), publish(&tree, &place, &[])] {
            let run = run
                .code(2)
                .says("nfv.lock` is no valid lock file")
                .says(&line);
            run.says(&format!("`{other}` is not a digest"));
        }
        assert_eq!(registry.take_log().len(), 0);
    }
}

#[test]
fn a_lock_is_about_a_registry() {
    publish(&tree(), "tiny_vnf", &["--locked"])
        .code(2)
        .says("`--locked` is about what is needed at a registry");
}

/// A chart names the registry that it is from; a site without a way there has a
/// copy, under the same path or in one folder with what needs it.
#[test]
fn a_pinned_chart_is_found_at_the_site_that_has_a_copy() {
    let tree = tree();
    let (home, place) = registry();
    tree.file("camvo/Chart.yaml", chart("camvo"));
    let charts = format!("oci://{}/charts", home.host());
    publish(&tree, &charts, &["-q", "-p", "camvo"]).code(0);
    let reference = format!("oci://{}/charts/camvo:1.2.3", home.host());
    let kdu = format!("  kdu: [{{name: cam, helm-chart: '{reference}'}}]\n");
    tree.file("knf/knf_vnfd.yaml", vnfd("knf") + &kdu);
    publish(&tree, &place, &["-q", "-p", "knf"]).code(0);
    let pull = |from: &str, more: &[&str]| {
        let pull = ["pull", from, "--with-dependencies", "--retries", "0", "-d"];
        nfv(&tree, &[&pull[..], more].concat())
    };
    pull(&format!("{place}/knf:1.0"), &["first"]).code(0);
    assert_eq!(names(&tree.path("first")).len(), 2);
    let sites = [registry(), registry()];
    for ((_, site), chart) in sites.iter().zip(["edge", "charts"]) {
        let at = |name: &str| site.replace("/edge", name);
        nfv(
            &tree,
            &["copy", &format!("{place}/knf:1.0"), &at("/edge/knf")],
        )
        .code(0);
        nfv(
            &tree,
            &["copy", &reference, &at(&format!("/{chart}/camvo"))],
        )
        .code(0);
    }
    home.take_log();
    for ((_, site), folder) in sites.iter().zip(["second", "third"]) {
        pull(&format!("{site}/knf:1.0"), &[folder, "--locked"]).code(0);
        assert_eq!(names(&tree.path(folder)), names(&tree.path("first")));
    }
    assert_eq!(home.take_log().len(), 0);
}

/// Two ids may become one name. What has no version has one tag, which moves by itself
/// from the same slice only.
#[test]
fn the_tag_of_another_slice_stays() {
    let nst = |id: &str, more: &str| {
        let text = format!(
            "nst:\n- id: {id}\n  name: s{more}\n  SNSSAI-identifier: {{slice-service-type: eMBB}}\n  netslice-subnet:\n  - id: a\n    nsd-ref: tiny_ns\n  netslice-vld: []\n"
        );
        Tree::of(&[("s/s_nst.yaml", &text)])
    };
    let (registry, place) = registry();
    let slice = |tree: &Tree, more: &[&str]| {
        publish(tree, &place, &[&["--allow-missing"][..], more].concat())
    };
    slice(&nst("my slice", ""), &[]).code(0);
    let tag = || registry.digest("edge/my_slice", "latest").expect("a tag");
    let first = tag();
    slice(&nst("my slice", "x"), &[]).code(0);
    let second = tag();
    assert_ne!(first, second);
    slice(&nst("my_slice", ""), &[])
        .code(5)
        .says("/edge/my_slice:latest` is the NST `my slice` (sha256:");
    assert_eq!(tag(), second);
    slice(&nst("my_slice", ""), &["--force"]).code(0);
    assert_ne!(tag(), second);
}

/// A layout holds many artifacts, and a blob says nothing of what it is a part of.
#[test]
fn what_is_needed_and_cannot_be_had_is_named_with_who_needs_it() {
    let tree = tree();
    nfv(&tree, &["publish", "-A", "all"]).code(0);
    nfv(&tree, &["copy", "tiny_ns:1.0", "oci:L"]).code(0);
    let pull = |more: &[&str]| {
        let _ = fs::remove_dir_all(tree.path("in"));
        let pull = [
            "pull",
            "oci:L:tiny_ns:1.0",
            "--with-dependencies",
            "-d",
            "in",
        ];
        nfv(&tree, &[&pull[..], more].concat())
    };
    let by = "`oci:L:tiny_ns:1.0` needs the VNF `tiny_vnf`, which is not in ";
    pull(&[]).code(3).says(&format!("{by}`oci:L`"));
    nfv(&tree, &["copy", "tiny_vnf:1.0", "oci:L"]).code(0);
    pull(&["--locked"]).code(2).says(&format!("{by}`nfv.lock`"));
    pull(&[]).code(0);
    let blob = |digest: &str| {
        let blobs = tree.path("L/blobs/sha256");
        blobs.join(digest.trim_start_matches("sha256:"))
    };
    let run = nfv(
        &tree,
        &["inspect", "oci:L:tiny_vnf:1.0", "--message-format", "json"],
    );
    let manifest = crate::lines(&run.code(0))[0]["digest"].clone();
    let manifest = blob(manifest.as_str().expect("a digest"));
    let document = crate::json(&fs::read(&manifest).expect("a manifest"));
    let part = |pointer: &str| {
        blob(
            document
                .pointer(pointer)
                .and_then(|d| d.as_str())
                .expect("a digest"),
        )
    };
    for path in [part("/layers/0/digest"), part("/config/digest"), manifest] {
        let bytes = fs::read(&path).expect("a blob");
        let names = |code: i32| {
            let run = pull(&[]).code(code);
            run.says("failed to get the VNF `tiny_vnf`, which `oci:L:tiny_ns:1.0` needs");
        };
        fs::remove_file(&path).expect("a blob");
        names(3);
        fs::write(&path, vec![b'x'; bytes.len()]).expect("a blob");
        names(5);
        fs::write(&path, bytes).expect("a blob");
    }
    pull(&[]).code(0);
}

/// The same at a registry.
#[test]
fn who_needs_it_is_named_at_a_registry_as_well() {
    let tree = tree();
    let (registry, place) = registry();
    publish(&tree, &place, &[]).code(0);
    fs::remove_file(tree.path("nfv.lock")).expect("a lock file");
    let reference = format!("{place}/tiny_ns:1.0");
    let by = format!("which `{}/edge/tiny_ns:1.0` needs", registry.host());
    let pull = [
        "pull",
        &reference,
        "--with-dependencies",
        "-d",
        "in",
        "--retries",
        "0",
    ];
    for (path, status, code) in [("tags", 403, 4), ("manifests", 503, 6), ("blobs", 404, 3)] {
        let path = format!("/edge/tiny_vnf/{path}/");
        registry.faults("GET", &path, 0, 1, Fault::Status(status, None));
        let run = nfv(&tree, &pull).code(code);
        // Who may not see what there is can't tell whether it is there.
        match status {
            403 => run
                .says("/edge/tiny_ns:1.0` needs the VNF `tiny_vnf`, which is not in")
                .says("or not for everybody to see"),
            _ => run.says("failed to get the VNF `tiny_vnf`").says(&by),
        };
        assert!(!tree.path("in").exists(), "{path}");
    }
    let only = ["-p", "tiny_ns", "--retries", "0"];
    registry.faults(
        "GET",
        "/edge/tiny_vnf/tags/",
        0,
        1,
        Fault::Status(500, None),
    );
    publish(&tree, &place, &only)
        .code(6)
        .says("failed to get the VNF `tiny_vnf`, which `tiny_ns:1.0` needs");
}

/// What there is only in preliminary versions is there all the same, and where nobody can
/// tell which one is meant that is said.
#[test]
fn several_of_which_none_is_final() {
    for (versions, chosen) in [
        (["1.1-beta.2", "1.1-beta.10"], Some("1.1-beta.10")),
        (["draft", "final"], None),
    ] {
        let tree = tree();
        let (registry, place) = registry();
        let mut before = "1.0";
        for version in versions {
            tree.replace("tiny_vnf/tiny_vnfd.yaml", before, version);
            publish(&tree, &place, &["-q", "-p", "tiny_vnf"]).code(0);
            before = version;
        }
        let both = [&format!("`{}`", versions[0]), &format!("`{}`", versions[1])];
        let says = |run: crate::common::Run| {
            let run = run.code(2).says("needs the VNF `tiny_vnf`");
            run.says("edge/tiny_vnf` has").says(both[0]).says(both[1]);
        };
        let ns = publish(&tree, &place, &["-p", "tiny_ns"]);
        match chosen {
            Some(_) => drop(ns.code(0)),
            None => says(ns),
        }
        publish(&tree, &place, &["-p", "tiny_ns", "--allow-missing"]).code(0);
        // On a machine that has no lock file.
        fs::remove_file(tree.path("nfv.lock")).ok();
        let at = format!("{place}/tiny_ns:1.0");
        let pulled = nfv(&tree, &["pull", &at, "--with-dependencies", "-d", "in"]);
        match chosen {
            Some(chosen) => {
                pulled.code(0);
                let digest = registry.digest("edge/tiny_vnf", chosen).expect("a tag");
                assert!(lock(&tree).contains(&digest), "{}", lock(&tree));
            }
            None => says(pulled),
        }
    }
}
