//! Reports: one set of findings in each format, and what a run writes beside what
//! it prints.

mod common;

use std::fs;
use std::path::Path;

use common::{Tree, vnfd};

/// Errors and warnings, in a file and about one, with fixes and without, with a second
/// place, with text that every format has to escape.
fn broken() -> Tree {
    let knf = vnfd("edge_knf")
        .replace("  provider:", "  providr:")
        .replace("version: '1.0'", "version: 1.10")
        .replace(
            "k8s-cluster-net: mgmtnet",
            "k8s-cluster-net: \"mg|mt <net> & 50% ::x\"",
        );
    let nsd = "\
nsd:
  nsd:
    - id: edge_ns
      name: edge_ns
      designer: Example Operator
      version: '1.0'
      vnfd-id:
        - edge_knf
        - gone_vnf
      virtual-link-desc:
        - id: mgmt
          mgmt-network: true
      df:
        - id: default-df
          vnf-profile:
            - id: edge
              vnfd-id: edge_knf
              virtual-link-connectivity:
                - virtual-link-profile-id: mgnt
                  constituent-cpd-id:
                    - constituent-base-element-id: edge
                      constituent-cpd-id: mgmt-ext
";
    let tree = Tree::of(&[
        ("sub/edge knf/edge_vnfd.yaml", &knf),
        ("sub/edge_ns/edge_nsd.yaml", nsd),
        ("sub/tiny/tiny_vnfd.yaml", &vnfd("tiny_vnf")),
        ("sub/twin/tiny_vnfd.yaml", &vnfd("tiny_vnf")),
    ]);
    fs::rename(tree.path("sub"), tree.path("nfv")).expect("renamed");
    tree
}

/// The formats, with the variable of a CI system that says where the repository begins.
const FORMATS: [(&str, &str); 10] = [
    ("human", ""),
    ("short", ""),
    ("json", ""),
    ("github", "GITHUB_WORKSPACE"),
    ("gitlab", "CI_PROJECT_DIR"),
    ("sarif", "GITHUB_WORKSPACE"),
    ("junit", "CI_PROJECT_DIR"),
    ("rdjson", "GITHUB_WORKSPACE"),
    ("markdown", "GITHUB_WORKSPACE"),
    ("github-output", "GITHUB_WORKSPACE"),
];

#[test]
fn each_format_is_what_its_consumers_were_shown() {
    let tree = broken();
    let overwrite = std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite");
    for (format, variable) in FORMATS {
        let mut command = tree.command();
        command.current_dir(tree.path("nfv"));
        if !variable.is_empty() {
            command.env(variable, &tree.root);
        }
        command.args([
            "check",
            "--color",
            "never",
            "--report",
            &format!("{format}=out"),
        ]);
        let run = common::run(&mut command).code(1);
        let text = fs::read_to_string(tree.path("nfv/out")).expect("a report");
        fs::remove_file(tree.path("nfv/out")).expect("removed");
        if format == "human" {
            assert!(run.stderr.starts_with(&text), "{text}\n{}", run.stderr);
        }
        let golden = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/reports")
            .join(format);
        let text = without_manual(format, text);
        if overwrite {
            fs::write(&golden, &text).expect("written");
        }
        let expected = fs::read_to_string(&golden).expect("a golden report");
        assert!(expected == text, "{format}:\n{text}");
    }
}

/// SARIF without the version of the program and the pages of the rules, which change by
/// themselves.
fn without_manual(format: &str, text: String) -> String {
    if format != "sarif" {
        return text;
    }
    let mut report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let driver = &mut report["runs"][0]["tool"]["driver"];
    assert_eq!(driver["semanticVersion"], env!("CARGO_PKG_VERSION"));
    driver["semanticVersion"] = "0.0.0".into();
    for rule in driver["rules"].as_array_mut().expect("rules") {
        for key in ["text", "markdown"] {
            assert!(
                rule["help"][key]
                    .as_str()
                    .is_some_and(|page| page.starts_with("## "))
            );
            rule["help"][key] = "a page".into();
        }
    }
    serde_json::to_string_pretty(&report).expect("JSON") + "\n"
}

