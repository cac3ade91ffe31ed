//! A site that got an artifact on a disk: one byte of anything that belongs to it
//! is changed, and nothing comes out of it.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::attestations::attest;
use crate::common::Tree;
use crate::signatures::{sign, tree_with_keys};
use crate::{json as parsed, nfv};

const AT: &str = "oci:site:tiny_vnf:1.0";

/// A layout with a function that is signed and attested, in one form.
fn site(form: &str) -> Tree {
    let tree = tree_with_keys();
    publish_here(&tree);
    let report = json!({ "scanner": { "uri": "x" }, "metadata": {} });
    tree.file("report.json", report.to_string());
    nfv(&tree, &["copy", "tiny_vnf:1.0", AT]).code(0);
    sign(&tree, AT, &["--form", form]);
    attest(&tree, AT, "report.json", "vuln", &["--form", form]);
    let rule = "[[rules]]\nsigned-by = ['vendor']\nattestations = [{ type = 'vuln' }]\n";
    let signer = "[signers.vendor]\nkeys = ['ours.pub']\n";
    tree.file("policy.toml", format!("{signer}{rule}"));
    tree
}

fn publish_here(tree: &Tree) {
    nfv(tree, &["publish", "-A", "all", "-q"]).code(0);
}

impl Site<'_> {
    fn document(&self, digest: &str) -> Value {
        parsed(&fs::read(self.blob(digest)).expect("a blob"))
    }

    fn blob(&self, digest: &str) -> PathBuf {
        let hex = digest.trim_start_matches("sha256:");
        self.0.path(&format!("site/blobs/sha256/{hex}"))
    }

    /// The digest under a name of the index, or of what is found in it.
    fn find(&self, wanted: &dyn Fn(&Value) -> bool) -> String {
        let index = parsed(&fs::read(self.0.path("site/index.json")).expect("an index"));
        let mut all = index["manifests"].as_array().expect("entries").iter();
        let found = all.find(|one| wanted(one)).expect("an entry");
        found["digest"].as_str().expect("a digest").to_owned()
    }

    fn named(&self, end: &str) -> String {
        let name = |one: &Value| {
            let name = &one["annotations"]["org.opencontainers.image.ref.name"];
            name.as_str().is_some_and(|name| name.ends_with(end))
        };
        self.find(&name)
    }

    fn bundle(&self, predicate: &str) -> String {
        let is_it = |one: &Value| {
            let manifest = self.document(one["digest"].as_str().expect("a digest"));
            let found = &manifest["annotations"]["dev.sigstore.bundle.predicateType"];
            found
                .as_str()
                .is_some_and(|found| found.contains(predicate))
        };
        self.find(&is_it)
    }

    fn layer(&self, manifest: &str) -> String {
        let digest = &self.document(manifest)["layers"][0]["digest"];
        digest.as_str().expect("a digest").to_owned()
    }
}

struct Site<'a>(&'a Tree);

#[test]
fn one_byte_of_a_blob_is_noticed_and_named() {
    for form in ["classic", "bundle"] {
        let tree = site(form);
        let site = Site(&tree);
        let pull = || nfv(&tree, &["pull", AT, "-d", "in", "--policy", "policy.toml"]);
        pull().code(0);
        fs::remove_dir_all(tree.path("in")).expect("removed");
        let manifest = site.named("tiny_vnf:1.0");
        let config = site.document(&manifest)["config"]["digest"].clone();
        let (signature, attestation) = match form {
            "classic" => (site.named(".sig"), site.named(".att")),
            _ => (site.bundle("cosign/sign"), site.bundle("attestation/vuln")),
        };
        // What is changed, with the exit code, and what names it.
        let layer = site.layer(&manifest);
        let config = config.as_str().expect("a digest").to_owned();
        let wanted = "wanted is a signature by `vendor`";
        let vuln = "wanted is an attestation `vuln` by `vendor`";
        for (what, blob, code, named) in [
            ("manifest", manifest.clone(), 5, manifest.as_str()),
            ("config document", config.clone(), 5, config.as_str()),
            ("layer", layer.clone(), 5, layer.as_str()),
            ("signature", site.layer(&signature), 7, wanted),
            ("attestation", site.layer(&attestation), 7, vuln),
        ] {
            let path = site.blob(&blob);
            let whole = fs::read(&path).expect("a blob");
            for at in [0, whole.len() / 2, whole.len() - 1] {
                let mut bytes = whole.clone();
                bytes[at] ^= 1;
                fs::write(&path, &bytes).expect("a blob");
                let run = pull().code(code);
                assert!(run.stderr.contains(named), "{form} {what}: {}", run.stderr);
                let left = fs::read_dir(tree.path("in")).map(Iterator::count);
                assert_eq!(left.unwrap_or(0), 0, "{form} {what}");
            }
            fs::write(&path, whole).expect("a blob");
        }
        pull().code(0);
    }
}

