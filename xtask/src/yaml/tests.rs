//! What the tree says of texts, sound and hostile.

use super::tree::{Node, Shape};
use super::*;

fn doc(text: &str) -> Document {
    parse("t.yaml", text.as_bytes(), Limits::default())
}

fn kinds(text: &str) -> Vec<ProblemKind> {
    doc(text).problems.into_iter().map(|p| p.kind).collect()
}

fn at<'a>(node: Node<'a>, path: &[&str]) -> Node<'a> {
    path.iter()
        .fold(node, |node, key| match key.parse::<usize>() {
            Ok(i) => node.items().nth(i).expect("item"),
            Err(_) => node.get(key).expect("key"),
        })
}

#[test]
fn every_node_knows_its_bytes() {
    let text = "a:\n  - b: 'x y'\n    c: [1, 2]\n  - plain text\nd: |\n  block\n";
    let doc = doc(text);
    let root = doc.root().expect("root");
    let slice = |node: Node<'_>| &text[node.at()];
    assert_eq!(slice(at(root, &["a", "0", "b"])), "'x y'");
    assert_eq!(slice(at(root, &["a", "0", "c"])), "[1, 2]");
    assert_eq!(slice(at(root, &["a", "1"])), "plain text");
    assert_eq!(slice(at(root, &["a", "0"])), "b: 'x y'\n    c: [1, 2]");
    assert_eq!(at(root, &["d"]).text(), Some("block\n"));
    let entry = root.entry("d").expect("d");
    assert_eq!(&text[entry.key_at()], "d");
}

#[test]
fn two_equal_keys_are_reported_and_the_last_stays() {
    let text = "a: 1\nb: 2\na: 3\n";
    let doc = doc(text);
    assert_eq!(
        doc.problems,
        [Problem {
            kind: ProblemKind::DuplicateKey {
                key: "a".into(),
                first: 0..1,
                lost: 3..4,
                entry: 10..14,
                is_same: false,
            },
            at: 10..11
        }]
    );
    assert_eq!(doc.root().and_then(|r| r.get("a")?.text()), Some("3"));
}

#[test]
fn equal_values_of_equal_keys_are_known_as_such() {
    let same = |text: &str| match &doc(text).problems[..] {
        [
            Problem {
                kind: ProblemKind::DuplicateKey { is_same, entry, .. },
                ..
            },
        ] => (*is_same, text[entry.clone()].to_owned()),
        other => panic!("{other:?}"),
    };
    assert_eq!(same("a: 1\na:   1 # c\n"), (true, "a:   1".into()));
    assert_eq!(same("a: 1\na: '1'\n"), (false, "a: '1'".into()));
    let (is_same, entry) = same("a:\n- b: c\na:\n  - {b: c}\nd: e\n");
    assert!(is_same);
    assert_eq!(entry, "a:\n  - {b: c}");
    assert!(!same("x: &x 1\na: *x\na: *x\n").0);
    assert!(doc("x: &x 1\na: *x\n").has_aliases());
    assert!(!doc("x: &x 1\n").has_aliases());
}

#[test]
fn duplicate_keys_are_found_in_long_mappings() {
    let mut text: String = (0..5000).map(|i| format!("k{i}: {i}\n")).collect();
    text.push_str("k4321: again\n");
    assert_eq!(kinds(&text).len(), 1);
    let kinds = kinds(&"a: 1\n".repeat(5000));
    assert!(matches!(kinds.last(), Some(ProblemKind::Limit { .. })));
    assert_eq!(kinds.len(), 1001);
}

#[test]
fn merge_keys() {
    let text =
        "base: &b {x: 1, y: 2}\nmore: &m {z: 3}\none:\n  <<: *b\n  y: own\ntwo:\n  <<: [*b, *m]\n";
    let doc = doc(text);
    assert!(doc.problems.is_empty(), "{:?}", doc.problems);
    let root = doc.root().expect("root");
    assert_eq!(at(root, &["one", "x"]).text(), Some("1"));
    assert_eq!(at(root, &["one", "y"]).text(), Some("own"));
    assert_eq!(at(root, &["two", "z"]).text(), Some("3"));
    assert_eq!(kinds("a:\n  <<: 5\n"), [ProblemKind::BadMerge]);
    assert_eq!(kinds("a:\n  '<<': 5\n"), []);
}