/// By the schema of OASIS, and by the multitool that the editors of SARIF publish.
#[test]
fn sarif_is_taken_by_its_judges() {
    let (Some(judge), Some(schema)) = (
        common::tool("check-jsonschema"),
        common::tool("sarif-2.1.0.json"),
    ) else {
        return;
    };
    let tree = broken();
    tree.file(
        "odd/\u{fc} %41,b_vnfd.yaml",
        "vnfd:\n  id: \"a\\x01 ##[x]\"\n  ä: {b: [\n",
    );
    tree.nfv(&["check", "--report", "sarif=out.sarif"]).code(1);
    let report = tree.path("out.sarif");
    common::sh(
        std::process::Command::new(judge)
            .arg("--schemafile")
            .arg(schema)
            .arg(&report),
    );
    let Some(multitool) = common::tool("sarif-multitool") else {
        return;
    };
    let words = common::sh(
        std::process::Command::new(multitool)
            .arg("validate")
            .arg(&report),
    );
    let is_found = |line: &&str| line.contains(": error ") || line.contains(": warning ");
    let found: Vec<&str> = words.lines().filter(is_found).collect();
    assert!(found.is_empty() && words.contains("Done."), "{words}");
}

#[test]
fn several_reports_of_one_run() {
    let tree = broken();
    let args = [
        "check",
        "--report",
        "sarif=a.sarif",
        "--report",
        "junit=b=c.xml",
    ];
    let run = tree
        .nfv(&[&args[..], &["--message-format", "json"]].concat())
        .code(1);
    assert!(
        run.stdout.lines().all(|line| line.starts_with('{')),
        "{}",
        run.stdout
    );
    assert!(
        fs::read_to_string(tree.path("a.sarif"))
            .expect("SARIF")
            .contains("\"2.1.0\"")
    );
    assert!(
        fs::read_to_string(tree.path("b=c.xml"))
            .expect("JUnit")
            .starts_with("<?xml")
    );
    // The second would take the place of the first; nothing is written.
    fs::remove_file(tree.path("a.sarif")).expect("SARIF");
    for again in ["json=a.sarif", "json=./a.sarif", "sarif=a.sarif"] {
        let args = ["check", "--report", "sarif=a.sarif", "--report", again];
        tree.nfv(&args).code(2).says("two reports would be written");
        assert!(!tree.path("a.sarif").exists());
    }
    #[cfg(unix)]
    {
        let args = ["check", "--report", "short=/dev/stdout"];
        let args = [&args[..], &["--report", "short=/dev/stdout"]].concat();
        let twice = tree.nfv(&args).code(1).stdout;
        let line = twice.lines().next().expect("a finding");
        assert_eq!(twice.matches(line).count(), 2, "{twice}");
    }
    for wrong in ["sarif", "sarif=", "xml=a", "=a"] {
        tree.nfv(&["check", "--report", wrong]).code(2);
    }
    tree.nfv(&["check", "--report", "sarif=nowhere/a"])
        .code(2)
        .says("no folder `nowhere`");
}

/// What was built and published stands in the reports of `build` and `publish`.
#[test]
fn what_was_made_is_in_the_reports() {
    let tree = Tree::of(&[("a/a_vnfd.yaml", &vnfd("a_vnf"))]);
    let json = tree.nfv(&[
        "build",
        "--report",
        "markdown=m.md",
        "--message-format",
        "json",
    ]);
    let json = json.code(0).stdout;
    let built = json
        .lines()
        .find(|line| line.contains("package-built"))
        .expect("a line");
    let built: serde_json::Value = serde_json::from_str(built).expect("JSON");
    let digest = built["digest"]
        .as_str()
        .expect("digest")
        .trim_start_matches("sha256:");
    let summary = fs::read_to_string(tree.path("m.md")).expect("summary");
    assert!(summary.contains(digest), "{summary}");
    assert!(summary.contains("```mermaid\nflowchart LR\n"), "{summary}");
    let args = [
        "publish",
        "--report",
        "github-output=o",
        "--report",
        "json=j",
        "-q",
    ];
    tree.nfv(&args).code(0);
    let outputs = fs::read_to_string(tree.path("o")).expect("outputs");
    let packages = outputs
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("packages="));
    let packages: serde_json::Value =
        serde_json::from_str(packages.expect("packages")).expect("JSON");
    assert_eq!(packages[0]["id"], "a_vnf");
    assert_eq!(packages[0]["file"]["digest"], built["digest"]);
    let manifest = packages[0]["artifact"]["digest"].as_str().expect("digest");
    assert_eq!(packages[0]["artifact"]["reference"], "a_vnf:1.0");
    assert!(outputs.contains(&format!(
        "digests<<END-OF-LIST\na_vnf@{manifest}\nEND-OF-LIST\n"
    )));
    let json = fs::read_to_string(tree.path("j")).expect("JSON lines");
    assert!(json.contains("\"artifact-published\""), "{json}");
}

