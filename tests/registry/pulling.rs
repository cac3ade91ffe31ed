//! `pull`, `list`, `inspect` and `copy` from a registry that misbehaves.

use std::fs;
use std::time::{Duration, Instant};

use crate::common::{Tree, names, sha256};
use crate::double::{Auth, Fault, Options, Registry};
use crate::{nfv, publish, tree};

const ALL: usize = usize::MAX;

/// A registry with the function in it, and its tree.
fn stocked(options: Options) -> (Tree, Registry, String) {
    let tree = tree();
    let registry = Registry::start(options);
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q"]).code(0);
    registry.take_log();
    (tree, registry, format!("{place}/tiny_vnf:1.0"))
}

fn package(tree: &Tree) -> Vec<u8> {
    fs::read(tree.path("target/nfv/packages/tiny_vnf-1.0.tar.gz")).expect("package")
}

#[test]
fn it_succeeds_after_another_try() {
    let (tree, registry, place) = stocked(Options::default());
    let package = package(&tree);
    let soon = Duration::from_millis(10);
    for (path, times, fault) in [
        ("/blobs/", 2, Fault::Status(503, Some(0))),
        ("/blobs/", 3, Fault::ResetAnswer(300_000)),
        ("/blobs/", 2, Fault::AnswerLost),
        ("/blobs/", 1, Fault::Stall(Duration::from_secs(3))),
        ("/blobs/", 1, Fault::SlowAnswer(soon)),
        ("/manifests/", 2, Fault::Status(429, Some(0))),
        ("/manifests/", 2, Fault::ResetAnswer(40)),
    ] {
        let name = format!("{path} {fault:?}");
        registry.faults("GET", path, 0, times, fault);
        let run = nfv(&tree, &["pull", &place, "-d", "in", "--timeout", "2"]);
        assert_eq!(run.status, Some(0), "{name}\n{}", run.stderr);
        let came = fs::read(tree.path("in/tiny_vnf-1.0.tar.gz")).expect("package");
        assert!(came == package, "{name}");
        assert_eq!(registry.clear_faults(), 0, "{name}: not met");
        fs::remove_dir_all(tree.path("in")).expect("folder");
    }
}

#[test]
fn a_download_goes_on_where_it_broke_off() {
    for ranges in [true, false] {
        let (tree, registry, place) = stocked(Options {
            ranges,
            ..Options::default()
        });
        let layer = format!("/blobs/sha256:{}", sha256(&package(&tree)));
        registry.faults("GET", &layer, 0, 1, Fault::ResetAnswer(300_000));
        nfv(&tree, &["pull", &place, "-d", "in"]).code(0);
        let came = fs::read(tree.path("in/tiny_vnf-1.0.tar.gz")).expect("package");
        assert!(came == package(&tree));
        let log = registry.take_log().into_iter();
        let statuses: Vec<u16> = log
            .filter(|r| r.path.contains(&layer))
            .map(|r| r.status)
            .collect();
        let second = if ranges { 206 } else { 200 };
        assert_eq!(
            statuses.iter().filter(|s| **s == second).count(),
            if ranges { 1 } else { 2 },
            "{statuses:?}"
        );
    }
}

