//! Copies between registries, layouts and archives: every byte stays, and what
//! refers to an artifact goes with it.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::{Tree, names, run, sh, tool};
use crate::double::{Fault, Options, Registry};
use crate::{clean, home, json as parse, nfv, publish, tree};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Attaches something to what has that digest; the digest of the referrer.
fn attach(registry: &Registry, name: &str, subject: &str, kind: &str) -> String {
    let config = registry.put_blob(name, b"{}");
    let layer = registry.put_blob(name, kind.as_bytes());
    let size = registry
        .manifest(name, subject)
        .expect("the subject")
        .1
        .len();
    let document = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": kind,
        "config": { "mediaType": "application/vnd.oci.empty.v1+json", "digest": config, "size": 2 },
        "layers": [{ "mediaType": kind, "digest": layer, "size": kind.len() }],
        "subject": { "mediaType": MANIFEST, "digest": subject, "size": size },
    });
    let bytes = document.to_string().into_bytes();
    registry.put_manifest(
        name,
        &format!("by-{}", kind.replace('/', "-")),
        MANIFEST,
        &bytes,
    )
}

/// The tree of referrers of what is there, as text.
#[track_caller]
fn referrers(tree: &Tree, reference: &str) -> String {
    let run = nfv(tree, &["inspect", reference, "--referrers"]).code(0);
    // The first line names the place.
    let lines = run.stdout.lines().skip(1);
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn there_and_back_with_all_that_refers_to_it() {
    let tree = tree();
    for (from_api, to_api, page) in [
        (true, true, None),
        (true, false, None),
        (false, true, None),
        (false, false, None),
        (true, true, Some(1)),
    ] {
        let start = |referrers| {
            Registry::start(Options {
                referrers,
                page,
                ..Options::default()
            })
        };
        let source = start(true);
        let place = format!("oci://{}/edge", source.host());
        publish(&tree, &place, &["-q"]).code(0);
        let name = "edge/tiny_ns";
        let digest = source.digest(name, "1.0").expect("published");
        attach(&source, name, &digest, "example/sbom");
        let signature = attach(&source, name, &digest, "example/signature");
        attach(&source, name, &signature, "example/timestamp");
        // By the way of an archive, and of registries with and without the API.
        let (second, third) = (start(from_api), start(to_api));
        let at = |registry: &Registry| format!("oci://{}/site/tiny_ns:1.0", registry.host());
        let archive = format!("oci-archive:{from_api}-{to_api}-{page:?}.tar:tiny_ns:1.0");
        let way = [
            format!("{place}/tiny_ns:1.0"),
            at(&second),
            archive,
            at(&third),
        ];
        let first = referrers(&tree, &way[0]);
        assert_eq!(first.lines().count(), 3, "{first}");
        for step in way.windows(2) {
            nfv(&tree, &["copy", "-r", &step[0], &step[1]]).code(0);
            assert_eq!(
                referrers(&tree, &step[1]),
                first,
                "{} to {}",
                step[0],
                step[1]
            );
        }
        assert_eq!(third.digest("site/tiny_ns", "1.0"), Some(digest));
        // Once more, and nothing is sent.
        third.take_log();
        nfv(&tree, &["copy", "-r", &way[2], &way[3]]).code(0);
        assert_eq!(third.count("PUT", "/blobs/"), 0);
    }
}

/// A type is a type for programs, and the tag stands for itself.
#[test]
fn of_what_hangs_by_a_tag_the_type_is_told_and_the_tag() {
    let tree = tree();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q"]).code(0);
    let name = "edge/tiny_vnf";
    let digest = registry.digest(name, "1.0").expect("published");
    let tag = |kind: &str| format!("{}.{kind}", digest.replace(':', "-"));
    let config = registry.put_blob(name, b"{}");
    let image = |layers: Value| {
        let kind = "application/vnd.oci.image.config.v1+json";
        json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": { "mediaType": kind, "digest": config, "size": 2 },
            "layers": layers,
        })
    };
    let kind = "application/vnd.dev.cosign.simplesigning.v1+json";
    let layer = json!([{ "mediaType": kind, "digest": config, "size": 2 }]);
    for (ending, layers) in [("sig", layer), ("att", json!([]))] {
        let bytes = image(layers).to_string().into_bytes();
        registry.put_manifest(name, &tag(ending), MANIFEST, &bytes);
    }
    let place = format!("{place}/tiny_vnf:1.0");
    let inspect = ["inspect", &place, "--referrers", "--message-format", "json"];
    let line = crate::json(&nfv(&tree, &inspect).code(0).bytes);
    let told = |i: usize, field: &str| line["referrers"][i][field].clone();
    assert_eq!(told(0, "artifact_type"), kind, "{line}");
    assert_eq!(told(0, "tag"), tag("sig"), "{line}");
    assert_eq!(told(1, "artifact_type"), Value::Null, "{line}");
    assert_eq!(told(1, "tag"), tag("att"), "{line}");
    let shown = referrers(&tree, &place);
    let lines: Vec<&str> = shown.lines().collect();
    let first = format!("{kind} (tag {})", tag("sig"));
    assert!(lines[0].contains(&first), "{shown}");
    assert!(
        lines[1].contains(&format!("── tag {}", tag("att"))),
        "{shown}"
    );
}

