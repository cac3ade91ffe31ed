//! `publish` at a registry that misbehaves: it succeeds after another try, or
//! says why not, and nothing is ever half there.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::common::{Run, Tree, names, sh, tool, vnfd};
use crate::double::{Fault, Options, Registry};
use crate::{NSD, nfv, publish, tree};

const ALL: usize = usize::MAX;

/// What is met, and the flags for it.
struct Case<'a> {
    name: &'a str,
    faults: &'a [(&'a str, &'a str, usize, usize, Fault)],
    flags: &'a [&'a str],
}

fn start(case: &Case<'_>, options: Options) -> Registry {
    let registry = Registry::start(options);
    arm(&registry, case);
    registry
}

fn arm(registry: &Registry, case: &Case<'_>) {
    for (method, path, after, times, fault) in case.faults {
        registry.faults(method, path, *after, *times, fault.clone());
    }
}

fn place(registry: &Registry) -> String {
    format!("oci://{}/edge", registry.host())
}

/// Everything is there, and what is there is whole.
#[track_caller]
fn assert_whole(registry: &Registry, name: &str) {
    assert_eq!(
        registry.tags(),
        ["edge/tiny_ns:1.0", "edge/tiny_vnf:1.0"],
        "{name}"
    );
    assert_eq!(registry.clear_faults(), 0, "{name}: not met");
}

#[test]
fn it_succeeds_after_another_try() {
    let uploads = "/blobs/uploads/";
    let upload = "/blobs/uploads/upload-";
    let tree = tree();
    let long = Fault::Stall(Duration::from_secs(3));
    let cases = [
        Case {
            name: "429 before an upload",
            faults: &[("POST", uploads, 0, 2, Fault::Status(429, Some(0)))],
            flags: &[],
        },
        Case {
            name: "500, 502, 503 while looking",
            faults: &[
                ("HEAD", "/manifests/", 0, 1, Fault::Status(500, None)),
                ("HEAD", "/manifests/", 0, 1, Fault::Status(502, None)),
                ("HEAD", "/blobs/", 0, 1, Fault::Status(503, None)),
            ],
            flags: &[],
        },
        Case {
            name: "503 for blobs",
            faults: &[("PUT", upload, 0, 2, Fault::Status(503, None))],
            flags: &[],
        },
        Case {
            name: "a reset in the middle of a blob",
            faults: &[("PUT", upload, 0, 1, Fault::ResetRequest(100_000))],
            flags: &[],
        },
        Case {
            name: "resets in the middle of pieces",
            faults: &[("PATCH", upload, 0, 2, Fault::ResetRequest(100_000))],
            flags: &["--chunk-size", "1"],
        },
        Case {
            name: "the answers to blobs are lost",
            faults: &[("PUT", upload, 0, 2, Fault::AnswerLost)],
            flags: &[],
        },
        Case {
            name: "the answer to a manifest is lost",
            faults: &[("PUT", "/manifests/", 0, 1, Fault::AnswerLost)],
            flags: &[],
        },
        Case {
            name: "503 for a manifest",
            faults: &[("PUT", "/manifests/", 1, 1, Fault::Status(503, Some(0)))],
            flags: &[],
        },
        Case {
            name: "201 for PATCH, and no Location",
            faults: &[
                ("PATCH", upload, 0, 1, Fault::StatusInstead(201)),
                ("PATCH", upload, 0, 2, Fault::NoLocation),
            ],
            flags: &["--chunk-size", "1"],
        },
        Case {
            name: "204 for PATCH, and no Location",
            faults: &[
                ("PATCH", upload, 0, 1, Fault::StatusInstead(204)),
                ("PATCH", upload, 0, 2, Fault::NoLocation),
            ],
            flags: &["--chunk-size", "1"],
        },
        Case {
            name: "the upload is forgotten",
            faults: &[("PATCH", upload, 0, 1, Fault::Status(404, None))],
            flags: &["--chunk-size", "1"],
        },
        Case {
            name: "no answer in time",
            faults: &[
                ("POST", uploads, 0, 1, long.clone()),
                ("PUT", upload, 0, 1, long.clone()),
                ("PUT", "/manifests/", 0, 1, long),
            ],
            flags: &["--timeout", "1"],
        },
    ];
    for case in &cases {
        for keeps_uploads in [true, false] {
            let options = Options {
                keeps_uploads,
                ..Options::default()
            };
            let registry = start(case, options);
            let run = publish(&tree, &place(&registry), case.flags);
            assert_eq!(run.status, Some(0), "{}\n{}", case.name, run.stderr);
            assert_whole(&registry, case.name);
        }
    }
}

/// A fault that stays, the exit code, and what is said.
struct Lasting {
    method: &'static str,
    path: &'static str,
    fault: Fault,
    code: i32,
    says: &'static str,
}

impl Lasting {
    fn arm(&self, registry: &Registry) -> String {
        registry.faults(self.method, self.path, 0, ALL, self.fault.clone());
        format!("{} {} {:?}", self.method, self.path, self.fault)
    }
}

