//! Questions to git about a tree.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs git in `root`, with nothing to read.
pub(crate) fn run(root: &Path, args: &[&str]) -> io::Result<Output> {
    command(root, args).output()
}

/// What git answers, without the last line break; `None` where it is not there
/// or refuses.
#[cfg(feature = "sign")]
pub(crate) fn ask(root: &Path, args: &[&str]) -> Option<String> {
    let output = run(root, args).ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output
        .status
        .success()
        .then(|| text.trim_end_matches('\n').to_owned())
}

/// Runs git in `root` with `input` to read.
pub(super) fn feed(root: &Path, args: &[&str], input: Vec<u8>) -> io::Result<Output> {
    let mut child = command(root, args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let stdin = child.stdin.take();
    // Written beside the reading: both pipes are of a limited size.
    let writer = std::thread::spawn(move || match stdin {
        Some(mut stdin) => stdin.write_all(&input),
        None => Ok(()),
    });
    let output = child.wait_with_output()?;
    // Where git ended early, its answer says why, and not the broken pipe.
    let _ = writer.join();
    Ok(output)
}

fn command(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(root)
        // A hook of a repository is a program of somebody else.
        .args(["-c", "core.fsmonitor=false"])
        .args(args)
        .stdin(Stdio::null())
        // Looking does not change what is looked at.
        .env("GIT_OPTIONAL_LOCKS", "0");
    command
}
