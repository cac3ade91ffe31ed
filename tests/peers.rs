//! What is built is read by the programs that others read it with: tar, gzip,
//! bsdtar, Python, md5sum, skopeo, umoci. And by OSM's rules for a package.

#![cfg(unix)]

mod common;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::*;
use flate2::read::GzDecoder;
use serde_json::Value;

/// Members of an archive: mode and bytes by name; folders end with `/`.
type Members = BTreeMap<String, (u32, Vec<u8>)>;

/// The showcase, with a script and a file without extension, and a chart.
fn sources() -> Tree {
    let tree = Tree::showcase();
    let script = tree.file("router_vnf/charms/ops/hooks/install", "#!/bin/sh\nexit 0\n");
    set_mode(&script, 0o755);
    tree.file("router_vnf/LICENSE", "A file without a dot in its name.\n");
    tree.file("camera/Chart.yaml", chart("camera"));
    tree.file("camera/templates/pod.yaml", "kind: {{ .Values.kind }}\n");
    tree.file("camera/values.yaml", "kind: Pod\n");
    tree
}

fn archives(tree: &Tree) -> Vec<PathBuf> {
    let packages = tree.build("out");
    let all: Vec<PathBuf> = names(&packages)
        .iter()
        .map(|name| packages.join(name))
        .collect();
    assert!(!all.is_empty());
    all
}

/// The members as this program's own library sees them, in their order.
fn ordered(bytes: impl Read) -> Vec<(String, u32, Vec<u8>)> {
    let mut archive = tar::Archive::new(GzDecoder::new(bytes));
    let entries = archive.entries().expect("tar");
    entries
        .map(|entry| {
            let mut entry = entry.expect("entry");
            let name = String::from_utf8(entry.path_bytes().into_owned()).expect("name");
            let mode = entry.header().mode().expect("mode");
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("content");
            (name, mode, content)
        })
        .collect()
}

fn members(path: &Path) -> Members {
    let list = ordered(File::open(path).expect("package"));
    let count = list.len();
    let members: Members = list.into_iter().map(|(n, m, b)| (n, (m, b))).collect();
    assert_eq!(members.len(), count, "a name stands twice");
    members
}

/// What lies in a folder after unpacking.
fn unpacked(folder: &Path) -> Members {
    let mut all = Members::new();
    walk(folder, &mut |path| {
        let name = path
            .strip_prefix(folder)
            .expect("below")
            .to_str()
            .expect("UTF-8");
        let mode = fs::metadata(path).expect("metadata").permissions().mode() & 0o7777;
        if path.is_dir() {
            all.insert(format!("{name}/"), (mode, Vec::new()));
        } else {
            all.insert(name.to_owned(), (mode, fs::read(path).expect("file")));
        }
    });
    all
}

/// Without the folders, which a chart does not list.
fn only_files(members: Members) -> Members {
    members
        .into_iter()
        .filter(|(name, _)| !name.ends_with('/'))
        .collect()
}

/// A command in a locale that knows UTF-8.
fn peer(path: &Path) -> Command {
    let mut command = Command::new(path);
    command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
    command
}

