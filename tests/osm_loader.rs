//! What OSM's loader refuses, takes and loses. Each case was put to the loader
//! itself, pyangbind 0.8.6 with the classes of release FIFTEEN; `.ci/osm-loader`
//! puts as many more as it is asked for.

mod rules_yaml_support;

use nfv::diagnostic::Severity;
use nfv::source::Profile;
use rules_yaml_support::Tree;

/// What is said of a descriptor with these lines in it, and nothing of what is
/// missing from it.
fn found(profile: Profile, body: &str) -> Vec<String> {
    let text = format!("vnfd:\n  id: a\n  version: '1.0'\n{body}");
    let mut tree = Tree::new(&[("p/x_vnfd.yaml", text.as_str())]);
    tree.choice.profile = profile;
    let told = tree.check().into_iter().filter(|found| {
        !["schema/departure", "osm/no-df"].contains(&found.rule.id)
            && !found.message.starts_with("missing key `")
            || found.message.contains("`id`")
    });
    told.map(|found| {
        let level = match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let range = found.primary.span.range.unwrap_or_default();
        format!("{level} {} [{}]", found.rule.id, &text[range])
    })
    .collect()
}

fn osm(body: &str) -> Vec<String> {
    found(Profile::Osm, body)
}

const NONE: [&str; 0] = [];

#[test]
fn the_key_of_an_item_must_be_found() {
    for (body, told) in [
        ("  df:\n  - id:\n", "error schema/missing-key [id]"),
        ("  df:\n  - id: ''\n", "error schema/list-key [id]"),
        ("  df:\n  - x:id: d\n", "error schema/list-key [x:id]"),
        ("  df:\n  - '@id': d\n", "error schema/missing-key ['@id']"),
        ("  df:\n  - id: []\n", "error schema/wrong-type [id]"),
    ] {
        let all = osm(body);
        assert!(all.contains(&told.to_owned()), "{body}: {all:?}");
    }
    // The standard has nothing against a name without a letter.
    let etsi = found(Profile::Etsi, "  df:\n  - id: ''\n");
    assert!(
        !etsi.iter().any(|told| told.contains("list-key")),
        "{etsi:?}"
    );
}

#[test]
fn a_value_without_content_is_taken_but_for_an_identity() {
    assert_eq!(osm("  provider:\n"), NONE);
    let storage = "  virtual-storage-desc:\n  - id: s\n    type-of-storage:\n";
    assert_eq!(osm(storage), ["error schema/wrong-type [type-of-storage]"]);
    // Nor is one that the standard wants left out, as it does nothing else.
    let sum = "  sw-image-desc:\n  - id: s\n    checksum:\n      algorithm:\n";
    assert_eq!(osm(sum), ["error schema/wrong-type [algorithm]"]);
    let point = "  ext-cpd:\n  - id: e\n    layer-protocol:\n";
    let told = osm(point);
    let error = "error schema/wrong-type [layer-protocol]".to_owned();
    assert!(told.contains(&error), "{told:?}");
    let storage =
        |value| format!("  virtual-storage-desc:\n  - id: s\n    type-of-storage: {value}\n");
    for empty in ["[]", "{}"] {
        let told = osm(&storage(empty));
        assert_eq!(
            told,
            ["warning schema/lost-value [type-of-storage]"],
            "{empty}"
        );
    }
    for empty in ["[]", "{}"] {
        let told = osm(&format!(
            "  ext-cpd:\n  - id: e\n    layer-protocol: {empty}\n"
        ));
        let is_refused = |told: &String| told.starts_with("error");
        assert!(!told.iter().any(is_refused), "{empty}: {told:?}");
    }
}

