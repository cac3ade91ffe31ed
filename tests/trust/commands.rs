//! `cargo nfv key`, as it is typed.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::OpenSsl;
use crate::common::{Run, Tree, names, run, sh, tool};

const PASSPHRASE: &str = "correct horse";

/// Runs `key` with a passphrase in the environment.
fn key(tree: &Tree, args: &[&str]) -> Run {
    key_with(tree, args, &[("NFV_KEY_PASSPHRASE", PASSPHRASE)])
}

fn key_with(tree: &Tree, args: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = tree.command();
    command.env_remove("NFV_KEY_PASSPHRASE");
    command.env_remove("COSIGN_PASSWORD");
    let run = run(command
        .arg("key")
        .args(args)
        .envs(variables.iter().copied()));
    for text in [&run.stdout, &run.stderr] {
        assert!(
            !text.contains(PASSPHRASE) && !text.contains("PRIVATE KEY-"),
            "{text}"
        );
    }
    run
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).expect("file").permissions().mode() & 0o777
}

fn json(run: Run) -> Vec<Value> {
    let run = run.code(0);
    let lines = run.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn a_pair_with_a_certificate() {
    let tree = Tree::new();
    for algorithm in ["ecdsa-p256", "ed25519"] {
        let made = key(
            &tree,
            &[
                "generate",
                "--algorithm",
                algorithm,
                "--out",
                algorithm,
                "--certificate",
                "--subject",
                "Example Vendor",
            ],
        );
        let made = made.code(0);
        let files = [".key", ".pub", ".crt"].map(|end| format!("{algorithm}{end}"));
        assert_eq!(made.stdout, files.join("\n") + "\n");
        let text = fs::read_to_string(tree.path(&files[0])).expect("key");
        assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        #[cfg(unix)]
        assert_eq!(
            files.clone().map(|file| mode(&tree.path(&file))),
            [0o600, 0o644, 0o644]
        );
        let shown = files.map(|file| {
            let shown = json(key(&tree, &["show", &file, "--message-format", "json"]));
            assert_eq!(shown.len(), 1);
            shown[0].clone()
        });
        let reasons = ["private-key", "public-key", "certificate"];
        for (one, reason) in shown.iter().zip(reasons) {
            assert_eq!(one["reason"], reason);
            assert_eq!(one["algorithm"], algorithm);
            assert_eq!(one["key_id"], shown[0]["key_id"]);
        }
        assert_eq!(shown[2]["subject"], "CN=Example Vendor");
        assert_eq!(shown[2]["issuer"], "CN=Example Vendor");
    }
    assert_eq!(names(&tree.root).len(), 6, "{:?}", names(&tree.root));
}

#[test]
fn dates_of_certificates() {
    let tree = Tree::new();
    let dates = |name: &str, more: &[&str], variables: &[(&str, &str)]| {
        let mut args = vec![
            "generate",
            "--no-passphrase",
            "--certificate",
            "--subject",
            "x",
        ];
        args.extend(["--out", name]);
        args.extend(more);
        key_with(&tree, &args, variables).code(0);
        let file = format!("{name}.crt");
        let shown = json(key(&tree, &["show", &file, "--message-format", "json"]));
        let text = |field: &str| shown[0][field].as_str().expect("text").to_owned();
        (text("not_before"), text("not_after"))
    };
    let epoch = dates("a", &[], &[("SOURCE_DATE_EPOCH", "1700566490")]);
    assert_eq!(
        epoch,
        (
            "2023-11-21T11:34:50Z".to_owned(),
            "2033-11-20T11:34:50Z".to_owned()
        )
    );
    let given = dates(
        "b",
        &[
            "--not-before",
            "2026-01-31",
            "--not-after",
            "2051-01-31T12:00:00Z",
        ],
        &[],
    );
    assert_eq!(
        given,
        (
            "2026-01-31T00:00:00Z".to_owned(),
            "2051-01-31T12:00:00Z".to_owned()
        )
    );
    let wanted = [
        "generate",
        "--no-passphrase",
        "--certificate",
        "--subject",
        "x",
    ];
    let old = [&wanted[..], &["--out", "old"]].concat();
    key_with(&tree, &old, &[("SOURCE_DATE_EPOCH", "1000000000")])
        .code(0)
        .says("warning: the certificate is not valid now, but from 2001-09-09T01:46:40Z to 2011-");
    let new = key(&tree, &[&wanted[..], &["--out", "new"]].concat()).code(0);
    assert!(!new.stderr.contains("not valid"), "{}", new.stderr);
    let args = [
        "generate",
        "--certificate",
        "--subject",
        "x",
        "--not-before",
        "tomorrow",
    ];
    key(&tree, &args)
        .code(2)
        .says("it must be a date such as `2026-01-31`");
    let args = [
        "generate",
        "--certificate",
        "--subject",
        "x",
        "--not-after",
        "1999-01-01",
        "--out",
        "c",
    ];
    key(&tree, &args).code(2).says("must begin before it ends");
    let args = ["generate", "--certificate", "--subject", "", "--out", "c"];
    key(&tree, &args).code(2).says("1 to 64 characters");
    assert!(!tree.path("c.key").exists());
}

#[test]
fn nothing_is_overwritten_unless_asked_for() {
    let tree = Tree::new();
    tree.file("nfv.pub", "mine");
    key(&tree, &["generate"])
        .code(2)
        .says("`nfv.pub` is there already");
    assert_eq!(names(&tree.root), ["nfv.pub"]);
    key(&tree, &["generate", "--force"]).code(0);
    assert_eq!(names(&tree.root), ["nfv.key", "nfv.pub"]);
    let old = "`ca.crt` is the certificate of another key";
    let certified = ["generate", "--out", "ca", "--certificate", "--subject", "a"];
    let run = key(&tree, &certified).code(0);
    assert!(!run.stderr.contains(old), "{}", run.stderr);
    key(&tree, &["generate", "--out", "ca", "--force"])
        .code(0)
        .says(old);
    let first = fs::read(tree.path("nfv.key")).expect("key");
    key(&tree, &["import", "nfv.key"])
        .code(2)
        .says("`nfv.key` is there already");
    assert_eq!(fs::read(tree.path("nfv.key")).expect("key"), first);
    key(&tree, &["generate", "--out", "absent/nfv"])
        .code(2)
        .says("there is no folder `absent`");
}

/// As editors and other programs leave such files.
#[test]
fn what_a_file_holds_is_shown_whole() {
    let tree = Tree::new();
    let generate = [
        "generate",
        "--no-passphrase",
        "--certificate",
        "--subject",
        "x",
    ];
    key(&tree, &generate).code(0);
    let text = |name: &str| fs::read_to_string(tree.path(name)).expect("a file");
    tree.file("both.pem", text("nfv.key") + &text("nfv.crt"));
    let shown = json(key(
        &tree,
        &["show", "both.pem", "--message-format", "json"],
    ));
    let reasons: Vec<&str> = shown
        .iter()
        .filter_map(|one| one["reason"].as_str())
        .collect();
    assert_eq!(reasons, ["private-key", "certificate"]);
    tree.file("mark.pem", format!("\u{feff}{}", text("nfv.key")));
    let marked = json(key(
        &tree,
        &["show", "mark.pem", "--message-format", "json"],
    ));
    assert_eq!(marked[0]["key_id"], shown[0]["key_id"]);
    let Some(openssl) = tool("openssl") else {
        return;
    };
    let mut der = Command::new(openssl);
    der.args([
        "pkey", "-in", "nfv.key", "-outform", "DER", "-out", "der.key",
    ]);
    sh(der.current_dir(&tree.root));
    key(&tree, &["show", "der.key"])
        .code(2)
        .says("failed to read the key in `der.key`")
        .says("it is binary, and PEM is wanted");
}

#[test]
fn passphrases_from_everywhere() {
    let tree = Tree::new();
    key(&tree, &["generate"]).code(0);
    tree.file("right", format!("{PASSPHRASE}\nand more\n"));
    tree.file("wrong", "incorrect horse");
    let shows = |args: &[&str], variables: &[(&str, &str)]| {
        key_with(&tree, &[&["show", "nfv.key"], args].concat(), variables)
    };
    shows(&["--passphrase-file", "right"], &[]).code(0);
    shows(&[], &[("COSIGN_PASSWORD", PASSPHRASE)]).code(0);
    // The flag goes before the variables, and our variable before cosign's.
    shows(
        &["--passphrase-file", "right"],
        &[("NFV_KEY_PASSPHRASE", "x")],
    )
    .code(0);
    let both = [("NFV_KEY_PASSPHRASE", PASSPHRASE), ("COSIGN_PASSWORD", "x")];
    shows(&[], &both).code(0);
    let wrong = "the passphrase is not the one that it is encrypted with";
    shows(&["--passphrase-file", "wrong"], &[])
        .code(2)
        .says(wrong)
        .says("`nfv.key`");
    shows(&["--passphrase-file", "absent"], &[])
        .code(2)
        .says("from `absent`");
    tree.file("long", "x".repeat(70_000));
    shows(&["--passphrase-file", "long"], &[])
        .code(2)
        .says("too long");
    tree.file("binary", [0xff, 0xfe]);
    shows(&["--passphrase-file", "binary"], &[])
        .code(2)
        .says("not UTF-8");
    shows(&[], &[("NFV_KEY_PASSPHRASE", "")])
        .code(2)
        .says("no passphrase was given");
    key_with(&tree, &["generate", "--out", "b"], &[])
        .code(2)
        .says("no passphrase was given to encrypt it with");
    let unused = ["generate", "--no-passphrase", "--passphrase-file", "right"];
    key_with(&tree, &[&unused[..], &["--out", "b"]].concat(), &[])
        .code(2)
        .says("there is no use for a passphrase");
    assert_eq!(
        names(&tree.root)
            .iter()
            .filter(|name| name.starts_with("b."))
            .count(),
        0
    );
    tree.file("empty", "");
    let empty = ["generate", "--out", "b", "--passphrase-file", "empty"];
    key_with(&tree, &empty, &[])
        .code(2)
        .says("an empty passphrase protects nothing");
}

#[cfg(unix)]
#[test]
fn a_passphrase_from_an_open_file() {
    let tree = Tree::new();
    let program = env!("CARGO_BIN_EXE_cargo-nfv");
    let script = |line: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(&tree.root);
        command.env("NFV", program).env_remove("NFV_KEY_PASSPHRASE");
        run(&mut command)
    };
    tree.file("p", PASSPHRASE);
    script("\"$NFV\" key generate --passphrase-fd 3 3<p").code(0);
    // Nobody waits for the end of a pipe, which may stay open.
    script("mkfifo f; exec 4<>f; cat p >&4; echo >&4; timeout 20 \"$NFV\" key show nfv.key --passphrase-fd 4")
        .code(0);
    // From a pipe as well.
    script("cat p | \"$NFV\" key show nfv.key --passphrase-fd 0").code(0);
    script("echo wrong | \"$NFV\" key show nfv.key --passphrase-fd 0").code(2);
    script("\"$NFV\" key show nfv.key --passphrase-fd 9")
        .code(2)
        .says("/dev/fd/9");
}

