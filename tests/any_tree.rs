//! Any tree of files becomes an archive that every reader reads back to the
//! same names, modes and bytes; and to the same archive, whoever builds it.
//!
//! The trees are made from a seed. `NFV_SEED` starts from another one, and
//! `NFV_TREES` sets how many there are.

#![cfg(unix)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use common::*;

/// Name below the package's folder, whether it may be run, content.
type Files = BTreeMap<String, (bool, Vec<u8>)>;

/// SplitMix64: a number from a seed is the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides as u64) as usize
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())]
    }

    /// Whatever may stand in a file name of a package.
    fn name(&mut self) -> String {
        const PIECES: [&str; 22] = [
            "a", "b", "Z", "0", "9", "_", "-", ".", "+", "@", "#", "=", ",", " ", "'", "$", "(",
            "ü", "日", "é", "🛰", "~",
        ];
        let len = match self.roll(10) {
            0 => 60,
            1 => 30,
            n => n,
        };
        let mut name: String = (0..len).map(|_| self.pick(&PIECES)).collect();
        // Hidden files, and editors' copies, are not taken into packages; names
        // are kept apart by a number, so that none differs by case alone.
        name.insert(0, 'n');
        name.push_str(&format!("-{}", self.roll(1 << 30)));
        name
    }

    fn content(&mut self) -> Vec<u8> {
        let edges = [0, 1, 511, 512, 513, 4096, 65_535, 65_536, 65_537];
        let len = match self.roll(40) {
            // Around the blocks in which a package is compressed.
            0 => (1 << 20) - 512 + self.roll(1024),
            1 => (2 << 20) + self.roll(3),
            n if n < 20 => self.pick(&edges),
            _ => self.roll(3000),
        };
        let sides = self.pick(&[2, 20, 256]);
        (0..len).map(|_| self.roll(sides) as u8).collect()
    }

    fn tree(&mut self) -> Files {
        let mut folders = vec!["scripts".to_owned()];
        let mut files = Files::new();
        for _ in 0..1 + self.roll(40) {
            let folder = folders[self.roll(folders.len())].clone();
            let path = format!("{folder}/{}", self.name());
            if self.roll(4) == 0 && path.len() < 600 {
                folders.push(path);
            } else {
                files.insert(path, (self.roll(3) == 0, self.content()));
            }
        }
        files
    }
}

fn write(tree: &Tree, files: &Files, backwards: bool) {
    let mut all: Vec<_> = files.iter().collect();
    if backwards {
        all.reverse();
    }
    for (path, (is_executable, content)) in all {
        let path = tree.file(&format!("any/{path}"), content);
        // What else is set must not be seen in the package.
        let mode = match (is_executable, backwards) {
            (true, true) => 0o700,
            (true, false) => 0o777,
            (false, true) => 0o600,
            (false, false) => 0o664,
        };
        set_mode(&path, mode);
    }
    tree.file("any/any_vnfd.yaml", vnfd("any"));
}

/// Builds with a shell around the program that sets the umask.
fn build(tree: &Tree, threads: &str, umask: &str) -> Vec<u8> {
    let program = env!("CARGO_BIN_EXE_cargo-nfv");
    let script = format!("umask {umask}; exec '{program}' build -q -A all -j {threads}");
    let mut command = command_of(Path::new("sh"), &tree.root);
    run(command.args(["-c", &script])).code(0);
    fs::read(tree.path("target/nfv/packages/any-1.0.tar.gz")).expect("package")
}

/// What stands in the package, as its files on disk say.
fn expected(tree: &Tree, files: &Files) -> BTreeMap<String, (u32, String)> {
    let mut all: BTreeMap<String, (u32, String)> = files
        .iter()
        .map(|(path, (is_executable, content))| {
            let mode = if *is_executable { 0o755 } else { 0o644 };
            (format!("any/{path}"), (mode, sha256(content)))
        })
        .collect();
    let descriptor = fs::read(tree.path("any/any_vnfd.yaml")).expect("descriptor");
    all.insert("any/any_vnfd.yaml".to_owned(), (0o644, sha256(&descriptor)));
    all
}

fn unpacked(folder: &Path) -> BTreeMap<String, (u32, String)> {
    let mut all = BTreeMap::new();
    walk(folder, &mut |path| {
        if path.is_file() {
            let name = path.strip_prefix(folder).expect("below").to_str();
            let mode = fs::metadata(path).expect("file").permissions().mode() & 0o7777;
            let digest = sha256(&fs::read(path).expect("file"));
            all.insert(name.expect("UTF-8").to_owned(), (mode, digest));
        }
    });
    all
}

/// Python's own reading: name, mode, digest, one a line.
const READ: &str = "
import hashlib, sys, tarfile
out = open(1, 'w', encoding='utf-8', closefd=False)
with tarfile.open(sys.argv[1]) as tar:
    for member in tar:
        if member.isfile():
            digest = hashlib.sha256(tar.extractfile(member).read()).hexdigest()
            print(member.name, oct(member.mode), digest, sep='\\t', file=out)
        else:
            assert member.isdir(), member
";

fn python(python: &Path, archive: &Path) -> BTreeMap<String, (u32, String)> {
    let list = sh(Command::new(python).args(["-c", READ]).arg(archive));
    list.lines()
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let mode = u32::from_str_radix(fields[1].trim_start_matches("0o"), 8).expect("mode");
            (fields[0].to_owned(), (mode, fields[2].to_owned()))
        })
        .collect()
}

#[test]
fn any_tree_comes_back_as_it_was_and_is_built_alike_everywhere() {
    let number = |name, otherwise| {
        let value = std::env::var(name).ok();
        value.map_or(otherwise, |text| text.parse::<u64>().expect(name))
    };
    let (first, count) = (number("NFV_SEED", 1), number("NFV_TREES", 12));
    let peers = [tool("tar"), tool("bsdtar")];
    let interpreter = tool("python3");
    for seed in first..first + count {
        let files = Dice(seed).tree();
        let here = Tree::new();
        write(&here, &files, false);
        let bytes = build(&here, "1", "022");
        let there = Tree::new();
        write(&there, &files, true);
        assert!(build(&there, "7", "077") == bytes, "seed {seed}");

        let archive = here.path("target/nfv/packages/any-1.0.tar.gz");
        let wanted = expected(&here, &files);
        let compare = |reader: &str, mut found: BTreeMap<String, (u32, String)>| {
            found.remove("any/checksums.txt").expect("checksums.txt");
            assert_eq!(found, wanted, "seed {seed}, read by {reader}");
        };
        for peer in peers.iter().flatten() {
            let folder = here.beside("read-back");
            fs::create_dir(&folder).expect("folder");
            let mut command = Command::new(peer);
            command.arg("-xpzf").arg(&archive).arg("-C").arg(&folder);
            sh(command.env("LC_ALL", "C.UTF-8"));
            compare(&peer.to_string_lossy(), unpacked(&folder));
            fs::remove_dir_all(&folder).expect("cleaned");
        }
        if let Some(interpreter) = &interpreter {
            compare("Python", python(interpreter, &archive));
        }
        let own = here.beside("unpacked");
        let into = own.to_str().expect("UTF-8");
        let from = archive.to_str().expect("UTF-8");
        here.nfv(&["unpack", from, "--into", into, "-q"]).code(0);
        compare("cargo nfv unpack", unpacked(&own));
    }
}
