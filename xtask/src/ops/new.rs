//! `new`: the folder of a package that passes the checks at once.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Error;
use crate::descriptor::Kind;
use crate::scratch;
use crate::source::{self, Form, Layout, Scan, Selection, Workspace};
use crate::template;

mod error;
mod parts;
mod valid;
mod values;

pub use error::NewError;
use parts::parts;
use valid::valid;
use values::values;

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
