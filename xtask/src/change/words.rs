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

/// The keys by which the models tell the items of some lists apart, where [`KEYS`] has others: the
/// first of the sets that an item has, for lists of several models may have one name.
const OF_LIST: [(&str, &[&[&str]]); 56] = [
    ("address-data", &[&["type"]]),
    ("alarm", &[&["alarm-id"], &["url"]]),
    ("alternative-images", &[&["vim-type"]]),
    ("component-mapping", &[&["type"]]),
    ("config-file", &[&["source"]]),
    ("connection-point", &[&["name"]]),
    (
        "constituent-cpd-id",
        &[&["constituent-base-element-id", "constituent-cpd-id"]],
    ),
    ("cpu-feature", &[&["feature"]]),
    ("dns-server", &[&["address"]]),
    (
        "extended-resource-requests",
        &[&["extended-resource", "amount"]],
    ),
    ("http-endpoint", &[&["path"]]),
    ("huge-page-requirements", &[&["hugepage-size"]]),
    ("huge-page-resources", &[&["hugepage-size"]]),
    ("initial-config-primitive", &[&["seq"]]),
    ("initial-service-primitive", &[&["seq"]]),
    ("input-parameter-xpath", &[&["xpath"]]),
    ("insufficient-data", &[&["url"]]),
    ("internal-connection-point", &[&["id-ref"]]),
    (
        "lcm-operations-coordination",
        &[&["coordination-action-name"]],
    ),
    ("lifecycle-management-script", &[&["event"]]),
    (
        "local-affinity-or-anti-affinity-rule",
        &[&["affinity-type", "affinity-scope"], &["type", "scope"]],
    ),
    ("max-number-of-impacted-instances", &[&["group-size"]]),
    ("member-vdus", &[&["member-vdu-ref"]]),
    ("member-vnfd", &[&["member-vnf-index-ref"]]),
    ("min-number-of-preserved-instances", &[&["group-size"]]),
    ("ns-to-level-mapping", &[&["ns-profile-id"]]),
    ("nsd-connection-point-ref", &[&["nsd-ref"]]),
    (
        "nss-connection-point-ref",
        &[&["nss-ref", "nsd-connection-point-ref"]],
    ),
    ("ok", &[&["url"]]),
    ("om-cpu-feature", &[&["feature"]]),
    ("paired-interfaces", &[&["vdu-id-ref"]]),
    ("paired-thread-ids", &[&["thread-a"]]),
    ("pcie-device", &[&["device-id"]]),
    ("primitive", &[&["index"]]),
    ("protocol", &[&["associated-layer-protocol"]]),
    ("relation", &[&["requires", "provides"]]),
    ("scaling-config-action", &[&["trigger"]]),
    ("scaling-info", &[&["scaling-aspect-id"]]),
    ("security", &[&["signature"]]),
    ("sub-port-list", &[&["sub-port-cpd"]]),
    ("supported-coordination-actions", &[&["vnf-lcm-operation"]]),
    ("target-vnf-scale-level-info", &[&["aspect-id"]]),
    ("terminate-config-primitive", &[&["seq"]]),
    ("terminate-service-primitive", &[&["seq"]]),
    ("trunk-port", &[&["parent-port-cpd"]]),
    ("vdu", &[&["vdu-id-ref"]]),
    ("vdu-dependency", &[&["vdu-source-ref"]]),
    ("version-dependency", &[&["dependent-constituent-id"]]),
    ("virtual-link-profile", &[&["id", "flavour"]]),
    (
        "virtual-link-protocol-data",
        &[&["associated-layer-protocol"]],
    ),
    ("vnf-dependency", &[&["vnf-source-ref"]]),
    (
        "vnf-package-change-info",
        &[&["src-vnfd-id", "dst-vnfd-id", "src-flavour-id"]],
    ),
    ("vnf-primitive-group", &[&["member-vnf-index-ref"]]),
    (
        "vnfd-connection-point-ref",
        &[
            &["member-vnf-index-ref", "vnfd-connection-point-ref"],
            &["member-vnf-index-ref"],
        ],
    ),
    ("vnfd-member", &[&["member-vnf-index-ref"]]),
    (
        "vnfd-monitoring-param",
        &[&["member-vnf-index-ref", "vnfd-monitoring-param-ref"]],
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// The lists of a schema: name, what the model tells its items by, and the keys that they have.
    fn lists(root: &Value, value: &Value, name: &str, out: &mut BTreeSet<(String, Vec<String>)>) {
        let resolved = |value: &Value| -> Value {
            let target = value["$ref"].as_str().and_then(|to| to.strip_prefix('#'));
            target
                .and_then(|to| root.pointer(to))
                .unwrap_or(value)
                .clone()
        };
        if let Some(keys) = value["x-nfv-key"].as_array() {
            let keys: Vec<&str> = keys.iter().filter_map(Value::as_str).collect();
            let item = resolved(&value["items"]);
            let has = |key: &str| item["properties"].get(key).is_some();
            let first = KEYS.iter().find(|key| has(key));
            // By the one key of the model, or by several in which an id is the first.
            if !matches!((first, keys.as_slice()), (Some(first), [own]) if first == own) {
                out.insert((
                    name.to_owned(),
                    keys.into_iter().map(str::to_owned).collect(),
                ));
            }
        }
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    match key.as_str() {
                        "properties" | "$defs" => {
                            for (name, value) in value.as_object().into_iter().flatten() {
                                lists(root, value, name, out);
                            }
                        }
                        _ => lists(root, value, name, out),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|value| lists(root, value, name, out)),
            _ => {}
        }
    }

    /// Every list of every model is told apart as the model does it.
    #[test]
    fn the_keys_of_lists_are_those_of_the_models() {
        let mut all = BTreeSet::new();
        for schema in crate::schema::all() {
            let value = schema.value();
            lists(value, value, "", &mut all);
        }
        assert!(all.len() > 10, "{all:?}");
        let missing = all.iter().filter(|(name, keys)| {
            let sets = OF_LIST.iter().find(|(known, _)| known == name);
            let mut sets = sets.into_iter().flat_map(|(_, sets)| sets.iter());
            !sets.any(|set| keys == set)
        });
        let missing: Vec<_> = missing.collect();
        assert_eq!(missing, Vec::<&(String, Vec<String>)>::new());
    }
}