/// What comes from a pipe comes once: one line serves for both keys, and two lines are for one
/// each. OpenSSL says with which passphrase the new key is encrypted.
#[cfg(unix)]
#[test]
fn two_passphrases_from_one_pipe() {
    let Some(openssl) = tool("openssl") else {
        return;
    };
    let tree = Tree::new();
    let script = |line: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(&tree.root);
        command.env("NFV", env!("CARGO_BIN_EXE_cargo-nfv"));
        command.env_remove("NFV_KEY_PASSPHRASE");
        run(&mut command)
    };
    let opens = |file: &str, passphrase: &str| {
        let mut command = Command::new(&openssl);
        command.args(["pkey", "-noout", "-in", file, "-passin"]);
        command.arg(format!("pass:{passphrase}"));
        run(command.current_dir(&tree.root)).status == Some(0)
    };
    key_with(&tree, &["generate"], &[("NFV_KEY_PASSPHRASE", "old one")]).code(0);
    let import = |lines: &str, flags: &str| {
        let to = "--force --out new";
        script(&format!(
            "printf '{lines}' | \"$NFV\" key import nfv.key {to} {flags}"
        ))
    };
    // What others keep in further lines is no passphrase.
    import("old one\\nuser: me\\n", "--passphrase-fd 0").code(0);
    assert!(opens("new.key", "old one"));
    let both = "--input-passphrase-fd 0 --passphrase-fd 0";
    import("old one\\r\\nnew one", both).code(0);
    assert!(opens("new.key", "new one") && !opens("new.key", "old one"));
    import("old one\\n", both)
        .code(2)
        .says("the file descriptor 0 gives one line");
    import("new one\\n", "--passphrase-fd 0").code(2);
    script("printf 'old one\\n' >o; \"$NFV\" key import nfv.key --force --out new --input-passphrase-fd 3 3<o --passphrase-fd 4 4<o")
        .code(0);
    assert!(opens("new.key", "old one"));
}

