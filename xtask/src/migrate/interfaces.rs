//! Interfaces and connection points: `int-cpd` and `ext-cpd`.

use std::collections::BTreeSet;

use super::comments::Notes;
use super::fields::{Fields, Kind, Same, truth};
use super::kdu::{Cluster, Kdus};
use super::known::{external, internal};
use super::links::Links;
use super::losses;
use super::tree::{List, Map, Value};
use super::vdu::same;
use crate::descriptor::local;
use crate::diagnostic::Span;

/// An interface that is connected to the outside.
pub(super) struct Wired {
    pub vdu: String,
    pub interface: String,
    /// The old name of the connection point.
    pub point: String,
    pub is_mgmt: bool,
    /// The internal connection point.
    pub int: String,
    pub notes: Notes,
    pub at: Span,
}

const VIRTUAL: Same = Same {
    keys: &[
        ("type", Kind::Leaf),
        ("vpci", Kind::Text),
        ("bandwidth", Kind::Leaf),
    ],
};

/// Takes the interfaces of a VDU with its internal connection points. The early
/// releases had two lists of them.
pub(super) fn ports(
    vdu: &Fields<'_, '_>,
    id: &str,
    links: &Links<'_, '_>,
    quota: Option<Map>,
) -> (List, Vec<Wired>) {
    let (inner, point_notes) = vdu.list(
        "internal-connection-point",
        "id",
        "the internal connection point",
    );
    let mut wired = Vec::new();
    let mut list = List::default();
    let mut used = BTreeSet::new();
    for key in ["interface", "external-interface", "internal-interface"] {
        let (interfaces, notes) = vdu.list(key, "name", "the interface");
        if list.notes == Notes::default() {
            list.notes = notes;
        }
        for own in interfaces {
            let port = port(
                &own,
                id,
                links,
                quota.as_ref(),
                &inner,
                &mut used,
                &mut wired,
            );
            list.push(port);
        }
    }
    list.notes = std::mem::take(&mut list.notes).and(point_notes);
    for point in inner {
        // What is said of it went to the interface; where there is none, nothing is
        // connected to it.
        let is_used = used.contains(point.text("id").unwrap_or_default());
        if !is_used {
            let message = format!("no interface is at {}", point.what);
            let why =
                "the new model has an internal connection point for each interface, and no other";
            vdu.work.drop(point.node.span(), message, why);
        } else {
            let _ = point.take("port-security-enabled");
            let link = point.take("internal-vld-ref");
            let own = links.of_point(point.text("id").unwrap_or_default());
            if let (Some(field), Some(own)) = (link, own)
                && field.node().str().is_some_and(|named| named != own.id)
            {
                let message = format!(
                    "{} names another link than `{}`, which names it; it is taken to be at that one",
                    point.what, own.id
                );
                vdu.work.assume(field.span(), message);
            }
        }
        if let Some(name) = point.take("name") {
            let says = name.node().str() != point.peek("id").and_then(|id| id.node().str());
            if says {
                let message = format!("`name` of {} has no place in SOL006", point.what);
                vdu.work.drop(name.span(), message, "");
            }
        }
        let _ = same_as_id(&point, "short-name");
        point.finish(losses::POINT);
    }
    (list, wired)
}

/// Takes a label that says what the id or the name says.
pub(super) fn same_as_id(own: &Fields<'_, '_>, key: &str) -> Option<()> {
    let text = own.peek(key)?.node().str()?;
    let is =
        |other: &str| other != key && own.peek(other).and_then(|f| f.node().str()) == Some(text);
    (is("id") || is("name")).then(|| {
        let _ = own.take(key);
    })
}

fn port(
    own: &Fields<'_, '_>,
    vdu: &str,
    links: &Links<'_, '_>,
    quota: Option<&Map>,
    inner: &[Fields<'_, '_>],
    used: &mut BTreeSet<String>,
    wired: &mut Vec<Wired>,
) -> Map {
    let mut map = Map {
        notes: own.notes(),
        ..Map::default()
    };
    let name = own.peek("name").and_then(|name| name.node().str());
    let name = name.unwrap_or_default().to_owned();
    let int = internal(&name);
    let mut interface = Map::default();
    let label = own.string("name", "name");
    map.text("id", int.clone());

    let internal = [
        "internal-connection-point-ref",
        "vdu-internal-connection-point-ref",
    ];
    let internal = internal.iter().find_map(|key| own.take(key));
    let mut address = None;
    if let Some(field) = internal {
        let point = field.scalar(&own.what).and_then(|node| node.str());
        let point = point.unwrap_or_default();
        used.insert(point.to_owned());
        let of = |f: &&Fields<'_, '_>| f.peek("id").and_then(|id| id.node().str()) == Some(point);
        let known = inner.iter().find(of);
        let direct = known.and_then(|point| local(point.node, "internal-vld-ref")?.str());
        let link = links.of_point(point);
        address = link.as_ref().and_then(|link| link.address.clone());
        match link
            .map(|link| link.id)
            .or_else(|| direct.map(str::to_owned))
        {
            Some(link) => {
                let mut entry = field.string("int-virtual-link-desc", &own.what);
                if let Some(entry) = &mut entry {
                    entry.value = Value::Text(link);
                }
                map.entry(entry);
            }
            None => own.work.lose(
                field.span(),
                format!(
                    "no `internal-vld` names `{point}`, to which {} is connected",
                    own.what
                ),
                "an internal connection point is connected by the link",
            ),
        }
        if let Some(point) = known {
            map.entry(point.copy("port-security-enabled", "port-security-enabled"));
        }
    }
    let outer = ["external-connection-point-ref", "vnfd-connection-point-ref"];
    let outer = outer.iter().find_map(|key| own.take(key));
    let is_mgmt = own.take("mgmt-interface");
    let is_mgmt = is_mgmt.is_some_and(|mark| truth(mark.node()) == Some(true));
    if let Some(field) = outer
        && let Some(point) = field.scalar(&own.what).and_then(|node| node.str())
    {
        wired.push(Wired {
            vdu: vdu.to_owned(),
            interface: name,
            point: point.to_owned(),
            is_mgmt,
            int,
            notes: field.notes(),
            at: field.node().span(),
        });
    }
    interface.entry(label);
    interface.entry(own.copy("position", "position"));
    interface.entry(own.string("mac-address", "mac-address"));
    interface.entry(address);
    same(own, "virtual-interface", &VIRTUAL, &mut interface);
    if let Some(quota) = quota {
        interface.map("vif-quota", quota.clone());
    }
    map.push_into("virtual-network-interface-requirement", interface);
    own.finish(losses::INTERFACE);
    map
}

