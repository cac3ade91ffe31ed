//! What the tests of the rules share: a tree in a temporary folder, and its
//! findings with what stands under their carets.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::fs;
use std::path::{Path, PathBuf};

use nfv::diagnostic::{Diagnostic, Span};
use nfv::rules::{self, Levels};
use nfv::schema::Choice;
use nfv::source::{self, Config, Selection, Workspace};

/// A tree of files in a temporary folder.
pub struct Tree {
    folder: tempfile::TempDir,
    /// What is named on the command line.
    pub paths: Vec<PathBuf>,
    /// What descriptors are held against.
    pub choice: Choice,
}

impl Tree {
    /// A tree with these files.
    pub fn new<B: AsRef<[u8]>>(files: &[(&str, B)]) -> Self {
        let tree = Tree {
            folder: tempfile::tempdir().expect("temporary folder"),
            paths: Vec::new(),
            choice: Choice::default(),
        };
        for (path, bytes) in files {
            let path = tree.root().join(path);
            fs::create_dir_all(path.parent().expect("parent")).expect("folder");
            fs::write(path, bytes).expect("file");
        }
        tree
    }

    /// The top of the tree, links resolved.
    pub fn root(&self) -> PathBuf {
        fs::canonicalize(self.folder.path()).expect("folder")
    }

    /// All findings.
    pub fn check(&self) -> Vec<Diagnostic> {
        let root = self.root();
        let workspace = Workspace {
            current_dir: root.clone(),
            out_dir: root.join("target/nfv"),
            root,
            config: Config::default(),
            config_path: None,
            placeholders: Default::default(),
        };
        let selection = Selection {
            paths: self.paths.clone(),
            ..Selection::default()
        };
        let scan = source::scan(&workspace, &selection).expect("scan");
        let levels = Levels::of_profile(self.choice.profile);
        rules::run(&scan, self.choice, &levels)
    }

    /// The findings of one rule, each in one line.
    pub fn found(&self, rule: &str) -> Vec<String> {
        let of_rule = |diagnostic: &Diagnostic| diagnostic.rule.id == rule;
        let found = self.check();
        found.iter().filter(|d| of_rule(d)).map(line).collect()
    }
}

/// `path:line:column [under the caret] message`, with the help behind it.
fn line(diagnostic: &Diagnostic) -> String {
    let mut line = format!("{} {}", place(&diagnostic.primary.span), diagnostic.message);
    for label in &diagnostic.secondary {
        line.push_str(&format!(" | also {}", place(&label.span)));
    }
    for help in &diagnostic.help {
        line.push_str(&format!(" | help: {help}"));
    }
    line
}

fn place(span: &Span) -> String {
    let path = Path::new(span.file.path()).display();
    match (&span.range, span.start()) {
        (Some(range), Some(at)) => {
            let text = &span.file.text()[range.clone()];
            format!("{path}:{}:{} [{text}]", at.line, at.column)
        }
        _ => path.to_string(),
    }
}
