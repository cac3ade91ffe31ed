//! What the findings on shape, missing keys and references tell.

mod rules_yaml_support;

use nfv::schema::ModelVersion;
use nfv::source::Profile;
use rules_yaml_support::Tree;

/// Every finding, each in one line with its rule in front.
fn all(file: &str, text: &str, profile: Profile) -> Vec<String> {
    let mut tree = Tree::new(&[(file, text)]);
    tree.choice.profile = profile;
    let found = tree.check();
    let line = |d: &nfv::diagnostic::Diagnostic| {
        let span = &d.primary.span;
        let under = span
            .range
            .clone()
            .map(|range| span.file.text()[range].to_owned());
        format!(
            "{} [{}] {}",
            d.rule.id,
            under.unwrap_or_default(),
            d.message
        )
    };
    found.iter().map(line).collect()
}

#[test]
fn a_wrong_root_is_one_finding() {
    for (file, text, osm, etsi) in [
        (
            "p/x_vnfd.yaml",
            "vnfd: hello\n",
            "osm/envelope [vnfd] `vnfd` is `hello`, OSM takes the function itself, a mapping",
            "schema/wrong-type [hello] `vnfd` must be a mapping, not a string",
        ),
        (
            "p/x_vnfd.yaml",
            "vnfd:\n",
            "osm/envelope [vnfd] `vnfd` is empty",
            "schema/wrong-type [vnfd] `vnfd` must be a mapping, not nothing",
        ),
        (
            "p/x_vnfd.yaml",
            "vnfd:\n- id: a\n  vdu: [{name: s}]\n",
            "osm/envelope [vnfd] `vnfd` is a list, OSM takes the function itself, a mapping",
            "schema/wrong-type [vnfd] `vnfd` must be a mapping, not a list",
        ),
        (
            "p/x_nsd.yaml",
            "nsd:\n  id: a\n  name: a\n  designer: b\n  df: []\n  vnfd-id: [c]\n",
            "osm/envelope [nsd] `nsd` holds the service itself, OSM wants a list `nsd` inside it",
            "schema/unknown-key [id] unknown keys `id`, `name`, `designer`, `df` and `vnfd-id` in `nsd`",
        ),
        (
            "p/x_nsd.yaml",
            "nsd:\n  nsd:\n    id: a\n    nmae: b\n",
            "osm/envelope [nsd] `nsd` holds the service itself, OSM wants a list of one",
            "schema/wrong-type [nsd] `nsd/nsd` must be a list, not a mapping",
        ),
        (
            "p/x_nsd.yaml",
            "nsd-catalog: hello\n",
            "osm/envelope [nsd-catalog] `nsd-catalog` is `hello`, OSM wants a list `nsd` inside it",
            "schema/wrong-type [hello] `nsd-catalog` must be a mapping, not a string",
        ),
        (
            "p/x_nst.yaml",
            "nst:\n  id: a\n  nmae: x\n",
            "osm/envelope [nst] `nst` holds the slice itself, OSM wants a list of one",
            "schema/wrong-type [nst] `nst` must be a list, not a mapping",
        ),
    ] {
        assert_eq!(all(file, text, Profile::Osm), [osm], "{text}");
        assert_eq!(all(file, text, Profile::Etsi), [etsi], "{text}");
    }
    // ETSI has nothing against units without a service.
    let units = "nsd:\n  pnfd:\n  - id: p\n    version: '1'\n    provider: b\n    name: p\n";
    assert_eq!(
        all("p/x_nsd.yaml", units, Profile::Osm),
        ["osm/envelope [nsd] `nsd` holds no service: the list `nsd` is not there"]
    );
    // ETSI's container is no envelope of OSM's; ETSI looks into it.
    let container = "nfv:\n  vnfd:\n  - id: a\n    df: wrong\n";
    assert_eq!(
        all("p/x.yaml", container, Profile::Osm),
        ["osm/envelope [nfv] `nfv` is no envelope that OSM knows"]
    );
    let inside = all("p/x.yaml", container, Profile::Etsi);
    assert!(
        inside
            .iter()
            .any(|line| line.contains("`nfv/vnfd/0/df` must be a list"))
    );
}

#[test]
fn a_second_descriptor_in_one_file_is_one_error() {
    for (file, text, rule) in [
        (
            "p/x_nsd.yaml",
            "nsd:\n  nsd:\n  - {id: a, version: '1', df: [{id: d}]}\n  - {id: b, version: '1', df: [{id: d}]}\n",
            "osm/one-descriptor [b] the list `nsd` has 2 items, OSM takes one a package",
        ),
        (
            "p/x_vnfd.yaml",
            "vnfd-catalog:\n  vnfd:\n  - {id: a, name: a, version: '1'}\n  - {id: b, name: b, version: '1'}\n",
            "osm/one-descriptor [b] the list `vnfd` has 2 items, OSM takes one a package",
        ),
    ] {
        let mut found = all(file, text, Profile::Osm);
        let silent = ["schema/departure", "osm/unsupported"];
        found.retain(|line| !silent.iter().any(|rule| line.starts_with(rule)));
        assert_eq!(found, [rule]);
    }
}