/// The list of referrers need not say what they are: their manifests do.
#[test]
fn what_a_list_does_not_say_the_manifest_does() {
    let tree = tree();
    let registry = Registry::start(Options {
        referrers: false,
        ..Options::default()
    });
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q"]).code(0);
    let name = "edge/tiny_vnf";
    let digest = registry.digest(name, "1.0").expect("published");
    let own = attach(&registry, name, &digest, "example/own");
    let config = registry.put_blob(name, b"{}");
    let put = |tag: &str, kind: &str, document: Value| {
        registry.put_manifest(name, tag, kind, &document.to_string().into_bytes())
    };
    let old = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": { "mediaType": "example/config", "digest": config, "size": 2 },
        "layers": [],
        "subject": { "mediaType": MANIFEST, "digest": digest, "size": 2 },
    });
    let old = put("old", MANIFEST, old);
    let index = "application/vnd.oci.image.index.v1+json";
    let set = json!({
        "schemaVersion": 2, "mediaType": index, "manifests": [], "artifactType": "example/set",
    });
    let set = put("set", index, set);
    let gone = format!("sha256:{}", "0".repeat(64));
    let entry = |kind: &str, digest: &str| {
        let size = registry
            .manifest(name, digest)
            .map_or(2, |(_, bytes)| bytes.len());
        json!({ "mediaType": kind, "digest": digest, "size": size })
    };
    let mut empty = entry(MANIFEST, &own);
    empty["artifactType"] = json!("");
    let list = json!({
        "schemaVersion": 2, "mediaType": index,
        "manifests": [empty, entry(MANIFEST, &old), entry(index, &set), entry(MANIFEST, &gone)],
    });
    put(&digest.replace(':', "-"), index, list);
    let shown = referrers(&tree, &format!("{place}/tiny_vnf:1.0"));
    let expected =
        format!("├── example/config  {old}\n├── example/own  {own}\n└── example/set  {set}");
    // What is listed and not there is shown with that.
    let (missing, rest) = shown.split_once('\n').expect("lines");
    let unreadable = format!("├── unknown  {gone}  unreadable: ");
    assert!(missing.starts_with(&unreadable), "{missing}");
    assert!(missing.contains("does not exist"), "{missing}");
    assert_eq!(rest, expected);
}

/// What is named by its digest alone can be read where it was copied to, and a
/// tag beside the digest goes with it.
#[test]
fn a_digest_alone_is_entered_and_a_tag_beside_it_kept() {
    let tree = tree();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q"]).code(0);
    let name = "edge/tiny_vnf";
    let digest = registry.digest(name, "1.0").expect("published");
    attach(&registry, name, &digest, "example/sbom");
    let from = format!("{place}/tiny_vnf@{digest}");
    let tagged = format!("{place}/tiny_vnf:1.0@{digest}");
    let pull = |what: &str, folder: &str| {
        nfv(&tree, &["pull", what, "-d", folder]).code(0);
    };
    for (i, to) in ["oci:a", "oci:b", "oci-archive:c.tar", "oci-archive:d.tar"]
        .iter()
        .enumerate()
    {
        let flags: &[&str] = if i % 2 == 0 { &[] } else { &["-r"] };
        nfv(&tree, &[&["copy", &*from, *to], flags].concat()).code(0);
        pull(to, &format!("in-{i}"));
        pull(&format!("{to}:{digest}"), &format!("by-digest-{i}"));
    }
    assert!(tree.path("a/oci-layout").is_file());
    assert_eq!(
        referrers(&tree, &format!("oci:b:{digest}")).lines().count(),
        1
    );
    nfv(&tree, &["copy", &tagged, "oci:e"]).code(0);
    pull("oci:e:tiny_vnf:1.0", "in-e");
    nfv(&tree, &["copy", &tagged, &format!("{place}/other")]).code(0);
    assert_eq!(registry.digest("edge/other", "1.0"), Some(digest));
}