fn empty_folder(tree: &Tree, name: &str) -> PathBuf {
    let folder = tree.beside(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("folder");
    folder
}

/// Unpacks with a tool and compares names, modes and bytes.
fn unpacks_to_the_same(tree: &Tree, archive: &Path, command: &mut Command) {
    let folder = empty_folder(tree, "unpacked");
    sh(command.current_dir(&folder));
    let (own, theirs) = (members(archive), unpacked(&folder));
    assert_eq!(
        own.keys().filter(|name| name.ends_with('/')).count(),
        own.keys()
            .filter(|name| theirs.contains_key(*name) && name.ends_with('/'))
            .count()
    );
    for (name, (mode, bytes)) in only_files(own) {
        let (their_mode, their_bytes) = theirs.get(&name).expect(&name);
        assert_eq!(*their_mode, mode, "{name}");
        assert!(*their_bytes == bytes, "{name}");
    }
    let files = only_files(theirs).len();
    assert_eq!(files, only_files(members(archive)).len());
}

#[test]
fn gnu_tar_lists_and_unpacks_every_package() {
    let Some(tar) = tool("tar") else { return };
    let tree = sources();
    for archive in archives(&tree) {
        let mut list = peer(&tar);
        list.args([
            "--quoting-style=literal",
            "--numeric-owner",
            "--full-time",
            "-tzvf",
        ]);
        let list = sh(list.arg(&archive));
        let own = ordered(File::open(&archive).expect("package"));
        assert_eq!(list.lines().count(), own.len());
        for (line, (name, mode, bytes)) in list.lines().zip(own) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let rights = match (name.ends_with('/'), mode) {
                (true, 0o755) => "drwxr-xr-x",
                (false, 0o755) => "-rwxr-xr-x",
                (false, 0o644) => "-rw-r--r--",
                other => panic!("{name}: {other:?}"),
            };
            assert_eq!(fields[0], rights, "{line}");
            assert_eq!(fields[1], "0/0", "{line}");
            assert_eq!(fields[2], bytes.len().to_string(), "{line}");
            assert_eq!(fields[3..5], ["1980-01-01", "00:00:00"], "{line}");
            assert_eq!(fields[5], name, "{line}");
        }
        let mut unpack = peer(&tar);
        unpacks_to_the_same(&tree, &archive, unpack.args(["-xpzf"]).arg(&archive));
        // Warnings go to standard error, where `sh` does not look.
        let mut quiet = peer(&tar);
        assert_eq!(run(quiet.arg("-tzf").arg(&archive)).stderr, "");
    }
}

#[test]
fn bsdtar_lists_and_unpacks_every_package() {
    let Some(bsdtar) = tool("bsdtar") else { return };
    let tree = sources();
    for archive in archives(&tree) {
        let list = sh(peer(&bsdtar).arg("-tzf").arg(&archive));
        let own = ordered(File::open(&archive).expect("package"));
        let own: Vec<String> = own.into_iter().map(|(name, _, _)| name).collect();
        assert_eq!(list.lines().collect::<Vec<_>>(), own);
        let mut unpack = peer(&bsdtar);
        unpacks_to_the_same(&tree, &archive, unpack.arg("-xpzf").arg(&archive));
    }
}

#[test]
fn gzip_finds_every_package_whole() {
    let Some(gzip) = tool("gzip") else { return };
    let tree = sources();
    for archive in archives(&tree) {
        // `-t` does not ask for an extension, but for one it knows.
        let result = run(peer(&gzip).arg("-tv").arg(&archive)).code(0);
        assert!(result.stderr.contains("OK"), "{}", result.stderr);
        // No time, no name, no operating system in the header.
        let head = fs::read(&archive).expect("package");
        assert_eq!(head[..4], [0x1f, 0x8b, 8, 0]);
        assert_eq!(head[4..8], [0, 0, 0, 0]);
        assert_eq!(head[9], 255);
    }
}

#[test]
fn python_reads_every_package() {
    let Some(python) = tool("python3") else {
        return;
    };
    let tree = sources();
    for archive in archives(&tree) {
        assert_eq!(read_by_python(&python, &archive), members(&archive));
    }
}

/// Members by Python's `tarfile`, as OSM's north-bound interface opens them.
fn read_by_python(python: &Path, archive: &Path) -> Members {
    const PROGRAM: &str = r#"
import sys, tarfile
with tarfile.open(sys.argv[1], mode="r") as archive:
    for member in archive:
        assert member.uid == 0 and member.gid == 0 and member.uname == "" and member.gname == ""
        data = archive.extractfile(member).read() if member.isfile() else b""
        print(member.name + ("/" if member.isdir() else ""), oct(member.mode)[2:], data.hex(), sep="\t")
"#;
    let out = sh(peer(python)
        .env("PYTHONIOENCODING", "utf-8")
        .args(["-c", PROGRAM])
        .arg(archive));
    let byte = |hex: &[u8]| {
        let text = std::str::from_utf8(hex).expect("hex");
        u8::from_str_radix(text, 16).expect("hex")
    };
    out.lines()
        .map(|line| {
            let mut fields = line.split('\t');
            let mut field = || fields.next().expect("field");
            let (name, mode, hex) = (field(), field(), field());
            let mode = u32::from_str_radix(mode, 8).expect("octal");
            let bytes = hex.as_bytes().chunks(2).map(byte).collect();
            (name.to_owned(), (mode, bytes))
        })
        .collect()
}

