//! The published defects of NFV-SOL006: the letter refuses what is correct, the
//! profile `etsi` takes it and refuses what is not.

mod rules_yaml_support;

use nfv::schema::ModelVersion;
use nfv::source::Profile;
use rules_yaml_support::Tree;

/// The errors whose message speaks of `node`, with their notes.
fn errors(profile: Profile, model: &str, text: &str, node: &str) -> Vec<String> {
    let mut tree = Tree::new(&[("p/x.yaml", text)]);
    tree.choice.profile = profile;
    tree.choice.model = Some(ModelVersion::find(model).expect("model"));
    let found = tree.check();
    let told = |text: &str| format!("{text} ").contains(node);
    let of_node = found.iter().filter(|d| told(&d.message));
    of_node
        .map(|d| format!("{} | {}", d.message, d.notes.join(" | ")))
        .collect()
}

const VNFD: &str = "vnfd:\n  id: a\n";
const NSD: &str = "nsd:\n  nsd:\n  - id: a\n";

/// Number, model, the node that a finding has to speak of, a correct
/// descriptor, an incorrect one.
fn cases() -> Vec<(u8, &'static str, &'static str, String, String)> {
    let pair = |head: &str, body: &str, good: &str, bad: &str| {
        let text = |value: &str| format!("{head}{}", body.replace('@', value));
        (text(good), text(bad))
    };
    let case = |number, model, node, (good, bad)| (number, model, node, good, bad);
    vec![
        case(
            1,
            "sol006@3.6.1",
            "l2-protocol-data",
            pair(
                VNFD,
                "  df:\n  - id: d\n    virtual-link-profile:\n    - id: v\n      virtual-link-protocol-data:\n        associated-layer-protocol: @\n        l2-protocol-data: {name: n}\n",
                "ethernet",
                "ipv4",
            ),
        ),
        case(
            2,
            "sol006@2.7.1",
            "vnf-profile-id",
            pair(
                NSD,
                "    df: [{id: d, vnf-profile: [{id: p}, {id: q}]}]\n    vnffgd:\n    - id: g\n      vnf-profile-id: [p]\n      nfp-position-element:\n      - id: e\n        desc:\n          vnf-profile: {vnf-profile-id: @}\n",
                "p",
                "q",
            ),
        ),
        case(
            4,
            "sol006@2.6.1",
            "virtual-link-profile/0/flavour",
            pair(
                VNFD,
                "  ext-cpd: [{id: e, int-virtual-link-desc: other}]\n  int-virtual-link-desc:\n  - {id: other}\n  - {id: v, flavour: [{id: gold}]}\n  df:\n  - id: d\n    virtual-link-profile: [{id: v, flavour: @}]\n",
                "gold",
                "tin",
            ),
        ),
        case(
            5,
            "sol006@3.6.1",
            "int-cpd/0/int-virtual-link-desc",
            pair(
                VNFD,
                "  vdu: [{id: s, int-cpd: [{id: i, int-virtual-link-desc: @}]}]\n  int-virtual-link-desc: [{id: v}]\n",
                "v",
                "w",
            ),
        ),
        case(
            6,
            "sol006@3.6.1",
            "file-storage-data/int-virtual-link-desc",
            pair(
                VNFD,
                "  int-virtual-link-desc: [{id: v}]\n  sw-image-desc: [{id: i}]\n  virtual-storage-desc:\n  - id: f\n    type-of-storage: etsi-nfv-descriptors:file\n    file-storage-data: {int-virtual-link-desc: @}\n",
                "v",
                "i",
            ),
        ),
        case(
            8,
            "sol006@3.6.1",
            "primary-vnf-profile",
            pair(
                NSD,
                "    vnfd-id: [f]\n    df:\n    - id: d\n      vnf-profile: [{id: p, vnfd-id: f}]\n      dependencies: [{id: x, primary-vnf-profile: @}]\n",
                "p",
                "f",
            ),
        ),
        case(
            9,
            "sol006@3.6.1",
            "nfvi-maintenance-info",
            pair(
                VNFD,
                "  int-virtual-link-desc:\n  - id: v\n@",
                "",
                "    nfvi-maintenance-info: {is-impact-mitigation-requested: true}\n",
            ),
        ),
        case(
            10,
            "sol006@2.6.1",
            "network-interface-requirements",
            pair(
                VNFD,
                "  vdu:\n  - id: s\n    int-cpd:\n    - id: i\n      virtual-network-interface-requirement:\n      - name: n\n@",
                "",
                "        network-interface-requirements: [{key: a, value: b}, {key: c, value: d}]\n",
            ),
        ),
        case(
            14,
            "sol006@2.6.1",
            "a unit with a compute description",
            (
                format!(
                    "{VNFD}  vdu: [{{id: s, virtual-compute-desc: c}}]\n  virtual-compute-desc: [{{id: c, virtual-memory: {{size: 1.0}}}}]\n"
                ),
                String::new(),
            ),
        ),
        case(
            15,
            "sol006@3.6.1",
            "interface-name",
            pair(
                VNFD,
                "  configurable-properties:\n    vnfm-interface-info: {interface-name: @}\n",
                "vnf-lcm",
                "vnf-l",
            ),
        ),
    ]
}

