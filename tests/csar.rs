//! CSARs: what is built is read and accepted by the programs and rules that
//! others judge it with, and is the same bytes wherever it is built.

#![cfg(unix)]

mod common;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use common::*;
use serde_json::Value;

/// What no descriptor of the trees below says.
const SETTINGS: &str = "\
layout = \"csar\"

[csar]
release-date = \"2026-01-31T12:00:00+01:00\"
software-version = \"7.3\"
vnfm-info = [\"etsivnfm:v2.7.1\", \"0:osm\"]
invariant-id = \"edge\"
designer = \"Example Operator\"
licenses = \"LICENSE\"
change-log = \"CHANGES.md\"
";

/// A VNF in OSM's layout with a file in each folder, and a loose NSD; a large
/// file that can be compressed, one that can't, an executable one.
fn sources() -> Tree {
    let tree = Tree::new();
    tree.file("nfv.toml", SETTINGS);
    tree.file("CHANGES.md", "# 1.0\n\nThe first.\n");
    tree.file("LICENSE", "Apache-2.0\n");
    tree.file("tiny/any_vnfd.yaml", VNFD);
    tree.file("tiny/checksums.txt", "");
    tree.file("tiny/cloud_init/start.cfg", "#cloud-config\n");
    let hook = tree.file("tiny/charms/ops/x/hooks/install", "#!/bin/sh\nexit 0\n");
    set_mode(&hook, 0o755);
    tree.file("tiny/images/disk.qcow2", noise(3 << 20));
    tree.file("tiny/icons/größe ä.svg", "<svg/>\n".repeat(500_000));
    tree.file("tiny/values.yaml", "replicas: 2\n");
    tree.file("tiny/empty", "");
    let nsd = "nsd:\n  nsd:\n    - id: tiny_ns\n      name: Tiny\n      version: '2.0'\n      vnfd-id: [tiny_vnf]\n";
    tree.file("services/tiny_nsd.yaml", nsd);
    tree.file(
        "services/other_nsd.yaml",
        nsd.replace("tiny_ns", "other_ns"),
    );
    tree
}

/// Bytes that can't be compressed.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..len.div_ceil(8))
        .flat_map(|_| next().to_le_bytes())
        .collect()
}

fn archives(tree: &Tree) -> Vec<PathBuf> {
    let packages = tree.build("out");
    let all: Vec<PathBuf> = names(&packages).iter().map(|n| packages.join(n)).collect();
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(
        all.iter()
            .all(|path| path.extension().expect("ending") == "csar")
    );
    all
}

/// A tool in a locale that knows UTF-8.
fn peer(path: &Path) -> Command {
    let mut command = Command::new(path);
    command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
    command
}

/// Runs a program in Python on an archive.
#[track_caller]
fn python(program: &str, archive: &Path) -> Option<String> {
    let python = tool("python3")?;
    Some(sh(peer(&python).args(["-c", program]).arg(archive)))
}

/// Names and SHA-256 of the files, as Python's reader sees them.
fn read_by_python(archive: &Path) -> Option<BTreeMap<String, String>> {
    const PROGRAM: &str = r#"
import hashlib, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    assert len(set(z.namelist())) == len(z.namelist())
    for i in z.infolist():
        assert i.date_time == (1980, 1, 1, 0, 0, 0), i
        assert not i.extra and not i.comment, i
        mode = i.external_attr >> 16
        print(i.filename, oct(mode & 0o777), '' if i.is_dir() else hashlib.sha256(z.read(i)).hexdigest(), sep='\t')
"#;
    let out = python(PROGRAM, archive)?;
    let row = |line: &str| {
        let mut cells = line.split('\t').map(str::to_owned);
        let (name, mode) = (cells.next().expect("name"), cells.next().expect("mode"));
        (name, format!("{mode} {}", cells.next().expect("digest")))
    };
    Some(out.lines().map(row).collect())
}

