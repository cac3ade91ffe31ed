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
