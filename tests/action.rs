//! The GitHub Action: its steps, one after the other, in the environment that a runner
//! gives them.

#![cfg(all(unix, feature = "publish", feature = "sign"))]

mod common;
#[path = "common/registry/mod.rs"]
mod double;
#[path = "common/releases.rs"]
mod releases;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{Run, Tree, finish, set_mode, sh, sha256, skip, tool, vnfd};
use double::Registry;
use nfv::yaml::{self, Document, Limits, Node};

/// A job of one step, which uses the action.
struct Job {
    tree: Tree,
    inputs: BTreeMap<String, String>,
    /// Further variables, which a runner or a job sets.
    variables: BTreeMap<String, String>,
    /// Folders before the others on PATH.
    path: Vec<PathBuf>,
    /// `github.action_repository`.
    repository: String,
}

/// What the job left.
struct Done {
    code: i32,
    log: String,
    outputs: BTreeMap<String, String>,
    summary: String,
    /// What later steps have on PATH before all else.
    path: String,
    /// The folder that is kept for the next run.
    cached: String,
}

impl Job {
    fn of(tree: Tree, inputs: &[(&str, &str)]) -> Self {
        let inputs = inputs.iter();
        Job {
            tree,
            inputs: inputs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            variables: BTreeMap::new(),
            path: vec![program().parent().expect("a folder").to_owned()],
            repository: String::new(),
        }
    }

    /// Runs the steps of action.yml as the runner does: expressions are put in, scripts are
    /// run by bash, and what they write to the files of the runner is read back. Steps that
    /// use other actions are those of the cache, which has nothing.
    fn run(&self) -> Done {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = fs::read(root.join("action.yml")).expect("action.yml");
        let document = yaml::parse("action.yml", text, Limits::default());
        let action = document.root().expect("a document");
        let mut values = self.values(action);
        let runner = self.tree.beside("runner");
        fs::create_dir_all(runner.join("temp")).expect("folder");
        let mut done = Done {
            code: 0,
            log: String::new(),
            outputs: BTreeMap::new(),
            summary: String::new(),
            path: String::new(),
            cached: String::new(),
        };
        let steps: Vec<Node<'_>> = at(action, &["runs", "steps"]).items().collect();
        for (i, step) in steps.iter().enumerate() {
            let condition = step.get("if").map(|node| node.text().expect("a condition"));
            if condition.is_some_and(|text| !holds(text, &values)) {
                continue;
            }
            if let Some(uses) = step.get("uses") {
                let uses = uses.text().expect("an action");
                assert!(uses.starts_with("actions/cache@"), "{uses}");
                continue;
            }
            let files = runner.join(format!("step-{i}"));
            fs::create_dir_all(&files).expect("folder");
            let file = |name: &str| {
                let path = files.join(name);
                fs::write(&path, "").expect("file");
                path
            };
            let (output, summary, path) = (file("output"), file("summary"), file("path"));
            let script = files.join("script.sh");
            fs::write(&script, at(*step, &["run"]).text().expect("a script")).expect("script");
            let mut command = Command::new("bash");
            command
                .args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
                .arg(&script);
            command.current_dir(&self.tree.root).env_clear();
            let mut search: Vec<PathBuf> = self.path.clone();
            search.extend(std::env::split_paths(
                &std::env::var_os("PATH").expect("PATH"),
            ));
            command.env("PATH", std::env::join_paths(search).expect("PATH"));
            command.env("HOME", self.tree.beside("home"));
            command.env("GITHUB_ACTIONS", "true").env("CI", "true");
            command
                .env("GITHUB_WORKSPACE", &self.tree.root)
                .env("GITHUB_ACTION_PATH", root);
            command
                .env("GITHUB_ACTOR", "somebody")
                .env("GITHUB_SERVER_URL", "http://127.0.0.1:9");
            command.env("RUNNER_OS", "Linux").env("RUNNER_ARCH", "X64");
            command.env("RUNNER_TEMP", runner.join("temp"));
            command
                .env("GITHUB_OUTPUT", &output)
                .env("GITHUB_PATH", &path);
            command.env("GITHUB_STEP_SUMMARY", &summary);
            for entry in step
                .get("env")
                .into_iter()
                .flat_map(|env| env.entries().collect::<Vec<_>>())
            {
                let value = entry.value();
                command.env(entry.key(), put_in(value.text().expect("a value"), &values));
            }
            command.envs(&self.variables);
            command
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            let run = Run::of(finish(
                command.spawn().expect("bash"),
                Duration::from_secs(120),
            ));
            done.log.push_str(&run.stdout);
            done.log.push_str(&run.stderr);
            let outputs = read_outputs(&fs::read_to_string(&output).expect("outputs"));
            if let Some(id) = step.get("id").and_then(|id| id.text()) {
                let of_step = outputs.into_iter();
                values.extend(
                    of_step.map(|(name, value)| (format!("steps.{id}.outputs.{name}"), value)),
                );
            }
            done.summary
                .push_str(&fs::read_to_string(&summary).expect("summary"));
            done.path
                .push_str(&fs::read_to_string(&path).expect("path"));
            done.code = run.status.expect("an exit code");
            if done.code != 0 {
                break;
            }
        }
        done.cached = value("steps.program.outputs.outputs", &values);
        for entry in at(action, &["outputs"]).entries() {
            let value = at(entry.value(), &["value"]).text().expect("a value");
            done.outputs
                .insert(entry.key().to_owned(), put_in(value, &values));
        }
        done
    }

