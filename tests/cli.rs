//! The command line: forms, exit codes, formats, colours, levels.

#![cfg(unix)]

mod common;

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use common::*;
use serde_json::Value;

const DUPLICATE: &str = "yaml/duplicate-key";

/// The showcase with one key twice in `router_vnf`.
fn flawed() -> Tree {
    let tree = Tree::showcase();
    tree.replace(
        "router_vnf/router_vnfd.yaml",
        "  provider: Example Operator\n",
        "  provider: Example Operator\n  provider: Another Operator\n",
    );
    tree
}

/// The line of the second key, counted from 1.
fn line_of(tree: &Tree) -> usize {
    let text = fs::read_to_string(tree.path("router_vnf/router_vnfd.yaml")).expect("file");
    let at = text
        .lines()
        .position(|line| line.contains("Another Operator"));
    at.expect("line") + 1
}

/// Only the one rule that the tree above breaks, whatever others there are.
const ONLY: [&str; 4] = ["-A", "all", "-D", DUPLICATE];

fn check(tree: &Tree, args: &[&str]) -> Run {
    run(tree.command().arg("check").args(ONLY).args(args))
}

// --- forms and exit codes ---

#[test]
fn cargo_and_a_shell_start_it_alike() {
    let tree = Tree::showcase();
    let by_cargo = tree.nfv(&["nfv", "check"]).code(0);
    let by_hand = tree.nfv(&["check"]).code(0);
    assert_eq!(by_cargo.stderr, by_hand.stderr);
    assert!(by_hand.stderr.contains("Checked 6 packages"));
    tree.nfv(&["nfv", "c"]).code(0);
    tree.nfv(&["b"]).code(0);
    tree.nfv(&["ls"]).code(0);
}

#[test]
fn help_and_version_name_the_program_as_it_is_called() {
    let tree = Tree::new();
    for args in [&["nfv", "--help"][..], &["--help"], &["help"], &["-h"]] {
        let run = tree.nfv(args).code(0);
        assert!(
            run.stdout.contains("Usage: cargo nfv [OPTIONS] <COMMAND>"),
            "{}",
            run.stdout
        );
        assert_eq!(run.stderr, "");
    }
    for command in [
        "check", "build", "publish", "list", "inspect", "verify", "unpack", "explain",
    ] {
        let run = tree.nfv(&["nfv", command, "--help"]).code(0);
        let usage = format!("Usage: cargo nfv {command}");
        assert!(run.stdout.contains(&usage), "{}", run.stdout);
    }
    let version = tree.nfv(&["--version"]).code(0).stdout;
    assert!(version.contains(env!("CARGO_PKG_VERSION")), "{version}");
}

/// What is set in the environment is no part of it.
#[test]
fn the_usage_of_an_error_is_that_of_the_help() {
    let tree = Tree::new();
    for (args, usage) in [
        (&["check", "-q", "-v"][..], "check [OPTIONS] [PATH]..."),
        (&["verify", "-q", "-v"], "verify [OPTIONS] <PACKAGE>..."),
        (&["explain", "a", "b"], "explain [OPTIONS] [RULE]"),
        #[cfg(feature = "publish")]
        (&["offboard"], "offboard [OPTIONS] <ID>..."),
        #[cfg(feature = "publish")]
        (
            &["onboard", "--store", "x", "--update"],
            "onboard [OPTIONS] [PATH]...",
        ),
        #[cfg(feature = "sign")]
        (&["key", "show"], "key show [OPTIONS] <FILE>"),
    ] {
        let mut command = tree.command();
        command.args(args).env("CARGO_TARGET_DIR", "out");
        command.env("OSM_USER", "me").env("NFV_POLICY", "p.toml");
        let run = run(&mut command).code(2);
        let usage = format!("\nUsage: cargo nfv {usage}\n");
        assert!(run.stderr.contains(&usage), "{usage}{}", run.stderr);
        let help = [&args[..1 + usize::from(args[0] == "key")], &["--help"]].concat();
        assert!(tree.nfv(&help).code(0).stdout.contains(&usage), "{usage}");
    }
}

#[test]
fn wrong_usage_ends_with_2() {
    let tree = Tree::showcase();
    for (args, words) in [
        (&[][..], "Usage"),
        (&["chekc"], "check"),
        (&["check", "--mesage-format", "json"], "--message-format"),
        (&["check", "--message-format", "xml"], "possible values"),
        (&["check", "-j", "0"], "at least 1"),
        (&["check", "-q", "-v"], "cannot be used with"),
        (&["inspect"], "<REFERENCE>"),
        // An empty variable is not the whole tree.
        (&["graph", ""], "a value is required for '[PATH]...'"),
        (&["verify", ""], "a value is required for '<PACKAGE>...'"),
        (&["unpack", ""], "a value is required for '<PACKAGE>...'"),
        (&["sbom", ""], "a value is required for '<PACKAGE>'"),
        (
            &["diff", "router_vnf", ""],
            "a value is required for '<AFTER>'",
        ),
        (
            &["check", "--manifest-path", "nowhere/nfv.toml"],
            "nowhere/nfv.toml",
        ),
    ] {
        let run = tree.nfv(args).code(2).says(words);
        assert_eq!(run.stdout, "", "{args:?}");
    }
}

#[test]
fn exit_codes_tell_clean_findings_failure_and_not_found_apart() {
    let good = Tree::showcase();
    good.nfv(&["check"]).code(0);
    good.nfv(&["build"]).code(0);
    good.nfv(&["check", "nowhere"]).code(2);
    good.nfv(&["inspect", "router_vnf"]).code(3);
    let bad = flawed();
    bad.nfv(&["check"]).code(0);
    bad.nfv(&["check", "-D", DUPLICATE]).code(1);
    bad.nfv(&["build", "-D", DUPLICATE]).code(1);
    bad.nfv(&["publish", "-D", DUPLICATE]).code(1);
    Tree::new()
        .nfv(&["check"])
        .code(2)
        .says("no packages found");
}

