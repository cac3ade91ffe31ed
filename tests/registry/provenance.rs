//! Provenance beside what is published: once, signed or not, and as others look
//! for it.

use serde_json::{Value, json};

use crate::attestations::verify;
use crate::common::{Run, Tree, run};
use crate::copies::Peer;
use crate::double::{Options, Registry};
use crate::signatures::tree_with_keys;
use crate::signatures_cosign::Cosign;
use crate::{lines, nfv, nfv_in, publish};

fn run_of_ci(tree: &Tree, place: &str, id: &str) -> Run {
    let args = ["publish", "-A", "all", "-q", "--provenance", place];
    let mut command = nfv_in(tree, &args);
    command.args(["--sign-key", "ours.key"]);
    command.envs([
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "example/edge"),
        ("GITHUB_RUN_ID", id),
    ]);
    run(&mut command)
}

fn referrers(tree: &Tree, at: &str) -> Value {
    let args = ["inspect", at, "--referrers", "--message-format", "json"];
    lines(&nfv(tree, &args).code(0)).remove(0)["referrers"].clone()
}

#[test]
fn cosign_finds_the_provenance_of_each_artifact() {
    let (Some(cosign), Some(peer)) = (Cosign::new(), Peer::start()) else {
        return;
    };
    let tree = &cosign.tree;
    let place = format!("oci://{}/edge", peer.host);
    let more = [
        "--provenance",
        "--sign-key",
        "ours.key",
        "--message-format",
        "json",
    ];
    let published = lines(&publish(tree, &place, &more).code(0));
    let of = |reason: &str| {
        let lines = published.iter().filter(|line| line["reason"] == reason);
        lines.cloned().collect::<Vec<Value>>()
    };
    assert_eq!(of("artifact-published").len(), 2);
    let attested = of("artifact-attested");
    assert_eq!(attested.len(), 2);
    for (one, artifact) in attested.iter().zip(of("artifact-published")) {
        assert_eq!(one["subject"], artifact["digest"]);
        assert_eq!(one["digests"].as_array().map(Vec::len), Some(2));
    }
    for name in ["tiny_ns", "tiny_vnf"] {
        let reference = format!("{}/edge/{name}:1.0", peer.host);
        for new in ["true", "false"] {
            let new = format!("--new-bundle-format={new}");
            let verify = ["verify-attestation", "--key", "ours.pub", &new];
            let more = ["--type", "slsaprovenance1", "--insecure-ignore-tlog=true"];
            let host = ["--allow-http-registry", &reference];
            let accepted = cosign.run(&[&verify[..], &more, &host].concat());
            assert_eq!(accepted.status, Some(0), "{}", accepted.stderr);
        }
        verify(
            tree,
            &format!("oci://{reference}"),
            "ours.pub",
            "provenance",
        )
        .code(0);
    }
}

#[test]
fn it_is_there_once_however_often_the_same_is_published() {
    let tree = tree_with_keys();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    let at = format!("{place}/tiny_vnf:1.0");
    run_of_ci(&tree, &place, "1").code(0);
    let first = referrers(&tree, &at);
    // The image under the tag, and the bundle.
    assert_eq!(first.as_array().map(Vec::len), Some(2), "{first}");
    // Another run gives the same bytes, and says nothing new of them.
    run_of_ci(&tree, &place, "2").code(0);
    assert_eq!(referrers(&tree, &at), first);
    // Another key does.
    let more = ["-q", "--provenance", "--sign-key", "theirs.key"];
    publish(&tree, &place, &more).code(0);
    assert_eq!(referrers(&tree, &at).as_array().map(Vec::len), Some(3));
    for key in ["ours.pub", "theirs.pub"] {
        verify(&tree, &at, key, "provenance").code(0);
    }
}

/// A key without a certificate signs no manifest, which is said of the packages that
/// have one to sign.
#[test]
fn a_key_alone_signs_no_package() {
    let tree = tree_with_keys();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    let key = ["--provenance", "--sign-key", "ours.key"];
    let run = publish(&tree, &place, &key).code(0);
    assert!(
        !run.stderr.contains("not the manifest in"),
        "{}",
        run.stderr
    );
    nfv(&tree, &["new", "shield-vnsf", "wrapped", "-p", "tiny_vnf"]).code(0);
    publish(&tree, &place, &key)
        .code(0)
        .says("signs the provenance alone, and not the manifest in `")
        .says("`--sign-certificate` names");
}

#[test]
fn without_a_key_it_is_a_bare_statement_that_proves_nothing() {
    let tree = tree_with_keys();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    let at = format!("{place}/tiny_vnf:1.0");
    publish(&tree, &place, &["-q", "--provenance", "--dry-run"]).code(0);
    assert_eq!(registry.digest("edge/tiny_vnf", "1.0"), None);
    for _ in 0..2 {
        publish(&tree, &place, &["-q", "--provenance"]).code(0);
        let there = referrers(&tree, &at);
        assert_eq!(there.as_array().map(Vec::len), Some(1));
        assert_eq!(there[0]["artifact_type"], "application/vnd.in-toto+json");
    }
    let digest = registry.digest("edge/tiny_vnf", "1.0").expect("published");
    let reference = referrers(&tree, &at)[0]["digest"].clone();
    let at_digest = format!("{place}/tiny_vnf@{}", reference.as_str().expect("a digest"));
    nfv(&tree, &["pull", &at_digest, "-d", "in"]).code(0);
    let text = std::fs::read(tree.path("in/tiny_vnf-1.0.tar.gz.intoto.json"));
    let statement = crate::json(&text.expect("the statement"));
    let subject = &statement["subject"][0]["digest"]["sha256"];
    assert_eq!(subject, &json!(digest.trim_start_matches("sha256:")));
    let run = verify(&tree, &at, "ours.pub", "provenance").code(7);
    run.says("there is one, which nobody has signed");
    // Also where referrers are listed without their annotations.
    let list = Registry::start(Options {
        referrers: false,
        ..Options::default()
    });
    let copy = at.replace(&registry.host(), &list.host());
    nfv(&tree, &["copy", "-r", &at, &copy]).code(0);
    let tag = digest.replace(':', "-");
    let (kind, bytes) = list.manifest("edge/tiny_vnf", &tag).expect("a list");
    let mut index = crate::json(&bytes);
    let one = index["manifests"][0].as_object_mut().expect("a referrer");
    one.remove("annotations").expect("annotations");
    let bytes = index.to_string().into_bytes();
    list.put_manifest("edge/tiny_vnf", &tag, &kind, &bytes);
    let run = verify(&tree, &copy, "ours.pub", "provenance").code(7);
    run.says("there is one, which nobody has signed");
    let shown = nfv(&tree, &["inspect", &at, "--referrers"]).code(0).stdout;
    let words = "(attestation that nobody has signed, https://slsa.dev/provenance/v1)";
    assert!(shown.contains(words), "{shown}");
    // It goes with a registry.
    let run = nfv(&tree, &["publish", "-A", "all", "--provenance"]).code(2);
    assert!(run.stderr.contains("goes with a place at a registry"));
}
