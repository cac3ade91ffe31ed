//! The rules of the `schema` family and SHIELD's profiles: each finding stands
//! under the right token.

mod rules_yaml_support;

use nfv::diagnostic::Severity;
use nfv::schema::ModelVersion;
use nfv::source::{Profile, ShieldProfile};
use rules_yaml_support::Tree;

fn vnfd(rule: &str, text: &str) -> Vec<String> {
    Tree::new(&[("p/x_vnfd.yaml", text)]).found(rule)
}

fn chart(rule: &str, text: &str) -> Vec<String> {
    let text = format!("apiVersion: v2\nname: x\n{text}");
    Tree::new(&[("x/Chart.yaml", text)]).found(rule)
}

const NONE: [&str; 0] = [];

#[test]
fn an_unknown_key_and_the_key_it_was_meant_to_be() {
    let text = "vnfd:\n  id: a\n  vdu:\n  - id: s\n    nmae: x\n";
    assert_eq!(
        vnfd("schema/unknown-key", text),
        [
            "p/x_vnfd.yaml:5:5 [nmae] unknown key `nmae` in `vnfd/vdu/0` | help: did you mean `name`?"
        ]
    );
    // A key that is there already is not suggested, and one that is missing
    // only because it is misspelled is not reported as well.
    let text = "vnfd:\n  id: a\n  vdu:\n  - name: s\n    di: x\n";
    assert_eq!(
        vnfd("schema/unknown-key", text),
        ["p/x_vnfd.yaml:5:5 [di] unknown key `di` in `vnfd/vdu/0` | help: did you mean `id`?"]
    );
    assert_eq!(vnfd("schema/missing-key", text), NONE);
}

#[test]
fn an_unknown_key_with_a_prefix_is_shown_as_written() {
    let text = "etsi-nfv-vnfd:vnfd:\n  etsi-nfv-vnfd:id: a\n  etsi-nfv-vnfd:flavour: x\n";
    assert_eq!(
        vnfd("schema/unknown-key", text),
        ["p/x_vnfd.yaml:3:3 [etsi-nfv-vnfd:flavour] unknown key `etsi-nfv-vnfd:flavour` in `vnfd`"]
    );
}

#[test]
fn a_mapping_for_another_place_is_one_finding() {
    let text = "vnfd:\n  id: a\n  df:\n  - id: d\n    aa1: x\n    bb2: x\n    cc3: x\n    dd4: x\n";
    assert_eq!(
        vnfd("schema/unknown-key", text),
        [
            "p/x_vnfd.yaml:5:5 [aa1] unknown keys `aa1`, `bb2`, `cc3` and `dd4` in `vnfd/df/0` | also p/x_vnfd.yaml:6:5 [bb2] | also p/x_vnfd.yaml:7:5 [cc3] | also p/x_vnfd.yaml:8:5 [dd4]"
        ]
    );
}

#[test]
fn the_same_mistake_in_many_items_is_one_finding() {
    let mut text = String::from("vnfd:\n  id: a\n  vdu:\n");
    for i in 0..50 {
        text.push_str(&format!("  - id: s{i}\n    flavour: x\n"));
    }
    let found = vnfd("schema/unknown-key", &text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("p/x_vnfd.yaml:5:5 [flavour] unknown key `flavour`"));
    assert_eq!(found[0].matches(" | also ").count(), 4);
}

#[test]
fn missing_keys_of_one_mapping_are_one_finding() {
    assert_eq!(
        vnfd(
            "schema/missing-key",
            "vnfd:\n  id: a\n  vdu:\n  - name: s\n"
        ),
        [
            "p/x_vnfd.yaml:4:5 [name] missing key `id` in `vnfd/vdu/0` | help: `id` is the name by which profiles and levels refer to the machine; write `id: TEXT`"
        ]
    );
    let text = "manifest:ns:\n  type: OSM-R4\n  package: a.tar.gz\n  hash: x\n  descriptor: a/a_nsd.yaml\n";
    let mut tree = Tree::new(&[("s/manifest.yaml", text)]);
    tree.choice.shield = ShieldProfile::StoreHead;
    assert_eq!(
        tree.found("schema/missing-key"),
        [
            "s/manifest.yaml:1:1 [manifest:ns] missing keys `target` and `properties` in `manifest:ns` | help: write `target: TEXT`"
        ]
    );
}

#[test]
fn wrong_types() {
    assert_eq!(
        vnfd("schema/wrong-type", "vnfd:\n  id: a\n  vdu:\n    id: s\n"),
        [
            "p/x_vnfd.yaml:3:3 [vdu] `vnfd/vdu` must be a list, not a mapping | help: begin each item below `vdu` with `- `, even if there is only one"
        ]
    );
    assert_eq!(
        chart("schema/wrong-type", "version: 1.0\n"),
        [
            "x/Chart.yaml:3:10 [1.0] `version` must be a string, not a number | help: put it in quotes: `'1.0'`"
        ]
    );
    assert_eq!(
        chart("schema/wrong-type", "version: 1.0.0\nkeywords: edge\n"),
        [
            "x/Chart.yaml:4:11 [edge] `keywords` must be a list, not a string | help: make it a list: `[edge]`"
        ]
    );
    assert_eq!(
        chart("schema/wrong-type", "version: 1.0.0\ndeprecated: 'yes'\n"),
        [
            "x/Chart.yaml:4:13 ['yes'] `deprecated` must be true or false, not a string | help: write `true`"
        ]
    );
    let text =
        "vnfd:\n  id: a\n  virtual-compute-desc:\n  - id: c\n    virtual-memory: {size: 4 GB}\n";
    assert_eq!(
        vnfd("schema/wrong-type", text),
        [
            "p/x_vnfd.yaml:5:28 [4 GB] `vnfd/virtual-compute-desc/0/virtual-memory/size` must be a number, not a string | help: write the number alone, without `GB`"
        ]
    );
}

#[test]
fn values_that_are_not_allowed() {
    let text = "vnfd:\n  id: a\n  ext-cpd:\n  - id: e\n    layer-protocol: [ipv4, foo:ethernot]\n";
    assert_eq!(
        vnfd("schema/not-allowed", text),
        [
            "p/x_vnfd.yaml:5:28 [foo:ethernot] `foo:ethernot` is not allowed for `vnfd/ext-cpd/0/layer-protocol/1` | help: did you mean `ethernet`?"
        ]
    );
}

#[test]
fn out_of_range() {
    let text = "vnfd:\n  id: a\n  virtual-compute-desc:\n  - id: c\n    virtual-cpu: {num-virtual-cpu: 99999999}\n";
    assert_eq!(
        vnfd("schema/out-of-range", text),
        [
            "p/x_vnfd.yaml:5:36 [99999999] `vnfd/virtual-compute-desc/0/virtual-cpu/num-virtual-cpu` must be at most 65535, not 99999999"
        ]
    );
}