#[test]
fn profile_and_model_from_the_command_line_and_the_configuration() {
    let tree = Tree::new();
    tree.file("tiny/tiny_vnfd.yaml", common::VNFD);
    tree.nfv(&["check"]).code(0);
    tree.nfv(&["check", "--profile", "etsi"])
        .code(1)
        .says("unknown key `mgmt-cp`")
        .says("checked against VNFD, ETSI NFV-SOL006");
    tree.nfv(&["check", "--profile", "etsi", "--model", "sol006@2.8.1"])
        .code(1)
        .says("checked against VNFD, ETSI NFV-SOL006 2.8.1");
    tree.nfv(&["check", "--model", "osm@16"])
        .code(2)
        .says("invalid value for `--model`")
        .says("no model is called `osm@16`; did you mean `osm@15`?")
        .says("osm@15, osm@14");
    // The releases of OSM before NINE have a model of their own.
    for (name, meant) in [
        ("osm@8", "osm-im@8"),
        ("osm@2", "osm-im@2"),
        ("osm-im@9", "osm@9"),
        ("osm-im@15", "osm@15"),
        ("osm@3.6.1", "sol006@3.6.1"),
        ("osm-im@1", "osm-im@8"),
    ] {
        let hint = format!("no model is called `{name}`; did you mean `{meant}`?");
        tree.nfv(&["check", "--model", name]).code(2).says(&hint);
    }
    tree.file("nfv.toml", "profile = \"etsi\"\nmodel = \"sol006@3.6.1\"\n");
    tree.nfv(&["check"])
        .code(1)
        .says("checked against VNFD, ETSI NFV-SOL006 3.6.1");
    tree.nfv(&["check", "--profile", "osm", "--model", "osm@15"])
        .code(0);
    tree.file("nfv.toml", "model = \"sol007\"\n");
    tree.nfv(&["check"])
        .code(2)
        .says("invalid `model` in `nfv.toml`");
    // A physical function is a package like any other.
    tree.file("nfv.toml", "");
    tree.file(
        "pnf/box_pnfd.yaml",
        "pnfd:\n  id: box_pnf\n  version: '1.0'\n",
    );
    tree.nfv(&["publish", "pnf"]).code(0);
    let run = tree.nfv(&["inspect", "box_pnf:1.0"]).code(0);
    assert!(run.stdout.contains("PNF"), "{}", run.stdout);
}

#[test]
fn a_package_with_an_error_is_not_built_and_the_others_are() {
    let tree = flawed();
    let run = run(tree.command().arg("build").args(ONLY)).code(1);
    assert!(!run.stdout.contains("router_vnf"), "{}", run.stdout);
    assert_eq!(run.stdout.lines().count(), 5);
    run.says("5 packages built, 1 package not built because of errors");
    assert!(
        !names(&tree.path("target/nfv/packages"))
            .iter()
            .any(|n| n.contains("router"))
    );
    // A service without one of its functions is of no use: nothing is published.
    let run = common::run(tree.command().arg("publish").args(ONLY)).code(1);
    assert_eq!(run.stdout, "");
    run.says("Published nothing");
    assert_eq!(tree.nfv(&["list"]).code(0).stdout, "");
}

#[test]
fn an_old_package_does_not_outlive_an_error_in_its_place_unnoticed() {
    let tree = Tree::showcase();
    tree.nfv(&["publish"]).code(0);
    let before = tree.nfv(&["list"]).code(0).stdout;
    tree.replace(
        "router_vnf/router_vnfd.yaml",
        "vnfd:",
        "vnfd:\n  id: router_vnf",
    );
    common::run(tree.command().arg("publish").args(ONLY)).code(1);
    assert_eq!(tree.nfv(&["list"]).code(0).stdout, before);
}

// --- streams ---

#[test]
fn standard_output_is_data_and_standard_error_is_talk() {
    let tree = flawed();
    let run = check(&tree, &[]).code(1);
    assert_eq!(run.stdout, "");
    let run = run.says("error[yaml/duplicate-key]: the key `provider` stands twice");
    let run = run.says(&format!(
        "--> router_vnf/router_vnfd.yaml:{}:3",
        line_of(&tree)
    ));
    run.says("`cargo nfv explain yaml/duplicate-key`");

    let tree = Tree::showcase();
    let build = tree.nfv(&["build"]).code(0);
    assert_eq!(build.stdout.lines().count(), 6);
    for line in build.stdout.lines() {
        let mut words = line.split_whitespace();
        let path = tree.path(words.next().expect("path"));
        let digest = words.next_back().expect("digest");
        assert_eq!(
            format!("sha256:{}", sha256(&fs::read(path).expect("package"))),
            digest
        );
    }
    build.says("6 packages built");
    // Functions come before the services that need them.
    let publish = tree.nfv(&["publish"]).code(0).stdout;
    let at = |id: &str| publish.find(id).expect("published");
    assert!(at("router_vnf:") < at("edge_ns:") && at("cache_knf:") < at("edge_ns:"));
    assert!(at("edge_ns:") < at("edge_slice:") && at("edge_ns:") < at("edge_ns-shield:"));
}

#[test]
fn verbose_tells_more_and_quiet_nothing_but_results() {
    let tree = Tree::showcase();
    tree.nfv(&["check", "-v"])
        .code(0)
        .says("Found VNF router_vnf 1.0 (router_vnf)");
    let quiet = tree.nfv(&["check", "-q", "-A", "all"]).code(0);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let quiet = tree.nfv(&["build", "--quiet", "-A", "all"]).code(0);
    assert_eq!(quiet.stderr, "");
    assert_eq!(quiet.stdout.lines().count(), 6);
    let quiet = run(tree
        .command()
        .env("CARGO_TERM_QUIET", "true")
        .args(["publish", "-A", "all"]))
    .code(0);
    assert_eq!(quiet.stderr, "");
    assert_eq!(quiet.stdout.lines().count(), 6);
    // Findings are no talk.
    check(&flawed(), &["-q"]).code(1).says("stands twice");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let tree = flawed();
    let good = Tree::showcase();
    good.nfv(&["publish"]).code(0);
    for (tree, args, code) in [
        (&good, &["build"][..], 0),
        (&good, &["publish"], 0),
        (&good, &["list"], 0),
        (&good, &["inspect", "edge_ns"], 0),
        (&good, &["inspect", "--raw", "edge_ns"], 0),
        (&good, &["explain"], 0),
        (&good, &["--help"], 0),
        (
            &tree,
            &[
                "check",
                "-A",
                "all",
                "-D",
                DUPLICATE,
                "--message-format",
                "json",
            ],
            1,
        ),
    ] {
        let (reader, writer) = std::io::pipe().expect("pipe");
        drop(reader);
        let mut child = tree.command();
        child.args(args).stdout(writer).stderr(Stdio::piped());
        let output = child
            .spawn()
            .expect("the program starts")
            .wait_with_output();
        let output = output.expect("the program ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
        assert!(
            !stderr.contains("panicked") && !stderr.contains("error:"),
            "{stderr}"
        );
        assert!(!stderr.to_lowercase().contains("pipe"), "{stderr}");
    }
    // Nor where the talk can't be heard.
    let (reader, writer) = std::io::pipe().expect("pipe");
    drop(reader);
    let mut child = tree.command();
    let child = child.args(["check", "-D", DUPLICATE]);
    let child = child.stdout(Stdio::null()).stderr(writer);
    assert_eq!(child.status().expect("the program ends").code(), Some(1));
}

#[test]
#[cfg(target_os = "linux")]
fn an_output_that_can_not_be_written_is_an_error() {
    let tree = Tree::showcase();
    let full = File::options()
        .write(true)
        .open("/dev/full")
        .expect("device");
    let mut command = tree.command();
    let output = command
        .arg("build")
        .stdout(full)
        .output()
        .expect("the program ends");
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("failed to write to standard output"),
        "{stderr}"
    );
    assert!(stderr.contains("No space left on device"), "{stderr}");
}