#[test]
fn or_it_says_why_not_and_no_file_is_there() {
    let (tree, registry, place) = stocked(Options::default());
    let long = Fault::Stall(Duration::from_secs(3));
    for (path, fault, code, says) in [
        ("/blobs/", Fault::WrongBytes, 5, "is not what it should be"),
        (
            "/blobs/",
            Fault::ResetAnswer(10),
            6,
            "failed to read the blob",
        ),
        ("/blobs/", Fault::Status(500, None), 6, "answered 500"),
        ("/blobs/", Fault::Status(404, None), 3, "does not exist"),
        (
            "/blobs/",
            Fault::Status(403, None),
            4,
            "does not allow to read the blob",
        ),
        (
            "/blobs/",
            Fault::Status(429, Some(3600)),
            6,
            "for 3600 seconds",
        ),
        ("/blobs/", long.clone(), 6, "it did not answer in time"),
        (
            "/manifests/",
            Fault::WrongBytes,
            5,
            "is not what it should be",
        ),
        (
            "/manifests/",
            Fault::WrongDigest,
            5,
            "is not what it should be",
        ),
        (
            "/manifests/",
            Fault::Truncated,
            5,
            "is not what it should be",
        ),
        ("/manifests/", Fault::NotJson, 5, "is not what it should be"),
        (
            "/manifests/",
            Fault::ResetAnswer(10),
            6,
            "failed to read the manifest",
        ),
        ("/manifests/", Fault::Status(404, None), 3, "does not exist"),
    ] {
        let name = format!("{path} {fault:?}");
        registry.faults("GET", path, 0, ALL, fault);
        let flags = [
            "pull",
            &place,
            "-d",
            "in",
            "--retries",
            "1",
            "--timeout",
            "1",
        ];
        let run = nfv(&tree, &flags);
        assert_eq!(run.status, Some(code), "{name}\n{}", run.stderr);
        assert!(run.stderr.contains(says), "{name}\n{}", run.stderr);
        assert!(!tree.path("in").exists(), "{name}");
        let untar = [&flags[..], &["--untar"]].concat();
        nfv(&tree, &untar).code(code);
        assert!(!tree.path("in").exists(), "{name}");
        // A copy that fails leaves nothing either.
        let copy = [
            "copy",
            &place,
            "oci:copied",
            "--retries",
            "1",
            "--timeout",
            "1",
        ];
        let run = nfv(&tree, &copy);
        assert_eq!(run.status, Some(code), "{name}\n{}", run.stderr);
        assert!(!tree.path("copied").exists(), "{name}");
        registry.clear_faults();
    }
}

#[test]
fn it_waits_as_long_as_it_is_told() {
    let (tree, registry, place) = stocked(Options::default());
    for path in ["/manifests/", "/blobs/"] {
        registry.fault("GET", path, Fault::Status(429, Some(1)));
        let start = Instant::now();
        nfv(&tree, &["pull", &place, "-d", path.trim_matches('/')]).code(0);
        let took = start.elapsed();
        assert!((1.0..5.0).contains(&took.as_secs_f64()), "{path}: {took:?}");
    }
}

/// A page of a list that breaks off is as good a reason to try again as any.
#[test]
fn lists_come_in_pages_and_through_faults() {
    let (tree, registry, place) = stocked(Options {
        page: Some(2),
        ..Options::default()
    });
    let (media_type, bytes) = registry.manifest("edge/tiny_vnf", "1.0").expect("manifest");
    for version in ["1.1", "1.2", "1.3", "1.4"] {
        registry.put_manifest("edge/tiny_vnf", version, &media_type, &bytes);
    }
    registry.fault("GET", "/tags/list", Fault::Status(503, None));
    registry.faults("GET", "/tags/list", 1, 1, Fault::ResetAnswer(10));
    let repository = place.trim_end_matches(":1.0");
    let run = nfv(&tree, &["list", repository]).code(0);
    assert_eq!(run.stdout.lines().count(), 5, "{}", run.stdout);
    // One that fails, one that breaks off, and three pages.
    assert_eq!(registry.count("GET", "/tags/list"), 5);
    assert_eq!(registry.clear_faults(), 0);
    let registries = repository.trim_end_matches("/edge/tiny_vnf");
    let run = nfv(&tree, &["list", registries]).code(0);
    assert!(run.stdout.contains("edge/tiny_ns"), "{}", run.stdout);
    registry.faults("GET", "/tags/list", 0, ALL, Fault::NotJson);
    nfv(&tree, &["list", repository]).code(2).says("is no JSON");
}