#[test]
fn bad_formats() {
    assert_eq!(
        chart("schema/bad-format", "version: '1.0'\n"),
        [
            "x/Chart.yaml:3:10 ['1.0'] `1.0` is not a valid `version` | help: write a version such as `1.0.0`"
        ]
    );
    // The two forms of an address are one format.
    let text = "nst:\n- id: a\n  netslice-subnet:\n  - id: s\n    instantiation-parameters:\n      vnf:\n      - member-vnf-index: '1'\n        internal-vld:\n        - name: v\n          internal-connection-point:\n          - id-ref: c\n            ip-address: 10.0.0.300\n";
    assert_eq!(
        Tree::new(&[("s/x_nst.yaml", text)]).found("schema/bad-format"),
        [
            "s/x_nst.yaml:12:25 [10.0.0.300] `10.0.0.300` is not a valid `nst/0/netslice-subnet/0/instantiation-parameters/vnf/0/internal-vld/0/internal-connection-point/0/ip-address` | help: write an IPv4 address such as `10.0.0.1` or an IPv6 address such as `2001:db8::1`"
        ]
    );
}

#[test]
fn counts() {
    assert_eq!(
        Tree::new(&[(
            "g/g.yaml",
            "hdaGraph:\n  imVersion: 0.4.0\n  id: ''\n  version: 1.0.0\n  services: []\n"
        )])
        .found("schema/count"),
        [
            "g/g.yaml:3:3 [id] `hdaGraph/id` must have at least 1 character",
            "g/g.yaml:5:3 [services] `hdaGraph/services` must have at least 1 item",
        ]
    );
}

/// A manifest as documented; the Store refuses its type and more.
const AS_DOCUMENTED: &str = "\
manifest:vnsf:
  schema_version: '1.2'
  type: OSM
  package: a.tar.gz
  hash: x
  descriptor: a/a_vnfd.yaml
  properties: {vendor: v, capabilities: [c]}
  security_info: {attestation_filename: s, hash: x}
";

fn manifest(text: &str, profile: ShieldProfile, rule: &str) -> Vec<String> {
    let mut tree = Tree::new(&[("s/manifest.yaml", text)]);
    tree.choice.shield = profile;
    tree.found(rule)
}

/// That a list is no word is said of its type, and once.
#[test]
fn a_list_in_the_place_of_a_word() {
    let text = AS_DOCUMENTED.replace("type: OSM", "type: [OSM-R4]");
    for profile in [ShieldProfile::StoreHead, ShieldProfile::Docs] {
        assert_eq!(manifest(&text, profile, "schema/not-allowed"), NONE);
        let [one] = &manifest(&text, profile, "schema/wrong-type")[..] else {
            panic!("one finding");
        };
        let says = "s/manifest.yaml:3:3 [type] `manifest:vnsf/type` must be a string, not a list";
        assert!(one.starts_with(says), "{one}");
    }
}

#[test]
fn drift_between_the_documentation_and_the_store() {
    let refuses = "the SHIELD Store refuses this manifest:";
    assert_eq!(
        manifest(AS_DOCUMENTED, ShieldProfile::Any, "shield/store-drift"),
        [
            format!(
                "s/manifest.yaml:1:1 [manifest:vnsf] {refuses} missing key `hashing_algorithm` in `manifest:vnsf` | help: write `hashing_algorithm: SHA_256` | help: `cargo nfv build` writes `hashing_algorithm` into the package"
            ),
            format!(
                "s/manifest.yaml:3:9 [OSM] {refuses} `OSM` is not allowed for `manifest:vnsf/type` | help: write `OSM-R2` or `OSM-R4`"
            ),
        ]
    );
    let docs = ShieldProfile::Docs;
    for rule in [
        "shield/store-drift",
        "schema/not-allowed",
        "schema/missing-key",
    ] {
        assert_eq!(manifest(AS_DOCUMENTED, docs, rule), NONE, "{rule}");
    }
    let head = ShieldProfile::StoreHead;
    assert_eq!(
        manifest(AS_DOCUMENTED, head, "schema/not-allowed"),
        [
            "s/manifest.yaml:3:9 [OSM] `OSM` is not allowed for `manifest:vnsf/type` | help: write `OSM-R2` or `OSM-R4`"
        ]
    );
}

#[test]
fn an_early_manifest_is_told_field_by_field() {
    let text = "manifest:vnsf:\n  type: OSM\n  package: a.tar.gz\n  descriptor: a/a_vnfd.yaml\n  registry: {vendor: v, capabilities: [c]}\n";
    let refuses = "the SHIELD Store refuses this manifest:";
    let found = manifest(text, ShieldProfile::Any, "shield/store-drift");
    let starts = [
        format!(
            "s/manifest.yaml:1:1 [manifest:vnsf] {refuses} missing keys `schema_version`, `hash`, `hashing_algorithm`, `properties` and `security_info` in `manifest:vnsf`"
        ),
        format!(
            "s/manifest.yaml:2:9 [OSM] {refuses} `OSM` is not allowed for `manifest:vnsf/type`"
        ),
        format!(
            "s/manifest.yaml:5:3 [registry] {refuses} unknown key `registry` in `manifest:vnsf` | help: write `properties`"
        ),
    ];
    assert_eq!(found.len(), starts.len(), "{found:#?}");
    for (found, start) in found.iter().zip(&starts) {
        assert!(found.starts_with(start), "{found}");
    }
    // What the build makes of it.
    assert!(
        found[0].ends_with(
            "| help: `cargo nfv build` writes `schema_version`, `hash`, `hashing_algorithm` and `registry` as `properties` into the package | help: write `security_info`: the build can't know it"
        ),
        "{}",
        found[0]
    );
    for rule in [
        "schema/missing-key",
        "schema/unknown-key",
        "schema/not-allowed",
    ] {
        for profile in [ShieldProfile::Any, ShieldProfile::Legacy] {
            assert_eq!(manifest(text, profile, rule), NONE, "{rule}");
        }
    }
    // Who asks for a Store of those days has the one of today not in mind.
    assert_eq!(
        manifest(text, ShieldProfile::Legacy, "shield/store-drift"),
        NONE
    );
}

#[test]
fn since_when_the_store_wants_a_hash_depends_on_what_of() {
    let text = "manifest:vnsf:\n  type: OSM\n  package: a.tar.gz\n  descriptor: a/a_vnfd.yaml\n  properties: {vendor: v, capabilities: [c]}\n  security_info: {vdu: [{id: a}]}\n";
    let tree = Tree::new(&[("s/manifest.yaml", text)]);
    let found = tree.check();
    let notes: Vec<&String> = found.iter().flat_map(|one| &one.notes).collect();
    for of in [
        "of vNSFs since March 2018",
        "since July 2018, of the attestation file",
    ] {
        let says = format!("asks for `hash` {of}");
        assert!(notes.iter().any(|note| note.contains(&says)), "{notes:?}");
    }
}

/// The rules that are broken in a tree.
fn rules(tree: &Tree) -> Vec<&'static str> {
    tree.check().iter().map(|found| found.rule.id).collect()
}

