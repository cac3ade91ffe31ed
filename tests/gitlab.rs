//! The component for GitLab: its jobs with the variables that a runner sets, and the
//! pipeline as a whole with `gitlab-ci-local`.

#![cfg(all(unix, feature = "publish", feature = "sign"))]

mod common;
#[path = "common/registry/mod.rs"]
mod double;
#[path = "common/releases.rs"]
mod releases;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{Run, Tree, copy, finish, set_mode, sh, sha256, showcase, skip, tool, vnfd};
use double::{Auth, Options, PASSWORD, Registry, USER};
use nfv::yaml::{self, Document, Limits, Node, Shape, Style, Type};
use regex::Regex;
use serde_json::Value;

/// The two documents of the component: its inputs, and its jobs.
fn documents() -> (String, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/nfv/template.yml");
    let text = fs::read_to_string(path).expect("template.yml");
    let (header, jobs) = text.split_once("\n---\n").expect("two documents");
    (header.to_owned(), jobs.to_owned())
}

fn parse(text: &str) -> Document {
    let document = yaml::parse("template.yml", text, Limits::default());
    assert!(document.problems().is_empty(), "{:?}", document.problems());
    document
}

fn at<'a>(node: Node<'a>, path: &[&str]) -> Node<'a> {
    path.iter()
        .fold(node, |node, key| node.get(key).expect("a key"))
}

/// As GitLab reads it: what is merged in gives way, and lists of rules in lists of rules
/// are made one.
fn json(node: Node<'_>) -> Value {
    let text = node.text().unwrap_or_default();
    match (node.shape(), node.scalar_type()) {
        (Shape::Mapping, _) => {
            let mut map = serde_json::Map::new();
            for entry in node.entries() {
                let mut value = json(entry.value());
                if let ("rules", Value::Array(rules)) = (entry.key(), &value) {
                    let flat = rules.iter().flat_map(|rule| match rule {
                        Value::Array(inner) => inner.clone(),
                        rule => vec![rule.clone()],
                    });
                    value = flat.collect();
                }
                map.entry(entry.key()).or_insert(value);
            }
            Value::Object(map)
        }
        (Shape::Sequence, _) => node.items().map(json).collect(),
        (_, Some(Type::Int | Type::Bool(_))) if node.style() == Some(Style::Plain) => {
            serde_json::from_str(text).expect("a number, or true or false")
        }
        _ => Value::from(text),
    }
}

/// The jobs with inputs put into their text, as GitLab does it: texts as they are,
/// anything else as JSON.
fn jobs(given: &[(&str, &str)]) -> Document {
    let (header, mut jobs) = documents();
    let header = parse(&header);
    let inputs = at(header.root().expect("a document"), &["spec", "inputs"]);
    for (name, _) in given {
        assert!(inputs.get(name).is_some(), "there is no input `{name}`");
    }
    for input in inputs.entries() {
        let name = input.key();
        let default = at(input.value(), &["default"]);
        let given = given.iter().find(|(given, _)| *given == name);
        let value = match default.shape() {
            Shape::Sequence => given.map_or_else(
                || json(default).to_string(),
                |(_, value)| (*value).to_owned(),
            ),
            _ => given.map_or_else(
                || default.text().unwrap_or_default().to_owned(),
                |(_, value)| (*value).to_owned(),
            ),
        };
        if let Some(regex) = input.value().get("regex") {
            let regex = Regex::new(regex.text().expect("a pattern")).expect("a pattern");
            assert!(regex.is_match(&value), "{name}: {value}");
        }
        if let Some(options) = input.value().get("options") {
            let mut options = options.items();
            assert!(
                options.any(|option| option.text() == Some(&value)),
                "{name}"
            );
        }
        jobs = jobs.replace(&format!("$[[ inputs.{name} ]]"), &value);
    }
    assert!(!jobs.contains("$[["), "an input that is not declared");
    parse(&jobs)
}