#[test]
fn an_identity_has_the_prefixes_that_the_classes_know() {
    let single = |value: &str| {
        let body = "  sw-image-desc:\n  - id: s\n    checksum:\n      algorithm";
        format!("{body}: {value}\n")
    };
    let storage =
        |value: &str| format!("  virtual-storage-desc:\n  - id: s\n    type-of-storage: {value}\n");
    let items = |value: &str| {
        let body = "  mgmt-cp: e\n  vdu:\n  - id: v\n    pdu-type: p\n    int-cpd:\n    - id: i";
        let outer = "  ext-cpd:\n  - id: e\n    int-cpd: {vdu-id: v, cpd: i}\n";
        format!("{body}\n      layer-protocol: {value}\n{outer}")
    };
    // Of a single value one prefix goes, whatever it is, and what is left may have
    // another.
    for taken in [
        single("sha-224"),
        single("nfv:sha-224"),
        single("x:sha-224"),
        single("':sha-224'"),
        single("x:nfv:sha-224"),
        storage("persistent-storage:persistent-storage"),
        storage("nfv:persistent-storage"),
        storage("x:persistent-storage:persistent-storage"),
        items("['nfv:ipv4']"),
        items("['vnf:ipv4', 'descriptors:ipv6', 'etsi-nfv-descriptors:mpls']"),
        items("x:ipv4"),
        items("x:nfv:ipv4"),
    ] {
        assert_eq!(osm(&taken), NONE, "{taken}");
    }
    for (refused, token) in [
        (single("x:y:sha-224"), "x:y:sha-224"),
        (single("x:sha-1"), "x:sha-1"),
        (
            storage("x:nfv:persistent-storage"),
            "x:nfv:persistent-storage",
        ),
        (items("['x:ipv4']"), "'x:ipv4'"),
        (items("['etsi-nfv-vnfd:ipv4']"), "'etsi-nfv-vnfd:ipv4'"),
        (items("['x:nfv:ipv4']"), "'x:nfv:ipv4'"),
        (items("x:y:ipv4"), "x:y:ipv4"),
    ] {
        let told = [format!("error schema/not-allowed [{token}]")];
        assert_eq!(osm(&refused), told, "{refused}");
    }
    // An item is looked for by its key as it stands.
    let key = |value: &str| {
        let text = format!(
            "  ext-cpd:\n  - id: e\n    protocol:\n    - associated-layer-protocol: {value}\n"
        );
        let told = osm(&text).into_iter();
        told.filter(|told| told.starts_with("error"))
            .collect::<Vec<String>>()
    };
    assert_eq!(key("nfv:ipv4"), NONE);
    assert_eq!(key("x:ipv4"), ["error schema/not-allowed [x:ipv4]"]);
    // To the standard there is one prefix.
    let etsi = found(Profile::Etsi, &single("nfv:sha-224"));
    let error = "error schema/not-allowed [nfv:sha-224]".to_owned();
    assert!(etsi.contains(&error), "{etsi:?}");
}

#[test]
fn of_a_key_and_nothing_with_a_prefix_the_key_counts() {
    assert_eq!(osm("  df:\n  - id: d\n    x:id: []\n"), NONE);
    assert_eq!(osm("  provider: a\n  x:provider: []\n"), NONE);
    assert_eq!(osm("  provider: []\n  x:provider: a\n"), NONE);
    // A mapping is looked into, and has no node that the loader knows.
    for body in [
        "  provider: a\n  x:provider: {y: 1}\n",
        "  x:provider: a\n  provider: {y: 1}\n",
        "  df:\n  - id: d\n    x:id: {y: 1}\n",
    ] {
        let told = osm(body);
        let error = |told: &String| told.starts_with("error schema/wrong-type");
        assert!(told.iter().any(error), "{body}: {told:?}");
    }
}

#[test]
fn what_is_lost_is_a_warning_there_and_an_error_to_the_standard() {
    for (body, token) in [
        ("  product-name: [a]\n", "product-name"),
        ("  product-name: []\n", "product-name"),
        ("  vdu: none\n", "none"),
        ("  flavour: []\n", "flavour"),
        ("  '@flavour': 3\n", "'@flavour'"),
    ] {
        let rule = "schema/lost-value";
        let mut osm = osm(body);
        // The loader passes over it, and what comes behind the loader looks for a list.
        if body.contains("vdu: none") {
            assert_eq!(osm.remove(0), "error osm/not-a-list [none]");
        }
        assert_eq!(osm, [format!("warning {rule} [{token}]")], "{body}");
        let etsi = found(Profile::Etsi, body);
        assert!(
            etsi.iter().any(|told| told.starts_with("error schema/")),
            "{body}: {etsi:?}"
        );
    }
    let desc = "  virtual-compute-desc:\n  - id: c\n    ";
    for (body, token) in [
        ("virtual-cpu: {num-virtual-cpu: 2.7}\n", Some("2.7")),
        ("virtual-cpu: {num-virtual-cpu: true}\n", Some("true")),
        ("virtual-cpu: {num-virtual-cpu: yes}\n", Some("yes")),
        // The range of the leaf makes 0 of what is no number to Python's `int`.
        ("virtual-cpu: {num-virtual-cpu: 1e3}\n", Some("1e3")),
        ("virtual-cpu: {num-virtual-cpu: '5.0'}\n", Some("'5.0'")),
        ("virtual-cpu: {num-virtual-cpu: 2.0}\n", None),
        ("virtual-cpu: {num-virtual-cpu: '1_000'}\n", None),
        ("virtual-memory: {size: yes}\n", Some("yes")),
        // A fraction keeps its digits where a range is stated.
        ("virtual-memory: {size: 0.25}\n", None),
        ("virtual-memory: {size: '0.25'}\n", None),
        ("virtual-memory: {size: 0.50}\n", None),
    ] {
        let told = token.map(|token| format!("warning schema/lost-value [{token}]"));
        let told: Vec<String> = told.into_iter().collect();
        assert_eq!(osm(&format!("{desc}{body}")), told, "{body}");
    }
    // What stands beside the descriptor.
    assert_eq!(osm("other: 1\n"), ["warning schema/lost-value [other]"]);
}

