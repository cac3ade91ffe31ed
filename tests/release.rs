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

#[test]
fn the_crate_holds_what_it_needs_and_nothing_else() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "package",
        "--list",
        "--allow-dirty",
        "--offline",
        "--package",
        "cargo-nfv",
    ]);
    let list = sh(cargo.current_dir(root()));
    let files: Vec<&str> = list.lines().collect();
    for file in [
        "Cargo.lock",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "NOTICE",
        "README.md",
        "docs/sol006-defects.md",
        "schemas/osm/r15/vnfd.json",
        "templates/vnf/@stem@_vnfd.yaml",
        "xtask/build.rs",
        "xtask/src/cli/completions/behind-cargo.bash",
        "xtask/src/main.rs",
    ] {
        assert!(files.contains(&file), "{file} is missing: {files:#?}");
    }
    let wanted = [
        "benches/",
        "docs/",
        "schemas/",
        "templates/",
        "xtask/src/",
        "Cargo.",
        "LICENSE-",
    ];
    let single = [
        ".cargo_vcs_info.json",
        "CHANGELOG.md",
        "NOTICE",
        "README.md",
        "xtask/build.rs",
    ];
    let unwanted = ["docs/xtask-example/", "templates/nfv/"];
    for file in files {
        let is_wanted = wanted.iter().any(|start| file.starts_with(start));
        let is_unwanted = unwanted.iter().any(|start| file.starts_with(start));
        assert!(
            (is_wanted && !is_unwanted) || single.contains(&file),
            "{file}"
        );
    }
}
