//! `cargo nfv clean`: what builds left goes, and nothing else.

mod common;

use std::fs::{self, File};
use std::process::Stdio;
use std::time::Duration;

use common::{Run, Tree, digests, finish, names, vnfd};

/// Two packages, built and published.
fn published() -> Tree {
    let tree = Tree::of(&[("a/a_vnfd.yaml", &vnfd("a")), ("b/b_vnfd.yaml", &vnfd("b"))]);
    tree.nfv(&["publish"]).code(0);
    tree
}

#[track_caller]
fn clean(tree: &Tree, args: &[&str]) -> Run {
    tree.nfv(&[&["clean"], args].concat())
}

fn blobs(tree: &Tree) -> Vec<String> {
    names(&tree.path("target/nfv/oci/blobs/sha256"))
}

#[test]
fn everything_goes_but_the_lock_and_the_tag() {
    let tree = published();
    let sources = digests(&tree.path("a"));
    tree.file("target/other/keep.txt", "not ours");
    tree.file("target/nfv/keep.txt", "not ours");
    // Two packages with two names each, their records, and in the layout two
    // configs, two manifests, the index and the mark of a layout.
    clean(&tree, &[]).code(0).says("Removed 12 files, ");
    assert_eq!(
        names(&tree.path("target/nfv")),
        [".lock", "CACHEDIR.TAG", "keep.txt"]
    );
    assert!(tree.path("target/other/keep.txt").is_file());
    assert_eq!(digests(&tree.path("a")), sources);
    clean(&tree, &[]).code(0).says("Removed 0 files, 0 B");
    let first = tree.nfv(&["publish"]).code(0).says("2 packages built");
    let again = tree.nfv(&["publish"]).code(0).says("nothing to do");
    assert_eq!(first.stdout, again.stdout);
}

#[test]
fn where_nothing_was_built_nothing_is_made_either() {
    let tree = Tree::of(&[("a/a_vnfd.yaml", &vnfd("a"))]);
    for args in [&[][..], &["--dry-run"], &["--unreferenced"], &["-p", "a"]] {
        clean(&tree, args).code(0).says(" 0 files, 0 B");
    }
    clean(&tree, &["-p", "x"])
        .code(2)
        .says("no package has the id `x`");
    assert_eq!(names(&tree.root), ["a"]);
}

#[test]
fn a_dry_run_lists_and_removes_nothing() {
    let tree = published();
    let before = digests(&tree.path("target"));
    let run = clean(&tree, &["--dry-run"])
        .code(0)
        .says("would be removed");
    let mut listed: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(listed.len(), 12);
    assert!(
        listed.contains(&"target/nfv/packages/a-1.0.tar.gz"),
        "{listed:?}"
    );
    clean(&tree, &["-n", "-p", "a"]).code(0).says("5 files");
    clean(&tree, &["-n", "--unreferenced"])
        .code(0)
        .says("0 files");
    assert_eq!(digests(&tree.path("target")), before);
    // Bytes that have two names are counted once.
    let real: u64 = {
        listed.retain(|path| !path.contains("/packages/"));
        let size = |path: &&str| fs::metadata(tree.path(path)).expect("file").len();
        listed.iter().map(size).sum()
    };
    let shown = format!("{:.1} KiB would be removed", real as f64 / 1024.0);
    assert!(
        cfg!(not(unix)) || run.stderr.contains(&shown),
        "{shown}\n{}",
        run.stderr
    );
}

#[test]
fn what_belongs_to_an_id_goes_alone() {
    let tree = published();
    // Same bytes as no other package, so all of its blobs go.
    clean(&tree, &["-p", "a"]).code(0).says("Removed 5 files");
    assert_eq!(names(&tree.path("target/nfv/packages")), ["b-1.0.tar.gz"]);
    assert_eq!(names(&tree.path("target/nfv/state")), ["b-1.0.tar.gz.json"]);
    assert_eq!(blobs(&tree).len(), 3);
    let list = tree.nfv(&["list"]).code(0).stdout;
    assert!(
        list.starts_with("b:1.0 ") && list.lines().count() == 1,
        "{list}"
    );
    clean(&tree, &["--unreferenced"])
        .code(0)
        .says("Removed 0 files");
    tree.nfv(&["publish"])
        .code(0)
        .says("1 package built, 1 up to date");
    // A package that is no longer in the tree is known by its outputs.
    fs::remove_dir_all(tree.path("b")).expect("package");
    clean(&tree, &["-p", "bb"])
        .code(2)
        .says("no package has the id `bb`");
    clean(&tree, &["-p", "b", "-p", "a"])
        .code(0)
        .says("Removed 10 files");
    assert_eq!(blobs(&tree), [] as [&str; 0]);
    // One that is in the tree and was never built is no mistake.
    clean(&tree, &["-p", "a"]).code(0).says("Removed 0 files");
}