/// The packages that OSM onboards.
fn for_osm(tree: &Tree) -> Vec<PathBuf> {
    let mut all = archives(tree);
    all.retain(|path| {
        let name = path.file_name().expect("name").to_string_lossy();
        ["cache_knf", "edge_ns-1.0.tar", "edge_slice", "router_vnf"]
            .iter()
            .any(|start| name.starts_with(start))
    });
    assert_eq!(all.len(), 4);
    all
}

#[test]
fn md5sum_finds_checksums_complete_and_right() {
    let (Some(md5sum), Some(tar)) = (tool("md5sum"), tool("tar")) else {
        return;
    };
    let tree = sources();
    for archive in for_osm(&tree) {
        let folder = empty_folder(&tree, "unpacked");
        sh(peer(&tar).arg("-xzf").arg(&archive).current_dir(&folder));
        let top = names(&folder).remove(0);
        let own = fs::read_to_string(folder.join(&top).join("checksums.txt")).expect("file");
        // OSM separates with a tab, md5sum with two spaces.
        fs::write(folder.join("list"), own.replace('\t', "  ")).expect("file");
        let mut check = peer(&md5sum);
        let check = check.args(["--check", "--strict", "list"]);
        let out = sh(check.current_dir(&folder));
        assert_eq!(out.lines().count(), own.lines().count());
        let listed: Vec<&str> = own
            .lines()
            .map(|l| l.split_once('\t').expect("tab").1)
            .collect();
        let expected: Vec<String> = only_files(members(&archive))
            .into_keys()
            .filter(|name| !name.ends_with("/checksums.txt"))
            .collect();
        assert_eq!(listed, expected);
        if top == "router_vnf" {
            for extensionless in ["router_vnf/LICENSE", "router_vnf/charms/ops/hooks/install"] {
                assert!(listed.contains(&extensionless), "{listed:?}");
            }
        }
    }
}

/// What `NBI/osm_nbi/descriptor_topics.py` demands of a tar.
fn osm_refuses(members: &Members) -> Option<String> {
    let mut descriptors = Vec::new();
    for name in members.keys().filter(|name| !name.ends_with('/')) {
        let parts: Vec<&str> = name.split('/').collect();
        if name.starts_with('/') || parts.contains(&"..") {
            return Some(format!("absolute path or '..': {name}"));
        }
        if parts.len() == 1 {
            return Some(format!("not inside a dir: {name}"));
        }
        if name.starts_with("./") {
            return Some(format!("`./`: {name}"));
        }
        let is_yaml = [".yaml", ".yml", ".json"]
            .iter()
            .any(|end| name.ends_with(end));
        if is_yaml && parts.len() == 2 {
            descriptors.push(name);
        }
    }
    (descriptors.len() != 1).then(|| format!("descriptors: {descriptors:?}"))
}

#[test]
fn osm_accepts_the_layout_of_every_package() {
    let tree = sources();
    for archive in for_osm(&tree) {
        let members = members(&archive);
        assert_eq!(osm_refuses(&members), None, "{}", archive.display());
        let tops: Vec<&str> = members
            .keys()
            .map(|n| n.split('/').next().expect("top"))
            .collect();
        assert!(tops.iter().all(|top| *top == tops[0]), "{tops:?}");
    }
}