#[test]
fn every_reader_finds_the_same_members() {
    let (Some(unzip), Some(zipinfo), Some(bsdtar)) =
        (tool("unzip"), tool("zipinfo"), tool("bsdtar"))
    else {
        return;
    };
    let tree = sources();
    for archive in archives(&tree) {
        let out = sh(peer(&unzip).arg("-t").arg(&archive));
        assert!(out.contains("No errors detected"), "{out}");
        let listed = sh(peer(&zipinfo).arg("-1").arg(&archive));
        let mut names: Vec<&str> = listed.lines().collect();
        assert_eq!(names[..2], ["TOSCA-Metadata/", "TOSCA-Metadata/TOSCA.meta"]);
        assert!(names.last().expect("member").ends_with(".mf"));
        let tar = sh(peer(&bsdtar).arg("-tf").arg(&archive));
        assert_eq!(tar, listed);
        // A reader that can't seek goes by the headers before the members.
        let mut stream = peer(&bsdtar);
        stream.arg("-tf").arg("-");
        let stream = stream
            .stdin(File::open(&archive).expect("archive"))
            .output();
        let stream = stream.expect("bsdtar");
        assert!(stream.status.success());
        assert_eq!(String::from_utf8_lossy(&stream.stdout), listed);
        let Some(read) = read_by_python(&archive) else {
            return;
        };
        names.sort_unstable();
        assert_eq!(read.keys().collect::<Vec<_>>(), names);
        let folder = tree.beside("unpacked");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).expect("folder");
        sh(peer(&unzip).args(["-q", "-d"]).arg(&folder).arg(&archive));
        for (name, facts) in &read {
            let path = folder.join(name);
            let mode = fs::metadata(&path).expect("member").permissions().mode() & 0o777;
            let digest = match path.is_dir() {
                true => String::new(),
                false => sha256(&fs::read(&path).expect("member")),
            };
            assert_eq!(*facts, format!("0o{mode:o} {digest}"), "{name}");
        }
    }
}

#[test]
fn every_file_of_the_source_has_its_place() {
    let tree = sources();
    let all = archives(&tree);
    let Some(read) = read_by_python(&all[2]) else {
        return;
    };
    let of = |source: &str| sha256(&fs::read(tree.path(source)).expect("file"));
    for (place, mode, source) in [
        ("Definitions/tiny_vnf.yaml", "644", "tiny/any_vnfd.yaml"),
        (
            "Scripts/cloud_init/start.cfg",
            "644",
            "tiny/cloud_init/start.cfg",
        ),
        (
            "Scripts/charms/ops/x/hooks/install",
            "755",
            "tiny/charms/ops/x/hooks/install",
        ),
        ("Files/images/disk.qcow2", "644", "tiny/images/disk.qcow2"),
        ("Files/icons/größe ä.svg", "644", "tiny/icons/größe ä.svg"),
        ("Files/values.yaml", "644", "tiny/values.yaml"),
        ("Files/empty", "644", "tiny/empty"),
        ("ChangeLog.txt", "644", "CHANGES.md"),
        ("Licenses/LICENSE", "644", "LICENSE"),
    ] {
        assert_eq!(
            read.get(place),
            Some(&format!("0o{mode} {}", of(source))),
            "{place}"
        );
    }
    let files = read.keys().filter(|name| !name.ends_with('/')).count();
    assert_eq!(files, 9 + 2, "{:?}", read.keys());
}

/// What ONAP's SDC and CVC look at, written from the reference with Python's
/// own reader and digests: no part of it is this program's.
const SDC: &str = r#"
import hashlib, os, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
files = [n for n in z.namelist() if not n.endswith('/')]
folders = [n for n in z.namelist() if n.endswith('/')]
text = lambda n: z.read(n).decode().splitlines()
pairs = lambda lines: [[p.strip() for p in l.split(':', 1)] for l in lines if l.strip()]
stem = lambda p: os.path.splitext(os.path.basename(p))[0]

mf = [n for n in files if n.endswith('.mf')]
assert len(mf) == 1, mf
mf = mf[0]
if 'TOSCA-Metadata/TOSCA.meta' in files:
    meta = dict(pairs(text('TOSCA-Metadata/TOSCA.meta')))
    known = ['TOSCA-Meta-File-Version', 'CSAR-Version', 'Created-By', 'Entry-Definitions',
             'ETSI-Entry-Manifest', 'ETSI-Entry-Change-Log', 'ETSI-Entry-Licenses',
             'ETSI-Entry-Tests', 'ETSI-Entry-Certificate']
    assert set(meta) <= set(known) and set(known[:6]) <= set(meta), meta
    assert meta['TOSCA-Meta-File-Version'] == '1.0' and meta['CSAR-Version'] in ('1.0', '1.1')
    assert meta['Created-By']
    for key in ['Entry-Definitions', 'ETSI-Entry-Manifest', 'ETSI-Entry-Change-Log']:
        assert meta[key] in files, meta[key]
    for key in ['ETSI-Entry-Licenses', 'ETSI-Entry-Tests']:
        assert key not in meta or meta[key] + '/' in folders, meta[key]
    assert meta['ETSI-Entry-Manifest'] == mf
    definitions = meta['Entry-Definitions']
else:
    definitions, = [n for n in files if '/' not in n and n.endswith(('.yaml', '.yml'))]
assert stem(definitions) == stem(mf)

lines = text(mf)
assert lines[0].strip() == 'metadata:'
blocks, block = [], []
for line in lines + ['']:
    if line.strip():
        block.append(line)
    elif block:
        blocks.append(block)
        block = []
metadata = dict(pairs(blocks[0][1:]))
vnf = {'vnfd_id', 'vnf_provider_id', 'vnf_product_name', 'vnf_release_date_time',
       'vnf_software_version', 'vnf_package_version', 'vnfm_info', 'compatible_specification_versions'}
