//! SHIELD packages: archives built here for what no text can show, and the
//! Store's own test archives where they are at hand.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use nfv::diagnostic::{Diagnostic, Severity};
use nfv::ops::{self, BuildOptions, CheckOptions, Silent};
use nfv::rules::{self, Levels};
use nfv::schema::Choice;
use nfv::source::{self, Config, Finding, Scan, Selection, ShieldProfile, Workspace};
use sha2::{Digest, Sha256};

fn workspace(root: &Path) -> Workspace {
    Workspace {
        current_dir: root.to_owned(),
        out_dir: root.join("target/nfv"),
        root: root.to_owned(),
        config: Config::default(),
        config_path: None,
        placeholders: Default::default(),
    }
}

/// Reads one path, or the whole tree, and runs every rule.
fn check(root: &Path, path: Option<&Path>) -> (Scan, Vec<Diagnostic>) {
    let workspace = workspace(root);
    let selection = Selection {
        paths: path.map(Path::to_owned).into_iter().collect(),
        ..Selection::default()
    };
    let scan = source::scan(&workspace, &selection).expect("scan");
    let diagnostics = rules::run(&scan, Choice::default(), &Levels::default());
    (scan, diagnostics)
}

/// Ids of the broken rules of the family. How far a manifest has drifted from
/// the Store's model is told by a rule of its own and tested with it.
fn ids(diagnostics: &[Diagnostic]) -> BTreeSet<&'static str> {
    let ids = diagnostics.iter().map(|diagnostic| diagnostic.rule.id);
    ids.filter(|id| id.starts_with("shield/") && *id != "shield/store-drift")
        .collect()
}

fn set(ids: &[&'static str]) -> BTreeSet<&'static str> {
    ids.iter().copied().collect()
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, path, *bytes)
            .expect("member");
    }
    builder.into_inner().expect("tar")
}

fn tar_gz(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&tar(files)).expect("gzip");
    encoder.finish().expect("gzip")
}

fn sha256(bytes: &[u8]) -> String {
    nfv::digest::hex(&Sha256::digest(bytes))
}

const NSD: &[u8] = b"nsd-catalog:\n  nsd:\n    - id: tiny_ns\n      name: tiny_ns\n      version: '1.0'\n      constituent-vnfd: []\n";

fn inner() -> Vec<u8> {
    tar_gz(&[("tiny_ns/tiny_nsd.yaml", NSD)])
}

fn manifest(hash: &str) -> String {
    format!(
        "manifest:ns:\n  schema_version: '1.2'\n  type: OSM-R4\n  package: tiny_ns.tar.gz\n  \
         hash: {hash}\n  hashing_algorithm: SHA_256\n  descriptor: tiny_ns/tiny_nsd.yaml\n  \
         target: KVM\n  properties:\n    capabilities: [Routing]\n"
    )
}

/// Writes a finished package and gives back what is found in it.
fn in_archive(name: &str, bytes: &[u8]) -> Vec<Diagnostic> {
    let folder = tempfile::tempdir().expect("folder");
    let root = fs::canonicalize(folder.path()).expect("folder");
    let path = root.join(name);
    fs::write(&path, bytes).expect("file");
    check(&root, Some(&path)).1
}

/// The ids of the rules that a finished package breaks.
fn archive(name: &str, bytes: &[u8]) -> BTreeSet<&'static str> {
    ids(&in_archive(name, bytes))
}

/// What the caret of the one finding of the rule stands under.
fn caret(diagnostics: &[Diagnostic], rule: &str) -> String {
    let mut of_rule = diagnostics.iter().filter(|d| d.rule.id == rule);
    let (Some(one), None) = (of_rule.next(), of_rule.next()) else {
        panic!("{rule}: {diagnostics:#?}");
    };
    let span = &one.primary.span;
    let range = span.range.clone().expect("a place in the file");
    span.file.text()[range].to_owned()
}

#[test]
fn carets_stand_under_what_the_manifest_says() {
    let other = sha256(b"another");
    let outer = |hash: &str, inner: &[u8]| {
        let outer = tar_gz(&[
            ("manifest.yaml", manifest(hash).as_bytes()),
            ("tiny_ns.tar.gz", inner),
        ]);
        in_archive("tiny.tar.gz", &outer)
    };
    let found = outer(&other, &inner());
    assert_eq!(caret(&found, "shield/hash-mismatch"), other);
    let moved = tar_gz(&[("tinyns/tiny_nsd.yaml", NSD)]);
    let found = outer(&sha256(&moved), &moved);
    assert_eq!(caret(&found, "shield/inner-folder"), "tiny_ns.tar.gz");
    let found = outer(&sha256(b"no archive"), b"no archive");
    assert_eq!(caret(&found, "shield/not-tar-gz"), "tiny_ns.tar.gz");
}

#[test]
fn a_sound_archive_breaks_no_rule() {
    let inner = inner();
    let manifest = manifest(&sha256(&inner));
    let outer = tar_gz(&[
        ("manifest.yaml", manifest.as_bytes()),
        ("tiny_ns.tar.gz", &inner),
    ]);
    assert_eq!(archive("tiny.tar.gz", &outer), set(&[]));
}

#[test]
fn an_uncompressed_tar_is_refused_whatever_its_name() {
    let inner = inner();
    let manifest = manifest(&sha256(&inner));
    let outer = tar(&[
        ("manifest.yaml", manifest.as_bytes()),
        ("tiny_ns.tar.gz", &inner),
    ]);
    for name in ["tiny.tar", "tiny.tar.gz"] {
        assert_eq!(archive(name, &outer), set(&["shield/not-tar-gz"]), "{name}");
    }
}

#[test]
fn an_inner_package_that_is_no_archive() {
    for bytes in [&b""[..], &b"not an archive"[..]] {
        let manifest = manifest(&sha256(bytes));
        let outer = tar_gz(&[
            ("manifest.yaml", manifest.as_bytes()),
            ("tiny_ns.tar.gz", bytes),
        ]);
        let broken = archive("tiny.tar.gz", &outer);
        assert_eq!(broken, set(&["shield/not-tar-gz"]));
    }
}

#[test]
fn an_inner_package_with_another_folder() {
    let inner = tar_gz(&[("tinyns/tiny_nsd.yaml", NSD)]);
    let manifest = manifest(&sha256(&inner));
    let outer = tar_gz(&[
        ("manifest.yaml", manifest.as_bytes()),
        ("tiny_ns.tar.gz", &inner),
    ]);
    let broken = archive("tiny.tar.gz", &outer);
    assert_eq!(broken, set(&["shield/inner-folder"]));
}

#[test]
fn a_digest_in_hexadecimal_base64_and_of_another_file() {
    let inner = inner();
    let in_base64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let wrong = ["shield/hash-mismatch"];
    let open = ["shield/placeholder"];
    let unreadable = ["shield/hash-format"];
    for (hash, expected) in [
        (sha256(&inner).to_uppercase(), &[][..]),
        (in_base64.to_owned(), &wrong[..]),
        (sha256(b"another"), &wrong[..]),
        (format!("'{}'", "0".repeat(64)), &open[..]),
        ("<image_hash_here>".to_owned(), &open[..]),
        (
            "d41d8cd98f00b204e9800998ecf8427e".to_owned(),
            &unreadable[..],
        ),
    ] {
        let manifest = manifest(&hash);
        let outer = tar_gz(&[
            ("manifest.yaml", manifest.as_bytes()),
            ("tiny_ns.tar.gz", &inner),
        ]);
        assert_eq!(archive("tiny.tar.gz", &outer), set(expected), "{hash}");
    }
}

#[test]
fn a_folder_with_a_finished_inner_package_is_checked_too() {
    let folder = tempfile::tempdir().expect("folder");
    let root = fs::canonicalize(folder.path()).expect("folder");
    let inner = inner();
    fs::write(root.join("tiny_ns.tar.gz"), &inner).expect("file");
    for (hash, expected) in [
        (sha256(&inner), &[][..]),
        (sha256(b"another"), &["shield/hash-mismatch"][..]),
        // The build writes it.
        (format!("'{}'", "0".repeat(64)), &[][..]),
    ] {
        fs::write(root.join("manifest.yaml"), manifest(&hash)).expect("file");
        assert_eq!(ids(&check(&root, None).1), set(expected), "{hash}");
    }
}

#[test]
fn a_folder_with_sources_has_no_digest_to_compare() {
    let folder = tempfile::tempdir().expect("folder");
    let root = fs::canonicalize(folder.path()).expect("folder");
    fs::create_dir(root.join("tiny_ns")).expect("folder");
    fs::write(root.join("tiny_ns/tiny_nsd.yaml"), NSD).expect("file");
    fs::write(root.join("manifest.yaml"), manifest(&sha256(b"another"))).expect("file");
    assert_eq!(ids(&check(&root, None).1), set(&[]));
}