fn lasting() -> Vec<Lasting> {
    const BEGIN: &str = "/blobs/uploads/";
    const BLOB: &str = "/blobs/uploads/upload-";
    const MANIFEST: &str = "/manifests/";
    const HOUR: Fault = Fault::Status(429, Some(3600));
    let long = Fault::Stall(Duration::from_secs(3));
    let circle = Fault::Redirect("/v2/a/blobs/b".to_owned());
    let status = |status| Fault::Status(status, None);
    [
        (
            "PUT",
            BLOB,
            status(500),
            6,
            "answered 500 Internal Server Error",
        ),
        (
            "PUT",
            BLOB,
            Fault::ResetRequest(1),
            6,
            "failed to upload a blob",
        ),
        (
            "PUT",
            BLOB,
            HOUR,
            6,
            "takes no more requests for 3600 seconds",
        ),
        (
            "PUT",
            BLOB,
            status(413),
            2,
            "answered 413 Payload Too Large",
        ),
        // So a registry refuses what has not the digest that was said.
        ("PUT", BLOB, status(400), 2, "answered 400 Bad Request"),
        (
            "POST",
            BEGIN,
            HOUR,
            6,
            "takes no more requests for 3600 seconds",
        ),
        (
            "POST",
            BEGIN,
            Fault::NoLocation,
            2,
            "does not say where the upload goes on",
        ),
        (
            "POST",
            BEGIN,
            status(403),
            4,
            "does not allow to upload a blob",
        ),
        ("POST", BEGIN, status(401), 4, "asks for credentials"),
        (
            "HEAD",
            "/blobs/",
            Fault::Status(429, Some(0)),
            6,
            "answered 429 Too Many Requests",
        ),
        (
            "HEAD",
            "/blobs/",
            circle,
            2,
            "leads from address to address",
        ),
        ("HEAD", MANIFEST, long, 6, "it did not answer in time"),
        (
            "POST",
            BEGIN,
            Fault::Code(404, "NAME_UNKNOWN"),
            3,
            "/edge/tiny_",
        ),
        ("PUT", BLOB, Fault::WrongDigest, 5, "a blob was sent to `"),
        (
            "PUT",
            MANIFEST,
            Fault::WrongDigest,
            5,
            "and it answers sha256:",
        ),
        // A repository that has to be made first.
        (
            "PUT",
            MANIFEST,
            Fault::Code(404, "NAME_UNKNOWN"),
            3,
            "NAME_UNKNOWN; some registries want it to be made before",
        ),
        (
            "PUT",
            MANIFEST,
            status(404),
            2,
            "failed to write the manifest of",
        ),
        (
            "PUT",
            MANIFEST,
            status(403),
            4,
            "does not allow to write the manifest",
        ),
        (
            "PUT",
            MANIFEST,
            status(503),
            6,
            "failed to write the manifest",
        ),
    ]
    .map(|(method, path, fault, code, says)| Lasting {
        method,
        path,
        fault,
        code,
        says,
    })
    .into()
}

const SOON: [&str; 4] = ["--retries", "1", "--timeout", "1"];

#[track_caller]
fn assert_failed(run: &Run, name: &str, code: i32, says: &str) {
    assert_eq!(run.status, Some(code), "{name}\n{}", run.stderr);
    assert!(run.stderr.contains(says), "{name}\n{}", run.stderr);
    // An address holds the state of an upload, which may be signed.
    assert!(!run.stderr.contains("_state"), "{name}\n{}", run.stderr);
}

#[test]
fn or_it_says_why_not_and_nothing_is_there() {
    let tree = tree();
    for lasting in lasting() {
        let registry = Registry::plain();
        let name = lasting.arm(&registry);
        let run = publish(&tree, &place(&registry), &SOON);
        assert_failed(&run, &name, lasting.code, lasting.says);
        assert_eq!(registry.tags(), [""; 0], "{name}");
        // The next try finds what came, and needs nothing else.
        registry.clear_faults();
        publish(&tree, &place(&registry), &[]).code(0);
        assert_whole(&registry, &name);
    }
}

#[test]
fn and_tags_that_were_there_have_not_moved() {
    let tree = tree();
    let registry = Registry::plain();
    publish(&tree, &place(&registry), &["--tag", "stable"]).code(0);
    let tags = || {
        let tags = registry.tags().into_iter();
        let tags = tags.map(|tag| {
            let (name, version) = tag.rsplit_once(':').expect("a tag");
            (registry.digest(name, version), tag)
        });
        tags.collect::<Vec<_>>()
    };
    let before = tags();
    assert_eq!(before.len(), 4);
    tree.replace("tiny_vnf/tiny_vnfd.yaml", "Example", "Another");
    tree.replace("tiny_ns/tiny_nsd.yaml", "Example", "Another");
    // Without being told so, it replaces nothing.
    let run = publish(&tree, &place(&registry), &["--tag", "stable"]);
    assert_failed(&run, "other bytes", 5, "--force");
    assert_eq!(tags(), before);
    for lasting in lasting() {
        let name = lasting.arm(&registry);
        let flags = [&["--force", "--tag", "stable"], &SOON[..]].concat();
        let run = publish(&tree, &place(&registry), &flags);
        assert_failed(&run, &name, lasting.code, lasting.says);
        assert_eq!(tags(), before, "{name}");
        registry.clear_faults();
    }
    publish(&tree, &place(&registry), &["--force", "--tag", "stable"]).code(0);
    assert!(tags().iter().zip(before).all(|(new, old)| new.0 != old.0));
}

