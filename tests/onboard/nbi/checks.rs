//! What the NBI looks at in a descriptor, in its order and with its answers.

use std::collections::BTreeSet;

use serde_json::Value;

use super::package::Content;
use super::{Problem, Shelf};

/// The keys of a VNFD at its top, as far as the tests have any.
const VNFD_KEYS: &[&str] = &[
    "id",
    "product-name",
    "provider",
    "version",
    "software-version",
    "product-info-name",
    "product-info-description",
    "description",
    "name",
    "ext-version",
    "vnfm-info",
    "mgmt-cp",
    "ext-cpd",
    "k8s-cluster",
    "kdu",
    "df",
    "vdu",
    "int-virtual-link-desc",
    "virtual-compute-desc",
    "virtual-storage-desc",
    "sw-image-desc",
    "security-group-rule",
    "localization-language",
    "default-localization-language",
    "configurable-properties",
    "modifiable-attributes",
    "lifecycle-management-script",
    "element-group",
    "vnf-indicator",
    "auto-scale",
    "placement-groups",
];

fn each<'a>(node: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    node[key].as_array().into_iter().flatten()
}

fn text<'a>(node: &'a Value, key: &str) -> Option<&'a str> {
    node[key].as_str().filter(|text| !text.is_empty())
}

fn name<'a>(node: &'a Value, key: &str) -> &'a str {
    text(node, key).unwrap_or_default()
}

/// The descriptor without what is around it.
pub fn unwrapped(shelf: Shelf, document: &Value) -> Result<Value, Problem> {
    if document.is_null() {
        return Ok(serde_json::json!({}));
    }
    let is_old = |keys: [&str; 2]| keys.iter().any(|key| !document[*key].is_null());
    let one = |list: &Value, message: &str| match list.as_array().map(Vec::as_slice) {
        Some([one]) => Ok(one.clone()),
        _ => Err(Problem::bad(message)),
    };
    match shelf {
        Shelf::Vnf => {
            for (key, message) in [
                ("etsi-nfv-vnfd:vnfd", "'etsi-nfv-vnfd:vnfd' must be a dict"),
                ("vnfd", "'vnfd' must be dict"),
            ] {
                if document[key].is_object() {
                    return Ok(document[key].clone());
                }
                if !document[key].is_null() {
                    return Err(Problem::bad(message));
                }
            }
            match is_old(["vnfd-catalog", "vnfd:vnfd-catalog"]) {
                true => Err(old()),
                false => Ok(document.clone()),
            }
        }
        Shelf::Ns => {
            if is_old(["nsd-catalog", "nsd:nsd-catalog"]) {
                return Err(old());
            }
            let keys = ["nsd", "etsi-nfv-nsd:nsd"];
            let outer = keys
                .iter()
                .map(|key| &document[*key])
                .find(|node| !node.is_null());
            let inner = &outer.unwrap_or(document)["nsd"];
            match inner.is_null() {
                true => Ok(outer.unwrap_or(document).clone()),
                false => one(inner, "'nsd' must be a list of only one element"),
            }
        }
        Shelf::Nst => {
            let keys = ["nst", "nst:nst"];
            let list = keys
                .iter()
                .map(|key| &document[*key])
                .find(|node| !node.is_null());
            match list {
                Some(list) => one(list, "'nst' must be a list only one element"),
                None => Ok(document.clone()),
            }
        }
    }
}

fn old() -> Problem {
    Problem::unprocessable(
        "ERROR: Unsupported descriptor format. Please, use an ETSI SOL006 descriptor.",
    )
}

/// No list holds two items of one id.
pub fn unique(node: &Value, position: &str) -> Result<(), Problem> {
    for (key, value) in node.as_object().into_iter().flatten() {
        let mut field = None;
        let mut used = BTreeSet::new();
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            let here = format!("{position}.{key}[{index}]");
            unique(item, &here)?;
            if index == 0 {
                field = ["id", "name"]
                    .into_iter()
                    .find(|field| text(item, field).is_some());
            }
            let Some(field) = field else { continue };
            let Some(id) = text(item, field) else {
                continue;
            };
            if !used.insert(id) {
                return Err(Problem::unprocessable(&format!(
                    "Error: identifier {field} '{id}' is not unique and repeats at '{here}'"
                )));
            }
        }
    }
    Ok(())
}

