//! Descriptors made to make a reader hang, overflow its stack or fill the
//! memory: each ends with a diagnostic, on the stack that a thread has.
#![cfg(unix)]

mod common;

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{Tree, finish};

/// Generous: a run takes a fraction of a second where nothing is quadratic,
/// and minutes where something is.
const WATCHDOG: Duration = Duration::from_secs(60);

/// Exit code and output of `check` on one descriptor, with 2 MB of stack.
fn check(text: impl AsRef<[u8]>, args: &[&str]) -> (Option<i32>, String) {
    let tree = Tree::new();
    tree.file("x/x_vnfd.yaml", text);
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -s 2048 && exec \"$0\" check \"$@\""])
        .arg(env!("CARGO_BIN_EXE_cargo-nfv"))
        .args(args)
        .arg("x")
        .current_dir(tree.path("."))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let output = finish(command.spawn().expect("sh"), WATCHDOG);
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

/// Runs the cases and stops unless each ends with code 1 and says that.
fn refused(cases: &[(&str, String, &str)]) {
    for (name, text, says) in cases {
        let (code, output) = check(text, &["--message-format", "short"]);
        let start: String = output.chars().take(600).collect();
        assert_eq!(code, Some(1), "{name}: {start}");
        assert!(output.contains(says), "{name}: `{says}` is not in\n{start}");
    }
}

/// `line` for each number, below the envelope.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    let mut text = String::from("vnfd:\n");
    for i in 0..count {
        let _ = writeln!(text, "{}", line(i));
    }
    text
}

#[test]
fn texts_that_reach_for_the_stack() {
    let deep = "more than 128 levels of nesting";
    let maps: String = (1..5000).map(|i| " ".repeat(i) + "a:\n").collect();
    refused(&[
        ("flow lists", format!("vnfd: {}", "[".repeat(100_000)), deep),
        (
            "flow mappings",
            format!("vnfd: {}", "{a: ".repeat(100_000)),
            deep,
        ),
        (
            "block lists",
            format!("vnfd:\n  {}", "- ".repeat(20_000)),
            deep,
        ),
        ("block mappings", format!("vnfd:\n{maps}"), deep),
        (
            "explicit keys",
            format!("vnfd:\n  {}", "? ".repeat(3000)),
            deep,
        ),
    ]);
}

#[test]
fn texts_that_are_no_yaml() {
    refused(&[
        ("NUL", "vnfd:\n  id: a\0b\n".into(), "yaml/syntax"),
        ("bell", "vnfd:\n  id: \"a\u{7}b\"\n".into(), "yaml/syntax"),
        ("tab", "vnfd:\n\tid: x\n".into(), "yaml/syntax"),
        (
            "two documents",
            "vnfd:\n  id: a\n---\nvnfd:\n  id: b\n".into(),
            "yaml/multiple-documents",
        ),
        (
            "50,000 documents",
            format!("vnfd:\n  id: a\n{}", "---\na: 1\n".repeat(50_000)),
            "yaml/multiple-documents",
        ),
        (
            "open quote",
            format!("vnfd:\n  id: \"a\n{}", "  x: y\n".repeat(200_000)),
            "yaml/syntax",
        ),
        (
            "only colons",
            format!("vnfd{}", ":".repeat(500_000)),
            "yaml/syntax",
        ),
        (
            "percent",
            format!("{}\nvnfd: a\n", "%".repeat(500_000)),
            "yaml/syntax",
        ),
        (
            "comments",
            format!("vnfd:\n{}  id: a\n", "# c\n".repeat(100_000)),
            "comment lines in a row",
        ),
        ("a comment", "# vnfd".into(), "package/no-descriptor"),
    ]);
}

#[test]
fn aliases_and_merge_keys() {
    let bomb = lines(12, |i| match i {
        0 => "  a0: &a0 [x, x, x, x, x, x, x, x, x, x]".into(),
        i => format!(
            "  a{i}: &a{i} [{}]",
            vec![format!("*a{}", i - 1); 10].join(",")
        ),
    });
    let merge = lines(3000, |i| match i {
        0 => "  m0: &m0 {k0: 1}".into(),
        i => format!("  m{i}: &m{i} {{<<: *m{}, k{i}: 1}}", i - 1),
    });
    refused(&[
        ("alias bomb", bomb, "nodes once its aliases are expanded"),
        ("merge bomb", merge, "entries brought in by merge keys"),
        (
            "50,000 anchors",
            lines(50_000, |i| format!("  k{i}: &a{i} v")),
            "unknown keys",
        ),
        (
            "25,000 aliases",
            lines(50_000, |i| match i {
                ..25_000 => format!("  k{i}: &a{i} v"),
                i => format!("  k{i}: *a{}", i - 25_000),
            }),
            "unknown keys",
        ),
        (
            "anchor in itself",
            "vnfd: &a\n  id: *a\n".into(),
            "yaml/alias",
        ),
    ]);
}

