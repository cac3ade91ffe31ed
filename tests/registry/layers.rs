//! Artifacts of several layers: which of them is the package, and what the others
//! are called.

use std::fs;

use serde_json::{Value, json};

use crate::common::{Tree, chart, names, sh};
use crate::double::Registry;
use crate::{nfv, publish, tree};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const NFV: &str = "application/vnd.etsi.nfv.config.v1+json";
const HELM: &str = "application/vnd.cncf.helm.config.v1+json";
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const PROVENANCE: &str = "application/vnd.cncf.helm.chart.provenance.v1.prov";

/// A layer: media type, title, content.
type Layer<'a> = (&'a str, &'a str, &'a [u8]);

/// Puts an artifact of these layers there, as others do.
fn push(registry: &Registry, name: &str, (kind, config): (&str, &Value), layers: &[Layer<'_>]) {
    let config = config.to_string();
    let blob = |kind: &str, title: &str, bytes: &[u8]| {
        let mut blob = json!({
            "mediaType": kind,
            "digest": registry.put_blob(name, bytes),
            "size": bytes.len(),
        });
        if !title.is_empty() {
            blob["annotations"] = json!({ "org.opencontainers.image.title": title });
        }
        blob
    };
    let layers: Vec<Value> = layers.iter().map(|(k, t, b)| blob(k, t, b)).collect();
    let document = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": blob(kind, "", config.as_bytes()),
        "layers": layers,
    });
    let bytes = document.to_string().into_bytes();
    registry.put_manifest(name, "1.0", MANIFEST, &bytes);
}

fn package(tree: &Tree, name: &str) -> Vec<u8> {
    fs::read(tree.path("target/nfv/packages").join(name)).expect("a package")
}

/// ORAS takes as many files as one likes, in any order.
#[test]
fn the_package_is_found_whichever_layer_it_is() {
    let tree = tree();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q", "-p", "tiny_vnf"]).code(0);
    nfv(&tree, &["build", "-A", "all"]).code(0);
    let package = package(&tree, "tiny_ns-1.0.tar.gz");
    let descriptor = fs::read(tree.path("tiny_ns/tiny_nsd.yaml")).expect("a descriptor");
    let (tar, text, yaml) = ("application/x-tar", "text/plain", "text/yaml");
    let notes: Layer<'_> = (text, "notes.txt", b"what was done\n");
    let values: Layer<'_> = (yaml, "values.yaml", b"a: 1\n");
    let empty = ("application/vnd.oci.empty.v1+json", json!({}));
    let own = json!({ "descriptorFile": "tiny_ns/tiny_nsd.yaml" });
    let own = (NFV, own);
    let ours = "application/vnd.etsi.nfv.package.v1.tar+gzip";
    let title = "tiny_ns-1.0.tar.gz";
    for (case, (kind, config), layers) in [
        ("second", &empty, [notes, (tar, title, &package)]),
        ("first", &empty, [(tar, title, &package), notes]),
        ("behind YAML", &empty, [values, (tar, title, &package)]),
        ("loose", &empty, [values, (yaml, "nsd.yaml", &descriptor)]),
        ("by its type", &own, [values, (ours, title, &package)]),
        ("as the proposal", &own, [values, (NFV, title, &package)]),
    ] {
        push(&registry, "edge/tiny_ns", (kind, config), &layers);
        let place = format!("{place}/tiny_ns:1.0");
        let shown = nfv(&tree, &["inspect", &place, "--descriptor"]).code(0);
        assert!(shown.bytes == descriptor, "{case}: {}", shown.stdout);
        let pull = ["pull", &place, "--with-dependencies", "-d", "in"];
        let pulled = nfv(&tree, &pull).code(0);
        assert!(
            !pulled.stderr.contains("no descriptor"),
            "{case}: {}",
            pulled.stderr
        );
        let there = names(&tree.path("in"));
        assert_eq!(there.len(), 3, "{case}: {there:?}");
        assert!(
            there.contains(&"tiny_vnf-1.0.tar.gz".to_owned()),
            "{case}: {there:?}"
        );
        fs::remove_dir_all(tree.path("in")).expect("what was pulled");
    }
    // A document that might be a descriptor is better than nothing.
    push(&registry, "edge/values", (empty.0, &empty.1), &[values]);
    let shown = nfv(
        &tree,
        &["inspect", &format!("{place}/values:1.0"), "--descriptor"],
    )
    .code(0);
    assert_eq!(shown.stdout, "a: 1\n");
}

