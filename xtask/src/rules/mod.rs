//! The rules: one file each, with its documentation, its level and the
//! function that looks for it.
//!
//! A rule never touches a file and never prints. It is given what the rooms
//! below have read and gives back [`Diagnostic`]s; what they count as is
//! decided here, in one place, from the rule's own level, the configuration,
//! the command line and comments in the file.

mod chart;
mod csar;
mod echo;
mod fixes;
mod gap;
mod hdag;
mod levels;
mod names;
mod osm;
mod package;
mod reading;
mod registry;
mod schema;
mod secrets;
mod shield;
mod signatures;
mod sol006;
mod suggest;
mod suppress;
mod text_places;
mod topology;
mod unread;
mod yaml;

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;

use rayon::prelude::*;

pub use levels::{LevelError, Levels};
pub(crate) use osm::beside;
use osm::unseen_key::{Seen, is_on_what_is_seen};
pub use registry::{all, find};
pub use secrets::hide_secrets;
pub use suggest::nearest;
use suggest::nearest_alone;
use unread::Unread;

use crate::descriptor::{Descriptor, Kind, local};
use crate::diagnostic::{Diagnostic, Rule, Severity};
use crate::schema::{Choice, Schema, Violation};
use crate::source::{Finding, Form, Package, Profile, Scan};
use crate::yaml::{Document, Node};

/// What a rule looks at.
pub enum Check {
    /// The text of every descriptor.
    Document(fn(&Document, &mut Vec<Diagnostic>)),
    /// The same where it must be known what the text describes.
    Descriptor(fn(&Descriptor, &mut Vec<Diagnostic>)),
    /// One departure of a descriptor from its schema. The first rule that
    /// answers keeps it.
    Violation(fn(&Violation, &Place<'_>) -> Option<Diagnostic>),
    /// Something met while packages were looked for.
    Finding(fn(&Finding) -> Option<Diagnostic>),
    /// One package.
    Package(fn(&Package, &Context<'_>, &mut Vec<Diagnostic>)),
    /// All packages together.
    Tree(fn(&Context<'_>, &mut Vec<Diagnostic>)),
}

/// A rule and its function.
pub struct Lint {
    /// Name, level and page.
    pub rule: &'static Rule,
    /// What it looks at.
    pub check: Check,
}

/// Where a violation was met.
pub struct Place<'a> {
    /// The descriptor.
    pub descriptor: &'a Descriptor,
    /// The schema it was held against.
    pub schema: &'a Schema,
    /// Whether there is a package of that kind and id in this run.
    pub is_there: &'a dyn Fn(Kind, &str) -> bool,
    /// The ids of the virtual links of the services that somebody has asked for, by
    /// the number of the node: as many references may name them as there are.
    links: RefCell<HashMap<usize, HashSet<&'a str>>>,
}

impl<'a> Place<'a> {
    fn new(
        descriptor: &'a Descriptor,
        schema: &'a Schema,
        is_there: &'a dyn Fn(Kind, &str) -> bool,
    ) -> Self {
        Place {
            descriptor,
            schema,
            is_there,
            links: RefCell::default(),
        }
    }

    /// Whether the service in which the node at `path` stands has a virtual link of
    /// that id: of several services in one document each has its own links.
    fn has_link(&self, path: &str, id: &str) -> bool {
        let Some(service) = self.service(path) else {
            return false;
        };
        let mut links = self.links.borrow_mut();
        let links = links.entry(service.index()).or_insert_with(|| {
            let links = names::list(service, "virtual-link-desc");
            let ids = links.filter_map(|link| Some(names::value(link, "id")?.1));
            ids.collect()
        });
        links.contains(id)
    }

    /// The service behind the envelopes at the start of a path: `nsd/nsd/1`.
    fn service(&self, path: &str) -> Option<Node<'a>> {
        let mut node = self.descriptor.doc.root()?;
        for segment in path.split('/') {
            node = match (segment, segment.parse()) {
                ("nfv" | "nsd" | "nsd-catalog", _) => local(node, segment)?,
                (_, Ok(number)) => node.item(number)?,
                _ => break,
            };
        }
        Some(node)
    }
}

/// What a rule may know beside the package in its hand.
pub struct Context<'a> {
    /// The packages of the tree that were left out of this run and, behind them,
    /// those of the run.
    pub packages: Vec<&'a Package>,
    /// Whether they are all packages of the tree.
    pub is_whole: bool,
    /// What descriptors are held against.
    pub choice: Choice,
    /// Filled when it is first asked for.
    by_id: OnceLock<ById<'a>>,
    /// Filled when it is first asked for, and seldom is.
    misplaced: OnceLock<HashSet<(Kind, Cow<'a, str>)>>,
    /// Filled when it is first asked for.
    has_shield: OnceLock<bool>,
    /// What was met outside of packages, told or not.
    findings: Vec<&'a Finding>,
    /// Filled when it is first asked for.
    unread: OnceLock<Vec<Unread<'a>>>,
}

type ById<'a> = HashMap<Kind, BTreeMap<Cow<'a, str>, Vec<&'a Package>>>;

impl<'a> Context<'a> {
    /// The name at a node as the judge of this run reads it: OSM's loader makes texts of
    /// numbers.
    pub fn name<'n>(&self, node: Node<'n>) -> Cow<'n, str> {
        match self.choice.profile {
            Profile::Osm => reading::read(node),
            _ => Cow::Borrowed(node.text().unwrap_or_default()),
        }
    }

    /// The same of what stands under a key, empty where there is none.
    pub fn name_under<'n>(&self, node: Node<'n>, key: &str) -> Cow<'n, str> {
        let value = names::value(node, key);
        value.map_or(Cow::Borrowed(""), |(node, _)| self.name(node))
    }