/// A nested service is none of its functions.
#[test]
fn what_a_wrapped_service_lacks_is_called_by_its_kind() {
    let tree = common::Tree::new();
    let manifest =
        "manifest:ns:\n  type: OSM-R4\n  package: t_ns.tar.gz\n  descriptor: t_ns/t_nsd.yaml\n";
    tree.file("s/manifest.yaml", manifest);
    let nsd = "nsd:\n  nsd:\n    - id: t_ns\n      version: '1.0'\n      nested-nsd-id: [n0]\n      vnfd-id: [v0]\n";
    tree.file("s/t_ns/t_nsd.yaml", nsd);
    let (_, found) = check(&tree.root, None);
    let mut said: Vec<String> = found
        .iter()
        .filter(|one| one.rule.id == "shield/constituents")
        .map(|one| format!("{}; {}", one.message, one.help.join("; ")))
        .collect();
    said.sort();
    let [one, other] = said.as_slice() else {
        panic!("{said:#?}");
    };
    assert!(one.contains("no NS in the tree has the id `n0`"), "{one}");
    assert!(!one.contains("vNSF"), "{one}");
    assert!(
        other.contains("no VNF in the tree has the id `v0`"),
        "{other}"
    );
    assert!(other.contains("vNSF `v0`"), "{other}");
}

#[test]
fn an_attestation_that_was_changed() {
    let folder = tempfile::tempdir().expect("folder");
    let root = fs::canonicalize(folder.path()).expect("folder");
    // Bytes that are no UTF-8 count as they are.
    let bytes = b"{\"digests\": []}\xff";
    fs::write(root.join("tiny.json"), bytes).expect("file");
    for (hash, expected) in [
        (sha256(bytes), &["shield/attestation-content"][..]),
        (
            sha256(b"another"),
            &["shield/attestation-mismatch", "shield/attestation-content"][..],
        ),
    ] {
        let manifest = format!(
            "manifest:vnsf:\n  security_info:\n    attestation_filename: tiny.json\n    hash: {hash}\n"
        );
        fs::write(root.join("manifest.yaml"), manifest).expect("file");
        // That nothing is wrapped is told as well.
        let mut found = ids(&check(&root, None).1);
        assert!(found.remove("shield/inner-missing"));
        assert_eq!(found, set(expected), "{hash}");
    }
}

/// What the Trust Monitor's parser would take for something else.
#[test]
fn what_an_attestation_file_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().to_owned();
    let digest = "a".repeat(40);
    for (item, says) in [
        (
            format!("\"/a\": \"{digest}\", \"instance\": \"vdu_1\""),
            None,
        ),
        (
            format!("\"instance\": \"host\", \"/a\": \"{}\"", "F".repeat(64)),
            None,
        ),
        (
            "\"/a\": \"zz\", \"instance\": \"vdu_1\"".to_owned(),
            Some("gives `zz` for `/a`"),
        ),
        (format!("\"/a\": \"{digest}\""), Some("without `instance`")),
        ("\"instance\": \"vdu_1\"".to_owned(), None),
        (
            format!("\"/a\": \"{digest}\", \"/a\": \"{digest}\", \"instance\": \"v\""),
            Some("has `/a` twice"),
        ),
    ] {
        let text = format!("{{\"digests\": [{{{item}}}]}}");
        fs::write(root.join("tiny.json"), &text).expect("file");
        let manifest = format!(
            "manifest:vnsf:\n  security_info:\n    attestation_filename: tiny.json\n    hash: {}\n",
            sha256(text.as_bytes())
        );
        fs::write(root.join("manifest.yaml"), manifest).expect("file");
        let found = check(&root, None).1;
        let mut found = found
            .iter()
            .filter(|d| d.rule.id == "shield/attestation-content");
        match says {
            Some(says) => {
                let found = found.next().expect(says);
                assert!(found.message.contains(says), "{}", found.message);
            }
            None => assert!(found.next().is_none(), "{item}"),
        }
    }
}

#[test]
fn the_store_reads_the_descriptor_of_the_package_that_is_for_that_release() {
    let before = "vnfd-catalog:\n  vnfd:\n    - id: a\n      name: a\n      vdu: [{id: a}]\n";
    let of_two = "vnfd:vnfd-catalog:\n  vnfd:\n    - id: a\n      name: a\n      vdu: [{id: a}]\n";
    let attestation = b"{\"digests\": []}";
    for (file, text, named, release, expected) in [
        ("a/a.yaml", before, "a/a.yaml", "OSM-R4", None),
        ("a/a.yaml", of_two, "a/a.yaml", "OSM-R2", None),
        ("a/a.r5.yaml", before, "a/a.r5.yaml", "OSM-R4", None),
        (
            "a/a.yaml",
            before,
            "a/README",
            "OSM-R4",
            Some("shield/descriptor-missing"),
        ),
        // No file to the Store.
        (
            "a/a.yaml",
            before,
            "a/a.yaml/",
            "OSM-R4",
            Some("shield/descriptor-missing"),
        ),
        (
            "a/a.yaml",
            before,
            "a/a.yaml",
            "OSM-R2",
            Some("shield/release"),
        ),
        (
            "a/a.yaml",
            of_two,
            "a/a.yaml",
            "OSM-R4",
            Some("shield/release"),
        ),
        (
            "a/a.r2.yaml",
            before,
            "a/a.r2.yaml",
            "OSM-R4",
            Some("shield/release"),
        ),
    ] {
        let inner = tar_gz(&[(file, text.as_bytes()), ("a/README", b"read me\n")]);
        let manifest = format!(
            "manifest:vnsf:\n  schema_version: '1.2'\n  type: {release}\n  package: a.tar.gz\n  hash: {}\n  \
             hashing_algorithm: SHA_256\n  descriptor: {named}\n  properties: {{vendor: v, \
             capabilities: [a]}}\n  security_info: {{attestation_filename: s.json, hash: {}}}\n",
            sha256(&inner),
            sha256(attestation)
        );
        let archive = tar_gz(&[
            ("manifest.yaml", manifest.as_bytes()),
            ("a.tar.gz", &inner),
            ("s.json", attestation),
        ]);
        let tree = common::Tree::of(&[]);
        tree.file("s.tar.gz", &archive);
        let run = tree.nfv(&["verify", "--message-format", "short", "s.tar.gz"]);
        let told = "[shield/";
        match expected {
            None => assert!(!run.stderr.contains(told), "{}", run.stderr),
            Some(rule) => assert!(run.stderr.contains(rule), "{named}: {}", run.stderr),
        }
        let errors = expected == Some("shield/descriptor-missing");
        assert_eq!(run.status, Some(i32::from(errors)), "{}", run.stderr);
    }
}

/// As SHIELD kept its functions: one descriptor for each release, one of which is wrapped.
#[test]
fn the_manifest_says_which_variant_of_a_descriptor_is_wrapped() {
    let body = "  vnfd:\n    - id: f\n      name: f\n      vdu: [{id: vm, name: vm}]\n";
    let two = format!("vnfd:vnfd-catalog:\n{body}");
    let four = format!("vnfd-catalog:\n{body}");
    let attestation = "{\"digests\": []}";
    for (release, number) in [("OSM-R2", 2), ("OSM-R4", 4)] {
        let manifest = format!(
            "manifest:vnsf:\n  type: {release}\n  package: f.tar.gz\n  descriptor: f/f_vnfd.r{number}.yaml\n  \
             properties: {{vendor: v, capabilities: [a]}}\n  security_info:\n    \
             attestation_filename: s.json\n    hash: {}\n",
            sha256(attestation.as_bytes())
        );
        let tree = common::Tree::of(&[
            ("s/manifest.yaml", &manifest),
            ("s/s.json", attestation),
            ("s/f/f_vnfd.r2.yaml", &two),
            ("s/f/f_vnfd.r4.yaml", &four),
            ("s/f/icons/f.svg", "<svg/>\n"),
        ]);
        // As most of the fifth release are to those of the fourth.
        #[cfg(unix)]
        std::os::unix::fs::symlink("f_vnfd.r4.yaml", tree.path("s/f/f_vnfd.r5.yaml"))
            .expect("a link");
        let packages = tree.build("out");
        let outer = packages.join(&common::names(&packages)[0]);
        let bytes = fs::read(&outer).expect("a package");
        let is_inner = |(name, _): &(String, Vec<u8>)| name == "f.tar.gz";
        let inner = members(&bytes).into_iter().find(is_inner).expect("inner").1;
        let files: Vec<_> = members(&inner).into_iter().map(|(name, _)| name).collect();
        let descriptor = format!("f/f_vnfd.r{number}.yaml");
        let is_descriptor = |name: &&String| name.ends_with(".yaml");
        let found: Vec<_> = files.iter().filter(is_descriptor).collect();
        assert_eq!(found, [&descriptor]);
        assert!(
            files.iter().any(|name| name == "f/icons/f.svg"),
            "{files:?}"
        );
        let run = tree.nfv(&["verify", outer.to_str().expect("path")]).code(0);
        assert!(!run.stderr.contains("shield/"), "{}", run.stderr);
    }
    // Nothing says which is meant.
    let tree = common::Tree::of(&[
        ("f/f_vnfd.r2.yaml", &two),
        ("f/f_vnfd.r4.yaml", &four),
        ("f/icons/f.svg", "<svg/>\n"),
    ]);
    let run = tree.nfv(&["check"]).code(1);
    assert!(
        run.stderr.contains("package/several-descriptors"),
        "{}",
        run.stderr
    );
}

