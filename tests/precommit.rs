//! The hooks for pre-commit, in a repository, at a commit.

#![cfg(unix)]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{Run, Tree, finish, sh, skip, tool, vnfd};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A repository with a service of one function, another function, and a folder that
/// the configuration excludes.
struct Repository {
    tree: Tree,
    /// Where the hooks are.
    hooks: String,
}

impl Repository {
    /// `None` where the tools are not there.
    fn new() -> Option<Self> {
        if tool("git").is_none() || tool("pre-commit").is_none() {
            return None;
        }
        let nsd = "nsd:\n  nsd:\n    - id: edge_ns\n      version: '1.0'\n      vnfd-id:\n        - a_vnf\n";
        let tree = Tree::of(&[
            ("nfv.toml", "exclude = [\"old\"]\n"),
            ("a/a_vnfd.yaml", &vnfd("a_vnf")),
            ("b/b_vnfd.yaml", &vnfd("b_vnf")),
            ("ns/edge_nsd.yaml", nsd),
            ("old/old_vnfd.yaml", "vnfd:\n  id: [\n"),
        ]);
        // The hooks, in a repository of their own: what is not committed here counts too.
        let hooks = tree.beside("hooks");
        fs::create_dir(&hooks).expect("folder");
        let manifest = ".pre-commit-hooks.yaml";
        fs::copy(root().join(manifest), hooks.join(manifest)).expect("copied");
        let own = Repository {
            hooks: hooks.display().to_string(),
            tree,
        };
        for folder in [&hooks, &own.tree.root] {
            own.git(folder, &["init", "-q", "-b", "main"]);
            own.git(folder, &["add", "-A"]);
            own.git(folder, &["commit", "-q", "-m", "x"]);
        }
        Some(own)
    }

    fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        let mut path = vec![
            Path::new(env!("CARGO_BIN_EXE_cargo-nfv"))
                .parent()
                .expect("a folder")
                .to_owned(),
        ];
        path.extend(std::env::split_paths(
            &std::env::var_os("PATH").expect("PATH"),
        ));
        command.env("PATH", std::env::join_paths(path).expect("PATH"));
        // Neither the settings nor the hooks of the one who runs the tests.
        command.env("HOME", self.tree.beside("home"));
        command.env("PRE_COMMIT_HOME", self.tree.beside("cache"));
        for name in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{name}_NAME"), "n");
            command.env(format!("GIT_{name}_EMAIL"), "n@example.org");
        }
        for name in ["CARGO_TARGET_DIR", "CI", "PRE_COMMIT_COLOR"] {
            command.env_remove(name);
        }
        command.current_dir(folder).stdin(Stdio::null());
        command
    }

    fn git(&self, folder: &Path, args: &[&str]) -> String {
        sh(self.command("git", folder).args(args))
    }

    fn run(&self, program: &str, args: &[&str]) -> Run {
        let mut command = self.command(program, &self.tree.root);
        let pipes = command.args(args).stdout(Stdio::piped());
        let child = pipes.stderr(Stdio::piped()).spawn().expect("started");
        Run::of(finish(child, Duration::from_secs(180)))
    }

    /// Tries a hook on what is in the index.
    fn try_hook(&self, hook: &str) -> Run {
        self.git(&self.tree.root, &["add", "-A"]);
        self.run("pre-commit", &["try-repo", &self.hooks, hook])
    }

    /// Everything as it was.
    fn reset(&self) {
        self.git(&self.tree.root, &["reset", "-q", "--hard"]);
    }
}