/// Half a descriptor would look like a whole one.
#[test]
fn a_descriptor_that_is_too_large_is_not_cut_off() {
    let tree = tree();
    let registry = Registry::plain();
    let text = format!("vnfd: {{id: a}}\n#{}\n", "a".repeat(16 << 20));
    tree.file("pack/large_vnfd.yaml", &text);
    let mut tar = std::process::Command::new("tar");
    tar.args(["-czf", "large.tar.gz", "pack"])
        .current_dir(tree.path(""));
    assert!(tar.status().expect("tar").success());
    let packed = fs::read(tree.path("large.tar.gz")).expect("a package");
    let empty = json!({});
    for (title, bytes) in [
        ("large.tar.gz", packed.as_slice()),
        ("large_vnfd.yaml", text.as_bytes()),
    ] {
        let layer: Layer<'_> = ("application/x-tar", title, bytes);
        push(&registry, "edge/large", ("a/b", &empty), &[layer]);
        let at = format!("oci://{}/edge/large:1.0", registry.host());
        let run = nfv(&tree, &["inspect", &at, "--descriptor"]).code(2);
        let run = run.says("large_vnfd.yaml` in it has more than 16 MiB");
        assert_eq!(run.stdout, "");
    }
}

/// Whoever pushes from a script may call every package the same.
#[test]
fn packages_of_one_title_are_pulled_together() {
    let tree = tree();
    let registry = Registry::plain();
    nfv(&tree, &["build", "-A", "all"]).code(0);
    let tar = "application/x-tar";
    for name in ["tiny_ns", "tiny_vnf"] {
        let bytes = package(&tree, &format!("{name}-1.0.tar.gz"));
        let layer: Layer<'_> = (tar, "package.tar.gz", &bytes);
        push(
            &registry,
            &format!("edge/{name}"),
            (tar, &json!({})),
            &[layer],
        );
    }
    let at = format!("oci://{}/edge/tiny_ns:1.0", registry.host());
    // The second time they are all there.
    for _ in 0..2 {
        nfv(&tree, &["pull", &at, "--with-dependencies", "-d", "in"]).code(0);
        let there = ["package.tar.gz", "tiny_vnf-package.tar.gz"];
        assert_eq!(names(&tree.path("in")), there);
    }
    let second = fs::read(tree.path("in/tiny_vnf-package.tar.gz")).expect("a package");
    assert!(second == package(&tree, "tiny_vnf-1.0.tar.gz"));
}

