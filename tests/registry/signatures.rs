//! Signatures of artifacts: put where others look for them, found again, and
//! refused when anything about them was changed.

use serde_json::{Value, json};

use crate::common::{Run, Tree, run};
use crate::double::{Options, Registry};
use crate::{json, lines, nfv, publish, tree};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const NAME: &str = "edge/tiny_ns";

/// A tree with the keys `ours` and `theirs`, each with a certificate.
pub fn tree_with_keys() -> Tree {
    let tree = tree();
    for name in ["ours", "theirs"] {
        let generate = ["key", "generate", "--no-passphrase", "--certificate"];
        let more = ["--subject", name, "--out", name];
        nfv(&tree, &[&generate[..], &more].concat()).code(0);
    }
    tree
}

/// Signs; what is said of each signature.
#[track_caller]
pub fn sign(tree: &Tree, reference: &str, more: &[&str]) -> Vec<Value> {
    let sign = ["sign", reference, "--sign-key", "ours.key"];
    let format = ["--message-format", "json"];
    lines(&nfv(tree, &[&sign[..], &format, more].concat()).code(0))
}

pub fn verify(tree: &Tree, reference: &str, key: &str) -> Run {
    nfv(tree, &["verify", reference, "--key", key])
}

/// The tag that cosign looks for.
pub fn tag_of(digest: &str) -> String {
    format!("{}.sig", digest.replace(':', "-"))
}

struct Signed {
    tree: Tree,
    registry: Registry,
    digest: String,
    at: String,
}

fn signed(form: &str, more: &[&str]) -> Signed {
    let tree = tree_with_keys();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q"]).code(0);
    let at = format!("{place}/tiny_ns:1.0");
    sign(&tree, &at, &[&["--form", form], more].concat());
    Signed {
        digest: registry.digest(NAME, "1.0").expect("published"),
        tree,
        registry,
        at,
    }
}

#[test]
fn both_forms_are_found_and_signing_twice_changes_nothing() {
    let tree = tree_with_keys();
    let mut seen = Vec::new();
    for referrers in [true, false] {
        let registry = Registry::start(Options {
            referrers,
            ..Options::default()
        });
        let place = format!("oci://{}/edge", registry.host());
        publish(&tree, &place, &["-q"]).code(0);
        let at = format!("{place}/tiny_ns:1.0");
        let before = verify(&tree, &at, "ours.pub").code(7);
        assert!(before.stderr.contains("there is no signature"));
        let first = sign(&tree, &at, &[]);
        let tags = registry.tags();
        registry.take_log();
        let second = sign(&tree, &at, &[]);
        assert_eq!(registry.count("PUT", "/"), 0, "{referrers}");
        assert_eq!(registry.tags(), tags);
        assert_eq!(first.len(), 2);
        for (one, two) in first.iter().zip(&second) {
            assert_eq!(one["signature"], two["signature"]);
            assert_eq!(
                (&one["fresh"], &two["fresh"]),
                (&json!(false), &json!(true))
            );
        }
        let digest = registry.digest(NAME, "1.0").expect("published");
        assert!(registry.digest(NAME, &tag_of(&digest)).is_some());
        let run = verify(&tree, &at, "ours.pub").code(0);
        let says = |form: &str| run.stdout.contains(&format!("{form}: signed with key"));
        assert!(says("classic") && says("bundle"), "{}", run.stdout);
        verify(&tree, &at, "theirs.pub").code(7);
        // Where they lie does not matter to bundles.
        seen.push(first[1]["signature"].clone());
        // A key that is there already stays.
        let theirs = ["sign", &at, "--sign-key", "theirs.key"];
        nfv(&tree, &theirs).code(0);
        for key in ["ours.pub", "theirs.pub"] {
            let run = verify(&tree, &at, key).code(0);
            assert_eq!(run.stdout.matches("signed with key").count(), 2);
        }
        // Neither is a version.
        nfv(&tree, &["list", &format!("{place}/tiny_ns")]).code(0);
        nfv(&tree, &["inspect", &format!("{place}/tiny_ns")]).code(0);
    }
    assert_eq!(seen[0], seen[1]);
}