// --- formats ---

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[test]
fn json_lines_each_carry_a_reason() {
    let tree = flawed();
    let run = check(&tree, &["--message-format", "json"]).code(1);
    let all = lines(&run.stdout);
    let reasons: Vec<&str> = all
        .iter()
        .map(|l| l["reason"].as_str().expect("reason"))
        .collect();
    assert_eq!(reasons, ["finding", "check-finished"]);
    let finding = &all[0];
    assert_eq!(finding["rule"], DUPLICATE);
    assert_eq!(finding["level"], "error");
    assert_eq!(finding["path"], "router_vnf/router_vnfd.yaml");
    let span = &finding["spans"][0];
    assert_eq!(span["is_primary"], true);
    assert_eq!(span["line_start"], line_of(&tree));
    assert_eq!(span["column_start"], 3);
    let text = fs::read_to_string(tree.path("router_vnf/router_vnfd.yaml")).expect("file");
    let byte = |name: &str| span[name].as_u64().expect("offset") as usize;
    assert!(text[byte("byte_start")..byte("byte_end")].starts_with("provider"));
    assert!(
        finding["rendered"]
            .as_str()
            .is_some_and(|text| text.contains("^^^"))
    );
    assert_eq!(all[1]["success"], false);
    assert_eq!(all[1]["packages"], 6);
    assert_eq!(all[1]["errors"], 1);

    let tree = Tree::showcase();
    for (command, reason, count) in [
        ("build", "package-built", 6),
        ("publish", "artifact-published", 6),
    ] {
        let run = tree.nfv(&[command, "--message-format", "json"]).code(0);
        let all = lines(&run.stdout);
        let of = |line: &&Value| line["reason"] == reason;
        assert_eq!(all.iter().filter(of).count(), count);
        assert!(all.iter().all(|line| line["reason"].is_string()));
    }
    for args in [&["list"][..], &["inspect", "edge_ns"]] {
        let run = run_with(&tree, args, &["--message-format", "json"]).code(0);
        assert!(
            lines(&run.stdout)
                .iter()
                .all(|line| line["reason"] == "artifact")
        );
    }
}

fn run_with(tree: &Tree, args: &[&str], more: &[&str]) -> Run {
    run(tree.command().args(args).args(more))
}

#[test]
fn github_lines_are_workflow_commands() {
    let tree = flawed();
    let run = check(&tree, &["--message-format", "github"]).code(1);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 1);
    let line = line_of(&tree);
    let start =
        format!("::error file=router_vnf/router_vnfd.yaml,line={line},endLine={line},col=3,");
    assert!(lines[0].starts_with(&start), "{}", lines[0]);
    assert!(lines[0].contains(",title=yaml/duplicate-key::the key `provider` stands twice"));
    let warned = run_with(
        &flawed(),
        &["check", "-A", "all", "-W", DUPLICATE],
        &["--message-format", "github"],
    );
    assert!(warned.code(0).stdout.starts_with("::warning "));
    let clean = Tree::showcase().nfv(&["check", "-A", "all", "--message-format", "github"]);
    assert_eq!(clean.code(0).stdout, "");
}

#[test]
fn gitlab_gets_an_array_and_an_empty_one_when_all_is_well() {
    let tree = flawed();
    let line = line_of(&tree);
    let run = check(&tree, &["--message-format", "gitlab"]).code(1);
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let report = report.as_array().expect("array");
    assert_eq!(report.len(), 1);
    assert_eq!(report[0]["check_name"], DUPLICATE);
    assert_eq!(report[0]["severity"], "major");
    assert_eq!(report[0]["location"]["path"], "router_vnf/router_vnfd.yaml");
    assert_eq!(report[0]["location"]["lines"]["begin"], line);
    let fingerprint = report[0]["fingerprint"].as_str().expect("fingerprint");

    // The finding stays the same one when lines come in above it.
    let tree = flawed();
    tree.replace(
        "router_vnf/router_vnfd.yaml",
        "vnfd:\n",
        "# one\n# two\nvnfd:\n",
    );
    let run = check(&tree, &["--message-format", "gitlab"]).code(1);
    let moved: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(moved[0]["location"]["lines"]["begin"], line + 2);
    assert_eq!(moved[0]["fingerprint"], fingerprint);

    for command in ["check", "build", "publish"] {
        let clean = Tree::showcase().nfv(&[command, "-A", "all", "--message-format", "gitlab"]);
        assert_eq!(clean.code(0).stdout.trim(), "[]");
    }
}

#[test]
fn sarif_is_version_2_1_0_and_its_rule_indices_are_right() {
    let tree = flawed();
    let run = check(&tree, &["--message-format", "sarif"]).code(1);
    let log: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 1);
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("index") as usize;
        assert_eq!(
            run["tool"]["driver"]["rules"][index]["id"],
            result["ruleId"]
        );
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(
            place["artifactLocation"]["uri"],
            "router_vnf/router_vnfd.yaml"
        );
        assert_eq!(place["region"]["startLine"], line_of(&tree));
    }
    let clean = Tree::showcase().nfv(&["check", "-A", "all", "--message-format", "sarif"]);
    let log: Value = serde_json::from_str(&clean.code(0).stdout).expect("JSON");
    assert_eq!(log["runs"][0]["results"], Value::Array(Vec::new()));
}

