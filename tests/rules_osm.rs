//! What OSM takes and what it refuses, in situations that one example a rule
//! can't show.

use std::fs;
use std::path::Path;

use nfv::diagnostic::Diagnostic;
use nfv::rules::{self, Levels};
use nfv::schema::{Choice, ModelVersion};
use nfv::source::{self, Config, Selection, Workspace};

fn check(files: &[(&str, &str)], paths: &[&str]) -> Vec<Diagnostic> {
    check_as(Choice::default(), files, paths)
}

fn check_as(choice: Choice, files: &[(&str, &str)], paths: &[&str]) -> Vec<Diagnostic> {
    let folder = tempfile::tempdir().expect("folder");
    let root = fs::canonicalize(folder.path()).expect("folder");
    for (path, text) in files {
        write(&root.join(path), text);
    }
    let workspace = Workspace {
        current_dir: root.clone(),
        out_dir: root.join("target/nfv"),
        root: root.clone(),
        config: Config::default(),
        config_path: None,
        placeholders: Default::default(),
    };
    let selection = Selection {
        paths: paths.iter().map(|path| root.join(path)).collect(),
        ..Selection::default()
    };
    let scan = source::scan(&workspace, &selection).expect("scan");
    rules::run(&scan, choice, &Levels::default())
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("parent")).expect("folder");
    fs::write(path, text).expect("file");
}

/// Messages of one rule.
fn messages(diagnostics: &[Diagnostic], id: &str) -> Vec<String> {
    let of_rule = diagnostics.iter().filter(|d| d.rule.id == id);
    of_rule.map(|d| d.message.clone()).collect()
}

fn vnfd(rest: &str) -> String {
    format!("vnfd:\n  id: tiny_vnf\n  version: '1.0'\n{rest}")
}

/// What is missing because it is misspelt is told of once, where it stands.
#[test]
fn a_slip_is_one_finding() {
    const SOUND: &str = "  mgmt-cp: ext\n  ext-cpd:\n    - id: ext\n      int-cpd:\n        vdu-id: a\n        \
                         cpd: eth0\n  vdu:\n    - id: a\n      name: a\n      int-cpd:\n        - id: eth0\n  \
                         df:\n    - id: default-df\n      vdu-profile:\n        - id: a\n";
    for (node, slip, rule) in [
        ("  mgmt-cp:", "  mgnt-cp:", "osm/mgmt-cp"),
        (
            "      int-cpd:\n        - id",
            "      int-cpds:\n        - id",
            "topology/isolated-vdu",
        ),
        ("  df:", "  dfs:", "osm/no-df"),
    ] {
        let told = |text: &str| {
            let found = check(&[("a/a_vnfd.yaml", &vnfd(text))], &[]);
            let count = |rule| messages(&found, rule).len();
            (count("schema/unknown-key"), count(rule))
        };
        assert_eq!(told(SOUND), (0, 0), "{node}");
        assert_eq!(told(&SOUND.replace(node, slip)), (1, 0), "{node}");
        let other = &SOUND.replace(node, &node.replacen(char::is_alphabetic, "unlike-", 1));
        assert_eq!(told(other), (1, 1), "{node}");
    }
}

#[test]
fn every_wrong_envelope_and_every_right_one() {
    for text in [
        "nsd:\n  id: a\n",
        "nsd:\n  - id: a\n",
        "nsd:\n  nsd:\n    id: a\n",
        "nsd:\n  nsd: []\n",
        "vnfd:\n  - id: a\n",
        "vnfd:\n",
        "nst:\n  id: a\n",
        "nst: []\n",
        "vnfd-catalog:\n  vnfd: []\n",
        "nsd:nsd-catalog:\n  - id: a\n",
        // An item without content, and modules that OSM does not take off.
        "nst:\n  -\n",
        "nsd: {}\n",
        "other:vnfd:\n  id: a\n",
        "etsi-nfv-nsd:nsd:\n  etsi-nfv-nsd:nsd:\n    - id: a\n",
    ] {
        let found = check(&[("a/a.yaml", text)], &[]);
        assert_eq!(messages(&found, "osm/envelope").len(), 1, "{text}");
    }
    for text in [
        "nsd:\n  nsd:\n    - id: a\n",
        "etsi-nfv-nsd:nsd:\n  nsd:\n    - id: a\n",
        "etsi-nfv-vnfd:vnfd:\n  id: a\n",
        "vnfd:\n  id: a\n",
        "nst:\n  - id: a\n",
        "vnfd:vnfd-catalog:\n  vnfd:vnfd:\n    - id: a\n",
    ] {
        let found = check(&[("a/a.yaml", text)], &[]);
        assert!(messages(&found, "osm/envelope").is_empty(), "{text}");
    }
}

