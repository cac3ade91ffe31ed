//! HDA graphs: circles of several shapes.

use std::fs;

use nfv::rules::{self, Levels};
use nfv::schema::Choice;
use nfv::source::{self, Config, Selection, Workspace};

/// Messages of one rule for a graph of services with their dependencies.
fn messages(services: &[(&str, &[&str])], id: &str) -> Vec<String> {
    let mut text =
        "hdaGraph:\n  imVersion: 0.4.0\n  id: g\n  version: '1.0.0'\n  services:\n".to_owned();
    for (service, dependencies) in services {
        text += &format!(
            "    - id: {service}\n      deployment:\n        trigger:\n          auto:\n            \
             dependencies: [{}]\n",
            dependencies.join(", ")
        );
    }
    let folder = tempfile::tempdir().expect("folder");
    let root = fs::canonicalize(folder.path()).expect("folder");
    fs::create_dir(root.join("g")).expect("folder");
    fs::write(root.join("g/g.yaml"), text).expect("file");
    let workspace = Workspace {
        current_dir: root.clone(),
        out_dir: root.join("target/nfv"),
        root,
        config: Config::default(),
        config_path: None,
        placeholders: Default::default(),
    };
    let scan = source::scan(&workspace, &Selection::default()).expect("scan");
    let found = rules::run(&scan, Choice::default(), &Levels::default());
    let of_rule = found.iter().filter(|d| d.rule.id == id);
    of_rule.map(|d| d.message.clone()).collect()
}

#[test]
fn circles() {
    let cycle = |services: &[(&str, &[&str])]| messages(services, "hdag/cycle");
    assert!(cycle(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])]).is_empty());
    assert_eq!(
        cycle(&[("a", &["a"])]),
        ["the service `a` waits for itself"]
    );
    // The way in is no part of the circle, and the circle is told once.
    assert_eq!(
        cycle(&[("in", &["a"]), ("a", &["b"]), ("b", &["c"]), ("c", &["a"])]),
        ["services wait for each other: `a`, `b`, `c`, `a`"]
    );
    // Two circles that have nothing to do with each other.
    assert_eq!(
        cycle(&[("a", &["b"]), ("b", &["a"]), ("x", &["y"]), ("y", &["x"])]).len(),
        2
    );
    // What does not exist is another rule's.
    assert!(cycle(&[("a", &["nowhere"])]).is_empty());
}

#[test]
fn a_long_chain_ends() {
    let names: Vec<String> = (0..3000).map(|i| format!("s{i}")).collect();
    let next: Vec<Vec<&str>> = (0..3000)
        .map(|i| {
            names
                .get(i + 1)
                .map(|name| vec![name.as_str()])
                .unwrap_or_default()
        })
        .collect();
    let services: Vec<(&str, &[&str])> = names
        .iter()
        .zip(&next)
        .map(|(name, next)| (name.as_str(), next.as_slice()))
        .collect();
    assert!(messages(&services, "hdag/cycle").is_empty());
}
