//! What happens between here and the Store.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use nfv::oci::{Keychain, KeychainOptions, RemoteOptions};
use nfv::onboard::{Parcel, Shelf, Store, StoreAddress, StoreError};

use crate::common::{sh, sha256, tool};
use crate::double::{Double, Fault};
use crate::{NS, VNSF, built, digest, onboard};

/// A port at which nobody is.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("the port").port()
}

#[test]
fn a_lost_answer_is_asked_for() {
    let tree = built();
    for fault in [
        Fault::AnswerLost,
        Fault::StatusInstead(504),
        Fault::StatusInstead(500),
    ] {
        let store = Double::plain();
        store.fault("POST", fault);
        let run = onboard(&tree, &store.url(), &[VNSF, NS]).code(0);
        assert!(
            run.stdout.contains("sent, and found there, as 5c"),
            "{}",
            run.stdout
        );
        assert_eq!(store.take_uploads().len(), 2);
        assert_eq!(store.orchestrated(), 2);
    }
}

#[test]
fn an_upload_is_not_repeated_blindly() {
    let tree = built();
    for fault in [Fault::Reset, Fault::Status(503), Fault::Status(502)] {
        let store = Double::plain();
        store.fault("POST", fault);
        onboard(&tree, &store.url(), &[VNSF, NS])
            .code(6)
            .says("it is not known what became of `tiny_vnf-")
            .says("run the same command again later");
        assert_eq!(store.take_uploads().len(), 1);
        // Which is so.
        onboard(&tree, &store.url(), &[VNSF, NS]).code(0);
        let all: Vec<String> = store.take_uploads().into_iter().map(|u| u.2).collect();
        assert_eq!(all, [digest(&tree.path(VNSF)), digest(&tree.path(NS))]);
    }
}

#[test]
fn silence_ends_and_is_asked_about() {
    let tree = built();
    let store = Double::plain();
    store.fault("POST", Fault::Stall(Duration::from_secs(2)));
    let args = ["--timeout", "1", "--retries", "3", VNSF];
    let run = onboard(&tree, &store.url(), &args).code(0);
    assert!(
        run.stdout.contains("sent, and found there"),
        "{}",
        run.stdout
    );
    assert_eq!(store.orchestrated(), 1);
}

#[test]
fn questions_are_asked_again() {
    let tree = built();
    let store = Double::plain();
    store.fault("GET", Fault::Status(503));
    onboard(&tree, &store.url(), &[VNSF]).code(0);
    store.fault("GET", Fault::Reset);
    onboard(&tree, &store.url(), &[VNSF])
        .code(0)
        .says("0 new, 1 already there");
    store.fault("GET", Fault::Status(503));
    onboard(&tree, &store.url(), &[VNSF, "--retries", "0"]).code(6);
}

#[test]
fn what_is_no_store_is_told_before_anything_is_sent() {
    let tree = built();
    let store = Double::start("/store", false);
    let url = store.url();
    let top = url.strip_suffix("/store").expect("the path");
    onboard(&tree, top, &[VNSF])
        .code(3)
        .says("there is no Store at")
        .says("it has no `/vnsfs` (404 Not Found)");
    store.fault(
        "GET",
        Fault::Moved("https://elsewhere.example.org/store/vnsfs?t=s3cret".to_owned()),
    );
    let run = onboard(&tree, &store.url(), &[VNSF])
        .code(2)
        .says("leads on to `https://elsewhere.example.org/store`; name the address");
    assert!(!run.stderr.contains("s3cret"));
    assert_eq!(store.take_uploads(), []);
}

#[test]
fn nobody_there_is_a_matter_of_time() {
    let tree = built();
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    onboard(&tree, &url, &[VNSF]).code(6).says(&format!(
        "failed to look for the vNSF `tiny_vnf` at `127.0.0.1:{port}`"
    ));
}

#[test]
fn certificates_are_looked_at() {
    let Some(openssl) = tool("openssl") else {
        return;
    };
    let tree = built();
    let mut make = Command::new(&openssl);
    make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj"]);
    make.args(["/CN=store", "-addext", "subjectAltName=IP:127.0.0.1"]);
    make.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
    make.args(["-keyout", "tls.key", "-out", "tls.crt"]);
    sh(make.current_dir(&tree.root));
    let port = free_port();
    let place = format!("127.0.0.1:{port}");
    let mut serve = Command::new(&openssl);
    // Whatever it is asked, it answers with a page about the connection.
    serve.args([
        "s_server", "-quiet", "-www", "-key", "tls.key", "-cert", "tls.crt",
    ]);
    serve.args(["-accept", &place]).current_dir(&tree.root);
    let quiet = serve.stdin(Stdio::null()).stdout(Stdio::null());
    let mut server = quiet.stderr(Stdio::null()).spawn().expect("a server");
    while TcpStream::connect(&place).is_err() {
        thread::sleep(Duration::from_millis(10));
    }
    let url = format!("https://{place}");
    let runs = [
        onboard(&tree, &url, &[VNSF, "--retries", "0"]),
        onboard(&tree, &url, &[VNSF, "--ca-file", "tls.crt"]),
        onboard(&tree, &url, &[VNSF, "--insecure"]),
    ];
    server.kill().expect("the server can be ended");
    server.wait().expect("the server ends");
    let [strict, trusting, careless] = runs;
    strict.code(6).says("`--ca-file` names the certificate");
    // It was let in, and found no Store there.
    trusting.code(2).says("no JSON; is it a Store?");
    careless.code(2).says("no JSON; is it a Store?");
}

#[test]
fn a_certificate_that_is_none_is_told() {
    let tree = built();
    onboard(&tree, "https://127.0.0.1:1", &[VNSF, "--ca-file", NS])
        .code(2)
        .says("holds no certificate");
}

#[test]
fn a_file_that_changes_after_it_was_verified_does_not_arrive() {
    let tree = built();
    let store = Double::plain();
    let options = RemoteOptions {
        plain_http: false,
        insecure: false,
        ca_file: None,
        client_certificate: None,
        timeout: Duration::from_secs(10),
        retries: 0,
        chunk: None,
        partials: None,
        keychain: Keychain::new(KeychainOptions::default()),
    };
    let address = StoreAddress::parse(&store.url()).expect("an address");
    let client = Store::open(address, &options, &|_| {}).expect("a client");
    let path = tree.path(VNSF);
    let size = fs::metadata(&path).expect("a package").len();
    for (sha256, size) in [(sha256(b"other"), size), (digest(&path), size + 1)] {
        let parcel = Parcel {
            shelf: Shelf::Vnsfs,
            id: "tiny_vnf".to_owned(),
            path: path.clone(),
            size,
            sha256,
        };
        let error = client.send(&parcel, &|_| {}).expect_err("it is another");
        assert!(matches!(error, StoreError::Changed(_)), "{error}");
    }
    assert_eq!(store.take_log().len(), 0);
    assert_eq!(store.records("vnsfs").len(), 0);
}