#[test]
fn junit_is_well_formed_and_has_a_test_case_a_package() {
    let Some(python) = tool("python3") else {
        return;
    };
    let tree = flawed();
    // What XML can't say at all must not get through either.
    let text = "vnfd:\n  id: \"a\"\n  \"<&\\e\\0>\": 1\n  \"<&\\e\\0>\": 2\n";
    tree.file("weird & <odd>/x.yaml", text);
    let run = check(&tree, &["--message-format", "junit"]).code(1);
    tree.file("report.xml", &run.stdout);
    const PROGRAM: &str = "
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
cases = root.findall('./testsuite/testcase')
failed = [case for case in cases if case.find('failure') is not None]
assert int(root.get('tests')) == len(cases), root.attrib
assert int(root.get('failures')) == len(failed), root.attrib
print(len(cases), [case.get('classname') for case in failed])
";
    let mut parse = Command::new(python);
    let out = sh(parse.args(["-c", PROGRAM]).arg(tree.path("report.xml")));
    assert_eq!(out.trim(), "7 ['router_vnf', 'weird & <odd>']");
}

#[test]
fn short_is_one_line_a_finding() {
    let tree = flawed();
    let run = check(&tree, &["--message-format", "short", "-q"]).code(1);
    let line = line_of(&tree);
    assert_eq!(
        run.stderr,
        format!(
            "router_vnf/router_vnfd.yaml:{line}:3: error[yaml/duplicate-key]: the key `provider` stands twice: `Example Operator` is lost, `Another Operator` holds (`--fix` does not delete the second, because the two are not the same)\n"
        )
    );
    assert_eq!(run.stdout, "");
}

/// A value with a break in it would be a finding of its own to whoever reads lines.
#[test]
fn no_text_of_a_descriptor_makes_a_line() {
    let tree = Tree::new();
    let forged = "\"a\\nforged.yaml:1:1: error[x/y]: z\"";
    let text = format!(
        "vnfd:\n  id: v\n  version: '1.0'\n  mgmt-cp: {forged}\n  {forged}: x\n  vdu:\n    - id: {forged}\n  df:\n    - id: d\n"
    );
    tree.file("v/v_vnfd.yaml", text);
    let run = tree
        .nfv(&["check", "--message-format", "short", "-q"])
        .code(1);
    assert!(run.stderr.lines().count() > 1, "{}", run.stderr);
    for line in run.stderr.lines() {
        assert!(line.starts_with("v/v_vnfd.yaml:"), "{line}");
    }
    let run = tree.nfv(&["check"]).code(1);
    for line in run.stderr.lines() {
        assert!(!line.starts_with("forged"), "{line}");
    }
}

#[test]
fn findings_come_in_the_same_order_whatever_the_number_of_threads() {
    let tree = Tree::new();
    for i in 0..40 {
        let text = format!("{}  version: '2'\n  provider: x\n", vnfd(&format!("v{i}")));
        tree.file(&format!("p{i}/x_vnfd.yaml"), text);
    }
    let one = check(&tree, &["-j", "1", "--message-format", "json"])
        .code(1)
        .stdout;
    let many = check(&tree, &["-j", "8", "--message-format", "json"])
        .code(1)
        .stdout;
    assert_eq!(one, many);
    let found = lines(&one);
    let paths: Vec<&str> = found
        .iter()
        .filter_map(|line| line["path"].as_str())
        .collect();
    assert_eq!(paths.len(), 80);
    assert!(paths.is_sorted());
}

// --- colour ---

#[test]
fn colour_is_as_asked_for() {
    let tree = flawed();
    let colored = |environment: &[(&str, &str)], args: &[&str]| {
        let mut command = tree.command();
        command.arg("check").args(ONLY).args(args);
        command.envs(environment.iter().copied());
        let run = run(&mut command).code(1);
        assert!(!run.stdout.contains('\x1b'));
        run.stderr.contains('\x1b')
    };
    // Not a terminal.
    assert!(!colored(&[], &[]));
    assert!(!colored(&[], &["--color", "auto"]));
    assert!(colored(&[], &["--color", "always"]));
    assert!(!colored(&[], &["--color", "never"]));
    assert!(colored(&[("CARGO_TERM_COLOR", "always")], &[]));
    assert!(!colored(
        &[("CARGO_TERM_COLOR", "never"), ("CLICOLOR_FORCE", "1")],
        &[]
    ));
    assert!(!colored(
        &[("CARGO_TERM_COLOR", "always")],
        &["--color", "never"]
    ));
    assert!(colored(
        &[("CARGO_TERM_COLOR", "never")],
        &["--color", "always"]
    ));
    assert!(!colored(&[("NO_COLOR", "1")], &[]));
    assert!(colored(&[("NO_COLOR", "1")], &["--color", "always"]));
    assert!(colored(&[("CLICOLOR_FORCE", "1")], &[]));
}

#[test]
fn formats_for_programs_are_never_coloured() {
    let tree = flawed();
    for format in ["json", "github", "gitlab", "sarif", "junit"] {
        let plain = check(&tree, &["--message-format", format]).code(1).stdout;
        let color = check(&tree, &["--message-format", format, "--color", "always"]);
        assert_eq!(color.code(1).stdout, plain, "{format}");
    }
}

#[test]
fn control_characters_in_the_sources_never_reach_the_terminal() {
    // A title for the window, and magenta reversed: nothing that this program
    // itself writes. In YAML's own escapes, raw, and as one character (C1).
    let escaped = "\\e]0;pwned\\a\\e[35;7m\\x9b35;7m";
    let raw = "\x1b]0;pwned\x07\x1b[35;7m\u{9b}35;7m";
    let tree = Tree::new();
    let text = vnfd("escapes").replace("Example Operator", "x");
    let text = text.replace("provider: x", &format!("provider: \"{escaped}\""));
    let text = text.replace("version: '1.0'", &format!("version: \"1.0{escaped}\""));
    let text = format!("{text}  description: \"{escaped}\"\n");
    let good = text.replace("id: escapes", &format!("id: \"escapes{escaped}\""));
    tree.file("good/good_vnfd.yaml", good);
    tree.file(
        "bad/bad_vnfd.yaml",
        format!("{text}  \"{escaped}\": 1\n  \"{escaped}\": 2\n"),
    );
    tree.file(
        "raw/raw_vnfd.yaml",
        format!("vnfd:\n  id: {raw}\n  # {raw}\n\tbad: {raw}\n"),
    );
    tree.file(
        &format!("name/{raw}_vnfd.yaml"),
        vnfd("name").replace("vnfd:\n", "vnfd:\n  id: x\n"),
    );
    tree.file(&format!("{raw}/x_vnfd.yaml"), vnfd("folder"));
    let sound = |run: Run| {
        for text in [run.stdout, run.stderr] {
            for evil in ["\x1b[35", "\x1b]0", "\x07", "\u{9b}"] {
                assert!(!text.contains(evil), "{evil:?} in {text:?}");
            }
        }
    };
    let always = ["--color", "always", "-v"];
    for format in ["human", "short", "github"] {
        sound(check(&tree, &["--message-format", format]).code(1));
        sound(
            check(
                &tree,
                &[&always[..], &["--message-format", format]].concat(),
            )
            .code(1),
        );
    }
    for format in ["json", "gitlab", "sarif", "junit"] {
        let run = check(&tree, &["--message-format", format, "--color", "always"]).code(1);
        assert!(!run.stdout.contains('\x1b'), "{format}");
    }
    sound(run(tree.command().arg("build").args(ONLY).args(always)).code(1));
    sound(run(tree.command().args(["check", "nowhere\x1b[35;7m\u{9b}"])).code(2));
    for name in ["bad", "raw", "name"] {
        fs::remove_dir_all(tree.path(name)).expect("removed");
    }
    let publish = run(tree.command().args(["publish", "-A", "all"]).args(always)).code(0);
    let reference = publish
        .stdout
        .lines()
        .find(|line| line.starts_with("escapes"));
    let reference = reference
        .and_then(|line| line.split("  ").next())
        .expect("reference");
    let reference = reference.to_owned();
    sound(publish);
    sound(run_with(&tree, &["list"], &always).code(0));
    sound(run_with(&tree, &["inspect", &reference], &always).code(0));
    sound(run_with(&tree, &["inspect", "nothing\x1b[35;7m"], &always).code(3));
}

