//! What happens between here and OSM: tokens, lost answers, pieces.

use std::fs;
use std::process::{Command, Stdio};

use crate::common::{Run, Tree, finish, names};
use crate::nbi::{Fault, Nbi, Options, PASSWORD, PROJECT, USER};
use crate::osm::{add_vnf, onboard, osm, tree};

const POST: &str = "/vnf_packages_content";

#[test]
fn a_token_that_ends_is_renewed() {
    let tree = tree();
    for token_lasts in [1, 2, 3, 5] {
        let nbi = Nbi::start(Options {
            token_lasts,
            ..Options::default()
        });
        onboard(&tree, &nbi, &[]).code(0);
        assert_eq!(nbi.has().len(), 4);
        let log = nbi.take_log();
        let logins = log.iter().filter(|one| one.path.ends_with("/tokens"));
        assert!(logins.count() > 1);
        let refused = log.iter().filter(|one| one.status == 401);
        assert!(refused.count() > 0);
    }
}

/// Somebody who looks at a log sees at once why nothing happens, and only once.
#[test]
fn what_is_tried_again_is_told_once() {
    let (tree, nbi) = (tree(), Nbi::plain());
    let refused = "http://127.0.0.1:1";
    let run = osm(&tree, &nbi, &["status", "--osm", refused, "--retries", "2"]).code(6);
    let told = "warning: failed to log in as `operator` at `127.0.0.1:1`: Connection refused";
    assert_eq!(run.stderr.matches(told).count(), 1, "{}", run.stderr);
    run.says("; trying again, 2 times at most (`--retries`)\n");
    let run = osm(&tree, &nbi, &["status", "--osm", refused, "--retries", "0"]).code(6);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    // What goes well in the end has been told of as well.
    nbi.fault("GET", "/vnf_packages", 0, Fault::Status(503));
    nbi.fault("GET", "/ns_descriptors", 0, Fault::Status(503));
    let run = osm(&tree, &nbi, &["status"]).code(0);
    assert_eq!(
        run.stderr.matches("trying again").count(),
        1,
        "{}",
        run.stderr
    );
    run.says("503").says("; trying again, once (`--retries`)\n");
}

/// Once more than is asked for, whatever the question was.
#[test]
fn a_login_is_not_tried_again_by_each_question() {
    let (tree, nbi) = (tree(), Nbi::plain());
    for _ in 0..20 {
        nbi.fault("POST", "/tokens", 0, Fault::Status(503));
    }
    osm(&tree, &nbi, &["status", "--retries", "2"]).code(6);
    assert_eq!(nbi.take_log().len(), 3);
    onboard(&tree, &nbi, &["--two-steps", "--retries", "1"]).code(6);
    assert_eq!(nbi.take_log().len(), 2);
}

/// An NBI that stumbles over a question, as over a database that is not there for a moment.
#[test]
fn what_osm_falls_over_once_is_asked_again() {
    let (tree, nbi) = (tree(), Nbi::plain());
    let fell = || Fault::Refused(500, "connection pool paused".to_owned());
    // The first look, and the one after it has come.
    nbi.fault("GET", "/vnf_packages", 0, fell());
    nbi.fault("GET", "", 2, fell());
    onboard(&tree, &nbi, &["y_vnf"]).code(0);
    assert_eq!(nbi.has().len(), 1);
    nbi.fault("GET", "/vnf_packages", 0, fell());
    nbi.fault("DELETE", "", 0, fell());
    osm(&tree, &nbi, &["offboard", "y_vnf"]).code(0);
    assert_eq!(nbi.has(), [""; 0]);
    // Over and over again it is an answer.
    for _ in 0..4 {
        nbi.fault("GET", "/vnf_packages", 0, fell());
    }
    osm(&tree, &nbi, &["status"])
        .code(2)
        .says("connection pool paused");
}

