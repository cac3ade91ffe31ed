//! `cargo bench`: `cargo nfv build` beside the tools that a user would take
//! instead, as ratios.
//!
//! See `benches/README.md`. The large files are made once and kept below the
//! target directory.
#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs)]

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "../common/mod.rs"]
mod common;

use common::{cost, load, median, number, peak, prepared, program, rounds, shown};

/// A descriptor with `@N@` and `@M@` where it is to differ.
const TEMPLATE: &str = include_str!("../check/vnfd.yaml");

/// Seconds of CPU that OSM's `package-build` takes for 100 packages, as it was
/// measured elsewhere; on one core, so that it can't have been done sooner. It is
/// in no package registry and so not run here.
const OSM_SECONDS: f64 = 16.0;

fn main() {
    let work = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-package");
    fs::create_dir_all(&work).expect("a folder to work in");
    common::heading();
    many(&work);
    large(&work);
    nothing_to_do(&work);
    let _ = fs::remove_dir_all(work.join(ASIDE));
    println!("\nload after: {}", load());
}

/// `cargo nfv build` in a tree of its own.
fn build(tree: &Path) -> Command {
    let mut command = Command::new(program());
    command.arg("build").current_dir(tree);
    command
}

fn shell(tree: &Path, script: &str) -> Command {
    let mut command = Command::new("bash");
    command.args(["-c", script]).current_dir(tree);
    command
}

/// A tree whose outputs are on the same file system.
fn tree(work: &Path, name: &str) -> PathBuf {
    let tree = work.join(name);
    fs::create_dir_all(&tree).expect("a tree");
    fs::write(tree.join("nfv.toml"), "").expect("a configuration");
    tree
}

fn descriptor(package: &Path, n: usize) {
    fs::create_dir_all(package).expect("a package");
    let text = TEMPLATE
        .replace("@N@", &format!("{n:05}"))
        .replace("@M@", &(n % 250).to_string());
    let path = package.join(format!("vrouter-{n:05}_vnfd.yaml"));
    fs::write(path, text).expect("a descriptor");
}

fn forget(tree: &Path) {
    for outputs in ["target", "out"] {
        let path = tree.join(outputs);
        if path.exists() {
            fs::remove_dir_all(path).expect("outputs can be removed");
        }
    }
}

/// Where the outputs of many packages go.
const ASIDE: &str = "aside";

/// Puts outputs away, to be removed in the end: for some seconds after files were removed,
/// ext4 looks long for a place for new ones, which whoever runs next would pay for.
fn set_aside(work: &Path, tree: &Path) {
    let aside = work.join(ASIDE);
    fs::create_dir_all(&aside).expect("a folder");
    for outputs in ["target", "out"] {
        let path = tree.join(outputs);
        if path.exists() {
            let mut places = (0..).map(|i: usize| aside.join(i.to_string()));
            let free = places.find(|place| !place.exists()).expect("a name");
            fs::rename(path, free).expect("outputs can be put away");
        }
    }
}

/// Packages as people publish them: a descriptor, a cloud-init file, an icon,
/// a read-me, some thirty scripts.
fn small_packages(work: &Path, count: usize) -> PathBuf {
    let tree = tree(work, &format!("small-{count}"));
    for n in 0..count {
        let package = tree.join(format!("vrouter-{n:05}_vnf"));
        descriptor(&package, n);
        for (folder, files) in [("cloud_init", 1), ("icons", 1), ("scripts", 27)] {
            let folder = package.join(folder);
            fs::create_dir_all(&folder).expect("a folder");
            for i in 0..files {
                let text: String = (0..120)
                    .map(|line| format!("echo step {n} {i} {line} {}\n", line * 7919 % 1009))
                    .collect();
                fs::write(folder.join(format!("file{i}.sh")), text).expect("a file");
            }
        }
    }
    tree
}

/// Packages as most that are published: a descriptor, a cloud-init file, a
/// read-me and an icon of 20 KB.
fn published_packages(work: &Path, count: usize) -> PathBuf {
    let tree = tree(work, &format!("published-{count}"));
    for n in 0..count {
        let package = tree.join(format!("vrouter-{n:05}_vnf"));
        descriptor(&package, n);
        for folder in ["cloud_init", "icons"] {
            fs::create_dir_all(package.join(folder)).expect("a folder");
        }
        let text = "#cloud-config\nruncmd:\n- [sh, -c, 'echo started']\n".repeat(20);
        fs::write(package.join("cloud_init/cloud-config.txt"), text).expect("a file");
        let text = format!("# Router {n}\n\nIt routes between two networks.\n");
        fs::write(package.join("README.md"), text).expect("a file");
        let mut state = n as u64 + 1;
        let icon: Vec<u8> = std::iter::repeat_with(|| noise(&mut state))
            .take(2500)
            .flat_map(u64::to_le_bytes)
            .collect();
        fs::write(package.join("icons/router.png"), icon).expect("a file");
    }
    tree
}

