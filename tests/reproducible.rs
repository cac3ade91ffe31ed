//! The same sources give the same bytes, whoever builds them, where, when and
//! how often; and a build that is cut off leaves nothing that is half done.

#![cfg(unix)]

mod common;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use common::*;
use flate2::read::GzDecoder;

/// The showcase with a script in it, so that an executable bit is there. The
/// rules have tests of their own.
fn sources() -> Tree {
    let tree = Tree::showcase();
    tree.file("nfv.toml", "[lints]\nall = \"allow\"\n");
    let script = tree.file("router_vnf/scripts/start", "#!/bin/sh\nexit 0\n");
    set_mode(&script, 0o755);
    settle();
    tree
}

/// A build does not trust files as new as its own record of them.
fn settle() {
    std::thread::sleep(Duration::from_millis(30));
}

/// Publishes into `target`; every file of `packages/` and `oci/` by its digest.
#[track_caller]
fn publish(command: &mut Command, target: &Path) -> BTreeMap<String, String> {
    run(command.arg("publish").arg("--target-dir").arg(target)).code(0);
    outputs(target)
}

#[track_caller]
fn outputs(target: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for folder in ["packages", "oci"] {
        for (name, digest) in digests(&target.join("nfv").join(folder)) {
            all.insert(format!("{folder}/{name}"), digest);
        }
    }
    assert_eq!(
        all.keys()
            .filter(|name| name.starts_with("packages/"))
            .count(),
        6
    );
    assert!(all.contains_key("oci/index.json") && all.contains_key("oci/oci-layout"));
    all
}

#[test]
fn two_folders_two_clocks_two_umasks_give_the_same_bytes() {
    let one = sources();
    let two = sources();
    walk(&two.root, &mut |path| {
        let executable = path.is_dir() || path.ends_with("start");
        set_mode(path, if executable { 0o700 } else { 0o600 });
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_234_567_890);
        File::open(path)
            .and_then(|file| file.set_modified(time))
            .expect("time");
    });
    let first = publish(&mut one.command(), &one.beside("out"));
    let mut strict = Command::new("sh");
    strict
        .current_dir(&two.root)
        .args(["-c", "umask 077 && exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_cargo-nfv"));
    let second = publish(&mut strict, &two.beside("another place/out"));
    assert_eq!(first, second);
    // Others can read what a strict umask made.
    for name in second.keys() {
        let file = two.beside("another place/out/nfv").join(name);
        let mode = fs::metadata(file).expect("file").permissions().mode();
        assert_eq!(mode & 0o777, 0o644, "{name}");
    }
}

#[test]
fn language_time_zone_and_home_do_not_matter() {
    let tree = sources();
    let plain = publish(&mut tree.command(), &tree.beside("plain"));
    let mut turkish = tree.command();
    turkish
        .env("LANG", "tr_TR.UTF-8")
        .env("LC_ALL", "tr_TR.UTF-8")
        .env("TZ", "Pacific/Chatham")
        .env("HOME", "/nonexistent")
        .env("USER", "somebody")
        .env("HOSTNAME", "elsewhere");
    assert_eq!(publish(&mut turkish, &tree.beside("turkish")), plain);
    let mut bare = tree.command();
    bare.env_clear();
    assert_eq!(publish(&mut bare, &tree.beside("bare")), plain);
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let tree = sources();
    // Several blocks of the compressor, so that there is something to share.
    let noise = noise(5 << 20);
    tree.file("router_vnf/images/disk.qcow2", noise);
    let one = publish(tree.command().args(["-j", "1"]), &tree.beside("one"));
    let seven = publish(tree.command().args(["-j", "7"]), &tree.beside("seven"));
    assert_eq!(one, seven);
}

#[test]
fn the_order_of_files_on_disk_does_not_matter() {
    let forward = sources();
    let backward = Tree::new();
    copy(&forward.root, &backward.root, true);
    assert_eq!(
        publish(&mut forward.command(), &forward.beside("out")),
        publish(&mut backward.command(), &backward.beside("out"))
    );
}

