//! What OSM's loader takes and what it refuses, value by value.
//!
//! Each line was put to PyYAML and the classes of pyangbind 0.8.7, which are
//! what OSM loads a descriptor with.

mod rules_yaml_support;

use nfv::diagnostic::Severity;
use nfv::source::Profile;
use rules_yaml_support::Tree;

/// A VNFD without a finding but for what it leaves out.
const PLAIN: &str = "\
vnfd:
  id: a
  version: '1.0'
  mgmt-cp: e
  ext-cpd:
  - id: e
    layer-protocol: [ipv4]
    int-cpd: {vdu-id: s, cpd: i}
  vdu:
  - id: s
    name: s
    virtual-compute-desc: c
    virtual-storage-desc: [d]
    int-cpd:
    - id: i
      port-security-enabled: true
  virtual-compute-desc:
  - id: c
    virtual-cpu: {num-virtual-cpu: 2}
    virtual-memory: {size: 1.0}
  virtual-storage-desc:
  - id: d
    size-of-storage: 5
  sw-image-desc:
  - id: m
    size: 1
    disk-format: qcow2
  df:
  - id: d
";

/// The rules that a descriptor breaks with an error, and whether a departure
/// speaks of the key.
fn judge(from: &str, to: &str) -> (Vec<&'static str>, bool) {
    assert!(PLAIN.contains(from), "{from}");
    let text = PLAIN.replacen(from, to, 1);
    let found = Tree::new(&[("p/a_vnfd.yaml", text)]).check();
    let errors = found.iter().filter(|d| d.severity == Severity::Error);
    let errors = errors.map(|d| d.rule.id).collect();
    let key = from.trim().split(':').next().unwrap_or_default();
    let key = key.trim_start_matches(['-', ' ']);
    let differs = found.iter().filter_map(|d| d.tally.as_ref());
    let mut differs = differs.flat_map(|tally| &tally.different);
    (errors, differs.any(|name| name == key))
}

#[test]
fn what_osm_takes_is_no_error() {
    let cpu = "num-virtual-cpu: 2";
    let storage = "size-of-storage: 5";
    let memory = "size: 1.0";
    let size = "size: 1\n";
    let flag = "port-security-enabled: true";
    for (from, to, departs) in [
        ("id: a", "id: a", false),
        // Texts.
        ("version: '1.0'", "version: 1.0", false),
        ("name: s", "name: 5", false),
        ("name: s", "name: true", false),
        ("name: s", "name: null", false),
        ("name: s", "name:", false),
        // Numbers, as numbers and as texts.
        (cpu, "num-virtual-cpu: '2'", false),
        (cpu, "num-virtual-cpu: 1.0", true),
        // `schema/lost-value` speaks of what becomes another number.
        (cpu, "num-virtual-cpu: 1.5", false),
        (cpu, "num-virtual-cpu: 0x10", true),
        // `yaml/ambiguous-scalar` speaks of it.
        (cpu, "num-virtual-cpu: 1_0", false),
        (size, "size: 1.5\n", false),
        (size, "size: '7'\n", false),
        (memory, "size: '2'", false),
        (memory, "size: 0.25", true),
        (memory, "size: 0.50", false),
        // What is not said in decimal digits is compared by its value, and what is
        // left of a fraction.
        (storage, "size-of-storage: -0.5", false),
        (cpu, "num-virtual-cpu: 65535.9", false),
        (cpu, "num-virtual-cpu: 0100000", false),
        (cpu, "num-virtual-cpu: 1:30", false),
        // No number to Python, and 0 to a class with a range.
        (cpu, "num-virtual-cpu: '0.9'", false),
        (cpu, "num-virtual-cpu: .inf", false),
        (cpu, "num-virtual-cpu: 1.0e+400", false),
        (memory, "size: .inf", true),
        // Booleans.
        (flag, "port-security-enabled: 'true'", false),
        (flag, "port-security-enabled: 'False'", false),
        (flag, "port-security-enabled: TRUE", false),
        (flag, "port-security-enabled: yes", false),
        (flag, "port-security-enabled: 1", true),
        (flag, "port-security-enabled: '0'", true),
        // Lists.
        ("virtual-storage-desc: [d]", "virtual-storage-desc: d", true),
        // Names with the prefix of a module, and without.
        ("    name: s\n", "    etsi-nfv-vnfd:name: s\n", false),
        (
            "layer-protocol: [ipv4]",
            "layer-protocol: [etsi-nfv-descriptors:ipv4]",
            false,
        ),
        // Of a key that stands twice but for its prefix, the last value holds.
        (
            "  mgmt-cp: e\n",
            "  mgmt-cp: nosuch\n  x:mgmt-cp: e\n",
            false,
        ),
        ("  mgmt-cp: e\n", "  mgmt-cp: e\n  x:mgmt-cp: null\n", false),
        // What a model demands of several values, and of keys.
        (
            "  - id: m\n    size",
            "  - id: m\n    min-ram: 0\n    size",
            false,
        ),
        ("    name: s\n", "    name: s\n    cloud-init: x\n", false),
    ] {
        assert_eq!(judge(from, to), (vec![], departs), "{to}");
    }
}