/// A checkout on a machine, and the inputs of the component.
struct Job<'a> {
    tree: &'a Tree,
    inputs: Vec<(&'a str, &'a str)>,
    /// Variables of the project and of the runner.
    variables: Vec<(&'a str, String)>,
    /// The program that runs scripts, with its arguments.
    shell: Vec<&'a str>,
    /// Folders on PATH before the system's.
    path: Vec<PathBuf>,
}

impl<'a> Job<'a> {
    fn of(tree: &'a Tree, inputs: &[(&'a str, &'a str)]) -> Self {
        Job {
            tree,
            inputs: inputs.to_vec(),
            variables: Vec::new(),
            shell: vec!["sh"],
            path: vec![program().parent().expect("a folder").to_owned()],
        }
    }

    /// Runs the script of a job.
    fn run(&self, name: &str) -> Run {
        let document = jobs(&self.inputs);
        let job = at(document.root().expect("a document"), &[name]);
        let mut variables: BTreeMap<String, String> = BTreeMap::new();
        let project = self.tree.root.display().to_string();
        for (name, value) in [
            ("CI", "true"),
            ("GITLAB_CI", "true"),
            ("CI_NODE_TOTAL", "1"),
        ] {
            variables.insert(name.to_owned(), value.to_owned());
        }
        variables.insert("CI_PROJECT_DIR".to_owned(), project);
        let own = self.variables.iter();
        variables.extend(own.map(|(name, value)| ((*name).to_owned(), value.clone())));
        let entries: Vec<_> = at(job, &["variables"]).entries().collect();
        // Merged ones stand last, and those of the job count.
        for entry in entries.into_iter().rev() {
            let value = expanded(entry.value().text().expect("a text"), &variables);
            variables.insert(entry.key().to_owned(), value);
        }
        let script: Vec<&str> = at(job, &["script"])
            .items()
            .filter_map(|s| s.text())
            .collect();
        let file = self.tree.beside("script.sh");
        fs::write(&file, script.join("\n")).expect("script");
        let mut path = self.path.clone();
        path.extend(std::env::split_paths(
            &std::env::var_os("PATH").expect("PATH"),
        ));
        let temporary = self.tree.beside("tmp");
        fs::create_dir_all(&temporary).expect("folder");
        let mut command = Command::new(self.shell[0]);
        command.args(&self.shell[1..]).arg("-e").arg(&file);
        command.current_dir(&self.tree.root).env_clear();
        command.env("PATH", std::env::join_paths(path).expect("PATH"));
        command.env("HOME", self.tree.beside("home"));
        command.env("TMPDIR", &temporary).envs(&variables);
        let pipes = command.stdin(Stdio::null()).stdout(Stdio::piped());
        let child = pipes.stderr(Stdio::piped()).spawn().expect("a shell");
        let run = Run::of(finish(child, Duration::from_secs(120)));
        // Whatever happens, keys are gone.
        assert_eq!(common::names(&temporary), [""; 0], "{}", run.stderr);
        run
    }
}

/// A value of a job's variable, with the variables in it replaced.
fn expanded(value: &str, variables: &BTreeMap<String, String>) -> String {
    let name = Regex::new(r"\$(\w+)").expect("pattern");
    let value = name.replace_all(value, |found: &regex::Captures<'_>| {
        variables.get(&found[1]).cloned().unwrap_or_default()
    });
    value.into_owned()
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_cargo-nfv"))
}

fn good() -> Tree {
    let nsd = "nsd:\n  nsd:\n    - id: edge_ns\n      version: '1.0'\n      vnfd-id:\n        - edge_knf\n";
    Tree::of(&[
        ("nfv/knf/edge_vnfd.yaml", &vnfd("edge_knf")),
        ("nfv/ns/edge_nsd.yaml", nsd),
    ])
}

fn broken() -> Tree {
    let tree = good();
    tree.replace("nfv/knf/edge_vnfd.yaml", "  provider:", "  providr:");
    tree
}

