//! From a finished package to its bill.

use std::collections::{BTreeMap, BTreeSet};

use super::bill::{Bill, Hash, Item, Part, PartKind, Role};
use super::charms::charms;
use super::charts::Chart;
use super::images::images;
use super::places::Places;
use super::sha1::Sums;
use super::{licences, needs, purl};
use crate::descriptor::{Kind, NeedKind, local};
use crate::graph::{self, Location, Offers};
use crate::source::{Package, inner_file};

/// Charts in charts beyond this are files of the last one: no author nests so
/// deep, and documents grow with every level.
const MAX_DEPTH: usize = 16;

/// The bill of `package`, which was read from an archive with this SHA-256 and
/// these SHA-1 sums of its files.
pub fn collect(package: &Package, sha256: &str, sums: &Sums) -> Bill {
    let mut bill = Bill {
        parts: Vec::new(),
        items: Vec::new(),
    };
    let root = Collector::of(&mut bill, package, None, &sums.outer).collect(sha256);
    let inner_name = inner_name(package);
    if let (Some(inner), Some(name)) = (package.inner.as_deref(), inner_name.as_deref()) {
        let file = package.file(name).and_then(|file| file.sha256.clone());
        let sha256 = file.unwrap_or_default();
        let collector = Collector::of(&mut bill, inner, Some(name), &sums.inner);
        let inside = collector.collect(&sha256);
        bill.parts[inside].location = Some(name.to_owned());
        bill.parts[root].contains.push(inside);
    }
    bill
}

/// What the manifest of a SHIELD package calls the package inside.
pub fn inner_name(package: &Package) -> Option<String> {
    package.inner.as_deref()?;
    inner_file(package)
}

/// By which part what is needed: kind, name, version and place.
type Needed = (usize, PartKind, String, Option<String>, Option<String>);

struct Collector<'a> {
    bill: &'a mut Bill,
    package: &'a Package,
    /// The name of the package inside a SHIELD package.
    archive: Option<&'a str>,
    sums: &'a BTreeMap<String, String>,
    places: Places<'a>,
    /// The first file of this package in the bill.
    first: usize,
    /// What was added as needed.
    seen: BTreeSet<Needed>,
}

impl<'a> Collector<'a> {
    fn of(
        bill: &'a mut Bill,
        package: &'a Package,
        archive: Option<&'a str>,
        sums: &'a BTreeMap<String, String>,
    ) -> Self {
        Collector {
            first: bill.items.len(),
            bill,
            package,
            archive,
            sums,
            places: Places::of(package),
            seen: BTreeSet::new(),
        }
    }

    /// Adds the package with everything in it; its place among the parts.
    fn collect(mut self, sha256: &str) -> usize {
        self.add_items();
        let root = self.add(self.described(sha256));
        self.bill.parts[root].items = (self.first..self.bill.items.len()).collect();
        self.add_charts(root);
        self.add_charms(root);
        self.add_images(root);
        self.add_needs(root);
        for place in root..self.bill.parts.len() {
            self.declare(place);
        }
        root
    }

    fn add(&mut self, part: Part) -> usize {
        self.bill.parts.push(part);
        self.bill.parts.len() - 1
    }

    fn add_items(&mut self) {
        let inner = inner_name(self.package);
        for file in &self.package.files {
            let path = file.path.clone();
            let role = if path == self.package.descriptor_path {
                Role::Descriptor
            } else if inner.as_deref() == Some(path.as_str()) {
                Role::Archive
            } else if licences::is_licence(&path) {
                Role::Licence
            } else {
                Role::Other
            };
            let text = self.places.texts.get(path.as_str());
            self.bill.items.push(Item {
                licence: text.and_then(|text| licences::named(&path, text)),
                archive: self.archive.map(str::to_owned),
                role,
                sha1: self.sums.get(&path).cloned().unwrap_or_default(),
                sha256: file.sha256.clone().unwrap_or_default(),
                path,
            });
        }
    }

