//! The rules of the `yaml` family: each finding stands under the right token.

mod rules_yaml_support;

use nfv::source::Profile;
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
        [
            "p/x_vnfd.yaml:9:12 [*a6] this document has more than 200000 nodes once its aliases are expanded"
        ]
    );
    // Each sum has the place at which it is too much.
    let many = format!("vnfd:\n  vdu:\n{}", "  - a\n".repeat(250_000));
    let told = found("yaml/limits", many);
    assert!(
        told[0].starts_with("p/x_vnfd.yaml:200000:5 [a] this document has more than 200000 nodes"),
        "{told:?}"
    );
    let mut merges = String::from("vnfd:\n  m0: &m0 {k0: 1}\n");
    for i in 1..1000 {
        let before = i - 1;
        merges.push_str(&format!("  m{i}: &m{i} {{<<: *m{before}, k{i}: 1}}\n"));
    }
    let told = found("yaml/limits", merges);
    assert!(
        told[0].contains("[<<] this document has more than 100000 entries brought in"),
        "{told:?}"
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

/// Nothing is said of the place that such an alias leaves empty.
#[test]
fn an_alias_that_leads_nowhere_is_one_finding() {
    let body = |df: &str| {
        format!("vnfd: &v\n  id: a\n  version: '1.0'\n  mgmt-cp: m\n  ext-cpd: [{{id: m}}]\n{df}")
    };
    for (text, is_df) in [
        (body("  df: *v\n"), true),
        (body("  df: &d [*d]\n"), true),
        (body("  df: *gone\n"), true),
        (body("  df: [*gone]\n"), true),
        (body("  vdu: &d [*d]\n  df: [{id: d}]\n"), false),
    ] {
        for profile in [Profile::Osm, Profile::Etsi] {
            let mut tree = Tree::new(&[("p/x_vnfd.yaml", &text)]);
            tree.choice.profile = profile;
            let found = tree.check();
            let key = if is_df { "df" } else { "vdu" };
            let of_key = |found: &&nfv::diagnostic::Diagnostic| {
                let token = &text[found.primary.span.range.clone().unwrap_or_default()];
                token == key || token.starts_with('*')
            };
            let told = found.iter().filter(of_key).map(|found| found.rule.id);
            assert_eq!(
                told.collect::<Vec<_>>(),
                ["yaml/alias"],
                "{profile:?} {text}"
            );
        }
    }
}

#[test]
fn alias() {
    assert_eq!(
        found("yaml/alias", "vnfd:\n  id: &first a\n  name: *frist\n"),
        [
            "p/x_vnfd.yaml:3:9 [*frist] no anchor `&frist` stands before this alias | help: did you mean `*first`?"
        ]
    );
    let text = "vnfd:\n  id: &p a\n  vdu: [{*p:y}]\n";
    assert_eq!(
        found("yaml/alias", text),
        [
            "p/x_vnfd.yaml:3:10 [*p:y] no anchor `&p:y` stands before this alias | help: put spaces around the colon: `*p : y`"
        ]
    );
    assert!(found("yaml/non-string-key", text).is_empty());
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

/// Each line was put to `yaml.safe_load` of PyYAML 6.0 and 6.0.2: it fails on those
/// with a finding and takes the others.
#[test]
fn what_pyyaml_stops_at() {
    let digits = |n: usize| "1".repeat(n);
    for (line, told) in [
        ("  a: &x 1\n  b: &x 2\n", "3:6 [&x]"),
        ("  a: &x\n    b: &x 2\n", "3:8 [&x]"),
        ("  a: &x.y 1\n", "2:6 [&x.y]"),
        ("  a: &\u{fc} 1\n", "2:6 [&\u{fc}]"),
        ("  a: [1, &x/y z]\n", "2:10 [&x/y]"),
        ("  a: 2024-02-30\n", "2:6 [2024-02-30]"),
        ("  a: 2024-01-01T10:00:60\n", "2:6 [2024-01-01T10:00:60]"),
        ("  a: -0x_\n", "2:6 [-0x_]"),
        ("  a: 0b__\n", "2:6 [0b__]"),
        ("  a: [http://h/x?y=1]\n", "2:7 [http://h/x?y=1]"),
        ("  a: {b: :x}\n", "2:10 [:x]"),
        ("  a:\n  - {b: [1, x?]}\n", "3:13 [x?]"),
        ("  2024-02-30: a\n", "2:3 [2024-02-30]"),
        ("  a: 0x_\n", "2:6 [0x_]"),
        ("  a: [{b: http://h/x?y=1}]\n", "2:11 [http://h/x?y=1]"),
        ("  a: {b ?c: d}\n", "2:7 [b ?c]"),
        ("  a: [b, :c]\n", "2:10 [:c]"),
        ("  a: {b: :c}\n", "2:10 [:c]"),
        ("  a: -0b__\n", "2:6 [-0b__]"),
        ("  a: [?b]\n", "2:7 [?b]"),
        ("  a: [!!str, b]\n", "2:7 [!!str]"),
        ("  a: {b: !}\n", "2:10 [!]"),
        ("  a: {b\n    : c}\n", "2:7 [b]"),
        ("  a: {'b' # d\n    : c}\n", "2:7 ['b']"),
        ("  a: {c: d, b: &e:f g}\n", "2:16 [&e:f]"),
    ] {
        let text = format!("vnfd:\n{line}  id: a\n");
        let found = found("osm/unloadable", &text);
        let place = format!("p/x_vnfd.yaml:{told} ");
        assert!(
            found.len() == 1 && found[0].starts_with(&place),
            "{line}: {found:?}"
        );
        assert!(self::found("yaml/ambiguous-scalar", &text).is_empty());
    }
    let first = found("osm/unloadable", "\n# c\n...\nvnfd:\n  id: a\n");
    assert!(
        first.len() == 1 && first[0].starts_with("p/x_vnfd.yaml:3:1 [...] "),
        "{first:?}"
    );
    let long = format!("vnfd:\n  id: a\n  a: {}\n", digits(4301));
    let found_long = found("osm/unloadable", long);
    assert!(
        found_long[0].contains("Python reads none of 4301 digits"),
        "{found_long:?}"
    );
    for line in [
        "  a: &x-y_1 1\n  b: *x-y_1\n".to_owned(),
        "  a: 2024-02-29\n".to_owned(),
        "  a: '2024-02-30'\n".to_owned(),
        "  a: 0x_1\n".to_owned(),
        "  a: '0x_'\n".to_owned(),
        "  a: [{b: 'http://h/x?y=1'}]\n".to_owned(),
        "  a: http://h/x?y=1\n".to_owned(),
        "  a: [b :c, d::e]\n".to_owned(),
        "  a:\n    - :c\n".to_owned(),
        "  a: !!str 2024-02-30\n".to_owned(),
        format!("  a: {}\n", digits(4300)),
        format!("  a: '{}'\n", digits(4301)),
        "  a: 0x_1\n".to_owned(),
        "  a: http://h/x?y=1\n  ['b?']: ['x?', http://h/x]\n".to_owned(),
        "  a: b\n...\n".to_owned(),
        "  a: {? b\n    : c, d:\n    e}\n  f: [!!str '', ! g]\n  h: !!str\n".to_owned(),
    ] {
        let found = found("osm/unloadable", format!("vnfd:\n{line}  id: a\n"));
        assert!(found.is_empty(), "{line}: {found:?}");
    }
    let mut tree = Tree::new(&[("p/x_vnfd.yaml", "vnfd:\n  id: &a.b 2024-02-30\n")]);
    assert_eq!(tree.found("osm/unloadable").len(), 2);
    // To the standard's own YAML nothing of it is wrong.
    tree.choice.profile = nfv::source::Profile::Etsi;
    assert!(tree.found("osm/unloadable").is_empty());
}

/// `yaml.safe_load` refuses the first three; `---` makes the last a document.
#[test]
fn marks_before_the_document() {
    for before in ["\n\u{feff}", "# c\n\u{feff}", "\u{feff}\u{feff}"] {
        let text = format!("{before}vnfd:\n  id: a\n");
        assert_eq!(found("yaml/syntax", text).len(), 1, "{before:?}");
    }
    let sound = "\u{feff}# \u{feff}\nvnfd:\n  id: '\u{feff}'\n";
    assert!(found("yaml/syntax", sound).is_empty());
    let of = |before: &str, rule: &str| found(rule, format!("{before}vnfd:\n  id: a\n"));
    for (before, place) in [("...\n", "1:1"), ("# c\n... # d\n---\n", "2:1")] {
        let found = of(before, "osm/unloadable");
        assert_eq!(found.len(), 1, "{before}");
        assert!(
            found[0].starts_with(&format!("p/x_vnfd.yaml:{place} [...]")),
            "{found:?}"
        );
    }
    // What stands behind an empty document is read all the same.
    for before in ["---\n...\n", "---\n---\n"] {
        assert_eq!(of(before, "yaml/multiple-documents").len(), 1, "{before}");
        assert_eq!(of(before, "osm/no-df").len(), 1, "{before}");
    }
    assert!(of("# ...\n---\n", "osm/unloadable").is_empty());
}

/// `yaml.safe_load` of PyYAML 6.0 takes each of the first and refuses the others.
#[test]
fn what_pyyaml_takes_is_a_warning_there() {
    for (lines, told) in [
        ("  version: \"1.0\"# c\n", "3:17 [# c]"),
        ("  vnfm-info: [x]#\n", "3:17 [#]"),
        ("  provider: {a: 1}# c\n", "3:19 [# c]"),
        ("  provider: \"x\ny\"\n", "4:1 [y]"),
        ("  provider: 'x\n\n\u{fc}y'\n", "5:1 [\u{fc}]"),
        ("  vnfm-info: [-]\n", "3:15 [-]"),
        ("  df: [{id: -}, {id: d}]\n", "3:13 [-]"),
        ("  provider: \"x\n\ty\"\n", "4:1 [\t]"),
        ("  provider: 'x\n \t \ty'\n", "4:2 [\t \t]"),
        ("  provider: \u{feff}x\n", "3:13 [\u{feff}]"),
        ("  provider: x\u{85}  name: y\n", "3:14 [\u{85}]"),
        ("\u{2028}  provider: x\n", "3:1 [\u{2028}]"),
        ("  provider: x\n  \u{2029}\n", "4:3 [\u{2029}]"),
        ("  provider: |\u{85}    x\n", "3:14 [\u{85}]"),
        ("  provider: &p name\n  *p: x\n", "4:3 [*p]"),
        ("  ext-cpd: [{id: &p id}, {*p: x}]\n", "3:27 [*p]"),
    ] {
        let text = format!("vnfd:\n  id: a\n{lines}  product-name: p\n");
        let mut tree = Tree::new(&[("p/x_vnfd.yaml", &text)]);
        let found = tree.found("yaml/loose");
        let place = format!("p/x_vnfd.yaml:{told} ");
        assert!(
            found.len() == 1 && found[0].starts_with(&place),
            "{lines}: {found:?}"
        );
        assert!(tree.found("yaml/syntax").is_empty(), "{lines}");
        // What follows is read, and stands where it stood.
        let doc = nfv::yaml::parse("x", text.as_str(), nfv::yaml::Limits::default());
        let body = doc.root().and_then(|root| root.get("vnfd")).expect("body");
        let name = body.get("product-name").expect("name");
        assert_eq!(&text[name.at()], "p");
        let levels = nfv::rules::Levels::of_profile(nfv::source::Profile::Etsi);
        let rule = nfv::rules::find("yaml/loose").expect("rule");
        assert_eq!(levels.of(rule), nfv::diagnostic::Level::Deny);
        tree.choice.profile = nfv::source::Profile::Etsi;
        assert_eq!(tree.found("yaml/loose").len(), 1);
    }
    let doc = nfv::yaml::parse("x", "a:\n  b: \"x\ny\"\n", nfv::yaml::Limits::default());
    let value = doc.root().and_then(|root| root.get("a")?.get("b"));
    assert_eq!(value.and_then(|value| value.text()), Some("x y"));
    // The text is the one of the file, and a line is one of two.
    let text = "a: \u{feff}x\nb: [-, 'y\u{feff}']\nc: z\u{2028}d: w\n";
    let doc = nfv::yaml::parse("x", text, nfv::yaml::Limits::default());
    let root = doc.root().expect("root");
    let value = |key: &str| root.get(key).and_then(|value| value.text());
    assert_eq!(value("a"), Some("\u{feff}x"));
    let aliases = "a: &p c\n*p: x\n";
    let doc = nfv::yaml::parse("x", aliases, nfv::yaml::Limits::default());
    let named = doc.root().and_then(|root| root.get("c"));
    assert_eq!(named.and_then(|value| value.text()), Some("x"));
    let items = root.get("b").expect("b").items();
    let items: Vec<_> = items.filter_map(|item| item.text()).collect();
    assert_eq!(items, ["-", "y\u{feff}"]);
    assert_eq!((value("c"), value("d")), (Some("z"), Some("w")));
    for lines in [
        "  a: [-[b]]\n",
        "  \u{feff}\n",
        "  provider:\u{85}x\n",
        "  provider: |# c\n    x\n",
        "  provider: 'x'y\n",
        "  provider: 'x\n--- y'\n",
        "  version: '1'# c\n  provider: [\n",
    ] {
        let text = format!("vnfd:\n  id: a\n{lines}");
        let tree = Tree::new(&[("p/x_vnfd.yaml", &text)]);
        assert_eq!(tree.found("yaml/syntax").len(), 1, "{lines}");
        assert!(tree.found("yaml/loose").is_empty(), "{lines}");
    }
}

/// What is wrong with a value that is written loosely is an error all the same.
#[test]
fn what_is_loose_may_be_wrong_too() {
    for (lines, rule) in [
        ("  provider: &p nmae\n  *p: x\n", "schema/unknown-key"),
        ("  *p: x\n", "yaml/alias"),
        ("  a: &p {*p: x}\n", "yaml/alias"),
        (
            "  sw-image-desc: [{id: i, checksum: {algorithm: -}}]\n",
            "schema/not-allowed",
        ),
    ] {
        let text = format!("vnfd:\n  id: a\n{lines}");
        assert_eq!(found(rule, text.as_str()).len(), 1, "{lines}");
        assert_eq!(found("yaml/loose", text).len(), 1, "{lines}");
    }
}

#[test]
fn equal_entries_that_stay_say_why() {
    for (lines, why) in [
        (
            "  a: x\n  a: x # so\n",
            "because it does not have its lines for itself",
        ),
        (
            "  b: {a: 1, a: 1}\n  b: {a: 1, a: 1}\n",
            "because a key stands twice in it as well",
        ),
    ] {
        let found = found("yaml/duplicate-key", format!("vnfd:\n  id: a\n{lines}"));
        let want = format!("help: `--fix` does not delete the second, {why}");
        assert!(found.iter().any(|told| told.ends_with(&want)), "{found:?}");
    }
}

#[test]
fn tags_that_do_not_fit() {
    for (value, tag, what) in [
        ("!!int x", "!!int", "`x`"),
        ("!!float abc", "!!float", "`abc`"),
        ("!!bool x", "!!bool", "`x`"),
        ("!!timestamp abc", "!!timestamp", "`abc`"),
        ("!!map x", "!!map", "`x`"),
        ("!!seq {x: 1}", "!!seq", "a mapping"),
        ("!!str [x]", "!!str", "a list"),
        ("!!binary abc", "!!binary", "`abc`"),
        ("!!binary 'YW='", "!!binary", "`YW=`"),
        ("!!merge x", "!!merge", "`x`"),
    ] {
        let found = found(
            "yaml/unknown-tag",
            format!("vnfd:\n  id: a\n  a: {value}\n"),
        );
        let want = format!(
            "p/x_vnfd.yaml:3:6 [{tag}] the tag `{tag}` does not fit {what}, and OSM's reader refuses it | help: delete the tag"
        );
        assert_eq!(found, [want], "{value}");
    }
    for (value, place) in [
        ("!!omap [x]", "14 [x]"),
        ("!!pairs [{x: 1, y: 2}]", "15 [{x: 1, y: 2}]"),
    ] {
        let found = found(
            "yaml/unknown-tag",
            format!("vnfd:\n  id: a\n  a: {value}\n"),
        );
        let place = format!("p/x_vnfd.yaml:3:{place} ");
        assert!(
            found.len() == 1 && found[0].starts_with(&place),
            "{found:?}"
        );
    }
    for value in [
        "!!int '5'",
        "!!float 1e3",
        "!!null x",
        "!!set {x}",
        "!!binary '@'",
        "!!binary YQ==x",
        "!!pairs []",
        "!!binary YWJj",
        "!!omap [a: b, c: d]",
        "!!pairs [a: b]",
        "! 5",
    ] {
        let found = found(
            "yaml/unknown-tag",
            format!("vnfd:\n  id: a\n  a: {value}\n"),
        );
        assert!(found.is_empty(), "{value}: {found:?}");
    }
}

/// `yaml.safe_load` of PyYAML 6.0.3 refuses the first three, and the north-bound interface
/// the others, whose keys are no texts.
#[test]
fn tags_in_collections() {
    for (line, rule, told) in [
        ("  a: !!omap [x]\n", "yaml/unknown-tag", "3:14 [x]"),
        (
            "  a: !!pairs [{b: 1, c: 2}]\n",
            "yaml/unknown-tag",
            "3:15 [{b: 1, c: 2}]",
        ),
        ("  !!merge a: x\n", "yaml/merge-key", "3:11 [a]"),
        ("  !!binary name: x\n", "yaml/non-string-key", "3:12 [name]"),
        ("  !!null name: x\n", "yaml/non-string-key", "3:10 [name]"),
    ] {
        let found = found(rule, format!("vnfd:\n  id: a\n{line}"));
        let place = format!("p/x_vnfd.yaml:{told} ");
        assert!(
            found.len() == 1 && found[0].starts_with(&place),
            "{line}: {found:?}"
        );
    }
    let key = found("yaml/non-string-key", "vnfd:\n  id: a\n  !!str name: x\n");
    assert_eq!(key, [""; 0]);
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
            "p/x_vnfd.yaml:5:3 [vdu] the key `vdu` stands twice: the first value is lost, the last holds | also p/x_vnfd.yaml:4:3 [vdu] | help: delete the one that is not meant | help: `--fix` does not delete the second, because the two are not the same"
        ]
    );
    // The id that OSM onboards is the last.
    let text = "nsd:\n  nsd:\n  - id: first\n    id: last\n    vnfd-id: [b]\n";
    let found = Tree::new(&[("p/x_nsd.yaml", text)]).found("yaml/duplicate-key");
    assert_eq!(
        found,
        [
            "p/x_nsd.yaml:4:5 [id] the key `id` stands twice: `first` is lost, `last` holds | also p/x_nsd.yaml:3:5 [id] | help: delete the one that is not meant | help: `--fix` does not delete the second, because the two are not the same"
        ]
    );
}