/// Whoever changes the certificate beside a signature can make all digests fit again. Who trusts
/// the key has no need of it, and is told all the same: nobody signs with such a one.
#[test]
fn a_changed_certificate_is_noticed_also_by_who_trusts_the_key() {
    for form in ["classic", "bundle"] {
        let tree = tree_with_keys();
        publish_here(&tree);
        let mut signers = vec![("ours.key", "ours.crt", "ours.pub")];
        if crate::signatures_cosign::certified(&tree).is_some() {
            let read = |name| fs::read_to_string(tree.path(name)).expect("certificates");
            tree.file("whole.crt", ["chain.crt", "root.crt"].map(read).concat());
            signers.push(("leaf.key", "whole.crt", "leaf.crt.pub"));
            let leaf = certificates(&read("leaf.crt")).remove(0);
            let leaf = nfv::trust::Certificate::from_der(&leaf).expect("a certificate");
            let key = leaf.public_key().expect("a key");
            tree.file("leaf.crt.pub", key.to_pem());
        }
        for (key, certificate, public) in signers {
            let _ = fs::remove_dir_all(tree.path("site"));
            nfv(&tree, &["copy", "tiny_vnf:1.0", AT]).code(0);
            let sign = ["sign", AT, "--sign-key", key, "--sign-certificate"];
            nfv(&tree, &[&sign[..], &[certificate, "--form", form]].concat()).code(0);
            let verify = || nfv(&tree, &["verify", AT, "--key", public]);
            verify().code(0);
            let index = fs::read(tree.path("site/index.json")).expect("an index");
            let whole = fs::read_to_string(tree.path(certificate)).expect("certificates");
            let whole = certificates(&whole);
            // Of the root nobody else could tell what its name was.
            let changeable = if whole.len() > 1 { 2 } else { 1 };
            for i in 0..changeable {
                for at in (0..whole[i].len()).step_by(11) {
                    let mut changed = whole.clone();
                    changed[i][at] ^= 1;
                    put_certificates(&tree, form, &changed);
                    let run = verify();
                    let place = format!(
                        "{form}, {certificate}, {i}, {at}: {}{}",
                        run.stdout, run.stderr
                    );
                    assert_eq!(run.status, Some(7), "{place}");
                    let told = run.stderr.lines().find(|line| line.contains("found: "));
                    let told = told.unwrap_or_else(|| panic!("{place}"));
                    assert!(told.contains("certificate"), "{place}");
                    fs::write(tree.path("site/index.json"), &index).expect("an index");
                }
            }
            // One that is whole, and of somebody else.
            let theirs = fs::read_to_string(tree.path("theirs.crt")).expect("a certificate");
            let theirs = certificates(&theirs).remove(0);
            for (others, why) in [
                (vec![theirs.clone()], "is for another key"),
                (
                    [&whole[..], &[theirs]].concat(),
                    "has to do with the signer",
                ),
            ] {
                put_certificates(&tree, form, &others);
                verify().code(7).says(why);
                fs::write(tree.path("site/index.json"), &index).expect("an index");
            }
            verify().code(0);
        }
    }
}