/// The first form names no package: a source has one to wrap all the same, and a finished one has
/// the descriptor itself.
#[test]
fn a_manifest_of_the_first_form() {
    let manifest = |descriptor: &str| {
        format!(
            "manifest:vnsf:\n  type: OSM\n  descriptor: {descriptor}\n  security: {{vdu: {{id: vm, hash: x}}}}\n"
        )
    };
    let four = variant(4, "1.0");
    let own = manifest("f/f_vnfd.yaml");
    let other = manifest("f/none.yaml");
    for (manifest, has_folder, rule) in [
        (&own, true, None),
        (&other, true, Some("shield/descriptor-missing")),
        (&own, false, Some("shield/inner-missing")),
    ] {
        let tree = common::Tree::of(&[("s/manifest.yaml", manifest.as_str())]);
        if has_folder {
            tree.file("s/f/f_vnfd.yaml", &four);
        }
        let run = tree.nfv(&["check", "--shield-profile", "legacy"]);
        let told = |rule: &str| run.stderr.contains(&format!("error[{rule}]"));
        for known in ["shield/descriptor-missing", "shield/inner-missing"] {
            assert_eq!(told(known), rule == Some(known), "{}", run.stderr);
        }
        assert_eq!(
            run.status,
            Some(i32::from(rule.is_some())),
            "{}",
            run.stderr
        );
    }
    for (manifest, is_told) in [(&own, false), (&other, true)] {
        let files: [(&str, &[u8]); 2] = [
            ("manifest.yaml", manifest.as_bytes()),
            ("f/f_vnfd.yaml", four.as_bytes()),
        ];
        let found = archive("s.tar.gz", &tar_gz(&files));
        assert_eq!(
            found.contains("shield/descriptor-missing"),
            is_told,
            "{found:?}"
        );
    }
}

/// The Store opens what the manifest names, wherever it lies and whatever it is called.
#[test]
fn the_package_inside_is_opened_where_the_manifest_says() {
    let inner = tar_gz(&[("a/a.yaml", variant(4, "1.0").as_bytes())]);
    for place in ["sub/a.tar.gz", "sub/deeper/a.tar.gz", "a.pkg"] {
        let other = sha256(b"another");
        let manifest = around_variant("OSM-R4", "a/none.yaml", &other)
            .replace("package: f.tar.gz", &format!("package: {place}"));
        let files: [(&str, &[u8]); 3] = [
            (place, &inner),
            ("s.json", b"{\"digests\": []}"),
            ("manifest.yaml", manifest.as_bytes()),
        ];
        let found = archive("s.tar.gz", &tar_gz(&files));
        assert!(found.contains("shield/hash-mismatch"), "{place}: {found:?}");
    }
}

/// What PyYAML 6.0.2 makes of each (`yaml.safe_load`), which is what the Store's validator sees.
#[test]
fn the_manifest_is_read_as_the_store_reads_it() {
    let manifest = |vendor: &str| {
        around_variant("OSM-R4", "f/f_vnfd.yaml", "")
            .replace("vendor: v", &format!("vendor: {vendor}"))
    };
    for (vendor, found) in [
        ("yes", Some("a boolean")),
        ("OFF", Some("a boolean")),
        ("2018-10-03", Some("a date")),
        ("1_000", Some("a number")),
        ("1:30", Some("a number")),
        ("0b101", Some("a number")),
        ("685_230.15", Some("a number")),
        ("1.5", Some("a number")),
        ("!!binary QWNtZQ==", Some("no text")),
        ("!!timestamp 2018-10-03", Some("a date")),
        ("", Some("nothing")),
        ("1e5", None),
        ("12e3", None),
        ("08", None),
        ("0o17", None),
        ("y", None),
        ("'yes'", None),
        ("!!str yes", None),
    ] {
        let (manifest, variant) = (manifest(vendor), variant(4, "1.0"));
        let tree = common::Tree::of(&[
            ("s/manifest.yaml", manifest.as_str()),
            ("s/s.json", "{\"digests\": []}"),
            ("f/f_vnfd.yaml", variant.as_str()),
        ]);
        let messages: Vec<String> = check(&tree.root, None)
            .1
            .into_iter()
            .filter(|one| one.rule.id == "schema/wrong-type")
            .map(|one| one.message)
            .collect();
        let wanted = found.map(|found| {
            format!("`manifest:vnsf/properties/vendor` must be a string, not {found}")
        });
        assert_eq!(
            messages.len(),
            usize::from(wanted.is_some()),
            "{vendor}: {messages:?}"
        );
        for (message, wanted) in messages.iter().zip(&wanted) {
            assert!(message.starts_with(wanted), "{message}");
        }
    }
}

/// The folder by whose name a manifest wraps a function may be named beside it, and its
/// descriptors have another id.
#[test]
fn a_variant_that_is_named_from_another_folder() {
    let two = variant(2, "1.0").replace("id: f", "id: other");
    let four = variant(4, "1.0").replace("id: f", "id: other");
    let tree = |descriptor: &str| {
        common::Tree::of(&[
            ("s/manifest.yaml", &around_variant("OSM-R2", descriptor, "")),
            ("s/s.json", "{\"digests\": []}"),
            ("f/f_vnfd.r2.yaml", &two),
            ("f/f_vnfd.r4.yaml", &four),
        ])
    };
    let paths = [&["check"][..], &["check", "s", "f"]];
    for args in paths {
        let run = tree("f/f_vnfd.r2.yaml").nfv(args).code(0);
        assert!(!run.stderr.contains("shield/"), "{}", run.stderr);
        let run = tree("f/f_vnfd.yaml").nfv(args).code(1);
        assert!(
            !run.stderr.contains("shield/inner-missing"),
            "{}",
            run.stderr
        );
        run.says("error[shield/descriptor-missing]: the descriptor `f/f_vnfd.yaml` is not in")
            .says("did you mean `f/f_vnfd.r2.yaml`?");
    }
}

/// A manifest around `f.tar.gz`, and the file that it names beside it.
fn around_variant(release: &str, descriptor: &str, hash: &str) -> String {
    let attestation = sha256(b"{\"digests\": []}");
    format!(
        "manifest:vnsf:\n  schema_version: '1.2'\n  type: {release}\n  package: f.tar.gz\n  hash: '{hash}'\n  \
         hashing_algorithm: SHA_256\n  descriptor: {descriptor}\n  properties: {{vendor: v, \
         capabilities: [a]}}\n  security_info: {{attestation_filename: s.json, hash: '{attestation}'}}\n"
    )
}

fn variant(release: u8, version: &str) -> String {
    let prefix = if release == 2 { "vnfd:" } else { "" };
    format!(
        "{prefix}vnfd-catalog:\n  vnfd:\n    - id: f\n      name: f\n      version: '{version}'\n      \
         vdu: [{{id: vm, name: vm}}]\n"
    )
}

/// Names and bytes of the files in what the built package of that name is around.
fn wrapped(tree: &common::Tree, name: &str) -> Vec<(String, Vec<u8>)> {
    let bytes = fs::read(tree.path("target/nfv/packages").join(name)).expect("a package");
    let is_inner = |(name, _): &(String, Vec<u8>)| name == "f.tar.gz";
    let inner = members(&bytes).into_iter().find(is_inner).expect("inner").1;
    members(&inner)
}

/// Of the descriptors in SHIELD's repository for release 5, 23 are links to those for release 4.
#[cfg(unix)]
#[test]
fn the_descriptor_that_a_manifest_names_may_be_a_link() {
    use std::os::unix::fs::symlink;
    let zero = "0".repeat(64);
    // The real files and the links, where the sources lie, and how the manifest calls one.
    for (real, links, named) in [
        (
            &["f_vnfd.r4.yaml"][..],
            &["f_vnfd.r5.yaml"][..],
            "f_vnfd.r5.yaml",
        ),
        (
            &["f_vnfd.r4.yaml", "f_vnfd.r2.yaml"],
            &["f_vnfd.r5.yaml"],
            "f_vnfd.r5.yaml",
        ),
        (
            &["f_vnfd.r4.yaml", "f_vnfd.r2.yaml"],
            &["f_vnfd.r5.yaml", "f_vnfd.yaml"],
            "f_vnfd.r4.yaml",
        ),
        (
            &["f_vnfd.r4.yaml", "f_vnfd.r2.yaml"],
            &["f_vnfd.yaml"],
            "f_vnfd.yaml",
        ),
        (&["base.yaml"], &["f_vnfd.yaml"], "f_vnfd.yaml"),
        (&["base.yaml"], &["f_vnfd.yaml"], "base.yaml"),
    ] {
        for folder in ["s/f", "f", "elsewhere"] {
            let tree = common::Tree::of(&[
                (
                    "s/manifest.yaml",
                    &around_variant("OSM-R4", &format!("f/{named}"), &zero),
                ),
                ("s/s.json", "{\"digests\": []}"),
                (&format!("{folder}/icons/f.svg"), "<svg/>\n"),
            ]);
            let path = |name: &str| tree.path(&format!("{folder}/{name}"));
            fs::write(path(real[0]), variant(4, "1.0")).expect("file");
            for other in &real[1..] {
                fs::write(path(other), variant(2, "1.0")).expect("file");
            }
            for link in links {
                symlink(real[0], path(link)).expect("a link");
            }
            let run = tree.nfv(&["build"]).code(0);
            assert!(!run.stderr.contains("[shield/"), "{}", run.stderr);
            let files = wrapped(&tree, "f-1.0.shield.tar.gz");
            let mut names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
            names.retain(|name| !name.ends_with('/'));
            let own = format!("f/{named}");
            let mut expected = vec!["f/checksums.txt", "f/icons/f.svg", &own];
            expected.sort_unstable();
            names.sort_unstable();
            assert_eq!(names, expected, "{folder}: {real:?} {links:?}");
            let (_, bytes) = files
                .iter()
                .find(|(name, _)| *name == own)
                .expect("descriptor");
            assert_eq!(*bytes, variant(4, "1.0").as_bytes());
            let run = tree
                .nfv(&["verify", "target/nfv/packages/f-1.0.shield.tar.gz"])
                .code(0);
            assert!(!run.stderr.contains("[shield/"), "{}", run.stderr);
        }
    }
}