/// Reading stops lines below the quote that was forgotten.
#[test]
fn a_quote_that_is_not_closed_is_shown() {
    for (lines, opens, quote) in [
        ("name: \"unterminated\n  b: 2\n", Some("3:9"), '"'),
        ("name: it's\n  b: 'open\n  c: 1\n", Some("4:6"), '\''),
        ("n: \"x\n\n   y\"\n  z: 'q\nd: 1\n", Some("6:6"), '\''),
        ("n: \"a \\\" # b\n  c: 1\n", Some("3:6"), '"'),
        ("l: [\"a, b]\n  c: 1\n", None, '"'),
    ] {
        let text = format!("vnfd:\n  id: v\n  {lines}");
        let tree = Tree::new(&[("v/v_vnfd.yaml", &text)]);
        let found = tree.found("yaml/syntax");
        assert_eq!(found.len(), 1, "{lines}");
        let help = format!("help: close it with `{quote}`");
        assert!(found[0].ends_with(&help), "{}", found[0]);
        if let Some(place) = opens {
            let place = format!("also v/v_vnfd.yaml:{place} [");
            assert!(found[0].contains(&place), "{}", found[0]);
        }
    }
}

/// `yaml.safe_load` of PyYAML 6.0.2 refuses each of these, where it is shown or in what begins
/// there; beside it stands what is to blame, where that is elsewhere.
#[test]
fn what_was_meant_where_reading_stops() {
    for (lines, told, also, help) in [
        (
            "  name: @x\n",
            "3:9 [@]",
            None,
            "put the text in quotes: `'@…'`",
        ),
        (
            "  @id: x\n",
            "3:3 [@]",
            None,
            "put the text in quotes: `'@…'`",
        ),
        (
            "  name: [%x, y]\n",
            "3:10 [%]",
            None,
            "put the text in quotes: `'%…'`",
        ),
        ("  name: `x`\n", "3:9 [`]", None, "put the text in quotes"),
        (
            "  name: 'it's'\n",
            "3:12 [']",
            None,
            "write a quote inside twice, as `''`",
        ),
        (
            "  name: 'it's\n",
            "3:12 [']",
            None,
            "write a quote inside twice, as `''`",
        ),
        (
            "  a: \"b\n    c\"\n  d: \"e \"f\" g\"\n",
            "5:9 [\"]",
            None,
            "write a quote inside as `\\\"`",
        ),
        (
            "  name: 'x' y\n",
            "3:11 [']",
            None,
            "put all of the text in the quotes",
        ),
        (
            "  a: \"b\n    c: \"d\"\n",
            "4:9 [d]",
            Some("3:6 [\"b]"),
            "close it with `\"`",
        ),
        (
            "  a: \"C:\\dir\"\n",
            "3:6 [\"]",
            None,
            "write `\\\\` for a backslash",
        ),
        (
            "<<<<<<< HEAD\n  name: b\n=======\n  name: c\n>>>>>>> x\n",
            "3:1 [<<<<<<<]",
            None,
            "keep what is meant",
        ),
        (
            "  b: c\n>>>>>>> x\n",
            "4:1 [>>>>>>>]",
            None,
            "keep what is meant",
        ),
        (
            "  name: {{ x }}-y\n",
            "3:9 [{{]",
            None,
            "fill in the template",
        ),
        (
            "{% if x %}\n  name: b\n",
            "3:1 [{%]",
            None,
            "fill in the template",
        ),
        (
            "{{- if x }}\n  name: b\n",
            "3:1 [{{]",
            None,
            "fill in the template",
        ),
        (
            "  df:\n  -id: x\n   name: y\n",
            "5:8 [:]",
            Some("4:3 [-]"),
            "write a space behind the dash",
        ),
        (
            "  vnfm-info:\n  -x\n  -y\n",
            "4:3 [-]",
            Some("4:3 [-]"),
            "write a space behind the dash",
        ),
        (
            "  name:x\n  b: c\n",
            "3:3 [n]",
            Some("3:7 [:]"),
            "write a space behind the colon",
        ),
        (
            "  df:\n  - id:x\n    b: c\n",
            "5:6 [:]",
            Some("4:7 [:]"),
            "write a space behind the colon",
        ),
        (
            "  name:\u{a0}x\n  b: c\n",
            "3:3 [n]",
            Some("3:8 [\u{a0}]"),
            "write a space in the place of U+00A0",
        ),
        (
            "  vdu\n  - id: x\n",
            "3:3 [v]",
            None,
            "write `vdu:` if it is a key",
        ),
        (
            "  a: b: c\n",
            "3:7 [:]",
            Some("3:6 [b]"),
            "put the text in quotes if the colon is a part of it",
        ),
        ("  - id: b\n", "3:3 [-]", None, "put it below a key"),
        (
            "  vdu: - id: x\n",
            "3:8 [-]",
            None,
            "write the items below the key",
        ),
        (
            "  name: [osm\n  b: c\n",
            "4:4 [:]",
            Some("3:9 [[]"),
            "close it with `]`",
        ),
        (
            "  name: {osm\n  b: c\n",
            "3:9 [{]",
            None,
            "close it with `}`",
        ),
        ("  df: [{id: x}\n", "3:7 [[]", None, "close it with `]`"),
        (
            "  df: [{id: x]\n  b: c\n",
            "3:8 [{]",
            None,
            "close it with `}`",
        ),
        (
            "  df: [\n    {id: x},\n    b: c: d\n  ]\n",
            "5:9 [:]",
            Some("3:7 [[]"),
            "close it with `]`",
        ),
        (
            "  name: [x] y\n",
            "3:13 [y]",
            None,
            "put the text in quotes if the brackets",
        ),
        (
            "  name: * x\n",
            "3:9 [*]",
            None,
            "put the text in quotes: `'*…'`",
        ),
        (
            "  name: |x\n",
            "3:9 [|]",
            None,
            "put the text in quotes: `'|…'`",
        ),
        (
            "  // so\n  name: x\n",
            "3:3 [/]",
            None,
            "begin a comment with `#`",
        ),
        ("\tname: x\n", "3:1 [\t]", None, "indent with spaces"),
        (" \tname: x\n", "3:2 [\t]", None, "indent with spaces"),
        (
            "  df:\n  - id: a\n\t  name: b\n",
            "5:1 [\t]",
            None,
            "indent with spaces",
        ),
        ("  name: |\n\tx\n", "4:1 [\t]", None, "indent with spaces"),
    ] {
        let text = format!("vnfd:\n  id: a\n{lines}");
        let tree = Tree::new(&[("p/x_vnfd.yaml", &text)]);
        let found = tree.found("yaml/syntax");
        let place = format!("p/x_vnfd.yaml:{told} ");
        assert!(
            found.len() == 1 && found[0].starts_with(&place),
            "{lines}: {found:?}"
        );
        let help = format!(" | help: {help}");
        assert!(found[0].contains(&help), "{lines}: {found:?}");
        let also = also.map(|also| format!(" | also p/x_vnfd.yaml:{also}"));
        match also {
            Some(also) => assert!(found[0].contains(&also), "{lines}: {found:?}"),
            None => assert!(!found[0].contains(" | also "), "{lines}: {found:?}"),
        }
        // What is said is all that is said.
        let errors = tree.check();
        let errors = errors
            .iter()
            .filter(|d| d.severity == nfv::diagnostic::Severity::Error);
        assert_eq!(errors.count(), 1, "{lines}");
    }
}