/// Functions come first, and none of them is to be seen where the service that
/// needs them is refused. Where a tag is refused, those that moved are named.
#[test]
fn the_last_manifest_counts_for_all() {
    let tree = Tree::of(&[
        ("tiny_vnf/tiny_vnfd.yaml", &vnfd("tiny_vnf")),
        ("other_vnf/other_vnfd.yaml", &vnfd("other_vnf")),
        ("tiny_ns/tiny_nsd.yaml", NSD),
    ]);
    let registry = Registry::plain();
    let flags = [&["--tag", "stable", "--digest-file", "digests"], &SOON[..]].concat();
    let publish = || publish(&tree, &place(&registry), &flags);
    for (status, code) in [(403, 4), (500, 6)] {
        tree.file("digests", "those of yesterday");
        let fault = Fault::Status(status, None);
        registry.faults("PUT", "/tiny_ns/manifests/", 0, ALL, fault);
        let run = publish();
        assert_failed(&run, "the service", code, "write the manifest of");
        assert_eq!(registry.tags(), [""; 0], "{status}");
        assert!(!run.stderr.contains("could be moved"), "{}", run.stderr);
        assert!(!tree.path("digests").exists());
        registry.clear_faults();
    }
    // What moves after it is not there, and what moved before it is told.
    let host = registry.host();
    for (tag, there) in [
        ("1.0", &["other_vnf:1.0", "tiny_vnf:1.0"][..]),
        (
            "stable",
            &[
                "other_vnf:1.0",
                "other_vnf:stable",
                "tiny_ns:1.0",
                "tiny_vnf:1.0",
                "tiny_vnf:stable",
            ],
        ),
    ] {
        let path = format!("/tiny_ns/manifests/{tag}");
        registry.faults("PUT", &path, 0, ALL, Fault::Status(403, None));
        let run = publish();
        assert_failed(&run, tag, 4, "does not allow to write the manifest");
        let there: Vec<String> = there.iter().map(|one| format!("edge/{one}")).collect();
        assert_eq!(registry.tags(), there, "{tag}");
        let moved = |one: &String| run.stderr.contains(&format!("\n  `{host}/{one}`"));
        let is_new = |one: &&String| tag == "1.0" || !one.ends_with("vnf:1.0");
        assert!(there.iter().filter(is_new).all(moved), "{}", run.stderr);
        assert_eq!(
            run.stderr.matches("\n  `").count(),
            2 + usize::from(tag == "stable")
        );
        registry.clear_faults();
    }
    publish().code(0);
    assert_eq!(registry.tags().len(), 6);
    let log = registry.take_log().into_iter();
    let mut tags = log.filter(|r| r.method == "PUT" && r.path.contains("/manifests/"));
    let last = tags.next_back().map(|request| request.path);
    assert_eq!(last.as_deref(), Some("/v2/edge/tiny_ns/manifests/stable"));
}

/// A tag that is the version of what it points to is as good as that version.
#[test]
fn a_tag_beside_the_version_moves_no_other_version() {
    let tree = tree();
    let registry = Registry::plain();
    let only = ["-p", "tiny_vnf"];
    publish(
        &tree,
        &place(&registry),
        &[&only[..], &["--tag", "stable"]].concat(),
    )
    .code(0);
    let at = |tag: &str| registry.digest("edge/tiny_vnf", tag);
    let before = at("1.0");
    tree.replace(
        "tiny_vnf/tiny_vnfd.yaml",
        "version: '1.0'",
        "version: '1.1'",
    );
    for dry in [&["--dry-run"][..], &[]] {
        let flags = [&only[..], &["--tag", "1.0"], dry].concat();
        let run = publish(&tree, &place(&registry), &flags);
        assert_failed(&run, "a version", 5, "--force");
        assert_eq!((at("1.0"), at("1.1")), (before.clone(), None));
    }
    let flags = [&only[..], &["--tag", "stable", "--dry-run"]].concat();
    let run = publish(&tree, &place(&registry), &flags).code(0);
    assert!(run.stderr.contains("Would move `"), "{}", run.stderr);
    assert!(
        run.stderr.contains("edge/tiny_vnf:stable"),
        "{}",
        run.stderr
    );
    assert_eq!(at("stable"), before);
    let flags = [&only[..], &["--tag", "1.0", "--tag", "stable", "--force"]].concat();
    publish(&tree, &place(&registry), &flags).code(0);
    assert_ne!(at("1.0"), before);
    assert_eq!((at("1.0"), at("stable")), (at("1.1"), at("1.1")));
}

/// Who has to give new versions hears of all packages that need one at once.
#[test]
fn all_versions_that_are_there_are_named() {
    let tree = tree();
    let registry = Registry::plain();
    let host = registry.host();
    publish(&tree, &place(&registry), &[]).code(0);
    for path in ["tiny_vnf/tiny_vnfd.yaml", "tiny_ns/tiny_nsd.yaml"] {
        tree.replace(path, "Example", "Another");
    }
    let before = registry.digest("edge/tiny_ns", "1.0").expect("a tag");
    registry.take_log();
    for dry in [&["--dry-run"][..], &[]] {
        let run = publish(&tree, &place(&registry), dry).code(5);
        let run = run
            .says("2 tags point to something else already")
            .says(&format!("  `{host}/edge/tiny_vnf:1.0` is sha256:"))
            .says(&format!("  `{host}/edge/tiny_ns:1.0` is {before} already"));
        assert_eq!(run.stderr.matches("--force").count(), 1, "{}", run.stderr);
    }
    assert_eq!(registry.count("PUT", "") + registry.count("POST", ""), 0);
    publish(&tree, &place(&registry), &["-p", "tiny_vnf"])
        .code(5)
        .says("give it another version, or move the tag with `--force`");
}