#[test]
fn ids_that_begin_alike_are_not_mixed_up() {
    let tree = Tree::of(&[
        ("a/vnfd.yaml", &vnfd("edge")),
        ("b/vnfd.yaml", &vnfd("edge-1.0")),
        ("c/vnfd.yaml", &vnfd("Edge")),
    ]);
    tree.nfv(&["publish"]).code(0);
    clean(&tree, &["-p", "edge"]).code(0);
    let left = ["Edge-1.0.tar.gz", "edge-1.0-1.0.tar.gz"];
    assert_eq!(names(&tree.path("target/nfv/packages")), left);
}

#[test]
fn superseded_blobs_go_and_no_others() {
    let tree = published();
    let first = blobs(&tree);
    tree.replace("a/a_vnfd.yaml", "Example Operator", "Another Operator");
    tree.nfv(&["build"]).code(0).says("1 package built");
    // The index still refers to what was published, the record to the rest.
    clean(&tree, &["--unreferenced"])
        .code(0)
        .says("Removed 0 files");
    tree.nfv(&["publish"]).code(0);
    let before: Vec<String> = blobs(&tree);
    clean(&tree, &["--unreferenced"]).code(0);
    let after = blobs(&tree);
    let gone: Vec<&String> = before.iter().filter(|blob| !after.contains(blob)).collect();
    assert!(
        !gone.is_empty() && gone.iter().all(|blob| first.contains(blob)),
        "{gone:?}"
    );
    tree.nfv(&["publish"]).code(0).says("nothing to do");
    for id in ["a", "b"] {
        tree.nfv(&["inspect", id]).code(0);
    }
}

#[test]
fn a_blob_that_two_artifacts_share_stays_with_the_other() {
    let tree = published();
    let layout = tree.path("target/nfv/oci");
    // A second name for `a` under the id of nobody, and a signature of `b`.
    let index = fs::read_to_string(layout.join("index.json")).expect("index");
    let mut index: serde_json::Value = serde_json::from_str(&index).expect("JSON");
    let of_b = index["manifests"][1]["digest"]
        .as_str()
        .expect("digest")
        .to_owned();
    let layer = {
        let path = layout.join("blobs").join(of_b.replace(':', "/"));
        let manifest: serde_json::Value =
            serde_json::from_slice(&fs::read(path).expect("manifest")).expect("JSON");
        manifest["layers"][0].clone()
    };
    let mut add = |manifest: serde_json::Value| {
        let bytes = manifest.to_string();
        let sha256 = common::sha256(bytes.as_bytes());
        fs::write(layout.join("blobs/sha256").join(&sha256), &bytes).expect("blob");
        let entry = serde_json::json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": format!("sha256:{sha256}"),
            "size": bytes.len(),
        });
        index["manifests"].as_array_mut().expect("list").push(entry);
        sha256
    };
    let sharing = add(serde_json::json!({
        "schemaVersion": 2, "config": layer, "layers": [layer],
    }));
    let signature = add(serde_json::json!({
        "schemaVersion": 2, "config": layer, "layers": [], "subject": {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": of_b, "size": 1,
        },
    }));
    fs::write(layout.join("index.json"), index.to_string()).expect("index");
    clean(&tree, &["--unreferenced"])
        .code(0)
        .says("Removed 0 files");
    clean(&tree, &["-p", "b"]).code(0);
    let left = blobs(&tree);
    let package = layer["digest"]
        .as_str()
        .expect("digest")
        .replace("sha256:", "");
    assert!(
        left.contains(&sharing) && left.contains(&package),
        "{left:?}"
    );
    assert!(!left.contains(&signature), "{left:?}");
}

#[test]
fn a_layout_that_cannot_be_read_is_left_alone_unless_all_goes() {
    let tree = published();
    fs::write(tree.path("target/nfv/oci/index.json"), "{").expect("index");
    let before = digests(&tree.path("target"));
    for args in [&["--unreferenced"][..], &["-p", "a"]] {
        clean(&tree, args)
            .code(2)
            .says("is not a valid image index");
    }
    assert_eq!(digests(&tree.path("target")), before);
    clean(&tree, &[]).code(0);
    tree.nfv(&["publish"]).code(0);
}

