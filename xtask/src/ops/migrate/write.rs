//! The new packages on disk: where they are to stay, or in a folder that goes again.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use md5::{Digest, Md5};

use super::{Plan, path_name};
use crate::digest::hex;
use crate::migrate::{self, CHECKSUMS};
use crate::ops::Error;
use crate::package::{self, MAX_UNPACKED};
use crate::scratch;
use crate::source::{Form, Package, Place, Scan};

/// Makes everything in a folder that goes again. What is to stand in one folder stands in one
/// here, because it depends on what is beside a loose descriptor what belongs to it; where
/// `is_beside`, that is the old one as well.
pub(super) fn drafts(
    scan: &Scan,
    plans: &[Plan],
    is_beside: bool,
) -> Result<scratch::Folder, Error> {
    let temporary =
        scratch::folder().map_err(failed("create a folder in", &std::env::temp_dir()))?;
    for (plan, number) in plans.iter().zip(numbers(plans)) {
        let place = draft_place(temporary.path(), number, plan);
        let folder = place.parent().unwrap_or(&place);
        fs::create_dir_all(folder).map_err(failed("create", folder))?;
        draft(scan, plan, &place)?;
        let old = &scan.packages[plan.index];
        if is_beside && old.form == Form::Loose {
            let copy = folder.join(path_name(&old.path));
            fs::copy(&old.path, &copy).map_err(failed("write", &copy))?;
        }
    }
    Ok(temporary)
}

/// The number of the folder that each is to stand in.
pub(super) fn numbers(plans: &[Plan]) -> Vec<usize> {
    let mut folders: HashMap<Option<&Path>, usize> = HashMap::new();
    let mut numbers = Vec::with_capacity(plans.len());
    for plan in plans {
        let next = folders.len();
        numbers.push(*folders.entry(plan.place.parent()).or_insert(next));
    }
    numbers
}

pub(super) fn draft_place(drafts: &Path, number: usize, plan: &Plan) -> PathBuf {
    drafts.join(number.to_string()).join(path_name(&plan.place))
}

/// Makes everything in temporary folders first, so that an error leaves nothing.
pub(super) fn write(scan: &Scan, plans: &[Plan], output: Option<&Path>) -> Result<(), Error> {
    // Those around it are made first: they are not this run's alone.
    let way = output.map(|output| {
        let refused = failed("create a folder in", scratch::around(output));
        scratch::Way::to(output.parent().unwrap_or(output)).map_err(refused)
    });
    let _way = way.transpose()?;
    let mut drafts: Vec<(scratch::Folder, PathBuf, PathBuf)> = Vec::new();
    match output {
        Some(output) => {
            let base = output.parent().unwrap_or(output);
            let temporary = scratch::folder_in(base).map_err(failed("create a folder in", base))?;
            let from = temporary.path().join(path_name(output));
            for plan in plans {
                let below = plan.place.strip_prefix(output).unwrap_or(Path::new(""));
                // A package that is all of it has no name below it.
                let to = match below.as_os_str().is_empty() {
                    true => from.clone(),
                    false => from.join(below),
                };
                draft(scan, plan, &to)?;
            }
            drafts.push((temporary, from, output.to_owned()));
        }
        None => {
            for plan in plans {
                let folder = plan.place.parent().unwrap_or(Path::new("."));
                let temporary =
                    scratch::folder_in(folder).map_err(failed("create a folder in", folder))?;
                let from = temporary.path().join(path_name(&plan.place));
                draft(scan, plan, &from)?;
                drafts.push((temporary, from, plan.place.clone()));
            }
        }
    }
    for (_temporary, from, to) in &drafts {
        scratch::settle(from, to).map_err(failed("create", to))?;
    }
    Ok(())
}

