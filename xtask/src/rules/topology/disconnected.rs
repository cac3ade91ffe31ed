//! `topology/disconnected`.

use std::collections::BTreeMap;

use crate::descriptor::{Kind, local};
use crate::diagnostic::{Diagnostic, Example, Level, Rule};
use crate::graph::{Part, Role, Topology, flavours, pieces, topology};
use crate::rules::{Check, Context, Lint, names};
use crate::source::Package;
use crate::yaml::Node;

pub(super) static LINT: Lint = Lint {
    rule: &RULE,
    check: Check::Package(check),
};

static RULE: Rule = Rule {
    id: "topology/disconnected",
    level: Level::Warn,
    fixed: false,
    summary: "a service falls apart into pieces that no link connects",
    docs: "\
## What it does

Draws the constituents, links and access points of an NSD, each deployment flavour by
itself, and looks whether everything hangs together. Every link counts, that for the
management as well. Links that are one network of the infrastructure count as one: those with
the same `vim-network-name`, and those of the management (`mgmt-network`).

A function that is on no link is told by `topology/isolated-vnf`, a link that nothing is on by
`topology/unused-virtual-link`; a piece with a name that leads nowhere is left alone, since
that is another fault. How a function is connected inside is not looked at.

## Why is this bad?

Nothing in one piece reaches anything in the other. In most cases one function
is on the wrong link, or a link was made twice. OSM takes the package. The validator that
SHIELD used calls it `evt_nsd_top_topgraph_disconnected`, a warning as well, since two
pieces may meet outside of the service.

## What to do

Put a point of the one piece on a link of the other, or make two services of it.
",
    example: Some(Example {
        bad: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      virtual-link-desc:\n        - id: left\n        - id: right\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              virtual-link-connectivity:\n                - virtual-link-profile-id: left\n            - id: '2'\n              virtual-link-connectivity:\n                - virtual-link-profile-id: right\n",
        )],
        good: &[(
            "tiny_ns/tiny_nsd.yaml",
            "nsd:\n  nsd:\n    - id: tiny_ns\n      version: '1.0'\n      virtual-link-desc:\n        - id: left\n        - id: right\n      df:\n        - id: default-df\n          vnf-profile:\n            - id: '1'\n              virtual-link-connectivity:\n                - virtual-link-profile-id: left\n            - id: '2'\n              virtual-link-connectivity:\n                - virtual-link-profile-id: left\n                - virtual-link-profile-id: right\n",
        )],
    }),
};

fn check(package: &Package, _: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let descriptor = package.descriptor.as_ref();
    let Some(descriptor) = descriptor.filter(|descriptor| descriptor.kind == Kind::Ns) else {
        return;
    };
    let Some(body) = descriptor.body() else {
        return;
    };
    for (flavour, topology) in flavours(descriptor) {
        Service::new(&topology, body, flavour).members(out);
    }
    if let Some(topology) = topology(descriptor) {
        Service::new(&topology, body, body).links(out);
    }
}

struct Service<'a> {
    topology: &'a Topology,
    body: Node<'a>,
    /// What lists the members.
    flavour: Node<'a>,
    pieces: Vec<Vec<usize>>,
}

impl<'a> Service<'a> {
    fn new(topology: &'a Topology, body: Node<'a>, flavour: Node<'a>) -> Self {
        let is_unknown = |part: &Part| part.role == Role::Link && part.is_undefined;
        // What is on a link that does not exist was meant to be on another.
        let pieces = match topology.parts.iter().any(is_unknown) {
            true => Vec::new(),
            false => pieces(topology, &networks(topology, body)),
        };
        Service {
            topology,
            body,
            flavour,
            pieces,
        }
    }

    fn is_member(&self, place: usize) -> bool {
        let role = self.topology.parts[place].role;
        matches!(role, Role::Function | Role::Physical | Role::Service)
    }

    fn count(&self, piece: &[usize]) -> usize {
        piece.iter().filter(|place| self.is_member(**place)).count()
    }

    /// The piece that the others are apart from: that with the most members, the first of
    /// several.
    fn main(&self) -> Option<&Vec<usize>> {
        let pieces = self.pieces.iter().rev();
        let main = pieces.max_by_key(|piece| (self.count(piece), piece.len()));
        main.filter(|main| main.len() > 1)
    }