/// An NBI that has taken a package and falls over what it does then: nothing is left behind.
#[test]
fn what_osm_falls_behind_is_found_there() {
    let tree = tree();
    for (path, two_steps) in [(POST, false), ("/package_content", true)] {
        let nbi = Nbi::plain();
        let method = if two_steps { "PUT" } else { "POST" };
        nbi.fault(method, path, 0, Fault::Falls);
        let args = ["y_vnf", "--two-steps"];
        let args = if two_steps { &args[..] } else { &args[..1] };
        let run = onboard(&tree, &nbi, args).code(0);
        assert!(
            run.stdout.contains("sent, and found there"),
            "{}",
            run.stdout
        );
        assert_eq!(nbi.has(), ["vnfd y_vnf ONBOARDED 1"]);
    }
    let nbi = Nbi::plain();
    nbi.fault("POST", "/ns_descriptors_content", 0, Fault::Falls);
    nbi.fault(
        "POST",
        "/netslice_templates_content",
        0,
        Fault::Refused(422, "no".to_owned()),
    );
    onboard(&tree, &nbi, &[]).code(2);
    assert_eq!(nbi.has(), [""; 0]);
}

/// Answers that no NBI gives are told as that, and not as nothing.
#[test]
fn what_is_no_resource_and_no_token_is_told() {
    let (tree, nbi) = (tree(), Nbi::plain());
    nbi.fault("GET", "/vnf_packages", 0, Fault::Says("[1, {\"id\": 5}]"));
    osm(&tree, &nbi, &["status"])
        .code(2)
        .says("answers with a list of something else than resources");
    let nbi = Nbi::start(Options {
        token: Some(serde_json::json!({ "id": "a\r\nb" })),
        ..Options::default()
    });
    osm(&tree, &nbi, &["status"])
        .code(2)
        .says("gives a token that no request can carry");
}

#[test]
fn a_token_that_never_holds_ends_the_command() {
    let (tree, nbi) = (
        tree(),
        Nbi::start(Options {
            token_lasts: 0,
            ..Options::default()
        }),
    );
    onboard(&tree, &nbi, &["y_vnf"]).code(4).says(
        "does not allow `operator` to look for the VNFD `y_vnf` (401 Unauthorized: Expired Token",
    );
}

#[test]
fn who_is_not_let_in_is_told_and_no_password_is_shown() {
    let (tree, nbi) = (tree(), Nbi::plain());
    for (name, value) in [("OSM_PASSWORD", "wrong-word-77"), ("OSM_PROJECT", "other")] {
        let mut command = tree.command();
        command.args([
            "onboard",
            "y_vnf",
            "--osm",
            &nbi.url(),
            "--retries",
            "0",
            "-v",
        ]);
        command.env("OSM_USER", USER).env("OSM_PROJECT", PROJECT);
        command.env("OSM_PASSWORD", PASSWORD).env(name, value);
        let run = crate::common::run(&mut command).code(4);
        assert!(!run.stderr.contains("wrong-word-77"), "{}", run.stderr);
        run.says("does not let `operator` into the project `");
    }
    let mut command = tree.command();
    command.args(["onboard", "y_vnf", "--osm", &nbi.url()]);
    crate::common::run(command.env_remove("OSM_PASSWORD"))
        .code(2)
        .says("set `OSM_PASSWORD`, or give `--password-stdin`");
    assert_eq!(nbi.has(), [""; 0]);
}

#[test]
fn who_has_to_do_more_than_log_in_is_told() {
    let (tree, nbi) = (tree(), Nbi::plain());
    for (answer, words) in [
        (
            serde_json::json!({ "id": "t", "message": "change_password" }),
            "only after the password is changed, which has expired",
        ),
        (
            serde_json::json!({ "otp": "invalid" }),
            "only after a one-time password",
        ),
        (serde_json::json!({}), "gives no token; is it an NBI?"),
    ] {
        nbi.options(|options| options.token = Some(answer));
        let run = onboard(&tree, &nbi, &["y_vnf"]).says(words);
        assert!(matches!(run.status, Some(2 | 4)), "{:?}", run.status);
    }
}

#[test]
fn a_password_may_come_from_standard_input() {
    let (tree, nbi) = (tree(), Nbi::plain());
    for args in [
        &["onboard", "y_vnf"][..],
        &["status"],
        &["offboard", "y_vnf"],
    ] {
        let mut command = tree.command();
        command
            .args(args)
            .args(["--password-stdin", "--osm", &nbi.url()]);
        command.args(["--user", USER, "--project", PROJECT]);
        command.env_remove("OSM_PASSWORD").stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program");
        let mut input = child.stdin.take().expect("a pipe");
        std::io::Write::write_all(&mut input, format!("{PASSWORD}\n").as_bytes()).expect("input");
        drop(input);
        let output = finish(child, std::time::Duration::from_secs(60));
        assert!(output.status.success(), "{output:?}");
    }
    let args = [
        "onboard",
        "--store",
        "http://127.0.0.1:1",
        "--password-stdin",
    ];
    tree.nfv(&args).code(2).says("a Store knows no password");
}