/// Who has changed nothing in a package has to hear what makes another artifact of it.
#[test]
fn what_differs_is_told() {
    let tree = tree();
    let registry = Registry::plain();
    publish(&tree, &place(&registry), &[]).code(0);
    let inside = |more: &[&str]| {
        let place = place(&registry);
        let args = [&["publish", "-A", "all", &place], more].concat();
        let mut command = crate::nfv_in(&tree, &args);
        command.current_dir(tree.path("tiny_ns"));
        crate::common::run(&mut command)
    };
    // The same package by itself knows nothing of the tree.
    inside(&["--target-dir", "../alone"])
        .code(5)
        .says("; the package is the same, and the config document says otherwise what lies in")
        .says("(`dependencies[0].location` was `internal`, is `external`)");
    let mut command = crate::nfv_in(&tree, &["publish", "-A", "all", &place(&registry)]);
    let later = crate::common::run(command.env("SOURCE_DATE_EPOCH", "1700000000")).code(5);
    later.says("`annotations.org.opencontainers.image.created` is new");
    tree.replace("tiny_ns/tiny_nsd.yaml", "Example", "Another");
    let run = publish(&tree, &place(&registry), &["-p", "tiny_ns"]).code(5);
    run.says("; they differ in the package itself and the manifest")
        .says("`annotations.org.opencontainers.image.authors` was `Example Operator`, is");
    // A copy is asked the same.
    nfv(&tree, &["publish", "-A", "all"]).code(0);
    let to = format!("{}/tiny_ns:1.0", place(&registry));
    nfv(&tree, &["copy", "tiny_ns:1.0", &to])
        .code(5)
        .says("; they differ in the package itself and the manifest");
    // Without what is there nothing is told, and nothing else goes wrong.
    let path = "/edge/tiny_ns/blobs/";
    registry.faults("GET", path, 0, ALL, Fault::Status(404, None));
    let run = publish(&tree, &place(&registry), &["-p", "tiny_ns"]).code(5);
    assert!(!run.stderr.contains("differ"), "{}", run.stderr);
    run.says("give it another version");
}

/// Of two versions of one function, a tag beside them could name either.
#[test]
fn a_tag_is_for_one_version() {
    let tree = tree();
    let second = vnfd("tiny_vnf").replace("'1.0'", "'1.1'");
    tree.file("second/tiny_vnfd.yaml", second);
    let registry = Registry::plain();
    for dry in [&["--dry-run"][..], &[]] {
        let flags = [&["--tag", "stable"], dry].concat();
        publish(&tree, &place(&registry), &flags)
            .code(2)
            .says("`--tag stable` can't point to both `tiny_vnf:1.")
            .says("`tiny_vnf:1.0`")
            .says("`tiny_vnf:1.1`");
        assert_eq!(registry.tags(), [""; 0]);
    }
    publish(&tree, &place(&registry), &[]).code(0);
    assert_eq!(registry.tags().len(), 3);
    nfv(&tree, &["publish", "-A", "all", "--tag", "stable"])
        .code(2)
        .says("`--tag` goes with a place at a registry");
}

/// Who has to publish something first hears of all of it at once.
#[test]
fn all_that_is_missing_is_named() {
    let nsd = NSD.replace("vnfd-id: [tiny_vnf]", "vnfd-id: [tiny_vnf, other_vnf]");
    let tree = Tree::of(&[("tiny_ns/tiny_nsd.yaml", &nsd)]);
    let registry = Registry::plain();
    let run = publish(&tree, &place(&registry), &[]).code(3);
    let host = registry.host();
    run.says(&format!(
        "2 dependencies are not in `{host}/edge`; publish them there first:"
    ))
    .says("\n  `tiny_ns:1.0` needs the VNF `tiny_vnf`")
    .says("\n  `tiny_ns:1.0` needs the VNF `other_vnf`");
    publish(&tree, &place(&registry), &["--allow-missing"]).code(0);
}

/// Where only tags are new, that is what there is to say.
#[test]
fn new_tags_are_named() {
    let tree = tree();
    let registry = Registry::plain();
    publish(&tree, &place(&registry), &["--tag", "old"]).code(0);
    let tags = ["--tag", "old", "--tag", "brandnew"];
    let json = [&tags[..], &["--message-format", "json"]].concat();
    for (more, verb) in [(&["--dry-run"][..], "Would tag"), (&[], "Tagged")] {
        let planned = publish(
            &tree,
            &place(&registry),
            &[&json[..], &["--dry-run"]].concat(),
        );
        let lines = planned.code(0).stdout;
        let lines = lines
            .lines()
            .filter(|line| line.contains("artifact-planned"));
        let lines: Vec<_> = lines.map(|line| crate::json(line.as_bytes())).collect();
        assert_eq!(lines.len(), 2);
        for line in &lines {
            assert_eq!(line["tags"], serde_json::json!(["brandnew"]), "{line}");
        }
        let run = publish(&tree, &place(&registry), &[&tags[..], more].concat()).code(0);
        for name in ["tiny_vnf", "tiny_ns"] {
            let says = format!("{verb} `{}/edge/{name}:brandnew`", registry.host());
            assert!(run.stderr.contains(&says), "{}", run.stderr);
        }
        assert!(!run.stderr.contains(":old"), "{}", run.stderr);
        run.says("2 already there, 2 tags beside the versions");
    }
    let run = publish(&tree, &place(&registry), &json).code(0);
    assert!(!run.stdout.contains("\"tags\""), "{}", run.stdout);
}

#[test]
fn what_is_no_tag_is_refused_before_anything_is_sent() {
    let tree = tree();
    let registry = Registry::plain();
    for tag in ["a/b", "../x", "a?b", ".x", "a b", ""] {
        for dry in [&["--dry-run"][..], &[]] {
            let tag = format!("--tag={tag}");
            let run = publish(&tree, &place(&registry), &[&[&*tag], dry].concat());
            assert_failed(&run, &tag, 2, "--tag <TAG>");
        }
    }
    assert_eq!(registry.take_log().len(), 0);
}

/// It leaves no file, here nor there, and its lines can't be taken for those of
/// a publication.
#[test]
fn a_dry_run_writes_nothing() {
    let tree = tree();
    let registry = Registry::plain();
    let place = place(&registry);
    let index = || std::fs::read(tree.path("target/nfv/oci/index.json")).ok();
    let dry = |place: &[&str]| {
        let flags = [
            "publish",
            "-A",
            "all",
            "--dry-run",
            "--message-format",
            "json",
        ];
        let run = nfv(&tree, &[&flags[..], place].concat()).code(0);
        assert!(!run.stdout.contains("artifact-published"), "{}", run.stdout);
        run.stdout
            .lines()
            .filter(|line| line.contains("artifact-planned"))
            .count()
    };
    for place in [&[][..], &[&*place]] {
        assert_eq!(dry(place), 2);
        assert!(!tree.path("target/nfv").exists());
        assert!(!tree.path("nfv.lock").exists());
    }
    nfv(&tree, &["publish", "-A", "all"]).code(0);
    let before = index();
    tree.replace("tiny_vnf/tiny_vnfd.yaml", "Example", "Another");
    for place in [&[][..], &[&*place]] {
        assert_eq!(dry(place), 2);
        assert_eq!(index(), before);
    }
    assert_eq!(registry.tags(), [""; 0]);
    assert_eq!(registry.count("POST", ""), 0);
}