#[test]
fn osm_s_decisions_over_python_s_reader_accept_every_package() {
    // What `upload_content` decides, with the reader that it decides it with.
    const PROGRAM: &str = r#"
import sys, tarfile
descriptor_file_name = None
tar = tarfile.open(mode="r", fileobj=open(sys.argv[1], "rb"))
for tarinfo in tar:
    tarname = tarinfo.name
    tarname_path = tarname.split("/")
    if not tarname_path[0] or ".." in tarname_path:
        sys.exit("Absolute path or '..' are not allowed for package descriptor tar.gz")
    if len(tarname_path) == 1 and not tarinfo.isdir():
        sys.exit("All files must be inside a dir for package descriptor tar.gz")
    if tarname.endswith(".yaml") or tarname.endswith(".json") or tarname.endswith(".yml"):
        if len(tarname_path) == 2:
            if descriptor_file_name:
                sys.exit("Found more than one descriptor file at package descriptor tar.gz")
            descriptor_file_name = tarname
if not descriptor_file_name:
    sys.exit("Not found any descriptor file at package descriptor tar.gz")
print(descriptor_file_name)
"#;
    let Some(python) = tool("python3") else {
        return;
    };
    let tree = sources();
    let mut found: Vec<String> = for_osm(&tree)
        .iter()
        .map(|archive| {
            sh(peer(&python).args(["-c", PROGRAM]).arg(archive))
                .trim()
                .to_owned()
        })
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "cache_knf/cache_knfd.yaml",
            "edge_ns/edge_nsd.yaml",
            "edge_slice/edge_nst.yaml",
            "router_vnf/router_vnfd.yaml",
        ]
    );
}

#[test]
fn the_store_finds_what_a_shield_manifest_promises() {
    let tree = sources();
    let packages = tree.build("out");
    let outer = File::open(packages.join("edge_ns-1.0.shield.tar.gz")).expect("package");
    let outer = ordered(outer);
    let order: Vec<&str> = outer.iter().map(|(name, _, _)| name.as_str()).collect();
    assert_eq!(order, ["manifest.yaml", "edge_ns.tar.gz"]);
    let text = std::str::from_utf8(&outer[0].2).expect("text");
    let value = |key: &str| {
        let line = text
            .lines()
            .find_map(|line| line.trim().strip_prefix(&format!("{key}: ")));
        line.expect(key).trim_matches('\'').to_owned()
    };
    assert_eq!(value("package"), order[1]);
    assert_eq!(value("hash"), sha256(&outer[1].2));
    assert_eq!(value("hashing_algorithm"), "SHA_256");
    let inner = ordered(&outer[1].2[..]);
    let top = value("package");
    let top = format!("{}/", top.strip_suffix(".tar.gz").expect("ending"));
    assert!(inner.iter().all(|(name, _, _)| name.starts_with(&top)));
    let descriptor = value("descriptor");
    assert!(
        inner.iter().any(|(name, _, _)| *name == descriptor),
        "{descriptor}"
    );
    // The package inside is one that OSM takes by itself.
    let inner: Members = inner.into_iter().map(|(n, m, b)| (n, (m, b))).collect();
    assert_eq!(osm_refuses(&inner), None);
    // The author's own lines are all there.
    let source = fs::read_to_string(tree.path("edge_shield/manifest.yaml")).expect("file");
    let lines = |text: &str| -> Vec<String> {
        let keep = |line: &&str| !line.trim_start().starts_with("hash:");
        text.lines().filter(keep).map(str::to_owned).collect()
    };
    assert_eq!(lines(text), lines(&source));
}

#[test]
fn helm_s_layout_of_a_chart_has_files_only_and_chart_yaml_below_its_name() {
    let tree = sources();
    let members = members(&tree.build("out").join("camera-1.2.3.tgz"));
    let names: Vec<&str> = members.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "camera/Chart.yaml",
            "camera/templates/pod.yaml",
            "camera/values.yaml"
        ]
    );
}

