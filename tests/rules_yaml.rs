//! The rules of the `yaml` family: each finding stands under the right token.

mod rules_yaml_support;

use rules_yaml_support::Tree;

fn found(rule: &str, text: impl AsRef<[u8]>) -> Vec<String> {
    Tree::new(&[("p/x_vnfd.yaml", text)]).found(rule)
}

#[test]
fn encoding() {
    assert_eq!(
        found("yaml/encoding", b"vnfd:\n  name: caf\xe9 x\n"),
        [
            "p/x_vnfd.yaml:2:12 [\u{fffd}] this file is not UTF-8: a byte here is no part of any character | help: save the file as UTF-8"
        ]
    );
    for (order, name) in [
        (u16::to_le_bytes as fn(u16) -> [u8; 2], "little-endian"),
        (u16::to_be_bytes, "big-endian"),
    ] {
        let text = "\u{feff}vnfd:\n  id: tiny\n";
        let bytes: Vec<u8> = text.encode_utf16().flat_map(order).collect();
        let want = format!(
            "p/x_vnfd.yaml this file is not UTF-8, it looks like UTF-16, {name} | help: save the file as UTF-8"
        );
        assert_eq!(found("yaml/encoding", bytes), [want]);
    }
}

#[test]
fn limits() {
    let deep = format!("vnfd:\n  id: {}\n", "[".repeat(200));
    let found_deep = found("yaml/limits", deep);
    assert_eq!(found_deep.len(), 1, "{found_deep:?}");
    assert!(
        found_deep[0].contains("this document has more than 128 levels of nesting"),
        "{found_deep:?}"
    );
    assert!(found_deep[0].starts_with("p/x_vnfd.yaml:2:"));
    let mut bomb = String::from("vnfd:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..8 {
        let list = vec![format!("*a{}", i - 1); 10].join(", ");
        bomb.push_str(&format!("  a{i}: &a{i} [{list}]\n"));
    }
    assert_eq!(
        found("yaml/limits", bomb),
        ["p/x_vnfd.yaml this document has more than 200000 nodes once its aliases are expanded"]
    );
}

#[test]
fn non_string_key() {
    assert_eq!(
        found("yaml/non-string-key", "vnfd:\n  id: a\n  12: b\n"),
        [
            "p/x_vnfd.yaml:3:3 [12] the key `12` is a number, keys must be strings | help: put it in quotes: `'12'`"
        ]
    );
    assert_eq!(
        found("yaml/non-string-key", "vnfd:\n  id: a\n  {{ x }}: b\n"),
        [
            "p/x_vnfd.yaml:3:3 [{{ x }}] this key is a list or a mapping, keys must be strings | help: fill in the template before the descriptor is checked"
        ]
    );
    // The same token is not an unknown key as well.
    assert_eq!(
        found("schema/unknown-key", "vnfd:\n  id: a\n  12: b\n"),
        [""; 0]
    );
}

#[test]
fn multiple_documents() {
    let message = "a second document begins here, a descriptor is one document";
    assert_eq!(
        found(
            "yaml/multiple-documents",
            "vnfd:\n  id: a\n---\nvnfd:\n  id: b\n"
        ),
        [format!(
            "p/x_vnfd.yaml:3:1 [---] {message} | help: move what follows into a file of its own"
        )]
    );
    assert_eq!(
        found("yaml/multiple-documents", "vnfd:\n  id: a\n---\n"),
        [format!(
            "p/x_vnfd.yaml:3:1 [---] {message} | help: delete this line"
        )]
    );
}

#[test]
fn alias() {
    assert_eq!(
        found("yaml/alias", "vnfd:\n  id: &first a\n  name: *frist\n"),
        [
            "p/x_vnfd.yaml:3:9 [*frist] no anchor `&frist` stands before this alias | help: did you mean `*first`?"
        ]
    );
    assert_eq!(
        found("yaml/alias", "vnfd:\n  id: *late\n  name: &late x\n"),
        [
            "p/x_vnfd.yaml:2:7 [*late] no anchor `&late` stands before this alias | help: put the anchor before its first alias"
        ]
    );
    assert_eq!(
        found("yaml/alias", "vnfd: &v\n  id: a\n  vdu: [*v]\n"),
        [
            "p/x_vnfd.yaml:3:9 [*v] this alias stands inside the value that it names | help: write out what is meant here"
        ]
    );
}

