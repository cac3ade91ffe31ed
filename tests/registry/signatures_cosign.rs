//! cosign judges our signatures, and we judge those of cosign, at registries
//! with and without an interface for referrers.

use std::path::PathBuf;
use std::process::Command;

use crate::common::{Run, Tree, run, sh, tool};
use crate::copies::Peer;
use crate::docker::{Docker, Guard};
use crate::signatures::{sign, tag_of, tree_with_keys, verify};
use crate::{clean, home, json, nfv, publish};

const PASSWORD: &str = "correct horse";

pub struct Cosign {
    program: PathBuf,
    pub tree: Tree,
}

impl Cosign {
    pub fn new() -> Option<Self> {
        Some(Cosign {
            program: tool("cosign")?,
            tree: tree_with_keys(),
        })
    }

    pub fn run(&self, args: &[&str]) -> Run {
        let mut command = Command::new(&self.program);
        clean(&mut command, &home(&self.tree));
        command.env("COSIGN_PASSWORD", PASSWORD);
        run(command.args(args).current_dir(&self.tree.root))
    }

    /// Whether it accepts what is there, in one form and no other.
    fn accepts(&self, reference: &str, key: &str, form: &str) -> bool {
        let new = format!("--new-bundle-format={}", form == "bundle");
        let flags = ["--insecure-ignore-tlog=true", "--allow-http-registry"];
        let args = [&["verify", "--key", key, &new][..], &flags, &[reference]].concat();
        self.run(&args).status == Some(0)
    }
}

/// Both registries, each with its place.
fn registries() -> Option<(Docker, Peer)> {
    Some((Docker::start(Guard::Nothing)?, Peer::start()?))
}

#[test]
fn cosign_accepts_what_we_sign_and_nothing_that_was_changed() {
    let (Some(cosign), Some((docker, peer))) = (Cosign::new(), registries()) else {
        return;
    };
    let tree = &cosign.tree;
    for host in [&docker.host, &peer.host] {
        for form in ["classic", "bundle"] {
            let place = format!("oci://{host}/{form}");
            publish(tree, &place, &["-q"]).code(0);
            let reference = format!("{host}/{form}/tiny_ns:1.0");
            let at = format!("oci://{reference}");
            assert!(!cosign.accepts(&reference, "ours.pub", form));
            let signed = sign(tree, &at, &["--form", form]);
            assert!(cosign.accepts(&reference, "ours.pub", form), "{reference}");
            assert!(!cosign.accepts(&reference, "theirs.pub", form));
            verify(tree, &at, "ours.pub").code(0);
            // What was signed is not what the tag is moved to.
            let other = format!("oci://{host}/{form}/tiny_vnf:1.0");
            nfv(tree, &["copy", "--force", &other, &at]).code(0);
            assert!(!cosign.accepts(&reference, "ours.pub", form));
            verify(tree, &at, "ours.pub").code(7);
            // The signature of the one under the tag of the other.
            if form == "classic" {
                let there = nfv(tree, &["inspect", &at, "--message-format", "json"]);
                let there = json(&there.bytes)["digest"].clone();
                let repository = format!("oci://{host}/{form}/tiny_ns");
                let from = format!(
                    "{repository}@{}",
                    signed[0]["signature"].as_str().unwrap_or("")
                );
                let tag = tag_of(there.as_str().expect("a digest"));
                nfv(tree, &["copy", &from, &format!("{repository}:{tag}")]).code(0);
                assert!(!cosign.accepts(&reference, "ours.pub", form));
                verify(tree, &at, "ours.pub").code(7);
            }
        }
    }
}

#[test]
fn we_accept_what_cosign_signs() {
    let (Some(cosign), Some((docker, peer))) = (Cosign::new(), registries()) else {
        return;
    };
    let tree = &cosign.tree;
    let made = cosign.run(&["generate-key-pair"]);
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    for host in [&docker.host, &peer.host] {
        for form in ["classic", "bundle"] {
            let place = format!("oci://{host}/{form}");
            publish(tree, &place, &["-q"]).code(0);
            let at = format!("oci://{host}/{form}/tiny_ns:1.0");
            let shown = nfv(tree, &["inspect", &at, "--message-format", "json"]);
            let digest = json(&shown.bytes)["digest"].clone();
            let digest = digest.as_str().expect("a digest");
            let reference = format!("{host}/{form}/tiny_ns@{digest}");
            let new = format!("--new-bundle-format={}", form == "bundle");
            let signed = cosign.run(&[
                "sign",
                "--key",
                "cosign.key",
                "--tlog-upload=false",
                "--use-signing-config=false",
                "--allow-http-registry",
                "-y",
                &new,
                &reference,
            ]);
            assert_eq!(signed.status, Some(0), "{}", signed.stderr);
            let run = verify(tree, &at, "cosign.pub").code(0);
            assert!(run.stdout.contains(&format!("{form}: signed with key")));
            verify(tree, &at, "ours.pub").code(7);
            // Its key, encrypted as it is, and what it has signed stays.
            let mut command = crate::nfv_in(tree, &["sign", &at, "--sign-key", "cosign.key"]);
            sh(command.env("COSIGN_PASSWORD", PASSWORD));
            sign(tree, &at, &[]);
            for key in ["cosign.pub", "ours.pub"] {
                verify(tree, &at, key).code(0);
                for form in ["classic", "bundle"] {
                    assert!(cosign.accepts(&reference, key, form), "{key} {form}");
                }
            }
        }
    }
}