#[test]
fn awkward_names_and_sizes_survive_every_reader() {
    let tree = Tree::of(&[("a_vnf/a_vnfd.yaml", &vnfd("a"))]);
    let deep = ["d".repeat(90), "e".repeat(90), "f".repeat(90)].join("/");
    let names = [
        ("scripts/empty".to_owned(), Vec::new()),
        ("scripts/record".to_owned(), vec![b'r'; 512]),
        ("scripts/record-and-one".to_owned(), vec![b'r'; 513]),
        ("scripts/block".to_owned(), vec![b'b'; 10_240]),
        (
            format!("scripts/{}", "n".repeat(100)),
            b"name of 100".to_vec(),
        ),
        (
            format!("scripts/{}", "m".repeat(255)),
            b"name of 255".to_vec(),
        ),
        (
            format!("{deep}/{}.txt", "g".repeat(100)),
            b"over 255".to_vec(),
        ),
        ("icons/grüße-日本語-🛰.png".to_owned(), b"UTF-8".to_vec()),
        (
            format!("icons/{}.png", "ü".repeat(110)),
            b"long UTF-8".to_vec(),
        ),
        ("icons/e\u{301}.png".to_owned(), b"decomposed".to_vec()),
        (
            "icons/with space and 'quote' \"double\" $HOME *.png".to_owned(),
            b"shell".to_vec(),
        ),
        ("icons/-rf".to_owned(), b"option".to_vec()),
        (" leading".to_owned(), b"space".to_vec()),
    ];
    for (name, content) in &names {
        tree.file(&format!("a_vnf/{name}"), content);
    }
    let archive = tree.build("out").join("a-1.0.tar.gz");
    let own = members(&archive);
    for (name, content) in &names {
        assert_eq!(
            own.get(&format!("a/{name}")).map(|(_, bytes)| bytes),
            Some(content),
            "{name}"
        );
    }
    assert_eq!(osm_refuses(&own), None);
    for (name, option) in [("tar", "-xpzf"), ("bsdtar", "-xpzf")] {
        if let Some(tool) = tool(name) {
            unpacks_to_the_same(&tree, &archive, peer(&tool).arg(option).arg(&archive));
        }
    }
    if let Some(python) = tool("python3") {
        assert_eq!(read_by_python(&python, &archive), own);
    }
    // The library reads its own packages as well.
    let path = archive.display().to_string();
    let scan = tree.scan_paths(&[&path]);
    assert!(findings(&scan).is_empty(), "{:?}", findings(&scan));
    assert_eq!(only(&scan).files.len(), only_files(own).len());
}

/// Publishes the sources; the layout and its references with their digests.
fn published(tree: &Tree) -> (PathBuf, Vec<(String, String)>) {
    let target = tree.beside("out");
    let mut command = tree.command();
    command.args(["publish", "-A", "all", "--target-dir"]);
    let out = run(command.arg(&target)).code(0).stdout;
    let lines = out
        .lines()
        .map(|line| line.split_once(' ').expect("two columns"));
    let list = lines.map(|(r, d)| (r.to_owned(), d.trim().to_owned()));
    let list = list.collect();
    (target.join("nfv/oci"), list)
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("file")).expect("JSON")
}

