//! Packages of several kinds that are called alike: a function beside its chart.

use std::fs;

use crate::common::{Tree, chart, vnfd};
use crate::double::Registry;
use crate::{NSD, json, nfv, publish};

const LAYER: &str = "application/vnd.oci.image.manifest.v1+json";

/// A function `cache`, its chart, of a version that is higher, and a service of the function.
fn tree() -> Tree {
    let nsd = NSD.replace("tiny_vnf", "cache");
    Tree::of(&[
        ("cache/cache_vnfd.yaml", &vnfd("cache")),
        ("charts/cache/Chart.yaml", &chart("cache")),
        ("tiny_ns/tiny_nsd.yaml", &nsd),
    ])
}

fn registry() -> (Registry, String) {
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    (registry, place)
}

fn locked(tree: &Tree) -> Option<String> {
    fs::read_to_string(tree.path("nfv.lock")).ok()
}

/// Whoever looks finds the function, with a lock file or without, at a registry or in a layout.
#[test]
fn a_function_is_found_beside_its_chart() {
    let tree = tree();
    let (registry, place) = registry();
    publish(&tree, &place, &[]).code(0);
    let function = registry.digest("edge/cache", "1.0").expect("a tag");
    let chart = registry.digest("edge/cache", "1.2.3").expect("a tag");
    let pins = |tree: &Tree| {
        let lock = locked(tree).expect("a lock file");
        assert!(lock.contains(&function), "{lock}");
        assert!(!lock.contains(&chart), "{lock}");
        fs::remove_file(tree.path("nfv.lock")).expect("a lock file");
    };
    pins(&tree);
    publish(&tree, &place, &["-p", "tiny_ns"]).code(0);
    pins(&tree);
    let other = Tree::new();
    let at = format!("{place}/tiny_ns:1.0");
    let layout = format!("oci:{}:tiny_ns:1.0", tree.path("target/nfv/oci").display());
    for (at, folder) in [(&at, "a"), (&layout, "b")] {
        nfv(&other, &["pull", at, "--with-dependencies", "-d", folder]).code(0);
        let there = other.path(folder).join("cache-1.0.tar.gz");
        assert!(there.is_file(), "{there:?}");
        pins(&other);
    }
    let graph = nfv(&other, &["graph", &at, "--format", "dot"]).code(0);
    assert!(graph.stdout.contains("cache"), "{}", graph.stdout);
    assert!(graph.stdout.contains("1.0"), "{}", graph.stdout);
    assert!(!graph.stdout.contains("1.2.3"), "{}", graph.stdout);
}

/// A chart is no function, wherever it lies.
#[test]
fn a_chart_alone_is_no_function() {
    let tree = tree();
    fs::remove_dir_all(tree.path("cache")).expect("a package");
    let (registry, place) = registry();
    let refused = || {
        publish(&tree, &place, &[])
            .code(2)
            .says("`tiny_ns:1.0` needs the VNF `cache`, and `")
            .says("edge/cache:1.2.3` is a chart");
        assert_eq!(locked(&tree), None);
    };
    refused();
    assert!(registry.tags().is_empty());
    publish(&tree, &place, &["-p", "cache"]).code(0);
    refused();
    publish(&tree, &place, &["--allow-missing"]).code(0);
    assert_eq!(locked(&tree), None);
    let at = format!("{place}/tiny_ns:1.0");
    nfv(&tree, &["pull", &at, "--with-dependencies", "-d", "in"])
        .code(2)
        .says("edge/cache:1.2.3` is a chart");
    // The function comes later.
    tree.file("cache/cache_vnfd.yaml", vnfd("cache"));
    publish(&tree, &place, &["-p", "cache"]).code(0);
    nfv(&tree, &["pull", &at, "--with-dependencies", "-d", "in"]).code(0);
}

/// A service may be called as a function that it needs.
#[test]
fn a_service_is_not_its_own_function() {
    let tree = tree();
    let nsd = NSD.replace("tiny_vnf", "cache");
    let nsd = nsd.replace("tiny_ns", "cache");
    let nsd = nsd.replace("version: '1.0'", "version: '2.0'");
    tree.file("tiny_ns/tiny_nsd.yaml", nsd);
    let (registry, place) = registry();
    publish(&tree, &place, &[]).code(0);
    let function = registry.digest("edge/cache", "1.0").expect("a tag");
    assert!(locked(&tree).expect("a lock file").contains(&function));
    let at = format!("{place}/cache:2.0");
    nfv(
        &Tree::new(),
        &["pull", &at, "--with-dependencies", "-d", "in"],
    )
    .code(0);
}