fn etsi(rule: &str, text: &str) -> Vec<nfv::diagnostic::Diagnostic> {
    let mut tree = Tree::new(&[("p/x.yaml", text)]);
    tree.choice.profile = Profile::Etsi;
    tree.choice.model = ModelVersion::find("sol006@2.6.1");
    let mut found = tree.check();
    found.retain(|d| d.rule.id == rule);
    found
}

#[test]
fn a_missing_key_says_what_it_is_for_and_what_to_write() {
    let text = "vnfd:\n  id: a\n  provider: x\n  version: '1'\n  product-name: a\n  ext-cpd: [{id: e, layer-protocol: [ipv4]}]\n  vdu: [{id: s, name: s}]\n  df: []\n  sw-image-desc:\n  - id: i\n    name: i\n    version: '1'\n";
    let found = etsi("schema/missing-key", text);
    let helps: Vec<&str> = found
        .iter()
        .flat_map(|d| &d.help)
        .map(String::as_str)
        .collect();
    assert_eq!(
        helps,
        [
            "`software-version` is the version of the software in the function; write `software-version: TEXT`",
            "`vnfm-info` lists the VNF managers that can run the function; write `vnfm-info: [TEXT]`",
            "`int-cpd` lists the ports of the machine; write `int-cpd: [{id: TEXT}]`",
            "`checksum` is the hash by which the image is verified; write `checksum: {algorithm: sha-224, hash: TEXT}`",
            "`min-disk` is the least disk that the image needs, in GB; write `min-disk: 1`",
            "`size` is the size of the image file, in GB; write `size: 1`",
        ]
    );
    // The same name has other words elsewhere.
    let text = "vnfd:\n  id: a\n  df:\n  - id: d\n    vdu-profile: [{min-number-of-instances: 1}]\n    virtual-link-profile:\n    - id: v\n      max-bit-rate-requirements: {leaf: 1}\n";
    let found = etsi("schema/missing-key", text);
    let helps: Vec<&str> = found
        .iter()
        .flat_map(|d| &d.help)
        .map(String::as_str)
        .collect();
    for help in [
        "`id` names the `vdu` that the profile is for; write `id: TEXT`",
        "`root` is the most that the whole link carries; write `root: 1`",
        "`flavour` names the `flavour` of the link; write `flavour: TEXT`",
    ] {
        assert!(helps.contains(&help), "{helps:#?}");
    }
}

#[test]
fn a_choice_that_must_be_made_shows_what_each_case_is() {
    let text = "nfv:\n  nsd:\n  - id: a\n    vnffgd:\n    - id: g\n      nfp-position-element:\n      - id: e\n        desc: {}\n";
    let mut tree = Tree::new(&[("p/x.yaml", text)]);
    tree.choice.profile = Profile::Etsi;
    tree.choice.model = ModelVersion::find("sol006@4.3.1");
    let found = tree.check();
    let one = found
        .iter()
        .find(|d| d.message.contains("must have one of"))
        .expect("a finding");
    assert_eq!(
        one.help[2],
        "`vnf-profile` holds the id of a profile of a function that has the point; write `vnf-profile: {vnf-profile-id: TEXT}`"
    );
}

#[test]
fn a_key_without_a_value_says_what_the_value_is_for() {
    let show = |text: &str| -> Vec<String> {
        let found = etsi("schema/missing-key", text);
        let line = |d: &nfv::diagnostic::Diagnostic| {
            let span = &d.primary.span;
            let under = span.range.clone().map(|range| &span.file.text()[range]);
            let under = under.unwrap_or_default();
            format!("[{under}] {} | {}", d.message, d.help.join(" | "))
        };
        found.iter().map(line).collect()
    };
    let rest = "  provider: x\n  version: '1'\n  product-name: a\n  software-version: '1'\n  vnfm-info: [x]\n  ext-cpd: [{id: e, layer-protocol: [ipv4]}]\n  df: []\n";
    let text = format!(
        "vnfd:\n  id: a\n{rest}  vdu:\n  - name:\n    id: s\n    int-cpd:\n  - id:\n    int-cpd: [{{id: p, layer-protocol: [ipv4]}}]\n"
    );
    assert_eq!(
        show(&text),
        [
            "[name] `name` and `int-cpd` have no value in `vnfd/vdu/0` | `name` is the name of the kind of machine for people; write `name: TEXT` | `int-cpd` lists the ports of the machine; write `int-cpd: [{id: TEXT}]`",
            "[id] missing key `name` in `vnfd/vdu/1`, and `id` without a value | `id` is the name by which profiles and levels refer to the machine; write `id: TEXT` | `name` is the name of the kind of machine for people; write `name: TEXT`",
        ]
    );
}

#[test]
fn nothing_and_an_empty_text_say_the_same() {
    let tree = Tree::new(&[("p/Chart.yaml", "apiVersion: v2\nname:\nversion: 1.0.0\n")]);
    let found = tree.check();
    let helps: Vec<&str> = found
        .iter()
        .filter(|d| d.rule.id == "schema/wrong-type")
        .flat_map(|d| d.help.iter().map(String::as_str))
        .collect();
    assert_eq!(
        helps,
        ["`name` is the name by which it is known; write `name: TEXT`"]
    );
    let text =
        "vnfd:\n  id: a\n  sw-image-desc:\n  - id: i\n    checksum: {algorithm: '', hash: x}\n";
    let found = etsi("schema/not-allowed", text);
    assert_eq!(
        found[0].help.last().map(String::as_str),
        Some("`algorithm` says how the hash is computed; write `algorithm: sha-224`")
    );
}