/// The next of numbers that look random (xorshift).
fn noise(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

fn many(work: &Path) {
    let tree = small_packages(work, 200);
    let script =
        "mkdir -p out && for p in *_vnf; do tar -cf - \"$p\" | gzip -6 > out/$p.tar.gz; done";
    let reset = || set_aside(work, &tree);
    let name = "200 packages of 30 files, a loop of `tar | gzip`";
    common::pairs(
        name,
        &|| build(&tree),
        &|| shell(&tree, script),
        &reset,
        (1, 1),
        "0.15",
    );
    let tree = published_packages(work, 100);
    let mut wall: Vec<f64> = (0..rounds())
        .map(|_| {
            set_aside(work, &tree);
            cost(&mut build(&tree)).wall
        })
        .collect();
    let wall = median(&mut wall);
    println!(
        "| 100 published packages, OSM's `package-build` (quoted, not run) | {} | {} | {:.4} | 0.003 |",
        shown(wall),
        shown(OSM_SECONDS),
        wall / OSM_SECONDS
    );
}

/// Writes a large file once: text of some order, or noise.
fn image(path: &Path, mebibytes: usize, is_text: bool) {
    let size = (mebibytes << 20) as u64;
    if fs::metadata(path).is_ok_and(|metadata| metadata.len() == size) {
        return;
    }
    let file = fs::File::create(path).expect("a large file");
    let mut out = BufWriter::with_capacity(1 << 20, file);
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut left = size;
    while left > 0 {
        noise(&mut state);
        let piece = match is_text {
            // Words of a descriptor in an order that is never the same.
            true => format!(
                "  - id: vdu-{}\n    name: {}\n    sw-image-desc: image-{}\n    description: {:x} of {}\n",
                state % 97,
                ["router", "cache", "probe", "firewall"][(state >> 20) as usize % 4],
                (state >> 8) % 1009,
                state >> 44,
                (state >> 30) % 7
            )
            .into_bytes(),
            false => state.to_le_bytes().to_vec(),
        };
        let len = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        out.write_all(&piece[..len]).expect("a large file");
        left -= len as u64;
    }
    out.flush().expect("a large file");
}

fn large(work: &Path) {
    let has_pigz = prepared("pigz", Command::new("pigz").arg("--version"));
    let mebibytes = number("NFV_BENCH_MEBIBYTES", 1024);
    for (name, is_text, goal) in [("text", true, "0.50"), ("noise", false, "0.14")] {
        let tree = tree(work, name);
        let package = tree.join("large_vnf");
        descriptor(&package, 0);
        fs::create_dir_all(package.join("images")).expect("a folder");
        image(&package.join("images/disk.img"), mebibytes, is_text);
        let peer = "mkdir -p out && tar -cf - large_vnf | pigz -6 -p2 > out/large.tar.gz";
        let reset = || forget(&tree);
        let row = format!("{mebibytes} MiB of {name}, `tar | pigz -6 -p2` (ours with SHA-256)");
        if has_pigz {
            common::pairs(
                &row,
                &|| build(&tree),
                &|| shell(&tree, peer),
                &reset,
                (1, 1),
                goal,
            );
        }
        forget(&tree);
        let memory = peak(build(&tree));
        let own = size_of(&tree.join("target/nfv/packages"));
        let gzip = shell(
            &tree,
            "mkdir -p out && tar -cf - large_vnf | gzip -6 > out/large.tar.gz",
        );
        cost(&mut { gzip });
        let theirs = size_of(&tree.join("out"));
        forget(&tree);
        match memory {
            Some(memory) => println!("| most memory for that | {memory} KB | | | 32768 KB |"),
            None => println!("| most memory for that | not measured: GNU time is absent | | | |"),
        }
        println!(
            "| size of that, gzip -6 | {own} | {theirs} | {:.4} | 1.005 |",
            own as f64 / theirs as f64
        );
    }
}

fn size_of(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).expect("outputs").flatten();
    entries
        .filter_map(|entry| entry.metadata().ok())
        .map(|metadata| metadata.len())
        .sum()
}

/// 10,000 files in 100 packages that were built already, and as many edges of
/// ninja's that are up to date.
fn nothing_to_do(work: &Path) {
    let tree = tree(work, "unchanged");
    for n in 0..100 {
        let package = tree.join(format!("vrouter-{n:05}_vnf"));
        descriptor(&package, n);
        fs::create_dir_all(package.join("scripts")).expect("a folder");
        for i in 0..99 {
            let path = package.join(format!("scripts/file{i:02}.sh"));
            fs::write(path, format!("echo {n} {i}\n")).expect("a file");
        }
    }
    if !prepared("ninja", Command::new("ninja").arg("--version")) {
        return;
    }
    let peer = work.join("ninja");
    fs::create_dir_all(peer.join("in")).expect("a folder");
    let mut rules = String::from("rule copy\n  command = cp $in $out\n");
    for i in 0..10_000 {
        fs::write(peer.join(format!("in/{i:05}")), "x").expect("a file");
        rules.push_str(&format!("build out/{i:05}: copy in/{i:05}\n"));
    }
    fs::write(peer.join("build.ninja"), rules).expect("rules");
    let ninja = || {
        let mut command = Command::new("ninja");
        command.current_dir(&peer);
        command
    };
    cost(&mut ninja());
    // Files younger than this are read again, because their time tells nothing yet;
    // and of what nobody touches, the second run that does nothing takes a note.
    cost(&mut build(&tree));
    std::thread::sleep(std::time::Duration::from_millis(2200));
    for _ in 0..3 {
        cost(&mut build(&tree));
    }
    common::pairs(
        "nothing to do for 10,000 files, ninja",
        &|| build(&tree),
        &ninja,
        &|| {},
        (1, 1),
        "0.20",
    );
}
