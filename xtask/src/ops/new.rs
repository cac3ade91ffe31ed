//! `new`: the folder of a package that passes the checks at once.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use thiserror::Error as ThisError;

use super::Error;
use crate::descriptor::{Kind, Model, local};
use crate::digest::hex;
use crate::package::safe_name;
use crate::rules;
use crate::scratch;
use crate::shield::{self, StoreView};
use crate::source::{self, Form, Layout, Package, Scan, Selection, Workspace};
use crate::template::{self, Values};
use crate::yaml::Node;

/// What there is a template of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewKind {
    /// A network function of virtual machines.
    Vnf,
    /// A network function of containers, with its Helm chart.
    Knf,
    /// A network service.
    Ns,
    /// A network slice template.
    Nst,
    /// A SHIELD package around a network service.
    ShieldNs,
    /// A SHIELD package around a network function.
    ShieldVnsf,
    /// A NEPHELE application graph.
    Hdag,
    /// A NEPHELE virtual object.
    Vo,
}

impl NewKind {
    /// Every kind.
    pub const ALL: [NewKind; 8] = [
        NewKind::Vnf,
        NewKind::Knf,
        NewKind::Ns,
        NewKind::Nst,
        NewKind::ShieldNs,
        NewKind::ShieldVnsf,
        NewKind::Hdag,
        NewKind::Vo,
    ];

    /// Its name on the command line, and of its folder in `templates/`.
    pub fn as_str(self) -> &'static str {
        match self {
            NewKind::Vnf => "vnf",
            NewKind::Knf => "knf",
            NewKind::Ns => "ns",
            NewKind::Nst => "nst",
            NewKind::ShieldNs => "shield-ns",
            NewKind::ShieldVnsf => "shield-vnsf",
            NewKind::Hdag => "hdag",
            NewKind::Vo => "vo",
        }
    }

    /// What it is called in messages.
    pub fn title(self) -> &'static str {
        match self {
            NewKind::Vnf => "VNF",
            NewKind::Knf => "KNF",
            NewKind::Ns => "network service",
            NewKind::Nst => "slice template",
            NewKind::ShieldNs => "SHIELD NS",
            NewKind::ShieldVnsf => "SHIELD vNSF",
            NewKind::Hdag => "HDA graph",
            NewKind::Vo => "virtual object",
        }
    }

    fn layout(self) -> Layout {
        match self {
            NewKind::Vnf | NewKind::Knf | NewKind::Ns | NewKind::Nst => Layout::Osm,
            NewKind::ShieldNs | NewKind::ShieldVnsf => Layout::Shield,
            NewKind::Hdag => Layout::Hdag,
            NewKind::Vo => Layout::Chart,
        }
    }

    /// Which packages of a tree it is made of.
    fn part(self) -> Option<Kind> {
        match self {
            NewKind::Ns | NewKind::ShieldVnsf => Some(Kind::Vnf),
            NewKind::Nst | NewKind::ShieldNs => Some(Kind::Ns),
            _ => None,
        }
    }

    /// Whether its name becomes that of a Helm release or chart, and how long
    /// it may be then.
    fn label(self) -> Option<usize> {
        match self {
            NewKind::Vo => Some(LABEL),
            // Its services add `-app` and `-vo`.
            NewKind::Hdag => Some(LABEL - 4),
            _ => None,
        }
    }
}

/// The longest name that Helm takes for a release.
const LABEL: usize = 53;

/// The longest name of anything else: with version and ending it still has to
/// be a file name, and a tag.
const NAME: usize = 100;