/// A blob on the disk that is longer than it should be begins as it should; one that
/// is shorter ends too soon. Both are named, and nothing is to be seen of the copy.
#[test]
fn a_blob_of_another_size_is_named_and_not_sent() {
    let tree = tree();
    publish(&tree, "-q", &[]).code(0);
    nfv(&tree, &["copy", "tiny_vnf:1.0", "oci:L"]).code(0);
    let run = nfv(&tree, &["inspect", "oci:L:tiny_vnf:1.0", "--raw"]).code(0);
    let manifest = crate::json(&run.bytes);
    for part in [&manifest["config"], &manifest["layers"][0]] {
        let digest = part["digest"].as_str().expect("a digest");
        let path = tree.path(&format!("L/blobs/{}", digest.replace(':', "/")));
        let whole = std::fs::read(&path).expect("a blob");
        let longer = [&whole[..], b"more"].concat();
        let shorter = whole[..whole.len() - 3].to_vec();
        for bytes in [&longer, &shorter] {
            std::fs::write(&path, bytes).expect("a blob");
            let registry = Registry::plain();
            let to = format!("oci://{}/site/tiny_vnf:1.0", registry.host());
            let _ = std::fs::remove_dir_all(tree.path("other"));
            for to in [&*to, "oci:other:tiny_vnf:1.0"] {
                let run = nfv(&tree, &["copy", "oci:L:tiny_vnf:1.0", to]).code(5);
                assert!(run.stderr.contains(digest), "{}", run.stderr);
                assert!(run.stderr.contains("is damaged"), "{}", run.stderr);
            }
            let sizes = format!(
                "it has {} bytes, and should have {}",
                bytes.len(),
                whole.len()
            );
            let run = nfv(&tree, &["copy", "oci:L:tiny_vnf:1.0", &to]).code(5);
            assert!(run.stderr.contains(&sizes), "{}", run.stderr);
            assert_eq!(registry.tags(), [""; 0]);
            assert_eq!(registry.count("PUT", "/manifests/"), 0);
            nfv(&tree, &["inspect", "oci:other:tiny_vnf:1.0"]).code(3);
        }
        // What the registry has need not be here at all.
        let registry = Registry::plain();
        let to = format!("oci://{}/site/tiny_vnf:1.0", registry.host());
        std::fs::remove_file(&path).expect("a blob");
        let run = nfv(&tree, &["copy", "oci:L:tiny_vnf:1.0", &to]).code(3);
        assert!(run.stderr.contains(digest), "{}", run.stderr);
        registry.put_blob("site/tiny_vnf", &whole);
        nfv(&tree, &["copy", "oci:L:tiny_vnf:1.0", &to]).code(0);
        std::fs::write(&path, whole).expect("a blob");
    }
}

/// The tag is the last thing that is written, and what refers to an artifact
/// comes behind it.
#[test]
fn of_a_copy_that_fails_nothing_is_to_be_seen() {
    let tree = tree();
    let source = Registry::plain();
    let place = format!("oci://{}/edge", source.host());
    publish(&tree, &place, &["-q"]).code(0);
    let digest = source.digest("edge/tiny_ns", "1.0").expect("published");
    attach(&source, "edge/tiny_ns", &digest, "example/sbom");
    for (method, path, status) in [
        ("PUT", "/blobs/uploads/", 500),
        ("PUT", "/manifests/sha256:", 503),
        ("PUT", "/manifests/1.0", 403),
        ("GET", "/referrers/", 500),
    ] {
        let target = Registry::plain();
        target.faults(method, path, 0, usize::MAX, Fault::Status(status, None));
        source.faults(method, path, 0, usize::MAX, Fault::Status(status, None));
        let to = format!("oci://{}/site/tiny_ns", target.host());
        let from = format!("{place}/tiny_ns:1.0");
        let run = nfv(&tree, &["copy", "-r", &from, &to, "--retries", "0"]);
        let code = if status == 403 { 4 } else { 6 };
        assert_eq!(run.status, Some(code), "{method} {path}\n{}", run.stderr);
        assert_eq!(target.tags(), [""; 0], "{method} {path}");
        source.clear_faults();
    }
}

/// A version without its signatures is not to be had, as `cosign copy` has it as well.
#[test]
fn a_copy_whose_signature_is_refused_has_no_version() {
    let tree = tree();
    let source = Registry::plain();
    let place = format!("oci://{}/edge", source.host());
    publish(&tree, &place, &["-q"]).code(0);
    nfv(
        &tree,
        &["key", "generate", "--no-passphrase", "--out", "own"],
    )
    .code(0);
    let from = format!("{place}/tiny_ns:1.0");
    let sign = ["sign", &from, "--sign-key", "own.key", "--form", "classic"];
    nfv(&tree, &sign).code(0);
    let digest = source.digest("edge/tiny_ns", "1.0").expect("published");
    let tag = format!("{}.sig", digest.replace(':', "-"));
    let target = Registry::plain();
    let path = format!("/manifests/{tag}");
    target.faults("PUT", &path, 0, usize::MAX, Fault::Status(403, None));
    let to = format!("oci://{}/site/tiny_ns", target.host());
    nfv(&tree, &["copy", "-r", &from, &to]).code(4);
    assert_eq!(target.tags(), [""; 0]);
    target.clear_faults();
    nfv(&tree, &["copy", "-r", &from, &to]).code(0);
    let verify = ["verify", &format!("{to}:1.0"), "--key", "own.pub"];
    nfv(&tree, &verify).code(0);
}

