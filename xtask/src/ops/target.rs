//! What a finished package is called on the command line: a file, or what the
//! image layout holds under a reference.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::Error;
use crate::digest;
use crate::oci::{Entry, Layout, LayoutError, Manifest, TITLE};
use crate::source::Workspace;

/// A finished package.
pub(super) struct Target {
    /// The file with its bytes.
    pub path: PathBuf,
    /// What the user calls it.
    pub shown: String,
    /// Its file name without the ending.
    pub stem: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// What it is published as, where it was named by that.
    pub entry: Option<Entry>,
    /// Who of those who are trusted has signed the artifact that it was fetched as.
    #[cfg(all(feature = "publish", feature = "sign"))]
    pub signed: Option<super::Condition>,
}

/// Endings of finished packages, longest first where one holds another.
const ENDINGS: [&str; 6] = [".shield.tar.gz", ".tar.gz", ".tgz", ".csar", ".tar", ".zip"];

/// Finds what `name` names. A file wins over a reference, as with every client
/// that takes both; a folder does not, because a package's sources often stand
/// in one that is named like it.
///
/// Fails where it is a folder, where nothing has that name, and where the bytes
/// of a blob are not those of its digest.
pub(super) fn find(workspace: &Workspace, name: &str) -> Result<Target, Error> {
    let path = workspace.current_dir.join(name);
    match fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => match published(workspace, name) {
            Err(Error::NoSuchTarget { .. }) => Err(Error::Folder(name.to_owned())),
            result => result,
        },
        Ok(_) => {
            let (sha256, size) = hash(&path)?;
            let file_name = path.file_name().unwrap_or_default().to_string_lossy();
            Ok(Target {
                shown: workspace.shown(&crate::source::tidy(&path)),
                stem: stem(&file_name),
                path,
                sha256,
                size,
                entry: None,
                #[cfg(all(feature = "publish", feature = "sign"))]
                signed: None,
            })
        }
        Err(source) if source.kind() == io::ErrorKind::NotFound => published(workspace, name),
        Err(source) => Err(Error::Io {
            action: "read",
            path,
            source,
        }),
    }
}

/// A finished package in a file, under that name.
#[cfg(feature = "publish")]
pub(super) fn at(path: &Path, shown: String) -> Result<Target, Error> {
    let (sha256, size) = hash(path)?;
    Ok(Target {
        path: path.to_owned(),
        stem: stem(&shown),
        shown,
        sha256,
        size,
        entry: None,
        #[cfg(feature = "sign")]
        signed: None,
    })
}

fn published(workspace: &Workspace, name: &str) -> Result<Target, Error> {
    let layout = Layout::new(workspace.out_dir.join("oci"));
    let entry = layout.find(name).map_err(|error| match error {
        LayoutError::NotFound { reference, nearest } => Error::NoSuchTarget {
            name: reference,
            layout: workspace.shown(layout.root()),
            nearest,
        },
        error => error.into(),
    })?;
    let layers = entry.manifest.as_ref();
    // A chart has its provenance beside it.
    let layers = layers.map_or(Vec::new(), Manifest::package_layers);
    let [layer] = *layers else {
        let layers = entry.manifest.as_ref().map_or(0, |m| m.layers.len());
        let reference = entry.reference;
        return Err(Error::Layers { reference, layers });
    };
    // A list shows what it can; here whatever is damaged is what was asked for.
    if let Some(manifest) = &entry.manifest {
        let what = || format!("the config document of `{}`", entry.reference);
        let config = layout.get(&manifest.config.digest);
        config.map_err(|error| Error::from(error).of_part(what))?;
    }
    let path = layout.blob_of(&layer.digest)?;
    let (sha256, size) = hash(&path)?;
    let found = format!("sha256:{sha256}");
    if found != layer.digest {
        let digest = layer.digest.clone();
        let error = Error::from(LayoutError::Damaged { digest, found });
        return Err(error.of_part(|| match layer.annotations.get(TITLE) {
            Some(title) => format!("the layer `{title}` of `{}`", entry.reference),
            None => format!("the layer of `{}`", entry.reference),
        }));
    }
    let title = layer.annotations.get(TITLE);
    Ok(Target {
        path,
        shown: entry.reference.clone(),
        stem: stem(title.unwrap_or(&entry.reference)),
        sha256,
        size,
        entry: Some(entry),
        #[cfg(all(feature = "publish", feature = "sign"))]
        signed: None,
    })
}

/// A title comes from whoever published, and must not be a path.
fn stem(file_name: &str) -> String {
    let ending = ENDINGS.iter().find(|end| file_name.ends_with(*end));
    let stem = file_name.strip_suffix(ending.copied().unwrap_or_default());
    crate::package::safe_version(stem.unwrap_or(file_name))
}

fn hash(path: &Path) -> Result<(String, u64), Error> {
    let read = || digest::sha256(&mut File::open(path)?);
    read().map_err(|source| Error::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })
}