/// What to make.
#[derive(Clone, Debug)]
pub struct NewOptions {
    /// The kind.
    pub kind: NewKind,
    /// The name of the folder, and the id of the package. A SHIELD package has
    /// the id of what it wraps.
    pub name: String,
    /// Where to put the folder; the current directory if `None`.
    pub path: Option<PathBuf>,
    /// Who provides it.
    pub vendor: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Ids of the functions of a network service.
    pub vnf: Vec<String>,
    /// Ids of the services of a slice.
    pub ns: Vec<String>,
    /// Id of what a SHIELD package wraps.
    pub package: Option<String>,
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Created {
    /// The folder.
    pub path: PathBuf,
    /// The id of the package.
    pub id: String,
    /// Ids of the packages that it is made of or wraps.
    pub parts: Vec<String>,
    /// Folders to name on the command line in order to look at it alone: its
    /// own, and that of what a SHIELD package wraps.
    pub paths: Vec<PathBuf>,
    /// Whether a run without paths finds it. One outside of the tree, or
    /// excluded from it, is not found.
    pub is_found: bool,
}

/// Why nothing was made.
#[derive(Debug, ThisError)]
pub enum NewError {
    /// The name.
    #[error("`{name}` can't be the name of a {kind}: {rule}")]
    Name {
        /// The name.
        name: String,
        /// What it would be the name of.
        kind: &'static str,
        /// What is allowed.
        rule: String,
    },
    /// The version.
    #[error("`{version}` can't be the version of a {kind}: {rule}")]
    Version {
        /// The version.
        version: String,
        /// What it would be the version of.
        kind: &'static str,
        /// What is allowed.
        rule: &'static str,
    },
    /// The vendor.
    #[error("the vendor must not be empty nor hold a control character")]
    Vendor,
    /// A flag that the kind has no place for.
    #[error("`{flag}` can't be used for a {kind}: {reason}")]
    Flag {
        /// The flag.
        flag: &'static str,
        /// The kind.
        kind: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// There is something already.
    #[error("`{0}` exists already; nothing was written")]
    Exists(String),
    /// Another package has the id.
    #[error("the tree has the {kind} `{id}` already, in `{place}`")]
    Taken {
        /// The id.
        id: String,
        /// What has it.
        kind: &'static str,
        /// Where that is.
        place: String,
    },
    /// The folder would lie in a package.
    #[error(
        "`{folder}` would become a part of the package in `{package}`; choose another `--path`"
    )]
    Inside {
        /// The folder.
        folder: String,
        /// The package around it.
        package: String,
    },
    /// A part that is not in the tree.
    #[error("no {kind} in the tree has the id `{id}`{}", hint(nearest))]
    NoPart {
        /// `VNF` or `NS`.
        kind: &'static str,
        /// The id.
        id: String,
        /// The nearest id.
        nearest: Option<String>,
    },
    /// A part that is no package of OSM's form, which alone a SHIELD package wraps.
    #[error(
        "`{id}` in `{place}` is built as {what}, and a SHIELD package wraps one of OSM's form: build it without `layout`"
    )]
    OtherLayout {
        /// The id.
        id: String,
        /// Where it is.
        place: String,
        /// `a CSAR`.
        what: &'static str,
    },
    /// Nothing that a SHIELD package could wrap.
    #[error(
        "the tree has no {kind} that is not wrapped yet; make one first, for instance with `cargo nfv new {word} NAME`"
    )]
    NothingToWrap {
        /// `VNF` or `NS`.
        kind: &'static str,
        /// The same on the command line.
        word: &'static str,
    },
    /// More than one thing that a SHIELD package could wrap.
    #[error(
        "the tree has several {kind}s; name one of them with `--package`: {}",
        quoted(ids)
    )]
    SeveralToWrap {
        /// `VNF` or `NS`.
        kind: &'static str,
        /// Their ids.
        ids: Vec<String>,
    },
    /// A SHIELD package around it exists.
    #[error("`{id}` is wrapped already, by the SHIELD package in `{place}`")]
    Wrapped {
        /// The id.
        id: String,
        /// The SHIELD package.
        place: String,
    },
    /// An id that no file can be called after.
    #[error("`{0}` can't be wrapped: its id is no file name")]
    NoFileName(String),
}