#[test]
fn a_broken_descriptor_stops_a_commit() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let tree = &repository.tree;
    let revision = repository.git(Path::new(&repository.hooks), &["rev-parse", "HEAD"]);
    tree.file(
        ".pre-commit-config.yaml",
        format!(
            "repos:\n  - repo: {}\n    rev: {}\n    hooks:\n      - id: nfv-check-system\n",
            repository.hooks,
            revision.trim()
        ),
    );
    repository.run("pre-commit", &["install"]).code(0);
    let commit = || {
        repository.git(&tree.root, &["add", "-A"]);
        repository.run("git", &["commit", "-q", "-m", "x"])
    };
    commit().code(0);
    tree.replace("a/a_vnfd.yaml", "  provider:", "  providr:");
    let run = commit().code(1);
    assert!(
        run.stderr.contains("a/a_vnfd.yaml:4:3"),
        "{}{}",
        run.stdout,
        run.stderr
    );
    tree.replace("a/a_vnfd.yaml", "  providr:", "  provider:");
    tree.replace("a/a_vnfd.yaml", "Example Operator", "Another Operator");
    commit().code(0);
    // A commit of nothing that is part of a package, and of nothing that is checked.
    tree.file("README.md", "# Edge\n");
    tree.replace("old/old_vnfd.yaml", "[", "{");
    commit().code(0);
    let last = repository.git(&tree.root, &["log", "-1", "--name-only", "--format="]);
    assert_eq!(last.lines().count(), 2, "{last}");
    repository
        .run("pre-commit", &["run", "--all-files"])
        .code(0);
}

#[test]
fn only_what_is_touched_is_looked_at_but_with_the_rest_of_the_tree() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let tree = &repository.tree;
    // A fault that was there before is nobody's matter.
    tree.replace("b/b_vnfd.yaml", "  provider:", "  providr:");
    repository.git(&tree.root, &["commit", "-q", "-a", "-m", "x"]);
    let missing = "no VNFD in the tree has the id `a_vnf`";
    tree.file(
        "nfv.toml",
        "exclude = [\"old\"]\n[lints]\n\"sol006/unknown-descriptor\" = \"deny\"\n",
    );
    repository.git(&tree.root, &["commit", "-q", "-a", "-m", "x"]);
    // The id changes: reported at the service that needs it.
    tree.replace("a/a_vnfd.yaml", "id: a_vnf", "id: other_vnf");
    let run = repository.try_hook("nfv-check-system").code(1);
    assert!(run.stdout.contains(missing), "{}", run.stdout);
    assert!(
        run.stdout.contains("ns/edge_nsd.yaml:6:11"),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains("b_vnfd.yaml"), "{}", run.stdout);
    // So where the file moves at the same time, and where it is gone: pre-commit names
    // no file that is not there.
    fs::rename(tree.path("a"), tree.path("z")).expect("renamed");
    let run = repository.try_hook("nfv-check-system").code(1);
    assert!(run.stdout.contains(missing), "{}", run.stdout);
    repository.reset();
    repository.git(&tree.root, &["rm", "-q", "-r", "a"]);
    let run = repository.try_hook("nfv-check-system").code(1);
    assert!(run.stdout.contains(missing), "{}", run.stdout);
    repository.reset();
    let run = repository.try_hook("nfv-check-system").code(0);
    assert!(run.stdout.contains("Passed"), "{}", run.stdout);
}

#[test]
fn what_others_need_and_is_gone_is_shown_without_any_settings() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let tree = &repository.tree;
    let missing = "no VNFD in the tree has the id `a_vnf`";
    tree.replace("a/a_vnfd.yaml", "id: a_vnf", "id: other_vnf");
    let run = repository.try_hook("nfv-check-system").code(0);
    assert!(run.stdout.contains(missing), "{}", run.stdout);
    repository.reset();
    // What was deleted by a commit before, as a server of CI looks at it.
    let revision = repository.git(Path::new(&repository.hooks), &["rev-parse", "HEAD"]);
    tree.file(
        ".pre-commit-config.yaml",
        format!(
            "repos:\n  - repo: {}\n    rev: {}\n    hooks:\n      - id: nfv-check-system\n        args: [-D, sol006/unknown-descriptor]\n",
            repository.hooks,
            revision.trim()
        ),
    );
    repository.git(&tree.root, &["add", "-A"]);
    repository.git(&tree.root, &["commit", "-q", "-m", "x"]);
    repository.git(&tree.root, &["rm", "-q", "-r", "a"]);
    repository.git(&tree.root, &["commit", "-q", "-m", "x"]);
    let run = repository.run(
        "pre-commit",
        &["run", "--from-ref", "HEAD~1", "--to-ref", "HEAD"],
    );
    let run = run.code(1);
    assert!(run.stdout.contains(missing), "{}", run.stdout);
    let run = repository.run(
        "pre-commit",
        &["run", "--from-ref", "HEAD", "--to-ref", "HEAD"],
    );
    run.code(0);
}

