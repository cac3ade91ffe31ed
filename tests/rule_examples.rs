//! Every rule's own example: the bad files break the rule, the good ones don't,
//! and the caret stands under the token that is wrong.

use std::fs;
use std::path::Path;

use nfv::diagnostic::{Diagnostic, Level};
use nfv::rules::{self, Levels};
use nfv::schema::Choice;
use nfv::source::{self, Config, Selection, Workspace};

/// What is found in the files, with every rule switched on.
fn findings(files: &[(&str, &str)]) -> Vec<Diagnostic> {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (path, text) in files {
        write(&folder.path().join(path), text);
    }
    let root = fs::canonicalize(folder.path()).expect("folder");
    // An example may say who judges it.
    let path = root.join("nfv.toml");
    let (config, config_path) = match path.exists() {
        true => (Config::read(&path).expect("configuration"), Some(path)),
        false => (Config::default(), None),
    };
    let choice = Choice {
        profile: config.profile,
        ..Choice::default()
    };
    let workspace = Workspace {
        current_dir: root.clone(),
        out_dir: root.join("target/nfv"),
        root,
        config,
        config_path,
        placeholders: Default::default(),
    };
    let scan = source::scan(&workspace, &Selection::default()).expect("scan");
    let mut levels = Levels::default();
    levels.set("all", Level::Warn).expect("group");
    rules::run(&scan, choice, &levels)
}

/// Ids of the rules that the files break.
fn broken_rules(files: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let found = findings(files).into_iter();
    found
        .map(|diagnostic| (diagnostic.rule.id, diagnostic.message))
        .collect()
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("parent")).expect("folder");
    fs::write(path, text).expect("file");
}

