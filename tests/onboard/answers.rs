//! The answers of the Store, which mislead, and what is said of them.

use std::process::Command;

use serde_json::json;

use crate::common::{Run, Tree};
use crate::double::{Double, Fault, Orchestrator};
use crate::{NS, VNSF, built, onboard, outcomes};

fn ready(tree: &Tree, store: &Double) {
    onboard(tree, &store.url(), &[VNSF]).code(0);
    store.take_log();
}

#[test]
fn an_orchestrator_that_refuses_looks_like_a_gateway() {
    let tree = built();
    let store = Double::plain();
    store.orchestrator(Orchestrator::Refuses);
    onboard(&tree, &store.url(), &[VNSF])
        .code(2)
        .says("did not take `tiny_vnf-")
        .says("the orchestrator refuses the package inside")
        .says("428 Precondition Required: Can not onboard the package into the vNFSO")
        .says("(ONBOARDING_ISSUE)");
    store.orchestrator(Orchestrator::Takes);
    ready(&tree, &store);
    store.orchestrator(Orchestrator::Refuses);
    onboard(&tree, &store.url(), &[NS])
        .code(2)
        .says("the orchestrator refuses the package inside")
        .says("502 Bad Gateway");
}

#[test]
fn an_orchestrator_that_is_away_is_a_matter_of_time() {
    let tree = built();
    let store = Double::plain();
    store.orchestrator(Orchestrator::Away);
    let run = onboard(&tree, &store.url(), &[]).code(6);
    assert!(run.stdout.contains("failed\n") && run.stdout.contains("not sent\n"));
    run.says("it does not reach its orchestrator")
        .says("VNSFO_UNREACHABLE")
        .says("0 new, 2 not, 0 already there");
    // One try: what was sent is not sent again by itself.
    assert_eq!(store.take_uploads().len(), 1);
}

#[test]
fn codes_without_a_word_are_explained() {
    let tree = built();
    let store = Double::plain();
    ready(&tree, &store);
    for (status, code, words) in [
        (406, 2, "lacks the manifest"),
        (412, 2, "no gzip-compressed tar"),
        (413, 2, "too large for something in front of it"),
        (418, 2, "the orchestrator refuses the package inside"),
        (422, 2, "can't read the descriptor, or misses a function"),
        (428, 2, "the orchestrator refuses it or is away"),
        (429, 6, "did not let the package through"),
        (500, 2, "stumbled over something"),
        (401, 4, "asks for credentials (401 Unauthorized)"),
        (403, 4, "asks for credentials (403 Forbidden)"),
    ] {
        store.fault("POST", Fault::Status(status));
        onboard(&tree, &store.url(), &[NS]).code(code).says(words);
        assert_eq!(store.take_uploads().len(), 1, "{status}");
    }
}

#[test]
fn a_function_that_goes_meanwhile_is_named_by_its_issue() {
    let tree = built();
    let store = Double::plain();
    store.put("vnsfs", json!({ "vnsf_id": "other" }));
    // The first upload is lost by the Store, which says that it has it.
    let has_it = json!({ "_id": "5c00", "_status": "OK" });
    store.fault("POST", Fault::Says(201, has_it));
    let run = onboard(&tree, &store.url(), &["--message-format", "json"]).code(2);
    let lines = outcomes(&run);
    assert_eq!(lines[0]["state"], "sent");
    assert_eq!(lines[1]["state"], "failed");
    let refusal = &lines[1]["refusal"];
    assert_eq!(refusal["status"], 422);
    assert_eq!(refusal["issue"], "MISSING_VNSF_DEPENDENCY");
    assert_eq!(refusal["message"], "NS Dependency not available");
    assert!(refusal["advice"].is_string() && refusal["means"].is_string());
    run.says("a function of the service is not there any more");
}