    /// The package itself, as its descriptor has it.
    fn described(&self, sha256: &str) -> Part {
        let package = self.package;
        let descriptor = package.descriptor.as_ref();
        let is_shield = package.kind().is_some_and(Kind::is_shield);
        // A chart is a package by itself.
        let (kind, mut part) = match descriptor.filter(|one| one.kind == Kind::Chart) {
            Some(descriptor) => {
                let chart = Chart::read(&package.descriptor_path, descriptor);
                (PartKind::Chart, chart.part)
            }
            None => (PartKind::Package, Part::new(PartKind::Package, "")),
        };
        part.kind = kind;
        part.name = package.id().unwrap_or(&package.descriptor_path).to_owned();
        part.version = package.version().map(str::to_owned);
        part.location = None;
        part.purl = purl::generic(&part.name, part.version.as_deref(), Some(sha256));
        part.hashes.push((Hash::Sha256, sha256.to_owned()));
        part.properties
            .push(("descriptorType", package.label().to_owned()));
        part.properties
            .push(("descriptorFile", package.descriptor_path.clone()));
        // What the author says of the package inside holds for the SHIELD package.
        let inner = package.inner.as_deref();
        let inner = inner.and_then(|inner| inner.descriptor.as_ref());
        let Some(speaker) = inner.or(descriptor) else {
            return part;
        };
        let text = |key: &str| {
            let text = speaker.field(key)?.text()?.trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let own = descriptor
            .filter(|_| is_shield)
            .and_then(|own| local(own.field("properties")?, "vendor")?.str());
        let own = own.map(str::to_owned);
        part.supplier = own.or_else(|| {
            ["provider", "designer", "vendor"]
                .into_iter()
                .find_map(text)
        });
        part.description = text("description");
        part
    }

    /// The files of the package at a place, which is a folder or a file. Files
    /// are sorted by path, so that those of a folder stand together.
    fn items_at(&self, place: &str) -> Vec<usize> {
        let items = &self.bill.items[self.first..];
        let folder = format!("{place}/");
        let from = items.partition_point(|item| item.path.as_str() < folder.as_str());
        let inside = items[from..].iter();
        let count = inside
            .take_while(|item| item.path.starts_with(&folder))
            .count();
        let file = items.binary_search_by(|item| item.path.as_str().cmp(place));
        let all = file.into_iter().chain(from..from + count);
        all.map(|i| self.first + i).collect()
    }

    fn add_charts(&mut self, root: usize) {
        let package = self.package;
        let mut charts: Vec<Chart> = package
            .charts
            .iter()
            .filter(|(_, descriptor)| descriptor.kind == Kind::Chart)
            .map(|(path, descriptor)| Chart::read(path, descriptor))
            .collect();
        // Folder by folder, so that what is inside comes right behind.
        charts.sort_by(|a, b| a.folder.split('/').cmp(b.folder.split('/')));
        let own = package.descriptor.as_ref();
        let own = own.filter(|descriptor| descriptor.kind == Kind::Chart);
        let mut wanted: Vec<(usize, Part)> = Vec::new();
        // The charts around the one at hand, outermost first.
        let mut around: Vec<(String, usize)> = Vec::new();
        if let Some(descriptor) = own {
            let chart = Chart::read(&package.descriptor_path, descriptor);
            wanted.extend(chart.needs.into_iter().map(|need| (root, need)));
            around.push((format!("{}/", chart.folder), root));
        }
        for chart in charts {
            while around
                .pop_if(|(folder, _)| !chart.folder.starts_with(folder.as_str()))
                .is_some()
            {}
            if around.len() >= MAX_DEPTH {
                continue;
            }
            let outer = around.last().map_or(root, |(_, place)| *place);
            let place = self.add(chart.part);
            self.bill.parts[place].items = self.items_at(&chart.folder);
            self.bill.parts[outer].contains.push(place);
            wanted.extend(chart.needs.into_iter().map(|need| (place, need)));
            around.push((format!("{}/", chart.folder), place));
        }
        for (by, need) in wanted {
            let mut inside = self.bill.parts[by].contains.iter().copied();
            let held = inside.find(|i| {
                let part = &self.bill.parts[*i];
                part.kind == PartKind::Chart && part.name == need.name
            });
            match held {
                Some(held) => self.bill.parts[by].needs.push(held),
                None => self.need(by, need),
            }
        }
    }

    fn add_charms(&mut self, root: usize) {
        let found = charms(&self.places);
        for (folder, mut part) in found {
            part.items = self.items_at(&folder);
            part.hashes.extend(self.file_hash(&folder));
            let place = self.add(part);
            self.bill.parts[root].contains.push(place);
        }
    }

    /// The digest of what is a file at a place.
    fn file_hash(&self, path: &str) -> Option<(Hash, String)> {
        let sha256 = self.package.file(path)?.sha256.clone()?;
        Some((Hash::Sha256, sha256))
    }

    fn add_images(&mut self, root: usize) {
        let descriptor = self.package.descriptor.as_ref();
        for mut part in descriptor.map(images).unwrap_or_default() {
            let location = part.location.clone().unwrap_or_default();
            let at = format!("images/{location}");
            let file = self.places.files.get(&at);
            let Some(path) = file.map(|path| (*path).to_owned()) else {
                self.need(root, part);
                continue;
            };
            part.items = self.items_at(&path);
            // What is there counts, whatever the descriptor says of it.
            part.hashes = self.file_hash(&path).into_iter().collect();
            part.purl = part.hashes.first().and_then(|(_, sha256)| {
                purl::generic(&part.name, part.version.as_deref(), Some(sha256))
            });
            part.location = Some(path);
            let place = self.add(part);
            self.bill.parts[root].contains.push(place);
        }
    }

    fn add_needs(&mut self, root: usize) {
        let Some(descriptor) = &self.package.descriptor else {
            return;
        };
        // Those of a chart were read with their versions.
        if descriptor.kind == Kind::Chart {
            return;
        }
        let inside = self.bill.parts[root].contains.iter();
        let charts = inside.filter_map(|place| {
            let part = &self.bill.parts[*place];
            let name = part.location.as_deref()?.rsplit('/').next()?;
            (part.kind == PartKind::Chart).then(|| (name.to_owned(), *place))
        });
        // OSM looks for a chart in the folder that is called like it.
        let charts: BTreeMap<String, usize> = charts.collect();
        for (need, location) in graph::dependencies(self.package, &Offers::default()) {
            let chart = charts.get(&need.id);
            match chart.filter(|_| need.kind == NeedKind::Helm) {
                Some(chart) => self.bill.parts[root].needs.push(*chart),
                // An archive of a chart, or a bundle: it is among the files.
                None if location == Location::Internal => {}
                None => {
                    if let Some(part) = needs::part(&need) {
                        self.need(root, part);
                    }
                }
            }
        }
    }

    /// Adds what is needed, once.
    fn need(&mut self, by: usize, part: Part) {
        let (version, location) = (part.version.clone(), part.location.clone());
        let key = (by, part.kind, part.name.clone(), version, location);
        if self.seen.insert(key) {
            let place = self.add(part);
            self.bill.parts[by].needs.push(place);
        }
    }

    /// The licence of a part whose own words say none: that of the licence files
    /// that are in it and in nothing inside it, if each of them is known.
    fn declare(&mut self, place: usize) {
        let part = &self.bill.parts[place];
        if part.licence.is_some() {
            return;
        }
        let own = self.bill.own_items(part);
        let texts = own.iter().map(|i| &self.bill.items[*i]);
        let texts = texts.filter(|item| item.role == Role::Licence);
        let found = licences::all(texts.map(|item| item.licence.as_deref()));
        self.bill.parts[place].licence = found;
    }
}
