//! What a service is made of: its members, links and access points, in both models.

use std::collections::HashMap;

use super::{Draft, Role, is_true, list, names, value};
use crate::descriptor::{local, text};
use crate::yaml::Node as Yaml;

impl Draft {
    /// SOL006: profiles of these flavours on the links of the service.
    pub(super) fn service(&mut self, body: Yaml<'_>, flavours: &[Yaml<'_>]) {
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
    pub(super) fn service_before_sol006(&mut self, body: Yaml<'_>) {
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
