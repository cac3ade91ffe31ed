//! What OSM lets pass and the published model does not: one warning for each
//! descriptor, and one for people where there are many.

#![cfg(unix)]

mod common;
mod rules_yaml_support;

use common::vnfd;
use nfv::source::Profile;
use rules_yaml_support::Tree;
use serde_json::Value;

const RULE: &str = "schema/departure";

/// A descriptor with a departure of each class.
const DEPARTING: &str = "\
vnfd:
  id: a
  provider: x
  version: '1.0'
  software-version: '1.0'
  vnfm-info: osm
  mgmt-cp: e
  ext-cpd:
  - id: e
    int-cpd: {vdu-id: s, cpd: i}
  vdu:
  - id: s
    name: s
    cloud-init: x
    cloud-init-file: y
    int-cpd:
    - id: i
  df:
  - id: d
    vdu-profile:
    - id: s
      max-number-of-instances: 0
    instantiation-level:
    - id: l
      vdu-level:
      - vdu-id: s
        number-of-instances: 1
";

#[test]
fn a_descriptor_has_one_finding_with_the_first_places() {
    let tree = Tree::new(&[("p/x_vnfd.yaml", DEPARTING), ("p/cloud_init/y", "")]);
    let departures: Vec<_> = tree.check();
    let departures: Vec<_> = departures.iter().filter(|d| d.rule.id == RULE).collect();
    let [one] = departures.as_slice() else {
        panic!("{departures:#?}");
    };
    assert_eq!(
        one.message,
        "the descriptor departs from ETSI NFV-SOL006 2.6.1 where OSM does not mind: \
         it leaves out `product-name`; \
         it differs in `vnfm-info`"
    );
    let text = one.primary.span.file.text();
    let under = |label: &nfv::diagnostic::Label| {
        let range = label.span.range.clone().expect("a place");
        (text[range].to_owned(), label.text.clone())
    };
    let mut places = vec![under(&one.primary)];
    places.extend(one.secondary.iter().map(under));
    let place = |token: &str, text: &str| (token.to_owned(), text.to_owned());
    assert_eq!(
        places,
        [
            place("vnfd", "missing key `product-name` in `vnfd`"),
            place("osm", "`vnfd/vnfm-info` must be a list, not a string"),
        ]
    );
    assert_eq!(one.fixes.len(), 1);
}

/// Of several nodes of which one would do, none is left out by itself.
#[test]
fn a_choice_that_is_not_made_is_told_with_all_its_cases() {
    let text = "nsd:\n  nsd:\n  - id: n\n    name: n\n    designer: d\n    version: '1'\n    vnffgd:\n    - id: g\n      cpd-pool:\n      - id: c\n";
    let tree = Tree::new(&[("p/x_nsd.yaml", text)]);
    let departures = tree.check();
    let one = departures.iter().find(|d| d.rule.id == RULE);
    let message = &one.expect("a departure").message;
    assert!(
        message.contains("`ns-profile`, `pnf-profile` or `vnf-profile`"),
        "{message}"
    );
}

#[test]
fn a_contradiction_is_a_warning_of_its_own() {
    let tree = Tree::new(&[("p/x_vnfd.yaml", DEPARTING), ("p/cloud_init/y", "")]);
    let warnings: Vec<_> = tree
        .check()
        .into_iter()
        .filter(|found| ["schema/conflict", "sol006/condition"].contains(&found.rule.id))
        .map(|found| {
            assert_eq!(found.severity, nfv::diagnostic::Severity::Warning);
            found.message
        })
        .collect();
    assert_eq!(
        warnings,
        [
            "`cloud-init-file` and `cloud-init` exclude each other in `vnfd/vdu/0`",
            "`max-number-of-instances` is 0 and must be at least `min-number-of-instances`, which is 1 by default in `vnfd/df/0/vdu-profile/0`",
            "`number-of-instances` is 1 and must be at most the `max-number-of-instances` of `s`, which is 0 in `vnfd/df/0/instantiation-level/0/vdu-level/0`",
        ]
    );
}

#[test]
fn of_many_places_the_first_are_shown_and_the_rest_counted() {
    let images: String = (0..9).map(|i| format!("  - id: i{i}\n")).collect();
    let text = format!("{DEPARTING}  sw-image-desc:\n{images}");
    let found = Tree::new(&[("p/x_vnfd.yaml", text.as_str()), ("p/cloud_init/y", "")]).check();
    let one = found.iter().find(|d| d.rule.id == RULE).expect("finding");
    assert_eq!(one.secondary.len(), 5);
    // Two places as above, and nine images.
    let note = "5 more places are not shown".to_owned();
    assert!(one.notes.contains(&note), "{:?}", one.notes);
}

