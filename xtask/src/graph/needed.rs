//! Which package needs which: what there is, what is missing, what goes in circles,
//! and in which order all can be built and onboarded.

use std::collections::{BTreeSet, HashMap};

use super::{Location, Offers, dependencies, rank};
use crate::descriptor::{self, Kind, NeedKind};
use crate::source::Package;

/// Where a member is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is a package of the tree, at this path.
    Tree(String),
    /// It travels in the package that needs it.
    Inside,
    /// It is at a registry, under this reference.
    Registry(String),
    /// It is somewhere else: nothing refuses a package that lacks it.
    Elsewhere,
    /// It is nowhere, and the package that needs it is refused.
    Missing,
}

/// A package, or what one needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// `VNF`, `NS`, `HELM`, `IMAGE`, …
    pub kind: &'static str,
    /// Id, or reference as it is written.
    pub id: String,
    /// Its version, where it has one.
    pub version: Option<String>,
    /// Where it is to be had.
    pub origin: Origin,
}

/// One thing that a member needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeededBy {
    /// Place of the one that needs it.
    pub from: usize,
    /// Place of what is needed.
    pub to: usize,
    /// Whether OSM refuses the one without the other.
    pub is_hard: bool,
}

/// Packages and what they need.
#[derive(Clone, Debug, Default)]
pub struct Needed {
    /// The packages, in their order, and behind them what is none of them.
    pub members: Vec<Member>,
    /// Who needs what, sorted by who needs it.
    pub edges: Vec<NeededBy>,
    /// Members that need each other, each circle once, from its first member.
    pub cycles: Vec<Vec<usize>>,
    /// The packages of the tree in an order in which nothing comes before what it
    /// needs; those of a circle come where the first of them would.
    pub order: Vec<usize>,
}

/// What `chosen` need of `rest`, and what that needs, in the order in which it is met. Only needs
/// of the kinds that `is_meant` lets pass count.
pub fn brought<'a>(
    chosen: &[&'a Package],
    rest: &[&'a Package],
    is_meant: impl Fn(NeedKind) -> bool,
) -> Vec<&'a Package> {
    let name = |package: &'a Package| Some((package.kind()?, package.id()?));
    let mut by_name: HashMap<(Kind, &str), &'a Package> = HashMap::new();
    for package in rest {
        if let Some(name) = name(package) {
            by_name.entry(name).or_insert(package);
        }
    }
    let mut there: BTreeSet<(Kind, String)> = BTreeSet::new();
    let own = chosen.iter().filter_map(|package| name(package));
    there.extend(own.map(|(kind, id)| (kind, id.to_owned())));
    let mut all: Vec<&'a Package> = chosen.to_vec();
    let mut next = 0;
    while let Some(package) = all.get(next).copied() {
        next += 1;
        let needy = package.inner.as_deref().unwrap_or(package);
        let needs = needy.descriptor.as_ref().map(descriptor::needs);
        for need in needs.unwrap_or_default() {
            let Some(kind) = need.kind.descriptor().filter(|_| is_meant(need.kind)) else {
                continue;
            };
            let found = by_name.get(&(kind, need.id.as_str())).copied();
            if let Some(found) = found
                && there.insert((kind, need.id))
            {
                all.push(found);
            }
        }
    }
    all.split_off(chosen.len())
}

/// Asked for a descriptor that the tree has not, by kind and id: its reference and version.
pub type Search<'a, E> = dyn FnMut(NeedKind, &str) -> Result<Option<(String, String)>, E> + 'a;

/// Draws up who needs whom; `elsewhere` is asked for what the tree has not.
///
/// # Errors
///
/// Those of the search.
pub fn needed<E>(packages: &[&Package], elsewhere: &mut Search<'_, E>) -> Result<Needed, E> {
    let offers = Offers::of(packages.iter().copied());
    let mut graph = Needed::default();
    let mut by_name: HashMap<(Kind, &str), usize> = HashMap::new();
    for (i, package) in packages.iter().enumerate() {
        graph.members.push(Member {
            kind: package.label(),
            id: package.id().unwrap_or(&package.shown).to_owned(),
            version: package.version().map(str::to_owned),
            origin: Origin::Tree(package.shown.clone()),
        });
        if let (Some(kind), Some(id)) = (package.kind(), package.id()) {
            by_name.entry((kind, id)).or_insert(i);
        }
    }
    let mut others: HashMap<(NeedKind, String, Option<usize>), usize> = HashMap::new();
    for (i, package) in packages.iter().enumerate() {
        let needy = package.inner.as_deref().unwrap_or(package);
        for (need, location) in dependencies(needy, &offers) {
            let kind = need.kind.descriptor();
            let own = kind.and_then(|kind| by_name.get(&(kind, need.id.as_str())).copied());
            let is_inside = own.is_none() && location == Location::Internal;
            let to = match own {
                Some(own) => own,
                None => {
                    // What travels inside is another one in each package.
                    let key = (need.kind, need.id.clone(), is_inside.then_some(i));
                    match others.get(&key) {
                        Some(place) => *place,
                        None => {
                            let member = member(need.kind, &need.id, is_inside, elsewhere)?;
                            graph.members.push(member);
                            others.insert(key, graph.members.len() - 1);
                            graph.members.len() - 1
                        }
                    }
                }
            };
            if to != i {
                let is_hard = need.kind.is_hard();
                graph.edges.push(NeededBy {
                    from: i,
                    to,
                    is_hard,
                });
            }
        }
    }
    let ranks: Vec<u8> = packages
        .iter()
        .map(|p| p.kind().map_or(u8::MAX, rank))
        .collect();
    graph.sort(&ranks);
    Ok(graph)
}