/// The certificates in PEM, in DER.
fn certificates(pem: &str) -> Vec<Vec<u8>> {
    let blocks = pem.split("-----BEGIN CERTIFICATE-----").skip(1);
    let read = |block: &str| {
        let text = block.split("-----").next().expect("base64");
        nfv::digest::base64(&text.split_whitespace().collect::<String>()).expect("base64")
    };
    blocks.map(read).collect()
}

/// Puts other certificates beside the only signature in the layout, with all digests of them.
fn put_certificates(tree: &Tree, form: &str, certificates: &[Vec<u8>]) {
    let pem = |der: &Vec<u8>| {
        let text = nfv::digest::to_base64(der);
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    };
    let site = Site(tree);
    let digest = match form {
        "classic" => site.named(".sig"),
        _ => site.bundle("cosign/sign"),
    };
    let put = |content: Value| {
        let bytes = content.to_string().into_bytes();
        let digest = format!("sha256:{}", crate::common::sha256(&bytes));
        fs::write(site.blob(&digest), &bytes).expect("a blob");
        (digest, bytes.len())
    };
    let mut manifest = site.document(&digest);
    let layer = &mut manifest["layers"][0];
    if form == "bundle" {
        let mut bundle = site.document(layer["digest"].as_str().expect("a digest"));
        let own = nfv::digest::to_base64(&certificates[0]);
        bundle["verificationMaterial"]["certificate"]["rawBytes"] = own.into();
        let (digest, size) = put(bundle);
        layer["digest"] = digest.into();
        layer["size"] = size.into();
    } else {
        layer["annotations"]["dev.sigstore.cosign/certificate"] = pem(&certificates[0]).into();
    }
    let issuers: String = certificates[1..].iter().map(pem).collect();
    layer["annotations"]["dev.sigstore.cosign/chain"] = issuers.into();
    let (new, size) = put(manifest);
    let mut index = parsed(&fs::read(tree.path("site/index.json")).expect("an index"));
    for entry in index["manifests"].as_array_mut().expect("entries") {
        if entry["digest"] == digest.as_str() {
            entry["digest"] = new.as_str().into();
            entry["size"] = size.into();
        }
    }
    fs::write(tree.path("site/index.json"), index.to_string()).expect("an index");
}

/// A blob is told by what it is, and what else lies in the layout is nobody's concern.
#[test]
fn the_tree_of_referrers_shows_what_is_damaged_beside_the_rest() {
    let manifest_of = |at: &Site<'_>, form: &str| match form {
        "bundle" => at.bundle("cosign/sign"),
        _ => at.named(".sig"),
    };
    for form in ["bundle", "classic"] {
        let tree = site(form);
        let at = Site(&tree);
        let attestation = match form {
            "bundle" => at.bundle("attestation/vuln"),
            _ => at.named(".att"),
        };
        let whole = nfv(&tree, &["inspect", AT, "--referrers"]).code(0).stdout;
        assert!(!whole.contains("damaged"), "{whole}");
        let broken = manifest_of(&at, form);
        let path = at.blob(&broken);
        let bytes = fs::read(&path).expect("a manifest");
        let mut changed = bytes.clone();
        changed[20] ^= 1;
        // Changed, and gone.
        for content in [Some(&changed), None] {
            match content {
                Some(content) => fs::write(&path, content).expect("a manifest"),
                None => fs::remove_file(&path).expect("a manifest"),
            }
            let shown = nfv(&tree, &["inspect", AT, "--referrers"]).code(5).stdout;
            let line = shown.lines().find(|line| line.contains("damaged: "));
            let line = line.unwrap_or_else(|| panic!("{shown}"));
            assert!(line.contains(&broken), "{line}");
            // What is sound is shown all the same, with what is in it.
            let sound = shown.lines().find(|line| line.contains(&attestation));
            let sound = sound.unwrap_or_else(|| panic!("{shown}"));
            assert!(sound.contains("vuln"), "{sound}");
            let words = ["inspect", AT, "--referrers", "--message-format", "json"];
            let shown = parsed(nfv(&tree, &words).code(5).stdout.as_bytes());
            let all = shown["referrers"].as_array().expect("referrers");
            assert_eq!(all.len(), 2, "{shown}");
            let one = all.iter().find(|one| one["digest"] == broken);
            let one = one.unwrap_or_else(|| panic!("{shown}"));
            assert_eq!(one["damaged"], true, "{one}");
            assert!(one["fault"].is_string(), "{one}");
        }
    }
}

