//! What goes where in a CSAR (ETSI GS NFV-SOL 004 §4.1.2 and §4.1.3, SOL 007).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::layouts::member;
use super::plan::{Format, Member, Mode, Plan, Source};
use crate::csar::{self, Family, Manifest, Part, place};
use crate::source::safe_name;
use crate::source::{FileEntry, Form, Layout, Package};

/// The members of the package. A CSAR without id has no name, so `top` is what
/// becomes of the id.
pub(super) fn members(package: &Package, top: &str) -> Vec<Member> {
    let is_arranged = package.csar.as_ref().is_none_or(|csar| csar.is_arranged);
    if is_arranged {
        arranged(package, top)
    } else {
        arrange(package, top)
    }
}

/// A folder that is a CSAR: everything stays where it is, only the manifest is
/// brought up to date.
fn arranged(package: &Package, top: &str) -> Vec<Member> {
    let csar = package.csar.as_ref();
    let found = csar.and_then(|csar| csar.manifest.as_deref());
    let files = package.files.iter().map(|file| (file.path.clone(), file));
    let added = csar.into_iter().flat_map(|csar| &csar.added);
    let files = files.chain(added.map(|file| (file.path.clone(), file)));
    let files = files.filter(|(path, _)| found != Some(path.as_str()));
    let (path, text) = match found.and_then(|path| Some((path, package.text(path)?))) {
        Some((path, text)) => (path.to_owned(), text.text().to_owned()),
        None => (manifest_path(package, top), fresh_manifest(package)),
    };
    let mut members: Vec<Member> = files
        .filter_map(|(path, file)| member(path, file, package))
        .collect();
    // Without it nobody finds a descriptor that is not at the top.
    if package.descriptor_path.contains('/') && !members.iter().any(|m| m.name == csar::META) {
        members.push(meta(package, &members, &package.descriptor_path, &path));
    }
    let mut members = listed(members);
    members.push(manifest(path, text));
    members
}