/// A token service that is busy for a moment is no reason to give up.
#[test]
fn tokens_are_asked_for_again() {
    let tree = tree();
    let registry = Registry::start(Options {
        auth: Auth::Bearer { uses: ALL },
        ..Options::default()
    });
    let place = format!("oci://{}/edge", registry.host());
    let login = |flags: &[&str]| {
        let mut command = crate::nfv_in(&tree, &["publish", "-A", "all", &place]);
        command.args(flags);
        command.env("NFV_REGISTRY", registry.host());
        command.env("NFV_REGISTRY_USERNAME", crate::double::USER);
        command.env("NFV_REGISTRY_PASSWORD", crate::double::PASSWORD);
        crate::common::run(&mut command)
    };
    registry.faults("GET", "/token", 0, 1, Fault::Status(429, Some(1)));
    registry.faults("GET", "/token", 0, 1, Fault::Status(503, None));
    login(&[]).code(0);
    assert_eq!(registry.clear_faults(), 0);
    registry.faults("GET", "/token", 0, ALL, Fault::Status(503, None));
    login(&["--retries", "1"]).code(6).says("get a token");
}

/// What is said can be given to the next command.
#[test]
fn a_digest_is_said_once() {
    let (tree, registry, _) = stocked(Options::default());
    let digest = registry.digest("edge/tiny_vnf", "1.0").expect("a tag");
    let reference = format!("{}/edge/tiny_vnf@{digest}", registry.host());
    let pull = ["pull", &*reference, "-d", "in"];
    let run = nfv(&tree, &pull).code(0);
    let last = run.stderr.lines().last().unwrap_or_default();
    assert_eq!(last.trim(), format!("Pulled {reference}"));
    let run = nfv(&tree, &[&pull[..], &["--message-format", "json"]].concat()).code(0);
    let line = &crate::lines(&run)[0];
    assert_eq!(line["reference"], *reference);
    nfv(&tree, &["inspect", &reference]).code(0);
}

/// The double plays the proxy: what is asked for there is another host's.
#[test]
fn proxies_are_followed() {
    let (tree, registry, _) = stocked(Options::default());
    let proxy = format!("http://{}", registry.host());
    let place = "http://registry.example.org/edge/tiny_vnf:1.0";
    let through = |name: &str, value: &str, except: &str| {
        let mut command = crate::nfv_in(&tree, &["inspect", place, "--retries", "0"]);
        command.env(name, value).env("NO_PROXY", except);
        crate::common::run(&mut command)
    };
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        through(name, &proxy, "other.example.org").code(0);
        let log = registry.take_log();
        let is_whole = |path: &str| path.starts_with("http://registry.example.org/v2/edge/");
        assert!(
            log.iter().all(|request| is_whole(&request.path)),
            "{log:#?}"
        );
    }
    // What is on this machine is no proxy's business.
    let own = Registry::plain();
    publish(&tree, &format!("oci://{}/edge", own.host()), &["-q"]).code(0);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        let place = format!("oci://{}/edge/tiny_vnf:1.0", own.host());
        let mut command = crate::nfv_in(&tree, &["inspect", &place]);
        command.env(name, &proxy);
        crate::common::run(&mut command).code(0);
        assert_eq!(registry.take_log().len(), 0, "{name}");
    }
    // Nothing goes past a proxy that can't be read, and its password is no news.
    let broken = through("HTTP_PROXY", "http://me:secret@[", "").code(2);
    assert!(broken.stderr.contains("`HTTP_PROXY`"), "{}", broken.stderr);
    assert!(!broken.stderr.contains("secret"), "{}", broken.stderr);
    assert_eq!(registry.take_log().len(), 0);
    // A proxy of another kind is none, and not passed over without a word.
    through("HTTP_PROXY", "ftp://127.0.0.1:1", "")
        .code(2)
        .says("`HTTP_PROXY` in the environment is no address of a proxy");
    for old in ["socks4://me:secret@127.0.0.1:1", "SOCKS4A://127.0.0.1:1"] {
        let refused = through("ALL_PROXY", old, "").code(2);
        let refused = refused.says("`ALL_PROXY` in the environment names a proxy that speaks");
        assert!(!refused.stderr.contains("secret"), "{}", refused.stderr);
        refused.says("`socks5://`");
    }
    // One that is not there is named.
    through("ALL_PROXY", "http://127.0.0.1:1", "other.example.org")
        .code(6)
        .says("`ALL_PROXY` sends it through a proxy");
    // Nobody has that address.
    through("HTTP_PROXY", &proxy, "registry.example.org").code(6);
    assert_eq!(registry.take_log().len(), 0);
}

