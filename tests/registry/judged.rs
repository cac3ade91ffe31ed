//! The double itself, judged by the clients that people use. Where it is wrong,
//! so may be the tests that trust it.

use std::fs;
use std::process::Command;

use crate::common::{names, sh, tool};
use crate::double::{Auth, Options, PASSWORD, Registry, USER};
use crate::{clean, home, json, nfv, tree};

#[test]
fn skopeo_copies_there_and_back() {
    let Some(skopeo) = tool("skopeo") else { return };
    let tree = tree();
    nfv(&tree, &["publish", "-A", "all"]).code(0);
    for auth in [Auth::None, Auth::Basic, Auth::Bearer { uses: usize::MAX }] {
        let has_auth = auth != Auth::None;
        let registry = Registry::start(Options {
            auth,
            ..Options::default()
        });
        let there = format!("docker://{}/edge/tiny_vnf:1.0", registry.host());
        let back = tree.beside(if has_auth { "back" } else { "back-without" });
        let copy = |way: &str, from: &str, to: &str| {
            let mut command = Command::new(&skopeo);
            clean(&mut command, &home(&tree));
            command.args(["--insecure-policy", "copy", "--quiet", "--preserve-digests"]);
            command.arg(format!("--{way}-tls-verify=false"));
            if has_auth {
                command.arg(format!("--{way}-creds={USER}:{PASSWORD}"));
            }
            sh(command.args([from, to]));
        };
        let from = format!("oci:{}:tiny_vnf:1.0", tree.path("target/nfv/oci").display());
        copy("dest", &from, &there);
        copy("src", &there, &format!("oci:{}:x", back.display()));
        let own = names(&tree.path("target/nfv/oci/blobs/sha256"));
        let came = names(&back.join("blobs/sha256"));
        assert!(came.iter().all(|name| own.contains(name)), "{came:?}");
        fs::remove_dir_all(&back).expect("the copy");
    }
}

#[test]
fn oras_attaches_and_discovers() {
    let Some(oras) = tool("oras") else { return };
    let tree = tree();
    for (referrers, page) in [(true, None), (true, Some(1)), (false, None)] {
        let registry = Registry::start(Options {
            referrers,
            page,
            ..Options::default()
        });
        let place = format!("{}/edge/tiny_vnf:1.0", registry.host());
        let ask = |args: &[&str]| {
            let mut command = Command::new(&oras);
            clean(&mut command, &home(&tree));
            sh(command
                .args(args)
                .arg("--plain-http")
                .current_dir(&tree.root))
        };
        ask(&["push", &place, "tiny_vnf/tiny_vnfd.yaml"]);
        for kind in ["example/sbom", "example/signature"] {
            ask(&[
                "attach",
                &place,
                "tiny_ns/tiny_nsd.yaml",
                "--artifact-type",
                kind,
            ]);
        }
        let found = json(ask(&["discover", &place, "--format", "json"]).as_bytes());
        assert_eq!(
            found["referrers"].as_array().map(Vec::len),
            Some(2),
            "{found}"
        );
        ask(&["tag", &place, "1.1", "1.2", "1.3"]);
        let tags = ask(&[
            "repo",
            "tags",
            "--exclude-digest-tags",
            place.trim_end_matches(":1.0"),
        ]);
        assert_eq!(tags, "1.0\n1.1\n1.2\n1.3\n");
    }
}