nsd = {'nsd_invariant_id', 'nsd_name', 'nsd_designer', 'nsd_file_structure_version',
       'nsd_release_date_time', 'compatible_specification_versions'}
assert set(metadata) in (vnf, nsd) and all(metadata.values()), metadata
listed = []
for block in blocks[1:]:
    keys = pairs(block)
    assert [k for k, _ in keys] == ['Source', 'Algorithm', 'Hash'], block
    source, algorithm, digest = [v for _, v in keys]
    algorithm = {'SHA-256': 'sha256', 'SHA-512': 'sha512'}[algorithm]
    assert hashlib.new(algorithm, z.read(source)).hexdigest() == digest, source
    listed.append(source)
assert sorted(listed) == sorted(set(files) - {mf}), set(files) ^ set(listed)
for key in sorted(metadata):
    print(key, metadata[key], sep='=')
"#;

#[test]
fn sdc_finds_manifest_and_meta_complete_and_right() {
    let tree = sources();
    let mut metadata = Vec::new();
    for archive in archives(&tree) {
        let Some(out) = python(SDC, &archive) else {
            return;
        };
        metadata.push(out);
    }
    assert_eq!(
        metadata[2],
        "compatible_specification_versions=2.7.1\n\
         vnf_package_version=1.0\n\
         vnf_product_name=tiny_vnf\n\
         vnf_provider_id=Example Operator\n\
         vnf_release_date_time=2026-01-31T12:00:00+01:00\n\
         vnf_software_version=7.3\n\
         vnfd_id=tiny_vnf\n\
         vnfm_info=etsivnfm:v2.7.1,0:osm\n"
    );
    assert_eq!(
        metadata[1],
        "compatible_specification_versions=2.7.1\n\
         nsd_designer=Example Operator\n\
         nsd_file_structure_version=2.0\n\
         nsd_invariant_id=edge\n\
         nsd_name=Tiny\n\
         nsd_release_date_time=2026-01-31T12:00:00+01:00\n"
    );
}

/// What `upload_content` of OSM's north-bound interface decides about a zip.
const NBI: &str = r#"
import sys, zipfile
found = None
for name in zipfile.ZipFile(sys.argv[1]).namelist():
    if name.startswith('/') or '..' in name.split('/'):
        sys.exit("Absolute path or '..' are not allowed")
    if name.endswith(('.yaml', '.json', '.yml')) and ('/' not in name or 'Definitions' in name):
        if found:
            sys.exit('Found more than one descriptor file at package descriptor zip')
        found = name
if not found:
    sys.exit('Not found any descriptor file at package descriptor zip')
print(found)
"#;

#[test]
fn osm_finds_the_one_descriptor() {
    let tree = sources();
    for archive in archives(&tree) {
        let Some(out) = python(NBI, &archive) else {
            return;
        };
        assert!(out.starts_with("Definitions/"), "{out}");
    }
}

#[test]
fn a_second_yaml_that_osm_would_find_is_an_error() {
    let tree = sources();
    tree.file("tiny/charms/Definitions/types.yaml", "a: 1\n");
    tree.nfv(&["check", "tiny"]).code(1).says(
        "error[osm/definitions]: OSM takes `charms/Definitions/types.yaml` for a second descriptor",
    );
    // And rightly so.
    let Some(python) = tool("python3") else {
        return;
    };
    let archive = tree.build("out").join("tiny_vnf-1.0.csar");
    let judged = run(peer(&python).args(["-c", NBI]).arg(archive));
    assert!(
        judged.stderr.contains("Found more than one"),
        "{}",
        judged.stderr
    );
    tree.nfv(&[
        "check",
        "tiny",
        "--profile",
        "etsi",
        "-A",
        "schema",
        "-A",
        "sol006",
    ])
    .code(0);
}

