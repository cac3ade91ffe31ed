//! `ip-profiles`, of a function or a service: `l3-protocol-data` of a link.

use std::net::IpAddr;

use super::comments::Notes;
use super::fields::Fields;
use super::losses;
use super::tree::{Entry, List, Map, Value};

/// The profiles by name, each taken by the first link that names it and shared by
/// the others.
pub(super) struct Profiles<'w, 'a> {
    list: Vec<Profile<'w, 'a>>,
    notes: Notes,
}

struct Profile<'w, 'a> {
    own: Fields<'w, 'a>,
    is_used: bool,
    /// Whether it was told why the link that names it does not have it.
    is_told: bool,
}

impl<'w, 'a> Profiles<'w, 'a> {
    pub fn take(own: &Fields<'w, 'a>) -> Self {
        let (list, notes) = own.list("ip-profiles", "name", "the IP profile");
        let profile = |own| Profile {
            own,
            is_used: false,
            is_told: false,
        };
        Profiles {
            list: list.into_iter().map(profile).collect(),
            notes,
        }
    }

    /// Notes that a link names a profile and can't have it, of which somebody was told.
    pub fn told(&mut self, name: &str) {
        let mut list = self.list.iter_mut();
        if let Some(profile) = list.find(|profile| profile.is_called(name)) {
            profile.is_told = true;
        }
    }

    /// The protocol data for a link. `describes` where the model has a description
    /// there.
    pub fn data(&mut self, name: &str, link: &str, describes: bool) -> Option<Map> {
        let mut list = self.list.iter_mut();
        let profile = list.find(|profile| profile.is_called(name))?;
        profile.is_used = true;
        let own = &profile.own;
        let _ = own.take("name");
        let mut l3 = Map {
            notes: own.notes(),
            ..Map::default()
        };
        l3.text("name", format!("{link}-l3-protocol-data"));
        if describes {
            l3.entry(own.string("description", "description"));
        }
        let mut unknown = None;
        if let Some(params) = own.sub("ip-profile-params") {
            if let Some(version) = params.take("ip-version") {
                let word = version.scalar(&params.what).and_then(|node| node.str());
                match word {
                    Some("unknown") => unknown = Some(version.span()),
                    _ => l3.entry(word.and_then(|_| version.copy("ip-version", &params.what))),
                }
            }
            l3.entry(params.string("subnet-address", "cidr"));
            l3.entry(params.string("gateway-address", "gateway-ip"));
            l3.entry(params.string("security-group", "security-group"));
            if let Some(dhcp) = params.sub("dhcp-params") {
                l3.entry(dhcp.copy("enabled", "dhcp-enabled"));
                let subnet = l3.text_of("cidr").and_then(Subnet::parse);
                l3.list("ip-allocation-pools", pools(&dhcp, subnet));
                dhcp.finish(losses::NOTHING);
            }
            params.finish(losses::IP_PROFILE);
        }
        let is_six = l3.text_of("ip-version") == Some("ipv6")
            || ["cidr", "gateway-ip"]
                .iter()
                .any(|key| l3.text_of(key).is_some_and(|t| t.contains(':')));
        let mut data = Map {
            notes: std::mem::take(&mut self.notes),
            ..Map::default()
        };
        let protocol = if is_six { "ipv6" } else { "ipv4" };
        if let Some(span) = unknown {
            let message = format!(
                "the `ip-version` of {} is `unknown`, which the new model has not; the link `{link}` is \
                 taken to be one of `{protocol}`",
                own.what
            );
            own.work.assume(span, message);
        }
        data.text("associated-layer-protocol", protocol);
        data.map("l3-protocol-data", l3);
        Some(data)
    }

    /// Whether there is a profile of that name.
    pub fn has(&self, name: &str) -> bool {
        self.list.iter().any(|profile| profile.is_called(name))
    }

    /// Says what is left of the profiles.
    pub fn finish(self) {
        for Profile {
            own,
            is_used,
            is_told,
        } in self.list
        {
            if is_used {
                own.finish(losses::NOTHING);
            } else if !is_told {
                let message = format!("{} belongs to no link", own.what);
                own.work.drop(own.node.span(), message, "it had no effect");
            }
        }
    }
}

impl Profile<'_, '_> {
    fn is_called(&self, name: &str) -> bool {
        let own = self.own.peek("name");
        own.and_then(|own| own.node().str()) == Some(name)
    }
}

