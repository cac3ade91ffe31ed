//! What the rules beyond the model find: the checks of OSM's north-bound
//! interface, references from descriptor to descriptor, topology, secrets. Each
//! finding is held against the text that its caret is on.

mod common;

use common::Tree;
use nfv::diagnostic::{Diagnostic, Severity};
use nfv::report::{self, Format, Report};
use nfv::rules::{self, Levels};
use nfv::schema::Choice;
use nfv::source::{self, Profile, Selection};

fn check(profile: Profile, files: &[(&str, &str)]) -> Vec<Diagnostic> {
    let tree = Tree::of(files);
    let scan = source::scan(&tree.workspace(), &Selection::default()).expect("scan");
    let choice = Choice {
        profile,
        ..Choice::default()
    };
    rules::run(&scan, choice, &Levels::default())
}

/// What the carets of a rule's findings are on, in the order of the file.
fn carets(found: &[Diagnostic], rule: &str) -> Vec<String> {
    let of_rule = found.iter().filter(|d| d.rule.id == rule);
    of_rule
        .map(|d| {
            let span = &d.primary.span;
            let range = span.range.clone().expect("a place");
            span.file.text()[range].to_owned()
        })
        .collect()
}

fn vnfd(rest: &str) -> String {
    format!("vnfd:\n  id: v\n  version: '1.0'\n{rest}")
}

fn nsd(rest: &str) -> String {
    format!("nsd:\n  nsd:\n    - id: n\n      version: '1.0'\n{rest}")
}

/// Each text with the carets that the rule has to show in it.
fn table(rule: &str, rows: &[(String, &[&str])]) {
    for (text, wanted) in rows {
        let found = check(Profile::Osm, &[("a/a.yaml", text)]);
        assert_eq!(carets(&found, rule), *wanted, "{rule}\n{text}");
    }
}

#[test]
fn the_profiles_of_the_first_flavour_are_taken_as_they_are_written() {
    let profile = |text: &str| {
        nsd(&format!(
            "      vnfd-id: ['7']\n      df:\n        - id: d\n          vnf-profile:\n            - id: '1'\n{text}"
        ))
    };
    let end = |id: &str| {
        profile(&format!(
            "              vnfd-id: '7'\n              virtual-link-connectivity:\n                - virtual-link-profile-id: l\n                  constituent-cpd-id:\n                    - constituent-base-element-id: '1'\n                      constituent-cpd-id: {id}\n"
        ))
    };
    table(
        "osm/raw-profile",
        &[
            (profile("              vnfd-id: 7\n"), &["7"]),
            (profile("              vnfd-id: \"7\"\n"), &[]),
            (
                profile("              etsi-nfv-nsd:vnfd-id: '7'\n"),
                &["etsi-nfv-nsd:vnfd-id"],
            ),
            (end("5"), &["5"]),
            (end("'5'"), &[]),
            (end("yes"), &["yes"]),
            (nsd("      df: [{id: d, vnf-profile: x}]\n"), &["x"]),
            (nsd("      df: [{id: d, vnf-profile: 0}]\n"), &[]),
            // The others come from the loader, which makes texts of numbers.
            (
                nsd(
                    "      vnfd-id: ['7']\n      df:\n        - id: d\n        - id: e\n          vnf-profile:\n            - {id: '1', vnfd-id: 7}\n",
                ),
                &[],
            ),
            (
                profile("              vnfd-id: 7\n")
                    .replace("vnf-profile", "etsi-nfv-nsd:vnf-profile"),
                &[],
            ),
        ],
    );
    // One token, one finding.
    let found = check(Profile::Osm, &[("a/a.yaml", &end("1.10"))]);
    assert_eq!(carets(&found, "osm/text-number"), [""; 0]);
    let found = check(
        Profile::Etsi,
        &[("a/a.yaml", &profile("              vnfd-id: 7\n"))],
    );
    assert_eq!(carets(&found, "osm/raw-profile"), [""; 0]);
}

#[test]
fn what_osm_answers_with_the_name_of_a_key_or_a_crash() {
    table(
        "osm/no-df",
        &[
            (vnfd(""), &["v"]),
            (vnfd("  df:\n"), &["df"]),
            (vnfd("  df: []\n"), &[]),
            (vnfd("  df: 5\n"), &["df"]),
            (nsd("      df: []\n"), &["df"]),
            (nsd("      df: {}\n"), &["df"]),
            (nsd("      df: ''\n"), &["df"]),
            (nsd("      df: false\n"), &["df"]),
            // What has no value is taken out before, and a prefix hides it.
            (nsd("      df:\n"), &[]),
            (nsd("      x:df: []\n"), &[]),
            (nsd("      df: [{id: d}]\n"), &[]),
            // A service without flavours passes.
            (nsd(""), &[]),
        ],
    );
    let config = |text: &str| vnfd(&format!("  df:\n    - id: d\n{text}"));
    let operate = "      lcm-operations-configuration:\n        operate-vnf-op-config:";
    table(
        "osm/no-day12",
        &[
            (
                config(&format!("{operate} {{}}\n")),
                &["operate-vnf-op-config"],
            ),
            (config(&format!("{operate}\n")), &["operate-vnf-op-config"]),
            (config(&format!("{operate}\n          day1-2: []\n")), &[]),
            (
                config("      lcm-operations-configuration:\n"),
                &["lcm-operations-configuration"],
            ),
            (config("      lcm-operations-configuration: {}\n"), &[]),
            // OSM stops at the first flavour without a configuration.
            (
                vnfd(&format!(
                    "  df:\n    - id: d\n    - id: e\n{operate} {{}}\n"
                )),
                &[],
            ),
        ],
    );
    table(
        "osm/no-storage",
        &[
            (
                vnfd("  vdu:\n    - id: vm\n    - id: box\n      pdu-type: x\n"),
                &["vm"],
            ),
            (
                vnfd("  vdu:\n    - id: vm\n      virtual-storage-desc:\n"),
                &["virtual-storage-desc"],
            ),
            (
                vnfd("  vdu:\n    - id: vm\n      virtual-storage-desc: []\n"),
                &[],
            ),
        ],
    );
    let aspect = |text: &str| config(&format!("      scaling-aspect:\n        - id: s\n{text}"));
    table(
        "osm/no-deltas",
        &[
            (aspect(""), &["s"]),
            (
                aspect("          aspect-delta-details:\n"),
                &["aspect-delta-details"],
            ),
            (
                aspect("          aspect-delta-details: {deltas: []}\n"),
                &[],
            ),
        ],
    );
    table(
        "osm/missing-reference",
        &[
            (
                nsd("      df:\n        - id: d\n          vnf-profile:\n            - id: p\n"),
                &["id"],
            ),
            (
                "nst:\n  - id: t\n    netslice-subnet:\n      - id: s\n        nsd-ref:\n"
                    .to_owned(),
                &["nsd-ref"],
            ),
            (
                aspect("          scaling-config-action:\n            - trigger: post-scale-out\n"),
                &["trigger"],
            ),
        ],
    );
    table(
        "osm/null-item",
        &[
            (vnfd("  df:\n    - id: d\n    - ~\n"), &["~"]),
            // What is null in the outermost mapping is taken out before.
            (vnfd("  kdu:\n  ext-cpd:\n  sw-image-desc:\n"), &[]),
        ],
    );
}

#[test]
fn what_stands_for_a_list_that_osm_goes_through() {
    let flavour = |text: &str| vnfd(&format!("  df:\n    - id: d\n{text}"));
    let configured = |text: &str, list: &str| {
        let start = "      lcm-operations-configuration:\n        operate-vnf-op-config:\n";
        flavour(&format!(
            "{text}{start}          day1-2:\n            - id: v\n              execution-environment-list: {list}\n            - id: u\n              execution-environment-list:\n"
        ))
    };
    let aspect = |text: &str| {
        flavour(&format!(
            "      scaling-aspect:\n        - id: s\n          {text}\n"
        ))
    };
    table(
        "osm/not-a-list",
        &[
            (vnfd("  kdu: web\n  ext-cpd: 7\n"), &["web", "7"]),
            (vnfd("  kdu: ''\n"), &[]),
            (
                vnfd("  vdu:\n    - id: u\n      int-cpd: false\n"),
                &["false"],
            ),
            (
                vnfd("  int-virtual-link-desc:\n    - id: l\n      monitoring-parameters: x\n"),
                &["x"],
            ),
            (
                flavour("      monitoring-parameter: x\n      healing-aspect: y\n"),
                &["x", "y"],
            ),
            (aspect("scaling-policy: x"), &["x"]),
            (
                aspect("aspect-delta-details:\n            deltas: x"),
                &["x"],
            ),
            // Without a configuration it is not looked at.
            (flavour("      vdu-profile:\n"), &[]),
            (configured("      vdu-profile:\n", "[]"), &["vdu-profile"]),
            // Nor is the list of an entry that is about nothing.
            (configured("", ""), &["execution-environment-list"]),
            (configured("", "5"), &["5"]),
            (configured("", "juju"), &[]),
            (
                configured("      vdu-profile:\n        - id: u\n", "[]"),
                &["execution-environment-list"],
            ),
            // Of services only those that are taken as they are written.
            (nsd("      virtual-link-desc: x\n"), &[]),
            (
                nsd(
                    "      df:\n        - id: d\n          vnf-profile:\n            - id: '1'\n              vnfd-id: v\n              virtual-link-connectivity: x\n",
                ),
                &["x"],
            ),
        ],
    );
    table(
        "osm/no-df",
        &[(vnfd("  df: ''\n"), &[]), (vnfd("  df: x\n"), &["df"])],
    );
    table(
        "osm/no-deltas",
        &[(
            aspect("aspect-delta-details: []"),
            &["aspect-delta-details"],
        )],
    );
    table(
        "osm/chart-name",
        &[(
            vnfd("  kdu:\n    - name: k\n      helm-chart: false\n"),
            &["false"],
        )],
    );
    table(
        "osm/dangling-reference",
        &[
            (
                flavour("      virtual-link-profile:\n        - id:\n          flavour: f\n"),
                &["id"],
            ),
            (
                flavour("      virtual-link-profile:\n        - id: [l]\n          flavour: f\n"),
                &["id"],
            ),
        ],
    );
}

#[test]
fn letters_that_osm_can_not_store() {
    let profile = "      name: \u{1f600}\n      df:\n        - id: d\n          vnf-profile:\n            - id: '1'\n              vnfd-id: v\n              vnf-instantiation-level: \u{1f600}\n";
    table(
        "osm/emoji",
        &[
            (
                vnfd("  product-name: a \u{1f600} b # \u{1f600}\n"),
                &["\u{1f600}"],
            ),
            (
                vnfd("  product-name: \"a \\U0001f600\"\n"),
                &["\"a \\U0001f600\""],
            ),
            (
                vnfd(
                    "  product-name: \"\\u20ac\" # \u{1f600}\n  provider: \u{e4}\u{20ac}\u{fffd}\n",
                ),
                &[],
            ),
            (nsd(profile), &["\u{1f600}"]),
            (
                "nst:\n  - id: t\n    name: \u{1f600}\n".to_owned(),
                &["\u{1f600}"],
            ),
        ],
    );
}

#[test]
fn a_reference_is_what_osm_reads_of_it() {
    let nst =
        "nst:\n  - id: t\n    name: t\n    netslice-subnet:\n      - id: s\n        nsd-ref: 010\n";
    let service = |id: &str| nsd("").replacen("id: n", &format!("id: {id}"), 1);
    for (id, wanted) in [("'010'", &["010"][..]), ("'8'", &[]), ("010", &[])] {
        let found = check(
            Profile::Osm,
            &[("t/t.yaml", nst), ("n/n.yaml", &service(id))],
        );
        assert_eq!(carets(&found, "sol006/unknown-descriptor"), wanted, "{id}");
    }
}

