//! Files that are attached to artifacts: found where others look, by the type
//! by which they look.

use std::process::Command;

use crate::common::{sh, tool};
use crate::copies::Peer;
use crate::docker::{Docker, Guard};
use crate::double::{Options, Registry};
use crate::{clean, home, json, lines, nfv, publish, tree};

#[test]
fn attached_twice_it_is_there_once() {
    let tree = tree();
    tree.file("sbom.json", r#"{"spdxVersion":"SPDX-2.3"}"#);
    for referrers in [true, false] {
        let registry = Registry::start(Options {
            referrers,
            ..Options::default()
        });
        let place = format!("oci://{}/edge", registry.host());
        publish(&tree, &place, &["-q"]).code(0);
        let at = format!("{place}/tiny_ns:1.0");
        let attach = ["attach", &at, "sbom.json", "--type", "sbom-spdx"];
        let more = ["--annotation", "by=me", "--message-format", "json"];
        let args = [&attach[..], &more].concat();
        let first = lines(&nfv(&tree, &args).code(0)).remove(0);
        registry.take_log();
        let second = lines(&nfv(&tree, &args).code(0)).remove(0);
        assert_eq!(registry.count("PUT", "/"), 0, "{referrers}");
        assert_eq!(first["digest"], second["digest"]);
        assert_eq!(
            (&first["fresh"], &second["fresh"]),
            (&false.into(), &true.into())
        );
        let digest = first["digest"].as_str().expect("a digest");
        let (_, bytes) = registry
            .manifest("edge/tiny_ns", digest)
            .expect("it is there");
        let manifest = json(&bytes);
        let kind = "application/spdx+json";
        assert_eq!(manifest["artifactType"], kind);
        assert_eq!(manifest["layers"][0]["mediaType"], kind);
        let title = &manifest["layers"][0]["annotations"]["org.opencontainers.image.title"];
        assert_eq!(title, "sbom.json");
        assert_eq!(manifest["annotations"]["by"], "me");
        let shown = nfv(&tree, &["inspect", &at, "--referrers"]).code(0);
        assert!(shown.stdout.contains(&format!("└── {kind}  {digest}")));
    }
}

/// A registry without an interface for referrers has a list that whoever may write can write:
/// what it says is held against the manifests, and put right by who attaches again.
#[test]
fn a_list_that_says_something_else_is_told_of_and_put_right() {
    #[cfg(feature = "sign")]
    let tree = crate::signatures::tree_with_keys();
    #[cfg(not(feature = "sign"))]
    let tree = tree();
    tree.file("sbom.json", r#"{"spdxVersion":"SPDX-2.3"}"#);
    tree.file("notes.md", "# Notes\n");
    let registry = Registry::start(Options {
        referrers: false,
        ..Options::default()
    });
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q"]).code(0);
    let at = format!("{place}/tiny_ns:1.0");
    let sbom = ["attach", &at, "sbom.json", "--type", "sbom-spdx"];
    nfv(&tree, &sbom).code(0);
    nfv(
        &tree,
        &["attach", &at, "notes.md", "--type", "text/markdown"],
    )
    .code(0);
    let tree_of = || nfv(&tree, &["inspect", &at, "--referrers"]);
    let whole = tree_of().code(0).stdout;
    assert!(!whole.contains("otherwise"), "{whole}");
    let digest = registry.digest("edge/tiny_ns", "1.0").expect("a package");
    let tag = digest.replace(':', "-");
    let index = "application/vnd.oci.image.index.v1+json";
    let (_, bytes) = registry.manifest("edge/tiny_ns", &tag).expect("a list");
    let mut list = json(&bytes);
    for entry in list["manifests"].as_array_mut().expect("entries") {
        entry["artifactType"] = "application/vnd.dev.sigstore.bundle.v0.3+json".into();
        entry["size"] = (entry["size"].as_u64().expect("a size") + 7).into();
        entry["annotations"] = serde_json::json!({ "org.opencontainers.image.created": "never" });
    }
    let changed = list.to_string();
    registry.put_manifest("edge/tiny_ns", &tag, index, changed.as_bytes());
    let shown = tree_of().code(0).stdout;
    // The lines of the tree are those of before.
    for line in whole.lines() {
        let of = |line: &str| line.trim_start_matches(['├', '└', '─', ' ']).to_owned();
        assert!(shown.lines().any(|other| of(other) == of(line)), "{shown}");
    }
    let told = "listed otherwise: artifact type `application/vnd.dev.sigstore.bundle.v0.3+json`";
    assert_eq!(shown.matches(told).count(), 2, "{shown}");
    assert_eq!(
        shown.matches("listed otherwise: size `").count(),
        2,
        "{shown}"
    );
    nfv(&tree, &sbom).code(0);
    let shown = tree_of().code(0).stdout;
    assert_eq!(shown.matches(told).count(), 1, "{shown}");
    // Something that is no list takes nothing with it, and is not written over.
    let image = "application/vnd.oci.image.manifest.v1+json";
    let (_, own) = registry.manifest("edge/tiny_ns", "1.0").expect("a package");
    registry.put_manifest("edge/tiny_ns", &tag, image, &own);
    let told = "is no image index";
    let shown = tree_of().code(5).stdout;
    assert!(shown.contains(told), "{shown}");
    nfv(&tree, &sbom).code(5).says(told).says("delete that tag");
    #[cfg(feature = "sign")]
    {
        crate::signatures::sign(&tree, &at, &["--form", "classic"]);
        // A bundle is found whatever the list calls it.
        let list = serde_json::json!({ "schemaVersion": 2, "mediaType": index, "manifests": [] });
        registry.put_manifest("edge/tiny_ns", &tag, index, list.to_string().as_bytes());
        crate::signatures::sign(&tree, &at, &["--form", "bundle"]);
        let (_, bytes) = registry.manifest("edge/tiny_ns", &tag).expect("a list");
        let mut list = json(&bytes);
        list["manifests"][0]["artifactType"] = "application/x".into();
        registry.put_manifest("edge/tiny_ns", &tag, index, list.to_string().as_bytes());
        let found = nfv(&tree, &["verify", &at, "--key", "ours.pub"]).code(0);
        assert!(
            found.stdout.contains("bundle: signed with"),
            "{}",
            found.stdout
        );
        registry.put_manifest("edge/tiny_ns", &tag, image, &own);
        let verify = ["verify", &at, "--key", "ours.pub"];
        nfv(&tree, &verify).code(0);
        nfv(&tree, &["verify", &at, "--key", "theirs.pub"])
            .code(7)
            .says(told);
    }
}

#[test]
fn in_a_layout_and_an_archive() {
    let tree = tree();
    tree.file("notes.md", "# Notes\n");
    nfv(&tree, &["publish", "-q", "-A", "all"]).code(0);
    for to in ["oci:site", "oci-archive:site.tar"] {
        nfv(&tree, &["copy", "tiny_ns:1.0", to]).code(0);
        nfv(
            &tree,
            &["attach", to, "notes.md", "--type", "text/markdown"],
        )
        .code(0);
        let shown = nfv(&tree, &["inspect", to, "--referrers"]).code(0);
        assert!(shown.stdout.contains("text/markdown"), "{}", shown.stdout);
    }
}

/// Documents of one type, and attestations in one form, differ in what is in them.
#[cfg(feature = "sign")]
#[test]
fn referrers_of_one_type_are_told_apart() {
    let tree = tree();
    tree.file(
        "a.json",
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[]}"#,
    );
    tree.file(
        "b.json",
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{}]}"#,
    );
    let vex = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","vulnerabilities":[{"id":"CVE-2021-44228"}]}"#;
    tree.file("v.json", vex);
    tree.file("scan.json", r#"{"scanner":{}}"#);
    let key = ["key", "generate", "--no-passphrase", "-q"];
    let certificate = ["--certificate", "--subject", "Example Vendor"];
    nfv(&tree, &[&key[..], &certificate].concat()).code(0);
    nfv(&tree, &["publish", "-q", "-A", "all"]).code(0);
    let at = "tiny_ns:1.0";
    for (file, kind) in [("a.json", "sbom"), ("b.json", "sbom"), ("v.json", "vex")] {
        nfv(&tree, &["attach", at, file, "--type", kind]).code(0);
    }
    let sign = ["--sign-key", "nfv.key"];
    let both = [&sign[..], &["--sign-certificate", "nfv.crt"]].concat();
    nfv(&tree, &[&["sign", at][..], &both].concat()).code(0);
    for (file, kind, by) in [
        ("a.json", "sbom-cyclonedx", &sign[..]),
        ("v.json", "vex", &sign),
        ("scan.json", "vuln", &both),
    ] {
        let attest = ["attest", at, file, "--type", kind];
        nfv(&tree, &[&attest[..], by].concat()).code(0);
    }
    let json = ["--message-format", "json"];
    let shown = nfv(&tree, &[&["key", "show", "nfv.pub"][..], &json].concat());
    let id = lines(&shown.code(0)).remove(0)["key_id"].clone();
    let id = id.as_str().expect("an id");
    let shown = nfv(&tree, &["inspect", at, "--referrers"]).code(0);
    let told: Vec<&str> = shown.stdout.lines().skip(1).collect();
    let cyclonedx = "https://cyclonedx.org/bom";
    let scan = "https://cosign.sigstore.dev/attestation/vuln/v1";
    for (times, words) in [
        (1, "  a.json (sbom-cyclonedx)".to_owned()),
        (1, "  b.json (sbom-cyclonedx)".to_owned()),
        (1, "  v.json (vex)".to_owned()),
        (2, "  signature naming `CN=Example Vendor`".to_owned()),
        (1, format!("  attestation sbom-cyclonedx ({cyclonedx})")),
        (1, format!("  attestation vex ({cyclonedx})")),
        (
            1,
            format!(
                "  attestation sbom-cyclonedx ({cyclonedx}) naming key {}",
                &id[..12]
            ),
        ),
        (
            1,
            format!("  attestation vex ({cyclonedx}) naming key {}", &id[..12]),
        ),
        (
            2,
            format!("  attestation vuln ({scan}) naming `CN=Example Vendor`"),
        ),
    ] {
        let lines = told.iter().filter(|line| line.ends_with(&words));
        assert_eq!(lines.count(), times, "{words}\n{}", shown.stdout);
    }
    let shown = nfv(
        &tree,
        &[&["inspect", at, "--referrers"][..], &json].concat(),
    );
    let shown = lines(&shown.code(0)).remove(0);
    let keys: Vec<&str> = shown["referrers"]
        .as_array()
        .expect("a list")
        .iter()
        .flat_map(|one| one["contents"].as_array().expect("a list"))
        .filter_map(|one| one["claimed_signer"]["key"].as_str())
        .collect();
    assert_eq!(keys, vec![format!("sha256:{id}"); 6]);
}