#[test]
fn another_user_makes_the_same_bytes() {
    use std::os::unix::process::CommandExt;
    if !is_root() {
        // There is nobody that an ordinary user could become.
        return;
    }
    let tree = sources();
    let own = publish(&mut tree.command(), &tree.beside("out"));
    let program = for_everyone(
        Path::new(env!("CARGO_BIN_EXE_cargo-nfv")),
        tree.root.parent().expect("parent"),
    );
    let place = tree.beside("nobody");
    fs::create_dir(&place).expect("folder");
    std::os::unix::fs::chown(&place, Some(NOBODY), Some(NOBODY)).expect("owner");
    let mut command = command_of(&program, &tree.root);
    command.uid(NOBODY).gid(NOBODY);
    assert_eq!(publish(&mut command, &place.join("out")), own);
    let owner = fs::metadata(place.join("out/nfv/oci/index.json")).expect("file");
    assert_eq!(owner.uid(), NOBODY);
}

#[test]
fn the_way_to_the_tree_does_not_matter() {
    let tree = sources();
    let inside = publish(&mut tree.command(), &tree.beside("inside"));
    let mut outside = command_in(tree.root.parent().expect("parent"));
    outside
        .arg("publish")
        .args(["-A", "all", "tree"])
        .arg("--target-dir");
    run(outside.arg(tree.beside("outside"))).code(0);
    assert_eq!(outputs(&tree.beside("outside")), inside);
}

#[test]
fn a_part_of_the_tree_is_published_as_with_the_whole() {
    let tree = sources();
    let whole = publish(&mut tree.command(), &tree.beside("whole"));
    for (i, what) in [&["-p", "edge_ns"][..], &["edge_ns"]]
        .into_iter()
        .enumerate()
    {
        let part = tree.beside(&format!("part{i}"));
        let mut command = tree.command();
        command.arg("publish").args(what).arg("--target-dir");
        run(command.arg(&part)).code(0);
        for (name, digest) in digests(&part.join("nfv/oci/blobs")) {
            let same = whole.get(&format!("oci/blobs/{name}"));
            assert_eq!(same, Some(&digest), "{what:?} {name}");
        }
    }
}

/// Name, mode and bytes.
type Member = (String, u32, Vec<u8>);

/// Every member of a package, and the times of all apart.
fn members(path: &Path) -> (Vec<Member>, Vec<u64>) {
    let file = File::open(path).expect("package");
    let mut archive = tar::Archive::new(GzDecoder::new(file));
    let mut members = Vec::new();
    let mut times = Vec::new();
    for entry in archive.entries().expect("tar") {
        let mut entry = entry.expect("entry");
        let name = String::from_utf8(entry.path_bytes().into_owned()).expect("name");
        let mode = entry.header().mode().expect("mode");
        times.push(entry.header().mtime().expect("time"));
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("bytes");
        members.push((name, mode, bytes));
    }
    (members, times)
}

#[test]
fn only_the_owners_executable_bit_is_kept() {
    let tree = sources();
    tree.file("router_vnf/scripts/plain", "x");
    set_mode(&tree.path("router_vnf/scripts/plain"), 0o666);
    set_mode(&tree.path("router_vnf/scripts"), 0o1777);
    let packages = tree.build("out");
    for name in names(&packages) {
        for (member, mode, _) in members(&packages.join(name)).0 {
            let executable = member.ends_with('/') || member.ends_with("/start");
            assert_eq!(mode, if executable { 0o755 } else { 0o644 }, "{member}");
        }
    }
}

#[test]
fn source_date_epoch_sets_the_time_of_the_members_and_nothing_else() {
    let tree = sources();
    let (plain, dated) = (tree.beside("plain"), tree.beside("dated"));
    publish(&mut tree.command(), &plain);
    publish(
        tree.command().env("SOURCE_DATE_EPOCH", "1700566490"),
        &dated,
    );
    for name in names(&plain.join("nfv/packages")) {
        let path = Path::new("nfv/packages").join(&name);
        let (mut one, times) = members(&plain.join(&path));
        assert!(
            times.iter().all(|time| *time == 315_532_800),
            "{name}: {times:?}"
        );
        let (mut two, times) = members(&dated.join(&path));
        assert!(
            times.iter().all(|time| *time == 1_700_566_490),
            "{name}: {times:?}"
        );
        if name.ends_with(".shield.tar.gz") {
            // The package inside carries times itself, and the manifest its hash.
            one.iter_mut()
                .chain(&mut two)
                .for_each(|member| member.2.clear());
        }
        assert_eq!(one, two, "{name}");
    }
    let created = |target: &Path, reference: &str| {
        let mut command = tree.command();
        command.args(["inspect", "--raw", reference, "--target-dir"]);
        let raw = run(command.arg(target)).code(0).bytes;
        let manifest: serde_json::Value = serde_json::from_slice(&raw).expect("manifest");
        manifest["annotations"]["org.opencontainers.image.created"].clone()
    };
    for reference in [
        "router_vnf",
        "edge_ns",
        "edge_ns-shield",
        "edge-graph",
        "edge_slice",
    ] {
        assert!(created(&plain, reference).is_null());
        assert_eq!(created(&dated, reference), "2023-11-21T11:34:50Z");
    }
}