fn hint(nearest: &Option<String>) -> String {
    match nearest {
        Some(name) => format!("; did you mean `{name}`?"),
        None => String::new(),
    }
}

fn quoted(ids: &[String]) -> String {
    let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    ids.join(", ")
}

/// Makes the folder of a new package.
///
/// It appears whole or not at all, and never in place of something else.
pub fn new(workspace: &Workspace, options: &NewOptions) -> Result<Created, Error> {
    let kind = options.kind;
    valid(options)?;
    let parent = match &options.path {
        Some(path) => source::tidy(&workspace.current_dir.join(path)),
        None => workspace.current_dir.clone(),
    };
    let folder = parent.join(&options.name);
    if fs::symlink_metadata(&folder).is_ok() {
        return Err(NewError::Exists(workspace.shown(&folder)).into());
    }
    let scan = look(workspace)?;
    room(workspace, options, &folder, &scan)?;
    let parts = parts(options, &scan)?;
    let values = values(options, &parts)?;
    let files = template::files(kind.as_str(), &values);
    write(&folder, &files)?;

    let is_shield = kind.layout() == Layout::Shield;
    let ids: Vec<String> = parts.iter().map(|part| part.id.clone()).collect();
    let wrapped = parts.iter().filter(|_| is_shield);
    let paths = wrapped.map(|part| part.package.path.clone());
    let is_found = look(workspace)?.packages.iter().any(|p| p.path == folder);
    Ok(Created {
        id: match ids.first() {
            Some(wrapped) if is_shield => wrapped.clone(),
            _ => options.name.clone(),
        },
        parts: ids,
        paths: std::iter::once(folder.clone()).chain(paths).collect(),
        path: folder,
        is_found,
    })
}

/// What is in the tree. A path of the configuration that is not there yet may
/// be what is to be made.
fn look(workspace: &Workspace) -> Result<Scan, Error> {
    let mut workspace = workspace.clone();
    if !workspace.config.paths.is_empty() {
        let root = workspace.root.clone();
        workspace.config.paths.retain(|p| root.join(p).exists());
        if workspace.config.paths.is_empty() {
            return Ok(Scan::default());
        }
    }
    source::scan(&workspace, &Selection::default()).map_err(Error::Scan)
}

/// Whether name, version, vendor and flags are such that what is written
/// passes the checks.
fn valid(options: &NewOptions) -> Result<(), NewError> {
    let kind = options.kind;
    let title = kind.title();
    let name = options.name.as_str();
    let ends_well =
        |text: &str, good: fn(char) -> bool| text.starts_with(good) && text.ends_with(good);
    let rule = match kind.label() {
        Some(most) => {
            let of_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            let is_fine = name.len() <= most
                && name.chars().all(of_label)
                && ends_well(name, |c| c.is_ascii_lowercase() || c.is_ascii_digit());
            (!is_fine).then(|| {
                format!(
                    "it is made of lower-case letters, digits and `-`, begins and ends with a letter or digit, and has {most} characters at most, because Helm takes no other name"
                )
            })
        }
        None => {
            let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            let is_fine = name.len() <= NAME
                && name.chars().all(of_name)
                && ends_well(name, |c| c.is_ascii_alphanumeric());
            (!is_fine).then(|| {
                format!(
                    "it is made of letters, digits, `.`, `-` and `_`, begins and ends with a letter or digit, and has {NAME} characters at most, because files are called after it"
                )
            })
        }
    };
    if let Some(rule) = rule {
        return Err(NewError::Name {
            name: name.to_owned(),
            kind: title,
            rule,
        });
    }
    let flag = |flag, reason| {
        Err(NewError::Flag {
            flag,
            kind: title,
            reason,
        })
    };
    if !options.vnf.is_empty() && kind != NewKind::Ns {
        return flag("--vnf", "only a network service (ns) lists functions");
    }
    if !options.ns.is_empty() && kind != NewKind::Nst {
        return flag("--ns", "only a slice template (nst) lists services");
    }
    let is_shield = kind.layout() == Layout::Shield;
    if options.package.is_some() && !is_shield {
        return flag("--package", "only a SHIELD package wraps another");
    }
    if let Some(version) = &options.version {
        if is_shield {
            return flag("--version", "it has the version of what it wraps");
        }
        let rule = match kind {
            NewKind::Nst => return flag("--version", "its model has no field for one"),
            NewKind::Hdag | NewKind::Vo => (!is_semver(version))
                .then_some("it has three numbers, such as 1.0.0 (Semantic Versioning 2)"),
            _ => (!is_version(version))
                .then_some("it is made of letters, digits, `.`, `-`, `_` and `+`, begins with a letter or digit, and has 64 characters at most"),
        };
        if let Some(rule) = rule {
            return Err(NewError::Version {
                version: version.clone(),
                kind: title,
                rule,
            });
        }
    }
    if let Some(vendor) = &options.vendor {
        if kind == NewKind::Nst {
            return flag("--vendor", "its model has no field for one");
        }
        if vendor.trim().is_empty() || vendor.chars().any(char::is_control) {
            return Err(NewError::Vendor);
        }
    }
    Ok(())
}