/// The forms that manifests have had, each with a field that is no news to it, and whether it
/// is one of the profiles `legacy`, `docs` and `store-head`. `b` is what the build makes one of.
#[test]
fn every_generation_is_in_its_profiles() {
    let vnsf = |text: &str| format!("manifest:vnsf:\n  type: OSM\n  descriptor: a/a.yaml\n{text}");
    let vdus = "    vdu: [{id: a, hash: x, attestation: {/a: b}}]\n";
    let package = "  package: a.tar.gz\n";
    let cat = "{vendor: v, capabilities: [c]}\n";
    let file = "  security_info: {attestation_filename: s, hash: x}\n";
    let version = "  schema_version: '1.2'\n";
    let hash = "  hash: x\n";
    let algorithm = "  hashing_algorithm: SHA_256\n";
    let new = |text: String| text.replace("type: OSM\n", "type: OSM-R2\n");
    let ns = |text: String| text.replace("vnsf", "ns");
    let service = |text: &str| {
        ns(vnsf(&format!(
            "{package}  properties: {{capabilities: [c]}}\n{text}"
        )))
    };
    let cases = [
        (
            "g0",
            vnsf(&format!("  security:\n{}", vdus.replace(['[', ']'], ""))),
            "l",
        ),
        (
            "g1",
            vnsf(&format!("{package}  security_info:\n{vdus}")),
            "l",
        ),
        (
            "g2",
            vnsf(&format!(
                "{package}  registry: {cat}  security_info:\n{vdus}"
            )),
            "l",
        ),
        (
            "g3",
            vnsf(&format!(
                "{package}  properties: {cat}  security_info:\n{vdus}"
            )),
            "l",
        ),
        (
            "g4",
            vnsf(&format!(
                "{package}{hash}  properties: {cat}  security_info:\n{vdus}"
            )),
            "l",
        ),
        (
            "g5",
            vnsf(&format!(
                "{version}{package}{hash}  properties: {cat}{file}"
            )),
            "ld",
        ),
        (
            "g6",
            new(vnsf(&format!(
                "{version}{package}{hash}{algorithm}  properties: {cat}{file}"
            ))),
            "lh",
        ),
        (
            "g2 ns",
            ns(vnsf(&format!(
                "{package}  registry: {{capabilities: [c]}}\n"
            ))),
            "l",
        ),
        ("g3 ns", service(""), "l"),
        ("g5 ns", service(version), "ld"),
        (
            "g6 ns",
            new(service(&format!("{version}{hash}{algorithm}"))),
            "l",
        ),
        (
            "g7 ns",
            new(service(&format!(
                "{version}{hash}{algorithm}  target: KVM\n"
            ))),
            "h",
        ),
        // No form had these together.
        (
            "mixed",
            vnsf(&format!("{version}{package}{hash}  registry: {cat}{file}")),
            "",
        ),
        ("early ns", service(&format!("{hash}{algorithm}")), "b"),
        // The documentation leaves these open.
        (
            "g5 ns, whole",
            service(&format!("{version}{hash}{algorithm}  target: KVM\n")),
            "d",
        ),
        ("earlier ns", service("  target: KVM\n"), "b"),
        // A version says nothing, neither where it is nor where it isn't.
        (
            "g0 with a version",
            vnsf(&format!(
                "{version}  security:\n{}",
                vdus.replace(['[', ']'], "")
            )),
            "l",
        ),
        (
            "g1 with a version",
            vnsf(&format!("{version}{package}  security_info:\n{vdus}")),
            "l",
        ),
        (
            "g4 with a version",
            vnsf(&format!(
                "{version}{package}{hash}  properties: {cat}  security_info:\n{vdus}"
            )),
            "l",
        ),
        (
            "g2 ns with a version",
            ns(vnsf(&format!(
                "{version}{package}  registry: {{capabilities: [c]}}\n"
            ))),
            "l",
        ),
        (
            "g5 without a version",
            vnsf(&format!("{package}{hash}  properties: {cat}{file}")),
            "b",
        ),
        (
            "g6 without a version",
            new(vnsf(&format!(
                "{package}{hash}{algorithm}  properties: {cat}{file}"
            ))),
            "bh",
        ),
    ];
    for (name, text, wanted) in &cases {
        let profiles = [
            ('l', ShieldProfile::Legacy),
            ('d', ShieldProfile::Docs),
            ('h', ShieldProfile::StoreHead),
        ];
        for (letter, profile) in profiles {
            let mut tree = Tree::new(&[("s/manifest.yaml", text)]);
            tree.choice.shield = profile;
            let fits = rules(&tree).iter().all(|rule| !rule.starts_with("schema/"));
            assert_eq!(fits, wanted.contains(letter), "{name} {profile:?}\n{text}");
        }
        let mut tree = Tree::new(&[("s/manifest.yaml", text)]);
        tree.choice.shield = ShieldProfile::Any;
        let rules = rules(&tree);
        assert_eq!(
            rules.iter().all(|rule| !rule.starts_with("schema/")),
            !wanted.is_empty(),
            "{name}"
        );
        let is_drift = rules.contains(&"shield/store-drift");
        assert_eq!(
            is_drift,
            !wanted.is_empty() && !wanted.contains('h'),
            "{name}"
        );
    }
}

#[test]
fn a_manifest_that_fits_no_profile_is_held_against_the_nearest() {
    let text = AS_DOCUMENTED.replace("type: OSM\n", "type: OSM\n  vendr: x\n");
    assert_eq!(
        manifest(&text, ShieldProfile::Any, "schema/unknown-key"),
        ["s/manifest.yaml:4:3 [vendr] unknown key `vendr` in `manifest:vnsf`"]
    );
    assert_eq!(
        manifest(&text, ShieldProfile::Any, "shield/store-drift"),
        NONE
    );
}

fn etsi(rule: &str, model: &str, text: &str) -> Vec<String> {
    let mut tree = Tree::new(&[("p/x.yaml", text)]);
    tree.choice.profile = Profile::Etsi;
    tree.choice.model = ModelVersion::find(model);
    tree.found(rule)
}

#[test]
fn a_prefix_must_be_the_name_of_the_module_of_the_key() {
    let text = "\
etsi-nfv-vnfd:vnfd:
  x:id: a
  vnfd:vdu:
  - etsi-nfv-vnfd:id: s
    etsi-nfv-nsd:name: s
";
    assert_eq!(
        etsi("schema/prefix", "sol006@2.6.1", text),
        [
            "p/x.yaml:2:3 [x:id] `id` does not belong to the module `x` in `vnfd` \
             | help: write it as `id` or, with its module, as `etsi-nfv-vnfd:id`",
            "p/x.yaml:3:3 [vnfd:vdu] `vdu` does not belong to the module `vnfd` in `vnfd` \
             | help: write it as `vdu` or, with its module, as `etsi-nfv-vnfd:vdu`",
            "p/x.yaml:5:5 [etsi-nfv-nsd:name] `name` does not belong to the module \
             `etsi-nfv-nsd` in `vnfd/vdu/0` \
             | help: write it as `name` or, with its module, as `etsi-nfv-vnfd:name`",
        ]
    );
    // OSM's loader takes any, and such a key is a departure.
    assert_eq!(vnfd("schema/prefix", text), NONE);
    let departures = vnfd("schema/departure", "vnfd:\n  x:id: a\n  vnfd:provider: s\n");
    assert!(
        departures.len() == 1 && departures[0].contains("it differs in `vnfd:provider` and `x:id`"),
        "{departures:?}"
    );
    // Nodes that another module adds are of that, and so is what is below them.
    let added = "\
vnfd:
  id: a
  mgmt-interface:mgmt-cp: b
  kdu:
  - kdu:name: k
  vdu:
  - id: s
    various:supplemental-boot-data: {various:boot-data-drive: true}
    etsi-nfv-vnfd:cloud-init: x
";
    assert_eq!(
        etsi("schema/prefix", "osm@15", added),
        [
            "p/x.yaml:9:5 [etsi-nfv-vnfd:cloud-init] `cloud-init` does not belong to the module \
             `etsi-nfv-vnfd` in `vnfd/vdu/0` \
             | help: write it as `cloud-init` or, with its module, as `cloud-init:cloud-init`"
        ]
    );
    // A key that is there twice is told of once.
    let twice = "vnfd:\n  id: a\n  x:provider: b\n  y:provider: c\n";
    let found = etsi("schema/prefix", "sol006@2.6.1", twice);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(etsi("yaml/duplicate-key", "sol006@2.6.1", twice).len(), 1);
}