/// `VnfdTopic._validate_input_new`.
pub fn vnfd(body: &Value, content: &Content) -> Result<(), Problem> {
    let fail = |message: String| Err(Problem::unprocessable(&message));
    for key in body.as_object().into_iter().flat_map(|body| body.keys()) {
        if !VNFD_KEYS.contains(&key.as_str()) {
            return fail(format!(
                "Error in pyangbind validation: JSON object contained a key that did not exist ({key})"
            ));
        }
    }
    let has_vdus = each(body, "vdu").next().is_some();
    if has_vdus {
        let Some(cp) = text(body, "mgmt-cp") else {
            return fail("'mgmt-cp' is a mandatory field and it is not defined".to_owned());
        };
        if !each(body, "ext-cpd").any(|cpd| name(cpd, "id") == cp) {
            return fail(format!("mgmt-cp='{cp}' must match an existing ext-cpd"));
        }
    }
    for vdu in each(body, "vdu") {
        let mut used = BTreeSet::new();
        for cpd in each(vdu, "int-cpd") {
            if !used.insert(name(cpd, "id")) {
                return fail(format!(
                    "vdu[id='{}']:int-cpd[id='{}'] is already used by other int-cpd",
                    name(vdu, "id"),
                    name(cpd, "id")
                ));
            }
        }
        if let Some(file) = text(vdu, "cloud-init-file") {
            let has = |folder: &str| content.files.contains(&format!("{folder}/{file}"));
            if !has("cloud_init") && !has("Scripts/cloud_init") {
                return Err(Problem::bad(&format!(
                    "Cloud-init defined in vnf[id={}]:vdu[id={}] but not present in package",
                    name(body, "id"),
                    name(vdu, "id")
                )));
            }
        }
    }
    if !body["df"].is_array() {
        return Err(Problem::bad("'df'"));
    }
    charms(body, content)?;
    let inner: BTreeSet<(&str, &str)> = each(body, "vdu")
        .flat_map(|vdu| each(vdu, "int-cpd").map(move |cpd| (name(vdu, "id"), name(cpd, "id"))))
        .collect();
    let mut used = BTreeSet::new();
    for cpd in each(body, "ext-cpd") {
        let id = name(cpd, "id");
        if !used.insert(id) {
            return fail(format!(
                "ext-cpd[id='{id}'] is already used by other ext-cpd"
            ));
        }
        let int_cpd = &cpd["int-cpd"];
        if int_cpd.is_object() && !inner.contains(&(name(int_cpd, "vdu-id"), name(int_cpd, "cpd")))
        {
            return fail(format!(
                "ext-cpd[id='{id}']:int-cpd must match an existing vdu int-cpd"
            ));
        }
    }
    links(body)?;
    let parameters = monitoring(body)?;
    scaling(body, &parameters)?;
    for vdu in each(body, "vdu") {
        if !vdu["pdu-type"].is_null() {
            continue;
        }
        if !vdu["virtual-storage-desc"].is_array() {
            return Err(Problem::bad("'NoneType' object is not iterable"));
        }
        for (list, value) in each(vdu, "virtual-storage-desc")
            .map(|storage| ("virtual-storage-desc", storage))
            .chain([("virtual-compute-desc", &vdu["virtual-compute-desc"])])
        {
            let Some(wanted) = value.as_str() else {
                continue;
            };
            if !each(body, list).any(|item| name(item, "id") == wanted) {
                return fail(format!("vdu[{list}='{wanted}']not defined in vnfd"));
            }
        }
    }
    for kdu in each(body, "kdu") {
        if let Some(chart) = text(kdu, "helm-chart").filter(|chart| !is_chart(chart)) {
            return fail(format!("helm-chart '{chart}' is not valid"));
        }
    }
    Ok(())
}

/// `^[a-z0-9]([-a-z0-9]*[a-z0-9]/)?([a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`, or an address.
fn is_chart(chart: &str) -> bool {
    if chart
        .split_once("://")
        .is_some_and(|(_, rest)| !rest.is_empty() && !rest.starts_with('/'))
    {
        return true;
    }
    let is_word = |word: &str| {
        let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        word.chars().all(|c| ends(c) || c == '-') && word.starts_with(ends) && word.ends_with(ends)
    };
    match chart.split_once('/') {
        Some((first, rest)) => {
            first.len() > 1 && is_word(first) && (rest.is_empty() || is_word(rest))
        }
        None => is_word(chart),
    }
}