/// What needs others comes after them, and each of them is whole by itself.
#[test]
fn functions_come_before_services() {
    let tree = tree();
    let registry = Registry::plain();
    registry.faults("PUT", "/manifests/1.0", 1, ALL, Fault::Status(403, None));
    publish(&tree, &place(&registry), &[]).code(4);
    assert_eq!(registry.tags(), ["edge/tiny_vnf:1.0"]);
    let log = registry.take_log();
    let last_blob = log.iter().rposition(|r| r.path.contains("/blobs/"));
    let first_manifest = log
        .iter()
        .position(|r| r.method == "PUT" && r.path.contains("/manifests/"));
    assert!(last_blob < first_manifest, "{log:#?}");
}

/// So do services of services: `a_ns` has `b_ns` in it, and that has `c_ns`.
#[test]
fn nested_services_come_before_what_they_are_in() {
    let service = |id: &str, nested: &str| {
        format!(
            "nsd:\n  nsd:\n    - id: {id}\n      name: {id}\n      version: '1.0'\n{nested}      df:\n        - id: df\n"
        )
    };
    let tree = Tree::of(&[
        (
            "a_ns/a_nsd.yaml",
            &service("a_ns", "      nested-nsd-id: [b_ns, d_ns]\n"),
        ),
        (
            "b_ns/b_nsd.yaml",
            &service("b_ns", "      nested-nsd-id: [c_ns]\n"),
        ),
        ("c_ns/c_nsd.yaml", &service("c_ns", "")),
        ("d_ns/d_nsd.yaml", &service("d_ns", "")),
    ]);
    let registry = Registry::plain();
    publish(&tree, &place(&registry), &["--tag", "stable"]).code(0);
    let log = registry.take_log();
    for tag in ["1.0", "stable"] {
        let at = |name: &str| {
            let end = format!("/{name}/manifests/{tag}");
            let found = log
                .iter()
                .position(|r| r.method == "PUT" && r.path.ends_with(&end));
            found.unwrap_or_else(|| panic!("{end} in {log:#?}"))
        };
        assert!(at("c_ns") < at("b_ns"), "{tag}: {log:#?}");
        assert!(at("b_ns") < at("a_ns"), "{tag}: {log:#?}");
        assert!(at("d_ns") < at("a_ns"), "{tag}: {log:#?}");
    }
}

#[test]
fn a_manifest_that_arrives_as_another_is_told_of() {
    let tree = tree();
    let registry = Registry::plain();
    registry.fault("PUT", "/manifests/", Fault::WrongDigest);
    let run = publish(&tree, &place(&registry), &[]);
    assert_failed(&run, "digest", 5, "and it answers sha256:");
}

/// The double, as some registries, takes a blob without looking at it.
#[test]
fn a_damaged_file_is_not_sent() {
    let tree = tree();
    nfv(&tree, &["publish", "-A", "all", "-q"]).code(0);
    let blobs = tree.path("target/nfv/oci/blobs/sha256");
    let large = std::fs::read_dir(&blobs).expect("blobs");
    let large = large
        .map(|entry| entry.expect("a blob").path())
        .max_by_key(|path| path.metadata().expect("a blob").len())
        .expect("a blob");
    let whole = std::fs::read(&large).expect("a blob");
    let mut other = whole.clone();
    other[whole.len() / 2] ^= 1;
    let name = large
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    for flags in [&["--retries", "1"][..], &["--chunk-size", "1"]] {
        let registry = Registry::plain();
        std::fs::write(&large, &other).expect("damage");
        // What was built from here is built again.
        publish(&tree, &place(&registry), flags).code(0);
        assert_eq!(std::fs::read(&large).expect("a blob"), whole);
        assert_whole(&registry, "built again");
        let registry = Registry::plain();
        std::fs::write(&large, &other).expect("damage");
        let to = format!("{}/copied", place(&registry));
        let copy = [&["copy", "tiny_vnf:1.0", &*to][..], flags].concat();
        let run = nfv(&tree, &copy);
        assert_failed(&run, "a copy", 5, "is damaged and was not sent");
        assert!(run.stderr.contains(&name), "{}", run.stderr);
        std::fs::write(&large, &whole[..whole.len() - 9]).expect("damage");
        let run = nfv(&tree, &copy);
        assert_failed(&run, "a copy", 5, "is damaged and was not sent");
        assert_eq!(registry.tags(), [""; 0]);
    }
    std::fs::write(&large, &whole).expect("mended");
    let registry = Registry::plain();
    // What is sent again is hashed once.
    registry.faults(
        "PATCH",
        "/blobs/uploads/upload-",
        0,
        2,
        Fault::ResetRequest(100_000),
    );
    publish(&tree, &place(&registry), &["--chunk-size", "1"]).code(0);
    assert_whole(&registry, "mended");
}