#[test]
fn the_layout_is_one_by_the_specification() {
    let tree = sources();
    let (layout, references) = published(&tree);
    assert_eq!(references.len(), 7);
    assert_eq!(
        json(&layout.join("oci-layout"))["imageLayoutVersion"],
        "1.0.0"
    );
    let blobs = digests(&layout.join("blobs/sha256"));
    for (name, digest) in &blobs {
        assert_eq!(name, digest);
    }
    let mut used = Vec::new();
    let mut descriptor = |descriptor: &Value| -> PathBuf {
        let digest = descriptor["digest"].as_str().expect("digest");
        let hex = digest
            .strip_prefix("sha256:")
            .expect("algorithm")
            .to_owned();
        let path = layout.join("blobs/sha256").join(&hex);
        let size = fs::metadata(&path).expect(digest).len();
        assert_eq!(descriptor["size"].as_u64(), Some(size));
        assert!(
            descriptor["mediaType"]
                .as_str()
                .is_some_and(|t| t.contains('/'))
        );
        used.push(hex);
        path
    };
    let index = json(&layout.join("index.json"));
    assert_eq!(index["schemaVersion"], 2);
    let entries = index["manifests"].as_array().expect("manifests");
    let mut named = Vec::new();
    for entry in entries {
        let name = entry["annotations"]["org.opencontainers.image.ref.name"].as_str();
        let name = name.expect("reference").to_owned();
        named.push((name, entry["digest"].as_str().expect("digest").to_owned()));
        assert_eq!(
            entry["mediaType"],
            "application/vnd.oci.image.manifest.v1+json"
        );
        let manifest = json(&descriptor(entry));
        assert_eq!(manifest["schemaVersion"], 2);
        // The specification wants it only where there is one; Helm's has none.
        match manifest["config"]["mediaType"].as_str() {
            Some("application/vnd.cncf.helm.config.v1+json") => {
                assert_eq!(manifest.get("mediaType"), None);
            }
            _ => assert_eq!(manifest["mediaType"], entry["mediaType"]),
        }
        json(&descriptor(&manifest["config"]));
        for layer in manifest["layers"].as_array().expect("layers") {
            descriptor(layer);
        }
    }
    let mut references = references;
    references.sort();
    named.sort();
    assert_eq!(named, references);
    used.sort();
    used.dedup();
    let there: Vec<&String> = blobs.keys().collect();
    assert_eq!(used.iter().collect::<Vec<_>>(), there);
}

#[test]
fn skopeo_copies_every_reference_with_its_digest() {
    let Some(skopeo) = tool("skopeo") else { return };
    let tree = sources();
    let (layout, references) = published(&tree);
    let copy = tree.beside("copy");
    let skopeo = |args: &[&str]| {
        let mut command = peer(&skopeo);
        // Nothing of the user's own, who may have no home here.
        command
            .env("HOME", tree.beside("home"))
            .env("XDG_RUNTIME_DIR", tree.beside("run"));
        command.current_dir(tree.beside("out"));
        sh(command.arg("--insecure-policy").args(args))
    };
    fs::create_dir_all(tree.beside("run")).expect("folder");
    for (i, (reference, digest)) in references.iter().enumerate() {
        let source = format!("oci:{}:{reference}", layout.display());
        let folder = tree.beside(&format!("dir-{i}"));
        skopeo(&[
            "copy",
            "--preserve-digests",
            &source,
            &format!("dir:{}", folder.display()),
        ]);
        let manifest = fs::read(folder.join("manifest.json")).expect("manifest");
        assert_eq!(format!("sha256:{}", sha256(&manifest)), *digest);
        let package = &json(&folder.join("manifest.json"))["layers"][0]["digest"];
        let hex = package
            .as_str()
            .and_then(|d| d.strip_prefix("sha256:"))
            .expect("digest");
        assert_eq!(sha256(&fs::read(folder.join(hex)).expect("layer")), hex);

        let target = format!("oci:{}:{reference}", copy.display());
        skopeo(&["copy", "--preserve-digests", &source, &target]);
        let raw = skopeo(&["inspect", "--raw", &target]);
        assert_eq!(format!("sha256:{}", sha256(raw.as_bytes())), *digest);
    }
    assert_eq!(digests(&copy.join("blobs")), digests(&layout.join("blobs")));
}

#[test]
fn what_skopeo_wrote_is_listed_like_our_own_layout() {
    let Some(skopeo) = tool("skopeo") else { return };
    let tree = sources();
    let (layout, references) = published(&tree);
    let target = tree.beside("theirs");
    fs::create_dir_all(target.join("nfv")).expect("folder");
    let copy = target.join("nfv/oci");
    for (reference, _) in &references {
        let place = |layout: &Path| format!("oci:{}:{reference}", layout.display());
        let mut command = peer(&skopeo);
        command
            .env("HOME", tree.beside("home"))
            .args(["--insecure-policy", "copy", "-q"]);
        sh(command.arg(place(&layout)).arg(place(&copy)));
    }
    let list = |target: &Path| {
        let mut command = tree.command();
        run(command.arg("list").arg("--target-dir").arg(target))
            .code(0)
            .stdout
    };
    assert_eq!(list(&target), list(&tree.beside("out")));
}