/// What is looked up, compared or suggested for each of very many.
#[test]
fn very_many_of_everything() {
    let ids = |key: &str, name: &str| {
        let items: String = (0..10_000)
            .map(|i| format!("  - id: {name}{i}\n"))
            .collect();
        format!("  {key}:\n{items}")
    };
    refused(&[
        (
            "60,000 keys",
            lines(60_000, |i| format!("  key{i}: v")),
            "unknown keys",
        ),
        (
            "300,000 keys",
            lines(300_000, |i| format!("  key{i}: v")),
            "more than 200000 nodes",
        ),
        (
            "keys like a known one",
            lines(20_000, |i| format!("  product-nam{i}: v")),
            "unknown key",
        ),
        (
            "items with an unknown key",
            lines(10_000, |i| match i {
                0 => "  vdu:\n  - id: v".into(),
                i => format!("  - id: v{i}\n    idd{i}: x"),
            }),
            "unknown key",
        ),
        (
            "departures from the model",
            format!("vnfd: {{vdu: [{}]}}\n", "{idd: yes},".repeat(30_000)),
            "departs from the model in more than 20000 places, and not all of it was looked at",
        ),
        (
            "items with one id",
            lines(50_000, |i| match i {
                0 => "  vdu:\n  - id: v".into(),
                _ => "  - id: v".into(),
            }),
            "the id `v` stands twice in the list `vdu`",
        ),
        (
            "equal keys",
            lines(20_000, |_| "  id: x".into()),
            "more than 1000 faults",
        ),
        (
            "keys that are numbers",
            lines(20_000, |i| format!("  {i}: x")),
            "yaml/non-string-key",
        ),
        (
            "dangling references",
            format!(
                "{}{}",
                lines(10_000, |i| match i {
                    0 => "  vdu:\n  - id: v".into(),
                    i => format!("  - id: v{i}\n    virtual-compute-desc: w{i}"),
                }),
                ids("virtual-compute-desc", "c")
            ),
            "which does not exist",
        ),
        (
            "dangling connection points",
            format!(
                "{}{}",
                lines(10_000, |i| match i {
                    0 => "  ext-cpd:\n  - id: e".into(),
                    i => format!("  - id: e{i}\n    int-cpd: {{vdu-id: v{i}, cpd: c}}"),
                }),
                ids("vdu", "w")
            ),
            "which does not exist",
        ),
        (
            "comments that allow",
            lines(10_000, |i| {
                format!("  # nfv: allow(no/such{i})\n  k{i}: yes # nfv: allow(yaml/no{i})")
            }),
            "yaml/unknown-allow",
        ),
        (
            "words that are booleans",
            lines(10_000, |i| match i {
                0 => "  vdu:\n  - id: v".into(),
                i => format!("  - id: v{i}\n    name: yes"),
            }),
            "yaml/ambiguous-scalar",
        ),
        (
            "prefixes behind unknown keys",
            lines(100_000, |i| match i {
                ..90_000 => format!("  key{i}: v"),
                i => format!("  x{i}:provider: v"),
            }),
            "are the same key",
        ),
        (
            "prefixes before what is wrong",
            lines(50_000, |i| match i {
                ..30_000 => format!("  x{i}:provider: v"),
                30_000 => "  vdu:\n  - id: v".into(),
                i => format!("  - id: v{i}\n    name: [[]]\n    boot-order: x"),
            }),
            "in more than 20000 places",
        ),
        (
            "keys of lists that are lists",
            lines(50_000, |i| match i {
                0 => "  id: a\n  df:".into(),
                _ => "  - id: []".into(),
            }),
            "must be a string",
        ),
        (
            "points of a unit that has others",
            lines(28_000, |i| match i {
                0 => "  id: a\n  mgmt-cp: e1\n  vdu:\n  - id: v\n    int-cpd:".into(),
                i if i < 20_000 => format!("    - id: c{i}"),
                20_000 => "  ext-cpd:".into(),
                i => format!("  - {{id: e{i}, int-cpd: {{vdu-id: v, cpd: d{i}}}}}"),
            }),
            "the VDU `v` has no connection point",
        ),
        (
            "links and no profiles",
            {
                let links = (0..15_000).map(|i| format!("    - id: l{i}\n"));
                let uses = (0..15_000).rev();
                let uses = uses.map(|i| format!("        - virtual-link-profile-id: l{i}\n"));
                format!(
                    "nsd:\n  nsd:\n  - id: s\n    virtual-link-desc:\n{}    df:\n    - id: d\n      vnf-profile:\n      - id: p\n        virtual-link-connectivity:\n{}",
                    links.collect::<String>(),
                    uses.collect::<String>()
                )
            },
            "virtual-link-profile-id",
        ),
        (
            "tags",
            lines(20_000, |i| format!("  k{i}: !foo x")),
            "yaml/unknown-tag",
        ),
        (
            "one line",
            format!("vnfd: {{vdu: [{}]}}", vec!["{idd: yes}"; 20_000].join(",")),
            "unknown key",
        ),
    ]);
}

