//! The files of an artifact, each under the name that whoever pushed it gave it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::{Error, Reporter, Work};
use crate::oci::{Descriptor, Manifest, Store, TITLE, VERSION, media_type};
use crate::package::{self, MAX_UNPACKED, safe_name, safe_version};
use crate::scratch::{self, Way};

/// An artifact, and what it is called where it is.
pub(super) struct Named<'a, 's> {
    /// Where it is.
    pub store: &'a Store<'s>,
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// Tag, name or digest.
    pub name: &'a str,
    /// For messages.
    pub reference: &'a str,
}

/// The files of one run: their paths, each with the digest of what it holds.
pub(super) type Taken = BTreeMap<PathBuf, String>;

/// Writes the files of an artifact; their paths, and whether all of them were there with
/// the same content. One that has the name of another file of this run, which is in
/// `taken`, gets one of its own. `on_file` is shown each that may be the package
/// before it is unpacked: where it lies, and its name.
///
/// With `untar` the provenance of a chart is left: it is about the file that is not
/// there then, and `helm pull --untar` leaves it as well.
pub(super) fn write(
    artifact: &Named<'_, '_>,
    destination: &Path,
    untar: bool,
    taken: &mut Taken,
    on_file: &mut dyn FnMut(&Path, &str) -> Result<(), Error>,
    reporter: &dyn Reporter,
) -> Result<(Vec<PathBuf>, bool), Error> {
    let mut layers = files(artifact)?;
    if untar {
        layers.retain(|(layer, _)| layer.media_type != media_type::HELM_PROVENANCE);
    }
    let total = layers.iter().map(|(layer, _)| layer.size).sum();
    let _work = Work::begin(reporter, "Fetching", total);
    let packages = artifact.manifest.package_layers();
    let mut paths = Vec::new();
    let mut is_fresh = true;
    for (layer, name) in layers {
        let name = free(artifact, destination, taken, (&layer, name));
        let is_package = packages.contains(&&layer);
        // Whoever pushed may have called it anything.
        let is_unpacked = untar && (is_archive(&name) || layer.is_package());
        let target = destination.join(&name);
        if !is_unpacked && scratch::leads_nowhere(&target) {
            return Err(Error::DanglingLink(target));
        }
        if !is_unpacked && target.exists() {
            if !same(&target, &layer.digest) {
                return Err(Error::FileExists(target));
            }
            reporter.advance(layer.size);
            if is_package {
                on_file(&target, &name)?;
            }
            paths.push(target);
            continue;
        }
        let folder = match is_unpacked {
            true => destination,
            false => target.parent().unwrap_or(destination),
        };
        let in_folder = |source| Error::Io {
            action: "create a file in",
            path: folder.to_owned(),
            source,
        };
        let _way = Way::to(folder).map_err(in_folder)?;
        let mut file = scratch::file_in(folder).map_err(in_folder)?;
        let path = file.path().to_owned();
        let came = artifact.store.download(
            &layer.digest,
            layer.size,
            (file.as_file_mut(), &path),
            &|bytes| reporter.advance(bytes),
        );
        let what = || format!("the layer `{name}` of `{}`", artifact.reference);
        came.map_err(|error| Error::from(error).of_part(what))?;
        if is_package {
            on_file(&path, &name)?;
        }
        if is_unpacked {
            let stem = name.rsplit('/').next().unwrap_or(&name);
            let stem = stem.split(".tar").next().unwrap_or(stem);
            let stem = stem.trim_end_matches(".tgz").trim_end_matches(".zip");
            let unpacked = package::unpack(&path, &name, stem, destination, MAX_UNPACKED)?;
            is_fresh &= unpacked.is_fresh;
            paths.push(unpacked.folder);
            continue;
        }
        super::output::name_file(file, &target)?;
        is_fresh = false;
        paths.push(target);
    }
    Ok((paths, is_fresh))
}

/// A name that no other file of this run has, and takes it: with the id of the package
/// before it where it is not free. Another run comes to the same.
fn free(
    artifact: &Named<'_, '_>,
    destination: &Path,
    taken: &mut Taken,
    (layer, name): (&Descriptor, String),
) -> String {
    let id = safe_name(&id(artifact));
    let (folder, file) = match name.rsplit_once('/') {
        Some((folder, file)) => (format!("{folder}/"), file),
        None => (String::new(), name.as_str()),
    };
    let more = (2..).map(|n| format!("{folder}{id}-{n}-{file}"));
    let first = [name.clone(), format!("{folder}{id}-{file}")];
    let mut names = first.into_iter().chain(more);
    let is_free = |name: &String| {
        let other = taken.get(&destination.join(name));
        other.is_none_or(|digest| *digest == layer.digest)
    };
    let found = names.find(is_free).unwrap_or(name);
    taken.insert(destination.join(&found), layer.digest.clone());
    found
}

/// The id of the package, by the name that it has where it is.
fn id(artifact: &Named<'_, '_>) -> String {
    match artifact.store {
        Store::Registry(_, repository) => repository.name().to_owned(),
        Store::Layout(_) => {
            let id = artifact.name.split(':').next();
            id.unwrap_or("package").to_owned()
        }
    }
}