#[test]
fn keys_that_osm_does_not_see() {
    let points =
        "  x:mgmt-cp: e\n  ext-cpd:\n    - id: e\n  vdu:\n    - id: u\n      pdu-type: p\n";
    let twins = points.replacen("  x:mgmt-cp: e\n", "  x:mgmt-cp: e\n  mgmt-cp: e\n", 1);
    let unseen = "  x:vdu:\n    - id: u\n      virtual-compute-desc: nowhere\n  df: []\n";
    let deep = "  df:\n    - id: d\n      x:vdu-profile:\n        - id: u\n";
    let profile = |key: &str| {
        nsd(&format!(
            "      vnfd-id: [v]\n      x:virtual-link-desc:\n        - id: l\n      {key}:\n        - id: d\n          vnf-profile:\n            - id: '1'\n              vnfd-id: v\n              x:virtual-link-connectivity:\n                - virtual-link-profile-id: l\n"
        ))
    };
    table(
        "osm/unseen-key",
        &[
            (vnfd(points), &["x:mgmt-cp"]),
            (vnfd(&twins), &[]),
            (vnfd(unseen), &["x:vdu"]),
            (vnfd(deep), &["x:vdu-profile"]),
            (vnfd("").replacen("vnfd", "etsi-nfv-vnfd:vnfd", 1), &[]),
            // Of services what the loader has read is kept, but for these profiles.
            (profile("df"), &["x:virtual-link-connectivity"]),
            (profile("x:df"), &[]),
        ],
    );
    table(
        "osm/mgmt-cp",
        &[(vnfd(points), &["vdu"]), (vnfd(&twins), &[])],
    );
    // What is not seen is not checked.
    table("osm/dangling-reference", &[(vnfd(unseen), &[])]);
    let found = check(Profile::Osm, &[("a/a.yaml", &vnfd(points))]);
    let finding = found.iter().find(|one| one.rule.id == "osm/mgmt-cp");
    assert_eq!(
        finding.expect("a finding").notes,
        ["OSM does not see `x:mgmt-cp`, because of the prefix"]
    );
}

#[test]
fn tabs_that_the_reader_of_osm_does_not_take() {
    let tab: &[&str] = &["\t"];
    table(
        "osm/tab",
        &[
            ("{\"vnfd\":\n\t{\"id\": \"v\"}}\n".to_owned(), tab),
            (vnfd("  provider: x\t\n"), tab),
            (vnfd("  provider: x\t# y\n"), tab),
            (vnfd("  provider: x\ty\n"), tab),
            (vnfd("  provider: 'a\tb' # c\td\n"), &[]),
            (
                vnfd(
                    "  vdu:\n    - id: m\n      cloud-init: |\n        a:\tb\n\n        \tc\n  df: []\n",
                ),
                &[],
            ),
        ],
    );
}

#[test]
fn the_management_network_takes_no_data() {
    let service = |flag: &str, link: &str, data: &str| {
        nsd(&format!(
            "      virtual-link-desc:\n        - id: m\n          mgmt-network: {flag}\n        - id: d\n      \
             df:\n        - id: f\n          virtual-link-profile:\n            - id: p\n              \
             virtual-link-desc-id: {link}\n              virtual-link-protocol-data: {data}\n"
        ))
    };
    let data = "{associated-layer-protocol: ipv4}";
    let key: &[&str] = &["virtual-link-protocol-data"];
    table(
        "osm/mgmt-link-data",
        &[
            (service("true", "m", data), key),
            (service("'true'", "m", data), key),
            (service("false", "m", data), &[]),
            (service("true", "d", data), &[]),
            (service("true", "m", "{}"), &[]),
        ],
    );
}

#[test]
fn a_scaling_action_is_wanted_in_every_entry() {
    let text = |second: &str| {
        vnfd(&format!(
            "  df:\n    - id: d\n      scaling-aspect:\n        - id: s\n          aspect-delta-details: \
             {{deltas: []}}\n          scaling-config-action:\n            - trigger: post-scale-out\n              \
             vnf-config-primitive-name-ref: grow\n      lcm-operations-configuration:\n        \
             operate-vnf-op-config:\n          day1-2:\n            - id: v\n              config-primitive:\n                \
             - name: grow\n            - id: other\n              config-primitive:\n                - name: {second}\n"
        ))
    };
    table(
        "osm/dangling-reference",
        &[(text("touch"), &["grow"]), (text("grow"), &[])],
    );
}

/// Python can't look a list up in a set.
#[test]
fn a_list_in_the_place_of_one_name() {
    let unit = |what: &str| {
        vnfd(&format!(
            "  int-virtual-link-desc: [{{id: l}}]\n  virtual-compute-desc: [{{id: c}}]\n  vdu:\n    - {{id: u, virtual-storage-desc: [], {what}}}\n"
        ))
    };
    table(
        "osm/dangling-reference",
        &[
            (unit("virtual-compute-desc: [c]"), &["virtual-compute-desc"]),
            (unit("virtual-compute-desc: []"), &[]),
            (unit("virtual-compute-desc: c"), &[]),
            // A unit of hardware is passed over.
            (unit("virtual-compute-desc: [c], pdu-type: p"), &[]),
            (
                unit("int-cpd: [{id: i, int-virtual-link-desc: [l]}]"),
                &["int-virtual-link-desc"],
            ),
            (
                unit("alarm: [{alarm-id: a, vnf-monitoring-param-ref: [m]}]"),
                &["vnf-monitoring-param-ref"],
            ),
        ],
    );
    table(
        "osm/chart-name",
        &[
            (
                vnfd("  kdu: [{name: k, helm-chart: [x]}]\n"),
                &["helm-chart"],
            ),
            (vnfd("  kdu: [{name: k, helm-chart: []}]\n"), &[]),
        ],
    );
}

/// Behind the first flavour the loader has made texts of numbers.
#[test]
fn names_of_a_service_are_compared_as_they_are_read() {
    let later = |list: &str, name: &str| {
        nsd(&format!(
            "      vnfd-id: ['{list}']\n      df:\n        - id: d\n        - id: e\n          vnf-profile:\n            - {{id: p, vnfd-id: {name}}}\n"
        ))
    };
    table(
        "osm/dangling-reference",
        &[
            (later("1.1", "1.10"), &[]),
            (later("1.10", "1.10"), &["1.10"]),
            (later("1.10", "'1.10'"), &[]),
            (later("True", "yes"), &[]),
        ],
    );
    let function = "vnfd:\n  id: 1.10\n  version: '1.0'\n  ext-cpd: [{id: 5}]\n";
    let service = |id: &str, point: &str| {
        let ends = format!("[{{constituent-base-element-id: p, constituent-cpd-id: {point}}}]");
        let links = format!("[{{virtual-link-profile-id: l, constituent-cpd-id: {ends}}}]");
        nsd(&format!(
            "      vnfd-id: ['{id}']\n      df:\n        - id: d\n        - id: e\n          vnf-profile:\n            - {{id: p, vnfd-id: '{id}', virtual-link-connectivity: {links}}}\n"
        ))
    };
    let found = |profile, rule: &str, id: &str, point: &str| {
        let files = [("a/a.yaml", function), ("b/b.yaml", &service(id, point))];
        carets(&check(profile, &files), rule).len()
    };
    for (profile, id, told) in [
        (Profile::Osm, "1.1", 0),
        (Profile::Osm, "1.10", 1),
        (Profile::Etsi, "1.10", 0),
        (Profile::Etsi, "1.1", 1),
    ] {
        assert_eq!(
            found(profile, "sol006/unknown-descriptor", id, "5"),
            told,
            "{id}"
        );
    }
    for (point, told) in [("5", 0), ("'5'", 0), ("5.0", 1), ("0x5", 0)] {
        assert_eq!(
            found(Profile::Osm, "sol006/unknown-cpd", "1.1", point),
            told,
            "{point}"
        );
    }
}

#[test]
fn charms_of_the_function_and_of_its_units() {
    let config = |id: &str| {
        format!(
            "      lcm-operations-configuration:\n        operate-vnf-op-config:\n          day1-2:\n            \
             - id: {id}\n              execution-environment-list:\n                - id: ee\n                  \
             juju:\n                    charm: simple\n"
        )
    };
    let flavour = |id: &str| {
        format!(
            "    - id: d\n      vdu-profile:\n        - id: vm\n{}",
            config(id)
        )
    };
    let rows: &[(String, &[&str])] = &[
        (vnfd(&format!("  df:\n{}", flavour("v"))), &["simple"]),
        (vnfd(&format!("  df:\n{}", flavour("vm"))), &["simple"]),
        // Nobody's: OSM does not look for its charm.
        (vnfd(&format!("  df:\n{}", flavour("other"))), &[]),
        // Behind a flavour without a configuration only units are looked at.
        (
            vnfd(&format!("  df:\n    - id: first\n{}", flavour("v"))),
            &[],
        ),
        (
            vnfd(&format!("  df:\n    - id: first\n{}", flavour("vm"))),
            &["simple"],
        ),
        // Release NINE has lists of configurations.
        (
            vnfd("  vnf-configuration:\n    - id: c\n      juju:\n        charm: foo\n"),
            &["foo"],
        ),
        (
            vnfd(
                "  vdu-configuration:\n    - id: c\n      execution-environment-list:\n        \
                 - id: ee\n          juju:\n            charm: foo\n",
            ),
            &["foo"],
        ),
    ];
    table("osm/charm-missing", rows);
    table(
        "osm/unknown-day12",
        &[
            (
                vnfd(&format!("  vdu:\n    - id: vm\n  df:\n{}", flavour("vm"))),
                &[],
            ),
            (
                vnfd(&format!("  kdu:\n    - name: k\n  df:\n{}", flavour("k"))),
                &[],
            ),
            (vnfd(&format!("  df:\n{}", flavour("other"))), &["other"]),
        ],
    );
}

#[test]
fn every_name_in_a_forwarding_graph() {
    let text = |position: &str| {
        nsd(&format!(
            "      df:\n        - id: d\n          vnf-profile:\n            - id: one\n              \
             virtual-link-connectivity:\n                - virtual-link-profile-id: l\n                  \
             constituent-cpd-id:\n                    - constituent-base-element-id: one\n                      \
             constituent-cpd-id: c\n                      ip-address: 192.0.2.1\n            - id: two\n              \
             virtual-link-connectivity:\n                - virtual-link-profile-id: l\n                  \
             constituent-cpd-id:\n                    - constituent-base-element-id: two\n                      \
             constituent-cpd-id: c\n                      ip-address: 192.0.2.2\n      vnffgd:\n        - id: g\n          \
             vnf-profile-id: [one, two]\n          nfp-position-element:\n            - id: e\n          \
             nfpd:\n            - id: path\n              position-desc-id:\n                - id: p\n{position}"
        ))
    };
    let element = "                  nfp-position-element-id: [e]\n";
    let with = |rest: &str| text(&format!("{element}                  {rest}\n"));
    let matching = |source: &str, to: &str, whose: &str| {
        with(&format!(
            "match-attributes: [{{id: m, source-ip-address: {source}, destination-ip-address: {to}, \
             constituent-base-element-id: {whose}}}]"
        ))
    };
    table(
        "osm/forwarding-graph",
        &[
            (text(element), &[]),
            (
                text("                  nfp-position-element-id: [x]\n"),
                &["x"],
            ),
            (
                with(
                    "cp-profile-id: [{id: c, constituent-profile-elements: [{id: 1, constituent-base-element-id: six}]}]",
                ),
                &["six"],
            ),
            (matching("192.0.2.1", "192.0.2.2", "one"), &[]),
            (matching("192.0.2.1", "192.0.2.1", "one"), &["192.0.2.1"]),
            (matching("192.0.2.9", "192.0.2.2", "one"), &["192.0.2.9"]),
            (matching("192.0.2.1", "192.0.2.9", "one"), &["192.0.2.9"]),
            (matching("192.0.2.1", "192.0.2.2", "two"), &["two"]),
            (
                with("match-attributes: [{id: m, source-ip-address: 192.0.2.1}]"),
                &["id"],
            ),
        ],
    );
    table(
        "osm/no-position-element",
        &[(text(""), &["id"]), (text(element), &[])],
    );
    // What one rule asks for, the other must not call a slip.
    let elements = with(
        "cp-profile-id: [{id: c, constituent-profile-elements: [{id: 1, order: 0, constituent-base-element-id: one}]}]",
    );
    for of_newer in [text(element), elements] {
        let found = check(Profile::Osm, &[("n/n.yaml", &of_newer)]);
        let unknown: Vec<_> = found
            .iter()
            .filter(|one| one.rule.id == "schema/unknown-key")
            .collect();
        assert!(!unknown.is_empty());
        for one in unknown {
            let notes = one.notes.join("\n");
            assert!(
                notes.contains("OSM takes it since release SIXTEEN"),
                "{notes}"
            );
            assert!(one.fixes.is_empty());
        }
    }
}

