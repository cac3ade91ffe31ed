//! `cargo bench`: `cargo nfv check` beside other validators, as ratios.
//!
//! Every comparison runs in pairs, ours and theirs in turn, so that a machine
//! that grows busy disturbs both; what counts is the median of the ratios. See
//! `benches/README.md`.
#![allow(clippy::print_stdout, clippy::print_stderr, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// A descriptor with `@N@` and `@M@` where it is to differ.
const TEMPLATE: &str = include_str!("vnfd.yaml");
const AJV: &str = include_str!("ajv.mjs");
const PACKAGES: &str = r#"{"private":true,"dependencies":{"ajv":"8.17.1","js-yaml":"4.1.0"}}"#;
const CHECK_JSONSCHEMA: &str = "check-jsonschema==0.39.0";

/// Seconds of CPU that OSM's validator (information model, pyangbind) takes for
/// a descriptor; the lower end of what was measured elsewhere. It is in no
/// package registry and so not run here.
const OSM_SECONDS: f64 = 0.13;

/// What a run took.
#[derive(Clone, Copy)]
struct Cost {
    wall: f64,
    cpu: Option<f64>,
}

struct Bench {
    work: PathBuf,
    rounds: usize,
    files: usize,
    slow_files: usize,
}

fn main() {
    let number = |name: &str, default: usize| {
        let value = std::env::var(name).ok();
        value
            .and_then(|value| value.parse().ok())
            .unwrap_or(default)
    };
    let bench = Bench {
        work: PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench"),
        rounds: number("NFV_BENCH_ROUNDS", 5),
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

    println!("median of {} pairs; ratio = cargo nfv / peer", bench.rounds);
    println!("load before: {}\n", load());
    println!("| comparison | cargo nfv | peer | ratio | goal |");
    println!("| --- | --- | --- | --- | --- |");
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
        bench.pairs(&name, &|| check(&all), &peer, (1, 1), "0.25, then 0.12");
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
        bench.pairs(&name, &|| check(&all), &|| run(&few), counts, "0.005");
        let name = "one descriptor, whole process, check-jsonschema";
        bench.pairs(name, &|| check(&one), &|| run(&one), (1, 1), "0.02; 10 ms");
    }
    bench.alone(&all, &one);
    println!("\nload after: {}", load());
}

/// How busy the machine is: what else runs spoils the absolute times.
fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let parts: Vec<&str> = text.split(' ').take(3).collect();
    match text.is_empty() {
        true => "unknown".to_owned(),
        false => parts.join(" "),
    }
}

/// The program, as `cargo bench` built it.
fn program() -> &'static str {
    env!("CARGO_BIN_EXE_cargo-nfv")
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

    /// Runs both in turn and prints the medians, each for one of so many.
    fn pairs(
        &self,
        name: &str,
        ours: &dyn Fn() -> Command,
        peer: &dyn Fn() -> Command,
        (our_count, peer_count): (usize, usize),
        goal: &str,
    ) {
        // Once without counting: files are read into the cache.
        cost(&mut ours());
        let mut own = Vec::new();
        let mut other = Vec::new();
        let mut ratios = Vec::new();
        for _ in 0..self.rounds {
            let a = cost(&mut ours()).wall / our_count as f64;
            let b = cost(&mut peer()).wall / peer_count as f64;
            own.push(a);
            other.push(b);
            ratios.push(a / b);
        }
        println!(
            "| {name} | {} | {} | {:.4} | {goal} |",
            shown(median(&mut own)),
            shown(median(&mut other)),
            median(&mut ratios),
        );
    }

    /// What needs no peer: CPU a descriptor, start, memory.
    fn alone(&self, all: &Path, one: &Path) {
        let cpu = (0..self.rounds).map(|_| cost(&mut check(all)).cpu);
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

/// Runs a command that makes a peer ready; says so where it can't.
fn prepared(name: &str, command: &mut Command) -> bool {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_ready = status.is_ok_and(|status| status.success());
    if !is_ready {
        eprintln!("absent: {name} can't be installed here; the bench goes on without it");
    }
    is_ready
}

/// Wall time and CPU of a run: the program itself is started, no shell.
fn cost(command: &mut Command) -> Cost {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let before = cpu_of_children();
    let start = Instant::now();
    let status = command.status().expect("the program starts");
    let wall = start.elapsed().as_secs_f64();
    assert!(status.success(), "every descriptor is valid: {command:?}");
    let cpu = before.zip(cpu_of_children());
    Cost {
        wall,
        cpu: cpu.map(|(before, after)| after - before),
    }
}

/// Seconds of CPU that all runs so far took, where the kernel tells in
/// `/proc/self/stat`: in hundredths, which is nothing to runs of seconds.
fn cpu_of_children() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is a name, which may hold spaces.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |i: usize| fields.get(i)?.parse::<f64>().ok();
    Some((ticks(13)? + ticks(14)?) / 100.0)
}

/// Largest resident size in kilobytes, where GNU time can be asked.
fn peak(command: Command) -> Option<u64> {
    let output = Command::new("/usr/bin/time")
        .args(["-f", "%M"])
        .arg(command.get_program())
        .args(command.get_args())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines().last()?.trim().parse().ok()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn shown(seconds: f64) -> String {
    match seconds {
        1.0.. => format!("{seconds:.2} s"),
        0.001.. => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{:.0} µs", seconds * 1e6),
    }
}