#[test]
fn it_waits_as_long_as_it_is_told() {
    let tree = tree();
    nfv(&tree, &["publish", "-A", "all", "-q"]).code(0);
    for (method, path) in [
        ("HEAD", "/manifests/"),
        ("POST", "/blobs/uploads/"),
        ("PUT", "/blobs/uploads/upload-"),
        ("PATCH", "/blobs/uploads/upload-"),
        ("PUT", "/manifests/"),
    ] {
        let registry = Registry::plain();
        registry.fault(method, path, Fault::Status(429, Some(1)));
        let flags: &[&str] = match method {
            "PATCH" => &["--chunk-size", "1"],
            _ => &[],
        };
        let start = Instant::now();
        publish(&tree, &place(&registry), flags).code(0);
        let took = start.elapsed();
        let is_right = (1.0..5.0).contains(&took.as_secs_f64());
        assert!(is_right, "{method} {path}: {took:?}");
        assert_whole(&registry, path);
    }
}

/// What has arrived is not sent again, where the registry keeps it.
#[test]
fn an_upload_goes_on_where_it_broke_off() {
    let tree = tree();
    for (keeps_uploads, least, most) in [(true, 0, 20_000), (false, 1_000_000, 1_020_000)] {
        let registry = Registry::start(Options {
            keeps_uploads,
            ..Options::default()
        });
        // Only the disk image is as long as that.
        registry.faults(
            "PUT",
            "/tiny_vnf/blobs/uploads/",
            0,
            2,
            Fault::ResetRequest(500_000),
        );
        publish(&tree, &place(&registry), &["--concurrency", "1"]).code(0);
        let bytes: u64 = registry.take_log().iter().map(|request| request.body).sum();
        let more = bytes.saturating_sub(1 << 20);
        assert!((least..most).contains(&more), "{keeps_uploads}: {more}");
        registry.clear_faults();
        assert_whole(&registry, "resumed");
    }
}

/// `--timeout` is how long nothing may happen, not how long an upload may take.
#[test]
fn a_slow_upload_is_not_a_dead_one() {
    let tree = tree();
    tree.file("tiny_vnf/images/disk.img", noise_of_mebibytes(12));
    let registry = Registry::plain();
    let pause = Duration::from_millis(20);
    registry.faults(
        "PUT",
        "/blobs/uploads/upload-",
        0,
        ALL,
        Fault::SlowRequest(pause),
    );
    let start = Instant::now();
    publish(
        &tree,
        &place(&registry),
        &["--timeout", "2", "--retries", "0"],
    )
    .code(0);
    assert!(start.elapsed() > Duration::from_secs(3));
    assert_whole(&registry, "slow");
}

/// Tries are counted where nothing comes of them: a large blob gets through any number
/// of interruptions, one way and the other.
#[test]
fn a_large_blob_has_tries_as_long_as_it_gets_further() {
    let tree = tree();
    tree.file("tiny_vnf/images/disk.img", noise_of_mebibytes(9));
    let registry = Registry::start(Options::default());
    let flags = ["-p", "tiny_vnf", "--retries", "1"];
    // Every third piece is refused, as with tokens that run out.
    let place = place(&registry);
    for n in 0..3 {
        let fault = Fault::Status(401, None);
        registry.faults("PATCH", "/blobs/uploads/upload-", 2 + 2 * n, 1, fault);
    }
    publish(
        &tree,
        &place,
        &[&flags[..], &["--chunk-size", "1"]].concat(),
    )
    .code(0);
    assert_eq!(registry.clear_faults(), 0, "not met");
    let layer = &crate::json(&registry.manifest("edge/tiny_vnf", "1.0").expect("one").1)["layers"];
    let layer = layer[0]["digest"].as_str().expect("a digest").to_owned();
    registry.faults("GET", &layer, 0, 4, Fault::ResetAnswer(2 << 20));
    let at = format!("{place}/tiny_vnf:1.0");
    nfv(&tree, &["pull", &at, "-d", "in", "--retries", "1"]).code(0);
    assert_eq!(registry.clear_faults(), 0, "not met");
    // Where nothing comes, one more try is all.
    registry.faults("GET", &layer, 0, 4, Fault::ResetAnswer(1 << 10));
    registry.take_log();
    nfv(&tree, &["pull", &at, "-d", "in2", "--retries", "1"]).code(6);
    assert_eq!(registry.count("GET", &layer), 2);
}

fn noise_of_mebibytes(count: usize) -> Vec<u8> {
    crate::noise(count << 20)
}

/// A line for each, `skopeo` and `cosign` take it as it is.
#[test]
fn digests_for_whoever_comes_after() {
    let tree = tree();
    let registry = Registry::plain();
    let place = place(&registry);
    nfv(&tree, &["publish", "-A", "all", "--digest-file", "digests"])
        .code(2)
        .says("a place at a registry");
    assert!(!tree.path("digests").exists());
    let run = publish(&tree, &place, &["--digest-file", "nowhere/digests"]);
    run.code(2).says("nowhere/digests");
    assert!(registry.tags().is_empty());
    // Of a publication that fails there is no file, and none that says nothing.
    registry.fault("PUT", "/manifests/", Fault::Status(403, None));
    publish(&tree, &place, &["--digest-file", "digests"]).code(4);
    assert!(!tree.path("digests").exists());
    tree.file("tiny_ns/broken_vnfd.yaml", "vnfd: {id: [}");
    // Those of an earlier run are not taken for those of this one.
    tree.file("digests", "those of yesterday");
    publish(&tree, &place, &["--digest-file", "digests"]).code(1);
    assert!(!tree.path("digests").exists());
    std::fs::remove_file(tree.path("tiny_ns/broken_vnfd.yaml")).expect("a file");
    tree.file(
        "digests",
        "what was there before, and is longer ".repeat(10),
    );
    publish(&tree, &place, &["--digest-file", "digests", "--dry-run"]).code(0);
    let before = std::fs::read_to_string(tree.path("digests")).expect("digests");
    assert!(before.starts_with("what was there"));
    publish(&tree, &place, &["--digest-file", "digests"]).code(0);
    let line = |name: &str| {
        let repository = format!("edge/{name}");
        let digest = registry.digest(&repository, "1.0").expect("a tag");
        format!("{}/{repository}@{digest}\n", registry.host())
    };
    let digests = std::fs::read_to_string(tree.path("digests")).expect("digests");
    assert_eq!(digests, line("tiny_vnf") + &line("tiny_ns"));
    // Who reads line by line finds a file also where there was nothing to publish.
    if tool("git").is_some() {
        for args in [
            &["init", "-q"][..],
            &["add", "tiny_vnf", "tiny_ns"],
            &["commit", "-q", "-m", "x"],
        ] {
            let who = ["-c", "user.name=n", "-c", "user.email=n@example.org"];
            let mut git = Command::new("git");
            sh(git.args(who).args(args).current_dir(&tree.root));
        }
        publish(
            &tree,
            &place,
            &["--digest-file", "digests", "--since", "HEAD"],
        )
        .code(0);
        let digests = std::fs::read_to_string(tree.path("digests")).expect("digests");
        assert_eq!(digests, "");
    }
}