#[test]
fn points_in_a_forwarding_graph() {
    let text = |graph: &str| {
        nsd(&format!(
            "      vnfd-id: [v]\n      df:\n        - id: d\n        - id: e\n          vnf-profile:\n            \
             - {{id: one, vnfd-id: v}}\n            - {{id: other, vnfd-id: absent}}\n          pnf-profile:\n            \
             - {{id: box, pnfd-id: p}}\n      vnffgd:\n        - id: g\n          vnf-profile-id: [one]\n{graph}"
        ))
    };
    let position = |rest: &str| {
        text(&format!(
            "          nfpd:\n            - id: path\n              position-desc-id:\n                - id: p\n                  {rest}\n"
        ))
    };
    let element = |of: &str, point: &str| {
        position(&format!(
            "cp-profile-id: [{{id: c, constituent-profile-elements: [{{id: 1, constituent-base-element-id: {of}, {point}}}]}}]"
        ))
    };
    let pool = |point: &str| {
        text(&format!(
            "          cpd-pool:\n            - {{id: c, {point}}}\n"
        ))
    };
    let none: &[&str] = &[];
    for (service, osm, etsi) in [
        (
            element(
                "one",
                "ingress-constituent-cpd-id: a, egress-constituent-cpd-id: a",
            ),
            none,
            none,
        ),
        (
            element(
                "one",
                "ingress-constituent-cpd-id: x, egress-constituent-cpd-id: y",
            ),
            &["x", "y"],
            &["x", "y"],
        ),
        (
            element("other", "ingress-constituent-cpd-id: x"),
            none,
            none,
        ),
        (element("box", "egress-constituent-cpd-id: x"), none, &["x"]),
        (
            position(
                "match-attributes: [{id: m, constituent-base-element-id: one, constituent-cpd-id: x}]",
            ),
            &["x"],
            &["x"],
        ),
        (pool("vnf: {vnfd-id: v, cpd-id: a}"), none, none),
        (pool("vnf: {vnfd-id: v, cpd-id: x}"), &["x"], &["x"]),
        (pool("pnf: {pnfd-id: p, pnf-cpd-id: x}"), none, &["x"]),
        (
            text(
                "          nfp-position-element:\n            - {id: e, desc: {vnf: {vnfd-id: v, cpd-id: x}}}\n",
            ),
            &["x"],
            &["x"],
        ),
    ] as [(String, &[&str], &[&str]); 9]
    {
        for (profile, wanted) in [(Profile::Osm, osm), (Profile::Etsi, etsi)] {
            let files = [
                ("n/n.yaml", service.as_str()),
                ("v/v.yaml", "vnfd:\n  id: v\n  ext-cpd:\n    - id: a\n"),
                ("p/p.yaml", "pnfd:\n  id: p\n  ext-cpd:\n    - id: b\n"),
            ];
            let found = check(profile, &files);
            assert_eq!(
                carets(&found, "sol006/unknown-cpd"),
                wanted,
                "{profile:?}\n{service}"
            );
        }
    }
}

/// A service of two functions and the function.
fn service(cpd: &str, flavour: &str, level: &str) -> [(&'static str, String); 2] {
    [
        (
            "n/n.yaml",
            nsd(&format!(
                "      vnfd-id:\n        - v\n      df:\n        - id: d\n          vnf-profile:\n            \
                 - id: '1'\n              vnfd-id: v\n              flavour-id: {flavour}\n              \
                 instantiation-level: {level}\n              virtual-link-connectivity:\n                \
                 - virtual-link-profile-id: l\n                  constituent-cpd-id:\n                    \
                 - constituent-base-element-id: '1'\n                      constituent-cpd-id: {cpd}\n"
            )),
        ),
        (
            "v/v.yaml",
            vnfd(
                "  ext-cpd:\n    - id: mgmt\n  df:\n    - id: small\n      instantiation-level:\n        \
                 - id: one\n    - id: large\n      instantiation-level:\n        - id: many\n",
            ),
        ),
    ]
}

#[test]
fn references_to_another_descriptor_in_every_profile() {
    for profile in [Profile::Osm, Profile::Etsi, Profile::EtsiLiteral] {
        let run = |cpd, flavour, level| {
            let files = service(cpd, flavour, level);
            let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (*p, t.as_str())).collect();
            check(profile, &files)
        };
        let fine = run("mgmt", "small", "one");
        for rule in [
            "sol006/unknown-cpd",
            "sol006/unknown-flavour",
            "sol006/unknown-descriptor",
        ] {
            assert_eq!(carets(&fine, rule).len(), 0, "{rule}");
        }
        assert_eq!(
            carets(&run("data", "small", "one"), "sol006/unknown-cpd"),
            ["data"]
        );
        let flavour = run("mgmt", "medium", "one");
        assert_eq!(carets(&flavour, "sol006/unknown-flavour"), ["medium"]);
        // A level of another flavour is none.
        let level = run("mgmt", "small", "many");
        assert_eq!(carets(&level, "sol006/unknown-flavour"), ["many"]);
        let severity = |found: &[Diagnostic], rule: &str| {
            found.iter().find(|d| d.rule.id == rule).map(|d| d.severity)
        };
        let wanted = match profile {
            Profile::Osm => Severity::Warning,
            _ => Severity::Error,
        };
        assert_eq!(severity(&flavour, "sol006/unknown-flavour"), Some(wanted));
        // OSM refuses an unknown point as well.
        let cpd = run("data", "small", "one");
        assert_eq!(severity(&cpd, "sol006/unknown-cpd"), Some(Severity::Error));
    }
}

#[test]
fn a_level_that_was_asked_for_wins_over_that_of_the_profile() {
    let files = service("mgmt", "medium", "one");
    let tree = Tree::new();
    for (path, text) in &files {
        tree.file(path, text);
    }
    let run = tree.nfv(&["check", "-A", "all", "-D", "sol006/unknown-flavour"]);
    run.code(1);
}

#[test]
fn physical_functions_and_nested_services() {
    let text = nsd(
        "      pnfd-id: [p, absent]\n      nested-nsd-id: [inner]\n      df:\n        - id: d\n          \
         pnf-profile:\n            - id: '1'\n              pnfd-id: p\n              virtual-link-connectivity:\n                \
         - virtual-link-profile-id: l\n                  constituent-cpd-id:\n                    \
         - constituent-base-element-id: '1'\n                      constituent-cpd-id: nowhere\n          \
         ns-profile:\n            - id: '2'\n              nsd-id: inner\n              ns-df-id: none\n",
    );
    let inner = nsd("      df:\n        - id: e\n").replace("id: n\n", "id: inner\n");
    let files = [
        ("n/n.yaml", text.as_str()),
        ("i/i.yaml", inner.as_str()),
        (
            "p/p.yaml",
            "pnfd:\n  id: p\n  version: '1.0'\n  ext-cpd:\n    - id: port\n",
        ),
    ];
    let found = check(Profile::Etsi, &files);
    assert_eq!(carets(&found, "sol006/unknown-cpd"), ["nowhere"]);
    assert_eq!(carets(&found, "sol006/unknown-flavour"), ["none"]);
    assert_eq!(carets(&found, "sol006/unknown-descriptor"), ["absent"]);
    // OSM knows no physical functions of this kind.
    let found = check(Profile::Osm, &files);
    assert_eq!(carets(&found, "sol006/unknown-cpd").len(), 0);
    assert_eq!(carets(&found, "sol006/unknown-descriptor").len(), 0);
}

#[test]
fn what_stands_beside_a_service_in_one_container_is_there() {
    let text = "nfv:\n  nsd:\n    - id: n\n      vnfd-id: [v, w]\n  vnfd:\n    - id: v\n";
    let found = check(Profile::Etsi, &[("a/a.yaml", text)]);
    assert_eq!(carets(&found, "sol006/unknown-descriptor"), ["w"]);
}

/// Whatever the model of the service, and wherever a slice names a point of it.
#[test]
fn a_slice_connects_points_of_its_services() {
    let slice = "nst:\n  - id: t\n    name: t\n    netslice-subnet:\n      - id: one\n        nsd-ref: n\n      - id: old\n        nsd-ref: o\n      - id: far\n        nsd-ref: elsewhere\n    netslice-vld:\n      - id: l\n        nss-connection-point-ref:\n          - {nss-ref: one, nsd-connection-point-ref: mgmt-sap}\n          - {nss-ref: one, nsd-connection-point-ref: mgmt-spa}\n          - {nss-ref: old, nsd-connection-point-ref: eth0}\n          - {nss-ref: old, nsd-connection-point-ref: eth1}\n          - {nss-ref: far, nsd-connection-point-ref: x}\n    netslice-connection-point:\n      - {name: c, nsd-id-ref: n, nsd-connection-point-ref: front}\n    netslicefgd:\n      - id: g\n        rsp:\n          - id: r\n            nsd-connection-point-ref:\n              - {nsd-ref: n, order: 1, nsd-connection-point-ref: back}\n        classifier:\n          - {id: k, nsd-ref: n, nsd-connection-point-ref: side}\n";
    let service = nsd("      sapd:\n        - id: mgmt-sap\n");
    let old = "nsd:nsd-catalog:\n  nsd:\n    - id: o\n      name: o\n      version: '1.0'\n      connection-point:\n        - name: eth0\n";
    let files = [
        ("t/t.yaml", slice),
        ("n/n.yaml", service.as_str()),
        ("again/n.yaml", service.as_str()),
        ("o/o.yaml", old),
    ];
    for profile in [Profile::Osm, Profile::Etsi] {
        let found = check(profile, &files);
        let unknown = carets(&found, "sol006/unknown-sap");
        assert_eq!(unknown, ["mgmt-spa", "eth1", "front", "back", "side"]);
        let first = found.iter().find(|d| d.rule.id == "sol006/unknown-sap");
        let first = first.expect("a finding");
        assert_eq!(first.help, ["did you mean `mgmt-sap`?"]);
        assert!(first.notes.contains(&"there is `mgmt-sap`".to_owned()));
    }
}

