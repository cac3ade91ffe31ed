//! Every folder of `fixtures/situations` says in its `EXPECT` what `check` has
//! to find there: a line `rule | file | line` for each finding, nothing for a
//! folder that is in order. `*` stands for any line.

use std::fs;
use std::path::Path;

use nfv::ops::{self, CheckOptions};
use nfv::source::{Config, Selection, Workspace};

#[test]
fn each_situation_is_found_and_nothing_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/situations");
    let mut names: Vec<String> = fs::read_dir(&root)
        .expect("situations")
        .map(|entry| entry.expect("entry"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().expect("name"))
        .collect();
    names.sort();
    assert!(names.len() > 20);
    let mut wrong = Vec::new();
    for name in names {
        let folder = root.join(&name);
        let mut expected: Vec<String> = fs::read_to_string(folder.join("EXPECT"))
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect();
        let mut found = findings(&folder);
        // A `*` takes the line of the finding that it stands for.
        for line in &mut expected {
            let Some(start) = line.strip_suffix('*') else {
                continue;
            };
            let fits = |found: &&String| {
                let rest = found.strip_prefix(start);
                rest.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
            };
            if let Some(same) = found.iter().find(fits) {
                *line = same.clone();
            }
        }
        expected.sort();
        found.sort();
        if expected != found {
            wrong.push(format!(
                "{name}\n  expected {expected:#?}\n  found {found:#?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn findings(folder: &Path) -> Vec<String> {
    let workspace = Workspace {
        current_dir: folder.to_owned(),
        root: folder.to_owned(),
        out_dir: folder.join("target/nfv"),
        config: Config::default(),
        config_path: None,
        placeholders: Default::default(),
    };
    let options = CheckOptions {
        selection: Selection::default(),
        ..CheckOptions::default()
    };
    let checked = ops::check(&workspace, &options).expect("check");
    let line = |d: &nfv::diagnostic::Diagnostic| {
        let span = &d.primary.span;
        let line = span.start().map_or(0, |at| at.line);
        format!("{} | {} | {line}", d.rule.id, span.file.path())
    };
    checked.diagnostics.iter().map(line).collect()
}