fn is_version(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'))
}

/// Semantic Versioning 2.0.0, rules 2, 9 and 10.
fn is_semver(text: &str) -> bool {
    let (text, build) = match text.split_once('+') {
        Some((text, build)) => (text, Some(build)),
        None => (text, None),
    };
    let (core, before) = match text.split_once('-') {
        Some((core, before)) => (core, Some(before)),
        None => (text, None),
    };
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let is_word = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let has_no_zero_in_front = |part: &str| part == "0" || !part.starts_with('0');
    let is_number = |part: &str| !part.is_empty() && is_digits(part) && has_no_zero_in_front(part);
    core.split('.').count() == 3
        && core.split('.').all(is_number)
        && before.is_none_or(|before| {
            before
                .split('.')
                .all(|part| is_word(part) && (!is_digits(part) || has_no_zero_in_front(part)))
        })
        && build.is_none_or(|build| build.split('.').all(is_word))
}

/// Whether the tree has room for the package: its id is free, and no package
/// is around it.
fn room(
    workspace: &Workspace,
    options: &NewOptions,
    folder: &Path,
    scan: &Scan,
) -> Result<(), NewError> {
    let around = scan.packages.iter().find(|package| {
        // What lies in a SHIELD folder may be what it wraps.
        package.form == Form::Folder
            && package.layout != Layout::Shield
            && folder.starts_with(&package.path)
    });
    if let Some(around) = around {
        return Err(NewError::Inside {
            folder: workspace.shown(folder),
            package: around.shown.clone(),
        });
    }
    let ending = |layout| match layout {
        // Both are `<id>-<version>.tar.gz`.
        Layout::Osm | Layout::Csar | Layout::Hdag => 0,
        Layout::Chart => 1,
        Layout::Shield => 2,
    };
    let own = options.kind.layout();
    let taken = scan.packages.iter().find(|package| {
        own != Layout::Shield
            && ending(package.layout) == ending(own)
            && package.id() == Some(&options.name)
    });
    match taken {
        Some(other) => Err(NewError::Taken {
            id: options.name.clone(),
            kind: other.kind().map_or("package", Kind::as_str),
            place: other.shown.clone(),
        }),
        None => Ok(()),
    }
}

/// A package of the tree that the new one is made of.
struct Part<'a> {
    id: String,
    package: &'a Package,
}

