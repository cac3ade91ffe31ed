//! The short way beside the parser: equal trees, or it declined.
//!
//! `NFV_MUTATIONS` says how many broken texts to try, `NFV_CORPUS` where more
//! whole ones are.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

mod texts;

use self::texts::{Dice, cut, mutate, write};
use super::super::build::{Builder, Limits};
use super::super::tree::Document;
use crate::diagnostic::SourceFile;

fn fast(text: &str, limits: Limits) -> Option<Document> {
    let file = Arc::new(SourceFile::new("t.yaml", text));
    let mut builder = Builder::new(&file, limits);
    builder.read_fast(text).then(|| builder.finish())
}

fn slow(text: &str, limits: Limits) -> Document {
    let file = Arc::new(SourceFile::new("t.yaml", text));
    let mut builder = Builder::new(&file, limits);
    builder.read(text);
    builder.finish()
}

/// Whether the short way takes a text. If it does, the trees are equal.
fn agrees(text: &str) -> bool {
    agrees_within(text, Limits::default())
}

fn agrees_within(text: &str, limits: Limits) -> bool {
    let Some(fast) = fast(text, limits) else {
        return false;
    };
    let slow = slow(text, limits);
    let same = fast.arena == slow.arena
        && fast.root == slow.root
        && fast.comments == slow.comments
        && fast.problems == slow.problems
        && fast.has_aliases == slow.has_aliases;
    assert!(same, "{text:?}\n{text}\n{fast:#?}\n{slow:#?}");
    true
}

/// Texts of the files of a folder, by their path.
fn read(folder: &Path, texts: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            read(&path, texts);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            let bytes = fs::read(&path).expect("file");
            if let Ok(text) = String::from_utf8(bytes) {
                texts.insert(path.display().to_string(), text);
            }
        }
    }
}

/// The YAML of the fixtures, of the templates and of the rules' examples.
fn own_texts() -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    read(&root.join("fixtures"), &mut texts);
    let mut templates = BTreeMap::new();
    read(&root.join("templates"), &mut templates);
    // An `@` begins no scalar; a template that is filled in has none.
    texts.extend(
        templates
            .into_iter()
            .map(|(path, text)| (path, text.replace('@', "x"))),
    );
    for lint in crate::rules::all() {
        let Some(example) = lint.rule.example else {
            continue;
        };
        for (side, files) in [("bad", example.bad), ("good", example.good)] {
            for (path, text) in files {
                if path.ends_with(".yaml") || path.ends_with(".yml") {
                    texts.insert(
                        format!("{} {side} {path}", lint.rule.id),
                        (*text).to_owned(),
                    );
                }
            }
        }
    }
    texts
}

#[test]
fn own_texts_agree() {
    let texts = own_texts();
    let taken = texts.values().filter(|text| agrees(text)).count();
    println!("{taken} of {} own texts are taken", texts.len());
    // Many of them are broken, or show what descriptors rarely have.
    assert!(taken * 4 > texts.len() * 3, "{taken} of {}", texts.len());
    for text in texts.values().filter(|text| !text.contains('\r')) {
        agrees(&text.replace('\n', "\r\n"));
    }
}

#[test]
fn public_texts_agree() {
    let Some(folder) = std::env::var_os("NFV_CORPUS") else {
        println!("skipped: NFV_CORPUS is not set");
        return;
    };
    let mut texts = BTreeMap::new();
    read(Path::new(&folder), &mut texts);
    let mut table: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (path, text) in &texts {
        let has = |key: &str| text.lines().any(|l| l.split(':').any(|part| part == key));
        let sort = match () {
            () if has("vnfd-catalog") || has("nsd-catalog") => "OSM-IM",
            () if text.starts_with("vnfd:") || text.starts_with("nsd:") => "SOL006",
            () if has("vnfd") || has("nsd") || has("nst") => "SOL006",
            () => "other",
        };
        let row = table.entry(sort).or_default();
        row.1 += 1;
        if agrees(text) {
            row.0 += 1;
        } else if std::env::var_os("NFV_SHOW_DECLINED").is_some() {
            println!("declined: {path}");
        }
    }
    println!("taken and all: {table:?}");
    let (taken, all) = table.get("SOL006").copied().unwrap_or_default();
    assert!(taken * 10 >= all * 9, "{taken} of {all} SOL006 descriptors");
}

#[test]
fn broken_texts_agree() {
    let rounds = match std::env::var("NFV_MUTATIONS") {
        Ok(count) => count.parse().expect("NFV_MUTATIONS is a number"),
        Err(_) => 40_000,
    };
    let seed = match std::env::var("NFV_SEED") {
        Ok(seed) => seed.parse().expect("NFV_SEED is a number"),
        Err(_) => 1,
    };
    let mut texts = own_texts();
    if let Some(folder) = std::env::var_os("NFV_CORPUS") {
        read(Path::new(&folder), &mut texts);
    }
    let texts: Vec<String> = texts.into_values().collect();
    let mut dice = Dice(seed);
    let mut taken = 0;
    for _ in 0..rounds {
        let from = dice.below(texts.len());
        let mut text = cut(&texts[from], &mut dice);
        for _ in 0..=dice.below(3) {
            mutate(&mut text, &mut dice);
        }
        if dice.one_in(10) {
            text = text.replace('\n', "\r\n");
        }
        taken += usize::from(agrees(&text));
    }
    println!("{taken} of {rounds} broken texts are taken");
    assert!(
        taken * 4 > rounds,
        "{taken} of {rounds} are too few to show much"
    );
}