#[test]
fn a_damaged_artifact_holds_up_no_other() {
    let tree = site("classic");
    nfv(&tree, &["copy", "tiny_ns:1.0", "oci:site:tiny_ns:1.0"]).code(0);
    let site = Site(&tree);
    let other = site.named("tiny_ns:1.0");
    let damage = |digest: &str| {
        let path = site.blob(digest);
        let whole = fs::read(&path).expect("a blob");
        fs::write(&path, b"{}").expect("a blob");
        (path, whole)
    };
    let pull = ["pull", AT, "-d", "in"];
    let policy = ["--policy", "policy.toml"];
    for is_gone in [false, true] {
        let (path, whole) = damage(&other);
        if is_gone {
            fs::remove_file(&path).expect("removed");
        }
        nfv(&tree, &[&pull[..], &policy].concat()).code(0);
        nfv(&tree, &["verify", AT, "--key", "ours.pub"]).code(0);
        nfv(&tree, &["inspect", AT, "--referrers"]).code(0);
        nfv(&tree, &["copy", "-r", AT, "oci:copied"]).code(0);
        let listed = nfv(&tree, &["list", "oci:site"]).code(0);
        assert!(listed.stdout.contains("tiny_vnf:1.0"), "{}", listed.stdout);
        assert!(listed.stderr.contains("the manifest of `tiny_ns:1.0`"));
        // Itself it is named, and not to be had.
        let code = if is_gone { 3 } else { 5 };
        for command in [&["pull"][..], &["inspect"], &["list"]] {
            let args = [command, &["oci:site:tiny_ns:1.0"]].concat();
            let run = nfv(&tree, &args).code(code);
            let words = "the manifest of `tiny_ns:1.0` can't be used";
            assert!(run.stderr.contains(words), "{command:?}: {}", run.stderr);
        }
        fs::write(path, whole).expect("a blob");
        for folder in ["in", "copied"] {
            fs::remove_dir_all(tree.path(folder)).expect("removed");
        }
    }
    // What has no name may be about this one, and a copy must not lack it without a word.
    let sbom = "{\"spdxVersion\": \"SPDX-2.3\"}";
    fs::write(tree.path("bom.spdx.json"), sbom).expect("written");
    let attached = nfv(
        &tree,
        &["attach", "--type", "sbom", "-q", AT, "bom.spdx.json"],
    );
    let digest = attached.code(0).stdout.trim().to_owned();
    let digest = &digest[digest.find("sha256:").expect("a digest")..];
    let digest = digest.split_whitespace().next().expect("a digest");
    for (is_gone, code) in [(false, 5), (true, 3)] {
        let (path, whole) = damage(digest);
        if is_gone {
            fs::remove_file(&path).expect("removed");
        }
        let run = nfv(&tree, &["copy", "-r", AT, "oci:copied"]).code(code);
        let words = "it can't be told what refers to";
        assert!(run.stderr.contains(words), "{}", run.stderr);
        assert!(run.stderr.contains(digest), "{}", run.stderr);
        assert!(!tree.path("copied").exists());
        nfv(&tree, &["copy", AT, "oci:copied"]).code(0);
        fs::remove_dir_all(tree.path("copied")).expect("removed");
        fs::write(path, whole).expect("a blob");
    }
    // Who asks for no signature needs none.
    let (path, whole) = damage(&site.named(".sig"));
    nfv(&tree, &pull).code(0);
    let run = nfv(&tree, &[&pull[..], &policy].concat()).code(7);
    assert!(run.stderr.contains(".sig` can't be used"), "{}", run.stderr);
    fs::write(path, whole).expect("a blob");
    fs::remove_dir_all(tree.path("in")).expect("removed");
    let manifest = site.named("tiny_vnf:1.0");
    let config = site.document(&manifest)["config"]["digest"].clone();
    for (digest, part) in [
        (
            config.as_str().expect("a digest").to_owned(),
            "the config document of",
        ),
        (site.layer(&manifest), "the layer `tiny_vnf-1.0.tar.gz` of"),
    ] {
        let (path, whole) = damage(&digest);
        for command in [&pull[..], &["copy", AT, "oci-archive:copied.tar"]] {
            let run = nfv(&tree, command).code(5);
            assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
        }
        fs::write(path, whole).expect("a blob");
    }
}