/// The classic form hangs at no tag where cosign makes a referrer of it, and in the layout that it
/// saves an image to.
#[test]
fn we_accept_classic_signatures_of_cosign_that_have_no_tag() {
    let (Some(cosign), Some((docker, peer))) = (Cosign::new(), registries()) else {
        return;
    };
    let tree = &cosign.tree;
    let made = cosign.run(&["generate-key-pair"]);
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    let flags = [
        "--new-bundle-format=false",
        "--tlog-upload=false",
        "--use-signing-config=false",
        "--allow-http-registry",
        "-y",
    ];
    let sign = |more: &[&str], reference: &str| {
        let args = [
            &["sign", "--key", "cosign.key"],
            &flags[..],
            more,
            &[reference],
        ]
        .concat();
        let mut command = Command::new(&cosign.program);
        clean(&mut command, &home(tree));
        command.env("COSIGN_PASSWORD", PASSWORD);
        command.env("COSIGN_EXPERIMENTAL", "1");
        run(command.args(args).current_dir(&tree.root)).code(0);
    };
    for host in [&docker.host, &peer.host] {
        publish(tree, &format!("oci://{host}/edge"), &["-q"]).code(0);
        let at = |name: &str| format!("oci://{host}/edge/{name}:1.0");
        let digest = |name: &str| {
            let shown = nfv(tree, &["inspect", &at(name), "--message-format", "json"]);
            let digest = json(&shown.bytes)["digest"].clone();
            digest.as_str().expect("a digest").to_owned()
        };
        let reference = format!("{host}/edge/tiny_ns@{}", digest("tiny_ns"));
        sign(&["--registry-referrers-mode=oci-1-1"], &reference);
        let run = verify(tree, &at("tiny_ns"), "cosign.pub").code(0);
        assert!(
            run.stdout.contains("classic: signed with key"),
            "{}",
            run.stdout
        );
        verify(tree, &at("tiny_ns"), "ours.pub").code(7);
        // What is saved says by words of cosign's own which is which.
        let digest = digest("tiny_vnf");
        let reference = format!("{host}/edge/tiny_vnf@{digest}");
        sign(&[], &reference);
        let saved = format!("saved-{}", host.replace(':', "-"));
        let save = ["save", "--allow-http-registry", "--dir", &saved, &reference];
        assert_eq!(cosign.run(&save).status, Some(0));
        let saved = format!("oci:{saved}:{digest}");
        verify(tree, &saved, "cosign.pub").code(0);
        verify(tree, &saved, "ours.pub").code(7);
    }
}

/// An authority, one below it and somebody whom that one has certified, by OpenSSL: `leaf.key`,
/// `chain.crt` without the root, `mid.crt`, `root.crt`.
pub fn certified(tree: &Tree) -> Option<()> {
    let openssl = tool("openssl")?;
    let does = |args: &str| {
        let mut command = Command::new(&openssl);
        sh(command
            .args(args.split_whitespace())
            .current_dir(&tree.root));
    };
    let authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n\
                     extendedKeyUsage=codeSigning\n";
    let signs = "keyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n\
                 subjectAltName=email:signs@example.org\n";
    for (name, by, extensions) in [
        ("root", "-signkey root.key", authority),
        (
            "mid",
            "-CA root.crt -CAkey root.key -CAcreateserial",
            authority,
        ),
        ("leaf", "-CA mid.crt -CAkey mid.key -CAcreateserial", signs),
    ] {
        tree.file("extensions", extensions);
        does(&format!(
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.key"
        ));
        does(&format!(
            "req -new -key {name}.key -subj /O=Example/CN={name} -out {name}.csr"
        ));
        does(&format!(
            "x509 -req -in {name}.csr {by} -days 30 -sha256 -extfile extensions -out {name}.crt"
        ));
    }
    let of = |name: &str| std::fs::read_to_string(tree.path(name)).expect("certificate");
    tree.file("chain.crt", of("leaf.crt") + &of("mid.crt"));
    tree.file("authorities.crt", of("mid.crt") + &of("root.crt"));
    Some(())
}