/// Others read layouts as well, and find nothing in them that is not theirs.
/// Programs in Go write `null` for what is not there. What nobody can read is not left
/// out of a copy, which would not be whole.
#[test]
fn what_is_null_is_not_there_and_what_cannot_be_read_is_told() {
    let tree = tree();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q", "-p", "tiny_vnf"]).code(0);
    let name = "edge/tiny_vnf";
    let (_, bytes) = registry.manifest(name, "1.0").expect("a manifest");
    let whole = parse(&bytes);
    let put = |tag: &str, document: &Value| {
        let bytes = document.to_string().into_bytes();
        registry.put_manifest(name, tag, MANIFEST, &bytes)
    };
    let mut nulls = whole.clone();
    nulls["annotations"] = Value::Null;
    nulls["mediaType"] = Value::Null;
    for part in ["/config", "/layers/0"] {
        let part = nulls.pointer_mut(part).expect("a part");
        part["annotations"] = Value::Null;
    }
    nulls["layers"][0]["mediaType"] = Value::Null;
    let digest = put("nulls", &nulls);
    let at = format!("{place}/tiny_vnf:nulls");
    nfv(&tree, &["copy", &at, "oci:copy:a"]).code(0);
    let blob = |digest: &Value| {
        let hex = digest.as_str().expect("a digest").replace("sha256:", "");
        tree.path(&format!("copy/blobs/sha256/{hex}")).exists()
    };
    assert!(blob(&whole["config"]["digest"]) && blob(&whole["layers"][0]["digest"]));
    nfv(&tree, &["pull", &at, "-d", "in"]).code(0);
    nfv(&tree, &["list", "oci:copy"]).code(0);
    // Nor is what refers to it.
    let mut about = whole.clone();
    about["subject"] = json!({ "mediaType": MANIFEST, "digest": digest, "size": 1 });
    about["config"]["size"] = json!("2");
    put("about", &about);
    for (part, value, says) in [
        (
            "/layers/0/size",
            json!("123"),
            "`layers[0]`: the size \"123\" is no number",
        ),
        (
            "/config/size",
            json!(-1),
            "`config`: the size -1 is no number of bytes",
        ),
        (
            "/layers/0/annotations",
            json!({ "a": 1 }),
            "`layers[0]`: invalid type: integer",
        ),
        ("/config", Value::Null, "it has no `config`"),
    ] {
        let mut document = whole.clone();
        *document.pointer_mut(part).expect("a part") = value;
        put("bad", &document);
        let bad = format!("{place}/tiny_vnf:bad");
        nfv(&tree, &["pull", &bad, "-d", "in"])
            .code(2)
            .says("a manifest that can't be read: ")
            .says(says);
        if part != "/config" {
            nfv(&tree, &["copy", &bad, "oci:copy:b"]).code(2).says(says);
        }
    }
    let says = "the size \"2\" is no number of bytes";
    nfv(&tree, &["copy", "-r", &at, "oci:copy:c"])
        .code(2)
        .says(says);
}

#[test]
fn no_folder_of_ours_stays_in_a_layout() {
    let tree = tree();
    let source = Registry::plain();
    let place = format!("oci://{}/edge", source.host());
    publish(&tree, &place, &["-q"]).code(0);
    let copy = |name: &str, to: &str| {
        let from = format!("{place}/{name}:1.0");
        nfv(&tree, &["copy", &from, to, "--retries", "0"])
    };
    copy("tiny_vnf", "oci:L").code(0);
    let whole = ["blobs", "index.json", "oci-layout"];
    assert_eq!(names(&tree.path("L")), whole);
    let before = std::fs::read(tree.path("L/index.json")).expect("an index");
    source.faults(
        "GET",
        "/edge/tiny_ns/blobs/",
        0,
        usize::MAX,
        Fault::Status(403, None),
    );
    copy("tiny_ns", "oci:L").code(4);
    assert_eq!(names(&tree.path("L")), whole);
    assert_eq!(
        std::fs::read(tree.path("L/index.json")).expect("an index"),
        before
    );
    // A folder that was there stays, and what is in it.
    std::fs::create_dir(tree.path("empty")).expect("a folder");
    tree.file("notes/blobs/notes.txt", "of somebody");
    for (folder, expected) in [("empty", &[][..]), ("notes", &["blobs"])] {
        copy("tiny_ns", &format!("oci:{folder}")).code(4);
        assert!(tree.path(folder).is_dir());
        assert_eq!(names(&tree.path(folder)), expected, "{folder}");
    }
    assert!(tree.path("notes/blobs/notes.txt").is_file());
    copy("tiny_ns", "oci:deep/er").code(4);
    assert!(!tree.path("deep").exists());
}