/// What is no file is written to, and a link stays one.
#[cfg(unix)]
#[test]
fn reports_go_through_links_and_pipes() {
    let tree = broken();
    tree.file("real.sarif", "before");
    std::os::unix::fs::symlink("real.sarif", tree.path("link.sarif")).expect("a link");
    tree.nfv(&["check", "--report", "sarif=link.sarif"]).code(1);
    let metadata = fs::symlink_metadata(tree.path("link.sarif")).expect("a link");
    assert!(metadata.file_type().is_symlink());
    let text = fs::read_to_string(tree.path("real.sarif")).expect("a report");
    assert!(text.contains("\"2.1.0\""), "{text}");
    let run = tree.nfv(&["check", "-q", "--report", "sarif=/dev/stdout"]);
    assert!(run.stdout.contains("\"2.1.0\""), "{}", run.stdout);
    if common::tool("mkfifo").is_none() {
        return;
    }
    common::sh(std::process::Command::new("mkfifo").arg(tree.path("pipe")));
    let pipe = tree.path("pipe");
    let reader = std::thread::spawn(move || fs::read_to_string(pipe).expect("text"));
    tree.nfv(&["check", "--report", "sarif=pipe"]).code(1);
    assert_eq!(reader.join().expect("a thread"), text);
}

/// Not all that lies below `/dev` is a device: what lies in memory is a file like others.
#[cfg(target_os = "linux")]
#[test]
fn a_report_in_memory_is_written_whole() {
    let tree = Tree::in_memory();
    tree.file("a/a_vnfd.yaml", common::vnfd("a_vnf"));
    let path = tree.path("report.sarif");
    let argument = format!("sarif={}", path.display());
    for _ in 0..2 {
        tree.nfv(&["check", "--report", &argument]).code(0);
        let text = fs::read_to_string(&path).expect("a report");
        let report: serde_json::Value = serde_json::from_str(&text).expect("one document");
        assert_eq!(report["version"], "2.1.0");
    }
}