/// A tag alone would say nothing of which of many artifacts it is.
#[test]
fn a_damaged_document_at_a_registry_is_named_in_full() {
    let tree = tree_with_keys();
    let registry = crate::double::Registry::plain();
    let place = format!("{}/edge/tiny_ns", registry.host());
    crate::publish(&tree, &format!("oci://{}/edge", registry.host()), &["-q"]).code(0);
    let at = format!("oci://{place}:1.0");
    sign(&tree, &at, &[]);
    let rule = "[[rules]]\nsigned-by = ['vendor']\n";
    let signer = "[signers.vendor]\nkeys = ['ours.pub']\n";
    tree.file("policy.toml", format!("{signer}{rule}"));
    let manifest = registry.manifest("edge/tiny_ns", "1.0").expect("published");
    let config = parsed(&manifest.1)["config"]["digest"].clone();
    let config = config.as_str().expect("a digest");
    let path = registry.blob("edge/tiny_ns", config).expect("a blob");
    fs::write(path, b"{}").expect("a blob");
    for args in [
        &["inspect", &at][..],
        &["pull", &at, "-d", "in"],
        &["pull", &at, "-d", "in", "--policy", "policy.toml"],
        &["verify", &at, "--key", "ours.pub"],
        &["verify", &at, "--policy", "policy.toml"],
    ] {
        let run = nfv(&tree, args).code(5);
        let words = format!("the config document of `{place}:1.0`");
        assert!(run.stderr.contains(&words), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(config), "{args:?}: {}", run.stderr);
    }
}

/// What the index says of a manifest has to be so, and a name has to stand for one.
#[test]
fn an_index_that_says_something_else_is_told_of() {
    let tree = site("bundle");
    let path = tree.path("site/index.json");
    let index = parsed(&fs::read(&path).expect("an index"));
    let entries = index["manifests"].as_array().expect("entries");
    let is_it =
        |one: &Value| one["annotations"]["org.opencontainers.image.ref.name"] == "tiny_vnf:1.0";
    let at = entries.iter().position(is_it).expect("an entry");
    let other = "application/vnd.example";
    for (field, value, words) in [
        ("size", json!(7), "it has 7 bytes"),
        ("mediaType", json!(other), "it is of the media type"),
        (
            "artifactType",
            json!(other),
            "it is an artifact of the type",
        ),
    ] {
        let mut index = index.clone();
        index["manifests"][at][field] = value;
        fs::write(&path, index.to_string()).expect("written");
        for command in [
            &["pull", AT, "-d", "in"][..],
            &["verify", AT, "--key", "ours.pub"],
            &["copy", AT, "oci:copied"],
        ] {
            let run = nfv(&tree, command).code(5);
            assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
        }
    }
    let mut twice = index.clone();
    let mut second = entries[at].clone();
    let is_other = |one: &&Value| one["digest"] != entries[at]["digest"];
    let another = entries.iter().find(is_other).expect("a bundle");
    second["digest"] = another["digest"].clone();
    let entries = twice["manifests"].as_array_mut().expect("entries");
    entries.push(second);
    fs::write(&path, twice.to_string()).expect("written");
    let run = nfv(&tree, &["pull", AT, "-d", "in"]).code(2);
    let words = "has `tiny_vnf:1.0` more than once";
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert!(!tree.path("in").exists() && !tree.path("copied").exists());
    let digest = index["manifests"][at]["digest"].as_str().expect("a digest");
    nfv(&tree, &["pull", &format!("oci:site:{digest}"), "-d", "in"]).code(0);
}