fn report(tree: &Tree) -> Vec<Value> {
    let text = fs::read(tree.path("gl-code-quality-report.json")).expect("a report");
    serde_json::from_slice(&text).expect("JSON")
}

/// What GitLab demands of a code quality report.
fn assert_code_quality(findings: &[Value]) {
    let mut fingerprints = BTreeSet::new();
    for finding in findings {
        for key in ["description", "check_name", "fingerprint"] {
            assert!(finding[key].as_str().is_some_and(|text| !text.is_empty()));
        }
        assert!(fingerprints.insert(finding["fingerprint"].as_str()));
        let severity = finding["severity"].as_str().expect("a severity");
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity));
        let path = finding["location"]["path"].as_str().expect("a path");
        assert!(!path.starts_with('.') && !path.starts_with('/'), "{path}");
        assert!(
            finding["location"]["lines"]["begin"]
                .as_u64()
                .is_some_and(|line| line > 0)
        );
    }
}

#[test]
fn a_check_leaves_reports_whatever_it_finds() {
    let tree = good();
    let job = Job::of(&tree, &[]);
    job.run("nfv-check").code(0).says("2 packages: 2 warnings");
    assert_code_quality(&report(&tree));
    assert!(
        report(&tree)
            .iter()
            .all(|finding| finding["severity"] == "minor")
    );

    let tree = broken();
    let job = Job::of(&tree, &[("working-directory", "nfv"), ("paths", "knf ns")]);
    job.run("nfv-check").code(1).says("unknown key `providr`");
    let findings = report(&tree);
    assert_code_quality(&findings);
    let error = findings
        .iter()
        .find(|finding| finding["severity"] == "major");
    let error = error.expect("an error");
    assert_eq!(error["check_name"], "schema/unknown-key");
    assert_eq!(error["location"]["path"], "nfv/knf/edge_vnfd.yaml");
    assert_eq!(error["location"]["lines"]["begin"], 4);
    let Some(python) = tool("sbom-python") else {
        return;
    };
    let script = "import sys, junitparser\n\
                  xml = junitparser.JUnitXml.fromfile(sys.argv[1])\n\
                  print(xml.tests, xml.failures, xml.errors)";
    let junit = tree.path("nfv-junit.xml");
    let read = sh(Command::new(python).args(["-c", script]).arg(junit));
    assert_eq!(read.trim(), "2 1 0");
}

#[test]
fn what_makes_it_fail_is_for_the_user_to_say() {
    for (tree, fail_on, code) in [
        (good(), "error", 0),
        (good(), "warning", 1),
        (good(), "never", 0),
        (broken(), "never", 0),
    ] {
        Job::of(&tree, &[("fail-on", fail_on)])
            .run("nfv-check")
            .code(code);
        assert_code_quality(&report(&tree));
    }
    // Only findings are forgiven.
    let inputs = [("fail-on", "never"), ("paths", "nowhere")];
    Job::of(&good(), &inputs).run("nfv-check").code(2);
}

#[test]
fn a_build_leaves_packages_and_runners_share_them() {
    let tree = good();
    Job::of(&tree, &[]).run("nfv-build").code(0);
    assert_eq!(common::names(&tree.path("target/nfv/packages")).len(), 2);
    Job::of(&broken(), &[]).run("nfv-build").code(1);

    let tree = Tree::in_memory();
    for i in 0..12 {
        tree.file(&format!("v{i}/v{i}_vnfd.yaml"), vnfd(&format!("v{i}_vnf")));
    }
    let mut seen = BTreeSet::new();
    for i in 1..=3 {
        let mut job = Job::of(&tree, &[("parallel", "3")]);
        job.variables.push(("CI_NODE_INDEX", i.to_string()));
        job.variables.push(("CI_NODE_TOTAL", "3".to_owned()));
        let run = job.run("nfv-build").code(0);
        for line in run.stdout.lines().filter(|line| line.contains("sha256:")) {
            assert!(seen.insert(line.to_owned()), "built twice: {line}");
        }
    }
    assert_eq!(seen.len(), 12);
}

