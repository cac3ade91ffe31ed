//! What a release consists of: `.ci/release` and the package of the crate.

#![cfg(unix)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::*;

const VERSION: &str = env!("CARGO_PKG_VERSION");
const LINUX: &str = "x86_64-unknown-linux-musl";
const WINDOWS: &str = "x86_64-pc-windows-msvc";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `.ci/release` with these words, the members of archives being of 2020-01-02.
fn release(words: &[&str]) -> Run {
    let mut command = Command::new(root().join(".ci/release"));
    command.args(words).env("SOURCE_DATE_EPOCH", "1577923200");
    run(&mut command)
}

/// The archive of a target, with a stand-in for the program, because packing the real one
/// takes long in a build for tests.
fn archive(tree: &Tree, target: &str, out: &str) -> PathBuf {
    let program = tree.file("cargo-nfv", "#!/bin/sh\necho stand-in\n");
    let out = tree.path(out);
    let runs = env!("CARGO_BIN_EXE_cargo-nfv");
    let words = [
        "archive",
        target,
        program.to_str().expect("UTF-8"),
        out.to_str().expect("UTF-8"),
        "--runs",
        runs,
    ];
    let path = release(&words).code(0).stdout;
    PathBuf::from(path.trim_end())
}

#[test]
fn archives_are_named_as_cargo_binstall_looks_for_them() {
    if tool("python3").is_none() {
        return;
    }
    // Its first pattern for GitHub, and the folder and file that belong to it.
    let package = "{ name }-{ target }-v{ version }{ archive-suffix }";
    let program = "{ name }-{ target }-v{ version }/{ bin }{ binary-ext }";
    let tree = Tree::new();
    for (target, suffix, ext) in [
        (LINUX, ".tgz", ""),
        ("aarch64-apple-darwin", ".tgz", ""),
        (WINDOWS, ".zip", ".exe"),
    ] {
        let fill = |template: &str| {
            let values = [
                ("name", "cargo-nfv"),
                ("bin", "cargo-nfv"),
                ("target", target),
                ("version", VERSION),
                ("archive-suffix", suffix),
                ("binary-ext", ext),
            ];
            values
                .iter()
                .fold(template.to_owned(), |text, (key, value)| {
                    text.replace(&format!("{{ {key} }}"), value)
                })
        };
        let path = archive(&tree, target, "out");
        let name = path.file_name().and_then(|name| name.to_str());
        assert_eq!(name, Some(fill(package).as_str()));
        // And it unpacks beside nothing else, with the program where it is looked for.
        let folder = tree.path(target);
        fs::create_dir(&folder).expect("folder");
        unpack(&path, &folder);
        assert_eq!(names(&folder), [format!("cargo-nfv-{target}-v{VERSION}")]);
        let program = folder.join(fill(program));
        let said = run(Command::new("sh").arg(&program)).code(0);
        assert_eq!(said.stdout, "stand-in\n");
        let top = program.parent().expect("folder");
        for (file, start) in [
            ("README.md", "# cargo nfv"),
            ("LICENSE-APACHE", ""),
            ("LICENSE-MIT", ""),
            ("NOTICE", ""),
            ("completions/_cargo-nfv", "#compdef cargo-nfv"),
            ("completions/cargo-nfv.bash", "_cargo"),
            ("completions/cargo-nfv.fish", ""),
            ("completions/cargo-nfv.elv", ""),
            ("completions/_cargo-nfv.ps1", ""),
            ("man/man1/cargo-nfv.1", ".ie"),
            ("man/man1/cargo-nfv-check.1", ".ie"),
        ] {
            let text = fs::read_to_string(top.join(file)).expect(file);
            assert!(text.starts_with(start), "{file}: {text}");
        }
    }
}

/// Unpacks an archive with the tools that people have.
fn unpack(archive: &Path, folder: &Path) {
    let mut command = if archive.extension().is_some_and(|end| end == "zip") {
        let mut python = Command::new("python3");
        python.args(["-m", "zipfile", "--extract"]);
        python.args([archive, folder]);
        python
    } else {
        let mut tar = Command::new("tar");
        tar.arg("xzf").arg(archive).arg("-C").arg(folder);
        tar
    };
    run(&mut command).code(0);
}