/// That a charm is named is enough to want some; that it is the one that is named,
/// nobody asks.
fn charms(body: &Value, content: &Content) -> Result<(), Problem> {
    let has = |folder: &str| content.files.iter().any(|file| file.starts_with(folder));
    let has_charms = has("charms/") || has("Scripts/charms/");
    for df in each(body, "df") {
        let operate = &df["lcm-operations-configuration"]["operate-vnf-op-config"];
        if !operate.is_object() {
            return Ok(());
        }
        if !operate["day1-2"].is_array() {
            return Err(Problem::bad("'day1-2'"));
        }
        for config in each(operate, "day1-2") {
            let id = name(config, "id");
            let is_meant = id == name(body, "id")
                || each(df, "vdu-profile").any(|profile| name(profile, "id") == id);
            let is_juju =
                each(config, "execution-environment-list").any(|ee| !ee["juju"].is_null());
            if is_meant && is_juju && !has_charms {
                return Err(Problem::bad(&format!(
                    "Charm defined in vnf[id={}] but not present in package",
                    name(body, "id")
                )));
            }
        }
    }
    Ok(())
}

fn links(body: &Value) -> Result<(), Problem> {
    let fail = |message: String| Err(Problem::unprocessable(&message));
    let mut all = BTreeSet::new();
    for link in each(body, "int-virtual-link-desc") {
        let id = name(link, "id");
        if !all.insert(id) {
            return fail(format!(
                "Duplicated VLD id in int-virtual-link-desc[id={id}]"
            ));
        }
    }
    for vdu in each(body, "vdu") {
        for cpd in each(vdu, "int-cpd") {
            if let Some(link) = text(cpd, "int-virtual-link-desc").filter(|id| !all.contains(id)) {
                return fail(format!(
                    "vdu[id='{}']:int-cpd[id='{}']:int-virtual-link-desc='{link}' must match an existing int-virtual-link-desc",
                    name(vdu, "id"),
                    name(cpd, "id")
                ));
            }
        }
    }
    for df in each(body, "df") {
        for profile in each(df, "virtual-link-profile") {
            if let Some(link) = text(profile, "id").filter(|id| !all.contains(id)) {
                return fail(format!(
                    "df[id='{}']:virtual-link-profile='{link}' must match an existing int-virtual-link-desc",
                    name(df, "id")
                ));
            }
        }
    }
    Ok(())
}

/// All parameters, of one namespace.
fn monitoring(body: &Value) -> Result<BTreeSet<String>, Problem> {
    let mut all = BTreeSet::new();
    for (list, parameters, around) in [
        (
            "int-virtual-link-desc",
            "monitoring-parameters",
            "int-virtual-link-desc",
        ),
        ("vdu", "monitoring-parameter", "vdu"),
        ("df", "monitoring-parameter", "df"),
    ] {
        for item in each(body, list) {
            for parameter in each(item, parameters) {
                let id = name(parameter, "id");
                if !all.insert(id.to_owned()) {
                    return Err(Problem::unprocessable(&format!(
                        "Duplicated monitoring-parameter id in {around}[id='{}']:{parameters}[id='{id}']",
                        name(item, "id")
                    )));
                }
            }
        }
    }
    Ok(all)
}

