//! Publishing to registries and fetching from them: with one that misbehaves on
//! command, with Docker's, and beside the clients that people use.

#![cfg(feature = "publish")]

mod common;
#[path = "common/registry/mod.rs"]
mod double;

#[path = "registry/alike.rs"]
mod alike;
#[path = "registry/attached.rs"]
mod attached;
#[cfg(feature = "sign")]
#[path = "registry/attestations.rs"]
mod attestations;
#[path = "registry/clients.rs"]
mod clients;
#[path = "registry/copies.rs"]
mod copies;
#[path = "registry/counts.rs"]
mod counts;
#[path = "registry/docker.rs"]
mod docker;
#[path = "registry/documents.rs"]
mod documents;
#[path = "registry/graphs.rs"]
mod graphs;
#[path = "registry/judged.rs"]
mod judged;
#[path = "registry/large.rs"]
mod large;
#[path = "registry/layers.rs"]
mod layers;
#[path = "registry/locking.rs"]
mod locking;
#[path = "registry/naming.rs"]
mod naming;
#[path = "registry/odd.rs"]
mod odd;
#[cfg(feature = "sign")]
#[path = "registry/policies.rs"]
mod policies;
#[cfg(feature = "sign")]
#[path = "registry/provenance.rs"]
mod provenance;
#[path = "registry/pulling.rs"]
mod pulling;
#[path = "registry/pushing.rs"]
mod pushing;
#[path = "registry/redirects.rs"]
mod redirects;
#[cfg(feature = "sign")]
#[path = "registry/renamed.rs"]
mod renamed;
#[path = "registry/resuming.rs"]
mod resuming;
#[path = "registry/secrets.rs"]
mod secrets;
#[path = "registry/shards.rs"]
mod shards;
#[cfg(feature = "sign")]
#[path = "registry/signatures.rs"]
mod signatures;
#[cfg(feature = "sign")]
#[path = "registry/signatures_cosign.rs"]
mod signatures_cosign;
#[cfg(feature = "sign")]
#[path = "registry/tampering.rs"]
mod tampering;
#[path = "registry/versions.rs"]
mod versions;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{Run, Tree, run, vnfd};
use serde_json::Value;

/// A service of the function `tiny_vnf`.
pub const NSD: &str = "\
nsd:
  nsd:
    - id: tiny_ns
      name: tiny_ns
      designer: Example Operator
      version: '1.0'
      vnfd-id: [tiny_vnf]
      df:
        - id: default-df
          vnf-profile: [{id: '1', vnfd-id: tiny_vnf}]
";

/// Bytes that don't repeat and can't be compressed (xorshift).
pub fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    });
    words.flat_map(u64::to_le_bytes).take(count).collect()
}

/// A function with a disk image of 1 MiB, and a service that needs it.
pub fn tree() -> Tree {
    let tree = Tree::of(&[
        ("tiny_vnf/tiny_vnfd.yaml", &vnfd("tiny_vnf")),
        ("tiny_ns/tiny_nsd.yaml", NSD),
    ]);
    tree.file("tiny_vnf/images/disk.img", noise(1 << 20));
    tree
}

/// The program in a tree, at a home without credentials and without proxies.
pub fn nfv_in(tree: &Tree, args: &[&str]) -> Command {
    let mut command = tree.command();
    clean(&mut command, &home(tree));
    command.args(args);
    command
}

/// Runs it.
pub fn nfv(tree: &Tree, args: &[&str]) -> Run {
    run(&mut nfv_in(tree, args))
}

/// With a name and a password in the environment.
pub fn with_env(tree: &Tree, host: &str, args: &[&str]) -> Run {
    let mut command = nfv_in(tree, args);
    command.env("NFV_REGISTRY", host);
    command.env("NFV_REGISTRY_USERNAME", double::USER);
    command.env("NFV_REGISTRY_PASSWORD", double::PASSWORD);
    common::run(&mut command)
}

/// What is tested here is not the rules.
pub fn publish(tree: &Tree, place: &str, more: &[&str]) -> Run {
    let args = [&["publish", "-A", "all", place], more].concat();
    nfv(tree, &args)
}

/// A home folder for what is run in a tree.
pub fn home(tree: &Tree) -> PathBuf {
    let home = tree.beside("home");
    fs::create_dir_all(&home).expect("a home");
    home
}

/// Takes out of the environment of a command all that leads to credentials and
/// proxies.
pub fn clean(command: &mut Command, home: &Path) {
    for name in [
        "HOME",
        "DOCKER_CONFIG",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_RUNTIME_DIR",
        "HELM_CACHE_HOME",
        "HELM_CONFIG_HOME",
        "HELM_DATA_HOME",
    ] {
        command.env(name, home);
    }
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_uppercase();
        let leads = [
            "_PROXY",
            "NFV_REGISTRY",
            "CI_REGISTRY",
            "GITHUB_",
            "GITLAB_",
        ];
        if leads.iter().any(|part| text.contains(part)) || text == "REGISTRY_AUTH_FILE" {
            command.env_remove(&name);
        }
    }
}

/// Bytes that have to be JSON.
#[track_caller]
pub fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

/// The lines of standard output, each a JSON object.
#[track_caller]
pub fn lines(run: &Run) -> Vec<Value> {
    run.stdout
        .lines()
        .map(|line| json(line.as_bytes()))
        .collect()
}
