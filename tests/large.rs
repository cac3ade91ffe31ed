//! Packages of unusual size.

mod common;

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use common::*;
use nfv::package::TarWriter;

/// More than eleven octal digits can say.
const LARGE: u64 = (8 << 30) + 4097;

/// Pipes an archive with one large file and one behind it into a reader; what
/// the reader prints.
fn read_by(command: &mut Command) -> String {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = child.spawn().expect("the reader starts");
    let pipe = child.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || {
        let pipe = std::io::BufWriter::with_capacity(1 << 20, pipe);
        let mut tar = TarWriter::new(pipe, 315_532_800);
        let mut zeros = std::io::repeat(0).take(LARGE);
        tar.file("top/large", 0o644, LARGE, &mut zeros)
            .expect("the large file");
        tar.file("top/small", 0o644, 2, &mut &b"ok"[..])
            .expect("the small file");
        tar.finish().expect("the end").flush().expect("the pipe");
    });
    let output = child.wait_with_output().expect("the reader ends");
    writer.join().expect("the writer ends");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn a_file_of_more_than_8_gib_is_read_by_gnu_tar() {
    let Some(tar) = tool("tar") else { return };
    let list = read_by(Command::new(tar).args(["-tvf", "-"]).env("LC_ALL", "C"));
    let sizes: Vec<&str> = list
        .lines()
        .map(|line| line.split_whitespace().nth(2).expect("a size"))
        .collect();
    assert_eq!(sizes, [LARGE.to_string().as_str(), "2"], "{list}");
}

#[test]
fn a_file_of_more_than_8_gib_is_read_by_python() {
    let Some(python) = tool("python3") else {
        return;
    };
    let script = "
import sys, tarfile
with tarfile.open(fileobj=sys.stdin.buffer, mode='r|') as tar:
    for member in tar:
        print(member.name, member.size)
";
    let list = read_by(Command::new(python).args(["-c", script]));
    assert_eq!(list, format!("top/large {LARGE}\ntop/small 2\n"));
}

#[test]
fn a_hundred_thousand_files_are_one_package() {
    const FOLDERS: usize = 100;
    const FILES: usize = 1000;
    let tree = Tree::in_memory();
    tree.file("many/many_vnfd.yaml", vnfd("many"));
    for folder in 0..FOLDERS {
        let folder = tree.path(&format!("many/scripts/{folder:03}"));
        fs::create_dir_all(&folder).expect("folder");
        for file in 0..FILES {
            fs::write(folder.join(format!("{file:04}.sh")), b"").expect("file");
        }
    }
    let build = ["build", "-q", "-A", "all"];
    tree.nfv(&build).code(0);
    let package = "target/nfv/packages/many-1.0.tar.gz";
    tree.nfv(&["verify", "-q", package, "-A", "all"]).code(0);
    if let Some(tar) = tool("tar") {
        let list = sh(Command::new(&tar).arg("-tzf").arg(tree.path(package)));
        let names: Vec<&str> = list.lines().collect();
        // The folders are `many/`, `many/scripts/` and those in it; the files
        // are the scripts, the descriptor and `checksums.txt`.
        assert_eq!(names.len(), 2 + FOLDERS + FOLDERS * FILES + 2);
        let (last, others) = names.split_last().expect("members");
        assert_eq!(*last, "many/checksums.txt");
        assert!(others.is_sorted());
        let mut last = Command::new(&tar);
        last.arg("-xzOf")
            .arg(tree.path(package))
            .arg("many/checksums.txt");
        assert_eq!(sh(&mut last).lines().count(), FOLDERS * FILES + 1);
    }
    let run = tree.nfv(&["build", "-A", "all"]).code(0);
    run.says("nothing to do");
}

/// What readers here refuse is not built.
#[test]
fn more_files_than_readers_take_are_no_package() {
    let tree = Tree::in_memory();
    tree.file("many/many_vnfd.yaml", vnfd("many"));
    for folder in 0..200 {
        let folder = tree.path(&format!("many/scripts/{folder:03}"));
        fs::create_dir_all(&folder).expect("folder");
        for file in 0..1000 {
            fs::write(folder.join(format!("{file:04}.sh")), b"").expect("file");
        }
    }
    let run = tree.nfv(&["check", "-q"]).code(1);
    run.says("error[package/limits]: the package would have 200204 files and folders");
}

#[test]
fn a_package_that_grows_beyond_measure_is_not_built() {
    let tree = Tree::new();
    tree.file("zeros/zeros_vnfd.yaml", vnfd("zeros"));
    fs::create_dir(tree.path("zeros/images")).expect("folder");
    let image = fs::File::create(tree.path("zeros/images/disk.raw")).expect("file");
    image.set_len(500 << 20).expect("a sparse file");
    let run = tree.nfv(&["build", "-q", "-A", "all"]).code(2);
    run.says("`zeros` was not built").says("such as qcow2");
    assert!(!tree.path("target/nfv/packages/zeros-1.0.tar.gz").exists());
    // As much as that is nobody's concern.
    image.set_len(100 << 20).expect("a sparse file");
    tree.nfv(&["build", "-q", "-A", "all"]).code(0);
    let package = "target/nfv/packages/zeros-1.0.tar.gz";
    tree.nfv(&["verify", "-q", package, "-A", "all"]).code(0);
}
