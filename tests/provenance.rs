//! `cargo nfv provenance`: what is said of how a package came about, and that it
//! is true.
#![cfg(feature = "sign")]

mod common;

use std::fs;
use std::process::Command;

use common::{Run, Tree, run, sh, tool};
use serde_json::{Value, json};

/// A copy of the showcase, with a file of settings.
fn tree() -> Tree {
    let tree = Tree::new();
    common::copy(&common::showcase(), &tree.root, false);
    tree.file("nfv.toml", "[shield]\nprofile = \"store-head\"\n");
    tree
}

/// The program, on a machine that is no CI.
fn command(tree: &Tree, args: &[&str]) -> Command {
    let mut command = tree.command();
    for name in [
        "GITHUB_ACTIONS",
        "GITLAB_CI",
        "NFV_BUILDER_ID",
        "NFV_SIGN_KEY",
    ] {
        command.env_remove(name);
    }
    // Not the repository that the scratch folder may lie in.
    command.env(
        "GIT_CEILING_DIRECTORIES",
        tree.root.parent().expect("a folder"),
    );
    command.args(args);
    command
}

fn nfv(tree: &Tree, args: &[&str]) -> Run {
    run(&mut command(tree, args))
}

fn statements(run: &Run) -> Vec<Value> {
    let lines = run.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[track_caller]
fn of(tree: &Tree, package: &str) -> Value {
    let run = nfv(tree, &["provenance", "-q", "-p", package]).code(0);
    statements(&run).into_iter().next().expect("a statement")
}

fn git(tree: &Tree, args: &[&str]) -> Option<String> {
    let mut command = Command::new(tool("git")?);
    let who = ["-c", "user.name=x", "-c", "user.email=x@example.org"];
    Some(sh(command.arg("-C").arg(&tree.root).args(who).args(args)))
}

#[test]
fn every_file_is_named_with_the_digest_that_it_has() {
    let tree = tree();
    let statement = of(&tree, "router_vnf");
    let predicate = &statement["predicate"];
    let dependencies = &predicate["buildDefinition"]["resolvedDependencies"];
    let mut names = Vec::new();
    for dependency in dependencies.as_array().expect("materials") {
        let name = dependency["name"].as_str().expect("a name");
        let sum = sh(Command::new("sha256sum").arg(tree.path(name)));
        let (sum, _) = sum.split_once(' ').expect("a digest");
        assert_eq!(dependency["digest"]["sha256"], sum, "{name}");
        names.push(name);
    }
    assert!(names.contains(&"router_vnf/router_vnfd.yaml"), "{names:?}");
    assert!(names.contains(&"nfv.toml"), "{names:?}");
    let files = nfv(&tree, &["build", "-q", "-p", "router_vnf"]).code(0);
    let (path, _) = files.stdout.split_once(' ').expect("a path");
    let sum = sh(Command::new("sha256sum").arg(tree.path(path)));
    let subject = &statement["subject"][0];
    assert!(sum.starts_with(subject["digest"]["sha256"].as_str().expect("a digest")));
    assert_eq!(subject["name"], "router_vnf-1.0.tar.gz");
    assert_eq!(
        predicate["buildDefinition"]["externalParameters"]["package"],
        "router_vnf"
    );
    // Outside CI there is neither a time nor a run.
    assert_eq!(predicate["runDetails"]["metadata"], Value::Null);
}

#[test]
fn the_same_sources_give_the_same_statements() {
    let (one, other) = (tree(), tree());
    let (first, second) = (
        nfv(&one, &["provenance", "-q"]).code(0),
        nfv(&other, &["provenance", "-q", "--output", "p.jsonl"]).code(0),
    );
    assert_eq!(second.stdout, "");
    let written = fs::read_to_string(other.path("p.jsonl")).expect("written");
    assert_eq!(written, first.stdout);
    assert!(first.stdout.lines().count() > 3);
    assert!(!first.stdout.contains(one.root.to_str().expect("a path")));
    // From another folder, by a path, and when nothing has to be built.
    let folder = one.path("edge_ns");
    let again = run(command(&one, &["provenance", "-q", ".."]).current_dir(folder)).code(0);
    assert_eq!(again.stdout, first.stdout);
    // A package that lies elsewhere shows nothing of where.
    let elsewhere = Tree::new();
    let path = one.path("router_vnf");
    let run = nfv(
        &elsewhere,
        &["provenance", "-q", path.to_str().expect("a path")],
    )
    .code(0);
    assert!(
        run.stdout.contains("\"router_vnf/router_vnfd.yaml\""),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains(one.root.to_str().expect("a path")));
}

#[test]
fn the_revision_is_that_of_git_and_changes_are_told() {
    let tree = tree();
    if git(&tree, &["init", "-q", "-b", "main"]).is_none() {
        return;
    }
    tree.file(".gitignore", "target/\n");
    git(&tree, &["add", "-A"]);
    git(&tree, &["commit", "-qm", "x"]);
    let secret = "https://ci:s3cret@example.org/edge.git";
    git(&tree, &["remote", "add", "origin", secret]);
    let commit = git(&tree, &["rev-parse", "HEAD"]).expect("a commit");
    let revision = |package: &str| {
        let statement = of(&tree, package);
        statement["predicate"]["buildDefinition"]["resolvedDependencies"][0].clone()
    };
    let found = revision("router_vnf");
    assert_eq!(
        found["uri"],
        "git+https://example.org/edge.git@refs/heads/main"
    );
    assert_eq!(found["digest"]["gitCommit"], commit.trim());
    assert_eq!(found["annotations"], Value::Null);
    // Only the package that is another one says so.
    let file = tree.path("router_vnf/README.md");
    let text = fs::read_to_string(&file).expect("text");
    fs::write(&file, text + "\nmore\n").expect("written");
    assert_eq!(
        revision("router_vnf")["annotations"],
        json!({ "modified": true })
    );
    assert_eq!(revision("cache_knf")["annotations"], Value::Null);
    // A package that lies elsewhere is of no revision of this one.
    let elsewhere = self::tree();
    let path = elsewhere.path("cache_knf");
    let path = path.to_str().expect("a path");
    let run = nfv(&tree, &["provenance", "-q", path]).code(0);
    assert!(!run.stdout.contains("gitCommit"), "{}", run.stdout);
    // A file that git has never seen.
    tree.file("cache_knf/scripts/new.sh", "#!/bin/sh\n");
    assert_eq!(
        revision("cache_knf")["annotations"],
        json!({ "modified": true })
    );
}

const GITHUB: [(&str, &str); 8] = [
    ("GITHUB_ACTIONS", "true"),
    ("GITHUB_SERVER_URL", "https://github.com"),
    ("GITHUB_REPOSITORY", "example/edge"),
    ("GITHUB_RUN_ID", "42"),
    ("GITHUB_RUN_ATTEMPT", "1"),
    ("RUNNER_ENVIRONMENT", "github-hosted"),
    ("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567"),
    ("GITHUB_REF", "refs/heads/main"),
];

#[test]
fn a_run_says_who_and_when_it_was() {
    let tree = tree();
    let args = ["provenance", "-q", "-p", "router_vnf"];
    let run = run(command(&tree, &args).envs(GITHUB)).code(0);
    let statement = statements(&run).remove(0);
    let details = &statement["predicate"]["runDetails"];
    let builder = "https://github.com/actions/runner/github-hosted";
    assert_eq!(details["builder"]["id"], builder);
    let metadata = &details["metadata"];
    let invocation = "https://github.com/example/edge/actions/runs/42/attempts/1";
    assert_eq!(metadata["invocationId"], invocation);
    let started = metadata["startedOn"].as_str().expect("a time");
    assert!(nfv::time::parse_rfc3339(started).is_some(), "{started}");
    let source = &statement["predicate"]["buildDefinition"]["resolvedDependencies"][0];
    assert_eq!(
        source["uri"],
        "git+https://github.com/example/edge@refs/heads/main"
    );
    assert_eq!(source["digest"]["gitCommit"], GITHUB[6].1);
    let args = [&args[..], &["--builder-id", "https://ci.example.org/x"]].concat();
    let run = common::run(command(&tree, &args).envs(GITHUB)).code(0);
    let id = &statements(&run)[0]["predicate"]["runDetails"]["builder"]["id"];
    assert_eq!(id, "https://ci.example.org/x");
    nfv(&tree, &["provenance", "--builder-id", "nobody"]).code(2);
}

#[test]
fn judges_of_in_toto_and_slsa_accept_it() {
    let Some(python) = tool("sbom-python") else {
        return;
    };
    let tree = tree();
    nfv(&tree, &["provenance", "-q", "-o", "local.jsonl"]).code(0);
    run(command(&tree, &["provenance", "-q", "-o", "run.jsonl"]).envs(GITHUB)).code(0);
    let text = fs::read_to_string(tree.path("local.jsonl")).expect("written");
    tree.file("broken.jsonl", text.replace("buildType", "buildTyp"));
    let judge = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/sbom/judge.py");
    let judged = |files: &[&str]| {
        let mut command = Command::new(&python);
        run(command
            .arg(&judge)
            .arg("provenance")
            .args(files)
            .current_dir(&tree.root))
    };
    let accepted = judged(&["local.jsonl", "run.jsonl"]);
    assert_eq!(accepted.status, Some(0), "{}", accepted.stderr);
    assert_eq!(judged(&["broken.jsonl"]).status, Some(1));
}

#[test]
fn with_a_key_it_is_a_bundle_that_cosign_verifies() {
    let Some(cosign) = tool("cosign") else {
        return;
    };
    let tree = tree();
    let generate = ["key", "generate", "--no-passphrase", "--out"];
    for name in ["ours", "theirs"] {
        nfv(&tree, &[&generate[..], &[name]].concat()).code(0);
    }
    let args = [
        "provenance",
        "-q",
        "-p",
        "router_vnf",
        "--sign-key",
        "ours.key",
    ];
    let signed = nfv(&tree, &args).code(0);
    assert_eq!(nfv(&tree, &args).code(0).stdout, signed.stdout);
    tree.file("bundle.json", &signed.stdout);
    let built = nfv(&tree, &["build", "-q", "-p", "router_vnf"]).code(0);
    let (package, _) = built.stdout.split_once(' ').expect("a path");
    let verify = |key: &str, file: &str| {
        let mut command = Command::new(&cosign);
        command
            .env("HOME", tree.beside("home"))
            .current_dir(&tree.root);
        command.args(["verify-blob-attestation", "--bundle", "bundle.json"]);
        command.args(["--insecure-ignore-tlog=true", "--type", "slsaprovenance1"]);
        run(command.args(["--key", key, file]))
    };
    let accepted = verify("ours.pub", package);
    assert_eq!(accepted.status, Some(0), "{}", accepted.stderr);
    assert_ne!(verify("theirs.pub", package).status, Some(0));
    assert_ne!(verify("ours.pub", "router_vnf/README.md").status, Some(0));
}

/// A package that somebody has signed is not built anew for a statement, which is of that one.
#[test]
fn what_was_signed_is_stated_as_that() {
    let tree = tree();
    let csar = "[csar]\nrelease-date = \"2026-01-31T12:00:00Z\"\nvnfm-info = [\"0:osm\"]\n";
    let own = format!("[packages.router_vnf]\nlayout = \"csar\"\n\n{csar}");
    tree.file("nfv.toml", own);
    let generate = ["key", "generate", "--no-passphrase", "--certificate"];
    nfv(&tree, &[&generate[..], &["--subject", "x"]].concat()).code(0);
    let one = ["-A", "csar", "-p", "router_vnf"];
    let sign = ["--sign-key", "nfv.key", "--sign-certificate", "nfv.crt"];
    let stated = || {
        let run = nfv(&tree, &[&["provenance"][..], &one].concat()).code(0);
        let digest = statements(&run)[0]["subject"][0]["digest"]["sha256"].clone();
        let path = tree.path("target/nfv/packages/router_vnf-1.0.csar");
        let package = fs::read(path).expect("a package");
        assert_eq!(digest, common::sha256(&package));
        (digest, run.stderr)
    };
    nfv(&tree, &[&["build"][..], &one, &sign].concat()).code(0);
    let (signed, told) = stated();
    let words = "`router_vnf-1.0.csar` as it was signed before";
    assert!(told.contains(words), "{told}");
    fs::remove_dir_all(tree.path("target/nfv/packages")).expect("removed");
    let (unsigned, told) = stated();
    assert!(!told.contains(words), "{told}");
    assert_ne!(signed, unsigned);
}

#[test]
fn of_a_package_with_errors_nothing_is_said() {
    let tree = tree();
    tree.file("router_vnf/router_vnfd.yaml", "vnfd: {id: router_vnf}\n");
    let run = nfv(&tree, &["provenance"]).code(1);
    assert_eq!(run.stdout.matches("in-toto").count(), 0);
}

/// What was built elsewhere has no materials here, and a file without a statement is none.
#[test]
fn nothing_is_stated_of_finished_packages() {
    let tree = tree();
    nfv(&tree, &["build"]).code(0);
    let package = "target/nfv/packages/edge_ns-1.0.tar.gz";
    nfv(&tree, &["provenance", package, "-o", "out.jsonl"])
        .code(2)
        .says("nothing is stated of what was built elsewhere");
    assert!(!tree.path("out.jsonl").exists());
}

/// The manifest of a SHIELD package is filled in and not packed as it is, and is a material all the
/// same.
#[test]
fn the_manifest_of_a_shield_package_is_a_material() {
    let tree = tree();
    if git(&tree, &["init", "-q"]).is_none() {
        return;
    }
    git(&tree, &["add", "-A"]);
    git(&tree, &["commit", "-q", "-m", "x"]);
    git(
        &tree,
        &["remote", "add", "origin", "https://git.example.org/x/y.git"],
    );
    let materials = || {
        let run = nfv(&tree, &["provenance", "-q"]).code(0);
        let all = statements(&run);
        let is_shield = |one: &&Value| one["subject"][0]["name"] == "edge_ns-1.0.shield.tar.gz";
        let one = all.iter().find(is_shield).expect("a statement");
        let all = &one["predicate"]["buildDefinition"]["resolvedDependencies"];
        all.as_array().expect("materials").clone()
    };
    let manifest = |all: &[Value]| {
        let is_it = |one: &&Value| one["name"] == "edge_shield/manifest.yaml";
        all.iter().find(is_it).expect("the manifest")["digest"].clone()
    };
    let before = materials();
    assert_eq!(before[0]["annotations"]["modified"], Value::Null);
    tree.replace("edge_shield/manifest.yaml", "vendor:", "vendor: Other #");
    let after = materials();
    assert_ne!(manifest(&before), manifest(&after));
    assert_eq!(after[0]["annotations"]["modified"], true);
}