#[test]
fn keys_of_others_are_imported() {
    let Some(openssl) = OpenSsl::new() else {
        return;
    };
    let tree = Tree::new();
    for (name, algorithm) in crate::KINDS {
        let original = openssl.key(name, algorithm);
        openssl.write("old", "an old one");
        openssl.does(&format!(
            "pkcs8 -topk8 -in {name}.key -passout file:old -out old.key"
        ));
        let (old, file) = (openssl.path("old"), openssl.path("old.key"));
        let args = [
            "import",
            &file.to_string_lossy(),
            "--out",
            name,
            "--input-passphrase-file",
            &old.to_string_lossy(),
        ];
        key(&tree, &args).code(0);
        tree.file("passphrase", PASSPHRASE);
        let path = tree.path(&format!("{name}.key"));
        let mut command = Command::new(tool("openssl").expect("openssl"));
        command.args(["pkey", "-pubout", "-passin", "file:passphrase", "-in"]);
        let public = sh(command.arg(path).current_dir(&tree.root));
        assert_eq!(public, original.public_key().to_pem());
        let written = fs::read_to_string(tree.path(&format!("{name}.pub"))).expect("public key");
        assert_eq!(written, public);
    }
    let shown = key(&tree, &["show", "rsa.key"]).code(0);
    assert!(
        shown.stdout.contains("algorithm    RSA 2048\n"),
        "{}",
        shown.stdout
    );
}