#[test]
fn finished_csars_pass_the_check_and_are_published_as_from_source() {
    let tree = sources();
    for archive in archives(&tree) {
        let run = tree.nfv(&[
            "check",
            &archive.display().to_string(),
            "-A",
            "schema",
            "-A",
            "osm",
        ]);
        run.code(0).says("no findings");
    }
    let publish = |out: &str, paths: &[&str]| {
        let mut command = tree.command();
        command.args(["publish", "-A", "all", "--target-dir"]);
        run(command.arg(tree.beside(out)).args(paths))
            .code(0)
            .stdout
    };
    let from_source = publish("one", &[]);
    let packages = tree.beside("one/nfv/packages");
    let finished: Vec<String> = names(&packages)
        .iter()
        .map(|name| packages.join(name).display().to_string())
        .collect();
    let finished: Vec<&str> = finished.iter().map(String::as_str).collect();
    let both = [from_source, publish("two", &finished)].map(|out| {
        let mut lines: Vec<String> = out.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    });
    assert_eq!((both[0].len(), both[1].len()), (3, 3));
    // What a service needs stands in the source tree, and not in a finished
    // package beside it.
    assert_eq!(both[0][2], both[1][2]);
    let mut inspect = tree.command();
    inspect.args([
        "inspect",
        "tiny_vnf:1.0",
        "--message-format",
        "json",
        "--target-dir",
    ]);
    let shown = run(inspect.arg(tree.beside("one"))).code(0).stdout;
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(
        shown.pointer("/manifest/layers/0/mediaType"),
        Some(&Value::from("application/vnd.etsi.nfv.package.v1+zip"))
    );
    assert_eq!(
        shown.pointer("/manifest/layers/0/annotations/org.opencontainers.image.title"),
        Some(&Value::from("tiny_vnf-1.0.csar"))
    );
    for (field, value) in [
        ("packageSpec", "SOL004"),
        ("dataModelSpec", "SOL006@2.6.1"),
        ("descriptorFile", "Definitions/tiny_vnf.yaml"),
    ] {
        let found = shown.pointer(&format!("/config/{field}"));
        assert_eq!(found, Some(&Value::from(value)), "{field}");
    }
}

#[test]
fn clock_umask_threads_and_order_do_not_matter() {
    let one = sources();
    let two = Tree::new();
    copy(&one.root, &two.root, true);
    walk(&two.root, &mut |path| {
        let is_executable = path.is_dir() || path.ends_with("install");
        set_mode(path, if is_executable { 0o700 } else { 0o600 });
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_234_567_890);
        File::open(path)
            .and_then(|file| file.set_modified(time))
            .expect("time");
    });
    let build = |command: &mut Command, out: PathBuf, threads: &str| {
        command.args(["build", "-A", "all", "-j", threads, "--target-dir"]);
        run(command.arg(&out)).code(0);
        digests(&out.join("nfv/packages"))
    };
    let first = build(&mut one.command(), one.beside("out"), "1");
    let mut strict = Command::new("sh");
    strict
        .current_dir(&two.root)
        .env("TZ", "Pacific/Chatham")
        .env("LC_ALL", "tr_TR.UTF-8")
        .args(["-c", "umask 077 && exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_cargo-nfv"));
    let second = build(&mut strict, two.beside("out"), "7");
    assert_eq!(first.len(), 3);
    assert_eq!(first, second);
}

#[test]
fn an_unchanged_csar_is_not_built_again_and_a_changed_setting_is_noticed() {
    let tree = sources();
    let text = fs::read_to_string(tree.path("nfv.toml")).expect("file");
    tree.file("nfv.toml", format!("{text}\n[lints]\nall = \"allow\"\n"));
    std::thread::sleep(Duration::from_millis(30));
    tree.nfv(&["build"]).code(0).says("3 packages built");
    tree.nfv(&["build"]).code(0).says("3 packages up to date");
    tree.file("CHANGES.md", "# 1.0\n\nThe very first.\n");
    std::thread::sleep(Duration::from_millis(30));
    tree.nfv(&["build"]).code(0).says("3 packages built");
    tree.replace("nfv.toml", "\"7.3\"", "\"7.4\"");
    tree.nfv(&["build"])
        .code(0)
        .says("1 package built, 2 up to date");
    tree.nfv(&["clean", "-p", "tiny_vnf"]).code(0);
    let left = names(&tree.path("target/nfv/packages"));
    assert_eq!(left, ["other_ns-2.0.csar", "tiny_ns-2.0.csar"]);
}

#[test]
fn what_nobody_says_is_asked_for_and_not_made_up() {
    let tree = Tree::of(&[
        ("nfv.toml", "layout = \"csar\"\n"),
        ("tiny/vnfd.yaml", VNFD),
    ]);
    let run = tree.nfv(&["build", "-A", "osm"]).code(1);
    for text in [
        "the manifest needs `vnf_release_date_time`, and nothing says when that was",
        "the manifest needs `vnf_software_version`, and the VNFD has no `software-version`",
        "the manifest needs `vnfm_info`, and the VNFD has no `vnfm-info`",
        "help: add `vnfm-info` to the VNFD, or `vnfm-info = [\"…\"]` to `[csar]` of the configuration",
        "error[csar/change-log]: the package has no change log",
        "warning[csar/licenses]: the package has no licences",
    ] {
        assert!(run.stderr.contains(text), "{text}\n{}", run.stderr);
    }
    assert!(names(&tree.path("target/nfv/packages")).is_empty());
    // A package's own settings, the descriptor, and the time of the sources.
    tree.file(
        "nfv.toml",
        "[packages.tiny_vnf]\nlayout = \"csar\"\n\n[packages.tiny_vnf.csar]\nvnfm-info = [\"etsivnfm:v2.7.1\"]\nspecification-versions = [\"2.7.1\", \"3.3.1\"]\n",
    );
    tree.file("tiny/ChangeLog.txt", "1.0: the first\n");
    tree.replace(
        "tiny/vnfd.yaml",
        "  version:",
        "  software-version: '7'\n  version:",
    );
    let mut command = tree.command();
    command
        .env("SOURCE_DATE_EPOCH", "1700566490")
        .args(["build", "-A", "osm"]);
    common::run(&mut command).code(0);
    let archive = tree.path("target/nfv/packages/tiny_vnf-1.0.csar");
    let (Some(unzip), Some(_)) = (tool("unzip"), tool("python3")) else {
        return;
    };
    let manifest = sh(peer(&unzip).arg("-p").arg(&archive).arg("*.mf"));
    assert!(
        manifest.contains("\nvnf_release_date_time: 2023-11-21T11:34:50Z\n"),
        "{manifest}"
    );
    assert!(
        manifest.contains("\nvnf_software_version: 7\n"),
        "{manifest}"
    );
    assert!(
        manifest.contains("\ncompatible_specification_versions: 2.7.1,3.3.1\n"),
        "{manifest}"
    );
}