#[test]
fn etsi_tolerates_nothing_and_knows_no_augments() {
    let text = "vnfd:\n  id: a\n  mgmt-cp: m\n  df:\n  - id: d\n";
    assert_eq!(
        etsi("schema/unknown-key", "sol006@2.6.1", text),
        [
            "p/x.yaml:3:3 [mgmt-cp] unknown key `mgmt-cp` in `vnfd` | help: for OSM, check with `--profile osm`"
        ]
    );
    let missing = etsi("schema/missing-key", "sol006@2.6.1", text);
    assert_eq!(missing.len(), 2, "{missing:?}");
    assert_eq!(etsi("schema/departure", "sol006@2.6.1", text), NONE);
    // What OSM takes is not asked there.
    assert_eq!(etsi("osm/mgmt-cp", "sol006@2.6.1", text), NONE);
}

#[test]
fn a_key_without_a_value_is_absent_to_the_standard() {
    // An item that must have one key, and one that must have two.
    let text = "vnfd:\n  id: a\n  lifecycle-management-script:\n  - id:\n    script: x\n  security-group-rule:\n  - id: r\n  vdu:\n  - id: s\n    name:\n    description: x\n";
    let found = etsi("schema/missing-key", "sol006@2.6.1", text);
    let at = |place: &str| found.iter().filter(|text| text.contains(place)).count();
    assert_eq!(at("`vnfd/lifecycle-management-script/0`"), 1, "{found:?}");
    assert_eq!(
        at("missing key `int-cpd` in `vnfd/vdu/0`, and `name` without a value"),
        1,
        "{found:?}"
    );
    assert_eq!(at("`vnfd/security-group-rule/0`"), 0, "{found:?}");
    // OSM's loader takes what is no key of a list.
    let found = vnfd("schema/missing-key", text);
    let items = found.iter().filter(|text| text.contains("/0`"));
    let items: Vec<&String> = items.collect();
    assert_eq!(items.len(), 1, "{found:?}");
    assert!(items[0].contains("[id] ") && items[0].contains("script/0`"));
    // Two cases of a choice exclude each other only if both are there.
    let text = "vnfd:\n  id: a\n  ext-cpd:\n  - id: e\n    int-virtual-link-desc:\n    int-cpd:\n      vdu-id: v\n      cpd: c\n";
    assert_eq!(etsi("schema/conflict", "sol006@2.6.1", text), NONE);
    let text = text.replace("link-desc:", "link-desc: l");
    assert_eq!(etsi("schema/conflict", "sol006@2.6.1", &text).len(), 1);
}

/// libyang takes no `null` for an item of a list or of a leaf-list (`yanglint`,
/// JSON), whatever it says of a key.
/// What to write goes by how the list is written.
#[test]
fn a_list_in_the_place_of_one() {
    for (lines, help) in [
        (
            "    int-cpd: [{cpd: c}]\n",
            "take away the brackets `[` and `]` around the mapping",
        ),
        (
            "    int-cpd:\n    - cpd: c\n",
            "take away the `- ` before its keys",
        ),
        (
            "    int-cpd: [{cpd: c}, {cpd: d}]\n",
            "write one mapping instead of the list",
        ),
        (
            "    int-cpd:\n    - cpd: c\n    - cpd: d\n",
            "write one mapping instead of the list",
        ),
        ("    int-cpd: []\n", "write its keys, or leave it out"),
        (
            "    description: [a]\n",
            "write one value instead of the list",
        ),
        (
            "    description: []\n",
            "write a value, or leave the key out",
        ),
    ] {
        let text = format!("vnfd:\n  id: a\n  ext-cpd:\n  - id: m\n{lines}");
        let told = etsi("schema/wrong-type", "sol006@2.6.1", &text);
        assert_eq!(told.len(), 1, "{lines}: {told:?}");
        assert!(
            told[0].ends_with(&format!(" | help: {help}")),
            "{lines}: {told:?}"
        );
    }
}

#[test]
fn an_item_without_a_value_is_of_no_type() {
    let text = "vnfd:\n  id: a\n  vnfm-info: [x, ~]\n  vdu:\n  - null\n  - id: v\n    name: v\n";
    let body =
        "  df:\n  - id: d\n    instantiation-level:\n    - id: i\n      vdu-level:\n      -\n";
    let text = format!("{text}{body}");
    let mut tree = Tree::new(&[("p/x_vnfd.yaml", &text)]);
    for profile in [Profile::Etsi, Profile::EtsiLiteral] {
        tree.choice.profile = profile;
        assert_eq!(
            tree.found("schema/wrong-type"),
            [
                "p/x_vnfd.yaml:3:18 [~] `vnfd/vnfm-info/1` must be a string, not nothing | help: write the item, or take it out of the list",
                "p/x_vnfd.yaml:5:5 [null] `vnfd/vdu/0` must be a mapping, not nothing | help: write the item, or take it out of the list",
                "p/x_vnfd.yaml:13:8 [] `vnfd/df/0/instantiation-level/0/vdu-level/0` must be a mapping, not nothing | help: write the item, or take it out of the list",
            ]
        );
        assert_eq!(tree.found("osm/null-item"), NONE);
    }
    // OSM's own rule speaks of the same items there.
    tree.choice.profile = Profile::Osm;
    assert_eq!(tree.found("schema/wrong-type"), NONE);
    assert_eq!(tree.found("osm/null-item").len(), 3);
}

#[test]
fn an_empty_mapping_makes_no_choice() {
    // RFC 7950 §7.5.1: a container without a meaning of its own.
    let text =
        "vnfd:\n  id: a\n  ext-cpd:\n  - id: e\n    int-cpd: {}\n    layer-protocol: [ipv4]\n";
    let found = |profile: Profile| {
        let mut tree = Tree::new(&[("p/x.yaml", text)]);
        tree.choice.profile = profile;
        tree.choice.model = ModelVersion::find("sol006@2.6.1");
        let all = [
            tree.found("schema/missing-key"),
            tree.found("schema/conflict"),
        ]
        .concat();
        let inner = all
            .iter()
            .filter(|text| text.contains("int-cpd` in") || text.contains("ext-cpd/0/int-cpd"));
        inner.count()
    };
    assert_eq!(found(Profile::EtsiLiteral), 0);
}

#[test]
fn a_decimal_number_has_64_bits_to_the_last_digit() {
    let found = |size: &str| {
        let text = format!(
            "vnfd:\n  id: a\n  virtual-compute-desc:\n  - id: c\n    virtual-memory:\n      size: {size}\n"
        );
        let wrong = etsi("schema/wrong-type", "sol006@2.6.1", &text);
        let out = etsi("schema/out-of-range", "sol006@2.6.1", &text);
        wrong.len() + out.len()
    };
    // The largest that RFC 7950 knows for one digit behind the point.
    assert_eq!(found("922337203685477580.7"), 0);
    assert_eq!(found("922337203685477580.8"), 1);
    assert_eq!(found("922337203685477581"), 1);
    assert_eq!(found("99999999999999999999999"), 1);
}

