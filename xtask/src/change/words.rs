//! The words of the field for lists of descriptors, and what a change in them weighs.

use super::Weight;
use crate::descriptor::{Kind, local};
use crate::yaml::Node;

/// What an item of a list is called; the list's own name where the field has no word.
pub(super) fn word(list: &str) -> &str {
    match list {
        "vdu" => "VDU",
        "kdu" => "KDU",
        "df" => "deployment flavour",
        "ext-cpd" => "external connection point",
        "int-cpd" => "internal connection point",
        "connection-point" | "internal-connection-point" => "connection point",
        "interface" => "interface",
        "int-virtual-link-desc" | "internal-vld" => "internal virtual link",
        "virtual-link-desc" | "vld" | "netslice-vld" => "virtual link",
        "virtual-compute-desc" => "virtual compute",
        "virtual-storage-desc" => "virtual storage",
        "sw-image-desc" => "software image",
        "sapd" => "service access point",
        "vdu-profile" => "VDU profile",
        "vnf-profile" => "VNF profile",
        "pnf-profile" => "PNF profile",
        "ns-profile" => "NS profile",
        "virtual-link-profile" => "virtual link profile",
        "instantiation-level" | "ns-instantiation-level" => "instantiation level",
        "scaling-aspect" | "scaling-group-descriptor" => "scaling aspect",
        "vnffgd" => "forwarding graph",
        "security-group-rule" => "security group rule",
        "monitoring-parameter" | "monitoring-param" => "monitoring parameter",
        "constituent-vnfd" => "constituent VNFD",
        "netslice-subnet" => "network slice subnet",
        "services" => "service",
        "config-primitive" => "configuration primitive",
        "initial-config-primitive" => "initial configuration primitive",
        "terminate-config-primitive" => "terminating configuration primitive",
        other => other,
    }
}

/// The keys by which items of a list are known, the first that an item has.
pub(super) const KEYS: [&str; 10] = [
    "id",
    "name",
    "member-vnf-index",
    "seq",
    "vdu-id",
    "vnf-profile-id",
    "virtual-link-profile-id",
    "constituent-base-element-id",
    "constituent-cpd-id",
    "key",
];

/// The keys by which items of some lists are known beside all others, as the models state them:
/// the first of the sets that an item has.
const OF_LIST: [(&str, &[&[&str]]); 16] = [
    ("alarm", &[&["alarm-id"], &["url"]]),
    ("address-data", &[&["type"]]),
    (
        "constituent-cpd-id",
        &[&["constituent-base-element-id", "constituent-cpd-id"]],
    ),
    ("dns-server", &[&["address"]]),
    ("initial-config-primitive", &[&["seq"]]),
    ("insufficient-data", &[&["url"]]),
    ("internal-connection-point", &[&["id-ref"]]),
    ("lifecycle-management-script", &[&["event"]]),
    (
        "local-affinity-or-anti-affinity-rule",
        &[&["affinity-type", "affinity-scope"]],
    ),
    ("ok", &[&["url"]]),
    ("protocol", &[&["associated-layer-protocol"]]),
    ("scaling-config-action", &[&["trigger"]]),
    ("scaling-info", &[&["scaling-aspect-id"]]),
    ("terminate-config-primitive", &[&["seq"]]),
    (
        "virtual-link-protocol-data",
        &[&["associated-layer-protocol"]],
    ),
    (
        "vnfd-connection-point-ref",
        &[&["member-vnf-index-ref", "vnfd-connection-point-ref"]],
    ),
];

/// By what an item of a list is known, where the list has a way of its own.
pub(super) fn of_list(list: &str, item: Node<'_>) -> Option<String> {
    let (_, sets) = OF_LIST.iter().find(|(known, _)| *known == list)?;
    let mut sets = sets.iter();
    sets.find_map(|keys| {
        let values = keys.iter().map(|key| local(item, key)?.str());
        Some(values.collect::<Option<Vec<&str>>>()?.join(", "))
    })
}

/// Keys that say something to people, or watch, and change nothing that is deployed.
const TEXTS: [&str; 16] = [
    "description",
    "name",
    "short-name",
    "product-name",
    "product-info-name",
    "product-info-description",
    "provider",
    "vendor",
    "designer",
    "logo",
    "localization-language",
    "default-localization-language",
    "monitoring-parameter",
    "monitoring-param",
    "alarm",
    "SNSSAI-identifier-description",
];

/// Lists whose items others refer to: without one of them, what refers to it breaks. Units and
/// profiles are named by what instances are made with, and by whoever runs their primitives.
fn interfaces(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Vnf => &[
            "ext-cpd",
            "connection-point",
            "df",
            "instantiation-level",
            "vdu",
            "kdu",
        ],
        Kind::Pnf => &["ext-cpd"],
        Kind::Ns => &[
            "sapd",
            "connection-point",
            "df",
            "ns-instantiation-level",
            "vnf-profile",
            "pnf-profile",
            "ns-profile",
            "constituent-vnfd",
        ],
        Kind::Nst => &["netslice-subnet"],
        Kind::Hdag => &["services"],
        _ => &[],
    }
}

/// What the change of a value under this key weighs.
pub(super) fn of_value(kind: Kind, path: &[&str]) -> Weight {
    let is_identity = match kind {
        Kind::Chart | Kind::Vo => path == ["name"],
        _ => path == ["id"],
    };
    match is_identity {
        _ if path == ["version"] => Weight::Version,
        true => Weight::Interface,
        false if path.iter().any(|key| TEXTS.contains(key)) => Weight::Text,
        false => Weight::Inside,
    }
}

/// What it weighs that an item of this list is gone.
pub(super) fn of_removal(kind: Kind, path: &[&str]) -> Weight {
    let list = path.last().copied().unwrap_or_default();
    // A profile of a flavour has lists of the same names.
    let is_interface = interfaces(kind).contains(&list) && path.len() <= 2;
    match is_interface || is_called(list) {
        true => Weight::Interface,
        false => of_value(kind, path),
    }
}

/// Whether whoever runs the function or the service calls the items of this list by their names.
pub(super) fn is_called(list: &str) -> bool {
    list == "config-primitive"
}

/// What it weighs that a file beside the descriptor is another one: charts, charms and scripts
/// are deployed, and so are images.
pub(super) fn of_file(path: &str) -> Weight {
    const DEPLOYED: [&str; 8] = [
        "charms",
        "cloud_init",
        "cloud-init",
        "helm-charts",
        "helm-chart-v3s",
        "juju-bundles",
        "images",
        "scripts",
    ];
    // SOL004 keeps the folders of OSM's packages below these.
    let below = ["Files/", "Artifacts/"];
    let path = below
        .iter()
        .find_map(|folder| path.strip_prefix(folder))
        .unwrap_or(path);
    let folder = path
        .split_once('/')
        .map(|(folder, _)| folder.to_ascii_lowercase());
    match folder.is_some_and(|folder| DEPLOYED.contains(&folder.as_str())) {
        true => Weight::Inside,
        false => Weight::Text,
    }
}