/// YANG compares values, JSON Schema texts.
#[test]
fn a_value_that_is_written_in_two_ways_stands_twice() {
    let text = |list: &str| {
        format!("vnfd:\n  id: a\n  ext-cpd:\n  - id: e\n    layer-protocol: [{list}]\n")
    };
    let list = |list: &str| {
        let mut found = all("p/x_vnfd.yaml", &text(list), Profile::Etsi);
        found.retain(|line| line.contains("twice"));
        found
    };
    assert_eq!(
        list("ipv6, ipv4, 'etsi-nfv-descriptors:ipv6', 'etsi-nfv-descriptors:ipv6'"),
        [
            "schema/repeated-value ['etsi-nfv-descriptors:ipv6'] `vnfd/ext-cpd/0/layer-protocol` holds `etsi-nfv-descriptors:ipv6` twice"
        ]
    );
    assert_eq!(
        list("ipv6, ipv4, 'etsi-nfv-descriptors:ipv6'"),
        [
            "schema/repeated-value ['etsi-nfv-descriptors:ipv6'] `vnfd/ext-cpd/0/layer-protocol` holds `etsi-nfv-descriptors:ipv6` twice"
        ]
    );
    assert_eq!(list("ipv6, 'etsi-nfv-descriptors:ipv4'"), [""; 0]);
}

#[test]
fn a_dangling_reference_lists_what_there_is_and_suggests_the_nearest() {
    let text = "vnfd:\n  id: a\n  vdu:\n  - id: s\n    virtual-storage-desc: [rott]\n  virtual-storage-desc:\n  - id: root\n  - id: data\n";
    let found = etsi("sol006/dangling-reference", text);
    let [one] = found.as_slice() else {
        panic!("{found:#?}")
    };
    assert_eq!(one.help, ["did you mean `root`?"]);
    assert!(
        one.notes
            .contains(&"there are `root` and `data`".to_owned()),
        "{:?}",
        one.notes
    );
}

#[test]
fn a_choice_and_a_duplicate_show_both_places() {
    let mut tree = Tree::new(&[(
        "p/x.yaml",
        "vnfd:\n  id: a\n  ext-cpd:\n  - id: e\n    int-virtual-link-desc: v\n    int-cpd: {vdu-id: s, cpd: c}\n  - id: e\n",
    )]);
    tree.choice.profile = Profile::Etsi;
    for (rule, expected) in [
        (
            "schema/conflict",
            "p/x.yaml:6:5 [int-cpd] `int-cpd` and `int-virtual-link-desc` exclude each other in `vnfd/ext-cpd/0` | also p/x.yaml:5:5 [int-virtual-link-desc] | help: keep either `int-cpd` or `int-virtual-link-desc`",
        ),
        (
            "sol006/duplicate-list-key",
            "p/x.yaml:7:9 [e] the id `e` stands twice in the list `ext-cpd` | also p/x.yaml:4:9 [e]",
        ),
    ] {
        assert_eq!(tree.found(rule), [expected]);
    }
}

/// What is said of a descriptor whose top has the wrong shape: one thing.
#[test]
fn whatever_shape_the_root_has_it_is_one_finding() {
    let function = "id: a\nproduct-name: a\nprovider: p\nversion: '1.0'\ndf:\n- id: d\n";
    let service = "id: s\nname: s\nversion: '1.0'\ndesigner: x\ndf:\n- id: d\n";
    let slice = "id: t\nname: t\nnetslice-subnet:\n- id: a\n  nsd-ref: s\n";
    let below = |key: &str, text: &str| {
        let lines: Vec<String> = text.lines().map(|line| format!("  {line}\n")).collect();
        format!("{key}:\n{}", lines.concat())
    };
    let list = |text: &str| {
        let (first, rest) = text.split_once('\n').expect("lines");
        let rest: Vec<String> = rest.lines().map(|line| format!("  {line}\n")).collect();
        format!("- {first}\n{}", rest.concat())
    };
    for (name, text) in [
        ("x_vnfd.yaml", below("vnfd", &list(function))),
        (
            "x_vnfd.yaml",
            below("vnfd", &below("vnfd", &list(function))),
        ),
        ("x_vnfd.yaml", below("vnfd", &below("vnfd", function))),
        (
            "x_vnfd.yaml",
            below("vnfd:vnfd-catalog", &below("vnfd", &list(function))),
        ),
        ("x_vnfd.yaml", "vnfd: hello\n".to_owned()),
        ("x_vnfd.yaml", "vnfd:\n".to_owned()),
        ("x_nsd.yaml", below("nsd", &list(service))),
        ("x_nsd.yaml", below("nsd", &below("nsd", service))),
        ("x_nsd.yaml", below("nsd", service)),
        (
            "x_nsd.yaml",
            below("nsd:nsd-catalog", &below("nsd", &list(service))),
        ),
        ("x_nst.yaml", below("nst", slice)),
        ("x_nst.yaml", below("nst", &below("nst", &list(slice)))),
    ] {
        for profile in [Profile::Osm, Profile::Etsi, Profile::EtsiLiteral] {
            let path = format!("p/{name}");
            let mut tree = Tree::new(&[(path.as_str(), text.as_str())]);
            tree.choice.profile = profile;
            let found: Vec<String> = tree
                .check()
                .into_iter()
                .map(|found| format!("{} {}", found.rule.id, found.message))
                .collect();
            assert_eq!(found.len(), 1, "{profile:?}\n{text}{found:#?}");
        }
    }
}