    /// The contexts: inputs with their defaults, and the few of others that are used.
    fn values(&self, action: Node<'_>) -> BTreeMap<String, String> {
        let mut values = BTreeMap::new();
        let known: BTreeMap<String, String> = at(action, &["inputs"])
            .entries()
            .map(|entry| {
                let default = entry
                    .value()
                    .get("default")
                    .and_then(|node| node.text().map(str::to_owned));
                (entry.key().to_owned(), default.unwrap_or_default())
            })
            .collect();
        for name in self.inputs.keys() {
            assert!(known.contains_key(name), "there is no input `{name}`");
        }
        values.insert(
            "github.token".to_owned(),
            "token-of-the-workflow".to_owned(),
        );
        values.insert(
            "github.action_repository".to_owned(),
            self.repository.clone(),
        );
        for (name, default) in known {
            let value = self.inputs.get(&name).cloned();
            let value = value.unwrap_or_else(|| put_in(&default, &values));
            values.insert(format!("inputs.{name}"), value);
        }
        values
    }

    fn temporary_files(&self) -> Vec<PathBuf> {
        let mut all = Vec::new();
        common::walk(&self.tree.beside("runner").join("temp"), &mut |path| {
            all.push(path.to_owned())
        });
        all
    }
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_cargo-nfv"))
}

fn at<'a>(node: Node<'a>, path: &[&str]) -> Node<'a> {
    path.iter()
        .fold(node, |node, key| node.get(key).expect("a key"))
}

/// A text with its expressions replaced by their values.
fn put_in(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, after) = after.split_once("}}").expect("an end");
        out.push_str(before);
        out.push_str(&value(expression.trim(), values));
        rest = after;
    }
    out + rest
}

/// A value of a context; what is not there is empty, as on GitHub.
fn value(expression: &str, values: &BTreeMap<String, String>) -> String {
    match expression.strip_prefix('\'') {
        Some(literal) => literal.trim_end_matches('\'').to_owned(),
        None => values.get(expression).cloned().unwrap_or_default(),
    }
}

/// `a == 'x' && b != 'y'`.
fn holds(condition: &str, values: &BTreeMap<String, String>) -> bool {
    condition.split("&&").all(|part| {
        let (sides, same) = match part.split_once("!=") {
            Some(sides) => (sides, false),
            None => (part.split_once("==").expect("a comparison"), true),
        };
        (value(sides.0.trim(), values) == value(sides.1.trim(), values)) == same
    })
}

/// `name=value` and `name<<MARK`, as the runner reads them.
fn read_outputs(text: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let is_list = line
            .find("<<")
            .is_some_and(|i| line.find('=').is_none_or(|j| i < j));
        if is_list {
            let (name, mark) = line.split_once("<<").expect("a mark");
            let list: Vec<&str> = lines.by_ref().take_while(|line| *line != mark).collect();
            outputs.insert(name.to_owned(), list.join("\n"));
        } else {
            let (name, value) = line.split_once('=').expect("an output");
            outputs.insert(name.to_owned(), value.to_owned());
        }
    }
    outputs
}

fn good() -> Tree {
    let nsd = "nsd:\n  nsd:\n    - id: edge_ns\n      version: '1.0'\n      vnfd-id:\n        - edge_knf\n";
    let tree = Tree::of(&[
        ("nfv/knf/edge_vnfd.yaml", &vnfd("edge_knf")),
        ("nfv/ns/edge_nsd.yaml", nsd),
    ]);
    fs::create_dir_all(tree.beside("home")).expect("home");
    tree
}

fn broken() -> Tree {
    let tree = good();
    tree.replace("nfv/knf/edge_vnfd.yaml", "  provider:", "  providr:");
    tree
}