/// What is in the same artifact need not be anywhere else.
#[test]
fn of_several_packages_one_may_be_what_another_needs() {
    let tree = tree();
    let registry = Registry::plain();
    nfv(&tree, &["build", "-A", "all"]).code(0);
    let (ns, vnf) = ("tiny_ns-1.0.tar.gz", "tiny_vnf-1.0.tar.gz");
    let (first, second) = (package(&tree, ns), package(&tree, vnf));
    let tar = "application/x-tar";
    let layers: [Layer<'_>; 2] = [(tar, ns, &first), (tar, vnf, &second)];
    let empty = json!({});
    push(&registry, "edge/both", (tar, &empty), &layers);
    let place = format!("oci://{}/edge/both:1.0", registry.host());
    nfv(&tree, &["pull", &place, "--with-dependencies", "-d", "in"]).code(0);
    assert_eq!(names(&tree.path("in")), [ns, vnf]);
    push(&registry, "edge/both", (tar, &empty), &layers[..1]);
    nfv(&tree, &["pull", &place, "--with-dependencies", "-d", "in"])
        .code(3)
        .says("the VNF `tiny_vnf`");
}

/// Helm sorts layers by their digests, so that the provenance comes first in half of
/// all charts that have one.
#[test]
fn the_provenance_of_a_chart_comes_before_it_or_behind() {
    let tree = tree();
    let registry = Registry::plain();
    tree.file("tiny_chart/Chart.yaml", chart("tiny-chart"));
    tree.file("tiny_chart/templates/none.yaml", "# nothing\n");
    nfv(&tree, &["build", "-A", "all"]).code(0);
    let package = package(&tree, "tiny-chart-1.2.3.tgz");
    let chart: Layer<'_> = (CHART, "", &package);
    let provenance: Layer<'_> = (PROVENANCE, "", b"signed\n");
    let config = json!({ "name": "tiny-chart", "version": "1.2.3" });
    for layers in [[provenance, chart], [chart, provenance]] {
        push(&registry, "edge/tiny-chart", (HELM, &config), &layers);
        let place = format!("oci://{}/edge/tiny-chart:1.0", registry.host());
        let shown = nfv(&tree, &["inspect", &place, "--descriptor"]).code(0);
        assert_eq!(shown.stdout, crate::common::chart("tiny-chart"));
        nfv(&tree, &["pull", &place, "-d", "in"]).code(0);
        assert_eq!(
            names(&tree.path("in")),
            ["tiny-chart-1.0.tgz", "tiny-chart-1.0.tgz.prov"]
        );
        let came = fs::read(tree.path("in/tiny-chart-1.0.tgz")).expect("a chart");
        assert!(came == package);
        nfv(&tree, &["pull", &place, "-d", "open", "--untar"]).code(0);
        assert_eq!(names(&tree.path("open")), ["tiny-chart"]);
        // In a layout, it is a package as any other.
        let own = "oci:target/nfv/oci:tiny-chart:1.2.3";
        nfv(&tree, &["copy", &place, own]).code(0);
        nfv(
            &tree,
            &["verify", "-A", "all", "tiny-chart:1.2.3", "--quiet"],
        )
        .code(0);
        for folder in ["in", "open", "target/nfv/oci"] {
            fs::remove_dir_all(tree.path(folder)).expect("a folder");
        }
    }
}

/// A SHIELD package has its manifest in no folder, and the graph of an HDA may go under the types
/// of Helm.
#[test]
fn a_descriptor_is_found_where_its_kind_has_it() {
    let tree = tree();
    let registry = Registry::plain();
    let manifest = "manifest:vnsf:\n  name: edge\n  type: OSM\n  descriptor: edge_vnfd.yaml\n";
    let graph = "hdaGraph:\n  imVersion: '0.4.0'\n  id: edge-graph\n  services: []\n";
    tree.file("shield/manifest.yaml", manifest);
    tree.file("shield/inner.tar.gz", "what it wraps");
    tree.file("graph/edge-graph/edge_hdag.yaml", graph);
    let empty = json!({});
    let helm = json!({ "name": "edge-graph", "version": "1.0" });
    for (folder, member, config, kind, wanted) in [
        (
            "shield",
            ".",
            ("application/x", &empty),
            "application/x-tar",
            manifest,
        ),
        ("graph", "edge-graph", (HELM, &helm), CHART, graph),
    ] {
        let archive = tree.path(&format!("{folder}.tgz"));
        let mut tar = std::process::Command::new("tar");
        sh(tar
            .args(["-C", folder, "-czf"])
            .arg(&archive)
            .arg(member)
            .current_dir(tree.path("")));
        let bytes = fs::read(&archive).expect("an archive");
        push(&registry, folder, config, &[(kind, "edge.tgz", &bytes)]);
        let place = format!("oci://{}/{folder}:1.0", registry.host());
        let shown = nfv(&tree, &["inspect", &place, "--descriptor"]).code(0);
        assert_eq!(shown.stdout, wanted);
    }
}

/// What is a package by its media type is one, whatever somebody called it.
#[test]
fn a_package_without_an_ending_is_unpacked() {
    let tree = tree();
    let registry = Registry::plain();
    nfv(&tree, &["build", "-A", "all"]).code(0);
    let package = package(&tree, "tiny_ns-1.0.tar.gz");
    let kind = "application/vnd.etsi.nfv.package.v1.tar+gzip";
    let layers = [(kind, "tiny_ns-1.0", &package[..])];
    push(&registry, "edge/tiny_ns", (NFV, &json!({})), &layers);
    let place = format!("oci://{}/edge/tiny_ns:1.0", registry.host());
    for _ in 0..2 {
        nfv(&tree, &["pull", &place, "-d", "in", "--untar"]).code(0);
        assert_eq!(names(&tree.path("in")), ["tiny_ns"]);
        assert!(tree.path("in/tiny_ns/tiny_nsd.yaml").is_file());
    }
}
