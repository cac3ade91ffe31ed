//! What a function is made of: units, networks and points, in both models.

use std::collections::HashMap;

use super::{Draft, Role, is_true, list, value};
use crate::descriptor::{leaf_list, local, text};
use crate::yaml::Node as Yaml;

impl Draft {
    /// SOL006: `vdu`, `int-cpd`, `int-virtual-link-desc`, `ext-cpd`; OSM's `kdu`
    /// and `k8s-cluster`.
    pub(super) fn function(&mut self, body: Yaml<'_>) {
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
    pub(super) fn function_before_sol006(&mut self, body: Yaml<'_>) {
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