#[test]
fn a_release_that_was_asked_for_holds() {
    // `exporters-endpoints` came with release FOURTEEN, `vnf-configuration`
    // went with TEN.
    let new = "vnfd:\n  id: a\n  df:\n  - id: d\n    exporters-endpoints: {endpoint-template: x}\n";
    let old = "vnfd:\n  id: a\n  vnf-configuration:\n  - id: c\n";
    let unknown = |model: Option<&str>, text| {
        let mut tree = Tree::new(&[("p/x.yaml", text)]);
        tree.choice.model = model.and_then(ModelVersion::find);
        let found = tree.found("schema/unknown-key");
        found.len()
    };
    assert_eq!(unknown(Some("osm@13"), new), 1);
    assert_eq!(unknown(Some("osm@15"), old), 1);
    assert_eq!(unknown(None, old), 0);
    // What the model does not describe is held against its own.
    let graph = "hdaGraph:\n  id: a\n  nmae: x\n";
    assert_eq!(unknown(Some("osm@13"), graph), 1);
    // A catalog it does not take.
    let catalog = "vnfd:vnfd-catalog:\n  vnfd:\n  - id: a\n    nmae: x\n";
    for (model, told) in [("osm@13", 1), ("osm-im@8", 0)] {
        let mut tree = Tree::new(&[("p/x_vnfd.yaml", catalog)]);
        tree.choice.model = ModelVersion::find(model);
        assert_eq!(tree.found("osm/envelope").len(), told, "{model}");
        assert_eq!(tree.found("schema/unknown-key").len(), 1 - told, "{model}");
    }
}

#[test]
fn the_model_before_sol006_is_no_version_of_it() {
    let text =
        "vnfd:vnfd-catalog:\n  vnfd:\n  - id: a\n    name: a\n    vendor: v\n    version: '1.0'\n";
    for model in ["sol006@3.6.1", "sol006@2.6.1", "osm@15"] {
        for profile in [Profile::Etsi, Profile::EtsiLiteral, Profile::Osm] {
            let mut tree = Tree::new(&[("a/a_vnfd.yaml", text)]);
            tree.choice.profile = profile;
            tree.choice.model = ModelVersion::find(model);
            let found = tree.check();
            let errors = found.iter().filter(|d| d.severity == Severity::Error);
            let told: Vec<&str> = errors
                .map(|d| &text[d.primary.span.range.clone().expect("a place")])
                .collect();
            assert_eq!(told, ["vnfd:vnfd-catalog"], "{model} {profile:?}");
        }
    }
    // Where no other is asked for, its own model holds.
    let mut tree = Tree::new(&[("a/a_vnfd.yaml", text)]);
    tree.choice.profile = Profile::Etsi;
    let found = tree.check();
    assert!(
        !found.iter().any(|d| d.message.contains("vnfd-catalog` at")),
        "{found:?}"
    );
}

#[test]
fn sol006_is_no_version_of_the_model_before_it() {
    let vnfd = "vnfd:\n  id: a\n  version: '1'\n  df:\n  - id: d\n";
    let nsd = "etsi-nfv-nsd:nsd:\n  nsd:\n  - id: a\n    version: '1'\n";
    for (text, key) in [(vnfd, "vnfd"), (nsd, "etsi-nfv-nsd:nsd")] {
        for model in ["osm-im@3", "osm-im@8"] {
            for profile in [Profile::Etsi, Profile::EtsiLiteral, Profile::Osm] {
                let mut tree = Tree::new(&[("a/a.yaml", text)]);
                tree.choice.profile = profile;
                tree.choice.model = ModelVersion::find(model);
                let found = tree.check();
                let errors = found.iter().filter(|d| d.severity == Severity::Error);
                let told: Vec<&str> = errors
                    .map(|d| &text[d.primary.span.range.clone().expect("a place")])
                    .collect();
                assert_eq!(told, [key], "{model} {profile:?}");
            }
        }
    }
    let told = etsi("schema/unknown-key", "osm-im@8", vnfd);
    let help = "help: check it with `--model sol006@4.3.1`, or with none";
    assert!(told[0].ends_with(help), "{told:?}");
    // A slice is of both.
    let slice = "nst:\n- id: a\n  name: a\n";
    assert_eq!(etsi("schema/unknown-key", "osm-im@8", slice), [""; 0]);
}

/// OSM passes over a list without items, whatever its key is.
#[test]
fn a_key_that_osm_passes_over_may_be_a_slip() {
    let text = "vnfd:\n  id: a\n  exct-cpd: []\n  vdu:\n  - idd: v\n    int-cpds: []\n";
    let told = vnfd("schema/lost-value", text);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].ends_with("| help: did you mean `ext-cpd`?"),
        "{told:?}"
    );
    assert!(
        told[1].ends_with("| help: did you mean `int-cpd`?"),
        "{told:?}"
    );
    let told = vnfd("schema/unknown-key", text);
    assert!(told[0].ends_with("did you mean `id`?"), "{told:?}");
}

#[test]
fn the_container_of_several_descriptors_is_etsis_alone() {
    let text = "etsi-nfv-descriptors:nfv:\n  nsd:\n  - id: a\n    nmae: x\n";
    assert_eq!(
        vnfd("osm/envelope", text),
        [
            "p/x_vnfd.yaml:1:1 [etsi-nfv-descriptors:nfv] `etsi-nfv-descriptors:nfv` is no envelope that OSM knows | help: write one descriptor a file, below `vnfd:` or `nsd:`"
        ]
    );
    assert_eq!(
        etsi("schema/unknown-key", "sol006@3.6.1", text),
        ["p/x.yaml:4:5 [nmae] unknown key `nmae` in `nfv/nsd/0` | help: did you mean `name`?"]
    );
}

#[test]
fn a_physical_function_is_held_against_etsis_model() {
    let text = "pnfd:\n  id: a\n  nmae: x\n";
    assert_eq!(
        vnfd("schema/unknown-key", text),
        ["p/x_vnfd.yaml:3:3 [nmae] unknown key `nmae` in `pnfd` | help: did you mean `name`?"]
    );
}

#[test]
fn the_same_key_twice_is_shown_at_both_places() {
    let text = "vnfd:\n  id: a\n  vdu:\n  - id: x\n    int-cpd:\n    - id: p\n  - name: y\n    id: x\n    int-cpd:\n    - id: p\n";
    let found = etsi("sol006/duplicate-list-key", "sol006@2.6.1", text);
    // The connection points belong to two units, and may be called alike.
    assert_eq!(
        found,
        ["p/x.yaml:8:9 [x] the id `x` stands twice in the list `vdu` | also p/x.yaml:4:9 [x]"]
    );
    // In a list with two keys, both must be the same.
    let text = "vnfd:\n  id: a\n  df:\n  - id: d\n    affinity-or-anti-affinity-group:\n    - id: g\n      scope: nfvi-node\n    - id: g\n      scope: zone\n";
    let found = etsi("sol006/duplicate-list-key", "sol006@2.6.1", text);
    assert_eq!(found.len(), 1, "{found:?}");
    // To OSM it is another rule's affair, and no departure beside it.
    assert_eq!(vnfd("sol006/duplicate-list-key", text), NONE);
    assert_eq!(vnfd("osm/duplicate-id", text).len(), 1);
    let departures = vnfd("schema/departure", text);
    assert_eq!(departures.len(), 1);
    assert!(!departures[0].contains("differs in"), "{departures:?}");
}

