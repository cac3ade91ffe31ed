//! What is found out before anything is sent.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use crate::common::{Tree, names};
use crate::double::Double;
use crate::{NS, VNSF, add_ns, add_vnsf, built, onboard, pack, tree, unpack};

/// No package came.
#[track_caller]
fn nothing_came(store: &Double) {
    assert_eq!(store.take_uploads(), []);
    assert_eq!(store.orchestrated(), 0);
}

#[test]
fn one_broken_package_stops_all() {
    let tree = built();
    let store = Double::plain();
    let members: Vec<(String, Vec<u8>)> = unpack(&tree.path(VNSF))
        .into_iter()
        .map(|(name, bytes)| match name.as_str() {
            "manifest.yaml" => {
                let text = String::from_utf8(bytes).expect("text");
                let (before, hash) = text.split_once("hash: '").expect("a hash");
                let flipped = if hash.starts_with('0') { '1' } else { '0' };
                let text = format!("{before}hash: '{flipped}{}", &hash[1..]);
                (name, text.into_bytes())
            }
            _ => (name, bytes),
        })
        .collect();
    let members: Vec<(&str, &[u8])> = members.iter().map(|(n, b)| (n.as_str(), &b[..])).collect();
    pack(&members, &tree.path("broken.shield.tar.gz"));
    let run = onboard(&tree, &store.url(), &[NS, VNSF, "broken.shield.tar.gz"]).code(1);
    assert!(
        run.stderr.contains("shield/hash-mismatch"),
        "{}",
        run.stderr
    );
    run.says("Onboarded nothing, because of the errors above");
    assert_eq!(store.take_log().len(), 0);
}

#[test]
fn errors_in_the_sources_stop_all() {
    let tree = tree();
    let store = Double::plain();
    tree.replace(
        "a_ns_shield/manifest.yaml",
        "  target: KVM\n",
        "  target: []\n",
    );
    let run = onboard(&tree, &store.url(), &[]).code(1);
    assert!(
        run.stderr.contains("a_ns_shield/manifest.yaml"),
        "{}",
        run.stderr
    );
    run.says("`manifest:ns/target` must be")
        .says("Onboarded nothing");
    assert_eq!(store.take_log().len(), 0);
}

#[test]
fn what_only_the_documentation_allows_is_an_error_here() {
    let tree = tree();
    let store = Double::plain();
    for folder in ["tiny_vnf_shield", "a_ns_shield"] {
        tree.replace(&format!("{folder}/manifest.yaml"), "OSM-R4", "OSM");
    }
    tree.nfv(&["check"]).code(0);
    tree.nfv(&["build", "--shield-profile", "docs"]).code(0);
    onboard(&tree, &store.url(), &[VNSF]).code(1).says("OSM-R4");
    nothing_came(&store);
    // Whoever knows another Store can have it.
    onboard(&tree, &store.url(), &[VNSF, "--shield-profile", "any"])
        .code(2)
        .says("its model refuses fields of the manifest")
        .says("unallowed value OSM")
        .says("remove it there before you try again");
}

#[test]
fn what_is_built_for_the_store_is_what_it_takes() {
    let tree = tree();
    let store = Double::plain();
    let manifest = "a_ns_shield/manifest.yaml";
    for (from, to) in [
        ("OSM-R4", "OSM"),
        ("  schema_version: '1.2'\n", ""),
        ("  hashing_algorithm: SHA_256\n", ""),
        ("  target: KVM\n", ""),
        ("  properties:", "  registry:"),
    ] {
        tree.replace(manifest, from, to);
    }
    tree.file(
        "tiny_vnf_shield/manifest.yaml",
        "manifest:vnsf:\n  type: OSM\n  package: tiny_vnf.zip\n  descriptor: tiny_vnf/tiny_vnf_vnfd.yaml\n  \
         registry: {vendor: v, capabilities: [c]}\n  security_info:\n    vdu:\n    - id: vm\n      \
         attestation: {/run.sh: fbbec44929024e846641287c58384332e96fc075}\n",
    );
    onboard(&tree, &store.url(), &[]).code(0);
    assert_eq!(store.take_uploads().len(), 2);
}

#[test]
fn a_missing_function_is_named_before_anything_is_sent() {
    let tree = built();
    let store = Double::plain();
    add_ns(&tree, "b_ns", "absent_vnf");
    tree.nfv(&["build"]).code(0);
    let other = "target/nfv/packages/b_ns-1.0.shield.tar.gz";
    onboard(&tree, &store.url(), &[VNSF, NS, other])
        .code(3)
        .says("`target/nfv/packages/b_ns-1.0.shield.tar.gz` needs the vNSF `absent_vnf`")
        .says(&format!("nor at `{}`", store.url()));
    nothing_came(&store);
    // It may be at the Store already.
    store.put("vnsfs", json!({ "vnsf_id": "absent_vnf" }));
    onboard(&tree, &store.url(), &[VNSF, NS, other]).code(0);
    assert_eq!(store.take_uploads().len(), 3);
}