#[test]
fn a_comment_takes_out_its_part() {
    let text = DEPARTING
        .replace(
            "vnfm-info: osm",
            "vnfm-info: osm # nfv: allow(schema/departure)",
        )
        .replace(
            "  df:\n",
            "  # nfv: allow(schema)\n  sw-image-desc: i\n  # nfv: allow(all)\n  virtual-storage-desc: i\n  df:\n",
        );
    let files = [("p/x_vnfd.yaml", text.as_str()), ("p/cloud_init/y", "")];
    let found = Tree::new(&files).found(RULE);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].contains("mind: it leaves out `product-name` "),
        "{found:?}"
    );
    let text = format!("# nfv: allow(schema/departure)\n{DEPARTING}");
    let files = [("p/x_vnfd.yaml", text.as_str()), ("p/cloud_init/y", "")];
    assert_eq!(Tree::new(&files).found(RULE), [""; 0]);
}

#[test]
fn the_standard_itself_knows_no_departures() {
    let mut tree = Tree::new(&[("p/x_vnfd.yaml", DEPARTING)]);
    tree.choice.profile = Profile::Etsi;
    assert_eq!(tree.found(RULE), [""; 0]);
    assert_eq!(tree.found("schema/missing-key").len(), 1);
    assert_eq!(tree.found("sol006/condition").len(), 2);
}

#[test]
fn the_model_that_was_asked_is_named() {
    let mut tree = Tree::new(&[("p/x_vnfd.yaml", DEPARTING), ("p/cloud_init/y", "")]);
    for (model, name) in [
        ("osm@9", "ETSI NFV-SOL006 2.6.1"),
        ("sol006@3.6.1", "ETSI NFV-SOL006 3.6.1"),
    ] {
        tree.choice.model = nfv::schema::ModelVersion::find(model);
        let found = tree.found(RULE);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].contains(&format!("departs from {name} where")),
            "{found:?}"
        );
    }
    let old =
        "vnfd-catalog:\n  vnfd:\n  - id: a\n    version: '1'\n    vdu: [{id: v, int-cpd: []}]\n";
    let found = Tree::new(&[("p/x_vnfd.yaml", old)]).found(RULE);
    assert!(
        found
            .iter()
            .all(|line| line.contains("departs from OSM's own model")),
        "{found:?}"
    );
}

#[test]
fn containers_need_no_machines() {
    let function = |body: &str| {
        format!(
            "vnfd:\n  id: a\n  product-name: a\n  provider: x\n  version: '1.0'\n  software-version: '1.0'\n  vnfm-info: [osm]\n  mgmt-cp: e\n  k8s-cluster: {{nets: [{{id: n}}]}}\n  ext-cpd: [{{id: e, k8s-cluster-net: n, layer-protocol: [ipv4]}}]\n  df: [{{id: d}}]\n{body}"
        )
    };
    let kdu = "  kdu: [{name: k, helm-chart: https://example.org/k}]\n";
    let service = "nsd:\n  nsd:\n  - id: s\n    name: s\n    designer: x\n    version: '1.0'\n    vnfd-id: [a]\n    df:\n    - id: d\n      vnf-profile: [{id: p, vnfd-id: a, flavour-id: d}]\n      ns-instantiation-level: [{id: l, vnf-to-level-mapping: [{vnf-profile-id: p}]}]\n";
    let check = |body: &str| {
        let function = function(body);
        let files = [
            ("a/a_vnfd.yaml", function.as_str()),
            ("s/s_nsd.yaml", service),
        ];
        Tree::new(&files).found(RULE)
    };
    assert_eq!(check(kdu), [""; 0]);
    let machines = check("");
    assert_eq!(machines.len(), 2, "{machines:#?}");
    assert!(machines[0].contains("leaves out `instantiation-level`, `vdu` and `vdu-profile`"));
    assert!(machines[1].contains("leaves out `instantiation-level`"));
}

/// A tree of so many functions without `vnfm-info`, and an error.
fn many(count: usize) -> common::Tree {
    let tree = common::Tree::new();
    for i in 0..count {
        let id = format!("v{i}");
        tree.file(&format!("{id}/{id}_vnfd.yaml"), vnfd(&id));
    }
    tree.replace("v0/v0_vnfd.yaml", "  id: v0\n", "  id: v0\n  nmae: x\n");
    tree
}