#[test]
fn a_text_is_the_number_that_python_reads_in_it() {
    let size = |text: &str| {
        let body = format!(
            "  virtual-compute-desc:\n  - id: c\n    virtual-memory:\n      size: {text}\n    virtual-cpu:\n      num-virtual-cpu: 1\n"
        );
        osm(&body)
    };
    for taken in ["1_000.5", "1.0e+3", "1e3", "1:20.5"] {
        let found = size(taken);
        let is_taken = found.iter().all(|told| told.starts_with("warning yaml/"));
        assert!(is_taken, "{taken}: {found:?}");
    }
    // Python's `Decimal` has no eye for underscores.
    for taken in [
        "'1_000'", "' 1'", "'1.5 '", "'1e3'", "'+01'", "'1__0'", "'_1'",
    ] {
        assert_eq!(size(taken), NONE, "{taken}");
    }
    for refused in ["'0x10'", "'1 0'", "''", "'e3'"] {
        assert_eq!(
            size(refused),
            [format!(
                "error schema/wrong-type [{}]",
                if refused == "''" { "size" } else { refused }
            )]
        );
    }
}

#[test]
fn a_number_is_a_boolean_by_its_value() {
    let alarm = |value: &str| {
        let text = format!(
            "  vdu:\n  - id: v\n    pdu-type: p\n    int-cpd:\n    - id: i\n      port-security-enabled: {value}\n"
        );
        let told = osm(&text).into_iter();
        told.filter(|told| told.contains("wrong-type"))
            .collect::<Vec<String>>()
    };
    for taken in ["1", "0", "1.0", "0.0", "0x1", "'1'", "'0'", "+1"] {
        assert_eq!(alarm(taken), NONE, "{taken}");
    }
    for refused in ["2", "1.5", "'1.0'", "'01'", "-1"] {
        let told = [format!("error schema/wrong-type [{refused}]")];
        assert_eq!(alarm(refused), told, "{refused}");
    }
}

#[test]
fn a_number_that_is_none_to_python_is_refused_where_its_type_is_all_there_is() {
    for (value, is_taken) in [
        ("1e3", false),
        ("'5.0'", false),
        ("5.0", true),
        ("yes", true),
    ] {
        let body = format!("  virtual-storage-desc:\n  - id: s\n    size-of-storage: {value}\n");
        let found = osm(&body);
        let is_refused = found.iter().any(|told| told.starts_with("error schema/"));
        assert_eq!(is_refused, !is_taken, "{value}: {found:?}");
    }
}

#[test]
fn what_is_of_another_shape_is_refused() {
    for (body, told) in [
        ("  product-name: {a: b}\n", "product-name"),
        ("  vnfm-info: [1]\n", "1"),
        ("  vnfm-info: 1\n", "1"),
        ("  virtual-compute-desc: {id: v}\n", "virtual-compute-desc"),
        ("  configurable-properties: x\n", "x"),
        ("  '@': x\n", "'@'"),
        ("  flavour: x\n", "flavour"),
    ] {
        let all = osm(body);
        assert_eq!(all.len(), 1, "{body}: {all:?}");
        assert!(
            all[0].starts_with("error schema/") && all[0].ends_with(&format!("[{told}]")),
            "{body}: {all:?}"
        );
    }
    assert_eq!(osm("  vnfm-info: ['1']\n"), NONE);
    // A scalar in the place of a list of texts, which is a departure.
    assert_eq!(osm("  vnfm-info: x\n"), NONE);
}