/// The packages that the new one is made of: those that were asked for, or for
/// a service and a slice all there are, or for a SHIELD package the only one.
fn parts<'a>(options: &NewOptions, scan: &'a Scan) -> Result<Vec<Part<'a>>, NewError> {
    let Some(kind) = options.kind.part() else {
        return Ok(Vec::new());
    };
    let is_shield = options.kind.layout() == Layout::Shield;
    let mut seen = BTreeSet::new();
    let mut there: Vec<Part<'a>> = Vec::new();
    for package in &scan.packages {
        let is_fit = package.kind() == Some(kind)
            && package.form != Form::Archive
            && (!is_shield || package.layout == Layout::Osm);
        let Some(id) = package.id().filter(|id| !id.contains(char::is_control)) else {
            continue;
        };
        if is_fit && seen.insert(id) {
            let id = id.to_owned();
            there.push(Part { id, package });
        }
    }
    let mut wanted: Vec<&String> = options.vnf.iter().chain(&options.ns).collect();
    wanted.extend(&options.package);
    let wrapper = |id: &str| {
        scan.packages.iter().find(|outer| {
            let inner = outer.inner.as_deref();
            inner.is_some_and(|inner| inner.kind() == Some(kind) && inner.id() == Some(id))
        })
    };
    if wanted.is_empty() {
        if !is_shield {
            return Ok(there);
        }
        there.retain(|part| wrapper(&part.id).is_none());
        return match there.len() {
            0 => Err(NewError::NothingToWrap {
                kind: kind.as_str(),
                word: if kind == Kind::Ns { "ns" } else { "vnf" },
            }),
            1 => Ok(there),
            _ => Err(NewError::SeveralToWrap {
                kind: kind.as_str(),
                ids: there.into_iter().map(|part| part.id).collect(),
            }),
        };
    }
    let mut chosen: Vec<Part<'a>> = Vec::new();
    for id in wanted {
        if chosen.iter().any(|part| part.id == *id) {
            continue;
        }
        let Some(at) = there.iter().position(|part| part.id == *id) else {
            let mut all = scan.packages.iter();
            let is_it = |p: &&Package| p.kind() == Some(kind) && p.id() == Some(id.as_str());
            if let Some(other) = all.find(is_it).filter(|p| p.layout == Layout::Csar) {
                return Err(NewError::OtherLayout {
                    id: id.clone(),
                    place: other.shown.clone(),
                    what: "a CSAR",
                });
            }
            let ids = there.iter().map(|part| part.id.as_str());
            return Err(NewError::NoPart {
                kind: kind.as_str(),
                id: id.clone(),
                nearest: rules::nearest(id, ids).map(str::to_owned),
            });
        };
        if let (true, Some(outer)) = (is_shield, wrapper(id)) {
            return Err(NewError::Wrapped {
                id: id.clone(),
                place: outer.shown.clone(),
            });
        }
        chosen.push(there.swap_remove(at));
    }
    Ok(chosen)
}