/// The connection points that a VNFD declares.
pub(super) struct Points<'w, 'a> {
    list: Vec<Fields<'w, 'a>>,
    notes: Notes,
}

impl<'w, 'a> Points<'w, 'a> {
    pub fn take(own: &Fields<'w, 'a>) -> Self {
        let (list, notes) = own.list("connection-point", "name", "the connection point");
        Points { list, notes }
    }

    /// The external connection points: first those that are declared, in their
    /// order, then those that interfaces name without. One that nothing is connected
    /// to stays, because services name it.
    pub fn external(
        self,
        own: &Fields<'_, '_>,
        wired: Vec<Wired>,
        kdus: &Kdus,
        cluster: &Cluster,
    ) -> List {
        let mut list = List::with(self.notes);
        let mut wired: Vec<Option<Wired>> = wired.into_iter().map(Some).collect();
        for point in self.list {
            let name = point.text("name").unwrap_or_default().to_owned();
            let mut map = Map {
                notes: point.notes(),
                ..Map::default()
            };
            map.text("id", external(&name));
            let first = wired
                .iter_mut()
                .find(|w| w.as_ref().is_some_and(|w| w.point == name));
            let link = point.take("internal-vld-ref");
            let net = cluster.net_of(&name);
            if let Some(first) = first.and_then(Option::take) {
                connect(&mut map, first);
                if let Some(link) = link {
                    let message = format!("{} has an interface and a link", point.what);
                    own.work.lose(
                        link.span(),
                        message,
                        "the new model connects it to one of them",
                    );
                }
            } else if let Some(link) = link {
                map.entry(link.string("int-virtual-link-desc", &point.what));
            } else if let Some(net) = net {
                map.text("k8s-cluster-net", net);
            }
            map.entry(point.copy("port-security-enabled", "port-security-enabled"));
            map.entry(point.copy(
                "port-security-disable-strategy",
                "port-security-disable-strategy",
            ));
            let _ = same_as_id(&point, "short-name");
            let _ = same_as_id(&point, "id");
            point.finish(losses::POINT);
            list.push(map);
        }
        for wired in wired.into_iter().flatten() {
            let id = external(&wired.point);
            if list.find("id", &id).is_some() {
                own.work.lose(
                    wired.at,
                    format!("a second interface is connected to `{}`", wired.point),
                    "an external connection point belongs to one interface in the new model",
                );
                continue;
            }
            declare(own, &wired.point, wired.at.clone());
            let mut map = Map::default();
            map.text("id", id);
            connect(&mut map, wired);
            list.push(map);
        }
        // Networks of a cluster and services of KDUs name connection points, too.
        let nets = cluster.nets.iter();
        let nets = nets.map(|net| (&net.point, &net.at, Some(&net.id)));
        let services = kdus.points.iter().map(|(name, at)| (name, at, None));
        for (name, at, net) in nets.chain(services) {
            let id = external(name);
            if list.find("id", &id).is_none() {
                declare(own, name, at.clone());
                let mut map = Map::default();
                map.text("id", id);
                if let Some(net) = net {
                    map.text("k8s-cluster-net", net);
                }
                list.push(map);
            }
        }
        list
    }
}

/// Says that the function gets a connection point which is only ever referred to.
fn declare(own: &Fields<'_, '_>, name: &str, at: Span) {
    let message = format!(
        "the function does not declare the connection point `{name}`, which is named here; the \
         new one does, as `{}`",
        external(name)
    );
    own.work.assume(at, message);
}

fn connect(map: &mut Map, wired: Wired) {
    let mut int = Map::default();
    int.text("vdu-id", wired.vdu);
    int.text("cpd", wired.int);
    map.put("int-cpd", Value::Map(int), wired.notes);
}