/// The container of all descriptors holds lists of them.
#[test]
fn a_container_of_the_wrong_shape_is_one_finding() {
    for (text, line) in [
        (
            "nfv: []\n",
            "schema/wrong-type [nfv] `nfv` must be a mapping, not a list",
        ),
        (
            "nfv: [{vnfd: [{id: a}]}]\n",
            "schema/wrong-type [nfv] `nfv` must be a mapping, not a list",
        ),
        (
            "nfv:\n  vnfd:\n    id: a\n    df: x\n",
            "schema/wrong-type [vnfd] `nfv/vnfd` must be a list, not a mapping",
        ),
        (
            "nfv: {registry: x}\n",
            "package/unknown-root [nfv] `x_vnfd.yaml` is named like a VNFD, and there is none of the lists `nsd`, `vnfd` and `pnfd` in its `nfv`",
        ),
    ] {
        for profile in [Profile::Etsi, Profile::EtsiLiteral] {
            assert_eq!(all("p/x_vnfd.yaml", text, profile), [line], "{text}");
        }
    }
}

/// A key too many in an envelope that is right hides nothing.
#[test]
fn what_stands_beside_a_descriptor_hides_nothing_of_it() {
    for (text, told) in [
        ("nsd:\n  extra: 1\n  nsd:\n  - id: s\n    nmae: s\n", "nmae"),
        ("vnfd:\n  id: a\n  vnfd: b\n  nmae: a\n", "nmae"),
    ] {
        let mut tree = Tree::new(&[("p/x.yaml", text)]);
        tree.choice.profile = Profile::Etsi;
        let found = tree.found("schema/unknown-key");
        assert_eq!(found.len(), 2, "{found:#?}");
        assert!(found.iter().any(|line| line.contains(told)), "{found:#?}");
    }
}

/// A point of a service names a member and the function of that member.
#[test]
fn a_reference_that_is_chosen_by_another_says_so() {
    let text = "nsd-catalog:\n  nsd:\n  - id: a\n    name: a\n    version: '1'\n    constituent-vnfd:\n    - {member-vnf-index: '1', vnfd-id-ref: q}\n    - {member-vnf-index: '2', vnfd-id-ref: r}\n    vld:\n    - id: l\n      vnfd-connection-point-ref:\n      - {member-vnf-index-ref: '1', vnfd-id-ref: r, vnfd-connection-point-ref: c}\n      - {member-vnf-index-ref: '2', vnfd-id-ref: r, vnfd-connection-point-ref: c}\n";
    let mut found = all("p/a_nsd.yaml", text, Profile::Osm);
    found.retain(|line| line.starts_with("sol006/dangling"));
    assert_eq!(
        found,
        [
            "sol006/dangling-reference [r] `nsd-catalog/nsd/0/vld/0/vnfd-connection-point-ref/0/vnfd-id-ref` names `r`, which is the vnfd-id-ref of no `constituent-vnfd` with the `member-vnf-index` beside it"
        ]
    );
}

/// What a rule on the topology says of a value is another matter than that it
/// stands twice.
#[test]
fn a_key_that_stands_twice_is_told_whatever_else_is() {
    let text = "nsd-catalog:\n  nsd:\n  - id: a\n    name: a\n    version: '1'\n    constituent-vnfd:\n    - {member-vnf-index: 1, vnfd-id-ref: q}\n    - {member-vnf-index: '1', vnfd-id-ref: q}\n    vld:\n    - id: l\n";
    let found = all("p/a_nsd.yaml", text, Profile::Osm);
    let rules: Vec<&str> = found
        .iter()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(rules.contains(&"sol006/duplicate-list-key"), "{found:#?}");
    assert!(rules.contains(&"topology/isolated-vnf"), "{found:#?}");
}

#[test]
fn profiles_that_speak_of_another_are_told_of_once() {
    let end = |base: &str| {
        format!(
            "                  - {{constituent-base-element-id: {base}, constituent-cpd-id: c}}\n"
        )
    };
    let text = format!(
        "nsd:\n  nsd:\n  - id: a\n    version: '1'\n    vnfd-id: [f]\n    virtual-link-desc: [{{id: l}}]\n    df:\n    - id: d\n      vnf-profile:\n      - id: one\n        vnfd-id: f\n        virtual-link-connectivity:\n        - virtual-link-profile-id: l\n          constituent-cpd-id:\n{}{}",
        end("two"),
        end("three")
    );
    let found = all("p/a_nsd.yaml", &text, Profile::Osm);
    let about = found
        .iter()
        .filter(|line| line.contains("two") || line.contains("three"));
    assert_eq!(about.count(), 1, "{found:#?}");
    assert!(
        !found.iter().any(|line| line.starts_with("sol006/dangling")),
        "{found:#?}"
    );
}