fn scaling(body: &Value, parameters: &BTreeSet<String>) -> Result<(), Problem> {
    let fail = |message: String| Err(Problem::unprocessable(&message));
    let levels: BTreeSet<&str> = each(body, "df")
        .flat_map(|df| each(df, "instantiation-level"))
        .flat_map(|level| each(level, "vdu-level"))
        .map(|level| name(level, "vdu-id"))
        .collect();
    for df in each(body, "df") {
        let df_id = name(df, "id");
        for aspect in each(df, "scaling-aspect") {
            let id = name(aspect, "id");
            let details = &aspect["aspect-delta-details"];
            if !details.is_object() {
                return Err(Problem::bad("'NoneType' object has no attribute 'get'"));
            }
            for delta in each(details, "deltas") {
                for vdu in each(delta, "vdu-delta").map(|delta| name(delta, "id")) {
                    if !levels.contains(vdu) {
                        return fail(format!(
                            "df[id='{df_id}']:scaling-aspect[id='{id}']:aspect-delta-details[delta='{}']: vdu-id='{vdu}' not defined in vdu",
                            name(delta, "id")
                        ));
                    }
                }
            }
            for policy in each(aspect, "scaling-policy") {
                for criteria in each(policy, "scaling-criteria") {
                    let wanted = text(criteria, "vnf-monitoring-param-ref");
                    if let Some(wanted) = wanted.filter(|wanted| !parameters.contains(*wanted)) {
                        return fail(format!(
                            "df[id='{df_id}']:scaling-aspect[id='{id}']:scaling-policy[name='{}']:scaling-criteria[name='{}']: vnf-monitoring-param-ref='{wanted}' not defined in any monitoring-param",
                            name(policy, "name"),
                            name(criteria, "name")
                        ));
                    }
                }
            }
            let configs = &df["lcm-operations-configuration"]["operate-vnf-op-config"];
            for action in each(aspect, "scaling-config-action") {
                let config = each(configs, "day1-2").find(|c| c["id"] == body["id"]);
                let Some(config) = config else {
                    return fail(format!(
                        "'day1-2 configuration' not defined in the descriptor but it is referenced by df[id='{df_id}']:scaling-aspect[id='{id}']:scaling-config-action"
                    ));
                };
                let wanted = text(action, "vnf-config-primitive-name-ref");
                let Some(wanted) = wanted else {
                    return Err(Problem::bad("'vnf-config-primitive-name-ref'"));
                };
                if !each(config, "config-primitive").any(|one| name(one, "name") == wanted) {
                    return fail(format!(
                        "df[id='{df_id}']:scaling-aspect[id='{id}']:scaling-config-action:vnf-config-primitive-name-ref='{wanted}' does not match any day1-2 configuration:config-primitive:name"
                    ));
                }
            }
        }
        for aspect in each(df, "healing-aspect") {
            for policy in each(aspect, "healing-policy") {
                let vdu = text(policy, "vdu-id").filter(|vdu| !levels.contains(vdu));
                if let Some(vdu) = vdu {
                    return fail(format!(
                        "df[id='{df_id}']:healing-aspect[id='{}']:healing-policy[name='{}']: vdu-id='{vdu}' not defined in vdu",
                        name(aspect, "id"),
                        name(policy, "event-name")
                    ));
                }
            }
        }
    }
    for vdu in each(body, "vdu") {
        for alarm in each(vdu, "alarm") {
            let wanted = text(alarm, "vnf-monitoring-param-ref");
            if let Some(wanted) = wanted.filter(|wanted| !parameters.contains(*wanted)) {
                return fail(format!(
                    "vdu[id='{}']:alarm[id='{}']:vnf-monitoring-param-ref='{wanted}' not defined in any monitoring-param",
                    name(vdu, "id"),
                    name(alarm, "alarm-id")
                ));
            }
        }
    }
    Ok(())
}

/// `NsdTopic._validate_input_new`.
pub fn nsd(body: &Value) -> Result<(), Problem> {
    let fail = |message: String| Err(Problem::unprocessable(&message));
    if body["df"].as_array().is_some_and(Vec::is_empty) {
        return fail("Error in pyangbind validation: list index out of range".to_owned());
    }
    for link in each(body, "virtual-link-desc") {
        if link["mgmt-network"] != true && link["mgmt-network"] != "true" {
            continue;
        }
        for df in each(body, "df") {
            for profile in each(df, "virtual-link-profile") {
                let is_own = profile["virtual-link-desc-id"] == link["id"];
                if is_own && !profile["virtual-link-protocol-data"].is_null() {
                    return fail(format!(
                        "Error at df[id='{}']:virtual-link-profile[id='{}']:virtual-link-protocol-data You cannot set a virtual-link-protocol-data when mgmt-network is True",
                        name(df, "id"),
                        name(profile, "id")
                    ));
                }
            }
        }
    }
    for graph in each(body, "vnffgd") {
        forwarding(body, graph)?;
    }
    let ids: BTreeSet<&str> = each(body, "vnfd-id").filter_map(Value::as_str).collect();
    for df in each(body, "df") {
        for profile in each(df, "vnf-profile") {
            if let Some(id) = text(profile, "vnfd-id").filter(|id| !ids.contains(id)) {
                return fail(format!(
                    "Error at df[id='{}']:vnf_profile[id='{}']:vnfd-id='{id}' does not match any vnfd-id",
                    name(df, "id"),
                    name(profile, "id")
                ));
            }
        }
    }
    Ok(())
}