#[test]
fn texts_of_inputs_are_never_commands() {
    for (name, value, code) in [
        (
            "paths",
            "nfv/knf $(touch${IFS}pwned) `touch pwned` ;touch pwned *",
            2,
        ),
        ("paths", "--fix", 2),
        ("args", "-p $(touch${IFS}pwned) ;touch pwned", 2),
        ("working-directory", "$(touch pwned)", 2),
        ("working-directory", "\";touch pwned;\"", 2),
        ("registry", "$(touch pwned)", 2),
        ("registry", "--force", 6),
        ("tags", "$(touch${IFS}pwned) --force", 2),
        ("releases", "$(touch pwned)", 0),
        ("paths", "nfv: {a: \"b\"} # 'c'", 2),
    ] {
        let tree = good();
        let is_for_publish = ["registry", "tags"].contains(&name);
        let job = if is_for_publish {
            "nfv-publish"
        } else {
            "nfv-check"
        };
        let run = Job::of(&tree, &[(name, value)]).run(job);
        assert!(!tree.path("pwned").exists(), "{name}: {value}");
        assert!(!tree.path("nfv/pwned").exists(), "{name}: {value}");
        assert_eq!(run.status, Some(code), "{name}: {value}\n{}", run.stderr);
    }
}

/// To the registry of the project, with the token of the job; signed with a key that is a
/// file, or a text.
#[test]
fn published_and_signed() {
    let registry = Registry::start(Options {
        auth: Auth::Basic,
        ..Options::default()
    });
    let image = format!("{}/group/edge", registry.host());
    let tree = good();
    let key = tree.beside("key");
    let mut generate = tree.command();
    generate.args(["key", "generate", "--out"]).arg(&key);
    common::run(generate.env("NFV_KEY_PASSPHRASE", "open-sesame")).code(0);
    let key = common::names(&tree.beside(""))
        .into_iter()
        .map(|name| tree.beside(&name))
        .find(|path| fs::read_to_string(path).is_ok_and(|text| text.contains("PRIVATE KEY")))
        .expect("a key");
    let text = fs::read_to_string(&key).expect("a key");
    let inputs = [
        ("tags", "stable $CI_COMMIT_REF_SLUG"),
        ("sign-key", "EDGE_KEY"),
    ];
    let mut job = Job::of(&tree, &inputs);
    for (name, value) in [
        ("CI_REGISTRY", registry.host()),
        ("CI_REGISTRY_IMAGE", image.clone()),
        ("CI_REGISTRY_USER", USER.to_owned()),
        ("CI_REGISTRY_PASSWORD", PASSWORD.to_owned()),
        ("CI_COMMIT_REF_SLUG", "main".to_owned()),
        ("NFV_KEY_PASSPHRASE", "open-sesame".to_owned()),
        ("EDGE_KEY", key.display().to_string()),
    ] {
        job.variables.push((name, value));
    }
    let run = job.run("nfv-publish").code(0);
    let digest = registry
        .digest("group/edge/edge_knf", "1.0")
        .expect("published");
    for tag in ["stable", "main"] {
        assert_eq!(
            registry.digest("group/edge/edge_knf", tag).as_ref(),
            Some(&digest)
        );
    }
    let signature = digest.replace("sha256:", "sha256-") + ".sig";
    assert!(registry.digest("group/edge/edge_knf", &signature).is_some());
    let digests = fs::read_to_string(tree.path("nfv-digests.txt")).expect("digests");
    assert!(
        digests.starts_with(&format!("{image}/edge_knf@{digest}\n")),
        "{digests}"
    );
    assert_eq!(digests.lines().count(), 2);
    let secret = text.lines().nth(1).expect("a line").to_owned();
    for secret in [secret.as_str(), "open-sesame", PASSWORD] {
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret));
    }

    job.variables.push(("EDGE_KEY", text));
    let again = job.run("nfv-publish").code(0);
    assert!(again.stderr.contains("0 new"), "{}", again.stderr);
    // A protected variable is not there for every branch, and a registry may be off.
    for (name, message) in [
        (
            "EDGE_KEY",
            "the variable EDGE_KEY, which should hold a private key, is empty",
        ),
        ("CI_REGISTRY_IMAGE", "the project has no registry"),
    ] {
        let mut job = Job::of(&tree, &inputs);
        job.variables = vec![
            ("CI_REGISTRY_IMAGE", image.clone()),
            ("EDGE_KEY", key.display().to_string()),
        ];
        job.variables.push((name, String::new()));
        job.run("nfv-publish").code(2).says(message);
    }
    // What can't be signed is not published.
    let elsewhere = format!("{image}/elsewhere");
    let mut job = Job::of(&tree, &inputs);
    job.variables = vec![
        ("CI_REGISTRY_IMAGE", elsewhere),
        ("EDGE_KEY", key.display().to_string()),
    ];
    let run = job.run("nfv-publish").code(2);
    assert!(
        run.stderr.contains("no passphrase was given"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("Published"), "{}", run.stderr);
}