/// The values of keys are compared as numbers where they are some, and texts
/// hold no control characters (RFC 7950 §9.1, §9.4).
#[test]
fn keys_and_texts_as_yang_has_them() {
    let primitives = |one: &str, two: &str| {
        format!(
            "vnfd:\n  id: a\n  df:\n  - id: d\n    lcm-operations-configuration:\n      operate-vnf-op-config:\n        day1-2:\n        - id: a\n          initial-config-primitive:\n          - {{seq: {one}, name: x}}\n          - {{seq: {two}, name: x}}\n"
        )
    };
    let of = |text: &str, rule: &str| {
        let mut tree = Tree::new(&[("p/a_vnfd.yaml", text.to_owned())]);
        tree.choice.profile = Profile::EtsiLiteral;
        tree.choice.model = ModelVersion::find("osm@15");
        tree.found(rule).len()
    };
    let rule = "sol006/duplicate-list-key";
    for (one, two, count) in [
        ("1", "+1", 1),
        ("1", "'01'", 1),
        ("0", "-0", 1),
        ("1", "2", 0),
        ("1", "-1", 0),
    ] {
        assert_eq!(of(&primitives(one, two), rule), count, "{one} {two}");
    }
    for (text, count) in [
        ("a\\u0001b", 1),
        ("a\\uFFFEb", 1),
        ("a\\uFDD0b", 1),
        ("a\\U0001FFFFb", 1),
        ("a\\tb\\r\\n", 0),
        ("a\\u007Fb\\uFFFD\\U0001F600", 0),
    ] {
        let vnfd = format!("vnfd:\n  id: a\n  provider: \"{text}\"\n");
        assert_eq!(of(&vnfd, "schema/bad-format"), count, "{text}");
    }
}

/// Where there is nothing to name, the least of it is written out, with its name.
#[test]
fn what_is_named_and_has_no_list_is_written_out() {
    let text = "nsd:\n  nsd:\n  - id: x\n    df:\n    - id: d\n      ns-instantiation-level:\n      - id: l\n        vnf-to-level-mapping:\n        - vnf-profile-id: gold\n";
    let mut tree = Tree::new(&[("p/x_nsd.yaml", text.to_owned())]);
    tree.choice.profile = Profile::Etsi;
    tree.choice.model = ModelVersion::find("sol006@4.3.1");
    let found = tree.found("sol006/dangling-reference");
    let help = "help: there is no `vnf-profile` at all; write `vnf-profile: [{id: gold, flavour-id: TEXT, instantiation-level: TEXT, vnfd-id: TEXT}]`";
    assert!(found.len() == 1 && found[0].ends_with(help), "{found:#?}");
}

/// A reference that is called like the list it leads to is not that list.
#[test]
fn a_list_that_is_called_like_the_reference_is_written_out() {
    let helps = |text: &str| -> Vec<String> {
        let found = etsi("sol006/dangling-reference", text);
        found.into_iter().flat_map(|d| d.help).collect()
    };
    let unit = |rest: &str| format!("vnfd:\n  id: a\n  vdu:\n  - id: s\n{rest}");
    assert_eq!(
        helps(&unit(
            "    int-cpd:\n    - id: i\n      int-virtual-link-desc: l\n"
        )),
        ["there is no `int-virtual-link-desc` at all; write `int-virtual-link-desc: [{id: l}]`"]
    );
    assert_eq!(
        helps(&unit(
            "    virtual-compute-desc: c\n    virtual-storage-desc: [d]\n    sw-image-desc: i\n"
        )),
        [
            "there is no `virtual-compute-desc` at all; write `virtual-compute-desc: [{id: c}]`",
            "there is no `virtual-storage-desc` at all; write `virtual-storage-desc: [{id: d}]`",
            "there is no `sw-image-desc` at all; write `sw-image-desc: [{id: i, name: TEXT, checksum: {algorithm: sha-224, hash: TEXT}, min-disk: 1, size: 1, version: TEXT}]`",
        ]
    );
    let service = "nsd:\n  nsd:\n  - id: x\n    df:\n    - id: d\n      virtual-link-profile:\n      - id: p\n        virtual-link-desc-id: l\n        flavour-id: f\n    virtual-link-desc:\n    - id: l\n";
    // Nor is any list of that name the one that is meant.
    assert_eq!(
        helps(service),
        ["there is no `df` in `nsd/nsd/0/virtual-link-desc/0`; write `df: [{id: f}]`"]
    );
}

/// The same name that leads nowhere is one finding, wherever it was looked for.
#[test]
fn what_several_items_name_and_is_not_there_is_one_finding() {
    let links: String = (0..4).map(|n| format!("    - id: l{n}\n")).collect();
    let profile = |n| {
        format!("      - id: p{n}\n        virtual-link-desc-id: l{n}\n        flavour-id: f\n")
    };
    let profiles: String = (0..4).map(profile).collect();
    let text = format!(
        "nsd:\n  nsd:\n  - id: x\n    virtual-link-desc:\n{links}    df:\n    - id: d\n      virtual-link-profile:\n{profiles}"
    );
    let found = etsi("sol006/dangling-reference", &text);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].secondary.len(), 3);
}