/// Neither model takes what is written by the other.
#[test]
fn a_model_of_the_other_age_is_refused_on_both_sides() {
    let vnfd = "vnfd:\n  id: a\n  version: '1'\n  df:\n  - id: d\n";
    let nsd = "nsd:\n  nsd:\n  - id: a\n    version: '1'\n";
    let old = "vnfd:vnfd-catalog:\n  vnfd:\n  - id: a\n    name: a\n    version: '1'\n";
    for (text, model, message) in [
        (
            vnfd,
            "osm-im@8",
            Some(
                "`vnfd` is of SOL006, which `osm-im@8`, OSM's model before release NINE, does not take",
            ),
        ),
        (
            nsd,
            "osm-im@3",
            Some(
                "`nsd` is of SOL006, which `osm-im@3`, OSM's model before release NINE, does not take",
            ),
        ),
        (
            old,
            "osm@15",
            Some(
                "`vnfd:vnfd-catalog` is of OSM's model before release NINE, which `osm@15` does not take",
            ),
        ),
        (vnfd, "osm@9", None),
        (old, "osm-im@8", None),
        ("nst:\n- id: a\n  name: a\n", "osm-im@8", None),
    ] {
        let choice = Choice {
            model: ModelVersion::find(model),
            ..Choice::default()
        };
        let found = check_as(choice, &[("p/p.yaml", text)], &[]);
        let wanted: Vec<&str> = message.into_iter().collect();
        assert_eq!(messages(&found, "osm/envelope"), wanted, "{model}\n{text}");
    }
}

/// A version that is none says what it is.
#[test]
fn a_version_that_is_no_text_is_not_empty() {
    for (value, is) in [
        ("[1]", "a list and no text"),
        ("{a: 1}", "a mapping and no text"),
        ("", "empty"),
    ] {
        let text = format!("vnfd:\n  id: a\n  version: {value}\n");
        let found = check(&[("p/p.yaml", &text)], &[]);
        let message = format!("the `version` of this VNFD is {is}");
        assert_eq!(messages(&found, "osm/no-version"), [message]);
    }
}

#[test]
fn ids_are_compared_list_by_list_as_osm_does() {
    // The same id in two lists, and names beside ids, are fine.
    let fine = vnfd(
        "  vdu:\n    - id: a\n      name: x\n      int-cpd:\n        - id: eth0\n    - id: b\n      \
         name: x\n      int-cpd:\n        - id: eth0\n",
    );
    let found = check(&[("a/a.yaml", &fine)], &[]);
    assert!(messages(&found, "osm/duplicate-id").is_empty());
    let twice =
        vnfd("  vdu:\n    - id: a\n      int-cpd:\n        - id: eth0\n        - id: eth0\n");
    let found = check(&[("a/a.yaml", &twice)], &[]);
    assert_eq!(
        messages(&found, "osm/duplicate-id"),
        ["the id `eth0` stands twice in the list `int-cpd`"]
    );
    let parameters = vnfd(
        "  vdu:\n    - id: a\n      monitoring-parameter:\n        - id: cpu\n  df:\n    - id: d\n      \
         monitoring-parameter:\n        - id: cpu\n",
    );
    let found = check(&[("a/a.yaml", &parameters)], &[]);
    assert_eq!(messages(&found, "osm/duplicate-id").len(), 1);
}