#[test]
fn two_manifests_wrap_two_variants_of_a_function() {
    let zero = "0".repeat(64);
    for (folder, second) in [("f", "1.1"), ("s4/f", "1.1"), ("f", "1.0")] {
        let tree = common::Tree::of(&[
            (
                "s2/manifest.yaml",
                &around_variant("OSM-R2", "f/f_vnfd.r2.yaml", &zero),
            ),
            ("s2/s.json", "{\"digests\": []}"),
            (
                "s4/manifest.yaml",
                &around_variant("OSM-R4", "f/f_vnfd.r4.yaml", &zero),
            ),
            ("s4/s.json", "{\"digests\": []}"),
            (&format!("{folder}/f_vnfd.r2.yaml"), &variant(2, "1.0")),
            (&format!("{folder}/f_vnfd.r4.yaml"), &variant(4, second)),
        ]);
        let run = tree.nfv(&["build"]);
        assert!(!run.stderr.contains("[shield/"), "{}", run.stderr);
        if second == "1.0" {
            // One would overwrite the other; of the function that is not said as well.
            assert_eq!(run.status, Some(1), "{}", run.stderr);
            assert!(
                run.stderr.contains("the SHIELD vNSF `f 1.0` stands twice"),
                "{}",
                run.stderr
            );
            assert!(run.stderr.contains(": 1 error,"), "{}", run.stderr);
            continue;
        }
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        for (version, number) in [("1.0", 2), (second, 4)] {
            let files = wrapped(&tree, &format!("f-{version}.shield.tar.gz"));
            let own = format!("f/f_vnfd.r{number}.yaml");
            let is_yaml = |(name, _): &&(String, Vec<u8>)| name.ends_with(".yaml");
            let found: Vec<_> = files.iter().filter(is_yaml).collect();
            let expected = (own, variant(number, version).into_bytes());
            assert_eq!(found, [&expected]);
        }
    }
}

/// As SHIELD's own packager left them: all variants are in the package, which OSM refuses.
#[test]
fn a_finished_package_is_judged_by_the_descriptor_that_is_named() {
    for (release, number, told) in [
        ("OSM-R2", 2, None),
        ("OSM-R4", 4, None),
        ("OSM-R4", 2, Some("the descriptor is for release 2 of OSM")),
        ("OSM-R2", 4, Some("the descriptor is for release 4 of OSM")),
    ] {
        let inner = tar_gz(&[
            ("f/f_vnfd.r2.yaml", variant(2, "1.0").as_bytes()),
            ("f/f_vnfd.r4.yaml", variant(4, "1.1").as_bytes()),
        ]);
        let named = format!("f/f_vnfd.r{number}.yaml");
        let manifest = around_variant(release, &named, &sha256(&inner));
        let attestation = ("s.json", &b"{\"digests\": []}"[..]);
        let outer = tar_gz(&[
            ("manifest.yaml", manifest.as_bytes()),
            attestation,
            ("f.tar.gz", &inner),
        ]);
        let tree = common::Tree::of(&[
            ("s/manifest.yaml", &manifest),
            ("s/s.json", "{\"digests\": []}"),
        ]);
        tree.file("s/f.tar.gz", &inner);
        tree.file("s.tar.gz", &outer);
        for path in ["s.tar.gz", "s"] {
            let run = tree.nfv(&["check", path]).code(1);
            assert!(
                run.stderr.contains("error[package/several-descriptors]"),
                "{}",
                run.stderr
            );
            assert!(run.stderr.contains(": 1 error"), "{}", run.stderr);
            assert_eq!(
                run.stderr.contains("[shield/"),
                told.is_some(),
                "{}",
                run.stderr
            );
            assert!(
                run.stderr.contains(told.unwrap_or_default()),
                "{}",
                run.stderr
            );
        }
        let path = tree.path("s.tar.gz");
        let scan = check(&tree.path("."), Some(&path)).0;
        let version = if number == 2 { "1.0" } else { "1.1" };
        assert_eq!(scan.packages[0].version(), Some(version));
    }
}

/// A `.tar.gz` in which links stand for files: name, target, whether symbolic.
fn with_links(files: &[(&str, &[u8])], links: &[(&str, &str, bool)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, path, *bytes)
            .expect("member");
    }
    for (path, target, is_symbolic) in links {
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        header.set_mode(0o777);
        header.set_entry_type(match is_symbolic {
            true => tar::EntryType::Symlink,
            false => tar::EntryType::Link,
        });
        builder
            .append_link(&mut header, path, target)
            .expect("link");
    }
    let encoder = builder.into_inner().expect("tar");
    encoder.finish().expect("gzip")
}

/// As plain `tar` makes them of the trees of SHIELD. The Store follows them, and so has to be
/// told from what is missing.
#[test]
fn links_in_a_finished_package_are_called_so() {
    let text = variant(4, "1.0");
    let descriptor = ("f/f_vnfd.yaml", text.as_bytes());
    let attestation = &b"{\"digests\": []}"[..];
    let inner = tar_gz(&[descriptor]);
    let manifest = |inner: &[u8]| around_variant("OSM-R4", "f/f_vnfd.yaml", &sha256(inner));
    let whole = manifest(&inner);
    let whole = ("manifest.yaml", whole.as_bytes());
    let mut cases = Vec::new();
    for is_symbolic in [true, false] {
        // The target of a hard link is called from the top.
        let to = |target: &'static str, from_top: &'static str| {
            if is_symbolic { target } else { from_top }
        };
        let linked = with_links(
            &[("f/f_vnfd.r4.yaml", text.as_bytes())],
            &[(
                "f/f_vnfd.yaml",
                to("f_vnfd.r4.yaml", "f/f_vnfd.r4.yaml"),
                is_symbolic,
            )],
        );
        let around_linked = manifest(&linked);
        cases.extend([
            (
                "shield/attestation",
                "the attestation file `s.json` is a link in the package, and no file",
                with_links(
                    &[whole, ("a/s.json", attestation), ("f.tar.gz", &inner)],
                    &[("./s.json", "a/s.json", is_symbolic)],
                ),
            ),
            (
                "shield/inner-missing",
                "the package `f.tar.gz` is a link in the archive, and no file",
                with_links(
                    &[whole, ("s.json", attestation), ("x.tar.gz", &inner)],
                    &[("f.tar.gz", "x.tar.gz", is_symbolic)],
                ),
            ),
            (
                "shield/manifest-name",
                "`manifest.yaml` is a link in the archive, and no file",
                with_links(
                    &[
                        ("m.yaml", whole.1),
                        ("s.json", attestation),
                        ("f.tar.gz", &inner),
                    ],
                    &[("manifest.yaml", "m.yaml", is_symbolic)],
                ),
            ),
            (
                "shield/descriptor-missing",
                "the descriptor `f/f_vnfd.yaml` is a link in the package `f.tar.gz`, and no file",
                tar_gz(&[
                    ("manifest.yaml", around_linked.as_bytes()),
                    ("s.json", attestation),
                    ("f.tar.gz", &linked),
                ]),
            ),
        ]);
    }
    let behind =
        around_variant("OSM-R4", "f/f_vnfd.yaml", &sha256(&inner)).replace("s.json", "in/s.json");
    cases.push((
        "shield/attestation",
        "the attestation file `in/s.json` lies behind a link in the package",
        with_links(
            &[
                ("manifest.yaml", behind.as_bytes()),
                ("a/s.json", attestation),
                ("f.tar.gz", &inner),
            ],
            &[("in", "a", true)],
        ),
    ));
    for (rule, message, archive) in &cases {
        let found = in_archive("s.tar.gz", archive);
        let errors: Vec<_> = found
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .collect();
        assert_eq!(errors.len(), 1, "{rule}: {errors:#?}");
        assert_eq!((errors[0].rule.id, &*errors[0].message), (*rule, *message));
        assert!(
            errors[0].help[0].contains("dereference`"),
            "{:?}",
            errors[0].help
        );
    }
    // Nothing but links, and a manifest that leads nowhere.
    let tree = common::Tree::of(&[]);
    tree.file(
        "s.tar.gz",
        with_links(&[], &[("manifest.yaml", "m/a/b.yaml", true)]),
    );
    let run = tree.nfv(&["check", "s.tar.gz"]).code(1);
    assert!(
        run.stderr
            .contains("is a link, which is not followed in an archive"),
        "{}",
        run.stderr
    );
}