/// What has no name can't be named; that is what is wrong.
#[test]
fn an_item_without_its_key_is_no_item_too_few() {
    for id in ["", "    id:\n"] {
        let text = format!(
            "vnfd:\n  id: a\n  vdu:\n  - name: u\n{id}  df:\n  - id: d\n    vdu-profile:\n    - id: u\n"
        );
        let found = etsi("sol006/dangling-reference", &text);
        let helps: Vec<&str> = found
            .iter()
            .flat_map(|d| &d.help)
            .map(String::as_str)
            .collect();
        assert_eq!(helps, ["there is a `vdu`, but without `id`"], "{text}");
        let text = text.replace("  df:", "  - id: v\n  df:");
        let found = etsi("sol006/dangling-reference", &text);
        let helps: Vec<&str> = found
            .iter()
            .flat_map(|d| &d.help)
            .map(String::as_str)
            .collect();
        assert_eq!(helps, ["there is `v`, and a `vdu` without `id`"], "{text}");
    }
    // What OSM looks for is told in the same words.
    let text = "vnfd:\n  id: a\n  version: '1'\n  vdu:\n  - name: u\n  ext-cpd:\n  - id: e\n    int-cpd: {vdu-id: u, cpd: c}\n  df:\n  - id: d\n    vdu-profile:\n    - id: u\n";
    let found = Tree::new(&[("p/x_vnfd.yaml", text)]).check();
    for rule in ["osm/dangling-reference", "osm/unknown-vdu"] {
        let found = found.iter().filter(|d| d.rule.id == rule);
        let helps: Vec<&str> = found.flat_map(|d| &d.help).map(String::as_str).collect();
        assert_eq!(helps, ["there is a VDU, but without `id`"], "{rule}");
    }
}

/// The letter looks for another descriptor in the same document, where a list
/// of that name in this one is another one.
#[test]
fn a_list_of_another_descriptor_is_not_the_one_that_stands_here() {
    let text = "nsd:\n  nsd:\n  - id: s\n    vnfd-id: [v]\n    df:\n    - id: d\n      vnf-profile:\n      - id: p\n        vnfd-id: v\n        flavour-id: f\n        instantiation-level: l\n";
    let mut tree = Tree::new(&[("p/x_nsd.yaml", text)]);
    tree.choice.profile = Profile::EtsiLiteral;
    tree.choice.model = ModelVersion::find("sol006@4.3.1");
    let found = tree.check();
    let found = found
        .iter()
        .filter(|d| d.rule.id == "sol006/dangling-reference");
    let helps: Vec<&str> = found.flat_map(|d| &d.help).map(String::as_str).collect();
    let meant = |what: &str| {
        format!(
            "what is meant is {what} in the same document, and there is none; the profile `etsi` looks in the other files of the tree"
        )
    };
    assert_eq!(
        helps,
        [
            meant("a VNFD"),
            meant("a VNFD"),
            meant("the `df` of a VNFD"),
            meant("the `instantiation-level` of a VNFD"),
        ]
    );
}

/// The messages of `sol006/condition` in a descriptor.
fn conditions(file: &str, text: &str, profile: Profile) -> Vec<String> {
    let found = all(file, text, profile).into_iter();
    found
        .filter(|line| line.starts_with("sol006/condition"))
        .collect()
}

#[test]
fn a_condition_says_nothing_of_what_is_no_list_or_no_number() {
    let profiles = [Profile::Osm, Profile::Etsi];
    let descriptor = |level: &str, profile: &str| {
        format!(
            "vnfd:\n  id: a\n  version: '1'\n  df:\n  - id: d\n    instantiation-level:\n    \
             - id: x\n      vdu-level: {level}\n    vdu-profile: {profile}\n  vdu:\n  - id: s\n"
        )
    };
    let level = "[{vdu-id: s, number-of-instances: 2}]";
    for (level, profile) in [
        // A mapping of names in the place of a list: what is in it, nobody can tell.
        (level, "{s: {max-number-of-instances: 3}}"),
        (level, "{max-number-of-instances: 1}"),
        // The unit whose profile it would be has no name.
        (
            "[{number-of-instances: 2}]",
            "[{id: s, min-number-of-instances: 1}]",
        ),
        // `0x2` is no number to YANG, whether the list around it is one or not.
        (
            "{vdu-id: s, number-of-instances: 0x2}",
            "[{id: s, min-number-of-instances: 1}]",
        ),
        (
            level,
            "{id: s, min-number-of-instances: 0x1, max-number-of-instances: 0x2}",
        ),
        (
            level,
            "[{id: s, min-number-of-instances: 1, max-number-of-instances: 0x2}]",
        ),
    ] {
        let text = descriptor(level, profile);
        for profile in profiles {
            let found = conditions("p/x_vnfd.yaml", &text, profile);
            assert_eq!(found, [""; 0], "{text}");
        }
    }
    // One item without its list is that item, and its values are compared.
    let text = descriptor(
        level,
        "{id: s, min-number-of-instances: 3, max-number-of-instances: 2}",
    );
    for profile in profiles {
        let found = conditions("p/x_vnfd.yaml", &text, profile);
        assert_eq!(found.len(), 2, "{found:?}");
    }
    // A list of values as a mapping.
    let text = "nsd:\n  nsd:\n  - id: a\n    vnfd-id: {first: v}\n    df:\n    - id: d\n      \
                ns-instantiation-level: {x: {vnf-to-level-mapping: [{vnf-profile-id: p}]}}\n      \
                vnf-profile: [{id: p, vnfd-id: v}]\n";
    for profile in profiles {
        assert_eq!(conditions("p/x_nsd.yaml", text, profile), [""; 0]);
    }
}