#[test]
fn places_without_a_scheme_and_places_that_are_no_registry() {
    let tree = tree();
    let registry = Registry::plain();
    let bare = format!("{}/edge", registry.host());
    publish(&tree, &bare, &["-q"]).code(0);
    assert_eq!(registry.tags(), ["edge/tiny_ns:1.0", "edge/tiny_vnf:1.0"]);
    publish(&tree, "oci:elsewhere", &[])
        .code(2)
        .says("`oci:elsewhere` is no registry");
    assert!(!tree.path("elsewhere").exists());
}

/// A version that makes no tag is refused before anything is sent.
#[test]
fn a_version_that_makes_no_tag() {
    let tree = tree();
    let registry = Registry::plain();
    let text = std::fs::read_to_string(tree.path("tiny_vnf/tiny_vnfd.yaml")).expect("text");
    let long = text.replace("'1.0'", &format!("'{}'", "1".repeat(200)));
    tree.file("tiny_vnf/tiny_vnfd.yaml", long);
    publish(&tree, &place(&registry), &[])
        .code(2)
        .says("a tag has up to 128");
    assert!(registry.tags().is_empty());
    let log = registry.take_log();
    assert!(
        log.iter().all(|request| request.method != "PUT"),
        "{log:#?}"
    );
}

/// Whoever needs a package finds it by its id, whatever name that becomes.
#[test]
fn ids_that_are_no_names() {
    let tree = tree();
    let registry = Registry::plain();
    for (path, id) in [
        ("tiny_vnf/tiny_vnfd.yaml", "tiny_vnf"),
        ("tiny_ns/tiny_nsd.yaml", "tiny_vnf"),
    ] {
        let text = std::fs::read_to_string(tree.path(path)).expect("text");
        tree.file(path, text.replace(id, "Tiny__\u{fc}.vnf"));
    }
    let host = registry.host();
    for (more, verb) in [(&["--dry-run"][..], "Would name"), (&[], "Named")] {
        let run = publish(&tree, &place(&registry), more).code(0);
        let says = format!("{verb} `Tiny__\u{fc}.vnf` as `{host}/edge/tiny_vnf`");
        let run = run.says(&says);
        assert!(!run.stderr.contains("`tiny_ns` as"), "{}", run.stderr);
    }
    assert_eq!(registry.tags(), ["edge/tiny_ns:1.0", "edge/tiny_vnf:1.0"]);
    // Alone it is looked for there, and so it is by whoever fetches it.
    publish(&tree, &place(&registry), &["-p", "tiny_ns", "--force"]).code(0);
    let service = format!("oci://{host}/edge/tiny_ns:1.0");
    let pull = ["pull", &service, "--with-dependencies", "-d", "in"];
    nfv(&tree, &pull).code(0);
    let layout = ["publish", "-A", "all", "-q"];
    nfv(&tree, &layout).code(0);
    let own = [
        "pull",
        "oci:target/nfv/oci:tiny_ns:1.0",
        "--with-dependencies",
        "-d",
        "own",
    ];
    nfv(&tree, &own).code(0);
    assert_eq!(names(&tree.path("own")).len(), 2);
    assert_eq!(names(&tree.path("own")), names(&tree.path("in")));
}

/// Both are named, and the name that they become, in whichever versions they are.
#[test]
fn two_ids_that_become_one_name() {
    let registry = Registry::plain();
    let at = place(&registry);
    for (first, second, name, places) in [
        ("a_-b", "a_.b", "a_b", &["", &at][..]),
        ("\u{fc}", "\u{f6}", "x", &["", &at]),
        // A layout has capitals.
        ("Edge", "edge", "edge", &[&at]),
    ] {
        let tree = Tree::of(&[("one/a_vnfd.yaml", &vnfd(first))]);
        let other = vnfd(second).replace("version: '1.0'", "version: '2.0'");
        tree.file("two/a_vnfd.yaml", other);
        for place in places {
            let places: Vec<&str> = [*place].into_iter().filter(|p| !p.is_empty()).collect();
            let run = nfv(&tree, &[&["publish", "-A", "all"][..], &places].concat());
            let says = format!("both become the name `{name}`");
            let run = run.code(2).says(&says).says("`--exclude`");
            run.says(&format!("`{first}`")).says(&format!("`{second}`"));
        }
    }
    assert_eq!(registry.take_log().len(), 0);
}

/// Without a scheme it says the same as with one.
#[test]
fn upper_case_in_a_place_is_explained() {
    let tree = tree();
    let registry = Registry::plain();
    for scheme in ["oci://", ""] {
        let place = format!("{scheme}{}/Edge", registry.host());
        let run = publish(&tree, &place, &[]);
        assert_failed(&run, &place, 2, "write `edge`");
    }
    assert_eq!(registry.take_log().len(), 0);
}