#[test]
fn the_same_program_gives_the_same_archive() {
    if tool("python3").is_none() {
        return;
    }
    let tree = Tree::new();
    for target in [LINUX, WINDOWS] {
        let first = fs::read(archive(&tree, target, "first")).expect("archive");
        // Another time, and files that only their owner may read.
        let program = tree.path("cargo-nfv");
        set_mode(&program, 0o700);
        let second = fs::read(archive(&tree, target, "second")).expect("archive");
        assert!(first == second, "{target}");
    }
    if tool("tar").is_some() {
        let path = archive(&tree, LINUX, "first");
        let mut tar = Command::new("tar");
        tar.args(["tvzf"])
            .arg(&path)
            .env("TZ", "UTC")
            .env("LC_ALL", "C");
        let list = sh(tar.arg("--full-time"));
        for line in list.lines() {
            let is_program = line.ends_with("/cargo-nfv");
            let mode = if is_program {
                "-rwxr-xr-x"
            } else {
                "-rw-r--r--"
            };
            assert!(line.starts_with(&format!("{mode} 0/0 ")), "{line}");
            assert!(line.contains(" 2020-01-02 00:00:00 "), "{line}");
        }
        let path = |line: &str| line.split(' ').next_back().map(str::to_owned);
        let paths: Vec<_> = list.lines().filter_map(path).collect();
        assert!(paths.is_sorted(), "{paths:?}");
    }
}

#[test]
fn checksums_are_those_that_sha256sum_makes() {
    if tool("python3").is_none() || tool("sha256sum").is_none() {
        return;
    }
    let tree = Tree::new();
    archive(&tree, LINUX, "out");
    archive(&tree, WINDOWS, "out");
    let out = tree.path("out");
    fs::write(out.join("cargo-nfv.cdx.json"), "{}").expect("file");
    // A second time changes nothing.
    for _ in 0..2 {
        release(&["checksums", out.to_str().expect("UTF-8")]).code(0);
        let single = format!("cargo-nfv-{WINDOWS}-v{VERSION}.zip.sha256");
        for list in ["SHA256SUMS", &single] {
            let mut check = Command::new("sha256sum");
            let check = check.args(["--check", "--strict", list]).current_dir(&out);
            let said = run(check).code(0).stdout;
            let lines = if list == "SHA256SUMS" { 3 } else { 1 };
            assert_eq!(said.matches(": OK\n").count(), lines, "{said}");
        }
    }
    assert_eq!(names(&out).len(), 6);
}

#[test]
fn what_is_no_release_has_no_checksums() {
    if tool("python3").is_none() {
        return;
    }
    let tree = Tree::new();
    let folder = |name: &str| tree.path(name).to_str().expect("UTF-8").to_owned();
    let nothing = folder("nothing");
    release(&["checksums", &nothing])
        .code(1)
        .says("nothing is no folder");
    tree.file("nested/one/cargo-nfv.tgz", "");
    release(&["checksums", &folder("nested")])
        .code(1)
        .says("one is no file");
    tree.file("empty/SHA256SUMS", "");
    release(&["checksums", &folder("empty")])
        .code(1)
        .says("has no file of a release");
    tree.file("other/README", "");
    release(&["provenance", &folder("other")])
        .code(1)
        .says("has no archive");
}

/// `cargo tree` for all targets, without what tests need: a second opinion of what is built.
#[test]
fn the_bill_of_materials_names_what_is_built() {
    if tool("python3").is_none() {
        return;
    }
    let tree = Tree::new();
    let out = tree.path("out");
    let words = ["sbom", out.to_str().expect("UTF-8")];
    let path = release(&words).code(0).stdout;
    let path = Path::new(path.trim_end());
    judged("cyclonedx", path);
    let text = fs::read_to_string(path).expect("document");
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let parts = document["components"].as_array().expect("components");
    let mut named: Vec<String> = parts
        .iter()
        .map(|part| {
            let of = |key: &str| part[key].as_str().expect("text").to_owned();
            assert_eq!(
                of("purl"),
                format!(
                    "pkg:cargo/{}@{}",
                    of("name"),
                    of("version").replace('+', "%2B")
                )
            );
            assert_eq!(
                part["hashes"][0]["content"].as_str().map(str::len),
                Some(64),
                "{part}"
            );
            assert!(part["licenses"][0]["expression"].is_string(), "{part}");
            format!("{} v{}", of("name"), of("version"))
        })
        .collect();
    named.sort();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "tree",
        "--locked",
        "--offline",
        "--package",
        "cargo-nfv",
        "--target",
        "all",
    ]);
    cargo.args(["--edges", "normal,build", "--prefix", "none"]);
    let said = sh(cargo.current_dir(root()));
    let mut built: Vec<String> = said
        .lines()
        .filter(|line| !line.starts_with("cargo-nfv "))
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    built.sort();
    built.dedup();
    assert_eq!(named, built);
    // Nothing of this machine, and the same text again.
    assert!(!text.contains(root().to_str().expect("UTF-8")));
    let again = tree.path("again");
    let words = ["sbom", again.to_str().expect("UTF-8")];
    let again = release(&words).code(0).stdout;
    assert_eq!(
        fs::read_to_string(again.trim_end()).expect("document"),
        text
    );
}