/// The index is signed by nobody: what it names has to be.
#[test]
fn another_artifact_under_the_name_of_a_signed_one_is_refused() {
    let tree = site("bundle");
    nfv(&tree, &["copy", "tiny_ns:1.0", "oci:site:tiny_ns:1.0"]).code(0);
    let site = Site(&tree);
    let (ours, theirs) = (site.named("tiny_vnf:1.0"), site.named("tiny_ns:1.0"));
    let path = tree.path("site/index.json");
    let text = fs::read_to_string(&path).expect("an index");
    let swapped = text
        .replace(&ours, "?")
        .replace(&theirs, &ours)
        .replace('?', &theirs);
    fs::write(&path, swapped).expect("an index");
    let pull = |more: &[&str]| {
        let pull = ["pull", AT, "-d", "in", "--policy", "policy.toml"];
        nfv(&tree, &[&pull[..], more].concat())
    };
    let run = pull(&[]);
    assert_ne!(run.status, Some(0));
    assert!(!tree.path("in/tiny_ns-1.0.tar.gz").exists());
    // A digest that is not there.
    let broken = text.replace(&ours, &ours.replace(['0', '1', '2'], "f"));
    fs::write(&path, broken).expect("an index");
    let run = pull(&[]);
    assert_ne!(run.status, Some(0), "{}", run.stderr);
    // No index at all.
    fs::write(&path, text.replacen('{', "[", 1)).expect("an index");
    let run = pull(&[]).code(2);
    assert!(run.stderr.contains("index.json"), "{}", run.stderr);
}

/// Everything that was published here, read back by the verification of whole
/// packages.
#[test]
fn verify_names_the_blob_of_this_tree_that_was_changed() {
    let tree = tree_with_keys();
    publish_here(&tree);
    let digest = parsed(
        &nfv(
            &tree,
            &["inspect", "tiny_vnf:1.0", "--message-format", "json"],
        )
        .bytes,
    );
    let digest = digest["digest"].as_str().expect("a digest").to_owned();
    let blob = |digest: &str| {
        let hex = digest.trim_start_matches("sha256:");
        tree.path(&format!("target/nfv/oci/blobs/sha256/{hex}"))
    };
    let manifest = parsed(&fs::read(blob(&digest)).expect("a blob"));
    for part in [&manifest["config"], &manifest["layers"][0]] {
        let part = part["digest"].as_str().expect("a digest");
        let whole = fs::read(blob(part)).expect("a blob");
        let mut bytes = whole.clone();
        bytes[whole.len() / 2] ^= 1;
        // The package has another name in the same folder; that one stays.
        fs::remove_file(blob(part)).expect("removed");
        fs::write(blob(part), bytes).expect("a blob");
        let run = nfv(&tree, &["verify", "-A", "all", "tiny_vnf:1.0"]).code(5);
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
        fs::write(blob(part), whole).expect("a blob");
        nfv(&tree, &["verify", "-A", "all", "tiny_vnf:1.0"]).code(0);
    }
}

