//! `publish` at a registry: what was signed, attested and attached in the layout goes there
//! with the artifact.

use super::copy::{Plan, put_tagged};
use super::versions::is_pointer;
use super::{Error, PushOptions, Reporter};
use crate::oci::{Artifact, Fetched, Layout, Remote, Store, media_type};

/// Sends what hangs on the artifacts in the layout, where it is not at the registry yet. What
/// hangs there already stays. Gives for each artifact of which something was sent its name
/// and how many manifests that were; a dry run sends nothing, and says what it would.
///
/// # Errors
///
/// Something of it can't be read, or the registry can't be written.
pub(super) fn send_beside(
    remote: &Remote,
    layout: &Layout,
    artifacts: &[(u8, Artifact)],
    options: &PushOptions,
    reporter: &dyn Reporter,
) -> Result<Vec<(String, usize)>, Error> {
    let mut sent = Vec::new();
    // Most layouts have nothing of the kind, and need not be read for every artifact.
    if layout.unnamed_count()? == 0 && !layout.names()?.iter().any(|(name, _)| is_pointer(name)) {
        return Ok(sent);
    }
    let from = Store::Layout(layout.clone());
    for (_, artifact) in artifacts {
        let name = artifact.name_and_version().0.to_ascii_lowercase();
        let repository = options.destination.join(&name)?;
        let to = Store::Registry(remote, repository);
        let subject = Fetched {
            bytes: artifact.manifest.clone(),
            media_type: media_type::MANIFEST.to_owned(),
            digest: artifact.digest.clone(),
        };
        let (plan, tagged) = Plan::beside(&from, subject)?;
        let mut count = 0;
        let is_tagged = |one: &&Fetched| tagged.iter().any(|(_, known)| known.digest == one.digest);
        let new: Vec<&Fetched> = plan
            .manifests
            .iter()
            .filter(|one| !is_tagged(one))
            .collect();
        let mut missing = Vec::new();
        for one in new {
            if to.resolve(&one.digest)?.is_none() {
                missing.push(one);
            }
        }
        if options.dry_run {
            count += missing.len();
            for (tag, image) in &tagged {
                count += usize::from(to.resolve(tag)?.as_ref() != Some(&image.digest));
            }
            missing.clear();
        } else if !missing.is_empty() || !tagged.is_empty() {
            plan.send_blobs(&from, &to, options.concurrency, reporter)?;
        }
        for one in missing {
            to.put(&one.media_type, &one.bytes, None)?;
            count += 1;
        }
        for (tag, image) in tagged.iter().filter(|_| !options.dry_run) {
            count += usize::from(put_tagged(&from, &to, tag, image, reporter)?);
        }
        if count > 0 {
            sent.push((artifact.reference.clone(), count));
        }
    }
    Ok(sent)
}