/// A code of success around something else: the Store is asked.
#[test]
fn an_answer_that_tells_of_no_record_is_not_believed() {
    let tree = built();
    let error = json!({ "_status": "ERR", "_issues": { "vnsf_id": "value is not unique" } });
    for document in [
        json!(null),
        json!({}),
        error,
        json!({ "_id": "5c00", "_status": "ERR" }),
    ] {
        let store = Double::plain();
        store.fault("POST", Fault::SaysInstead(201, document.clone()));
        let run = onboard(&tree, &store.url(), &[VNSF]).code(0);
        assert!(
            run.stdout.contains("sent, and found there"),
            "{}",
            run.stdout
        );
        let store = Double::plain();
        store.fault("POST", Fault::Says(201, document));
        onboard(&tree, &store.url(), &[VNSF])
            .code(6)
            .says("it is not known what became of `tiny_vnf-");
        assert_eq!(store.take_uploads().len(), 1);
    }
}

/// Somebody else's upload of the same package was faster: the Store says so last.
#[test]
fn what_came_meanwhile_is_there() {
    let tree = built();
    let taken =
        json!({ "_status": "ERR", "_issues": { "vnsf_id": "value 'tiny_vnf' is not unique" } });
    let store = Double::plain();
    store.fault("POST", Fault::SaysInstead(422, taken.clone()));
    let run = onboard(&tree, &store.url(), &[VNSF, "--message-format", "json"]).code(0);
    assert_eq!(outcomes(&run)[0]["state"], "there");
    assert_eq!(store.take_uploads().len(), 1);
    // What is there under that id is another one.
    let other = json!({
        "vnsf_id": "tiny_vnf",
        "manifest": { "manifest:vnsf": { "hash": "00" } },
    });
    let store = Double::plain();
    store.fault("POST", Fault::Says(422, taken));
    store.put("vnsfs", other);
    store.fault("GET", Fault::Says(200, json!({ "_items": [] })));
    onboard(&tree, &store.url(), &[VNSF])
        .code(2)
        .says("it has another record of that id or name");
}

#[test]
fn a_list_without_end_is_left() {
    let tree = built();
    let store = Double::plain();
    let page =
        json!({ "_items": [{ "vnsf_id": "other" }], "_links": { "next": { "href": "vnsfs" } } });
    for _ in 0..3 {
        store.fault("GET", Fault::Says(200, page.clone()));
    }
    onboard(&tree, &store.url(), &[VNSF])
        .code(2)
        .says("gives the same page again and again");
    assert_eq!(store.take_log().len(), 2);
}

/// What our own checks would not let through, sent all the same.
fn curl(tree: &Tree, store: &Double, shelf: &str, form: &[&str]) -> Option<Run> {
    let curl = crate::common::tool("curl")?;
    let mut command = Command::new(curl);
    command.args([
        "--silent",
        "--noproxy",
        "*",
        "--write-out",
        "\n%{http_code}",
    ]);
    for part in form {
        command.args(["-F", part]);
    }
    command.arg(format!("{}/{shelf}", store.url()));
    Some(crate::common::run(command.current_dir(&tree.root)))
}

#[test]
fn the_double_answers_as_the_store_did() {
    let tree = built();
    let store = Double::plain();
    tree.file("plain.tar", "no archive");
    let inner = "package=@target/nfv/packages/tiny_vnf-1.0.tar.gz";
    let (vnsf, ns) = (format!("package=@{VNSF}"), format!("package=@{NS}"));
    for (shelf, form, expected) in [
        (
            "nss",
            &[ns.as_str()][..],
            "NS Dependency not available\"},\"_status\":\"ERR\"}\n422",
        ),
        ("vnsfs", &["other=1"], "\n500"),
        ("vnsfs", &["package=@plain.tar"], "\n412"),
        ("vnsfs", &[inner], "\n406"),
        ("vnsfs", &[&ns], "\n406"),
        ("vnsfs", &[&vnsf, "name=x"], "\n422"),
        ("vnsfs", &[&vnsf], "\n201"),
        ("vnsfs", &[&vnsf], "\n422"),
        ("nss", &[&ns], "\n201"),
    ] {
        let Some(run) = curl(&tree, &store, shelf, form) else {
            return;
        };
        assert!(run.stdout.ends_with(expected), "{form:?}: {}", run.stdout);
    }
}
