//! What a descriptor puts together: functions, units, links, points, and what is
//! connected to what.
//!
//! References that lead nowhere are drawn as well: a picture of a broken
//! descriptor is what shows where it is broken. That they are broken is for the
//! rules to say.

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

    /// SOL006: `vdu`, `int-cpd`, `int-virtual-link-desc`, `ext-cpd`; OSM's `kdu`
    /// and `k8s-cluster`.
    fn function(&mut self, body: Yaml<'_>) {
        let storages: HashMap<&str, &str> = list(body, "virtual-storage-desc")
            .map(|storage| (text(storage, "id"), text(storage, "sw-image-desc")))
            .collect();
        for vdu in list(body, "vdu") {
            let disks = leaf_list(vdu, "virtual-storage-desc").into_iter();
            let disks = disks.filter_map(|disk| storages.get(disk.str()?).copied());
            let images = images(text(vdu, "sw-image-desc"), disks);
            self.define(Role::Vdu, text(vdu, "id"), &images);
        }
        for link in list(body, "int-virtual-link-desc") {
            self.define(Role::Link, text(link, "id"), "");
        }
        for vdu in list(body, "vdu") {
            let unit = self.refer(Role::Vdu, text(vdu, "id"));
            for point in list(vdu, "int-cpd") {
                if let Some(link) = value(point, "int-virtual-link-desc") {
                    let link = self.refer(Role::Link, link);
                    self.connect(unit, link, text(point, "id"));
                }
            }
        }
        let nets = self.cluster(body);
        let kdus = self.kdus(body, &nets);
        for external in list(body, "ext-cpd") {
            let point = self.define(Role::Point, text(external, "id"), "");
            if let Some(internal) = local(external, "int-cpd") {
                let unit = self.refer(Role::Vdu, text(internal, "vdu-id"));
                self.connect(unit, point, text(internal, "cpd"));
            }
            if let Some(link) = value(external, "int-virtual-link-desc") {
                let link = self.refer(Role::Link, link);
                self.connect(link, point, "");
            }
            if let Some(net) = value(external, "k8s-cluster-net") {
                let net = self.refer(Role::Network, net);
                self.connect(net, point, "");
            }
        }
        for (kdu, unit) in kdus {
            for service in list(kdu, "service") {
                if let Some(point) = value(service, "external-connection-point-ref") {
                    let point = self.refer(Role::Point, point);
                    self.connect(unit, point, text(service, "name"));
                }
            }
        }
        if let Some(point) = value(body, "mgmt-cp") {
            let point = self.refer(Role::Point, point);
            self.parts[point].is_management = true;
        }
        let flavours: Vec<Yaml<'_>> = list(body, "df").collect();
        self.flavours(&flavours, &[("vdu-profile", Role::Vdu)]);
    }

    fn cluster(&mut self, body: Yaml<'_>) -> Vec<usize> {
        nets(body)
            .map(|net| self.define(Role::Network, text(net, "id"), ""))
            .collect()
    }

    /// The cluster that a KDU is deployed on has all the networks that the
    /// function asks for.
    fn kdus<'a>(&mut self, body: Yaml<'a>, nets: &[usize]) -> Vec<(Yaml<'a>, usize)> {
        let mut kdus = Vec::new();
        for kdu in list(body, "kdu") {
            let of = value(kdu, "helm-chart").or_else(|| value(kdu, "juju-bundle"));
            let unit = self.define(Role::Kdu, text(kdu, "name"), of.unwrap_or_default());
            for net in nets {
                self.connect(unit, *net, "");
            }
            kdus.push((kdu, unit));
        }
        kdus
    }

    /// OSM's model before SOL006: interfaces of units name the points.
    fn function_before_sol006(&mut self, body: Yaml<'_>) {
        for vdu in list(body, "vdu") {
            let disks = list(vdu, "volumes").map(|volume| text(volume, "image"));
            let images = images(text(vdu, "image"), disks);
            self.define(Role::Vdu, text(vdu, "id"), &images);
        }
        let nets = self.cluster(body);
        let kdus = self.kdus(body, &nets);
        for point in list(body, "connection-point") {
            // Its name is what everything refers to.
            let name = value(point, "name").unwrap_or_else(|| text(point, "id"));
            self.define(Role::Point, name, "");
            if let Some(net) = value(point, "k8s-cluster-net") {
                let point = self.refer(Role::Point, name);
                let net = self.refer(Role::Network, net);
                self.connect(net, point, "");
            }
        }
        for net in self::nets(body) {
            if let Some(point) = value(net, "external-connection-point-ref") {
                let net = self.refer(Role::Network, text(net, "id"));
                let point = self.refer(Role::Point, point);
                self.connect(net, point, "");
            }
        }
        let mut owners: HashMap<&str, (usize, &str)> = HashMap::new();
        for vdu in list(body, "vdu") {
            let unit = self.refer(Role::Vdu, text(vdu, "id"));
            let interfaces = list(vdu, "interface");
            // The first releases told internal and external ones apart.
            let interfaces = interfaces.chain(list(vdu, "external-interface"));
            for interface in interfaces.chain(list(vdu, "internal-interface")) {
                let name = text(interface, "name");
                let external = value(interface, "external-connection-point-ref");
                if let Some(point) =
                    external.or_else(|| value(interface, "vnfd-connection-point-ref"))
                {
                    let point = self.refer(Role::Point, point);
                    self.connect(unit, point, name);
                }
                let internal = value(interface, "internal-connection-point-ref");
                if let Some(point) =
                    internal.or_else(|| value(interface, "vdu-internal-connection-point-ref"))
                {
                    owners.insert(point, (unit, name));
                }
            }
        }
        for link in list(body, "internal-vld") {
            let place = self.define(Role::Link, text(link, "id"), "");
            for point in list(link, "internal-connection-point") {
                if let Some((unit, name)) = owners.get(text(point, "id-ref")) {
                    self.connect(*unit, place, name);
                }
            }
        }
        for (kdu, unit) in kdus {
            for service in list(kdu, "service") {
                if let Some(point) = value(service, "external-connection-point-ref") {
                    let point = self.refer(Role::Point, point);
                    self.connect(unit, point, text(service, "name"));
                }
            }
        }
        if let Some(point) = managed_at(body) {
            let point = self.refer(Role::Point, point);
            self.parts[point].is_management = true;
        }
    }

    /// SOL006: profiles of these flavours on the links of the service.
    fn service(&mut self, body: Yaml<'_>, flavours: &[Yaml<'_>]) {
        const PROFILES: [(&str, &str, Role); 3] = [
            ("vnf-profile", "vnfd-id", Role::Function),
            ("pnf-profile", "pnfd-id", Role::Physical),
            ("ns-profile", "nsd-id", Role::Service),
        ];
        for (key, of, role) in PROFILES {
            for profile in flavours.iter().flat_map(|df| list(*df, key)) {
                self.define(role, text(profile, "id"), text(profile, of));
            }
        }
        for link in list(body, "virtual-link-desc") {
            let place = self.define(Role::Link, text(link, "id"), "");
            self.parts[place].is_management = value(link, "mgmt-network").is_some_and(is_true);
        }
        for sap in list(body, "sapd") {
            let point = self.define(Role::Point, text(sap, "id"), "");
            if let Some(link) = value(sap, "virtual-link-desc") {
                let link = self.refer(Role::Link, link);
                self.connect(link, point, "");
            }
            for (role, of, at) in points_of_members(sap) {
                for member in self.made_of(role, of) {
                    self.connect(member, point, at);
                }
            }
        }
        let profiles: Vec<(&str, Role)> = PROFILES.map(|(key, _, role)| (key, role)).to_vec();
        self.flavours(flavours, &profiles);
        for df in flavours {
            // The standard names a profile of the link there, OSM the link.
            let links: HashMap<&str, &str> = list(*df, "virtual-link-profile")
                .map(|profile| (text(profile, "id"), text(profile, "virtual-link-desc-id")))
                .collect();
            for (key, _, role) in PROFILES {
                for profile in list(*df, key) {
                    let member = self.refer(role, text(profile, "id"));
                    for on in list(profile, "virtual-link-connectivity") {
                        let name = text(on, "virtual-link-profile-id");
                        let name = links
                            .get(name)
                            .filter(|name| !name.is_empty())
                            .unwrap_or(&name);
                        let link = self.refer(Role::Link, name);
                        let points = ["constituent-cpd-id", "constituent-sapd-id"];
                        let mut points =
                            points.into_iter().flat_map(|key| list(on, key)).peekable();
                        if points.peek().is_none() {
                            self.connect(member, link, "");
                        }
                        for point in points {
                            let at = value(point, "constituent-cpd-id")
                                .or_else(|| value(point, "constituent-sapd-id"))
                                .or(point.str());
                            self.connect(member, link, at.unwrap_or_default());
                        }
                    }
                }
            }
        }
        if flavours.is_empty() {
            for id in list(body, "vnfd-id").filter_map(|id| id.str()) {
                self.define(Role::Function, id, id);
            }
        }
    }

    /// OSM's model before SOL006: links name the points of their members.
    fn service_before_sol006(&mut self, body: Yaml<'_>) {
        for member in list(body, "constituent-vnfd") {
            let of = text(member, "vnfd-id-ref");
            self.define(Role::Function, text(member, "member-vnf-index"), of);
        }
        for link in list(body, "vld") {
            let place = self.define(Role::Link, text(link, "id"), "");
            self.parts[place].is_management = value(link, "mgmt-network").is_some_and(is_true);
            for point in list(link, "vnfd-connection-point-ref") {
                let member = self.refer(Role::Function, text(point, "member-vnf-index-ref"));
                for at in names(point, "vnfd-connection-point-ref") {
                    self.connect(member, place, at);
                }
            }
        }
        for point in list(body, "connection-point") {
            let name = text(point, "name");
            let place = self.define(Role::Point, name, "");
            if let Some(link) = value(point, "vld-id-ref") {
                let link = self.refer(Role::Link, link);
                self.connect(link, place, "");
            }
            // It is a link's or a member's, whose point stands beside its name, or as in a link.
            for end in [point]
                .into_iter()
                .chain(list(point, "vnfd-connection-point-ref"))
            {
                let members = match (
                    value(end, "member-vnf-index-ref"),
                    value(end, "vnfd-id-ref"),
                ) {
                    (Some(index), _) => vec![self.refer(Role::Function, index)],
                    (None, Some(of)) => self.made_of(Role::Function, of),
                    (None, None) => Vec::new(),
                };
                for member in members {
                    for at in names(end, "vnfd-connection-point-ref") {
                        self.connect(member, place, at);
                    }
                }
            }
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

/// Where a function of OSM's model before SOL006 is managed: at a point that it names, at the
/// marked or the first one of a VDU that it names, or at that of a marked service of a KDU.
fn managed_at<'a>(body: Yaml<'a>) -> Option<&'a str> {
    let own = local(body, "mgmt-interface");
    let named = own.and_then(|own| value(own, "cp"));
    let outside = |interface: Yaml<'a>| {
        value(interface, "external-connection-point-ref")
            .or_else(|| value(interface, "vnfd-connection-point-ref"))
    };
    let at_vdu = || {
        let id = value(own?, "vdu-id")?;
        let vdu = list(body, "vdu").find(|vdu| text(*vdu, "id") == id)?;
        let interfaces = list(vdu, "interface").chain(list(vdu, "external-interface"));
        let wired: Vec<Yaml<'a>> = interfaces.filter(|one| outside(*one).is_some()).collect();
        let is_marked = |one: &&Yaml<'a>| value(**one, "mgmt-interface").is_some_and(is_true);
        outside(*wired.iter().find(is_marked).or(wired.first())?)
    };
    let at_service = || {
        let services = list(body, "kdu").flat_map(|kdu| list(kdu, "service"));
        let mut marked = services.filter(|one| value(*one, "mgmt-service").is_some_and(is_true));
        marked.find_map(|one| value(one, "external-connection-point-ref"))
    };
    named.or_else(at_vdu).or_else(at_service)
}

