//! Attestations: cosign judges ours and we judge those of cosign; they are found
//! in both forms and refused when they are about something else.

use serde_json::{Value, json};

use crate::common::{Run, Tree};
use crate::copies::Peer;
use crate::docker::{Docker, Guard};
use crate::double::Registry;
use crate::signatures::{NAME, tree_with_keys};
use crate::signatures_cosign::Cosign;
use crate::{lines, nfv, publish};

const SLSA: &str = "https://slsa.dev/provenance/v1";

/// A predicate as other builders write it.
fn provenance() -> String {
    json!({
        "buildDefinition": { "buildType": "https://example.org/build", "externalParameters": {} },
        "runDetails": { "builder": { "id": "https://example.org/builder" } },
    })
    .to_string()
}

#[track_caller]
pub fn attest(tree: &Tree, at: &str, file: &str, kind: &str, more: &[&str]) -> Vec<Value> {
    let attest = ["attest", at, file, "--type", kind, "--sign-key", "ours.key"];
    let format = ["--message-format", "json"];
    lines(&nfv(tree, &[&attest[..], &format, more].concat()).code(0))
}

pub fn verify(tree: &Tree, at: &str, key: &str, kind: &str) -> Run {
    nfv(tree, &["verify", at, "--key", key, "--attestation", kind])
}

#[test]
fn cosign_accepts_what_we_attest_and_we_what_cosign_attests() {
    let (Some(cosign), Some(docker), Some(peer)) =
        (Cosign::new(), Docker::start(Guard::Nothing), Peer::start())
    else {
        return;
    };
    let tree = &cosign.tree;
    let made = cosign.run(&["generate-key-pair"]);
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    tree.file("slsa.json", provenance());
    for host in [&docker.host, &peer.host] {
        for form in ["classic", "bundle"] {
            publish(tree, &format!("oci://{host}/{form}"), &["-q"]).code(0);
            let new = format!("--new-bundle-format={}", form == "bundle");
            let plain = ["--allow-http-registry", &new];
            let reference = |name| format!("{host}/{form}/{name}:1.0");
            let accepts = |reference: &str, key: &str, kind: &str| {
                let verify = ["verify-attestation", "--key", key, "--type", kind];
                let more = ["--insecure-ignore-tlog=true", reference];
                let run = cosign.run(&[&verify[..], &plain, &more].concat());
                run.status == Some(0)
            };
            let ours = reference("tiny_ns");
            let at = format!("oci://{ours}");
            assert!(!accepts(&ours, "ours.pub", "slsaprovenance1"));
            attest(tree, &at, "slsa.json", "provenance", &["--form", form]);
            assert!(accepts(&ours, "ours.pub", "slsaprovenance1"), "{ours}");
            assert!(!accepts(&ours, "theirs.pub", "slsaprovenance1"));
            assert!(!accepts(&ours, "ours.pub", "spdxjson"));
            let theirs = reference("tiny_vnf");
            let attest = ["attest", "--key", "cosign.key", "--predicate", "slsa.json"];
            let more = ["--type", "slsaprovenance1", "-y", "--tlog-upload=false"];
            let signing = ["--use-signing-config=false", &theirs];
            let run = cosign.run(&[&attest[..], &plain, &more, &signing].concat());
            assert_eq!(run.status, Some(0), "{}", run.stderr);
            let at = format!("oci://{theirs}");
            let run = verify(tree, &at, "cosign.pub", "provenance").code(0);
            assert!(
                run.stdout
                    .contains(&format!("{form}: `provenance` attested with key"))
            );
            verify(tree, &at, "ours.pub", "provenance").code(7);
            verify(tree, &at, "cosign.pub", "vuln").code(7);
            // All kinds that cosign names are known by that name.
            for kind in ["custom", "spdx"] {
                let more = ["--type", kind, "-y", "--tlog-upload=false"];
                let run = cosign.run(&[&attest[..], &plain, &more, &signing].concat());
                assert_eq!(run.status, Some(0), "{kind}: {}", run.stderr);
                verify(tree, &at, "cosign.pub", kind).code(0);
            }
            // What is attested is not signed for that.
            nfv(tree, &["verify", &at, "--key", "cosign.pub"]).code(7);
        }
    }
}

struct Attested {
    tree: Tree,
    registry: Registry,
    at: String,
}

fn published() -> Attested {
    let tree = tree_with_keys();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q"]).code(0);
    tree.file("slsa.json", provenance());
    Attested {
        at: format!("{place}/tiny_ns:1.0"),
        tree,
        registry,
    }
}

#[test]
fn an_attestation_is_there_once_and_both_forms_are_found() {
    let Attested {
        tree,
        at,
        registry: _registry,
    } = published();
    let first = attest(&tree, &at, "slsa.json", "provenance", &[]);
    let forms: Vec<&Value> = first.iter().map(|line| &line["form"]).collect();
    assert_eq!(forms, [&json!("classic"), &json!("bundle")]);
    assert_eq!(first[0]["predicate_type"], SLSA);
    assert!(first.iter().all(|line| line["fresh"] == false));
    let again = attest(&tree, &at, "slsa.json", "provenance", &[]);
    for (one, other) in first.iter().zip(&again) {
        assert_eq!(one["digest"], other["digest"]);
        assert_eq!(other["fresh"], true);
    }
    let run = verify(&tree, &at, "ours.pub", "provenance").code(0);
    for form in ["classic", "bundle"] {
        assert!(
            run.stdout
                .contains(&format!("{form}: `provenance` attested")),
            "{}",
            run.stdout
        );
    }
    // By the URI as well, and along a copy.
    verify(&tree, &at, "ours.pub", SLSA).code(0);
    nfv(&tree, &["copy", "-r", &at, "oci:copied"]).code(0);
    let run = verify(&tree, "oci:copied:tiny_ns:1.0", "ours.pub", "provenance").code(0);
    assert_eq!(run.stdout.matches("attested with key").count(), 2);
    let run = verify(&tree, &at, "theirs.pub", "provenance").code(7);
    run.says("error[trust/unattested]")
        .says("is not trusted: wanted is an attestation `provenance`");
}