/// The Store reads the file that is named, whatever it is.
#[test]
fn the_file_that_is_named_holds_no_descriptor() {
    let no_yaml = &["shield/descriptor-missing", "yaml/syntax"][..];
    let no_text = &["shield/descriptor-missing", "yaml/encoding"][..];
    let other = &["shield/descriptor-missing"][..];
    for (content, what, rules) in [
        (&b""[..], ": it is empty", other),
        (b"# to do\n", ": it is empty", other),
        (b"foo: 1\n", ": its first key is `foo`", other),
        (b"- vnfd\n", ": it is a list", other),
        (b"text\n", ": it is a single text", other),
        (b"a: [1\n", ": it is no YAML", no_yaml),
        (b"\x1f\x8b\x00\x01\xff", ": it is no YAML", no_text),
    ] {
        let inner = tar_gz(&[("f/f_vnfd.yaml", content)]);
        let manifest = around_variant("OSM-R4", "f/f_vnfd.yaml", &sha256(&inner));
        let attestation = b"{\"digests\": []}";
        let outer = tar_gz(&[
            ("manifest.yaml", manifest.as_bytes()),
            ("s.json", attestation),
            ("f.tar.gz", &inner),
        ]);
        let tree = common::Tree::of(&[("s/manifest.yaml", &manifest)]);
        tree.file("s/s.json", attestation);
        tree.file("s/f.tar.gz", &inner);
        tree.file("s.tar.gz", &outer);
        for path in ["s.tar.gz", "s"] {
            let found = check(&tree.path("."), Some(&tree.path(path))).1;
            let errors: Vec<_> = found
                .iter()
                .filter(|d| d.severity == Severity::Error)
                .collect();
            let ids: BTreeSet<_> = errors.iter().map(|d| d.rule.id).collect();
            assert_eq!(ids, set(rules), "{content:?}: {errors:#?}");
            assert_eq!(caret(&found, "shield/descriptor-missing"), "f/f_vnfd.yaml");
            let told = errors
                .iter()
                .find(|d| d.rule.id == "shield/descriptor-missing");
            let message =
                format!("`f/f_vnfd.yaml` in the package `f.tar.gz` is no descriptor{what}");
            assert_eq!(told.expect("told").message, message);
        }
    }
}

#[test]
fn a_manifest_that_holds_none() {
    let named = "`{at}manifest.yaml` has the name of a SHIELD manifest, and";
    let empty = format!("{named} is empty");
    let list = format!("{named} is a list, where a manifest is a mapping");
    let single = format!("{named} is a single text, where a manifest is a mapping");
    let other = format!("{named} begins with neither `manifest:ns:` nor `manifest:vnsf:`");
    for (text, says) in [
        ("", empty.as_str()),
        ("# to do\n", &empty),
        ("- manifest\n", &list),
        ("text\n", &single),
        ("a: 1\n", &other),
        ("\u{1}\u{2}", "error[yaml/syntax]: this is not valid YAML"),
        ("a: [b\n", "--> {at}manifest.yaml:1:4"),
    ] {
        let tree = common::Tree::of(&[("s/manifest.yaml", text)]);
        let archive = tar_gz(&[("manifest.yaml", text.as_bytes())]);
        fs::write(tree.path("tiny.tar.gz"), archive).expect("file");
        for (path, at) in [
            ("s", "s/"),
            ("s/manifest.yaml", "s/"),
            ("tiny.tar.gz", "tiny.tar.gz!/"),
        ] {
            let run = tree.nfv(&["check", path]).code(1);
            let says = says.replace("{at}", at);
            assert!(run.stderr.contains(&says), "{text:?}: {}", run.stderr);
            assert!(
                run.stderr.contains(": 1 error\n"),
                "{text:?}: {}",
                run.stderr
            );
        }
    }
}

#[test]
fn an_attestation_file_tells_of_vdus_that_there_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let digest = "a".repeat(40);
    let vnfd = "vnfd-catalog:\n  vnfd:\n    - id: tiny_vnf\n      name: tiny_vnf\n      vdu:\n        \
                - id: vdu_1\n          name: probe\n";
    fs::create_dir(root.join("tiny_vnf")).expect("folder");
    fs::write(root.join("tiny_vnf/tiny_vnfd.yaml"), vnfd).expect("file");
    for (instance, says) in [
        ("vdu_1", None),
        ("probe", None),
        ("host", None),
        ("vdu_2", Some("did you mean `vdu_1`?")),
        ("the-other", Some("name an existing VDU or add `the-other`")),
    ] {
        let text =
            format!("{{\"digests\": [{{\"/a\": \"{digest}\", \"instance\": \"{instance}\"}}]}}");
        fs::write(root.join("tiny.json"), &text).expect("file");
        let manifest = format!(
            "manifest:vnsf:\n  package: tiny_vnf.tar.gz\n  descriptor: tiny_vnf/tiny_vnfd.yaml\n  \
             security_info:\n    attestation_filename: tiny.json\n    hash: {}\n",
            sha256(text.as_bytes())
        );
        fs::write(root.join("manifest.yaml"), manifest).expect("file");
        let found = check(root, None).1;
        let found: Vec<_> = found
            .iter()
            .filter(|d| d.rule.id == "shield/attestation-content")
            .collect();
        assert_eq!(found.len(), usize::from(says.is_some()), "{instance}");
        if let Some(says) = says {
            assert_eq!(found[0].help, [says]);
            let range = found[0].primary.span.range.clone().expect("a place");
            assert_eq!(text[range], format!("\"{instance}\""));
        }
    }
}

/// A finished package around a descriptor in which the Store finds something else.
fn around(is_service: bool, descriptor: &str) -> Vec<u8> {
    let inner = tar_gz(&[("a/a.yaml", descriptor.as_bytes())]);
    let (key, rest) = match is_service {
        true => (
            "ns",
            "  target: KVM\n  properties: {capabilities: [a]}\n".to_owned(),
        ),
        false => {
            let hash = sha256(b"{\"digests\": []}");
            let info = format!("  security_info: {{attestation_filename: s.json, hash: {hash}}}\n");
            (
                "vnsf",
                format!("  properties: {{vendor: v, capabilities: [a]}}\n{info}"),
            )
        }
    };
    let manifest = format!(
        "manifest:{key}:\n  schema_version: '1.2'\n  type: OSM-R4\n  package: a.tar.gz\n  hash: {}\n  \
         hashing_algorithm: SHA_256\n  descriptor: a/a.yaml\n{rest}",
        sha256(&inner)
    );
    tar_gz(&[
        ("manifest.yaml", manifest.as_bytes()),
        ("s.json", b"{\"digests\": []}"),
        ("a.tar.gz", &inner),
    ])
}

#[test]
fn descriptors_that_the_store_can_t_read() {
    let rule = "shield/store-descriptor";
    let model = "and this one is written in another model";
    let ns = |rest: &str| format!("nsd-catalog:\n  nsd:\n    - id: a\n      name: a\n{rest}");
    let none = "      constituent-vnfd: []\n";
    let cases = [
        (
            false,
            "vnfd-catalog:\n  vnfd:\n    - {id: a, name: a}\n".to_owned(),
            "",
        ),
        (
            false,
            "vnfd:vnfd-catalog:\n  vnfd:\n    - {id: a, name: a}\n".to_owned(),
            "",
        ),
        (false, "vnfd:\n  id: a\n  version: '1'\n".to_owned(), model),
        (
            false,
            "vnfd-catalog:\n  vnfd: []\n".to_owned(),
            "the first item of the list `vnfd`, and there is none",
        ),
        (
            false,
            "vnfd-catalog:\n  vnfd:\n    - {id: 0755, name: a}\n".to_owned(),
            "reads `id` in the descriptor as a whole number, and `0755` is not in quotes",
        ),
        (
            false,
            "vnfd-catalog:\n  vnfd:\n    - {id: a, name: 2018-10-03}\n".to_owned(),
            "reads `name` in the descriptor as a date, and `2018-10-03` is not in quotes",
        ),
        (
            false,
            "vnfd-catalog:\n  vnfd:\n    - {id: 1e5, name: a}\n".to_owned(),
            "",
        ),
        (
            false,
            "vnfd:vnfd-catalog:\n  vnfd:vnfd:\n    - {id: a, name: a}\n".to_owned(),
            "reads `vnfd` in the descriptor, under exactly that key, and there is `vnfd:vnfd`",
        ),
        (
            false,
            "vnfd-catalog:\n  vnfd:\n    - {id: a}\n".to_owned(),
            "`name`",
        ),
        (
            false,
            "vnfd-catalog:\n  vnfd:\n    - {vnfd:id: a, name: a}\n".to_owned(),
            "reads `id` in the descriptor, under exactly that key, and there is `vnfd:id`",
        ),
        (true, ns(none), ""),
        (true, ns("      constituent-vnfd: [{vnfd-id-ref: v}]\n"), ""),
        (true, ns(""), "`constituent-vnfd`"),
        (
            true,
            ns("      nsd:constituent-vnfd: []\n"),
            "there is `nsd:constituent-vnfd`",
        ),
        (
            true,
            ns("      constituent-vnfd: [{nsd:vnfd-id-ref: v}]\n"),
            "there is `nsd:vnfd-id-ref`",
        ),
        (
            true,
            ns("      constituent-vnfd: [{member-vnf-index: 1}]\n"),
            "`vnfd-id-ref`",
        ),
        (
            true,
            "nsd:\n  nsd:\n    - {id: a, name: a, version: '1'}\n".to_owned(),
            model,
        ),
    ];
    for (is_service, descriptor, wanted) in &cases {
        let found = in_archive("a.tar.gz", &around(*is_service, descriptor));
        let of_rule: Vec<&Diagnostic> = found.iter().filter(|d| d.rule.id == rule).collect();
        assert_eq!(of_rule.is_empty(), wanted.is_empty(), "{descriptor}");
        for one in of_rule {
            assert_eq!(one.severity, Severity::Warning);
            assert!(one.message.contains(wanted), "{}", one.message);
            assert_eq!(caret(&found, rule), "a/a.yaml");
            assert!(
                one.secondary[0]
                    .span
                    .file
                    .path()
                    .ends_with("a.tar.gz!/a/a.yaml")
            );
        }
    }
}