/// What stands for the words of the template.
fn values(options: &NewOptions, parts: &[Part<'_>]) -> Result<Values, NewError> {
    let kind = options.kind;
    let version = match kind {
        NewKind::Hdag | NewKind::Vo => "1.0.0",
        _ => "1.0",
    };
    let words: &[&str] = match kind {
        NewKind::Nst => &["nst", "slice"],
        kind => &[kind.as_str()],
    };
    let short = stem(&options.name, words);
    let mut vendor = options.vendor.as_deref().map(str::trim);
    let mut values = Values::default()
        .text("name", &options.name)
        .text("stem", short)
        .text("host", label(short))
        .text("chart", chart_name(short))
        .text("version", options.version.as_deref().unwrap_or(version));
    let mut members = BTreeSet::new();
    let items = parts.iter().map(|part| {
        let words = ["vnfd", "vnf", "knf", "cnf", "nsd", "ns"];
        let short = safe_name(stem(&part.id, &words));
        let member = if members.insert(short.clone()) {
            short
        } else {
            part.id.clone()
        };
        let body = || part.package.descriptor.as_ref()?.body();
        let facts = body()
            .map(|body| facts(part.package, body))
            .unwrap_or_default();
        Values::default()
            .text("id", &part.id)
            .text("member", member)
            .text("flavour", facts.flavour.unwrap_or("default-df"))
            .text("level", facts.level.unwrap_or_default())
            .text("point", facts.point.unwrap_or_default())
    });
    let items: Vec<Values> = items.collect();
    match kind {
        NewKind::Ns => values = values.list("functions", items),
        NewKind::Nst => {
            let joined = items.iter().filter(|item| item.has("point")).cloned();
            values = values
                .list("joined", joined.collect())
                .list("services", items);
        }
        NewKind::ShieldNs | NewKind::ShieldVnsf => {
            if let Some(part) = parts.first() {
                if safe_name(&part.id) != part.id {
                    return Err(NewError::NoFileName(part.id.clone()));
                }
                let descriptor = part.package.descriptor.as_ref();
                let own = ["provider", "designer", "vendor"]
                    .iter()
                    .find_map(|key| descriptor?.field(key)?.str())
                    .filter(|own| !own.starts_with('<') && !own.contains(char::is_control));
                vendor = vendor.or(own);
                let path = format!("{}/{}", part.id, part.package.descriptor_path);
                let release = descriptor.map_or("OSM-R4", shield::release);
                values = values
                    .text("package", &part.id)
                    .text("descriptor", path)
                    .text("release", release);
                let is_service = kind == NewKind::ShieldNs;
                let view = |descriptor| StoreView::of(descriptor, is_service).is_ok();
                if descriptor.is_some_and(view) {
                    values = values.text("readable", "yes");
                }
                if kind == NewKind::ShieldVnsf {
                    values = attested(values, part.package);
                }
            }
        }
        _ => {}
    }
    Ok(values.text("vendor", vendor.unwrap_or("Example Vendor")))
}

/// The list of machines in the attestation file, and its digest.
fn attested(values: Values, package: &Package) -> Values {
    let body = package.descriptor.as_ref().and_then(|d| d.body());
    let ids = items(body, "vdu").filter_map(|vdu| local(vdu, "id")?.str());
    let mut ids: Vec<&str> = ids.filter(|id| safe_name(id) == *id).collect();
    if ids.is_empty() {
        // What a function of containers is attested by.
        ids.push("host");
    }
    let last = ids.len() - 1;
    let instances = ids.iter().enumerate().map(|(i, id)| {
        let comma = if i < last { "," } else { "" };
        Values::default().text("instance", *id).text("comma", comma)
    });
    let values = values.list("instances", instances.collect());
    let files = template::files(NewKind::ShieldVnsf.as_str(), &values);
    let attestation = files.iter().find(|(path, _)| path.ends_with(".json"));
    let digest = attestation.map(|(_, text)| hex(&Sha256::digest(text.as_bytes())));
    values.text("attestation", digest.unwrap_or_default())
}

/// What a service or slice has to know about one of its parts.
#[derive(Default)]
struct Facts<'a> {
    /// The deployment flavour of a function.
    flavour: Option<&'a str>,
    /// The first level of that flavour.
    level: Option<&'a str>,
    /// The connection point for management: of a function the one that its
    /// descriptor calls so, of a service the first.
    point: Option<&'a str>,
}

fn facts<'a>(package: &'a Package, body: Node<'a>) -> Facts<'a> {
    let text = |node: Node<'a>, key: &str| local(node, key)?.str();
    let first = |node: Node<'a>, list: &str, key: &str| text(items(Some(node), list).next()?, key);
    let is_old = package
        .descriptor
        .as_ref()
        .is_some_and(|d| d.model == Model::OsmIm);
    let flavour = items(Some(body), "df").next();
    let point = match (package.kind(), is_old) {
        (Some(Kind::Vnf), false) => text(body, "mgmt-cp").or_else(|| first(body, "ext-cpd", "id")),
        (Some(Kind::Vnf), true) => local(body, "mgmt-interface")
            .and_then(|interface| text(interface, "cp"))
            .or_else(|| first(body, "connection-point", "name")),
        (_, false) => first(body, "sapd", "id"),
        (_, true) => first(body, "connection-point", "name"),
    };
    Facts {
        flavour: flavour.and_then(|df| text(df, "id")),
        level: flavour.and_then(|df| first(df, "instantiation-level", "id")),
        point: point.filter(|point| !point.contains(char::is_control)),
    }
}