#[test]
fn a_lost_answer_makes_no_duplicate() {
    let tree = tree();
    for fault in [
        Fault::AnswerLost,
        Fault::StatusInstead(504),
        Fault::StatusInstead(500),
    ] {
        let nbi = Nbi::plain();
        nbi.fault("POST", POST, 0, fault);
        let run = onboard(&tree, &nbi, &["y_vnf"]).code(0);
        assert!(
            run.stdout.contains("sent, and found there, as 5c0e"),
            "{}",
            run.stdout
        );
        assert_eq!(
            nbi.take_changes(),
            ["POST vnfpkgm/vnf_packages_content 201"]
        );
        assert_eq!(nbi.has(), ["vnfd y_vnf ONBOARDED 1"]);
    }
}

#[test]
fn what_did_not_arrive_is_sent_again() {
    let tree = tree();
    for fault in [Fault::Reset, Fault::Status(503), Fault::Damaged] {
        let nbi = Nbi::plain();
        nbi.fault("POST", POST, 0, fault);
        onboard(&tree, &nbi, &["y_vnf"]).code(0);
        assert_eq!(nbi.has(), ["vnfd y_vnf ONBOARDED 1"]);
    }
}

#[test]
fn one_that_arrives_late_is_known_again() {
    let (tree, nbi) = (tree(), Nbi::plain());
    // Nobody answers in time, and at first it is in no list.
    nbi.options(|options| options.hidden = 4);
    nbi.fault("POST", POST, 0, Fault::AnswerLost);
    let run = onboard(&tree, &nbi, &["y_vnf", "--retries", "3"]).code(0);
    assert!(
        run.stdout.contains("sent, and found there, as 5c0e"),
        "{}",
        run.stdout
    );
    assert_eq!(
        nbi.take_changes(),
        [
            "POST vnfpkgm/vnf_packages_content 201",
            "POST vnfpkgm/vnf_packages_content 409",
        ]
    );
    assert_eq!(nbi.has(), ["vnfd y_vnf ONBOARDED 1"]);
}

#[test]
fn nobody_knows_what_became_of_it_and_the_next_run_does() {
    let (tree, nbi) = (tree(), Nbi::plain());
    for _ in 0..2 {
        nbi.fault("POST", POST, 0, Fault::Reset);
    }
    onboard(&tree, &nbi, &["y_vnf"])
        .code(6)
        .says("it is not known what became of `y_vnf`")
        .says("run the same command again later");
    assert_eq!(nbi.has(), [""; 0]);
    onboard(&tree, &nbi, &["y_vnf"]).code(0).says("1 new");
}

#[test]
fn two_steps_as_sol005_has_them() {
    let (tree, nbi) = (tree(), Nbi::plain());
    onboard(&tree, &nbi, &["--two-steps"]).code(0);
    assert_eq!(
        nbi.take_changes(),
        [
            "POST vnfpkgm/vnf_packages 201",
            "PUT vnfpkgm/vnf_packages/KEY/package_content 204",
            "POST vnfpkgm/vnf_packages 201",
            "PUT vnfpkgm/vnf_packages/KEY/package_content 204",
            "POST nsd/ns_descriptors 201",
            "PUT nsd/ns_descriptors/KEY/nsd_content 204",
            "POST nst/netslice_templates 201",
            "PUT nst/netslice_templates/KEY/nst_content 204",
        ]
    );
}