/// Pipelines run again, and find what they have fetched.
#[test]
fn what_was_pulled_is_pulled_again() {
    let (tree, _registry, place) = stocked(Options::default());
    let pull = |more: &[&str]| {
        let pull = ["pull", &place, "-d", "in"];
        nfv(&tree, &[&pull[..], more].concat())
    };
    for more in [&[][..], &["--untar"]] {
        let fresh = |expected: bool| {
            let run = pull(&[more, &["--message-format", "json"]].concat()).code(0);
            assert_eq!(crate::lines(&run)[0]["fresh"], expected, "{}", run.stdout);
        };
        fresh(false);
        fresh(true);
        pull(more).code(0).says("Unchanged");
    }
    tree.file("in/tiny_vnf/tiny_vnfd.yaml", "vnfd: {}\n");
    pull(&["--untar"])
        .code(2)
        .says("differs in `tiny_vnfd.yaml`");
    let left = fs::read_to_string(tree.path("in/tiny_vnf/tiny_vnfd.yaml"));
    assert_eq!(left.expect("a file"), "vnfd: {}\n");
    // Nothing of the attempt stays.
    assert_eq!(names(&tree.path("in")), ["tiny_vnf", "tiny_vnf-1.0.tar.gz"]);
}

#[test]
fn a_version_is_said_once_or_twice_the_same() {
    let (tree, _registry, place) = stocked(Options::default());
    let bare = place.trim_end_matches(":1.0");
    let pull =
        |from: &str, version: &str| nfv(&tree, &["pull", from, "--version", version, "-d", "in"]);
    for from in [bare, &place, "tiny_vnf", "oci:target/nfv/oci:tiny_vnf:1.0"] {
        pull(from, "1.0").code(0);
    }
    pull(bare, "2.0").code(3);
    for from in [&place, "oci:target/nfv/oci:tiny_vnf:1.0"] {
        pull(from, "2.0")
            .code(2)
            .says("`2.0` is asked for beside it");
    }
}

#[test]
fn a_layout_that_is_not_there() {
    let tree = tree();
    tree.file("empty/notes.txt", "");
    for place in ["oci:nowhere", "oci-archive:nowhere.tar", "oci:empty:a:1.0"] {
        let folder = place.trim_end_matches(":a:1.0");
        for command in [
            &["inspect", place][..],
            &["list", place],
            &["pull", place, "-d", "in"],
            &["copy", place, "oci:there"],
        ] {
            let says = format!("there is no image layout in `{folder}`");
            nfv(&tree, command).code(3).says(&says);
        }
    }
    assert!(!tree.path("nowhere").exists() && !tree.path("there").exists());
    // One in which nothing is.
    tree.file("hollow/oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);
    tree.file("hollow/index.json", r#"{"schemaVersion":2,"manifests":[]}"#);
    for command in [
        &["inspect", "oci:hollow"][..],
        &["pull", "oci:hollow", "-d", "in"],
        &["copy", "oci:hollow", "oci:there"],
        &["copy", "oci:hollow:a:1", "oci:there"],
        &["diff", "oci:hollow", "oci:hollow"],
    ] {
        let run = nfv(&tree, command).code(3);
        assert!(!tree.path("there").exists(), "{}", run.stderr);
    }
    nfv(&tree, &["list", "oci:hollow"])
        .code(0)
        .says("nothing is published");
}

/// What a parent has ignored, as a shell does for what runs beside it, is.
#[cfg(unix)]
pub fn is_ignored(number: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let bits = line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    bits.is_some_and(|bits| bits >> (number - 1) & 1 == 1)
}

/// Whoever breaks off a download has no rest of it, and the shell learns by
/// which signal it ended.
#[cfg(unix)]
#[test]
fn nothing_stays_of_a_download_that_is_broken_off() {
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Command, Stdio};

    let (tree, registry, place) = stocked(Options::default());
    let layer = format!("/blobs/sha256:{}", sha256(&package(&tree)));
    let stall = Fault::Stall(Duration::from_secs(20));
    registry.faults("GET", &layer, 0, ALL, stall);
    for (name, number, ignored) in [
        ("INT", 2, ""),
        ("TERM", 15, ""),
        ("HUP", 1, ""),
        // As with `nohup`.
        ("TERM", 15, "HUP"),
    ] {
        if is_ignored(number) {
            continue;
        }
        let folder = tree.path("in");
        let _ = fs::remove_dir_all(&folder);
        let pull = crate::nfv_in(&tree, &["pull", &place, "-d", "in"]);
        let mut command = Command::new("sh");
        let script = match ignored {
            "" => "exec \"$@\"".to_owned(),
            signal => format!("trap '' {signal}; exec \"$@\""),
        };
        command.args(["-c", &script, "sh"]).arg(pull.get_program());
        command.args(pull.get_args());
        for (key, value) in pull.get_envs() {
            match value {
                Some(value) => command.env(key, value),
                None => command.env_remove(key),
            };
        }
        command.current_dir(&tree.root).stderr(Stdio::null());
        let mut child = command.spawn().expect("a program");
        let start = Instant::now();
        while fs::read_dir(&folder).map_or(0, Iterator::count) == 0 {
            assert!(start.elapsed() < Duration::from_secs(10), "it never began");
            std::thread::sleep(Duration::from_millis(10));
        }
        let kill = |signal: &str| {
            let id = child.id().to_string();
            let killed = Command::new("kill").args(["-s", signal, &id]).status();
            assert!(killed.expect("kill").success());
        };
        if !ignored.is_empty() {
            kill(ignored);
            std::thread::sleep(Duration::from_millis(200));
            assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 1);
        }
        kill(name);
        let status = child.wait().expect("an end");
        assert_eq!(status.signal(), Some(number), "{name}");
        assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 0);
    }
}

