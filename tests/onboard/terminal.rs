//! What somebody sees on a terminal while something takes its time. The terminal is that of
//! `script`.

use std::process::Command;

use crate::common::{Run, Tree, run, skip};
use crate::nbi::{Nbi, PASSWORD, PROJECT, USER};
use crate::osm::{onboard, tree};

/// The program on a terminal: all that it writes there.
fn on_terminal(tree: &Tree, nbi: &Nbi, args: &str) -> Option<Run> {
    if Command::new("script").arg("--version").output().is_err() {
        skip("there is no `script`");
        return None;
    }
    let own = tree.command();
    let line = format!("stty cols 100; '{}' {args}", own.get_program().display());
    let mut command = Command::new("script");
    command.args(["-qefc", &line, "/dev/null"]);
    command.current_dir(own.get_current_dir()?);
    for (name, _) in own.get_envs() {
        command.env_remove(name);
    }
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(name);
    }
    command.env("TERM", "xterm").env("SHELL", "/bin/sh");
    command.env("OSM_HOSTNAME", nbi.url());
    command.env("OSM_USER", USER).env("OSM_PROJECT", PROJECT);
    command.env("OSM_PASSWORD", PASSWORD);
    Some(run(&mut command))
}

#[test]
fn what_a_small_package_waits_for_is_seen() {
    let (tree, nbi) = (tree(), Nbi::plain());
    nbi.options(|options| options.looks = 4);
    let Some(run) = on_terminal(&tree, &nbi, "onboard y_vnf") else {
        return;
    };
    let run = run.code(0);
    let (before, after) = run
        .stdout
        .rsplit_once("Waiting")
        .unwrap_or_else(|| panic!("no word of waiting: {}", run.stdout));
    assert!(!before.contains("sent, as"), "{before:?}");
    // The line is gone before anything else stands there.
    let (line, result) = after.split_once('\r').expect("more than one line");
    assert!(line.contains("for VNFD `y_vnf`"), "{line:?}");
    assert!(result.starts_with("\x1b[2K"), "{result:?}");
    assert!(result.contains("sent, as 5c0e"), "{result:?}");
    // A log gets no such lines.
    nbi.options(|options| options.looks = 4);
    let run = onboard(&tree, &nbi, &["z_vnf"]).code(0);
    assert!(!run.stderr.contains("Waiting"), "{}", run.stderr);
}