/// The places of a manifest that somebody has written wrongly, with what is there.
fn faults() -> Vec<(&'static str, Value)> {
    vec![
        ("/layers/0/digest", json!("sha256:zz")),
        ("/layers/0/digest", json!("../../../etc/passwd")),
        ("/layers/0/digest", json!(format!("md5:{}", "a".repeat(32)))),
        ("/layers/0/digest", Value::Null),
        ("/layers/0/size", json!(-1)),
        ("/layers/0/size", json!("5")),
        ("/layers", json!({})),
        ("/config", Value::Null),
        ("/annotations/a", json!(5)),
    ]
}

/// Whoever may write to a repository can put such things beside a signature.
#[test]
fn a_manifest_that_nobody_can_read_holds_up_no_signature() {
    for form in ["bundle", "classic"] {
        let tree = site("both");
        let at = Site(&tree);
        let sound = match form {
            "bundle" => at.bundle("cosign/sign"),
            _ => at.named(".sig"),
        };
        let index = parsed(&fs::read(tree.path("site/index.json")).expect("an index"));
        for (pointer, value) in faults() {
            let mut manifest = at.document(&sound);
            manifest["annotations"]["a"] = "b".into();
            *manifest.pointer_mut(pointer).expect(pointer) = value.clone();
            let bytes = manifest.to_string().into_bytes();
            let digest = format!("sha256:{}", crate::common::sha256(&bytes));
            fs::write(at.blob(&digest), &bytes).expect("a manifest");
            let mut index = index.clone();
            let entries = index["manifests"].as_array_mut().expect("entries");
            let own = entries
                .iter()
                .position(|one| one["digest"] == sound.as_str());
            let own = own.expect("an entry");
            let mut entry = entries[own].clone();
            entry["digest"] = digest.as_str().into();
            entry["size"] = bytes.len().into();
            if form == "classic" {
                // Its name is taken, and the bundle is left.
                entries.remove(own);
            }
            entries.push(entry);
            fs::write(tree.path("site/index.json"), index.to_string()).expect("an index");
            let place = format!("{form}: {pointer}: {value}");
            let run = nfv(&tree, &["verify", AT, "--key", "ours.pub"]);
            assert_eq!(run.status, Some(0), "{place}: {}", run.stderr);
            let pull = ["pull", AT, "-d", "in", "--policy", "policy.toml"];
            let run = nfv(&tree, &pull);
            assert_eq!(run.status, Some(0), "{place}: {}", run.stderr);
            fs::remove_dir_all(tree.path("in")).expect("removed");
            let run = nfv(&tree, &["inspect", AT, "--referrers"]);
            assert_eq!(run.status, Some(0), "{place}: {}", run.stderr);
            assert!(run.stdout.contains(&digest), "{place}: {}", run.stdout);
            // To who is not trusted it is told with the rest.
            let run = nfv(&tree, &["verify", AT, "--key", "theirs.pub"]).code(7);
            let told = run.stderr.matches("found: ").count() + run.stderr.matches("; ").count();
            let is_named = run.stderr.contains("no manifest")
                || run.stderr.contains("no image")
                || run.stderr.contains("no digest")
                || run.stderr.contains("is not a digest")
                || pointer == "/annotations/a";
            assert!(told > 0 && is_named, "{place}: {}", run.stderr);
        }
    }
}