/// Writes a package to `to`: the new descriptor, all other files as they are, and
/// the list of digests anew where there was one.
fn draft(scan: &Scan, plan: &Plan, to: &Path) -> Result<(), Error> {
    let package = &scan.packages[plan.index];
    if package.form == Form::Loose {
        return put(to, plan.text.as_bytes());
    }
    let members = match package.form {
        Form::Archive => Some(unpacked(package)?),
        Form::Folder | Form::Loose => None,
    };
    fs::create_dir_all(to).map_err(failed("create", to))?;
    let root = package.root();
    let mut sums: Vec<(String, String)> = Vec::new();
    let mut is_listed = false;
    let mut all: Vec<(String, PathBuf)> = Vec::new();
    for file in &package.files {
        let from = match (&file.place, &members) {
            (Place::Disk(from), _) => from.clone(),
            (Place::Member, Some(members)) => members.path().join(&file.path),
            (Place::Member, None) => continue,
        };
        all.push((file.path.clone(), from));
    }
    // What is behind links becomes files, as it does where the package is a folder.
    if let Some(members) = &members {
        let links = package.links.iter();
        all.extend(links.flat_map(|link| behind(members.path(), &link.name)));
        all.sort();
        all.dedup_by(|a, b| a.0 == b.0);
    }
    for (name, from) in &all {
        let path = name.strip_prefix(root).unwrap_or(name);
        if *name == package.descriptor_path {
            put(&to.join(&plan.name), plan.text.as_bytes())?;
            sums.push((plan.name.clone(), hex(&Md5::digest(plan.text.as_bytes()))));
            continue;
        }
        if path == CHECKSUMS {
            is_listed = true;
            continue;
        }
        let target = to.join(path);
        let folder = target.parent().unwrap_or(to);
        fs::create_dir_all(folder).map_err(failed("create", folder))?;
        let bytes = fs::read(from).map_err(failed("read", from))?;
        put(&target, &bytes)?;
        let metadata = fs::metadata(from).map_err(failed("read", from))?;
        fs::set_permissions(&target, metadata.permissions()).map_err(failed("write", &target))?;
        sums.push((path.to_owned(), hex(&Md5::digest(&bytes))));
    }
    if is_listed {
        sums.sort();
        let top = path_name(&plan.place);
        let lines = sums.iter().map(|(path, md5)| (path.as_str(), md5.as_str()));
        put(
            &to.join(CHECKSUMS),
            migrate::checksums(&top, lines).as_bytes(),
        )?;
    }
    Ok(())
}

/// The files behind a link in an unpacked package: names below its folder, and where they are.
/// A link to a folder stands for all files in that; none leads out of the package, or in a circle.
pub(super) fn behind(members: &Path, link: &str) -> Vec<(String, PathBuf)> {
    let link = link
        .strip_prefix("./")
        .unwrap_or(link)
        .trim_end_matches('/');
    let Ok(top) = fs::canonicalize(members) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut open = vec![(link.to_owned(), members.join(link), Vec::new())];
    while let Some((name, path, around)) = open.pop() {
        let Ok(real) = fs::canonicalize(&path) else {
            continue;
        };
        if !real.starts_with(&top) || around.contains(&real) {
            continue;
        }
        if real.is_file() {
            found.push((name, real));
            continue;
        }
        let around = [around, vec![real.clone()]].concat();
        for entry in fs::read_dir(&real).into_iter().flatten().flatten() {
            let Ok(own) = entry.file_name().into_string() else {
                continue;
            };
            open.push((format!("{name}/{own}"), entry.path(), around.clone()));
        }
    }
    found.sort();
    found
}

/// A finished package, unpacked. Its members have their names below the folder.
pub(super) fn unpacked(package: &Package) -> Result<scratch::Folder, Error> {
    let folder = scratch::folder().map_err(failed("create a folder in", &std::env::temp_dir()))?;
    let stem = "package";
    let done = package::unpack(
        &package.path,
        &package.shown,
        stem,
        folder.path(),
        MAX_UNPACKED,
    )?;
    if done.folder == folder.path().join(stem) && !package.root().starts_with("package/") {
        // It has no top folder of its own, or more than one.
        for entry in fs::read_dir(&done.folder).map_err(failed("read", &done.folder))? {
            let entry = entry.map_err(failed("read", &done.folder))?;
            let to = folder.path().join(entry.file_name());
            fs::rename(entry.path(), &to).map_err(failed("create", &to))?;
        }
    }
    Ok(folder)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || {
        fs::create_dir_all(folder)?;
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(failed("write", path))
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io {
        action,
        path,
        source,
    }
}