#[test]
fn what_osm_refuses_is_one_error() {
    let cpu = "num-virtual-cpu: 2";
    let memory = "size: 1.0";
    let storage = "size-of-storage: 5";
    let flag = "port-security-enabled: true";
    let size = "size: 1\n";
    for (from, to, rule) in [
        // What its loader takes, and its north-bound interface does not find.
        ("  mgmt-cp: e", "  mgmt-interface:mgmt-cp: e", "osm/mgmt-cp"),
        (cpu, "num-virtual-cpu: -1", "schema/out-of-range"),
        (cpu, "num-virtual-cpu: 65536", "schema/out-of-range"),
        (size, "size: 18446744073709551616\n", "schema/out-of-range"),
        // In the notations of YAML 1.1 as well.
        (cpu, "num-virtual-cpu: 0x0", "schema/out-of-range"),
        (cpu, "num-virtual-cpu: -0x1", "schema/out-of-range"),
        (cpu, "num-virtual-cpu: 0x1FFFF", "schema/out-of-range"),
        (cpu, "num-virtual-cpu: 1_000_000", "schema/out-of-range"),
        (cpu, "num-virtual-cpu: 20:00:00", "schema/out-of-range"),
        (cpu, "num-virtual-cpu: 1.0e+5", "schema/out-of-range"),
        (cpu, "num-virtual-cpu: 0.9", "schema/out-of-range"),
        (memory, "size: -0x1", "schema/out-of-range"),
        (memory, "size: -1.0e-5", "schema/out-of-range"),
        (memory, "size: -1:30.5", "schema/out-of-range"),
        (memory, "size: .nan", "schema/wrong-type"),
        (storage, "size-of-storage: 1.0e+30", "schema/out-of-range"),
        (storage, "size-of-storage: .inf", "schema/wrong-type"),
        (cpu, "num-virtual-cpu: two", "schema/wrong-type"),
        // The number is taken, its text is not.
        (size, "size: '1.0'\n", "schema/wrong-type"),
        (size, "size: '1.5'\n", "schema/wrong-type"),
        (size, "size: '0x10'\n", "schema/wrong-type"),
        // A text to YAML 1.1.
        (size, "size: 0o17\n", "schema/wrong-type"),
        (size, "size: 1e3\n", "schema/wrong-type"),
        (flag, "port-security-enabled: 'yes'", "schema/wrong-type"),
        (flag, "port-security-enabled: 'TRUE'", "schema/wrong-type"),
        (flag, "port-security-enabled: 2", "schema/wrong-type"),
        (
            "disk-format: qcow2",
            "disk-format: qcow3",
            "schema/not-allowed",
        ),
        (
            "layer-protocol: [ipv4]",
            "layer-protocol: [ipv5]",
            "schema/not-allowed",
        ),
        // The loader makes one of the two, and what comes after it fails.
        (
            "virtual-storage-desc: [d]",
            "virtual-storage-desc: [d, d]",
            "osm/merged-items",
        ),
        // The last of the two holds.
        (
            "  mgmt-cp: e\n",
            "  mgmt-cp: e\n  x:mgmt-cp: nosuch\n",
            "osm/mgmt-cp",
        ),
        (
            "num-virtual-cpu: 2",
            "num-virtual-cpu: 2, x:num-virtual-cpu: 70000",
            "schema/out-of-range",
        ),
        ("name: s", "nmae: s", "schema/unknown-key"),
        ("- id: m", "- name: m", "schema/missing-key"),
        ("name: s", "name: {a: b}", "schema/wrong-type"),
        ("  df:\n  - id: d", "  df:\n    id: d", "schema/wrong-type"),
        (
            "vnfd:\n  id: a\n",
            "vnfd: []\nx:\n  id: a\n",
            "osm/envelope",
        ),
    ] {
        assert_eq!(judge(from, to).0, [rule], "{to}");
    }
}

