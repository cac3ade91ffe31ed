//! `vld`: the links of a service.

use super::comments::Notes;
use super::fields::{Fields, truth};
use super::ip::{self, Profiles};
use super::known::Known;
use super::losses;
use super::members::Members;
use super::tree::{List, Map, Value};

/// The links of a service, and what is planned for each in its flavour.
pub(super) struct Links<'w, 'a> {
    pub list: List,
    plans: Vec<(String, Option<String>, Map)>,
    profiles: Profiles<'w, 'a>,
}

impl<'w, 'a> Links<'w, 'a> {
    /// Takes the links, and connects the members that they name.
    pub fn take(own: &Fields<'w, 'a>, members: &mut Members, known: &Known) -> Self {
        let profiles = Profiles::take(own);
        let (links, notes) = own.list("vld", "id", "the link");
        let mut found = Links {
            list: List::with(notes),
            plans: Vec::new(),
            profiles,
        };
        for link in links {
            found.link(&link, members, known);
        }
        found
    }

    fn link(&mut self, own: &Fields<'_, '_>, members: &mut Members, known: &Known) {
        let id = own.peek("id").and_then(|id| id.node().str());
        let id = id.unwrap_or_default().to_owned();
        let mut map = Map {
            notes: own.notes(),
            ..Map::default()
        };
        map.entry(own.string("id", "id"));
        map.entry(ip::description(own));
        let is_mgmt = own.peek("mgmt-network").and_then(|mark| truth(mark.node()));
        map.entry(own.copy("mgmt-network", "mgmt-network"));
        map.entry(own.string("vim-network-name", "vim-network-name"));
        map.entry(ip::provider(own));
        if let Some(kind) = ip::connectivity(own) {
            map.map("connectivity-type", kind);
        }
        let constraints = constraints(own);
        let is_constrained = !constraints.is_empty();
        if is_constrained {
            let mut df = Map::default();
            df.text("id", "default");
            df.map("qos", constraints);
            map.push_into("df", df);
        }
        let mut plan = Map::default();
        ip::rates(own, "max-bitrate-requirements", &mut plan);
        let profile = own.take("ip-profile-ref").and_then(|field| {
            let name = field.scalar(&own.what)?.str()?;
            if !self.profiles.has(name) {
                let message = format!(
                    "{} names the IP profile `{name}`, which does not exist",
                    own.what
                );
                own.work.lose(field.span(), message, "");
                return None;
            }
            if is_mgmt == Some(true) {
                let message = format!("{} is for management and has an IP profile", own.what);
                let why = "OSM refuses protocol data of a link whose `mgmt-network` is true: the \
                           network is the VIM's";
                own.work.lose(field.span(), message, why);
                self.profiles.told(name);
                return None;
            }
            Some(name.to_owned())
        });
        if !plan.is_empty() || profile.is_some() {
            if !is_constrained {
                let mut df = Map::default();
                df.text("id", "default");
                map.push_into("df", df);
            }
            self.plans.push((id.clone(), profile, plan));
        }
        let (points, mut notes) = own.list(
            "vnfd-connection-point-ref",
            "vnfd-connection-point-ref",
            "the reference to",
        );
        for point in points {
            connect(&point, &id, &mut notes, members, known);
        }
        own.finish(losses::NOTHING);
        self.list.push(map);
    }

    /// The profiles of the links that have more to them. Each has the id of its
    /// link, by which OSM looks it up.
    pub fn profiles(mut self) -> List {
        let mut list = List::default();
        for (id, profile, plan) in self.plans {
            let mut map = Map::default();
            map.text("id", id.clone());
            map.text("virtual-link-desc-id", id.clone());
            map.text("flavour-id", "default");
            map.entries.extend(plan.entries);
            let data = profile.and_then(|name| self.profiles.data(&name, &id, false));
            if let Some(data) = data {
                map.map("virtual-link-protocol-data", data);
            }
            list.push(map);
        }
        self.profiles.finish();
        list
    }
}

/// `link-constraint` of OSM's placement: latency and jitter.
fn constraints(own: &Fields<'_, '_>) -> Map {
    let (items, notes) = own.list("link-constraint", "constraint-type", "the constraint");
    let mut qos = Map {
        notes,
        ..Map::default()
    };
    for item in items {
        let kind = item.take("constraint-type");
        let word = kind.and_then(|kind| kind.node().str());
        let key = match word {
            Some("LATENCY") => Some("latency"),
            Some("JITTER") => Some("packet-delay-variation"),
            _ => None,
        };
        match key {
            Some(key) => {
                qos.entry(item.copy("value", key));
            }
            None => {
                let _ = item.take("value");
                let message = format!("{} of {} has no place in SOL006", item.what, own.what);
                let span = kind.map_or_else(|| item.node.span(), |kind| kind.span());
                own.work
                    .lose(span, message, "the new model has latency and its variation");
            }
        }
        item.finish(losses::NOTHING);
    }
    qos
}

/// Connects a member. The comments on the list go to the first that is.
fn connect(
    point: &Fields<'_, '_>,
    link: &str,
    notes: &mut Notes,
    members: &mut Members,
    known: &Known,
) {
    let index = point.take("member-vnf-index-ref");
    let function = point.take("vnfd-id-ref");
    let name = point.take("vnfd-connection-point-ref");
    let text = name.and_then(|name| name.scalar(&point.what)?.str());
    let mut map = Map {
        notes: point.notes(),
        ..Map::default()
    };
    let address = point.string("ip-address", "ip-address");
    point.finish(losses::NOTHING);
    let index = index.filter(|index| index.node().str().is_some());
    let (Some(index), Some(name), Some(text)) = (index, name, text) else {
        let message = format!("the link `{link}` names no connection point of a member here");
        point.work.lose(point.node.span(), message, "");
        return;
    };
    let who = format!("the link `{link}`");
    let Some(index) = members.named(&who, index) else {
        return;
    };
    let owner = members.owner(&who, index, function);
    map.text("constituent-base-element-id", index);
    map.put(
        "constituent-cpd-id",
        Value::Text(known.point(owner.as_deref(), text)),
        name.notes(),
    );
    if let Some(address) = address {
        let mut list = List::with(address.notes);
        if let Value::Text(text) = address.value {
            list.push_text(text);
        }
        map.list("ip-address", list);
    }
    map.notes = std::mem::take(notes).and(map.notes);
    members.connect(index, owner, link, map);
}
