//! How often a registry is asked, and what it is sent.

use crate::common::{Tree, chart, vnfd};
use crate::double::{Options, Registry};
use crate::{lines, nfv, noise, publish, tree};

fn place(registry: &Registry) -> String {
    format!("oci://{}/edge", registry.host())
}

#[test]
fn a_thousand_packages_and_then_again() {
    const COUNT: usize = 1000;
    let tree = Tree::in_memory();
    for n in 0..COUNT {
        let id = format!("tiny_{n:04}_vnf");
        tree.file(&format!("{id}/{id}d.yaml"), vnfd(&id));
    }
    let registry = Registry::plain();
    publish(&tree, &place(&registry), &["-q"]).code(0);
    assert_eq!(registry.tags().len(), COUNT);
    // Each is looked for; config and layer are looked for, begun and sent; and
    // the manifest is written by its digest, and under its version once all are
    // there: no tag moves before the registry has taken the last manifest.
    let log = registry.take_log();
    assert_eq!(log.len(), 9 * COUNT);
    let again = publish(&tree, &place(&registry), &["--message-format", "json"]).code(0);
    let fresh = lines(&again)
        .iter()
        .filter(|line| line["fresh"] == true)
        .count();
    assert_eq!(fresh, COUNT);
    let log = registry.take_log();
    assert_eq!(log.len(), COUNT);
    assert!(
        log.iter()
            .all(|r| r.method == "HEAD" && r.path.contains("/manifests/"))
    );
}

/// A tag more, a package more, a package that changed: only that is sent.
#[test]
fn only_what_is_new_is_sent() {
    let tree = tree();
    let registry = Registry::plain();
    publish(&tree, &place(&registry), &[]).code(0);
    registry.take_log();
    publish(&tree, &place(&registry), &["--tag", "stable"]).code(0);
    let sent = |method: &str, path: &str| {
        let count = registry.count(method, path);
        (count, registry.take_log().len())
    };
    assert_eq!(sent("PUT", "/manifests/stable"), (2, 6));
    tree.replace("tiny_ns/tiny_nsd.yaml", "version: '1.0'", "version: '1.1'");
    publish(&tree, &place(&registry), &[]).code(0);
    assert_eq!(sent("PUT", "/blobs/"), (2, 10));
    publish(&tree, &place(&registry), &["--dry-run", "--tag", "other"]).code(0);
    assert_eq!(sent("HEAD", "/manifests/"), (4, 4));
}

/// One blob in two repositories is sent once, and the other takes it over.
#[test]
fn what_another_repository_has_is_mounted() {
    let tree = tree();
    let registry = Registry::plain();
    publish(&tree, &place(&registry), &["-q"]).code(0);
    registry.take_log();
    let from = format!("{}/tiny_vnf:1.0", place(&registry));
    let to = format!("{}/mirror/tiny_vnf", place(&registry));
    nfv(&tree, &["copy", &from, &to]).code(0);
    assert_eq!(registry.count("POST", "mount="), 2);
    assert_eq!(registry.count("PUT", "/blobs/"), 0);
    let digest = |name: &str| registry.digest(name, "1.0").expect("a tag");
    assert_eq!(digest("edge/tiny_vnf"), digest("edge/mirror/tiny_vnf"));
}

/// So are attachments, and what a package that is there has in common with a new one.
#[test]
fn what_is_shared_is_sent_once() {
    let tree = tree();
    let registry = Registry::plain();
    nfv(&tree, &["publish", "-A", "all"]).code(0);
    tree.file("report.bin", noise(1 << 20));
    for name in ["tiny_vnf:1.0", "tiny_ns:1.0"] {
        let kind = "application/x-report";
        nfv(&tree, &["attach", "--type", kind, name, "report.bin"]).code(0);
    }
    let dry = ["--dry-run", "--message-format", "json"];
    let run = publish(&tree, &place(&registry), &dry).code(0);
    let run = run.says("Would send 1 signature or attachment of `tiny_vnf:1.0`");
    let both = run.stdout.matches("\"beside\":1}").count();
    assert_eq!(both, 2, "{}", run.stdout);
    assert_eq!(registry.tags(), [""; 0]);
    let run = publish(&tree, &place(&registry), &dry[1..]).code(0);
    let run = run.says("Sent 1 signature or attachment of `tiny_vnf:1.0`");
    let both = run.stdout.matches("\"beside\":1}").count();
    assert_eq!(both, 2, "{}", run.stdout);
    let run = publish(&tree, &place(&registry), &dry).code(0);
    assert!(!run.stderr.contains("Would send"), "{}", run.stderr);
    // Config and layer of each, the report, and the empty config of those that refer.
    assert_eq!(registry.count("PUT", "/blobs/"), 6);
    assert_eq!(registry.count("POST", "mount="), 2);
    // The provenance of a chart, in the repository of one that is published already.
    for name in ["a", "b"] {
        let text = chart(name);
        tree.file(&format!("{name}/Chart.yaml"), text);
        tree.file(&format!("{name}/templates/none.yaml"), "# nothing\n");
    }
    nfv(&tree, &["build", "-A", "all"]).code(0);
    let files = ["a-1.2.3.tgz", "b-1.2.3.tgz"];
    for file in files {
        let packed = tree.path("target/nfv/packages").join(file);
        std::fs::copy(packed, tree.path(file)).expect("a copy");
        tree.file(&format!("{file}.prov"), noise(1 << 20));
    }
    let push = |files: &[&str]| {
        registry.take_log();
        let args = ["publish", "-A", "all"];
        nfv(&tree, &[&args[..], files, &[&place(&registry)]].concat()).code(0);
        let mounted = registry.count("POST", "mount=");
        (registry.count("PUT", "/blobs/"), mounted)
    };
    assert_eq!(push(&files[..1]), (3, 0));
    assert_eq!(push(&files), (2, 1));
    // Another path: what the lock file knows is taken from where it is.
    registry.take_log();
    publish(
        &tree,
        &format!("{}/other", place(&registry)),
        &["-q", "-p", "tiny_vnf", "-p", "tiny_ns"],
    )
    .code(0);
    assert_eq!(registry.count("POST", "mount="), 2 + 2);
}

#[test]
fn reading_takes_as_little() {
    let tree = tree();
    let registry = Registry::start(Options {
        page: Some(1),
        ..Options::default()
    });
    publish(&tree, &place(&registry), &["-q"]).code(0);
    registry.take_log();
    let reference = format!("{}/tiny_vnf:1.0", place(&registry));
    // The manifest, the config document and the layer.
    nfv(&tree, &["pull", &reference, "-d", "in"]).code(0);
    assert_eq!(registry.take_log().len(), 3);
    // What is there is not fetched again.
    nfv(&tree, &["pull", &reference, "-d", "in"]).code(0);
    assert_eq!(registry.take_log().len(), 2);
    nfv(&tree, &["inspect", &reference]).code(0);
    assert!(registry.take_log().len() <= 2);
}