    /// Constituents that are apart from the others.
    fn members(&self, out: &mut Vec<Diagnostic>) {
        let main = self.main();
        for piece in &self.pieces {
            let first = piece.iter().find(|place| self.is_member(**place));
            if let (Some(first), Some(main)) = (first, main.filter(|main| *main != piece)) {
                self.tell(piece, *first, main, out);
            }
        }
    }

    /// Links with no constituent, of which an access point is no use.
    fn links(&self, out: &mut Vec<Diagnostic>) {
        let main = self.main().filter(|main| self.count(main) > 0);
        for piece in self.pieces.iter().filter(|piece| self.count(piece) == 0) {
            let is_link = |place: &&usize| self.topology.parts[**place].role == Role::Link;
            if let (Some(first), Some(main)) = (piece.iter().find(is_link), main) {
                self.tell(piece, *first, main, out);
            }
        }
    }

    fn tell(&self, piece: &[usize], first: usize, main: &[usize], out: &mut Vec<Diagnostic>) {
        let parts = &self.topology.parts;
        // Other rules tell of these.
        let is_alone = piece.len() == 1 && matches!(parts[first].role, Role::Function | Role::Link);
        if is_alone || piece.iter().any(|place| parts[*place].is_undefined) {
            return;
        }
        let Some(node) = self.place(first) else {
            return;
        };
        let named = |piece: &[usize], is_wanted: &dyn Fn(usize) -> bool| {
            let places = piece.iter().filter(|place| is_wanted(**place));
            let names: Vec<&str> = places.map(|place| parts[*place].name.as_str()).collect();
            names::quoted(&names)
        };
        let is_link = |place: usize| parts[place].role == Role::Link;
        let is_member = |place: usize| self.is_member(place);
        let there = named(main, &is_member);
        let message = match (self.count(piece), named(piece, &is_link)) {
            (0, links) => format!("no constituent is on {links}"),
            (_, links) if links.is_empty() => {
                let members = named(piece, &is_member);
                format!("no link connects {members} with the rest of the service, {there}")
            }
            (_, links) => {
                let members = named(piece, &is_member);
                format!(
                    "no link connects {members}, on {links}, with the rest of the service, {there}"
                )
            }
        };
        let help = match named(main, &is_link) {
            links if links.is_empty() => "put both on one link".to_owned(),
            links => format!("put a point of each on one link; those of {there}: {links}"),
        };
        out.push(Diagnostic::new(&RULE, node.span(), message).help(help));
    }

    /// Where the descriptor names a part.
    fn place(&self, part: usize) -> Option<Node<'a>> {
        let part = &self.topology.parts[part];
        let (node, list, key) = match part.role {
            Role::Link => {
                let own = ["virtual-link-desc", "vld"];
                let own = own
                    .into_iter()
                    .find(|key| local(self.body, key).is_some())?;
                (self.body, own, "id")
            }
            Role::Physical => (self.flavour, "pnf-profile", "id"),
            Role::Service => (self.flavour, "ns-profile", "id"),
            _ if local(self.flavour, "constituent-vnfd").is_some() => {
                (self.flavour, "constituent-vnfd", "member-vnf-index")
            }
            _ => (self.flavour, "vnf-profile", "id"),
        };
        let items = names::list(node, list).filter_map(|item| names::value(item, key));
        let mut named = items.filter(|(_, name)| *name == part.name);
        named.next().map(|(node, _)| node)
    }
}

/// Links that are one network of the infrastructure: the first of them, and each other.
pub(super) fn networks(topology: &Topology, body: Node<'_>) -> Vec<(usize, usize)> {
    let links = topology.parts.iter().enumerate();
    let links = links.filter(|(_, part)| part.role == Role::Link);
    let places: BTreeMap<&str, usize> = links.map(|(place, part)| (&*part.name, place)).collect();
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut joined = Vec::new();
    let lists = ["virtual-link-desc", "vld"];
    for link in lists.iter().flat_map(|key| names::list(body, key)) {
        let Some(&place) = places.get(names::text(link, "id")) else {
            continue;
        };
        let network = match names::text(link, "vim-network-name") {
            // No network has this name.
            "" if topology.parts[place].is_management => "\0",
            "" => continue,
            name => name,
        };
        let other = *first.entry(network).or_insert(place);
        if other != place {
            joined.push((other, place));
        }
    }
    joined
}