fn is_archive(name: &str) -> bool {
    [".tar.gz", ".tgz", ".tar", ".zip", ".csar"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// Whether a file has the content of a digest already.
fn same(path: &Path, digest: &str) -> bool {
    let hash = || crate::digest::sha256(&mut fs::File::open(path)?);
    hash().is_ok_and(|(sha256, _)| digest == format!("sha256:{sha256}"))
}

/// The layers that are files, each with its name. A name comes from whoever
/// pushed, and must not be a path.
fn files(artifact: &Named<'_, '_>) -> Result<Vec<(Descriptor, String)>, Error> {
    let (manifest, reference) = (artifact.manifest, artifact.reference.to_owned());
    // Others use the types of images for the layers of anything; what it is they say as the type
    // of the artifact, or of its config.
    let is_artifact = manifest.artifact_type.is_some();
    let is_image = manifest.layers.iter().any(|layer| {
        let is_of = |kind: &str| layer.media_type.starts_with(kind);
        is_of("application/vnd.docker.image.")
            || (is_of("application/vnd.oci.image.layer.")
                && !layer.annotations.contains_key(TITLE)
                && !is_artifact)
    });
    if is_image || manifest.layers.is_empty() {
        return Err(Error::NoPackage {
            reference,
            what: match is_image {
                true => "a container image".to_owned(),
                false => "an artifact without files".to_owned(),
            },
        });
    }
    let id = id(artifact);
    let tag = artifact.name.rsplit(':').next().unwrap_or_default();
    let version = match artifact.name.starts_with("sha256:") {
        true => manifest.annotations.get(VERSION).map_or("", String::as_str),
        false => tag,
    };
    // A tag has no `+`, and a version of Helm's no `_`: it puts back what it took.
    let version = match manifest.config.media_type.as_str() {
        _ if version.is_empty() => String::new(),
        media_type::HELM_CONFIG => safe_version(&version.replace('_', "+")),
        _ => safe_version(version),
    };
    let packages = manifest.package_layers();
    let is_provenance = |layer: &&Descriptor| layer.media_type == media_type::HELM_PROVENANCE;
    let provenance = manifest.layers.iter().find(is_provenance);
    let named = manifest.layers.iter().enumerate().map(|(i, layer)| {
        let title = layer.annotations.get(TITLE).map(|title| relative(title));
        let title = title.filter(|title| !title.is_empty());
        let ending = match layer.media_type.as_str() {
            media_type::HELM_CHART => ".tgz",
            media_type::HELM_PROVENANCE => ".tgz.prov",
            media_type::NFV_CSAR => ".csar",
            other if other.ends_with("zip") && !other.ends_with("gzip") => ".zip",
            _ => ".tar.gz",
        };
        let stem = match version.as_str() {
            "" => safe_name(&id),
            version => format!("{}-{version}", safe_name(&id)),
        };
        // The package has the plain name, wherever it comes: Helm sorts its layers by
        // their digests. The provenance of a chart has that of the chart.
        let is_first = |of: Option<&Descriptor>| of == Some(layer);
        let is_plain = is_first(packages.first().copied()) || is_first(provenance);
        let number = match is_plain {
            true => String::new(),
            false => format!("-{i}"),
        };
        // ORAS packs a folder and gives the layer the folder's name.
        let is_folder = layer.annotations.get(UNPACK).is_some_and(|v| v == "true");
        let title = title.map(|title| match is_folder && !is_archive(&title) {
            true => title + ".tar.gz",
            false => title,
        });
        let name = title.unwrap_or_else(|| format!("{stem}{number}{ending}"));
        (layer.clone(), name)
    });
    let mut named: Vec<(Descriptor, String)> = named.collect();
    // Of several files with one name each has to be somewhere, and none is a folder for others.
    let mut names: BTreeSet<String> = BTreeSet::new();
    for (i, (_, name)) in named.iter_mut().enumerate() {
        let is_below = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|r| r.starts_with('/'));
        let is_in_the_way =
            |other: &String| other == name || is_below(other, name) || is_below(name, other);
        if names.iter().any(is_in_the_way) {
            *name = format!("{i}-{}", name.replace('/', "-"));
        }
        names.insert(name.clone());
    }
    Ok(named)
}

/// A title as a path below a folder, as ORAS takes it: folders stay; what would
/// lead out of there, or be hidden, does not, and no line ends in it.
fn relative(title: &str) -> String {
    let title = title.replace(char::is_control, "_");
    let parts = title.split(['/', '\\']);
    let leads_out = title.starts_with(['/', '\\']) || parts.clone().any(|part| part == "..");
    let parts: Vec<&str> = parts
        .map(|part| part.trim_start_matches('.'))
        .filter(|part| !part.is_empty())
        .collect();
    match (leads_out, parts.last()) {
        (true, Some(last)) => (*last).to_owned(),
        _ => parts.join("/"),
    }
}

/// How ORAS marks the layer of a folder.
const UNPACK: &str = "io.deis.oras.content.unpack";