/// What a run that was killed has left goes with the next one; what another run is at
/// work on does not, and nothing that only looks like it.
#[cfg(unix)]
#[test]
fn what_a_killed_download_has_left_goes_with_the_next() {
    let (tree, registry, place) = stocked(Options::default());
    let layer = format!("/blobs/sha256:{}", sha256(&package(&tree)));
    let folder = tree.path("in");
    let temporary = || {
        let mut names = names(&folder);
        names.retain(|name| name.starts_with(".nfv-tmp-"));
        names
    };
    let begin = |so_many: usize| {
        let mut pull = crate::nfv_in(&tree, &["pull", &place, "-d", "in"]);
        pull.stdout(std::process::Stdio::null());
        let child = pull.stderr(std::process::Stdio::null()).spawn();
        let start = Instant::now();
        while temporary().len() < so_many {
            assert!(start.elapsed() < Duration::from_secs(10), "it never began");
            std::thread::sleep(Duration::from_millis(10));
        }
        child.expect("a program")
    };
    registry.faults("GET", &layer, 0, 3, Fault::Stall(Duration::from_secs(3)));
    let mut killed = begin(1);
    killed.kill().expect("kill -9");
    killed.wait().expect("an end");
    let left = temporary();
    assert_eq!(left.len(), 1);
    tree.file("in/.nfv-notes", "of somebody");
    let mut first = begin(1);
    let start = Instant::now();
    while temporary() == left || temporary().len() > 1 {
        assert!(start.elapsed() < Duration::from_secs(10), "it stays");
        std::thread::sleep(Duration::from_millis(10));
    }
    // The first still holds its own.
    let mut second = begin(2);
    assert!(first.wait().expect("an end").success());
    assert!(second.wait().expect("an end").success());
    let expected = [".nfv-notes", "tiny_vnf-1.0.tar.gz"];
    assert_eq!(names(&folder), expected);
}