#[test]
fn a_source_date_epoch_that_is_no_time_is_refused() {
    let tree = sources();
    for value in ["yesterday", "-1", "1.5", "99999999999999"] {
        let mut command = tree.command();
        command.env("SOURCE_DATE_EPOCH", value).arg("build");
        let refused = run(&mut command)
            .code(2)
            .says(&format!("`SOURCE_DATE_EPOCH` is `{value}`"));
        let is_late = value.parse::<u64>().is_ok();
        assert_eq!(
            refused.stderr.contains("in the year 2242"),
            is_late,
            "{value}"
        );
    }
    let unset = run(tree.command().env("SOURCE_DATE_EPOCH", "").arg("build")).code(0);
    assert_eq!(unset.stdout, tree.nfv(&["build"]).code(0).stdout);
}

fn times(folder: &Path) -> BTreeMap<PathBuf, (SystemTime, u64)> {
    let mut all = BTreeMap::new();
    walk(folder, &mut |path| {
        let metadata = fs::symlink_metadata(path).expect("metadata");
        let time = metadata.modified().expect("time");
        all.insert(path.to_owned(), (time, metadata.ino()));
    });
    all
}

#[test]
fn a_second_build_does_nothing() {
    let tree = sources();
    let first = tree.nfv(&["publish"]).code(0).says("6 packages built");
    let first = first.says("6 new, 0 already there");
    let packages = times(&tree.path("target/nfv/packages"));
    let layout = times(&tree.path("target/nfv/oci"));
    let second = tree.nfv(&["publish"]).code(0);
    assert_eq!(second.stdout, first.stdout);
    let second = second.says("nothing to do, 6 packages up to date");
    second.says("0 new, 6 already there");
    assert_eq!(times(&tree.path("target/nfv/packages")), packages);
    assert_eq!(times(&tree.path("target/nfv/oci")), layout);
    let lines = tree
        .nfv(&["build", "--message-format", "json"])
        .code(0)
        .stdout;
    assert_eq!(lines.matches("\"fresh\":true").count(), 6, "{lines}");
}

/// What a build has written is not taken for that where somebody has written into it, and heals.
#[test]
fn an_output_that_was_changed_in_place_is_built_again() {
    let tree = Tree::showcase();
    tree.nfv(&["build"]).code(0);
    let path = tree.path("target/nfv/packages/router_vnf-1.0.tar.gz");
    let whole = fs::read(&path).expect("package");
    let sha256 = common::sha256(&whole);
    let blob = tree.path(&format!("target/nfv/oci/blobs/sha256/{sha256}"));
    let time = fs::metadata(&path).expect("package").modified();
    let mut changed = whole.clone();
    changed[500] ^= 1;
    // The same file has two names, and another file may take the place of one of them.
    for (name, is_replaced) in [(&path, false), (&path, true), (&blob, true)] {
        if is_replaced {
            fs::remove_file(name).expect("removed");
        }
        fs::write(name, &changed).expect("written");
        let file = fs::File::options().write(true).open(name).expect("open");
        file.set_modified(*time.as_ref().expect("a time"))
            .expect("set");
        let run = tree.nfv(&["build"]).code(0);
        assert!(run.stderr.contains("1 package built"), "{}", run.stderr);
        assert_eq!(fs::read(&path).expect("package"), whole);
        assert_eq!(fs::read(&blob).expect("blob"), whole);
        tree.nfv(&["build"]).code(0).says("nothing to do");
    }
    // A copy of it has other marks and is the same.
    fs::remove_file(&path).expect("removed");
    fs::write(&path, &whole).expect("written");
    tree.nfv(&["build"]).code(0).says("nothing to do");
    // So does what is said of it in the layout.
    tree.nfv(&["publish", "-A", "all"]).code(0);
    let index = fs::read(tree.path("target/nfv/oci/index.json")).expect("index");
    let index: serde_json::Value = serde_json::from_slice(&index).expect("JSON");
    let digest = index["manifests"][0]["digest"].as_str().expect("a digest");
    let manifest = tree.path(&format!(
        "target/nfv/oci/blobs/sha256/{}",
        digest.trim_start_matches("sha256:")
    ));
    let text = fs::read_to_string(&manifest).expect("manifest");
    fs::write(&manifest, text.replacen("schema", "Schema", 1)).expect("written");
    tree.nfv(&["publish", "-A", "all"]).code(0);
    assert_eq!(fs::read_to_string(&manifest).expect("manifest"), text);
}