#[test]
fn many_descriptors_are_one_warning_to_people_and_one_each_to_programs() {
    let tree = many(5);
    let run = tree.nfv(&["check"]).code(1);
    let title = "warning[schema/departure]: 5 descriptors depart from ETSI NFV-SOL006 2.6.1 where OSM does not mind: they leave out ";
    let run = run
        .says(title)
        .says("`vnfm-info` (5)")
        .says("`software-version` (5)");
    let run = run.says("`-A schema/departure` silences this");
    assert_eq!(run.stderr.matches("schema/departure]").count(), 1);
    run.says("error[schema/unknown-key]")
        .says("Checked 5 packages: 1 error, 5 warnings");

    let short = tree
        .nfv(&["check", "-q", "--message-format", "short"])
        .code(1);
    // Editors and `grep` want a place in each line.
    let lines: Vec<&str> = short.stderr.lines().collect();
    assert_eq!(lines.len(), 6, "{lines:#?}");
    let places = lines
        .iter()
        .filter(|line| line.contains("_vnfd.yaml:1:1: warning[schema/departure]"));
    assert_eq!(places.count(), 5, "{lines:#?}");

    let json = tree.nfv(&["check", "--message-format", "json"]).code(1);
    let found = json
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let found: Vec<Value> = found.filter(|one| one["rule"] == RULE).collect();
    let paths: Vec<&str> = found
        .iter()
        .filter_map(|one| one["path"].as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "v0/v0_vnfd.yaml",
            "v1/v1_vnfd.yaml",
            "v2/v2_vnfd.yaml",
            "v3/v3_vnfd.yaml",
            "v4/v4_vnfd.yaml"
        ]
    );
    assert!(found.iter().all(|one| one["level"] == "warning"));
    let github = tree.nfv(&["check", "--message-format", "github"]).code(1);
    assert_eq!(github.stdout.matches("title=schema/departure").count(), 5);
}

#[test]
fn few_are_shown_and_errors_are_always_shown() {
    let few = many(3).nfv(&["check"]).code(1);
    assert_eq!(
        few.stderr
            .matches("warning[schema/departure]: the descriptor departs")
            .count(),
        3
    );
    let denied = many(5).nfv(&["check", "-D", RULE]).code(1);
    assert_eq!(
        denied
            .stderr
            .matches("error[schema/departure]: the descriptor departs")
            .count(),
        5
    );
    denied.says("Checked 5 packages: 6 errors");
    let allowed = many(5).nfv(&["check", "-A", RULE]).code(1);
    allowed.says("Checked 5 packages: 1 error\n");
}

#[test]
fn a_connection_to_the_link_itself_is_a_departure() {
    let service = |profile: &str| {
        format!(
            "nsd:\n  nsd:\n  - id: s\n    name: s\n    designer: x\n    version: '1.0'\n    vnfd-id: [a]\n    virtual-link-desc:\n    - id: mgmt\n    df:\n    - id: d\n      vnf-profile:\n      - id: p\n        vnfd-id: a\n        virtual-link-connectivity:\n        - virtual-link-profile-id: {profile}\n          constituent-cpd-id:\n          - constituent-base-element-id: p\n            constituent-cpd-id: e\n"
        )
    };
    let told = |profile: &str| {
        let text = service(profile);
        let tree = Tree::new(&[("s/s_nsd.yaml", text.as_str())]);
        let departs = tree.found(RULE);
        let names = departs
            .iter()
            .any(|line| line.contains("`virtual-link-profile-id`"));
        (names, tree.found("sol006/dangling-reference").len())
    };
    assert_eq!(told("mgmt"), (true, 0));
    assert!(!told("mgnt").0);
}

#[test]
fn very_many_departures_are_a_warning_and_hide_no_error() {
    let images: String = (0..10_000).map(|i| format!("  - id: i{i}\n")).collect();
    let text = |last: &str| {
        format!(
            "vnfd:\n  id: a\n  version: '1.0'\n  df:\n  - id: d\n  sw-image-desc:\n{images}{last}"
        )
    };
    let check = |last: &str| {
        let tree = Tree::new(&[("p/x_vnfd.yaml", text(last).as_str())]);
        let found = tree.check();
        let line = |d: &nfv::diagnostic::Diagnostic| {
            format!("{:?} {} {}", d.severity, d.rule.id, d.message)
        };
        found.iter().map(line).collect::<Vec<String>>()
    };
    // An image without name, version, checksum, disk and size departs in five places.
    let [one] = &check("")[..] else {
        panic!("one finding");
    };
    let start = "Warning schema/departure the descriptor departs from ETSI NFV-SOL006 2.6.1 in \
                 more than 20000 places where OSM does not mind: it leaves out `checksum`, ";
    assert!(one.starts_with(start), "{one}");
    // What comes after them is found all the same.
    for (last, error) in [
        ("  - id: i\n    shape: x\n", "Error schema/unknown-key"),
        ("  - id: i\n    size: x\n", "Error schema/wrong-type"),
        ("  - name: i\n", "Error schema/missing-key"),
        ("  flavour:\n  - id: []\n", "Error schema/"),
    ] {
        let found = check(last);
        let told = found.iter().filter(|line| line.starts_with("Error"));
        let told: Vec<&String> = told.collect();
        assert_eq!(told.len(), 1, "{last}{found:#?}");
        assert!(told[0].starts_with(error), "{last}{found:#?}");
    }
}