/// A repository that is there is not said to be missing.
#[test]
fn a_repository_without_tags() {
    let (tree, registry, place) = stocked(Options::default());
    let digest = registry.digest("edge/tiny_vnf", "1.0").expect("a tag");
    let from = place.replace(":1.0", &format!("@{digest}"));
    let bare = place.replace("edge/tiny_vnf:1.0", "bare/vnf");
    nfv(&tree, &["copy", &from, &bare]).code(0);
    let says = format!("`{}` has no tags", bare.replace("oci://", ""));
    for command in [
        &["inspect", &bare][..],
        &["list", &bare],
        &["pull", &bare, "-d", "in"],
    ] {
        nfv(&tree, command).code(3).says(&says).says("@sha256:");
    }
    nfv(&tree, &["inspect", &format!("{bare}@{digest}")]).code(0);
    // Nobody is told what there is below.
    registry.faults("GET", "/_catalog", 0, ALL, Fault::Status(403, None));
    nfv(&tree, &["list", &bare]).code(3).says(&says);
    registry.clear_faults();
    nfv(&tree, &["copy", &place, &format!("{bare}/below:1.0")]).code(0);
    let listed = nfv(&tree, &["list", &bare]).code(0);
    assert!(
        listed.stdout.contains("bare/vnf/below"),
        "{}",
        listed.stdout
    );
    let nowhere = bare.replace("bare/vnf", "nowhere");
    let missing = nfv(&tree, &["inspect", &nowhere]).code(3);
    assert!(!missing.stderr.contains("tags that"), "{}", missing.stderr);
}

/// However long the names of annotations are, values stand below each other.
#[test]
fn long_names_of_annotations() {
    let (tree, registry, place) = stocked(Options::default());
    let name = "edge/tiny_vnf";
    let (kind, bytes) = registry.manifest(name, "1.0").expect("a manifest");
    let mut document = crate::json(&bytes);
    let long = format!("org.example.{}", "very-long.".repeat(20));
    document["annotations"] = serde_json::json!({
        "a": "short", &*long: "first\nsecond", "eu.example.s": "twelve", "split\nname": "x",
    });
    registry.put_manifest(name, "1.0", &kind, document.to_string().as_bytes());
    let shown = nfv(&tree, &["inspect", &place]).code(0).stdout;
    let column = |text: &str| format!("\n             {text}\n");
    let expected = format!(
        "\na            short\neu.example.s twelve\n{long}{}             second\n\
         split\u{fffd}name   x\n",
        column("first")
    );
    assert!(shown.contains(&expected), "{shown}");
}

/// Without a version among several tags, nobody can know which one is meant.
#[test]
fn tags_that_are_no_versions() {
    let (tree, registry, place) = stocked(Options::default());
    let name = "edge/tiny_vnf";
    let digest = registry.digest(name, "1.0").expect("a tag");
    let (kind, bytes) = registry.manifest(name, &digest).expect("a manifest");
    for tag in ["one", "two"] {
        registry.put_manifest("edge/other", tag, &kind, &bytes);
    }
    let other = place.replace("tiny_vnf:1.0", "other");
    let run = nfv(&tree, &["inspect", &other]).code(2);
    assert!(
        run.stderr.contains("one") && run.stderr.contains("two"),
        "{}",
        run.stderr
    );
}

/// Everything that is needed is found before anything is written.
#[test]
fn a_closure_that_is_not_whole_leaves_nothing() {
    let (tree, registry, place) = stocked(Options::default());
    let service = place.replace("tiny_vnf", "tiny_ns");
    let pull = ["pull", &*service, "--with-dependencies", "-d", "in"];
    fs::remove_file(tree.path("nfv.lock")).expect("what publish has pinned");
    nfv(&tree, &["pull", &service, "--locked"])
        .code(2)
        .says("--with-dependencies");
    nfv(&tree, &[&pull[..], &["--locked"]].concat()).code(2);
    assert!(names(&tree.path("in")).is_empty());
    registry.faults("GET", "/tiny_vnf/", 0, ALL, Fault::Status(404, None));
    nfv(&tree, &pull).code(3);
    assert!(names(&tree.path("in")).is_empty());
}