fn forwarding(body: &Value, graph: &Value) -> Result<(), Problem> {
    let fail = |message: String| Err(Problem::unprocessable(&message));
    let positions: BTreeSet<&str> = each(graph, "nfp-position-element")
        .map(|element| name(element, "id"))
        .collect();
    let profiles: BTreeSet<&str> = each(graph, "vnf-profile-id")
        .filter_map(Value::as_str)
        .collect();
    let points = || {
        each(body, "df")
            .flat_map(|df| each(df, "vnf-profile"))
            .flat_map(|profile| {
                each(profile, "virtual-link-connectivity")
                    .flat_map(|link| each(link, "constituent-cpd-id"))
                    .map(move |point| (name(profile, "id"), name(point, "ip-address")))
            })
    };
    for path in each(graph, "nfpd") {
        for position in each(path, "position-desc-id") {
            let element = each(position, "nfp-position-element-id").find_map(Value::as_str);
            let element = element.unwrap_or_default();
            if !positions.contains(element) {
                return fail(format!(
                    "Error at vnffgd nfpd[id='{}']:nfp-position-element-id='{element}' does not match any nfp-position-element",
                    name(path, "id")
                ));
            }
            for profile in each(position, "cp-profile-id") {
                for part in each(profile, "constituent-profile-elements") {
                    let base = text(part, "constituent-base-element-id");
                    if let Some(base) = base.filter(|base| !profiles.contains(base)) {
                        return fail(format!(
                            "Error at vnffgd constituent_profile[id='{}']:vnfd-id='{base}' does not match any constituent-base-element-id",
                            name(part, "id")
                        ));
                    }
                }
            }
            for attributes in each(position, "match-attributes") {
                let source = name(attributes, "source-ip-address");
                let destination = name(attributes, "destination-ip-address");
                if source == destination && !source.is_empty() {
                    return fail(
                        "Error at vnffgd match-attributes:source-ip-address and destination-ip-address should not match".to_owned(),
                    );
                }
                for (key, address) in [
                    ("source-ip-address", source),
                    ("destination-ip-address", destination),
                ] {
                    if !points().any(|(_, own)| own == address) {
                        return fail(format!(
                            "Error at vnffgd match-attributes:{key}='{address}' does not match any ip-address"
                        ));
                    }
                }
                let owner = points()
                    .find(|(_, own)| *own == source)
                    .map(|(owner, _)| owner);
                let base = text(attributes, "constituent-base-element-id");
                if let Some(base) = base.filter(|base| Some(*base) != owner) {
                    return fail(format!(
                        "Error at vnffgd match-attributes:vnfd-id='{base}' does not match source constituent-base-element-id"
                    ));
                }
            }
        }
    }
    Ok(())
}

/// What a descriptor needs of those that are there already
/// (`_check_descriptor_dependencies`); `find` gives what is there of an id.
pub fn dependencies(
    shelf: Shelf,
    body: &Value,
    find: &dyn Fn(Shelf, &str) -> Option<Value>,
) -> Result<(), Problem> {
    match shelf {
        Shelf::Vnf => Ok(()),
        Shelf::Ns => {
            for id in each(body, "vnfd-id").filter_map(Value::as_str) {
                if find(Shelf::Vnf, id).is_none() {
                    return Err(Problem::conflict(&format!(
                        "Descriptor error at 'vnfd-id'='{id}' references a non existing vnfd"
                    )));
                }
            }
            for df in each(body, "df") {
                for profile in each(df, "vnf-profile") {
                    connections(df, profile, find)?;
                }
            }
            Ok(())
        }
        Shelf::Nst => {
            for subnet in each(body, "netslice-subnet") {
                let Some(id) = text(subnet, "nsd-ref") else {
                    return Err(Problem::bad("'nsd-ref'"));
                };
                if find(Shelf::Ns, id).is_none() {
                    return Err(Problem::conflict(&format!(
                        "Descriptor error at 'netslice-subnet':'nsd-ref'='{id}' references a non existing nsd"
                    )));
                }
            }
            Ok(())
        }
    }
}

