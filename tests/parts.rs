//! `--since`, `--touched`, `--shard`, `--stdin`: runs that are about a part of a
//! tree, and what they know of the rest.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{Run, Tree, finish, sh, skip, tool, vnfd};

/// A service of two functions, a slice of the service, and a function that
/// nobody needs.
fn service() -> Tree {
    let nsd = "nsd:\n  nsd:\n    - id: edge_ns\n      version: '1.0'\n      vnfd-id:\n        - a_vnf\n        - b_vnf\n";
    let nst = "nst:\n  - id: edge_slice\n    netslice-subnet:\n      - id: one\n        nsd-ref: edge_ns\n";
    Tree::of(&[
        ("nfv.toml", "exclude = [\"old\"]\n"),
        ("a/a_vnfd.yaml", &vnfd("a_vnf")),
        ("a/cloud_init/init.cfg", "#cloud-config\n"),
        ("b/b_vnfd.yaml", &vnfd("b_vnf")),
        ("lone/lone_vnfd.yaml", &vnfd("lone_vnf")),
        ("ns/edge_nsd.yaml", nsd),
        ("slice/edge_nst.yaml", nst),
        ("old/old_vnfd.yaml", "vnfd:\n  id: [\n"),
    ])
}

/// The same, committed.
fn committed() -> Option<Tree> {
    tool("git")?;
    let tree = service();
    git(&tree, &["init", "-q", "-b", "main"]);
    commit(&tree);
    Some(tree)
}

fn git(tree: &Tree, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.arg("-C").arg(&tree.root).args(args);
    let who = ["-c", "user.name=n", "-c", "user.email=n@example.org"];
    let mut command_with = Command::new("git");
    command_with.args(who).args(command.get_args());
    sh(&mut command_with)
}

fn commit(tree: &Tree) {
    git(tree, &["add", "-A"]);
    git(tree, &["commit", "-q", "-m", "x"]);
}

/// The packages that a run of `list` with these flags names.
fn listed(tree: &Tree, args: &[&str]) -> Vec<String> {
    let run = tree.nfv(&[&["list", "--message-format", "json"], args].concat());
    ids(run)
}

fn ids(run: Run) -> Vec<String> {
    let run = run.code(0);
    let id = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        line["id"].as_str().expect("an id").to_owned()
    };
    run.stdout.lines().map(id).collect()
}

#[test]
fn a_change_touches_its_package_and_those_that_need_it() {
    let Some(tree) = committed() else {
        return skip("git is not there");
    };
    let since = |tree: &Tree| listed(tree, &["--since", "HEAD"]);
    assert_eq!(since(&tree), [""; 0]);
    // A file that is no descriptor, and one that git does not know yet.
    tree.file("a/cloud_init/init.cfg", "#cloud-config\nhostname: a\n");
    assert_eq!(since(&tree), ["a_vnf", "edge_ns", "edge_slice"]);
    git(&tree, &["checkout", "-q", "."]);
    tree.file("lone/scripts/start.sh", "#!/bin/sh\n");
    assert_eq!(since(&tree), ["lone_vnf"]);
    fs::remove_dir_all(tree.path("lone/scripts")).expect("removed");
    tree.replace("slice/edge_nst.yaml", "id: one", "id: two");
    assert_eq!(since(&tree), ["edge_slice"]);
    // What is committed since then counts as well.
    commit(&tree);
    assert_eq!(since(&tree), [""; 0]);
    assert_eq!(listed(&tree, &["--since", "HEAD~1"]), ["edge_slice"]);
    // The settings are everybody's.
    tree.file("nfv.toml", "exclude = [\"old\", \"older\"]\n");
    assert_eq!(since(&tree).len(), 5);
    git(&tree, &["checkout", "-q", "."]);
    // What is not looked at is not touched either.
    tree.file("old/old_vnfd.yaml", "vnfd:\n  id: {\n");
    tree.file("README.md", "# Edge\n");
    assert_eq!(since(&tree), [""; 0]);
    tree.nfv(&["check", "--since", "HEAD"]).code(0);
    tree.nfv(&["build", "--since", "HEAD"]).code(0);
}

/// A file may be taken in by others than the package that it lies in.
#[cfg(unix)]
#[test]
fn a_change_touches_who_has_a_file_and_who_takes_it_in() {
    let Some(tree) = committed() else {
        return skip("git is not there");
    };
    std::os::unix::fs::symlink("../a/a_vnfd.yaml", tree.path("lone/other.txt")).expect("a link");
    let manifest = "manifest:ns:\n  type: OSM\n  package: edge_ns.tar.gz\n  hashing_algorithm: SHA_256\n  hash: ''\n  descriptor: edge_ns/edge_nsd.yaml\n";
    tree.file("shield/manifest.yaml", manifest);
    commit(&tree);
    let since = |tree: &Tree| listed(tree, &["--since", "HEAD"]);
    tree.replace("a/a_vnfd.yaml", "  provider:", "  providr:");
    let touched = since(&tree);
    assert!(touched.contains(&"a_vnf".to_owned()), "{touched:?}");
    assert!(touched.contains(&"lone_vnf".to_owned()), "{touched:?}");
    tree.nfv(&["check", "--since", "HEAD"]).code(1);
    tree.nfv(&["check", "--touched", "a/a_vnfd.yaml"]).code(1);
    git(&tree, &["checkout", "-q", "."]);
    // The service itself, beside the SHIELD package around it.
    tree.replace("ns/edge_nsd.yaml", "'1.0'", "'1.1'");
    let touched = since(&tree);
    let services = touched.iter().filter(|id| *id == "edge_ns").count();
    assert_eq!(services, 2, "{touched:?}");
}