/// A folder with the few programs that the script needs, and this one to fetch with.
fn machine(tree: &Tree, name: &str, fetcher: &str) -> Option<Vec<PathBuf>> {
    let folder = tree.beside(name);
    fs::create_dir_all(&folder).expect("folder");
    let needed = [
        "sh",
        "bash",
        "awk",
        "gzip",
        "mktemp",
        "rm",
        "sha256sum",
        "tar",
        "uname",
    ];
    for program in needed.iter().chain([&fetcher]).chain(&["busybox"]) {
        let Some(path) = std::env::split_paths(&std::env::var_os("PATH")?)
            .map(|folder| folder.join(program))
            .find(|path| path.is_file())
        else {
            if *program == "busybox" || *program == "bash" {
                continue;
            }
            skip(&format!("{program} is not there"));
            return None;
        };
        let link = folder.join(program);
        std::os::unix::fs::symlink(path, link).expect("a link");
    }
    Some(vec![folder])
}

#[test]
fn the_program_comes_from_the_release_if_its_checksum_holds() {
    let Some(target) = (match std::env::consts::ARCH {
        "x86_64" if cfg!(target_os = "linux") => Some("x86_64-unknown-linux-musl"),
        "aarch64" if cfg!(target_os = "linux") => Some("aarch64-unknown-linux-musl"),
        _ => None,
    }) else {
        return;
    };
    let version = env!("CARGO_PKG_VERSION");
    let name = format!("cargo-nfv-{target}-v{version}");
    let made = Tree::new();
    let stub = format!("#!/bin/sh\nexec '{}' \"$@\"\n", program().display());
    set_mode(&made.file(&format!("{name}/cargo-nfv"), stub), 0o755);
    let archive = made.path("archive.tgz");
    sh(Command::new("tar")
        .arg("-C")
        .arg(&made.root)
        .arg("-czf")
        .arg(&archive)
        .arg(&name));
    let archive = fs::read(archive).expect("archive");
    let sums = format!(
        "{}  other.tgz\n{}  {name}.tgz\n",
        sha256(b"x"),
        sha256(&archive)
    );
    let files = |archive: &[u8], sums: &str| {
        let at = |file: &str, bytes: &[u8]| (format!("/v{version}/{file}"), bytes.to_vec());
        releases::serve(
            [
                at(&format!("{name}.tgz"), archive),
                at("SHA256SUMS", sums.as_bytes()),
            ]
            .into(),
        )
    };
    let server = files(&archive, &sums);
    let shells: Vec<Vec<&str>> = [vec!["sh"], vec!["bash"], vec!["busybox", "sh"]]
        .into_iter()
        .filter(|shell| tool(shell[0]).is_some())
        .collect();
    for fetcher in ["curl", "wget"] {
        for shell in &shells {
            let tree = good();
            let Some(path) = machine(&tree, "bin", fetcher) else {
                return;
            };
            let mut job = Job::of(&tree, &[("releases", &server)]);
            job.shell.clone_from(shell);
            // Nothing else of this machine.
            job.variables = vec![("PATH", path[0].display().to_string())];
            job.path = path;
            let run = job.run("nfv-check").code(0);
            assert!(run.stdout.contains(&format!("cargo-nfv {version}")));
        }
    }
    // A wrong one is an end.
    let tree = good();
    let Some(path) = machine(&tree, "bin", "curl") else {
        return;
    };
    let other = files(
        &archive,
        &sums.replace(&sha256(&archive), &sha256(b"other")),
    );
    let unnamed = files(&archive, &sums.replace(&name, "another"));
    let truncated = files(b"truncated", &sums);
    let (zeros, own) = ("0".repeat(64), sha256(&archive));
    for (inputs, code, message) in [
        (
            vec![("releases", server.as_str()), ("checksum", &own)],
            0,
            "",
        ),
        (vec![("releases", other.as_str())], 2, "and should have"),
        (
            vec![("releases", other.as_str()), ("checksum", &own)],
            0,
            "",
        ),
        (vec![("releases", unnamed.as_str())], 2, "does not name"),
        (vec![("releases", truncated.as_str())], 2, "and should have"),
        (
            vec![("releases", server.as_str()), ("checksum", &zeros)],
            2,
            "and should have",
        ),
        (
            vec![("releases", server.as_str()), ("version", "9.9.9")],
            2,
            "failed to fetch",
        ),
        (
            vec![("version", "")],
            2,
            "is not on PATH, and version is empty",
        ),
    ] {
        let mut job = Job::of(&tree, &inputs);
        job.variables = vec![("PATH", path[0].display().to_string())];
        job.run("nfv-check").code(code).says(message);
    }
    // Another version on PATH is not taken.
    let mut job = Job::of(&tree, &[("releases", &server), ("version", "9.9.9")]);
    job.path = vec![program().parent().expect("a folder").to_owned()];
    job.run("nfv-check").code(2).says("failed to fetch");
}