/// What is wrong with the envelope of a service is told there, and not that it
/// is not there.
#[test]
fn a_service_in_a_wrong_envelope_is_in_the_tree() {
    let slice = |id: &str| {
        format!(
            "nst:\n  - id: t\n    name: t\n    netslice-subnet:\n      - id: one\n        nsd-ref: {id}\n"
        )
    };
    for service in [
        "nsd:\n  id: n\n  version: '1.0'\n",
        "nsd:\n  - id: n\n    version: '1.0'\n",
        "nsd:\n  nsd:\n    id: n\n    version: '1.0'\n",
        "nsd:\n  nsd:\n    - id: m\n      version: '1.0'\n    - id: n\n      version: '1.0'\n",
    ] {
        let unknown = |id: &str| {
            let slice = slice(id);
            let files = [("t/t.yaml", slice.as_str()), ("n/n_nsd.yaml", service)];
            carets(&check(Profile::Osm, &files), "sol006/unknown-descriptor")
        };
        assert_eq!(unknown("n"), [""; 0], "{service}");
        assert_eq!(unknown("other"), ["other"], "{service}");
    }
}

#[test]
fn points_units_and_links_that_nothing_is_connected_to() {
    let function = vnfd(
        "  int-virtual-link-desc:\n    - id: used\n    - id: idle\n  ext-cpd:\n    - id: a\n      \
         int-cpd:\n        vdu-id: vm\n        cpd: eth0\n    - id: alone\n    - id: web\n  kdu:\n    - name: k\n      \
         helm-chart: s/k\n      service:\n        - name: x\n          external-connection-point-ref: web\n  vdu:\n    - id: vm\n      \
         int-cpd:\n        - id: eth0\n        - id: eth1\n          int-virtual-link-desc: used\n        - id: eth2\n    \
         - id: lonely\n    - id: box\n      pdu-type: x\n",
    );
    let found = check(Profile::Osm, &[("a/a.yaml", &function)]);
    let point = "topology/unused-connection-point";
    assert_eq!(carets(&found, point), ["alone", "eth2"]);
    assert_eq!(carets(&found, "topology/isolated-vdu"), ["lonely"]);
    assert_eq!(carets(&found, "topology/unused-virtual-link"), ["idle"]);
    let links = nsd(
        "      virtual-link-desc:\n        - id: direct\n        - id: by-profile\n        - id: by-point\n        \
         - id: idle\n      sapd:\n        - id: s\n          virtual-link-desc: by-point\n      df:\n        - id: d\n          \
         virtual-link-profile:\n            - id: p\n              virtual-link-desc-id: by-profile\n          \
         vnf-profile:\n            - id: one\n              virtual-link-connectivity:\n                \
         - virtual-link-profile-id: direct\n                - virtual-link-profile-id: p\n            - id: two\n",
    );
    for profile in [Profile::Osm, Profile::Etsi] {
        let found = check(profile, &[("a/a.yaml", &links)]);
        assert_eq!(carets(&found, "topology/unused-virtual-link"), ["idle"]);
        assert_eq!(carets(&found, "topology/isolated-vnf"), ["two"]);
    }
    let before = "vnfd-catalog:\n  vnfd:\n    - id: v\n      connection-point:\n        - name: used\n        \
                  - name: first\n        - name: idle\n      internal-vld:\n        - id: l\n          \
                  internal-connection-point:\n            - id-ref: inner\n        - id: empty\n      vdu:\n        - id: vm\n          \
                  internal-connection-point:\n            - id: inner\n            - id: loose\n          interface:\n            \
                  - name: e\n              external-connection-point-ref: used\n        - id: old\n          external-interface:\n            \
                  - name: e\n              vnfd-connection-point-ref: first\n        - id: lonely\n";
    let found = check(Profile::Osm, &[("a/a.yaml", before)]);
    assert_eq!(carets(&found, point), ["idle", "loose"]);
    assert_eq!(carets(&found, "topology/isolated-vdu"), ["lonely"]);
    assert_eq!(carets(&found, "topology/unused-virtual-link"), ["empty"]);
}

/// A service whose flavours have these members, each with the links that it is on.
fn members(links: &str, flavours: &[&[(&str, &[&str])]]) -> String {
    let mut text = String::from("      df:\n");
    for (i, members) in flavours.iter().enumerate() {
        text.push_str(&format!("        - id: f{i}\n          vnf-profile:\n"));
        for (id, links) in *members {
            text.push_str(&format!(
                "            - id: {id}\n              virtual-link-connectivity:\n"
            ));
            for link in *links {
                text.push_str(&format!(
                    "                - virtual-link-profile-id: {link}\n"
                ));
            }
        }
    }
    nsd(&format!("{links}{text}"))
}

#[test]
fn pieces_of_a_service_that_no_link_connects() {
    let links = |more: &str| {
        format!(
            "      virtual-link-desc:\n        - id: left\n        - id: right\n        - id: both\n{more}"
        )
    };
    let plain = links("");
    let apart: &[(&str, &[&str])] = &[("a", &["left", "both"]), ("b", &["right"])];
    let together: &[(&str, &[&str])] = &[("a", &["left", "both"]), ("b", &["right", "both"])];
    let third: &[(&str, &[&str])] = &[
        ("a", &["right"]),
        ("b", &["left"]),
        ("c", &["left", "both"]),
    ];
    let sap = "      sapd:\n        - id: s\n          virtual-link-desc: both\n";
    let net = |names: [&str; 2]| {
        let [left, right] = names;
        format!(
            "      virtual-link-desc:\n        - {{id: left, {left}}}\n        - {{id: right, {right}}}\n        - id: both\n"
        )
    };
    let none: &[&str] = &[];
    table(
        "topology/disconnected",
        &[
            (members(&plain, &[apart]), &["b"]),
            (members(&plain, &[together]), none),
            // The larger piece is the service.
            (members(&plain, &[third]), &["a"]),
            // What one flavour connects is apart in another.
            (members(&plain, &[together, apart]), &["b"]),
            // A link with an access point and no function, unless a flavour has one.
            (
                members(&links(sap), &[&[("a", &["left", "right"])]]),
                &["both"],
            ),
            (
                members(&links(sap), &[&[("a", &["left", "right"])], together]),
                none,
            ),
            // A network of the infrastructure, or that of the management.
            (
                members(
                    &net(["vim-network-name: x", "vim-network-name: x"]),
                    &[apart],
                ),
                none,
            ),
            (
                members(
                    &net(["vim-network-name: x", "vim-network-name: y"]),
                    &[apart],
                ),
                &["b"],
            ),
            (
                members(
                    &net(["mgmt-network: true", "mgmt-network: 'true'"]),
                    &[apart],
                ),
                none,
            ),
            // Others tell of these.
            (
                members(&plain, &[&[("a", &["left"]), ("b", &["rihgt"])]]),
                none,
            ),
            (members(&plain, &[&[("a", &["left"]), ("b", &[])]]), none),
            (members(&plain, &[&[("a", &["left"])]]), none),
        ],
    );
    let before = |ends: &str| {
        format!(
            "nsd-catalog:\n  nsd:\n    - id: n\n      constituent-vnfd:\n        - {{member-vnf-index: 1, vnfd-id-ref: v}}\n        \
             - {{member-vnf-index: 2, vnfd-id-ref: v}}\n      vld:\n{ends}"
        )
    };
    let end = |link: &str, of: &[u8]| {
        let ends = of.iter().map(|of| {
            format!("            - {{member-vnf-index-ref: {of}, vnfd-id-ref: v, vnfd-connection-point-ref: p}}\n")
        });
        let ends: String = ends.collect();
        format!("        - id: {link}\n          vnfd-connection-point-ref:\n{ends}")
    };
    let apart = format!("{}{}", end("l", &[1]), end("m", &[2]));
    let together = format!("{}{}", end("l", &[1]), end("m", &[1, 2]));
    table(
        "topology/disconnected",
        &[(before(&apart), &["2"]), (before(&together), none)],
    );
    // One that is on nothing, beside another kind of member.
    let physical = nsd(
        "      virtual-link-desc:\n        - id: l\n      df:\n        - id: d\n          pnf-profile:\n            - id: p\n          \
         vnf-profile:\n            - id: v\n              virtual-link-connectivity:\n                - virtual-link-profile-id: l\n",
    );
    table("topology/disconnected", &[(physical, &["p"])]);
    let found = check(Profile::Osm, &[("a/a.yaml", &members(&plain, &[third]))]);
    let one = found.iter().find(|d| d.rule.id == "topology/disconnected");
    let one = one.expect("a finding");
    assert_eq!(
        one.message,
        "no link connects `a`, on `right`, with the rest of the service, `b`, `c`"
    );
    assert_eq!(
        one.help,
        ["put a point of each on one link; those of `b`, `c`: `left`, `both`"]
    );
}

#[test]
fn circles_of_a_forwarding_graph_in_the_pool_of_points() {
    let graph = |order: &[&str]| {
        let pool: String = ["a", "b", "c"]
            .iter()
            .map(|id| format!("            - id: {id}\n              vnf-profile:\n                vnf-profile-id: {id}\n"))
            .collect();
        let positions: String = order
            .iter()
            .enumerate()
            .map(|(i, id)| format!("                - id: p{i}\n                  cp-profile-id: [{{id: c, constituent-profile-elements: [{{id: 1, cpd-id: {id}}}]}}]\n"))
            .collect();
        nsd(&format!(
            "      vnffgd:\n        - id: g\n          cpd-pool:\n{pool}          nfpd:\n            \
             - id: path\n              position-desc-id:\n{positions}"
        ))
    };
    let rule = "topology/forwarding-cycle";
    let found = |order: &[&str]| check(Profile::Osm, &[("a/a.yaml", &graph(order))]);
    assert_eq!(carets(&found(&["a", "b", "c"]), rule).len(), 0);
    // There and back is no circle.
    assert_eq!(carets(&found(&["a", "b", "c", "b", "a"]), rule).len(), 0);
    let circle = found(&["a", "b", "c", "a"]);
    let circle = circle.iter().find(|d| d.rule.id == rule).expect("circle");
    assert!(
        circle.message.contains("`a` → `b` → `c` → `a`"),
        "{}",
        circle.message
    );
}