#[test]
fn neither_of_the_two_steps_is_made_twice() {
    let tree = tree();
    for (method, path, fault) in [
        ("POST", "/vnf_packages", Fault::AnswerLost),
        ("POST", "/vnf_packages", Fault::StatusInstead(502)),
        ("PUT", "/package_content", Fault::AnswerLost),
        ("PUT", "/package_content", Fault::StatusInstead(504)),
        ("PUT", "/package_content", Fault::Status(503)),
    ] {
        let nbi = Nbi::plain();
        nbi.fault(method, path, 0, fault.clone());
        onboard(&tree, &nbi, &["y_vnf", "--two-steps"]).code(0);
        assert_eq!(nbi.has(), ["vnfd y_vnf ONBOARDED 1"], "{method} {fault:?}");
    }
    // An empty one that was left is filled, also by a run that would take one step.
    for args in [&["y_vnf", "--two-steps"][..], &["y_vnf"]] {
        let nbi = Nbi::plain();
        for _ in 0..2 {
            nbi.fault("PUT", "/package_content", 0, Fault::Reset);
            nbi.fault("DELETE", "", 0, Fault::Status(503));
        }
        onboard(&tree, &nbi, &["y_vnf", "--two-steps"]).code(6);
        assert_eq!(nbi.has(), ["vnfd - CREATED 0"]);
        onboard(&tree, &nbi, args).code(0);
        assert_eq!(nbi.has(), ["vnfd y_vnf ONBOARDED 1"], "{args:?}");
    }
}

#[test]
fn what_is_refused_in_two_steps_leaves_nothing_empty() {
    let (tree, nbi) = (tree(), Nbi::plain());
    nbi.fault(
        "PUT",
        "/package_content",
        0,
        Fault::Refused(400, "'df'".to_owned()),
    );
    onboard(&tree, &nbi, &["y_vnf", "--two-steps"]).code(1);
    assert_eq!(nbi.has(), [""; 0]);
}

/// A package of more than two MiB that no compression makes smaller.
fn large() -> Tree {
    let tree = Tree::new();
    add_vnf(&tree, "large_vnf");
    let mut bytes = vec![0; 5 << 19];
    let mut state = 88_172_645_463_325_252_u64;
    for byte in &mut bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *byte = state.to_le_bytes()[0];
    }
    tree.file("large_vnf/images/disk.img", bytes);
    tree
}

const LARGE: [&str; 4] = ["-A", "all", "--chunk-size", "1"];

#[test]
fn a_large_package_goes_in_pieces() {
    let tree = large();
    let keeps = Options {
        forgets_pieces: false,
        ..Options::default()
    };
    let nbi = Nbi::start(keeps.clone());
    onboard(&tree, &nbi, &LARGE).code(0);
    let log = nbi.take_log();
    let pieces: Vec<_> = log.iter().filter(|one| one.method == "PUT").collect();
    let size = fs::metadata(tree.path("target/nfv/packages/large_vnf-1.0.tar.gz"));
    let size = size.expect("a package").len();
    let ranges: Vec<&str> = pieces
        .iter()
        .map(|one| one.headers["content-range"].as_str())
        .collect();
    assert_eq!(
        ranges,
        [
            format!("bytes 0-1048575/{size}"),
            format!("bytes 1048576-2097151/{size}"),
            format!("bytes 2097152-{}/{size}", size - 1),
        ]
    );
    assert!(pieces.iter().all(|one| one.status == 204));
    assert_eq!(pieces[0].length, 1 << 20);
    assert_eq!(nbi.has(), ["vnfd large_vnf ONBOARDED 1"]);
    // A piece that arrived is not sent again.
    for fault in [Fault::AnswerLost, Fault::Reset, Fault::Status(503)] {
        for after in 0..3 {
            let nbi = Nbi::start(keeps.clone());
            nbi.fault("PUT", "/package_content", after, fault.clone());
            let run = onboard(&tree, &nbi, &LARGE);
            assert_eq!(run.status, Some(0), "{after} {fault:?}: {}", run.stderr);
            assert_eq!(
                nbi.has(),
                ["vnfd large_vnf ONBOARDED 1"],
                "{after} {fault:?}"
            );
        }
    }
}

#[test]
fn where_pieces_are_forgotten_the_whole_goes() {
    let (tree, nbi) = (large(), Nbi::plain());
    add_vnf(&tree, "other_vnf");
    onboard(&tree, &nbi, &LARGE).code(0);
    assert_eq!(
        nbi.take_changes(),
        [
            "POST vnfpkgm/vnf_packages 201",
            "PUT vnfpkgm/vnf_packages/KEY/package_content 204",
            "PUT vnfpkgm/vnf_packages/KEY/package_content 404",
            "PUT vnfpkgm/vnf_packages/KEY/package_content 204",
            "POST vnfpkgm/vnf_packages_content 201",
        ]
    );
    assert_eq!(nbi.has().len(), 2);
}