#[test]
fn paths_are_followed_as_the_store_does() {
    let inner = inner();
    // Where the package stands, how the manifest calls it, and what is wrong.
    for (path, name, expected) in [
        ("tiny_ns.tar.gz", "./tiny_ns.tar.gz", &[][..]),
        ("./tiny_ns.tar.gz", "tiny_ns.tar.gz", &[]),
        ("in/tiny_ns.tar.gz", "in/tiny_ns.tar.gz", &[]),
        ("in/tiny_ns.tar.gz", "./in//tiny_ns.tar.gz", &[]),
        (
            "in/tiny_ns.tar.gz",
            "tiny_ns.tar.gz",
            &["shield/inner-missing"],
        ),
        (
            "tiny_ns.tar.gz",
            "in/../tiny_ns.tar.gz",
            &["shield/unsafe-path"],
        ),
        ("tiny_ns.tar.gz", "/tiny_ns.tar.gz", &["shield/unsafe-path"]),
    ] {
        let named = format!("package: {name}\n");
        let manifest = manifest(&sha256(&inner)).replace("package: tiny_ns.tar.gz\n", &named);
        let outer = tar_gz(&[("manifest.yaml", manifest.as_bytes()), (path, &inner)]);
        assert_eq!(
            archive("tiny.tar.gz", &outer),
            set(expected),
            "{path} {name}"
        );
    }
}

#[test]
fn no_path_leads_out_of_a_package() {
    let inner = inner();
    let attested = "  security_info:\n    attestation_filename: s.json\n    hash: x\n";
    for field in ["package", "descriptor", "attestation_filename"] {
        for path in [
            "/etc/passwd",
            "/tmp/tiny_ns.tar.gz",
            "../tiny_ns.tar.gz",
            "tiny_ns/../../tiny_ns.tar.gz",
            "./../tiny_ns.tar.gz",
            "..",
            "'C:/tiny_ns.tar.gz'",
            "..\\tiny_ns.tar.gz",
        ] {
            let text = format!("{}{attested}", manifest(&sha256(&inner)));
            let line = text.lines().find(|line| line.trim().starts_with(field));
            let line = line.expect("the field");
            let value = line.split(": ").nth(1).expect("a value");
            let text = text.replace(line, &line.replace(value, path));
            let outer = tar_gz(&[
                ("manifest.yaml", text.as_bytes()),
                ("tiny_ns.tar.gz", &inner),
            ]);
            let found = archive("tiny.tar.gz", &outer);
            assert!(found.contains("shield/unsafe-path"), "{text}: {found:?}");
            // Nor do sources, and nothing is built of them.
            let folder = tempfile::tempdir().expect("folder");
            let root = fs::canonicalize(folder.path()).expect("folder");
            for tree in [root.join("a"), root.clone()] {
                fs::create_dir_all(tree.join("tiny_ns")).expect("folder");
                fs::write(tree.join("tiny_ns/tiny_nsd.yaml"), NSD).expect("file");
            }
            fs::write(root.join("a/manifest.yaml"), &text).expect("file");
            fs::write(root.join("tiny_ns.tar.gz"), &inner).expect("file");
            let options = BuildOptions {
                check: CheckOptions {
                    levels: vec![("all".to_owned(), nfv::diagnostic::Level::Allow)],
                    ..CheckOptions::default()
                },
                ..BuildOptions::default()
            };
            let report = ops::build(&workspace(&root), &options, &Silent).expect("build");
            let is_shield = |built: &&ops::Built| built.kind.is_shield();
            assert!(
                !report.built.iter().any(|built| is_shield(&built)),
                "{text}"
            );
            assert!(
                ids(&report.checked.diagnostics).contains("shield/unsafe-path"),
                "{text}"
            );
        }
    }
}

const VNFD: &str =
    "vnfd-catalog:\n  vnfd:\n    - id: tiny_vnf\n      name: tiny_vnf\n      version: '1.0'\n";

/// Builds the manifest with the sources of what it wraps beside it, and gives back the
/// finished package, opened, or the findings.
fn built(text: &str, profile: ShieldProfile) -> Result<Vec<(String, Vec<u8>)>, Vec<Diagnostic>> {
    let folder = tempfile::tempdir().expect("folder");
    let root = fs::canonicalize(folder.path()).expect("folder");
    let (inner, name, descriptor) = match text.starts_with("manifest:ns") {
        true => ("tiny_ns", "tiny_nsd.yaml", NSD),
        false => ("tiny_vnf", "tiny_vnfd.yaml", VNFD.as_bytes()),
    };
    fs::create_dir_all(root.join("s/security")).expect("folder");
    fs::create_dir_all(root.join("s").join(inner)).expect("folder");
    fs::write(root.join("s").join(inner).join(name), descriptor).expect("file");
    fs::write(root.join("s/manifest.yaml"), text).expect("file");
    fs::write(root.join("s/security/a.json"), b"{\"digests\": []}").expect("file");
    let options = |profile| CheckOptions {
        shield: Some(profile),
        ..CheckOptions::default()
    };
    let report = ops::build(
        &workspace(&root),
        &BuildOptions {
            check: options(profile),
            ..BuildOptions::default()
        },
        &Silent,
    );
    let report = report.expect("build");
    let [one] = report.built.as_slice() else {
        assert!(report.refused > 0);
        return Err(report.checked.diagnostics);
    };
    // What was built is found sound by whoever asked for it, and by the Store where that was.
    let judge = match profile {
        ShieldProfile::Any => ShieldProfile::StoreHead,
        other => other,
    };
    let options = ops::VerifyOptions {
        check: options(judge),
        ..ops::VerifyOptions::default()
    };
    let path = one.path.to_string_lossy().into_owned();
    let verified = ops::verify(&workspace(&root), &[path], &options, &Silent).expect("verify");
    let errors = verified.checked.diagnostics.iter();
    let errors: Vec<&Diagnostic> = errors.filter(|d| d.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{text}\n{errors:#?}");
    let bytes = fs::read(&one.path).expect("package");
    Ok(members(&bytes))
}

/// Names and contents of the members of a `.tar.gz`, in their order.
fn members(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
    let members = archive.entries().expect("members").map(|member| {
        let mut member = member.expect("member");
        let path = member.path().expect("path").to_string_lossy().into_owned();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut member, &mut content).expect("content");
        (path, content)
    });
    members.collect()
}

/// A field of a manifest, by its line.
fn line<'a>(manifest: &'a str, key: &str) -> Option<&'a str> {
    let mut lines = manifest.lines().map(str::trim);
    let line = lines.find(|line| line.starts_with(&format!("{key}: ")))?;
    let value = line.split(" #").next()?.split_once(": ")?.1;
    Some(value.trim_matches('\''))
}

#[test]
fn a_manifest_of_any_form_becomes_that_of_the_store() {
    let vdus = "    vdu:\n      - id: vm # of the machine\n        hash: 7fb693dfd95a14dd6ef6df837c872027\n        \
                attestation:\n          /run.sh: fbbec44929024e846641287c58384332e96fc075\n";
    let ns = |text: &str| format!("manifest:ns:\n  # by me\n  type: OSM\n{text}");
    let vnsf = |text: &str| format!("manifest:vnsf:\n  # by me\n  type: OSM\n{text}");
    let package = "  package: ./tiny_vnf.tar.gz\n  descriptor: tiny_vnf/tiny_vnfd.yaml\n";
    let properties = "  properties: {vendor: v, capabilities: [c]}\n";
    let registry = "  registry: {vendor: v, capabilities: [c]}\n";
    let version = "  schema_version: '1.2'\n";
    let file = "  security_info:\n    attestation_filename: ./security/a.json\n";
    for text in [
        ns("  registry: {capabilities: [c]}\n"),
        ns(
            "  package: tiny_ns.tar.gz\n  descriptor: tiny_ns/tiny_nsd.yaml\n  properties: {capabilities: [c]}",
        ),
        ns(&format!(
            "{version}  package: tiny_ns.zip\n  properties: {{capabilities: [c]}}\n"
        )),
        ns(&format!(
            "{version}  package:\n  hash: ''\n  properties: {{capabilities: [c]}}\n  descriptor:\n"
        )),
        ns(&format!("{version}{properties}  target: docker\n")).replace("OSM", "OSM-R4"),
        vnsf(&format!(
            "{properties}  descriptor: tiny_vnf/tiny_vnfd.yaml\n  security:\n{vdus}"
        )),
        vnsf(&format!("{package}{registry}  security_info:\n{vdus}")).replace("tar.gz", "zip"),
        vnsf(&format!(
            "{package}  hash: x\n  security_info:\n{vdus}  # behind\n{properties}"
        )),
        vnsf(&format!("{version}{package}  hash: x\n{properties}{file}")),
        vnsf(&format!(
            "{package}  hashing_algorithm: SHA_256\n{properties}{file}"
        ))
        .replace("OSM", "OSM-R4"),
        vnsf(&format!(
            "{version}{properties}  hashing_algorithm: SHA_256\n{file}    hash: ''\n"
        ))
        .replace("OSM", "OSM-R2"),
    ] {
        let members =
            built(&text, ShieldProfile::Any).unwrap_or_else(|found| panic!("{text}{found:#?}"));
        let content = |name: &str| {
            let member = members.iter().find(|(path, _)| path == name);
            let Some((_, content)) = member else {
                panic!("{name} is not in the package of {text}");
            };
            content.as_slice()
        };
        let manifest = String::from_utf8(content("manifest.yaml").to_vec()).expect("text");
        let is_service = text.starts_with("manifest:ns");
        let stem = if is_service { "tiny_ns" } else { "tiny_vnf" };
        let package = format!("{stem}.tar.gz");
        assert_eq!(line(&manifest, "package"), Some(&*package), "{manifest}");
        assert_eq!(
            line(&manifest, "hash"),
            Some(&*sha256(content(&package))),
            "{manifest}"
        );
        assert_eq!(
            line(&manifest, "hashing_algorithm"),
            Some("SHA_256"),
            "{manifest}"
        );
        assert_eq!(line(&manifest, "schema_version"), Some("1.2"), "{manifest}");
        let release = if text.contains("OSM-R2") {
            "OSM-R2"
        } else {
            "OSM-R4"
        };
        assert_eq!(line(&manifest, "type"), Some(release), "{manifest}");
        if is_service {
            let target = if text.contains("docker") {
                "docker"
            } else {
                "KVM"
            };
            assert_eq!(line(&manifest, "target"), Some(target), "{manifest}");
        } else {
            let name = line(&manifest, "attestation_filename").expect("an attestation file");
            let digest = sha256(content(name.trim_start_matches("./")));
            assert!(manifest.contains(&digest), "{manifest}");
        }
        // Nothing that the author wrote is gone.
        for word in [
            "# by me",
            "# of the machine",
            "7fb693dfd95a14dd6ef6df837c872027",
            "# behind",
        ] {
            assert_eq!(manifest.contains(word), text.contains(word), "{manifest}");
        }
    }
}

