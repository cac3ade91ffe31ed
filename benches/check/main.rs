//! `cargo bench`: `cargo nfv check` beside other validators, as ratios.
//!
//! Every comparison runs in pairs, ours and theirs in turn, so that a machine
//! that grows busy disturbs both; what counts is the median of the ratios. See
//! `benches/README.md`.
#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "../common/mod.rs"]
mod common;

use common::{cost, load, median, number, peak, prepared, program, rounds, shown};

/// A descriptor with `@N@` and `@M@` where it is to differ.
const TEMPLATE: &str = include_str!("vnfd.yaml");
const AJV: &str = include_str!("ajv.mjs");
const PACKAGES: &str = r#"{"private":true,"dependencies":{"ajv":"8.17.1","js-yaml":"4.1.0"}}"#;
const CHECK_JSONSCHEMA: &str = "check-jsonschema==0.39.0";

/// Seconds of CPU that OSM's validator (information model, pyangbind) takes for
/// a descriptor; the lower end of what was measured elsewhere. It is in no
/// package registry and so not run here.
const OSM_SECONDS: f64 = 0.13;

struct Bench {
    work: PathBuf,
    files: usize,
    slow_files: usize,
}

fn main() {
    let bench = Bench {
        work: PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench"),
        files: number("NFV_BENCH_FILES", 5000),
        slow_files: number("NFV_BENCH_SLOW_FILES", 40),
    };
    fs::create_dir_all(&bench.work).expect("a folder to work in");
    // A tree of its own, without cargo: to ask cargo for the configuration of
    // this one takes as long as to check a hundred descriptors.
    fs::write(bench.work.join("nfv.toml"), "").expect("a configuration");
    let all = bench.descriptors(bench.files);
    let few = bench.descriptors(bench.slow_files);
    let one = bench.descriptors(1);
    let schema = bench.work.join("vnfd.json");
    let text = Command::new(program())
        .args(["schema", "osm/r15/vnfd"])
        .output()
        .expect("the schema");
    fs::write(&schema, text.stdout).expect("the schema is written");

    common::heading();
    let ajv = bench.ajv();
    let python = bench.check_jsonschema();
    if let Some(node) = &ajv {
        let name = format!(
            "{} descriptors, ajv 8 + js-yaml in one process",
            bench.files
        );
        let peer = || {
            let mut command = Command::new("node");
            command.arg(node).arg(&schema).arg(&all);
            command
        };
        common::pairs(
            &name,
            &|| check(&all),
            &peer,
            &|| {},
            (1, 1),
            "0.25, then 0.12",
        );
    }
    if let Some(peer) = &python {
        let run = |folder: &Path| {
            let mut command = Command::new(peer);
            command.arg("--schemafile").arg(&schema);
            command.args(descriptors_in(folder));
            command
        };
        let name = format!(
            "a descriptor of {}, check-jsonschema with one of {}",
            bench.files, bench.slow_files
        );
        let counts = (bench.files, bench.slow_files);
        common::pairs(
            &name,
            &|| check(&all),
            &|| run(&few),
            &|| {},
            counts,
            "0.005",
        );
        let name = "one descriptor, whole process, check-jsonschema";
        common::pairs(
            name,
            &|| check(&one),
            &|| run(&one),
            &|| {},
            (1, 1),
            "0.02; 10 ms",
        );
    }
    bench.alone(&all, &one);
    println!("\nload after: {}", load());
}

fn check(folder: &Path) -> Command {
    let mut command = Command::new(program());
    command.arg("check").arg(folder);
    command.current_dir(folder.parent().expect("a folder to work in"));
    command
}

fn descriptors_in(folder: &Path) -> Vec<PathBuf> {
    let read = |path: &Path| {
        let entries = fs::read_dir(path).expect("a folder of descriptors");
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        paths
    };
    read(folder).iter().flat_map(|path| read(path)).collect()
}

impl Bench {
    /// So many descriptors, each in a folder of its own, all of them distinct.
    fn descriptors(&self, count: usize) -> PathBuf {
        let folder = self.work.join(format!("descriptors-{count}"));
        let _ = fs::remove_dir_all(&folder);
        for n in 0..count {
            let package = folder.join(format!("vrouter-{n:05}_vnf"));
            fs::create_dir_all(&package).expect("a package");
            let text = TEMPLATE
                .replace("@N@", &format!("{n:05}"))
                .replace("@M@", &(n % 250).to_string());
            let path = package.join(format!("vrouter-{n:05}_vnfd.yaml"));
            fs::write(path, text).expect("a descriptor");
        }
        folder
    }

    /// The script for node with its libraries installed, or nothing.
    fn ajv(&self) -> Option<PathBuf> {
        let folder = self.work.join("node");
        fs::create_dir_all(&folder).expect("a folder for node");
        fs::write(folder.join("package.json"), PACKAGES).expect("package.json");
        let script = folder.join("ajv.mjs");
        fs::write(&script, AJV).expect("the script");
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--silent"]);
        prepared("ajv (node, npm)", npm.current_dir(&folder)).then_some(script)
    }

    /// `check-jsonschema` in an environment of its own, or nothing.
    fn check_jsonschema(&self) -> Option<PathBuf> {
        let folder = self.work.join("python");
        let name = "check-jsonschema (python3, pip)";
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv"]).arg(&folder);
        let mut pip = Command::new(folder.join("bin/pip"));
        pip.args(["install", "--quiet", CHECK_JSONSCHEMA]);
        let is_ready = prepared(name, &mut venv) && prepared(name, &mut pip);
        is_ready.then(|| folder.join("bin/check-jsonschema"))
    }

    /// What needs no peer: CPU a descriptor, start, memory.
    fn alone(&self, all: &Path, one: &Path) {
        let cpu = (0..rounds()).map(|_| cost(&mut check(all)).cpu);
        match cpu.collect::<Option<Vec<f64>>>() {
            Some(mut cpu) => {
                let cpu = median(&mut cpu) / self.files as f64;
                println!(
                    "| CPU a descriptor, OSM's validator (quoted, not run) | {} | {} | {:.4} | 0.005 |",
                    shown(cpu),
                    shown(OSM_SECONDS),
                    cpu / OSM_SECONDS
                );
            }
            None => eprintln!("absent: /proc tells of no CPU here; it is not measured"),
        }
        let times = |make: &dyn Fn() -> Command| {
            let mut times: Vec<f64> = (0..40).map(|_| cost(&mut make()).wall).collect();
            median(&mut times)
        };
        let version = || {
            let mut command = Command::new(program());
            command.arg("--version");
            command
        };
        println!();
        println!("- `--version`, whole process: {}", shown(times(&version)));
        let single = times(&|| check(one));
        println!("- one descriptor, whole process: {}", shown(single));
        match peak(check(all)) {
            Some(kilobytes) => {
                println!("- most memory for {} files: {kilobytes} KB", self.files);
            }
            None => println!("- most memory: not measured, GNU time is not installed"),
        }
    }
}
