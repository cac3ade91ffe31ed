//! What stands for the words of a template.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::parts::Part;
use super::{LABEL, NewError, NewKind, NewOptions};
use crate::descriptor::{Kind, Model, local};
use crate::digest::hex;
use crate::package::safe_name;
use crate::shield::{self, StoreView};
use crate::source::Package;
use crate::template::{self, Values};
use crate::yaml::Node;

/// What stands for the words of the template.
pub(super) fn values(options: &NewOptions, parts: &[Part<'_>]) -> Result<Values, NewError> {
    let kind = options.kind;
    let version = match kind {
        NewKind::Hdag | NewKind::Vo => "1.0.0",
        _ => "1.0",
    };
    let words: &[&str] = match kind {
        NewKind::Nst => &["nst", "slice"],
        kind => &[kind.as_str()],
    };
    let short = stem(&options.name, words);
    let mut vendor = options.vendor.as_deref().map(str::trim);
    let mut values = Values::default()
        .text("name", &options.name)
        .text("stem", short)
        .text("host", label(short))
        .text("chart", chart_name(short))
        .text("version", options.version.as_deref().unwrap_or(version));
    let mut members = BTreeSet::new();
    let items = parts.iter().map(|part| {
        let words = ["vnfd", "vnf", "knf", "cnf", "nsd", "ns"];
        let short = safe_name(stem(&part.id, &words));
        let member = if members.insert(short.clone()) {
            short
        } else {
            part.id.clone()
        };
        let body = || part.package.descriptor.as_ref()?.body();
        let facts = body()
            .map(|body| facts(part.package, body))
            .unwrap_or_default();
        Values::default()
            .text("id", &part.id)
            .text("member", member)
            .text("flavour", facts.flavour.unwrap_or("default-df"))
            .text("level", facts.level.unwrap_or_default())
            .text("point", facts.point.unwrap_or_default())
    });
    let items: Vec<Values> = items.collect();
    match kind {
        NewKind::Ns => values = values.list("functions", items),
        NewKind::Nst => {
            let joined = items.iter().filter(|item| item.has("point")).cloned();
            values = values
                .list("joined", joined.collect())
                .list("services", items);
        }
        NewKind::ShieldNs | NewKind::ShieldVnsf => {
            if let Some(part) = parts.first() {
                if safe_name(&part.id) != part.id {
                    return Err(NewError::NoFileName(part.id.clone()));
                }
                let descriptor = part.package.descriptor.as_ref();
                let own = ["provider", "designer", "vendor"]
                    .iter()
                    .find_map(|key| descriptor?.field(key)?.str())
                    .filter(|own| !own.starts_with('<') && !own.contains(char::is_control));
                vendor = vendor.or(own);
                let path = format!("{}/{}", part.id, part.package.descriptor_path);
                let release = descriptor.map_or("OSM-R4", shield::release);
                values = values
                    .text("package", &part.id)
                    .text("target", shield::target(&part.id))
                    .text("descriptor", path)
                    .text("release", release);
                let is_service = kind == NewKind::ShieldNs;
                let view = |descriptor| StoreView::of(descriptor, is_service).is_ok();
                if descriptor.is_some_and(view) {
                    values = values.text("readable", "yes");
                }
                if kind == NewKind::ShieldVnsf {
                    values = attested(values, part.package);
                }
            }
        }
        _ => {}
    }
    Ok(values.text("vendor", vendor.unwrap_or("Example Vendor")))
}

/// The list of machines in the attestation file, and its digest.
fn attested(values: Values, package: &Package) -> Values {
    let body = package.descriptor.as_ref().and_then(|d| d.body());
    let ids = items(body, "vdu").filter_map(|vdu| local(vdu, "id")?.str());
    let mut ids: Vec<&str> = ids.filter(|id| safe_name(id) == *id).collect();
    if ids.is_empty() {
        // What a function of containers is attested by.
        ids.push("host");
    }
    let last = ids.len() - 1;
    let instances = ids.iter().enumerate().map(|(i, id)| {
        let comma = if i < last { "," } else { "" };
        Values::default().text("instance", *id).text("comma", comma)
    });
    let values = values.list("instances", instances.collect());
    let files = template::files(NewKind::ShieldVnsf.as_str(), &values);
    let attestation = files.iter().find(|(path, _)| path.ends_with(".json"));
    let digest = attestation.map(|(_, text)| hex(&Sha256::digest(text.as_bytes())));
    values.text("attestation", digest.unwrap_or_default())
}

/// What a service or slice has to know about one of its parts.
#[derive(Default)]
struct Facts<'a> {
    /// The deployment flavour of a function.
    flavour: Option<&'a str>,
    /// The first level of that flavour.
    level: Option<&'a str>,
    /// The connection point for management: of a function the one that its
    /// descriptor calls so, of a service the first.
    point: Option<&'a str>,
}