#[test]
fn a_manifest_keeps_the_form_that_is_asked_for() {
    let documented = "manifest:ns:\n  schema_version: '1.2'\n  type: OSM\n  package: tiny_ns.tar.gz\n  \
                      descriptor: tiny_ns/tiny_nsd.yaml\n  properties: {capabilities: [c]}\n";
    let early = documented
        .replace("  schema_version: '1.2'\n", "")
        .replace("properties", "registry");
    let with_hash = documented.replace("  type: OSM\n", "  type: OSM\n  hash: ''\n");
    for (text, profile) in [
        (documented, ShieldProfile::Docs),
        (&with_hash, ShieldProfile::Docs),
        (&early, ShieldProfile::Legacy),
    ] {
        let members = built(text, profile).unwrap_or_else(|found| panic!("{text}{found:#?}"));
        let manifest = String::from_utf8(members[0].1.clone()).expect("text");
        assert_eq!(line(&manifest, "type"), Some("OSM"), "{manifest}");
        match text == with_hash {
            true => {
                let (_, inner) = &members[1];
                assert_eq!(line(&manifest, "hash"), Some(&*sha256(inner)), "{manifest}");
            }
            // No field is added that a Store of those days does not know.
            false => assert_eq!(manifest, text),
        }
        assert!(!manifest.contains("hashing_algorithm"), "{manifest}");
    }
}

#[test]
fn what_only_the_author_knows_is_asked_for() {
    let vnsf = |text: &str| {
        format!(
            "manifest:vnsf:\n  type: OSM\n  package: tiny_vnf.tar.gz\n  descriptor: tiny_vnf/tiny_vnfd.yaml\n{text}"
        )
    };
    let vdu = "  security_info:\n    vdu: [{id: vm, attestation: {/a: fbbec44929024e846641287c58384332e96fc075}}]\n";
    let properties = "  properties: {vendor: v, capabilities: [c]}\n";
    for (text, rule, wanted) in [
        (vnsf(vdu), "shield/store-drift", "`properties`"),
        (
            vnsf(&format!("  registry: {{capabilities: [c]}}\n{vdu}")),
            "shield/store-drift",
            "registry",
        ),
        (vnsf(properties), "shield/store-drift", "`security_info`"),
        (
            vnsf(&format!(
                "{properties}  security_info:\n    vdu: [{{id: vm, hash: x}}]\n"
            )),
            "shield/store-drift",
            "`vdu`",
        ),
        (
            vnsf(&format!(
                "{properties}{}",
                vdu.replace("/a: f", "/a: <TBD> # f")
            ))
            .replace(" # f", " }}]\n  # f"),
            "shield/placeholder",
            "<TBD>",
        ),
    ] {
        let found = built(&text, ShieldProfile::Any).expect_err(&text);
        let mut errors = found.iter().filter(|d| d.severity == Severity::Error);
        assert!(
            errors.any(|d| d.rule.id == rule && d.message.contains(wanted)),
            "{text}{found:#?}"
        );
    }
}

/// What PyYAML, which the Store read with, makes of a manifest.
fn read_by_python(manifest: &[u8]) -> Option<serde_json::Value> {
    let python = common::tool("python3")?;
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("manifest.yaml");
    fs::write(&path, manifest).expect("file");
    let program = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
    let mut command = std::process::Command::new(python);
    let read = common::sh(command.args(["-c", program]).arg(path));
    Some(serde_json::from_str(&read).expect("JSON"))
}

/// Aliases are replaced where something else is to stand, and nothing changes at their anchors.
#[test]
fn a_manifest_with_aliases_or_in_flow_style_is_filled_in() {
    let vdus = "[{id: vm, attestation: {/a: fbbec44929024e846641287c58384332e96fc075}}]";
    let vnsf = "type: OSM, package: tiny_vnf.tar.gz, descriptor: tiny_vnf/tiny_vnfd.yaml";
    let rest = "hashing_algorithm: SHA_256\n  descriptor: tiny_ns/tiny_nsd.yaml\n  target: KVM\n";
    let properties = "  properties: {vendor: v, capabilities: [c]}\n";
    let ns = |fields: &str| format!("manifest:ns:\n  type: OSM-R4\n{fields}  {rest}{properties}");
    for (text, target) in [
        (
            ns("  schema_version: &v '1.2'\n  package: tiny_ns.tar.gz\n  hash: *v\n"),
            Some("KVM"),
        ),
        (
            ns("  schema_version: '1.2'\n  package: &p tiny_ns.tar.gz\n  hash: &h\n"),
            Some("KVM"),
        ),
        (
            ns("  schema_version: !!str 1.2\n  package: tiny_ns.tar.gz\n  hash: !!str # open\n"),
            Some("KVM"),
        ),
        (
            ns(
                "  schema_version: '1.2'\n  package:\n    tiny_ns.tar.gz\n  hash: >-\n    a\n    b\n",
            ),
            Some("KVM"),
        ),
        (
            ns("  schema_version: '1.2'\n  package: tiny_ns.tar.gz\n  <<: {hash: abc}\n"),
            Some("KVM"),
        ),
        (
            format!(
                "manifest:vnsf: {{{vnsf},\n properties: {{vendor: v, capabilities: [c]}},\n\
                 security_info: {{ vdu: {vdus}\n}} }}\n"
            ),
            None,
        ),
        (
            format!(
                "manifest:vnsf: {{\n{},\nproperties: {{vendor: v, capabilities: [c]}},\n\
                 security_info: {{\n  vdu:\n {vdus}\n}}\n}}\n",
                vnsf.replace(", ", ",\n")
            ),
            None,
        ),
        (
            format!(
                "manifest:vnsf:\n  {}\n{properties}  security_info: {{\n    vdu: {vdus}\n  }}\n",
                vnsf.replace(", ", "\n  ")
            ),
            None,
        ),
    ] {
        let members =
            built(&text, ShieldProfile::Any).unwrap_or_else(|found| panic!("{text}{found:#?}"));
        let content = |name: &str| {
            let member = members.iter().find(|(path, _)| path == name);
            member.map(|(_, content)| content.as_slice())
        };
        let Some(read) = read_by_python(content("manifest.yaml").expect("a manifest")) else {
            return;
        };
        let (key, stem) = match target {
            Some(_) => ("manifest:ns", "tiny_ns"),
            None => ("manifest:vnsf", "tiny_vnf"),
        };
        let body = &read[key];
        let package = content(&format!("{stem}.tar.gz")).expect("a package");
        assert_eq!(body["hash"], sha256(package), "{text}");
        assert_eq!(body["schema_version"], "1.2", "{text}");
        assert_eq!(body["package"], format!("{stem}.tar.gz"), "{text}");
        assert_eq!(body["target"].as_str(), target, "{text}");
        assert_eq!(body["properties"]["capabilities"][0], "c", "{text}");
        if target.is_none() {
            let info = &body["security_info"];
            let name = info["attestation_filename"].as_str().expect("a name");
            let file = content(name).expect("an attestation file");
            assert_eq!(info["hash"], sha256(file), "{text}");
            let file: serde_json::Value = serde_json::from_slice(file).expect("JSON");
            assert_eq!(file["digests"][0]["instance"], "vm", "{text}");
        }
    }
}