    /// Packages of that kind and id as the judge reads it, those inside SHIELD packages
    /// included.
    pub fn find(&self, kind: Kind, id: &str) -> &[&'a Package] {
        let found = self.by_id().get(&kind).and_then(|ids| ids.get(id));
        found.map_or(&[], Vec::as_slice)
    }

    /// Whether a descriptor of that kind and id stands in a file of the run where
    /// none is looked for: in a wrong envelope, or behind another one. That is told
    /// there.
    pub fn is_misplaced(&self, kind: Kind, id: &str) -> bool {
        let misplaced = self.misplaced.get_or_init(|| {
            let packages = self.packages.iter().copied();
            let descriptors = packages.filter_map(|p| p.descriptor.as_ref());
            let etsi = descriptors.filter(|descriptor| descriptor.kind.is_osm());
            etsi.flat_map(|descriptor| {
                let ids = names::in_any_envelope(descriptor);
                let own = |id| (descriptor.kind, self.name(id));
                ids.into_iter().map(own).collect::<Vec<_>>()
            })
            .collect()
        });
        misplaced.contains(&(kind, Cow::Borrowed(id)))
    }

    /// Whether a descriptor of that kind and id may stand in a file of which nothing is known but its
    /// text, because it is no YAML or has no root that is one's. That is told there.
    pub fn may_be_unread(&self, kind: Kind, id: &str) -> bool {
        let unread = self
            .unread
            .get_or_init(|| unread::all(&self.packages, &self.findings));
        unread.iter().any(|file| file.may_be(kind, id))
    }

    /// Whether any package is one of SHIELD.
    pub fn has_shield(&self) -> bool {
        *self.has_shield.get_or_init(|| {
            let mut kinds = self.packages.iter().filter_map(|package| package.kind());
            kinds.any(Kind::is_shield)
        })
    }

    /// Ids of all packages of that kind, sorted.
    pub fn ids(&self, kind: Kind) -> impl Iterator<Item = &str> {
        let ids = self.by_id().get(&kind).into_iter();
        ids.flat_map(|ids| ids.keys().map(|id| &**id))
    }

    fn by_id(&self) -> &ById<'a> {
        self.by_id.get_or_init(|| {
            let mut by_id: ById<'a> = HashMap::new();
            let packages = self.packages.iter().copied();
            let inner = packages.filter_map(|p| p.inner.as_deref());
            for package in self.packages.iter().copied().chain(inner) {
                if let (Some(kind), Some(id)) = (package.kind(), package.id()) {
                    let own = package.descriptor.as_ref().filter(|own| own.kind.is_osm());
                    let read = own.and_then(|own| Some(self.name(own.field("id")?)));
                    let ids = by_id.entry(kind).or_default();
                    let id = read.unwrap_or(Cow::Borrowed(id));
                    ids.entry(id).or_default().push(package);
                }
            }
            by_id
        })
    }
}