#[test]
fn what_is_mended_stops_the_commit_once() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let tree = &repository.tree;
    tree.replace("a/a_vnfd.yaml", "  provider:", "  providr:");
    tree.replace("old/old_vnfd.yaml", "[", "{");
    // A fault elsewhere stays, for it is in no package that is touched.
    let other = vnfd("b_vnf").replace("  provider:", "  providr:");
    tree.file("b/b_vnfd.yaml", &other);
    repository.git(&tree.root, &["commit", "-q", "-m", "x", "b"]);
    let run = repository.try_hook("nfv-fix-system").code(1);
    assert!(
        run.stdout.contains("files were modified by this hook"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("Fixed 1 finding in 1 file"),
        "{}",
        run.stdout
    );
    let text = fs::read_to_string(tree.path("a/a_vnfd.yaml")).expect("file");
    assert_eq!(text, vnfd("a_vnf"));
    assert_eq!(
        fs::read_to_string(tree.path("b/b_vnfd.yaml")).expect("file"),
        other
    );
    let run = repository.try_hook("nfv-fix-system").code(0);
    assert!(run.stdout.contains("Passed"), "{}", run.stdout);
}

#[test]
fn checksums_are_written_anew_and_nothing_else() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let tree = &repository.tree;
    tree.file("a/checksums.txt", "0123 a_vnfd.yaml\n");
    let misspelled = vnfd("a_vnf").replace("  provider:", "  providr:");
    tree.file("a/a_vnfd.yaml", &misspelled);
    let run = repository.try_hook("nfv-checksums-system").code(1);
    assert!(
        run.stdout.contains("files were modified by this hook"),
        "{}",
        run.stdout
    );
    let own = fs::read_to_string(tree.path("a/a_vnfd.yaml")).expect("file");
    assert_eq!(own, misspelled);
    let sums = fs::read_to_string(tree.path("a/checksums.txt")).expect("file");
    let judged = sh(Command::new("md5sum").arg(tree.path("a/a_vnfd.yaml")));
    let md5 = judged.split(' ').next().expect("a digest");
    assert!(sums.contains(md5), "{sums}");
    repository.try_hook("nfv-checksums-system").code(0);
}

/// Of each hook there are two, which differ in where the program comes from.
#[test]
fn the_manifest() {
    let Some(judge) = tool("pre-commit") else {
        return skip("pre-commit is not there");
    };
    let file = root().join(".pre-commit-hooks.yaml");
    sh(Command::new(judge).arg("validate-manifest").arg(&file));
    let text = fs::read_to_string(file).expect("manifest");
    let document = nfv::yaml::parse("hooks", text, nfv::yaml::Limits::default());
    let hooks = document.root().expect("a document");
    let shown = |hook: nfv::yaml::Node<'_>, without: &[&str]| {
        let entries = hook.entries();
        let entries = entries.filter(|entry| !without.contains(&entry.key()));
        let shown = entries.map(|entry| format!("{}={:?}", entry.key(), entry.value().text()));
        shown.collect::<Vec<_>>()
    };
    let of = |language: &str| {
        let hooks = hooks.items();
        let hooks =
            hooks.filter(|hook| hook.get("language").and_then(|l| l.text()) == Some(language));
        let shown = hooks.map(|hook| shown(hook, &["id", "language", "description"]));
        shown.collect::<Vec<_>>()
    };
    assert_eq!(of("rust").len(), 3);
    assert_eq!(of("rust"), of("system"));
}