/// What is gone may be what a link led to, or what a SHIELD package was around; and a link
/// may lead to a folder.
#[cfg(unix)]
#[test]
fn links_to_folders_and_what_is_gone_from_them() {
    use std::os::unix::fs::symlink;
    let Some(tree) = committed() else {
        return skip("git is not there");
    };
    tree.file("shared/icons/a.svg", "<svg/>\n");
    tree.file("shared/init.txt", "#cloud-config\n");
    symlink("../shared/icons", tree.path("lone/icons")).expect("a link");
    symlink("../../shared/init.txt", tree.path("a/cloud_init/other.cfg")).expect("a link");
    let manifest = "manifest:ns:\n  type: OSM\n  package: edge_ns.tar.gz\n  hashing_algorithm: SHA_256\n  hash: ''\n  descriptor: edge_ns/edge_nsd.yaml\n";
    tree.file("shield/manifest.yaml", manifest);
    commit(&tree);
    let since = |tree: &Tree| listed(tree, &["--since", "HEAD"]);
    tree.file("shared/icons/a.svg", "<svg></svg>\n");
    assert_eq!(since(&tree), ["lone_vnf"]);
    let touched = |file: &str| tree.nfv(&["check", "--touched", file]);
    touched("shared/icons/a.svg")
        .code(0)
        .says("Checked 1 package");
    touched("shared")
        .says("a/a_vnfd.yaml")
        .says("lone/lone_vnfd.yaml");
    git(&tree, &["checkout", "-q", "."]);
    git(&tree, &["rm", "-q", "shared/init.txt"]);
    let found = since(&tree);
    assert!(found.contains(&"a_vnf".to_owned()), "{found:?}");
    tree.nfv(&["check", "--since", "HEAD"])
        .code(1)
        .says("package/link");
    git(&tree, &["reset", "-q", "--hard"]);
    git(&tree, &["rm", "-q", "-r", "ns"]);
    tree.nfv(&["check", "--since", "HEAD"])
        .code(1)
        .says("shield/inner-missing");
    tree.nfv(&["check", "--touched", "nfv.toml"])
        .code(1)
        .says("shield/inner-missing");
}

#[test]
fn what_a_branch_changed_is_not_what_its_base_did_meanwhile() {
    let Some(tree) = committed() else {
        return skip("git is not there");
    };
    git(&tree, &["checkout", "-q", "-b", "work"]);
    tree.replace("lone/lone_vnfd.yaml", "'1.0'", "'1.1'");
    commit(&tree);
    git(&tree, &["checkout", "-q", "main"]);
    tree.replace("b/b_vnfd.yaml", "'1.0'", "'1.1'");
    commit(&tree);
    git(&tree, &["checkout", "-q", "work"]);
    assert_eq!(listed(&tree, &["--since", "main"]), ["lone_vnf"]);
}

#[test]
fn who_needs_what_is_gone_is_told() {
    let Some(tree) = committed() else {
        return skip("git is not there");
    };
    let missing = "no VNFD in the tree has the id `a_vnf`";
    tree.replace("a/a_vnfd.yaml", "id: a_vnf", "id: other_vnf");
    let check = |args: &[&str]| tree.nfv(&[&["check"], args].concat()).code(0);
    assert!(check(&["--since", "HEAD"]).stderr.contains(missing));
    assert!(
        check(&["--touched", "a/a_vnfd.yaml"])
            .stderr
            .contains(missing)
    );
    git(&tree, &["rm", "-q", "-r", "-f", "a"]);
    let run = check(&["--since", "HEAD"]);
    assert!(run.stderr.contains(missing), "{}", run.stderr);
    assert!(!run.stderr.contains("b_vnf"), "{}", run.stderr);
}