#[test]
fn force_builds_what_is_up_to_date() {
    let tree = sources();
    let first = tree.nfv(&["build"]).code(0).stdout;
    let before = times(&tree.path("target/nfv/packages"));
    let second = tree
        .nfv(&["build", "--force"])
        .code(0)
        .says("6 packages built");
    assert_eq!(second.stdout, first);
    let after = times(&tree.path("target/nfv/packages"));
    assert!(before.iter().all(|(path, marks)| after[path] != *marks));
}

/// After a `touch`, a checkout or a change of the clock the content decides.
#[test]
fn a_touched_file_is_read_and_not_built_again() {
    let tree = sources();
    let first = tree.nfv(&["build"]).code(0).stdout;
    // Far behind any clock.
    let later = SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
    for time in [SystemTime::UNIX_EPOCH, later] {
        for name in [
            "README.md",
            "router_vnfd.yaml",
            "cloud_init/router-init.txt",
        ] {
            let path = tree.path(&format!("router_vnf/{name}"));
            let file = File::options().append(true).open(path).expect("file");
            file.set_modified(time).expect("touch");
        }
        settle();
        for _ in 0..2 {
            let second = tree.nfv(&["build"]).code(0);
            assert_eq!(second.stdout, first);
            second.says("nothing to do");
        }
    }
    // A copy with other times and other inodes, as a checkout makes it.
    let checkout = tree.beside("checkout");
    copy(&tree.root, &checkout, true);
    fs::rename(&tree.root, tree.beside("before")).expect("moved");
    fs::rename(&checkout, &tree.root).expect("moved");
    let again = tree.nfv(&["build"]).code(0);
    assert_eq!(again.stdout, first);
    again.says("nothing to do");
}

#[test]
fn a_changed_byte_gives_another_digest_and_putting_it_back_the_first() {
    let tree = sources();
    let digest = |tree: &Tree| {
        let out = tree.nfv(&["build"]).code(0).stdout;
        let line = out
            .lines()
            .find(|line| line.contains("router_vnf"))
            .expect("line");
        line.rsplit("sha256:").next().expect("digest").to_owned()
    };
    let first = digest(&tree);
    // Same size, so that only the content tells.
    tree.replace("router_vnf/README.md", "virtual router", "virtual ruoter");
    let second = digest(&tree);
    assert_ne!(first, second);
    tree.replace("router_vnf/README.md", "virtual ruoter", "virtual router");
    assert_eq!(digest(&tree), first);
    // The modification time can be put back; the change is noticed all the same.
    let path = tree.path("router_vnf/README.md");
    let time = fs::metadata(&path)
        .and_then(|m| m.modified())
        .expect("time");
    tree.replace("router_vnf/README.md", "virtual router", "virtual ruoter");
    let file = File::options().append(true).open(&path).expect("file");
    file.set_modified(time).expect("time");
    assert_eq!(digest(&tree), second);
    set_mode(&path, 0o755);
    assert_ne!(digest(&tree), second);
}

#[test]
fn a_new_and_a_deleted_file_change_the_package() {
    let tree = sources();
    let first = tree.nfv(&["build", "-q"]).code(0).stdout;
    tree.file("edge_ns/scripts/extra", "");
    let second = tree.nfv(&["build", "-q"]).code(0).stdout;
    let changed = first
        .lines()
        .zip(second.lines())
        .filter(|(a, b)| a != b)
        .count();
    // The service and the SHIELD package around it.
    assert_eq!(changed, 2, "{first}{second}");
    fs::remove_dir_all(tree.path("edge_ns/scripts")).expect("removed");
    assert_eq!(tree.nfv(&["build", "-q"]).code(0).stdout, first);
}