/// Runs every rule over what was found. Sorted; what is allowed is left out.
pub fn run(scan: &Scan, choice: Choice, levels: &Levels) -> Vec<Diagnostic> {
    let context = Context {
        packages: scan.left_out.iter().chain(&scan.packages).collect(),
        is_whole: scan.is_whole,
        choice,
        by_id: OnceLock::new(),
        misplaced: OnceLock::new(),
        has_shield: OnceLock::new(),
        findings: scan.findings.iter().chain(&scan.not_told).collect(),
        unread: OnceLock::new(),
    };
    let levels = levels.under(choice.profile);
    let per_package = |package: &Package| {
        let mut diagnostics = Vec::new();
        check_package(package, &context, &mut diagnostics);
        package::placeholder::hold(package, &mut diagnostics);
        gap::drop(package, &mut diagnostics);
        secrets::scrub(&mut diagnostics);
        suppress::apply(package, &mut diagnostics);
        levels.apply(&mut diagnostics);
        echo::drop(&mut diagnostics, choice.profile);
        schema::departure::gather(&mut diagnostics);
        diagnostics
    };
    let mut diagnostics: Vec<Diagnostic> = scan
        .packages
        .par_iter()
        .flat_map_iter(per_package)
        .collect();
    let mut rest = Vec::new();
    for lint in lints(choice.profile) {
        if let Check::Tree(check) = lint.check {
            check(&context, &mut rest);
        }
    }
    // What was not asked for is looked at and not spoken of.
    let left_out: HashSet<String> = scan.left_out.iter().map(place).collect();
    rest.retain(|found: &Diagnostic| !left_out.contains(found.primary.span.file.path()));
    rest.extend(scan.findings.iter().filter_map(finding));
    check_unreadable(&scan.findings, choice.profile, &mut rest);
    for package in &scan.packages {
        suppress::apply(package, &mut rest);
    }
    levels.apply(&mut rest);
    diagnostics.append(&mut rest);
    diagnostics.sort_by(Diagnostic::compare);
    // A package that a SHIELD package wraps is met twice.
    diagnostics.dedup_by(|a, b| a.compare(b).is_eq());
    shorten(&mut diagnostics);
    diagnostics
}

/// The file by which findings about a package as a whole are known.
fn place(package: &Package) -> String {
    package.span().file.path().to_owned()
}

/// Keeps the first findings of a rule in a file and makes one of the rest, which
/// says how many it stands for: a file that was generated wrong has the same fault
/// ten thousand times.
fn shorten(diagnostics: &mut Vec<Diagnostic>) {
    const MOST: usize = 100;
    let key = |d: &Diagnostic| (d.rule.id, d.severity, d.primary.span.file.path().to_owned());
    let mut counts: HashMap<_, usize> = HashMap::new();
    for d in diagnostics.iter() {
        *counts.entry(key(d)).or_default() += 1;
    }
    // A finding that would stand for one alone is better told itself.
    counts.retain(|_, all| *all > MOST + 1);
    if counts.is_empty() {
        return;
    }
    // How many of a key were seen, and where the one is that stands for the rest.
    let mut seen: HashMap<_, (usize, usize)> = HashMap::new();
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(diagnostics.len());
    for d in diagnostics.drain(..) {
        let key = key(&d);
        let Some(all) = counts.get(&key) else {
            kept.push(d);
            continue;
        };
        let (n, rest) = seen.entry(key).or_default();
        *n += 1;
        if *n == MOST + 1 {
            *rest = kept.len();
            kept.push(d.standing_for(all - MOST));
        } else if *n <= MOST {
            kept.push(d);
        } else if let Some(one) = kept.get_mut(*rest) {
            one.fixes.extend(d.fixes);
            one.held.extend(d.held);
        }
    }
    *diagnostics = kept;
}

/// The rules that a profile asks: what OSM takes is OSM's affair alone.
fn lints(profile: Profile) -> impl Iterator<Item = &'static Lint> {
    let is_asked = move |lint: &&Lint| profile == Profile::Osm || lint.rule.family() != "osm";
    all().iter().copied().filter(is_asked)
}