#[test]
fn every_reference_that_osm_follows() {
    let text = vnfd(
        "  mgmt-cp: ext\n  ext-cpd:\n    - id: ext\n      int-cpd:\n        vdu-id: wm\n        \
         cpd: eth0\n  int-virtual-link-desc:\n    - id: inner\n  virtual-compute-desc:\n    - id: \
         small\n  vdu:\n    - id: vm\n      virtual-compute-desc: smal\n      virtual-storage-desc:\n        \
         - disk\n      int-cpd:\n        - id: eth0\n          int-virtual-link-desc: iner\n      \
         alarm:\n        - alarm-id: hot\n          vnf-monitoring-param-ref: cpu\n    - id: box\n      \
         pdu-type: gateway\n      virtual-compute-desc: none\n  df:\n    - id: d\n      \
         virtual-link-profile:\n        - id: outer\n      instantiation-level:\n        - id: l\n          \
         vdu-level:\n            - vdu-id: vm\n      scaling-aspect:\n        - id: s\n          \
         aspect-delta-details:\n            deltas:\n              - id: one\n                \
         vdu-delta:\n                  - id: wm\n          scaling-config-action:\n            - trigger: \
         post-scale-out\n              vnf-config-primitive-name-ref: grow\n      healing-aspect:\n        \
         - id: h\n          healing-policy:\n            - vdu-id: wm\n",
    );
    let found = check(&[("a/a.yaml", &text)], &[]);
    let found = messages(&found, "osm/dangling-reference");
    for word in [
        "`wm`", "`smal`", "`disk`", "`iner`", "`cpu`", "`outer`", "`grow`",
    ] {
        assert!(found.iter().any(|m| m.contains(word)), "{word}: {found:#?}");
    }
    // The VDU that is a physical unit has no such descriptions.
    assert!(!found.iter().any(|m| m.contains("`none`")), "{found:#?}");
    assert_eq!(found.len(), 9, "{found:#?}");
}

#[test]
fn a_part_of_the_tree_says_nothing_about_the_rest() {
    let nsd =
        "nsd:\n  nsd:\n    - id: ns\n      version: '1.0'\n      vnfd-id:\n        - router_vnf\n";
    let vnfd = |id: &str| format!("vnfd:\n  id: {id}\n  version: '1.0'\n");
    let other = vnfd("firewall_vnf");
    let files = [("ns/ns.yaml", nsd), ("fw/fw.yaml", other.as_str())];
    let whole = check(&files, &[]);
    assert_eq!(messages(&whole, "sol006/unknown-descriptor").len(), 1);
    let part = check(&files, &["ns", "fw"]);
    assert!(messages(&part, "sol006/unknown-descriptor").is_empty());
    // A misspelling shows in a part as well.
    let near = vnfd("router-vnf");
    let part = check(&[("ns/ns.yaml", nsd), ("r/r.yaml", &near)], &["ns", "r"]);
    assert_eq!(messages(&part, "sol006/unknown-descriptor").len(), 1);
}

#[test]
fn files_in_folders_of_the_package_are_no_descriptors() {
    let text = vnfd("");
    let files = [
        ("a/a_vnfd.yaml", text.as_str()),
        ("a/charms/x/metadata.yaml", "name: x\n"),
        ("a/helm-charts/y/values.yaml", "a: 1\n"),
        ("a/README.md", "text\n"),
    ];
    let found = check(&files, &[]);
    assert!(messages(&found, "osm/root-yaml").is_empty());
}

/// OSM goes by the names of members, and a folder is one in a tar.
#[test]
fn a_folder_that_is_named_like_a_descriptor() {
    let text = vnfd("");
    let files = [
        ("a/a_vnfd.yaml", text.as_str()),
        ("a/old.yaml/x.txt", "x\n"),
        ("a/Files/more.yaml/x.txt", "x\n"),
    ];
    let found = check(&files, &[]);
    assert_eq!(
        messages(&found, "osm/root-yaml"),
        ["OSM takes the folder `old.yaml` for a second descriptor and refuses the package"]
    );
}

#[test]
fn cloud_init_in_the_old_model_and_in_scripts() {
    let old = "vnfd:vnfd-catalog:\n  vnfd:\n    - id: a\n      name: a\n      version: '1.0'\n      \
               vdu:\n        - id: vm\n          cloud-init-file: init.cfg\n";
    let found = check(&[("a/a.yaml", old), ("a/cloud_init/x", "")], &[]);
    assert_eq!(messages(&found, "osm/cloud-init-missing").len(), 1);
    let files = [("a/a.yaml", old), ("a/Scripts/cloud_init/init.cfg", "")];
    assert!(messages(&check(&files, &[]), "osm/cloud-init-missing").is_empty());
}

#[test]
fn words_that_osm_fills_in_are_no_placeholders() {
    let text = vnfd(
        "  provider: <update>\n  df:\n    - id: d\n      lcm-operations-configuration:\n        \
         operate-vnf-op-config:\n          day1-2:\n            - id: other\n              \
         initial-config-primitive:\n                - seq: 1\n                  name: config\n                  \
         parameter:\n                    - name: ssh-hostname\n                      value: \
         <rw_mgmt_ip>\n                    - name: x\n                      value: changeme\n",
    );
    let found = check(&[("a/a.yaml", &text)], &[]);
    assert_eq!(
        messages(&found, "osm/placeholder"),
        ["`provider` still holds the placeholder `<update>`"]
    );
}
