//! Which packages the files that have changed belong to, by whatever links and settings.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::changes::Changed;
use super::links::followed;
use super::package::{Finding, Form, Layout, LinkFault, Package, Place};

/// For each package, whether the change touches it.
///
/// A file belongs to the innermost package around it, to each package that takes
/// it in through a link or by the configuration, and to all the descriptors of a folder
/// of loose ones. What a change of the configuration does to the packages can't be told, nor what
/// a change of a `.gitignore` does to those below, so that all of them count as
/// touched. A package that is named by a link is the one that the link leads to.
pub fn touched(packages: &[Package], changed: &Changed) -> Vec<bool> {
    if changed.everything {
        return vec![true; packages.len()];
    }
    let mut touched = vec![false; packages.len()];
    let is_less = !changed.gone.is_empty();
    let places: Vec<Places> = packages.iter().map(|one| Places::of(&one.path)).collect();
    let mut by_path: HashMap<&Path, Vec<usize>> = HashMap::new();
    let mut by_folder: HashMap<&Path, Vec<usize>> = HashMap::new();
    // Who takes in what is not below it.
    let mut takers: BTreeMap<&Path, Vec<usize>> = BTreeMap::new();
    // Who takes in whatever is at or below a path, and who took it in from a folder where
    // something is gone.
    let mut named: HashMap<PathBuf, Vec<usize>> = HashMap::new();
    let mut linked: HashMap<PathBuf, Vec<usize>> = HashMap::new();
    for (i, package) in packages.iter().enumerate() {
        for place in places[i].all() {
            by_path.entry(place).or_default().push(i);
            if let (Form::Loose, Some(folder)) = (package.form, place.parent()) {
                by_folder.entry(folder).or_default().push(i);
            }
        }
        for own in package.with_inner() {
            for path in &own.named {
                // What a link in it leads to may be gone.
                for path in [path.clone(), followed(path)] {
                    named.entry(path).or_default().push(i);
                }
            }
        }
        for file in package.with_inner().flat_map(|own| &own.files) {
            if let Place::Disk(path) = &file.place
                && !path.starts_with(&package.path)
            {
                takers.entry(path).or_default().push(i);
                if is_less && let Some(folder) = link_to(path, &file.path) {
                    linked.entry(folder.to_owned()).or_default().push(i);
                }
            }
        }
    }
    for file in &changed.files {
        if file.file_name().is_some_and(|name| name == ".gitignore") {
            let folder = file.parent().unwrap_or(file);
            for (i, places) in places.iter().enumerate() {
                touched[i] |= places.all().any(|place| place.starts_with(folder));
            }
        }
        let mut mark = |list: Option<&Vec<usize>>| {
            for i in list.into_iter().flatten() {
                touched[*i] = true;
            }
            list.is_some()
        };
        mark(takers.get(file.as_path()));
        let is_gone = changed.gone.contains(file);
        for around in file.ancestors() {
            mark(named.get(around));
            if is_gone {
                mark(linked.get(around));
            }
        }
        if mark(by_path.get(file.as_path())) {
            continue;
        }
        // What is around it, innermost first.
        let mut around = file.ancestors().skip(1);
        around.find(|folder| mark(by_path.get(folder)) || mark(by_folder.get(folder)));
    }
    // A submodule or a link is named, and not what is in it.
    let is_named = |path: &Path| path.ancestors().any(|path| changed.files.contains(path));
    // What is gone may be what a link led to, or what a SHIELD package was around: who
    // lacks something may lack it because of that.
    for (i, package) in packages.iter().enumerate() {
        touched[i] |= places[i].all().any(is_named) || (is_less && lacks(package));
    }
    // A link that leads elsewhere now changes what is behind it for whoever comes through it.
    let links = changed.files.iter().filter(|file| file.is_symlink());
    let turned: Vec<PathBuf> = links.map(|link| followed(link)).collect();
    let is_turned = |path: &Path| turned.iter().any(|to| path.starts_with(to));
    let taken = takers.iter().map(|(path, own)| (*path, own));
    let named = named.iter().map(|(path, own)| (path.as_path(), own));
    for (path, own) in taken.chain(named) {
        if is_named(path) || is_turned(path) {
            own.iter().for_each(|i| touched[*i] = true);
        }
    }
    touched
}

/// The path of a package as it was named, and the one that it has without links, if that is another.
struct Places(PathBuf, Option<PathBuf>);

impl Places {
    fn of(path: &Path) -> Self {
        let real = path.canonicalize().ok().filter(|real| real != path);
        Places(path.to_owned(), real)
    }

    fn all(&self) -> impl Iterator<Item = &Path> {
        let Places(named, real) = self;
        [Some(named), real.as_ref()]
            .into_iter()
            .flatten()
            .map(PathBuf::as_path)
    }
}

/// The folder that a link in a package leads to, by where a file behind it lies and by its path
/// in the package: what both end with is below the link, or equal by chance, and then the folder
/// is one around that. `None` for a link to the file under another name.
fn link_to<'a>(place: &'a Path, inner: &str) -> Option<&'a Path> {
    let mut folder = None;
    let mut around = place;
    for part in inner.rsplit('/') {
        if around.file_name().is_none_or(|name| name != part) {
            break;
        }
        around = around.parent()?;
        folder = Some(around);
    }
    folder
}

/// Whether there is a link to nothing in a package, or nothing inside one of SHIELD.
fn lacks(package: &Package) -> bool {
    let is_dangling = |finding: &Finding| {
        let fault = match finding {
            Finding::Link { fault, .. } => Some(*fault),
            _ => None,
        };
        fault == Some(LinkFault::Dangling)
    };
    let is_empty = package.layout == Layout::Shield && package.inner.is_none();
    is_empty || package.findings.iter().any(is_dangling)
}