/// That one is not there is told beside what was found of the others.
#[test]
fn of_several_one_is_not_there() {
    let Signed {
        tree,
        at,
        registry: _registry,
        ..
    } = signed("bundle", &[]);
    let (unsigned, absent) = (at.replace("tiny_ns", "tiny_vnf"), at.replace("1.0", "2.0"));
    let args = ["verify", &at, &absent, &unsigned, "--key", "ours.pub"];
    let run = nfv(&tree, &args).code(3);
    assert!(run.stdout.contains("signed with key"), "{}", run.stdout);
    for words in ["error[trust/unsigned]", "tiny_ns:2.0"] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
    let run = nfv(&tree, &[&args[..], &["--message-format", "json"]].concat()).code(3);
    let reasons: Vec<Value> = lines(&run)
        .into_iter()
        .map(|one| one["reason"].clone())
        .collect();
    assert_eq!(
        reasons,
        ["artifact-verified", "artifact-verified", "finding"]
    );
}

/// What is signed in the layout of the tree goes along when that is published, and what
/// others have signed there stays.
#[test]
fn publish_takes_signatures_along() {
    let tree = tree_with_keys();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    nfv(&tree, &["publish", "-q", "-A", "all"]).code(0);
    sign(&tree, "tiny_ns:1.0", &[]);
    tree.file("x.spdx.json", r#"{"spdxVersion":"SPDX-2.3"}"#);
    let attach = ["attach", "tiny_ns:1.0", "x.spdx.json", "--type", "sbom"];
    nfv(&tree, &attach).code(0);
    nfv(&tree, &["publish", "-A", "all", &place, "--dry-run"]).code(0);
    assert_eq!(registry.tags(), Vec::<String>::new());
    let run = publish(&tree, &place, &[]).code(0);
    let words = "3 signatures or attachments of `tiny_ns:1.0`";
    assert!(run.stderr.contains(words), "{}", run.stderr);
    let at = format!("{place}/tiny_ns:1.0");
    let both = |key: &str| {
        let run = verify(&tree, &at, key).code(0);
        for form in ["classic: signed", "bundle: signed"] {
            assert!(run.stdout.contains(form), "{key}: {}", run.stdout);
        }
    };
    both("ours.pub");
    let shown = nfv(&tree, &["inspect", &at, "--referrers"]).code(0);
    assert!(shown.stdout.contains("x.spdx.json"), "{}", shown.stdout);
    // Somebody else at the registry, and another time here.
    nfv(&tree, &["sign", &at, "--sign-key", "theirs.key"]).code(0);
    registry.take_log();
    publish(&tree, &place, &[]).code(0);
    assert_eq!(registry.count("PUT", "/"), 0);
    let report = r#"{"scanner":{}}"#;
    tree.file("scan.json", report);
    crate::attestations::attest(&tree, "tiny_ns:1.0", "scan.json", "vuln", &[]);
    publish(&tree, &place, &[]).code(0);
    both("ours.pub");
    both("theirs.pub");
    let attested = ["verify", &at, "--key", "ours.pub", "--attestation", "vuln"];
    nfv(&tree, &attested).code(0);
}

/// Registries have no lock, and nobody loses what others have signed at the same moment.
#[test]
fn several_sign_at_once() {
    const SIGNERS: usize = 5;
    let (Some(docker), Some(peer)) = (
        crate::docker::Docker::start(crate::docker::Guard::Nothing),
        crate::copies::Peer::start(),
    ) else {
        return;
    };
    let tree = tree();
    let name = |i: usize| format!("key{i}");
    for i in 0..SIGNERS {
        let generate = ["key", "generate", "--no-passphrase", "--out", &name(i)];
        nfv(&tree, &generate).code(0);
    }
    tree.file("scan.json", r#"{"scanner":{}}"#);
    // The one has no interface for referrers, and lists them under a tag.
    for host in [&docker.host, &peer.host] {
        let place = format!("oci://{host}/edge");
        publish(&tree, &place, &["-q"]).code(0);
        let at = format!("{place}/tiny_ns:1.0");
        std::thread::scope(|scope| {
            for i in 0..SIGNERS {
                let (tree, at) = (&tree, &at);
                scope.spawn(move || {
                    let key = format!("{}.key", name(i));
                    nfv(tree, &["sign", at, "--sign-key", &key]).code(0);
                    let file = format!("notes{i}.md");
                    tree.file(&file, format!("# {i}\n"));
                    nfv(tree, &["attach", at, &file, "--type", "text/markdown"]).code(0);
                });
            }
        });
        for i in 0..SIGNERS {
            let key = format!("{}.pub", name(i));
            let run = verify(&tree, &at, &key).code(0);
            for form in ["classic: signed", "bundle: signed"] {
                assert!(run.stdout.contains(form), "{host} {key}: {}", run.stdout);
            }
        }
        let shown = nfv(&tree, &["inspect", &at, "--referrers"]).code(0);
        for i in 0..SIGNERS {
            let file = format!("notes{i}.md");
            assert!(shown.stdout.contains(&file), "{file}: {}", shown.stdout);
        }
    }
}

/// A site countersigns what it has copied, and copies again: what hangs there stays.
#[test]
fn a_copy_takes_nobody_elses_signature_away() {
    let Signed {
        tree, registry, at, ..
    } = signed("classic", &[]);
    tree.file("scan.json", r#"{"scanner":{}}"#);
    let classic = ["--form", "classic"];
    crate::attestations::attest(&tree, &at, "scan.json", "vuln", &classic);
    let there = format!("oci://{}/mirror/tiny_ns:1.0", registry.host());
    for to in [&*there, "oci:site:tiny_ns:1.0"] {
        nfv(&tree, &["copy", &at, to]).code(0);
        let theirs = ["--sign-key", "theirs.key", "--form", "classic"];
        nfv(&tree, &[&["sign", to][..], &theirs].concat()).code(0);
        let attest = ["attest", to, "scan.json", "--type", "vuln"];
        nfv(&tree, &[&attest[..], &theirs].concat()).code(0);
        for _ in 0..2 {
            nfv(&tree, &["copy", "-r", &at, to]).code(0);
            for key in ["ours.pub", "theirs.pub"] {
                verify(&tree, to, key).code(0);
                let attested = ["verify", to, "--key", key, "--attestation", "vuln"];
                nfv(&tree, &attested).code(0);
            }
        }
    }
}

/// An SBOM is signed as anything else, and a copy has its signatures as well.
#[test]
fn signatures_of_referrers_go_along() {
    let Signed {
        tree, registry, at, ..
    } = signed("classic", &[]);
    tree.file("x.spdx.json", r#"{"spdxVersion":"SPDX-2.3"}"#);
    let attach = ["attach", &at, "x.spdx.json", "--type", "sbom"];
    let attached = nfv(
        &tree,
        &[&attach[..], &["--message-format", "json"]].concat(),
    );
    let sbom = json(&attached.code(0).bytes)["digest"].clone();
    let sbom = sbom.as_str().expect("a digest");
    let of = |place: &str| format!("{}@{sbom}", place.trim_end_matches(":1.0"));
    tree.file("scan.json", r#"{"scanner":{}}"#);
    sign(&tree, &of(&at), &["--form", "classic"]);
    let form = ["--form", "classic"];
    crate::attestations::attest(&tree, &of(&at), "scan.json", "vuln", &form);
    let there = format!("oci://{}/mirror/tiny_ns:1.0", registry.host());
    nfv(&tree, &["copy", "-r", &at, "oci:site"]).code(0);
    nfv(&tree, &["copy", "-r", "oci:site", &there]).code(0);
    let attested = ["--key", "ours.pub", "--attestation", "vuln"];
    for place in [of(&there), format!("oci:site:{sbom}")] {
        verify(&tree, &place, "ours.pub").code(0);
        nfv(&tree, &[&["verify", &place][..], &attested].concat()).code(0);
    }
    let shown = nfv(&tree, &["inspect", &there, "--referrers"]).code(0);
    let tag = sbom.replace(':', "-");
    for end in ["sig", "att"] {
        let tag = format!("(tag {tag}.{end})");
        assert!(shown.stdout.contains(&tag), "{tag}: {}", shown.stdout);
    }
}

#[test]
fn in_layouts_and_archives() {
    let tree = tree_with_keys();
    nfv(&tree, &["publish", "-q", "-A", "all"]).code(0);
    for to in ["oci:site", "oci-archive:site.tar"] {
        nfv(&tree, &["copy", "tiny_ns:1.0", to]).code(0);
        sign(&tree, to, &[]);
        let again = sign(&tree, to, &[]);
        assert!(again.iter().all(|one| one["fresh"] == true), "{again:#?}");
        // Without a name, what was signed is meant and not the signature.
        verify(&tree, to, "ours.pub").code(0);
        verify(&tree, &format!("{to}:tiny_ns:1.0"), "ours.pub").code(0);
        verify(&tree, to, "theirs.pub").code(7);
    }
    // Both forms go with the artifact, from place to place.
    let registry = Registry::plain();
    for form in ["classic", "bundle"] {
        let lay = format!("oci:{form}");
        nfv(&tree, &["copy", "tiny_ns:1.0", &lay]).code(0);
        sign(&tree, &lay, &["--form", form]);
        let at = format!("oci://{}/{form}/tiny_ns:1.0", registry.host());
        nfv(&tree, &["copy", "-r", &format!("{lay}:tiny_ns:1.0"), &at]).code(0);
        verify(&tree, &at, "ours.pub").code(0);
        let back = format!("oci-archive:{form}.tar");
        nfv(&tree, &["copy", "-r", &at, &back]).code(0);
        verify(&tree, &format!("{back}:tiny_ns:1.0"), "ours.pub").code(0);
    }
}

/// A name of the tree's layout is a finished package and an artifact, and who has signed
/// the one has signed the other.
#[test]
fn a_name_of_the_tree_is_the_artifact_of_that_name() {
    let tree = tree_with_keys();
    nfv(&tree, &["publish", "-q", "-A", "all"]).code(0);
    let name = "tiny_ns:1.0";
    let policy = |key: &str| {
        let rules = "[[rules]]\nsigned-by = ['vendor']\n";
        let text = format!("[signers.vendor]\nkeys = ['{key}']\n{rules}");
        tree.file("policy.toml", text);
        nfv(&tree, &["verify", name, "--policy", "policy.toml"])
    };
    verify(&tree, name, "ours.pub")
        .code(7)
        .says("error[trust/unsigned]");
    policy("ours.pub").code(7).says("error[trust/unsigned]");
    sign(&tree, name, &[]);
    for run in [verify(&tree, name, "ours.pub"), policy("ours.pub")] {
        let run = run.code(0);
        assert!(run.stdout.contains("signed with key"), "{}", run.stdout);
    }
    // The package is verified as it is without a policy, and compared with its sources.
    let rebuild = |more: &[&str]| {
        let rebuild = ["verify", "-A", "all", "--rebuild", name];
        let mut command = crate::nfv_in(&tree, &[&rebuild[..], more].concat());
        run(command.env("NFV_POLICY", "policy.toml"))
    };
    let file = "target/nfv/packages/tiny_vnf-1.0.tar.gz";
    let both = rebuild(&["tiny_vnf:1.0"]).code(7);
    both.says("`tiny_vnf:1.0` is not trusted: wanted is a signature by `vendor`");
    let told = rebuild(&[]).code(0).stdout;
    assert!(told.contains("signed with key"), "{told}");
    assert!(told.contains("the sources give the same bytes"), "{told}");
    rebuild(&[file]).code(7).says("nobody has signed it");
    let told = lines(&rebuild(&["--message-format", "json"]).code(0));
    let line = told.last().expect("a line");
    assert_eq!(line["reason"], "package-verified", "{line}");
    assert_eq!(line["policy"][0]["met"], true, "{line}");
    tree.file("tiny_ns/NEWS", "later\n");
    rebuild(&[]).code(1).says("error[verify/not-rebuilt]");
    std::fs::remove_file(tree.path("tiny_ns/NEWS")).expect("removed");
    verify(&tree, name, "theirs.pub")
        .code(7)
        .says("error[trust/untrusted]");
    policy("theirs.pub").code(7).says("error[trust/untrusted]");
    let attested = ["verify", name, "--attestation", "vex", "--key", "ours.pub"];
    nfv(&tree, &attested)
        .code(7)
        .says("error[trust/unattested]");
    nfv(&tree, &["verify", "no.tar.gz", "--policy", "policy.toml"])
        .code(3)
        .says("no.tar.gz");
}

#[test]
fn certificates_say_who_it_was() {
    for form in ["classic", "bundle"] {
        let signed = signed(form, &["--sign-certificate", "ours.crt"]);
        let (tree, at) = (&signed.tree, &signed.at);
        let chain = |file: &str| nfv(tree, &["verify", at, "--certificate-chain", file]);
        let run = chain("ours.crt").code(0);
        assert!(run.stdout.contains("signed by `CN=ours`"), "{}", run.stdout);
        let run = chain("theirs.crt").code(7);
        assert!(run.stderr.contains("it names `CN=ours`"), "{}", run.stderr);
        verify(tree, at, "ours.pub").code(0);
        for format in [
            "short", "json", "github", "gitlab", "sarif", "junit", "rdjson", "markdown",
        ] {
            let format = ["--key", "theirs.pub", "--message-format", format];
            let run = nfv(tree, &[&["verify", at][..], &format].concat()).code(7);
            let told = format!("{}{}", run.stdout, run.stderr);
            assert!(told.contains("trust/untrusted"), "{format:?}: {told}");
            assert!(
                told.contains("is not trusted: wanted is"),
                "{format:?}: {told}"
            );
        }
        let run = verify(tree, at, "theirs.pub").code(7);
        assert!(run.stderr.contains("with another key"), "{}", run.stderr);
        let format = ["--key", "ours.pub", "--message-format", "json"];
        let run = nfv(tree, &[&["verify", at][..], &format].concat()).code(0);
        let mut lines = run.stdout.lines();
        let line = json(lines.next().unwrap_or_default().as_bytes());
        let last = json(lines.next().unwrap_or_default().as_bytes());
        assert_eq!(last["reason"], "check-finished", "{last}");
        assert_eq!(last["success"], true, "{last}");
        assert_eq!(
            line["conditions"][0]["signers"][0]["subject"], "CN=ours",
            "{line}"
        );
        assert_eq!(line["digest"], signed.digest.as_str());
    }
    let tree = tree_with_keys();
    nfv(&tree, &["publish", "-q", "-A", "all"]).code(0);
    // A certificate that is old is told, though the key alone is trusted.
    let old = [
        "--subject",
        "old",
        "--out",
        "old",
        "--not-after",
        "2021-01-01",
    ];
    let generate = ["key", "generate", "--no-passphrase", "--certificate"];
    let from = ["--not-before", "2020-01-01"];
    nfv(&tree, &[&generate[..], &old, &from].concat()).code(0);
    nfv(&tree, &["copy", "tiny_ns:1.0", "oci:old"]).code(0);
    let by = ["--sign-key", "old.key", "--sign-certificate", "old.crt"];
    nfv(&tree, &[&["sign", "oci:old"][..], &by].concat()).code(0);
    let run = verify(&tree, "oci:old", "old.pub").code(0);
    let told = "; the certificate is not valid now";
    assert!(run.stdout.contains(told), "{}", run.stdout);
    // Somebody else's certificate.
    let own = ["sign", "tiny_ns:1.0", "--sign-key", "ours.key"];
    let args = [&own[..], &["--sign-certificate", "theirs.crt"]].concat();
    nfv(&tree, &args)
        .code(2)
        .says("can't sign with the certificate");
}

/// Puts another blob in the place of the layer of a manifest, and that manifest
/// in the place of the one that is there.
fn replace(
    signed: &Signed,
    reference: &str,
    change: impl Fn(&mut Value, Vec<u8>) -> Vec<u8>,
) -> String {
    let registry = &signed.registry;
    let (_, bytes) = registry.manifest(NAME, reference).expect("a manifest");
    let mut manifest = json(&bytes);
    let layer = manifest["layers"][0]["digest"].as_str().expect("a layer");
    let path = registry.blob(NAME, layer).expect("a blob");
    let content = std::fs::read(path).expect("a blob");
    let content = change(&mut manifest, content);
    manifest["layers"][0]["digest"] = registry.put_blob(NAME, &content).into();
    manifest["layers"][0]["size"] = content.len().into();
    let bytes = manifest.to_string().into_bytes();
    registry.put_manifest(NAME, &tag_of(&signed.digest), MANIFEST, &bytes)
}

fn changed(content: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(content).expect("text");
    let new = text.replace(from, to);
    assert_ne!(new, text, "{from}");
    new.into_bytes()
}

/// One form that holds is enough, and the other is not passed over in silence.
#[test]
fn a_form_that_was_changed_is_told_where_the_other_holds() {
    let signed = signed("classic", &[]);
    sign(&signed.tree, &signed.at, &["--form", "bundle"]);
    let both = verify(&signed.tree, &signed.at, "ours.pub").code(0);
    assert!(!both.stdout.contains("does not count"), "{}", both.stdout);
    let tag = tag_of(&signed.digest);
    replace(&signed, &tag, |_, content| {
        changed(content, "cosign container image signature", "another thing")
    });
    let run = verify(&signed.tree, &signed.at, "ours.pub").code(0);
    for says in ["bundle: signed with key", "does not count: classic: "] {
        assert!(run.stdout.contains(says), "{says}: {}", run.stdout);
    }
}

#[test]
fn what_was_changed_in_a_classic_signature_is_refused() {
    const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
    let signed = signed("classic", &[]);
    let tag = tag_of(&signed.digest);
    let original = signed.registry.manifest(NAME, &tag).expect("signed").1;
    let other = signed.registry.digest("edge/tiny_vnf", "1.0");
    let other = other.expect("published");
    let refused = |what: &str| {
        let run = verify(&signed.tree, &signed.at, "ours.pub").code(7);
        assert!(run.stderr.contains(what), "{what}\n{}", run.stderr);
        let put = |bytes: &[u8]| signed.registry.put_manifest(NAME, &tag, MANIFEST, bytes);
        put(&original);
        verify(&signed.tree, &signed.at, "ours.pub").code(0);
    };
    replace(&signed, &tag, |_, content| {
        changed(content, &signed.digest, &other)
    });
    refused(&format!("it is for {other}, another artifact"));
    replace(&signed, &tag, |_, content| changed(content, "null", "{}"));
    refused("or was changed");
    replace(&signed, &tag, |_, _| b"nothing".to_vec());
    refused("not valid JSON");
    replace(&signed, &tag, |manifest, content| {
        manifest["layers"][0]["annotations"][SIGNATURE] = "Zm9v".into();
        content
    });
    refused("or was changed");
    replace(&signed, &tag, |manifest, content| {
        manifest["layers"][0]["annotations"] = json!({});
        content
    });
    refused(SIGNATURE);
    // cosign refuses it as well.
    let mut manifest = json(&original);
    manifest["layers"][0]["size"] = 5.into();
    let bytes = manifest.to_string().into_bytes();
    signed.registry.put_manifest(NAME, &tag, MANIFEST, &bytes);
    refused("bytes, and the manifest says 5");
    // Of too many not all are read, and that is said: the good one may be among the rest.
    let mut manifest = json(&original);
    let mut junk = manifest["layers"][0].clone();
    junk["annotations"] = json!({ SIGNATURE: "Zm9v" });
    let mut layers = vec![junk; 300];
    layers.push(manifest["layers"][0].clone());
    manifest["layers"] = layers.into();
    let bytes = manifest.to_string().into_bytes();
    signed.registry.put_manifest(NAME, &tag, MANIFEST, &bytes);
    refused("there are 45 more, which are not read");
    // A signature of another artifact, moved here as it is.
    let elsewhere = signed.at.replace("tiny_ns", "tiny_vnf");
    sign(&signed.tree, &elsewhere, &["--form", "classic"]);
    let theirs = signed.registry.manifest("edge/tiny_vnf", &tag_of(&other));
    let theirs = theirs.expect("signed").1;
    let layer = json(&theirs)["layers"][0]["digest"].clone();
    let path = signed
        .registry
        .blob("edge/tiny_vnf", layer.as_str().expect("a layer"));
    let payload = std::fs::read(path.expect("a blob")).expect("a blob");
    signed.registry.put_blob(NAME, &payload);
    signed.registry.put_manifest(NAME, &tag, MANIFEST, &theirs);
    refused("another artifact");
    // Bytes that are not those of their digest.
    let layer = json(&original)["layers"][0]["digest"].clone();
    let path = signed.registry.blob(NAME, layer.as_str().expect("a layer"));
    let path = path.expect("a blob");
    let bytes = std::fs::read(&path).expect("a blob");
    std::fs::write(&path, changed(bytes, "cosign", "gisnoc")).expect("a blob");
    verify(&signed.tree, &signed.at, "ours.pub").code(7);
}

#[test]
fn what_was_changed_in_a_bundle_is_refused() {
    let signed = signed("bundle", &[]);
    let at = format!("{}@{}", signed.at.trim_end_matches(":1.0"), signed.digest);
    let shown = nfv(
        &signed.tree,
        &["inspect", &at, "--referrers", "--message-format", "json"],
    );
    let digest = json(&shown.bytes)["referrers"][0]["digest"].clone();
    let digest = digest.as_str().expect("a bundle");
    let (_, bytes) = signed.registry.manifest(NAME, digest).expect("a bundle");
    let layer = json(&bytes)["layers"][0]["digest"].clone();
    let path = signed.registry.blob(NAME, layer.as_str().expect("a layer"));
    let path = path.expect("a blob");
    let content = std::fs::read(&path).expect("a blob");
    for (field, what) in [
        ("payload", "does not hold: it was changed"),
        ("sig", "does not hold: it was changed"),
        ("subject", "another artifact"),
        ("mediaType", "mediaType"),
    ] {
        let mut bundle = json(&content);
        let envelope = &mut bundle["dsseEnvelope"];
        let payload = envelope["payload"].as_str().expect("a payload");
        let statement = nfv::digest::base64(payload).expect("base64");
        let statement = String::from_utf8(statement).expect("text");
        let hex = signed.digest.trim_start_matches("sha256:");
        let put = |text: String| Value::from(nfv::digest::to_base64(text.as_bytes()));
        match field {
            "payload" => envelope["payload"] = put(format!("{statement} ")),
            "subject" => envelope["payload"] = put(statement.replace(hex, &"0".repeat(64))),
            "sig" => envelope["signatures"][0]["sig"] = "Zm9v".into(),
            _ => bundle["mediaType"] = "another".into(),
        }
        let registry = Registry::plain();
        let there = signed.at.replace(&signed.registry.host(), &registry.host());
        nfv(&signed.tree, &["copy", &signed.at, &there]).code(0);
        let blob = registry.put_blob(NAME, bundle.to_string().as_bytes());
        registry.put_blob(NAME, b"{}");
        let mut manifest = json(&bytes);
        manifest["layers"][0]["digest"] = blob.into();
        manifest["layers"][0]["size"] = bundle.to_string().len().into();
        let manifest = manifest.to_string().into_bytes();
        registry.put_manifest(NAME, "forged", MANIFEST, &manifest);
        let run = verify(&signed.tree, &there, "ours.pub").code(7);
        assert!(run.stderr.contains(what), "{field}\n{}", run.stderr);
    }
    std::fs::write(&path, b"other bytes").expect("a blob");
    verify(&signed.tree, &signed.at, "ours.pub").code(7);
}

#[test]
fn what_is_asked_wrongly() {
    let tree = tree_with_keys();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q"]).code(0);
    let at = format!("{place}/tiny_ns:1.0");
    nfv(&tree, &["verify", &at])
        .code(2)
        .says("whose signatures");
    let key = ["--key", "ours.pub"];
    let mixed = [&["verify", &at, "tiny_ns:1.0"][..], &key].concat();
    nfv(&tree, &mixed).code(2).says("one after the other");
    let rebuild = [&["verify", &at, "--rebuild"][..], &key].concat();
    nfv(&tree, &rebuild).code(2).says("cargo nfv pull");
    let none = format!("{place}/tiny_ns:2.0");
    verify(&tree, &none, "ours.pub").code(3);
    let sign = ["sign", &none, "--sign-key", "ours.key"];
    nfv(&tree, &sign).code(3);
}