#[test]
fn a_version_that_is_no_tag_is_that_of_a_package() {
    let tree = tree();
    let registry = Registry::plain();
    let version = format!("version: '1.{}'", "0".repeat(127));
    tree.replace("tiny_vnf/tiny_vnfd.yaml", "version: '1.0'", &version);
    let run = publish(&tree, &place(&registry), &[]);
    assert_failed(&run, "a long version", 2, "`tiny_vnf`");
    assert_eq!(registry.tags(), [""; 0]);
}

/// The layout of the tree is an output, in which a version is what was built last; a copy of
/// it is somebody's.
#[test]
fn a_version_moves_in_the_layout_of_the_tree_only() {
    let tree = tree();
    let digest = |place: &str| {
        let run = nfv(&tree, &["inspect", place, "--message-format", "json"]);
        crate::lines(&run.code(0))[0]["digest"].clone()
    };
    let copy = |more: &[&str]| {
        let copy = ["copy", "tiny_vnf:1.0", "oci:site"];
        nfv(&tree, &[&copy[..], more].concat())
    };
    nfv(&tree, &["publish", "-A", "all"]).code(0);
    copy(&[]).code(0);
    let before = digest("tiny_vnf:1.0");
    tree.file("tiny_vnf/README.md", "Another one.\n");
    nfv(&tree, &["publish", "-A", "all"]).code(0);
    assert_ne!(digest("tiny_vnf:1.0"), before);
    copy(&[]).code(5).says("move the tag with `--force`");
    assert_eq!(digest("oci:site:tiny_vnf:1.0"), before);
    copy(&["--force"]).code(0);
    assert_ne!(digest("oci:site:tiny_vnf:1.0"), before);
}

/// More bytes than there are numbers for would be none, and pieces of none never end.
#[test]
fn pieces_have_a_size_that_can_be() {
    let tree = tree();
    let registry = Registry::plain();
    for size in ["0", "1048577", "17592186044416", "18446744073709551615"] {
        publish(&tree, &place(&registry), &["--chunk-size", size])
            .code(2)
            .says("is not in 1..=1048576");
    }
    assert!(registry.take_log().is_empty());
    publish(&tree, &place(&registry), &["--chunk-size", "1048576"]).code(0);
}

/// A registry that says so little that nothing goes on says so each time.
#[test]
fn pieces_without_an_address_for_the_next() {
    let tree = tree();
    let registry = Registry::start(Options {
        strict_state: true,
        ..Options::default()
    });
    let patch = ("PATCH", "/blobs/uploads/upload-");
    registry.faults(patch.0, patch.1, 0, ALL, Fault::NoLocation);
    let run = publish(&tree, &place(&registry), &["--chunk-size", "1"]).code(2);
    run.says("takes a piece of the blob and does not say where the upload goes on");
    assert_eq!(registry.tags(), [""; 0]);
    registry.clear_faults();
    publish(&tree, &place(&registry), &["--chunk-size", "1"]).code(0);
}

/// A page in place of an answer says that there is encryption only where nothing was answered
/// before.
#[test]
fn what_was_understood_needs_no_encryption() {
    let tree = tree();
    let registry = Registry::plain();
    registry.faults("PUT", "/manifests/", 0, ALL, Fault::Page(400));
    let run = publish(&tree, &place(&registry), &[]).code(2);
    let run = run.says("answered 400 Bad Request");
    assert!(!run.stderr.contains("https://"), "{}", run.stderr);
    registry.clear_faults();
    registry.faults("HEAD", "", 0, ALL, Fault::Page(400));
    publish(&tree, &place(&registry), &[])
        .code(2)
        .says("begin the reference with `https://`");
}

/// What was found and built is told also where the registry, or what is at it, is in the way.
#[test]
fn a_failure_at_the_registry_takes_no_findings_away() {
    let tree = tree();
    let registry = Registry::plain();
    let json = ["--message-format", "json", "--report", "sarif=found.sarif"];
    let more = |first: &[&'static str]| [first, &json, &SOON].concat();
    let artifacts = |run: &Run| -> Vec<String> {
        let lines = crate::lines(run);
        assert!(lines.iter().any(|line| line["reason"] == "check-finished"));
        let made = lines.iter().filter(|l| l["reason"] == "artifact-published");
        let names = made.map(|l| l["reference"].as_str().expect("a name").to_owned());
        names.collect()
    };
    let found = || {
        let text = std::fs::read_to_string(tree.path("found.sarif")).expect("a report");
        std::fs::remove_file(tree.path("found.sarif")).expect("removed");
        assert!(text.contains("\"runs\""), "{text}");
    };
    // What is needed is not there.
    let run = publish(&tree, &place(&registry), &more(&["-p", "tiny_ns"])).code(3);
    assert_eq!(artifacts(&run), [""; 0]);
    assert!(run.stderr.contains("Checked 1 package"), "{}", run.stderr);
    found();
    // One of two tags is refused.
    let fault = Fault::Status(403, None);
    registry.faults("PUT", "/tiny_ns/manifests/1.0", 0, ALL, fault);
    let run = publish(&tree, &place(&registry), &more(&[])).code(4);
    assert_eq!(
        artifacts(&run),
        [format!("{}/edge/tiny_vnf:1.0", registry.host())]
    );
    found();
    registry.clear_faults();
    publish(&tree, &place(&registry), &["-q"]).code(0);
    // A version is there with other bytes.
    tree.replace("tiny_vnf/tiny_vnfd.yaml", "Example", "Another");
    let run = publish(&tree, &place(&registry), &more(&[])).code(5);
    assert_eq!(artifacts(&run), [""; 0]);
    found();
}
