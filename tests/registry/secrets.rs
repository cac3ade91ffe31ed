//! Credentials reach the registry that they are for, and nobody else.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use crate::common::{Run, Tree, finish};
use crate::double::{Auth, BASIC, Fault, IDENTITY, Options, PASSWORD, Registry, USER};
use crate::{clean, home, nfv, nfv_in, tree, with_env};

fn registry(auth: Auth) -> (Registry, String) {
    let registry = Registry::start(Options {
        auth,
        ..Options::default()
    });
    let place = format!("oci://{}/edge", registry.host());
    (registry, place)
}

/// The program, told something on standard input.
fn told(tree: &Tree, args: &[&str], input: &str) -> Run {
    let mut command = nfv_in(tree, args);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("standard input");
    stdin.write_all(input.as_bytes()).expect("a line");
    drop(stdin);
    Run::of(finish(child, std::time::Duration::from_secs(60)))
}

/// Nothing that lets anybody in stands in what was printed.
#[track_caller]
fn assert_discreet(run: &Run) {
    let shown = format!("{}{}", run.stdout, run.stderr);
    let encoded: String = PASSWORD.bytes().map(|b| format!("%{b:02x}")).collect();
    for secret in [PASSWORD, BASIC, IDENTITY, "token-of-alice", &encoded] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn whoever_has_logged_in_is_let_in_until_logged_out() {
    let tree = tree();
    for auth in [Auth::Basic, Auth::Bearer { uses: usize::MAX }] {
        let (registry, place) = registry(auth);
        let host = registry.host();
        let publish = ["publish", "-A", "all", &place, "-vv"];
        let refused = nfv(&tree, &publish).code(4).says("asks for credentials");
        assert_discreet(&refused);
        assert_eq!(registry.tags(), [""; 0]);
        let login = ["login", &host, "-u", USER, "--password-stdin", "-vv"];
        let wrong = told(&tree, &login, "guess\n").code(4);
        assert!(!wrong.stderr.contains("guess"), "{}", wrong.stderr);
        assert_discreet(&told(&tree, &login, &format!("{PASSWORD}\n")).code(0));
        assert_discreet(&nfv(&tree, &publish).code(0));
        assert_eq!(registry.tags().len(), 2);
        let reference = format!("{place}/tiny_ns:1.0");
        for args in [
            ["pull", &reference, "-vv", "-d", "in"].as_slice(),
            &["inspect", &reference, "-vv"],
            &["list", &format!("{place}/tiny_ns"), "-vv"],
            &["copy", &reference, &format!("{place}/copy:1.0"), "-vv"],
        ] {
            assert_discreet(&nfv(&tree, args).code(0));
        }
        nfv(&tree, &["logout", &host]).code(0);
        nfv(&tree, &["inspect", &reference]).code(4);
        fs::remove_dir_all(tree.path("in")).expect("what was pulled");
    }
}

#[test]
fn credentials_come_from_the_environment_and_identity_tokens_are_exchanged() {
    let tree = tree();
    // A token runs out in the middle of everything.
    let (registry, place) = registry(Auth::Bearer { uses: 3 });
    let args = ["publish", "-A", "all", &place, "-vv"];
    assert_discreet(&with_env(&tree, &registry.host(), &args).code(0));
    assert_eq!(registry.tags().len(), 2);
    // Those for another registry are not for this one.
    let elsewhere = ["inspect", &format!("{place}/tiny_ns:1.0"), "-vv"];
    assert_discreet(&with_env(&tree, "registry.example.org", &elsewhere).code(4));
    let login = ["login", &registry.host(), "--identity-token-stdin", "-vv"];
    assert_discreet(&told(&tree, &login, IDENTITY).code(0));
    assert_discreet(&nfv(&tree, &elsewhere).code(0));
}

/// Registries answer with what they were sent, and with documents of their own.
#[test]
fn failures_are_discreet() {
    let tree = tree();
    for auth in [Auth::Basic, Auth::Bearer { uses: usize::MAX }] {
        for (method, fault) in [
            ("PUT", Fault::Status(500, None)),
            ("PUT", Fault::AnswerLost),
            (
                "POST",
                Fault::Redirect(format!("http://{USER}:{PASSWORD}@127.0.0.1:1/")),
            ),
            (
                "HEAD",
                Fault::Redirect("http://127.0.0.1:1/?sig=wheelbarrow-7".to_owned()),
            ),
        ] {
            let (registry, place) = registry(auth.clone());
            registry.faults(method, "", 0, usize::MAX, fault);
            let args = ["publish", "-A", "all", &place, "-vv", "--retries", "0"];
            let run = with_env(&tree, &registry.host(), &args);
            assert!(
                matches!(run.status, Some(2 | 6)),
                "{:?}\n{}",
                run.status,
                run.stderr
            );
            assert_discreet(&run);
            assert_eq!(registry.tags(), [""; 0]);
        }
    }
}

/// Some registries and token services say what they were sent.
#[test]
fn what_servers_give_back_of_it_is_blanked() {
    let tree = tree();
    for auth in [Auth::Basic, Auth::Bearer { uses: usize::MAX }] {
        for (path, status) in [
            ("/v2/", 400),
            ("/v2/", 401),
            ("/v2/", 403),
            ("/token", 400),
            ("/token", 401),
            ("/token", 403),
            ("/token", 404),
        ] {
            if auth == Auth::Basic && path == "/token" {
                continue;
            }
            let (registry, place) = registry(auth.clone());
            let host = registry.host();
            registry.faults("GET", path, 0, usize::MAX, Fault::Echo(status));
            registry.faults("POST", path, 0, usize::MAX, Fault::Echo(status));
            let reference = format!("{place}/tiny_ns:1.0");
            let inspect = ["inspect", &reference, "-vv", "--retries", "0"];
            let login = ["login", &host, "-u", USER, "--password-stdin", "-vv"];
            let token = ["login", &host, "--identity-token-stdin", "-vv"];
            let mut runs = vec![
                with_env(&tree, &host, &inspect),
                with_env(&tree, &host, &["list", &place, "--retries", "0"]),
                told(&tree, &login, PASSWORD),
            ];
            if path == "/token" {
                runs.push(told(&tree, &token, IDENTITY));
            }
            for run in runs {
                assert!(matches!(run.status, Some(2..=4)), "{}", run.stderr);
                assert_discreet(&run);
                run.says("***");
            }
        }
    }
}

/// Whoever is refused learns which credentials were.
#[test]
fn refused_credentials_are_named_by_their_place() {
    let tree = tree();
    let (registry, place) = registry(Auth::Basic);
    let host = registry.host();
    let inspect = ["inspect", &*format!("{place}/tiny_ns:1.0")];
    let login = ["login", &*host, "-u", USER, "--password-stdin"];
    let run = told(&tree, &login, "guess").code(4);
    assert!(
        run.stderr.contains("the credentials that were given"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("cargo nfv login"), "{}", run.stderr);
    let mut command = nfv_in(&tree, &inspect);
    command.env("NFV_REGISTRY", &host);
    command.env("NFV_REGISTRY_USERNAME", USER);
    command.env("NFV_REGISTRY_PASSWORD", "guess");
    let run = crate::common::run(&mut command).code(4);
    for says in [
        "`NFV_REGISTRY_PASSWORD`",
        "before those of `cargo nfv login`",
    ] {
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
    assert!(!run.stderr.contains("guess"), "{}", run.stderr);
    let auth = nfv::digest::to_base64(format!("{USER}:guess").as_bytes());
    let text = format!(r#"{{"auths":{{"{host}":{{"auth":"{auth}"}}}}}}"#);
    fs::write(home(&tree).join("config.json"), text).expect("a config");
    let run = nfv(&tree, &inspect).code(4);
    for says in ["the credentials in `", "config.json`", "login"] {
        assert!(run.stderr.contains(says), "{}", run.stderr);
    }
}

#[test]
fn credentials_do_not_follow_a_redirect_to_another_host() {
    let tree = tree();
    let storage = Registry::plain();
    for auth in [Auth::Basic, Auth::Bearer { uses: usize::MAX }] {
        let (registry, place) = registry(auth);
        let host = registry.host();
        with_env(&tree, &host, &["publish", "-A", "all", &place]).code(0);
        let (_, manifest) = registry.manifest("edge/tiny_vnf", "1.0").expect("manifest");
        let layer = &crate::json(&manifest)["layers"][0]["digest"];
        let layer = layer.as_str().expect("a digest");
        let bytes = fs::read(registry.blob("edge/tiny_vnf", layer).expect("blob")).expect("blob");
        storage.put_blob("blobs", &bytes);
        let there = format!("http://{}/v2/blobs/blobs/{layer}", storage.host());
        registry.faults("GET", layer, 0, usize::MAX, Fault::Redirect(there));
        let reference = format!("{place}/tiny_vnf:1.0");
        with_env(&tree, &host, &["pull", &reference, "-d", "in"]).code(0);
        let asked = storage.take_log();
        assert_eq!(asked.len(), 1, "{asked:#?}");
        assert_eq!(asked[0].authorization, None);
        fs::remove_dir_all(tree.path("in")).expect("what was pulled");
    }
}

/// The token service may be elsewhere. Who has no credentials sends none there.
#[test]
fn nobodys_credentials_go_to_a_token_service() {
    let tree = tree();
    let service = Registry::plain();
    let (_, place) = {
        let realm = format!("http://{}/token", service.host());
        let (registry, place) = registry(Auth::Realm(realm));
        let reference = format!("{place}/tiny_ns:1.0");
        nfv(&tree, &["inspect", &reference, "--retries", "0"]).code(2);
        (registry, place)
    };
    let asked = service.take_log();
    assert!(!asked.is_empty(), "{place}");
    assert!(asked.iter().all(|request| request.authorization.is_none()));
}

/// A service without encryption at another host than this machine or the registry's
/// gets none, also from a registry that has no encryption itself.
#[test]
fn credentials_do_not_go_in_clear_to_another_host() {
    let tree = tree();
    let realm = "http://192.0.2.1:5731/token".to_owned();
    let (registry, place) = registry(Auth::Realm(realm));
    let reference = format!("{place}/tiny_ns:1.0");
    let inspect = ["inspect", &*reference, "--retries", "0", "--timeout", "1"];
    let run = with_env(&tree, &registry.host(), &inspect).code(2);
    assert_discreet(&run);
    run.says("without encryption at `192.0.2.1`, which gets no credentials");
    // What no request goes to is no service.
    let (registry, place) = self::registry(Auth::Realm("file:///token".to_owned()));
    let reference = format!("{place}/tiny_ns:1.0");
    let run = with_env(&tree, &registry.host(), &["inspect", &*reference]).code(4);
    run.says("names neither `Basic` nor `Bearer` with a token service");
}

/// What is exchanged for tokens stands in the body of a request, which goes along where
/// that is led.
#[test]
fn an_identity_token_does_not_follow_a_redirect() {
    let tree = tree();
    let elsewhere = Registry::plain();
    let (registry, place) = registry(Auth::Bearer { uses: usize::MAX });
    let there = format!("http://{}/token", elsewhere.host());
    registry.faults("POST", "/token", 0, usize::MAX, Fault::Redirect(there));
    let text = format!(
        r#"{{"auths":{{"{}":{{"identitytoken":"{IDENTITY}"}}}}}}"#,
        registry.host()
    );
    fs::write(home(&tree).join("config.json"), text).expect("a config");
    let reference = format!("{place}/tiny_ns:1.0");
    let run = nfv(&tree, &["inspect", &reference, "--retries", "0"]).code(2);
    assert_discreet(&run);
    run.says("leads to `127.0.0.1`, where the credentials do not go");
    assert!(elsewhere.take_log().is_empty());
}

/// The file that others read as well stays between its owner and the registry.
#[cfg(unix)]
#[test]
fn what_login_writes_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let tree = tree();
    let (registry, _) = registry(Auth::Basic);
    let login = ["login", &registry.host(), "-u", USER, "--password-stdin"];
    told(&tree, &login, PASSWORD).code(0).says("in clear");
    let file = home(&tree).join("config.json");
    let mode = fs::metadata(&file).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(fs::read_to_string(&file).expect("text").contains(BASIC));
    let mut skopeo = match crate::common::tool("skopeo") {
        Some(skopeo) => std::process::Command::new(skopeo),
        None => return,
    };
    clean(&mut skopeo, &home(&tree));
    skopeo
        .args(["login", "--get-login", "--authfile"])
        .arg(&file)
        .arg(registry.host());
    assert_eq!(crate::common::sh(&mut skopeo).trim(), USER);
}

/// After `logout`, what others keep may still count, and then that is said.
#[test]
fn logout_says_what_still_counts() {
    let tree = crate::tree();
    let home = tree.beside("helm");
    std::fs::create_dir_all(&home).expect("folder");
    // `bm9ib2R5OnNlc2FtZQ==` is `nobody:sesame`.
    let config = "{\"auths\": {\"registry.example.org\": {\"auth\": \"bm9ib2R5OnNlc2FtZQ==\"}}}";
    let file = home.join("config.json");
    std::fs::write(&file, config).expect("written");
    let logout = |helm: &std::path::Path| {
        let mut command = tree.command();
        command.env("HELM_REGISTRY_CONFIG", helm);
        command.env("DOCKER_CONFIG", tree.beside("docker"));
        crate::common::run(command.args(["logout", "registry.example.org"])).code(0)
    };
    let run = logout(&file);
    assert!(
        run.stderr
            .contains("still count for `registry.example.org`"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("config.json") && !run.stderr.contains("sesame"),
        "{}",
        run.stderr
    );
    let run = logout(&home.join("none.json"));
    assert!(!run.stderr.contains("still count"), "{}", run.stderr);
}
