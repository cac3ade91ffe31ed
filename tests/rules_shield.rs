//! SHIELD packages: archives built here for what no text can show, and the
//! Store's own test archives where they are at hand.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use nfv::diagnostic::{Diagnostic, Severity};
use nfv::rules::{self, Levels};
use nfv::schema::Choice;
use nfv::source::{self, Config, Finding, Scan, Selection, Workspace};
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

const NSD: &[u8] = b"nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n";

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
            &["shield/attestation", "shield/attestation-content"][..],
        ),
    ] {
        let manifest = format!(
            "manifest:vnsf:\n  security_info:\n    attestation_filename: tiny.json\n    hash: {hash}\n"
        );
        fs::write(root.join("manifest.yaml"), manifest).expect("file");
        assert_eq!(ids(&check(&root, None).1), set(expected), "{hash}");
    }
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
    "shield/attestation",
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
        &["shield/not-tar-gz"],
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
            "shield/attestation",
            "shield/attestation-content",
            "shield/placeholder",
        ],
    ),
    refused(
        "vnsf/shield_cirros_vnsf.missing_vnfd.tar.gz",
        &[
            "shield/inner-folder",
            "shield/hash-mismatch",
            "shield/attestation",
            "shield/attestation-content",
            "shield/placeholder",
        ],
    ),
    refused(
        "vnsf/shield_cirros_vnsf.wrong_format.tar",
        &[
            "shield/not-tar-gz",
            "shield/inner-missing",
            "shield/attestation",
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
            "shield/attestation",
            "shield/attestation-content",
            "shield/placeholder",
        ],
    ),
    refused("vnsf/shield_cirros_vnsf.impersonate.tar.gz", &[]),
    refused(
        "vnsf/shield_cirros_vnsf.wrong_format_vnsfo.tar.gz",
        &[
            "shield/inner-missing",
            "shield/attestation",
            "shield/attestation-content",
            "shield/placeholder",
        ],
    ),
    refused(
        "vnsf/shield_cirros_vnsf.impersonate_vnsfo.tar.gz",
        &[
            "shield/not-tar-gz",
            "shield/attestation",
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