#[test]
fn descriptors_that_the_store_can_t_read_are_not_sent() {
    let tree = Tree::showcase();
    let store = Double::plain();
    onboard(&tree, &store.url(), &[])
        .code(2)
        .says("`target/nfv/packages/edge_ns-1.0.shield.tar.gz` can't be onboarded")
        .says("`nsd-catalog`");
    // Each of several is named.
    tree.nfv(&[
        "new",
        "shield-vnsf",
        "router_shield",
        "--package",
        "router_vnf",
    ])
    .code(0);
    onboard(&tree, &store.url(), &["-A", "all"])
        .code(2)
        .says("can't be onboarded, nor can `target/nfv/packages/");
    let tree = tree_without_name();
    onboard(&tree, &store.url(), &["-A", "all"])
        .code(2)
        .says("the Store reads `name`");
    assert_eq!(store.take_log().len(), 0);
}

fn tree_without_name() -> Tree {
    let tree = tree();
    tree.replace("a_ns/a_ns_nsd.yaml", "      name: a_ns\n", "");
    tree
}

#[test]
fn another_package_of_the_same_id_is_told() {
    let tree = built();
    let store = Double::plain();
    onboard(&tree, &store.url(), &[]).code(0);
    store.take_log();
    let path = "tiny_vnf/tiny_vnf_vnfd.yaml";
    tree.replace(path, "memory-mb: 512", "memory-mb: 1024");
    onboard(&tree, &store.url(), &[])
        .code(5)
        .says("has another package of the vNSF `tiny_vnf`")
        .says("the Store replaces nothing");
    assert_eq!(store.take_uploads(), []);
}

#[test]
fn ids_and_names_are_there_once() {
    let tree = built();
    let store = Double::plain();
    // Under two names it is still one.
    fs::copy(tree.path(VNSF), tree.path("copy.tar.gz")).expect("copy");
    onboard(&tree, &store.url(), &[VNSF, "copy.tar.gz"])
        .code(0)
        .says("1 new");
    store.take_log();
    fs::rename(tree.path(NS), tree.path("old.tar.gz")).expect("rename");
    tree.replace("a_ns/a_ns_nsd.yaml", "'1.0'", "'1.1'");
    onboard(&tree, &store.url(), &["a_ns_shield", "a_ns", "old.tar.gz"])
        .code(2)
        .says("are both the network service `a_ns`");
    // The Store finds that out after the orchestrator has it.
    store.put("nss", json!({ "ns_id": "other_ns", "ns_name": "a_ns" }));
    onboard(&tree, &store.url(), &[])
        .code(5)
        .says("another network service of the name `a_ns`, `other_ns`");
    assert_eq!(store.take_uploads(), []);
}

#[test]
fn an_id_that_no_address_holds_is_told_of() {
    let tree = Tree::new();
    add_vnsf(&tree, "tiny-vnf");
    let store = Double::plain();
    onboard(&tree, &store.url(), &["-A", "all"])
        .code(0)
        .says("the Store finds `tiny-vnf` by no address");
    // It is found by the filter all the same.
    onboard(&tree, &store.url(), &["-A", "all"])
        .code(0)
        .says("0 new, 1 already there");
}

#[test]
fn other_packages_and_nothing_are_refused() {
    let tree = built();
    let store = Double::plain();
    for (args, code, words) in [
        (
            &["target/nfv/packages/tiny_vnf-1.0.tar.gz"][..],
            2,
            "it is no SHIELD package",
        ),
        (&["tiny_vnf"], 2, "no SHIELD package in `tiny_vnf`"),
        (&["nowhere.tar.gz"], 3, "nowhere.tar.gz"),
    ] {
        onboard(&tree, &store.url(), args).code(code).says(words);
    }
    nothing_came(&store);
}

#[test]
fn addresses_are_read_with_care() {
    let tree = built();
    for (url, words) in [
        ("127.0.0.1:6060", "does not begin with `http://`"),
        ("oci://127.0.0.1", "does not begin with `http://`"),
        ("http://me:s3cret@127.0.0.1", "a user name or password"),
        ("http://127.0.0.1/?s3cret", "a `?` or `#`"),
    ] {
        let run = onboard(&tree, url, &[VNSF]).code(2).says(words);
        assert!(!run.stderr.contains("s3cret"), "{}", run.stderr);
    }
    tree.nfv(&["onboard", VNSF]).code(2).says("--store <URL>");
}

/// The Store's own test archives. It took seven of them, of which the hash of one
/// is right.
#[test]
#[allow(clippy::print_stderr)]
fn of_the_store_s_own_archives_only_the_sound_one_is_sent() {
    let Some(corpus) = std::env::var_os("NFV_CORPUS") else {
        eprintln!("skipped: NFV_CORPUS does not name the folder of public packages");
        return;
    };
    let root = PathBuf::from(corpus).join("shield/store-head");
    let tree = Tree::new();
    let store = Double::plain();
    for id in ["cirros_vnfd", "l23filter_vnfd"] {
        store.put("vnsfs", json!({ "vnsf_id": id }));
    }
    let mut sent = Vec::new();
    for folder in ["ns", "vnsf"] {
        for name in names(&root.join(folder)) {
            let path = root.join(folder).join(&name);
            let run = onboard(&tree, &store.url(), &[&path.to_string_lossy()]);
            match run.status {
                Some(0) => sent.push(name),
                // What is no package at all is no SHIELD package either.
                status => assert!(matches!(status, Some(1 | 2)), "{name}: {}", run.stderr),
            }
        }
    }
    assert_eq!(sent, ["shield_l23filter_ns.tar.gz"]);
    let uploads = store.take_uploads();
    assert!(uploads.iter().all(|upload| upload.1 == 201), "{uploads:?}");
    assert_eq!(uploads.len(), 1);
}