/// What it says of a value that may be a secret does not repeat it.
#[test]
fn no_help_repeats_a_value() {
    for value in [
        "@hunter2",
        "'hun'ter2'",
        "[hunter2",
        "a: hunter2: b",
        "|hunter2",
        "\"\\hunter2\"",
    ] {
        let text = format!("vnfd:\n  id: a\n  name: {value}\n  b: c\n");
        for line in found("yaml/syntax", text) {
            let said = line.split_once("] ").expect("a place").1;
            assert!(!said.contains("hunter2"), "{line}");
        }
    }
}

/// `yaml.safe_load` takes each, with these letters in the key or value.
#[test]
fn letters_that_look_like_spaces() {
    for (lines, told) in [
        (
            "\u{a0}\u{a0}name: x\n",
            "3:1 [\u{a0}\u{a0}] this key begins with U+00A0",
        ),
        (
            "  df:\n  \u{3000}- id: x\n",
            "4:3 [\u{3000}] this key begins with U+3000",
        ),
        (
            "  name: x\u{200b}\n",
            "3:10 [\u{200b}] this value ends with U+200B",
        ),
        (
            "  name:  \u{a0} x\n",
            "3:10 [\u{a0} ] this value begins with U+00A0",
        ),
        (
            "  name\u{202f}: x\n",
            "3:7 [\u{202f}] this key ends with U+202F",
        ),
    ] {
        let found = found("yaml/strange-space", format!("vnfd:\n  id: a\n{lines}"));
        let told = format!("p/x_vnfd.yaml:{told}");
        assert!(
            found.len() == 1 && found[0].starts_with(&told),
            "{lines}: {found:?}"
        );
    }
    for lines in ["  name: x\u{a0}y\n", "  name: '\u{a0}x'\n", "  # \u{a0}\n"] {
        let found = found("yaml/strange-space", format!("vnfd:\n  id: a\n{lines}"));
        assert!(found.is_empty(), "{lines}: {found:?}");
    }
    // The line that is to blame is named where the one above seems empty.
    let empty = found("yaml/strange-space", "vnfd:\n\u{a0}\u{a0}id: a\n");
    assert!(empty[0].starts_with("p/x_vnfd.yaml:2:1 "), "{empty:?}");
    // A file that was copied as a whole is one finding.
    let many = format!(
        "vnfd:\n  id: a\n{}",
        (0..7)
            .map(|i| format!("\u{a0}b{i}: c\n"))
            .collect::<String>()
    );
    let told = found("yaml/strange-space", many);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].matches(" | also ").count(), 4, "{told:?}");
}