/// A `TOSCA.meta` for these members.
fn meta(package: &Package, members: &[Member], definitions: &str, manifest: &str) -> Member {
    let below = |name: &str, place: &str| {
        let rest = name.strip_prefix(place);
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    let has = |place: &str| members.iter().any(|member| below(&member.name, place));
    let mut parts = vec![(Part::Manifest, manifest)];
    if members.iter().any(|member| member.name == csar::CHANGE_LOG) {
        parts.push((Part::ChangeLog, csar::CHANGE_LOG));
    }
    // SDC refuses these two entries in the archive of a physical function.
    let is_pnf = package.kind().and_then(Family::of) == Some(Family::Pnf);
    for (part, place) in [(Part::Licenses, csar::LICENSES), (Part::Tests, csar::TESTS)] {
        if has(place) && !is_pnf {
            parts.push((part, place));
        }
    }
    let text = csar::write_meta(&created_by(package), definitions, &parts);
    Member {
        name: csar::META.to_owned(),
        mode: Mode::Plain,
        source: Source::Bytes(text.into_bytes()),
    }
}

/// The path that a manifest has to have which is not there yet.
fn manifest_path(package: &Package, top: &str) -> String {
    let named = package.text(csar::META).and_then(|text| {
        let meta = csar::Meta::parse(text.text());
        Some(meta.part(Part::Manifest)?.value.to_owned())
    });
    let stem = csar::stem(&package.descriptor_path);
    let stem = if stem.is_empty() { top } else { stem };
    let named = named.filter(|path| csar::is_path(path));
    named.unwrap_or_else(|| format!("{stem}.mf"))
}

/// An OSM folder or a loose descriptor, put in order.
fn arrange(package: &Package, top: &str) -> Vec<Member> {
    let definitions = descriptor_path(package);
    let mut files: BTreeMap<String, &FileEntry> = BTreeMap::new();
    for file in &package.files {
        if file.path == package.descriptor_path {
            files.insert(definitions.clone(), file);
        } else if let Some(path) = place(&file.path) {
            files.insert(path, file);
        }
    }
    let added = package.csar.iter().flat_map(|csar| &csar.added);
    files.extend(added.map(|file| (file.path.clone(), file)));
    let manifest_path = format!("{top}.mf");
    let mut members: Vec<Member> = files
        .into_iter()
        .filter_map(|(path, file)| member(path, file, package))
        .collect();
    members.push(meta(package, &members, &definitions, &manifest_path));
    let mut members = listed(members);
    members.push(manifest(manifest_path, fresh_manifest(package)));
    members
}

/// Where the descriptor stands in the finished package.
pub fn descriptor_path(package: &Package) -> String {
    let is_arranged = package.csar.as_ref().is_none_or(|csar| csar.is_arranged);
    if is_arranged || package.layout != Layout::Csar || package.form == Form::Archive {
        return package.descriptor_path.clone();
    }
    let stem = safe_name(package.id().unwrap_or_default());
    let ending = match package.descriptor_path.rsplit_once('.') {
        Some((_, "json")) => "json",
        _ => "yaml",
    };
    format!("{}/{stem}.{ending}", csar::DEFINITIONS)
}

/// The members with the folders they stand in: SDC knows a folder only by its
/// own member. `TOSCA-Metadata/TOSCA.meta` comes first, as readers of streams
/// expect it, then everything by name.
fn listed(files: Vec<Member>) -> Vec<Member> {
    let mut folders: BTreeSet<String> = BTreeSet::new();
    for file in &files {
        for (i, _) in file.name.match_indices('/') {
            folders.insert(file.name[..i].to_owned());
        }
    }
    let mut members = files;
    members.extend(folders.into_iter().map(|name| Member {
        name,
        mode: Mode::Executable,
        source: Source::Directory,
    }));
    let rank = |name: &str| match name {
        "TOSCA-Metadata" => 0,
        csar::META => 1,
        _ => 2,
    };
    members.sort_by(|a, b| (rank(&a.name), &a.name).cmp(&(rank(&b.name), &b.name)));
    members
}

/// The manifest is written last, when the digests of the others are known.
fn manifest(path: String, text: String) -> Member {
    let algorithms = Manifest::parse(&text)
        .algorithms()
        .into_iter()
        .map(|(path, algorithm)| (path.to_owned(), algorithm))
        .collect();
    Member {
        name: path,
        mode: Mode::Plain,
        source: Source::Manifest {
            text,
            algorithms,
            signer: None,
        },
    }
}

/// The zip around a finished CSAR that is signed as a whole: the CSAR, and beside it the
/// signature (SOL 004 §5.1, option 2). `csar` is where it is, and its size.
pub fn around_csar(name: &str, csar: (&Path, u64), signature: String, epoch: u64) -> Plan {
    let stem = name.strip_suffix(".csar").unwrap_or(name);
    let (path, len) = csar;
    let member = |name: String, source| Member {
        name,
        mode: Mode::Plain,
        source,
    };
    let disk = Source::Disk {
        path: path.to_owned(),
        len,
        marks: None,
    };
    let signature = Source::Bytes(signature.into_bytes());
    Plan {
        file_name: format!("{stem}.zip"),
        members: vec![
            member(name.to_owned(), disk),
            member(format!("{stem}.cms"), signature),
        ],
        epoch,
        format: Format::Zip,
    }
}

/// The metadata of a package that has no manifest. Without a value there is no
/// line; the rules say so before.
fn fresh_manifest(package: &Package) -> String {
    let mut text = String::from("metadata:\n");
    for (name, value) in metadata(package) {
        if let Some(value) = value {
            text.push_str(&format!("{name}: {value}\n"));
        }
    }
    text
}

fn metadata(package: &Package) -> Vec<(&'static str, Option<String>)> {
    let (Some(descriptor), Some(csar)) = (&package.descriptor, &package.csar) else {
        return Vec::new();
    };
    let metadata = csar::metadata(descriptor, &csar.settings, csar.released.as_deref());
    let pair = |(wanted, value): (&csar::Wanted, _)| (wanted.name, value);
    metadata.into_iter().map(pair).collect()
}

/// Who made the package, for `TOSCA.meta`: the provider or the designer.
fn created_by(package: &Package) -> String {
    let names = ["vnf_provider_id", "nsd_designer", "pnfd_provider"];
    let found = metadata(package)
        .into_iter()
        .find(|(name, _)| names.contains(name));
    found.and_then(|(_, value)| value).unwrap_or_default()
}