#[test]
fn a_key_with_and_without_a_prefix_is_one_key() {
    for body in [
        "  provider: a\n  etsi-nfv-vnfd:provider: b\n",
        "  etsi-nfv-vnfd:provider: a\n  provider: b\n",
        "  x:provider: [a]\n  etsi-nfv-vnfd:provider: b\n",
    ] {
        let mut osm = osm(body);
        // Where both have a prefix, OSM finds neither of them.
        osm.retain(|told| !told.starts_with("warning osm/unseen-key ["));
        assert_eq!(osm.len(), 1, "{osm:?}");
        assert!(
            osm[0].starts_with("warning yaml/duplicate-key ["),
            "{osm:?}"
        );
        let etsi = found(Profile::Etsi, body);
        assert!(
            etsi.iter()
                .any(|told| told.starts_with("error yaml/duplicate-key [")),
            "{etsi:?}"
        );
    }
}

/// The loader takes one after the other: it refuses what is wrong with either, and keeps the
/// last.
#[test]
fn of_a_key_with_and_without_a_prefix_the_last_is_kept() {
    let errors = |body: &str| {
        let mut told = osm(body);
        let twice = |told: &String| told.starts_with("warning yaml/duplicate-key [");
        assert_eq!(
            told.iter().filter(|told| twice(told)).count(),
            1,
            "{told:?}"
        );
        told.retain(|told| told.starts_with("error"));
        told
    };
    let point = "  ext-cpd: [{id: good}]\n  vdu: [{id: v, virtual-storage-desc: []}]\n";
    for (keys, told) in [
        ("  mgmt-cp: good\n  x:mgmt-cp: bad\n", true),
        ("  x:mgmt-cp: good\n  mgmt-cp: bad\n", true),
        ("  mgmt-cp: bad\n  x:mgmt-cp: good\n", false),
        ("  x:mgmt-cp: bad\n  mgmt-cp: good\n", false),
    ] {
        let want: &[&str] = if told {
            &["error osm/mgmt-cp [bad]"]
        } else {
            &[]
        };
        assert_eq!(errors(&format!("{point}{keys}")), want, "{keys}");
    }
    let size = |keys: &str| {
        let desc = "  virtual-compute-desc:\n  - id: c\n    virtual-cpu: {num-virtual-cpu: 1}\n";
        errors(&format!("{desc}{keys}"))
    };
    for keys in [
        "    virtual-memory: {size: 1, x:size: zz}\n",
        "    virtual-memory: {size: zz, x:size: 1}\n",
        "    virtual-memory: {size: 1}\n    x:virtual-memory: {size: zz}\n",
        "    virtual-memory: {size: zz}\n    x:virtual-memory: {size: 1}\n",
    ] {
        assert_eq!(size(keys), ["error schema/wrong-type [zz]"], "{keys}");
    }
    assert_eq!(size("    virtual-memory: {size: 2, x:size: 1}\n"), NONE);
    // The key of an item is the one without a prefix, and no other is looked at.
    for id in ["[b]", "''", "[]", "b"] {
        let body = format!("  df: [{{id: a, x:id: {id}}}]\n");
        let told = osm(&body);
        assert!(
            !told.iter().any(|told| told.starts_with("error")),
            "{id}: {told:?}"
        );
    }
    let points = "  ext-cpd: [{id: a}]\n  x:ext-cpd: [{idd: b}]\n";
    assert_eq!(errors(points), ["error schema/unknown-key [idd]"]);
}

/// What a tag makes of a value is what the loader sees.
#[test]
fn a_tag_makes_another_type() {
    let errors = |body: &str| {
        let mut told = osm(body);
        told.retain(|told| told.starts_with("error"));
        told
    };
    let storage = |value: &str| {
        errors(&format!(
            "  virtual-storage-desc:\n  - id: s\n    size-of-storage: {value}\n"
        ))
    };
    let secured = |value: &str| {
        let text = "  vdu:\n  - id: v\n    pdu-type: p\n    int-cpd:\n    - id: i\n      port-security-enabled: ";
        let mut told = errors(&format!("{text}{value}\n"));
        told.retain(|told| !told.contains("osm/mgmt-cp"));
        told
    };
    for taken in ["!!int '5'", "!!float '5.5'", "!!bool yes", "!!null 5"] {
        assert_eq!(storage(taken), NONE, "{taken}");
    }
    for taken in ["!!bool 'yes'", "!!int 1", "!!null 5"] {
        assert_eq!(secured(taken), NONE, "{taken}");
    }
    assert_eq!(secured("!!float 5"), ["error schema/wrong-type [5]"]);
    // A list of texts takes nothing else, and a list of mappings no mapping of another
    // type; a set in the place of a text is written down as one.
    for (body, told) in [
        ("  vnfm-info: [!!str 5]\n", None),
        ("  vnfm-info: [!!int 5]\n", Some("5")),
        ("  vnfm-info: [!!binary YWJj]\n", Some("YWJj")),
        ("  vnfm-info: !!binary YWJj\n", Some("YWJj")),
        ("  vnfm-info: !!set {}\n", Some("{}")),
        ("  df: [!!set {id: a}]\n", Some("{id: a}")),
        ("  df: !!omap [id: a]\n", Some("id: a")),
        ("  df: [{id: !!set {a}}]\n", Some("{a}")),
        ("  df: [{id: !!int '5'}]\n", None),
        ("  provider: !!set {a}\n", None),
        ("  provider: !!omap [a: b]\n", None),
    ] {
        let want: Vec<String> = told
            .map(|token| format!("error schema/wrong-type [{token}]"))
            .into_iter()
            .collect();
        assert_eq!(errors(body), want, "{body}");
    }
}

