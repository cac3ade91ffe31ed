//! Packages to OSM and to a SHIELD Store. Both live in the test: the one does what the
//! NBI does, the other what the last Store did.

#![cfg(all(unix, feature = "publish"))]

mod common;
#[path = "onboard/double.rs"]
mod double;
#[path = "onboard/nbi/mod.rs"]
mod nbi;
#[path = "onboard/package.rs"]
mod package;
#[path = "common/registry/mod.rs"]
mod registry;

#[path = "onboard/answers.rs"]
mod answers;
#[path = "onboard/before.rs"]
mod before;
#[path = "onboard/judged.rs"]
mod judged;
#[path = "onboard/nbi_facts.rs"]
mod nbi_facts;
#[path = "onboard/network.rs"]
mod network;
#[path = "onboard/osm.rs"]
mod osm;
#[path = "onboard/osm_answers.rs"]
mod osm_answers;
#[path = "onboard/osm_gone.rs"]
mod osm_gone;
#[path = "onboard/osm_helm.rs"]
mod osm_helm;
#[path = "onboard/osm_named.rs"]
mod osm_named;
#[path = "onboard/osm_nested.rs"]
mod osm_nested;
#[path = "onboard/osm_network.rs"]
mod osm_network;
#[path = "onboard/osm_states.rs"]
mod osm_states;
#[path = "onboard/sending.rs"]
mod sending;
#[path = "onboard/terminal.rs"]
mod terminal;
#[cfg(feature = "sign")]
#[path = "onboard/trusted.rs"]
mod trusted;

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use common::{Run, Tree, run, sha256};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::Value;

const ATTESTATION: &str = "{\"digests\": [{\"instance\": \"main\"}]}\n";

fn vnfd(id: &str) -> String {
    format!(
        "vnfd-catalog:\n  vnfd:\n    - id: {id}\n      name: {id}\n      short-name: {id}\n      \
         vendor: Example Operator\n      version: '1.0'\n      mgmt-interface:\n        cp: eth0\n      \
         connection-point:\n        - name: eth0\n          type: VPORT\n      vdu:\n        \
         - id: main\n          name: main\n          count: 1\n          image: small-linux\n          \
         vm-flavor:\n            vcpu-count: 1\n            memory-mb: 512\n            storage-gb: 2\n          \
         interface:\n            - name: eth0\n              type: EXTERNAL\n              \
         virtual-interface:\n                type: VIRTIO\n              external-connection-point-ref: eth0\n"
    )
}

fn nsd(id: &str, function: &str) -> String {
    format!(
        "nsd-catalog:\n  nsd:\n    - id: {id}\n      name: {id}\n      short-name: {id}\n      \
         vendor: Example Operator\n      version: '1.0'\n      constituent-vnfd:\n        \
         - member-vnf-index: 1\n          vnfd-id-ref: {function}\n      vld:\n        - id: mgmt\n          \
         name: mgmt\n          type: ELAN\n          mgmt-network: true\n          \
         vnfd-connection-point-ref:\n            - member-vnf-index-ref: 1\n              \
         vnfd-id-ref: {function}\n              vnfd-connection-point-ref: eth0\n"
    )
}

fn manifest(key: &str, name: &str, descriptor: &str, more: &str) -> String {
    format!(
        "manifest:{key}:\n  schema_version: '1.2'\n  type: OSM-R4\n  package: {name}.tar.gz\n  \
         hash: '{}'\n  hashing_algorithm: SHA_256\n  descriptor: {name}/{descriptor}\n  \
         properties:\n    vendor: Example Operator\n    capabilities: [Filter]\n{more}",
        "0".repeat(64)
    )
}

/// Adds a function and the SHIELD package around it.
fn add_vnsf(tree: &Tree, id: &str) {
    tree.file(&format!("{id}/{id}_vnfd.yaml"), vnfd(id));
    let more = format!(
        "  security_info:\n    attestation_filename: security/attestation.json\n    hash: {}\n",
        sha256(ATTESTATION.as_bytes())
    );
    let text = manifest("vnsf", id, &format!("{id}_vnfd.yaml"), &more);
    tree.file(&format!("{id}_shield/manifest.yaml"), text);
    tree.file(
        &format!("{id}_shield/security/attestation.json"),
        ATTESTATION,
    );
}

/// Adds a service and the SHIELD package around it.
fn add_ns(tree: &Tree, id: &str, function: &str) {
    tree.file(&format!("{id}/{id}_nsd.yaml"), nsd(id, function));
    let text = manifest("ns", id, &format!("{id}_nsd.yaml"), "  target: KVM\n");
    tree.file(&format!("{id}_shield/manifest.yaml"), text);
}

/// A service whose name comes before that of its function.
fn tree() -> Tree {
    let tree = Tree::new();
    add_vnsf(&tree, "tiny_vnf");
    add_ns(&tree, "a_ns", "tiny_vnf");
    tree
}

const VNSF: &str = "target/nfv/packages/tiny_vnf-1.0.shield.tar.gz";
const NS: &str = "target/nfv/packages/a_ns-1.0.shield.tar.gz";

/// The same, built.
fn built() -> Tree {
    let tree = tree();
    tree.nfv(&["build"]).code(0);
    tree
}

/// Runs `onboard` without what the environment may say of proxies.
fn onboard(tree: &Tree, store: &str, args: &[&str]) -> Run {
    let mut command = tree.command();
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(name);
    }
    command.args(["onboard", "--store", store]).args(args);
    if !args.contains(&"--retries") {
        command.args(["--retries", "1"]);
    }
    run(&mut command)
}

fn digest(path: &Path) -> String {
    sha256(&fs::read(path).expect("a package"))
}

/// What was sent by `--message-format json` of what became of packages.
fn outcomes(run: &Run) -> Vec<Value> {
    let lines = run.stdout.lines();
    let lines = lines.map(|line| serde_json::from_str(line).expect("JSON"));
    lines
        .filter(|line: &Value| line["reason"] == "package-onboarded")
        .collect()
}

/// The members of a finished package, in order.
fn unpack(package: &Path) -> Vec<(String, Vec<u8>)> {
    let file = File::open(package).expect("a package");
    let mut tar = tar::Archive::new(GzDecoder::new(file));
    let entries = tar.entries().expect("a tar");
    let read = entries.map(|entry| {
        let mut entry = entry.expect("a member");
        let name = entry.path().expect("a name").display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("a member");
        (name, bytes)
    });
    read.collect()
}

/// Packs members as whoever makes packages by hand does.
fn pack(members: &[(&str, &[u8])], package: &Path) {
    let gzip = GzEncoder::new(File::create(package).expect("a file"), Compression::fast());
    let mut tar = tar::Builder::new(gzip);
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, *bytes)
            .expect("a member");
    }
    tar.into_inner()
        .and_then(|gzip| gzip.finish())
        .expect("a tar");
}
