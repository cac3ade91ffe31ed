//! A build with nothing to do says what the one before said, and only as long as nothing
//! has changed.

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

use common::{Run, Tree, vnfd};

/// A tree whose files are older than any tick of a clock.
fn tree() -> Tree {
    let nsd = "nsd:\n  nsd:\n    - id: edge_ns\n      version: '1.0'\n      vnfd-id:\n        - edge_vnf\n";
    let tree = Tree::of(&[
        ("nfv.toml", ""),
        ("vnf/edge_vnfd.yaml", &vnfd("edge_vnf")),
        ("vnf/scripts/start.sh", "#!/bin/sh\n"),
        ("ns/edge_nsd.yaml", nsd),
    ]);
    settle();
    tree
}

/// Waits until no change can be of the same moment as the last one.
fn settle() {
    std::thread::sleep(Duration::from_millis(2100));
}

fn command(tree: &Tree, args: &[&str]) -> Command {
    let mut command = tree.command();
    command.arg("build").args(args);
    command
}

fn build(tree: &Tree, args: &[&str]) -> Run {
    common::run(&mut command(tree, args))
}

fn notes(tree: &Tree) -> Vec<PathBuf> {
    let folder = tree.path("target/nfv/state/runs");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// A word that only a note holds: whoever prints it has looked at nothing else.
const WORD: &str = "word of a note";

/// Builds until there is a note, and puts the word into it.
fn noted(tree: &Tree) {
    for _ in 0..3 {
        build(tree, &[]).code(0);
    }
    let notes = notes(tree);
    assert_eq!(notes.len(), 1, "{notes:?}");
    let text = fs::read_to_string(&notes[0]).expect("a note");
    assert!(text.contains("up to date"), "{text}");
    fs::write(&notes[0], text.replace("up to date", WORD)).expect("written");
}

/// Whether what a run said is noted.
fn is_noted(tree: &Tree) -> bool {
    let mut texts = notes(tree).into_iter().map(fs::read_to_string);
    texts.any(|text| text.expect("a note").contains("Finished"))
}

fn is_replayed(run: &Run) -> bool {
    run.stderr.contains(WORD)
}

#[test]
fn it_says_what_the_one_before_said() {
    let tree = tree();
    build(&tree, &[]).code(0).says("2 packages built");
    let second = build(&tree, &[]).code(0);
    let third = build(&tree, &[]).code(0);
    assert_eq!(
        (&second.stdout, &second.stderr),
        (&third.stdout, &third.stderr)
    );
    assert!(
        third.stderr.contains("warning["),
        "findings as well: {}",
        third.stderr
    );
    noted(&tree);
    assert!(is_replayed(&build(&tree, &[])));
    // Other words for the same are another run.
    for args in [
        &["-q"][..],
        &["--color", "always"],
        &["-p", "edge_vnf"],
        &["-v"],
    ] {
        assert!(!is_replayed(&build(&tree, args).code(0)), "{args:?}");
    }
    let epoch = common::run(command(&tree, &[]).env("SOURCE_DATE_EPOCH", "1700000000"));
    assert!(
        epoch.stderr.contains("2 packages built"),
        "{}",
        epoch.stderr
    );
    assert!(!is_replayed(&build(&tree, &["--force"]).code(0)));
}

#[test]
fn errors_are_said_again_with_their_exit_code() {
    let tree = tree();
    tree.replace("vnf/edge_vnfd.yaml", "  provider:", "  providr:");
    settle();
    let texts: Vec<(String, String)> = (0..4)
        .map(|_| build(&tree, &[]).code(1))
        .map(|run| (run.stdout, run.stderr))
        .collect();
    assert_eq!(texts[1], texts[2]);
    assert_eq!(texts[1], texts[3]);
    assert!(is_noted(&tree));
    assert!(
        texts[3].1.contains("unknown key `providr`"),
        "{}",
        texts[3].1
    );
}

/// Each change, however small or hidden, is seen.
#[test]
fn a_change_is_seen() {
    type Change = (&'static str, fn(&Tree));
    let changes: &[Change] = &[
        ("content", |tree| {
            tree.replace("vnf/edge_vnfd.yaml", "1.0", "1.1")
        }),
        ("a new file", |tree| {
            drop(tree.file("vnf/scripts/stop.sh", "#!/bin/sh\n"))
        }),
        ("a file less", |tree| {
            fs::remove_file(tree.path("vnf/scripts/start.sh")).expect("removed");
        }),
        ("a name", |tree| {
            let (from, to) = (
                tree.path("vnf/scripts/start.sh"),
                tree.path("vnf/scripts/run.sh"),
            );
            fs::rename(from, to).expect("renamed");
        }),
        ("a new package", |tree| {
            drop(tree.file("b/b_vnfd.yaml", vnfd("b_vnf")))
        }),
        ("the configuration", |tree| {
            drop(tree.file("nfv.toml", "exclude = [\"ns\"]\n"))
        }),
        ("a folder that is ignored", |tree| {
            drop(tree.file(".gitignore", "ns\n"))
        }),
        ("an output", |tree| {
            fs::remove_file(tree.path("target/nfv/packages/edge_vnf-1.0.tar.gz")).expect("removed");
        }),
        ("the bytes of an output", |tree| {
            let path = tree.path("target/nfv/packages/edge_vnf-1.0.tar.gz");
            fs::remove_file(&path).expect("removed");
            fs::write(path, "x").expect("written");
        }),
        ("the record of an output", |tree| {
            fs::remove_file(tree.path("target/nfv/state/edge_ns-1.0.tar.gz.json"))
                .expect("removed");
        }),
        ("a time", |tree| {
            let file = fs::File::options()
                .append(true)
                .open(tree.path("vnf/scripts/start.sh"));
            file.expect("a file")
                .set_modified(SystemTime::UNIX_EPOCH)
                .expect("a time");
        }),
        ("a broken note", |tree| {
            fs::write(&notes(tree)[0], "{").expect("written")
        }),
        ("nothing left", |tree| {
            fs::remove_dir_all(tree.path("target")).expect("removed");
        }),
    ];
    for (name, change) in changes {
        let tree = tree();
        noted(&tree);
        assert!(is_replayed(&build(&tree, &[])), "{name}: before");
        change(&tree);
        let run = build(&tree, &[]).code(0);
        assert!(!is_replayed(&run), "{name}");
        // What it says is what a run in a tree without a note says.
        let again = build(&tree, &["--color", "never"]).code(0);
        let only = |text: &str| {
            text.lines()
                .filter(|line| !line.contains("Finished"))
                .count()
        };
        assert_eq!(only(&run.stderr), only(&again.stderr), "{name}");
    }
}

/// Where the marks of files are not the whole truth, everything is looked at.
#[cfg(unix)]
#[test]
fn a_file_that_was_put_back_and_a_link() {
    let tree = tree();
    noted(&tree);
    // Same size, same time, other bytes: the system still knows that it was changed.
    let path = tree.path("vnf/scripts/start.sh");
    let before = fs::metadata(&path)
        .and_then(|m| m.modified())
        .expect("a time");
    fs::write(&path, "#!/bin/ch\n").expect("written");
    let file = fs::File::options()
        .append(true)
        .open(&path)
        .expect("a file");
    file.set_modified(before).expect("a time");
    drop(file);
    let run = build(&tree, &[]).code(0);
    assert!(
        !is_replayed(&run) && run.stderr.contains("1 package built"),
        "{}",
        run.stderr
    );
    // Its target may lie anywhere.
    let tree = self::tree();
    std::os::unix::fs::symlink("start.sh", tree.path("vnf/scripts/link.sh")).expect("a link");
    settle();
    for _ in 0..4 {
        build(&tree, &[]).code(0);
    }
    assert!(!is_noted(&tree));
}

/// What no scan looks at may be large, and full of links.
#[cfg(unix)]
#[test]
fn folders_that_git_ignores_are_looked_at_where_they_count() {
    let tree = tree();
    tree.file(".gitignore", "node_modules\nicons\n*.conf\n!kept.conf\n");
    tree.file("node_modules/deep/file", "a");
    tree.file(".venv/lib/file", "a");
    tree.file("loose/a_vnfd.yaml", vnfd("a_vnf"));
    tree.file("loose/b_vnfd.yaml", vnfd("b_vnf"));
    tree.file("loose/kept.conf/c/c_vnfd.yaml", vnfd("c_vnf"));
    tree.file("vnf/own.conf/settings", "a");
    for folder in ["node_modules/deep", ".venv/lib"] {
        let link = tree.path(&format!("{folder}/link"));
        std::os::unix::fs::symlink("file", link).expect("a link");
    }
    settle();
    noted(&tree);
    tree.file("node_modules/deep/file", "b");
    tree.file(".venv/lib/file", "b");
    assert!(is_replayed(&build(&tree, &[])));
    let changes: [(&str, &dyn Fn()); 3] = [
        ("what git ignores in a package is packed", &|| {
            drop(tree.file("vnf/own.conf/settings", "b"));
        }),
        ("what git ignores not after all", &|| {
            drop(tree.file("loose/kept.conf/c/c_vnfd.yaml", vnfd("d_vnf")));
        }),
        ("a folder with icons is one package", &|| {
            fs::create_dir_all(tree.path("loose/icons")).expect("a folder");
        }),
    ];
    for (name, change) in changes {
        change();
        let run = common::run(&mut command(&tree, &[]));
        assert!(!is_replayed(&run), "{name}: {}", run.stderr);
        settle();
        for _ in 0..3 {
            common::run(&mut command(&tree, &[]));
        }
        assert!(is_noted(&tree), "{name}");
    }
}

/// A run on a fresh checkout is the only one; it does nothing for the next.
#[test]
fn nothing_is_noted_of_a_tree_before_a_run_had_nothing_to_do() {
    let tree = tree();
    build(&tree, &[]).code(0);
    assert!(notes(&tree).is_empty());
    build(&tree, &[]).code(0);
    assert!(!is_noted(&tree));
}

#[test]
fn files_that_were_just_written_are_not_trusted() {
    let tree = tree();
    tree.file("vnf/scripts/late.sh", "#!/bin/sh\n");
    for _ in 0..3 {
        build(&tree, &[]).code(0);
    }
    assert!(!is_noted(&tree));
    settle();
    noted(&tree);
}

#[test]
fn notes_do_not_pile_up_and_go_with_the_rest() {
    let tree = tree();
    build(&tree, &[]).code(0);
    for i in 0..20 {
        common::run(command(&tree, &[]).env("UNLIKE", i.to_string())).code(0);
    }
    assert!(notes(&tree).len() <= 9, "{}", notes(&tree).len());
    tree.nfv(&["clean", "-p", "edge_vnf"]).code(0);
    let run = build(&tree, &[]).code(0);
    assert!(run.stderr.contains("1 package built"), "{}", run.stderr);
    tree.nfv(&["clean"]).code(0);
    assert!(notes(&tree).is_empty());
}