/// A registry of others' making that has the referrers API.
pub struct Peer {
    process: Child,
    pub host: String,
}

impl Peer {
    pub fn start() -> Option<Self> {
        let program = tool("referrers-registry")?;
        // It can't say which port it took.
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let host = free.local_addr().expect("the port").to_string();
        drop(free);
        let process = Command::new(program)
            .arg(&host)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the registry starts");
        let start = Instant::now();
        while std::net::TcpStream::connect(&host).is_err() {
            assert!(start.elapsed() < Duration::from_secs(20), "it is not there");
            std::thread::sleep(Duration::from_millis(5));
        }
        Some(Peer { process, host })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// ORAS attaches, we copy, ORAS looks what came.
#[test]
fn oras_finds_what_it_attached_behind_a_layout() {
    let (Some(oras), Some(first), Some(second)) = (tool("oras"), Peer::start(), Peer::start())
    else {
        return;
    };
    let tree = tree();
    let place = format!("oci://{}/edge", first.host);
    publish(&tree, &place, &["-q"]).code(0);
    let ask = |args: &[&str]| {
        let mut command = Command::new(&oras);
        clean(&mut command, &home(&tree));
        sh(command
            .args(args)
            .arg("--plain-http")
            .current_dir(&tree.root))
    };
    let discover = |host: &str, path: &str| {
        let reference = format!("{host}/{path}/tiny_ns:1.0");
        let found = ask(&["discover", &reference, "--format", "json"]);
        let found: Value = crate::json(found.as_bytes());
        let mut digests = Vec::new();
        collect(&found, &mut digests);
        digests.sort();
        digests
    };
    let reference = format!("{}/edge/tiny_ns:1.0", first.host);
    for kind in ["example/sbom", "example/signature"] {
        ask(&[
            "attach",
            &reference,
            "tiny_vnf/tiny_vnfd.yaml",
            "--artifact-type",
            kind,
        ]);
    }
    let before = discover(&first.host, "edge");
    assert_eq!(before.len(), 3, "{before:?}");
    nfv(
        &tree,
        &[
            "copy",
            "-r",
            &format!("{place}/tiny_ns:1.0"),
            "oci:site:one",
        ],
    )
    .code(0);
    let there = format!("oci://{}/site/tiny_ns:1.0", second.host);
    nfv(&tree, &["copy", "-r", "oci:site:one", &there]).code(0);
    assert_eq!(discover(&second.host, "site"), before);
    // The layout as ORAS reads it.
    let mut layout = Command::new(&oras);
    clean(&mut layout, &home(&tree));
    layout.args(["discover", "--oci-layout", "site:one", "--format", "json"]);
    let found = run(layout.current_dir(&tree.root)).code(0);
    let mut digests = Vec::new();
    collect(&crate::json(&found.bytes), &mut digests);
    digests.sort();
    assert_eq!(digests, before);
}

/// Every digest of a document of ORAS's, each once.
fn collect(value: &Value, digests: &mut Vec<String>) {
    if let Some(digest) = value["digest"].as_str()
        && !digests.iter().any(|known| known == digest)
    {
        digests.push(digest.to_owned());
    }
    for child in value["referrers"].as_array().into_iter().flatten() {
        collect(child, digests);
    }
}

/// An index is copied out of a layout again, and hides nothing beside it.
#[test]
fn an_index_in_a_layout() {
    let tree = tree();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q"]).code(0);
    let digest = registry.digest("edge/tiny_vnf", "1.0").expect("a tag");
    let size = registry
        .manifest("edge/tiny_vnf", &digest)
        .expect("a manifest")
        .1
        .len();
    let kind = "application/vnd.oci.image.index.v1+json";
    let index = json!({
        "schemaVersion": 2,
        "mediaType": kind,
        "manifests": [{
            "mediaType": MANIFEST, "digest": digest, "size": size,
            "platform": { "os": "linux", "architecture": "arm64" },
        }],
    });
    let bytes = index.to_string().into_bytes();
    let part = digest;
    let digest = registry.put_manifest("edge/tiny_vnf", "all", kind, &bytes);
    let all = format!("{place}/tiny_vnf:all");
    for (to, from) in [
        ("oci:mix", "oci:mix:tiny_vnf:all"),
        ("oci-archive:mix.tar", "oci-archive:mix.tar:tiny_vnf:all"),
    ] {
        nfv(&tree, &["copy", &format!("{place}/tiny_ns:1.0"), to]).code(0);
        nfv(&tree, &["copy", &all, to]).code(0);
        let listed = nfv(&tree, &["list", to]).code(0);
        assert!(listed.stdout.contains("index"), "{}", listed.stdout);
        assert!(listed.stdout.contains("tiny_ns:1.0"), "{}", listed.stdout);
        nfv(&tree, &["pull", &format!("{to}:tiny_ns:1.0"), "-d", "in"]).code(0);
        // What is in it can be seen, and fetched.
        let run = nfv(&tree, &["inspect", from]).code(0);
        assert!(run.stdout.contains(&part), "{}", run.stdout);
        assert!(run.stdout.contains("linux/arm64"), "{}", run.stdout);
        let run = nfv(&tree, &["inspect", from, "--message-format", "json"]).code(0);
        assert_eq!(crate::lines(&run)[0]["index"], index);
        nfv(&tree, &["pull", from, "-d", "in"])
            .code(2)
            .says("name one of them by its digest");
        nfv(&tree, &["pull", &format!("{to}:{part}"), "-d", "in"]).code(0);
        let back = format!("{place}/back:all");
        nfv(&tree, &["copy", "--force", from, &back]).code(0);
        assert_eq!(registry.digest("edge/back", "all").as_ref(), Some(&digest));
    }
}

/// What cosign hangs beside an artifact by a tag goes along, and is shown.
#[test]
fn signatures_that_hang_on_a_tag() {
    let tree = tree();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q"]).code(0);
    let digest = registry.digest("edge/tiny_vnf", "1.0").expect("a tag");
    let tag = format!("{}.sig", digest.replace(':', "-"));
    let config = registry.put_blob("edge/tiny_vnf", b"{}");
    let layer = registry.put_blob("edge/tiny_vnf", b"payload");
    let kind = "application/vnd.dev.cosign.simplesigning.v1+json";
    let document = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": 2 },
        "layers": [{ "mediaType": kind, "digest": layer, "size": 7 }],
    });
    let bytes = document.to_string().into_bytes();
    let signature = registry.put_manifest("edge/tiny_vnf", &tag, MANIFEST, &bytes);
    let from = format!("{place}/tiny_vnf:1.0");
    assert!(referrers(&tree, &from).contains(kind));
    nfv(&tree, &["copy", "-r", &from, "oci:lay"]).code(0);
    assert!(referrers(&tree, "oci:lay:tiny_vnf:1.0").contains(kind));
    // A list has none of them, here nor there, unless it is named.
    for place in ["oci:lay", &format!("{place}/tiny_vnf")] {
        let run = nfv(&tree, &["list", place]).code(0);
        assert_eq!(run.stdout.lines().count(), 1, "{place}: {}", run.stdout);
    }
    let run = nfv(&tree, &["list", &format!("oci:lay:{tag}")]).code(0);
    assert!(run.stdout.contains(&signature), "{}", run.stdout);
    let to = format!("oci://{}/site/router:1.0", registry.host());
    nfv(&tree, &["copy", "-r", "oci:lay:tiny_vnf:1.0", &to]).code(0);
    assert_eq!(registry.digest("site/router", &tag), Some(signature));
}