#[test]
fn keys_that_are_not_strings() {
    let found = |text: &str| match kinds(text).as_slice() {
        [ProblemKind::NonStringKey { found, .. }] => *found,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(found("1: a\n"), "a number");
    assert_eq!(found("true: a\n"), "a boolean");
    assert_eq!(found("? [a, b]\n: c\n"), "a list or a mapping");
    assert_eq!(kinds("'1': a\n"), []);
}

#[test]
fn an_alias_bomb_is_counted_not_expanded() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..40 {
        let alias = format!("*a{}", i - 1);
        let list = vec![alias; 10].join(", ");
        text.push_str(&format!("a{i}: &a{i} [{list}]\n"));
    }
    let doc = doc(&text);
    assert!(doc.root().is_none());
    assert!(matches!(doc.problems[0].kind, ProblemKind::Limit { .. }));
}

#[test]
fn a_merge_bomb_is_bounded() {
    let mut text = String::from("m0: &m0 {k0: 1}\n");
    for i in 1..3000 {
        text.push_str(&format!("m{i}: &m{i} {{<<: *m{}, k{i}: 1}}\n", i - 1));
    }
    let doc = doc(&text);
    assert!(doc.is_broken());
}

#[test]
fn recursive_and_unknown_aliases() {
    assert!(kinds("a: &a [*a]\n").contains(&ProblemKind::RecursiveAlias));
    assert_eq!(
        kinds("a: *nothing\n"),
        [ProblemKind::UnknownAlias {
            name: "nothing".into()
        }]
    );
}

#[test]
fn depth_is_limited() {
    for text in [
        "[".repeat(100_000),
        "- ".repeat(20_000),
        "{a: ".repeat(100_000),
    ] {
        let kinds = kinds(&text);
        assert!(
            matches!(kinds.as_slice(), [ProblemKind::Limit { .. }]),
            "{kinds:?}"
        );
    }
}

#[test]
fn byte_order_mark_crlf_and_multi_documents() {
    let doc = doc("\u{feff}vnfd:\r\n  id: x\r\n");
    let root = doc.root().expect("root");
    assert_eq!(at(root, &["vnfd", "id"]).text(), Some("x"));
    assert_eq!(kinds("a: 1\n---\nb: 2\n"), [ProblemKind::SecondDocument]);
    assert_eq!(kinds("---\na: 1\n...\n"), []);
}

#[test]
fn bytes_that_are_not_utf_8() {
    let doc = parse("t", b"name: caf\xe9\n", Limits::default());
    assert_eq!(doc.problems[0].at, 9..9);
    let doc = parse("t", b"\xff\xfea\0", Limits::default());
    assert_eq!(
        doc.problems[0].kind,
        ProblemKind::Encoding {
            looks_like: Some("UTF-16, little-endian")
        }
    );
}

#[test]
fn tags_that_yaml_does_not_define() {
    assert_eq!(kinds("a: !!str 5\nb: !!map {}\nc: ! x\n"), []);
    for text in [
        "a: !foo 5\n",
        "a: !!python/object:os.system {}\n",
        "!x [a]\n",
    ] {
        let kinds = kinds(text);
        assert!(
            matches!(kinds.as_slice(), [ProblemKind::UnknownTag { .. }]),
            "{text}"
        );
    }
}

#[test]
fn tabs_are_named() {
    let kinds = kinds("a:\n\tb: 1\n");
    assert!(
        matches!(kinds.as_slice(), [ProblemKind::Syntax { tab: true, .. }]),
        "{kinds:?}"
    );
    assert_eq!(parse("t", b"a:\t1\n", Limits::default()).problems, []);
}

#[test]
fn long_comment_blocks_are_read() {
    let text = |n| format!("a:\n{}  b: 1\n", "  # note\n".repeat(n));
    assert_eq!(kinds(&text(5000)), []);
    let kinds = kinds(&text(50_000));
    assert!(
        matches!(kinds.as_slice(), [ProblemKind::Limit { .. }]),
        "{kinds:?}"
    );
}

#[test]
fn an_empty_text_has_no_root_and_no_problem() {
    for text in ["", "\n\n", "# only a comment\n", "---\n"] {
        let doc = doc(text);
        assert!(doc.problems.is_empty(), "{text:?}");
        assert!(doc.root().is_none_or(|root| root.shape() == Shape::Scalar));
    }
}
