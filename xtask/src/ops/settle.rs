//! Lists that several may write at once: the images of cosign's classic signatures, and the
//! index that takes the place of the referrers interface.

use std::time::{Duration, Instant};

use super::Error;
use crate::oci::Store;

/// Puts something where others may put something of theirs at the same moment, and makes
/// sure that it is still there when they have written: registries have no lock, and whoever has
/// read a list before somebody else wrote it takes the entry of that one away.
///
/// `put` puts all of it, unless it is there already; it gives what was put, and whether
/// nothing had to be written. `seed` differs from one writer to another, so that they don't
/// come back at the same moments. A layout is locked, and not asked again.
///
/// # Errors
///
/// Those of `put`; it is taken away again as often as it is put there.
pub(super) fn settle<T>(
    store: &Store<'_>,
    seed: &str,
    mut put: impl FnMut() -> Result<(T, bool), Error>,
) -> Result<T, Error> {
    /// As many may write at once, each of whom takes away what the last one has put.
    const ROUNDS: u32 = 24;
    /// Others read the list and write it in less time than that.
    const SHORTEST: Duration = Duration::from_millis(300);
    const LONGEST: Duration = Duration::from_secs(3);
    let start = Instant::now();
    let (first, mut was_there) = put()?;
    let Store::Registry(_, repository) = store else {
        return Ok(first);
    };
    // As slow as this one are the others.
    let window = start.elapsed().clamp(SHORTEST, LONGEST);
    for round in 0..ROUNDS {
        if was_there {
            return Ok(first);
        }
        std::thread::sleep(window + window.mul_f64(share(seed, round)));
        was_there = put()?.1;
    }
    match was_there {
        true => Ok(first),
        false => Err(Error::Contended(repository.to_string())),
    }
}

/// A number between 0 and 1 that looks like any.
fn share(seed: &str, round: u32) -> f64 {
    use sha2::{Digest, Sha256};

    // Two who say the same differ in nothing else. Nothing of this reaches an output.
    let own = std::process::id();
    let hash = Sha256::digest(format!("{round} {own} {seed}"));
    f64::from(hash.first().copied().unwrap_or_default()) / 255.0
}