/// A signature that is broken is told of and hides nothing.
#[cfg(feature = "sign")]
#[test]
fn a_broken_signature_is_shown_as_such() {
    let tree = tree();
    tree.file("broken", "{");
    nfv(&tree, &["publish", "-q", "-A", "all"]).code(0);
    let at = "tiny_ns:1.0";
    let kind = "application/vnd.dev.sigstore.bundle.v0.3+json";
    nfv(&tree, &["attach", at, "broken", "--type", kind]).code(0);
    let shown = nfv(&tree, &["inspect", at, "--referrers"]).code(0);
    let words = "  broken (unreadable: the bundle is not valid JSON";
    assert!(shown.stdout.contains(words), "{}", shown.stdout);
}

#[test]
fn what_is_not_what_it_is_said_to_be_is_not_attached() {
    let tree = tree();
    tree.file("notes.md", "# Notes\n");
    nfv(&tree, &["publish", "-q", "-A", "all"]).code(0);
    let attach = |file: &str, kind: &str| {
        nfv(&tree, &["attach", "tiny_ns:1.0", file, "--type", kind]).code(2)
    };
    attach("notes.md", "sbom-spdx").says("`spdxVersion`");
    tree.file("bill.spdx", "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\n");
    attach("bill.spdx", "sbom").says("attach it with `--type text/spdx`");
    attach("notes.md", "bill").says("`sbom-cyclonedx`");
    attach("none.md", "text/markdown").says("failed to read `none.md`");
    let none = [
        "attach",
        "tiny_ns:2.0",
        "notes.md",
        "--type",
        "text/markdown",
    ];
    nfv(&tree, &none).code(3);
}