#[test]
fn values_in_another_notation_are_not_compared() {
    let body = |least: &str| {
        format!(
            "  df:\n  - id: d\n    instantiation-level:\n    - id: l\n      vdu-level:\n      - vdu-id: s\n        number-of-instances: 1\n    vdu-profile:\n    - id: s\n      min-number-of-instances: {least}\n      max-number-of-instances: 1\n"
        )
    };
    let conditions = |least: &str| {
        let mut found = osm(&body(least));
        found.retain(|told| told.contains("sol006/condition"));
        found.len()
    };
    for least in ["1", "0x1", "true", "one", "70000000000"] {
        assert_eq!(conditions(least), 0, "{least}");
    }
    assert_eq!(conditions("2"), 2);
}

/// What stands in the place of a list of addresses or identities must be one.
#[test]
fn a_single_value_is_held_against_the_items_of_its_list() {
    for (text, told) in [
        ("ipv4", 0),
        ("etsi-nfv-descriptors:ipv4", 0),
        ("x:ipv4", 0),
        ("ipv5", 1),
        ("1", 1),
    ] {
        let found = osm(&format!(
            "  ext-cpd:\n  - id: e\n    layer-protocol: {text}\n"
        ));
        let errors = found
            .iter()
            .filter(|told| told.starts_with("error schema/"));
        assert_eq!(errors.count(), told, "{text}: {found:?}");
    }
    for (text, told) in [
        ("10.0.0.1", 0),
        ("fe80::1", 0),
        ("x:10.0.0.1", 1),
        ("none", 1),
    ] {
        let service = format!(
            "nsd:\n  nsd:\n  - id: s\n    name: s\n    designer: x\n    version: '1.0'\n    df:\n    - id: d\n      vnf-profile:\n      - id: p\n        vnfd-id: a\n        virtual-link-connectivity:\n        - virtual-link-profile-id: l\n          constituent-cpd-id:\n          - constituent-base-element-id: p\n            constituent-cpd-id: e\n            ip-address: {text}\n"
        );
        let found = Tree::new(&[("s/s_nsd.yaml", service.as_str())]).check();
        let errors = found.iter().filter(|found| {
            found.rule.id.starts_with("schema/") && found.severity == Severity::Error
        });
        assert_eq!(errors.count(), told, "{text}");
    }
}

/// The north-bound interface puts what was loaded beside what was written, item by item,
/// and finds too few.
#[test]
fn what_the_loader_makes_one_of_is_refused_in_a_function() {
    let level = |ids: [&str; 2]| {
        let levels = ids.map(|id| format!("      - vdu-id: {id}\n"));
        format!(
            "  df:\n  - id: d\n    instantiation-level:\n    - id: l\n      vdu-level:\n{}",
            levels.concat()
        )
    };
    let errors = |body: &str| {
        let told = osm(body).into_iter();
        told.filter(|told| told.starts_with("error"))
            .collect::<Vec<String>>()
    };
    let merged = |token: &str| vec![format!("error osm/merged-items [{token}]")];
    assert_eq!(errors(&level(["v", "v"])), merged("v"));
    assert_eq!(errors(&level(["1", "1"])), merged("1"));
    assert_eq!(errors("  vnfm-info: [a, b, a]\n"), merged("a"));
    // Two keys to Python.
    assert_eq!(errors(&level(["1", "'1'"])), NONE);
    // Of an id another rule speaks.
    let twice = errors("  df:\n  - id: d\n  - id: d\n");
    assert_eq!(twice, ["error osm/duplicate-id [d]"]);
    // The standard minds as well, in its own words.
    let etsi = found(Profile::Etsi, &level(["v", "v"]));
    let own = "error sol006/duplicate-list-key [v]".to_owned();
    assert!(etsi.contains(&own), "{etsi:?}");
}
