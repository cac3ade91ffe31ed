//! Tags and names of layouts are signed by nobody: one that was moved to another artifact of
//! the same signer, or to an older one, is told of.

use std::fs;

use serde_json::Value;

use crate::common::Tree;
use crate::double::Registry;
use crate::signatures::{sign, tree_with_keys, verify};
use crate::{json, lines, nfv, publish};

const REF_NAME: &str = "org.opencontainers.image.ref.name";

fn policy(tree: &Tree, more: &str) {
    let rules = "[signers.vendor]\nkeys = ['ours.pub']\n[[rules]]\nsigned-by = ['vendor']\n";
    tree.file("policy.toml", format!("{more}\n{rules}"));
}

/// Gives the name in a layout the digest of another one.
fn point(tree: &Tree, layout: &str, name: &str, to: &str) {
    let path = tree.path(&format!("{layout}/index.json"));
    let mut index = json(&fs::read(&path).expect("an index"));
    let entries = index["manifests"].as_array_mut().expect("entries");
    let of = |entries: &[Value], name: &str| {
        let is_it = |one: &Value| one["annotations"][REF_NAME] == name;
        entries.iter().position(is_it).expect("an entry")
    };
    let (at, from) = (of(entries, name), of(entries, to));
    for field in ["digest", "size"] {
        entries[at][field] = entries[from][field].clone();
    }
    fs::write(&path, index.to_string()).expect("written");
}

#[track_caller]
fn refused(tree: &Tree, args: &[&str], asked: &str, own: &str) {
    let run = nfv(tree, args).code(7);
    for words in ["error[trust/renamed]", asked, own] {
        assert!(run.stderr.contains(words), "{args:?}: {}", run.stderr);
    }
    assert!(!tree.path("in").exists(), "{args:?}");
}

#[test]
fn a_name_of_the_tree_stands_for_nothing_else() {
    let tree = tree_with_keys();
    nfv(&tree, &["publish", "-q", "-A", "all"]).code(0);
    for name in ["tiny_vnf:1.0", "tiny_ns:1.0"] {
        sign(&tree, name, &[]);
    }
    policy(&tree, "");
    let store = ["onboard", "--store", "http://127.0.0.1:9", "tiny_vnf:1.0"];
    let verify = ["verify", "-A", "all", "tiny_vnf:1.0"];
    let with_policy = ["--policy", "policy.toml"];
    nfv(&tree, &[&verify[..], &with_policy].concat()).code(0);
    point(&tree, "target/nfv/oci", "tiny_vnf:1.0", "tiny_ns:1.0");
    for command in [
        &verify[..],
        &["verify", "-A", "all", "tiny_vnf:1.0", "--key", "ours.pub"],
        &["pull", "tiny_vnf:1.0", "-d", "in"],
        &["copy", "tiny_vnf:1.0", "oci:in"],
        &store,
    ] {
        refused(&tree, command, "`tiny_vnf:1.0`", "`tiny_ns:1.0`");
        let asked = [command, &with_policy].concat();
        refused(&tree, &asked, "`tiny_vnf:1.0`", "`tiny_ns:1.0`");
    }
    // Who is asked for an attestation of the artifact looks at it as well.
    let asked = ["verify", "tiny_vnf:1.0", "--key", "ours.pub"];
    let asked = [&asked[..], &["--attestation", "vuln"]].concat();
    refused(&tree, &asked, "`tiny_vnf:1.0`", "`tiny_ns:1.0`");
}

#[test]
fn at_a_registry_a_policy_refuses_what_a_key_warns_of() {
    let tree = tree_with_keys();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q"]).code(0);
    let at = |name: &str| format!("{place}/{name}");
    for name in ["tiny_vnf:1.0", "tiny_ns:1.0"] {
        sign(&tree, &at(name), &[]);
    }
    // Another artifact, and an older one under a newer version.
    let copy = |from: &str, to: &str| {
        nfv(&tree, &["copy", "-r", &at(from), to]).code(0);
    };
    let (other, newer) = (at("mirror/tiny_vnf:1.0"), at("tiny_ns:1.1"));
    copy("tiny_ns:1.0", &other);
    copy("tiny_ns:1.0", &newer);
    copy("tiny_ns:1.0", &at("tiny_ns:stable"));
    copy("tiny_ns:1.0", "oci:site:tiny_ns:1.1");
    let policy_flags = ["--policy", "policy.toml"];
    for (reference, asked) in [
        (other.as_str(), "`tiny_vnf:1.0`"),
        (newer.as_str(), "`tiny_ns:1.1`"),
        ("oci:site:tiny_ns:1.1", "`tiny_ns:1.1`"),
    ] {
        let run = verify(&tree, reference, "ours.pub").code(0);
        for words in ["warning[trust/renamed]", asked, "`tiny_ns:1.0`"] {
            assert!(run.stderr.contains(words), "{reference}: {}", run.stderr);
        }
        let json = ["verify", reference, "--key", "ours.pub"];
        let told = lines(&nfv(
            &tree,
            &[&json[..], &["--message-format", "json"]].concat(),
        ));
        assert_eq!(told[0]["own_name"], "tiny_ns:1.0");
        policy(&tree, "");
        for command in [
            &["verify", reference][..],
            &["pull", reference, "-d", "in"],
            &["copy", reference, "oci:in"],
            &["onboard", "--store", "http://127.0.0.1:9", reference],
        ] {
            let args = [command, &policy_flags].concat();
            refused(&tree, &args, asked, "`tiny_ns:1.0`");
        }
        // Without either somebody who pulls is told.
        let run = nfv(&tree, &["pull", reference, "-d", "out"]).code(0);
        assert!(run.stderr.contains("by itself it is `tiny_ns:1.0`"));
        policy(&tree, "renamed = ['**/mirror/*', '**/tiny_ns']");
        nfv(&tree, &[&["verify", reference][..], &policy_flags].concat()).code(0);
        nfv(
            &tree,
            &[&["pull", reference, "-d", "in"][..], &policy_flags].concat(),
        )
        .code(0);
        fs::remove_dir_all(tree.path("in")).expect("removed");
    }
    // A tag that is no version may point to any, and a digest is what it is.
    policy(&tree, "");
    let digest = registry.digest("edge/tiny_ns", "1.0").expect("published");
    for reference in [at("tiny_ns:stable"), format!("{}@{digest}", at("tiny_ns"))] {
        let run = nfv(
            &tree,
            &[&["verify", &reference][..], &policy_flags].concat(),
        )
        .code(0);
        assert!(!run.stderr.contains("renamed"), "{}", run.stderr);
    }
}
