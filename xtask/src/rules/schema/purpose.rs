//! What the nodes are for that are most often missing, and the least that can
//! be written for any of them.

use super::words;
use crate::rules::Place;

/// The node around it (any, where that is empty), the key, and what it is for.
const PURPOSES: &[(&str, &str, &str)] = &[
    (
        "vnfd",
        "product-name",
        "is the name under which the vendor sells the function",
    ),
    ("vnfd", "provider", "names the vendor of the function"),
    ("vnfd", "version", "is the version of the descriptor"),
    (
        "vnfd",
        "software-version",
        "is the version of the software in the function",
    ),
    (
        "vnfd",
        "vnfm-info",
        "lists the VNF managers that can run the function",
    ),
    (
        "vnfd",
        "vdu",
        "lists the kinds of machine that the function is made of",
    ),
    (
        "vnfd",
        "ext-cpd",
        "lists the points at which services connect the function",
    ),
    (
        "",
        "df",
        "lists the flavours in which it can be deployed; one is enough",
    ),
    (
        "df",
        "vdu-profile",
        "says for each VDU of the flavour how many instances it may have",
    ),
    (
        "df",
        "instantiation-level",
        "lists the sizes in which the flavour can be started",
    ),
    (
        "df",
        "ns-instantiation-level",
        "lists the sizes in which the service can be started",
    ),
    (
        "vnf-profile",
        "flavour-id",
        "names the `df` of the function that is deployed",
    ),
    (
        "ns-profile",
        "flavour-id",
        "names the `df` of the nested service that is deployed",
    ),
    (
        "virtual-link-profile",
        "flavour-id",
        "names the `df` of the virtual link",
    ),
    (
        "vnf-profile",
        "instantiation-level",
        "names the level of the function's `df` with which it starts",
    ),
    (
        "ns-profile",
        "ns-instantiation-level",
        "names the level of the nested service with which it starts",
    ),
    ("sw-image-desc", "version", "is the version of the image"),
    (
        "sw-image-desc",
        "checksum",
        "is the hash by which the image is verified",
    ),
    (
        "sw-image-desc",
        "size",
        "is the size of the image file in GB",
    ),
    (
        "sw-image-desc",
        "min-disk",
        "is the least disk that the image needs, in GB",
    ),
    (
        "sw-image-desc",
        "name",
        "is the name by which the image is looked up",
    ),
    ("checksum", "algorithm", "says how the hash is computed"),
    ("checksum", "hash", "is the hash, in hexadecimal digits"),
    ("", "connectivity-type", "says which layer the link carries"),
    (
        "",
        "layer-protocol",
        "says what is spoken there: `ethernet`, `ipv4`, …",
    ),
    (
        "virtual-network-interface-requirement",
        "network-interface-requirements",
        "holds what the interface needs of the hardware, as a key and its value",
    ),
    (
        "virtual-link-profile",
        "max-bitrate-requirements",
        "is the most that the link has to carry",
    ),
    (
        "virtual-link-profile",
        "min-bitrate-requirements",
        "is the least that the link has to carry",
    ),
    (
        "virtual-link-profile",
        "max-bit-rate-requirements",
        "is the most that the link has to carry",
    ),
    (
        "virtual-link-profile",
        "min-bit-rate-requirements",
        "is the least that the link has to carry",
    ),
    (
        "",
        "vdu-level",
        "says how many instances of each VDU the level has",
    ),
    ("vdu", "int-cpd", "lists the ports of the machine"),
    (
        "",
        "scope",
        "says how far the group reaches: `nfvi-node`, `zip`, …",
    ),
    (
        "",
        "virtual-link-profile-id",
        "names the link to connect to",
    ),
    (
        "",
        "constituent-cpd-id",
        "names the connection point of the constituent",
    ),
    (
        "netslice-subnet",
        "nsd-ref",
        "names the service that the subnet is made of",
    ),
    (
        "",
        "id",
        "is the name by which the rest of the descriptor refers to it",
    ),
    ("", "name", "is the name by which it is known"),
];

/// What `key` in the node `around` it is for.
pub(in super::super) fn of(around: &str, key: &str) -> Option<&'static str> {
    let fits = |(parent, name, _): &&(&str, &str, &'static str)| {
        *name == key && (parent.is_empty() || *parent == around)
    };
    PURPOSES.iter().find(fits).map(|(.., words)| *words)
}

/// What a key is for and the least to write for it, as far as that is known.
pub(super) fn help(path: &str, key: &str, place: &Place<'_>) -> Option<String> {
    let purpose = of(words::last_key(path), key);
    match (purpose, place.schema.least(path, key)) {
        (Some(words), Some(least)) => Some(format!("`{key}` {words}; write `{least}`")),
        (Some(words), None) => Some(format!("`{key}` {words}")),
        (None, Some(least)) => Some(format!("write `{least}`")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::PURPOSES;
    use crate::schema::all;

    /// Each entry speaks of a key that some schema demands.
    #[test]
    fn every_purpose_is_of_a_key_that_can_be_missing() {
        fn demanded<'a>(
            value: &'a serde_json::Value,
            out: &mut std::collections::BTreeSet<&'a str>,
        ) {
            match value {
                serde_json::Value::Object(map) => {
                    let keys = map.get("required").and_then(|keys| keys.as_array());
                    out.extend(keys.into_iter().flatten().filter_map(|key| key.as_str()));
                    map.values().for_each(|value| demanded(value, out));
                }
                serde_json::Value::Array(items) => {
                    items.iter().for_each(|value| demanded(value, out));
                }
                _ => {}
            }
        }
        let mut keys = std::collections::BTreeSet::new();
        for schema in all() {
            demanded(schema.value(), &mut keys);
        }
        let known = PURPOSES.iter().map(|(_, key, _)| *key);
        let idle: Vec<&str> = known.filter(|key| !keys.contains(key)).collect();
        assert!(idle.is_empty(), "{idle:?}");
    }
}