fn facts<'a>(package: &'a Package, body: Node<'a>) -> Facts<'a> {
    let text = |node: Node<'a>, key: &str| local(node, key)?.str();
    let first = |node: Node<'a>, list: &str, key: &str| text(items(Some(node), list).next()?, key);
    let is_old = package
        .descriptor
        .as_ref()
        .is_some_and(|d| d.model == Model::OsmIm);
    let flavour = items(Some(body), "df").next();
    let point = match (package.kind(), is_old) {
        (Some(Kind::Vnf), false) => text(body, "mgmt-cp").or_else(|| first(body, "ext-cpd", "id")),
        (Some(Kind::Vnf), true) => local(body, "mgmt-interface")
            .and_then(|interface| text(interface, "cp"))
            .or_else(|| first(body, "connection-point", "name")),
        (_, false) => first(body, "sapd", "id"),
        (_, true) => first(body, "connection-point", "name"),
    };
    Facts {
        flavour: flavour.and_then(|df| text(df, "id")),
        level: flavour.and_then(|df| first(df, "instantiation-level", "id")),
        point: point.filter(|point| !point.contains(char::is_control)),
    }
}

fn items<'a>(node: Option<Node<'a>>, key: &str) -> impl Iterator<Item = Node<'a>> {
    let list = node.and_then(|node| local(node, key));
    let items: Vec<Node<'a>> = list.into_iter().flat_map(|list| list.items()).collect();
    items.into_iter()
}

/// A name without the word for its kind at the end: `router` for `router_vnf`.
fn stem<'a>(name: &'a str, words: &[&str]) -> &'a str {
    let short = words.iter().find_map(|word| {
        let rest = name.strip_suffix(word)?;
        rest.strip_suffix(['_', '-', '.'])
    });
    short.filter(|short| !short.is_empty()).unwrap_or(name)
}

/// A name as a label of RFC 1123.
fn label(name: &str) -> String {
    let mut label = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            label.push(c.to_ascii_lowercase());
        } else if !label.ends_with('-') {
            label.push('-');
        }
    }
    label.truncate(LABEL);
    label.trim_matches('-').to_owned()
}

/// A name for a chart that OSM takes as well: its pattern refuses a dash in
/// the second place (`osm/chart-name`).
fn chart_name(name: &str) -> String {
    let name = label(name);
    if name.as_bytes().get(1) == Some(&b'-') {
        label(&format!("app-{name}"))
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_hosts_and_charts() {
        assert_eq!(stem("router_vnf", &["vnf"]), "router");
        assert_eq!(stem("vnf", &["vnf"]), "vnf");
        assert_eq!(stem("_vnf", &["vnf"]), "_vnf");
        assert_eq!(label("Open5GS__Core.2"), "open5gs-core-2");
        assert_eq!(chart_name("a_b"), "app-a-b");
        assert_eq!(chart_name("cache"), "cache");
    }
}
