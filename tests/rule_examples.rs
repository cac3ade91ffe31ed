//! Every rule's own example: the bad files break the rule, the good ones don't.

use std::fs;
use std::path::Path;

use nfv::diagnostic::Level;
use nfv::rules::{self, Levels};
use nfv::schema::Choice;
use nfv::source::{self, Config, Selection, Workspace};

/// Ids of the rules that the files break, with every rule switched on.
fn broken_rules(files: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (path, text) in files {
        write(&folder.path().join(path), text);
    }
    let root = fs::canonicalize(folder.path()).expect("folder");
    // An example may say who judges it.
    let config = match root.join("nfv.toml") {
        path if path.exists() => Config::read(&path).expect("configuration"),
        _ => Config::default(),
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
        config_path: None,
    };
    let scan = source::scan(&workspace, &Selection::default()).expect("scan");
    let mut levels = Levels::default();
    levels.set("all", Level::Warn).expect("group");
    rules::run(&scan, choice, &levels)
        .into_iter()
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