#[test]
fn huge_files_lines_and_values() {
    let id = |text: String| format!("vnfd:\n  no-such-key: x\n  id: {text}\n");
    refused(&[
        (
            "100 MB",
            format!("vnfd:\n{}", "  id: x\n".repeat(100_000_000 / 8)),
            "more than 16777216 bytes",
        ),
        ("a value of 4 MB", id("a".repeat(4 << 20)), "no-such-key"),
        (
            "escapes",
            id(format!("\"{}\"", "\\n".repeat(1 << 20))),
            "no-such-key",
        ),
        (
            "a key of 1 MB",
            format!("vnfd:\n  {}: v\n", "k".repeat(1 << 20)),
            "yaml/syntax",
        ),
    ]);
}

/// What is shown stays readable and in proportion, in every format.
#[test]
fn many_findings_in_every_format() {
    let text = lines(10_000, |i| match i {
        0 => "  vdu:\n  - id: v".into(),
        i => format!("  - id: v{i}\n    idd{i}: yes\n    virtual-compute-desc: w{i}"),
    });
    for format in [
        "human", "short", "json", "github", "gitlab", "sarif", "junit",
    ] {
        let (code, output) = check(&text, &["--message-format", format]);
        assert_eq!(code, Some(1), "{format}");
        assert!(output.contains("idd1"), "{format}");
        assert!(output.len() < 2 << 20, "{format}: {} bytes", output.len());
    }
    let (code, _) = check(&text, &["--fix", "--dry-run"]);
    assert_eq!(code, Some(1));
    let huge = format!(
        "vnfd:\n  no-such-key: x\n  id: \"{}\"\n",
        "a".repeat(4 << 20)
    );
    let (_, output) = check(huge, &["--message-format", "json"]);
    assert!(output.contains("no-such-key"));
    assert!(output.len() < 1 << 20, "{} bytes", output.len());
}

/// A zip around a CSAR is opened for what is in it, and what is in there is not opened in
/// turn: an archive may hold another a thousand times over, or itself.
#[test]
fn zips_in_zips() {
    let zip = |name: &str, bytes: &[u8]| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(name, options).expect("a member");
        std::io::Write::write_all(&mut zip, bytes).expect("a member");
        zip.finish().expect("a zip").into_inner()
    };
    let tree = Tree::new();
    let mut nest = zip("x.txt", b"x");
    for _ in 0..1000 {
        nest = zip("a.csar", &nest);
    }
    tree.file("nest.zip", nest);
    let run = tree.nfv(&["check", "nest.zip"]).code(1);
    assert!(run.stderr.contains("no descriptor"), "{}", run.stderr);
}

/// Drawings and differences of a descriptor as large as one may be.
#[test]
fn very_large_drawings_and_differences() {
    const COUNT: usize = 12_000;
    let each = |line: &dyn Fn(usize) -> String| (0..COUNT).map(line).collect::<String>();
    let vnfd = |cpu: usize| {
        let points = each(&|i| format!("        - id: i{i}\n"));
        let external =
            each(&|i| format!("    - id: c{i}\n      int-cpd: {{vdu-id: v, cpd: i{i}}}\n"));
        let compute = format!("  virtual-compute-desc:\n    - id: v\n      n: {cpu}\n");
        format!(
            "vnfd:\n  id: x_vnf\n{compute}  vdu:\n    - id: v\n      int-cpd:\n{points}  ext-cpd:\n{external}"
        )
    };
    let tree = Tree::of(&[("x/x_vnfd.yaml", &vnfd(1)), ("y/x_vnfd.yaml", &vnfd(2))]);
    let run = |args: &[&str]| {
        let mut command = tree.command();
        command.args(args).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = finish(command.spawn().expect("started"), WATCHDOG);
        assert_eq!(output.status.code(), Some(0));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    };
    for format in ["tree", "mermaid", "dot", "svg", "json"] {
        let (text, told) = run(&["graph", "--topology", "--format", format, "x"]);
        assert!(text.contains("c11999"), "{format}");
        // Mermaid would draw a word about its length.
        assert_eq!(told.contains("maxTextSize"), format == "mermaid", "{told}");
    }
    let (text, _) = run(&["diff", "x", "y"]);
    assert_eq!(text.lines().count(), 2, "{text}");
}