fn member<E>(
    kind: NeedKind,
    id: &str,
    is_inside: bool,
    elsewhere: &mut Search<'_, E>,
) -> Result<Member, E> {
    let found = match is_inside || !kind.is_hard() {
        true => None,
        false => elsewhere(kind, id)?,
    };
    let (version, origin) = match found {
        Some((reference, version)) => (Some(version), Origin::Registry(reference)),
        None if is_inside => (None, Origin::Inside),
        None if kind.is_hard() => (None, Origin::Missing),
        None => (None, Origin::Elsewhere),
    };
    Ok(Member {
        kind: kind.as_str(),
        id: id.to_owned(),
        version,
        origin,
    })
}

impl Needed {
    /// What a member needs, in the order of its descriptor.
    pub fn needs(&self, member: usize) -> impl Iterator<Item = &NeededBy> {
        let first = self.edges.partition_point(|edge| edge.from < member);
        let own = self.edges[first..].iter();
        own.take_while(move |edge| edge.from == member)
    }

    /// The members that nothing needs.
    pub fn roots(&self) -> Vec<usize> {
        let needed: BTreeSet<usize> = self.edges.iter().map(|edge| edge.to).collect();
        let all = 0..self.members.len();
        let mut roots: Vec<usize> = all.filter(|i| !needed.contains(i)).collect();
        // A circle that nothing leads to has no root; its first member stands for it.
        let mut reached: BTreeSet<usize> = BTreeSet::new();
        for root in &roots {
            self.reach(*root, &mut reached);
        }
        for i in 0..self.members.len() {
            if !reached.contains(&i) {
                roots.push(i);
                self.reach(i, &mut reached);
            }
        }
        roots
    }

    fn reach(&self, from: usize, reached: &mut BTreeSet<usize>) {
        let mut open = vec![from];
        while let Some(i) = open.pop() {
            if reached.insert(i) {
                open.extend(self.needs(i).map(|edge| edge.to));
            }
        }
    }

    /// Finds circles and the order: depth first, from the kinds that need nothing.
    fn sort(&mut self, ranks: &[u8]) {
        #[derive(Clone, Copy, PartialEq)]
        enum State {
            New,
            Open,
            Done,
        }
        let mut states = vec![State::New; self.members.len()];
        let mut all: Vec<usize> = (0..ranks.len()).collect();
        all.sort_by_key(|i| ranks[*i]);
        for start in all {
            if states[start] != State::New {
                continue;
            }
            // The way from the start, with the needs that are still to be looked at.
            let mut way: Vec<(usize, Vec<usize>)> = Vec::new();
            let needs = |graph: &Needed, i| {
                let mut needs: Vec<usize> = graph.needs(i).map(|edge| edge.to).collect();
                needs.reverse();
                needs
            };
            states[start] = State::Open;
            way.push((start, needs(self, start)));
            while let Some((at, open)) = way.last_mut() {
                let at = *at;
                match open.pop() {
                    Some(next) if states[next] == State::New => {
                        states[next] = State::Open;
                        let needs = needs(self, next);
                        way.push((next, needs));
                    }
                    Some(next) if states[next] == State::Open => {
                        let from = way.iter().position(|(i, _)| *i == next).unwrap_or(0);
                        self.cycles
                            .push(way[from..].iter().map(|(i, _)| *i).collect());
                    }
                    Some(_) => {}
                    None => {
                        states[at] = State::Done;
                        if at < ranks.len() {
                            self.order.push(at);
                        }
                        way.pop();
                    }
                }
            }
        }
    }
}