/// Where a change would be one at two places, the package is not built, and the others are.
#[test]
fn a_manifest_that_shares_what_is_written_is_told_with_its_line() {
    let rest = "  descriptor: tiny_ns/tiny_nsd.yaml\n  package: tiny_ns.tar.gz\n  \
                properties: {vendor: v, capabilities: [c]}\n";
    for (text, line) in [
        (
            format!("manifest:ns:\n  schema_version: '1.2'\n  type: OSM-R4\n  hash: &h abc\n  hashing_algorithm: SHA_256\n  target: *h\n{rest}"),
            4,
        ),
        (
            // The VDUs become a comment, and the anchor with them.
            "manifest:vnsf:\n  type: OSM\n  package: tiny_vnf.tar.gz\n  descriptor: tiny_vnf/tiny_vnfd.yaml\n  security_info:\n    vdu: [{id: &v vm, attestation: {/a: fbbec44929024e846641287c58384332e96fc075}}]\n  properties: {vendor: *v, capabilities: [c]}\n"
                .to_owned(),
            3,
        ),
    ] {
        let tree = common::Tree::showcase();
        let (inner, name, descriptor) = match text.starts_with("manifest:ns") {
            true => ("tiny_ns", "tiny_nsd.yaml", NSD),
            false => ("tiny_vnf", "tiny_vnfd.yaml", VNFD.as_bytes()),
        };
        tree.file(&format!("s/{inner}/{name}"), descriptor);
        tree.file("s/manifest.yaml", &text);
        let run = tree.nfv(&["build", "--message-format", "short"]).code(1);
        let told = format!("s/manifest.yaml:{line}:");
        let mut lines = run.stderr.lines();
        assert!(
            lines.any(|one| one.starts_with(&told) && one.contains("error[shield/unwritable]")),
            "{text}{}",
            run.stderr
        );
        assert!(run.stderr.contains("1 package not built because of errors"));
        let edge = "target/nfv/packages/edge_ns-1.0.shield.tar.gz";
        assert!(tree.path(edge).is_file(), "{text}");
        let s = common::names(&tree.path("target/nfv/packages"));
        assert!(!s.iter().any(|name| name.contains("tiny") && name.contains("shield")));
    }
}

#[test]
fn every_manifest_that_was_ever_published() {
    let Some(corpus) = std::env::var_os("NFV_CORPUS") else {
        eprintln!("skipped: NFV_CORPUS does not name the folder of public packages");
        return;
    };
    let folder = PathBuf::from(corpus).join("shield/manifests");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("manifests") {
        let path = entry.expect("entry").path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text = fs::read(&path).expect("manifest");
        let is_known = !String::from_utf8_lossy(&text).contains("vnsf_this_is_invalid");
        let tree = tempfile::tempdir().expect("folder");
        let root = fs::canonicalize(tree.path()).expect("folder");
        fs::create_dir(root.join("s")).expect("folder");
        fs::write(root.join("s/manifest.yaml"), text).expect("file");
        let (_, found) = check(&root, None);
        let has = |family: &str| found.iter().any(|d| d.rule.id.starts_with(family));
        // Each is one that the Store once took; what it takes now is told for the others.
        let is_last = name.contains("-g7-") || name.starts_with("vnsf-g6-");
        assert!(!has("schema/"), "{name}: {found:#?}");
        assert_eq!(has("shield/store-drift"), !is_last, "{name}: {found:#?}");
        assert_eq!(has("shield/root-key"), !is_known, "{name}: {found:#?}");
        count += 1;
    }
    assert_eq!(count, 22);
}

/// What the Store does with one of its test archives, and the rules it breaks.
struct Case {
    path: &'static str,
    is_refused: bool,
    rules: &'static [&'static str],
}

const fn refused(path: &'static str, rules: &'static [&'static str]) -> Case {
    Case {
        path,
        is_refused: true,
        rules,
    }
}

const fn accepted(path: &'static str, rules: &'static [&'static str]) -> Case {
    Case {
        path,
        is_refused: false,
        rules,
    }
}

/// The cirros function: a digest of another package and of another
/// attestation, `capabilities: [TBD]`, and an attestation that is a template or
/// no JSON at all.
const CIRROS: &[&str] = &[
    "shield/hash-mismatch",
    "shield/attestation-mismatch",
    "shield/attestation-content",
    "shield/placeholder",
];

const CASES: [Case; 20] = [
    accepted("ns/shield_cirros_ns.tar.gz", &["shield/hash-mismatch"]),
    accepted("ns/shield_l23filter_ns.tar.gz", &[]),
    accepted(
        "ns/shield_cirros_ns_wrong_descriptor_syntax.tar.gz",
        &["shield/hash-mismatch"],
    ),
    refused(
        "ns/shield_cirros_ns.wrong_format.tar",
        &["shield/not-tar-gz", "shield/hash-mismatch"],
    ),
    refused(
        "ns/shield_cirros_ns.other_format.zip",
        &["shield/not-tar-gz", "shield/hash-mismatch"],
    ),
    // Empty files say nothing about being SHIELD packages.
    refused("ns/shield_cirros_ns.impersonate.tar.gz", &[]),
    refused(
        "ns/shield_cirros_ns.wrong_format_vnsfo.tar.gz",
        &["shield/inner-missing"],
    ),
    refused(
        "ns/shield_cirros_ns.impersonate_vnsfo.tar.gz",
        &["shield/not-tar-gz", "shield/hash-mismatch"],
    ),
    refused(
        "ns/shield_cirros_ns.missing_nsd.tar.gz",
        &["shield/descriptor-missing", "shield/hash-mismatch"],
    ),
    accepted("vnsf/shield_cirros_vnsf.tar.gz", CIRROS),
    accepted("vnsf/shield_cirros_vnsf_2.tar.gz", CIRROS),
    accepted(
        "vnsf/shield_l23filter_vnsf.tar.gz",
        &["shield/hash-mismatch", "shield/attestation-content"],
    ),
    accepted(
        "vnsf/shield_cirros_vnsf_wrong_descriptor_syntax.tar.gz",
        CIRROS,
    ),
    refused(
        "vnsf/shield_cirros_vnsf_wrong_manifest_key.tar.gz",
        &[
            "shield/root-key",
            "shield/hash-mismatch",
            "shield/attestation-mismatch",
            "shield/attestation-content",
            "shield/placeholder",
        ],
    ),
    refused(
        "vnsf/shield_cirros_vnsf.missing_vnfd.tar.gz",
        &[
            "shield/inner-folder",
            "shield/hash-mismatch",
            "shield/attestation-mismatch",
            "shield/attestation-content",
            "shield/placeholder",
        ],
    ),
    refused(
        "vnsf/shield_cirros_vnsf.wrong_format.tar",
        &[
            "shield/not-tar-gz",
            "shield/inner-missing",
            "shield/attestation-mismatch",
            "shield/attestation-content",
            "shield/placeholder",
        ],
    ),
    refused(
        "vnsf/shield_cirros_vnsf.other_format.zip",
        &[
            "shield/not-tar-gz",
            "shield/manifest-name",
            "shield/inner-missing",
            "shield/attestation-mismatch",
            "shield/attestation-content",
            "shield/placeholder",
        ],
    ),
    refused("vnsf/shield_cirros_vnsf.impersonate.tar.gz", &[]),
    refused(
        "vnsf/shield_cirros_vnsf.wrong_format_vnsfo.tar.gz",
        &[
            "shield/inner-missing",
            "shield/attestation-mismatch",
            "shield/attestation-content",
            "shield/placeholder",
        ],
    ),
    refused(
        "vnsf/shield_cirros_vnsf.impersonate_vnsfo.tar.gz",
        &[
            "shield/not-tar-gz",
            "shield/hash-mismatch",
            "shield/attestation-mismatch",
            "shield/attestation-content",
            "shield/placeholder",
        ],
    ),
];

#[test]
fn the_stores_own_test_archives() {
    let Some(corpus) = std::env::var_os("NFV_CORPUS") else {
        eprintln!("skipped: NFV_CORPUS does not name the folder of public packages");
        return;
    };
    let root = PathBuf::from(corpus).join("shield/store-head");
    let mut wrong = Vec::new();
    for case in &CASES {
        let (scan, diagnostics) = check(&root, Some(&root.join(case.path)));
        let found = ids(&diagnostics);
        if found != set(case.rules) {
            wrong.push(format!("{}: {found:?}", case.path));
        }
        // What can't be read at all is the `package` family's to tell.
        let is_unreadable = scan.packages.iter().any(|package| {
            let mut findings = package.findings.iter();
            findings.any(|finding| matches!(finding, Finding::Archive { .. }))
        });
        let has_error = diagnostics.iter().any(|d| d.severity == Severity::Error);
        if case.is_refused && !has_error && !is_unreadable {
            wrong.push(format!("{}: the Store refuses it, we do not", case.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Docs say that it is so: nobody would have signed it, and the Store reads nothing of it.
#[test]
fn what_else_lies_beside_a_manifest_stays_behind() {
    let zero = "0".repeat(64);
    let tree = common::Tree::of(&[
        (
            "s/manifest.yaml",
            &around_variant("OSM-R4", "f/f_vnfd.yaml", &zero),
        ),
        ("s/s.json", "{\"digests\": []}"),
        ("s/f/f_vnfd.yaml", &variant(4, "1.0")),
        ("s/f/icons/f.svg", "<svg/>\n"),
        ("s/README.md", "read me\n"),
        ("s/security/second.json", "{}\n"),
        ("s/manifest.yaml.cms", "by somebody else\n"),
    ]);
    tree.nfv(&["build"]).code(0);
    let path = tree.path("target/nfv/packages/f-1.0.shield.tar.gz");
    let names = members(&fs::read(path).expect("a package")).into_iter();
    let names: Vec<String> = names.map(|(name, _)| name).collect();
    assert_eq!(names, ["manifest.yaml", "s.json", "f.tar.gz"]);
}
