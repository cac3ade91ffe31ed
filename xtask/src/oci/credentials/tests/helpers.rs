//! Conversations with credential helpers, which are shell scripts here.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::json;

use super::*;

/// A helper that keeps each answer in a file beside it, and the last input.
const KEEPER: &str = r#"
cd "$(dirname "$0")" || exit 9
input=$(cat)
case "$1" in
store)
  printf %s "$input" > input
  server=$(printf %s "$input" | sed 's/.*"ServerURL":"\([^"]*\)".*/\1/') ;;
*) server=$input ;;
esac
echo "$1 $server" >> log
file="kept-$(printf %s "$server" | tr -c 'a-z0-9' _)"
case "$1" in
store) printf %s "$input" > "$file" ;;
get) cat "$file" 2>/dev/null || { echo credentials not found in native keychain; exit 1; } ;;
erase) rm -f "$file" ;;
esac
"#;

impl Home {
    /// Installs a helper. A shell writes it: a thread that starts a program in
    /// this moment would hand it a file that we had open, which then could not
    /// be run.
    fn helper(&self, name: &str, script: &str) {
        let path = self.path(&format!("bin/docker-credential-{name}"));
        fs::create_dir_all(self.path("bin")).unwrap();
        let mut shell = Command::new("sh")
            .args(["-c", r#"cat > "$0" && chmod 755 "$0""#])
            .arg(&path)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = shell.stdin.take().unwrap();
        pipe.write_all(format!("#!/bin/sh\n{script}").as_bytes())
            .unwrap();
        drop(pipe);
        assert!(shell.wait().unwrap().success());
    }

    /// A home where a helper of the name `test` answers like this to anything.
    fn of_helper(script: &str) -> Self {
        let home = Home::of(r#"{"credsStore": "test"}"#);
        home.helper("test", script);
        home
    }
}

#[test]
fn a_helper_answers() {
    for (answer, credential) in [
        (
            r#"{"ServerURL": "ghcr.io", "Username": "me", "Secret": "p"}"#,
            basic("me", "p"),
        ),
        (r#"{"Username": "<token>", "Secret": "t"}"#, identity("t")),
        (r#"{"Username": "", "Secret": ""}"#, Credential::Anonymous),
    ] {
        let home = Home::of_helper(&format!("echo '{answer}'"));
        assert_eq!(home.find("ghcr.io", "acme/edge"), credential, "{answer}");
    }
}

#[test]
fn a_helper_has_nothing() {
    let home = Home::of_helper("echo credentials not found in native keychain; exit 1");
    assert_eq!(home.find("ghcr.io", ""), Credential::Anonymous);
}

#[test]
fn the_order_of_helpers_and_entries() {
    let home = Home::of(
        r#"{
            "auths": {
                "ghcr.io": {"registrytoken": "of the file"},
                "quay.io": {"registrytoken": "of the file"},
                "gcr.io": {}
            },
            "credHelpers": {"https://ghcr.io": "own", "plain.example.com": "", "quay.io": "none"},
            "credsStore": "all"
        }"#,
    );
    let answer = |name: &str| format!(r#"echo '{{"Username": "{name}", "Secret": "p"}}'"#);
    home.helper("own", &answer("own"));
    home.helper("all", &answer("all"));
    home.helper("none", KEEPER);
    assert_eq!(home.find("ghcr.io", ""), basic("own", "p"));
    assert_eq!(home.find("quay.io", ""), bearer("of the file"));
    assert_eq!(home.find("gcr.io", ""), basic("all", "p"));
    // An empty name takes a registry out of `credsStore`.
    assert_eq!(home.find("plain.example.com", ""), Credential::Anonymous);
}

#[test]
fn login_and_logout() {
    let home =
        Home::of(r#"{"auths": {"docker.io": {"auth": "b2xkOm9sZA=="}}, "credsStore": "test"}"#);
    home.helper("test", KEEPER);
    let credential = basic("me", "a\"b\\c");
    let keychain = home.keychain();
    let stored = keychain.store("docker.io", &credential).unwrap();
    assert!(!stored.in_clear());
    assert_eq!(stored.to_string(), "docker-credential-test");
    let input: serde_json::Value = serde_json::from_str(&home.read("bin/input")).unwrap();
    let server = "https://index.docker.io/v1/";
    assert_eq!(
        input,
        json!({"ServerURL": server, "Username": "me", "Secret": "a\"b\\c"})
    );
    // What lay in clear is gone.
    let expected = json!({"auths": {(server): {}}, "credsStore": "test"});
    assert_eq!(home.config(), expected);
    assert_eq!(home.find("docker.io", "library/nginx"), credential);

    home.store("ghcr.io", &identity("t"));
    assert!(home.read("bin/input").contains("<token>"));
    assert_eq!(home.find("ghcr.io", ""), identity("t"));

    assert!(home.erase("docker.io"));
    assert!(!home.erase("docker.io"));
    assert_eq!(home.find("docker.io", ""), Credential::Anonymous);
    assert!(
        home.read("bin/log")
            .contains("erase https://index.docker.io/v1/\n")
    );
}

#[test]
fn a_helper_takes_no_bearer_token() {
    let home = Home::of_helper(KEEPER);
    let error = home
        .keychain()
        .store("ghcr.io", &bearer(SECRET))
        .unwrap_err();
    assert_eq!(
        shown(&error),
        "this credential can't be stored: credential helpers have no place for such a token"
    );
}

#[test]
fn a_helper_that_is_not_installed() {
    let mut home = Home::of(r#"{"credHelpers": {"ghcr.io": "gone"}}"#);
    let path = home.path(".docker/config.json");
    let text = format!(
        "`{}` names the credential helper `docker-credential-gone`, but no folder in `PATH` has it",
        path.display()
    );
    assert_eq!(home.error(), text);
    // Nor one in the current folder, which may be a checkout.
    home.options
        .env
        .insert("PATH".to_owned(), ".::bin".to_owned());
    assert_eq!(home.error(), text);
    home.options.env.remove("PATH");
    assert_eq!(home.error(), text);
    assert_eq!(home.find("quay.io", ""), Credential::Anonymous);
}

#[test]
fn a_name_that_is_no_name() {
    for name in ["../evil", "a b", "a;b", "ü", "a.exe", "/bin/sh"] {
        let home = Home::of(&json!({"credsStore": name}).to_string());
        let error = home.error();
        assert!(error.contains(&format!("{name:?}")), "{error}");
        assert!(error.contains("only letters, digits"), "{error}");
    }
}

#[test]
fn a_helper_that_fails() {
    let home = Home::of_helper(&format!("echo {SECRET}; echo {SECRET} >&2; exit 3"));
    let text = "the credential helper `docker-credential-test` failed (exit status: 3); \
                to see why, run `echo ghcr.io | docker-credential-test get`";
    assert_eq!(home.error(), text);
    let keychain = home.keychain();
    let error = keychain.store("ghcr.io", &basic("me", SECRET)).unwrap_err();
    assert_eq!(shown(&error), text);
    assert_eq!(shown(&keychain.erase("ghcr.io").unwrap_err()), text);
}

#[test]
fn a_failing_helper_keeps_no_secret_in_clear() {
    let home = Home::of(r#"{"auths": {"ghcr.io": {"auth": "bWU6cA=="}}, "credsStore": "gone"}"#);
    shown(&home.keychain().erase("ghcr.io").unwrap_err());
    assert_eq!(home.config(), json!({"auths": {}, "credsStore": "gone"}));
}

#[test]
fn a_helper_that_talks_nonsense() {
    for answer in [SECRET, "", "[]", r#"{"Username": 1, "Secret": "hunter2"}"#] {
        let home = Home::of_helper(&format!("printf %s '{answer}'"));
        assert_eq!(
            home.error(),
            "the credential helper `docker-credential-test` did not answer \
             with a JSON object of `Username` and `Secret`"
        );
    }
}

#[test]
fn a_helper_that_never_stops_talking() {
    let home = Home::of_helper("exec cat /dev/zero");
    let error = home.error();
    assert!(error.contains("docker-credential-test"), "{error}");
}

#[test]
fn a_helper_that_cannot_be_started() {
    let home = Home::of_helper("");
    set_mode(&home.path("bin/docker-credential-test"), 0o644);
    let error = home.error();
    let start = "failed to run the credential helper `docker-credential-test`: ";
    assert!(error.starts_with(start), "{error}");
}

/// Some take a second, and a publication may have a thousand repositories.
#[test]
fn a_helper_is_asked_once_for_a_registry() {
    let home = Home::of_helper(KEEPER);
    home.keychain()
        .store("ghcr.io", &basic("me", SECRET))
        .unwrap();
    let keychain = home.keychain();
    let find = |host: &str, name: &str| keychain.find(host, name).unwrap();
    for name in ["edge/a", "edge/b", ""] {
        assert_eq!(find("ghcr.io", name), basic("me", SECRET));
        assert_eq!(find("quay.io", name), Credential::Anonymous);
    }
    let log = home.read("bin/log");
    assert_eq!(log, "store ghcr.io\nget ghcr.io\nget quay.io\n");
    // What is kept since then counts.
    keychain.store("quay.io", &basic("you", SECRET)).unwrap();
    assert_eq!(find("quay.io", "edge/a"), basic("you", SECRET));
}

#[test]
fn a_helper_that_hangs() {
    for script in [
        r#"echo $$ > "$(dirname "$0")/pid"; exec sleep 60"#,
        // It answers, but does not end.
        r#"echo $$ > "$(dirname "$0")/pid"; echo '{}'; exec sleep 60 >&-"#,
    ] {
        let mut home = Home::of_helper(script);
        home.patience = Duration::from_secs(1);
        let start = Instant::now();
        assert_eq!(
            home.error(),
            "the credential helper `docker-credential-test` did not finish within 1s; it may wait \
             for somebody to unlock what it keeps: to see, run \
             `echo ghcr.io | docker-credential-test get`"
        );
        assert!(start.elapsed() < Duration::from_secs(30));
        let pid = home.read("bin/pid");
        let mut kill = Command::new("sh");
        kill.args(["-c", "kill -0 $0 2>/dev/null", pid.trim()]);
        assert!(!kill.status().unwrap().success(), "it still runs");
    }
}

#[test]
fn a_helper_that_leaves_another_behind() {
    let mut home = Home::of_helper("sleep 3 & echo '{}'");
    home.patience = Duration::from_millis(500);
    assert!(home.error().contains("did not finish within 500ms"));
}

#[test]
fn a_helper_that_does_not_listen() {
    let mut home = Home::of_helper("exit 0");
    let long = "p".repeat(1 << 20);
    home.store("ghcr.io", &basic("me", &long));
    home.patience = Duration::from_secs(1);
    home.helper("test", "exec sleep 60");
    let error = home.keychain().store("ghcr.io", &basic("me", &long));
    assert!(shown(&error.unwrap_err()).contains("did not finish"));
}
