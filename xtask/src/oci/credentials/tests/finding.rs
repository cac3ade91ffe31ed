//! Where credentials are looked for, and how files say them.

use super::*;

#[test]
fn nobody_has_logged_in() {
    let home = Home::new();
    assert_eq!(home.find("ghcr.io", "acme/edge"), Credential::Anonymous);
    let nowhere = Keychain::new(KeychainOptions::default());
    let found = nowhere.find("ghcr.io", "acme/edge").unwrap();
    assert_eq!(found, Credential::Anonymous);
}

#[test]
fn the_home_of_a_service_is_no_folder() {
    let mut home = Home::new();
    home.file("null", "");
    home.set("HOME", "null");
    home.set("USERPROFILE", "null");
    assert_eq!(home.find("ghcr.io", ""), Credential::Anonymous);
}

#[test]
fn the_order_of_the_places() {
    let mut home = Home::of(&auths(&[("ghcr.io", "docker:4")]));
    home.file(
        "run/containers/auth.json",
        &auths(&[("ghcr.io", "podman:5"), ("quay.io", "runtime:6")]),
    );
    home.set("XDG_RUNTIME_DIR", "run");
    home.file(
        ".config/containers/auth.json",
        &auths(&[("quay.io", "config:7"), ("example.com", "config:8")]),
    );
    assert_eq!(home.find("example.com", ""), basic("config", "8"));
    assert_eq!(home.find("quay.io", ""), basic("runtime", "6"));
    assert_eq!(home.find("ghcr.io", ""), basic("docker", "4"));
    let mut set = |name: &str, value: &str| {
        home.options.env.insert(name.to_owned(), value.to_owned());
    };
    set("GITHUB_ACTOR", "github");
    set("GITHUB_TOKEN", "3");
    assert_eq!(home.find("ghcr.io", ""), basic("github", "3"));
    let mut set = |name: &str, value: &str| {
        home.options.env.insert(name.to_owned(), value.to_owned());
    };
    set("NFV_REGISTRY", "ghcr.io");
    set("NFV_REGISTRY_USERNAME", "own");
    set("NFV_REGISTRY_PASSWORD", "2");
    assert_eq!(home.find("ghcr.io", ""), basic("own", "2"));
    home.options.given = Some(bearer("1"));
    assert_eq!(home.find("ghcr.io", ""), basic("own", "2"));
    home.options.given_for = Some("ghcr.io".to_owned());
    assert_eq!(home.find("ghcr.io", ""), bearer("1"));
    // It was given for one registry, and goes to no other.
    assert_eq!(home.find("quay.io", ""), basic("runtime", "6"));
}

#[test]
fn the_place_of_the_config() {
    let mut home = Home::of(&auths(&[("ghcr.io", "home:1")]));
    home.file(
        "elsewhere/config.json",
        &auths(&[("ghcr.io", "variable:2")]),
    );
    home.set("DOCKER_CONFIG", "elsewhere");
    assert_eq!(home.find("ghcr.io", ""), basic("variable", "2"));
    let named = home.file("named.json", &auths(&[("ghcr.io", "option:3")]));
    home.options.config = Some(named);
    assert_eq!(home.find("ghcr.io", ""), basic("option", "3"));
    home.options.config = Some(home.path("none.json"));
    assert_eq!(home.find("ghcr.io", ""), Credential::Anonymous);
    // An empty variable or option is none.
    home.options.config = Some(PathBuf::new());
    home.options
        .env
        .insert("DOCKER_CONFIG".to_owned(), String::new());
    assert_eq!(home.find("ghcr.io", ""), basic("home", "1"));
}