#[test]
fn the_standard_compares_texts_as_well_and_coerces_nothing() {
    let etsi = |from: &str, to: &str| {
        let mut tree = Tree::new(&[("p/a_vnfd.yaml", PLAIN.replacen(from, to, 1))]);
        tree.choice.profile = Profile::Etsi;
        tree.found("schema/wrong-type").len()
    };
    let cpu = "num-virtual-cpu: 2";
    assert_eq!(etsi("version: '1.0'", "version: 1.0"), 0);
    assert_eq!(etsi(cpu, "num-virtual-cpu: '2'"), 0);
    for to in ["1.5", "1.0", "0x10"] {
        assert_eq!(etsi(cpu, &format!("num-virtual-cpu: {to}")), 1, "{to}");
    }
    assert_eq!(
        etsi("virtual-storage-desc: [d]", "virtual-storage-desc: d"),
        1
    );
}

#[test]
fn where_yaml_1_1_changes_the_value_a_warning_says_so() {
    for (from, to) in [
        ("name: s", "name: yes"),
        ("name: s", "name: 0755"),
        ("name: s", "name: 12:30:45"),
        ("num-virtual-cpu: 2", "num-virtual-cpu: 010"),
        ("port-security-enabled: true", "port-security-enabled: on"),
    ] {
        let found = Tree::new(&[("p/a_vnfd.yaml", PLAIN.replacen(from, to, 1))]);
        assert_eq!(found.found("yaml/ambiguous-scalar").len(), 1, "{to}");
    }
}

/// `pybindJSONDecoder.load_ietf_json` takes all three.
#[test]
fn a_reference_has_not_the_bounds_of_what_it_refers_to() {
    let long = "x".repeat(300);
    for value in ["''", "[x]", &long] {
        let text = |id: &str, reference: &str| {
            format!(
                "nst:\n- id: {id}\n  name: t\n  SNSSAI-identifier: {{slice-service-type: eMBB}}\n  quality-of-service: {{id: 1}}\n  netslice-vld:\n  - id: v\n    nss-connection-point-ref:\n    - nss-ref: {reference}\n      nsd-connection-point-ref: p\n"
            )
        };
        let errors = |text: &str| {
            let mut tree = Tree::new(&[("t/t.yaml", text)]);
            tree.choice.profile = Profile::Osm;
            let found = tree.check();
            let errors = found.iter().filter(|d| d.severity == Severity::Error);
            errors.filter(|d| d.rule.id.starts_with("schema/")).count()
        };
        assert_eq!(errors(&text("t", value)), 0, "{value}");
    }
}