#[test]
fn revisions_that_say_nothing() {
    let Some(tree) = committed() else {
        return skip("git is not there");
    };
    let zeros = "0".repeat(40);
    assert_eq!(listed(&tree, &["--since", &zeros]).len(), 5);
    // The first commit whose message has these words, as git reads them.
    assert_eq!(listed(&tree, &["--since", ":/x"]), [""; 0]);
    for (revision, kind) in [
        ("HEAD:a", "tree"),
        ("HEAD^{tree}", "tree"),
        ("HEAD:nfv.toml", "blob"),
    ] {
        let run = tree.nfv(&["check", "--since", revision]).code(2);
        let text = format!(
            "error: git can't tell what has changed since `{revision}`: it names no commit, but a {kind}\n"
        );
        assert_eq!(run.stderr, text);
    }
    for revision in ["nowhere", "--all", ":/nothing", "HEAD..HEAD"] {
        let since = format!("--since={revision}");
        let run = tree.nfv(&["check", &since]).code(2);
        assert!(
            run.stderr.contains("there is no such revision"),
            "{revision}: {}",
            run.stderr
        );
        assert!(run.stderr.contains("fetch-depth: 0"), "{}", run.stderr);
    }
    let run = tree.nfv(&["check", "--since", "origin/"]).code(2);
    assert!(
        run.stderr.contains("may have no value here"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("fetch-depth"), "{}", run.stderr);
    // A commit that has nothing to do with this one.
    git(&tree, &["checkout", "-q", "--orphan", "other"]);
    tree.file("README.md", "# Other\n");
    commit(&tree);
    let run = tree.nfv(&["check", "--since", "main"]).code(2);
    assert!(run.stderr.contains("shares no commit"), "{}", run.stderr);
    let run = service().nfv(&["check", "--since", "HEAD"]).code(2);
    assert!(
        run.stderr.contains("not a git repository"),
        "{}",
        run.stderr
    );
}

/// As pre-commit calls it: with the names of files, some of which the tree
/// excludes.
#[test]
fn touched_files_stand_for_their_packages() {
    let tree = service();
    let list = |files: &[&str]| {
        let args = [&["check", "-v", "--force-exclude", "--touched"], files].concat();
        let run = tree.nfv(&args).code(0);
        let found = run.stderr.lines().filter_map(|line| {
            let rest = line.trim().strip_prefix("Found ")?;
            Some(rest.split(' ').nth(1)?.to_owned())
        });
        found.collect::<Vec<String>>()
    };
    assert_eq!(list(&["b/b_vnfd.yaml"]), ["b_vnf", "edge_ns", "edge_slice"]);
    assert_eq!(list(&["lone/lone_vnfd.yaml", "README.md"]), ["lone_vnf"]);
    assert_eq!(list(&["old/old_vnfd.yaml", "gone.yaml"]), [""; 0]);
    // Without `--touched` a path is a package, which is not excluded by itself.
    tree.nfv(&["check", "old/old_vnfd.yaml"]).code(1);
    tree.nfv(&["check", "--force-exclude", "old", "lone"])
        .code(0);
    tree.nfv(&["check", "--touched"]).code(2);
}

/// A hook is given no file that is not there any more.
#[test]
fn what_is_gone_is_touched_without_being_named() {
    let Some(tree) = committed() else {
        return skip("git is not there");
    };
    let check = || tree.nfv(&["check", "-v", "--touched", "README.md"]).code(0);
    assert!(!check().stderr.contains("Found"));
    fs::rename(tree.path("a"), tree.path("z")).expect("renamed");
    let run = check();
    assert!(run.stderr.contains("edge_ns"), "{}", run.stderr);
    assert!(!run.stderr.contains("lone_vnf"), "{}", run.stderr);
    git(&tree, &["rm", "-q", "-r", "b"]);
    check().says("no VNFD in the tree has the id `b_vnf`");
    // Nor does it stop who has no package yet.
    Tree::new()
        .nfv(&["check", "--touched", "README.md"])
        .code(0);
    Tree::new().nfv(&["check"]).code(2);
}

/// Two packages of one id are a matter of both, whichever has changed.
#[test]
fn rules_about_several_packages_see_the_rest_of_the_tree() {
    let tree = service();
    tree.file("twin/twin_vnfd.yaml", vnfd("lone_vnf"));
    for path in ["lone/lone_vnfd.yaml", "twin/twin_vnfd.yaml"] {
        let run = tree.nfv(&["check", "--touched", path]).code(1);
        assert!(
            run.stderr.contains("stands twice"),
            "{path}: {}",
            run.stderr
        );
    }
    let run = tree.nfv(&["check", "--touched", "b/b_vnfd.yaml"]).code(0);
    assert!(!run.stderr.contains("stands twice"), "{}", run.stderr);
    // What a service needs is in the tree, though it is not in the run.
    let run = tree.nfv(&["check", "-p", "edge_ns"]).code(0);
    assert!(!run.stderr.contains("unknown-descriptor"), "{}", run.stderr);
}

/// Of what is there and can't be read that is told, and not that it is missing as well.
#[test]
fn what_can_not_be_read_is_not_missing() {
    let Some(tree) = committed() else {
        return skip("git is not there");
    };
    let missing = |args: &[&str]| {
        let run = tree.nfv(&[&["check"], args].concat());
        let told = run
            .stderr
            .lines()
            .filter(|line| line.contains("in the tree has the id"));
        told.map(str::to_owned).collect::<Vec<String>>()
    };
    let faults = [
        ("a/a_vnfd.yaml", vnfd("a_vnf") + "zz: {\n"),
        ("a/a_vnfd.yaml", vnfd("a_vnf").replace("vnfd:", "vnf:")),
        ("a/a_vnfd.yaml", "id: a_vnf\n\tprovider: x\n".to_owned()),
    ];
    for (file, text) in faults {
        tree.file(file, &text);
        for args in [&[][..], &["--since", "HEAD"], &["--touched", file], &["ns"]] {
            assert_eq!(missing(args), [""; 0], "{args:?} {text}");
        }
        tree.nfv(&["check"]).code(1).says(file);
    }
    // A service that a slice needs; and where the fault is older than the change.
    let text = fs::read_to_string(tree.path("ns/edge_nsd.yaml")).expect("text");
    tree.file("ns/edge_nsd.yaml", text + "zz: {\n");
    assert_eq!(missing(&[]), [""; 0]);
    git(&tree, &["checkout", "-q", "ns"]);
    commit(&tree);
    tree.replace("ns/edge_nsd.yaml", "'1.0'", "'1.1'");
    assert_eq!(missing(&["--since", "HEAD"]), [""; 0]);
    // What stands in no file is missing, and what one merely holds a part of.
    git(&tree, &["rm", "-q", "-r", "b"]);
    tree.replace("a/a_vnfd.yaml", "a_vnf", "a_vnf2");
    assert_eq!(missing(&[]).len(), 2);
}

/// A path asks for a part of the tree, and what that needs is known all the same.
#[test]
fn a_path_is_a_part_of_the_tree() {
    let Some(tree) = committed() else {
        return skip("git is not there");
    };
    let missing = "no VNFD in the tree has the id `a_vnf`";
    assert!(!tree.nfv(&["check", "ns"]).code(0).stderr.contains(missing));
    tree.replace("a/a_vnfd.yaml", "id: a_vnf", "id: other_vnf");
    for args in [
        &["ns"][..],
        &["ns/edge_nsd.yaml"],
        &["--since", "HEAD", "ns"],
    ] {
        let run = tree.nfv(&[&["check"], args].concat()).code(0);
        assert!(run.stderr.contains(missing), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains("Checked 1 package"), "{}", run.stderr);
    }
    // The slice needs the service, which needs what has changed.
    assert_eq!(
        listed(&tree, &["--since", "HEAD"]),
        ["other_vnf", "edge_ns", "edge_slice"]
    );
    let run = tree.nfv(&["check", "--since", "HEAD", "slice"]).code(0);
    assert!(run.stderr.contains("Checked 1 package"), "{}", run.stderr);
    // A fault elsewhere is nobody's matter, and what is excluded is looked at alone.
    tree.replace("b/b_vnfd.yaml", "  provider:", "  providr:");
    tree.nfv(&["check", "ns"]).code(0);
    tree.nfv(&["check", "old/old_vnfd.yaml"])
        .code(1)
        .says("old/old_vnfd.yaml");
}

#[test]
fn each_package_is_in_one_shard() {
    let tree = Tree::in_memory();
    for i in 0..40 {
        tree.file(&format!("v{i}/v{i}_vnfd.yaml"), vnfd(&format!("v{i}_vnf")));
    }
    let part = |i: usize| listed(&tree, &["--shard", &format!("{i}/3")]);
    let parts: Vec<Vec<String>> = (1..=3).map(part).collect();
    let all: BTreeSet<&String> = parts.iter().flatten().collect();
    assert_eq!(all.len(), 40);
    assert_eq!(parts.iter().map(Vec::len).sum::<usize>(), 40);
    assert!(parts.iter().all(|part| part.len() > 5), "{parts:?}");
    // Others come and go.
    tree.file("more/more_vnfd.yaml", vnfd("more_vnf"));
    fs::remove_dir_all(tree.path("v7")).expect("removed");
    for (i, before) in parts.iter().enumerate() {
        let mut after = part(i + 1);
        after.retain(|id| id != "more_vnf");
        let before = before.iter().filter(|id| *id != "v7_vnf");
        assert!(before.eq(&after), "{i}");
    }
    let built = tree.nfv(&["build", "--shard", "2/3", "--message-format", "json"]);
    let built = built.code(0).stdout;
    let mut built: Vec<String> = built
        .lines()
        .filter_map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            (line["reason"] == "package-built").then(|| line["id"].as_str().expect("id").to_owned())
        })
        .collect();
    let mut expected = part(2);
    built.sort();
    expected.sort();
    assert_eq!(built, expected);
}