#[test]
fn a_wrong_configuration_ends_with_2() {
    let tree = Tree::of(&[("tiny/vnfd.yaml", VNFD), ("nfv.toml", "layout = \"zip\"\n")]);
    tree.nfv(&["check"]).code(2).says("nfv.toml");
    tree.file("nfv.toml", "[csar]\nvnf-provider = \"x\"\n");
    tree.nfv(&["check"]).code(2).says("vnf-provider");
    tree.file("nfv.toml", "[packages.tiny_vfn]\nlayout = \"csar\"\n");
    tree.nfv(&["check"]).code(2).says(
        "settings for the package `tiny_vfn`, which is not in the tree; did you mean `tiny_vnf`?",
    );
    // Who looks at a part of the tree need not see all of it.
    tree.nfv(&["check", "tiny", "-A", "osm"]).code(0);
    tree.file(
        "nfv.toml",
        "layout = \"csar\"\n[csar]\nchange-log = \"../elsewhere\"\nlicenses = \"none\"\n\
         tests = \"target/nfv/tests\"\n",
    );
    tree.file("../elsewhere", "x\n");
    tree.file("target/nfv/tests/a.txt", "x\n");
    let run = tree.nfv(&["check"]).code(1);
    let refused = "which `change-log` names, can't be taken: it lies outside of the source tree";
    run.says(refused)
        .says("which `licenses` names, can't be taken: ")
        .says("which `tests` names, can't be taken: it is an output");
}

/// A source folder that is a CSAR itself, with or without `TOSCA-Metadata`.
fn arranged(with_meta: bool) -> Tree {
    let tree = Tree::new();
    tree.file("nfv.toml", "[lints]\nschema = \"allow\"\n");
    let folder = if with_meta {
        "tiny/Definitions/"
    } else {
        "tiny/"
    };
    tree.file(&format!("{folder}tiny.yaml"), VNFD);
    tree.file("tiny/ChangeLog.txt", "1.0: the first\n");
    tree.file("tiny/Licenses/LICENSE.txt", "Apache-2.0\n");
    tree.file("tiny/Files/icon.svg", "<svg/>\n");
    let metadata = "metadata:\nvnfd_id: tiny_vnf\nvnf_provider_id: Example Operator\nvnf_product_name: tiny_vnf\nvnf_release_date_time: 2026-01-31T12:00:00Z\nvnf_software_version: 1\nvnf_package_version: 1.0\nvnfm_info: etsivnfm:v2.7.1\ncompatible_specification_versions: 2.7.1\n";
    let digest = sha256(b"<svg/>\n");
    let icon = format!("\nSource: Files/icon.svg\nAlgorithm: SHA-256\nHash: {digest}\n");
    tree.file("tiny/tiny.mf", format!("{metadata}{icon}"));
    if with_meta {
        tree.file("tiny/TOSCA-Metadata/TOSCA.meta", "TOSCA-Meta-File-Version: 1.0\nCSAR-Version: 1.1\nCreated-By: Example\nEntry-Definitions: Definitions/tiny.yaml\nETSI-Entry-Manifest: tiny.mf\nETSI-Entry-Change-Log: ChangeLog.txt\nETSI-Entry-Licenses: Licenses\n");
    }
    tree
}