/// Every input is declared with a description, and used; a folder below `templates` is a
/// component if it has a `template.yml`, and there is one such folder.
#[test]
fn the_component_is_what_gitlab_takes_for_one() {
    let (header, jobs) = documents();
    let header = parse(&header);
    for input in at(header.root().expect("a document"), &["spec", "inputs"]).entries() {
        let name = input.key();
        let description = at(input.value(), &["description"]).text().expect("a text");
        assert!(
            !description.is_empty() && !description.ends_with('.'),
            "{name}"
        );
        assert!(jobs.contains(&format!("$[[ inputs.{name} ]]")), "{name}");
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut components = Vec::new();
    for name in common::names(&folder) {
        assert!(!name.ends_with(".yml"), "{name} would be a component");
        if folder.join(&name).join("template.yml").exists() {
            components.push(name);
        }
    }
    assert_eq!(components, ["nfv"]);
    // No text of an input stands in a script.
    let jobs = parse(&jobs.replace("$[[ inputs.job-prefix ]]", "nfv"));
    for job in jobs.root().expect("a document").entries() {
        for line in at(job.value(), &["script"]).items() {
            assert!(!line.text().expect("a script").contains("$[["));
        }
    }
}

/// GitLab's schema, as check-jsonschema has it.
#[test]
fn the_jobs_are_valid() {
    let Some(judge) = tool("check-jsonschema") else {
        return;
    };
    let tree = Tree::new();
    let judge = |file: &Path| {
        let mut command = Command::new(&judge);
        command.args([
            "--builtin-schema",
            "vendor.gitlab-ci",
            "--data-transform",
            "gitlab-ci",
        ]);
        common::run(command.arg(file).current_dir(&tree.root))
    };
    let with_defaults = json(jobs(&[]).root().expect("a document")).to_string();
    judge(&tree.file("jobs.yml", &with_defaults)).code(0);
    let (header, _) = documents();
    judge(&tree.file("header.yml", header)).code(0);
    judge(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".gitlab-ci.yml")).code(0);
    let text = with_defaults.replace("codequality", "codequalty");
    judge(&tree.file("broken.yml", text)).code(1);
}