#[test]
fn the_bound_of_a_fraction_is_told_to_its_last_digit() {
    let text = "vnfd:\n  id: a\n  virtual-compute-desc:\n  - id: c\n    virtual-memory:\n      \
                size: 922337203685480000\n";
    let found = all("p/x_vnfd.yaml", text, Profile::Etsi);
    let wanted = "`vnfd/virtual-compute-desc/0/virtual-memory/size` must be at most \
                  922337203685477580.7, not 922337203685480000";
    assert!(
        found.iter().any(|line| line.ends_with(wanted)),
        "{found:#?}"
    );
}

#[test]
fn of_one_value_without_its_list_the_value_is_what_is_wrong() {
    let text = |value: &str| {
        format!("vnfd:\n  id: a\n  ext-cpd:\n  - id: e\n    layer-protocol: {value}\n")
    };
    let names = |value: &str| format!("vnfd:\n  id: a\n  vnfm-info: {value}\n");
    let list = "`vnfd/ext-cpd/0/layer-protocol` must be a list, not a string";
    let word = "`ipvx` is not allowed for `vnfd/ext-cpd/0/layer-protocol`";
    let number = "`vnfd/vnfm-info` must be a string, not a number";
    for (text, osm, etsi) in [
        (text("ipv4"), &[][..], &[list][..]),
        (text("ipvx"), &[word], &[list, word]),
        (
            names("osm"),
            &[],
            &["`vnfd/vnfm-info` must be a list, not a string"],
        ),
        // OSM's lists of texts take no number, with or without the list around it.
        (
            names("5"),
            &[number],
            &["`vnfd/vnfm-info` must be a list, not a number"],
        ),
        (
            names("'5'"),
            &[],
            &["`vnfd/vnfm-info` must be a list, not a string"],
        ),
    ] {
        for (profile, wanted) in [(Profile::Osm, osm), (Profile::Etsi, etsi)] {
            let found = all("p/x_vnfd.yaml", &text, profile).into_iter();
            let is_own = |line: &String| {
                line.starts_with("schema/wrong-type") || line.starts_with("schema/not-allowed")
            };
            let found: Vec<String> = found.filter(is_own).collect();
            let told = |wanted: &&str| found.iter().any(|line| line.ends_with(wanted));
            assert!(wanted.iter().all(told), "{text}{found:#?}");
            assert_eq!(found.len(), wanted.len(), "{text}{found:#?}");
        }
    }
    // An address has two patterns, and a word fits neither.
    let text = "nsd:\n  nsd:\n  - id: a\n    df:\n    - id: d\n      vnf-profile:\n      \
                - id: p\n        virtual-link-connectivity:\n        \
                - virtual-link-profile-id: l\n          constituent-cpd-id:\n          \
                - constituent-base-element-id: p\n            constituent-cpd-id: c\n            \
                ip-address: nowhere\n";
    let found = all("p/x_nsd.yaml", text, Profile::Osm);
    let told = |start: &str| found.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!(told("schema/bad-format [nowhere]"), 1, "{found:#?}");
    assert_eq!(told("schema/wrong-type"), 0, "{found:#?}");
}

/// A part that a release does not know is one fault to it, whatever is in it.
#[test]
fn of_releases_that_do_not_fit_the_one_that_knows_the_descriptor_is_taken() {
    // `interface` came with release THREE.
    let interfaces: String = (0..4)
        .map(|i| format!("        - {{name: e{i}, type: EXTERN, position: first}}\n"))
        .collect();
    let text = format!(
        "vnfd-catalog:\n  vnfd:\n  - id: a\n    name: a\n    vdu:\n    - id: v\n      \
         count: 1\n      interface:\n{interfaces}"
    );
    let found = Tree::new(&[("p/x_vnfd.yaml", text.as_str())]).check();
    let models = found.iter().flat_map(|d| &d.notes);
    let models: Vec<&String> = models.filter(|note| note.contains("checked")).collect();
    assert!(!models.is_empty());
    let newest = "checked against VNFD catalog, OSM release EIGHT";
    assert!(models.iter().all(|model| *model == newest), "{models:?}");
    // A descriptor of release TWO with a slip in it stays one.
    let text = "vnfd-catalog:\n  vnfd:\n  - id: a\n    name: a\n    vdu:\n    - id: v\n      \
                count: many\n      external-interface:\n      - name: e\n        \
                vnfd-connection-point-ref: e\n        virtual-interface: {type: VIRTIO}\n";
    let found = Tree::new(&[("p/x_vnfd.yaml", text)]).check();
    let note = "checked against VNFD catalog, OSM release TWO".to_owned();
    assert!(found.iter().any(|d| d.notes.contains(&note)), "{found:#?}");
}

#[test]
fn an_empty_list_says_what_belongs_in_it() {
    let found = etsi("schema/count", "vnfd:\n  id: a\n  df: []\n");
    let help = found.iter().flat_map(|d| &d.help).next();
    assert!(help.is_some_and(|help| help.contains("`df` ")), "{help:?}");
}

