//! What a registry has already, by what it was made of: many runners that share a
//! registry build each package once.

use std::sync::{Mutex, PoisonError};

use super::copy::each_at_once;
use super::elsewhere::{Elsewhere, Wanted};
use super::versions::sources_tag;
use super::{Error, PushOptions};
use crate::oci::{Artifact, Manifest, Reference, Remote};

/// Looks at the destination for the artifacts that these packages would become.
///
/// `artifact` gives the artifact of a package as it would be with these finished
/// bytes. Only one that is the same to the last byte of its manifest counts as
/// published; what anything else is, is for the publication to say.
///
/// # Errors
///
/// Those of the registry, except that something is not there or may not be read.
pub(super) fn published(
    remote: &Remote,
    options: &PushOptions,
    wanted: &[Wanted],
    artifact: &(dyn Fn(&Elsewhere) -> Option<Artifact> + Sync),
) -> Result<Vec<Option<Elsewhere>>, Error> {
    let found: Mutex<Vec<Option<Elsewhere>>> = Mutex::new(vec![None; wanted.len()]);
    let numbered: Vec<(usize, &Wanted)> = wanted.iter().enumerate().collect();
    each_at_once(&numbered, options.concurrency, |(i, wanted)| {
        let one = find(remote, options, wanted, artifact)?;
        found.lock().unwrap_or_else(PoisonError::into_inner)[*i] = one;
        Ok::<(), Error>(())
    })?;
    Ok(found.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn find(
    remote: &Remote,
    options: &PushOptions,
    wanted: &Wanted,
    artifact: &(dyn Fn(&Elsewhere) -> Option<Artifact> + Sync),
) -> Result<Option<Elsewhere>, Error> {
    let as_if = |sha256: &str, size| Elsewhere {
        package: wanted.package,
        file_name: wanted.file_name.clone(),
        sha256: sha256.to_owned(),
        size,
        sources: wanted.sources.clone(),
    };
    // Its name does not depend on its bytes.
    let Some(draft) = artifact(&as_if("", 0)) else {
        return Ok(None);
    };
    let (name, tag) = draft.name_and_version();
    // A name that is none for a registry is told of when it is published.
    let Ok(repository) = options.destination.join(&name.to_ascii_lowercase()) else {
        return Ok(None);
    };
    let Some(note) = sources_tag(&wanted.sources) else {
        return Ok(None);
    };
    let noted = match remote.resolve(&Reference::new(repository.clone(), &note)) {
        Ok(Some(digest)) => digest,
        Ok(None) => return Ok(None),
        Err(error) if error.is_unauthorized() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // The version may be gone, or be another one by now.
    let fetched = match remote.manifest(&Reference::new(repository, tag)) {
        Ok(fetched) if fetched.digest == noted => fetched,
        Ok(_) => return Ok(None),
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Ok(manifest) = serde_json::from_slice::<Manifest>(&fetched.bytes) else {
        return Ok(None);
    };
    let [layer] = manifest.layers.as_slice() else {
        return Ok(None);
    };
    let Some(sha256) = layer.digest.strip_prefix("sha256:") else {
        return Ok(None);
    };
    let found = as_if(sha256, layer.size);
    let is_same = artifact(&found).is_some_and(|artifact| artifact.digest == fetched.digest);
    Ok(is_same.then_some(found))
}