#[test]
fn the_place_of_podmans_file() {
    let mut home = Home::new();
    home.file(
        ".config/containers/auth.json",
        &auths(&[("ghcr.io", "home:1")]),
    );
    assert_eq!(home.find("ghcr.io", ""), basic("home", "1"));
    home.file("xdg/containers/auth.json", &auths(&[("ghcr.io", "xdg:2")]));
    home.set("XDG_CONFIG_HOME", "xdg");
    assert_eq!(home.find("ghcr.io", ""), basic("xdg", "2"));
    home.file("auth.json", &auths(&[("ghcr.io", "variable:3")]));
    home.set("REGISTRY_AUTH_FILE", "auth.json");
    assert_eq!(home.find("ghcr.io", ""), basic("variable", "3"));
    home.set("REGISTRY_AUTH_FILE", "gone.json");
    let path = home.path("gone.json");
    assert_eq!(
        home.error(),
        format!(
            "`REGISTRY_AUTH_FILE` names `{}`, which does not exist",
            path.display()
        )
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_place_of_helms_file() {
    let mut home = Home::new();
    let one = |who: &str| auths(&[("ghcr.io", who)]);
    home.file(".config/helm/registry/config.json", &one("home:1"));
    assert_eq!(home.find("ghcr.io", ""), basic("home", "1"));
    home.file("xdg/helm/registry/config.json", &one("xdg:2"));
    home.set("XDG_CONFIG_HOME", "xdg");
    assert_eq!(home.find("ghcr.io", ""), basic("xdg", "2"));
    home.file("helm/registry/config.json", &one("folder:3"));
    home.set("HELM_CONFIG_HOME", "helm");
    assert_eq!(home.find("ghcr.io", ""), basic("folder", "3"));
    home.file("own.json", &one("file:4"));
    home.set("HELM_REGISTRY_CONFIG", "own.json");
    assert_eq!(home.find("ghcr.io", ""), basic("file", "4"));
    // The others go before it.
    home.file("xdg/containers/auth.json", &one("podman:5"));
    assert_eq!(home.find("ghcr.io", ""), basic("podman", "5"));
}

#[test]
fn what_an_entry_says() {
    for (entry, credential) in [
        // `me:a:b:c`, with padding and without.
        (r#""auth": "bWU6YTpiOmM=""#, basic("me", "a:b:c")),
        (r#""auth": "bWU6YTpiOmM""#, basic("me", "a:b:c")),
        (r#""auth": "bWU6YTo=""#, basic("me", "a:")),
        // Zero bytes at the end are padding for Docker.
        (r#""auth": "bWU6YQAA""#, basic("me", "a")),
        (r#""username": "me", "password": "p""#, basic("me", "p")),
        (
            r#""auth": "", "username": "me", "password": "p""#,
            basic("me", "p"),
        ),
        (r#""registrytoken": "t""#, bearer("t")),
        (
            r#""identitytoken": "t", "auth": "bWU6YTpiOmM=""#,
            identity("t"),
        ),
        // `<token>:`
        (
            r#""auth": "PHRva2VuPjo=", "identitytoken": "t""#,
            identity("t"),
        ),
        (r#""auth": "PHRva2VuPjo=""#, Credential::Anonymous),
        (r#""email": "me@example.com""#, Credential::Anonymous),
        ("", Credential::Anonymous),
    ] {
        let home = Home::of(&format!(r#"{{"auths": {{"ghcr.io": {{{entry}}}}}}}"#));
        assert_eq!(home.find("ghcr.io", "acme/edge"), credential, "{entry}");
    }
}

#[test]
fn a_host_is_one_with_its_port() {
    let home = Home::of(&auths(&[
        ("127.0.0.1:5000", "four:4"),
        ("https://[::1]:5000", "six:6"),
        ("localhost", "name:0"),
    ]));
    assert_eq!(home.find("127.0.0.1:5000", "a"), basic("four", "4"));
    assert_eq!(home.find("[::1]:5000", "a"), basic("six", "6"));
    assert_eq!(home.find("127.0.0.1", "a"), Credential::Anonymous);
    assert_eq!(home.find("localhost:5000", "a"), Credential::Anonymous);
}

#[test]
fn of_namespaces_the_longest() {
    let home = Home::of(&auths(&[
        ("ghcr.io/acme", "acme:2"),
        ("ghcr.io/acme/edge", "edge:3"),
        ("https://ghcr.io/v1/", "all:1"),
    ]));
    assert_eq!(home.find("ghcr.io", "acme/edge"), basic("edge", "3"));
    assert_eq!(home.find("ghcr.io", "acme/core"), basic("acme", "2"));
    assert_eq!(home.find("ghcr.io", "acmes/core"), basic("all", "1"));
}

#[test]
fn an_empty_entry_hides_nothing() {
    let home = Home::of(
        r#"{"auths": {"ghcr.io": {}, "ghcr.io/acme": null, "https://ghcr.io": {"registrytoken": "t"}}}"#,
    );
    assert_eq!(home.find("ghcr.io", "acme/edge"), bearer("t"));
}

#[test]
fn docker_hub_has_four_names() {
    let names = [
        "docker.io",
        "index.docker.io",
        "registry-1.docker.io",
        "https://index.docker.io/v1/",
    ];
    for key in names {
        let home = Home::of(&auths(&[(key, "me:p")]));
        for host in names {
            let found = home.find(host, "library/nginx");
            assert_eq!(found, basic("me", "p"), "{key} for {host}");
        }
        assert_eq!(home.find("ghcr.io", "a"), Credential::Anonymous);
    }
}

#[test]
fn a_file_without_anything_is_no_error() {
    for config in ["", " \n", "{}", r#"{"auths": null, "credHelpers": null}"#] {
        let home = Home::of(config);
        assert_eq!(home.find("ghcr.io", ""), Credential::Anonymous);
    }
}

#[test]
fn broken_json_is_told_by_its_place_alone() {
    let home = Home::of("{\"auths\": {\n  \"ghcr.io\": {\"auth\": hunter2}}}");
    let path = home.path(".docker/config.json");
    assert_eq!(
        home.error(),
        format!("`{}` is not valid JSON: line 2, column 23", path.display())
    );
}

#[test]
fn a_file_of_another_form_is_told_by_the_part() {
    for (config, what) in [
        (r#""hunter2""#, "the document is not an object"),
        (r#"{"auths": "hunter2"}"#, "`auths` is not an object"),
        (
            r#"{"auths": {"ghcr.io": "hunter2"}}"#,
            "`ghcr.io` is not an object",
        ),
        (
            r#"{"auths": {"ghcr.io": {"auth": ["hunter2"]}}}"#,
            "`auth` of `ghcr.io` is not a string",
        ),
        (
            r#"{"auths": {"ghcr.io": {"auth": "me:hunter2"}}}"#,
            "`auth` of `ghcr.io` is not `user:password` in base64",
        ),
        // `hunter2` in base64, and bytes that are no text.
        (
            r#"{"auths": {"ghcr.io": {"auth": "aHVudGVyMg=="}}}"#,
            "`auth` of `ghcr.io` is not `user:password` in base64",
        ),
        (
            r#"{"auths": {"ghcr.io": {"auth": "/////w=="}}}"#,
            "`auth` of `ghcr.io` is not `user:password` in base64",
        ),
        (r#"{"credsStore": 1}"#, "`credsStore` is not a string"),
        (r#"{"credHelpers": []}"#, "`credHelpers` is not an object"),
        (
            r#"{"credHelpers": {"ghcr.io": 1}}"#,
            "the helper of `ghcr.io` is not a string",
        ),
    ] {
        let home = Home::of(config);
        let path = home.path(".docker/config.json");
        assert_eq!(home.error(), format!("in `{}`, {what}", path.display()));
    }
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let home = Home::new();
    let path = home.path(".docker/config.json");
    fs::create_dir_all(&path).unwrap();
    let start = format!("failed to read `{}`: ", path.display());
    let error = home.error();
    assert!(error.starts_with(&start), "{error}");
}

#[test]
fn of_the_environment_only_what_matters() {
    let options = KeychainOptions::from_env();
    assert_eq!(options.given, None);
    assert!(options.env.contains_key("PATH"));
    let is_known = |name: &String| {
        [
            "CI_REGISTRY",
            "DOCKER_",
            "GITHUB_",
            "HELM_",
            "NFV_REGISTRY",
            "XDG_",
        ]
        .iter()
        .any(|start| name.starts_with(start))
            || [
                "APPDATA",
                "HOME",
                "PATH",
                "REGISTRY_AUTH_FILE",
                "USERPROFILE",
            ]
            .contains(&name.as_str())
    };
    assert!(options.env.keys().all(is_known), "{options:?}");
}