#[test]
fn what_is_deleted_from_the_target_is_built_again() {
    let tree = sources();
    let first = tree.nfv(&["publish"]).code(0).stdout;
    let before = outputs(&tree.path("target"));
    for (name, digest) in &before {
        if name == "oci/oci-layout" {
            continue;
        }
        fs::remove_file(tree.path("target/nfv").join(name)).expect("removed");
        let second = tree.nfv(&["publish"]).code(0).stdout;
        assert_eq!(second, first);
        assert_eq!(outputs(&tree.path("target")), before, "{name} {digest}");
    }
    fs::remove_dir_all(tree.path("target/nfv/state")).expect("removed");
    tree.nfv(&["build"]).code(0).says("6 packages built");
    tree.file("target/nfv/state/router_vnf-1.0.tar.gz.json", "{");
    tree.nfv(&["build"]).code(0).says("1 package built");
}

#[test]
fn nothing_is_written_into_the_source_tree() {
    let tree = sources();
    let before = times(&tree.root);
    let target = tree.beside("out");
    for args in [
        &["check"][..],
        &["build"],
        &["publish"],
        &["list"],
        &["build", "--force"],
    ] {
        run(tree.command().args(args).arg("--target-dir").arg(&target)).code(0);
    }
    assert_eq!(times(&tree.root), before);
}

#[test]
fn a_read_only_tree_can_be_built() {
    if !as_ordinary_user("a_read_only_tree_can_be_built") {
        return;
    }
    let tree = sources();
    let mut folders = vec![tree.root.clone()];
    walk(&tree.root, &mut |path| {
        if path.is_dir() {
            folders.push(path.to_owned());
        }
    });
    folders.iter().for_each(|folder| set_mode(folder, 0o555));
    let target = tree.beside("out");
    let selection = nfv::ops::BuildOptions::default();
    let mut workspace = tree.workspace();
    workspace.out_dir = target;
    let report = nfv::ops::build(&workspace, &selection, &nfv::ops::Silent);
    folders.iter().for_each(|folder| set_mode(folder, 0o755));
    assert_eq!(report.expect("build").built.len(), 6);
}

/// Bytes that compress badly.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend((state & 0x3f3f_3f3f_3f3f_3f3f).to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// Every temporary name below the target directory.
fn leftovers(target: &Path) -> Vec<PathBuf> {
    let mut left = Vec::new();
    walk(&target.join("nfv"), &mut |path| {
        let name = path
            .file_name()
            .expect("name")
            .to_string_lossy()
            .into_owned();
        if (name.starts_with('.') && name != ".lock")
            || path.parent().is_some_and(|p| p.ends_with("ingest"))
        {
            left.push(path.to_owned());
        }
    });
    left
}

/// Two states of one tree take turns; each build is killed at another moment,
/// and what is there then is the package of one of the two, whole.
#[test]
fn a_hundred_killed_builds_leave_the_old_or_the_new_package() {
    const KILLS: u32 = 100;
    let tree = Tree::of(&[("big/big_vnfd.yaml", &vnfd("big"))]);
    tree.file("big/images/disk.qcow2", noise(4 << 20));
    let target = tree.beside("out");
    let packages = target.join("nfv/packages");
    let command = || {
        let mut command = tree.command();
        command.args(["build", "-A", "all", "-q", "--target-dir"]);
        command.arg(&target);
        command
    };
    let states = ["old", "new"].map(|state| {
        tree.file("big/README.md", state);
        settle();
        let start = Instant::now();
        run(&mut command()).code(0);
        (state, digests(&packages), start.elapsed())
    });
    let [(_, old, _), (_, new, longest)] = &states;
    assert_ne!(old, new);
    let (mut olds, mut news) = (0, 0);
    for i in 0..KILLS {
        let (state, right, _) = &states[(i % 2) as usize];
        tree.file("big/README.md", state);
        settle();
        let mut child = command();
        let mut child = child
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        // Up to a quarter more than it took, so that some are done by then.
        std::thread::sleep(*longest * 5 * i / (4 * KILLS));
        // SIGKILL on Unix; a build that is done already is done.
        let _ = child.kill();
        child.wait().expect("the program ends");
        let found = digests(&packages);
        let packages_only = |mut all: BTreeMap<String, String>| {
            all.retain(|name, _| !name.starts_with('.'));
            all
        };
        let found = packages_only(found);
        olds += u32::from(found == *old);
        news += u32::from(found == *new);
        assert!(found == *old || found == *new, "after kill {i}: {found:?}");
        for (blob, digest) in digests(&target.join("nfv/oci/blobs/sha256")) {
            assert_eq!(blob, digest, "after kill {i}");
        }
        // The tree builds, and what the killed one began does not count as done.
        if i % 5 == 4 {
            run(&mut command()).code(0);
            assert_eq!(digests(&packages), *right, "after kill {i}");
            assert_eq!(leftovers(&target), [] as [PathBuf; 0], "after kill {i}");
        }
    }
    assert!(olds > 0 && news > 0, "{olds} old and {news} new packages");
}