fn connections(
    df: &Value,
    profile: &Value,
    find: &dyn Fn(Shelf, &str) -> Option<Value>,
) -> Result<(), Problem> {
    let Some(id) = text(profile, "vnfd-id") else {
        return Err(Problem::bad("'vnfd-id'"));
    };
    let vnfd = find(Shelf::Vnf, id).unwrap_or_default();
    let points: BTreeSet<&str> = each(&vnfd, "ext-cpd").map(|cpd| name(cpd, "id")).collect();
    for link in each(profile, "virtual-link-connectivity") {
        for point in each(link, "constituent-cpd-id") {
            let point = text(point, "constituent-cpd-id");
            if let Some(point) = point.filter(|point| !points.contains(point)) {
                return Err(Problem::unprocessable(&format!(
                    "Error at df[id='{}']:vnf-profile[id='{}']:virtual-link-connectivity[virtual-link-profile-id='{}']:constituent-cpd-id='{point}' references a non existing ext-cpd:id inside vnfd '{id}'",
                    name(df, "id"),
                    name(profile, "id"),
                    name(link, "virtual-link-profile-id")
                )));
            }
        }
    }
    Ok(())
}

/// What of a document is compared: what is below `vnfd`, and below no other key.
pub fn compared(document: &Value) -> &Value {
    match &document["vnfd"] {
        Value::Null => document,
        body => body,
    }
}

/// A descriptor that is in use without what may change then (`remove_modifiable_items`).
pub fn fixed(document: &Value) -> Value {
    let mut body = compared(document).clone();
    let primitives = [
        "initial-config-primitive",
        "config-primitive",
        "terminate-config-primitive",
    ];
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    let remove = |node: &mut Value, keys: &[&str]| {
        if let Some(map) = node.as_object_mut() {
            map.retain(|key, value| !keys.contains(&key.as_str()) || is_empty(value));
        }
    };
    for df in body["df"].as_array_mut().into_iter().flatten() {
        remove(df, &["scaling-aspect", "healing-aspect"]);
        let operate = df.pointer_mut("/lcm-operations-configuration/operate-vnf-op-config/day1-2");
        for config in operate.and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(map) = config.as_object_mut() {
                map.retain(|key, _| !primitives.contains(&key.as_str()));
            }
        }
    }
    for vdu in body["vdu"].as_array_mut().into_iter().flatten() {
        remove(vdu, &["alarm", "monitoring-parameter"]);
    }
    body
}

/// What DeepDiff tells of two documents, as it is used: items of lists by their places, and
/// values with their types.
#[derive(Default)]
pub struct Differences {
    /// `values_changed`, without `root`.
    pub values: Vec<String>,
    /// How many others there are: what came, what went, and what is of another type.
    pub others: usize,
}

impl Differences {
    pub fn between(&mut self, before: &Value, after: &Value, path: &str) {
        let number = |value: &Value| value.as_i64().is_some();
        match (before, after) {
            (Value::Object(old), Value::Object(new)) => {
                self.others += old.keys().filter(|key| !new.contains_key(*key)).count();
                self.others += new.keys().filter(|key| !old.contains_key(*key)).count();
                for (key, value) in old {
                    if let Some(other) = new.get(key) {
                        self.between(value, other, &format!("{path}['{key}']"));
                    }
                }
            }
            (Value::Array(old), Value::Array(new)) => {
                self.others += old.len().abs_diff(new.len());
                for (place, (value, other)) in old.iter().zip(new).enumerate() {
                    self.between(value, other, &format!("{path}[{place}]"));
                }
            }
            (Value::String(old), Value::String(new)) if old == new => {}
            (Value::Number(_), Value::Number(_)) if number(before) != number(after) => {
                self.others += 1;
            }
            _ if before == after => {}
            (Value::String(_), Value::String(_))
            | (Value::Number(_), Value::Number(_))
            | (Value::Bool(_), Value::Bool(_)) => self.values.push(path.to_owned()),
            _ => self.others += 1,
        }
    }
}