#[test]
fn a_good_tree_in_three_lines() {
    let job = Job::of(good(), &[]);
    let done = job.run();
    assert_eq!(done.code, 0, "{}", done.log);
    assert_eq!(done.outputs["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(Path::new(&done.outputs["bin-path"]), program());
    assert_eq!(done.outputs["errors"], "0");
    assert!(done.outputs["packages"].contains("\"path\":\"nfv/knf\""));
    assert!(done.outputs["sarif-file"].is_empty());
    assert!(done.log.contains("is on PATH"), "{}", done.log);
    assert!(
        done.summary.starts_with("### cargo nfv: 2 packages"),
        "{}",
        done.summary
    );
    assert!(done.summary.contains("```mermaid"), "{}", done.summary);
    let report = fs::read_to_string(&done.outputs["report"]).expect("a report");
    assert!(report.contains("\"check-finished\""), "{report}");
    // Later steps find the program where it was, behind what is before it now.
    assert_eq!(done.path, "");
}

#[test]
fn a_broken_tree_is_shown_at_its_lines() {
    let inputs = [
        ("working-directory", "nfv"),
        ("sarif-file", "out/nfv.sarif"),
    ];
    let job = Job::of(broken(), &inputs);
    let done = job.run();
    assert_eq!(done.code, 1, "{}", done.log);
    // For people, and as an annotation with the path that the repository has.
    assert!(done.log.contains("unknown key `providr`"), "{}", done.log);
    let annotation = "::error file=nfv/knf/edge_vnfd.yaml,line=4,endLine=4,col=3,endColumn=10,\
                      title=schema/unknown-key::unknown key `providr` in `vnfd`";
    assert!(done.log.contains(annotation), "{}", done.log);
    assert_eq!(done.outputs["errors"], "1");
    let sarif = &done.outputs["sarif-file"];
    assert_eq!(Path::new(sarif), job.tree.path("nfv/out/nfv.sarif"));
    let sarif: serde_json::Value =
        serde_json::from_slice(&fs::read(sarif).expect("SARIF")).expect("JSON");
    let location = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(
        location["artifactLocation"]["uri"],
        "nfv/knf/edge_vnfd.yaml"
    );
    assert!(
        done.summary
            .contains("<code>nfv/knf/edge&#95;vnfd.yaml:4:3</code>"),
        "{}",
        done.summary
    );
    // What the run needed is gone; the report is an output.
    let left: Vec<PathBuf> = job.temporary_files();
    assert_eq!(left, [PathBuf::from(&done.outputs["report"])]);
}

#[test]
fn what_makes_it_fail_is_for_the_user_to_say() {
    for (tree, fail_on, code) in [
        (good(), "error", 0),
        (good(), "warning", 1),
        (broken(), "never", 0),
        (good(), "never", 0),
        (good(), "sometimes", 2),
    ] {
        let done = Job::of(tree, &[("fail-on", fail_on)]).run();
        assert_eq!(done.code, code, "{fail_on}: {}", done.log);
    }
    // A build that built nothing is not green.
    let done = Job::of(broken(), &[("fail-on", "never"), ("command", "build")]).run();
    assert_eq!(done.code, 2, "{}", done.log);
    // Only findings are forgiven.
    let done = Job::of(good(), &[("fail-on", "never"), ("path", "nowhere")]).run();
    assert_eq!(done.code, 2, "{}", done.log);
}

#[test]
fn inputs_are_never_commands() {
    let hostile = [
        ("path", "nfv/knf\n$(touch pwned); `touch pwned`"),
        ("args", "-p $(touch${IFS}pwned) ;touch pwned *"),
        ("profile", "osm;touch pwned"),
        ("command", "check;touch pwned"),
        ("fail-on", "x\n::warning::pwned"),
        ("sarif-file", "$(touch pwned).sarif"),
        ("working-directory", "$(touch pwned)"),
        ("tags", "$(touch pwned)"),
        ("registry", "$(touch pwned)"),
        ("annotations", "`touch pwned`"),
        ("version", "$(touch pwned)"),
    ];
    for (name, value) in hostile {
        // Tags go with no other command.
        let command = match name {
            "command" => None,
            "tags" => Some(("command", "publish")),
            _ => Some(("command", "check")),
        };
        let inputs: Vec<_> = command.into_iter().chain([(name, value)]).collect();
        let job = Job::of(good(), &inputs);
        let done = job.run();
        let files: Vec<PathBuf> = job.temporary_files();
        assert!(!files.iter().any(|path| path.ends_with("pwned")), "{name}");
        assert!(!job.tree.path("pwned").exists(), "{name}: {}", done.log);
        assert!(
            !done.log.lines().any(|line| line.starts_with("::warning::")),
            "{}",
            done.log
        );
        let is_a_file_name = name == "sarif-file";
        assert_eq!(done.code == 0, is_a_file_name, "{name}: {}", done.log);
    }
}

/// What is built anew when the program is another is told by the files that it is made of.
#[test]
fn the_program_that_is_kept_is_known_by_all_its_files() {
    let get = include_str!("../xtask/action/get");
    let kept = get
        .lines()
        .find(|line| line.contains("find Cargo.toml"))
        .expect("the line");
    let mut open = vec![std::path::PathBuf::from("xtask/src")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            for included in text.split("include_str!(\"").skip(1) {
                let file = included.split('"').next().unwrap_or_default();
                let file = file.trim_start_matches("../");
                let is_below = !included.starts_with("../../") || kept.contains(file);
                assert!(is_below, "{}: {file}", path.display());
            }
        }
    }
}

/// GitHub's runner looks for commands in every line of a log: `::name::` where it begins,
/// `##[name]` anywhere in it.
#[test]
fn descriptors_are_never_commands() {
    let tree = good();
    let hostile = "  \"##[add-mask]e ##[stop-commands]x\\n::add-mask::error\": x\n  provider:";
    tree.replace("nfv/knf/edge_vnfd.yaml", "  provider:", hostile);
    let done = Job::of(tree, &[]).run();
    assert_eq!(done.code, 1, "{}", done.log);
    let mut mark: Option<String> = None;
    let mut hidden = 0;
    for line in done.log.lines() {
        match &mark {
            None if line.starts_with("::stop-commands::") => {
                mark = Some(line.replace("::stop-commands::", "::"));
            }
            Some(end) if line == format!("{end}::") => mark = None,
            Some(_) => hidden += usize::from(line.contains("##[add-mask]")),
            // Those of the action itself, each of which is the whole of its line.
            None => {
                let is_own = ["::error ", "::warning "];
                let is_own = is_own.iter().any(|own| line.starts_with(own));
                assert!(is_own || !line.contains("##["), "{line}");
            }
        }
    }
    assert!(mark.is_none() && hidden > 0, "{}", done.log);
    // Nobody can guess the word.
    let marks: Vec<&str> = done
        .log
        .lines()
        .filter(|line| line.starts_with("::stop-commands::"))
        .collect();
    assert_eq!(marks.len(), 1);
    assert_eq!(marks[0].len(), "::stop-commands::".len() + 32);
}

#[test]
fn nothing_is_published_that_can_not_be_signed() {
    let registry = Registry::plain();
    let place = format!("{}/edge", registry.host());
    let tree = good();
    let mut generate = tree.command();
    generate
        .args(["key", "generate", "--out"])
        .arg(tree.beside("key"))
        .env("NFV_KEY_PASSPHRASE", "open-sesame");
    common::run(&mut generate).code(0);
    let key = fs::read_to_string(tree.beside("key.key")).expect("a key");
    let public = fs::read_to_string(tree.beside("key.pub")).expect("a key");
    let with = |key: &str, passphrase: &str, registry: &str| {
        let inputs = [
            ("command", "publish"),
            ("registry", registry),
            ("sign-key", key),
            ("sign-passphrase", passphrase),
        ];
        Job::of(good(), &inputs).run()
    };
    for (key, passphrase, registry, words) in [
        ("", "open-sesame", place.as_str(), "sign-key is empty"),
        ("nonsense", "", &place, "sign-key can't be used"),
        (&key, "wrong", &place, "sign-key can't be used"),
        (&key, "", &place, "sign-key can't be used"),
        (&key, "open-sesame", "", "registry is empty"),
        (&public, "", &place, "sign-key holds no private key"),
    ] {
        let done = with(key, passphrase, registry);
        assert_eq!(done.code, 2, "{}", done.log);
        assert!(done.log.contains(words), "{}", done.log);
        assert!(done.summary.contains(words), "{}", done.summary);
        // It was a key that was asked for.
        assert!(!done.log.contains("the certificate in"), "{}", done.log);
    }
    assert_eq!(registry.digest("edge/edge_knf", "1.0"), None);
    // A dry run signs nothing, and has nothing to hand on.
    let inputs = [
        ("command", "publish"),
        ("registry", place.as_str()),
        ("args", "--dry-run"),
        ("sign-key", key.as_str()),
        ("sign-passphrase", "open-sesame"),
    ];
    let done = Job::of(good(), &inputs).run();
    assert_eq!(done.code, 0, "{}", done.log);
    assert_eq!(done.outputs["digests"], "");
    assert_eq!(done.outputs["references"], "");
    assert_eq!(registry.digest("edge/edge_knf", "1.0"), None);
}

#[test]
fn a_publication_that_fails_is_shown() {
    let registry = Registry::plain();
    let place = format!("{}/edge", registry.host());
    let inputs = [("command", "publish"), ("registry", place.as_str())];
    assert_eq!(Job::of(good(), &inputs).run().code, 0);
    let tree = good();
    tree.replace("nfv/knf/edge_vnfd.yaml", "provider: ", "provider: Other ");
    let done = Job::of(tree, &inputs).run();
    assert_ne!(done.code, 0, "{}", done.log);
    let annotation = done.log.lines().find(|line| line.starts_with("::error "));
    let annotation = annotation.unwrap_or_else(|| panic!("{}", done.log));
    assert!(annotation.contains("edge_knf"), "{annotation}");
    assert!(done.summary.contains("The run failed"), "{}", done.summary);
    // One that never came to a report has an annotation as well.
    for inputs in [[("args", "--nonsense")], [("working-directory", "nowhere")]] {
        let done = Job::of(good(), &inputs).run();
        assert_eq!(done.code, 2, "{}", done.log);
        let (name, value) = inputs[0];
        let told = done.log.lines().find(|line| line.starts_with("::error "));
        assert!(
            told.is_some_and(|told| told.contains(value)),
            "{name}: {}",
            done.log
        );
        assert!(done.summary.contains(value), "{}", done.summary);
    }
    // Where neither is wanted there is neither, and what the script itself says is in the log.
    let quiet = [("annotations", "false"), ("summary", "false")];
    for other in [("args", "--nonsense"), ("tags", "stable")] {
        let done = Job::of(good(), &[quiet[0], quiet[1], other]).run();
        assert_eq!(done.code, 2, "{}", done.log);
        let is_told = done.log.contains(other.1) || done.log.contains("tags goes with");
        assert!(is_told, "{}", done.log);
        assert!(!done.log.contains("::error"), "{}", done.log);
        assert_eq!(done.summary, "");
    }
    // Without annotations the program's own words are taken, with the cause.
    let down = [
        ("command", "publish"),
        ("registry", "127.0.0.1:1/edge"),
        ("args", "--retries 0"),
        ("annotations", "false"),
        ("summary", "false"),
    ];
    let mut done = Job::of(good(), &down).run();
    assert!(!done.log.contains("::error"), "{}", done.log);
    assert_eq!(done.summary, "");
    for (wanted, other) in [("annotations", "summary"), ("summary", "annotations")] {
        let inputs = [
            down[0],
            down[1],
            down[2],
            (wanted, "true"),
            (other, "false"),
        ];
        done = Job::of(good(), &inputs).run();
        assert_ne!(done.code, 0, "{}", done.log);
        let told = match wanted {
            "summary" => done.summary.clone(),
            _ => {
                let lines = done.log.lines().filter(|line| line.starts_with("::error "));
                lines.map(str::to_owned).collect::<String>()
            }
        };
        assert!(told.contains("onnection refused"), "{wanted}: {told}");
        assert!(!told.contains("error: "), "{wanted}: {told}");
        assert_eq!(
            wanted == "annotations",
            done.summary.is_empty(),
            "{}",
            done.summary
        );
    }
    // A report of an earlier run is not taken for that of this one.
    let tree = good();
    tree.file("nfv.sarif", "old");
    let done = Job::of(tree, &[("sarif-file", "nfv.sarif"), ("path", "nowhere")]).run();
    assert_eq!(done.code, 2, "{}", done.log);
    assert_eq!(done.outputs["sarif-file"], "");
    let tree = good();
    tree.file("nfv.sarif", "old");
    let done = Job::of(tree, &[("sarif-file", "nfv.sarif"), ("args", "--bogus")]).run();
    assert_eq!(done.code, 2, "{}", done.log);
    assert_eq!(done.outputs["sarif-file"], "");
    // What can't be made is told as everything is.
    for (inputs, words) in [
        (
            &[("sarif-file", "file/nfv.sarif")][..],
            "its folder can't be made",
        ),
        (&[("tags", "stable")], "tags goes with the command publish"),
    ] {
        let tree = good();
        tree.file("file", "");
        let done = Job::of(tree, inputs).run();
        assert_eq!(done.code, 2, "{}", done.log);
        let told = done.log.lines().find(|line| line.starts_with("::error "));
        assert!(
            told.is_some_and(|told| told.contains(words)),
            "{}",
            done.log
        );
        assert!(done.summary.contains(words), "{}", done.summary);
    }
    // Names at GitHub may have capitals, and those of repositories have none.
    let place = format!("{}/Edge", registry.host());
    let done = Job::of(good(), &[("command", "publish"), ("registry", &place)]).run();
    assert_eq!(done.code, 0, "{}", done.log);
}

#[test]
fn outputs_are_where_the_cache_looks_for_them() {
    let tree = good();
    tree.file("nfv.toml", "");
    let inputs = [("command", "build"), ("working-directory", "nfv")];
    let mut job = Job::of(tree, &inputs);
    job.inputs
        .insert("working-directory".to_owned(), "nfv".to_owned());
    let root = job.tree.root.clone();
    let cached = move |done: &Done| root.join(&done.cached);
    let done = job.run();
    assert_eq!(done.code, 0, "{}", done.log);
    assert!(job.tree.path("nfv/target/nfv/packages").is_dir());
    assert_eq!(cached(&done), job.tree.path("nfv/target/nfv"));
    let elsewhere = job.tree.path("elsewhere");
    let elsewhere = elsewhere.to_str().expect("a path").to_owned();
    for (folder, place) in [(elsewhere.as_str(), "elsewhere"), ("out", "nfv/out")] {
        job.variables
            .insert("CARGO_TARGET_DIR".to_owned(), folder.to_owned());
        let done = job.run();
        assert_eq!(done.code, 0);
        let place = job.tree.path(place).join("nfv");
        assert!(place.join("packages").is_dir());
        assert_eq!(cached(&done), place);
    }
    job.variables.clear();
    job.inputs
        .insert("args".to_owned(), "--target-dir other".to_owned());
    let done = job.run();
    assert!(job.tree.path("nfv/other/nfv/packages").is_dir());
    assert_eq!(cached(&done), job.tree.path("nfv/other/nfv"));
    // A report may go anywhere as well.
    let sarif = job.tree.beside("some.sarif");
    let sarif = sarif.to_str().expect("a path").to_owned();
    let done = Job::of(good(), &[("sarif-file", &sarif)]).run();
    assert_eq!(done.outputs["sarif-file"], sarif);
    assert!(Path::new(&sarif).is_file());
    let job = Job::of(good(), &[("sarif-file", "-x/nfv.sarif")]);
    let done = job.run();
    assert_eq!(done.code, 0, "{}", done.log);
    assert!(Path::new(&done.outputs["sarif-file"]).is_file());
}

#[test]
fn built_published_and_signed() {
    let registry = Registry::plain();
    let place = format!("{}/edge", registry.host());
    let tree = good();
    let key = tree.beside("key");
    let mut generate = tree.command();
    generate
        .args(["key", "generate", "--out"])
        .arg(&key)
        .env("NFV_KEY_PASSPHRASE", "open-sesame");
    common::run(&mut generate).code(0);
    let private = fs::read_dir(tree.beside("")).expect("folder");
    let private = private.filter_map(|entry| Some(entry.ok()?.path()));
    let mut private = private
        .filter(|path| fs::read_to_string(path).is_ok_and(|text| text.contains("PRIVATE KEY")));
    let private = fs::read_to_string(private.next().expect("a key")).expect("a key");
    let inputs = [
        ("command", "publish"),
        ("registry", place.as_str()),
        ("registry-username", "somebody"),
        ("registry-password", "hunter-2"),
        ("tags", "stable\nlatest"),
        ("path", "nfv/knf\nnfv/ns"),
        ("sign-key", private.as_str()),
        ("sign-passphrase", "open-sesame"),
    ];
    let job = Job::of(tree, &inputs);
    let done = job.run();
    assert_eq!(done.code, 0, "{}", done.log);
    let digest = registry.digest("edge/edge_knf", "1.0").expect("published");
    assert_eq!(
        registry.digest("edge/edge_knf", "stable").as_ref(),
        Some(&digest)
    );
    assert_eq!(
        registry.digest("edge/edge_ns", "latest"),
        registry.digest("edge/edge_ns", "1.0")
    );
    let digests: Vec<&str> = done.outputs["digests"].lines().collect();
    assert_eq!(digests[0], format!("{place}/edge_knf@{digest}"));
    let references: Vec<&str> = done.outputs["references"].lines().collect();
    assert_eq!(
        references,
        [
            format!("{place}/edge_knf:1.0"),
            format!("{place}/edge_ns:1.0")
        ]
    );
    let packages: serde_json::Value =
        serde_json::from_str(&done.outputs["packages"]).expect("JSON");
    assert_eq!(packages[0]["artifact"]["digest"], digest.as_str());
    assert!(done.summary.contains(&digest), "{}", done.summary);
    // Both are signed, by the key.
    let signature = digest.replace("sha256:", "sha256-") + ".sig";
    assert!(
        registry.digest("edge/edge_knf", &signature).is_some(),
        "{}",
        done.log
    );
    // Secrets are nowhere.
    let secret = private.lines().nth(1).expect("a line").to_owned();
    let files = job.temporary_files();
    let texts = files
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok());
    for text in texts.chain([done.log.clone(), done.summary.clone()]) {
        for secret in [
            secret.as_str(),
            "hunter-2",
            "open-sesame",
            "token-of-the-workflow",
        ] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    // Another run finds everything there.
    let again = job.run();
    assert_eq!(again.code, 0, "{}", again.log);
    assert!(again.log.contains("0 new"), "{}", again.log);
}

/// A job on a machine without the program, with a cargo that only writes down how it
/// was called.
fn without_program(inputs: &[(&str, &str)]) -> Job {
    let mut job = Job::of(good(), inputs);
    let bin = job.tree.beside("bin");
    fs::create_dir_all(&bin).expect("folder");
    let script = format!(
        "#!/bin/sh\necho \"$@\" >>{0}/calls\nwhile [ $# -gt 1 ]; do\n  if [ \"$1\" = --root ]; then mkdir -p \"$2/bin\" && cp {1} \"$2/bin/cargo-nfv\"; fi\n  shift\ndone\n",
        bin.display(),
        program().display()
    );
    fs::write(bin.join("cargo"), script).expect("cargo");
    set_mode(&bin.join("cargo"), 0o755);
    job.path = vec![bin];
    // The one of this machine must not be found.
    job.repository = "edge/cargo-nfv".to_owned();
    job
}

fn calls(job: &Job) -> String {
    fs::read_to_string(job.tree.beside("bin").join("calls")).unwrap_or_default()
}

#[test]
fn the_program_comes_from_the_release_if_its_checksum_holds() {
    let needed = ["curl", "tar", "gzip"];
    if needed.iter().any(|name| tool(name).is_none()) {
        return skip("curl, tar or gzip is not there");
    }
    let version = env!("CARGO_PKG_VERSION");
    let name = format!("cargo-nfv-x86_64-unknown-linux-musl-v{version}");
    let tree = Tree::new();
    let folder = tree.path(&name);
    fs::create_dir_all(&folder).expect("folder");
    fs::copy(program(), folder.join("cargo-nfv")).expect("copied");
    let archive = tree.path("archive.tgz");
    sh(Command::new("tar")
        .arg("-C")
        .arg(&tree.root)
        .arg("-czf")
        .arg(&archive)
        .arg(&name));
    let archive = fs::read(archive).expect("archive");
    let sums = format!(
        "{}  other.tgz\n{}  {name}.tgz\n",
        sha256(b"x"),
        sha256(&archive)
    );
    let base = format!("/edge/cargo-nfv/releases/download/v{version}");
    let files = |archive: &[u8], sums: &str| {
        let at = |file: &str, bytes: &[u8]| (format!("{base}/{file}"), bytes.to_vec());
        let files = [
            at(&format!("{name}.tgz"), archive),
            at("SHA256SUMS", sums.as_bytes()),
        ];
        releases::serve(files.into())
    };
    let run = |server: &str, inputs: &[(&str, &str)]| {
        let mut job = without_program(inputs);
        job.variables
            .insert("GITHUB_SERVER_URL".to_owned(), server.to_owned());
        let done = job.run();
        (calls(&job), done)
    };
    let server = files(&archive, &sums);
    let (calls, done) = run(&server, &[]);
    assert_eq!(done.code, 0, "{}", done.log);
    assert!(done.log.contains("is that of the release"), "{}", done.log);
    assert!(calls.is_empty(), "{calls}");
    let (_, done) = run(
        &server,
        &[
            ("version", &format!("v{version}")),
            ("checksum", &sha256(&archive)),
        ],
    );
    assert_eq!(done.code, 0, "{}", done.log);
    // A wrong one is an end, and no reason to build.
    let other = sums.replace(&sha256(&archive), &sha256(b"other"));
    let unnamed = sums.replace(&name, "another");
    for (server, inputs) in [
        (files(&archive, &other), vec![]),
        (files(&archive, &unnamed), vec![]),
        (files(b"truncated", &sums), vec![]),
        (server.clone(), vec![("checksum", "00")]),
        (server.clone(), vec![("version", "9.9.9")]),
    ] {
        let (calls, done) = run(&server, &inputs);
        assert_eq!(done.code, 2, "{}", done.log);
        assert!(
            done.log.contains("::error title=cargo nfv::"),
            "{}",
            done.log
        );
        assert!(
            done.summary.contains("**The run failed:**"),
            "{}",
            done.summary
        );
        assert!(calls.is_empty(), "{calls}");
    }
}

#[test]
fn without_a_release_the_action_builds_its_own_checkout() {
    if tool("curl").is_none() {
        return skip("curl is not there");
    }
    let server = releases::serve(BTreeMap::new());
    let mut job = without_program(&[]);
    job.variables.insert("GITHUB_SERVER_URL".to_owned(), server);
    let done = job.run();
    assert_eq!(done.code, 0, "{}", done.log);
    let calls = calls(&job);
    assert!(calls.starts_with("install --locked"), "{calls}");
    // A local checkout has no release, and is not asked for one.
    let mut job = without_program(&[]);
    job.repository = String::new();
    let done = job.run();
    assert_eq!(done.code, 0, "{}", done.log);
}

/// Every action that is used is pinned to a commit, and inputs stand in `env` alone.
#[test]
fn the_action_is_pinned_and_puts_no_text_into_scripts() {
    let text = fs::read("action.yml").expect("action.yml");
    let document: Document = yaml::parse("action.yml", text, Limits::default());
    let root = document.root().expect("a document");
    for step in at(root, &["runs", "steps"]).items() {
        if let Some(uses) = step.get("uses").and_then(|node| node.text()) {
            let (_, commit) = uses.split_once('@').expect("a commit");
            assert!(
                commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()),
                "{uses}"
            );
        }
        if let Some(run) = step.get("run").and_then(|node| node.text()) {
            assert!(!run.contains("${{"), "{run}");
        }
    }
}

