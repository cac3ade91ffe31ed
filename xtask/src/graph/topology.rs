//! What a descriptor puts together: functions, units, links, points, and what is
//! connected to what.
//!
//! References that lead nowhere are drawn as well: a picture of a broken
//! descriptor is what shows where it is broken. That they are broken is for the
//! rules to say.

mod function;
mod service;

use std::collections::{HashMap, HashSet};

use super::forwarding_graphs;
use crate::descriptor::{self, Descriptor, Kind, Model, leaf_list, local, text};
use crate::yaml::Node as Yaml;

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A function in a service: a VNF profile, or a constituent VNFD.
    Function,
    /// A physical function in a service.
    Physical,
    /// A service in a service or in a slice.
    Service,
    /// A virtualisation deployment unit of a function.
    Vdu,
    /// A Kubernetes deployment unit of a function.
    Kdu,
    /// A service of an HDA graph.
    Application,
    /// A virtual link.
    Link,
    /// A network of a Kubernetes cluster.
    Network,
    /// A point at the border: a service access point, an external connection
    /// point.
    Point,
}

impl Role {
    /// The word for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Function => "VNF",
            Role::Physical => "PNF",
            Role::Service => "NS",
            Role::Vdu => "VDU",
            Role::Kdu => "KDU",
            Role::Application => "service",
            Role::Link => "virtual link",
            Role::Network => "cluster network",
            Role::Point => "connection point",
        }
    }
}

/// A part of what is described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub role: Role,
    /// What it is called in this descriptor.
    pub name: String,
    /// What it is made of: the id of a descriptor, a chart, an image; empty where
    /// nothing is said.
    pub of: String,
    /// Whether it is only ever referred to.
    pub is_undefined: bool,
    /// Whether what is described is managed over it.
    pub is_management: bool,
    /// The deployment flavours that it is part of, where there are several.
    pub flavours: Vec<String>,
}

impl Part {
    /// What stands beside its name: what it is made of, and what sets it apart.
    pub fn remarks(&self) -> Vec<String> {
        let of = Some(&self.of).filter(|of| !of.is_empty() && **of != self.name);
        let mut remarks: Vec<String> = of.into_iter().cloned().collect();
        if self.is_management {
            remarks.push("management".to_owned());
        }
        if !self.flavours.is_empty() {
            remarks.push(format!("in {}", self.flavours.join(", ")));
        }
        remarks
    }
}

/// Two parts that are connected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Connection {
    /// Place of the first in [`Topology::parts`].
    pub from: usize,
    /// Place of the second.
    pub to: usize,
    /// The connection point at the first; empty where it has no name.
    pub at: String,
    /// Whether it leads from the first to the second and not back.
    pub is_directed: bool,
}

/// The parts of a function, service, slice or application, and how they hang
/// together, in the order of the descriptor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    /// What is described: `NS`, `VNF`, …
    pub label: &'static str,
    /// Its id.
    pub id: String,
    /// The parts.
    pub parts: Vec<Part>,
    /// The connections.
    pub connections: Vec<Connection>,
    /// The paths of the forwarding graphs of a service.
    pub forwarding: Vec<Forwarding>,
}

/// A path that packets take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarding {
    /// Its id; empty where it has none.
    pub id: String,
    /// Places of the parts that packets meet, in that order.
    pub through: Vec<usize>,
}

/// The topology of what a descriptor describes. `None` for charts, manifests and
/// physical functions, which have no parts to speak of, and for a descriptor that
/// can't be read.
pub fn topology(descriptor: &Descriptor) -> Option<Topology> {
    let body = descriptor.body()?;
    let mut draft = Draft::default();
    match (descriptor.kind, descriptor.model) {
        (Kind::Vnf, Model::OsmIm) => draft.function_before_sol006(body),
        (Kind::Vnf, _) => draft.function(body),
        (Kind::Ns, Model::OsmIm) => draft.service_before_sol006(body),
        (Kind::Ns, _) => draft.service(body, &list(body, "df").collect::<Vec<_>>()),
        (Kind::Nst, _) => draft.slice(body),
        (Kind::Hdag, _) => draft.application(body),
        _ => return None,
    }
    let forwarding = draft.forwarding(descriptor);
    Some(draft.finish(descriptor, forwarding))
}

/// The topology of a service in each of its deployment flavours, of which one is deployed, beside
/// the node that lists the members; without the ways that packets take. One where the model
/// knows no flavours, none for other descriptors.
pub fn flavours(descriptor: &Descriptor) -> Vec<(Yaml<'_>, Topology)> {
    let Some(body) = descriptor.body().filter(|_| descriptor.kind == Kind::Ns) else {
        return Vec::new();
    };
    let drawn = |node, draft: Draft| (node, draft.finish(descriptor, Vec::new()));
    let mut draft = Draft::default();
    if descriptor.model == Model::OsmIm {
        draft.service_before_sol006(body);
        return vec![drawn(body, draft)];
    }
    let flavour = |df| {
        let mut draft = Draft::default();
        draft.service(body, &[df]);
        drawn(df, draft)
    };
    list(body, "df").map(flavour).collect()
}

#[derive(Default)]
struct Draft {
    parts: Vec<Part>,
    connections: Vec<Connection>,
    places: HashMap<(Role, String), usize>,
    /// The connections, to have each once.
    known: HashSet<Connection>,
}

impl Draft {
    fn finish(self, descriptor: &Descriptor, forwarding: Vec<Forwarding>) -> Topology {
        Topology {
            label: descriptor.label(),
            id: descriptor.id().unwrap_or_default().to_owned(),
            parts: self.parts,
            connections: self.connections,
            forwarding,
        }
    }

