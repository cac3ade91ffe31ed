//! What the benches share: runs in pairs, medians, and what a run cost.
#![allow(clippy::print_stdout, clippy::print_stderr, dead_code)]

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Each bench has a size that the environment may change.
pub fn number(name: &str, default: usize) -> usize {
    let value = std::env::var(name).ok();
    value
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

/// How many pairs of runs there are.
pub fn rounds() -> usize {
    number("NFV_BENCH_ROUNDS", 5)
}

/// The head of the table that the comparisons are rows of.
pub fn heading() {
    println!("median of {} pairs; ratio = cargo nfv / peer", rounds());
    println!("load before: {}\n", load());
    println!("| comparison | cargo nfv | peer | ratio | goal |");
    println!("| --- | --- | --- | --- | --- |");
}

/// Runs both in turn and prints the medians, each for one of so many. `reset`
/// runs before each of them and is not counted.
pub fn pairs(
    name: &str,
    ours: &dyn Fn() -> Command,
    peer: &dyn Fn() -> Command,
    reset: &dyn Fn(),
    (our_count, peer_count): (usize, usize),
    goal: &str,
) {
    // Once without counting: files are read into the cache.
    reset();
    cost(&mut ours());
    let mut own = Vec::new();
    let mut other = Vec::new();
    let mut ratios = Vec::new();
    for _ in 0..rounds() {
        reset();
        let a = cost(&mut ours()).wall / our_count as f64;
        reset();
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

/// How busy the machine is: what else runs spoils the absolute times.
pub fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let parts: Vec<&str> = text.split(' ').take(3).collect();
    match text.is_empty() {
        true => "unknown".to_owned(),
        false => parts.join(" "),
    }
}

/// The program, as `cargo bench` built it.
pub fn program() -> &'static str {
    env!("CARGO_BIN_EXE_cargo-nfv")
}

/// What a run took.
#[derive(Clone, Copy)]
pub struct Cost {
    pub wall: f64,
    pub cpu: Option<f64>,
}

/// Runs a command that makes a peer ready; says so where it can't.
pub fn prepared(name: &str, command: &mut Command) -> bool {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_ready = status.is_ok_and(|status| status.success());
    if !is_ready {
        eprintln!("absent: {name} can't be installed here; the bench goes on without it");
    }
    is_ready
}

/// Wall time and CPU of a run: the program itself is started, no shell.
pub fn cost(command: &mut Command) -> Cost {
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
pub fn cpu_of_children() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is a name, which may hold spaces.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |i: usize| fields.get(i)?.parse::<f64>().ok();
    Some((ticks(13)? + ticks(14)?) / 100.0)
}

/// Largest resident size in kilobytes, where GNU time can be asked.
pub fn peak(command: Command) -> Option<u64> {
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%M"]).arg(command.get_program());
    timed.args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        timed.current_dir(folder);
    }
    let output = timed.output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines().last()?.trim().parse().ok()
}

pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

pub fn shown(seconds: f64) -> String {
    match seconds {
        1.0.. => format!("{seconds:.2} s"),
        0.001.. => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{:.0} µs", seconds * 1e6),
    }
}