#[test]
fn the_letter_refuses_what_is_correct_and_the_repair_does_not() {
    for (number, model, node, good, bad) in cases() {
        let literal = errors(Profile::EtsiLiteral, model, &good, node);
        let note = format!("this demand is defect {number} of the published model");
        assert!(
            literal.iter().any(|line| line.contains(&note)),
            "{number}: {literal:#?}\n{good}"
        );
        let repaired = errors(Profile::Etsi, model, &good, node);
        assert!(repaired.is_empty(), "{number}: {repaired:#?}");
        if !bad.is_empty() {
            let refused = errors(Profile::Etsi, model, &bad, node);
            assert_eq!(refused.len(), 1, "{number}: {refused:#?}\n{bad}");
            assert!(!refused[0].contains("defect"), "{refused:?}");
        }
    }
}

/// Defect 3 is the other way round: the letter compares a name with itself.
#[test]
fn the_letter_takes_what_no_service_lists() {
    let text = format!(
        "{NSD}    pnfd-id: [b]\n    sapd: [{{id: s, pnf: {{pnfd-id: @, ext-cpd-id: e}}}}]\n"
    );
    let check =
        |profile, id| errors(profile, "sol006@2.7.1", &text.replace('@', id), "`pnfd-id`").len();
    assert_eq!(check(Profile::EtsiLiteral, "c"), 0);
    assert_eq!(check(Profile::Etsi, "c"), 1);
    assert_eq!(check(Profile::Etsi, "b"), 0);
}

/// Defect 7: a nested service has no room beside the one that names it.
#[test]
fn a_nested_service_is_looked_up_where_it_can_be() {
    let alone = format!("{NSD}    nested-nsd-id: [b]\n");
    let node = "nested-nsd-id";
    let model = "sol006@2.6.1";
    assert_eq!(errors(Profile::EtsiLiteral, model, &alone, node).len(), 1);
    assert_eq!(errors(Profile::Etsi, model, &alone, node).len(), 0);
    let beside =
        |id: &str| format!("nfv:\n  nsd:\n  - id: a\n    nested-nsd-id: [{id}]\n  - id: b\n");
    assert_eq!(errors(Profile::Etsi, model, &beside("b"), node).len(), 0);
    assert_eq!(errors(Profile::Etsi, model, &beside("c"), node).len(), 1);
}

/// An id that is empty is another one than that of a nested service; one that is
/// not there is told of as missing, and of nothing else.
#[test]
fn a_nested_service_differs_from_one_without_a_name() {
    let with = |id: &str| {
        format!("nfv:\n  nsd:\n  - id:{id}\n    nested-nsd-id: [inner]\n  - id: inner\n")
    };
    let told = |id: &str| {
        let said = "`nested-nsd-id` and `id` are both `inner`, and must differ";
        errors(Profile::EtsiLiteral, "sol006@2.6.1", &with(id), said).len()
    };
    assert_eq!(told(" ''"), 0);
    assert_eq!(told(""), 0);
    assert_eq!(told(" outer"), 0);
    assert_eq!(told(" inner"), 1);
}

/// Defects 11 and 12 are repaired in both profiles.
#[test]
fn the_default_of_an_image_and_the_version_of_a_model() {
    let image = format!("{VNFD}  sw-image-desc: [{{id: i, image: .}}]\n");
    for profile in [Profile::Etsi, Profile::EtsiLiteral] {
        assert_eq!(errors(profile, "sol006@3.6.1", &image, "image`").len(), 0);
        for model in ["sol006@3.6.1", "sol006@3.7.1", "sol006@4.3.1"] {
            let number = model.trim_start_matches("sol006@");
            let told = errors(profile, model, "vnfd:\n  id: a\n  nmae: x\n", "`nmae`");
            assert!(
                told[0].contains(&format!("ETSI NFV-SOL006 {number}")),
                "{told:?}"
            );
        }
    }
}

/// Defect 13 is OSM's.
#[test]
fn a_relation_of_osm_may_have_entities() {
    let relation = |more: &str| {
        format!(
            "{VNFD}  df:\n  - id: d\n    lcm-operations-configuration:\n      operate-vnf-op-config:\n        day1-2:\n        - id: a\n          relation:\n          - name: r\n            entities: [{{id: x, endpoint: y}}]\n{more}"
        )
    };
    let good = relation("");
    let bad = relation("            provider: {endpoint: z}\n");
    let node = "entities";
    let model = "osm@15";
    let literal = errors(Profile::EtsiLiteral, model, &good, node);
    assert!(
        literal.iter().any(|line| line.contains("is defect 13 of")),
        "{literal:?}"
    );
    assert_eq!(errors(Profile::Etsi, model, &good, node).len(), 0);
    assert_eq!(errors(Profile::Etsi, model, &bad, node).len(), 1);
}