#[test]
fn a_folder_that_is_a_csar_is_built_as_one_with_all_its_files_in_the_manifest() {
    for with_meta in [true, false] {
        let tree = arranged(with_meta);
        tree.nfv(&["build"])
            .code(0)
            .says("warning[csar/stale-manifest]: `ChangeLog.txt` and ");
        let archive = tree.path("target/nfv/packages/tiny_vnf-1.0.csar");
        assert!(python(SDC, &archive).is_none_or(|out| out.contains("vnfd_id=tiny_vnf")));
        assert!(python(NBI, &archive).is_none_or(|out| out.ends_with("tiny.yaml\n")));
        let shown = archive.display().to_string();
        tree.nfv(&["check", &shown]).code(0).says("no findings");
        // What the fix writes is what the build writes.
        tree.nfv(&["check", "--fix"]).code(0).says("no findings");
        let Some(unzip) = tool("unzip") else {
            return;
        };
        let built = sh(peer(&unzip).arg("-p").arg(&archive).arg("tiny.mf"));
        assert_eq!(
            fs::read_to_string(tree.path("tiny/tiny.mf")).expect("file"),
            built
        );
    }
}

#[test]
fn definitions_without_meta_get_one() {
    let tree = arranged(true);
    fs::remove_dir_all(tree.path("tiny/TOSCA-Metadata")).expect("folder");
    tree.nfv(&["build"]).code(0);
    let archive = tree.path("target/nfv/packages/tiny_vnf-1.0.csar");
    python(SDC, &archive);
    // Without a manifest it is made from the descriptor, under the name that
    // `TOSCA.meta` wants.
    let tree = arranged(true);
    fs::remove_file(tree.path("tiny/tiny.mf")).expect("file");
    tree.file(
        "nfv.toml",
        SETTINGS
            .replace("licenses", "# ")
            .replace("change-log", "# "),
    );
    tree.nfv(&["build"]).code(0);
    python(SDC, &tree.path("target/nfv/packages/tiny_vnf-1.0.csar"));
}

#[test]
fn the_layout_of_osm_can_be_asked_for_where_the_descriptor_is_at_the_top() {
    let tree = arranged(false);
    tree.file("nfv.toml", "layout = \"osm\"\n");
    tree.nfv(&["build"]).code(0);
    assert_eq!(
        names(&tree.path("target/nfv/packages")),
        ["tiny_vnf-1.0.tar.gz"]
    );
    let tree = arranged(true);
    tree.file("nfv.toml", "layout = \"osm\"\n");
    tree.nfv(&["build"])
        .code(1)
        .says("error[csar/layout]: `tiny` can't be built in OSM's layout");
}

/// Signs a manifest as vnfsdk does; with the certificate in the signature or
/// without.
fn sign(tree: &Tree, openssl: &Path, with_certificate: bool) -> bool {
    let (key, certificate) = (tree.beside("key.pem"), tree.beside("cert.pem"));
    let mut make = Command::new(openssl);
    make.args([
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout",
    ]);
    sh(make.arg(&key).arg("-out").arg(&certificate));
    let manifest = tree.path("tiny/tiny.mf");
    let mut sign = Command::new(openssl);
    sign.args(["cms", "-sign", "-binary", "-outform", "PEM", "-in"])
        .arg(&manifest);
    sign.arg("-signer")
        .arg(&certificate)
        .arg("-inkey")
        .arg(&key);
    if !with_certificate {
        sign.arg("-nocerts");
    }
    let block = sh(&mut sign);
    let text = fs::read_to_string(&manifest).expect("file");
    fs::write(&manifest, format!("{text}\n{block}")).expect("file");
    block.contains("BEGIN CMS")
}

#[test]
fn a_signature_stays_while_nothing_changes_and_goes_when_something_does() {
    let (Some(openssl), Some(unzip)) = (tool("openssl"), tool("unzip")) else {
        return;
    };
    let tree = arranged(true);
    tree.nfv(&["check", "--fix"]).code(0);
    assert!(sign(&tree, &openssl, true));
    tree.nfv(&["build"]).code(0).says("no findings");
    let archive = tree.path("target/nfv/packages/tiny_vnf-1.0.csar");
    let packed = sh(peer(&unzip).arg("-p").arg(&archive).arg("tiny.mf"));
    assert_eq!(
        packed,
        fs::read_to_string(tree.path("tiny/tiny.mf")).expect("file")
    );
    let (text, block) = packed.split_once("\n-----BEGIN CMS").expect("signature");
    fs::write(tree.beside("text"), text).expect("file");
    fs::write(tree.beside("cms"), format!("-----BEGIN CMS{block}")).expect("file");
    let mut verify = Command::new(&openssl);
    verify
        .args(["cms", "-verify", "-binary", "-inform", "PEM", "-in"])
        .arg(tree.beside("cms"));
    verify
        .arg("-content")
        .arg(tree.beside("text"))
        .arg("-CAfile")
        .arg(tree.beside("cert.pem"));
    sh(verify.args(["-purpose", "any"]));
    // Who signs it anew gets the same but for that.
    let (key, certificate) = (tree.beside("key.pem"), tree.beside("cert.pem"));
    let (key, certificate) = (key.display().to_string(), certificate.display().to_string());
    tree.nfv(&[
        "build",
        "--sign-key",
        &key,
        "--sign-certificate",
        &certificate,
    ])
    .code(0);
    let signed = sh(peer(&unzip).arg("-p").arg(&archive).arg("tiny.mf"));
    assert!(signed.starts_with(text) && signed != packed, "{signed}");
    let shown = archive.display().to_string();
    let run = tree.nfv(&["verify", "--rebuild", &shown]).code(0);
    let same = "the sources give the same, but for the signature";
    assert!(run.stdout.contains(same), "{}", run.stdout);
    tree.file("tiny/Files/icon.svg", "<svg></svg>\n");
    tree.nfv(&["verify", "--rebuild", &shown])
        .code(1)
        .says("verify/not-rebuilt");
    tree.nfv(&["build"])
        .code(0)
        .says("`tiny.mf` has another digest for `Files/icon.svg`")
        .says("the signature is of this text and does not go into the package");
    let packed = sh(peer(&unzip).arg("-p").arg(&archive).arg("tiny.mf"));
    assert!(!packed.contains("CMS"), "{packed}");
    python(SDC, &archive);
    // No signature is thrown away without being asked.
    let before = fs::read(tree.path("tiny/tiny.mf")).expect("file");
    tree.nfv(&["check", "--fix"]).says("Fixed nothing");
    assert_eq!(before, fs::read(tree.path("tiny/tiny.mf")).expect("file"));
}