#[test]
fn what_is_too_large_for_a_proxy_is_told() {
    let (tree, nbi) = (tree(), Nbi::plain());
    nbi.fault("POST", POST, 0, Fault::Status(413));
    onboard(&tree, &nbi, &["y_vnf"])
        .code(2)
        .says("something between takes no request that large")
        .says("`--chunk-size` (in MiB) sends the package in pieces");
}

#[test]
fn what_is_no_osm_is_told_before_anything_is_sent() {
    let (tree, nbi) = (tree(), Nbi::plain());
    let url = nbi.url();
    let top = url.trim_end_matches("/osm");
    osm(
        &tree,
        &nbi,
        &["onboard", "y_vnf", "--osm", &format!("{top}/elsewhere")],
    )
    .code(3)
    .says("there is no OSM at")
    .says("it has no `/admin/v1/tokens`");
    let there = "https://elsewhere.example.org:8443/osm2/vnfpkgm/v1/vnf_packages?t=s3cret";
    let there = Fault::Moved(there.to_owned());
    nbi.fault("GET", "/vnf_packages", 0, there);
    let run = onboard(&tree, &nbi, &["y_vnf"])
        .code(2)
        .says("leads on to `https://elsewhere.example.org:8443/osm2`; name the address");
    assert!(!run.stderr.contains("s3cret"));
    nbi.fault("GET", "/vnf_packages", 0, Fault::Status(503));
    onboard(&tree, &nbi, &["y_vnf"]).code(0);
    osm(
        &tree,
        &nbi,
        &["onboard", "y_vnf", "--osm", "http://127.0.0.1:1"],
    )
    .code(6);
    osm(&tree, &nbi, &["onboard", "--osm", "https://me:s3cret@nbi"])
        .code(2)
        .says("`--osm` names no OSM: it holds a user name or password");
    let mut command = tree.command();
    crate::common::run(command.arg("onboard").env_remove("OSM_HOSTNAME"))
        .code(2)
        .says("`--osm <URL>` or `OSM_HOSTNAME` names OSM, or `--store <URL>` a Store");
    let both = ["onboard", "--osm", "https://nbi", "--store", "http://store"];
    osm(&tree, &nbi, &both).code(2);
}

/// Runs of `status` at a server with a certificate of its own making.
fn at_a_server(extension: &str, flags: [&[&str]; 3]) -> Option<[Run; 3]> {
    let openssl = crate::common::tool("openssl")?;
    let (tree, nbi) = (tree(), Nbi::plain());
    let mut make = Command::new(&openssl);
    make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj"]);
    make.args(["/CN=nbi", "-addext", "subjectAltName=IP:127.0.0.1"]);
    make.args(["-addext", extension]);
    make.args(["-keyout", "tls.key", "-out", "tls.crt"]);
    crate::common::sh(make.current_dir(&tree.root));
    let place = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("the port").to_string()
    };
    let mut serve = Command::new(&openssl);
    serve.args(["s_server", "-quiet", "-key", "tls.key", "-cert", "tls.crt"]);
    serve
        .args(["-accept", &place])
        .current_dir(&tree.root)
        .stdin(Stdio::null());
    let quiet = serve.stdout(Stdio::null()).stderr(Stdio::null());
    let mut server = quiet.spawn().expect("a server");
    while std::net::TcpStream::connect(&place).is_err() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let status = |more: &[&str]| {
        let args = [
            "status",
            "--osm",
            &place,
            "--timeout",
            "1",
            "--retries",
            "0",
        ];
        osm(&tree, &nbi, &[&args[..], more].concat())
    };
    let runs = flags.map(status);
    server.kill().expect("the server can be ended");
    server.wait().expect("the server ends");
    Some(runs)
}

#[test]
fn certificates_are_looked_at() {
    let own: [&[&str]; 3] = [&[], &["--ca-file", "tls.crt"], &["--insecure"]];
    let Some(runs) = at_a_server("basicConstraints=critical,CA:FALSE", own) else {
        return;
    };
    let [strict, trusting, careless] = runs;
    let refused = "`--ca-file` names the certificate";
    strict.code(6).says(refused);
    // They were let in, where nobody says anything.
    for run in [trusting, careless] {
        assert!(!run.stderr.contains(refused), "{}", run.stderr);
        run.code(6);
    }
    // One that is for issuing others is taken where it is named itself.
    let Some(runs) = at_a_server("basicConstraints=critical,CA:TRUE", own) else {
        return;
    };
    let [strict, trusting, careless] = runs;
    let issuing = "it shows a certificate that is one for issuing others";
    strict.code(6).says(issuing);
    for run in [trusting, careless] {
        assert!(!run.stderr.contains(issuing), "{}", run.stderr);
    }
}