/// The addresses that are given out: from the first one, so many.
fn pools(dhcp: &Fields<'_, '_>, subnet: Option<Subnet>) -> List {
    let start = dhcp.take("start-address");
    let count = dhcp.take("count");
    let Some(start) = start else {
        if let Some(count) = count {
            let message = format!("`count` of {} has no `start-address`", dhcp.what);
            dhcp.work.lose(
                count.span(),
                message,
                "the new model has the first and the last address",
            );
        }
        return List::default();
    };
    let text = start.scalar(&dhcp.what).and_then(|node| node.str());
    let first = text.and_then(|text| text.parse::<IpAddr>().ok());
    // One without an address is none.
    let many = count.and_then(|count| count.node().str()?.parse::<u32>().ok());
    let others = many.and_then(|many| many.checked_sub(1));
    let last = first.zip(others).and_then(|(first, others)| match first {
        IpAddr::V4(first) => u32::from(first)
            .checked_add(others)
            .map(|last| IpAddr::V4(last.into())),
        IpAddr::V6(first) => u128::from(first)
            .checked_add(others.into())
            .map(|last| IpAddr::V6(last.into())),
    });
    let (Some(first), Some(last)) = (first, last) else {
        let message = format!("the range of addresses of {} can't be told", dhcp.what);
        dhcp.work.lose(
            start.span(),
            message,
            "the new model has the first and the last address",
        );
        return List::default();
    };
    if subnet.is_some_and(|subnet| !subnet.has(first) || !subnet.has(last)) {
        let message = format!(
            "the addresses of {}, {first} to {last}, are not all in its subnet",
            dhcp.what
        );
        dhcp.work.assume(start.span(), message);
    }
    let mut list = List::one(format!("{first},{last}"));
    let own = count.map(|count| count.notes()).unwrap_or_default();
    list.items[0].1 = start.notes().and(own);
    list
}

/// A subnet: an address of it, and how many bits all its addresses begin with.
#[derive(Clone, Copy)]
struct Subnet(IpAddr, u32);

impl Subnet {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        Some(Subnet(address.parse().ok()?, bits.parse().ok()?))
    }

    fn has(self, address: IpAddr) -> bool {
        match (self.0, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differing = u32::from(own) ^ u32::from(other);
                differing.leading_zeros() >= self.1
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differing = u128::from(own) ^ u128::from(other);
                differing.leading_zeros() >= self.1
            }
            _ => false,
        }
    }
}

/// The bit rates of a link, which are numbers without a unit in the old model.
pub(super) fn rates(link: &Fields<'_, '_>, most: &str, map: &mut Map) {
    let root = link.take("root-bandwidth");
    let leaf = link.copy("leaf-bandwidth", "leaf");
    let mut rates = Map::default();
    match (root, &leaf) {
        (Some(root), _) => rates.entry(root.copy("root", &link.what)),
        // The new model wants the one for the other.
        (None, Some(leaf)) => rates.put("root", leaf.value.clone(), Notes::default()),
        (None, None) => return,
    }
    rates.entry(leaf);
    map.put(most, Value::Map(rates), Notes::default());
    let span = root.map_or_else(|| link.node.span(), |root| root.span());
    let message = format!(
        "the bandwidth of {} is taken as one in Mbit/s; the old model names no unit",
        link.what
    );
    link.work.assume(span, message);
}

/// `provider-network`, which both models have.
pub(super) fn provider(own: &Fields<'_, '_>) -> Option<Entry> {
    let field = own.take("provider-network")?;
    let sub = field.sub(format!("`provider-network` of {}", own.what), &own.what)?;
    let mut map = Map::default();
    map.entry(sub.string("physical-network", "physical-network"));
    map.entry(sub.copy("segmentation_id", "segmentation_id"));
    sub.finish(losses::PROVIDER);
    let notes = field.notes();
    (!map.is_empty()).then_some(Entry {
        key: "provider-network".to_owned(),
        value: Value::Map(map),
        notes,
    })
}

/// What kind of link it is, in the words of the new model. A LAN is what a link is
/// where nothing is said.
pub(super) fn connectivity(own: &Fields<'_, '_>) -> Option<Map> {
    let field = own.take("type")?;
    let word = field.scalar(&own.what)?.str()?;
    let (layer, pattern) = match word {
        "ELAN" => return None,
        "ELINE" => ("ethernet", Some("line")),
        "ETREE" => ("ethernet", Some("tree")),
        "L3" => ("ipv4", None),
        _ => {
            let message = format!("the type `{word}` of {} is unknown", own.what);
            own.work.lose(field.span(), message, "");
            return None;
        }
    };
    let mut map = Map {
        notes: field.notes(),
        ..Map::default()
    };
    map.list("layer-protocol", List::one(layer));
    if let Some(pattern) = pattern {
        map.text("flow-pattern", pattern);
    }
    Some(map)
}

/// The name of a link, which has an id and a description in the new model: the
/// description, where there is none and the name says more than the id.
pub(super) fn description(own: &Fields<'_, '_>) -> Option<Entry> {
    let text = |key: &str| own.peek(key).and_then(|field| field.node().str());
    let id = text("id");
    let description = own.string("description", "description");
    let name = text("name");
    if name.is_none() || name == id || name == text("description") {
        let _ = own.take("name");
    }
    let short = text("short-name");
    if short.is_none() || short == id || short == name || short == text("description") {
        let _ = own.take("short-name");
    }
    match (description, name) {
        (None, Some(name)) if Some(name) != id => own.string("name", "description"),
        (description, _) => description,
    }
}