#[test]
fn a_certificate_is_in_the_signature_or_in_the_package() {
    let Some(openssl) = tool("openssl") else {
        return;
    };
    for (with_certificate, code) in [(true, 1), (false, 0)] {
        let tree = arranged(true);
        tree.file("tiny/tiny.cert", "whatever\n");
        tree.nfv(&["check", "--fix"]).code(0);
        assert!(sign(&tree, &openssl, with_certificate));
        let run = tree.nfv(&["check"]).code(code);
        assert_eq!(
            run.stderr.contains(
                "error[csar/signature]: the certificate is in the signature and in `tiny.cert`"
            ),
            with_certificate,
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_damaged_package_is_an_error() {
    let Some(python) = tool("python3") else {
        return;
    };
    const DAMAGE: &str = r#"
import sys, zipfile
old, new = (zipfile.ZipFile(p, m) for p, m in zip(sys.argv[1:], 'rw'))
for i in old.infolist():
    if not i.is_dir():
        data = old.read(i)
        if i.filename == 'Files/icon.svg': data += b' '
        if i.filename == 'Licenses/LICENSE.txt': continue
        new.writestr(i.filename, data)
new.writestr('Files/added', b'')
new.close()
"#;
    let tree = arranged(true);
    // Another digest than the one that is computed anyway.
    let digest = sh(Command::new("sha512sum").arg(tree.path("tiny/Files/icon.svg")));
    let digest = digest.split(' ').next().expect("digest");
    let text = fs::read_to_string(tree.path("tiny/tiny.mf")).expect("file");
    let text = text[..text.find("Algorithm").expect("entry")].to_owned();
    tree.file(
        "tiny/tiny.mf",
        format!("{text}Algorithm: SHA-512\nHash: {digest}\n"),
    );
    tree.nfv(&["build"]).code(0);
    let archive = tree.path("target/nfv/packages/tiny_vnf-1.0.csar");
    let damaged = tree.beside("damaged.csar");
    tree.nfv(&["check", &archive.display().to_string()])
        .code(0)
        .says("no findings");
    sh(Command::new(python)
        .args(["-c", DAMAGE])
        .arg(&archive)
        .arg(&damaged));
    tree.nfv(&["check", &damaged.display().to_string()])
        .code(1)
        .says("error[csar/digest]: `tiny.mf` has another digest for `Files/icon.svg`")
        .says("error[csar/digest]: `Files/added` is not in `tiny.mf`")
        .says("error[csar/source-missing]: `Licenses/LICENSE.txt`, which the manifest names, is not in the package");
}

#[test]
fn seventy_thousand_members_are_too_many_for_the_old_directory_and_read_all_the_same() {
    let Some(unzip) = tool("unzip") else {
        return;
    };
    let tree = Tree::new();
    let mut writer = nfv::package::ZipWriter::new(Vec::new(), 0);
    for i in 0..70_000 {
        writer
            .file(&format!("{i}"), 0o644, 0, &mut &b""[..])
            .expect("file");
    }
    let path = tree.file("many.zip", writer.finish().expect("zip"));
    let listed = sh(peer(&unzip).arg("-Z1").arg(&path));
    assert_eq!(listed.lines().count(), 70_000);
    assert_eq!(
        python(
            "import sys, zipfile; print(len(zipfile.ZipFile(sys.argv[1]).namelist()))",
            &path
        ),
        Some("70000\n".to_owned())
    );
}

#[test]
fn a_hostile_meta_leads_nowhere() {
    let tree = arranged(true);
    fs::remove_file(tree.path("tiny/tiny.mf")).expect("file");
    tree.file(
        "nfv.toml",
        SETTINGS
            .replace("licenses", "# ")
            .replace("change-log", "# "),
    );
    tree.replace("tiny/TOSCA-Metadata/TOSCA.meta", "tiny.mf", "../../tiny.mf");
    tree.nfv(&["build"])
        .code(1)
        .says("`ETSI-Entry-Manifest` names `../../tiny.mf`, which is no path in a package");
    tree.nfv(&["build", "-A", "all"]).code(0);
    let (Some(unzip), archive) = (
        tool("unzip"),
        tree.path("target/nfv/packages/tiny_vnf-1.0.csar"),
    ) else {
        return;
    };
    let listed = sh(peer(&unzip).arg("-Z1").arg(&archive));
    assert!(
        listed.lines().any(|name| name == "tiny.mf") && !listed.contains(".."),
        "{listed}"
    );
}

#[test]
fn a_csar_is_verified_rebuilt_and_unpacked() {
    let tree = sources();
    let text = fs::read_to_string(tree.path("nfv.toml")).expect("file");
    let text = text.replace("release-date", "# ");
    tree.file("nfv.toml", format!("{text}\n[lints]\nall = \"allow\"\n"));
    // An odd second, which a zip can't say.
    let mut build = tree.command();
    run(build.env("SOURCE_DATE_EPOCH", "1700566491").arg("build")).code(0);
    let archive = tree.path("target/nfv/packages/tiny_vnf-1.0.csar");
    let archive = archive.display().to_string();
    let verified = tree.nfv(&["verify", &archive]).code(0);
    assert!(
        verified.stdout.contains("tiny_vnf-1.0.csar"),
        "{}",
        verified.stdout
    );
    let same = tree.nfv(&["verify", "--rebuild", &archive]).code(0);
    tree.file("tiny/cloud_init/start.cfg", "#cloud-config\n# changed\n");
    let other = tree.nfv(&["verify", "--rebuild", &archive]).code(1);
    assert!(
        other.stderr.contains("Scripts/cloud_init/start.cfg"),
        "{}",
        other.stderr
    );
    assert!(!same.stdout.contains("start.cfg"), "{}", same.stdout);
    let into = tree.beside("unpacked");
    fs::create_dir(&into).expect("folder");
    let mut unpack = tree.command();
    run(unpack.args(["unpack", &archive, "--into"]).arg(&into)).code(0);
    assert_eq!(names(&into), ["tiny_vnf-1.0"]);
    // A CSAR that was unpacked is a CSAR in a source folder.
    tree.file(
        "nfv.toml",
        "paths = [\"again\"]\n[lints]\nall = \"allow\"\n",
    );
    copy(&into.join("tiny_vnf-1.0"), &tree.path("again"), false);
    let before = fs::read(&archive).expect("package");
    let mut build = tree.command();
    run(build.env("SOURCE_DATE_EPOCH", "1700566491").arg("build")).code(0);
    assert!(before == fs::read(&archive).expect("package"));
}

#[test]
fn what_the_configuration_says_wrongly_is_told_at_its_place() {
    let tree = Tree::of(&[("tiny/Definitions/vnfd.yaml", VNFD)]);
    tree.file(
        "nfv.toml",
        "[csar]\nrelease-date = \"soon\"\nlicenses = \"none\"\n\n[packages.tiny_vnf]\n\
         layout = \"osm\"\ncsar.release-date = \"2026-01-31\"\n",
    );
    tree.file(
        "tiny/TOSCA-Metadata/TOSCA.meta",
        "TOSCA-Meta-File-Version: 1.0\n",
    );
    tree.file("other/vnfd.yaml", vnfd("other"));
    let levels = ["-A", "all", "-D", "csar/release-date"];
    let run = run(tree.command().arg("build").args(levels)).code(1);
    for place in ["nfv.toml:3:12", "nfv.toml:6:10", "nfv.toml:7:21"] {
        assert!(run.stderr.contains(place), "{place}\n{}", run.stderr);
    }
    // What is wrong with one is nothing to the others.
    run.says("1 package built").says("1 package not built");
    // What has no package to speak of has its place as well.
    for (text, says) in [
        ("\nmodel = \"x\"\n", "line 2, column 9"),
        ("[lints]\n\"a/b\" = \"deny\"\n", "line 2, column 9"),
        ("[packages.tin]\n", "line 1, column 11"),
        ("[placeholders.\"a b\"]\n", "line 1, column 15"),
    ] {
        tree.file("nfv.toml", text);
        tree.nfv(&["check"]).code(2).says(says);
    }
}
