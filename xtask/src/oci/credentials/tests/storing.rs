//! What login writes, and what logout leaves.

use std::sync::Barrier;
use std::thread;

use serde_json::json;

use super::*;

#[test]
fn what_docker_would_write() {
    let home = Home::new();
    let path = home.path(".docker/config.json");
    let stored = home
        .keychain()
        .store("ghcr.io", &basic("me", "a:b"))
        .unwrap();
    assert!(stored.in_clear());
    assert_eq!(stored.to_string(), path.display().to_string());
    assert_eq!(
        home.read(".docker/config.json"),
        "{\n\t\"auths\": {\n\t\t\"ghcr.io\": {\n\t\t\t\"auth\": \"bWU6YTpi\"\n\t\t}\n\t}\n}"
    );
}

#[test]
fn what_is_stored_is_found() {
    let home = Home::new();
    for credential in [basic("me", "p:q=ü"), identity("i"), bearer("b")] {
        for host in ["GHCR.io", "[::1]:5000", "docker.io"] {
            home.store(host, &credential);
            assert_eq!(home.find(host, "acme/edge"), credential);
        }
    }
    assert_eq!(
        home.config(),
        json!({"auths": {
            "[::1]:5000": {"registrytoken": "b"},
            "ghcr.io": {"registrytoken": "b"},
            "https://index.docker.io/v1/": {"registrytoken": "b"},
        }})
    );
    home.store("ghcr.io", &identity("i"));
    let entry = &home.config()["auths"]["ghcr.io"];
    let expected = json!({"auth": to_base64(b"<token>:"), "identitytoken": "i"});
    assert_eq!(*entry, expected);
}

#[test]
fn what_is_not_ours_stays() {
    let home = Home::of(
        r#"{
            "HttpHeaders": {"X-Meta": "1"},
            "auths": {
                "ghcr.io": {"auth": "b2xkOm9sZA==", "email": "me@example.com"},
                "https://ghcr.io/v1/": {"auth": "b2xkOm9sZA=="},
                "ghcr.io/acme": {"auth": "b2xkOm9sZA=="},
                "quay.io": {"auth": "b2xkOm9sZA=="}
            },
            "detachKeys": "ctrl-e,e",
            "plugins": {"x": {"hooks": [1, 2.5, 18446744073709551615]}}
        }"#,
    );
    home.store("ghcr.io", &bearer("t"));
    let expected = json!({
        "HttpHeaders": {"X-Meta": "1"},
        "auths": {
            "ghcr.io": {"email": "me@example.com", "registrytoken": "t"},
            "ghcr.io/acme": {"auth": "b2xkOm9sZA=="},
            "quay.io": {"auth": "b2xkOm9sZA=="},
        },
        "detachKeys": "ctrl-e,e",
        "plugins": {"x": {"hooks": [1, 2.5, 18446744073709551615u64]}},
    });
    assert_eq!(home.config(), expected);
}

#[test]
fn logout_forgets_every_spelling() {
    let home = Home::of(&auths(&[
        ("docker.io", "me:1"),
        ("https://index.docker.io/v1/", "me:2"),
        ("docker.io/acme", "me:3"),
        ("ghcr.io", "me:4"),
    ]));
    assert!(home.erase("docker.io"));
    assert!(!home.erase("docker.io"));
    assert_eq!(
        home.find("docker.io", "library/nginx"),
        Credential::Anonymous
    );
    assert_eq!(home.find("docker.io", "acme/edge"), basic("me", "3"));
    assert!(home.erase("https://ghcr.io"));
    let left = json!({"auths": {"docker.io/acme": {"auth": to_base64(b"me:3")}}});
    assert_eq!(home.config(), left);
}