#[test]
fn umoci_lists_the_references() {
    // It expects an image's config, so listing is all that it can do here.
    let Some(umoci) = tool("umoci") else { return };
    let tree = sources();
    let (layout, references) = published(&tree);
    let out = sh(peer(&umoci).args(["ls", "--layout"]).arg(&layout));
    let mut theirs: Vec<&str> = out.lines().collect();
    theirs.sort_unstable();
    let mut own: Vec<&str> = references.iter().map(|(name, _)| name.as_str()).collect();
    own.sort_unstable();
    assert_eq!(theirs, own);
}

#[test]
fn finished_packages_that_osm_refuses_are_findings() {
    let tree = Tree::new();
    tree.file("pkg/x_vnfd.yaml", vnfd("x"));
    let Some(tar) = tool("tar") else { return };
    let pack = |name: &str, folder: &str, member: &str| {
        let status = Command::new(&tar)
            .args(["-czf", name, "-C", folder, member])
            .current_dir(tree.path(""))
            .status();
        assert!(status.expect("tar").success());
    };
    pack("good.tar.gz", ".", "pkg");
    pack("dotted.tar.gz", ".", "./pkg");
    pack("flat.tar.gz", "pkg", "x_vnfd.yaml");
    // Its names are `./x_vnfd.yaml`: two parts, as OSM wants them.
    pack("here.tar.gz", "pkg", ".");
    let refused = |name: &str| {
        let run = tree.nfv(&["check", name, "--message-format", "short"]);
        run.stderr.contains("error[osm/archive-layout]")
    };
    assert!(!refused("good.tar.gz"));
    assert!(refused("dotted.tar.gz"));
    assert!(refused("flat.tar.gz"));
    assert!(!refused("here.tar.gz"));
}

#[test]
fn a_finished_package_is_published_as_the_source_it_was_built_from() {
    let tree = Tree::showcase();
    tree.nfv(&["publish", "-p", "router_vnf"]).code(0);
    let listed = tree.nfv(&["list"]).code(0).stdout;
    let built = tree.path("target/nfv/packages/router_vnf-1.0.tar.gz");
    let finished = tree.path("router_vnf-1.0.tar.gz");
    fs::copy(&built, &finished).expect("copy");
    fs::remove_dir_all(tree.path("target")).expect("remove");
    tree.nfv(&["publish", "router_vnf-1.0.tar.gz"]).code(0);
    assert_eq!(tree.nfv(&["list"]).code(0).stdout, listed);
}