/// Every finding has a line with its place, however many descriptors have the same.
#[test]
fn short_is_one_line_a_finding() {
    let files: Vec<(String, String)> = (0..6)
        .map(|i| {
            (
                format!("p{i}/p{i}_vnfd.yaml"),
                common::vnfd(&format!("p{i}_vnf")),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let tree = Tree::of(&files);
    let run = tree.nfv(&["check", "--message-format", "short"]).code(0);
    let lines: Vec<&str> = run
        .stderr
        .lines()
        .filter(|line| line.contains("[schema/departure]"))
        .collect();
    assert_eq!(lines.len(), 6, "{}", run.stderr);
    for (i, line) in lines.iter().enumerate() {
        assert!(
            line.starts_with(&format!("p{i}/p{i}_vnfd.yaml:1:1: ")),
            "{line}"
        );
    }
}

/// Where a run fails, who sees its reports and not its log learns of it.
#[test]
fn reports_of_a_run_that_failed() {
    let tree = Tree::new();
    let reports = [
        "--report",
        "github=a",
        "--report",
        "markdown=b",
        "--report",
        "json=c",
    ];
    tree.nfv(&[&["check"], &reports[..]].concat()).code(2);
    let read = |name: &str| fs::read_to_string(tree.path(name)).expect("a report");
    assert!(
        read("a").starts_with("::error title=cargo nfv::"),
        "{}",
        read("a")
    );
    assert!(read("b").contains("**The run failed:**"), "{}", read("b"));
    let last = read("c").lines().last().map(str::to_owned).expect("a line");
    let last: serde_json::Value = serde_json::from_str(&last).expect("JSON");
    assert_eq!(last["reason"], "run-failed");
}

/// Programs that show the repository have all its paths from its top, also those of files
/// that do not lie below the folder where the run is.
#[test]
fn paths_are_those_of_the_repository() {
    let tree = broken();
    tree.file("nfv.toml", "");
    tree.file("nfv/below/.keep", "");
    for (format, variable) in [
        ("gitlab", "CI_PROJECT_DIR"),
        ("github", "GITHUB_WORKSPACE"),
        ("sarif", "GITHUB_WORKSPACE"),
        ("rdjson", "GITHUB_WORKSPACE"),
    ] {
        let mut command = tree.command();
        command
            .current_dir(tree.path("nfv/below"))
            .env(variable, &tree.root);
        command.args(["check", "-q", "--message-format", format]);
        let text = common::run(&mut command).code(1).stdout;
        assert!(
            text.contains("nfv/edge_ns/edge_nsd.yaml"),
            "{format}: {text}"
        );
        let root = tree.root.to_str().expect("a path");
        // Messages may name other files as they are called here.
        for before in ["\"path\": \"", "\"path\":\"", "\"uri\": \"", "file="] {
            assert!(
                !text.contains(&format!("{before}{root}")),
                "{format}: {text}"
            );
        }
    }
}

/// Of a rule that a file breaks very often the last findings are told as one. Nobody
/// may take that for all, be it a person or a program.
#[test]
fn what_is_told_as_one_is_counted() {
    use std::fmt::Write;

    let mut text = vnfd("many_vnf");
    for i in 0..250 {
        let _ = write!(text, "  x-{i}: &x{i}\n    id: 1\n    id: {i}\n");
    }
    let mut lines = text.lines();
    let line = 1 + lines
        .position(|line| line == "    id: 100")
        .expect("the first that is not told");
    let tree = Tree::of(&[("a/a_vnfd.yaml", &text)]);
    let more = "150 more findings of `yaml/duplicate-key` in this file, the first here";
    let all = |format: &str| {
        let run = tree.nfv(&["check", "--message-format", format]).code(1);
        match run.stdout.is_empty() {
            true => run.stderr,
            false => run.stdout,
        }
    };
    for format in ["human", "short", "github", "gitlab", "junit", "rdjson"] {
        let text = all(format);
        assert_eq!(text.matches(more).count(), 1, "{format}: {text}");
        assert_eq!(text.matches("stands twice").count(), 100, "{format}");
    }
    let sum = "1 package: 1 error, 251 warnings";
    assert!(all("human").contains(sum));
    assert!(all("short").contains(&format!("a/a_vnfd.yaml:{line}:5: warning[")));
    let markdown = all("markdown");
    assert!(markdown.contains(sum), "{markdown}");
    assert!(
        markdown.contains(":x: 1 error, 251 warnings |"),
        "{markdown}"
    );
    assert!(markdown.contains("\nand 152 more findings\n"), "{markdown}");
    assert!(all("github-output").contains("errors=1\nwarnings=251\n"));
    let objects: Vec<serde_json::Value> = all("json")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let findings = objects.iter().filter(|one| one["reason"] == "finding");
    let sum: u64 = findings
        .map(|one| one["findings"].as_u64().expect("a number"))
        .sum();
    let last = objects.last().expect("a line");
    assert_eq!(
        (sum, &last["warnings"], &last["errors"]),
        (252, &251.into(), &1.into())
    );
    let sarif: serde_json::Value = serde_json::from_str(&all("sarif")).expect("JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let many = results
        .iter()
        .filter_map(|one| one["occurrenceCount"].as_u64());
    assert_eq!(many.collect::<Vec<_>>(), [150]);
}

/// A runner takes a line for a command that begins with `::`, behind spaces too.
#[cfg(unix)]
#[test]
fn names_of_files_are_no_commands_of_workflows() {
    let text = vnfd("edge_knf").replace("  provider:", "  providr:");
    let file = "a\n  ::error::x/edge_vnfd.yaml";
    let tree = Tree::of(&[(file, &text)]);
    for args in [
        &["check"][..],
        &["check", "nosuch\n::error::x"],
        &["check", "-v"],
        &["build"],
        &["list"],
        &["explain", "x\n::error::x"],
    ] {
        let run = tree.nfv(args);
        for line in run.stdout.lines().chain(run.stderr.lines()) {
            assert!(!line.trim_start().starts_with("::"), "{args:?}: {line}");
        }
    }
    tree.nfv(&["check"]).code(1).says("edge_vnfd.yaml:4:3");
}