#[test]
fn an_attestation_counts_for_the_artifact_that_it_is_about() {
    let Attested {
        tree,
        at,
        registry: _registry,
    } = published();
    attest(&tree, &at, "slsa.json", "provenance", &[]);
    let other = at.replace("tiny_ns", "tiny_vnf");
    nfv(&tree, &["copy", "--force", &other, &at]).code(0);
    verify(&tree, &at, "ours.pub", "provenance").code(7);
}

#[test]
fn whole_statements_are_attested_where_they_belong() {
    let Attested { tree, registry, at } = published();
    let digest = registry.digest(NAME, "1.0").expect("published");
    let statement = |hex: &str| {
        json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{ "name": "x", "digest": { "sha256": hex } }],
            "predicateType": "https://example.org/review/v1",
            "predicate": { "by": "nobody" },
        })
        .to_string()
    };
    tree.file("right.json", statement(&digest[7..]));
    tree.file(
        "wrong.json",
        statement(&digest[7..].replace(['0', '1', '2'], "f")),
    );
    tree.file("none.json", "{}");
    tree.file("no.json", "nothing");
    attest(&tree, &at, "right.json", "in-toto", &[]);
    verify(&tree, &at, "ours.pub", "https://example.org/review/v1").code(0);
    // What is attached without a signature belongs there as well.
    let attach = |file: &str| nfv(&tree, &["attach", &at, file, "--type", "in-toto"]);
    attach("right.json").code(0);
    attach("wrong.json")
        .code(2)
        .says("and neither about sha256:");
    let (_, bytes) = registry.manifest(NAME, "1.0").expect("published");
    let manifest = crate::json(&bytes);
    let layer = manifest["layers"][0]["digest"].as_str().expect("a digest");
    tree.file("file.json", statement(&layer[7..]));
    attach("file.json").code(0);
    tree.file("list.json", "[]");
    for (file, kind, expected) in [
        ("wrong.json", "in-toto", "is not about sha256:"),
        ("none.json", "in-toto", "is no in-toto statement"),
        ("none.json", "provenance", "it has no `buildDefinition`"),
        ("no.json", "https://example.org/x", "is no JSON document"),
        (
            "list.json",
            "https://example.org/x",
            "`list.json` is no JSON object",
        ),
        ("list.json", "custom", "`list.json` is no JSON object"),
        ("none.json", "sarif", "`sarif` is no type"),
        ("gone.json", "vex", "failed to read `gone.json`"),
    ] {
        let run = nfv(
            &tree,
            &[
                "attest",
                &at,
                file,
                "--type",
                kind,
                "--sign-key",
                "ours.key",
            ],
        );
        let run = run.code(2);
        assert!(run.stderr.contains(expected), "{kind}: {}", run.stderr);
    }
    let run = nfv(
        &tree,
        &["verify", &at, "--key", "ours.pub", "--attestation", "sbom"],
    );
    assert!(
        run.code(2)
            .stderr
            .contains("`sbom` is no kind of attestation")
    );
}

/// Bills and VEX of CycloneDX have one predicate, and what is in them tells them apart.
#[test]
fn a_bill_is_no_vex() {
    let tree = tree_with_keys();
    nfv(&tree, &["publish", "-q", "-A", "all"]).code(0);
    nfv(&tree, &["copy", "tiny_ns:1.0", "oci:site"]).code(0);
    let at = "oci:site:tiny_ns:1.0";
    let bill =
        json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{ "name": "x" }] });
    let vex = json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "vulnerabilities": [{ "id": "CVE-2021-44228" }] });
    tree.file("bill.json", bill.to_string());
    tree.file("vex.json", vex.to_string());
    for (file, kind, field) in [
        ("bill.json", "vex", "vulnerabilities"),
        ("vex.json", "sbom-cyclonedx", "components"),
    ] {
        for command in ["attest", "attach"] {
            let mut args = vec![command, at, file, "--type", kind];
            if command == "attest" {
                args.extend(["--sign-key", "ours.key"]);
            }
            let run = nfv(&tree, &args).code(2);
            run.says(kind).says(field);
        }
    }
    attest(&tree, at, "bill.json", "sbom-cyclonedx", &[]);
    verify(&tree, at, "ours.pub", "sbom-cyclonedx").code(0);
    verify(&tree, at, "ours.pub", "vex").code(7);
    attest(&tree, at, "vex.json", "vex", &[]);
    verify(&tree, at, "ours.pub", "vex").code(0);
    nfv(&tree, &["attach", at, "bill.json", "--type", "sbom"]).code(0);
    tree.file("scan.json", r#"{"scanner":{"uri":"x"}}"#);
    nfv(&tree, &["attach", at, "scan.json", "--type", "vuln"])
        .code(2)
        .says("`cargo nfv attest` signs and attaches it");
}