/// The same by a runner: act, on this machine. Other actions than ours are not fetched;
/// that of the cache is one that does nothing.
#[test]
fn act_runs_it() {
    let (Some(act), Some(_)) = (tool("act"), tool("git")) else {
        return skip("act or git is not there");
    };
    for (tree, is_good) in [(good(), true), (broken(), false)] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in [
            "action.yml",
            "Cargo.toml",
            "xtask/action/get",
            "xtask/action/run",
        ] {
            let to = tree.path(&format!("action/{file}"));
            fs::create_dir_all(to.parent().expect("a folder")).expect("folder");
            fs::copy(root.join(file), to).expect("copied");
        }
        tree.file(
            ".github/workflows/nfv.yml",
            "on: push\njobs:\n  nfv:\n    runs-on: ubuntu-latest\n    steps:\n      \
             - uses: actions/checkout@v6\n      \
             - uses: ./action\n        id: nfv\n        \
             with: { command: build, path: nfv, sarif-file: nfv.sarif, cache: 'false' }\n      \
             - env: { REPORT: \"${{ steps.nfv.outputs.report }}\", SARIF: \"${{ steps.nfv.outputs.sarif-file }}\" }\n        \
             run: cargo-nfv --version && test -s \"$REPORT\" && test -s \"$SARIF\" && echo all-is-there\n",
        );
        let nothing = tree.beside("cache");
        fs::create_dir_all(&nothing).expect("folder");
        let inputs = "{ path: {}, key: {}, restore-keys: {} }";
        let cache = format!("name: x\ninputs: {inputs}\nruns: {{ using: composite, steps: [] }}\n");
        fs::write(nothing.join("action.yml"), cache).expect("action");
        let text = fs::read_to_string(root.join("action.yml")).expect("action.yml");
        let cache = text
            .lines()
            .find_map(|line| line.trim().strip_prefix("uses: "));
        let cache = cache
            .and_then(|uses| uses.split(' ').next())
            .expect("an action");
        let git = |args: &[&str]| {
            let who = ["-c", "user.name=n", "-c", "user.email=n@example.org"];
            sh(Command::new("git")
                .arg("-C")
                .arg(&tree.root)
                .args(who)
                .args(args))
        };
        git(&["init", "-q", "-b", "main"]);
        git(&["add", "-A"]);
        git(&["commit", "-q", "-m", "x"]);
        let mut command = Command::new(&act);
        let mut search = vec![program().parent().expect("a folder").to_owned()];
        search.extend(std::env::split_paths(
            &std::env::var_os("PATH").expect("PATH"),
        ));
        command
            .current_dir(&tree.root)
            .env("HOME", tree.beside("home"));
        command.env("PATH", std::env::join_paths(search).expect("PATH"));
        command.args([
            "push",
            "-P",
            "ubuntu-latest=-self-hosted",
            "--action-offline-mode",
        ]);
        command
            .arg("--local-repository")
            .arg(format!("{cache}={}", nothing.display()));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let run = Run::of(finish(
            command.spawn().expect("act"),
            Duration::from_secs(120),
        ));
        assert_eq!(
            run.status == Some(0),
            is_good,
            "{}{}",
            run.stdout,
            run.stderr
        );
        assert_eq!(
            run.stdout.contains("| all-is-there"),
            is_good,
            "{}",
            run.stdout
        );
        let is_shown = run.stdout.contains("file=nfv/knf/edge_vnfd.yaml,line=4,");
        assert_eq!(is_shown, !is_good, "{}", run.stdout);
    }
}