#[test]
fn the_provenance_of_a_release_is_about_its_archives() {
    if tool("python3").is_none() {
        return;
    }
    let tree = Tree::new();
    let archive = archive(&tree, LINUX, "out");
    let folder = archive.parent().expect("a folder");
    tree.file("out/notes.txt", "no part of it");
    let words = ["provenance", folder.to_str().expect("UTF-8")];
    let mut command = Command::new(root().join(".ci/release"));
    command.args(words).env("SOURCE_DATE_EPOCH", "1577923200");
    let run_of = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "cargo-nfv/cargo-nfv"),
        ("GITHUB_REF", "refs/tags/v9"),
        ("GITHUB_RUN_ID", "42"),
        ("GITHUB_RUN_ATTEMPT", "2"),
        ("RUNNER_ENVIRONMENT", "github-hosted"),
    ];
    command.envs(run_of);
    let path = run(&mut command).code(0).stdout;
    let path = Path::new(path.trim_end());
    judged("provenance", path);
    let text = fs::read_to_string(path).expect("document");
    let statement: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let subjects = statement["subject"].as_array().expect("subjects");
    assert_eq!(subjects.len(), 1);
    let name = archive.file_name().and_then(|name| name.to_str());
    assert_eq!(subjects[0]["name"].as_str(), name);
    let said = sh(Command::new("sha256sum").arg(&archive));
    let digest = subjects[0]["digest"]["sha256"].as_str().expect("digest");
    assert!(said.starts_with(digest), "{said}");
    let predicate = &statement["predicate"];
    let commit = sh(Command::new("git")
        .args(["rev-parse", "HEAD"])
        .current_dir(root()));
    let source = &predicate["buildDefinition"]["resolvedDependencies"][0];
    assert_eq!(source["digest"]["gitCommit"].as_str(), Some(commit.trim()));
    assert_eq!(
        source["uri"].as_str(),
        Some("git+https://github.com/cargo-nfv/cargo-nfv@refs/tags/v9")
    );
    assert_eq!(
        predicate["runDetails"]["metadata"]["invocationId"].as_str(),
        Some("https://github.com/cargo-nfv/cargo-nfv/actions/runs/42/attempts/2")
    );
}

/// What the validators of the format say of a document.
#[track_caller]
fn judged(kind: &str, document: &Path) {
    if tool("sbom-python").is_none() {
        return;
    }
    let mut judge = Command::new("sbom-python");
    judge.arg(root().join("tests/peers/sbom/judge.py"));
    run(judge.arg(kind).arg(document)).code(0);
    if kind == "cyclonedx" && tool("sbom-utility").is_some() {
        let mut judge = Command::new("sbom-utility");
        run(judge.args(["validate", "--input-file"]).arg(document)).code(0);
    }
}