/// A mapping in the place of a list says of itself what it would say as the only item of
/// one, at once and not after it was mended, and nothing else follows from it.
#[test]
fn a_mapping_for_a_list_is_judged_as_its_only_item() {
    let text = |vdu: &str, points: &str, dash: &str| {
        format!(
            "\
vnfd:
  id: a_vnf
  version: '1.0'
  product-name: a
  provider: p
  mgmt-cp: mgmt
  ext-cpd:
  - id: mgmt
    int-cpd: {{vdu-id: d1, cpd: eth0}}
  virtual-compute-desc:
  {dash}id: vc
    virtual-memory: {{size: lots}}
    virtual-cpu: {{num-virtual-cpu: 1}}
  virtual-storage-desc:
  - {{id: vs, size-of-storage: 10}}
  vdu:
  {vdu}id: d1
    nmae: x
    virtual-compute-desc: vc
    virtual-storage-desc: [vs]
    int-cpd:
    {points}id: eth0
      int-virtual-link-desc: gone
      bogus: 1
  df:
  - id: default-df
    vdu-profile: [{{id: d1, min-number-of-instances: 1}}]
    instantiation-level:
    - id: l
      vdu-level: [{{vdu-id: d1, number-of-instances: 1}}]
"
        )
    };
    for profile in [Profile::Osm, Profile::Etsi, Profile::EtsiLiteral] {
        let told = |vdu: &str, points: &str, dash: &str| {
            let told = all("p/a_vnfd.yaml", &text(vdu, points, dash), profile);
            told.iter()
                .map(|line| line.replace("/0", ""))
                .collect::<Vec<String>>()
        };
        let listed = told("- ", "- ", "- ");
        for has in [
            "unknown key `nmae`",
            "unknown key `bogus`",
            "`gone`",
            "[lots]",
        ] {
            assert!(listed.iter().any(|line| line.contains(has)), "{listed:#?}");
        }
        for (own, wrong) in [
            (told("  ", "- ", "- "), &["vdu"][..]),
            (told("- ", "  ", "- "), &["int-cpd"]),
            (
                told("  ", "  ", "  "),
                &["virtual-compute-desc", "vdu", "int-cpd"],
            ),
        ] {
            let mut rest = own;
            for key in wrong {
                let is_it = |line: &String| {
                    line.starts_with(&format!("schema/wrong-type [{key}] "))
                        && line.ends_with("must be a list, not a mapping")
                };
                let at = rest.iter().position(is_it);
                rest.remove(at.unwrap_or_else(|| panic!("{key}: {rest:#?}")));
            }
            assert_eq!(rest, listed, "{profile:?} {wrong:?}");
        }
    }
}

/// A mapping of names to items is no item, and nothing is said as if it were one.
#[test]
fn a_mapping_of_names_is_one_finding() {
    let text = "vnfd:\n  id: a\n  virtual-compute-desc:\n    one: {id: a}\n    two: {id: b}\n";
    let told = all("p/a_vnfd.yaml", text, Profile::Osm);
    let own = told.iter().filter(|line| line.contains("compute"));
    let own: Vec<&String> = own.collect();
    assert_eq!(own.len(), 1, "{told:#?}");
    assert!(own[0].ends_with("must be a list, not a mapping"), "{own:?}");
}

/// A number in a notation that the model has not is called by what is written, with the
/// digits to write instead.
#[test]
fn a_number_in_another_notation_is_told_in_decimal_digits() {
    for (value, digits, is_of_1_1) in [
        ("-0x1", "-1", true),
        ("0b11", "3", true),
        ("1_000", "1000", true),
        ("1:30", "90", true),
        ("0x10", "16", false),
        ("0o17", "15", false),
        ("1e3", "1000", false),
    ] {
        let text = format!(
            "vnfd:\n  id: a\n  virtual-storage-desc:\n  - id: s\n    size-of-storage: {value}\n"
        );
        let mut tree = Tree::new(&[("p/a_vnfd.yaml", text)]);
        tree.choice.profile = Profile::Etsi;
        tree.choice.model = ModelVersion::find("osm@15");
        let found = tree.check();
        let mut own = found.iter().filter(|d| d.rule.id == "schema/wrong-type");
        let own = own.next().unwrap_or_else(|| panic!("{value}"));
        let message = format!("must be a whole number, not `{value}`");
        assert!(own.message.ends_with(&message), "{}", own.message);
        assert_eq!(
            own.help,
            [format!("write it in decimal digits: `{digits}`")]
        );
        let note = "readers of YAML 1.1 alone take it for a number";
        assert_eq!(
            own.notes.iter().any(|own| own == note),
            is_of_1_1,
            "{value}"
        );
    }
}

/// However often an id stands in a list, it is that which is told, and not that there is
/// more than can be.
#[test]
fn an_id_that_stands_very_often_is_named() {
    let text = format!(
        "vnfd:\n  id: a\n  virtual-compute-desc:\n{}",
        "  - {id: c, virtual-memory: {size: 1}, virtual-cpu: {num-virtual-cpu: 1}}\n"
            .repeat(22_000)
    );
    for profile in [Profile::Osm, Profile::Etsi] {
        let told = all("p/a_vnfd.yaml", &text, profile);
        let has = |start: &str| told.iter().any(|line| line.starts_with(start));
        assert!(!has("schema/other"), "{profile:?} {told:#?}");
        let of_list = "the id `c` stands twice in the list `virtual-compute-desc`";
        assert!(
            told.iter().any(|line| line.ends_with(of_list)),
            "{profile:?} {told:#?}"
        );
    }
}