#[test]
fn oras_lists_and_pulls_what_we_attach() {
    let (Some(oras), Some(docker), Some(peer)) =
        (tool("oras"), Docker::start(Guard::Nothing), Peer::start())
    else {
        return;
    };
    let tree = tree();
    tree.file("report.sarif", r#"{"version":"2.1.0","runs":[]}"#);
    for host in [&docker.host, &peer.host] {
        publish(&tree, &format!("oci://{host}/edge"), &["-q"]).code(0);
        let reference = format!("{host}/edge/tiny_ns:1.0");
        let at = format!("oci://{reference}");
        let attach = ["attach", &at, "report.sarif", "--type", "sarif"];
        let format = ["--message-format", "json"];
        let attached = nfv(&tree, &[&attach[..], &format].concat()).code(0);
        let digest = json(&attached.bytes)["digest"].clone();
        let digest = digest.as_str().expect("a digest");
        let ask = |args: &[&str]| {
            let mut command = Command::new(&oras);
            clean(&mut command, &home(&tree));
            command.args(args).arg("--plain-http");
            sh(command.current_dir(&tree.root))
        };
        let found = ask(&["discover", &reference, "--format", "json"]);
        assert_eq!(json(found.as_bytes())["referrers"][0]["digest"], digest);
        let there = format!("{host}/edge/tiny_ns@{digest}");
        ask(&["pull", &there, "-o", "in"]);
        let came = std::fs::read(tree.path("in/report.sarif")).expect("it came");
        assert_eq!(
            came,
            std::fs::read(tree.path("report.sarif")).expect("it is there")
        );
    }
}