#[test]
fn a_key_without_a_passphrase_is_warned_of() {
    let tree = Tree::new();
    let made = key_with(&tree, &["generate", "--no-passphrase"], &[]);
    made.code(0)
        .says("warning: the private key is not encrypted");
    let text = fs::read_to_string(tree.path("nfv.key")).expect("key");
    assert!(text.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    #[cfg(unix)]
    assert_eq!(mode(&tree.path("nfv.key")), 0o600);
    key_with(&tree, &["show", "nfv.key"], &[]).code(0);
    // The certificate's flags go together.
    key(&tree, &["generate", "--subject", "x"])
        .code(2)
        .says("--certificate");
    key(&tree, &["generate", "--certificate"])
        .code(2)
        .says("--subject");
}

#[test]
fn files_that_are_no_keys_are_named() {
    let tree = Tree::new();
    tree.file("text", "text");
    tree.file(
        "other",
        "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
    );
    tree.file("large", vec![b'x'; 2 << 20]);
    key(&tree, &["show", "text"])
        .code(2)
        .says("`text`")
        .says("no PEM block");
    key(&tree, &["show", "other"])
        .code(2)
        .says("holds `CERTIFICATE REQUEST`");
    key(&tree, &["show", "large"])
        .code(2)
        .says("`large` is too large");
    key(&tree, &["show", "absent"])
        .code(2)
        .says("failed to read `absent`");
    key(&tree, &["import", "text"])
        .code(2)
        .says("failed to read the key in `text`");
}