// --- levels ---

#[test]
fn levels_on_the_command_line() {
    let tree = flawed();
    let code = |args: &[&str]| run_with(&tree, &["check", "-q", "-A", "all"], args).status;
    assert_eq!(code(&[]), Some(0));
    assert_eq!(code(&["-W", DUPLICATE]), Some(0));
    assert_eq!(code(&["-D", DUPLICATE]), Some(1));
    assert_eq!(code(&["-D", "yaml"]), Some(1));
    assert_eq!(code(&["-W", DUPLICATE, "-D", "warnings"]), Some(1));
    assert_eq!(code(&["--warn", "yaml", "--deny", "warnings"]), Some(1));
    // The stricter of two wins, in whatever order they are written.
    assert_eq!(code(&["-D", DUPLICATE, "-W", DUPLICATE]), Some(1));

    let run = run_with(&tree, &["check", "-A", "all", "-W", DUPLICATE], &[]).code(0);
    run.says("warning[yaml/duplicate-key]").says("1 warning");
    let run = run_with(
        &tree,
        &["check", "-A", "all", "-W", DUPLICATE, "-A", "warnings"],
        &[],
    );
    assert!(!run.code(0).stderr.contains(DUPLICATE));
    // What is no YAML can't be allowed.
    tree.file("router_vnf/router_vnfd.yaml", "vnfd:\n\tid: x\n");
    assert_eq!(code(&["-A", "yaml/syntax"]), Some(1));
}

#[test]
fn a_profile_has_its_own_levels() {
    let tree = flawed();
    let severity = |profile| {
        let run = tree.nfv(&["check", "--profile", profile, "--message-format", "short"]);
        let said = run.stderr.lines().find(|line| line.contains(DUPLICATE));
        let said = said.unwrap_or_else(|| panic!("{profile}: {}", run.stderr));
        said.contains(": error[")
    };
    assert!(!severity("osm"));
    assert!(severity("etsi"));
    assert!(severity("etsi-literal"));
    // What is said explicitly wins.
    tree.nfv(&["check", "--profile", "etsi", "-W", DUPLICATE])
        .says("warning[yaml/duplicate-key]");
}

#[test]
fn an_unknown_rule_ends_with_2_and_the_nearest_one() {
    let tree = Tree::showcase();
    for (flag, long) in [("-A", "--allow"), ("-W", "--warn"), ("-D", "--deny")] {
        tree.nfv(&["check", flag, "yaml/duplicat-key"])
            .code(2)
            .says(long)
            .says("`yaml/duplicat-key`; did you mean `yaml/duplicate-key`?");
    }
    tree.nfv(&["check", "-D", "warning"])
        .code(2)
        .says("did you mean `warnings`?");
}

#[test]
fn levels_in_the_configuration() {
    let tree = flawed();
    let quiet = |args: &[&str]| run_with(&tree, &["check", "-q"], args);
    tree.file("nfv.toml", "[lints]\nall = \"allow\"\n");
    quiet(&[]).code(0);
    // A rule is an exception to its family, and a family to all of them.
    tree.file("nfv.toml", "[lints]\nall = \"allow\"\nyaml = \"warn\"\n");
    quiet(&[]).code(0).says("warning[yaml/duplicate-key]");
    let text = "[lints]\n\"yaml/duplicate-key\" = \"deny\"\nyaml = \"allow\"\nall = \"allow\"\n";
    tree.file("nfv.toml", text);
    quiet(&[]).code(1);
    // The command line wins.
    quiet(&["-A", DUPLICATE]).code(0);
    // What the configuration says of a rule goes before what a profile does.
    let text = "profile = \"etsi\"\n[lints]\nall = \"allow\"\n\"yaml/duplicate-key\" = \"warn\"\n";
    tree.file("nfv.toml", text);
    quiet(&[]).code(0).says("warning[yaml/duplicate-key]");
    tree.file("nfv.toml", "[lints]\n\"yaml/duplicate-kye\" = \"allow\"\n");
    quiet(&[])
        .code(2)
        .says("`lints` of `nfv.toml`")
        .says("did you mean `yaml/duplicate-key`?");
    tree.file("nfv.toml", "[lints]\nyaml = \"ignore\"\n");
    quiet(&[])
        .code(2)
        .says("line 2")
        .says("unknown variant `ignore`");
}

#[test]
fn a_comment_allows_a_rule_behind_above_and_at_the_top() {
    const FILE: &str = "router_vnf/router_vnfd.yaml";
    const LINE: &str = "  provider: Another Operator\n";
    for name in [DUPLICATE, "yaml", "all", "osm/nothing, yaml/duplicate-key"] {
        let comment = format!("# nfv: allow({name})");
        let tree = flawed();
        tree.replace(
            FILE,
            LINE,
            &format!("  provider: Another Operator  {comment}\n"),
        );
        check(&tree, &[]).code(0);
        let tree = flawed();
        tree.replace(FILE, LINE, &format!("  {comment}\n{LINE}"));
        check(&tree, &[]).code(0);
        let tree = flawed();
        let text = fs::read_to_string(tree.path(FILE)).expect("file");
        tree.file(FILE, format!("{comment}\n{text}"));
        check(&tree, &[]).code(0);
    }
    // Elsewhere, or for another rule, it says nothing.
    let tree = flawed();
    let other = "  # nfv: allow(yaml/duplicate-key)\n  version: '1.0'\n";
    tree.replace(FILE, "  version: '1.0'\n", other);
    check(&tree, &[]).code(1);
    let tree = flawed();
    tree.replace(
        FILE,
        LINE,
        "  provider: Another Operator # nfv: allow(yaml/other)\n",
    );
    check(&tree, &[]).code(1);
    // In a value it is no comment.
    let tree = flawed();
    tree.replace(FILE, LINE, "  provider: '# nfv: allow(yaml)'\n");
    check(&tree, &[]).code(1);
}