/// A name that somebody else gave a file can't pretend to be a line.
#[test]
fn a_title_has_one_line() {
    let (tree, registry, place) = stocked(Options::default());
    let (kind, bytes) = registry.manifest("edge/tiny_vnf", "1.0").expect("manifest");
    let mut manifest = crate::json(&bytes);
    manifest["layers"][0]["annotations"]["org.opencontainers.image.title"] =
        "a\n   Pulled b\u{1b}[1m.tar.gz".into();
    registry.put_manifest(
        "edge/tiny_vnf",
        "2.0",
        &kind,
        manifest.to_string().as_bytes(),
    );
    let place = place.replace(":1.0", ":2.0");
    let run = nfv(&tree, &["pull", &place, "-d", "in"]).code(0);
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
    assert_eq!(names(&tree.path("in")), ["a_   Pulled b_[1m.tar.gz"]);
    let run = nfv(&tree, &["inspect", &place]).code(0);
    let line = run.stdout.lines().find(|line| line.contains("Pulled b"));
    assert!(
        line.is_some_and(|line| line.starts_with("package")),
        "{}",
        run.stdout
    );
}

/// The list of the tree's own layout says as much as that of another, and one manifest
/// that is none takes nothing from the rest.
#[test]
fn the_list_of_the_own_layout() {
    let tree = tree();
    let mut command = crate::nfv_in(&tree, &["publish", "-A", "all"]);
    command.env("SOURCE_DATE_EPOCH", "1700000000");
    crate::common::run(&mut command).code(0);
    let list = |place: &[&str]| nfv(&tree, &[&["list"], place].concat()).code(0).stdout;
    let layout = ["oci:target/nfv/oci"];
    let own = list(&[]);
    assert_eq!(own.matches("2023-11-14T22:13:20Z").count(), 2, "{own}");
    assert_eq!(own, list(&layout));
    let bytes = b"no JSON";
    let digest = crate::double::digest_of(bytes);
    let blob = format!("target/nfv/oci/blobs/{}", digest.replace(':', "/"));
    tree.file(&blob, bytes);
    let path = tree.path("target/nfv/oci/index.json");
    let mut index = crate::json(&fs::read(&path).expect("an index"));
    let kind = "application/vnd.oci.image.manifest.v1+json";
    for annotations in [
        serde_json::json!({ "org.opencontainers.image.ref.name": "odd:1.0" }),
        serde_json::json!({}),
    ] {
        let entry = serde_json::json!({
            "mediaType": kind,
            "digest": digest,
            "size": bytes.len(),
            "annotations": annotations,
        });
        let manifests = index["manifests"].as_array_mut().expect("entries");
        manifests.push(entry);
        fs::write(&path, index.to_string()).expect("an index");
        for place in [&[][..], &layout] {
            let text = list(place);
            assert!(
                text.contains("tiny_ns:1.0") && text.contains("odd:1.0"),
                "{text}"
            );
        }
    }
}

/// Nor can a date or a type, whoever wrote it.
#[test]
fn a_line_of_a_list_is_one_line() {
    let (tree, registry, place) = stocked(Options::default());
    let (kind, bytes) = registry.manifest("edge/tiny_vnf", "1.0").expect("manifest");
    let mut manifest = crate::json(&bytes);
    manifest["annotations"]["org.opencontainers.image.created"] = "2026\nghcr.io/b:1".into();
    manifest["artifactType"] = "a/b\nghcr.io/c:1".into();
    let bytes = manifest.to_string();
    registry.put_manifest("edge/tiny_vnf", "2.0", &kind, bytes.as_bytes());
    let at = place.replace(":1.0", ":2.0");
    let repository = place.replace(":1.0", "");
    let run = nfv(&tree, &["list", &repository]).code(0);
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
    assert!(
        run.stdout.contains("2026\u{fffd}ghcr.io/b:1"),
        "{}",
        run.stdout
    );
    let run = nfv(&tree, &["inspect", &at]).code(0);
    let own = |line: &str| line.starts_with("ghcr.io/");
    assert!(!run.stdout.lines().any(own), "{}", run.stdout);
}

