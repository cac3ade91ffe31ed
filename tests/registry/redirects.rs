//! Registries that send their clients elsewhere for blobs, where something goes
//! wrong: whoever reads of it learns where that was, and nothing that lets them in.

use std::fs;
use std::time::Duration;

use crate::common::{Run, run};
use crate::double::{Auth, Fault, Options, PASSWORD, Registry, USER};
use crate::{json, nfv_in, publish, tree};

const ALL: usize = usize::MAX;

/// A query that lets anybody in, as storages sign it.
const SIGNED: &str = "X-Amz-Signature=hush";

/// Pulls a package whose layer lies at another address, with credentials for the
/// registry.
fn pull(to: &dyn Fn(&str, &[u8]) -> String) -> Run {
    let tree = tree();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    publish(&tree, &place, &["-q"]).code(0);
    let (_, manifest) = registry.manifest("edge/tiny_vnf", "1.0").expect("manifest");
    let layer = json(&manifest)["layers"][0]["digest"].clone();
    let layer = layer.as_str().expect("a digest");
    let bytes = fs::read(registry.blob("edge/tiny_vnf", layer).expect("blob")).expect("blob");
    let to = format!("{}?{SIGNED}", to(layer, &bytes));
    registry.faults("GET", layer, 0, ALL, Fault::Redirect(to));
    let reference = format!("{place}/tiny_vnf:1.0");
    let soon = ["-d", "in", "--retries", "0", "--timeout", "1"];
    let mut command = nfv_in(&tree, &[&["pull", &reference][..], &soon].concat());
    command.env("NFV_REGISTRY", registry.host());
    command.env("NFV_REGISTRY_USERNAME", USER);
    command.env("NFV_REGISTRY_PASSWORD", PASSWORD);
    run(&mut command)
}

#[test]
fn where_it_failed_is_named_and_no_more_of_the_address() {
    let storage = Registry::plain();
    let there = storage.host();
    let led = format!("that was at `{there}`, to which the registry leads");
    let at = |layer: &str, bytes: &[u8]| {
        storage.put_blob("blobs", bytes);
        format!("http://{there}/v2/blobs/blobs/{layer}")
    };
    for (fault, code) in [
        (Fault::Status(403, None), 4),
        (Fault::Status(404, None), 3),
        (Fault::Status(400, None), 2),
        (Fault::Status(503, None), 6),
        (Fault::ResetAnswer(10), 6),
        (Fault::Stall(Duration::from_secs(3)), 6),
    ] {
        let name = format!("{fault:?}");
        storage.faults("GET", "/v2/blobs/", 0, ALL, fault);
        let pulled = pull(&at);
        assert_eq!(pulled.status, Some(code), "{name}\n{}", pulled.stderr);
        let text = &pulled.stderr;
        assert!(
            text.contains(&led) && !text.contains("hush"),
            "{name}\n{text}"
        );
        storage.clear_faults();
    }
    for (at, says) in [
        ("127.0.0.1:1", "`127.0.0.1:1`, to which the registry leads"),
        (
            "nowhere.invalid",
            "`nowhere.invalid`, to which the registry leads",
        ),
    ] {
        let pulled = pull(&|layer, _| format!("http://{at}/{layer}")).code(6);
        let pulled = pulled.says(says);
        assert!(!pulled.stderr.contains("hush"), "{}", pulled.stderr);
    }
}

/// What another host wants to know is no business of the registry's credentials, and
/// they would not get there.
#[test]
fn nobody_logs_in_where_a_registry_leads() {
    let storage = Registry::start(Options {
        auth: Auth::Bearer { uses: ALL },
        ..Options::default()
    });
    let there = storage.host();
    let pulled = pull(&|layer, _| format!("http://{there}/v2/blobs/blobs/{layer}")).code(4);
    let pulled = pulled.says("does not allow to read the blob").says(&there);
    assert!(!pulled.stderr.contains("login"), "{}", pulled.stderr);
    let log = storage.take_log();
    assert!(log.iter().all(|r| r.authorization.is_none()), "{log:#?}");
    assert!(log.iter().all(|r| r.path.starts_with("/v2/")), "{log:#?}");
}

/// What is not followed says where it led.
#[test]
fn where_it_leads_that_is_not_followed() {
    let pulled = pull(&|layer, _| format!("file:///blobs/{layer}")).code(2);
    pulled.says("307 Temporary Redirect; it leads to an address with `file:`");
    let tree = tree();
    let registry = Registry::plain();
    let place = format!("oci://{}/edge", registry.host());
    let upload = "/blobs/uploads/upload-";
    for (to, says) in [
        ("http://nowhere.invalid/x?hush", "to `nowhere.invalid`,"),
        ("/v2/other?hush", "to another address of its own,"),
    ] {
        registry.faults("PUT", upload, 0, ALL, Fault::Redirect(to.to_owned()));
        let run = publish(&tree, &place, &["--retries", "0"]).code(2);
        let run = run.says(&format!("307 Temporary Redirect; it leads {says}"));
        assert!(!run.stderr.contains("hush"), "{}", run.stderr);
        registry.clear_faults();
    }
}

/// A token service that fails is not the registry.
#[test]
fn a_token_service_elsewhere_is_named() {
    let service = Registry::plain();
    let realm = format!("http://{}/token", service.host());
    for (realm, code, says) in [
        (realm, 6, "answered 500 Internal Server Error"),
        (
            "http://127.0.0.1:1/token".to_owned(),
            6,
            "failed to get a token",
        ),
    ] {
        service.faults("GET", "/token", 0, ALL, Fault::Status(500, None));
        let at = realm.split('/').nth(2).expect("a host").to_owned();
        let registry = Registry::start(Options {
            auth: Auth::Realm(realm),
            ..Options::default()
        });
        let reference = format!("oci://{}/edge/tiny_ns:1.0", registry.host());
        let inspect = ["inspect", &*reference, "--retries", "0"];
        let run = run(&mut nfv_in(&tree(), &inspect)).code(code);
        run.says(says).says(&format!(
            "that was at `{at}`, the token service that the registry names"
        ));
    }
}