#[test]
fn merge_key() {
    assert_eq!(
        found("yaml/merge-key", "vnfd:\n  id: a\n  <<: text\n"),
        [
            "p/x_vnfd.yaml:3:3 [<<] the merge key `<<` takes a mapping or a list of mappings | help: write `<<: *name`, where `&name` stands before a mapping"
        ]
    );
}

#[test]
fn ambiguous_scalar() {
    assert_eq!(
        found(
            "yaml/ambiguous-scalar",
            "vnfd:\n  id: &i 0755\n  name: *i\n  on: '0755'\n"
        ),
        [
            "p/x_vnfd.yaml:2:10 [0755] `0755` is read as 493 by OSM and other YAML 1.1 readers | help: put it in quotes if the text is meant: `'0755'` | help: `--fix` does not put `0755` in quotes, because an alias repeats this part of the file",
            "p/x_vnfd.yaml:4:3 [on] `on` is read as `true` by OSM and other YAML 1.1 readers | help: put it in quotes if the text is meant: `'on'`",
        ]
    );
}

#[test]
fn unknown_allow() {
    let help = "help: write `# nfv: allow(family/rule)`";
    assert_eq!(
        found(
            "yaml/unknown-allow",
            "# nfv: allow(schema, osm/duplicate-key)\nvnfd:\n  id: a # nfv: alow(yaml)\n"
        ),
        [
            "p/x_vnfd.yaml:1:22 [osm/duplicate-key] no rule or family is called `osm/duplicate-key` | help: did you mean `osm/duplicate-id`?".to_owned(),
            format!(
                "p/x_vnfd.yaml:3:9 [# nfv: alow(yaml)] this comment begins with `nfv:` but is not understood | {help}"
            ),
        ]
    );
    assert_eq!(
        found(
            "yaml/unknown-allow",
            "# nfv: allow(yaml/syntax)\n# nfv: allow()\nvnfd:\n  id: a\n"
        ),
        [
            "p/x_vnfd.yaml:1:14 [yaml/syntax] the rule `yaml/syntax` can't be allowed | help: delete the comment".to_owned(),
            format!(
                "p/x_vnfd.yaml:2:1 [# nfv: allow()] this comment allows nothing: a rule's name is missing | {help}"
            ),
        ]
    );
}

#[test]
fn of_two_equal_keys_the_rules_see_the_last_as_osm_does() {
    let text = "vnfd:\n  id: a\n  df: [{id: d}]\n  vdu: wrong\n  vdu:\n  - nmae: s\n    id: s\n";
    let tree = Tree::new(&[("p/x_vnfd.yaml", text)]);
    assert_eq!(tree.found("schema/wrong-type"), [""; 0]);
    assert_eq!(
        tree.found("schema/unknown-key"),
        [
            "p/x_vnfd.yaml:6:5 [nmae] unknown key `nmae` in `vnfd/vdu/0` | help: did you mean `name`?"
        ]
    );
    assert_eq!(
        tree.found("yaml/duplicate-key"),
        [
            "p/x_vnfd.yaml:5:3 [vdu] the key `vdu` stands twice: the first value is lost, the last holds | also p/x_vnfd.yaml:4:3 [vdu] | help: delete the one that is not meant"
        ]
    );
    // The id that OSM onboards is the last.
    let text = "nsd:\n  nsd:\n  - id: first\n    id: last\n    vnfd-id: [b]\n";
    let found = Tree::new(&[("p/x_nsd.yaml", text)]).found("yaml/duplicate-key");
    assert_eq!(
        found,
        [
            "p/x_nsd.yaml:4:5 [id] the key `id` stands twice: `first` is lost, `last` holds | also p/x_nsd.yaml:3:5 [id] | help: delete the one that is not meant"
        ]
    );
}