/// The connection points of members that a service access point is, where it is none of a link:
/// the kind of member, its descriptor, and the point. SOL006 has a mapping for each kind up to
/// 3.5.1, and one for all from then on.
fn points_of_members<'a>(sap: Yaml<'a>) -> Vec<(Role, &'a str, &'a str)> {
    const FORMS: [(Role, &str, &str, [&str; 2], &str); 3] = [
        (
            Role::Function,
            "vnf",
            "vnfd-id",
            ["ext-cpd-id", "ext-cpd-id"],
            "vnf-ext-cpd",
        ),
        (
            Role::Physical,
            "pnf",
            "pnfd-id",
            ["ext-cpd-id", "ext-cpd-id"],
            "pnf-ext-cpd",
        ),
        (
            Role::Service,
            "ns",
            "nsd-id",
            ["sapd-id", "ext-cpd-id"],
            "sapd",
        ),
    ];
    let mut points = Vec::new();
    for (role, form, id, own, common) in FORMS {
        if let Some(member) = local(sap, form)
            && let Some(of) = value(member, id)
        {
            let at = own.iter().find_map(|key| value(member, key));
            points.push((role, of, at.unwrap_or_default()));
        }
        if let Some(member) = local(sap, "associated-cpd")
            && let Some(of) = value(member, id)
        {
            points.push((role, of, text(member, common)));
        }
    }
    points
}

/// The images of a unit: what it starts from, and what its other disks do; each once.
fn images<'a>(own: &'a str, disks: impl Iterator<Item = &'a str>) -> String {
    let mut images: Vec<&str> = Vec::new();
    for image in [own].into_iter().chain(disks) {
        if !image.is_empty() && !images.contains(&image) {
            images.push(image);
        }
    }
    images.join(", ")
}

/// The networks that a function asks of the cluster.
fn nets(body: Yaml<'_>) -> impl Iterator<Item = Yaml<'_>> {
    let cluster = local(body, "k8s-cluster").into_iter();
    cluster.flat_map(|cluster| list(cluster, "nets"))
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
