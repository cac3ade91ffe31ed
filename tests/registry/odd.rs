//! Answers that no registry should give.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use crate::common::Tree;
use crate::double::{Auth, Fault, Options, PASSWORD, Registry, USER};
use crate::{nfv, publish, tree, with_env};

const ALL: usize = usize::MAX;

/// Status, further headers, body.
type Answer = (u16, String, String);

/// A server that says what the test wants, and notes what it was asked: the path, and
/// whether it was told who asks.
struct Odd {
    address: SocketAddr,
    log: Arc<Mutex<Vec<(String, bool)>>>,
}

impl Odd {
    fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("the port");
        let log = Arc::new(Mutex::new(Vec::new()));
        let (shared, answer) = (Arc::clone(&log), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (Arc::clone(&shared), Arc::clone(&answer));
                thread::spawn(move || serve(&stream, &log, &*answer));
            }
        });
        Odd { address, log }
    }

    fn log(&self) -> Vec<(String, bool)> {
        std::mem::take(&mut *self.log.lock().expect("lock"))
    }
}

fn serve(
    mut stream: &TcpStream,
    log: &Mutex<Vec<(String, bool)>>,
    answer: &dyn Fn(&str) -> Answer,
) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            match reader.read_line(&mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) if line == "\r\n" => break,
                Ok(_) => head.push(line.to_ascii_lowercase()),
            }
        }
        let path = head[0].split(' ').nth(1).unwrap_or_default().to_owned();
        let is_known = head.iter().any(|line| line.starts_with("authorization:"));
        let (status, headers, body) = answer(&path);
        log.lock().expect("lock").push((path, is_known));
        let text = format!(
            "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
        if stream.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

/// A list that never ends is given up; one that leads to nothing is not taken for none.
#[test]
fn lists_that_lead_nowhere() {
    let tree = tree();
    let odd = Odd::start(|path| {
        let n: usize = path
            .split("last=")
            .nth(1)
            .map_or(0, |n| n.parse().expect("a number"));
        let link = format!("Link: </v2/edge/a/tags/list?last={}>; rel=next\r\n", n + 1);
        (200, link, json!({ "tags": [format!("v{n}")] }).to_string())
    });
    let at = format!("oci://{}/edge/a", odd.address);
    let listed = nfv(&tree, &["list", &at]).code(2);
    listed.says("leads from page to page of the list, and after 100 there are 100 entries");
    assert_eq!(odd.log().len(), 100);
    let registry = Registry::start(Options {
        page: Some(1),
        ..Options::default()
    });
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q", "--tag", "stable"]).code(0);
    registry.faults("GET", "last=", 0, ALL, Fault::Status(404, None));
    nfv(&tree, &["list", &format!("{place}/tiny_vnf")])
        .code(2)
        .says("leads from page 1 of the list to the next, which is not there");
}

/// A registry that takes the list of what refers to an artifact and does not keep it may be
/// one that somebody else is writing.
#[test]
fn a_list_of_referrers_that_is_not_kept() {
    let tree = tree();
    let registry = Registry::start(Options {
        referrers: false,
        ..Options::default()
    });
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q", "-p", "tiny_vnf"]).code(0);
    tree.file("notes.md", "# Notes\n");
    registry.faults("PUT", "/manifests/sha256-", 0, ALL, Fault::Page(201));
    let at = format!("{place}/tiny_vnf:1.0");
    nfv(
        &tree,
        &["attach", &at, "notes.md", "--type", "text/markdown"],
    )
    .code(6)
    .says("keeps losing the list of what refers to it");
}

/// What others push says what it is, and where its files go.
#[test]
fn artifacts_of_others() {
    let tree = tree();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    let name = "edge/notes";
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let blob = |text: &str| (registry.put_blob(name, text.as_bytes()), text.len());
    let layer = |kind: &str, title: Option<&str>, text: &str| {
        let (digest, size) = blob(text);
        let mut layer = json!({ "mediaType": kind, "digest": digest, "size": size });
        if let Some(title) = title {
            layer["annotations"] = json!({ "org.opencontainers.image.title": title });
        }
        layer
    };
    let put = |tag: &str, config: Value, layers: Vec<Value>| {
        let manifest = json!({
            "schemaVersion": 2, "mediaType": kind, "artifactType": "a/b",
            "config": config, "layers": layers,
        });
        registry.put_manifest(name, tag, kind, manifest.to_string().as_bytes());
        format!("{place}/notes:{tag}")
    };
    let empty = || layer("application/vnd.oci.empty.v1+json", None, "{}");
    // Without a title, and of a type that layers of images have as well.
    let gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
    let at = put("1", empty(), vec![layer(gzip, None, "not really")]);
    nfv(&tree, &["pull", &at, "-d", "untitled"]).code(0);
    assert_eq!(
        fs::read_to_string(tree.path("untitled/notes-1.tar.gz")).expect("a file"),
        "not really"
    );
    // A file and a folder of one name, in either order.
    for (tag, titles) in [("2", ["a", "a/b"]), ("3", ["a/b", "a"])] {
        let files = titles.map(|title| layer("text/plain", Some(title), title));
        let at = put(tag, empty(), files.to_vec());
        let pulled = nfv(&tree, &["pull", &at, "-d", tag]).code(0);
        let files = pulled.stdout.lines().map(|line| {
            let path = line.split("  ").last().unwrap_or_default().trim();
            fs::read_to_string(tree.path(path)).unwrap_or_else(|e| panic!("{line}: {e}"))
        });
        assert_eq!(files.collect::<Vec<_>>(), titles, "{}", pulled.stdout);
    }
    // A config document that is none.
    let config = layer("application/vnd.example+json", None, "not JSON");
    let at = put("4", config, vec![layer("text/plain", Some("a"), "a")]);
    nfv(&tree, &["inspect", &at])
        .code(0)
        .says("its type says that it is JSON, and it is none");
    // A package whose descriptor is elsewhere than it says.
    publish(&tree, &place, &["-q", "-p", "tiny_vnf"]).code(0);
    let (kind, bytes) = registry.manifest("edge/tiny_vnf", "1.0").expect("one");
    let mut manifest = crate::json(&bytes);
    let digest = manifest["config"]["digest"]
        .as_str()
        .expect("a digest")
        .to_owned();
    let config = registry.blob("edge/tiny_vnf", &digest).expect("a config");
    let mut config = crate::json(&fs::read(config).expect("a config"));
    config["descriptorFile"] = json!("tiny_vnf/elsewhere.yaml");
    let config = config.to_string();
    manifest["config"]["digest"] = json!(registry.put_blob("edge/tiny_vnf", config.as_bytes()));
    manifest["config"]["size"] = json!(config.len());
    registry.put_manifest(
        "edge/tiny_vnf",
        "1.0",
        &kind,
        manifest.to_string().as_bytes(),
    );
    let at = format!("{place}/tiny_vnf:1.0");
    nfv(&tree, &["inspect", &at, "--descriptor"])
        .code(2)
        .says("says that its descriptor is `tiny_vnf/elsewhere.yaml`, and there is no such");
}

/// Tags that lead to nothing are no empty repository.
#[test]
fn tags_without_manifests() {
    let tree = tree();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q", "-p", "tiny_vnf", "--tag", "stable"]).code(0);
    let at = format!("{place}/tiny_vnf");
    registry.faults("GET", "/manifests/1.0", 0, ALL, Fault::Status(404, None));
    let listed = nfv(&tree, &["list", &at]).code(0);
    assert!(listed.stdout.contains(":stable"), "{}", listed.stdout);
    listed.says("tiny_vnf:1.0` is in the list of tags, and there is no manifest behind it");
    registry.faults("GET", "/manifests/", 0, ALL, Fault::Status(404, None));
    nfv(&tree, &["list", &at])
        .code(3)
        .says("tiny_vnf` has `1.0`, `stable` in its list of tags, and no manifest behind any");
}

/// The registry of go-containerregistry cuts a list where it is told to, and does not say that
/// it goes on; another one ignores where it is asked to.
#[test]
fn lists_that_are_cut_without_a_word() {
    let tree = tree();
    let all: Vec<String> = (0..2300).map(|n| format!("v0.{n:04}")).collect();
    for (pages, expected) in [(true, "v0.2299"), (false, "v0.0999")] {
        let all = all.clone();
        let odd = Odd::start(move |path| {
            if path.contains("/manifests/") {
                let manifest = json!({ "schemaVersion": 2, "manifests": [] });
                return (200, String::new(), manifest.to_string());
            }
            let asked = path.split("last=").nth(1).filter(|_| pages);
            let from = asked.map_or(0, |last| all.iter().position(|v| v == last).unwrap() + 1);
            let to = all.len().min(from + 1000);
            let tags = json!({ "tags": all[from..to] });
            (200, String::new(), tags.to_string())
        });
        let at = format!("oci://{}/edge/a", odd.address);
        nfv(&tree, &["pull", &at]);
        let asked = odd.log().into_iter().map(|(path, _)| path);
        let asked: Vec<String> = asked.filter(|path| path.contains("/manifests/")).collect();
        assert_eq!(asked, [format!("/v2/edge/a/manifests/{expected}")]);
    }
}

/// What is said of a layer and is not so is named, and has the code of what is not what it
/// should be.
#[test]
fn layers_of_which_something_else_is_said() {
    let tree = tree();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q", "-p", "tiny_vnf"]).code(0);
    let name = "edge/tiny_vnf";
    let (kind, bytes) = registry.manifest(name, "1.0").expect("a manifest");
    let whole = crate::json(&bytes);
    let size = whole["layers"][0]["size"].as_u64().expect("a size");
    let pull = |part: &str, value: Value| {
        let mut document = whole.clone();
        document["layers"][0][part] = value;
        registry.put_manifest(name, "bad", &kind, document.to_string().as_bytes());
        let at = format!("{place}/tiny_vnf:bad");
        nfv(&tree, &["pull", &at, "-d", "in", "--retries", "1"])
    };
    pull("size", json!(size + 7))
        .code(5)
        .says(&format!("it has {size} bytes, not {}", size + 7));
    pull("size", json!(size - 7))
        .code(5)
        .says(&format!("it has more than {0} bytes, not {0}", size - 7));
    let digest = format!("sha512:{}", "a".repeat(128));
    pull("digest", json!(digest))
        .code(2)
        .says(&format!("the blob {digest} in `"))
        .says("can't be checked here: its digest has to be `sha256:`");
    pull("digest", json!("sha256:../../tags/list"))
        .code(2)
        .says("can't be checked here");
}

/// A token that is good for the beginning of an upload and never for its end is as good as
/// none.
#[test]
fn a_token_that_always_runs_out() {
    let tree = tree();
    let registry = Registry::start(Options {
        auth: Auth::Bearer { uses: ALL },
        ..Options::default()
    });
    let place = format!("oci://{}/edge", registry.host());
    registry.faults("PUT", "/blobs/", 0, ALL, Fault::Status(401, None));
    let publish = ["publish", "-A", "all", &place, "--retries", "2"];
    with_env(&tree, &registry.host(), &publish)
        .code(4)
        .says("does not accept the credentials");
    assert_eq!(registry.tags(), [""; 0]);
}

/// Services say in many ways how long a token holds, and a token is one whatever they say.
#[test]
fn token_services_of_all_sorts() {
    let tree = tree();
    let list = |answer: String| {
        // The address is known once the server is there.
        let host = Arc::new(Mutex::new(String::new()));
        let (own, asked) = (Arc::clone(&host), Mutex::new(false));
        let odd = Odd::start(move |path| {
            let mut asked = asked.lock().expect("lock");
            if path.starts_with("/token") {
                *asked = true;
                return (200, String::new(), answer.clone());
            }
            let host = own.lock().expect("lock");
            let realm = format!("WWW-Authenticate: Bearer realm=\"http://{host}/token\"\r\n");
            match *asked {
                true => (200, String::new(), r#"{"tags": ["1.0"]}"#.to_owned()),
                false => (401, realm, String::new()),
            }
        });
        *host.lock().expect("lock") = odd.address.to_string();
        let at = format!("oci://{}/edge/a", odd.address);
        nfv(&tree, &["list", &at, "--retries", "0"])
    };
    for seconds in [
        "300",
        "-1",
        "\"60\"",
        "60.5",
        "1e30",
        "99999999999999999999",
        "null",
        "[]",
    ] {
        let run = list(format!(r#"{{"token": "t", "expires_in": {seconds}}}"#)).code(0);
        assert!(run.stdout.contains("1.0"), "{seconds}: {}", run.stdout);
    }
    list(r#"{"token": ""}"#.to_owned())
        .code(2)
        .says("names a token service that gives no token");
    list(format!(r#"{{"token": "{}"}}"#, "t".repeat(2 << 20)))
        .code(2)
        .says("answers with more than 1048576 bytes");
}

/// Credentials that were never sent are not called wrong.
#[test]
fn a_registry_that_does_not_say_how_to_show_credentials() {
    let tree = tree();
    for header in [
        "",
        "WWW-Authenticate: NTLM\r\n",
        "WWW-Authenticate: Bearer service=x\r\n",
    ] {
        let odd = Odd::start(move |_| (401, header.to_owned(), String::new()));
        let at = format!("oci://{}/edge/a", odd.address);
        with_env(&tree, &odd.address.to_string(), &["list", &at])
            .code(4)
            .says("says of no way known here how to show them");
        assert!(odd.log().iter().all(|(_, is_known)| !is_known));
    }
}

/// A server of TLS answers 400 to who comes without. A registry that answers so has
/// understood the request, and says itself what is wrong.
#[test]
fn encryption_is_a_guess_where_no_registry_answers() {
    let tree = tree();
    let says = "begin the reference with `https://`";
    let odd = Odd::start(|_| (400, String::new(), "Client sent an HTTP request".to_owned()));
    let at = format!("oci://{}/edge/a", odd.address);
    nfv(&tree, &["list", &at]).code(2).says(says);
    let registry = Registry::plain();
    registry.faults("GET", "/tags/", 0, ALL, Fault::Status(400, None));
    let at = format!("oci://{}/edge/a", registry.host());
    let run = nfv(&tree, &["list", &at]).code(2);
    assert!(!run.stderr.contains(says), "{}", run.stderr);
}

/// Portals answer everything, and what they lead to is not for the password.
#[test]
fn a_page_for_people_is_no_registry() {
    let tree = Tree::of(&[]);
    let page = || "<html>Please sign in.</html>".to_owned();
    let html = "Content-Type: text/html; charset=utf-8\r\n";
    let portal = Odd::start(move |_| (200, html.to_owned(), page()));
    let led = Odd::start(move |path| match path {
        "/v2/" => (302, "Location: /login\r\n".to_owned(), String::new()),
        _ => (200, html.to_owned(), page()),
    });
    let asked = Odd::start(move |path| match path {
        "/v2/" => (302, "Location: /login\r\n".to_owned(), String::new()),
        _ => (
            401,
            "WWW-Authenticate: Basic realm=\"a\"\r\n".to_owned(),
            page(),
        ),
    });
    for (odd, says) in [
        (
            &portal,
            "answers with a page for people, and is no registry",
        ),
        (&led, "leads to another address, and is no registry"),
        (&asked, "leads to another address, and is no registry"),
    ] {
        let host = odd.address.to_string();
        let login = ["login", &host, "-u", USER, "-p", PASSWORD];
        nfv(&tree, &login).code(2).says(says);
        let log = odd.log();
        assert!(
            !log.is_empty() && log.iter().all(|(_, is_known)| !is_known),
            "{log:?}"
        );
        assert!(!tree.beside("home").join("config.json").exists());
    }
    let registry = Registry::start(Options {
        auth: Auth::Basic,
        ..Options::default()
    });
    let host = registry.host();
    let login = ["login", &host, "-u", USER, "-p", PASSWORD];
    let run = nfv(&tree, &login).code(0);
    assert!(!run.stderr.contains("asks nobody"), "{}", run.stderr);
}

/// What answers `/v2/` need not be a registry, and one that asks nobody who they are has
/// not said that it takes these credentials.
#[test]
fn who_is_no_registry_is_not_logged_in_to() {
    let tree = Tree::of(&[]);
    let login = |odd: &Odd| {
        let host = odd.address.to_string();
        let flags = ["login", &host, "-u", USER, "-p", PASSWORD, "--retries", "0"];
        nfv(&tree, &flags)
    };
    let config = tree.beside("home").join("config.json");
    let text = "Content-Type: text/plain\r\n";
    for (status, body, says) in [
        (
            404,
            "404 page not found\n",
            "answers 404 Not Found at `/v2/`",
        ),
        (
            404,
            r#"{"errors":[{"code":"NOT_FOUND"}]}"#,
            "answers 404 Not Found at `/v2/`",
        ),
        (405, "", "answers 405 Method Not Allowed at `/v2/`"),
        (200, "It works!\n", "answers at `/v2/` as no registry does"),
    ] {
        let odd = Odd::start(move |_| (status, text.to_owned(), body.to_owned()));
        login(&odd)
            .code(2)
            .says(says)
            .says("a host or port of its own");
        assert!(odd.log().iter().all(|(_, is_known)| !is_known), "{says}");
        assert!(!config.exists(), "{says}");
    }
    let known = "Docker-Distribution-Api-Version: registry/2.0\r\n";
    for (headers, body) in [("", ""), ("", "{}"), (known, "true"), (known, "hello")] {
        let odd = Odd::start(move |_| (200, headers.to_owned(), body.to_owned()));
        login(&odd)
            .code(0)
            .says("asks nobody at `/v2/` who they are");
        fs::remove_file(&config).expect("credentials");
    }
}