#[test]
fn a_blob_that_is_missing_does_not_exist() {
    let (tree, registry, place) = stocked(Options::default());
    nfv(&tree, &["copy", &place, "oci:L"]).code(0);
    let (_, bytes) = registry.manifest("edge/tiny_vnf", "1.0").expect("manifest");
    let layer = crate::json(&bytes)["layers"][0]["digest"].clone();
    let layer = layer.as_str().expect("a digest").to_owned();
    fs::remove_file(tree.path(&format!("L/blobs/{}", layer.replace(':', "/")))).expect("a blob");
    let run = nfv(&tree, &["pull", "oci:L", "-d", "in"]).code(3);
    assert!(run.stderr.contains(&layer), "{}", run.stderr);
}

/// What reads tars quotes what it can't read.
#[test]
fn an_archive_that_is_none() {
    let (tree, _registry, _) = stocked(Options::default());
    let package = "target/nfv/packages/tiny_vnf-1.0.tar.gz";
    let run = nfv(&tree, &["list", &format!("oci-archive:{package}")]).code(2);
    assert!(run.stderr.contains("it is compressed"), "{}", run.stderr);
    let noise: Vec<u8> = (0..2048_u32).map(|n| (n * 7 % 251) as u8).collect();
    tree.file("noise.tar", noise);
    let run = nfv(&tree, &["list", "oci-archive:noise.tar"]).code(2);
    assert!(
        run.stderr.contains("it is no archive (tar)"),
        "{}",
        run.stderr
    );
    let is_plain = |c: char| c == '\n' || !c.is_control() && c != '\u{fffd}';
    assert!(run.stderr.chars().all(is_plain), "{}", run.stderr);
}

/// What `inspect` can't show it does not pass over.
#[test]
fn a_config_document_that_is_not_there_is_told() {
    let tree = tree();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &[]).code(0);
    let reference = format!("{place}/tiny_vnf:1.0");
    nfv(&tree, &["inspect", &reference]).code(0);
    registry.faults("GET", "/blobs/", 0, 1, Fault::Status(404, None));
    let run = nfv(&tree, &["inspect", &reference]).code(3);
    assert!(run.stderr.contains("sha256:"), "{}", run.stderr);
}

/// A link that leads nowhere looks like nothing, and is somebody's all the same.
#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_stays() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let tree = tree();
    nfv(&tree, &["publish", "-A", "all"]).code(0);
    fs::create_dir(tree.path("in")).expect("a folder");
    let links = ["in/tiny_vnf-1.0.tar.gz", "in/tiny_vnf", "layout", "a.tar"];
    for link in links {
        symlink("nowhere", tree.path(link)).expect("a link");
    }
    for command in [
        &["pull", "tiny_vnf:1.0", "-d", "in"][..],
        &["pull", "tiny_vnf:1.0", "-d", "layout"],
        &["copy", "tiny_vnf:1.0", "oci:layout"],
        &["copy", "tiny_vnf:1.0", "oci-archive:a.tar"],
    ] {
        let says = "is a symbolic link that leads nowhere";
        nfv(&tree, command).code(2).says(says);
    }
    let untar = ["pull", "tiny_vnf:1.0", "-d", "in", "--untar"];
    nfv(&tree, &untar).code(2).says("`in/tiny_vnf` is there");
    for link in links {
        let leads = fs::read_link(tree.path(link)).expect("a link");
        assert_eq!(leads.to_str(), Some("nowhere"), "{link}");
    }
    // One that leads somewhere is followed, and stays.
    let mode = |path: &str| {
        let metadata = fs::metadata(tree.path(path)).expect("a file");
        metadata.permissions().mode() & 0o777
    };
    nfv(&tree, &["copy", "tiny_vnf:1.0", "oci-archive:b.tar"]).code(0);
    assert_eq!(mode("b.tar"), 0o644);
    fs::set_permissions(tree.path("b.tar"), PermissionsExt::from_mode(0o600)).expect("a mode");
    symlink("b.tar", tree.path("c.tar")).expect("a link");
    nfv(&tree, &["copy", "tiny_ns:1.0", "oci-archive:c.tar"]).code(0);
    assert!(tree.path("c.tar").is_symlink());
    assert_eq!(mode("b.tar"), 0o600);
    let run = nfv(&tree, &["list", "oci-archive:b.tar"]).code(0);
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
}