// --- explain ---

#[test]
fn explain_lists_every_rule_and_prints_its_page() {
    let tree = Tree::new();
    let index = tree.nfv(&["explain"]).code(0);
    assert_eq!(index.stderr, "");
    let listed: Vec<&str> = index
        .stdout
        .lines()
        .filter_map(|l| l.split(' ').next())
        .collect();
    let checks = nfv::rules::all().iter().map(|lint| lint.rule.id);
    let rules: Vec<&str> = checks
        .chain(nfv::migrate::RULES.map(|rule| rule.id))
        .chain(nfv::ops::VERDICT_RULES.map(|rule| rule.id))
        .collect();
    assert_eq!(listed, [rules.as_slice(), &["defects"]].concat());
    assert!(listed.contains(&DUPLICATE));
    for rule in &rules {
        let page = tree.nfv(&["explain", rule]).code(0).stdout;
        assert!(page.starts_with(&format!("# {rule}\n")), "{page}");
    }
    for rule in [DUPLICATE, "yaml/syntax"] {
        let page = tree.nfv(&["explain", rule]).code(0).stdout;
        assert!(page.starts_with(&format!("# {rule}\n")), "{page}");
        for part in ["Level: ", "## What it does", "## Why is this bad?"] {
            assert!(page.contains(part), "{part}\n{page}");
        }
    }
    tree.nfv(&["explain", "yaml/duplicatekey"])
        .code(2)
        .says("no rule is called `yaml/duplicatekey`; did you mean `yaml/duplicate-key`?");
    tree.nfv(&["explain", "zzz"])
        .code(2)
        .says("lists all rules");
}

// --- list and inspect ---

#[test]
fn list_shows_what_is_published() {
    let tree = Tree::showcase();
    let empty = tree
        .nfv(&["list"])
        .code(0)
        .says("nothing is published in `target/nfv/oci`");
    assert_eq!(empty.stdout, "");
    let published = tree.nfv(&["publish"]).code(0).stdout;
    let list = tree.nfv(&["list"]).code(0).stdout;
    let row = |line: &str| -> Vec<String> { line.split_whitespace().map(str::to_owned).collect() };
    let rows: Vec<Vec<String>> = list.lines().map(row).collect();
    let shown: Vec<(&str, &str)> = rows
        .iter()
        .map(|r| (r[0].as_str(), r[1].as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("cache_knf:1.0", "nfv"),
            ("edge-graph:1.0.0", "hdag"),
            ("edge_ns-shield:1.0", "shield"),
            ("edge_ns:1.0", "nfv"),
            ("edge_slice:latest", "nfv"),
            ("router_vnf:1.0", "nfv"),
        ]
    );
    for line in published.lines() {
        let line = row(line);
        assert!(
            rows.iter()
                .any(|r| r[0] == line[0] && r.last() == line.last()),
            "{line:?}"
        );
    }
}

#[test]
fn inspect_finds_by_reference_id_and_digest() {
    let tree = Tree::showcase();
    let published = tree.nfv(&["publish"]).code(0).stdout;
    let digest = published
        .lines()
        .find_map(|l| l.strip_prefix("edge_ns:1.0 "))
        .expect("line")
        .trim();
    let by_name = tree.nfv(&["inspect", "edge_ns:1.0"]).code(0).stdout;
    assert_eq!(tree.nfv(&["inspect", "edge_ns"]).code(0).stdout, by_name);
    assert_eq!(tree.nfv(&["inspect", digest]).code(0).stdout, by_name);
    for text in [
        digest,
        "edge_ns-1.0.tar.gz",
        "Example Operator",
        "\"descriptorId\": \"router_vnf\"",
    ] {
        assert!(by_name.contains(text), "{text}\n{by_name}");
    }
    let json = tree
        .nfv(&["inspect", "edge_ns", "--message-format", "json"])
        .code(0)
        .stdout;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["digest"], digest);
    assert_eq!(json["config"]["descriptorFile"], "edge_ns/edge_nsd.yaml");
    for (unknown, near) in [
        ("edge_ns:1.1", "edge_ns:1.0"),
        ("router_vfn", "router_vnf"),
        ("cache-knf:1.0", "cache_knf:1.0"),
    ] {
        tree.nfv(&["inspect", unknown]).code(3).says(&format!(
            "nothing is published as `{unknown}`; did you mean `{near}`?"
        ));
    }
    let run = tree.nfv(&["inspect", "something-else"]).code(3);
    assert!(!run.stderr.contains("did you mean"), "{}", run.stderr);
}

#[test]
fn two_versions_of_one_id_must_be_told_apart() {
    let tree = Tree::showcase();
    tree.nfv(&["publish"]).code(0);
    tree.replace(
        "router_vnf/router_vnfd.yaml",
        "version: '1.0'",
        "version: '1.1'",
    );
    tree.nfv(&["publish", "-A", "all"]).code(0).says("1 new");
    tree.nfv(&["inspect", "router_vnf"])
        .code(3)
        .says("did you mean `router_vnf:1.0`?");
    tree.nfv(&["inspect", "router_vnf:1.1"]).code(0);
    assert_eq!(tree.nfv(&["list"]).code(0).stdout.lines().count(), 7);
}

#[test]
fn inspect_raw_prints_the_manifest_to_the_byte() {
    let tree = Tree::showcase();
    let published = tree.nfv(&["publish"]).code(0).stdout;
    for line in published.lines() {
        let (reference, digest) = line.split_once(' ').expect("two columns");
        let digest = digest.trim();
        for color in ["never", "always"] {
            let raw = tree
                .nfv(&["inspect", "--raw", reference, "--color", color])
                .code(0);
            assert_eq!(format!("sha256:{}", sha256(&raw.bytes)), digest);
            assert_eq!(raw.stderr, "");
        }
    }
}