fn items<'a>(node: Option<Node<'a>>, key: &str) -> impl Iterator<Item = Node<'a>> {
    let list = node.and_then(|node| local(node, key));
    let items: Vec<Node<'a>> = list.into_iter().flat_map(|list| list.items()).collect();
    items.into_iter()
}

/// A name without the word for its kind at the end: `router` for `router_vnf`.
fn stem<'a>(name: &'a str, words: &[&str]) -> &'a str {
    let short = words.iter().find_map(|word| {
        let rest = name.strip_suffix(word)?;
        rest.strip_suffix(['_', '-', '.'])
    });
    short.filter(|short| !short.is_empty()).unwrap_or(name)
}

/// A name as a label of RFC 1123.
fn label(name: &str) -> String {
    let mut label = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            label.push(c.to_ascii_lowercase());
        } else if !label.ends_with('-') {
            label.push('-');
        }
    }
    label.truncate(LABEL);
    label.trim_matches('-').to_owned()
}

/// A name for a chart that OSM takes as well: its pattern refuses a dash in
/// the second place (`osm/chart-name`).
fn chart_name(name: &str) -> String {
    let name = label(name);
    if name.as_bytes().get(1) == Some(&b'-') {
        label(&format!("app-{name}"))
    } else {
        name
    }
}

/// Writes the folder in one step: it is put together beside its place and then
/// renamed.
fn write(folder: &Path, files: &[(String, String)]) -> Result<(), Error> {
    let failed = |action, path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| Error::Io {
            action,
            path,
            source,
        }
    };
    // Those around it are made first: they are not this run's alone.
    let base = folder.parent().unwrap_or(folder);
    let refused = failed("create a folder in", scratch::around(folder));
    let _way = scratch::Way::to(base).map_err(refused)?;
    let temporary = scratch::folder_in(base).map_err(failed("create a folder in", base))?;
    // The temporary folder itself is closed to others, so what is renamed is a
    // folder in it.
    let below = folder.strip_prefix(base).unwrap_or(folder);
    let draft = temporary.path().join(below);
    for (name, text) in files {
        let place = folder.join(name);
        let path = draft.join(name);
        let result = path
            .parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| File::create_new(&path))
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.sync_all()
            });
        result.map_err(failed("write", &place))?;
    }
    scratch::settle(&draft, folder).map_err(failed("create", folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semantic_versions() {
        for fine in [
            "0.0.1",
            "1.10.0",
            "1.0.0-rc.1",
            "1.0.0-0a+build.01",
            "1.0.0--",
        ] {
            assert!(is_semver(fine), "{fine}");
        }
        for wrong in [
            "1.0",
            "1",
            "v1.0.0",
            "01.0.0",
            "1.0.0-",
            "1.0.0-01",
            "1.0.0+",
            "1.0.0-a..b",
            "",
        ] {
            assert!(!is_semver(wrong), "{wrong}");
        }
    }

    #[test]
    fn names_of_hosts_and_charts() {
        assert_eq!(stem("router_vnf", &["vnf"]), "router");
        assert_eq!(stem("vnf", &["vnf"]), "vnf");
        assert_eq!(stem("_vnf", &["vnf"]), "_vnf");
        assert_eq!(label("Open5GS__Core.2"), "open5gs-core-2");
        assert_eq!(chart_name("a_b"), "app-a-b");
        assert_eq!(chart_name("cache"), "cache");
    }
}