    /// The place of a part that the descriptor defines.
    fn define(&mut self, role: Role, name: &str, of: &str) -> usize {
        let place = self.refer(role, name);
        let part = &mut self.parts[place];
        part.is_undefined = false;
        if part.of.is_empty() {
            of.clone_into(&mut part.of);
        }
        place
    }

    /// The place of a part that something refers to.
    fn refer(&mut self, role: Role, name: &str) -> usize {
        let key = (role, name.to_owned());
        *self.places.entry(key).or_insert_with(|| {
            self.parts.push(Part {
                role,
                name: name.to_owned(),
                of: String::new(),
                is_undefined: true,
                is_management: false,
                flavours: Vec::new(),
            });
            self.parts.len() - 1
        })
    }

    /// Notes the flavours of parts, where there are several to tell apart.
    fn flavours(&mut self, flavours: &[Yaml<'_>], profiles: &[(&str, Role)]) {
        if flavours.len() < 2 {
            return;
        }
        for df in flavours {
            let name = text(*df, "id");
            for (key, role) in profiles {
                for profile in list(*df, key) {
                    let place = self.refer(*role, text(profile, "id"));
                    self.parts[place].flavours.push(name.to_owned());
                }
            }
        }
    }

    /// The members of a service that are made of a descriptor, whatever they are called; where
    /// there are none, one that is missing.
    fn made_of(&mut self, role: Role, of: &str) -> Vec<usize> {
        let parts = self.parts.iter().enumerate();
        let members = parts.filter(|(_, part)| part.role == role && part.of == of);
        let members: Vec<usize> = members.map(|(place, _)| place).collect();
        match members.is_empty() {
            true => vec![self.refer(role, of)],
            false => members,
        }
    }

    fn forwarding(&mut self, descriptor: &Descriptor) -> Vec<Forwarding> {
        let paths = forwarding_graphs(descriptor).into_iter().flatten();
        let paths = paths.map(|path| {
            let names = path.hops.iter().map(|hop| hop.member);
            let mut through: Vec<usize> = names.map(|name| self.member(name)).collect();
            // A path names the point where packets come in, and the one where they go.
            through.dedup();
            Forwarding {
                id: path.id.to_owned(),
                through,
            }
        });
        paths.collect()
    }

    /// The place of a member of a service, whatever it is.
    fn member(&mut self, name: &str) -> usize {
        const ROLES: [Role; 3] = [Role::Function, Role::Physical, Role::Service];
        let known = |role: &Role| self.places.get(&(*role, name.to_owned())).copied();
        let place = ROLES.iter().find_map(known);
        place.unwrap_or_else(|| self.refer(Role::Function, name))
    }

    fn connect(&mut self, from: usize, to: usize, at: &str) {
        self.add(from, to, at, false);
    }

    fn add(&mut self, from: usize, to: usize, at: &str, is_directed: bool) {
        let connection = Connection {
            from,
            to,
            at: at.to_owned(),
            is_directed,
        };
        if self.known.insert(connection.clone()) {
            self.connections.push(connection);
        }
    }

    fn slice(&mut self, body: Yaml<'_>) {
        for subnet in list(body, "netslice-subnet") {
            self.define(Role::Service, text(subnet, "id"), text(subnet, "nsd-ref"));
        }
        for link in list(body, "netslice-vld") {
            let place = self.define(Role::Link, text(link, "id"), "");
            self.parts[place].is_management = value(link, "mgmt-network").is_some_and(is_true);
            for point in list(link, "nss-connection-point-ref") {
                let member = self.refer(Role::Service, text(point, "nss-ref"));
                self.connect(member, place, text(point, "nsd-connection-point-ref"));
            }
        }
    }

    /// NEPHELE: the edges are the ids of other services in `connectionPoints`.
    fn application(&mut self, body: Yaml<'_>) {
        let artifact = |service| local(service, "artifact").and_then(|a| value(a, "ociImage"));
        for service in list(body, "services") {
            let of = artifact(service).unwrap_or_default();
            self.define(Role::Application, text(service, "id"), of);
        }
        for service in list(body, "services") {
            let from = self.refer(Role::Application, text(service, "id"));
            let intent = ["deployment", "intent"];
            let intent = intent
                .iter()
                .try_fold(service, |node, key| local(node, key));
            let points = intent
                .into_iter()
                .flat_map(|intent| list(intent, "connectionPoints"));
            for point in points.filter_map(|point| point.str()) {
                let to = self.refer(Role::Application, point);
                self.add(from, to, "", true);
            }
        }
    }
}

fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

/// The items under `key`; one that stands there without a list counts as one.
fn list<'a>(node: Yaml<'a>, key: &str) -> impl Iterator<Item = Yaml<'a>> + use<'a> {
    let value = local(node, key);
    let single = value.filter(|value| value.entries().next().is_some());
    let items = value.into_iter().flat_map(|value| value.items());
    items.chain(single)
}

/// The names under `key`, where one is meant and several may stand; one without text where there
/// is none.
fn names<'a>(node: Yaml<'a>, key: &str) -> Vec<&'a str> {
    let named = leaf_list(node, key);
    let mut named: Vec<&str> = named.iter().filter_map(Yaml::str).collect();
    if named.is_empty() {
        named.push("");
    }
    named
}

/// The text under `key`, where it says something.
fn value<'a>(node: Yaml<'a>, key: &str) -> Option<&'a str> {
    descriptor::value(node, key).map(|(_, text)| text)
}