#[test]
fn the_script_is_sound() {
    let Some(judge) = tool("shellcheck") else {
        return;
    };
    let jobs = jobs(&[]);
    let job = at(jobs.root().expect("a document"), &["nfv-check", "script"]);
    let script = job.item(0).and_then(|item| item.text()).expect("a script");
    let tree = Tree::new();
    let file = tree.file("script.sh", script);
    sh(Command::new(judge).args(["--shell", "sh"]).arg(file));
}

/// A repository that includes the component.
fn repository(tree: &Tree, inputs: &str) {
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/nfv"),
        &tree.path("templates/nfv"),
        false,
    );
    tree.file(
        ".gitlab-ci.yml",
        format!("include:\n  - local: /templates/nfv/template.yml\n    inputs: {inputs}\n"),
    );
    for args in [
        &["init", "-q", "-b", "main"][..],
        &[
            "remote",
            "add",
            "origin",
            "https://gitlab.example.org/group/edge.git",
        ],
        &[
            "symbolic-ref",
            "refs/remotes/origin/HEAD",
            "refs/remotes/origin/main",
        ],
        &["add", "-A"],
        &[
            "-c",
            "user.name=n",
            "-c",
            "user.email=n@example.org",
            "commit",
            "-q",
            "-m",
            "x",
        ],
    ] {
        sh(Command::new("git").arg("-C").arg(&tree.root).args(args));
    }
}

/// `gitlab-ci-local` with jobs run by the shell of this machine.
fn pipeline(tree: &Tree, args: &[&str]) -> Option<Run> {
    let judge = tool("gitlab-ci-local")?;
    let mut command = Command::new(judge);
    let mut path = vec![program().parent().expect("a folder").to_owned()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH")?));
    command.env("PATH", std::env::join_paths(path).expect("PATH"));
    // The places of its settings, so that none of this machine count.
    command.env("HOME", tree.beside("home"));
    command.env_remove("CARGO_TARGET_DIR");
    command.args(["--force-shell-executor", "--no-color"]);
    // It gives jobs that have an image the place that this would have in a container.
    command.args(["--ignore-predefined-vars", "CI_PROJECT_DIR", "--variable"]);
    command.arg(format!("CI_PROJECT_DIR={}", tree.root.display()));
    let child = command
        .args(args)
        .current_dir(&tree.root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    Some(Run::of(finish(child, Duration::from_secs(120))))
}

#[test]
fn a_whole_pipeline_on_a_good_tree_and_a_broken_one() {
    if tool("gitlab-ci-local").is_none() || tool("rsync").is_none() {
        return;
    }
    let registry = Registry::plain();
    let place = format!("{}/edge", registry.host());
    let tree = Tree::new();
    copy(&showcase(), &tree.path("packages"), false);
    repository(
        &tree,
        &format!("{{registry: {place}, working-directory: packages, tags: '$CI_COMMIT_REF_SLUG'}}"),
    );
    let Some(run) = pipeline(&tree, &[]) else {
        return;
    };
    assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
    assert_code_quality(&report(&tree));
    assert_eq!(common::names(&tree.path("target/nfv/packages")).len(), 6);
    assert!(registry.digest("edge/edge_ns", "1.0").is_some());
    assert_eq!(
        registry.digest("edge/edge_ns", "main"),
        registry.digest("edge/edge_ns", "1.0")
    );

    let tree = broken();
    repository(&tree, "{publish: false, parallel: 2}");
    let Some(run) = pipeline(&tree, &[]) else {
        return;
    };
    assert_eq!(run.status, Some(1), "{}{}", run.stdout, run.stderr);
    assert!(!run.stdout.contains("nfv-publish"), "{}", run.stdout);
    assert_code_quality(&report(&tree));
    assert!(tree.path("nfv-junit.xml").is_file());
}