#[test]
fn a_reference_that_leads_nowhere_lists_what_there_is() {
    let text = "vnfd:\n  id: a\n  vdu:\n  - id: main\n    int-cpd:\n    - id: eth0\n      int-virtual-link-desc: nil\n  ext-cpd:\n  - id: e\n    int-cpd:\n      vdu-id: mian\n      cpd: eth0\n  - id: f\n    int-cpd:\n      vdu-id: main\n      cpd: eth1\n  int-virtual-link-desc:\n  - id: left\n  - id: right\n";
    for model in ["sol006@2.6.1", "sol006@3.6.1"] {
        assert_eq!(
            etsi("sol006/dangling-reference", model, text),
            [
                "p/x.yaml:7:30 [nil] `vnfd/vdu/0/int-cpd/0/int-virtual-link-desc` names `nil`, which is the id of no `int-virtual-link-desc` | help: there are `left` and `right`",
                "p/x.yaml:11:15 [mian] `vnfd/ext-cpd/0/int-cpd/vdu-id` names `mian`, which is the id of no `vdu` | help: did you mean `main`?",
                // Behind a reference that leads nowhere nothing is looked for.
                "p/x.yaml:16:12 [eth1] `vnfd/ext-cpd/1/int-cpd/cpd` names `eth1`, which is the id of no `int-cpd` | help: did you mean `eth0`?",
            ],
            "{model}"
        );
    }
    assert_eq!(vnfd("sol006/dangling-reference", text), NONE);
}

#[test]
fn another_descriptor_is_looked_into_where_it_stands_in_the_same_container() {
    let nsd = "\n  - id: s\n    vnfd-id: [a]\n    df:\n    - id: d\n      vnf-profile:\n      - id: p\n        vnfd-id: a\n        flavour-id: small\n";
    let alone = format!("nsd:\n  nsd:{nsd}");
    assert_eq!(
        etsi("sol006/dangling-reference", "sol006@3.6.1", &alone),
        NONE
    );
    let together = format!("nfv:\n  nsd:{nsd}  vnfd:\n  - id: a\n    df:\n    - id: large\n");
    assert_eq!(
        etsi("sol006/dangling-reference", "sol006@3.6.1", &together),
        [
            "p/x.yaml:10:21 [small] `nfv/nsd/0/df/0/vnf-profile/0/flavour-id` names `small`, which is the id of no `df` | help: there is `large`"
        ]
    );
}

#[test]
fn the_letter_of_the_modules_knows_no_repair() {
    let text = "vnfd:\n  id: a\n  vdu:\n  - id: main\n    int-cpd:\n    - id: eth0\n      int-virtual-link-desc: left\n  int-virtual-link-desc:\n  - id: left\n";
    let found = |profile| {
        let mut tree = Tree::new(&[("p/x.yaml", text)]);
        tree.choice.profile = profile;
        tree.choice.model = ModelVersion::find("sol006@3.6.1");
        tree.found("sol006/dangling-reference").len()
    };
    assert_eq!(found(Profile::Etsi), 0);
    assert_eq!(found(Profile::EtsiLiteral), 1);
}

fn conditions(profile: Profile, model: &str, text: &str) -> Vec<String> {
    let mut tree = Tree::new(&[("p/x.yaml", text)]);
    tree.choice.profile = profile;
    tree.choice.model = ModelVersion::find(model);
    tree.found("sol006/condition")
}

#[test]
fn values_that_are_compared_are_shown_at_both_places() {
    let text = "vnfd:\n  id: a\n  vdu:\n  - id: m\n    virtual-compute-desc: small\n    sw-image-desc: os\n  virtual-compute-desc:\n  - id: small\n    virtual-memory:\n      size: '2.0'\n  sw-image-desc:\n  - id: os\n    min-ram: 4\n  df:\n  - id: d\n    instantiation-level:\n    - id: one\n      vdu-level:\n      - vdu-id: m\n        number-of-instances: 3\n    - id: two\n    vdu-profile:\n    - id: m\n      min-number-of-instances: 2\n";
    assert_eq!(
        conditions(Profile::Etsi, "sol006@2.6.1", text),
        [
            "p/x.yaml:5:27 [small] `small` has 2.0 of memory, and the image `os` needs 4 in `vnfd/vdu/0` | also p/x.yaml:13:14 [4] | also p/x.yaml:10:13 ['2.0']",
            "p/x.yaml:15:5 [id] `df` has 2 of `instantiation-level` and must name the `default-instantiation-level` in `vnfd/df/0` | also p/x.yaml:17:7 [id]",
            "p/x.yaml:20:30 [3] `number-of-instances` is 3 and must be at most the `max-number-of-instances` of `m`, which is 1 by default in `vnfd/df/0/instantiation-level/0/vdu-level/0`",
            "p/x.yaml:24:32 [2] `max-number-of-instances` is 1 by default and must be at least `min-number-of-instances`, which is 2 in `vnfd/df/0/vdu-profile/0`",
        ]
    );
    // OSM's loader looks at none of them: all but the absent default level
    // (which belongs to the departures) are warnings of their own.
    let severities: Vec<Severity> = Tree::new(&[("p/x_vnfd.yaml", text)])
        .check()
        .iter()
        .filter(|found| found.rule.id == "sol006/condition")
        .map(|found| found.severity)
        .collect();
    assert_eq!(severities, [Severity::Warning; 3]);
}

/// The caret of a condition is on a number that is compared, never on the id of what has
/// it, and what nobody has written is told as a default.
#[test]
fn a_condition_stands_on_the_number_that_is_compared() {
    let nsd = |body: &str| {
        format!(
            "nsd:\n  nsd:\n  - id: n\n    vnfd-id: [a]\n    df:\n    - id: d\n      vnf-profile:\n      - id: v\n        vnfd-id: a\n{body}"
        )
    };
    let least = "        min-number-of-instances: 5\n";
    let most = "        max-number-of-instances: 2\n";
    for (text, model, told) in [
        (
            nsd(&format!("{least}{most}")),
            "sol006@2.6.1",
            "p/x.yaml:10:34 [5] `min-number-of-instances` is 5 and must be at most `max-number-of-instances`, which is 2 in `nsd/nsd/0/df/0/vnf-profile/0` | also p/x.yaml:11:34 [2]",
        ),
        (
            nsd(least),
            "sol006@2.6.1",
            "p/x.yaml:10:34 [5] `min-number-of-instances` is 5 and must be at most `max-number-of-instances`, which is 1 by default in `nsd/nsd/0/df/0/vnf-profile/0`",
        ),
        (
            nsd("        max-number-of-instances: 0\n"),
            "sol006@2.6.1",
            "p/x.yaml:10:34 [0] `min-number-of-instances` is 1 by default and must be at most `max-number-of-instances`, which is 0 in `nsd/nsd/0/df/0/vnf-profile/0`",
        ),
        (
            "vnfd:\n  id: a\n  virtual-storage-desc:\n  - id: s\n    size-of-storage: 1\n    sw-image-desc: i\n  sw-image-desc:\n  - id: i\n    min-disk: 2\n".to_owned(),
            "sol006@2.6.1",
            "p/x.yaml:5:22 [1] `size-of-storage` is 1, and the image `i` needs 2 in `vnfd/virtual-storage-desc/0` | also p/x.yaml:9:15 [2]",
        ),
    ] {
        let found = conditions(Profile::Etsi, model, &text);
        assert_eq!(found, [told]);
    }
}