#[test]
fn paths_that_packets_can_t_take() {
    let rule = "topology/broken-path";
    // One to two over `l`, two to three over `m`.
    let before = |hops: &str| {
        let ends = |link: &str, ends: &[(u8, &str)]| {
            let ends = ends.iter().map(|(member, point)| {
                format!("            - {{member-vnf-index-ref: {member}, vnfd-id-ref: v, vnfd-connection-point-ref: {point}}}\n")
            });
            let ends: String = ends.collect();
            format!("        - id: {link}\n          vnfd-connection-point-ref:\n{ends}")
        };
        format!(
            "nsd-catalog:\n  nsd:\n    - id: n\n      vld:\n{}{}      vnffgd:\n        - id: g\n          rsp:\n            \
             - id: r\n              vnfd-connection-point-ref:\n{hops}",
            ends("l", &[(1, "out"), (2, "in")]),
            ends("m", &[(2, "out"), (3, "in")])
        )
    };
    let hop = |order: u8, member: &str, points: [&str; 2]| {
        let [enters, leaves] = points;
        format!(
            "                - {{member-vnf-index-ref: {member}, order: {order}, \
             vnfd-ingress-connection-point-ref: {enters}, vnfd-egress-connection-point-ref: {leaves}}}\n"
        )
    };
    let plain = |order: u8, member: &str| {
        format!("                - {{member-vnf-index-ref: {member}, order: {order}}}\n")
    };
    let none: &[&str] = &[];
    table(
        rule,
        &[
            (
                before(&[plain(0, "1"), plain(1, "2"), plain(2, "3")].concat()),
                none,
            ),
            // The order counts, not the place in the list.
            (
                before(&[plain(2, "3"), plain(0, "1"), plain(1, "2")].concat()),
                none,
            ),
            (before(&[plain(0, "1"), plain(1, "3")].concat()), &["3"]),
            (
                before(
                    &[
                        hop(0, "1", ["out", "out"]),
                        hop(1, "2", ["in", "out"]),
                        hop(2, "3", ["in", "in"]),
                    ]
                    .concat(),
                ),
                none,
            ),
            (
                before(&[hop(0, "2", ["in", "in"]), hop(1, "3", ["in", "in"])].concat()),
                &["3"],
            ),
            // Others tell of these.
            (before(&[plain(0, "1"), plain(1, "9")].concat()), none),
            (
                before(&[plain(0, "2"), hop(1, "3", ["x", "x"])].concat()),
                none,
            ),
        ],
    );
    table(
        "topology/repeated-position",
        &[
            (before(&[plain(0, "1"), plain(1, "2")].concat()), none),
            (before(&[plain(1, "1"), plain(1, "2")].concat()), &["1"]),
        ],
    );
    let sol006 = |net: &str, first: &str, second: &str| {
        nsd(&format!(
            "      virtual-link-desc:\n        - {{id: l, {net}}}\n        - {{id: m, {net}}}\n      df:\n        - id: d\n          \
             virtual-link-profile:\n            - {{id: p, virtual-link-desc-id: l}}\n          vnf-profile:\n            \
             - {{id: a, virtual-link-connectivity: [{{virtual-link-profile-id: p, constituent-cpd-id: [{{constituent-cpd-id: out}}]}}]}}\n            \
             - {{id: b, virtual-link-connectivity: [{{virtual-link-profile-id: l, constituent-cpd-id: [{{constituent-cpd-id: in}}]}}, \
             {{virtual-link-profile-id: m, constituent-cpd-id: [{{constituent-cpd-id: out}}]}}]}}\n            \
             - {{id: c, virtual-link-connectivity: [{{virtual-link-profile-id: m, constituent-cpd-id: [{{constituent-cpd-id: in}}]}}]}}\n      \
             vnffgd:\n        - id: g\n          nfpd:\n            - id: path\n              position-desc-id:\n                \
             - {{id: x, cp-profile-id: [{{id: 1, constituent-profile-elements: [{{id: 1, {first}}}]}}]}}\n                \
             - {{id: y, cp-profile-id: [{{id: 1, constituent-profile-elements: [{{id: 1, {second}}}]}}]}}\n"
        ))
    };
    let of = |id: &str| format!("constituent-base-element-id: {id}");
    let at = |id: &str, point: &str| {
        format!("constituent-base-element-id: {id}, ingress-constituent-cpd-id: {point}")
    };
    table(
        rule,
        &[
            (sol006("a: b", &of("a"), &of("b")), none),
            (sol006("a: b", &of("a"), &at("b", "in")), none),
            (sol006("a: b", &of("a"), &at("b", "out")), &["b"]),
            (sol006("a: b", &of("a"), &of("c")), &["c"]),
            (sol006("vim-network-name: n", &of("a"), &of("c")), none),
        ],
    );
}

/// An NSD of the model before SOL006 with two members, their one link, and the text
/// of a forwarding graph.
fn before_sol006(graph: &str) -> String {
    format!(
        "nsd-catalog:\n  nsd:\n    - id: n\n      name: n\n      constituent-vnfd:\n        \
         - {{member-vnf-index: 1, vnfd-id-ref: v}}\n        - {{member-vnf-index: 2, vnfd-id-ref: w}}\n      \
         vld:\n        - id: l\n          vnfd-connection-point-ref:\n            \
         - {{member-vnf-index-ref: 1, vnfd-id-ref: v, vnfd-connection-point-ref: eth0}}\n            \
         - {{member-vnf-index-ref: 2, vnfd-id-ref: w, vnfd-connection-point-ref: eth0}}\n      \
         vnffgd:\n        - id: g\n          name: g\n{graph}"
    )
}

#[test]
fn points_in_a_forwarding_graph_before_sol006() {
    let v = "vnfd-catalog:\n  vnfd:\n    - id: v\n      name: v\n      connection-point:\n        - name: eth0\n        - name: eth1\n";
    let hop = |ends: &str| {
        before_sol006(&format!(
            "          rsp:\n            - id: r\n              name: r\n              vnfd-connection-point-ref:\n                - {{order: 1, {ends}}}\n"
        ))
    };
    let classifier = |ends: &str| {
        before_sol006(&format!(
            "          rsp:\n            - {{id: r, name: r}}\n          classifier:\n            - {{id: c, name: c, rsp-id-ref: r, {ends}}}\n"
        ))
    };
    let ingress = "vnfd-ingress-connection-point-ref";
    let egress = "vnfd-egress-connection-point-ref";
    for (service, wanted) in [
        (
            hop(&format!(
                "member-vnf-index-ref: 1, vnfd-id-ref: v, {ingress}: eth0, {egress}: eth1"
            )),
            &[][..],
        ),
        (
            hop(&format!(
                "member-vnf-index-ref: 1, vnfd-id-ref: v, {ingress}: eth7, {egress}: eth8"
            )),
            &["eth7", "eth8"],
        ),
        (
            hop("member-vnf-index-ref: 1, vnfd-id-ref: v, vnfd-connection-point-ref: eth6"),
            &["eth6"],
        ),
        (
            classifier("member-vnf-index-ref: 1, vnfd-id-ref: v, vnfd-connection-point-ref: eth5"),
            &["eth5"],
        ),
        // The member says which function is meant; without one, the id does.
        (
            classifier("member-vnf-index-ref: 1, vnfd-id-ref: w, vnfd-connection-point-ref: eth4"),
            &["eth4"],
        ),
        (
            classifier("vnfd-id-ref: v, vnfd-connection-point-ref: eth3"),
            &["eth3"],
        ),
        // Of a function that is not there nobody knows the points, and who is no
        // member has none; that is told elsewhere.
        (
            hop(&format!(
                "member-vnf-index-ref: 2, vnfd-id-ref: w, {ingress}: eth7"
            )),
            &[],
        ),
        (
            hop(&format!(
                "member-vnf-index-ref: 9, vnfd-id-ref: v, {ingress}: eth7"
            )),
            &[],
        ),
    ] {
        let found = check(Profile::Osm, &[("v/v.yaml", v), ("n/n.yaml", &service)]);
        assert_eq!(
            carets(&found, "osm/unknown-connection-point"),
            wanted,
            "{service}"
        );
        let mut of_rule = found
            .iter()
            .filter(|d| d.rule.id == "osm/unknown-connection-point");
        assert!(of_rule.all(|d| d.severity == Severity::Error), "{service}");
    }
    // Both may be wrapped for the SHIELD Store.
    let service = hop(&format!(
        "member-vnf-index-ref: 1, vnfd-id-ref: v, {ingress}: eth7"
    ));
    let found = check(
        Profile::Osm,
        &[
            (
                "f/manifest.yaml",
                "manifest:vnsf:\n  type: OSM-R4\n  package: v.tar.gz\n",
            ),
            ("f/v/v_vnfd.yaml", v),
            (
                "s/manifest.yaml",
                "manifest:ns:\n  type: OSM-R4\n  package: n.tar.gz\n",
            ),
            ("s/n/n_nsd.yaml", &service),
        ],
    );
    assert_eq!(carets(&found, "osm/unknown-connection-point"), ["eth7"]);
}

/// A text for cloud-init is looked at however it is quoted, and what is found in it is
/// blanked where it stands.
#[test]
fn a_secret_in_quotes_is_one() {
    let key = "MIIEvQIBADANBgkqhkiG9w0";
    for text in [
        r##""#cloud-config\npassword: hunter2\nssh_pwauth: true\n""##,
        r##""#cloud-config\npassword: \"hunter2\"\n""##,
        "'#cloud-config\n\n        password: hunter2\n\n        '",
        "\"#cloud-config\n\n        password: hunter2\"",
        r##""#cloud-config\nchpasswd:\n  list: |\n    root:hunter2\n""##,
        "'{password: hunter2}'",
        "password hunter2",
        r##""-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0\n-----END PRIVATE KEY-----\n""##,
    ] {
        let function = vnfd(&format!(
            "  vdu:\n    - id: vm\n      cloud-init: {text}\n      nmae: x\n"
        ));
        let found = check(Profile::Osm, &[("a/a_vnfd.yaml", function.as_str())]);
        let on = carets(&found, "package/secret");
        if !text.contains(": ") && !text.contains("-----") {
            assert_eq!(on.len(), 0, "{text}: {on:?}");
            continue;
        }
        assert_eq!(on.len(), 1, "{text}: {on:?}");
        let file = &found[0].primary.span.file;
        assert!(!file.shown().contains("hunter2"), "{}", file.shown());
        assert!(!file.shown().contains(key), "{}", file.shown());
        assert_eq!(file.shown().len(), file.text().len());
    }
}

#[test]
fn no_report_shows_a_secret() {
    let secret = "hünter-2-hunter";
    let key = "MIIEvQIBADANBgkqhkiG9w0";
    let function = vnfd(&format!(
        "  vdu:\n    - id: vm\n      cloud-init-file: a.txt\n      password: {secret}\n      cloud-init: |\n        #cloud-config\n        password: {secret}\n  \
         df:\n    - id: d\n      lcm-operations-configuration:\n        operate-vnf-op-config:\n          \
         day1-2:\n            - id: v\n              initial-config-primitive:\n                - seq: 1\n                  \
         name: c\n                  parameter:\n                    - name: ssh-password\n                      value: '{secret}'\n                    - name: user\n                      value: admin\n"
    ));
    let file = format!("#cloud-config\nchpasswd:\n  list: |\n    root:{secret}\n");
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n");
    let files = [
        ("a/a.yaml", function.as_str()),
        ("a/cloud_init/a.txt", file.as_str()),
        ("a/keys/id_rsa", pem.as_str()),
        ("a/keys/id_rsa.pub", "ssh-rsa AAAA\n"),
    ];
    let found = check(Profile::Osm, &files);
    let on = carets(&found, "package/secret");
    assert_eq!(
        on,
        [
            "password",
            "password",
            "value",
            "root",
            "-----BEGIN PRIVATE KEY-----"
        ]
    );
    // Others speak of the same lines.
    assert!(found.iter().any(|d| d.rule.id == "schema/unknown-key"));
    let report = Report {
        diagnostics: &found,
        packages: &[],
        topologies: &[],
        base: "",
        top: "",
    };
    for format in [
        Format::Human,
        Format::Short,
        Format::Json,
        Format::Github,
        Format::Gitlab,
        Format::Sarif,
        Format::Junit,
        Format::Rdjson,
        Format::Markdown,
    ] {
        let text = report::render(format, &report, false);
        assert!(text.contains("stands here in clear"), "{format:?}");
        assert!(!text.contains("nter-2"), "{format:?}\n{text}");
        assert!(!text.contains(key), "{format:?}\n{text}");
    }
    // A fix that goes by the text of the file still has it.
    let file = &found[0].primary.span.file;
    assert!(file.text().contains(secret));
}

#[test]
fn a_finding_about_the_secret_itself_does_not_repeat_it() {
    // The value is ambiguous, so that another rule quotes it.
    let function = vnfd("  vdu:\n    - id: vm\n      password: 0b1011\n  df: []\n");
    let found = check(Profile::Osm, &[("a/a.yaml", &function)]);
    let other = found.iter().find(|d| d.rule.id == "yaml/ambiguous-scalar");
    let other = other.expect("finding");
    assert!(other.fixes.is_empty());
    let report = Report {
        diagnostics: &found,
        packages: &[],
        topologies: &[],
        base: "",
        top: "",
    };
    for format in [Format::Human, Format::Json, Format::Sarif] {
        let text = report::render(format, &report, false);
        assert!(!text.contains("0b1011"), "{format:?}\n{text}");
    }
}