#[test]
fn a_damaged_layout_is_an_error_with_the_place() {
    let tree = Tree::showcase();
    let published = tree.nfv(&["publish"]).code(0).stdout;
    let digest = published
        .lines()
        .find_map(|l| l.strip_prefix("edge_ns:1.0 "))
        .expect("line")
        .trim();
    let blob = |digest: &str| {
        let hex = digest.strip_prefix("sha256:").expect("digest");
        tree.path("target/nfv/oci/blobs/sha256").join(hex)
    };
    let manifest = fs::read(blob(digest)).expect("blob");
    append(&blob(digest), b" ");
    tree.nfv(&["inspect", "edge_ns"])
        .code(5)
        .says(digest)
        .says("damaged");
    fs::write(blob(digest), manifest).expect("blob");
    tree.nfv(&["inspect", "edge_ns"]).code(0);
    tree.file("target/nfv/oci/index.json", "{\"manifests\": 7}");
    tree.nfv(&["list"])
        .code(2)
        .says("target/nfv/oci/index.json");
    tree.nfv(&["publish"])
        .code(2)
        .says("is not a valid image index");
    // A digest becomes a path, so it must be one.
    tree.file(
        "target/nfv/oci/index.json",
        r#"{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:../../../../../etc/passwd","size":1,"annotations":{"org.opencontainers.image.ref.name":"x:1"}}]}"#,
    );
    tree.nfv(&["list"]).code(2).says("is not a digest");
}

fn append(path: &Path, bytes: &[u8]) {
    let mut file = File::options().append(true).open(path).expect("file");
    file.write_all(bytes).expect("write");
}

// --- places ---

#[test]
fn the_target_directory_is_where_it_was_asked_for() {
    let tree = Tree::showcase();
    let out = tree
        .nfv(&["build", "--target-dir", "elsewhere"])
        .code(0)
        .stdout;
    assert!(out.starts_with("elsewhere/nfv/packages/"), "{out}");
    let mut command = tree.command();
    let out = run(command
        .env("CARGO_TARGET_DIR", tree.beside("env"))
        .arg("build"))
    .code(0);
    assert!(
        out.stdout
            .starts_with(&tree.beside("env").display().to_string())
    );
    assert!(!tree.path("target").exists());
    // Its own output is never taken for a source, wherever it is.
    tree.nfv(&["build", "--target-dir", "elsewhere"])
        .code(0)
        .says("nothing to do");
    let file = tree.file("blocked", "a file");
    tree.nfv(&["build", "--target-dir", "blocked"])
        .code(2)
        .says(&format!("failed to create `{}/nfv`", file.display()));
}

#[test]
fn a_manifest_path_decides_which_tree_it_is() {
    let tree = Tree::showcase();
    tree.file("nfv.toml", "paths = [\"edge_ns\"]\n");
    let mut command = command_in(Path::new("/"));
    let path = tree.path("nfv.toml");
    command
        .args(["build", "-A", "all", "--manifest-path"])
        .arg(path);
    run(&mut command).code(0).says("1 package built");
    assert_eq!(
        names(&tree.path("target/nfv/packages")),
        ["edge_ns-1.0.tar.gz"]
    );
}

#[test]
fn two_packages_of_one_name_are_not_published_over_each_other() {
    let tree = Tree::of(&[
        ("chart/Chart.yaml", &chart("twin")),
        (
            "twin_vnf/x_vnfd.yaml",
            "vnfd:\n  id: twin\n  version: '1.2.3'\n",
        ),
    ]);
    tree.nfv(&["publish", "-A", "all"])
        .code(2)
        .says("would both be published as `twin:1.2.3`");
    assert_eq!(tree.nfv(&["list"]).code(0).stdout, "");
}

/// What a descriptor was held against is said of those without findings too.
#[test]
fn verbose_output_names_the_model_of_each_descriptor() {
    let catalog = "vnfd-catalog:\n  vnfd:\n  - id: old\n    name: old\n";
    let tree = Tree::of(&[
        ("a/a_vnfd.yaml", VNFD),
        ("b/b_vnfd.yaml", catalog),
        ("c/Chart.yaml", &common::chart("c")),
        ("d/d_nsd.yaml", "nsd: hello\n"),
    ]);
    let args = ["check", "-v", "-A", "schema/departure"];
    // Of an envelope that is wrong nothing else is looked at.
    tree.nfv(&args)
        .says("Found VNF tiny_vnf 1.0 (a), checked against VNFD, OSM release FIFTEEN\n")
        .says("Found VNF old (b), checked against VNFD catalog, OSM release EIGHT\n")
        .says("(c), checked against Chart.yaml of a Helm chart\n")
        .says("(d)\n");
    let etsi = [
        "check",
        "-v",
        "--profile",
        "etsi",
        "--model",
        "sol006@3.3.1",
        "a",
    ];
    tree.nfv(&etsi)
        .says("Found VNF tiny_vnf 1.0 (a), checked against VNFD, ETSI NFV-SOL006 3.3.1\n");
}

#[test]
fn a_schema_for_editors_has_a_word_on_each_key() {
    let tree = Tree::new();
    let run = tree.nfv(&["schema", "--editor", "osm/r15/vnfd"]).code(0);
    let schema: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    let vnfd = &schema["properties"]["vnfd"]["properties"];
    assert_eq!(
        vnfd["vnfm-info"]["description"],
        "vnfm-info lists the VNF managers that can run the function"
    );
    tree.nfv(&["schema", "--editor"]).code(2);
}

#[test]
fn a_schema_is_asked_for_by_its_model_and_written_to_a_file() {
    let tree = Tree::new();
    let list = tree.nfv(&["schema"]).code(0).stdout;
    assert!(list.starts_with("osm@15 "), "{list}");
    for name in list.lines().filter_map(|line| line.split(' ').next()) {
        let text = tree.nfv(&["schema", name]).code(0).stdout;
        let schema: Value = serde_json::from_str(&text).expect("JSON");
        assert!(schema["title"].is_string(), "{name}");
    }
    let short = tree.nfv(&["schema", "osm@15/vnfd"]).code(0).stdout;
    assert_eq!(short, tree.nfv(&["schema", "osm/r15/vnfd"]).stdout);

    for (name, hint) in [
        ("osm@51", "there are osm@15, osm@14"),
        ("osn@15", "did you mean `osm@15`?"),
        ("osm@8", "did you mean `osm-im@8`?"),
        ("osm-im@9/vnfd", "did you mean `osm@9/vnfd`?"),
        ("osm@15/vfnd", "did you mean `osm@15/vnfd`?"),
        ("nst", "a kind of document, write `osm@15/nst`"),
        ("vnfd", "write `osm@15/vnfd` or `sol006@4.3.1/vnfd`"),
        ("tosca", "`cargo nfv schema` lists all"),
    ] {
        tree.nfv(&["schema", name]).code(2).says(hint);
    }

    fs::write(tree.path("x.json"), "old").expect("file");
    let out = ["schema", "--editor", "sol006@3.6.1", "--out", "x.json"];
    assert_eq!(tree.nfv(&out).code(0).stdout, "");
    let printed = tree.nfv(&out[..3]).code(0).stdout;
    let written = fs::read_to_string(tree.path("x.json")).expect("file");
    assert_eq!(written, printed);
    tree.nfv(&["schema", "osm@15", "--out", "missing/x.json"])
        .code(2)
        .says("can't write `missing/x.json`: there is no folder `missing`");
    assert!(!tree.path("missing").exists());
    let files = fs::read_dir(&tree.root).expect("tree").count();
    assert_eq!(files, 1, "no temporary file is left");
}