/// A manifest that is damaged holds up nothing, and holds on to nothing but itself.
#[test]
fn a_damaged_manifest_is_told_and_passed_over() {
    let tree = published();
    let index = fs::read_to_string(tree.path("target/nfv/oci/index.json")).expect("index");
    let index: serde_json::Value = serde_json::from_str(&index).expect("JSON");
    let digest = index["manifests"][0]["digest"].as_str().expect("digest");
    let path = format!("target/nfv/oci/blobs/{}", digest.replace(':', "/"));
    tree.file(&path, "{ damaged");
    let told = format!("{digest} is damaged");
    // The package is held by the record of its build, and the config document by nothing.
    clean(&tree, &["--unreferenced"])
        .code(0)
        .says(&told)
        .says("Removed 1 file,");
    assert!(tree.path(&path).is_file());
    clean(&tree, &["-p", "b"])
        .code(0)
        .says(&told)
        .says("Removed 5 files");
    fs::remove_file(tree.path(&path)).expect("what is damaged");
    tree.nfv(&["publish"]).code(0);
    tree.nfv(&["inspect", "a"]).code(0);
}

#[test]
fn a_folder_that_no_build_made_is_left_alone() {
    let tree = Tree::of(&[
        ("a/a_vnfd.yaml", &vnfd("a")),
        ("nfv/packages/b_vnfd.yaml", &vnfd("b")),
        ("out/nfv/keep", ""),
    ]);
    clean(&tree, &["--target-dir", "."])
        .code(2)
        .says("`nfv` was not made by a build");
    // The tree itself as an output folder.
    let inside = tree.path("nfv");
    let run = common::run(common::command_in(&inside).args(["clean", "--target-dir", ".."]));
    run.code(2).says("the source tree lies in");
    clean(&tree, &["--target-dir", "out"])
        .code(0)
        .says("0 files");
    assert!(tree.path("nfv/packages/b_vnfd.yaml").is_file());
    assert!(tree.path("out/nfv/keep").is_file());
}

#[cfg(unix)]
#[test]
fn links_are_never_followed() {
    use std::os::unix::fs::symlink;
    let tree = published();
    let elsewhere = tree.beside("elsewhere");
    fs::create_dir(&elsewhere).expect("folder");
    fs::write(elsewhere.join("keep"), "mine").expect("file");
    // One among the files is removed as the name that it is.
    symlink(&elsewhere, tree.path("target/nfv/packages/link")).expect("link");
    clean(&tree, &[]).code(0).says("Removed 13 files");
    assert!(elsewhere.join("keep").is_file());
    // One in place of a folder stops everything.
    for (name, full) in [
        ("packages", "packages"),
        ("oci", "oci"),
        ("state", "state"),
        ("blobs", "oci/blobs"),
        ("sha256", "oci/blobs/sha256"),
        ("nfv", ""),
    ] {
        tree.nfv(&["publish"]).code(0);
        let path = tree.path("target/nfv").join(full);
        let path = path.components().collect::<std::path::PathBuf>();
        let moved = tree.beside(name);
        fs::rename(&path, &moved).expect("rename");
        symlink(&moved, &path).expect("link");
        let before = digests(&moved);
        for args in [&[][..], &["--unreferenced"], &["-p", "a"], &["-n"]] {
            clean(&tree, args).code(2).says("is a symbolic link");
        }
        assert_eq!(digests(&moved), before, "{name}");
        fs::remove_file(&path).expect("link");
        fs::rename(&moved, &path).expect("rename");
    }
}

#[test]
fn clean_waits_for_a_build_and_a_build_for_clean() {
    let tree = published();
    for command in ["clean", "publish"] {
        let lock = File::options()
            .write(true)
            .open(tree.path("target/nfv/.lock"))
            .expect("lock");
        lock.lock().expect("lock");
        let mut child = tree.command();
        child
            .arg(command)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = child.spawn().expect("the program starts");
        std::thread::sleep(Duration::from_millis(400));
        assert!(child.try_wait().expect("running").is_none(), "{command}");
        let is_there = tree.path("target/nfv/oci/index.json").is_file();
        assert_eq!(is_there, command == "clean");
        lock.unlock().expect("lock");
        let output = finish(child, Duration::from_secs(60));
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{stderr}");
        assert!(
            stderr.contains("Blocking waiting for file lock on `target/nfv`"),
            "{stderr}"
        );
    }
    assert_eq!(names(&tree.path("target/nfv/packages")).len(), 2);
}