/// A run about a file with a text that an editor has of it.
fn unsaved(tree: &Tree, name: &str, text: &str) -> Run {
    let mut command = tree.command();
    command.args([
        "check",
        "--message-format",
        "short",
        "--stdin",
        "--stdin-filename",
        name,
    ]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("started");
    let mut stdin = child.stdin.take().expect("stdin");
    stdin.write_all(text.as_bytes()).expect("written");
    drop(stdin);
    Run::of(finish(child, Duration::from_secs(60)))
}

/// What an editor has is looked at in place of what is on disk.
#[test]
fn a_file_from_standard_input() {
    let tree = service();
    let check = |name: &str, text: &str| unsaved(&tree, name, text);
    check("a/a_vnfd.yaml", &vnfd("a_vnf")).code(0);
    let broken = vnfd("a_vnf").replace("  provider:", "  providr:");
    let run = check("a/a_vnfd.yaml", &broken).code(1);
    assert!(
        run.stderr
            .contains("a/a_vnfd.yaml:4:3: error[schema/unknown-key]"),
        "{}",
        run.stderr
    );
    // Editors name a file by the way that they came.
    #[cfg(unix)]
    {
        let aside = tempfile::tempdir().expect("folder");
        let link = aside.path().join("link");
        std::os::unix::fs::symlink(tree.path(""), &link).expect("link");
        let named = |file: &str| link.join(file).display().to_string();
        let run = check(&named("a/a_vnfd.yaml"), &broken).code(1);
        assert!(
            run.stderr.contains("a/a_vnfd.yaml:4:3: error"),
            "{}",
            run.stderr
        );
        let run = check(&named("new/lone_vnfd.yaml"), &vnfd("lone_vnf")).code(1);
        assert!(run.stderr.contains("stands twice"), "{}", run.stderr);
        std::os::unix::fs::symlink("a", tree.path("by_link")).expect("link");
        check("by_link/a_vnfd.yaml", &broken)
            .code(1)
            .says("a/a_vnfd.yaml:4:3: error");
    }
    // What is found elsewhere because of it is not of this file.
    let run = check("a/a_vnfd.yaml", &vnfd("c_vnf")).code(0);
    assert!(!run.stderr.contains("edge_nsd"), "{}", run.stderr);
    // A file that is not on disk yet knows the tree around it.
    let run = check("new/lone_vnfd.yaml", &vnfd("lone_vnf")).code(1);
    assert!(run.stderr.contains("stands twice"), "{}", run.stderr);
    let nsd = "nsd:\n  nsd:\n    - id: new_ns\n      version: '1.0'\n      vnfd-id: [a_vnf]\n";
    check("new/new_nsd.yaml", nsd).code(0);
    check("new/new_nsd.yaml", &nsd.replace("a_vnf", "a_vfn")).says("no VNFD in the tree");
    // Nothing is said of what is excluded, and of what is no descriptor.
    check("old/old_vnfd.yaml", "vnfd: [").code(0);
    check("a/cloud_init/init.cfg", "vnfd: [").code(0);
    tree.nfv(&["check", "--stdin"]).code(2);
    tree.nfv(&["check", "--stdin-filename", "a"]).code(2);
}

/// Whatever kind of file an editor has, what is found in it is what will be found once it is saved.
#[test]
fn a_file_that_is_not_saved_yet_is_judged_as_if_it_were() {
    let chart = "apiVersion: v2\nname: c\nversion: 1.0.0\n";
    let files = [
        (
            "a/checksums.txt",
            "d41d8cd98f00b204e9800998ecf8427e  gone.txt\n",
        ),
        (
            "a/a_vnfd.mf",
            "metadata:\n  vnf_provider_id: x\n\nSource: gone\n",
        ),
        ("a/TOSCA-Metadata/TOSCA.meta", "nothing\n"),
        (
            "new/manifest.yaml",
            "manifest:vnf:\n  type: OSM\n  package: x.tar.gz\n",
        ),
        ("a/helm-chart-v3s/c/Chart.yaml", "name: c\n"),
        ("chart/.helmignore", "a[\n"),
        ("new/c_vnfd.yaml", "vnfd:\n  id: 7\n"),
        (
            "nfv.toml",
            "exclude = [\"old\"]\n[packages.a_vnf.files]\n\"x/y\" = \"gone\"\n",
        ),
    ];
    for (name, text) in files {
        let tree = service();
        tree.file("chart/Chart.yaml", chart);
        let of_file = |run: Run| {
            let lines = run.stderr.lines().filter(|line| line.starts_with(name));
            lines.map(str::to_owned).collect::<Vec<String>>()
        };
        let before = of_file(unsaved(&tree, name, text));
        assert!(!before.is_empty(), "{name}");
        tree.file(name, text);
        let after = of_file(tree.nfv(&["check", "--message-format", "short"]));
        assert_eq!(before, after, "{name}");
    }
    // What no place in a package is has nothing to be found in it.
    unsaved(&service(), "a/.git/checksums.txt", "x\n").code(0);
}

/// The configuration is a file like others for an editor.
#[test]
fn a_configuration_that_is_not_saved_yet() {
    let tree = service();
    let refused = "is not a valid configuration";
    unsaved(&tree, "nfv.toml", "exclude = 7\n")
        .code(2)
        .says(refused);
    unsaved(&tree, "nfv.toml", "exclude = [\"old\"]\n").code(0);
    unsaved(&tree, "nfv.toml", "[packages.gone]\n")
        .code(2)
        .says("gone");
    // What is on disk does not count, and need not be there.
    tree.file("nfv.toml", "exclude = 7\n");
    unsaved(&tree, "nfv.toml", "exclude = [\"old\"]\n").code(0);
    fs::remove_file(tree.path("nfv.toml")).expect("removed");
    unsaved(&tree, "nfv.toml", "exclude = 7\n")
        .code(2)
        .says(refused);
    // One that configures another tree.
    unsaved(&tree, "a/nfv.toml", "exclude = 7\n")
        .code(2)
        .says(refused);
    unsaved(&tree, "a/nfv.toml", "exclude = []\n").code(0);
    unsaved(&tree, "Cargo.toml", "[package]\n")
        .code(2)
        .says("from the disk");
}

/// Each change of a file is answered by another look, outputs are none, and a tree that
/// can't be checked for a moment ends nothing.
#[test]
fn a_tree_that_is_watched() {
    let tree = service();
    let other = Tree::of(&[("c/c_vnfd.yaml", &vnfd("c_vnf"))]);
    let outside = other.path("c").canonicalize().expect("there");
    let outside = outside.display().to_string();
    let mut command = tree.command();
    command.args([
        "check",
        "--watch",
        "--message-format",
        "short",
        ".",
        &outside,
    ]);
    let pipes = command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = pipes.spawn().expect("started");
    let stderr = child.stderr.take().expect("stderr");
    let (send, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    // What one look says.
    let look = || {
        let mut text = String::new();
        loop {
            let line = lines
                .recv_timeout(Duration::from_secs(60))
                .expect("a line in time");
            text.push_str(&line);
            text.push('\n');
            if line.contains("Watching") {
                return text;
            }
        }
    };
    let first = look();
    assert!(first.contains("Checked 6 packages"), "{first}");
    assert!(
        first.contains(&format!("Watching `.` and `{outside}`;")),
        "{first}"
    );
    tree.replace("lone/lone_vnfd.yaml", "  provider:", "  providr:");
    let second = look();
    assert!(second.contains("unknown key `providr`"), "{second}");
    tree.file("nfv.toml", "exclude = 7\n");
    let third = look();
    assert!(third.contains("is not a valid configuration"), "{third}");
    tree.file("target/nfv/packages/x.yaml", "vnfd: [");
    tree.file("nfv.toml", "exclude = [\"old\", \"lone\"]\n");
    let fourth = look();
    assert!(fourth.contains("Checked 5 packages"), "{fourth}");
    other.replace("c/c_vnfd.yaml", "  provider:", "  providr:");
    let fifth = look();
    assert!(fifth.contains("c/c_vnfd.yaml:4:3: error"), "{fifth}");
    child.kill().expect("stopped");
    child.wait().expect("stopped");
    assert!(lines.try_iter().next().is_none(), "outputs are no changes");
}

#[test]
fn what_can_not_be_watched_or_looked_at_is_told_at_once() {
    let tree = service();
    tree.nfv(&["check", "--watch", "nowhere"])
        .code(2)
        .says("nowhere");
    let stdin = |file: &str| {
        let mut command = tree.command();
        command
            .args(["check", "--stdin", "--stdin-filename", file])
            .stdin(Stdio::null());
        common::run(&mut command)
    };
    stdin("../elsewhere_vnfd.yaml")
        .code(2)
        .says("lies outside of the tree");
    stdin("a").code(2).says("`a` is a folder");
    tree.nfv(&["list", "--since="]).code(2).says("it is empty");
}

/// What the configuration takes into a package from elsewhere is a part of it, there or not.
#[test]
fn a_change_touches_whom_the_configuration_gives_a_file() {
    let Some(tree) = committed() else {
        return skip("git is not there");
    };
    tree.file("shared/start.sh", "#!/bin/sh\n");
    tree.file("shared/more/a.sh", "#!/bin/sh\n");
    tree.file("shared/more/b.sh", "#!/bin/sh\n");
    tree.file("legal/LICENSE", "none\n");
    tree.file("legal/changes.txt", "1.0\n");
    tree.file(
        "nfv.toml",
        "exclude = [\"old\"]\n[packages.lone_vnf.files]\n\"scripts/start.sh\" = \"shared/start.sh\"\n\
         \"scripts/more\" = \"shared/more\"\n[packages.b_vnf]\nlayout = \"csar\"\n[packages.b_vnf.csar]\n\
         licenses = \"legal/LICENSE\"\nchange-log = \"legal/changes.txt\"\n",
    );
    commit(&tree);
    let since = |tree: &Tree| listed(tree, &["--since", "HEAD"]);
    assert_eq!(since(&tree), [""; 0]);
    let needing_b = ["b_vnf", "edge_ns", "edge_slice"];
    for (path, wanted) in [
        ("shared/start.sh", &["lone_vnf"][..]),
        ("shared/more/a.sh", &["lone_vnf"]),
        ("legal/LICENSE", &needing_b),
        ("legal/changes.txt", &needing_b),
    ] {
        tree.file(path, "other\n");
        assert_eq!(since(&tree), wanted, "{path} changed");
        fs::remove_file(tree.path(path)).expect("removed");
        assert_eq!(since(&tree), wanted, "{path} is gone");
        git(&tree, &["checkout", "-q", "."]);
    }
    fs::remove_file(tree.path("shared/start.sh")).expect("removed");
    let run = tree.nfv(&["check", "--since", "HEAD"]).code(1);
    run.says("package/added-file");
}

/// What is gone from a folder that a link leads to was a part of who has the link.
#[cfg(unix)]
#[test]
fn a_file_that_is_gone_from_behind_a_link() {
    let Some(tree) = committed() else {
        return skip("git is not there");
    };
    tree.file("shared/pictures/sub/a.svg", "<svg/>\n");
    tree.file("shared/pictures/b.svg", "<svg/>\n");
    std::os::unix::fs::symlink("../shared/pictures", tree.path("lone/icons")).expect("a link");
    commit(&tree);
    fs::remove_dir_all(tree.path("shared/pictures/sub")).expect("removed");
    assert_eq!(listed(&tree, &["--since", "HEAD"]), ["lone_vnf"]);
}

/// Git names a submodule and not what is in it; who needs what was in it counts as well.
#[test]
fn what_changes_in_a_submodule() {
    let Some(tree) = committed() else {
        return skip("git is not there");
    };
    let other = Tree::of(&[
        ("v/v_vnfd.yaml", &vnfd("a_vnf")),
        ("w/w_vnfd.yaml", &vnfd("w_vnf")),
    ]);
    git(&other, &["init", "-q", "-b", "main"]);
    commit(&other);
    let from = other.root.to_string_lossy().into_owned();
    fs::remove_dir_all(tree.path("a")).expect("removed");
    let allow = ["-c", "protocol.file.allow=always"];
    let add = ["submodule", "add", "-q", &from, "vendor"];
    git(&tree, &[&allow[..], &add].concat());
    commit(&tree);
    let since = |tree: &Tree| listed(tree, &["--since", "HEAD"]);
    assert_eq!(since(&tree), [""; 0]);
    // Only what changed of what is in it, also where git does not know it.
    tree.file("vendor/w/scripts/new.sh", "#!/bin/sh\n");
    assert_eq!(since(&tree), ["w_vnf"]);
    fs::remove_dir_all(tree.path("vendor/w/scripts")).expect("removed");
    tree.replace("vendor/v/v_vnfd.yaml", "id: a_vnf", "id: c_vnf");
    let needing = ["c_vnf", "edge_ns", "edge_slice"];
    let mut found = since(&tree);
    found.sort();
    assert_eq!(found, needing);
    // The same, committed there and here.
    let vendor = tree.path("vendor");
    let vendor = vendor.to_string_lossy();
    git(&tree, &["-C", &vendor, "commit", "-q", "-a", "-m", "x"]);
    commit(&tree);
    let mut found = listed(&tree, &["--since", "HEAD~1"]);
    found.sort();
    assert_eq!(found, needing);
    git(&tree, &["rm", "-q", "-f", "vendor"]);
    let found = since(&tree);
    assert!(found.contains(&"edge_ns".to_owned()), "{found:?}");
}

/// The changes of a package outside of the tree are those of where it lies.
#[test]
fn what_is_asked_for_outside_of_the_tree() {
    let Some(tree) = committed() else {
        return skip("git is not there");
    };
    tree.file("a/cloud_init/init.cfg", "#cloud-config\nhostname: a\n");
    fs::remove_file(tree.path("nfv.toml")).expect("removed");
    for (path, wanted) in [
        ("../a", "Checked 1 package"),
        ("../b", "Checked 0 packages"),
    ] {
        let mut command = common::command_in(&tree.path("ns"));
        command.args(["check", "--since", "HEAD", path]);
        common::run(&mut command).code(0).says(wanted);
    }
}

/// With a configuration its exclusions are gone, and nothing that is there tells of them.
#[test]
fn a_configuration_that_is_gone() {
    let Some(tree) = committed() else {
        return skip("git is not there");
    };
    let all = |tree: &Tree, at: &str, number: &str| {
        for args in [&["--since", "HEAD"][..], &["--touched", "README.md"]] {
            let mut command = tree.command();
            command.current_dir(tree.path(at)).arg("check").args(args);
            let run = common::run(&mut command);
            assert!(run.stderr.contains(number), "{args:?} {at}: {}", run.stderr);
        }
    };
    all(&tree, "", "Checked 0 packages");
    git(&tree, &["rm", "-q", "nfv.toml"]);
    all(&tree, "", "Checked 6 packages");
    // It was that of the folders below as well.
    all(&tree, "lone", "Checked 1 package");
    tree.nfv(&["check", "--since", "HEAD"])
        .code(1)
        .says("old/old_vnfd.yaml");
    // One in a Cargo.toml, which may stay without it.
    let package = "[package]\nname = \"x\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    tree.file("src/lib.rs", "");
    let settings = format!("{package}[package.metadata.nfv]\nexclude = [\"old\"]\n");
    tree.file("Cargo.toml", &settings);
    commit(&tree);
    all(&tree, "", "Checked 0 packages");
    git(&tree, &["rm", "-q", "--cached", "Cargo.toml"]);
    fs::rename(tree.path("Cargo.toml"), tree.path("c.txt")).expect("renamed");
    all(&tree, "", "Checked 6 packages");
    tree.file("Cargo.toml", package);
    all(&tree, "", "Checked 6 packages");
    tree.nfv(&["check", "--touched", "Cargo.toml"])
        .says("Checked 6 packages");
    // What else it says is no matter of packages.
    commit(&tree);
    tree.replace("Cargo.toml", "0.1.0", "0.2.0");
    assert_eq!(listed(&tree, &["--since", "HEAD"]), [""; 0]);
    tree.nfv(&["check", "--touched", "Cargo.toml"])
        .says("Checked 0 packages");
}

/// A link is another name of what it leads to.
#[cfg(unix)]
#[test]
fn what_is_named_by_a_link() {
    use std::os::unix::fs::symlink;
    let Some(tree) = committed() else {
        return skip("git is not there");
    };
    let aside = tempfile::tempdir().expect("folder");
    symlink("lone", tree.path("by_link")).expect("a link");
    symlink(tree.path(""), aside.path().join("tree")).expect("a link");
    commit(&tree);
    let outside = aside.path().join("tree").display().to_string();
    let since = |path: &str, number: &str| {
        let run = tree.nfv(&["check", "--since", "HEAD", path]).code(0);
        assert!(run.stderr.contains(number), "{path}: {}", run.stderr);
    };
    since("by_link", "Checked 0 packages");
    tree.replace("lone/lone_vnfd.yaml", "'1.0'", "'1.1'");
    let by_way = format!("{outside}/lone");
    for path in ["by_link", "by_link/lone_vnfd.yaml", &by_way] {
        since(path, "Checked 1 package:");
        let file = match path.ends_with(".yaml") {
            true => path.to_owned(),
            false => format!("{path}/lone_vnfd.yaml"),
        };
        let run = tree.nfv(&["check", "--touched", &file]).code(0);
        run.says("Checked 1 package:");
    }
    // Nor is it a second package of that name.
    tree.nfv(&["check", "by_link", "lone"])
        .code(0)
        .says("Checked 1 package:");
}

/// Links may lead to links, and what a setting names may lie behind one.
#[cfg(unix)]
#[test]
fn changes_behind_links_of_links() {
    use std::os::unix::fs::symlink;
    let Some(tree) = committed() else {
        return skip("git is not there");
    };
    tree.file("v1/x.txt", "1\n");
    tree.file("v2/x.txt", "2\n");
    symlink("v1", tree.path("current")).expect("a link");
    symlink("../current", tree.path("lone/Files")).expect("a link");
    tree.file("shared/d/a.sh", "#!/bin/sh\n");
    tree.file("docs/changes.txt", "1.0\n");
    symlink("shared", tree.path("sl")).expect("a link");
    symlink("docs", tree.path("dl")).expect("a link");
    tree.file(
        "nfv.toml",
        "exclude = [\"old\"]\n[packages.lone_vnf.files]\n\"scripts/d\" = \"sl/d\"\n\
         [packages.b_vnf]\nlayout = \"csar\"\n[packages.b_vnf.csar]\nchange-log = \"dl/changes.txt\"\n",
    );
    commit(&tree);
    let since = |tree: &Tree| listed(tree, &["--since", "HEAD"]);
    assert_eq!(since(&tree), [""; 0]);
    fs::remove_file(tree.path("current")).expect("removed");
    symlink("v2", tree.path("current")).expect("a link");
    assert_eq!(since(&tree), ["lone_vnf"]);
    git(&tree, &["checkout", "-q", "."]);
    for (gone, wanted) in [
        ("shared", &["lone_vnf"][..]),
        ("docs", &["b_vnf", "edge_ns", "edge_slice"]),
    ] {
        fs::remove_dir_all(tree.path(gone)).expect("removed");
        assert_eq!(since(&tree), wanted, "{gone}");
        git(&tree, &["checkout", "-q", "."]);
    }
}