/// Several copies into one archive at once all arrive, and what has no name is
/// listed by its digest.
#[test]
fn an_archive_that_several_write() {
    let tree = tree();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q"]).code(0);
    std::thread::scope(|scope| {
        for name in ["tiny_vnf:1.0", "tiny_ns:1.0"] {
            let (tree, place) = (&tree, &place);
            scope.spawn(move || {
                let from = format!("{place}/{name}");
                nfv(tree, &["copy", &from, "oci-archive:all.tar"]).code(0);
            });
        }
    });
    let listed = nfv(&tree, &["list", "oci-archive:all.tar"]).code(0);
    for name in ["tiny_vnf:1.0", "tiny_ns:1.0"] {
        assert!(listed.stdout.contains(name), "{}", listed.stdout);
    }
    let digest = registry.digest("edge/tiny_vnf", "1.0").expect("a tag");
    let from = format!("{place}/tiny_vnf@{digest}");
    nfv(&tree, &["copy", &from, "oci:bare"]).code(0);
    let listed = nfv(&tree, &["list", "oci:bare"]).code(0);
    assert!(listed.stdout.contains(&digest), "{}", listed.stdout);
}

/// What a later version of layouts means nobody knows here.
#[test]
fn a_layout_of_another_version_stays_as_it_is() {
    let tree = tree();
    nfv(&tree, &["publish", "-A", "all"]).code(0);
    nfv(&tree, &["copy", "tiny_vnf:1.0", "oci:lay"]).code(0);
    let index = || std::fs::read(tree.path("lay/index.json")).expect("an index");
    let before = index();
    tree.file("lay/oci-layout", r#"{"imageLayoutVersion": "9.0.0"}"#);
    nfv(&tree, &["copy", "tiny_ns:1.0", "oci:lay"])
        .code(2)
        .says("is of version 9.0.0, and the only one known here is 1.0.0");
    assert_eq!(index(), before);
}

/// What several runs add to one artifact of a layout at once is all there afterwards.
#[test]
fn a_layout_that_several_add_to() {
    let tree = tree();
    nfv(&tree, &["publish", "-A", "all"]).code(0);
    nfv(&tree, &["copy", "tiny_vnf:1.0", "oci:lay"]).code(0);
    let names: Vec<String> = (0..8).map(|n| format!("r{n}.sarif")).collect();
    for name in &names {
        let driver = format!("{{\"tool\":{{\"driver\":{{\"name\":\"{name}\"}}}},\"results\":[]}}");
        let text = format!("{{\"version\":\"2.1.0\",\"runs\":[{driver}]}}");
        tree.file(name, text);
    }
    std::thread::scope(|scope| {
        for name in &names {
            let tree = &tree;
            scope.spawn(move || {
                nfv(tree, &["attach", "oci:lay", name, "--type", "sarif"]).code(0);
            });
        }
    });
    let run = nfv(&tree, &["inspect", "--referrers", "oci:lay"]).code(0);
    for name in &names {
        assert!(run.stdout.contains(name.as_str()), "{name}: {}", run.stdout);
    }
}

/// Somebody who names a digest wants those bytes.
#[test]
fn a_copy_has_the_digest_that_is_named_for_it() {
    let tree = tree();
    let registry = Registry::plain();
    publish(&tree, &format!("oci://{}/edge", registry.host()), &[]).code(0);
    let digest = registry.digest("edge/tiny_vnf", "1.0").expect("a tag");
    let other = format!("sha256:{}", "1".repeat(64));
    let to = |digest: &str| format!("oci://{}/copies/vnf:1@{digest}", registry.host());
    registry.take_log();
    let run = nfv(&tree, &["copy", "tiny_vnf:1.0", &to(&other)]).code(5);
    for says in [&digest, &other] {
        assert!(run.stderr.contains(says.as_str()), "{}", run.stderr);
    }
    let writes = registry.take_log().into_iter();
    assert_eq!(writes.filter(|r| r.method != "GET").count(), 0);
    nfv(&tree, &["copy", "tiny_vnf:1.0", &to(&digest)]).code(0);
    assert_eq!(registry.digest("copies/vnf", "1"), Some(digest));
    let run = nfv(&tree, &["copy", "tiny_vnf:1.0", &format!("oci:L:{other}")]);
    run.code(5);
}

/// What is mistyped does not become a name in the layout of the tree.
#[test]
fn what_is_no_name_is_no_place() {
    let tree = tree();
    nfv(&tree, &["publish", "-A", "all"]).code(0);
    tree.file("a.tar", "");
    let index = || std::fs::read_to_string(tree.path("target/nfv/oci/index.json")).expect("index");
    let before = index();
    for to in [
        "localhost:15101",
        "127.0.0.1:5000",
        "ghcr.io:443",
        "docker-archive:x.tar",
        "dir:q3",
        "./backup/",
        "backup/",
        "/nonexist/oci",
        "a name",
        "a:b:c",
        "a:",
        "",
    ] {
        nfv(&tree, &["copy", "tiny_vnf:1.0", to])
            .code(2)
            .says("`oci:FOLDER[:NAME]`")
            .says("`NAME[:TAG]`");
        assert_eq!(index(), before, "{to}");
    }
    for (place, says) in [
        ("localhost:15105", "write `oci://localhost:15105`"),
        ("no_such_name", "nothing is published as `no_such_name`"),
        ("tiny_vnf:2.0", "nothing is published as `tiny_vnf:2.0`"),
        ("tiny_vn", "did you mean `tiny_vnf`?"),
        ("./tiny_vnf", "write `oci:./tiny_vnf`"),
        ("a.tar", "write `oci-archive:a.tar`"),
    ] {
        for command in ["list", "inspect"] {
            if command == "inspect" && tree.path(place).exists() {
                // It looks into files.
                continue;
            }
            let run = nfv(&tree, &[command, place]);
            assert_eq!(run.status, Some(3), "{command} {place}: {}", run.stderr);
            if command == "list" {
                run.says(says);
            }
        }
    }
    for (place, count) in [
        ("tiny_vnf", 1),
        ("tiny_ns:1.0", 1),
        ("oci:target/nfv/oci", 2),
    ] {
        let run = nfv(&tree, &["list", place]).code(0);
        assert_eq!(run.stdout.lines().count(), count, "{place}: {}", run.stdout);
    }
    nfv(&tree, &["copy", "tiny_vnf:1.0", "tiny_vnf:next"]).code(0);
    let run = nfv(&tree, &["list", "tiny_vnf"]).code(0);
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
}

/// What others have written into an index stays where something is added or taken away.
#[test]
fn what_others_say_in_an_index_stays() {
    let tree = tree();
    nfv(&tree, &["publish", "-A", "all"]).code(0);
    let index = |folder: &str| {
        let path = tree.path(folder).join("index.json");
        crate::json(&std::fs::read(path).expect("an index"))
    };
    let own = "target/nfv/oci";
    for folder in ["theirs", own] {
        nfv(
            &tree,
            &["copy", "tiny_vnf:1.0", &format!("oci:{folder}:a:1")],
        )
        .code(0);
        let mut document = index(folder);
        document["artifactType"] = "application/x".into();
        document["org.example"] = serde_json::json!({ "deep": [1, null] });
        document["annotations"] = serde_json::json!({ "org.example.of": "theirs" });
        let entries = document["manifests"].as_array_mut().expect("a list");
        let named = |name: &str| {
            let mut entry = entries[0].clone();
            entry["annotations"] = serde_json::json!({
                "org.opencontainers.image.ref.name": name,
                "io.containerd.image.name": "example.org/a:1",
            });
            entry["platform"] = serde_json::json!({ "architecture": "arm64", "os": "linux" });
            entry["urls"] = serde_json::json!(["https://example.org/"]);
            entry["data"] = "e30=".into();
            entry
        };
        // One name for the images of two platforms, as docker and podman have it.
        let theirs = [named("latest"), named("latest")];
        entries.extend(theirs.clone());
        let text = serde_json::to_string_pretty(&document).expect("JSON");
        tree.file(&format!("{folder}/index.json"), text);
        let layout = r#"{"imageLayoutVersion": "1.0.0", "org.example": true}"#;
        tree.file(&format!("{folder}/oci-layout"), layout);
        match folder {
            "theirs" => nfv(&tree, &["copy", "tiny_ns:1.0", "oci:theirs:b:1"]).code(0),
            _ => {
                tree.replace("tiny_ns/tiny_nsd.yaml", "version: '1.0'", "version: '2.0'");
                nfv(&tree, &["publish", "-A", "all"]).code(0);
                nfv(&tree, &["clean", "-p", "tiny_ns"]).code(0)
            }
        };
        let after = index(folder);
        for key in [
            "artifactType",
            "org.example",
            "annotations",
            "schemaVersion",
        ] {
            assert_eq!(after[key], document[key], "{folder}: {key}");
        }
        let kept = after["manifests"].as_array().expect("a list");
        assert_eq!(
            kept.iter().filter(|e| **e == theirs[0]).count(),
            2,
            "{after:#}"
        );
        let said = std::fs::read_to_string(tree.path(folder).join("oci-layout"));
        assert_eq!(said.expect("a file"), layout);
    }
    assert_eq!(
        index("theirs")["manifests"].as_array().map(Vec::len),
        Some(4)
    );
}

/// Into the layout of the tree an artifact goes by its own name, by which it can be had from
/// there, and an archive that was not said to be one is none.
#[test]
fn names_in_the_layout_of_the_tree() {
    let tree = tree();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q", "-p", "tiny_vnf"]).code(0);
    let at = format!("{place}/tiny_vnf:1.0");
    nfv(&tree, &["copy", &at, "edge.tar"])
        .code(2)
        .says("if it is to be an archive, write `oci-archive:edge.tar`");
    for name in ["foo", "foo:1.0", "tiny_vnf:1.1"] {
        nfv(&tree, &["copy", &at, name])
            .code(2)
            .says("lies under its own name, which is `tiny_vnf:1.0`, and not as");
    }
    nfv(&tree, &["copy", &at, "tiny_vnf:stable"]).code(0);
    nfv(&tree, &["pull", "tiny_vnf:stable", "-d", "in"]).code(0);
    for command in ["inspect", "pull"] {
        nfv(&tree, &[command, ""])
            .code(2)
            .says("an empty reference names nothing");
    }
}

/// An archive that was cut off on its way is told apart from a file that is none.
#[test]
fn archives_that_are_cut_off() {
    let tree = tree();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q", "-p", "tiny_vnf"]).code(0);
    let at = format!("{place}/tiny_vnf:1.0");
    nfv(&tree, &["copy", &at, "oci-archive:edge.tar"]).code(0);
    let whole = fs::read(tree.path("edge.tar")).expect("an archive");
    for (len, says) in [
        (whole.len() - 5000, "cut off"),
        (whole.len() / 2, "cut off"),
        (700_000, "cut off"),
        (1024, "cut off"),
        (100, "it is no archive (tar) of an image layout"),
    ] {
        tree.file("cut.tar", &whole[..len]);
        nfv(&tree, &["inspect", "oci-archive:cut.tar"])
            .code(2)
            .says(says);
    }
    tree.file("cut.tar", "no tar at all\n".repeat(200));
    nfv(&tree, &["inspect", "oci-archive:cut.tar"])
        .code(2)
        .says("it is no archive (tar) of an image layout");
}