#[test]
fn bad_examples_break_their_rule_and_good_ones_do_not() {
    let mut wrong = Vec::new();
    for lint in rules::all() {
        let id = lint.rule.id;
        let Some(example) = lint.rule.example else {
            continue;
        };
        let bad = broken_rules(example.bad);
        if !bad.iter().any(|(rule, _)| *rule == id) {
            wrong.push(format!("{id}: the bad example gives only {bad:?}"));
        }
        let good = broken_rules(example.good);
        if good.iter().any(|(rule, _)| *rule == id) {
            wrong.push(format!("{id}: the good example breaks it too: {good:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Classes of findings that no example shows, as a file and who judges it.
const MORE: &[(&str, &str, &str)] = &[
    (
        "schema/conflict",
        "etsi",
        "vnfd:\n  id: a\n  ext-cpd:\n  - id: e\n    int-virtual-link-desc: v\n    int-cpd: {vdu-id: s, cpd: c}\n",
    ),
    (
        "schema/wrong-type",
        "osm",
        "vnfd:\n  id: a\n  virtual-compute-desc:\n  - id: c\n    virtual-cpu: {num-virtual-cpu: many}\n",
    ),
    (
        "schema/wrong-type",
        "osm",
        "vnfd:\n  id: a\n  vdu:\n  - id: s\n    int-cpd:\n    - {id: i, port-security-enabled: 'yes'}\n",
    ),
    (
        "schema/wrong-type",
        "etsi",
        "vnfd:\n  id: a\n  product-name: [x, y]\n",
    ),
    ("schema/wrong-type", "etsi", "vnfd: hello\n"),
    (
        "schema/repeated-value",
        "etsi",
        "vnfd:\n  id: a\n  ext-cpd:\n  - id: e\n    layer-protocol: [ipv4, etsi-nfv-descriptors:ipv4]\n",
    ),
    (
        "schema/list-key",
        "osm",
        "vnfd:\n  id: a\n  df:\n  - vnfd:id: d\n",
    ),
    (
        "schema/prefix",
        "etsi-literal",
        "{\"nsd:nsd\": {\"nsd\": [{\"etsi-nfv-nsd:id\": \"a\", \"x:version\": \"1\"}]}}\n",
    ),
    (
        "schema/lost-value",
        "osm",
        "vnfd:\n  id: a\n  vdu: none\n  flavour: []\n",
    ),
    (
        "yaml/duplicate-key",
        "etsi",
        "vnfd:\n  id: a\n  x:provider: b\n  provider: c\n",
    ),
    (
        "schema/unknown-key",
        "osm",
        "vnfd:\n  id: a\n  vdu:\n  - {id: s, 'nmae': x, name: y}\n",
    ),
    (
        "schema/unknown-key",
        "osm",
        "etsi-nfv-vnfd:vnfd:\n  id: a\n  etsi-nfv-vnfd:flavour: x\n",
    ),
    (
        "schema/out-of-range",
        "osm",
        "vnfd:\n  id: a\n  sw-image-desc:\n  - {id: i, size: -1}\n",
    ),
    (
        "schema/missing-key",
        "etsi",
        "vnfd:\n  id: a\n  vdu:\n  - id: s\n",
    ),
    (
        "schema/count",
        "etsi",
        "nsd:\n  nsd:\n  - id: a\n  - id: b\n",
    ),
    (
        "sol006/condition",
        "etsi",
        "vnfd:\n  id: a\n  df:\n  - id: d\n    instantiation-level: [{id: x}, {id: y}]\n",
    ),
    ("osm/envelope", "osm", "nsd:\n  nsd: hello\n"),
    (
        "osm/dangling-reference",
        "osm",
        "vnfd:\n  id: v\n  version: '1'\n  vdu:\n  - id: s\n    virtual-storage-desc: [disk]\n    int-cpd: [{id: i}]\n",
    ),
    (
        "osm/dangling-reference",
        "osm",
        "vnfd:\n  id: v\n  version: '1'\n  vdu:\n  - id: s\n    virtual-storage-desc: []\n    virtual-compute-desc: big\n    int-cpd: [{id: i}]\n",
    ),
    (
        "osm/dangling-reference",
        "osm",
        "vnfd:\n  id: v\n  version: '1'\n  vdu:\n  - id: s\n    virtual-storage-desc: []\n    int-cpd: [{id: i, int-virtual-link-desc: lan}]\n",
    ),
    (
        "osm/dangling-reference",
        "osm",
        "vnfd:\n  id: v\n  version: '1'\n  df:\n  - id: d\n    virtual-link-profile: [{id: lan}]\n",
    ),
    (
        "osm/dangling-reference",
        "osm",
        "vnfd:\n  id: v\n  version: '1'\n  vdu:\n  - id: s\n    virtual-storage-desc: []\n    int-cpd: [{id: i}]\n    alarm: [{alarm-id: a, vnf-monitoring-param-ref: load}]\n",
    ),
    (
        "osm/dangling-reference",
        "osm",
        "vnfd:\n  id: v\n  version: '1'\n  df:\n  - id: d\n    scaling-aspect:\n    - id: a\n      aspect-delta-details: {deltas: [{id: x, vdu-delta: [{id: grown}]}]}\n",
    ),
    (
        "osm/dangling-reference",
        "osm",
        "vnfd:\n  id: v\n  version: '1'\n  df:\n  - id: d\n    healing-aspect:\n    - id: h\n      healing-policy: [{event-name: e, vdu-id: ill}]\n",
    ),
    (
        "osm/dangling-reference",
        "osm",
        "vnfd:\n  id: v\n  version: '1'\n  df:\n  - id: d\n    scaling-aspect:\n    - id: a\n      aspect-delta-details: {deltas: []}\n      scaling-policy: [{name: p, scaling-criteria: [{name: c, vnf-monitoring-param-ref: load}]}]\n",
    ),
    (
        "osm/dangling-reference",
        "osm",
        "vnfd:\n  id: v\n  version: '1'\n  df:\n  - id: d\n    scaling-aspect:\n    - id: a\n      aspect-delta-details: {deltas: []}\n      scaling-config-action: [{trigger: post-scale-out, vnf-config-primitive-name-ref: join}]\n",
    ),
    (
        "osm/dangling-reference",
        "osm",
        "nsd:\n  nsd:\n  - id: n\n    version: '1'\n    vnfd-id: [a]\n    df:\n    - id: d\n      vnf-profile: [{id: '1', vnfd-id: b}]\n",
    ),
    (
        "yaml/duplicate-key",
        "osm",
        "{\"vnfd\": {\"id\": \"a\", \"id\": \"b\"}}\n",
    ),
];

/// `rule | file | line:column-column | what stands under the caret`, a line for
/// each finding. A file as a whole has neither.
fn caret(diagnostic: &Diagnostic) -> String {
    let span = &diagnostic.primary.span;
    let (rule, file) = (diagnostic.rule.id, span.file.path());
    let (Some(range), Some(start), Some(end)) = (&span.range, span.start(), span.end()) else {
        return format!("{rule} | {file}\n");
    };
    let (line, from) = (start.line, start.column);
    let to = match end.line == line {
        true => end.column.to_string(),
        false => format!("{}:{}", end.line, end.column),
    };
    let text = span.file.text()[range.clone()].replace('\t', "TAB");
    format!("{rule} | {file} | {line}:{from}-{to} | {text}\n")
}

/// The list in `carets.txt` was read line by line: does the text at its end name
/// what is wrong? `SNAPSHOTS=overwrite` writes it anew, to be read again.
#[test]
fn carets_stand_under_what_is_wrong() {
    let mut text = String::new();
    let mut add = |rule: &str, files: &[(&str, &str)]| {
        let found = findings(files);
        let mut of_rule = found.iter().filter(|d| d.rule.id == rule).peekable();
        assert!(of_rule.peek().is_some(), "{rule}: {found:#?}");
        text.extend(of_rule.map(caret));
    };
    for lint in rules::all() {
        if let Some(example) = lint.rule.example {
            add(lint.rule.id, example.bad);
        }
    }
    for (rule, profile, body) in MORE {
        let file = if body.contains("nsd") {
            "p/x_nsd.yaml"
        } else {
            "p/x_vnfd.yaml"
        };
        let config = format!("profile = \"{profile}\"\n");
        add(rule, &[("nfv.toml", config.as_str()), (file, body)]);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/carets.txt");
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        fs::write(&path, &text).expect("list");
    }
    let expected = fs::read_to_string(&path).expect("list");
    let without = |text: &str, other: &str| {
        let other: Vec<&str> = other.lines().collect();
        let lines = text.lines().filter(|line| !other.contains(line));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let none: [String; 0] = [];
    assert_eq!(without(&text, &expected), none, "not in the list");
    assert_eq!(without(&expected, &text), none, "in the list alone");
    assert_eq!(text.lines().count(), expected.lines().count());
}
