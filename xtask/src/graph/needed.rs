//! Which package needs which: what there is, what is missing, what goes in circles,
//! and in which order all can be built and onboarded.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::path::Path;

use super::{Location, Offers, dependencies, rank};
use crate::descriptor::{self, Kind, NeedKind};
use crate::source::{self, Form, Package};

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

/// A descriptor that is to be had elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its reference.
    pub reference: String,
    /// Its version.
    pub version: String,
    /// What it needs in turn.
    pub needs: Vec<FoundNeed>,
}

/// What a descriptor needs that is to be had elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundNeed {
    /// What.
    pub kind: NeedKind,
    /// Its id or reference.
    pub id: String,
    /// Whether it travels in the package.
    pub is_inside: bool,
}

/// Asked for a descriptor that the tree has not, by kind and id. It is asked once for each.
pub type Search<'a, E> = dyn FnMut(NeedKind, &str) -> Result<Option<Found>, E> + 'a;

/// Draws up who needs whom; `elsewhere` is asked for what the tree has not, and for what that
/// needs in turn.
///
/// # Errors
///
/// Those of the search.
pub fn needed<E>(packages: &[&Package], elsewhere: &mut Search<'_, E>) -> Result<Needed, E> {
    let offers = Offers::of(packages.iter().copied());
    let mut draft = Draft::of(packages);
    for (i, package) in packages.iter().enumerate() {
        let Some((from, needy)) = draft.needy(i, package) else {
            continue;
        };
        for (need, location) in dependencies(needy, &offers) {
            let is_inside = location == Location::Internal;
            draft.need(from, need.kind, &need.id, is_inside, elsewhere)?;
        }
    }
    while let Some((from, needs)) = draft.open.pop_front() {
        for need in needs {
            draft.need(from, need.kind, &need.id, need.is_inside, elsewhere)?;
        }
    }
    let mut graph = draft.graph;
    graph.edges.sort_by_key(|edge| edge.from);
    let ranks: Vec<u8> = packages
        .iter()
        .map(|p| p.kind().map_or(u8::MAX, rank))
        .collect();
    graph.sort(&ranks);
    Ok(graph)
}

#[derive(Default)]
struct Draft<'a> {
    graph: Needed,
    by_name: HashMap<(Kind, &'a str), usize>,
    /// By folder, since variants of one function share theirs.
    by_path: HashMap<&'a Path, Vec<(&'a str, usize)>>,
    /// What is no package of the tree; what travels in a package is another one in each.
    others: HashMap<(NeedKind, String, Option<usize>), usize>,
    known: HashSet<(usize, usize)>,
    /// What was found elsewhere, with what it needs.
    open: VecDeque<(usize, Vec<FoundNeed>)>,
}

impl<'a> Draft<'a> {
    fn of(packages: &[&'a Package]) -> Self {
        let mut draft = Draft::default();
        for (i, package) in packages.iter().enumerate() {
            draft.graph.members.push(Member {
                kind: package.label(),
                id: package.id().unwrap_or(&package.shown).to_owned(),
                version: package.version().map(str::to_owned),
                origin: Origin::Tree(package.shown.clone()),
            });
            if let (Some(kind), Some(id)) = (package.kind(), package.id()) {
                draft.by_name.entry((kind, id)).or_insert(i);
            }
            if package.form != Form::Archive {
                let all = draft.by_path.entry(&package.path).or_default();
                all.push((&package.descriptor_path, i));
            }
        }
        draft
    }

    fn edge(&mut self, from: usize, to: usize, is_hard: bool) {
        if self.known.insert((from, to)) {
            self.graph.edges.push(NeededBy { from, to, is_hard });
        }
    }

    fn add(&mut self, member: Member) -> usize {
        self.graph.members.push(member);
        self.graph.members.len() - 1
    }

    /// Whose descriptor says what a package needs: its own, or that of the package which it
    /// wraps. Nobody where that is a package of the tree, which needs things by itself.
    fn needy(&mut self, i: usize, package: &'a Package) -> Option<(usize, &'a Package)> {
        let is_built = |inner: &&Package| inner.form != Form::Archive;
        let inner = package.inner.as_deref();
        let place = inner.filter(is_built);
        let place = place.and_then(|inner| {
            let all = self.by_path.get(&*inner.path)?;
            let own = |(path, _): &&(&str, usize)| *path == inner.descriptor_path;
            all.iter().find(own).or(all.first())
        });
        if let Some((_, place)) = place {
            self.edge(i, *place, true);
            return None;
        }
        if let Some(inner) = inner {
            let place = self.add(Member {
                kind: inner.label(),
                id: inner.id().unwrap_or(&inner.shown).to_owned(),
                version: inner.version().map(str::to_owned),
                origin: Origin::Inside,
            });
            self.edge(i, place, true);
            return Some((place, inner));
        }
        if let Some(file) = source::inner_file(package) {
            let kind = match package.kind() {
                Some(Kind::ShieldNs) => NeedKind::Ns,
                _ => NeedKind::Vnf,
            };
            let key = (kind, file.clone(), None);
            let place = match self.others.get(&key) {
                Some(place) => *place,
                None => {
                    let place = self.add(Member {
                        kind: kind.as_str(),
                        id: file,
                        version: None,
                        origin: Origin::Missing,
                    });
                    self.others.insert(key, place);
                    place
                }
            };
            self.edge(i, place, true);
        }
        Some((i, package))
    }

    fn need<E>(
        &mut self,
        from: usize,
        kind: NeedKind,
        id: &str,
        is_inside: bool,
        elsewhere: &mut Search<'_, E>,
    ) -> Result<(), E> {
        let own = kind.descriptor();
        let own = own.and_then(|kind| self.by_name.get(&(kind, id)).copied());
        let to = match own {
            Some(own) => own,
            None => {
                let key = (kind, id.to_owned(), is_inside.then_some(from));
                match self.others.get(&key) {
                    Some(place) => *place,
                    None => {
                        let place = self.other(kind, id, is_inside, elsewhere)?;
                        self.others.insert(key, place);
                        place
                    }
                }
            }
        };
        self.edge(from, to, kind.is_hard());
        Ok(())
    }

    fn other<E>(
        &mut self,
        kind: NeedKind,
        id: &str,
        is_inside: bool,
        elsewhere: &mut Search<'_, E>,
    ) -> Result<usize, E> {
        let found = match is_inside || !kind.is_hard() {
            true => None,
            false => elsewhere(kind, id)?,
        };
        let (version, origin, needs) = match found {
            Some(found) => {
                let origin = Origin::Registry(found.reference);
                (Some(found.version), origin, found.needs)
            }
            None if is_inside => (None, Origin::Inside, Vec::new()),
            None if kind.is_hard() => (None, Origin::Missing, Vec::new()),
            None => (None, Origin::Elsewhere, Vec::new()),
        };
        let place = self.add(Member {
            kind: kind.as_str(),
            id: id.to_owned(),
            version,
            origin,
        });
        self.open.push_back((place, needs));
        Ok(place)
    }
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
