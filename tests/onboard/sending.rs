//! What arrives at the Store, in which order, and how often.

use std::fs;

use crate::common::names;
use crate::double::Double;
use crate::registry::Registry;
use crate::{NS, VNSF, add_ns, add_vnsf, built, digest, onboard, outcomes, tree};

fn uploads(store: &Double) -> Vec<String> {
    let uploads = store.take_uploads().into_iter();
    uploads
        .map(|(path, status, file)| format!("{path} {status} {file}"))
        .collect()
}

#[test]
fn functions_come_before_services_and_arrive_byte_for_byte() {
    let tree = built();
    let store = Double::plain();
    let run = onboard(&tree, &store.url(), &[NS, VNSF]).code(0);
    let (vnsf, ns) = (digest(&tree.path(VNSF)), digest(&tree.path(NS)));
    let expected = [format!("/vnsfs 201 {vnsf}"), format!("/nss 201 {ns}")];
    assert_eq!(uploads(&store), expected);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(
        lines[0].starts_with("vNSF  tiny_vnf 1.0") && lines[1].starts_with("NS    a_ns 1.0"),
        "{lines:?}"
    );
    assert!(lines[0].contains(&format!("sha256:{vnsf}  sent, as 5c")));
    let text = format!("2 new, 0 already there, at `{}`", store.url());
    run.says(&text);
}

#[test]
fn what_is_there_is_not_sent_again() {
    let tree = built();
    let store = Double::plain();
    onboard(&tree, &store.url(), &[]).code(0);
    assert_eq!(store.take_uploads().len(), 2);
    let run = onboard(&tree, &store.url(), &[]).code(0);
    assert_eq!(store.take_uploads().len(), 0);
    assert_eq!(run.stdout.matches("already there, as 5c").count(), 2);
    run.says("0 new, 2 already there");
    add_ns(&tree, "b_ns", "tiny_vnf");
    onboard(&tree, &store.url(), &[])
        .code(0)
        .says("1 new, 2 already there");
    assert_eq!(store.take_uploads()[0].0, "/nss");
    assert_eq!(store.orchestrated(), 3);
}

#[test]
fn the_tree_is_built_where_it_is_stale() {
    let tree = tree();
    let store = Double::plain();
    // Sources of the packages that are meant are enough.
    onboard(&tree, &store.url(), &["tiny_vnf_shield", "tiny_vnf"])
        .code(0)
        .says("1 new");
    onboard(&tree, &store.url(), &[]).code(0).says("1 new, 1");
    let all: Vec<String> = store.take_uploads().into_iter().map(|u| u.2).collect();
    assert_eq!(all, [digest(&tree.path(VNSF)), digest(&tree.path(NS))]);
}

#[test]
fn references_are_fetched_and_sent() {
    let tree = built();
    let store = Double::plain();
    let registry = Registry::plain();
    let edge = format!("oci://{}/edge", registry.host());
    tree.nfv(&["publish", &edge]).code(0);
    let (vnsf, ns) = (
        format!("{edge}/tiny_vnf-shield:1.0"),
        "oci:target/nfv/oci:a_ns-shield:1.0",
    );
    let run = onboard(&tree, &store.url(), &[ns, &vnsf]).code(0);
    let shown = vnsf.trim_start_matches("oci://");
    let json = onboard(&tree, &store.url(), &[&vnsf, "--message-format", "json"]).code(0);
    assert_eq!(outcomes(&json)[0]["path"], shown);
    let (vnsf, ns) = (digest(&tree.path(VNSF)), digest(&tree.path(NS)));
    let expected = [format!("/vnsfs 201 {vnsf}"), format!("/nss 201 {ns}")];
    assert_eq!(uploads(&store), expected);
    run.says("2 new");
    // What the layout has of the tree goes by its name alone.
    onboard(&tree, &store.url(), &["a_ns-shield:1.0"])
        .code(0)
        .says("0 new, 1 already there");
    onboard(&tree, &store.url(), &[&format!("{edge}/tiny_vnf:1.0")])
        .code(2)
        .says("no SHIELD package");
    onboard(&tree, &store.url(), &[&format!("{edge}/absent:1.0")]).code(3);
    let left = names(&tree.root).into_iter();
    assert_eq!(left.filter(|name| name.ends_with(".gz")).count(), 0);
}