/// What a key of a descriptor is for, in the node around it; `None` for those
/// that nobody has written about.
pub fn purpose(around: &str, key: &str) -> Option<&'static str> {
    schema::purpose::of(around, key)
}

/// The least value to write for a key that is missing from the node at a path,
/// as findings show it; capitals stand for what only the author knows.
pub fn least(schema: &Schema, path: &str, key: &str) -> Option<String> {
    schema::purpose::least(schema, path, key)
}

/// The schema that a descriptor is held against; `None` where its envelope, or
/// that it can't be read, is all that is looked at.
pub fn model(descriptor: &Descriptor, choice: &Choice) -> Option<&'static Schema> {
    let is_osm = choice.profile == Profile::Osm;
    if descriptor.doc.is_broken() || (is_osm && osm::envelope::is_wrong(descriptor, choice.model)) {
        return None;
    }
    schema::model(descriptor, choice)
}

/// Whether any finding stands in the way of building.
pub fn has_errors<'a>(diagnostics: impl IntoIterator<Item = &'a Diagnostic>) -> bool {
    diagnostics
        .into_iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error)
}

fn check_package(package: &Package, context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let before = out.len();
    out.extend(package.findings.iter().filter_map(finding));
    check_unreadable(&package.findings, context.choice.profile, out);
    let own = package.descriptor.iter();
    for descriptor in own.chain(package.charts.iter().map(|(_, chart)| chart)) {
        check_document(descriptor, package, context, out);
    }
    let is_readable = package
        .descriptor
        .as_ref()
        .is_none_or(|descriptor| !is_in_wrong_envelope(descriptor, context));
    let is_osm = context.choice.profile == Profile::Osm && is_readable;
    let seen = is_osm.then(|| Seen::new(package)).flatten();
    for lint in lints(context.choice.profile) {
        let is_on_content = || ["osm", "sol006", "topology"].contains(&lint.rule.family());
        let is_asked = is_readable || lint.rule.id == "osm/envelope" || !is_on_content();
        if let Check::Package(check) = lint.check
            && is_asked
        {
            match &seen {
                Some(seen) if is_on_what_is_seen(lint.rule) => {
                    seen.ask(lint, package, context, out)
                }
                _ => check(package, context, out),
            }
        }
    }
    if package.form == Form::Archive {
        // A finished package is what it is.
        for diagnostic in &mut out[before..] {
            diagnostic.fixes.clear();
            diagnostic.held.clear();
        }
    }
    if let Some(inner) = &package.inner {
        check_package(inner, context, out);
    }
}

/// Asks the rules about texts for files that were to be descriptors and are no YAML.
fn check_unreadable(findings: &[Finding], profile: Profile, out: &mut Vec<Diagnostic>) {
    for found in findings {
        if let Finding::NotYaml { doc } = found {
            check_text(doc, profile, out);
        }
    }
}

fn check_document(
    descriptor: &Descriptor,
    package: &Package,
    context: &Context<'_>,
    out: &mut Vec<Diagnostic>,
) {
    for lint in lints(context.choice.profile) {
        match lint.check {
            Check::Document(check) => check(&descriptor.doc, out),
            Check::Descriptor(check) => check(descriptor, out),
            _ => {}
        }
    }
    if !is_in_wrong_envelope(descriptor, context) {
        schema::check(descriptor, package, context, out);
    }
}

/// What is said of a text that can't be read, whatever it describes.
fn check_text(doc: &Document, profile: Profile, out: &mut Vec<Diagnostic>) {
    for lint in lints(profile) {
        if let Check::Document(check) = lint.check {
            check(doc, out);
        }
    }
}

/// Whether the keys around the descriptor are such that OSM does not look
/// inside. What could be said of the content would be noise.
fn is_in_wrong_envelope(descriptor: &Descriptor, context: &Context<'_>) -> bool {
    context.choice.profile == Profile::Osm
        && osm::envelope::is_wrong(descriptor, context.choice.model)
}

fn finding(finding: &Finding) -> Option<Diagnostic> {
    all().iter().find_map(|lint| match lint.check {
        Check::Finding(check) => check(finding),
        _ => None,
    })
}