/// Who trusts the root alone needs the certificates between, which come along in both forms; a
/// bundle itself has no place for them. cosign takes them from what it trusts.
#[test]
fn the_root_is_enough_to_verify_what_a_chain_was_signed_with() {
    let (Some(cosign), Some((_, peer))) = (Cosign::new(), registries()) else {
        return;
    };
    let tree = &cosign.tree;
    let Some(()) = certified(tree) else {
        return;
    };
    tree.file("scan.json", r#"{"scanner":{}}"#);
    let made = cosign.run(&[
        "trusted-root",
        "create",
        "--fulcio=url=https://ca.example.org,certificate-chain=authorities.crt",
        "--out",
        "trusted.json",
    ]);
    assert_eq!(made.status, Some(0), "{}", made.stderr);
    let own = ["--sign-key", "leaf.key", "--sign-certificate", "chain.crt"];
    for form in ["classic", "bundle"] {
        let place = format!("oci://{}/{form}", peer.host);
        publish(tree, &place, &["-q"]).code(0);
        let at = format!("{place}/tiny_ns:1.0");
        let own = [&own[..], &["--form", form]].concat();
        nfv(tree, &[&["sign", &at][..], &own].concat()).code(0);
        let attest = ["attest", &at, "scan.json", "--type", "vuln"];
        nfv(tree, &[&attest[..], &own].concat()).code(0);
        let layout = format!("oci:{form}");
        nfv(tree, &["copy", "-r", &at, &layout]).code(0);
        for place in [&at, &layout] {
            let verify = ["verify", place, "--certificate-chain"];
            for more in [&[][..], &["--attestation", "vuln"]] {
                for trusted in ["root.crt", "mid.crt", "leaf.crt"] {
                    nfv(tree, &[&verify[..], &[trusted], more].concat()).code(0);
                }
                nfv(tree, &[&verify[..], &["ours.crt"], more].concat()).code(7);
            }
        }
    }
    let reference = format!("{}/bundle/tiny_ns:1.0", peer.host);
    let flags = [
        "--insecure-ignore-tlog=true",
        "--insecure-ignore-sct",
        "--allow-http-registry",
        "--certificate-identity=signs@example.org",
        "--certificate-oidc-issuer-regexp=.*",
        "--trusted-root=trusted.json",
    ];
    let run = cosign.run(&[&["verify"][..], &flags, &[&reference]].concat());
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let verify = ["verify-attestation", "--type", "vuln"];
    let run = cosign.run(&[&verify[..], &flags, &[&reference]].concat());
    assert_eq!(run.status, Some(0), "{}", run.stderr);
}

/// The text of the bundle that a signature or an attestation in a layout is.
fn bundle_in(tree: &Tree, digest: &str) -> Vec<u8> {
    let blob = |digest: &str| {
        let hex = digest.trim_start_matches("sha256:");
        std::fs::read(tree.path(&format!("target/nfv/oci/blobs/sha256/{hex}"))).expect("a blob")
    };
    let manifest = json(&blob(digest));
    blob(manifest["layers"][0]["digest"].as_str().expect("a digest"))
}

/// sigstore's client for JavaScript reads what we write, and holds it against the key.
#[test]
fn the_sigstore_client_accepts_our_bundles_and_nothing_that_was_changed() {
    let Some(node) = tool("sigstore-node") else {
        return;
    };
    let tree = tree_with_keys();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/sigstore/judge.js");
    let judge = |bundle: &[u8], key: &str| {
        tree.file("bundle.json", bundle);
        let mut command = Command::new(&node);
        let args = [script, "bundle.json", key];
        run(command.args(args).current_dir(&tree.root))
    };
    nfv(&tree, &["publish", "-q", "-A", "all"]).code(0);
    tree.file("scan.json", r#"{"scanner":{}}"#);
    let at = "tiny_ns:1.0";
    let generate = ["key", "generate", "--no-passphrase", "--out", "curve"];
    nfv(
        &tree,
        &[&generate[..], &["--algorithm", "ed25519"]].concat(),
    )
    .code(0);
    let form = ["--form", "bundle", "--message-format", "json"];
    for key in ["ours", "curve"] {
        let (private, public) = (format!("{key}.key"), format!("{key}.pub"));
        let sign = ["sign", at, "--sign-key", &private];
        let attest = ["attest", at, "scan.json", "--type", "vuln", "--sign-key"];
        let attest = [&attest[..], &[&private]].concat();
        for (command, field) in [(&sign[..], "signature"), (&attest[..], "digest")] {
            let made = nfv(&tree, &[command, &form].concat()).code(0);
            let digest = json(&made.bytes)[field].clone();
            let bundle = bundle_in(&tree, digest.as_str().expect("a digest"));
            let run = judge(&bundle, &public);
            assert_eq!(run.status, Some(0), "{key} {field}: {}", run.stderr);
            assert_ne!(judge(&bundle, "theirs.pub").status, Some(0));
            let mut changed = json(&bundle);
            let payload = changed["dsseEnvelope"]["payload"].as_str().expect("text");
            let payload = payload.replacen("ey", "ez", 1);
            changed["dsseEnvelope"]["payload"] = payload.into();
            let changed = changed.to_string().into_bytes();
            assert_ne!(judge(&changed, &public).status, Some(0));
        }
    }
    let certified = ["--sign-key", "ours.key", "--sign-certificate", "ours.crt"];
    let made = nfv(&tree, &[&["sign", at][..], &certified, &form].concat()).code(0);
    let digest = json(&made.bytes)["signature"].clone();
    let run = judge(&bundle_in(&tree, digest.as_str().unwrap_or("")), "ours.pub");
    assert_eq!(run.stdout.trim(), "certificate", "{}", run.stderr);
}