#[test]
fn logout_without_login_touches_nothing() {
    let home = Home::new();
    assert!(!home.erase("ghcr.io"));
    assert_eq!(fs::read_dir(home.folder.path()).unwrap().count(), 0);
    let home = Home::of(r#"{"detachKeys": "x"}"#);
    assert!(!home.erase("ghcr.io"));
    assert_eq!(home.read(".docker/config.json"), r#"{"detachKeys": "x"}"#);
    assert_eq!(fs::read_dir(home.path(".docker")).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_stored() {
    let home = Home::new();
    for credential in [
        Credential::Anonymous,
        basic("", SECRET),
        basic("a:b", SECRET),
    ] {
        let error = home.keychain().store("ghcr.io", &credential).unwrap_err();
        let text = shown(&error);
        assert!(
            text.starts_with("this credential can't be stored"),
            "{text}"
        );
    }
    assert!(!home.path(".docker").exists());
    let nowhere = Keychain::new(KeychainOptions::default());
    let error = nowhere.store("ghcr.io", &bearer("t")).unwrap_err();
    assert!(matches!(error, CredentialError::NoHome), "{error}");
}

#[test]
fn a_broken_config_is_left_alone() {
    for config in ["{hunter2", r#"{"auths": ["hunter2"]}"#] {
        let home = Home::of(config);
        let keychain = home.keychain();
        shown(&keychain.store("ghcr.io", &bearer("t")).unwrap_err());
        shown(&keychain.erase("ghcr.io").unwrap_err());
        assert_eq!(home.read(".docker/config.json"), config);
    }
}

#[test]
fn eight_logins_at_once() {
    let home = Home::new();
    let hosts: Vec<String> = (0..8).map(|n| format!("r{n}.example.com")).collect();
    let start = Barrier::new(hosts.len());
    thread::scope(|scope| {
        for host in &hosts {
            scope.spawn(|| {
                start.wait();
                home.store(host, &basic("me", host));
            });
        }
    });
    for host in &hosts {
        assert_eq!(home.find(host, ""), basic("me", host));
    }
    // The config and its lock, and nothing that was temporary.
    assert_eq!(fs::read_dir(home.path(".docker")).unwrap().count(), 2);
}

#[cfg(unix)]
mod on_unix {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn nobody_else_reads_a_new_config() {
        let home = Home::new();
        home.store("ghcr.io", &bearer("t"));
        assert_eq!(mode(&home.path(".docker")), 0o700);
        assert_eq!(mode(&home.path(".docker/config.json")), 0o600);
        assert_eq!(mode(&home.path(".docker/config.json.lock")), 0o600);
    }

    #[test]
    fn a_mode_stays_but_for_all_others() {
        for (before, after) in [
            (0o600, 0o600),
            (0o640, 0o600),
            (0o660, 0o600),
            (0o644, 0o600),
        ] {
            let home = Home::of("{}");
            let path = home.path(".docker/config.json");
            set_mode(&path, before);
            home.store("ghcr.io", &bearer("t"));
            assert_eq!(mode(&path), after, "{before:o}");
        }
    }

    #[test]
    fn the_same_login_again_closes_an_open_file() {
        let home = Home::new();
        home.store("ghcr.io", &bearer("t"));
        let path = home.path(".docker/config.json");
        set_mode(&path, 0o644);
        home.store("ghcr.io", &bearer("t"));
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_file_without_secrets_stays_open() {
        let home = Home::of(r#"{"auths": {"ghcr.io": {"auth": "bWU6cA=="}}}"#);
        let path = home.path(".docker/config.json");
        set_mode(&path, 0o644);
        assert!(!home.erase("quay.io"));
        assert_eq!(mode(&path), 0o644);
        assert!(home.erase("ghcr.io"));
        assert_eq!(mode(&path), 0o644);
    }

    #[test]
    fn a_link_stays_a_link() {
        let home = Home::new();
        home.file("dotfiles/docker.json", r#"{"detachKeys": "x"}"#);
        fs::create_dir(home.path(".docker")).unwrap();
        symlink("../dotfiles/link.json", home.path(".docker/config.json")).unwrap();
        symlink("docker.json", home.path("dotfiles/link.json")).unwrap();
        home.store("ghcr.io", &bearer("t"));
        assert!(home.path(".docker/config.json").is_symlink());
        assert!(home.path("dotfiles/link.json").is_symlink());
        assert!(home.read("dotfiles/docker.json").contains("registrytoken"));
        assert!(home.read("dotfiles/docker.json").contains("detachKeys"));
    }

    #[test]
    fn a_link_to_nothing_is_followed() {
        let home = Home::new();
        fs::create_dir(home.path(".docker")).unwrap();
        symlink("../later/docker.json", home.path(".docker/config.json")).unwrap();
        home.store("ghcr.io", &bearer("t"));
        assert!(home.path(".docker/config.json").is_symlink());
        assert_eq!(mode(&home.path("later/docker.json")), 0o600);
        assert_eq!(home.find("ghcr.io", ""), bearer("t"));
    }

    #[test]
    fn links_in_a_circle_are_an_error() {
        let home = Home::new();
        fs::create_dir(home.path(".docker")).unwrap();
        symlink("config.json", home.path(".docker/config.json")).unwrap();
        let error = home.keychain().store("ghcr.io", &bearer("t")).unwrap_err();
        let text = shown(&error);
        assert!(text.contains("config.json"), "{text}");
    }

    #[test]
    fn a_device_is_never_replaced() {
        let mut home = Home::new();
        home.options.config = Some(PathBuf::from("/dev/null"));
        assert_eq!(home.find("ghcr.io", ""), Credential::Anonymous);
        let error = home.keychain().store("ghcr.io", &bearer("t")).unwrap_err();
        assert_eq!(
            shown(&error),
            "`/dev/null` is not a regular file, so nothing can be stored there"
        );
        assert!(!Path::new("/dev/null.lock").exists());
    }
}