/// What a lock file says of another kind is refused, and not mended in silence.
#[test]
fn a_lock_of_another_kind() {
    let tree = tree();
    let (registry, place) = registry();
    publish(&tree, &place, &["-q"]).code(0);
    let digest = |tag: &str| registry.digest("edge/cache", tag).expect("a tag");
    let lock = locked(&tree).expect("a lock file");
    let wrong = lock.replace(&digest("1.0"), &digest("1.2.3"));
    let wrong = wrong.replace("cache:1.0", "cache:1.2.3");
    tree.file("nfv.lock", &wrong);
    for only in [&[][..], &["-p", "tiny_ns"]] {
        publish(&tree, &place, &[&["--locked"], only].concat())
            .code(5)
            .says(&digest("1.2.3"));
    }
    let at = format!("{place}/tiny_ns:1.0");
    let pull = ["pull", &at, "--with-dependencies", "-d", "in"];
    for more in [&[][..], &["--locked"]] {
        nfv(&tree, &[&pull[..], more].concat())
            .code(2)
            .says("is a chart; take its entry out of `nfv.lock`");
    }
    assert_eq!(locked(&tree).as_ref(), Some(&wrong));
    publish(&tree, &place, &["-p", "tiny_ns"])
        .code(0)
        .says("it says the new one now");
    assert_eq!(locked(&tree).as_ref(), Some(&lock));
}

/// Of names without an order only one may be of the kind that is needed; and there may be more
/// versions of a chart than anybody wants to look at.
#[test]
fn kinds_decide_within_bounds() {
    let tree = tree();
    let (registry, place) = registry();
    tree.replace("cache/cache_vnfd.yaml", "version: '1.0'", "version: draft");
    publish(&tree, &place, &["-q"]).code(0);
    let chart = registry.digest("edge/cache", "1.2.3").expect("a tag");
    let (_, chart) = registry.manifest("edge/cache", &chart).expect("a manifest");
    registry.put_manifest("edge/cache", "final", LAYER, &chart);
    let at = format!("{place}/tiny_ns:1.0");
    let pull = || {
        let args = ["pull", &at, "--with-dependencies", "-d", "in"];
        nfv(&Tree::new(), &args)
    };
    pull().code(0);
    for n in 0..200 {
        registry.put_manifest("edge/cache", &format!("2.0.{n}"), LAYER, &chart);
    }
    registry.take_log();
    pull().code(2).says("edge/cache:2.0.199` is a chart");
    let asked = registry.take_log().len();
    assert!(asked < 80, "{asked}");
}

/// A chart without a version is the highest chart, as Helm has it, whatever else lies there.
#[test]
fn a_chart_is_found_beside_its_function() {
    let tree = tree();
    let (registry, place) = registry();
    tree.replace("cache/cache_vnfd.yaml", "version: '1.0'", "version: 3.0.0");
    let reference = format!("oci://{}/edge/cache", registry.host());
    tree.replace("cache/cache_vnfd.yaml", "example/tiny", &reference);
    publish(&tree, &place, &["-q"]).code(0);
    let at = format!("{place}/cache:3.0.0");
    let args = ["pull", &at, "--with-dependencies", "-d", "in"];
    let json_of = [&args[..], &["--message-format", "json"]].concat();
    let other = Tree::new();
    let pulled = nfv(&other, &json_of).code(0);
    let pulled: Vec<_> = (pulled.stdout.lines())
        .map(|line| json(line.as_bytes())["reference"].clone())
        .collect();
    let ends = |end: &str| {
        pulled
            .iter()
            .any(|one| one.as_str().is_some_and(|one| one.ends_with(end)))
    };
    assert!(ends("/cache:1.2.3"), "{pulled:?}");
    let lock = locked(&other).expect("a lock file");
    let chart = registry.digest("edge/cache", "1.2.3").expect("a tag");
    assert!(lock.contains(&chart), "{lock}");
    // What says its version is refused if that is something else.
    tree.replace(
        "cache/cache_vnfd.yaml",
        &reference,
        &format!("{reference}:1.0.0"),
    );
    tree.replace("cache/cache_vnfd.yaml", "version: 3.0.0", "version: 1.0.0");
    publish(&tree, &place, &["-q"]).code(0);
    let at = format!("{place}/cache:1.0.0");
    let args = ["pull", &at, "--with-dependencies", "-d", "other"];
    nfv(&other, &args).code(2).says("is the VNF `cache`");
}