#[test]
fn icons_images_and_networks() {
    let icon = |logo: &str| format!("nst:\n  - id: t\n    logo: {logo}\n");
    for (logo, file, wanted) in [
        ("a.png", "t/icons/a.png", 0),
        ("icons/a.png", "t/icons/a.png", 0),
        ("a.png", "t/a.png", 0),
        ("b.png", "t/icons/a.png", 1),
        ("https://example.org/b.png", "t/icons/a.png", 0),
    ] {
        let found = check(Profile::Osm, &[("t/t.yaml", &icon(logo)), (file, "")]);
        assert_eq!(carets(&found, "osm/icon-missing").len(), wanted, "{logo}");
    }
    let image = |rest: &str| {
        vnfd(&format!(
            "  sw-image-desc:\n    - id: i\n      name: i\n{rest}"
        ))
    };
    table(
        "osm/unpinned-image",
        &[
            (
                image("      image: https://a.example/i.qcow2\n"),
                &["https://a.example/i.qcow2"],
            ),
            (
                image("      image: https://a.example/i.qcow2\n      checksum: {hash: 00}\n"),
                &[],
            ),
            // The image of the VIM is its administrator's.
            (image("      image: ubuntu20.04\n"), &[]),
        ],
    );
    table(
        "osm/unknown-cluster-net",
        &[(
            vnfd("  ext-cpd:\n    - id: a\n      k8s-cluster-net: n\n"),
            &["n"],
        )],
    );
    table(
        "osm/kdu-model",
        &[
            (vnfd("  kdu:\n    - name: k\n"), &["k"]),
            (vnfd("  kdu:\n    - name: k\n      juju-bundle: x\n"), &[]),
            (
                vnfd("  kdu:\n    - name: k\n      juju-bundle: x\n      helm-chart: s/k\n"),
                &["juju-bundle"],
            ),
        ],
    );
}

#[test]
fn every_rule_that_the_list_of_checks_names_is_one() {
    let text = include_str!("../docs/osm-checks.md");
    let families: Vec<&str> = rules::all().iter().map(|l| l.rule.family()).collect();
    let named: Vec<&str> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| {
            let family = word.split_once('/').map(|(family, _)| family);
            family.is_some_and(|family| families.contains(&family)) && !word.ends_with('…')
        })
        .collect();
    assert!(named.len() > 50, "{}", named.len());
    let unknown: Vec<&&str> = named
        .iter()
        .filter(|id| rules::find(id).is_none())
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    // And what OSM refuses stands in it.
    let denied = rules::all()
        .iter()
        .map(|lint| lint.rule)
        .filter(|rule| rule.family() == "osm" && rule.level == nfv::diagnostic::Level::Deny);
    for rule in denied {
        assert!(named.contains(&rule.id), "{} is not in the list", rule.id);
    }
}

/// Cells of the rows of the Markdown tables in a text.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = text.lines().filter(|line| line.starts_with("| "));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
}