#[test]
fn generated_texts_agree() {
    let mut dice = Dice(7);
    let mut taken = 0;
    const ROUNDS: usize = 8_000;
    for round in 0..ROUNDS {
        let mut text = String::new();
        if dice.one_in(8) {
            text.push_str(["---\n", "# c\n---\n", "--- # nfv: c\n"][dice.below(3)]);
        }
        for i in 0..=dice.below(3) {
            text.push_str(&format!("root{i}:"));
            write(&mut text, &mut dice, 0, 4, true);
            text.push('\n');
        }
        if round % 5 == 0 {
            text = text.replace('\n', "\r\n");
        }
        if round % 7 == 0 {
            text.pop();
        }
        taken += usize::from(agrees(&text));
    }
    println!("{taken} of {ROUNDS} generated texts are taken");
    assert!(taken * 10 > ROUNDS * 9, "{taken} of {ROUNDS}");
}

#[test]
fn what_is_taken_and_what_is_not() {
    for text in [
        "a: 1\nb:\n- c: 'd'\n  e: \"f\\\"\"\n-\n- - g\n  - []\n# nfv: x\n",
        "a: 1\r\nb:\r\n  - c # nfv: x\r\n",
        "- a\n- b: c\n",
        "a: [b, 'c' , \"d\"]  # e\nf: {g: h i, j: 'k'}\n",
        "a: 1\na: 2\n1: x\n",
        "# c\n---  # d\na: 1\n",
        "a: |\n  b\n   c\n\n  d\n\ne: 1\n",
        "a: |-\n\n \n  b\n  # no comment\n# nfv: x\nb: >+\n c\n d\n\n\n  e\n f\n\n",
        "a:\n- >-\n  b\n  c\n   d\n\n   e\n  f\n- |  \r\n   g\r\n\r\n",
        "a: |\n  b",
        "- - |\n   b\n  - c: |+\n     d\n    ",
    ] {
        assert!(agrees(text), "{text:?}");
    }
    for text in [
        "",
        "\n# c\n",
        "a",
        "a: b: c\n",
        "a: 1\n b: 2\n",
        "a: b\n  c\n",
        "a: &x 1\n",
        "a: *x\n",
        "a: !x 1\n",
        "a: |2\n  b\n",
        "a: | # c\n  b\n",
        "a: |\nb: 1\n",
        "a: |\n    \n  b\n",
        "a: |",
        "---\n---\na: 1\n",
        "a: 1\n---\n",
        "---a: 1\n",
        "a: 1\n...\n",
        "--- a: 1\n",
        "... a: 1\n",
        "%YAML 1.2\n",
        "\u{feff}a: 1\n",
        "a:\t1\n",
        "a: \u{85}\n",
        "a: 'x\n",
        "a: 'x' y\n",
        "a: [[b]]\n",
        "a: [b: c]\n",
        "a: [b,]\n",
        "a: [b]: c\n",
        "[b]: c\n",
        "a: {\"b\":1}\n",
        "a: {b}\n",
        "a: [b\n  ,c]\n",
        "? a\n",
        "a: \"\\x41\"\n",
        "a: 1\rb: 2\n",
        "<<: {}\n",
        "a: \0\n",
        "a: - b\n",
        "- a\nb: c\n",
        "a: 1\n- b\n",
    ] {
        assert!(!agrees(text), "{text:?}");
    }
    assert!(!agrees(&format!("{}: 1\n", "k".repeat(1025))));
}

#[test]
fn limits_are_left_to_the_parser() {
    let limits = Limits {
        depth: 4,
        nodes: 20,
        comments: 3,
        ..Limits::default()
    };
    for (text, taken) in [
        ("a:\n b:\n  c:\n   d: 1\n", true),
        ("a:\n b:\n  c:\n   d:\n    e: 1\n", false),
        ("a:\n b:\n  c:\n   d: []\n", false),
        ("- - - - - 1\n", false),
        ("# 1\n# 2\n# 3\na: 1\n", true),
        ("# 1\n# 2\n# 3\n# 4\na: 1\n", false),
    ] {
        assert_eq!(agrees_within(text, limits), taken, "{text:?}");
    }
    let list = |n| "- 1\n".repeat(n);
    assert!(agrees_within(&list(19), limits));
    assert!(!agrees_within(&list(20), limits));
    assert!(!agrees_within(
        &format!("a: [{}1]\n", "1, ".repeat(20)),
        limits
    ));
}