/// An OCI digest may be of SHA-512 as well (image-spec, "Registered Algorithms").
#[test]
fn a_signature_may_have_a_digest_of_sha_512() {
    for form in ["bundle", "classic"] {
        let tree = site(form);
        let at = Site(&tree);
        let digest = match form {
            "bundle" => at.bundle("cosign/sign"),
            _ => at.named(".sig"),
        };
        let mut manifest = at.document(&digest);
        let layer = fs::read(at.blob(&at.layer(&digest))).expect("a layer");
        let hex = nfv::digest::hex(&<sha2::Sha512 as sha2::Digest>::digest(&layer));
        manifest["layers"][0]["digest"] = format!("sha512:{hex}").into();
        let bytes = manifest.to_string().into_bytes();
        let new = format!("sha256:{}", crate::common::sha256(&bytes));
        fs::write(at.blob(&new), &bytes).expect("a manifest");
        let index = fs::read_to_string(tree.path("site/index.json")).expect("an index");
        let mut index = parsed(index.replace(&digest, &new).as_bytes());
        for entry in index["manifests"].as_array_mut().expect("entries") {
            if entry["digest"] == new.as_str() {
                entry["size"] = bytes.len().into();
            }
        }
        fs::write(tree.path("site/index.json"), index.to_string()).expect("an index");
        fs::create_dir_all(tree.path("site/blobs/sha512")).expect("a folder");
        let blob = tree.path(&format!("site/blobs/sha512/{hex}"));
        fs::write(&blob, &layer).expect("a layer");
        nfv(&tree, &["verify", AT, "--key", "ours.pub"]).code(0);
        nfv(&tree, &["inspect", AT, "--referrers"]).code(0);
        let mut changed = layer.clone();
        changed[7] ^= 1;
        fs::write(&blob, &changed).expect("a layer");
        nfv(&tree, &["verify", AT, "--key", "ours.pub"])
            .code(7)
            .says(&format!("the blob `sha512:{hex}` is damaged"));
    }
}

/// A text that is no JSON under the digest that the index has.
#[test]
fn what_is_no_manifest_is_named() {
    for form in ["bundle", "classic"] {
        let tree = tree_with_keys();
        publish_here(&tree);
        nfv(&tree, &["copy", "tiny_vnf:1.0", AT]).code(0);
        sign(&tree, AT, &["--form", form]);
        let at = Site(&tree);
        let digest = match form {
            "bundle" => at.bundle("cosign/sign"),
            _ => at.named(".sig"),
        };
        let index = fs::read_to_string(tree.path("site/index.json")).expect("an index");
        for text in ["no JSON", "{\"schemaVersion\":2,}", "{\"layers\":\"x\"}"] {
            let new = format!("sha256:{}", crate::common::sha256(text.as_bytes()));
            fs::write(at.blob(&new), text).expect("a manifest");
            let mut index = parsed(index.replace(&digest, &new).as_bytes());
            for entry in index["manifests"].as_array_mut().expect("entries") {
                if entry["digest"] == new.as_str() {
                    entry["size"] = text.len().into();
                }
            }
            fs::write(tree.path("site/index.json"), index.to_string()).expect("an index");
            let named = match form {
                "bundle" => new.trim_start_matches("sha256:"),
                _ => ".sig` is no image",
            };
            let run = nfv(&tree, &["verify", AT, "--key", "ours.pub"]).code(7);
            assert!(run.stderr.contains(named), "{form} {text}: {}", run.stderr);
        }
    }
}

/// A registry repeats in its list what the manifest says.
#[test]
fn a_list_at_a_registry_is_read_as_far_as_it_goes() {
    let tree = site("bundle");
    let registry = crate::double::Registry::plain();
    let place = format!("oci://{}/edge/tiny_vnf:1.0", registry.host());
    nfv(&tree, &["copy", "-r", AT, &place]).code(0);
    let at = Site(&tree);
    let sound = at.bundle("cosign/sign");
    for (pointer, value) in faults() {
        let mut manifest = at.document(&sound);
        manifest["annotations"]["a"] = "b".into();
        *manifest.pointer_mut(pointer).expect(pointer) = value.clone();
        let kind = "application/vnd.oci.image.manifest.v1+json";
        let bytes = manifest.to_string().into_bytes();
        registry.put_manifest("edge/tiny_vnf", "other", kind, &bytes);
        let run = nfv(&tree, &["verify", &place, "--key", "ours.pub"]);
        assert_eq!(run.status, Some(0), "{pointer} {value}: {}", run.stderr);
        let run = nfv(&tree, &["inspect", &place, "--referrers"]);
        assert_eq!(run.status, Some(0), "{pointer} {value}: {}", run.stderr);
    }
}