/// `yaml.safe_load` reads `! 5` as 5 and `!` as nothing.
#[test]
fn a_lone_sign_of_a_tag_says_nothing() {
    let text = "a: ! 5\nb: !\nc: ! '5'\nd: [! true, ! x]\ne: !!str 5\n! yes: z\n";
    let doc = nfv::yaml::parse("x", text, nfv::yaml::Limits::default());
    let root = doc.root().expect("root");
    let style = |key: &str| root.get(key).and_then(|node| node.style());
    use nfv::yaml::Style;
    assert_eq!(style("a"), Some(Style::Plain));
    assert!(root.get("b").is_some_and(|node| node.is_null()));
    assert_eq!(style("c"), Some(Style::Quoted));
    assert_eq!(style("e"), Some(Style::Quoted));
    let d: Vec<_> = root
        .get("d")
        .expect("d")
        .items()
        .map(|item| item.style())
        .collect();
    assert_eq!(d, [Some(Style::Plain); 2]);
    let told = found("osm/no-id", "vnfd:\n  id: ! ~\n");
    assert!(told[0].contains("is empty"), "{told:?}");
    let told = found("yaml/ambiguous-scalar", "vnfd:\n  id: ! yes\n");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(found("yaml/unknown-tag", "vnfd:\n  id: ! yes\n").is_empty());
}

/// To `yaml.safe_load` these are keys that begin with a dash.
#[test]
fn a_dash_without_its_space_is_no_key() {
    let help = "help: write a space behind the dash of an item: `- id`";
    for (lines, rule) in [
        ("  df:\n  - id: x\n  -id: y\n", "schema/unknown-key"),
        ("  df:\n  -id: y\n", "schema/unknown-key"),
        (
            "  df:\n  - id: x\n    description: d\n  -id: y\n",
            "schema/unknown-key",
        ),
        ("  vdu:\n    -id: y\n", "schema/wrong-type"),
    ] {
        let told = found(rule, format!("vnfd:\n  id: a\n{lines}"));
        assert!(
            told.len() == 1 && told[0].contains(help),
            "{lines}: {told:?}"
        );
        assert!(!told[0].contains("--fix"), "{lines}: {told:?}");
    }
    // Here no list can be meant.
    let told = found("schema/unknown-key", "vnfd:\n  -id: y\n");
    assert!(told[0].contains("help: did you mean `id`?"), "{told:?}");
}