#[test]
fn only_the_version_that_is_described_is_released() {
    if tool("python3").is_none() {
        return;
    }
    let tree = Tree::new();
    let script = fs::read(root().join(".ci/release")).expect("script");
    let script = tree.file(".ci/release", script);
    set_mode(&script, 0o755);
    tree.file(
        "Cargo.toml",
        "[package]\nname = \"cargo-nfv\"\nversion = \"1.2.3\"\n",
    );
    let log = "# Changelog\n\n## [Unreleased]\n\n- Soon.\n\n## [1.2.3] - 2030-01-02\n\n### Added\n\n\
               - This.\n\n## [1.2.2] - 2029-01-02\n\n- That.\n\n<!-- next-url -->\n[1.2.3]: x\n";
    tree.file("CHANGELOG.md", log);
    let say = |words: &[&str]| run(Command::new(&script).args(words));
    assert_eq!(say(&["version", "v1.2.3"]).code(0).stdout, "1.2.3\n");
    assert_eq!(say(&["notes"]).code(0).stdout, "### Added\n\n- This.\n");
    assert_eq!(say(&["notes", "1.2.2"]).code(0).stdout, "- That.\n");
    for tag in ["1.2.3", "v1.2.2", "v1.2.30", "v1.2.3-rc.1"] {
        say(&["version", tag])
            .code(1)
            .says("and Cargo.toml says 1.2.3");
    }
    say(&["notes", "1.2"]).code(1).says("has no section");
    tree.file("CHANGELOG.md", "## [1.2.3]\n\n## [1.2.2]\n\n- That.\n");
    say(&["version", "v1.2.3"])
        .code(1)
        .says("says nothing of 1.2.3");
}

/// The beginning of an ELF file with one program header of this kind.
fn elf(kind: u8) -> Vec<u8> {
    let mut file = vec![0; 64 + 56];
    file[..6].copy_from_slice(b"\x7fELF\x02\x01");
    file[32] = 64;
    file[54] = 56;
    file[56] = 1;
    file[64] = kind;
    file
}

#[test]
fn only_static_programs_go_into_the_image() {
    if tool("python3").is_none() {
        return;
    }
    let tree = Tree::new();
    let good = tree.file("static", elf(1));
    let bad = tree.file("dynamic", elf(3));
    let context = |out: &str, program: &Path| {
        let out = tree.path(out);
        let pair = format!("amd64={}", program.display());
        release(&["context", out.to_str().expect("UTF-8"), &pair])
    };
    if !Path::new("/etc/ssl/certs/ca-certificates.crt").is_file() {
        skip("this machine has no certificates of authorities");
        return;
    }
    context("bad", &bad).code(1).says("needs libraries");
    context("good", &good).code(0);
    let folder = tree.path("good");
    let text = fs::read_to_string(root().join("Containerfile")).expect("Containerfile");
    // What it copies is there, and what it starts.
    for line in text.lines().filter(|line| line.starts_with("COPY ")) {
        let from = line.split(' ').rev().nth(1).expect("source");
        let from = folder.join(from.replace("${TARGETARCH}", "amd64"));
        assert!(from.is_dir(), "{line}");
    }
    assert!(text.contains("ENTRYPOINT [\"/usr/bin/cargo-nfv\"]\n"));
    assert_eq!(
        fs::read(folder.join("linux-amd64/usr/bin/cargo-nfv")).expect("file"),
        elf(1)
    );
    assert!(text.contains("\nUSER 65532:65532\n"));
    let users = fs::read_to_string(folder.join("linux-amd64/etc/passwd")).expect("users");
    assert!(users.contains(":65532:65532:"));
}

/// Without a word from cargo, which warns of each test that stays behind.
#[test]
fn the_crate_is_packaged_whole() {
    let tree = Tree::new();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["package", "--locked", "--no-verify", "--allow-dirty"]);
    cargo.args(["--offline", "--package", "cargo-nfv"]);
    cargo.env("CARGO_TARGET_DIR", tree.path("target"));
    let packaged = run(cargo.current_dir(root())).code(0);
    assert!(!packaged.stderr.contains("warning"), "{}", packaged.stderr);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["package", "--list", "--allow-dirty", "--offline"]);
    let list = sh(cargo.args(["--package", "cargo-nfv"]).current_dir(root()));
    let files: Vec<&str> = list.lines().collect();
    for file in [
        "Cargo.lock",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "NOTICE",
        "README.md",
        "docs/sol006-defects.md",
        "fixtures/showcase/edge_ns/edge_nsd.yaml",
        "schemas/osm/r15/vnfd.json",
        "templates/vnf/@stem@_vnfd.yaml",
        "tests/release.rs",
        "xtask/build.rs",
        "xtask/src/cli/completions/behind-cargo.bash",
        "xtask/src/main.rs",
    ] {
        assert!(files.contains(&file), "{file} is missing: {files:#?}");
    }
    // The other members are not of it, nor is what a build leaves behind.
    for file in files {
        for folder in ["docs/xtask-example/", "xtask/schemagen/", "target/"] {
            assert!(!file.starts_with(folder), "{file}");
        }
    }
}
