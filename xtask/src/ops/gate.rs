//! What a policy lets through to where artifacts are used.

use std::path::PathBuf;

use super::Error;
#[cfg(feature = "sign")]
use super::policy::ReadPolicy;
use super::verify::VerifyReport;
use crate::oci::{Fetched, Store};
use crate::source::Package;

/// Which policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyOptions {
    /// The file.
    pub path: PathBuf,
    /// The time at which certificates have to be valid and from which ages
    /// count, in seconds since 1970.
    pub at: i64,
}

/// Lets artifacts through that meet a policy, and all of them where there is
/// none.
pub(super) struct Gate {
    #[cfg(feature = "sign")]
    policy: Option<ReadPolicy>,
}

/// What a policy has refused of several packages, so that all of it is told at once.
#[derive(Default)]
pub(super) struct Refused(Option<Error>);

impl Refused {
    /// Keeps a refusal, and gives every other error back.
    pub fn keep(&mut self, admitted: Result<(), Error>) -> Result<(), Error> {
        #[cfg(feature = "sign")]
        {
            use super::PolicyFileError::Refused;

            return match (admitted, &mut self.0) {
                (
                    Err(Error::Policy(Refused { refusals: more, .. })),
                    Some(Error::Policy(Refused { refusals, .. })),
                ) => {
                    refusals.extend(more);
                    Ok(())
                }
                (Err(error), first @ None) if error.is_untrusted() => {
                    *first = Some(error);
                    Ok(())
                }
                (other, _) => other,
            };
        }
        #[cfg(not(feature = "sign"))]
        admitted
    }

    /// Notes what was refused in a report that has more to say of the packages.
    pub fn note(self, report: &mut VerifyReport) {
        #[cfg(feature = "sign")]
        if let Some(Error::Policy(super::PolicyFileError::Refused { refusals, .. })) = self.0 {
            for refusal in refusals {
                let mut all = report.verified.iter_mut();
                if let Some(one) = all.find(|one| one.shown == refusal.reference) {
                    one.policy = refusal.conditions;
                }
            }
        }
        #[cfg(not(feature = "sign"))]
        let _ = report;
    }

    /// An error where there was a refusal.
    pub fn end(self) -> Result<(), Error> {
        self.0.map_or(Ok(()), Err)
    }
}

impl Gate {
    /// Reads the policy. A build that can't verify signatures lets nothing
    /// through where there is one.
    pub fn open(options: Option<&PolicyOptions>) -> Result<Self, Error> {
        #[cfg(feature = "sign")]
        return Ok(Gate {
            policy: options.map(ReadPolicy::read).transpose()?,
        });
        #[cfg(not(feature = "sign"))]
        match options {
            Some(options) => Err(Error::NoPolicies(options.path.clone())),
            None => Ok(Gate {}),
        }
    }

    /// Refuses the artifact that was fetched by that name if it does not meet the
    /// policy. `reference` is what it is called then.
    pub fn admit(
        &self,
        store: &Store<'_>,
        name: &str,
        fetched: &Fetched,
        reference: &str,
    ) -> Result<(), Error> {
        #[cfg(feature = "sign")]
        if let Some(policy) = &self.policy {
            return policy.admit(store, name, fetched, reference);
        }
        let _ = (store, name, fetched, reference);
        Ok(())
    }

    /// Whether there is a policy.
    pub fn is_set(&self) -> bool {
        #[cfg(feature = "sign")]
        return self.policy.is_some();
        #[cfg(not(feature = "sign"))]
        false
    }

    /// Whether the policy lets something be called otherwise than it says of itself that
    /// lies in the tree's layout under that name.
    pub fn allows_renamed(&self, name: &str) -> bool {
        #[cfg(feature = "sign")]
        if let Some(policy) = &self.policy {
            return policy.allows_renamed(name);
        }
        let _ = name;
        false
    }

    /// Refuses a finished package that lies in a file, if what is signed in it
    /// does not meet the policy.
    pub fn admit_package(&self, package: &Package) -> Result<(), Error> {
        #[cfg(feature = "sign")]
        if let Some(policy) = &self.policy {
            return policy.admit_package(package);
        }
        let _ = package;
        Ok(())
    }
}