/// Whoever looks a condition up finds its name in each finding.
#[test]
fn every_condition_has_its_name_in_a_note() {
    let text = "vnfd:\n  id: a\n  virtual-compute-desc:\n  - id: c\n    virtual-cpu:\n      num-virtual-cpu: 1\n      pinning:\n        policy: dynamic\n        rule: [{key: a, value: b}]\n  df:\n  - id: d\n    virtual-link-profile:\n    - id: l\n      virtual-link-protocol-data:\n        associated-layer-protocol: ethernet\n        l3-protocol-data: {name: x}\n";
    let mut tree = Tree::new(&[("p/x.yaml", text)]);
    tree.choice.profile = Profile::Etsi;
    tree.choice.model = ModelVersion::find("sol006@2.6.1");
    let found = tree.check();
    let own = found.iter().filter(|one| one.rule.id == "sol006/condition");
    let notes = own.map(|one| one.notes.last().map(String::as_str));
    let note = Some("the condition is `is`");
    assert_eq!(notes.collect::<Vec<_>>(), [note, note]);
}

/// To YANG nothing holds what is not there; that a key is missing is told by itself.
#[test]
fn a_disk_is_compared_with_what_the_image_says() {
    let image = |least: &str| {
        format!(
            "vnfd:\n  id: a\n  virtual-storage-desc:\n  - id: s\n    size-of-storage: 1\n    sw-image-desc: i\n  sw-image-desc:\n  - id: i\n{least}"
        )
    };
    let count = |profile, text: &str| conditions(profile, "sol006@2.6.1", text).len();
    for profile in [Profile::Osm, Profile::Etsi] {
        assert_eq!(count(profile, &image("")), 0, "{profile:?}");
        assert_eq!(count(profile, &image("    min-disk: 2\n")), 1);
    }
    let found = conditions(Profile::EtsiLiteral, "sol006@2.6.1", &image(""));
    assert_eq!(
        found,
        [
            "p/x.yaml:5:22 [1] `size-of-storage` and `min-disk` of the image `i` can't be compared: one is missing in `vnfd/virtual-storage-desc/0`"
        ]
    );
}

/// The name that no list has is what is wrong, not the item that it is of.
#[test]
fn what_is_not_listed_is_shown_beside_the_list() {
    let text = "nsd:\n  nsd:\n  - id: n\n    vnfd-id: [b]\n    df:\n    - id: d\n      vnf-profile:\n      - id: v\n        vnfd-id: a\n";
    let found = conditions(Profile::Etsi, "sol006@4.3.1", text);
    assert_eq!(
        found,
        [
            "p/x.yaml:9:18 [a] `vnfd-id` is `a`, which the list `vnfd-id` of the service does not have in `nsd/nsd/0/df/0/vnf-profile/0` | also p/x.yaml:4:15 [b]"
        ]
    );
}

/// Words that are booleans to YAML 1.1 alone are texts to YANG, and the letter
/// knows two words.
#[test]
fn the_letter_takes_two_words_for_a_boolean() {
    let found = |profile, value: &str| {
        let text = format!(
            "vnfd:\n  id: a\n  vdu:\n  - id: s\n    int-cpd:\n    - id: i\n      bitrate-requirement: 1\n      trunk-mode: {value}\n"
        );
        let mut tree = Tree::new(&[("p/x_vnfd.yaml", text)]);
        tree.choice.profile = profile;
        let found = tree.found("schema/wrong-type");
        found
            .iter()
            .filter(|line| line.contains("trunk-mode"))
            .count()
    };
    for (value, literal, others) in [
        ("true", 0, 0),
        ("True", 0, 0),
        ("'false'", 0, 0),
        ("yes", 1, 0),
        ("Off", 1, 0),
        ("'True'", 1, 0),
        ("'yes'", 1, 1),
        ("maybe", 1, 1),
    ] {
        assert_eq!(found(Profile::EtsiLiteral, value), literal, "{value}");
        for profile in [Profile::Etsi, Profile::Osm] {
            assert_eq!(found(profile, value), others, "{profile:?} {value}");
        }
    }
}

/// A number in quotes is one, so that it is the space that is wrong.
#[test]
fn space_around_a_number_is_named() {
    let text = "vnfd:\n  id: a\n  virtual-compute-desc:\n  - id: c\n    virtual-cpu:\n      num-virtual-cpu: ' 1'\n";
    assert_eq!(
        etsi("schema/wrong-type", "sol006@2.6.1", text),
        [
            "p/x.yaml:6:24 [' 1'] `vnfd/virtual-compute-desc/0/virtual-cpu/num-virtual-cpu` must be a whole number, not a string with space around the number | help: take away the space: `1`"
        ]
    );
}

#[test]
fn a_container_that_is_not_there_has_the_defaults_of_its_leafs() {
    let with = |least: u8| {
        format!(
            "vnfd:\n  id: a\n  vdu:\n  - id: m\n    virtual-compute-desc: small\n    sw-image-desc: os\n  virtual-compute-desc:\n  - id: small\n  sw-image-desc:\n  - id: os\n    min-ram: {least}\n"
        )
    };
    for profile in [Profile::Etsi, Profile::EtsiLiteral] {
        assert_eq!(conditions(profile, "sol006@2.6.1", &with(1)), NONE);
        assert_eq!(
            conditions(profile, "sol006@2.6.1", &with(2)),
            [
                "p/x.yaml:5:27 [small] `small` has 1 of memory by default, and the image `os` needs 2 in `vnfd/vdu/0` | also p/x.yaml:11:14 [2]"
            ]
        );
    }
}

#[test]
fn two_bounds_that_contradict_each_other_are_one_finding() {
    let text = "vnfd:\n  id: a\n  security-group-rule:\n  - id: r\n    port-range-min: 9\n    port-range-max: 1\n";
    assert_eq!(
        conditions(Profile::Etsi, "sol006@4.3.1", text),
        [
            "p/x.yaml:5:21 [9] `port-range-min` is 9 and must be at most `port-range-max`, which is 1 in `vnfd/security-group-rule/0` | also p/x.yaml:6:21 [1]"
        ]
    );
}

#[test]
fn a_node_that_depends_on_another_value() {
    let protocol = |kind: &str| {
        format!(
            "vnfd:\n  id: a\n  ext-cpd:\n  - id: e\n    layer-protocol: [ipv4]\n    protocol:\n    - associated-layer-protocol: ipv4\n      address-data:\n      - id: x\n        type: {kind}\n        l2-address-data:\n          mac-address-assignment: true\n"
        )
    };
    assert_eq!(
        conditions(Profile::Etsi, "sol006@2.6.1", &protocol("mac-address")),
        NONE
    );
    let found = conditions(Profile::Etsi, "sol006@2.6.1", &protocol("ip-address"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].contains("only where `type` is `mac-address`, not `ip-address`"),
        "{found:?}"
    );
    // And what must be there while it may.
    let missing = etsi(
        "schema/missing-key",
        "sol006@2.6.1",
        &protocol("ip-address"),
    );
    assert!(
        missing
            .iter()
            .any(|line| line.contains("`l3-address-data`")),
        "{missing:?}"
    );
}

