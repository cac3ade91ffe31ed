//! Packages that would have to be built, and are finished somewhere else already.

use std::collections::HashSet;

use rayon::prelude::*;

use super::Error;
use super::check::Checked;
use super::job::Job;

/// A package that is finished somewhere else.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// Its place in the scan.
    pub package: usize,
    /// `<id>-<version>.tar.gz` or the like.
    pub file_name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub size: u64,
    /// The digest of what it was made of.
    pub sources: String,
}

/// A package that would have to be built.
#[cfg_attr(not(feature = "publish"), allow(dead_code))]
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// Its place in the scan.
    pub package: usize,
    /// `<id>-<version>.tar.gz` or the like.
    pub file_name: String,
    /// The digest of what it is made of.
    pub sources: String,
}

/// Looks for packages somewhere else; the answer has a word for each of them.
pub(super) type Search<'a> =
    dyn Fn(&Checked, &[Wanted]) -> Result<Vec<Option<Elsewhere>>, Error> + 'a;

/// Takes out the jobs for packages that are finished somewhere else. One that is signed as
/// a whole is not looked for: the zip around it is made here.
pub(super) fn take_out(
    checked: &Checked,
    jobs: &mut Vec<Job<'_>>,
    search: &Search<'_>,
) -> Result<Vec<Elsewhere>, Error> {
    let wanted = jobs.par_iter().filter(|job| !job.is_signed_as_a_whole());
    let wanted: Vec<Result<Wanted, Error>> = wanted.map(Job::wanted).collect();
    let wanted = wanted.into_iter().collect::<Result<Vec<Wanted>, Error>>()?;
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<Elsewhere> = search(checked, &wanted)?.into_iter().flatten().collect();
    let packages: HashSet<usize> = found.iter().map(|one| one.package).collect();
    jobs.retain(|job| !packages.contains(&job.package()));
    Ok(found)
}