#[test]
fn a_dry_run_sends_nothing_and_leaves_nothing() {
    let tree = tree();
    let store = Double::plain();
    let run = onboard(&tree, &store.url(), &["--dry-run"]).code(0);
    assert_eq!(run.stdout.matches("would be sent").count(), 2);
    let log = store.take_log();
    assert!(log.iter().all(|request| request.method == "GET"), "{log:?}");
    assert!(!log.is_empty() && !tree.path("target").exists());
    run.says("Would onboard 2 new, 0 already there");
}

#[test]
fn a_store_below_a_path_is_found() {
    let tree = built();
    let store = Double::start("/shield/store", false);
    onboard(&tree, &format!("{}/", store.url()), &[]).code(0);
    let paths: Vec<String> = store.take_uploads().into_iter().map(|u| u.0).collect();
    assert_eq!(paths, ["/shield/store/vnsfs", "/shield/store/nss"]);
}

#[test]
fn all_pages_are_looked_at_where_filters_are_switched_off() {
    let tree = built();
    let store = Double::start("", true);
    for i in 0..60 {
        store.put(
            "vnsfs",
            serde_json::json!({ "vnsf_id": format!("other_{i}") }),
        );
    }
    let last = serde_json::json!({ "vnsf_id": "tiny_vnf", "_id": "5cfe" });
    store.put("vnsfs", last);
    let run = onboard(&tree, &store.url(), &[]).code(0);
    assert!(
        run.stdout.contains("already there, as 5cfe"),
        "{}",
        run.stdout
    );
    assert_eq!(store.take_uploads().len(), 1);
}

#[test]
fn programs_get_a_line_of_json_for_each_package() {
    let tree = built();
    let store = Double::plain();
    let json = ["--message-format", "json"];
    let run = onboard(&tree, &store.url(), &[&json[..], &["--dry-run"]].concat()).code(0);
    let states: Vec<String> = outcomes(&run)
        .iter()
        .map(|l| l["state"].to_string())
        .collect();
    assert_eq!(states, ["\"planned\"", "\"planned\""]);
    let run = onboard(&tree, &store.url(), &json).code(0);
    let lines = outcomes(&run);
    assert_eq!(lines.len(), 2);
    let first = &lines[0];
    for (key, value) in [
        ("id", "tiny_vnf"),
        ("version", "1.0"),
        ("kind", "SHIELD vNSF"),
        ("path", VNSF),
        ("state", "sent"),
        ("store", &store.url()),
        ("digest", &format!("sha256:{}", digest(&tree.path(VNSF)))),
    ] {
        assert_eq!(first[key], value);
    }
    assert_eq!(first["key"], store.records("vnsfs")[0]["_id"]);
    assert_eq!(first["etag"], store.records("vnsfs")[0]["_etag"]);
    assert!(first["refusal"].is_null());
    let run = onboard(&tree, &store.url(), &json).code(0);
    assert!(outcomes(&run).iter().all(|line| line["state"] == "there"));
}

#[test]
fn a_large_package_is_read_while_it_goes() {
    let tree = tree();
    add_vnsf(&tree, "large_vnf");
    let mut bytes = vec![0; 3 << 20];
    let mut state = 88_172_645_463_325_252_u64;
    for byte in &mut bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *byte = state.to_le_bytes()[0];
    }
    tree.file("large_vnf/images/disk.img", bytes);
    let store = Double::plain();
    onboard(&tree, &store.url(), &["-A", "all"]).code(0);
    let log = store.take_log();
    let package = tree.path("target/nfv/packages/large_vnf-1.0.shield.tar.gz");
    let size = fs::metadata(&package).expect("a package").len();
    assert!(size > 3 << 20);
    let upload = log
        .iter()
        .find(|one| one.file.as_deref() == Some(&digest(&package)));
    let length = upload.expect("the upload").content_length.as_deref();
    let length: u64 = length.expect("a length").parse().expect("a number");
    assert!((size..size + 1000).contains(&length), "{length}");
}