#[test]
fn dead_conditions_live_in_the_repaired_reading() {
    let profile = |layer: &str| {
        format!(
            "vnfd:\n  id: a\n  int-virtual-link-desc:\n  - id: l\n  df:\n  - id: d\n    default-instantiation-level: x\n    virtual-link-profile:\n    - id: l\n      virtual-link-protocol-data:\n        associated-layer-protocol: {layer}\n        l3-protocol-data:\n          name: n\n          ip-version: ipv4\n          cidr: 10.0.0.0/24\n"
        )
    };
    let found = |judge, layer| conditions(judge, "sol006@2.6.1", &profile(layer)).len();
    assert_eq!(found(Profile::Etsi, "ipv4"), 0);
    assert_eq!(found(Profile::Etsi, "ethernet"), 1);
    assert_eq!(found(Profile::EtsiLiteral, "ipv4"), 1);
    // A graph may name the profiles that it lists.
    let graph = "nsd:\n  nsd:\n  - id: s\n    vnfd-id: [v]\n    df:\n    - id: d\n      default-ns-instantiation-level: x\n      ns-instantiation-level:\n      - id: x\n        vnf-to-level-mapping:\n        - vnf-profile-id: p\n      vnf-profile:\n      - id: p\n        vnfd-id: w\n    vnffgd:\n    - id: g\n      vnf-profile-id: [p]\n      nfp-position-element:\n      - id: e\n        desc:\n          vnf-profile:\n            vnf-profile-id: q\n";
    let found = conditions(Profile::Etsi, "sol006@3.6.1", graph);
    assert!(
        found
            .iter()
            .any(|line| line.contains("the list `vnfd-id` of the service")),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .any(|line| line.contains("`q`, which the list `vnf-profile-id` of the graph")),
        "{found:?}"
    );
}

#[test]
fn digits_behind_the_point_need_room() {
    let text = "vnfd:\n  id: a\n  virtual-compute-desc:\n  - id: c\n    virtual-memory:\n      size: 0.25\n    virtual-cpu:\n      num-virtual-cpu: 2.0\n";
    assert_eq!(
        etsi("schema/wrong-type", "sol006@2.6.1", text),
        [
            "p/x.yaml:6:13 [0.25] `vnfd/virtual-compute-desc/0/virtual-memory/size` must be a number with at most 1 digit behind the point, not `0.25`",
            "p/x.yaml:8:24 [2.0] `vnfd/virtual-compute-desc/0/virtual-cpu/num-virtual-cpu` must be a whole number, written without a point, not `2.0`",
        ]
    );
    assert_eq!(vnfd("schema/wrong-type", text), NONE);
}

#[test]
fn a_list_that_is_not_made_says_why() {
    for (body, why) in [
        ("  df:\n   id: d\n", ""),
        ("  df: !!map\n    id: d\n", ""),
        ("  df:\n    &d\n    id: d\n", "an anchor or a tag"),
        ("  df:\n    id: d\n    foo: x\n", "not all of its keys"),
        ("  df:\n    id: d\n", ""),
    ] {
        let text = format!("vnfd:\n  id: a\n{body}");
        let found = Tree::new(&[("p/x_vnfd.yaml", text.as_str())]).check();
        let found: Vec<_> = found
            .iter()
            .filter(|d| d.rule.id == "schema/wrong-type")
            .collect();
        let helps: Vec<&String> = found.iter().flat_map(|d| &d.help).collect();
        let is_left = |help: &&&String| help.starts_with("`--fix` does not");
        let told: Vec<_> = helps.iter().filter(is_left).collect();
        assert_eq!(
            told.len(),
            usize::from(!why.is_empty()),
            "{body}: {helps:?}"
        );
        assert!(
            told.iter().all(|help| help.contains(why)),
            "{body}: {told:?}"
        );
    }
}

/// The root key once more inside itself is told as that, whatever stands beside it.
#[test]
fn a_root_inside_itself_is_no_unknown_key() {
    for (text, at) in [
        ("vnfd:\n  vnfd:\n    id: a\n", "2:3 [vnfd]"),
        ("vnfd:\n  id: a\n  vnfd:\n    id: a\n", "3:3 [vnfd]"),
    ] {
        let told = etsi("schema/unknown-key", "sol006@2.6.1", text);
        let message = "`vnfd` holds another `vnfd`: it stands twice around the descriptor";
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].starts_with(&format!("p/x.yaml:{at} {message}")),
            "{told:?}"
        );
    }
}

/// What stands beside the root is one finding, for OSM, which passes over it, as well.
#[test]
fn keys_beside_the_root_are_one_finding() {
    let text = "vnfd:\n  id: a\naa1: 1\nbb2: 1\ncc3: 1\ndd4: 1\n";
    let message = "[aa1] unknown keys `aa1`, `bb2`, `cc3` and `dd4` at the top of the document";
    for told in [
        vnfd("schema/lost-value", text),
        etsi("schema/unknown-key", "sol006@2.6.1", text),
    ] {
        assert!(told.len() == 1 && told[0].contains(message), "{told:?}");
    }
}

#[test]
fn equal_ids_are_found_behind_more_than_is_told() {
    let text = format!(
        "vnfd:\n  id: a\n  sw-image-desc:\n{}",
        "  - id: i\n".repeat(8000)
    );
    assert_eq!(
        etsi("schema/unread", "sol006@4.3.1", &text),
        [
            "p/x.yaml:1:1 [vnfd] the document departs from the model in more than 20000 places, and not all of it was looked at"
        ]
    );
    assert_eq!(etsi("schema/other", "sol006@4.3.1", &text), NONE);
    let twice = etsi("sol006/duplicate-list-key", "sol006@4.3.1", &text);
    assert!(
        twice.len() == 1
            && twice[0].contains("the id `i` stands twice in the list `sw-image-desc`"),
        "{twice:?}"
    );
}

/// A name that the model has elsewhere, and one that looks like a key which is there, are no
/// slips for something else.
#[test]
fn unknown_keys_that_are_known_elsewhere_or_there_already() {
    let text = "vnfd:\n  id: a\n  virtual-storage-desc:\n  - id: s\n    size-of-storage: 1\n";
    let told = |model: &str, text: &str| {
        let mut tree = Tree::new(&[("p/x.yaml", text)]);
        tree.choice.profile = Profile::Etsi;
        tree.choice.model = ModelVersion::find(model);
        let mut found = tree.check().into_iter();
        let one = found.find(|one| one.rule.id == "schema/unknown-key");
        let one = one.expect("a finding");
        (one.notes, one.help, one.fixes.len())
    };
    let (notes, help, _) = told("sol006@3.6.1", text);
    assert!(help.is_empty(), "{help:?}");
    assert_eq!(
        notes.last().map(String::as_str),
        Some("the model has `size-of-storage` in several other places")
    );
    let text = "vnfd:\n  id: a\n  product-name: a\n  product-nmae: b\n";
    let (notes, help, fixes) = told("sol006@3.6.1", text);
    assert_eq!((help.len(), fixes), (0, 0));
    assert_eq!(
        notes.last().map(String::as_str),
        Some("it looks like `product-name`, which is there already")
    );
}
