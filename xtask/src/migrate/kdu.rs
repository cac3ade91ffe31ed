//! KDUs and the cluster that they run in.

use super::comments::Notes;
use super::configuration;
use super::fields::{Fields, raw, truth};
use super::known::external;
use super::losses;
use super::tree::{Entry, List, Map, Value};
use crate::diagnostic::Span;

/// The KDUs of a function.
#[derive(Default)]
pub(super) struct Kdus {
    pub list: List,
    /// The old names of the connection points of their services, and where they stand.
    pub points: Vec<(String, Span)>,
    /// The one of a service that is for management.
    pub mgmt: Option<String>,
}

/// Takes the KDUs. A chart of the old model comes out as it is; OSM takes it for one
/// of Helm 3.
pub(super) fn list(own: &Fields<'_, '_>, day12: &mut List) -> Kdus {
    let (kdus, notes) = own.list("kdu", "name", "the KDU");
    let mut found = Kdus {
        list: List::with(notes),
        ..Kdus::default()
    };
    for kdu in kdus {
        let name = kdu.peek("name").and_then(|name| name.node().str());
        let name = name.unwrap_or_default().to_owned();
        let mut map = Map {
            notes: kdu.notes(),
            ..Map::default()
        };
        map.entry(kdu.string("name", "name"));
        map.entry(kdu.string("description", "description"));
        map.entry(kdu.string("helm-chart", "helm-chart"));
        map.entry(kdu.string("juju-bundle", "juju-bundle"));
        let (services, notes) = kdu.list("service", "name", "the service");
        let mut list = List::with(notes);
        for service in services {
            let mut map = Map {
                notes: service.notes(),
                ..Map::default()
            };
            map.entry(service.string("name", "name"));
            let at = service.peek("external-connection-point-ref");
            let at = at.map_or_else(|| service.node.span(), |field| field.span());
            let point = service.string(
                "external-connection-point-ref",
                "external-connection-point-ref",
            );
            let mgmt = service.take("mgmt-service");
            let is_mgmt = mgmt.is_some_and(|mark| truth(mark.node()) == Some(true));
            match (point, is_mgmt) {
                (Some(mut point), is_mgmt) => {
                    if let Value::Text(name) = &point.value {
                        found.points.push((name.clone(), at));
                        if is_mgmt && found.mgmt.is_none() {
                            found.mgmt = Some(name.clone());
                        }
                        point.value = Value::Text(external(name));
                    }
                    map.entry(Some(point));
                }
                (None, true) => {
                    if let Some(mgmt) = mgmt {
                        let message = format!(
                            "{} is for management and has no connection point",
                            service.what
                        );
                        let why =
                            "the new model names a connection point for management, `mgmt-cp`";
                        own.work.lose(mgmt.span(), message, why);
                    }
                }
                (None, false) => {}
            }
            service.finish(losses::NOTHING);
            list.push(map);
        }
        map.list("service", list);
        configuration::day12(&kdu, "kdu-configuration", &name, day12);
        kdu.finish(losses::NOTHING);
        found.list.push(map);
    }
    found
}

/// What is asked of the cluster, and which connection point is which of its
/// networks.
#[derive(Default)]
pub(super) struct Cluster {
    pub entry: Option<Entry>,
    pub nets: Vec<Net>,
}

/// A network that has a connection point.
pub(super) struct Net {
    pub id: String,
    /// The old name of the connection point.
    pub point: String,
    pub at: Span,
}

impl Cluster {
    /// The network that a connection point stands for.
    pub fn net_of(&self, point: &str) -> Option<&str> {
        let net = self.nets.iter().find(|net| net.point == point)?;
        Some(&net.id)
    }
}

/// Takes `k8s-cluster`.
pub(super) fn cluster(own: &Fields<'_, '_>) -> Cluster {
    let mut found = Cluster::default();
    let Some(field) = own.take("k8s-cluster") else {
        return found;
    };
    let Some(sub) = field.sub("`k8s-cluster` of the VNFD".to_owned(), &own.what) else {
        return found;
    };
    let mut map = Map::default();
    for key in ["version", "cni"] {
        let (items, notes) = sub.items(key);
        let mut list = List::with(notes);
        for item in items {
            let value = match (key, raw(item)) {
                ("version", Value::Plain(text) | Value::Text(text)) => Value::Quoted(text),
                (_, value) => value,
            };
            list.items.push((value, Notes::default()));
        }
        map.list(key, list);
    }
    let (nets, notes) = sub.list("nets", "id", "the network");
    let mut list = List::with(notes);
    for net in nets {
        let id = net
            .peek("id")
            .and_then(|id| id.node().str())
            .unwrap_or_default();
        if let Some(field) = net.take("external-connection-point-ref")
            && let Some(point) = field.scalar(&net.what).and_then(|node| node.str())
        {
            found.nets.push(Net {
                id: id.to_owned(),
                point: point.to_owned(),
                at: field.span(),
            });
        }
        let mut map = Map {
            notes: net.notes(),
            ..Map::default()
        };
        map.entry(net.string("id", "id"));
        net.finish(losses::NOTHING);
        list.push(map);
    }
    map.list("nets", list);
    sub.finish(losses::NOTHING);
    let value = Value::Map(map);
    let notes = field.notes();
    found.entry = (!value.is_empty()).then_some(Entry {
        key: "k8s-cluster".to_owned(),
        value,
        notes,
    });
    found
}