/// What stands in backticks.
fn ticked(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The events of the validator that SHIELD used, as far as they are known.
const EVENTS: [&str; 42] = [
    "evt_duplicate_cpoint",
    "evt_duplicate_vlink",
    "evt_function_invalid_descriptor",
    "evt_invalid_cpoint",
    "evt_invalid_cpoint_ref",
    "evt_invalid_vlink",
    "evt_nsd_itg_badsection_cpoints",
    "evt_nsd_itg_badsection_vlinks",
    "evt_nsd_itg_function_invalid",
    "evt_nsd_itg_function_unavailable",
    "evt_nsd_itg_undeclared_cpoint",
    "evt_nsd_itg_undefined_cpoint",
    "evt_nsd_itg_unused_cpoint",
    "evt_nsd_stx_invalid",
    "evt_nsd_top_badsection_fwgraph",
    "evt_nsd_top_fwgraph_cpoint_undefined",
    "evt_nsd_top_fwgraph_cpoints_odd",
    "evt_nsd_top_fwgraph_cycles",
    "evt_nsd_top_fwgraph_position_duplicate",
    "evt_nsd_top_fwgraph_unavailable",
    "evt_nsd_top_fwpath_cycles",
    "evt_nsd_top_fwpath_disrupted",
    "evt_nsd_top_fwpath_inside_vnf",
    "evt_nsd_top_fwpath_invalid",
    "evt_nsd_top_topgraph_disconnected",
    "evt_nsd_top_topgraph_failed",
    "evt_package_format_invalid",
    "evt_package_signature_invalid",
    "evt_package_struct_invalid",
    "evt_pd_itg_invalid_md5",
    "evt_pd_itg_invalid_reference",
    "evt_service_invalid_descriptor",
    "evt_vnfd_itg_badsection_cpoints",
    "evt_vnfd_itg_badsection_vdus",
    "evt_vnfd_itg_badsection_vlinks",
    "evt_vnfd_itg_undeclared_cpoint",
    "evt_vnfd_itg_undefined_cpoint",
    "evt_vnfd_itg_unused_cpoint",
    "evt_vnfd_itg_vdu_badsection_cpoints",
    "evt_vnfd_itg_vdu_image_not_found",
    "evt_vnfd_stx_invalid",
    "evt_vnfd_top_topgraph_failed",
];

/// The issues of the SHIELD Store.
const ISSUES: [&str; 19] = [
    "MANIFEST_NOT_NS",
    "MANIFEST_NOT_VNSF",
    "MISSING_PACKAGE",
    "MISSING_VNSF_DEPENDENCY",
    "NSD_FORMAT_INVALID",
    "NSPKG_NOT_VNSFO",
    "ONBOARDING_ISSUE",
    "PACKAGE_MISSING",
    "PKG_MISSING_NSD",
    "PKG_MISSING_NS_FOLDER",
    "PKG_MISSING_VNFD",
    "PKG_MISSING_VNFD_FOLDER",
    "PKG_NOT_SHIELD",
    "PKG_NOT_TARGZ",
    "PKG_TAMPERED_NAME_MISMATCH",
    "VALIDATION_ERROR",
    "VNFD_FORMAT_INVALID",
    "VNSFO_UNREACHABLE",
    "VNSFPKG_NOT_VNSFO",
];

/// The rules that a cell names, with their pages: at least one.
fn pages(cell: &str) -> Vec<(&'static str, &'static str)> {
    let names = ticked(cell);
    assert!(!names.is_empty(), "{cell}");
    let page = |id: &&str| {
        let rule = rules::find(id).unwrap_or_else(|| panic!("{id} is no rule"));
        (rule.id, rule.docs)
    };
    names.iter().map(page).collect()
}

/// Whether a page has a word, and not as a part of another.
fn has_word(page: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    page.split(|c| !is_part(c)).any(|other| other == word)
}

#[test]
fn every_event_of_shields_validator_is_on_the_pages_of_its_rules() {
    let text = include_str!("../docs/osm-checks.md");
    let mut seen = Vec::new();
    let events = rows(text).filter(|row| row[0].starts_with("`evt_"));
    for row in events {
        let events = ticked(row[0]);
        for (id, page) in pages(row[1]) {
            for event in &events {
                assert!(has_word(page, event), "{event} is not on the page of {id}");
            }
        }
        seen.extend(events);
    }
    seen.sort_unstable();
    assert_eq!(seen, EVENTS);
    // And no page has one that the table has not, or not with that rule.
    for lint in rules::all() {
        let rule = lint.rule;
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let words = rule.docs.split(|c| !is_part(c));
        for event in words.filter(|word| word.starts_with("evt_")) {
            let mut of_event = rows(text).filter(|row| ticked(row[0]).contains(&event));
            let row = of_event
                .next()
                .unwrap_or_else(|| panic!("{event} of {}", rule.id));
            assert!(ticked(row[1]).contains(&rule.id), "{event} of {}", rule.id);
        }
    }
}

#[test]
fn every_outcome_of_the_store_is_on_the_pages_of_its_rules() {
    let text = include_str!("../docs/osm-checks.md");
    let start = text
        .find("## Outcomes of the SHIELD Store")
        .expect("the table");
    let mut seen = Vec::new();
    for row in rows(&text[start..]).skip(2) {
        let is_issue = |word: &&str| word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        let issues: Vec<&str> = ticked(row[0]).into_iter().filter(is_issue).collect();
        let pages = pages(row[2]);
        // Of several rules each has its part of the outcomes, and all have all.
        for status in row[1].split(", ").filter(|status| *status != "none") {
            let is_named = pages.iter().any(|(_, page)| has_word(page, status));
            assert!(is_named, "{status} of {row:?}");
        }
        for issue in &issues {
            let is_named = pages.iter().any(|(_, page)| has_word(page, issue));
            assert!(is_named, "{issue} of {row:?}");
        }
        for (id, page) in pages {
            let mut words = issues.iter().chain([&"500", &"422"]);
            assert!(words.any(|word| has_word(page, word)), "{row:?}: {id}");
        }
        seen.extend(issues);
    }
    seen.sort_unstable();
    assert_eq!(seen, ISSUES);
    // What the answers mean, in the page on onboarding, is of the same issues and rules.
    let text = include_str!("../docs/onboarding.md");
    let start = text
        .find("| answer | meaning | issue |")
        .expect("the table");
    let end = text[start..]
        .find("\n\n")
        .map_or(text.len(), |end| start + end);
    let mut told = Vec::new();
    for row in rows(&text[start..end]).skip(2) {
        let issues = ticked(row[2]);
        for id in ticked(row[1]).into_iter().filter(|word| word.contains('/')) {
            let rule = rules::find(id).unwrap_or_else(|| panic!("{id} is no rule"));
            let mut words = issues.iter().chain([&"500", &"_issues"]);
            assert!(words.any(|word| has_word(rule.docs, word)), "{row:?}: {id}");
        }
        told.extend(issues);
    }
    let silent = ["MISSING_PACKAGE", "PKG_TAMPERED_NAME_MISMATCH"];
    let wanted: Vec<&str> = ISSUES
        .into_iter()
        .filter(|issue| !silent.contains(issue))
        .collect();
    told.sort_unstable();
    assert_eq!(told, wanted);
}

#[test]
fn a_finished_package_is_looked_into_as_well() {
    let tree = Tree::of(&[
        ("a/a.yaml", &vnfd("  df:\n    - id: d\n")),
        ("a/cloud_init/a.txt", "#cloud-config\npassword: hunter-2\n"),
    ]);
    let packages = tree.build("out");
    let archive = packages.join("v-1.0.tar.gz");
    let run = tree.nfv(&["check", archive.to_str().expect("path")]);
    let run = run.code(0);
    assert!(
        run.stderr.contains("a password stands here in clear"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("password: ***"), "{}", run.stderr);
    assert!(!run.stderr.contains("hunter-2"), "{}", run.stderr);
}

#[test]
fn what_a_loose_descriptor_names_is_not_in_its_package() {
    let config = |text: &str| {
        format!(
            "  df:\n    - id: d\n      lcm-operations-configuration:\n        \
             operate-vnf-op-config:\n          day1-2:\n            - id: v\n              \
             execution-environment-list:\n                - id: ee\n                  \
             juju:\n                    charm: {text}\n"
        )
    };
    let loose = |text: String, wanted: &[&str]| {
        let other = "vnfd:\n  id: other\n  version: '1.0'\n";
        let files = [("all/a.yaml", text.as_str()), ("all/b.yaml", other)];
        let found = check(Profile::Osm, &files);
        assert_eq!(carets(&found, "osm/loose-files"), *wanted, "{text}");
        // Alone in its folder it is a package, and other rules speak of these.
        let found = check(Profile::Osm, &files[..1]);
        assert_eq!(carets(&found, "osm/loose-files"), [""; 0], "{text}");
        found
    };
    let found = loose(vnfd(&config("simple")), &["simple"]);
    assert_eq!(carets(&found, "osm/charm-missing"), ["simple"]);
    // OSM wants some charm in the package, whatever this one is called.
    loose(vnfd(&config("ch:simple")), &["ch:simple"]);
    let service = |charm: &str| {
        let juju = format!("      ns-configuration:\n        juju:\n          charm: {charm}\n");
        nsd(&juju)
    };
    loose(service("simple"), &["simple"]);
    loose(service("ch:simple"), &[]);
    let kdu = |chart: &str| {
        vnfd(&format!(
            "  kdu:\n    - name: k\n      helm-chart: {chart}\n"
        ))
    };
    loose(kdu("web"), &["web"]);
    loose(kdu("stable/web"), &[]);
    loose(kdu("oci://registry.example/web"), &[]);
    let bundle = |name: &str| kdu("").replace("helm-chart: ", &format!("juju-bundle: {name}"));
    loose(bundle("web.yaml"), &["web.yaml"]);
    loose(bundle("cs:~someone/web"), &[]);
    loose(bundle("web"), &[]);
    let old = "vnfd:vnfd-catalog:\n  vnfd:\n    - id: v\n      version: '1.0'\n      \
               vnf-configuration:\n        juju:\n          charm: simple\n      vdu:\n        \
               - id: vm\n          cloud-init-file: start.cfg\n      kdu:\n        \
               - {name: k, juju-bundle: web.yaml}\n        - {name: l, helm-chart: web}\n";
    loose(old.to_owned(), &["simple", "start.cfg", "web.yaml", "web"]);
}

#[test]
fn of_two_services_in_one_list_each_has_its_own_links() {
    let service = |id: &str, own: &str, named: &str| {
        format!(
            "    - id: {id}\n      version: '1.0'\n      vnfd-id: [v]\n      \
             virtual-link-desc: [{{id: {own}}}]\n      df:\n        - id: d\n          \
             vnf-profile:\n            - id: p\n              vnfd-id: v\n              \
             virtual-link-connectivity:\n                - virtual-link-profile-id: {named}\n"
        )
    };
    let rule = "sol006/dangling-reference";
    for (first, second, wanted) in [
        ("one", "two", &[][..]),
        // A link of the other service is none.
        ("one", "one", &["one"]),
        ("three", "three", &["three"]),
    ] {
        let (a, b) = (service("a", "one", first), service("b", "two", second));
        let text = format!("nsd:\n  nsd:\n{a}{b}");
        let found = check(Profile::Osm, &[("a/a_nsd.yaml", &text)]);
        let told: Vec<String> = carets(&found, rule);
        // `osm/unknown-virtual-link` speaks of the first service.
        assert_eq!(told, wanted, "{text}");
    }
}

#[test]
fn what_has_no_name_is_not_told_as_missing() {
    let unit = "      virtual-storage-desc: []\n";
    let function = |rest: &str| vnfd(&format!("  mgmt-cp: e\n{rest}"));
    let level = "  df:\n    - id: d\n      instantiation-level:\n        - id: l\n          \
                 vdu-level: [{number-of-instances: 1}]\n      healing-aspect:\n        - id: h\n          \
                 healing-policy: [{vdu-id: vm}]\n";
    let connection = "      df:\n        - id: d\n          vnf-profile:\n            - id: p\n              \
                      virtual-link-connectivity: [{virtual-link-profile-id: l}]\n";
    let old =
        |rest: &str| format!("vnfd-catalog:\n  vnfd:\n    - id: v\n      version: '1.0'\n{rest}");
    let point = "      vdu:\n        - id: vm\n          interface:\n            \
                 - external-connection-point-ref: x\n";
    for (rule, text, help) in [
        (
            "osm/mgmt-cp",
            function(&format!(
                "  ext-cpd: [{{k8s-cluster-net: n}}]\n  vdu:\n    - id: vm\n{unit}"
            )),
            "there is an `ext-cpd`, but without `id`",
        ),
        (
            "osm/dangling-reference",
            vnfd(
                "  virtual-compute-desc: [{virtual-memory: {size: 1}}]\n  vdu:\n    - id: vm\n      virtual-compute-desc: c\n",
            ),
            "there is a `virtual-compute-desc`, but without `id`",
        ),
        (
            "osm/dangling-reference",
            vnfd(
                "  int-virtual-link-desc: [{description: x}]\n  vdu:\n    - id: vm\n      int-cpd: [{id: i, int-virtual-link-desc: l}]\n",
            ),
            "there is an `int-virtual-link-desc`, but without `id`",
        ),
        (
            "osm/dangling-reference",
            vnfd(
                "  vdu:\n    - id: vm\n      monitoring-parameter: [{name: x}]\n      alarm: [{alarm-id: a, vnf-monitoring-param-ref: m}]\n",
            ),
            "there is a monitoring parameter, but without `id`",
        ),
        (
            "osm/dangling-reference",
            vnfd(level),
            "there is a `vdu-level` of an `instantiation-level`, but without `vdu-id`",
        ),
        (
            "osm/unknown-cluster-net",
            vnfd("  k8s-cluster: {nets: [{}]}\n  ext-cpd: [{id: e, k8s-cluster-net: n}]\n"),
            "there is a `k8s-cluster` net, but without `id`",
        ),
        (
            "osm/unknown-virtual-link",
            nsd(&format!(
                "      virtual-link-desc: [{{mgmt-network: true}}]\n{connection}"
            )),
            "there is a `virtual-link-desc`, but without `id`",
        ),
        (
            "osm/unknown-connection-point",
            old(&format!(
                "      connection-point: [{{type: VPORT}}]\n{point}"
            )),
            "there is a connection point, but without `name`",
        ),
        (
            "osm/unknown-connection-point",
            old(point),
            "add the connection point `x`; there is none yet",
        ),
    ] {
        let found = check(Profile::Osm, &[("a/a.yaml", &text)]);
        let found = found.iter().filter(|d| d.rule.id == rule);
        let helps: Vec<&String> = found.flat_map(|d| &d.help).collect();
        assert_eq!(helps, [help], "{rule}\n{text}");
    }
    // Beside those that have one, it is told of too.
    let text = vnfd(
        "  vdu:\n    - id: vm\n      int-cpd: [{id: i}, {virtual-network-interface-requirement: []}]\n  \
         ext-cpd: [{id: e, int-cpd: {vdu-id: vm, cpd: x}}]\n",
    );
    let found = check(Profile::Osm, &[("a/a.yaml", &text)]);
    let found = found
        .iter()
        .filter(|d| d.rule.id == "osm/dangling-reference");
    let notes: Vec<&String> = found.flat_map(|d| &d.notes).collect();
    assert_eq!(
        notes,
        ["there is `i`", "there is an `int-cpd` without `id` too"]
    );
}

#[test]
fn texts_that_become_others_wherever_they_are_read() {
    let row = |text: &str, carets: &'static [&'static str]| (text.to_owned(), carets);
    let all = |text: &str| format!("vnfd:\n  id: v\n{text}");
    table(
        "osm/text-number",
        &[
            (all("  provider: x\n  version: 1.10\n"), &["1.10"]),
            (all("  version: true\n"), &["true"]),
            (all("  version: 'true'\n"), &[]),
            (all("  version: True\n"), &[]),
            (all("  version: !!float 1.10\n"), &["1.10"]),
            (all("  version: !!float 1\n"), &["1"]),
            (all("  version: !!float 1.1\n"), &[]),
            (all("  version: !!binary MQ==\n"), &["MQ=="]),
            (all("  version: !!str 1.10\n"), &[]),
            // What is read at another place is shown where it is written.
            row(".x: &v 1.10\nvnfd:\n  id: v\n  version: *v\n", &["1.10"]),
            row(
                ".d: &d\n  version: 1.10\nvnfd:\n  <<: *d\n  id: v\n",
                &["1.10"],
            ),
            (
                all(
                    "  virtual-compute-desc:\n    - id: c\n      virtual-memory: {size: &s 1.0, numa-enabled: true}\n  version: *s\n",
                ),
                &[],
            ),
            (
                all(
                    "  virtual-compute-desc:\n    - id: c\n      virtual-memory: {size: &s 1.50}\n  version: *s\n",
                ),
                &["1.50"],
            ),
        ],
    );
}

#[test]
fn what_no_release_of_today_takes_is_told_once_a_descriptor() {
    let old = "vnfd:vnfd-catalog:\n  vnfd:\n    - {id: v, name: v, version: '1.0'}\n";
    let pnfd = "pnfd:\n  id: p\n  version: '1.0'\n";
    let rule = "osm/unsupported";
    let found = check(Profile::Osm, &[("v/v.yaml", old), ("p/p.yaml", pnfd)]);
    assert_eq!(carets(&found, rule), ["pnfd", "vnfd:vnfd-catalog"]);
    assert!(found.iter().all(|d| d.severity == Severity::Warning));
    let help = found.iter().flat_map(|d| &d.help);
    assert!(
        help.into_iter()
            .any(|help| help.contains("cargo nfv migrate"))
    );
    let found = check(Profile::Etsi, &[("v/v.yaml", old), ("p/p.yaml", pnfd)]);
    assert_eq!(carets(&found, rule), [""; 0]);
    // SHIELD's packages are made of such descriptors.
    let manifest = "manifest:vnsf:\n  type: OSM\n  package: v.tar.gz\n";
    let found = check(
        Profile::Osm,
        &[("v/v.yaml", old), ("s/manifest.yaml", manifest)],
    );
    assert_eq!(carets(&found, rule), [""; 0]);
    // Who names the old model knows.
    let tree = Tree::of(&[("v/v.yaml", old)]);
    let scan = source::scan(&tree.workspace(), &Selection::default()).expect("scan");
    let choice = Choice {
        model: nfv::schema::ModelVersion::find("osm-im@8"),
        ..Choice::default()
    };
    let found = rules::run(&scan, choice, &Levels::default());
    assert_eq!(carets(&found, rule), [""; 0]);
}

#[test]
fn invisible_letters_end_a_line_for_osm() {
    let row = |text: &str, carets: &'static [&'static str]| (vnfd(text), carets);
    table(
        "osm/line-end",
        &[
            row("  provider: a\u{85}b\n", &["\u{85}"]),
            row("  provider: a # b\u{2028}c\n", &["\u{2028}"]),
            row("  provider: |\n    a\u{2029}b\n", &["\u{2029}"]),
            row("  provider: 'a\u{85}b'\n", &[]),
            row("  provider: a\u{85}\n  name: é\n", &[]),
        ],
    );
    let text = vnfd("  provider: a\u{85}b\n");
    let found = check(Profile::Osm, &[("a/a.yaml", &text)]);
    let message = |d: &&Diagnostic| d.message.contains("U+0085 (next line)");
    assert_eq!(found.iter().filter(message).count(), 1);
}

