//! The transcripts in the README and below `tests/cmd` are what the program
//! really prints.
//!
//! Every ```` ```console ```` block of a file is run, one file after the other
//! line, in a scratch folder that holds a copy of `fixtures/`. Standard output
//! and standard error stand together, as on a terminal. `[exit N]` as the last
//! line of a block is the exit code, 0 where there is none.
//! `SNAPSHOTS=overwrite cargo test` rewrites the blocks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn transcripts_are_what_the_program_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("README.md")];
    if root.join("tests/cmd").is_dir() {
        collect(&root.join("tests/cmd"), &mut files);
    }
    files.sort();
    let overwrite = std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite");
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("transcript");
        let real = replay(root, &text);
        if real == text {
            continue;
        }
        if overwrite {
            fs::write(&file, real).expect("overwrite");
        } else {
            wrong.push(format!("{}:\n{}", file.display(), difference(&text, &real)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "md") {
            files.push(path);
        }
    }
}

/// The text with every block replaced by what its commands print now.
fn replay(root: &Path, text: &str) -> String {
    let scratch = tempfile::tempdir().expect("scratch");
    copy(&root.join("fixtures"), &scratch.path().join("fixtures"));
    let mut out = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        if line.trim() != "```console" {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        for command in block.iter().filter(|line| line.starts_with("$ ")) {
            out.push_str(command);
            out.push('\n');
            out.push_str(&run(scratch.path(), &command[2..]));
        }
        out.push_str("```\n");
    }
    out
}

fn run(folder: &Path, command: &str) -> String {
    // As cargo starts a plugin: `cargo nfv …` runs `cargo-nfv nfv …`.
    let program = env!("CARGO_BIN_EXE_cargo-nfv");
    let script = command.replace("cargo nfv", &format!("'{program}' nfv"));
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {script}")])
        .current_dir(folder)
        // Nobody is to be asked on the way to a registry that is not there.
        .env("NO_PROXY", "*")
        .env_remove("SOURCE_DATE_EPOCH")
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("CARGO_TERM_COLOR")
        .env_remove("CARGO_TERM_VERBOSE")
        .env_remove("CARGO_TERM_QUIET")
        .output()
        .expect("sh");
    let mut text = String::from_utf8(output.stdout).expect("UTF-8");
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    match output.status.code() {
        Some(0) => {}
        Some(code) => text.push_str(&format!("[exit {code}]\n")),
        None => text.push_str("[killed]\n"),
    }
    text
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("folder");
    for entry in fs::read_dir(from).expect("folder") {
        let entry = entry.expect("entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copy");
        }
    }
}

/// The lines that differ, wanted ones with `-`, real ones with `+`.
fn difference(wanted: &str, real: &str) -> String {
    let wanted: Vec<&str> = wanted.lines().collect();
    let real: Vec<&str> = real.lines().collect();
    let same_start = wanted.iter().zip(&real).take_while(|(a, b)| a == b).count();
    let same_end = wanted[same_start..]
        .iter()
        .rev()
        .zip(real[same_start..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let minus = wanted[same_start..wanted.len() - same_end]
        .iter()
        .map(|line| format!("-{line}\n"));
    let plus = real[same_start..real.len() - same_end]
        .iter()
        .map(|line| format!("+{line}\n"));
    minus.chain(plus).collect()
}
