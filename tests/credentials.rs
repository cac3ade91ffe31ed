//! Credentials as other programs read and write them.

#![cfg(feature = "publish")]

mod common;

use std::path::Path;
use std::process::Command;

use common::{Tree, run, sh, tool};
use nfv::oci::{Credential, Keychain, KeychainOptions, Secret};

fn keychain(config: &Path) -> Keychain {
    Keychain::new(KeychainOptions {
        config: Some(config.to_owned()),
        ..KeychainOptions::default()
    })
}

fn basic(username: &str) -> Credential {
    Credential::Basic {
        username: username.to_owned(),
        password: Secret::new("a:b"),
    }
}

#[test]
fn skopeo_reads_what_login_writes() {
    let Some(skopeo) = tool("skopeo") else {
        return;
    };
    let tree = Tree::new();
    let file = tree.path("config.json");
    let keychain = keychain(&file);
    let users = [
        ("ghcr.io", "one"),
        ("127.0.0.1:5000", "two"),
        ("docker.io", "three"),
    ];
    for (host, user) in users {
        keychain.store(host, &basic(user)).expect("login");
    }
    let ask = |host: &str| {
        let mut command = Command::new(&skopeo);
        command.args(["login", "--get-login", "--authfile"]);
        command.arg(&file).arg(host);
        command
    };
    for (host, user) in users {
        assert_eq!(sh(&mut ask(host)).trim(), user);
    }
    assert!(keychain.erase("ghcr.io").expect("logout"));
    let after = run(&mut ask("ghcr.io"));
    assert_ne!(after.status, Some(0), "{}", after.stdout);
}

#[test]
fn skopeo_logs_out_of_what_login_has_written() {
    let Some(skopeo) = tool("skopeo") else {
        return;
    };
    let tree = Tree::new();
    let file = tree.path("config.json");
    let keychain = keychain(&file);
    for host in ["ghcr.io", "quay.io"] {
        keychain.store(host, &basic("me")).expect("login");
    }
    let mut logout = Command::new(&skopeo);
    logout.args(["logout", "--authfile"]).arg(&file);
    sh(logout.arg("quay.io"));
    let find = |host| keychain.find(host, "acme/edge").expect("readable");
    assert_eq!(find("quay.io"), Credential::Anonymous);
    assert_eq!(find("ghcr.io"), basic("me"));
}