#[test]
fn charts_and_charms_that_a_package_lacks() {
    let kdu = vnfd("  kdu:\n    - {name: k, helm-chart: web}\n");
    let environment = |what: &str| {
        vnfd(&format!(
            "  df:\n    - id: d\n      lcm-operations-configuration:\n        operate-vnf-op-config:\n          day1-2:\n            - id: v\n              execution-environment-list:\n                - id: e\n                  {what}\n"
        ))
    };
    let chart = environment("helm-chart: web");
    let charm = environment("juju: {charm: web}");
    let rows: &[(&str, &str, &[&str], usize)] = &[
        // A folder makes it a package.
        ("osm/chart-missing", &kdu, &["icons/a.png"], 1),
        ("osm/chart-missing", &kdu, &["helm-charts/README"], 1),
        (
            "osm/chart-missing",
            &kdu,
            &["helm-chart-v3s/web/Chart.yaml"],
            0,
        ),
        (
            "osm/chart-missing",
            &chart,
            &["helm-chart-v3s/web/Chart.yaml"],
            1,
        ),
        (
            "osm/chart-missing",
            &chart,
            &["helm-charts/web/Chart.yaml"],
            0,
        ),
        (
            "osm/charm-name",
            &charm,
            &["charms/layers/web/layer.yaml"],
            1,
        ),
        (
            "osm/charm-missing",
            &charm,
            &["charms/layers/web/layer.yaml"],
            0,
        ),
        ("osm/charm-name", &charm, &["charms/web/metadata.yaml"], 0),
    ];
    for (rule, text, beside, count) in rows {
        let beside = beside.iter().map(|path| format!("a/{path}"));
        let beside: Vec<String> = beside.collect();
        let mut files = vec![("a/a_vnfd.yaml", *text)];
        files.extend(beside.iter().map(|path| (path.as_str(), "name: web\n")));
        let found = check(Profile::Osm, &files);
        assert_eq!(carets(&found, rule).len(), *count, "{rule} {beside:?}");
    }
    // One token, one finding.
    let text = vnfd("  kdu:\n    - {name: k, helm-chart: web-0.1.0.tgz}\n");
    let found = check(
        Profile::Osm,
        &[("a/a_vnfd.yaml", &text), ("a/icons/i.png", "")],
    );
    assert_eq!(carets(&found, "osm/chart-name"), ["web-0.1.0.tgz"]);
    assert_eq!(carets(&found, "osm/chart-missing"), [""; 0]);
}

/// The rules that speak, but for what is missing.
fn rules_of(text: &str) -> Vec<&'static str> {
    let found = check(Profile::Osm, &[("a/a.yaml", text)]);
    let ids = found.iter().map(|d| d.rule.id);
    ids.filter(|id| *id != "schema/departure").collect()
}

#[test]
fn one_slip_is_one_finding() {
    let text = "vnfd:\n  id: v\n  version: '1.0'\n  mgmt-cp: e\n  ext-cpd:\n    - {id: e, int-cpd: {vdu-id: s, cpd: i}}\n    - {id: f, int-cpd: {vdu-id: s, cpd: j}}\n  vdu:\n    - id: s\n      virtual-storage-desc: []\n      int_cpd: [{id: i}, {id: j}]\n  df: [{id: d}]\n";
    assert_eq!(rules_of(text), ["schema/unknown-key"]);
    let sound = text
        .replace("int_cpd", "int-cpd")
        .replace("cpd: j", "cpd: k");
    assert_eq!(
        rules_of(&sound),
        ["osm/dangling-reference", "topology/unused-connection-point"]
    );
    // What is said of one token is said once.
    let list = nsd(
        "      df:\n        - id: d\n          vnf-profile:\n            - {id: '1', vnfd-id: [a, b]}\n",
    );
    assert_eq!(rules_of(&list), ["osm/missing-reference"]);
    let told = check(Profile::Osm, &[("a/a.yaml", list.as_str())]);
    let mut told = told.iter().map(|one| one.message.as_str());
    let message = "the `vnfd-id` of an item of `vnf-profile` is a list, and no name";
    assert!(told.any(|one| one == message), "{message}");
    let list = vnfd(
        "  mgmt-cp: e\n  ext-cpd: [{id: e, int-cpd: {vdu-id: u, cpd: i}}]\n  df: [{id: d}]\n  vdu: [{id: u, virtual-storage-desc: [], virtual-compute-desc: [c], int-cpd: [{id: i}]}]\n  virtual-compute-desc: [{id: c}]\n",
    );
    assert_eq!(rules_of(&list), ["osm/dangling-reference"]);
}

#[test]
fn an_id_that_is_no_name_is_an_error() {
    for id in ["[a]", "{a: b}"] {
        let text = format!("vnfd:\n  id: {id}\n  version: '1.0'\n  df: [{{id: d}}]\n");
        assert_eq!(rules_of(&text), ["osm/no-id"], "{id}");
    }
}

#[test]
fn an_alarm_may_name_the_parameter_of_its_machine() {
    let text = |name: &str| {
        vnfd(&format!(
            "  mgmt-cp: e\n  ext-cpd:\n    - {{id: e, int-cpd: {{vdu-id: s, cpd: i}}}}\n  vdu:\n    - id: s\n      virtual-storage-desc: []\n      int-cpd: [{{id: i}}]\n      monitoring-parameter: [{{id: m}}]\n      alarm: [{{alarm-id: a, vnf-monitoring-param-ref: {name}}}]\n  df: [{{id: d}}]\n"
        ))
    };
    assert_eq!(rules_of(&text("m")), [""; 0]);
    assert_eq!(rules_of(&text("n")), ["osm/dangling-reference"]);
}

#[test]
fn help_asks_for_what_can_be_done() {
    let helps = |files: &[(&str, &str)]| -> Vec<String> {
        let found = check(Profile::Osm, files).into_iter();
        found
            .flat_map(|d| d.help.into_iter().chain(d.notes))
            .collect()
    };
    let profile =
        "      df:\n        - id: d\n          vnf-profile:\n            - {id: '1', vnfd-id: v}\n";
    let service = nsd(profile);
    let function = vnfd("  df: [{id: d}]\n");
    let said = helps(&[("n/n.yaml", &service), ("v/v.yaml", &function)]);
    assert!(
        said.iter().any(|help| help.contains("`vnfd-id: [v]`")),
        "{said:?}"
    );
    assert!(!said.contains(&"there are ".to_owned()), "{said:?}");
    let nested = nsd("      nested-nsd-id: [foo]\n");
    let said = helps(&[("n/n.yaml", &nested)]);
    assert!(
        said.iter()
            .any(|help| help.contains("OSM does not look for it")),
        "{said:?}"
    );
    let number =
        vnfd("  virtual-compute-desc:\n    - {id: c, virtual-cpu: {num-virtual-cpu: '0x2'}}\n");
    let said = helps(&[("v/v.yaml", &number)]);
    assert!(
        said.iter().any(|help| help.contains("decimal digits: `2`")),
        "{said:?}"
    );
    let number =
        vnfd("  virtual-compute-desc:\n    - {id: c, virtual-cpu: {num-virtual-cpu: 1e3}}\n");
    let said = helps(&[("v/v.yaml", &number)]);
    let want = "write it in decimal digits: `1000`";
    assert!(said.iter().any(|help| help == want), "{said:?}");
    let two = vnfd("  kdu:\n    - {name: k, helm-chart: r0/k, helm-version: v4}\n");
    let said = helps(&[("v/v.yaml", &two)]);
    assert!(said.contains(&"write `v2` or `v3`".to_owned()), "{said:?}");
}

/// Each case was put to OSM's loader (pyangbind 0.8.6) and to what its north-bound
/// interface does with the result: PyYAML makes numbers and booleans of values without
/// quotes, the loader texts of these.
#[test]
fn names_are_compared_as_osm_reads_them() {
    let point = |vdu: &str, cpd: &str, named: [&str; 3]| {
        let [unit, point, mgmt] = named;
        vnfd(&format!(
            "  mgmt-cp: {mgmt}\n  vdu:\n  - id: {vdu}\n    pdu-type: p\n    int-cpd:\n    - id: {cpd}\n  ext-cpd:\n  - id: true\n    int-cpd: {{vdu-id: {unit}, cpd: {point}}}\n  df:\n  - id: d\n"
        ))
    };
    let errors = |text: &str| {
        let found = check(Profile::Osm, &[("v/v_vnfd.yaml", text)]);
        let all = found.iter().filter(|d| d.severity == Severity::Error);
        let told = all.map(|d| {
            let range = d.primary.span.range.clone().expect("a place");
            format!("{} {}", d.rule.id, &text[range])
        });
        told.collect::<Vec<String>>()
    };
    let fits = point("1.10", "true", ["'1.1'", "'True'", "'True'"]);
    assert_eq!(errors(&fits), Vec::<String>::new());
    let fits = point("0x10", "1_000", ["'16'", "1000", "true"]);
    assert_eq!(errors(&fits), Vec::<String>::new());
    for (named, told) in [
        (
            ["'1.10'", "'True'", "'True'"],
            "osm/dangling-reference '1.10'",
        ),
        (["1.1", "'true'", "'True'"], "osm/dangling-reference 'true'"),
        (["1.1", "True", "'true'"], "osm/mgmt-cp 'true'"),
    ] {
        let text = point("1.10", "true", named);
        assert_eq!(errors(&text), [told], "{text}");
        let found = check(Profile::Osm, &[("v/v_vnfd.yaml", &text)]);
        let error = found.iter().find(|d| d.severity == Severity::Error);
        let notes = &error.expect("an error").notes;
        let says = |note: &String| note.contains("OSM reads `") && note.contains("without quotes");
        assert!(notes.iter().any(says), "{notes:?}");
    }
    let units = |ids: [&str; 2]| {
        let units = ids.map(|id| format!("  - id: {id}\n    pdu-type: p\n"));
        vnfd(&format!(
            "  mgmt-cp: e\n  ext-cpd:\n  - id: e\n  df:\n  - id: d\n  vdu:\n{}",
            units.concat()
        ))
    };
    // Two keys to the loader, and equal for no check.
    assert_eq!(errors(&units(["1", "'1'"])), Vec::<String>::new());
    // Python compares numbers by their value.
    for ids in [["1", "1.0"], ["1.10", "1.1"], ["1", "true"], ["0x10", "16"]] {
        let told = format!("osm/duplicate-id {}", ids[1]);
        assert_eq!(errors(&units(ids)), [told], "{ids:?}");
    }
    // Of points and links it makes texts before it compares them again.
    for ids in [["1", "'1'"], ["true", "'True'"], ["'1.1'", "1.10"]] {
        let links = ids.map(|id| format!("  - id: {id}\n"));
        let text = vnfd(&format!(
            "  df:\n  - id: d\n  int-virtual-link-desc:\n{}",
            links.concat()
        ));
        let told = format!("osm/duplicate-id {}", ids[1]);
        assert_eq!(errors(&text), [told], "{ids:?}");
    }
}

/// The newest release that a descriptor fits counts, and whoever runs the newest is told.
#[test]
fn what_only_an_earlier_release_takes_is_told() {
    let text = vnfd("  vnf-configuration:\n  - id: v\n  df:\n  - id: d\n");
    let found = check(Profile::Osm, &[("v/v_vnfd.yaml", &text)]);
    let rule = "osm/unsupported";
    let told: Vec<_> = found.iter().filter(|d| d.rule.id == rule).collect();
    let [one] = told.as_slice() else {
        panic!("{found:?}");
    };
    let range = one.primary.span.range.clone().expect("a place");
    assert_eq!(&text[range], "vnf-configuration");
    let note = "checked against VNFD, OSM release NINE, the newest that it fits";
    assert_eq!(one.notes, [note]);
    assert_eq!(one.severity, Severity::Warning);
    // Nobody is told who asks for a release, nor of what all of them take.
    let tree = Tree::of(&[("v/v_vnfd.yaml", &text)]);
    let scan = source::scan(&tree.workspace(), &Selection::default()).expect("scan");
    let choice = Choice {
        model: nfv::schema::ModelVersion::find("osm@9"),
        ..Choice::default()
    };
    let found = rules::run(&scan, choice, &Levels::default());
    assert!(!found.iter().any(|d| d.rule.id == rule), "{found:?}");
    let text = vnfd("  df:\n  - id: d\n");
    let found = check(Profile::Osm, &[("v/v_vnfd.yaml", &text)]);
    assert!(!found.iter().any(|d| d.rule.id == rule), "{found:?}");
}