#[test]
fn temporary_files_of_a_killed_build_are_swept_away() {
    let tree = sources();
    tree.nfv(&["build"]).code(0);
    let out = tree.path("target/nfv");
    // As a build that is killed in its three most awkward moments leaves them.
    fs::write(out.join("oci/ingest/.tmpA1b2C3"), "half").expect("file");
    fs::create_dir(out.join("packages/.nfv-A1b2C3")).expect("folder");
    fs::write(out.join("packages/.nfv-A1b2C3/new"), "half").expect("file");
    fs::write(out.join("state/.nfv-A1b2C3"), "half").expect("file");
    assert_eq!(leftovers(&tree.path("target")).len(), 3);
    tree.nfv(&["build"]).code(0).says("nothing to do");
    assert_eq!(leftovers(&tree.path("target")), [] as [PathBuf; 0]);
}

#[test]
fn two_builds_at_once_both_succeed() {
    let tree = sources();
    tree.file("router_vnf/images/disk.qcow2", noise(16 << 20));
    settle();
    let start = |command: &str| {
        let mut child = tree.command();
        child.arg(command).arg("--force");
        child.stdout(Stdio::piped()).stderr(Stdio::piped());
        child.spawn().expect("the program starts")
    };
    let children: Vec<_> = ["build", "publish", "build", "publish"].map(start).into();
    let mut talk = String::new();
    for child in children {
        let output = finish(child, PATIENCE);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{stderr}");
        talk.push_str(&stderr);
    }
    assert!(
        talk.contains("Blocking waiting for file lock on `target/nfv`"),
        "{talk}"
    );
    assert_eq!(leftovers(&tree.path("target")), [] as [PathBuf; 0]);
    let alone = publish(&mut tree.command(), &tree.beside("alone"));
    assert_eq!(outputs(&tree.path("target")), alone);
}

#[test]
fn a_file_that_changes_its_size_while_it_is_built_is_an_error_and_not_a_package() {
    // The plan is made before the file is read; a reader of `/proc` files, whose
    // size is always 0, meets the same.
    let tree = Tree::of(&[("a/a_vnfd.yaml", &vnfd("a"))]);
    let report = {
        let workspace = tree.workspace();
        let scan = nfv::source::scan(&workspace, &nfv::source::Selection::default());
        let scan = scan.expect("scan");
        let form = nfv::source::ShieldProfile::Any;
        let plan = nfv::package::plan(only(&scan), 0, None, form).expect("plan");
        tree.file("a/a_vnfd.yaml", "vnfd: {}\n");
        nfv::package::assemble(&plan, Vec::new(), &|_| {}).expect_err("changed")
    };
    assert!(report.to_string().contains("failed to read"), "{report}");
}

/// An image of a disk that is in use keeps its length. What was read of it would be torn.
#[test]
fn a_file_that_changes_in_place_while_it_is_built_is_an_error_too() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let image = vec![b'a'; 4 << 20];
    let tree = Tree::of(&[("a/a_vnfd.yaml", &vnfd("a"))]);
    let path = tree.file("a/images/a.img", &image);
    // Clocks of file systems are coarse.
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let open = || std::fs::File::options().write(true).open(&path);
    open()
        .and_then(|file| file.set_modified(old))
        .expect("a time");
    let workspace = tree.workspace();
    let scan = nfv::source::scan(&workspace, &nfv::source::Selection::default()).expect("scan");
    let form = nfv::source::ShieldProfile::Any;
    let plan = nfv::package::plan(only(&scan), 0, None, form).expect("plan");
    nfv::package::assemble(&plan, Vec::new(), &|_| {}).expect("a package");
    let is_written = AtomicBool::new(false);
    let write = |_| {
        if !is_written.swap(true, Ordering::Relaxed) {
            use std::io::Write;
            open()
                .and_then(|mut file| file.write_all(b"b"))
                .expect("written");
        }
    };
    let error = nfv::package::assemble(&plan, Vec::new(), &write).expect_err("changed");
    assert!(format!("{error}").contains("a.img"), "{error}");
    let source = std::error::Error::source(&error).expect("a reason");
    assert_eq!(
        source.to_string(),
        "the file changed while it was being read"
    );
}