#[test]
fn a_password_in_clear_is_told() {
    let (tree, nbi) = (tree(), Nbi::plain());
    // The same server, under an address that does not say that it is on this machine.
    let url = nbi.url().replace("127.0.0.1", "0.0.0.0");
    osm(&tree, &nbi, &["status", "--osm", &url])
        .code(0)
        .says("the password goes to `0.0.0.0:")
        .says("name an address with `https://`");
    let run = osm(&tree, &nbi, &["status"]).code(0);
    assert!(!run.stderr.contains("the password goes"), "{}", run.stderr);
}

#[test]
fn a_dry_run_sends_nothing_and_leaves_nothing() {
    let (tree, nbi) = (tree(), Nbi::plain());
    let run = onboard(&tree, &nbi, &["--dry-run"]).code(0);
    assert_eq!(run.stdout.matches("would be sent").count(), 4);
    assert_eq!(nbi.take_changes(), [""; 0]);
    assert!(!tree.path("target").exists());
    let left = names(&tree.root).into_iter();
    assert_eq!(left.filter(|name| name.ends_with(".gz")).count(), 0);
}

#[test]
fn curl_and_this_program_send_the_same() {
    let Some(curl) = crate::common::tool("curl") else {
        return;
    };
    let tree = tree();
    let (theirs, ours) = (Nbi::plain(), Nbi::plain());
    onboard(&tree, &ours, &[]).code(0);
    let curl = |args: &[&str]| {
        let mut command = Command::new(&curl);
        command
            .args(["--silent", "--fail", "--noproxy", "*"])
            .args(args);
        crate::common::run(command.current_dir(&tree.root))
            .code(0)
            .stdout
    };
    let login = format!(
        "{{\"username\": \"{USER}\", \"password\": \"{PASSWORD}\", \"project_id\": \"{PROJECT}\"}}"
    );
    let json = "Content-Type: application/json";
    let tokens = format!("{}/admin/v1/tokens", theirs.url());
    let token = curl(&["-H", json, "-d", &login, &tokens]);
    let token: serde_json::Value = serde_json::from_str(&token).expect("JSON");
    let bearer = format!(
        "Authorization: Bearer {}",
        token["id"].as_str().expect("a token")
    );
    for (path, package) in [
        ("vnfpkgm/v1/vnf_packages_content", "y_vnf-1.0.tar.gz"),
        ("vnfpkgm/v1/vnf_packages_content", "z_vnf-1.0.tar.gz"),
        ("nsd/v1/ns_descriptors_content", "m_ns-1.0.tar.gz"),
        ("nst/v1/netslice_templates_content", "a_nst.tar.gz"),
    ] {
        let data = format!("@target/nfv/packages/{package}");
        let url = format!("{}/{path}", theirs.url());
        let gzip = "Content-Type: application/gzip";
        curl(&["-H", &bearer, "-H", gzip, "--data-binary", &data, &url]);
    }
    assert_eq!(theirs.has(), ours.has());
    for id in ["y_vnf", "z_vnf", "m_ns", "a_nst"] {
        assert_eq!(theirs.file(id), ours.file(id));
    }
    // What curl has sent is known again.
    onboard(&tree, &theirs, &[])
        .code(0)
        .says("0 new, 4 already there");
}

/// To OSM's client an empty variable is none; systems of CI set what nobody has given so.
#[test]
fn an_empty_variable_is_none() {
    let (tree, nbi) = (tree(), Nbi::plain());
    let status = |user: &str, project: &str| {
        let mut command = tree.command();
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            command.env_remove(name);
        }
        command.env("OSM_HOSTNAME", nbi.url());
        command.env("OSM_USER", user).env("OSM_PROJECT", project);
        command.env("OSM_PASSWORD", PASSWORD).arg("status");
        crate::common::run(&mut command)
    };
    status("", "").code(0);
    status("somebody", "").code(4).says("`somebody`");
    status("", "nowhere").code(4).says("`nowhere`");
}
