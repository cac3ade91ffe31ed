//! KDUs and the cluster that they run in.

use super::comments::Notes;
use super::configuration;
use super::fields::{Fields, raw, truth};
use super::known::external;
use super::losses;
use super::tree::{Entry, List, Map, Value};

/// The KDUs of a function.
#[derive(Default)]
pub(super) struct Kdus {
    pub list: List,
    /// The old names of the connection points of their services.
    pub points: Vec<String>,
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
            let point = service.string(
                "external-connection-point-ref",
                "external-connection-point-ref",
            );
            let mgmt = service.take("mgmt-service");
            let is_mgmt = mgmt.is_some_and(|mark| truth(mark.node()) == Some(true));
            match (point, is_mgmt) {
                (Some(mut point), is_mgmt) => {
                    if let Value::Text(name) = &point.value {
                        found.points.push(name.clone());
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
    nets: Vec<(String, String)>,
}

impl Cluster {
    /// The network that a connection point stands for.
    pub fn net_of(&self, point: &str) -> Option<&str> {
        let (_, net) = self.points().find(|(name, _)| *name == point)?;
        Some(net)
    }

    /// Connection points with their networks.
    pub fn points(&self) -> impl Iterator<Item = (&str, &str)> {
        self.nets
            .iter()
            .map(|(point, net)| (point.as_str(), net.as_str()))
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
        if let Some(point) = net.text("external-connection-point-ref") {
            found.nets.push((point.to_owned(), id.to_owned()));
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
