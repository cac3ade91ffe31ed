//! `internal-vld`: the links inside a function.

use std::cell::RefCell;

use super::fields::Fields;
use super::ip::{self, Profiles};
use super::losses;
use super::tree::{Entry, List, Map};

/// The links of a function, and the interfaces that they name.
pub(super) struct Links<'w, 'a> {
    pub list: List,
    points: RefCell<Vec<Named>>,
    plans: Vec<(String, Option<String>, Map)>,
    profiles: Option<Profiles<'w, 'a>>,
}

struct Named {
    point: String,
    link: String,
    address: Option<Entry>,
    at: crate::diagnostic::Span,
    is_used: bool,
}

/// The link that an internal connection point is connected to.
pub(super) struct Link {
    pub id: String,
    /// The address that it has there.
    pub address: Option<Entry>,
}

impl<'w, 'a> Links<'w, 'a> {
    pub fn take(own: &Fields<'w, 'a>) -> Self {
        let profiles = Profiles::take(own);
        let (links, notes) = own.list("internal-vld", "id", "the internal link");
        let mut found = Links {
            list: List::with(notes),
            points: RefCell::default(),
            plans: Vec::new(),
            profiles: None,
        };
        for link in links {
            found.link(&link, &profiles);
        }
        found.profiles = Some(profiles);
        found
    }

    fn link(&mut self, own: &Fields<'_, '_>, profiles: &Profiles<'_, '_>) {
        let id = own.peek("id").and_then(|id| id.node().str());
        let id = id.unwrap_or_default().to_owned();
        let mut map = Map {
            notes: own.notes(),
            ..Map::default()
        };
        map.entry(own.string("id", "id"));
        map.entry(ip::description(own));
        if let Some(kind) = ip::connectivity(own) {
            map.map("connectivity-type", kind);
        }
        map.entry(ip::provider(own));
        let mut plan = Map::default();
        ip::rates(own, "max-bit-rate-requirements", &mut plan);
        let profile = own.take("ip-profile-ref").and_then(|field| {
            let name = field.scalar(&own.what)?.str()?;
            if profiles.has(name) {
                return Some(name.to_owned());
            }
            let message = format!(
                "{} names the IP profile `{name}`, which does not exist",
                own.what
            );
            own.work.lose(field.span(), message, "");
            None
        });
        if !plan.is_empty() || profile.is_some() {
            // A profile of the new model belongs to a flavour of the link.
            let mut flavour = Map::default();
            flavour.text("id", "default");
            map.push_into("flavour", flavour);
            self.plans.push((id.clone(), profile, plan));
        }
        let (points, _) = own.list(
            "internal-connection-point",
            "id-ref",
            "the connection point",
        );
        for point in points {
            let address = point.string("ip-address", "ip-address");
            if let Some(name) = point.text("id-ref") {
                self.points.borrow_mut().push(Named {
                    point: name.to_owned(),
                    link: id.clone(),
                    address,
                    at: point.node.span(),
                    is_used: false,
                });
            }
            point.finish(losses::NOTHING);
        }
        own.finish(losses::LINK);
        self.list.push(map);
    }

    /// The link that names an internal connection point.
    pub fn of_point(&self, point: &str) -> Option<Link> {
        let mut points = self.points.borrow_mut();
        let named = points.iter_mut().find(|named| named.point == point)?;
        named.is_used = true;
        Some(Link {
            id: named.link.clone(),
            address: named.address.clone(),
        })
    }

    /// The profiles of the links in a flavour of the function.
    pub fn profiles(self, own: &Fields<'_, '_>) -> List {
        for named in self.points.into_inner() {
            if !named.is_used {
                let message = format!(
                    "no interface is at `{}`, which the link `{}` names",
                    named.point, named.link
                );
                let why = "an interface names its link in the new model";
                own.work.drop(named.at, message, why);
            }
        }
        let mut list = List::default();
        let Some(mut profiles) = self.profiles else {
            return list;
        };
        for (id, profile, plan) in self.plans {
            let mut map = Map::default();
            map.text("id", id.clone());
            map.text("flavour", "default");
            map.entries.extend(plan.entries);
            if let Some(data) = profile.and_then(|name| profiles.data(&name, &id, true)) {
                map.map("virtual-link-protocol-data", data);
            }
            list.push(map);
        }
        profiles.finish();
        list
    }
}
