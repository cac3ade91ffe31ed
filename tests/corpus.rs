//! Public packages and descriptors, where `NFV_CORPUS` says that they are.
//!
//! `cargo test --test corpus -- --nocapture` prints the tables.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nfv::descriptor::{Kind, Model};
use nfv::diagnostic::{Diagnostic, Level, Severity};
use nfv::ops::{self, BuildOptions, CheckOptions, Silent};
use nfv::rules;
use nfv::schema::Sheet;
use nfv::source::{Config, Form, Package, Selection, Workspace};
use nfv::yaml::{Entry, Node, Shape, Type};
use serde_json::{Map, Value};

fn corpus() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("NFV_CORPUS") else {
        println!("skipped: NFV_CORPUS is not set");
        return None;
    };
    Some(fs::canonicalize(folder).expect("the folder that NFV_CORPUS names"))
}

/// A tree of its own around `root`, with outputs elsewhere.
fn workspace(root: &Path, out: &Path) -> Workspace {
    Workspace {
        current_dir: root.to_owned(),
        root: root.to_owned(),
        out_dir: out.to_owned(),
        config: Config::default(),
        config_path: None,
        placeholders: Default::default(),
    }
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(root)
        .expect("corpus")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// What PyYAML, which OSM uses, finds in a descriptor: kind, model, id, version.
const JUDGE: &str = r"
import sys, yaml
local = lambda d: {k.split(':')[-1]: v for k, v in d.items()} if isinstance(d, dict) else {}
for path in sys.stdin.read().split('\n'):
    if not path: continue
    try: root = yaml.load(open(path, encoding='utf-8-sig'), Loader=yaml.BaseLoader)
    except Exception: print('broken', '', '', '', sep='\t'); continue
    root = local(root)
    first = lambda l: local(l[0]) if isinstance(l, list) and l else {}
    if 'vnfd' in root: kind, model, body = 'VNF', 'SOL006', local(root['vnfd'])
    elif 'nsd' in root: kind, model, body = 'NS', 'SOL006', first(local(root['nsd']).get('nsd'))
    elif 'nst' in root: kind, model, body = 'NST', 'SOL006', first(root['nst'])
    elif 'vnfd-catalog' in root: kind, model, body = 'VNF', 'OSM-IM', first(local(root['vnfd-catalog']).get('vnfd'))
    elif 'nsd-catalog' in root: kind, model, body = 'NS', 'OSM-IM', first(local(root['nsd-catalog']).get('nsd'))
    else: kind, model, body = 'none', '', {}
    version = '' if kind == 'NST' else (body.get('version') or '')
    print(kind, model, body.get('id') or '', version, sep='\t')
";

fn judge(paths: &[PathBuf]) -> Option<Vec<[String; 4]>> {
    use std::io::Write;
    // Debian's own Python has Debian's yaml; another one on PATH may not.
    let python = ["python3", "/usr/bin/python3"].into_iter().find(|python| {
        let mut probe = Command::new(python);
        probe.args(["-c", "import yaml"]).stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success())
    });
    let Some(python) = python else {
        println!("skipped: no Python with yaml is installed");
        assert!(
            std::env::var_os("NFV_REQUIRE_TOOLS").is_none(),
            "PyYAML is missing"
        );
        return None;
    };
    let mut child = Command::new(python)
        .args(["-c", JUDGE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python");
    let list: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
    let mut stdin = child.stdin.take().expect("stdin");
    let text = list.join("\n");
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("python");
    writer.join().expect("thread").expect("write");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let row = |line: &str| {
        let mut cells = line.split('\t').map(str::to_owned);
        [(); 4].map(|()| cells.next().unwrap_or_default())
    };
    Some(text.lines().map(row).collect())
}

fn facts(package: &Package) -> [String; 4] {
    let descriptor = package.descriptor.as_ref().expect("descriptor");
    [
        descriptor.kind.as_str().to_owned(),
        descriptor.model.as_str().to_owned(),
        package.id().unwrap_or_default().to_owned(),
        package.version().unwrap_or_default().to_owned(),
    ]
}

#[test]
fn every_package_is_found_with_its_kind_id_and_version() {
    let Some(corpus) = corpus() else { return };
    let out = tempfile::tempdir().expect("out");
    let mut packages = Vec::new();
    for part in ["osm-packages", "descriptors"] {
        let root = corpus.join(part);
        let checked = ops::check(&workspace(&root, out.path()), &CheckOptions::default());
        packages.extend(checked.expect("check").scan.packages);
    }
    let paths: Vec<PathBuf> = packages
        .iter()
        .map(|package| match package.form {
            Form::Folder => package.path.join(&package.descriptor_path),
            _ => package.path.clone(),
        })
        .collect();
    let Some(judged) = judge(&paths) else { return };
    let mut wrong = Vec::new();
    for ((package, path), judged) in packages.iter().zip(&paths).zip(&judged) {
        let own = facts(package);
        // What PyYAML can't read has no facts to compare.
        if judged[0] != "broken" && own != *judged {
            wrong.push(format!("{}: {own:?}, PyYAML {judged:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // And nothing that PyYAML takes for a descriptor was passed over.
    let mut all = Vec::new();
    collect(&corpus.join("osm-packages"), &mut all);
    collect(&corpus.join("descriptors"), &mut all);
    let judged = judge(&all).expect("judge");
    let descriptors = all
        .iter()
        .zip(judged)
        .filter(|(_, row)| row[0] != "none" && row[0] != "broken")
        .map(|(path, _)| path);
    let missed: Vec<&PathBuf> = descriptors
        .filter(|path| !paths.contains(path) && !path.to_string_lossy().contains("/vnf_config/"))
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            files.push(path);
        }
    }
}

#[test]
fn what_passes_the_checks_can_be_built() {
    let Some(corpus) = corpus() else { return };
    let mut kinds: BTreeMap<(Kind, Model), (usize, usize)> = BTreeMap::new();
    let mut findings: BTreeMap<(Severity, &str), (usize, usize)> = BTreeMap::new();
    let start = std::time::Instant::now();
    for folder in folders(&corpus.join("osm-packages")) {
        let out = tempfile::tempdir().expect("out");
        let report = ops::build(
            &workspace(&folder, out.path()),
            &BuildOptions::default(),
            &Silent,
        );
        let report = report.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for (i, package) in report.checked.scan.packages.iter().enumerate() {
            let descriptor = package.descriptor.as_ref().expect("descriptor");
            let count = kinds
                .entry((descriptor.kind, descriptor.model))
                .or_default();
            count.0 += 1;
            count.1 += usize::from(report.built.iter().any(|built| built.package == i));
        }
        let mut seen = BTreeMap::new();
        for diagnostic in &report.checked.diagnostics {
            *seen
                .entry((diagnostic.severity, diagnostic.rule.id))
                .or_insert(0usize) += 1;
        }
        for (key, n) in seen {
            let count = findings.entry(key).or_default();
            count.0 += n;
            count.1 += 1;
        }
        let built = report.built.len() + report.refused;
        assert_eq!(
            built,
            report.checked.scan.packages.len(),
            "{}",
            folder.display()
        );
    }
    println!("time, debug or release as built: {:.2?}", start.elapsed());
    println!("kind, model: packages, built");
    for ((kind, model), (all, built)) in &kinds {
        println!("{:8} {:7} {all:4} {built:4}", kind.as_str(), model.as_str());
    }
    println!("findings by rule: findings, folders");
    for ((severity, rule), (n, folders)) in &findings {
        println!("{:8} {rule:32} {n:4} {folders:4}", severity.as_str());
    }
    assert!(kinds.values().map(|(all, _)| all).sum::<usize>() >= 83);
}

#[test]
fn no_finished_package_of_the_corpus_stops_the_program() {
    let Some(corpus) = corpus() else { return };
    let root = corpus.join("shield/store-head");
    let out = tempfile::tempdir().expect("out");
    for part in ["ns", "vnsf"] {
        for entry in fs::read_dir(root.join(part)).expect("archives") {
            let path = entry.expect("entry").path();
            let options = CheckOptions {
                selection: Selection {
                    paths: vec![path.clone()],
                    ..Selection::default()
                },
                ..CheckOptions::default()
            };
            let checked = ops::check(&workspace(&root, out.path()), &options).expect("check");
            println!("{}", path.display());
            for d in &checked.diagnostics {
                println!("    {} {} {}", d.severity.as_str(), d.rule.id, d.message);
            }
        }
    }
}

/// A document as a JSON Schema sees it.
fn json(node: Node<'_>) -> Value {
    match (node.shape(), node.scalar_type()) {
        (Shape::Mapping, _) => {
            let member = |entry: Entry<'_>| (entry.key().to_owned(), json(entry.value()));
            node.entries().map(member).collect::<Map<_, _>>().into()
        }
        (Shape::Sequence, _) => node.items().map(json).collect(),
        (Shape::Scalar, Some(Type::Null)) => Value::Null,
        (Shape::Scalar, Some(Type::Bool(value))) => value.into(),
        (Shape::Scalar, kind) => {
            let text = node.text().unwrap_or_default();
            let number = match kind {
                Some(Type::Int | Type::Float) => serde_json::from_str(text).ok(),
                _ => None,
            };
            number.map_or_else(|| text.into(), Value::Number)
        }
    }
}

/// What an editor marks is what `check` finds wrong: the form for editors judges
/// descriptors as `check` does, but for prefixes, of which OSM takes any.
#[test]
fn editors_mark_what_is_wrong_with_a_descriptor() {
    let Some(corpus) = corpus() else { return };
    let mut unlike = Vec::new();
    let (mut good, mut bad) = (0, 0);
    for (folder, model) in [("sol006", "osm@15"), ("osm-im", "osm-im@8")] {
        let sheet = Sheet::find(model).expect("model");
        let form = serde_json::from_str(&sheet.for_editors(rules::purpose)).expect("JSON");
        let judge = jsonschema::draft7::new(&form).expect("schema");
        let root = corpus.join("descriptors").join(folder);
        let out = tempfile::tempdir().expect("out");
        let options = CheckOptions {
            model: Some(model.to_owned()),
            ..CheckOptions::default()
        };
        let checked = ops::check(&workspace(&root, out.path()), &options).expect("check");
        let is_shape = |d: &&Diagnostic| {
            let is_shape = d.rule.family() == "schema" || d.rule.id == "osm/envelope";
            d.severity == Severity::Error && is_shape
        };
        let found: BTreeSet<&str> = checked
            .diagnostics
            .iter()
            .filter(is_shape)
            .map(|d| d.primary.span.file.path())
            .collect();
        for package in &checked.scan.packages {
            let Some(descriptor) = &package.descriptor else {
                continue;
            };
            let Some(node) = descriptor.doc.root() else {
                continue;
            };
            let path = descriptor.doc.file().path();
            let is_right = !found.contains(path);
            let is_marked = !judge.is_valid(&json(node));
            *(if is_right { &mut good } else { &mut bad }) += 1;
            // OSM makes a text of a list where it wants one, and `check` warns.
            if is_marked == is_right && !path.contains("wireguard_interdomain_client") {
                unlike.push(path.to_owned());
            }
        }
    }
    println!("{good} right and {bad} wrong descriptors");
    assert!(unlike.is_empty(), "{unlike:#?}");
    assert!(good >= 250 && bad >= 30, "{good}, {bad}");
}

/// OSM's own folders as CSARs: what was built has no fault that its source did
/// not have.
#[test]
fn packages_of_sol006_become_csars() {
    let Some(corpus) = corpus() else { return };
    let settings = "layout = 'csar'\n[csar]\nrelease-date = '2026-01-31T00:00:00Z'\nsoftware-version = '1'\nversion = '1'\nprovider = 'x'\nproduct-name = 'x'\nname = 'x'\nvnfm-info = ['x']\ndesigner = 'x'\ninvariant-id = 'x'\n";
    let mut built = 0;
    for folder in folders(&corpus.join("osm-packages")) {
        let out = tempfile::tempdir().expect("out");
        let file = out.path().join("nfv.toml");
        fs::write(&file, settings).expect("settings");
        let mut workspace = workspace(&folder, out.path());
        workspace.config = Config::read(&file).expect("settings");
        let check = CheckOptions {
            // None of them has a change log.
            levels: vec![("csar/change-log".to_owned(), Level::Allow)],
            ..CheckOptions::default()
        };
        let options = BuildOptions {
            check: check.clone(),
            ..BuildOptions::default()
        };
        let report = ops::build(&workspace, &options, &Silent);
        let report = report.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for package in &report.built {
            if !package.file_name.ends_with(".csar") {
                continue;
            }
            built += 1;
            let check = CheckOptions {
                selection: Selection {
                    paths: vec![package.path.clone()],
                    ..Selection::default()
                },
                ..check.clone()
            };
            let checked = ops::check(&workspace, &check).expect("check");
            for d in &checked.diagnostics {
                let is_new = d.severity == Severity::Error || d.rule.family() == "csar";
                // What the author says or leaves out stays so.
                let is_own = ["csar/licenses", "csar/mismatch"].contains(&d.rule.id);
                assert!(
                    !is_new || is_own,
                    "{}: {} {}",
                    folder.display(),
                    d.rule.id,
                    d.message
                );
            }
        }
    }
    println!("{built} packages built as CSARs");
    assert!(built >= 30, "{built}");
}