/// What Helm refuses to pack, for want of a chart in `charts`, is found, and nothing else.
#[test]
fn helm_and_the_check_agree_on_what_a_chart_lacks() {
    let needs = "apiVersion: v2\nname: top\nversion: 1.0.0\ndependencies:\n  - name: sub\n    version: 1.2.3\n    repository: https://charts.example.org\n";
    let sub = "apiVersion: v2\nname: sub\nversion: 1.2.3\n";
    for (files, is_whole) in [
        (&[][..], false),
        (&["top/charts/sub/Chart.yaml"], true),
        (&["top/charts/other-name/Chart.yaml"], true),
        (&["top/charts/sub/values.yaml"], false),
        (&["top/charts/deep/charts/sub/Chart.yaml"], false),
    ] {
        let tree = Tree::new();
        tree.file("top/Chart.yaml", needs);
        for file in files {
            tree.file(file, sub);
        }
        let run = tree.nfv(&["check", "top"]);
        let is_found = run.stderr.contains("chart/dependency-missing");
        assert_eq!(is_found, !is_whole, "{files:?}: {}", run.stderr);
        let Some(helm) = tool("helm") else { return };
        let mut package = Command::new(helm);
        package.args(["package", "top"]).current_dir(&tree.root);
        let output = package.output().expect("helm runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), is_whole, "{files:?}: {error}");
    }
}

/// The files of a chart in which Helm keeps nearly everything, and what it leaves out of them.
const CHART: [(&str, &str); 27] = [
    ("Chart.lock", "dependencies: []\ndigest: x\n"),
    ("requirements.yaml", "dependencies: []\n"),
    ("requirements.lock", "dependencies: []\ndigest: x\n"),
    ("values.yaml", "a: 1\n"),
    ("values.schema.json", "{}\n"),
    ("README.md", "x"),
    (".gitignore", "x"),
    (".DS_Store", "x"),
    (".hidden/x", "x"),
    ("a/b/c.txt", "x"),
    ("a/keep.txt", "x"),
    ("keep.txt", "x"),
    ("docs/keep/x.png", "x"),
    ("docs/[odd].png", "x"),
    ("crds/.gitkeep", ""),
    ("templates/a.yaml", "x: y\n"),
    ("templates/.dotted", "x"),
    ("templates/.hidden/x", "x"),
    ("templates/sub/.dotted", "x"),
    ("charts/x.prov", "x"),
    ("charts/.hidden/Chart.yaml", "x"),
    ("charts/_old/Chart.yaml", "x"),
    ("charts/_README", "x"),
    ("charts/sub/.helmignore", "values.yaml\n"),
    ("charts/sub/values.yaml", "a: 1\n"),
    ("charts/sub/templates/.dotted", "x"),
    ("charts/sub/requirements.yaml", "dependencies: []\n"),
];

#[test]
fn helm_packs_the_same_members() {
    let Some(helm) = tool("helm") else { return };
    let mut ignores = vec![
        "",
        "# nothing\n\n  \n",
        "*.txt\n",
        "\u{feff}*.txt\r\na/\r\n",
        "docs\n",
        "docs/\n",
        "keep/\n",
        "keep.txt/\n",
        "/keep.txt\n",
        "a/*.txt\n",
        "a/*\n",
        "*/keep.txt\n",
        "docs/*/x.png\n",
        "docs/\\[odd\\].png\n",
        "[c-m]*\n",
        "[^C.vrt]*\n",
        "?eep.txt\n",
        ".*\n",
        "templates\n",
        "charts/sub\n",
        "charts/*\n",
        "templates/\n",
        // All of these leave out more than one would think.
        "!keep.txt\n",
        "*.txt\n!keep.txt\n",
        "!Chart.yaml\n",
        "![Ctvk]*\n",
        "!C*\n!t*\n",
        "!docs/\n",
        // And these Helm does not take.
        "**/*.txt\n",
        "[\n",
        "x\\\n",
        "*.yaml\n",
    ];
    ignores.sort_unstable();
    for version in ["v1", "v2"] {
        for ignore in &ignores {
            let tree = Tree::new();
            for (path, text) in CHART {
                tree.file(&format!("c/{path}"), text);
            }
            let chart = |name: &str| chart(name).replace("v2", version);
            tree.file("c/Chart.yaml", chart("c"));
            tree.file("c/charts/sub/Chart.yaml", chart("sub"));
            tree.file("c/.helmignore", ignore);
            std::os::unix::fs::symlink("../../keep.txt", tree.path("c/docs/keep/linked.png"))
                .expect("link");
            let mut packed = Command::new(&helm);
            packed.args(["package", "c", "-d"]).arg(tree.beside("helm"));
            let packed = run(packed.current_dir(&tree.root));
            let built = tree.nfv(&["build", "-A", "all"]);
            let said = format!("{version} {ignore:?}\n{}{}", packed.stderr, built.stderr);
            assert_eq!(built.status == Some(0), packed.status == Some(0), "{said}");
            if packed.status == Some(0) {
                let of = |path: PathBuf| -> Vec<String> { members(&path).into_keys().collect() };
                let own = of(tree.path("target/nfv/packages/c-1.2.3.tgz"));
                assert_eq!(own, of(tree.beside("helm/c-1.2.3.tgz")), "{said}");
            } else {
                assert!(built.stderr.contains("[chart/helmignore]"), "{said}");
            }
        }
    }
}