/// Validators are written in many languages, and not all know the classes of letters that
/// ECMA-262 has. An address with a zone is one for them as it is for the model.
#[test]
fn patterns_of_schemas_are_taken_by_python() {
    const READ: &str = r#"
import json, re, sys
patterns = set()
def walk(node):
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            patterns.add(node["pattern"])
        for part in node.values():
            walk(part)
    elif isinstance(node, list):
        for part in node:
            walk(part)
walk(json.load(open(sys.argv[1])))
zones = [p for p in map(re.compile, sorted(patterns)) if p.search("192.0.2.1%eth0")]
print(len(patterns) > 1, len(zones) > 0)
print(all(p.search("192.0.2.1%\u00e4\u0663") for p in zones))
print(any(p.search("192.0.2.1%a-b") for p in zones))
"#;
    let Some(python) = tool("python3") else {
        return;
    };
    let tree = Tree::new();
    for name in ["osm@15", "sol006@4.3.1", "osm/r15/vnfd"] {
        let file = tree.path("schema.json");
        let path = file.to_str().expect("a path");
        tree.nfv(&["schema", name, "--out", path]).code(0);
        let said = sh(Command::new(&python).args(["-c", READ, path]));
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines, ["True True", "True", "False"], "{name}");
    }
}

#[test]
fn the_defects_of_the_models_have_a_page() {
    let tree = Tree::new();
    let page = tree.nfv(&["explain", "defects"]).code(0).stdout;
    assert!(
        page.starts_with("# Published defects of NFV-SOL006"),
        "{page}"
    );
    assert_eq!(page.matches("\nRepair: ").count(), 15);
    tree.nfv(&["explain", "defcts"])
        .code(2)
        .says("did you mean `defects`?");
}

#[test]
fn the_long_help_says_more_than_the_short_one() {
    let tree = Tree::new();
    for (command, words) in [
        ("check", "Exits with 1"),
        ("build", "The same sources give the same bytes"),
        ("publish", "functions go before the services"),
        ("verify", "exits with 7"),
        ("unpack", ""),
    ] {
        let help = |flag: &str| tree.nfv(&[command, flag]).code(0).stdout;
        let long = help("--help")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(long.contains(words), "{command}: {long}");
        let (about, _) = long.split_once("Usage:").expect("a usage");
        let short = help("-h");
        let (short, _) = short.split_once("Usage:").expect("a usage");
        assert!(about.len() > short.len() + 20, "{command}: {about}");
    }
}

#[test]
fn two_kinds_of_one_name_pass_the_check_and_are_not_built() {
    let ns = "nsd:\n  nsd:\n    - id: tiny_vnf\n      version: '1.0'\n      designer: x\n      df:\n        - id: d\n";
    let tree = Tree::of(&[("a/a_vnfd.yaml", VNFD), ("b/b_nsd.yaml", ns)]);
    let said = "would be written to one file";
    tree.nfv(&["check"]).code(0).says(said);
    let build = tree.nfv(&["build"]).code(1).says(said);
    assert!(build.stderr.contains("error[package/same-name]"));
    tree.nfv(&["build", "-A", "package/same-name"]).code(1);
    let other = VNFD.replace("tiny_vnf", "tiny vnf");
    let tree = Tree::of(&[("a/a_vnfd.yaml", VNFD), ("b/b_vnfd.yaml", &other)]);
    tree.nfv(&["check"]).code(0).says(said);
    let build = tree.nfv(&["build"]).code(1).says(said);
    assert!(build.stderr.contains("error[package/same-name]"));
}

#[test]
fn explain_knows_families_and_names_without_one() {
    let tree = Tree::new();
    let family = tree.nfv(&["explain", "osm"]).code(0);
    assert!(family.stdout.lines().all(|line| line.starts_with("osm/")));
    assert!(family.stdout.contains("osm/no-df"));
    let page = tree.nfv(&["explain", "no-df"]).code(0);
    assert!(page.stdout.starts_with("# osm/no-df"));
    tree.nfv(&["explain", "placeholder"])
        .code(2)
        .says("there are `package/placeholder`");
    tree.nfv(&["explain", "nosuch"])
        .code(2)
        .says("`cargo nfv explain` lists all rules");
}

#[test]
fn the_beginning_of_a_version_suggests_the_version() {
    let tree = Tree::of(&[("a/a_vnfd.yaml", VNFD)]);
    tree.nfv(&["check", "--model", "sol006@3.6"])
        .code(2)
        .says("did you mean `sol006@3.6.1`?");
}

#[test]
fn a_level_that_is_fixed_says_so_where_it_was_set() {
    let tree = Tree::of(&[("a/a_vnfd.yaml", "vnfd:\n- id: a\n")]);
    tree.nfv(&["check", "-A", "osm/envelope"])
        .code(1)
        .says("the level of this rule is fixed, so `allow` changes nothing");
    let plain = tree.nfv(&["check"]).code(1);
    assert!(!plain.stderr.contains("fixed"));
}

#[test]
fn a_new_file_beside_a_descriptor_is_read_from_standard_input() {
    let tree = Tree::of(&[("a/a_vnfd.yaml", VNFD)]);
    let mut command = tree.command();
    command.args(["check", "--stdin", "--stdin-filename", "a/b_vnfd.yaml"]);
    command.stdin(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::piped());
    command.stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("program");
    let mut input = child.stdin.take().expect("input");
    std::io::Write::write_all(&mut input, common::vnfd("other").as_bytes()).expect("input");
    drop(input);
    let run = common::Run::of(child.wait_with_output().expect("end"));
    assert!(!run.stderr.contains("package/unreadable"), "{}", run.stderr);
}
